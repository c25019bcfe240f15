"""What the two models add to the rules: ΔΔG of folding and the hot-spot score.

They speak only where a complex brings numbers. A low ΔΔG is told and never called
stabilising, since the model is biased towards loss; a low hot-spot score reassures no
more than the distance to the antibody does.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.predictors.model import HOT_SPOT_TERMS, percent, spoken
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule
from epitope.target.residues import three_letter

HOT_SPOT_PROBABILITY = 0.5
"""P(binding weakens by 1 kcal/mol or more) from which the residue is more likely hot than not."""
SPEAKING_SCORE = 0.05
"""Hot-spot score below which a residue is as good as outside the interface (docs/binding.md)."""


class StabilityModel(Rule):
    """The predicted loss of folding stability, with the interval it was right to give."""

    id = "fold.stability_model"
    question = Question.FOLD
    threshold = "cross-validated precision of 85 % for ΔΔG of 1 kcal/mol or more"
    unit = "kcal/mol"
    source = "docs/stability.md"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each observed substitution, as a doubt only where the flag is up."""
        for substitution in case.change.substitutions:
            predicted = case.predictions(substitution)
            if predicted is None or predicted.ddg_kcal_mol is None:
                continue
            site = case.site_of(substitution)
            flagged = predicted.destabilising
            yield self.evidence(
                f"{site.name} to {three_letter(substitution.alternate)} is predicted to cost the fold "
                f"{spoken(predicted.ddg_kcal_mol)} kcal/mol (90 % interval {spoken(predicted.ddg_low_kcal_mol)} to "
                f"{spoken(predicted.ddg_high_kcal_mol)}, {percent(predicted.p_destabilising)} to cost 1 or more)"
                + ("." if flagged else ", too little or too unsure to count against it alone."),
                round(predicted.ddg_kcal_mol, 2),
                positions=(site.uniprot_position,),
                verdict=Verdict.AT_RISK if flagged else Verdict.INTACT,
            )


class SumOfSubstitutions(Rule):
    """What several substitutions cost together, if each costs what it costs alone."""

    id = "fold.sum_of_substitutions"
    question = Question.FOLD
    of_all = True
    verdict = Verdict.INTACT
    unit = "kcal/mol"
    source = "docs/stability.md; sums were not validated"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire, as information, where there are several substitutions with a number each."""
        total = sum_of_substitutions(case)
        if total is not None:
            yield self.evidence(
                f"The predicted costs of the {len(case.change.substitutions)} substitutions add up to "
                f"{spoken(total)} kcal/mol; that is a sum of single ones and was not validated.",
                round(total, 2),
                positions=tuple(s.position for s in case.change.substitutions),
            )


def sum_of_substitutions(case: Case) -> float | None:
    """Add up the predicted ΔΔG of several substitutions, kcal/mol; ``None`` for one, or without a number for each."""
    replaced = case.change.substitutions
    found = [case.predictions(substitution) for substitution in replaced]
    costs = [one.ddg_kcal_mol for one in found if one is not None and one.ddg_kcal_mol is not None]
    return sum(costs) if len(costs) == len(replaced) > 1 else None


class HotSpot(Rule):
    """How much of the antibody's binding rides on a residue."""

    id = "epitope.hot_spot"
    question = Question.EPITOPE
    threshold = HOT_SPOT_PROBABILITY
    unit = "P(binding weakens by 1 kcal/mol or more)"
    source = "docs/binding.md"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each replaced residue of the interface, as a doubt from the threshold on."""
        for substitution in case.change.substitutions:
            predicted = case.predictions(substitution)
            if predicted is None or predicted.hot_spot_score is None or predicted.p_hot_spot is None:
                continue
            if predicted.hot_spot_score < SPEAKING_SCORE:
                continue
            site = case.site_of(substitution)
            hot = predicted.p_hot_spot >= HOT_SPOT_PROBABILITY
            yield self.evidence(
                f"{site.name} is {'a' if hot else 'no'} likely hot spot for the {case.epitope.word} in the structure "
                f"(score {predicted.hot_spot_score:.1f}: {HOT_SPOT_TERMS}; {percent(predicted.p_hot_spot)} to weaken "
                "binding by 1 kcal/mol or more).",
                round(predicted.p_hot_spot, 3),
                positions=(site.uniprot_position,),
                verdict=Verdict.AT_RISK if hot else Verdict.INTACT,
            )


MODEL_RULES = frozenset({StabilityModel.id, SumOfSubstitutions.id, HotSpot.id})
"""Rules that tell what was predicted, not what was measured."""
