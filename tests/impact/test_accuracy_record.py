"""The recorded accuracy of the stability models is what training and calibrating anew gives."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.stability.accuracy import ROWS, check_against_retrained, recorded
from epitope.impact.predictors.stability_features import MPNN_FEATURES


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return recorded()


def test_no_cluster_of_homologous_proteins_stands_in_two_folds(rows: pd.DataFrame) -> None:
    assert rows.groupby("cluster")["fold"].nunique().max() == 1
    assert set(rows["fold"]) == set(range(10))


def test_stored_features_belong_to_the_recorded_rows(rows: pd.DataFrame) -> None:
    with np.load(ROWS, allow_pickle=False) as stored:
        assert stored["features"].shape == (len(rows), len(MPNN_FEATURES))
        np.testing.assert_array_equal(stored["cluster"], rows["cluster"])
        np.testing.assert_array_equal(stored["fold"], rows["fold"])
        np.testing.assert_allclose(stored["measured"], rows["measured_kcal_mol"], atol=1e-3)


@pytest.mark.extras
def test_one_fold_trained_anew_gives_the_recorded_numbers(
    rows: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    check_against_retrained(rows, fold=0)
    assert "largest difference" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="run train again"):
        check_against_retrained(rows.assign(mpnn_low=rows["mpnn_low"] - 1), fold=0)
