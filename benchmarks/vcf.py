"""How fast a whole-genome VCF is read, and in how much memory.

Writes a synthetic VCF of a million records (or ``--records``) into a temporary folder,
plain and gzip, reads it with `read_vcf` in a fresh process each and prints seconds,
peak memory and rows. The aim is 15 s and 200 MB without an index.

    python -m benchmarks.vcf [--records 1000000] [--samples 2]
"""

from __future__ import annotations

import argparse
import gzip
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from epitope.variant.readers.builds import GRCH37_LENGTHS

MAX_SECONDS = 15.0
MAX_MEGABYTES = 200.0
RECORDS_IN_GENE = 100
# Runs in a process of its own, so that the peak is that of reading alone.
_READ = """
import resource, sys, time
from epitope.target import load_target
from epitope.variant.readers.vcf import read_vcf
target = load_target()
start = time.perf_counter()
rows = sum(1 for _ in read_vcf(sys.argv[1], target))
seconds = time.perf_counter() - start
unit = 2**20 if sys.platform == "darwin" else 2**10
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, rows)
"""


def write_vcf(path: Path, records: int, samples: int, gene: tuple[int, int]) -> None:
    """Write a sorted synthetic VCF, `RECORDS_IN_GENE` of its records inside ``gene`` on chr16."""
    dice = random.Random(1)
    names = [f"S{number}" for number in range(1, samples + 1)]
    calls = "".join("\t0/1:20,11:31" for _ in names)
    per_contig = (records - RECORDS_IN_GENE) // len(GRCH37_LENGTHS)
    with path.open("w", encoding="ascii") as handle:
        handle.write("##fileformat=VCFv4.2\n##contig=<ID=chr16,length=90338345>\n")
        columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names]
        handle.write("\t".join(columns) + "\n")
        for contig in GRCH37_LENGTHS:
            positions = [dice.randrange(1, 40_000_000) for _ in range(per_contig)]
            if contig == "16":
                positions += [dice.randint(*gene) for _ in range(RECORDS_IN_GENE)]
            for position in sorted(positions):
                reference, alternate = dice.sample("ACGT", 2)
                fixed = f"chr{contig}\t{position}\t.\t{reference}\t{alternate}\t50\tPASS"
                handle.write(f"{fixed}\tDP=60;AF=0.5\tGT:AD:DP{calls}\n")


def measure(path: Path) -> tuple[float, float, int]:
    """Return seconds, peak megabytes and rows of reading a file in a fresh process."""
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True, timeout=600
    )
    seconds, megabytes, rows = run.stdout.split()
    return float(seconds), float(megabytes), int(rows)


def main() -> int:
    """Run the benchmark; return 1 if an aim is missed."""
    from epitope.target import load_target

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=2)
    options = parser.parse_args()
    transcript = load_target().transcript
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "genome.vcf")
        write_vcf(plain, options.records, options.samples, (transcript.gene_start, transcript.gene_end))
        packed = Path(folder, "genome.vcf.gz")
        packed.write_bytes(gzip.compress(plain.read_bytes(), 1))
        for path in (plain, packed):
            seconds, megabytes, rows = measure(path)
            sys.stdout.write(f"{path.name}\t{seconds:.2f} s\t{megabytes:.0f} MB\t{rows} rows\n")
            worst |= seconds > MAX_SECONDS or megabytes > MAX_MEGABYTES
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
