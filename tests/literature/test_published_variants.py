"""Published variants, recomputed: one test for each fact."""

from __future__ import annotations

import pytest

from epitope.target import load_target
from epitope.target.model import RegionKind
from epitope.variant import ChangeKind, Consequence, Variant, consequence_of, published_cohort, published_rows

CD19 = load_target()


def consequence(text: str, label: str = "") -> Consequence:
    return consequence_of(Variant(text, label=label), CD19)


def test_phe61_deletion_is_not_called_pro60() -> None:
    found = consequence("c.179 CCTT>C", "p.P60del")
    assert (found.hgvs_c, found.hgvs_p) == ("c.183_185del", "p.Phe61del")
    expected = "published as p.P60del; c.179 CCTT>C removes Phe61: CCC TTC TTA → CCC TTA"
    assert found.label_check == expected


# Zhao 2021, Table 3: what each printed label is worth.
ZHAO = [
    ("c.775 T>TGT", "p.Tyr259CysfsTer9", "agrees"),
    ("c.776 A>ATTGGAGATCCC", "p.Tyr260TrpfsTer11", "published as p.Y259fs; "),
    ("c.773 AGTATTAT>AAAAAAA", "p.Tyr259LysfsTer8", "published as p.K258fs; "),
    ("c.326 C>CA", "p.Gly110TrpfsTer56", "published as p.109fs; "),
    ("p.Q186sp", "p.?", ""),
    ("p.P278sp", "p.?", ""),
    ("c.179 CCTT>C", "p.Phe61del", "published as p.P60del; "),
    ("c.806 C>A", "p.Ser269Ter", "agrees"),
]


def test_zhao_2021_prints_eight_variants_in_ten_rows() -> None:
    assert [variant.text for variant in published_cohort("zhao2021")] == [row[0] for row in ZHAO]
    assert len(published_rows("zhao2021")) == 10


@pytest.mark.parametrize(("text", "name", "check"), ZHAO)
def test_zhao_2021_labels_are_confirmed_or_contradicted(text: str, name: str, check: str) -> None:
    variant = next(one for one in published_cohort("zhao2021") if one.text == text)
    found = consequence_of(variant, CD19)
    assert found.hgvs_p == name
    assert found.label_check.startswith(check)
    assert bool(found.label_check) == bool(check)


def test_orlando_2018_names_given_by_vep_all_agree() -> None:
    variants = published_cohort("orlando2018")
    assert len(variants) == 21
    assert {consequence_of(variant, CD19).label_check for variant in variants} == {"agrees"}


def test_ex2part_loses_the_first_151_residues() -> None:
    found = consequence("ex2part")
    assert (found.hgvs_p, found.isoform) == ("p.Met1_Leu151del", "ex2part")
    assert found.change.positions_lost == tuple(range(1, 152))
    assert found.change.protein == CD19.sequence[151:]
    assert found.terms[0] == "start_lost"


def test_the_ex2part_junction_lies_between_two_copies_of_cagcctgg() -> None:
    isoform, coding = CD19.isoform("ex2part"), CD19.transcript.coding_sequence
    assert coding[191:199] == coding[321:329] == "CAGCCTGG"
    assert isoform.cds_end - isoform.cds_start + 1 == 130
    assert isoform.junction_shifts == 9
    names = {consequence(f"c.{192 + shift}_{321 + shift}del").hgvs_c for shift in range(9)}
    assert names == {"c.200_329del"}


def test_exon_2_skipping_is_in_frame_and_loses_89_codons() -> None:
    found = consequence("ex2skip")
    assert found.hgvs_p == consequence("c.89_355del").hgvs_p == "p.Glu30_Ser118del"
    assert len(found.change.positions_lost) == 89


@pytest.mark.parametrize(("label", "exon", "product"), [
    ("p.Q186sp", 3, "p.Gly119_Gln186del"),
    ("p.P278sp", 4, "p.Asp187_Pro278del"),
])  # fmt: skip
def test_published_splice_labels_sit_on_the_donors_of_exons_3_and_4(label: str, exon: int, product: str) -> None:
    found = consequence(label)
    assert found.terms == ("splice_donor_variant",)
    skipped, retained = found.alternatives
    assert skipped.scenario.startswith(f"exon {exon} skipped (in frame")
    assert skipped.hgvs_p == product
    assert retained.scenario.startswith(f"intron {exon} retained")
    assert retained.change.kind is ChangeKind.FRAMESHIFT


def test_exons_2_to_5_are_each_a_multiple_of_three() -> None:
    exons = CD19.transcript.exons[1:5]
    assert all((exon.end - exon.start + 1) % 3 == 0 for exon in exons)


def test_ser269ter_keeps_cys261_and_loses_the_membrane_segment() -> None:
    found = consequence("c.806C>A")
    assert found.change.kind is ChangeKind.NONSENSE
    assert 261 not in found.change.positions_lost
    assert set(CD19.regions_of(RegionKind.TRANSMEMBRANE)[0].positions) <= set(found.change.positions_lost)


def test_l174v_is_the_common_polymorphism() -> None:
    polymorphism = CD19.polymorphisms[0]
    assert consequence(polymorphism.hgvs_c).hgvs_p == "p.Leu174Val"
    assert consequence("chr16-28933075-C-G").hgvs_c == polymorphism.hgvs_c == "c.520C>G"
    assert consequence(CD19.polymorphisms[1].hgvs_c).hgvs_p == "p.Arg514His"
