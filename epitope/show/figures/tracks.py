"""The protein as a track: regions, loops, disulfides, strands and what was not seen.

Shared by every figure that has the sequence along its x axis. Draws into axes that it
is given; does not make figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.show.figures.registry import drawn_on
from epitope.show.molecule import Molecule
from epitope.show.palette import PALETTE
from epitope.target.model import Region, RegionKind
from epitope.target.positions import runs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REGION_WORDS: dict[str, tuple[str, ...]] = {
    "signal peptide": ("SP",),
    "transmembrane": ("TM",),
    "cytoplasmic": ("cytoplasmic", "cyt."),
}
"""What stands on a region, the first that fits."""
_REGION_PT = 5.5
_WIDTH_OF_LETTER = 0.55
"""Mean width of a letter as a share of the font size."""
_REGION_COLOURS: dict[str, str] = {
    "signal peptide": "#D9CFC0",
    "extracellular": "#E3E7EC",
    "transmembrane": "#A9B4C2",
    "cytoplasmic": "#F0F1F3",
}


def tail_start(m: Molecule) -> int | None:
    """Return where the cytoplasmic end of the protein begins, ``None`` where none is known or it was observed."""
    last = m.structure.target.regions[-1] if m.structure.target.regions else None
    if last is None or last.kind is not RegionKind.CYTOPLASMIC or last.start <= m.observed[-1]:
        return None
    return last.start


def region_bar(ax: Axes, m: Molecule, y: float, height: float, *, last: float = np.inf) -> None:
    """Draw the regions of the protein as one bar centred on ``y``, with the loops in colour."""
    from matplotlib.patches import Rectangle

    length = len(m.structure.target.sequence)
    for region in m.structure.target.regions or (Region("", 1, length, ""),):
        start, end = region.start - 0.5, min(region.end + 0.5, last)
        if end <= start:
            continue
        color = _REGION_COLOURS.get(region.name, PALETTE.lost)
        ax.add_patch(Rectangle((start, y - height / 2), end - start, height, fc=color, ec="#8A9099", lw=0.5))
        if region.end <= last:
            word = _fitting(ax, _REGION_WORDS.get(region.name, ()), start, end)
            ax.text((start + end) / 2, y, word, ha="center", va="center", fontsize=_REGION_PT, color=PALETTE.ink)
    for i, loop in enumerate(m.structure.epitope.loops):
        ax.add_patch(Rectangle((loop.start - 0.5, y - height / 2), len(loop), height, fc=PALETTE.loop(i), ec="none"))


def _fitting(ax: Axes, words: tuple[str, ...], start: float, end: float) -> str:
    """Return the first word that fits between two positions, "" where none does."""
    (left, _), (right, _) = ax.transData.transform([(start, 0.0), (end, 0.0)])
    points = 72 * (right - left) / ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return next((word for word in words if _WIDTH_OF_LETTER * _REGION_PT * len(word) <= points), "")


def strand_track(ax: Axes, m: Molecule, y: float, height: float) -> None:
    """Draw strands as arrows, helices as bars and the chain as a line; gaps stay open."""
    from matplotlib.patches import FancyArrow, Rectangle

    for run in runs(m.observed):
        ax.plot([run[0] - 0.5, run[-1] + 0.5], [y, y], color=PALETTE.strand, lw=0.7, zorder=1)
    states = m.table["secondary_structure"]
    for kind in ("E", "H"):
        for run in runs([p for p in m.observed if states[p] == kind]):
            start, length = run[0] - 0.5, len(run)
            if kind == "E":
                head = min(2.2, length * 0.6)
                ax.add_patch(
                    FancyArrow(
                        start,
                        y,
                        length,
                        0,
                        width=height * 0.55,
                        head_width=height,
                        head_length=head,
                        length_includes_head=True,
                        fc=PALETTE.strand,
                        ec="none",
                        zorder=2,
                    )
                )
            else:
                ax.add_patch(
                    Rectangle(
                        (start, y - height * 0.35),
                        length,
                        height * 0.7,
                        fc=PALETTE.helix,
                        ec=PALETTE.strand,
                        lw=0.4,
                        zorder=2,
                    )
                )


def shade_unobserved(ax: Axes, m: Molecule, low: float, high: float) -> None:
    """Hatch every stretch between observed residues that has no coordinates."""
    from matplotlib.patches import Rectangle

    for a, b in m.gap_ends():
        ax.add_patch(
            Rectangle((a + 0.5, low), b - a - 1, high - low, fc="none", ec="#A9AEB6", lw=0, hatch="//////", zorder=0)
        )


def disulfide_arcs(ax: Axes, m: Molecule, y: float, depth: float, *, broken: frozenset[int] = frozenset()) -> None:
    """Draw each disulfide as a bracket below ``y``; those with a lost end are dashed."""
    bonds = sorted(m.structure.target.disulfides, key=lambda b: b.second - b.first)
    for i, bond in enumerate(bonds):
        level = y - depth * (i + 1) / len(bonds)
        gone = bool({bond.first, bond.second} & broken)
        ax.plot(
            [bond.first, bond.first, bond.second, bond.second],
            [y, level, level, y],
            color=drawn_on().ink if not gone else PALETTE.unobserved,
            lw=0.8,
            ls=(0, (2.5, 2)) if gone else "-",
            solid_joinstyle="round",
            zorder=1,
        )
        for end in (bond.first, bond.second):
            if end not in broken:
                ax.plot([end], [y], "o", ms=2.6, mfc=PALETTE.disulfide, mec=PALETTE.ink, mew=0.4, zorder=3)


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move ascending places apart until they are ``gap`` from each other, within bounds.

    Parameters
    ----------
    wanted : list of float
        Ascending.
    gap, low, high : float
        In the same unit. When there is not room enough the gap shrinks.

    Examples
    --------
    >>> spread([5.0, 5.0, 5.0], 1.0, 0.0, 10.0)
    [4.0, 5.0, 6.0]
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    groups: list[tuple[list[float], float]] = []
    for place in wanted:
        members, centre = [place], place
        while groups and groups[-1][1] + gap * (len(groups[-1][0]) + len(members)) / 2 > centre:
            before, _ = groups.pop()
            members = before + members
            centre = sum(members) / len(members)
            half = gap * (len(members) - 1) / 2
            centre = min(max(centre, low + half), high - half)
        groups.append((members, min(max(centre, low), high)))
    return [
        round(centre + gap * (i - (len(members) - 1) / 2), 6) for members, centre in groups for i in range(len(members))
    ]
