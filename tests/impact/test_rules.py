"""Rules: each fires where it should, on made sites and on the real complex."""

import itertools
from dataclasses import replace

import pytest

import epitope
from epitope.errors import StructureError
from epitope.features import MeasuredComplex
from epitope.impact.predictors.model import Predictions
from epitope.impact.site import Site, sites_of
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.model import Question, Verdict
from epitope.impact.verdicts.rules import RULES, evidence_of, gravest
from epitope.impact.verdicts.rules.sequence import is_sequon
from epitope.impact.verdicts.rules.substitution import SubstitutionRule
from epitope.target.model import Disulfide
from epitope.target.residues import AMINO_ACIDS, three_letter
from epitope.variant import consequence_of

CORE = Site(uniprot_position=1, residue="L", rsa_free=0.02, secondary_structure="E", phi_deg=-120.0)
SURFACE = replace(CORE, residue="K", rsa_free=0.8, secondary_structure="-")

# rule, site, replacement that fires it, replacement that does not
SUBSTITUTIONS = [
    ("fold.disulfide_broken", replace(CORE, residue="C", disulfide_partner=9), "S", "C"),
    ("fold.free_cysteine_made", SURFACE, "C", "S"),
    ("fold.buried_proline", CORE, "P", "I"),
    ("fold.proline_in_helix", replace(SURFACE, secondary_structure="H", before_in_element=3), "P", "T"),
    ("fold.proline_in_strand", replace(SURFACE, secondary_structure="E"), "P", "T"),
    ("fold.buried_proline_replaced", replace(CORE, residue="P"), "A", "P"),
    ("fold.buried_glycine_replaced", replace(CORE, residue="G"), "V", "G"),
    ("fold.glycine_positive_phi", replace(SURFACE, residue="G", phi_deg=70.0), "V", "N"),
    ("fold.buried_charge_introduced", CORE, "D", "V"),
    ("fold.buried_charge_replaced", replace(CORE, residue="D"), "A", "E"),
    ("fold.buried_charge_switched", replace(CORE, residue="D"), "K", "E"),
    ("fold.buried_hydrophilic_introduced", CORE, "Q", "I"),
    ("fold.exposure_switch", SURFACE, "W", "R"),
    ("fold.hydrogen_bond_lost", replace(CORE, residue="S", side_chain_hydrogen_bonds=("A:Thr9",)), "A", "T"),
    ("fold.salt_bridge_lost", replace(CORE, residue="D", salt_bridges=("A:Arg9",)), "N", "E"),
    ("fold.cavity", CORE, "A", "I"),
    ("fold.clash", replace(CORE, residue="A"), "W", "G"),
    ("fold.secondary_structure_broken", CORE, "G", "I"),
]


@pytest.fixture(scope="module")
def assessor():
    return Assessor(epitope.load())


def assess(assessor, text):
    return assessor.assess(consequence_of(text, assessor.structure.target))


def fired(assessment):
    return {evidence.rule for evidence in assessment.evidence}


@pytest.mark.parametrize(("rule", "site", "fires", "silent"), SUBSTITUTIONS)
def test_a_substitution_rule_fires_on_its_kind_only(rule, site, fires, silent):
    assert RULES[rule].fires(site, fires) is not None
    assert RULES[rule].fires(site, silent) is None


def test_every_substitution_rule_is_tried_above():
    tried = {row[0] for row in SUBSTITUTIONS}
    assert tried == {rule.id for rule in RULES.values() if isinstance(rule, SubstitutionRule)}


def test_buried_rules_are_silent_on_the_surface():
    for rule in RULES.values():
        if isinstance(rule, SubstitutionRule) and rule.id.startswith("fold.buried_"):
            exposed = [replace(SURFACE, residue=letter) for letter in AMINO_ACIDS]
            assert not any(rule.fires(site, alternate) for site in exposed for alternate in AMINO_ACIDS)


def test_every_rule_names_its_question_and_source():
    for rule in RULES.values():
        assert isinstance(rule.question, Question)
        assert rule.source
        assert rule.id.startswith(f"{rule.question.value}.")


@pytest.mark.parametrize(
    ("variant", "antigen", "fold", "epitope_", "rules"),
    [
        ("p.Phe61del", "intact", "at risk", "intact", {"fold.buried_residue_deleted"}),
        ("p.Ser269Ter", "lost", "at risk", "intact", {"antigen.transmembrane_lost"}),
        ("p.Leu174Val", "intact", "intact", "intact", {"fold.common_polymorphism", "epitope.no_contact"}),
        ("p.Arg163Leu", "intact", "intact", "at risk", {"epitope.contact_changed"}),
        ("p.Cys97Ser", "intact", "at risk", "intact", {"fold.disulfide_broken"}),
        ("p.Asn125Gln", "intact", "at risk", "intact", {"fold.sequon_lost"}),
        ("p.Leu6Arg", "at risk", "not assessable", "not assessable", {"antigen.signal_peptide_core"}),
        ("p.Trp52Pro", "intact", "at risk", "intact", {"fold.buried_proline"}),
        ("p.Met1Val", "lost", None, None, {"antigen.start_lost"}),
        ("p.Pro219del", "intact", "at risk", "at risk", {"epitope.contacts_lost", "epitope.backbone_moved"}),
        ("p.Pro164=", "intact", "intact", "intact", set()),
    ],
)
def test_the_three_answers_and_the_rule_behind_them(assessor, variant, antigen, fold, epitope_, rules):
    result = assess(assessor, variant)
    assert result.antigen == antigen
    assert fold is None or result.fold == fold
    assert epitope_ is None or result.epitope == epitope_
    assert rules <= fired(result)
    assert result.mechanism.endswith(".")


def test_ex2part_loses_one_loop_three_disulfides_and_the_signal_peptide(assessor):
    result = assess(assessor, "ex2part")
    assert (result.antigen, result.fold, result.epitope) == ("lost", "lost", "lost")
    assert result.loops_lost == ("97-107",)
    assert result.disulfides_broken == ((38, 261), (97, 200), (134, 173))
    assert "antigen.signal_peptide_lost" in fired(result)
    contacts = next(e for e in result.evidence if e.rule == "epitope.contacts_lost")
    assert contacts.positions == (96, 103, 120)
    assert 0.0 < contacts.value < 0.5
    said = " ".join(e.sentence for e in result.evidence)
    assert "falsitron" in said and "25 %" in said


def test_ser269ter_keeps_cys261(assessor):
    result = assess(assessor, "p.Ser269Ter")
    assert result.disulfides_broken == ()
    assert 261 not in result.consequence.change.positions_lost


def test_an_unobserved_residue_is_not_assessable_and_its_neighbour_is_named(assessor):
    result = assess(assessor, "p.Ser145Phe")
    assert (result.fold, result.epitope) == ("not assessable", "not assessable")
    assert "145" in result.not_assessed[0] and "Lys137" in result.not_assessed[0]


def test_a_truncated_side_chain_is_said_beside_the_answer(assessor):
    assert any("truncated" in reason for reason in assess(assessor, "p.Lys231Glu").not_assessed)


def test_a_lost_fold_puts_a_kept_epitope_at_risk(assessor):
    result = assess(assessor, "p.Leu225Ter")
    assert result.fold is Verdict.LOST
    assert "epitope.needs_the_fold" in fired(result)
    assert result.epitope is Verdict.AT_RISK


def test_splice_possibilities_are_assessed_side_by_side(assessor):
    result = assess(assessor, "p.Q186sp")
    assert len(result.alternatives) == 2
    assert {a.antigen for a in result.alternatives} == {Verdict.AT_RISK, Verdict.LOST}
    assert "possible" in result.mechanism


def test_a_gained_sequon_next_to_the_antibody_stands_in_its_way(assessor):
    sequence = assessor.structure.target.sequence
    place = next(
        p
        for p, site in assessor.sites.items()
        if site.contact_4A and sequence[p + 1] in "ST" and sequence[p] != "P" and sequence[p - 1] != "N"
    )
    result = assess(assessor, f"p.{sequence[place - 1]}{place}N")
    assert {"fold.sequon_gained", "epitope.sugar_in_the_way"} <= fired(result)


def test_is_sequon():
    assert [is_sequon(t) for t in ("NAS", "NAT", "NPS", "QAS", "NA")] == [True, True, False, False, False]


def test_a_small_loss_is_noted_and_not_given_as_the_reason_for_an_intact_fold():
    sentence = str(epitope.assess("p.Gly92Thr")["mechanism"].item())
    assert sentence.startswith("No rule argues against antigen, fold or epitope; noted: buried Gly92")
    assert "epitope: Leu174 to Val is a common" in str(epitope.assess("p.Leu174Val")["mechanism"].item())


def test_every_observed_residue_that_is_deleted_gets_a_graded_answer():
    observed = epitope.load().residues.query("observed and 20 < uniprot_position < 278")
    deleted = [f"p.{three_letter(r.residue)}{r.uniprot_position}del" for r in observed.itertuples()]
    table = epitope.assess(deleted)
    assert table["length_change_score"].between(0, 1).all()
    assert set(table["fold"]) == {"intact", "at risk"}


@pytest.mark.parametrize("frequency", [1e-6, 0.0099])
def test_a_rare_variant_is_not_called_a_common_polymorphism(frequency):
    structure = epitope.load()
    rare = tuple(replace(p, allele_frequency=frequency) for p in structure.target.polymorphisms)
    other = MeasuredComplex(replace(structure.complex, known_target=replace(structure.target, polymorphisms=rare)))
    result = Assessor(other).assess(consequence_of("p.Leu174Val", other.target))
    assert "fold.common_polymorphism" not in fired(result)
    assert "healthy" not in result.mechanism


@pytest.mark.parametrize(
    ("disulfides", "fold"),
    [(((97, 200),), "at risk"), (((97, 200), (95, 134)), "lost"), (((38, 261), (97, 200), (134, 173)), "at risk")],
)
def test_disulfides_count_as_a_share_of_those_the_target_has(disulfides, fold):
    structure = epitope.load()
    listed = tuple(Disulfide(first, second, "uniprot") for first, second in disulfides)
    other = MeasuredComplex(replace(structure.complex, known_target=replace(structure.target, disulfides=listed)))
    result = Assessor(other).assess(consequence_of("p.Tyr95_Cys97del", other.target))
    (piece,) = [e for e in result.evidence if e.rule == "fold.disulfide_lost"]
    assert piece.verdict == fold


def test_rules_no_better_than_chance_are_noted_and_decide_nothing():
    for rule in ("fold.buried_proline", "fold.proline_in_strand"):
        assert RULES[rule].verdict is Verdict.INTACT
    for rule in ("fold.salt_bridge_lost", "fold.glycine_positive_phi", "fold.hydrogen_bond_lost", "fold.clash"):
        assert RULES[rule].verdict is Verdict.INTACT


def test_a_new_cysteine_counts_outside_the_cell_and_is_noted_elsewhere(assessor):
    def verdicts(found):
        return [e.verdict for e in found.evidence if e.rule == "fold.free_cysteine_made"]

    structure = assessor.structure
    assert verdicts(assessor.assess(consequence_of("p.Arg163Cys", structure.target))) == [Verdict.AT_RISK]
    bare = replace(structure.target, regions=())
    nowhere = Assessor(MeasuredComplex(replace(structure.complex, known_target=bare)))
    assert verdicts(nowhere.assess(consequence_of("p.Arg163Cys", bare))) == [Verdict.INTACT]


def with_probability(assessor, text, probability):
    """Assess the fold of a substitution as if the model had given this probability of a loss."""
    case = assessor._case(consequence_of(text, assessor.structure.target))
    look_up = None if probability is None else lambda *_: Predictions(ddg_kcal_mol=0.5, p_destabilising=probability)
    found = [e for e in evidence_of(replace(case, look_up=look_up)) if e.question is Question.FOLD]
    return gravest(Question.FOLD, found), {e.rule: e for e in found}


@pytest.mark.parametrize(("probability", "verdict"), [(0.1, "intact"), (0.34, "intact"), (0.36, "at risk"),
                                                      (0.6, "at risk"), (None, "at risk")])  # fmt: skip
def test_a_low_probability_of_a_loss_overrules_a_rule_and_says_so(assessor, probability, verdict):
    found, evidence = with_probability(assessor, "p.Ala79Asp", probability)
    assert found == verdict
    said = evidence["fold.buried_charge_introduced"]
    assert said.verdict == verdict
    assert ("this rule is against P, which decides" in said.sentence) == (verdict == "intact")


def test_no_probability_overrules_a_broken_disulfide(assessor):
    found, evidence = with_probability(assessor, "p.Cys97Ser", 0.01)
    assert found == "at risk"
    assert "against P" not in evidence["fold.disulfide_broken"].sentence


def test_a_rule_against_p_is_told_and_the_fold_stays_intact(assessor):
    result = assess(assessor, "p.Ala79Asp")
    assert result.fold is Verdict.INTACT
    assert result.mechanism.startswith("No rule counts against antigen, fold or epitope; noted")
    assert "this rule is against P, which decides" in result.mechanism


@pytest.mark.parametrize(("before", "fires"), [(0, False), (2, False), (3, True), (9, True)])
def test_proline_may_stand_in_the_first_turn_of_a_helix(before, fires):
    site = replace(SURFACE, secondary_structure="H", before_in_element=before)
    assert (RULES["fold.proline_in_helix"].fires(site, "P") is not None) == fires


def test_residues_of_an_element_are_counted_from_its_beginning(assessor):
    states = [(site.secondary_structure, site.before_in_element) for site in assessor.sites.values()]
    for (last, count), (state, before) in itertools.pairwise(states):
        assert before == (count + 1 if state == last and state in ("H", "E") else 0)
    assert max(before for _, before in states) > 3


@pytest.mark.parametrize("column", ["rsa_free", "secondary_structure", "salt_bridges", "contact_4A"])
def test_a_renamed_column_is_an_error_that_names_it(column):
    table = epitope.load().residues.rename(columns={column: "other"})
    with pytest.raises(StructureError, match=f"column {column} missing"):
        sites_of(table)
