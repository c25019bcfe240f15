"""The command that computes a result once more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from epitope.cli.app import app
from epitope.cli.common import Structure, TargetFile

DIFFERENT, OTHER_BASIS = 1, 3


@app.command(epilog="Example: epitope verify report")
def verify(
    result: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="JSON of a result, or its folder.")],
    structure: Structure = None,
    target: TargetFile = None,
) -> None:
    """Compute a result again from what it rests on; exit 1 if it differs, 3 if rules, version or files are others."""
    from epitope.api import verify as compute_again
    from epitope.api.verifying import Outcome

    found = compute_again(result, structure, target=target)
    for line in found.lines:
        typer.echo(line)
    if found.outcome is not Outcome.SAME:
        raise typer.Exit(DIFFERENT if found.outcome is Outcome.DIFFERENT else OTHER_BASIS)
