"""What the commands share: options, and how results are printed, written and failures counted."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epitope.errors import RendererWarning

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex
    from epitope.show.output import Output

SOME_FAILED, ALL_FAILED = 1, 2
TERMINAL_WIDTH = 100

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
ViewerScript = Annotated[
    str, typer.Option("--viewer-script", metavar="FILE|auto|cache|none", help="Where the page's viewer comes from.")
]
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


def given_variants(
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


def listed(text: str | None) -> list[str]:
    """Split what an option lists with commas."""
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def first_cohort(loaded: MeasuredComplex) -> str | None:
    """Name the cohort that is shown where no variant is given."""
    return next((cohort.name for cohort in loaded.target.cohorts), None)


def exit_for(errors: list[str], rows: int) -> None:
    """Name what failed and set the exit code: 1 when the rest was done, 2 when nothing was."""
    for error in errors:
        complain(error)
    if errors:
        raise typer.Exit(ALL_FAILED if len(errors) == rows else SOME_FAILED)


def loaded_structure(structure: str | None, target: Path | None, **chains: str | None) -> MeasuredComplex:
    """Load what the common options name."""
    from epitope.api import load

    return load(structure, target=target, **chains)


@contextmanager
def told_of_renderer() -> Iterator[list[str]]:
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


def remind(loaded: MeasuredComplex) -> None:
    """Say below a result how residues are numbered where no target says it, and what was left out."""
    from epitope.show.terminal import wrapped

    for reminder in loaded.complex.reminders:
        typer.echo("\n".join(wrapped(f"{loaded.id}: {reminder}")))


def places_of(
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


def is_data(places: Sequence[Output]) -> bool:
    """Say whether standard output is for data, so that nothing else is printed there."""
    return any(place.is_stdout for place in places)


def write_to(places: Sequence[Output], stem: str, content: Callable[[str], bytes]) -> None:
    """Write what was asked for, and name the files."""
    for place in places:
        for path in place.write(stem, content):
            typer.echo(str(path), err=is_data(places))


def show_table(
    table: pd.DataFrame,
    places: Sequence[Output] = (),
    stem: str = "",
    overview: pd.DataFrame | None = None,
    rests_on: Mapping[str, Any] | None = None,
) -> None:
    """Print a table, unless standard output is for data, and write it where it was asked for."""
    from epitope.show.records import table_bytes
    from epitope.show.terminal import plain_table

    if not is_data(places):
        console().print(plain_table(table if overview is None else overview, TERMINAL_WIDTH))
    write_to(places, stem, partial(table_bytes, table, sheet=stem, rests_on=rests_on))


def console() -> Any:
    """Return a console that keeps to the promised width and knows NO_COLOR and pipes."""
    from rich.console import Console

    return Console(width=TERMINAL_WIDTH, highlight=False)


def complain(message: str) -> None:
    """Print one line on standard error."""
    typer.echo(f"epitope: {' '.join(message.split())}", err=True)


def command_line() -> str:
    """Return the command as it was typed, without the path of the program."""
    return shlex.join(["epitope", *sys.argv[1:]])
