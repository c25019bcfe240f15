"""RNA events on the protein: what each removes, with the loops, disulfides and contacts that go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from epitope.errors import EpitopeError
from epitope.impact.verdicts.model import Verdict
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.figures.tracks import disulfide_arcs, region_bar, shade_unobserved, strand_track, tail_start
from epitope.show.molecule import Molecule
from epitope.show.palette import PALETTE, VERDICT_COLOURS
from epitope.target.model import Isoform

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(given: FigureInput) -> Figure:
    """Draw the reference protein and, below it, the product of each event."""
    m = given.molecule
    events = [i for i in m.structure.target.isoforms if given.isoform.casefold() in ("", i.name.casefold())]
    if not events:
        known = ", ".join(i.name for i in m.structure.target.isoforms)
        if not known:
            raise EpitopeError(
                f"figure isoforms: {m.structure.target.name} has no named RNA events; add [[isoforms]] to its pack"
            )
        raise EpitopeError(f"figure isoforms: no event {given.isoform!r}; choose one of {known}")
    fig = new_figure(given, 0.85 + 0.95 * (1 + len(events)))
    axes = fig.subplots(
        1 + len(events),
        1,
        sharex=True,
        gridspec_kw={
            "left": 0.115,
            "right": 0.985,
            "top": 0.97,
            "bottom": 0.34 / fig.get_size_inches()[1],
            "hspace": 0.05,
        },
    )
    length, tail = len(m.structure.target.sequence), tail_start(m)
    last = min(length, tail + 12) if tail else length
    _product(axes[0], m, None, last)
    for ax, event in zip(axes[1:], events, strict=True):
        _product(ax, m, event, last)
    more = f"; the cytoplasmic part goes on to {length}" if last < length else ""
    axes[-1].set_xlabel(f"{m.structure.target.name} residue{more}")
    axes[-1].xaxis.set_visible(True)
    axes[-1].spines["bottom"].set_visible(True)
    return fig


def _product(ax: Axes, m: Molecule, event: Isoform | None, last: int) -> None:
    """Draw one product: what is left as a bar, what is gone as an outline, broken bonds dashed."""
    from matplotlib.patches import Rectangle

    ax.set_xlim(-2, last)
    ax.set_ylim(-3.4, 3.6)
    ax.yaxis.set_visible(False)
    ax.xaxis.set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    lost = frozenset(range(event.lost_start, event.lost_end + 1)) if event else frozenset()
    region_bar(ax, m, 1.5, 1.2, last=last)
    strand_track(ax, m, 0.15, 0.8)
    shade_unobserved(ax, m, -0.3, 0.6)
    ax.plot(
        [p for p in m.contacts if p not in lost],
        [2.45] * sum(p not in lost for p in m.contacts),
        "|",
        ms=4,
        color=PALETTE.ink,
        mew=0.8,
    )
    if event:
        wine = VERDICT_COLOURS[Verdict.LOST]
        ax.add_patch(
            Rectangle(
                (event.lost_start - 0.5, -0.45),
                len(lost),
                2.62,
                fc="white",
                ec=wine,
                lw=0.8,
                ls=(0, (3, 2)),
                alpha=0.93,
                zorder=4,
            )
        )
        ax.text(
            (event.lost_start + event.lost_end) / 2,
            0.85,
            f"{event.lost_start}–{event.lost_end} lost",
            ha="center",
            va="center",
            color=wine,
            fontsize=7,
            zorder=5,
        )
    disulfide_arcs(ax, m, -0.95, 2.0, broken=lost)
    name = event.name if event else "reference"
    ax.text(-0.012, 0.70, name, transform=ax.transAxes, ha="right", va="center", fontweight="bold")
    gone = sum(p in lost for p in m.contacts)
    note = f"{len(m.contacts) - gone} of {len(m.contacts)}\ncontacts stay" if event else f"{len(m.contacts)} contacts"
    ax.text(-0.012, 0.42, note, transform=ax.transAxes, ha="right", va="center", fontsize=6)
    for i, loop in enumerate(m.structure.epitope.loops):
        fate = "" if event is None else " lost" if set(loop.positions) <= lost else ""
        if not fate:
            ax.text(
                (loop.start + loop.end) / 2,
                2.8,
                m.loop_range(loop),
                ha="center",
                va="bottom",
                fontsize=6,
                color=PALETTE.loop(i),
            )
