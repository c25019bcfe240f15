"""Each measurement against another program or against brute force, on the bundled complex."""

import inspect
import io
from dataclasses import replace

import numpy as np
import pytest
from Bio.PDB import HSExposureCB, PDBParser
from Bio.PDB.SASA import ShrakeRupley
from scipy.spatial.distance import cdist
from scipy.stats import zscore

import epitope
from epitope.features import contacts, geometry, surface
from epitope.features.atoms import ResidueAtoms


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def antigen(structure):
    return structure.antigen_atoms


@pytest.fixture(scope="module")
def biopython_antigen(structure):
    """The antigen's atoms as a Biopython structure, by way of PDB text."""
    lines = []
    for number, atom in enumerate(structure.complex.antigen.atoms, start=1):
        x, y, z = atom.position
        lines.append(
            f"ATOM  {number:5d}  {atom.name:<3} {atom.resname:>3} A{atom.resid:4d}    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00          {atom.element:>2}"
        )
    return PDBParser(QUIET=True).get_structure("antigen", io.StringIO("\n".join([*lines, "END"])))


def test_areas_agree_with_biopython_on_the_same_radii(antigen, biopython_antigen):
    # Biopython keys its radii by element, so both are run on one radius for all atoms.
    atoms = list(biopython_antigen.get_atoms())
    calculator = ShrakeRupley(n_points=960)
    calculator.radii_dict = dict.fromkeys(("C", "N", "O", "S"), 1.8)
    calculator.compute(biopython_antigen, level="A")
    theirs = np.array([atom.sasa for atom in atoms])
    ours = surface.atom_sasa(np.array([a.coord for a in atoms], dtype=float), np.full(len(atoms), 1.8))
    assert np.abs(ours - theirs).max() < 4.0
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.005)


def test_960_points_are_within_a_square_angstrom_or_two_of_20000(antigen):
    radii = surface.atom_radii(antigen.names, antigen.elements, antigen.letters[antigen.residue])
    few, many = (
        np.bincount(antigen.residue, weights=surface.atom_sasa(antigen.positions, radii, n))
        for n in (surface.N_POINTS, 20_000)
    )
    assert np.abs(few - many).max() < 3.0
    assert np.abs(few - many).mean() < 0.5


def test_half_sphere_exposure_agrees_with_biopython(antigen, biopython_antigen):
    upper, lower = geometry.half_sphere_exposure(antigen)
    theirs = HSExposureCB(biopython_antigen[0], radius=13.0, offset=0)  # Å, as Hamelryck 2005
    keys = [("A", (" ", int(n), " ")) for n in antigen.numbers]
    glycines = antigen.letters == "G"  # Biopython makes up another Cβ direction for these
    compared = [(i, theirs[key]) for i, key in enumerate(keys) if key in theirs and not glycines[i]]
    assert len(compared) > 180
    assert [(upper[i], lower[i]) for i, _ in compared] == [(float(u), float(d)) for _, (u, d, *_) in compared]


def test_b_factors_are_compared_with_those_of_the_whole_chain(antigen):
    means = [antigen.b_factors[antigen.residue == residue].mean() for residue in range(len(antigen))]
    assert np.allclose(geometry.b_factor_zscore(antigen), zscore(means))


def test_where_all_b_factors_are_the_same_no_residue_stands_out(antigen):
    level = replace(antigen, b_factors=np.full(len(antigen.positions), 20.0))
    assert (geometry.b_factor_zscore(level) == 0).all()


def test_torsions_agree_with_mdanalysis(structure, antigen):
    from MDAnalysis.lib.distances import calc_dihedrals

    phi, psi = geometry.backbone_torsions(antigen)
    n, ca, c = (antigen.backbone[:, i] for i in range(3))
    known = ~np.isnan(phi)
    rows = np.flatnonzero(known)
    theirs = np.degrees(calc_dihedrals(c[rows - 1], n[rows], ca[rows], c[rows]))
    assert np.allclose(phi[rows], theirs, atol=0.01)
    assert np.isnan(phi[np.flatnonzero(~antigen.bonded_to_previous)]).all()
    assert np.isnan(psi[-1])


@pytest.mark.parametrize("cutoff", [3.0, 4.0, 5.0, 8.0])
def test_pairs_agree_with_brute_force(structure, antigen, cutoff):
    pairs = contacts.pairs_between(antigen, structure.antibody_atoms, cutoff)
    brute = np.argwhere(cdist(antigen.positions, structure.antibody_atoms.positions) <= cutoff)
    assert np.array_equal(np.stack([pairs.first, pairs.second], axis=1), brute)


@pytest.mark.parametrize("kind", ["min", "ca", "cb", "centroid"])
def test_distance_matrix_agrees_with_a_double_loop(antigen, kind):
    few = antigen.take(np.arange(len(antigen)) < 25)
    matrix = geometry.residue_distance_matrix(few, few, kind)
    for i in range(len(few)):
        for j in range(len(few)):
            if kind == "min":
                a, b = few.positions[few.residue == i], few.positions[few.residue == j]
                expected = min(np.linalg.norm(p - q) for p in a for q in b)
            else:
                expected = np.linalg.norm(few.points(kind)[i] - few.points(kind)[j])
            assert matrix[i, j] == pytest.approx(expected, nan_ok=True)


def test_glycine_has_no_side_chain_centroid(antigen):
    assert np.isnan(antigen.side_chain_centroid[antigen.letters == "G"]).all()
    assert not np.isnan(antigen.cb).any()


def test_every_hydrogen_bond_is_found_in_both_directions(antigen):
    pairs = contacts.pairs_within(antigen, 5.0)
    bonded = pairs.keep(contacts.hydrogen_bonds(antigen, antigen, pairs))
    forward = set(zip(bonded.first.tolist(), bonded.second.tolist(), strict=True))
    assert forward == {(b, a) for a, b in forward}
    assert bonded.distance.max() <= contacts.HYDROGEN_BOND_A


def test_strands_have_backbone_hydrogen_bonds_and_gaps_make_none(structure, antigen):
    from epitope.features.secondary_structure import secondary_structure

    state = secondary_structure(antigen)
    assert set(state) <= {"H", "E", "-", ""}
    assert (state == "E").mean() > 0.4  # a β-sandwich
    # Cutting a chain in two must not create structure that the whole does not have.
    halves = [antigen.take(antigen.numbers <= 137), antigen.take(antigen.numbers > 137)]
    assert sum((secondary_structure(half) != "-").sum() for half in halves) <= (state != "-").sum()


def test_secondary_structure_is_that_of_another_program(antigen):
    from MDAnalysis.analysis.dssp.pydssp_numpy import assign

    from epitope.features.secondary_structure import secondary_structure

    if "donor_mask" not in inspect.signature(assign).parameters:
        pytest.skip("MDAnalysis has no donor_mask before 2.11, so that proline donates there")
    loop = antigen.take((antigen.numbers > 47) & (antigen.numbers < 138))  # without a gap
    donors = loop.bonded_to_previous & (loop.letters != "P")
    other = np.array(["-", "H", "E"])[np.argmax(assign(loop.backbone, donor_mask=donors), axis=1)]
    assert (secondary_structure(loop) == other).all()
    assert (other == "E").sum() > 20


def test_a_first_residue_without_its_oxygen_leaves_the_others_as_they_are(antigen):
    from epitope.features.secondary_structure import secondary_structure

    keep = ~((antigen.residue == 0) & (antigen.names == "O"))
    cut = replace(
        antigen,
        **{name: getattr(antigen, name)[keep] for name in ("positions", "names", "elements", "b_factors", "residue")},
    )
    assert secondary_structure(cut).tolist() == ["", *secondary_structure(antigen)[1:]]


def test_buried_areas_are_the_differences_of_the_areas_of_all_atoms(structure, antigen):
    antibody = structure.antibody_atoms
    sides = (antigen, antibody)
    radii = [surface.atom_radii(side.names, side.elements, side.letters[side.residue]) for side in sides]
    everything = np.concatenate([side.positions for side in sides])
    for side, r, found in zip(sides, radii, surface.buried_areas(*sides), strict=True):
        own = slice(0, len(r)) if side is antigen else slice(-len(r), None)
        turned = surface.in_axes_of(side.positions, everything)
        lost = surface.atom_sasa(turned[own], r) - surface.atom_sasa(turned, np.concatenate(radii))[own]
        assert np.allclose(found, np.bincount(side.residue, weights=lost, minlength=len(side)), atol=1e-9)


def test_arrays_can_be_cut_from_a_universe_without_elements_chains_or_codes():
    import MDAnalysis

    universe = MDAnalysis.Universe.empty(3, n_residues=1, atom_resindex=[0, 0, 0], trajectory=True)
    universe.add_TopologyAttr("names", ["N", "CA", "HA"])
    universe.add_TopologyAttr("resnames", ["GLY"])
    universe.add_TopologyAttr("resids", [7])
    universe.add_TopologyAttr("segids", ["X"])
    atoms = ResidueAtoms.from_atomgroup(universe.atoms)
    assert (atoms.names.tolist(), atoms.labels.tolist()) == (["N", "CA"], ["X:Gly7"])


@pytest.mark.parametrize("cutoff", [4.0, 5.0, 8.0])
def test_pairs_within_leave_out_bonded_residues_and_no_others(antigen, cutoff):
    pairs = contacts.pairs_within(antigen, cutoff)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    n, c = (antigen.backbone[:, i] for i in (0, 2))
    distance = cdist(antigen.positions, antigen.positions)
    brute = set()
    for i, j in np.argwhere(distance <= cutoff).tolist():
        a, b = sorted((int(antigen.residue[i]), int(antigen.residue[j])))
        bonded = b == a + 1 and np.linalg.norm(n[b] - c[a]) < 2.0
        if a != b and not bonded:
            brute.add((i, j))
    assert found == brute


def test_residues_on_either_side_of_a_gap_may_touch(antigen):
    one, two = (antigen.take(antigen.numbers == number) for number in (137, 153))
    expected = np.argwhere(cdist(one.positions, two.positions) <= 5.0)
    pairs = contacts.pairs_within(antigen, 5.0)
    numbers = antigen.numbers[antigen.residue[pairs.first]], antigen.numbers[antigen.residue[pairs.second]]
    assert ((numbers[0] == 137) & (numbers[1] == 153)).sum() == len(expected) > 0


def test_without_c_or_n_consecutive_numbers_count_as_bonded(antigen):
    few = antigen.take(np.isin(antigen.numbers, [60, 61, 137, 153]))
    cut = few.take(np.ones(4, dtype=bool))
    keep = ~((cut.names == "C") & np.isin(cut.residue, [0, 2]))
    bare = ResidueAtoms(
        cut.positions[keep], cut.names[keep], cut.elements[keep], cut.b_factors[keep], cut.residue[keep],
        cut.letters, cut.chains, cut.numbers, cut.insertion_codes,
    )  # fmt: skip
    assert bare.bonded_to_previous.tolist() == [False] * 4
    assert bare.joined_to_previous.tolist() == [False, True, False, False]


def test_a_residue_without_c_is_bonded_to_the_next_wherever_it_is_in_the_chain(antigen):
    few = antigen.take(np.isin(antigen.numbers, [60, 61, 62]))
    keep = ~((few.names == "C") & (few.residue == 1))
    bare = ResidueAtoms(
        few.positions[keep], few.names[keep], few.elements[keep], few.b_factors[keep], few.residue[keep],
        few.letters, few.chains, few.numbers, few.insertion_codes,
    )  # fmt: skip
    assert bare.bonded_to_previous.tolist() == [False, True, False]
    assert bare.joined_to_previous.tolist() == [False, True, True]


def test_the_side_chain_of_glycine_is_its_alpha_carbon_and_of_alanine_its_beta_carbon(antigen):
    areas = surface.atom_sasa(surface.in_axes_of(antigen.positions, antigen.positions), surface.radii_of(antigen))
    _, side = surface.residue_sasa(antigen).T
    for letter, name in (("G", "CA"), ("A", "CB")):
        atoms = np.flatnonzero((antigen.names == name) & (antigen.letters[antigen.residue] == letter))
        assert len(atoms) > 5
        assert np.allclose(side[antigen.residue[atoms]], areas[atoms])
