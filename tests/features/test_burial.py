"""Burial of one side of an interface, on made-up residues with known answers."""

from __future__ import annotations

import numpy as np

from epitope.features.atoms import ResidueAtoms
from epitope.features.burial import LEAST_FREE_AREA_A2, measure_burial


def _alanines(centres: list[tuple[float, float, float]], chain: str = "A") -> ResidueAtoms:
    """Build alanines in the shape of a small cross, one per centre, far from bonded geometry."""
    offsets = np.array([[0, 0, 0], [1.5, 0, 0], [0, 1.5, 0], [-1.5, 0, 0], [0, 0, 1.5]])
    n = len(centres)
    return ResidueAtoms(
        positions=(np.array(centres)[:, None, :] + offsets).reshape(-1, 3),
        names=np.tile(["CA", "N", "C", "O", "CB"], n),
        elements=np.tile(["C", "N", "C", "O", "C"], n),
        b_factors=np.zeros(5 * n),
        residue=np.repeat(np.arange(n), 5),
        letters=np.full(n, "A"),
        chains=np.full(n, chain),
        numbers=np.arange(1, n + 1),
        insertion_codes=np.full(n, ""),
    )


def test_a_residue_out_of_reach_of_the_partner_is_not_covered() -> None:
    burial = measure_burial(_alanines([(0, 0, 0)]), _alanines([(0, 0, 30)], "H"))
    assert burial.fraction[0] == 0
    assert burial.buried_area[0] == 0
    assert burial.n8[0] == 0
    np.testing.assert_allclose(burial.min_distance, [28.5])


def test_neighbours_are_counted_around_the_side_chain_once_each() -> None:
    side = _alanines([(0, 0, 0)])
    partner = _alanines([(0, 0, 7)], "H")
    distance = np.linalg.norm(partner.positions - side.atom("CB")[0], axis=1)
    assert measure_burial(side, partner).n8[0] == (distance <= 8.0).sum()


def test_the_buried_fraction_lies_between_zero_and_one_and_agrees_with_the_areas() -> None:
    burial = measure_burial(_alanines([(0, 0, 0), (6, 0, 0)]), _alanines([(0, 0, 6), (6, 0, 6)], "H"))
    expected = burial.buried_area / np.maximum(burial.sasa_free, LEAST_FREE_AREA_A2)
    np.testing.assert_allclose(burial.fraction, expected)
    assert ((burial.fraction > 0) & (burial.fraction < 1)).all()
