"""What becomes of the protein after a change of the RNA: ``r.`` descriptions, skipped exons, named events.

Works on the spliced sequence, so nothing is said about splice sites or the DNA. A deletion
of whole exons, and one that the target names as an event, is that event however it is
written. Not for what could happen at a splice site: that is
`epitope.variant.hgvs.splice_sites`.
"""

from __future__ import annotations

from dataclasses import dataclass

from epitope.target.model import Isoform
from epitope.variant.hgvs.edit import edit_of, reverse_complement, written_out
from epitope.variant.hgvs.events import EventText, coding_range
from epitope.variant.hgvs.grammar import CodingPoint, DnaText
from epitope.variant.hgvs.protein import (
    UNKNOWN,
    Described,
    from_coding,
    nothing_made,
    start_loss,
    unchanged,
    unknown,
    without,
)
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap
from epitope.variant.model import ChangeKind, OutcomeKind, ProteinChange, RnaOutcome

_GIVES_NO_DNA = "an RNA description: the change of the DNA behind it is not given"


@dataclass(frozen=True, slots=True)
class RnaProduct:
    """The product of a changed RNA, the event it is, and by how many coding bases the RNA grows.

    ``terms`` are Sequence Ontology terms where they do not follow from the protein.
    """

    described: Described
    note: str = _GIVES_NO_DNA
    isoform: str = ""
    outcome: RnaOutcome | None = None
    growth: int = 0
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
    coding = coding_range(event.first, event.last, reference.target)
    note = f"an RNA event, not a change of the DNA: {exons} skipped"
    if coding is None:
        return RnaProduct(unchanged(reference), f"{note}; it has no coding base", terms=("sequence_variant",))
    start, end = coding
    length = end - start + 1
    frame = f"in frame, {length // 3} codons" if length % 3 == 0 else f"{length} bases, out of frame"
    outcome = RnaOutcome(OutcomeKind.EXON_SKIPPED, event.first, -length, text=f"{exons} skipped ({frame})")
    if end == reference.cds_length:
        return RnaProduct(_stop_lost(start, reference), note, "", outcome, -length)
    return RnaProduct(from_coding(reference, start, end, ""), f"{note}; r.{start}_{end}del", "", outcome, -length)


def _named(isoform: Isoform, reference: TranscriptMap) -> RnaProduct:
    """Return the product of an event that the target names."""
    last = isoform.junction_shifts - 1
    rna = f"r.{isoform.cds_start + last}_{isoform.cds_end + last}del"
    note = f"an RNA event, not a change of the DNA: {isoform.description}; {rna}"
    if last:
        note += f" (any of {isoform.junction_shifts} placements from {isoform.cds_start}_{isoform.cds_end})"
    return RnaProduct(without(reference, isoform.lost_start, isoform.lost_end), note, isoform.name)


def rna_product(  # noqa: PLR0911 (one for each place)
    text: str, parsed: DnaText, reference: TranscriptMap
) -> RnaProduct:
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
    low, high = _number(parsed.start, reference), _number(parsed.end, reference)
    start, end, alternate = _coding_edit(parsed, low, high, reference)
    if not alternate and (event := _event_of(start, end, reference)) is not None:
        return event_product(event, reference)
    growth = len(alternate) - (end - start + 1)
    if parsed.operation == "=":
        return RnaProduct(unchanged(reference), terms=("no_sequence_alteration",))
    if high < 1 or (high == 1 and start > end):
        return RnaProduct(unchanged(reference), terms=("5_prime_UTR_variant",))
    if low > reference.cds_length or (low == reference.cds_length and start > end):
        return RnaProduct(unchanged(reference), terms=("3_prime_UTR_variant",))
    if start < 1 and end > reference.cds_length:
        return RnaProduct(nothing_made(reference, "0?"), growth=growth)
    if end > reference.cds_length:
        return RnaProduct(_stop_lost(start, reference), growth=growth)
    if start < 1:
        return RnaProduct(start_loss(reference, max(1, (end + 2) // 3)), growth=growth)
    return RnaProduct(from_coding(reference, start, end, alternate), growth=growth)


def _whole(operation: str, reference: TranscriptMap) -> RnaProduct:
    """Answer ``r.=``, ``r.?``, ``r.spl`` and ``r.0``."""
    if operation == "=":
        return RnaProduct(unchanged(reference), terms=("no_sequence_alteration",))
    if operation == "0":
        return RnaProduct(nothing_made(reference, "0"), "no RNA is made")
    if operation == "spl":
        return RnaProduct(unknown(), "splicing changes, how is not given; write the RNA, such as r.89_355del")
    return RnaProduct(unknown(), "what becomes of the RNA is not known")


def _stop_lost(start: int, reference: TranscriptMap) -> Described:
    """Describe an RNA without the coding bases from ``start`` to the stop codon."""
    first = (start + 2) // 3
    change = ProteinChange(ChangeKind.STOP_LOSS, first, len(reference.protein) + 1, reference.protein[first - 1 :])
    return Described(change, UNKNOWN, ("the stop codon is lost; how far translation reads on is not known",))


def _number(point: CodingPoint, reference: TranscriptMap) -> int:
    """Return a position counted from the start codon, beyond the coding length in the 3' UTR."""
    return point.number + reference.cds_length if point.star else point.number


def _coding_edit(parsed: DnaText, low: int, high: int, reference: TranscriptMap) -> tuple[int, int, str]:
    """Return first and last replaced base (``end = start - 1`` for none) and the new bases."""
    old = _spliced(low, high, reference)
    if parsed.operation == "dup":
        return high + 1, high, old
    if parsed.operation == "ins":
        return high, high - 1, parsed.inserted
    return low, high, reverse_complement(old) if parsed.operation == "inv" else parsed.inserted


def _spliced(low: int, high: int, reference: TranscriptMap) -> str:
    """Return the bases of the RNA between two positions, ``N`` where they are not known."""
    whole = reference.utr5 + reference.cds + UNKNOWN_BASE * max(0, high - reference.cds_length)
    # There is no position 0.
    first = low + reference.utr5_length - (low > 0)
    return whole[first : high + reference.utr5_length - (high > 0) + 1]


def _event_of(start: int, end: int, reference: TranscriptMap) -> EventText | None:
    """Return the event that a deletion from the RNA is: one that the target names, or whole exons.

    A repeat lets one RNA be written in several places, so the RNAs are compared.
    """
    cds = reference.cds
    left = cds[: max(start - 1, 0)] + cds[end:]

    def same(first: int | None, last: int | None) -> bool:
        if first is None or last is None or last - first != end - start:
            return False
        return cds[: first - 1] + cds[last:] == left

    for isoform in reference.target.isoforms:
        if same(isoform.cds_start, isoform.cds_end):
            return EventText(isoform.name)
    inner = [exon for exon in reference.coding_exons[1:] if exon.number < reference.transcript.exon_count]
    for index, first in enumerate(inner):
        for last in inner[index:]:
            if same(first.cds_start, last.cds_end):
                return EventText("", first.number, last.number)
    return None
