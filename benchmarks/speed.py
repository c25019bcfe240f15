"""How long the work takes, beside the same work by other programs, in one run.

Every answer is compared before anything is timed. The programs take turns, so that a busy
machine is as busy for one as for the other, and what is printed are medians and the ratio of
medians. The work is done on the bundled complex and on copies of it beside each other, 40 Å
apart (12 copies: 60,756 atoms; a structure that everybody has). A program that is not
installed is left out with a line. The table goes into ``benchmarks/README.md`` as well.

    python -m benchmarks.speed [--quick] [--no-write]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.contacts import WIDE_CONTACT_A, pairs_between
from epitope.features.geometry import residue_distance_matrix
from epitope.features.interactions import interaction_table
from epitope.features.interface import contact_table
from epitope.features.surface import N_POINTS, PROBE_RADIUS_A, atom_radii, buried_areas, residue_sasa
from epitope.structure import bundled_structure, read_structure
from epitope.structure.atoms import AtomArrays
from epitope.structure.residues import is_amino_acid
from epitope.target.residues import three_letter

README = Path(__file__).with_name("README.md")
MARKS = "<!-- speed -->", "<!-- end of speed -->"
ROUNDS, COMMAND_ROUNDS = 7, 5
SLOW_S = 8.0  # what takes longer is not run a second time
GAP_A = 40.0
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
COPIES = 12
VARIANTS = [
    f"p.{residue}{position}{new}"
    for position, residue in ((52, "W"), (61, "F"), (97, "C"), (163, "R"), (174, "L"))
    for new in "ADEKSTVYNH"
]

Work = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One comparison: what, on what, seconds of ours and theirs, and how many times faster it should be."""

    work: str
    on: str
    other: str
    ours: float
    theirs: float
    goal: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        ratio = self.theirs / self.ours
        verdict = "yes" if ratio >= self.goal else "no"
        wanted = "ahead" if self.goal == 1 else f"≥ {self.goal:g} ×"
        times = (f"{self.ours:.4f}", f"{self.theirs:.4f}", f"{ratio:.1f} ×")
        return (self.work, self.on, self.other, *times, wanted, verdict)


class Case:
    """A structure on disk in both formats, and its two sides as every program wants them."""

    def __init__(self, folder: Path, copies: int) -> None:
        import gemmi

        source = read_structure(bundled_structure())
        side = math.ceil(copies ** (1 / 3))
        box = source[0].calculate_center_of_mass(), np.ptp(gemmi.FlatStructure(source).pos, axis=0) + GAP_A
        made, model = gemmi.Structure(), gemmi.Model(1)
        self.antigen, self.antibody = [], []
        for copy in range(copies):
            place = np.array(np.unravel_index(copy, (side, side, side)))
            for chain, name in zip(source[0], LETTERS[3 * copy :], strict=False):
                (self.antigen if chain.name == "A" else self.antibody).append(name)
                clone = chain.clone()
                clone.name = name
                for residue in clone:
                    for atom in residue:
                        atom.pos += gemmi.Position(*(place * box[1]))
                model.add_chain(clone)
        made.add_model(model)
        made.setup_entities()
        self.pdb, self.cif = folder / f"{copies}.pdb", folder / f"{copies}.cif"
        made.write_pdb(str(self.pdb))
        made.make_mmcif_document().write_file(str(self.cif))
        self.name = f"{gemmi.FlatStructure(made).pos.shape[0]:,} atoms"

    @cached_property
    def sides(self) -> tuple[ResidueAtoms, ResidueAtoms]:
        """Amino acids of antigens and antibodies."""
        atoms = AtomArrays.from_structure(read_structure(self.cif))
        amino = np.isin(atoms.resnames, [name for name in set(atoms.resnames.tolist()) if is_amino_acid(name)])
        one, two = (
            ResidueAtoms.from_arrays(atoms[amino & np.isin(atoms.chainIDs, n)]) for n in (self.antigen, self.antibody)
        )
        return one, two

    @cached_property
    def radii(self) -> list[np.ndarray]:
        """ProtOr radii of both sides, Å; every program that takes radii is given these."""
        return [atom_radii(side.names, side.elements, side.letters[side.residue]) for side in self.sides]


def timed(programs: dict[str, Work], rounds: int) -> dict[str, float]:
    """Return median seconds of each program; they take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, work in programs.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in seconds.items()}


def compared(
    work: str, case: Case, ours: Work, others: dict[str, tuple[Work, float]], same: Callable[[Any, Any], bool], n: int
) -> list[Row]:
    """Check the answers, then time; one row for each other program."""
    answer = ours()  # a first run, not counted, imports what it needs
    slow = {}
    for name, (other, _) in others.items():
        start = time.perf_counter()
        if not same(answer, other()):
            raise SystemExit(f"{work} on {case.name}: {name} answers something else; nothing was timed")
        if (seconds := time.perf_counter() - start) > SLOW_S:
            slow[name] = seconds
    found = slow | timed(
        {"epitope": ours, **{name: other for name, (other, _) in others.items() if name not in slow}}, n
    )
    return [Row(work, case.name, name, found["epitope"], found[name], goal) for name, (_, goal) in others.items()]


def has(module: str) -> bool:
    """Say whether a program is installed; a line tells of one that is not."""
    if importlib.util.find_spec(module) is None:
        print(f"{module} is not installed and is left out")
        return False
    return True


def reading(case: Case, rounds: int) -> list[Row]:
    """Read a file to a model that can be measured."""
    import MDAnalysis
    from Bio.PDB import MMCIFParser, PDBParser

    def ours(path: Path) -> Callable[[], int]:
        return lambda: len(AtomArrays.from_structure(read_structure(path)))

    def universe() -> int:
        return len(MDAnalysis.Universe(str(case.pdb), to_guess=()).atoms)

    def biopython(parser: Any, path: Path) -> Callable[[], int]:
        return lambda: sum(1 for _ in parser(QUIET=True).get_structure("x", path).get_atoms())

    others: dict[str, tuple[Work, float]] = {"Bio.PDB": (biopython(MMCIFParser, case.cif), 8)}
    as_pdb: dict[str, tuple[Work, float]] = {
        "Bio.PDB": (biopython(PDBParser, case.pdb), 8),
        "MDAnalysis": (universe, 1),
    }
    if has("biotite"):
        from biotite.structure.io import pdb, pdbx

        others["biotite"] = (lambda: len(pdbx.get_structure(pdbx.CIFFile.read(case.cif), model=1)), 1)
        as_pdb["biotite"] = (lambda: len(pdb.PDBFile.read(case.pdb).get_structure(model=1)), 1)
    rows = compared("read mmCIF", case, ours(case.cif), others, lambda a, b: a == b, rounds)
    return rows + compared("read PDB", case, ours(case.pdb), as_pdb, lambda a, b: a == b, rounds)


def contacts(case: Case, rounds: int) -> list[Row]:
    """Find the pairs of atoms of antigen and antibody within 5 Å."""
    from Bio.PDB import NeighborSearch
    from Bio.PDB.Atom import Atom
    from MDAnalysis.lib.distances import capped_distance

    one, two = case.sides
    count = len(one.positions)
    both = np.concatenate([one.positions, two.positions])
    atoms = [Atom(str(i), xyz, 0.0, 1.0, " ", "X", i, "C") for i, xyz in enumerate(both)]

    def biopython() -> set[tuple[int, int]]:
        search = NeighborSearch(atoms)
        found = (
            (atom.serial_number, other.serial_number - count)
            for atom in atoms[:count]
            for other in search.search(atom.coord, WIDE_CONTACT_A)
        )
        return {pair for pair in found if pair[1] >= 0}

    def universe() -> set[tuple[int, int]] | np.ndarray:
        return np.asarray(capped_distance(one.positions, two.positions, WIDE_CONTACT_A, return_distances=False))

    others: dict[str, tuple[Work, float]] = {"Bio.PDB NeighborSearch": (biopython, 10)}
    others["MDAnalysis capped_distance"] = (universe, 3)
    if has("biotite"):
        from biotite.structure import CellList

        def biotite() -> np.ndarray:
            near = CellList(two.positions.astype(np.float32), cell_size=WIDE_CONTACT_A).get_atoms(
                one.positions.astype(np.float32), WIDE_CONTACT_A
            )
            first, column = np.nonzero(near >= 0)
            return np.stack([first, near[first, column]], axis=1)

        others["biotite CellList"] = (biotite, 1)

    def same(ours: Any, theirs: Any) -> bool:
        mine = set(zip(ours.first.tolist(), ours.second.tolist(), strict=True))
        found = theirs if isinstance(theirs, set) else set(map(tuple, theirs.tolist()))
        return len(mine ^ found) <= 2e-5 * len(mine) + 1  # at the very cutoff, single precision decides otherwise

    return compared("contacts ≤ 5 Å", case, lambda: pairs_between(one, two, WIDE_CONTACT_A), others, same, rounds)


def areas(case: Case, rounds: int) -> list[Row]:
    """Areas of every residue, free and bound, at as many points."""
    sides, radii = case.sides, case.radii
    positions = [side.positions for side in sides]

    def per_residue(atoms: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        bound = atoms(np.concatenate(positions), np.concatenate(radii))
        free = np.concatenate([atoms(p, r) for p, r in zip(positions, radii, strict=True)])
        of = np.concatenate([sides[0].residue, sides[1].residue + len(sides[0])])
        return np.stack([np.bincount(of, weights=found) for found in (free, bound)])

    def ours() -> np.ndarray:
        free = np.concatenate([residue_sasa(side)[:, 0] for side in sides])
        return np.stack([free, free - np.concatenate(buried_areas(*sides))])

    def biopython() -> np.ndarray:
        from Bio.PDB import MMCIFParser
        from Bio.PDB.SASA import ShrakeRupley

        model = MMCIFParser(QUIET=True).get_structure("x", case.cif)[0]
        calculator = ShrakeRupley(n_points=N_POINTS, probe_radius=PROBE_RADIUS_A)
        totals = []
        for chosen in (case.antigen, case.antibody, [*case.antigen, *case.antibody]):
            part = model.copy()
            for chain in list(part):
                for residue in list(chain):
                    if chain.id not in chosen or not is_amino_acid(residue.resname):
                        chain.detach_child(residue.id)
                if not len(chain):
                    part.detach_child(chain.id)
            calculator.compute(part, level="R")
            totals.append([residue.sasa for residue in part.get_residues()])
        return np.array([totals[0] + totals[1], totals[2]], dtype=object)

    others: dict[str, tuple[Work, float]] = {"Bio.PDB ShrakeRupley": (biopython, 15)}
    if has("freesasa"):
        import freesasa

        setting = freesasa.Parameters(
            {"algorithm": freesasa.ShrakeRupley, "n-points": N_POINTS, "probe-radius": PROBE_RADIUS_A, "n-threads": 1}
        )

        def by_freesasa(xyz: np.ndarray, r: np.ndarray) -> np.ndarray:
            found = freesasa.calcCoord(xyz.ravel().tolist(), r.tolist(), setting)
            return np.array([found.atomArea(i) for i in range(len(r))])

        others["freesasa"] = (lambda: per_residue(by_freesasa), 2)
    if has("biotite"):
        from biotite.structure import AtomArray, sasa

        def by_biotite(xyz: np.ndarray, r: np.ndarray) -> np.ndarray:
            atoms = AtomArray(len(r))
            atoms.coord = xyz.astype(np.float32)
            atoms.element[:] = "C"
            return np.asarray(sasa(atoms, PROBE_RADIUS_A, vdw_radii=r, point_number=N_POINTS))

        others["biotite"] = (lambda: per_residue(by_biotite), 2)

    def same(mine: np.ndarray, theirs: np.ndarray) -> bool:
        if theirs.dtype == object:  # radii of its own by element: the sum alone can be compared
            return bool(np.allclose([sum(row) for row in theirs], mine.sum(axis=1), rtol=0.1))
        return bool(np.allclose(mine, theirs, atol=4) and np.allclose(mine.sum(axis=1), theirs.sum(axis=1), rtol=5e-3))

    return compared(f"areas free and bound, {N_POINTS} points", case, ours, others, same, rounds)


def interface(case: Case, rounds: int) -> list[Row]:
    """Everything about an interface: contacts by kind, with their atoms, and the areas buried."""
    if not has("protein_interface"):
        return []
    one, two = case.sides
    regions = np.full(len(two), "")

    def ours() -> float:
        contact_table(one, two, np.arange(len(one)), regions)
        interaction_table(one, two, np.arange(len(one)), regions, None)
        return float(sum(side.sum() for side in buried_areas(one, two)))

    theirs = protein_interface(case)
    return compared(
        "whole interface", case, ours, {"protein-interface": (theirs, 2)}, lambda a, b: abs(a - b) < 0.25 * a, rounds
    )


def protein_interface(case: Case) -> Callable[[], float]:
    """Return the same work by protein-interface, without shape complementarity, which is not measured here."""
    from protein_interface import AtomArrays as TheirAtoms
    from protein_interface import analyze

    one, two = (
        TheirAtoms(
            side.positions.tolist(),
            side.names.tolist(),
            [three_letter(letter).upper() for letter in side.letters[side.residue].tolist()],
            [
                (str(side.chains[row]), int(side.numbers[row]), str(side.insertion_codes[row]))
                for row in side.residue.tolist()
            ],
        )
        for side in case.sides
    )
    return lambda: float(analyze(one, two, n_points=N_POINTS, include_sc=False, strict=False).dsasa)


def distances(case: Case, rounds: int) -> list[Row]:
    """The smallest distance of each residue to each, as notebooks compute it and as it is computed here."""
    one, two = case.sides
    first, second = (np.split(side.positions, side.starts[1:]) for side in (one, two))

    def loop() -> np.ndarray:
        return np.array([[np.linalg.norm(a[:, None] - b, axis=-1).min() for b in second] for a in first])

    others: dict[str, tuple[Work, float]] = {"double loop": (loop, 20)}
    return compared("distance matrix", case, lambda: residue_distance_matrix(one, two), others, np.allclose, rounds)


def growth(folder: Path, rounds: int) -> list[str]:
    """How contacts and areas grow with the number of atoms."""
    cases = [Case(folder, copies) for copies in (1, 2, 4, 8, 16)]
    lines = []
    for work, measure in (
        ("contacts ≤ 5 Å", lambda case: pairs_between(*case.sides, WIDE_CONTACT_A)),
        ("areas", lambda case: ([residue_sasa(side) for side in case.sides], buried_areas(*case.sides))),
        ("read mmCIF", lambda case: AtomArrays.from_structure(read_structure(case.cif))),
    ):
        found = timed({case.name: partial(measure, case) for case in cases}, rounds)
        sizes = [sum(len(side.positions) for side in case.sides) for case in cases]
        seconds = list(found.values())
        allowed = sizes[-1] * math.log(sizes[-1]) / (sizes[0] * math.log(sizes[0]))
        ratio = seconds[-1] / seconds[0]
        verdict = "yes" if ratio <= allowed else "no"
        lines.append(f"| {work} | {ratio:.1f} × | {allowed:.1f} × | {verdict} |")
    return lines


def command(*arguments: str) -> float:
    """Return the median seconds of a command in fresh processes, after one that is not counted."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(COMMAND_ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def commands(folder: Path) -> list[str]:
    """How long commands take from start to end."""
    imports = command("-c", "import numpy, pandas, gemmi, scipy")
    goals = {
        "epitope --help": (("-m", "epitope", "--help"), 0.15),
        "epitope assess, 50 variants": (("-m", "epitope", "assess", *VARIANTS), 1.2 * imports + 0.5),
        "epitope report": (("-m", "epitope", "report", "--no-png", "--out", str(folder / "report")), 3.0),
    }
    lines = [f"| importing numpy, pandas, gemmi and scipy | {imports:.2f} | | |"]
    for name, (arguments, goal) in goals.items():
        seconds = command(*arguments)
        lines.append(f"| {name} | {seconds:.2f} | {goal:.2f} | {'yes' if seconds <= goal else 'no'} |")
    return lines


def table(rows: list[Row], grown: list[str], run: list[str]) -> str:
    """Write the section of the README."""
    names = [
        "epitope",
        "numpy",
        "scipy",
        "gemmi",
        "biopython",
        "MDAnalysis",
        "biotite",
        "freesasa",
        "protein-interface",
    ]
    versions = ", ".join(f"{name} {found}" for name in names if (found := version(name)))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return "\n".join(
        [
            f"{platform.machine()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}; {versions}.",
            "",
            "| work | on | against | epitope s | other s | faster | goal | met |",
            "|---|---|---|---|---|---|---|---|",
            *("| " + " | ".join(row.cells) + " |" for row in rows),
            "",
            "| 1 → 16 times the atoms | grows | n log n grows | no faster |",
            "|---|---|---|---|",
            *grown,
            "",
            "| command, fresh process | s | goal | met |",
            "|---|---|---|---|",
            *run,
        ]
    )


def version(name: str) -> str:
    """Return the version of an installed distribution, "" where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def main() -> None:
    """Measure, print, and write the section of the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round, on the bundled complex alone")
    parser.add_argument("--no-write", action="store_true", help="leave the README as it is")
    options = parser.parse_args()
    rounds = 1 if options.quick else ROUNDS
    warnings.simplefilter("ignore")  # the others' remarks on the file
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows: list[Row] = []
        for copies in (1,) if options.quick else (1, COPIES):
            case = Case(folder, copies)
            for work in (reading, contacts, areas, interface, distances):
                if work is not distances or copies == 1:  # the double loop takes minutes on the large one
                    rows += work(case, rounds)
                    print(f"{work.__name__}, {case.name}: done")
        section = table(rows, growth(folder, rounds), commands(folder))
    print(section)
    if not options.no_write:
        text = README.read_text(encoding="utf-8")
        before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
        README.write_text(f"{before}{MARKS[0]}\n{section}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
