"""What a rule is, and the case that it looks at.

A rule is a class with an id, the question it belongs to and the source of its
threshold; defining it registers it. It yields evidence and decides nothing alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from epitope.features.binders import StructureEpitope
from epitope.impact.backbone import Backbone
from epitope.impact.predictors.model import Predictions
from epitope.impact.site import Site
from epitope.impact.verdicts.model import Assessment, Evidence, Question, Verdict
from epitope.impact.verdicts.product import Product, lay_out
from epitope.target.model import RegionKind, Target
from epitope.variant.model import ChangeKind, Consequence, ProteinChange, SplicingLook, Substitution

RULE_SET_VERSION = "2.1"

GRAVITY = (Verdict.INTACT, Verdict.NOT_ASSESSABLE, Verdict.AT_RISK, Verdict.LOST)
"""The verdicts, gravest last: a doubt that is known outweighs what is not known."""

RULES: dict[str, Rule] = {}
"""Every rule by its id, in order of definition."""


@dataclass(frozen=True)
class Case:
    """One consequence on one measured structure: all that a rule may look at.

    Attributes
    ----------
    consequence : Consequence
    target : Target
    sites : mapping of int to Site
        Every UniProt position of the antigen.
    buried_area_A2 : float
        What the antibody buries of the intact antigen, NaN without antibody.
    look_up : callable, optional
        Predictions of a substitution by position and replacement; none where not given.
    mean_ddg : callable, optional
        Mean predicted ΔΔG of all substitutions of a position, kcal/mol; none where not given.
    backbone : Backbone
        Strands, helices and Cα positions of the antigen.
    possible : tuple of Assessment
        The assessments of what the consequence lists as possible instead.
    epitope : StructureEpitope, optional
        The epitope of the antibody in the structure; no loops where not given.
    other : Assessment, optional
        What the other allele does, where that is known.
    """

    consequence: Consequence
    target: Target
    sites: Mapping[int, Site]
    buried_area_A2: float
    look_up: Callable[[int, str], Predictions | None] | None = None
    mean_ddg: Callable[[int], float | None] | None = None
    backbone: Backbone = field(default_factory=Backbone)
    possible: tuple[Assessment, ...] = ()
    epitope: StructureEpitope = field(default_factory=StructureEpitope)
    other: Assessment | None = None

    def predictions(self, substitution: Substitution) -> Predictions | None:
        """Return what the models say of a substitution, ``None`` where they say nothing."""
        if self.look_up is None or not self.site_of(substitution).observed:
            return None
        return self.look_up(substitution.position, substitution.alternate)

    @property
    def change(self) -> ProteinChange:
        """What became of the protein."""
        return self.consequence.change

    @cached_property
    def product(self) -> Product | None:
        """The new protein laid on the reference, ``None`` where it is not known."""
        return lay_out(self.target.sequence, self.change)

    @cached_property
    def lost(self) -> frozenset[int]:
        """Reference positions that the product lacks."""
        return frozenset(self.change.positions_lost)

    @cached_property
    def lost_sites(self) -> tuple[Site, ...]:
        """Observed residues that the product lacks, in order."""
        return tuple(self.sites[p] for p in sorted(self.lost) if self.sites[p].observed)

    @cached_property
    def contacts(self) -> tuple[Site, ...]:
        """Antigen residues within 4 Å of the antibody, in order."""
        return tuple(site for site in self.sites.values() if site.contact_4A)

    @cached_property
    def truncated(self) -> bool:
        """Whether everything behind some point is gone."""
        return self.change.kind in (ChangeKind.FRAMESHIFT, ChangeKind.NONSENSE)

    @cached_property
    def removed_inside(self) -> bool:
        """Whether residues are deleted from the middle, with both ends kept."""
        return bool(self.lost) and not self.truncated and 1 not in self.lost

    @cached_property
    def touched(self) -> tuple[int, ...]:
        """Positions lost, replaced, or flanking an insertion."""
        flanks = (
            end
            for change in self.consequence.changes
            if change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION, ChangeKind.DELINS)
            for end in (change.start, change.end)
            if end is not None
        )
        replaced = (substitution.position for substitution in self.change.substitutions)
        return tuple(sorted({p for p in (*self.lost, *replaced, *flanks) if p in self.sites}))

    @cached_property
    def kinds(self) -> frozenset[RegionKind | None]:
        """The kinds of region that the touched positions lie in, ``None`` where the topology does not say."""
        return frozenset(self.target.kind_at(p) for p in self.touched)

    @cached_property
    def edit(self) -> tuple[int, int, str] | None:
        """First and last residue replaced, and what stands there now; ``None`` where nothing is known to be.

        An insertion replaces nothing: the last residue is the one in front of the first. What follows
        a frameshift or a lost start is not counted as standing in the place of what is lost.
        """
        change = self.change
        if change.kind in (ChangeKind.SUBSTITUTION, ChangeKind.DELETION, ChangeKind.DELINS):
            return None if change.start is None or change.end is None else (change.start, change.end, change.alternate)
        if change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION):
            if change.start is None or change.end is None:
                return None
            behind = change.start if change.kind is ChangeKind.INSERTION else change.end
            return behind + 1, behind, change.alternate
        return (min(self.lost), max(self.lost), "") if self.lost else None

    def after(self, start: int, end: int) -> str:
        """Return what the product has of residues ``start``-``end``, with what is put in between them."""
        reference = self.target.sequence
        if self.edit is None:
            return reference[start - 1 : end]
        first, last, new = self.edit
        if first > end or last < start:
            return reference[start - 1 : end]
        if len(new) == last - first + 1:
            # Residue for residue: each stands in its own region.
            new = new[max(start - first, 0) : end - first + 1]
        return reference[start - 1 : max(first, start) - 1] + new + reference[max(last, start - 1) : end]

    def site_of(self, substitution: Substitution) -> Site:
        """Return the site of a substitution."""
        return self.sites[substitution.position]


class Rule(ABC):
    """A reason to doubt, or to trust, one of the three answers.

    ``of_all`` marks rules that ask what is gone or said altogether: of changes that stand apart on
    one allele they are asked once for all, the others for each.
    """

    id: ClassVar[str]
    of_all: ClassVar[bool] = False
    question: ClassVar[Question]
    verdict: ClassVar[Verdict] = Verdict.AT_RISK
    source: ClassVar[str] = "structure"
    threshold: ClassVar[float | str | None] = None
    unit: ClassVar[str] = ""

    def __init_subclass__(cls, abstract: bool = False) -> None:
        """Register the rule under its id."""
        super().__init_subclass__()
        if not abstract:
            if cls.id in RULES:
                raise ValueError(f"two rules are called {cls.id}")
            RULES[cls.id] = cls()

    @abstractmethod
    def find(self, case: Case) -> Iterator[Evidence]:
        """Yield a piece of evidence for each time the rule fires."""

    def evidence(
        self,
        sentence: str,
        value: float | str | None = None,
        *,
        positions: tuple[int, ...] = (),
        verdict: Verdict | None = None,
        source: str | None = None,
    ) -> Evidence:
        """Fill an `Evidence` with what the rule knows of itself."""
        return Evidence(
            rule=self.id,
            question=self.question,
            verdict=self.verdict if verdict is None else verdict,
            sentence=sentence,
            value=value,
            unit=self.unit,
            threshold=self.threshold,
            source=self.source if source is None else source,
            positions=positions,
        )


class FollowingRule(Rule, abstract=True):
    """A rule that draws on what the other rules found; it is asked after them."""

    def find(self, case: Case) -> Iterator[Evidence]:
        """Yield nothing: see `follow`."""
        yield from ()

    @abstractmethod
    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Yield evidence from the case and from what was found before."""


def evidence_of(case: Case, parts: Sequence[Sequence[Evidence]] = ()) -> tuple[Evidence, ...]:
    """Ask every rule, then those that draw on the others; in the order of the questions.

    Where a product has several ``parts``, of which the evidence is given, only rules `of_all` are asked.
    """
    found = [piece for part in parts for piece in part if not RULES[piece.rule].of_all]
    following: list[FollowingRule] = []
    for rule in RULES.values():
        if parts and not rule.of_all:
            continue
        if isinstance(rule, FollowingRule):
            following.append(rule)
        else:
            found.extend(rule.find(case))
    for rule in following:
        found.extend(tuple(rule.follow(case, found)))
    return tuple(dict.fromkeys(piece for question in Question for piece in found if piece.question is question))


def gravest(question: Question, evidence: Sequence[Evidence]) -> Verdict | None:
    """Return the gravest verdict on a question, ``None`` where nothing was said."""
    said = [piece.verdict for piece in evidence if piece.question is question]
    return max(said, key=GRAVITY.index, default=None)


def unseen_splicing(case: Case) -> bool:
    """Say whether a change of the DNA lies in an intron or near a splice site and no splice model was asked."""
    found = case.consequence
    if found.splicing not in (SplicingLook.NOT_RUN, SplicingLook.INVARIANT_BASES):
        return False
    return found.near_splice_site or bool(found.intron) or bool(found.splice_changes)


def names(sites: tuple[Site, ...] | list[Site]) -> str:
    """Join the names of sites as in a sentence."""
    return ", ".join(site.name for site in sites)
