"""What a shorter, longer or foreign end means: RNA decay, the tail inside the cell and its motifs.

Decay of the RNA and loss of a part of the protein are different reasons: the first takes
the amount, the second the part. Loss of the membrane segment is judged with the membrane.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule
from epitope.target.model import RegionKind
from epitope.target.positions import ranges
from epitope.target.residues import three_letter
from epitope.variant.model import ChangeKind, Decay, DecayCall

_READ_THROUGH = (
    "Arribere et al., Nature 2016, 534:719 (read-through); Kesner et al., Nature 2023, 617:395 (foreign ends)"
)


class _TailRule(Rule, abstract=True):
    question = Question.ANTIGEN


class Truncation(_TailRule):
    """What a premature stop leaves and what it takes, with the motifs of the tail."""

    id = "antigen.truncated"
    verdict = Verdict.INTACT
    unit = "residues left"
    source = "sequence"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Report the truncation; the rules on decay and membrane say what follows from it."""
        if not case.truncated or not case.lost:
            return
        kept = min(case.lost) - 1
        yield self.evidence(
            f"Translation is cut short: {kept} of {len(case.target.sequence)} residues are left.{_of_the_tail(case)}",
            kept,
            positions=(kept + 1,),
        )


class RnaDecay(_TailRule):
    """Whether nonsense-mediated decay leaves little RNA of a product that is cut short."""

    id = "antigen.rna_decay"
    verdict = Verdict.AT_RISK
    threshold = 50
    unit = "nt from the new stop to the last junction"
    source = "50-nucleotide rule (Nagy & Maquat, Trends Biochem Sci 1998, 23:198)"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for every premature stop: as a doubt where decay is expected, open where its place is not known."""
        if not case.truncated:
            return
        decay = case.consequence.decay
        if decay.call is Decay.EXPECTED:
            verdict = Verdict.AT_RISK
            sentence = f"Nonsense-mediated decay of the RNA is expected{_distance(decay)}, so little protein is made."
        elif decay.call in (Decay.UNKNOWN, Decay.NOT_APPLICABLE):
            verdict = Verdict.NOT_ASSESSABLE
            sentence = "Whether the RNA decays is not known, because the place of the new stop is not."
        else:
            verdict = Verdict.INTACT
            sentence = f"The RNA should escape nonsense-mediated decay ({decay.call.removeprefix('escapes: ')})."
        yield self.evidence(sentence, decay.stop_to_last_junction_nt, verdict=verdict)


def _distance(decay: DecayCall) -> str:
    """Say how far the new stop lies in front of the last junction, if that is known."""
    distance = decay.stop_to_last_junction_nt
    return "" if distance is None else f", the new stop being {distance} nt in front of the last exon junction"


class TailChanged(_TailRule):
    """A change of the tail inside the cell: it signals, and no antibody needs it."""

    id = "antigen.tail_changed"
    verdict = Verdict.INTACT
    source = "UniProt topology; target file (motifs)"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a change of nothing but the cytoplasmic part that keeps both ends."""
        if case.truncated or case.kinds != {RegionKind.CYTOPLASMIC}:
            return
        said = _of_the_tail(case).strip() or (
            f"The change lies in the part inside the cell, which the {case.epitope.word} does not need to bind"
            f"{_motifs(case)}."
        )
        yield self.evidence(said, positions=case.touched)


class ForeignTail(_TailRule):
    """Foreign residues at the end of a protein that keeps its membrane segments can make it unstable."""

    id = "antigen.foreign_tail"
    verdict = Verdict.AT_RISK
    unit = "foreign residues"
    source = _READ_THROUGH

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for the new residues behind a frameshift inside the cell."""
        tail = case.change.novel_tail
        if case.change.kind is ChangeKind.FRAMESHIFT and tail and case.kinds <= {RegionKind.CYTOPLASMIC}:
            yield self.evidence(
                f"{len(tail)} foreign residue{'s' if len(tail) > 1 else ''} end the tail and may mark the protein for "
                "degradation.",
                len(tail),
            )


class StopLost(_TailRule):
    """Translation runs on behind the normal end."""

    id = "antigen.stop_lost"
    verdict = Verdict.AT_RISK
    source = _READ_THROUGH

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when the stop codon is lost and the end of the gene is there."""
        if case.change.kind is ChangeKind.STOP_LOSS and not case.change.transcript_end_lost:
            tail = case.change.novel_tail
            length = f"{len(tail)} foreign residues follow" if tail else "foreign residues follow"
            yield self.evidence(f"The stop codon is lost; {length} the last one, which may mark it for degradation.")


def _of_the_tail(case: Case) -> str:
    """Say how much of the part inside the cell is missing, with its motifs; "" where nothing is."""
    gone = [p for region in case.target.regions_of(RegionKind.CYTOPLASMIC) for p in region.positions if p in case.lost]
    if not gone:
        return ""
    whole = sum(len(region) for region in case.target.regions_of(RegionKind.CYTOPLASMIC))
    return (
        f" {len(gone)} of {whole} residues of the part inside the cell are missing ({ranges(gone, ', ')}), which the "
        f"{case.epitope.word} does not need to bind{_motifs(case)}."
    )


def _motifs(case: Case) -> str:
    """Name the motifs of the target that are touched."""
    found = []
    for motif in case.target.motifs:
        hit = [p for p in motif.positions if p in case.touched]
        if hit:
            listed = ", ".join(f"{three_letter(case.target.residue(p))}{p}" for p in hit)
            found.append(f"{listed} ({motif.name})")
    return f"; touched motifs: {'; '.join(found)}" if found else "; no listed motif is touched"
