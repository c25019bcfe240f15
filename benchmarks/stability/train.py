"""Train the stability models, write their parameters, and predict every row unseen.

    pip install ".[benchmarks]"
    python -m benchmarks.stability.train [DATA]

DATA is a folder with a table (``S2648.tsv``) and ``structures/<pdb>.pdb.gz`` (see MODEL_CARD.md).
Rows whose residue lacks backbone atoms, which the models refuse, are left out and named. Without DATA the
stored features are used and the packaged regressors kept: only the calibration is made anew.
Writes ``epitope/impact/predictors/data/stability_light.npz`` and ``stability_mpnn.npz``, and
beside this script ``rows.npz`` (measured value, cluster, fold and features of every row) and
``cross_validation.tsv`` (what the models say of every row when they have not seen its
proteins). `benchmarks.stability.accuracy` turns the latter into figures.

The split is nested. Whole clusters of homologous proteins are dealt into outer folds. For each
fold the regressors are fitted on the other folds, and probability, interval and flag are
calibrated on predictions that were themselves made out of cluster within those other folds;
nothing that is said of a row has seen a row of its cluster. The statistical potentials
follow the split too: the features of a protein never use counts from its own cluster.

Rows of one protein are not independent, so clusters calibrate and not rows: probabilities count a
cluster by the square root of its rows, and the interval is widened until it holds 90 % of the
measurements averaged over clusters (conformal prediction by group).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVR

from benchmarks.stability.accuracy import PREDICTIONS, ROWS, read_rows, recorded
from epitope.impact.predictors.stability import observe_chain
from epitope.impact.predictors.stability_features import (
    LIGHT_FEATURES,
    MPNN_FEATURES,
    RESIDUES,
    Potentials,
    Sites,
    change_features,
    count_potentials,
)
from epitope.impact.predictors.stability_model import MODELS, StabilityModel, load_model

VERSION = "3"
ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "epitope" / "impact" / "predictors" / "data"

# Chosen once on the grouped cross-validation among a few round values; the figures hardly
# move within a factor of two of any of them.
RIDGE_PENALTY = 100.0
SVR_C, SVR_EPSILON, SVR_GAMMA_TIMES_FEATURES = 2.0, 0.3, 0.15
FEATURE_LIMIT = 3.5
# Beyond these the measurements are bounds or artefacts, not quantities to fit.
TARGET_RANGE = (-2.0, 5.0)
DESTABILISING = 1.0
FLAG_PRECISION = 0.85
INTERVAL_BINS, INTERVAL_COVERAGE = 8, 0.90
OUTER_FOLDS = 10
INNER_FOLDS = 10
SEED = 20180502

Array = NDArray[np.float64]


@dataclass
class Protein:
    """One chain of the benchmark, measured, with its rows of the table."""

    cluster: int
    sites: Sites
    log_p: Array
    rows: NDArray[np.intp]
    mutants: NDArray[np.intp]
    table_index: NDArray[np.intp]


def load(folder: Path) -> tuple[pd.DataFrame, list[Protein]]:
    """Measure every chain of the benchmark and find the residue of every row."""
    table = read_rows(folder)
    proteins, refused = [], []
    for (pdb, chain), part in table.groupby(["pdb", "chain"]):
        seen = observe_chain(folder / "structures" / f"{pdb.lower()}.pdb.gz", chain)
        labels = np.char.add(seen.atoms.numbers.astype(str), seen.atoms.insertion_codes).tolist()
        rows = np.array([labels.index(residue) for residue in part["residue"]])
        if (seen.atoms.letters[rows] != part["wild_type"].to_numpy(str)).any():
            raise SystemExit(f"{pdb} {chain}: the table does not fit the structure")
        whole = seen.complete[rows]
        for row in np.unique(rows[~whole]).tolist():
            refused.append(f"{pdb} {chain} {labels[row]}: {seen.incomplete_reason(row)}")
        usable, rows = part[whole], rows[whole]
        if len(usable):
            mutants = np.array([RESIDUES.index(letter) for letter in usable["mutant"]])
            cluster = int(usable["cluster"].iloc[0])
            index = usable.index.to_numpy()
            proteins.append(Protein(cluster, seen.sites, seen.log_probabilities(), rows, mutants, index))
        print(f"measured {pdb} {chain}", file=sys.stderr)
    for reason in refused:
        print(f"left out: {reason}", file=sys.stderr)
    kept = np.sort(np.concatenate([protein.table_index for protein in proteins]))
    for protein in proteins:
        protein.table_index = np.searchsorted(kept, protein.table_index)
    table = table.loc[kept].reset_index(drop=True)
    return table, proteins


def feature_matrix(proteins: list[Protein]) -> Array:
    """Return the features of every row of the table, potentials never from its own cluster."""
    out = np.empty((sum(len(p.rows) for p in proteins), len(MPNN_FEATURES)))
    for cluster in {protein.cluster for protein in proteins}:
        potentials = count_potentials([p.sites for p in proteins if p.cluster != cluster])
        for p in (p for p in proteins if p.cluster == cluster):
            out[p.table_index] = change_features(p.sites, potentials, p.rows, p.mutants, p.log_p)
    return out


def deal(clusters: NDArray[np.intp], folds: int) -> NDArray[np.intp]:
    """Deal whole clusters into folds of about equal size: the largest first, each to the emptiest fold."""
    names, sizes = np.unique(clusters, return_counts=True)
    order = np.random.default_rng(SEED).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros(folds, dtype=int)
    fold_of: dict[int, int] = {}
    for index in order:
        fold = int(np.argmin(filled))
        fold_of[int(names[index])] = fold
        filled[fold] += sizes[index]
    return np.array([fold_of[int(cluster)] for cluster in clusters])


def fit(x: Array, y: Array) -> dict[str, Array | float]:
    """Fit both regressors; returns their parameters under the names of `StabilityModel`."""
    target = np.clip(y, *TARGET_RANGE)
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    z = np.clip((x - centre) / spread, -FEATURE_LIMIT, FEATURE_LIMIT)
    ridge = Ridge(RIDGE_PENALTY).fit(z, target)
    gamma = SVR_GAMMA_TIMES_FEATURES / x.shape[1]
    svr = SVR(C=SVR_C, epsilon=SVR_EPSILON, gamma=gamma).fit(z, target)
    return {
        "centre": centre,
        "spread": spread,
        "limit": FEATURE_LIMIT,
        "ridge": np.append(ridge.coef_, ridge.intercept_),
        "support": svr.support_vectors_,
        "dual": np.append(svr.dual_coef_[0], svr.intercept_[0]),
        "gamma": gamma,
    }


def calibrate(predicted: Array, measured: Array, clusters: NDArray[np.intp]) -> dict[str, Array | float]:
    """Derive probability, interval and flag from cross-validated predictions."""
    _, member, counts = np.unique(clusters, return_inverse=True, return_counts=True)
    size = counts[member].astype(float)
    hit = measured >= DESTABILISING
    logistic = LogisticRegression(C=1e6).fit(predicted[:, None], hit, sample_weight=size**-0.5)
    order = np.argsort(predicted)
    bins = np.array_split(order, INTERVAL_BINS)
    residual = measured - predicted
    tail = (1 - INTERVAL_COVERAGE) / 2
    interval = np.array([[predicted[rows].mean(), *np.quantile(residual[rows], [tail, 1 - tail])] for rows in bins]).T
    at, low, high = interval
    # How many times wider the interval had to be to hold each row.
    needed = residual / np.where(residual > 0, np.interp(predicted, at, high), np.interp(predicted, at, low))
    rising = np.argsort(needed)
    held = np.cumsum(1 / size[rising]) / len(counts)
    interval[1:] *= needed[rising][np.searchsorted(held, INTERVAL_COVERAGE)]
    ranked = order[::-1]
    precision = np.cumsum(hit[ranked]) / np.arange(1, len(ranked) + 1)
    last = int(np.flatnonzero(precision >= FLAG_PRECISION)[-1])
    return {
        "logistic": np.array([logistic.intercept_[0], logistic.coef_[0, 0]]),
        "interval": interval,
        "flag_threshold": float(predicted[ranked[last]]),
    }


def predict(fitted: dict[str, Array | float], x: Array) -> Array:
    """Evaluate fitted parameters as the package does."""
    blank: dict[str, Any] = {field.name: np.empty(0) for field in fields(StabilityModel)}
    return StabilityModel(**blank | fitted).predict(x)


def out_of_fold(x: Array, y: Array, folds: NDArray[np.intp]) -> Array:
    """Predict each fold from all others."""
    predicted = np.empty(len(y))
    for fold in np.unique(folds):
        out = folds == fold
        predicted[out] = predict(fit(x[~out], y[~out]), x[out])
    return predicted


def nested_fold(x: Array, y: Array, clusters: NDArray[np.intp], out: NDArray[np.bool_]) -> pd.DataFrame:
    """Say of the rows in ``out`` what a model trained and calibrated on the others says.

    Returns
    -------
    pandas.DataFrame
        ``predicted``, ``low``, ``high`` (kcal/mol), ``probability`` and ``flagged``, one row
        for each in ``out``.
    """
    seen = ~out
    inner = out_of_fold(x[seen], y[seen], deal(clusters[seen], INNER_FOLDS))
    blank: dict[str, Any] = {field.name: np.empty(0) for field in fields(StabilityModel)}
    model = StabilityModel(**blank | fit(x[seen], y[seen]) | calibrate(inner, y[seen], clusters[seen]))
    predicted = model.predict(x[out])
    low, high = model.bounds(predicted)
    return pd.DataFrame(
        {
            "predicted": predicted,
            "low": low,
            "high": high,
            "probability": model.probability(predicted),
            "flagged": model.flags(predicted).astype(int),
        }
    )


def columns_of(name: str, x: Array) -> Array:
    """Return the columns that a model uses; those of ``light`` are the first of ``mpnn``."""
    return x[:, : len(MPNN_FEATURES if name == "mpnn" else LIGHT_FEATURES)]


def save(name: str, model: StabilityModel) -> None:
    """Write the parameters; single precision is far below the error of the model."""
    arrays = {}
    for field in fields(StabilityModel):
        value = np.asarray(getattr(model, field.name))
        arrays[field.name] = value.astype(np.float32) if value.ndim and value.dtype.kind == "f" else value
    np.savez_compressed(PARAMETERS / f"stability_{name}.npz", **arrays)


def measure(folder: Path) -> Potentials:
    """Measure the benchmark, store features and folds of every row, and begin a new record of them."""
    table, proteins = load(folder)
    y, clusters = table["ddg_kcal_mol"].to_numpy(float), table["cluster"].to_numpy(np.intp)
    folds = deal(clusters, OUTER_FOLDS)
    np.savez_compressed(
        ROWS,
        features=feature_matrix(proteins).astype(np.float32),
        measured=y.astype(np.float32),
        cluster=clusters.astype(np.int16),
        fold=folds.astype(np.int8),
    )
    table = table.rename(columns={"ddg_kcal_mol": "measured_kcal_mol"})
    table.insert(6, "fold", folds)
    table.to_csv(PREDICTIONS, sep="\t", index=False)
    return count_potentials([p.sites for p in proteins])


def main(folder: Path | None) -> None:
    """Measure and fit, where a folder is given; cross-validate, calibrate, write."""
    potentials = measure(folder) if folder else None
    table = recorded()
    with np.load(ROWS, allow_pickle=False) as stored:
        x, y = stored["features"].astype(float), stored["measured"].astype(float)
        clusters, folds = stored["cluster"].astype(np.intp), stored["fold"]
    for name in MODELS:
        columns = columns_of(name, x)
        for fold in range(OUTER_FOLDS):
            out = folds == fold
            found = nested_fold(columns, y, clusters, out)
            for column in found:
                table.loc[out, f"{name}_{column}"] = found[column].to_numpy(float)
            print(f"{name}: fold {fold + 1} of {OUTER_FOLDS}", file=sys.stderr)
        predicted = table[f"{name}_predicted"].to_numpy(float)
        calibration: dict[str, Any] = calibrate(predicted, y, clusters)
        if potentials is None:
            model = replace(load_model(name), version=VERSION, **calibration)
        else:
            names = np.array(MPNN_FEATURES if name == "mpnn" else LIGHT_FEATURES)
            shared = {field.name: getattr(potentials, field.name) for field in fields(Potentials)}
            parameters: dict[str, Any] = fit(columns, y) | calibration | shared
            model = StabilityModel(version=VERSION, features=names, **parameters)
        save(name, model)
        print(f"{name}: Pearson {np.corrcoef(predicted, y)[0, 1]:.3f}, flag at {model.flag_threshold:.2f}")
    table.round(3).to_csv(PREDICTIONS, sep="\t", index=False)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else None)
