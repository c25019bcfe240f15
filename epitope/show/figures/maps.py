"""Two maps: distances between residues of the antigen, and contacts of antigen and antibody by type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import EpitopeError
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import CONTACT_COLOURS, PALETTE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STRONGEST = {"salt bridge": "D", "hydrogen bond": "o", "hydrophobic": "s", "van der Waals": "X"}
"""Types and their marks, which are told apart without colour; a pair with several is drawn as the first of these."""
_FAR_A = 40.0


def distance_map(given: FigureInput) -> Figure:
    """Draw the smallest heavy-atom distance between all pairs of observed residues."""
    from matplotlib.patches import Rectangle

    m = given.molecule
    frame = given.structure.distance_matrix("min")
    seen = np.asarray(m.observed)
    first, last = int(seen[0]), int(seen[-1])
    whole = np.full((last - first + 1, last - first + 1), np.nan)
    whole[np.ix_(seen - first, seen - first)] = np.asarray(frame)
    fig = new_figure(given, given.width * 0.86)
    ax = fig.add_axes((0.145, 0.17, 0.655, 0.655 / 0.86))
    ax.set_facecolor("#E9EBEE")
    image = ax.imshow(
        whole,
        origin="lower",
        cmap="cividis_r",
        vmin=0,
        vmax=_FAR_A,
        interpolation="nearest",
        extent=(first - 0.5, last + 0.5, first - 0.5, last + 0.5),
    )
    bonds = [(b.first, b.second) for b in m.structure.target.disulfides]
    ax.plot([b for a, b in bonds], [a for a, b in bonds], "o", ms=4.5, mfc="none", mec=PALETTE.loop(0), mew=1.0)
    ax.plot(bonds[0][1:], bonds[0][:1], "o", ms=0, label="disulfide") if bonds else None
    width = (last - first) * 0.022
    for i, loop in enumerate(m.structure.epitope.loops):
        for place in ((loop.start - 0.5, last + 2), (last + 2, loop.start - 0.5)):
            size = (len(loop), width) if place[0] < last else (width, len(loop))
            ax.add_patch(Rectangle(place, *size, fc=PALETTE.loop(i), ec="none", clip_on=False))
        ax.text(
            (loop.start + loop.end) / 2,
            last + 4 + width,
            m.loop_range(loop),
            ha="center",
            va="bottom",
            fontsize=5.5,
            color=PALETTE.loop(i),
        )
    ticks = list(range(50, last, 50))
    names = [m.structure.target.label(tick) for tick in ticks]
    ax.set_xticks(ticks, names)
    ax.set_yticks(ticks, names)
    ax.set_xlabel(f"{m.structure.target.name} residue")
    ax.set_ylabel(f"{m.structure.target.name} residue")
    bar = fig.colorbar(image, cax=fig.add_axes((0.84, 0.17, 0.028, 0.655 / 0.86)), extend="max")
    bar.set_label("smallest heavy-atom distance (Å)", labelpad=2)
    bar.outline.set_linewidth(0.5)
    fig.text(0.12, 0.02, "○ disulfide;  grey: not observed", fontsize=5.8, color=PALETTE.neighbour)
    return fig


def contact_map(given: FigureInput) -> Figure:
    """Draw the residue pairs of antigen and antibody within 4 Å, by type, with atom pairs as size."""
    m = given.molecule
    found = given.structure.interface
    if found is None or not m.contacts:
        raise EpitopeError(
            f"figure contact-map: no {given.structure.complex.roles.word} touches {m.structure.target.name} in "
            f"{m.structure.id}; load a complex with one"
        )
    close: pd.DataFrame = found.contacts[found.contacts["atom_pairs_4A"] > 0]
    rows = close.drop_duplicates("antibody_label")
    rows = rows.sort_values(["antibody_chain", "antibody_number", "antibody_insertion_code"])
    labels = rows["antibody_label"].tolist()
    place = {label: i for i, label in enumerate(labels)}
    columns = {p: i for i, p in enumerate(m.contacts)}
    fig = new_figure(given, 0.155 * len(labels) + 1.35)
    height = fig.get_size_inches()[1]
    ax = fig.add_axes((0.19, 0.62 / height, 0.60, 1 - 1.05 / height))
    for i in range(len(labels)):
        ax.axhline(i, color="#ECEEF1", lw=0.6, zorder=0)
    for i in range(len(columns)):
        ax.axvline(i, color="#ECEEF1", lw=0.6, zorder=0)
    kinds = [next((k for k in _STRONGEST if k in types), "van der Waals") for types in close["types"]]
    for kind, mark in _STRONGEST.items():
        mine = close[[k == kind for k in kinds]]
        if mine.empty:
            continue
        ax.scatter(
            [columns[int(p)] for p in mine["antigen_position"]],
            [place[label] for label in mine["antibody_label"]],
            s=10 + 6.0 * mine["atom_pairs_4A"].to_numpy(dtype=float),
            color=CONTACT_COLOURS[kind.lower()],
            marker=mark,
            edgecolor="white",
            linewidth=0.4,
            label=kind,
            zorder=2,
        )
    contact_axes(ax, given, labels, rows, columns)
    legend = ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), title="strongest type", alignment="left")
    legend.get_title().set_fontsize(6.5)
    for handle in legend.legend_handles:
        handle.set_sizes([28])  # type: ignore[union-attr]
    sizes = [ax.scatter([], [], s=10 + 6.0 * n, color="#A7AEB8", label=str(n)) for n in (1, 5, 15)]
    second = ax.legend(
        handles=sizes, loc="lower left", bbox_to_anchor=(1.02, 0.0), title="atom pairs ≤ 4 Å", alignment="left"
    )
    second.get_title().set_fontsize(6.5)
    ax.add_artist(legend)
    return fig


def contact_axes(ax: Axes, given: FigureInput, labels: list[str], rows: pd.DataFrame, columns: dict[int, int]) -> None:
    """Name residues on both axes, antibody residues with their CDR, antigen residues in the colour of their loop."""
    m = given.molecule
    ax.set_xlim(-0.7, len(columns) - 0.3)
    ax.set_ylim(len(labels) - 0.3, -0.7)
    ax.set_xticks(range(len(columns)), [m.name(p) for p in columns], rotation=90)
    cdrs = rows["cdr"].str.replace("CDR-", "").str.replace("framework", "FR")
    ax.set_yticks(range(len(labels)), [f"{c}  {label}".strip() for c, label in zip(cdrs, labels, strict=True)])
    for tick, chain in zip(ax.get_yticklabels(), rows["antibody_chain"], strict=True):
        tick.set_color(PALETTE.heavy if chain in given.structure.complex.heavy_chains else PALETTE.light_text)
    for tick, position in zip(ax.get_xticklabels(), columns, strict=True):
        number = next((i for i, lp in enumerate(m.structure.epitope.loops) if position in lp), None)
        tick.set_color(PALETTE.contact if number is None else PALETTE.loop(number))
    for i, loop in enumerate(m.structure.epitope.loops):
        inside = [columns[p] for p in columns if p in loop]
        if inside:
            ax.plot(
                [min(inside) - 0.35, max(inside) + 0.35],
                [-1.0, -1.0],
                color=PALETTE.loop(i),
                lw=2,
                clip_on=False,
                solid_capstyle="butt",
            )
            ax.text(
                (min(inside) + max(inside)) / 2,
                -1.25,
                m.loop_range(loop),
                ha="center",
                va="bottom",
                fontsize=6,
                color=PALETTE.loop(i),
            )
    ax.tick_params(length=0)
    ax.set_ylabel(f"{m.structure.complex.roles.word} residue{', by CDR' if cdrs.any() else ''}", labelpad=8)
    ax.set_xlabel(f"{m.structure.target.name} residue")
