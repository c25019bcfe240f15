"""The verdict table is the same in every format, and harmless in each."""

from __future__ import annotations

import csv
import io
import json

import pytest

from epitope.show.tables import (
    ASSESSMENT_COLUMNS,
    Failure,
    assessment_table,
    terminal_table,
    to_csv_text,
    to_json_records,
    to_json_text,
    write_xlsx,
)
from epitope.variant.model import Variant


def test_the_names_that_scripts_rely_on_are_there():
    relied_on = "input hgvs_c hgvs_p consequence label_check antigen fold epitope mechanism positions_lost loops_lost disulfides_broken evidence error"  # noqa: E501
    assert set(relied_on.split()) <= set(ASSESSMENT_COLUMNS)


def test_json_and_csv_say_the_same(rows, provenance):
    table = assessment_table(rows)
    loaded = json.loads(to_json_text(table, provenance))
    assert loaded["provenance"]["structure_id"] == "6AL5"
    lines = list(csv.DictReader(io.StringIO(to_csv_text(table))))
    assert [r["input"] for r in loaded["assessments"]] == [line["input"] for line in lines]
    assert loaded["assessments"] == json.loads(json.dumps(to_json_records(rows)))


def test_evidence_is_a_list_with_threshold_and_source(rows):
    record = to_json_records(rows)[0]
    assert any(e["threshold"] is not None and e["source"] for e in record["evidence"])


def test_a_row_can_be_explained_by_number_and_by_name(rows):
    table = assessment_table(rows)
    assert table.explain("p.Phe61del").equals(table.explain(0))
    assert len(table.explain(0)) == len(rows[0].evidence)
    with pytest.raises(KeyError):
        table.explain("p.Nothing1Here")


def test_the_terminal_table_fits_its_width_with_hostile_names(rows):
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=100, no_color=True).print(terminal_table(assessment_table(rows)))
    assert max(len(line) for line in out.getvalue().splitlines()) <= 100
    assert "not assessable" in " ".join(out.getvalue().split()) or "lost" in out.getvalue()


def test_a_cell_that_looks_like_a_formula_is_not_run_by_a_spreadsheet():
    table = assessment_table([Failure(Variant('=HYPERLINK("http://x")'), "no variant")])
    assert next(csv.DictReader(io.StringIO(to_csv_text(table))))["input"].startswith("'=")


def test_a_workbook_has_the_same_bytes_twice(rows, tmp_path):
    pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(assessment_table(rows), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
