"""The public functions pass on what the rooms behind them can do."""

from __future__ import annotations

import pytest

import epitope
from epitope.api import residues_near
from epitope.errors import EpitopeError


def test_a_figure_needs_no_variant_and_makes_its_folder(tmp_path):
    (path,) = epitope.draw("site", [], tmp_path / "new" / "folder", site=["R163"], formats=["svg"])
    assert path == tmp_path / "new" / "folder" / "site.svg"
    assert "Arg163" in path.read_text(encoding="utf-8")


def test_the_view_of_an_atlas_takes_its_values():
    page = epitope.view(preset="atlas", values={61: 1.0, 163: 3.0}, unit="kcal/mol").write_html()
    assert "Phe61" in page
    assert "Arg163" in page
    with pytest.raises(EpitopeError, match="values"):
        epitope.view(preset="atlas")


def test_the_view_of_a_site_takes_a_residue_without_variant():
    assert "Trp159" in epitope.view(preset="site", site=159).write_html()


def test_residues_near_an_antibody_that_is_not_there_is_told_in_one_line(tmp_path):
    alone = tmp_path / "alone.pdb"
    epitope.load().complex.antigen.write(alone)
    bare = epitope.load(alone)
    with pytest.raises(EpitopeError, match="no antibody chain"):
        residues_near(bare, "epitope", 5.0)
    assert len(residues_near(bare, "P60", 5.0)) > 5
