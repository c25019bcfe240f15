"""Epitopes side by side, as JSON, as files and for the terminal; nothing is measured here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.impact.predictors.model import percent
from epitope.show.files import write_together
from epitope.show.given import antibody_record, given_records
from epitope.show.records import csv_text, json_text, records
from epitope.show.tables import assessment_table, to_csv_text, to_json_records
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    import pandas as pd

    from epitope.impact.antibodies import Antibody, EpitopeComparison

_ROOM_FOR_NUMBERS = 4
"""Antibodies of which contact, area and probability fit beside each other in 100 columns."""


def comparison_record(found: EpitopeComparison, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return a comparison as one record that JSON can hold.

    Parameters
    ----------
    found : EpitopeComparison
    provenance : mapping
        What the result rests on.
    """
    return {
        "provenance": dict(provenance),
        "given": {
            "antibodies": [antibody_record(antibody) for antibody in found.antibodies],
            "variants": given_records(found.variants),
        },
        "structures": {a.structure.id: a.structure.complex.sha256 for a in found.antibodies},
        "antibodies": records(found.summary),
        "overlap": records(found.overlap),
        "epitopes": records(found.table),
        "paratope": records(found.paratope),
        "assessments": to_json_records(found.variants),
    }


def write_comparison(
    found: EpitopeComparison,
    provenance: Mapping[str, Any],
    out: str | Path,
    *,
    beside: Mapping[str, bytes] | None = None,
) -> list[Path]:
    """Write the tables of a comparison as CSV, and all of it as JSON.

    Parameters
    ----------
    found : EpitopeComparison
    provenance : mapping
        As for `comparison_record`.
    out : str or Path
        Folder to write.
    beside : mapping of str to bytes, optional
        More files that belong to it, by name.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    record = json_text(comparison_record(found, provenance)).encode()
    return write_together(out, {**comparison_tables(found), "comparison.json": record, **(beside or {})})


def comparison_tables(found: EpitopeComparison) -> dict[str, bytes]:
    """Return the tables of a comparison as CSV, by file name."""
    tables = {
        "antibodies": found.summary,
        "overlap": found.overlap,
        "epitopes": found.table,
        "paratope": found.paratope,
    }
    texts = {f"{name}.csv": csv_text(table) for name, table in tables.items()}
    if found.variants:
        texts["assessments.csv"] = to_csv_text(assessment_table(found.variants))
    return {name: text.encode() for name, text in texts.items()}


def comparison_overview(found: EpitopeComparison) -> dict[str, pd.DataFrame]:
    """Return what a person reads of a comparison, by the heading above each part.

    Parameters
    ----------
    found : EpitopeComparison
    """
    parts = {f"Antibodies against {found.target.name}": _antibodies(found)}
    if len(found.overlap):
        parts["Overlap (contacts within 4.0 Å, buried area in Å²)"] = _overlap(found)
    several = len(found.antibodies) > _ROOM_FOR_NUMBERS
    what = "buried area" if several else "distance, buried area, P(hot spot)"
    parts[f"Epitopes: {what} of each residue that one of them touches (●)"] = _epitopes(found, several)
    for antibody in found.antibodies:
        if antibody.related:
            parts[_paratope_heading(antibody)] = _paratope(antibody)
    return parts


def _antibodies(found: EpitopeComparison) -> pd.DataFrame:
    """Return one row for each antibody."""
    import pandas as pd

    rows = []
    for row in records(found.summary):
        seen = row["contacts"] is not None
        same = f"{row['same_contacts']} of {row['same_contacts_of']} as there"
        other = f"not known: {percent(row['cdr_identity'])} of CDRs alike"
        of_sequence = other if row["same_contacts"] is None else same
        rows.append(
            {
                "antibody": row["antibody"],
                "rests on": row["basis"],
                "contacts": str(row["contacts"]) if seen else of_sequence,
                "buried Å²": f"{row['buried_A2']:.0f}" if seen else "-",
                "likely hot spots": " ".join(row["hot_spots"]),
                "not observed": " ".join(row["not_observed"]),
            }
        )
    table = pd.DataFrame(rows)
    return table if any(table["not observed"]) else table.drop(columns="not observed")


def _overlap(found: EpitopeComparison) -> pd.DataFrame:
    """Return one row for each pair of antibodies."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "antibodies": f"{row['antibody_1']}, {row['antibody_2']}",
                "contacts": f"{row['contacts_1']}, {row['contacts_2']}",
                "shared": row["shared_contacts"],
                "Jaccard": row["jaccard"],
                "buried": f"{row['buried_1_A2']:.0f}, {row['buried_2_A2']:.0f}",
                "shared area": f"{row['shared_buried_A2']:.0f}",
                "left out, not observed": " ".join(row["left_out"]),
            }
            for row in records(found.overlap)
        ]
    )


def _epitopes(found: EpitopeComparison, several: bool) -> pd.DataFrame:
    """Return one row for each residue, one column for each antibody."""
    import pandas as pd

    names = [found.target.residue_name(p) for p in found.positions]
    columns: dict[str, list[str]] = {"residue": names}
    rows = records(found.table)
    for antibody in found.antibodies:
        columns[antibody.name] = [_cell(row, several) for row in rows if row["antibody"] == antibody.name]
    return pd.DataFrame(columns)


def _cell(row: Mapping[str, Any], several: bool) -> str:
    """Write what one antibody has at one residue."""
    if row["by_sequence"]:
        return str(row["by_sequence"])
    if not row["observed"]:
        return "not observed"
    if not row["contact_4A"]:
        return f"  {row['min_distance_antibody_A']:.1f} Å"
    if several:
        return f"● {row['buried_A2']:.0f} Å²"
    return f"● {row['min_distance_antibody_A']:.1f} Å, {row['buried_A2']:.0f} Å², {percent(row['p_hot_spot'])}"


def binder_overview(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return one row for each position and one column for each binder, and a line on what each binder rests on.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `epitope.binders`.
    """
    import pandas as pd

    rows = records(table)
    columns: dict[str, list[str]] = {
        "residue": [f"{row['residue']}{row['uniprot_position']}" for row in rows[:: table["binder"].nunique()]]
    }
    rests_on: dict[str, dict[str, None]] = {}
    for row in rows:
        columns.setdefault(row["binder"], []).append(_binder_cell(row))
        rests_on.setdefault(row["binder"], {}).update(dict.fromkeys(filter(None, row["rests_on"].split("; "))))
    return pd.DataFrame(columns), [f"{name}: {'; '.join(said) or 'nothing known'}" for name, said in rests_on.items()]


def _binder_cell(row: Mapping[str, Any]) -> str:
    """Write what one binder has at one position."""
    words = {
        "structure": "contact",
        "published": "contact, published",
        "by sequence": "contact, by sequence",
        "differs": "differs",
    }
    parts = [words[row["contact"]]] if row["contact"] in words else []
    parts += ["indirect" if row["indirect"] else row["scan"]] if row["scan"] != "not known" else []
    return ", ".join(parts) or ("no contact" if row["contact"] == "no" else "?")


def _paratope_heading(antibody: Antibody) -> str:
    """Say how an antibody known by sequence compares with the one it is laid on."""
    table = antibody.differences
    cdrs, touching = int(table["region"].str.startswith("CDR").sum()), int(table["touches"].sum())
    return (
        f"{antibody.name} by its sequence, laid on {antibody.host}: {cdrs} CDR positions that differ (IMGT), "
        f"{touching} differing residues that touch the antigen. Where the residues opposite are the same, "
        f"its epitope is that of {antibody.host}."
    )


def _paratope(antibody: Antibody) -> pd.DataFrame:
    """Return one row for each position that differs."""
    table = antibody.differences
    distance = [f"{value:.1f}" if value == value else "not observed" for value in table["min_distance_A"]]  # noqa: PLR0124
    return table[["region", "imgt"]].assign(
        **{
            f"in {antibody.host}": [label or "none" for label in table["label"]],
            f"in {antibody.name}": ["none" if x == "-" else three_letter(x) for x in table["in_antibody"]],
            "to the antigen, Å": distance,
            "touches": [" ".join(names) or "nothing" for names in table["opposite"]],
        }
    )
