"""Distances, angles, exposure and crowding of residues.

Every function takes arrays or `ResidueAtoms` and returns one value per residue (or per
pair). NaN stands for what the atoms present cannot give. No thresholds live here.
"""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import Floats, ResidueAtoms
from epitope.structure.neighbours import close_pairs, nearest_distance

HSE_RADIUS_A = 13.0
"""Radius of half-sphere exposure (Hamelryck, Proteins 2005, 59:38)."""


def nearest(points: Floats, others: Floats) -> Floats:
    """Return the distance from each point to the nearest of the others.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Rows with NaN give NaN.
    others : ndarray, shape (m, 3)
        Rows with NaN are ignored; none left gives NaN throughout.

    Returns
    -------
    ndarray, shape (n,)
        Distances in ångström.

    Examples
    --------
    >>> nearest(np.array([[0.0, 0, 0], [np.nan, 0, 0]]), np.array([[3.0, 4, 0]])).tolist()
    [5.0, nan]
    """
    out = np.full(len(points), np.nan)
    known, targets = ~np.isnan(points).any(axis=1), others[~np.isnan(others).any(axis=1)]
    if known.any() and len(targets):
        out[known] = nearest_distance(points[known], targets)
    return out


def minimum_distance(atoms: ResidueAtoms, others: Floats) -> Floats:
    """Return each residue's smallest heavy-atom distance to a set of atoms.

    Parameters
    ----------
    atoms : ResidueAtoms
    others : ndarray, shape (m, 3)

    Returns
    -------
    ndarray, shape (n_residues,)
        Distances in ångström, 0 for residues that are in the set.
    """
    if len(atoms) == 0:
        return np.zeros(0)
    return np.asarray(np.minimum.reduceat(nearest(atoms.positions, others), atoms.starts))


def residue_distance_matrix(first: ResidueAtoms, second: ResidueAtoms, kind: str = "min") -> Floats:
    """Return all distances between two sets of residues.

    Parameters
    ----------
    first, second : ResidueAtoms
    kind : {"min", "ca", "cb", "centroid"}
        Smallest heavy-atom distance, or that of Cα, Cβ or side-chain centroids.

    Returns
    -------
    ndarray, shape (n_first, n_second)
        Distances in ångström, NaN where an atom is missing.
    """
    from scipy.spatial.distance import cdist

    if kind == "min":
        out = np.empty((len(first), len(second)))
        ends = [*first.starts[1:].tolist(), len(first.positions)]
        for row, (start, end) in enumerate(zip(first.starts.tolist(), ends, strict=True)):
            nearest_atom = cdist(first.positions[start:end], second.positions).min(axis=0)
            out[row] = np.minimum.reduceat(nearest_atom, second.starts)
        return out
    return np.asarray(cdist(first.points(kind), second.points(kind)))


def dihedral(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Return torsion angles, IUPAC sign.

    Parameters
    ----------
    a, b, c, d : ndarray, shape (n, 3)

    Returns
    -------
    ndarray, shape (n,)
        Degrees in (-180, 180], NaN where a point is NaN.

    Examples
    --------
    >>> points = np.array([[[1.0, 0, 0]], [[0, 0, 0]], [[0, 0, 1]], [[0, 1, 1]]])
    >>> dihedral(*points).round(1).tolist()
    [90.0]
    """
    axis = c - b
    axis = axis / np.linalg.norm(axis, axis=-1, keepdims=True)
    left = (a - b) - np.sum((a - b) * axis, axis=-1, keepdims=True) * axis
    right = (d - c) - np.sum((d - c) * axis, axis=-1, keepdims=True) * axis
    return np.asarray(
        np.degrees(np.arctan2(np.sum(np.cross(axis, left) * right, axis=-1), np.sum(left * right, axis=-1)))
    )


def backbone_torsions(atoms: ResidueAtoms) -> tuple[Floats, Floats]:
    """Return φ and ψ of each residue, NaN at chain ends and gaps.

    Returns
    -------
    tuple of ndarray, each of shape (n_residues,)
        Degrees.
    """
    n, ca, c = (atoms.backbone[:, i] for i in range(3))
    phi, psi = np.full(len(atoms), np.nan), np.full(len(atoms), np.nan)
    bonded = atoms.bonded_to_previous[1:]
    phi[1:] = np.where(bonded, dihedral(c[:-1], n[1:], ca[1:], c[1:]), np.nan)
    psi[:-1] = np.where(bonded, dihedral(n[:-1], ca[:-1], c[:-1], n[1:]), np.nan)
    return phi, psi


def half_sphere_exposure(atoms: ResidueAtoms, radius: float = HSE_RADIUS_A) -> tuple[Floats, Floats]:
    """Count the Cα on the side-chain side and on the other side of each residue.

    Parameters
    ----------
    atoms : ResidueAtoms
    radius : float
        Ångström.

    Returns
    -------
    tuple of ndarray, each of shape (n_residues,)
        Upper (towards Cβ) and lower counts, NaN without Cα or Cβ direction.

    Notes
    -----
    Hamelryck, Proteins 2005, 59:38, with the Cα-Cβ vector.
    """
    offset = atoms.ca[None, :, :] - atoms.ca[:, None, :]
    with np.errstate(invalid="ignore"):
        near = np.linalg.norm(offset, axis=-1) < radius
        np.fill_diagonal(near, False)
        up = np.einsum("ijk,ik->ij", offset, atoms.cb - atoms.ca) > 0
    unknown = np.isnan(atoms.cb).any(axis=1) | np.isnan(atoms.ca).any(axis=1)
    upper, lower = ((near & up).sum(axis=1).astype(float), (near & ~up).sum(axis=1).astype(float))
    upper[unknown] = lower[unknown] = np.nan
    return upper, lower


def neighbour_count(points: Floats, others: Floats, radius: float) -> Floats:
    """Count the points of a set within a radius of each point, itself not counted.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
    others : ndarray, shape (m, 3)
    radius : float
        Ångström.

    Returns
    -------
    ndarray, shape (n,)
        Counts as floats, NaN for a NaN point.

    Examples
    --------
    >>> row = np.array([[0.0, 0, 0], [4, 0, 0], [20, 0, 0]])
    >>> neighbour_count(row, row, 10.0).tolist()
    [1.0, 1.0, 0.0]
    """
    known = np.flatnonzero(~np.isnan(points).any(axis=1))
    first, _, distance = close_pairs(points[known], others[~np.isnan(others).any(axis=1)], radius)
    count = np.full(len(points), np.nan)
    count[known] = np.bincount(first[(distance < radius) & (distance > 0)], minlength=len(known))
    return count


def b_factor_zscore(atoms: ResidueAtoms) -> Floats:
    """Return each residue's mean B as a z-score within its set.

    Returns
    -------
    ndarray, shape (n_residues,)
        0 throughout where B does not vary.
    """
    count = np.bincount(atoms.residue, minlength=len(atoms))
    mean = np.bincount(atoms.residue, weights=atoms.b_factors, minlength=len(atoms)) / count
    spread = mean.std()
    return np.asarray((mean - mean.mean()) / spread if spread > 0 else np.zeros_like(mean))
