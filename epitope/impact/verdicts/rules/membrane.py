"""Is the protein held in the membrane? Rules on the transmembrane segments and their flanks.

They take the segments where the topology has them, however many there are, and judge
each by the free energy of its insertion. They do not look for segments elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.features.amino_acids import CHARGES
from epitope.features.membrane import SHORTEST, insertion_energy
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule
from epitope.target.model import RegionKind, TopologyRegion
from epitope.target.positions import ranges

LOSABLE_RESIDUES = 3
"""A transmembrane helix spans 20 or so residues; fewer than that minus 3 do not cross a membrane."""
INSERTION_COST_KCAL = 0.6
"""RT at 37 °C in kcal/mol: a segment that costs as much more enters the membrane e times less readily."""
FLANK = 10
"""Residues behind a segment that are looked at for the charges that hold it (von Heijne & Gavel,
Eur J Biochem 1988, 174:671: the positive-inside rule counts the 15 nearest; most lie within 10)."""


class _MembraneRule(Rule, abstract=True):
    question = Question.ANTIGEN


class NoTopology(_MembraneRule):
    """Without a membrane segment in the target file nothing says how the protein is held."""

    id = "antigen.no_topology"
    verdict = Verdict.NOT_ASSESSABLE
    source = "target file"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire where the target names no transmembrane segment, or no region for what is touched."""
        if case.target.regions_of(RegionKind.TRANSMEMBRANE):
            nowhere = [p for p in case.touched if case.target.kind_at(p) is None]
            if nowhere and not case.truncated:
                yield self.evidence(
                    f"The topology does not say where {ranges(nowhere, ', ', label=case.target.label)} lies.",
                    positions=tuple(nowhere),
                )
            return
        what = "No transmembrane segment" if case.target.regions else "No topology"
        yield self.evidence(f"{what} of {case.target.name} is known, so nothing says how it is held on the membrane.")


class TransmembraneLost(_MembraneRule):
    """Without membrane segments a protein is secreted or degraded; without one of several it is threaded wrongly."""

    id = "antigen.transmembrane_lost"
    verdict = Verdict.LOST
    source = "UniProt topology"
    threshold = LOSABLE_RESIDUES
    unit = "residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for the segments that are no longer long enough, as lost where none is left."""
        segments = case.target.regions_of(RegionKind.TRANSMEMBRANE)
        gone = [region for region in segments if _too_short(case, region)]
        if not gone:
            return
        spans = ", ".join(f"{region.start}-{region.end}" for region in gone)
        missing = tuple(p for region in gone for p in region.positions if p in case.lost)
        if len(gone) == len(segments):
            what = "transmembrane segment" if len(gone) == 1 else "transmembrane segments"
            sentence = f"No {what} ({spans}), so the protein cannot be anchored in the membrane."
            verdict = Verdict.LOST
        else:
            sentence = (
                f"{len(gone)} of {len(segments)} transmembrane segments ({spans}) are lost, so what follows them "
                "comes to lie on the wrong side of the membrane."
            )
            verdict = Verdict.AT_RISK
        yield self.evidence(sentence, len(missing), positions=missing, verdict=verdict)


class MembraneInsertion(_MembraneRule):
    """What a change costs a transmembrane segment on its way into the membrane, by residue and depth."""

    id = "antigen.membrane_insertion"
    verdict = Verdict.AT_RISK
    source = "Hessa et al., Nature 2007, 450:1026; threshold: RT at 37 °C"
    threshold = INSERTION_COST_KCAL
    unit = "kcal/mol"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each segment that is changed and still there, as a doubt from the threshold on."""
        for region in case.target.regions_of(RegionKind.TRANSMEMBRANE):
            before = case.target.sequence[region.start - 1 : region.end]
            after = case.after(region.start, region.end)
            if after == before or _too_short(case, region):
                continue
            cost = insertion_energy(after) - insertion_energy(before)
            high = cost >= INSERTION_COST_KCAL
            yield self.evidence(
                f"Insertion of the transmembrane segment {region.start}-{region.end} into the membrane "
                + (
                    f"is predicted to cost {cost:.1f} kcal/mol more than the {insertion_energy(before):.1f} before."
                    if high
                    else f"was looked at and hardly changes ({cost:+.1f} kcal/mol)."
                ),
                round(cost, 2),
                positions=tuple(p for p in case.touched if p in region),
                verdict=Verdict.AT_RISK if high else Verdict.INTACT,
            )


class StopTransfer(_MembraneRule):
    """Positive charges on the inner flank hold a transmembrane segment the right way round."""

    id = "antigen.stop_transfer"
    verdict = Verdict.AT_RISK
    source = "von Heijne & Gavel, Eur J Biochem 1988, 174:671 (positive-inside rule)"
    threshold = 1
    unit = "positive residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a segment whose inner flank loses its positive residues; say what is left of them."""
        for region in case.target.regions_of(RegionKind.TRANSMEMBRANE):
            for start, end in _inner_flanks(case, region):
                before, after = case.target.sequence[start - 1 : end], case.after(start, end)
                if before == after or _too_short(case, region) or not _positive(before):
                    continue
                left = _positive(after)
                yield self.evidence(
                    f"{left} of {_positive(before)} positive residues are left on the inner flank ({start}-{end}) of "
                    f"the transmembrane segment {region.start}-{region.end}"
                    + (", enough to hold it." if left else ", none to hold it."),
                    left,
                    positions=tuple(p for p in case.touched if start <= p <= end),
                    verdict=Verdict.INTACT if left else Verdict.AT_RISK,
                )


def _too_short(case: Case, region: TopologyRegion) -> bool:
    """Say whether what is left of a segment does not cross the membrane."""
    left = len(case.after(region.start, region.end))
    return len(region) - left > LOSABLE_RESIDUES or left < SHORTEST


def _inner_flanks(case: Case, region: TopologyRegion) -> Iterator[tuple[int, int]]:
    """Yield the residues of the cytoplasmic side that lie next to a segment."""
    length = len(case.target.sequence)
    for start, end, beside in (
        (region.end + 1, min(region.end + FLANK, length), region.end + 1),
        (max(region.start - FLANK, 1), region.start - 1, region.start - 1),
    ):
        if start <= end and case.target.kind_at(beside) is RegionKind.CYTOPLASMIC:
            yield start, end


def _positive(residues: str) -> int:
    """Count positive residues."""
    return sum(CHARGES.get(letter, 0) > 0 for letter in residues)
