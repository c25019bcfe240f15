"""Files that belong together, which appear together or not at all, whatever ends the program.

They are made in a hidden folder on the disk where they go, and moved from there as the last act.
A new folder is one rename. Files that join others are moved one by one out of a folder that says
what it is, ``epitope-unfinished``: an error takes the moves back, and after a kill the next run
into the same place ends them. What is left of a run that was killed before is removed by the next
one; what a living run holds is left to it, which a lock tells. Knows nothing of what is in a file.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
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
_LONGEST_WAIT_S = 10.0
_PAUSE_S = 0.01


@contextmanager
def together(folder: str | Path, what: str | Path = "") -> Iterator[Path]:
    """Give an empty folder; what is put into it appears in ``folder`` when the block ends, all of it or nothing.

    Parameters
    ----------
    folder : str or Path
        Made, with its parents, if it is not there. Other files in it stay.
    what : str or Path, optional
        What a message calls it, default the folder.

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
            if not _renamed(made, place):
                if there != place:
                    staged = staged.rename(place / staged.name)
                _move_in(staged, place)
        finally:
            _remove(staged)
            note.close()
    except OSError as error:
        raise OutputError(f"{what}: cannot be written ({error.strerror or error}); choose another folder") from error


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
    for name in names:
        if (place / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
    if len(names) == 1:
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
    """Return the files below a folder, those in folders of their own first."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    return sorted(files, key=lambda name: (-len(name.parts), name))


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
            note = (staged / _NOTE).open("x+b")
            note.write(_NOTE_TEXT)
            note.flush()
        except FileNotFoundError:  # it was taken for left over before it had its note
            continue
        except OSError:
            _remove(staged)
            raise
        if _locked(note, staged) is not False:
            return staged, note
        note.close()


def _locked(note: BinaryIO, folder: Path) -> bool | None:
    """Lock the note of a folder; say whether it is still that of the folder, ``None`` where nothing can be locked."""
    try:
        if fcntl is None:
            return None
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(note.fileno()), (folder / _NOTE).stat())
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
        if not _locked(note, left) or not _NOTE_TEXT.startswith(note.read()):
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
