"""Small complexes that are measured in a moment: a few residues of either side of a bundled one."""

from __future__ import annotations

from pathlib import Path

import gemmi
import pytest

from epitope.structure import bundled_structure

SIDES = "A:H"
KEPT = {"A": range(155, 167), "H": range(97, 112)}


@pytest.fixture(scope="session")
def complexes(tmp_path_factory) -> Path:
    """A folder with six complexes, each with another residue missing, and one file that is none."""
    folder = tmp_path_factory.mktemp("complexes")
    for number in range(6):
        structure = gemmi.read_structure(str(bundled_structure()))
        structure.merge_chain_parts()
        model = structure[0]
        for name in [chain.name for chain in model]:
            if name not in KEPT:
                model.remove_chain(name)
        for name, kept in KEPT.items():
            chain = model[name]
            for index in reversed(range(len(chain))):
                if chain[index].seqid.num not in kept or chain[index].seqid.num == 155 + number:
                    del chain[index]
        made = folder / "deeper" if number % 3 == 0 else folder
        made.mkdir(exist_ok=True)
        (made / f"c{number:02d}.pdb").write_text(structure.make_minimal_pdb())
    (folder / "broken.pdb").write_text("ATOM      1  N   ALA A   1      no numbers here\nEND\n")
    return folder
