"""The measured complex as arrays for drawing, by UniProt position.

`Molecule` looks up, once, where each position of the antigen is in the file and in
space, so that presets, figures and the trimmed coordinates need no loops over atoms.
Not for measuring; the residue table has the measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from epitope.features.atoms import ResidueAtoms
from epitope.show.scene import InterfaceAxes, Point, Selection, interface_axes, point
from epitope.structure.neighbours import nearest_distance
from epitope.target.positions import ranges
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.target.model import Region

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Molecule:
    """Antigen and antibody of a complex, ready for drawing."""

    structure: MeasuredComplex
    antigen: ResidueAtoms
    antibody: ResidueAtoms
    index: dict[int, int]

    @staticmethod
    @lru_cache(maxsize=4)
    def of(structure: MeasuredComplex) -> Molecule:
        """Cut a complex into arrays; those of the last few complexes are kept."""
        antigen = structure.antigen_atoms
        antibody = ResidueAtoms.from_arrays(structure.complex.cut("antibody"))
        place = {
            (str(chain), int(number), str(code).strip()): i
            for i, (chain, number, code) in enumerate(
                zip(antigen.chains, antigen.numbers, antigen.insertion_codes, strict=True)
            )
        }
        table = structure.residues
        seen = table[truth(table["observed"])]
        index = {
            int(position): place[key]
            for position, chain, number, code in zip(
                seen["uniprot_position"],
                seen["chain"],
                seen["author_number"],
                seen["insertion_code"],
                strict=True,
            )
            if (key := (str(chain), int(number), _code(code))) in place
        }
        return Molecule(structure, antigen, antibody, index)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The residue table, indexed by UniProt position."""
        table: pd.DataFrame = self.structure.residues.set_index("uniprot_position", drop=False)
        return table

    @cached_property
    def contacts(self) -> list[int]:
        """UniProt positions within 4 Å of the antibody, ascending."""
        return [int(p) for p in self.table.index[truth(self.table["contact_4A"])]]

    @cached_property
    def axes(self) -> InterfaceAxes:
        """How the complex lies."""
        return interface_axes(self.antigen.positions, self.antibody.positions)

    def loop_range(self, loop: Region) -> str:
        """Return the range of an epitope loop as text, ``97–107``."""
        return ranges(loop.positions, dash="–", label=self.structure.target.label)

    @cached_property
    def observed(self) -> list[int]:
        """UniProt positions with coordinates, ascending."""
        return sorted(self.index)

    def has(self, position: int) -> bool:
        """Say whether a position has coordinates."""
        return position in self.index

    def token(self, position: int) -> tuple[str, str]:
        """Return chain and author number (with insertion code) of an observed position."""
        i = self.index[position]
        return (
            str(self.antigen.chains[i]),
            f"{self.antigen.numbers[i]}{str(self.antigen.insertion_codes[i]).strip()}",
        )

    def selections(self, positions: list[int] | tuple[int, ...] | range) -> list[Selection]:
        """Return one selection per chain for the observed ones among ``positions``."""
        chains: dict[str, list[str]] = {}
        for position in positions:
            if self.has(position):
                chain, token = self.token(position)
                chains.setdefault(chain, []).append(token)
        return [Selection(chain, tuple(tokens)) for chain, tokens in chains.items()]

    def ca(self, position: int) -> Floats:
        """Return the Cα of an observed position, or the middle of its atoms, shape ``(3,)``."""
        i = self.index[position]
        ca = self.antigen.ca[i]
        return np.asarray(self.atoms(position).mean(axis=0) if np.isnan(ca).any() else ca)

    def atoms(self, position: int) -> Floats:
        """Return the heavy atoms of an observed position, shape ``(n_atoms, 3)``."""
        return np.asarray(self.antigen.positions[self.antigen.residue == self.index[position]])

    def tip(self, position: int) -> Point:
        """Return where a label of an observed position sits: its side chain, else its Cα."""
        centroid = self.antigen.side_chain_centroid[self.index[position]]
        return point(self.ca(position) if np.isnan(centroid).any() else centroid)

    def name(self, position: int) -> str:
        """Return residue and number, as ``Phe61``."""
        return self.structure.target.residue_name(position)

    def number(self, position: int, column: str) -> float:
        """Return one measurement of the residue table, NaN where there is none."""
        value: Any = self.table[column].to_numpy(dtype=float, na_value=np.nan)[position - 1]
        return float(value)

    def gap_ends(self) -> list[tuple[int, int]]:
        """Return the observed positions on both sides of each stretch without coordinates."""
        seen = self.observed
        return [(a, b) for a, b in pairwise(seen) if b - a > 1]

    def nearest_observed(self, position: int) -> int:
        """Return the observed position nearest in sequence; the smaller one when two are."""
        return min(self.observed, key=lambda p: (abs(p - position), p))

    def neighbours(self, position: int, within: float = 5.0, limit: int = 6) -> list[tuple[int, float]]:
        """Return residues near an observed one in space but not in sequence.

        Parameters
        ----------
        position : int
            UniProt position.
        within : float
            Largest heavy-atom distance, Å.
        limit : int
            At most so many, the nearest.

        Returns
        -------
        list of (int, float)
            Position and minimum heavy-atom distance in Å, nearest first.
        """
        out = [
            (other, distance)
            for other, distance in self.distances_from(position).items()
            if abs(other - position) > 1 and distance <= within
        ]
        return sorted(out, key=lambda pair: (pair[1], pair[0]))[:limit]

    def distances_from(self, position: int) -> dict[int, float]:
        """Return the minimum heavy-atom distance, Å, of every observed residue to one of them."""
        nearest = nearest_distance(self.antigen.positions, self.atoms(position))
        per_residue = np.minimum.reduceat(nearest, self.antigen.starts)
        return {p: round(float(per_residue[i]), 2) for p, i in self.index.items()}

    def closest_points(self, first: int, second: int) -> tuple[Point, Point, float]:
        """Return the nearest pair of heavy atoms of two residues and their distance, Å."""
        a, b = self.atoms(first), self.atoms(second)
        between = np.linalg.norm(a[:, None] - b, axis=2)
        i, j = np.unravel_index(int(between.argmin()), between.shape)
        return point(a[i]), point(b[j]), round(float(between[i, j]), 2)

    def paratope(self, cutoff: float = 4.0, around: int = 0) -> list[Selection]:
        """Return the antibody residues within ``cutoff`` Å of the antigen, and so many before and behind each."""
        if not len(self.antibody):
            return []
        near = nearest_distance(self.antibody.positions, self.antigen.positions) <= cutoff
        chains: dict[str, list[str]] = {}
        rows = np.unique(self.antibody.residue[near])
        wide = np.unique(np.clip(rows[:, None] + np.arange(-around, around + 1), 0, len(self.antibody) - 1))
        for i in wide:
            token = f"{self.antibody.numbers[i]}{str(self.antibody.insertion_codes[i]).strip()}"
            chains.setdefault(str(self.antibody.chains[i]), []).append(token)
        return [Selection(chain, tuple(tokens)) for chain, tokens in chains.items()]

    def binder_residues(self, selections: list[Selection]) -> dict[int, tuple[str, Floats]]:
        """Return name and middle of the residues of the binder in a selection, by their row, as ``H:Tyr52``."""
        wanted = {(s.chain, token) for s in selections for token in s.residues or ()}
        out = {}
        for i, (chain, number, code) in enumerate(
            zip(self.antibody.chains, self.antibody.numbers, self.antibody.insertion_codes, strict=True)
        ):
            token = f"{number}{str(code).strip()}"
            if (str(chain), token) in wanted:
                atoms = self.antibody.positions[self.antibody.residue == i]
                name = f"{chain}:{three_letter(str(self.antibody.letters[i]))}{token}"
                out[i] = (name, np.asarray(atoms.mean(axis=0)))
        return out


def truth(column: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Return a column of yes, no and unknown as a mask in which unknown is no."""
    return np.asarray(column.eq(True).fillna(False), dtype=bool)


def _code(value: object) -> str:
    """Return an insertion code as text, empty where there is none."""
    return str(value).strip() if isinstance(value, str) else ""
