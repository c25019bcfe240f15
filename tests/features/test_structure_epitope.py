"""The antibody is named by its sequence, and the epitope is that of the antibody in the structure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gemmi
import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.features.measured import MeasuredComplex
from epitope.structure import bundled_structure, read_complex
from epitope.target import load_target

PUBLISHED = ["97-107", "155-166", "216-224"]
CDR_H3 = range(99, 111)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write the bundled structure with some residues of the heavy chain called alanine, as file ``name``."""

    def write(name: str, changed: range = range(0)) -> Path:
        structure = gemmi.read_structure(str(bundled_structure()))
        structure.merge_chain_parts()
        for residue in structure[0]["H"]:
            if residue.seqid.num in changed:
                residue.name = "ALA"
                for atom in [a.name for a in residue if a.name not in ("N", "CA", "C", "O", "CB")]:
                    residue.remove_atom(atom, "\0")
        path = tmp_path / f"{name}.pdb"
        path.write_text(structure.make_minimal_pdb())
        return path

    return write


def loops(structure: MeasuredComplex) -> list[str]:
    return [loop.name for loop in structure.epitope.loops]


def test_the_bundled_structure_holds_b43_and_is_judged_by_its_published_loops() -> None:
    structure = epitope.load()
    assert structure.antibody_name == structure.epitope.binder == "B43"
    assert (loops(structure), structure.epitope.computed) == (PUBLISHED, False)


def test_a_file_of_any_name_with_the_sequence_of_b43_is_b43(written: Callable[..., Path]) -> None:
    structure = epitope.load(written("9zzz", range(101, 103)))  # two of 235 residues, as engineering does
    assert structure.antibody_name == "B43"
    assert loops(structure) == PUBLISHED


def test_another_antibody_is_not_called_b43_and_gets_the_loops_that_it_touches(written: Callable[..., Path]) -> None:
    path = written("9zzz", CDR_H3)
    structure = epitope.load(path)
    assert structure.binder is None
    assert structure.epitope.binder == "the antibody of 9zzz"
    assert structure.epitope.computed
    touched = {p for loop in structure.epitope.loops for p in loop.positions}
    assert touched >= set(structure.contact_positions)
    assert loops(structure) != PUBLISHED
    said = CliRunner().invoke(app, ["assess", "R163L", "--structure", str(path), "--json"]).output
    (row,) = json.loads(said)["assessments"]
    assert "the epitope of the antibody of 9zzz is at risk" in row["mechanism"]
    assert "epitope of B43" not in said


def test_a_heavy_chain_alone_is_not_the_fab() -> None:
    assert epitope.load(heavy="H", light=()).antibody_name == "the antibody of 6AL5"


def test_without_an_antibody_the_first_published_epitope_is_judged() -> None:
    alone = epitope.load(heavy=(), light=())
    assert alone.antibody_name == ""
    assert (alone.epitope.binder, loops(alone)) == ("B43", PUBLISHED)


def test_the_bundled_binder_is_not_compared_with_itself() -> None:
    from epitope.impact.predictors.predictions import PredictionSource

    compared = PredictionSource(epitope.load()).comparisons
    assert [comparison.binder for comparison in compared] == ["blinatumomab"]


def test_a_target_without_disulfides_has_those_of_the_structure() -> None:
    target = load_target()
    bare = MeasuredComplex(read_complex(bundled_structure(), replace(target, disulfides=())))
    assert {(d.first, d.second) for d in bare.target.disulfides} == {(d.first, d.second) for d in target.disulfides}
    assert {d.source for d in bare.target.disulfides} == {"structure"}
    assert epitope.load().target is target
