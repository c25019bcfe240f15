"""Epitopes of several antibodies along the antigen: a row each, the area that it buries as bars.

Only the stretches that an antibody touches are drawn, residue by residue; a map of the
whole protein above says where they lie. An antibody of which only the sequence is known
has no bars: its row says where it is like the one that it is laid on, and what differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.errors import EpitopeError
from epitope.impact.verdicts.rules.predictions import HOT_SPOT_PROBABILITY
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.figures.tracks import region_bar, strand_track, tail_start
from epitope.show.palette import PALETTE
from epitope.target.positions import ranges

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from epitope.impact.antibodies import Antibody, EpitopeComparison

_JOIN = 8
"""Stretches with fewer residues between them are drawn as one."""
_FLANK = 1
"""Residues drawn on either side of a stretch."""
_BREAK = 1.2
"""Room between two stretches, in residues."""
_LEAST_BAR = 0.03
"""Height that a contact has at least, as a share of the highest bar, so that it is seen."""
_UNTOUCHED = "#C9D0D9"
_ROW_IN, _FLAT_ROW_IN = 0.78, 0.42
"""Heights of a row with bars and of one without, inches."""
_MAP_IN, _NAMES_IN, _LEGEND_IN = 0.62, 0.5, 0.42


@dataclass(frozen=True)
class _Axis:
    """The antigen residues that are drawn, and where."""

    stretches: tuple[tuple[int, int], ...]

    @property
    def place(self) -> dict[int, float]:
        """Where each residue lies on the axis."""
        places, at = {}, 0.0
        for first, last in self.stretches:
            for position in range(first, last + 1):
                places[position] = at
                at += 1
            at += _BREAK
        return places


def draw(given: FigureInput) -> Figure:
    """Draw the barcode of a comparison."""
    found = given.comparison
    if found is None or not found.positions:
        raise EpitopeError("figure barcode: no antibody touches the antigen, so there is nothing to draw")
    axis = _Axis(_stretches(found.positions, len(found.target.sequence)))
    heights = [_ROW_IN if antibody.sequence is None else _FLAT_ROW_IN for antibody in found.antibodies]
    total = _MAP_IN + sum(heights) + _NAMES_IN + _LEGEND_IN
    fig = new_figure(given, total)
    left, width = 0.135, 0.855
    rows, top = [], total - _MAP_IN
    for height in heights:
        top -= height
        rows.append(fig.add_axes((left, top / total, width, 0.86 * height / total)))
    most = max(area for antibody in found.antibodies for area in _buried(antibody).values())
    places = axis.place
    for ax, antibody in zip(rows, found.antibodies, strict=True):
        ax.set_xlim(-0.9, max(places.values()) + 0.9)
        if antibody.sequence is None:
            _bars(ax, found, antibody, axis, most)
        else:
            _likeness(ax, found, antibody, places)
        ax.set_ylabel(_label(antibody), rotation=0, ha="right", va="center", labelpad=6)
        ax.spines["bottom"].set_visible(False)
        ax.set_xticks([])
    _names(rows[-1], found, places)
    _map(fig.add_axes((left, (total - 0.36) / total, width, 0.28 / total)), given, axis, rows[0])
    _legend(fig, found)
    return fig


def _stretches(positions: tuple[int, ...], length: int) -> tuple[tuple[int, int], ...]:
    """Join positions to the stretches that are drawn."""
    found: list[list[int]] = []
    for position in positions:
        if found and position - found[-1][1] <= _JOIN:
            found[-1][1] = position
        else:
            found.append([position, position])
    return tuple((max(first - _FLANK, 1), min(last + _FLANK, length)) for first, last in found)


def _color(found: EpitopeComparison, position: int) -> str:
    """Return the colour of a residue's loop in the first structure, or that of contacts outside the loops."""
    loops = found.antibodies[0].structure.epitope.loops
    return next((PALETTE.loop(i) for i, loop in enumerate(loops) if position in loop), PALETTE.contact)


def _label(antibody: Antibody) -> str:
    """Name a row: the antibody, and what is known of it."""
    known = antibody.structure.id if antibody.sequence is None else "by sequence"
    return antibody.name if known in antibody.name else f"{antibody.name}\n({known})"


def _bars(ax: Axes, found: EpitopeComparison, antibody: Antibody, axis: _Axis, most: float) -> None:
    """Draw what an antibody buries of each residue; contacts in colour, hot spots marked."""
    mine = found.table[found.table["antibody"] == antibody.name]
    chance = dict(zip(mine["uniprot_position"].tolist(), mine["p_hot_spot"].tolist(), strict=True))
    area = _buried(antibody)
    for first, last in axis.stretches:
        ax.plot([axis.place[first] - 0.5, axis.place[last] + 0.5], [0, 0], color=PALETTE.strand, lw=0.6, zorder=1)
    for position, x in axis.place.items():
        if position not in area:
            ax.bar(x, most, width=1.0, fc="none", ec="#A9AEB6", lw=0, hatch="//////", zorder=0)
            continue
        touched = position in antibody.structure.contact_positions
        color = _color(found, position) if touched else _UNTOUCHED
        height = max(area[position], _LEAST_BAR * most if touched else 0.0)
        ax.bar(x, height, width=0.82, color=color, zorder=2)
        if touched and chance[position] >= HOT_SPOT_PROBABILITY:
            ax.plot([x], [height + 0.09 * most], "*", ms=4.2, mew=0, color=PALETTE.ink, zorder=3)
    ax.set_ylim(0, 1.22 * most)
    ax.set_yticks([0, 50, 100] if most >= 100 else [0, 50])
    ax.tick_params(axis="y", labelsize=5.5, pad=1.5)


def _buried(antibody: Antibody) -> dict[int, float]:
    """Return the buried area of each observed residue, Å²."""
    table = antibody.structure.residues
    area = table.loc[table["observed"], ["uniprot_position", "buried_A2"]]
    return dict(zip(area["uniprot_position"].tolist(), area["buried_A2"].tolist(), strict=True))


def _likeness(ax: Axes, found: EpitopeComparison, antibody: Antibody, places: dict[int, float]) -> None:
    """Mark where an antibody known by its sequence meets the same antibody residues, and where another one."""
    for position in antibody.structure.contact_positions:
        x, color = places[position], _color(found, position)
        if position in antibody.same_contacts:
            ax.bar(x, 0.44, bottom=0.44, width=0.82, fc="none", ec=color, lw=0.9)
        elif antibody.related:
            ax.plot([x], [0.66], "x", ms=4.5, mew=1.2, color=PALETTE.ink)
            ax.text(x, 0.36, "\n".join(antibody.opposite[position]), ha="center", va="top", fontsize=5)
        else:
            ax.text(x, 0.66, "?", ha="center", va="center", fontsize=6)
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _names(ax: Axes, found: EpitopeComparison, places: dict[int, float]) -> None:
    """Name the residues that an antibody touches below the last row."""
    ax.set_xticks(
        [places[p] for p in found.positions],
        [found.target.residue_name(p) for p in found.positions],
        rotation=90,
        fontsize=6 if len(places) <= 70 else 4.5,
    )
    ax.tick_params(axis="x", length=0, pad=3)
    for tick, position in zip(ax.get_xticklabels(), found.positions, strict=True):
        tick.set_color(_color(found, position))


def _map(ax: Axes, given: FigureInput, axis: _Axis, first_row: Axes) -> None:
    """Draw the protein above the rows, and lines from each stretch to where it is drawn large."""
    from matplotlib.patches import ConnectionPatch

    m = given.molecule
    length = len(m.structure.target.sequence)
    end = (tail_start(m) or length + 1) - 1
    ax.set_xlim(0, end + 1)
    ax.set_ylim(-0.5, 1.6)
    ax.set_axis_off()
    strand_track(ax, m, 1.2, 0.6)
    region_bar(ax, m, 0.2, 0.6, last=end)
    for first, last in axis.stretches:
        for there, here in ((first - 0.5, axis.place[first] - 0.5), (last + 0.5, axis.place[last] + 0.5)):
            ax.add_artist(
                ConnectionPatch(
                    (there, -0.12), (here, 1.0), coordsA=ax.transData, coordsB=first_row.get_xaxis_transform(),
                    color="#A9AEB6", lw=0.5,
                )
            )  # fmt: skip


def _legend(fig: Figure, found: EpitopeComparison) -> None:
    """Explain colours and marks below the names."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    loops = found.antibodies[0].structure.epitope.loops
    outside = any(not any(p in loop for loop in loops) for p in found.positions)
    handles: list[Patch | Line2D] = [
        *(
            Patch(
                fc=PALETTE.loop(i), label=f"contact, loop {ranges(loop.positions, dash='–', label=found.target.label)}"
            )
            for i, loop in enumerate(loops)
        ),
        *([Patch(fc=PALETTE.contact, label="contact outside the loops")] if outside else []),
        Patch(fc=_UNTOUCHED, label="buried, no contact"),
        Line2D([], [], ls="", marker="*", ms=4.5, color=PALETTE.ink, label="likely hot spot"),
    ]
    if any(antibody.related for antibody in found.antibodies):
        handles.append(Patch(fc="none", ec=PALETTE.ink, lw=0.8, label="same antibody residues opposite"))
        handles.append(Line2D([], [], ls="", marker="x", ms=4, mew=1.2, color=PALETTE.ink, label="one differs"))
    fig.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.125, 0.0), ncols=4, columnspacing=1.2, handlelength=1.0
    )
    fig.text(0.012, 0.02, "bars: buried\narea, Å²", fontsize=6, va="bottom")
