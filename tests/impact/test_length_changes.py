"""Deletions and insertions: graded by what was measured, one product one answer."""

from __future__ import annotations

import re
from dataclasses import replace

import gemmi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import epitope
from epitope.impact.backbone import Backbone, Element
from epitope.impact.site import Site
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.product import lay_out
from epitope.impact.verdicts.rules.length_change import (
    EXTENDED_A,
    HIGH,
    MEDIUM,
    WEIGHTS,
    Grade,
    Placement,
    grade_of,
    placements,
    score_length_change,
)
from epitope.impact.verdicts.rules.sequence import is_sequon
from epitope.structure import bundled_structure
from epitope.target.residues import three_letter
from epitope.variant import consequence_of
from epitope.variant.model import ChangeKind, ProteinChange

RULE = "fold.length_changed"


@pytest.fixture(scope="module")
def assessor():
    return Assessor(epitope.load())


@pytest.fixture(scope="module")
def atlas():
    return epitope.scan(epitope.load())


def assess(assessor, text):
    return assessor.assess(consequence_of(text, assessor.structure.target))


def evidence(assessment, rule):
    return [piece for piece in assessment.evidence if piece.rule == rule]


def sentence(assessment):
    (piece,) = evidence(assessment, RULE)
    return piece.sentence


def test_single_deletions_get_more_than_one_answer_and_follow_their_score(atlas):
    deletions = atlas[(atlas["kind"] == "deletion") & atlas["rsa_free"].notna()]
    assert len(deletions) == 227
    share = deletions["fold"].value_counts(normalize=True)
    assert set(share.index) == {"intact", "at risk"}
    assert share.min() > 0.2
    assert set(deletions["length_change_grade"]) == {"low", "medium", "high"}
    high = deletions[deletions["length_change_score"] >= HIGH]
    assert set(high["fold"]) == {"at risk"}
    calm = deletions[deletions["fold"] == "intact"]
    assert calm["length_change_score"].max() < MEDIUM
    assert calm["rsa_free"].min() >= 0.15


def test_substitutions_have_no_score_of_a_length_change(atlas):
    substitutions = atlas[atlas["kind"] == "substitution"]
    assert substitutions["length_change_score"].isna().all()
    assert set(substitutions["length_change_grade"]) == {""}


@pytest.mark.parametrize(
    ("variant", "fold", "grade"),
    [
        ("p.Phe61del", "at risk", "medium"),  # the variant of Zhao 2021: buried
        ("p.Pro60del", "at risk", "medium"),
        ("p.Gln108del", "intact", "low"),
        ("p.Pro109del", "intact", "low"),
        ("p.Leu96del", "at risk", "high"),  # the middle of a core strand
        ("p.Ser213del", "at risk", "high"),
        ("p.Lys105_Trp107del", "intact", "low"),
        ("p.Glu104_Lys105insGly", "intact", "low"),
        ("p.Leu96_Cys97insGly", "at risk", "high"),
        ("p.Glu104_Lys105insGlySerGlySer", "at risk", "medium"),  # longer than any scan made
        ("p.Glu104dup", "intact", "low"),
        ("p.Ser103_Lys105delinsGlyGly", "intact", "low"),
    ],
)
def test_a_length_change_is_graded(assessor, variant, fold, grade):
    found = assess(assessor, variant)
    assert (found.fold, found.length_change_grade) == (fold, grade)
    assert "not calibrated" in sentence(found)


@pytest.mark.parametrize("variant", ["p.Gly144del", "p.Arg139del", "p.Ser180_Leu181insGly", "p.Lys400del"])
def test_the_fold_is_not_assessable_where_nothing_was_observed(assessor, variant):
    target = assessor.structure.target
    number = int(re.search(r"\d+", variant).group())
    variant = re.sub(r"p\.[A-Z][a-z]{2}", f"p.{three_letter(target.residue(number))}", variant)
    variant = re.sub(r"_[A-Z][a-z]{2}", f"_{three_letter(target.residue(number + 1))}", variant)
    found = assess(assessor, variant)
    assert found.fold == "not assessable"
    assert found.length_change_grade == ""


def test_a_low_score_with_residues_not_observed_among_the_lost_ones_stays_open(assessor):
    target = assessor.structure.target
    found = assess(assessor, f"p.{three_letter(target.residue(183))}183_{three_letter(target.residue(184))}184del")
    assert found.length_change_grade == "low"
    assert found.fold == "not assessable"


def test_a_deletion_in_a_run_is_scored_at_its_cheapest_place_under_either_name(assessor):
    first, second = assess(assessor, "p.Pro101del"), assess(assessor, "p.Pro102del")
    assert first.length_change_score == second.length_change_score
    target = assessor.structure.target
    product = lay_out(target.sequence, first.consequence.change)
    places = list(placements(target.sequence, product))
    assert [place.removed[0] for place in places] == [102, 101]
    scores = [
        score_length_change(place, assessor.sites, assessor.backbone, assessor.predictions.mean_ddg).score
        for place in places
    ]
    assert first.length_change_score == min(scores)


def test_a_protein_and_a_coding_name_of_one_deletion_get_one_answer(assessor):
    protein, coding = assess(assessor, "p.Phe61del"), assess(assessor, "c.183_185del")
    assert protein.length_change_score == coding.length_change_score
    assert [e.sentence for e in protein.evidence if e.question == "fold"] == [
        e.sentence for e in coding.evidence if e.question == "fold"
    ]


def test_span_and_reach_of_a_loop_are_those_of_the_coordinates(assessor):
    chain = gemmi.read_structure(str(bundled_structure()))[0]["A"]
    ca = {residue.seqid.num: residue["CA"][0].pos for residue in chain if residue.find_atom("CA", "*")}
    backbone = assessor.backbone
    before, behind = backbone.loop_anchors(104)
    assert backbone.element_at(before) is not None and backbone.element_at(behind) is not None
    assert all(backbone.element_at(p) is None for p in range(before + 1, behind))
    found = score_length_change(Placement(103, 106, 0), assessor.sites, backbone)
    assert found.span_A == pytest.approx(ca[before].dist(ca[behind]), abs=1e-3)
    residues_left = behind - before - 1 - 2
    assert found.reach_A == pytest.approx((residues_left + 1) * EXTENDED_A)
    cut = score_length_change(Placement(95, 97, 0), assessor.sites, backbone)
    assert cut.span_A == pytest.approx(ca[95].dist(ca[97]), abs=1e-3)


def test_the_distance_to_an_end_counts_gaps(assessor):
    assert assessor.backbone.residues_to_end(21) == 1  # 20 was not observed
    assert assessor.backbone.residues_to_end(135) == 3  # 138 was not observed
    assert assessor.backbone.residues_to_end(140) is None


def test_mean_ddg_is_the_mean_of_the_nineteen_predictions(assessor):
    source = assessor.predictions
    values = [source.of(61, letter).ddg_kcal_mol for letter in "ACDEGHIKLMNPQRSTVWY"]
    assert source.mean_ddg(61) == pytest.approx(np.mean(values), abs=1e-4)
    assert source.mean_ddg(140) is None


def made(burial: float, state: str = "-", count: int = 31) -> tuple[dict[int, Site], Backbone]:
    """A straight chain of equal residues; with a state, 11-21 are an element of it."""
    inside = range(11, 22) if state != "-" else range(0)
    sites = {
        p: Site(p, "A", rsa_free=burial, neighbours_10A=15.0, secondary_structure=state if p in inside else "-")
        for p in range(1, count + 1)
    }
    elements = (Element(state, 11, 21),) if state != "-" else ()
    return sites, Backbone(elements, {p: (3.3 * p, 0.0, 0.0) for p in sites}, count)


@settings(max_examples=50, deadline=None)
@given(low=st.floats(0, 0.5), more=st.floats(0, 0.5), cost=st.floats(-1, 3), extra=st.floats(0, 2))
def test_the_score_never_falls_with_burial_cost_or_structure(low, more, cost, extra):
    place = Placement(15, 17, 0)

    def score(rsa: float, state: str, ddg: float) -> float:
        return score_length_change(place, *made(rsa, state), lambda _: ddg).score

    assert score(low, "-", cost) >= score(low + more, "-", cost)
    assert score(low, "-", cost + extra) >= score(low, "-", cost)
    assert score(low, "E", cost) >= score(low, "H", cost) >= score(low, "-", cost)


def test_the_middle_of_a_strand_scores_more_than_its_end_and_a_chain_end_less_than_the_middle():
    sites, backbone = made(0.3, "E")
    scores = [score_length_change(Placement(p - 1, p + 1, 0), sites, backbone).score for p in range(11, 17)]
    assert scores[0] < scores[1] < scores[2]
    assert scores[2:] == pytest.approx([scores[2]] * 4)
    sites, backbone = made(0.3)
    near, far = (score_length_change(Placement(p - 1, p + 1, 0), sites, backbone).score for p in (3, 16))
    assert near < far


def test_a_score_is_the_weighted_mean_of_its_terms():
    found = score_length_change(Placement(15, 17, 0), *made(0.2, "E"), lambda _: 1.0)
    assert set(found.terms) == set(WEIGHTS)
    assert all(0 <= value <= 1 for value in found.terms.values())
    expected = np.average([found.terms[name] for name in WEIGHTS], weights=list(WEIGHTS.values()))
    assert found.score == pytest.approx(expected)


def test_a_buried_residue_is_never_graded_low():
    sites, backbone = made(0.9)
    sites[2] = replace(sites[2], rsa_free=0.05)
    found = score_length_change(Placement(1, 3, 0), sites, backbone, lambda _: -0.5)
    assert grade_of(found.score) is Grade.LOW
    assert found.grade is Grade.MEDIUM


def test_the_side_chains_that_turn_are_named(assessor):
    (piece,) = evidence(assess(assessor, "p.Tyr95del"), "fold.register_shifted")
    assert piece.positions == (93, 94)
    assert "Phe94" in piece.sentence
    assert piece.verdict == "intact"


def sequons(sequence: str) -> int:
    return len(re.findall(r"N(?=[^P][ST])", sequence))


@settings(max_examples=150, deadline=None)
@given(
    start=st.integers(85, 130),
    length=st.integers(0, 4),
    new=st.text("NGSTPCA", max_size=4),
)
def test_sequons_lost_and_gained_add_up_to_those_of_the_product(start, length, new):
    assessor = _shared_assessor()
    target = assessor.structure.target
    old = target.sequence[start - 1 : start - 1 + length]
    product = target.sequence[: start - 1] + new + target.sequence[start - 1 + length :]
    if product == target.sequence:
        return
    if length:
        ends = (start, start + length - 1)
        span = "_".join(f"{three_letter(target.residue(p))}{p}" for p in dict.fromkeys(ends))
        text = f"p.{span}delins" if new else f"p.{span}del"
    else:
        text = f"p.{three_letter(target.residue(start - 1))}{start - 1}_{three_letter(target.residue(start))}{start}ins"
    found = assess(assessor, text + "".join(three_letter(letter) for letter in new))
    assert found.consequence.change.protein == product, old
    lost, gained = (len(evidence(found, f"fold.sequon_{what}")) for what in ("lost", "gained"))
    inside = slice(19, 291 + len(product) - len(target.sequence))
    assert sequons(product[inside]) - sequons(target.sequence[19:291]) == gained - lost


_ASSESSOR: list[Assessor] = []


def _shared_assessor() -> Assessor:
    if not _ASSESSOR:
        _ASSESSOR.append(Assessor(epitope.load()))
    return _ASSESSOR[0]


def test_a_site_that_stands_again_after_a_deletion_is_not_lost(assessor):
    found = assess(assessor, "p.Arg139del")
    assert is_sequon(found.consequence.change.protein[137:140])
    assert not evidence(found, "fold.sequon_lost")


def test_inserted_asn_gly_ser_is_a_new_site_and_inserted_cys_a_new_cysteine(assessor):
    found = assess(assessor, "p.Glu104_Lys105insAsnGlySer")
    (site,) = evidence(found, "fold.sequon_gained")
    assert site.positions == (104, 105)
    assert site.value == pytest.approx(np.mean([assessor.sites[p].rsa_free for p in (104, 105)]), abs=0.006)
    assert "epitope.sugar_in_the_way" in {e.rule for e in found.evidence}
    found = assess(assessor, "p.Glu104_Lys105insCys")
    (piece,) = evidence(found, "fold.cysteine_inserted")
    assert piece.verdict == "at risk"
    assert found.fold == "at risk"


def test_inside_the_cell_neither_sugar_nor_disulfide_is_made(assessor):
    target = assessor.structure.target
    at = f"p.{three_letter(target.residue(400))}400_{three_letter(target.residue(401))}401ins"
    found = assess(assessor, at + "AsnGlySerCys")
    rules = {e.rule for e in found.evidence}
    assert not rules & {"fold.sequon_gained", "fold.cysteine_inserted"}


def test_cysteines_of_a_foreign_tail_are_noted(assessor):
    target = assessor.structure.target
    for base in range(100, 700):
        change = consequence_of(f"c.{base}del", target)
        if change.change.novel_tail and "C" in change.change.novel_tail:
            break
    found = assessor.assess(change)
    (piece,) = evidence(found, "fold.cysteine_inserted")
    assert piece.value == change.change.novel_tail.count("C")
    assert piece.verdict == "intact"


def test_a_site_without_a_sugar_in_the_crystal_is_noted_and_one_with_it_counts(assessor):
    with_sugar, without = (evidence(assess(assessor, v), "fold.sequon_lost")[0] for v in ("p.N125Q", "p.N265Q"))
    assert (with_sugar.verdict, with_sugar.value) == ("at risk", "NAG")
    assert (without.verdict, without.value) == ("intact", "none seen")


def test_a_new_site_counts_where_it_is_not_plainly_on_the_surface(assessor):
    sequence, verdicts = assessor.structure.target.sequence, {}
    for position, site in assessor.sites.items():
        if not site.observed or site.residue == "N" or not is_sequon("N" + sequence[position : position + 2]):
            continue
        found = assess(assessor, f"p.{sequence[position - 1]}{position}N")
        for piece in evidence(found, "fold.sequon_gained"):
            verdicts.setdefault(str(piece.verdict), []).append(site.rsa_free)
    assert min(verdicts["intact"]) >= 0.4 > max(verdicts["at risk"])


def test_a_product_is_laid_on_the_reference_by_what_stands_around_the_change():
    frameshift = ProteinChange(ChangeKind.FRAMESHIFT, protein="MKAAAS", novel_tail="AAAS")
    laid = lay_out("MKTNGS", frameshift)
    assert [laid.position(i) for i in range(6)] == [1, 2, None, None, None, None]
    assert laid.index(6) is None
    replaced = ProteinChange(ChangeKind.DELINS, protein="MKAAGS")
    laid = lay_out("MKTNGS", replaced)
    assert [laid.position(i) for i in range(6)] == [laid.index(p) + 1 for p in range(1, 7)] == [1, 2, 3, 4, 5, 6]
    assert lay_out("MKTNGS", ProteinChange(ChangeKind.UNKNOWN)) is None


def test_no_sentence_on_the_fold_holds_a_colon(atlas, assessor):
    said = [
        piece.sentence
        for name in [*atlas.loc[atlas["kind"] == "deletion", "hgvs_p"], "ex2part", "p.C97S", "p.W52R", "p.L174V"]
        for piece in assess(assessor, name).evidence
        if piece.question == "fold"
    ]
    assert said
    assert not [text for text in said if ": " in text]
