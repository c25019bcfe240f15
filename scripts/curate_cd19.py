"""Write the shipped CD19 data files from their source files.

Reads a folder laid out as ``transcript/`` and ``variants/`` and writes the sequence
file of the target, checks the exon table and checksum in ``cd19.toml`` against it.
The same source gives the same bytes. Not for facts without a source file: those are
written by hand in ``cd19.toml``.

Run it as ``python scripts/curate_cd19.py --data DIR``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "epitope" / "target"
COHORTS = ROOT / "epitope" / "variant" / "cohorts"
ORACLES = ROOT / "tests" / "data"
LINE = 60


def read_fasta(path: Path) -> str:
    """Return the one sequence of a FASTA file, upper case."""
    lines = path.read_text(encoding="ascii").splitlines()
    return "".join(line.strip() for line in lines if not line.startswith(">")).upper()


def fasta_record(name: str, comment: str, sequence: str) -> str:
    """Return one FASTA record with lines of fixed width."""
    body = "\n".join(sequence[i : i + LINE] for i in range(0, len(sequence), LINE))
    return f">{name} {comment}\n{body}\n"


def write_sequences(data: Path) -> str:
    """Write the coding and the genomic sequence; return the coding sequence."""
    coding = read_fasta(data / "transcript" / "NM_001770_cds.fa")
    genomic = read_fasta(data / "transcript" / "GRCh38_chr16_28931871_28937544.fa")
    text = fasta_record("NM_001770.6_cds", "CD19 coding sequence, c.1_1671 (RefSeq, MANE Select)", coding)
    text += fasta_record("GRCh38_chr16_28931871_28937544", "plus strand, start of CD19 to exon 10 (GRCh38)", genomic)
    (TARGET / "cd19_sequences.fa").write_text(text, encoding="ascii", newline="\n")
    return coding


def check_toml(data: Path, coding: str) -> list[str]:
    """Compare the hand-written exon table and checksum with the sources; return complaints."""
    from Bio.Seq import Seq

    facts = tomllib.loads((TARGET / "cd19.toml").read_text(encoding="utf-8"))
    protein = str(Seq(coding).translate(to_stop=True))
    problems = []
    digest = hashlib.sha256(protein.encode()).hexdigest()
    if facts["sequence_sha256"] != digest:
        problems.append(f"cd19.toml: sequence_sha256 should be {digest}")
    with (data / "transcript" / "exons_GRCh38.tsv").open(encoding="ascii") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    exons = [[int(row[key]) for key in ("exon", "start", "end", "cds_start", "cds_end")] for row in rows]
    if facts["transcript"]["exons"] != exons:
        problems.append("cd19.toml: transcript.exons differs from exons_GRCh38.tsv")
    return problems


def main() -> int:
    """Run the curation and report what does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with transcript/ and variants/")
    data = parser.parse_args().data
    problems = check_toml(data, write_sequences(data))
    for problem in problems:
        sys.stderr.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
