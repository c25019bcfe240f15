"""The command line: parse arguments, call the API, print.

No science here and no formatting beyond choosing between table, CSV and JSON. Errors of
the user are printed as one line, with exit code 2, or 1 where a part of a batch failed.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epitope.errors import EpitopeError, StructureError

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex

SOME_FAILED, ALL_FAILED = 1, 2
TERMINAL_WIDTH = 100

app = typer.Typer(
    name="epitope",
    help="What a CD19 variant does to the protein, to its fold and to the epitope of B43 (PDB 6AL5).",
    epilog="Research use only.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Structure = Annotated[
    str | None,
    typer.Option("--structure", "-s", metavar="FILE|ID", help="PDB or mmCIF file, or a PDB id; default 6AL5."),
]
TargetFile = Annotated[Path | None, typer.Option("--target", metavar="FILE", help="Antigen as TOML; default CD19.")]
Chains = Annotated[
    str | None,
    typer.Option(
        "--chains",
        metavar="A:HL",
        help="Antigen and antibody chains (antigen:heavy+light) if not recognised.",
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


@app.command(epilog='Example: epitope assess p.Phe61del "c.179 CCTT>C" ex2part')
def assess(
    variants: Annotated[list[str] | None, typer.Argument(help="Variants, in any notation.")] = None,
    structure: Structure = None,
    chains: Chains = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say for each variant what happens to antigen, fold and epitope."""
    from epitope.api import assess_each, provenance
    from epitope.show.tables import assessment_table, terminal_table, to_csv_text, to_json_text

    cx = _load(structure, chains, target)
    rows = assess_each(variants or [], cx)
    table = assessment_table(rows)
    failed = table[table["error"] != ""]
    if as_json:
        typer.echo(to_json_text(table, provenance(cx, _command())), nl=False)
    elif as_csv:
        typer.echo(to_csv_text(table), nl=False)
    elif len(failed) < len(table):
        _console().print(terminal_table(table, TERMINAL_WIDTH))
    for error in failed["error"]:
        _complain(error)
    if len(failed):
        raise typer.Exit(ALL_FAILED if len(failed) == len(table) else SOME_FAILED)


@app.command(epilog="Example: epitope residues --around epitope --within 6 --csv")
def residues(
    around: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="Only near: epitope, antibody, disulfide, a loop (97-107) or P60."),
    ] = None,
    within: Annotated[float, typer.Option(min=0.0, help="How near, heavy atoms, in Å.")] = 5.0,
    structure: Structure = None,
    chains: Chains = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show the residue table: burial, contacts, distances, strands, bonds."""
    from epitope.api import residues_near
    from epitope.show.records import residue_overview

    cx = _load(structure, chains, target)
    table = cx.residues if around is None else residues_near(cx, around, within)
    overview = residue_overview(table[table["observed"]])
    _print_frame(table, as_json, as_csv, overview)


@app.command(epilog="Example: epitope distances P60 E229 K231 D233")
def distances(
    residues: Annotated[list[str], typer.Argument(help="The first residue is measured against the others.")],
    structure: Structure = None,
    chains: Chains = None,
    target: TargetFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Measure every kind of distance between residues."""
    from epitope.api import residue_position

    cx = _load(structure, chains, target)
    positions = [residue_position(text, cx) for text in residues]
    if len(positions) < 2:
        raise StructureError(f"{residues[0]}: give at least one more residue to measure to")
    _print_frame(cx.distances(positions[0], positions[1:]), as_json, as_csv)


@app.command(name="structure", epilog="Example: epitope structure --json")
def structure_command(
    structure: Structure = None, chains: Chains = None, target: TargetFile = None, as_json: AsJson = False
) -> None:
    """Say what the structure is and what it does not show."""
    from epitope.show.records import structure_record
    from epitope.show.terminal import structure_lines

    record = structure_record(_load(structure, chains, target))
    if as_json:
        typer.echo(json.dumps(record, indent=1, ensure_ascii=False))
    else:
        typer.echo("\n".join(structure_lines(record)))


def _load(structure: str | None, chains: str | None, target: Path | None) -> MeasuredComplex:
    """Load what the common options name."""
    from epitope.api import load

    roles: dict[str, list[str] | None] = {}
    if chains is not None:
        antigen, separator, antibody = chains.partition(":")
        if not separator or not antigen:
            raise StructureError(f"--chains {chains!r}: write antigen and antibody chains as A:HL, heavy before light")
        roles = {"antigen": list(antigen), "heavy": list(antibody[:1]), "light": list(antibody[1:])}
    return load(structure, target=target, **roles)


def _print_frame(table: pd.DataFrame, as_json: bool, as_csv: bool, overview: pd.DataFrame | None = None) -> None:
    """Print a table in the format that was asked for."""
    from epitope.show.records import csv_text, records
    from epitope.show.terminal import plain_table

    if as_json:
        typer.echo(json.dumps(records(table), indent=1, ensure_ascii=False))
    elif as_csv:
        typer.echo(csv_text(table), nl=False)
    else:
        _console().print(plain_table(table if overview is None else overview, TERMINAL_WIDTH))


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
