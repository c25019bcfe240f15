"""PDB entries from the archive, into a cache, once.

A download happens only where a caller asks for an entry by its identifier. The checksum of
what came is written beside it and verified at every later use, so a cached file cannot
change unnoticed. Nothing is fetched behind the user's back, and not on import. RCSB is asked
first, PDBe where it fails; no other host is.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from epitope.errors import OutputError, StructureError
from epitope.files import together
from epitope.structure.read import read_entry

if TYPE_CHECKING:
    import requests

# Extended identifiers are filed by the two characters before the last, as short ones are.
SOURCES = (
    "https://files.rcsb.org/download/{id}.cif.gz",
    "https://ftp.ebi.ac.uk/pub/databases/pdb/data/structures/divided/mmCIF/{middle}/{id}.cif.gz",
)

# Four characters from a digit on, or the extended form of twelve (wwPDB, 2021).
_PDB_ID = re.compile(r"[0-9][A-Za-z0-9]{3}|pdb_[A-Za-z0-9]{8}", re.IGNORECASE)


def is_pdb_id(text: str) -> bool:
    """Say whether a text has the form of a PDB identifier.

    Examples
    --------
    >>> is_pdb_id("1ABC"), is_pdb_id("pdb_00001abc"), is_pdb_id("1ABC.cif")
    (True, True, False)
    """
    return _PDB_ID.fullmatch(text) is not None


def default_cache() -> Path:
    """Return the folder for downloads: ``EPITOPE_CACHE``, else the system's cache folder."""
    import pooch  # type: ignore[import-untyped]

    return Path(pooch.utils.cache_location(pooch.os_cache("epitope"), env="EPITOPE_CACHE"))


def private_folder(folder: Path) -> Path:
    """Make a folder for downloads that is the user's alone, or refuse one that others can put files into.

    Raises
    ------
    StructureError
        If the folder cannot be made, is a link that another user made, or everybody may write into it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StructureError(f"{folder}: cannot be written ({error.strerror}); choose another cache") from None
    if not hasattr(os, "getuid"):
        return folder
    if folder.is_symlink() and folder.lstat().st_uid not in (0, os.getuid()):
        raise StructureError(f"{folder}: is a link that another user made; choose another cache")
    if folder.stat().st_mode & stat.S_IWOTH:
        raise StructureError(f"{folder}: everybody may write into it (chmod o-w it), or choose another cache")
    return folder


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often a source is asked, and how much is taken from it."""

    attempts: int = 3
    backoff_s: float = 1.0
    timeout_s: float = 30.0
    deadline_s: float = 300.0
    max_bytes: int = 1 << 28
    max_redirects: int = 5


class _SourceError(Exception):
    """A source failed; ``again`` says whether asking it once more may help."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


def fetch_structure(
    pdb_id: str,
    cache: str | Path | None = None,
    *,
    offline: bool = False,
    sources: Sequence[str] = SOURCES,
    limits: Limits = Limits(),
) -> Path:
    """Download an entry as mmCIF, or return it from the cache.

    Parameters
    ----------
    pdb_id
        Four characters such as "1brs", in any case.
    cache
        Folder for downloads; `default_cache` if not given.
    offline
        Whether to look into the cache alone.
    sources
        Addresses to ask, in order, with ``{id}`` and ``{middle}`` to fill in.
    limits
        Of time, attempts and size.

    Returns
    -------
    Path
        The gzipped mmCIF file. Its SHA-256 stands beside it in a file ending ``.sha256``.

    Raises
    ------
    StructureError
        If the identifier is malformed, every source fails or sends something else than the
        entry, the cache cannot be written, or a cached file no longer has its checksum.
    """
    if not is_pdb_id(pdb_id):
        raise StructureError(f"{pdb_id!r} is not a PDB identifier; write four characters, the first a digit")
    identifier = pdb_id.lower().removeprefix("pdb_0000")
    folder = Path(cache) if cache is not None else default_cache()
    path = folder / f"{identifier}.cif.gz"
    record = folder / f"{identifier}.cif.gz.sha256"
    if path.is_file() and record.is_file():
        private_folder(folder)
        _verify(path, record)
        return path
    if offline:
        raise StructureError(f"{identifier.upper()}: is not in {folder}, and offline nothing is downloaded")
    failures = []
    for source in sources:
        url = source.format(id=identifier, middle=identifier[-3:-1])
        try:
            _store(_download(url, sources, limits), identifier, path, record)
        except _SourceError as error:
            failures.append(f"{urlsplit(url).netloc} {error}")
        else:
            return path
    raise StructureError(
        f"{identifier.upper()}: cannot be downloaded: {'; '.join(failures)}; check the identifier and the "
        "connection, or give a file"
    )


def _verify(path: Path, record: Path) -> None:
    """Compare a cached file with its recorded checksum."""
    expected = record.read_text(encoding="ascii", errors="replace").split()[:1]
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if expected != [actual]:
        raise StructureError(
            f"{path}: has changed since its download, its SHA-256 is {actual[:12]}…; "
            f"delete it and {record.name} to fetch it again"
        )


def download(url: str, limits: Limits) -> bytes | None:
    """Return what an address sends over HTTPS, redirects to other hosts refused; ``None`` where it sends nothing.

    Parameters
    ----------
    url : str
    limits : Limits
    """
    try:
        return _download(url, [url], limits)
    except _SourceError:
        return None


def _download(url: str, sources: Sequence[str], limits: Limits) -> bytes:
    """Ask a source, again after a while where that may help."""
    for attempt in range(1, limits.attempts + 1):
        try:
            return _get(url, sources, limits)
        except _SourceError as error:
            if not error.again:
                raise
            if attempt == limits.attempts:
                raise _SourceError(f"{error} ({attempt} attempts)") from None
        time.sleep(limits.backoff_s * 2 ** (attempt - 1))
    raise _SourceError("was not asked")


def _get(url: str, sources: Sequence[str], limits: Limits) -> bytes:
    """Return what an address sends, following redirects within the hosts of the sources alone."""
    import requests
    from urllib3.exceptions import HTTPError, TimeoutError

    hosts = {urlsplit(source)[:2] for source in sources}
    deadline = time.monotonic() + limits.deadline_s
    try:
        for _ in range(limits.max_redirects + 1):
            with requests.get(url, stream=True, timeout=limits.timeout_s, allow_redirects=False) as response:
                if not response.is_redirect:
                    return _body(response, deadline, limits)
                url = urljoin(url, response.headers["location"])
            if urlsplit(url)[:2] not in hosts:
                raise _SourceError(f"redirects to {urlsplit(url).scheme}://{urlsplit(url).netloc}, which is not asked")
    except (requests.Timeout, TimeoutError):
        raise _SourceError(f"did not answer within {limits.timeout_s:g} s", again=True) from None
    except (requests.RequestException, HTTPError) as error:
        raise _SourceError(f"broke off ({type(error).__name__})", again=True) from None
    raise _SourceError(f"redirects more than {limits.max_redirects} times")


def _body(response: requests.Response, deadline: float, limits: Limits) -> bytes:
    """Read an answer piece by piece, and no more than is allowed."""
    status = response.status_code
    if status != HTTPStatus.OK:
        raise _SourceError(
            f"answers {status}",
            again=status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        )
    declared = response.headers.get("content-length", "")
    received = bytearray()
    if not (declared.isdigit() and int(declared) > limits.max_bytes):
        # What has arrived, however little: `iter_content` waits for a full piece, past any deadline.
        while piece := response.raw.read1(1 << 16):
            received += piece
            if len(received) > limits.max_bytes:
                break
            if time.monotonic() > deadline:
                raise _SourceError(f"is too slow, {len(received)} bytes in {limits.deadline_s:g} s")
        else:
            return bytes(received)
    raise _SourceError(f"sends more than the {limits.max_bytes / 1e6:.0f} MB that an entry may have")


def _store(data: bytes, identifier: str, path: Path, record: Path) -> None:
    """Check that the bytes are the entry, then put them and their checksum into the cache at once."""
    try:
        private_folder(path.parent)
        with together(path.parent) as folder:
            arrived = folder / path.name
            arrived.write_bytes(data)
            try:
                entry = read_entry(arrived)
            except StructureError as error:
                reason = str(error).removeprefix(f"{arrived}: ")
                raise _SourceError(f"sends something that is not the entry ({reason})") from None
            if entry.identifier.lower().removeprefix("pdb_0000") != identifier:
                raise _SourceError(f"sends another entry, {entry.identifier}")
            (folder / record.name).write_text(f"{entry.sha256}  {path.name}\n", encoding="ascii")
    except OutputError as error:
        raise StructureError(str(error)) from None
