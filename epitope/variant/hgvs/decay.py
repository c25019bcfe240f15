"""Whether nonsense-mediated decay of an RNA with a premature stop is expected, by published rules.

Takes where the stop lies and how long the exons of the RNA are, and says which rule
decides. A rule of thumb on the sequence: how much RNA is left takes a measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.transcript_map import TranscriptMap
from epitope.variant.model import ChangeKind, Decay, DecayCall, ProteinChange

FIFTY_NT = 50
"""A stop up to this far in front of the last exon-exon junction does not trigger decay: 50-55 nt in
Nagy & Maquat, Trends Biochem Sci 1998, 23:198; the smaller figure is used."""
NEAR_START_NT = 150
"""A stop closer than this to the start codon tends to escape: Lindeboom et al., Nat Genet 2016, 48:1112;
2019, 51:1645."""
LONG_EXON_NT = 400
"""A stop in an exon longer than this tends to escape: Lindeboom et al., Nat Genet 2016, 48:1112."""

_PREMATURE = (ChangeKind.NONSENSE, ChangeKind.FRAMESHIFT)


def exon_lengths(reference: TranscriptMap, *changes: Alleles) -> list[int]:
    """Return how long the exons of the RNA are, with changes of the DNA in them.

    Parameters
    ----------
    reference : TranscriptMap
        The transcript.
    *changes : Alleles
        What is changed; no two of them overlap. Exons that are taken away are left out; where a
        whole intron is, the exons beside it are one.

    Returns
    -------
    list of int
        Lengths in nucleotides, 5' to 3'.
    """
    lengths: list[int] = []
    joined = False
    for index, (start, end) in enumerate(reference.exons):
        length = end - start + 1
        intron_gone = False
        for one in changes:
            length -= max(0, min(end, one.end) - max(start, one.start) + 1)
            # Bases put in at a border count to the exon, as in the coding sequence.
            if start <= one.start <= end + one.is_insertion:
                length += len(one.alt)
            if index + 1 < len(reference.exons):
                intron_gone |= one.start <= end + 1 and one.end >= reference.exons[index + 1][0] - 1
        if joined:
            lengths[-1] += length
        else:
            lengths.append(length)
        joined = intron_gone
    return [length for length in lengths if length]


def decay_of(
    change: ProteinChange,
    reference: TranscriptMap,
    lengths: Sequence[int] | Alleles | None = None,
    residues: int | None = None,
) -> DecayCall:
    """Call nonsense-mediated decay for a product.

    The rules are asked in this order, as their effects were measured to dominate one
    another (Lindeboom 2016): last exon, 50 nt, near the start, long exon.

    Parameters
    ----------
    change : ProteinChange
        The product. Only a premature stop can trigger decay.
    reference : TranscriptMap
        The transcript.
    lengths : sequence of int or Alleles, optional
        Exons of the RNA in nucleotides, or the change of the DNA that they follow from;
        without it those of the reference.
    residues : int, optional
        How many residues are made before the stop, where the product itself is not known.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> from epitope.variant.hgvs.protein import substitution
    >>> from epitope.variant.hgvs.transcript_map import transcript_map_of
    >>> reference = transcript_map_of(load_target())
    >>> call = decay_of(substitution(reference, 550, "*").change, reference)
    >>> str(call.call), call.start_to_stop_nt
    ('escapes: 50 nt', 1647)
    """
    if change.kind not in _PREMATURE:
        return DecayCall()
    if reference.target.known_transcript is None:
        return DecayCall(Decay.UNKNOWN)
    if lengths is None:
        lengths = exon_lengths(reference)
    elif isinstance(lengths, Alleles):
        lengths = exon_lengths(reference, lengths)
    if change.protein is not None:
        residues = len(change.protein)
    if residues is None:
        return DecayCall(Decay.UNKNOWN)
    open_frame = 3 * residues
    stop = open_frame + 3
    ends = [end - reference.utr5_length for end in accumulate(lengths)]
    number = next((index for index, end in enumerate(ends) if end >= stop), len(ends) - 1)
    to_junction = (ends[-2] if len(ends) > 1 else 0) - stop
    # A single exon has no junction behind which a stop could lie.
    last = len(ends) == 1 or to_junction < 0
    if last:
        call = Decay.LAST_EXON
    elif to_junction <= FIFTY_NT:
        call = Decay.FIFTY_NT
    elif open_frame < NEAR_START_NT:
        call = Decay.NEAR_START
    elif lengths[number] > LONG_EXON_NT:
        call = Decay.LONG_EXON
    else:
        call = Decay.EXPECTED
    return DecayCall(call, to_junction, open_frame, lengths[number])
