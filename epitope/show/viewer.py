"""Where the viewer script of the report comes from: cache, file, npm or CDN, always verified.

The script, 3Dmol.js (BSD-3-Clause, Rego and Koes, Bioinformatics 2015, 31:1322), is not part of this package. One
release is pinned by SHA-256; whatever the way it came, other bytes are refused. With
none to be had the report still works, without the turning molecule. Not a general
downloader.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import OutputError
from epitope.show.files import write_whole
from epitope.structure.fetch import default_cache

VERSION = "2.5.5"
SHA256 = "f7cc78921ae72e7623e89cdd111434f58c2efddd2ffda1cd212644b406fb8016"
"""SHA-256 of build/3Dmol-min.js in release 2.5.5."""
ENVIRONMENT = "EPITOPE_3DMOL_JS"
OFFLINE = "EPITOPE_OFFLINE"
"""Set this variable to keep the program from asking npm or the CDN."""
URL = f"https://cdn.jsdelivr.net/npm/3dmol@{VERSION}/build/3Dmol-min.js"
_MEMBER = "package/build/3Dmol-min.js"
_NPM_TIMEOUT_S = 60
_CDN_TIMEOUT_S = 20

HOW_TO_GET = (
    f"The turning molecule needs 3Dmol.js {VERSION}. With a network connection, run the report once and it is "
    f"kept for later; without one, put 3Dmol-min.js of that version (npm pack 3dmol@{VERSION}, file "
    f"build/3Dmol-min.js) on this machine and name it with --viewer-script FILE or {ENVIRONMENT}=FILE."
)


@dataclass(frozen=True, slots=True)
class ViewerScript:
    """The viewer script and where it was found."""

    text: str
    origin: str


def find_viewer_script(choice: str | Path = "auto", *, cache: Path | None = None) -> ViewerScript | None:
    """Return the verified viewer script, or ``None`` when there is none to be had.

    Parameters
    ----------
    choice : str or Path
        ``"auto"`` looks in the environment variable, the user's cache, npm and the CDN, in that
        order; ``"cache"`` asks neither npm nor CDN; ``"none"`` goes without; anything else is
        the path of the script.
    cache : Path, optional
        Folder to keep it in; default the user's cache folder.

    Raises
    ------
    OutputError
        If a file that was named cannot be read or is another release.
    """
    if choice == "none":
        return None
    named = os.environ.get(ENVIRONMENT, "") if choice in ("auto", "cache") else str(choice)
    if named:
        return ViewerScript(_verified_file(Path(named)), named)
    kept = (cache or default_cache()) / f"3Dmol-{VERSION}-min.js"
    with contextlib.suppress(OSError):
        data = kept.read_bytes()
        if _digest(data) == SHA256:
            return ViewerScript(data.decode(), "cache")
    if choice == "cache" or os.environ.get(OFFLINE):
        return None
    for origin, data in _fetched():
        if _digest(data) == SHA256:
            _keep(data, kept)
            return ViewerScript(data.decode(), origin)
    return None


def _digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _verified_file(path: Path) -> str:
    """Read a viewer script that the user named, and refuse any other release."""
    try:
        data = path.expanduser().read_bytes()
    except OSError as error:
        raise OutputError(
            f"viewer script {path}: cannot be read ({error.strerror}); name the file build/3Dmol-min.js "
            f"of 3dmol {VERSION}"
        ) from error
    if _digest(data) != SHA256:
        raise OutputError(
            f"viewer script {path}: not 3Dmol-min.js {VERSION} (SHA-256 is {_digest(data)[:12]}…, expected "
            f"{SHA256[:12]}…); get it with npm pack 3dmol@{VERSION}"
        )
    return data.decode()


def _fetched() -> Iterator[tuple[str, bytes]]:
    """Yield what npm, then the CDN, has to offer."""
    for origin, fetch in (("npm", _from_npm), ("CDN", _from_cdn)):
        data = fetch()
        if data is not None:
            yield origin, data


def _from_npm() -> bytes | None:
    """Return the script from the npm registry that the user's npm is set to, if there is an npm."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                [npm, "pack", f"3dmol@{VERSION}", "--silent"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=_NPM_TIMEOUT_S,
            )
            package = next(Path(folder).glob("*.tgz"))
            with tarfile.open(package) as archive:
                member = archive.extractfile(_MEMBER)
                return member.read() if member else None
        except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError, KeyError):
            return None


def _from_cdn() -> bytes | None:
    """Return the script from the CDN, or ``None`` when it cannot be reached."""
    import urllib.request

    try:
        with urllib.request.urlopen(URL, timeout=_CDN_TIMEOUT_S) as answer:
            return bytes(answer.read())
    except (OSError, ValueError):
        return None


def _keep(data: bytes, path: Path) -> None:
    """Put the script into the cache; without one the next report asks again."""
    with contextlib.suppress(OutputError):
        write_whole(path, data)
