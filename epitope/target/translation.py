"""Codons to residues with the standard genetic code, and the other strand.

For whole coding sequences and for the codon look-ups of the variant room. Not for
other genetic codes, and not for ambiguous bases: those translate to ``X``.
"""

from __future__ import annotations

from functools import cache
from itertools import product

STOP = "*"
_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""The standard code (table 1 of NCBI), in the order TTT, TTC, TTA, … GGG."""
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def reverse_complement(bases: str) -> str:
    """Return the other strand.

    Examples
    --------
    >>> reverse_complement("AACG")
    'CGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


@cache
def codon_table() -> dict[str, str]:
    """Return codon → residue of the standard code, with ``*`` for the stops.

    Examples
    --------
    >>> codon_table()["ATG"], codon_table()["TGA"], len(codon_table())
    ('M', '*', 64)
    """
    return {"".join(codon): residue for codon, residue in zip(product("TCAG", repeat=3), _STANDARD, strict=True)}


def translate(bases: str) -> str:
    """Translate every whole codon; stops are ``*``, a trailing part of a codon is left out.

    Parameters
    ----------
    bases : str
        DNA, upper case, in frame.

    Returns
    -------
    str
        One-letter residues, one per whole codon; ``X`` where a base is not A, C, G or T.

    Examples
    --------
    >>> translate("CCCTTCTTA")
    'PFL'
    >>> translate("ATGTGAC")
    'M*'
    """
    table = codon_table()
    return "".join([table.get(bases[i : i + 3], "X") for i in range(0, len(bases) - 2, 3)])


def translate_to_stop(bases: str) -> tuple[str, bool]:
    """Translate up to the first stop; say whether there was one.

    Examples
    --------
    >>> translate_to_stop("ATGTGACCC")
    ('M', True)
    >>> translate_to_stop("ATGCCC")
    ('MP', False)
    """
    residues, stop, _ = translate(bases).partition(STOP)
    return residues, bool(stop)
