"""Figures have the sizes of journals, text as text, and the same bytes twice."""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

import epitope
from epitope.errors import EpitopeError, OutputError
from epitope.show.figures import FIGURES, figure, save_figure, svg_text
from epitope.show.figures.registry import figure_bytes
from epitope.target.residues import three_letter

REFERENCES = Path(__file__).parent / "references"
REFERENCE_DPI = 40
TOLERANCE = 0.02
"""Mean difference of grey, 0 to 1: a moved label is 0.005 or so, a lost panel 0.05 and more."""


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_at_column_width_with_text_as_text(structure, rows, tables, name):
    drawn = figure(name, structure, rows, **tables)
    width = drawn.get_size_inches()[0] * 25.4
    assert width == pytest.approx(89 if FIGURES[name].columns == 1 else 183, abs=0.1)
    svg = svg_text(drawn, dpi=60)
    assert "<text" in svg
    assert "<dc:date>" not in svg


@pytest.mark.parametrize("name", ["lollipop", "contacts", "contact-map", "isoforms", "cohort"])
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


@pytest.mark.parametrize(("columns", "mm", "dpi"), [(1, 89, 600), (2, 183, 300)])
def test_a_bitmap_is_wide_enough_for_print(structure, columns, mm, dpi):
    from PIL import Image

    image = Image.open(io.BytesIO(figure_bytes(figure("site", structure, site=60, columns=columns), "png")))
    assert image.info["dpi"][0] == pytest.approx(dpi, abs=1)
    assert image.width == pytest.approx(mm / 25.4 * dpi, abs=2)
    assert image.width >= 1800


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
    drew = re.search(rb"Matplotlib version(\d+)\.(\d+)", path.read_bytes())
    assert drew, "the reference does not say which Matplotlib drew it"
    if tuple(map(int, drew.groups())) > matplotlib.__version_info__[:2]:
        pytest.skip(f"a newer Matplotlib than {matplotlib.__version__} drew the reference, and sets text otherwise")
    stored = _grey(path.read_bytes())
    assert grey.shape == stored.shape
    assert np.abs(grey - stored).mean() < TOLERANCE


@pytest.fixture(scope="session")
def interfaces(structure):
    """Interfaces of an antibody, of another one, and of two receptors with waters, rings and charges."""
    oracles = Path(__file__).parents[1] / "data" / "oracles"
    return {
        "6AL5": structure,
        "1AHW": epitope.load(target="tissue_factor"),
        "1GUA": epitope.load(oracles / "1gua_interface.pdb", sides="A:B"),
        "1BRS": epitope.load(oracles / "1brs_interface.pdb", sides="A:D"),
    }


def _texts(drawn):
    from matplotlib.text import Text

    drawn.canvas.draw()
    return [t for t in drawn.findobj(Text) if t.get_text().strip() and t.get_visible() and _is_drawn(t)]


@pytest.mark.parametrize("name", ["6AL5", "1AHW", "1GUA", "1BRS"])
@pytest.mark.parametrize("variant", [None, "first"])
def test_no_text_of_the_contact_diagram_covers_another(interfaces, name, variant):
    held = interfaces[name]
    rows = epitope.assess_each([f"p.{held.target.residue(p)}{p}A" for p in held.contact_positions[4:7]], held)
    drawn = figure("contacts", held, rows if variant else ())
    texts = _texts(drawn)
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    for i, (one, a) in enumerate(boxes):
        assert a.x0 >= 0 and a.x1 <= drawn.bbox.x1 and a.y0 >= 0 and a.y1 <= drawn.bbox.y1, one
        for other, b in boxes[i + 1 :]:
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
            assert apart, (one, other)


@pytest.mark.parametrize("name", ["6AL5", "1AHW", "1GUA", "1BRS"])
def test_the_contact_diagram_names_every_residue_in_touch_and_every_kind(interfaces, name):
    held = interfaces[name]
    svg = svg_text(figure("contacts", held))
    for position in held.contact_positions:
        assert f">{three_letter(held.target.residue(position))}{position}" in svg
    for label in held.interactions["antibody_label"]:
        assert f">{label}" in svg
    said = {"water-mediated": "through a water", "van der Waals": "other contact within 4 Å"}
    for kind in held.interactions["kind"].unique():
        assert said.get(kind, kind) in svg


def test_the_contact_diagram_strikes_out_what_the_variant_loses_and_says_how_much(structure):
    def struck(*variants):
        svg = svg_text(figure("contacts", structure, epitope.assess_each(variants, structure) if variants else ()))
        return svg, svg.count('id="lost-')

    assert struck()[1] == 0
    svg, count = struck("R163L")
    assert count == 1
    assert "Arg163Leu: 1 of 39 contacts lost" in svg
    assert struck("K220E")[1] == 4
    both, count = struck("R163L", "K220E")
    assert count == 5
    assert ">Arg163Leu<" in both
    assert ">Lys220Glu<" in both
    svg, count = struck("R163L", "ex2part")
    assert count == 1
    assert "lose every contact: ex2part" in svg


def test_the_contact_diagram_without_variants_marks_none_in_a_shell(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from epitope.cli import app

    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["figure", "contacts"]).exit_code == 0
    assert 'id="lost-' not in (tmp_path / "figures" / "contacts.svg").read_text(encoding="utf-8")


def test_the_contact_diagram_refuses_what_it_cannot_draw(structure):
    with pytest.raises(EpitopeError, match="60 is Pro"):
        figure("contacts", structure, epitope.assess_each("p.Gly60del", structure))


def _grey(png):
    """Read a PNG as grey values, shape (height, width)."""
    return matplotlib.image.imread(io.BytesIO(png))[..., :3].mean(axis=2)


def test_changes_of_one_allele_share_a_lollipop_that_stands_at_each_of_them_and_is_named_in_full(structure):
    drawn = figure("lollipop", structure, epitope.assess_each("c.[183_185del;521T>G]", structure))
    drawn.canvas.draw()
    top = drawn.axes[0]
    assert {line.get_xdata()[0] for line in top.lines if len(line.get_xdata()) == 4} == {61, 174}
    (name,) = [text for text in top.texts if "\n" in text.get_text()]
    assert name.get_text() == "Phe61del\nLeu174Arg"
    assert name.get_window_extent().y1 <= drawn.bbox.y1
