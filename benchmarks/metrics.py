"""Figures of merit with bootstrap intervals over groups, shared by the accuracy benchmarks.

Rows of one protein or complex are not independent, so whole groups are drawn, not rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Array = npt.NDArray[np.float64]
Metric = Callable[[Array, Array], float]

N_RESAMPLES = 1000
SEED = 20180502


def pearson(measured: Array, predicted: Array) -> float:
    """Return the linear correlation."""
    return float(np.corrcoef(measured, predicted)[0, 1])


def spearman(measured: Array, predicted: Array) -> float:
    """Return the rank correlation."""
    return pearson(rankdata(measured), rankdata(predicted))


def rmse(measured: Array, predicted: Array) -> float:
    """Return the root mean square difference."""
    return float(np.sqrt(np.mean((measured - predicted) ** 2)))


def auc(threshold: float) -> Metric:
    """Return the ROC AUC for finding measured values at or above a threshold."""

    def metric(measured: Array, predicted: Array) -> float:
        hot = measured >= threshold
        n_hot, n_cold = int(hot.sum()), int((~hot).sum())
        ranks = rankdata(predicted)
        return float((ranks[hot].sum() - n_hot * (n_hot + 1) / 2) / (n_hot * n_cold))

    return metric


def precision(threshold: float, flag: float) -> Metric:
    """Return the share of flagged rows that are at or above a threshold."""
    return lambda measured, predicted: float(np.mean(measured[predicted >= flag] >= threshold))


def recall(threshold: float, flag: float) -> Metric:
    """Return the share of rows at or above a threshold that are flagged."""
    return lambda measured, predicted: float(np.mean(predicted[measured >= threshold] >= flag))


def with_interval(metric: Metric, measured: Array, predicted: Array, groups: npt.NDArray[np.str_]) -> str:
    """Return a metric with its 90 % bootstrap interval over groups, as text."""
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    generator = np.random.default_rng(SEED)
    draws = []
    with np.errstate(all="ignore"):
        for _ in range(N_RESAMPLES):
            chosen = generator.integers(len(members), size=len(members))
            rows = np.concatenate([members[index] for index in chosen])
            try:
                draws.append(metric(measured[rows], predicted[rows]))
            except (ZeroDivisionError, ValueError):
                continue
        value = metric(measured, predicted)
    low, high = np.nanpercentile(draws, [5, 95])
    return f"{value:.2f} ({low:.2f}-{high:.2f})"
