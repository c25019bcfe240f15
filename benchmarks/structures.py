"""What becomes of every structure of a folder, and ten interfaces beside an independent program.

    python -m benchmarks.structures DATA

Reads every file ``DATA/*/structures/*.pdb.gz`` without a target and prints how many are read, how
many show a complex, and why others do not; a traceback ends the run. Of the complexes of
``binding/skempi2_singles.tsv`` it then compares buried areas and contacts with those of biotite
(Kunzmann & Hamacher, BMC Bioinformatics 2018, 19:346; extra ``bcif``), which reads the files and
measures on its own; only the atoms' radii, and that an atom of
zero occupancy was not observed, are shared.
"""

from __future__ import annotations

import argparse
import gzip
import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.roles import sides_of
from epitope.errors import EpitopeError
from epitope.features.atoms import ResidueAtoms
from epitope.features.contacts import CONTACT_A, pairs_between
from epitope.features.surface import N_POINTS, PROBE_RADIUS_A, atom_radii, buried_areas
from epitope.structure.complex import Complex, read_complex
from epitope.structure.read import read_entry
from epitope.structure.residues import is_amino_acid, one_letter

N_COMPARED = 10
Residues = set[tuple[str, int, str]]
REASONS = ("no antibody", "two antigens", "no contact", "no protein", "is alone")


def read_all(data: Path) -> None:
    """Print how many files are read and how many hold a complex, with the reasons of the others."""
    paths = sorted(data.glob("*/structures/*.pdb.gz"))
    outcome: Counter[str] = Counter()
    for path in paths:
        try:
            read_entry(path)
        except EpitopeError as error:
            outcome[f"not read: {str(error).removeprefix(f'{path}: ')}"] += 1
            continue
        try:
            found = read_complex(path, None)
        except EpitopeError as error:
            message = str(error)
            assert "\n" not in message
            reason = next((reason for reason in REASONS if reason in message), message)
            outcome[f"read, refused as a complex: {reason}"] += 1
        else:
            kinds = ", ".join(partner.kind for partner in found.roles.partners)
            outcome["read, a complex"] += 1
            print(f"{path.parent.parent.name}/{path.name}: {kinds} on {', '.join(found.roles.antigen)}")
    print(f"{len(paths)} files, {len({path.name for path in paths})} entries")
    for text, count in sorted(outcome.items()):
        print(f"{count:4d}  {text}")


def ours(found: Complex) -> tuple[float, Residues]:
    """Return the area buried on the antigen, Å², and its residues within 4 Å of the partner."""
    antigen, partner = (ResidueAtoms.from_atomgroup(atoms) for atoms in (found.antigen, found.antibody))
    area = buried_areas(antigen, partner)[0].sum()
    rows = np.unique(antigen.residue[pairs_between(antigen, partner, CONTACT_A).first])
    names = zip(antigen.chains[rows], antigen.numbers[rows], antigen.insertion_codes[rows], strict=True)
    return float(area), {(str(chain), int(number), str(code)) for chain, number, code in names}


def theirs(path: Path, antigen: set[str], partner: set[str]) -> tuple[float, Residues]:
    """Return the same as `ours` from biotite alone."""
    from biotite.structure import CellList, sasa
    from biotite.structure.io.pdb import PDBFile

    with gzip.open(path, "rt") as file:
        pdb = PDBFile.read(io.StringIO(file.read()))
    atoms: Any = pdb.get_structure(model=1, altloc="occupancy", extra_fields=["occupancy"])
    protein = np.array([is_amino_acid(str(name)) for name in atoms.res_name])
    atoms = atoms[protein & (atoms.occupancy > 0) & ~np.isin(atoms.element, ("H", "D"))]
    first = atoms[np.isin(atoms.chain_id, list(antigen))]
    second = atoms[np.isin(atoms.chain_id, list(partner))]
    letters = np.array([one_letter(str(name)) for name in atoms.res_name])
    radius = dict(zip(map(tuple, atoms.coord), atom_radii(atoms.atom_name, atoms.element, letters), strict=True))
    areas = []
    for part in (first, first + second):
        radii = np.array([radius[tuple(xyz)] for xyz in part.coord])
        area = sasa(part, PROBE_RADIUS_A, point_number=N_POINTS, vdw_radii=radii)
        areas.append(float(np.nansum(area[: len(first)])))
    near = CellList(first, CONTACT_A).get_atoms(second.coord, CONTACT_A)
    touched = first[np.unique(near[near >= 0])]
    names = zip(touched.chain_id, touched.res_id, touched.ins_code, strict=True)
    return areas[0] - areas[1], {(str(chain), int(number), str(code)) for chain, number, code in names}


def compare(data: Path) -> None:
    """Print buried areas and contacts of ten complexes, both ways."""
    print(f"\n{'entry':6s} {'sides':8s} {'buried Å²':>10s} {'biotite':>8s} {'residues':>9s} {'biotite':>8s} differing")
    for pdb, one, other in sides_of(data)[:N_COMPARED]:
        path = data / "binding" / "structures" / f"{pdb.lower()}.pdb.gz"
        found = read_complex(path, None, sides=f"{','.join(sorted(one))}:{','.join(sorted(other))}")
        partner = {name for p in found.roles.partners for name in p.chains}
        area, contacts = ours(found)
        expected, reference = theirs(path, set(found.roles.antigen), partner)
        sides = f"{''.join(found.roles.antigen)}:{''.join(sorted(partner))}"
        print(
            f"{pdb:6s} {sides:8s} {area:10.1f} {expected:8.1f} {len(contacts):9d} {len(reference):8d} "
            f"{len(contacts ^ reference)}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data
    read_all(folder)
    compare(folder)
