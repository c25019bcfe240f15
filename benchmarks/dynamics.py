"""How fast frames are measured, how much memory that takes, and the same measurements by MDAnalysis' own classes.

Makes DCD trajectories of the bundled complex by elastic-network modes (`tests/trajectory.py`), without solvent.
Each run is a fresh process on one core, timed without imports; its memory is the largest that it ever held. MDAnalysis
measures contacts within 4.0 Å, published distances, disulfides and RMSD with its analysis classes, contacts once by
`capped_distance` and once by `distance_array`.

    python -m benchmarks.dynamics [FRAMES ...]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

FRAMES = (1000, 10000)
GOAL = 3.0
"""How many times faster than MDAnalysis' classes frames are to be measured."""
BLOCK = 250
"""Frames that are made once, and repeated."""
FEW = 300
"""Frames that MDAnalysis is given, since its frames per second do not depend on how many there are."""


def make(folder: Path, counts: tuple[int, ...]) -> None:
    """Write a topology, and a trajectory for each number of frames."""
    import warnings

    warnings.simplefilter("ignore")  # there is no box to write
    from MDAnalysis import Writer

    from tests.trajectory import antigen_in_motion, universe_of

    frames = antigen_in_motion(BLOCK, (9.0, 7.0, 5.0, 3.0))[0]
    universe = universe_of(frames + np.random.default_rng(1).normal(0, 0.2, frames.shape))
    universe.atoms.write(folder / "complex.pdb")
    for count in counts:
        with Writer(str(folder / f"{count}.dcd"), len(universe.atoms)) as file:
            for n in range(count):
                _ = universe.trajectory[n % BLOCK]
                file.write(universe.atoms)


def ours(topology: str, trajectory: str, area_every: int) -> None:
    """Measure every frame as the command does, rows on their way to a file."""
    import epitope
    from epitope.show.dynamics_files import FrameFile

    epitope.dynamics(topology, stop=1)
    start = time.perf_counter(), time.process_time()
    with FrameFile("csv") as rows:
        found = epitope.dynamics(topology, trajectory, area_every=area_every, rows=rows.add)
    report(len(found.indices), start)


def theirs(topology: str, trajectory: str, search: str) -> None:
    """Measure contacts, disulfides, published distances and RMSD with MDAnalysis, in one analysis class."""
    import MDAnalysis
    from MDAnalysis.analysis.base import AnalysisFromFunction
    from MDAnalysis.analysis.rms import RMSD
    from MDAnalysis.lib.distances import calc_bonds, calc_dihedrals, capped_distance, distance_array

    universe = MDAnalysis.Universe(topology, trajectory)
    antigen = universe.select_atoms("chainID A and protein and resid 21:277")
    antibody = universe.select_atoms("chainID H L")
    bonds = [
        [universe.select_atoms(f"chainID A and resid {residue} and name {name}")[0] for residue, name in
         ((one, "CB"), (one, "SG"), (two, "SG"), (two, "CB"))]
        for one, two in ((38, 261), (97, 200), (134, 173))
    ]  # fmt: skip
    a, b, c, d = (MDAnalysis.AtomGroup([bond[i] for bond in bonds]) for i in range(4))
    groups = [universe.select_atoms(f"chainID A and resid {n} and not name N CA C O") for n in (60, 61, 229, 231, 233)]

    def frame(antigen: Any, antibody: Any) -> list[float]:
        if search == "capped_distance":
            found = capped_distance(antigen.positions, antibody.positions, 4.0, return_distances=False)
        else:
            found = np.argwhere(distance_array(antigen.positions, antibody.positions) <= 4.0)
        pairs = set(zip(antigen.resindices[found[:, 0]], antibody.resindices[found[:, 1]], strict=True))
        centres = [group.center_of_geometry() for group in groups]
        apart = [np.linalg.norm(one - two) for one in centres[:2] for two in centres[2:]]
        torsions = calc_dihedrals(a.positions, b.positions, c.positions, d.positions)
        return [len(pairs), *apart, *calc_bonds(b.positions, c.positions), *torsions]

    start = time.perf_counter(), time.process_time()
    AnalysisFromFunction(frame, universe.trajectory, antigen, antibody).run(stop=FEW)
    RMSD(universe, select="chainID A and name CA", groupselections=["chainID H L and name CA"]).run(stop=FEW)
    report(min(FEW, len(universe.trajectory)), start)


def report(count: int, start: tuple[float, float]) -> None:
    """Print what a process did, for the one that asked."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps({"frames": count, "wall": wall, "cpu": processor, "peak": peak}))


def asked(*words: str) -> dict[str, float]:
    """Run one measurement in a fresh process, on one core."""
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dynamics", *words], check=True, capture_output=True, text=True, env=alone
    )
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def main(counts: tuple[int, ...]) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own, since what this one ever held would count as its children's.
        asked("make", name, *map(str, counts))
        topology = str(folder / "complex.pdb")
        runs = [(f"epitope, {count} frames", ("ours", topology, str(folder / f"{count}.dcd"), "0")) for count in counts]
        first = str(folder / f"{counts[0]}.dcd")
        runs.append(("the same, area in 100 of them", ("ours", topology, first, str(max(counts[0] // 100, 1)))))
        runs += [
            (f"MDAnalysis, {search}", ("theirs", topology, first, search))
            for search in ("capped_distance", "distance_array")
        ]
        print(f"{'what':32s} {'frames':>7s} {'s':>8s} {'CPU s':>8s} {'frames/CPU s':>13s} {'peak MB':>8s}")
        speeds: dict[str, float] = {}
        for words, arguments in runs:
            found = asked(*arguments)
            speeds[words] = found["frames"] / found["cpu"]
            print(
                f"{words:32s} {found['frames']:7.0f} {found['wall']:8.1f} {found['cpu']:8.1f} "
                f"{speeds[words]:13.0f} {found['peak']:8.0f}"
            )
        for search in ("capped_distance", "distance_array"):
            ratio = speeds[runs[len(counts) - 1][0]] / speeds[f"MDAnalysis, {search}"]
            print(f"{ratio:.1f} times the frames of MDAnalysis with {search} (goal {GOAL:.0f})")


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), tuple(map(int, sys.argv[3:])))
        report(sum(map(int, sys.argv[3:])), (time.perf_counter(), time.process_time()))
    elif sys.argv[1:2] == ["ours"]:
        ours(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1:2] == ["theirs"]:
        theirs(*sys.argv[2:5])
    else:
        main(tuple(map(int, sys.argv[1:])) or FRAMES)
