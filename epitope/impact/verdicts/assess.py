"""Consequence and measured complex to `Assessment`: three answers with their evidence.

Collects what the rules say and takes the gravest word for each question; it adds no
judgement of its own except what cannot be judged. Nothing here reads or prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from epitope.impact.predictors.model import Predictions
from epitope.impact.predictors.predictions import PredictionSource
from epitope.impact.site import Site, sites_of
from epitope.impact.verdicts.model import Assessment, Evidence, Question, Verdict
from epitope.impact.verdicts.rules import RULES, Case
from epitope.impact.verdicts.rules.predictions import MODEL_RULES
from epitope.target.model import RegionKind
from epitope.target.positions import ranges
from epitope.variant.model import ChangeKind, Consequence

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex

_GRAVITY = (Verdict.INTACT, Verdict.NOT_ASSESSABLE, Verdict.AT_RISK, Verdict.LOST)


class Assessor:
    """Assesses consequences on one complex; the residue table is read once.

    Parameters
    ----------
    structure : MeasuredComplex

    Examples
    --------
    >>> import epitope
    >>> from epitope.variant import consequence_of
    >>> structure = epitope.load()
    >>> str(Assessor(structure).assess(consequence_of("p.Ser269Ter", structure.target)).antigen)
    'lost'
    """

    def __init__(self, structure: MeasuredComplex) -> None:
        self.structure = structure
        self.sites = sites_of(structure.residues)
        self.buried_area_A2 = float(np.nansum(structure.residues["buried_A2"]))
        self.predictions = PredictionSource(structure, self.sites)

    def assess(self, consequence: Consequence) -> Assessment:
        """Answer the three questions for one consequence.

        Parameters
        ----------
        consequence : Consequence

        Returns
        -------
        Assessment
        """
        epitope = self.structure.epitope
        case = Case(consequence, self.structure.target, self.sites, self.buried_area_A2, self.predictions.of, epitope)
        evidence = _evidence(case)
        unseen = _not_assessed(case, self.structure.id)
        alternatives = tuple(self.assess(possible) for possible in consequence.alternatives)
        if consequence.change.kind is ChangeKind.UNKNOWN:
            answers = _of_possibilities(alternatives)
            unseen = (*unseen, *_open_outcome(consequence))
        else:
            answers = {question: _answer(question, case, evidence) for question in Question}
        return Assessment(
            consequence=consequence,
            antigen=answers[Question.ANTIGEN],
            fold=answers[Question.FOLD],
            epitope=answers[Question.EPITOPE],
            evidence=evidence,
            mechanism=_mechanism(case, answers, evidence, unseen, alternatives),
            loops_lost=tuple(loop.name for loop in epitope.loops if case.lost.issuperset(loop.positions)),
            disulfides_broken=_broken(case),
            not_assessed=unseen,
            alternatives=alternatives,
            predictions=_predictions(case),
        )


def _predictions(case: Case) -> Predictions | None:
    """Return the numbers of the one residue replaced; of several there is no single number."""
    replaced = case.change.substitutions
    return case.predictions(replaced[0]) if len(replaced) == 1 else None


def _evidence(case: Case) -> tuple[Evidence, ...]:
    """Ask every rule; an epitope that is folded protein cannot outlive the fold."""
    order = list(Question)
    found = sorted(
        (piece for rule in RULES.values() for piece in rule.find(case)), key=lambda e: order.index(e.question)
    )
    fold = [e for e in found if e.question is Question.FOLD and e.verdict is Verdict.LOST]
    harmed = any(e.question is Question.EPITOPE and e.verdict is not Verdict.INTACT for e in found)
    if fold and not harmed:
        kept = "The contact residues are" if case.contacts else "The residues of the epitope are"
        found.append(
            Evidence(
                rule="epitope.needs_the_fold",
                question=Question.EPITOPE,
                verdict=Verdict.AT_RISK,
                sentence=f"{kept} kept, but brought together by a fold that is lost.",
                source="structure",
            )
        )
    return tuple(found)


def _answer(question: Question, case: Case, evidence: Sequence[Evidence]) -> Verdict:
    """Take the gravest verdict of a question's evidence; unseen residues leave it open."""
    found = [piece.verdict for piece in evidence if piece.question is question]
    gravest = max(found, key=_GRAVITY.index, default=Verdict.INTACT)
    if gravest is not Verdict.INTACT or question is Question.ANTIGEN:
        return gravest
    touched = [case.sites[p] for p in case.touched]
    if question is Question.EPITOPE:
        if not case.contacts and touched:
            return Verdict.NOT_ASSESSABLE
        touched = [site for site in touched if site.region == RegionKind.EXTRACELLULAR]
    blind = touched and not any(site.observed for site in touched)
    return Verdict.NOT_ASSESSABLE if blind else Verdict.INTACT


def _of_possibilities(alternatives: Sequence[Assessment]) -> dict[Question, Verdict]:
    """Answer for an open outcome: what all possibilities agree on, else at risk."""
    answers = {}
    for question in Question:
        said = {getattr(possible, question.value) for possible in alternatives}
        if not said:
            answers[question] = Verdict.NOT_ASSESSABLE
        else:
            answers[question] = said.pop() if len(said) == 1 else Verdict.AT_RISK
    return answers


def _open_outcome(consequence: Consequence) -> tuple[str, ...]:
    """Say why an unknown product is not judged as such."""
    if consequence.alternatives:
        listed = "; ".join(possible.scenario for possible in consequence.alternatives)
        return (f"The product is not known; possibilities assessed: {listed}.",)
    return ("The product is not known from what was given.",)


def _not_assessed(case: Case, structure: str) -> tuple[str, ...]:
    """Name the touched residues that the crystal does not show, and their nearest neighbours."""
    unseen = [p for p in case.touched if not case.sites[p].observed]
    reasons = []
    if unseen:
        shown = [site for site in case.sites.values() if site.observed]
        middle = unseen[len(unseen) // 2] if len(unseen) > 2 else unseen[0]
        nearest = min(shown, key=lambda site: abs(site.uniprot_position - middle))
        where = sorted({case.sites[p].region for p in unseen})
        reasons.append(
            f"{ranges(unseen, ', ')} ({', '.join(where)}) not observed in {structure}; nearest observed residue: "
            f"{nearest.name}" + _where(nearest) + "."
        )
    truncated = [
        case.sites[s.position]
        for s in case.change.substitutions
        if case.sites[s.position].observed and not case.sites[s.position].side_chain_complete
    ]
    reasons += [
        f"The side chain of {site.name} is truncated in {structure}: its accessibility and contacts are "
        "those of the atoms present."
        for site in truncated
    ]
    return tuple(reasons)


def _where(site: Site) -> str:
    """Say how far a residue is from the antibody, if that is known."""
    distance = site.min_distance_antibody_A
    return f", {distance:.1f} Å from the antibody" if distance > 0 else ""


def _broken(case: Case) -> tuple[tuple[int, int], ...]:
    """List the disulfides that lose a cysteine, deleted or replaced."""
    gone = case.lost | {s.position for s in case.change.substitutions if s.alternate != "C"}
    return tuple((d.first, d.second) for d in case.target.disulfides if {d.first, d.second} & gone)


_REASSURING = frozenset({"fold.common_polymorphism", "epitope.no_contact"})
"""Rules whose evidence is a reason to trust the answer; that of others is only noted."""

_OPENING = {
    (Question.ANTIGEN, Verdict.LOST): "{name} does not stay on the membrane",
    (Question.ANTIGEN, Verdict.AT_RISK): "the amount of {name} on the membrane is at risk",
    (Question.FOLD, Verdict.LOST): "its fold is lost",
    (Question.FOLD, Verdict.AT_RISK): "its fold is at risk",
    (Question.FOLD, Verdict.NOT_ASSESSABLE): "its fold cannot be judged from the crystal",
    (Question.EPITOPE, Verdict.LOST): "the epitope of {binder} is lost",
    (Question.EPITOPE, Verdict.AT_RISK): "the epitope of {binder} is at risk",
    (Question.EPITOPE, Verdict.NOT_ASSESSABLE): "the epitope of {binder} cannot be judged from the crystal",
}


def _mechanism(
    case: Case,
    answers: dict[Question, Verdict],
    evidence: Sequence[Evidence],
    unseen: Sequence[str],
    alternatives: Sequence[Assessment],
) -> str:
    """Write the one sentence that a person takes away."""
    names = {"name": case.target.name, "binder": case.epitope.binder}
    if case.change.kind is ChangeKind.UNKNOWN:
        return _possible_outcomes(alternatives, unseen)
    if case.change.kind is ChangeKind.NONE:
        return f"The protein is unchanged: {names['name']}, its fold and the epitope stay as they are."
    parts = []
    for question, verdict in answers.items():
        opening = _OPENING.get((question, verdict))
        if opening is None:
            continue
        why = next((e.sentence for e in evidence if e.question is question and e.verdict is verdict), "")
        if not why and verdict is Verdict.NOT_ASSESSABLE and unseen:
            why, unseen = unseen[0], ()
        parts.append(opening.format(**names) + (f": {_clause(why)}" if why else ""))
    if not parts:
        # What a model foresees is said only where nothing was measured that says more.
        noted = sorted(evidence, key=lambda e: e.rule in MODEL_RULES)
        calm = next((e for e in noted if e.verdict is Verdict.INTACT), None)
        if calm is None:
            return "No rule argues against antigen, fold or epitope."
        # A loss too small to count is no reason for the verdict, so it is not given as one.
        joint = ": " if calm.rule in _REASSURING else "; noted: "
        return f"No rule argues against antigen, fold or epitope{joint}{_clause(calm.sentence)}."
    kept = "" if answers[Question.ANTIGEN] is not Verdict.INTACT else (f"{names['name']} can reach the membrane, but ")
    sentence = kept + "; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _possible_outcomes(alternatives: Sequence[Assessment], unseen: Sequence[str]) -> str:
    """Write the sentence for a product that is not known."""
    if not alternatives:
        return unseen[0] if unseen else "The product is not known."
    listed = "; ".join(
        f"{possible.consequence.scenario} (antigen {possible.antigen}, fold {possible.fold}, "
        f"epitope {possible.epitope})"
        for possible in alternatives
    )
    return f"Splicing is hit and the product is not known; possible: {listed}."


def _clause(sentence: str) -> str:
    """Fit a sentence into another one: no full stop, small letter unless a name begins it."""
    first, _, rest = sentence.rstrip(".").partition(" ")
    word = first.rstrip(",:")
    plain = word == "A" or (word.isalpha() and word[1:].islower())
    return f"{first.lower() if plain else first} {rest}".strip()
