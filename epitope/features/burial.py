"""How a partner covers each residue of one side of an interface.

Per residue: surface lost on binding, partner atoms around the side chain, distance to the
partner, and distance to the centre of the patch it belongs to. Works on any two sets of
residues; which is antigen and what the numbers mean is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epitope.features.atoms import Booleans, Floats, ResidueAtoms
from epitope.features.contacts import pairs_between
from epitope.features.geometry import minimum_distance
from epitope.features.surface import residue_sasa

NEIGHBOUR_A = 8.0
"""Partner heavy atoms nearer than this to the side chain are counted."""
LEAST_FREE_AREA_A2 = 10.0
"""Free area below which the buried fraction is taken of this much: of a residue that shows
2 Å² even before binding, the fraction is an accident of the rotamer."""
PATCH_MIN_BURIED_A2 = 1.0
"""Area lost that makes a residue part of the interface; the error of an area is about 1 Å²."""
PATCH_LINK_A = 12.0
"""Side chains of the interface nearer than this belong to one patch. Every interface of the
benchmark is one patch from 10 Å on; two antibodies on one antigen give two."""


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
    centre_distance : ndarray
        From the side chain to the centre of the nearest patch of the interface, ångström;
        infinite where the two sides do not touch.
    """

    sasa_free: Floats
    sasa_bound: Floats
    fraction: Floats
    n8: Floats
    min_distance: Floats
    centre_distance: Floats

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
    free, bound = residue_sasa(side)[:, 0], residue_sasa(side, partner)[:, 0]
    buried = np.maximum(free - bound, 0.0)
    return Burial(
        sasa_free=free,
        sasa_bound=bound,
        fraction=np.clip(buried / np.maximum(free, LEAST_FREE_AREA_A2), 0.0, 1.0),
        n8=_partner_atoms_around(side, partner),
        min_distance=minimum_distance(side, partner.positions),
        centre_distance=_distance_to_patch_centre(side, buried),
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


def _distance_to_patch_centre(side: ResidueAtoms, buried: Floats) -> Floats:
    """Distance of each side chain to the centre of its patch, weighted by buried area."""
    from scipy.sparse.csgraph import connected_components

    centroid = np.where(np.isnan(side.side_chain_centroid), side.ca, side.side_chain_centroid)
    covered = np.flatnonzero((buried > PATCH_MIN_BURIED_A2) & ~np.isnan(centroid).any(axis=1))
    if len(covered) == 0:
        return np.full(len(side), np.inf)
    points, weights = centroid[covered], buried[covered, None]
    between = np.linalg.norm(points[:, None] - points[None], axis=-1)
    n_patches, patch = connected_components(between < PATCH_LINK_A, directed=False)
    centres = np.stack(
        [(points * weights)[patch == k].sum(axis=0) / weights[patch == k].sum() for k in range(n_patches)]
    )
    to_covered = np.linalg.norm(centroid[:, None] - points[None], axis=-1)
    own = patch[np.argmin(to_covered, axis=1)]
    return np.asarray(np.linalg.norm(centroid - centres[own], axis=1))
