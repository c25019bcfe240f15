"""The atom rows of a file: refused where they cannot be read, and put in order.

The order of rows means nothing in either format, and some programs write atoms or residues
anywhere. What the parser of gemmi would take for something else, or could not hand to Python,
is refused here with its line or row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from epitope.errors import StructureError, shown
from epitope.structure.repair import ATOM_RECORDS, require_few
from epitope.structure.residues import BACKBONE, FORCE_FIELD_NAMES, SIDE_CHAINS, is_amino_acid

if TYPE_CHECKING:
    import gemmi

MAX_NUMBER = 999_999
"""The largest residue number read, in either direction; five digits name every water of the PDB."""
_COORDINATES = ("ATOM", "HETATM", "ANISOU", "SIGATM", "SIGUIJ", "TER")
_SERIAL, _RESIDUE, _PLACE = slice(6, 11), slice(17, 27), slice(21, 27)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_NAMES = ("label_atom_id", "auth_atom_id", "label_comp_id", "auth_comp_id", "label_asym_id", "auth_asym_id")
_CODES = ("label_alt_id", "pdbx_PDB_ins_code", "type_symbol")
_NUMBERS = ("auth_seq_id", "label_seq_id", "pdbx_PDB_model_num")
_ABSENT = (".", "?")
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


# PDB


def readable_lines(lines: list[str], path: Path) -> list[str]:
    """Return lines in ASCII, as both formats have them; other characters outside of atoms and sequences become ``?``.

    Raises
    ------
    StructureError
        If the record of an atom or of a sequence has another character.
    """
    if all(map(str.isascii, lines)):
        return lines
    for number, line in enumerate(lines, 1):
        if line.startswith(("ATOM", "HETATM", "TER", "SEQRES", "MODRES")) and not line.isascii():
            raise StructureError(
                f"{path}: line {number}: {shown(line.rstrip())!r} has characters that are no letters or digits of the "
                "format; correct the line"
            )
    return [line.encode("ascii", "replace").decode() for line in lines]


def ordered_lines(lines: list[str]) -> list[str]:
    """Put the atom records of one model in order, those that are out of it.

    By serial number where each record has its own. Where these do not help and the atoms of most
    residues stand apart, by chain and residue number; what TER said is then lost.

    Examples
    --------
    >>> records = ["ATOM      2  CA  GLY A   1", "ATOM      1  N   GLY A   1", "TER       3      GLY A   1"]
    >>> [line[12:16] for line in ordered_lines(records)[:2]]
    [' N  ', ' CA ']
    """
    atoms = [line for line in lines if line.startswith(ATOM_RECORDS)]
    if not _in_pieces(line[_RESIDUE] for line in atoms) and _ascending(atoms):
        return lines
    records = [line for line in lines if line.startswith((*ATOM_RECORDS, "TER")) and _serial(line) is not None]
    serials = {_serial(line) for line in records}
    if len(serials) == len(records) >= len(atoms) and not _ascending(records):
        ordered = sorted(records, key=lambda line: _serial(line) or 0)
    elif _in_pieces(line[_RESIDUE] for line in atoms):
        ordered = sorted(atoms, key=_place)
    else:
        return lines
    first = next(i for i, line in enumerate(lines) if line.startswith(_COORDINATES))
    rest = [line for line in lines[first:] if not line.startswith(_COORDINATES)]
    return [*lines[:first], *ordered, *rest]


def _serial(line: str) -> int | None:
    text = line[_SERIAL].strip()
    return int(text) if text.isdigit() else None


def _ascending(lines: Sequence[str]) -> bool:
    known = [serial for line in lines if (serial := _serial(line)) is not None]
    return all(one <= other for one, other in pairwise(known))


def _place(line: str) -> tuple[str, int, str, str]:
    number = line[22:26].strip()
    return line[21], int(number) if number.removeprefix("-").isdigit() else 0, line[26:27], line[17:20]


def _in_pieces(residues: Iterable[str]) -> bool:
    """Say whether most residues of several atoms are broken into pieces."""
    pieces: dict[str, int] = {}
    previous = None
    for residue in residues:
        if residue != previous:
            pieces[residue] = pieces.get(residue, 0) + 1
        previous = residue
    return sum(count > 1 for count in pieces.values()) > len(pieces) / 2


# mmCIF


def require_rows(block: gemmi.cif.Block, path: Path) -> None:
    """Refuse rows of ``_atom_site`` whose names or numbers cannot be read.

    Raises
    ------
    StructureError
        If a name or code holds other characters than ASCII, a chain is called by nothing or spaces, or a residue
        or model number is not a whole number of at most six digits; if there are too many atoms.
    """
    from gemmi import cif

    require_few(len(block.find_values("_atom_site.id")), "atoms", path)
    for tag in (*_NAMES, *_CODES, *_NUMBERS):
        values = list(block.find_values(f"_atom_site.{tag}"))
        for value in set(values):
            if not value.isascii():
                _refuse(path, values, tag, value, "has characters that are no letters or digits of the format")
            if tag.endswith("asym_id") and value not in _ABSENT and not cif.as_string(value).strip():
                _refuse(path, values, tag, value, "is no name of a chain")
            if tag in _NUMBERS and not _is_number(value) and (value not in _ABSENT or tag == "auth_seq_id"):
                _refuse(path, values, tag, value, f"is not a whole number up to {MAX_NUMBER}")


def _is_number(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None and abs(int(text)) <= MAX_NUMBER


def _refuse(path: Path, values: list[str], tag: str, value: str, why: str) -> NoReturn:
    raise StructureError(f"{path}: atom row {values.index(value) + 1}: {tag} {shown(value)!r} {why}; correct the row")


def require_few_copies(block: gemmi.cif.Block, path: Path) -> None:
    """Refuse an assembly of more copies than atoms are read.

    The parser would write out every number of an expression such as ``(1-100000000)``.
    """
    for expression in block.find_values("_pdbx_struct_assembly_gen.oper_expression"):
        copies = 1
        for part in re.findall(r"\(([^()]*)\)", expression) or [expression]:
            ranges = [_RANGE.fullmatch(item.strip()) for item in part.strip("'\" ").split(",")]
            copies *= sum(1 if found is None else max(int(found[2]) - int(found[1]) + 1, 0) for found in ranges)
        require_few(copies, f"copies in the assembly {shown(expression)}", path)


def ordered_rows(block: gemmi.cif.Block) -> None:
    """Put the rows of ``_atom_site`` in the order of their ids, in place, where each has its own."""
    column = block.find_values("_atom_site.id")
    loop = column.get_loop()
    ids = list(column)
    if loop is None or not all(map(str.isdigit, ids)):
        return
    numbers = [int(text) for text in ids]
    if all(one < other for one, other in pairwise(numbers)) or len(set(numbers)) < len(numbers):
        return
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    values, width = loop.values, loop.width()
    loop.set_all_values([[values[row * width + tag] for row in order] for tag in range(width)])


# Either


def gather_residues(structure: gemmi.Structure) -> None:
    """Bring together the atoms of each residue, and the residues of each sequence into its order, in place.

    Where pieces were brought together, residues stand in the order of their label number, else of
    their author number. The atoms of amino acids stand in the order of the chemical dictionary.
    """
    model = structure[0]
    scattered = False
    for chain in model:
        pieces: dict[tuple[object, ...], list[gemmi.Residue]] = {}
        for residue in chain:
            key = (residue.label_seq, residue.seqid.num, residue.seqid.icode, residue.name, residue.subchain)
            pieces.setdefault(key, []).append(residue)
        broken = any(len(parts) > 1 and _fit(parts) for parts in pieces.values())
        labels = [residue.label_seq for residue in chain if residue.label_seq is not None]
        if broken or any(one > other for one, other in pairwise(labels)):
            _rebuild(chain, pieces.values())
            scattered = True
    for residue in _out_of_order(model):
        _order_atoms(residue)
    if scattered and all(residue.subchain for chain in model for residue in chain):
        _order_chains(structure)


def _out_of_order(model: gemmi.Model) -> Iterator[gemmi.Residue]:
    """Give the residues whose atoms may not stand in the order of the dictionary."""
    for chain in model:
        for residue in chain:
            names = [atom.name for atom in residue]
            if names != _usual_names(residue.name)[: len(names)]:
                yield residue


@cache
def _usual_names(residue: str) -> list[str]:
    """Return the atoms of a whole amino acid in the order of the dictionary; none for anything else."""
    return [*BACKBONE, *SIDE_CHAINS.get(FORCE_FIELD_NAMES.get(residue, residue), ())]


def _fit(parts: Sequence[gemmi.Residue]) -> bool:
    """Say whether pieces of one name are one residue: none of its atoms is there twice."""
    atoms = [(atom.name, atom.altloc) for part in parts for atom in part]
    return len(set(atoms)) == len(atoms)


def _rebuild(chain: gemmi.Chain, residues: Iterable[list[gemmi.Residue]]) -> None:
    whole = []
    for parts in residues:
        if not _fit(parts):
            whole += [part.clone() for part in parts]
            continue
        first = parts[0].clone()
        for part in parts[1:]:
            for atom in part:
                first.add_atom(atom)
        whole.append(first)
    labelled = [residue for residue in whole if residue.label_seq is not None]
    others = [residue for residue in whole if residue.label_seq is None]
    labelled.sort(key=lambda residue: (residue.label_seq, residue.name))
    if not labelled:
        others.sort(key=lambda residue: (residue.seqid.num, residue.seqid.icode, residue.name))
    while len(chain):
        del chain[-1]
    for residue in (*labelled, *others):
        chain.add_residue(residue)


def _order_chains(structure: gemmi.Structure) -> None:
    """Put chains in the order of their first subchain, A before B before AA."""
    model = structure[0]
    chains = [chain.clone() for chain in model]
    chains.sort(key=lambda chain: min(((len(r.subchain), r.subchain) for r in chain), default=(0, "")))
    while len(model):
        del model[-1]
    for chain in chains:
        model.add_chain(chain)


def _order_atoms(residue: gemmi.Residue) -> None:
    """Put the atoms of an amino acid in the order of the dictionary, others behind, by name."""
    known = SIDE_CHAINS.get(FORCE_FIELD_NAMES.get(residue.name, residue.name))
    if known is None or not is_amino_acid(residue.name):
        return
    rank = {name: index for index, name in enumerate((*BACKBONE, *known))}
    keys = [
        (rank.get(atom.name, len(rank)), atom.name if atom.name not in rank else "", atom.altloc) for atom in residue
    ]
    if keys == sorted(keys):
        return
    atoms = [atom.clone() for _, atom in sorted(zip(keys, residue, strict=True), key=lambda pair: pair[0])]
    while len(residue):
        del residue[-1]
    for atom in atoms:
        residue.add_atom(atom)
