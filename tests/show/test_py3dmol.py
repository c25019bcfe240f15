"""What 3Dmol.js is told: texts that keep clear of each other and can be read on their ground."""

from __future__ import annotations

import numpy as np
import pytest

from epitope.show.palette import VERDICT_COLOURS, ink_on
from epitope.show.presets import scene
from epitope.show.py3dmol import _apart, _Text, _texts, instructions
from epitope.show.scene import Camera

CAMERA = Camera((0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 10, 10)


def boxes(texts, camera):
    """Return the boxes of the texts on a canvas of the usual size, as centre and half extents."""
    scale = min(220 / camera.half_width, 260 / camera.half_height)
    at = camera.project([t.position for t in texts])[:, :2] * scale + np.array(_apart(texts, camera))
    return at, np.array([t.half for t in texts])


def covered(at, half):
    """Return how many pairs of boxes overlap by more than a pixel."""
    pairs = zip(*np.triu_indices(len(at), 1), strict=True)
    return sum(bool((np.abs(at[i] - at[j]) < half[i] + half[j] - 1).all()) for i, j in pairs)


def test_a_distance_moves_out_of_the_way_of_the_variants_name_which_stays():
    texts = [_Text("2.7 Å", (0, 0, 0), 10, 2), _Text("Phe61del", (0, 0, 0), 13, 0)]
    moves = _apart(texts, CAMERA)
    assert moves[1] == (0, 0)
    assert moves[0] != (0, 0)
    assert covered(*boxes(texts, CAMERA)) == 0


@pytest.mark.parametrize("site", [60, 61, 163])
def test_no_text_of_a_site_covers_another(structure, site):
    drawn = scene(structure, "site", site=site)
    assert covered(*boxes(_texts(drawn), drawn.camera)) == 0


@pytest.mark.parametrize("preset", ["epitope", "disulfides", "ex2part"])
def test_no_text_of_a_preset_covers_another(structure, preset):
    drawn = scene(structure, preset)
    assert covered(*boxes(_texts(drawn), drawn.camera)) == 0


def test_a_peptide_bond_is_not_drawn_as_a_distance(structure):
    near = [line for line in scene(structure, "site", site=163).lines if line.text]
    assert near
    assert min(float(line.text.split()[0]) for line in near) > 2


def test_every_verdict_can_be_read_on_its_colour():
    assert {v.value: ink_on(c) for v, c in VERDICT_COLOURS.items()}["at risk"] == "#20242A"


def test_a_line_brings_its_text_and_where_that_moves(structure):
    lines = instructions(scene(structure, "site", site=61))["lines"]
    assert all(len(line["shift"]) == 2 for line in lines)
