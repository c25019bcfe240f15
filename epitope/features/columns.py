"""The columns of the residue table, each with what it holds: one schema for code and docs.

``docs/tables.md`` is written from here by ``scripts/write_schema.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from epitope.target.model import Region

_DISTANCES = {
    "min": "smallest heavy-atom distance",
    "ca": "Cα distance to the nearest Cα",
    "cb": "Cβ distance to the nearest Cβ (ideal position for Gly)",
    "centroid": "side-chain centroid to the nearest centroid; missing without side-chain atoms",
}
_TO = {
    "epitope": "of the computed epitope (contacts at 4.0 Å), 0 for its own residues",
    "disulfide": "of the nearest disulfide's cysteines",
    "antibody": "of the antibody, or of what else binds",
}
_FIXED = {
    "uniprot_position": "position in the reference sequence of the antigen, from 1: UniProt where the target names an "
    "accession, else the numbers of the structure",
    "residue": "one-letter code of the target, not of the construct",
    "chain": "author chain in the structure, empty outside the construct",
    "author_number": "residue number in the file",
    "insertion_code": "insertion code in the file",
    "region": "signal peptide, extracellular, transmembrane, cytoplasmic",
    "loop": "epitope loop that the residue is in, published or computed, else empty",
    "observed": "whether the structure has coordinates for it",
    "engineered": "whether the construct differs from the target here",
    "side_chain_complete": "whether all side-chain heavy atoms are there; missing where not observed",
    "missing_atoms": "names of absent heavy atoms",
    "sequon": "whether the residue is the Asn of a known N-glycosylation site",
    "glycan": "sugar bonded to the residue in the structure, else empty",
    "sasa_free_A2": "solvent-accessible area of the antigen alone, Å² (Shrake-Rupley, 960 points, ProtOr radii)",
    "sasa_side_chain_A2": "the part of it on the side chain, Å²",
    "rsa_free": "sasa_free_A2 over the theoretical maximum (Tien 2013), 0 to about 1",
    "secondary_structure": "H helix, E strand, - neither, empty where not observed (DSSP rules)",
    "phi_deg": "φ, degrees; missing at gaps",
    "psi_deg": "ψ, degrees; missing at gaps",
    "b_zscore": "mean B of the residue as z-score over the antigen",
    "hse_up": "half-sphere exposure, Cα on the side-chain side within 13 Å (Hamelryck 2005)",
    "hse_down": "the same on the other side",
    "neighbours_10A": "Cβ atoms within 10 Å",
    "hydrogen_bonds": "partners inside the antigen (heavy-atom criteria: 3.5 Å, 90°)",
    "side_chain_hydrogen_bonds": "those of them that the residue's own side chain makes",
    "salt_bridges": "oppositely charged partners inside the antigen within 4.0 Å",
    "disulfide_sg_A": "SG-SG distance, Å",
    "disulfide_chi3_deg": "χ3 of the disulfide, degrees",
    "disulfide_geometry": "good, or what is strained",
    "disulfide_partner": "position of the bonded cysteine",
    "sasa_bound_A2": "solvent-accessible area with the antibody, or what else binds, in place, Å²",
    "rsa_bound": "the same, relative",
    "buried_A2": "area lost on binding, Å²",
    "buried_fraction": "the same as a share of sasa_free_A2",
    "contact_4A": "whether a heavy atom is within 4.0 Å of the antibody, or of what else binds: the computed epitope",
    "contact_5A": "the same at 5.0 Å",
    "partners_4A": "residues of the antibody, or of what else binds, within 4.0 Å, chain:residue",
    "partners_5A": "the same within 5.0 Å",
    "hydrogen_bonds_antibody": "those of them that are hydrogen-bonded",
    "salt_bridges_antibody": "those of them in a salt bridge",
}


def residue_columns(loops: Iterable[Region]) -> dict[str, str]:
    """Name and describe every column of the residue table, in order.

    Parameters
    ----------
    loops : iterable of Region
        The epitope loops of the structure; each gets its distances.

    Returns
    -------
    dict
        Column name to description.

    Examples
    --------
    >>> residue_columns([])["rsa_free"][:15]
    'sasa_free_A2 ov'
    """
    places = {f"loop_{loop.start}_{loop.end}": f"of the epitope loop {loop.name}" for loop in loops} | _TO
    return _FIXED | {
        f"{kind}_distance_{place}_A": f"{how} {of}, Å"
        for place, of in places.items()
        for kind, how in _DISTANCES.items()
    }
