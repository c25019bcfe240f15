"""The transcript of a target laid out for look-ups: genome, exons, coding bases, codons.

Everything here is computed once per target and then only read, so that a variant costs
a few slices. One string holds the gene from the first known base to its end, with ``N``
where nothing is known; coding bases are filled in from the coding sequence. Not for
parsing, and not for consequences.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache

from epitope.errors import VariantError
from epitope.target.model import Target, Transcript
from epitope.target.translation import codon_table, reverse_complement, translate

UNKNOWN_BASE = "N"
_CACHE_SIZE = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the gene between two exon boundaries: an exon, an intron or outside."""

    kind: str
    number: int
    start: int
    end: int


class TranscriptMap:
    """Coordinates and sequences of one target, ready for look-ups.

    A position runs along the gene: on the plus strand it is the chromosome position
    (1-based); on the minus strand it is counted from the other end of the chromosome, so
    that here every gene runs upwards and every base is that of the transcript's strand.
    `chromosome_position` turns one into the other. ``coding`` positions count from the A of
    the start codon; positions of the 5' UTR are negative (-1 is the base in front of it)
    and those of the 3' UTR are written as the coding length plus their star number.
    """

    def __init__(self, target: Target) -> None:
        transcript = target.known_transcript
        self.target = target
        self.cds = transcript.coding_sequence if transcript else ""
        self.protein = target.sequence
        # A mature chain, or what a structure shows of a protein, has no start codon to lose.
        self.has_start = target.sequence.startswith("M") and not target.labels
        self.codons = codon_table()
        self.cds_length = len(self.cds)
        self.frames = tuple(translate(self.cds[frame:]) for frame in range(3))
        self.positions = tuple(range(1, len(self.protein) + 1))
        if transcript is None:  # only the protein is known; whoever needs more asks for `transcript`
            return
        self.strand = transcript.strand
        exons = transcript.exons
        if self.strand < 0:
            flip = self.chromosome_position
            exons = tuple(replace(exon, start=flip(exon.end), end=flip(exon.start)) for exon in exons)
        self.exons = [(exon.start, exon.end) for exon in exons]
        self.introns = [(self.exons[i][1] + 1, self.exons[i + 1][0] - 1) for i in range(len(exons) - 1)]
        self.coding_exons = [exon for exon in exons if exon.cds_start is not None]
        self._exon_cds = [(_known(exon.cds_start), _known(exon.cds_end)) for exon in self.coding_exons]
        # How many exons of 5' UTR stand in front of the first coding exon.
        self.leading_exons = exons.index(self.coding_exons[0])
        first, last = self.coding_exons[0], self.coding_exons[-1]
        whole = first.cds_end == self.cds_length
        self.coding_start = first.start if whole else first.end - _known(first.cds_end) + 1
        self.coding_end = last.end if whole else last.start + _known(last.cds_end) - _known(last.cds_start)
        self._number_exons()
        self.utr5_length = 1 - self._firsts[0]
        self.utr3_length = self._last_index - self.cds_length
        # The last exon-exon junction, as a coding position (the 3' UTR counts on).
        self.last_junction = self._firsts[-1] - 1
        self._lay_out()
        self._segments = self._cut()
        self._starts = [segment.start for segment in self._segments]
        # What a genome-wide file asks for again and again; bounded, as only the known bases are looked up.
        self._segment_at = cache(self._find_segment)
        self._index_at = cache(self._find_index)
        self._name_at = cache(self._find_name)
        self.utr5 = "".join(self.bases(at, at) for at in map(self.at_index, range(self._firsts[0], 1)))

    @property
    def transcript(self) -> Transcript:
        """The transcript; refused with one line where the target has none."""
        return self.target.transcript

    def _number_exons(self) -> None:
        """Count along the joined exons: index 1 is the A of the start codon, 0 the base in front of it."""
        lengths = [end - start + 1 for start, end in self.exons]
        before = sum(lengths[: self.leading_exons]) + self.coding_start - self.coding_exons[0].start
        self._firsts = [1 - before]
        for length in lengths:
            self._firsts.append(self._firsts[-1] + length)
        self._last_index = self._firsts.pop() - 1
        # Any index of an exon plus this is its position.
        self._shifts = [start - first for (start, _), first in zip(self.exons, self._firsts, strict=True)]

    def _lay_out(self) -> None:
        """Lay out the bases from the first known one to the end of the gene, unknown ones as ``N``."""
        transcript = self.transcript
        genome, start = transcript.genomic_sequence, transcript.genomic_start
        if self.strand < 0:
            genome, start = reverse_complement(genome), self.chromosome_position(start + len(genome) - 1)
        self.origin = min(start, self.exons[0][0])
        end = max(self.exons[-1][1], start + len(genome) - 1)
        bases = [UNKNOWN_BASE] * (end - self.origin + 1)
        bases[start - self.origin : start - self.origin + len(genome)] = genome
        for low, high in self._exon_cds:
            at = self.at_index(low) - self.origin
            bases[at : at + high - low + 1] = self.cds[low - 1 : high]
        self.sequence = "".join(bases)
        self._size = len(bases)

    def _cut(self) -> list[Segment]:
        """Cut the chromosome at the exon boundaries."""
        segments = [Segment("upstream", 0, 1, self.exons[0][0] - 1)]
        for number, (start, end) in enumerate(self.exons, start=1):
            segments.append(Segment("exon", number, start, end))
            if number < len(self.exons):
                segments.append(Segment("intron", number, end + 1, self.exons[number][0] - 1))
        segments.append(Segment("downstream", 0, self.exons[-1][1] + 1, self.transcript.chromosome_length))
        return segments

    def chromosome_position(self, position: int) -> int:
        """Return the chromosome position of a position along the gene, or the other way round."""
        return position if self.strand > 0 else self.transcript.chromosome_length + 1 - position

    def segment(self, position: int) -> Segment:
        """Return the exon, intron or flank that a position lies in."""
        index = position - self.origin
        if 0 <= index < self._size:
            return self._segment_at(position)
        return self._find_segment(position)

    def _find_segment(self, position: int) -> Segment:
        """Search the segments for a position."""
        return self._segments[max(bisect_right(self._starts, position) - 1, 0)]

    def bases(self, start: int, end: int) -> str:
        """Return the bases ``start``-``end``, ``N`` where they are not known."""
        if start > end:
            return ""
        low, high = start - self.origin, end - self.origin + 1
        if low >= 0 and high <= self._size:
            return self.sequence[low:high]
        inside = self.sequence[max(low, 0) : max(high, 0)]
        left = min(max(-low, 0), end - start + 1)
        return UNKNOWN_BASE * left + inside + UNKNOWN_BASE * (end - start + 1 - left - len(inside))

    def at_index(self, index: int) -> int:
        """Return the position of a base of the joined exons, counted so that c.1 is 1 and c.-1 is 0."""
        return index + self._shifts[max(bisect_right(self._firsts, index) - 1, 0)]

    def index_of(self, position: int) -> int | None:
        """Return the place of a position in the joined exons, c.1 being 1 and c.-1 0; ``None`` outside exons."""
        return self._index_at(position) if 0 <= position - self.origin < self._size else None

    def _find_index(self, position: int) -> int | None:
        """Compute the place of a position in the joined exons."""
        segment = self._find_segment(position)
        return position - self._shifts[segment.number - 1] if segment.kind == "exon" else None

    def to_genome(self, position: int, offset: int = 0) -> int:
        """Return the position along the gene of a coding position, UTRs and intron offsets included.

        Parameters
        ----------
        position : int
            Coding position; negative in the 5' UTR, beyond the coding length in the 3' UTR.
        offset : int
            Bases into the intron, as in ``559+1`` or ``560-2``.

        Raises
        ------
        VariantError
            If the position is not part of the known transcript, or the offset does not
            start at the end of an exon.
        """
        index = position + (position < 0)
        if position == 0 or not self._firsts[0] <= index <= self._last_index:
            raise VariantError(self._outside(position))
        found = self.at_index(index)
        return self._into_intron(position, found, offset) if offset else found

    def _into_intron(self, position: int, edge: int, offset: int) -> int:
        """Step from the edge of an exon into the intron and check that it stays there."""
        name = f"c.{self.position_text(position)}{offset:+d}"
        for start, end in self.introns:
            if (offset > 0 and edge == start - 1) or (offset < 0 and edge == end + 1):
                if abs(offset) > end - start + 1:
                    raise VariantError(f"{name}: the intron has only {end - start + 1} bases")
                return edge + offset
        exon = self.segment(edge)
        first, last = self.coding_name(exon.start), self.coding_name(exon.end)
        hint = f"; a range is written {position}_{-offset}" if -offset > position else ""
        side = "after the last base of an exon" if offset > 0 else "before the first base of an exon"
        raise VariantError(f"{name}: an intron offset counts {side}; exon {exon.number} is c.{first} to c.{last}{hint}")

    def _outside(self, position: int) -> str:
        """Say why a coding position is not part of the transcript."""
        accession = self.transcript.accession
        text = f"c.{self.position_text(position)}"
        if position == 0:
            return "c.0: there is no position 0; c.-1 is followed by c.1"
        if position < 0:
            length = self.utr5_length
            return f"{text}: the 5' UTR of {accession} has {length} bases, c.-{length} to c.-1"
        length = self.utr3_length
        return f"{text}: the 3' UTR of {accession} has {length} bases, c.*1 to c.*{length}"

    def position_text(self, position: int) -> str:
        """Write a coding position the HGVS way (``-3``, ``61``, ``*5``)."""
        if position > self.cds_length:
            return f"*{position - self.cds_length}"
        return str(position)

    def cds_position(self, position: int) -> int | None:
        """Return the coding position (1 to the coding length) of a position along the gene, else None."""
        index = self.index_of(position)
        return index if index is not None and 0 < index <= self.cds_length else None

    def coding_name(self, position: int) -> str:
        """Return the HGVS c. position of a position along the gene; "" where it has none."""
        return self._name_at(position) if 0 <= position - self.origin < self._size else ""

    def _find_name(self, position: int) -> str:
        """Compute the HGVS c. position of a position along the gene."""
        index = self._find_index(position)
        if index is not None:
            return self.position_text(index - (index < 1))
        segment = self._find_segment(position)
        if segment.kind != "intron":
            return ""
        left, right = position - segment.start + 1, segment.end - position + 1
        if left <= right:
            return f"{self._find_name(segment.start - 1)}+{left}"
        return f"{self._find_name(segment.end + 1)}-{right}"

    def exon_cds(self, index: int) -> tuple[int, int]:
        """Return first and last coding position of the coding exon with this index (from 0)."""
        return self._exon_cds[index]


def _known(value: int | None) -> int:
    """Return a coding bound that the loader has checked to be there."""
    assert value is not None
    return value


# A Target cannot be hashed (it holds mappings), so the cache goes by identity and keeps the
# target alive: an identity is never reused while its entry is here.
_cache: dict[int, TranscriptMap] = {}


def transcript_map_of(target: Target) -> TranscriptMap:
    """Return the look-up tables of a target, computed once for each.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> reference = transcript_map_of(load_target())
    >>> reference.to_genome(1), reference.coding_name(28933115), reference.utr5_length
    (28932001, '559+1', 30)
    """
    found = _cache.get(id(target))
    if found is None:
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        found = _cache[id(target)] = TranscriptMap(target)
    return found
