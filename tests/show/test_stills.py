"""Stills of the molecule: names that can be read, in the camera of the picture."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import epitope
from epitope.errors import EpitopeError, MissingDependencyError, RendererError, RendererWarning
from epitope.show import pymol
from epitope.show.figures import FIGURES, chosen_renderer, figure, figure_bytes, svg_text
from epitope.show.figures.labels import arrange, boxes
from epitope.show.molecule import Molecule
from epitope.show.palette import GROUNDS
from epitope.show.presets import composed, scene, with_surface
from epitope.show.scene import Style


@pytest.fixture(scope="session")
def many(structure):
    """Twenty-eight substitutions spread over the observed protein, whatever stands there."""
    residues = structure.target.sequence
    places = [p for p in Molecule.of(structure).observed if residues[p - 1] not in "AG"][::8][:28]
    return epitope.assess_each([f"{residues[p - 1]}{p}A" for p in places], structure)


def drawn_words(drawn):
    """Return what is written and its box, in pixels, of everything that a figure shows."""
    from matplotlib.legend import Legend

    drawn.canvas.draw()
    words = [t for legend in drawn.findobj(Legend) for t in legend.get_texts()] + list(drawn.texts)
    for ax in drawn.axes:
        words += [*ax.texts, ax.title, ax._left_title]
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            low, high = sorted(axis.get_view_interval())
            words += [axis.label, *(t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high)]
            words += [t.label2 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
    # A halo is no word, and the box around a slanted word is not the word.
    shown = [t for t in words if t.get_text().strip() and t.get_visible() and not t.get_path_effects()]
    return [(t.get_text(), t.get_window_extent()) for t in shown if t.get_rotation() % 90 == 0]


MARKED = {"lollipop", "contacts", "site", "paper", "overview", "site-3d", "disulfides"}
"""Figures that mark variants; the others are the same whatever these are."""
CASES = [
    (name, columns, number)
    for name in (*FIGURES, "ex2part")
    for columns in (FIGURES[name].widths if name in FIGURES else (1, 2))
    for number in ((1, 8, 28) if name in MARKED else (8,))
]


@pytest.mark.parametrize(("name", "columns", "number"), CASES)
def test_no_two_names_overlap_and_none_leaves_the_canvas(structure, many, tables, name, columns, number):
    drawn = figure(name, structure, many[:number], columns=columns, **tables)
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


def test_a_still_comes_near_to_the_antigen_where_the_binder_is_beside_the_point(structure):
    m = Molecule.of(structure)
    whole = scene(structure, "ex2part")
    near = composed(whole, m).camera
    assert near.half_height < 0.7 * whole.camera.half_height
    assert (np.abs(near.project(m.antigen.positions)[:, :2]) < (near.half_width, near.half_height)).all()


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


def shades(drawn):
    """Return the shade of each word of a figure, 0 black to 1 white."""
    from matplotlib.colors import to_rgb

    return {t.get_text(): np.mean(to_rgb(t.get_color())) for ax in drawn.axes for t in ax.texts}


def test_a_molecule_on_a_dark_ground_has_light_words_and_no_white_paper(structure, many):
    drawn = figure("overview", structure, many[:3], ground="dark")
    light = shades(figure("overview", structure, many[:3]))
    assert all(shade > light[word] for word, shade in shades(drawn).items())
    pixels = np.asarray(matplotlib_image(figure_bytes(drawn, "png", dpi=60)))
    assert pixels[0, 0, :3].max() < 0.2
    assert np.median(pixels[..., :3]) < 0.2


def matplotlib_image(png):
    import io

    from matplotlib.image import imread

    return imread(io.BytesIO(png))


def test_axes_on_a_dark_ground_are_light_when_it_is_saved(structure, many):
    svg = svg_text(figure("lollipop", structure, many[:3], ground="dark"))
    ink = GROUNDS["light"].ink.lower()
    ticks = [line for line in svg.splitlines() if "<text" in line and ">50<" in line]
    assert ticks
    assert not any(ink in line for line in ticks)


def test_every_loop_in_view_is_named_so_that_colour_does_not_stand_alone(structure):
    m = Molecule.of(structure)
    loops = {m.loop_range(loop) for loop in structure.epitope.loops}
    for name in ("overview", "epitope", "interface", "disulfides"):
        words = " ".join(label.text for label in composed(scene(structure, name), m).labels)
        assert all(loop in words for loop in loops), name


def test_an_unknown_ground_and_a_figure_for_light_paper_are_one_line(structure):
    with pytest.raises(EpitopeError, match="no ground 'blue'; choose one of light, dark"):
        figure("overview", structure, ground="blue")
    with pytest.raises(EpitopeError, match="figure burial: is drawn on a light ground only; on a dark one lollipop, "):
        figure("burial", structure, ground="dark")


BROKEN = {
    "exit code 3": "import sys; sys.exit(3)",
    "No module named 'nowhere'": "import nowhere",
    "ended by signal 9": "import os; os.kill(os.getpid(), 9)",
    "it wrote no picture": "",
    "no picture within 0 s": "import time; time.sleep(60)",
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_pymol_that_fails_is_replaced_under_auto_and_one_line_where_it_was_asked_for(structure, monkeypatch, reason):
    monkeypatch.setattr(pymol, "installed", lambda: True)
    monkeypatch.setattr(pymol, "_RENDER", BROKEN[reason])
    if "within" in reason:
        monkeypatch.setattr(pymol, "_RENDER_TIMEOUT_S", 0.1)
    with pytest.warns(RendererWarning, match=f"PyMOL failed .*{reason}.*; the molecule is drawn by matplotlib"):
        assert figure("site-3d", structure, site=60, renderer="auto").axes
    with pytest.raises(RendererError, match=f"figure site-3d: PyMOL .*{reason}.*; give --renderer flat") as told:
        figure("site-3d", structure, site=60, renderer="pymol")
    assert "\n" not in str(told.value)


def test_the_shell_says_in_one_line_that_pymol_failed_and_writes_the_flat_picture(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from epitope.cli import app

    monkeypatch.setattr(pymol, "installed", lambda: True)
    monkeypatch.setattr(pymol, "_RENDER", BROKEN["exit code 3"])
    out = tmp_path / "site.png"
    done = CliRunner().invoke(app, ["figure", "site-3d", "--site", "P60", "--out", str(out)])
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "figure site-3d: PyMOL failed to draw 'site' (exit code 3); the molecule is drawn by matplotlib, flat."
    ]
    assert out.read_bytes().startswith(b"\x89PNG")
    wanted = CliRunner().invoke(
        app, ["figure", "site-3d", "--site", "P60", "--renderer", "pymol", "--out", str(tmp_path / "no.png")]
    )
    assert wanted.exit_code != 0
    assert not (tmp_path / "no.png").exists()


def test_a_still_of_a_buried_site_leaves_out_what_lies_before_it(structure):
    from dataclasses import replace

    m = Molecule.of(structure)
    picture = scene(structure, "site", site=61)
    deepest = picture.camera.project(m.antigen.positions)[:, 2].max()
    assert picture.camera.project(m.atoms(61))[:, 2].max() < picture.front_A < deepest
    drawn, whole = (figure_of(each, structure) for each in (picture, replace(picture, front_A=90.0)))
    assert 0 < faces(drawn) < faces(whole)
    near = float(pymol.script(picture, "x.pdb").split("set_view (")[1].split(", ")[15])
    cut = float(pymol._still(picture, 400, 400, "#000000").split("set_view (")[1].split(", ")[15])
    assert cut > near


def figure_of(picture, structure):
    from epitope.show.figures.registry import FigureInput
    from epitope.show.figures.stills import still

    return still(FigureInput(structure, columns=1), picture)


def faces(drawn):
    return sum(len(collection.get_paths()) for ax in drawn.axes for collection in ax.collections)


def test_distances_of_a_site_are_from_its_nearest_residue(structure):
    lines = [line for line in scene(structure, "site", site=(60, 61)).lines if line.text and not line.meaning]
    assert lines
    assert all(float(line.text.removesuffix(" Å")) <= 5 for line in lines)


def test_a_site_is_not_called_by_the_name_of_a_variant_elsewhere(structure, many):
    assert "Phe61" in scene(structure, "site", many[:1], site=61).title


def test_the_figure_of_a_paper_has_lettered_panels(structure, many):
    words = [text for text, _ in drawn_words(figure("paper", structure, many[:3]))]
    assert all(letter in words for letter in "bcde")


def test_a_surface_lies_around_the_whole_antigen_and_is_translucent(structure):
    m = Molecule.of(structure)
    picture = scene(structure, "epitope")
    around = with_surface(picture, m)
    added = around.representations[len(picture.representations) :]
    assert {item.style for item in added} == {Style.SURFACE}
    assert sum(len(item.selection.residues) for item in added) == len(m.observed)
    assert (around.legend, around.labels, around.camera) == (picture.legend, picture.labels, picture.camera)
    lines = pymol._still(around, 400, 400, "#000000").splitlines()
    name = f"part_{len(around.representations):02d}_object"
    assert f"show surface, {name}" in lines
    assert f"set transparency, 0.65, {name}" in lines
    assert sum("surface" in line for line in pymol._still(picture, 400, 400, "#000000").splitlines()) == 0


def test_what_draws_no_surface_says_so(structure):
    plain = svg_text(figure("disulfides", structure))
    with pytest.warns(RendererWarning, match="a surface is drawn by PyMOL alone .*, and is left out") as told:
        assert svg_text(figure("disulfides", structure, surface=True)) == plain
    assert len(told) == 1
    with pytest.raises(EpitopeError, match="burial: shows no molecule, so it has no surface"):
        figure("burial", structure, surface=True)


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
def test_pymol_draws_a_surface_that_every_residue_lies_in(structure, tmp_path):
    from dataclasses import replace

    from matplotlib.image import imread

    m = Molecule.of(structure)
    alone = with_surface(replace(scene(structure, "overview"), representations=()), m)
    seen = imread(pymol.render_png(alone, structure, tmp_path / "a.png", width=200, height=200))[..., 3]
    half_width, half_height = alone.camera.window(1.0)
    right, up, _ = alone.camera.project(m.antigen.ca[~np.isnan(m.antigen.ca).any(axis=1)]).T
    x, y = ((right / half_width + 1) * 100).astype(int), ((1 - up / half_height) * 100).astype(int)
    assert seen[y, x].min() > 0
    assert 0.2 < np.median(seen[y, x]) < 0.95


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
