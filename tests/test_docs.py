"""The pages that are written from code say what the code says."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

import epitope
from epitope.cli import app
from epitope.features.columns import residue_columns
from epitope.impact.verdicts.rules import RULES
from epitope.impact.verdicts.rules.substitution import SubstitutionRule
from epitope.show.figures import FIGURES

ROOT = Path(__file__).parent.parent


def written_by_script():
    spec = importlib.util.spec_from_file_location("write_schema", ROOT / "scripts" / "write_schema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PICTURE = re.compile(r"!\[(?P<caption>[^\]]*)\]\((?P<file>[^)]+)\)")
PICTURES = [
    (page, match["caption"], match["file"])
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for match in PICTURE.finditer(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("page", "caption", "file"), PICTURES, ids=[f"{p.stem}-{f}" for p, _, f in PICTURES])
def test_a_picture_is_there_and_small_and_names_the_command_that_made_it(page, caption, file):
    from typer.main import get_command

    stored = page.parent / file
    assert stored.stat().st_size < 900_000
    named = re.match(r"`epitope ([^`]+)`: ", caption)
    assert named, f"the caption of {file} begins with no command"
    command, *arguments = shlex.split(named[1])
    known = get_command(app).commands
    assert command in known
    with known[command].make_context(command, arguments) as context:  # the options are known as well
        name = context.params.get("name")
    assert command != "figure" or name in FIGURES


def test_the_schema_page_is_up_to_date():
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == written_by_script().page()


def test_the_list_of_rules_is_up_to_date():
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert text == written_by_script().rules_page(text)


def test_every_rule_in_the_list_has_its_evidence_or_is_called_not_calibrated():
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    listed = [line.split("|")[-2].strip() for line in text.splitlines() if line.startswith("| `")]
    assert len(listed) == len(RULES)
    assert all(cell == "not calibrated" or "rows in" in cell or cell.startswith("[") for cell in listed)
    measured = {rule.id for rule in RULES.values() if isinstance(rule, SubstitutionRule)}
    assert measured <= set(written_by_script().evidence())


def test_the_residue_table_has_the_documented_columns_in_order():
    structure = epitope.load()
    assert structure.residues.columns.tolist() == list(residue_columns(structure.epitope.loops))
