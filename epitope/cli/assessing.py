"""Commands that assess: one variant or many, a report, RNA events, a cohort."""

from __future__ import annotations

from functools import partial
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
    Cohort,
    Column,
    Out,
    Sample,
    Structure,
    TableFile,
    TargetFile,
    Vcf,
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
    remind,
    show_table,
    told_of_renderer,
    write_to,
)
from epitope.errors import OutputError, VariantError

ANNOTATED = (".vcf", ".vcf.gz")


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
    places = places_of(None if annotated else out, "an assessment", as_json, as_csv, sources=(vcf, table_file))
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    given = given_variants(loaded, variants, vcf, table_file, column, sample, published)
    if in_cis:
        given.append(on_one_allele(given))
    asked = listed(against)
    rows = assess_each(given, loaded, against=asked)
    table = assessment_table(rows)
    failed = table[table["error"] != ""]
    some = len(failed) < len(table)
    if some and not is_data(places):
        console().print(terminal_table(table, TERMINAL_WIDTH))
        # The antibodies that were asked about come first.
        answers = binder_table(table, TERMINAL_WIDTH, None if binders else binder_names(table)[: len(asked)])
        if answers is not None:
            console().print(answers)
        remind(loaded)
    content = partial(assessment_bytes, table, rows, loaded.target, provenance(loaded, command_line(), against=asked))
    write_to([place for place in places if some or place.is_stdout], "assessments", content)
    if some and vcf is not None and annotated is not None:
        path = write_annotated_vcf(vcf, annotated, rows, loaded.target, sample=sample)
        typer.echo(str(path), err=is_data(places))
    exit_for(failed["error"].tolist(), len(table))


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
    viewer_script: ViewerScript = "auto",
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
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    everything = (variants, vcf, table_file, samples, published)
    if not any(everything):
        published = first_cohort(loaded)
        if published is None:
            raise VariantError(f"no variant given, and {loaded.target.name} has no published cohort; name a variant")
    given = (
        given_variants(loaded, variants, vcf, table_file, column, sample, published)
        if any((variants, vcf, table_file, published))
        else []
    )
    with told_of_renderer():
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
            command=command_line(),
        )
    typer.echo(f"{written.page}: {written.rows} rows")
    exit_for(written.errors, written.rows + written.samples)


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

    places = places_of(out, "a table of junctions", as_json, as_csv, sources=junctions)
    table = isoform_usage(junctions, load_target(target), multimapped=multimapped)
    show_table(table, places, "junctions", isoform_overview(table))
    if not is_data(places):
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
    from epitope.api.loading import basis, encodable
    from epitope.impact.cohorts.cohort import cohort_table, read_samples, summarise_cohort
    from epitope.show.given import sample_records
    from epitope.show.terminal import cohort_overview
    from epitope.target import load_target

    places = places_of(out, "a cohort", as_json, as_csv, sources=(samples,))
    antigen = load_target(target)
    given = read_samples(samples, antigen)
    table = cohort_table(summarise_cohort(given, antigen, low_log_cpm=low_log_cpm))
    said = {**basis(antigen), "low_log_cpm": low_log_cpm, "command": encodable(command_line())}
    rests_on = {"provenance": said, "given": sample_records(given)}
    sound = table[table["error"] == ""]
    if len(sound) or is_data(places):
        kept = places if len(sound) else [place for place in places if place.is_stdout]
        show_table(table, kept, "cohort", cohort_overview(sound), rests_on)
    exit_for([error for error in table["error"] if error], len(table))
