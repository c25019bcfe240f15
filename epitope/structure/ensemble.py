"""Trajectories and ensembles: frames of a complex, whatever topology they come with.

Any topology that MDAnalysis reads is reduced to the heavy atoms of its amino acids, with the
names of the Chemical Component Dictionary and with chains, which many topologies do not name. Each
frame is then given whole, though periodic boundaries may have cut it. Nothing is measured here.

How frames are made whole
    A chain is followed from atom to atom, and an atom that a box vector separates from the one before it
    is put beside it; no bonds are needed. The chains are then put together: in the first frame where
    they touch most, later at the image nearest to where the antigen, laid on that of the first frame,
    lets one expect them.
"""

from __future__ import annotations

import re
import string
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from epitope.errors import StructureError
from epitope.structure.complex import Complex, complex_from_universe, usable_atoms
from epitope.structure.mapping import map_chain
from epitope.structure.partners import CONTACT_A
from epitope.structure.repair import LAST_ATOMS, standard_atom_name
from epitope.structure.residues import FORCE_FIELD_NAMES, is_amino_acid, one_letter
from epitope.structure.superposition import superposition

if TYPE_CHECKING:
    import MDAnalysis
    import numpy as np
    from numpy.typing import NDArray

    from epitope.target.model import Target

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

MAX_PEPTIDE_BOND_A = 2.5
"""C-N distance above which no peptide bond is left: 1.33 Å with what a simulation stretches it."""
MOSTLY = 0.7
"""Share of a piece that must lie on the antigen's sequence for it to belong there; a tag does not. Set by us."""
_CIF_ENDINGS = (".cif", ".mmcif", ".pdbx", ".cif.gz", ".mmcif.gz", ".pdbx.gz")
_GROMACS_SEGMENT = re.compile(r"seg_\d+_(Protein_chain_)?")


class Frame(NamedTuple):
    """One frame: its number in the trajectory, counted from 0, its time and its positions.

    ``time_ps`` is NaN where frames are models without a time; ``positions`` belong to
    `Ensemble.complex`, shape (n_atoms, 3), in ångström.
    """

    number: int
    time_ps: float
    positions: Floats


@dataclass(eq=False)
class Ensemble:
    """A complex with the frames that were chosen.

    Attributes
    ----------
    complex
        The complex at the first of these frames.
    indices
        The frames, counted from 0.
    total
        How many frames the trajectory has.
    notes
        In words: which trajectories were cut short, and how chains were told apart.
    joined, moved
        In how many of the frames given so far a chain was joined, or was moved by a box vector.
    """

    complex: Complex
    indices: range
    total: int
    notes: tuple[str, ...]
    _source: MDAnalysis.AtomGroup = field(repr=False)
    _timed: bool = field(repr=False)
    _whole: _Whole = field(repr=False)
    joined: int = 0
    moved: int = 0

    def __len__(self) -> int:
        """Count the chosen frames."""
        return len(self.indices)

    def frames(self) -> Iterator[Frame]:
        """Give one frame after the other, whole; nothing of the last one is kept.

        Raises
        ------
        StructureError
            If a frame cannot be read or has coordinates that are no numbers; it is named.
        """
        import numpy as np

        trajectory = self._source.universe.trajectory
        at, antigen = trajectory.frame, self.complex.antigen
        anchor = antigen[antigen.names == "CA"].indices
        self.joined = self.moved = 0
        try:
            for index in self.indices:
                positions, step = _read(self._source, index, self.complex.id)
                positions, joined, moved = self._whole.frame(positions, _box(step), anchor)
                self.joined += joined
                self.moved += moved
                yield Frame(index, float(step.time) if self._timed else np.nan, positions)
        finally:
            trajectory[at]


def open_universe(
    topology: str | Path, trajectories: Sequence[str | Path] = (), *, format: str | None = None
) -> MDAnalysis.Universe:
    """Open a topology with its trajectories, or an ensemble of models without.

    Parameters
    ----------
    topology
        Any topology of MDAnalysis, or a PDB or mmCIF file.
    trajectories
        Files of frames, one after the other; without any, the frames are those of the topology.
    format
        Of the trajectories, where their names do not say it, such as "DCD".

    Raises
    ------
    StructureError
        If a file is missing, empty, of no known format, or its frames have other atoms than the topology.
    """
    files = [Path(topology), *map(Path, trajectories)]
    for file in files:
        if not file.is_file():
            raise StructureError(f"{file}: no such file; name a topology and the trajectories that belong to it")
        if file.stat().st_size == 0:
            raise StructureError(f"{file}: is empty; copy it again")
    with _silence():
        try:
            universe = _opened(files, format)
        except Exception as error:  # readers raise whatever their format makes them
            reason = _reason(error)
        else:
            if not hasattr(universe, "trajectory"):
                raise StructureError(f"{topology}: holds no coordinates; name a trajectory with --trajectory")
            return universe
    raise StructureError(f"{', '.join(map(str, files))}: cannot be opened: {reason}")


def _opened(files: Sequence[Path], format: str | None) -> MDAnalysis.Universe:
    """Open files as MDAnalysis does; mmCIF, which not each of its versions reads, with gemmi."""
    import MDAnalysis

    topology, *trajectories = map(str, files)
    if not topology.casefold().endswith(_CIF_ENDINGS):
        return MDAnalysis.Universe(topology, *([trajectories] if trajectories else []), format=format, to_guess=())
    universe = _cif_universe(topology)
    return universe.load_new(trajectories, format=format) if trajectories else universe


def _cif_universe(path: str) -> MDAnalysis.Universe:
    """Return all models of an mmCIF file; they must have the same atoms."""
    import gemmi
    import numpy as np
    from MDAnalysis.coordinates.memory import MemoryReader

    from epitope.structure.universe import to_universe

    structure = gemmi.read_structure(path)
    structure.merge_chain_parts()
    structure.remove_alternative_conformations()
    universe = to_universe(structure)
    models = [[atom.pos.tolist() for chain in model for residue in chain for atom in residue] for model in structure]
    if len({len(atoms) for atoms in models}) > 1:
        raise ValueError("its models have different atoms; write models of the same atoms")
    universe.load_new(np.array(models, dtype=np.float32), format=MemoryReader, order="fac")
    return universe


def _reason(error: Exception) -> str:
    """Say in one line what a reader objects to, and what to do."""
    text = " ".join(str(error).split()).rstrip(".!")
    if "number of atoms" in text:
        counts = re.findall(r"[Nn]umber of atoms:? *(\d+)", text)
        said = f" ({counts[0]} and {counts[-1]} atoms)" if len(counts) > 1 else ""
        return f"topology and trajectory do not belong together{said}; name the topology that it was written with"
    if "format" in text and any(word in text for word in ("Unknown", "valid topology", "coordinate reader")):
        return "a format that MDAnalysis does not know; use PSF, PRMTOP, GRO, TPR or PDB with DCD, XTC, TRR or NC"
    if isinstance(error, ImportError) or "install" in text:
        return f"its reader is not installed ({text[:160]}); install it, or convert the file"
    return f"{text[:160]}; the file may be truncated or of another format"


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what readers say beside their errors away from the terminal.

    A reader that fails half-way also fails when it is thrown away, which Python would print.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import MDAnalysis  # noqa: F401 (its import brings filters of its own, which would come first)
    hook = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.unraisablehook = hook


def _read(atoms: MDAnalysis.AtomGroup, index: int, name: str) -> tuple[Floats, Any]:
    """Read the positions of one frame, and the frame."""
    import numpy as np

    try:
        with _silence():
            step = atoms.universe.trajectory[index]
            positions = atoms.positions.astype(np.float64)
    except Exception as error:  # readers raise whatever their format makes them
        raise StructureError(
            f"{name}: frame {index} cannot be read ({' '.join(str(error).split())[:160]}); "
            f"the trajectory may be truncated, stop before it with --stop {index}"
        ) from None
    if not np.isfinite(positions).all():
        first = atoms[int(np.argmin(np.isfinite(positions).all(axis=1)))]
        raise StructureError(
            f"{name}: frame {index} has coordinates that are no numbers (atom {first.name} of {first.resname} "
            f"{first.resid}); leave the frame out with --start or --stop"
        )
    return positions, step


def _box(step: Any) -> Floats | None:
    """Return the box vectors as rows, shape (3, 3), ``None`` where there is no box."""
    import numpy as np

    if step.dimensions is None:
        return None
    box = np.asarray(step.triclinic_dimensions, dtype=np.float64)
    return box if np.isfinite(box).all() and abs(np.linalg.det(box)) > 1.0 else None


def chosen_frames(total: int, start: int | None, stop: int | None, stride: int, name: str) -> range:
    """Return the frames that were asked for, counted from 0; negative ones count from the end.

    Raises
    ------
    StructureError
        If there is none.

    Examples
    --------
    >>> chosen_frames(100, None, None, 25, "x.xtc"), chosen_frames(100, -2, None, 1, "x.xtc")
    (range(0, 100, 25), range(98, 100))
    """
    if total == 0:
        raise StructureError(f"{name}: has no frames; name a trajectory that has")
    if stride < 1:
        raise StructureError(f"{name}: a stride of {stride} leads nowhere; give 1 or more")
    if start is not None and start >= total:
        raise StructureError(f"{name}: has frames 0 to {total - 1}, so none at --start {start}; begin earlier")
    found = range(*slice(start, stop, stride).indices(total))
    if not found:
        raise StructureError(
            f"{name}: no frame lies from --start {found.start} to before --stop {found.stop}; "
            f"it has frames 0 to {total - 1}"
        )
    return found


def read_ensemble(
    universe: MDAnalysis.Universe,
    target: Target | None,
    *,
    start: int | None = None,
    stop: int | None = None,
    stride: int = 1,
    antigen: Sequence[str] | str | None = None,
    heavy: Sequence[str] | None = None,
    light: Sequence[str] | None = None,
    sides: str | None = None,
    antibody: Sequence[str] | str | None = None,
    identifier: str = "universe",
    own: bool = False,
    timed: bool = True,
) -> Ensemble:
    """Find antigen and antibody in the first chosen frame, to follow them through the others.

    Parameters
    ----------
    universe
        As from `open_universe`; it is left as it is.
    target, antigen, heavy, light, sides, antibody, own
        As for `epitope.structure.read_complex`.
    start, stop, stride
        Frames as in a slice, counted from 0.
    identifier
        What messages call it.
    timed
        Whether frames have a time; the models of an ensemble have none.

    Raises
    ------
    StructureError
        If there are no such frames, no protein, or roles cannot be decided.
    """
    import MDAnalysis
    import numpy as np

    total = int(universe.trajectory.n_frames)
    indices = chosen_frames(total, start, stop, stride, identifier)
    atoms = _protein(universe, identifier)
    at = universe.trajectory.frame
    positions, step = _read(atoms, indices[0], identifier)
    box = _box(step)
    chains, notes = _chain_names(atoms, positions, box, target)
    notes = (*cut_short(universe), *notes)
    whole = _Whole(np.flatnonzero(np.r_[True, chains[1:] != chains[:-1]]), positions)
    whole.first_frame(box)
    with _silence():
        merged = MDAnalysis.Merge(atoms)
        universe.trajectory[at]
        merged.atoms.positions = whole.reference
        _standardise(merged, chains)
    found = complex_from_universe(
        merged,
        target,
        antigen=antigen,
        heavy=heavy,
        light=light,
        sides=sides,
        antibody=antibody,
        identifier=identifier,
        own=own,
    )
    return Ensemble(found, indices, total, notes, atoms, timed, whole)


def cut_short(universe: MDAnalysis.Universe) -> tuple[str, ...]:
    """Name the trajectories that hold fewer frames than they were meant to, as far as their files say so.

    A DCD file announces its frames. Behind the last whole frame of an XTC or TRR file nothing follows.

    Parameters
    ----------
    universe
        As from `open_universe`.

    Returns
    -------
    tuple of str
        A line for each.
    """
    trajectory = universe.trajectory
    lines = []
    for reader in getattr(trajectory, "readers", [trajectory]):
        count, reason = int(reader.n_frames), ""
        if getattr(reader, "format", "") == "DCD":
            announced = _announced(Path(reader.filename))
            reason = f"its header announces {announced}" if announced > count else ""
        else:
            left = _left_over(reader)
            reason = f"{left} bytes of another follow" if left > 0 else ""
        if reason:
            lines.append(f"{Path(reader.filename).name}: was cut short: {count} frames are whole and {reason}")
    return tuple(lines)


def _announced(path: Path) -> int:
    """Return how many frames the header of a DCD file announces, 0 where it does not say."""
    with path.open("rb") as file:
        start = file.read(12)
    order: Literal["little", "big"] = "little" if start[0] else "big"
    return int.from_bytes(start[8:12], order, signed=True)


def _left_over(reader: Any) -> int:
    """Return how many bytes follow the last frame of an XTC or TRR file, 0 where that cannot be read.

    The one place that asks for what MDAnalysis keeps to itself: ``_xdr`` and ``_bytes_tell``.
    """
    if not hasattr(reader, "_xdr"):
        return 0  # another format
    frames, path = reader._xdr, Path(reader.filename)
    with type(frames)(str(path)) as again:
        again.set_offsets(frames.offsets)
        try:
            again.seek(len(frames.offsets) - 1)
            again.read()
        except OSError:
            return 0  # who asks for that frame is told
        return path.stat().st_size - int(again._bytes_tell())


def _protein(universe: MDAnalysis.Universe, name: str) -> MDAnalysis.AtomGroup:
    """Return the heavy atoms of the amino acids, residue by residue, at their first location."""
    import numpy as np

    missing = [what for what in ("names", "resnames", "resids") if not hasattr(universe.atoms, what)]
    if missing:
        raise StructureError(
            f"{name}: its topology has no {', '.join(missing)} of atoms, so no residue can be recognised; "
            "give a PSF, PRMTOP, GRO, TPR or PDB file"
        )
    names = universe.residues.resnames.astype(str)
    acids = [one for one in np.unique(names) if is_amino_acid(one)]
    atoms = usable_atoms(universe.residues[np.isin(names, acids)].atoms)
    if len(atoms) == 0:
        raise StructureError(f"{name}: holds no protein; the trajectory of an antigen was expected")
    return atoms


def _standardise(universe: MDAnalysis.Universe, chains: NDArray[np.str_]) -> None:
    """Give the atoms of a universe the names of the dictionary, elements and chains, in place."""
    import numpy as np

    residues, atoms = universe.residues, universe.atoms
    residues.resnames = [FORCE_FIELD_NAMES.get(str(name), str(name)) for name in residues.resnames]
    pairs = zip(atoms.names, atoms.resnames, strict=True)
    atoms.names = [standard_atom_name(str(name), str(residue)) for name, residue in pairs]
    universe.add_TopologyAttr(
        "elements", np.array([name.lstrip(string.digits)[:1] for name in atoms.names], dtype=object)
    )
    selenium = (atoms.names == "SE") & (atoms.resnames == "MSE")
    atoms[selenium].elements = "SE"
    universe.add_TopologyAttr("chainIDs", chains.astype(object))


def _chain_names(
    atoms: MDAnalysis.AtomGroup, positions: Floats, box: Floats | None, target: Target | None
) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Name the chain of each atom, by what the topology says and where chains end."""
    import numpy as np

    residues = atoms.residues
    of_atom = np.searchsorted(residues.resindices, atoms.resindices)
    labels, told = _labels(atoms)
    numbers, indices = residues.resids, residues.resindices
    carbon, nitrogen = (_atom_of_residue(atoms.names, of_atom, positions, name) for name in ("C", "N"))
    with np.errstate(invalid="ignore"):
        apart = np.linalg.norm(_nearest_image(nitrogen[1:] - carbon[:-1], box), axis=1) > MAX_PEPTIDE_BOND_A
    last = np.zeros(len(residues), dtype=bool)
    last[of_atom[np.isin(atoms.names.astype(str), [*LAST_ATOMS, "O2"])]] = True
    codes = residues.icodes if hasattr(residues, "icodes") else np.full(len(residues), "")
    back = (np.diff(numbers) < 0) | ((np.diff(numbers) == 0) & (codes[1:] == codes[:-1]))
    ends = last[:-1] | back | (np.diff(indices) > 1) | ((np.diff(numbers) <= 1) & (not told))
    new = np.r_[True, (labels[1:] != labels[:-1]) | (apart & ends)]
    if target is not None:
        _join_gaps(new, np.r_[True, (labels[1:] != labels[:-1]) | back], residues.resnames, target.sequence)
    piece = np.cumsum(new) - 1
    names = _piece_names([str(label) for label in labels[new]], told)
    where = [np.flatnonzero(piece == i) for i in range(len(names))]
    notes: tuple[str, ...] = ()
    if len(names) > 1 and len(set(labels.tolist())) < len(names):
        listed = ", ".join(
            f"{name} {residues.resnames[rows[0]]}{numbers[rows[0]]} to {residues.resnames[rows[-1]]}{numbers[rows[-1]]}"
            f" ({len(rows)} residues)"
            for name, rows in zip(names, where, strict=True)
        )
        notes = (f"the topology does not tell all chains apart; they were by where they end: {listed}",)
    return np.array(names)[piece][of_atom], notes


def _join_gaps(new: NDArray[np.bool_], sure: NDArray[np.bool_], residue_names: Sequence[str], sequence: str) -> None:
    """Join pieces of the antigen that a gap in its model separates, in place: their residues follow in its sequence.

    ``new`` marks the first residues of pieces, ``sure`` those that begin a chain whatever the sequence says.
    """
    import numpy as np

    letters = "".join(one_letter(str(name)) for name in residue_names)
    starts = [*np.flatnonzero(new).tolist(), len(letters)]
    first = starts[0]
    for at, end in pairwise(starts[1:]):
        joined = letters[first:end]
        if not sure[at] and len(joined) <= len(sequence):
            mapping = map_chain(joined, range(1, len(joined) + 1), [None] * len(joined), sequence)
            placed = [position is not None for position in mapping.positions]
            here = at - first
            if mapping.matches and all(np.mean(part) >= MOSTLY for part in (placed[:here], placed[here:])):
                new[at] = False
                continue
        first = at


def _labels(atoms: MDAnalysis.AtomGroup) -> tuple[NDArray[np.str_], bool]:
    """Return the topology's name for the chain of each residue, and whether it tells any two apart."""
    import numpy as np

    _, first = np.unique(atoms.resindices, return_index=True)
    for name in ("chainIDs", "segids"):
        if hasattr(atoms, name):
            labels = np.array([_GROMACS_SEGMENT.sub("", str(one).strip()) for one in getattr(atoms, name)[first]])
            if len(set(labels.tolist())) > 1:
                return labels, True
    return np.full(len(first), ""), False


def _piece_names(labels: list[str], told: bool) -> list[str]:
    """Name chains: as the topology does, a second piece of one name with a number, else by letters."""
    free = iter([letter for letter in string.ascii_uppercase + string.ascii_lowercase if letter not in labels])
    names: list[str] = []
    for label in labels:
        count = labels[: len(names)].count(label)
        if told and label and not count:
            names.append(label)
        elif told and label:
            names.append(f"{label}{count + 1}")
        else:
            names.append(next(free, f"chain{len(names) + 1}"))
    return names


def _atom_of_residue(names: Any, of_atom: Integers, positions: Floats, wanted: str) -> Floats:
    """Return the position of one named atom of each residue, NaN where it is missing."""
    import numpy as np

    found = np.full((int(of_atom[-1]) + 1, 3), np.nan)
    mine = names == wanted
    found[of_atom[mine]] = positions[mine]
    return found


def _nearest_image(vectors: Floats, box: Floats | None) -> Floats:
    """Shorten vectors, shape (n, 3), by box vectors."""
    import numpy as np

    if box is None:
        return vectors
    return vectors - np.round(vectors @ np.linalg.inv(box)) @ box


@dataclass(eq=False)
class _Whole:
    """Makes frames whole.

    ``starts`` are the first atoms of the chains; ``reference`` the positions of the first frame,
    whole once `first_frame` was called.
    """

    starts: Integers
    reference: Floats

    def first_frame(self, box: Floats | None) -> None:
        """Join the chains, and put each where it touches those before it most."""
        import numpy as np
        from scipy.spatial import cKDTree

        if box is None:
            return
        positions, _ = self._joined(self.reference, box)
        parts = np.split(positions, self.starts[1:])
        images = np.array(sorted(product((0, 1, -1), repeat=3), key=lambda image: sum(map(abs, image)))) @ box
        placed, waiting = {0: parts[0]}, list(range(1, len(parts)))
        while waiting:
            tree = cKDTree(np.concatenate(list(placed.values())))
            best: tuple[int, int, Floats] | None = None
            for i in waiting:
                apart = parts[i].mean(axis=0) - tree.data.mean(axis=0)
                near = parts[i] + _nearest_image(apart, box) - apart
                for image in images:
                    count = int(cKDTree(near + image).count_neighbors(tree, CONTACT_A))
                    if best is None or count > best[0]:
                        best = (count, i, near + image)
            assert best is not None
            placed[best[1]] = best[2]
            waiting.remove(best[1])
        self.reference = np.concatenate([placed[i] for i in range(len(parts))])

    def frame(self, positions: Floats, box: Floats | None, anchor: Integers) -> tuple[Floats, bool, bool]:
        """Return the positions whole, whether a chain was joined, and whether one was moved.

        ``anchor`` are the Cα of the antigen, by which chains are put in their places.
        """
        import numpy as np

        if box is None:
            return positions, False, False
        positions, joined = self._joined(positions, box)
        main = np.searchsorted(self.starts, anchor, side="right") - 1
        anchor = anchor[main == main[0]]
        fit = superposition(positions[anchor], self.reference[anchor])
        sizes = np.diff(np.r_[self.starts, len(positions)])
        centres, expected = (np.add.reduceat(x, self.starts) / sizes[:, None] for x in (positions, self.reference))
        images = np.round((centres - fit.back(expected)) @ np.linalg.inv(box))
        if not images.any():
            return positions, joined, False
        return positions - np.repeat(images @ box, sizes, axis=0), joined, True

    def _joined(self, positions: Floats, box: Floats) -> tuple[Floats, bool]:
        """Put each atom beside the one before it in its chain."""
        import numpy as np

        jumps = np.round(np.diff(positions @ np.linalg.inv(box), axis=0))
        jumps[self.starts[1:] - 1] = 0
        if not jumps.any():
            return positions, False
        images = np.concatenate([np.zeros((1, 3)), np.cumsum(jumps, axis=0)])
        images -= np.repeat(images[self.starts], np.diff(np.r_[self.starts, len(positions)]), axis=0)
        return positions - images @ box, True
