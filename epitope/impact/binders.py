"""What is known of each binder of a target, and what a change means for it, without another structure.

The antibody of the structure has the structure's answer, a relative of known sequence follows it;
of others the pack gives published contacts and scanned positions, or nothing. A position that
was not looked at is never called intact. Not for antibodies with a structure of their own at hand:
`epitope.impact.antibodies`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from epitope.errors import StructureError
from epitope.impact.antibodies import BY_SEQUENCE, Antibody, answer_of, reason_of, touched_by
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.model import Assessment, BinderAnswer, Verdict
from epitope.impact.verdicts.rules.epitope import EPITOPE_LOST_SHARE, REGISTER_REACH
from epitope.target.model import RegionKind
from epitope.target.positions import ranges
from epitope.variant.model import ChangeKind

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.target.model import Binder, HotSpots, PublishedContacts, Target
    from epitope.variant.model import Consequence, ProteinChange

BINDER_COLUMNS: dict[str, str] = {
    "uniprot_position": "a position that one of the binders touches, or that was scanned for one",
    "residue": "one-letter code of the reference",
    "binder": "name in the target pack",
    "contact": "structure, by sequence (as the antibody of the structure), differs (a relative of that antibody, with "
    "another residue opposite), published, no, or not known",
    "buried_A2": "area that it buries there, measured or published, Å²; missing where not known",
    "scan": "hot spot, no effect, or not known",
    "indirect": "whether it is a hot spot that the binder does not touch",
    "rests_on": "structure and publications that say so, empty where nothing does",
}
"""Columns of `BinderPanel.table`, in order."""

CONTACT, HOT_SPOT, INDIRECT = "contact", "hot spot", "indirect"
NO_EFFECT, NOT_SCANNED, NOT_KNOWN = "no effect", "not scanned", "not known"
_IN_FRAME = (ChangeKind.INSERTION, ChangeKind.DUPLICATION, ChangeKind.DELETION, ChangeKind.DELINS)
_NAMED = 6
"""As many residues are named in a sentence; more are counted."""

_Said = tuple[Verdict, str, str]


@dataclass(frozen=True, eq=False)
class PublishedSites:
    """What is published of one binder: what it touches, and what was scanned.

    Attributes
    ----------
    target : Target
    binder : Binder
    contacts : tuple of PublishedContacts
    scans : tuple of HotSpots

    Examples
    --------
    >>> from epitope.target import load_target
    >>> target = load_target()
    >>> known = [PublishedSites.of(target, binder) for binder in target.binders]
    >>> [sorted(sites.indirect) for sites in known if sites.indirect]
    [[159]]
    """

    target: Target
    binder: Binder
    contacts: tuple[PublishedContacts, ...] = ()
    scans: tuple[HotSpots, ...] = ()

    @classmethod
    def of(cls, target: Target, binder: Binder) -> PublishedSites:
        """Gather what the pack of a target says of one of its binders."""
        return cls(
            target,
            binder,
            tuple(found for found in target.contacts if found.binder == binder.name),
            tuple(found for found in target.hot_spots if found.binder == binder.name),
        )

    @cached_property
    def touched(self) -> dict[int, float | None]:
        """Published contacts with the area buried, Å², where it is given."""
        return {
            position: found.buried_A2[index] if found.buried_A2 else None
            for found in self.contacts
            for index, position in enumerate(found.positions)
        }

    @cached_property
    def hot_spots(self) -> frozenset[int]:
        """Positions that hurt binding when changed."""
        return frozenset(p for scan in self.scans for p in scan.positions)

    @cached_property
    def tolerant(self) -> frozenset[int]:
        """Positions that were scanned without effect, and in no other scan with one."""
        return frozenset(p for scan in self.scans for p in scan.tolerant) - self.hot_spots

    @cached_property
    def known(self) -> frozenset[int]:
        """Positions that the binder touches or needs."""
        return self.hot_spots.union(self.touched)

    @cached_property
    def indirect(self) -> frozenset[int]:
        """Hot spots that the binder does not touch, where its contacts are known."""
        return self.hot_spots.difference(self.touched) if self.touched else frozenset()

    @cached_property
    def outside(self) -> frozenset[int]:
        """Positions outside the cell; all where the topology is not known."""
        regions = self.target.regions_of(RegionKind.EXTRACELLULAR)
        return frozenset(p for region in regions for p in region.positions) or frozenset(
            range(1, len(self.target.sequence) + 1)
        )

    @cached_property
    def basis(self) -> str:
        """What an answer rests on: methods and publications, "nothing known" without any."""
        said = [f"published contacts ({self._cited(contacts)})" for contacts in self.contacts]
        said += [f"scanned positions ({self._cited(scan)})" for scan in self.scans]
        return "; ".join(said) or "nothing known"

    def _cited(self, found: PublishedContacts | HotSpots) -> str:
        """Name the method and the source of a fact."""
        citation = self.target.citation(found.source)
        return citation if found.method in citation else f"{found.method}, {citation}"

    def rests_on(self, position: int) -> str:
        """Name what speaks of one position."""
        said = [self._cited(contacts) for contacts in self.contacts]
        said += [self._cited(scan) for scan in self.scans if position in (*scan.positions, *scan.tolerant)]
        return "; ".join(said)

    def word(self, position: int) -> str:
        """Say in a word what a known position is."""
        if position in self.indirect:
            return INDIRECT
        return ", ".join(
            word for word, there in ((CONTACT, self.touched), (HOT_SPOT, self.hot_spots)) if position in there
        )

    def answer(self, found: Assessment) -> BinderAnswer:
        """Say what a change means for the binder, by what is published alone.

        Parameters
        ----------
        found : Assessment
            Of the change on any structure of the antigen.
        """
        verdict, reason, sentence = self._say(found)
        return BinderAnswer(self.binder.name, verdict, self.basis, sentence, reason)

    def _say(self, found: Assessment) -> _Said:
        """Return verdict, reason and sentence: the gravest thing that is known."""
        change = found.consequence.change
        if change.kind is ChangeKind.UNKNOWN:
            return self._possible(found)
        if change.kind is ChangeKind.NONE:
            verdict = found.epitope if found.epitope is Verdict.INTACT else Verdict.NOT_ASSESSABLE
            return (
                verdict,
                "protein unchanged",
                "The protein is unchanged." if verdict is Verdict.INTACT else reason_of(found),
            )
        return (
            (self._lost(change) if change.positions_lost else None)
            or (self._hit(found) if self.known or self.tolerant else None)
            or self._not_looked_at(found.consequence)
        )

    def _lost(self, change: ProteinChange) -> _Said | None:
        """Answer where what is missing takes the epitope away, or a part of it."""
        lost = frozenset(change.positions_lost)
        if self.outside <= lost:
            return Verdict.LOST, "nothing is left", "Nothing is left of what lies outside the cell."
        for epitope in self.target.epitopes:
            loops = [loop.name for loop in epitope.loops if lost.issuperset(loop.positions)]
            if epitope.binder == self.binder.name and loops:
                return Verdict.LOST, "loop lost", f"Epitope loop {', '.join(loops)} is wholly lost."
        gone = self.known & lost
        if not gone:
            return None
        areas = [area for area in self.touched.values() if area is not None]
        share = sum(self.touched.get(p) or 0.0 for p in gone) / sum(areas) if areas else len(gone) / len(self.known)
        enough = EPITOPE_LOST_SHARE if areas else 1.0
        measure = f", {100 * share:.0f} % of the buried area" if areas else ""
        return (
            Verdict.LOST if share >= enough else Verdict.AT_RISK,
            self._words(gone),
            f"{len(gone)} of {len(self.known)} positions that it is known to touch or need are lost "
            f"({self._names(gone)}){measure}.",
        )

    def _hit(self, found: Assessment) -> _Said | None:
        """Answer where a known position is replaced, or the chain moved beside it, or all was scanned."""
        change = found.consequence.change
        replaced = frozenset(s.position for s in change.substitutions)
        hit = (self.known & replaced) - self.tolerant
        if hit:
            return Verdict.AT_RISK, self._words(hit), " ".join(self._told(hit))
        for one in found.consequence.changes:
            if one.kind not in _IN_FRAME or one.start is None or one.end is None or one.start == 1:
                continue
            low, high = one.start - REGISTER_REACH, one.end + REGISTER_REACH
            near = frozenset(p for p in self.known if low <= p <= high) - replaced
            if near and not (one.kind is ChangeKind.DELINS and not one.positions_lost):
                sentence = f"The chain is cut or lengthened within {REGISTER_REACH} residues of {self._names(near)}."
                return Verdict.AT_RISK, f"beside {self._words(near)}", sentence
        if found.fold is Verdict.LOST:
            sentence = (
                "The positions that it is known to touch or need are kept, but brought together by a fold that is lost."
            )
            return Verdict.AT_RISK, "fold lost", sentence
        if replaced and touched_by(found.consequence) <= self.tolerant and not found.alternatives:
            return (
                Verdict.INTACT,
                f"scanned, {NO_EFFECT}",
                f"{self._names(replaced)}: scanned, without effect on binding.",
            )
        return None

    def _told(self, positions: Collection[int]) -> Iterator[str]:
        """Say of each known position what it is; the same words once."""
        grouped: dict[str, list[int]] = {}
        for position in sorted(positions):
            grouped.setdefault(self._is(position), []).append(position)
        for words, alike in grouped.items():
            yield f"{self._names(alike)}: {words}."

    def _is(self, position: int) -> str:
        """Say what a known position is, with how it was measured."""
        methods = ", ".join(scan.method for scan in self.scans if position in scan.positions)
        if position in self.indirect:
            return f"hurts binding ({methods}) without touching the antibody, an indirect effect"
        said = []
        if position in self.touched:
            area = self.touched[position]
            said.append("published contact" + ("" if area is None else f" ({area:.0f} Å² buried)"))
        if position in self.hot_spots:
            said.append(f"hot spot ({methods})" + ("" if self.touched else "; whether it touches is not known"))
        return ", ".join(said)

    def _not_looked_at(self, consequence: Consequence) -> _Said:
        """Leave the question open, and say what was not looked at."""
        if not (self.known or self.tolerant):
            structure = self.binder.structure
            sentence = "No contact and no scanned position of it is known here."
            if structure:
                sentence += (
                    f" It is in {structure}: epitope structure fetch {structure}, then --against {self.binder.name}."
                )
            return Verdict.NOT_ASSESSABLE, "nothing known", sentence
        positions = touched_by(consequence) - self.tolerant
        where = f"{self._names(positions)} {'was' if len(positions) == 1 else 'were'}" if positions else "The place was"
        beside = " and is no published contact" if self.touched and len(positions) == 1 else ""
        return Verdict.NOT_ASSESSABLE, NOT_SCANNED, f"{where} not scanned{beside}."

    def _possible(self, found: Assessment) -> _Said:
        """Judge a product that is not known by those that are possible."""
        said = [self._say(product)[0] for product in found.alternatives]
        if not said or set(said) <= {Verdict.INTACT, Verdict.NOT_ASSESSABLE}:
            return Verdict.NOT_ASSESSABLE, "product not known", "The product is not known."
        verdict = Verdict.LOST if set(said) == {Verdict.LOST} else Verdict.AT_RISK
        pairs = zip(said, found.alternatives, strict=True)
        listed = ", ".join(f"{word} with {product.consequence.scenario}" for word, product in pairs)
        return verdict, "possible products", f"Of the possible products the epitope is {listed}."

    def _words(self, positions: Collection[int]) -> str:
        """Say in a word or two what some known positions are."""
        words = (word for p in sorted(positions) for word in self.word(p).split(", "))
        return ", ".join(dict.fromkeys(words))

    def _names(self, positions: Collection[int]) -> str:
        """Name positions; of many their ranges."""
        if len(positions) > _NAMED:
            return ranges(positions, ", ", label=self.target.label)
        return ", ".join(self.target.residue_name(p) for p in sorted(positions))


class BinderPanel:
    """The binders of a structure's target, each with what is known of it without another structure.

    Parameters
    ----------
    structure : MeasuredComplex

    Examples
    --------
    >>> import epitope
    >>> row, = epitope.assess_each("W159A")
    >>> answers = BinderPanel(epitope.load()).answers(row)
    >>> [(str(answer.verdict), answer.reason) for answer in answers][2:4]
    [('at risk', 'indirect'), ('not assessable', 'nothing known')]
    """

    def __init__(self, structure: MeasuredComplex) -> None:
        self.structure = structure
        own = structure.epitope.binder
        self.published = tuple(PublishedSites.of(structure.target, binder) for binder in structure.target.binders)
        self.seen = {p.binder.name: self._seen(p.binder, own) for p in self.published}

    def _seen(self, binder: Binder, own: str) -> Antibody | None:
        """Lay a binder on the structure: as its antibody, or as a relative of that; ``None`` for strangers."""
        if binder.name == own:
            return Antibody(own, self.structure)
        try:
            antibody = Antibody.by_sequence(binder, [self.structure])
        except StructureError:  # no sequence, or no antibody to lay it on
            return None
        return replace(antibody, name=binder.name) if antibody.sequence is None or antibody.related else None

    def answers(self, found: Assessment, without: Collection[str] = ()) -> tuple[BinderAnswer, ...]:
        """Answer for each binder, in the order of the pack.

        Parameters
        ----------
        found : Assessment
            On the structure of the panel.
        without : collection of str
            Names of binders to leave out.
        """
        return tuple(self._answer(p, found) for p in self.published if p.binder.name not in without)

    def _answer(self, published: PublishedSites, found: Assessment) -> BinderAnswer:
        """Answer for one binder: by the structure, by a relative in it, else by what is published."""
        antibody = self.seen[published.binder.name]
        if antibody is None:
            return published.answer(found)
        said = answer_of(antibody, found)
        if antibody.sequence is None and self.structure.antibody_atoms is None:
            return replace(said, basis=f"published loops, on structure {self.structure.id}", reason="loops")
        open_ = said.verdict is Verdict.NOT_ASSESSABLE and antibody.sequence is not None
        return published.answer(found) if open_ and published.known else said

    @cached_property
    def positions(self) -> tuple[int, ...]:
        """Positions that the antibody of the structure touches, or that are published of any binder, ascending."""
        contacts = self.structure.contact_positions if any(self.seen.values()) else ()
        return tuple(sorted({*contacts, *(p for known in self.published for p in known.known | known.tolerant)}))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each position and binder, columns `BINDER_COLUMNS`."""
        import pandas as pd

        table = self.structure.residues.set_index("uniprot_position")
        area = dict(zip(table.index.tolist(), table["buried_A2"].tolist(), strict=True))
        observed = frozenset(table.index[table["observed"]].tolist())
        rows = [
            self._row(position, published, area, observed)
            for position in self.positions
            for published in self.published
        ]
        return pd.DataFrame(rows, columns=list(BINDER_COLUMNS)).astype({"buried_A2": "float64"})

    def _row(
        self, position: int, published: PublishedSites, area: Mapping[int, float], observed: Collection[int]
    ) -> dict[str, Any]:
        """Return what is known of one binder at one position."""
        contact, source = self._contact(position, published.binder.name, observed)
        buried = area[position] if contact == "structure" else None
        if contact == NOT_KNOWN and published.contacts:
            contact = "published" if position in published.touched else "no"
            buried = published.touched.get(position)
        scan = (
            HOT_SPOT if position in published.hot_spots else NO_EFFECT if position in published.tolerant else NOT_KNOWN
        )
        return {
            "uniprot_position": position,
            "residue": self.structure.target.residue(position),
            "binder": published.binder.name,
            "contact": contact,
            "buried_A2": buried,
            "scan": scan,
            "indirect": scan == HOT_SPOT and contact == "no",
            "rests_on": "; ".join(filter(None, (source, published.rests_on(position)))),
        }

    def _contact(self, position: int, name: str, observed: Collection[int]) -> tuple[str, str]:
        """Say whether the structure shows a binder, or a relative of it, at a position; and what it rests on."""
        antibody = self.seen[name]
        if antibody is None or self.structure.antibody_atoms is None or position not in observed:
            return NOT_KNOWN, ""
        if position not in self.structure.contact_positions:
            return "no", antibody.basis
        if antibody.sequence is None:
            return "structure", antibody.basis
        return (BY_SEQUENCE if position in antibody.same_contacts else "differs"), antibody.basis


def answer_for_each(assessments: Sequence[Any], own: Assessor, antibodies: Iterable[Antibody] = ()) -> list[Any]:
    """Add to each assessment an answer for each antibody, and for the target's other binders; rows without are kept.

    Parameters
    ----------
    assessments : sequence of Assessment or rows without one
        Of the structure of ``own``.
    own : Assessor
        Whose answers are not computed again.
    antibodies : iterable of Antibody
        Antibodies that were asked about, numbered on the same target; their answers come first.

    Returns
    -------
    list
        In the same order.
    """
    asked = list(antibodies)
    assessors = {id(own.structure): own}
    for antibody in asked:
        assessors.setdefault(id(antibody.structure), Assessor(antibody.structure))
    panel = BinderPanel(own.structure)
    names = {antibody.name for antibody in asked}
    names |= {a.structure.binder.name for a in asked if a.sequence is None and a.structure.binder is not None}
    answered = []
    for row in assessments:
        if not isinstance(row, Assessment):
            answered.append(row)
            continue
        told = {key: row if key == id(own.structure) else a.assess(row.consequence) for key, a in assessors.items()}
        answers = tuple(replace(answer_of(one, told[id(one.structure)]), asked=True) for one in asked)
        answered.append(replace(row, binders=answers + panel.answers(row, names)))
    return answered
