"""Train the stability models and write their parameters.

Usage, from the root of the repository::

    pip install scikit-learn
    PYTHONPATH=. python benchmarks/stability/train.py DATA

DATA is a folder with ``S2648.tsv`` and ``structures/<pdb>.pdb.gz`` (see MODEL_CARD.md).
Writes ``epitope/impact/predictors/data/stability_light.npz`` and ``stability_mpnn.npz``, and beside
this script ``cross_validation.tsv``, each row predicted by models that saw no protein of
its cluster; `benchmarks/stability/accuracy.py` turns that file into figures.

The split leaves out one cluster at a time. The statistical potentials follow it too: the
features of a protein never use counts from its own cluster.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVR

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
PREDICTIONS = Path(__file__).with_name("cross_validation.tsv")

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


def feature_matrix(proteins: list[Protein], with_mpnn: bool) -> Array:
    """Return the features of every row of the table, potentials never from its own cluster."""
    names = MPNN_FEATURES if with_mpnn else LIGHT_FEATURES
    out = np.empty((sum(len(p.rows) for p in proteins), len(names)))
    for cluster in {protein.cluster for protein in proteins}:
        potentials = count_potentials([p.sites for p in proteins if p.cluster != cluster])
        for p in (p for p in proteins if p.cluster == cluster):
            log_p = p.log_p if with_mpnn else None
            out[p.table_index] = change_features(p.sites, potentials, p.rows, p.mutants, log_p)
    return out


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


def assemble(
    name: str,
    x: Array,
    fitted: dict[str, Array | float],
    calibration: dict[str, Array | float],
    potentials: Potentials,
) -> StabilityModel:
    """Put parameters together."""
    features = np.array(MPNN_FEATURES if name == "mpnn" else LIGHT_FEATURES)
    shared = {field.name: getattr(potentials, field.name) for field in fields(Potentials)}
    return StabilityModel(version=VERSION, features=features, **fitted, **calibration, **shared)  # type: ignore[arg-type]


def cross_validate(name: str, x: Array, y: Array, clusters: Array, potentials: Potentials) -> Array:
    """Predict each cluster from all others."""
    nothing = {"logistic": np.zeros(2), "interval": np.zeros((3, 1)), "flag_threshold": 0.0}
    predicted = np.empty(len(y))
    for cluster in np.unique(clusters):
        out = clusters == cluster
        model = assemble(name, x, fit(x[~out], y[~out]), nothing, potentials)
        predicted[out] = model.predict(x[out])
    return predicted


def save(name: str, model: StabilityModel) -> None:
    """Write the parameters; single precision is far below the error of the model."""
    arrays = {}
    for field in fields(StabilityModel):
        value = np.asarray(getattr(model, field.name))
        arrays[field.name] = value.astype(np.float32) if value.ndim and value.dtype.kind == "f" else value
    np.savez_compressed(PARAMETERS / f"stability_{name}.npz", **arrays)


def main(folder: Path) -> None:
    """Cross-validate, calibrate, fit on everything, write."""
    table, proteins = load(folder)
    y, clusters = table["ddg_kcal_mol"].to_numpy(float), table["cluster"].to_numpy(float)
    everything = count_potentials([p.sites for p in proteins])
    for name in ("light", "mpnn"):
        x = feature_matrix(proteins, with_mpnn=name == "mpnn")
        predicted = cross_validate(name, x, y, clusters, everything)
        calibration = calibrate(predicted, y)
        save(name, assemble(name, x, fit(x, y), calibration, everything))
        table[f"predicted_{name}_kcal_mol"] = predicted.round(3)
        print(f"{name}: Pearson {np.corrcoef(predicted, y)[0, 1]:.3f}, flag at {calibration['flag_threshold']:.2f}")
    table.drop(columns="ddg_kcal_mol").to_csv(PREDICTIONS, sep="\t", index=False)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
