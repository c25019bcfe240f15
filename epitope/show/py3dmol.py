"""A `Scene` for 3Dmol.js: in a notebook through py3Dmol, in the report as JSON.

Both go through `instructions`, so that notebook and report draw the same picture. Not
for finding the viewer script; see `epitope.show.viewer`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from epitope.errors import MissingDependencyError
from epitope.show.palette import PALETTE, ink_on
from epitope.show.scene import Camera, Label, Line, Point, Representation, Scene, Selection, Style

if TYPE_CHECKING:
    import numpy as np
    import py3Dmol
    from numpy.typing import NDArray

_CAMERA_Z = 150.0
"""Distance of 3Dmol.js' camera from the origin, its default."""
_FIELD_OF_VIEW_DEG = 20.0
"""Vertical field of view of 3Dmol.js, its default."""
SLAB = (-130.0, 190.0)
"""Clipping planes in Å before and behind the centre; their span also sets how fast fog thickens."""
_STICK_RADIUS_A = 0.22
_SPHERE_RADIUS_A = 1.5
_LINE_RADIUS_A = 0.1


def instructions(scene: Scene) -> dict[str, Any]:
    """Return the scene as plain data that a few lines of JavaScript can replay.

    Parameters
    ----------
    scene : Scene
        What to draw.

    Returns
    -------
    dict
        ``styles`` and ``surfaces`` as ``[selection, style]``, ``labels`` as ``[text, options,
        uniprot_position]``, ``lines`` as cylinder specifications, ``camera`` with centre,
        quaternion and half extents, ``legend``, ``title``, ``description`` and ``name``.
    """
    drawn = [r for r in scene.representations if r.style is not Style.SURFACE]
    surfaces = [r for r in scene.representations if r.style is Style.SURFACE]
    camera = scene.camera
    shifts = iter(_apart(_texts(scene), camera))
    return {
        "name": scene.name,
        "title": scene.title,
        "description": scene.description,
        "styles": [[s, _style(r)] for r in drawn for s in selections(r.selection)],
        "surfaces": [[s, {"color": r.color, "opacity": r.opacity}] for r in surfaces for s in selections(r.selection)],
        "labels": [_label(label, next(shifts)) for label in scene.labels],
        "lines": [_line(line, next(shifts) if line.text else (0, 0)) for line in scene.lines],
        "camera": {
            "centre": list(camera.centre),
            "quaternion": list(camera.quaternion),
            "half": [camera.half_width, camera.half_height],
        },
        "slab": list(SLAB),
        "legend": [list(entry) for entry in scene.legend],
        "focus": list(scene.focus),
    }


def selections(selection: Selection) -> list[dict[str, Any]]:
    """Return a selection in 3Dmol.js' terms; residues with insertion codes need their own.

    Examples
    --------
    >>> selections(Selection("A", ("97", "98", "52A")))
    [{'chain': 'A', 'resi': ['97-98']}, {'chain': 'A', 'resi': ['52'], 'icode': 'A'}]
    """
    base: dict[str, Any] = {"chain": selection.chain}
    if selection.atoms:
        base["atom"] = list(selection.atoms)
    if selection.residues is None:
        return [base]
    plain, out = [], []
    for first, last in selection.spans():
        if first[-1].isalpha():
            out.append(base | {"resi": [first[:-1]], "icode": first[-1]})
        else:
            plain.append(first if first == last else f"{first}-{last}")
    return ([base | {"resi": plain}] if plain else []) + out


def _style(representation: Representation) -> dict[str, Any]:
    """Return a representation as a 3Dmol.js style."""
    r = representation
    match r.style:
        case Style.CARTOON:
            style: dict[str, Any] = {"color": r.color, "arrows": True}
            return {"cartoon": style | ({"opacity": r.opacity} if r.opacity < 1 else {})}
        case Style.SPHERE:
            return {"sphere": {"color": r.color, "radius": _SPHERE_RADIUS_A, "opacity": r.opacity}}
        case _:
            kind = {"colorscheme": _by_element(r.color)} if r.by_element else {"color": r.color}
            return {"stick": kind | {"radius": _STICK_RADIUS_A}}


def _by_element(carbon: str) -> dict[str, Any]:
    """Return a colour scheme with carbon in the given colour and the usual N, O and S."""
    return {"prop": "elem", "map": {"C": carbon, "N": "#3B5BA9", "O": "#C8443C", "S": PALETTE.disulfide}}


_CANVAS_PX = (440.0, 520.0)
"""Width and height of a usual canvas, for judging which texts would overlap."""
_REACH_PX = (98, 140)
"""How far a text may move from what it names, sideways and up or down."""
_NAMED, _PLAIN, _MEASURED = 13, 11, 10
"""Font sizes of variant names, residue names and distances."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text at a place, to be moved so that it covers no other; lower ``rank`` is placed first."""

    text: str
    position: Point
    font_px: int
    rank: int

    @property
    def half(self) -> tuple[float, float]:
        """Half of the width and height of its box in pixels."""
        return 0.28 * self.font_px * len(self.text) + 6, 0.5 * self.font_px + 5


def _apart(texts: Sequence[_Text], camera: Camera) -> list[tuple[int, int]]:
    """Return how many pixels to move each text right and up so that none covers another at first sight.

    The variant's name stays nearest to its place, then come residue names, then distances. A
    text goes to the nearest free place on the canvas, or, where all is taken, to the one that covers least.
    """
    import numpy as np

    if not texts:
        return []
    canvas = np.array(_CANVAS_PX) / 2
    scale = float(min(canvas / (camera.half_width, camera.half_height)))
    seen = camera.project([t.position for t in texts])[:, :2] * scale
    moves = _moves()
    half = np.array([t.half for t in texts])
    out = [(0, 0)] * len(texts)
    placed: list[int] = []
    at = seen.copy()
    for i in sorted(range(len(texts)), key=lambda i: (texts[i].rank, -seen[i, 1], seen[i, 0])):
        there = seen[i] + moves
        gap = np.abs(there[:, None, :] - at[placed]) - (half[placed] + half[i])
        covered = np.prod(np.clip(-gap, 0, None), axis=2).sum(axis=1)
        outside = np.clip(np.abs(there) + half[i] - canvas, 0, None).sum(axis=1)
        best = int(np.argmin(covered + outside * 2 * half[i, 1]))
        at[i] = there[best]
        placed.append(i)
        out[i] = (int(moves[best, 0]), int(moves[best, 1]))
    return out


@cache
def _moves() -> NDArray[np.float64]:
    """Return the moves to try, nearest first, as an array (n_moves, 2) of pixels."""
    import numpy as np

    wide, high = _REACH_PX
    grid = np.array([(x, y) for x in range(-wide, wide + 1, 14) for y in range(-high, high + 1, 7)], dtype=float)
    order = np.lexsort((grid[:, 0], -grid[:, 1], (grid**2).sum(axis=1)))
    return grid[order]


def _texts(scene: Scene) -> list[_Text]:
    """Return the texts of a scene: its labels, then those of its lines that have one."""
    labels = [
        _Text(x.text, x.position, _NAMED if x.prominent else _PLAIN, 0 if x.prominent else 1) for x in scene.labels
    ]
    return labels + [_Text(x.text, x.middle, _MEASURED, 2) for x in scene.lines if x.text]


def _label(label: Label, shift: tuple[int, int]) -> list[Any]:
    """Return a label as text, 3Dmol.js options and the UniProt position that it stands for."""
    x, y, z = label.position
    filled = label.prominent
    options = {
        "position": {"x": x, "y": y, "z": z},
        "fontSize": _NAMED if filled else _PLAIN,
        "fontColor": ink_on(label.color) if filled else PALETTE.ink,
        "backgroundColor": label.color if filled else "#FFFFFF",
        "backgroundOpacity": 0.92 if filled else 0.72,
        "borderThickness": 0 if filled else 1,
        "borderColor": label.color,
        "inFront": True,
        "alignment": "center",
        "screenOffset": {"x": shift[0], "y": shift[1]},
    }
    return [label.text, options, label.uniprot_position]


def _line(line: Line, shift: tuple[int, int]) -> dict[str, Any]:
    """Return a line as a cylinder specification with its text and where that goes."""
    names = ("x", "y", "z")
    return {
        "spec": {
            "start": dict(zip(names, line.start, strict=True)),
            "end": dict(zip(names, line.end, strict=True)),
            "radius": _LINE_RADIUS_A,
            "color": line.color,
            "dashed": line.dashed,
            "dashLength": 0.45,
            "gapLength": 0.35,
        },
        "text": line.text,
        "at": dict(zip(names, line.middle, strict=True)),
        "shift": list(shift),
    }


def view_vector(camera: Camera, aspect: float) -> list[float]:
    """Return the eight numbers of 3Dmol.js' ``setView`` for a window of ``aspect`` width / height.

    Examples
    --------
    >>> camera = Camera((1, 2, 3), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 10, 10)
    >>> [round(v, 2) for v in view_vector(camera, 2.0)]
    [-1, -2, -3, 93.29, 0.0, 0.0, 0.0, 1.0]
    """
    half = max(camera.half_height, camera.half_width / aspect)
    z = _CAMERA_Z - half / math.tan(math.radians(_FIELD_OF_VIEW_DEG / 2))
    x, y, w = camera.centre
    return [-x, -y, -w, z, *camera.quaternion]


def render(scene: Scene, pdb: str, *, width: int = 760, height: int = 560) -> py3Dmol.view:
    """Return a py3Dmol view of a scene, for a notebook.

    Parameters
    ----------
    scene : Scene
        What to draw.
    pdb : str
        The coordinates, as from `epitope.show.coordinates.trimmed_pdb`.
    width, height : int
        Size in pixels.

    Raises
    ------
    MissingDependencyError
        If py3Dmol is not installed.
    """
    try:
        import py3Dmol
    except ImportError as error:
        raise MissingDependencyError("a 3D view needs py3Dmol; pip install py3Dmol") from error
    view = py3Dmol.view(width=width, height=height)
    view.addModel(pdb, "pdb")
    view.setStyle({}, {})
    drawing = instructions(scene)
    for selection, style in drawing["styles"]:
        view.addStyle(selection, style)
    for selection, style in drawing["surfaces"]:
        view.addSurface("SES", style, selection)
    for line in drawing["lines"]:
        view.addCylinder(line["spec"])
        if line["text"]:
            view.addLabel(line["text"], line_label(line))
    for text, options, _ in drawing["labels"]:
        view.addLabel(text, options)
    view.setSlab(*SLAB)
    view.setView(view_vector(scene.camera, width / height))
    return view


def line_label(line: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the text at the middle of a line."""
    return {
        "position": line["at"],
        "fontSize": _MEASURED,
        "fontColor": PALETTE.ink,
        "backgroundColor": "#FFFFFF",
        "backgroundOpacity": 0.7,
        "inFront": True,
        "alignment": "center",
        "screenOffset": dict(zip(("x", "y"), line["shift"], strict=True)),
    }
