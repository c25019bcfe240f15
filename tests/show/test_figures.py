"""Figures have the sizes of journals, text as text, and the same bytes twice."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

import epitope
from epitope.errors import EpitopeError, OutputError
from epitope.show.figures import FIGURES, figure, save_figure, svg_text
from epitope.show.figures.registry import figure_bytes

REFERENCES = Path(__file__).parent / "references"
REFERENCE_DPI = 40
TOLERANCE = 0.02
"""Mean difference of grey, 0 to 1: a moved label is 0.005 or so, a lost panel 0.05 and more."""


@pytest.fixture(scope="session")
def tables(structure):
    atlas = pd.DataFrame(
        [
            {
                "uniprot_position": p,
                "kind": "substitution",
                "reference": structure.target.residue(p),
                "alternate": a,
                "ddg_kcal_mol": (p * 7 + i) % 11 / 3 - 1,
            }
            for p in range(48, 138)
            for i, a in enumerate("ACDEFGHIKLMNPQRSTVWY")
        ]
    )
    cohort = pd.DataFrame(
        {
            "sample": ["R1", "R2"],
            "mechanism": ["CD19 mutation", "low RNA"],
            "mutations": [2, 0],
            "other_allele_state": ["both copies kept", "not measured"],
            "rna_low": ["no", "yes"],
        }
    )
    junctions = pd.DataFrame(
        {"sample": ["a", "b", "c"], "event": "ex2part", "ratio_percent": [5.0, np.nan, 31.0],
         "ratio_low_percent": [3.0, np.nan, 25.0], "ratio_high_percent": [8.0, np.nan, np.inf]}
    )  # fmt: skip
    comparison = epitope.compare(structure, "blinatumomab")
    return {"atlas": atlas, "cohort": cohort, "junctions": junctions, "comparison": comparison}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_at_column_width_with_text_as_text(structure, rows, tables, name):
    drawn = figure(name, structure, rows, **tables)
    width = drawn.get_size_inches()[0] * 25.4
    assert width == pytest.approx(85 if FIGURES[name].columns == 1 else 178, abs=0.1)
    svg = svg_text(drawn, dpi=60)
    assert "<text" in svg
    assert "<dc:date>" not in svg


@pytest.mark.parametrize("name", ["lollipop", "contact-map", "isoforms", "cohort"])
def test_the_same_input_gives_the_same_bytes(structure, rows, tables, name):
    for kind in ("svg", "pdf", "png"):
        one, other = (figure_bytes(figure(name, structure, rows, **tables), kind, dpi=60) for _ in range(2))
        assert one == other


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_by_the_edge(structure, rows, tables, name):
    drawn = figure(name, structure, rows, **tables)
    drawn.canvas.draw()
    edge = drawn.bbox
    from matplotlib.text import Text

    for text in drawn.findobj(Text):
        if not text.get_text().strip() or not text.get_visible():
            continue
        box = text.get_window_extent()
        if box.width == 0 or not _is_drawn(text):
            continue
        assert box.x0 >= -2, text.get_text()
        assert box.x1 <= edge.x1 + 2, text.get_text()


def _is_drawn(text):
    axes = text.axes
    if axes is not None and any(text is t for t in axes.texts):
        return True
    # Ticks outside the view are kept by matplotlib and not drawn: their middle is outside the figure.
    box = text.get_window_extent()
    inside = 0 <= (box.x0 + box.x1) / 2 <= text.get_figure().bbox.x1
    return inside and (axes is None or axes.axison)


def test_png_has_three_hundred_dots_per_inch(structure, rows, tmp_path):
    from PIL import Image

    image = Image.open(io.BytesIO(figure_bytes(figure("burial", structure, rows), "png")))
    assert image.info["dpi"][0] == pytest.approx(300, abs=1)
    assert image.width == pytest.approx(178 / 25.4 * 300, abs=2)


def test_pdf_fonts_are_embedded_as_truetype(structure, rows):
    assert b"/CIDFontType2" in figure_bytes(figure("burial", structure, rows), "pdf")


def test_the_user_s_own_settings_are_left_alone(structure, rows):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figure_bytes(figure("burial", structure, rows), "png", dpi=50)
    assert dict(mpl.rcParams) == before


def test_unknown_figures_missing_tables_and_bad_endings_are_one_line(structure, tmp_path):
    with pytest.raises(EpitopeError, match="no figure 'pie'; choose one of lollipop"):
        figure("pie", structure)
    with pytest.raises(EpitopeError, match="needs the table 'atlas'"):
        figure("atlas", structure)
    with pytest.raises(OutputError, match="end the name in"):
        save_figure(figure("burial", structure), tmp_path / "x.gif")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        save_figure(figure("burial", structure), tmp_path / "file" / "x.png")


def test_the_published_distances_are_in_the_site_figure(structure):
    svg = svg_text(figure("site", structure, site=(60,)))
    assert all(f">{value}<" in svg for value in ("8.7", "7.3", "9.4"))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_like_its_stored_reference(structure, rows, tables, name, request):
    """Compare with a small picture; ``pytest --store-references`` stores new ones to be looked at."""
    path = REFERENCES / f"{name}.png"
    grey = _grey(figure_bytes(figure(name, structure, rows, **tables), "png", dpi=REFERENCE_DPI))
    if request.config.getoption("--store-references"):
        REFERENCES.mkdir(exist_ok=True)
        matplotlib.image.imsave(path, grey, cmap="gray", vmin=0, vmax=1)
    stored = _grey(path.read_bytes())
    assert grey.shape == stored.shape
    assert np.abs(grey - stored).mean() < TOLERANCE


def _grey(png):
    """Read a PNG as grey values, shape (height, width)."""
    return matplotlib.image.imread(io.BytesIO(png))[..., :3].mean(axis=2)
