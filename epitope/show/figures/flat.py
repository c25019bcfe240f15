"""A molecule in flat, shaded polygons, far ones first, as one bitmap.

For print without PyMOL; it needs matplotlib alone. Ribbons turn with the peptide planes,
side chains are their bonds. Nothing is cut where it crosses something else, which a
ray-traced picture does better.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.secondary_structure import secondary_structure
from epitope.show.molecule import Floats, Molecule
from epitope.show.palette import PALETTE
from epitope.show.scene import Scene, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = 8
"""Points of the smooth curve between two residues."""
_HALF_WIDTH_A = {"E": 1.25, "H": 1.25}
_HALF_COIL_A = 0.32
_HALF_STICK_A, _SPHERE_A, _BOND_A = 0.2, 1.5, 1.95
_OUTLINE_PT, _BEHIND_A = 1.0, 1.2
"""Width of an outline, and how far it lies behind its own face, so that neighbouring faces cover it."""


def draw(ax: Axes, m: Molecule, picture: Scene, points_per_A: float, paper: str = PALETTE.paper) -> None:
    """Draw a scene's cartoons, side chains and spheres into axes in camera coordinates.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    m : Molecule
    picture : Scene
    points_per_A : float
        Scale of the axes, for the width of outlines.
    paper : str
        Colour of the ground, into which what is far away fades.
    """
    from matplotlib.collections import PolyCollection

    parts = [
        part(atoms, picture) for atoms in (m.antigen, m.antibody) if len(atoms) for part in (_ribbons, _side_chains)
    ]
    shape, z, rgba = (np.concatenate(values) for values in zip(*parts, strict=True))
    kept = z <= picture.front_A
    shape, z, rgba = shape[kept], z[kept], rgba[kept]
    reach = max(picture.camera.half_height, picture.camera.half_width)
    fade = np.clip(0.1 - z / (5 * reach), 0.0, 0.3)[:, None]
    rgba[:, :3] = rgba[:, :3] * (1 - fade) + fade * _rgba(paper)[:3]
    edge = rgba.copy()
    edge[:, :3] *= 0.5
    clear = rgba[:, 3] < 1
    line = np.where(clear, 0.0, 2 * _OUTLINE_PT * min(1.0, points_per_A / 5))
    order = np.argsort(np.concatenate([z - _BEHIND_A, z]), kind="stable")
    twice = np.concatenate([shape, shape])[order]
    ax.add_collection(
        PolyCollection(
            list(twice),
            facecolors=np.concatenate([np.where(clear[:, None], 0, edge), rgba])[order],
            edgecolors=np.concatenate([np.where(clear[:, None], 0, edge), np.where(clear[:, None], 0, rgba)])[order],
            linewidths=np.concatenate([line, np.full(len(z), 0.25)])[order],
            joinstyle="round",
            zorder=0.5,
        )
    )
    for item in picture.representations:
        if item.style is Style.SPHERE:
            for xyz in atoms_of(m, {(item.selection.chain, t) for t in item.selection.residues or ()}, ("CA",)):
                x, y, _ = picture.camera.project(xyz)[0]
                size = 2 * _SPHERE_A * points_per_A
                ax.plot(x, y, "o", ms=size, mfc=item.color, mec=paper, mew=0.5, zorder=0.8)
    ax.set_rasterization_zorder(1)


def atoms_of(m: Molecule, residues: Collection[tuple[str, str]], names: tuple[str, ...] = ()) -> list[Floats]:
    """Return the heavy atoms of some residues of either partner, each shape (n_atoms, 3)."""
    out = []
    for atoms in (m.antigen, m.antibody):
        for i, key in enumerate(_tokens(atoms)):
            if key in residues:
                keep = atoms.residue == i
                out.append(atoms.positions[keep & np.isin(atoms.names, names) if names else keep])
    return out


def _tokens(atoms: ResidueAtoms) -> list[tuple[str, str]]:
    """Return chain and author number with insertion code of each residue."""
    return [
        (str(c), f"{n}{str(i).strip()}")
        for c, n, i in zip(atoms.chains, atoms.numbers, atoms.insertion_codes, strict=True)
    ]


def _rgba(color: str, opacity: float = 1.0) -> Floats:
    """Return ``#RRGGBB`` and an opacity as four fractions."""
    value = color.lstrip("#")
    return np.array([*(int(value[i : i + 2], 16) / 255 for i in (0, 2, 4)), opacity])


def _residue_colors(atoms: ResidueAtoms, picture: Scene) -> Floats:
    """Return colour and opacity of each residue's ribbon, later representations over earlier ones."""
    out = np.zeros((len(atoms), 4))
    tokens = _tokens(atoms)
    for item in picture.representations:
        if item.style is not Style.CARTOON:
            continue
        wanted = None if item.selection.residues is None else set(item.selection.residues)
        for i, (chain, token) in enumerate(tokens):
            if chain == item.selection.chain and (wanted is None or token in wanted):
                out[i] = _rgba(item.color, item.opacity)
    return out


def _ribbons(atoms: ResidueAtoms, picture: Scene) -> tuple[Floats, Floats, Floats]:
    """Return the faces of all ribbons of one partner, their depth and their shaded colour."""
    colors = _residue_colors(atoms, picture)
    coil = {(r.selection.chain, t) for r in picture.representations if r.coil for t in r.selection.residues or ()}
    states = np.where([key in coil for key in _tokens(atoms)], "-", secondary_structure(atoms))
    starts = np.flatnonzero(~atoms.bonded_to_previous)
    faces, depth, shades = [np.zeros((0, 4, 2))], [np.zeros(0)], [np.zeros((0, 4))]
    for start, end in zip(starts, [*starts[1:], len(atoms)], strict=True):
        known = np.arange(start, end)[~np.isnan(atoms.ca[start:end]).any(axis=1)]
        if len(known) < 2:
            continue
        path, side, half, residue = _path(atoms, known, states)
        seen, across = picture.camera.project(path), side @ np.array(picture.camera.rotation).T
        tangent = np.gradient(seen[:, :2], axis=0)
        square = np.column_stack([-tangent[:, 1], tangent[:, 0]])
        square /= np.maximum(np.linalg.norm(square, axis=1, keepdims=True), 1e-6)
        flat = across[:, :2] * half[:, None]
        # Seen on its edge a ribbon is as thick as the coil.
        thin = (flat * square).sum(axis=1)
        least = np.where(thin < 0, -1, 1) * np.maximum(np.abs(thin), _HALF_COIL_A)
        flat += square * (least - thin)[:, None]
        left, right = seen[:, :2] + flat, seen[:, :2] - flat
        face = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
        tip = np.gradient(path, axis=0) @ np.array(picture.camera.rotation).T
        normal = np.cross(tip, across)
        facing = np.abs(normal[:, 2]) / np.maximum(np.linalg.norm(normal, axis=1), 1e-6)
        light = np.where(half > _HALF_COIL_A * 1.5, 0.68 + 0.32 * facing, 0.92)
        shade = colors[residue[:-1]].copy()
        shade[:, :3] *= light[:-1, None]
        keep = shade[:, 3] > 0
        faces.append(face[keep])
        depth.append(((seen[:-1, 2] + seen[1:, 2]) / 2)[keep])
        shades.append(shade[keep])
    return np.concatenate(faces), np.concatenate(depth), np.concatenate(shades)


def _path(atoms: ResidueAtoms, known: np.ndarray, states: np.ndarray) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """Return the smooth path of a piece: points, the direction across, half widths, and the residue of each point."""
    from scipy.interpolate import CubicSpline, PchipInterpolator

    ca = atoms.ca[known]
    smooth = ca.copy()
    strand = (states[known][1:-1] == "E")[:, None]
    smooth[1:-1] = np.where(strand, 0.25 * ca[:-2] + 0.5 * ca[1:-1] + 0.25 * ca[2:], ca[1:-1])
    across = _across(atoms, known)
    half = np.array([_HALF_WIDTH_A.get(str(s), _HALF_COIL_A) for s in states[known]])
    fine = np.linspace(0, len(known) - 1, (len(known) - 1) * _STEPS + 1)
    at = np.arange(len(known))
    side = PchipInterpolator(at, across)(fine)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    nearest = np.minimum(np.floor(fine + 0.5).astype(int), len(known) - 1)
    width = half[nearest]
    # The last residue of a strand is an arrowhead.
    last = np.flatnonzero((states[known] == "E") & (np.append(states[known][1:], "") != "E"))
    for k in last:
        head = (fine >= k - 1) & (fine <= k + 0.49)
        width[head] = 1.9 * (k + 0.5 - fine[head]) / 1.5 + 0.1
    return CubicSpline(at, smooth)(fine), side, width, known[nearest]


def _across(atoms: ResidueAtoms, known: np.ndarray) -> Floats:
    """Return the direction of each residue's C=O without its part along the chain, turned to agree with the last."""
    oxygen, carbon = (_atom(atoms, name, known) for name in ("O", "C"))
    along = np.gradient(atoms.ca[known], axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    out = np.nan_to_num(oxygen - carbon)
    out -= (out * along).sum(axis=1, keepdims=True) * along
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    agree = np.sign((out[1:] * out[:-1]).sum(axis=1))
    agree[agree == 0] = 1
    out[1:] *= np.cumprod(agree)[:, None]
    smooth = out.copy()
    smooth[1:-1] = out[:-2] + 2 * out[1:-1] + out[2:]
    return np.asarray(smooth)


def _atom(atoms: ResidueAtoms, name: str, known: np.ndarray) -> Floats:
    """Return one atom of each residue by its name, NaN where it is missing."""
    out = np.full((len(atoms), 3), np.nan)
    rows = atoms.names == name
    out[atoms.residue[rows]] = atoms.positions[rows]
    return np.asarray(out[known])


def _side_chains(atoms: ResidueAtoms, picture: Scene) -> tuple[Floats, Floats, Floats]:
    """Return every bond of the side chains that are shown as a face, half of it in the colour of either atom."""
    place = {key: i for i, key in enumerate(_tokens(atoms))}
    faces, depth, colors = [np.zeros((0, 4, 2))], [np.zeros(0)], [np.zeros((0, 4))]
    for item in picture.representations:
        if item.style is not Style.STICK:
            continue
        rows = [place[key] for t in item.selection.residues or () if (key := (item.selection.chain, t)) in place]
        kept = np.flatnonzero(np.isin(atoms.residue, rows) & ~np.isin(atoms.names, ("N", "C", "O", "OXT")))
        xyz = atoms.positions[kept]
        near = np.linalg.norm(xyz[:, None] - xyz[None], axis=2) < _BOND_A + 0.2 * (atoms.elements[kept] == "S")
        first, second = np.nonzero(near & ~np.eye(len(kept), dtype=bool))
        seen = picture.camera.project(xyz)
        start, end = seen[first], (seen[first] + seen[second]) / 2
        along = end[:, :2] - start[:, :2]
        square = np.column_stack([-along[:, 1], along[:, 0]])
        square *= _HALF_STICK_A / np.maximum(np.linalg.norm(square, axis=1, keepdims=True), 1e-6)
        a, b = start[:, :2], end[:, :2]
        faces.append(np.stack([a + square, b + square, b - square, a - square], axis=1))
        depth.append((start[:, 2] + end[:, 2]) / 2 + 0.4)
        carbon = _rgba(item.color)
        tints = {"N": "#2B4BD8", "O": "#D8302B", "S": "#C8A800"} if item.by_element else {}
        colors.append(np.array([_rgba(tints[e]) if e in tints else carbon for e in atoms.elements[kept]])[first])
    return np.concatenate(faces), np.concatenate(depth), np.concatenate([c.reshape(-1, 4) for c in colors])
