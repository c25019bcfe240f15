"""Where the viewer script of a page comes from: file, cache, chemiscope, npm or CDN, always verified.

The script, 3Dmol.js (BSD-3-Clause, Rego and Koes, Bioinformatics 2015, 31:1322), is not part of this package. The
dependency chemiscope holds a release of it, so that nothing need be fetched; a newer one is taken where it is
there. Both are pinned by SHA-256; whatever the way they came, other bytes are refused. With
none to be had a page still works, without the turning molecule. Not a general
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
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from epitope.errors import OutputError, StructureError
from epitope.show.files import write_whole
from epitope.structure.fetch import Limits, default_cache, download, private_folder

VERSION = "2.5.5"
SHA256 = "f7cc78921ae72e7623e89cdd111434f58c2efddd2ffda1cd212644b406fb8016"
"""SHA-256 of build/3Dmol-min.js in release 2.5.5."""
PACKAGE, PACKAGE_VERSION = "chemiscope", "1.1.0"
"""Of the packages on PyPI the one that holds a script whose every function can be reached."""
PACKAGED_VERSION = "2.4.2"
PACKAGED_SHA256 = "de001807ea2623fa2b26439c61f12e507e8bbcd9aa0ba5241e8ba50c7705094f"
"""SHA-256 of 3Dmol.js as it stands in the script of chemiscope."""
ENVIRONMENT = "EPITOPE_3DMOL_JS"
OFFLINE = "EPITOPE_OFFLINE"
"""Set this variable to keep the program from asking npm or the CDN."""
URL = f"https://cdn.jsdelivr.net/npm/3dmol@{VERSION}/build/3Dmol-min.js"
_PACKAGED = "chemiscope/sphinx/static/chemiscope.min.js"
_BEFORE, _BEHIND = "factory;factory=", ",module.exports=factory()"
"""What stands around 3Dmol.js there; it is a function of no arguments that sets ``$3Dmol``."""
_MEMBER = "package/build/3Dmol-min.js"
_NPM_TIMEOUT_S = 60
_MOST_BYTES = 1 << 23
_CDN_LIMITS = Limits(attempts=1, timeout_s=20, deadline_s=60, max_bytes=_MOST_BYTES)

HOW_TO_GET = (
    f"The turning molecule needs 3Dmol.js, which comes with the package {PACKAGE}: pip install "
    f"{PACKAGE}=={PACKAGE_VERSION}. Or put 3Dmol-min.js {VERSION} (npm pack 3dmol@{VERSION}, file "
    f"build/3Dmol-min.js) on this machine and name it with --viewer-script FILE or {ENVIRONMENT}=FILE."
)


@dataclass(frozen=True, slots=True)
class ViewerScript:
    """The viewer script, where it was found, and its release."""

    text: str
    origin: str
    version: str = VERSION

    @property
    def notice(self) -> str:
        """What a page that holds the script says of it."""
        return (
            f"The molecule is drawn by 3Dmol.js {self.version} (Rego & Koes, Bioinformatics 2015, 31:1322; "
            "BSD-3-Clause, copyright University of Pittsburgh and contributors), which is inside this page."
        )


def find_viewer_script(choice: str | Path = "auto", *, cache: Path | None = None) -> ViewerScript | None:
    """Return the verified viewer script, or ``None`` when there is none to be had.

    Parameters
    ----------
    choice : str or Path
        ``"auto"`` looks in the environment variable, the user's cache and the installed chemiscope, and,
        where all have nothing, asks npm and the CDN, in that order; ``"cache"`` asks neither npm nor
        CDN; ``"none"`` goes without; anything else is the path of the script.
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
    found = _from_cache(kept) or _from_package()
    if found or choice == "cache" or os.environ.get(OFFLINE):
        return found
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


def _from_cache(kept: Path) -> ViewerScript | None:
    """Return the script that was fetched before, if it is whole."""
    with contextlib.suppress(OSError):
        data = kept.read_bytes()
        if _digest(data) == SHA256:
            return ViewerScript(data.decode(), "cache")
    return None


def _from_package() -> ViewerScript | None:
    """Return the script that the installed chemiscope holds among others, if it is the release that is known."""
    try:
        text = Path(str(distribution(PACKAGE).locate_file(_PACKAGED))).read_text(encoding="utf-8")
    except (PackageNotFoundError, OSError):
        return None
    function = text.partition(_BEFORE)[2].partition(_BEHIND)[0]
    if _digest(function.encode()) != PACKAGED_SHA256:
        return None
    return ViewerScript(f"({function})();", PACKAGE, PACKAGED_VERSION)


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
            subprocess.run(  # nosec B603  # no shell, and nothing that a user wrote
                [npm, "pack", f"3dmol@{VERSION}", "--silent", "--ignore-scripts"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=_NPM_TIMEOUT_S,
            )
            package = next(Path(folder).glob("*.tgz"))
            with tarfile.open(package) as archive:
                member = archive.extractfile(_MEMBER)
                return member.read(_MOST_BYTES) if member else None
        except (OSError, subprocess.SubprocessError, StopIteration, tarfile.TarError, KeyError):
            return None


def _from_cdn() -> bytes | None:
    """Return the script from the CDN, or ``None`` when it cannot be reached."""
    return download(URL, _CDN_LIMITS)


def _keep(data: bytes, path: Path) -> None:
    """Put the script into the cache; without one the next report asks again."""
    with contextlib.suppress(StructureError, OutputError):
        private_folder(path.parent)
        write_whole(path, data)
