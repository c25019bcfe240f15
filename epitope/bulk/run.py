"""A survey from its sources to its tables: measure what is not measured yet, then write.

The parts of structures that were measured stay until the tables are written, so that the same call goes
on where one was stopped, killed or left without disk.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.bulk.columns import TABLES, table_columns
from epitope.bulk.jobs import Job, find_jobs
from epitope.bulk.measure import Done, Options
from epitope.bulk.workers import measure_here
from epitope.bulk.writing import (
    CsvRows,
    DatasetRows,
    ParquetRows,
    arrow_schema,
    made_folder,
    write_errors,
    write_tables,
)
from epitope.errors import OutputError
from epitope.files import alone, together

if TYPE_CHECKING:
    from epitope.show.output import Output

FORMATS = ("parquet", "csv")
Progress = Callable[[int, int, int], None]
"""Told after each structure how many are done, how many of them failed, and how many there are."""


@dataclass(frozen=True, slots=True)
class WrittenSurvey:
    """What a survey wrote: tables, the table of errors, and how many structures there were and failed."""

    files: tuple[Path, ...]
    errors: tuple[str, ...]
    structures: int


def survey(
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    chains: str | None = None,
    target: str | Path | None = None,
    atlas: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    work: str | Path | None = None,
    progress: Progress | None = None,
) -> WrittenSurvey:
    """Measure the interfaces of many complexes.

    Parameters
    ----------
    sources : str, Path or iterable of these
        Folders, lists of files, structure files (`epitope.bulk.jobs.find_jobs`).
    out : str or Path
        ``x.parquet`` or ``x.csv``: one row per structure. A folder: that as Parquet data sets, with
        interface residues and contacts beside it.
    chains : str, optional
        The two sides of every complex, "A:HL", where they are not recognised.
    target : str or Path, optional
        As for `epitope.load`.
    atlas : bool
        Count what every single change would do as well; takes some ten times as long.
    workers : int, optional
        Processes of this machine; default one for each core.
    scheduler : str, optional
        Address of a Dask scheduler whose workers measure instead.
    work : str or Path, optional
        Folder that keeps what was measured for later surveys; without it that is put beside ``out`` and
        removed in the end.
    progress : callable, optional

    Returns
    -------
    WrittenSurvey

    Raises
    ------
    StructureError, TableError
        If there is no structure, or a list cannot be read. What is wrong with single
        structures stands in the table of errors.
    OutputError
        If something cannot be written, or another survey is writing the same.
    SchedulerError
        If the cluster cannot be reached or goes away; what was measured is kept.

    Examples
    --------
    >>> import tempfile, epitope
    >>> from epitope.structure import bundled_structure
    >>> out = Path(tempfile.mkdtemp()) / "survey.csv"
    >>> made = epitope.survey(bundled_structure(), out)
    >>> [path.name for path in made.files], made.errors
    (['survey-errors.csv', 'survey.csv'], ())
    """
    given = [sources] if isinstance(sources, str | Path) else list(sources)
    place = _place(out)
    jobs = find_jobs(given, chains or "")
    home = (place.folder or place.files[0].parent).resolve()
    name, beside = (home.name, home.parent) if place.folder else (place.files[0].name, home)
    made_folder(beside)
    with _parts(work, beside / f".{name}-parts", out) as parts, together(home, out) as folder:
        options = _options(parts, target, atlas)
        done: dict[Job, str] = {}
        errors: dict[Job, str] = {}
        for job, found in _measured(jobs, options, workers, scheduler):
            if found.fatal:
                raise OutputError(found.error)
            (errors if found.error else done)[job] = found.error or found.part
            if progress is not None:
                progress(len(done) + len(errors), len(errors), len(jobs))
        write_errors(folder / ("errors.csv" if place.folder else f"{place.files[0].stem}-errors.csv"), errors)
        write_tables(_writers(place, folder, atlas), (parts / done[job] for job in jobs if job in done))
        names = sorted(made.name for made in folder.iterdir())
    shown = place.folder or place.files[0].parent
    failed = tuple(errors[job] for job in jobs if job in errors)
    return WrittenSurvey(tuple(shown / made for made in names), failed, len(jobs))


@contextmanager
def _parts(named: str | Path | None, default: Path, out: str | Path) -> Iterator[Path]:
    """Give the folder of the parts; one that nobody named is one survey's, and goes when it is no longer needed.

    That is when the tables are written, or if nothing was measured.
    """
    if named is not None:
        yield made_folder(named)
        return
    parts = made_folder(default)
    with alone(parts, out):
        try:
            yield parts
        except BaseException:
            if not any(path.is_dir() for path in parts.iterdir()):
                shutil.rmtree(parts, ignore_errors=True)
            raise
        shutil.rmtree(parts, ignore_errors=True)


def _place(out: str | Path) -> Output:
    """Read where a survey goes; refuse Parquet where nothing can write it, before anything is measured."""
    from epitope.show.output import read_output

    place = read_output(out, "a survey", FORMATS, in_folder=FORMATS[:1])
    if "parquet" in place.formats:
        arrow_schema(())
    return place


def _options(parts: Path, target: str | Path | None, atlas: bool) -> Options:
    """Gather what is the same for every structure; a pack that cannot be read is refused here."""
    from epitope import __version__
    from epitope.target import load_target

    digest = ""
    if target is not None:
        load_target(target)
        path = Path(target)
        files = sorted((path if path.is_dir() else path.parent).rglob("*")) if path.exists() else []
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files if file.is_file())).hexdigest()
        target = str(path.resolve()) if path.exists() else str(target)
    return Options(str(parts.resolve()), str(Path.cwd()), __version__, target, digest, atlas)


def _measured(
    jobs: list[Job], options: Options, workers: int | None, scheduler: str | None
) -> Iterator[tuple[Job, Done]]:
    """Measure here or on a cluster."""
    if scheduler is None:
        return measure_here(jobs, options, workers or _cores())
    from epitope.bulk.cluster import measure_on_cluster

    return measure_on_cluster(jobs, options, scheduler)


def _cores() -> int:
    """Count the cores that this process may use, which on a cluster's node are not all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _writers(place: Output, folder: Path, atlas: bool) -> dict[str, list[CsvRows | ParquetRows | DatasetRows]]:
    """Open the tables that were asked for."""
    if place.folder:
        return {name: [DatasetRows(folder / f"{name}.parquet", table_columns(name, atlas))] for name in TABLES}
    columns = table_columns("interface", atlas)
    made: list[CsvRows | ParquetRows | DatasetRows] = []
    for kind, file in zip(place.formats, place.files, strict=True):
        made.append((CsvRows if kind == "csv" else ParquetRows)(folder / file.name, columns))
    return {"interface": made}
