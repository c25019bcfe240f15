"""Residues and changes as people write them for a structure: by the author's or by UniProt numbers.

``A:K27A`` is Lys 27 of chain A as the file numbers it, ``A:K27AA`` Lys 27A, and
``P13726:K201A`` residue 201 of UniProt as far as the file says which that is. Where the
antigen is its own target a number without a chain is the author's too. The change is handed
on with the position that the rooms to the right count by. Not for notation: what a change
may look like is decided in `epitope.variant`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from epitope.errors import VariantError
from epitope.structure.complex import Complex
from epitope.target.residues import AMINO_ACIDS, ONE, THREE, three_letter

_CODES = "|".join(sorted(THREE.values()))
_AMINO_ACID = rf"(?:{_CODES}|[{AMINO_ACIDS}X*])"
_NUMBER = r"-?[0-9]{1,5}"
# A letter behind the number is an insertion code only where what follows could not be read otherwise.
_FIRST, _LAST = (
    rf"(?P<{which}>{_AMINO_ACID})?(?P<number_{which}>{_NUMBER})(?P<code_{which}>[A-Za-z]??)"
    for which in ("first", "last")
)
_WHAT = rf"(?:=|\?|{_AMINO_ACID}|{_AMINO_ACID}?fs\S*|(?:del|dup|ins)\S*|ext\S*)"
_REFERENCE = r"(?:(?P<reference>[^\s:]+):\s*)?"
_CHANGE = re.compile(
    rf"\s*{_REFERENCE}(?P<p>p\.)?(?P<open>\(?){_FIRST}"
    rf"(?:_{_LAST})?(?P<what>{_WHAT}\)?)\s*",
    re.IGNORECASE,
)
_PLACE = re.compile(rf"\s*{_REFERENCE}{_FIRST}\s*", re.IGNORECASE)
_WHOLE = re.compile(r"\s*p\.\(?(?:0\??|=|\?)\)?\s*")
_DNA = re.compile(r"\s*(?:[^\s:]+:\s*)?[cgnmr]\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """One way of numbering: the position of each number with its code, and what the numbers are."""

    of: str
    positions: dict[str, int]


def positions_in(text: str, structure: Complex) -> str:
    """Rewrite a change with the positions of the target; a text of another kind is returned as it is.

    Parameters
    ----------
    text : str
        A change as it was typed.
    structure : Complex
        Read with a target.

    Raises
    ------
    VariantError
        If the chain is not the antigen, the file has no residue of that number, or another stands there.

    Examples
    --------
    >>> import epitope
    >>> positions_in("A:K220A", epitope.load().complex), positions_in("K220A", epitope.load().complex)
    ('p.K220A', 'K220A')
    """
    match = _CHANGE.fullmatch(text)
    own = bool(structure.target.labels)
    if match is None:
        if structure.target.counted and re.search(r"[0-9]", text) and not (_DNA.match(text) or _WHOLE.fullmatch(text)):
            raise VariantError(
                f"{text.strip()}: cannot be read with the numbers of {structure.id}, which are the author's; write it "
                "like K27A, A:K27AA (Lys 27A to Ala) or A:K27del"
            )
        return text
    reference = match["reference"] or ""
    numbers = _numbering(text, reference, structure)
    if numbers is None:
        return text
    first = _position(text, match, "first", numbers, structure)
    written = f"{match['first'] or ''}{first}"
    if match["number_last"]:
        last = _position(text, match, "last", numbers, structure)
        if last <= first or (own and _chain_of(first, structure) != _chain_of(last, structure)):
            raise VariantError(f"{text.strip()}: the range does not run forward along one chain of {structure.id}")
        written += f"_{match['last'] or ''}{last}"
    protein = match["p"] or ("p." if reference or match["first"] else "")
    return f"{protein}{match['open']}{written}{match['what']}"


def position_at(text: str, structure: Complex) -> int | None:
    """Return the position of a residue such as ``K27``, ``A:27A`` or ``P13726:K201``.

    ``None`` where the text is no residue, or one that is not numbered by the structure.

    Raises
    ------
    VariantError
        As `positions_in`.
    """
    match = _PLACE.fullmatch(text)
    numbers = None if match is None else _numbering(text, match["reference"] or "", structure)
    return None if match is None or numbers is None else _position(text, match, "first", numbers, structure)


def _numbering(text: str, reference: str, structure: Complex) -> _Numbers | None:
    """Return the numbers that a reference stands for; ``None`` where it is none of the structure's."""
    target, antigen = structure.target, structure.antigen_chains
    if not reference:
        return _author(antigen, structure) if target.labels else None
    if reference in antigen:
        return _author([reference], structure)
    if reference.casefold() == target.uniprot_id.casefold():
        return None
    accession = next((known for known in structure.uniprot_numbers if known.casefold() == reference.casefold()), "")
    if not accession and reference.casefold() == "uniprot" and len(structure.uniprot_numbers) == 1:
        (accession,) = structure.uniprot_numbers
    if accession:
        return _Numbers(f"UniProt {accession}", {str(n): p for n, p in structure.uniprot_numbers[accession].items()})
    if reference in set(structure.numbering["chain"]) and reference != target.gene:
        raise VariantError(
            f"{text.strip()}: chain {reference} is not the antigen of {structure.id}, which is chain "
            f"{', '.join(antigen)}"
        )
    if target.labels and not _DNA.match(text):
        known = " or ".join([*(f"{chain}:" for chain in antigen), *(f"{name}:" for name in structure.uniprot_numbers)])
        raise VariantError(f"{text.strip()}: {reference} is no reference that {structure.id} knows; write {known}")
    return None


def _author(chains: Iterable[str], structure: Complex) -> _Numbers:
    """Return the author's numbers of chains; a number that occurs twice stands for nothing."""
    rows = structure.antigen_numbering
    rows = rows[rows["chain"].isin(list(chains)) & rows["author_number"].notna()]
    positions: dict[str, int] = {}
    for number, code, position in zip(
        rows["author_number"], rows["insertion_code"], rows["uniprot_position"], strict=True
    ):
        label = f"{number}{code}"
        positions[label] = 0 if label in positions else int(position)
    return _Numbers("the author", positions)


def _position(text: str, match: re.Match[str], which: str, numbers: _Numbers, structure: Complex) -> int:
    """Find one residue and hold the letter that was written against it."""
    label, target = f"{match[f'number_{which}']}{match[f'code_{which}']}", structure.target
    position = numbers.positions.get(label)
    if position is None:
        same = [p for known, p in numbers.positions.items() if known.casefold() == label.casefold()]
        position = same[0] if len(same) == 1 else None
    if position == 0:
        chains = ", ".join(f"{chain}:" for chain in structure.antigen_chains)
        raise VariantError(f"{text.strip()}: {label} is the number of several residues; put the chain first, {chains}")
    if position is None:
        inserted = [known for known in numbers.positions if re.fullmatch(rf"{label}[A-Za-z]", known)]
        hint = f"; it has {', '.join(inserted)}" if inserted else ""
        raise VariantError(
            f"{text.strip()}: the file shows no residue {label} by the numbers of {numbers.of}, which run from "
            f"{next(iter(numbers.positions))} to {list(numbers.positions)[-1]}{hint}"
        )
    found = target.residue(position)
    given = _one_letter(match[which])
    if given not in ("", found):
        raise VariantError(
            f"{text.strip()}: residue {label} by the numbers of {numbers.of} is {three_letter(found)}, not "
            f"{three_letter(given)}{_elsewhere(label, given, numbers, structure)}"
        )
    return position


def _one_letter(code: str | None) -> str:
    return "" if not code else ONE.get(code.upper(), code.upper())


def _elsewhere(label: str, letter: str, numbers: _Numbers, structure: Complex) -> str:
    """Say which residue has the number in the other ways of numbering, and whether it would fit."""
    target = structure.target
    ways = [_author(structure.antigen_chains, structure)]
    ways += [
        _Numbers(f"UniProt {accession}", {str(n): p for n, p in known.items()})
        for accession, known in structure.uniprot_numbers.items()
    ]
    said = [
        f"; by those of {way.of} it is {three_letter(target.residue(way.positions[label]))}"
        for way in ways
        if way.of != numbers.of and way.positions.get(label)
    ]
    return "".join(said) or "; check the numbering"


def _chain_of(position: int, structure: Complex) -> str:
    return structure.target.label(position).rpartition(":")[0]
