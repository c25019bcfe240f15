"""What the splice model says of a change, in the coordinates of the transcript.

Decides whether the model can be asked at all, asks its table first, and computes only
where that is wanted. Not for what a score means: that is `epitope.variant.hgvs.splice_sites`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from weakref import WeakKeyDictionary

from epitope.errors import VariantError
from epitope.variant.hgvs.edit import Alleles
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap
from epitope.variant.model import SpliceModelUse, SpliceSide

# An exon is scored where this much of the introns beside it is known: with less, the network does
# not see the sites themselves (the tract and AG in front, the donor to its sixth base behind).
_KNOWN_BEFORE, _KNOWN_BEHIND = 20, 6
# Longer changes are not scored: their ends are further apart than most exons and introns.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class ScoredSite:
    """A site whose probability the change moves by at least the model's threshold.

    ``position`` is the exonic base at its border; ``inserted`` counts into the bases that
    were put in behind it, 0 for none of them.
    """

    side: SpliceSide
    position: int
    inserted: int
    before: float
    after: float

    @property
    def delta(self) -> float:
        """How much the probability rises (negative: falls)."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class SpliceScores:
    """What the model says of one change: the sites that it moves, and what it could see."""

    sites: tuple[ScoredSite, ...]
    context: tuple[int, int]
    reference_scores: Mapping[tuple[SpliceSide, int], float] = field(repr=False)


class SpliceScorer:
    """Asks the splice model about changes of one transcript.

    Parameters
    ----------
    reference : TranscriptMap
        The transcript.
    """

    def __init__(self, reference: TranscriptMap) -> None:
        from epitope.variant.splice_model.scores import gene_sequence
        from epitope.variant.splice_model.table import bundled_tables, sequence_version

        # The network counts along the gene from its first base, as positions of the map do.
        self.origin = reference.exons[0][0]
        self.exons = list(reference.exons)
        self.bases = gene_sequence(reference.transcript).bases
        self.table = bundled_tables().get(sequence_version(self.bases))
        self._visible = self._visible_bases()
        # Known bases in front of each place, to count those that the network sees.
        self._known = [0, *accumulate(base != UNKNOWN_BASE for base in self.bases)]

    def look(self, alleles: Alleles, use: SpliceModelUse) -> SpliceScores | None:
        """Ask the model about a change.

        Parameters
        ----------
        alleles : Alleles
            The change, without bases that both alleles share.
        use : SpliceModelUse
            Whether to compute what the table does not hold.

        Returns
        -------
        SpliceScores or None
            ``None`` where the model was not asked, or the sequence around is not known.
        """
        from epitope.variant.splice_model.network import Change
        from epitope.variant.splice_model.scores import normalise
        from epitope.variant.splice_model.table import predict

        start = alleles.start - self.origin
        if not self._can_be_scored(start, alleles):
            return None
        if len(alleles.ref) == len(alleles.alt) == 1:
            change = Change(start, 1, alleles.alt)
        else:
            try:
                change = normalise(self.bases, start, alleles.ref, alleles.alt)
            except VariantError:
                # The reference of the change is not that of the gene: outside it, or unknown bases.
                return None
        events = self.table.events(change) if self.table is not None else None
        if events is None:
            if use is not SpliceModelUse.LIVE:
                return None
            events = predict(self.bases, [change])[0].events
        sites = tuple(
            ScoredSite(
                SpliceSide(event.kind),
                self.origin + event.position,
                event.inserted,
                event.reference,
                event.mutant,
            )
            for event in events
        )
        return SpliceScores(sites, self._context(change.start, change.deleted), self._reference_scores)

    def _can_be_scored(self, start: int, alleles: Alleles) -> bool:
        """Say whether the sequence around a change is known far enough."""
        if max(len(alleles.ref), len(alleles.alt)) > _LONGEST:
            return False
        # An insertion needs the bases on both sides.
        low, high = (start - 1, start + 1) if alleles.is_insertion else (start, start + len(alleles.ref))
        return low >= 0 and high <= len(self._visible) and all(self._visible[low:high])

    def _visible_bases(self) -> bytes:
        """Mark each base with 1 where the model can see the splice sites around it."""
        visible = bytearray(base != UNKNOWN_BASE for base in self.bases)
        for number, (first, last) in enumerate(self.exons):
            start, stop = first - self.origin, last + 1 - self.origin
            low = start if number == 0 else max(start - _KNOWN_BEFORE, 0)
            high = stop if number == len(self.exons) - 1 else stop + _KNOWN_BEHIND
            if UNKNOWN_BASE in self.bases[low:high] or high > len(visible):
                visible[start:stop] = bytes(len(visible[start:stop]))
        return bytes(visible)

    def _context(self, start: int, deleted: int) -> tuple[int, int]:
        """Count the known bases that the network sees before and behind a change."""
        from epitope.variant.splice_model.network import CONTEXT

        end, known = start + deleted, self._known
        before = known[start] - known[max(0, start - CONTEXT)]
        return before, known[min(len(known) - 1, end + CONTEXT)] - known[end]

    @cached_property
    def _reference_scores(self) -> dict[tuple[SpliceSide, int], float]:
        """Scores of sites in the reference, as far as the table tells them."""
        if self.table is None:
            return {}
        return {
            (SpliceSide(kind), self.origin + position): score
            for (kind, position), score in self.table.reference_scores().items()
        }


# Goes with the transcript map that it belongs to.
_scorers: WeakKeyDictionary[TranscriptMap, SpliceScorer] = WeakKeyDictionary()


def splice_scores(alleles: Alleles, reference: TranscriptMap, use: SpliceModelUse) -> SpliceScores | None:
    """Ask the splice model about a change; ``None`` where it was not asked or cannot say.

    Parameters
    ----------
    alleles : Alleles
        The change, without bases that both alleles share.
    reference : TranscriptMap
        The transcript.
    use : SpliceModelUse
        How far to go.
    """
    if use is SpliceModelUse.OFF:
        return None
    scorer = _scorers.get(reference)
    if scorer is None:
        scorer = _scorers[reference] = SpliceScorer(reference)
    return scorer.look(alleles, use)
