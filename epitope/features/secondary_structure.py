"""Three-state secondary structure by DSSP's hydrogen-bond rules.

What crystals need is heeded: no hydrogen bond is donated from a made-up position, no turn and
no bridge spans a gap, and residues without a complete backbone are gaps to their neighbours.
"""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import Booleans, Floats, ResidueAtoms, Strings
from epitope.structure.neighbours import close_pairs

HYDROGEN_BOND_KCAL_MOL = -0.5
"""Energy below which C=O and N-H are bonded (Kabsch & Sander 1983)."""
_COULOMB = 0.42 * 0.20 * 332
"""Partial charges of C=O and N-H in electrons, times the factor that gives kcal/mol."""
_REACH_A = 5.0
"""Distance of N and O beyond which no bond has that energy (5.2 Å for a straight one, which none is)."""
_NH_A = 1.01


def secondary_structure(atoms: ResidueAtoms) -> Strings:
    """Assign helix, strand or neither to each residue.

    Parameters
    ----------
    atoms : ResidueAtoms
        One or several chains.

    Returns
    -------
    ndarray of str, shape (n_residues,)
        ``H`` helix (α, 3-10 or π), ``E`` strand, ``-`` neither, ``""`` where N, Cα, C or O
        is missing.

    Notes
    -----
    Kabsch & Sander, Biopolymers 1983, 22:2577. A bridge counts as strand, so single
    bridges that DSSP calls ``B`` are ``E`` here.
    """
    complete = np.asarray(np.isfinite(atoms.backbone).all(axis=(1, 2)))
    out = np.where(complete, "-", "")
    if complete.sum() < 6:
        return out
    bonded = atoms.bonded_to_previous[complete] & np.concatenate([[False], complete[:-1]])[complete]
    bonds = backbone_hydrogen_bonds(atoms.backbone[complete], bonded & (atoms.letters[complete] != "P"))
    state = np.where(_bridged(bonds, bonded), "E", "-")
    state[_helical(bonds, bonded)] = "H"
    out[complete] = state
    return out


def backbone_hydrogen_bonds(backbone: Floats, donors: Booleans) -> Booleans:
    """Say which C=O is bonded to which N-H.

    Parameters
    ----------
    backbone : ndarray, shape (n_residues, 4, 3)
        N, Cα, C and O in ångström.
    donors : ndarray of bool, shape (n_residues,)
        Residues whose N carries a hydrogen, and whose predecessor is the row above.

    Returns
    -------
    ndarray of bool, shape (n_residues, n_residues)
        By residue of C=O and of N-H; the hydrogen stands 1.01 Å from N, in the plane of the peptide.
    """
    n, ca, c, o = (backbone[:, i] for i in range(4))
    carbonyl, amide, _ = close_pairs(o, n, _REACH_A)
    far = (amide - carbonyl < 0) | (amide - carbonyl > 2)
    carbonyl, amide = carbonyl[far & donors[amide]], amide[far & donors[amide]]
    along = _unit(n[amide] - c[amide - 1]) + _unit(n[amide] - ca[amide])
    hydrogen = n[amide] + _NH_A * _unit(along)
    ends = ((o[carbonyl], n[amide]), (c[carbonyl], hydrogen), (o[carbonyl], hydrogen), (c[carbonyl], n[amide]))
    on, ch, oh, cn = (1 / np.linalg.norm(one - other, axis=1) for one, other in ends)
    bonds = np.zeros((len(backbone), len(backbone)), dtype=bool)
    bonds[carbonyl, amide] = _COULOMB * (on + ch - oh - cn) < HYDROGEN_BOND_KCAL_MOL
    return bonds


def _helical(bonds: Booleans, bonded: Booleans) -> Booleans:
    """Mask of the residues in two turns of one length running; α goes before the others."""
    count = len(bonds)
    alpha = np.zeros(count, dtype=bool)
    others = alpha.copy()
    for length in (4, 3, 5):
        turns = np.zeros(count, dtype=bool)
        turns[: count - length] = np.diagonal(bonds, length)
        for step in range(1, length + 1):
            turns[: count - step] &= bonded[step:]
        starts = np.flatnonzero(turns[1:] & turns[:-1]) + 1
        if length != 4:
            starts = starts[~alpha[starts] & ~alpha[starts + 1]]
        members = starts[:, None] + np.arange(length)
        (alpha if length == 4 else others)[members] = True
    return alpha | others


def _bridged(bonds: Booleans, bonded: Booleans) -> Booleans:
    """Mask of the residues in a parallel or antiparallel bridge."""
    before = np.zeros_like(bonds)  # bonds of the C=O of the residue before
    before[1:] = bonds[:-1] & bonded[1:, None]
    behind = np.zeros_like(bonds)  # bonds of the N-H of the residue behind
    behind[:, :-1] = bonds[:, 1:] & bonded[1:]
    around = np.zeros_like(bonds)
    around[:, :-1] = before[:, 1:] & bonded[1:]
    parallel = before & behind.T
    return np.asarray((parallel | parallel.T | (bonds & bonds.T) | (around & around.T)).any(axis=1))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
