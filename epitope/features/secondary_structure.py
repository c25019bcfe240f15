"""Three-state secondary structure by DSSP's hydrogen-bond rules.

The assignment is MDAnalysis' numpy DSSP. What is added here is what crystals need:
gaps in the chain do not donate hydrogen bonds from a made-up position, and residues
without a complete backbone are left out instead of stopping the rest.
"""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import ResidueAtoms, Strings


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
    from MDAnalysis.analysis.dssp.pydssp_numpy import assign

    complete = ~np.isnan(atoms.backbone).any(axis=(1, 2))
    out = np.where(complete, "-", "")
    if complete.sum() < 6:
        return out
    bonded = atoms.bonded_to_previous[complete]
    donors = bonded & (atoms.letters[complete] != "P")
    coordinates = _with_breaks(atoms.backbone[complete], bonded)
    spaced = np.cumsum(~bonded) * _BREAK + np.arange(complete.sum()) - _BREAK
    mask = np.zeros(len(coordinates), dtype=bool)
    mask[spaced] = donors
    state = assign(coordinates, donor_mask=mask)
    out[complete] = np.array(["-", "H", "E"])[np.argmax(state[spaced], axis=1)]
    return out


_BREAK = 5
"""Dummy residues put into a gap: more than the longest turn (i to i + 5) would bridge."""


_DUMMY_SPACING_A = 20.0
"""Distance between dummies and from them to the chain, beyond the reach of a hydrogen bond.

They stay compact, because the neighbour search allocates memory by volume."""
_DUMMY_BACKBONE_A = np.array([[-0.8, 1.2, 0.0], [0.0, 0.0, 0.0], [1.5, 0.0, 0.0], [2.1, -1.1, 0.0]])


def _with_breaks(backbone: np.ndarray, bonded: np.ndarray) -> np.ndarray:
    """Put dummy residues, out of reach, into each gap, so that no turn or ladder spans it."""
    where = np.repeat(np.flatnonzero(~bonded)[1:], _BREAK)
    side = int(np.ceil(len(where) ** (1 / 3)))
    grid = np.stack(np.unravel_index(np.arange(len(where)), (side, side, side + 1)), axis=1)
    origin = backbone.reshape(-1, 3).max(axis=0) + _DUMMY_SPACING_A
    dummies = (origin + _DUMMY_SPACING_A * grid)[:, None, :] + _DUMMY_BACKBONE_A
    return np.insert(backbone, where, dummies, axis=0)
