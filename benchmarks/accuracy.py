"""Accuracy of the two numbers behind the flags, on public measurements.

    python -m benchmarks.accuracy [DATA] [--retrain [FOLD]]

The figures of stability are recorded ones, from a nested cross-validation in which
prediction, probability, interval and flag of a row come from models that were trained and
calibrated without the proteins of its cluster; ``--retrain`` computes them again from stored
features. The hot-spot score is fitted anew each time, which takes DATA, a folder with
``binding/skempi2_singles.tsv`` and ``binding/structures/`` (SKEMPI 2.0, Jankauskaite et al.,
Bioinformatics 2019, 35:462, CC-BY; coordinates wwPDB, CC0): weights and calibration of a row
have not seen its group of complexes, the form of the score has
(``benchmarks/binding/choose_form.py`` chooses that anew as well).
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
