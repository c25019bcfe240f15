"""What means nothing to a structure changes no answer: where it stands, its names, its format."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pandas as pd
import pytest

from benchmarks.fuzz.doors.structures import as_binary_cif, small_complex
from epitope.features.measured import MeasuredComplex
from epitope.structure import read_complex
from epitope.target import Target
from tests.structure.conftest import copy_chains

AREA_A2 = 0.5
"""What three decimals of a turned molecule may change."""
EXACT = ("uniprot_position", "residue", "observed", "secondary_structure", "contact_4A", "contact_5A", "missing_atoms")


def measured(path: Path, target: Target) -> MeasuredComplex:
    return MeasuredComplex(read_complex(path, target))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, target: Target) -> MeasuredComplex:
    path = tmp_path_factory.mktemp("small") / "x.pdb"
    small_complex().write_pdb(str(path))
    return measured(path, target)


def turned(structure: gemmi.Structure) -> None:
    """Turn by 0.7 about an oblique axis and shift by 40 Å, to what three decimals can say."""
    axis = np.array([1.0, 2.0, -0.5]) / np.linalg.norm([1.0, 2.0, -0.5])
    cross = np.cross(np.eye(3), axis)
    matrix = np.eye(3) + np.sin(0.7) * cross + (1 - np.cos(0.7)) * cross @ cross
    for chain in structure[0]:
        for residue in chain:
            for atom in residue:
                atom.pos = gemmi.Position(*(matrix @ atom.pos.tolist() + np.array([40.0, -25.0, 13.0])))


def shifted(structure: gemmi.Structure) -> None:
    for chain in structure[0]:
        for residue in chain:
            for atom in residue:
                atom.pos += gemmi.Position(311, -207, 95)


def other_names(structure: gemmi.Structure) -> None:
    for chain, name in zip(structure[0], "zQ", strict=True):
        structure.rename_chain(chain.name, name)


def other_order(structure: gemmi.Structure) -> None:
    first = structure[0][0].clone()
    del structure[0][0]
    structure[0].add_chain(first)


def other_numbers(structure: gemmi.Structure) -> None:
    for chain in structure[0]:
        for residue in chain:
            residue.seqid.num += 500


def hydrogens_and_waters(structure: gemmi.Structure) -> None:
    rng = random.Random(1)
    for chain in structure[0]:
        for residue in list(chain):
            hydrogen = residue[0].clone()
            hydrogen.name, hydrogen.element = "H", gemmi.Element("H")
            hydrogen.pos += gemmi.Position(0.6, 0.6, 0.5)
            residue.add_atom(hydrogen)
    water = gemmi.Chain("W")
    for number in range(1, 60):
        residue = gemmi.Residue()
        residue.name, residue.seqid, residue.het_flag = "HOH", gemmi.SeqId(str(number)), "H"
        atom = gemmi.Atom()
        atom.name, atom.element = "O", gemmi.Element("O")
        atom.pos = gemmi.Position(rng.uniform(-99, -60), rng.uniform(-99, -60), rng.uniform(-99, -60))
        residue.add_atom(atom)
        water.add_residue(residue)
    structure[0].add_chain(water)


def copy_far_away(structure: gemmi.Structure) -> None:
    copy_chains(structure, {"A": "B", "H": "K"}, (300, 0, 0))


EDITS: tuple[Callable[[gemmi.Structure], None], ...] = (
    *(turned, shifted, other_names, other_order, other_numbers, hydrogens_and_waters, copy_far_away),
)


def same(found: MeasuredComplex, reference: MeasuredComplex, *, named: bool) -> None:
    """Compare what two complexes say; ``named`` where chains and numbers are the same too."""
    ours, theirs = found.residues, reference.residues
    for column in EXACT:
        assert ours[column].tolist() == theirs[column].tolist(), column
    for column in ("sasa_free_A2", "sasa_bound_A2", "buried_A2"):
        np.testing.assert_allclose(ours[column], theirs[column], atol=AREA_A2, err_msg=column)
    columns = ["antigen_position", "antibody_residue", "types", "atom_pairs_4A"]
    pd.testing.assert_frame_equal(found.contacts[columns], reference.contacts[columns])
    kinds = ["kind", "antigen_position", "antigen_atoms", "antibody_residue", "antibody_atoms"]
    ours, theirs = (sorted(held.interactions[kinds].to_numpy().tolist()) for held in (found, reference))
    assert ours == theirs
    if named:
        assert found.contacts["antibody_label"].tolist() == reference.contacts["antibody_label"].tolist()
        assert found.complex.roles.sides == reference.complex.roles.sides


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_what_means_nothing_changes_no_answer(
    edit: Callable[[gemmi.Structure], None], whole: MeasuredComplex, tmp_path: Path, target: Target
) -> None:
    structure = small_complex().clone()
    edit(structure)
    path = tmp_path / "x.pdb"
    path.write_text(structure.make_minimal_pdb())
    same(measured(path, target), whole, named=edit not in (other_names, other_numbers))


def test_mmcif_says_the_same_as_pdb(whole: MeasuredComplex, tmp_path: Path, target: Target) -> None:
    path = tmp_path / "x.cif"
    small_complex().make_mmcif_document().write_file(str(path))
    same(measured(path, target), whole, named=True)


@pytest.mark.extras
def test_binary_cif_says_the_same_as_pdb(whole: MeasuredComplex, tmp_path: Path, target: Target) -> None:
    pytest.importorskip("biotite")
    text, packed = tmp_path / "x.cif", tmp_path / "x.bcif"
    small_complex().make_mmcif_document().write_file(str(text))
    packed.write_bytes(as_binary_cif(text))
    same(measured(packed, target), whole, named=True)
