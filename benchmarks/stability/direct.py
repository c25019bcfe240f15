"""Predict a second, overlapping set of measurements by models that have not seen its proteins.

    python -m benchmarks.stability.direct DATA

DATA is a folder with ``S8754.tsv`` (Xu, Liu & Gong, GeoStab, after ThermoMutDB and ProTherm) and
``structures/``. Its clusters of homologous chains are dealt into folds; what is said of a fold
comes from regressors fitted, and a calibration made, on the rows of the training set (``rows.npz``)
whose proteins lie in the clusters of other folds. Training proteins that are not in DATA, and may
be homologous to any of it, are left out. Writes ``direct.tsv``, on which
``benchmarks/stability/calibrate_rules.py`` measures rules and predictions together.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.metrics import auc, pearson
from benchmarks.stability.accuracy import ROWS, recorded
from benchmarks.stability.train import (
    DESTABILISING,
    OUTER_FOLDS,
    Protein,
    calibrate,
    columns_of,
    deal,
    fit,
    load,
)
from epitope.impact.predictors.stability_features import MPNN_FEATURES, change_features
from epitope.impact.predictors.stability_model import MODELS, StabilityModel, load_model

DIRECT = Path(__file__).with_name("direct.tsv")


def predict_unseen(table: pd.DataFrame, proteins: list[Protein]) -> pd.DataFrame:
    """Return the table with predictions, probabilities, limits and flags of both models."""
    features = np.empty((len(table), len(MPNN_FEATURES)))
    potentials = load_model("mpnn").potentials  # counted on structures, measured stabilities play no part
    for p in proteins:
        features[p.table_index] = change_features(p.sites, potentials, p.rows, p.mutants, p.log_p)
    clusters = table["cluster"].to_numpy(np.intp)
    folds = deal(clusters, OUTER_FOLDS)
    known = recorded()
    with np.load(ROWS, allow_pickle=False) as stored:
        x, y = stored["features"].astype(float), stored["measured"].astype(float)
    home = known["pdb"].str.upper().map(dict(zip(table["pdb"].str.upper(), clusters, strict=True)))
    blank: dict[str, Any] = {field.name: np.empty(0) for field in fields(StabilityModel)}
    table = table.rename(columns={"ddg_kcal_mol": "measured_kcal_mol"})
    for name in MODELS:
        predicted = known[f"{name}_predicted"].to_numpy(float)
        for fold in range(OUTER_FOLDS):
            out = folds == fold
            seen = (home.notna() & ~home.isin(clusters[out])).to_numpy()
            calibration = calibrate(predicted[seen], y[seen], known["cluster"].to_numpy()[seen])
            model = StabilityModel(**blank | fit(columns_of(name, x[seen]), y[seen]) | calibration)
            found = model.predict(columns_of(name, features[out]))
            low, high = model.bounds(found)
            values = (found, low, high, model.probability(found), model.flags(found).astype(int))
            for column, value in zip(("predicted", "low", "high", "probability", "flagged"), values, strict=True):
                table.loc[out, f"{name}_{column}"] = value
    return table


def main(folder: Path) -> None:
    """Measure, predict, write, and print how good the predictions are."""
    table = predict_unseen(*load(folder))
    table.round(3).to_csv(DIRECT, sep="\t", index=False)
    measured, clusters = table["measured_kcal_mol"].to_numpy(), table["cluster"].to_numpy()
    print(f"{len(table)} substitutions, {table['pdb'].nunique()} entries, {len(np.unique(clusters))} clusters")
    for name in MODELS:
        predicted = table[f"{name}_predicted"].to_numpy()
        inside = (measured >= table[f"{name}_low"]) & (measured <= table[f"{name}_high"])
        flagged = table[f"{name}_flagged"] > 0
        print(
            f"{name}: Pearson {pearson(measured, predicted):.2f}, AUC {auc(DESTABILISING)(measured, predicted):.2f}, "
            f"precision at the flag {(measured[flagged] >= DESTABILISING).mean():.2f}, "
            f"in the interval {inside.mean():.3f}, by cluster {inside.groupby(clusters).mean().mean():.3f}"
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
