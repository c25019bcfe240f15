"""What the terminal shows of residues, distances and structures, within 100 columns.

Verdict tables have a module of their own. Nothing rests on colour here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from epitope.show.records import records

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from epitope.features.dynamics import Dynamics


TERMINAL_DIGITS = 2
"""Decimals in the terminal, rounded once."""


def empty_table(width: int) -> Table:
    """Return a rich table without columns, in the one style that the terminal has."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, width=width, pad_edge=False, header_style="bold")


def plain_table(table: pd.DataFrame, width: int = 100, *, schema: bool = True) -> Table:
    """Lay a small table out for the terminal.

    Parameters
    ----------
    table : pandas.DataFrame
    width : int
        Columns of the terminal.
    schema : bool
        Whether headings are names of a schema, whose underscores stand for blanks.
    """
    from rich.text import Text

    out = empty_table(width)
    for name in table.columns:
        number = table[name].dtype.kind in "fiu"
        heading = str(name).replace("_", " ") if schema else str(name)
        out.add_column(Text(heading), justify="right" if number else "left")
    for row in records(table, TERMINAL_DIGITS):
        out.add_row(*(Text(cell(value)) for value in row.values()))
    return out


def cell(value: Any) -> str:
    """Write one value for reading.

    Examples
    --------
    >>> cell(None), cell(8.7047), cell(True), cell(["H:Tyr102", "L:Ser32"])
    ('-', '8.70', 'yes', 'H:Tyr102 L:Ser32')
    """
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{TERMINAL_DIGITS}f}"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def structure_lines(record: dict[str, Any]) -> list[str]:
    """Describe a structure in a few lines of text.

    Parameters
    ----------
    record : dict
        As `structure_record` gives it.
    """

    def label(position: int) -> str:
        return str(record["author_labels"].get(str(position), position))

    chains = "; ".join(
        f"{c['chain']} {c['role']}, {c['observed']} of {c['residues']} residues observed" for c in record["chains"]
    )
    engineered = ", ".join(f"{e['reference']}{label(e['position'])}{e['in_structure']}" for e in record["engineered"])
    disulfides = ", ".join(
        f"{label(d['first'])}-{label(d['second'])} {d['sg_sg_A']:.2f} Å, χ3 {d['chi3_deg']:.0f}° ({d['geometry']})"
        for d in record["disulfides"]
    )
    loops = ", ".join(loop["loop"] for loop in record["epitope_loops"]) or "none"
    cdrs = ", ".join(f"{c['cdr']} {c['atom_pairs_4A']}" for c in record["contacts_per_cdr"])
    area = (
        f"{record['buried_area_antigen_A2']:.0f} Å² of {record['antigen']}, "
        f"{record['buried_area_antibody_A2']:.0f} Å² of the {record['binder_word']}"
        if record["buried_area_antigen_A2"] is not None
        else f"no {record['binder_word']} in this structure"
    )
    stated = record["uniprot_segments"]
    resolution = f", {record['resolution_A']:.1f} Å" if record["resolution_A"] else ""
    rows = {
        "structure": f"{record['id']}: {record['antigen']}, {record['method'] or 'method unknown'}{resolution}",
        "file": f"{record['path'] or 'given in memory'}, SHA-256 {record['sha256'] or 'none'}",
        "chains": chains,
        "roles": "; ".join(record["roles"]) or "as given",
        **({"notes": "; ".join(record["notes"])} if record["notes"] else {}),
        **({"UniProt": "; ".join(f"{name}: {', '.join(parts)}" for name, parts in stated.items())} if stated else {}),
        "construct": "{}-{}".format(*map(label, record["construct"]))
        + (" (UniProt), " if record["uniprot_id"] else ", ")
        + f"{record['observed_residues']} residues observed",
        "gaps": ", ".join(f"{label(a)}-{label(b)}" for a, b in record["gaps"]) or "none",
        "engineered": engineered or "none",
        "tag": f"{record['tag'][0]} to {record['tag'][-1]}" if record["tag"] else "none",
        "truncated": _counted("side chains", list(map(label, record["truncated_side_chains"])), ", "),
        "disulfides": disulfides or "none",
        "sugars": ", ".join(f"{g['sugar']} on {label(g['position'])}" for g in record["glycans"]) or "none",
        "binder": record["antibody"] or "none",
        "epitope": f"of {record['epitope_binder']}, {record['epitope_origin']} loops: {loops}",
        "contacts": _counted("residues within 4.0 Å", record["epitope_contacts_named"], " "),
        "outside": "contacts outside the loops: " + (", ".join(map(label, record["contacts_outside_loops"])) or "none"),
        **({"per CDR": f"atom pairs within 4.0 Å: {cdrs}"} if cdrs else {}),
        "buried": area,
    }
    return [line for key, text in rows.items() for line in _hang(key, text)]


def _counted(what: str, items: list[Any], separator: str) -> str:
    """Say how many there are and list them, ``none`` where there are none."""
    return f"{len(items)} {what}: {separator.join(map(str, items))}" if items else "none"


def _hang(key: str, text: str, width: int = 100, indent: int = 12) -> list[str]:
    """Wrap a text behind its key."""
    import textwrap

    return textwrap.wrap(
        text, width, initial_indent=key.ljust(indent), subsequent_indent=" " * indent, break_on_hyphens=False
    )


def isoform_overview(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a person reads first of a table of junction counts.

    Parameters
    ----------
    table : pandas.DataFrame
        As `epitope.variant.readers.junctions.isoform_usage` gives it.
    """
    ratio = [
        "-" if value is None else f"{value:.1f} ({low:.1f}-{high if high is not None else float('inf'):.1f})"
        for value, low, high in (
            (r["ratio_percent"], r["ratio_low_percent"], r["ratio_high_percent"]) for r in records(table)
        )
    ]
    return table[["sample", "event", "event_reads", "reference_junction", "reference_reads"]].assign(
        **{"ratio % (95 %)": ratio}
    )


def cohort_overview(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a person reads first of a table of samples.

    Parameters
    ----------
    table : pandas.DataFrame
        As `epitope.impact.cohorts.cohort.cohort_table` gives it.
    """
    return table[["sample", "mechanism", "published_summary", "agrees", "notes"]].rename(
        columns={"published_summary": "published"}
    )


def notes_below(table: pd.DataFrame, of_sample: tuple[str, ...], of_event: tuple[str, ...]) -> list[str]:
    """List the distinct remarks of a table of junction counts.

    Parameters
    ----------
    table : pandas.DataFrame
        As `epitope.variant.readers.junctions.isoform_usage` gives it.
    of_sample, of_event : tuple of str
        Columns with remarks on one sample, and on an event in general; empty cells are passed over.
    """
    rows = records(table)
    lines = [f"{row['sample']}, {row['event']}: {row[name]}." for name in of_sample for row in rows if row[name]]
    lines += [f"{row['event']}: {row[name]}" for name in of_event for row in rows if row[name]]
    return [line for text in dict.fromkeys(lines) for line in wrapped(text)]


def wrapped(text: str, width: int = 100) -> list[str]:
    """Wrap a remark, its later lines indented.

    Parameters
    ----------
    text : str
    width : int
        Columns of the terminal.
    """
    import textwrap

    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def candidate_overview(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what a person reads first of the top candidates, by the heading above each part.

    Parameters
    ----------
    table : pandas.DataFrame
        As `epitope.impact.scan.top_candidates` gives it.
    """
    headings = {
        "escape": "Escape: one nucleotide hits the epitope, and no rule argues against the fold",
        "loss": "Loss: one nucleotide breaks the fold",
    }
    shown = {
        "changes": "changes",
        "p_hot_spot": "P(hot spot)",
        "ddg_kcal_mol": "ΔΔG kcal/mol",
        "p_destabilising": "P(ΔΔG ≥ 1)",
        "known": "known",
    }
    return {
        heading: table.loc[table["label"] == label, list(shown)].rename(columns=shown).round(2)
        for label, heading in headings.items()
        if (table["label"] == label).any()
    }


def dynamics_overview(found: Dynamics, most: int = 12) -> dict[str, pd.DataFrame]:
    """Return what a person reads first of a trajectory, each table with its heading.

    Parameters
    ----------
    found : Dynamics
    most : int
        Contacts at most, the most frequent first.
    """
    import pandas as pd

    frames, target = found.indices, found.structure.target
    summary = found.summary
    tables = {
        f"{len(frames)} frames, {frames[0]} to {frames[-1]}, of {found.structure.id}": pd.DataFrame(
            {
                "quantity": summary["quantity"],
                "mean": summary["mean"],
                "error": summary["error"],
                "plateau": ["yes" if flat else "no" for flat in summary["plateau"]],
                "spread": summary["spread"],
                "first frame": summary["first_frame"],
            }
        )
    }
    contacts = found.contacts.sort_values("occupancy_4A", ascending=False, kind="stable")
    if len(contacts):
        shown = contacts.head(most)
        heading = f"contacts within 4.0 Å, the {len(shown)} most frequent of {len(contacts)}, by share of the frames"
        tables[heading] = pd.DataFrame(
            {
                "antigen": [target.residue_name(int(p)) for p in shown["antigen_position"]],
                "binder": shown["antibody_label"],
                "cdr": shown["cdr"],
                "4 Å": shown["occupancy_4A"],
                "hydrogen bond": shown["hydrogen_bond"],
                "salt bridge": shown["salt_bridge"],
            }
        )
    lost = found.sites[found.sites["lost"] > 0] if len(found.sites) else found.sites
    if len(lost):
        shown = (
            lost.sort_values(["variant", "lost"], ascending=[True, False], kind="stable").groupby("variant").head(most)
        )
        tables["contacts that the variants would lose, by share of the frames"] = pd.DataFrame(
            {
                "variant": shown["variant"],
                "residue": [target.residue_name(int(p)) for p in shown["position"]],
                "partner": shown["partner"],
                "in the": shown["partner_side"],
                "4 Å": shown["occupancy_4A"],
                "lost": shown["lost"],
            }
        )
    return tables
