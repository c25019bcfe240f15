"""Zhao et al., Blood 2021, 137:471, Table 3: CD19 loss in seven relapses."""

from __future__ import annotations

import pytest

from epitope.impact.cohorts.cohort import cohort_table, read_samples, summarise_cohort
from epitope.target import load_target

TABLE_3 = """\
sample;cd19_cna;protein;cdna;sum_af;cd19_log_cpm;rna_level;other_event;published_summary
SJBALL042232_R2;loss of chromosome 16;p.Y259fs;c.775 T>TGT;0.79;5.3;Normal;;\
"CD19 mutation; Loss of chromosome 16"
SJBALL042232_R2;loss of chromosome 16;p.Y259fs;c.776 A>ATTGGAGATCCC;0.79;5.3;Normal;;\
"CD19 mutation; Loss of chromosome 16"
SJALL061897_R1;loss of chromosome 16;p.K258fs;c.773 AGTATTAT>AAAAAAA;0.79;5.2;Normal;;\
"CD19 mutation; Loss of chromosome 16"
SJALL061895_R1;loss of chromosome 16;p.109fs;c.326 C>CA;0.65;5.4;Normal;;\
"CD19 mutation; Loss of chromosome 16"
SJALL061895_R1;loss of chromosome 16;p.Q186sp;;0.65;5.4;Normal;;"CD19 mutation; Loss of chromosome 16"
SJALL061895_R1;loss of chromosome 16;p.P278sp;;0.65;5.4;Normal;;"CD19 mutation; Loss of chromosome 16"
SJALL061893_R1;no;p.P60del;c.179 CCTT>C;0.73;6.1;Normal;;"CD19 mutation; Allele-specific expression"
SJALL061894_R1;no;p.S269*;c.806 C>A;0.15;0.4;Low;;"CD19 mutation; Allele-specific expression (low)"
SJBALL042246_R2;no;;;0;0.8;Low;;Low level of CD19 expression
SJALL061896_R1;no;;;0;6.2;Normal;CD81 p.Met73fs;"CD19 wild type; CD81 mutation"
"""


@pytest.fixture
def summaries(tmp_path):
    path = tmp_path / "table3.csv"
    path.write_text(TABLE_3)
    target = load_target()
    return {s.record.sample: s for s in summarise_cohort(read_samples(path, target), target)}


def test_table_3_comes_out_row_by_row(summaries):
    table = cohort_table(list(summaries.values())).set_index("sample")
    plain = table["mechanism"].str.replace(" [inferred]", "", regex=False)
    assert list(plain) == list(table["published_summary"])
    assert len(plain) == 7


def test_the_two_terms_that_table_3_does_not_measure_are_marked_as_inferred(summaries):
    inferred = {name for name, summary in summaries.items() if summary.agrees == "yes, by inference"}
    assert inferred == {"SJALL061893_R1", "SJALL061894_R1"}
    assert {summary.agrees for name, summary in summaries.items() if name not in inferred} == {"yes"}
    for name in inferred:
        assert any("not measured in this table" in note for note in summaries[name].notes)


def test_every_published_variant_is_read(summaries):
    assert sum(len(summary.consequences) for summary in summaries.values()) == 8
    assert not any("does not count" in note for summary in summaries.values() for note in summary.notes)


def test_the_label_p60del_is_contradicted_in_the_notes(summaries):
    assert any("Phe61" in note for note in summaries["SJALL061893_R1"].notes)


def test_cd81_is_explained_by_the_chaperone(summaries):
    (evidence,) = [e for e in summaries["SJALL061896_R1"].evidence if e.rule == "mutation of another gene"]
    assert "chaperone" in evidence.sentence
    assert evidence.value == "CD81 p.Met73fs"
