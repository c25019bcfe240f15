"""What the antibody covers: area of each contact residue, free and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import EpitopeError
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORTH_SHOWING_A2 = 1.0
"""Residues that lose less than this on binding are left out."""


def draw(given: FigureInput) -> Figure:
    """Draw accessible area bound and the part that the antibody covers, residue by residue."""
    m = given.molecule
    table = m.table
    buried = table["buried_A2"].fillna(0.0)
    shown = [int(p) for p in table.index[buried >= _WORTH_SHOWING_A2]]
    if not shown:
        raise EpitopeError(
            f"figure burial: no {given.structure.complex.roles.word} covers {m.structure.target.name} in "
            f"{m.structure.id}; load a complex with one"
        )
    bound = table.loc[shown, "sasa_bound_A2"].to_numpy(dtype=float)
    covered = buried.loc[shown].to_numpy(dtype=float)
    fig = new_figure(given, 2.35)
    ax = fig.add_axes((0.075, 0.225, 0.915, 0.735))
    x = np.arange(len(shown))
    ax.bar(x, bound, color="#C9D0D9", width=0.78, label="still accessible")
    colors = [_color(given, p) for p in shown]
    ax.bar(x, covered, bottom=bound, color=colors, width=0.78)
    top = bound + covered
    for i in range(len(shown)):
        if covered[i] >= 0.08 * covered.sum():
            ax.text(i, top[i] + 2, f"{covered[i]:.0f}", ha="center", va="bottom", fontsize=6)
    touching = [i for i, p in enumerate(shown) if p in m.contacts]
    ax.plot(touching, [-0.0] * len(touching), "^", ms=2.6, color=PALETTE.ink, clip_on=False, zorder=5)
    ax.set_xticks(x, [m.name(p) for p in shown], rotation=90)
    for tick, color in zip(ax.get_xticklabels(), colors, strict=True):
        tick.set_color(color)
    ax.tick_params(axis="x", length=0, pad=4)
    ax.set_xlim(-0.7, len(shown) - 0.3)
    ax.set_ylim(0, float(top.max()) * 1.12)
    ax.set_ylabel("accessible area (Å²)")
    _legend(ax, given, float(covered.sum()))
    return fig


def _color(given: FigureInput, position: int) -> str:
    """Return the colour of a residue's loop, or that of contacts outside the loops."""
    for i, loop in enumerate(given.structure.epitope.loops):
        if position in loop:
            return PALETTE.loop(i)
    return PALETTE.contact


def _legend(ax, given: FigureInput, total: float) -> None:  # type: ignore[no-untyped-def]
    """Explain colours and marks."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    loops = given.structure.epitope.loops
    handles = [
        Patch(fc="#C9D0D9", label="still accessible"),
        *(Patch(fc=PALETTE.loop(i), label=f"covered, loop {lp.start}–{lp.end}") for i, lp in enumerate(loops)),
        Patch(fc=PALETTE.contact, label="covered, outside the loops"),
        Line2D([], [], ls="", marker="^", ms=3, color=PALETTE.ink, label="heavy atoms within 4 Å"),
    ]
    ax.legend(handles=handles, loc="upper left", ncols=3, columnspacing=1.2, handlelength=1.0)
    ax.text(0.995, 0.97, f"{total:.0f} Å² covered in all", transform=ax.transAxes, ha="right", va="top", fontsize=7)
