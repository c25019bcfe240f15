"""What a variant does to splice sites: which donors and acceptors it weakens or makes.

The score of a site is a probability that the network gives, before and after the
change; the difference is what SpliceAI calls a delta score. Nothing here knows exons:
whether a site is a real one, and what follows from its loss, is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from epitope.errors import VariantError
from epitope.variant.splice_model.network import ACCEPTOR, CONTEXT, DONOR, Change, score_mutants, weights_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from epitope.target.model import Transcript
    from epitope.variant.splice_model.network import FloatArray

__all__ = [
    "EVENT_THRESHOLD",
    "HIGH_PRECISION",
    "HIGH_RECALL",
    "RECOMMENDED",
    "WINDOW",
    "GeneSequence",
    "SiteEvent",
    "VariantScores",
    "gene_sequence",
    "normalise",
    "score_variant",
    "score_variants",
]

#: Cut-offs for a difference (Jaganathan et al., Cell 2019, 176:535).
HIGH_RECALL, RECOMMENDED, HIGH_PRECISION = 0.2, 0.5, 0.8
#: Smallest difference that is reported at all.
EVENT_THRESHOLD = 0.1
#: Bases before and after a change that are looked at; covers the longest known intron of the bundled gene (1,934).
WINDOW = 2000

Kind = Literal["acceptor", "donor"]
_COLUMNS: dict[Kind, int] = {"acceptor": ACCEPTOR, "donor": DONOR}
_KNOWN, _UNKNOWN = "ACGT", "N"
_COMPLEMENT = str.maketrans(_KNOWN, _KNOWN[::-1])
# Sums of differences closer than this are equal; the leftmost alignment is taken.
_TIE = 1e-4
# A site is a junction, known by the base on either side of it. Aligned by the other base, an
# indel lies one further to the right for acceptors, to the left for donors.
_OTHER_SIDE: dict[Kind, int] = {"acceptor": 1, "donor": -1}


@dataclass(frozen=True, slots=True)
class SiteEvent:
    """A site whose score changes.

    Attributes
    ----------
    kind : str
        ``acceptor`` (the first base of an exon) or ``donor`` (the last).
    position : int
        0-based position in the reference sequence.
    inserted : int
        0, or for a site at an inserted base: which one, counted from 1 after ``position``.
    reference, mutant : float
        Score before and after, 0 to 1.
    """

    kind: Kind
    position: int
    inserted: int
    reference: float
    mutant: float

    @property
    def delta(self) -> float:
        """The difference: positive for a gain, negative for a loss."""
        return self.mutant - self.reference


@dataclass(frozen=True, slots=True)
class VariantScores:
    """Scores before and after a change, aligned on the reference.

    Attributes
    ----------
    change : Change
        The change without common bases, as far left as it can be written.
    first : int
        Position of row 0 of ``reference`` and ``mutant`` in the reference sequence.
    reference, mutant : numpy.ndarray, shape (n, 2)
        Acceptor and donor score. A deleted base has 0 in the mutant; of inserted bases
        the highest score counts for the base in front of them.
    events : tuple of SiteEvent
        Sites that change by `EVENT_THRESHOLD` or more, largest change first.
    context_known : tuple of (int, int)
        Known bases among the 5,000 before and after the change.
    model : str
        Version of the weights.
    """

    change: Change
    first: int
    reference: FloatArray
    mutant: FloatArray
    events: tuple[SiteEvent, ...]
    context_known: tuple[int, int]
    model: str


@dataclass(frozen=True, slots=True)
class GeneSequence:
    """An unspliced gene on the transcript's strand.

    Attributes
    ----------
    bases : str
        From the first base of the transcript to the last known one, ``N`` between them
        where nothing is known.
    origin : int
        Chromosome position of the first base.
    strand : int
        1 or -1.
    """

    bases: str
    origin: int
    strand: int

    def index(self, position: int) -> int:
        """Return which base, from 0, a chromosome position is."""
        return (position - self.origin) * self.strand

    def position(self, index: int) -> int:
        """Return the chromosome position of a base."""
        return self.origin + index * self.strand


def gene_sequence(transcript: Transcript) -> GeneSequence:
    """Return the sequence of a gene as the network wants it, without anything outside the gene.

    Parameters
    ----------
    transcript : Transcript
        Exons in its own order, and what is known of the genome.

    Notes
    -----
    CI-SpliceAI was trained, and annotates, with all bases outside the gene unknown. Coding
    exons whose introns are not known stand alone between unknown bases.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> gene = gene_sequence(load_target().transcript)
    >>> gene.bases[gene.index(28932085) : gene.index(28932095)]  # the end of exon 1, then GT
    'GAAGGTATGT'
    """
    strand, exons = transcript.strand, transcript.exons
    ends = exons[0], exons[-1]
    first, last = (ends[0].start, ends[1].end) if strand > 0 else (ends[0].end, ends[1].start)
    bases = [_UNKNOWN] * (abs(last - first) + 1)
    known = transcript.genomic_sequence.upper()
    begin = transcript.genomic_start
    if strand < 0:
        known, begin = known.translate(_COMPLEMENT)[::-1], begin + len(known) - 1
    _lay(bases, (begin - first) * strand, known)
    coding = [exon for exon in exons if exon.cds_start is not None and exon.cds_end is not None]
    for number, exon in enumerate(coding):
        part = transcript.coding_sequence[(exon.cds_start or 1) - 1 : exon.cds_end]
        start, end = sorted(((exon.start - first) * strand, (exon.end - first) * strand))
        # The first coding exon may begin with untranslated bases; the last may end with some.
        _lay(bases, end + 1 - len(part) if number == 0 else start, part)
    return GeneSequence("".join(bases).rstrip(_UNKNOWN), first, strand)


def _lay(bases: list[str], start: int, part: str) -> None:
    """Write known bases over a sequence, from ``start`` on, leaving out what lies outside it."""
    outside = max(-start, 0)
    inside = part[outside : max(len(bases) - start, 0)]
    bases[start + outside : start + outside + len(inside)] = inside


def normalise(sequence: str, start: int, ref: str, alt: str) -> Change:
    """Return a change without common bases, as far left as it can be written.

    Parameters
    ----------
    sequence : str
        The reference, transcript strand.
    start : int
        0-based position of the first base of ``ref``.
    ref, alt : str
        The bases before and after; either may be empty.

    Raises
    ------
    VariantError
        If ``ref`` is not what the sequence says, or ``alt`` is no sequence.

    Examples
    --------
    >>> normalise("GGCAAAT", 5, "A", "AA")
    Change(start=3, deleted=0, inserted='A')
    """
    ref, alt = ref.upper(), alt.upper()
    found = sequence[start : start + len(ref)].upper()
    if not 0 <= start <= len(sequence) or found != ref:
        raise VariantError(f"splice scores: base {start} of the sequence reads {found or 'nothing'}, not {ref}")
    if not set(alt) <= set(_KNOWN):
        raise VariantError(f"splice scores: {alt} is not made of A, C, G and T")
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    moving = ref or alt
    if not (ref and alt):
        while moving and start and sequence[start - 1].upper() == moving[-1]:
            start, moving = start - 1, moving[-1] + moving[:-1]
    return Change(start, len(ref), alt if ref and alt else moving if alt else "")


def score_variant(sequence: str, start: int, ref: str, alt: str, window: int = WINDOW) -> VariantScores:
    """Score a variant: which sites around it are weakened or made.

    Parameters
    ----------
    sequence : str
        The unspliced reference on the transcript strand, ``N`` where it is not known and
        outside the gene (`gene_sequence`).
    start : int
        0-based position of the first base of ``ref``.
    ref, alt : str
        The bases before and after; either may be empty.
    window : int
        Bases before and after the change that are looked at, at most 5,000.

    Returns
    -------
    VariantScores
        Aligned scores and the events among them.

    Raises
    ------
    VariantError
        If ``ref`` is not what the sequence says.

    Examples
    --------
    The fifth base of the second intron, c.355+5G>A:

    >>> from epitope.target import load_target
    >>> gene = gene_sequence(load_target().transcript)
    >>> place = gene.index(28932612 + 5)
    >>> scores = score_variant(gene.bases, place, "G", "A", window=100)
    >>> event = scores.events[0]
    >>> event.kind, event.position - place, round(event.reference, 1), round(event.mutant, 1)
    ('donor', -5, 1.0, 0.3)
    """
    return score_variants(sequence, [normalise(sequence, start, ref, alt)], window)[0]


def score_variants(sequence: str, changes: Sequence[Change], window: int = WINDOW) -> list[VariantScores]:
    """Score many changes of one sequence, each alone, as `normalise` returns them."""
    window = min(max(window, 1), CONTEXT)
    reference, mutants = score_mutants(sequence, changes, window)
    return [
        _compare(sequence, change, reference, first, mutant)
        for change, (first, mutant) in zip(changes, mutants, strict=True)
    ]


def context_known(sequence: str, change: Change) -> tuple[int, int]:
    """Return how many of the 5,000 bases before and after a change are known."""
    end = change.start + change.deleted
    sides = sequence[max(0, change.start - CONTEXT) : change.start], sequence[end : end + CONTEXT]
    before, after = (sum(side.upper().count(base) for base in _KNOWN) for side in sides)
    return before, after


def _compare(sequence: str, change: Change, reference: FloatArray, first: int, mutant: FloatArray) -> VariantScores:
    """Align a mutant's scores on the reference and list what changes."""
    stop = first + len(mutant) - change.shift
    before = reference[first:stop]
    after = np.zeros_like(before)
    inserted = np.zeros(before.shape, dtype=np.intp)
    starts = _equivalent_starts(sequence, change)
    for kind, column in _COLUMNS.items():
        best = np.inf
        for start in _candidates(starts, change, kind, (first, stop)):
            aligned, place = _align(mutant[:, column], start - first, change.deleted, len(change.inserted))
            difference = float(np.abs(aligned - before[:, column]).sum())
            if difference < best - _TIE:
                best, after[:, column], inserted[:, column] = difference, aligned, place
    sites = [ACCEPTOR, DONOR]
    return VariantScores(
        change,
        first,
        before[:, sites],
        after[:, sites],
        tuple(_events(before, after, inserted, first)),
        context_known(sequence, change),
        weights_version(),
    )


def _equivalent_starts(sequence: str, change: Change) -> range:
    """Return every start at which a change as far left as possible can be written."""
    start, deleted, unit = change.start, change.deleted, change.inserted
    if bool(deleted) == bool(unit):
        return range(start, start + 1)
    size = deleted or len(unit)
    following = sequence[start:] if deleted else unit + sequence[start:]
    steps = 0
    while steps + size < len(following) and following[steps] == following[steps + size]:
        steps += 1
    return range(start, start + steps + 1)


def _candidates(starts: range, change: Change, kind: Kind, bounds: tuple[int, int]) -> Iterable[int]:
    """Return the starts at which an indel may be put to align the sites of one kind."""
    if bool(change.deleted) == bool(change.inserted):
        return starts
    wanted = dict.fromkeys([*starts, *(start + _OTHER_SIDE[kind] for start in starts)])
    return [start for start in wanted if bounds[0] < start and start + change.deleted < bounds[1]] or starts


def _align(scores: FloatArray, start: int, deleted: int, size: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """Lay a mutant's scores on the reference: ``deleted`` bases from row ``start`` became ``size``.

    Also returns, for each base of the reference, which inserted base its score is from
    (0: none).
    """
    common = min(deleted, size)
    gap = np.zeros(max(deleted - size, 0), dtype=np.float32)
    surplus = scores[start + common : start + size]
    aligned = np.concatenate([scores[: start + common], gap, scores[start + size :]])
    place = np.zeros(len(aligned), dtype=np.intp)
    anchor = start + common - 1
    if len(surplus) and anchor >= 0 and surplus.max() > aligned[anchor]:
        aligned[anchor], place[anchor] = surplus.max(), surplus.argmax() + 1
    return aligned, place


def _events(before: FloatArray, after: FloatArray, inserted: NDArray[np.intp], first: int) -> list[SiteEvent]:
    """Return the sites that change by the threshold or more, largest change first."""
    events = [
        SiteEvent(
            kind, int(first + row), int(inserted[row, column]), float(before[row, column]), float(after[row, column])
        )
        for kind, column in _COLUMNS.items()
        for row in np.flatnonzero(np.abs(after[:, column] - before[:, column]) >= EVENT_THRESHOLD)
    ]
    return sorted(events, key=lambda event: (-abs(event.delta), event.position, event.kind))
