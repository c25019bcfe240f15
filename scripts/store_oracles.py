"""Store what other programs say of 6AL5, for the tests that hold our measurements against them.

    pip install biotite hydride        # and mkdssp from the system's packages
    python scripts/store_oracles.py

Writes ``tests/data/oracles/hydrogen_bonds_biotite.tsv`` (hydrogens placed by hydride at
pH 7 and relaxed, then the criterion of Baker & Hubbard, Prog Biophys Mol Biol 1984, 44:97)
and ``secondary_structure_mkdssp.tsv``. Needed only when the structure or the programs change.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import biotite
import biotite.structure as struc
import hydride
from biotite.structure.io import pdbx

ROOT = Path(__file__).resolve().parents[1]
STRUCTURE = ROOT / "structures" / "6AL5.cif"
FOLDER = ROOT / "tests" / "data" / "oracles"


def hydrogen_bonds() -> None:
    """Write every hydrogen bond between heavy atoms of different residues."""
    file = pdbx.CIFFile.read(STRUCTURE)
    atoms = pdbx.get_structure(file, model=1, use_author_fields=True, include_bonds=True)
    atoms = atoms[struc.filter_amino_acids(atoms) & (atoms.element != "H")]
    atoms.set_annotation("charge", hydride.estimate_amino_acid_charges(atoms, ph=7.0))
    atoms, _ = hydride.add_hydrogen(atoms)
    atoms.coord = hydride.relax_hydrogen(atoms)
    found = set()
    for donor, _, acceptor in struc.hbond(atoms):
        ends = [
            (str(atoms.chain_id[i]), int(atoms.res_id[i]), str(atoms.res_name[i]), str(atoms.atom_name[i]))
            for i in (donor, acceptor)
        ]
        if ends[0][:2] != ends[1][:2]:
            found.add((*ends[0], *ends[1]))
    head = f"# biotite {biotite.__version__}, hydride {hydride.__version__}: donor, then acceptor"
    columns = "\t".join(
        f"{end}_{name}" for end in ("donor", "acceptor") for name in ("chain", "number", "residue", "atom")
    )
    rows = ["\t".join(map(str, row)) for row in sorted(found)]
    (FOLDER / "hydrogen_bonds_biotite.tsv").write_text("\n".join([head, columns, *rows]) + "\n", encoding="utf-8")


def secondary_structure() -> None:
    """Write DSSP's state of every residue."""
    version = subprocess.run(["mkdssp", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.dssp"
        subprocess.run(["mkdssp", "--output-format", "dssp", STRUCTURE, out], check=True, capture_output=True)
        lines = out.read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("  #  RESIDUE"))
    rows = [
        f"{line[11]}\t{int(line[5:10])}\t{line[13]}\t{line[16].replace(' ', '-')}"
        for line in lines[begin + 1 :]
        if line[13] != "!"
    ]
    text = "\n".join([f"# {version}", "chain\tnumber\tresidue\tstate", *rows]) + "\n"
    (FOLDER / "secondary_structure_mkdssp.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    hydrogen_bonds()
    secondary_structure()
