"""What is said of fold and epitope where no other rule spoke: what was looked at, or that nothing was.

Asked last. Intact is said only of residues that the crystal shows, or of a place that the
antibody cannot reach; all else is not assessable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, FollowingRule, Rule, names, unseen_splicing
from epitope.impact.verdicts.rules.sequence import SEQUENCE_NOTES
from epitope.target.model import RegionKind
from epitope.target.positions import ranges
from epitope.variant.model import ChangeKind

_INSIDE = {RegionKind.TRANSMEMBRANE: "in the membrane", RegionKind.CYTOPLASMIC: "inside the cell"}
_NAMED = 6
"""As many residues are named in a sentence; more are counted."""


class _NoProtein(Rule, abstract=True):
    verdict = Verdict.LOST
    source = "sequence"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire where the start is lost and no other one can take its place."""
        if case.change.kind is ChangeKind.START_LOSS and not case.change.protein:
            yield self.evidence("No protein is made.")


class FoldOfNoProtein(_NoProtein):
    """Without a protein there is no fold."""

    id = "fold.no_protein"
    question = Question.FOLD


class EpitopeOfNoProtein(_NoProtein):
    """Without a protein there is no epitope."""

    id = "epitope.no_protein"
    question = Question.EPITOPE


def _unchanged(rule: Rule, case: Case) -> Evidence:
    """Answer for a protein that is the same, as long as the RNA is."""
    if unseen_splicing(case):
        return rule.evidence(
            "The protein is unchanged only if the RNA is spliced as before, which was not looked at.",
            verdict=Verdict.NOT_ASSESSABLE,
        )
    return rule.evidence("The protein is unchanged.", verdict=Verdict.INTACT)


class FoldLookedAt(FollowingRule):
    """What the rules on the fold looked at where none of them spoke."""

    id = "fold.looked_at"
    question = Question.FOLD
    verdict = Verdict.INTACT

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire where nothing but notes on the sequence was said of the fold yet."""
        said = [piece for piece in found if piece.question is Question.FOLD]
        seen = any(case.sites[p].observed for p in case.touched)
        if any(piece.verdict is not Verdict.INTACT or piece.rule not in SEQUENCE_NOTES for piece in said):
            return
        if said and seen:
            return
        if case.change.kind is ChangeKind.NONE:
            yield _unchanged(self, case)
            return
        shown = [case.sites[p] for p in case.touched if case.sites[p].observed]
        if shown:
            listed = names(shown) if len(shown) <= _NAMED else f"{len(shown)} residues"
            yield self.evidence(
                f"{listed} {'was' if len(shown) == 1 else 'were'} looked at in the crystal, and no rule argues against "
                "the fold.",
                positions=tuple(site.uniprot_position for site in shown),
            )
            return
        where = f" ({ranges(case.touched, ', ', label=case.target.label)})" if case.touched else ""
        yield self.evidence(
            f"The change{where} lies outside of what the crystal shows, so nothing was looked at.",
            positions=case.touched,
            verdict=Verdict.NOT_ASSESSABLE,
        )


class EpitopeNeedsTheFold(FollowingRule):
    """An epitope that is folded protein cannot outlive the fold."""

    id = "epitope.needs_the_fold"
    question = Question.EPITOPE

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire where the fold of a known product is lost and nothing else harms the epitope."""
        if case.change.kind is ChangeKind.UNKNOWN:
            return
        lost = any(e.question is Question.FOLD and e.verdict is Verdict.LOST for e in found)
        harmed = any(e.question is Question.EPITOPE and e.verdict is not Verdict.INTACT for e in found)
        if lost and not harmed:
            kept = "The contact residues are" if case.contacts else "The residues of the epitope are"
            yield self.evidence(f"{kept} kept, but brought together by a fold that is lost.")


class EpitopeOutOfReach(FollowingRule):
    """How far a change is from the contacts, or on which side of the membrane, where no contact is touched."""

    id = "epitope.out_of_reach"
    question = Question.EPITOPE
    verdict = Verdict.INTACT
    threshold = 4.0
    unit = "Å"
    source = "structure, heavy atoms within 4.0 Å; UniProt topology"

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire where nothing but notes was said of the epitope yet."""
        if any(e.question is Question.EPITOPE and e.rule != "epitope.hot_spot_of_other_antibody" for e in found):
            return
        if case.change.kind is ChangeKind.NONE:
            yield _unchanged(self, case)
            return
        outside = [p for p in case.touched if case.target.kind_at(p) not in _INSIDE]
        if not outside:
            yield self._inside(case)
        elif not case.contacts:
            yield self._open("No antibody is seen in the structure, so no residue is known to be touched.", outside)
        else:
            yield self._outside(case, outside)

    def _inside(self, case: Case) -> Evidence:
        """Answer by topology."""
        places = [_INSIDE[kind] for kind in _INSIDE if kind in case.kinds] or [_INSIDE[RegionKind.CYTOPLASMIC]]
        if not case.target.regions:
            return self._open("No topology is known, and no contact is known to be touched.", [])
        return self.evidence(
            f"The change lies {' and '.join(places)}, where the {case.epitope.word} does not reach.",
            positions=case.touched,
        )

    def _outside(self, case: Case, outside: list[int]) -> Evidence:
        """Answer by the distance of the touched residues that the crystal shows."""
        shown = [case.sites[p] for p in outside if case.sites[p].observed and case.sites[p].min_distance_antibody_A > 0]
        if not shown:
            return self._open(
                f"{ranges(outside, ', ', label=case.target.label)} {'is' if len(outside) == 1 else 'are'} not seen in "
                "the crystal.",
                outside,
            )
        nearest = min(shown, key=lambda site: site.min_distance_antibody_A)
        return self.evidence(
            f"None of the {len(case.contacts)} contact residues is touched; the nearest residue of the change, "
            f"{nearest.name}, is {nearest.min_distance_antibody_A:.1f} Å from the {case.epitope.word}.",
            round(nearest.min_distance_antibody_A, 2),
            positions=tuple(site.uniprot_position for site in shown),
        )

    def _open(self, sentence: str, positions: list[int]) -> Evidence:
        """Leave the question open."""
        return self.evidence(sentence, positions=tuple(positions), verdict=Verdict.NOT_ASSESSABLE)

    of_all = True
