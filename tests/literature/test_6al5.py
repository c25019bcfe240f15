"""Published facts about 6AL5, one test each (Teplyakov et al. 2018; Zhao et al. 2021)."""

import pytest

import epitope


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def table(structure):
    return structure.residues.set_index("uniprot_position")


@pytest.mark.parametrize(("partner", "centroid_A"), [(229, 8.70), (231, 7.27), (233, 9.37)])
def test_zhao2021_pro60_distances_are_measured_on_truncated_side_chains(structure, partner, centroid_A):
    row = structure.distances(60, [partner]).iloc[0]
    assert row["side_chain_centroid_A"] == pytest.approx(centroid_A, abs=0.01)
    assert row["side_chain_complete_1"] and not row["side_chain_complete_2"]


def test_three_disulfides_are_intact(structure):
    found = structure.disulfides
    assert list(zip(found["first"], found["second"], strict=True)) == [(38, 261), (97, 200), (134, 173)]
    assert found["sg_sg_A"].between(2.02, 2.06).all()


def test_eighteen_residues_touch_the_antibody(structure):
    assert len(structure.interface.epitope_4A) == 18


def test_leu96_and_glu120_touch_outside_the_published_loops(structure):
    assert structure.interface.contacts_outside_loops == (96, 120)


def test_many_loop_residues_touch_nothing(structure):
    assert len(structure.interface.loop_residues_without_contact) == 16


def test_buried_area_of_cd19(structure):
    assert 740 <= structure.interface.buried_area_antigen_A2 <= 775


def test_lys220_has_the_largest_share_of_the_buried_area(table):
    assert table["buried_A2"].idxmax() == 220


def test_phe61_is_buried_and_pro60_is_not(table):
    assert table.loc[61, "rsa_free"] < 0.07
    assert table.loc[60, "rsa_free"] > 0.20


def test_gaps(structure):
    assert structure.complex.gaps == ((40, 47), (138, 152), (177, 183))


def test_residue_278_of_the_file_is_a_tag_and_not_pro278(structure, table):
    assert (278, "A") in {(residue.number, residue.chain) for residue in structure.complex.tag}
    assert not table.loc[278, "observed"]
    assert table.loc[278, "residue"] == "P"


def test_leu174_is_no_contact_and_its_valine_is_common(structure, table):
    assert not table.loc[174, "contact_4A"]
    polymorphism = next(p for p in structure.target.polymorphisms if p.position == 174)
    assert (polymorphism.alternate, polymorphism.allele_frequency) == ("V", 0.72)


def test_sugars_are_far_from_the_antibody(structure, table):
    assert {glycan.position for glycan in structure.complex.glycans} == {86, 125}
    assert (table.loc[[86, 125], "min_distance_antibody_A"] > 10).all()


def test_light_chain_touches_with_tyr31_and_ser32_only(structure):
    close = structure.contacts[structure.contacts["atom_pairs_4A"] > 0]
    light = close.loc[close["antibody_chain"] == "L", "antibody_label"]
    assert set(light) == {"L:Tyr31", "L:Ser32"}
