"""Texts made to keep the program busy: none takes time that grows faster than the text, and none is endless."""

from __future__ import annotations

import pytest

import epitope
from benchmarks.regexes import MOST_GROWTH, growth
from epitope.errors import EpitopeError
from epitope.impact.cohorts.copy_number import copies_in_words
from epitope.impact.cohorts.samples import _entries
from epitope.target import load_target
from epitope.variant.hgvs.grammar import parse
from epitope.variant.hgvs.spelling import LONGEST, split_label

PIECES = ["A", "1", " ", "(", "[", "c.1 ", ", ", "; ", "ext", "del", "A1_", "p.", "-", ":", "skip", "[;", "chr1 "]


@pytest.mark.parametrize("head", ["", "p.A1", "c.1", "chr1:1", "exon 1"])
@pytest.mark.parametrize("piece", PIECES)
def test_a_variant_is_read_in_time_that_grows_with_its_text(piece: str, head: str) -> None:
    target = load_target()

    def read(text: str) -> None:
        for reader in (split_label, lambda words: parse(words, target)):
            with pytest.raises(EpitopeError):
                reader(text)
                raise EpitopeError("read, as it may be")

    assert growth(read, piece, head, "!", longest=20_000) < MOST_GROWTH


@pytest.mark.parametrize("piece", [";", " ; ", " | ", "[", "[;", " "])
def test_a_cell_of_several_entries_is_split_in_time_that_grows_with_it(piece: str) -> None:
    assert growth(_entries, piece, "R163L", "!") < MOST_GROWTH


def test_a_variant_of_absurd_length_is_refused_in_a_line() -> None:
    (error,) = epitope.assess(["A" * (LONGEST + 1)])["error"]
    assert error.endswith("100,001 characters, more than the 100,000 that are read")
    assert len(error) < 200


def test_copy_number_in_an_absurd_number_of_words_is_left_out_and_that_is_said() -> None:
    found = copies_in_words("one copy " * 10_000 + "loss", load_target())
    assert found.note == "copy number in 90,004 characters is left out"
