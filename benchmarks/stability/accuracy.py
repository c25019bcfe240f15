"""How well the stability models predict measured ΔΔG of folding.

    python -m benchmarks.stability.accuracy [--retrain [FOLD]] [--fresh DATA]

By default the figures are those of the nested cross-validation that
``benchmarks/stability/train.py`` recorded: prediction, probability, interval and flag of
every row come from models trained and calibrated without the proteins of its cluster.
``--retrain`` repeats that from the stored features, for one fold or all of them, and fails
where the figures differ from the recorded ones (scikit-learn is in the extra ``benchmarks``).
``--fresh`` runs the packaged models on a folder with a table and ``structures/`` through the
public function: a test on another data set of the same form, only a check that prediction
works on the training rows. Intervals are 90 %, from a bootstrap over clusters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.metrics import auc, pearson, precision, recall, rmse, spearman, with_interval
from epitope.impact.predictors.stability import predict
from epitope.impact.predictors.stability_model import MODELS, ModelName

DESTABILISING_KCAL_MOL = 1.0
PREDICTIONS = Path(__file__).with_name("cross_validation.tsv")
ROWS = Path(__file__).with_name("rows.npz")
ALL_FOLDS = -1
TOLERANCE_KCAL_MOL = 0.02
"""Room for rounding in the record and for another version of scikit-learn."""


def main(fresh: Path | None = None, retrain: int | None = None) -> None:
    """Print the accuracy tables."""
    if fresh is not None:
        rows, how = predict_rows(read_rows(fresh), fresh), "the packaged models, run on these rows"
    else:
        rows, how = recorded(), "trained and calibrated on other clusters"
        if retrain is not None:
            check_against_retrained(rows, None if retrain == ALL_FOLDS else retrain)
    share = (rows["measured_kcal_mol"] >= DESTABILISING_KCAL_MOL).mean()
    print(
        f"Stability: {len(rows)} substitutions, {rows['pdb'].nunique()} proteins, "
        f"{rows['cluster'].nunique()} clusters; destabilising: ΔΔG ≥ {DESTABILISING_KCAL_MOL:g} kcal/mol "
        f"({share:.0%}); {how}"
    )
    heads = ("Pearson", "Spearman", "RMSE", "AUC", "precision", "recall", "in 90 % interval", "by cluster")
    print(f"\n{'':8}" + "".join(f"{head:<19}" for head in heads))
    for name in MODELS:
        _print_model(name, rows)


def recorded() -> pd.DataFrame:
    """Return the recorded rows of the nested cross-validation."""
    return pd.read_csv(PREDICTIONS, sep="\t", dtype={"residue": str})


def check_against_retrained(rows: pd.DataFrame, fold: int | None = None) -> None:
    """Train and calibrate anew from the stored features and hold the result against the record.

    Raises
    ------
    SystemExit
        If a number differs by more than `TOLERANCE_KCAL_MOL`.
    """
    from benchmarks.stability.train import columns_of, nested_fold

    with np.load(ROWS, allow_pickle=False) as stored:
        x, y = stored["features"].astype(float), stored["measured"].astype(float)
        clusters, folds = stored["cluster"].astype(np.intp), stored["fold"]
    for name in MODELS:
        for number in np.unique(folds) if fold is None else [fold]:
            out = folds == number
            found = nested_fold(columns_of(name, x), y, clusters, out)
            known = rows.loc[out, [f"{name}_{column}" for column in found]].to_numpy(float)
            off = float(np.abs(found.to_numpy(float) - known).max())
            print(f"{name}, fold {number}: {int(out.sum())} rows retrained, largest difference {off:.3f}")
            if off > TOLERANCE_KCAL_MOL:
                raise SystemExit(f"{name}, fold {number}: differs from {PREDICTIONS.name}; run train again")


def read_rows(data: Path) -> pd.DataFrame:
    """Read the measurements; a table without clusters counts each protein as one."""
    path = next(iter(sorted(data.glob("*.tsv"))), data / "S2648.tsv")
    rows = pd.read_csv(path, sep="\t", dtype={"residue": str})
    return rows if "cluster" in rows else rows.assign(cluster=rows["pdb"])


def predict_rows(rows: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Run the packaged models through the public function."""
    rows = rows.rename(columns={"ddg_kcal_mol": "measured_kcal_mol"})
    columns = {
        "predicted": "ddg_kcal_mol",
        "low": "ddg_low_kcal_mol",
        "high": "ddg_high_kcal_mol",
        "probability": "p_destabilising",
        "flagged": "destabilising",
    }
    for name in MODELS:
        for (pdb, chain), part in rows.groupby(["pdb", "chain"]):
            changes = list(zip(part["wild_type"], part["residue"], part["mutant"], strict=True))
            table = predict(data / "structures" / f"{pdb.lower()}.pdb.gz", chain, changes, model=name)
            for ours, theirs in columns.items():
                rows.loc[part.index, f"{name}_{ours}"] = table[theirs].to_numpy(float)
            for reason in table.loc[table["reason"] != "", "reason"]:
                print(f"{pdb}: not scored: {reason}")
    return rows.dropna(subset=[f"{name}_predicted" for name in MODELS])


def _print_model(name: ModelName, rows: pd.DataFrame) -> None:
    measured, predicted, low, high, probability = (
        rows[column].to_numpy(float)
        for column in ("measured_kcal_mol", *(f"{name}_{c}" for c in ("predicted", "low", "high", "probability")))
    )
    flagged = rows[f"{name}_flagged"].to_numpy(float)
    clusters = rows["cluster"].to_numpy().astype(str)
    cells = [
        with_interval(metric, measured, values, clusters)
        for metric, values in (
            (pearson, predicted),
            (spearman, predicted),
            (rmse, predicted),
            (auc(DESTABILISING_KCAL_MOL), predicted),
            (precision(DESTABILISING_KCAL_MOL, 0.5), flagged),
            (recall(DESTABILISING_KCAL_MOL, 0.5), flagged),
        )
    ]
    inside = (measured >= low) & (measured <= high)
    cells += [f"{inside.mean():.3f}", f"{pd.Series(inside).groupby(clusters).mean().mean():.3f}"]
    print(f"{name:8}" + "".join(f"{cell:<19}" for cell in cells).rstrip())
    for part in np.array_split(np.argsort(probability, kind="stable"), 5):
        observed = (measured[part] >= DESTABILISING_KCAL_MOL).mean()
        print(f"{'':8}P {probability[part].mean():.2f}, observed {observed:.2f}, {len(part)} rows")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fresh", type=Path, metavar="DATA", help="run the packaged models on the rows of DATA")
    parser.add_argument(
        "--retrain", type=int, nargs="?", const=ALL_FOLDS, metavar="FOLD", help="train anew and compare"
    )
    arguments = parser.parse_args()
    main(arguments.fresh, arguments.retrain)
