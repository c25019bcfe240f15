"""Files that belong together, which appear together or not at all, whatever ends the program.

They are made in a hidden folder on the disk where they go, and moved from there as the last act.
A new folder is one rename. Files that join others are moved one by one out of a folder that says
what it is, ``epitope-unfinished``: an error takes the moves back, and after a kill the next run
into the same place ends them. What is left of a run that was killed before is removed by the next
one; what a living run holds is left to it, which a lock tells. A folder whose name has an ending, as a
data set has, is one thing and takes the place of the older one. Knows nothing of what is in a file.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from epitope.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows has no such locks: there nothing is taken for left over
    fcntl = None  # type: ignore[assignment]

UNFINISHED = "epitope-unfinished"
"""The folder that files are moved out of; there for milliseconds, unless the program was killed."""
_PREFIX = ".epitope-staged-"
_STAGED = re.compile(re.escape(_PREFIX) + r"\w{8}")
_NOTE, _MADE, _REPLACED = "README.txt", "made", "replaced"
_NOTE_TEXT = (
    b"A run of epitope puts files in place from here. If none is running, it was cut off: in a folder called\n"
    b"epitope-unfinished the files in made/ belong beside it. The next run that writes there puts it right.\n"
)
_LOCK = "lock"
_LIST_SUFFIX = ".sha256"
_LISTED = re.compile(r"([0-9a-f]{64})  (.+)")
_LONGEST_WAIT_S = 10.0
_PAUSE_S = 0.01


@contextmanager
def together(folder: str | Path, what: str | Path = "", *, listed: str = "") -> Iterator[Path]:
    """Give an empty folder; what is put into it appears in ``folder`` when the block ends, all of it or nothing.

    Parameters
    ----------
    folder : str or Path
        Made, with its parents, if it is not there. Other files in it stay.
    what : str or Path, optional
        What a message calls it, default the folder.
    listed : str, optional
        Name of a list of all the files with their SHA-256, such as ``report.sha256``, which is put beside them.
        What an older list of that name says, and is not made again, is removed unless somebody changed it.

    Raises
    ------
    OutputError
        If anything cannot be written or moved; the folder is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp()) / "new"
    >>> with together(out) as files:
    ...     _ = (files / "a.csv").write_text("a")
    ...     _ = (files / "b.csv").write_text("b")
    ...     print(out.exists())
    False
    >>> sorted(path.name for path in out.iterdir())
    ['a.csv', 'b.csv']
    """
    place, what = Path(folder).absolute(), what or folder
    there = next(path for path in (place, *place.parents) if os.path.lexists(path))
    if not there.is_dir():
        raise OutputError(f"{what}: cannot be written, because {there} is no folder; choose another folder")
    _settle(there, *([there.parent] if there == place else []))
    try:
        staged, note = _claimed(there)
        try:
            made = staged / _MADE
            made.mkdir()
            yield made
            if listed:
                (made / listed).write_text(_list(made), encoding="utf-8")
            if not _renamed(made, place):
                if there != place:
                    staged = staged.rename(place / staged.name)
                _move_in(staged, place)
        finally:
            _remove(staged)
            note.close()
    except OSError as error:
        raise OutputError(f"{what}: cannot be written ({error.strerror or error}); choose another folder") from error


@contextmanager
def temporary() -> Iterator[Path]:
    """Give an empty folder that goes when the block ends or, if the program is killed, with the next one's start.

    Raises
    ------
    OutputError
        If there is no place for temporary files.

    Examples
    --------
    >>> with temporary() as folder:
    ...     _ = (folder / "a.csv").write_text("a")
    >>> folder.exists()
    False
    """
    try:
        home = Path(tempfile.gettempdir())
        _settle(home)
        staged, note = _claimed(home)
    except OSError as error:
        raise OutputError(f"no temporary files can be written ({error.strerror or error}); set TMPDIR") from error
    try:
        made = staged / _MADE
        made.mkdir()
        yield made
    finally:
        _remove(staged)
        note.close()


@contextmanager
def alone(folder: Path, what: str | Path) -> Iterator[None]:
    """Keep other runs out of a folder while the block runs, where files can be locked.

    Parameters
    ----------
    folder : Path
        Gets an empty file, ``lock``, which goes with it.
    what : str or Path
        What a message calls it.

    Raises
    ------
    OutputError
        If another run is in it, or nothing can be written there.
    """
    path = folder / _LOCK
    try:
        lock = path.open("ab")
    except OSError as error:
        raise OutputError(f"{what}: cannot be written ({error.strerror}); choose another folder") from error
    with lock:
        if _locked(lock, path) is False:
            raise OutputError(f"{what}: another run is writing it; wait until that has ended, or choose another name")
        yield


def listed_files(path: Path) -> dict[str, str]:
    """Read the list of the files of a result: the SHA-256 of each by name, none where there is no such list."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    found = {match[2]: match[1] for line in lines if (match := _LISTED.fullmatch(line))}
    return {name: digest for name, digest in found.items() if _is_below(PurePosixPath(name))}


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, "" where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _is_below(name: PurePosixPath) -> bool:
    """Say whether a name leads to a file in its own folder, whoever wrote it."""
    return not name.is_absolute() and ".." not in name.parts and "\0" not in name.as_posix()


def _list(made: Path) -> str:
    """Return the list of the files in a folder, as ``sha256sum`` writes and checks it."""
    return "".join(f"{file_sha256(made / name)}  {name.as_posix()}\n" for name in sorted(_names(made)))


def _superseded(place: Path, made: Path) -> Iterator[Path]:
    """Give what older lists in a folder name, the new ones do not, and nobody changed."""
    home = place.resolve()
    for path in made.glob(f"*{_LIST_SUFFIX}"):
        again = listed_files(path)
        for name, digest in listed_files(place / path.name).items():
            here = place / name
            if name not in again and here.resolve() == home / name and file_sha256(here) == digest:
                yield Path(name)


def _renamed(made: Path, place: Path) -> bool:
    """Put the whole folder in its place in one step; say whether that place was free."""
    if place.is_dir():
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if place.is_dir():  # another run was quicker
            return False
        raise
    return True


def _move_in(staged: Path, place: Path) -> None:
    """Move files into a folder that is there: a single one at once, several when it is this run's turn."""
    names = _names(staged / _MADE)
    files = [name for name in names if not (staged / _MADE / name).is_dir()]
    for name in files:
        if (place / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
    if len(names) == len(files) == 1:
        (place / names[0]).parent.mkdir(parents=True, exist_ok=True)
        (staged / _MADE / names[0]).replace(place / names[0])
        return
    unfinished = _turn(staged, place)
    try:
        _move(unfinished)
    except BaseException:
        if not _names(unfinished / _REPLACED):  # all is back where it was
            _remove(unfinished)
        raise


def _names(folder: Path) -> list[Path]:
    """Return what is moved of a folder: files, and whole data sets; those in folders first, lists of files last."""
    found = (path for path in folder.rglob("*") if path.suffix or not path.is_dir())
    names = [path.relative_to(folder) for path in found]
    moved = [name for name in names if not any(parent.suffix for parent in name.parents)]
    return sorted(moved, key=lambda name: (name.suffix == _LIST_SUFFIX, -len(name.parts), name))


def _turn(staged: Path, place: Path) -> Path:
    """Wait until no other run moves files into a folder; return where the staged ones are then."""
    end = time.monotonic() + _LONGEST_WAIT_S
    while True:
        try:
            return staged.rename(place / UNFINISHED)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if time.monotonic() > end:
                raise OSError(errno.EBUSY, f"{UNFINISHED} is in the way; wait for the run, or remove it") from None
        _settle(place)
        time.sleep(_PAUSE_S)


def _move(unfinished: Path) -> None:
    """Move files out of the folder they are in to beside it, and remove it; an error takes the moves back."""
    done: list[tuple[Path, Path]] = []

    def move(old: Path, new: Path) -> None:
        new.parent.mkdir(parents=True, exist_ok=True)
        old.replace(new)
        done.append((old, new))

    try:
        for name in [*_superseded(unfinished.parent, unfinished / _MADE)]:
            move(unfinished.parent / name, unfinished / _REPLACED / name)
        for name in _names(unfinished / _MADE):
            here = unfinished.parent / name
            if os.path.lexists(here):
                move(here, unfinished / _REPLACED / name)
            move(unfinished / _MADE / name, here)
    except BaseException:
        for old, new in reversed(done):
            new.replace(old)
        raise
    _remove(unfinished)


def _claimed(home: Path) -> tuple[Path, BinaryIO]:
    """Make a folder that no other run takes for left over, and return it with its note, which is locked."""
    while True:
        staged = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        try:
            note = (staged / _NOTE).open("x+b", buffering=0)  # what a full disk refuses is not tried again at its end
            note.write(_NOTE_TEXT)
        except FileNotFoundError:  # it was taken for left over before it had its note
            continue
        except OSError:
            _remove(staged)
            raise
        if _locked(note, staged / _NOTE) is not False:
            return staged, note
        note.close()


def _locked(file: BinaryIO, path: Path) -> bool | None:
    """Lock an open file; say whether it is still the one at its path, ``None`` where nothing can be locked."""
    try:
        if fcntl is None:
            return None
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:  # some file systems of a network
        return None


def _settle(*places: Path) -> None:
    """End what runs that were cut off have begun in these folders, and say so on the log."""
    for place in places:
        with suppress(OSError):
            for left in place.iterdir():
                if left.name == UNFINISHED or _STAGED.fullmatch(left.name):
                    with suppress(OSError):
                        _settle_one(left)


def _settle_one(left: Path) -> None:
    """End what was begun in one folder, unless it is held by a living run, another user, or somebody's own."""
    if fcntl is None or left.is_symlink() or left.stat().st_uid != os.geteuid():
        return
    try:
        note = (left / _NOTE).open("r+b")
    except FileNotFoundError:
        left.rmdir()  # cut off before there was a note
        return
    with note:
        if not _locked(note, left / _NOTE) or not _NOTE_TEXT.startswith(note.read()):
            return
        if left.name == UNFINISHED:
            _move(left)
            said = "the last files of a run that was cut off are now in place"
        else:
            _remove(left)
            said = "left by a run that was cut off, now removed"
    logging.getLogger("epitope").warning("epitope: %s: %s", left, said)


def _remove(staged: Path) -> None:
    """Remove a folder of files that were to be moved, the note that tells what it is last."""
    for part in (_MADE, _REPLACED, ""):
        shutil.rmtree(staged / part, ignore_errors=True)
