"""The hot-spot score: what it promises, what it refuses, and that it ships as it was trained."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import StructureError
from epitope.impact.predictors import binding
from epitope.impact.predictors.model import HOT_SPOT_FORMULA
from epitope.structure.read import read_structure
from epitope.structure.universe import to_universe

STRUCTURE = Path(__file__).parents[2] / "structures" / "6AL5.cif"
BENCHMARK_VARIABLE = "EPITOPE_BENCHMARK_BINDING"


@pytest.fixture(scope="module")
def cd19():
    return binding.residue_scores(STRUCTURE, "A", "HL")


@pytest.fixture(scope="module")
def universe():
    return to_universe(read_structure(STRUCTURE))


def _predict(universe, *substitutions):
    return binding.predict(universe, "A", "HL", substitutions)


def test_nothing_leaks_to_residues_far_from_the_interface(cd19) -> None:
    far = cd19[cd19["min_distance_partner_A"] > 10]
    assert len(far) > 150
    assert (far["hot_spot_score"].abs() < 0.05).all()


def test_the_known_core_of_the_epitope_scores_and_the_polymorphism_does_not(cd19) -> None:
    score = cd19.set_index("residue")["hot_spot_score"]
    assert score.loc[174] == 0
    assert set(score.nlargest(8).index) >= {157, 220, 222}
    assert score.loc[[220, 222, 157, 155]].min() > 0.7


def test_scores_and_probabilities_are_in_range_and_in_the_same_order(cd19) -> None:
    assert (cd19["hot_spot_score"] >= 0).all()
    assert cd19["p_hot_spot"].between(0, 1).all()
    by_score = cd19.sort_values("hot_spot_score")["p_hot_spot"]
    assert by_score.is_monotonic_increasing


def test_the_score_is_the_formula_on_the_columns_beside_it(cd19) -> None:
    formula = 3 * cd19["buried_fraction"] * np.minimum(cd19["n8"] / 30, 1)
    np.testing.assert_allclose(cd19["hot_spot_score"], formula)
    assert {"transparent_score", "centre_distance_A"}.isdisjoint(cd19.columns)


def test_a_table_has_the_documented_columns_in_order(universe, cd19) -> None:
    assert tuple(_predict(universe, "A:K220A").columns) == binding.COLUMNS
    assert tuple(cd19.columns) == tuple(name for name in binding.COLUMNS if name != "mutant")
    assert tuple(_predict(universe).columns) == binding.COLUMNS


def test_text_and_tuple_and_file_and_universe_say_the_same(universe) -> None:
    from_text = _predict(universe, "A:K220A")
    from_tuple = binding.predict(str(STRUCTURE), ["A"], ["H", "L"], [("A", 220, "K", "A")])
    assert from_text.equals(from_tuple)


def test_either_side_can_be_changed_and_sides_can_be_swapped(universe) -> None:
    substitutions = ["A:K220A", "H:T102A", "L:Y31A"]
    one = binding.predict(universe, "A", "HL", substitutions)
    other = binding.predict(universe, "HL", "A", substitutions)
    assert one.equals(other)
    assert (one["reason"] == "").all()
    assert one["hot_spot_score"].min() > 0.5


def test_the_score_is_that_of_the_residue_whatever_replaces_it(universe) -> None:
    table = _predict(universe, "A:Y157A", "A:Y157F", "A:Y157D")
    assert table["hot_spot_score"].nunique() == table["p_hot_spot"].nunique() == 1


def test_a_glycine_counts_by_what_surrounds_it_as_any_residue(cd19) -> None:
    glycine = cd19[(cd19["wild_type"] == "G") & (cd19["residue"] == 221)].iloc[0]
    assert glycine["hot_spot_score"] == pytest.approx(3 * glycine["buried_fraction"])
    assert glycine["notes"] == "hardly any binding measurements start from Ala or Gly"


@pytest.mark.parametrize(
    ("substitution", "reason"),
    [
        ("A:M152A", "residue 152 of chain A is not observed in the structure"),
        ("A:R220A", "residue 220 of chain A is K in the structure, not R"),
        ("X:K220A", "chain X is on neither side of the complex"),
        ("A:K220K", "K to K is no substitution"),
        ("A:K220X", "mutant 'X' is not one of the 20 amino acids in one-letter code"),
        (("A", "220", "LYS", "A"), "wild type 'LYS' is not one of the 20 amino acids in one-letter code"),
        (("A", "220bb", "K", "A"), "'220bb' is not a residue number; write 52 or 52a"),
        ("K220A", "'K220A' is not understood; write A:K220A, or H:Y100aF with an insertion code"),
        (("A", "220", "K"), "('A', '220', 'K') is not chain, residue number, wild type and mutant"),
    ],
)
def test_a_row_that_cannot_be_scored_says_why_and_the_others_are_scored(universe, substitution, reason: str) -> None:
    table = _predict(universe, substitution, "A:K220A")
    assert table["reason"].tolist() == [reason, ""]
    assert np.isnan(table["hot_spot_score"][0])
    assert np.isnan(table["p_hot_spot"][0])
    assert table["hot_spot_score"][1] > 1


@settings(deadline=None, max_examples=10)
@given(st.lists(st.one_of(st.text(max_size=20), st.tuples(*[st.text(max_size=5)] * 4)), max_size=50))
def test_no_substitution_however_written_breaks_a_batch(universe, substitutions) -> None:
    table = _predict(universe, *substitutions)
    assert len(table) == len(substitutions)
    assert ((table["reason"] != "") == table["hot_spot_score"].isna()).all()


def _edited(tmp_path: Path, edit) -> Path:
    structure = read_structure(STRUCTURE)
    edit(structure[0])
    path = tmp_path / "edited.pdb"
    structure.write_pdb(str(path))
    return path


def test_insertion_codes_are_read_in_either_case(tmp_path: Path) -> None:
    def edit(model) -> None:
        (residue,) = [r for r in model["A"] if r.seqid.num == 220]
        residue.seqid.num, residue.seqid.icode = 219, "A"

    path = _edited(tmp_path, edit)
    table = binding.predict(path, "A", "HL", ["A:K219AA", "A:K219aA", ("A", "219a", "K", "A"), "A:P219A"])
    assert table["reason"].tolist() == [""] * 4
    assert table["insertion_code"].tolist() == ["A", "a", "a", ""]
    assert table["notes"].tolist()[:3] == ["", *["insertion code a read as A"] * 2]
    assert table["hot_spot_score"].nunique() == 2


def test_a_second_copy_of_the_complex_changes_no_score(tmp_path: Path, cd19) -> None:
    def edit(model) -> None:
        for name, copy_name in zip("AHL", "BXY", strict=True):
            copy = model[name].clone()
            copy.name = copy_name
            for residue in copy:
                for atom in residue:
                    atom.pos.x += 150.0
            model.add_chain(copy)

    doubled = binding.residue_scores(_edited(tmp_path, edit), "AB", "HLXY")
    for chain in "AB":
        own = doubled[doubled["chain"] == chain]
        np.testing.assert_allclose(own["hot_spot_score"], cd19["hot_spot_score"], atol=0.06)  # axes of both copies


def test_a_truncated_side_chain_is_noted(universe) -> None:
    assert "side chain incomplete" in _predict(universe, "A:E229A")["notes"][0]


@pytest.mark.parametrize(
    ("chains", "partner", "message"),
    [
        ("Q", "HL", "chain Q is not in the structure; it has"),
        ("A", "", "a side has no chain; it has"),
        ("A", "AH", "chain A stands on both sides; name each chain once"),
    ],
)
def test_wrong_chains_are_refused_in_one_line(universe, chains: str, partner: str, message: str) -> None:
    with pytest.raises(StructureError, match=message) as error:
        binding.residue_scores(universe, chains, partner)
    assert "\n" not in str(error.value)


def _shipped() -> dict:
    path = Path(binding.__file__).parent / "data" / "binding.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_probabilities_rise_with_the_score_and_promise_nothing_near_certain() -> None:
    shipped = _shipped()
    assert shipped["formula"] == HOT_SPOT_FORMULA
    floor, top = binding.load_calibration().probability(np.array([0.0, 3.0]))
    assert 0.05 < floor < 0.2 < 0.7 < top < 0.8
    assert shipped["auc"]["all_rows"] >= 0.80


def test_calibrating_again_gives_the_shipped_file() -> None:
    if BENCHMARK_VARIABLE not in os.environ:
        pytest.skip(f"name the folder of the binding benchmark in {BENCHMARK_VARIABLE} to run this")
    from benchmarks.binding.calibrate import fit

    assert fit(Path(os.environ[BENCHMARK_VARIABLE])) == _shipped()
