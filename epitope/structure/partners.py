"""What binds an antigen: antibodies and T-cell receptors, known by their variable domains.

Chains are paired by their contacts, and two chains are copies of one protein where their
sequences say so. Which of the partners are looked at is decided in `epitope.structure.roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from epitope.structure.antibody import receptor_domains, variable_domains
from epitope.structure.model import ChainRole, PartnerKind
from epitope.structure.neighbours import close_pairs
from epitope.structure.numbering import ChainSequence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Coordinates = Callable[[str], NDArray[np.float64]]

# Heavy atoms of two chains closer than this are in contact. 5 Å holds every direct and most
# water-mediated contacts of an interface; only the number of pairs is compared here.
CONTACT_A = 5.0
# Set by us: the two sides of the 14 complexes of `benchmarks.roles` share 298 to 899 such pairs, and
# all roles found there are the same for any value from 1 to 250; from 300 on complexes are refused.
# 20 also admits a peptide or a small domain, which that set does not hold.
MIN_CONTACTS = 20
# Two chains are the same protein where they share this part of the words of the shorter one;
# what was not observed and point mutations cost few words, another antibody's V domain most.
# Set by us: copies in those complexes share all words, other pairs of chains at most 0.02; roles
# are the same from 0.05 to 1.
SAME_PROTEIN, _WORD = 0.8, 4


@dataclass(frozen=True, slots=True)
class Partner:
    """What binds the antigen: an antibody's chains, "" where one is absent, or others."""

    kind: PartnerKind
    heavy: str = ""
    light: str = ""
    others: tuple[str, ...] = ()

    @property
    def chains(self) -> tuple[str, ...]:
        """The chains, each once."""
        return tuple(dict.fromkeys(name for name in (self.heavy, self.light, *self.others) if name))


class ChainContacts:
    """Counts contacts between chains when asked, each pair once; knows how well a chain is seen.

    Parameters
    ----------
    coordinates
        Gives the heavy-atom positions of a chain, ``(n_atoms, 3)`` in ångström.
    mean_b
        Gives the mean B-factor of a chain, Å².
    """

    def __init__(self, coordinates: Coordinates, mean_b: Callable[[str], float]) -> None:
        self._coordinates = coordinates
        self.mean_b = mean_b
        self._counts: dict[frozenset[str], int] = {}
        self._boxes: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    def between(self, one: str, other: str) -> int:
        """Return the number of heavy-atom pairs of two chains within 5 Å."""
        key = frozenset((one, other))
        if key not in self._counts:
            (low, high), (other_low, other_high) = self._box(one), self._box(other)
            apart = (low > other_high + CONTACT_A) | (other_low > high + CONTACT_A)
            pairs = () if apart.any() else close_pairs(self._coordinates(one), self._coordinates(other), CONTACT_A)[0]
            self._counts[key] = len(pairs)
        return self._counts[key]

    def _box(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if name not in self._boxes:
            coordinates = self._coordinates(name)
            self._boxes[name] = coordinates.min(axis=0), coordinates.max(axis=0)
        return self._boxes[name]

    def total(self, ones: Iterable[str], others: Iterable[str]) -> int:
        """Return the number of pairs between two sets of chains."""
        others = tuple(others)
        return sum(self.between(one, other) for one in ones for other in others if one != other)


def find_partners(chains: Mapping[str, ChainSequence], names: Iterable[str], contacts: ChainContacts) -> list[Partner]:
    """Find antibodies and T-cell receptors among the named chains, in the order of the file."""
    found: list[Partner] = []
    heavy: list[str] = []
    light: list[str] = []
    alpha: list[str] = []
    beta: list[str] = []
    for name in names:
        kinds = {domain.role for domain in variable_domains(chains[name].letters)}
        if kinds == {ChainRole.HEAVY, ChainRole.LIGHT}:
            found.append(Partner(PartnerKind.SCFV, name, name))
        elif ChainRole.HEAVY in kinds:
            heavy.append(name)
        elif ChainRole.LIGHT in kinds:
            light.append(name)
        elif receptor := receptor_domains(chains[name].letters):
            (alpha if set(receptor) & {"A", "G"} else beta).append(name)
    found += [Partner(partner_kind(one, other), one, other) for one, other in _pairs(heavy, light, contacts)]
    for pair in _pairs(alpha, beta, contacts):
        found.append(Partner(PartnerKind.T_CELL_RECEPTOR, others=tuple(name for name in pair if name)))
    order = list(chains)
    return sorted(found, key=lambda partner: min(order.index(name) for name in partner.chains))


def partner_kind(heavy: str, light: str) -> PartnerKind:
    """Say what heavy and light chain make, either of which may be ""."""
    if heavy and light:
        return PartnerKind.SCFV if heavy == light else PartnerKind.ANTIBODY
    return PartnerKind.SINGLE_DOMAIN if heavy else PartnerKind.LIGHT_CHAIN


def _pairs(ones: list[str], others: list[str], contacts: ChainContacts) -> list[tuple[str, str]]:
    """Pair chains by their contacts, most first; "" beside those that are left over."""
    ones, others, pairs = list(ones), list(others), []
    if len(ones) == len(others) == 1:
        return [(ones[0], others[0])]
    counted = [(-contacts.between(a, b), a, b) for a in ones for b in others]
    for count, a, b in sorted(counted, key=lambda pair: pair[0]):
        if count < 0 and a in ones and b in others:
            pairs.append((a, b))
            ones.remove(a)
            others.remove(b)
    return [*pairs, *((a, "") for a in ones), *(("", b) for b in others)]


def holders(
    chains: Mapping[str, ChainSequence], partners: Iterable[Partner], antigen: Sequence[str], contacts: ChainContacts
) -> list[Partner]:
    """Keep, of each distinct partner, the copy that touches the antigen most; none that does not."""
    best: list[tuple[int, Partner]] = []
    for partner in partners:
        count = contacts.total(partner.chains, antigen)
        if count < MIN_CONTACTS or set(partner.chains) & set(antigen):
            continue
        same = next((i for i, (_, other) in enumerate(best) if same_partner(chains, partner, other)), None)
        if same is None:
            best.append((count, partner))
        elif count > best[same][0]:
            best[same] = (count, partner)
    return [partner for _, partner in best]


def same_partner(chains: Mapping[str, ChainSequence], one: Partner, other: Partner) -> bool:
    """Say whether two partners are copies of one."""
    return (
        one.kind is other.kind
        and len(one.chains) == len(other.chains)
        and all(
            same_protein(chains[a].letters, chains[b].letters) for a, b in zip(one.chains, other.chains, strict=True)
        )
    )


def same_protein(one: str, other: str) -> bool:
    """Say whether two sequences are copies of one protein, whatever was observed of each.

    Examples
    --------
    >>> same_protein("MPPPRLLFFLLFLTPMEVR", "RLLFFLLFLTPM"), same_protein("MPPPRLLFF", "MEVRPEEPL")
    (True, False)
    """
    first, second = _words(one), _words(other)
    if not first or not second:
        return one == other
    return len(first & second) >= SAME_PROTEIN * min(len(first), len(second))


@lru_cache(maxsize=1024)
def _words(letters: str) -> frozenset[str]:
    return frozenset(letters[i : i + _WORD] for i in range(len(letters) - _WORD + 1))
