"""The neighbour search against brute force, for few points and for many."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from epitope.structure import neighbours


@pytest.fixture(params=[neighbours.MOST_PAIRS, 0], ids=["all compared", "tree"])
def either_way(request, monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_PAIRS", request.param)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("cutoff", [0.5, 4.0, 30.0])
def test_close_pairs_are_those_of_brute_force(cutoff):
    points, others = (np.random.default_rng(seed).uniform(90, 110, (80, 3)) for seed in (1, 2))
    others[:5] = points[:5]
    expected = cdist(points, others)
    first, second, distance = neighbours.close_pairs(points, others, cutoff)
    assert np.column_stack([first, second]).tolist() == np.argwhere(expected <= cutoff).tolist()
    assert np.allclose(distance, expected[first, second], atol=1e-12)


@pytest.mark.usefixtures("either_way")
def test_the_nearest_distance_is_exact_and_zero_for_the_same_point():
    points, others = (np.random.default_rng(seed).uniform(400, 420, (60, 3)) for seed in (1, 2))
    others[3] = points[7]
    found = neighbours.nearest_distance(points, others)
    assert np.allclose(found, cdist(points, others).min(axis=1), atol=1e-12)
    assert found[7] == 0


@pytest.mark.usefixtures("either_way")
def test_a_pair_at_the_cutoff_counts():
    ends = np.array([[0.0, 0, 0]]), np.array([[3.0, 4, 0]])
    assert [len(neighbours.close_pairs(*ends, cutoff)[0]) for cutoff in (4.999999, 5.0)] == [0, 1]


def test_no_points_have_no_neighbours():
    assert [len(part) for part in neighbours.close_pairs(np.zeros((0, 3)), np.zeros((4, 3)), 5.0)] == [0, 0, 0]
