"""A parsed DNA change held against the reference: which bases, where, become which.

Turns positions of any system into positions along the gene, checks every reference base
that was written, and gives the change twice: as written (what VEP looks at) and without
shared bases. Also names a change the HGVS way, 3'-shifted. A gene on the minus strand is
turned round here, on the way in and on the way out, and nowhere else. Not for what a change
does to the protein.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from epitope.errors import VariantError, shown
from epitope.target.translation import reverse_complement
from epitope.variant.hgvs.grammar import CodingPoint, DnaText
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap

LARGEST_SPAN = 100_000
LARGEST_REPEAT = 10_000
_FAR = 1000


@dataclass(frozen=True, slots=True)
class Alleles:
    """Bases ``start``-``end`` along the gene (``end = start - 1`` for none) become ``alt``."""

    start: int
    end: int
    ref: str
    alt: str

    @property
    def is_insertion(self) -> bool:
        """Whether no reference base is replaced."""
        return self.start > self.end

    @property
    def shift(self) -> int:
        """By how many bases what follows is moved."""
        return len(self.alt) - (self.end - self.start + 1)

    def overlaps(self, other: Alleles) -> bool:
        """Say whether both change the same bases, or put bases in at one place.

        Examples
        --------
        >>> Alleles(5, 7, "ACG", "").overlaps(Alleles(7, 7, "G", "T"))
        True
        """
        if self.is_insertion and other.is_insertion:
            return self.start == other.start
        if self.is_insertion or other.is_insertion:
            point, whole = (self, other) if self.is_insertion else (other, self)
            return whole.start < point.start <= whole.end
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the gene, as written and at its smallest, with what could not be checked.

    ``chromosome`` is "" on the target's own chromosome.
    """

    written: Alleles
    least: Alleles
    chromosome: str = ""
    notes: tuple[str, ...] = ()


def edit_of(text: str, parsed: DnaText, reference: TranscriptMap) -> Edit:
    """Place a parsed change on the chromosome and check the bases that were written.

    Raises
    ------
    VariantError
        If a position is not known, the reference differs, or the range makes no sense.
    """
    if parsed.chromosome:
        alleles = Alleles(parsed.start.number, parsed.end.number, parsed.deleted, parsed.inserted)
        return Edit(alleles, alleles, chromosome=parsed.chromosome)
    parsed = written_out(text, parsed, reference)
    if parsed.system == "g" and reference.strand < 0:
        parsed = _turned(text, parsed, reference)
    start = _position(text, parsed.system, parsed.start, reference)
    length = len(parsed.deleted) or parsed.deleted_length or 0
    if parsed.operation == "alleles":
        end = _allele_end(parsed, start, length, reference)
    elif parsed.end is parsed.start:
        end = start
    else:
        end = _position(text, parsed.system, parsed.end, reference)
    if parsed.operation == "ins":
        return _insertion(text, parsed, start, end, reference)
    _check_range(text, start, end, parsed, reference)
    ref = reference.bases(start, end)
    # Bases given on the transcript leave out an intron that the range on the chromosome includes.
    splices = parsed.system != "g" and start <= end and _crosses_intron(start, end, reference)
    spliced = _spliced(start, end, reference) if splices else ref
    notes = _check_bases(text, parsed, spliced, reference)
    if splices and parsed.inserted:
        inside = _within_exon(start, spliced, parsed.inserted, reference)
        if inside is not None:
            return Edit(inside, inside, notes=notes)
    alt = _new_bases(parsed, ref)
    if UNKNOWN_BASE in ref and parsed.deleted and not splices:
        ref = parsed.deleted
    if parsed.operation == "dup":
        written = Alleles(end + 1, end, "", alt)
        return Edit(written, written, notes=notes)
    written = _drop_anchor(Alleles(start, end, ref, alt)) if parsed.anchored else Alleles(start, end, ref, alt)
    return Edit(written, least_alleles(written), notes=notes)


def _turned(text: str, parsed: DnaText, reference: TranscriptMap) -> DnaText:
    """Turn a description on the chromosome round to the strand of a gene on the minus strand.

    The base in front of an indel in VCF is in front on the chromosome, so it goes first.
    """
    start, end = (_position(text, "g", point, reference) for point in (parsed.start, parsed.end))
    deleted, inserted = parsed.deleted, parsed.inserted
    if parsed.operation == "alleles":
        end = start + (len(deleted) or parsed.deleted_length or 0) - 1
    if parsed.anchored:
        least = _drop_anchor(Alleles(start, end, deleted, inserted))
        start, end, deleted, inserted = least.start, least.end, least.ref, least.alt
    first, last = (CodingPoint(reference.chromosome_position(at)) for at in (end, start))
    return replace(
        parsed,
        start=first,
        end=first if start == end else last,
        deleted=reverse_complement(deleted),
        inserted=reverse_complement(inserted),
        anchored=False,
    )


def written_out(text: str, parsed: DnaText, reference: TranscriptMap) -> DnaText:
    """Write a repeat such as ``1203AGA[4]`` as a deletion-insertion; anything else stays as it is.

    Without a range, or with a range but no unit, the position is that of the first unit and
    the copies that follow are counted; a range with a unit is the whole repeat.

    Raises
    ------
    VariantError
        If the reference has no such repeat there, or the range is not the whole of it.
    """
    if parsed.operation != "repeat":
        return parsed
    if parsed.system == "g" and reference.strand < 0:
        raise VariantError(f"{shown(text)}: repeats of a gene on the minus strand are read in c.")
    start = _position(text, parsed.system, parsed.start, reference)
    end = start if parsed.end is parsed.start else _position(text, parsed.system, parsed.end, reference)
    unit = parsed.deleted or reference.bases(start, end)
    size = len(unit)
    edge = reference.segment(start).end
    if end < start or end > edge:
        raise VariantError(f"{shown(text)}: a repeat lies in one exon or intron and runs forwards")
    if parsed.copies * size > LARGEST_REPEAT:
        raise VariantError(f"{shown(text)}: repeats of up to {LARGEST_REPEAT} bases are read")
    found = 0
    while start + (found + 1) * size - 1 <= edge and _is_unit(start + found * size, unit, reference):
        found += 1
    name = f"{parsed.system}.{_written_point(parsed.start)}"
    if found == 0 and UNKNOWN_BASE in reference.bases(start, start + size - 1):
        raise VariantError(f"{shown(text)}: the sequence at {name} is not known, so no copies can be counted")
    if found == 0:
        actual = shown(reference.bases(start, start + size - 1), 30)
        raise VariantError(f"{shown(text)}: the reference at {name} is {actual}, not {shown(unit, 30)}")
    if start - size >= reference.segment(start).start and _is_unit(start - size, unit, reference):
        raise VariantError(f"{shown(text)}: {shown(unit, 30)} also stands in front of {name}; give its first copy")
    whole = start + found * size - 1
    if parsed.deleted and end not in (start, whole):
        raise VariantError(
            f"{shown(text)}: {shown(unit, 30)} stands there {found} times, {found * size} bases; give the whole range"
        )
    last = _further(parsed.start, whole - start)
    return replace(parsed, operation="delins", end=last, deleted=unit * found, inserted=unit * parsed.copies, copies=0)


def _is_unit(start: int, unit: str, reference: TranscriptMap) -> bool:
    """Say whether a unit of a repeat stands at a chromosome position."""
    return reference.bases(start, start + len(unit) - 1) == unit and UNKNOWN_BASE not in unit


def _further(point: CodingPoint, bases: int) -> CodingPoint:
    """Return the position some bases behind one in the same exon or intron."""
    if point.offset:
        return replace(point, offset=point.offset + bases)
    number = point.number + bases
    # There is no position 0.
    return replace(point, number=number + (point.number < 0 <= number and not point.star))


def _position(text: str, system: str, point: CodingPoint, reference: TranscriptMap) -> int:
    """Return the position along the gene of a written one."""
    if system == "g":
        if not 1 <= point.number <= reference.transcript.chromosome_length:
            raise VariantError(
                f"{shown(text)}: {reference.transcript.chromosome} of {reference.transcript.assembly} has "
                f"{reference.transcript.chromosome_length} bases; {point.number} is none of them"
            )
        return point.number
    number = point.number
    if system == "n":
        if point.star or number < 1:
            raise VariantError(f"{shown(text)}: an n. position counts from the first base, n.1")
        # There is no position 0 between the 5' UTR and the coding sequence.
        number -= reference.utr5_length
        number -= number <= 0
    elif point.star:
        if number < 1:
            raise VariantError(f"{shown(text)}: the 3' UTR starts at c.*1")
        number += reference.cds_length
    elif number > reference.cds_length:
        raise VariantError(
            f"{shown(text)}: c.{number} lies behind the coding sequence of {reference.transcript.accession}, "
            f"c.1 to c.{reference.cds_length}; the 3' UTR is written c.*1 and on"
        )
    try:
        return reference.to_genome(number, point.offset)
    except VariantError as error:
        raise VariantError(f"{shown(text)}: {error}") from None


def _allele_end(parsed: DnaText, start: int, length: int, reference: TranscriptMap) -> int:
    """Return the last position of a reference allele that starts at ``start``."""
    index = reference.index_of(start)
    if parsed.system == "g" or length == 0 or index is None:
        return start + length - 1
    end = reference.at_index(index + length - 1)
    # Behind the last base of the transcript there is nothing to join on.
    return end if end <= reference.exons[-1][1] else start + length - 1


def _within_exon(start: int, old: str, new: str, reference: TranscriptMap) -> Alleles | None:
    """Return a change written over joined exons if all that differs lies in one of them, else ``None``."""
    least = least_alleles(Alleles(0, len(old) - 1, old, new))
    index = reference.index_of(start)
    assert index is not None
    if least.ref == least.alt:
        # Nothing differs, and the intron in between was not written.
        return Alleles(start, start, old[0], old[0])
    if not least.ref:
        # Bases put in between two exons are taken as the end of the first.
        left = reference.at_index(index + least.end)
        return Alleles(left + 1, left, "", least.alt)
    low, high = (reference.at_index(index + at) for at in (least.start, least.end))
    return Alleles(low, high, least.ref, least.alt) if high - low == least.end - least.start else None


def _check_range(text: str, start: int, end: int, parsed: DnaText, reference: TranscriptMap) -> None:
    """Refuse a range that runs backwards, is too long, or has another length than written."""
    span = end - start + 1
    if span < 0 or (span == 0 and parsed.operation != "alleles"):
        raise VariantError(f"{shown(text)}: the range runs backwards")
    if span > LARGEST_SPAN:
        raise VariantError(f"{shown(text)}: {span} bases; changes of up to {LARGEST_SPAN} bases are read")
    written = len(parsed.deleted) or parsed.deleted_length
    if not written or parsed.operation == "alleles":
        return
    spans_intron = parsed.system != "g" and _crosses_intron(start, end, reference)
    actual = len(_spliced(start, end, reference)) if spans_intron else span
    if written != actual:
        raise VariantError(f"{shown(text)}: {written} bases are written, the range has {actual}")


def _crosses_intron(start: int, end: int, reference: TranscriptMap) -> bool:
    """Say whether both ends are exonic and at least one whole intron lies between them."""
    if reference.segment(start) is reference.segment(end):
        return False
    return reference.segment(start).kind == "exon" == reference.segment(end).kind


def _spliced(start: int, end: int, reference: TranscriptMap) -> str:
    """Return the exonic bases of a range."""
    parts = [reference.bases(max(start, exon_start), min(end, exon_end)) for exon_start, exon_end in reference.exons]
    return "".join(parts)


def _check_bases(text: str, parsed: DnaText, actual: str, reference: TranscriptMap) -> tuple[str, ...]:
    """Hold the written reference bases against the known ones; note what could not be checked."""
    written = parsed.deleted
    if not written:
        return ()
    if UNKNOWN_BASE in actual:
        pairs = zip(written, actual, strict=False)
        agrees = len(written) == len(actual) and all(b in (a, UNKNOWN_BASE) for a, b in pairs)
        if agrees:
            return ("the reference base was not checked: the sequence is not known there",)
    elif written == actual:
        return ()
    start, transcript = parsed.start, reference.transcript
    if parsed.system == "g" and reference.strand < 0:
        start = CodingPoint(reference.chromosome_position(start.number + len(written) - 1))
        actual, written = reverse_complement(actual), reverse_complement(written)
    place = f"{parsed.system}.{_written_point(start)}"
    where = transcript.chromosome_accession if parsed.system == "g" else transcript.accession
    raise VariantError(
        f"{shown(text)}: the reference at {place} is {shown(actual)} ({reference.target.name}, {where}), "
        f"not {shown(written)}; check the numbering"
    )


def _written_point(point: CodingPoint) -> str:
    """Write a point as it was given."""
    offset = f"{point.offset:+d}" if point.offset else ""
    return f"{'*' if point.star else ''}{point.number}{offset}"


def _new_bases(parsed: DnaText, actual: str) -> str:
    """Return what stands in place of the reference bases."""
    if parsed.operation == "inv":
        return reverse_complement(actual)
    if parsed.operation == "dup":
        return actual
    if parsed.operation == "=":
        return actual
    return parsed.inserted


def _insertion(text: str, parsed: DnaText, start: int, end: int, reference: TranscriptMap) -> Edit:
    """Place an insertion between two neighbouring bases."""
    if end != start + 1 and not (parsed.system == "r" and _neighbours(start, end, reference)):
        if parsed.system != "g" and end > start and _crosses_intron(start, end, reference):
            left, right = reference.coding_name(start), reference.coding_name(end)
            raise VariantError(
                f"{shown(text)}: {left} and {right} are in different exons; "
                f"write {left}_{left}+1ins or {right}-1_{right}ins"
            )
        raise VariantError(f"{shown(text)}: an insertion names two neighbouring bases, such as 61_62ins")
    alleles = Alleles(start + 1, start, "", parsed.inserted)
    return Edit(alleles, alleles)


def _neighbours(start: int, end: int, reference: TranscriptMap) -> bool:
    """Say whether two exonic bases are neighbours in the spliced RNA."""
    return start < end and _crosses_intron(start, end, reference) and len(_spliced(start, end, reference)) == 2


def _drop_anchor(alleles: Alleles) -> Alleles:
    """Drop the base in front of an indel, as VEP does when it reads VCF: the first base only."""
    ref, alt = alleles.ref, alleles.alt
    if len(ref) != len(alt) and ref[:1] and ref[:1] == alt[:1]:
        return Alleles(alleles.start + 1, alleles.end, ref[1:], alt[1:])
    return alleles


def least_alleles(alleles: Alleles) -> Alleles:
    """Drop every base that both alleles share at their ends, front first.

    Examples
    --------
    >>> least_alleles(Alleles(10, 13, "CCTT", "C"))
    Alleles(start=11, end=13, ref='CTT', alt='')
    """
    start, end, ref, alt = alleles.start, alleles.end, alleles.ref, alleles.alt
    if ref == alt:
        return alleles
    shortest = min(len(ref), len(alt))
    front = 0
    while front < shortest and ref[front] == alt[front] != UNKNOWN_BASE:
        front += 1
    back = 0
    while back < shortest - front and ref[-1 - back] == alt[-1 - back] != UNKNOWN_BASE:
        back += 1
    if not front and not back:
        return alleles
    return Alleles(start + front, end - back, ref[front : len(ref) - back], alt[front : len(alt) - back])


def shift_right(alleles: Alleles, reference: TranscriptMap, last: int) -> Alleles:
    """Move a pure insertion or deletion as far along the gene as it goes, not beyond base ``last``."""
    moved = alleles.alt if alleles.is_insertion else alleles.ref
    if (alleles.ref and alleles.alt) or not moved or UNKNOWN_BASE in moved:
        return alleles
    if alleles.end >= last or reference.bases(alleles.end + 1, alleles.end + 1) != moved[0]:
        return alleles
    size, steps = len(moved), 0
    following = reference.bases(alleles.end + 1, min(last, alleles.end + size + _FAR))
    repeated = moved + following
    while steps < len(following) and following[steps] == repeated[steps]:
        steps += 1
    turn = steps % size
    moved = moved[turn:] + moved[:turn]
    start, end = alleles.start + steps, alleles.end + steps
    return Alleles(start, end, "", moved) if alleles.is_insertion else Alleles(start, end, moved, "")


def shift_left(alleles: Alleles, reference: TranscriptMap) -> Alleles:
    """Move a pure insertion or deletion as far back along the gene as it goes."""
    moved = alleles.alt if alleles.is_insertion else alleles.ref
    if (alleles.ref and alleles.alt) or not moved or UNKNOWN_BASE in moved:
        return alleles
    preceding = reference.bases(alleles.start - len(moved) - _FAR, alleles.start - 1)
    repeated = preceding + moved
    steps = 0
    while steps < len(preceding) and preceding[-1 - steps] == repeated[-1 - steps]:
        steps += 1
    turn = len(moved) - steps % len(moved)
    moved = moved[turn:] + moved[:turn]
    start, end = alleles.start - steps, alleles.end - steps
    return Alleles(start, end, "", moved) if alleles.is_insertion else Alleles(start, end, moved, "")


def placed_for_product(alleles: Alleles, reference: TranscriptMap) -> Alleles:
    """Move an indel to where its product can be told best, the same place however it was written.

    Of the places that give the same sequence, in this order: one that joins two exons (a whole
    intron lost), one inside an exon (which leaves the introns whole), one inside an intron
    (which leaves the exons whole), any; of several, the most 3'.
    """
    start, end = alleles.start, alleles.end
    if (alleles.ref and alleles.alt) or not (alleles.ref or alleles.alt):
        return alleles
    left, right = reference.segment(start), reference.segment(end)
    if left is right and left.kind == "exon":
        return shift_right(alleles, reference, left.end)
    best, best_rank = alleles, len(_PLACES)
    for moved in equivalent_places(alleles, reference):
        rank = _PLACES.index(_kind_of_place(moved, reference))
        if rank < best_rank:
            best, best_rank = moved, rank
        if not rank:
            break
    return best


_PLACES = ("joins exons", "exon", "intron", "other")


def _kind_of_place(alleles: Alleles, reference: TranscriptMap) -> str:
    """Say what an insertion or deletion touches; one at a border counts to the exon."""
    left, right = reference.segment(alleles.start), reference.segment(alleles.end)
    if alleles.is_insertion:
        return "exon" if "exon" in (left.kind, right.kind) else left.kind if left.kind in _PLACES else "other"
    if left is right:
        return left.kind if left.kind in _PLACES else "other"
    return "joins exons" if _crosses_intron(alleles.start, alleles.end, reference) else "other"


def exonic_copy(alleles: Alleles, reference: TranscriptMap) -> str | None:
    """Return the exonic bases of a tandem copy that runs from exon to exon; ``None`` for any other insertion."""
    first, last = alleles.start - len(alleles.alt), alleles.start - 1
    if not _crosses_intron(first, last, reference) or reference.bases(first, last) != alleles.alt:
        return None
    return _spliced(first, last, reference)


def equivalent_places(alleles: Alleles, reference: TranscriptMap) -> Iterator[Alleles]:
    """Yield every place of an insertion or deletion that gives the same sequence, the most 3' first."""
    start, end = alleles.start, alleles.end
    size = len(alleles.alt) or end - start + 1
    # The insertion laid out, or the deletion undone: moving one base shows as a base ``size`` further.
    far = size + _FAR
    around = reference.bases(start - far, start - 1) + (alleles.alt or reference.bases(start, end))
    around += reference.bases(end + 1, end + far)
    at, behind = far, far + size
    left = right = 0
    while left < far and around[at - 1 - left] == around[behind - 1 - left] != UNKNOWN_BASE:
        left += 1
    while right < far and around[at + right] == around[behind + right] != UNKNOWN_BASE:
        right += 1
    for shift in range(right, -left - 1, -1):
        bases = around[at + shift : behind + shift]
        ref, alt = ("", bases) if alleles.is_insertion else (bases, "")
        yield Alleles(start + shift, end + shift, ref, alt)


def hgvs_names(edit: Edit, reference: TranscriptMap) -> tuple[str, str]:
    """Return the ``c.`` and the ``g.`` description of a change, each 3'-shifted on its own strand.

    The shift goes over the border of an exon and an intron, as HGVS has it (c.1704+1del, not
    c.1704del; c.1813del, not c.1813-1del). Over the border of two exons it cannot go, because it is
    the gene that is shifted on, not the joined exons; that is HGVS's exception to the 3' rule.
    A deletion that can be written from exon to exon, the introns between them gone, is.
    The ``c.`` description is "" where the change has no position on the transcript.
    """
    alleles = edit.least
    accession = reference.transcript.chromosome_accession
    minus = reference.strand < 0
    if len(alleles.ref) == len(alleles.alt) == 1 and alleles.ref != alleles.alt:
        name = reference.coding_name(alleles.start)
        on_chromosome = _turned_alleles(alleles, reference) if minus else alleles
        g_name = f"{accession}:g.{on_chromosome.start}{on_chromosome.ref}>{on_chromosome.alt}"
        return (f"c.{name}{alleles.ref}>{alleles.alt}" if name else ""), g_name
    end, reach = reference.exons[-1][1], alleles.end + len(alleles.alt) + _FAR
    # A change of the transcript is named on it, also where it could be moved out of it.
    shifted = shift_right(alleles, reference, end if alleles.end <= end else reach)
    if minus:
        along_chromosome = _turned_alleles(shift_left(alleles, reference), reference)
        g_name = _describe(along_chromosome, _chromosome_bases(reference), str)
    else:
        along_chromosome = shift_right(shifted, reference, reach) if shifted.end == end else shifted
        g_name = _describe(along_chromosome, reference.bases, str)
    if not alleles.alt and reference.segment(alleles.start) is not reference.segment(alleles.end):
        # A deletion from exon to exon keeps the name by which the joined exons are read.
        joined = placed_for_product(alleles, reference)
        shifted = joined if _kind_of_place(joined, reference) == _PLACES[0] else shifted
    c_name = _describe(shifted, reference.bases, reference.coding_name)
    return (f"c.{c_name}" if c_name else ""), f"{accession}:g.{g_name}"


def name_in_place(alleles: Alleles, reference: TranscriptMap) -> str:
    """Return the ``c.`` description of a change where it stands, not 3'-shifted."""
    return f"c.{_describe(alleles, reference.bases, reference.coding_name)}"


def _turned_alleles(alleles: Alleles, reference: TranscriptMap) -> Alleles:
    """Turn a change of a gene on the minus strand round to the chromosome."""
    flip = reference.chromosome_position
    ref, alt = reverse_complement(alleles.ref), reverse_complement(alleles.alt)
    return Alleles(flip(alleles.end), flip(alleles.start), ref, alt)


def _chromosome_bases(reference: TranscriptMap) -> Callable[[int, int], str]:
    """Return a look-up of the bases of the chromosome that a gene on the minus strand lies on."""
    flip = reference.chromosome_position
    return lambda start, end: reverse_complement(reference.bases(flip(end), flip(start)))


def _describe(alleles: Alleles, bases: Callable[[int, int], str], name: Callable[[int], str]) -> str:
    """Write a change in HGVS behind its ``c.`` or ``g.``; "" where a position has no name."""

    def span(start: int, end: int) -> str:
        first, last = name(start), name(end)
        if not first or not last:
            return ""
        return first if start == end else f"{first}_{last}"

    start, end, ref, alt = alleles.start, alleles.end, alleles.ref, alleles.alt
    if ref:
        where = span(start, end)
        return f"{where}{_replacement(ref, alt)}" if where else ""
    size = len(alt)
    copied = ""
    if UNKNOWN_BASE in alt or bases(start - size, start - 1) == alt:
        copied = span(start - size, start - 1)
    if copied or UNKNOWN_BASE in alt:
        return f"{copied}dup" if copied else ""
    where = span(start - 1, start)
    return f"{where}ins{alt}" if where else ""


def _replacement(ref: str, alt: str) -> str:
    """Write what becomes of reference bases."""
    if ref == alt:
        return "="
    if not alt:
        return "del"
    if len(ref) == len(alt) == 1:
        return f"{ref}>{alt}"
    if alt == reverse_complement(ref):
        return "inv"
    return f"delins{alt}"
