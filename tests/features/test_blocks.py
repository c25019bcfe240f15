"""Averages over frames: against numpy, against series of known correlation, and whatever the pieces."""

from __future__ import annotations

import numpy as np
import pytest

from epitope.features.blocks import BlockAverage, TimeCourse


def averaged(rows, pieces=1):
    kept = BlockAverage(rows.shape[1])
    for piece in np.array_split(rows, pieces):
        kept.add(piece)
    return kept.averages()


@pytest.mark.parametrize("pieces", [1, 3, 77])
def test_mean_spread_and_range_are_those_of_numpy_however_frames_come(pieces):
    rows = np.random.default_rng(0).normal(3.0, [1.0, 20.0], (500, 2))
    found = averaged(rows, pieces)
    assert found.count == 500
    np.testing.assert_allclose(found.mean, rows.mean(axis=0))
    np.testing.assert_allclose(found.spread, rows.std(axis=0, ddof=1))
    np.testing.assert_allclose([found.minimum, found.maximum], [rows.min(axis=0), rows.max(axis=0)])
    np.testing.assert_allclose(found.error, averaged(rows).error)


def correlated(time, n, series, seed):
    """Return series with the autocorrelation exp(-t / time), variance 1."""
    rng, keep = np.random.default_rng(seed), np.exp(-1 / time)
    noise = rng.normal(size=(n, series)) * np.sqrt(1 - keep**2)
    rows = np.empty((n, series))
    rows[0] = rng.normal(size=series)
    for i in range(1, n):
        rows[i] = keep * rows[i - 1] + noise[i]
    return rows, np.sqrt((1 + keep) / (1 - keep) / n)


@pytest.mark.parametrize("time", [0.1, 5.0, 20.0])
def test_the_error_of_a_correlated_series_is_the_known_one_and_not_that_of_independent_frames(time):
    rows, known = correlated(time, 8192, 40, seed=1)
    found = averaged(rows)
    assert found.plateau.all()
    assert np.median(found.error) == pytest.approx(known, rel=0.12)
    assert rows.mean(axis=0).std() == pytest.approx(known, rel=0.3)  # the mean of each series does scatter so
    if time > 1:
        assert np.median(found.error) > 2 * np.median(found.spread) / np.sqrt(8192)


def test_a_drifting_series_has_no_plateau():
    found = averaged(np.linspace(0, 1, 1000)[:, None])
    assert not found.plateau[0]
    assert found.error[0] > 0


def test_too_few_frames_have_no_plateau_and_one_frame_no_error():
    assert not averaged(np.random.default_rng(0).normal(size=(6, 1))).plateau[0]
    assert np.isnan(averaged(np.ones((1, 1))).error[0])
    assert averaged(np.ones((0, 1))).count == 0


def test_what_was_not_measured_has_no_mean_and_spoils_no_other():
    found = averaged(np.column_stack([np.full(64, np.nan), np.arange(64.0)]))
    assert np.isnan([found.mean[0], found.error[0], found.minimum[0]]).all()
    assert found.mean[1] == 31.5
    assert found.plateau.tolist()[0] is False


def test_a_course_is_the_same_however_frames_come():
    rows = np.random.default_rng(0).normal(size=(1001, 2))
    one, other = TimeCourse(2, 1001, most=100), TimeCourse(2, 1001, most=100)
    one.add(rows)
    for piece in np.array_split(rows, 7):
        other.add(piece)
    assert len(one.mean) == 91 and one.frames_each == 11
    np.testing.assert_allclose(one.mean, other.mean)
    np.testing.assert_allclose(one.mean[0], rows[:11].mean(axis=0))
    np.testing.assert_array_equal(one.high[-1], rows[990:].max(axis=0))
