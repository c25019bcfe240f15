"""The program itself: its name, its version, and how it ends."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated

import typer

from epitope.cli.common import ALL_FAILED, SOME_FAILED, complain
from epitope.cli.process import Process
from epitope.errors import EpitopeError

app = typer.Typer(
    name="epitope",
    help="What a variant of an antigen does to the protein, to its fold and to the epitope of an antibody.",
    epilog="Research use only.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_ALLOCATIONS = 50_000
"""Objects made between two searches for unreachable ones: imports make many that all stay."""


def main() -> None:
    """Run the command line; a user's mistake ends as one line on standard error."""
    gc.set_threshold(_ALLOCATIONS)
    process = Process()
    try:
        app(obj=process)
    except EpitopeError as error:
        complain(str(error))
        process.fail(ALL_FAILED)
    except BrokenPipeError:
        _drop_output()  # the reader went away (``| head``)
        sys.exit(SOME_FAILED)
    except OSError as error:
        if error.filename is not None:
            raise
        _drop_output()
        complain(f"standard output: cannot be written ({error.strerror}); the disk that it goes to may be full")
        sys.exit(ALL_FAILED)


def _drop_output() -> None:
    """Keep the interpreter from complaining at exit of what it could not write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor keep predictions of structures on disk.")
    ] = False,
) -> None:
    """Options of the program itself."""
    if no_cache:
        os.environ["EPITOPE_NO_CACHE"] = "1"
