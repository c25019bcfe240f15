"""Frames of any topology: chains without names, force-field names, boxes, broken files."""

from __future__ import annotations

import MDAnalysis
import numpy as np
import pytest

import epitope
from epitope.errors import StructureError
from epitope.structure.ensemble import chosen_frames, open_universe, read_ensemble
from epitope.structure.superposition import superposition
from epitope.target import load_target
from tests.trajectory import AMBER, CHARMM, antigen_in_motion, as_simulated, universe_of


@pytest.fixture(scope="module")
def target():
    return load_target()


@pytest.fixture(scope="module")
def bundled():
    return epitope.load()


TOPOLOGIES = {
    "PRMTOP: no chains, numbers run on": {"names": AMBER},
    "PRMTOP of a model with gaps: numbers run on across them": {"names": AMBER, "numbers": "closed"},
    "GRO: no chains, each numbered from 1": {"names": {}, "numbers": "each"},
    "PSF: segments of long names": {"names": CHARMM, "segments": ("PROA", "PROB", "PROC"), "numbers": "each"},
    "TPR: segments of molecule types": {
        "names": CHARMM,
        "segments": ("seg_0_Protein_chain_A", "seg_1_Protein_chain_L", "seg_2_Protein_chain_H"),
    },
    "PDB: chains": {"names": AMBER, "chains": True},
    "heavy and light chain in one segment": {"names": AMBER, "segments": ("PROA", "FAB", "FAB"), "numbers": "each"},
}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_antigen_and_antibody_are_found_in_every_kind_of_topology(bundled, target, topology):
    found = read_ensemble(as_simulated(**TOPOLOGIES[topology]), target).complex
    held = epitope.features.MeasuredComplex(found)
    assert set(held.positions) == set(bundled.positions)
    if "gaps" not in topology:
        assert len(held.antibody_atoms) == len(bundled.antibody_atoms)
    assert held.contact_positions == bundled.contact_positions
    assert held.disulfides["sg_sg_A"].tolist() == pytest.approx(bundled.disulfides["sg_sg_A"].tolist(), abs=1e-3)
    close = lambda table: table[table["atom_pairs_4A"] > 0]  # noqa: E731
    assert close(held.contacts)["types"].tolist() == close(bundled.contacts)["types"].tolist()
    assert not set(found.atoms.resnames) & {"TIP3", "SOD", "POPC", "HIE", "HSD", "CYX"}
    assert "HN" not in found.atoms.names and "CD1" in found.atoms[found.atoms.resnames == "ILE"].names


def test_chains_that_the_topology_does_not_tell_apart_are_named_in_words(target):
    found = read_ensemble(as_simulated(AMBER), target)
    assert found.complex.roles.sides == "A:C,B"
    assert "A GLU1 to " in found.notes[0] and "C PCA801 to" in found.notes[0]
    named = read_ensemble(as_simulated(CHARMM, segments=("PROA", "PROB", "PROC")), target)
    assert named.complex.roles.sides == "PROA:PROC,PROB"
    assert named.notes == ()


def test_chains_can_be_named_by_the_user(target):
    found = read_ensemble(as_simulated(AMBER), target, antigen="A", antibody="B,C")
    assert found.complex.roles.sides == "A:C,B"


def test_the_user_s_universe_stays_as_it_was(target):
    universe = universe_of(antigen_in_motion(5)[0])
    universe.trajectory[3]
    before = universe.atoms.positions.copy()
    list(read_ensemble(universe, target, stride=2).frames())
    assert universe.trajectory.frame == 3
    assert (universe.atoms.positions == before).all()
    assert not hasattr(universe_of(antigen_in_motion(5)[0]).atoms, "bonds")


CUBE, TRICLINIC = [180.0, 190.0, 200.0, 90, 90, 90], [200.0, 200.0, 200.0, 60, 60, 90]


@pytest.mark.parametrize("box", [CUBE, TRICLINIC])
def test_frames_that_the_box_cut_are_put_together_again(target, box):
    frames, _ = antigen_in_motion(6)
    vectors = MDAnalysis.lib.mdamath.triclinic_vectors(np.array(box, dtype=np.float32)).astype(float)
    rng = np.random.default_rng(3)
    wrapped = np.empty_like(frames)
    for n, frame in enumerate(frames):  # tumbling, drifting, then each atom wrapped into the box
        axis = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        moved = (frame - frame.mean(axis=0)) @ (axis * np.sign(np.linalg.det(axis))) + n * 37.0
        fractions = moved @ np.linalg.inv(vectors)
        wrapped[n] = (fractions - np.floor(fractions)) @ vectors
    universe = universe_of(wrapped, dimensions=np.array(box))
    found = read_ensemble(universe, target)
    mine = found.complex.atoms.ix  # all atoms but sugars and water, in the same order
    original = epitope.load().complex.protein.indices
    assert len(mine) == len(original)
    for frame, whole in zip(frames, found.frames(), strict=True):
        expected = frame[original]
        off = superposition(whole.positions, expected).there(whole.positions) - expected
        assert np.abs(off).max() < 0.01
    assert found.joined > 0
    assert found.complex.roles.sides == "A:H,L"


def test_joining_a_chain_along_its_atoms_is_what_unwrapping_along_its_bonds_gives(target):
    frames, _ = antigen_in_motion(2)
    held = epitope.load().complex
    antigen = MDAnalysis.Merge(held.antigen)
    antigen.add_TopologyAttr("bonds", [(i, i + 1) for i in range(len(antigen.atoms) - 1)])
    shifted = frames[1][held.antigen.indices] + 40.0
    antigen.dimensions = [90.0, 90, 90, 90, 90, 90]
    antigen.atoms.positions = shifted
    antigen.atoms.wrap(compound="atoms")
    (whole,) = read_ensemble(antigen, target).frames()
    oracle = antigen.atoms.unwrap(compound="fragments", reference=None, inplace=False)
    apart = whole.positions - oracle
    assert np.abs(apart - apart.round(-1)).max() < 0.01  # the same up to box vectors of 90 Å
    assert np.ptp(apart, axis=0).max() < 0.01


def test_models_of_a_pdb_or_mmcif_file_are_an_ensemble(tmp_path, target):
    import gemmi

    universe = universe_of(antigen_in_motion(4)[0])
    universe.atoms.write(tmp_path / "models.pdb", frames="all")
    gemmi.read_structure(str(tmp_path / "models.pdb")).make_mmcif_document().write_file(str(tmp_path / "models.cif"))
    read = [
        [frame.positions for frame in read_ensemble(open_universe(tmp_path / name), target).frames()]
        for name in ("models.pdb", "models.cif")
    ]
    assert [len(frames) for frames in read] == [4, 4]
    assert np.abs(np.array(read[0]) - np.array(read[1])).max() < 0.002


def test_a_stretch_of_frames_is_that_of_a_slice():
    assert list(chosen_frames(10, 2, 9, 3, "x")) == [2, 5, 8]
    assert list(chosen_frames(10, -3, None, 1, "x")) == [7, 8, 9]


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ((0, None, None, 1), "has no frames"),
        ((10, 10, None, 1), "has frames 0 to 9, so none at --start 10"),
        ((10, 5, 5, 1), "no frame lies from --start 5 to before --stop 5"),
        ((10, None, None, 0), "a stride of 0 leads nowhere"),
    ],
)
def test_frames_that_are_not_there_are_told_in_one_line(frames, said):
    with pytest.raises(StructureError, match=said):
        chosen_frames(*frames, "x.dcd")


def test_coordinates_that_are_no_numbers_are_named_with_their_frame(target):
    frames = antigen_in_motion(4)[0]
    frames[2, 100] = np.nan
    with pytest.raises(StructureError, match=r"frame 2 has coordinates that are no numbers \(atom \w+ of \w+ \d+\)"):
        list(read_ensemble(universe_of(frames), target).frames())


def test_a_topology_without_names_or_without_protein_is_told_in_one_line(target):
    bare = MDAnalysis.Universe.empty(3, trajectory=True)
    with pytest.raises(StructureError, match="no names, resnames, resids of atoms"):
        read_ensemble(bare, target)
    water = as_simulated(AMBER).select_atoms("resname TIP3")
    with pytest.raises(StructureError, match="holds no protein"):
        read_ensemble(MDAnalysis.Merge(water), target)
