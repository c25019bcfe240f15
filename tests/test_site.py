"""The documentation site is whole, needs nothing from elsewhere, and every command it shows runs.

Building takes a minute or two, so this runs only where it is asked for, ``pytest -m docs``. The site may be
built before: ``EPITOPE_SITE`` names its folder.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import epitope
from epitope.api import figure_names
from epitope.cli import app

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
TEXTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PAGES = [page for page in TEXTS if BLOCK.search(page.read_text(encoding="utf-8"))]
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}

pytestmark = pytest.mark.docs


@pytest.fixture(autouse=True)
def asked_for(request):
    if "docs" not in request.config.option.markexpr:
        pytest.skip("the site is built where it is asked for: pytest -m docs")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if "EPITOPE_SITE" in os.environ:
        return Path(os.environ["EPITOPE_SITE"])
    pytest.importorskip("mkdocs", reason="needs the extra `docs`")
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


class Seen(HTMLParser):
    """What a page holds: anchors, and what a browser fetches for it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.fetched: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag in FETCHED and found.get("rel") != "canonical" and found.get(FETCHED[tag]):
            self.fetched.append(found[FETCHED[tag]])


def test_every_figure_is_in_the_gallery_with_its_command(site):
    page = site / "figures.html"
    seen = Seen(page)
    assert set(figure_names()) <= seen.anchors
    assert {f"gallery/{name}.png" for name in figure_names()} <= set(seen.fetched)
    parts = page.read_text(encoding="utf-8").split("<h3 ")[1:]
    commands = {
        part.split('"')[1]: re.findall(r"\$ epitope \w+ .*--out \S+", re.sub("<[^>]+>", "", part)) for part in parts
    }
    assert all(len(commands[name]) == 1 for name in figure_names())


def names_of(command, path="epitope"):
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from names_of(below, f"{path} {name}")


def test_every_command_is_in_the_reference(site):
    assert {name.replace(" ", "-") for name in names_of(get_command(app))} <= Seen(site / "commands.html").anchors


def test_every_public_name_is_in_the_reference(site):
    assert {f"epitope.{name}" for name in epitope.__all__} <= Seen(site / "python.html").anchors


def test_no_page_fetches_anything_from_elsewhere(site):
    for page in site.rglob("*.html"):
        assert [address for address in Seen(page).fetched if re.match(r"(https?:)?//", address)] == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//|@import", style.read_text(encoding="utf-8")), style


@pytest.mark.browser
def test_search_works_from_a_folder_without_server_or_network(site):
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from tests.show.test_browser import CHROMIUM, SLOW_MS, chromium

    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    asked, errors = [], []
    with chromium() as browser:
        page = browser.new_context(offline=True).new_page()
        page.set_default_timeout(SLOW_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((site / "index.html").as_uri())
        page.locator("input[name=query]").click()
        page.keyboard.type("disulfide")
        page.wait_for_selector(".md-search-result__item")
        assert "disulfide" in page.locator(".md-search-result__list").inner_text().casefold()
    assert [address for address in asked if address.startswith("http")] == []
    assert errors == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run_and_say_what_it_shows(page, tmp_path, monkeypatch):
    for file in (*(ROOT / "docs" / "examples").iterdir(), *(ROOT / "structures").glob("*.cif")):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    compare, options = doctest.OutputChecker(), doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            words = shlex.split(command.partition(" > ")[0], comments=True)
            assert words[0] == "epitope", command
            result = CliRunner().invoke(app, words[1:])
            assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
            if shown.strip():
                assert compare.check_output(shown.strip(), result.output.strip(), options), (
                    f"{command}\n{result.output}"
                )
