"""Writing the report: everything is made first, then put in place, so that nothing is half-written.

The folder gets ``index.html``, the tables, the figures and the scripts for other
programs, and a list of them. An existing folder keeps files that are not the report's; those of an older report go.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import RendererWarning
from epitope.files import together
from epitope.impact.binders import BinderPanel
from epitope.impact.verdicts.model import Assessment
from epitope.show.exports import structure_beside, write_scene
from epitope.show.figures import FIGURES, chosen_renderer, figure, save_figure, svg_text
from epitope.show.presets import scene, short_name, site_positions
from epitope.show.records import contacts_with_losses, csv_text
from epitope.show.report.context import page_context
from epitope.show.report.molecule import molecule_data
from epitope.show.report.page import PAGE_DPI, data_uri, render_page, small_png
from epitope.show.spreadsheet import harmless
from epitope.show.tables import (
    ResultRow,
    assessment_bytes,
    assessment_table,
    to_csv_text,
)
from epitope.show.viewer import find_viewer_script

if TYPE_CHECKING:
    import pandas as pd

    from epitope.show.scene import Scene

LIST = "report.sha256"
"""The list of the files of a report, with their SHA-256."""


def write_report(
    out_dir: Path | str,
    structure: Any,
    assessments: Sequence[ResultRow],
    errors: Sequence[ResultRow] = (),
    provenance: Mapping[str, Any] | None = None,
    *,
    cohort: pd.DataFrame | None = None,
    isoforms: pd.DataFrame | None = None,
    viewer_script: str | Path = "auto",
    renderer: str = "auto",
    png: bool = True,
    home: str = "",
) -> Path:
    """Write the report of some variants into a folder.

    Parameters
    ----------
    out_dir : Path or str
        Folder to write into; made when missing.
    structure : epitope.features.MeasuredComplex
        The complex that the variants were assessed on.
    assessments : sequence of Assessment or Failed
        In the order of the table.
    errors : sequence of Failed
        More rows that could not be assessed, shown last.
    provenance : mapping
        Versions, structure and its SHA-256, rule set, command.
    cohort : pandas.DataFrame, optional
        One row per sample, shown as it is.
    isoforms : pandas.DataFrame, optional
        Junction usage per sample, shown as it is.
    viewer_script : str or Path
        See `epitope.show.viewer.find_viewer_script`.
    renderer : {"auto", "flat", "pymol"}
        What draws the stills of the molecule. They are there where it cannot turn, flat; with ``pymol`` they are
        there anyway, ray-traced, which takes 5 to 15 s each.
    png : bool
        Also write the figures as PNG, which takes longer.
    home : str
        Address of the page where other variants can be typed, if there is one.

    Returns
    -------
    Path
        The page, ``out_dir/index.html``.

    Raises
    ------
    OutputError
        If the folder cannot be written, or PyMOL fails.
    EpitopeError
        If there is no such renderer, or PyMOL is asked for and not installed.

    Warns
    -----
    RendererWarning
        If the renderer is ``auto``, stills are drawn, and PyMOL could have drawn them.
    """
    best = chosen_renderer(_STILLS[0], renderer)
    rows = [*assessments, *errors]
    provenance = dict(provenance or {})
    with together(out_dir, listed=LIST) as folder:
        viewer = find_viewer_script(viewer_script)
        tables = {"cohort": cohort, "junctions": isoforms}
        names = [name for name in _FIGURES if name != "isoforms" or structure.target.isoforms]
        names += [name for name, table in tables.items() if table is not None and len(table)]
        events = structure.target.isoforms
        stills = [*_STILLS, *(event.name for event in events[:1])] if viewer is None or renderer == "pymol" else []
        if stills and renderer == "auto" and best == "pymol":
            warnings.warn(
                "The stills of the report are drawn flat; --renderer pymol ray-traces them, 5 to 15 s each.",
                RendererWarning,
                stacklevel=2,
            )
        names += stills
        if not BinderPanel(structure).positions:
            names.remove("binders")
        if structure.interface is None:
            names = [n for n in names if n not in ("contacts", "contact-map", "burial", "epitope")]
        drawn_by = "pymol" if renderer == "pymol" else "flat"
        figures = _write_figures(folder, structure, rows, tables, names, png, drawn_by)
        _write_tables(folder, structure, rows, provenance)
        pictures = _site_pictures(structure, rows)
        exports = _write_exports(folder, structure, rows, pictures)
        extras = {
            "figures": figures,
            "stills": stills,
            "pictures": [*PICTURES.items(), *((event.name, event.name) for event in events)],
            "still": figures.get("overview"),
            "alone": False,
            "exports": exports,
            "cohort": _table(cohort, leave_out=("evidence", "notes")),
            "cohort_notes": _notes(cohort),
            "junctions": _table(isoforms),
            "home": home,
            "has_xlsx": (folder / "assessments.xlsx").exists(),
        }
        context = page_context(structure, rows, provenance, extras)
        data = page_data(structure, rows, context, pictures)
        page = render_page("report.html.j2", context, data, viewer, scripts=["report.js"])
        (folder / "index.html").write_text(page, encoding="utf-8")
    return Path(out_dir) / "index.html"


def page_data(
    structure: Any, rows: Sequence[ResultRow], context: Mapping[str, Any], pictures: Mapping[int, Scene]
) -> dict[str, Any]:
    """Return what the scripts of the page need: coordinates, scenes, and which row is where."""
    shown = {name: scene(structure, name, rows if name == "overview" else ()) for name in PICTURES}
    shown |= {event.name: scene(structure, event.name) for event in structure.target.isoforms}
    sites: dict[str, str] = {}
    for card in context["cards"]:
        if card["positions"]:
            sites[card["id"]] = f"site-{card['id']}"
            shown[sites[card["id"]]] = pictures[card["number"]]
        isoform = card["record"]["isoform"]
        if isoform in shown:
            sites[card["id"]] = isoform
    names = {card["id"]: card["name"] for card in context["cards"]}
    return molecule_data(structure, shown, rows) | {"sites": sites, "names": names}


def _site_pictures(structure: Any, rows: Sequence[ResultRow]) -> dict[int, Scene]:
    """Return the picture of each row's site, by number of the row."""
    return {
        number: scene(structure, "site", [row])
        for number, row in enumerate(rows)
        if isinstance(row, Assessment) and site_positions(row)
    }


def report_tables(structure: Any, rows: Sequence[ResultRow]) -> dict[str, bytes]:
    """Return the tables of a report as CSV, by file name: assessments, residues and, with a binder, contacts."""
    residues = structure.residues.map(lambda v: " ".join(map(str, v)) if isinstance(v, tuple) else v)
    texts = {
        "assessments.csv": to_csv_text(assessment_table(rows)),
        "residues.csv": harmless(residues).to_csv(index=False, lineterminator="\n", float_format="%.4g"),
    }
    if structure.interface is not None:
        texts["contacts.csv"] = csv_text(contacts_with_losses(structure, rows))
    return {name: text.encode() for name, text in texts.items()}


def _write_tables(folder: Path, structure: Any, rows: Sequence[ResultRow], provenance: Mapping[str, Any]) -> None:
    """Write the tables as CSV, and the assessments as JSON and, with openpyxl, XLSX too."""
    table = assessment_table(rows)
    contents = report_tables(structure, rows)
    for kind in ("json", *(["xlsx"] if find_spec("openpyxl") else [])):
        contents[f"assessments.{kind}"] = assessment_bytes(table, rows, structure.target, provenance, kind)
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def _write_figures(
    folder: Path,
    structure: Any,
    rows: Sequence[ResultRow],
    tables: Mapping[str, Any],
    names: Sequence[str],
    png: bool,
    renderer: str,
) -> dict[str, dict[str, str]]:
    """Draw the figures of the report; return name to image address, caption and file."""
    target = folder / "figures"
    target.mkdir()
    out = {}
    for name in names:
        drawn = figure(name, structure, rows, renderer=renderer, **tables)
        event = name not in FIGURES
        title = f"What {name} removes" if event else FIGURES[name].title
        caption = CAPTIONS["isoform" if event else name].format(
            event=name, loops=structure.epitope.origin, binder=structure.complex.roles.word
        )
        text = svg_text(drawn, dpi=PAGE_DPI)
        (target / f"{name}.svg").write_text(text, encoding="utf-8")
        if png:
            save_figure(drawn, target / f"{name}.png")
        out[name] = {
            "src": small_png(drawn) if event or name in _STILLS else data_uri(text.encode(), "image/svg+xml"),
            "alt": f"{title}. {caption}",
            "caption": caption,
            "file": f"figures/{name}.svg",
        }
    return out


_FIGURES = ("lollipop", "binders", "contacts", "contact-map", "burial", "isoforms")
PICTURES = {"overview": "Overview", "epitope": "Epitope", "disulfides": "Disulfides"}
"""Pictures of the molecule that every report has."""
_STILLS = ("overview", "epitope")
"""Drawn where the molecule cannot turn, or where it is asked for."""

CAPTIONS: dict[str, str] = {
    "lollipop": "Three marks each for antigen, fold and epitope, over regions, {loops} loops, strands, "
    "disulfides and relative solvent access. The table lists the same verdicts.",
    "contacts": "Every contact by kind, at the main or side chain of its residues; what variants lose is struck out.",
    "contact-map": "Pairs of residues within 4 Å, by the strongest type of contact; the table below lists them.",
    "burial": "Accessible area of each residue that the {binder} covers, and the part that it covers.",
    "binders": "What each binder touches, what a scan found, and what nobody looked at; positions of which nothing is "
    "known for any binder are left out.",
    "isoforms": "What each RNA event removes: ticks are contact residues, arrows strands, brackets disulfides, "
    "dashed where a partner is lost.",
    "overview": "The complex: the {binder} above, the antigen below, its {loops} loops in colour.",
    "epitope": "The epitope: contact residues on the {loops} loops, the {binder} translucent.",
    "isoform": "What {event} removes is faded; disulfide partners left alone are named.",
    "cohort": "What can take the antigen away, sample by sample.",
    "junctions": "Reads of the event's junction over reads of the reference junction, with 95 % intervals.",
}


def _write_exports(
    folder: Path, structure: Any, rows: Sequence[ResultRow], pictures: Mapping[int, Scene]
) -> dict[str, list[tuple[str, str]]]:
    """Write the scenes for other programs; return card or ``scenes`` to (program, file)."""
    target = folder / "exports"
    target.mkdir()
    beside = structure_beside(structure, target)
    out: dict[str, list[tuple[str, str]]] = {"scenes": []}
    named = [("overview", rows), ("epitope", ()), ("disulfides", ())]
    drawn = [(name, scene(structure, name, marked)) for name, marked in named]
    drawn += [(i.name, scene(structure, "isoform", isoform=i.name)) for i in structure.target.isoforms]
    for name, picture in drawn:
        written = write_scene(picture, target, _file_name(name), beside)
        out["scenes"] += [(f"{name} ({program})", f"exports/{file}") for program, file in written]
    for number, row in enumerate(rows):
        if isinstance(row, Assessment) and number in pictures:
            stem = f"v{number + 1}_{_file_name(short_name(row))}"
            written = write_scene(pictures[number], target, stem, beside, molstar=False)
            out[f"v{number + 1}"] = [(program, f"exports/{file}") for program, file in written]
    return out


def _file_name(text: str) -> str:
    """Return text that is safe as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "site"


def _table(frame: pd.DataFrame | None, leave_out: Sequence[str] = ()) -> dict[str, Any] | None:
    """Return a DataFrame as header and text cells, without empty columns."""
    if frame is None or frame.empty:
        return None
    kept = [c for c in frame.columns if c not in leave_out and any(_cell(v) for v in frame[c])]
    frame = frame[kept]
    header = [str(c).replace("_", " ") for c in frame.columns]
    cells = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return {"header": header, "rows": cells}


def _notes(frame: pd.DataFrame | None) -> list[tuple[str, str]]:
    """Return the notes of a cohort by sample, for the list under its table."""
    if frame is None or "notes" not in frame or "sample" not in frame:
        return []
    pairs = zip(frame["sample"], frame["notes"], strict=True)
    return [(_cell(sample), _cell(note)) for sample, note in pairs if _cell(note)]


def _cell(value: Any) -> str:
    """Return a table cell as text: numbers to three digits, lists joined, nothing for missing."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) == "<NA>":
        return ""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
