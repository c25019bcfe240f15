"""The project keeps its word: commands, package contents, import rules, start-up."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import epitope

ROOT = Path(__file__).parents[1]
ROOMS = ("target", "structure", "features", "variant", "impact", "show")
HEAVY = ("Bio", "MDAnalysis", "gemmi", "jinja2", "matplotlib", "numpy", "pandas", "scipy")
TEST_COMMAND = 'pip install ".[test]" && pytest'


@pytest.fixture(scope="module")
def pyproject() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_ci_runs_the_very_test_command_that_the_readme_gives() -> None:
    assert TEST_COMMAND in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_ci_runs_the_command_that_the_readme_opens_with() -> None:
    assert "pip install . && epitope report" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "epitope report" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_import_contract_lists_every_room_in_order(pyproject: dict[str, dict]) -> None:
    contract = pyproject["tool"]["importlinter"]["contracts"][0]
    expected = ["cli", "api", *reversed(ROOMS), "errors"]
    assert contract["layers"] == [f"epitope.{name}" for name in expected]
    rooms = {path.parent.name for path in (ROOT / "epitope").glob("*/__init__.py")}
    assert rooms == set(ROOMS)


def test_dev_extra_brings_every_other_extra(pyproject: dict[str, dict]) -> None:
    extras = pyproject["project"]["optional-dependencies"]
    (bundle,) = [entry for entry in extras["dev"] if entry.startswith("epitope[")]
    assert set(re.findall(r"\w+", bundle)[1:]) == set(extras) - {"dev"}


def test_the_citation_names_the_version_of_the_package() -> None:
    assert f"version: {epitope.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_installed_package_carries_every_data_file_and_structure() -> None:
    installed = _installed_files()
    shipped = [
        path.relative_to(ROOT)
        for path in (ROOT / "epitope").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    ]
    structures = [Path("epitope/_structures", path.name) for path in (ROOT / "structures").glob("*.cif*")]
    assert structures, "the bundled structure is missing"
    missing = {path.as_posix() for path in (*shipped, *structures)} - installed
    assert not missing, "not in the installed package (stale? install again)"


def _installed_files() -> set[str]:
    """List the files of the installed distribution, or skip where it is not a plain install."""
    try:
        distribution = importlib.metadata.distribution("epitope")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("epitope is not installed, only checked out")
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        pytest.skip("epitope is installed as editable")
    return {file.as_posix() for file in distribution.files or ()}


def _heavy_modules_after(code: str) -> list[str]:
    program = f"import sys\n{code}\nprint('LOADED', *sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    return line.split()[1:]


def test_importing_epitope_loads_nothing_heavy() -> None:
    assert _heavy_modules_after("import epitope") == []


def test_help_loads_nothing_heavy() -> None:
    if importlib.util.find_spec("epitope.cli") is None:
        pytest.skip("there is no command line yet")
    code = (
        "sys.argv = ['epitope', '--help']\n"
        "from epitope.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
    )
    assert _heavy_modules_after(code) == []


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_loads_nothing_heavier_than_numpy(room: str) -> None:
    assert set(_heavy_modules_after(f"import epitope.{room}")) <= {"numpy"}


def test_no_code_knows_the_bundled_antigen_its_antibody_or_its_cohorts() -> None:
    known = re.compile("cd19|b43|fmc63|cd81|p15391|ex2part|ex2skip|zhao2021|orlando2018", re.IGNORECASE)
    for path in (ROOT / "epitope").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):  # docstrings may have examples
                texts = [n for n in body if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
                for text in texts:
                    text.value = ast.Constant("")
        assert not (found := known.search(ast.unparse(tree))), (path, found)


def test_templates_do_not_know_them_either() -> None:
    for path in (ROOT / "epitope" / "show" / "report" / "templates").iterdir():
        assert not re.search("cd19|b43|cd81|ex2part|6al5", path.read_text(encoding="utf-8"), re.IGNORECASE), path
