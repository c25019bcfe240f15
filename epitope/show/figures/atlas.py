"""Every substitution of the antigen as a heat map, residue by residue, for one page of print.

Takes the atlas as `epitope.impact.scan.scan` gives it and draws predicted ΔΔG of folding
in rows of a readable length, with what the structure says of each position above. Values
below zero look like zero: the model cannot tell a stabilised protein.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import EpitopeError
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.figures.tracks import strand_track
from epitope.show.molecule import Molecule
from epitope.show.palette import PALETTE
from epitope.target.positions import runs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_ORDER = "GAVLIMFWYPCSTNQDEKRH"
"""Small, hydrophobic, aromatic, special, polar, charged: neighbours are alike."""
_PER_ROW = 88
"""Positions in a row: cells as wide as they are high over two journal columns."""
_PITCH_IN, _MAP_IN, _BELOW_IN, _FOOT_IN = 2.52, 1.42, 0.2, 0.5
"""Height of a row, of the heat map in it, of the axis below it; room for legend and scale."""
_LEFT, _WIDTH = 0.072, 0.918
LIMIT_KCAL_MOL = 4.0
NEEDED = ("uniprot_position", "reference", "alternate", "kind", "ddg_kcal_mol")
_MISSING = "#E4E6EA"
_HOT = "#0077BB"


def draw(given: FigureInput) -> Figure:
    """Draw the heat map with its tracks: loops, disulfides, strands, accessibility, contacts."""
    table = given.atlas
    assert table is not None  # the registry has checked it
    cells = Cells.of(table)
    m = given.molecule
    count = len(cells.positions)
    n_rows = -(-count // _PER_ROW)
    per_row = -(-count // n_rows)
    height = _PITCH_IN * n_rows + _FOOT_IN
    fig = new_figure(given, height)
    image = None
    for number in range(n_rows):
        span = slice(number * per_row, min((number + 1) * per_row, count))
        low, high = int(cells.positions[span][0]), int(cells.positions[span][-1])
        width = _WIDTH * (high - low + 1) / per_row
        bottom = height - _PITCH_IN * (number + 1) + _BELOW_IN
        ax = fig.add_axes((_LEFT, bottom / height, width, _MAP_IN / height))
        image = _heat_map(ax, m, cells, span)
        top = (_PITCH_IN - _MAP_IN - _BELOW_IN - 0.08) / height
        _tracks(fig.add_axes((_LEFT, bottom / height + _MAP_IN / height, width, top)), m, cells, low, high)
    _legend(fig, image, height)
    return fig


@dataclass(frozen=True, eq=False)
class Cells:
    """The atlas as arrays over a run of positions.

    Attributes
    ----------
    positions : ndarray of int, shape (n,)
        From the first to the last position with a value, those without one included.
    ddg : ndarray, shape (20, n)
        kcal/mol, NaN where there is none; rows in the order of the figure.
    reachable, escape : ndarray of bool, shape (20, n)
        One nucleotide away; called a candidate of escape.
    hot : ndarray, shape (n,)
        Largest P(hot spot) of the position, NaN without antibody.
    """

    positions: NDArray[np.intp]
    ddg: NDArray[np.float64]
    reachable: NDArray[np.bool_]
    escape: NDArray[np.bool_]
    hot: NDArray[np.float64]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Cells:
        """Cut the substitutions out of an atlas.

        Raises
        ------
        EpitopeError
            If the table is no atlas, or has no value to draw.
        """
        missing = [name for name in NEEDED if name not in table]
        if missing:
            raise EpitopeError(f"figure atlas: the table has no column {missing[0]!r}; give the table of epitope.scan")
        known = table[(table["kind"] == "substitution") & table["ddg_kcal_mol"].notna()]
        if known.empty:
            raise EpitopeError("figure atlas: the table has no ΔΔG to draw; give the table of epitope.scan")
        where = known["uniprot_position"].to_numpy(dtype=np.intp)
        positions = np.arange(where.min(), where.max() + 1)
        rows, columns = known["alternate"].map(_ORDER.index).to_numpy(), where - where.min()
        shape = (len(_ORDER), len(positions))
        ddg, reachable, escape = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool)
        ddg[rows, columns] = known["ddg_kcal_mol"]
        hot = np.full(len(positions), np.nan)
        if "reachable_by_one_nucleotide" in known:
            reachable[rows, columns] = known["reachable_by_one_nucleotide"].eq(True).fillna(False)
        if "label" in known:
            escape[rows, columns] = known["label"] == "escape"
        if "p_hot_spot" in known:
            np.fmax.at(hot, columns, known["p_hot_spot"].to_numpy(dtype=np.float64))
        return cls(positions, ddg, reachable, escape, hot)


def _heat_map(ax: Axes, m: Molecule, cells: Cells, span: slice) -> Any:
    """Draw one row of positions; mark what one nucleotide reaches and what may escape."""
    x = cells.positions[span]
    low, high = x[0] - 0.5, x[-1] + 0.5
    ax.set_facecolor(_MISSING)
    image = ax.imshow(cells.ddg[:, span], aspect="auto", cmap="YlOrBr", vmin=0, vmax=LIMIT_KCAL_MOL,
                      interpolation="nearest", extent=(low, high, 19.5, -0.5))  # fmt: skip
    rows, columns = np.nonzero(cells.reachable[:, span] & ~cells.escape[:, span])
    dark = cells.ddg[:, span][rows, columns] > 0.62 * LIMIT_KCAL_MOL
    for shade, mask in (("#FFFFFF", dark), (PALETTE.ink, ~dark)):
        ax.plot(x[columns[mask]], rows[mask], ".", ms=1.5, mec="none", color=shade)
    rows, columns = np.nonzero(cells.escape[:, span])
    ax.plot(x[columns], rows, "D", ms=2.9, mfc=_HOT, mec="#FFFFFF", mew=0.3)
    ax.set_yticks(range(20), list(_ORDER), fontsize=4.6, family="DejaVu Sans Mono")
    ax.tick_params(axis="y", length=0, pad=1.5)
    ticks = [int(p) for p in x if p % 10 == 0]
    ax.set_xticks(ticks, [m.structure.target.label(p) for p in ticks])
    ax.set_xlim(low, high)
    ax.set_ylim(19.5, -0.5)
    return image


def _tracks(ax: Axes, m: Molecule, cells: Cells, low: int, high: int) -> None:
    """Draw what is known of each position, from the sequence up to the loops."""
    ax.set_xlim(low - 0.5, high + 0.5)
    ax.set_ylim(0, 9.4)
    ax.axis("off")
    sequence = m.structure.target.sequence
    for p in range(low, high + 1):
        shade = PALETTE.ink if m.has(p) else "#9AA0A8"
        ax.text(p, 0.65, sequence[p - 1], ha="center", va="center", fontsize=4.4, color=shade,
                family="DejaVu Sans Mono")  # fmt: skip
    _hot_track(ax, m, cells, low, high)
    _accessibility(ax, m, low, high)
    strand_track(ax, m, 5.75, 1.15)
    for run in runs([p for p in range(low, high + 1) if not m.has(p)]):
        words = "not observed" if len(run) > 5 else "…"
        middle = (run[0] + run[-1]) / 2
        ax.text(middle, 5.75, words, ha="center", va="center", fontsize=4.4, color="#6B727C")
    for bond in m.structure.target.disulfides:
        for end, other in ((bond.first, bond.second), (bond.second, bond.first)):
            if low <= end <= high:
                ax.plot([end], [7.15], "o", ms=3, mfc=PALETTE.disulfide, mec=PALETTE.ink, mew=0.4)
                ax.text(end + 0.9, 7.15, f"–{m.structure.target.label(other)}", fontsize=4.6, va="center", ha="left")
    for i, loop in enumerate(m.structure.epitope.loops):
        a, b = max(loop.start, low), min(loop.end, high)
        if a <= b:
            ax.plot([a - 0.5, b + 0.5], [8.3, 8.3], color=PALETTE.loop(i), lw=2.6, solid_capstyle="butt")
            ax.text((a + b) / 2, 8.75, m.loop_range(loop), ha="center", va="bottom", fontsize=5, color=PALETTE.loop(i))
    for y, name in ((0.65, "sequence"), (2.2, "hot spot"), (4.0, "RSA"), (5.75, "strands"), (7.15, "disulfides"),
                    (8.3, "loops")):  # fmt: skip
        ax.text(low - 1.0, y, name, ha="right", va="center", fontsize=4.8)


def _hot_track(ax: Axes, m: Molecule, cells: Cells, low: int, high: int) -> None:
    """Draw P(hot spot) as bars, and a mark for each contact."""
    x = np.arange(low, high + 1)
    hot = np.nan_to_num(cells.hot[x - cells.positions[0]])
    ax.bar(x, 1.35 * hot, bottom=1.45, width=0.9, color=_HOT, lw=0)
    ax.plot([low - 0.5, high + 0.5], [1.45, 1.45], color="#C3C8CF", lw=0.4)
    touch = [p for p in m.contacts if low <= p <= high]
    ax.plot(touch, [2.95] * len(touch), "v", ms=2.3, color=PALETTE.contact, mec="none")


def _accessibility(ax: Axes, m: Molecule, low: int, high: int) -> None:
    """Draw relative accessibility as bars, full height at 1."""
    x = np.array([p for p in m.observed if low <= p <= high])
    rsa = np.clip(m.table.loc[x, "rsa_free"].to_numpy(dtype=np.float64), 0, 1)
    ax.bar(x, 1.4 * rsa, bottom=3.4, width=0.9, color=PALETTE.antigen, lw=0)
    ax.plot([low - 0.5, high + 0.5], [3.4, 3.4], color="#C3C8CF", lw=0.4)


def _legend(fig: Figure, image: Any, height: float) -> None:
    """Explain marks and colours below the rows."""
    from matplotlib.lines import Line2D

    def mark(style: str, size: float, face: str, edge: str, words: str) -> Line2D:
        return Line2D([], [], ls="", marker=style, ms=size, mfc=face, mec=edge, mew=0.4, label=words)

    fig.legend(
        handles=[
            mark("D", 3.4, _HOT, "#FFFFFF", "one nucleotide, hits the epitope, fold kept"),
            mark(".", 3, PALETTE.ink, "none", "one nucleotide away"),
            mark("v", 3.2, PALETTE.contact, "none", "contact ≤ 4 Å"),
            mark("s", 4, _HOT, "none", "P(hot spot), 0 to 1"),
            mark("s", 4, PALETTE.antigen, "none", "relative accessibility, 0 to 1"),
            mark("o", 3.4, PALETTE.disulfide, PALETTE.ink, "disulfide, with its partner"),
            mark("s", 4, _MISSING, "#A9AEB6", "wild type, or not observed"),
        ],
        loc="lower left", bbox_to_anchor=(0.01, 0.0), ncols=3, fontsize=5.6, columnspacing=1.2, handletextpad=0.3,
    )  # fmt: skip
    bar = fig.colorbar(image, cax=fig.add_axes((0.685, 0.27 / height, 0.27, 0.085 / height)), orientation="horizontal",
                       extend="both", ticks=[0, 1, 2, 3, 4])  # fmt: skip
    bar.ax.tick_params(labelsize=5.6, pad=1.5, length=2)
    bar.set_label("predicted ΔΔG of folding (kcal/mol), positive destabilises", labelpad=1.5, fontsize=5.8)
    bar.outline.set_linewidth(0.5)
