"""The apparent free energy at which a segment enters the membrane, from its sequence.

The position-dependent scale of Hessa et al., Nature 2007, 450:1026, measured with the
Sec61 translocon: what a residue costs depends on how deep in the membrane it lies. Not
for finding segments, and not for β-barrels.
"""

from __future__ import annotations

import numpy as np

# Height and width of each residue's curve over depth (-9 to 9, 0 in the middle), kcal/mol. Tryptophan and
# tyrosine, which prefer the interface, have a second pair of curves: height, width and distance from the middle.
# Read from the predictor that the authors published with the paper (ΔGpred); a test repeats its value.
_CURVES = {
    "A": (0.1267255, 0.0215152), "C": (-0.0765051, 0.0994228), "D": (1.7939795, 0.0172643),
    "E": (1.4193720, 0.0089351), "F": (-0.2766953, 0.0010297), "G": (0.4813492, 0.0047210),
    "H": (1.1998590, 0.0080127), "I": (-0.4597384, 0.0181495), "K": (1.8485768, 0.0218446),
    "L": (-0.4282992, 0.0023804), "M": (-0.0774786, 0.0984413), "N": (1.3266132, 0.0092375),
    "P": (1.0860888, 0.0100568), "Q": (1.3336109, 0.0111996), "R": (1.6492534, 0.0512044),
    "S": (0.7023921, 0.0077661), "T": (0.5266550, 0.0311973), "V": (-0.2447218, 0.0979201),
    "W": (0.2909390, 0.0189282, -0.5479140, 0.0930222, 6.4736619),
    "Y": (0.6275249, 0.0103896, -0.5744404, 0.0947821, 6.9164963),
}  # fmt: skip
_MOMENT = 0.27045
_LENGTH = (9.29274167549645, -0.64513139783394, 0.00822196628688)
_HALF_DEPTH = 9.0
_TURN_DEG = 100.0
SHORTEST = 9
"""Segments shorter than this were not measured."""


def insertion_energy(segment: str) -> float:
    """Return the apparent free energy of insertion of a segment as a helix, kcal/mol.

    Parameters
    ----------
    segment : str
        One-letter residues, at least nine; those that the scale does not know count nothing.

    Returns
    -------
    float
        Negative where more than half of the molecules enter the membrane.

    Raises
    ------
    ValueError
        If the segment is shorter than nine residues.

    Examples
    --------
    >>> round(insertion_energy("VTRMVIIMVIAFLICWLPYA"), 3)
    -2.278
    """
    length = len(segment)
    if length < SHORTEST:
        raise ValueError(f"{length} residues are too short for a helix across the membrane; at least {SHORTEST}")
    index = np.arange(length)
    depth = _HALF_DEPTH * (2 * index / (length - 1) - 1)
    curves = np.array([(*_CURVES.get(letter, (0.0, 0.0)), 0.0, 0.0, 0.0)[:5] for letter in segment])
    height, width, side_height, side_width, side_depth = curves.T
    cost = height * np.exp(-width * depth**2) + side_height * (
        np.exp(-side_width * (depth - side_depth) ** 2) + np.exp(-side_width * (depth + side_depth) ** 2)
    )
    moment = np.abs(np.sum(cost * np.exp(1j * np.radians(_TURN_DEG * index))))
    return float(cost.sum() + _MOMENT * moment + np.polynomial.polynomial.polyval(length, _LENGTH))
