"""Antibodies of one antigen side by side: their epitopes, their overlap, and which would notice a change.

An antibody is seen in a structure of its own, or known by its sequence alone and laid on a
relative that a structure shows. Of the second kind no number is given: its epitope is that
of the relative as far as the antibody residues opposite are the same. All structures are
numbered on one target. Not for ranking antibodies, and not for the strength of binding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import StructureError
from epitope.features.binders import RELATED_CDR_IDENTITY, compare_binder
from epitope.features.paratope import PARATOPE_COLUMNS, paratope_differences
from epitope.impact.predictors.predictions import hot_spot_probability
from epitope.impact.verdicts.model import Assessment, BinderAnswer, Question, Verdict
from epitope.impact.verdicts.rules.predictions import HOT_SPOT_PROBABILITY
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.binders import Comparison
    from epitope.features.measured import MeasuredComplex
    from epitope.target.model import Binder, Target
    from epitope.variant.model import Consequence

ANTIBODY_COLUMNS: dict[str, str] = {
    "antibody": "its name: that of the binder that it is, else the structure's",
    "basis": "what is said of it rests on: its structure, or its sequence laid on another antibody's structure",
    "contacts": "antigen residues within 4.0 Å; missing where only the sequence is known, as the next three",
    "buried_A2": "area of the antigen that it buries, Å²",
    "hot_spots": "contact residues with p_hot_spot of 0.5 or more; a list, in CSV separated by blanks",
    "not_observed": "antigen residues that others touch and its structure does not show; a list",
    "cdr_identity": "share of CDR positions (IMGT) that are those of the antibody it is laid on; sequence alone",
    "cdr_differences": "CDR positions that differ from it; missing where the two are no relatives",
    "touching_differences": "differing antibody residues within 4.0 Å of the antigen",
    "same_contacts": "contact residues of the other antibody of which all partners within 5 Å are the same",
    "same_contacts_of": "of how many",
}
BY_SEQUENCE = "by sequence"
"""The reason of an answer that follows from the antibody which a sequence is laid on."""
_COUNTS = ("contacts", "cdr_differences", "touching_differences", "same_contacts", "same_contacts_of")
EPITOPE_COLUMNS: dict[str, str] = {
    "uniprot_position": "position on the reference that all antibodies share: that of the first structure",
    "residue": "one-letter code of the reference",
    "antibody": "as in the table of antibodies",
    "observed": "whether its structure shows the residue; missing where only the sequence is known, as all numbers",
    "contact_4A": "whether a heavy atom is within 4.0 Å of the antibody",
    "min_distance_antibody_A": "smallest heavy-atom distance to the antibody, Å",
    "buried_A2": "area lost on binding, Å²",
    "buried_fraction": "the same as a share of the free area",
    "p_hot_spot": "P(binding weakens by 1 kcal/mol or more) if the residue is changed to alanine, calibrated",
    "partners_4A": "antibody residues within 4.0 Å; a list, in CSV separated by blanks",
    "by_sequence": "where only the sequence is known: which antibody it is like at this residue, or what differs",
}
OVERLAP_COLUMNS: dict[str, str] = {
    "antibody_1": "one antibody, seen in a structure",
    "antibody_2": "the other",
    "contacts_1": "contact residues of the one, of those that both structures show",
    "contacts_2": "the same of the other",
    "shared_contacts": "residues that both touch",
    "jaccard": "shared over all that either touches, 0 to 1; missing where neither touches any",
    "buried_1_A2": "area that the one buries on residues that both structures show, Å²",
    "buried_2_A2": "the same of the other",
    "shared_buried_A2": "the smaller of both areas, residue by residue, summed: Å²",
    "left_out": "contact residues of one that the other's structure does not show; a list",
}


@dataclass(frozen=True, eq=False)
class Antibody:
    """An antibody of a comparison.

    Attributes
    ----------
    name : str
    structure : MeasuredComplex
        The complex that shows it, or that of the antibody that its sequence is laid on.
    sequence : Comparison, optional
        How its sequence differs from the antibody in the structure; ``None`` where the structure
        shows the antibody itself.
    """

    name: str
    structure: MeasuredComplex
    sequence: Comparison | None = None

    @classmethod
    def of(cls, structure: MeasuredComplex) -> Antibody:
        """Return the antibody that a structure shows."""
        return cls(structure.binder.name if structure.binder else structure.id, structure)

    @classmethod
    def by_sequence(cls, binder: Binder, structures: Iterable[MeasuredComplex]) -> Antibody:
        """Lay a binder's sequence on the antibody of those in the structures that it is most like.

        Raises
        ------
        StructureError
            If its sequence is not known, or no structure shows an antibody.
        """
        if not (binder.heavy_variable or binder.light_variable):
            remedy = (
                f"epitope structure fetch {binder.structure}" if binder.structure else "give a structure that shows it"
            )
            raise StructureError(
                f"{binder.name}: the target pack has no sequence of it, and no structure of it is at hand; {remedy}"
            )
        compared = ((compare_binder(structure.complex, binder), structure) for structure in structures)
        known = [(found, structure) for found, structure in compared if found is not None]
        if not known:
            raise StructureError(
                f"{binder.name}: no structure shows an antibody to lay its sequence on; give a complex"
            )
        found, structure = max(known, key=lambda pair: pair[0].cdr_identity)
        identical = found.same and not found.differences
        return cls.of(structure) if identical else cls(binder.name, structure, found)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others: file and chains, and the binder where only its sequence is known."""
        held = self.structure.complex
        return (held.sha256 or id(held), held.roles.sides, self.sequence and self.sequence.binder)

    @property
    def host(self) -> str:
        """The antibody in the structure, in words."""
        return self.structure.antibody_name

    @property
    def related(self) -> bool:
        """Whether an antibody known by its sequence is a relative of the one in the structure."""
        return self.sequence is not None and self.sequence.related and self.sequence.same_chains

    @property
    def basis(self) -> str:
        """What is said of it rests on."""
        if self.sequence is None:
            return f"structure {self.structure.id}"
        beside = self.host if self.structure.id in self.host else f"{self.host} in {self.structure.id}"
        return f"sequence, beside {beside}"

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Where its sequence differs from the antibody in the structure; empty where that shows itself."""
        import pandas as pd

        if self.sequence is None:
            return pd.DataFrame(columns=list(PARATOPE_COLUMNS))
        return paratope_differences(self.structure, self.sequence)

    @cached_property
    def opposite(self) -> dict[int, tuple[str, ...]]:
        """Antigen positions within 5 Å of an antibody residue that differs, each with what stands there instead.

        Of a CDR of another length all residues count as different, for the loop may lie otherwise.
        """
        named = {
            label: f"{label} is {'absent' if letter == '-' else three_letter(letter)}"
            for label, letter in zip(self.differences["label"], self.differences["in_antibody"], strict=True)
        }
        missing = (self.differences["in_structure"] == "-") | (self.differences["in_antibody"] == "-")
        other_length = {name for name in self.differences.loc[missing, "region"] if name.startswith("CDR")}
        found: dict[int, list[str]] = {}
        columns = ["antigen_position", "antibody_label", "cdr"]
        for position, label, cdr in self.structure.contacts[columns].itertuples(index=False):
            if cdr in other_length:
                found.setdefault(int(position), []).append(f"{cdr} has another length")
            elif label in named:
                found.setdefault(int(position), []).append(named[label])
        return {position: tuple(dict.fromkeys(words)) for position, words in found.items()}

    @cached_property
    def same_contacts(self) -> tuple[int, ...]:
        """Contact residues of the antibody in the structure of which all partners within 5 Å are the same."""
        if self.sequence is None or not self.related:
            return ()
        return tuple(p for p in self.structure.contact_positions if p not in self.opposite)


def named_apart(antibodies: Sequence[Antibody]) -> tuple[Antibody, ...]:
    """Give antibodies of the same name that of their structure, or a number, as well."""
    taken = Counter(antibody.name for antibody in antibodies)
    names = [
        f"{a.name} ({a.structure.id})" if taken[a.name] > 1 and a.name != a.structure.id else a.name for a in antibodies
    ]
    seen: Counter[str] = Counter()
    out = []
    for antibody, name in zip(antibodies, names, strict=True):
        seen[name] += 1
        out.append(replace(antibody, name=name if seen[name] == 1 else f"{name} #{seen[name]}"))
    return tuple(out)


@dataclass(frozen=True, eq=False)
class EpitopeComparison:
    """Epitopes side by side.

    Attributes
    ----------
    antibodies : tuple of Antibody
    variants : tuple of Assessment or rows that could not be assessed
        Changes that were asked about, with an answer for each antibody.
    """

    antibodies: tuple[Antibody, ...]
    variants: tuple[Any, ...] = ()

    @property
    def target(self) -> Target:
        """The antigen, whose numbers are used for all."""
        return self.antibodies[0].structure.target

    @property
    def seen(self) -> tuple[Antibody, ...]:
        """The antibodies that a structure shows."""
        return tuple(a for a in self.antibodies if a.sequence is None)

    @cached_property
    def positions(self) -> tuple[int, ...]:
        """Every position within 4.0 Å of one of the antibodies, ascending."""
        return tuple(sorted({p for a in self.antibodies for p in a.structure.contact_positions}))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each residue of any epitope and each antibody, columns `EPITOPE_COLUMNS`."""
        import pandas as pd

        parts = [self._rows(antibody) for antibody in self.antibodies]
        joined = pd.concat(parts, ignore_index=True).sort_values("uniprot_position", kind="stable")
        return joined.reset_index(drop=True).astype({"observed": "boolean", "contact_4A": "boolean"})

    def _rows(self, antibody: Antibody) -> pd.DataFrame:
        """Return the rows of one antibody."""
        import pandas as pd

        measured = list(EPITOPE_COLUMNS)[3:-1]
        here = antibody.structure.residues.set_index("uniprot_position", drop=False).loc[list(self.positions)]
        table = here.reset_index(drop=True)
        if antibody.sequence is None:
            chance = hot_spot_probability(antibody.structure)
            table["p_hot_spot"] = [chance.get(p, np.nan) for p in self.positions]
            table["by_sequence"] = ""
        else:
            blank: dict[str, Any] = {name: np.nan for name in measured if name != "partners_4A"}
            table = table.assign(**blank, partners_4A=pd.Series([()] * len(table), dtype=object))
            table["by_sequence"] = [_by_sequence(antibody, p) for p in self.positions]
        return table.assign(antibody=antibody.name)[list(EPITOPE_COLUMNS)].astype(
            {"observed": object, "contact_4A": object}
        )

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row for each antibody, columns `ANTIBODY_COLUMNS`."""
        import pandas as pd

        rows = [self._summary(antibody) for antibody in self.antibodies]
        return pd.DataFrame(rows, columns=list(ANTIBODY_COLUMNS)).astype(dict.fromkeys(_COUNTS, "Int64"))

    def _summary(self, antibody: Antibody) -> dict[str, Any]:
        """Return the row of one antibody."""
        row: dict[str, Any] = dict.fromkeys(ANTIBODY_COLUMNS)
        row |= {"antibody": antibody.name, "basis": antibody.basis, "hot_spots": (), "not_observed": ()}
        if antibody.sequence is None:
            mine = self.table[self.table["antibody"] == antibody.name]
            hot = mine["contact_4A"].eq(True) & (mine["p_hot_spot"] >= HOT_SPOT_PROBABILITY)
            unseen = ~mine["observed"].astype(bool)
            return row | {
                "contacts": len(antibody.structure.contact_positions),
                "buried_A2": float(np.nansum(antibody.structure.residues["buried_A2"])),
                "hot_spots": tuple(self.target.residue_name(p) for p in mine.loc[hot, "uniprot_position"]),
                "not_observed": tuple(self.target.residue_name(p) for p in mine.loc[unseen, "uniprot_position"]),
            }
        row["cdr_identity"] = antibody.sequence.cdr_identity
        if not antibody.related:
            return row
        table = antibody.differences
        return row | {
            "cdr_differences": int(table["region"].str.startswith("CDR").sum()),
            "touching_differences": int(table["touches"].sum()),
            "same_contacts": len(antibody.same_contacts),
            "same_contacts_of": len(antibody.structure.contact_positions),
        }

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """One row for each pair of antibodies that structures show, columns `OVERLAP_COLUMNS`."""
        import pandas as pd

        rows = [_overlap(one, two) for one, two in combinations(self.seen, 2)]
        return pd.DataFrame(rows, columns=list(OVERLAP_COLUMNS))

    @cached_property
    def paratope(self) -> pd.DataFrame:
        """Where antibodies known by sequence differ, columns `epitope.features.paratope.PARATOPE_COLUMNS`."""
        import pandas as pd

        tables = [a.differences.assign(antibody=a.name) for a in self.antibodies if a.related]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(PARATOPE_COLUMNS))


def _by_sequence(antibody: Antibody, position: int) -> str:
    """Say of an antibody known by its sequence how it meets one antigen residue."""
    if not antibody.related:
        return "not known"
    if position not in antibody.structure.contact_positions:
        return f"no contact of {antibody.host}"
    return ", ".join(antibody.opposite.get(position, ())) or f"as {antibody.host}"


def _overlap(one: Antibody, two: Antibody) -> tuple[Any, ...]:
    """Measure how two epitopes overlap, on the residues that both structures show."""
    first, second = (a.structure.residues for a in (one, two))
    both = (first["observed"] & second["observed"]).to_numpy(dtype=bool)
    touched = [table["contact_4A"].eq(True).fillna(False).to_numpy(dtype=bool) for table in (first, second)]
    buried = [table["buried_A2"].fillna(0.0).to_numpy(dtype=float)[both] for table in (first, second)]
    mine, theirs = (mask & both for mask in touched)
    shared, either = int((mine & theirs).sum()), int((mine | theirs).sum())
    left_out = first.loc[(touched[0] | touched[1]) & ~both, "uniprot_position"]
    return (
        *(one.name, two.name, int(mine.sum()), int(theirs.sum()), shared),
        shared / either if either else np.nan,
        *(float(buried[0].sum()), float(buried[1].sum()), float(np.minimum(*buried).sum())),
        tuple(one.structure.target.residue_name(p) for p in left_out),
    )


def answer_of(antibody: Antibody, found: Assessment) -> BinderAnswer:
    """Answer for one antibody.

    Parameters
    ----------
    antibody : Antibody
    found : Assessment
        Of the change on the antibody's structure.

    Returns
    -------
    BinderAnswer
        The answer of the structure, where it shows the antibody. Of one known by its sequence, that of the
        relative in the structure where no residue of the change lies within 5 Å of an antibody residue that
        differs; else not assessable. A lost epitope is lost for the relative too, as long as the antibody
        residues at one of the lost contacts are the same, or no contact is kept to ask about.

    Examples
    --------
    >>> import epitope
    >>> other = epitope.load().target.binders[1].name
    >>> row, = epitope.assess_each("S103A", against=[other])
    >>> row.binders[0].verdict.value, row.binders[0].evidence
    ('not assessable', 'Ser103 lies opposite a residue that differs: L:Ser32 is Asp.')
    """
    verdict, reason = found.epitope, reason_of(found)
    if antibody.sequence is None:
        return BinderAnswer(antibody.name, verdict, antibody.basis, reason, "structure")
    if not antibody.related:
        return BinderAnswer(
            antibody.name, Verdict.NOT_ASSESSABLE, antibody.basis, _stranger(antibody), "another antibody"
        )
    if verdict is Verdict.NOT_ASSESSABLE:
        return BinderAnswer(antibody.name, verdict, antibody.basis, reason, BY_SEQUENCE)
    touched = touched_by(found.consequence)
    facing = {p: words for p, words in antibody.opposite.items() if p in touched}
    contacts = [p for p in antibody.structure.contact_positions if p in touched]
    kept_alike = not contacts or any(p in antibody.same_contacts for p in contacts)
    what = ", ".join(dict.fromkeys(word for words in facing.values() for word in words))
    if facing and not (verdict is Verdict.LOST and kept_alike):
        where = ", ".join(antibody.structure.target.residue_name(p) for p in facing)
        verb = "lies" if len(facing) == 1 else "lie"
        sentence = f"{where} {verb} opposite a residue that differs: {what}."
        return BinderAnswer(antibody.name, Verdict.NOT_ASSESSABLE, antibody.basis, sentence, BY_SEQUENCE)
    alike = (
        f"though {what}" if facing else "whose residues opposite are the same" if contacts else "no difference is near"
    )
    return BinderAnswer(
        antibody.name, verdict, antibody.basis, f"As for {antibody.host}, {alike}: {reason}", BY_SEQUENCE
    )


def reason_of(found: Assessment) -> str:
    """Return the sentence behind the answer on the epitope."""
    said = (e.sentence for e in found.evidence if e.question is Question.EPITOPE and e.verdict is found.epitope)
    return next(said, "") or " ".join(found.not_assessed) or "No rule spoke."


def _stranger(antibody: Antibody) -> str:
    """Say why nothing follows from the structure of another antibody."""
    found = antibody.sequence
    share = f"{found.cdr_identity:.0%}" if found is not None else "none"
    return (
        f"Another antibody than {antibody.host}: {share} of its CDR positions are the same "
        f"({RELATED_CDR_IDENTITY:.0%} are asked for, and the same chains); give a structure of it."
    )


def touched_by(consequence: Consequence) -> frozenset[int]:
    """Return positions replaced, lost, or beside an insertion."""
    change = consequence.change
    ends = (end for one in consequence.changes for end in (one.start, one.end) if end is not None)
    return frozenset((*(s.position for s in change.substitutions), *change.positions_lost, *ends))
