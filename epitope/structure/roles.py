"""Which chains are antigen, heavy and light, and which copies are looked at.

An asymmetric unit may hold several copies of a complex. One antigen copy is chosen, the
one that antibodies touch most (the first on a tie), with the antibodies that touch it.
Antibodies of different sequence are different antibodies: of each, the copy with the most
contacts is taken. Not for symmetry mates: what the file does not hold is not built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.errors import StructureError
from epitope.structure.antibody import VariableDomain, variable_domains
from epitope.structure.mapping import Mapping
from epitope.structure.model import ChainRole
from epitope.structure.numbering import ChainSequence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Coordinates = Callable[[str], NDArray[np.float64]]

# Heavy atoms of two chains closer than this are in contact. 5 Å holds every direct and most
# water-mediated contacts of an interface; only the number of pairs is compared here.
CONTACT_A = 5.0


@dataclass(frozen=True, slots=True)
class Roles:
    """The chosen chains, and the domains that made heavy and light chains of them.

    An scFv stands in both ``heavy`` and ``light``.
    """

    antigen: tuple[str, ...]
    heavy: tuple[str, ...]
    light: tuple[str, ...]

    def of_chain(self, chain: ChainSequence) -> list[ChainRole]:
        """Return the role of each residue of a chain; an scFv is split by its domains."""
        n = len(chain.names)
        if chain.chain in self.antigen:
            return [ChainRole.ANTIGEN] * n
        if chain.chain in self.heavy and chain.chain in self.light:
            return _split(variable_domains(chain.letters), n)
        if chain.chain in self.heavy:
            return [ChainRole.HEAVY] * n
        if chain.chain in self.light:
            return [ChainRole.LIGHT] * n
        return [ChainRole.OTHER] * n


def _split(domains: Sequence[VariableDomain], n: int) -> list[ChainRole]:
    """Give each residue the role of the domain it follows; leaders go to the first."""
    roles = [domains[0].role if domains else ChainRole.OTHER] * n
    for domain in domains:
        roles[domain.start :] = [domain.role] * (n - domain.start)
    return roles


def choose_roles(
    chains: Sequence[ChainSequence],
    mappings: dict[str, Mapping],
    coordinates: Coordinates,
    *,
    antigen: Sequence[str] | None,
    heavy: Sequence[str] | None,
    light: Sequence[str] | None,
) -> Roles:
    """Choose antigen, heavy and light chains.

    Parameters
    ----------
    chains
        All protein chains.
    mappings
        The chains that are the target.
    coordinates
        Gives the heavy-atom positions of a chain, ``(n_atoms, 3)`` in ångström.
    antigen, heavy, light
        The user's choice, where there is one; an empty sequence means none.

    Raises
    ------
    StructureError
        If a chosen chain is not a protein chain of the structure.
    """
    names = [chain.chain for chain in chains]
    for role, chosen in (("antigen", antigen), ("heavy", heavy), ("light", light)):
        for name in chosen or ():
            if name not in names:
                raise StructureError(
                    f"{role} chain {name!r} is not in the structure; its protein chains are {', '.join(names)}"
                )
    contacts = _ContactCounts(coordinates)
    found = [chain for chain in chains if chain.chain not in mappings]
    units = _antibodies([chain for chain in found if chain.chain not in (antigen or ())], contacts)
    copies = tuple(antigen) if antigen is not None else (_best_copy(list(mappings), units, contacts),)
    taken = _touching(units, copies, {chain.chain: chain.letters for chain in chains}, contacts)
    return Roles(
        copies,
        tuple(heavy) if heavy is not None else tuple(dict.fromkeys(u.heavy for u in taken if u.heavy)),
        tuple(light) if light is not None else tuple(dict.fromkeys(u.light for u in taken if u.light)),
    )


@dataclass(frozen=True, slots=True)
class _Antibody:
    """A heavy and a light chain that belong together; "" where one is absent."""

    heavy: str
    light: str

    @property
    def chains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (self.heavy, self.light) if name))


class _ContactCounts:
    """Counts contacts between chains when asked, each pair once."""

    def __init__(self, coordinates: Coordinates) -> None:
        self._coordinates = coordinates
        self._counts: dict[frozenset[str], int] = {}

    def between(self, one: str, other: str) -> int:
        key = frozenset((one, other))
        if key not in self._counts:
            from scipy.spatial import cKDTree

            first, second = (cKDTree(self._coordinates(name)) for name in (one, other))
            self._counts[key] = int(first.count_neighbors(second, CONTACT_A))
        return self._counts[key]


def _antibodies(chains: Sequence[ChainSequence], contacts: _ContactCounts) -> list[_Antibody]:
    """Pair heavy with light chains by their contacts, most contacts first."""
    heavy, light, units = [], [], []
    for chain in chains:
        kinds = {domain.role for domain in variable_domains(chain.letters)}
        if kinds == {ChainRole.HEAVY, ChainRole.LIGHT}:
            units.append(_Antibody(chain.chain, chain.chain))
        elif ChainRole.HEAVY in kinds:
            heavy.append(chain.chain)
        elif ChainRole.LIGHT in kinds:
            light.append(chain.chain)
    if len(heavy) == len(light) == 1:
        return [*units, _Antibody(heavy[0], light[0])]
    pairs = sorted(((-contacts.between(h, li), h, li) for h in heavy for li in light), key=lambda p: p[0])
    for count, h, li in pairs:
        if count < 0 and h in heavy and li in light:
            units.append(_Antibody(h, li))
            heavy.remove(h)
            light.remove(li)
    units += [_Antibody(h, "") for h in heavy]
    units += [_Antibody("", li) for li in light]
    return units


def _best_copy(copies: list[str], units: Sequence[_Antibody], contacts: _ContactCounts) -> str:
    """Return the antigen copy that antibodies touch most; the first on a tie."""
    if len(copies) == 1 or not units:
        return copies[0]
    return max(copies, key=lambda copy: sum(contacts.between(copy, c) for u in units for c in u.chains))


def _touching(
    units: Sequence[_Antibody], antigen: Sequence[str], letters: dict[str, str], contacts: _ContactCounts
) -> list[_Antibody]:
    """Keep, of each distinct antibody, the copy that touches the antigen most.

    Where none touches it, the first antibody is kept: the file has one, and its contacts
    will be reported as none.
    """
    if len(units) <= 1:
        return list(units)
    counts = [sum(contacts.between(a, c) for a in antigen for c in unit.chains) for unit in units]
    best: dict[tuple[str, str], int] = {}
    for index, unit in enumerate(units):
        key = (letters.get(unit.heavy, ""), letters.get(unit.light, ""))
        if counts[index] > 0 and (key not in best or counts[index] > counts[best[key]]):
            best[key] = index
    return [units[index] for index in sorted(best.values())] or [units[0]]
