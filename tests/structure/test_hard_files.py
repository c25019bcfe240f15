"""Files as other programs write them, made from the bundled complex: read right, or refused in one line."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pytest

from benchmarks.fuzz.doors.structures import as_binary_cif
from epitope.errors import MissingDependencyError, StructureError
from epitope.structure import Complex, bundled_structure, read, read_complex
from epitope.structure.read import read_entry
from epitope.target import Target
from tests.structure.conftest import atom_line

Lines = list[str]
EditLines = Callable[[Lines], Lines]


def bare_lines(edit: Callable[[gemmi.Structure], None] = lambda structure: None) -> Lines:
    """Return the atom records of the bundled complex, with TER and END, without a header."""
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    edit(structure)
    lines = structure.make_minimal_pdb().splitlines()
    return [line for line in lines if line.startswith(("ATOM", "HETATM", "TER", "END"))]


@pytest.fixture(scope="module")
def plain() -> Lines:
    return bare_lines()


def of_atoms(change: Callable[[str], str]) -> EditLines:
    return lambda lines: [change(line) if line.startswith(("ATOM", "HETATM", "TER")) else line for line in lines]


def nameless(line: str) -> str:
    return f"{line[:21]} {line[22:]}"


def segments(lines: Lines) -> Lines:
    """CHARMM: the chain in the segment columns alone, four letters."""
    names = {"A": "PROA", "H": "PROH", "L": "PROL"}
    return [
        f"{nameless(line)[:72].ljust(72)}{names[line[21]]:<4}{line[76:]}"
        if line.startswith(("ATOM", "HETATM"))
        else line
        for line in lines
        if not line.startswith("TER")
    ]


def gromacs(lines: Lines) -> Lines:
    """A frame of a trajectory: no chains, no elements, its names of histidine and of terminal oxygens."""
    atoms = [nameless(line)[:66].replace(" CD1 ILE", " CD  ILE") for line in lines if line[:3] in {"ATO", "HET", "TER"}]
    head = ["TITLE     Protein t=   0.00000 step= 0", "REMARK    THIS IS A SIMULATION BOX", "MODEL        1"]
    return [*head, *(line.replace("HIS ", "HISE") for line in atoms), "ENDMDL"]


def rosetta(lines: Lines) -> Lines:
    """Hydrogens with a digit in front, and the table of energies behind."""
    out = []
    for line in lines:
        out.append(line)
        if line[12:16] == " CA " and line.startswith("ATOM"):
            out.append(f"{line[:12]}1HA {line[16:76].ljust(60)} H")
    table = [
        "#BEGIN_POSE_ENERGIES_TABLE x.pdb",
        "label fa_atr fa_rep total",
        "pose -1200.1 80.2 -500.7",
        "GLU_1 -3 1 -2",
    ]
    return [*out[:-1], *table, "#END_POSE_ENERGIES_TABLE x.pdb"]


def deuterated(lines: Lines) -> Lines:
    out = []
    for line in lines:
        out.append(line)
        if line[12:16] == " N  ":
            out.append(f"{line[:12]} D  {line[16:76].ljust(76 - 16)} D")
    return out


UNCHANGED: dict[str, EditLines] = {
    "nothing": lambda lines: lines,
    "no TER": lambda lines: [line for line in lines if not line.startswith("TER")],
    "no END": lambda lines: lines[:-1],
    "no elements": of_atoms(lambda line: line[:66]),
    "CHARMM names": of_atoms(lambda line: line.replace("HIS ", "HSD ").replace("CD1 ILE", "CD  ILE")),
    "AMBER names": of_atoms(lambda line: line.replace("HIS ", "HIE ").replace("CYS ", "CYX ").replace("ASP ", "ASH ")),
    "numbers for charges": of_atoms(lambda line: f"{line[:78]:78s}17"),
    "negative numbers": of_atoms(lambda line: f"{line[:22]}{int(line[22:26]) - 300:4d}{line[26:]}"),
    "hexadecimal serials": of_atoms(lambda line: f"{line[:6]}A000F{line[11:]}"),
    "no occupancy": of_atoms(lambda line: f"{line[:54]}  0.00{line[60:]}"),
    "deuterium": deuterated,
    "Rosetta": rosetta,
    "carriage returns": lambda lines: [f"{line}\r" for line in lines],
    "no chains": of_atoms(nameless),
    "no chains, no TER": lambda lines: [nameless(line) for line in lines if not line.startswith("TER")],
    "segments": segments,
    "GROMACS": gromacs,
}


def seen(found: Complex) -> dict[int, tuple[str, ...]]:
    """Return the names of the antigen's atoms by UniProt position."""
    atoms = found.antigen
    rows = found.antigen_numbering
    position = dict(zip(rows["resindex"], rows["uniprot_position"], strict=True))
    return {int(position[r.resindex]): tuple(sorted(r.atoms.names)) for r in atoms.residues}


@pytest.mark.parametrize("name", UNCHANGED)
def test_the_way_a_program_writes_changes_neither_roles_nor_atoms(
    name: str, plain: Lines, loaded: Complex, target: Target, tmp_path: Path
) -> None:
    path = tmp_path / "other.pdb"
    path.write_text("\n".join(UNCHANGED[name](plain)) + "\n")
    found = read_complex(path, target)
    assert seen(found) == seen(loaded)
    assert [len(found.heavy), len(found.light)] == [len(loaded.heavy), len(loaded.light)]
    np.testing.assert_allclose(found.antigen.center_of_geometry(), loaded.antigen.center_of_geometry(), atol=0.01)
    assert (len(found.antigen_chains), len(found.heavy_chains), len(found.light_chains)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("numbers for charges", "no charges but other numbers stand in columns 79-80 of 50"),
        ("no chains", "the file names no chains; they are called A, B, C"),
        ("segments", "they are called PROA, PROL, PROH after their segments"),
    ],
)
def test_what_was_put_right_is_said(name: str, note: str, plain: Lines, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "other.pdb"
    path.write_text("\n".join(UNCHANGED[name](plain)) + "\n")
    found = read_complex(path, target)
    assert any(note in text for text in found.notes), found.notes
    assert read_complex(bundled_structure(), target).notes == ()


def test_segments_name_the_chains(plain: Lines, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "charmm.pdb"
    path.write_text("\n".join(segments(plain)) + "\n")
    found = read_complex(path, target)
    assert (found.antigen_chains, found.heavy_chains, found.light_chains) == (("PROA",), ("PROH",), ("PROL",))


def test_chains_of_several_letters_are_chosen_and_named(loaded: Complex, target: Target, tmp_path: Path) -> None:
    def rename(structure: gemmi.Structure) -> None:
        for chain, name in zip(structure[0], ("AA1", "LL", "HH"), strict=True):
            chain.name = name

    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    rename(structure)
    path = tmp_path / "long.cif"
    structure.make_mmcif_document().write_file(str(path))
    for found in (read_complex(path, target), read_complex(path, target, sides="AA1:HH,LL")):
        assert (found.antigen_chains, found.heavy_chains, found.light_chains) == (("AA1",), ("HH",), ("LL",))
        assert len(found.antigen) == len(loaded.antigen)


def test_the_first_model_of_an_nmr_ensemble_is_read(loaded: Complex, target: Target, tmp_path: Path) -> None:
    def twenty(structure: gemmi.Structure) -> None:
        for number in range(2, 4):
            model = structure[0].clone()
            model.num = number
            for chain in model:
                for residue in chain:
                    for atom in residue:
                        atom.pos += gemmi.Position(50, 0, 0)
            structure.add_model(model)

    structure = gemmi.read_structure(str(bundled_structure()))
    twenty(structure)
    for name in ("nmr.pdb", "nmr.cif"):
        path = tmp_path / name
        if name.endswith("pdb"):
            structure.write_pdb(str(path))
        else:
            structure.make_mmcif_document().write_file(str(path))
        found = read_complex(path, target)
        assert "the first of 3 models was read" in found.notes
        assert np.allclose(found.antigen.positions, loaded.antigen.positions, atol=0.01)


def test_of_two_residue_types_the_kept_one_is_said(target: Target, tmp_path: Path) -> None:
    lines = []
    for line in bare_lines():
        if line.startswith("ATOM") and line[21:26] == "A  60":
            lines.append(f"{line[:16]}A{line[17:54]}  0.40{line[60:]}")
            if line[12:16].strip() in {"N", "CA", "C", "O", "CB"}:
                lines.append(f"{line[:16]}BALA{line[20:54]}  0.60{line[60:]}")
        else:
            lines.append(line)
    path = tmp_path / "hetero.pdb"
    path.write_text("\n".join(lines) + "\n")
    found = read_complex(path, target)
    assert "A:60 is PRO or ALA; ALA, the most occupied, was kept" in found.notes
    assert (60, "P", "A") in [(e.position, e.reference, e.in_structure) for e in found.engineered]


def alphafold(text: str) -> str:
    """Make a prediction of the entry: pLDDT for B-factors, as ModelCIF says it."""
    block = gemmi.cif.read_string(text)[0]
    table = block.find("_atom_site.", ["B_iso_or_equiv", "auth_seq_id", "auth_asym_id"])
    for row in table:
        row[0] = "35.20" if row[2] == "A" and 100 <= int(row[1]) <= 104 else "91.50"
    block.set_mmcif_category("_ma_qa_metric.", {"id": ["1"], "mode": ["local"], "name": ["pLDDT"]})
    return block.as_string()


def test_residues_of_low_confidence_in_a_prediction_are_not_observed(
    loaded: Complex, target: Target, tmp_path: Path
) -> None:
    path = tmp_path / "model.cif"
    path.write_text(alphafold(bundled_structure().read_text()))
    found = read_complex(path, target)
    assert set(loaded.resindex_by_position) - set(found.resindex_by_position) == set(range(100, 105))
    assert (100, 104) in found.gaps
    assert any("read as pLDDT; 5 of 673 residues are below 70 and count as not observed" in n for n in found.notes)


def test_a_prediction_as_pdb_file_is_known_by_its_title(plain: Lines, target: Target, tmp_path: Path) -> None:
    lines = [
        f"{line[:60]}{40.0 if line[21:26] == 'A  61' else 95.0:6.2f}{line[66:]}" if line.startswith("ATOM") else line
        for line in plain
    ]
    path = tmp_path / "AF-P15391-F1.pdb"
    path.write_text("\n".join(["TITLE     ALPHAFOLD MONOMER V2.0 PREDICTION FOR CD19 (P15391)", *lines]) + "\n")
    assert 61 not in read_complex(path, target).resindex_by_position
    path.write_text("\n".join(lines) + "\n")
    assert 61 in read_complex(path, target).resindex_by_position


def test_a_prediction_without_a_confident_residue_is_refused(plain: Lines, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdb"
    low = [f"{line[:60]} 30.00{line[66:]}" if line.startswith(("ATOM", "HETATM")) else line for line in plain]
    path.write_text("\n".join(["TITLE     ALPHAFOLD MONOMER V2.0 PREDICTION", *low]) + "\n")
    with pytest.raises(StructureError, match="is a prediction without a residue of pLDDT 70"):
        read_complex(path, target)


def dimer(tmp_path: Path) -> Path:
    """Write the complex with an assembly 1 as deposited and an assembly 2 of two copies."""
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.setup_entities()
    subchains = [s for chain in structure[0] for s in dict.fromkeys(r.subchain for r in chain)]
    for name, shifts in (("1", [0]), ("2", [0, 200])):
        assembly = gemmi.Assembly(name)
        generator = gemmi.Assembly.Gen()
        generator.subchains = subchains
        for shift in shifts:
            operator = gemmi.Assembly.Operator()
            operator.transform.vec.fromlist([shift, 0, 0])
            generator.operators.append(operator)
        assembly.generators.append(generator)
        structure.assemblies.append(assembly)
    path = tmp_path / "assemblies.cif"
    structure.make_mmcif_document().write_file(str(path))
    return path


def test_a_biological_assembly_is_built_on_request(loaded: Complex, target: Target, tmp_path: Path) -> None:
    path = dimer(tmp_path)
    one, two = (read_complex(path, target, assembly=name) for name in ("1", "2"))
    assert len(one.atoms) == len(loaded.atoms)
    assert len(two.atoms) == 2 * len(loaded.atoms)
    assert two.numbering["chain"].nunique() == 6
    assert (two.antigen_chains, two.heavy_chains, two.light_chains) == (("A",), ("H",), ("L",))
    assert any(note.startswith("biological assembly 2: chains A") for note in two.notes)
    assert seen(two) == seen(loaded)
    with pytest.raises(StructureError, match="has no biological assembly '3'; its assemblies are 1, 2"):
        read_complex(path, target, assembly="3")
    with pytest.raises(StructureError, match="has no biological assembly '1'; it describes none"):
        read_complex(bundled_structure(), target, assembly="1")


# Binary CIF


@pytest.mark.extras
def test_binary_cif_gives_the_same_complex_plain_and_packed(loaded: Complex, target: Target, tmp_path: Path) -> None:
    pytest.importorskip("biotite")
    data = as_binary_cif(bundled_structure())
    for name, content in (("x.bcif", data), ("x.bcif.gz", gzip.compress(data))):
        path = tmp_path / name
        path.write_bytes(content)
        found = read_complex(path, target)
        assert found.numbering.equals(loaded.numbering)
        assert found.metadata == loaded.metadata
        assert np.allclose(found.atoms.positions, loaded.atoms.positions)


@pytest.mark.extras
def test_binary_cif_cut_short_is_refused_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("biotite")
    path = tmp_path / "cut.bcif"
    path.write_bytes(as_binary_cif(bundled_structure())[:50_000])
    with pytest.raises(StructureError, match="BinaryCIF data is truncated or corrupt"):
        read_entry(path)


def test_without_biotite_binary_cif_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "biotite.structure.io.pdbx", None)
    path = tmp_path / "x.bcif"
    path.write_bytes(b"\x83\xaadataBlocks\x91\x82\xaacategories\x00\x00")
    with pytest.raises(MissingDependencyError, match=r"is BinaryCIF, which needs biotite; install epitope\[bcif\]"):
        read_entry(path)


# Bad input


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.pdb"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("was read"))
    with pytest.raises(StructureError, match=r"large.pdb: has 2,000 MB, more than the 80 MB that are read"):
        read_entry(path)


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.cif.gz"
    path.write_bytes(gzip.compress(b"0" * 3_000_000))
    monkeypatch.setattr(read, "MAX_BYTES", 1_000_000)
    with pytest.raises(StructureError, match="unpacks to more than"):
        read_entry(path)


def test_a_residue_nobody_knows_is_named(plain: Lines, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "odd.pdb"
    odd = [f"{line[:17]}QQZ{line[20:]}" if line[21:26] == "A  61" else line for line in plain]
    path.write_text("\n".join(odd) + "\n")
    with pytest.raises(StructureError, match=r"residue QQZ A:61 has the backbone of an amino acid and a name"):
        read_complex(path, target)
    modres = "MODRES 6AL5 QQZ A   61  PHE  UNKNOWN"
    path.write_text("\n".join([modres, *odd]) + "\n")
    row = read_complex(path, target).numbering.query("chain == 'A' and author_number == 61").iloc[0]
    assert (row["residue"], row["residue_name"], row["observed"]) == ("X", "QQZ", True)


def test_more_nameless_chains_than_letters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.pdb"
    lines = []
    for index in range(70):
        lines += [atom_line(1, " CA", "GLY", " ", 1, (10.0 * index, 0, 0)), "TER"]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(StructureError, match="more nameless chains than letters"):
        read_entry(path)
