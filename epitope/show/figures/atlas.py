"""Every substitution of the antigen as a heat map, residue by residue.

Takes the atlas as a tidy table with ``position``, ``reference``, ``alternate`` and a
value; draws the stretch that has values, in rows of a readable length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import EpitopeError
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_ORDER = "GAVLIMFWYPCSTNQDEKRH"
"""Small, hydrophobic, aromatic, special, polar, charged: neighbours are alike."""
_PER_ROW = 140
_PITCH_IN = 1.56
"""Height of a row with its axis below and its marks above."""
VALUE_COLUMNS = ("ddg_kcal_mol", "ddg_fold_kcal_mol", "stability_ddg_kcal_mol", "ddg", "score")
"""The first of these that the table has is drawn."""
_LABELS = {"ddg_kcal_mol": "ΔΔG of folding (kcal/mol), positive destabilises"}
_LIMIT_KCAL_MOL = 4.0


def draw(given: FigureInput) -> Figure:
    """Draw the heat map, with loops, contacts and disulfides above each row."""
    from matplotlib.colors import TwoSlopeNorm

    table = given.atlas
    assert table is not None  # the registry has checked it
    column = value_column(table)
    m = given.molecule
    matrix, first = _matrix(table, column)
    rows = [(i, min(i + _PER_ROW, matrix.shape[1])) for i in range(0, matrix.shape[1], _PER_ROW)]
    height = _PITCH_IN * len(rows) + 0.3
    fig = new_figure(given, height)
    norm = TwoSlopeNorm(0.0, -1.0, _LIMIT_KCAL_MOL)
    image = None
    for number, (start, end) in enumerate(rows):
        bottom = 1 - (_PITCH_IN * (number + 1) - 0.2) / height
        ax = fig.add_axes((0.035, bottom, 0.865 * (end - start) / _PER_ROW, 1.08 / height))
        low, high = first + start, first + end - 1
        ax.set_facecolor("#E4E6EA")
        image = ax.imshow(
            matrix[:, start:end],
            aspect="auto",
            cmap="PuOr_r",
            norm=norm,
            interpolation="nearest",
            extent=(low - 0.5, high + 0.5, 19.5, -0.5),
        )
        ax.set_yticks(range(20), list(_ORDER), fontsize=4, family="DejaVu Sans Mono")
        ax.tick_params(axis="y", length=0, pad=1)
        ax.set_xticks([p for p in range(low, high + 1) if p % 10 == 0])
        for i, loop in enumerate(m.cx.target.epitope.loops):
            a, b = max(loop.start, low), min(loop.end, high)
            if a <= b:
                ax.plot(
                    [a - 0.5, b + 0.5],
                    [-1.5, -1.5],
                    color=PALETTE.loop(i),
                    lw=2.5,
                    clip_on=False,
                    solid_capstyle="butt",
                )
        touch = [p for p in m.contacts if low <= p <= high]
        ax.plot(touch, [-2.7] * len(touch), "v", ms=2.4, color=PALETTE.ink, clip_on=False, mec="none")
        bridged = [p for b in m.cx.target.disulfides for p in (b.first, b.second) if low <= p <= high]
        ax.plot(
            bridged, [-1.6] * len(bridged), "o", ms=3, mfc=PALETTE.disulfide, mec=PALETTE.ink, mew=0.4, clip_on=False
        )
        ax.set_xlim(low - 0.5, high + 0.5)
        ax.set_ylim(19.5, -0.5)
    if image is not None:
        bar = fig.colorbar(image, cax=fig.add_axes((0.918, 0.3, 0.012, 0.45)), extend="both", ticks=[-1, 0, 2, 4])
        bar.set_label(_LABELS.get(column, column.replace("_", " ")), labelpad=3)
        bar.outline.set_linewidth(0.5)
    fig.text(
        0.035, 0.06 / height, "bars: published loops;  ▼ contact ≤ 4 Å;  ● disulfide;  grey: no value", fontsize=5.8
    )
    return fig


def value_column(table: pd.DataFrame) -> str:
    """Return the name of the column to draw.

    Raises
    ------
    EpitopeError
        If the table has none of `VALUE_COLUMNS`, or not the columns that name a substitution.
    """
    missing = [c for c in ("position", "alternate") if c not in table]
    if missing:
        raise EpitopeError(
            f"figure atlas: the table has no column {missing[0]!r}; give the table that epitope atlas writes"
        )
    for name in VALUE_COLUMNS:
        if name in table:
            return name
    numeric = [str(c) for c in table.select_dtypes("number").columns if c != "position"]
    if not numeric:
        raise EpitopeError(f"figure atlas: the table has no value to draw; it needs one of {', '.join(VALUE_COLUMNS)}")
    return numeric[0]


def _matrix(table: pd.DataFrame, column: str) -> tuple[np.ndarray, int]:
    """Return values by residue type and position, and the first position."""
    known = table[table[column].notna() & table["alternate"].isin(list(_ORDER))]
    first, last = int(known["position"].min()), int(known["position"].max())
    matrix = np.full((20, last - first + 1), np.nan)
    rows = known["alternate"].map(_ORDER.index).to_numpy()
    matrix[rows, known["position"].to_numpy(dtype=int) - first] = known[column].to_numpy(dtype=float)
    return matrix, first
