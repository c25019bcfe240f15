"""Write the data files of the CD19 pack from their source files.

Reads a folder laid out as ``transcript/`` and ``variants/``, writes sequences, published
cohorts and known variants of the pack and the VEP calls that the tests compare with, and
checks the exon table and checksum in its ``target.toml``.
The same source gives the same bytes. Not for facts without a source file: those are
written by hand in ``target.toml``.

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
PACK = ROOT / "epitope" / "target" / "packs" / "cd19"
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
    (PACK / "sequences.fa").write_text(text, encoding="ascii", newline="\n")
    return coding


def check_toml(data: Path, coding: str) -> list[str]:
    """Compare the hand-written exon table and checksum with the sources; return complaints."""
    from Bio.Seq import Seq

    facts = tomllib.loads((PACK / "target.toml").read_text(encoding="utf-8"))
    protein = str(Seq(coding).translate(to_stop=True))
    problems = []
    digest = hashlib.sha256(protein.encode()).hexdigest()
    if facts["sequence_sha256"] != digest:
        problems.append(f"target.toml: sequence_sha256 should be {digest}")
    with (data / "transcript" / "exons_GRCh38.tsv").open(encoding="ascii") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    keys = ("exon", "start", "end", "cds_start", "cds_end")
    exons = [[int(row[key]) for key in keys if row[key]] for row in rows]
    if facts["transcript"]["exons"] != exons:
        problems.append("target.toml: transcript.exons differs from exons_GRCh38.tsv")
    return problems


ZHAO = """\
# CD19 loss in seven relapses after blinatumomab, labels exactly as published.
# Source: zhao2021, Zhao et al., Blood 2021, 137:471, Table 3.
"""
ORLANDO = """\
# CD19 variants in relapse after CD19 CAR-T cells, GRCh38, with the names that VEP 107 gives.
# Source: orlando2018, Orlando et al., Nat Med 2018, 24:1504, as collected by
# Cortes-Lopez et al., Nat Commun 2022, 13:5570 (MIT).
"""
CLINVAR = """\
# CD19 variants of ClinVar (public domain), March 2022, GRCh38, with VEP 105 consequences.
# Collected by Cortes-Lopez et al., Nat Commun 2022, 13:5570 (MIT).
"""
KNOWN = """\
# CD19 variants of ClinVar (public domain), March 2022, GRCh38, with gnomAD allele frequency.
# Source: clinvar2022, collected by Cortes-Lopez et al., Nat Commun 2022, 13:5570 (MIT).
"""
KNOWN_COLUMNS = {
    "chrom": "chrom",
    "pos": "pos",
    "ref": "ref",
    "alt": "alt",
    "identifier": "clinvar_id",
    "significance": "clinical_significance",
    "allele_frequency": "gnomad_af",
}
"""Columns of a pack's known variants, each with its name in the source."""
ORACLE_COLUMNS = ("chrom", "pos", "ref", "alt", "vep_consequence", "exon", "protein_position", "amino_acids")


def read_tsv(path: Path) -> list[dict[str, str]]:
    """Read a tab-separated table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def write_tsv(path: Path, comment: str, rows: list[dict[str, str]], columns: tuple[str, ...]) -> None:
    """Write a tab-separated table below a comment that names its source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join(columns), *("\t".join(row[column] for column in columns) for row in rows)]
    path.write_text(comment + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_cohorts(data: Path) -> None:
    """Write the published cohorts and the rows that tests compare with VEP."""
    zhao = read_tsv(data / "variants" / "zhao2021_table3.tsv")
    write_tsv(PACK / "cohorts" / "zhao2021.tsv", ZHAO, zhao, tuple(zhao[0]))
    orlando = read_tsv(data / "variants" / "orlando2018_vep.tsv")
    write_tsv(PACK / "cohorts" / "orlando2018.tsv", ORLANDO, orlando, tuple(orlando[0]))
    write_tsv(ORACLES / "vep_orlando2018.tsv", ORLANDO, orlando, (*ORACLE_COLUMNS, "hgvs_c"))
    clinvar = read_tsv(data / "variants" / "clinvar_cd19_2022-03.tsv")
    write_tsv(ORACLES / "vep_clinvar_2022-03.tsv", CLINVAR, clinvar, ORACLE_COLUMNS)
    known = [{new: row[old].removeprefix("-") for new, old in KNOWN_COLUMNS.items()} for row in clinvar]
    write_tsv(PACK / "known_variants.tsv", KNOWN, known, tuple(KNOWN_COLUMNS))


def main() -> int:
    """Run the curation and report what does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with transcript/ and variants/")
    data = parser.parse_args().data
    write_cohorts(data)
    problems = check_toml(data, write_sequences(data))
    for problem in problems:
        sys.stderr.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
