"""Every notebook runs from top to bottom in a clean kernel, and is small as stored."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST_STORED_BYTES, LARGEST_STILL_BYTES = 1_500_000, 150_000
CELL_TIMEOUT_S = 300

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.mark.notebook
@each_notebook
def test_notebook_runs_in_a_clean_kernel(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="needs the extra `notebooks`")
    nbformat = pytest.importorskip("nbformat", reason="needs the extra `notebooks`")
    pytest.importorskip("ipykernel", reason="needs the extra `notebooks`")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    working = tmp_path / "work"
    working.mkdir()
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(working)}},
    ).execute()
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_notebook_is_stored_small_and_without_errors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST_STORED_BYTES
    assert '"output_type": "error"' not in text


@each_notebook
def test_notebook_says_nothing_of_the_machine_that_stored_it(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        if "not-stored" in cell["metadata"].get("tags", []):
            assert cell["outputs"] == []
    assert not re.search(r"/(home|tmp|root|Users|usr)/", path.read_text(encoding="utf-8"))


@each_notebook
def test_notebook_opens_with_what_it_answers(path: Path) -> None:
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    text = "".join(first["source"])
    assert first["cell_type"] == "markdown"
    assert text.startswith("# ")
    assert "**What this notebook answers:**" in text


@each_notebook
def test_beneath_each_turning_molecule_stands_a_still_that_needs_no_run(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    views = [k for k, cell in enumerate(cells) if "epitope.view(" in "".join(cell["source"])]
    assert views
    for k in views:
        (output,) = cells[k + 1]["outputs"]
        assert 10_000 < len(base64.b64decode(output["data"]["image/png"])) <= LARGEST_STILL_BYTES


@each_notebook
def test_notebook_ends_with_what_to_change_for_a_variant_of_one_s_own(path: Path) -> None:
    last = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][-1]["source"])
    assert re.search(r"^## With your own ", last, re.MULTILINE)
