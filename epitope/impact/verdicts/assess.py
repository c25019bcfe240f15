"""Consequence and measured complex to `Assessment`: three answers with their evidence.

Collects what the rules say and takes the gravest word for each question; it adds no
judgement of its own. Nothing here reads or prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from epitope.impact.backbone import Backbone
from epitope.impact.predictors.model import Predictions
from epitope.impact.predictors.predictions import PredictionSource
from epitope.impact.site import Site, sites_of
from epitope.impact.verdicts.model import Assessment, Evidence, Question, Verdict
from epitope.impact.verdicts.rules import Case, evidence_of, gravest
from epitope.impact.verdicts.rules.antigen import OtherAllele
from epitope.impact.verdicts.rules.base import unseen_splicing
from epitope.impact.verdicts.rules.fold import length_change
from epitope.impact.verdicts.rules.predictions import MODEL_RULES, StabilityModel, sum_of_substitutions
from epitope.impact.verdicts.rules.splicing import Splicing
from epitope.impact.verdicts.rules.substitution import can_be_overruled
from epitope.target.model import RegionKind
from epitope.target.positions import ranges
from epitope.variant.model import ChangeKind, Consequence, SplicingLook

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex


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
        self.sites = sites_of(structure.residues, label=structure.target.label)
        self.buried_area_A2 = float(np.nansum(structure.residues["buried_A2"]))
        self.predictions = PredictionSource(structure, self.sites)
        self.backbone = Backbone.of(structure, self.sites)

    def assess(self, consequence: Consequence) -> Assessment:
        """Answer the three questions for one consequence.

        Parameters
        ----------
        consequence : Consequence

        Returns
        -------
        Assessment
        """
        alternatives = tuple(self.assess(possible) for possible in consequence.alternatives)
        other = None if consequence.other_allele is None else self.assess(consequence.other_allele)
        case = self._case(consequence, alternatives, other)
        length = length_change(case) if not consequence.parts else None
        parts = [self.assess(part) for part in consequence.parts]
        evidence = evidence_of(case, [part.evidence for part in parts])
        answers = {question: _answer(question, evidence, parts) for question in Question}
        unseen = _not_assessed(case, self.structure.id)
        return Assessment(
            consequence=consequence,
            antigen=answers[Question.ANTIGEN],
            fold=answers[Question.FOLD],
            epitope=answers[Question.EPITOPE],
            evidence=evidence,
            mechanism=_mechanism(case, answers, evidence, unseen, alternatives),
            loops_lost=tuple(loop.name for loop in case.epitope.loops if case.lost.issuperset(loop.positions)),
            disulfides_broken=_broken(case),
            not_assessed=unseen,
            alternatives=alternatives,
            predictions=_predictions(case),
            length_change_score=None if length is None else length.score,
            length_change_grade="" if length is None else str(length.grade),
            members=tuple(self.assess(member) for member in consequence.members),
        )

    def _case(
        self, consequence: Consequence, possible: tuple[Assessment, ...] = (), other: Assessment | None = None
    ) -> Case:
        """Put together what the rules may look at."""
        return Case(
            consequence,
            self.structure.target,
            self.sites,
            self.buried_area_A2,
            self.predictions.of,
            mean_ddg=self.predictions.mean_ddg,
            backbone=self.backbone,
            possible=possible,
            epitope=self.structure.epitope,
            other=other,
        )


def _answer(question: Question, evidence: Sequence[Evidence], parts: Sequence[Assessment]) -> Verdict:
    """Return the gravest word on a question; of several parts all must have been looked at to be intact."""
    found = gravest(question, evidence) or Verdict.NOT_ASSESSABLE
    unseen = any(getattr(part, question.value) is Verdict.NOT_ASSESSABLE for part in parts)
    return Verdict.NOT_ASSESSABLE if found is Verdict.INTACT and unseen else found


def _predictions(case: Case) -> Predictions | None:
    """Return the numbers of the one residue replaced; of several only the sum of what each costs the fold."""
    replaced = case.change.substitutions
    if len(replaced) == 1:
        return case.predictions(replaced[0])
    total = sum_of_substitutions(case)
    return None if total is None else Predictions(total, notes=(f"sum of {len(replaced)} substitutions",))


def _not_assessed(case: Case, structure: str) -> tuple[str, ...]:
    """Name the touched residues that the crystal does not show, and their nearest neighbours."""
    # No crystal shows a signal peptide that was cut off; what follows from that is evidence.
    cut_off = case.kinds == {RegionKind.SIGNAL_PEPTIDE}
    unseen = [p for p in case.touched if not case.sites[p].observed and not cut_off]
    reasons = []
    if unseen:
        shown = [site for site in case.sites.values() if site.observed and site.uniprot_position not in case.lost]
        middle = unseen[len(unseen) // 2] if len(unseen) > 2 else unseen[0]
        where = sorted({case.sites[p].region for p in unseen})
        said = f"{ranges(unseen, ', ', label=case.target.label)} ({', '.join(where)}) not observed in {structure}"
        if shown:
            nearest = min(shown, key=lambda site: abs(site.uniprot_position - middle))
            said += f"; nearest observed residue: {nearest.name}" + _where(nearest, case.epitope.word)
        reasons.append(f"{said}.")
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
    return tuple(reasons + _open_outcome(case) + _splicing_not_looked_at(case))


def _splicing_not_looked_at(case: Case) -> list[str]:
    """Say so where the splice model was not asked about a change of the DNA, or is all that was asked near a site."""
    look = case.consequence.splicing
    if look is SplicingLook.MODEL and case.consequence.near_splice_site and not case.consequence.splice_changes:
        return [
            "Splicing: the change lies near a splice site; that it does no harm there is predicted, not seen in RNA."
        ]
    if look not in (SplicingLook.NOT_RUN, SplicingLook.INVARIANT_BASES):
        return []
    if unseen_splicing(case):
        return ["Splicing: the change lies at or near a splice site or in an intron, and no splice model was run."]
    return ["Splicing: no splice model was run, so a new splice site inside the exon is not ruled out."]


def _open_outcome(case: Case) -> list[str]:
    """Say why an unknown product is not judged as such."""
    if case.change.kind is not ChangeKind.UNKNOWN:
        return []
    if not case.possible:
        noted = "; ".join(case.consequence.notes)
        return [
            f"The product is not known; noted: {noted}." if noted else "The product is not known from what was given."
        ]
    listed = "; ".join(possible.consequence.scenario for possible in case.possible)
    complete = "" if case.consequence.alternatives_complete else "; the list is not complete"
    return [f"The product is not known; possibilities assessed: {listed}{complete}."]


def _where(site: Site, binder: str) -> str:
    """Say how far a residue is from what binds, if that is known."""
    distance = site.min_distance_antibody_A
    return f", {distance:.1f} Å from the {binder}" if distance > 0 else ""


def _broken(case: Case) -> tuple[tuple[int, int], ...]:
    """List the disulfides that lose a cysteine, deleted or replaced."""
    gone = case.lost | {s.position for s in case.change.substitutions if s.alternate != "C"}
    return tuple((d.first, d.second) for d in case.target.disulfides if {d.first, d.second} & gone)


EVEN = 0.5
"""Probability above which a predicted loss of stability is told, though it is too unsure to count."""
_REASSURING = frozenset({"fold.common_polymorphism", "epitope.no_contact"})
"""Rules whose evidence is a reason to trust the answer; that of others is only noted."""
_LOOKED_AT = frozenset({"antigen.nothing_against", "antigen.other_allele", "fold.looked_at", "epitope.out_of_reach"})
"""Rules that say what was looked at; they are told where nothing says more."""

_OPENING = {
    (Question.ANTIGEN, Verdict.LOST): "{name} is not on the membrane",
    (Question.ANTIGEN, Verdict.AT_RISK): "the amount of {name} on the membrane is at risk",
    (Question.ANTIGEN, Verdict.NOT_ASSESSABLE): "whether {name} is on the membrane cannot be judged",
    (Question.FOLD, Verdict.LOST): "its fold is lost",
    (Question.FOLD, Verdict.AT_RISK): "its fold is at risk",
    (Question.FOLD, Verdict.NOT_ASSESSABLE): "its fold cannot be judged",
    (Question.EPITOPE, Verdict.LOST): "the epitope of {binder} is lost",
    (Question.EPITOPE, Verdict.AT_RISK): "the epitope of {binder} is at risk",
    (Question.EPITOPE, Verdict.NOT_ASSESSABLE): "the epitope of {binder} cannot be judged",
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
    told = any(verdict in (Verdict.AT_RISK, Verdict.LOST) for verdict in answers.values())
    if case.change.kind is ChangeKind.UNKNOWN and (alternatives or not told):
        return _possible_outcomes(case, alternatives, unseen)
    parts = []
    seen: set[str] = set()
    for question, verdict in answers.items():
        opening = _OPENING.get((question, verdict))
        if opening is None:
            continue
        why = next((e.sentence for e in evidence if e.question is question and e.verdict is verdict), "")
        reason = " for the same reason" if why and why in seen else _joined(why)
        parts.append(opening.format(**names) + reason)
        seen.add(why)
    if parts:
        kept = f"nothing in the sequence keeps {names['name']} off the membrane, but "
        intact = answers[Question.ANTIGEN] is Verdict.INTACT
        looked = next((e for e in evidence if e.question is Question.ANTIGEN and e.rule not in _LOOKED_AT), None)
        parts += [f"noted{_joined(looked.sentence)}"] if intact and looked is not None else []
        sentence = (kept if intact else "") + "; ".join(parts)
        return sentence[0].upper() + sentence[1:] + _told_of_other(evidence) + "."
    if case.change.kind is ChangeKind.NONE:
        spliced = next((_clause(e.sentence) for e in evidence if e.rule == Splicing.id), "")
        if spliced:
            return f"No rule argues against antigen, fold or epitope: the coding bases stay the same, and {spliced}."
        return f"The protein is unchanged, so {names['name']}, its fold and the epitope stay as they are."
    # What a model foresees is said only where nothing was measured that says more.
    noted = sorted(evidence, key=lambda e: (e.rule in MODEL_RULES | {Splicing.id}) + 2 * (e.rule in _LOOKED_AT))
    calm = next((e for e in noted if e.verdict is Verdict.INTACT), None)
    if calm is None:
        return "No rule argues against antigen, fold or epitope."
    # A loss too small to count is no reason for the verdict, so it is not given as one.
    overruled = any(e.verdict is Verdict.INTACT and can_be_overruled(e.rule) for e in evidence)
    joint = "" if calm.rule in _REASSURING | _LOOKED_AT else "; noted"
    # A loss that is more likely than not is told, even where it is too unsure to count.
    predicted = _predictions(case)
    likely = predicted is not None and (predicted.p_destabilising or 0.0) > EVEN
    doubt = next((e for e in evidence if likely and e.rule == StabilityModel.id and e is not calm), None)
    but = "" if doubt is None else f"; but {_clause(doubt.sentence)}"
    argues = "counts" if overruled else "argues"
    return f"No rule {argues} against antigen, fold or epitope{joint}{_joined(calm.sentence)}{but}."


def _told_of_other(evidence: Sequence[Evidence]) -> str:
    """Say what the other allele gives, where that is known."""
    found = next((e.sentence for e in evidence if e.rule == OtherAllele.id), "")
    return f"; {_clause(found)}" if found else ""


def _joined(why: str) -> str:
    """Join a reason to an answer: with a colon, or with a dash where the reason has one of its own."""
    if not why:
        return ""
    clause = _clause(why)
    return f" – {clause}" if ": " in clause else f": {clause}"


def _possible_outcomes(case: Case, alternatives: Sequence[Assessment], unseen: Sequence[str]) -> str:
    """Write the sentence for a product that is not known."""
    if not alternatives:
        return unseen[0] if unseen else "The product is not known."
    listed = "; ".join(
        f"{possible.consequence.scenario} (antigen {possible.antigen}, fold {possible.fold}, "
        f"epitope {possible.epitope})"
        for possible in alternatives
    )
    rest = "" if case.consequence.alternatives_complete else "; the list is not complete"
    return f"Splicing is hit and the product is not known; possible: {listed}{rest}."


def _clause(sentence: str) -> str:
    """Fit a sentence into another one: no full stop, small letter unless a name begins it."""
    first, _, rest = sentence.rstrip(".").partition(" ")
    word = first.rstrip(",:")
    letters = word.replace("-", "")
    plain = word == "A" or (letters.isalpha() and letters[1:].islower() and len(word.partition("-")[0]) > 1)
    return f"{first.lower() if plain else first} {rest}".strip()
