"""Properties of the twenty amino acids that several rooms reason with.

Volumes are typed from their source; everything else comes from Biopython.
"""

from __future__ import annotations

from functools import cache

VOLUMES_A3 = {
    "A": 88.6, "R": 173.4, "N": 114.1, "D": 111.1, "C": 108.5, "Q": 143.8, "E": 138.4,
    "G": 60.1, "H": 153.2, "I": 166.7, "L": 166.7, "K": 168.6, "M": 162.9, "F": 189.9,
    "P": 112.7, "S": 89.0, "T": 116.1, "W": 227.8, "Y": 193.6, "V": 140.0,
}  # fmt: skip
"""Residue volumes, Å³ (Zamyatnin, Prog Biophys Mol Biol 1972, 24:107)."""
CHARGES = {"D": -1, "E": -1, "K": 1, "R": 1}
"""Formal charge at neutral pH; histidine counts as neutral."""
HYDROPHOBIC = frozenset("AVILMFWCY")
HYDROPHILIC = frozenset("DEKRNQHST")


@cache
def hydropathy(letter: str) -> float:
    """Return the hydropathy of a residue (Kyte & Doolittle, J Mol Biol 1982, 157:105).

    Examples
    --------
    >>> hydropathy("I"), hydropathy("R")
    (4.5, -4.5)
    """
    from Bio.SeqUtils.ProtParamData import kd

    return float(kd[letter])
