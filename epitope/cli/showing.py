"""Commands that draw: figures, views of the molecule, antibodies side by side."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import (
    TERMINAL_WIDTH,
    Antibody,
    Antigen,
    AsCsv,
    AsJson,
    Chains,
    Structure,
    TargetFile,
    ViewerScript,
    command_line,
    console,
    exit_for,
    first_cohort,
    given_variants,
    is_data,
    listed,
    loaded_structure,
    places_of,
    told_of_renderer,
    write_to,
)


@app.command(epilog="Example: epitope figure lollipop --out figures p.Phe61del R163L")
def figure(
    name: Annotated[str, typer.Argument(help="Which figure; `epitope figure list` names them.")],
    variants: Annotated[
        list[str] | None, typer.Argument(help="Variants to mark; default the first published cohort.")
    ] = None,
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|DIR|-", help="File (x.png; x.png,svg for two), folder to write into, or - for stdout."
        ),
    ] = "figures",
    formats: Annotated[
        str,
        typer.Option(metavar="png,svg,pdf", help="Formats, separated by commas; default what --out says, else all."),
    ] = "",
    columns: Annotated[int | None, typer.Option(metavar="1|2", help="Width in journal columns.")] = None,
    renderer: Annotated[
        str, typer.Option(metavar="auto|pymol|flat", help="What draws the molecule; auto: PyMOL where it is installed.")
    ] = "auto",
    ground: Annotated[
        str, typer.Option(metavar="light|dark", help="What the figure stands on; dark: the molecule, and lollipop.")
    ] = "light",
    site: Annotated[
        list[str] | None,
        typer.Option(metavar="RESIDUE", help="Residue of `site` and `site-3d`; may be repeated."),
    ] = None,
    samples: Annotated[
        Path | None, typer.Option("--cohort", metavar="FILE", help="Table of samples for the figure `cohort`.")
    ] = None,
    junctions: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Junction files for the figure `junctions`.")
    ] = None,
    surface: Annotated[
        bool, typer.Option("--surface", help="The antigen's molecular surface around the molecule, by PyMOL alone.")
    ] = False,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Draw a figure for print."""
    from epitope.api import draw, figure_names
    from epitope.show.figures import FIGURES, chosen_renderer

    if name == "list":
        for known, title in figure_names().items():
            typer.echo(f"{known:12s} {title}")
        return
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    alone = bool(variants) or (name in FIGURES and FIGURES[name].plain)
    given = given_variants(loaded, variants, published=None if alone else first_cohort(loaded))
    with told_of_renderer() as told:
        written = draw(
            name,
            given,
            out,
            loaded,
            formats=listed(formats),
            columns=columns,
            renderer=renderer,
            ground=ground,
            site=site or (),
            cohort=samples,
            junctions=junctions or None,
            surface=surface,
        )
    used = {"pymol": "PyMOL", "flat": "matplotlib, flat"}.get(chosen_renderer(name, renderer))
    if used and not told:
        typer.echo(f"The molecule is drawn by {used}.", err=True)
    for path in written:
        typer.echo(str(path))


@app.command(epilog="Example: epitope view R163L --preset epitope --out epitope.html")
def view(
    variants: Annotated[list[str] | None, typer.Argument(help="Variants to mark; default none.")] = None,
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|DIR|-",
            help="Page (.html), PyMOL (.pml), ChimeraX (.cxc), Mol* (.mvsj, .mvsx); - is the page.",
        ),
    ] = "molecule.html",
    preset: Annotated[
        str, typer.Option(metavar="NAME", help="What to show, such as overview, epitope, site.")
    ] = "overview",
    site: Annotated[
        list[str] | None, typer.Option(metavar="RESIDUE", help="Residue that `site` shows; may be repeated.")
    ] = None,
    viewer_script: ViewerScript = "auto",
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Write the molecule as a page that turns, or for another program."""
    from epitope.api import residue_position, write_view
    from epitope.files import together
    from epitope.show.exports import VIEWS
    from epitope.show.output import read_output

    place = read_output(out, "a view", VIEWS, in_folder=VIEWS[:1], on_stdout=VIEWS[:1])
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    shown = [residue_position(residue, loaded) for residue in site or ()] or None
    given = given_variants(loaded, variants)
    paths = place.paths("molecule")
    with together(paths[0].parent) if paths else tempfile.TemporaryDirectory() as folder:
        for name in [path.name for path in paths] or ["molecule.html"]:
            page = write_view(Path(folder, name), given, loaded, preset=preset, site=shown, viewer_script=viewer_script)
        if place.is_stdout:
            typer.echo(page.read_bytes(), nl=False)
    for path in paths:
        typer.echo(str(path))


@app.command(epilog="Example: epitope compare first.cif second.cif --variant R163L")
def compare(
    antibodies: Annotated[
        list[str],
        typer.Argument(metavar="A B...", help="Structures (file, PDB id) and names of binders."),
    ],
    variant: Annotated[
        list[str] | None, typer.Option("--variant", metavar="HGVS", help="Which would notice it; may be repeated.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR|-",
            help="Folder for CSV, JSON and figure; or a file: .csv, .tsv, .json, .xlsx, .png, .svg, .pdf.",
        ),
    ] = None,
    figure_file: Annotated[
        Path | None, typer.Option("--figure", metavar="FILE", help="Draw the epitopes: PNG, SVG or PDF.")
    ] = None,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Put the epitopes of antibodies against one antigen side by side."""
    from epitope.api import compare as side_by_side
    from epitope.api import provenance
    from epitope.show.comparison import comparison_overview, comparison_record, write_comparison
    from epitope.show.figures import figure as drawing
    from epitope.show.figures import figure_bytes, save_figure
    from epitope.show.output import PICTURES
    from epitope.show.records import json_text, table_bytes
    from epitope.show.tables import assessment_table, binder_table
    from epitope.show.terminal import plain_table

    places = places_of(out, "a comparison", as_json, as_csv, more=PICTURES)
    named = any((structure, chains, antigen, antibody, target))
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody) if named else None
    found = side_by_side(*antibodies, structure=loaded, variants=variant or ())
    rests_on = provenance(found.antibodies[0].structure, command_line())
    drawn = cache(partial(drawing, "barcode", found.antibodies[0].structure, comparison=found))

    def content(kind: str) -> bytes:
        if kind in PICTURES:
            return figure_bytes(drawn(), kind)
        if kind == "json":
            return json_text(comparison_record(found, rests_on)).encode()
        return table_bytes(found.table, kind, "epitopes")

    files = [] if figure_file is None else save_figure(drawn(), figure_file)
    for folder in (place.folder for place in places if place.folder is not None):
        figures = {f"barcode.{kind}": figure_bytes(drawn(), kind) for kind in PICTURES}
        files += write_comparison(found, rests_on, folder, beside=figures)
    for path in files:
        typer.echo(str(path), err=is_data(places))
    write_to([place for place in places if place.folder is None], "epitopes", content)
    changes = assessment_table(found.variants)
    if not is_data(places):
        for heading, table in comparison_overview(found).items():
            console().print(heading, markup=False)
            console().print(plain_table(table, TERMINAL_WIDTH, schema=False))
        answers = binder_table(changes, TERMINAL_WIDTH, [one.name for one in found.antibodies])
        if answers is not None:
            console().print(answers)
    exit_for([error for error in changes["error"] if error], len(changes))
