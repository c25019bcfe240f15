"""What the score is worth when its form, too, is chosen without the complexes it is tested on.

    python -m benchmarks.binding.choose_form DATA

For every group held out, half-distance, gate and side-chain weight are chosen from a grid by
cross-validation within the other groups, then the weights are fitted to these. The figure is
the honest lower one beside that of `benchmarks.binding.accuracy`, where the form is fixed.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pandas as pd

from benchmarks.binding.train import fit_weights, load, out_of_group, with_terms
from benchmarks.metrics import auc
from epitope.impact.predictors import binding


class Form(NamedTuple):
    """The constants of the score that are not fitted."""

    half_distance: float
    gate: tuple[float, float]
    atoms: int


FORMS = [Form(*choice) for choice in product((4, 6, 8, 10, 12, 16), ((4, 8), (5, 10)), (1, 3, 6))]


def in_form(rows: pd.DataFrame, form: Form) -> pd.DataFrame:
    """Return the rows with the model's terms in another form."""
    constants = {
        "CENTRE_HALF_DISTANCE_A": form.half_distance,
        "GATE_FULL_A": form.gate[0],
        "GATE_SHUT_A": form.gate[1],
        "ATOMS_FOR_FULL_WEIGHT": form.atoms,
        "LEAST_SIDE_CHAIN_WEIGHT": 1 / form.atoms,
    }
    binding.substitution_weight.cache_clear()
    with patch.multiple(binding, **constants):
        out = with_terms(rows)
    binding.substitution_weight.cache_clear()
    return out


def main(data: Path) -> None:
    """Print the form chosen for each group and the accuracy over all."""
    rows = load(data)
    hot = auc(binding.HOT_SPOT_KCAL_MOL)
    tables = {form: in_form(rows, form) for form in FORMS}
    groups, measured = rows["group"].to_numpy(), rows["ddg_kcal_mol"].to_numpy()
    scores = np.zeros(len(rows))
    for name in np.unique(groups):
        held_out = groups == name
        found = {form: hot(measured[~held_out], out_of_group(t[~held_out])) for form, t in tables.items()}
        best = max(FORMS, key=found.__getitem__)
        terms = tables[best][["buried", "close"]].to_numpy()
        scores[held_out] = terms[held_out] @ fit_weights(tables[best][~held_out])
        print(f"without group {name:>4}: {best}, AUC {found[best]:.3f}")
    near = rows["min_distance_partner_A"].to_numpy() <= binding.GATE_FULL_A
    print(f"AUC {hot(measured, scores):.3f}, within 5 Å {hot(measured[near], scores[near]):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
