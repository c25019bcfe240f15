"""What a rule is, and the case that it looks at.

A rule is a class with an id, the question it belongs to and the source of its
threshold; defining it registers it. It yields evidence and decides nothing alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from epitope.features.binders import StructureEpitope
from epitope.impact.predictors.model import Predictions
from epitope.impact.site import Site
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.target.model import Target
from epitope.variant.model import ChangeKind, Consequence, ProteinChange, Substitution

RULE_SET_VERSION = "1.2"

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
    epitope : StructureEpitope, optional
        The epitope of the antibody in the structure; no loops where not given.
    """

    consequence: Consequence
    target: Target
    sites: Mapping[int, Site]
    buried_area_A2: float
    look_up: Callable[[int, str], Predictions | None] | None = None
    epitope: StructureEpitope = field(default_factory=StructureEpitope)

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
        change = self.change
        flanks = (
            (change.start, change.end)
            if change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION, ChangeKind.DELINS)
            else ()
        )
        replaced = (substitution.position for substitution in change.substitutions)
        return tuple(sorted({p for p in (*self.lost, *replaced, *flanks) if p in self.sites}))

    def site_of(self, substitution: Substitution) -> Site:
        """Return the site of a substitution."""
        return self.sites[substitution.position]


class Rule(ABC):
    """A reason to doubt, or to trust, one of the three answers."""

    id: ClassVar[str]
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


def names(sites: tuple[Site, ...] | list[Site]) -> str:
    """Join the names of sites as in a sentence."""
    return ", ".join(site.name for site in sites)
