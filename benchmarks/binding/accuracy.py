"""How well the hot-spot score finds residues that matter for binding, next to other tools.

    python -m benchmarks.binding.accuracy DATA

DATA is the folder with ``skempi2_singles.tsv`` and ``structures/``; MODEL_CARD.md says where
they come from. The score has nothing fitted; its probability is calibrated, for each row,
without its group of homologous complexes. Intervals are 90 %, from a bootstrap over groups.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.binding.calibrate import NEAR_A, load, out_of_group_probability
from benchmarks.metrics import auc, pearson, precision, recall, rmse, spearman, with_interval
from epitope.impact.predictors.binding import HOT_SPOT_KCAL_MOL

Array = npt.NDArray[np.float64]

FLAG_PROBABILITY = 0.5
N_BINS = 5
FAR_A = 10.0


def main(data: Path) -> None:
    """Print the accuracy tables."""
    rows = load(data)
    hot = rows["ddg_kcal_mol"].to_numpy() >= HOT_SPOT_KCAL_MOL
    rows["probability"] = out_of_group_probability(rows["hot_spot_score"].to_numpy(), hot, rows["group"].to_numpy())
    common = rows.dropna(subset=["foldx_kcal_mol", "flex_ddg_kcal_mol"])
    near = common["min_distance_partner_A"] <= NEAR_A
    far = rows["min_distance_partner_A"] > FAR_A
    print(
        f"Binding: {len(rows)} substitutions, {rows['pdb'].nunique()} complexes, "
        f"{rows['group'].nunique()} groups; hot: ΔΔG ≥ {HOT_SPOT_KCAL_MOL:g} kcal/mol ({hot.mean():.0%})"
    )
    _print_table(f"all {len(rows)} rows", rows)
    _print_table(f"the {len(common)} rows that all tools score", common)
    _print_table(f"of these the {near.sum()} within {NEAR_A:g} Å of the partner", common[near])
    _print_calibration(rows)
    print(
        f"\nbeyond {FAR_A:g} Å: {far.sum()} rows, {hot[far].sum()} of them hot, "
        f"largest score {rows.loc[far, 'hot_spot_score'].max():.3f}"
    )


def _predictions(rows: pd.DataFrame) -> Mapping[str, tuple[Array, float | None, bool]]:
    """Name each predictor: its values, its flag, and whether it claims kcal/mol."""
    return {
        "score": (rows["hot_spot_score"].to_numpy(), None, False),
        "P(hot), flag at 0.5": (rows["probability"].to_numpy(), FLAG_PROBABILITY, False),
        "fraction buried": (rows["buried_fraction"].to_numpy(), None, False),
        "FoldX, flag at 1": (rows["foldx_kcal_mol"].to_numpy(), HOT_SPOT_KCAL_MOL, True),
        "Flex-ddG, flag at 1": (rows["flex_ddg_kcal_mol"].to_numpy(), HOT_SPOT_KCAL_MOL, True),
    }


def _print_table(title: str, rows: pd.DataFrame) -> None:
    """Print one table, a line for each predictor that scores every row."""
    measured, groups = rows["ddg_kcal_mol"].to_numpy(), rows["group"].to_numpy()
    print(f"\n{title}")
    heads = ("AUC", "Pearson", "Spearman", "RMSE", "precision", "recall")
    print(f"{'':22}" + "".join(f"{head:<19}" for head in heads))
    for name, (values, flag, is_energy) in _predictions(rows).items():
        if np.isnan(values).any():
            continue
        metrics = [auc(HOT_SPOT_KCAL_MOL), pearson, spearman, rmse if is_energy else None]
        metrics += [m(HOT_SPOT_KCAL_MOL, flag) if flag is not None else None for m in (precision, recall)]
        cells = [with_interval(m, measured, values, groups) if m else "" for m in metrics]
        print(f"{name:22}" + "".join(f"{cell:<19}" for cell in cells).rstrip())


def _print_calibration(rows: pd.DataFrame) -> None:
    """Print predicted probability against observed frequency, in bins of equal size."""
    print("\ncalibration, held out")
    print(f"{'rows':>6}{'mean P':>9}{'observed':>10}")
    order = np.argsort(rows["probability"].to_numpy(), kind="stable")
    for part in np.array_split(order, N_BINS):
        chosen = rows.iloc[part]
        observed = (chosen["ddg_kcal_mol"] >= HOT_SPOT_KCAL_MOL).mean()
        print(f"{len(chosen):6d}{chosen['probability'].mean():9.2f}{observed:10.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
