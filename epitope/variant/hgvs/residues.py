"""One-letter and three-letter residue codes, the way HGVS writes them.

Only codes: what a residue is like belongs to the impact room.
"""

from __future__ import annotations

import re

from Bio.Data.IUPACData import protein_letters_1to3

STOP = "*"
THREE: dict[str, str] = {**protein_letters_1to3, STOP: "Ter", "X": "Xaa"}
ONE: dict[str, str] = {three.upper(): one for one, three in THREE.items()}
_THREE_LETTERS = re.compile(r"(?:[A-Z][a-z]{2}|\*)+")
_ONE_LETTERS = re.compile(r"[ACDEFGHIKLMNPQRSTVWY*]+")


def one_letter(code: str) -> str:
    """Return the one-letter code of a residue written either way, in any case; "" if it is none.

    Examples
    --------
    >>> one_letter("phe"), one_letter("F"), one_letter("Ter"), one_letter("Foo")
    ('F', 'F', '*', '')
    """
    upper = code.upper()
    if len(upper) == 1:
        return upper if upper in THREE else ""
    return ONE.get(upper, "")


def three_letters(sequence: str) -> str:
    """Write a one-letter sequence in three-letter codes.

    Examples
    --------
    >>> three_letters("PF*")
    'ProPheTer'
    """
    return "".join([THREE[letter] for letter in sequence])


def decode(text: str) -> str:
    """Return the one-letter sequence of residues written in either code; "" if it is neither.

    Three-letter codes need their capitals here: ``insala`` could be Ala or A-L-A.

    Examples
    --------
    >>> decode("GlyTer"), decode("GA*"), decode("ala")
    ('G*', 'GA*', '')
    """
    if _THREE_LETTERS.fullmatch(text):
        codes = re.findall(r"[A-Z][a-z]{2}|\*", text)
        letters = [one_letter(code) for code in codes]
        return "".join(letters) if all(letters) else ""
    return text if _ONE_LETTERS.fullmatch(text) else ""
