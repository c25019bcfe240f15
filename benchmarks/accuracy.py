"""Accuracy of the two numbers behind the flags, on public measurements.

    python -m benchmarks.accuracy [DATA] [--retrain [FOLD]]

The figures of stability are recorded ones, from a nested cross-validation in which
prediction, probability, interval and flag of a row come from models that were trained and
calibrated without the proteins of its cluster; ``--retrain`` computes them again from stored
features. The hot-spot score is computed anew each time, which takes DATA, a folder with
``binding/skempi2_singles.tsv`` and ``binding/structures/`` (SKEMPI 2.0, Jankauskaite et al.,
Bioinformatics 2019, 35:462, CC-BY; coordinates wwPDB, CC0): its formula has nothing fitted,
and the calibration of a row has not seen its group of complexes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.binding import accuracy as binding
from benchmarks.stability import accuracy as stability

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--retrain", type=int, nargs="?", const=stability.ALL_FOLDS, metavar="FOLD")
    arguments = parser.parse_args()
    stability.main(retrain=arguments.retrain)
    if arguments.data is not None:
        print()
        binding.main(arguments.data / "binding")
