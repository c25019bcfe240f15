"""What a survey costs for each structure, what a second worker brings, and whether the bytes stay the same.

    python -m benchmarks.survey DATA

DATA holds ``binding/skempi2_singles.tsv`` (SKEMPI 2.0) with the two sides of each complex, and folders
``binding/structures`` and ``stability/structures``. A complex of SKEMPI is measured both ways round; of any other
file the first chain is the antigen and the other chains bind it; a single chain is measured too, and refused. The
figures go into ``benchmarks/README.md``, between its marks.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import gemmi
import numpy as np
import pandas as pd

import epitope
from epitope.bulk.jobs import Job
from epitope.bulk.measure import Options, measure_job
from epitope.features.atoms import Floats
from epitope.structure import bundled_structure

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- survey: written by benchmarks.survey -->", "<!-- end of survey -->"
ANTIBODY_ENTRIES = 9_757
"""Entries of the PDB with antibodies on 1 May 2025 (SAAINT-DB, Acta Pharmacol Sin 2025,
doi:10.1038/s41401-025-01608-5); those with a protein antigen are fewer."""
PREDICTED = 1_000_000


def listed(data: Path) -> list[Job]:
    """List the complexes with their sides, and the single chains."""
    table = pd.read_csv(data / "binding" / "skempi2_singles.tsv", sep="\t", dtype=str)
    jobs = []
    for name, (one, two) in table.groupby("pdb")[["partner_1", "partner_2"]].first().iterrows():
        file = str(data / "binding" / "structures" / f"{str(name).lower()}.pdb.gz")
        jobs += [Job(file, f"{one}:{two}"), Job(file, f"{two}:{one}")]
    for path in sorted((data / "stability" / "structures").iterdir()):
        chains = [chain.name for chain in gemmi.read_structure(str(path))[0] if len(chain.get_polymer()) > 5]
        jobs.append(Job(str(path), f"{chains[0]}:{''.join(chains[1:])}" if chains[1:] else ""))
    return jobs


class Survey(NamedTuple):
    """What a survey took: seconds of each complex that was measured, of all, of processors, and what it wrote."""

    each: Floats
    whole: float
    processor: float
    digests: dict[str, str]


def surveyed(jobs: list[Job], folder: Path, workers: int) -> Survey:
    """Survey the jobs."""
    folder.mkdir()
    (folder / "list.txt").write_text("".join(f"{job.file}\t{job.chains}\n" for job in jobs), encoding="utf-8")
    ticks = [(time.perf_counter(), 0)]
    before = _processor()
    epitope.survey(
        folder / "list.txt",
        folder / "out",
        workers=workers,
        progress=lambda _, failed, total: ticks.append((time.perf_counter(), failed)),
    )
    whole = time.perf_counter() - ticks[0][0]
    seconds, failed = np.diff(np.array(ticks), axis=0).T
    files = sorted(path for path in (folder / "out").rglob("*") if path.is_file())
    digests = {str(f.relative_to(folder / "out")): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
    return Survey(seconds[failed == 0], whole, _processor() - before, digests)


def _processor() -> float:
    """Return the processor seconds of all workers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def atlas_seconds(folder: Path) -> tuple[float, float]:
    """Return the seconds that the bundled complex takes without and with the atlas, after imports."""
    job, seconds = Job(str(bundled_structure())), []
    for name, atlas in (("warm", False), ("plain", False), ("atlas", True)):
        start = time.perf_counter()
        measure_job(job, Options(str(folder / name), "", epitope.__version__, atlas=atlas))
        seconds.append(time.perf_counter() - start)
    return seconds[1], seconds[2]


def report(data: Path) -> str:
    """Measure, and write the section."""
    jobs = listed(data)
    shuffled = random.Random(0).sample(jobs, len(jobs))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        one = surveyed(jobs, folder / "one", 1)
        unit = 2**20 if platform.system() == "Darwin" else 2**10
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
        two = surveyed(shuffled, folder / "two", 2)
        plain, atlas = atlas_seconds(folder)
    each = one.each[1:]  # the first waited for its worker's imports
    mean = one.processor / len(one.each)

    def hours(n: int) -> str:
        spent = n * mean / 3600
        return f"{spent:,.1f} core-hours, {spent * 60 / 64:,.0f} min on 64 cores"

    rows = [
        f"| structures (files; rows asked for) | {len({job.file for job in jobs})}; {len(jobs)} |",
        f"| complexes measured; the others are single chains or sides that do not touch | {len(one.each)} |",
        f"| seconds for a complex: median, 95th percentile | {np.median(each):.2f}, {np.percentile(each, 95):.2f} |",
        f"| processor seconds for a complex, imports and refused files included | {mean:.2f} |",
        f"| largest memory of a worker | {memory:.0f} MB |",
        f"| all, one worker; two workers | {one.whole:.0f} s; {two.whole:.0f} s, "
        f"{one.whole / two.whole:.2f} × as fast (goal 1.7) |",
        f"| load of the machine while measured | {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores |",
        f"| the same bytes with two workers and shuffled | {'yes' if one.digests == two.digests else 'NO'} |",
        f"| the bundled complex without and with `--atlas` | {plain:.1f} s, {atlas:.1f} s |",
        f"| {ANTIBODY_ENTRIES:,} entries of the PDB with antibodies, estimated | {hours(ANTIBODY_ENTRIES)} |",
        f"| {PREDICTED:,} predicted complexes, estimated | {hours(PREDICTED)} |",
    ]
    return "\n".join(
        [
            f"{BEGIN}\n\n## Survey\n",
            f"`python -m benchmarks.survey DATA`, Python {platform.python_version()}, {platform.machine()}.\n",
            "| what | measured |\n|---|---|",
            *rows,
            "\nThe estimates take the processor seconds above for every complex: entries of the PDB are often "
            "larger (several copies, whole spikes), predicted ones about as large. The number of entries is that of "
            "SAAINT-DB on 1 May 2025 (doi:10.1038/s41401-025-01608-5); not all of them hold an antigen.\n",
            END,
        ]
    )


def main(data: Path) -> None:
    """Print the section and put it into its place."""
    section = report(data)
    print(section)
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Benchmarks\n\n{BEGIN}{END}\n"
    before, _, rest = text.partition(BEGIN)
    if not rest:
        before, rest = f"{text}\n", END
    PAGE.write_text(f"{before}{section}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
