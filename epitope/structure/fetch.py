"""PDB entries from the archive, into a cache, once.

A download happens only where a caller asks for an entry by its identifier. The checksum of
what came is written beside it and verified at every later use, so a cached file cannot
change unnoticed. Nothing is fetched behind the user's back, and not on import.
"""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

from epitope.errors import StructureError
from epitope.structure.read import read_entry

ARCHIVE_URL = "https://files.wwpdb.org/pub/pdb/data/structures/divided/mmCIF/{middle}/{id}.cif.gz"

# Four characters from a digit on, or the extended form of twelve (wwPDB, 2021).
_PDB_ID = re.compile(r"[0-9][A-Za-z0-9]{3}|pdb_[A-Za-z0-9]{8}", re.IGNORECASE)


def is_pdb_id(text: str) -> bool:
    """Say whether a text has the form of a PDB identifier.

    Examples
    --------
    >>> is_pdb_id("7URV"), is_pdb_id("pdb_00006al5"), is_pdb_id("6AL5.cif")
    (True, True, False)
    """
    return _PDB_ID.fullmatch(text) is not None


def default_cache() -> Path:
    """Return the folder for downloads: ``EPITOPE_CACHE``, else the system's cache folder."""
    import pooch  # type: ignore[import-untyped]

    return Path(pooch.utils.cache_location(pooch.os_cache("epitope"), env="EPITOPE_CACHE"))


def fetch_structure(pdb_id: str, cache: str | Path | None = None) -> Path:
    """Download an entry as mmCIF, or return it from the cache.

    Parameters
    ----------
    pdb_id
        Such as "7URV", in any case.
    cache
        Folder for downloads; `default_cache` if not given.

    Returns
    -------
    Path
        The gzipped mmCIF file. Its SHA-256 stands beside it in a file ending ``.sha256``.

    Raises
    ------
    StructureError
        If the identifier is malformed, the download fails, what came is not a structure, or
        a cached file no longer has its checksum.
    """
    if not is_pdb_id(pdb_id):
        raise StructureError(f"{pdb_id!r} is not a PDB identifier; write four characters, the first a digit")
    identifier = pdb_id.lower().removeprefix("pdb_0000")
    folder = Path(cache) if cache is not None else default_cache()
    path = folder / f"{identifier}.cif.gz"
    record = folder / f"{identifier}.cif.gz.sha256"
    if path.is_file() and record.is_file():
        _verify(path, record)
        return path
    _download(identifier, path)
    try:
        digest = read_entry(path).sha256
        record.write_text(f"{digest}  {path.name}\n", encoding="ascii")
    except StructureError:
        path.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise StructureError(f"{record}: cannot be written ({error.strerror}); choose another cache") from None
    return path


def _verify(path: Path, record: Path) -> None:
    """Compare a cached file with its recorded checksum."""
    expected = record.read_text(encoding="ascii", errors="replace").split()[:1]
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if expected != [actual]:
        raise StructureError(
            f"{path}: has changed since its download, its SHA-256 is {actual[:12]}…; "
            f"delete it and {record.name} to fetch it again"
        )


def _download(identifier: str, path: Path) -> None:
    """Download through pooch, which writes to a temporary name first."""
    import pooch
    import requests

    # Extended identifiers are filed by the two characters before the last, as short ones are.
    url = ARCHIVE_URL.format(id=identifier, middle=identifier[-3:-1])
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        pooch.retrieve(url, known_hash=None, fname=path.name, path=path.parent)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise StructureError(
            f"{identifier.upper()}: the PDB archive answers {status} to {url}; check the identifier"
        ) from None
    except (requests.RequestException, OSError, ValueError) as error:
        reason = type(error).__name__
        raise StructureError(
            f"{identifier.upper()}: cannot be downloaded from {url} ({reason}); work offline with a file, "
            "or try again with a connection"
        ) from None
