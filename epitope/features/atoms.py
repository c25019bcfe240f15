"""The atoms of a set of residues as plain arrays: what every measurement takes.

`ResidueAtoms` is a struct of arrays cut out of a structure once, so
that the measurements are numpy all the way. It does not read files and does not know
which chain is antigen or antibody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from epitope.structure.atoms import AtomArrays
from epitope.structure.residues import one_letter
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    from MDAnalysis import AtomGroup

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Booleans = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.str_]

BACKBONE = ("N", "CA", "C", "O", "OXT")
PEPTIDE_BOND_MAX_A = 2.0
"""C-N distance above which two residues are not bonded; 1.33 Å is ideal, gaps are > 3 Å."""

# Ideal Cβ in the frame of N, Cα and C (coefficients of Dauparas et al., Science 2022, 378:49);
# used for glycine and residues without Cβ.
_CB_CROSS, _CB_B, _CB_C = -0.58273431, 0.56802827, -0.54067466


@dataclass(frozen=True)
class ResidueAtoms:
    """Heavy atoms of ``n_residues`` residues, sorted by residue.

    Attributes
    ----------
    positions : ndarray, shape (n_atoms, 3)
        Coordinates in ångström.
    names, elements : ndarray of str, shape (n_atoms,)
    b_factors : ndarray, shape (n_atoms,)
        Isotropic B in Å².
    residue : ndarray of int, shape (n_atoms,)
        Index of each atom's residue, ascending from 0.
    letters : ndarray of str, shape (n_residues,)
        One-letter code of the (parent) residue, ``X`` where there is none.
    chains, numbers, insertion_codes : ndarray, shape (n_residues,)
        Author chain, residue number and insertion code.
    """

    positions: Floats
    names: Strings
    elements: Strings
    b_factors: Floats
    residue: Integers
    letters: Strings
    chains: Strings
    numbers: Integers
    insertion_codes: Strings

    @classmethod
    def from_atomgroup(cls, atoms: AtomGroup) -> ResidueAtoms:
        """Cut the arrays out of an MDAnalysis AtomGroup.

        Parameters
        ----------
        atoms : MDAnalysis.AtomGroup
            Heavy atoms; hydrogens are dropped. A modified residue gets the letter of its parent.
        """
        return cls.from_arrays(AtomArrays.from_atomgroup(atoms))

    @classmethod
    def from_arrays(cls, atoms: AtomArrays) -> ResidueAtoms:
        """Take the atoms of a structure, or of a part of it.

        Parameters
        ----------
        atoms : AtomArrays
            Heavy atoms; hydrogens are dropped. A modified residue gets the letter of its parent.
        """
        elements = np.char.upper(atoms.elements)
        if (elements == "H").any():
            atoms, elements = atoms[elements != "H"], elements[elements != "H"]
        starts = atoms.residue_starts
        residues, of_residue = np.unique(atoms.resnames[starts], return_inverse=True)
        letters = np.array([one_letter(name) for name in residues.tolist()], dtype="U1")
        return cls(
            positions=atoms.positions.astype(np.float64),
            names=atoms.names,
            elements=elements,
            b_factors=atoms.tempfactors.astype(np.float64),
            residue=np.repeat(np.arange(len(starts)), np.diff(starts, append=len(atoms))),
            letters=letters[of_residue],
            chains=atoms.chainIDs[starts],
            numbers=atoms.resids[starts],
            insertion_codes=atoms.icodes[starts],
        )

    def __len__(self) -> int:
        """Count the residues."""
        return len(self.letters)

    @cached_property
    def starts(self) -> Integers:
        """Index of the first atom of each residue, for ``ufunc.reduceat``."""
        return np.searchsorted(self.residue, np.arange(len(self)))

    @cached_property
    def is_backbone(self) -> Booleans:
        """Mask of the main-chain atoms, shape (n_atoms,)."""
        return np.isin(self.names, BACKBONE)

    @cached_property
    def labels(self) -> Strings:
        """Labels such as ``H:Tyr102``, shape (n_residues,)."""
        return np.array(
            [
                f"{chain}:{three_letter(letter)}{number}{code.strip()}"
                for chain, letter, number, code in zip(
                    self.chains, self.letters, self.numbers, self.insertion_codes, strict=True
                )
            ]
        )

    def atom(self, name: str) -> Floats:
        """Coordinates of one named atom per residue, NaN where missing, shape (n_residues, 3)."""
        out = np.full((len(self), 3), np.nan)
        chosen = np.flatnonzero(self.names == name)[::-1]
        out[self.residue[chosen]] = self.positions[chosen]
        return out

    @cached_property
    def backbone(self) -> Floats:
        """N, Cα, C and O of each residue, NaN where missing, shape (n_residues, 4, 3)."""
        return np.stack([self.atom(name) for name in ("N", "CA", "C", "O")], axis=1)

    @cached_property
    def ca(self) -> Floats:
        """Cα of each residue, NaN where missing, shape (n_residues, 3)."""
        return self.atom("CA")

    @cached_property
    def cb(self) -> Floats:
        """Cβ of each residue, shape (n_residues, 3); ideal position where it is missing."""
        cb = self.atom("CB")
        n, ca, c = self.backbone[:, 0], self.ca, self.backbone[:, 2]
        b, d = ca - n, c - ca
        ideal = ca + _CB_CROSS * np.cross(b, d) + _CB_B * b + _CB_C * d
        return np.where(np.isnan(cb), ideal, cb)

    @cached_property
    def side_chain_centroid(self) -> Floats:
        """Mean of the side-chain heavy atoms present, Cα excluded; NaN without any.

        Shape (n_residues, 3).
        """
        side = ~self.is_backbone
        count = np.bincount(self.residue[side], minlength=len(self)).astype(float)
        count[count == 0] = np.nan
        total = np.stack(
            [
                np.bincount(self.residue[side], weights=self.positions[side, axis], minlength=len(self))
                for axis in range(3)
            ],
            axis=1,
        )
        return np.asarray(total / count[:, None])

    def points(self, kind: str) -> Floats:
        """One point per residue: ``ca``, ``cb`` or ``centroid`` of the side chain, shape (n_residues, 3)."""
        return {"ca": self.ca, "cb": self.cb, "centroid": self.side_chain_centroid}[kind]

    @cached_property
    def bonded_to_previous(self) -> Booleans:
        """Whether a peptide bond joins each residue to the one before it, shape (n_residues,)."""
        bonded = np.zeros(len(self), dtype=bool)
        if len(self) > 1:
            with np.errstate(invalid="ignore"):
                gap = np.linalg.norm(self.backbone[1:, 0] - self.backbone[:-1, 2], axis=1)
                bonded[1:] = (gap < PEPTIDE_BOND_MAX_A) & (self.chains[1:] == self.chains[:-1])
        return bonded

    @cached_property
    def joined_to_previous(self) -> Booleans:
        """Whether each residue follows the one before it in the chain, shape (n_residues,).

        As `bonded_to_previous`; where C or N is missing, consecutive numbers count as a bond.
        """
        joined = self.bonded_to_previous.copy()
        if len(self) > 1:
            unseen = np.isnan(self.backbone[1:, 0] + self.backbone[:-1, 2]).any(axis=1)
            follows = (np.diff(self.numbers) == 1) & (self.chains[1:] == self.chains[:-1])
            joined[1:] |= unseen & follows
        return joined

    def take(self, residues: Booleans) -> ResidueAtoms:
        """Keep the residues of a boolean mask, shape (n_residues,)."""
        keep = residues[self.residue]
        new_index = np.cumsum(residues) - 1
        return ResidueAtoms(
            positions=self.positions[keep],
            names=self.names[keep],
            elements=self.elements[keep],
            b_factors=self.b_factors[keep],
            residue=new_index[self.residue[keep]],
            letters=self.letters[residues],
            chains=self.chains[residues],
            numbers=self.numbers[residues],
            insertion_codes=self.insertion_codes[residues],
        )
