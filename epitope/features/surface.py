"""Solvent-accessible surface areas, free and bound, absolute and relative.

Shrake-Rupley areas from the rust-sasa kernel, fed with arrays. Protein atoms only:
sugars and waters are left out, so an area next to a glycan is that of the bare protein.

960 points per atom keep the error of a residue below 2 Å² (0.4 Å² root mean square) against
50,000-point areas; at the customary 100 points it reaches 13 Å², too much to put thresholds on.
The points lie in the axes of the molecule, so that an area does not change when it turns.
"""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import Floats, ResidueAtoms, Strings
from epitope.structure.neighbours import close_pairs
from epitope.target.residues import AMINO_ACIDS, three_letter

PROBE_RADIUS_A = 1.4
N_POINTS = 960
_WIDE_GAP_A = 20.0
"""More than two atoms with their probes reach, so that a gap of this width is as good as any."""

# United-atom radii by valence and attached hydrogens, ProtOr (Tsai et al., J Mol Biol 1999, 290:253).
_ELEMENT_RADII_A = {"C": 1.88, "N": 1.64, "O": 1.42, "S": 1.77}
_OTHER_RADIUS_A = 1.80
_TRIGONAL_CARBON_A, _AROMATIC_CH_A, _HYDROXYL_A = 1.61, 1.76, 1.46
_TRIGONAL_CARBON = "D:CG N:CG E:CD Q:CD R:CZ F:CG Y:CG Y:CZ W:CG W:CD2 W:CE2 H:CG"
_AROMATIC_CH = "F:CD1 F:CD2 F:CE1 F:CE2 F:CZ Y:CD1 Y:CD2 Y:CE1 Y:CE2 W:CD1 W:CE3 W:CZ2 W:CZ3 W:CH2 H:CD2 H:CE1"
_HYDROXYL = "S:OG T:OG1 Y:OH"


def atom_radii(names: Strings, elements: Strings, letters: Strings) -> Floats:
    """Return the ProtOr radius of each heavy atom.

    Parameters
    ----------
    names, elements, letters : ndarray of str, shape (n_atoms,)
        Atom name, upper-case element and one-letter code of the atom's residue.

    Returns
    -------
    ndarray, shape (n_atoms,)
        Radii in ångström.

    Examples
    --------
    >>> names, elements = np.array(["C", "CB", "OG"]), np.array(["C", "C", "O"])
    >>> atom_radii(names, elements, np.array(["S", "S", "S"])).tolist()
    [1.61, 1.88, 1.46]
    """
    radii = np.full(len(names), _OTHER_RADIUS_A)
    for element, radius in _ELEMENT_RADII_A.items():
        radii[elements == element] = radius
    keys = np.char.add(np.char.add(letters, ":"), names)
    radii[np.isin(keys, _TRIGONAL_CARBON.split()) | (names == "C")] = _TRIGONAL_CARBON_A
    radii[np.isin(keys, _AROMATIC_CH.split())] = _AROMATIC_CH_A
    radii[np.isin(keys, _HYDROXYL.split())] = _HYDROXYL_A
    return radii


def radii_of(atoms: ResidueAtoms) -> Floats:
    """Return the radius of each atom of residues, ångström, shape (n_atoms,)."""
    return atom_radii(atoms.names, atoms.elements, atoms.letters[atoms.residue])


def atom_sasa(positions: Floats, radii: Floats, n_points: int = N_POINTS) -> Floats:
    """Return the solvent-accessible surface area of each atom.

    Parameters
    ----------
    positions : ndarray, shape (n_atoms, 3)
        Coordinates in ångström.
    radii : ndarray, shape (n_atoms,)
        Van der Waals radii in ångström.
    n_points : int
        Points on each atom's sphere.

    Returns
    -------
    ndarray, shape (n_atoms,)
        Areas in Å².

    Notes
    -----
    Shrake & Rupley, J Mol Biol 1973, 79:351, with a 1.4 Å probe.

    Examples
    --------
    >>> area = atom_sasa(np.zeros((1, 3)), np.array([1.6]))
    >>> bool(abs(area[0] - 4 * np.pi * 3.0**2) < 0.01)
    True
    """
    from rust_sasa_python import calculate_sasa_internal

    if len(positions) == 0:
        return np.zeros(0)
    atoms = [
        ((x, y, z), radius, index)
        for index, ((x, y, z), radius) in enumerate(
            zip(_drawn_together(positions).tolist(), radii.tolist(), strict=True)
        )
    ]
    areas = calculate_sasa_internal(atoms, PROBE_RADIUS_A, n_points, 1)  # type: ignore[call-arg]  # threads
    return np.asarray(areas, dtype=np.float64)


def _drawn_together(positions: Floats) -> Floats:
    """Shorten the empty stretches of each axis; no two atoms come into touch that were not.

    The kernel lays a grid over the whole span, which takes gigabytes where parts stand far apart.
    """
    out = np.empty_like(positions)
    for axis in range(3):
        order = np.argsort(positions[:, axis])
        steps = np.diff(positions[order, axis], prepend=positions[order[0], axis])
        out[order, axis] = positions[order[0], axis] + np.cumsum(np.minimum(steps, _WIDE_GAP_A))
    return out


def in_axes_of(molecule: Floats, positions: Floats) -> Floats:
    """Return positions in the principal axes of a molecule, which turn and move with it.

    Parameters
    ----------
    molecule, positions : ndarray, shape (n, 3) and (m, 3)
        Coordinates in ångström.

    Returns
    -------
    ndarray, shape (m, 3)
        Coordinates along the axes of least to most extent, from the centre of the molecule. Each
        axis points to the side with the farther atoms (positive third moment).

    Examples
    --------
    >>> molecule = np.array([[0.0, 0, 0], [1, 0, 0], [5, 0, 0]])
    >>> in_axes_of(molecule, molecule).round(3)[:, 2].tolist()
    [-2.0, -1.0, 3.0]
    """
    centre = molecule.sum(axis=0) / max(len(molecule), 1)
    axes = np.linalg.eigh((molecule - centre).T @ (molecule - centre))[1]
    third_moment = (((molecule - centre) @ axes) ** 3).sum(axis=0)
    return np.asarray((positions - centre) @ np.where(third_moment < 0, -axes, axes))


def residue_sasa(atoms: ResidueAtoms) -> Floats:
    """Return the surface area of each residue, with nothing bound to it.

    Parameters
    ----------
    atoms : ResidueAtoms

    Returns
    -------
    ndarray, shape (n_residues, 2)
        Area of the whole residue and of its side chain (of the Cα for glycine), Å².
    """
    areas = atom_sasa(in_axes_of(atoms.positions, atoms.positions), radii_of(atoms))
    glycine_ca = (atoms.names == "CA") & (atoms.letters[atoms.residue] == "G")
    side = ~atoms.is_backbone | glycine_ca
    return np.stack(
        [
            np.bincount(atoms.residue, weights=areas, minlength=len(atoms)),
            np.bincount(atoms.residue, weights=areas * side, minlength=len(atoms)),
        ],
        axis=1,
    )


def buried_areas(one: ResidueAtoms, two: ResidueAtoms) -> tuple[Floats, Floats]:
    """Return the surface area that each residue of two partners loses by their binding.

    Parameters
    ----------
    one, two : ResidueAtoms

    Returns
    -------
    tuple of ndarray, of shape (n_residues_one,) and (n_residues_two,)
        Areas in Å², 0 away from the partner.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> [round(float(side.sum())) for side in buried_areas(structure.antigen_atoms, structure.antibody_atoms)]
    [758, 785]
    """
    lost = lost_areas(one.positions, two.positions, (radii_of(one), radii_of(two)))

    def of_residues(side: ResidueAtoms, areas: Floats) -> Floats:
        return np.bincount(side.residue, weights=areas, minlength=len(side)).astype(np.float64)

    return of_residues(one, lost[0]), of_residues(two, lost[1])


def lost_areas(first: Floats, second: Floats, radii: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the area that each atom of two sets loses by the other set.

    Parameters
    ----------
    first, second : ndarray, shape (n, 3) and (m, 3)
        Coordinates in ångström.
    radii : tuple of ndarray, shapes (n,) and (m,)
        Van der Waals radii in ångström.

    Returns
    -------
    tuple of ndarray, shapes (n,) and (m,)
        Areas in Å², 0 away from the other set.

    Notes
    -----
    An atom farther from the other set than the largest radius and a probe, twice, loses nothing, and
    what it covers is as far away at most. So areas are computed for those that are nearer, among
    the atoms around them: the same areas as those of all atoms. Each set is measured in its own axes.

    Examples
    --------
    >>> one, other = np.zeros((1, 3)), np.array([[50.0, 0, 0]])
    >>> lost_areas(one, other, (np.array([1.7]), np.array([1.7])))
    (array([0.]), array([0.]))
    """
    sides = (first, second)
    reach = 2 * (max((float(r.max()) for r in radii if len(r)), default=0.0) + PROBE_RADIUS_A)
    touching = close_pairs(first, second, reach)[:2]
    near = [np.bincount(index, minlength=len(side)) > 0 for side, index in zip(sides, touching, strict=True)]
    around = [
        np.bincount(close_pairs(side[mask], side, reach)[1], minlength=len(mask)) > 0
        for side, mask in zip(sides, near, strict=True)
    ]

    def of_one(this: int, other: int) -> Floats:
        mask, partner = around[this], around[other]
        there = np.concatenate([sides[this][mask], sides[other][partner]])
        there, sizes = in_axes_of(sides[this], there), np.concatenate([radii[this][mask], radii[other][partner]])
        own = int(mask.sum())
        lost = np.zeros(len(mask))
        lost[mask] = atom_sasa(there[:own], sizes[:own]) - atom_sasa(there, sizes)[:own]
        return np.where(near[this], lost, 0.0)

    return of_one(0, 1), of_one(1, 0)


def maximum_sasa(letters: Strings) -> Floats:
    """Return the theoretical maximum area of each residue type, NaN for ``X``.

    Parameters
    ----------
    letters : ndarray of str, shape (n_residues,)

    Returns
    -------
    ndarray, shape (n_residues,)
        Areas in Å² (Tien et al., PLoS ONE 2013, 8:e80635, theoretical).

    Examples
    --------
    >>> maximum_sasa(np.array(["F", "P"])).tolist()
    [240.0, 159.0]
    """
    from Bio.Data.PDBData import residue_sasa_scales

    scale = residue_sasa_scales["Wilke"]
    table = {letter: scale[three_letter(letter).upper()] for letter in AMINO_ACIDS}
    return np.array([table.get(letter, np.nan) for letter in letters.tolist()], dtype=np.float64)
