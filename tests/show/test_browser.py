"""The report in a real browser with the network off: it is quiet, turns, sorts, filters and can be used by anyone.

Needs playwright and Chromium; skipped with the reason where one of them is missing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import epitope
from epitope.show.report import write_report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("EPITOPE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
SLOW_MS = 60_000
"""Software WebGL on a busy machine takes its time."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def page_file(structure, rows, provenance, tmp_path_factory):
    out = tmp_path_factory.mktemp("browser") / "report"
    return write_report(out, structure, rows, provenance=provenance, png=False)


@contextmanager
def chromium():
    """Run the system's Chromium without a window."""
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


class Opened:
    """A page with what it said and asked for."""

    def __init__(self, browser, path, **options):
        options = {"viewport": {"width": 1300, "height": 900}, "reduced_motion": "reduce"} | options
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW_MS)
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri(), wait_until="domcontentloaded")

    def until(self, expression):
        """Wait for something to become true; what playwright has for it needs `eval`, which the page forbids."""
        deadline = time.monotonic() + SLOW_MS / 1000
        while not self.page.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < deadline, expression
            time.sleep(0.1)

    def ready(self):
        self.until("window.epitopeMolecule && epitopeMolecule.state.ready")
        return self

    def view(self):
        return self.page.evaluate("epitopeMolecule.state.viewer.getView()")


@pytest.fixture(scope="module")
def opened(browser, page_file):
    it = Opened(browser, page_file).ready()
    yield it
    it.context.close()


def test_nothing_is_said_on_the_console_and_nothing_is_asked_for(opened, page_file):
    outside = [u for u in opened.asked if not u.startswith(("data:", "blob:", page_file.as_uri()))]
    assert outside == []
    assert [s for s in opened.said if "GPU stall" not in s and "swiftshader" not in s.casefold()] == []


def test_the_canvas_is_not_blank(opened):
    from io import BytesIO

    from PIL import Image

    shot = opened.page.locator("#canvas").screenshot(timeout=SLOW_MS)
    image = Image.open(BytesIO(shot)).convert("RGB")
    pixels = image.get_flattened_data() if hasattr(image, "get_flattened_data") else image.getdata()
    coloured = sum(max(p) - min(p) > 40 for p in pixels)
    assert coloured > 0.01 * image.width * image.height


def test_a_click_on_a_row_turns_the_molecule_and_marks_the_row(opened):
    opened.page.evaluate("epitopeMolecule.show('overview', {at_once: true})")
    before = opened.view()
    opened.page.click("#row-v1 th")
    after = opened.view()
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) > 1
    assert opened.page.get_attribute("#row-v1 .pick", "aria-pressed") == "true"
    assert "Phe61del" in opened.page.inner_text("#scene-title")


def test_a_click_on_a_residue_finds_its_row(opened):
    opened.page.evaluate("epitopeMolecule.clicked({chain: 'A', resi: 163, resn: 'ARG'})")
    assert "Arg163" in opened.page.inner_text("#residue")
    assert "picked" in opened.page.get_attribute("#row-v4", "class")


def test_the_keyboard_alone_reaches_a_row_and_turns_it(opened):
    opened.page.focus("#row-v6 .pick")
    opened.page.keyboard.press("Enter")
    assert "ex2part" in opened.page.inner_text("#scene-title")
    before = opened.view()
    opened.page.focus("[data-act=left]")
    opened.page.keyboard.press("Enter")
    assert opened.view() != before


@pytest.fixture(scope="module")
def drawn(browser, structure, tmp_path_factory):
    """A page without a viewer, which tells what it would draw without the time that WebGL takes."""
    page = tmp_path_factory.mktemp("drawn") / "m.html"
    it = Opened(browser, epitope.write_view(page, structure=structure, preset="epitope", viewer_script="none")).ready()
    yield it.page
    it.context.close()


MEASURED = {"centroid": "side_chain_centroid_A", "min": "min_heavy_atom_A", "ca": "ca_A", "cb": "cb_A"}
"""What the page calls the columns of `epitope distances`."""


def test_the_page_measures_what_the_program_measures_to_the_digits_it_shows(drawn, structure):
    seen = structure.residues.query("observed")["uniprot_position"].tolist()
    for first in (seen[0], seen[40], seen[-1]):
        measured = structure.distances(first, [p for p in seen[::5] if p != first])
        keys = [measured["residue_1"][0], *measured["residue_2"]]
        got = drawn.evaluate(
            "names => names.map(epitopeMolecule.find)"
            ".map((key, i, keys) => epitopeMolecule.distances(keys[0], key)).slice(1)",
            keys,
        )
        for kind, column in MEASURED.items():
            shown = ["nan" if one["distance"][kind] is None else f"{one['distance'][kind]:.2f}" for one in got]
            assert shown == [f"{value:.2f}" for value in measured[column]], (first, kind)
        stumps = [not a or not b for a, b in measured[["side_chain_complete_1", "side_chain_complete_2"]].to_numpy()]
        assert [bool(one["stumps"]) for one in got] == stumps


@pytest.fixture
def measuring(drawn):
    drawn.keyboard.press("m")
    yield drawn
    drawn.focus(".stage")
    drawn.keyboard.press("Escape")
    drawn.keyboard.press("m")


def test_two_clicks_measure_and_escape_clears(measuring, structure):
    for residue in (60, 229):
        measuring.evaluate(f"epitopeMolecule.clicked({{chain: 'A', resi: {residue}, resn: 'PRO'}})")
    row = measuring.inner_text("#measured tbody tr")
    expected = structure.distances(60, [229])
    assert all(f"{expected[column][0]:.2f}" in row for column in MEASURED.values())
    assert "Glu229 not wholly seen" in row
    measuring.focus(".stage")
    measuring.keyboard.press("Escape")
    assert measuring.locator("#measured").is_hidden()
    assert measuring.evaluate("epitopeMolecule.state.measured.length") == 0


def test_residues_can_be_named_instead_of_clicked(measuring):
    measuring.fill("#measure-from", "p60")
    measuring.fill("#measure-to", "H:Thr102")
    measuring.keyboard.press("Enter")
    assert measuring.inner_text("#measure-said").startswith("Pro60 to H:Thr102: side-chain centroids")
    measuring.fill("#measure-to", "P9999")
    measuring.keyboard.press("Enter")
    assert measuring.inner_text("#measure-said") == "No residue P9999 is seen here."


def seen(page):
    """Return how many styles, surfaces, labels and lines the page draws."""
    return page.evaluate("Object.values(epitopeMolecule.drawing()).map(items => items.length)")


@pytest.mark.parametrize("layer", ["binder", "loops", "contacts", "disulfides", "surface"])
def test_each_layer_can_be_shown_and_hidden(drawn, layer):
    button = drawn.locator(f"[data-layer={layer}]")
    at_first, before = button.get_attribute("aria-pressed"), seen(drawn)
    drawn.focus(".stage")
    drawn.keyboard.press(button.get_attribute("aria-keyshortcuts"))
    assert button.get_attribute("aria-pressed") != at_first
    assert (sum(seen(drawn)) < sum(before)) == (at_first == "true")
    button.click()
    assert (button.get_attribute("aria-pressed"), seen(drawn)) == (at_first, before)


def test_without_the_binder_nothing_of_it_is_drawn(drawn, structure):
    before = seen(drawn)
    drawn.click("[data-layer=binder]")
    left = drawn.evaluate("epitopeMolecule.drawing()")
    assert {style[0]["chain"] for style in left["styles"]} == set(structure.complex.antigen_chains)
    assert all(line[0][4] == "" for line in left["lines"])  # the bonds end on it
    drawn.click("[data-act=reset]")
    assert seen(drawn) == before


def test_the_keys_are_listed(drawn):
    drawn.keyboard.press("?")
    assert "Turn left" in drawn.inner_text("#keys")
    drawn.keyboard.press("Escape")
    assert not drawn.evaluate("document.getElementById('keys').open")


def test_keys_work_where_the_molecule_has_the_focus_and_nowhere_else(opened):
    page = opened.page
    labels = page.locator("[data-act=labels]")
    for place in ("#find", "#row-v1 .pick"):
        page.focus(place)
        page.keyboard.press("l")
        assert labels.get_attribute("aria-pressed") == "true"
    page.fill("#find", "")
    page.focus(".stage")
    page.keyboard.press("l")
    assert labels.get_attribute("aria-pressed") == "false"
    page.keyboard.press("l")


def test_a_view_has_the_same_molecule_with_nothing_fetched_on_a_machine_without_npm(
    browser, structure, tmp_path, monkeypatch
):
    monkeypatch.setenv("EPITOPE_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    path = epitope.write_view(tmp_path / "m.html", "R163L", structure, preset="site")
    monkeypatch.undo()
    assert "3Dmol.js 2.4.2" in path.read_text(encoding="utf-8")
    it = Opened(browser, path, viewport={"width": 640, "height": 480}).ready()
    page, before = it.page, it.view()
    page.keyboard.press("ArrowLeft")  # the molecule is all there is, so it need not have the focus
    assert it.view() != before
    shapes = page.evaluate("epitopeMolecule.state.viewer.shapes.length")
    page.evaluate("epitopeMolecule.measure('A:60', 'A:229')")
    assert page.evaluate("epitopeMolecule.state.viewer.shapes.length") == shapes + 1
    for wanted in ("true", "false"):
        page.keyboard.press("f")
        it.until(f"epitopeMolecule.state.full === {wanted}")
        assert page.get_attribute("[data-act=full]", "aria-pressed") == wanted
    assert [u for u in it.asked if not u.startswith(("data:", "blob:", "file:"))] == []
    assert [s for s in it.said if "GPU stall" not in s and "swiftshader" not in s.casefold()] == []
    it.context.close()


def test_rows_can_be_filtered_and_sorted(opened):
    page = opened.page
    page.select_option("[data-question=antigen]", "lost")
    shown = page.locator("#table tbody tr:visible")
    assert {shown.nth(i).get_attribute("data-antigen") for i in range(shown.count())} == {"lost"}
    assert "of" in page.inner_text("#shown")
    page.click("#filters button[type=reset]")
    page.fill("#find", "leu174")
    assert shown.count() == 1
    page.fill("#find", "")
    page.click("#table thead th:nth-child(2) button")
    assert page.get_attribute("#table thead th:nth-child(2)", "aria-sort") == "ascending"
    assert page.get_attribute("#table tbody tr:first-child", "data-antigen") == "lost"


def test_a_hostile_name_does_nothing(opened):
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("img[src=x]").count() == 0


def test_the_table_can_be_used_before_the_molecule_is_there(browser, page_file):
    it = Opened(browser, page_file)
    assert "rows" in it.page.inner_text("#shown")
    interactive = it.page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    it.ready()
    assert interactive < it.page.evaluate("performance.now()")
    it.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1300])
def test_narrow_and_dark_pages_hold(browser, page_file, scheme, width):
    it = Opened(browser, page_file, viewport={"width": width, "height": 800}, color_scheme=scheme).ready()
    assert it.page.evaluate("document.documentElement.scrollWidth") <= width
    paper = it.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    it.context.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    named = os.environ.get("EPITOPE_AXE_JS")
    if named:
        return Path(named).read_text()
    npm = shutil.which("npm")
    folder = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run([npm, "pack", "axe-core@4", "--silent"], cwd=folder, check=True, capture_output=True, timeout=60)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            return archive.extractfile("package/axe.min.js").read().decode()
    except (OSError, TypeError, StopIteration, subprocess.SubprocessError):
        pytest.skip("axe-core is not to be had here: no npm, or no network")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser, page_file, axe, scheme):
    it = Opened(browser, page_file, color_scheme=scheme, bypass_csp=True).ready()
    it.page.focus(".stage")
    it.page.keyboard.press("m")
    it.page.evaluate("epitopeMolecule.measure('A:60', 'A:229')")
    it.page.evaluate(axe)
    found = it.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        (v["id"], v["nodes"][0]["html"][:120], v["nodes"][0].get("failureSummary", "")[:200])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert bad == []
    it.context.close()
