"""What the two trained models add to the rules: ΔΔG of folding and the hot-spot score.

They speak only where a complex brings numbers. A low ΔΔG is told and never called
stabilising, since the model is biased towards loss; a low hot-spot score reassures no
more than the distance to the antibody does.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.features.amino_acids import three_letter
from epitope.impact.model import Evidence, Question, Verdict, percent, spoken
from epitope.impact.rules.base import Case, Rule

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
            numbers = case.numbers(substitution)
            if numbers is None or numbers.ddg_kcal_mol is None:
                continue
            site = case.site_of(substitution)
            flagged = numbers.destabilising
            yield self.evidence(
                f"{site.name} to {three_letter(substitution.alternate)} is predicted to cost the fold "
                f"{spoken(numbers.ddg_kcal_mol)} kcal/mol (90 %: {spoken(numbers.ddg_low_kcal_mol)} to "
                f"{spoken(numbers.ddg_high_kcal_mol)}; {percent(numbers.p_destabilising)} to cost 1 or more)"
                + ("." if flagged else ", too little or too unsure to count against it."),
                round(numbers.ddg_kcal_mol, 2),
                positions=(site.uniprot_position,),
                verdict=Verdict.AT_RISK if flagged else Verdict.INTACT,
            )


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
            numbers = case.numbers(substitution)
            if numbers is None or numbers.hot_spot_score is None or numbers.p_hot_spot is None:
                continue
            if numbers.hot_spot_score < SPEAKING_SCORE:
                continue
            site = case.site_of(substitution)
            hot = numbers.p_hot_spot >= HOT_SPOT_PROBABILITY
            yield self.evidence(
                f"{site.name} is {'a' if hot else 'no'} likely hot spot for the antibody in the structure: score "
                f"{numbers.hot_spot_score:.1f}, {percent(numbers.p_hot_spot)} to weaken it by 1 kcal/mol or more.",
                round(numbers.p_hot_spot, 3),
                positions=(site.uniprot_position,),
                verdict=Verdict.AT_RISK if hot else Verdict.INTACT,
            )


MODEL_RULES = frozenset({StabilityModel.id, HotSpot.id})
"""Rules that tell what was predicted, not what was measured."""
