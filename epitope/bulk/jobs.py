"""What a survey is to measure: folders, lists and files to jobs in a fixed order.

Nothing is read but lists; whether a file is a structure shows when it is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import StructureError, TableError

STRUCTURES = (".pdb", ".ent", ".cif", ".mmcif", ".bcif", ".pdbx")
"""Endings, also with .gz behind, by which structures are found in a folder."""
LISTS = (".txt", ".list", ".lst", ".tsv")
"""Endings of text files that list structures."""
_SIDES = re.compile(r"[^\s:/\\]+:[^\s:/\\]*")


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """One structure to measure: the file as it is named, and its sides where these are given."""

    file: str
    chains: str = ""


def find_jobs(sources: Iterable[str | Path], chains: str = "") -> list[Job]:
    """Find the structures of folders, lists and files.

    Parameters
    ----------
    sources : iterable of str or Path
        A folder (searched with the folders in it), a list (`LISTS`), or a structure file.
    chains : str, optional
        Sides of every complex, "A:HL", where its line of a list names none.

    Returns
    -------
    list of Job
        Each once, sorted by file and chains, whatever the order given.

    Raises
    ------
    StructureError
        If a folder holds no structure, or nothing is given.
    TableError
        If a list cannot be read, or names nothing.

    Examples
    --------
    >>> find_jobs(["b.cif", "a.pdb.gz", "b.cif"], "A:HL")
    [Job(file='a.pdb.gz', chains='A:HL'), Job(file='b.cif', chains='A:HL')]
    """
    jobs = sorted({Job(job.file, job.chains or chains) for source in sources for job in _jobs_of(Path(source))})
    if not jobs:
        raise StructureError("no structure given; name a folder, a list of files, or structure files")
    return jobs


def _jobs_of(source: Path) -> Iterable[Job]:
    """Return the jobs of one source."""
    if source.is_dir():
        return _in_folder(source)
    return list(_in_list(source)) if source.suffix.casefold() in LISTS else [Job(source.as_posix())]


def _in_folder(folder: Path) -> list[Job]:
    """Find the structures of a folder and of those in it; hidden ones are not looked at."""
    found = [
        Job(path.as_posix())
        for path in folder.rglob("*")
        if path.name.casefold().removesuffix(".gz").endswith(STRUCTURES)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if not found:
        endings = ", ".join(STRUCTURES)
        raise StructureError(f"{folder}: holds no structure (files ending in {endings}, plain or .gz); name another")
    return found


def _in_list(path: Path) -> Iterator[Job]:
    """Read a list: one file per line, and where it is told behind a tab or blank its sides."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise TableError(f"{path}: cannot be read ({reason}); give a text file with one structure per line") from None
    named = 0
    for number, line in enumerate((line.strip() for line in lines), start=1):
        if not line or line.startswith("#"):
            continue
        file, _, sides = line.partition("\t") if "\t" in line else line.rpartition(" ")
        if "\t" not in line and not _SIDES.fullmatch(sides):
            file, sides = line, ""
        if sides.strip() and not _SIDES.fullmatch(sides.strip()):
            raise TableError(f"{path}: line {number}: {sides.strip()!r} names no two sides; write them like A:HL")
        named += 1
        yield Job(Path(file.strip()).as_posix(), sides.strip())
    if not named:
        raise TableError(f"{path}: names no structure; write one file per line")
