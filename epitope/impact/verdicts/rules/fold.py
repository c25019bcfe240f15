"""Is the fold intact? Rules on what is deleted, cut or inserted, and on disulfides.

For replaced residues see the neighbouring module of substitution rules. The crystal is
one rigid picture at 3 Å: it shows what a residue holds together, not how much the
protein can give way.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule, names
from epitope.impact.verdicts.rules.thresholds import BURIED_RSA
from epitope.target.model import RegionKind
from epitope.variant.model import ChangeKind

FOLD_LOST_SHARE = 0.20
"""Share of the crystal's residues without which the domain is not the same domain any more.
In CD19's single β-sandwich a fifth is three to four strands, so hydrophobic core is open."""
DISULFIDES_FOR_LOSS = 2
"""Two broken cross-links of three leave the sandwich of an extracellular domain unheld."""
STRANDS_FOR_LOSS = 2
"""A β-sheet closes over the loss of an edge strand at best; two strands gone open the sandwich."""


class _FoldRule(Rule, abstract=True):
    question = Question.FOLD


def secondary_elements(case: Case) -> list[tuple[str, tuple[int, ...]]]:
    """List the strands and helices of the crystal as runs of three or more residues."""
    runs: list[tuple[str, list[int]]] = []
    for position, site in case.sites.items():
        state = site.secondary_structure if site.observed else ""
        if runs and runs[-1][0] == state and runs[-1][1][-1] == position - 1:
            runs[-1][1].append(position)
        else:
            runs.append((state, [position]))
    return [(state, tuple(run)) for state, run in runs if state in ("E", "H") and len(run) > 2]


class DomainLost(_FoldRule):
    """How much of the domain that the crystal shows is missing from the product."""

    id = "fold.domain_lost"
    verdict = Verdict.LOST
    threshold = FOLD_LOST_SHARE
    unit = "share of observed residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for every loss of three or more observed residues, as lost above the threshold."""
        gone = case.lost_sites
        if len(gone) < 3:
            return
        observed = sum(site.observed for site in case.sites.values())
        share = len(gone) / observed
        buried = sum(site.rsa_free < BURIED_RSA for site in gone)
        yield self.evidence(
            f"{len(gone)} of {observed} residues of the domain seen in the crystal are missing, "
            f"{buried} of them buried.",
            round(share, 3),
            positions=tuple(site.uniprot_position for site in gone),
            verdict=Verdict.LOST if share >= FOLD_LOST_SHARE else Verdict.AT_RISK,
        )


class StrandsLost(_FoldRule):
    """Whole strands or helices that the product lacks."""

    id = "fold.strands_lost"
    verdict = Verdict.LOST
    threshold = STRANDS_FOR_LOSS
    unit = "strands or helices"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when at least one whole element is gone."""
        if not case.lost:
            return
        gone = [run for _, run in secondary_elements(case) if case.lost.issuperset(run)]
        if gone:
            spans = ", ".join(f"{run[0]}-{run[-1]}" for run in gone)
            yield self.evidence(
                f"{len(gone)} whole strand(s) or helices are gone: {spans}.",
                len(gone),
                positions=tuple(p for run in gone for p in run),
                verdict=Verdict.LOST if len(gone) >= STRANDS_FOR_LOSS else Verdict.AT_RISK,
            )


class DisulfidePartnerLost(_FoldRule):
    """A disulfide loses one or both of its cysteines to a deletion or truncation."""

    id = "fold.disulfide_lost"
    verdict = Verdict.LOST
    threshold = DISULFIDES_FOR_LOSS
    unit = "disulfides"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire once for all disulfides that lose a cysteine; name the cysteines left free."""
        broken = [d for d in case.target.disulfides if {d.first, d.second} & case.lost]
        if not broken:
            return
        free = sorted({p for d in broken for p in (d.first, d.second)} - case.lost)
        left = f" Cys{', Cys'.join(map(str, free))} left without partner." if free else ""
        yield self.evidence(
            f"{len(broken)} of {len(case.target.disulfides)} disulfides lose a cysteine: "
            f"{', '.join(f'{d.first}-{d.second}' for d in broken)}.{left}",
            len(broken),
            positions=tuple(p for d in broken for p in (d.first, d.second)),
            verdict=Verdict.LOST if len(broken) >= DISULFIDES_FOR_LOSS else Verdict.AT_RISK,
        )


class BuriedResidueDeleted(_FoldRule):
    """A residue of the core is deleted."""

    id = "fold.buried_residue_deleted"
    threshold = BURIED_RSA
    unit = "RSA"
    source = "burial: Tien et al., PLoS ONE 2013, 8:e80635; threshold: docs/rules.md"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire once for all buried residues of an in-frame deletion."""
        if not case.removed_inside:
            return
        buried = [site for site in case.lost_sites if site.rsa_free < BURIED_RSA]
        if buried:
            deepest = min(buried, key=lambda site: site.rsa_free)
            exposed = f"{deepest.name} exposes {100 * deepest.rsa_free:.0f} % of its surface"
            listed = "" if len(buried) == 1 else f"{names(buried)}; " if len(buried) <= 6 else f"{len(buried)}; "
            yield self.evidence(
                f"Buried residue deleted: {exposed}."
                if not listed
                else f"Buried residues deleted: {listed}the deepest, {exposed}.",
                round(deepest.rsa_free, 3),
                positions=tuple(site.uniprot_position for site in buried),
            )


class StrandCut(_FoldRule):
    """An in-frame deletion or insertion inside a strand or helix shifts its register."""

    id = "fold.strand_cut"
    source = "register shift; deletions in strands: Arpino et al., Structure 2014, 22:889"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each element that is cut and not wholly gone."""
        change = case.change
        inside = case.removed_inside or change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION)
        if not inside or change.start is None or change.end is None:
            return
        inserted = change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION)
        for state, run in secondary_elements(case):
            cut = (
                {change.start, change.end} <= set(run)
                if inserted
                else bool(case.lost & set(run)) and not case.lost.issuperset(run)
            )
            if cut:
                kind = "strand" if state == "E" else "helix"
                yield self.evidence(
                    f"The change lies in the {kind} {run[0]}-{run[-1]}: the residues behind it "
                    "no longer face the side they faced.",
                    f"{run[0]}-{run[-1]}",
                    positions=tuple(p for p in run if p in case.touched),
                )


class ExposedResidueDeleted(_FoldRule):
    """In-frame deletion of surface residues outside strands: a loop gets shorter."""

    id = "fold.loop_shortened"
    source = "structure"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when an in-frame deletion takes neither core nor strand."""
        gone = case.lost_sites
        if not case.removed_inside or not gone:
            return
        # Of bridges and turns shorter than an element no other rule speaks; they count as loop here.
        inside = {p for _, run in secondary_elements(case) for p in run}
        if all(site.rsa_free >= BURIED_RSA and site.uniprot_position not in inside for site in gone):
            yield self.evidence(
                f"{names(gone) if len(gone) <= 6 else f'{len(gone)} residues'} of a loop "
                f"{'is' if len(gone) == 1 else 'are'} deleted; "
                "the ends must close over the gap.",
                len(gone),
                positions=tuple(site.uniprot_position for site in gone),
            )


class Inserted(_FoldRule):
    """Residues inserted between observed ones."""

    id = "fold.insertion"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for an in-frame insertion or duplication in the observed domain."""
        change = case.change
        if change.kind not in (ChangeKind.INSERTION, ChangeKind.DUPLICATION) or change.start is None:
            return
        flanks = [case.sites[p] for p in case.touched]
        if any(site.observed for site in flanks):
            yield self.evidence(
                f"Residues inserted next to {names(flanks)}; the chain must make room.",
                positions=tuple(site.uniprot_position for site in flanks),
            )


class SequonLost(_FoldRule):
    """An N-glycosylation sequon disappears."""

    id = "fold.sequon_lost"
    source = "N-X-S/T; UniProt"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for sequons broken by a substitution or deleted."""
        replaced = {s.position: s.alternate for s in case.change.substitutions}
        for sequon in case.target.sequons:
            n = sequon.position
            if case.truncated or not ({n, n + 1, n + 2} & (case.lost | set(replaced))):
                continue
            triplet = [replaced.get(p, case.target.residue(p)) for p in (n, n + 1, n + 2)]
            if {n, n + 1, n + 2} & case.lost or not is_sequon("".join(triplet)):
                site = case.sites[n]
                seen = f", which carries {site.glycan} in the crystal," if site.glycan else ""
                yield self.evidence(f"The glycosylation site {site.name}{seen} is lost.", positions=(n,))


class SequonGained(_FoldRule):
    """A new N-glycosylation sequon appears."""

    id = "fold.sequon_gained"
    source = "N-X-S/T"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a new sequon outside the cell, noting how far it is from the antibody."""
        for n in gained_sequons(case):
            site = case.sites[n]
            reach = f", {site.min_distance_antibody_A:.0f} Å from the antibody" if site.observed else ""
            yield self.evidence(f"A new glycosylation site at position {n}{reach}.", positions=(n,))


def gained_sequons(case: Case) -> list[int]:
    """List the extracellular positions at which substitutions make a new sequon."""
    if not case.change.substitutions:
        return []
    sequence = list(case.target.sequence)
    for substitution in case.change.substitutions:
        sequence[substitution.position - 1] = substitution.alternate
    starts = {s.position - offset for s in case.change.substitutions for offset in (0, 1, 2)}
    return [
        n
        for n in sorted(starts & set(case.sites))
        if is_sequon("".join(sequence[n - 1 : n + 2]))
        and not is_sequon(case.target.sequence[n - 1 : n + 2])
        and case.sites[n].region == RegionKind.EXTRACELLULAR
    ]


def is_sequon(triplet: str) -> bool:
    """Say whether three residues are an N-glycosylation sequon.

    Examples
    --------
    >>> is_sequon("NQS"), is_sequon("NPS"), is_sequon("NA")
    (True, False, False)
    """
    return len(triplet) == 3 and triplet[0] == "N" and triplet[1] != "P" and triplet[2] in "ST"
