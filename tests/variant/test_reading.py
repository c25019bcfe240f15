"""The kind of a file is told before it is read."""

from __future__ import annotations

import pytest

from epitope.errors import TableError
from epitope.target import load_target
from epitope.variant.reading import read_variants

TARGET = load_target()
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr16\t28933043\t.\tG\tT\t.\t.\t.\n"


@pytest.mark.parametrize(
    ("name", "text", "variant"),
    [
        ("a.vcf", VCF, "chr16-28933043-G-T"),
        ("a.txt", VCF, "chr16-28933043-G-T"),
        ("a.csv", "variant\np.R163L\n", "p.R163L"),
        ("a.txt", "p.R163L\n", "p.R163L"),
    ],
)
def test_each_kind_of_file_finds_its_reader(tmp_path, name, text, variant):
    (tmp_path / name).write_text(text)
    (row,) = read_variants(tmp_path / name, TARGET)
    assert row.text == variant


def test_a_missing_file_is_told_in_one_line(tmp_path):
    with pytest.raises(TableError, match=r"no\.txt does not exist"):
        read_variants(tmp_path / "no.txt", TARGET)
