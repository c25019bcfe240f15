"""The command line: parse arguments, call the API, print.

No science here and no formatting beyond choosing between table, CSV and JSON. Errors of
the user are printed as one line, with exit code 2, or 1 where a part of a batch failed.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epitope.errors import EpitopeError, OutputError, RendererWarning, StructureError, VariantError

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.show.output import Output

SOME_FAILED, ALL_FAILED = 1, 2
TERMINAL_WIDTH = 100
ANNOTATED = (".vcf", ".vcf.gz")

app = typer.Typer(
    name="epitope",
    help="What a variant of an antigen does to the protein, to its fold and to the epitope of an antibody.",
    epilog="Research use only.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Structure = Annotated[
    str | None,
    typer.Option(
        "--structure", "-s", metavar="FILE|ID", help="PDB or mmCIF file, or a PDB id; default the target's own."
    ),
]
TargetFile = Annotated[
    Path | None,
    typer.Option(
        "--target", metavar="PACK", help="Target pack: folder, its target.toml, or name; default the bundled one."
    ),
]
Vcf = Annotated[Path | None, typer.Option(metavar="FILE", help="Variants of a VCF 4.x file (plain, bgzip).")]
TableFile = Annotated[
    Path | None, typer.Option("--table", metavar="FILE", help="Variants of a CSV, TSV, XLSX or plain list.")
]
Column = Annotated[str | None, typer.Option(metavar="NAME", help="Column of the table with the variants.")]
Sample = Annotated[str | None, typer.Option(metavar="NAME", help="Sample of the VCF file that counts.")]
Cohort = Annotated[str | None, typer.Option(metavar="NAME", help="A published cohort of the target.")]
Chains = Annotated[
    str | None,
    typer.Option(
        "--chains",
        metavar="A:HL",
        help="The two sides of the complex, the antigen first, if not recognised; long names with commas.",
    ),
]
Antigen = Annotated[
    str | None, typer.Option("--antigen", metavar="A", help="Chains of the antigen, if not recognised; with commas.")
]
Antibody = Annotated[
    str | None,
    typer.Option("--antibody", metavar="H,L", help="Chains of what binds the antigen, antibody or not; with commas."),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE|DIR|-",
        help="Write the table: .csv, .tsv, .json, .xlsx (x.csv,json for two); - is stdout.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def main() -> None:
    """Run the command line; a user's mistake ends as one line on standard error."""
    try:
        app()
    except EpitopeError as error:
        _complain(str(error))
        sys.exit(ALL_FAILED)
    except BrokenPipeError:
        # The reader went away (``| head``); keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(SOME_FAILED)


def _version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from epitope import __version__

        typer.echo(f"epitope {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command(epilog='Example: epitope assess p.Phe61del "c.179 CCTT>C" R163L')
def assess(
    variants: Annotated[list[str] | None, typer.Argument(help="Variants, in any notation.")] = None,
    vcf: Vcf = None,
    table_file: TableFile = None,
    column: Column = None,
    sample: Sample = None,
    published: Cohort = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Answer for these antibodies too: structures or binders of the target."),
    ] = None,
    binders: Annotated[
        bool, typer.Option("--binders", help="List the answer for each binder of the target, and what it rests on.")
    ] = False,
    in_cis: Annotated[
        bool, typer.Option("--in-cis", help="All variants are on one allele: assess them together as well.")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR|-",
            help="Write the table: .csv, .tsv, .json, .xlsx; or the VCF file once more, annotated: .vcf, .vcf.gz.",
        ),
    ] = None,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say for each variant what happens to antigen, fold and epitope."""
    from epitope.api import assess_each, on_one_allele, provenance
    from epitope.show.annotated_vcf import check_output, write_annotated_vcf
    from epitope.show.tables import assessment_bytes, assessment_table, binder_names, binder_table, terminal_table

    annotated = out if out is not None and out.casefold().endswith(ANNOTATED) else None
    if annotated is not None:
        if vcf is None:
            raise OutputError(f"--out {out}: what is written is an annotated VCF file; give the file with --vcf")
        check_output(vcf, annotated)
    places = _places(None if annotated else out, "an assessment", as_json, as_csv, sources=(vcf, table_file))
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    given = _given(loaded, variants, vcf, table_file, column, sample, published)
    if in_cis:
        given.append(on_one_allele(given))
    asked = _listed(against)
    rows = assess_each(given, loaded, against=asked)
    table = assessment_table(rows)
    failed = table[table["error"] != ""]
    some = len(failed) < len(table)
    if some and not _is_data(places):
        _console().print(terminal_table(table, TERMINAL_WIDTH))
        # The antibodies that were asked about come first.
        answers = binder_table(table, TERMINAL_WIDTH, None if binders else binder_names(table)[: len(asked)])
        if answers is not None:
            _console().print(answers)
        _remind(loaded)
    content = partial(assessment_bytes, table, rows, loaded.target, provenance(loaded, _command()))
    _write([place for place in places if some or place.is_stdout], "assessments", content)
    if some and vcf is not None and annotated is not None:
        path = write_annotated_vcf(vcf, annotated, rows, loaded.target, sample=sample)
        typer.echo(str(path), err=_is_data(places))
    _exit_for(failed["error"].tolist(), len(table))


@app.command(epilog="Example: epitope report --vcf relapse.vcf.gz --out relapse")
def report(
    variants: Annotated[
        list[str] | None, typer.Argument(help="Variants; default the target's first published cohort.")
    ] = None,
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder to write.")] = "report",
    vcf: Vcf = None,
    table_file: TableFile = None,
    column: Column = None,
    sample: Sample = None,
    published: Cohort = None,
    samples: Annotated[
        Path | None, typer.Option("--cohort", metavar="FILE", help="Table of samples, as for `epitope cohort`.")
    ] = None,
    junctions: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Junction files, as for `epitope isoform`.")
    ] = None,
    viewer_script: Annotated[
        str, typer.Option(metavar="FILE|auto|cache|none", help="Where the page's viewer comes from.")
    ] = "auto",
    renderer: Annotated[
        str,
        typer.Option(metavar="auto|pymol|flat", help="What draws the stills; pymol: also where the molecule turns."),
    ] = "auto",
    png: Annotated[bool, typer.Option(help="Also write the figures as PNG.")] = True,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Write a report: one page, tables, figures and scenes for other viewers."""
    from epitope.api import report as write
    from epitope.show.output import read_output

    read_output(out, "a report", ())
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    everything = (variants, vcf, table_file, samples, published)
    if not any(everything):
        published = _first_cohort(loaded)
        if published is None:
            raise VariantError(f"no variant given, and {loaded.target.name} has no published cohort; name a variant")
    given = (
        _given(loaded, variants, vcf, table_file, column, sample, published)
        if any((variants, vcf, table_file, published))
        else []
    )
    with _told():
        written = write(
            given,
            out,
            loaded,
            samples=samples,
            published=published,
            junctions=junctions or (),
            viewer_script=viewer_script,
            renderer=renderer,
            png=png,
            command=_command(),
        )
    typer.echo(f"{written.page}: {written.rows} rows")
    _exit_for(written.errors, written.rows + written.samples)


@app.command(epilog="Example: epitope isoform --junctions a/SJ.out.tab --junctions b/SJ.out.tab")
def isoform(
    junctions: Annotated[list[Path], typer.Option(metavar="FILE", help="STAR SJ.out.tab or BED12, one per sample.")],
    multimapped: Annotated[bool, typer.Option(help="Count reads that map to several places.")] = False,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count the reads of the target's RNA events against the junctions that they compete with."""
    from epitope.show.terminal import isoform_overview, notes_below
    from epitope.target import load_target
    from epitope.variant.readers.junctions import isoform_usage

    places = _places(out, "a table of junctions", as_json, as_csv, sources=junctions)
    table = isoform_usage(junctions, load_target(target), multimapped=multimapped)
    _show(table, places, "junctions", isoform_overview(table))
    if not _is_data(places):
        for line in notes_below(table, ("warning", "against_mark"), ("context", "objection")):
            typer.echo(line)


@app.command(epilog="Example: epitope cohort samples.csv")
def cohort(
    samples: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or XLSX, a row per sample or variant.")],
    low_log_cpm: Annotated[
        float | None,
        typer.Option(
            metavar="LOG2CPM",
            help="RNA is low below this; default the mark that the target's pack gives, with its source.",
        ),
    ] = None,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Combine the evidence of antigen loss of each sample: variants, copies, RNA, isoform."""
    from epitope.impact.cohorts.cohort import cohort_table, read_samples, summarise_cohort
    from epitope.show.terminal import cohort_overview
    from epitope.target import load_target

    places = _places(out, "a cohort", as_json, as_csv, sources=(samples,))
    antigen = load_target(target)
    table = cohort_table(summarise_cohort(read_samples(samples, antigen), antigen, low_log_cpm=low_log_cpm))
    sound = table[table["error"] == ""]
    if len(sound) or _is_data(places):
        _show(table, places if len(sound) else [p for p in places if p.is_stdout], "cohort", cohort_overview(sound))
    _exit_for([error for error in table["error"] if error], len(table))


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
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    alone = bool(variants) or (name in FIGURES and FIGURES[name].plain)
    given = _given(loaded, variants, published=None if alone else _first_cohort(loaded))
    with _told() as told:
        written = draw(
            name,
            given,
            out,
            loaded,
            formats=_listed(formats),
            columns=columns,
            renderer=renderer,
            site=site or (),
            cohort=samples,
            junctions=junctions or None,
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
    viewer_script: Annotated[
        str, typer.Option("--viewer-script", metavar="FILE|auto|cache|none", help="Where the page's viewer comes from.")
    ] = "auto",
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Write the molecule as a page that turns, or for another program."""
    from epitope.api import residue_position, write_view
    from epitope.show.exports import VIEWS
    from epitope.show.files import made_folder, write_whole
    from epitope.show.output import read_output

    place = read_output(out, "a view", VIEWS, in_folder=VIEWS[:1], on_stdout=VIEWS[:1])
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    shown = [residue_position(residue, loaded) for residue in site or ()] or None
    given = _given(loaded, variants)
    paths = place.paths("molecule")
    with tempfile.TemporaryDirectory() as folder:
        for name in [path.name for path in paths] or ["molecule.html"]:
            page = write_view(Path(folder, name), given, loaded, preset=preset, site=shown, viewer_script=viewer_script)
        if place.is_stdout:
            typer.echo(page.read_bytes(), nl=False)
        for made in sorted(Path(folder).iterdir()) if paths else ():  # the structure lies beside some views
            write_whole(made_folder(paths[0].parent) / made.name, made.read_bytes())
    for path in paths:
        typer.echo(str(path))


@app.command(epilog="Example: epitope scan --out atlas")
def scan(
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR|-",
            help="Folder for CSV, Parquet and heat map; or a file: .csv, .tsv, .json, .xlsx, .parquet, .png, .svg.",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="vep,dms-viz,mave",
            help="Write these into the folder instead, for Ensembl VEP, dms-viz and MaveDB.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Candidates of each kind to print.")] = 10,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Assess every single change: the atlas. Print its verdicts and top candidates, or all of it as JSON or CSV."""
    from epitope.api import draw, provenance, top_candidates
    from epitope.api import scan as every_change
    from epitope.impact.scan import verdict_counts
    from epitope.show.atlas_files import atlas_bytes, write_atlas
    from epitope.show.figures import figure as drawing
    from epitope.show.figures import figure_bytes
    from epitope.show.formats import write_formats
    from epitope.show.output import PICTURES, read_output
    from epitope.show.terminal import candidate_overview

    if formats is not None and (out is None or as_json or as_csv):
        raise OutputError(f"--format {formats} writes files: say where with --out, and leave out --json and --csv")
    if formats is not None and out is not None:
        read_output(out, "what --format writes", ())
    places = [] if formats is not None else _places(out, "an atlas", as_json, as_csv, more=("parquet", *PICTURES))
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    if formats is not None and out is not None:
        made = write_formats(_listed(formats), out, loaded, provenance(loaded))
        for path in made.files:
            typer.echo(str(path))
        if made.note:
            _complain(made.note)
        return
    atlas = every_change(loaded)

    def content(kind: str) -> bytes:
        if kind in PICTURES:
            return figure_bytes(drawing("atlas", loaded, atlas=atlas), kind)
        return atlas_bytes(atlas, kind)

    for folder in (place.folder for place in places if place.folder is not None):
        written = write_atlas(atlas, folder)
        for path in (*written.files, *draw("atlas", out=f"{folder}/", structure=loaded, atlas=atlas)):
            typer.echo(str(path), err=_is_data(places))
        if written.note:
            _complain(written.note)
    _write([place for place in places if place.folder is None], "atlas", content)
    if _is_data(places):
        return
    _show(verdict_counts(atlas))
    for label, table in candidate_overview(top_candidates(atlas, top)).items():
        typer.echo(label)
        _show(table)
    _remind(loaded)


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

    places = _places(out, "a comparison", as_json, as_csv, more=PICTURES)
    named = any((structure, chains, antigen, antibody, target))
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody) if named else None
    found = side_by_side(*antibodies, structure=loaded, variants=variant or ())
    rests_on = provenance(found.antibodies[0].structure, _command())
    drawn = cache(partial(drawing, "barcode", found.antibodies[0].structure, comparison=found))

    def content(kind: str) -> bytes:
        if kind in PICTURES:
            return figure_bytes(drawn(), kind)
        if kind == "json":
            return json_text(comparison_record(found, rests_on)).encode()
        return table_bytes(found.table, kind, "epitopes")

    files = [] if figure_file is None else save_figure(drawn(), figure_file)
    for folder in (place.folder for place in places if place.folder is not None):
        files += write_comparison(found, rests_on, folder)
        files += save_figure(drawn(), folder / "barcode", PICTURES)
    for path in files:
        typer.echo(str(path), err=_is_data(places))
    _write([place for place in places if place.folder is None], "epitopes", content)
    changes = assessment_table(found.variants)
    if not _is_data(places):
        for heading, table in comparison_overview(found).items():
            _console().print(heading, markup=False)
            _console().print(plain_table(table, TERMINAL_WIDTH, schema=False))
        answers = binder_table(changes, TERMINAL_WIDTH, [one.name for one in found.antibodies])
        if answers is not None:
            _console().print(answers)
    _exit_for([error for error in changes["error"] if error], len(changes))


@app.command(epilog="Example: epitope residues --around epitope --within 6 --csv")
def residues(
    around: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="Only near: epitope, binder, disulfide, a loop (97-107) or P60."),
    ] = None,
    within: Annotated[float, typer.Option(min=0.0, help="How near, heavy atoms, in Å.")] = 5.0,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show the residue table: burial, contacts, distances, strands, bonds."""
    from epitope.api import residues_near
    from epitope.show.records import residue_overview

    places = _places(out, "a residue table", as_json, as_csv)
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    table = loaded.residues if around is None else residues_near(loaded, around, within)
    overview = residue_overview(table[table["observed"]], loaded.target)
    _show(table, places, "residues", overview)
    if not _is_data(places):
        _remind(loaded)


@app.command(epilog="Example: epitope contacts R163L K220E")
def contacts(
    variants: Annotated[
        list[str] | None, typer.Argument(help="Variants; the contacts that they lose are marked.")
    ] = None,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the contacts of antigen and antibody by kind: bonds, charges, rings, waters."""
    from epitope.api import contacts as listed
    from epitope.show.records import contact_overview

    places = _places(out, "a table of contacts", as_json, as_csv)
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    table = listed(_given(loaded, variants), loaded)
    _show(table, places, "contacts", contact_overview(table, loaded.target))


@app.command(epilog="Example: epitope distances P60 E229 K231 D233")
def distances(
    residues: Annotated[list[str], typer.Argument(help="The first residue is measured against the others.")],
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Measure every kind of distance between residues."""
    from epitope.api import residue_position

    places = _places(out, "a table of distances", as_json, as_csv)
    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    positions = [residue_position(text, loaded) for text in residues]
    if len(positions) < 2:
        raise StructureError(f"{residues[0]}: give at least one more residue to measure to")
    _show(loaded.distances(positions[0], positions[1:]), places, "distances")
    if not _is_data(places):
        _remind(loaded)


@app.command(epilog="Example: epitope serve")
def serve(
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8719,
    open_browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    viewer_script: Annotated[
        str, typer.Option(metavar="FILE|auto|cache|none", help="Where the page's viewer comes from.")
    ] = "auto",
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
) -> None:
    """Open a page in the browser to type variants into; it answers on this machine only."""
    from epitope.web.serve import serve as run

    loaded = _load(structure, target, sides=chains, antigen=antigen, antibody=antibody)

    def say(address: str) -> None:
        typer.echo(f"{address}\nOpen this address in a browser. Ctrl-C ends it.")

    run(loaded, port=port, viewer_script=viewer_script, open_browser=open_browser, say=say)


structure_app = typer.Typer()
app.add_typer(structure_app, name="structure")


@structure_app.callback(invoke_without_command=True, epilog="Example: epitope structure --json")
def structure_command(
    context: typer.Context,
    structure: Structure = None,
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    out: Annotated[str | None, typer.Option(metavar="FILE|DIR|-", help="Write it as .json; - is stdout.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the structure is and what it does not show; `structure fetch` downloads entries."""
    if context.invoked_subcommand is not None:
        return
    from epitope.show.records import json_text, structure_record
    from epitope.show.terminal import structure_lines

    places = _places(out, "a description of the structure", as_json, False, known=("json",))
    record = structure_record(_load(structure, target, sides=chains, antigen=antigen, antibody=antibody))
    if not _is_data(places):
        typer.echo("\n".join(structure_lines(record)))
    _write(places, "structure", lambda _: json_text(record).encode())


@structure_app.command(name="fetch", epilog="Example: epitope structure fetch 1A14 1BRS")
def structure_fetch(
    identifiers: Annotated[list[str], typer.Argument(metavar="PDBID...", help="Entries of the PDB.")],
    cache: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for downloads; default the user's cache.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Look into the cache alone.")] = False,
) -> None:
    """Download entries into the cache, from RCSB or else PDBe; print where they lie."""
    from epitope.structure import fetch_structure

    errors = []
    for identifier in identifiers:
        try:
            typer.echo(str(fetch_structure(identifier, cache, offline=offline)))
        except StructureError as error:
            errors.append(str(error))
    _exit_for(errors, len(identifiers))


target_app = typer.Typer(help="Target packs: list them, check one, write a new one.", no_args_is_help=True)
app.add_typer(target_app, name="target")


@target_app.command(name="list", epilog="Example: epitope target list")
def target_list() -> None:
    """Name the packs that come with the package."""
    from epitope.target import installed_packs, load_target

    for name in installed_packs():
        found = load_target(name)
        typer.echo(f"{name:16s} {found.name}, {len(found.sequence)} residues, {found.structure or 'no structure'}")


@target_app.command(name="check", epilog="Example: epitope target check my_antigen")
def target_check(
    pack: Annotated[Path, typer.Argument(metavar="DIR|NAME", help="Folder or name of a pack.")],
    structure: Structure = None,
) -> None:
    """Say what a pack leaves out, what that costs, and whether its structure agrees with it."""
    from epitope.api import check_target

    for part, finding in check_target(pack, structure):
        typer.echo(f"{part:22s} {finding}")


@target_app.command(name="binders", epilog="Example: epitope target binders --csv")
def target_binders(
    structure: Structure = None,
    target: TargetFile = None,
    out: Out = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say what is known of each binder, position by position, and what it rests on."""
    from epitope.api import binders
    from epitope.show.comparison import binder_overview
    from epitope.show.records import table_bytes
    from epitope.show.terminal import plain_table, wrapped

    places = _places(out, "a table of binders", as_json, as_csv)
    loaded = _load(structure, target)
    table = binders(loaded)
    _write(places, "binders", partial(table_bytes, table, sheet="binders"))
    if _is_data(places):
        return
    if table.empty:
        typer.echo(f"{loaded.target.name}: no binder is known here that touches it")
        return
    sites, rests_on = binder_overview(table)
    _console().print(plain_table(sites, TERMINAL_WIDTH, schema=False))
    for line in rests_on:
        typer.echo("\n".join(wrapped(line)))


@target_app.command(name="new", epilog="Example: epitope target new my_antigen --structure complex.cif --name GENE")
def target_new(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; must be new or empty.")],
    structure: Annotated[Path | None, typer.Option(metavar="FILE", help="PDB or mmCIF file.")] = None,
    uniprot: Annotated[Path | None, typer.Option(metavar="FILE", help="UniProt record: text, JSON or FASTA.")] = None,
    genbank: Annotated[Path | None, typer.Option(metavar="FILE", help="GenBank file of RefSeq or Ensembl.")] = None,
    gff3: Annotated[Path | None, typer.Option(metavar="FILE", help="GFF3 of one transcript; with --fasta.")] = None,
    fasta: Annotated[Path | None, typer.Option(metavar="FILE", help="The DNA of the GFF3.")] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the antigen; default its gene.")] = "",
    sides: Annotated[str | None, typer.Option(metavar="A:HL", help="Antigen and binder chains.")] = None,
    chromosome_length: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Length of the chromosome, where no file gives it.")
    ] = None,
) -> None:
    """Write a pack from files; what they do not say is left out, and said."""
    from epitope.api import new_target

    left_out = new_target(
        out,
        structure=structure,
        uniprot=uniprot,
        genbank=genbank,
        gff3=gff3,
        fasta=fasta,
        name=name,
        sides=sides,
        chromosome_length=chromosome_length,
    )
    typer.echo(f"{out}: written")
    for line in left_out:
        typer.echo(f"left out: {line}")


def _given(
    loaded: MeasuredComplex,
    variants: list[str] | None,
    vcf: Path | None = None,
    table: Path | None = None,
    column: str | None = None,
    sample: str | None = None,
    published: str | None = None,
) -> list[Any]:
    """Gather variants from arguments, files and published cohorts, in that order."""
    from epitope.api import read_variants
    from epitope.variant.model import Variant
    from epitope.variant.readers.published import published_cohort

    given: list[Any] = [Variant(text, f"argument {n}") for n, text in enumerate(variants or [], start=1)]
    given += read_variants(vcf, table, structure=loaded, column=column, sample=sample)
    if published is not None:
        given += published_cohort(published, loaded.target)
    return given


def _listed(text: str | None) -> list[str]:
    """Split what an option lists with commas."""
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def _first_cohort(loaded: MeasuredComplex) -> str | None:
    """Name the cohort that is shown where no variant is given."""
    return next((cohort.name for cohort in loaded.target.cohorts), None)


def _exit_for(errors: list[str], rows: int) -> None:
    """Name what failed and set the exit code: 1 when the rest was done, 2 when nothing was."""
    for error in errors:
        _complain(error)
    if errors:
        raise typer.Exit(ALL_FAILED if len(errors) == rows else SOME_FAILED)


def _load(structure: str | None, target: Path | None, **chains: str | None) -> MeasuredComplex:
    """Load what the common options name."""
    from epitope.api import load

    return load(structure, target=target, **chains)


@contextmanager
def _told() -> Iterator[list[str]]:
    """Put what is said of the renderer on standard error as a line each, and give the lines."""
    lines: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", RendererWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, RendererWarning):
                lines.append(str(message))
                typer.echo(str(message), err=True)
            else:
                others(message, category, *place, **more)

        warnings.showwarning = show
        yield lines


def _remind(loaded: MeasuredComplex) -> None:
    """Say below a result how residues are numbered where no target says it, and what was left out."""
    from epitope.show.terminal import wrapped

    for reminder in loaded.complex.reminders:
        typer.echo("\n".join(wrapped(f"{loaded.id}: {reminder}")))


def _places(
    out: str | None,
    what: str,
    as_json: bool,
    as_csv: bool,
    *,
    known: Sequence[str] = ("csv", "json", "tsv", "xlsx"),
    more: Sequence[str] = (),
    sources: Sequence[Path | None] = (),
) -> list[Output]:
    """Say where a table goes beside the screen: what ``--out`` names; standard output for ``--json`` and ``--csv``."""
    from epitope.show.output import STDOUT, Output, read_output

    plain = ("json",) if as_json or "csv" not in known else ("csv",)
    places = [Output(plain)] if (as_json or as_csv) and out != STDOUT else []
    if out is not None:
        places.append(read_output(out, what, (*known, *more), in_folder=known[:2], on_stdout=plain, sources=sources))
    return places


def _is_data(places: Sequence[Output]) -> bool:
    """Say whether standard output is for data, so that nothing else is printed there."""
    return any(place.is_stdout for place in places)


def _write(places: Sequence[Output], stem: str, content: Callable[[str], bytes]) -> None:
    """Write what was asked for, and name the files."""
    for place in places:
        for path in place.write(stem, content):
            typer.echo(str(path), err=_is_data(places))


def _show(
    table: pd.DataFrame, places: Sequence[Output] = (), stem: str = "", overview: pd.DataFrame | None = None
) -> None:
    """Print a table, unless standard output is for data, and write it where it was asked for."""
    from epitope.show.records import table_bytes
    from epitope.show.terminal import plain_table

    if not _is_data(places):
        _console().print(plain_table(table if overview is None else overview, TERMINAL_WIDTH))
    _write(places, stem, partial(table_bytes, table, sheet=stem))


def _console() -> Any:
    """Return a console that keeps to the promised width and knows NO_COLOR and pipes."""
    from rich.console import Console

    return Console(width=TERMINAL_WIDTH, highlight=False)


def _complain(message: str) -> None:
    """Print one line on standard error."""
    typer.echo(f"epitope: {' '.join(message.split())}", err=True)


def _command() -> str:
    """Return the command as it was typed, without the path of the program."""
    return shlex.join(["epitope", *sys.argv[1:]])
