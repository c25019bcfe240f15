"""Tables open in a spreadsheet without running anything, and come back as they were."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import epitope
from epitope.show.records import csv_text, records, table_bytes
from epitope.show.report.write import _write_tables
from epitope.variant.readers.formulas import as_meant, without_formula
from epitope.variant.readers.tables import read_table

FORMULAS = [
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "-19C>T",
]
PLAIN = ["c.-19C>T", "-", "+", "-1.5", "+3", "-1e-3", "-5A", "p.Phe61del", "*12", "", "'tis", "5'-UTR"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_like_a_formula_gets_an_apostrophe_and_loses_it_when_it_is_read(text):
    assert without_formula(text) == f"'{text}"
    assert as_meant(f"'{text}") == text


@pytest.mark.parametrize("text", PLAIN)
def test_variants_numbers_and_signs_stay_as_they_are(text):
    assert without_formula(text) == text and as_meant(text) == text


@given(st.text(alphabet="=+-@\t\r'\"A1. ", max_size=12))
def test_any_text_comes_back(text):
    written = without_formula(text)
    assert written[:1] not in ("=", "@", "\t", "\r")
    assert as_meant(written) == text or text.startswith("'")


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
def test_a_table_of_samples_is_written_harmless_and_read_back(tmp_path, kind):
    if kind == "xlsx":
        pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    kept = [text for text in FORMULAS + PLAIN if text.strip() and not re.search(r"[\t\r]", text)]
    table = pd.DataFrame({"sample": kept, "number": range(len(kept))})
    file = tmp_path / f"table.{kind}"
    file.write_bytes(table_bytes(table, kind, "samples"))
    assert [row.cells["sample"] for row in read_table(file).rows] == kept
    if kind == "xlsx":
        import openpyxl

        cells = [cell for row in openpyxl.load_workbook(file).active for cell in row]
        assert not [cell.value for cell in cells if cell.data_type == "f"]
        assert [cell.value for cell in cells if cell.data_type == "n"] == list(range(len(kept)))


def test_every_table_of_a_command_is_harmless_and_its_json_is_untouched():
    table = pd.DataFrame({"name": ["=1+1", "-"], "value": [-1.5, 2.0]})
    rows = list(csv.DictReader(io.StringIO(csv_text(table))))
    assert rows == [{"name": "'=1+1", "value": "-1.5"}, {"name": "-", "value": "2.0"}]
    assert records(table)[0]["name"] == "=1+1"


def test_a_variant_that_is_a_formula_is_none_in_any_table_of_the_report(tmp_path):
    structure = epitope.load()
    rows = epitope.assess_each(["R163L", '=HYPERLINK("http://x")'], structure)
    _write_tables(tmp_path, structure, rows, {})
    for file in tmp_path.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            assert not [cell for row in csv.reader(lines) for cell in row if cell.startswith(("=", "@", "+"))], (
                file.name
            )
