"""Reading and cleaning: what is kept, what is refused, and with which words."""

from __future__ import annotations

import gzip
from pathlib import Path

import gemmi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epitope.errors import StructureError
from epitope.structure import bundled_structure, read_complex, read_structure
from epitope.structure.read import read_entry
from epitope.target import Target
from tests.structure.conftest import atom_line, source_files

BUNDLED = bundled_structure().read_bytes()


def write(tmp_path: Path, lines: list[str], name: str = "x.pdb") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_gzipped_and_plain_files_give_the_same_atoms_whatever_they_are_called(tmp_path: Path) -> None:
    packed = tmp_path / "a_name_without_meaning"
    packed.write_bytes(gzip.compress(BUNDLED))
    plain, unpacked = read_structure(bundled_structure()), read_structure(packed)
    assert plain[0].count_atom_sites() == unpacked[0].count_atom_sites() == 5063


def test_the_checksum_is_that_of_the_file_as_it_lies_on_disk() -> None:
    readme = (bundled_structure().parent / "README.md").read_text()
    assert read_entry(bundled_structure()).sha256 in readme


def test_pdb_and_mmcif_of_the_same_model_give_the_same_residues(tmp_path: Path) -> None:
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.write_pdb(str(tmp_path / "x.pdb"))
    one, other = read_structure(bundled_structure()), read_structure(tmp_path / "x.pdb")
    names = [[(c.name, str(r.seqid), r.name) for c in s[0] for r in c] for s in (one, other)]
    assert names[0] == names[1]


def test_the_location_with_the_highest_occupancy_is_kept_whole(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        [
            atom_line(1, " N", "SER", "A", 1, (0, 0, 0), element="N"),
            atom_line(2, " CA", "SER", "A", 1, (1, 0, 0), altloc="A", occupancy=0.4),
            atom_line(3, " CA", "SER", "A", 1, (2, 0, 0), altloc="B", occupancy=0.6),
            atom_line(4, " CB", "SER", "A", 1, (3, 0, 0), altloc="A", occupancy=0.6),
            atom_line(5, " CB", "SER", "A", 1, (4, 0, 0), altloc="B", occupancy=0.6),
        ],
    )
    residue = read_structure(path)[0][0][0]
    assert [(a.name, a.pos.x, a.altloc) for a in residue] == [
        ("N", 0.0, "\0"),
        ("CA", 2.0, "\0"),
        ("CB", 4.0, "\0"),
    ]


@pytest.mark.parametrize("letters", ["AB", "BA"])
def test_on_equal_occupancy_the_location_of_the_first_letter_is_kept(tmp_path: Path, letters: str) -> None:
    places = {"A": (1.0, 0.0, 0.0), "B": (2.0, 0.0, 0.0)}
    lines = [
        atom_line(serial, " CA", "SER", "A", 1, places[letter], altloc=letter, occupancy=0.5)
        for serial, letter in enumerate(letters, 1)
    ]
    assert [atom.pos.x for atom in read_structure(write(tmp_path, lines))[0][0][0]] == [1.0]


def test_of_two_residue_types_at_one_position_the_more_occupied_is_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        [
            atom_line(1, " CA", "SER", "A", 1, (1, 0, 0), altloc="A", occupancy=0.3),
            atom_line(2, " CA", "THR", "A", 1, (2, 0, 0), altloc="B", occupancy=0.7),
            atom_line(3, " CA", "GLY", "A", 2, (5, 0, 0)),
        ],
    )
    assert [residue.name for residue in read_structure(path)[0][0]] == ["THR", "GLY"]


@pytest.mark.parametrize("codes", [" AB", " ab", "ab ", "Ab "])
def test_insertion_codes_in_either_case_are_residues_of_their_own(tmp_path: Path, codes: str) -> None:
    path = write(
        tmp_path,
        [atom_line(i, " CA", "GLY", "A", 52, (4.0 * i, 0, 0), code=code) for i, code in enumerate(codes)],
    )
    assert [residue.seqid.icode for residue in read_structure(path)[0][0]] == list(codes)


def test_insertion_codes_that_differ_in_case_alone_are_refused_not_merged(tmp_path: Path) -> None:
    lines = [atom_line(i, " CA", "GLY", "A", 52, (4.0 * i, 0, 0), code=code) for i, code in enumerate("Aa")]
    with pytest.raises(StructureError, match=r"occurs twice.*insertion code"):
        read_structure(write(tmp_path, lines))


def test_zero_occupancy_is_not_observed_unless_the_file_knows_nothing_else(tmp_path: Path) -> None:
    def lines(last: float) -> list[str]:
        return [
            atom_line(1, " CA", "GLY", "A", 1, (1, 0, 0), occupancy=0.0),
            atom_line(2, " CA", "GLY", "A", 2, (5, 0, 0), occupancy=last),
        ]

    some = read_structure(write(tmp_path, lines(1.0), "some.pdb"))
    none = read_structure(write(tmp_path, lines(0.0), "none.pdb"))
    assert (some[0].count_atom_sites(), none[0].count_atom_sites()) == (1, 2)


def test_hydrogens_and_further_models_are_dropped(tmp_path: Path) -> None:
    model = [
        atom_line(1, " CA", "GLY", "A", 1, (1, 0, 0)),
        atom_line(2, " HA2", "GLY", "A", 1, (2, 0, 0), element="H"),
    ]
    path = write(tmp_path, ["MODEL        1", *model, "ENDMDL", "MODEL        2", *model, "ENDMDL", "END"])
    structure = read_structure(path)
    assert (len(structure), structure[0].count_atom_sites()) == (1, 1)


ATOM = atom_line(1, " CA", "GLY", "A", 1, (1, 0, 0))
BAD_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "prose": (b"hello\nworld\n", "holds no atoms"),
    "binary": (b"HEADER\0\1\2", "is binary"),
    "gzip cut short": (gzip.compress(BUNDLED)[:-2000], "gzip data is truncated or corrupt"),
    "gzip corrupt": (b"\x1f\x8b" + b"nonsense" * 9, "gzip data is truncated or corrupt"),
    "mmCIF cut in a row": (BUNDLED[:300_007], "truncated or malformed"),
    "mmCIF cut between rows": (BUNDLED[: BUNDLED.index(b"\nATOM   2000") + 1], "declared observed"),
    "mmCIF without atoms": (b"data_x\n_entry.id X\n", "holds no atoms"),
    "atom cut short": (ATOM[:50].encode(), "line 1: atom record is cut short"),
    "file ends in a record": (f"{ATOM}\n{ATOM[:60]}".encode(), "line 2: atom record is cut short"),
    "letters for a number": (f"{ATOM}\n{ATOM[:30]}   1.0x0{ATOM[38:]}\n".encode(), "line 2: coordinates"),
    "not a number": (f"{ATOM[:30]}     nan{ATOM[38:]}\n".encode(), "line 1: coordinates"),
    "water alone": (
        atom_line(1, " O", "HOH", "A", 1, (0, 0, 0), element="O", record="HETATM").encode() + b"\n",
        "no protein",
    ),
}


@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_broken_file_is_refused_in_one_line_that_names_it(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "broken.file"
    path.write_bytes(content)
    with pytest.raises(StructureError) as caught:
        read_structure(path)
    message = str(caught.value)
    assert words in message
    assert message.startswith(str(path))
    assert "\n" not in message


def test_a_missing_file_and_a_directory_are_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match="no such file"):
        read_structure(tmp_path / "absent.pdb")
    with pytest.raises(StructureError, match="is a directory"):
        read_structure(tmp_path)


def test_a_pdb_file_cut_between_lines_is_refused(tmp_path: Path) -> None:
    structure = gemmi.read_structure(str(bundled_structure()))
    lines = structure.make_pdb_string().splitlines()
    with pytest.raises(StructureError, match="stops before chain A is complete"):
        read_structure(write(tmp_path, lines[:1200]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(0, len(BUNDLED)))
def test_a_truncated_file_is_read_whole_or_refused(tmp_path: Path, target: Target, length: int) -> None:
    path = tmp_path / "cut.cif"
    path.write_bytes(BUNDLED[:length])
    try:
        loaded = read_complex(path, target)
    except StructureError as error:
        assert "\n" not in str(error)
    else:
        # A cut exactly between two rows at the very end goes unnoticed: sugars and waters (30
        # atoms) are declared nowhere, and of the last residue (5 atoms) one atom is enough.
        assert len(loaded.atoms) >= 5063 - 30 - 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(min_size=1, max_size=400), at=st.integers(0, len(BUNDLED)))
def test_noise_in_a_file_never_gives_a_traceback(tmp_path: Path, target: Target, noise: bytes, at: int) -> None:
    path = tmp_path / "noise.cif"
    path.write_bytes(BUNDLED[:at] + noise + BUNDLED[at + len(noise) :])
    try:
        loaded = read_complex(path, target)
    except StructureError as error:
        assert "\n" not in str(error)
    else:
        assert len(loaded.antigen) > 0


@pytest.mark.parametrize("path", source_files("benchmarks/*/structures/*.pdb.gz"), ids=lambda path: path.stem)
def test_benchmark_structures_are_read_atom_for_atom(path: Path) -> None:
    with gzip.open(path, "rt") as file:
        keys = {
            (line[21], line[22:27], line[12:16])
            for line in file
            if line.startswith("ATOM") and line[76:78].strip() not in {"H", "D"} and line[16] == " "
        }
    assert read_structure(path)[0].count_atom_sites() >= 0.98 * len(keys)
