"""A complex with its measurements: the residue table and the interface.

`MeasuredComplex` holds a `Complex` and measures it once, when asked. The residue
table has one row for every UniProt position of the antigen; what the crystal does not
show is missing there, never zero.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import StructureError
from epitope.features.atoms import Booleans, Floats, Integers, ResidueAtoms, Strings
from epitope.features.binders import StructureEpitope, binder_of, contact_loops
from epitope.features.chain import chain_table
from epitope.features.contacts import partner_labels
from epitope.features.disulfides import find_disulfides
from epitope.features.geometry import minimum_distance, nearest, residue_distance_matrix
from epitope.features.interactions import interaction_table
from epitope.features.interface import Interface, contact_table
from epitope.features.surface import buried_areas, maximum_sasa
from epitope.structure.atoms import AtomArrays
from epitope.structure.complex import Complex
from epitope.structure.model import ChainRole
from epitope.target.model import Binder, Disulfide, Target
from epitope.target.residues import written_residue

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

DISTANCE_KINDS = ("min", "ca", "cb", "centroid")
"""Smallest heavy-atom distance; distance of Cα, of Cβ, of side-chain centroids."""


class MeasuredComplex:
    """A complex whose residues and interface are measured on first use.

    Parameters
    ----------
    structure : Complex
        Kept as ``complex``: chains, numbering, atoms, gaps and what else the file says.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> structure.residues.set_index("uniprot_position").loc[61, "residue"]
    'F'
    """

    def __init__(self, structure: Complex) -> None:
        self.complex = structure

    @property
    def id(self) -> str:
        """Identifier of the entry, else the file's name without extension."""
        return self.complex.id

    @cached_property
    def target(self) -> Target:
        """The antigen; where its pack names no disulfides, with those of the structure."""
        target = self.complex.target
        if target.disulfides:
            return target
        bonds = find_disulfides(self.antigen_atoms)
        ends = ((int(self.positions[bond.first]), int(self.positions[bond.second])) for bond in bonds)
        found = tuple(Disulfide(first, second, "structure") for first, second in ends)
        return replace(target, disulfides=found) if found else target

    @cached_property
    def binder(self) -> Binder | None:
        """The binder of the target that the antibody is by its sequence, ``None`` if it is none."""
        return binder_of(self.complex)

    @cached_property
    def epitope(self) -> StructureEpitope:
        """The epitope of the antibody in the structure.

        Published loops where the antibody is the one that they were published for, else the
        loops that its contacts make. A structure without an antibody is judged by the first
        epitope that the target lists.

        Examples
        --------
        >>> import epitope
        >>> found = epitope.load().epitope
        >>> [loop.name for loop in found.loops], found.computed
        (['97-107', '155-166', '216-224'], False)
        """
        published = self.complex.target.epitopes
        if self.antibody_atoms is not None:
            name = self.binder.name if self.binder else ""
            published = tuple(epitope for epitope in published if epitope.binder == name)
        if published:
            first = published[0]
            return StructureEpitope(first.binder, first.loops, first.source, computed=False)
        loops = contact_loops(self.contact_positions, self.target.label) if self.antibody_atoms is not None else ()
        return StructureEpitope(self.antibody_name or "the antibody", loops, word=self.complex.roles.word)

    @property
    def antibody_name(self) -> str:
        """What binds, in words: the binder that it is, else the antibody or partner of the entry; "" without."""
        if self.antibody_atoms is None:
            return ""
        if self.binder:
            return self.binder.name
        return f"the {self.complex.roles.word} of {self.id}"

    @cached_property
    def antigen_atoms(self) -> ResidueAtoms:
        """Observed antigen residues without tag, sugars and waters."""
        return ResidueAtoms.from_arrays(self.complex.cut("antigen"))

    @cached_property
    def antibody_atoms(self) -> ResidueAtoms | None:
        """Observed antibody residues, ``None`` for a structure without antibody."""
        antibody = self.complex.cut("antibody")
        return ResidueAtoms.from_arrays(antibody) if len(antibody) else None

    @cached_property
    def positions(self) -> Integers:
        """UniProt position of each row of `antigen_atoms`, shape (n_observed,)."""
        numbering = self.complex.numbering
        known = numbering[numbering["observed"]].set_index("resindex")["uniprot_position"]
        return np.asarray(known.loc[_residue_indices(self.complex.cut("antigen"))], dtype=np.intp)

    @cached_property
    def residues(self) -> pd.DataFrame:
        """The residue table, one row per UniProt position of the antigen.

        See ``docs/tables.md`` for every column.
        """
        frame = _identity(self)
        observed = self._observed()
        frame = frame.merge(observed, on="uniprot_position", how="left")
        for column in ("contact_4A", "contact_5A"):
            frame[column] = frame[column].astype("boolean")
        for column in ("hydrogen_bonds", "side_chain_hydrogen_bonds", "salt_bridges", *_PARTNER_COLUMNS):
            frame[column] = [value if isinstance(value, tuple) else () for value in frame[column]]
        for column in ("secondary_structure", "disulfide_geometry"):
            frame[column] = frame[column].fillna("")
        frame["disulfide_partner"] = frame["disulfide_partner"].astype("Int64")
        return frame

    @cached_property
    def interface(self) -> Interface | None:
        """Contacts with the antibody, ``None`` for a structure without one."""
        if self.antibody_atoms is None:
            return None
        antigen, antibody = self._buried
        return Interface(
            contacts=self.contacts,
            epitope_4A=self.contact_positions,
            loops=self.epitope.loops,
            buried_area_antigen_A2=float(antigen.sum()),
            buried_area_antibody_A2=float(antibody.sum()),
        )

    @cached_property
    def _buried(self) -> tuple[Floats, Floats]:
        """Area that each residue of antigen and antibody loses on binding, Å²."""
        assert self.antibody_atoms is not None
        return buried_areas(self.antigen_atoms, self.antibody_atoms)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """Residue pairs of antigen and antibody within 5 Å; see `Interface.contacts`."""
        if self.antibody_atoms is None:
            raise StructureError(f"{self.id} has no antibody chain; load a complex with one")
        return contact_table(self.antigen_atoms, self.antibody_atoms, self.positions, self.antibody_regions)

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """Contacts of antigen and antibody by kind, with their atoms; columns in ``docs/tables.md``.

        Examples
        --------
        >>> import epitope
        >>> found = epitope.load().interactions
        >>> found.loc[found["kind"] == "salt bridge", "antibody_label"].tolist()
        ['H:Glu74', 'H:Asp55', 'H:Asp57']
        """
        if self.antibody_atoms is None:
            raise StructureError(f"{self.id} has no antibody chain; load a complex with one")
        antibody = set(self.complex.heavy_chains) | set(self.complex.light_chains)
        oxygens = self.complex.cut("waters")
        waters = ResidueAtoms.from_arrays(oxygens) if len(oxygens) else None
        regions = np.where(np.isin(self.antibody_atoms.chains, list(antibody)), self.antibody_regions, "")
        return interaction_table(self.antigen_atoms, self.antibody_atoms, self.positions, regions, waters)

    @cached_property
    def contact_positions(self) -> tuple[int, ...]:
        """UniProt positions within 4 Å of the antibody, ascending; none without an antibody."""
        if self.antibody_atoms is None:
            return ()
        close = self.contacts.loc[self.contacts["atom_pairs_4A"] > 0, "antigen_position"]
        return tuple(int(p) for p in sorted(set(close)))

    @cached_property
    def antibody_regions(self) -> Strings:
        """Name of the CDR of each antibody residue (IMGT), "framework" elsewhere in the Fv, "" in other partners."""
        residues = _residue_indices(self.complex.cut("antibody"))
        cdrs = self.complex.cdrs
        regions = cdrs[cdrs["resindex"] >= 0].set_index("resindex")["region"]
        names = regions.reindex(residues).fillna("constant domain")
        framework = names.str.replace(r"^FR.*", "framework", regex=True)
        roles = self.complex.numbering.set_index("resindex")["role"].loc[residues]
        return np.where(roles == ChainRole.PARTNER.value, "", framework.to_numpy(dtype=str))

    @cached_property
    def disulfides(self) -> pd.DataFrame:
        """Disulfides of the antigen: one row each.

        Columns ``first``, ``second`` (UniProt), ``sg_sg_A``, ``chi3_deg``, ``geometry``.
        """
        table = self.residues
        rows = table[table["disulfide_partner"] > table["uniprot_position"]]
        return rows[
            ["uniprot_position", "disulfide_partner", "disulfide_sg_A", "disulfide_chi3_deg",
             "disulfide_geometry"]
        ].set_axis(["first", "second", "sg_sg_A", "chi3_deg", "geometry"], axis=1).reset_index(drop=True)  # fmt: skip

    def distance_matrix(self, kind: str = "min") -> pd.DataFrame:
        """Return distances between all observed antigen residues.

        Parameters
        ----------
        kind : {"min", "ca", "cb", "centroid"}

        Returns
        -------
        pandas.DataFrame, shape (n_observed, n_observed)
            Ångström, labelled with UniProt positions.
        """
        import pandas as pd

        matrix = residue_distance_matrix(self.antigen_atoms, self.antigen_atoms, kind)
        return pd.DataFrame(matrix, index=self.positions, columns=self.positions)

    def distances(self, first: int, others: Sequence[int]) -> pd.DataFrame:
        """Measure every kind of distance from one residue to others.

        Parameters
        ----------
        first : int
            UniProt position.
        others : sequence of int

        Returns
        -------
        pandas.DataFrame
            ``residue_1``, ``residue_2``, ``side_chain_centroid_A``, ``min_heavy_atom_A``,
            ``ca_A``, ``cb_A``, ``side_chain_complete_1``, ``side_chain_complete_2``.
            The centroid is the mean of the side-chain heavy atoms present, Cα excluded;
            a distance is NaN where its atoms are missing.

        Raises
        ------
        StructureError
            If a residue is not observed in the structure.

        Examples
        --------
        >>> import epitope
        >>> epitope.load().distances(60, [229])["side_chain_centroid_A"].round(2).tolist()
        [8.7]
        """
        import pandas as pd

        row, *columns = (self._row_of(position) for position in (first, *others))
        single = self.antigen_atoms.take(np.arange(len(self.positions)) == row)
        measured = {
            kind: residue_distance_matrix(single, self.antigen_atoms, kind)[0, columns] for kind in DISTANCE_KINDS
        }
        complete = self.residues.set_index("uniprot_position")["side_chain_complete"]
        return pd.DataFrame(
            {
                "residue_1": self._label(first),
                "residue_2": [self._label(position) for position in others],
                "side_chain_centroid_A": measured["centroid"],
                "min_heavy_atom_A": measured["min"],
                "ca_A": measured["ca"],
                "cb_A": measured["cb"],
                "side_chain_complete_1": bool(complete[first]),
                "side_chain_complete_2": [bool(complete[position]) for position in others],
            }
        )

    def _label(self, position: int) -> str:
        """Return a residue as a person writes it, ``P60``."""
        return written_residue(self.target.residue(position), self.target.label(position))

    def _row_of(self, position: int) -> int:
        """Return the row of a UniProt position among the observed residues."""
        found = np.flatnonzero(self.positions == position)
        if not 1 <= position <= len(self.target.sequence):
            raise StructureError(
                f"residue {position}: {self.target.name} has residues 1-{len(self.target.sequence)}; "
                "give a position in that range"
            )
        if not len(found):
            near = int(self.positions[np.argmin(np.abs(self.positions - position))])
            raise StructureError(
                f"residue {self._label(position)} is not observed in {self.id}; "
                f"the nearest observed residue is {self._label(near)}"
            )
        return int(found[0])

    def _observed(self) -> pd.DataFrame:
        """Measure the observed residues; one row each."""
        atoms, positions = self.antigen_atoms, self.positions
        frame = chain_table(atoms)
        partner = frame.pop("disulfide_index").to_numpy()
        frame.insert(0, "uniprot_position", positions)
        frame["disulfide_partner"] = np.where(partner >= 0, positions[partner], np.nan)
        frame = frame.assign(**self._binding(frame["sasa_free_A2"].to_numpy()))
        contact = frame["contact_4A"].to_numpy(dtype=bool)
        return frame.assign(**self._reference_distances(contact))

    def _binding(self, free: Floats) -> dict[str, Any]:
        """Measure what the antibody does to each observed antigen residue."""
        count, antibody = len(self.positions), self.antibody_atoms
        if antibody is None:
            unknown: list[object] = [np.nan] * count
            none: list[object] = [()] * count
            return {
                **dict.fromkeys(("sasa_bound_A2", "rsa_bound", "buried_A2", "buried_fraction"), unknown),
                **dict.fromkeys(("contact_4A", "contact_5A"), False),
                **dict.fromkeys(_PARTNER_COLUMNS, none),
            }
        buried = self._buried[0]
        bound = free - buried
        contacts = self.contacts
        row = np.searchsorted(self.positions, contacts["antigen_position"].to_numpy())
        labels = contacts["antibody_label"].to_numpy(dtype=str)
        masks = {
            "partners_4A": contacts["atom_pairs_4A"].to_numpy() > 0,
            "partners_5A": np.ones(len(contacts), dtype=bool),
            "hydrogen_bonds_antibody": _has_type(contacts, "hydrogen bond"),
            "salt_bridges_antibody": _has_type(contacts, "salt bridge"),
        }
        return {
            "sasa_bound_A2": bound,
            "rsa_bound": bound / maximum_sasa(self.antigen_atoms.letters),
            "buried_A2": buried,
            "buried_fraction": np.divide(buried, free, out=np.zeros(count), where=free > 0),
            "contact_4A": np.isin(np.arange(count), row[masks["partners_4A"]]),
            "contact_5A": np.isin(np.arange(count), row),
            **{name: partner_labels(count, row[mask], labels[mask]) for name, mask in masks.items()},
        }

    def _reference_distances(self, contact: Booleans) -> dict[str, Floats]:
        """Measure each residue's distance to loops, computed epitope, disulfides and antibody."""
        atoms, positions = self.antigen_atoms, self.positions
        cystines = np.isin(positions, [p for d in self.target.disulfides for p in (d.first, d.second)])
        references: dict[str, ResidueAtoms | None] = {
            **{
                f"loop_{loop.start}_{loop.end}": atoms.take(np.isin(positions, loop.positions))
                for loop in self.epitope.loops
            },
            "epitope": atoms.take(contact),
            "disulfide": atoms.take(cystines),
            "antibody": self.antibody_atoms,
        }
        return {
            f"{kind}_distance_{name}_A": _distance_to(atoms, reference, kind)
            for name, reference in references.items()
            for kind in DISTANCE_KINDS
        }


_PARTNER_COLUMNS = ("partners_4A", "partners_5A", "hydrogen_bonds_antibody", "salt_bridges_antibody")


def _residue_indices(atoms: AtomArrays) -> list[int]:
    """Return the index of each residue in its structure."""
    return [int(index) for index in atoms.resindices[atoms.residue_starts]]


def _has_type(contacts: pd.DataFrame, name: str) -> Booleans:
    """Say which residue pairs show a type of contact."""
    return np.array([name in types for types in contacts["types"]], dtype=bool)


def _identity(structure: MeasuredComplex) -> pd.DataFrame:
    """Start the residue table: who each residue is and whether the crystal shows it."""
    import pandas as pd

    target = structure.target
    count = len(target.sequence)
    numbering = structure.complex.numbering
    mine = numbering[(numbering["role"] == "antigen") & ~numbering["tag"] & numbering["uniprot_position"].notna()]
    mine = mine.drop_duplicates("uniprot_position").set_index("uniprot_position")
    mine = mine.reindex(range(1, count + 1))
    glycans = {glycan.position: glycan.residue_name for glycan in structure.complex.glycans}
    positions = range(1, count + 1)
    return pd.DataFrame(
        {
            "uniprot_position": list(positions),
            "residue": list(target.sequence),
            "chain": mine["chain"].fillna("").to_numpy(),
            "author_number": mine["author_number"].astype("Int64").array,
            "insertion_code": mine["insertion_code"].fillna("").to_numpy(),
            "region": _name_of(target.regions, count),
            "loop": _name_of(structure.epitope.loops, count),
            "observed": mine["observed"].eq(True).to_numpy(),
            "engineered": mine["engineered"].eq(True).to_numpy(),
            "side_chain_complete": mine["side_chain_complete"].astype("boolean").to_numpy(),
            "missing_atoms": [value if isinstance(value, tuple) else () for value in mine["missing_atoms"]],
            "sequon": [p in {s.position for s in target.sequons} for p in positions],
            "glycan": [glycans.get(p, "") for p in positions],
        }
    )


def _name_of(regions: Sequence[object], count: int) -> list[str]:
    """Name the region of each position, "" outside all of them."""
    return [
        next((region.name for region in regions if p in region), "")  # type: ignore[attr-defined,operator]
        for p in range(1, count + 1)
    ]


def _distance_to(atoms: ResidueAtoms, reference: ResidueAtoms | None, kind: str) -> Floats:
    """Measure one kind of distance from every residue to the nearest residue of a set."""
    if reference is None or len(reference) == 0:
        return np.full(len(atoms), np.nan)
    if kind == "min":
        return minimum_distance(atoms, reference.positions)
    return nearest(atoms.points(kind), reference.points(kind))
