"""The same complex in the shapes in which other files come: the measurements must not change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pytest

import epitope
from epitope.errors import EpitopeError
from epitope.features import MeasuredComplex
from epitope.structure import bundled_structure, read_complex
from epitope.target import load_target

COLUMNS = ["sasa_free_A2", "buried_A2", "min_distance_antibody_A"]


@pytest.fixture(scope="module")
def reference() -> MeasuredComplex:
    return epitope.load()


def insertion_codes(structure: gemmi.Structure) -> None:
    """Number the antigen from -20, three residues under one number with insertion codes."""
    number, code = -20, " "
    for index, residue in enumerate(structure[0]["A"].get_polymer()):
        code = {51: "A", 52: "B"}.get(index, " ")
        number += code == " "
        residue.seqid = gemmi.SeqId(number, code)


def lower_case_chains(structure: gemmi.Structure) -> None:
    for chain in list(structure[0]):
        chain.name = chain.name.lower()


def second_copy(structure: gemmi.Structure) -> None:
    """Put the complex a second time, far away."""
    for name in ("A", "H", "L"):
        copy = structure[0][name].clone()
        copy.name = {"A": "B", "H": "I", "L": "M"}[name]
        for residue in copy:
            for atom in residue:
                atom.pos += gemmi.Position(300.0, 0.0, 0.0)
        structure[0].add_chain(copy)


def selenomethionine(structure: gemmi.Structure) -> None:
    for residue in structure[0]["A"]:
        if residue.name == "MET":
            residue.name, residue.het_flag = "MSE", "H"
            for atom in residue:
                if atom.name == "SD":
                    atom.name, atom.element = "SE", gemmi.Element("Se")


def alternate_locations(structure: gemmi.Structure) -> None:
    """Give one contact residue a second, less occupied place."""
    residue = next(r for r in structure[0]["A"] if r.seqid.num == 163)
    for atom in list(residue):
        other = atom.clone()
        atom.altloc, atom.occ = "A", 0.7
        other.altloc, other.occ = "B", 0.3
        other.pos += gemmi.Position(1.0, 1.0, 1.0)
        residue.add_atom(other)
    for atom in residue:
        if atom.altloc == "\0":
            atom.altloc, atom.occ = "A", 0.7


def second_model(structure: gemmi.Structure) -> None:
    model = structure[0].clone()
    model.num = 2
    structure.add_model(model)


@pytest.mark.parametrize("edit", [insertion_codes, lower_case_chains, second_copy, alternate_locations, second_model])
def test_the_shape_of_the_file_does_not_change_a_measurement(
    edit: Callable[[gemmi.Structure], None], tmp_path: Path, reference: MeasuredComplex
) -> None:
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    structure.setup_entities()
    edit(structure)
    path = tmp_path / "edited.pdb"
    path.write_text(structure.make_minimal_pdb())
    loaded = MeasuredComplex(read_complex(path, load_target()))
    for column in COLUMNS:
        np.testing.assert_allclose(
            loaded.residues[column].to_numpy(float),
            reference.residues[column].to_numpy(float),
            atol=0.6,
            err_msg=column,
        )
    assert loaded.residues["contact_4A"].equals(reference.residues["contact_4A"])
    assert loaded.residues["secondary_structure"].equals(reference.residues["secondary_structure"])


def test_selenomethionine_is_methionine(tmp_path: Path, reference: MeasuredComplex) -> None:
    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    selenomethionine(structure)
    path = tmp_path / "mse.pdb"
    path.write_text(structure.make_minimal_pdb())
    loaded = MeasuredComplex(read_complex(path, load_target()))
    assert loaded.complex.engineered == ()
    assert loaded.residues["observed"].equals(reference.residues["observed"])
    assert (loaded.residues["sasa_free_A2"] - reference.residues["sasa_free_A2"]).abs().max() < 5.0


def test_a_trajectory_is_measured_at_its_current_frame_and_says_so(reference: MeasuredComplex) -> None:
    import MDAnalysis

    universe = MDAnalysis.Merge(reference.complex.universe.atoms)
    near = universe.atoms.positions.copy()
    far = near.copy()
    far[np.isin(universe.atoms.chainIDs, ["H", "L"])] += 50.0
    universe.load_new(np.stack([near, far]), order="fac")
    universe.trajectory[1]
    apart = epitope.load(universe, antigen=["A"], heavy=["H"], light=["L"])
    universe.trajectory[0]
    bound = epitope.load(universe)
    universe.trajectory[1]
    assert (apart.id, bound.id) == ("universe, frame 1 of 2", "universe, frame 0 of 2")
    assert int(apart.residues["contact_4A"].sum()) == 0
    assert bound.interface is not None
    assert bound.interface.epitope_4A == reference.interface.epitope_4A  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["contacts", "contact-map", "burial"])
def test_a_figure_of_the_interface_without_antibody_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    from epitope.api import draw

    alone = tmp_path / "alone.pdb"
    epitope.load().complex.antigen.write(alone)
    with pytest.raises(EpitopeError, match=f"figure {name}: no antibody .* load a complex with one"):
        draw(name, [], tmp_path, epitope.load(alone), formats=["svg"])
