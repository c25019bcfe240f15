"""A target made of the structure itself, for complexes of which no pack knows the antigen.

It holds what the file shows and no more: name, sequence and numbers. Topology, exons and
published epitopes stay unknown, and the rooms to the right say so. Not for antigens of
several chains: one sequence is one chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from epitope.errors import StructureError
from epitope.structure.numbering import ChainSequence
from epitope.target.model import Target

UNKNOWN_RESIDUE = "X"
"""What stands at numbers of the antigen for which the file has no residue."""
LARGEST_NUMBER = 10_000


def own_target(chain: ChainSequence, name: str) -> tuple[Target, tuple[int | None, ...], str]:
    """Make a target of an antigen chain.

    Parameters
    ----------
    chain : ChainSequence
        The antigen, unobserved residues included where the file names them.
    name : str
        What the antigen is called.

    Returns
    -------
    target : Target
        Name and sequence; numbers without a residue are ``X``.
    positions : tuple of int or None
        The position of each residue of the chain.
    note : str
        How the residues are numbered.

    Notes
    -----
    Positions are the author's numbers where these rise along the chain from 1 or more and
    have no insertion codes; residues of which the file gives no number are left out.
    Otherwise positions count along the chain, with the author's numbers beside them in the
    residue table.
    """
    authors = [author for author in chain.authors if author is not None]
    numbers = [author.number for author in authors]
    plain = (
        bool(numbers)
        and not any(author.insertion_code for author in authors)
        and numbers[0] >= 1
        and numbers[-1] <= LARGEST_NUMBER
        and all(first < second for first, second in pairwise(numbers))
    )
    if plain:
        positions: tuple[int | None, ...] = tuple(None if a is None else a.number for a in chain.authors)
        note = f"no pack knows the antigen: chain {chain.chain} is its own reference, with the author's numbers"
    else:
        positions = tuple(range(1, len(chain.names) + 1))
        note = (
            f"no pack knows the antigen: chain {chain.chain} is its own reference, counted from 1 along the chain, "
            "since the author's numbers do not rise or have insertion codes"
        )
    return Target(name, _sequence(chain.letters, positions), version="of the structure"), positions, note


def only_chain(chains: Sequence[ChainSequence], antigen: Sequence[str], where: str) -> ChainSequence:
    """Return the one chain of the antigen.

    Raises
    ------
    StructureError
        If the antigen has several.
    """
    if len(antigen) != 1:
        raise StructureError(
            f"{where}: the antigen has {len(antigen)} chains ({', '.join(antigen)}), and no pack knows it; name one "
            f"against the others, such as --chains {antigen[0]}:…"
        )
    return next(chain for chain in chains if chain.chain == antigen[0])


def _sequence(letters: str, positions: tuple[int | None, ...]) -> str:
    """Lay the letters on their positions."""
    known = {position: letter for position, letter in zip(positions, letters, strict=True) if position is not None}
    return "".join(known.get(position, UNKNOWN_RESIDUE) for position in range(1, max(known) + 1))
