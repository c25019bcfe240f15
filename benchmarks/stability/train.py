"""Train the stability models, write their parameters, and predict every row unseen.

    pip install ".[benchmarks]"
    python -m benchmarks.stability.train DATA

DATA is a folder with ``S2648.tsv`` and ``structures/<pdb>.pdb.gz`` (see MODEL_CARD.md).
Writes ``epitope/impact/predictors/data/stability_light.npz`` and ``stability_mpnn.npz``, and
beside this script ``rows.npz`` (measured value, cluster, fold and features of every row) and
``cross_validation.tsv`` (what the models say of every row when they have not seen its
proteins). `benchmarks.stability.accuracy` turns the latter into figures.

The split is nested. Whole clusters of homologous proteins are dealt into outer folds. For each
fold the regressors are fitted on the other folds, and probability, interval and flag are
calibrated on predictions that were themselves made out of cluster within those other folds;
nothing that is said of a row has seen a row of its cluster. The statistical potentials
follow the split too: the features of a protein never use counts from its own cluster.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVR

from benchmarks.stability.accuracy import PREDICTIONS, ROWS
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
from epitope.impact.predictors.stability_model import StabilityModel

VERSION = "1"
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
INTERVAL_BINS = 8
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
    table = pd.read_csv(folder / "S2648.tsv", sep="\t", dtype={"residue": str})
    proteins = []
    for (pdb, chain), part in table.groupby(["pdb", "chain"]):
        seen = observe_chain(folder / "structures" / f"{pdb.lower()}.pdb.gz", chain)
        labels = np.char.add(seen.atoms.numbers.astype(str), seen.atoms.insertion_codes).tolist()
        rows = np.array([labels.index(residue) for residue in part["residue"]])
        if (seen.atoms.letters[rows] != part["wild_type"].to_numpy(str)).any():
            raise SystemExit(f"{pdb} {chain}: the table does not fit the structure")
        mutants = np.array([RESIDUES.index(letter) for letter in part["mutant"]])
        cluster = int(part["cluster"].iloc[0])
        proteins.append(Protein(cluster, seen.sites, seen.log_probabilities(), rows, mutants, part.index.to_numpy()))
        print(f"measured {pdb} {chain}", file=sys.stderr)
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


def calibrate(predicted: Array, measured: Array) -> dict[str, Array | float]:
    """Derive probability, interval and flag from cross-validated predictions."""
    hit = measured >= DESTABILISING
    logistic = LogisticRegression(C=1e6).fit(predicted[:, None], hit)
    order = np.argsort(predicted)
    bins = np.array_split(order, INTERVAL_BINS)
    residual = measured - predicted
    interval = np.array([[predicted[rows].mean(), *np.quantile(residual[rows], [0.05, 0.95])] for rows in bins])
    ranked = order[::-1]
    precision = np.cumsum(hit[ranked]) / np.arange(1, len(ranked) + 1)
    last = int(np.flatnonzero(precision >= FLAG_PRECISION)[-1])
    return {
        "logistic": np.array([logistic.intercept_[0], logistic.coef_[0, 0]]),
        "interval": interval.T,
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
    model = StabilityModel(**blank | fit(x[seen], y[seen]) | calibrate(inner, y[seen]))
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


def main(folder: Path) -> None:
    """Measure, cross-validate, calibrate, fit on everything, write."""
    table, proteins = load(folder)
    y, clusters = table["ddg_kcal_mol"].to_numpy(float), table["cluster"].to_numpy(np.intp)
    folds = deal(clusters, OUTER_FOLDS)
    x = feature_matrix(proteins)
    np.savez_compressed(
        ROWS,
        features=x.astype(np.float32),
        measured=y.astype(np.float32),
        cluster=clusters.astype(np.int16),
        fold=folds.astype(np.int8),
    )
    potentials = count_potentials([p.sites for p in proteins])
    shared = {field.name: getattr(potentials, field.name) for field in fields(Potentials)}
    for name in ("light", "mpnn"):
        columns = columns_of(name, x)
        for fold in range(OUTER_FOLDS):
            out = folds == fold
            found = nested_fold(columns, y, clusters, out)
            for column in found:
                table.loc[out, f"{name}_{column}"] = found[column].to_numpy()
            print(f"{name}: fold {fold + 1} of {OUTER_FOLDS}", file=sys.stderr)
        calibration = calibrate(out_of_fold(columns, y, clusters), y)
        names = np.array(MPNN_FEATURES if name == "mpnn" else LIGHT_FEATURES)
        parameters: dict[str, Any] = fit(columns, y) | calibration | shared
        save(name, StabilityModel(version=VERSION, features=names, **parameters))
        found = np.corrcoef(table[f"{name}_predicted"], y)[0, 1]
        print(f"{name}: Pearson {found:.3f}, flag at {calibration['flag_threshold']:.2f}")
    table = table.round(3).rename(columns={"ddg_kcal_mol": "measured_kcal_mol"})
    table.insert(6, "fold", folds)
    table.to_csv(PREDICTIONS, sep="\t", index=False)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
