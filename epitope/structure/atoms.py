"""The atoms of a structure as plain arrays, whether they come from gemmi or from MDAnalysis.

`AtomArrays` gives its arrays the names that an MDAnalysis ``AtomGroup`` gives them, one value
per atom, and needs no MDAnalysis. It selects by mask only: selection language, writers and
trajectories are those of the `Universe` that `epitope.structure.universe` makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import gemmi
    import MDAnalysis
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class AtomArrays:
    """Atoms in the order of their residues, one entry of each array per atom.

    Attributes
    ----------
    positions : ndarray, shape (n_atoms, 3)
        Coordinates in ångström.
    names, elements : ndarray of str
    tempfactors, occupancies : ndarray
        Isotropic B in Å²; share of the location.
    resindices : ndarray of int
        Index of the residue among all residues of the structure, ascending.
    resnames, resids, icodes, chainIDs : ndarray
        Residue name, author number, insertion code and author chain.
    record_types : ndarray of str
        ``ATOM`` or ``HETATM``.

    Examples
    --------
    >>> from epitope.structure import bundled_structure, read_structure
    >>> atoms = AtomArrays.from_structure(read_structure(bundled_structure()))
    >>> phe61 = atoms[(atoms.chainIDs == "A") & (atoms.resids == 61)]
    >>> len(atoms), phe61.names[:2].tolist()
    (5063, ['N', 'CA'])
    """

    positions: NDArray[np.float32]
    names: NDArray[np.str_]
    elements: NDArray[np.str_]
    tempfactors: NDArray[np.float32]
    occupancies: NDArray[np.float32]
    resindices: NDArray[np.intp]
    resnames: NDArray[np.str_]
    resids: NDArray[np.intp]
    icodes: NDArray[np.str_]
    chainIDs: NDArray[np.str_]
    record_types: NDArray[np.str_]

    @classmethod
    def from_structure(cls, structure: gemmi.Structure) -> AtomArrays:
        """Take the atoms of the first model of a cleaned structure."""
        import gemmi

        flat = gemmi.FlatStructure(structure)
        flat.strings_as_numbers = False
        texts = {name: np.array(getattr(flat, name), dtype=str) for name in ("atom_names", "element_names")}
        residues = [(chain.name, residue) for chain in structure[0] for residue in chain]
        of_atom = np.repeat(np.arange(len(residues)), [len(residue) for _, residue in residues])
        first = slice(len(of_atom))  # further models stand behind
        codes = [residue.seqid.icode.strip() for _, residue in residues]
        records = ["HETATM" if residue.het_flag == "H" else "ATOM" for _, residue in residues]
        return cls(
            positions=flat.pos.astype(np.float32).reshape(-1, 3)[first],
            names=texts["atom_names"][first],
            elements=texts["element_names"][first],
            tempfactors=flat.b_iso.astype(np.float32)[first],
            occupancies=flat.occ.astype(np.float32)[first],
            resindices=of_atom,
            resnames=np.array([residue.name for _, residue in residues], dtype=str)[of_atom],
            resids=np.array([residue.seqid.num for _, residue in residues], dtype=np.intp)[of_atom],
            icodes=np.array(codes, dtype=str)[of_atom],
            chainIDs=np.array([chain for chain, _ in residues], dtype=str)[of_atom],
            record_types=np.array(records, dtype=str)[of_atom],
        )

    @classmethod
    def from_atomgroup(cls, atoms: MDAnalysis.AtomGroup) -> AtomArrays:
        """Copy the atoms of an AtomGroup at its current frame, sorted by residue.

        Elements are read off the atom names where the topology has none, and chains are its
        segments; insertion codes are then "", B-factors 0 and occupancies 1.
        """
        atoms = atoms[np.argsort(atoms.resindices, kind="stable")]
        count = len(atoms)

        def held(attribute: str, default: object) -> NDArray[np.str_]:
            return np.asarray(getattr(atoms, attribute) if hasattr(atoms, attribute) else [default] * count)

        names = held("names", "").astype(str)
        chains = np.char.strip(held("chainIDs", "").astype(str))
        guessed = [name.lstrip("0123456789")[:1] for name in names.tolist()]
        return cls(
            positions=np.array(atoms.positions, dtype=np.float32).reshape(-1, 3),
            names=names,
            elements=np.array(atoms.elements if hasattr(atoms, "elements") else guessed, dtype=str),
            tempfactors=held("tempfactors", 0.0).astype(np.float32),
            occupancies=held("occupancies", 1.0).astype(np.float32),
            resindices=np.asarray(atoms.resindices, dtype=np.intp),
            resnames=held("resnames", "").astype(str),
            resids=held("resids", 0).astype(np.intp),
            icodes=np.char.strip(held("icodes", "").astype(str)),
            chainIDs=chains if (chains != "").any() else np.char.strip(held("segids", "").astype(str)),
            record_types=held("record_types", "ATOM").astype(str),
        )

    def __len__(self) -> int:
        """Count the atoms."""
        return len(self.names)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> AtomArrays:
        """Keep the atoms of a mask, or those at some indices."""
        return AtomArrays(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    @property
    def residue_starts(self) -> NDArray[np.intp]:
        """Index of the first atom of each residue, shape (n_residues,)."""
        return np.flatnonzero(np.diff(self.resindices, prepend=-1))
