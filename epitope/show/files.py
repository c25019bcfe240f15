"""Files of a result, one or several: written whole, those that end in ``.gz`` in blocks of bgzip.

Knows nothing of what is in a file; how files come into their place together is `epitope.files`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from epitope.files import together

BGZIP_SUFFIX = ".gz"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place once all is written.

    Parameters
    ----------
    path : Path
        Its folder is made if it is not there. Bytes for a name that ends in ``.gz`` are compressed in
        the blocks of bgzip, the same bytes each time.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import gzip, tempfile
    >>> out = Path(tempfile.mkdtemp()) / "table.tsv.gz"
    >>> with whole_file(out) as file:
    ...     _ = file.write(b"whole")
    >>> gzip.decompress(out.read_bytes())
    b'whole'
    """
    with together(path.parent, path) as folder, _opened(folder / path.name) as file:
        yield file


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing, packed if its name says so."""
    with path.open("w+b") as file:
        if path.suffix == BGZIP_SUFFIX:
            from Bio.bgzf import BgzfWriter

            packed = BgzfWriter(mode="wb", fileobj=file)
            yield cast(BinaryIO, packed)
            packed.close()
        else:
            yield file


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file whole; return its path."""
    with whole_file(path) as file:
        file.write(data)
    return path


def write_together(folder: str | Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write several files into a folder, all of them or none; return their paths.

    Parameters
    ----------
    folder : str or Path
    contents : mapping of str to bytes
        The files by name; one that ends in ``.gz`` is packed.

    Raises
    ------
    OutputError
        If one of them cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in write_together(tempfile.mkdtemp(), {"a.csv": b"1", "a.json": b"[1]"})]
    ['a.csv', 'a.json']
    """
    place = Path(folder)
    paths = [place / name for name in contents]
    with together(place, paths[0] if len(paths) == 1 else place) as made:
        for name, data in contents.items():
            with _opened(made / name) as file:
                file.write(data)
    return paths
