"""Three-state secondary structure by DSSP's hydrogen-bond rules.

The assignment is MDAnalysis' numpy DSSP. What is added here is what crystals need:
gaps in the chain do not donate hydrogen bonds from a made-up position, and residues
without a complete backbone are left out instead of stopping the rest.
"""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import Booleans, Floats, ResidueAtoms, Strings


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
    out = np.where(complete, "-", "")  # a residue without backbone is a gap to its neighbours
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
_DUMMY_SPACING_A = 15.0
_DUMMY = np.array([[0.0, 0.0, 0.0], [1.46, 0.0, 0.0], [2.0, 1.4, 0.0], [1.4, 2.4, 0.5]])


def _with_breaks(backbone: Floats, bonded: Booleans) -> Floats:
    """Put dummy residues, out of reach of all others, into each gap: no turn or ladder spans it."""
    starts = np.flatnonzero(~bonded)[1:]
    count = len(starts) * _BREAK
    side = int(np.ceil(count ** (1 / 3)))
    if not count:
        return backbone
    lattice = np.stack(np.unravel_index(np.arange(count), (side, side, side)), axis=1)
    corner = backbone.max(axis=(0, 1)) + _DUMMY_SPACING_A
    dummies = corner + np.reshape(lattice, (count, 1, 3)) * _DUMMY_SPACING_A + _DUMMY
    return np.asarray(np.insert(backbone, np.repeat(starts, _BREAK), dummies, axis=0))
