"""One residue as the rules see it: a row of the residue table as a record.

Rules run thousands of times in a scan; a record with plain Python values is read
faster than a DataFrame cell. It carries measurements only, no judgement.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import StructureError
from epitope.target.residues import three_letter, written_residue

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Site:
    """A residue with its measurements; NaN or empty where the crystal does not show it.

    Field names and units are those of the residue table; ``label`` is `Target.label`,
    ``partner_label`` that of the residue at the other end of the disulfide.
    """

    uniprot_position: int
    residue: str
    observed: bool = True
    side_chain_complete: bool = True
    region: str = ""
    loop: str = ""
    secondary_structure: str = ""
    rsa_free: float = float("nan")
    neighbours_10A: float = float("nan")
    phi_deg: float = float("nan")
    side_chain_hydrogen_bonds: tuple[str, ...] = ()
    salt_bridges: tuple[str, ...] = ()
    disulfide_partner: int | None = None
    contact_4A: bool = False
    partners_4A: tuple[str, ...] = ()
    hydrogen_bonds_antibody: tuple[str, ...] = ()
    salt_bridges_antibody: tuple[str, ...] = ()
    buried_A2: float = float("nan")
    buried_fraction: float = float("nan")
    min_distance_antibody_A: float = float("nan")
    min_distance_epitope_A: float = float("nan")
    glycan: str = ""
    label: str = ""
    partner_label: str = ""
    before_in_element: int = 0
    """Residues of the same strand or helix in front of it; counted, not a column of the table."""

    @property
    def name(self) -> str:
        """The residue as people say it, ``Phe61``."""
        return written_residue(three_letter(self.residue), self.number)

    @property
    def number(self) -> str:
        """The number by which people know the residue: the label where it has one, else the position."""
        return self.label or str(self.uniprot_position)


_OF_A_CHAIN = (
    *("uniprot_position", "residue", "secondary_structure", "rsa_free", "neighbours_10A", "phi_deg"),
    *("side_chain_hydrogen_bonds", "salt_bridges", "disulfide_partner"),
)
"""The fields that a chain measured alone has."""
_ADDED = ("label", "partner_label", "before_in_element")
"""Fields that no column of the residue table holds."""


def sites_of(table: pd.DataFrame, *, chain_alone: bool = False, label: Callable[[int], str] = str) -> dict[int, Site]:
    """Turn a residue table into records.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column for each field of `Site` that is measured; other columns are left out.
    chain_alone : bool, default False
        Whether the table is of one chain, without target and antibody: only its own
        measurements are then required and read, and all its residues were observed.
    label : callable
        What a position is called, as `Target.label`.

    Returns
    -------
    dict
        UniProt position to `Site`.

    Raises
    ------
    StructureError
        If a column is missing, by its name.

    Examples
    --------
    >>> import epitope
    >>> round(sites_of(epitope.load().residues)[61].rsa_free, 2)
    0.03
    """
    names = list(_OF_A_CHAIN) if chain_alone else [field.name for field in fields(Site) if field.name not in _ADDED]
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise StructureError(
            f"residue table: column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; "
            "the rules need every column by its name in docs/tables.md"
        )
    columns = [[_plain(value) for value in table[name].astype(object)] for name in names]
    defaults = {field.name: field.default for field in fields(Site)}
    sites: dict[int, Site] = {}
    state, before = "", 0
    for row in zip(*columns, strict=True):
        known: dict[str, Any] = {
            name: (defaults[name] if value is None else value) for name, value in zip(names, row, strict=True)
        }
        before = before + 1 if known["secondary_structure"] == state and state in ("H", "E") else 0
        state = known["secondary_structure"]
        partner = known["disulfide_partner"]
        site = Site(
            **known,
            label=label(known["uniprot_position"]),
            partner_label="" if partner is None else label(int(partner)),
            before_in_element=before,
        )
        sites[site.uniprot_position] = site
    return sites


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python ones and missing values into None."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    missing = value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value))
    return None if missing else value
