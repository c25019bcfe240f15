"""Use of an isoform's junction, sample by sample, with its interval and the published marks.

The marks are the published medians and the limit above which treatment tended to fail;
the objection to the measurement is written under them, as it belongs to any reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.impact.verdicts.model import Verdict
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import PALETTE, VERDICT_COLOURS
from epitope.target.model import StatementKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from epitope.target.model import Statement

NAMES_IN = 0.75
"""Room below the axes for slanted sample names, inches."""
_MARKS = {
    "responders_percent": "responders",
    "non_responders_percent": "non-responders",
    "relapse_percent": "relapse",
    "failure_mark_percent": "failure above",
}


def draw(given: FigureInput) -> Figure:
    """Draw a strip of samples for each event, lowest to highest."""
    table = given.junctions
    assert table is not None  # the registry has checked it
    events = list(dict.fromkeys(str(e) for e in table["event"])) if "event" in table else ["event"]
    height = 0.75 + 1.9 * len(events)
    fig = new_figure(given, height)
    axes = fig.subplots(
        len(events),
        1,
        squeeze=False,
        gridspec_kw={
            "left": 0.14,
            "right": 0.69,
            "top": 1 - 0.25 / height,
            "bottom": NAMES_IN / height,
            "hspace": 0.6,
        },
    )[:, 0]
    for ax, event in zip(axes, events, strict=True):
        mine = table[table["event"].astype(str) == event] if "event" in table else table
        mine = mine.sort_values("ratio_percent", kind="stable").reset_index(drop=True)
        ratio = mine["ratio_percent"].to_numpy(dtype=float)
        x = np.arange(len(mine))
        if {"ratio_low_percent", "ratio_high_percent"} <= set(mine.columns):
            low, high = (mine[f"ratio_{end}_percent"].to_numpy(dtype=float) for end in ("low", "high"))
            ax.vlines(x, low, np.where(np.isfinite(high), high, ratio), color="#A9B4C2", lw=1.2)
        ax.plot(x, ratio, "o", ms=3.6, color=PALETTE.heavy, mec="white", mew=0.4, zorder=3)
        highest = mine.get("ratio_high_percent", mine["ratio_percent"]).to_numpy(dtype=float)
        marks = _known_marks(given, event)
        top = float(np.max([v for v in (*ratio, *highest, *marks.values(), 28.0) if np.isfinite(v)])) * 1.08
        _marks(ax, marks, top)
        _objection(ax, given, event)
        ax.set_ylim(0, top)
        ax.set_xlim(-0.6, max(len(mine) - 0.4, 0.6))
        names = [str(s)[:14] for s in mine["sample"]]
        ax.set_xticks(
            x if len(x) <= 24 else [], names if len(x) <= 24 else [], rotation=60, ha="right", rotation_mode="anchor"
        )
        ax.set_ylabel("event / reference reads (%)")
        ax.set_title(event)
        if len(x) > 24:
            ax.set_xlabel(f"{len(x)} samples, lowest to highest")
    return fig


def _statements(given: FigureInput, event: str) -> tuple[Statement, ...]:
    """Return what the target states about an event, nothing about one that it does not know."""
    try:
        return tuple(given.structure.target.isoform(event).statements)
    except KeyError:
        return ()


def _known_marks(given: FigureInput, event: str) -> dict[str, float]:
    """Return the published medians and the limit, where the target knows them."""
    return {k: v for said in _statements(given, event) for k, v in said.values.items() if k in _MARKS}


def _marks(ax: Axes, values: dict[str, float], top: float) -> None:
    """Draw the published medians and the limit as lines."""
    for key, value in values.items():
        limit = key == "failure_mark_percent"
        color = VERDICT_COLOURS[Verdict.LOST] if limit else "#8A9099"
        ax.axhline(value, color=color, lw=0.8, ls="-" if limit else (0, (3, 2)), zorder=1)
        ax.text(
            1.02,
            value / top,
            f"{_MARKS[key]} {value:g} %",
            transform=ax.transAxes,
            fontsize=5.5,
            va="center",
            color=color,
        )


def _objection(ax: Axes, given: FigureInput, event: str) -> None:
    """Say above the axes that an event is disputed."""
    if any(said.kind is StatementKind.OBJECTION for said in _statements(given, event)):
        ax.text(
            1.5,
            1.02,
            "may be an artefact of reverse transcription",
            transform=ax.transAxes,
            ha="right",
            va="bottom",
            fontsize=5.5,
            color=PALETTE.neighbour,
        )
