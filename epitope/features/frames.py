"""What is measured of each frame of a trajectory: disulfides, distances, contacts, area, deviations.

`FrameMeasurement` knows from the first frame which atoms belong to what; after that a frame is
positions alone. It keeps counts and sums, no frames, so that its memory does not grow with their number.
Reading frames and making them whole is done in `epitope.structure.ensemble`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import Booleans, Floats, Integers, ResidueAtoms
from epitope.features.contacts import (
    CONTACT_A,
    WIDE_CONTACT_A,
    AtomPairs,
    AtomRoles,
    atom_roles,
    point_pairs,
)
from epitope.features.geometry import dihedral, nearest
from epitope.features.surface import lost_areas, radii_of
from epitope.structure.superposition import superposition

if TYPE_CHECKING:
    import pandas as pd
    from MDAnalysis import AtomGroup

    from epitope.features.measured import MeasuredComplex

KINDS = ("hydrogen bond", "salt bridge", "hydrophobic")
"""Kinds of contact that are told apart in each frame; the rest is van der Waals."""
_GIVERS = ("antigen", "antibody", "either")
_POSSIBLE = (*((KINDS[0], giver) for giver in _GIVERS), (KINDS[1], ""), (KINDS[2], ""), ("van der Waals", ""))
"""Kinds of contact, with who gives the hydrogen of a bond: the columns of `Site.lost`."""

FRAME_COLUMNS = {
    "frame": "index of the frame in the trajectory, from 0",
    "time_ps": "its time, ps; empty for the models of an ensemble",
    "antigen_rmsd_A": "Cα of the antigen after superposition on the first frame, Å",
    "epitope_rmsd_A": "Cα of the epitope loops in that superposition on the antigen, Å",
    "antibody_rmsd_A": "Cα of the antibody, or of what else binds, in the same superposition: how far it moved on the "
    "antigen, Å",
    "ss_FIRST_SECOND_A": "distance of the sulphurs of a disulfide, Å",
    "chi3_FIRST_SECOND_deg": "its χ3 (χss), degrees from -180 to 180",
    "centroid_FIRST_SECOND_A": "distance of side-chain centroids (atoms present, Cα excluded), Å",
    "min_distance_loop_FIRST_LAST_A": "smallest heavy-atom distance of an epitope loop to the antibody, Å",
    "contact_residues": "antigen residues within 4.0 Å of the antibody",
    "contact_pairs": "pairs of residues within 4.0 Å",
    "first_contacts_kept": "share of the first frame's pairs that are within 4.0 Å",
    "buried_antigen_A2": "area that the antibody buries of the antigen, Å²; empty in frames between the n-th ones",
    "buried_antibody_A2": "area that the antigen buries of the antibody, Å²; the same",
    "binding_lost_NAME": "pairs of antigen and antibody residues with a contact that the variant would lose",
    "fold_lost_NAME": "pairs of residues within the antigen with a contact that it would lose",
}
"""Columns of the table of frames, with what stands for names and positions in capitals."""
CONTACT_COLUMNS = {
    "antigen_position": "position of the antigen's residue",
    "antigen_residue": "its one-letter code in the structure",
    "antibody_label": "chain:residue of the binder",
    "cdr": "its CDR (IMGT), framework or constant domain; empty for a binder that is no antibody",
    "occupancy_4A": "share of the frames in which heavy atoms of the two are within 4.0 Å",
    "hydrogen_bond": "share of the frames with a hydrogen bond (heavy-atom criteria: 3.5 Å, 90°)",
    "salt_bridge": "share of the frames with a salt bridge within 4.0 Å",
    "hydrophobic": "share of the frames with apolar side-chain atoms within 4.0 Å",
    "mean_distance_A": "smallest heavy-atom distance, mean over the frames within 4.0 Å, Å",
    "times_formed": "how often the contact began; an occupancy from one or two such events is no average",
    "in_first_frame": "whether it is there in the first frame",
}
"""Columns of the table of contacts, each with what it holds."""
RMSF_COLUMNS = {
    "side": "antigen or antibody (what else binds is called so too)",
    "position": "position of an antigen residue in the reference sequence; empty for the antibody",
    "label": "chain:residue in the topology",
    "residue": "one-letter code",
    "region": "epitope loop, or CDR (IMGT), framework, constant domain",
    "rmsf_A": "root-mean-square fluctuation of the Cα about its mean, each side superposed on its own Cα in the first "
    "frame, Å",
}
"""Columns of the table of fluctuations, each with what it holds."""
SITE_COLUMNS = {
    "variant": "what the variant is called",
    "position": "position of a residue that it replaces or removes",
    "residue": "its one-letter code",
    "partner": "the residue in contact with it: chain:residue of the antibody, or residue of the antigen",
    "partner_side": "antibody (binding) or antigen (fold)",
    "occupancy_4A": "share of the frames with heavy atoms within 4.0 Å",
    "hydrogen_bond": "share of the frames with a hydrogen bond",
    "salt_bridge": "share of the frames with a salt bridge",
    "hydrophobic": "share of the frames with a hydrophobic contact",
    "lost": "share of the frames with a contact of the two that the variant would lose",
}
"""Columns of the table of variant sites, each with what it holds."""


@dataclass(frozen=True, eq=False)
class Site:
    """The residues that a variant replaces or removes, and what they could do that is lost.

    Attributes
    ----------
    name : str
        What the variant is called.
    positions : tuple of int
    lost : ndarray of bool, shape (n_rows,)
        For each row of `possible_contacts` of these positions.
    """

    name: str
    positions: tuple[int, ...]
    lost: Booleans


def possible_contacts(structure: MeasuredComplex, positions: Sequence[int]) -> pd.DataFrame:
    """List every kind of contact that each atom of some residues might have.

    Parameters
    ----------
    structure : MeasuredComplex
    positions : sequence of int
        UniProt positions; those that are not observed have no rows.

    Returns
    -------
    pandas.DataFrame
        Columns ``antigen_position``, ``antigen_part``, ``antigen_atoms``, ``kind``, ``donor`` as in the table of
        contacts; for `epitope.impact.contacts_lost.contacts_lost` to judge.

    Examples
    --------
    >>> import epitope
    >>> len(possible_contacts(epitope.load(), [163])) // 6  # heavy atoms of arginine
    11
    """
    import pandas as pd

    atoms = structure.antigen_atoms
    mine = np.flatnonzero(np.isin(structure.positions[atoms.residue], positions))
    rows = [
        (
            int(structure.positions[atoms.residue[i]]),
            "main" if atoms.is_backbone[i] else "side",
            (atoms.names[i],),
            *kind,
        )
        for i in mine.tolist()
        for kind in _POSSIBLE
    ]
    return pd.DataFrame(rows, columns=["antigen_position", "antigen_part", "antigen_atoms", "kind", "donor"])


class FrameMeasurement:
    """Measures frames of a complex, one after the other.

    Parameters
    ----------
    structure : MeasuredComplex
        The complex at the first frame, which is the reference.
    pairs : sequence of (int, int)
        Positions whose side-chain centroids are followed.
    sites : sequence of Site
        Sites of variants.
    area_every : int
        The buried area is measured in every n-th frame; 0 for none.

    Attributes
    ----------
    columns : tuple of str
        What a frame gives, without its index and time.

    Examples
    --------
    >>> import epitope
    >>> held = epitope.load()
    >>> measured = FrameMeasurement(held, [(60, 229)])
    >>> row = measured.add(held.complex.universe.atoms.positions)
    >>> round(float(row[measured.columns.index("centroid_60_229_A")]), 1)
    8.7
    """

    def __init__(
        self,
        structure: MeasuredComplex,
        pairs: Sequence[tuple[int, int]] = (),
        sites: Sequence[Site] = (),
        *,
        area_every: int = 0,
    ) -> None:
        held, antigen, antibody = structure.complex, structure.antigen_atoms, structure.antibody_atoms
        self._antigen_atoms = _sorted_indices(held.antigen)
        self._antibody_atoms = _sorted_indices(held.antibody)
        self._area_every, self._count = area_every, 0
        self._deviation = _Deviation(structure)
        self._distances = _Distances(structure, pairs)
        self._contacts = _Contacts(structure) if antibody is not None else None
        self._sites = _Sites(structure, sites, self._contacts) if sites else None
        self._radii = (radii_of(antigen), radii_of(antibody)) if antibody is not None and area_every else None
        self.columns: tuple[str, ...] = (
            *self._deviation.columns,
            *self._distances.columns,
            *(self._contacts.columns if self._contacts else ()),
            *(("buried_antigen_A2", "buried_antibody_A2") if self._radii else ()),
            *(self._sites.columns if self._sites else ()),
        )

    def add(self, positions: Floats) -> Floats:
        """Measure one frame.

        Parameters
        ----------
        positions : ndarray, shape (n_atoms, 3)
            Of all atoms of the complex's universe, whole.

        Returns
        -------
        ndarray, shape (n_columns,)
            NaN for what this frame does not give.
        """
        positions = np.asarray(positions, dtype=np.float64)
        antigen, antibody = positions[self._antigen_atoms], positions[self._antibody_atoms]
        row = [self._deviation.add(antigen, antibody), self._distances.measure(antigen)]
        pairs = None
        if self._contacts is not None:
            pairs = point_pairs(antigen, antibody, WIDE_CONTACT_A)
            row.append(self._contacts.add(antigen, antibody, pairs))
        if self._radii is not None:
            due = self._count % self._area_every == 0
            lost = lost_areas(antigen, antibody, self._radii) if due else (np.nan, np.nan)
            row.append(np.array([np.sum(areas) for areas in lost]))
        if self._sites is not None:
            row.append(self._sites.add(antigen, antibody, pairs))
        self._count += 1
        return np.concatenate(row)

    def contacts(self) -> pd.DataFrame:
        """Return the contacts of antigen and antibody with their occupancy, columns `CONTACT_COLUMNS`."""
        import pandas as pd

        if self._contacts is None:
            return pd.DataFrame(columns=list(CONTACT_COLUMNS))
        return self._contacts.table(self._count)

    def fluctuations(self) -> pd.DataFrame:
        """Return the fluctuation of each residue, columns `RMSF_COLUMNS`."""
        return self._deviation.table(self._count)

    def sites(self) -> pd.DataFrame:
        """Return the contacts of the variants' residues, columns `SITE_COLUMNS`."""
        import pandas as pd

        if self._sites is None:
            return pd.DataFrame(columns=list(SITE_COLUMNS))
        return self._sites.table(self._count)


def _sorted_indices(atoms: AtomGroup) -> Integers:
    """Return the indices of atoms in the order of `ResidueAtoms.from_atomgroup`."""
    return np.asarray(atoms.indices[np.argsort(atoms.resindices, kind="stable")])


class _Deviation:
    """How far Cα are from the first frame, and how they fluctuate."""

    def __init__(self, structure: MeasuredComplex) -> None:
        antigen, antibody = structure.antigen_atoms, structure.antibody_atoms
        self._structure = structure
        self._sides = [atoms for atoms in (antigen, antibody) if atoms is not None]
        self._ca = [np.flatnonzero(atoms.names == "CA") for atoms in self._sides]
        self._first = [atoms.positions[ca] for atoms, ca in zip(self._sides, self._ca, strict=True)]
        self._mean = [first.copy() for first in self._first]
        self._squares = [np.zeros_like(first) for first in self._first]
        self._count = 0
        loops = [p for loop in structure.epitope.loops for p in loop.positions] or structure.contact_positions
        self._epitope = np.isin(structure.positions[antigen.residue[self._ca[0]]], loops)
        self.columns = ("antigen_rmsd_A", "epitope_rmsd_A", "antibody_rmsd_A")[: len(self._sides) + 1]

    def add(self, antigen: Floats, antibody: Floats) -> Floats:
        self._count += 1
        points = [xyz[ca] for xyz, ca in zip((antigen, antibody), self._ca, strict=False)]
        fits = [superposition(mine, first) for mine, first in zip(points, self._first, strict=True)]
        on_own = [fit.there(mine) for fit, mine in zip(fits, points, strict=True)]
        for n, moved in enumerate(on_own):
            apart = moved - self._mean[n]
            self._mean[n] += apart / self._count
            self._squares[n] += apart * (moved - self._mean[n])
        off = ((on_own[0] - self._first[0]) ** 2).sum(axis=1)
        mean_squares = [off.mean(), off[self._epitope].mean() if self._epitope.any() else np.nan]
        if len(points) > 1:
            mean_squares.append(np.square(fits[0].there(points[1]) - self._first[1]).sum() / len(points[1]))
        return np.sqrt(mean_squares)

    def table(self, count: int) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for n, (side, atoms, ca) in enumerate(zip(("antigen", "antibody"), self._sides, self._ca, strict=False)):
            residue = atoms.residue[ca]
            positions = self._structure.positions[residue] if n == 0 else [None] * len(residue)
            regions = self._loops(residue) if n == 0 else self._structure.antibody_regions[residue]
            rmsf = np.sqrt(self._squares[n].sum(axis=1) / max(count, 1))
            labels, letters = atoms.labels[residue], atoms.letters[residue]
            rows += list(zip([side] * len(residue), positions, labels, letters, regions, rmsf, strict=True))
        return pd.DataFrame(rows, columns=list(RMSF_COLUMNS)).astype({"position": "Int64"})

    def _loops(self, residue: Integers) -> list[str]:
        loops = [self._structure.epitope.loop_at(int(p)) for p in self._structure.positions[residue]]
        return ["" if loop is None else loop.name for loop in loops]


class _Distances:
    """Disulfides and side-chain centroids, by fixed atoms."""

    def __init__(self, structure: MeasuredComplex, pairs: Sequence[tuple[int, int]]) -> None:
        atoms, positions = structure.antigen_atoms, structure.positions
        place = {
            (int(positions[residue]), str(name)): i
            for i, (residue, name) in enumerate(zip(atoms.residue.tolist(), atoms.names.tolist(), strict=True))
        }
        bridges = [
            (bond.first, bond.second, [place.get((p, name), -1) for p, name in _chi3(bond.first, bond.second)])
            for bond in structure.target.disulfides
        ]
        bridges = [bridge for bridge in bridges if -1 not in bridge[2]]
        self._bridges = np.array([found for *_, found in bridges], dtype=np.intp).reshape(-1, 4)
        side = ~atoms.is_backbone
        of_atom = positions[atoms.residue]
        ends = list(dict.fromkeys(position for pair in pairs for position in pair))
        members = [np.flatnonzero(side & (of_atom == position)) for position in ends]
        shown = [position for position, mine in zip(ends, members, strict=True) if len(mine)]
        sizes = [len(mine) for mine in members if len(mine)]
        self._side_atoms = np.concatenate([*members, np.zeros(0, dtype=np.intp)]).astype(np.intp)
        self._sizes = np.array(sizes, dtype=np.intp)
        # A residue without side chain has the last centroid, which is none.
        place_of = {position: i for i, position in enumerate(shown)}
        self._pairs = np.array([[place_of.get(p, -1) for p in pair] for pair in pairs], dtype=np.intp).reshape(-1, 2)
        self.columns = (
            *(f"ss_{first}_{second}_A" for first, second, _ in bridges),
            *(f"chi3_{first}_{second}_deg" for first, second, _ in bridges),
            *(f"centroid_{first}_{second}_A" for first, second in pairs),
        )

    def measure(self, antigen: Floats) -> Floats:
        a, b, c, d = (antigen[self._bridges[:, i]] for i in range(4))
        centroids = np.full((len(self._sizes) + 1, 3), np.nan)
        if len(self._sizes):
            sums = np.add.reduceat(antigen[self._side_atoms], np.cumsum(self._sizes) - self._sizes)
            centroids[:-1] = sums / self._sizes[:, None]
        apart = centroids[self._pairs[:, 0]] - centroids[self._pairs[:, 1]]
        return np.concatenate([np.linalg.norm(b - c, axis=1), dihedral(a, b, c, d), np.linalg.norm(apart, axis=1)])


def _chi3(first: int, second: int) -> list[tuple[int, str]]:
    """Name the four atoms of a disulfide's torsion."""
    return [(first, "CB"), (first, "SG"), (second, "SG"), (second, "CB")]


@dataclass(eq=False)
class _Tally:
    """How often each pair of residues of two sets was seen, by what; a frame gives each pair once."""

    shape: tuple[int, int]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        self.counts = {name: np.zeros(self.shape, dtype=np.int32) for name in self.names}

    def add(self, name: str, codes: Integers) -> None:
        """Count pairs, each given once or more, by the code ``first * n_second + second``."""
        self.counts[name].ravel()[codes] += 1

    def share(self, name: str, count: int) -> Floats:
        return np.asarray(self.counts[name] / max(count, 1))


class _Contacts:
    """Contacts of antigen and antibody, and the distances of loops that follow from them."""

    def __init__(self, structure: MeasuredComplex) -> None:
        antibody = structure.antibody_atoms
        assert antibody is not None
        self._structure, self._one, self._two = structure, structure.antigen_atoms, antibody
        self.roles = atom_roles(self._one), atom_roles(antibody)
        shape = len(self._one), len(antibody)
        self._tally = _Tally(shape, ("contact", *KINDS, "formed"))
        self._last = np.full(shape[0] * shape[1], -2)
        self._distance = np.zeros(shape[0] * shape[1])
        self._first: Integers | None = None
        self._frame = -1
        of_atom = structure.positions[self._one.residue]
        loops = structure.epitope.loops
        self._loops = [np.isin(of_atom, loop.positions) for loop in loops]
        self.columns = (
            *(f"min_distance_loop_{loop.start}_{loop.end}_A" for loop in loops),
            *("contact_residues", "contact_pairs", "first_contacts_kept"),
        )

    def add(self, antigen: Floats, antibody: Floats, pairs: AtomPairs) -> Floats:
        self._frame += 1
        loops = [self._loop(antigen, antibody, pairs, loop) for loop in self._loops]
        close = pairs.keep(pairs.distance <= CONTACT_A)
        code = self._one.residue[close.first] * len(self._two) + self._two.residue[close.second]
        kinds = _kinds(self.roles, antigen, antibody, close)
        for kind, mask in kinds.items():
            self._tally.add(kind, code[mask])
        order = np.lexsort((close.distance, code))
        codes, at = np.unique(code[order], return_index=True)
        self._tally.add("contact", codes)
        self._tally.add("formed", codes[self._last[codes] != self._frame - 1])
        self._last[codes] = self._frame
        self._distance[codes] += close.distance[order][at]
        if self._first is None:
            self._first = codes
        kept = np.isin(self._first, codes, assume_unique=True).mean() if len(self._first) else np.nan
        return np.array([*loops, len(np.unique(codes // len(self._two))), len(codes), kept])

    def _loop(self, antigen: Floats, antibody: Floats, pairs: AtomPairs, loop: Booleans) -> float:
        """Return the smallest distance of a loop: of the pairs that are known, else sought for."""
        if not loop.any():
            return float("nan")
        near = pairs.distance[loop[pairs.first]]
        return float(near.min() if len(near) else nearest(antigen[loop], antibody).min())

    def table(self, count: int) -> pd.DataFrame:
        import pandas as pd

        one, two = np.nonzero(self._tally.counts["contact"])
        code = one * len(self._two) + two
        seen = self._tally.counts["contact"][one, two]
        shares = {kind.replace(" ", "_"): self._tally.share(kind, count)[one, two] for kind in KINDS}
        return pd.DataFrame(
            {
                "antigen_position": self._structure.positions[one],
                "antigen_residue": self._one.letters[one],
                "antibody_label": self._two.labels[two],
                "cdr": self._structure.antibody_regions[two],
                "occupancy_4A": seen / max(count, 1),
                **shares,
                "mean_distance_A": self._distance[code] / seen,
                "times_formed": self._tally.counts["formed"][one, two],
                "in_first_frame": np.isin(code, self._first if self._first is not None else []),
            }
        )[list(CONTACT_COLUMNS)]


def _kinds(roles: tuple[AtomRoles, AtomRoles], first: Floats, second: Floats, pairs: AtomPairs) -> dict[str, Booleans]:
    """Say of which kinds each pair of atoms is."""
    one, two = roles
    found = (one.bonds(first, two, second, pairs), one.opposite(two, pairs), one.both_apolar(two, pairs))
    return dict(zip(KINDS, found, strict=True))


class _Sites:
    """Contacts of the residues of variants, with the antibody and within the antigen."""

    def __init__(self, structure: MeasuredComplex, sites: Sequence[Site], contacts: _Contacts | None) -> None:
        atoms = structure.antigen_atoms
        own = contacts.roles[0] if contacts else atom_roles(atoms)
        of_atom = structure.positions[atoms.residue]
        self._atoms = np.flatnonzero(np.isin(of_atom, [p for site in sites for p in site.positions]))
        bonded = np.flatnonzero(atoms.joined_to_previous)
        self._bonded = np.concatenate([(bonded - 1) * len(atoms) + bonded, bonded * len(atoms) + bonded - 1])
        self._one, self._roles = atoms, (own, own)
        labels = [structure.target.residue_name(int(p)) for p in structure.positions]
        followed = [
            _SiteContacts(structure, site, np.flatnonzero(np.isin(of_atom, site.positions)), "antigen", labels)
            for site in sites
        ]
        self._fold = followed
        self._binding: list[_SiteContacts] = []
        antibody = structure.antibody_atoms
        if contacts is not None and antibody is not None:
            self._two, self._both = antibody, contacts.roles
            self._binding = [
                _SiteContacts(structure, one.site, one.atoms, "antibody", antibody.labels.tolist()) for one in followed
            ]
        self.columns = (
            *(f"binding_lost_{one.site.name}" for one in self._binding),
            *(f"fold_lost_{one.site.name}" for one in followed),
        )

    def add(self, antigen: Floats, antibody: Floats, pairs: AtomPairs | None) -> Floats:
        lost = []
        if pairs is not None and self._binding:
            close = pairs.keep((pairs.distance <= CONTACT_A) & np.isin(pairs.first, self._atoms))
            kinds = _kinds(self._both, antigen, antibody, close)
            lost += [one.add(self._both, close, kinds, self._one, self._two) for one in self._binding]
        found = point_pairs(antigen[self._atoms], antigen, CONTACT_A)
        inside = AtomPairs(self._atoms[found.first], found.second, found.distance)
        one, two = self._one.residue[inside.first], self._one.residue[inside.second]
        inside = inside.keep((one != two) & ~np.isin(one * len(self._one) + two, self._bonded))
        kinds = _kinds(self._roles, antigen, antigen, inside)
        lost += [site.add(self._roles, inside, kinds, self._one, self._one) for site in self._fold]
        return np.array(lost, dtype=np.float64)

    def table(self, count: int) -> pd.DataFrame:
        import pandas as pd

        tables = [rows for one in (*self._binding, *self._fold) if len(rows := one.table(count))]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(SITE_COLUMNS))


class _SiteContacts:
    """Contacts of the residues of one variant with one side."""

    def __init__(
        self, structure: MeasuredComplex, site: Site, atoms: Integers, side: str, labels: Sequence[str]
    ) -> None:
        self.site, self.atoms, self._side, self._labels = site, atoms, side, labels
        self._structure = structure
        self._lost = np.zeros((len(structure.antigen_atoms.names), len(_POSSIBLE)), dtype=bool)
        self._lost[atoms] = site.lost.reshape(-1, len(_POSSIBLE))
        self._mine = np.isin(np.arange(len(self._lost)), atoms)
        self._tally = _Tally((len(structure.positions), len(labels)), ("contact", *KINDS, "lost"))

    def add(
        self,
        roles: tuple[AtomRoles, AtomRoles],
        pairs: AtomPairs,
        kinds: dict[str, Booleans],
        one: ResidueAtoms,
        two: ResidueAtoms,
    ) -> int:
        """Count one frame; return how many pairs of residues have a contact that is lost."""
        mine = self._mine[pairs.first]
        if self._side == "antigen":  # what goes together with its partner is no loss of a contact
            mine &= ~self._mine[pairs.second]
        i, j = pairs.first[mine], pairs.second[mine]
        code = one.residue[i] * len(two) + two.residue[j]
        bond, bridge, apolar = (kinds[kind][mine] for kind in KINDS)
        gives = roles[0].donor[i] & roles[1].acceptor[j]
        takes = roles[0].acceptor[i] & roles[1].donor[j]
        giver = np.where(gives & takes, _GIVERS.index("either"), np.where(gives, 0, 1))
        lost = (bond & self._lost[i, giver]) | (bridge & self._lost[i, 3]) | (apolar & self._lost[i, 4])
        # Residues that touch without any of these kinds: their nearest atoms decide.
        typed = np.isin(code, code[bond | bridge | apolar])
        order = np.lexsort((pairs.distance[mine], code))
        codes, at = np.unique(code[order], return_index=True)
        near = order[at]
        rest = near[~typed[near]]
        gone = np.unique(np.concatenate([code[lost], code[rest[self._lost[i[rest], 5]]]]))
        self._tally.add("contact", codes)
        for kind, mask in zip(KINDS, (bond, bridge, apolar), strict=True):
            self._tally.add(kind, code[mask])
        self._tally.add("lost", gone)
        return len(gone)

    def table(self, count: int) -> pd.DataFrame:
        import pandas as pd

        one, two = np.nonzero(self._tally.counts["contact"])
        share = {name: self._tally.share(name, count)[one, two] for name in self._tally.names}
        return pd.DataFrame(
            {
                "variant": self.site.name,
                "position": self._structure.positions[one],
                "residue": self._structure.antigen_atoms.letters[one],
                "partner": [self._labels[k] for k in two.tolist()],
                "partner_side": self._side,
                "occupancy_4A": share["contact"],
                **{kind.replace(" ", "_"): share[kind] for kind in KINDS},
                "lost": share["lost"],
            },
            columns=list(SITE_COLUMNS),
        )
