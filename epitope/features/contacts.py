"""Which atoms touch, and how: contacts, hydrogen bonds and salt bridges.

Heavy-atom criteria only, as crystals at this resolution show no hydrogens. A hydrogen
bond here is a geometry that allows one; Asn, Gln and His are taken as deposited, though
at 3 Å their flip is often a choice of the crystallographer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epitope.features.atoms import Booleans, Floats, Integers, ResidueAtoms, Strings
from epitope.structure.neighbours import close_pairs

CONTACT_A = 4.0
"""Heavy-atom contact, the set of residues called the computed epitope."""
WIDE_CONTACT_A = 5.0
HYDROGEN_BOND_A = 3.5
"""Donor-acceptor distance (Stickle et al., J Mol Biol 1992, 226:1143)."""
HYDROGEN_BOND_ANGLE_DEG = 90.0
"""Smallest angle at donor and at acceptor (McDonald & Thornton, J Mol Biol 1994, 238:777)."""
SALT_BRIDGE_A = 4.0
"""Charged N to charged O (Barlow & Thornton, J Mol Biol 1983, 168:867)."""
HYDROPHOBIC_A = 4.0
# Atom -> the atom it is bonded to, the third point of the hydrogen-bond angles.
_BACKBONE_BONDED_TO = {"N": "CA", "O": "C", "OXT": "C"}
_DONORS = {
    "R:NE": "CD",
    "R:NH1": "CZ",
    "R:NH2": "CZ",
    "N:ND2": "CG",
    "Q:NE2": "CD",
    "H:ND1": "CG",
    "H:NE2": "CD2",
    "K:NZ": "CE",
    "S:OG": "CB",
    "T:OG1": "CB",
    "W:NE1": "CD1",
    "Y:OH": "CZ",
}
_ACCEPTORS = {
    "N:OD1": "CG",
    "D:OD1": "CG",
    "D:OD2": "CG",
    "Q:OE1": "CD",
    "E:OE1": "CD",
    "E:OE2": "CD",
    "H:ND1": "CG",
    "H:NE2": "CD2",
    "S:OG": "CB",
    "T:OG1": "CB",
    "Y:OH": "CZ",
}
_APOLAR = {
    "A": "CB",
    "R": "CB CG",
    "N": "CB",
    "D": "CB",
    "C": "CB",
    "Q": "CB CG",
    "E": "CB CG",
    "H": "CB",
    "I": "CB CG1 CG2 CD1",
    "L": "CB CG CD1 CD2",
    "K": "CB CG CD",
    "M": "CB CG SD CE",
    "F": "CB CG CD1 CD2 CE1 CE2 CZ",
    "P": "CB CG",
    "T": "CG2",
    "W": "CB CG CD2 CE3 CZ2 CZ3 CH2",
    "Y": "CB CG CD1 CD2 CE1 CE2",
    "V": "CB CG1 CG2",
}
"""Side-chain carbons that no N or O is bonded to, and the sulphur of methionine."""
_APOLAR_KEYS = [f"{letter}:{name}" for letter, atoms in _APOLAR.items() for name in atoms.split()]
_CATIONS = ("R:NE", "R:NH1", "R:NH2", "K:NZ", "H:ND1", "H:NE2")
_ANIONS = ("D:OD1", "D:OD2", "E:OE1", "E:OE2")


@dataclass(frozen=True)
class AtomPairs:
    """Pairs of atoms of two sets, with their distance.

    Attributes
    ----------
    first, second : ndarray of int, shape (n_pairs,)
        Atom indices into the first and the second `ResidueAtoms`.
    distance : ndarray, shape (n_pairs,)
        Ångström.
    """

    first: Integers
    second: Integers
    distance: Floats

    def keep(self, mask: Booleans) -> AtomPairs:
        """Keep the pairs of a boolean mask."""
        return AtomPairs(self.first[mask], self.second[mask], self.distance[mask])


def pairs_between(first: ResidueAtoms, second: ResidueAtoms, cutoff: float) -> AtomPairs:
    """Find all pairs of atoms of two sets within a distance.

    Parameters
    ----------
    first, second : ResidueAtoms
    cutoff : float
        Ångström, inclusive.

    Returns
    -------
    AtomPairs
        Sorted by first, then second atom.
    """
    return point_pairs(first.positions, second.positions, cutoff)


def point_pairs(first: Floats, second: Floats, cutoff: float) -> AtomPairs:
    """Find all pairs of points of two sets within a distance.

    Parameters
    ----------
    first, second : ndarray, shape (n, 3) and (m, 3)
        Coordinates in ångström.
    cutoff : float
        Ångström, inclusive.

    Returns
    -------
    AtomPairs
        Sorted by first, then second point.
    """
    return AtomPairs(*close_pairs(first, second, cutoff))


def pairs_within(atoms: ResidueAtoms, cutoff: float) -> AtomPairs:
    """Find all pairs of atoms of one set, in different residues that no peptide bond joins.

    Bonded residues touch by construction; residues on either side of a gap do not. Both
    orders of a pair are returned.

    Parameters
    ----------
    atoms : ResidueAtoms
    cutoff : float
        Ångström, inclusive.
    """
    pairs = pairs_between(atoms, atoms, cutoff)
    one, two = atoms.residue[pairs.first], atoms.residue[pairs.second]
    joined = (np.abs(one - two) == 1) & atoms.joined_to_previous[np.maximum(one, two)]
    return pairs.keep((one != two) & ~joined)


def hydrogen_bonds(first: ResidueAtoms, second: ResidueAtoms, pairs: AtomPairs) -> Booleans:
    """Say which pairs of atoms can be a hydrogen bond, in either direction.

    Parameters
    ----------
    first, second : ResidueAtoms
    pairs : AtomPairs
        Between the two.

    Returns
    -------
    ndarray of bool, shape (n_pairs,)

    Notes
    -----
    Donor-acceptor distance at most 3.5 Å (Stickle et al. 1992), angles donor-acceptor-
    antecedent and acceptor-donor-antecedent at least 90° (McDonald & Thornton 1994).
    """
    return atom_roles(first).bonds(first.positions, atom_roles(second), second.positions, pairs)


def salt_bridges(first: ResidueAtoms, second: ResidueAtoms, pairs: AtomPairs) -> Booleans:
    """Say which pairs of atoms join opposite charges within 4.0 Å.

    Histidine counts as a cation, since it may be one.

    Parameters
    ----------
    first, second : ResidueAtoms
    pairs : AtomPairs

    Returns
    -------
    ndarray of bool, shape (n_pairs,)
        Barlow & Thornton, J Mol Biol 1983, 168:867.
    """
    return atom_roles(first).opposite(atom_roles(second), pairs)


def hydrophobic(first: ResidueAtoms, second: ResidueAtoms, pairs: AtomPairs) -> Booleans:
    """Say which pairs are apolar side-chain atoms within 4.0 Å.

    Parameters
    ----------
    first, second : ResidueAtoms
    pairs : AtomPairs

    Returns
    -------
    ndarray of bool, shape (n_pairs,)

    Notes
    -----
    Distance as in PLIP (Salentin et al., Nucleic Acids Res 2015, 43:W443); apolar is a carbon
    without N or O bonded to it, or the sulphur of methionine, as in ProLIF (Bouysset &
    Fiorucci, J Cheminform 2021, 13:72).
    """
    return atom_roles(first).both_apolar(atom_roles(second), pairs)


def partner_labels(n_residues: int, residue: Integers, labels: Strings) -> list[tuple[str, ...]]:
    """Collect, for each residue, the distinct labels of its partners in order of appearance.

    Parameters
    ----------
    n_residues : int
    residue : ndarray of int, shape (n_pairs,)
    labels : ndarray of str, shape (n_pairs,)

    Examples
    --------
    >>> partner_labels(2, np.array([1, 1, 1]), np.array(["H:Y1", "L:S2", "H:Y1"]))
    [(), ('H:Y1', 'L:S2')]
    """
    found: list[dict[str, None]] = [{} for _ in range(n_residues)]
    for index, label in zip(residue.tolist(), labels.tolist(), strict=True):
        found[index][label] = None
    return [tuple(partners) for partners in found]


def atom_keys(atoms: ResidueAtoms) -> Strings:
    """Return ``letter:name`` of every atom, such as ``R:NH1``."""
    return np.char.add(np.char.add(atoms.letters[atoms.residue], ":"), atoms.names)


@dataclass(frozen=True)
class AtomRoles:
    """What each atom can do in a contact, known from names alone, wherever the atoms are.

    Attributes
    ----------
    donor, acceptor : ndarray of bool, shape (n_atoms,)
        Of hydrogen bonds; a hydroxyl and a histidine may be both.
    bonded_to : ndarray of int, shape (n_atoms,)
        The atom that is the third point of a hydrogen bond's angle, -1 for other atoms and where it is missing.
    cation, anion, apolar : ndarray of bool, shape (n_atoms,)
    """

    donor: Booleans
    acceptor: Booleans
    bonded_to: Integers
    cation: Booleans
    anion: Booleans
    apolar: Booleans

    def antecedents(self, positions: Floats) -> Floats:
        """Return the third point of each atom's angle, NaN where there is none, shape (n_atoms, 3)."""
        return np.where(self.bonded_to[:, None] >= 0, positions[self.bonded_to], np.nan)

    def bonds(self, mine: Floats, other: AtomRoles, theirs: Floats, pairs: AtomPairs) -> Booleans:
        """Say which pairs can be a hydrogen bond at these positions, shape (n_pairs,); see `hydrogen_bonds`."""
        i, j = pairs.first, pairs.second
        fits = (self.donor[i] & other.acceptor[j]) | (self.acceptor[i] & other.donor[j])
        fits &= (pairs.distance <= HYDROGEN_BOND_A) & (self.bonded_to[i] >= 0) & (other.bonded_to[j] >= 0)
        i, j = i[fits], j[fits]
        at_first = angle(mine[self.bonded_to[i]], mine[i], theirs[j])
        at_second = angle(theirs[other.bonded_to[j]], theirs[j], mine[i])
        fits[fits] = (at_first >= HYDROGEN_BOND_ANGLE_DEG) & (at_second >= HYDROGEN_BOND_ANGLE_DEG)
        return fits

    def opposite(self, other: AtomRoles, pairs: AtomPairs) -> Booleans:
        """Say which pairs join opposite charges, shape (n_pairs,); see `salt_bridges`."""
        i, j = pairs.first, pairs.second
        charges = (self.cation[i] & other.anion[j]) | (self.anion[i] & other.cation[j])
        return np.asarray(charges & (pairs.distance <= SALT_BRIDGE_A))

    def both_apolar(self, other: AtomRoles, pairs: AtomPairs) -> Booleans:
        """Say which pairs are apolar, shape (n_pairs,); see `hydrophobic`."""
        apolar = self.apolar[pairs.first] & other.apolar[pairs.second]
        return np.asarray(apolar & (pairs.distance <= HYDROPHOBIC_A))


def atom_roles(atoms: ResidueAtoms) -> AtomRoles:
    """Find what each atom can do, by its residue and name."""
    keys, names = atom_keys(atoms), atoms.names
    proline = atoms.letters[atoms.residue] == "P"
    donor = np.isin(keys, list(_DONORS)) | ((names == "N") & ~proline)
    acceptor = np.isin(keys, list(_ACCEPTORS)) | np.isin(names, ["O", "OXT"])
    bonded_to = {**_DONORS, **_ACCEPTORS}
    root = np.full(len(names), -1, dtype=np.intp)
    position = {
        (residue, name): index
        for index, (residue, name) in enumerate(zip(atoms.residue.tolist(), names.tolist(), strict=True))
    }
    for index in np.flatnonzero(donor | acceptor).tolist():
        antecedent = bonded_to.get(keys[index]) or _BACKBONE_BONDED_TO[names[index]]
        root[index] = position.get((int(atoms.residue[index]), antecedent), -1)
    charged = (np.isin(keys, _CATIONS), np.isin(keys, _ANIONS))
    return AtomRoles(donor, acceptor, root, *charged, np.isin(keys, _APOLAR_KEYS))


def chemical_roles(letter: str) -> frozenset[tuple[str, str]]:
    """Say what the side chain of a residue can do, and how far out.

    Parameters
    ----------
    letter : str
        One-letter code.

    Returns
    -------
    frozenset of (str, str)
        Role (donor, acceptor, cation, anion, apolar) and the atom's element with its distance
        from the main chain, ``OG``; branches are not told apart.

    Examples
    --------
    >>> sorted(chemical_roles("S"))
    [('acceptor', 'OG'), ('donor', 'OG')]
    """
    sets = {"donor": _DONORS, "acceptor": _ACCEPTORS, "cation": _CATIONS, "anion": _ANIONS, "apolar": _APOLAR_KEYS}
    return frozenset((role, key[2:4]) for role, keys in sets.items() for key in keys if key.startswith(f"{letter}:"))


def angle(a: Floats, vertex: Floats, b: Floats) -> Floats:
    """Return the angle at ``vertex`` in degrees, NaN where a point is NaN."""
    u, v = a - vertex, b - vertex
    cosine = np.sum(u * v, axis=-1) / (np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
