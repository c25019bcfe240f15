"""Coordinates trimmed to what a picture needs, as PDB text for viewers in a page.

The antigen keeps all its heavy atoms, since any residue can be asked for; the antibody
keeps its main chain, and its side chains only near the antigen. Strand and helix
records go along so that every viewer draws the same cartoon. Not an archive format:
for that there is the structure file itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from epitope.features.atoms import ResidueAtoms
from epitope.features.secondary_structure import secondary_structure
from epitope.show.molecule import Molecule
from epitope.structure.neighbours import nearest_distance
from epitope.target.residues import three_letter

_SIDE_CHAINS_WITHIN_A = 8.0
"""Antibody side chains farther from the antigen are not drawn by any preset."""
_SHORTEST_ELEMENT = 3
"""Shorter strands and helices look like specks in a cartoon."""
_MAIN_CHAIN = ("N", "CA", "C", "O")


def trimmed_pdb(structure: Any, *, whole: bool = False) -> str:
    """Return the drawn atoms of a complex as PDB text.

    Parameters
    ----------
    structure : epitope.features.MeasuredComplex
        The complex.
    whole : bool
        Keep every heavy atom of the antibody, for files beside an exported script.

    Returns
    -------
    str
        HELIX, SHEET and ATOM records, ending with END.
    """
    m = Molecule.of(structure)
    lines = _secondary_structure(m)
    lines += atom_lines(m.antigen, np.ones(len(m.antigen.positions), dtype=bool), 1)
    lines += atom_lines(m.antibody, _drawn(m, whole), len(lines) + 1)
    lines += _glycan_lines(structure, len(lines) + 1)
    return "\n".join([*lines, "END", ""])


def _drawn(m: Molecule, whole: bool) -> npt.NDArray[np.bool_]:
    """Return a mask of the antibody atoms to keep."""
    if whole or not len(m.antibody):
        return np.ones(len(m.antibody.positions), dtype=bool)
    near = nearest_distance(m.antibody.positions, m.antigen.positions) <= _SIDE_CHAINS_WITHIN_A
    residues = np.unique(m.antibody.residue[near])
    return np.asarray(np.isin(m.antibody.names, _MAIN_CHAIN) | np.isin(m.antibody.residue, residues))


def atom_lines(
    atoms: ResidueAtoms, keep: npt.NDArray[np.bool_], serial: int, b_factors: npt.NDArray[np.float64] | None = None
) -> list[str]:
    """Return ATOM records of the kept atoms; modified residues by the name of their parent, B-factors 0 by default."""
    out: list[str] = []
    for i in np.flatnonzero(keep):
        r = atoms.residue[i]
        out.append(
            _record(
                serial + len(out),
                str(atoms.names[i]),
                pdb_name(str(atoms.letters[r])),
                str(atoms.chains[r]),
                int(atoms.numbers[r]),
                str(atoms.insertion_codes[r]),
                atoms.positions[i],
                str(atoms.elements[i]),
                b_factor=0.0 if b_factors is None else float(b_factors[i]),
            )
        )
    return out


def _record(
    serial: int,
    name: str,
    residue: str,
    chain: str,
    number: int,
    code: str,
    xyz: npt.NDArray[np.float64],
    element: str,
    kind: str = "ATOM",
    b_factor: float = 0.0,
) -> str:
    """Return one ATOM or HETATM record."""
    padded = name[:4] if len(name) >= 4 or len(element) == 2 else f" {name}"
    return (
        f"{kind:<6}{serial % 100_000:5d} {padded:<4} {residue:>3} {chain[:1]}{number:4d}{(code.strip() or ' ')[:1]}   "
        f"{xyz[0]:8.3f}{xyz[1]:8.3f}{xyz[2]:8.3f}  1.00{b_factor:6.2f}          {element:>2}"
    )


def _glycan_lines(structure: Any, serial: int) -> list[str]:
    """Return HETATM records of the sugars that lie on the antigen's chains."""
    sugars = structure.complex.cut("sugars")
    return [
        _record(
            serial + i,
            str(name),
            str(residue),
            str(chain),
            int(number),
            " ",
            xyz,
            str(element).upper(),
            "HETATM",
        )
        for i, (name, residue, chain, number, xyz, element) in enumerate(
            zip(
                sugars.names,
                sugars.resnames,
                sugars.chainIDs,
                sugars.resids,
                sugars.positions,
                sugars.elements,
                strict=True,
            )
        )
    ]


def _secondary_structure(m: Molecule) -> list[str]:
    """Return HELIX and SHEET records of both partners."""
    out: list[str] = []
    for atoms in (m.antigen, m.antibody):
        states = secondary_structure(atoms) if len(atoms) else np.array([], dtype=str)
        joined = atoms.bonded_to_previous
        start = 0
        for i in range(1, len(atoms) + 1):
            if i == len(atoms) or states[i] != states[start] or not joined[i]:
                if states[start] in ("H", "E") and i - start >= _SHORTEST_ELEMENT:
                    out.append(_element(atoms, start, i - 1, str(states[start]), len(out) + 1))
                start = i
    return out


def _element(atoms: ResidueAtoms, first: int, last: int, state: str, serial: int) -> str:
    """Return the record of one helix or strand."""
    a, b = (f"{pdb_name(str(atoms.letters[i]))} {str(atoms.chains[i])[:1]}" for i in (first, last))
    start, end = (
        f"{int(atoms.numbers[i]):4d}{(str(atoms.insertion_codes[i]).strip() or ' ')[:1]}" for i in (first, last)
    )
    if state == "H":
        return f"HELIX  {serial:3d} {serial:3d} {a} {start} {b} {end} 1{'':30}{last - first + 1:5d}"
    return f"SHEET  {serial:3d} {'A':>3} 1 {a}{start} {b}{end} 0"


def pdb_name(letter: str) -> str:
    """Return the residue name of a PDB file, ``UNK`` for what is no amino acid.

    Examples
    --------
    >>> pdb_name("F"), pdb_name("X")
    ('PHE', 'UNK')
    """
    name = three_letter(letter).upper()
    return "UNK" if name == "XAA" else name
