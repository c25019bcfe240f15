"""Stills of the molecule: names that can be read, in the camera of the picture."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import epitope
from epitope.errors import EpitopeError, MissingDependencyError, OutputError, RendererWarning
from epitope.show import pymol
from epitope.show.figures import FIGURES, chosen_renderer, figure, svg_text
from epitope.show.figures.labels import arrange, boxes
from epitope.show.molecule import Molecule
from epitope.show.presets import composed, scene

STILLS = [name for name, kind in FIGURES.items() if kind.still]


@pytest.fixture(scope="session")
def many(structure):
    """Twenty-eight substitutions spread over the observed protein, whatever stands there."""
    residues = structure.target.sequence
    places = [p for p in Molecule.of(structure).observed if residues[p - 1] not in "AG"][::8][:28]
    return epitope.assess_each([f"{residues[p - 1]}{p}A" for p in places], structure)


@pytest.fixture(scope="session")
def atlas():
    import pandas as pd

    return pd.DataFrame(
        {"uniprot_position": range(50, 130), "kind": "substitution", "ddg_kcal_mol": np.arange(80) % 7 / 3}
    )


def drawn_words(drawn):
    """Return what is written and its box, in pixels, of everything that a figure shows."""
    drawn.canvas.draw()
    legends = [text for legend in drawn.legends for text in legend.get_texts()]
    words = [
        t for t in [*drawn.texts, *legends, *(t for ax in drawn.axes for t in ax.texts)] if not t.get_path_effects()
    ]
    return [(t.get_text(), t.get_window_extent()) for t in words]


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("number", [1, 8, 28])
@pytest.mark.parametrize("name", [*STILLS, "ex2part"])
def test_no_two_names_overlap_and_none_leaves_the_canvas(structure, many, atlas, name, number, columns):
    if name in FIGURES and columns not in FIGURES[name].widths:
        pytest.skip("not laid out for this width")
    drawn = figure(name, structure, many[:number], columns=columns, atlas=atlas)
    words = drawn_words(drawn)
    assert words
    edge = drawn.bbox
    for text, box in words:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= edge.x1, text
        assert box.y1 <= edge.y1, text
    for i, (one, a) in enumerate(words):
        for other, b in words[i + 1 :]:
            apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
            assert apart, (one, other)


def test_every_variant_is_named_when_there_are_eight(structure, many):
    words = {text for text, _ in drawn_words(figure("overview", structure, many[:8], columns=1))}
    for row in many[:8]:
        assert row.consequence.hgvs_p.removeprefix("p.").strip("()") in words


def test_a_name_without_room_is_left_out_and_counted():
    at = np.zeros((5, 2)) + 10
    placed = arrange(at, np.full((5, 2), 9.0), np.array([0.0, 0, 20, 20]), at)
    assert 1 <= np.isfinite(placed[:, 0]).sum() <= 4
    assert np.isnan(placed[:, 0]).any()


def test_placed_boxes_never_share_area():
    rng = np.random.default_rng(7)
    at, sizes = rng.uniform(20, 180, (40, 2)), np.column_stack([rng.uniform(10, 40, 40), np.full(40, 8.0)])
    placed = arrange(at, sizes, np.array([0.0, 0, 200, 200]), at)
    box = boxes(placed, sizes)[np.isfinite(placed[:, 0])]
    low = np.maximum(box[:, None, :2], box[None, :, :2])
    high = np.minimum(box[:, None, 2:], box[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    np.testing.assert_allclose(shared - np.diag(np.diag(shared)), 0, atol=1e-9)


def test_a_close_up_keeps_only_the_part_of_the_binder_that_touches(structure):
    m = Molecule.of(structure)
    binder = set(m.antibody.chains.tolist())

    def cartoons(name, **given):
        parts = composed(scene(structure, name, **given), m).representations
        return [r for r in parts if r.style == "cartoon" and r.selection.chain in binder]

    assert all(r.selection.residues is None for r in cartoons("overview"))
    assert {r.selection.chain for r in cartoons("epitope")} == binder
    assert all(r.selection.residues for r in cartoons("epitope"))
    assert cartoons("site", site=61) == []


def test_bonds_across_the_interface_carry_their_lengths(structure):
    svg = svg_text(figure("interface", structure), dpi=60)
    assert ">hydrogen bond<" in svg
    assert ">salt bridge<" in svg
    shortest = {f"{line.text}" for line in scene(structure, "interface").lines}
    assert all(f">{value}<" in svg for value in shortest)


def test_the_renderer_is_chosen_by_what_is_installed(monkeypatch):
    assert chosen_renderer("lollipop", "auto") == ""
    with pytest.raises(EpitopeError, match="no renderer 'povray'; choose one of auto, pymol, flat"):
        chosen_renderer("overview", "povray")
    monkeypatch.setattr(pymol, "installed", lambda: False)
    assert chosen_renderer("ex2part", "auto") == "flat"
    with pytest.raises(MissingDependencyError, match="PyMOL is not installed; pip install"):
        chosen_renderer("overview", "pymol")
    monkeypatch.setattr(pymol, "installed", lambda: True)
    assert chosen_renderer("ex2part", "auto") == "pymol"


def test_distances_of_a_site_are_from_its_nearest_residue(structure):
    lines = [line for line in scene(structure, "site", site=(60, 61)).lines if line.text and not line.meaning]
    assert lines
    assert all(float(line.text.removesuffix(" Å")) <= 5 for line in lines)


def test_a_site_is_not_called_by_the_name_of_a_variant_elsewhere(structure, many):
    assert "Phe61" in scene(structure, "site", many[:1], site=61).title


def test_the_figure_of_a_paper_has_lettered_panels(structure, many):
    words = [text for text, _ in drawn_words(figure("paper", structure, many[:3]))]
    assert all(letter in words for letter in "bcde")


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
def test_pymol_and_the_camera_put_an_atom_at_the_same_place(structure, tmp_path):
    from dataclasses import replace

    from matplotlib.image import imread

    from epitope.show.scene import Representation, Selection, Style

    m = Molecule.of(structure)
    picture = scene(structure, "overview")
    width, height = 300, 240
    half_width, half_height = picture.camera.window(width / height)
    for position in (m.observed[0], m.observed[-1]):
        chain, token = m.token(position)
        ball = Representation(Selection(chain, (token,), ("CA",)), Style.SPHERE, "#FF0000")
        only = replace(picture, representations=(ball,))
        seen = imread(pymol.render_png(only, structure, tmp_path / "a.png", width=width, height=height))
        y, x = (np.average(at, weights=seen[..., 3]) for at in np.indices((height, width)))
        right, up, _ = picture.camera.project([m.ca(position)])[0]
        assert x + 0.5 == pytest.approx((right / half_width + 1) / 2 * width, abs=0.7)
        assert y + 0.5 == pytest.approx((1 - up / half_height) / 2 * height, abs=0.7)


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
def test_names_stay_text_over_a_ray_traced_picture(structure, monkeypatch):
    monkeypatch.setattr("epitope.show.figures.stills._PIXELS", 200)
    svg = svg_text(figure("disulfides", structure, renderer="pymol"), dpi=72)
    assert svg.count("<image") == 1
    assert svg.count(" Å<") >= 4


@pytest.fixture
def failing(monkeypatch):
    """A PyMOL that is there and cannot draw."""

    def render(picture, *_, **__):
        raise OutputError(f"PyMOL could not render {picture.name!r}: no licence for this day")

    monkeypatch.setattr(pymol, "installed", lambda: True)
    monkeypatch.setattr(pymol, "render_png", render)


def test_where_pymol_fails_the_molecule_is_drawn_flat_and_one_line_says_why(structure, failing):
    with pytest.warns(RendererWarning, match="no licence for this day; the molecule is drawn flat") as said:
        drawn = figure("overview", structure, renderer="auto")
    assert len(said) == 1
    assert "97–107" in svg_text(drawn)


def test_where_pymol_was_asked_for_and_fails_that_is_an_error(structure, failing):
    with pytest.raises(OutputError, match="no licence"):
        figure("overview", structure, renderer="pymol")


def test_the_reason_that_pymol_gives_is_one_line(structure, tmp_path, monkeypatch):
    monkeypatch.setattr(pymol, "installed", lambda: True)
    monkeypatch.setattr(pymol, "_RENDER", "import sys; sys.exit('first line\\nno display')")
    with pytest.raises(OutputError, match=r"^PyMOL could not render 'overview': no display$"):
        pymol.render_png(scene(structure, "overview"), structure, tmp_path / "x.png")
