"""The numbers beside the rules: shipped as computed, lazy, and silent where nothing was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import epitope
from epitope.features import MeasuredComplex
from epitope.features.binders import compare_binder
from epitope.impact.predictors import binding, stability
from epitope.impact.predictors.predictions import (
    PredictionSource,
    PredictionTable,
    compute_predictions,
    key_of,
)
from epitope.impact.verdicts.assess import Assessor
from epitope.structure import complex_from_universe
from epitope.variant import consequence_of


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def computed(structure):
    return compute_predictions(structure)


def test_the_shipped_numbers_are_what_the_code_computes(structure, computed):
    shipped = PredictionTable.load(Path(structure.target.predictions))
    assert shipped.key == key_of(structure), "run scripts/compute_predictions.py"
    assert shipped.positions.tolist() == computed.positions.tolist()
    assert shipped.notes.tolist() == computed.notes.tolist()
    for name, values in computed.values.items():
        if name == "destabilising":  # a prediction on the threshold may fall to either side
            assert np.nanmean(shipped.values[name] != values) < 1e-3 + np.isnan(values).mean()
        else:
            np.testing.assert_allclose(shipped.values[name], values, atol=2e-3)


def test_the_numbers_are_those_of_the_two_public_functions(structure):
    source = PredictionSource(structure)
    ddg = stability.predict(structure, "A", ["W52A", "R163L", "K220E"])["ddg_kcal_mol"].tolist()
    hot = binding.predict(structure, "A", "HL", ["A:W52A", "A:R163L", "A:K220E"])["hot_spot_score"].tolist()
    mine = [source.of(position, letter) for position, letter in ((52, "A"), (163, "L"), (220, "E"))]
    assert [n.ddg_kcal_mol for n in mine] == pytest.approx(ddg, abs=2e-3)
    assert [n.hot_spot_score for n in mine] == pytest.approx(hot, abs=2e-2)


def test_a_universe_without_file_is_computed_and_agrees(structure, computed):
    other = MeasuredComplex(complex_from_universe(structure.complex.universe, structure.target))
    assert key_of(other) != key_of(structure)
    np.testing.assert_allclose(
        compute_predictions(other).values["p_hot_spot"], computed.values["p_hot_spot"], atol=0.02
    )


def test_an_antigen_alone_has_stability_and_no_hot_spots(structure):
    alone = MeasuredComplex(complex_from_universe(structure.complex.universe, structure.target, heavy=(), light=()))
    numbers = PredictionSource(alone).of(220, "E")
    assert numbers.ddg_kcal_mol is not None
    assert (numbers.hot_spot_score, numbers.p_hot_spot) == (None, None)


def test_residues_that_were_not_observed_have_no_numbers(structure):
    source = PredictionSource(structure)
    assert source.of(140, "A") is None
    assert source.of(278, "A") is None


def test_a_change_without_substitution_does_not_ask_the_models(structure):
    assessor = Assessor(structure)
    found = assessor.assess(consequence_of("p.Ser269Ter", structure.target))
    assert found.predictions is None
    assert "table" not in vars(assessor.predictions)


def test_the_table_shows_numbers_for_one_residue_and_leaves_others_empty():
    table = epitope.assess(["K220E", "p.Phe61del", "p.Met152Val"])
    assert table["p_hot_spot"].notna().tolist() == [True, False, False]
    assert table["number_notes"].tolist()[1:] == [[], []]
    assert "resolution 3.0 Å" in table["number_notes"][0]
    assert "not observed" in " ".join(table["not_assessed"][2])


def test_the_flag_is_a_doubt_and_a_low_value_is_not(structure):
    assessor = Assessor(structure)
    for name, verdict in (("p.Trp52Arg", "at risk"), ("p.Leu174Val", "intact")):
        evidence = assessor.assess(consequence_of(name, structure.target)).evidence
        (piece,) = [e for e in evidence if e.rule == "fold.stability_model"]
        assert str(piece.verdict) == verdict


def test_an_unrelated_binder_is_not_compared_residue_by_residue(structure):
    binder = next(b for b in structure.target.binders if b.name == "blinatumomab")
    assert compare_binder(structure.complex, binder).related
    stranger = type(binder)("other", "who_inn", heavy_variable=binder.light_variable)
    assert not compare_binder(structure.complex, stranger).related
    assert compare_binder(structure.complex, stranger).differences == ()
