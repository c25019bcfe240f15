"""Compute the numbers of the bundled structure that ship with the package.

    python scripts/compute_predictions.py

Run it after a change of the structure, of a model or of a measurement; a test compares the
shipped file with what the code computes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import epitope
from epitope.impact.predictors.predictions import compute_predictions
from epitope.target import load_target

OUT = Path(load_target().predictions)

if __name__ == "__main__":
    numbers = compute_predictions(epitope.load())
    numbers.save(OUT)
    sys.stdout.write(f"{OUT.name}: {len(numbers.positions)} positions; {numbers.key}\n")
