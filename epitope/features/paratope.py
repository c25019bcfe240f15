"""Where the antibody of a structure and another one differ, and what stands opposite in the antigen.

For an antibody of which only the sequence is known: its residues are laid on those of a
relative that the crystal shows. Not for saying what a difference does to binding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import StructureError
from epitope.features.contacts import CONTACT_A, WIDE_CONTACT_A
from epitope.features.geometry import minimum_distance

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.binders import Comparison
    from epitope.features.measured import MeasuredComplex

PARATOPE_COLUMNS: dict[str, str] = {
    "antibody": "the antibody of which only the sequence is known",
    "beside": "the antibody in the structure that it is laid on",
    "region": "CDR or framework region (IMGT), with the chain: CDR-L1",
    "imgt": "IMGT position",
    "label": "the residue in the structure, chain:residue; empty where it has none",
    "in_structure": "what the antibody of the structure has there, one letter; - for nothing",
    "in_antibody": "what the other antibody has there",
    "min_distance_A": "smallest heavy-atom distance of the residue in the structure to the antigen, Å",
    "touches": "whether that is at most 4.0 Å",
    "opposite": "antigen residues within 4.0 Å of it; a list, in CSV separated by blanks",
}


def paratope_differences(structure: MeasuredComplex, comparison: Comparison) -> pd.DataFrame:
    """List the positions at which a relative differs from the antibody of a structure.

    Parameters
    ----------
    structure : MeasuredComplex
        With an antibody.
    comparison : Comparison
        Of its antibody with the relative.

    Returns
    -------
    pandas.DataFrame
        Columns `PARATOPE_COLUMNS`, one row for each position of a CDR that differs, and for each of the
        framework that lies within 5 Å of the antigen; NaN where the structure does not show the residue.

    Examples
    --------
    >>> import epitope
    >>> from epitope.features.binders import compare_binder
    >>> structure = epitope.load()
    >>> other = structure.target.binders[1]
    >>> table = paratope_differences(structure, compare_binder(structure.complex, other))
    >>> table.loc[table["touches"], ["label", "in_antibody", "opposite"]].values.tolist()
    [['L:Ser32', 'D', ('Ser103',)]]
    """
    import pandas as pd

    antibody = structure.antibody_atoms
    if antibody is None:
        raise StructureError(f"{structure.id} has no antibody chain; load a complex with one")
    near = minimum_distance(antibody, structure.antigen_atoms.positions)
    distance = dict(zip(antibody.labels.tolist(), near.tolist(), strict=True))
    close = structure.contacts[structure.contacts["atom_pairs_4A"] > 0]
    opposite: dict[str, list[str]] = {}
    for label, position in zip(close["antibody_label"], close["antigen_position"], strict=True):
        opposite.setdefault(label, []).append(structure.target.residue_name(position))
    rows = [
        (
            comparison.binder,
            structure.antibody_name,
            found.region,
            found.imgt,
            found.label,
            found.in_structure,
            found.in_binder,
            distance.get(found.label, np.nan),
            distance.get(found.label, np.inf) <= CONTACT_A,
            tuple(opposite.get(found.label, ())),
        )
        for found in comparison.differences
        if found.region.startswith("CDR") or distance.get(found.label, np.inf) <= WIDE_CONTACT_A
    ]
    return pd.DataFrame(rows, columns=list(PARATOPE_COLUMNS))
