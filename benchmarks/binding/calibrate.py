"""Calibrate the hot-spot score and write the data file that ships with the package.

    python -m benchmarks.binding.calibrate DATA [--write]

DATA is the folder with ``skempi2_singles.tsv`` and ``structures/`` (see MODEL_CARD.md).
Without ``--write`` it only prints what it would write. The score itself has nothing to fit;
intercept and slope of its probability are all that is learned.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from benchmarks.metrics import auc
from epitope.impact.predictors import binding
from epitope.impact.predictors.model import HOT_SPOT_FORMULA

Array = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

DATA_FILE = Path(binding.__file__).parent / "data" / "binding.json"
VERSION = "2"
NEAR_A = 5.0
"""Distance to the partner within which finding hot spots is harder, and told apart."""


def load(data: Path) -> pd.DataFrame:
    """Read the measurements, and score each row's residue in its complex.

    Parameters
    ----------
    data : Path
        Folder with the table and the structures.

    Returns
    -------
    pandas.DataFrame
        The rows of the table with the columns of `epitope.impact.predictors.binding.predict`.
    """
    text = dict.fromkeys(("pdb", "partner_1", "partner_2", "chain", "residue", "group"), str)
    table = pd.read_csv(data / "skempi2_singles.tsv", sep="\t", dtype=text)
    parts = []
    for (pdb, first, second), rows in table.groupby(["pdb", "partner_1", "partner_2"], sort=False):
        path = data / "structures" / f"{pdb.lower()}.pdb.gz"
        wanted = rows[["chain", "residue", "wild_type", "mutant"]].itertuples(index=False, name=None)
        scored = binding.predict(path, first, second, list(wanted)).set_index(rows.index)
        parts.append(rows.join(scored.drop(columns=["chain", "residue", "wild_type", "mutant"])))
    return pd.concat(parts).sort_index()


def calibrate(scores: Array, hot: Booleans, groups: Names) -> tuple[float, float]:
    """Fit intercept and slope of P(hot) to scores by maximum likelihood.

    A group counts by the square root of its number of rows, so that two large scans do not
    decide alone.
    """
    _, member, size = np.unique(groups, return_inverse=True, return_counts=True)
    weight = size[member] ** -0.5

    def loss(parameters: Array) -> float:
        logit = parameters[0] + parameters[1] * scores
        return float(np.sum(weight * (np.logaddexp(0.0, logit) - hot * logit)))

    found = minimize(loss, np.array([-2.0, 1.0]), method="BFGS").x
    return float(found[0]), float(found[1])


def out_of_group_probability(scores: Array, hot: Booleans, groups: Names) -> Array:
    """Calibrate each group's scores on those of the other groups."""
    out = np.zeros(len(scores))
    for name in np.unique(groups):
        held_out = groups == name
        intercept, slope = calibrate(scores[~held_out], hot[~held_out], groups[~held_out])
        out[held_out] = 1.0 / (1.0 + np.exp(-(intercept + slope * scores[held_out])))
    return out


def fit(data: Path) -> dict[str, object]:
    """Return the content of the data file."""
    rows = load(data)
    if unscored := rows["reason"].astype(bool).sum():
        raise SystemExit(f"{unscored} rows cannot be scored: {sorted(set(rows['reason']) - {''})}")
    measured, scores = rows["ddg_kcal_mol"].to_numpy(), rows["hot_spot_score"].to_numpy()
    intercept, slope = calibrate(scores, measured >= binding.HOT_SPOT_KCAL_MOL, rows["group"].to_numpy())
    near = rows["min_distance_partner_A"].to_numpy() <= NEAR_A
    find = auc(binding.HOT_SPOT_KCAL_MOL)
    return {
        "version": VERSION,
        "formula": HOT_SPOT_FORMULA,
        "calibration": {"intercept": round(intercept, 3), "slope": round(slope, 3)},
        "data": {
            "source": "SKEMPI 2.0, Jankauskaite et al., Bioinformatics 2019, 35:462 (CC-BY 4.0)",
            "rows": len(rows),
            "complexes": int(rows["pdb"].nunique()),
            "groups": int(rows["group"].nunique()),
        },
        "auc": {
            "all_rows": round(find(measured, scores), 3),
            "within_5_A": round(find(measured[near], scores[near]), 3),
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {DATA_FILE.name}")
    arguments = parser.parse_args()
    content = json.dumps(fit(arguments.data), indent=2, ensure_ascii=False) + "\n"
    print(content)
    if arguments.write:
        DATA_FILE.write_text(content, encoding="utf-8")
