"""What the stability model looks at: the site, the change, and how the two fit.

Turns a measured chain into one row of numbers per substitution. A site is described by
its burial, crowding, secondary structure, bonds and mobility; a change by what it does
to volume, hydrophobicity, charge and propensities; their fit by statistical potentials.
No column names a residue type: with some hundred proteins to learn from, such columns
learn the proteins. Not a model: `epitope.impact.predictors.stability` weighs the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from epitope.features.atoms import Booleans, Floats, Integers, ResidueAtoms
from epitope.target.residues import AMINO_ACIDS

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LIGHT_FEATURES",
    "MPNN_FEATURES",
    "RESIDUES",
    "Potentials",
    "Sites",
    "change_features",
    "count_potentials",
    "measure_sites",
    "residue_scales",
]

RESIDUES = AMINO_ACIDS
"""Order of residue types in every array of this module; -1 stands for any other."""

CONTACT_CB_A = 7.5
"""Cβ-Cβ distance of a residue contact, the first shell around a side chain."""
CONTACT_MIN_SEPARATION = 3
"""Residues closer in sequence touch whatever their types."""
SIDE_CHAIN_CONTACT_A = 4.5
CROWD_RADIUS_A = 10.0
BURIED_BELOW_RSA = 0.5
"""Burial falls linearly from 1 at RSA 0 to 0 here."""
_TORSION_BINS = 6
_RSA_EDGES = np.array([0.02, 0.10, 0.25, 0.45])
_CROWD_EDGES = np.array([5.0, 9.0, 13.0, 17.0, 21.0])
_PSEUDO_COUNT, _PSEUDO_CONTACTS = 15.0, 30.0
_B_LIMIT = 2.5
_RSA_LIMIT = 1.2

_SITE_COLUMNS = (
    *("rsa", "rsa_side_chain", "burial", "cb_5A", "cb_8A", "cb_10A", "centroids_5A", "centroids_8A"),
    *("packing_density", "atoms_10A", "side_chain_contacts", "apolar_contacts", "hse_up"),
    *("helix", "strand", "positive_phi", "b_zscore", "hydrogen_bonds", "side_chain_hydrogen_bonds"),
    *("salt_bridges", "disulfide", "local_hydrophobicity"),
)
_CHANGE_COLUMNS = (
    *("volume_change", "volume_lost", "volume_gained", "hydrophobicity_change", "hydropathy_change"),
    *("volume", "hydrophobicity", "charge_change", "charge_fit", "blosum62", "aromatic_change"),
    *("helix_change", "helix_change_in_helix", "strand_change", "strand_change_in_strand"),
    *("to_glycine", "from_glycine", "from_glycine_positive_phi"),
    *("volume_lost_buried", "volume_lost_crowded", "volume_gained_buried", "volume_gained_crowded"),
    *("hydrophobicity_change_buried", "hydrophobicity_change_crowded"),
    *("hydrophobicity_buried", "volume_buried", "charge_buried"),
    *("crowding_potential", "crowding_potential_wild_type", "exposure_potential"),
    *("torsion_potential", "contact_potential", "contact_potential_wild_type"),
)
LIGHT_FEATURES = _SITE_COLUMNS + _CHANGE_COLUMNS
"""Columns of the light model, in order."""
MPNN_FEATURES = (*LIGHT_FEATURES, "mpnn", "mpnn_wild_type", "mpnn_buried")
"""Columns of the model with ProteinMPNN: log p(mutant) - log p(wild type) and its company."""


@dataclass(frozen=True)
class Potentials:
    """Statistical potentials, in units of kT: -ln of observed over expected counts.

    Attributes
    ----------
    crowding : ndarray, shape (18, 20)
        By number of Cβ within 10 Å and secondary structure.
    exposure : ndarray, shape (15, 20)
        By side-chain accessibility and secondary structure.
    torsion : ndarray, shape (37, 20)
        By 60° bin of φ and ψ, the last row where they are unknown.
    contact : ndarray, shape (20, 20)
        By the types of two residues in contact.
    """

    crowding: Floats
    exposure: Floats
    torsion: Floats
    contact: Floats


@dataclass(frozen=True)
class Sites:
    """One isolated chain as the model sees it.

    Attributes
    ----------
    types : ndarray of int, shape (n,)
        Index into `RESIDUES`, -1 for any other.
    columns : Mapping
        Name to values, each of shape (n,).
    crowding_class, exposure_class, torsion_class : ndarray of int, shape (n,)
        Rows of the potentials.
    contacts : ndarray, shape (n, 20)
        Contacts of each residue, by type of the partner.
    nearby_charge : ndarray, shape (n,)
        Sum of formal charges within 10 Å.
    """

    types: Integers
    columns: Mapping[str, Floats]
    crowding_class: Integers
    exposure_class: Integers
    torsion_class: Integers
    contacts: Floats
    nearby_charge: Floats


@cache
def residue_scales() -> pd.DataFrame:
    """Load the residue scales, indexed by one-letter code in the order of `RESIDUES`.

    Examples
    --------
    >>> float(residue_scales().loc["W", "volume_A3"])
    227.8
    """
    import pandas as pd
    from Bio.SeqUtils.ProtParamData import kd

    path = resources.files("epitope.impact.predictors") / "data" / "residue_scales.csv"
    with path.open() as handle:
        table = pd.read_csv(handle, comment="#", index_col="residue").loc[list(RESIDUES)]
    return table.assign(hydropathy=[kd[letter] for letter in RESIDUES])


@cache
def _blosum62() -> Floats:
    from Bio.Align import substitution_matrices

    matrix = substitution_matrices.load("BLOSUM62")
    return np.array([[matrix[a, b] for b in RESIDUES] for a in RESIDUES], dtype=np.float64)


def measure_sites(atoms: ResidueAtoms) -> Sites:
    """Measure an isolated chain for the stability model.

    Parameters
    ----------
    atoms : ResidueAtoms
        The observed residues of one chain; each has its Cα.

    Returns
    -------
    Sites
        What could not be measured, such as φ at a chain end, takes a neutral value.
    """
    from scipy.spatial.distance import cdist

    from epitope.features.chain import chain_table

    table = chain_table(atoms)
    types = np.array([RESIDUES.find(letter) for letter in atoms.letters.tolist()], dtype=np.intp)
    beta = np.where(np.isnan(atoms.cb), atoms.ca, atoms.cb)
    apart = cdist(beta, beta)
    np.fill_diagonal(apart, np.inf)
    crowded = (apart < CROWD_RADIUS_A).sum(axis=1)
    structure = table["secondary_structure"].to_numpy()
    helix, strand = structure == "H", structure == "E"
    state = helix + 2 * strand
    columns = {
        **_burial(atoms, table),
        **_crowding(atoms, beta, apart),
        "helix": helix.astype(float),
        "strand": strand.astype(float),
        **_company(atoms, table, types),
    }
    partner = np.zeros((len(atoms), len(RESIDUES)))
    partner[types >= 0, types[types >= 0]] = 1
    return Sites(
        types=types,
        columns=columns,
        crowding_class=np.digitize(crowded, _CROWD_EDGES) * 3 + state,
        exposure_class=np.digitize(columns["rsa_side_chain"], _RSA_EDGES) * 3 + state,
        torsion_class=_torsion_class(table),
        contacts=_in_contact(apart).astype(float) @ partner,
        nearby_charge=(apart < CROWD_RADIUS_A).astype(float) @ partner @ _scale("charge"),
    )


def _scale(name: str) -> Floats:
    return residue_scales()[name].to_numpy(dtype=np.float64)


def _in_contact(apart: Floats) -> Booleans:
    """Mark the residue pairs whose types a potential may judge."""
    index = np.arange(len(apart))
    separation = np.abs(index[:, None] - index[None])
    return np.asarray((apart < CONTACT_CB_A) & (separation >= CONTACT_MIN_SEPARATION))


def _burial(atoms: ResidueAtoms, table: pd.DataFrame) -> dict[str, Floats]:
    from epitope.features.surface import maximum_sasa

    largest = maximum_sasa(atoms.letters)
    largest = np.where(np.isnan(largest), np.nanmedian(maximum_sasa(np.array(list(RESIDUES)))), largest)
    rsa = np.clip(table["sasa_free_A2"].to_numpy(float) / largest, 0, _RSA_LIMIT)
    return {
        "rsa": rsa,
        "rsa_side_chain": np.clip(table["sasa_side_chain_A2"].to_numpy(float) / largest, 0, _RSA_LIMIT),
        "burial": np.clip(1 - rsa / BURIED_BELOW_RSA, 0, 1),
        "hse_up": np.nan_to_num(table["hse_up"].to_numpy(float), nan=float(table["hse_up"].median())),
    }


def _crowding(atoms: ResidueAtoms, beta: Floats, apart: Floats) -> dict[str, Floats]:
    """Count what surrounds each residue; truncated side chains are taken at their Cβ."""
    from scipy.spatial import cKDTree
    from scipy.spatial.distance import cdist, pdist, squareform

    n = len(atoms)
    centroid = np.where(np.isnan(atoms.side_chain_centroid), beta, atoms.side_chain_centroid)
    between = squareform(pdist(centroid))
    alpha = squareform(pdist(atoms.ca))
    np.fill_diagonal(between, np.inf)
    np.fill_diagonal(alpha, np.inf)
    near = cdist(beta, atoms.positions) < CROWD_RADIUS_A
    own = np.bincount(atoms.residue, weights=near[atoms.residue, np.arange(len(atoms.residue))], minlength=n)
    pairs = cKDTree(atoms.positions).query_pairs(SIDE_CHAIN_CONTACT_A, output_type="ndarray")
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    first, second = pairs.T
    side, apolar = ~atoms.is_backbone, np.isin(atoms.elements, ["C", "S", "SE"])
    far = np.abs(atoms.residue[first] - atoms.residue[second]) > 1
    touching = side[first] & far
    apolar_pairs = touching & apolar[first] & apolar[second] & side[second]
    return {
        **{f"cb_{radius}A": (apart < radius).sum(axis=1).astype(float) for radius in (5, 8, 10)},
        **{f"centroids_{radius}A": (between < radius).sum(axis=1).astype(float) for radius in (5, 8)},
        "packing_density": (1 / alpha**2).sum(axis=1),
        "atoms_10A": near.sum(axis=1) - own,
        "side_chain_contacts": np.bincount(atoms.residue[first[touching]], minlength=n).astype(float),
        "apolar_contacts": np.bincount(atoms.residue[first[apolar_pairs]], minlength=n).astype(float),
    }


def _company(atoms: ResidueAtoms, table: pd.DataFrame, types: Integers) -> dict[str, Floats]:
    """Bonds, mobility, and hydrophobicity of the three residues on either side."""
    scale = np.append(_scale("hydrophobicity"), 0.0)
    hydrophobicity = scale[types]
    local = np.convolve(hydrophobicity, np.ones(7), mode="full")[3:-3] - hydrophobicity
    return {
        "positive_phi": (table["phi_deg"].to_numpy(float) > 0).astype(float),
        "b_zscore": np.clip(table["b_zscore"].to_numpy(float), -_B_LIMIT, _B_LIMIT),
        "hydrogen_bonds": table["hydrogen_bonds"].map(len).to_numpy(float),
        "side_chain_hydrogen_bonds": table["side_chain_hydrogen_bonds"].map(len).to_numpy(float),
        "salt_bridges": np.minimum(table["salt_bridges"].map(len).to_numpy(float), 2),
        "disulfide": (table["disulfide_index"].to_numpy() >= 0).astype(float),
        "local_hydrophobicity": local,
    }


def _torsion_class(table: pd.DataFrame) -> Integers:
    phi, psi = (table[name].to_numpy(float) for name in ("phi_deg", "psi_deg"))
    known = np.isfinite(phi) & np.isfinite(psi)
    width = 360 / _TORSION_BINS
    row, column = (
        np.floor((np.nan_to_num(angle) + 180) / width).astype(np.intp) % _TORSION_BINS for angle in (phi, psi)
    )
    return np.where(known, row * _TORSION_BINS + column, _TORSION_BINS**2)


def count_potentials(chains: list[Sites]) -> Potentials:
    """Derive the potentials from known structures; measured stabilities play no part.

    Parameters
    ----------
    chains : list of Sites

    Returns
    -------
    Potentials
        With pseudo-counts of the mean composition, so that a rare class says little.
    """
    known = [sites.types >= 0 for sites in chains]
    types = np.concatenate([sites.types[mask] for sites, mask in zip(chains, known, strict=True)])

    def by_class(name: str, rows: int) -> Floats:
        classes = np.concatenate([getattr(s, name)[mask] for s, mask in zip(chains, known, strict=True)])
        counts = np.zeros((rows, len(RESIDUES)))
        np.add.at(counts, (classes, types), 1)
        mean = counts.sum(axis=0) / counts.sum()
        observed = (counts + _PSEUDO_COUNT * mean) / (counts.sum(axis=1, keepdims=True) + _PSEUDO_COUNT)
        return np.asarray(-np.log(observed / mean))

    touching = np.zeros((len(RESIDUES), len(RESIDUES)))
    for sites, mask in zip(chains, known, strict=True):
        np.add.at(touching, sites.types[mask], sites.contacts[mask])
    share = touching.sum(axis=1) / touching.sum()
    expected = np.outer(share, share) * touching.sum()
    return Potentials(
        crowding=by_class("crowding_class", 3 * (len(_CROWD_EDGES) + 1)),
        exposure=by_class("exposure_class", 3 * (len(_RSA_EDGES) + 1)),
        torsion=by_class("torsion_class", _TORSION_BINS**2 + 1),
        contact=-np.log((touching + _PSEUDO_CONTACTS) / (expected + _PSEUDO_CONTACTS)),
    )


def change_features(
    sites: Sites,
    potentials: Potentials,
    rows: Integers,
    mutants: Integers,
    log_probabilities: Floats | None = None,
) -> Floats:
    """Describe substitutions in numbers.

    Parameters
    ----------
    sites : Sites
    potentials : Potentials
    rows, mutants : ndarray of int, shape (m,)
        Residue of the chain, and index of the new type in `RESIDUES`.
    log_probabilities : ndarray, shape (n, 20 or more), optional
        Of ProteinMPNN; adds its columns.

    Returns
    -------
    ndarray, shape (m, n_features)
        Columns `LIGHT_FEATURES`, or `MPNN_FEATURES` with log-probabilities.
    """
    site = {name: sites.columns[name][rows] for name in _SITE_COLUMNS}
    values = {
        **site,
        **_change(sites, site, rows, mutants),
        **_fit(sites, potentials, rows, mutants),
    }
    names: tuple[str, ...] = LIGHT_FEATURES
    if log_probabilities is not None:
        names = MPNN_FEATURES
        native = log_probabilities[rows, sites.types[rows]]
        gain = log_probabilities[rows, mutants] - native
        values |= {"mpnn": gain, "mpnn_wild_type": native, "mpnn_buried": gain * site["burial"]}
    return np.stack([values[name] for name in names], axis=1)


def _change(sites: Sites, site: Mapping[str, Floats], rows: Integers, mutants: Integers) -> dict[str, Floats]:
    """What the substitution does to size, character and propensities, weighted by the site."""
    native = sites.types[rows]
    before = {name: _scale(name)[native] for name in residue_scales().columns}
    change = {name: _scale(name)[mutants] - before[name] for name in before}
    lost, gained = np.minimum(change["volume_A3"], 0), np.maximum(change["volume_A3"], 0)
    hydrophobicity, burial, crowd = change["hydrophobicity"], site["burial"], site["cb_10A"]
    glycine = RESIDUES.index("G")
    aromatic = np.isin(list(RESIDUES), list("FWYH")).astype(float)
    return {
        "volume_change": change["volume_A3"],
        "volume_lost": lost,
        "volume_gained": gained,
        "hydrophobicity_change": hydrophobicity,
        "hydropathy_change": change["hydropathy"],
        "volume": before["volume_A3"],
        "hydrophobicity": before["hydrophobicity"],
        "charge_change": change["charge"],
        "charge_fit": change["charge"] * sites.nearby_charge[rows],
        "blosum62": _blosum62()[native, mutants],
        "aromatic_change": aromatic[mutants] - aromatic[native],
        "helix_change": change["helix_kcal_mol"],
        "helix_change_in_helix": change["helix_kcal_mol"] * site["helix"],
        "strand_change": change["strand_kcal_mol"],
        "strand_change_in_strand": change["strand_kcal_mol"] * site["strand"],
        "to_glycine": (mutants == glycine).astype(float),
        "from_glycine": (native == glycine).astype(float),
        "from_glycine_positive_phi": (native == glycine) * site["positive_phi"],
        "volume_lost_buried": lost * burial,
        "volume_lost_crowded": lost * crowd,
        "volume_gained_buried": gained * burial,
        "volume_gained_crowded": gained * crowd,
        "hydrophobicity_change_buried": hydrophobicity * burial,
        "hydrophobicity_change_crowded": hydrophobicity * crowd,
        "hydrophobicity_buried": before["hydrophobicity"] * burial,
        "volume_buried": before["volume_A3"] * burial,
        "charge_buried": np.abs(_scale("charge")[mutants]) * burial,
    }


def _fit(sites: Sites, potentials: Potentials, rows: Integers, mutants: Integers) -> dict[str, Floats]:
    """How much better or worse the new type suits its surroundings, in kT."""
    native = sites.types[rows]

    def difference(table: Floats, classes: Integers) -> Floats:
        return np.asarray(table[classes[rows], mutants] - table[classes[rows], native])

    contacts = sites.contacts[rows]
    return {
        "crowding_potential": difference(potentials.crowding, sites.crowding_class),
        "crowding_potential_wild_type": potentials.crowding[sites.crowding_class[rows], native],
        "exposure_potential": difference(potentials.exposure, sites.exposure_class),
        "torsion_potential": difference(potentials.torsion, sites.torsion_class),
        "contact_potential": np.sum(contacts * (potentials.contact[mutants] - potentials.contact[native]), axis=1),
        "contact_potential_wild_type": np.sum(contacts * potentials.contact[native], axis=1),
    }
