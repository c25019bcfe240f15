"""The residue table: one row per position, and nothing where nothing was seen."""

import numpy as np
import pytest

import epitope
from epitope.errors import StructureError


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def table(structure):
    return structure.residues.set_index("uniprot_position", drop=False)


def test_there_is_one_row_per_uniprot_position(structure, table):
    assert table.index.tolist() == list(range(1, 557))
    assert "".join(table["residue"]) == structure.target.sequence


def test_what_is_not_observed_is_missing_and_never_zero(table):
    unseen = table[~table["observed"]]
    measured = [c for c in table.columns if c.endswith(("_A", "_A2", "_deg")) or c.startswith(("rsa", "hse"))]
    assert unseen[measured].isna().all(axis=None)
    assert unseen["contact_4A"].isna().all()
    assert (unseen["secondary_structure"] == "").all()


def test_areas_bound_are_never_larger_than_free(table):
    seen = table[table["observed"]]
    assert (seen["sasa_bound_A2"] <= seen["sasa_free_A2"] + 0.1).all()
    assert np.allclose(seen["buried_A2"], seen["sasa_free_A2"] - seen["sasa_bound_A2"])


def test_contacts_and_distances_say_the_same(table):
    seen = table[table["observed"]]
    assert (seen["contact_4A"].astype(bool) == (seen["min_distance_antibody_A"] <= 4.0)).all()
    assert (seen["contact_5A"].astype(bool) == (seen["min_distance_antibody_A"] <= 5.0)).all()
    assert (seen.loc[seen["contact_4A"].astype(bool), "min_distance_epitope_A"] == 0).all()
    assert (seen["partners_4A"].map(bool) == seen["contact_4A"].astype(bool)).all()


def test_disulfide_partners_point_at_each_other(table):
    bonded = table["disulfide_partner"].dropna()
    assert sorted(bonded.index) == [38, 97, 134, 173, 200, 261]
    assert all(table.loc[int(b), "disulfide_partner"] == a for a, b in bonded.items())


def test_interface_and_table_agree(structure, table):
    assert list(structure.interface.epitope_4A) == table.index[table["contact_4A"].fillna(False).astype(bool)].tolist()
    assert structure.interface.buried_area_antigen_A2 == pytest.approx(table["buried_A2"].sum())


def test_cdr_h3_makes_most_contacts_and_light_chain_few(structure):
    counts = structure.interface.contacts_per_cdr().set_index(["antibody_chain", "cdr"])["atom_pairs_4A"]
    assert counts.idxmax() == ("H", "CDR-H3")
    assert counts["L"].index.tolist() == ["CDR-L1"]


def test_a_distance_to_an_unobserved_residue_names_the_nearest_observed(structure):
    with pytest.raises(StructureError, match=r"M152 is not observed.*S153"):
        structure.distances(60, [152])


def test_a_complex_without_antibody_is_measured_and_says_nothing_of_binding(tmp_path, structure):
    alone = tmp_path / "alone.pdb"
    structure.complex.antigen.write(alone)
    bare = epitope.load(alone)
    assert bare.interface is None
    assert bare.residues["buried_A2"].isna().all()
    free = bare.residues["sasa_free_A2"] - structure.residues["sasa_free_A2"]
    assert free.abs().max() < 0.5
