"""Scenes as files for other programs, with the structure beside them.

PyMOL and ChimeraX scripts need nothing but themselves; MolViewSpec files are written
where the molviewspec package is installed. Not for pictures; see `epitope.show.pymol`.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import OutputError
from epitope.files import together
from epitope.show import chimerax, molviewspec, pymol
from epitope.show.coordinates import trimmed_pdb
from epitope.show.files import write_whole
from epitope.show.scene import Scene

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex
    from epitope.show.viewer import ViewerScript

VIEWS = ("html", "pml", "cxc", "mvsj", "mvsx")
"""What a view is written as."""
_LONGEST_NAME = 100


def structure_beside(structure: MeasuredComplex, folder: Path) -> str:
    """Put the structure into a folder and return its file name.

    The file that was loaded is copied byte for byte; a universe without a file is written as PDB. The name
    is that of the file, with what a script could take for a command, or a path, left out.
    """
    path = structure.complex.path
    if path is not None and path.is_file() and not str(path).endswith(".gz"):
        name, data = _plain_name(path.name), path.read_bytes()
    else:
        name = _plain_name(f"{structure.id}.pdb")
        data = trimmed_pdb(structure, whole=True).encode()
    _write(folder / name, data)
    return name


def _plain_name(name: str) -> str:
    """Return the name of a file with letters, digits, ``.``, ``_`` and ``-`` only, none of these two in front.

    Examples
    --------
    >>> _plain_name("6XYZ.cif"), _plain_name("../a; quit, b.pdb")
    ('6XYZ.cif', 'a_quit_b.pdb')
    """
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).lstrip("._-")[-_LONGEST_NAME:] or "structure"


def write_pymol(scene: Scene, structure: Any, path: Path | str) -> Path:
    """Write a scene as a PyMOL script, the structure beside it; return the script's path."""
    path = Path(path)
    _write(path, pymol.script(scene, structure_beside(structure, path.parent)).encode())
    return path


def write_chimerax(scene: Scene, structure: Any, path: Path | str) -> Path:
    """Write a scene as a ChimeraX command file, the structure beside it; return its path."""
    path = Path(path)
    _write(path, chimerax.script(scene, structure_beside(structure, path.parent)).encode())
    return path


def write_molviewspec(scene: Scene, structure: Any, path: Path | str) -> Path:
    """Write a scene as ``.mvsj`` (structure beside it) or ``.mvsx`` (structure inside); return its path.

    Raises
    ------
    MissingDependencyError
        If molviewspec is not installed.
    """
    path = Path(path)
    if path.suffix == ".mvsx":
        model = trimmed_pdb(structure, whole=True).encode()
        _write(path, molviewspec.mvsx(scene, _plain_name(f"{structure.id}.pdb"), model))
    else:
        _write(path, molviewspec.mvsj(scene, structure_beside(structure, path.parent)).encode())
    return path


def write_page(scene: Scene, structure: Any, path: Path | str, viewer: ViewerScript | None) -> Path:
    """Write a scene as one HTML page that turns, the viewer inside it; without one it is a drawing."""
    from epitope.show.report.view_page import view_page

    path = Path(path)
    _write(path, view_page(scene, structure, viewer).encode())
    return path


def write_for(scene: Scene, structure: Any, path: Path | str, viewer: ViewerScript | None = None) -> Path:
    """Write a scene for the program that the end of the file name tells; return its path.

    Parameters
    ----------
    scene : Scene
    structure : MeasuredComplex
    path : str or Path
        ``.html`` for a browser, ``.pml`` for PyMOL, ``.cxc`` for ChimeraX, ``.mvsj`` or ``.mvsx`` for Mol*.
    viewer : ViewerScript, optional
        What turns the molecule in an HTML page.

    Raises
    ------
    OutputError
        If the name ends otherwise, or the file cannot be written.
    """
    path = Path(path)
    writers: dict[str, Callable[[Scene, Any, Path], Path]] = {
        ".html": partial(write_page, viewer=viewer),
        ".pml": write_pymol,
        ".cxc": write_chimerax,
        ".mvsj": write_molviewspec,
        ".mvsx": write_molviewspec,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise OutputError(f"{path}: what a view is written for is told by the name; end it in {', '.join(writers)}")
    with together(path.parent, path) as folder:  # the structure lies beside some views
        writer(scene, structure, folder / path.name)
    return path


def write_scene(
    scene: Scene, folder: Path, stem: str, structure_file: str, *, molstar: bool = True
) -> list[tuple[str, str]]:
    """Write a scene for every program into a folder that already has the structure.

    ``molstar`` says whether a MolViewSpec file is wanted, which takes longest.

    Returns
    -------
    list of (str, str)
        Program and file name.
    """
    files = [
        ("PyMOL", f"{stem}.pml", pymol.script(scene, structure_file)),
        ("ChimeraX", f"{stem}.cxc", chimerax.script(scene, structure_file)),
    ]
    if molstar and importlib.util.find_spec("molviewspec") is not None:
        files.append(("Mol*", f"{stem}.mvsj", molviewspec.mvsj(scene, structure_file)))
    for _, name, text in files:
        _write(folder / name, text.encode())
    return [(program, name) for program, name, _ in files]


def _write(path: Path, data: bytes) -> None:
    """Write a file whole, or say in one line why not."""
    write_whole(path, data)
