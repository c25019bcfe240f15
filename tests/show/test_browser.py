"""The report in a real browser with the network off: it is quiet, turns, sorts, filters and can be used by anyone.

Needs playwright and Chromium; skipped with the reason where one of them, or the viewer
script, is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from epitope.show.report import write_report
from epitope.show.viewer import find_viewer_script

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
    if find_viewer_script() is None:
        pytest.skip("3Dmol.js is not to be had here: neither cache, npm nor CDN")
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

    def ready(self):
        deadline = time.monotonic() + SLOW_MS / 1000
        while not self.page.evaluate("Boolean(window.epitopeReport && epitopeReport.ready)"):
            assert time.monotonic() < deadline, "the molecule did not come up"
            time.sleep(0.1)
        return self

    def view(self):
        return self.page.evaluate("epitopeReport.state.viewer.getView()")


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
    opened.page.evaluate("epitopeReport.show('overview', {at_once: true})")
    before = opened.view()
    opened.page.click("#row-v1 th")
    after = opened.view()
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) > 1
    assert opened.page.get_attribute("#row-v1 .pick", "aria-pressed") == "true"
    assert "Phe61del" in opened.page.inner_text("#scene-title")


def test_a_click_on_a_residue_finds_its_row(opened):
    opened.page.evaluate("epitopeReport.clicked({chain: 'A', resi: 163, resn: 'ARG'})")
    assert "Arg163" in opened.page.inner_text("#residue")
    assert "picked" in opened.page.get_attribute("#row-v4", "class")


def test_the_keyboard_alone_reaches_a_row_and_turns_it(opened):
    opened.page.focus("#row-v6 .pick")
    opened.page.keyboard.press("Enter")
    assert "ex2part" in opened.page.inner_text("#scene-title")
    before = opened.view()
    opened.page.focus("[data-turn=left]")
    opened.page.keyboard.press("Enter")
    assert opened.view() != before


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
    it.page.evaluate(axe)
    found = it.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    bad = [
        (v["id"], v["nodes"][0]["html"][:120], v["nodes"][0].get("failureSummary", "")[:200])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert bad == []
    it.context.close()
