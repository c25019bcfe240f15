"""Predictions kept on disk from one run to the next, so that a structure is predicted once.

A file is named after the SHA-256 of everything its numbers depend on, and written under that name
only when it is complete. What cannot be read is computed again; where nothing can be written,
nothing is kept. Answers are the same with and without.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from epitope.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from epitope.features.measured import MeasuredComplex
    from epitope.impact.predictors.predictions import PredictionTable

OFF = "EPITOPE_NO_CACHE"
"""Variable of the environment that, set to anything, keeps nothing and reads nothing."""
MOST_BYTES = 200_000_000
"""Size of all files together; the ones longest unused go first."""


def remembered(
    structure: MeasuredComplex, key: str, load: Callable[[Path], PredictionTable], make: Callable[[], PredictionTable]
) -> PredictionTable:
    """Return the kept table of a complex, else make it and keep it.

    Parameters
    ----------
    structure : MeasuredComplex
        Of a file; atoms without a file are predicted anew.
    key : str
        What the table says it belongs to.
    load, make
        Read a table from a file; compute it.
    """
    folder = _folder() if structure.complex.sha256 else None
    if folder is None:
        return make()
    path = folder / f"{_digest(structure, key)}.npz"
    with suppress(OSError, TargetError):
        found = load(path)
        if found.key == key:
            os.utime(path)
            return found
    made = make()
    with suppress(OSError):
        _store(made, path)
    return made


def _folder() -> Path | None:
    """Return the folder, for this user alone, or ``None`` where there is none to be had."""
    from epitope.structure.fetch import default_cache

    if os.environ.get(OFF):
        return None
    try:
        folder = default_cache() / "predictions"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = folder.stat()
    except (OSError, RuntimeError):
        return None
    mine = os.name == "nt" or (held.st_uid == os.getuid() and not held.st_mode & 0o022)
    return folder if mine and os.access(folder, os.W_OK) else None


def _digest(structure: MeasuredComplex, key: str) -> str:
    """Name all that the numbers of a complex depend on: program, file, and what was read of it."""
    version = str(sys.modules["epitope"].__version__)  # the package itself stands to the right of this room
    held = structure.complex
    digest = hashlib.sha256(repr((version, key, held.metadata.resolution_A, structure.positions.tolist())).encode())
    for atoms in (structure.antigen_atoms, structure.antibody_atoms):
        if atoms is not None:
            digest.update(np.ascontiguousarray(atoms.positions).tobytes())
            digest.update(repr((atoms.names.tolist(), atoms.labels.tolist(), atoms.b_factors.tolist())).encode())
    return digest.hexdigest()


def _store(table: PredictionTable, path: Path) -> None:
    """Write a file whole or not at all, and make room for it."""
    handle, name = tempfile.mkstemp(suffix=".npz", prefix=".", dir=path.parent)
    os.close(handle)
    try:
        table.save(Path(name))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    files = sorted(((file.stat().st_mtime, file) for file in path.parent.glob("[!.]*.npz")), reverse=True)
    size = 0
    for _, file in files:
        size += file.stat().st_size
        if size > MOST_BYTES:
            file.unlink(missing_ok=True)
