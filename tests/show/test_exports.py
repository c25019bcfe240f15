"""Exported scenes name the structure beside them, and PyMOL opens its script."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from epitope.show.exports import write_chimerax, write_molviewspec, write_pymol
from epitope.show.presets import scene
from epitope.show.pymol import render_png

HOSTILE_LABELS = ('"; quit', "a\nquit")


def test_scripts_lie_beside_the_structure_that_they_load(structure, tmp_path):
    picture = scene(structure, "epitope")
    for path in (
        write_pymol(picture, structure, tmp_path / "e.pml"),
        write_chimerax(picture, structure, tmp_path / "e.cxc"),
    ):
        line = next(line for line in path.read_text().splitlines() if line.startswith(("load ", "open ")))
        assert (tmp_path / line.split()[1].rstrip(",")).is_file()
    assert (tmp_path / "6AL5.cif").read_bytes() == structure.complex.path.read_bytes()


def test_molviewspec_files_hold_camera_and_structure(structure, tmp_path):
    pytest.importorskip("molviewspec", reason="molviewspec is not installed")
    picture = scene(structure, "overview")
    state = json.loads(write_molviewspec(picture, structure, tmp_path / "o.mvsj").read_text())
    kinds = {child["kind"] for child in state["root"]["children"]}
    assert {"download", "camera"} <= kinds
    with zipfile.ZipFile(write_molviewspec(picture, structure, tmp_path / "o.mvsx")) as archive:
        assert sorted(archive.namelist()) == ["6AL5.pdb", "index.mvsj"]


def test_a_label_cannot_add_a_command(structure, tmp_path):
    from dataclasses import replace

    picture = scene(structure, "epitope")
    hostile = replace(
        picture, title="x; quit", labels=tuple(replace(picture.labels[0], text=t) for t in HOSTILE_LABELS)
    )
    for write, name in ((write_pymol, "h.pml"), (write_chimerax, "h.cxc")):
        lines = write(hostile, structure, tmp_path / name).read_text().splitlines()
        assert not [line for line in lines if line.strip().startswith("quit")]
        assert not [line for line in lines if '""' in line or ";" in line]


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
@pytest.mark.parametrize("preset", ["overview", "ex2part"])
def test_pymol_opens_the_script_and_shows_what_it_says(structure, tmp_path, preset):
    write_pymol(scene(structure, preset), structure, tmp_path / "s.pml")
    check = (
        "import pymol; pymol.finish_launching(['pymol','-cqk']); from pymol import cmd\n"
        "cmd.do('@s.pml'); cmd.sync()\n"
        "print('atoms', cmd.count_atoms('rep cartoon'), cmd.count_atoms('rep sticks'), len(cmd.get_view()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    words = next(line for line in done.stdout.splitlines() if line.startswith("atoms")).split()
    assert int(words[1]) > 3000
    assert int(words[2]) > 10
    assert "Error" not in done.stdout


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
def test_pymol_renders_a_picture_that_is_not_blank(structure, tmp_path):
    from PIL import Image

    image = Image.open(render_png(scene(structure, "overview"), structure, tmp_path / "o.png", width=240, height=240))
    assert image.size == (240, 240)
    assert image.getextrema()[3] == (0, 255)
    drawn = np.asarray(image)[..., 3].mean() / 255
    assert 0.05 < drawn < 0.6
