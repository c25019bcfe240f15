"""Draw: figures, views of the molecule, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.api.assessing import all_assessed, as_variants, assess_each
from epitope.api.loading import load, provenance
from epitope.api.measuring import residue_position, scan

if TYPE_CHECKING:
    import pandas as pd
    import py3Dmol

    from epitope.features.dynamics import Dynamics
    from epitope.features.measured import MeasuredComplex
    from epitope.impact.antibodies import EpitopeComparison
    from epitope.variant.model import Variant
    from epitope.variant.readers.rows import UnassessedRow


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What `report` wrote: the page, how many rows it has, what failed, and how many samples there were."""

    page: Path
    rows: int
    errors: list[str]
    samples: int = 0


def report(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    out: str | Path = "report",
    structure: MeasuredComplex | None = None,
    *,
    samples: str | Path | None = None,
    published: str | None = None,
    junctions: Sequence[str | Path] = (),
    viewer_script: str = "auto",
    renderer: str = "auto",
    png: bool = True,
    command: str = "",
) -> WrittenReport:
    """Write the report of some variants into a folder.

    Parameters
    ----------
    variants
        As for `assess`; may be empty where ``samples`` has variants.
    out : str or Path
        Folder to write.
    structure : MeasuredComplex, optional
    samples : str or Path, optional
        Table of samples, summarised and shown beside the variants; its variants are
        assessed where none are given.
    published : str, optional
        A published cohort whose samples are summarised.
    junctions : sequence of str or Path
        Junction files whose isoform usage is shown.
    viewer_script : str
        Path of 3Dmol-min.js, "auto" or "none".
    renderer : {"auto", "flat", "pymol"}
        What draws the stills; see `epitope.show.report.write_report`.
    png : bool
        Also write figures as PNG.
    command : str
        The command to name in the provenance.

    Returns
    -------
    WrittenReport

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from epitope.impact.cohorts.cohort import cohort_table, published_samples, read_samples, summarise_cohort
    from epitope.show.report import write_report
    from epitope.show.tables import assessment_table

    structure = structure if structure is not None else load()
    records = read_samples(samples, structure.target) if samples is not None else ()
    if published is not None and not records:
        records = published_samples(published, structure.target)
    given = as_variants(variants) or [variant for record in records for variant in record.variants]
    rows = assess_each(given, structure)
    page = write_report(
        out,
        structure,
        rows,
        provenance=provenance(structure, command),
        cohort=cohort_table(summarise_cohort(records, structure.target)) if records else None,
        isoforms=_usage(junctions, structure),
        viewer_script=viewer_script,
        renderer=renderer,
        png=png,
    )
    errors = [error for error in assessment_table(rows)["error"] if error]
    errors += [record.error for record in records if record.error]
    return WrittenReport(page, len(rows), errors, len(records))


def figure_names() -> dict[str, str]:
    """Name the figures that `draw` knows, each with its title."""
    from epitope.show.figures import FIGURES

    return {name: kind.title for name, kind in FIGURES.items()}


def draw(
    name: str,
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (),
    out: str | Path = "figures",
    structure: MeasuredComplex | None = None,
    *,
    formats: Sequence[str] = (),
    columns: int | None = None,
    renderer: str = "auto",
    ground: str = "light",
    site: int | str | Sequence[int | str] = (),
    isoform: str = "",
    cohort: pd.DataFrame | str | Path | None = None,
    junctions: pd.DataFrame | Sequence[str | Path] | None = None,
    atlas: pd.DataFrame | None = None,
    comparison: EpitopeComparison | None = None,
    dynamics: Dynamics | None = None,
    surface: bool = False,
) -> list[Path]:
    """Draw a figure into a file or a folder.

    Parameters
    ----------
    name : str
        One of `figure_names`.
    variants
        As for `assess`; may be empty.
    out : str or Path
        ``x.png`` for a file, ``x.png,svg`` for two of one stem; else a folder, made where it is missing.
    structure : MeasuredComplex, optional
    formats : sequence of {"png", "svg", "pdf"}
        Default: what ``out`` says, in a folder all three.
    columns : int, optional
        Width in journal columns, 1 or 2.
    renderer : {"auto", "pymol", "flat"}
        What draws the molecule in figures that show it: PyMOL, matplotlib alone, or by default
        PyMOL where it is installed (extra ``figures``).
    ground : {"light", "dark"}
        What the figure stands on; dark for the molecule and ``lollipop``.
    site : int, str or sequence of them
        Residues that the figures ``site`` and ``site-3d`` show, such as 60 or P60.
    isoform : str
        One RNA event for the figure ``isoforms``; default all.
    cohort : pandas.DataFrame, str or Path, optional
        For the figure ``cohort``: a table of `cohort_table`, or the file to make it from.
    junctions : pandas.DataFrame or sequence of path, optional
        For the figure ``junctions``: a table of `isoform_usage`, or the junction files.
    atlas : pandas.DataFrame, optional
        For the figure ``atlas``: the table of `scan`; scanned now if not given.
    comparison : EpitopeComparison, optional
        For the figure ``barcode``: as from `compare`.
    dynamics : Dynamics, optional
        For the figures of a trajectory: as from `epitope.dynamics`, whose complex is drawn.
    surface : bool
        Draw the molecular surface of the antigen, translucent, in figures that show the molecule; by PyMOL alone.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    EpitopeError
        If there is no such figure, what it draws was not given, or it cannot be written there.
    """
    from epitope.show.figures import figure, figure_bytes
    from epitope.show.output import PICTURES, read_output

    place = read_output(out, "a figure", PICTURES, in_folder=PICTURES, chosen=formats)
    if structure is None:
        structure = dynamics.structure if dynamics is not None else load()
    given = as_variants(variants)
    places = [site] if isinstance(site, int | str) else list(site)
    drawn = figure(
        name,
        structure,
        assess_each(given, structure) if given else (),
        columns=columns,
        renderer=renderer,
        ground=ground,
        site=[place if isinstance(place, int) else residue_position(place, structure) for place in places],
        isoform=isoform,
        cohort=_cohort(cohort, structure) if isinstance(cohort, str | Path) else cohort,
        junctions=_usage(junctions, structure),
        atlas=scan(structure) if name in ("atlas", "atlas-3d") and atlas is None else atlas,
        comparison=comparison,
        dynamics=dynamics,
        surface=surface,
    )
    return place.write(name, partial(figure_bytes, drawn))


def _cohort(path: str | Path, structure: MeasuredComplex) -> pd.DataFrame:
    """Summarise the samples of a file."""
    from epitope.impact.cohorts.cohort import cohort_table, read_samples, summarise_cohort

    return cohort_table(summarise_cohort(read_samples(path, structure.target), structure.target))


def _usage(given: pd.DataFrame | Sequence[str | Path] | None, structure: MeasuredComplex) -> pd.DataFrame | None:
    """Count the isoform junctions of files; a table is passed through."""
    import pandas as pd

    from epitope.variant.readers.junctions import isoform_usage

    if given is None or isinstance(given, pd.DataFrame):
        return given
    return isoform_usage(given, structure.target) if given else None


def view(
    variants: str | Variant | Iterable[str | Variant] = (),
    structure: MeasuredComplex | None = None,
    *,
    preset: str = "overview",
    site: int | Sequence[int] | None = None,
    isoform: str = "",
    values: Mapping[int, float] | None = None,
    unit: str = "",
) -> py3Dmol.view:
    """Show the complex, with variant sites marked, in a notebook.

    Parameters
    ----------
    variants
        As for `assess`; default none.
    structure : MeasuredComplex, optional
    preset : {"overview", "epitope", "site", "disulfides", "isoform", "atlas"}
        Or the name of an RNA event of the target.
    site : int or sequence of int, optional
        UniProt positions for the preset ``site``; default those of the first variant.
    isoform : str
        RNA event for the preset ``isoform``; default the first of the target.
    values : mapping of int to float, optional
        A number per UniProt position, for the preset ``atlas``; ``unit`` names it in the legend.
    unit : str

    Returns
    -------
    py3Dmol.view
    """
    from epitope.show.coordinates import trimmed_pdb
    from epitope.show.presets import scene
    from epitope.show.py3dmol import render

    structure = structure if structure is not None else load()
    given = as_variants(variants)
    rows = assess_each(given, structure) if given else []
    drawing = scene(structure, preset, rows, site=site, isoform=isoform, values=values, unit=unit)
    return render(drawing, trimmed_pdb(structure))


def write_view(
    path: str | Path,
    variants: str | Variant | Iterable[str | Variant | UnassessedRow] = (),
    structure: MeasuredComplex | None = None,
    *,
    preset: str = "overview",
    site: int | Sequence[int] | None = None,
    viewer_script: str | Path = "auto",
) -> Path:
    """Write the view as a file: a page that turns, or a script for PyMOL, ChimeraX or Mol*.

    Parameters
    ----------
    path : str or Path
        The end of the name says what for: ``.html``, ``.pml``, ``.cxc``, ``.mvsj``, ``.mvsx``.
    variants, structure, preset, site
        As for `view`.
    viewer_script : str or Path
        Where the viewer of an HTML page comes from; see `epitope.show.viewer.find_viewer_script`.

    Returns
    -------
    Path

    Raises
    ------
    EpitopeError
        If a variant cannot be read, the view is not known, or the file cannot be written.
    """
    from epitope.show.exports import write_for
    from epitope.show.presets import scene
    from epitope.show.viewer import find_viewer_script

    structure = structure if structure is not None else load()
    drawing = scene(structure, preset, all_assessed(variants, structure), site=site)
    viewer = find_viewer_script(viewer_script) if Path(path).suffix.lower() == ".html" else None
    return write_for(drawing, structure, path, viewer)
