"""Means over frames with their errors, in memory that does not grow with the number of frames.

Frames that follow each other are alike, so that the error of a mean is larger than that of as many
independent measurements. It is found by joining neighbours to blocks of twice the size until the blocks
are independent (Flyvbjerg & Petersen, J Chem Phys 1989, 91:461). Each size keeps a count, a mean and a
sum of squares; a frame is forgotten once it was added. Not for what the numbers mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epitope.features.atoms import Booleans, Floats

FEWEST_BLOCKS = 4
"""From fewer blocks an error is itself uncertain by more than 40 % (1/√(2(n − 1))); set by us."""


@dataclass(frozen=True, eq=False)
class Averages:
    """Means of several quantities over frames, each an array of shape (n_quantities,).

    Attributes
    ----------
    count : int
        Frames.
    mean, spread, minimum, maximum : ndarray
        ``spread`` is the standard deviation of the frames.
    error : ndarray
        Standard error of the mean, from blocks of independent size; without a plateau the largest that any
        block size gives, which is then too small. NaN for a quantity that was not measured.
    block : ndarray
        Frames in a block of that size, 0 without a plateau.
    """

    count: int
    mean: Floats
    spread: Floats
    minimum: Floats
    maximum: Floats
    error: Floats
    block: Floats

    @property
    def plateau(self) -> Booleans:
        """Whether blocks became independent, so that ``error`` can be trusted."""
        return np.asarray(self.block > 0)


class _Level:
    """Blocks of one size: how many, their mean and sum of squared deviations, and one without a partner."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self.mean, self.squares = np.zeros(width), np.zeros(width)
        self.left = np.empty((0, width))

    def add(self, rows: Floats) -> Floats:
        """Take in rows, shape (n, width), and return those of the next size."""
        count, mean = len(rows), rows.mean(axis=0)
        total = self.count + count
        apart = mean - self.mean
        self.squares += ((rows - mean) ** 2).sum(axis=0) + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count = total
        rows = np.concatenate([self.left, rows])
        even = len(rows) - len(rows) % 2
        self.left = rows[even:]
        return np.asarray((rows[:even:2] + rows[1:even:2]) / 2)

    def error(self) -> Floats:
        """Return the standard error of the mean, as if the blocks were independent."""
        return np.sqrt(self.squares / (self.count * max(self.count - 1, 1)))


class BlockAverage:
    """Takes in frames and gives their `Averages`.

    Parameters
    ----------
    width : int
        Quantities of a frame.

    Examples
    --------
    >>> kept = BlockAverage(1)
    >>> kept.add(np.random.default_rng(1).normal(5.0, 1.0, (4096, 1)))
    >>> found = kept.averages()
    >>> bool(found.plateau[0]), bool(abs(found.error[0] - 1 / 64) < 0.004)
    (True, True)
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._levels: list[_Level] = []
        self._low, self._high = np.full(width, np.inf), np.full(width, -np.inf)

    def add(self, rows: Floats) -> None:
        """Take in the quantities of frames, shape (n_frames, width), in their order."""
        if len(rows) == 0:
            return
        self._low, self._high = np.fmin(self._low, rows.min(axis=0)), np.fmax(self._high, rows.max(axis=0))
        level = 0
        while len(rows):
            if level == len(self._levels):
                self._levels.append(_Level(self._width))
            rows = self._levels[level].add(rows)
            level += 1

    def averages(self) -> Averages:
        """Return what the frames taken in so far give.

        Notes
        -----
        Blocks of B frames count as independent from the first size for which B³ > 2 n (error(B) / error(1))⁴
        (Lee et al., Phys Rev E 2011, 83:066706, after Wolff) that leaves four blocks; if none does, there is
        no plateau.
        """
        nothing = np.full(self._width, np.nan)
        if not self._levels:
            return Averages(0, nothing, nothing, nothing, nothing, nothing, np.zeros(self._width))
        usable = [level for level in self._levels if level.count >= FEWEST_BLOCKS] or self._levels[:1]
        errors = np.stack([level.error() for level in usable])
        first, n = self._levels[0], self._levels[0].count
        sizes = 2.0 ** np.arange(len(usable))
        with np.errstate(invalid="ignore", divide="ignore"):
            growth = np.where(errors[0] > 0, errors / errors[0], 1.0)
        independent = sizes[:, None] ** 3 > 2 * n * growth**4
        found, at = independent.any(axis=0), independent.argmax(axis=0)
        error = np.where(found, errors[at, np.arange(self._width)], errors.max(axis=0))
        known = np.isfinite(first.mean)
        low, high = (np.where(known, edge, nothing) for edge in (self._low, self._high))
        error = np.where(known & (n > 1), error, nothing)
        spread = np.sqrt(first.squares / max(n - 1, 1))
        return Averages(n, first.mean.copy(), spread, low, high, error, np.where(found & known, sizes[at], 0.0))


class TimeCourse:
    """Means and ranges over stretches of frames, as many as a picture can show.

    Parameters
    ----------
    width : int
        Quantities of a frame.
    n_frames : int
        How many frames will come.
    most : int
        Stretches at most.

    Attributes
    ----------
    frames_each : int
        Frames in a stretch; the last may have fewer.

    Examples
    --------
    >>> course = TimeCourse(1, n_frames=4, most=2)
    >>> course.add(np.array([[1.0], [3.0], [5.0], [5.0]]))
    >>> course.mean.ravel().tolist(), course.low.ravel().tolist(), course.high.ravel().tolist()
    ([2.0, 5.0], [1.0, 5.0], [3.0, 5.0])
    """

    def __init__(self, width: int, n_frames: int, most: int = 400) -> None:
        self.frames_each = -(-n_frames // most)
        stretches = -(-n_frames // self.frames_each)
        self._sum, self._count = np.zeros((stretches, width)), np.zeros((stretches, width))
        self.low, self.high = np.full((stretches, width), np.nan), np.full((stretches, width), np.nan)
        self._next = 0

    def add(self, rows: Floats) -> None:
        """Take in the quantities of frames, shape (n_frames, width), in their order; NaN where not measured."""
        at = (self._next + np.arange(len(rows))) // self.frames_each
        self._next += len(rows)
        np.add.at(self._sum, at, np.nan_to_num(rows))
        np.add.at(self._count, at, ~np.isnan(rows))
        np.fmin.at(self.low, at, rows)
        np.fmax.at(self.high, at, rows)

    @property
    def mean(self) -> Floats:
        """Mean of each stretch, NaN where nothing was measured, shape (n_stretches, width)."""
        with np.errstate(invalid="ignore"):
            return self._sum / np.where(self._count > 0, self._count, np.nan)
