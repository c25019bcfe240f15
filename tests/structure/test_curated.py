"""The shipped file against its source, atom by atom, where the source is at hand."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import gemmi
import pytest

from epitope.structure import bundled_structure
from tests.structure.conftest import source_files

SOURCES = source_files("structures/6al5.pdb")
ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_names_the_checksum_of_the_file_beside_it() -> None:
    digest = hashlib.sha256(bundled_structure().read_bytes()).hexdigest()
    assert f"`{digest}`" in (bundled_structure().parent / "README.md").read_text()


def atoms_by_text(path: Path) -> list[tuple[str, ...]]:
    fields = []
    for line in path.read_text().splitlines():
        if line.startswith(("ATOM  ", "HETATM")):
            columns = (12, 16), (17, 20), (21, 22), (22, 26), (30, 38), (38, 46), (46, 54), (54, 60), (60, 66)
            fields.append(tuple(line[a:b].strip() for a, b in columns))
    return fields


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_coordinates_occupancy_and_b_equal_the_source_atom_by_atom(source: Path) -> None:
    columns = [
        "auth_atom_id",
        "auth_comp_id",
        "auth_asym_id",
        "auth_seq_id",
        *(f"Cartn_{axis}" for axis in "xyz"),
        "occupancy",
        "B_iso_or_equiv",
    ]
    table = gemmi.cif.read(str(bundled_structure()))[0].find("_atom_site.", columns)
    product = [tuple(row.str(i) for i in range(len(columns))) for row in table]
    assert product == atoms_by_text(source)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_the_same_source_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "again.cif"
    command = [sys.executable, str(ROOT / "scripts" / "curate_6al5.py"), str(source), "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    assert output.read_bytes() == bundled_structure().read_bytes()


def test_another_source_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    source, output = tmp_path / "other.pdb", tmp_path / "other.cif"
    source.write_text("END\n")
    command = [sys.executable, str(ROOT / "scripts" / "curate_6al5.py"), str(source), "--output", str(output)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "SHA-256" in done.stderr
    assert not output.exists()
