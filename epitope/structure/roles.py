"""Which chains are antigen, heavy and light, and which copies are looked at.

Antibodies and T-cell receptors are known by their variable domains, the antigen by the
target's sequence or, without a target, by the contacts with them. Other complexes need to
be told their two sides. An asymmetric unit may hold several copies: the best observed one
is chosen, with the antibodies that touch it; antibodies of different sequence are different
antibodies, and all of them are kept. Not for symmetry mates: what the file does not hold is
not built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from epitope.errors import StructureError
from epitope.structure.antibody import VariableDomain, receptor_domains, variable_domains
from epitope.structure.model import ChainRole, PartnerKind
from epitope.structure.numbering import ChainSequence, described

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Coordinates = Callable[[str], NDArray[np.float64]]

# Heavy atoms of two chains closer than this are in contact. 5 Å holds every direct and most
# water-mediated contacts of an interface; only the number of pairs is compared here.
CONTACT_A = 5.0
# The smallest antibody-antigen interfaces of SKEMPI 2 have 250 such pairs; packing contacts of
# a crystal mostly have fewer than 100.
MIN_CONTACTS = 20
# A chain with this part of the contacts of the main one belongs to the antigen too (peptide and
# MHC, the two subunits of a dimer); fewer are a neighbour in the crystal.
MIN_SHARE = 0.1
# A copy with fewer contacts than this part of the best is no copy of the same complex.
MIN_COPY_SHARE = 0.5
# Two chains are the same protein where they share this part of the words of the shorter one;
# what was not observed and point mutations cost few words, another antibody's V domain most.
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


@dataclass(frozen=True, slots=True)
class Roles:
    """The chosen chains, and why.

    Attributes
    ----------
    antigen
        Author names; more than one where the antigen has several chains.
    partners
        What binds it, in the order of the file; an scFv has one chain for heavy and light.
    copies
        The antigen's chains of which one copy was chosen, itself included; empty where the file
        has one.
    reasons
        Sentences for people.
    """

    antigen: tuple[str, ...]
    partners: tuple[Partner, ...] = ()
    copies: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def heavy(self) -> tuple[str, ...]:
        """Heavy chains."""
        return tuple(dict.fromkeys(p.heavy for p in self.partners if p.heavy))

    @property
    def light(self) -> tuple[str, ...]:
        """Light chains."""
        return tuple(dict.fromkeys(p.light for p in self.partners if p.light))

    @property
    def others(self) -> tuple[str, ...]:
        """Chains of partners that are no antibody."""
        return tuple(dict.fromkeys(name for p in self.partners for name in p.others))

    def of_chain(self, chain: ChainSequence) -> list[ChainRole]:
        """Return the role of each residue of a chain; an scFv is split by its domains."""
        n = len(chain.names)
        if chain.chain in self.antigen:
            return [ChainRole.ANTIGEN] * n
        if chain.chain in self.heavy and chain.chain in self.light:
            return _split(variable_domains(chain.letters), n)
        for names, role in (
            (self.heavy, ChainRole.HEAVY),
            (self.light, ChainRole.LIGHT),
            (self.others, ChainRole.PARTNER),
        ):
            if chain.chain in names:
                return [role] * n
        return [ChainRole.OTHER] * n


def _split(domains: Sequence[VariableDomain], n: int) -> list[ChainRole]:
    """Give each residue the role of the domain it follows; leaders go to the first."""
    roles = [domains[0].role if domains else ChainRole.OTHER] * n
    for domain in domains:
        roles[domain.start :] = [domain.role] * (n - domain.start)
    return roles


class Chosen(NamedTuple):
    """What the user says of the roles; ``None`` where nothing, empty for none.

    ``sides`` names the two sides of a complex, the antigen first, such as "A:HL" or "AB:C";
    chains of more than one letter are separated by commas.
    """

    antigen: Sequence[str] | None = None
    heavy: Sequence[str] | None = None
    light: Sequence[str] | None = None
    sides: str | None = None


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

    def between(self, one: str, other: str) -> int:
        """Return the number of heavy-atom pairs of two chains within 5 Å."""
        key = frozenset((one, other))
        if key not in self._counts:
            from scipy.spatial import cKDTree

            first, second = (cKDTree(self._coordinates(name)) for name in (one, other))
            self._counts[key] = int(first.count_neighbors(second, CONTACT_A))
        return self._counts[key]

    def total(self, ones: Iterable[str], others: Iterable[str]) -> int:
        """Return the number of pairs between two sets of chains."""
        others = tuple(others)
        return sum(self.between(one, other) for one in ones for other in others if one != other)


def choose_roles(
    chains: Sequence[ChainSequence],
    contacts: ChainContacts,
    chosen: Chosen = Chosen(),  # noqa: B008 (immutable)
    *,
    target_chains: Sequence[str] | None = None,
    molecules: dict[str, str] | None = None,
    where: str = "the structure",
) -> Roles:
    """Choose antigen, heavy and light chains, or the two sides of another complex.

    Parameters
    ----------
    chains
        All protein chains.
    contacts
        Of these chains.
    chosen
        The user's choice, where there is one.
    target_chains
        The chains that are the target, the antigen being one of them; ``None`` where no target
        is known and the antigen is what the antibody binds.
    molecules
        What the file calls the chains, for messages.
    where
        The file's name, for messages.

    Returns
    -------
    Roles

    Raises
    ------
    StructureError
        If a chosen chain is not a protein chain of the structure; if antibody and antigen do not
        touch; without a target, if no antibody or more than one antigen is found.
    """
    return _Search(chains, contacts, chosen, molecules or {}, where).roles(target_chains)


class _Search:
    """The state of one call of `choose_roles`."""

    def __init__(
        self,
        chains: Sequence[ChainSequence],
        contacts: ChainContacts,
        chosen: Chosen,
        molecules: dict[str, str],
        where: str,
    ) -> None:
        self.chains = {chain.chain: chain for chain in chains}
        self.contacts = contacts
        self.chosen = chosen
        self.molecules = molecules
        self.where = where
        self.reasons: list[str] = []
        self._words = {name: _words(chain.letters) for name, chain in self.chains.items()}

    def roles(self, target_chains: Sequence[str] | None) -> Roles:
        chosen = self.chosen
        for role in ("antigen", "heavy", "light"):
            self._require_chains(getattr(chosen, role) or (), role)
        if chosen.sides is not None:
            return self._of_sides(chosen.sides, target_chains)
        known = {*(chosen.antigen or ()), *(target_chains or ())}
        partners = self._partners([name for name in self.chains if name not in known])
        if target_chains is None and not partners and not chosen.heavy and not chosen.light:
            raise StructureError(
                f"{self.where}: no antibody or T-cell receptor is among its protein chains {self.named(self.chains)}; "
                f"name the two sides of the complex, the antigen first, such as {':'.join([*self.chains, 'B'][:2])}"
            )
        copies: tuple[str, ...] = ()
        if chosen.antigen is not None:
            antigen = tuple(chosen.antigen)
        elif target_chains is not None:
            antigen, copies = self._best_copy(list(target_chains), partners)
        else:
            antigen, copies = self._bound(partners)
        if chosen.heavy is None and chosen.light is None:
            taken = self._touching(partners, antigen)
        else:
            taken = self._overruled(self._bound_to(partners, antigen))
        self._explain(taken, antigen, by_target=target_chains is not None)
        return Roles(antigen, tuple(taken), copies, tuple(self.reasons))

    # What the chains are

    def named(self, names: Iterable[str]) -> str:
        """Write chains with the names that the file gives their molecules, for messages."""
        return described((self.chains[name] for name in names), self.molecules)

    def _require_chains(self, names: Iterable[str], role: str) -> None:
        for name in names:
            if name not in self.chains:
                raise StructureError(
                    f"{self.where}: {role} chain {name!r} is not in the structure; "
                    f"its protein chains are {self.named(self.chains)}"
                )

    def _partners(self, names: Sequence[str]) -> list[Partner]:
        """Find antibodies and T-cell receptors, paired by their contacts, most contacts first."""
        found: list[Partner] = []
        heavy, light, receptors = [], [], {}
        for name in names:
            kinds = {domain.role for domain in variable_domains(self.chains[name].letters)}
            if kinds == {ChainRole.HEAVY, ChainRole.LIGHT}:
                found.append(Partner(PartnerKind.SCFV, name, name))
            elif ChainRole.HEAVY in kinds:
                heavy.append(name)
            elif ChainRole.LIGHT in kinds:
                light.append(name)
            elif types := receptor_domains(self.chains[name].letters):
                receptors[name] = types
        for one, other in self._pairs(heavy, light):
            if one and other:
                found.append(Partner(PartnerKind.ANTIBODY, one, other))
            elif one:
                found.append(Partner(PartnerKind.SINGLE_DOMAIN, one))
            else:
                found.append(Partner(PartnerKind.LIGHT_CHAIN, light=other))
        alpha = [name for name, types in receptors.items() if set(types) & {"A", "G"}]
        beta = [name for name in receptors if name not in alpha]
        for pair in self._pairs(alpha, beta):
            found.append(Partner(PartnerKind.T_CELL_RECEPTOR, others=tuple(name for name in pair if name)))
        order = list(self.chains)
        return sorted(found, key=lambda partner: min(order.index(name) for name in partner.chains))

    def _pairs(self, ones: list[str], others: list[str]) -> list[tuple[str, str]]:
        """Pair chains by their contacts, most first; "" beside those that are left over."""
        ones, others, pairs = list(ones), list(others), []
        if len(ones) == len(others) == 1:
            return [(ones[0], others[0])]
        counted = [(-self.contacts.between(a, b), a, b) for a in ones for b in others]
        for count, a, b in sorted(counted, key=lambda pair: pair[0]):
            if count < 0 and a in ones and b in others:
                pairs.append((a, b))
                ones.remove(a)
                others.remove(b)
        return [*pairs, *((a, "") for a in ones), *(("", b) for b in others)]

    def _same(self, one: str, other: str) -> bool:
        """Say whether two chains are copies of one protein, whatever was observed of them."""
        if not one or not other:
            return one == other
        first, second = self._words[one], self._words[other]
        if not first or not second:
            return self.chains[one].letters == self.chains[other].letters
        return len(first & second) >= SAME_PROTEIN * min(len(first), len(second))

    def _same_partner(self, one: Partner, other: Partner) -> bool:
        return (
            one.kind is other.kind
            and len(one.chains) == len(other.chains)
            and all(map(self._same, one.chains, other.chains))
        )

    # Copies

    def _observed(self, names: Iterable[str]) -> int:
        return sum(sum(index >= 0 for index in self.chains[name].resindex) for name in names)

    def _best_copy(self, copies: list[str], partners: Sequence[Partner]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Choose the copy with the most residues observed, then the lowest mean B, then the first.

        Only copies that as many antibodies touch, with at least half the contacts of the best,
        are copies of the same complex.
        """
        if len(copies) == 1:
            return (copies[0],), ()
        bound = {copy: self._bound_to(partners, (copy,)) for copy in copies}
        touches = {copy: sum(self.contacts.total(p.chains, (copy,)) for p in bound[copy]) for copy in copies}
        most = max(len(found) for found in bound.values())
        full = [copy for copy in copies if len(bound[copy]) == most]
        enough = MIN_COPY_SHARE * max(touches[copy] for copy in full)
        equal = [copy for copy in full if touches[copy] >= enough]
        units = {copy: [copy, *(name for partner in bound[copy] for name in partner.chains)] for copy in equal}
        seen = {copy: self._observed(units[copy]) for copy in equal}
        b = {copy: sum(map(self.contacts.mean_b, units[copy])) / len(units[copy]) for copy in equal}
        best = min(equal, key=lambda copy: (-seen[copy], round(b[copy], 2)))
        if len(equal) == 1:
            why = "the only one that the antibodies touch with their whole interface" if most else "the first"
        elif min(seen.values()) < max(seen.values()):
            why = f"with the most residues observed ({seen[best]})"
        else:
            why = f"with the lowest mean B-factor ({b[best]:.1f} Å²) among those with {seen[best]} residues observed"
        self.reasons.append(f"of the copies {', '.join(copies)} of the antigen {best} is taken, {why}")
        return (best,), tuple(copies)

    def _bound_to(self, partners: Sequence[Partner], antigen: Sequence[str]) -> list[Partner]:
        """Keep, of each distinct antibody, the copy that touches the antigen most."""
        best: list[tuple[int, Partner]] = []
        for partner in partners:
            if set(partner.chains) & set(antigen):
                continue
            count = self.contacts.total(partner.chains, antigen)
            if count < MIN_CONTACTS:
                continue
            same = next((i for i, (_, other) in enumerate(best) if self._same_partner(partner, other)), None)
            if same is None:
                best.append((count, partner))
            elif count > best[same][0]:
                best[same] = (count, partner)
        return [partner for _, partner in best]

    # Antigen without a target

    def _bound(self, partners: Sequence[Partner]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Find the antigen by what the antibodies touch; several chains where they belong together."""
        antibodies = [partner for partner in partners if partner.kind is not PartnerKind.T_CELL_RECEPTOR]
        partners = antibodies or partners
        own = {name for partner in partners for name in partner.chains}
        free = [name for name in self.chains if name not in own]
        counts = {name: max(self.contacts.total(p.chains, (name,)) for p in partners) for name in free}
        touched = [name for name in free if counts[name] >= MIN_CONTACTS]
        if not touched:
            return self._idiotope(partners, free)
        main = max(touched, key=counts.__getitem__)
        copies = [name for name in touched if self._same(name, main)]
        (best,), among = self._best_copy(copies, partners)
        mine = self._bound_to(partners, (best,))
        antigen = self._with_subunits(best, mine, free)
        self._require_one_antigen(antigen, mine, partners, touched)
        among = tuple(name for name in among if name == best or name not in antigen)
        return antigen, among if len(among) > 1 else ()

    def _with_subunits(self, best: str, mine: Sequence[Partner], free: Sequence[str]) -> tuple[str, ...]:
        """Add the chains that hold on to the antigen and share its interface with the antibodies."""
        names = [name for partner in mine for name in partner.chains]
        enough = max(MIN_CONTACTS, MIN_SHARE * self.contacts.total(names, (best,)))
        subunits = [
            name
            for name in free
            if name != best
            and self.contacts.total(names, (name,)) >= enough
            and self.contacts.between(name, best) >= MIN_CONTACTS
        ]
        if subunits:
            self.reasons.append(f"{', '.join(subunits)} touches both {best} and its antibody, and is antigen too")
        return tuple(name for name in self.chains if name == best or name in subunits)

    def _require_one_antigen(
        self, antigen: Sequence[str], mine: Sequence[Partner], partners: Sequence[Partner], touched: Sequence[str]
    ) -> None:
        """Refuse a second antigen: another protein that an antibody of its own, or the same one, holds."""
        for name in touched:
            if name in antigen or any(self._same(name, other) for other in antigen):
                continue
            holders = self._bound_to(partners, (name,))
            rivals = [p for p in holders if not any(self._same_partner(p, q) for q in mine)]
            count = self.contacts.total((c for p in mine for c in p.chains), (name,))
            half = MIN_COPY_SHARE * self.contacts.total((c for p in mine for c in p.chains), antigen)
            if rivals or count >= half:
                by = ", ".join("".join(p.chains) for p in (rivals or mine))
                raise StructureError(
                    f"{self.where}: holds two antigens, {self.named(antigen)} bound by "
                    f"{', '.join(''.join(p.chains) for p in mine)} and {self.named([name])} bound by {by}; "
                    "say which is the antigen"
                )

    def _idiotope(self, partners: Sequence[Partner], free: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take an antibody for the antigen where antibodies of two kinds touch each other alone."""
        pairs = [
            (self.contacts.total(one.chains, other.chains), one, other)
            for i, one in enumerate(partners)
            for other in partners[i + 1 :]
            if not self._same_partner(one, other)
        ]
        count, one, other = max(pairs, key=lambda pair: pair[0], default=(0, partners[0], partners[0]))
        if count < MIN_CONTACTS:
            beside = f"its other chains {self.named(free)}" if free else "no other protein chain is there"
            touching = "touches none of " if free else "has nothing to touch: "
            raise StructureError(
                f"{self.where}: the antibody {', '.join(''.join(p.chains) for p in partners)} {touching}{beside} "
                f"(no {MIN_CONTACTS} heavy-atom pairs within {CONTACT_A:.0f} Å); name the antigen or the two sides"
            )
        self.reasons.append(
            f"antibody {''.join(one.chains)} is bound to antibody {''.join(other.chains)}; the first in the file is "
            "taken for the antibody, the second for its antigen"
        )
        return other.chains, ()

    # Antibodies of the antigen

    def _touching(self, partners: Sequence[Partner], antigen: Sequence[str]) -> list[Partner]:
        """Return the antibodies of the antigen.

        Raises
        ------
        StructureError
            If there are antibodies, and none touches it.
        """
        others = [partner for partner in partners if not set(partner.chains) & set(antigen)]
        found = self._bound_to(others, antigen)
        if others and not found:
            raise StructureError(
                f"{self.where}: no contact: antibody {', '.join(''.join(p.chains) for p in others)} and antigen "
                f"{self.named(antigen)} have fewer than {MIN_CONTACTS} heavy-atom pairs within {CONTACT_A:.0f} Å; "
                "name heavy and light chains to look at them all the same"
            )
        return found

    def _overruled(self, found: Sequence[Partner]) -> list[Partner]:
        """Put the user's heavy and light chains in the place of those found."""
        heavy = self.chosen.heavy if self.chosen.heavy is not None else [p.heavy for p in found if p.heavy]
        light = self.chosen.light if self.chosen.light is not None else [p.light for p in found if p.light]
        return [
            Partner(_kind(h, li), h, li)
            for h, li in _zip_longest(list(dict.fromkeys(heavy)), list(dict.fromkeys(light)))
        ]

    # Sides

    def _of_sides(self, sides: str, target_chains: Sequence[str] | None) -> Roles:
        """Read ``A:HL``: the antigen's side first, unless the first alone holds variable domains."""
        first, separator, second = sides.partition(":")
        if not separator or not first.strip() or not second.strip():
            raise StructureError(
                f"sides {sides!r}: write the chains of the two sides as A:HL or AB:C, the antigen first"
            )
        antigen, partner = self._side(first), self._side(second)
        both = set(antigen) & set(partner)
        if both:
            raise StructureError(f"sides {sides!r}: chain {min(both)} stands on both sides; write each chain once")
        if target_chains is not None:
            swap = not set(antigen) & set(target_chains) and bool(set(partner) & set(target_chains))
        else:
            swap = self._has_antibody(antigen) and not self._has_antibody(partner)
        if swap:
            antigen, partner = partner, antigen
        if target_chains is not None and not set(antigen) & set(target_chains):
            raise StructureError(
                f"{self.where}: neither side of {sides!r} is the target; chain {', '.join(target_chains)} is"
            )
        if self.contacts.total(antigen, partner) < MIN_CONTACTS:
            raise StructureError(
                f"{self.where}: no contact: sides {self.named(antigen)} and {self.named(partner)} have fewer than "
                f"{MIN_CONTACTS} heavy-atom pairs within {CONTACT_A:.0f} Å; name chains that touch"
            )
        found = self._partners(partner)
        known = {name for one in found for name in one.chains}
        rest = tuple(name for name in partner if name not in known)
        if rest:
            found.append(Partner(PartnerKind.PROTEIN, others=rest))
        self.reasons.append(f"sides as given: {', '.join(antigen)} is the antigen, {', '.join(partner)} binds it")
        return Roles(antigen, tuple(found), (), tuple(self.reasons))

    def _has_antibody(self, names: Iterable[str]) -> bool:
        return any(variable_domains(self.chains[name].letters) for name in names)

    def _side(self, text: str) -> tuple[str, ...]:
        """Split the chains of a side: at commas, else by letter, else it is one chain's name."""
        text = text.strip()
        names = [name.strip() for name in text.split(",")] if "," in text or text in self.chains else list(text)
        if len(text) > 1 and text in self.chains and all(letter in self.chains for letter in text):
            raise StructureError(
                f"{self.where}: side {text!r} may be one chain or chains {', '.join(text)}; separate chains by commas"
            )
        self._require_chains(names, "side's")
        return tuple(dict.fromkeys(names))

    def _explain(self, partners: Sequence[Partner], antigen: Sequence[str], *, by_target: bool) -> None:
        for partner in partners:
            count = self.contacts.total(partner.chains, antigen)
            self.reasons.append(
                f"{', '.join(partner.chains)} is {_ARTICLE[partner.kind]} {partner.kind} by its variable domains; "
                f"{count} heavy-atom pairs with {', '.join(antigen)} within {CONTACT_A:.0f} Å"
            )
        if not by_target and self.chosen.antigen is None:
            self.reasons.append(f"{', '.join(antigen)} is what it binds, hence the antigen")


_ARTICLE = {kind: "an" if kind in {PartnerKind.ANTIBODY, PartnerKind.SCFV} else "a" for kind in PartnerKind}


def _kind(heavy: str, light: str) -> PartnerKind:
    if heavy and light:
        return PartnerKind.SCFV if heavy == light else PartnerKind.ANTIBODY
    return PartnerKind.SINGLE_DOMAIN if heavy else PartnerKind.LIGHT_CHAIN


def _zip_longest(heavy: Sequence[str], light: Sequence[str]) -> list[tuple[str, str]]:
    from itertools import zip_longest

    return list(zip_longest(heavy, light, fillvalue=""))


def _words(letters: str) -> frozenset[str]:
    return frozenset(letters[i : i + _WORD] for i in range(len(letters) - _WORD + 1))
