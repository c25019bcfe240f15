"""Residues as people write them: the codes of the amino acids, and a residue with its position.

The only door to one-letter and three-letter codes, for every room. Not for the names of
residues in structure files, which may be modified (`epitope.structure.residues`), and not
for what a residue is like (`epitope.features.amino_acids`).
"""

from __future__ import annotations

import re

from epitope.target.translation import STOP

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
"""One-letter codes of the twenty, in the order of every table here."""
ANY = "X"
"""Any residue, or one that is not known."""
_NAMES = "Ala Cys Asp Glu Phe Gly His Ile Lys Leu Met Asn Pro Gln Arg Ser Thr Val Trp Tyr"
THREE: dict[str, str] = {**dict(zip(AMINO_ACIDS, _NAMES.split(), strict=True)), STOP: "Ter", ANY: "Xaa"}
ONE: dict[str, str] = {three.upper(): one for one, three in THREE.items()}
_THREE_LETTERS = re.compile(r"(?:[A-Z][a-z]{2}|\*)+")
_ONE_LETTERS = re.compile(rf"[{AMINO_ACIDS}*]+")
_RESIDUE = re.compile(r"([A-Za-z]{3}|[A-Za-z])?([0-9]{1,6})")


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


def three_letter(letter: str) -> str:
    """Return the three-letter code of a residue, ``Ter`` for ``*`` and ``Xaa`` for unknown.

    Examples
    --------
    >>> three_letter("F"), three_letter("*"), three_letter("?")
    ('Phe', 'Ter', 'Xaa')
    """
    return THREE.get(letter, "Xaa")


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


def written_residue(residue: str, label: str) -> str:
    """Put a residue's code before its number, behind the chain where the number has one.

    Examples
    --------
    >>> written_residue("Phe", "61"), written_residue("F", "T:61A")
    ('Phe61', 'T:F61A')
    """
    chain, colon, number = label.rpartition(":")
    return f"{chain}{colon}{residue}{number}"


def read_residue(text: str) -> tuple[str, int] | None:
    """Read a residue with its position, ``P60``, ``Pro60`` or ``60``, in any case.

    Returns
    -------
    tuple of str and int, or None
        One-letter code ("" where none was written) and position; ``None`` if it is no
        residue.

    Examples
    --------
    >>> read_residue("Pro60"), read_residue("p60"), read_residue("60"), read_residue("J60")
    (('P', 60), ('P', 60), ('', 60), None)
    """
    match = _RESIDUE.fullmatch(text.strip())
    if match is None:
        return None
    letter = one_letter(match[1]) if match[1] else ""
    if match[1] and (not letter or letter not in AMINO_ACIDS):
        return None
    return letter, int(match[2])
