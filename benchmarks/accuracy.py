"""Accuracy of the two numbers behind the flags, on public measurements.

    python -m benchmarks.accuracy DATA

DATA holds two folders, ``stability`` and ``binding``, with a table of measurements and the
structures each:

``stability/S2648.tsv``, ``stability/structures/<pdb>.pdb.gz``
    ΔΔG of folding of single substitutions (Dehouck et al., Bioinformatics 2009, 25:2537, from
    ProTherm), positive = destabilising; columns pdb, chain, residue, wild_type, mutant,
    ddg_kcal_mol, cluster (homology). Coordinates from the wwPDB (CC0).
``binding/skempi2_singles.tsv``, ``binding/structures/``
    ΔΔG of binding of single substitutions (SKEMPI 2.0, Jankauskaite et al., Bioinformatics
    2019, 35:462, CC-BY), positive = weaker binding. Coordinates from the wwPDB (CC0).

All figures are for proteins that the models had not seen; each half explains its split.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.binding import accuracy as binding
from benchmarks.stability import accuracy as stability

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data
    stability.main(folder / "stability")
    print()
    binding.main(folder / "binding")
