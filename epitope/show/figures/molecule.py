"""Flat drawings of a scene: the chain as a ribbon, near parts in front, far parts paler.

For print, and for readers without WebGL. A viewer's ray-traced picture is better where
one is at hand (`epitope.show.pymol`); this one needs matplotlib alone and never fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.secondary_structure import secondary_structure
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.molecule import Floats, Molecule
from epitope.show.palette import PALETTE
from epitope.show.presets import scene
from epitope.show.scene import Scene, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STEPS = 6
"""Points of the smooth curve between two residues."""
_WIDTH_PT = {"E": 3.4, "H": 3.4, "-": 1.5, "": 1.5}
_TRACE_STYLES = (Style.CARTOON,)


@dataclass(frozen=True)
class _Trace:
    """The smooth path of one chain piece, with residue index per point."""

    points: Floats
    residue: np.ndarray


def overview(given: FigureInput) -> Figure:
    """Draw the whole complex."""
    return _flat(given, scene(given.structure, "overview", given.assessments))


def epitope(given: FigureInput) -> Figure:
    """Draw the epitope with its contact residues."""
    return _flat(given, scene(given.structure, "epitope"))


def isoform(given: FigureInput) -> Figure:
    """Draw what an RNA event removes, the first of the target where none is named."""
    return _flat(given, scene(given.structure, "isoform", isoform=given.isoform))


def _flat(given: FigureInput, picture: Scene) -> Figure:
    """Draw a scene as a flat picture of its camera's proportions."""
    camera = picture.camera
    half_width = max(camera.half_width, 0.62 * camera.half_height)
    half_height = max(camera.half_height, 0.62 * camera.half_width)
    legend_rows = (len(picture.legend) + 1) // 2
    drawn = given.width * half_height / half_width
    fig = new_figure(given, drawn + 0.14 * legend_rows + 0.1)
    share = drawn / fig.get_size_inches()[1]
    ax = fig.add_axes((0, 1 - share, 1, share))
    ax.set_axis_off()
    ax.set_xlim(-half_width, half_width)
    ax.set_ylim(-half_height, half_height)
    ax.set_aspect("equal")
    m = given.molecule
    ax.set_rasterization_zorder(1)
    _ribbons(ax, [m.antigen, m.antibody], picture)
    _sticks(ax, m, picture)
    _lines_and_labels(ax, picture, half_width, half_height)
    _legend(fig, picture)
    return fig


def _ribbons(ax: Axes, partners: list[ResidueAtoms], picture: Scene) -> None:
    """Draw all chains as depth-sorted lines: the solid ones outlined, the translucent ones bare."""
    from matplotlib.collections import LineCollection

    pieces = [_pieces(atoms, picture) for atoms in partners if len(atoms)]
    segments, depth, width, color, alpha = (np.concatenate(part) for part in zip(*pieces, strict=True))
    reach = max(picture.camera.half_height, picture.camera.half_width)
    fade = np.clip(0.28 - depth / (2.2 * reach), 0.0, 0.6)[:, None]
    shaded = color * (1 - fade) + fade
    outline = np.clip(shaded * 0.6, 0, 1)
    order = np.argsort(depth, kind="stable")
    # Outline and fill alternate in slices of depth, so that near parts hide far ones.
    for part in np.array_split(order, max(1, len(order) // _SLICE)):
        solid, clear = part[alpha[part] >= 1], part[alpha[part] < 1]
        for rows, tint, extra, cap in (
            (clear, np.column_stack([shaded, alpha]), 0.0, "butt"),
            (solid, outline, 1.0, "butt"),
            (solid, shaded, 0.0, "round"),
        ):
            if len(rows):
                lines = LineCollection(
                    list(segments[rows]), colors=tint[rows], linewidths=width[rows] + extra, capstyle=cap, zorder=0.5
                )
                ax.add_collection(lines)


_SLICE = 80
"""Segments per slice of depth."""


def _pieces(atoms: ResidueAtoms, picture: Scene) -> tuple[np.ndarray, ...]:
    """Return the ribbon of one partner in pieces: ends, depth, width, colour and opacity of each."""
    colors, alphas = _residue_colors(atoms, picture)
    states = secondary_structure(atoms)
    widths = np.array([_WIDTH_PT.get(str(state), 1.5) for state in states])
    rgb = np.array([_rgb(color) for color in colors])
    out: list[tuple[np.ndarray, ...]] = []
    for trace in _traces(atoms, states):
        seen = picture.camera.project(trace.points)
        residue = trace.residue[:-1]
        keep = alphas[residue] > 0
        ends = np.stack([seen[:-1, :2], seen[1:, :2]], axis=1)
        middle = (seen[:-1, 2] + seen[1:, 2]) / 2
        out.append((ends[keep], middle[keep], widths[residue][keep], rgb[residue][keep], alphas[residue][keep]))
    if not out:
        return np.empty((0, 2, 2)), np.empty(0), np.empty(0), np.empty((0, 3)), np.empty(0)
    return tuple(np.concatenate(part) for part in zip(*out, strict=True))


def _traces(atoms: ResidueAtoms, states: np.ndarray) -> list[_Trace]:
    """Return a smooth path through the Cα of each unbroken piece; strands are straightened first."""
    from scipy.interpolate import CubicSpline

    ca = atoms.ca.copy()
    smooth = ca.copy()
    for i in range(1, len(ca) - 1):
        if states[i] == "E" and atoms.bonded_to_previous[i] and atoms.bonded_to_previous[i + 1]:
            smooth[i] = 0.25 * ca[i - 1] + 0.5 * ca[i] + 0.25 * ca[i + 1]
    starts = np.flatnonzero(~atoms.bonded_to_previous)
    out = []
    for start, end in zip(starts, [*starts[1:], len(ca)], strict=True):
        piece = smooth[start:end]
        known = ~np.isnan(piece).any(axis=1)
        if known.sum() < 3:
            continue
        at = np.flatnonzero(known)
        fine = np.linspace(at[0], at[-1], int(at[-1] - at[0]) * _STEPS + 1)
        out.append(_Trace(CubicSpline(at, piece[known])(fine), start + np.minimum(np.round(fine).astype(int), at[-1])))
    return out


def _residue_colors(atoms: ResidueAtoms, picture: Scene) -> tuple[list[str], np.ndarray]:
    """Return colour and opacity of each residue's ribbon, later representations over earlier ones."""
    colors = [PALETTE.antigen] * len(atoms)
    alphas = np.zeros(len(atoms))
    tokens = [
        (str(c), f"{n}{str(i).strip()}")
        for c, n, i in zip(atoms.chains, atoms.numbers, atoms.insertion_codes, strict=True)
    ]
    for item in picture.representations:
        if item.style not in _TRACE_STYLES:
            continue
        wanted = None if item.selection.residues is None else set(item.selection.residues)
        for i, (chain, token) in enumerate(tokens):
            if chain == item.selection.chain and (wanted is None or token in wanted):
                colors[i], alphas[i] = item.color, item.opacity
    return colors, alphas


def _sticks(ax: Axes, m: Molecule, picture: Scene) -> None:
    """Draw side chains as their centroid joined to Cα, and variant sites as discs."""
    for atoms in (m.antigen, m.antibody):
        if not len(atoms):
            continue
        place = {
            (str(c), f"{n}{str(i).strip()}"): k
            for k, (c, n, i) in enumerate(zip(atoms.chains, atoms.numbers, atoms.insertion_codes, strict=True))
        }
        for item in picture.representations:
            if item.style not in (Style.STICK, Style.SPHERE) or not item.selection.residues:
                continue
            rows = [
                place[(item.selection.chain, t)] for t in item.selection.residues if (item.selection.chain, t) in place
            ]
            for k in rows:
                ca = picture.camera.project(atoms.ca[k][None])[0]
                tip = picture.camera.project(atoms.side_chain_centroid[k][None])[0]
                if item.style is Style.SPHERE:
                    ax.plot(ca[0], ca[1], "o", ms=5, mfc=item.color, mec="white", mew=0.5, zorder=5)
                elif not np.isnan(tip).any():
                    ax.plot([ca[0], tip[0]], [ca[1], tip[1]], color=item.color, lw=1.1, zorder=3)
                    ax.plot(tip[0], tip[1], "o", ms=2.4, color=item.color, mec=PALETTE.ink, mew=0.25, zorder=4)


def _lines_and_labels(ax: Axes, picture: Scene, half_width: float, half_height: float) -> None:
    """Draw gaps and distances, and labels pushed apart."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=1.6, foreground="white")]
    for line in picture.lines:
        a, b = picture.camera.project([line.start, line.end])[:, :2]
        ax.plot([a[0], b[0]], [a[1], b[1]], color=line.color, lw=0.9, ls=(0, (2, 1.6)), zorder=2)
        if line.text:
            middle = (a + b) / 2
            ax.text(
                middle[0],
                middle[1],
                line.text,
                fontsize=5.5,
                ha="center",
                va="center",
                path_effects=halo,
                zorder=7,
                parse_math=False,
            )
    if not picture.labels:
        return
    seen = picture.camera.project([label.position for label in picture.labels])
    placed: list[tuple[float, float, float]] = []
    per_point = 2 * half_height / (ax.get_figure().get_size_inches()[1] * 72 * ax.get_position().height)  # type: ignore[union-attr]
    high = 7.2 * per_point
    for i in sorted(range(len(seen)), key=lambda i: (-seen[i, 1], seen[i, 0])):
        label = picture.labels[i]
        half = 1.9 * per_point * len(label.text) + 2 * per_point
        x = float(np.clip(seen[i, 0], -half_width + half, half_width - half))
        y = float(seen[i, 1])
        for other_x, other_y, other_half in sorted(placed, key=lambda box: -box[1]):
            if abs(x - other_x) < half + other_half and abs(y - other_y) < high:
                y = other_y - high
        placed.append((x, y, half))
        if abs(y - seen[i, 1]) > 0.6 * high:
            ax.plot([seen[i, 0], x], [seen[i, 1], y], color=label.color, lw=0.4, zorder=5)
        ax.text(
            x,
            y,
            label.text,
            fontsize=6,
            ha="center",
            va="center",
            color=label.color,
            fontweight="bold",
            path_effects=halo,
            zorder=8,
            parse_math=False,
        )


def _legend(fig: Figure, picture: Scene) -> None:
    """Say what the colours mean, under the picture."""
    from matplotlib.patches import Patch

    handles = [Patch(fc=color, ec="#8A9099", lw=0.3, label=meaning) for meaning, color in picture.legend]
    fig.legend(handles=handles, loc="lower center", ncols=2, columnspacing=1.2, handlelength=1.0, labelspacing=0.3)


def _rgb(color: str) -> tuple[float, float, float]:
    """Return ``#RRGGBB`` as fractions."""
    value = color.lstrip("#")
    return (int(value[:2], 16) / 255, int(value[2:4], 16) / 255, int(value[4:], 16) / 255)
