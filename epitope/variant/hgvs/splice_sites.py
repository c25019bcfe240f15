"""What could follow when a splice site is hit: an exon skipped, an intron retained.

Each outcome is computed to its protein and offered as a possibility. Nothing here says
which one happens; that takes RNA. Not for VEP's splice terms: those are in
`epitope.variant.hgvs.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass

from epitope.target.translation import translate_to_stop
from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.protein import Described, describe_frameshift, from_coding, unknown
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap
from epitope.variant.model import ChangeKind, OutcomeKind, RnaOutcome, SpliceSide, SpliceSite

# Bases of the intron at each border that are all but invariant: GT and AG.
_CANONICAL = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible outcome: what happens to the RNA, and the protein that would follow."""

    rna: RnaOutcome
    described: Described


def disrupted_splice_sites(alleles: Alleles, reference: TranscriptMap) -> tuple[list[SpliceSite], list[SpliceSite]]:
    """Return the sites whose invariant intron bases a change hits, and those only touched in the exon.

    A site counts as touched when the last base of its exon changes or bases are put in
    right at the border.
    """
    hit: list[SpliceSite] = []
    touched: list[SpliceSite] = []
    start, end = alleles.start, alleles.end
    segment = reference.segment(start)
    # Well inside an exon or intron there is no border: most changes end here.
    if segment.start + _CANONICAL < start and end < segment.end - _CANONICAL:
        return hit, touched
    for number, (first, last) in enumerate(reference.introns, start=1):
        if end < first - 1 or start > last + 1:
            continue
        at_border = alleles.is_insertion and (start == first or end == last)
        if first <= start and end <= last and not at_border:
            hit += _changed_ends(alleles, number, reference)
            continue
        if end >= first and start <= first + _CANONICAL - 1:
            hit.append(SpliceSite(SpliceSide.DONOR, number))
        elif end >= first - 1 and start <= first:
            touched.append(SpliceSite(SpliceSide.DONOR, number))
        if end >= last - _CANONICAL + 1 and start <= last:
            hit.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
        elif alleles.is_insertion and end == last:
            touched.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
    return hit, touched


def _changed_ends(alleles: Alleles, number: int, reference: TranscriptMap) -> list[SpliceSite]:
    """Return the sites whose invariant bases differ after a change inside an intron.

    Compared on the sequence, so that the place at which an indel is written does not matter.
    """
    first, last = reference.introns[number - 1]
    old = reference.bases(first, last)
    new = old[: alleles.start - first] + alleles.alt + old[alleles.end + 1 - first :]
    found = []
    if new[:_CANONICAL] != old[:_CANONICAL]:
        found.append(SpliceSite(SpliceSide.DONOR, number))
    if new[-_CANONICAL:] != old[-_CANONICAL:]:
        found.append(SpliceSite(SpliceSide.ACCEPTOR, number + 1))
    return found


def splice_site_of_residue(position: int, reference: TranscriptMap) -> SpliceSite | None:
    """Return the splice site nearest to a residue's codon, if it lies within a codon of it.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> str(splice_site_of_residue(186, transcript_map_of(load_target())))
    'donor of exon 3'
    """
    first, last = position * 3 - 2, position * 3
    best: tuple[int, SpliceSite] | None = None
    for index in range(len(reference.coding_exons)):
        start, end = reference.exon_cds(index)
        exon = reference.leading_exons + index + 1
        candidates = []
        if index + 1 < len(reference.coding_exons):
            candidates.append((max(first - end, end - last, 0), SpliceSite(SpliceSide.DONOR, exon)))
        if index > 0:
            candidates.append((max(first - start, start - last, 0), SpliceSite(SpliceSide.ACCEPTOR, exon)))
        for distance, border in candidates:
            # A donor first: a codon split by an intron touches both ends of it.
            if distance <= 3 and (best is None or distance < best[0]):
                best = (distance, border)
    return best[1] if best else None


def outcomes(border: SpliceSite, reference: TranscriptMap, alleles: Alleles | None = None) -> list[Outcome]:
    """Return what could follow when a splice site is lost.

    Parameters
    ----------
    border : SpliceSite
        The site.
    reference : TranscriptMap
        The transcript.
    alleles : Alleles, optional
        The change, which stays in the RNA when the intron is retained.
    """
    found = []
    index = border.exon - 1 - reference.leading_exons
    if 0 < index < len(reference.coding_exons) - 1:
        found.append(_skipped(index, reference))
    retained = _retained(border.intron, reference, alleles)
    if retained is not None:
        found.append(retained)
    return found


def _skipped(index: int, reference: TranscriptMap) -> Outcome:
    """Leave an exon out."""
    start, end = reference.exon_cds(index)
    length = end - start + 1
    described = from_coding(reference, start, end, "")
    frame = f"in frame, {length // 3} codons" if length % 3 == 0 else f"{length} bases, out of frame"
    number = reference.leading_exons + index + 1
    rna = RnaOutcome(OutcomeKind.EXON_SKIPPED, number, -length, text=f"exon {number} skipped ({frame})")
    return Outcome(rna, described)


def _retained(number: int, reference: TranscriptMap, alleles: Alleles | None) -> Outcome | None:
    """Keep an intron in the RNA and read into it, as far as the genome is known; ``None`` for one in a UTR."""
    index = number - 1 - reference.leading_exons
    if not 0 <= index < len(reference.coding_exons) - 1:
        return None
    first, last = reference.introns[number - 1]
    exon = reference.coding_exons[index]
    start, end = reference.exon_cds(index)
    low, high = exon.end - (end - start), last
    bases = reference.bases(low, high)
    if alleles is not None:
        if alleles.start <= low or alleles.end > high:
            return None
        bases = bases[: alleles.start - low] + alleles.alt + bases[alleles.end + 1 - low :]
    added = len(bases) - (end - start + 1)
    codon = (start - 1) // 3 * 3
    whole = reference.cds[codon : start - 1] + bases + reference.cds[end:]
    known = whole.partition(UNKNOWN_BASE)[0]
    residues, stopped = translate_to_stop(known)
    scenario = f"intron {number} retained ({last - first + 1} bases)"
    if not stopped and len(known) < len(whole):
        text = f"{scenario}; its sequence is not known far enough to find the stop"
        return Outcome(RnaOutcome(OutcomeKind.INTRON_RETAINED, number, added, text=text), unknown())
    described = describe_frameshift(reference, reference.protein[: codon // 3] + residues, stopped, codon // 3)
    if described.change.kind is ChangeKind.NONE:
        return None
    return Outcome(RnaOutcome(OutcomeKind.INTRON_RETAINED, number, added, text=scenario), described)
