"""What a change means for antigen, fold and epitope: the nouns of this room.

Three separate answers, each with the evidence behind it; there is no overall score.
Frozen records only; the rules that fill them live in `epitope.impact.verdicts.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epitope.impact.predictors.model import Predictions
from epitope.variant.model import Consequence


class Verdict(StrEnum):
    """The answers to each of the three questions."""

    INTACT = "intact"
    AT_RISK = "at risk"
    LOST = "lost"
    NOT_ASSESSABLE = "not assessable"


class Question(StrEnum):
    """The three questions, asked separately."""

    ANTIGEN = "antigen"
    FOLD = "fold"
    EPITOPE = "epitope"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: which rule fired, on what measured value, against which threshold.

    ``verdict`` is what the rule argues for; `Verdict.INTACT` marks reassuring or purely
    informative evidence. ``positions`` are UniProt positions, ``sentence`` is plain
    English, ``source`` names where rule and threshold come from.
    """

    rule: str
    question: Question
    verdict: Verdict
    sentence: str
    value: float | str | None = None
    unit: str = ""
    threshold: float | str | None = None
    source: str = ""
    positions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BinderAnswer:
    """What a change means for the epitope of one antibody.

    ``basis`` names what the answer rests on (a structure, a sequence laid on one), ``evidence``
    is the reason, one sentence, ``reason`` the same in a word or two: contact, hot spot, indirect,
    not scanned, nothing known, structure, by sequence. ``asked`` marks antibodies that were asked about by name;
    the others are binders of the target.
    """

    binder: str
    verdict: Verdict
    basis: str
    evidence: str
    reason: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """Three answers about one consequence, with their evidence.

    ``not_assessed`` says, a sentence each, what could not be judged and why.
    ``alternatives`` assesses each possible outcome of a splice variant. ``predictions`` are those
    of the one residue replaced; ``None`` for other changes, and where it was not observed.
    Of several substitutions it holds the sum of their ΔΔG alone. ``members`` assess each of several
    changes of one allele as if it were alone.
    ``length_change_score`` (0 to 1, not calibrated) and ``length_change_grade`` (low, medium, high)
    say what an in-frame deletion or insertion costs the fold; ``None`` and "" for other changes.
    ``binders`` holds the answers for further antibodies that were asked about, and for the target's binders.
    """

    consequence: Consequence
    antigen: Verdict
    fold: Verdict
    epitope: Verdict
    evidence: tuple[Evidence, ...]
    mechanism: str
    loops_lost: tuple[str, ...] = ()
    disulfides_broken: tuple[tuple[int, int], ...] = ()
    not_assessed: tuple[str, ...] = ()
    alternatives: tuple[Assessment, ...] = ()
    predictions: Predictions | None = None
    length_change_score: float | None = None
    length_change_grade: str = ""
    binders: tuple[BinderAnswer, ...] = ()
    members: tuple[Assessment, ...] = ()
