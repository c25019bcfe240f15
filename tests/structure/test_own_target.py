"""A complex whose antigen no pack knows is its own reference."""

from __future__ import annotations

from pathlib import Path

import gemmi
import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.errors import StructureError, VariantError
from epitope.structure.own_target import only_chain

SIDE_CHAIN_KEPT = {"N", "CA", "C", "O", "CB"}


def foreign(structure: gemmi.Structure) -> None:
    """Make alanine of every second residue of the antigen: no pack knows that protein."""
    for number, residue in enumerate(structure[0]["A"]):
        if number % 2 and residue.name not in ("GLY", "CYS", "ALA") and residue.het_flag == "A":
            residue.name = "ALA"
            for index in reversed(range(len(residue))):
                if residue[index].name not in SIDE_CHAIN_KEPT:
                    del residue[index]


@pytest.fixture
def unknown(edited) -> Path:
    return edited(foreign, name="foreign.pdb")


def test_the_antigen_of_an_unknown_complex_keeps_the_numbers_of_its_author(unknown: Path) -> None:
    structure = epitope.load(unknown)
    assert structure.target.known_transcript is None
    assert structure.complex.antigen_chains == ("A",)
    assert structure.epitope.computed
    known = epitope.load()
    assert set(structure.contact_positions) <= set(known.residues["uniprot_position"])
    row = structure.residues.set_index("uniprot_position").loc[220]
    assert (int(row["author_number"]), bool(row["observed"])) == (220, True)
    assert "its own reference, with the author's numbers" in structure.complex.notes[-1]


def test_what_needs_a_target_is_not_assessable_and_the_rest_is_judged(unknown: Path) -> None:
    structure = epitope.load(unknown)
    contact = int(structure.contact_positions[0])
    letter = structure.target.residue(contact)
    other = "W" if letter != "W" else "A"
    table = epitope.assess([f"A:{letter}{contact}{other}", f"{letter}{contact}{other}", "c.5A>G"], structure)
    assert table["antigen"].tolist()[:2] == ["not assessable"] * 2
    assert table["epitope"].tolist()[:2] == ["at risk"] * 2
    assert "has no transcript" in table["error"][2]


def test_a_change_of_another_chain_is_refused_by_name(unknown: Path) -> None:
    structure = epitope.load(unknown)
    assert (
        "chain H is not the antigen of foreign, which is chain A" in epitope.assess(["H:W33A"], structure)["error"][0]
    )
    with pytest.raises(VariantError, match="no variant"):
        epitope.assess([], structure)


def test_insertion_codes_make_positions_count_along_the_chain(edited) -> None:
    def with_code(structure: gemmi.Structure) -> None:
        foreign(structure)
        structure[0]["A"][5].seqid = gemmi.SeqId("25A")

    structure = epitope.load(edited(with_code, name="code.pdb"))
    first = structure.residues.iloc[0]
    assert (int(first["uniprot_position"]), int(first["author_number"])) == (1, 21)
    assert "counted from 1 along the chain" in structure.complex.notes[-1]


def test_a_structure_that_holds_a_pack_finds_it_by_itself(edited) -> None:
    assert epitope.load(edited(name="plain.pdb")).target.name == epitope.load().target.name


def test_an_antigen_of_several_chains_is_refused_in_one_line() -> None:
    with pytest.raises(StructureError, match=r"x\.pdb: the antigen has 2 chains \(A, B\), and no pack knows it"):
        only_chain([], ("A", "B"), "x.pdb")


@pytest.mark.parametrize(
    "command", [["structure"], ["residues", "--around", "epitope"], ["scan", "--top", "1"], ["assess", "p.Phe61del"]]
)
def test_every_command_runs_without_a_target(unknown: Path, command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--structure", str(unknown)])
    assert result.exit_code == 0, result.output
    for word in ("CD19", "B43"):
        assert word not in result.output


def test_sides_are_named_on_the_command_line(unknown: Path) -> None:
    result = CliRunner().invoke(app, ["structure", "--structure", str(unknown), "--chains", "A:HL"])
    assert result.exit_code == 0, result.output
    assert "sides as given" in result.output
