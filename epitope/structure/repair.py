"""What other programs leave out or write their own way, put right before roles are decided.

Simulation and modelling programs leave chain names empty, name residues after protonation
states and put numbers where PDB files have charges. Each function changes one such thing,
and says in a note for people what it did. Nothing is repaired that would need a guess.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.errors import StructureError
from epitope.structure.residues import BACKBONE_CHAIN, FORCE_FIELD_NAMES, SIDE_CHAINS, is_amino_acid

if TYPE_CHECKING:
    import gemmi

ATOM_RECORDS = ("ATOM  ", "HETATM")
# "pLDDT > 70 corresponds to a generally correct backbone prediction" (Tunyasuvunakool et
# al., Nature 2021, 596:590); AlphaFold DB draws the line of low confidence there.
MIN_CONFIDENCE = 70.0

MAX_ATOMS = 500_000
"""Most atom records that are read; an antigen with its antibody has ten thousand, a virus of 60 copies 300,000."""
_ATOM, _CHAIN, _NUMBER, _RESIDUE = slice(12, 16), 21, slice(22, 26), slice(17, 27)
_SEGMENT, _CHARGE = slice(72, 76), slice(78, 80)
_CHARGES = re.compile(r" *(?:(?:[0-9][+-]?|[+-]) *)?|[+-][0-9]")
LAST_ATOMS = frozenset({"OXT", "OT2", "OC2"})
"""Atoms that only the last residue of a chain has."""
_CHAIN_NAMES = string.ascii_uppercase + string.ascii_lowercase + string.digits
# What OPLS and GROMOS call the last oxygens; other residues may have atoms of these names.
_END_NAMES: Mapping[str, str] = {"O1": "O", "O2": "OXT"}
# CHARMM and GROMACS name three atoms unlike the Chemical Component Dictionary.
_ATOM_NAMES: Mapping[str, str] = {"OT1": "O", "OC1": "O", "OT2": "OXT", "OC2": "OXT"}


def require_few(count: int, what: str, path: Path) -> None:
    """Refuse more atoms than are read.

    Raises
    ------
    StructureError
        If there are more than `MAX_ATOMS`.
    """
    if count > MAX_ATOMS:
        raise StructureError(
            f"{path}: has {count:,} {what}, more than the {MAX_ATOMS:,} that are read; cut out the chains that matter"
        )


def blank_charges(lines: list[str]) -> tuple[list[str], str]:
    """Empty the charge columns (79-80) of atom records where they hold something else.

    Examples
    --------
    >>> line = "ATOM      1  CA  GLY A   1       1.000   0.000   0.000  1.00 20.00           C17"
    >>> blank_charges([line])[1]
    'no charges but other numbers stand in columns 79-80 of 1 atom record; they were not read'
    """
    wrong = [
        i for i, line in enumerate(lines) if line.startswith(ATOM_RECORDS) and not _CHARGES.fullmatch(line[_CHARGE])
    ]
    if not wrong:
        return lines, ""
    repaired = list(lines)
    for i in wrong:
        repaired[i] = lines[i][:78]
    records = "atom record" if len(wrong) == 1 else "atom records"
    return repaired, (
        f"no charges but other numbers stand in columns 79-80 of {len(wrong)} {records}; they were not read"
    )


def short_names(lines: list[str]) -> list[str]:
    """Write the four-letter residue names of force fields, which reach into the chain's columns, with three.

    Examples
    --------
    >>> short_names(["ATOM      1  CA  HISE    1       1.000   0.000   0.000"])[0][17:22]
    'HIS  '
    """
    return [
        f"{line[:17]}{FORCE_FIELD_NAMES[line[17:21]]} {line[21:]}"
        if line.startswith(ATOM_RECORDS) and line[17:21] in FORCE_FIELD_NAMES
        else line
        for line in lines
    ]


def name_chains(lines: list[str], path: Path) -> tuple[list[str], dict[str, str], str]:
    """Give chains without a name one: their segment's, else the next free letter.

    A nameless chain ends at TER, where the segment changes, behind a C-terminal oxygen, and
    where the residue number of a protein falls.

    Returns
    -------
    lines : list of str
        With a letter in the column of the chain; SEQRES of nameless chains is left out.
    names : dict
        Segment by that letter, for the chains that have one.
    note : str
        What was done, "" for nothing.

    Raises
    ------
    StructureError
        If there are more chains than letters.
    """
    if not any(line.startswith("ATOM  ") and line[_CHAIN] == " " for line in lines):
        return lines, {}, ""
    used = {line[_CHAIN] for line in lines if line.startswith(ATOM_RECORDS)}
    free = (name for name in _CHAIN_NAMES if name not in used)
    named: list[str] = []
    segment_of: dict[str, str] = {}
    letter, residue, number, ended = "", "", 0, True
    for line in lines:
        if line.startswith("TER"):
            ended, residue = True, ""
        if line.startswith("SEQRES") and line[11:12] == " ":
            continue
        if not line.startswith(ATOM_RECORDS) or line[_CHAIN] != " ":
            named.append(line)
            continue
        segment, here = line[_SEGMENT].strip(), _integer(line[_NUMBER], number)
        starts = _is_protein(line) and line[_RESIDUE] != residue and (ended or here < number)
        if not letter or segment != segment_of[letter] or starts:
            known = [old for old, name in segment_of.items() if segment and name == segment]
            letter = known[0] if known else next(free, "")
            if not letter:
                raise StructureError(f"{path}: has more nameless chains than letters; name them, or save it as mmCIF")
            segment_of[letter], ended = segment, False
        if _is_protein(line):
            number = here
            ended = ended or line[_ATOM].strip() in LAST_ATOMS
        residue = line[_RESIDUE]
        named.append(f"{line[:21]}{letter}{line[22:]}")
    given = ", ".join(segment or letter for letter, segment in segment_of.items())
    whence = "their segments" if any(segment_of.values()) else "the order of the file"
    note = f"the file names no chains; they are called {given} after {whence}"
    return named, {letter: name for letter, name in segment_of.items() if name}, note


def _integer(text: str, otherwise: int) -> int:
    return int(text) if text.strip().removeprefix("-").isdigit() else otherwise


def _is_protein(line: str) -> bool:
    return is_amino_acid(line[17:20].strip())


def standard_names(structure: gemmi.Structure) -> None:
    """Name residues and atoms of force fields as the Chemical Component Dictionary does, in place."""
    import gemmi
    import numpy as np

    atoms = gemmi.FlatStructure(structure)
    atoms.strings_as_numbers = False
    renamed = not (_ATOM_NAMES.keys() | _END_NAMES.keys()).isdisjoint(np.array(atoms.atom_names, dtype=str).tolist())
    for chain in structure[0]:
        for residue in chain:
            name = residue.name
            if name in FORCE_FIELD_NAMES:
                name = residue.name = FORCE_FIELD_NAMES[name]
            if (renamed and is_amino_acid(name)) or name == "ILE":
                for atom in residue:
                    atom.name = standard_atom_name(atom.name, name)


def standard_atom_name(name: str, residue: str) -> str:
    """Return what the Chemical Component Dictionary calls an atom of an amino acid.

    Parameters
    ----------
    name
        Name of the atom in a force field.
    residue
        Standard name of its residue.

    Examples
    --------
    >>> standard_atom_name("CD", "ILE"), standard_atom_name("OT1", "LEU"), standard_atom_name("CD", "LYS")
    ('CD1', 'O', 'CD')
    """
    if (name, residue) == ("CD", "ILE"):
        return "CD1"
    if residue in SIDE_CHAINS and name in _END_NAMES:
        return _END_NAMES[name]
    return _ATOM_NAMES.get(name, name)


def require_known_residues(structure: gemmi.Structure, path: Path) -> None:
    """Refuse a residue of a chain whose name neither the dictionary nor the file explains.

    Raises
    ------
    StructureError
        If there is one; it would be left out of the sequence without a word.
    """
    declared = {name for entity in structure.entities for names in entity.full_sequence for name in names.split(",")}
    declared |= {modified.res_id.name for modified in structure.mod_residues}
    for chain in structure[0]:
        for residue in chain.get_polymer():
            if residue.name in declared or is_amino_acid(residue.name):
                continue
            if {atom.name for atom in residue} >= BACKBONE_CHAIN:
                raise StructureError(
                    f"{path}: residue {residue.name} {chain.name}:{residue.seqid} has the backbone of an amino acid "
                    "and a name that is in neither the chemical dictionary nor SEQRES or MODRES; "
                    "rename it, or declare it with MODRES"
                )


def drop_low_confidence(structure: gemmi.Structure, path: Path) -> str:
    """Drop the residues that a prediction is not confident of, in place; return the note.

    The B-factor column of a prediction holds pLDDT, 0 to 100.

    Raises
    ------
    StructureError
        If nothing is left.
    """
    dropped = total = 0
    for chain in structure[0]:
        for index in range(len(chain) - 1, -1, -1):
            residue = chain[index]
            if is_amino_acid(residue.name):
                total += 1
                if sum(atom.b_iso for atom in residue) / len(residue) < MIN_CONFIDENCE:
                    del chain[index]
                    dropped += 1
    if total and dropped == total:
        raise StructureError(
            f"{path}: is a prediction without a residue of pLDDT {MIN_CONFIDENCE:.0f} or more; nothing in it is certain"
        )
    structure.remove_empty_chains()
    return (
        f"a prediction, its B-factors read as pLDDT; {dropped} of {total} residues are below {MIN_CONFIDENCE:.0f} "
        "and count as not observed"
    )


def build_assembly(structure: gemmi.Structure, name: str, path: Path) -> str:
    """Make a biological assembly of the structure, in place; return the note.

    The first copy of a chain keeps its name, further ones get a free letter.

    Raises
    ------
    StructureError
        If the file describes no assembly of that name, or it has more atoms than are read.
    """
    import gemmi

    known = {assembly.name: assembly for assembly in structure.assemblies}
    if name not in known:
        has = f"its assemblies are {', '.join(known)}" if known else "it describes none"
        raise StructureError(f"{path}: has no biological assembly {name!r}; {has}")
    by_part: Counter[tuple[str, str]] = Counter()
    for chain in structure[0]:
        for residue in chain:
            by_part["chain", chain.name] += len(residue)
            by_part["subchain", residue.subchain] += len(residue)
    atoms = 0
    for made in known[name].generators:
        parts = [("subchain", part) for part in made.subchains] or [("chain", part) for part in made.chains]
        atoms += len(made.operators) * sum(by_part[part] for part in parts)
    require_few(atoms, f"atoms in assembly {name}", path)
    structure.transform_to_assembly(name, gemmi.HowToNameCopiedChain.Short)
    chains = ", ".join(dict.fromkeys(chain.name for chain in structure[0]))
    return f"biological assembly {name}: chains {chains}"
