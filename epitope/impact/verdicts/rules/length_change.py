"""What a residue more or less costs the fold: a score of a few terms, each between 0 and 1.

Published scans of deletions and insertions agree on what matters: packing (Jackson et al.,
PLoS ONE 2017, 12:e0164905; Gonzalez et al., J Mol Biol 2019, 431:2320), secondary structure,
strands above all (Macdonald et al., Genome Biol 2023, 24:36), and what substitutions cost at the
site (Topolska et al., Nat Commun 2025). The score is their weighted mean, with weights that are
set and not fitted: no measured deletion was at hand. It orders sites; its grades are conventions
and no probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from epitope.impact.backbone import Backbone, Element
from epitope.impact.site import Site
from epitope.impact.verdicts.product import Product
from epitope.impact.verdicts.rules.thresholds import BURIED_RSA

WEIGHTS = {"burial": 1.0, "secondary_structure": 1.0, "substitutions": 1.0, "closure": 0.5, "anchoring": 0.5}
"""Weights of the terms: the three that every scan names count in full, the two others by half."""
MEDIUM, HIGH = 0.35, 0.60
"""Scores from which the grade is medium and high. Conventions: nothing is calibrated here."""
SCANNED_RESIDUES = 3
"""Longest change that the published scans made; a longer one is never graded low."""

EXPOSED_RSA = 0.5
"""Burial falls from 1 at RSA 0 to 0 here, as in the stability model."""
LOOSE, TIGHT = 5.0, 25.0
"""Cβ atoms within 10 Å at which packing counts 0 and 1: the ends of what well-resolved domains show."""
MOST_BURIED = 3
"""Burial is the mean of this many most buried residues of those removed and their two neighbours."""
HELIX = 0.75
"""Weight of a helix where a strand has 1: sheets are the most sensitive (Macdonald et al. 2023)."""
DEEP_IN_ELEMENT = 2
"""Residues on the shorter side from which the middle of an element counts in full."""
COSTLY_KCAL_MOL = 2.0
"""Mean predicted ΔΔG at which the term of substitutions is 1."""
CA_CA_A = 3.8
"""Distance of bonded Cα atoms (trans peptide)."""
EXTENDED_A = 3.3
"""Rise of a residue in an extended chain; the longest span of a loop is about this times its steps."""
SLACK = 0.5
"""Share of that span up to which a loop closes with ease."""
FAR_FROM_END = 10
"""Residues from a chain end or gap at which the chain counts as held on both sides."""


class Grade(StrEnum):
    """How much a score argues against the fold."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def grade_of(score: float) -> Grade:
    """Grade a score.

    Examples
    --------
    >>> str(grade_of(0.2)), str(grade_of(0.5)), str(grade_of(0.8))
    ('low', 'medium', 'high')
    """
    return Grade.HIGH if score >= HIGH else Grade.MEDIUM if score >= MEDIUM else Grade.LOW


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a product differs in length: residues ``before`` and ``behind`` come to stand together.

    ``removed`` reference residues between them are gone and ``inserted`` others are new.
    """

    before: int
    behind: int
    inserted: int

    @property
    def removed(self) -> range:
        """Reference positions that are gone."""
        return range(self.before + 1, self.behind)

    @property
    def window(self) -> range:
        """The removed positions and the two that they were bonded to."""
        return range(self.before, self.behind + 1)


@dataclass(frozen=True, slots=True)
class LengthChange:
    """The score of one placement with all it rests on.

    Attributes
    ----------
    placement : Placement
    score : float
        Weighted mean of the terms, 0 (tolerated) to 1.
    terms : dict of str to float
        Those of `WEIGHTS` that could be measured.
    element : Element or None
        The strand or helix that is cut; None in a loop.
    short_side : tuple of int
        Its positions on the shorter side of the cut, whose side chains must turn or shift.
    mean_ddg_kcal_mol : float or None
        Mean predicted ΔΔG of all substitutions in the window.
    span_A, reach_A : float or None
        Distance that a loop must span and the most it can, in Å; of a cut element the
        distance of the two Cα that must come to 3.8 Å, without reach.
    residues_to_end : int or None
        Residues to the nearest chain end or gap.
    buried : bool
        Whether a residue that is gone was buried.
    """

    placement: Placement
    score: float
    terms: Mapping[str, float]
    element: Element | None
    short_side: tuple[int, ...]
    mean_ddg_kcal_mol: float | None
    span_A: float | None
    reach_A: float | None
    residues_to_end: int | None
    buried: bool

    @property
    def grade(self) -> Grade:
        """Low, medium or high; at least medium where a buried residue goes, and for a change longer than any scan."""
        graded = grade_of(self.score)
        size = max(len(self.placement.removed), self.placement.inserted)
        never_low = self.buried or size > SCANNED_RESIDUES
        return Grade.MEDIUM if graded is Grade.LOW and never_low else graded


def placements(reference: str, product: Product) -> Iterator[Placement]:
    """Yield every place at which the same product can be said to gain or lose residues.

    Parameters
    ----------
    reference : str
        The whole protein, one-letter codes.
    product : Product

    Examples
    --------
    >>> from epitope.impact.verdicts.product import lay_out
    >>> from epitope.variant.model import ChangeKind, ProteinChange
    >>> run = lay_out("MKPPPG", ProteinChange(ChangeKind.DELETION, protein="MKPPG"))
    >>> [placement.removed[0] for placement in placements("MKPPPG", run)]
    [5, 4, 3]
    """
    before, behind, inserted = product.before, product.behind, product.inserted
    yield Placement(before, behind, len(inserted))
    moving = inserted or reference[before : behind - 1]
    if inserted and product.removed:
        return
    while before > 1 and reference[before - 1] == moving[-1]:
        moving = moving[-1] + moving[:-1]
        before, behind = before - 1, behind - 1
        yield Placement(before, behind, len(inserted))


def score_length_change(
    placement: Placement,
    sites: Mapping[int, Site],
    backbone: Backbone,
    mean_ddg: Callable[[int], float | None] | None = None,
) -> LengthChange | None:
    """Score one placement.

    Parameters
    ----------
    placement : Placement
    sites : mapping of int to Site
    backbone : Backbone
    mean_ddg : callable, optional
        Mean predicted ΔΔG of all substitutions of a position, kcal/mol.

    Returns
    -------
    LengthChange or None
        ``None`` where no residue of the window was observed.
    """
    window = [sites[p] for p in placement.window if p in sites and sites[p].observed]
    if not window:
        return None
    element, short_side = _cut(placement, backbone)
    costs = [] if mean_ddg is None else [mean_ddg(site.uniprot_position) for site in window]
    known = [cost for cost in costs if cost is not None]
    cost = fmean(known) if known else None
    span, reach = _closing(placement, backbone, element)
    to_end = [n for n in (backbone.residues_to_end(site.uniprot_position) for site in window) if n is not None]
    terms = {
        "burial": _burial(window),
        "secondary_structure": _in_element(placement, element, short_side),
    }
    if cost is not None:
        terms["substitutions"] = _clipped(cost / COSTLY_KCAL_MOL)
    if element is None or span is not None:
        terms["closure"] = 0.0 if span is None else _strain(span, reach)  # a chain end or a longer loop just follows
    if to_end:
        terms["anchoring"] = min(min(to_end) / FAR_FROM_END, 1.0)
    weight = sum(WEIGHTS[name] for name in terms)
    return LengthChange(
        placement=placement,
        score=sum(WEIGHTS[name] * value for name, value in terms.items()) / weight,
        terms=terms,
        element=element,
        short_side=short_side,
        mean_ddg_kcal_mol=cost,
        span_A=span,
        reach_A=reach,
        residues_to_end=min(to_end) if to_end else None,
        buried=any(site.rsa_free < BURIED_RSA for site in window if site.uniprot_position in placement.removed),
    )


def _clipped(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _burial(window: Sequence[Site]) -> float:
    """Return how buried and packed the residues removed and their neighbours are."""
    values = []
    for site in window:
        parts = [_clipped(1 - site.rsa_free / EXPOSED_RSA)]
        if site.neighbours_10A >= 0:
            parts.append(_clipped((site.neighbours_10A - LOOSE) / (TIGHT - LOOSE)))
        values.append(fmean(parts))
    return fmean(sorted(values, reverse=True)[:MOST_BURIED])


def _cut(placement: Placement, backbone: Backbone) -> tuple[Element | None, tuple[int, ...]]:
    """Find the element that is cut deepest, and its kept positions on the shorter side."""
    found: tuple[Element | None, tuple[int, ...]] = (None, ())
    for element in backbone.elements:
        left = tuple(p for p in element.positions if p <= placement.before)
        right = tuple(p for p in element.positions if p >= placement.behind)
        touched = len(left) + len(right) < len(element.positions) or (not placement.removed and left and right)
        if touched:
            short = min(left, right, key=len)
            if found[0] is None or len(short) > len(found[1]):
                found = element, short
    return found


def _in_element(placement: Placement, element: Element | None, short_side: Sequence[int]) -> float:
    """Return 0 in a loop, half at the end of an element, and all of it in the middle or where it is gone."""
    if element is None:
        return 0.0
    whole = set(element.positions) <= set(placement.removed)
    depth = DEEP_IN_ELEMENT if whole else min(len(short_side), DEEP_IN_ELEMENT)
    if not placement.removed:
        depth = min(len(short_side) - 1, DEEP_IN_ELEMENT)
    return (1.0 if element.state == "E" else HELIX) * (0.5 + 0.5 * depth / DEEP_IN_ELEMENT)


def _closing(placement: Placement, backbone: Backbone, element: Element | None) -> tuple[float | None, float | None]:
    """Return what must be spanned after a loss and, of a loop, the most that the rest can span."""
    shorter_by = len(placement.removed) - placement.inserted
    if shorter_by <= 0:
        return None, None
    if element is not None:
        return backbone.ca_distance(placement.before, placement.behind), None
    anchors = backbone.loop_anchors(placement.before + 1)
    span = None if anchors is None else backbone.ca_distance(*anchors)
    if anchors is None or span is None:
        return None, None
    return span, max(anchors[1] - anchors[0] - shorter_by, 1) * EXTENDED_A


def _strain(span: float, reach: float | None) -> float:
    """Return how hard it is to close: over the whole loop, or between the two sides of a cut element."""
    if reach is not None:
        return _clipped((span / reach - SLACK) / (1 - SLACK))
    return _clipped((span - CA_CA_A) / CA_CA_A)
