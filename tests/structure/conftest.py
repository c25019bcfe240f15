"""Complexes that the tests of this room share, and small structures made for a purpose."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import gemmi
import pytest

from epitope.structure import Complex, bundled_structure, read_complex
from epitope.target import Target, load_target


def source_files(pattern: str) -> list[Path]:
    """Find files of the source data: EPITOPE_SOURCE_DATA, else shared/data beside the checkout."""
    root = Path(__file__).resolve().parents[2]
    folders = [root.parent / "shared" / "data"]
    if "EPITOPE_SOURCE_DATA" in os.environ:
        folders.insert(0, Path(os.environ["EPITOPE_SOURCE_DATA"]))
    return next((found for folder in folders if (found := sorted(folder.glob(pattern)))), [])


@pytest.fixture(scope="session")
def target() -> Target:
    return load_target()


@pytest.fixture(scope="session")
def loaded(target: Target) -> Complex:
    return read_complex(bundled_structure(), target)


Edit = Callable[[gemmi.Structure], None]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """Write the bundled structure after an edit, as a PDB file with or without its header."""

    def write(edit: Edit = lambda structure: None, *, header: bool = False, name: str = "edited.pdb") -> Path:
        structure = gemmi.read_structure(str(bundled_structure()))
        structure.merge_chain_parts()
        edit(structure)
        path = tmp_path / name
        if header:
            structure.write_pdb(str(path))
        else:
            path.write_text(structure.make_minimal_pdb())
        return path

    return write


def keep_chains(*names: str) -> Edit:
    def edit(structure: gemmi.Structure) -> None:
        for chain in [chain.name for chain in structure[0]]:
            if chain not in names:
                structure[0].remove_chain(chain)

    return edit


def thin_to_alanine(structure: gemmi.Structure, *chains: str) -> None:
    """Make alanine of every second residue of some chains: no pack knows such proteins, and none is an antibody."""
    kept = {"N", "CA", "C", "O", "CB"}
    for name in chains:
        for number, residue in enumerate(structure[0][name]):
            if number % 2 and residue.name not in ("GLY", "CYS", "ALA") and residue.het_flag == "A":
                residue.name = "ALA"
                for index in reversed(range(len(residue))):
                    if residue[index].name not in kept:
                        del residue[index]


def fuse_to_scfv(structure: gemmi.Structure) -> None:
    """Make one chain of VH and VL."""
    heavy, light = structure[0]["H"], structure[0]["L"]
    for index in range(len(heavy) - 1, -1, -1):
        if heavy[index].seqid.num > 124:
            del heavy[index]
    for residue in list(light):
        if residue.seqid.num <= 112 and residue.name != "HOH":
            residue.seqid.num += 500
            residue.subchain = heavy[0].subchain
            heavy.add_residue(residue)
    structure[0].remove_chain("L")


def copy_chains(structure: gemmi.Structure, names: dict[str, str], shift: Sequence[float]) -> None:
    """Add copies of chains under new names, shifted by a vector in ångström."""
    for old, new in names.items():
        chain = structure[0].find_chain(old).clone()
        chain.name = new
        for residue in chain:
            residue.subchain = ""
            for atom in residue:
                atom.pos = atom.pos + gemmi.Position(*shift)
        structure[0].add_chain(chain)


def atom_line(
    serial: int,
    name: str,
    residue: str,
    chain: str,
    number: int,
    position: tuple[float, float, float],
    *,
    code: str = " ",
    altloc: str = " ",
    occupancy: float = 1.0,
    element: str = "C",
    record: str = "ATOM",
) -> str:
    x, y, z = position
    return (
        f"{record:<6}{serial:5d} {name:<4}{altloc}{residue:>3} {chain}{number:4d}{code}   "
        f"{x:8.3f}{y:8.3f}{z:8.3f}{occupancy:6.2f}{20.0:6.2f}          {element:>2}"
    )
