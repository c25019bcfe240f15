"""The command that follows a complex through a trajectory or an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    TargetFile,
    command_line,
    console,
    is_data,
    places_of,
    remind,
    write_to,
)
from epitope.cli.process import Process
from epitope.errors import OutputError, StructureError


@app.command(epilog="Example: epitope dynamics --topology complex.psf --trajectory run.dcd --out dynamics")
def dynamics(
    context: typer.Context,
    topology: Annotated[Path, typer.Option(metavar="FILE", help="PSF, PRMTOP, GRO, TPR, PDB, mmCIF, … of the frames.")],
    trajectory: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="DCD, XTC, TRR, NC, …; may be repeated. Without it, models of the topology."),
    ] = None,
    start: Annotated[
        int | None, typer.Option(metavar="N", help="First frame, counted from 0; negative from the end.")
    ] = None,
    stop: Annotated[int | None, typer.Option(metavar="N", help="The frame before which to stop.")] = None,
    stride: Annotated[int, typer.Option(metavar="N", help="Every n-th frame.")] = 1,
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="HGVS", help="Which contacts it would lose, how often; may be repeated."),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(metavar="P60:E229", help="Side chains whose distance is followed; may be repeated."),
    ] = None,
    area_every: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Buried area in every n-th frame, 0 none; default 100 frames in all."),
    ] = None,
    frames: Annotated[str, typer.Option(metavar="csv|parquet", help="Table of frames in a folder.")] = "csv",
    chains: Chains = None,
    antigen: Antigen = None,
    antibody: Antibody = None,
    target: TargetFile = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR|-",
            help="Folder for tables and figures; or a file: .csv, .parquet (frames), .json (summary), .png, .svg.",
        ),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Follow disulfides, epitope and contacts through a trajectory or the models of an ensemble."""
    if trajectory and (process := context.find_object(Process)):
        process.expect_crashes(trajectory)
    from epitope.api import dynamics as follow
    from epitope.show.dynamics_files import FRAME_FORMATS, FrameFile, dynamics_record, write_dynamics
    from epitope.show.figures import figure as drawing
    from epitope.show.figures import figure_bytes
    from epitope.show.output import PICTURES
    from epitope.show.records import json_text

    if frames not in FRAME_FORMATS:
        raise StructureError(f"--frames {frames}: is no format for frames; choose csv or parquet")
    files = [topology, *(trajectory or [])]
    places = places_of(
        out,
        "what a trajectory gives",
        as_json,
        as_csv,
        known=("csv", "json"),
        more=("parquet", *PICTURES),
        sources=files,
    )
    asked = {kind for place in places if place.folder is None for kind in place.formats if kind in FRAME_FORMATS}
    if len(asked) > 1:
        raise OutputError("frames are written as CSV or as Parquet; leave out one of them")
    kind = next(iter(asked), frames)
    for place in places:
        if place.folder is not None and place.folder.exists() and not place.folder.is_dir():
            raise OutputError(f"--out {place.folder}: is a file; name a folder")
    with FrameFile(kind) as rows, _progress() as progress:
        found = follow(
            topology,
            trajectory or (),
            variants=variant or (),
            pairs=[_ends(text) for text in pair] if pair else None,
            start=start,
            stop=stop,
            stride=stride,
            area_every=area_every,
            target=target,
            antigen=antigen,
            sides=chains,
            antibody=antibody,
            rows=rows.add,
            progress=progress,
            command=command_line(),
        )

        def content(wanted: str) -> bytes:
            if wanted in PICTURES:
                return figure_bytes(drawing("dynamics", found.structure, dynamics=found), wanted)
            return json_text(dynamics_record(found)).encode() if wanted == "json" else rows.content()

        for folder in (place.folder for place in places if place.folder is not None):
            for path in write_dynamics(found, rows, folder):
                typer.echo(str(path), err=is_data(places))
        write_to([place for place in places if place.folder is None], "frames", content)
    if is_data(places):
        return
    from epitope.show.terminal import dynamics_overview, plain_table, wrapped

    for heading, table in dynamics_overview(found).items():
        console().print(heading, markup=False)
        console().print(plain_table(table, TERMINAL_WIDTH, schema=False))
    for note in found.notes:
        typer.echo("\n".join(wrapped(note)))
    remind(found.structure)


def _ends(text: str) -> tuple[str, str]:
    """Split a pair of residues."""
    first, separator, second = text.replace("-", ":").partition(":")
    if not separator or not first.strip() or not second.strip():
        raise StructureError(f"--pair {text}: is no pair of residues; write it like P60:E229")
    return first.strip(), second.strip()


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Show how many frames are done, on standard error and only in a terminal."""
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield None
        return
    with Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=screen, transient=True) as bar:
        task = bar.add_task("frames", total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)
