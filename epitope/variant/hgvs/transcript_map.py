"""The transcript of a target laid out for look-ups: genome, exons, coding bases, codons.

Everything here is computed once per target and then only read, so that a variant costs
a few slices. One string holds the gene from the first known base to its end, with ``N``
where nothing is known; coding bases are filled in from the coding sequence. Not for
parsing, and not for consequences.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from epitope.errors import VariantError
from epitope.target.model import Target
from epitope.target.translation import codon_table, translate

UNKNOWN_BASE = "N"
_CACHE_SIZE = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the chromosome between two exon boundaries: an exon, an intron or outside."""

    kind: str
    number: int
    start: int
    end: int


class TranscriptMap:
    """Coordinates and sequences of one target, ready for look-ups.

    Chromosome positions are 1-based. ``coding`` positions count from the A of the start
    codon; positions of the 5' UTR are negative (-1 is the base in front of it) and those
    of the 3' UTR are written as the coding length plus their star number.
    """

    def __init__(self, target: Target) -> None:
        transcript = target.transcript
        self.target = target
        self.transcript = transcript
        self.cds = transcript.coding_sequence
        self.protein = target.sequence
        self.codons = codon_table()
        self.cds_length = len(self.cds)
        self.frames = tuple(translate(self.cds[frame:]) for frame in range(3))
        self.positions = tuple(range(1, len(self.protein) + 1))
        self.coding_exons = [exon for exon in transcript.exons if exon.cds_start is not None]
        first, last = self.coding_exons[0], self.coding_exons[-1]
        self.coding_start = first.end - _known(first.cds_end) + 1
        self.coding_end = last.start + _known(last.cds_end) - _known(last.cds_start)
        self.origin = min(transcript.genomic_start, transcript.gene_start)
        self.sequence = self._layout()
        self._size = len(self.sequence)
        self.exons = [(exon.start, exon.end) for exon in transcript.exons]
        self.introns = [(self.exons[i][1] + 1, self.exons[i + 1][0] - 1) for i in range(len(self.exons) - 1)]
        self.partial = transcript.partial_exons[0] if transcript.partial_exons else None
        if self.partial is not None:
            # The intron in front of the partial exon, with the latest end that is possible.
            self.introns.append((self.exons[-1][1] + 1, self.partial.start_latest - 1))
        self.segments = self._segments()
        self._starts = [segment.start for segment in self.segments]
        self.utr5_length = self.coding_start - self.exons[0][0]
        self.utr5 = self.bases(self.exons[0][0], self.coding_start - 1)
        self.utr3_length = self.exons[-1][1] - self.coding_end
        more_exons = self.transcript.exon_count > len(self.exons)
        # The last exon-exon junction, as a coding position (the 3' UTR counts on).
        self.last_junction = self.cds_length + self.utr3_length if more_exons else _known(last.cds_start) - 1
        self._exon_cds = [(_known(e.cds_start), _known(e.cds_end)) for e in self.coding_exons]
        self._cds_starts = [start for start, _ in self._exon_cds]
        # Any coding position of an exon plus this is its chromosome position.
        self._exon_shift = [
            exon.end - _known(exon.cds_end)
            if index < len(self.coding_exons) - 1
            else exon.start - _known(exon.cds_start)
            for index, exon in enumerate(self.coding_exons)
        ]

        window = range(self.origin, self.origin + self._size)
        self._segment_at = [self._find_segment(position) for position in window]
        self._cds_at = [self._find_cds(position) for position in window]
        self._name_at = [self._find_name(position) for position in window]

    def _layout(self) -> str:
        """Return the bases from the first known one to the end of the gene, unknown ones as ``N``."""
        transcript = self.transcript
        end = max(transcript.gene_end, transcript.genomic_start + len(transcript.genomic_sequence) - 1)
        bases = [UNKNOWN_BASE] * (end - self.origin + 1)
        offset = transcript.genomic_start - self.origin
        bases[offset : offset + len(transcript.genomic_sequence)] = transcript.genomic_sequence
        for index, exon in enumerate(self.coding_exons):
            coding = self.cds[_known(exon.cds_start) - 1 : _known(exon.cds_end)]
            last = index == len(self.coding_exons) - 1
            start = (exon.start if last else exon.end - len(coding) + 1) - self.origin
            bases[start : start + len(coding)] = coding
        return "".join(bases)

    def _segments(self) -> list[Segment]:
        """Cut the chromosome at the exon boundaries."""
        segments = [Segment("upstream", 0, 1, self.exons[0][0] - 1)]
        for number, (start, end) in enumerate(self.exons, start=1):
            segments.append(Segment("exon", number, start, end))
            if number < len(self.exons):
                segments.append(Segment("intron", number, end + 1, self.exons[number][0] - 1))
        behind = self.exons[-1][1] + 1
        if self.partial is not None:
            number, partial = len(self.exons), self.partial
            segments.append(Segment("intron", number, behind, partial.start_earliest - 1))
            segments.append(Segment("uncertain", partial.number, partial.start_earliest, partial.start_latest - 1))
            segments.append(Segment("exon", partial.number, partial.start_latest, partial.end))
            behind = partial.end + 1
        segments.append(Segment("downstream", 0, behind, self.transcript.chromosome_length))
        return segments

    def segment(self, position: int) -> Segment:
        """Return the exon, intron or flank that a chromosome position lies in."""
        index = position - self.origin
        if 0 <= index < self._size:
            return self._segment_at[index]
        return self._find_segment(position)

    def _find_segment(self, position: int) -> Segment:
        """Search the segments for a chromosome position."""
        return self.segments[max(bisect_right(self._starts, position) - 1, 0)]

    def bases(self, start: int, end: int) -> str:
        """Return the bases ``start``-``end`` of the chromosome, ``N`` where they are not known."""
        if start > end:
            return ""
        low, high = start - self.origin, end - self.origin + 1
        if low >= 0 and high <= self._size:
            return self.sequence[low:high]
        inside = self.sequence[max(low, 0) : max(high, 0)]
        left = min(max(-low, 0), end - start + 1)
        return UNKNOWN_BASE * left + inside + UNKNOWN_BASE * (end - start + 1 - left - len(inside))

    def to_genome(self, position: int, offset: int = 0) -> int:
        """Return the chromosome position of a coding position, UTRs and intron offsets included.

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
        if position < 0:
            found = self.coding_start + position
            known = found >= self.exons[0][0]
        elif position > self.cds_length:
            found = self.coding_end + position - self.cds_length
            known = found <= self.exons[-1][1]
        else:
            index = bisect_right(self._cds_starts, position) - 1
            found = position + self._exon_shift[max(index, 0)]
            known = position > 0
        if not known:
            raise VariantError(self._outside(position))
        if offset:
            return self._into_intron(position, found, offset)
        return found

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
        return (
            f"{text}: only c.-{self.utr5_length} to c.{self.cds_length} and c.*1 to c.*{self.utr3_length} "
            f"of {accession} are known"
        )

    def position_text(self, position: int) -> str:
        """Write a coding position the HGVS way (``-3``, ``61``, ``*5``)."""
        if position > self.cds_length:
            return f"*{position - self.cds_length}"
        return str(position)

    def cds_position(self, position: int) -> int | None:
        """Return the coding position (1 to the coding length) of a chromosome position, else None."""
        index = position - self.origin
        return self._cds_at[index] if 0 <= index < self._size else None

    def _find_cds(self, position: int) -> int | None:
        """Compute the coding position of a chromosome position."""
        segment = self._find_segment(position)
        if segment.kind != "exon" or not self.coding_start <= position <= self.coding_end:
            return None
        return position - self._exon_shift[segment.number - 1]

    def coding_name(self, position: int) -> str:
        """Return the HGVS c. position of a chromosome position; "" where it has none."""
        index = position - self.origin
        return self._name_at[index] if 0 <= index < self._size else ""

    def _find_name(self, position: int) -> str:
        """Compute the HGVS c. position of a chromosome position."""
        segment = self._find_segment(position)
        if segment.kind == "exon" and segment.number <= len(self.exons):
            return self._exonic_name(position, segment)
        if segment.kind != "intron":
            return ""
        left = position - segment.start + 1
        right = segment.end - position + 1
        if segment.number < len(self.exons):
            if left <= right:
                return f"{self._exonic_name(segment.start - 1)}+{left}"
            return f"{self._exonic_name(segment.end + 1)}-{right}"
        # The far end of this intron is uncertain: name only what is surely in its first half.
        return f"{self._exonic_name(segment.start - 1)}+{left}" if left <= right else ""

    def _exonic_name(self, position: int, segment: Segment | None = None) -> str:
        """Name a position of a known exon."""
        if position < self.coding_start:
            return str(position - self.coding_start)
        if position > self.coding_end:
            return f"*{position - self.coding_end}"
        segment = segment or self._find_segment(position)
        return str(position - self._exon_shift[segment.number - 1])

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
    (28932001, '559+1', 44)
    """
    found = _cache.get(id(target))
    if found is None:
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        found = _cache[id(target)] = TranscriptMap(target)
    return found
