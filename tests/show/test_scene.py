"""The camera and the presets show what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from epitope.errors import EpitopeError
from epitope.show.molecule import Molecule
from epitope.show.presets import PRESETS, scene, sites
from epitope.show.py3dmol import instructions, view_vector


def scene_of(structure, preset, rows=()):
    return scene(structure, preset, rows, site=61, values={p: float(p % 7) for p in range(50, 130)})


@pytest.mark.parametrize("preset", PRESETS)
def test_the_camera_axes_are_a_right_handed_frame(structure, preset):
    axes = np.array(scene_of(structure, preset).camera.rotation)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(axes) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("preset", ["overview", "epitope", "ex2part", "atlas"])
def test_the_antibody_stands_above_the_antigen(structure, preset):
    camera, m = scene_of(structure, preset).camera, Molecule.of(structure)
    assert camera.project(m.antibody.positions)[:, 1].mean() > camera.project(m.antigen.positions)[:, 1].mean() + 10


def test_the_epitope_faces_the_viewer_and_is_not_behind_the_antigen(structure):
    camera, m = scene_of(structure, "epitope").camera, Molecule.of(structure)
    contacts = np.vstack([m.atoms(p) for p in m.contacts])
    assert camera.project(contacts)[:, 2].mean() > camera.project(m.antigen.positions)[:, 2].mean()


@pytest.mark.parametrize("preset", ["overview", "ex2part"])
def test_the_whole_complex_is_in_the_picture(structure, preset):
    camera, m = scene_of(structure, preset).camera, Molecule.of(structure)
    seen = camera.project(np.vstack([m.antigen.positions, m.antibody.positions]))
    assert np.abs(seen[:, 0]).max() <= camera.half_width
    assert np.abs(seen[:, 1]).max() <= camera.half_height


def test_the_quaternion_turns_as_the_rotation_does(structure):
    camera = scene_of(structure, "site").camera
    x, y, z, w = camera.quaternion
    v = np.array([1.0, 2.0, 3.0])
    u = np.array([x, y, z])
    turned = v + 2 * np.cross(u, np.cross(u, v) + w * v)
    np.testing.assert_allclose(turned, np.array(camera.rotation) @ v, atol=1e-4)


def test_a_wide_window_needs_no_more_distance_than_a_narrow_one(structure):
    camera = scene_of(structure, "overview").camera
    assert view_vector(camera, 2.0)[3] >= view_vector(camera, 0.5)[3]


def test_unobserved_stretches_are_dashed_and_belong_to_the_legend(structure):
    picture = scene_of(structure, "overview")
    assert sum(line.meaning == "not observed" and line.dashed for line in picture.lines) == len(structure.complex.gaps)
    assert "not observed" in dict(picture.legend)


def test_ex2part_fades_what_is_lost_and_names_the_orphaned_cysteines(structure):
    picture = scene_of(structure, "ex2part")
    faded = [r for r in picture.representations if r.meaning == "lost in ex2part"]
    assert all(r.opacity < 1 for r in faded)
    assert {t for r in faded for t in r.selection.residues} >= {"97", "107", "134"}
    assert {label.text for label in picture.labels} >= {
        "Cys261 (Cys38 lost)",
        "Cys200 (Cys97 lost)",
        "Cys173 (Cys134 lost)",
        "97–107 lost",
        "155–166 stays",
        "216–224 stays",
    }


def test_contacts_outside_the_published_loops_have_their_own_colour(structure):
    picture = scene_of(structure, "epitope")
    outside = next(r for r in picture.representations if "outside" in r.meaning)
    assert outside.selection.residues == ("96", "120")


def test_the_disulfide_picture_carries_the_distances(structure):
    assert [line.text for line in scene_of(structure, "disulfides").lines if "Å" in line.text] == ["2.04 Å"] * 3


def test_a_variant_without_coordinates_is_marked_as_not_observed(structure, rows):
    site = next(s for s in sites(Molecule.of(structure), rows) if s.positions == (42,))
    assert site.approximate
    assert site.shown == (39,)
    labels = [label.text for label in scene(structure, "overview", rows).labels]
    assert any("Thr42Arg" in text and "not observed" in text for text in labels)


def test_the_distances_of_a_site_are_those_of_the_table(structure):
    line = next(line for line in scene_of(structure, "site").lines if line.text)
    between = np.linalg.norm(np.array(line.start) - np.array(line.end))
    assert float(line.text.split()[0]) == pytest.approx(between, abs=0.06)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"preset": "sideways"}, "no preset 'sideways'"),
        ({"preset": "site"}, "say which residue"),
        ({"preset": "atlas"}, "values="),
        ({"preset": "isoform", "isoform": "ex9"}, "ex2part"),
    ],
)
def test_a_wrong_request_is_answered_in_one_line(structure, arguments, words):
    with pytest.raises(EpitopeError, match=words) as caught:
        scene(structure, **arguments)
    assert "\n" not in str(caught.value)


def test_labels_of_the_first_view_do_not_cover_each_other(structure, rows):
    picture = scene(structure, "overview", rows)
    drawn = instructions(picture)["labels"]
    scale = 260 / max(picture.camera.half_height, picture.camera.half_width)
    boxes = []
    for text, options, _ in drawn:
        x, y, _ = picture.camera.project([[options["position"][k] for k in "xyz"]])[0] * scale
        boxes.append((x, y + options["screenOffset"]["y"], 3.6 * len(text)))
    for i, (x, y, half) in enumerate(boxes):
        for other_x, other_y, other_half in boxes[:i]:
            assert abs(x - other_x) >= half + other_half or abs(y - other_y) >= 20
