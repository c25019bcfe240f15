"""The verdict table is the same in every format, and harmless in each."""

from __future__ import annotations

import csv
import io
import json

import pytest

from epitope.show.spreadsheet import workbook
from epitope.show.tables import (
    ASSESSMENT_COLUMNS,
    Failure,
    assessment_table,
    flat,
    terminal_table,
    to_csv_text,
    to_json_records,
    to_json_text,
)
from epitope.variant.model import SampleCall, SplicingLook, Variant
from epitope.variant.readers.rows import RowStatus, UnassessedRow


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


def test_a_workbook_has_the_same_bytes_twice(rows):
    pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    table = flat(assessment_table(rows))
    assert workbook(table, "assessments") == workbook(table, "assessments")


@pytest.fixture(scope="module")
def assessed():
    from epitope.api import assess_each, load

    calls = (SampleCall("R1", "0/1", 40, 10, 0.25), SampleCall("R2", "0/1", None, None, 1 / 3))
    given = [
        Variant("ex2part", calls=calls, notes=("the file calls the ends imprecise",)),
        "c.776_777insG",
        "chr16:g.28938000G>A",
        UnassessedRow("f.vcf line 3", "chr16-1-A-C", "lies outside", RowStatus.OUTSIDE, term="upstream_gene_variant"),
        "p.Gly60del",
    ]
    return assessment_table(assess_each(given, load()))


def test_several_things_are_a_list_in_json_and_text_in_csv(assessed, provenance):
    row = json.loads(to_json_text(assessed, provenance))["assessments"][0]
    line = next(csv.DictReader(io.StringIO(to_csv_text(assessed))))
    assert row["positions_lost"] == list(range(1, 152)) and line["positions_lost"] == "1-151"
    assert row["loops_lost"] == ["97-107"] and line["loops_lost"] == "97-107"
    assert row["disulfides_broken"] == [[38, 261], [97, 200], [134, 173]]
    assert line["disulfides_broken"] == "38-261,97-200,134-173"
    assert row["carriers"] == ["R1", "R2"] and line["carriers"] == "R1;R2"
    assert row["depth"] == [40, None] and line["depth"] == "40;"
    assert row["allele_fraction"] == [0.25, 0.3333] and line["allele_fraction"] == "0.25;0.3333"
    assert row["notes"][0] == "the file calls the ends imprecise"
    assert row["consequence"] == line["consequence"].split(",")
    assert " ".join(row["not_assessed"]) == line["not_assessed"]
    assert all(isinstance(position, int) for e in row["evidence"] for position in e["positions"])


def test_what_a_number_rests_on_and_what_was_not_assessed_are_lists_of_sentences(provenance):
    from epitope.api import assess

    table = assess(["p.Pro60Arg", "p.Arg139del"])
    records = json.loads(to_json_text(table, provenance))["assessments"]
    lines = list(csv.DictReader(io.StringIO(to_csv_text(table))))
    assert len(records[0]["number_notes"]) > 1
    assert "; ".join(records[0]["number_notes"]) == lines[0]["number_notes"]
    assert all(sentence.endswith(".") for sentence in records[1]["not_assessed"])
    assert records[1]["not_assessed"] and " ".join(records[1]["not_assessed"]) == lines[1]["not_assessed"]


def test_what_the_change_is_on_the_chromosome_and_what_was_looked_at_are_columns(assessed):
    insertion = assessed.iloc[1]
    assert insertion["hgvs_g"] == "NC_000016.10:g.28933450_28933451insG"
    assert (insertion["exon"], insertion["intron"], insertion["decay"]) == ("4/15", "", "expected")
    unseen = assessed.iloc[2]
    assert unseen["intron"] == "12/14"
    assert "the reference base was not checked" in unseen["notes"][0]
    assert set(assessed["splicing"]) - {""} <= {str(look) for look in SplicingLook}


def test_the_status_of_a_row_stands_beside_veps_word(assessed):
    assert list(assessed["status"]) == ["assessed", "assessed", "assessed", "outside the transcript", "error"]
    assert assessed["consequence"].iloc[3] == ["upstream_gene_variant"]


def test_a_row_of_another_gene_has_a_status_and_no_verdict():
    row = UnassessedRow("f.maf line 2", "c.1A>T", "is about TP53, not CD19", RowStatus.OTHER_GENE)
    table = assessment_table([row])
    assert table[["status", "antigen", "fold", "epitope", "error"]].values.tolist() == [
        ["another gene", "", "", "", ""]
    ]
    assert "not assessable" not in str(table.values.tolist())
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=100, no_color=True).print(terminal_table(table))
    assert "is about TP53" in out.getvalue() and "not assessable" not in " ".join(out.getvalue().split())


def test_the_terminal_says_who_carries_the_allele(assessed):
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=100, no_color=True).print(terminal_table(assessed))
    assert "in R1 25\u00a0% (10 of 40 reads), R2 33.3\u00a0%" in " ".join(out.getvalue().split(" ")).replace("  ", "")
