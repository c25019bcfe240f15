"""The interface of an antigen with its antibody: who touches whom, how, and how much is buried.

Two definitions of the epitope stand side by side here and are never merged: the loops
(those that a paper names, where one does), and the residues that the coordinates show in contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import Integers, ResidueAtoms, Strings
from epitope.features.contacts import (
    CONTACT_A,
    WIDE_CONTACT_A,
    AtomPairs,
    hydrogen_bonds,
    hydrophobic,
    pairs_between,
    salt_bridges,
)

if TYPE_CHECKING:
    import pandas as pd

    from epitope.target.model import Region


@dataclass(frozen=True)
class Interface:
    """Contacts and buried area between antigen and antibody.

    Attributes
    ----------
    contacts : pandas.DataFrame
        One row per pair of residues within 5 Å: ``antigen_position``, ``antigen_residue``,
        ``antibody_chain``, ``antibody_number``, ``antibody_insertion_code``,
        ``antibody_residue``, ``antibody_label``, ``cdr``, ``min_distance_A``, ``atom_pairs_4A``,
        ``atom_pairs_5A``, ``types``.
    epitope_4A : tuple of int
        UniProt positions in contact at 4.0 Å: the computed epitope.
    loops : tuple of Region
        The loops of the epitope, published or computed.
    buried_area_antigen_A2, buried_area_antibody_A2 : float
        Area lost by each side on binding.
    """

    contacts: pd.DataFrame
    epitope_4A: tuple[int, ...]
    loops: tuple[Region, ...]
    buried_area_antigen_A2: float
    buried_area_antibody_A2: float

    @property
    def contacts_outside_loops(self) -> tuple[int, ...]:
        """Contact residues that no loop contains."""
        return tuple(p for p in self.epitope_4A if not any(p in loop for loop in self.loops))

    @property
    def loop_residues_without_contact(self) -> tuple[int, ...]:
        """Residues of the loops that touch nothing at 4.0 Å."""
        touching = set(self.epitope_4A)
        return tuple(p for loop in self.loops for p in loop.positions if p not in touching)

    def contacts_per_cdr(self) -> pd.DataFrame:
        """Count residue and atom pairs at 4.0 Å for each CDR; none for a partner that has no CDR.

        Returns
        -------
        pandas.DataFrame
            ``antibody_chain``, ``cdr``, ``residue_pairs``, ``atom_pairs_4A``.
        """
        close = self.contacts[(self.contacts["atom_pairs_4A"] > 0) & (self.contacts["cdr"] != "")]
        return (
            close.groupby(["antibody_chain", "cdr"])["atom_pairs_4A"]
            .agg(residue_pairs="size", atom_pairs_4A="sum")
            .reset_index()
        )

    def pairs_by_type(self) -> dict[str, int]:
        """Count the residue pairs at 4.0 Å that show each type of contact."""
        close = self.contacts[self.contacts["atom_pairs_4A"] > 0]
        return {
            name: int(close["types"].map(lambda types, name=name: name in types).sum())
            for name in ("hydrogen bond", "salt bridge", "hydrophobic", "van der Waals")
        }


def contact_table(antigen: ResidueAtoms, antibody: ResidueAtoms, positions: Integers, regions: Strings) -> pd.DataFrame:
    """List the residue pairs of an interface with their kinds of contact.

    Parameters
    ----------
    antigen, antibody : ResidueAtoms
    positions : ndarray of int, shape (n_antigen_residues,)
        UniProt position of each antigen residue.
    regions : ndarray of str, shape (n_antibody_residues,)
        Name of the CDR, or other region, of each antibody residue; "" in a partner that has none.

    Returns
    -------
    pandas.DataFrame
        See `Interface.contacts`; ``types`` is a tuple of names.
    """
    import pandas as pd

    pairs = pairs_between(antigen, antibody, WIDE_CONTACT_A)
    one, two = antigen.residue[pairs.first], antibody.residue[pairs.second]
    frame = pd.DataFrame(
        {
            "one": one,
            "two": two,
            "distance": pairs.distance,
            "close": pairs.distance <= CONTACT_A,
            **_types(antigen, antibody, pairs),
        }
    )
    grouped = frame.groupby(["one", "two"], sort=True).agg(
        min_distance_A=("distance", "min"),
        atom_pairs_4A=("close", "sum"),
        atom_pairs_5A=("close", "size"),
        hydrogen_bond=("hydrogen bond", "any"),
        salt_bridge=("salt bridge", "any"),
        hydrophobic=("hydrophobic", "any"),
    )
    i, j = (grouped.index.get_level_values(level).to_numpy(dtype=np.intp) for level in ("one", "two"))
    labels = antibody.labels[j]
    return pd.DataFrame(
        {
            "antigen_position": positions[i],
            "antigen_residue": antigen.letters[i],
            "antibody_chain": antibody.chains[j],
            "antibody_number": antibody.numbers[j],
            "antibody_insertion_code": np.char.strip(antibody.insertion_codes[j]),
            "antibody_residue": antibody.letters[j],
            "antibody_label": labels,
            "cdr": regions[j],
            "min_distance_A": grouped["min_distance_A"].to_numpy(),
            "atom_pairs_4A": grouped["atom_pairs_4A"].to_numpy(),
            "atom_pairs_5A": grouped["atom_pairs_5A"].to_numpy(),
            "types": _type_names(grouped),
        }
    )


def _types(antigen: ResidueAtoms, antibody: ResidueAtoms, pairs: AtomPairs) -> dict[str, np.ndarray]:
    """Type each atom pair."""
    return {
        "hydrogen bond": hydrogen_bonds(antigen, antibody, pairs),
        "salt bridge": salt_bridges(antigen, antibody, pairs),
        "hydrophobic": hydrophobic(antigen, antibody, pairs),
    }


def _type_names(grouped: pd.DataFrame) -> list[tuple[str, ...]]:
    """Name the types of each residue pair; contacts of no special type are van der Waals."""
    names = []
    columns = ("hydrogen_bond", "salt_bridge", "hydrophobic")
    for close, *flags in zip(grouped["atom_pairs_4A"], *(grouped[column] for column in columns), strict=True):
        kinds = tuple(name.replace("_", " ") for name, flag in zip(columns, flags, strict=True) if flag)
        names.append(kinds or (("van der Waals",) if close else ()))
    return names
