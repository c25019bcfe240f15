"""Writing the report: everything is made first, then put in place, so that nothing is half-written.

The folder gets ``index.html``, the tables, the figures and the scripts for other
programs. An existing folder keeps files that are not the report's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.files import together
from epitope.impact.binders import BinderPanel
from epitope.impact.verdicts.model import Assessment
from epitope.show.coordinates import trimmed_pdb
from epitope.show.exports import structure_beside, write_scene
from epitope.show.figures import FIGURES, figure, figure_bytes, save_figure, svg_text
from epitope.show.molecule import Molecule
from epitope.show.presets import scene, short_name, site_positions
from epitope.show.py3dmol import instructions
from epitope.show.records import contacts_with_losses, csv_text
from epitope.show.report.context import page_context
from epitope.show.report.page import data_uri, render_page
from epitope.show.tables import (
    ResultRow,
    assessment_bytes,
    assessment_table,
    to_csv_text,
)
from epitope.show.viewer import HOW_TO_GET, find_viewer_script

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from epitope.show.scene import Scene


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
        If the folder cannot be written.
    """
    rows = [*assessments, *errors]
    provenance = dict(provenance or {})
    with together(out_dir) as folder:
        viewer = find_viewer_script(viewer_script)
        tables = {"cohort": cohort, "junctions": isoforms}
        names = [name for name in _FIGURES if name != "isoforms" or structure.target.isoforms]
        names += [name for name, table in tables.items() if table is not None and len(table)]
        events = structure.target.isoforms
        stills = [*_STILLS, *(event.name for event in events[:1])] if viewer is None else []
        names += stills
        if not BinderPanel(structure).positions:
            names.remove("binders")
        if structure.interface is None:
            names = [n for n in names if n not in ("contacts", "contact-map", "burial", "epitope")]
        figures = _write_figures(folder, structure, rows, tables, names, png)
        _write_tables(folder, structure, rows, provenance)
        pictures = _site_pictures(structure, rows)
        exports = _write_exports(folder, structure, rows, pictures)
        extras = {
            "figures": figures,
            "stills": stills,
            "exports": exports,
            "cohort": _table(cohort, leave_out=("evidence", "notes")),
            "cohort_notes": _notes(cohort),
            "junctions": _table(isoforms),
            "how_to_get": HOW_TO_GET,
            "home": home,
            "has_xlsx": (folder / "assessments.xlsx").exists(),
        }
        context = page_context(structure, rows, provenance, extras)
        page = render_page(context, page_data(structure, rows, context, pictures), viewer)
        (folder / "index.html").write_text(page, encoding="utf-8")
    return Path(out_dir) / "index.html"


def page_data(
    structure: Any, rows: Sequence[ResultRow], context: Mapping[str, Any], pictures: Mapping[int, Scene]
) -> dict[str, Any]:
    """Return what the scripts of the page need: coordinates, scenes, and which row is where."""
    m = Molecule.of(structure)
    pool = _Pool()
    scenes = {
        "overview": pool.pack(instructions(scene(structure, "overview", rows))),
        "epitope": pool.pack(instructions(scene(structure, "epitope"))),
        "disulfides": pool.pack(instructions(scene(structure, "disulfides"))),
    }
    for event in structure.target.isoforms:
        scenes[event.name] = pool.pack(instructions(scene(structure, "isoform", isoform=event.name)))
    sites: dict[str, str] = {}
    for card in context["cards"]:
        if card["positions"]:
            drawn = instructions(pictures[card["number"]])
            scenes[f"site-{card['id']}"] = pool.pack(drawn)
            sites[card["id"]] = f"site-{card['id']}"
        isoform = card["record"]["isoform"]
        if isoform in scenes:
            sites[card["id"]] = isoform
    return {
        "pdb": trimmed_pdb(structure),
        "pool": pool.items,
        "scenes": scenes,
        "sites": sites,
        "names": {card["id"]: card["name"] for card in context["cards"]},
        "residues": _residues(m, rows),
        "binder": structure.complex.roles.word,
    }


def _site_pictures(structure: Any, rows: Sequence[ResultRow]) -> dict[int, Scene]:
    """Return the picture of each row's site, by number of the row."""
    return {
        number: scene(structure, "site", [row])
        for number, row in enumerate(rows)
        if isinstance(row, Assessment) and site_positions(row)
    }


class _Pool:
    """Keeps each distinct drawing instruction once; scenes refer to them by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[str, int] = {}

    def pack(self, drawing: dict[str, Any]) -> dict[str, Any]:
        """Return the drawing with its lists replaced by numbers into the pool."""
        short = {
            "styles": drawing["styles"],
            "surfaces": drawing["surfaces"],
            "labels": [_short_label(item) for item in drawing["labels"]],
            "lines": [_short_line(item) for item in drawing["lines"]],
        }
        return {**drawing, **{name: [self._place(item) for item in items] for name, items in short.items()}}

    def _place(self, item: Any) -> int:
        """Return the number of an instruction, taking it in when it is new."""
        import json

        key = json.dumps(item, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(item)
        return self._places[key]


def _short_label(item: list[Any]) -> list[Any]:
    """Return a label without what its kind implies: text, place, colour, ink if filled, shift."""
    text, options, _ = item
    color = options["borderColor"]
    ink = options["fontColor"] if options["borderThickness"] == 0 else ""
    return [text, list(options["position"].values()), color, ink, list(options["screenOffset"].values())]


def _short_line(item: dict[str, Any]) -> list[Any]:
    """Return a line as its ends, colour, dashed or not, text, and where the text moves."""
    spec = item["spec"]
    ends = [list(spec[end].values()) for end in ("start", "end")]
    return [*ends, spec["color"], int(spec["dashed"]), item["text"], item["shift"]]


def _residues(m: Molecule, rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Return a note on each observed residue, by chain and number, and its rows."""
    from epitope.show.presets import sites

    here: dict[int, list[str]] = {}
    for site in sites(m, rows):
        for position in site.shown:
            here.setdefault(position, []).append(f"v{site.row + 1}")
    out = {}
    for position in m.observed:
        row = m.table.loc[position]
        kind = {"E": "strand", "H": "helix"}.get(str(row["secondary_structure"]), "loop")
        partners = row["partners_4A"]
        touches = ", ".join(partners) if isinstance(partners, tuple) else str(partners or "")
        note = f"{kind}, RSA {100 * m.number(position, 'rsa_free'):.0f} % free"
        if touches:
            note += f", touches {touches}"
        else:
            note += f", {m.number(position, 'min_distance_antibody_A'):.1f} Å from the {m.structure.complex.roles.word}"
        chain, token = m.token(position)
        out[f"{chain}:{token}"] = [position, m.name(position), note, here.get(position, [])]
    return out


def report_tables(structure: Any, rows: Sequence[ResultRow]) -> dict[str, bytes]:
    """Return the tables of a report as CSV, by file name: assessments, residues and, with a binder, contacts."""
    residues = structure.residues.map(lambda v: " ".join(map(str, v)) if isinstance(v, tuple) else v)
    texts = {
        "assessments.csv": to_csv_text(assessment_table(rows)),
        "residues.csv": residues.to_csv(index=False, lineterminator="\n", float_format="%.4g"),
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
    folder: Path, structure: Any, rows: Sequence[ResultRow], tables: Mapping[str, Any], names: Sequence[str], png: bool
) -> dict[str, dict[str, str]]:
    """Draw the figures of the report; return name to image address, caption and file."""
    target = folder / "figures"
    target.mkdir()
    out = {}
    for name in names:
        drawn = figure(name, structure, rows, **tables)
        event = name not in FIGURES
        title = f"What {name} removes" if event else FIGURES[name].title
        caption = CAPTIONS["isoform" if event else name].format(
            event=name, loops=structure.epitope.origin, binder=structure.complex.roles.word
        )
        text = svg_text(drawn, dpi=_PAGE_DPI)
        (target / f"{name}.svg").write_text(text, encoding="utf-8")
        if png:
            save_figure(drawn, target / f"{name}.png")
        out[name] = {
            "src": data_uri(
                *((_small_png(drawn), "image/png") if event or name in _STILLS else (text.encode(), "image/svg+xml"))
            ),
            "alt": f"{title}. {caption}",
            "caption": caption,
            "file": f"figures/{name}.svg",
        }
    return out


def _small_png(drawn: Figure) -> bytes:
    """Return a figure as a PNG of 128 colours, a fifth of the bytes of a full one."""
    import io

    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(figure_bytes(drawn, "png", dpi=_PAGE_DPI))) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


_PAGE_DPI = 200
"""Resolution of images inside the page; files for print are made by ``epitope figure``."""
_FIGURES = ("lollipop", "binders", "contacts", "contact-map", "burial", "isoforms")
_STILLS = ("overview", "epitope")
"""Drawn where the molecule cannot turn."""

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
