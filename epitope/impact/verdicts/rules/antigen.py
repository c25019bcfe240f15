"""Is the antigen made, and does it get to the membrane? Start, published location, quality control.

Signal peptide, membrane segments, tail and splicing have modules of their own. These
rules say what a cell needs to put the protein on its surface, not how much was measured there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.product import lay_out
from epitope.impact.verdicts.rules.base import Case, FollowingRule, Rule, unseen_splicing
from epitope.target.model import Isoform, Location, RegionKind, StatementKind, Target
from epitope.variant.model import ChangeKind, StartCodon


class _AntigenRule(Rule, abstract=True):
    question = Question.ANTIGEN
    verdict = Verdict.LOST


class StartLost(_AntigenRule):
    """The start codon is gone; what translation from the next Met in frame would give decides."""

    id = "antigen.start_lost"
    source = "scanning model of initiation (Kozak, Cell 1978, 15:1109; context: Kozak, Nucleic Acids Res 1987, 15:8125)"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a lost start: lost without another Met, or where the signal peptide or an anchor goes with it."""
        change = case.change
        if change.kind is not ChangeKind.START_LOSS:
            return
        if not change.protein:
            sentence = (
                "No protein is made."
                if case.lost
                else "The start codon is lost and no other Met follows in frame, so no protein is made."
            )
            yield self.evidence(sentence, positions=(1,))
            return
        restart = len(case.lost) + 1
        sentence = (
            f"The start codon is lost; the next Met in frame is Met{restart}{_context(change.restart)}, and a protein "
            f"from there lacks residues 1-{restart - 1}"
        )
        signal = case.target.regions_of(RegionKind.SIGNAL_PEPTIDE)
        if signal and len(case.lost.intersection(signal[0].positions)) > len(signal[0]) / 2:
            yield self.evidence(f"{sentence} and with them the signal peptide.", restart, positions=(1,))
            return
        kept = "with the signal peptide whole" if signal else "in a target that has no signal peptide to lose"
        yield self.evidence(f"{sentence}, {kept}.", restart, positions=(1,), verdict=Verdict.AT_RISK)


def _context(start: StartCodon | None) -> str:
    """Say how well a start codon is set, and what a ribosome meets in front of it."""
    if start is None:
        return ""
    passed = f", behind {len(start.passed)} ATG out of frame" if start.passed else ""
    return f" ({start.strength} Kozak context {start.context}{passed})"


class TranscriptEndLost(_AntigenRule):
    """Without its end a transcript has neither a stop codon nor a poly(A) tail, and is degraded."""

    id = "antigen.transcript_end_lost"
    source = "nonstop decay: Frischmeyer et al., Science 2002, 295:2258"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire where the end of the gene is gone; say whether the membrane segment goes with it."""
        if not case.change.transcript_end_lost:
            return
        anchors = case.target.regions_of(RegionKind.TRANSMEMBRANE)
        gone = bool(anchors) and all(case.lost.issuperset(region.positions) for region in anchors)
        if case.change.kind is ChangeKind.UNKNOWN and not case.lost:
            yield self.evidence(
                "The end of the gene is gone, so the RNA has no signal for its poly(A) tail.", verdict=Verdict.AT_RISK
            )
            return
        yield self.evidence(
            "The end of the gene is gone, so the RNA has no stop codon and no signal for its poly(A) tail"
            + (", and the protein no transmembrane segment." if gone else "."),
            positions=tuple(sorted(case.lost)),
        )


class IsoformLocation(_AntigenRule):
    """What was published on where the product of a named RNA event goes, however the variant is written."""

    id = "antigen.isoform_location"
    source = "target file"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a product whose location was measured; marker and objection go with the RNA event alone."""
        isoform = same_product(case)
        if isoform is None:
            return
        for statement in isoform.statements:
            source = case.target.sources[statement.source].citation
            if statement.kind is StatementKind.LOCATION:
                at_home = statement.location is Location.MEMBRANE
                text = f"{statement.text[0].lower()}{statement.text[1:]}"
                yield self.evidence(
                    f"Published location: {statement.text}" if at_home else f"Mislocalised, {text}",
                    str(statement.location),
                    verdict=Verdict.INTACT if at_home else Verdict.LOST,
                    source=source,
                )
            elif case.consequence.isoform and statement.kind in (StatementKind.MARKER, StatementKind.OBJECTION):
                yield self.evidence(statement.text, verdict=Verdict.INTACT, source=source)


def same_product(case: Case) -> Isoform | None:
    """Return the RNA event of the target that gives the same protein, ``None`` without one."""
    named = case.consequence.isoform or case.consequence.same_product_as
    return case.target.isoform(named) if named else None


def _made(event: Isoform, target: Target) -> str:
    """Return the protein that an RNA event leaves."""
    return target.sequence[: event.lost_start - 1] + target.sequence[event.lost_end :]


class NearIsoform(_AntigenRule):
    """A product that is that of a named RNA event but for a few residues; where that one goes is a hint."""

    id = "antigen.near_isoform"
    verdict = Verdict.AT_RISK
    threshold = 3
    unit = "residues"
    source = "target file; the number of residues is set by us, not calibrated"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for an in-frame product whose lost residues are nearly those of an event found off the membrane."""
        if not case.change.protein or case.truncated or same_product(case):
            return
        for event in case.target.isoforms:
            product = lay_out(_made(event, case.target), case.change)
            if product is None:
                continue
            apart = max(len(product.inserted), product.behind - product.before - 1)
            found = [s for s in event.statements if s.kind is StatementKind.LOCATION]
            if apart <= self.threshold and found and found[0].location is not Location.MEMBRANE:
                yield self.evidence(
                    f"But for {apart} residue{'s' if apart > 1 else ''} this is the product of {event.name}, of which "
                    f"was published: {found[0].text}",
                    apart,
                    source=case.target.sources[found[0].source].citation,
                )


class OtherAllele(_AntigenRule):
    """What the other allele of the cell gives: it decides what the cell can still show."""

    id = "antigen.other_allele"
    of_all = True
    verdict = Verdict.INTACT
    source = "input"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire where the other allele is known."""
        other = case.other
        if other is None:
            return
        name = case.target.name
        if other.consequence.change.protein == "":
            yield self.evidence(f"The other allele gives no protein: what this one gives is all {name} of the cell.")
        elif other.consequence.change.kind is ChangeKind.NONE and other.antigen is Verdict.INTACT:
            yield self.evidence(f"The other allele is as in the reference: the cell can still show {name} from it.")
        else:
            answers = f"antigen {other.antigen}, fold {other.fold}, epitope {other.epitope}"
            yield self.evidence(f"The other allele has {other.consequence.hgvs_p} ({answers}).")


class Retained(FollowingRule):
    """A protein that does not fold is held back in the endoplasmic reticulum and degraded."""

    id = "antigen.retained_unfolded"
    question = Question.ANTIGEN
    verdict = Verdict.AT_RISK
    source = "Ellgaard & Helenius, Nat Rev Mol Cell Biol 2003, 4:181"

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire where the fold of a known product is lost, unless it was published where the product goes."""
        if case.change.kind is ChangeKind.UNKNOWN:
            return
        broken = [e for e in found if e.question is Question.FOLD and e.verdict is Verdict.LOST]
        measured = any(e.rule == IsoformLocation.id and e.value == Location.MEMBRANE for e in found)
        settled = any(e.question is Question.ANTIGEN and e.verdict is Verdict.LOST for e in found)
        if broken and not measured and not settled:
            yield self.evidence(
                "A protein that does not fold is held back by the quality control of the endoplasmic reticulum.",
                positions=broken[0].positions,
            )


class NothingAgainst(FollowingRule):
    """What was looked at where nothing speaks against the antigen on the membrane."""

    id = "antigen.nothing_against"
    question = Question.ANTIGEN
    verdict = Verdict.INTACT
    source = "UniProt topology"

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire for a known product with start, signal peptide, membrane segments and end of the reference."""
        change = case.change
        ends = change.kind not in (ChangeKind.UNKNOWN, ChangeKind.START_LOSS, ChangeKind.STOP_LOSS)
        anchors = case.target.regions_of(RegionKind.TRANSMEMBRANE)
        held = (*case.target.regions_of(RegionKind.SIGNAL_PEPTIDE), *anchors)
        whole = all(case.after(r.start, r.end) == case.target.sequence[r.start - 1 : r.end] for r in held)
        told = None in case.kinds or case.kinds == {RegionKind.CYTOPLASMIC}
        if not ends or case.truncated or not anchors or not whole or told:
            return
        if change.kind is ChangeKind.NONE:
            if "5_prime_UTR_variant" in case.consequence.terms:
                yield self.evidence(
                    "The change lies in the 5' UTR; new start codons there and the context of the old one were not "
                    "looked at, so it is not known how much protein is made.",
                    verdict=Verdict.NOT_ASSESSABLE,
                )
            elif not unseen_splicing(case):
                yield self.evidence("The protein is unchanged.")
            return
        parts = ["signal peptide"] if case.target.regions_of(RegionKind.SIGNAL_PEPTIDE) else []
        yield self.evidence(
            f"Start, end, {' and '.join([*parts, 'membrane segment'])} of the protein are untouched.",
            positions=case.touched,
        )

    of_all = True
