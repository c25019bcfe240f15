"""Commands for target packs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import (
    TERMINAL_WIDTH,
    AsCsv,
    AsJson,
    Out,
    Structure,
    TargetFile,
    console,
    is_data,
    loaded_structure,
    places_of,
    write_to,
)

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

    places = places_of(out, "a table of binders", as_json, as_csv)
    loaded = loaded_structure(structure, target)
    table = binders(loaded)
    write_to(places, "binders", partial(table_bytes, table, sheet="binders"))
    if is_data(places):
        return
    if table.empty:
        typer.echo(f"{loaded.target.name}: no binder is known here that touches it")
        return
    sites, rests_on = binder_overview(table)
    console().print(plain_table(sites, TERMINAL_WIDTH, schema=False))
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
