"""Names that want to be commands or paths: titles, files, chains and variants of a stranger's making."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

import epitope
from epitope.show.exports import write_for
from epitope.show.presets import scene
from epitope.show.scene import Selection
from epitope.structure import bundled_structure

COMMAND = "x; system touch PWNED; python; open('PWNED', 'w')"
ENDINGS = ["pml", "cxc", "mvsj", "mvsx"]


def copy_called(path, identifier="6AL5", title=None):
    """Write the bundled structure under another name, identifier and title, packed if the name says so."""
    text = re.sub(
        r"(?m)^(_entry\.id\s+).*", lambda found: found[1] + f'"{identifier}"', bundled_structure().read_text()
    )
    if title is not None:
        text = re.sub(r"(?m)^_struct\.title\s+.*(?:\n['\";].*)?", lambda _: f'_struct.title "{title}"', text)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return epitope.load(path)


def commands(path):
    """Return the lines of a script that a program would carry out."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("identifier", ["../../elsewhere", "/elsewhere", "..\\elsewhere", COMMAND.replace("'", "")])
def test_the_identifier_of_a_structure_is_no_path_and_no_command(tmp_path, ending, identifier):
    if "mvs" in ending:
        pytest.importorskip("molviewspec", reason="molviewspec is not installed")
    structure = copy_called(tmp_path / "given.cif.gz", identifier)
    out = tmp_path / "a" / "b" / "c"
    file = write_for(scene(structure, "epitope"), structure, out / f"view.{ending}")
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path, out}
    assert all(re.fullmatch(r"[\w.-]+", path.name) for path in out.iterdir())
    if ending == "mvsx":
        with zipfile.ZipFile(file) as archive:
            assert all(re.fullmatch(r"\w[\w.-]*", name) for name in archive.namelist())
    elif ending == "mvsj":
        assert json.loads(file.read_text())["root"]["kind"] == "root"
    else:
        assert not [line for line in commands(file) if ";" in line]


@pytest.mark.parametrize("ending", ["pml", "cxc"])
def test_the_name_of_a_file_is_no_command(tmp_path, ending):
    structure = copy_called(tmp_path / "a; system touch PWNED, b.cif")
    file = write_for(scene(structure, "epitope"), structure, tmp_path / "out" / f"view.{ending}")
    (line,) = [line for line in commands(file) if line.startswith(("load ", "open "))]
    assert line.split()[1].rstrip(",") == "a_system_touch_PWNED_b.cif"
    assert (tmp_path / "out" / "a_system_touch_PWNED_b.cif").is_file()


@pytest.mark.parametrize("ending", ["pml", "cxc"])
@pytest.mark.parametrize("chain", ["A; quit", "A\nquit", "A or all", '"', "#"])
def test_a_chain_whose_name_is_a_command_is_left_out_and_that_is_said(structure, tmp_path, ending, chain):
    picture = scene(structure, "epitope")
    first, *others = picture.representations
    hostile = replace(picture, representations=(replace(first, selection=Selection(chain)), *others))
    text = write_for(hostile, structure, tmp_path / f"view.{ending}").read_text()
    assert "# left out: a chain whose name is no plain word" in text
    assert "quit" not in text and "or all" not in text


@pytest.fixture
def hostile(structure, tmp_path):
    """A folder with a PyMOL script whose every text is a command."""
    picture = scene(structure, "epitope")
    texts = (
        COMMAND,
        'x"\nsystem touch PWNED\n',
        'x" + __import__("os").system("touch PWNED") + "',
        "x\\\nsystem touch PWNED",
    )
    labels = tuple(replace(picture.labels[0], text=text) for text in texts)
    parts = tuple(replace(part, meaning=text) for part, text in zip(picture.representations, texts, strict=False))
    picture = replace(
        picture, title=COMMAND, description=texts[1], labels=labels,
        representations=(*parts, *picture.representations[len(parts) :]),
    )  # fmt: skip
    named = copy_called(tmp_path / f"{COMMAND}.cif".replace("/", ""), COMMAND.replace("'", ""), title=texts[3])
    write_for(picture, named, tmp_path / "out" / "view.pml")
    return tmp_path / "out"


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("pymol") is None, reason="PyMOL is not installed (extra: figures)")
def test_pymol_carries_out_nothing_that_a_stranger_wrote(hostile):
    check = (
        "import pymol; pymol.finish_launching(['pymol','-cqk']); from pymol import cmd\n"
        "cmd.do('@view.pml'); cmd.sync(); print('shown', cmd.count_atoms('rep cartoon'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=hostile, capture_output=True, text=True, timeout=120, check=False
    )
    assert "shown" in done.stdout and int(done.stdout.split("shown")[1].split()[0]) > 1000
    assert not (hostile / "PWNED").exists()
