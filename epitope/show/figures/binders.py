"""Binders of the target against positions: what each touches and needs, and what nobody looked at.

A row for each binder, a column for each position that any of them touches or that was scanned
for one. Every mark has a shape of its own, so that nothing rests on colour; a hatched cell was
not looked at. Not for how strongly one binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from epitope.errors import EpitopeError
from epitope.impact.binders import HOT_SPOT, NO_EFFECT, NOT_KNOWN, BinderPanel
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import PALETTE
from epitope.show.records import records
from epitope.target.positions import ranges

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_IN, _TOP_IN, _NAMES_IN, _LEGEND_IN = 0.27, 0.1, 0.45, 0.42
"""Heights of a row, the room above, the names of residues and the legend, inches."""
_BREAK = 0.5
"""Room between positions that are no neighbours along the chain, in columns."""
_HATCH: dict[str, Any] = {"fc": "none", "ec": "#A9AEB6", "hatch": "//////", "lw": 0}
_CONTACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "structure": ("contact in the structure", {"marker": "s", "mfc": PALETTE.heavy, "mec": PALETTE.heavy}),
    "by sequence": ("the same by sequence", {"marker": "s", "mfc": PALETTE.paper, "mec": PALETTE.heavy}),
    "differs": ("another residue opposite", {"marker": "x", "mec": PALETTE.ink, "mew": 1.3, "ms": 5.5}),
    "published": ("published contact", {"marker": "o", "mfc": PALETTE.loops[1], "mec": PALETTE.loops[1]}),
    "no": ("no contact", {"marker": ".", "mfc": PALETTE.unobserved, "mec": PALETTE.unobserved, "ms": 2.5}),
}
"""Contact to its words and its mark."""
_SCANS: dict[str, tuple[str, dict[str, Any]]] = {
    HOT_SPOT: ("scanned: hot spot", {"marker": "*", "mfc": PALETTE.ink, "mec": PALETTE.paper, "mew": 0.5, "ms": 7}),
    "indirect": (
        "indirect: hot spot, no contact",
        {"marker": "^", "mfc": PALETTE.paper, "mec": PALETTE.ink, "mew": 1.1, "ms": 6},
    ),
    NO_EFFECT: ("scanned: no effect", {"marker": "o", "mfc": PALETTE.paper, "mec": PALETTE.ink, "ms": 4.2}),
}
"""What a scan found to its words and its mark."""
_SIZE: dict[str, Any] = {"ms": 8.5, "mew": 1.0, "ls": ""}


def draw(given: FigureInput) -> Figure:
    """Draw the figure.

    Raises
    ------
    EpitopeError
        If nothing is known of any binder.
    """
    panel = BinderPanel(given.structure)
    rows = records(panel.table)
    if not rows:
        raise EpitopeError(
            f"figure binders: no contact or scanned position of a binder of {given.structure.target.name} is known; "
            "list them in the target pack"
        )
    names = [known.binder.name for known in panel.published]
    height = _TOP_IN + _ROW_IN * len(names) + _NAMES_IN + _LEGEND_IN
    fig = new_figure(given, height)
    bottom = (_NAMES_IN + _LEGEND_IN) / height
    ax = fig.add_axes((0.135, bottom, 0.855, _ROW_IN * len(names) / height))
    places = _places(panel.positions)
    ax.set_xlim(-0.7, max(places.values()) + 0.7)
    ax.set_ylim(len(names) - 0.5, -0.5)
    _stretches(ax, panel.positions, places, len(names))
    for row in rows:
        _mark(ax, places[row["uniprot_position"]], names.index(row["binder"]), row)
    target = given.structure.target
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks(
        list(places.values()),
        [target.residue_name(p) for p in places],
        rotation=90,
        fontsize=6 if len(places) <= 60 else 4.5,
    )
    ax.tick_params(length=0, pad=3)
    for spine in ax.spines.values():
        spine.set_visible(False)
    _legend(fig, rows)
    return fig


def _places(positions: tuple[int, ...]) -> dict[int, float]:
    """Return the column of each position, with room where the chain is not shown."""
    places: dict[int, float] = {}
    x = 0.0
    for before, position in zip((None, *positions), positions, strict=False):
        x += 0.0 if before is None else 1.0 if position == before + 1 else 1.0 + _BREAK
        places[position] = x
    return places


def _stretches(ax: Axes, positions: tuple[int, ...], places: dict[int, float], rows: int) -> None:
    """Rule the rows along each run of neighbours."""
    for stretch in ranges(positions).split(","):
        first, _, last = stretch.partition("-")
        ends = [places[int(first)] - 0.5, places[int(last or first)] + 0.5]
        for y in range(rows + 1):
            ax.plot(ends, [y - 0.5] * 2, color="#D5D9DF", lw=0.5, zorder=0, clip_on=False)


def _mark(ax: Axes, x: float, y: int, row: dict[str, Any]) -> None:
    """Draw what is known of one binder at one position; hatch the cell where nobody looked."""
    if row["contact"] == row["scan"] == NOT_KNOWN:
        from matplotlib.patches import Rectangle

        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **_HATCH, zorder=-1))
        return
    scan = "indirect" if row["indirect"] else row["scan"]
    if row["contact"] in _CONTACTS and not row["indirect"]:
        ax.plot([x], [y], **(_SIZE | _CONTACTS[row["contact"]][1]), zorder=2)
    if scan in _SCANS:
        ax.plot([x], [y], **(_SIZE | _SCANS[scan][1]), zorder=3)


def _legend(fig: Figure, rows: list[dict[str, Any]]) -> None:
    """Explain the marks that are drawn."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    drawn = {row["contact"] for row in rows} | {"indirect" if row["indirect"] else row["scan"] for row in rows}
    handles: list[Line2D | Patch] = [
        Line2D([], [], label=words, **(_SIZE | {"ms": 6.5} | style))
        for name, (words, style) in (_CONTACTS | _SCANS).items()
        if name in drawn
    ]
    if any(row["contact"] == row["scan"] == NOT_KNOWN for row in rows):
        handles.append(Patch(**_HATCH, label="not looked at"))
    fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.01, 0.0), ncols=4, columnspacing=1.4)
