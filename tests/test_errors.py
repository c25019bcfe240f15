"""A message is one short printable line, whatever of the input is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import epitope
from epitope.api import provenance
from epitope.errors import EpitopeError, TableError, VariantError, one_line, shown
from epitope.show.tables import to_json_text
from epitope.variant.model import Variant

LONG = "x" * 100_000
UGLY = "a\nb\r\n\x1b[31mc\x00\u2028d\ud800"


def test_what_cannot_be_printed_is_written_as_its_code() -> None:
    message = str(TableError(f"x.csv line 3: {UGLY}"))
    assert message == r"x.csv line 3: a b \x1b[31mc\x00 d\ud800"


@pytest.mark.parametrize("given", [LONG, LONG.replace("xx", "x "), f"{LONG}\n{LONG}"])
def test_a_long_input_is_cut_and_its_length_said(given: str) -> None:
    message = str(EpitopeError(f"no column {given!r}; the columns are: input"))
    assert len(message) < 300
    assert "characters)'; the columns are: input" in message
    assert len(str(EpitopeError(given * 3))) < 5_000


def test_several_messages_are_one_line_and_stay_apart_for_who_asks() -> None:
    error = VariantError("first\nrow", "second row")
    assert str(error) == "first row; second row"
    assert len(error.args) == 2


def test_an_ordinary_message_stays_as_it_is() -> None:
    message = f"{'/a/deep/folder' * 20}/x.pdb: holds no atoms; a PDB or mmCIF file with coordinates was expected"
    assert one_line(message) == message
    assert shown("p.Phe61del") == "p.Phe61del"


@pytest.mark.parametrize(
    "variant", ["p.F61\ud800del", "\ud800", Variant("p.Phe61del \udcff", "line 3 of a\udcffb.csv"), "p.\x00\x1b"]
)
def test_a_variant_that_no_file_can_hold_is_a_row_with_an_error(variant: str | Variant) -> None:
    table = epitope.assess([variant, "p.Phe61del"])
    (wrong, right) = json.loads(to_json_text(table, provenance(epitope.load(), "epitope assess \udcff")))["assessments"]
    assert wrong["status"] == "error" or wrong["hgvs_p"] == "p.Phe61del"
    assert right["hgvs_p"] == "p.Phe61del"
    table.to_csv().encode()


def test_a_table_with_a_column_of_any_length_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(f"{LONG} y,{LONG} y\n1,2\n")
    with pytest.raises(EpitopeError) as caught:
        epitope.read_variants(table=path)
    assert len(str(caught.value)) < 400
