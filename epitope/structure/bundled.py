"""Where the structures that ship with the package lie."""

from __future__ import annotations

from pathlib import Path

from epitope.errors import StructureError

BUNDLED = "6AL5.cif"


def bundled_structure(name: str = BUNDLED) -> Path:
    """Return the path of a structure that ships with the package.

    An installed package carries them inside, a checkout beside it.

    Raises
    ------
    StructureError
        If neither place has the file.

    Examples
    --------
    >>> bundled_structure().name
    '6AL5.cif'
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_structures", package.parent / "structures"):
        if (folder / name).is_file():
            return folder / name
    raise StructureError(f"{name}: is not among the structures of this installation; install epitope again")
