"""The public functions pass on what the rooms behind them can do."""

from __future__ import annotations

import pytest

import epitope
from epitope.errors import EpitopeError, OutputError
from epitope.impact.cohort import cohort_table, published_samples, summarise_cohort


def test_a_figure_that_needs_a_table_takes_it(tmp_path):
    cx = epitope.load()
    samples = cohort_table(summarise_cohort(published_samples("zhao2021", cx.target), cx.target))
    (path,) = epitope.draw("cohort", [], tmp_path / "new" / "folder", cohort=samples, formats=["svg"])
    assert path == tmp_path / "new" / "folder" / "cohort.svg"
    assert "SJALL061893" in path.read_text(encoding="utf-8")
    with pytest.raises(EpitopeError, match="needs the table 'cohort'"):
        epitope.draw("cohort", [], tmp_path)


def test_a_figure_of_a_site_needs_no_variant(tmp_path):
    (path,) = epitope.draw("site", [], tmp_path, site=163, formats=["svg"])
    assert "Arg163" in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose another folder"):
        epitope.draw("site", [], tmp_path / "file", site=163)


def test_the_view_of_an_atlas_takes_its_values():
    page = epitope.view(preset="atlas", values={61: 1.0, 163: 3.0}, unit="kcal/mol").write_html()
    assert "F61" in page or "Phe61" in page
    with pytest.raises(EpitopeError, match="values"):
        epitope.view(preset="atlas")
