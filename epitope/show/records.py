"""Tables and complexes as plain records, ready for JSON, CSV or a terminal.

Only the form changes here: missing becomes ``null``, tuples become lists, floats get as
many digits as the measurement deserves. Nothing is measured or judged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.show.spreadsheet import harmless, workbook
from epitope.target.residues import written_residue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.show.tables import ResultRow
    from epitope.target.model import Target

DIGITS = 3
"""Decimals kept: a thousandth of an ångström is below any crystal's error."""
FEWEST_IN_A_RING = 5
RESIDUE_OVERVIEW = {
    "residue": "residue",
    "loop": "loop",
    "secondary_structure": "SS",
    "side_chain_complete": "complete",
    "rsa_free": "RSA",
    "buried_A2": "buried Å²",
    "min_distance_antibody_A": "binder Å",
    "min_distance_epitope_A": "epitope Å",
    "partners_4A": "touches (4 Å)",
}
"""Columns of the residue table that a terminal shows, with their heading."""


def records(table: pd.DataFrame, digits: int = DIGITS) -> list[dict[str, Any]]:
    """Return the rows of a table as records that JSON can hold.

    Parameters
    ----------
    table : pandas.DataFrame
    digits : int
        Decimals that floats are rounded to.

    Returns
    -------
    list of dict
        Missing values as ``None``, tuples as lists.

    Examples
    --------
    >>> import pandas as pd
    >>> records(pd.DataFrame({"a": [1.23456, None], "b": [("x",), ()]}))
    [{'a': 1.235, 'b': ['x']}, {'a': None, 'b': []}]
    """
    return [
        {str(name): _plain(value, digits) for name, value in row.items()}
        for row in table.astype(object).to_dict(orient="records")
    ]


def csv_text(table: pd.DataFrame, separator: str = ",") -> str:
    r"""Return a table as CSV: lists joined by blanks, missing cells empty, what would run as a formula made harmless.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_text(pd.DataFrame({"a": [1.5, None], "b": [("x", "y"), ()]}))
    'a,b\n1.5,x y\n,\n'
    """
    return str(harmless(_flat(table)).to_csv(index=False, lineterminator="\n", sep=separator))


def json_text(found: Any) -> str:
    """Return records as JSON that a person can read."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def table_bytes(table: pd.DataFrame, kind: str, sheet: str, rests_on: Mapping[str, Any] | None = None) -> bytes:
    """Return a table as a file of the format ``kind``: csv, tsv, json or xlsx, of one ``sheet``.

    In JSON what it ``rests_on`` stands before the rows, which are then called as the sheet is.

    Raises
    ------
    MissingDependencyError
        If openpyxl is needed and not installed.
    """
    if kind == "xlsx":
        return workbook(_flat(table), sheet)
    if kind == "json":
        rows = records(table)
        return json_text(rows if rests_on is None else {**rests_on, sheet: rows}).encode()
    return csv_text(table, "\t" if kind == "tsv" else ",").encode()


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with lists as text, for formats without nesting."""
    import pandas as pd

    rows = [
        {k: " ".join(map(str, v)) if isinstance(v, list) else v for k, v in record.items()} for record in records(table)
    ]
    return pd.DataFrame(rows, columns=list(table.columns), dtype=object)


def residue_overview(table: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Return the columns of a residue table that a person reads first.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `MeasuredComplex.residues`.
    target : Target
        Its antigen.
    """
    short = table[list(RESIDUE_OVERVIEW)].rename(columns=RESIDUE_OVERVIEW)
    return short.assign(residue=[target.residue_name(position) for position in table["uniprot_position"]])


def contacts_with_losses(structure: MeasuredComplex, rows: Iterable[ResultRow]) -> pd.DataFrame:
    """Return the contacts of an interface by kind, with the names of the variants that lose each.

    Parameters
    ----------
    structure : MeasuredComplex
    rows : iterable of Assessment or Failure
        Failures lose nothing.
    """
    from epitope.impact.contacts_lost import losses
    from epitope.impact.verdicts.model import Assessment
    from epitope.show.presets import short_name

    assessed = [row for row in rows if isinstance(row, Assessment)]
    names = [short_name(row) for row in assessed]
    lost = losses(structure.interactions, assessed).tolist()
    lost_by: list[Any] = [tuple(name for name, gone in zip(names, row, strict=True) if gone) for row in lost]
    return structure.interactions.assign(lost_by=lost_by)


def contact_overview(table: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Return what a person reads first of a table of contacts: both ends with their atoms.

    Parameters
    ----------
    table : pandas.DataFrame
        As `epitope.contacts` gives it.
    target : Target
        The antigen.
    """
    import pandas as pd

    def end(names: list[str], side: str) -> list[str]:
        return [
            f"{name} {atoms[0] if len(atoms) == 1 else 'charge' if len(atoms) < FEWEST_IN_A_RING else 'ring'}"
            for name, atoms in zip(names, table[f"{side}_atoms"], strict=True)
        ]

    residues = [target.residue_name(position) for position in table["antigen_position"]]
    short = pd.DataFrame(
        {
            "kind": table["kind"],
            "antigen": end(residues, "antigen"),
            "antibody": end(table["antibody_label"].tolist(), "antibody"),
            "cdr": table["cdr"],
            "donor": table["donor"],
            "Å": table["distance_A"],
            "pairs": table["atom_pairs"],
        }
    )
    return short.assign(**{"lost by": table["lost_by"]}) if table["lost_by"].str.len().any() else short


def structure_record(structure: MeasuredComplex) -> dict[str, Any]:
    """Say what a structure is: chains, coverage, gaps, mutations, sugars, disulfides, interface.

    Parameters
    ----------
    structure : MeasuredComplex

    Returns
    -------
    dict
        Ready for JSON; positions are UniProt positions, or those of the residue table where the
        antigen is its own target; ``author_labels`` are then their author's numbers where these differ.
    """
    held, interface = structure.complex, structure.interface
    known = structure.residues[structure.residues["observed"]]
    truncated = known.loc[~known["side_chain_complete"].fillna(True).astype(bool), "uniprot_position"]
    target, label = structure.target, structure.target.label
    loops = [{"loop": loop.name, "start": loop.start, "end": loop.end} for loop in structure.epitope.loops]
    return {
        "id": structure.id,
        "path": held.path.name if held.path else None,
        "sha256": held.sha256,
        "method": held.metadata.method,
        "resolution_A": held.metadata.resolution_A,
        "r_work": held.metadata.r_work,
        "r_free": held.metadata.r_free,
        "antigen": structure.target.name,
        "chains": _chains(structure),
        "roles": list(held.roles.reasons),
        "notes": list(held.notes),
        "construct": list(held.construct),
        "observed_residues": len(known),
        "gaps": [list(gap) for gap in held.gaps],
        "truncated_side_chains": [int(p) for p in truncated],
        "engineered": [
            {"position": e.position, "reference": e.reference, "in_structure": e.in_structure, "note": e.note}
            for e in held.engineered
        ],
        "tag": [f"{r.chain}:{r.number}{r.insertion_code}" for r in held.tag],
        "disulfides": records(structure.disulfides),
        "glycans": [{"position": g.position, "sugar": g.residue_name, "chain": g.chain} for g in held.glycans],
        "uniprot_id": target.uniprot_id,
        "uniprot_segments": {
            accession: _segments(numbers, target)
            for accession, numbers in held.uniprot_numbers.items()
            if accession != target.uniprot_id
        },
        "author_labels": {str(p): target.label(p) for p in held.resindex_by_position} if target.counted else {},
        "antibody": structure.antibody_name,
        "binder_word": held.roles.word,
        "epitope_binder": structure.epitope.binder,
        "epitope_origin": structure.epitope.origin,
        "epitope_loops": loops,
        "epitope_published": [] if structure.epitope.computed else loops,
        "epitope_contacts_4A": list(interface.epitope_4A) if interface else [],
        "epitope_contacts_named": [written_residue(target.residue(p), label(p)) for p in interface.epitope_4A]
        if interface
        else [],
        "contacts_outside_loops": list(interface.contacts_outside_loops) if interface else [],
        "loop_residues_without_contact": list(interface.loop_residues_without_contact) if interface else [],
        "contacts_per_cdr": records(interface.contacts_per_cdr()) if interface else [],
        "contact_pairs_by_type": interface.pairs_by_type() if interface else {},
        "buried_area_antigen_A2": round(interface.buried_area_antigen_A2, 1) if interface else None,
        "buried_area_antibody_A2": round(interface.buried_area_antibody_A2, 1) if interface else None,
    }


def _segments(numbers: Mapping[int, int], target: Target) -> list[str]:
    """Say which residues are which of UniProt, ``3 to 110 is 35 to 142``, one text for each offset."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1 and numbers[number] == numbers[runs[-1][-1]] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [
        f"{target.label(numbers[run[0]])} to {target.label(numbers[run[-1]])} is {run[0]} to {run[-1]}" for run in runs
    ]


def _chains(structure: MeasuredComplex) -> list[dict[str, Any]]:
    """Describe each protein chain: role, length, how much was observed."""
    return [
        {
            "chain": str(chain),
            "role": "/".join(dict.fromkeys(rows["role"].astype(str))),
            "residues": len(rows),
            "observed": int(rows["observed"].sum()),
            "not_observed": [
                f"{number}{code}".strip()
                for number, code, seen in zip(
                    rows["author_number"], rows["insertion_code"], rows["observed"], strict=True
                )
                if not seen
            ],
        }
        for chain, rows in structure.complex.numbering.groupby("chain", sort=False)
    ]


def _plain(value: Any, digits: int) -> Any:
    """Turn one cell into what JSON knows."""
    if isinstance(value, tuple | list):
        return [_plain(item, digits) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ == "NAType":
        return None
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, digits)
    return value
