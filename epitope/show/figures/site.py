"""Distances around a site: a residue, its neighbours in space, and how complete their side chains are.

By default the example that a paper printed, where the target's pack names one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import EpitopeError
from epitope.impact.verdicts.model import Assessment
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.molecule import Molecule, truth
from epitope.show.palette import PALETTE
from epitope.show.presets import site_positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NEIGHBOURS = 10
_WITHIN_A = 8.0


def draw(given: FigureInput) -> Figure:
    """Draw, for one or two residues, the distances to their nearest neighbours in space."""
    m = given.molecule
    positions = [p for p in positions_of(given) if m.has(p)][:2]
    if not positions:
        raise EpitopeError(
            f"figure site: none of these residues is observed in {m.structure.id}; choose another with site=61"
        )
    narrow = given.columns == 1
    fig = new_figure(given, 2.65 * (len(positions) if narrow else 1))
    inches = fig.get_figheight()
    axes = fig.subplots(
        *((len(positions), 1) if narrow else (1, len(positions))),
        squeeze=False,
        gridspec_kw={
            "left": 0.18 if narrow else 0.09,
            "right": 0.99,
            "top": 1 - 0.371 / inches,
            "bottom": (0.8 if narrow else 0.649) / inches,
            "wspace": 0.28,
            "hspace": 0.4,
        },
    ).ravel()
    for ax, position in zip(axes, positions, strict=True):
        _panel(ax, m, position)
    handles, names = axes[0].get_legend_handles_labels()
    fig.legend(handles, names, loc="lower center", ncols=2 if narrow else 3, handletextpad=0.2)
    return fig


def positions_of(given: FigureInput) -> tuple[int, ...]:
    """Return the residues that were asked for, of the first variant, or of the pack's example."""
    if given.site:
        return given.site
    first = next((r for r in given.assessments if isinstance(r, Assessment) and site_positions(r)), None)
    wanted = site_positions(first) if first is not None else ()
    for site in given.molecule.structure.target.published_sites:
        if not wanted or set(wanted) & set(site.positions):
            return site.positions
    if not wanted:
        raise EpitopeError("figure site: say which residue it is about; give site=61 or a variant")
    return wanted


def _panel(ax: Axes, m: Molecule, position: int) -> None:
    """Draw one residue's neighbours: a bar from nearest atoms to side-chain centroids."""
    near = [p for p, _ in m.neighbours(position, _WITHIN_A, _NEIGHBOURS)]
    for site in m.structure.target.published_sites:
        if position in site.positions:
            partners = [p for p in site.partners if m.has(p)]
            near = [*dict.fromkeys([*near[: _NEIGHBOURS - len(partners)], *partners])]
    smallest = m.distances_from(position)
    centre = m.antigen.side_chain_centroid
    far = {p: float(np.linalg.norm(centre[m.index[position]] - centre[m.index[p]])) for p in near}
    complete = dict(zip(m.table.index, truth(m.table["side_chain_complete"]), strict=True))
    near.sort(key=lambda p: smallest[p])
    for y, other in enumerate(near):
        both = complete[other] and complete[position]
        ax.plot([smallest[other], far[other]], [y, y], color="#C9D0D9", lw=1.6, zorder=1)
        ax.plot(
            smallest[other],
            y,
            "o",
            ms=4,
            color=PALETTE.heavy,
            zorder=2,
            label="nearest heavy atoms" if y == 0 else None,
        )
        ax.plot(
            far[other], y, "D", ms=3.8, mfc=PALETTE.loop(1) if both else "white", mec=PALETTE.loop(1), mew=0.9, zorder=2
        )
        if not np.isnan(far[other]):
            ax.text(far[other] + 0.35, y, f"{far[other]:.1f}", va="center", fontsize=6)
    ax.plot([], [], "D", ms=3.8, color=PALETTE.loop(1), label="side-chain centroids")
    ax.plot([], [], "D", ms=3.8, mfc="white", mec=PALETTE.loop(1), mew=0.9, label="… a side chain is truncated")
    ax.set_yticks(range(len(near)), [m.name(p) for p in near])
    ax.set_ylim(len(near) - 0.4, -0.6)
    ax.set_xlim(0, np.nanmax([*far.values(), 8.0]) + 2.2)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("distance (Å)")
    loop = min(m.distances_from(position)[p] for p in m.contacts) if m.contacts else float("nan")
    ax.set_title(f"{m.name(position)}: RSA {100 * m.number(position, 'rsa_free'):.0f} %, {loop:.1f} Å from the epitope")
