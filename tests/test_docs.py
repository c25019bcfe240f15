"""The pages that are written from code say what the code says."""

import importlib.util
from pathlib import Path

import epitope
from epitope.features.columns import residue_columns

ROOT = Path(__file__).parent.parent


def test_the_schema_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("write_schema", ROOT / "scripts" / "write_schema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == module.page()


def test_the_residue_table_has_the_documented_columns_in_order():
    cx = epitope.load()
    assert cx.residues.columns.tolist() == list(residue_columns(cx.target.epitope.loops))
