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
from itertools import chain
from pathlib import Path

import pytest

import epitope
from epitope.target import load_target
from epitope.target.model import StatementKind

ROOT = Path(__file__).parents[1]
PACKAGE = Path(epitope.__file__).parent  # that of the checkout, or an installed one: see .ci/distribution
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
    expected = ["cli", "web", "bulk", "api", *reversed(ROOMS), "files", "errors"]
    assert contract["layers"] == [f"epitope.{name}" for name in expected]
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == {*ROOMS, "api", "bulk", "web", "cli"}


def test_dev_extra_brings_every_other_extra(pyproject: dict[str, dict]) -> None:
    extras = pyproject["project"]["optional-dependencies"]
    (bundle,) = [entry for entry in extras["dev"] if entry.startswith("epitope[")]
    assert set(re.findall(r"\w+", bundle)[1:]) == set(extras) - {"dev"}


def test_every_dependency_has_a_line_that_says_what_it_weighs_and_what_for(pyproject: dict[str, dict]) -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    told = {cells[0]: cells[1:] for cells in rows if all(cells)}
    lists = [pyproject["project"]["dependencies"], *pyproject["project"]["optional-dependencies"].values()]
    named = {match[0] for entry in chain(*lists) if (match := re.match(r"[\w.-]+", entry))} - {"epitope"}
    assert set(told) - {"package"} == named
    assert all(float(cells[0]) >= 0 for name, cells in told.items() if name != "package")


# os._exit and the _fields of a named tuple are documented; tests/test_dynamics.py tells when the others change
DOCUMENTED = {("process.py", "os._exit"), ("roles.py", "Chosen._fields")}
PRIVATE = {("ensemble.py", "reader._xdr"), ("ensemble.py", "again._bytes_tell")}


def test_what_other_packages_keep_to_themselves_is_used_in_one_place_each() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
                found |= {(path.name, ast.unparse(node))}
            if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("epitope"):
                found |= {(path.name, f"{node.module}.{name.name}") for name in node.names if name.name[0] == "_"}
                found |= {(path.name, f"{node.module}")} if re.search(r"(^|\.)_[a-z]", node.module or "") else set()
    assert {(name, code) for name, code in found if not re.match(r"(self|cls)\.", code)} == DOCUMENTED | PRIVATE


def test_the_citation_names_the_version_of_the_package() -> None:
    assert f"version: {epitope.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_changelog_and_the_citation_give_one_date_of_the_release() -> None:
    heading = rf"^## \[{re.escape(epitope.__version__)}\] - (\d{{4}}-\d\d-\d\d)$"
    (dated,) = re.findall(heading, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert f'date-released: "{dated}"\n' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


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


def test_an_assessment_needs_no_universe_and_no_tree() -> None:
    loaded = _heavy_modules_after("import epitope; epitope.assess(['p.Phe61del', 'p.Arg163Leu'])")
    assert not {"MDAnalysis", "matplotlib", "scipy"} & set(loaded)


@pytest.mark.parametrize("room", [*ROOMS, "bulk", "web"])
def test_importing_a_room_loads_nothing_heavier_than_numpy(room: str) -> None:
    assert set(_heavy_modules_after(f"import epitope.{room}")) <= {"numpy"}


MORE_NAMES = ("zhao", "orlando", "teplyakov", "sotillo", "klesmith", "tissue factor", "barnase")
OWN_PLACE = PACKAGE / "target" / "packs"


def names_of_the_packs() -> re.Pattern[str]:
    """Match every name that an installed pack gives: antigen, accessions, binders, structures, events, cohorts."""
    names = set(MORE_NAMES)
    for folder in (path.parent for path in OWN_PLACE.glob("*/target.toml")):
        pack = load_target(folder.name)
        names |= {folder.name, pack.name, pack.uniprot_id, pack.uniprot_name, pack.protein_accession}
        names |= {pack.gene if len(pack.gene) > 2 else "", Path(pack.structure).stem}
        if pack.known_transcript:
            names |= {pack.known_transcript.accession.partition(".")[0], pack.known_transcript.ensembl}
        names |= {name for binder in pack.binders for name in (binder.name, binder.structure)}
        names |= {item.name for item in (*pack.isoforms, *pack.cohorts)}
        names |= {statement.topic for statement in pack.statements if statement.kind is StatementKind.PARTNER}
    spelled = (re.escape(name).replace("\\ ", "[ _]") for name in sorted(names - {""}))
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(spelled)})(?![a-z0-9])", re.IGNORECASE)


def test_no_python_file_knows_an_antigen_its_binders_or_its_cohorts_not_even_in_a_docstring() -> None:
    known = names_of_the_packs()
    assert known.search("CD19.name") and known.search("_6al5.npz") and known.search("load('tissue_factor')")
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if OWN_PLACE not in path.parents
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if known.search(line)
    ]
    assert found == []


def test_templates_do_not_know_them_either() -> None:
    known = names_of_the_packs()
    for path in (PACKAGE / "show" / "report" / "templates").iterdir():
        assert not known.search(path.read_text(encoding="utf-8")), path
