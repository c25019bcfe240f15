"""Opening the files that people hold: plain or gzip, in any line ending, in UTF-8.

Turns every way in which a file can fail to be text into one `TableError` that names
file and line. Not for the meaning of the lines; the readers next door know that.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from epitope.errors import TableError

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_LINE_BYTES = 64 * 2**20
"""A longer line is none of a table or VCF file, and may be a small file that unpacks without end."""
LARGEST_TABLE_BYTES = 256 * 2**20
"""Of a file that is read whole, unpacked."""
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def open_binary(path: Path) -> BinaryIO:
    """Open a plain or gzip-compressed file for reading bytes.

    Raises
    ------
    TableError
        If the file does not exist, is a folder or a pipe, or may not be read.
    """
    try:
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "not a regular file, and is read more than once"
            raise TableError(f"{path.name} is {what}; give the path of a file")
        handle = path.open("rb")
        magic = handle.read(2)
        handle.seek(0)
    except FileNotFoundError:
        raise TableError(f"{path} does not exist; check the path") from None
    except (OSError, ValueError) as error:
        raise TableError(f"{path.name!r} cannot be read ({_reason(error)}); check the path") from None
    if magic == GZIP_MAGIC:
        return cast(BinaryIO, gzip.GzipFile(fileobj=handle, mode="rb"))
    return handle


def binary_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    r"""Iterate over the lines of a file with their numbers, from 1, line ends kept.

    Lines end with ``\n``; a ``\r`` in front of it is kept for the caller to judge.

    Raises
    ------
    TableError
        If the file cannot be opened, its compressed data are damaged, or a line is longer than
        `LONGEST_LINE_BYTES`.
    """
    number = 0
    with open_binary(path) as handle:
        try:
            for number, line in enumerate(iter(partial(handle.readline, LONGEST_LINE_BYTES), b""), start=1):
                if len(line) == LONGEST_LINE_BYTES:
                    raise TableError(
                        f"{path.name} line {number}: has more than the {LONGEST_LINE_BYTES / 1e6:.0f} MB that a line "
                        "may have; check what the file is"
                    )
                yield number, line
        except (EOFError, zlib.error, OSError) as error:
            raise damaged(path, number, error) from None


def damaged(path: Path, after_line: int, error: Exception) -> TableError:
    """Return the error for compressed data that break off or do not decompress."""
    return TableError(
        f"{path.name} line {after_line + 1}: the compressed data are damaged or cut short "
        f"({_reason(error)}); copy or download the file again"
    )


def read_text(path: Path) -> str:
    r"""Read a small text file whole: UTF-8, with or without byte-order mark.

    All line ends, mixed or not, come back as ``\n``.

    Raises
    ------
    TableError
        If the file cannot be read, is larger than `LARGEST_TABLE_BYTES`, or holds bytes that are not
        UTF-8; names the line.
    """
    lines, size = [], 0
    for number, piece in binary_lines(path):
        lines.append(piece)
        size += len(piece)
        if size > LARGEST_TABLE_BYTES:
            raise TableError(
                f"{path.name} line {number}: has more than the {LARGEST_TABLE_BYTES / 1e6:.0f} MB that a table may "
                "have; leave out what is about other genes"
            )
    data = b"".join(lines)
    if data.startswith(_UTF16_MARKS):
        raise TableError(f"{path.name} line 1: the file is UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_unify(data[: error.start].decode("latin-1")).split("\n"))
        raise TableError(
            f"{path.name} line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None
    if "\0" in text:
        line = _unify(text[: text.index("\0")]).count("\n") + 1
        raise TableError(f"{path.name} line {line}: a NUL byte; the file is not text")
    return _unify(text)


def _unify(text: str) -> str:
    """Return the text with every line end as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _reason(error: Exception) -> str:
    """Return what the operating system or the decompressor says, in a few words."""
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or "no reason given"
