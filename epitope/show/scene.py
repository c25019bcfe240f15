"""What is drawn, free of any viewer: the nouns and the camera.

A `Scene` is a list of representations, labels and lines with a camera; the neighbours
turn it into py3Dmol calls, PyMOL, ChimeraX and MolViewSpec files, and flat drawings.
`epitope.show.presets` decides what goes into one. The camera comes from the interface
normal, because the default camera of every viewer hides the epitope behind the
antigen. Coordinates are in ångström, in the frame of the structure file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Point = tuple[float, float, float]
NO_NAME = "# left out: a chain whose name is no plain word"
"""What a script says of a `Selection` that is not `plain`."""
_NEAR_A = 6.0
"""Heavy atoms of the interface lie within so many ångström of the other side."""


class Style(StrEnum):
    """The ways to draw atoms that every renderer knows."""

    CARTOON = "cartoon"
    STICK = "stick"
    SPHERE = "sphere"
    SURFACE = "surface"


@dataclass(frozen=True, slots=True)
class Selection:
    """Residues of one chain, by author number with insertion code ("61", "52A").

    ``residues`` is ``None`` for the whole chain. ``atoms`` keeps only these atom names.
    """

    chain: str
    residues: tuple[str, ...] | None = None
    atoms: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the chain's name is one that a script can carry: a file may name a chain ``A; quit``."""
        return re.fullmatch(r"[\w.+-]+", self.chain, re.ASCII) is not None

    def spans(self) -> list[tuple[str, str]]:
        """Return runs of consecutive residues as ``(first, last)`` tokens.

        Examples
        --------
        >>> Selection("A", ("97", "98", "99", "52A", "120")).spans()
        [('97', '99'), ('120', '120'), ('52A', '52A')]
        """
        tokens = self.residues or ()
        plain = sorted({int(t) for t in tokens if not t[-1:].isalpha()})
        spans: list[tuple[int, int]] = []
        for number in plain:
            if spans and number == spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], number)
            else:
                spans.append((number, number))
        coded = sorted({t for t in tokens if t[-1:].isalpha()})
        return [(str(a), str(b)) for a, b in spans] + [(t, t) for t in coded]


@dataclass(frozen=True, slots=True)
class Representation:
    """Some residues drawn one way, in one colour, for one reason.

    ``meaning`` goes into the legend and names the object in exported scripts; an empty
    one stays out of the legend. ``coil`` asks for a cartoon without strands and helices.
    """

    selection: Selection
    style: Style
    color: str
    meaning: str = ""
    opacity: float = 1.0
    by_element: bool = False
    coil: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place; ``uniprot_position`` links it to the tables where it belongs to a residue."""

    text: str
    position: Point
    color: str
    uniprot_position: int | None = None
    prominent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two points: a measured distance with its value, or the bridge over a gap."""

    start: Point
    end: Point
    color: str
    text: str = ""
    dashed: bool = True
    meaning: str = ""

    @property
    def middle(self) -> Point:
        """The point half way, where the text goes."""
        (a, b, c), (d, e, f) = self.start, self.end
        return ((a + d) / 2, (b + e) / 2, (c + f) / 2)


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the viewer stands.

    Attributes
    ----------
    centre : Point
        What the camera looks at, Å.
    rotation : tuple of three Point
        Unit rows *right*, *up* and *toward the viewer*, in the frame of the structure.
    half_width, half_height : float
        Half of what must be visible, Å.
    """

    centre: Point
    rotation: tuple[Point, Point, Point]
    half_width: float
    half_height: float

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """The rotation as a unit quaternion ``(x, y, z, w)``, w not negative.

        Examples
        --------
        >>> Camera((0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 1, 1).quaternion
        (0.0, 0.0, 0.0, 1.0)
        """
        import numpy as np

        m = np.array(self.rotation, dtype=float)
        # Eigenvector form (Bar-Itzhack, J Guid Control Dyn 2000, 23:1085): no case distinctions.
        k = np.array(
            [
                [m[0, 0] - m[1, 1] - m[2, 2], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[2, 1] - m[1, 2]],
                [m[0, 1] + m[1, 0], m[1, 1] - m[0, 0] - m[2, 2], m[1, 2] + m[2, 1], m[0, 2] - m[2, 0]],
                [m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], m[2, 2] - m[0, 0] - m[1, 1], m[1, 0] - m[0, 1]],
                [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], m.trace()],
            ]
        )
        q = np.linalg.eigh(k)[1][:, -1]
        q = q if q[3] >= 0 else -q
        x, y, z, w = (float(v) + 0.0 for v in np.round(q, 6))
        return (abs(x) if x == 0 else x, abs(y) if y == 0 else y, abs(z) if z == 0 else z, w)

    def window(self, aspect: float) -> tuple[float, float]:
        """Return half width and half height, Å, of a window of an aspect that shows all there is to show.

        Examples
        --------
        >>> Camera((0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 10.0, 20.0).window(2.0)
        (40.0, 20.0)
        """
        half_height = max(self.half_height, self.half_width / aspect)
        return half_height * aspect, half_height

    def project(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return points in camera axes: right, up and toward the viewer, shape ``(n, 3)``."""
        import numpy as np

        placed = np.asarray(points, dtype=float) - np.array(self.centre)
        return np.asarray(placed @ np.array(self.rotation).T)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a renderer needs to draw one picture.

    ``focus`` are the UniProt positions that the picture is about. A still leaves out what lies more than
    ``front_A`` before the centre of the camera, as nobody can turn it to look behind; ``close`` is its
    camera where that stands nearer, as nobody can come nearer either.
    """

    name: str
    title: str
    description: str
    structure_id: str
    representations: tuple[Representation, ...]
    camera: Camera
    labels: tuple[Label, ...] = ()
    lines: tuple[Line, ...] = ()
    focus: tuple[int, ...] = field(default=())
    front_A: float = 90.0
    close: Camera | None = None

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """What each colour means, ``(meaning, colour)`` in order of drawing, without repeats."""
        seen: dict[tuple[str, str], None] = {}
        drawn = [(r.meaning, r.color) for r in self.representations]
        for meaning, color in [*drawn, *((line.meaning, line.color) for line in self.lines)]:
            if meaning:
                seen.setdefault((meaning, color))
        return tuple(seen)


def point(coordinates: Iterable[float]) -> Point:
    """Return three coordinates as a `Point`, rounded to 0.001 Å as in structure files."""
    x, y, z = (round(float(c), 3) for c in coordinates)
    return (x, y, z)


@dataclass(frozen=True, slots=True)
class InterfaceAxes:
    """How a complex lies: what cameras on it have in common.

    Attributes
    ----------
    normal : ndarray, shape (3,)
        Unit normal of the interface, pointing from antigen to antibody.
    across : ndarray, shape (3,)
        The longest axis of the antigen within the plane of the interface, a unit vector.
    middle, contact : ndarray, shape (3,)
        Middle of the antigen, and of what it has near the antibody, Å.
    """

    normal: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    middle: npt.NDArray[np.float64]
    contact: npt.NDArray[np.float64]


def interface_axes(antigen: npt.NDArray[np.float64], antibody: npt.NDArray[np.float64]) -> InterfaceAxes:
    """Return how a complex lies.

    Parameters
    ----------
    antigen, antibody : ndarray, shape (n, 3) and (m, 3)
        Heavy atoms of both partners, Å; ``m`` may be 0.

    Returns
    -------
    InterfaceAxes

    Notes
    -----
    The interface is the set of heavy atoms of either side within 6 Å of the other. Its normal
    is the direction of least variance.
    """
    import numpy as np

    from epitope.structure.neighbours import close_pairs

    first, second, _ = close_pairs(antigen, antibody, _NEAR_A)
    below, above = (
        side[near] if len(near) > 3 else side
        for side, near in ((antigen, np.unique(first)), (antibody, np.unique(second)))
    )
    middle = antigen.mean(axis=0)
    if len(antibody):
        between = np.vstack([below, above])
        normal = np.linalg.svd(between - between.mean(axis=0), full_matrices=False)[2][-1]
        normal = normal if normal @ (above.mean(axis=0) - below.mean(axis=0)) > 0 else -normal
    else:
        normal = np.linalg.svd(antigen - middle, full_matrices=False)[2][0]
    flat = (antigen - middle) - np.outer((antigen - middle) @ normal, normal)
    across = np.linalg.svd(flat, full_matrices=False)[2][0]
    return InterfaceAxes(normal, across, middle, below.mean(axis=0))


def interface_camera(
    axes: InterfaceAxes,
    shown: npt.NDArray[np.float64],
    *,
    tilt_deg: float = 22.0,
    margin_A: float = 5.0,
) -> Camera:
    """Return a camera that sees the epitope with the antibody above it.

    Parameters
    ----------
    axes : InterfaceAxes
        As from `interface_axes`.
    shown : ndarray, shape (k, 3)
        What must be in the picture, Å.
    tilt_deg : float
        How far the camera is raised above the plane of the interface: 0 sees the interface
        edge-on, 90 looks straight down on the epitope through the antibody.
    margin_A : float
        Room around what is shown, Å.

    Returns
    -------
    Camera

    Notes
    -----
    The normal of the interface becomes *up*, the antigen's longest remaining axis lies across, so that
    the fold is seen from its side, and the contact is on the viewer's side.

    Examples
    --------
    >>> import numpy as np
    >>> grid = np.array([[x, y, z] for x in range(0, 40, 2) for y in range(0, 20, 2) for z in (0, -3)], float)
    >>> camera = interface_camera(interface_axes(grid, grid + [0, 0, 6.0]), grid, tilt_deg=0)
    >>> camera.rotation[1]
    (0.0, 0.0, 1.0)
    """
    import numpy as np

    right, side = axes.across, np.cross(axes.across, axes.normal)
    if (axes.contact - axes.middle) @ side < 0:
        right, side = -right, -side
    tilt = np.radians(tilt_deg)
    toward = np.cos(tilt) * side + np.sin(tilt) * axes.normal
    return framed(shown, right, np.cross(toward, right), margin_A=margin_A)


def framed(
    shown: npt.NDArray[np.float64],
    right: npt.NDArray[np.float64],
    up: npt.NDArray[np.float64],
    *,
    margin_A: float = 5.0,
) -> Camera:
    """Return a camera with the given axes that has all of ``shown`` in the picture."""
    import numpy as np

    right = right / np.linalg.norm(right)
    up = up - (up @ right) * right
    up = up / np.linalg.norm(up)
    toward = np.cross(right, up)
    axes = np.vstack([right, up, toward])
    seen = shown @ axes.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    half = (high - low) / 2 + margin_A
    rows = np.round(axes, 6) + 0.0
    return Camera(
        centre=point(((low + high) / 2) @ axes),
        rotation=(tuple(rows[0].tolist()), tuple(rows[1].tolist()), tuple(rows[2].tolist())),
        half_width=round(float(half[0]), 2),
        half_height=round(float(half[1]), 2),
    )
