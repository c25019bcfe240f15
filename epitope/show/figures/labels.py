"""Names beside what they name, none on another and none over the edge.

A box for each name is tried at places all over the canvas; the best has the least cost of
distance, of what it would hide, and of leader lines that cross. What finds no room gets no
place, and the caller says so. Works in any unit of length; draws nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_GRID = 110
"""Places tried along the longer side of the canvas."""
_SHORTLIST = 300
"""Places whose leader lines are compared."""
_ROUNDS = 3
_CLEAR = 1.5
"""Room between a name and what it, or another, belongs to."""
_HIDES_ANCHOR, _HIDES_INK, _CROSSES, _PASSES = 25.0, 16.0, 40.0, 25.0
"""Costs, in units of length: hiding the place of a name, a box full of drawing, a crossing, a line over a name."""


def arrange(anchors: Floats, sizes: Floats, canvas: Floats, ink: Floats, taken: Floats | None = None) -> Floats:
    """Return the middle of each box, NaN where there is no room.

    Parameters
    ----------
    anchors : ndarray, shape (n, 2)
        What each name belongs to.
    sizes : ndarray, shape (n, 2)
        Width and height of each name, with the room that it wants around.
    canvas : ndarray, shape (4,)
        Left, bottom, right and top.
    ink : ndarray, shape (m, 2)
        Points of the drawing that had better stay visible.
    taken : ndarray, shape (k, 4), optional
        Boxes that must stay free.

    Returns
    -------
    ndarray, shape (n, 2)

    Notes
    -----
    Greedy, the names that come first choose first; then each moves to the best place that the
    others leave, three times over.

    Examples
    --------
    >>> at = np.array([[50.0, 50.0], [50.0, 50.0]])
    >>> placed = arrange(at, np.full((2, 2), 10.0), np.array([0.0, 0, 100, 100]), at)
    >>> bool(np.abs(placed[0] - placed[1]).max() >= 10)
    True
    """
    fixed = np.zeros((0, 4)) if taken is None else taken
    placed = np.full((len(anchors), 2), np.nan)
    step = max(canvas[2] - canvas[0], canvas[3] - canvas[1]) / _GRID
    dots = _Dots(ink, canvas, step)
    for _ in range(_ROUNDS):
        before = placed.copy()
        for k in range(len(anchors)):
            placed[k] = np.nan
            placed[k] = _best(k, anchors, sizes, canvas, dots, placed, fixed)
        if np.array_equal(before, placed, equal_nan=True):
            break
    return placed


def boxes(middles: Floats, sizes: Floats) -> Floats:
    """Return left, bottom, right and top of boxes, shape (n, 4)."""
    return np.hstack([middles - sizes / 2, middles + sizes / 2])


def leader_end(anchor: Floats, middle: Floats, size: Floats) -> Floats:
    """Return the point of a box that is nearest to its anchor, for each of several boxes."""
    return np.asarray(np.clip(anchor, middle - size / 2, middle + size / 2))


class _Dots:
    """How much of the drawing lies in a box, from a table of sums."""

    def __init__(self, points: Floats, canvas: Floats, step: float) -> None:
        self.origin, self.step = canvas[:2], step
        shape = np.ceil((canvas[2:] - canvas[:2]) / step).astype(int) + 1
        cell = ((points - self.origin) / step).astype(int)
        cell = cell[((cell >= 0) & (cell < shape)).all(axis=1)]
        filled = np.zeros(shape)
        np.add.at(filled, (cell[:, 0], cell[:, 1]), 1)
        self.sums = np.pad(filled.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def share(self, box: Floats) -> Floats:
        """Return how much is drawn on each box: points for each place."""
        low = np.floor((box[:, :2] - self.origin) / self.step).astype(int)
        high = np.ceil((box[:, 2:] - self.origin) / self.step).astype(int)
        limit = np.array(self.sums.shape) - 1
        (x0, y0), (x1, y1) = np.clip(low, 0, limit).T, np.clip(high, 0, limit).T
        within = self.sums[x1, y1] - self.sums[x0, y1] - self.sums[x1, y0] + self.sums[x0, y0]
        return np.asarray(within / np.maximum((x1 - x0) * (y1 - y0), 1))


def _best(k: int, anchors: Floats, sizes: Floats, canvas: Floats, dots: _Dots, placed: Floats, fixed: Floats) -> Floats:
    """Return the best place for one box among the others."""
    anchor, size = anchors[k], sizes[k]
    low, high = canvas[:2] + size / 2, canvas[2:] - size / 2
    if (high < low).any():
        return np.full(2, np.nan)
    xs, ys = (np.arange(a, b + 1e-9, dots.step) for a, b in zip(low, high, strict=True))
    tried = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    others = np.flatnonzero(~np.isnan(placed[:, 0]))
    full = np.vstack([fixed, boxes(placed[others], sizes[others])])
    tried = tried[~_overlaps(boxes(tried, size), full).any(axis=1)]
    if not len(tried):
        return np.full(2, np.nan)
    box = boxes(tried, size)
    end = leader_end(anchor, tried, size)
    # Distance, and a little of that of the middles, so that names sit square to what they name.
    cost = np.linalg.norm(end - anchor, axis=1) + 0.1 * np.linalg.norm(tried - anchor, axis=1)
    cost += _HIDES_INK * dots.share(box)
    inside = (anchors > box[:, None, :2] - _CLEAR) & (anchors < box[:, None, 2:] + _CLEAR)
    cost += _HIDES_ANCHOR * inside.all(axis=2).sum(axis=1)
    short = np.argsort(cost, kind="stable")[:_SHORTLIST]
    tried, end, cost, box = tried[short], end[short], cost[short], box[short]
    if len(others):
        ends = leader_end(anchors[others], placed[others], sizes[others])
        start = np.broadcast_to(anchor, end.shape)
        cost = cost + _CROSSES * _crossing(start, end, anchors[others], ends).sum(axis=1)
        for corner in ((0, 1, 2, 3), (0, 3, 2, 1)):  # a line through a box cuts one of its diagonals
            a, b = corner[:2], corner[2:]
            cost = cost + _PASSES * _crossing(start, end, full[:, a], full[:, b]).sum(axis=1)
            cost = cost + _PASSES * _crossing(box[:, a], box[:, b], anchors[others], ends).sum(axis=1)
    return np.asarray(tried[int(np.argmin(cost))])


def _overlaps(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Say which boxes share area with which, shape (n, m)."""
    a, b = one[:, None], other[None]
    return np.asarray((a[..., :2] < b[..., 2:]).all(axis=-1) & (b[..., :2] < a[..., 2:]).all(axis=-1))


def _crossing(a: Floats, b: Floats, c: Floats, d: Floats) -> npt.NDArray[np.bool_]:
    """Say which lines a–b cross which lines c–d, shape (n, m)."""
    a, b, c, d = a[:, None], b[:, None], c[None], d[None]

    def turn(p: Floats, q: Floats, r: Floats) -> Floats:
        u, v = q - p, r - p
        return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    return np.asarray((turn(a, b, c) * turn(a, b, d) < 0) & (turn(c, d, a) * turn(c, d, b) < 0))
