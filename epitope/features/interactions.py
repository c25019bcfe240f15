"""The contacts of antigen and binder by kind, each with its atoms: hydrogen bonds, rings, charges, waters.

Where `epitope.features.interface` asks which residues touch, here stands how, with the
criterion and its source. Heavy atoms only. Not for what a variant loses; the room `impact`
asks that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.features.atoms import Floats, Integers, ResidueAtoms, Strings
from epitope.features.contacts import (
    CONTACT_A,
    HYDROGEN_BOND_A,
    HYDROGEN_BOND_ANGLE_DEG,
    AtomPairs,
    angle,
    atom_roles,
    hydrogen_bonds,
    hydrophobic,
    pairs_between,
    salt_bridges,
)

if TYPE_CHECKING:
    import pandas as pd

PI_STACKING_A = 5.5
"""Distance of ring centres (McGaughey, Gagné & Rappé, J Biol Chem 1998, 273:15458; as in PLIP)."""
PI_STACKING_ANGLE_DEG = 30.0
"""Deviation of the ring planes from parallel or perpendicular (PLIP)."""
RING_OFFSET_A = 2.0
"""How far off a ring's centre its partner may stand, seen along the normal: benzene's radius + 0.5 Å (PLIP)."""
CATION_PI_A = 6.0
"""Charge to ring centre (Gallivan & Dougherty, PNAS 1999, 96:9459)."""
WATER_ANGLE_DEG = (71.0, 140.0)
"""Angle at the bridging water (Jiang et al., Proteins 2005, 58:893, - 9°; as in PLIP)."""

KINDS = (
    "salt bridge",
    "hydrogen bond",
    "cation–π",
    "π-stacking",
    "water-mediated",
    "hydrophobic",
    "van der Waals",
)
"""The kinds of contact, in the order of the table and of legends."""

INTERACTION_COLUMNS = {
    "kind": ", ".join(KINDS[:-1]) + f"; {KINDS[-1]} for residues within 4.0 Å with none of these",
    "antigen_position": "position of the antigen's residue",
    "antigen_residue": "its one-letter code in the structure",
    "antigen_part": "main or side chain; Cα counts as main",
    "antigen_atoms": "its atoms: of the nearest pair, or of the ring or charge",
    "antibody_chain": "author chain of the binder's residue",
    "antibody_number": "its residue number in the file",
    "antibody_insertion_code": "its insertion code",
    "antibody_residue": "its one-letter code",
    "antibody_label": "chain:residue",
    "cdr": "CDR (IMGT), framework or constant domain; empty for a binder that is no antibody",
    "antibody_part": "main or side chain",
    "antibody_atoms": "as antigen_atoms",
    "donor": "side that gives the hydrogen of a bond, either where both can; which side is the cation of a cation–π",
    "distance_A": "of the nearest atoms, of ring centres, of charge and ring centre; the longer leg by a water, Å",
    "angle_deg": "of the ring planes, at the water, or the smaller one at the two atoms of a hydrogen bond",
    "atom_pairs": "pairs of atoms that meet the criterion",
    "water": "chain:number of the bridging water, else empty",
}
"""Columns of the table of typed contacts, each with what it holds."""

_SIX = {"F": "CG CD1 CD2 CE1 CE2 CZ", "Y": "CG CD1 CD2 CE1 CE2 CZ", "W": "CD2 CE2 CE3 CZ2 CZ3 CH2"}
_FIVE = {"W": "CG CD1 CD2 NE1 CE2", "H": "CG ND1 CD2 CE1 NE2"}
RINGS = frozenset({*_SIX, *_FIVE})
"""Residues with an aromatic ring."""
_CHARGES = {"K": "NZ", "R": "NE NH1 NH2"}


def interaction_table(
    antigen: ResidueAtoms,
    antibody: ResidueAtoms,
    positions: Integers,
    regions: Strings,
    waters: ResidueAtoms | None = None,
) -> pd.DataFrame:
    """List the contacts of an interface by kind.

    Parameters
    ----------
    antigen, antibody : ResidueAtoms
    positions : ndarray of int, shape (n_antigen_residues,)
        Reference position of each antigen residue.
    regions : ndarray of str, shape (n_antibody_residues,)
        Name of the CDR, or other region, of each antibody residue.
    waters : ResidueAtoms, optional
        Oxygens of the waters; none where not given.

    Returns
    -------
    pandas.DataFrame
        Columns `INTERACTION_COLUMNS`: a row for each hydrogen bond and each water bridge between two
        residues, and one for each pair of residues of every other kind.

    Notes
    -----
    A pair of residues may have several kinds; an N–H···O between charged groups is both a salt
    bridge and a hydrogen bond. Histidine counts as a cation in salt bridges, as it may be one, and
    not in cation–π, which is Lys and Arg.
    """
    import pandas as pd

    pairs = pairs_between(antigen, antibody, CONTACT_A)
    bonds = pairs.keep(hydrogen_bonds(antigen, antibody, pairs))
    found = [
        _per_residue_pair("salt bridge", antigen, antibody, pairs.keep(salt_bridges(antigen, antibody, pairs))),
        _bond_rows(antigen, antibody, bonds),
        *_cation_pi(antigen, antibody),
        _stacking(antigen, antibody),
        *([] if waters is None else [_water_bridges(antigen, antibody, waters)]),
        _per_residue_pair("hydrophobic", antigen, antibody, pairs.keep(hydrophobic(antigen, antibody, pairs))),
    ]
    typed = pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)
    rest = _per_residue_pair("van der Waals", antigen, antibody, pairs)
    known = set(zip(typed["one"], typed["two"], strict=True))
    rest = rest[[key not in known for key in zip(rest["one"], rest["two"], strict=True)]]
    rows = pd.concat([part for part in (typed, rest) if len(part)] or [typed], ignore_index=True)
    order = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    rows = rows.assign(order=order).sort_values(["one", "two", "order", "distance_A"], kind="stable")
    i, j = rows["one"].to_numpy(dtype=np.intp), rows["two"].to_numpy(dtype=np.intp)
    identity = {
        "antigen_position": positions[i],
        "antigen_residue": antigen.letters[i],
        "antibody_chain": antibody.chains[j],
        "antibody_number": antibody.numbers[j],
        "antibody_insertion_code": np.char.strip(antibody.insertion_codes[j]),
        "antibody_residue": antibody.letters[j],
        "antibody_label": antibody.labels[j],
        "cdr": regions[j],
    }
    return rows.assign(**identity)[list(INTERACTION_COLUMNS)].reset_index(drop=True)


def _rows(kind: str, **columns: Any) -> pd.DataFrame:
    """Return rows of one kind; what is not given is empty."""
    import pandas as pd

    count = len(columns["one"])
    empty: dict[str, Any] = {"donor": "", "angle_deg": np.full(count, np.nan), "atom_pairs": 1, "water": ""}
    return pd.DataFrame({"kind": [kind] * count, **empty, **columns})


def _parts(atoms: ResidueAtoms, index: Integers) -> Strings:
    """Say of atoms whether they are of the main or the side chain."""
    return np.where(atoms.is_backbone[index], "main", "side")


def _single(names: Strings) -> list[tuple[str, ...]]:
    """Return each name as a tuple of one."""
    return [(name,) for name in names.tolist()]


def _per_residue_pair(kind: str, antigen: ResidueAtoms, antibody: ResidueAtoms, pairs: AtomPairs) -> pd.DataFrame:
    """Return a row for each pair of residues, by its nearest atoms, with the number of atom pairs."""
    rows = _atom_rows(kind, antigen, antibody, pairs)
    count = rows.groupby(["one", "two"])["kind"].transform("size")
    nearest = rows.assign(atom_pairs=count).sort_values("distance_A", kind="stable")
    return nearest.drop_duplicates(["one", "two"])


def _atom_rows(kind: str, antigen: ResidueAtoms, antibody: ResidueAtoms, pairs: AtomPairs, **more: Any) -> pd.DataFrame:
    """Return a row for each pair of atoms."""
    i, j = pairs.first, pairs.second
    return _rows(
        kind,
        one=antigen.residue[i],
        two=antibody.residue[j],
        antigen_part=_parts(antigen, i),
        antigen_atoms=_single(antigen.names[i]),
        antibody_part=_parts(antibody, j),
        antibody_atoms=_single(antibody.names[j]),
        distance_A=pairs.distance,
        **more,
    )


def _bond_rows(antigen: ResidueAtoms, antibody: ResidueAtoms, pairs: AtomPairs) -> pd.DataFrame:
    """Return hydrogen bonds with the side that gives the hydrogen."""
    i, j = pairs.first, pairs.second
    one, two = atom_roles(antigen), atom_roles(antibody)
    third_1, third_2 = one.antecedents(antigen.positions), two.antecedents(antibody.positions)
    gives, takes = one.donor[i] & two.acceptor[j], two.donor[j] & one.acceptor[i]
    smaller = np.minimum(
        angle(third_1[i], antigen.positions[i], antibody.positions[j]),
        angle(third_2[j], antibody.positions[j], antigen.positions[i]),
    )
    donor = np.where(gives & takes, "either", np.where(gives, "antigen", "antibody"))
    return _atom_rows("hydrogen bond", antigen, antibody, pairs, donor=donor, angle_deg=smaller)


def rings(atoms: ResidueAtoms) -> tuple[Integers, Floats, Floats, list[tuple[str, ...]]]:
    """Find the aromatic rings that are complete.

    Returns
    -------
    tuple
        Residue, centre and unit normal of each ring, shapes (n,), (n, 3), (n, 3), and its atoms' names.
    """
    residue, centre, normal, members = [], [], [], []
    for table in (_SIX, _FIVE):
        for letter, text in table.items():
            names = tuple(text.split())
            mine = atoms.letters == letter
            points = np.stack([atoms.atom(name)[mine] for name in names], axis=1)
            whole = ~np.isnan(points).any(axis=(1, 2))
            points = points[whole]
            middle = points.mean(axis=1)
            residue.append(np.flatnonzero(mine)[whole])
            centre.append(middle)
            normal.append(np.linalg.svd(points - middle[:, None], full_matrices=False)[2][:, 2])
            members += [names] * len(points)
    return np.concatenate(residue), np.concatenate(centre), np.concatenate(normal), members


def _charges(atoms: ResidueAtoms) -> tuple[Integers, Floats, list[tuple[str, ...]]]:
    """Find the charge centres of Lys and Arg that are complete."""
    residue, centre, members = [], [], []
    for letter, text in _CHARGES.items():
        names = tuple(text.split())
        mine = atoms.letters == letter
        points = np.stack([atoms.atom(name)[mine] for name in names], axis=1).mean(axis=1)
        whole = ~np.isnan(points).any(axis=1)
        residue.append(np.flatnonzero(mine)[whole])
        centre.append(points[whole])
        members += [names] * int(whole.sum())
    return np.concatenate(residue), np.concatenate(centre), members


def _offset(centre: Floats, normal: Floats, point: Floats) -> Floats:
    """Return how far a point stands off a ring's centre, seen along the ring's normal."""
    apart = point - centre
    return np.asarray(np.linalg.norm(apart - np.sum(apart * normal, axis=-1, keepdims=True) * normal, axis=-1))


def _nearest_rings(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the nearest rings of each pair of residues: tryptophan has two."""
    return rows.sort_values("distance_A", kind="stable").drop_duplicates(["one", "two"])


def _stacking(antigen: ResidueAtoms, antibody: ResidueAtoms) -> pd.DataFrame:
    """Return stacked rings, parallel and T-shaped."""
    one, centre_1, normal_1, atoms_1 = rings(antigen)
    two, centre_2, normal_2, atoms_2 = rings(antibody)
    c1, c2, n1, n2 = centre_1[:, None], centre_2[None], normal_1[:, None], normal_2[None]
    distance = np.linalg.norm(c1 - c2, axis=-1)
    planes = np.degrees(np.arccos(np.clip(np.abs(np.sum(n1 * n2, axis=-1)), 0.0, 1.0)))
    offset = np.minimum(_offset(c1, n1, c2), _offset(c2, n2, c1))
    flat = (planes <= PI_STACKING_ANGLE_DEG) | (planes >= 90.0 - PI_STACKING_ANGLE_DEG)
    i, j = np.nonzero((distance <= PI_STACKING_A) & flat & (offset <= RING_OFFSET_A))
    return _nearest_rings(
        _rows(
            "π-stacking",
            one=one[i],
            two=two[j],
            antigen_part="side",
            antigen_atoms=[atoms_1[k] for k in i.tolist()],
            antibody_part="side",
            antibody_atoms=[atoms_2[k] for k in j.tolist()],
            distance_A=distance[i, j],
            angle_deg=planes[i, j],
        ),
    )


def _cation_pi(antigen: ResidueAtoms, antibody: ResidueAtoms) -> list[pd.DataFrame]:
    """Return cations above rings, the cation on either side."""
    found = []
    for cations, others, donor in ((antigen, antibody, "antigen"), (antibody, antigen, "antibody")):
        residue, charge, charge_atoms = _charges(cations)
        ring, centre, normal, ring_atoms = rings(others)
        distance = np.linalg.norm(charge[:, None] - centre[None], axis=-1)
        offset = _offset(centre[None], normal[None], charge[:, None])
        i, j = np.nonzero((distance <= CATION_PI_A) & (offset <= RING_OFFSET_A))
        sides = (residue[i], [charge_atoms[k] for k in i.tolist()]), (ring[j], [ring_atoms[k] for k in j.tolist()])
        first, second = sides if donor == "antigen" else sides[::-1]
        rows = _rows(
            "cation–π",
            one=first[0],
            two=second[0],
            antigen_part="side",
            antigen_atoms=first[1],
            antibody_part="side",
            antibody_atoms=second[1],
            distance_A=distance[i, j],
            donor=donor,
        )
        found.append(_nearest_rings(rows))
    return found


def _water_bridges(antigen: ResidueAtoms, antibody: ResidueAtoms, waters: ResidueAtoms) -> pd.DataFrame:
    """Return waters that hold a polar atom of each side, the nearest atoms of each two residues."""
    legs = [_water_legs(atoms, waters) for atoms in (antigen, antibody)]
    i, j = np.nonzero(legs[0].second[:, None] == legs[1].second[None, :])
    one, two, water = legs[0].first[i], legs[1].first[j], legs[0].second[i]
    at_water = angle(antigen.positions[one], waters.positions[water], antibody.positions[two])
    longer = np.maximum(legs[0].distance[i], legs[1].distance[j])
    fits = (at_water >= WATER_ANGLE_DEG[0]) & (at_water <= WATER_ANGLE_DEG[1])
    bridges = AtomPairs(one, two, longer).keep(fits)
    residue = waters.residue[water[fits]]
    names = [f"{waters.chains[k]}:{waters.numbers[k]}" for k in residue.tolist()]
    rows = _atom_rows("water-mediated", antigen, antibody, bridges, angle_deg=at_water[fits], water=names)
    return rows.sort_values("distance_A", kind="stable").drop_duplicates(["one", "two", "water"])


def _water_legs(atoms: ResidueAtoms, waters: ResidueAtoms) -> AtomPairs:
    """Return the polar atoms that a water can bind, with the criterion of hydrogen bonds at their side."""
    pairs = pairs_between(atoms, waters, HYDROGEN_BOND_A)
    polar = atom_roles(atoms)
    third = polar.antecedents(atoms.positions)[pairs.first]
    bent = angle(third, atoms.positions[pairs.first], waters.positions[pairs.second])
    can = (polar.donor | polar.acceptor)[pairs.first]
    with np.errstate(invalid="ignore"):
        return pairs.keep(can & (bent >= HYDROGEN_BOND_ANGLE_DEG))
