"""Colours stay apart for readers with colour blindness."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from epitope.show.palette import PALETTE, VERDICT_COLOURS, VERDICT_MARKS

# Machado, Oliveira & Fernandes, IEEE TVCG 2009, 15:1291, severity 1.0, linear RGB.
SIMULATIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
JUST_TELLABLE = 10.0
"""CIE76 difference; 2.3 is just noticeable side by side."""


def lab(color, simulation):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(SIMULATIONS[simulation] @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("simulation", SIMULATIONS)
@pytest.mark.parametrize(
    "group",
    [
        list(VERDICT_COLOURS.values()),
        [PALETTE.antigen, PALETTE.heavy, PALETTE.light, *PALETTE.loops[:3]],
        [*PALETTE.loops[:3], PALETTE.disulfide],
    ],
    ids=["verdicts", "chains and loops", "loops and disulfides"],
)
def test_colours_that_stand_side_by_side_can_be_told_apart(simulation, group):
    for one, other in itertools.combinations(group, 2):
        assert np.linalg.norm(lab(one, simulation) - lab(other, simulation)) > JUST_TELLABLE, (one, other)


def test_every_verdict_has_a_mark_of_its_own():
    assert len(set(VERDICT_MARKS.values())) == len(VERDICT_MARKS) == len(VERDICT_COLOURS)
