"""The columns of a survey, each with what it holds; ``docs/tables.md`` is written from here.

A table of thousands of structures has one type for each column whatever is in it, so that parts
of it fit together: text where nothing else is said.
"""

from __future__ import annotations

import re
from typing import Any

_JOB = {
    "file": "the structure as it was named",
    "chains": "its two sides where they were given, the antigen first; empty where they were recognised",
    "id": "identifier of the entry, else the file's name without extension",
}
INTERFACE_COLUMNS: dict[str, str] = _JOB | {
    "sha256": "of the file's bytes",
    "epitope_version": "version of this program",
    "rule_set": "version of the rules",
    "target": "name of the antigen: of the pack that fits, else as the file calls it",
    "target_version": "version of the pack; 'of the structure' where none fits",
    "method": "how the structure was determined, as the file says it",
    "resolution_A": "resolution, Å; missing where there is none",
    "predicted": "whether the file says that it is a prediction; residues of mean pLDDT below 70 are then left out",
    "antigen_chains": "a list, as the next three",
    "heavy_chains": "heavy chains of what binds; an scFv stands here and among the light ones",
    "light_chains": "light chains of what binds",
    "partner_chains": "chains of what binds and is no antibody",
    "binder_word": "what binds: antibody, T-cell receptor, partner",
    "binder": "name of the binder where the pack knows its sequence",
    "antigen_residues": "residues of the antigen that were observed",
    "binder_residues": "residues of what binds that were observed",
    "epitope_residues": "antigen residues with a heavy atom within 4.0 Å of what binds",
    "paratope_residues": "the same on the other side",
    "epitope": "the epitope residues by name and number; a list",
    "paratope": "the paratope residues, chain:residue; a list",
    "cdrs": "regions of the variable domains that touch, and in how many residue pairs, 'H:CDR-H3 12'; a list",
    "residue_pairs_4A": "residue pairs within 4.0 Å",
    "atom_pairs_4A": "heavy-atom pairs within 4.0 Å",
    "hydrogen_bond_pairs": "residue pairs within 4.0 Å with a hydrogen bond",
    "salt_bridge_pairs": "the same with a salt bridge",
    "hydrophobic_pairs": "the same with carbons in hydrophobic contact",
    "van_der_waals_pairs": "the same with none of these",
    "buried_antigen_A2": "area that the antigen loses on binding, Å²",
    "buried_binder_A2": "area that the other side loses, Å²",
    "hot_spots": "epitope residues likely to be hot spots, P ≥ 0.5; a list",
    "largest_p_hot_spot": "the largest of their probabilities",
    "epitope_incomplete": "epitope residues whose side chain is incomplete, so that contacts may be missing",
    "mean_b_epitope": "mean B-factor of the epitope's heavy atoms, Å²; of a prediction the mean pLDDT",
    "notes": "what was chosen or put right in reading; a list",
}
ATLAS_SUMMARY_COLUMNS: dict[str, str] = {
    "atlas_changes": "substitutions, deletions and exon skips that were assessed",
    "atlas_epitope_hit": "those of them after which the epitope is at risk or lost",
    "atlas_fold_hit": "the same of the fold",
    "atlas_escape": "those labelled escape (only where a transcript is known)",
    "atlas_loss": "those labelled loss",
    "atlas_both": "those labelled both",
    "atlas_candidates": "top ten escape candidates; a list",
}
SURVEY_RESIDUE_COLUMNS: dict[str, str] = _JOB | {
    "uniprot_position": "as in the residue table",
    "chain": "author chain",
    "author_number": "residue number in the file",
    "insertion_code": "insertion code in the file",
    "residue": "one-letter code of the target",
    "label": "the residue as it is called, R163",
    "loop": "epitope loop, published or computed, else empty",
    "side_chain_complete": "whether all side-chain heavy atoms are there",
    "secondary_structure": "H helix, E strand, - neither",
    "sasa_free_A2": "solvent-accessible area of the antigen alone, Å²",
    "sasa_bound_A2": "the same with what binds in place, Å²",
    "rsa_free": "sasa_free_A2 over the theoretical maximum",
    "buried_A2": "area lost on binding, Å²",
    "buried_fraction": "the same as a share of sasa_free_A2",
    "contact_4A": "whether a heavy atom is within 4.0 Å of what binds: the epitope",
    "min_distance_antibody_A": "smallest heavy-atom distance to what binds, Å",
    "partners_4A": "residues of what binds within 4.0 Å; a list",
    "hydrogen_bonds_antibody": "those of them that are hydrogen-bonded; a list",
    "salt_bridges_antibody": "those of them in a salt bridge; a list",
    "p_hot_spot": "P(binding weakens by 1 kcal/mol or more), calibrated",
    "hot_spot": "whether it is in contact and that is 0.5 or more",
}
CONTACT_COLUMNS: dict[str, str] = _JOB | {
    "antigen_position": "position of the antigen residue, as in the residue table",
    "antigen_residue": "its one-letter code in the structure",
    "antibody_chain": "chain of the residue opposite",
    "antibody_number": "its number in the file",
    "antibody_insertion_code": "its insertion code",
    "antibody_residue": "its one-letter code",
    "antibody_label": "chain:residue",
    "cdr": "its CDR (IMGT), framework, constant domain; empty in a partner that is no antibody",
    "min_distance_A": "smallest heavy-atom distance, Å",
    "atom_pairs_4A": "heavy-atom pairs within 4.0 Å",
    "atom_pairs_5A": "the same within 5.0 Å",
    "types": "hydrogen bond, salt bridge, hydrophobic, else van der Waals within 4.0 Å; a list",
}
ERROR_COLUMNS: dict[str, str] = {
    "file": "the structure as it was named",
    "chains": "its two sides where they were given",
    "error": "one line: what is wrong and what to do",
}
TABLES: dict[str, dict[str, str]] = {
    "interface": INTERFACE_COLUMNS,
    "residues": SURVEY_RESIDUE_COLUMNS,
    "contacts": CONTACT_COLUMNS,
}
"""The tables of a survey and their columns; with an atlas, interface has `ATLAS_SUMMARY_COLUMNS` behind."""

LISTS = frozenset(
    {"antigen_chains", "heavy_chains", "light_chains", "partner_chains", "epitope", "paratope", "cdrs", "hot_spots"}
    | {"notes", "atlas_candidates", "partners_4A", "hydrogen_bonds_antibody", "salt_bridges_antibody", "types"}
)
FLAGS = frozenset({"predicted", "side_chain_complete", "contact_4A", "hot_spot"})
INTEGERS = frozenset(
    {"antigen_residues", "binder_residues", "epitope_residues", "paratope_residues", "epitope_incomplete"}
    | {"residue_pairs_4A", "atom_pairs_4A", "atom_pairs_5A", "uniprot_position", "author_number", "antigen_position"}
    | {f"{name}_pairs" for name in ("hydrogen_bond", "salt_bridge", "hydrophobic", "van_der_waals")}
    | {"antibody_number", *ATLAS_SUMMARY_COLUMNS} - {"atlas_candidates"}
)
NUMBERS = frozenset(
    {"resolution_A", "buried_antigen_A2", "buried_binder_A2", "largest_p_hot_spot", "mean_b_epitope", "p_hot_spot"}
    | {"sasa_free_A2", "sasa_bound_A2", "rsa_free", "buried_A2", "buried_fraction", "min_distance_antibody_A"}
    | {"min_distance_A"}
)


def table_columns(table: str, atlas: bool = False) -> tuple[str, ...]:
    """Name the columns of one table of a survey, in order.

    Examples
    --------
    >>> table_columns("contacts")[:4]
    ('file', 'chains', 'id', 'antigen_position')
    """
    return tuple(TABLES[table] | (ATLAS_SUMMARY_COLUMNS if atlas and table == "interface" else {}))


_LARGEST = 2**53
"""Up to here integers are floats too, and any reader of tables takes them."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def fits(column: str, value: Any) -> bool:
    """Say whether a value is of the type that its column has.

    Examples
    --------
    >>> fits("epitope_residues", 12), fits("epitope_residues", "12"), fits("epitope", ["R163", None])
    (True, False, False)
    """
    if value is None:
        return True
    if column in LISTS:
        return isinstance(value, list) and all(isinstance(one, str) and fits("", one) for one in value)
    if column in FLAGS:
        return isinstance(value, bool)
    if column in INTEGERS or (column in NUMBERS and type(value) is int):
        return type(value) is int and abs(value) < _LARGEST
    if column in NUMBERS:
        return isinstance(value, float)
    return isinstance(value, str) and not _SURROGATE.search(value)
