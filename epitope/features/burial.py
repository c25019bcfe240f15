"""How a partner covers each residue of one side of an interface.

Per residue: surface lost on binding, partner atoms around the side chain, and distance to the
partner. Works on any two sets of residues; which is antigen and what the numbers mean is
decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epitope.features.atoms import Booleans, Floats, ResidueAtoms
from epitope.features.contacts import pairs_between
from epitope.features.geometry import minimum_distance
from epitope.features.surface import buried_areas, residue_sasa

NEIGHBOUR_A = 8.0
"""Partner heavy atoms nearer than this to the side chain are counted."""
LEAST_FREE_AREA_A2 = 10.0
"""Free area below which the buried fraction is taken of this much: of a residue that shows
2 Å² even before binding, the fraction is an accident of the rotamer."""


@dataclass(frozen=True)
class Burial:
    """What binding covers, one value per residue, all of shape (n_residues,).

    Attributes
    ----------
    sasa_free, sasa_bound : ndarray
        Solvent-accessible area without and with the partner, Å².
    fraction : ndarray
        Area lost over free area, 0 to 1.
    n8 : ndarray
        Partner heavy atoms within 8 Å of the side chain (of Cα where there is none).
    min_distance : ndarray
        Smallest heavy-atom distance to the partner, ångström.
    """

    sasa_free: Floats
    sasa_bound: Floats
    fraction: Floats
    n8: Floats
    min_distance: Floats

    @property
    def buried_area(self) -> Floats:
        """Area that the partner covers, Å², shape (n_residues,)."""
        return self.sasa_free - self.sasa_bound


def measure_burial(side: ResidueAtoms, partner: ResidueAtoms) -> Burial:
    """Measure how the partner covers each residue of one side.

    Parameters
    ----------
    side, partner : ResidueAtoms
        Both with at least one residue.

    Returns
    -------
    Burial
    """
    free, buried = residue_sasa(side)[:, 0], buried_areas(side, partner)[0]
    return Burial(
        sasa_free=free,
        sasa_bound=free - buried,
        fraction=np.clip(buried / np.maximum(free, LEAST_FREE_AREA_A2), 0.0, 1.0),
        n8=_partner_atoms_around(side, partner),
        min_distance=minimum_distance(side, partner.positions),
    )


def _side_chain(atoms: ResidueAtoms) -> Booleans:
    """Mask of the atoms that stand for the side chain: its own, or Cα where there are none."""
    has_side = np.bincount(atoms.residue[~atoms.is_backbone], minlength=len(atoms)) > 0
    return np.asarray(~atoms.is_backbone | ((atoms.names == "CA") & ~has_side[atoms.residue]))


def _partner_atoms_around(side: ResidueAtoms, partner: ResidueAtoms) -> Floats:
    """Count the distinct partner atoms around each side chain, shape (n_residues,)."""
    pairs = pairs_between(side, partner, NEIGHBOUR_A)
    pairs = pairs.keep(_side_chain(side)[pairs.first])
    distinct = np.unique(side.residue[pairs.first] * len(partner.positions) + pairs.second)
    return np.bincount(distinct // len(partner.positions), minlength=len(side)).astype(np.float64)
