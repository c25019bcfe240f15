"""Samples to mechanisms of antigen loss."""

from __future__ import annotations

from dataclasses import replace

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
from epitope.impact.cohorts.copy_number import copies_counted, copies_in_words
from epitope.impact.cohorts.model import AlleleState
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


@pytest.mark.parametrize(
    ("variants", "cna", "told"),
    [
        ("c.806C>A", "loss of chromosome 16", "where the cells carry p.Ser269Ter, nothing else is left"),
        ("c.806C>A", "UPD16p", "where the cells carry p.Ser269Ter, nothing else is left"),
        ("c.806C>A", "no", "the other allele is there beside p.Ser269Ter"),
        ("c.806C>A;c.183_185del", "no", "may lie on one allele or on both"),
        ("c.806C>A;c.183_185del", "loss of chromosome 16", "all lie on the one allele left"),
        ("", "loss of chromosome 16", "the allele left has no change that counts"),
        ("", "homozygous deletion", "no copy is left"),
    ],
)
def test_what_the_cells_can_still_show_follows_from_both_alleles(tmp_path, variants, cna, told):
    (summary,) = summarise(tmp_path, f"sample,variant,cna\nR1,{variants},{cna}\n")
    assert told in rules(summary)["what is left to show"].sentence


def test_without_a_copy_number_nothing_is_said_of_what_is_left(tmp_path):
    (summary,) = summarise(tmp_path, "sample,variant\nR1,c.806C>A\n")
    assert "what is left to show" not in rules(summary)


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


def test_an_rna_event_in_the_variant_column_is_a_mechanism_of_its_own_and_no_mutation(tmp_path):
    part, skip, deleted = summarise(tmp_path, "sample,variant\nA,ex2part\nB,ex2skip\nC,c.89_355del\n")
    assert part.mechanism == "ex2part (RNA event)"
    assert any("falsitron" in note for note in part.notes)
    assert skip.mechanism == "ex2skip (RNA event)"
    assert rules(skip)["RNA event"].verdict is Verdict.AT_RISK
    assert "Sotillo" in rules(skip)["RNA event"].source
    assert deleted.mechanism == "CD19 mutation"


def test_an_isoform_above_its_mark_is_named_with_the_objection(tmp_path):
    high, low = summarise(tmp_path, "sample,ex2part_percent,rna_level\nA,40.9,normal\nB,11.2,normal\n")
    assert str(high.terms[-1]) == "ex2part above 25 %"
    assert "falsitron" in rules(high)["ex2part share"].sentence
    assert rules(low)["ex2part share"].verdict is Verdict.INTACT
    assert low.mechanism == "CD19 wild type"


WILD = "CD19 wild type"


@pytest.mark.parametrize(
    ("cna", "mechanism"),
    [
        ("16p deletion", "16p deletion"),
        ("LOH", "LOH"),
        ("no", WILD),
        ("no loss", WILD),
        ("gain", WILD),
        ("copy number neutral", WILD),
        ("unclear", WILD),
        ("loss of chromosome 7", WILD),
        ("monosomy 7", WILD),
        ("16q deletion", WILD),
        ("16p13.3 deletion", WILD),
        ("16p13-pter deletion", WILD),
        ("del(16)(p13.1)", WILD),
        ("del(16)(p11.1)", "Del(16)(p11.1)"),
        ("16p11.2-p13.3 loss", "16p11.2-p13.3 loss"),
        ("16p12-q12 loss", "16p12-q12 loss"),
        ("chr16:28,900,000-29,000,000 loss", "Chr16:28900000-29000000 loss"),
        ("chr16:1-100 loss", WILD),
        ("UPD16p", "UPD16p"),
        ("uniparental disomy of chromosome 6", WILD),
        ("copy-neutral LOH", "Copy-neutral LOH"),
        ("isochromosome 16q", "Isochromosome 16q"),
        ("i(16)(q10)", "I(16)(q10)"),
        ("i(16p)", WILD),
        ("isochromosome 7q", WILD),
        ("hemizygous", "Hemizygous"),
        ("homozygous deletion", "Homozygous deletion"),
        ("45,XX,-7,-16", "-16"),
        ("45,XX,-7", WILD),
        ("loss of chromosomes 7 and 16", "Loss of chromosomes 7 and 16"),
        ("gain 1q; UPD16p", "UPD16p"),
    ],
)
def test_copy_number_is_understood_in_words(tmp_path, cna, mechanism):
    (summary,) = summarise(tmp_path, f'sample,cna\nA,"{cna}"\n')
    assert summary.mechanism == mechanism


@pytest.mark.parametrize(
    ("cna", "state"),
    [
        ("homozygous deletion", AlleleState.ALL_LOST),
        ("biallelic loss", AlleleState.ALL_LOST),
        ("hemizygous deletion", AlleleState.ONE_LOST),
        ("1 copy", AlleleState.ONE_LOST),
        ("0 copies", AlleleState.ALL_LOST),
        ("loss of one copy", AlleleState.ONE_LOST),
        ("UPD16p", AlleleState.COPY_NEUTRAL_LOSS),
        ("loss of chromosome 7", AlleleState.KEPT),
        ("trisomy 16", AlleleState.GAINED),
        ("not measured", AlleleState.NOT_MEASURED),
        ("low hypodiploid", AlleleState.NOT_MEASURED),
    ],
)
def test_the_state_of_the_alleles_is_typed(tmp_path, cna, state):
    (summary,) = summarise(tmp_path, f"sample,cna\nA,{cna}\n")
    assert summary.record.copies.state is state


def test_a_change_elsewhere_is_noted_with_the_band_of_the_gene(tmp_path):
    (summary,) = summarise(tmp_path, "sample,cna\nA,loss of chromosome 7\n")
    assert summary.notes[0] == "copy number: loss of chromosome 7 is not at CD19 (16p11.2)"


def test_without_a_band_in_the_target_a_change_of_an_arm_is_left_out():
    bare = replace(TARGET, known_transcript=replace(TARGET.transcript, cytoband=""))
    found = copies_in_words("16p deletion", bare)
    assert found.state is AlleleState.NOT_MEASURED
    assert "it is not known whether CD19 lies there" in found.note
    assert copies_in_words("loss of chromosome 16", bare).state is AlleleState.ONE_LOST


def test_without_a_transcript_only_what_is_said_of_the_gene_itself_counts():
    bare = replace(TARGET, known_transcript=None)
    assert copies_in_words("loss of chromosome 16", bare).state is AlleleState.NOT_MEASURED
    assert copies_in_words("trisomy 16", bare).state is AlleleState.NOT_MEASURED
    assert copies_in_words("homozygous deletion", bare).state is AlleleState.ALL_LOST


def test_copy_number_is_understood_as_a_number_of_copies(tmp_path):
    none, one, two, three = summarise(tmp_path, "sample,copy_number\nA,0\nB,1\nC,2\nD,3\n")
    assert [s.mechanism for s in (none, one, two, three)] == [
        "Loss of all CD19 copies",
        "Loss of one CD19 copy",
        WILD,
        WILD,
    ]
    assert rules(none)["other allele"].verdict is Verdict.LOST


@pytest.mark.parametrize(
    ("copies", "state", "note"),
    [
        (0.4, AlleleState.ALL_LOST, ""),
        (0.5, AlleleState.ONE_LOST, ""),
        (1.4, AlleleState.ONE_LOST, ""),
        (1.5, AlleleState.KEPT, ""),
        (2.4, AlleleState.KEPT, ""),
        (2.5, AlleleState.GAINED, "copy number: 2.5 copies"),
    ],
)
def test_copies_are_rounded_half_up(copies, state, note):
    found = copies_counted(copies, "CD19")
    assert (found.state, found.note) == (state, note)


def test_the_mark_of_low_rna_is_the_users_and_its_origin_is_told(tmp_path):
    path = tmp_path / "samples.csv"
    path.write_text("sample,log_cpm\nA,3.5\n")
    records = read_samples(path, TARGET)
    (default,) = summarise_cohort(records, TARGET)
    (own,) = summarise_cohort(records, TARGET, low_log_cpm=4.0)
    assert (default.mechanism, own.mechanism) == (WILD, "Low level of CD19 expression")
    assert "midway between 0.8" in rules(default)["RNA level"].source
    assert (rules(own)["RNA level"].threshold, rules(own)["RNA level"].source) == (4.0, "mark given by the user")


def test_a_canonical_splice_variant_is_a_mutation_and_a_deep_intronic_one_is_not(tmp_path):
    donor, deep = summarise(tmp_path, "sample,variant\nA,c.559+1G>A\nB,c.89-100G>A\n")
    assert donor.mechanism == "CD19 mutation"
    assert deep.mechanism == WILD


def test_a_mutation_of_a_gene_of_which_no_copy_is_left_is_noted(tmp_path):
    text = "sample,variant,copy_number\nA,c.806C>A,0\nB,c.806C>A,1\nC,p.L174V,0\n"
    both, one, polymorphism = summarise(tmp_path, text)
    said = "the table contradicts itself: all copies of CD19 are lost, and 1 CD19 mutation is listed; check both"
    assert said in both.notes
    assert not any("contradicts" in note for summary in (one, polymorphism) for note in summary.notes)


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
        ("sample,sum_af\nA,much\n", "line 2, column 'sum_af': 'much' is not a number"),
        ("sample,sum_af\nA,1.7\n", "line 2, column 'sum_af': '1.7' lies outside 0 to 1"),
        ("sample,sum_af\nA,0.2\nA,0.3\n", "line 3, column 'sum_af': '0.3' for A, but line 2 says '0.2'"),
        ("sample,sum_af\nA\n", "line 2: 1 columns where the header has 2"),
        ("sample,sum_af\n,0.3\n", "line 2, column 'sample': the sample has no name"),
        ("sample,cna\nA,1\n", "line 2, column 'cna': '1' is a number"),
        ("sample,cna\nA,no\nA,loss\n", "line 3, column 'cna': 'loss' for A, but line 2 says 'no'"),
        ("sample,ase\nA,perhaps\n", "line 2, column 'ase': write yes or no"),
        ("sample,rna_level\nA,so so\n", "line 2, column 'rna_level': write low or normal"),
    ],
)
def test_what_is_wrong_with_a_sample_is_its_error_row_and_the_others_are_done(tmp_path, text, word):
    header = text.split("\n", 1)[0]
    sound = "Z" + "," * header.count(",") + "\n"
    summaries = summarise(tmp_path, text + sound)
    table = cohort_table(summaries)
    (error,) = filter(None, table["error"])
    assert error.startswith("samples.csv line ")
    assert word in error
    assert table.loc[table["error"] != "", "mechanism"].tolist() == [""]
    assert table.loc[table["sample"] == "Z", "mechanism"].tolist() == [WILD]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "samples.csv line 1: "),
        ("variant\nx\n", "line 1: no column 'sample'; the columns are: variant"),
        (b"sample,ase\nA,\xff\n", "line 2: byte 0xff is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_samples_is_refused(tmp_path, text, word):
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


def test_what_a_figure_draws_is_in_the_table_as_fixed_words(tmp_path):
    text = "sample,variant,cna,log_cpm\nA,c.806C>A;p.L174V,UPD16p,1.0\nB,,,\n"
    table = cohort_table(summarise(tmp_path, text)).set_index("sample")
    assert table.loc["A", ["mutations", "other_allele_state", "rna_low"]].tolist() == [
        1,
        "copy-neutral loss of one allele",
        "yes",
    ]
    assert table.loc["B", ["mutations", "other_allele_state", "rna_low"]].tolist() == [
        0,
        "not measured",
        "not measured",
    ]


def test_a_bare_value_is_not_judged_where_the_target_gives_no_mark_of_low_rna(tmp_path):
    path = tmp_path / "samples.csv"
    path.write_text("sample,log_cpm,rna_level\nA,0.5,\nB,0.5,low\n")
    unmarked = replace(TARGET, loss_criteria=None)
    bare, called = summarise_cohort(read_samples(path, unmarked), unmarked)
    assert rules(bare)["RNA level"].sentence == "not measured: log2 CPM 0.5 stands without a mark of low RNA; give one"
    assert called.mechanism == "Low level of CD19 expression"
    assert rules(called)["RNA level"].source == "as the table calls it"
    (given, _) = summarise_cohort(read_samples(path, unmarked), unmarked, low_log_cpm=1.0)
    assert given.mechanism == "Low level of CD19 expression"
    assert "Zhao" not in " ".join(evidence.source for evidence in (*bare.evidence, *called.evidence, *given.evidence))
