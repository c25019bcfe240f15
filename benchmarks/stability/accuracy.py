"""How well the stability models predict measured ΔΔG of folding.

    python -m benchmarks.stability.accuracy DATA [--fresh]

DATA is the folder with ``S2648.tsv`` and ``structures/``; MODEL_CARD.md says where they
come from. By default the figures are those of the cross-validation that
``benchmarks/stability/train.py`` recorded: every row is predicted by models that saw no
protein of its cluster. ``--fresh`` runs the packaged models through the public function
instead: on the training data that shows only that prediction works end to end, on another
data set of the same form it is a test. Intervals are 90 %, from a bootstrap over clusters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.metrics import auc, pearson, precision, recall, rmse, spearman, with_interval
from epitope.impact.predictors.stability import predict
from epitope.impact.predictors.stability_model import MODELS, ModelName, load_model

DESTABILISING_KCAL_MOL = 1.0
PREDICTIONS = Path(__file__).with_name("cross_validation.tsv")
_KEYS = ["pdb", "chain", "residue", "wild_type", "mutant"]


def main(data: Path, fresh: bool = False) -> None:
    """Print the accuracy tables."""
    rows = read_rows(data)
    rows = predict_rows(rows, data) if fresh else _join_recorded(rows)
    how = "the packaged models, run on these rows" if fresh else "each cluster predicted from all others"
    share = (rows["ddg_kcal_mol"] >= DESTABILISING_KCAL_MOL).mean()
    print(
        f"Stability: {len(rows)} substitutions, {rows['pdb'].nunique()} proteins, "
        f"{rows['cluster'].nunique()} clusters; destabilising: ΔΔG ≥ {DESTABILISING_KCAL_MOL:g} kcal/mol "
        f"({share:.0%}); {how}"
    )
    heads = ("Pearson", "Spearman", "RMSE", "AUC", "precision", "recall", "in 90 % interval")
    print(f"\n{'':8}" + "".join(f"{head:<19}" for head in heads))
    for name in MODELS:
        _print_model(name, rows)


def read_rows(data: Path) -> pd.DataFrame:
    """Read the measurements; a table without clusters counts each protein as one."""
    path = next(iter(sorted(data.glob("*.tsv"))), data / "S2648.tsv")
    rows = pd.read_csv(path, sep="\t", dtype={"residue": str})
    return rows if "cluster" in rows else rows.assign(cluster=rows["pdb"])


def predict_rows(rows: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Run the packaged models through the public function."""
    rows = rows.copy()
    for name in MODELS:
        for (pdb, chain), part in rows.groupby(["pdb", "chain"]):
            changes = list(zip(part["wild_type"], part["residue"], part["mutant"], strict=True))
            table = predict(data / "structures" / f"{pdb.lower()}.pdb.gz", chain, changes, model=name)
            rows.loc[part.index, f"predicted_{name}_kcal_mol"] = table["ddg_kcal_mol"].to_numpy()
            for reason in table.loc[table["reason"] != "", "reason"]:
                print(f"{pdb}: not scored: {reason}")
    return rows.dropna(subset=[f"predicted_{name}_kcal_mol" for name in MODELS])


def _join_recorded(rows: pd.DataFrame) -> pd.DataFrame:
    recorded = pd.read_csv(PREDICTIONS, sep="\t", dtype={"residue": str})
    joined = rows.merge(recorded.drop(columns="cluster"), on=_KEYS, how="inner", validate="one_to_one")
    if len(joined) != len(rows):
        raise SystemExit("these are not the training rows; use --fresh to run the packaged models on them")
    return joined


def _print_model(name: ModelName, rows: pd.DataFrame) -> None:
    model = load_model(name)
    measured = rows["ddg_kcal_mol"].to_numpy(float)
    predicted = rows[f"predicted_{name}_kcal_mol"].to_numpy(float)
    clusters = rows["cluster"].to_numpy().astype(str)
    metrics = (
        pearson,
        spearman,
        rmse,
        auc(DESTABILISING_KCAL_MOL),
        precision(DESTABILISING_KCAL_MOL, model.flag_threshold),
        recall(DESTABILISING_KCAL_MOL, model.flag_threshold),
    )
    cells = [with_interval(metric, measured, predicted, clusters) for metric in metrics]
    low, high = model.bounds(predicted)
    cells.append(f"{np.mean((measured >= low) & (measured <= high)):.2f}")
    print(f"{name:8}" + "".join(f"{cell:<19}" for cell in cells).rstrip())
    probability = model.probability(predicted)
    for part in np.array_split(np.argsort(probability, kind="stable"), 5):
        observed = (measured[part] >= DESTABILISING_KCAL_MOL).mean()
        print(f"{'':8}P {probability[part].mean():.2f}, observed {observed:.2f}, {len(part)} rows")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--fresh", action="store_true", help="run the packaged models on the rows")
    arguments = parser.parse_args()
    main(arguments.data, arguments.fresh)
