"""Which points lie near which: the one neighbour search of all measurements.

Few points are compared each with each, many with a tree of scipy. Importing `scipy.spatial`
takes longer than everything that is asked of a complex of usual size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

MOST_PAIRS = 8_000_000
"""Pairs of points up to which all are compared: 64 MB, a tenth of a second."""
_ROUNDING_A2 = 1e-6  # far above what is lost in products of coordinates, far below any difference that counts


def close_pairs(points: Floats, others: Floats, cutoff: float) -> tuple[Integers, Integers, Floats]:
    """Find all pairs of points within a distance.

    Parameters
    ----------
    points, others : ndarray, shape (n, 3) and (m, 3)
        Coordinates in ångström, without NaN.
    cutoff : float
        Ångström, inclusive.

    Returns
    -------
    tuple of ndarray, each of shape (n_pairs,)
        Index of the point, index of the other, distance in ångström; sorted by the indices.

    Examples
    --------
    >>> row = np.array([[0.0, 0, 0], [3, 4, 0], [20, 0, 0]])
    >>> close_pairs(row, row[1:], 5.0)
    (array([0, 1, 2]), array([0, 0, 1]), array([5., 0., 0.]))
    """
    first = _inside(points, others, cutoff)
    second = _inside(others, points[first], cutoff)
    first = first[_inside(points[first], others[second], cutoff)]
    if len(first) * len(second) <= MOST_PAIRS:
        near = np.flatnonzero(_squared(points[first], others[second]) <= cutoff**2 + _ROUNDING_A2)
        rows, columns = np.divmod(near, max(len(second), 1))
    else:
        from scipy.spatial import cKDTree

        trees = (cKDTree(some, balanced_tree=False, compact_nodes=False) for some in (points[first], others[second]))
        found = next(trees).sparse_distance_matrix(next(trees), cutoff + _ROUNDING_A2, output_type="ndarray")
        rows, columns = found["i"], found["j"]
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
    rows, columns = first[rows], second[columns]
    distance = np.linalg.norm(points[rows] - others[columns], axis=1)
    inside = distance <= cutoff
    return rows[inside], columns[inside], distance[inside]


def nearest_distance(points: Floats, others: Floats) -> Floats:
    """Return the distance from each point to the nearest of the others.

    Parameters
    ----------
    points, others : ndarray, shape (n, 3) and (m, 3), m > 0
        Coordinates in ångström, without NaN.

    Returns
    -------
    ndarray, shape (n,)
        Distances in ångström.

    Examples
    --------
    >>> nearest_distance(np.zeros((1, 3)), np.array([[3.0, 4, 0], [9, 0, 0]])).tolist()
    [5.0]
    """
    if len(points) * len(others) > MOST_PAIRS:
        from scipy.spatial import cKDTree

        return np.asarray(cKDTree(others, balanced_tree=False, compact_nodes=False).query(points)[0])
    return np.asarray(np.linalg.norm(points - others[_squared(points, others).argmin(axis=1)], axis=1))


def _inside(points: Floats, others: Floats, margin: float) -> Integers:
    """Return the indices of the points that lie in the box of the others and a margin."""
    if not len(points) or not len(others):
        return np.zeros(0, dtype=np.intp)
    low, high = others.min(axis=0) - margin, others.max(axis=0) + margin
    return np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))


def _squared(points: Floats, others: Floats) -> Floats:
    """Return all squared distances, shape (n, m), to rounding."""
    centre = others.mean(axis=0) if len(others) else 0.0
    left, right = np.ones((len(points), 5)), np.ones((len(others), 5))
    left[:, :3], right[:, :3] = points - centre, others - centre
    left[:, 3], right[:, 4] = ((side[:, :3] ** 2).sum(axis=1) for side in (left, right))
    left[:, :3] *= -2.0
    return np.asarray(left @ right.T)
