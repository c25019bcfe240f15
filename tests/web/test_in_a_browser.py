"""`epitope serve` in a real browser: from an empty box to the answer."""

from __future__ import annotations

import re

import pytest

import epitope
from tests.show.test_browser import CHROMIUM, SLOW_MS, chromium
from tests.web import served

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    from epitope.web.results import Results

    # Without the turning molecule: software WebGL would keep the page busy for minutes.
    with served(Results(epitope.load(), tmp_path_factory.mktemp("results"), "none")) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1300, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(3 * SLOW_MS)
    page.said, page.asked = [], []
    page.on("console", lambda m: page.said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.said.append(str(e)))
    page.on("request", lambda r: page.asked.append(r.url))
    page.goto(address)
    yield page
    context.close()


def test_from_the_box_to_the_answer(page, address):
    page.wait_for_selector("#variants:focus")  # a hand is not faster than the page
    page.keyboard.type("c.179_181del")
    assert page.input_value("#variants") == "c.179_181del"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/result/[0-9a-f]{32}/"), wait_until="commit")
    row = page.inner_text("#row-v1")
    assert "p.Pro60_Phe61delinsLeu" in row.replace("\n", "") and "at risk" in row
    assert "c.179_181del" in page.url
    assert all(url.startswith((address, "data:", "blob:")) for url in page.asked)
    assert [s for s in page.said if "GPU stall" not in s and "swiftshader" not in s.casefold()] == []
    with page.expect_download() as download:
        page.click("a[href='assessments.csv']")
    assert "Pro60_Phe61delinsLeu" in download.value.path().read_text(encoding="utf-8")
    page.click("text=Other variants")
    assert page.url == address


def test_an_example_is_one_click(page):
    page.click("[name=example] >> nth=0")
    page.wait_for_url(re.compile("/result/"))
    assert "Ala" in page.inner_text("#row-v1")


def test_a_file_is_dropped_onto_the_page(page):
    page.evaluate("""() => {
        const dropped = new DataTransfer();
        dropped.items.add(new File(["variant\\nR163L\\n"], "mine.csv"));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
    }""")
    assert page.evaluate("document.getElementById('file').files[0].name") == "mine.csv"
    page.click("#assess")
    page.wait_for_url(re.compile("/result/"))
    assert "R163L" in page.inner_text("#row-v1")


def test_a_mistake_stays_in_the_box_with_the_reason_above_it(page):
    page.fill("#variants", "p.Gly163Leu")
    page.click("#assess")
    page.wait_for_selector("#wrong")
    assert "not Gly" in page.inner_text("#wrong")
    assert page.input_value("#variants") == "p.Gly163Leu"
    page.fill("#variants", "")
    page.click("#assess")
    assert "Type a variant" in page.inner_text("#state")


def test_a_file_that_is_too_large_is_not_sent(page):
    page.evaluate("""() => {
        const dropped = new DataTransfer();
        dropped.items.add(new File([new Uint8Array(21 * 2 ** 20)], "all.vcf"));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
    }""")
    before = page.url
    page.click("#assess")
    assert "20 MB" in page.inner_text("#state")
    assert page.url == before


def test_a_form_on_another_page_cannot_ask(browser, address):
    page = browser.new_page()
    page.set_content(f'<form method="post" action="{address}assess"><input name="variants" value="R163L"></form>')
    with page.expect_navigation():
        page.evaluate("document.forms[0].submit()")
    assert "another site" in page.inner_text("body")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_page_holds(browser, address, scheme):
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
