"""Commands that measure the structure: atlas, residues, contacts, distances, the structure itself."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import (
    Antibody,
    Antigen,
    AsCsv,
    AsJson,
    Chains,
    Out,
    Structure,
    TargetFile,
    command_line,
    complain,
    exit_for,
    given_variants,
    is_data,
    listed,
    loaded_structure,
    places_of,
    remind,
    show_table,
    write_to,
)
from epitope.errors import OutputError, StructureError


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
    from epitope.api import provenance, top_candidates
    from epitope.api import scan as every_change
    from epitope.impact.scan import verdict_counts
    from epitope.show.atlas_files import atlas_bytes, write_atlas
    from epitope.show.figures import figure as drawing
    from epitope.show.figures import figure_bytes
    from epitope.show.formats import write_formats
    from epitope.show.output import PICTURES, read_output
    from epitope.show.records import json_text
    from epitope.show.terminal import candidate_overview

    if formats is not None and (out is None or as_json or as_csv):
        raise OutputError(f"--format {formats} writes files: say where with --out, and leave out --json and --csv")
    if formats is not None and out is not None:
        read_output(out, "what --format writes", ())
    places = [] if formats is not None else places_of(out, "an atlas", as_json, as_csv, more=("parquet", *PICTURES))
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    if formats is not None and out is not None:
        made = write_formats(listed(formats), out, loaded, provenance(loaded))
        for path in made.files:
            typer.echo(str(path))
        if made.note:
            complain(made.note)
        return
    atlas = every_change(loaded)
    rests_on = provenance(loaded, command_line())

    heat_map = cache(partial(drawing, "atlas", loaded, atlas=atlas))

    def content(kind: str) -> bytes:
        return figure_bytes(heat_map(), kind) if kind in PICTURES else atlas_bytes(atlas, kind, rests_on)

    for folder in (place.folder for place in places if place.folder is not None):
        beside = {f"atlas.{kind}": content(kind) for kind in PICTURES}
        beside["provenance.json"] = json_text({"provenance": rests_on}).encode()
        written = write_atlas(atlas, folder, beside=beside)
        for path in written.files:
            typer.echo(str(path), err=is_data(places))
        if written.note:
            complain(written.note)
    write_to([place for place in places if place.folder is None], "atlas", content)
    if is_data(places):
        return
    show_table(verdict_counts(atlas))
    for label, table in candidate_overview(top_candidates(atlas, top)).items():
        typer.echo(label)
        show_table(table)
    remind(loaded)


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

    places = places_of(out, "a residue table", as_json, as_csv)
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    table = loaded.residues if around is None else residues_near(loaded, around, within)
    overview = residue_overview(table[table["observed"]], loaded.target)
    show_table(table, places, "residues", overview)
    if not is_data(places):
        remind(loaded)


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

    places = places_of(out, "a table of contacts", as_json, as_csv)
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    table = listed(given_variants(loaded, variants), loaded)
    show_table(table, places, "contacts", contact_overview(table, loaded.target))


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

    places = places_of(out, "a table of distances", as_json, as_csv)
    loaded = loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody)
    positions = [residue_position(text, loaded) for text in residues]
    if len(positions) < 2:
        raise StructureError(f"{residues[0]}: give at least one more residue to measure to")
    show_table(loaded.distances(positions[0], positions[1:]), places, "distances")
    if not is_data(places):
        remind(loaded)


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

    places = places_of(out, "a description of the structure", as_json, False, known=("json",))
    record = structure_record(loaded_structure(structure, target, sides=chains, antigen=antigen, antibody=antibody))
    if not is_data(places):
        typer.echo("\n".join(structure_lines(record)))
    write_to(places, "structure", lambda _: json_text(record).encode())


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
    exit_for(errors, len(identifiers))
