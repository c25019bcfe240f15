"""A complex whose antigen no pack knows is its own reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gemmi
import pytest
from typer.testing import CliRunner

import epitope
from epitope.api import residue_position
from epitope.cli import app
from epitope.errors import StructureError, VariantError
from epitope.features import MeasuredComplex
from epitope.show.records import structure_record
from epitope.show.terminal import structure_lines
from epitope.structure.header import header_from_mmcif
from epitope.structure.mapping import uniprot_numbers
from epitope.structure.model import ResidueId
from epitope.target.residues import three_letter as three
from epitope.variant import consequence_of
from tests.structure.conftest import thin_to_alanine


def foreign(structure: gemmi.Structure) -> None:
    """Make the antigen a protein that no pack knows."""
    thin_to_alanine(structure, "A")


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


def renumbered(**numbers: str) -> Callable[[gemmi.Structure], None]:
    """Give residues of the antigen other numbers: ``r60="59A"``."""

    def edit(structure: gemmi.Structure) -> None:
        foreign(structure)
        for residue in structure[0]["A"]:
            name = f"r{residue.seqid.num}"
            if name in numbers and residue.het_flag == "A":
                residue.seqid = gemmi.SeqId(numbers[name])

    return edit


def residue_of(structure: MeasuredComplex, number: int, code: str = "") -> tuple[str, int]:
    """Return letter and position of the antigen residue that has a number in the file."""
    table = structure.residues
    row = table[(table["author_number"] == number) & (table["insertion_code"] == code)].iloc[0]
    return str(row["residue"]), int(row["uniprot_position"])


def other_than(letter: str) -> str:
    return "A" if letter != "A" else "S"


@pytest.fixture
def coded(edited) -> MeasuredComplex:
    """An antigen whose 61 is 60A, so that positions and numbers part behind it as well."""
    return epitope.load(edited(renumbered(r61="60A"), name="coded.pdb"))


def test_a_number_typed_for_an_antigen_with_insertion_codes_is_the_authors(coded: MeasuredComplex) -> None:
    letter, position = residue_of(coded, 107)
    assert position != 107
    new = other_than(letter)
    rows = epitope.assess([f"{letter}107{new}", f"A:{letter}107{new}", f"A:p.{three(letter)}107{three(new)}"], coded)
    assert rows["error"].tolist() == [""] * 3
    assert rows["hgvs_p"].tolist() == [f"p.{three(letter)}107{three(new)}"] * 3
    assert rows["positions_changed"].tolist() == [[position]] * 3


def test_an_insertion_code_is_read_and_printed(coded: MeasuredComplex) -> None:
    letter, position = residue_of(coded, 60, "a")  # the reader of these tests writes codes small
    new = other_than(letter)
    typed = [f"A:{letter}60A{new}", f"p.{three(letter)}60a{three(new)}", f"A:{letter}60Adel"]
    rows = epitope.assess(typed, coded)
    assert rows["hgvs_p"].tolist()[:2] == [f"p.{three(letter)}60a{three(new)}"] * 2
    assert rows["hgvs_p"][2] == f"p.{three(letter)}60adel"
    assert rows["positions_lost"][2] == [position]
    assert f"{three(letter)}60a" in rows["mechanism"][2]


def test_every_sentence_and_figure_of_an_antigen_with_codes_has_the_authors_numbers(coded: MeasuredComplex) -> None:
    contact = coded.contact_positions[0]
    number = int(coded.residues.set_index("uniprot_position").loc[contact, "author_number"])
    letter = coded.target.residue(contact)
    assert number != contact
    (row,) = epitope.assess([f"{letter}{number}{other_than(letter)}"], coded).to_dict("records")
    assert f"{three(letter)}{number} touches" in row["mechanism"]
    assert coded.distances(contact, [contact])["residue_1"][0] == f"{letter}{number}"
    assert residue_position(f"{letter}{number}", coded) == contact
    assert f"{letter}{number}" in structure_record(coded)["epitope_contacts_named"]
    first, last = coded.complex.construct
    lines = "\n".join(structure_lines(structure_record(coded)))
    assert f"construct   {coded.target.label(first)}-{coded.target.label(last)}" in lines
    assert coded.epitope.loops[0].name.startswith(coded.target.label(coded.epitope.loops[0].start))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A:G107A", "A:G107A: residue 107 by the numbers of the author is Trp, not Gly"),
        ("A:60_61del", r"no residue 61 by the numbers of the author, which run from 21 to 284"),
        ("A:61Adel", "no residue 61A by the numbers of the author"),
        ("ΔF62", "cannot be read with the numbers of coded, which are the author's"),
        ("Q9XYZ1:p.Pro60del", "Q9XYZ1 is no reference that coded knows; write A:"),
        ("A:P62_A60del", "does not run forward|not"),
    ],
)
def test_a_number_that_is_not_the_authors_is_never_another_residue(
    coded: MeasuredComplex, text: str, words: str
) -> None:
    (row,) = epitope.assess([text], coded).to_dict("records")
    assert re.search(words, row["error"]), row["error"]


def test_numbers_below_one_are_the_authors(edited) -> None:
    def shifted(structure: gemmi.Structure) -> None:
        foreign(structure)
        for residue in structure[0]["A"]:
            residue.seqid = gemmi.SeqId(str(residue.seqid.num - 30))

    structure = epitope.load(edited(shifted, name="negative.pdb"))
    letter, position = residue_of(structure, -5)
    rows = epitope.assess([f"A:{letter}-5{other_than(letter)}", f"{letter}-5del"], structure)
    assert rows["error"].tolist() == ["", ""]
    assert rows["hgvs_p"][0] == f"p.{three(letter)}-5{three(other_than(letter))}"
    assert position == 5


@pytest.mark.parametrize("text", ["p.1_2del", "M1W", "p.20del", "A:40_41del"])
def test_numbers_for_which_the_file_has_no_residue_cannot_be_changed(unknown: Path, text: str) -> None:
    (row,) = epitope.assess([text], epitope.load(unknown)).to_dict("records")
    assert "the file shows no residue" in row["error"]


def test_a_first_residue_met_is_no_start_codon(edited) -> None:
    def from_one(structure: gemmi.Structure) -> None:
        foreign(structure)
        for number, residue in enumerate(structure[0]["A"], 1):
            residue.seqid = gemmi.SeqId(str(number if residue.het_flag == "A" else number + 500))
        first = structure[0]["A"][0]
        first.name = "MET"

    structure = epitope.load(edited(from_one, name="met.pdb"))
    rows = epitope.assess(["M1W", "p.Met1del"], structure)
    assert rows["hgvs_p"].tolist() == ["p.Met1Trp", "p.Met1del"]
    assert not any("start" in term for terms in rows["consequence"] for term in terms)
    assert rows["fold"][0] != "lost"


def with_reference(path: Path, begin: int = 21, end: int = 277, to: int = 121) -> Path:
    """Put a DBREF record in front: author's ``begin`` is UniProt's ``to``."""
    record = f"DBREF  XXXX A {begin:4d}  {end:4d}  UNP    P00001   NAME_HUMAN   {to:5d}  {to + end - begin:5d}\n"
    path.write_text(record + path.read_text())
    return path


def test_numbers_of_uniprot_are_read_where_the_file_says_which_they_are(edited) -> None:
    structure = epitope.load(with_reference(edited(renumbered(), name="stated.pdb")))
    letter = structure.target.residue(107)
    new = other_than(letter)
    rows = epitope.assess([f"P00001:p.{three(letter)}207{three(new)}", f"UniProt:{letter}207{new}"], structure)
    assert rows["hgvs_p"].tolist() == [f"p.{three(letter)}107{three(new)}"] * 2
    assert "UniProt     P00001: 21 to " in "\n".join(structure_lines(structure_record(structure)))
    assert residue_position(f"P00001:{letter}207", structure) == 107


def test_a_residue_that_fits_uniprot_alone_is_refused_with_both_numbers(edited) -> None:
    structure = epitope.load(with_reference(edited(renumbered(), name="stated.pdb"), to=24))
    position = next(
        p for p in range(100, 140) if structure.target.residue(p) not in ("X", structure.target.residue(p - 3))
    )
    letter = three(structure.target.residue(position - 3))
    (row,) = epitope.assess([f"p.{letter}{position}Trp"], structure).to_dict("records")
    here = three(structure.target.residue(position))
    assert (
        f"by the numbers of the author is {here}, not {letter}; by those of UniProt P00001 it is {letter}"
        in row["error"]
    )


def test_mmcif_states_numbers_of_uniprot_as_well() -> None:
    block = gemmi.cif.read_string(
        "data_x\nloop_\n_struct_ref.id\n_struct_ref.db_name\n_struct_ref.pdbx_db_accession\n1 UNP P00001\n"
        "loop_\n_struct_ref_seq.ref_id\n_struct_ref_seq.pdbx_strand_id\n_struct_ref_seq.pdbx_db_accession\n"
        "_struct_ref_seq.seq_align_beg\n_struct_ref_seq.seq_align_end\n_struct_ref_seq.db_align_beg\n"
        "_struct_ref_seq.db_align_end\n1 A P00001 2 4 500 502\n"
    ).sole_block()
    authors = [ResidueId("A", number) for number in (21, 22, 23, 24)]
    stated = uniprot_numbers((1, 2, 3, 4), authors, (21, 22, 23, 24), header_from_mmcif(block).references)
    assert stated == {"P00001": {500: 22, 501: 23, 502: 24}}


def test_the_numbers_of_a_chain_are_the_authors_beside_a_pack_too(edited) -> None:
    def shifted(structure: gemmi.Structure) -> None:
        for residue in structure[0]["A"]:
            residue.seqid = gemmi.SeqId(str(residue.seqid.num - 20))

    structure = epitope.load(edited(shifted, name="mature.pdb"))
    rows = epitope.assess(["A:K200A", "K220A"], structure)
    assert rows["hgvs_p"].tolist() == ["p.Lys220Ala"] * 2
    assert residue_position("A:K200", structure) == 220


def test_a_structure_that_holds_a_pack_finds_it_by_itself(edited) -> None:
    assert epitope.load(edited(name="plain.pdb")).target.name == epitope.load().target.name


def in_two(structure: gemmi.Structure) -> None:
    """Cut the antigen at a gap in what was observed; both pieces start at 1, as chains A and B."""
    foreign(structure)
    cut(structure, restart=True)


def cut(structure: gemmi.Structure, *, restart: bool = False) -> None:
    chain, second = structure[0]["A"], gemmi.Chain("B")
    for index in reversed(range(len(chain))):
        if 152 < chain[index].seqid.num <= 277 and chain[index].het_flag == "A":
            second.add_residue(chain[index].clone(), 0)
            del chain[index]
    for offset, residues in ((20, chain), (152, second)):
        for residue in residues:
            residue.subchain = ""
            if restart and residue.het_flag == "A":
                residue.seqid = gemmi.SeqId(str(residue.seqid.num - offset))
    structure[0].add_chain(second)


def test_an_antigen_of_several_chains_is_its_own_reference_with_the_chain_in_front(edited) -> None:
    path = edited(in_two, name="two.pdb")
    structure = epitope.load(path, antigen="A,B", antibody="H,L")
    assert structure.complex.antigen_chains == ("A", "B")
    whole = epitope.load(edited(renumbered(), name="one.pdb"))
    assert structure.interface.buried_area_antigen_A2 == pytest.approx(whole.interface.buried_area_antigen_A2, rel=0.02)
    letter = whole.target.residue(220)
    new = other_than(letter)
    rows = epitope.assess([f"B:{letter}68{new}", f"68{new}", "A:1_B:2del", f"{letter}68{new}"], structure)
    assert rows["hgvs_p"][0] == f"B:p.{three(letter)}68{three(new)}"
    assert f"B:{three(letter)}68" in str(rows["evidence"][0])
    assert all(rows["error"][1:])
    again = epitope.assess([rows["hgvs_p"][0]], structure)
    assert again["hgvs_p"][0] == rows["hgvs_p"][0]


def test_pieces_of_one_antigen_are_no_copies(edited) -> None:
    structure = epitope.load(edited(cut, name="pieces.pdb"))
    assert structure.target.name == epitope.load().target.name
    assert structure.complex.antigen_chains == ("A", "B")
    assert structure.complex.roles.copies == ()
    assert set(epitope.load().contact_positions) == set(structure.contact_positions)


def test_what_touches_the_antigen_and_was_not_taken_for_an_antibody_is_named_below_every_result(edited) -> None:
    def without_antibody(structure: gemmi.Structure) -> None:
        cut(structure)
        for name in "HL":
            structure[0].remove_chain(name)

    path = edited(without_antibody, name="bare.pdb")
    result = CliRunner().invoke(app, ["assess", "p.Phe61del", "--structure", str(path), "--antigen", "A"])
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "no antibody was recognised, so no epitope is known" in text
    assert "give --antigen A --antibody B" in text


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


def test_antigen_and_antibody_are_named_on_the_command_line(unknown: Path) -> None:
    for command in (["structure"], ["residues"], ["assess", "p.Phe61del"], ["distances", "60", "61"]):
        result = CliRunner().invoke(
            app, [*command, "--structure", str(unknown), "--antigen", "A", "--antibody", "H,L"], catch_exceptions=False
        )
        assert "contradict" not in result.output
    result = CliRunner().invoke(app, ["structure", "--structure", str(unknown), "--antibody", "HL"])
    assert "A antigen" in result.output


def test_sides_that_contradict_the_named_antigen_are_refused(unknown: Path) -> None:
    with pytest.raises(StructureError, match=r"sides 'A:HL': contradict the antigen H that was named"):
        epitope.load(unknown, sides="A:HL", antigen="H")
    assert epitope.load(unknown, sides="A:HL", antigen="A", antibody="L,H").complex.antigen_chains == ("A",)


def test_a_scan_without_a_transcript_prints_no_empty_table_of_candidates(unknown: Path) -> None:
    result = CliRunner().invoke(app, ["scan", "--structure", str(unknown)])
    assert "Escape" not in result.output
    assert "Loss" not in result.output


def test_a_wrong_residue_of_a_target_without_accession_leaves_no_empty_place(edited) -> None:
    target = replace(epitope.load().target, protein_accession="", uniprot_id="", known_transcript=None)
    with pytest.raises(VariantError) as caught:
        consequence_of("p.Gly60del", target)
    assert ", )" not in str(caught.value)
