"""ProteinMPNN in numpy answers as the original network does."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from epitope.impact.predictors.proteinmpnn import ALPHABET, conditional_log_probabilities, decoding_order

# Written by benchmarks/stability/convert_proteinmpnn.py: 6AL5 chain A, log-probabilities of
# the original network (torch, its own single-precision weights), each residue decoded last.
REFERENCE = Path(__file__).parents[1] / "data" / "proteinmpnn_reference.npz"


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture(scope="module")
def answer(reference):
    return conditional_log_probabilities(
        reference["backbone_A"], str(reference["sequence"]), reference["residue_index"]
    )


def test_log_probabilities_are_those_of_the_original(reference, answer):
    assert np.abs(answer - reference["log_probabilities"]).max() < 1e-3


def test_scores_are_those_of_the_original(reference, answer):
    wild_type = np.array([ALPHABET.index(letter) for letter in str(reference["sequence"])])
    rows = np.arange(len(wild_type))

    def score(log_p):
        return log_p - log_p[rows, wild_type][:, None]

    difference = np.abs(score(answer) - score(reference["log_probabilities"]))[:, :20]
    assert difference.max() < 1e-3
    assert difference.mean() < 2e-4


@pytest.mark.parametrize("n", [1, 2, 7, 48, 60])
def test_every_order_is_a_permutation_that_ends_with_the_residue_asked_about(n):
    for last in range(n):
        order = decoding_order(n, last).tolist()
        assert order[-1] == last
        assert sorted(order) == list(range(n))


def test_the_residue_asked_about_does_not_influence_its_own_answer(reference):
    part = slice(0, 40)
    backbone, index = reference["backbone_A"][part], reference["residue_index"][part]
    sequence = str(reference["sequence"])[part]
    changed = sequence[:20] + ("W" if sequence[20] != "W" else "A") + sequence[21:]
    before = conditional_log_probabilities(backbone, sequence, index)
    after = conditional_log_probabilities(backbone, changed, index)
    assert np.allclose(before[20], after[20], atol=1e-5)
    assert not np.allclose(before[21], after[21], atol=1e-3)


def test_asking_for_few_positions_gives_the_same_answer_there(reference, answer):
    wanted = np.zeros(len(answer), dtype=bool)
    wanted[[0, 17, 100, 233]] = True
    few = conditional_log_probabilities(
        reference["backbone_A"], str(reference["sequence"]), reference["residue_index"], wanted
    )
    assert np.allclose(few[wanted], answer[wanted], atol=1e-5)
    assert np.isnan(few[~wanted]).all()


def test_turning_and_moving_the_chain_changes_nothing(reference):
    part = slice(0, 60)
    backbone, index = reference["backbone_A"][part], reference["residue_index"][part]
    sequence = str(reference["sequence"])[part]
    turn = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=np.float32)
    moved = backbone @ turn.T + np.float32([30, -20, 10])
    before = conditional_log_probabilities(backbone, sequence, index)
    assert np.allclose(before, conditional_log_probabilities(moved, sequence, index), atol=2e-3)


def test_an_incomplete_backbone_is_refused():
    backbone = np.zeros((3, 4, 3))
    backbone[1, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        conditional_log_probabilities(backbone, "AAA")


def test_the_weights_come_with_their_licence():
    text = (resources.files("epitope.impact.predictors") / "data" / "proteinmpnn_LICENSE.txt").read_text("utf-8")
    assert "MIT License" in text
    assert "Dauparas" in text
