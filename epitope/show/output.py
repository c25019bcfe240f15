"""What ``--out`` means, for every command: a file, several formats of one stem, a folder, or standard output.

A name that ends in a format which the command writes is a file of that format. Any other
name is a folder, into which files are put beside what is there. Everything is made before
the first file is written, and all files appear or none. Not for what is in a file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import OutputError
from epitope.show.files import write_together

STDOUT = "-"
TABLES = ("csv", "tsv", "json", "xlsx")
PICTURES = ("png", "svg", "pdf")
_ENDINGS = (
    *(*TABLES, *PICTURES, "parquet", "vcf.gz", "vcf.bgz", "vcf", "html", "htm", "pml", "cxc", "mvsj", "mvsx"),
    *("txt", "gz", "zip", "xls", "ods", "jpg", "jpeg", "gif", "eps", "ps", "tif", "tiff", "webp", "docx", "md"),
)
"""Endings with which nobody names a folder; longer before shorter."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a result goes: files by format, else a folder, else (neither) standard output."""

    formats: tuple[str, ...]
    folder: Path | None = None
    files: tuple[Path, ...] = ()

    @property
    def is_stdout(self) -> bool:
        """Whether nothing else may be printed."""
        return self.folder is None and not self.files

    def paths(self, stem: str) -> list[Path]:
        """Return the files, in the order of the formats; in a folder they are called ``stem``."""
        return list(self.files) or [self.folder / f"{stem}.{kind}" for kind in self.formats if self.folder is not None]

    def write(self, stem: str, content: Callable[[str], bytes]) -> list[Path]:
        """Make every format, then write them.

        Parameters
        ----------
        stem : str
            How files are called in a folder.
        content : callable
            From a format to the bytes of it.

        Returns
        -------
        list of Path
            The files; none for standard output.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        made = [content(kind) for kind in self.formats]
        if self.is_stdout:
            sys.stdout.flush()
            sys.stdout.buffer.write(b"".join(made))
            sys.stdout.buffer.flush()
            return []
        paths = self.paths(stem)
        return write_together(paths[0].parent, {path.name: data for path, data in zip(paths, made, strict=True)})


def read_output(
    out: str | Path,
    what: str,
    known: Sequence[str],
    *,
    in_folder: Sequence[str] = (),
    on_stdout: Sequence[str] = (),
    chosen: Sequence[str] = (),
    sources: Sequence[str | Path | None] = (),
) -> Output:
    """Read what ``--out`` says.

    Parameters
    ----------
    out : str or Path
        ``x.png``, ``x.png,svg`` for two formats of one stem, a folder, or ``-``.
    what : str
        What is written, for the message: "a figure".
    known : sequence of str
        Formats that the command writes as a file; none where it writes a folder only.
    in_folder, on_stdout : sequence of str
        Formats where the name says none.
    chosen : sequence of str
        Formats that another option names; they count in a folder and on standard output, and
        a file name must agree with them.
    sources : sequence of str or Path, optional
        Files that are read, which are not written over.

    Raises
    ------
    OutputError
        If the name is that of a format which the command does not write, or of a file that is read.

    Examples
    --------
    >>> read_output("lollipop.png,svg", "a figure", PICTURES).formats
    ('png', 'svg')
    >>> read_output("figures", "a figure", PICTURES, in_folder=PICTURES).folder.name
    'figures'
    """
    name = str(out)
    if unknown := [kind for kind in chosen if kind not in known]:
        raise OutputError(f"no format {unknown[0]!r} for {what}; choose from {', '.join(known)}")
    if name == STDOUT:
        formats = tuple(chosen or on_stdout)
        if not known:
            raise OutputError(f"--out -: {what} is a folder and cannot go to standard output; name a folder")
        if len(formats) != 1:
            raise OutputError(f"--out -: standard output takes one format of {', '.join(known)}; say which")
        return Output(formats)
    if name.endswith(("/", "\\")) or Path(name).is_dir() or not (said := _said(name, known))[1]:
        return Output(tuple(chosen or in_folder), folder=Path(name))
    first, endings = said
    odd = next((ending for ending in endings if ending not in known), None)
    if odd is not None:
        wanted = f"end the name in {', '.join(f'.{k}' for k in known)}, or name a folder" if known else "name a folder"
        written = f"is not written as .{odd}" if known else "is a folder with several files, not one file"
        raise OutputError(f"--out {name}: {what} {written}; {wanted}")
    if chosen and endings[0] not in chosen:
        raise OutputError(
            f"--out {name}: the name says {endings[0]}, and {', '.join(chosen)} is asked for; leave out one of them"
        )
    endings = tuple(dict.fromkeys((*endings, *chosen)))
    stem = first.name[: -len(endings[0]) - 1]
    files = (first, *(first.with_name(f"{stem}.{ending}") for ending in endings[1:]))
    read = [Path(source) for source in sources if source is not None]
    for file in files:
        if any(file.exists() and source.exists() and file.samefile(source) for source in read):
            raise OutputError(f"--out {file}: this is a file that is read; choose another name")
    return Output(endings, files=files)


def _said(name: str, known: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """Return the first file that a name says, and the formats in lower case; none where it is that of a folder."""
    first, *more = name.split(",")
    others = [part.strip().lstrip(".").casefold() for part in more]
    if others and (ending := _ending(first, known)) and all(_ending(f"x.{other}", known) == other for other in others):
        return Path(first), (ending, *others)
    return Path(name), tuple(filter(None, (_ending(name, known),)))


def _ending(name: str, known: Sequence[str]) -> str:
    """Return the ending of a name, the longest that is known, "" where there is none."""
    file = Path(name).name.casefold()
    endings = sorted({*known, *_ENDINGS}, key=len, reverse=True)
    return next((ending for ending in endings if len(file) > len(ending) + 1 and file.endswith(f".{ending}")), "")
