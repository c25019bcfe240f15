"""The shipped file against its source, atom by atom, where the source is at hand."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import gemmi
import pytest

from tests.structure.conftest import source_files

SOURCES = [
    *(("6AL5", path) for path in source_files("structures/6al5.pdb")),
    *(("1AHW", path) for path in source_files("benchmarks/binding/structures/1ahw.pdb.gz")),
]
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(ROOT / "scripts" / "curate_structure.py")


def product_of(entry: str) -> Path:
    return ROOT / "structures" / f"{entry}.cif"


@pytest.mark.parametrize("entry", ["6AL5", "1AHW"])
def test_the_readme_names_the_checksum_of_the_file_beside_it(entry: str) -> None:
    digest = hashlib.sha256(product_of(entry).read_bytes()).hexdigest()
    assert f"`{digest}`" in (ROOT / "structures" / "README.md").read_text()


def atoms_by_text(path: Path) -> list[tuple[str, ...]]:
    fields = []
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    for line in text.decode().splitlines():
        if line.startswith(("ATOM  ", "HETATM")):
            columns = (12, 16), (17, 20), (21, 22), (22, 26), (30, 38), (38, 46), (46, 54), (54, 60), (60, 66)
            fields.append(tuple(line[a:b].strip() for a, b in columns))
    return fields


@pytest.mark.parametrize(("entry", "source"), SOURCES, ids=str)
def test_coordinates_occupancy_and_b_equal_the_source_atom_by_atom(entry: str, source: Path) -> None:
    columns = [
        "auth_atom_id",
        "auth_comp_id",
        "auth_asym_id",
        "auth_seq_id",
        *(f"Cartn_{axis}" for axis in "xyz"),
        "occupancy",
        "B_iso_or_equiv",
    ]
    table = gemmi.cif.read(str(product_of(entry)))[0].find("_atom_site.", columns)
    product = [tuple(row.str(i) for i in range(len(columns))) for row in table]
    assert product == atoms_by_text(source)


@pytest.mark.parametrize(("entry", "source"), SOURCES, ids=str)
def test_the_same_source_gives_the_same_bytes(entry: str, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "again.cif"
    command = [sys.executable, SCRIPT, entry, str(source), "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    assert output.read_bytes() == product_of(entry).read_bytes()


def test_another_source_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    source, output = tmp_path / "other.pdb", tmp_path / "other.cif"
    source.write_text("END\n")
    command = [sys.executable, SCRIPT, "6AL5", str(source), "--output", str(output)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "SHA-256" in done.stderr
    assert not output.exists()
