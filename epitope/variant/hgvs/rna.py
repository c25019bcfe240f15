"""What becomes of the protein after a change of the RNA: ``r.`` descriptions, skipped exons, named events.

Works on the spliced sequence, so nothing is said about splice sites or the DNA. A deletion
of whole exons, and one that the target names as an event, is that event however it is
written. Positions here are indices: 1 is the A of the start codon, 0 the base in front.
Not for what could happen at a splice site: that is `epitope.variant.hgvs.outcomes`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from epitope.target.model import Isoform
from epitope.target.translation import reverse_complement
from epitope.variant.hgvs.edit import edit_of, written_out
from epitope.variant.hgvs.events import EventText
from epitope.variant.hgvs.grammar import CodingPoint, DnaText
from epitope.variant.hgvs.outcomes import product_of_rna, untranslated_end
from epitope.variant.hgvs.protein import Described, no_product, start_loss, unchanged, unknown, without
from epitope.variant.hgvs.transcript_map import TranscriptMap
from epitope.variant.model import OutcomeKind, RnaOutcome

_GIVES_NO_DNA = "an RNA description: the change of the DNA behind it is not given"


@dataclass(frozen=True, slots=True)
class RnaProduct:
    """The product of a changed RNA, the event that it is, and the lengths of its exons in nucleotides.

    ``terms`` are Sequence Ontology terms where they do not follow from the protein.
    """

    described: Described
    note: str = _GIVES_NO_DNA
    isoform: str = ""
    outcome: RnaOutcome | None = None
    exon_lengths: tuple[int, ...] | None = None
    terms: tuple[str, ...] = ()


def event_product(event: EventText, reference: TranscriptMap) -> RnaProduct:
    """Return the product of a named event, or of exons that are left out.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> event_product(EventText("", 3, 3), transcript_map_of(load_target())).described.hgvs
    'p.Gly119_Gln186del'
    """
    if event.name:
        return _named(reference.target.isoform(event.name), reference)
    exons = f"exon {event.first}" if event.first == event.last else f"exons {event.first} to {event.last}"
    bounds = _exon_bounds(reference)
    start, end = bounds[event.first - 1][0], bounds[event.last - 1][1]
    length = end - start + 1
    frame = f"in frame, {length // 3} codons" if length % 3 == 0 else f"{length} bases, out of frame"
    outcome = RnaOutcome(OutcomeKind.EXON_SKIPPED, event.first, -length, text=f"{exons} skipped ({frame})")
    note = f"an RNA event, not a change of the DNA: {exons} skipped"
    return replace(_product(start, end, "", reference), note=note, outcome=outcome)


def _named(isoform: Isoform, reference: TranscriptMap) -> RnaProduct:
    """Return the product of an event that the target names."""
    last = isoform.junction_shifts - 1
    rna = f"r.{isoform.cds_start + last}_{isoform.cds_end + last}del"
    note = f"an RNA event, not a change of the DNA: {isoform.description}; {rna}"
    if last:
        note += f" (any of {isoform.junction_shifts} placements from {isoform.cds_start}_{isoform.cds_end})"
    return RnaProduct(without(reference, isoform.lost_start, isoform.lost_end), note, isoform.name)


def rna_product(text: str, parsed: DnaText, reference: TranscriptMap) -> RnaProduct:
    """Return the product of an ``r.`` description.

    Raises
    ------
    VariantError
        If a position is not part of the RNA, or the bases differ from the reference.
    """
    if parsed.operation in ("=", "?", "spl", "0") and parsed.start.number == 0:
        return _whole(parsed.operation, reference)
    parsed = written_out(text, parsed, reference)
    edit_of(text, parsed, reference)
    if parsed.operation == "?":
        return RnaProduct(unknown())
    if parsed.operation == "=":
        return RnaProduct(unchanged(reference), terms=("no_sequence_alteration",))
    start, end, alternate = _replaced(parsed, reference)
    if not alternate and (event := _event_of(start, end, reference)) is not None:
        return event_product(event, reference)
    return _product(start, end, alternate, reference)


def _whole(operation: str, reference: TranscriptMap) -> RnaProduct:
    """Answer ``r.=``, ``r.?``, ``r.spl`` and ``r.0``."""
    if operation == "=":
        return RnaProduct(unchanged(reference), terms=("no_sequence_alteration",))
    if operation == "0":
        return RnaProduct(replace(no_product(reference, "no protein is made"), hgvs="p.0"), "no RNA is made")
    if operation == "spl":
        return RnaProduct(unknown(), "splicing changes, how is not given; write the RNA, such as r.89_355del")
    return RnaProduct(unknown(), "what becomes of the RNA is not known")


def _product(start: int, end: int, alternate: str, reference: TranscriptMap) -> RnaProduct:
    """Return the product of an RNA of which indices ``start``-``end`` (``end = start - 1`` for none) are replaced."""
    lengths = _exon_lengths(start, end, alternate, reference)
    if end < 1:
        return RnaProduct(unchanged(reference), exon_lengths=lengths, terms=("5_prime_UTR_variant",))
    if start > reference.cds_length:
        return RnaProduct(unchanged(reference), exon_lengths=lengths, terms=("3_prime_UTR_variant",))
    if start < 1:
        whole = end >= reference.cds_length
        described = (
            no_product(reference, "the whole coding sequence is lost")
            if whole
            else start_loss(reference, max(1, (end + 2) // 3))
        )
        return RnaProduct(described, exon_lengths=lengths)
    old = reference.cds + untranslated_end(reference)
    return RnaProduct(product_of_rna(reference, old[: start - 1] + alternate + old[end:]), exon_lengths=lengths)


def _index(point: CodingPoint, reference: TranscriptMap) -> int:
    """Return the index of a written position; the written ones have no 0."""
    if point.star:
        return point.number + reference.cds_length
    return point.number + (point.number < 0)


def _replaced(parsed: DnaText, reference: TranscriptMap) -> tuple[int, int, str]:
    """Return the first and last index that is replaced (``end = start - 1`` for none) and the new bases."""
    start, end = _index(parsed.start, reference), _index(parsed.end, reference)
    old = _bases(start, end, reference)
    if parsed.operation == "dup":
        return end + 1, end, old
    if parsed.operation == "ins":
        return end, start, parsed.inserted
    return start, end, reverse_complement(old) if parsed.operation == "inv" else parsed.inserted


def _bases(start: int, end: int, reference: TranscriptMap) -> str:
    """Return the bases of the RNA between two indices, ``N`` where they are not known."""
    whole = reference.utr5 + reference.cds + untranslated_end(reference)
    return whole[start - 1 + reference.utr5_length : end + reference.utr5_length]


def _exon_bounds(reference: TranscriptMap) -> list[tuple[int, int]]:
    """Return the first and last index of every exon."""
    bounds, first = [], 1 - reference.utr5_length
    for start, end in reference.exons:
        bounds.append((first, first + end - start))
        first += end - start + 1
    return bounds


def _exon_lengths(start: int, end: int, alternate: str, reference: TranscriptMap) -> tuple[int, ...]:
    """Return the lengths of the exons that are left; new bases count to the exon that they stand in."""
    lengths = []
    for first, last in _exon_bounds(reference):
        lost = max(0, min(last, end) - max(first, start) + 1)
        lengths.append(last - first + 1 - lost + (len(alternate) if first <= start <= last else 0))
    return tuple(length for length in lengths if length)


def _event_of(start: int, end: int, reference: TranscriptMap) -> EventText | None:
    """Return the event that a deletion from the RNA is: one that the target names, or whole exons.

    A repeat lets one RNA be written in several places, so the RNAs are compared.
    """
    length = end - start + 1

    def left(first: int) -> str:
        return _bases(1 - reference.utr5_length, first - 1, reference) + _bases(
            first + length, reference.cds_length + reference.utr3_length, reference
        )

    rna = left(start)
    for isoform in reference.target.isoforms:
        if isoform.cds_end - isoform.cds_start + 1 == length and left(isoform.cds_start) == rna:
            return EventText(isoform.name)
    inner = list(enumerate(_exon_bounds(reference), start=1))[1:-1]
    for number, (first, _) in inner:
        for other, (_, last) in inner:
            if last - first + 1 == length and left(first) == rna:
                return EventText("", number, other)
    return None
