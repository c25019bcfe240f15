"""Where the structures that ship with the package lie."""

from __future__ import annotations

from pathlib import Path

from epitope.errors import StructureError
from epitope.target.loader import load_target
from epitope.target.model import Target


def bundled_structure(target: Target | None = None) -> Path:
    """Return the path of the structure that comes with a target.

    A pack of one's own may hold it; those of installed packs are inside an installed package
    and beside a checkout.

    Parameters
    ----------
    target : Target, optional
        The bundled antigen without one.

    Raises
    ------
    StructureError
        If the target names no structure, or no place has the file.

    Examples
    --------
    >>> bundled_structure().name == load_target().structure
    True
    """
    target = target if target is not None else load_target()
    name = target.structure
    if not name:
        raise StructureError(f"{target.name} comes with no structure; give a file or a PDB id")
    if Path(name).is_file():
        return Path(name)
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_structures", package.parent / "structures"):
        if (folder / name).is_file():
            return folder / name
    raise StructureError(f"{name}: is not among the structures of this installation; install epitope again")
