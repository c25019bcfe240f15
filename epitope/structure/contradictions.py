"""Where a file's atoms contradict what the file says of itself.

A file that was cut, edited or put together wrongly often still reads; what it declares elsewhere
then no longer fits its atoms. Each contradiction is a sentence for people; nothing is put right
here. Files that declare little have little to contradict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from epitope.structure.header import Header
from epitope.structure.model import ResidueId

if TYPE_CHECKING:
    import gemmi

BOND_ERROR_A = 0.1
"""Distances are declared with two or three decimals, so that a bond off by more is another one."""
PEPTIDE_BREAK_A = 10.0
"""Set by us: between C and N of neighbours in the sequence; the bond has 1.33 Å, a gap of one residue at most 8."""
OCCUPANCY_ERROR = 0.05
"""Set by us: occupancies are declared with two decimals, and those of two or three locations add up to 1."""
_NAMED = 3


def contradictions(structure: gemmi.Structure, header: Header) -> list[str]:
    """Compare the first model of a structure with what the file declares.

    Parameters
    ----------
    structure
        As parsed, with hydrogens and alternate locations, label numbers assigned.
    header
        What the file declares.

    Returns
    -------
    list of str
        Sentences; empty for a file that agrees with itself.
    """
    return [
        sentence
        for sentence in (
            *header.unfinished,
            _absent_components(structure, header),
            *_sequences(structure, header),
            *_bonds(structure),
            _breaks(structure),
            *_locations(structure),
        )
        if sentence
    ]


def listed(items: Sequence[object]) -> str:
    """Name the first three of some things, and count the others.

    Examples
    --------
    >>> listed(["A:1", "A:2", "A:3", "A:4"])
    'A:1, A:2, A:3 and 1 more'
    """
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(map(str, items[:_NAMED])) + more


def _absent_components(structure: gemmi.Structure, header: Header) -> str:
    """Name ligands and waters that are declared and have no atoms, or fewer than declared."""
    absent = []
    counts = {(residue.name, str(_author(chain, residue))): len(residue) for chain in structure[0] for residue in chain}
    for (name, place), declared in header.components.items():
        found = counts.get((name, place), 0)
        if found < declared:
            absent.append(f"{declared - found} of {declared} atoms of {name} {place}" if found else f"{name} {place}")
    if not header.components:
        there = {residue.subchain for chain in structure[0] for residue in chain}
        absent += [f"{name} of asym {asym}" for asym, name in header.asyms.items() if asym not in there]
    return f"the file declares what it does not hold, and may have been cut: {listed(absent)}" if absent else ""


def _author(chain: gemmi.Chain, residue: gemmi.Residue) -> ResidueId:
    return ResidueId(chain.name, residue.seqid.num or 0, residue.seqid.icode.strip())


def _sequences(structure: gemmi.Structure, header: Header) -> Iterator[str]:
    """Hold each chain against its declared sequence, numbers and unobserved residues."""
    other, renumbered, observed, undeclared = [], [], [], []
    declares = any(entity.full_sequence for entity in structure.entities)
    for chain in structure[0]:
        polymer = chain.get_polymer()
        entity = structure.get_entity_of(polymer)
        full = [] if entity is None else list(entity.full_sequence)
        unobserved = {residue for _, residue in header.unobserved.get(chain.name, ())}
        authors = {_author(chain, residue): residue for residue in polymer}
        observed += [f"{residue.name} {author}" for author, residue in authors.items() if author in unobserved]
        for author, residue in authors.items() if declares else ():
            label = residue.label_seq
            fits = label is not None and 1 <= label <= len(full) and residue.name in full[label - 1].split(",")
            stated = header.author_numbers.get((chain.name, label or 0)) if header.author_numbers else author
            if not fits or stated is None:
                other.append(f"{residue.name} {author}")
            elif stated != author:
                renumbered.append(f"{residue.name} {author}, there {stated}")
        left = len(full) - len(authors) - len(unobserved)
        if authors and left > 0 and header.unobserved:
            undeclared.append(f"{left} of chain {chain.name}")
    if other:
        yield f"residues that are not those of the declared sequence: {listed(other)}"
    if renumbered:
        yield f"residues with another number than the file's own list gives them: {listed(renumbered)}"
    if observed:
        yield f"residues declared missing that have atoms: {listed(observed)}"
    if undeclared:
        yield f"residues of the sequence that have no atoms and are not declared missing: {listed(undeclared)}"


def _bonds(structure: gemmi.Structure) -> Iterator[str]:
    """Hold declared disulfides, links and metal bonds against the atoms."""
    import gemmi

    absent: list[str] = []
    off: list[str] = []
    for bond in structure.connections:
        if bond.asu == gemmi.Asu.Different:
            continue
        partners = (bond.partner1, bond.partner2)
        first, second = (structure[0].find_cra(partner, ignore_segment=True).atom for partner in partners)
        if first is None or second is None:
            absent += [str(p) for p, atom in zip(partners, (first, second), strict=True) if atom is None]
            continue
        found = first.pos.dist(second.pos)
        if bond.reported_distance > 0 and abs(found - bond.reported_distance) > BOND_ERROR_A:
            off.append(f"{partners[0]} to {partners[1]} {found:.2f} Å, declared {bond.reported_distance:.2f} Å")
    if absent:
        yield f"declared bonds end at atoms that are not there: {listed(list(dict.fromkeys(absent)))}"
    if off:
        yield f"declared bonds have another length: {listed(off)}"


def _breaks(structure: gemmi.Structure) -> str:
    """Name neighbours in the sequence that stand far apart."""
    broken = []
    for chain in structure[0]:
        for one, other in pairwise(chain.get_polymer()):
            if one.label_seq is None or other.label_seq is None or other.label_seq - one.label_seq != 1:
                continue
            carbon, nitrogen = one.find_atom("C", "*"), other.find_atom("N", "*")
            if carbon is not None and nitrogen is not None and carbon.pos.dist(nitrogen.pos) > PEPTIDE_BREAK_A:
                broken.append(
                    f"{_author(chain, one)} and {_author(chain, other)} {carbon.pos.dist(nitrogen.pos):,.0f} Å"
                )
    return f"neighbours in the sequence stand far apart: {listed(broken)}" if broken else ""


def _locations(structure: gemmi.Structure) -> Iterator[str]:
    """Name residues whose occupancies or alternate locations make no sense."""
    import gemmi

    outside, apart, over = [], [], []
    atoms = gemmi.FlatStructure(structure)
    if ((atoms.occ >= 0) & (atoms.occ <= 1 + OCCUPANCY_ERROR)).all() and not (atoms.altlocs != 0).any():
        return
    for chain in structure[0]:
        for residue in chain:
            occupancies = [atom.occ for atom in residue]
            if not 0 <= min(occupancies, default=0) <= max(occupancies, default=0) <= 1 + OCCUPANCY_ERROR:
                outside.append(f"{residue.name} {_author(chain, residue)}")
            codes = {atom.altloc for atom in residue} - {"\0"}
            if not codes:
                continue
            name = f"{residue.name} {_author(chain, residue)}"
            by_atom: dict[str, list[float]] = {}
            for atom in residue:
                if atom.altloc != "\0":
                    by_atom.setdefault(atom.name, []).append(atom.occ)
            if len(codes) > 1 and all(len(found) == 1 for found in by_atom.values()):
                apart.append(name)
            if any(len(found) > 1 and math.fsum(found) > 1 + OCCUPANCY_ERROR for found in by_atom.values()):
                over.append(name)
    if outside:
        yield f"occupancies that are no part of 1: {listed(outside)}"
    if apart:
        yield f"alternate locations that share no atom, of which one was dropped: {listed(apart)}"
    if over:
        yield f"occupancies of alternate locations add up to more than 1: {listed(over)}"
