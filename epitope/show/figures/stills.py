"""A scene on a stage: the molecule as one bitmap, and over it, in the same camera, words and lines.

The bitmap comes from PyMOL or from `epitope.show.figures.flat`; names, leader lines,
distances and the scale bar are matplotlib's, so that SVG and PDF hold them as text. Not for
choosing what is shown; `epitope.show.presets` does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from epitope.show import pymol
from epitope.show.figures import flat
from epitope.show.figures.labels import arrange, leader_end
from epitope.show.figures.registry import FigureInput, drawn_on, new_figure
from epitope.show.molecule import Floats
from epitope.show.palette import Ground, as_text
from epitope.show.presets import composed, with_surface
from epitope.show.scene import Scene, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PIXELS = 2162
"""Width of a bitmap: 183 mm at 300 dots per inch; a column of 89 mm has 600."""
_PIXELS_PER_A, _FINEST = 20, 2.5
"""A picture of the whole has so many pixels or more, that outlines are finer than what they are around; and
at most so many times what is printed."""
_EDGE_PIXELS = 4
_TALLEST, _LOWEST = {1: 1.25, 2: 0.9}, 0.5
"""Height of a picture by the columns that it spans, as a part of its width."""
_NAME_PT, _VALUE_PT, _PAD_PT = 6.0, 5.5, 1.2
_SCALE_BARS_A = (5, 10, 20, 50)


def staged(given: FigureInput, picture: Scene) -> Scene:
    """Return a scene as it is drawn: composed for a still, with the surface that was asked for."""
    picture = with_surface(picture, given.molecule) if given.surface else picture
    return composed(picture, given.molecule, drawn_on())


def still(given: FigureInput, picture: Scene) -> Figure:
    """Draw a scene as a figure of its own, with its legend below."""
    picture = staged(given, picture)
    camera = picture.camera
    share = np.clip(camera.half_height / camera.half_width, _LOWEST, _TALLEST[given.columns])
    drawn = given.width * float(share)
    columns = 2 * given.columns
    below = 0.14 * -(-len(picture.legend) // columns) + 0.1
    fig = new_figure(given, drawn + below)
    ax = fig.add_axes((0, below / (drawn + below), 1, drawn / (drawn + below)))
    stage(ax, given, picture)
    legend(fig, [picture], columns)
    return fig


def stage(ax: Axes, given: FigureInput, picture: Scene, letter: str = "") -> None:
    """Draw a scene, as from `staged`, into axes that already have their size.

    ``letter`` names the panel, in its upper left corner.
    """
    fig = ax.get_figure(root=True)
    assert fig is not None
    width, height = ax.get_position().size * fig.get_size_inches()
    half_width, half_height = picture.camera.window(width / height)
    ax.set_axis_off()
    if given.renderer == "pymol":
        printed = _PIXELS * width / given.width if given.columns == 2 else _PIXELS
        pixels = round(np.clip(2 * half_width * _PIXELS_PER_A, printed, _FINEST * printed))
        seen = _ray_traced(given, picture, pixels, round(pixels * height / width), drawn_on())
        extent = (-half_width, half_width, -half_height, half_height)
        ax.imshow(seen, extent=extent, interpolation="antialiased", zorder=0.5)
    else:
        flat.draw(ax, given.molecule, picture, 72 * height / (2 * half_height), drawn_on().paper)
    ax.set(xlim=(-half_width, half_width), ylim=(-half_height, half_height), aspect="equal")
    _Overlay(ax, given, picture, 72 * height / (2 * half_height), drawn_on(), letter).draw()


def _ray_traced(given: FigureInput, picture: Scene, width: int, height: int, ground: Ground) -> Floats:
    """Return the bitmap of a scene by PyMOL, shape (height, width, 4)."""
    from matplotlib.image import imread

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "still.png"
        pymol.render_png(picture, given.structure, path, width=width, height=height, outline=ground.outline)
        seen = np.array(imread(path))
    # The outlines also run along the edge of the picture, where something is cut by it.
    inside = np.zeros(seen.shape[:2])
    inside[_EDGE_PIXELS:-_EDGE_PIXELS, _EDGE_PIXELS:-_EDGE_PIXELS] = 1
    seen[..., 3] *= inside
    return seen


@dataclass(frozen=True)
class _Word:
    """A text to be placed: what, where it belongs, and how it looks."""

    text: str
    anchor: Floats
    color: str
    size: float
    bold: bool


@dataclass(frozen=True)
class _Overlay:
    """Lines and words over a picture; lengths are points, from the middle of the stage."""

    ax: Axes
    given: FigureInput
    picture: Scene
    points_per_A: float
    ground: Ground
    letter: str = ""

    def draw(self) -> None:
        """Draw everything."""
        scale = np.vstack([self._scale_bar(), self._panel_letter()])
        words = self._words()
        for line in self.picture.lines:
            ends = self.picture.camera.project([line.start, line.end])
            color = line.color
            self.ax.plot(*ends[:, :2].T, color=self.ground.paper, lw=2.0, zorder=2, solid_capstyle="round")
            self.ax.plot(*ends[:, :2].T, color=color, lw=1.0, ls=(0, (2, 1.4)) if line.dashed else "-", zorder=3)
        sizes = np.array([self._size(w) for w in words]).reshape(-1, 2) + 2 * _PAD_PT
        anchors = np.array([w.anchor for w in words]).reshape(-1, 2)
        half = np.array([np.ptp(self.ax.get_xlim()), np.ptp(self.ax.get_ylim())]) / 2 * self.points_per_A
        canvas = np.concatenate([-half, half])
        placed = arrange(anchors, sizes, canvas, self._ink(), scale)
        for word, middle, size in zip(words, placed, sizes, strict=True):
            if not np.isnan(middle[0]):
                self._write(word, middle, size)
        unplaced = int(np.isnan(placed[:, 0]).sum())
        if unplaced:
            self._note(unplaced, scale)

    def _words(self) -> list[_Word]:
        """Return distances, then what matters most, then the other names; only what is in view."""
        project = self.picture.camera.project
        values = [
            _Word(line.text, project([line.middle])[0, :2] * self.points_per_A, self.ground.ink, _VALUE_PT, False)
            for line in self.picture.lines
            if line.text
        ]
        ordered = sorted(self.picture.labels, key=lambda label: not label.prominent)
        names = [
            _Word(
                label.text,
                project([label.position])[0, :2] * self.points_per_A,
                as_text(label.color, self.ground.paper),
                _NAME_PT,
                label.prominent or label.color != self.ground.ink,
            )
            for label in ordered
        ]
        limit = np.array([np.ptp(self.ax.get_xlim()), np.ptp(self.ax.get_ylim())]) / 2 * self.points_per_A
        return [word for word in [*values, *names] if (np.abs(word.anchor) <= limit).all()]

    def _size(self, word: _Word) -> tuple[float, float]:
        """Return width and height of a word in points."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import text_to_path

        font = FontProperties(family="DejaVu Sans", size=word.size, weight="bold" if word.bold else "normal")
        width, height, _ = text_to_path.get_text_width_height_descent(word.text, font, ismath=False)
        return width, max(height, word.size)

    def _ink(self) -> Floats:
        """Return where the molecule is drawn: Cα of ribbons, and all atoms of side chains, which count thrice."""
        m = self.given.molecule
        shown = {(r.selection.chain, t) for r in self.picture.representations for t in r.selection.residues or ("",)}
        out = [np.zeros((0, 2))]
        for atoms in (m.antigen, m.antibody):
            keep = np.array(
                [
                    (str(c), "") in shown or (str(c), f"{n}{str(i).strip()}") in shown
                    for c, n, i in zip(atoms.chains, atoms.numbers, atoms.insertion_codes, strict=True)
                ],
                dtype=bool,
            )
            if keep.any():
                out.append(self.picture.camera.project(atoms.ca[keep])[:, :2])
        sticks = {
            (r.selection.chain, t)
            for r in self.picture.representations
            if r.style in (Style.STICK, Style.SPHERE)
            for t in r.selection.residues or ()
        }
        out += [self.picture.camera.project(xyz)[:, :2] for xyz in flat.atoms_of(m, sticks)]
        found = np.vstack([*out, *out[-len(sticks) :] * 2] if sticks else out)
        return np.asarray(found[~np.isnan(found).any(axis=1)] * self.points_per_A)

    def _write(self, word: _Word, middle: Floats, size: Floats) -> None:
        """Write one word with its leader line."""
        from matplotlib.patheffects import Stroke

        end = leader_end(word.anchor, middle, size - 2 * _PAD_PT + 0.6)
        if np.linalg.norm(end - word.anchor) > 2.0:
            line = np.array([word.anchor, end]) / self.points_per_A
            self.ax.plot(*line.T, color=self.ground.paper, lw=1.4, zorder=4)
            self.ax.plot(*line.T, color=self.ground.ink, lw=0.45, zorder=5)
            self.ax.plot(*line[0], "o", ms=1.5, color=self.ground.ink, mec=self.ground.paper, mew=0.3, zorder=6)
        # The halo is a shape of its own, so that the word above it stays text in SVG and PDF.
        for zorder, effects in ((8, [Stroke(linewidth=1.6, foreground=self.ground.paper)]), (9, None)):
            self.ax.text(
                middle[0] / self.points_per_A,
                middle[1] / self.points_per_A,
                word.text,
                fontsize=word.size,
                ha="center",
                va="center_baseline",
                color=word.color,
                fontweight="bold" if word.bold else "normal",
                path_effects=effects,
                zorder=zorder,
                parse_math=False,
            )

    def _scale_bar(self) -> Floats:
        """Draw a bar of a round length in the lower left corner; return the box that it takes."""
        x0, y0 = self.ax.get_xlim()[0], self.ax.get_ylim()[0]
        width = np.ptp(self.ax.get_xlim())
        length = max((v for v in _SCALE_BARS_A if v <= 0.2 * width), default=_SCALE_BARS_A[0])
        x, y = x0 + 6 / self.points_per_A, y0 + 5 / self.points_per_A
        self.ax.plot([x, x + length], [y, y], color=self.ground.ink, lw=1.2, solid_capstyle="butt", zorder=8)
        self.ax.text(
            x + length / 2, y + 2.5 / self.points_per_A, f"{length} Å", ha="center", va="bottom",
            fontsize=_VALUE_PT, zorder=8,
        )  # fmt: skip
        corner = np.array([x0, y0]) * self.points_per_A
        return np.array([[*corner, *(corner + np.array([length * self.points_per_A + 12, 16]))]])

    def _panel_letter(self) -> Floats:
        """Write the letter of a panel; return the box that it takes, none without a letter."""
        if not self.letter:
            return np.zeros((0, 4))
        x0, y1 = self.ax.get_xlim()[0], self.ax.get_ylim()[1]
        x, y = x0 + 2 / self.points_per_A, y1 - 2 / self.points_per_A
        self.ax.text(x, y, self.letter, fontsize=9, fontweight="bold", va="top", zorder=9)
        left, top = x0 * self.points_per_A, y1 * self.points_per_A
        return np.array([[left, top - 14, left + 12, top]])

    def _note(self, unplaced: int, scale: Floats) -> None:
        """Say how many names found no room, above the scale bar's corner."""
        x, y = scale[0, 0] + 6, scale[0, 3] + 1
        self.ax.text(
            x / self.points_per_A, y / self.points_per_A, f"+{unplaced} not named", fontsize=_VALUE_PT, zorder=8
        )


def legend(fig: Figure, pictures: Sequence[Scene], columns: int) -> None:
    """Say what the colours mean, under the pictures; dashed lines as dashed lines."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dashed = {(line.meaning, line.color) for picture in pictures for line in picture.lines}
    handles = [
        Line2D([], [], color=color, lw=1.1, ls=(0, (2, 1.4)), label=meaning)
        if (meaning, color) in dashed
        else Patch(fc=color, ec="#8A9099", lw=0.3, label=meaning)
        for meaning, color in dict.fromkeys(entry for picture in pictures for entry in picture.legend)
    ]
    fig.legend(handles=handles, loc="lower center", ncols=columns, columnspacing=1.2, labelspacing=0.3)
