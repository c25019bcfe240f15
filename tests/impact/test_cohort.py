"""Samples to mechanisms of antigen loss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import EpitopeError, TableError
from epitope.impact.cohorts.cohort import (
    COHORT_COLUMNS,
    EVIDENCE_COLUMNS,
    cohort_evidence_table,
    cohort_table,
    read_samples,
    summarise_cohort,
)
from epitope.impact.verdicts.model import Verdict
from epitope.target import load_target

TARGET = load_target()


def summarise(folder, text, name="samples.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return summarise_cohort(read_samples(path, TARGET), TARGET)


def rules(summary):
    return {evidence.rule: evidence for evidence in summary.evidence}


def test_every_term_of_a_summary_stands_on_evidence(tmp_path):
    (summary,) = summarise(tmp_path, "sample,variant,cna,sum_af,log_cpm\nR1,c.806C>A,loss of chromosome 16,0.79,5.3\n")
    assert summary.mechanism == "CD19 mutation; Loss of chromosome 16"
    found = rules(summary)
    assert "Ser269Ter" in str(found["variant"].value)
    assert found["other allele"].value == "loss of chromosome 16"
    assert (found["RNA level"].value, found["RNA level"].threshold) == (5.3, 3.0)
    assert found["summed allele fraction"].value == 0.79
    assert all(evidence.source for evidence in summary.evidence if evidence.verdict is not Verdict.NOT_ASSESSABLE)


def test_what_the_table_does_not_measure_is_told(tmp_path):
    (summary,) = summarise(tmp_path, "sample,variant\nR1,c.806C>A\n")
    assert summary.mechanism == "CD19 mutation"
    silent = {e.rule for e in summary.evidence if e.sentence.startswith("not measured")}
    assert silent == {"summed allele fraction", "other allele", "RNA level", "allele-specific expression"}


def test_a_silent_other_allele_is_inferred_only_where_the_copy_number_is_known(tmp_path):
    header = "sample,variant,cna,sum_af,status\n"
    text = header + "A,c.806C>A,no,0.5,\nB,c.806C>A,,0.5,\nC,c.806C>A,no,0.95,\nD,c.806C>A,no,0.5,positive\n"
    mechanisms = [summary.mechanism for summary in summarise(tmp_path, text)]
    assert mechanisms == [
        "CD19 mutation; Allele-specific expression [inferred]",
        "CD19 mutation",
        "CD19 mutation",
        "CD19 mutation",
    ]


@pytest.mark.parametrize(
    ("said", "mechanism"),
    [("yes", "CD19 mutation; Allele-specific expression"), ("no", "CD19 mutation")],
)
def test_measured_allele_specific_expression_overrides_inference(tmp_path, said, mechanism):
    (summary,) = summarise(tmp_path, f"sample,variant,cna,sum_af,ase\nR1,c.806C>A,no,0.5,{said}\n")
    assert summary.mechanism == mechanism


def test_a_common_polymorphism_and_a_silent_change_are_no_mutations(tmp_path):
    first, second = summarise(tmp_path, "sample,variant,rna\nA,p.L174V,normal\nB,c.3G>A;c.12T>T,normal\n")
    assert first.mechanism == "CD19 wild type"
    assert "rs2904880" in rules(first)["common polymorphism"].sentence
    assert second.record.sample == "B"


def test_a_variant_that_cannot_be_understood_does_not_stop_the_others(tmp_path):
    first, second = summarise(tmp_path, "sample,variant\nA,p.A269*\nA,c.806C>A\nB,gibberish\n")
    assert first.mechanism == "CD19 mutation"
    assert any(note.startswith("p.A269* does not count: ") for note in first.notes)
    assert second.mechanism == "CD19 wild type"
    assert any(note.startswith("gibberish does not count: ") for note in second.notes)


def test_allele_fractions_of_the_rows_are_summed_where_no_sum_is_given(tmp_path):
    (summary,) = summarise(tmp_path, "sample,variant,vaf\nA,c.806C>A,0.25\nA,c.488G>T,30%\n")
    assert rules(summary)["summed allele fraction"].value == pytest.approx(0.55)


def test_variants_of_other_genes_are_no_mutations_of_the_antigen(tmp_path):
    first, second = summarise(
        tmp_path,
        "sample,gene,variant,rna\nA,CD81,p.Met73fs,normal\nB,TP53,p.R175H,normal\nB,CD19,c.806C>A,\n",
    )
    assert first.mechanism == "CD19 wild type; CD81 mutation"
    assert second.mechanism == "CD19 mutation"
    assert "no link to CD19" in rules(second)["mutation of another gene"].sentence


def test_an_isoform_in_the_variant_column_is_no_mutation(tmp_path):
    (summary,) = summarise(tmp_path, "sample,variant\nA,ex2part\n")
    assert summary.mechanism == "CD19 wild type"
    assert "RNA event" in rules(summary)


def test_an_isoform_above_its_mark_is_named_with_the_objection(tmp_path):
    high, low = summarise(tmp_path, "sample,ex2part_percent,rna_level\nA,40.9,normal\nB,11.2,normal\n")
    assert high.terms[-1] == "ex2part above 25 %"
    assert "falsitron" in rules(high)["ex2part share"].sentence
    assert rules(low)["ex2part share"].verdict is Verdict.INTACT
    assert low.mechanism == "CD19 wild type"


@pytest.mark.parametrize(
    ("cna", "mechanism"),
    [
        ("16p deletion", "16p deletion"),
        ("LOH", "LOH"),
        ("no", "CD19 wild type"),
        ("no loss", "CD19 wild type"),
        ("gain", "CD19 wild type"),
        ("unclear", "CD19 wild type"),
    ],
)
def test_copy_number_is_understood_in_words(tmp_path, cna, mechanism):
    (summary,) = summarise(tmp_path, f"sample,cna\nA,{cna}\n")
    assert summary.mechanism == mechanism


def test_copy_number_is_understood_as_a_number_of_copies(tmp_path):
    one, two = summarise(tmp_path, "sample,copy_number\nA,1\nB,2\n")
    assert (one.mechanism, two.mechanism) == ("Loss of one CD19 copy", "CD19 wild type")


def test_a_level_that_contradicts_its_value_is_noted(tmp_path):
    (summary,) = summarise(tmp_path, "sample,log_cpm,rna_level\nA,5.0,low\n")
    assert "says otherwise" in summary.notes[0]


def test_a_published_summary_that_does_not_follow_is_contradicted_with_the_reason(tmp_path):
    (summary,) = summarise(
        tmp_path, "sample,variant,cna,published_summary\nA,c.806C>A,no,CD19 mutation; Hypermethylation\n"
    )
    assert summary.agrees == "no"
    assert any("not to be had from this table: Hypermethylation" in note for note in summary.notes)


def test_the_tables_have_fixed_columns(tmp_path):
    summaries = summarise(tmp_path, "sample,variant\nA,c.806C>A\nA,c.488G>T\nB,\n")
    table, evidence = cohort_table(summaries), cohort_evidence_table(summaries)
    assert tuple(table.columns) == COHORT_COLUMNS
    assert tuple(evidence.columns) == EVIDENCE_COLUMNS
    assert list(table["sample"]) == ["A", "B"]
    assert tuple(cohort_table(()).columns) == COHORT_COLUMNS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "samples.csv line 1: "),
        ("variant\nx\n", "line 1: no column 'sample'; the columns are: variant"),
        ("sample,sum_af\nA,much\n", "line 2, column 'sum_af': 'much' is not a number"),
        ("sample,sum_af\nA,1.7\n", "line 2, column 'sum_af': '1.7' lies outside 0 to 1"),
        ("sample,sum_af\nA,0.2\nA,0.3\n", "line 3, column 'sum_af': '0.3' for A, but line 2 says '0.2'"),
        ("sample,sum_af\nA\n", "line 2: 1 columns where the header has 2"),
        ("sample,sum_af\n,0.3\n", "line 2, column 'sample': the sample has no name"),
        ("sample,cna\nA,1\n", "line 2, column 'cna': '1' is a number"),
        ("sample,cna\nA,no\nA,loss\n", "line 3, column 'cna': 'loss' for A, but line 2 says 'no'"),
        ("sample,ase\nA,perhaps\n", "line 2, column 'ase': write yes or no"),
        (b"sample,ase\nA,\xff\n", "line 2: byte 0xff is not UTF-8"),
    ],
)
def test_a_malformed_table_is_refused_with_file_line_and_column(tmp_path, text, word):
    with pytest.raises(TableError) as caught:
        summarise(tmp_path, text)
    assert str(caught.value).startswith("samples.csv line ")
    assert word in str(caught.value)


@settings(deadline=None, max_examples=100)
@given(cells=st.lists(st.text(max_size=10), min_size=9, max_size=9))
def test_no_cells_raise_anything_but_the_projects_error(cells, tmp_path_factory):
    header = "sample,variant,cna,sum_af,log_cpm,rna_level,ase,other_event,ex2part_percent\n"
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    try:
        summaries = summarise(tmp_path_factory.mktemp("fuzz"), (header + row).encode("utf-8", "replace"))
    except EpitopeError as error:
        assert "samples.csv" in str(error)
    else:
        assert len(cohort_table(summaries)) == len(summaries)
