"""A trajectory on paper: quantities over time, contacts by occupancy, fluctuation along the sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import EpitopeError
from epitope.show.figures.maps import contact_axes
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from epitope.features.dynamics import Dynamics

RARE = 0.05
"""Contacts of a smaller share of the frames are counted in the map, not drawn."""
_PANEL_IN, _TOP_IN, _BOTTOM_IN = 0.78, 0.12, 0.42
_PS_PER_NS = 1000.0
_COLOURS = (PALETTE.heavy, *PALETTE.loops, PALETTE.glycan, PALETTE.neighbour)
_MANY = 4
"""From so many lines the legend is written smaller."""


def draw(given: FigureInput) -> Figure:
    """Draw what was measured of each frame, one panel for each kind of quantity, with means and their errors."""
    found = _dynamics(given)
    panels = [(title, lines) for title, lines in _panels(found) if lines]
    height = _PANEL_IN * len(panels) + _TOP_IN + _BOTTOM_IN
    fig = new_figure(given, height)
    x, label = _axis(found)
    for i, (title, lines) in enumerate(panels):
        bottom = (_BOTTOM_IN + _PANEL_IN * (len(panels) - 1 - i)) / height
        ax = fig.add_axes((0.085, bottom, 0.59, (_PANEL_IN - 0.1) / height))
        _panel(ax, found, x, lines)
        ax.set_ylabel(title)
        ax.yaxis.set_label_coords(-0.088, 0.5)
        if i < len(panels) - 1:
            ax.set_xticklabels([])
        else:
            ax.set_xlabel(label)
    words = "± standard error by blocks of frames,\n± > where it has no plateau: too few frames"
    fig.text(0.985, 0.06 / height, words, fontsize=5.4, color=PALETTE.neighbour, ha="right", va="bottom")
    return fig


def _dynamics(given: FigureInput) -> Dynamics:
    found = given.dynamics
    assert found is not None
    return found


def _axis(found: Dynamics) -> tuple[np.ndarray[Any, Any], str]:
    """Return where each stretch of frames stands on the x axis, and what that is."""
    time = found.course["time_ps"].to_numpy(dtype=float)
    if np.isfinite(time).all() and len(time) > 1 and time[-1] > time[0]:
        return (time / _PS_PER_NS, "time (ns)") if time[-1] >= _PS_PER_NS else (time, "time (ps)")
    return found.course["frame"].to_numpy(dtype=float), "frame"


def _panels(found: Dynamics) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return title and lines, each a column with its name, of every panel."""
    target, columns = found.structure.target, list(found.summary["quantity"])

    def pair(column: str) -> str:
        first, second = (int(part) for part in column.split("_")[1:3])
        return f"{target.residue_name(first)}–{target.residue_name(second)}"

    word = found.structure.complex.roles.word
    loops = {
        f"min_distance_loop_{loop.start}_{loop.end}_A": f"{loop.name} to {word}"
        for loop in found.structure.epitope.loops
    }
    rmsd = {"antigen_rmsd_A": "antigen", "epitope_rmsd_A": "epitope", "antibody_rmsd_A": word}
    area = {"buried_antigen_A2": "of the antigen", "buried_antibody_A2": f"of the {word}"}
    number = {"contact_pairs": "pairs ≤ 4 Å", "contact_residues": "antigen residues"}
    lost = [name for name in columns if name.startswith(("binding_lost_", "fold_lost_"))]

    def known(names: dict[str, str]) -> list[tuple[str, str]]:
        return [(name, words) for name, words in names.items() if name in columns]

    return [
        ("Cα RMSD (Å)", known(rmsd)),
        ("loops (Å)", known(loops)),
        ("contacts", known(number)),
        ("kept", known({"first_contacts_kept": "of the first pairs"})),
        ("buried (Å²)", known(area)),
        ("S–S (Å)", [(name, pair(name)) for name in columns if name.startswith("ss_")]),
        ("χ3 (°)", [(name, pair(name)) for name in columns if name.startswith("chi3_")]),
        ("centroids (Å)", [(name, pair(name)) for name in columns if name.startswith("centroid_")]),
        ("lost", [(name, name.replace("_lost_", ", ")) for name in lost]),
    ]


def _panel(ax: Axes, found: Dynamics, x: np.ndarray[Any, Any], lines: list[tuple[str, str]]) -> None:
    """Draw lines with the range of each stretch of frames, and the mean with its error behind them."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(ax.transAxes, ax.transData)
    for i, (name, words) in enumerate(lines):
        colour = _COLOURS[i % len(_COLOURS)]
        measured = np.isfinite(found.course[name].to_numpy(dtype=float))
        mean, low, high = (t[name].to_numpy(dtype=float)[measured] for t in (found.course, found.low, found.high))
        ax.fill_between(x[measured], low, high, color=colour, alpha=0.22, lw=0)
        ax.plot(x[measured], mean, color=colour, lw=0.8, marker="." if measured.sum() == 1 else None)
        row = found.quantity(name)
        if not np.isfinite(row["mean"]):
            continue
        ax.plot([], [], color=colour, label=f"{words}  {_with_error(row['mean'], row['error'], row['plateau'])}")
        ax.errorbar(
            [1.015], [row["mean"]], yerr=[np.nan_to_num(row["error"])], fmt="_", ms=5, color=colour, lw=1.0,
            transform=beside, clip_on=False,
        )  # fmt: skip
    if len(x) > 1:
        ax.set_xlim(x[0], x[-1])
    ax.legend(loc="center left", bbox_to_anchor=(1.03, 0.5), fontsize=5.4 if len(lines) >= _MANY else 6.2,
              labelspacing=0.2, handlelength=0.8)  # fmt: skip


def _with_error(mean: float, error: float, plateau: bool) -> str:
    """Write a mean with its error, to two digits of it."""
    if not np.isfinite(error):
        return f"{mean:.2f}"
    decimals = min(max(1 - int(np.floor(np.log10(error))), 0), 3) if error > 0 else 2
    return f"{mean:.{decimals}f} ±{'' if plateau else ' >'} {error:.{decimals}f}"


def occupancy(given: FigureInput) -> Figure:
    """Draw the pairs of residues in contact, in shades of the share of frames in which they are."""
    found = _dynamics(given)
    word = found.structure.complex.roles.word
    often = found.contacts[found.contacts["occupancy_4A"] >= RARE]
    if often.empty:
        raise EpitopeError(f"figure occupancy: no contact of antigen and {word} is there in {RARE:.0%} of the frames")
    antibody = found.structure.antibody_atoms
    assert antibody is not None
    order = {label: i for i, label in enumerate(antibody.labels.tolist())}
    rows = often.drop_duplicates("antibody_label").sort_values("antibody_label", key=lambda names: names.map(order))
    rows = rows.assign(antibody_chain=rows["antibody_label"].str.partition(":")[0])
    labels = rows["antibody_label"].tolist()
    columns = {p: i for i, p in enumerate(sorted(set(often["antigen_position"].astype(int))))}
    shares = np.full((len(labels), len(columns)), np.nan)
    place = {label: i for i, label in enumerate(labels)}
    for position, label, share in zip(
        often["antigen_position"], often["antibody_label"], often["occupancy_4A"], strict=True
    ):
        shares[place[label], columns[int(position)]] = share
    fig = new_figure(given, 0.155 * len(labels) + 1.47)
    height = fig.get_size_inches()[1]
    ax = fig.add_axes((0.19, 0.74 / height, 0.66, 1 - 1.17 / height))
    image = ax.imshow(shares, cmap="cividis_r", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    contact_axes(ax, given, labels, rows, columns)
    bonded = often[often["hydrogen_bond"] + often["salt_bridge"] >= 0.5]
    ax.plot(
        [columns[int(p)] for p in bonded["antigen_position"]],
        [place[label] for label in bonded["antibody_label"]],
        "o", ms=2.6, mfc=PALETTE.paper, mec=PALETTE.ink, mew=0.5,
    )  # fmt: skip
    bar = fig.colorbar(image, cax=fig.add_axes((0.885, 0.74 / height, 0.022, 1 - 1.17 / height)))
    bar.set_label("share of frames within 4 Å", labelpad=2)
    bar.outline.set_linewidth(0.5)
    rest = len(found.contacts) - len(often)
    count = f"{rest} pairs seen in fewer than {RARE:.0%} of the frames are left out" if rest else ""
    fig.text(
        0.19, 0.01, f"○ hydrogen bond or salt bridge in half of the frames   {count}", fontsize=5.8,
        color=PALETTE.neighbour,
    )  # fmt: skip
    return fig


def fluctuations(given: FigureInput) -> Figure:
    """Draw the fluctuation of each residue along antigen and antibody, with loops and CDRs in colour."""
    found = _dynamics(given)
    table, m = found.fluctuations, given.molecule
    antigen = table[table["side"] == "antigen"]
    antibody = table[table["side"] == "antibody"].reset_index(drop=True)
    panels = 2 if len(antibody) else 1
    height = 1.15 * panels + 0.5
    fig = new_figure(given, height)
    top = float(table["rmsf_A"].max()) * 1.12 or 1.0
    ax = fig.add_axes((0.075, 1 - 1.05 / height, 0.905, 0.85 / height))
    _fluctuation(ax, antigen["position"].to_numpy(dtype=float), antigen["rmsf_A"].to_numpy(dtype=float), top)
    for i, loop in enumerate(found.structure.epitope.loops):
        ax.axvspan(loop.start - 0.5, loop.end + 0.5, color=PALETTE.loop(i), alpha=0.25, lw=0)
        ax.text((loop.start + loop.end) / 2, top, m.loop_range(loop), ha="center", va="bottom", fontsize=5.5,
                color=PALETTE.loop(i))  # fmt: skip
    ax.set_xlabel(f"{found.structure.target.name} residue", labelpad=1)
    if panels == 2:
        below = fig.add_axes((0.075, 0.42 / height, 0.905, 0.85 / height))
        _binder_fluctuation(below, antibody, found, top)
    return fig


def _fluctuation(ax: Axes, x: np.ndarray[Any, Any], rmsf: np.ndarray[Any, Any], top: float) -> None:
    """Draw one line, open where residues are missing."""
    breaks = np.flatnonzero(np.diff(x) > 1) + 1
    ax.plot(np.insert(x, breaks, np.nan), np.insert(rmsf, breaks, np.nan), color=PALETTE.ink, lw=0.8)
    ax.set_xlim(x[0] - 1, x[-1] + 1)
    ax.set_ylim(0, top)
    ax.set_ylabel("Cα RMSF (Å)")


def _binder_fluctuation(ax: Axes, table: Any, found: Dynamics, top: float) -> None:
    """Draw the antibody, chain after chain, with its CDRs."""
    chains = table["label"].str.partition(":")[0]
    x = np.arange(len(table), dtype=float) + 4.0 * (chains != chains.shift()).cumsum().to_numpy()
    _fluctuation(ax, x, table["rmsf_A"].to_numpy(dtype=float), top)
    heavy = found.structure.complex.heavy_chains
    for region in [name for name in table["region"].unique() if str(name).startswith("CDR")]:
        mine = x[(table["region"] == region).to_numpy()]
        chain = chains[(table["region"] == region)].iloc[0]
        colour = PALETTE.heavy if chain in heavy else PALETTE.light_text
        ax.axvspan(mine[0] - 0.5, mine[-1] + 0.5, color=colour, alpha=0.2, lw=0)
        ax.text(mine.mean(), top, str(region).removeprefix("CDR-"), ha="center", va="bottom", fontsize=5.5,
                color=colour)  # fmt: skip
    for chain in chains.unique():
        ax.text(x[(chains == chain).to_numpy()].mean(), -0.09 * top, f"chain {chain}", ha="center", va="top")
    ax.set_xticks([])
    ax.set_xlabel(f"{found.structure.complex.roles.word} residue, in order", labelpad=12)
