"""The command for thousands of complexes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import ALL_FAILED, SOME_FAILED, Chains, TargetFile, complain

STOPPED = 130
"""Exit code of a command that was interrupted, as shells have it."""
_SECONDS = 30.0
"""So often a log file gets a line, a terminal 30 times as often."""


@app.command(epilog="Example: epitope survey complexes/ --out survey.parquet")
def survey(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR|LIST|FILE...",
            help="Folders, structure files, or text files (.txt) with one file per line, its sides A:HL behind it.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|DIR",
            help="One row per structure as .parquet or .csv; or a folder, with residues and contacts.",
        ),
    ],
    chains: Chains = None,
    target: TargetFile = None,
    atlas: Annotated[
        bool, typer.Option("--atlas", help="Count what every single change would do; far slower.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes; default one for each core.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Measure on the workers of this Dask scheduler.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what was measured here, for later surveys.")
    ] = None,
) -> None:
    """Measure the interfaces of thousands of complexes; given again after a stop, it goes on."""
    from epitope.bulk import survey as measure

    progress = _Progress()
    try:
        made = measure(
            sources, out, chains=chains, target=target, atlas=atlas, workers=workers, scheduler=scheduler, work=work,
            progress=progress,
        )  # fmt: skip
    except KeyboardInterrupt:
        progress.end()
        complain(f"stopped after {progress.done} structures, which are kept; the same command goes on from there")
        raise typer.Exit(STOPPED) from None
    finally:
        progress.end()
    for path in made.files:
        typer.echo(str(path))
    if made.errors:
        named = next(path for path in made.files if path.name.endswith("errors.csv"))
        complain(
            f"{len(made.errors)} of {made.structures} structures failed, the first: {made.errors[0]} (all: {named})"
        )
        raise typer.Exit(ALL_FAILED if len(made.errors) == made.structures else SOME_FAILED)


class _Progress:
    """Says on standard error how far it is: one line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.done = 0
        self._live = sys.stderr.isatty()
        self._start = self._told = time.monotonic()

    def __call__(self, done: int, failed: int, total: int) -> None:
        """Tell, unless it was told just now."""
        self.done = done
        now = time.monotonic()
        if now - self._told < (1.0 if self._live else _SECONDS) and done < total:
            return
        self._told = now
        left = (now - self._start) / done * (total - done)
        line = f"{done} of {total} structures, {failed} failed, {left / 60:.0f} min left"
        sys.stderr.write(f"\r{line}\x1b[K" if self._live else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._live and self.done:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.done = 0
