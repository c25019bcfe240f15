"""How many complexes get the right roles, without a target and without being told.

    python -m benchmarks.roles DATA

DATA holds ``binding/skempi2_singles.tsv`` and ``binding/structures/<pdb>.pdb.gz`` (SKEMPI 2.0,
Jankauskaite et al., Bioinformatics 2019, 35:462, CC-BY); the columns partner_1 and partner_2
name the chains of the two sides. A complex is right where the chains found to bind are one side
exactly, and the antigen lies in the other. Complexes without an antibody or T-cell receptor must be refused in one
line, and be read with the two sides given.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from epitope.errors import EpitopeError
from epitope.structure.complex import Complex, read_complex


def sides_of(data: Path) -> list[tuple[str, set[str], set[str]]]:
    """Return each complex of SKEMPI with the chains of its two sides."""
    with (data / "binding" / "skempi2_singles.tsv").open(encoding="utf-8") as file:
        rows = {(row["pdb"], row["partner_1"], row["partner_2"]) for row in csv.DictReader(file, delimiter="\t")}
    return sorted((pdb, set(one), set(other)) for pdb, one, other in rows)


def _is_right(found: Complex, one: set[str], other: set[str]) -> bool:
    antigen = set(found.roles.antigen)
    binders = {name for partner in found.roles.partners for name in partner.chains}
    return (binders == one and antigen <= other) or (binders == other and antigen <= one)


def _judge(path: Path, one: set[str], other: set[str]) -> tuple[str, str]:
    """Return the verdict on a complex, and what was found."""
    given = f"{','.join(sorted(one))}:{','.join(sorted(other))}"
    try:
        told = read_complex(path, None, sides=given)
    except EpitopeError as error:
        return "wrong: refused with its sides given", str(error)
    if not _is_right(told, one, other):
        return "wrong: with its sides given", str(told.roles)
    try:
        found = read_complex(path, None)
    except EpitopeError as error:
        return "right: with its sides given, refused without", str(error).removeprefix(f"{path}: ")
    kinds = ", ".join(f"{partner.kind} {''.join(partner.chains)}" for partner in found.roles.partners)
    return (
        "right: by itself" if _is_right(found, one, other) else "wrong: by itself",
        f"{kinds} on {''.join(found.roles.antigen)}",
    )


def main(data: Path) -> None:
    """Print a line for each complex, and the counts."""
    counts: Counter[str] = Counter()
    for pdb, one, other in sides_of(data):
        path = data / "binding" / "structures" / f"{pdb.lower()}.pdb.gz"
        verdict, found = _judge(path, one, other)
        counts[verdict] += 1
        print(f"{pdb}  {''.join(sorted(one))}:{''.join(sorted(other))}  {verdict}; {found}")
    for verdict, count in sorted(counts.items()):
        print(f"{count:4d}  {verdict}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
