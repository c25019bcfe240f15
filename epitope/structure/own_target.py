"""A target made of the structure itself, for complexes of which no pack knows the antigen.

It holds what the file shows and no more: name, sequence and numbers. Topology, exons and
published epitopes stay unknown, and the rooms to the right say so. Chains of one antigen
stand behind one another with a gap between them; nothing is said of how they are joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from epitope.structure.model import ResidueId
from epitope.structure.numbering import ChainSequence
from epitope.target.model import Target

UNKNOWN_RESIDUE = "X"
"""What stands at numbers of the antigen for which the file has no residue."""
UNNUMBERED = "?"
"""The label of a residue that the file shows or declares without a number."""
LARGEST_NUMBER = 10_000
BETWEEN_CHAINS = 10
"""Positions left free between two chains of an antigen: no loop or strand reaches over so many."""

Positions = dict[str, tuple[int | None, ...]]


def own_target(chains: Sequence[ChainSequence], name: str) -> tuple[Target, Positions, str]:
    """Make a target of the chains of an antigen.

    Parameters
    ----------
    chains : sequence of ChainSequence
        The antigen, unobserved residues included where the file names them.
    name : str
        What the antigen is called.

    Returns
    -------
    target : Target
        Name and sequence; numbers without a residue are ``X``. `Target.labels` are the author's
        numbers.
    positions : dict
        By chain the position of each of its residues.
    note : str
        How the residues are numbered.

    Notes
    -----
    Of one chain whose author's numbers rise from 1 or more and have no insertion codes these
    are the positions, and residues of which the file gives no number are left out. Otherwise
    positions count along the chains and are an inner matter: people read and write the labels.
    """
    plain = len(chains) == 1 and _rises(chains[0])
    positions: Positions = {}
    end = 0
    for chain in chains:
        if plain:
            positions[chain.chain] = tuple(None if author is None else author.number for author in chain.authors)
        else:
            positions[chain.chain] = tuple(range(end + 1, end + len(chain.names) + 1))
            end += len(chain.names) + BETWEEN_CHAINS
    letters: dict[int, str] = {}
    labels: dict[int, str] = {}
    for chain in chains:
        of_chain = zip(positions[chain.chain], chain.letters, chain.authors, strict=True)
        for position, letter, author in of_chain:
            if position is None:
                continue
            letters[position] = letter
            labels[position] = _label(author, chain.chain if len(chains) > 1 else "")
    every = range(1, max(letters) + 1)
    target = Target(
        name,
        "".join(letters.get(position, UNKNOWN_RESIDUE) for position in every),
        version="of the structure",
        labels=tuple(labels.get(position, "") for position in every),
    )
    return target, positions, _note(chains, target)


def _rises(chain: ChainSequence) -> bool:
    """Say whether the author's numbers can be positions as they are."""
    authors = [author for author in chain.authors if author is not None]
    numbers = [author.number for author in authors]
    return (
        bool(numbers)
        and not any(author.insertion_code for author in authors)
        and numbers[0] >= 1
        and numbers[-1] <= LARGEST_NUMBER
        and all(first < second for first, second in pairwise(numbers))
    )


def _label(author: ResidueId | None, chain: str) -> str:
    number = UNNUMBERED if author is None else f"{author.number}{author.insertion_code}"
    return f"{chain}:{number}" if chain else number


def _note(chains: Sequence[ChainSequence], target: Target) -> str:
    names = ", ".join(chain.chain for chain in chains)
    if len(chains) > 1:
        return (
            f"no pack knows the antigen: its chains {names} are its own reference, with the author's numbers behind "
            f"the chain ({target.residue_name(1)}); positions count along the chains in this order"
        )
    start = f"no pack knows the antigen: chain {names} is its own reference, with the author's numbers"
    if not target.counted:
        return start
    odd = [author for author in chains[0].authors if author is not None and author.insertion_code]
    why = f"insertion codes ({str(odd[0]).partition(':')[2]})" if odd else "numbers below 1 or that do not rise"
    return f"{start}, which have {why}; positions count along the chain and are not these numbers"
