"""A parsed DNA change held against the reference: which bases, where, become which.

Turns positions of any system into chromosome positions, checks every reference base that
was written, and gives the change twice: as written (what VEP looks at) and without shared
bases. Also names a change the HGVS way, 3'-shifted. Not for what it does to the protein.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from epitope.errors import VariantError
from epitope.variant.hgvs.grammar import CodingPoint, DnaText
from epitope.variant.hgvs.spelling import shown
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap

LARGEST_SPAN = 100_000
LARGEST_REPEAT = 10_000
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
_FAR = 1000


@dataclass(frozen=True, slots=True)
class Alleles:
    """Bases ``start``-``end`` of the chromosome (``end = start - 1`` for none) become ``alt``."""

    start: int
    end: int
    ref: str
    alt: str

    @property
    def is_insertion(self) -> bool:
        """Whether no reference base is replaced."""
        return self.start > self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """A change on the chromosome, as written and at its smallest, with what could not be checked.

    ``chromosome`` is "" on the target's own chromosome. ``splices`` says that the bases were
    given on the transcript across an intron, which the chromosome span then includes.
    """

    written: Alleles
    least: Alleles
    chromosome: str = ""
    splices: bool = False
    notes: tuple[str, ...] = ()


def reverse_complement(bases: str) -> str:
    """Return the other strand.

    Examples
    --------
    >>> reverse_complement("AACG")
    'CGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


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
    start = _position(text, parsed.system, parsed.start, reference)
    length = len(parsed.deleted) or parsed.deleted_length or 0
    if parsed.operation == "alleles":
        end = _allele_end(text, parsed, start, length, reference)
    elif parsed.end is parsed.start:
        end = start
    else:
        end = _position(text, parsed.system, parsed.end, reference)
    if parsed.operation == "ins":
        return _insertion(text, parsed, start, end, reference)
    _check_range(text, start, end, parsed, reference)
    splices = parsed.system != "g" and start <= end and _crosses_intron(start, end, reference)
    actual = _spliced(start, end, reference) if splices else reference.bases(start, end)
    notes = _check_bases(text, parsed, actual, reference)
    ref = reference.bases(start, end)
    alt = _new_bases(parsed, actual)
    if UNKNOWN_BASE in ref and parsed.deleted and not splices:
        ref = parsed.deleted
    if parsed.operation == "dup":
        written = Alleles(end + 1, end, "", alt)
        return Edit(written, written, splices=splices, notes=notes)
    written = _drop_anchor(Alleles(start, end, ref, alt)) if parsed.anchored else Alleles(start, end, ref, alt)
    return Edit(written, least_alleles(written), splices=splices, notes=notes)


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
    """Return the chromosome position of a written one."""
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


def _allele_end(text: str, parsed: DnaText, start: int, length: int, reference: TranscriptMap) -> int:
    """Return the last chromosome position of a reference allele that starts at ``start``."""
    if parsed.system == "g" or length == 0 or parsed.start.offset:
        return start + length - 1
    first = parsed.start
    name = reference.cds_position(start)
    if name is None or name + length - 1 > reference.cds_length:
        return start + length - 1
    last = CodingPoint(first.number + length - 1, 0, first.star)
    return _position(text, parsed.system, last, reference)


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
    place = f"{parsed.system}.{_written_point(parsed.start)}"
    transcript = reference.transcript
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
    """Move a pure insertion or deletion to its most 3' place, not beyond base ``last``."""
    moved = alleles.alt if alleles.is_insertion else alleles.ref
    if (alleles.ref and alleles.alt) or not moved or UNKNOWN_BASE in moved:
        return alleles
    if alleles.end >= last or reference.bases(alleles.end + 1, alleles.end + 1) != moved[0]:
        return alleles
    size, steps = len(moved), 0
    following = reference.bases(alleles.end + 1, min(last, alleles.end + _FAR))
    repeated = moved + following
    while steps < len(following) and following[steps] == repeated[steps]:
        steps += 1
    turn = steps % size
    moved = moved[turn:] + moved[:turn]
    start, end = alleles.start + steps, alleles.end + steps
    return Alleles(start, end, "", moved) if alleles.is_insertion else Alleles(start, end, moved, "")


def joined_exons(alleles: Alleles, reference: TranscriptMap) -> Alleles | None:
    """Move a deletion of a whole intron so that both its ends lie in exons, as far 3' as that goes.

    A repeat can let the same deletion be written from intron to exon; the RNA is that of the
    joined exons however it is written. ``None`` where no such place exists.
    """
    start, end = alleles.start, alleles.end
    if alleles.alt or start > end or reference.segment(start) is reference.segment(end):
        return None
    for moved in _equivalent(alleles, reference):
        if _crosses_intron(moved.start, moved.end, reference):
            return moved
    return None


def exonic_place(alleles: Alleles, reference: TranscriptMap) -> Alleles | None:
    """Move an insertion or deletion out of an intron into the exon beside it, where the sequence allows it.

    The intron is then whole, so the product is that of the change in the exon, however the change
    was written. ``None`` where no such place exists or the change lies in an exon already.
    """
    start, end = alleles.start, alleles.end
    if (alleles.ref and alleles.alt) or not (alleles.ref or alleles.alt):
        return None
    left, right = reference.segment(start), reference.segment(end)
    if "intron" not in (left.kind, right.kind) or (alleles.is_insertion and left is not right):
        return None
    for moved in _equivalent(alleles, reference):
        left, right = reference.segment(moved.start), reference.segment(moved.end)
        one = "exon" in (left.kind, right.kind) if alleles.is_insertion else left is right
        if one and "exon" in (left.kind, right.kind):
            return moved
    return None


def _equivalent(alleles: Alleles, reference: TranscriptMap) -> Iterator[Alleles]:
    """Yield every place of an insertion or deletion that gives the same sequence, the most 3' first."""
    start, end = alleles.start, alleles.end
    size = len(alleles.alt) or end - start + 1
    # The insertion laid out, or the deletion undone: moving one base shows as a base ``size`` further.
    around = reference.bases(start - _FAR, start - 1) + (alleles.alt or reference.bases(start, end))
    around += reference.bases(end + 1, end + _FAR)
    at, behind = _FAR, _FAR + size
    left = right = 0
    while left < _FAR and around[at - 1 - left] == around[behind - 1 - left] != UNKNOWN_BASE:
        left += 1
    while right < _FAR and around[at + right] == around[behind + right] != UNKNOWN_BASE:
        right += 1
    for shift in range(right, -left - 1, -1):
        bases = around[at + shift : behind + shift]
        ref, alt = ("", bases) if alleles.is_insertion else (bases, "")
        yield Alleles(start + shift, end + shift, ref, alt)


def coding_hgvs(edit: Edit, reference: TranscriptMap) -> tuple[str, str]:
    """Return the 3'-shifted ``c.`` description and a note where it could be written across a border.

    The shift stays inside the exon or intron of the change; "" where the change has no
    position on the transcript.
    """
    alleles = edit.least
    if len(alleles.ref) == len(alleles.alt) == 1 and alleles.ref != alleles.alt:
        name = reference.coding_name(alleles.start)
        return (f"c.{name}{alleles.ref}>{alleles.alt}" if name else ""), ""
    edge = reference.segment(alleles.end)
    if edge.kind == "uncertain" or reference.segment(alleles.start).kind == "uncertain":
        return "", ""
    joined = joined_exons(alleles, reference)
    if joined is not None:
        return _describe(joined, reference, "c"), ""
    shifted = shift_right(alleles, reference, edge.end)
    name = _describe(shifted, reference, "c")
    if name and (shifted.end == edge.end or shifted.is_insertion) and not (shifted.ref and shifted.alt):
        further = shift_right(shifted, reference, edge.end + _FAR)
        other = _describe(further, reference, "c") if further != shifted else ""
        if other:
            return name, f"the same bases result from {other}, across the exon border"
    return name, ""


def genomic_hgvs(edit: Edit, reference: TranscriptMap) -> str:
    """Return the 3'-shifted ``g.`` description on the target's chromosome."""
    alleles = edit.least
    if len(alleles.ref) == len(alleles.alt) == 1 and alleles.ref != alleles.alt:
        return f"{reference.transcript.chromosome_accession}:g.{alleles.start}{alleles.ref}>{alleles.alt}"
    edge = reference.segment(alleles.end)
    shifted = shift_right(alleles, reference, edge.end)
    if shifted.end >= edge.end - 1:
        # On the chromosome an exon border stops nothing.
        shifted = shift_right(alleles, reference, alleles.end + _FAR)
    return f"{reference.transcript.chromosome_accession}:{_describe(shifted, reference, 'g')}"


def _describe(alleles: Alleles, reference: TranscriptMap, system: str) -> str:  # noqa: PLR0911 (one for each kind)
    """Write a change in HGVS on the transcript (``c``) or the chromosome (``g``)."""

    def name(position: int) -> str:
        return reference.coding_name(position) if system == "c" else str(position)

    def span(start: int, end: int) -> str:
        first, last = name(start), name(end)
        if not first or not last:
            return ""
        return first if start == end else f"{first}_{last}"

    start, end, ref, alt = alleles.start, alleles.end, alleles.ref, alleles.alt
    where = span(start, end) if ref else span(start - 1, start)
    if not where:
        return ""
    if ref == alt:
        return f"{system}.{where}="
    if not ref:
        size = len(alt)
        if reference.bases(start - size, start - 1) == alt and UNKNOWN_BASE not in alt:
            copied = span(start - size, start - 1)
            same = reference.segment(start - size) is reference.segment(start - 1)
            if copied and (system == "g" or same):
                return f"{system}.{copied}dup"
        if UNKNOWN_BASE in alt:
            copied = span(start - size, start - 1)
            return f"{system}.{copied}dup" if copied else ""
        return f"{system}.{where}ins{alt}"
    if not alt:
        return f"{system}.{where}del"
    if len(ref) == len(alt) == 1:
        return f"{system}.{where}{ref}>{alt}"
    if alt == reverse_complement(ref) and UNKNOWN_BASE not in ref:
        return f"{system}.{where}inv"
    return f"{system}.{where}delins{alt}"
