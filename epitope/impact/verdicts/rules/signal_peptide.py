"""Does the protein enter the secretory pathway? Rules on the signal peptide, part by part.

A signal peptide has a front that may be charged (n-region), a hydrophobic core
(h-region) and a polar end in front of the cleavage site (c-region). Each part is judged
by what it is for. A protein without a cleaved signal peptide is none of their business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epitope.features.amino_acids import CHARGES, hydropathy
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, FollowingRule, Rule, gravest
from epitope.target.model import Region, RegionKind, TopologyRegion
from epitope.target.positions import ranges
from epitope.target.residues import three_letter
from epitope.variant.model import ChangeKind

C_REGION = 5
"""Residues of the c-region: the hydrophobic core ends at -6 (von Heijne, J Mol Biol 1985, 184:99)."""
SHORTEST_CORE = 6
"""Residues of the shortest core that works in a mammalian cell: five hydrophobic ones and a glycine
(Bird, Gething & Sambrook, J Biol Chem 1990, 265:8420)."""
LONGEST_CORE = 15
"""Longer cores are like membrane anchors, which are not cleaved (von Heijne, J Mol Biol 1985, 184:99)."""
HYDROPHILIC = -1.5
"""Hydropathy (Kyte-Doolittle) below which a residue has no place in the core: charges, Asn, Gln, His and Pro.
A convention: efficiency falls with the hydrophobicity of the core, and no threshold was measured."""
ALIKE = 0.5
"""Residues closer than this on the scale, such as Ser and Thr, are as good as alike in the core."""
SMALL_AT = {-1: frozenset("AGSCTQ"), -3: frozenset("AGSCTVIL")}
"""Residues found in front of the cleavage site: aromatic, charged and large polar ones are absent from -1 and -3,
except Gln at -1 (von Heijne, J Mol Biol 1984, 173:243). Pro is absent from -3 to +1."""
LOSABLE_SHARE = 0.5
"""Of a signal peptide that has lost more than half of its residues nothing is expected."""

_PARTS = "von Heijne, J Mol Biol 1985, 184:99"
_CORE = "Bird, Gething & Sambrook, J Biol Chem 1990, 265:8420"
_CLEAVAGE = "von Heijne, J Mol Biol 1984, 173:243"


@dataclass(frozen=True, slots=True)
class SignalParts:
    """The three parts of a signal peptide, each a range of positions."""

    front: range
    core: range
    end: range


def signal_parts(region: Region, sequence: str) -> SignalParts | None:
    """Divide a signal peptide: the core lies between the last charge in front of the c-region and position -6.

    ``None`` where fewer than six residues would be left for the core.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> target = load_target()
    >>> signal_parts(target.regions[0], target.sequence)
    SignalParts(front=range(1, 6), core=range(6, 15), end=range(15, 20))
    """
    end = range(region.end - C_REGION + 1, region.end + 1)
    charged = [p for p in range(region.start, end.start) if sequence[p - 1] in CHARGES]
    first = max(charged, default=region.start) + 1
    core = range(first, end.start)
    return SignalParts(range(region.start, first), core, end) if len(core) >= SHORTEST_CORE else None


class _SignalRule(Rule, abstract=True):
    question = Question.ANTIGEN

    def find(self, case: Case) -> Iterator[Evidence]:
        """Ask about the signal peptide, where the target has one that the change touches."""
        region = _signal_peptide(case)
        if region is not None and case.after(region.start, region.end) != _reference(case, region.start, region.end):
            yield from self.judge(case, region)

    def judge(self, case: Case, region: TopologyRegion) -> Iterator[Evidence]:
        """Yield evidence on a signal peptide that is not what it was."""
        if _gone(case, region):
            return
        parts = signal_parts(region, case.target.sequence)
        if parts is not None:
            yield from self.judge_parts(case, parts)

    def judge_parts(self, case: Case, parts: SignalParts) -> Iterator[Evidence]:
        """Yield evidence on one of the parts."""
        raise NotImplementedError


class SignalPeptideLost(_SignalRule):
    """Without its signal peptide, or the core of it, the protein does not enter the secretory pathway."""

    id = "antigen.signal_peptide_lost"
    verdict = Verdict.LOST
    source = f"UniProt topology; Blobel & Dobberstein, J Cell Biol 1975, 67:835; core: {_CORE}"
    threshold = LOSABLE_SHARE
    unit = "share of the signal peptide"

    def judge(self, case: Case, region: TopologyRegion) -> Iterator[Evidence]:
        """Fire when most of the signal peptide or its core is gone; say so where its parts cannot be told."""
        lost = tuple(p for p in region.positions if p in case.lost)
        share = round(len(lost) / len(region), 2)
        if _gone(case, region):
            what = "is lost" if len(lost) == len(region) else f"lacks {ranges(lost, ', ')} and with it its core"
            yield self.evidence(
                f"The signal peptide ({region.start}-{region.end}) {what}, so the product stays in the cytosol.",
                share,
                positions=lost,
            )
        elif signal_parts(region, case.target.sequence) is None:
            yield self.evidence(
                f"The signal peptide ({region.start}-{region.end}) is changed, and its parts cannot be told "
                "from its sequence.",
                share,
                positions=_changed(case, region.positions),
                verdict=Verdict.NOT_ASSESSABLE,
            )


class SignalPeptideFront(_SignalRule):
    """The n-region of a signal peptide: charges are at home there, as long as their sum is positive."""

    id = "antigen.signal_peptide_front"
    verdict = Verdict.NOT_ASSESSABLE
    threshold = 1
    unit = "net charge with the amino end"
    source = _PARTS

    def judge_parts(self, case: Case, parts: SignalParts) -> Iterator[Evidence]:
        """Fire for a changed n-region, as an open question where its net charge is not positive."""
        front = case.after(parts.front.start, parts.front.stop - 1)
        if front == _reference(case, parts.front.start, parts.front.stop - 1):
            return
        charge = 1 + sum(CHARGES.get(letter, 0) for letter in front)
        positive = charge >= int(self.threshold)
        yield self.evidence(
            f"The front of the signal peptide ({parts.front.start}-{parts.front.stop - 1}) is changed and has a net "
            f"charge of {charge:+d} with the amino end"
            + (
                ", as is usual there; the hydrophobic core is whole."
                if positive
                else "; a positive one is usual, and what another does is not known."
            ),
            charge,
            positions=_changed(case, parts.front),
            verdict=Verdict.INTACT if positive else Verdict.NOT_ASSESSABLE,
        )


class SignalPeptideCore(_SignalRule):
    """The h-region of a signal peptide must stay hydrophobic and long enough."""

    id = "antigen.signal_peptide_core"
    verdict = Verdict.AT_RISK
    threshold = HYDROPHILIC
    unit = "hydropathy (Kyte-Doolittle)"
    source = f"{_PARTS}; {_CORE}"

    def judge_parts(self, case: Case, parts: SignalParts) -> Iterator[Evidence]:
        """Fire for a changed core, by the least hydrophobic residue that came in and by its length."""
        first, last = parts.core.start, parts.core.stop - 1
        core, before = case.after(first, last), _reference(case, first, last)
        if core == before:
            return
        name = f"core of the signal peptide ({first}-{last})"
        positions = _changed(case, parts.core)
        new = _new_letters(case, parts.core)
        worst = min(new, key=hydropathy, default="")
        value = hydropathy(worst) if worst else None
        lost = len(before) - len(core)
        # A residue of the core that was no better itself sets the measure.
        allowed = min((hydropathy(_reference(case, p, p)) for p in positions), default=0.0) if lost == 0 else 0.0
        if worst and value is not None and value < min(HYDROPHILIC, allowed):
            yield self.evidence(f"The hydrophobic {name} takes in {three_letter(worst)}.", value, positions=positions)
        elif lost > 0:
            yield self.evidence(
                f"The hydrophobic {name} is shorter by {lost}, {len(core)} residues are left; with its "
                "hydrophobicity the efficiency of the signal falls.",
                positions=positions,
            )
        elif len(core) > LONGEST_CORE:
            yield self.evidence(
                f"The hydrophobic {name} grows to {len(core)} residues, as long as an anchor that is not cleaved.",
                positions=positions,
                verdict=Verdict.NOT_ASSESSABLE,
            )
        elif value is not None and value < min(0.0, allowed - ALIKE):
            yield self.evidence(
                f"The hydrophobic {name} becomes less hydrophobic by {three_letter(worst)}; whether it still works "
                "is not known from the sequence.",
                value,
                positions=positions,
                verdict=Verdict.NOT_ASSESSABLE,
            )
        else:
            yield self.evidence(
                f"The {name} was looked at and stays hydrophobic.",
                value,
                positions=positions,
                verdict=Verdict.INTACT,
            )


class CleavageSite(_SignalRule):
    """The residues in front of the cleavage site: small and neutral at -3 and -1, no proline from -3 to +1."""

    id = "antigen.cleavage_site"
    verdict = Verdict.AT_RISK
    threshold = "small and neutral at -3 and -1"
    source = _CLEAVAGE

    def judge_parts(self, case: Case, parts: SignalParts) -> Iterator[Evidence]:
        """Fire for a changed c-region; a site that breaks the rule itself cannot be judged by it."""
        first, last = parts.end.start, parts.end.stop - 1
        before, end = _reference(case, first, last), case.after(first, last)
        if end == before:
            return
        positions = _changed(case, parts.end)
        site = f"the cleavage site behind {last}"
        mature = _reference(case, last + 1, last + 1)
        near = before[-3:] != end[-3:]
        if not near and len(end) == len(before):
            yield self.evidence(
                f"The change lies in front of -3 of {site}, where no kind of residue is demanded.",
                positions=positions,
                verdict=Verdict.INTACT,
            )
        elif not _cleavable(before, mature):
            yield self.evidence(
                f"The change lies at {site}, which does not follow the rule on -3 and -1 even in the reference; "
                "whether it is still cleaved cannot be told.",
                before[-3:],
                positions=positions,
                verdict=Verdict.NOT_ASSESSABLE,
            )
        elif _cleavable(end, mature):
            yield self.evidence(
                f"The residues at {site} are still small and neutral.",
                end[-3:],
                positions=positions,
                verdict=Verdict.INTACT,
            )
        else:
            yield self.evidence(
                f"The residues at {site} no longer fit the peptidase, which takes small and neutral ones at -3 and -1 "
                "and no proline.",
                end[-3:],
                positions=positions,
            )


def _cleavable(end: str, mature: str) -> bool:
    """Say whether a c-region and the first residue of the mature protein follow the (-3, -1) rule."""
    return (
        len(end) >= -min(SMALL_AT)
        and all(end[place] in letters for place, letters in SMALL_AT.items())
        and "P" not in end[-3:] + mature
    )


def _signal_peptide(case: Case) -> TopologyRegion | None:
    """Return the signal peptide of the target, if it has one."""
    return next(iter(case.target.regions_of(RegionKind.SIGNAL_PEPTIDE)), None)


def _reference(case: Case, start: int, end: int) -> str:
    """Return the reference residues from ``start`` to ``end``."""
    return case.target.sequence[start - 1 : end]


def _gone(case: Case, region: TopologyRegion) -> bool:
    """Say whether too little of the signal peptide, or of its core, is left to work with."""
    left = case.after(region.start, region.end)
    if case.change.kind is ChangeKind.START_LOSS or len(left) < len(region):
        share = sum(p in case.lost for p in region.positions) / len(region)
        parts = signal_parts(region, case.target.sequence)
        core = "" if parts is None else case.after(parts.core.start, parts.core.stop - 1)
        return share > LOSABLE_SHARE or (parts is not None and len(core) < SHORTEST_CORE)
    return False


def _changed(case: Case, positions: range) -> tuple[int, ...]:
    """Return the touched positions inside a part, or the residues beside an insertion."""
    return tuple(p for p in case.touched if p in positions)


def _new_letters(case: Case, part: range) -> str:
    """Return what is put into a part."""
    if case.edit is None:
        return ""
    first, last, new = case.edit
    return new[max(part.start - first, 0) : part.stop - first] if len(new) == last - first + 1 else new


_JUDGES = frozenset(rule.id for rule in (SignalPeptideLost, SignalPeptideFront, SignalPeptideCore, CleavageSite))


class _CutOff(FollowingRule, abstract=True):
    verdict = Verdict.NOT_ASSESSABLE
    source = "UniProt topology"

    def follow(self, case: Case, found: Sequence[Evidence]) -> Iterator[Evidence]:
        """Fire for a change of nothing but the signal peptide: it is cut off, if it still works."""
        if case.kinds != {RegionKind.SIGNAL_PEPTIDE}:
            return
        kept = gravest(Question.ANTIGEN, [e for e in found if e.rule in _JUDGES]) is Verdict.INTACT
        yield self.evidence(
            "The signal peptide is cut off and is no part of the folded protein."
            if kept
            else "The signal peptide is cut off only if it still works, which is in doubt.",
            positions=case.touched,
            verdict=Verdict.INTACT if kept else Verdict.NOT_ASSESSABLE,
        )


class FoldWithoutSignalPeptide(_CutOff):
    """A change of the signal peptide alone does not touch the folded protein, provided that it is cut off."""

    id = "fold.signal_peptide_cut_off"
    question = Question.FOLD


class EpitopeWithoutSignalPeptide(_CutOff):
    """A change of the signal peptide alone does not touch the epitope, provided that it is cut off."""

    id = "epitope.signal_peptide_cut_off"
    question = Question.EPITOPE
