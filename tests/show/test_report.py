"""The page is whole, safe and the same each time; a folder is never left half-written."""

from __future__ import annotations

import html
import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from epitope.errors import EpitopeError, OutputError, RendererWarning
from epitope.features.interactions import INTERACTION_COLUMNS
from epitope.files import listed_files
from epitope.show.report import write_report
from epitope.show.report.write import LIST
from epitope.show.viewer import ViewerScript
from tests.show.conftest import HOSTILE


@pytest.fixture(scope="session")
def page(structure, rows, provenance, tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "report"
    return write_report(out, structure, rows, provenance=provenance, viewer_script="none", renderer="flat", png=False)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.hrefs, self.sources = [], [], [], []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        self.ids += [named["id"]] if "id" in named else []
        self.hrefs += [named["href"]] if "href" in named else []
        self.sources += [named["src"]] if "src" in named else []


def test_the_page_asks_nothing_of_the_network(page):
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert all(s.startswith("data:") for s in reader.sources)
    assert "link" not in reader.tags
    assert "default-src 'none'" in html.unescape(page.read_text(encoding="utf-8"))


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(page):
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert len(reader.ids) == len(set(reader.ids))
    assert {h[1:] for h in reader.hrefs if h.startswith("#")} <= set(reader.ids)


def test_links_to_files_beside_the_page_lead_somewhere(page):
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    beside = [h for h in reader.hrefs if not h.startswith(("#", "https://", "data:"))]
    assert beside
    assert all((page.parent / h).is_file() for h in beside)


def test_the_contact_diagram_is_on_the_page_and_its_table_beside_it_with_what_each_variant_loses(page):
    text = page.read_text(encoding="utf-8")
    assert 'href="figures/contacts.svg"' in text
    assert ">Arg163Leu<" in (page.parent / "figures" / "contacts.svg").read_text(encoding="utf-8")
    header, *lines = (page.parent / "contacts.csv").read_text(encoding="utf-8").splitlines()
    assert header.split(",") == [*INTERACTION_COLUMNS, "lost_by"]
    (bond,) = (line for line in lines if line.startswith("hydrogen bond,163,"))
    assert "Arg163Leu" in bond
    (other,) = (line for line in lines if line.startswith("hydrogen bond,157,"))
    assert "Arg163Leu" not in other


def test_a_hostile_name_is_text_everywhere(page):
    text = page.read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "<script>window.hacked" not in text
    assert 'onerror="window' not in text
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL).group(1)
    assert "<" not in data
    json.loads(data)


def test_a_name_of_ten_thousand_letters_does_not_swell_the_page(page):
    assert "A" * 300 not in page.read_text(encoding="utf-8")
    assert page.stat().st_size < 2_000_000


def test_without_the_viewer_the_page_shows_stills_and_says_how_to_get_it(page):
    text = page.read_text(encoding="utf-8")
    assert "EPITOPE_3DMOL_JS" in text
    assert 'id="still"' in text


def test_no_element_of_the_page_carries_a_script_of_its_own(page):
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"<[a-z][^>]*\son[a-z]+=", text)
    assert "javascript:" not in text


def test_the_page_says_what_it_must(page):
    text = page.read_text(encoding="utf-8")
    for words in (
        "Research use only.",
        "falsitron",
        "15 of 53",
        "Aldoss",
        "blinatumomab",
        "40–47, 138–152, 177–183",
        "expression tag",
        "CDR-H3 identical",
        "SHA".casefold() + "256",
    ):
        assert words in text, words


def test_the_same_input_gives_the_same_bytes(structure, rows, provenance, page, tmp_path):
    again = write_report(
        tmp_path / "again", structure, rows, provenance=provenance, viewer_script="none", renderer="flat", png=False
    )
    names = sorted(p.relative_to(page.parent) for p in page.parent.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(again.parent) for p in again.parent.rglob("*") if p.is_file())
    for name in names:
        assert (page.parent / name).read_bytes() == (again.parent / name).read_bytes(), name


def test_files_of_others_in_the_folder_are_kept_and_those_of_an_older_report_go(
    page, structure, rows, provenance, tmp_path
):
    out = shutil.copytree(page.parent, tmp_path / "mine")
    (out / "notes.txt").write_text("mine")
    older = {path.name for path in (out / "exports").iterdir()}
    write_report(out, structure, rows[:1], provenance=provenance, viewer_script="none", renderer="flat", png=False)
    assert (out / "notes.txt").read_text() == "mine"
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(listed_files(out / LIST)) == written - {"notes.txt", LIST}
    kept = {path.name for path in (out / "exports").iterdir()}
    assert any(name.startswith("v2_") for name in older) and not any(name.startswith("v2_") for name in kept)


def test_a_place_that_cannot_be_written_is_refused_and_nothing_is_left(structure, rows, tmp_path):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError) as caught:
            write_report(out, structure, rows[:1], viewer_script="none", png=False)
        assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_failure_on_the_way_leaves_nothing_behind(structure, rows, tmp_path, monkeypatch):
    import epitope.show.report.write as module

    monkeypatch.setattr(module, "render_page", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OutputError, match="No space left"):
        write_report(tmp_path / "r", structure, rows[:1], viewer_script="none", png=False)
    assert list(tmp_path.iterdir()) == []


def test_the_papers_that_rules_rest_on_are_among_the_references_once(structure, rows):
    from epitope.show.report.context import references

    citations = [r.citation for r in references(rows, structure.target)]
    assert len(citations) == len(set(citations))
    assert "Nagy & Maquat, Trends Biochem Sci 1998, 23:198" in citations
    assert sum("Teplyakov" in c for c in citations) == 1


def test_no_nearest_residue_is_named_where_the_product_has_lost_them_all(structure, provenance, tmp_path):
    from epitope.api import assess_each

    gone, seen = assess_each(["p.Met1_Arg556del", "p.Arg139del"], structure)
    assert not any("nearest observed" in sentence for sentence in gone.not_assessed)
    assert any("nearest observed" in sentence for sentence in seen.not_assessed)
    page = write_report(
        tmp_path / "gone", structure, [gone], provenance=provenance, viewer_script="none", renderer="flat", png=False
    )
    assert "nearest observed residue" not in page.read_text(encoding="utf-8")


def test_rows_of_another_gene_are_counted_apart_from_those_that_could_not_be_read(structure, provenance, tmp_path):
    from epitope.variant.readers.rows import RowStatus, UnassessedRow

    foreign = UnassessedRow("f.maf line 2", "c.1A>T", "is about TP53, not CD19", RowStatus.OTHER_GENE)
    broken = UnassessedRow("f.vcf line 3", "chr16-1-A-C", "lies outside", RowStatus.OUTSIDE)
    page = write_report(
        tmp_path / "two", structure, [foreign, broken], provenance=provenance, viewer_script="none", png=False
    )
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert "0 variants assessed, 1 of another gene, 1 outside the gene or without a sequence." in text
    assert "could not be read" not in text


@pytest.fixture
def stills_drawn_by(monkeypatch):
    """What draws each still, without the time that it takes."""
    import epitope.show.report.write as module
    from epitope.show import pymol

    drawn_by = {}
    drawn = module.figure

    def note(name, *arguments, renderer="flat", **more):
        drawn_by[name] = renderer
        return drawn(name, *arguments, renderer="flat", **more)

    monkeypatch.setattr(module, "figure", note)
    monkeypatch.setattr(pymol, "installed", lambda: True)
    return drawn_by


def test_stills_are_flat_unless_pymol_is_asked_for_and_a_line_says_so(structure, rows, tmp_path, stills_drawn_by):
    with pytest.warns(RendererWarning, match="--renderer pymol ray-traces them"):
        write_report(tmp_path / "flat", structure, rows[:1], viewer_script="none", png=False)
    assert stills_drawn_by["overview"] == "flat"


def test_ray_traced_stills_are_there_where_the_molecule_turns_too(structure, rows, tmp_path, stills_drawn_by):
    viewer = ViewerScript("var $3Dmol;", "here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("epitope.show.report.write.find_viewer_script", lambda _: viewer)
        page = write_report(tmp_path / "traced", structure, rows[:1], renderer="pymol", png=False)
        assert stills_drawn_by["epitope"] == "pymol"
        assert 'href="figures/epitope.svg"' in page.read_text(encoding="utf-8")
        stills_drawn_by.clear()
        write_report(tmp_path / "plain", structure, rows[:1], png=False)
    assert "epitope" not in stills_drawn_by


def test_a_renderer_that_does_not_exist_is_refused(structure, rows, tmp_path):
    with pytest.raises(EpitopeError, match="no renderer 'povray'"):
        write_report(tmp_path / "r", structure, rows[:1], renderer="povray")
    assert list(tmp_path.iterdir()) == []
