"""What a variant takes from the interface: by residue, and by atom of the side chain."""

from __future__ import annotations

import pytest

import epitope
from epitope.errors import VariantError


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


def lost(structure, variant):
    table = epitope.contacts(variant, structure)
    gone = table[table["lost_by"].str.len() > 0]
    return {(r.kind, r.antigen_position, r.antibody_label) for r in gone.itertuples()}, table


def test_nothing_is_lost_where_no_variant_is_given(structure):
    table = epitope.contacts(structure=structure)
    assert not table["lost_by"].str.len().any()
    assert table.drop(columns="lost_by").equals(structure.interactions)


def test_a_deleted_residue_takes_all_its_contacts_and_no_others(structure):
    found, table = lost(structure, "p.Pro219del")
    assert {position for _, position, _ in found} == {219}
    assert len(found) == (table["antigen_position"] == 219).sum()


def test_a_lost_antigen_takes_every_contact(structure):
    found, table = lost(structure, "ex2part")
    assert len(found) == len(table)


def test_a_charge_put_out_takes_salt_bridges_and_their_bonds_and_leaves_main_chain_and_carbons(structure):
    found, _ = lost(structure, "K220E")
    assert {(kind, label) for kind, _, label in found} == {
        (kind, label) for kind in ("salt bridge", "hydrogen bond") for label in ("H:Asp55", "H:Asp57")
    }


def test_glycine_leaves_only_the_main_chain(structure):
    _, table = lost(structure, "K220G")
    mine = table[table["antigen_position"] == 220]
    assert (mine["lost_by"].str.len() > 0).eq(mine["antigen_part"] == "side").all()


def test_a_like_side_chain_keeps_what_it_can_still_do(structure):
    assert lost(structure, "S224T")[0] == set()
    assert lost(structure, "Y157F")[0] >= {("hydrogen bond", 157, "H:Ser31")}
    assert lost(structure, "W159F")[0] == set()
    assert lost(structure, "W159A")[0] == {("hydrophobic", 159, "H:Val104")}


def test_proline_has_no_hydrogen_to_give(structure):
    assert ("hydrogen bond", 224, "H:Tyr107") in lost(structure, "S224P")[0]
    assert ("hydrogen bond", 224, "H:Tyr107") not in lost(structure, "S224A")[0]


def test_a_variant_that_is_not_understood_is_refused(structure):
    with pytest.raises(VariantError, match="Arg"):
        epitope.contacts("K163L", structure)
