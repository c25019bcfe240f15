"""Where atoms may stand: what is checked before any number is measured.

Neighbour grids of native code grow with the span of the coordinates and with their crowding, and
end the process where either has no bounds. A flung atom also makes every area and distance wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from epitope.errors import StructureError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_SPAN_A = 3_000.0
"""Set by us: the largest particles with a model of their atoms, giant viruses, are about 2,500 Å across."""
LARGEST_RESIDUE_A = 30.0
"""Set by us: no two atoms of an amino acid, modified ones included, are as far apart; arginine reaches 9 Å."""
CUBE_A = 5.0
MOST_IN_CUBE = 250
"""Set by us: protein with hydrogens has about 13 atoms in a cube of 5 Å, ten alternate locations of it 130."""


def require_positions(
    positions: NDArray[np.float64],
    residue: NDArray[np.intp],
    name: Callable[[int], str],
    where: str,
    *,
    compact: NDArray[np.bool_],
) -> None:
    """Refuse coordinates that no structure has.

    Parameters
    ----------
    positions : ndarray, shape (n_atoms, 3)
        Ångström.
    residue : ndarray of int, shape (n_atoms,)
        Index of each atom's residue, ascending.
    name : callable
        Gives the name of an atom by its index, for the message.
    where : str
        The file, for the message.
    compact : ndarray of bool, shape (n_atoms,)
        The atoms whose residue must hold together: those of amino acids.

    Raises
    ------
    StructureError
        If a coordinate is no finite number, an atom stands `LARGEST_SPAN_A` from the others or
        `LARGEST_RESIDUE_A` from its residue, or more than `MOST_IN_CUBE` atoms share a small cube.

    Examples
    --------
    >>> import numpy as np
    >>> far = np.array([[0.0, 0, 0], [1, 0, 0], [1e30, 0, 0]])
    >>> one = np.zeros(3, dtype=int)
    >>> require_positions(far, one, str, "x.pdb", compact=one == 1)
    Traceback (most recent call last):
        ...
    epitope.errors.StructureError: x.pdb: atom 2 stands at 1e+30, 0, 0, more than 3,000 Å from the others; correct ...
    """
    import numpy as np

    def refuse(index: int, why: str) -> None:
        at = ", ".join(f"{value:g}" for value in positions[index].tolist())
        raise StructureError(f"{where}: atom {name(index)} stands at {at}, {why}; correct the coordinates")

    if len(positions) == 0:
        return
    finite = np.isfinite(positions).all(axis=1)
    if not finite.all():
        refuse(int(np.argmin(finite)), "which are not three numbers")
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(positions - np.median(positions, axis=0)).max(axis=1)
        span = np.ptp(positions, axis=0).max()
    if not span <= LARGEST_SPAN_A:
        refuse(int(np.argmax(off)), f"more than {LARGEST_SPAN_A:,.0f} Å from the others")
    first = np.searchsorted(residue, residue)
    apart = np.linalg.norm(positions - positions[first], axis=1) * compact
    if (apart > LARGEST_RESIDUE_A).any():
        same = residue == residue[np.argmax(apart)]
        refuse(int(np.argmax(np.where(same, off, -1.0))), f"{apart.max():,.0f} Å from another atom of its residue")
    cells = np.floor(positions / CUBE_A).astype(np.int64)
    cells -= cells.min(axis=0)
    width = int(LARGEST_SPAN_A / CUBE_A) + 2
    _, inverse, counts = np.unique(cells @ [1, width, width**2], return_inverse=True, return_counts=True)
    if counts.max() > MOST_IN_CUBE:
        index = int(np.argmax(inverse.reshape(-1) == np.argmax(counts)))
        refuse(index, f"with {counts.max():,} atoms in {CUBE_A:.0f} Å, where at most {MOST_IN_CUBE} find room")
