"""Which complexes of a folder go through without a target, and why the others do not.

    python -m benchmarks.any_complex DATA

DATA holds ``binding/skempi2_singles.tsv`` with the two sides of each complex and
``binding/structures/``. Each file is loaded as it is and, where it is refused, with its
sides; then one contact residue is replaced and judged.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import epitope
from epitope.errors import EpitopeError


def main(data: Path) -> None:
    """Print a line for each complex."""
    text = dict.fromkeys(("pdb", "partner_1", "partner_2"), str)
    table = pd.read_csv(data / "binding" / "skempi2_singles.tsv", sep="\t", dtype=text)
    sides = {row.pdb.lower(): f"{row.partner_1}:{row.partner_2}" for row in table.itertuples()}
    for path in sorted((data / "binding" / "structures").glob("*.pdb.gz")):
        name = path.name[:4]
        for given in (None, sides[name]):
            try:
                print(f"{name}  {'as it is' if given is None else given:10} {judged(path, given)}")
                break
            except EpitopeError as error:
                print(f"{name}  {'as it is' if given is None else given:10} refused: {error}")


def judged(path: Path, sides: str | None) -> str:
    """Load a complex, replace its first contact residue, and say what was found."""
    structure = epitope.load(path, sides=sides)
    position = int(structure.contact_positions[0])
    letter = structure.target.residue(position)
    change = f"{letter}{position}{'A' if letter != 'A' else 'S'}"
    (row,) = epitope.assess([change], structure).to_dict("records")
    answers = ", ".join(f"{question} {row[question]}" for question in ("antigen", "fold", "epitope"))
    return f"{structure.target.name}: {len(structure.contact_positions)} contacts; {change}: {answers}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
