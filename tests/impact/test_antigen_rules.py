"""Rules on the antigen: signal peptide, membrane, tail, splicing, start, and one answer for one product."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

import epitope
from epitope.features.membrane import insertion_energy
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.model import Question, Verdict
from epitope.impact.verdicts.rules import Case, evidence_of, gravest
from epitope.impact.verdicts.rules.signal_peptide import signal_parts
from epitope.target import load_target
from epitope.target.model import Location, RegionKind, TopologyRegion
from epitope.variant import consequence_of
from epitope.variant.model import (
    ChangeKind,
    Consequence,
    KozakStrength,
    OutcomeKind,
    ProteinChange,
    RnaOutcome,
    SpliceChange,
    SpliceEffect,
    SpliceSide,
    SpliceSite,
    SplicingLook,
    StartCodon,
    Variant,
)

CD19 = load_target()
ANSWERS = ("antigen", "fold", "epitope")


@pytest.fixture(scope="module")
def assessor():
    return Assessor(epitope.load())


def assess(assessor, text):
    return assessor.assess(consequence_of(text, CD19))


def answers(assessment):
    return tuple(str(getattr(assessment, question)) for question in ANSWERS)


def fired(assessment):
    return {evidence.rule for evidence in assessment.evidence}


def antigen_of(assessor, target, text):
    """Answer the antigen question for another target on the same residues."""
    case = Case(consequence_of(text, target), target, assessor.sites, assessor.buried_area_A2)
    evidence = evidence_of(case)
    return gravest(Question.ANTIGEN, evidence), evidence


def with_regions(*regions):
    return replace(
        CD19, regions=tuple(TopologyRegion(kind.value, start, end, "uniprot", kind) for kind, start, end in regions)
    )


OUT, IN, MEMBRANE = RegionKind.EXTRACELLULAR, RegionKind.CYTOPLASMIC, RegionKind.TRANSMEMBRANE
FOUR_PASS = with_regions(
    (IN, 1, 20), (MEMBRANE, 21, 42), (OUT, 43, 100), (MEMBRANE, 101, 121), (IN, 122, 200), (MEMBRANE, 201, 221),
    (OUT, 222, 291), (MEMBRANE, 292, 313), (IN, 314, 556),
)  # fmt: skip
TYPE_II = with_regions((IN, 1, 30), (MEMBRANE, 31, 52), (OUT, 53, 556))


# --- membrane ---------------------------------------------------------------------------------------------------------


def test_the_insertion_energy_is_that_of_the_published_predictor():
    # The value that a port of the authors' own program prints for this segment.
    assert insertion_energy("VTRMVIIMVIAFLICWLPYA") == pytest.approx(-2.2780845419344122, abs=1e-12)


def test_a_charge_costs_most_in_the_middle_of_the_membrane():
    segment = "L" * 21
    cost = [insertion_energy(segment[:i] + "K" + segment[i + 1 :]) for i in range(21)]
    assert cost.index(max(cost)) == 10
    assert cost[0] < cost[5] < cost[10] > cost[15] > cost[20]


def test_a_segment_too_short_for_the_scale_is_refused():
    with pytest.raises(ValueError, match="8 residues are too short"):
        insertion_energy("LLLLLLLL")


@pytest.mark.parametrize("variant", ["V295P", "V295K", "V295D", "L307R", "p.Leu300_Ile301insLysLys"])
def test_what_does_not_suit_the_membrane_puts_the_antigen_at_risk(assessor, variant):
    result = assess(assessor, variant)
    assert result.antigen is Verdict.AT_RISK
    piece = next(e for e in result.evidence if e.rule == "antigen.membrane_insertion")
    assert piece.value >= 0.6 == piece.threshold


@pytest.mark.parametrize("variant", ["V295I", "V295L", "p.Val308Ile", "H312R"])
def test_a_conservative_change_in_the_membrane_is_intact_and_was_looked_at(assessor, variant):
    result = assess(assessor, variant)
    assert result.antigen is Verdict.INTACT
    assert "antigen.membrane_insertion" in fired(result)
    assert "looked at" in result.mechanism


def test_every_substitution_in_the_membrane_is_judged_by_its_cost(assessor):
    region = CD19.regions_of(MEMBRANE)[0]
    before = CD19.sequence[region.start - 1 : region.end]
    found = set()
    for position, alternate in itertools.product(region.positions, "AGILPKDS"):
        if alternate == CD19.residue(position):
            continue
        index = position - region.start
        cost = insertion_energy(before[:index] + alternate + before[index + 1 :]) - insertion_energy(before)
        verdict = assess(assessor, f"p.{CD19.residue(position)}{position}{alternate}").antigen
        assert verdict is (Verdict.AT_RISK if cost >= 0.6 else Verdict.INTACT), (position, alternate)
        found.add(verdict)
    assert len(found) == 2


def test_without_the_only_membrane_segment_the_antigen_is_lost(assessor):
    result = assess(assessor, "p.Ser293_Leu307del")
    assert result.antigen is Verdict.LOST
    assert "cannot be anchored" in result.mechanism


def test_one_of_several_membrane_segments_lost_is_a_risk_with_a_sentence_of_its_own(assessor):
    verdict, evidence = antigen_of(assessor, FOUR_PASS, f"p.{CD19.residue(105)}105_{CD19.residue(115)}115del")
    assert verdict is Verdict.AT_RISK
    piece = next(e for e in evidence if e.rule == "antigen.transmembrane_lost")
    assert piece.sentence.startswith("1 of 4 transmembrane segments (101-121) are lost")


@pytest.mark.parametrize("region", FOUR_PASS.regions_of(MEMBRANE))
def test_every_segment_of_a_multi_pass_protein_is_looked_at(assessor, region):
    middle = (region.start + region.end) // 2
    text = f"p.{CD19.residue(middle)}{middle}{'K' if CD19.residue(middle) != 'K' else 'D'}"
    _, evidence = antigen_of(assessor, FOUR_PASS, text)
    assert [e.rule for e in evidence if e.rule == "antigen.membrane_insertion"] == ["antigen.membrane_insertion"]


def test_a_protein_without_signal_peptide_needs_none(assessor):
    verdict, evidence = antigen_of(assessor, TYPE_II, "p.Leu6Pro")
    assert verdict is Verdict.INTACT
    assert not any(e.rule.startswith("antigen.signal_peptide") for e in evidence)


@pytest.mark.parametrize("text", ["R163L", "L6P", "p.Phe61del", "p.=", "p.Gly400Arg"])
def test_without_topology_the_antigen_is_never_intact(assessor, text):
    verdict, evidence = antigen_of(assessor, replace(CD19, regions=()), text)
    assert verdict is Verdict.NOT_ASSESSABLE
    assert "No topology" in " ".join(e.sentence for e in evidence)


def test_a_position_that_the_topology_leaves_out_is_not_assessable(assessor):
    verdict, _ = antigen_of(assessor, with_regions((OUT, 20, 100), (MEMBRANE, 292, 313), (IN, 314, 556)), "R163L")
    assert verdict is Verdict.NOT_ASSESSABLE


def test_the_inner_flank_without_a_positive_residue_does_not_hold_the_segment(assessor):
    flank = CD19.sequence[313:323]
    assert sum(letter in "KR" for letter in flank) >= 4
    result = assess(assessor, "p.Gln314_Arg323del")
    lost = next(e for e in result.evidence if e.rule == "antigen.stop_transfer")
    assert (lost.value, result.antigen) == (0, Verdict.AT_RISK)
    one = next(e for e in assess(assessor, "R315Q").evidence if e.rule == "antigen.stop_transfer")
    assert one.verdict is Verdict.INTACT


# --- signal peptide ---------------------------------------------------------------------------------------------------


def test_the_core_of_the_signal_peptide_lies_between_the_last_charge_and_position_minus_6():
    parts = signal_parts(CD19.regions[0], CD19.sequence)
    assert [CD19.sequence[part.start - 1 : part.stop - 1] for part in (parts.front, parts.core, parts.end)] == [
        "MPPPR", "LLFFLLFLT", "PMEVR",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("variant", "antigen", "rule"),
    [
        ("L6P", "at risk", "antigen.signal_peptide_core"),
        ("L10D", "at risk", "antigen.signal_peptide_core"),
        ("L10N", "at risk", "antigen.signal_peptide_core"),
        ("L10S", "not assessable", "antigen.signal_peptide_core"),
        ("L10V", "intact", "antigen.signal_peptide_core"),
        ("T14S", "intact", "antigen.signal_peptide_core"),
        ("p.Leu10del", "at risk", "antigen.signal_peptide_core"),
        ("p.Leu6_Leu11del", "lost", "antigen.signal_peptide_lost"),
        ("p.Leu10_Leu11insArg", "at risk", "antigen.signal_peptide_core"),
        ("p.Leu10_Leu11insLeu", "intact", "antigen.signal_peptide_core"),
        ("P2K", "intact", "antigen.signal_peptide_front"),
        ("R5E", "not assessable", "antigen.signal_peptide_front"),
        ("M16L", "intact", "antigen.cleavage_site"),
        ("R19A", "not assessable", "antigen.cleavage_site"),
    ],
)
def test_each_part_of_the_signal_peptide_is_judged_by_what_it_is_for(assessor, variant, antigen, rule):
    result = assess(assessor, variant)
    assert result.antigen == antigen
    assert rule in fired(result)


def test_a_cleavage_site_that_follows_the_rule_is_judged_by_it(assessor):
    # CD19's own site breaks the rule, so another one is made up where its sequence follows it.
    ends = [p for p in range(30, 120) if CD19.residue(p) in "AGSCT" and CD19.residue(p - 2) in "AGSCTVIL"]
    end = next(p for p in ends if "P" not in CD19.sequence[p - 3 : p + 1] and _core_is_long(p))
    target = with_regions(
        (RegionKind.SIGNAL_PEPTIDE, 1, end), (OUT, end + 1, 291), (MEMBRANE, 292, 313), (IN, 314, 556)
    )
    small, large, proline = (f"p.{CD19.residue(end)}{end}{new}" for new in _others(CD19.residue(end)))
    found = {text: antigen_of(assessor, target, text)[1] for text in (small, large, proline)}
    said = [next(e.verdict for e in pieces if e.rule == "antigen.cleavage_site") for pieces in found.values()]
    assert said == [Verdict.INTACT, Verdict.AT_RISK, Verdict.AT_RISK]


def _core_is_long(end):
    return signal_parts(TopologyRegion("signal peptide", 1, end, "uniprot"), CD19.sequence) is not None


def _others(letter):
    return ("A" if letter != "A" else "G"), "W", "P"


@pytest.mark.parametrize(("variant", "expected"), [("P2K", "intact"), ("L10V", "intact"), ("L6P", "not assessable")])
def test_a_signal_peptide_that_is_cut_off_touches_neither_fold_nor_epitope(assessor, variant, expected):
    result = assess(assessor, variant)
    assert (result.fold, result.epitope) == (expected, expected)
    said = [e.sentence for e in result.evidence if "cut off" in e.sentence]
    assert len(said) == 2 and len(set(said)) == 1
    assert result.mechanism.count("cut off") <= 1
    assert result.not_assessed == ()


# --- start ------------------------------------------------------------------------------------------------------------


def test_a_lost_start_is_judged_by_what_the_next_met_leaves_of_the_signal_peptide(assessor):
    result = assess(assessor, "p.Met1Val")
    assert answers(result) == ("lost", "not assessable", "not assessable")
    assert "Met16" in result.mechanism and "signal peptide" in result.mechanism
    assert "not known" not in result.mechanism


def test_a_next_met_in_front_of_the_signal_peptide_or_without_one_is_a_risk_only(assessor):
    verdict, evidence = antigen_of(assessor, TYPE_II, "p.Met1Val")
    assert verdict is Verdict.AT_RISK
    assert "Met16" in next(e.sentence for e in evidence if e.rule == "antigen.start_lost")


def test_the_kozak_context_of_the_next_start_is_told(assessor):
    found = consequence_of("p.Met1Val", CD19)
    start = StartCodon(46, "CCGCCTATGG", KozakStrength.WEAK, 16)
    said = assessor.assess(replace(found, change=replace(found.change, restart=start))).mechanism
    assert "weak Kozak context CCGCCTATGG" in said


@pytest.mark.parametrize("change", [
    ProteinChange(ChangeKind.START_LOSS, 1, 1, "M", ""),
    ProteinChange(ChangeKind.START_LOSS, 1, 556, CD19.sequence, "", tuple(range(1, 557)), (), None, ""),
])  # fmt: skip
def test_without_any_start_all_is_lost(assessor, change):
    result = assessor.assess(Consequence(Variant("p.0"), change, ("start_lost",)))
    assert answers(result) == ("lost", "lost", "lost")


# --- end --------------------------------------------------------------------------------------------------------------


def test_decay_and_the_loss_of_a_few_residues_weigh_differently(assessor):
    early, late = assess(assessor, "Tyr500Ter"), assess(assessor, "Met550Ter")
    assert (early.antigen, late.antigen) == ("at risk", "intact")
    decay = {
        text: next(e for e in found.evidence if e.rule == "antigen.rna_decay")
        for text, found in (("early", early), ("late", late))
    }
    assert (decay["early"].verdict, decay["late"].verdict) == (Verdict.AT_RISK, Verdict.INTACT)
    lost = {
        text: next(e for e in found.evidence if e.rule == "antigen.truncated").sentence
        for text, found in (("early", early), ("late", late))
    }
    assert "57 of 243 residues" in lost["early"] and "Tyr500, Tyr531 (sites of Lyn and PI 3-kinase)" in lost["early"]
    assert "7 of 243 residues" in lost["late"] and "no listed motif" in lost["late"]
    assert "which the antibody does not need to bind" in lost["late"]


def test_a_frameshift_of_which_the_stop_is_not_known_leaves_decay_open(assessor):
    result = assess(assessor, "p.Tyr500fs")
    assert next(e for e in result.evidence if e.rule == "antigen.rna_decay").verdict is Verdict.NOT_ASSESSABLE
    assert result.antigen is Verdict.NOT_ASSESSABLE


def test_every_motif_of_the_target_is_a_tyrosine_inside_the_cell():
    positions = [p for motif in CD19.motifs for p in motif.positions]
    inside = CD19.regions_of(IN)[0]
    assert sorted(positions) == [p for p in inside.positions if CD19.residue(p) == "Y"]
    assert all(CD19.sequence[p - 1] + CD19.sequence[p + 2] == "YM" for p in CD19.motifs[0].positions)


def test_a_change_of_the_tail_names_the_motif_that_it_touches(assessor):
    result = assess(assessor, "Y531F")
    assert answers(result) == ("intact", "not assessable", "intact")
    assert "Tyr531 (sites of Lyn and PI 3-kinase)" in result.mechanism


def test_a_transcript_without_its_end_loses_the_antigen(assessor):
    lost = tuple(range(279, 557))
    change = ProteinChange(ChangeKind.STOP_LOSS, 279, 557, "", "", lost, transcript_end_lost=True)
    result = assessor.assess(Consequence(Variant("g.del"), change, ("stop_lost",)))
    assert result.antigen is Verdict.LOST
    piece = next(e for e in result.evidence if e.rule == "antigen.transcript_end_lost")
    assert "no stop codon" in piece.sentence and "no transmembrane segment" in piece.sentence


# --- splicing ---------------------------------------------------------------------------------------------------------

DONOR_1 = SpliceSite(SpliceSide.DONOR, 1)


def spliced(text, look, *changes):
    return replace(consequence_of(text, CD19), splicing=look, splice_changes=changes)


def weakened(before, after):
    return SpliceChange(DONOR_1, SpliceEffect.WEAKENED, 5, 28932088, before, after)


def created(after):
    return SpliceChange(DONOR_1, SpliceEffect.CREATED, -4, 28932084, 0.01, after)


@pytest.mark.parametrize("text", ["c.88+5G>A", "c.88+3A>G", "c.89-5C>G"])
@pytest.mark.parametrize("look", [SplicingLook.NOT_RUN, SplicingLook.INVARIANT_BASES])
def test_a_change_near_a_splice_site_that_nobody_looked_at_is_not_assessable(assessor, text, look):
    result = assessor.assess(spliced(text, look))
    assert answers(result) == ("not assessable",) * 3
    assert not result.mechanism.startswith("The protein is unchanged")
    assert any(reason.startswith("Splicing: ") for reason in result.not_assessed)


@pytest.mark.parametrize(
    ("changes", "antigen", "word"),
    [
        ((), "intact", "sees no site change"),
        ((weakened(0.99, 0.85),), "intact", "sees no site change"),
        ((weakened(0.99, 0.70),), "intact", "weak effect"),
        ((weakened(0.99, 0.45),), "at risk", "expects another RNA"),
        ((created(0.40),), "intact", "weak effect"),
        ((created(0.62),), "at risk", "a new donor arises (0.01 → 0.62), 4 bases into the exon"),
    ],
)
def test_what_the_splice_model_saw_decides_and_is_told(assessor, changes, antigen, word):
    result = assessor.assess(spliced("c.88+5G>A", SplicingLook.MODEL, *changes))
    assert result.antigen == antigen
    assert word in result.mechanism
    assert "protein is unchanged" not in result.mechanism
    assert any(reason.startswith("Splicing: ") for reason in result.not_assessed) is not bool(changes)


def test_a_missense_change_far_from_any_site_stays_intact_and_says_that_no_model_was_run(assessor):
    result = assessor.assess(spliced("c.520C>G", SplicingLook.NOT_RUN))
    assert answers(result) == ("intact", "intact", "intact")
    assert any("no splice model was run" in reason for reason in result.not_assessed)


def outcome(text, kind=OutcomeKind.EXON_SKIPPED):
    return replace(consequence_of(text, CD19), outcome=RnaOutcome(kind, 2, -3, text=text))


def open_product(*texts, complete=False):
    return Consequence(
        Variant("c.89-2A>G"),
        ProteinChange(ChangeKind.UNKNOWN),
        ("splice_acceptor_variant",),
        alternatives=tuple(outcome(text) for text in texts),
        alternatives_complete=complete,
    )


def test_lost_is_said_only_where_every_listed_product_is_lost(assessor):
    lost = assessor.assess(open_product("ex2skip", "p.Leu225Ter"))
    assert lost.antigen is Verdict.LOST
    mixed = assessor.assess(open_product("ex2skip", "p.Leu225Ter", "p.Phe61del"))
    assert mixed.antigen is Verdict.AT_RISK
    for result in (lost, mixed):
        assert "the list is not complete" in result.mechanism
        pieces = [e for e in result.evidence if e.rule == "antigen.possible_products"]
        assert len(pieces) == 1 and "the list is not complete" in pieces[0].sentence


def test_sound_products_in_an_incomplete_list_are_not_yet_sound(assessor):
    assert assessor.assess(open_product("R163K")).antigen is Verdict.NOT_ASSESSABLE
    assert assessor.assess(open_product("R163K", complete=True)).antigen is Verdict.INTACT


def test_products_beside_the_named_one_count_where_the_model_expects_them(assessor):
    found = replace(spliced("c.88+5G>A", SplicingLook.MODEL, weakened(0.99, 0.1)), alternatives=(outcome("ex2skip"),))
    assert answers(assessor.assess(found)) == ("at risk",) * 3
    calm = replace(found, splice_changes=(weakened(0.99, 0.95),))
    assert answers(assessor.assess(calm)) == ("intact",) * 3


# --- quality control and published location ---------------------------------------------------------------------------


@pytest.mark.parametrize("product", ["p.Gly119_Gln186del", "p.Asp187_Pro278del"])
def test_exon_3_or_4_skipped_in_frame_puts_the_antigen_at_risk(assessor, product):
    result = assess(assessor, product)
    assert (result.antigen, result.fold) == ("at risk", "lost")
    assert "quality control of the endoplasmic reticulum" in result.mechanism


def test_a_published_location_wins_over_quality_control(assessor):
    intracellular = assess(assessor, "ex2skip")
    assert intracellular.antigen is Verdict.LOST
    event = CD19.isoform("ex2skip")
    statement = replace(event.statements[0], location=Location.MEMBRANE)
    moved = replace(CD19, isoforms=(CD19.isoform("ex2part"), replace(event, statements=(statement,))))
    verdict, evidence = antigen_of(assessor, moved, "p.Glu30_Ser118del")
    assert verdict is Verdict.INTACT
    assert "antigen.retained_unfolded" not in {e.rule for e in evidence}


def spellings(event):
    """Write the product of an RNA event in every way that surely makes it."""
    first, last = event.lost_start, event.lost_end
    yield event.name
    yield event.name.upper()
    yield f"p.{CD19.residue(first)}{first}_{CD19.residue(last)}{last}del"
    if event.junction_shifts == 1:
        yield f"c.{event.cds_start}_{event.cds_end}del"
        yield f"NM_001770.6:c.{event.cds_start}_{event.cds_end}del"
        for before, behind in ((10, 20), (12, 9), (30, 30)):
            yield f"c.{event.cds_start - 1}+{before}_{event.cds_end}+{behind}del"


@pytest.mark.parametrize("event", CD19.isoforms, ids=lambda event: event.name)
def test_one_product_has_one_verdict_however_it_is_written(assessor, event):
    texts = list(spellings(event))
    found = {text: answers(assess(assessor, text)) for text in texts}
    assert len(texts) >= 3
    assert set(found.values()) == {answers(assess(assessor, event.name))}, found


@pytest.mark.parametrize("text", ["c.183_185del", "c.179 CCTT>C", "p.F61del", "c.488G>T", "c.806C>A", "c.520C>G"])
def test_a_dna_change_and_its_protein_change_get_the_same_verdicts(assessor, text):
    found = consequence_of(text, CD19)
    assert answers(assessor.assess(found)) == answers(assess(assessor, found.hgvs_p))


# --- never intact where nothing was looked at ---------------------------------------------------------------------


SAMPLE = [
    *(f"p.{CD19.residue(p)}{p}{'A' if CD19.residue(p) != 'A' else 'G'}" for p in range(2, 557, 7)),
    *(f"p.{CD19.residue(p)}{p}del" for p in range(2, 557, 11)),
    *("p.?", "p.=", "p.0", "p.Met1?", "p.Ter557Glnext*?", "p.Leu300fs", "p.Tyr500fs", "p.Arg19_Pro20insAla", "ex2part"),
]


def test_intact_always_comes_with_evidence(assessor):
    for text in SAMPLE:
        result = assess(assessor, text)
        for question in Question:
            said = [e for e in result.evidence if e.question is question]
            verdict = getattr(result, question.value)
            assert said or verdict is Verdict.NOT_ASSESSABLE, (text, question)
            assert verdict is not Verdict.INTACT or {e.verdict for e in said} == {Verdict.INTACT}, (text, question)


def test_an_unknown_product_is_not_assessable_three_times(assessor):
    result = assess(assessor, "p.?")
    assert answers(result) == ("not assessable",) * 3
    assert {e.question for e in result.evidence} == set(Question)


def test_no_sentence_has_two_colons_in_one_reason(assessor):
    for text in [*SAMPLE, "p.Phe61del", "W52R", "Tyr500Ter", "L6P", "c.806C>A"]:
        mechanism = assess(assessor, text).mechanism
        assert all(part.count(": ") <= 1 for part in mechanism.split("; ")), mechanism


def test_no_sentence_says_that_the_antigen_reaches_the_membrane(assessor):
    for text in ("p.Phe61del", "R163L", "W52R"):
        mechanism = assess(assessor, text).mechanism
        assert mechanism.startswith("Nothing in the sequence keeps CD19 off the membrane, but ")


# --- ends of the gene -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chr16:g.28920000_28932000del", ("lost",) * 3),  # the promoter and exon 1
        ("chr16:g.28931931_28931971del", ("lost",) * 3),  # 40 bases in front of the first one, and it
        ("chr16:g.28931932_28931971del", ("not assessable",) * 3),
        ("chr16:g.28931931_28931970del", ("not assessable",) * 3),
        ("chr16:g.28931900_28931930del", ("intact",) * 3),  # further away than the core promoter
        ("chr16:g.28930000_28940000dup", ("not assessable",) * 3),
        ("chr16:g.28939200_28945000del", ("at risk", "not assessable", "not assessable")),  # the signal for poly(A)
    ],
)
def test_a_gene_that_loses_an_end_is_not_called_unchanged(assessor, text, expected):
    result = assess(assessor, text)
    assert answers(result) == expected
    if "intact" not in expected:
        assert "unchanged" not in result.mechanism + " ".join(result.consequence.notes)


def test_what_follows_from_the_end_of_the_gene_is_given_as_the_reason(assessor):
    assert "signal for its poly(A) tail" in assess(assessor, "chr16:g.28939200_28945000del").mechanism
    assert "transcription begins" in assess(assessor, "chr16:g.28931932_28931971del").mechanism


def test_a_change_of_the_leader_leaves_the_amount_of_protein_open(assessor):
    result = assess(assessor, "c.-20_-19insATGA")
    assert answers(result) == ("not assessable", "intact", "intact")
    assert "new start codons there" in result.mechanism


# --- what nobody saw --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["p.Asn138Ala", "p.Ser140Pro", "p.Asn138del"])
def test_a_sequon_lost_where_nothing_was_seen_does_not_make_the_fold_intact(assessor, text):
    assert answers(assess(assessor, text)) == ("intact", "not assessable", "not assessable")


def test_a_frameshift_inside_the_cell_has_one_answer_as_rna_event_and_as_protein(assessor):
    event, protein = assess(assessor, "ex7skip"), assess(assessor, "p.Phe333ThrfsTer48")
    assert answers(event) == answers(protein) == ("at risk", "not assessable", "intact")


@pytest.mark.parametrize("text", ["c.356_559+1del", "c.356_559+40del"])
def test_an_exon_deleted_with_its_donor_is_judged_like_the_exon_skipped(assessor, text):
    assert answers(assess(assessor, text)) == answers(assess(assessor, "ex3skip"))


def test_products_beside_the_named_one_that_cannot_be_judged_leave_the_answer_open(assessor):
    found = replace(spliced("c.946+5G>A", SplicingLook.MODEL, weakened(0.99, 0.1)), alternatives=(outcome("ex13skip"),))
    assert assessor.assess(found).fold is Verdict.NOT_ASSESSABLE


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "apart"), [("p.Glu30_Ser118delinsGlu", 1), ("p.Gly31_Ser118del", 1), ("p.Glu30_Ser118delinsGlnSerAla", 3)]
)
def test_a_product_that_is_nearly_that_of_an_rna_event_names_it(assessor, text, apart):
    near = [e for e in assess(assessor, text).evidence if e.rule == "antigen.near_isoform"]
    assert [e.value for e in near] == [apart]
    assert "the product of ex2skip" in near[0].sentence


@pytest.mark.parametrize("text", ["p.Glu30_Gly110del", "p.Glu30_Ser118del", "p.Phe61del", "p.Ser118Ter"])
def test_only_a_near_relative_is_likened_to_an_rna_event(assessor, text):
    assert "antigen.near_isoform" not in fired(assess(assessor, text))


def test_a_loss_of_stability_more_likely_than_not_is_told(assessor):
    result = assess(assessor, "p.Leu174Pro")
    assert result.predictions is not None and result.predictions.p_destabilising > 0.5
    assert result.fold is Verdict.INTACT
    share = f"{round(100 * result.predictions.p_destabilising)}\N{NO-BREAK SPACE}%"
    assert f"{share} to cost 1 or more" in result.mechanism
    assert "to cost 1 or more" not in assess(assessor, "p.Leu174Val").mechanism


def test_an_answer_without_a_reason_of_its_own_says_whose_it_shares(assessor):
    assert assess(assessor, "c.355+5G>A").mechanism.endswith("the epitope of B43 is at risk for the same reason.")
