"""Fit the hot-spot score and write the data file that ships with the package.

    python -m benchmarks.binding.train DATA [--write]

DATA is the folder with ``skempi2_singles.tsv`` and ``structures/`` (see MODEL_CARD.md).
Without ``--write`` it only prints what it would write. Two non-negative weights and a
logistic calibration are all that is fitted.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize, nnls

from benchmarks.metrics import auc
from epitope.impact.predictors import binding

Array = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

DATA_FILE = Path(binding.__file__).parent / "data" / "binding.json"
VERSION = "1"
CLIP_KCAL_MOL = (-0.5, 4.0)
"""Measured values are clipped: non-binders are coded as 6 to 9 kcal/mol, and gains of
affinity are not what the score is about."""
RIDGE = 0.3


def load(data: Path) -> pd.DataFrame:
    """Read the measurements, and measure each row's residue in its complex.

    Parameters
    ----------
    data : Path
        Folder with the table and the structures.

    Returns
    -------
    pandas.DataFrame
        The rows of the table with the columns of `epitope.impact.predictors.binding.predict`, and the
        two terms of the model in ``buried`` and ``close``.
    """
    text = dict.fromkeys(("pdb", "partner_1", "partner_2", "chain", "residue", "group"), str)
    table = pd.read_csv(data / "skempi2_singles.tsv", sep="\t", dtype=text)
    parts = []
    for (pdb, first, second), rows in table.groupby(["pdb", "partner_1", "partner_2"], sort=False):
        path = data / "structures" / f"{pdb.lower()}.pdb.gz"
        wanted = rows[["chain", "residue", "wild_type", "mutant"]].itertuples(index=False, name=None)
        scored = binding.predict(path, first, second, list(wanted)).set_index(rows.index)
        parts.append(rows.join(scored.drop(columns=["chain", "residue", "wild_type", "mutant"])))
    return with_terms(pd.concat(parts).sort_index())


def with_terms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measured rows with the two terms of the model in ``buried`` and ``close``."""
    numbers = ("min_distance_partner_A", "centre_distance_A", "buried_fraction")
    terms = binding.site_terms(*(rows[name].to_numpy() for name in numbers))
    exchanges = zip(rows["wild_type"], rows["mutant"], strict=True)
    weights = np.array([binding.substitution_weight(*exchange) for exchange in exchanges])
    return rows.assign(buried=terms[:, 0] * weights, close=terms[:, 1] * weights)


def fit_weights(rows: pd.DataFrame) -> Array:
    """Fit the two weights by non-negative ridge regression.

    A complex with many rows counts by the square root of their number, so that two large
    scans do not decide alone.
    """
    terms = rows[["buried", "close"]].to_numpy()
    goal = rows["ddg_kcal_mol"].clip(*CLIP_KCAL_MOL).to_numpy()
    size = rows.groupby("group")["group"].transform("size").to_numpy(dtype=float)
    weight = size**-0.25
    matrix = np.vstack([terms * weight[:, None], np.sqrt(RIDGE) * np.eye(2)])
    return np.asarray(nnls(matrix, np.concatenate([goal * weight, np.zeros(2)]))[0])


def out_of_group(rows: pd.DataFrame) -> Array:
    """Score each row with weights fitted without its group of homologous complexes."""
    scores = np.zeros(len(rows))
    groups = rows["group"].to_numpy()
    for name in np.unique(groups):
        held_out = groups == name
        scores[held_out] = rows.loc[held_out, ["buried", "close"]].to_numpy() @ fit_weights(rows[~held_out])
    return scores


def calibrate(scores: Array, hot: Booleans) -> tuple[float, float]:
    """Fit intercept and slope of P(hot) to scores by maximum likelihood."""

    def loss(parameters: Array) -> float:
        logit = parameters[0] + parameters[1] * scores
        return float(np.sum(np.logaddexp(0.0, logit) - hot * logit))

    found = minimize(loss, np.array([-2.0, 1.0]), method="BFGS").x
    return float(found[0]), float(found[1])


def out_of_group_probability(scores: Array, hot: Booleans, groups: npt.NDArray[np.str_]) -> Array:
    """Calibrate each group's scores on those of the other groups."""
    out = np.zeros(len(scores))
    for name in np.unique(groups):
        held_out = groups == name
        intercept, slope = calibrate(scores[~held_out], hot[~held_out])
        out[held_out] = 1.0 / (1.0 + np.exp(-(intercept + slope * scores[held_out])))
    return out


def fit(data: Path) -> dict[str, object]:
    """Return the content of the data file."""
    rows = load(data)
    if unscored := rows["reason"].astype(bool).sum():
        raise SystemExit(f"{unscored} rows cannot be scored: {sorted(set(rows['reason']) - {''})}")
    buried, close = fit_weights(rows).round(3).tolist()
    scores = out_of_group(rows)
    hot = rows["ddg_kcal_mol"].to_numpy() >= binding.HOT_SPOT_KCAL_MOL
    intercept, slope = calibrate(scores, hot)
    measured = rows["ddg_kcal_mol"].to_numpy()
    near = rows["min_distance_partner_A"].to_numpy() <= binding.GATE_FULL_A
    find = auc(binding.HOT_SPOT_KCAL_MOL)
    return {
        "version": VERSION,
        "weights": {"buried": buried, "close": close},
        "calibration": {"intercept": round(intercept, 3), "slope": round(slope, 3)},
        "form": {
            "centre_half_distance_A": binding.CENTRE_HALF_DISTANCE_A,
            "gate_A": [binding.GATE_FULL_A, binding.GATE_SHUT_A],
            "atoms_for_full_weight": binding.ATOMS_FOR_FULL_WEIGHT,
            "conservative_weight": binding.CONSERVATIVE_WEIGHT,
        },
        "data": {
            "source": "SKEMPI 2.0, Jankauskaite et al., Bioinformatics 2019, 35:462 (CC-BY 4.0)",
            "rows": len(rows),
            "complexes": int(rows["pdb"].nunique()),
            "groups": int(rows["group"].nunique()),
            "clip_kcal_mol": list(CLIP_KCAL_MOL),
            "ridge": RIDGE,
        },
        "split": "leave one group of homologous complexes out",
        "held_out": {
            "auc": round(find(measured, scores), 3),
            "auc_within_5_A": round(find(measured[near], scores[near]), 3),
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {DATA_FILE.name}")
    arguments = parser.parse_args()
    content = json.dumps(fit(arguments.data), indent=2) + "\n"
    print(content)
    if arguments.write:
        DATA_FILE.write_text(content, encoding="utf-8")
