"""What a change does to splice sites and decay, and the products that may follow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.target import Target, load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.decay import FIFTY_NT, LONG_EXON_NT, NEAR_START_NT, decay_of
from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.outcomes import CrypticSite, EditedGene
from epitope.variant.hgvs.protein import start_loss, substitution
from epitope.variant.hgvs.splice_scores import ScoredSite, SpliceScorer, SpliceScores
from epitope.variant.hgvs.splice_sites import SplicingView, splicing_view
from epitope.variant.hgvs.transcript_map import TranscriptMap, transcript_map_of
from epitope.variant.model import (
    ChangeKind,
    Consequence,
    Decay,
    KozakStrength,
    OutcomeKind,
    SpliceEffect,
    SpliceModelUse,
    SpliceSide,
    SpliceSite,
    SplicingLook,
)
from epitope.variant.splice_model.network import Change
from epitope.variant.splice_model.scores import SiteEvent
from epitope.variant.splice_model.table import Table, pack
from tests.variant.test_minus_strand import LENGTH, MINUS

CD19 = load_target()
REFERENCE = transcript_map_of(CD19)
DONOR_2 = 28932612
DONOR, ACCEPTOR = SpliceSide.DONOR, SpliceSide.ACCEPTOR


def translated(*pieces: tuple[int, int]) -> str:
    """Translate stretches of the chromosome, the first beginning with the start codon, to their stop."""
    start = CD19.transcript.genomic_start
    rna = "".join(CD19.transcript.genomic_sequence[low - start : high - start + 1] for low, high in pieces)
    rna += CD19.transcript.coding_sequence[1372:] if pieces[-1][1] == 28937523 else ""
    return str(Seq(rna[: len(rna) // 3 * 3]).translate()).partition("*")[0]


# Exons 1 to 10 from the start codon on, as GENCODE has them.
EXONS = [(28932001, 28932088), *[(exon.start, exon.end) for exon in CD19.transcript.exons[1:10]]]


def kinds(found: Consequence) -> list[OutcomeKind]:
    return [item.outcome.kind for item in found.alternatives if item.outcome is not None]


# One product, one answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "ex2skip", "EX2SKIP", "c.89_355del", "NM_001770.6:c.89_355del", "c.88+10_355+20del", "c.88+1_355del",
    "c.89-30_355+17del", "chr16:g.28932346_28932612del", "p.Glu30_Ser118del", "E30_S118del", "p.(Glu30_Ser118del)",
])  # fmt: skip
def test_every_spelling_of_exon_2_lost_is_the_published_event(text: str) -> None:
    found, event = consequence_of(text, CD19), consequence_of("ex2skip", CD19)
    assert found.change.protein == event.change.protein == translated(EXONS[0], *EXONS[2:])
    assert found.same_product_as == event.same_product_as == "ex2skip"
    assert found.change.positions_lost == event.change.positions_lost


@pytest.mark.parametrize("text", ["ex2part", "p.Met1_Leu151del", "M1_L151del", "c.1_453del"])
def test_every_spelling_of_the_first_151_residues_lost_is_the_published_event(text: str) -> None:
    found = consequence_of(text, CD19)
    assert found.same_product_as == "ex2part"
    assert found.change.protein == CD19.sequence[151:]


def test_a_skipped_exon_among_the_outcomes_is_the_published_event_too() -> None:
    for text in ("c.89-2A>G", "c.355+2T>C", "c.355+1G>A"):
        skipped = consequence_of(text, CD19).alternatives[0]
        assert (skipped.hgvs_p, skipped.same_product_as) == ("p.Glu30_Ser118del", "ex2skip")


def test_other_products_are_no_published_event() -> None:
    for text in ("c.488G>T", "p.Glu30_Gly117del", "c.560_835del", "c.-10del", "c.195_324del"):
        assert consequence_of(text, CD19).same_product_as == ""


# What was looked at ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["p.Phe61del", "ex2part", "chr1-1000-A-T", "chr16-28931900-C-A", "c.=", "c.100="])
def test_splicing_is_no_question_without_a_change_of_the_gene(text: str) -> None:
    assert consequence_of(text, CD19).splicing is SplicingLook.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["c.1500T>G", "c.1440_1445del", "c.1487-3del"])
def test_where_the_introns_are_not_known_the_model_is_not_run(text: str) -> None:
    found = consequence_of(text, CD19, splice_model=SpliceModelUse.LIVE)
    assert (found.splicing, found.splice_context) == (SplicingLook.NOT_RUN, None)


def test_a_lost_site_without_a_model_is_known_by_its_invariant_bases_alone() -> None:
    found = consequence_of("c.1429+1G>A", CD19, splice_model=SpliceModelUse.LIVE)
    assert found.splicing is SplicingLook.INVARIANT_BASES
    (change,) = found.splice_changes
    assert (change.site, change.effect, change.offset) == (SpliceSite(DONOR, 11), SpliceEffect.ABOLISHED, 1)
    assert change.delta is None
    assert not found.alternatives_complete


@pytest.fixture
def scorer() -> SpliceScorer:
    """Answer from a table of three changes: nothing moves, a donor goes, a donor comes."""
    scorer = SpliceScorer(REFERENCE)

    def at(position: int) -> int:
        return position - REFERENCE.exons[0][0]

    rows = [
        (Change(at(28932500), 1, "A"), ()),
        (Change(at(DONOR_2 + 5), 1, "A"), (SiteEvent("donor", at(DONOR_2), 0, 0.99, 0.25),)),
        (Change(at(28932600), 1, "G"), (SiteEvent("donor", at(28932601), 0, 0.01, 0.71),)),
    ]
    scorer.table = Table(pack(scorer.bases, rows, "test"))
    return scorer


def test_the_table_answers_what_it_holds_and_says_nothing_of_the_rest(scorer: SpliceScorer) -> None:
    def look(position: int, ref: str, alt: str) -> SpliceScores | None:
        return scorer.look(Alleles(position, position, ref, alt), SpliceModelUse.TABLE)

    quiet = look(28932500, "G", "A")
    assert quiet is not None
    assert quiet.sites == ()
    assert quiet.context == (529, 5000)
    lost = look(DONOR_2 + 5, "G", "A")
    assert lost is not None
    assert lost.sites == (ScoredSite(DONOR, DONOR_2, 0, 0.99, 0.25),)
    assert lost.reference_scores == {(DONOR, DONOR_2): 0.99, (DONOR, 28932601): 0.01}
    assert look(28932500, "G", "C") is None


def test_a_live_score_is_that_of_the_network() -> None:
    # c.355+5G>A: the donor of exon 2 goes from 0.99 to 0.25 (docs/splicing.md, from the original).
    found = consequence_of("c.355+5G>A", CD19, splice_model=SpliceModelUse.LIVE)
    assert found.splicing is SplicingLook.MODEL
    first = found.splice_changes[0]
    assert (first.site, first.effect, first.offset, first.position) == (
        SpliceSite(DONOR, 2), SpliceEffect.WEAKENED, 5, DONOR_2,
    )  # fmt: skip
    assert (first.score_before, first.score_after) == (pytest.approx(0.99, abs=0.01), pytest.approx(0.25, abs=0.01))
    # The named product stays possible: half a loss is no loss.
    assert found.hgvs_p == "p.(=)"
    assert kinds(found) == [
        OutcomeKind.EXON_SKIPPED, OutcomeKind.INTRON_RETAINED, OutcomeKind.CRYPTIC_DONOR, OutcomeKind.CRYPTIC_DONOR,
    ]  # fmt: skip
    assert [item.outcome.position - DONOR_2 for item in found.alternatives[2:] if item.outcome] == [61, 125]
    assert not found.alternatives_complete


def test_a_change_that_the_model_finds_harmless_is_looked_at_and_nothing_is_listed() -> None:
    # c.88+5G>A: the donor of exon 1 stays at 1.00 (docs/splicing.md).
    found = consequence_of("c.88+5G>A", CD19, splice_model=SpliceModelUse.LIVE)
    assert (found.splicing, found.splice_changes, found.alternatives) == (SplicingLook.MODEL, (), ())
    assert found.alternatives_complete


def test_gc_in_place_of_gt_may_still_be_a_donor() -> None:
    # c.88+2T>C: the network leaves 0.6 of the donor (docs/splicing.md).
    found = consequence_of("c.88+2T>C", CD19, splice_model=SpliceModelUse.LIVE)
    assert found.change.kind is ChangeKind.UNKNOWN
    assert found.splice_changes[0].effect is SpliceEffect.WEAKENED
    assert kinds(found)[0] is OutcomeKind.AS_NAMED
    assert found.alternatives[0].change.protein == CD19.sequence


# What the scores mean ----------------------------------------------------------------------------------------------


def seen(*sites: ScoredSite, change: Alleles | None = None, known: dict[int, float] | None = None) -> SplicingView:
    """Judge scores given by hand, of a change of one base in intron 2 where no other is given."""
    change = change or Alleles(28932620, 28932620, "A", "C")
    scores = SpliceScores(sites, (0, 0), {(DONOR, position): score for position, score in (known or {}).items()})
    return splicing_view(change, REFERENCE, scores)


@pytest.mark.parametrize(("before", "after", "effect", "lost"), [
    (0.99, 0.05, SpliceEffect.ABOLISHED, True),
    (0.99, 0.48, SpliceEffect.WEAKENED, True),
    (0.99, 0.50, SpliceEffect.WEAKENED, False),
    (0.99, 0.78, SpliceEffect.WEAKENED, False),
    (0.99, 0.80, None, False),
    (0.30, 0.05, SpliceEffect.ABOLISHED, True),
    (0.50, 0.99, None, False),
])  # fmt: skip
def test_an_annotated_site_is_judged_by_what_it_loses_and_keeps(
    before: float, after: float, effect: SpliceEffect | None, lost: bool
) -> None:
    view = seen(ScoredSite(DONOR, DONOR_2, 0, before, after))
    assert [change.effect for change in view.changes] == ([] if effect is None else [effect])
    assert [one.site for one in view.lost] == ([SpliceSite(DONOR, 2)] if lost else [])


@pytest.mark.parametrize(("gain", "noted", "competes"), [(0.19, 0, 0), (0.2, 1, 0), (0.49, 1, 0), (0.5, 1, 1)])
def test_a_new_site_is_noted_from_a_fifth_and_competes_from_a_half(gain: float, noted: int, competes: int) -> None:
    view = seen(ScoredSite(DONOR, DONOR_2 + 61, 0, 0.0, gain))
    assert (len(view.changes), len(view.competing)) == (noted, competes)
    for change in view.changes:
        assert (change.effect, change.offset, change.site) == (SpliceEffect.CREATED, 61, SpliceSite(DONOR, 2))


def test_a_border_that_inserted_bases_take_over_is_the_annotated_site_still() -> None:
    # c.355_355+1insC, as the network scores it: the donor now lies behind the new base, and is weaker.
    insertion = Alleles(DONOR_2 + 1, DONOR_2, "", "C")
    view = seen(ScoredSite(DONOR, DONOR_2, 1, 0.9922, 0.2873), change=insertion)
    assert [(c.site, c.effect) for c in view.changes] == [(SpliceSite(DONOR, 2), SpliceEffect.WEAKENED)]
    assert [one.site for one in view.lost] == [SpliceSite(DONOR, 2)]


def test_a_new_site_at_the_outer_end_of_the_first_exon_is_noted_but_ends_no_exon() -> None:
    view = seen(ScoredSite(ACCEPTOR, 28932050, 0, 0.0, 0.9))
    assert [(c.site, c.effect, c.offset) for c in view.changes] == [
        (SpliceSite(ACCEPTOR, 1), SpliceEffect.CREATED, -79)
    ]
    assert view.competing == ()


def test_the_two_likeliest_cryptic_sites_of_the_same_side_and_place_are_listed() -> None:
    view = seen(
        ScoredSite(DONOR, DONOR_2, 0, 0.99, 0.0),
        ScoredSite(DONOR, DONOR_2 + 61, 0, 0.0, 0.3),
        ScoredSite(ACCEPTOR, DONOR_2 - 100, 0, 0.0, 0.4),
        ScoredSite(DONOR, 28933100, 0, 0.0, 0.45),
        known={DONOR_2 - 50: 0.2, DONOR_2 + 10: 0.15, DONOR_2 + 12: 0.09, DONOR_2: 0.99, 28933114: 0.9},
    )
    assert [(one.position - DONOR_2, one.score) for one in view.lost[0].cryptic] == [(61, 0.3), (-50, 0.2)]


def test_the_last_base_of_an_exon_is_judged_by_the_model_where_there_is_one() -> None:
    last_base = Alleles(DONOR_2, DONOR_2, "G", "A")
    (kept,) = seen(change=last_base).changes
    assert (kept.effect, kept.offset) == (SpliceEffect.NONE, -1)
    without = splicing_view(last_base, REFERENCE, None)
    assert [change.effect for change in without.changes] == [SpliceEffect.WEAKENED]
    assert without.lost


def test_a_site_that_goes_with_its_exon_or_its_intron_is_not_called_lost() -> None:
    for text in ("c.88+10_355+20del", "c.89_355del", "c.88+1_89-1del", "c.85_95del"):
        found = consequence_of(text, CD19)
        assert (found.splice_changes, found.alternatives) == ((), ())


def test_a_gene_on_the_minus_strand_has_the_same_sites_at_mirrored_places() -> None:
    for text in ("c.355+2T>C", "c.559G>A", "c.89-2A>G"):
        plus, minus = (consequence_of(text, one, splice_model=SpliceModelUse.OFF) for one in (CD19, MINUS))
        assert [(c.site, c.effect, c.offset) for c in plus.splice_changes] == [
            (c.site, c.effect, c.offset) for c in minus.splice_changes
        ]
        assert [c.position for c in minus.splice_changes] == [LENGTH + 1 - c.position for c in plus.splice_changes]
    gene = EditedGene(transcript_map_of(MINUS))
    at = LENGTH + 1 - (DONOR_2 + 61)
    beyond = gene.cryptic(SpliceSite(DONOR, 2), CrypticSite(DONOR, transcript_map_of(MINUS).chromosome_position(at)))
    assert beyond is not None
    assert (beyond.rna.position, beyond.described.hgvs) == (at, "p.Leu121GlyfsTer65")


# Products ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, 10))
def test_a_retained_intron_is_translated_as_it_stands_in_the_genome(number: int) -> None:
    outcome = EditedGene(REFERENCE).retained(number)
    assert outcome is not None
    merged = (EXONS[number - 1][0], EXONS[number][1])
    assert outcome.described.change.protein == translated(*EXONS[: number - 1], merged, *EXONS[number + 1 :])
    assert outcome.rna.bases == EXONS[number][0] - EXONS[number - 1][1] - 1


@pytest.mark.parametrize("number", range(2, 10))
def test_a_skipped_exon_is_left_out_of_the_translation(number: int) -> None:
    outcome = EditedGene(REFERENCE).skipped(number)
    assert outcome is not None
    assert outcome.described.change.protein == translated(*EXONS[: number - 1], *EXONS[number:])


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 9), st.sampled_from([DONOR, ACCEPTOR]), st.data())
def test_a_cryptic_site_gives_the_protein_of_the_exon_that_ends_or_begins_there(
    number: int, side: SpliceSide, data: st.DataObject
) -> None:
    (start, end), index = EXONS[number - 1], number - 1
    low, high = (start, EXONS[number][0] - 1) if side is DONOR else (EXONS[index - 1][1] + 1, end)
    border = data.draw(st.integers(low, high).filter(lambda at: at not in (start, end)))
    beside = REFERENCE.bases(border + 1, border + 2) if side is DONOR else REFERENCE.bases(border - 2, border - 1)
    outcome = EditedGene(REFERENCE).cryptic(SpliceSite(side, number), CrypticSite(side, border))
    if beside not in (("GT", "GC") if side is DONOR else ("AG",)):
        assert outcome is None
        return
    assert outcome is not None
    exon = (start, border) if side is DONOR else (border, end)
    assert outcome.described.change.protein == translated(*EXONS[:index], exon, *EXONS[number:])
    assert outcome.rna.bases == (border - end if side is DONOR else start - border)


def test_a_cryptic_donor_in_the_exon_shortens_it_and_one_in_the_intron_lengthens_it() -> None:
    gene = EditedGene(REFERENCE)
    inside = gene.cryptic(SpliceSite(DONOR, 1), CrypticSite(DONOR, 28932081))
    beyond = gene.cryptic(SpliceSite(DONOR, 2), CrypticSite(DONOR, DONOR_2 + 61))
    assert inside is not None
    assert beyond is not None
    assert (inside.rna.bases, beyond.rna.bases) == (-7, 61)
    assert (inside.described.hgvs, beyond.described.hgvs) == ("p.Val28ArgfsTer21", "p.Leu121GlyfsTer65")


def test_a_deletion_from_exon_to_intron_is_read_on_into_what_is_left_of_the_intron() -> None:
    # From the middle of exon 2 to 30 bases in front of exon 4: introns 2 and exon 3 go whole.
    found = consequence_of("c.200_560-30del", CD19, splice_model=SpliceModelUse.OFF)
    assert kinds(found) == [OutcomeKind.EXON_SKIPPED, OutcomeKind.INTRON_RETAINED]
    end_of_exon_2 = REFERENCE.to_genome(199)
    left, right = (EXONS[1][0], end_of_exon_2), (EXONS[3][0] - 29, EXONS[3][1])
    assert found.alternatives[0].change.protein == translated(EXONS[0], *EXONS[3:])
    made = translated(EXONS[0], left, right, *EXONS[4:])
    assert found.alternatives[1].change.protein == made
    back = consequence_of("c.88+30_400del", CD19, splice_model=SpliceModelUse.OFF)
    assert kinds(back) == [OutcomeKind.EXON_SKIPPED, OutcomeKind.INTRON_RETAINED]
    assert back.alternatives[0].change.protein == translated(EXONS[0], *EXONS[3:])
    first = (EXONS[0][0], EXONS[0][1] + 29)
    assert back.alternatives[1].change.protein == translated(first, (REFERENCE.to_genome(401), EXONS[2][1]), *EXONS[3:])


def test_a_whole_exon_with_its_flanks_twice_may_be_spliced_in_twice() -> None:
    for text in ("c.89-46_355+88dup", "chr16:g.28932300_28932700dup"):
        found = consequence_of(text, CD19)
        assert found.change.kind is ChangeKind.UNKNOWN
        assert kinds(found) == [OutcomeKind.TANDEM_EXON, OutcomeKind.AS_NAMED]
        tandem = found.alternatives[0]
        assert tandem.hgvs_p == "p.Glu30_Ser118dup"
        assert tandem.change.protein == translated(EXONS[0], EXONS[1], *EXONS[1:])
        assert not found.alternatives_complete


def test_an_exon_doubled_without_what_splicing_needs_is_one_long_exon() -> None:
    found = consequence_of("c.89_355dup", CD19)
    assert found.hgvs_p == "p.Glu30_Ser118dup"
    assert OutcomeKind.TANDEM_EXON not in kinds(found)


@pytest.mark.parametrize(("text", "first_lost"), [
    ("chr16:g.28934000_28939400del", 279), ("chr16:g.28936000_28939400del", 316),
])  # fmt: skip
def test_the_end_of_the_gene_lost_is_said_as_a_fact(text: str, first_lost: int) -> None:
    found = consequence_of(text, CD19)
    assert found.change.transcript_end_lost
    assert found.change.kind is ChangeKind.STOP_LOSS
    assert found.change.positions_lost == tuple(range(first_lost, 557))
    assert found.change.protein is None


def test_a_lost_stop_codon_alone_is_not_the_end_of_the_gene() -> None:
    for text in ("c.1669T>C", "c.1600_*5del", "p.Ter557Argext"):
        found = consequence_of(text, CD19)
        assert found.change.kind is ChangeKind.STOP_LOSS
        assert not found.change.transcript_end_lost


def test_an_intron_cleanly_gone_leaves_the_messenger_as_it_is() -> None:
    for number, (first, last) in enumerate(REFERENCE.introns[:9], 1):
        found = consequence_of(f"chr16:g.{first}_{last}del", CD19)
        assert found.change.protein == CD19.sequence
        assert any(f"intron {number} is cleanly gone" in note for note in found.notes)


@pytest.mark.parametrize("text", ["c.1_1671inv", "c.-20_*5del", "chr16:g.28930000_28932100del"])
def test_no_protein_is_made_where_nothing_is_left_to_start_from(text: str) -> None:
    found = consequence_of(text, CD19)
    assert (found.hgvs_p, found.change.protein) == ("p.0?", "")
    assert found.change.positions_lost == tuple(range(1, 557))


# Nonsense-mediated decay -------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 556))
def test_the_call_on_decay_follows_the_published_distances(position: int) -> None:
    found = decay_of(substitution(REFERENCE, position, "*").change, REFERENCE)
    # From the exons as GENCODE has them: 30 nt of 5' UTR, 15 nt of 3' UTR in exon 14, then the last junction.
    stop = 3 * position
    bounds = [(exon.cds_start, exon.cds_end, exon.end - exon.start + 1) for exon in CD19.transcript.exons[:14]]
    exon_nt = next(length for start, end, length in bounds if start and end and start <= stop <= end)
    assert found.stop_to_last_junction_nt == 1671 + 15 - stop
    assert found.start_to_stop_nt == stop - 3
    assert found.stop_exon_nt == exon_nt
    if 1686 - stop <= FIFTY_NT:
        assert found.call is Decay.FIFTY_NT
    elif stop - 3 < NEAR_START_NT:
        assert found.call is Decay.NEAR_START
    else:
        # No exon of CD19 is longer than 400 nt.
        assert exon_nt <= LONG_EXON_NT
        assert found.call is Decay.EXPECTED


@pytest.mark.parametrize(("lengths", "call"), [
    ([2000], Decay.LAST_EXON),
    ([632, 2000], Decay.LAST_EXON),
    ([633, 2000], Decay.FIFTY_NT),
    ([300, 383, 300], Decay.FIFTY_NT),
    ([300, 384, 300], Decay.EXPECTED),
    ([300, 400, 300], Decay.EXPECTED),
    ([300, 401, 300], Decay.LONG_EXON),
])  # fmt: skip
def test_each_rule_has_its_place(lengths: list[int], call: Decay) -> None:
    # A stop at residue 201: its codon ends 633 nt behind the cap, 30 of them 5' UTR.
    assert decay_of(substitution(REFERENCE, 201, "*").change, REFERENCE, lengths).call is call


def test_a_protein_name_gives_a_call_where_it_tells_the_stop() -> None:
    dna, named = consequence_of("c.774_775dup", CD19).decay, consequence_of("p.Tyr259CysfsTer9", CD19).decay
    assert named.call is dna.call is Decay.EXPECTED
    assert named.start_to_stop_nt == dna.start_to_stop_nt == 3 * (258 + 8)
    assert consequence_of("p.Tyr259fs", CD19).decay.call is Decay.UNKNOWN
    assert consequence_of("p.Phe61del", CD19).decay.call is Decay.NOT_APPLICABLE


def test_a_change_of_the_exons_moves_the_last_junction_with_it() -> None:
    # 11 coding bases and an intron go: exons 1 and 2 are one, the last junction is 11 nt nearer.
    found = consequence_of("c.85_95del", CD19)
    assert found.change.kind is ChangeKind.NONSENSE
    residues = len(found.change.protein or "")
    assert found.decay.stop_to_last_junction_nt == 1686 - 11 - 3 * (residues + 1)
    assert found.decay.stop_exon_nt == 118 + 267 - 11


# Start loss --------------------------------------------------------------------------------------------------------


def test_the_next_met_is_given_with_its_kozak_context(cd19: Target) -> None:
    for text in ("c.1A>G", "c.2T>C", "p.Met1?", "p.Met1Val"):
        restart = consequence_of(text, cd19).change.restart
        assert restart is not None
        assert (restart.residue, restart.base, restart.strength) == (16, 46, KozakStrength.ADEQUATE)
        assert restart.context == cd19.transcript.coding_sequence[45 - 6 : 45 + 4] == "ACCCCCATGG"
        assert restart.passed == ()


@pytest.mark.parametrize(("context", "strength"), [
    ("GCCACCATGG", KozakStrength.STRONG), ("GCCGCCATGG", KozakStrength.STRONG), ("GCCACCATGT", KozakStrength.ADEQUATE),
    ("GCCTCCATGG", KozakStrength.ADEQUATE), ("GCCTCCATGA", KozakStrength.WEAK),
])  # fmt: skip
def test_a_context_is_strong_by_a_purine_at_minus_3_and_g_at_plus_4(context: str, strength: KozakStrength) -> None:
    cds = "ATGCAC" + context + CD19.transcript.coding_sequence[16:]
    out_of_frame = "ATGGATGCA" + context + CD19.transcript.coding_sequence[19:]
    for coding, passed in ((cds, 0), (out_of_frame, 1)):
        assert coding.index(context) % 3 == 0
        made = str(Seq(coding).translate(to_stop=True))
        target = replace(CD19, sequence=made, known_transcript=replace(CD19.transcript, coding_sequence=coding))
        reference = TranscriptMap(target)
        restart = start_loss(reference).change.restart
        assert restart is not None
        assert (restart.context, restart.strength) == (context, strength)
        assert len(restart.passed) == passed


def test_a_target_without_a_transcript_has_a_next_met_and_no_context() -> None:
    found = consequence_of("p.Met1?", replace(CD19, known_transcript=None)).change
    assert (found.protein, found.restart) == (CD19.sequence[15:], None)
    stop = consequence_of("p.Tyr500Ter", replace(CD19, known_transcript=None))
    assert stop.decay.call is Decay.UNKNOWN
