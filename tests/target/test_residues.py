"""Residue codes and residues with positions, against Biopython."""

from __future__ import annotations

import pytest
from Bio.Data.IUPACData import protein_letters, protein_letters_1to3

from epitope.target.residues import AMINO_ACIDS, THREE, one_letter, read_residue, three_letter


def test_the_codes_are_those_of_biopython() -> None:
    assert protein_letters == AMINO_ACIDS
    assert {letter: THREE[letter] for letter in AMINO_ACIDS} == protein_letters_1to3


@pytest.mark.parametrize("letter", [*AMINO_ACIDS, "*", "X"])
def test_every_code_reads_back_in_any_case(letter: str) -> None:
    three = three_letter(letter)
    assert one_letter(three) == one_letter(three.upper()) == one_letter(three.lower()) == letter


@pytest.mark.parametrize("text", ["", "60P", "J60", "X60", "*60", "Foo60", "P", "P60A", "Pro-60", "P\u0660", "Pr60"])
def test_what_is_no_residue_with_a_position_is_not_read(text: str) -> None:
    assert read_residue(text) is None
