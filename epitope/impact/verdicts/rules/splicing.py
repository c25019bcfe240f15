"""Is the RNA spliced as before? Rules on splice sites and on products that are only possible.

They read what was looked at, by the splice model or by the invariant bases alone, and
weigh the listed products against each other. Which product a cell makes takes RNA.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule, unseen_splicing
from epitope.variant.model import ChangeKind, SpliceChange, SpliceEffect, SplicingLook

SPLICE_STRONG = 0.5
"""Change of a site's probability that is called an effect (Jaganathan et al., Cell 2019, 176:535, recommended)."""
SPLICE_WEAK = 0.2
"""Change from which an effect is possible (the same paper's cut-off of high recall)."""


class Splicing(Rule):
    """What a change does to splice sites, and whether that was looked at."""

    id = "antigen.splicing"
    question = Question.ANTIGEN
    verdict = Verdict.AT_RISK
    threshold = SPLICE_STRONG
    unit = "change of the site's probability"
    source = "splice model; cut-offs: Jaganathan et al., Cell 2019, 176:535"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for every change of the DNA: found, weak, nothing found, or not looked at."""
        look = case.consequence.splicing
        if case.change.kind is ChangeKind.UNKNOWN or look is SplicingLook.NOT_APPLICABLE:
            return
        if look is SplicingLook.MODEL:
            yield self._scored(case)
        elif not case.possible and unseen_splicing(case):
            yield self.evidence(
                "The change lies at or near a splice site or in an intron, and no splice model was run, so it is not "
                "known whether the RNA is spliced as before.",
                look.value,
                verdict=Verdict.NOT_ASSESSABLE,
            )

    def _scored(self, case: Case) -> Evidence:
        """Judge by the largest change that the model saw."""
        scored = [change for change in case.consequence.splice_changes if change.delta is not None]
        largest = max(scored, key=lambda change: abs(change.delta or 0.0), default=None)
        delta = 0.0 if largest is None else largest.delta or 0.0
        if largest is None or abs(delta) < SPLICE_WEAK:
            doubt = "" if case.consequence.alternatives_complete else ", but how much RNA is made is not known"
            return self.evidence(
                f"The splice model was run and sees no site change by {SPLICE_WEAK} or more{doubt}.",
                round(delta, 2),
                verdict=Verdict.INTACT,
            )
        strong = [change for change in scored if abs(change.delta or 0.0) >= SPLICE_STRONG]
        if strong:
            return self.evidence(
                f"The splice model expects another RNA, since {' and '.join(_said(change) for change in strong)}; less "
                "of the named product is made.",
                round(delta, 2),
            )
        return self.evidence(
            f"The splice model sees a weak effect, since {_said(largest)}; too little to count against it.",
            round(delta, 2),
            verdict=Verdict.INTACT,
        )


def _said(change: SpliceChange) -> str:
    """Say what happens to one site."""
    moved = "" if change.score_before is None else f" ({change.score_before:.2f} → {change.score_after:.2f})"
    if change.effect is SpliceEffect.CREATED:
        side = f"{abs(change.offset)} bases {'into the intron' if change.offset > 0 else 'into the exon'}"
        return f"a new {change.site.side} arises{moved}, {side} from the {change.site}"
    return f"the {change.site} is {change.effect}{moved}"


class _PossibleProducts(Rule, abstract=True):
    of_all = True
    verdict = Verdict.LOST
    threshold = "all"
    unit = "listed products"
    source = "sequence; the last exonic base is part of the donor: Shapiro & Senapathy, Nucleic Acids Res 1987, 15:7155"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire where a splice change has more than one possible product, or one that is not known."""
        if case.change.kind is ChangeKind.UNKNOWN:
            yield self._unknown(case)
        elif case.possible:
            yield from self._besides(case)

    def _unknown(self, case: Case) -> Evidence:
        """Judge a product that is not known by those that are possible."""
        if not case.possible:
            return self.evidence("The product is not known from what was given.", verdict=Verdict.NOT_ASSESSABLE)
        said = [getattr(product, self.question.value) for product in case.possible]
        complete = case.consequence.alternatives_complete
        agreed = said[0] if len(set(said)) == 1 else Verdict.AT_RISK
        # An open product beside sound ones, or sound ones in a list with gaps, is not yet a doubt, nor is it sound.
        if (agreed is Verdict.INTACT and not complete) or set(said) == {Verdict.INTACT, Verdict.NOT_ASSESSABLE}:
            agreed = Verdict.NOT_ASSESSABLE
        pairs = zip(said, case.possible, strict=True)
        listed = ", ".join(f"{verdict} with {product.consequence.scenario}" for verdict, product in pairs)
        return self.evidence(
            f"Of the possible products the {self.question} is {listed}"
            + ("." if complete else "; the list is not complete, other cryptic sites may be used."),
            len(said),
            verdict=agreed,
        )

    def _besides(self, case: Case) -> Iterator[Evidence]:
        """Say what else may be made beside the named product, where the splice site is hit or scored so."""
        strong = any(abs(change.delta or 0.0) >= SPLICE_STRONG for change in case.consequence.splice_changes)
        looked = case.consequence.splicing is SplicingLook.MODEL
        if not strong and (looked or self.question is not Question.ANTIGEN):
            return
        worse = [p for p in case.possible if getattr(p, self.question.value) in (Verdict.AT_RISK, Verdict.LOST)]
        unknown = [p for p in case.possible if getattr(p, self.question.value) is Verdict.NOT_ASSESSABLE]
        if strong and not worse and unknown and self.question is not Question.ANTIGEN:
            listed = " or ".join(product.consequence.scenario for product in unknown)
            yield self.evidence(
                f"Besides the named product, RNA may have {listed}; its {self.question} cannot be judged.",
                len(unknown),
                verdict=Verdict.NOT_ASSESSABLE,
            )
            return
        if self.question is Question.ANTIGEN or worse:
            listed = " or ".join(product.consequence.scenario for product in (worse or case.possible))
            yield self.evidence(
                f"The change lies at a splice site; besides the named product, RNA may have {listed}"
                + (", so that less of the named one is made" if self.question is Question.ANTIGEN else "")
                + ("." if case.consequence.alternatives_complete else "; the list is not complete."),
                len(case.possible),
                verdict=Verdict.AT_RISK,
            )


class AntigenOfProducts(_PossibleProducts):
    """Whether the antigen is there, where several products are possible or none is known."""

    id = "antigen.possible_products"
    question = Question.ANTIGEN


class FoldOfProducts(_PossibleProducts):
    """Whether the fold is intact, where several products are possible or none is known."""

    id = "fold.possible_products"
    question = Question.FOLD


class EpitopeOfProducts(_PossibleProducts):
    """Whether the epitope is intact, where several products are possible or none is known."""

    id = "epitope.possible_products"
    question = Question.EPITOPE
    of_all = True
