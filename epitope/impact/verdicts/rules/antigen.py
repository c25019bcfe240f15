"""Is the antigen on the membrane? Rules on signal peptide, membrane anchor and length.

These rules reason on sequence and topology alone. They say what a cell would need to
put the protein on its surface, not how much of it was measured there.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.features.amino_acids import CHARGES
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule
from epitope.target.model import RegionKind, StatementKind
from epitope.target.positions import ranges
from epitope.target.residues import three_letter
from epitope.variant.model import ChangeKind, Decay

LOSABLE_SIGNAL_SHARE = 0.5
"""A signal peptide with less than half its residues left has no hydrophobic core to work with."""
LOSABLE_MEMBRANE_RESIDUES = 3
"""A transmembrane helix spans 20 or so residues; fewer than that minus 3 do not cross a membrane."""


class _AntigenRule(Rule, abstract=True):
    question = Question.ANTIGEN
    verdict = Verdict.LOST


class StartLost(_AntigenRule):
    """The start codon is gone; translation may begin at a later methionine."""

    id = "antigen.start_lost"
    source = "HGVS; scanning model of initiation (Kozak, Cell 1978, 15:1109)"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when Met1 is changed with no known product."""
        if case.change.kind is ChangeKind.START_LOSS:
            yield self.evidence(
                "The start codon is lost; whether another one is used is not known from the sequence alone.",
                positions=(1,),
            )


class SignalPeptideLost(_AntigenRule):
    """Without its signal peptide the protein does not enter the secretory pathway."""

    id = "antigen.signal_peptide_lost"
    source = "UniProt topology; Blobel & Dobberstein, J Cell Biol 1975, 67:835"
    threshold = LOSABLE_SIGNAL_SHARE
    unit = "share of the signal peptide"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when more than the allowed share of the signal peptide is lost."""
        region = next(iter(case.target.regions_of(RegionKind.SIGNAL_PEPTIDE)), None)
        if region is None:
            return
        gone = tuple(p for p in region.positions if p in case.lost)
        share = len(gone) / len(region)
        if share > LOSABLE_SIGNAL_SHARE:
            yield self.evidence(
                f"The signal peptide ({region.start}-{region.end}) is lost: the product stays in the cytosol.",
                round(share, 2),
                positions=gone,
            )
        elif gone:
            yield self.evidence(
                f"Part of the signal peptide ({ranges(gone, ', ')}) is lost; secretion may suffer.",
                round(share, 2),
                positions=gone,
                verdict=Verdict.AT_RISK,
            )


class TransmembraneLost(_AntigenRule):
    """Without the membrane anchor the ectodomain is secreted or degraded."""

    id = "antigen.transmembrane_lost"
    source = "UniProt topology"
    threshold = LOSABLE_MEMBRANE_RESIDUES
    unit = "residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when the transmembrane segment is no longer long enough."""
        region = next(iter(case.target.regions_of(RegionKind.TRANSMEMBRANE)), None)
        if region is None:
            return
        gone = tuple(p for p in region.positions if p in case.lost)
        if len(gone) > LOSABLE_MEMBRANE_RESIDUES:
            yield self.evidence(
                f"No transmembrane segment ({region.start}-{region.end}): "
                "the protein cannot be anchored in the membrane.",
                len(gone),
                positions=gone,
            )
        elif gone:
            yield self.evidence(
                f"{len(gone)} residue(s) of the transmembrane segment ({ranges(gone, ', ')}) are lost.",
                len(gone),
                positions=gone,
                verdict=Verdict.AT_RISK,
            )


class Truncation(_AntigenRule):
    """A premature stop: how much is left, and whether the messenger survives."""

    id = "antigen.truncated"
    unit = "residues left"
    source = "sequence; 50-nucleotide rule (Nagy & Maquat, Trends Biochem Sci 1998, 23:198)"
    verdict = Verdict.AT_RISK

    def find(self, case: Case) -> Iterator[Evidence]:
        """Report the truncation; the anchor rule says whether it loses the antigen."""
        if not case.truncated or case.change.start is None:
            return
        kept = case.change.start - 1
        tail = case.change.novel_tail
        foreign = f", then {len(tail)} foreign residues" if tail else ""
        decay = case.consequence.decay
        yield self.evidence(
            f"Translation is cut short: residues 1-{kept} of {len(case.target.sequence)} remain{foreign}."
            + ("" if decay.call is Decay.NOT_APPLICABLE else f" Nonsense-mediated decay of the RNA: {decay.call}."),
            kept,
            positions=(case.change.start,),
        )


class SpliceBorder(_AntigenRule):
    """A change that is read through, at the last base of an exon or beside a splice site."""

    id = "antigen.splice_border"
    verdict = Verdict.AT_RISK
    source = "the last exonic base is part of the donor site: Shapiro & Senapathy, Nucleic Acids Res 1987, 15:7155"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when a product is known and others are possible besides."""
        possible = case.consequence.alternatives
        if possible and case.change.kind is not ChangeKind.UNKNOWN:
            yield self.evidence(
                "The change lies at a splice site; besides the named product, RNA may have "
                f"{' or '.join(outcome.scenario for outcome in possible)}, so that less of the named one is made.",
                positions=(case.change.start,) if case.change.start is not None else (),
            )


class IsoformLocation(_AntigenRule):
    """What was published on where the product of a named RNA event goes."""

    id = "antigen.isoform_location"
    source = "target file"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a named event whose location was measured."""
        if not case.consequence.isoform:
            return
        isoform = case.target.isoform(case.consequence.isoform)
        for statement in isoform.statements:
            if statement.kind is StatementKind.LOCATION:
                yield self.evidence(
                    f"Mislocalised, {statement.text[0].lower()}{statement.text[1:]}",
                    source=case.target.sources[statement.source].citation,
                )
            elif statement.kind in (StatementKind.MARKER, StatementKind.OBJECTION):
                yield self.evidence(
                    statement.text,
                    verdict=Verdict.INTACT,
                    source=case.target.sources[statement.source].citation,
                )


class ChargeInMembrane(_AntigenRule):
    """A charge in the hydrophobic core of signal peptide or membrane anchor."""

    id = "antigen.charge_in_membrane"
    verdict = Verdict.AT_RISK
    source = "von Heijne, J Mol Biol 1985, 184:99 (signal); Hessa et al., Nature 2007, 450:1026 (membrane)"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a charge introduced into either segment."""
        for substitution in case.change.substitutions:
            site = case.site_of(substitution)
            if site.region not in (RegionKind.SIGNAL_PEPTIDE, RegionKind.TRANSMEMBRANE):
                continue
            if substitution.alternate in CHARGES and substitution.reference not in CHARGES:
                yield self.evidence(
                    f"{site.name} in the {site.region} becomes charged {three_letter(substitution.alternate)}.",
                    positions=(site.uniprot_position,),
                )


class StopLost(_AntigenRule):
    """Translation runs on behind the normal end."""

    id = "antigen.stop_lost"
    verdict = Verdict.AT_RISK
    source = "sequence"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when the stop codon is lost."""
        if case.change.kind is ChangeKind.STOP_LOSS:
            yield self.evidence("The stop codon is lost; a foreign tail follows the cytoplasmic end.")
