"""What one chain looks like, residue by residue, with nothing bound to it.

One pass over the atoms of any protein chain gives the columns that the residue table
of a complex and the stability model share. It knows neither antigens nor antibodies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.contacts import (
    WIDE_CONTACT_A,
    hydrogen_bonds,
    pairs_within,
    partner_labels,
    salt_bridges,
)
from epitope.features.disulfides import find_disulfides
from epitope.features.geometry import (
    b_factor_zscore,
    backbone_torsions,
    half_sphere_exposure,
    neighbour_count,
)
from epitope.features.secondary_structure import secondary_structure
from epitope.features.surface import maximum_sasa, residue_sasa

if TYPE_CHECKING:
    import pandas as pd

CROWDING_RADIUS_A = 10.0
"""Radius within which Cβ atoms are counted; the customary neighbour count."""


def chain_table(atoms: ResidueAtoms) -> pd.DataFrame:
    """Measure every residue of a chain on its own.

    Parameters
    ----------
    atoms : ResidueAtoms
        The observed residues of one antigen, one or several chains.

    Returns
    -------
    pandas.DataFrame
        One row per residue, in order: ``sasa_free_A2``, ``sasa_side_chain_A2``, ``rsa_free``
        (Tien 2013), ``secondary_structure``, ``phi_deg``, ``psi_deg``, ``b_zscore``, ``hse_up``,
        ``hse_down``, ``neighbours_10A`` (Cβ), ``hydrogen_bonds`` and ``salt_bridges`` (tuples of
        partner labels), ``side_chain_hydrogen_bonds`` (the same, made by side-chain atoms),
        ``disulfide_index`` (row of the partner cysteine or -1), ``disulfide_sg_A``,
        ``disulfide_chi3_deg``, ``disulfide_geometry``.
    """
    import pandas as pd

    sasa = residue_sasa(atoms)
    phi, psi = backbone_torsions(atoms)
    upper, lower = half_sphere_exposure(atoms)
    return pd.DataFrame(
        {
            "sasa_free_A2": sasa[:, 0],
            "sasa_side_chain_A2": sasa[:, 1],
            "rsa_free": sasa[:, 0] / maximum_sasa(atoms.letters),
            "secondary_structure": secondary_structure(atoms).astype(object),
            "phi_deg": phi,
            "psi_deg": psi,
            "b_zscore": b_factor_zscore(atoms),
            "hse_up": upper,
            "hse_down": lower,
            "neighbours_10A": neighbour_count(atoms.cb, atoms.cb, CROWDING_RADIUS_A),
            **_bonds(atoms),
            **_disulfides(atoms),
        }
    )


def _bonds(atoms: ResidueAtoms) -> dict[str, list[tuple[str, ...]]]:
    """List hydrogen-bond and salt-bridge partners inside the set."""
    pairs = pairs_within(atoms, WIDE_CONTACT_A)
    bonded = hydrogen_bonds(atoms, atoms, pairs)
    bridged = salt_bridges(atoms, atoms, pairs)
    by_side_chain = bonded & ~atoms.is_backbone[pairs.first]

    def partners(mask: np.ndarray) -> list[tuple[str, ...]]:
        chosen = pairs.keep(mask)
        return partner_labels(len(atoms), atoms.residue[chosen.first], atoms.labels[atoms.residue[chosen.second]])

    return {
        "hydrogen_bonds": partners(bonded),
        "side_chain_hydrogen_bonds": partners(by_side_chain),
        "salt_bridges": partners(bridged),
    }


def _disulfides(atoms: ResidueAtoms) -> dict[str, object]:
    """Spread the disulfides over the rows of both their cysteines."""
    partner = np.full(len(atoms), -1)
    length, chi3 = np.full(len(atoms), np.nan), np.full(len(atoms), np.nan)
    geometry = np.full(len(atoms), "", dtype=object)
    for bond in find_disulfides(atoms):
        rows = [bond.first, bond.second]
        partner[rows] = rows[::-1]
        length[rows], chi3[rows], geometry[rows] = bond.sg_sg_A, bond.chi3_deg, bond.geometry
    return {
        "disulfide_index": partner,
        "disulfide_sg_A": length,
        "disulfide_chi3_deg": chi3,
        "disulfide_geometry": geometry,
    }
