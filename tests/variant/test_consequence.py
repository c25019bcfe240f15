"""Products, notes, splice outcomes and labels."""

from __future__ import annotations

import pytest

from epitope.errors import VariantError
from epitope.target import Target
from epitope.variant import ChangeKind, Variant, consequence_of, published_cohort
from epitope.variant.hgvs.splice_sites import splice_site_of_residue
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of
from epitope.variant.model import Decay, DecayCall, SpliceModelUse

NAMES = {
    "c.488G>T": "p.Arg163Leu",
    "c.705G>T": "p.Pro235=",
    "c.183_185del": "p.Phe61del",
    "c.190_192dup": "p.Leu64dup",
    "c.180_181insGGC": "p.Pro60_Phe61insGly",
    "c.181_186delinsGGC": "p.Phe61_Leu62delinsGly",
    "c.181_182delinsCA": "p.Phe61His",
    "c.180_181insTAG": "p.Phe61Ter",
    "c.180_181insGGCTAG": "p.Pro60_Phe61insGlyTer",
    "c.178_183delinsGGCTAG": "p.Pro60_Phe61delinsGlyTer",
    "c.184_186delinsTGA": "p.Leu62Ter",
    "c.774_775dup": "p.Tyr259CysfsTer9",
    "c.1A>G": "p.Met1?",
    "c.1669T>C": "p.Ter557ArgextTer?",
    "c.1670G>A": "p.Ter557=",
    "c.-10C>A": "p.(=)",
    "c.88+50T>A": "p.(=)",
    "c.89-1G>A": "p.?",
    "c.89-10_355+10del": "p.Glu30_Ser118del",
    "c.-20_*5del": "p.0?",
    # One stop codon for another: the residues in front of it are all that changes.
    "c.1666_1671delinsGGATAG": "p.Arg556Gly",
    "c.1670_1671insCTAG": "p.Ter557CysextTer1",
    "c.1669_1670insGGT": "p.Arg556_Ter557insTrp",  # TGA becomes TGG TGA
    # The 5' UTR ends in ACCACC: these leave the start codon whole, wherever they are written.
    "c.-3_-1del": "p.(=)",
    "c.-6_-4del": "p.(=)",
    "c.-2_1del": "p.(=)",
    "c.-1_1insA": "p.(=)",
    "c.1_2insA": "p.(=)",
    "c.-1_1del": "p.Met1?",
    "c.1_3dup": "p.Met1dup",
    "c.355_356del": "p.Glu120AlafsTer45",
}


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_the_protein_name(cd19: Target, text: str, name: str) -> None:
    if ">" in text:
        head, _, new = text.partition(">")
        for base in "ACGT":
            try:
                assert consequence_of(f"{head[:-1]}{base}>{new}", cd19).hgvs_p == name
                return
            except VariantError:
                continue
    assert consequence_of(text, cd19).hgvs_p == name


def test_a_deletion_is_named_at_its_most_3_prime_place(cd19: Target) -> None:
    names = {consequence_of(text, cd19).hgvs_c for text in ("c.180_182del", "c.182_184del", "c.183_185del")}
    assert names == {"c.183_185del"}


@pytest.mark.parametrize("text", ["c.355_356del", "chr16:g.28932612_28932911del", "chr16:g.28932614_28932913del"])
def test_a_deletion_from_exon_to_exon_is_one_change_however_it_is_written(cd19: Target, text: str) -> None:
    # The two bases behind the deletion repeat its first two, so on the chromosome it can be shifted.
    found = consequence_of(text, cd19)
    assert (found.hgvs_c, found.hgvs_p) == ("c.355_356del", "p.Glu120AlafsTer45")
    assert found.hgvs_g == "NC_000016.10:g.28932614_28932913del"


def test_a_start_lost_by_place_only_is_said_to_be_kept(cd19: Target) -> None:
    found = consequence_of("c.-2_1del", cd19)
    assert "start_lost" in found.terms
    assert any("the start codon stays" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "label_check"),
    [
        ("NM_001770.6(CD19):c.488G>T (p.Arg163Leu)", "agrees"),
        ("c.488G>T p.R163L", "agrees"),
        ("p.R163L (c.488G>T)", "agrees"),
        ("c.488G>T (p.(Arg163Leu))", "agrees"),
        ("c.488G>T (p.Arg163Gly)", "published as p.Arg163Gly; c.488G>T replaces Arg163 by Leu: CGC CCT → CTC CCT"),
    ],
)
def test_a_protein_name_beside_the_dna_change_is_a_label_to_check(cd19: Target, text: str, label_check: str) -> None:
    found = consequence_of(text, cd19)
    assert (found.hgvs_c, found.label_check, found.variant.text) == ("c.488G>T", label_check, text)


def test_a_change_across_an_exon_border_has_one_name_and_its_product_is_pointed_out(cd19: Target) -> None:
    # The last base of exon 3 and the first of its intron are both G: the donor GT stays either way.
    # HGVS names the intron's (c.1704+1del, not c.1704del, in its recommendations on deletions).
    off = SpliceModelUse.OFF
    inside, outside = (consequence_of(text, cd19, splice_model=off) for text in ("c.559del", "c.559+1del"))
    assert inside.hgvs_c == outside.hgvs_c == "c.559+1del"
    assert inside.hgvs_g == outside.hgvs_g
    assert inside.change == outside.change
    assert inside.change.kind is ChangeKind.FRAMESHIFT
    for found in (inside, outside):
        assert any("the same bases result from c.559del" in note for note in found.notes)
    assert outside.alternatives


def test_nonsense_mediated_decay_follows_the_50_nt_rule(cd19: Target) -> None:
    early = consequence_of("c.806C>A", cd19).decay
    assert (early.call, early.stop_to_last_junction_nt) == (Decay.EXPECTED, 1671 + 15 - 807)
    late = consequence_of("p.Arg556Ter", cd19).decay
    assert (late.call, late.stop_to_last_junction_nt) == (Decay.FIFTY_NT, 18)
    assert consequence_of("c.488G>T", cd19).decay == DecayCall()


def test_start_loss_names_the_next_in_frame_met(cd19: Target) -> None:
    found = consequence_of("c.1A>G", cd19)
    assert found.change.kind is ChangeKind.START_LOSS
    assert found.change.positions_lost == tuple(range(1, 16))
    assert any("next in-frame Met is 16" in note for note in found.notes)


def test_stop_loss_says_that_the_rest_is_not_known(cd19: Target) -> None:
    found = consequence_of("c.1669T>C", cd19)
    assert found.change.kind is ChangeKind.STOP_LOSS
    assert any("not known" in note for note in found.notes)


def test_an_intron_is_read_to_its_first_stop_with_the_variant_in_it(cd19: Target) -> None:
    plain = consequence_of("p.Q186sp", cd19).alternatives[1]
    changed = consequence_of("c.559+1G>A", cd19).alternatives[1]
    assert plain.hgvs_p == "p.Asp187GlyfsTer22"
    assert changed.hgvs_p == "p.Leu188MetfsTer21"


def test_an_intron_of_unknown_sequence_is_said_to_be_unknown(cd19: Target) -> None:
    retained = consequence_of("c.1429+1G>A", cd19).alternatives[1]
    assert retained.hgvs_p == "p.?"
    assert "not known far enough" in retained.scenario


def test_the_last_base_of_an_exon_has_a_product_and_alternatives(cd19: Target) -> None:
    found = consequence_of("c.559G>A", cd19, splice_model=SpliceModelUse.OFF)
    assert found.hgvs_p == "p.Asp187Asn"
    assert [item.scenario[:6] for item in found.alternatives] == ["exon 3", "intron"]


def test_a_kept_splice_site_is_not_called_lost(cd19: Target) -> None:
    # Doubling the G of an acceptor AG leaves an AG in front of the exon.
    found = consequence_of("c.996-1dup", cd19, splice_model=SpliceModelUse.OFF)
    assert found.change.kind is ChangeKind.FRAMESHIFT
    assert found.alternatives


def test_residues_far_from_a_border_have_no_splice_site(reference: TranscriptMap) -> None:
    assert splice_site_of_residue(100, reference) is None
    assert str(splice_site_of_residue(119, reference)) == "donor of exon 2"


@pytest.mark.parametrize("text", ["chr1-1000-A-T", "16-1000-A-T", "chr16-28939140-A-T", "c.1373-50del"])
def test_what_could_not_be_checked_is_said(cd19: Target, text: str) -> None:
    assert consequence_of(text, cd19).notes


def test_a_dna_change_that_mimics_an_event_is_told_apart(cd19: Target) -> None:
    found = consequence_of("c.195_324del", cd19)
    assert found.change.kind is ChangeKind.FRAMESHIFT
    assert any("RNA event ex2part" in note for note in found.notes)


LABELS = [
    ("c.183_185del", "p.Phe61del", "agrees"),
    ("c.183_185del", "F61del", "agrees"),
    ("c.183_185del", "c.180_182del", "agrees"),
    ("c.774_775dup", "p.Tyr259CysfsTer9", "agrees"),
    ("c.774_775dup", "p.Tyr259CysfsTer8", "published as"),
    ("c.774_775dup", "p.Y259Tfs", "published as"),
    ("c.559+1G>A", "p.Q186sp", "agrees"),
    ("c.559+1G>A", "p.P278sp", "published as"),
    ("c.183_185del", "p.Gly60del", "not Gly"),
    ("c.183_185del", "nonsense", "not understood"),
    ("p.Phe61del", "c.183_185del", "agrees"),
    ("p.Phe61del", "c.61A>T", "published as"),
    ("ex2part", "p.Met1_Leu151del", "agrees"),
    ("ex2part", "ex2part", "agrees"),
    ("c.488G>T", "p.R163H", "published as p.R163H; c.488G>T replaces Arg163 by Leu: "),
    ("chr16-28933043-G-T", "NM_001770.6:c.488G>T", "agrees"),
]


@pytest.mark.parametrize(("text", "label", "expected"), LABELS)
def test_a_label_is_confirmed_or_contradicted(cd19: Target, text: str, label: str, expected: str) -> None:
    check = consequence_of(Variant(text, label=label), cd19).label_check
    assert expected in check
    assert (check == "agrees") == (expected == "agrees")
    assert "\n" not in check


def test_an_unknown_cohort_is_refused() -> None:
    with pytest.raises(VariantError, match="zhao2021, orlando2018"):
        published_cohort("nobody2020")


def test_tables_are_laid_out_once_for_each_target(cd19: Target) -> None:
    assert transcript_map_of(cd19) is transcript_map_of(cd19)


def test_every_coding_position_maps_both_ways(reference: TranscriptMap) -> None:
    for position in range(1, reference.cds_length + 1):
        place = reference.to_genome(position)
        assert reference.cds_position(place) == position
        assert reference.coding_name(place) == str(position)
        assert reference.bases(place, place) == reference.cds[position - 1]


TRANSCRIPT_ENDS = [
    ("NM_001770.6:n.31A>T", "c.1A>T", "p.Met1?", "start_lost"),
    ("NM_001770.6:517:G:T", "c.488G>T", "p.Arg163Leu", "missense_variant"),
    ("NM_001770.6:n.1A>T", "c.-30A>T", "p.(=)", "5_prime_UTR_variant"),
    ("NM_001770.6:n.1918C>T", "c.*217C>T", "p.(=)", "3_prime_UTR_variant"),
    ("chr16:g.28931970G>T", "", "p.(=)", "upstream_gene_variant"),
    ("chr16:g.28939343G>T", "", "p.(=)", "downstream_gene_variant"),
    ("chr16:g.28939111G>A", "c.*16-30G>A", "p.(=)", "intron_variant"),
    ("chr16:g.28939130C>A", "c.*16-11C>A", "p.(=)", "splice_polypyrimidine_tract_variant,intron_variant"),
    ("chr16:g.28939141C>A", "c.*16C>A", "p.(=)", "splice_region_variant,3_prime_UTR_variant"),
    ("c.*15+1G>A", "c.*15+1G>A", "p.?", "splice_donor_variant"),
]


@pytest.mark.parametrize(("text", "hgvs_c", "hgvs_p", "terms"), TRANSCRIPT_ENDS)
def test_the_transcript_runs_from_28931971_to_28939342(
    cd19: Target, text: str, hgvs_c: str, hgvs_p: str, terms: str
) -> None:
    found = consequence_of(text, cd19)
    assert (found.hgvs_c, found.hgvs_p, found.consequence) == (hgvs_c, hgvs_p, terms)


def test_a_base_of_exon_15_is_known_by_place_and_said_to_be_unchecked(cd19: Target) -> None:
    found = consequence_of("c.*100A>G", cd19)
    assert (found.hgvs_g, found.exon) == ("NC_000016.10:g.28939225A>G", "15/15")
    assert any("was not checked" in note for note in found.notes)


@pytest.mark.parametrize("text", ["p.Met1del", "p.Met1_Arg5del", "c.1_3del"])
def test_a_deletion_of_the_first_residue_is_a_start_loss_unless_met_follows(text: str, cd19: Target) -> None:
    assert consequence_of(text, cd19).change.kind is ChangeKind.START_LOSS
    assert consequence_of("p.Met1_Pro15del", cd19).change.kind is ChangeKind.DELETION
