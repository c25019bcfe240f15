"""One door for every file of variants: VCF, table, or one variant per line.

Tells the kind of a file by its name, or else by its first bytes, and hands it to the
reader that knows it. Not for junction files and cohorts, whose rows are no variants.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from epitope.target.model import Target
from epitope.variant.model import Variant
from epitope.variant.rows import UnassessedRow
from epitope.variant.tables import read_variant_table
from epitope.variant.textfile import binary_lines
from epitope.variant.vcf import read_vcf

_VCF_ENDINGS = (".vcf", ".vcf.gz", ".vcf.bgz", ".bcf")


def is_vcf(path: str | Path) -> bool:
    """Say whether a file is a VCF, by its name or its first line.

    Raises
    ------
    TableError
        If the file cannot be opened.
    """
    path = Path(path)
    if path.name.lower().endswith(_VCF_ENDINGS):
        return True
    first = next((line for _, line in binary_lines(path)), b"")
    return first.removeprefix(b"\xef\xbb\xbf").startswith((b"##fileformat=VCF", b"#CHROM\tPOS\tID\tREF\tALT"))


def read_variants(
    path: str | Path, target: Target, *, column: str | None = None, sample: str | None = None
) -> Iterator[Variant | UnassessedRow]:
    """Read the variants of a file of any kind that the package knows.

    Parameters
    ----------
    path : str or Path
        VCF, CSV, TSV, XLSX, or text with one variant per line.
    target : Target
        The antigen.
    column : str, optional
        The variant column of a table.
    sample : str, optional
        The sample of a VCF file whose genotype and allele fraction are told.

    Returns
    -------
    iterator of Variant or UnassessedRow
        In file order; see `read_vcf` and `read_variant_table`.

    Raises
    ------
    TableError
        If the file cannot be read.
    """
    if is_vcf(path):
        return read_vcf(path, target, sample=sample)
    return read_variant_table(path, target, column=column)
