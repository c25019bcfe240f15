"""Store what other programs say of structures, for the tests that hold our measurements against them.

    pip install biotite hydride        # and mkdssp from the system's packages
    python scripts/store_oracles.py hydrogen_bonds secondary_structure
    pip install gemmi openbabel-wheel prolif pdbfixer && pip install --no-deps plip
    python scripts/store_oracles.py contacts

Writes into ``tests/data/oracles`` ``hydrogen_bonds_biotite.tsv`` (hydrogens placed by hydride at
pH 7 and relaxed, then the criterion of Baker & Hubbard, Prog Biophys Mol Biol 1984, 44:97),
``secondary_structure_mkdssp.tsv``, and ``contacts_plip.tsv``. Needed only when the structures or
the programs change.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STRUCTURE = ROOT / "structures" / "6AL5.cif"
FOLDER = ROOT / "tests" / "data" / "oracles"
COMPLEXES = {
    "6AL5.cif": ("A", "HL"),
    "1AHW.cif": ("C", "AB"),
    "1gua_interface.pdb": ("A", "B"),
    "1brs_interface.pdb": ("A", "D"),
}
"""Files in ``structures`` or beside the oracles, with the chains of the two sides."""


def hydrogen_bonds() -> None:
    """Write every hydrogen bond between heavy atoms of different residues."""
    import biotite
    import biotite.structure as struc
    import hydride
    from biotite.structure.io import pdbx

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


def contacts() -> None:
    """Write the interactions that PLIP finds across each interface, by residue, part and kind."""
    from plip.basic import config

    rows = []
    for name, sides in COMPLEXES.items():
        found = _plip(name, *sides)
        rows += ["\t".join((name.split(".")[0], *row)) for row in sorted(found)]
    head = f"# PLIP {config.__version__} with its own thresholds: first side, second side; donor is the side that gives"
    columns = "structure\tkind\tfirst\tfirst_atom\tsecond\tsecond_atom\tdonor\tdistance_A"
    (FOLDER / "contacts_plip.tsv").write_text("\n".join([head, columns, *rows]) + "\n", encoding="utf-8")


def _plip(name: str, first: str, second: str) -> set[tuple[str, ...]]:
    """Run PLIP on the two sides of one file."""
    import gemmi
    from plip.basic import config
    from plip.structure.preparation import PDBComplex

    path = ROOT / "structures" / name
    structure = gemmi.read_structure(str(path if path.exists() else FOLDER / name))
    structure.setup_entities()
    structure.remove_alternative_conformations()
    model = structure[0]
    for chain in [chain.name for chain in model if chain.name not in first + second]:
        model.remove_chain(chain)
    config.CHAINS, config.NOFIXFILE = [list(first), list(second)], True
    out: set[tuple[str, ...]] = set()
    with tempfile.TemporaryDirectory() as folder:
        written = str(Path(folder) / "complex.pdb")
        structure.write_pdb(written)
        held = PDBComplex()
        held.load_pdb(written)
        held.analyze()
        for site in held.interaction_sets.values():
            for kind, one, two, distance, gives in _plip_rows(site):
                if (one[0] in first) == (two[0] in first):
                    continue
                turned = one[0] in second
                ends = (*two, *one) if turned else (*one, *two)
                donor = "" if gives is None else "first" if gives != turned else "second"
                label = [f"{chain}:{number}:{residue}" for chain, number, residue, _ in (ends[:4], ends[4:])]
                out.add((kind, label[0], ends[3], label[1], ends[7], donor, f"{distance:.2f}"))
    return out


def _plip_rows(site: Any) -> Any:
    """Yield kind, the atom on the receptor's and on the ligand's side, distance, and whether the first gives."""
    for bond in (*site.hbonds_pdon, *site.hbonds_ldon):
        ends = (bond.d, bond.a) if bond.protisdon else (bond.a, bond.d)
        yield "hydrogen bond", *map(_plip_atom, ends), bond.distance_ad, bond.protisdon
    for bridge in (*site.saltbridge_lneg, *site.saltbridge_pneg):
        ends = (bridge.positive, bridge.negative) if bridge.protispos else (bridge.negative, bridge.positive)
        yield "salt bridge", *(_plip_atom(end.atoms[0]) for end in ends), bridge.distance, None
    for touch in site.all_hydrophobic_contacts:
        yield "hydrophobic", _plip_atom(touch.bsatom), _plip_atom(touch.ligatom), touch.distance, None
    for stack in site.pistacking:
        ends = (stack.proteinring.atoms[0], stack.ligandring.atoms[0])
        yield "π-stacking", *map(_plip_atom, ends), stack.distance, None
    for stack in (*site.pication_laro, *site.pication_paro):
        ends = (stack.charge, stack.ring) if stack.protcharged else (stack.ring, stack.charge)
        yield "cation–π", *(_plip_atom(end.atoms[0]) for end in ends), stack.distance, stack.protcharged
    for bridge in site.water_bridges:
        ends = (bridge.d, bridge.a) if bridge.protisdon else (bridge.a, bridge.d)
        yield "water-mediated", *map(_plip_atom, ends), max(bridge.distance_aw, bridge.distance_dw), bridge.protisdon


def _plip_atom(atom: Any) -> tuple[str, str, str, str]:
    """Return chain, number, residue and name of an atom."""
    residue = atom.OBAtom.GetResidue()
    return residue.GetChain(), residue.GetNumString().strip(), residue.GetName(), residue.GetAtomID(atom.OBAtom).strip()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for wanted in sys.argv[1:]:
        {function.__name__: function for function in (hydrogen_bonds, secondary_structure, contacts)}[wanted]()
