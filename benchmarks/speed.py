"""How long the main commands take, and the measurements beside the same work by other programs.

Each command runs in a fresh process; the median of five is printed with its peak memory.
The residue table is timed after imports, next to Biopython and MDAnalysis doing a part of
it (areas free and bound; contact pairs), so that a ratio is left when the machine differs.

    python -m benchmarks.speed
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 5
VARIANTS = [
    f"p.{residue}{position}{new}"
    for position, residue in ((52, "W"), (61, "F"), (97, "C"), (163, "R"), (174, "L"))
    for new in "ADEKSTVYNH"
]
GOALS = {"epitope --help": 0.15, "residue table": 0.5, "assess 50 variants": 2.0, "report": 3.0}


def command(*arguments: str) -> tuple[float, float]:
    """Run a command in fresh processes; return median seconds and peak megabytes of the largest so far.

    A first run is not counted: it writes the byte code that an installation brings along.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "epitope", *arguments], check=True, stdout=subprocess.DEVNULL, env=environment
        )
        seconds.append(time.perf_counter() - start)
    del seconds[0]
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return statistics.median(seconds), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of a piece of work."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def biopython_areas(path: Path) -> None:
    """Measure areas of complex and antigen with Biopython at as many points."""
    from Bio.PDB import MMCIFParser
    from Bio.PDB.SASA import ShrakeRupley

    structure = MMCIFParser(QUIET=True).get_structure("x", path)
    calculator = ShrakeRupley(n_points=960)
    calculator.compute(structure[0], level="R")
    calculator.compute(structure[0]["A"], level="R")


def main() -> None:
    """Print the table."""
    import tempfile

    import epitope
    from epitope.features import MeasuredComplex

    structure = epitope.load()
    _ = structure.residues, structure.interface
    table = timed(lambda: MeasuredComplex(structure).residues)
    print(f"{'what':34s} {'s':>8s} {'goal':>6s} {'MB':>6s}")
    print(f"{'residue table':34s} {table:8.3f} {GOALS['residue table']:6.2f}")
    for name, arguments in (
        ("epitope --help", ("--help",)),
        ("assess 50 variants", ("assess", *VARIANTS)),
    ):
        seconds, megabytes = command(*arguments)
        print(f"{name:34s} {seconds:8.3f} {GOALS[name]:6.2f} {megabytes:6.0f}")
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes = command("report", "--no-png", "--out", f"{folder}/report")
        print(f"{'report':34s} {seconds:8.3f} {GOALS['report']:6.2f} {megabytes:6.0f}")
    areas = timed(lambda: biopython_areas(structure.path))
    print(f"{'Biopython, areas alone':34s} {areas:8.3f}  {areas / table:.1f} times the whole residue table")


if __name__ == "__main__":
    main()
