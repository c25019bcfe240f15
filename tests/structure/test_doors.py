"""What damaged, disordered and oversized structures become: the same answers, or one line that says why not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pytest

from epitope.errors import StructureError
from epitope.features.measured import MeasuredComplex
from epitope.features.surface import atom_sasa
from epitope.structure import Complex, bundled_structure, read_complex, repair
from epitope.structure.complex import complex_from_universe
from epitope.structure.read import read_entry
from epitope.target import Target
from tests.structure.test_hard_files import dimer

CIF = bundled_structure().read_text()
Text = Callable[[Path, str, str], Path]
COORDINATES, ALTLOC, NUMBER, LABEL, CHAIN = slice(10, 13), 4, 15, 8, 17


def written(tmp_path: Path, text: str | bytes, name: str = "x.cif") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def atom_rows(text: str = CIF) -> tuple[list[str], list[int]]:
    lines = text.splitlines()
    return lines, [i for i, line in enumerate(lines) if re.match(r"(ATOM|HETATM) +\d", line)]


def with_cells(changes: dict[int, dict[int, str]]) -> str:
    """Replace cells of some atom rows: by row, column and value."""
    lines, places = atom_rows()
    for row, cells in changes.items():
        values = lines[places[row]].split()
        for column, value in cells.items():
            values[column] = value
        lines[places[row]] = " ".join(values)
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def pdb_lines() -> list[str]:
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    return structure.make_pdb_string().splitlines()


def refusal(path: Path) -> str:
    with pytest.raises(StructureError) as caught:
        read_entry(path)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


# Coordinates


@pytest.mark.parametrize("value", ["1e30", "1e300", "-1e9", "9999.999", "2500", "-400", "nan"])
@pytest.mark.parametrize("count", [1, 600])
def test_coordinates_that_no_structure_has_are_refused_with_atom_and_value(
    tmp_path: Path, value: str, count: int
) -> None:
    cells = dict.fromkeys(range(10, 13), value)
    message = refusal(written(tmp_path, with_cells(dict.fromkeys(range(count), cells))))
    at = re.escape(f"{float(value):g}")
    assert re.match(rf"atom \w+ of \w{{3}} A:\d+ stands at {at}, {at}, {at}, ", message), message


def test_atoms_that_all_stand_in_one_place_are_refused(tmp_path: Path) -> None:
    everywhere = dict.fromkeys(range(len(atom_rows()[1])), dict.fromkeys(range(10, 13), "1.0"))
    assert "atoms in 5 Å, where at most 250 find room" in refusal(written(tmp_path, with_cells(everywhere)))


def test_a_universe_with_a_flung_atom_is_refused(loaded: Complex, target: Target) -> None:
    universe = loaded.universe.copy()
    universe.atoms[7].position = (np.inf, 0, 0)
    with pytest.raises(StructureError, match=r"atom C of GLU 22 stands at inf, 0, 0"):
        complex_from_universe(universe, target)


def test_parts_that_stand_far_apart_have_the_areas_that_they_have_alone() -> None:
    ball = np.random.default_rng(5).uniform(0, 12, (60, 3))
    radii = np.full(60, 1.8)
    both = atom_sasa(np.concatenate([ball, ball + np.array([900, 700, -800])]), np.full(120, 1.8))
    alone = atom_sasa(ball, radii)
    np.testing.assert_allclose(both, np.tile(alone, 2), atol=0.01)


# Order of rows


def shuffled_cif(*, renumbered: bool) -> str:
    lines, places = atom_rows()
    mixed = [lines[i] for i in places]
    random.Random(3).shuffle(mixed)
    for number, (place, line) in enumerate(zip(places, mixed, strict=True), 1):
        values = line.split()
        lines[place] = " ".join([values[0], str(number), *values[2:]]) if renumbered else line
    return "\n".join(lines) + "\n"


def shuffled_pdb(lines: list[str], *, renumbered: bool) -> str:
    places = [i for i, line in enumerate(lines) if line.startswith(("ATOM", "HETATM"))]
    mixed = [lines[i] for i in places]
    random.Random(4).shuffle(mixed)
    out = list(lines)
    for number, (place, line) in enumerate(zip(places, mixed, strict=True), 1):
        out[place] = f"{line[:6]}{number:5d}{line[11:]}" if renumbered else line
    return "\n".join(out) + "\n"


@pytest.mark.parametrize("renumbered", [False, True])
@pytest.mark.parametrize("kind", ["cif", "pdb"])
def test_the_order_of_atom_rows_means_nothing(
    tmp_path: Path, loaded: Complex, target: Target, pdb_lines: list[str], kind: str, renumbered: bool
) -> None:
    text = shuffled_cif(renumbered=renumbered) if kind == "cif" else shuffled_pdb(pdb_lines, renumbered=renumbered)
    found = read_complex(written(tmp_path, text, f"x.{kind}"), target)
    columns = ["author_number", "residue", "uniprot_position", "missing_atoms", "engineered"]
    ours, theirs = (
        held.antigen_numbering.loc[held.antigen_numbering["observed"], columns].values.tolist()
        for held in (found, loaded)
    )
    assert ours == theirs
    assert found.roles.sides == loaded.roles.sides
    for side in ("antigen", "antibody", "sugars", "waters"):
        one, other = getattr(found, side), getattr(loaded, side)
        assert sorted(one.names) == sorted(other.names)
        np.testing.assert_allclose(one.center_of_geometry(), other.center_of_geometry(), atol=0.01)


def test_a_measurement_does_not_see_the_order_of_rows(tmp_path: Path, loaded: Complex, target: Target) -> None:
    found = read_complex(written(tmp_path, shuffled_cif(renumbered=True)), target)
    one, other = MeasuredComplex(found), MeasuredComplex(loaded)
    assert one.contacts.equals(other.contacts)
    assert one.interactions.equals(other.interactions)


# Residues that stand twice, lines that hide others


@pytest.mark.parametrize(("at", "chain"), [(800, "H"), (3100, "A"), (4500, "L")])
def test_a_changed_chain_letter_names_the_residue_that_stands_twice(
    tmp_path: Path, pdb_lines: list[str], at: int, chain: str
) -> None:
    moved = [
        f"{line[:21]}{chain}{line[22:]}" if at <= i < at + 12 and line.startswith("ATOM") else line
        for i, line in enumerate(pdb_lines)
    ]
    message = refusal(written(tmp_path, "\n".join(moved) + "\n", "x.pdb"))
    assert re.match(rf"residue {chain}:\d+ stands twice, as \w{{3}} and as \w{{3}}; give each its own", message), (
        message
    )


def test_a_stray_endmdl_does_not_hide_what_follows(tmp_path: Path, pdb_lines: list[str]) -> None:
    text = "\n".join([*pdb_lines[:1900], "ENDMDL", *pdb_lines[1900:]]) + "\n"
    assert refusal(written(tmp_path, text, "x.pdb")).startswith("line 1901: atoms follow behind ENDMDL")


def test_an_antibody_with_residues_that_were_not_observed_is_measured(
    tmp_path: Path, target: Target, pdb_lines: list[str]
) -> None:
    gone = [
        line for line in pdb_lines if not (line.startswith("ATOM") and line[21] == "L" and 60 <= int(line[22:26]) < 70)
    ]
    found = MeasuredComplex(read_complex(written(tmp_path, "\n".join(gone) + "\n", "x.pdb"), target))
    assert set(found.antibody_regions) >= {"framework", "CDR-H3"}


# Numbers and characters


@pytest.mark.parametrize("value", ["2147483648", "-2147483648", "x1", "1.5", "99999999999999"])
@pytest.mark.parametrize(("column", "tag"), [(NUMBER, "auth_seq_id"), (LABEL, "label_seq_id")])
def test_a_residue_number_that_is_none_is_refused_with_its_row(
    tmp_path: Path, value: str, column: int, tag: str
) -> None:
    message = refusal(written(tmp_path, with_cells({700: {column: value}})))
    assert message == f"atom row 701: {tag} '{value}' is not a whole number up to 999999; correct the row"


@pytest.mark.parametrize("value", ["''", "' '", '""'])
def test_a_chain_that_is_called_by_nothing_is_refused_with_its_row(tmp_path: Path, value: str) -> None:
    message = refusal(written(tmp_path, with_cells({700: {CHAIN: value}})))
    assert message.startswith("atom row 701: auth_asym_id ")
    assert message.endswith(" is no name of a chain; correct the row")


def test_a_pdb_atom_without_a_residue_number_is_refused_with_its_line(tmp_path: Path, pdb_lines: list[str]) -> None:
    at = next(i for i, line in enumerate(pdb_lines) if line.startswith("ATOM") and line[22:26] == " 100")
    changed = [*pdb_lines[:at], f"{pdb_lines[at][:22]}    {pdb_lines[at][26:]}", *pdb_lines[at + 1 :]]
    message = refusal(written(tmp_path, "\n".join(changed) + "\n", "x.pdb"))
    assert message == f"line {at + 1}: no residue number in columns 23-26; correct the line"


@pytest.mark.parametrize(("first", "last"), [(12, 16), (16, 17), (17, 20), (21, 22), (26, 27)])
def test_bytes_that_are_no_text_in_a_pdb_name_are_refused_with_their_line(
    tmp_path: Path, pdb_lines: list[str], first: int, last: int
) -> None:
    lines = [line.encode() for line in pdb_lines]
    at = next(i for i, line in enumerate(pdb_lines) if line.startswith("ATOM")) + 700
    lines[at] = lines[at][:first] + b"\xff" * (last - first) + lines[at][last:]
    assert f"line {at + 1}: " in refusal(written(tmp_path, b"\n".join(lines) + b"\n", "x.pdb"))


def test_a_character_outside_ascii_is_fine_in_a_remark(tmp_path: Path, pdb_lines: list[str]) -> None:
    text = "\n".join([pdb_lines[0], "REMARK   3  MÜLLER, 3 Å", *pdb_lines[1:]]) + "\n"
    assert not read_entry(written(tmp_path, text, "x.pdb")).warnings


@pytest.mark.parametrize("column", [6, 16, 18])
def test_an_atom_residue_or_chain_name_that_arrays_cannot_hold_is_refused(tmp_path: Path, column: int) -> None:
    assert "holds a name that is too long" in refusal(written(tmp_path, with_cells({0: {column: "2147483648"}})))


@pytest.mark.parametrize("column", [3, 4, 5, 6, 9, 16, 17, 18])
def test_letters_outside_ascii_in_an_mmcif_name_are_refused_with_their_line(tmp_path: Path, column: int) -> None:
    text = with_cells({700: {column: "é"}})
    line = next(number for number, line in enumerate(text.splitlines(), 1) if not line.isascii())
    assert f"line {line}: " in refusal(written(tmp_path, text))


# Files that contradict themselves


@pytest.mark.parametrize("rows_cut", [1, 2, 7, 16, 29])
def test_an_mmcif_file_cut_in_its_last_rows_says_what_is_missing(tmp_path: Path, rows_cut: int) -> None:
    path = written(tmp_path, "\n".join(CIF.splitlines()[:-rows_cut]) + "\n")
    (first, *_) = read_entry(path).warnings
    assert first.startswith("the file declares what it does not hold, and may have been cut: ")
    assert "water of asym G" in first


def test_a_pdb_file_cut_in_its_last_lines_says_so(tmp_path: Path, pdb_lines: list[str]) -> None:
    bare = [line for line in pdb_lines if not line.startswith("SEQRES")]
    whole, cut = (read_entry(written(tmp_path, "\n".join(text) + "\n", "x.pdb")) for text in (bare, bare[:-1]))
    assert not whole.warnings
    assert cut.warnings == ("the file has no END behind its last atom, so that it cannot be known whether it was cut",)


CONTRADICTIONS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "another residue than in SEQRES": (
        lambda lines: [line.replace("PHE A  61", "TYR A  61") if line.startswith("ATOM") else line for line in lines],
        "residues that are not those of the declared sequence: TYR A:61",
    ),
    "a chain without a sequence": (
        lambda lines: [line.replace("GLY L 103", "GLY Z 103") for line in lines],
        "residues that are not those of the declared sequence: GLY Z:103",
    ),
    "a cystine torn apart": (
        lambda lines: [
            f"{line[:30]}{float(line[30:38]) + 3:8.3f}{line[38:]}" if line[12:26] == " SG  CYS A  38" else line
            for line in lines
        ],
        "declared bonds have another length: A/CYS 38/SG to A/CYS 261/SG",
    ),
    "a cysteine that is gone": (
        lambda lines: [line for line in lines if line[12:26] != " SG  CYS A 261"],
        "declared bonds end at atoms that are not there: A/CYS 261/SG",
    ),
    "fewer atoms of a sugar": (
        lambda lines: [line for line in lines if line[12:26] != " O7  NAG A 902"],
        "the file declares what it does not hold, and may have been cut: 1 of 14 atoms of NAG A:902",
    ),
    "missing and there": (
        lambda lines: [
            *lines[:3], "REMARK 465   M RES C SSSEQI", "REMARK 465     PHE A    61", *lines[3:]
        ],
        "residues declared missing that have atoms: PHE A:61",
    ),
    "fewer atoms than MASTER": (
        lambda lines: [*lines[:-1], f"{'MASTER':50}{9000:5d}", "END"],
        "MASTER counts 9,000 atom records, and the file has 5,063",
    ),
    "occupancy": (
        lambda lines: [f"{line[:54]}  7.00{line[60:]}" if line[17:26] == "PHE A  61" else line for line in lines],
        "occupancies that are no part of 1: PHE A:61",
    ),
    "locations": (
        lambda lines: [
            f"{line[:16]}{'A' if line[13:15] == 'CZ' else 'B'}{line[17:]}" if line[13:26] in {
                "CZ  PHE A  61", "CE1 PHE A  61"} else line
            for line in lines
        ],
        "alternate locations that share no atom, of which one was dropped: PHE A:61",
    ),
    "a residue far off": (
        lambda lines: [
            f"{line[:30]}{float(line[30:38]) + 90:8.3f}{line[38:]}" if line[17:26] == "PHE A  61" else line
            for line in lines
        ],
        "neighbours in the sequence stand far apart: A:60 and A:61 90 Å",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_file_that_contradicts_itself_says_where(tmp_path: Path, pdb_lines: list[str], name: str) -> None:
    edit, words = CONTRADICTIONS[name]
    warnings = read_entry(written(tmp_path, "\n".join(edit(pdb_lines)) + "\n", "x.pdb")).warnings
    assert any(warning.startswith(words[:60]) and words.partition(": ")[2] in warning for warning in warnings), warnings


def test_another_number_than_the_scheme_has_is_said(tmp_path: Path) -> None:
    lines, places = atom_rows()
    mine = [row for row, place in enumerate(places) if lines[place].split()[NUMBER] == "61" and " A " in lines[place]]
    path = written(tmp_path, with_cells({row: {NUMBER: "999"} for row in mine if row < 2000}))
    assert read_entry(path).warnings == (
        "residues with another number than the file's own list gives them: PHE A:999, there A:61",
    )


def test_what_a_file_contradicts_stands_in_provenance_and_in_notes(tmp_path: Path) -> None:
    import epitope
    from epitope.api import provenance

    structure = epitope.load(written(tmp_path, "\n".join(CIF.splitlines()[:-1]) + "\n", "6AL5.cif"))
    (said,) = provenance(structure)["reminders"]
    assert "water of asym G" in said
    assert said in structure.complex.notes
    assert "reminders" not in provenance(epitope.load())


def test_atoms_of_zero_occupancy_are_named_in_the_notes(tmp_path: Path) -> None:
    path = written(tmp_path, with_cells({0: {13: "0.00"}}))
    assert read_entry(path).notes == ("atoms of zero occupancy, which count as not observed: N of GLU A:21",)


# Size


def test_more_atoms_than_are_read_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "MAX_ATOMS", 5_000)
    message = "has 5,063 {}, more than the 5,000 that are read; cut out the chains that matter"
    assert refusal(bundled_structure()) == message.format("atoms")


def test_an_assembly_of_a_hundred_million_copies_is_refused(tmp_path: Path) -> None:
    category = "loop_\n_pdbx_struct_assembly_gen.assembly_id\n_pdbx_struct_assembly_gen.oper_expression\n"
    category += "_pdbx_struct_assembly_gen.asym_id_list\n1 '(1-100000000)' A\n"
    assert refusal(written(tmp_path, CIF + category)).startswith("has 100,000,000 copies in the assembly")


def test_an_assembly_of_too_many_atoms_is_refused_before_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dimer(tmp_path)
    monkeypatch.setattr(repair, "MAX_ATOMS", 6_000)
    assert read_entry(path, assembly="1").structure[0].count_atom_sites() == 5063
    with pytest.raises(StructureError, match="has 10,126 atoms in assembly 2, more than the 6,000"):
        read_entry(path, assembly="2")


def test_chains_that_are_nowhere_near_are_not_compared_atom_by_atom(target: Target) -> None:
    from epitope.structure.partners import ChainContacts

    asked: list[str] = []

    def positions(name: str) -> np.ndarray:
        asked.append(name)
        return np.full((3, 3), 100.0 * int(name)) + np.arange(3)[:, None]

    contacts = ChainContacts(positions, lambda name: 0.0)
    assert contacts.total(map(str, range(20)), map(str, range(20))) == 0
    assert len(asked) == 20
