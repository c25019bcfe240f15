"""Files that appear whole or not at all.

What is written goes beside its place first and is moved there at the end, so that a mistake
half way, or a full disk, leaves what was there before. Knows nothing of what is in a file.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from epitope.errors import OutputError

BGZIP_SUFFIX = ".gz"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place once all is written.

    Parameters
    ----------
    path : Path
        Bytes for a name that ends in ``.gz`` are compressed in the blocks of bgzip, the same
        bytes each time.

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
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w+b") as file:
            if path.suffix == BGZIP_SUFFIX:
                from Bio.bgzf import BgzfWriter

                packed = BgzfWriter(mode="wb", fileobj=file)
                yield cast(BinaryIO, packed)
                packed.close()
            else:
                yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file whole; return its path."""
    with whole_file(path) as file:
        file.write(data)
    return path


def made_folder(path: str | Path) -> Path:
    """Return a folder, made where it is not there.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); choose another folder") from error
    return folder
