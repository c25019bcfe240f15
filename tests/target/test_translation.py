"""The genetic code is the one that everybody uses."""

from __future__ import annotations

from Bio.Data.CodonTable import unambiguous_dna_by_id

from epitope.target.translation import STOP, codon_table


def test_codons_are_read_as_biopython_reads_them():
    standard = unambiguous_dna_by_id[1]
    assert codon_table() == standard.forward_table | dict.fromkeys(standard.stop_codons, STOP)
