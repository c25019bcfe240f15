"""One row per residue of every protein chain, observed or not.

Brings the sequence of a chain (label numbers), the names the authors gave (author number
and insertion code) and the atoms together. Where a file has no sequence, a chain is what
was observed of it. Which chain is the antigen is decided in `epitope.structure.roles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.structure.header import Header
from epitope.structure.model import ChainRole, ResidueId
from epitope.structure.residues import BACKBONE_CHAIN, is_amino_acid, missing_atoms, one_letter

if TYPE_CHECKING:
    import gemmi
    import pandas as pd

    from epitope.structure.atoms import AtomArrays

NUMBERING_COLUMNS = (
    "chain",
    "role",
    "label_number",
    "author_number",
    "insertion_code",
    "residue",
    "residue_name",
    "uniprot_position",
    "tag",
    "engineered",
    "observed",
    "missing_atoms",
    "side_chain_complete",
    "resindex",
)


@dataclass(frozen=True, slots=True)
class ChainSequence:
    """A protein chain as lists of equal length, one entry per residue.

    ``authors`` is ``None`` where an unobserved residue's author number is not known;
    ``resindex`` is -1 for unobserved residues; ``atoms`` are the names of the heavy atoms.
    """

    chain: str
    names: tuple[str, ...]
    labels: tuple[int, ...]
    authors: tuple[ResidueId | None, ...]
    resindex: tuple[int, ...]
    atoms: tuple[tuple[str, ...], ...]

    @property
    def letters(self) -> str:
        """One-letter sequence, modified residues as their parents."""
        return "".join(one_letter(name) for name in self.names)


def described(chains: Iterable[ChainSequence], molecules: Mapping[str, str]) -> str:
    """Write chains with the file's names of their molecules, else their lengths, for messages."""
    return ", ".join(f"{c.chain} ({molecules.get(c.chain) or f'{len(c.names)} residues'})" for c in chains)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An observed residue."""

    name: str
    author: ResidueId
    resindex: int
    atoms: tuple[str, ...]


def chains_of_structure(structure: gemmi.Structure, header: Header) -> list[ChainSequence]:
    """List the protein chains of a cleaned structure, with their unobserved residues.

    Residue indices count all residues of the model, as `AtomArrays` counts them.
    """
    chains = []
    resindex = 0
    for chain in structure[0]:
        labelled: list[tuple[int | None, _Seen]] = []
        for residue in chain:
            if _in_polymer(residue):
                author = ResidueId(chain.name, residue.seqid.num or 0, residue.seqid.icode.strip())
                atoms = tuple(atom.name for atom in residue)
                labelled.append((residue.label_seq, _Seen(residue.name, author, resindex, atoms)))
            resindex += 1
        if labelled:
            full = _full_sequence(structure, chain)
            chains.append(_chain_sequence(chain.name, full, labelled, header))
    return chains


def _in_polymer(residue: gemmi.Residue) -> bool:
    if residue.entity_type.name != "Polymer":
        return False
    return is_amino_acid(residue.name) or {atom.name for atom in residue} >= BACKBONE_CHAIN


def _full_sequence(structure: gemmi.Structure, chain: gemmi.Chain) -> list[str]:
    """Return the entity's sequence; of microheterogeneous residues the first."""
    entity = structure.get_entity_of(chain.get_polymer())
    if entity is None:
        return []
    return [names.split(",")[0] for names in entity.full_sequence]


def _chain_sequence(
    chain: str, full: list[str], labelled: list[tuple[int | None, _Seen]], header: Header
) -> ChainSequence:
    labels = [label for label, _ in labelled]
    usable = bool(full) and all(label is not None and 1 <= label <= len(full) for label in labels)
    if not usable or len(set(labels)) < len(labels):
        return observed_chain(chain, [seen for _, seen in labelled])
    by_label = {label: seen for label, seen in labelled if label is not None}
    authors = _authors(chain, full, {n: seen.author for n, seen in by_label.items()}, header)
    seen_of = [by_label.get(number) for number in range(1, len(full) + 1)]
    return ChainSequence(
        chain,
        tuple(name if seen is None else seen.name for name, seen in zip(full, seen_of, strict=True)),
        tuple(range(1, len(full) + 1)),
        tuple(authors),
        tuple(-1 if seen is None else seen.resindex for seen in seen_of),
        tuple(() if seen is None else seen.atoms for seen in seen_of),
    )


def observed_chain(chain: str, residues: Sequence[_Seen]) -> ChainSequence:
    """Make a chain of the observed residues alone; label numbers count them."""
    return ChainSequence(
        chain,
        tuple(seen.name for seen in residues),
        tuple(range(1, len(residues) + 1)),
        tuple(seen.author for seen in residues),
        tuple(seen.resindex for seen in residues),
        tuple(seen.atoms for seen in residues),
    )


def _authors(chain: str, full: list[str], observed: dict[int, ResidueId], header: Header) -> list[ResidueId | None]:
    """Name every residue of a sequence: as observed, as the file declares, or by counting."""
    known = {number: name for (c, number), name in header.author_numbers.items() if c == chain}
    known.update(observed)
    unobserved = [number for number in range(1, len(full) + 1) if number not in known]
    declared = header.unobserved.get(chain, ())
    if [full[number - 1] for number in unobserved] == [name for name, _ in declared]:
        known.update(zip(unobserved, (residue for _, residue in declared), strict=True))
    return [known.get(number) or _counted(chain, number, known) for number in range(1, len(full) + 1)]


def _counted(chain: str, number: int, known: dict[int, ResidueId]) -> ResidueId | None:
    """Count on from the neighbours; ``None`` where they leave no unique answer."""
    before = max((n for n in known if n < number), default=None)
    after = min((n for n in known if n > number), default=None)
    guesses = {known[neighbour].number + number - neighbour for neighbour in (before, after) if neighbour is not None}
    return ResidueId(chain, guesses.pop()) if len(guesses) == 1 else None


def chains_of_atoms(atoms: AtomArrays) -> list[ChainSequence]:
    """List the protein chains of atoms without a sequence, which show only what was observed.

    Parameters
    ----------
    atoms
        The atoms that count: heavy, one location each.
    """
    groups: dict[str, list[_Seen]] = {}
    starts = atoms.residue_starts.tolist()
    for start, end in zip(starts, [*starts[1:], len(atoms)], strict=True):
        name, chain = str(atoms.resnames[start]), str(atoms.chainIDs[start])
        if is_amino_acid(name):
            author = ResidueId(chain, int(atoms.resids[start]), str(atoms.icodes[start]))
            seen = _Seen(name, author, int(atoms.resindices[start]), tuple(atoms.names[start:end].tolist()))
            groups.setdefault(chain, []).append(seen)
    return [observed_chain(chain, seen) for chain, seen in groups.items()]


def numbering_table(
    chains: Iterable[ChainSequence],
    roles: dict[str, list[ChainRole]],
    positions: dict[str, Sequence[int | None]],
    tags: set[ResidueId],
    target_sequence: str,
) -> pd.DataFrame:
    """Write the table of all protein residues.

    Parameters
    ----------
    chains
        The chains, in the order of the file.
    roles, positions
        Role and UniProt position of each residue, by chain; a chain without an entry in
        ``positions`` is not the target.
    tags
        Residues that the file calls a tag. Residues of antigen chains that belong to no
        position of the target count as tag too, whether linker, tag or fusion partner.
    target_sequence
        Sequence of the target, to tell which residues were engineered.

    Returns
    -------
    pandas.DataFrame
        Columns `NUMBERING_COLUMNS`. ``author_number`` and ``uniprot_position`` are nullable
        integers, ``side_chain_complete`` a nullable boolean.
    """
    import pandas as pd

    rows = []
    for chain in chains:
        mapped = positions.get(chain.chain)
        where = mapped if mapped is not None else [None] * len(chain.names)
        for i, (name, author, position) in enumerate(zip(chain.names, chain.authors, where, strict=True)):
            observed = chain.resindex[i] >= 0
            letter = one_letter(name)
            missing, complete = missing_atoms(name, chain.atoms[i]) if observed else ((), None)
            tag = position is None and (mapped is not None or author in tags)
            engineered = position is not None and letter != target_sequence[position - 1]
            rows.append(
                (
                    chain.chain,
                    roles[chain.chain][i].value,
                    chain.labels[i],
                    None if author is None else author.number,
                    "" if author is None else author.insertion_code,
                    letter,
                    name,
                    position,
                    tag,
                    engineered,
                    observed,
                    missing,
                    complete,
                    chain.resindex[i],
                )
            )
    table = pd.DataFrame(rows, columns=list(NUMBERING_COLUMNS))
    return table.astype({"author_number": "Int64", "uniprot_position": "Int64", "side_chain_complete": "boolean"})
