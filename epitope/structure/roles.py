"""Which chains are antigen, heavy and light, and which copies are looked at.

Antibodies and T-cell receptors are known by their variable domains, the antigen by the
target's sequence or, without a target, by the contacts with them. Other complexes need to
be told their two sides. An asymmetric unit may hold several copies: the best observed one
is chosen, with the antibodies that touch it; antibodies of different sequence are different
antibodies, and all of them are kept. Not for symmetry mates: what the file does not hold is
not built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from epitope.errors import StructureError
from epitope.structure.antibody import VariableDomain, variable_domains
from epitope.structure.model import ChainRole, PartnerKind
from epitope.structure.numbering import ChainSequence, described
from epitope.structure.partners import (
    CONTACT_A,
    MIN_CONTACTS,
    ChainContacts,
    Partner,
    find_partners,
    holders,
    partner_kind,
    same_partner,
    same_protein,
)

# A chain with this part of the contacts of the main one belongs to the antigen too (peptide and
# MHC, the two subunits of a dimer); fewer are a neighbour in the crystal.
MIN_SHARE = 0.1
# A copy with fewer contacts than this part of the best is no copy of the same complex.
MIN_COPY_SHARE = 0.5


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

    @property
    def word(self) -> str:
        """What sentences call that which binds: antibody, T-cell receptor, or partner where it is no one of these."""
        words = {partner.kind.word for partner in self.partners} or {"antibody"}
        return words.pop() if len(words) == 1 else "partner"

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


def choose_roles(
    chains: Sequence[ChainSequence],
    contacts: ChainContacts,
    chosen: Chosen = Chosen(),  # noqa: B008 (immutable)
    *,
    target_chains: Sequence[str] | None = None,
    molecules: Mapping[str, str] | None = None,
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
        molecules: Mapping[str, str],
        where: str,
    ) -> None:
        self.chains = {chain.chain: chain for chain in chains}
        self.contacts = contacts
        self.chosen = chosen
        self.molecules = molecules
        self.where = where
        self.reasons: list[str] = []

    def roles(self, target_chains: Sequence[str] | None) -> Roles:
        chosen = self.chosen
        for role in ("antigen", "heavy", "light"):
            self._require_chains(getattr(chosen, role) or (), role)
        if chosen.sides is not None:
            return self._of_sides(chosen.sides, target_chains)
        known = {*(chosen.antigen or ()), *(target_chains or ())}
        partners = self._find([name for name in self.chains if name not in known])
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
            taken = self._overruled(self._holders(partners, antigen))
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

    def _find(self, names: Iterable[str]) -> list[Partner]:
        return find_partners(self.chains, names, self.contacts)

    def _holders(self, partners: Iterable[Partner], antigen: Sequence[str]) -> list[Partner]:
        return holders(self.chains, partners, antigen, self.contacts)

    def _same_chain(self, one: str, other: str) -> bool:
        return same_protein(self.chains[one].letters, self.chains[other].letters)

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
        bound = {copy: self._holders(partners, (copy,)) for copy in copies}
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
        copies = [name for name in touched if self._same_chain(name, main)]
        (best,), among = self._best_copy(copies, partners)
        mine = self._holders(partners, (best,))
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
            if name in antigen or any(self._same_chain(name, other) for other in antigen):
                continue
            holders = self._holders(partners, (name,))
            rivals = [p for p in holders if not any(same_partner(self.chains, p, q) for q in mine)]
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
            if not same_partner(self.chains, one, other)
        ]
        count, one, other = max(pairs, key=lambda pair: pair[0], default=(0, partners[0], partners[0]))
        if count < MIN_CONTACTS:
            touching = (
                f"touches none of its other chains {self.named(free)} with {MIN_CONTACTS} heavy-atom pairs "
                f"within {CONTACT_A:.0f} Å; name the antigen or the two sides"
                if free
                else "is alone, no other protein chain is there; give a structure with its antigen"
            )
            raise StructureError(f"{self.where}: antibody {', '.join(''.join(p.chains) for p in partners)} {touching}")
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
        found = self._holders(others, antigen)
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
        pairs = zip_longest(dict.fromkeys(heavy), dict.fromkeys(light), fillvalue="")
        return [Partner(partner_kind(h, li), h, li) for h, li in pairs]

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
        found = self._find(partner)
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
