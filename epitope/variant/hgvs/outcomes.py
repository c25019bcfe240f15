"""What the RNA may look like, and the protein that each way of splicing it gives.

An exon skipped, an intron retained, a cryptic site used, an exon there twice: each is
spliced together from the changed gene and translated. Nothing here says which one
happens; that takes RNA. Which sites are disrupted is decided in
`epitope.variant.hgvs.splice_sites`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from epitope.target.translation import translate_to_stop
from epitope.variant.hgvs.edit import Alleles, equivalent_places
from epitope.variant.hgvs.protein import Described, describe_frameshift, from_coding, open_end, unchanged, unknown
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap
from epitope.variant.model import ChangeKind, OutcomeKind, RnaOutcome, SpliceSide, SpliceSite

# What stands behind a donor (GC in one human donor of a hundred) and in front of an acceptor:
# Burset, Seledtsov & Solovyev, Nucleic Acids Res 2000, 28:4364.
_BEHIND_DONOR = ("GT", "GC")
_BEFORE_ACCEPTOR = "AG"
# Bases of the intron that a second copy of an exon needs on either side to be spliced in: the
# polypyrimidine tract with its AG, and the donor to its sixth base (Shapiro & Senapathy 1987).
_ACCEPTOR_NEEDS, _DONOR_NEEDS = 20, 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible outcome: what happens to the RNA, the protein that would follow, and the RNA's exons."""

    rna: RnaOutcome
    described: Described
    exon_lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CrypticSite:
    """A site that may be used in place of an annotated one.

    ``position`` is the exonic base at its border, on the reference; ``inserted`` counts into
    the bases put in behind it (0: none of them).
    """

    side: SpliceSide
    position: int
    inserted: int = 0
    score: float | None = None


class EditedGene:
    """The gene with one or more changes in it, spliced as asked.

    Parameters
    ----------
    reference : TranscriptMap
        The transcript.
    *changes : Alleles
        What is changed; no two of them overlap.
    """

    def __init__(self, reference: TranscriptMap, *changes: Alleles) -> None:
        self.reference = reference
        self.changes = sorted(changes, key=lambda one: (one.start, one.end))
        pieces, last = [], 0
        for one in self.changes:
            pieces += [reference.sequence[last : max(one.start - reference.origin, 0)], one.alt]
            last = max(one.end + 1 - reference.origin, last)
        self.bases = "".join([*pieces, reference.sequence[last:]])
        self.exons = [(self._first(start), self._last(end)) for start, end in reference.exons]

    def _first(self, start: int) -> int:
        """Return where an exon's first base is now; bases put in right in front count to the exon."""
        shift = 0
        for one in self.changes:
            if start > one.start:
                start, shift = max(start, one.end + 1), shift + one.shift
        return start + shift - self.reference.origin

    def _last(self, end: int) -> int:
        """Return where an exon's last base is now; bases put in right behind count to the exon."""
        shift = 0
        for one in self.changes:
            if end >= one.end:
                shift += one.shift
            else:
                end = min(end, one.start - 1)
        return end + shift - self.reference.origin

    def as_named(self) -> Outcome | None:
        """Splice as before."""
        return self._outcome(self.exons, RnaOutcome(OutcomeKind.AS_NAMED, 0, 0, text="spliced as before"))

    def skipped(self, number: int) -> Outcome | None:
        """Leave out exon ``number``; ``None`` for the first and the last, and the one with the start codon."""
        if not 1 < number < len(self.exons) or self._holds_start(number):
            return None
        start, end = self.reference.exons[number - 1]
        bases = end - start + 1
        frame = f"in frame, {bases // 3} codons" if bases % 3 == 0 else f"{bases} bases, out of frame"
        text = f"exon {number} skipped ({frame})"
        pieces = [*self.exons[: number - 1], *self.exons[number:]]
        return self._outcome(pieces, RnaOutcome(OutcomeKind.EXON_SKIPPED, number, -bases, text=text))

    def _holds_start(self, number: int) -> bool:
        """Say whether an exon has the first base of the start codon."""
        start, end = self.reference.exons[number - 1]
        return start <= self.reference.coding_start <= end

    def retained(self, number: int) -> Outcome | None:
        """Keep intron ``number`` in the RNA, to the next exon of which something is left."""
        (start, before), rest = self.exons[number - 1], self.exons[number:]
        left = next((index for index, (first, last) in enumerate(rest) if first <= last), None)
        if left is None:
            return None
        behind, end = rest[left]
        bases = behind - before - 1
        if bases <= 0:
            return None
        pieces = [*self.exons[: number - 1], (start, end), *rest[left + 1 :]]
        text = f"intron {number} retained ({bases} bases)"
        return self._outcome(pieces, RnaOutcome(OutcomeKind.INTRON_RETAINED, number, bases, text=text))

    def cryptic(self, annotated: SpliceSite, site: CrypticSite) -> Outcome | None:
        """Use a cryptic site in place of the annotated one; ``None`` where the sequence does not allow it."""
        border = self._border(site)
        if border is None:
            return None
        start, end = self.exons[annotated.exon - 1]
        donor = annotated.side is SpliceSide.DONOR
        bases = border - end if donor else start - border
        piece = (start, border) if donor else (border, end)
        if piece[0] > piece[1] or not bases:
            return None
        pieces = [*self.exons[: annotated.exon - 1], piece, *self.exons[annotated.exon :]]
        kind = OutcomeKind.CRYPTIC_DONOR if donor else OutcomeKind.CRYPTIC_ACCEPTOR
        place = self.reference.chromosome_position(site.position)
        where = f"intron {annotated.intron}" if bases > 0 else f"exon {annotated.exon}"
        text = f"cryptic {annotated.side} used in {where} ({bases:+d} bases{'' if bases % 3 else ', in frame'})"
        return self._outcome(pieces, RnaOutcome(kind, annotated.exon, bases, place, site.score, text))

    def _border(self, site: CrypticSite) -> int | None:
        """Return where the exonic base at a cryptic border is now.

        In a repeat an indel can be laid in several places, and with it the site: the one that
        has the bases of a splice site beside it is meant.
        """
        place = site.position - self.reference.origin
        shifts = list(accumulate((one.shift for one in self.changes), initial=0))
        passed = sum(one.start <= site.position for one in self.changes)
        likely = sorted(range(len(shifts)), key=lambda count: abs(count - passed))
        ordered = [place + shifts[count] for count in likely]
        inside = place + site.inserted + sum(one.shift for one in self.changes if one.end < site.position)
        for at in [inside] if site.inserted else dict.fromkeys(ordered):
            beside = self.bases[at + 1 : at + 3] if site.side is SpliceSide.DONOR else self.bases[at - 2 : at]
            if beside in (_BEHIND_DONOR if site.side is SpliceSide.DONOR else (_BEFORE_ACCEPTOR,)):
                return at
        return None

    def _outcome(self, pieces: Sequence[tuple[int, int]], rna: RnaOutcome) -> Outcome | None:
        """Splice the pieces together and translate; ``None`` where the protein is not made from them."""
        bases = "".join([self.bases[start : end + 1] for start, end in pieces])
        lengths = [end - start + 1 for start, end in pieces if start <= end]
        start = self._first(self.reference.coding_start)
        untranslated = sum(max(0, min(last + 1, start) - first) for first, last in pieces)
        described = product_of_rna(self.reference, bases[untranslated:])
        if described.change.kind is ChangeKind.UNKNOWN:
            rna = replace(rna, text=f"{rna.text}; its sequence is not known far enough to find the stop")
        return Outcome(rna, described, tuple(lengths))


def product_of_rna(reference: TranscriptMap, bases: str) -> Described:
    """Describe the protein of an RNA that is given from the place of the start codon on.

    Parameters
    ----------
    reference : TranscriptMap
        The transcript.
    bases : str
        Spliced bases to the end of the RNA, ``N`` where they are not known.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> reference = transcript_map_of(load_target())
    >>> product_of_rna(reference, reference.cds[:88] + reference.cds[355:] + untranslated_end(reference)).hgvs
    'p.Glu30_Ser118del'
    """
    old = reference.cds + untranslated_end(reference)
    front = _shared(old, bases)
    if front >= reference.cds_length:
        return unchanged(reference)
    known = bases.partition(UNKNOWN_BASE)[0]
    back = _shared(old[front:][::-1], bases[front:][::-1])
    start, end = front + 1, len(old) - back
    if end > reference.cds_length or UNKNOWN_BASE in bases[front : len(bases) - back]:
        codon = front // 3
        residues, stopped = translate_to_stop(known[3 * codon :])
        if not stopped:
            return open_end(reference, codon, residues) if end > reference.cds_length else unknown()
        return describe_frameshift(reference, reference.protein[:codon] + residues, stopped, codon)
    return from_coding(reference, start, end, bases[front : len(bases) - back])


def untranslated_end(reference: TranscriptMap) -> str:
    """Return the 3' UTR, spliced, ``N`` where it is not known."""
    first = reference.coding_end + 1
    return "".join([reference.bases(max(start, first), end) for start, end in reference.exons if end >= first])


def _shared(one: str, other: str) -> int:
    """Count the bases with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def outcomes_at(site: SpliceSite, gene: EditedGene, cryptic: Sequence[CrypticSite] = ()) -> list[Outcome]:
    """Return what could follow when a splice site is lost.

    Parameters
    ----------
    site : SpliceSite
        The site.
    gene : EditedGene
        The gene with the change in it.
    cryptic : sequence of CrypticSite
        Sites that may be used instead.

    Returns
    -------
    list of Outcome
        The exon skipped, the intron retained, then the cryptic sites. Never all that is possible.
    """
    found = [gene.skipped(site.exon), gene.retained(site.intron)]
    found += [gene.cryptic(site, one) for one in cryptic]
    return [outcome for outcome in found if outcome is not None]


def outcomes_of_fusion(alleles: Alleles, gene: EditedGene) -> list[Outcome]:
    """Return what could follow where a deletion joins part of an exon to part of an intron, whole introns between them.

    The intron is read on from the exon, or up to it; an exon that lost its beginning or its end can be skipped.
    """
    left, right = gene.reference.segment(alleles.start), gene.reference.segment(alleles.end)
    if left is right or alleles.is_insertion:
        return []
    if (left.kind, right.kind) == ("exon", "intron"):
        found = [gene.skipped(left.number), gene.retained(right.number)]
    elif (left.kind, right.kind) == ("intron", "exon"):
        found = [gene.skipped(right.number), gene.retained(left.number)]
    else:
        return []
    return [outcome for outcome in found if outcome is not None]


def tandem_exons(alleles: Alleles, reference: TranscriptMap) -> tuple[int, int] | None:
    """Return the first and last exon that a duplication holds whole, with all that splicing them in needs.

    However the duplication is written: in a tandem repeat every place within it is the same.
    """
    size = len(alleles.alt)
    if not alleles.is_insertion or not size:
        return None
    for place in equivalent_places(alleles, reference):
        first, last = place.start - size, place.end
        if reference.bases(first, last) != place.alt:
            continue
        inside = [
            number
            for number, (start, end) in enumerate(reference.exons, 1)
            if first <= start - _ACCEPTOR_NEEDS and end + _DONOR_NEEDS <= last
        ]
        coding = reference.coding_exons
        if inside and inside[0] > coding[0].number and inside[-1] < coding[-1].number:
            return inside[0], inside[-1]
    return None


def twice(reference: TranscriptMap, first: int, last: int) -> Outcome:
    """Put exons ``first``-``last`` into the RNA twice."""
    index = -1 - reference.leading_exons
    start, end = reference.exon_cds(first + index)[0], reference.exon_cds(last + index)[1]
    added = end - start + 1
    name = f"exon {first}" if first == last else f"exons {first}-{last}"
    frame = f"in frame, {added // 3} codons" if added % 3 == 0 else f"{added} bases, out of frame"
    described = from_coding(reference, end + 1, end, reference.cds[start - 1 : end])
    lengths = [stop - begin + 1 for begin, stop in reference.exons]
    lengths[last:last] = lengths[first - 1 : last]
    rna = RnaOutcome(OutcomeKind.TANDEM_EXON, first, added, text=f"{name} twice ({frame})")
    return Outcome(rna, described, tuple(lengths))
