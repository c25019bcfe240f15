"""A complex followed through its frames: what each quantity is on average, and how well that is known.

Brings together the frames of `epitope.structure.ensemble`, what `epitope.features.frames` measures of each
of them, and the averages of `epitope.features.blocks`. It writes nothing; rows go where the caller wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.features.atoms import Floats
from epitope.features.blocks import BlockAverage, TimeCourse
from epitope.features.frames import FrameMeasurement, Site

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.structure.ensemble import Ensemble

    Rows = Callable[[pd.DataFrame], object]
    Progress = Callable[[int, int], object]

FRAMES_AT_ONCE = 256
"""Frames whose rows are handed on together."""
AREAS_IN_ALL = 100
"""Frames in which the buried area is measured where nobody says how often; it costs as much as ten frames."""
SUMMARY_COLUMNS = {
    "quantity": "a column of the table of frames",
    "frames": "frames in which it was measured",
    "mean": "mean over these",
    "spread": "standard deviation of the frames",
    "error": "standard error of the mean by blocks of frames (Flyvbjerg & Petersen 1989); without a plateau too small",
    "plateau": "whether the error stops growing with the size of blocks; if not, the trajectory is too short for it",
    "block_frames": "measured frames in a block that is independent of the next; empty without a plateau",
    "minimum": "smallest value",
    "maximum": "largest value",
    "first_frame": "value in the first frame",
}
"""Columns of the summary, each with what it holds."""


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What the frames of a trajectory or an ensemble show of a complex.

    Attributes
    ----------
    structure : MeasuredComplex
        The complex at the first frame.
    summary : pandas.DataFrame
        One row per quantity, columns `SUMMARY_COLUMNS`.
    contacts, fluctuations, sites : pandas.DataFrame
        Occupancies, RMSF, and what variants would lose; columns in ``docs/tables.md``.
    frames : pandas.DataFrame
        One row per frame; empty where the rows were written instead.
    course : pandas.DataFrame
        Means over at most 400 stretches of frames for pictures, with columns ``frame`` and ``time_ps`` at
        their beginning; ``low`` and ``high`` are the smallest and largest values in them.
    low, high : pandas.DataFrame
    indices : range
        The frames, counted from 0.
    notes : tuple of str
        How chains were told apart and frames made whole.
    provenance : dict
        What the result rests on.
    """

    structure: MeasuredComplex
    summary: pd.DataFrame
    contacts: pd.DataFrame
    fluctuations: pd.DataFrame
    sites: pd.DataFrame
    frames: pd.DataFrame
    course: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    indices: range
    notes: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)

    def quantity(self, name: str) -> pd.Series[Any]:
        """Return the row of the summary of one quantity.

        Raises
        ------
        KeyError
            If it was not measured.
        """
        row: pd.Series[Any] = self.summary.set_index("quantity").loc[name]  # type: ignore[assignment]
        return row


def follow(
    ensemble: Ensemble,
    structure: MeasuredComplex,
    pairs: Sequence[tuple[int, int]] = (),
    sites: Sequence[Site] = (),
    *,
    area_every: int | None = None,
    rows: Rows | None = None,
    progress: Progress | None = None,
) -> Dynamics:
    """Measure every chosen frame of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    structure : MeasuredComplex
        Of its complex.
    pairs : sequence of (int, int)
        Positions whose side-chain centroids are followed.
    sites : sequence of Site
        Sites of variants.
    area_every : int, optional
        Measure the buried area in every n-th frame, 0 for none; default as often as makes 100 frames.
    rows : callable, optional
        Is given the table of frames piece by piece; without it the table is kept whole.
    progress : callable, optional
        Is told how many frames are done, and of how many.

    Raises
    ------
    StructureError
        If a frame cannot be read.
    """
    import pandas as pd

    count = len(ensemble)
    every = max(1, -(-count // AREAS_IN_ALL)) if area_every is None else area_every
    measured = FrameMeasurement(structure, pairs, sites, area_every=every)
    kept = _Kept(measured.columns, count)
    tables: list[pd.DataFrame] = []
    hand_on = rows if rows is not None else tables.append
    chunk: list[Floats] = []
    for done, frame in enumerate(ensemble.frames(), start=1):
        chunk.append(np.concatenate([[frame.number, frame.time_ps], measured.add(frame.positions)]))
        if len(chunk) == FRAMES_AT_ONCE or done == count:
            table = np.stack(chunk)
            kept.add(table)
            hand_on(_frame_table(table, measured.columns))
            chunk.clear()
            if progress is not None:
                progress(done, count)
    course, low, high = kept.course()
    return Dynamics(
        structure,
        kept.summary(),
        measured.contacts(),
        measured.fluctuations(),
        measured.sites(),
        pd.concat(tables, ignore_index=True) if tables else _frame_table(np.empty((0, 2)), ()),
        course,
        low,
        high,
        ensemble.indices,
        (*ensemble.notes, *_made_whole(ensemble)),
    )


def _frame_table(rows: Floats, columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(rows, columns=["frame", "time_ps", *columns])
    return table.astype({"frame": np.int64})


def _made_whole(ensemble: Ensemble) -> tuple[str, ...]:
    """Say in how many frames what the box had cut was put together."""
    did = (("a chain that the box had cut was joined", ensemble.joined), ("a chain was moved by box vectors to where "
            "it binds", ensemble.moved))  # fmt: skip
    return tuple(f"in {n} of {len(ensemble)} frames {what}" for what, n in did if n)


class _Kept:
    """What is kept of the frames: averages, and a course for pictures."""

    def __init__(self, columns: Sequence[str], count: int) -> None:
        self._columns = list(columns)
        self._angles = np.array([name.endswith("_deg") for name in columns], dtype=bool)
        self._first: Floats | None = None
        self._areas = np.array([name.startswith("buried_") for name in columns], dtype=bool)
        self._averages = {areas: BlockAverage(int((self._areas == areas).sum())) for areas in (False, True)}
        self._course = TimeCourse(len(columns) + 2, count)

    def add(self, table: Floats) -> None:
        rows = table[:, 2:].copy()
        if self._first is None:
            self._first = rows[0].copy()
        apart = rows - self._first
        rows[:, self._angles] -= 360.0 * np.round(apart[:, self._angles] / 360.0)
        self._course.add(np.column_stack([table[:, :2], rows]))
        self._averages[False].add(rows[:, ~self._areas])
        areas = rows[:, self._areas]
        self._averages[True].add(areas[~np.isnan(areas).any(axis=1)] if areas.size else areas[:0])

    def course(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        import pandas as pd

        names = ["frame", "time_ps", *self._columns]
        mean, low, high = (
            pd.DataFrame(values, columns=names) for values in (self._course.mean, self._course.low, self._course.high)
        )
        return mean.assign(frame=low["frame"], time_ps=low["time_ps"]), low, high

    def summary(self) -> pd.DataFrame:
        import pandas as pd

        width, first = len(self._columns), self._first
        parts = []
        for areas, kept in self._averages.items():
            found, at = kept.averages(), np.flatnonzero(self._areas == areas)
            frames = np.where(np.isnan(found.mean), 0, found.count)
            parts.append(
                pd.DataFrame(
                    {
                        "quantity": [self._columns[i] for i in at],
                        "frames": frames,
                        "mean": found.mean,
                        "spread": found.spread,
                        "error": found.error,
                        "plateau": found.plateau,
                        "block_frames": np.where(found.plateau, found.block, np.nan),
                        "minimum": found.minimum,
                        "maximum": found.maximum,
                        "first_frame": np.full(width, np.nan)[at] if first is None else first[at],
                    },
                    index=at,
                )
            )
        table = pd.concat([part for part in parts if len(part)]).sort_index()
        return table.astype({"block_frames": "Int64"})
