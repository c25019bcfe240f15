"""Is the fold intact? Rules on what is deleted, cut or inserted, and on disulfides.

For replaced residues see the module of substitution rules, for sequons and new cysteines
that of the product. The structure is one rigid picture: it shows what a residue holds
together, not how much the protein can give way.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.predictors.model import spoken
from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule, names
from epitope.impact.verdicts.rules.length_change import (
    MEDIUM,
    SCANNED_RESIDUES,
    Grade,
    LengthChange,
    placements,
    score_length_change,
)
from epitope.impact.verdicts.rules.thresholds import BURIED_RSA
from epitope.target.positions import ranges
from epitope.variant.model import ChangeKind

FOLD_LOST_SHARE = 0.20
"""Share of the residues seen without which the domain is not the same domain any more (a convention)."""
DISULFIDE_LOSS_SHARE = 0.5
"""Share of the target's disulfides whose loss, of two or more, leaves an extracellular domain unheld (a convention)."""
STRANDS_FOR_LOSS = 2
"""A β-sheet closes over the loss of an edge strand at best; two elements gone open it (a convention)."""


class _FoldRule(Rule, abstract=True):
    question = Question.FOLD


class DomainLost(_FoldRule):
    """How much of the domain that the crystal shows is missing from the product."""

    id = "fold.domain_lost"
    verdict = Verdict.LOST
    threshold = FOLD_LOST_SHARE
    unit = "share of observed residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for every loss too long for a score of single residues, as lost above the threshold."""
        gone = case.lost_sites
        if len(gone) <= (SCANNED_RESIDUES if case.removed_inside else 2):
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
        gone = [element for element in case.backbone.elements if case.lost.issuperset(element.positions)]
        if gone:
            elements = "1 whole element is" if len(gone) == 1 else f"{len(gone)} whole elements are"
            yield self.evidence(
                f"{elements} gone ({', '.join(map(str, gone))}).",
                len(gone),
                positions=tuple(p for element in gone for p in element.positions),
                verdict=Verdict.LOST if len(gone) >= STRANDS_FOR_LOSS else Verdict.AT_RISK,
            )


class DisulfidePartnerLost(_FoldRule):
    """A disulfide loses one or both of its cysteines to a deletion or truncation."""

    id = "fold.disulfide_lost"
    verdict = Verdict.LOST
    threshold = DISULFIDE_LOSS_SHARE
    unit = "share of the target's disulfides, two or more"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire once for all disulfides that lose a cysteine; name the cysteines left free."""
        broken = [d for d in case.target.disulfides if {d.first, d.second} & case.lost]
        if not broken:
            return
        free = sorted({p for d in broken for p in (d.first, d.second)} - case.lost)
        label = case.target.label
        left = f"; Cys{', Cys'.join(map(label, free))} left without partner" if free else ""
        share = len(broken) / len(case.target.disulfides)
        yield self.evidence(
            f"{len(broken)} of {len(case.target.disulfides)} disulfides lose a cysteine "
            f"({', '.join(f'{label(d.first)}-{label(d.second)}' for d in broken)}){left}.",
            round(share, 2),
            positions=tuple(p for d in broken for p in (d.first, d.second)),
            verdict=Verdict.LOST if len(broken) > 1 and share >= DISULFIDE_LOSS_SHARE else Verdict.AT_RISK,
        )


class LengthChanged(_FoldRule):
    """What residues more or less inside the chain cost the fold, graded by a score."""

    id = "fold.length_changed"
    threshold = MEDIUM
    unit = "score of 0 to 1, not calibrated"
    source = (
        "Jackson et al., PLoS ONE 2017, 12:e0164905; Macdonald et al., Genome Biol 2023, 24:36; "
        "Topolska et al., Nat Commun 2025; docs/rules.md"
    )

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each in-frame change of length that touches observed residues."""
        found, product = length_change(case), case.product
        if found is None or product is None:
            return
        unseen = [p for p in found.placement.removed if not case.sites[p].observed]
        verdict = Verdict.AT_RISK if found.grade is not Grade.LOW else Verdict.INTACT
        if verdict is Verdict.INTACT and unseen:
            verdict = Verdict.NOT_ASSESSABLE
        yield self.evidence(
            f"{_event(case, found)} is a {found.grade} risk (score {found.score:.2f} of 1, "
            f"not calibrated), as {_reasons(case, found)}.",
            round(found.score, 2),
            positions=tuple(product.removed) or tuple(p for p in found.placement.window if p in case.sites),
            verdict=verdict,
        )


def length_change(case: Case) -> LengthChange | None:
    """Score an in-frame change of length at the cheapest of its equivalent places.

    Parameters
    ----------
    case : Case

    Returns
    -------
    LengthChange or None
        ``None`` where the change is of another kind, or touches nothing that was observed.
    """
    product = case.product
    if product is None or case.change.kind not in _LENGTH_CHANGES or product.before == 0:
        return None
    if len(product.removed) == len(product.inserted) or product.behind > len(case.target.sequence):
        return None
    scored = (
        score_length_change(place, case.sites, case.backbone, case.mean_ddg)
        for place in placements(case.target.sequence, product)
        if any(case.sites[p].observed for p in place.removed or place.window)
    )
    return min((found for found in scored if found is not None), key=lambda found: found.score, default=None)


_LENGTH_CHANGES = (ChangeKind.DELETION, ChangeKind.INSERTION, ChangeKind.DUPLICATION, ChangeKind.DELINS)


def _event(case: Case, found: LengthChange) -> str:
    """Say what happens, and where it was placed if the name says another place."""
    place, product = found.placement, case.product
    removed, inserted = [case.sites[p] for p in place.removed], place.inserted
    flanks = names([case.sites[place.before], case.sites[place.behind]]).replace(", ", " and ")
    new = f"{inserted} residue{'s' if inserted > 1 else ''}"
    if not removed:
        text = f"Inserting {new} between {flanks}"
    else:
        listed = names(removed) if len(removed) <= SCANNED_RESIDUES else f"{removed[0].name} to {removed[-1].name}"
        text = f"Replacing {listed} by {new}" if inserted else f"Losing {listed}"
    moved = product is not None and place.before != product.before
    return f"{text}, which gives the same product," if moved else text


def _reasons(case: Case, found: LengthChange) -> str:
    """List the measured facts behind a score."""
    seen = [case.sites[p] for p in found.placement.removed if case.sites[p].observed]
    reasons = []
    if seen:
        deepest = min(seen, key=lambda site: site.rsa_free)
        name = "it" if len(found.placement.removed) == 1 else deepest.name
        reasons.append(f"{name} is {100 * deepest.rsa_free:.0f} % exposed")
    if found.element is not None:
        side = len(found.short_side)
        reasons.append(f"{found.element} is cut with {side} residue{'' if side == 1 else 's'} on the shorter side")
        if found.span_A is not None:
            reasons.append(f"Cα atoms {found.span_A:.1f} Å apart must come to 3.8 Å")
    elif found.span_A is not None and found.reach_A is not None:
        reasons.append(f"the loop left must span {found.span_A:.1f} of at most {found.reach_A:.0f} Å")
    else:
        reasons.append("the change lies outside strands and helices")
    if found.mean_ddg_kcal_mol is not None:
        cost = spoken(found.mean_ddg_kcal_mol)
        reasons.append(f"substitutions there are predicted to cost {cost} kcal/mol on average")
    if found.residues_to_end is not None and found.terms["anchoring"] < 1:
        steps = f"{found.residues_to_end} residue{'' if found.residues_to_end == 1 else 's'}"
        reasons.append(f"the chain ends or is not observed {steps} away")
    return ", ".join([*reasons[:-1], f"and {reasons[-1]}"])


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
            listed = f"{names(buried)} are" if len(buried) <= 6 else f"{len(buried)} residues are"
            yield self.evidence(
                f"A buried residue is deleted ({exposed})."
                if len(buried) == 1
                else f"{listed} buried and deleted (the deepest, {exposed}).",
                round(deepest.rsa_free, 3),
                positions=tuple(site.uniprot_position for site in buried),
            )


class RegisterShifted(_FoldRule):
    """Side chains that must turn to the other face, or shift, when a strand or helix is cut."""

    id = "fold.register_shifted"
    verdict = Verdict.INTACT
    unit = "residues"
    source = "deletions in strands: Arpino et al., Structure 2014, 22:889; counted in fold.length_changed"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Note the residues on the shorter side of the cut and which of them are buried."""
        found = length_change(case)
        if found is None or found.element is None or not found.short_side:
            return
        buried = [case.sites[p] for p in found.short_side if case.sites[p].rsa_free < BURIED_RSA]
        turn = "turn to the other face" if found.element.state == "E" else "turn about the helix axis"
        among = f"of these {names(buried)} {'is' if len(buried) == 1 else 'are'}" if buried else "none of these is"
        yield self.evidence(
            f"In {found.element} the side chains of {ranges(found.short_side, ', ', label=case.target.label)}, on the "
            f"shorter side of the change, {turn}; {among} buried.",
            len(found.short_side),
            positions=found.short_side,
        )

    of_all = True
