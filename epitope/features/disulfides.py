"""Disulfide bonds as the coordinates show them, with a verdict on their geometry.

Bonds are found by distance, not taken from the file's own list, so that a file that
forgot to declare one is measured all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.geometry import dihedral

SG_SG_MAX_A = 2.5
"""SG-SG below this is a bond; 2.05 Å is ideal, unbonded sulphurs stay beyond 3.5 Å."""
SG_SG_IDEAL_A = (1.95, 2.15)
CHI3_IDEAL_DEG = (60.0, 120.0)
"""|χ3| of disulfides in proteins (Thornton, J Mol Biol 1981, 151:261)."""


@dataclass(frozen=True, slots=True)
class MeasuredDisulfide:
    """Two cysteines (residue indices) with S-S distance (Å), χ3 (degrees) and a verdict."""

    first: int
    second: int
    sg_sg_A: float
    chi3_deg: float
    geometry: str


def find_disulfides(atoms: ResidueAtoms) -> tuple[MeasuredDisulfide, ...]:
    """Find the disulfide bonds of a set of residues.

    Parameters
    ----------
    atoms : ResidueAtoms

    Returns
    -------
    tuple of MeasuredDisulfide
        ``geometry`` is "good" or names what is off.
    """
    sulphurs, carbons = atoms.atom("SG"), atoms.atom("CB")
    cysteines = np.flatnonzero((atoms.letters == "C") & ~np.isnan(sulphurs).any(axis=1))
    if len(cysteines) < 2:
        return ()
    distance = np.linalg.norm(sulphurs[cysteines][:, None] - sulphurs[cysteines][None], axis=-1)
    found = []
    for a, b in np.argwhere(np.triu(distance < SG_SG_MAX_A, k=1)).tolist():
        one, two = int(cysteines[a]), int(cysteines[b])
        chi3 = float(dihedral(carbons[[one]], sulphurs[[one]], sulphurs[[two]], carbons[[two]])[0])
        found.append(MeasuredDisulfide(one, two, float(distance[a, b]), chi3, _geometry(distance[a, b], chi3)))
    return tuple(found)


def _geometry(sg_sg: float, chi3: float) -> str:
    """Say whether bond length and torsion are those of a relaxed disulfide."""
    faults = []
    if not SG_SG_IDEAL_A[0] <= sg_sg <= SG_SG_IDEAL_A[1]:
        faults.append("bond length")
    if not CHI3_IDEAL_DEG[0] <= abs(chi3) <= CHI3_IDEAL_DEG[1]:
        faults.append("chi3")
    return "good" if not faults else "strained " + " and ".join(faults)
