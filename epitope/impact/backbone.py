"""The chain of the antigen, as a change of its length meets it.

Strands and helices as runs of positions, the loops between them, Cα positions, and how far
a residue is from the next end of what was observed. Measured once for a complex; it carries
no judgement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import dist
from typing import TYPE_CHECKING

from epitope.impact.site import Site

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex

SHORTEST_ELEMENT = 3
"""Residues of the shortest strand or helix; bridges and turns below it count as loop."""

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Element:
    """A strand (``E``) or helix (``H``), first to last position, and what its ends are called."""

    state: str
    start: int
    end: int
    ends: tuple[str, str] = ("", "")

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "strand" if self.state == "E" else "helix"

    @property
    def positions(self) -> range:
        """Every position of the element."""
        return range(self.start, self.end + 1)

    def __str__(self) -> str:
        """Name the element, ``strand 62-66``."""
        first, last = self.ends
        return f"{self.kind} {first or self.start}-{last or self.end}"


@dataclass(frozen=True)
class Backbone:
    """Elements and Cα positions of the observed antigen.

    Attributes
    ----------
    elements : tuple of Element
        In order of the sequence.
    ca_A : mapping of int to tuple of float
        Cα coordinates in ångström by UniProt position; unobserved positions are absent.
    length : int
        Residues of the whole protein.

    Examples
    --------
    >>> import epitope
    >>> backbone = Backbone.of(epitope.load())
    >>> str(backbone.element_at(61)), str(backbone.element_at(112))
    ('None', 'strand 111-115')
    >>> round(backbone.ca_distance(60, 62), 1)
    5.5
    """

    elements: tuple[Element, ...] = ()
    ca_A: Mapping[int, Point] = field(default_factory=dict)
    length: int = 0

    @classmethod
    def of(cls, structure: MeasuredComplex, sites: Mapping[int, Site] | None = None) -> Backbone:
        """Measure the chain of a complex.

        Parameters
        ----------
        structure : MeasuredComplex
        sites : mapping of int to Site, optional
            Its residues as records, where they are at hand.
        """
        from epitope.impact.site import sites_of

        sites = sites_of(structure.residues, label=structure.target.label) if sites is None else sites
        coordinates = zip(structure.positions.tolist(), structure.antigen_atoms.ca.tolist(), strict=True)
        ca = {position: (x, y, z) for position, (x, y, z) in coordinates if x == x}  # noqa: PLR0124 (NaN)
        return cls(_elements(sites.values()), ca, len(structure.target.sequence))

    @cached_property
    def _element_by_position(self) -> dict[int, Element]:
        return {position: element for element in self.elements for position in element.positions}

    @cached_property
    def _to_end(self) -> dict[int, int]:
        """Residues from each observed position to the nearest one that was not observed."""
        absent = [p for p in range(self.length + 2) if p not in self.ca_A]
        return {p: min(abs(p - q) for q in absent) for p in self.ca_A} if absent else {}

    def element_at(self, position: int) -> Element | None:
        """Return the strand or helix of a position, ``None`` in a loop and where not observed."""
        return self._element_by_position.get(position)

    def loop_anchors(self, position: int) -> tuple[int, int] | None:
        """Return the ends of the two elements that hold the loop of a position; ``None`` without both."""
        before = [element.end for element in self.elements if element.end < position]
        behind = [element.start for element in self.elements if element.start > position]
        if not before or not behind or self.element_at(position) is not None:
            return None
        return before[-1], behind[0]

    def ca_distance(self, first: int, second: int) -> float | None:
        """Return the distance of two Cα atoms in ångström, ``None`` where one was not observed."""
        if first not in self.ca_A or second not in self.ca_A:
            return None
        return dist(self.ca_A[first], self.ca_A[second])

    def residues_to_end(self, position: int) -> int | None:
        """Count residues to the nearest chain end or gap; ``None`` where the residue was not observed."""
        return self._to_end.get(position)


def _elements(sites: Iterable[Site]) -> tuple[Element, ...]:
    """Collect the runs of one state that are long enough."""
    runs: list[Element] = []
    for site in sites:
        state, position = (site.secondary_structure if site.observed else ""), site.uniprot_position
        if runs and runs[-1].state == state and runs[-1].end == position - 1:
            runs[-1] = Element(state, runs[-1].start, position, (runs[-1].ends[0], site.number))
        else:
            runs.append(Element(state, position, position, (site.number, site.number)))
    return tuple(run for run in runs if run.state in ("E", "H") and len(run.positions) >= SHORTEST_ELEMENT)
