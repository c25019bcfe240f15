"""The new protein laid on the reference: which residue of it is which.

What stands in front of a change and behind it keeps its position; residues replaced one
for one keep theirs; whatever else is new has none. Rules read sequons and cysteines off
the product, so that one product gets one answer however it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from epitope.variant.model import ChangeKind, ProteinChange


@dataclass(frozen=True, slots=True)
class Product:
    """A product and what of the reference stands where in it.

    Attributes
    ----------
    sequence : str
        One-letter codes.
    before, behind : int
        Reference positions left and right of the change: what lies between them is absent
        or replaced, all else is kept.
    inserted : str
        What stands between them now.
    replaced : bool
        Whether that is one residue for each, so that they keep their positions.
    """

    sequence: str
    before: int
    behind: int
    inserted: str
    replaced: bool

    @property
    def removed(self) -> range:
        """Reference positions between those that are kept."""
        return range(self.before + 1, self.behind)

    @property
    def changed(self) -> range:
        """Where in the product the new residues stand, from 0."""
        return range(self.before, self.before + len(self.inserted))

    def position(self, index: int) -> int | None:
        """Return the reference position of a residue of the product, ``None`` for an additional one."""
        if index < self.before or (self.replaced and index in self.changed):
            return index + 1
        return None if index in self.changed else index - self.changed.stop + self.behind

    def index(self, position: int) -> int | None:
        """Return where a reference position stands in the product, from 0; ``None`` where it is absent."""
        if position <= self.before or (self.replaced and position < self.behind):
            return position - 1
        found = position - self.behind + self.changed.stop
        return found if position >= self.behind and found < len(self.sequence) else None

    def neighbours(self, index: int) -> tuple[int, ...]:
        """Return the reference position of a residue, or those on either side of an additional one."""
        own = self.position(index)
        if own is not None:
            return (own,)
        right = self.position(self.changed.stop) if self.changed.stop < len(self.sequence) else None
        return tuple(p for p in (self.before, right) if p)


def lay_out(reference: str, change: ProteinChange) -> Product | None:
    """Lay a product on its reference.

    Parameters
    ----------
    reference : str
        The whole protein, one-letter codes.
    change : ProteinChange

    Returns
    -------
    Product or None
        ``None`` where the product is not known. Behind a frameshift, a stop or a lost stop
        nothing is taken for reference sequence again.

    Examples
    --------
    >>> lost = lay_out("MKTNGS", ProteinChange(ChangeKind.DELETION, protein="MKNGS"))
    >>> [lost.position(i) for i in range(5)]
    [1, 2, 4, 5, 6]
    >>> new = lay_out("MKTNGS", ProteinChange(ChangeKind.INSERTION, protein="MKTCNGS"))
    >>> [new.position(i) for i in range(7)], new.neighbours(3)
    ([1, 2, 3, None, 4, 5, 6], (3, 4))
    """
    product = change.protein
    if product is None:
        return None
    shortest = min(len(reference), len(product))
    from_start = change.kind is not ChangeKind.START_LOSS and (change.kind, change.start) != (ChangeKind.DELETION, 1)
    front = _shared(shortest, lambda n: reference[:n] == product[:n]) if from_start else 0
    in_frame = change.kind not in (ChangeKind.FRAMESHIFT, ChangeKind.NONSENSE, ChangeKind.STOP_LOSS)
    back = _shared(shortest - front, lambda n: reference[-n:] == product[-n:]) if in_frame else 0
    return Product(
        sequence=product,
        before=front,
        behind=len(reference) - back + 1,
        inserted=product[front : len(product) - back],
        replaced=in_frame and len(reference) == len(product),
    )


def _shared(limit: int, same: Callable[[int], bool]) -> int:
    """Return how many residues are the same, by halving: if n are, all fewer are."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(middle) else (low, middle - 1)
    return low
