"""Is the epitope intact? Rules on what the antibody touches in the crystal.

They speak of the antibody in the structure alone. Published loops and computed contacts
are both counted, since they differ; where no loops are published for the antibody, its
contacts make them. Hot spots of other antibodies are annotations.
"""

from __future__ import annotations

from collections.abc import Iterator

from epitope.impact.verdicts.model import Evidence, Question, Verdict
from epitope.impact.verdicts.rules.base import Case, Rule, names
from epitope.impact.verdicts.rules.sequence import gained_sequons
from epitope.target.positions import ranges
from epitope.target.residues import three_letter
from epitope.variant.model import ChangeKind

EPITOPE_LOST_SHARE = 0.5
"""Half of the buried area gone: fewer contacts are left than bind a single loop."""
SUGAR_REACH_A = 10.0
"""An N-glycan core reaches at least this far from its asparagine."""
REGISTER_REACH = 3
"""An in-frame change this close in sequence moves a contact residue's backbone."""


class _EpitopeRule(Rule, abstract=True):
    question = Question.EPITOPE


class LoopLost(_EpitopeRule):
    """Epitope loops that the product lacks, wholly or in part."""

    id = "epitope.loop_lost"
    verdict = Verdict.LOST
    threshold = "whole loop"
    unit = "residues of the loop"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each loop touched by a loss, and say which loops stay."""
        loops = case.epitope.loops
        kept = [loop for loop in loops if not case.lost.intersection(loop.positions)]
        for loop in loops:
            gone = tuple(p for p in loop.positions if p in case.lost)
            if not gone:
                continue
            whole = len(gone) == len(loop)
            yield self.evidence(
                f"Epitope loop {loop.name} is {'wholly' if whole else 'partly'} lost"
                + ("." if whole else f" ({ranges(gone, ', ', label=case.target.label)})."),
                f"{len(gone)} of {len(loop)}",
                positions=gone,
                # A computed loop may be one residue: there the share of the buried area decides.
                verdict=Verdict.LOST if whole and not case.epitope.computed else Verdict.AT_RISK,
                source=case.target.citation(loop.source),
            )
        if 0 < len(kept) < len(loops):
            yield self.evidence(
                f"Epitope loop(s) {', '.join(loop.name for loop in kept)} stay.",
                verdict=Verdict.INTACT,
                positions=tuple(p for loop in kept for p in loop.positions),
            )


class ContactsLost(_EpitopeRule):
    """Contact residues that the product lacks, and their share of the buried area."""

    id = "epitope.contacts_lost"
    verdict = Verdict.LOST
    threshold = EPITOPE_LOST_SHARE
    unit = "share of the antigen's buried area"
    source = "structure, heavy atoms within 4.0 Å"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire when contact residues are lost."""
        gone = [site for site in case.contacts if site.uniprot_position in case.lost]
        if not gone:
            return
        area = sum(site.buried_A2 for site in case.lost_sites if site.buried_A2 > 0)
        share = area / case.buried_area_A2
        yield self.evidence(
            f"{len(gone)} of {len(case.contacts)} contact residues are lost ({names(gone)}), "
            f"{100 * share:.0f} % of the buried area.",
            round(share, 3),
            positions=tuple(site.uniprot_position for site in gone),
            verdict=Verdict.LOST if share >= EPITOPE_LOST_SHARE else Verdict.AT_RISK,
        )


class ContactChanged(_EpitopeRule):
    """A residue in contact with the antibody is replaced."""

    id = "epitope.contact_changed"
    threshold = 4.0
    unit = "Å"
    source = "structure, heavy atoms within 4.0 Å"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for each replaced contact residue and say what it touches."""
        for substitution in case.change.substitutions:
            site = case.site_of(substitution)
            if not site.contact_4A:
                continue
            bonds = [
                f"{kind} with {', '.join(found)}"
                for kind, found in (
                    ("hydrogen bond", site.hydrogen_bonds_antibody),
                    ("salt bridge", site.salt_bridges_antibody),
                )
                if found
            ]
            yield self.evidence(
                f"{site.name} touches {', '.join(site.partners_4A)}"
                + (f" ({'; '.join(bonds)})" if bonds else "")
                + f" and is {100 * site.buried_fraction:.0f} % buried by the {case.epitope.word}; "
                f"{three_letter(substitution.alternate)} stands there now.",
                round(site.min_distance_antibody_A, 2),
                positions=(site.uniprot_position,),
            )


class NoContact(_EpitopeRule):
    """How far a replaced residue is from the antibody when it does not touch it."""

    id = "epitope.no_contact"
    verdict = Verdict.INTACT
    threshold = 4.0
    unit = "Å"
    source = "structure, heavy atoms within 4.0 Å"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire, as information, for observed residues that touch no antibody atom."""
        for substitution in case.change.substitutions:
            site = case.site_of(substitution)
            if site.contact_4A or not site.min_distance_antibody_A > 0:
                continue
            beside = (
                f", beside a contact residue ({site.min_distance_epitope_A:.1f} Å)"
                if site.min_distance_epitope_A <= 4.0
                else ""
            )
            yield self.evidence(
                f"{site.name} does not touch the {case.epitope.word}: "
                f"{site.min_distance_antibody_A:.1f} Å away{beside}.",
                round(site.min_distance_antibody_A, 2),
                positions=(site.uniprot_position,),
            )


class RegisterNearContact(_EpitopeRule):
    """An in-frame deletion or insertion next to a contact residue moves its backbone."""

    id = "epitope.backbone_moved"
    threshold = REGISTER_REACH
    unit = "residues"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for contact residues within reach along the chain that are kept themselves."""
        change = case.change
        inside = case.removed_inside or change.kind in (ChangeKind.INSERTION, ChangeKind.DUPLICATION)
        if not inside or change.start is None or change.end is None:
            return
        low, high = change.start - REGISTER_REACH, change.end + REGISTER_REACH
        near = [s for s in case.contacts if low <= s.uniprot_position <= high]
        kept = [s for s in near if s.uniprot_position not in case.lost]
        if kept:
            yield self.evidence(
                f"The chain is cut or lengthened within {REGISTER_REACH} residues of contact residue(s) {names(kept)}.",
                positions=tuple(site.uniprot_position for site in kept),
            )


class SugarNearEpitope(_EpitopeRule):
    """A new glycan close to the antibody stands in its way."""

    id = "epitope.sugar_in_the_way"
    threshold = SUGAR_REACH_A
    unit = "Å"
    source = "an N-glycan core reaches 10 Å and more from its asparagine"

    def find(self, case: Case) -> Iterator[Evidence]:
        """Fire for a sequon gained within reach of the antibody."""
        for site in (case.sites[n] for n in gained_sequons(case)):
            if site.min_distance_antibody_A <= SUGAR_REACH_A:
                yield self.evidence(
                    f"A sugar on the new site {site.number} could stand in the {case.epitope.word}'s way "
                    f"({site.min_distance_antibody_A:.1f} Å).",
                    round(site.min_distance_antibody_A, 2),
                    positions=(site.uniprot_position,),
                )


class OtherBinders(_EpitopeRule):
    """Published hot spots of other antibodies against the antigen, those without contact as indirect."""

    id = "epitope.hot_spot_of_other_antibody"
    verdict = Verdict.INTACT

    def find(self, case: Case) -> Iterator[Evidence]:
        """Note, without judging the crystal's antibody, the hot spots that are touched."""
        for spots in case.target.hot_spots:
            hit = tuple(p for p in spots.positions if p in case.touched)
            touched = {p for found in case.target.contacts if found.binder == spots.binder for p in found.positions}
            if hit:
                apart = [case.sites[p].name for p in hit if touched and p not in touched]
                indirect = f"; {', '.join(apart)} indirectly, without touching it" if apart else ""
                listed = ", ".join(case.sites[p].name for p in hit)
                yield self.evidence(
                    f"{listed}: hot spot of {spots.binder} ({spots.method}){indirect}.",
                    positions=hit,
                    source=case.target.sources[spots.source].citation,
                )

    of_all = True
    of_all = True
