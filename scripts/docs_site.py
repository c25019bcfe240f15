"""What the documentation site has beside the pages of docs/: generated parts, pictures, pages from elsewhere.

MkDocs calls the ``on_…`` functions (``hooks`` in ``mkdocs.yml``). The pages stay plain Markdown that a code host
shows as well: a part that is generated replaces what stands between ``<!-- site: gallery -->`` and ``<!-- end -->``,
and links may lead out of docs/, to a model card or a notebook, which the site then holds too.
Not for the tables that are stored in the pages; ``write_schema.py`` writes those.
"""

from __future__ import annotations

import functools
import os
import posixpath
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pictures import reading_size, write_trajectory

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ELSEWHERE = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/**/*.md",
    "epitope/target/packs/README.md",
    "notebooks/*.ipynb",
    "structures/README.md",
)
"""Pages of the site that lie outside docs/, by their place in the repository, which they keep on the site."""
MODULES = (
    "epitope",
    "epitope.api",
    "epitope.target",
    "epitope.structure",
    "epitope.features",
    "epitope.variant",
    "epitope.impact.predictors.stability",
    "epitope.impact.predictors.binding",
    "epitope.errors",
)
MOTION = "epitope dynamics --topology complex.pdb --trajectory modes.dcd --out motion"
EXAMPLES = {
    "barcode": "epitope compare 6AL5 blinatumomab --out barcode.png",
    "cohort": "epitope figure cohort --cohort samples.csv --out cohort.png",
    "contacts": "epitope figure contacts R163L --out contacts.png",
    "junctions": "epitope figure junctions --junctions before_SJ.out.tab --junctions relapse_SJ.out.tab"
    " --out junctions.png",
    **dict.fromkeys(("dynamics", "occupancy", "rmsf", "rmsf-3d"), MOTION),
    "overview": "epitope figure overview p.Phe61del R163L --renderer flat --out overview.png",
    "site": "epitope figure site --site P60 --out site.png",
    "site-3d": "epitope figure site-3d p.Phe61del --renderer flat --out site-3d.png",
}
"""Commands of the gallery that say more than the figure's name."""
PART = re.compile(r"<!-- site: (\w+) -->.*?<!-- end -->", re.DOTALL)
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


# What MkDocs calls, in this order


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace the patterns in the navigation by the pages that fit and that it does not name."""
    pages = [page_of(path) for path in (*DOCS.rglob("*.md"), *elsewhere())]
    config.nav = _filled(config.nav, sorted(set(pages) - set(_named(config.nav))))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere and the pictures of the gallery."""
    for path in elsewhere():
        if path.suffix == ".ipynb":
            for uri, content in notebook_files(path).items():
                files.append(File.generated(config, uri, content=content))
        else:
            files.append(File.generated(config, page_of(path), abs_src_path=str(path)))
    for name, picture in pictures().items():
        files.append(File.generated(config, f"gallery/{name}.png", content=picture))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Mend the links that leave docs/ or come from outside it, and put in what is generated."""
    here = page.file.src_uri
    folder = _in_repository(here).parent
    writers = {"gallery": gallery, "commands": commands, "python": python_names}

    def mended(link: re.Match[str]) -> str:
        target = (folder / link[1]).resolve()
        if not target.exists():
            return link[0]  # MkDocs says so
        return posixpath.relpath(page_of(target), posixpath.dirname(here) or ".")

    return PART.sub(lambda part: writers[part[1]](), LINK.sub(mended, markdown))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the names of pages in docstrings and sources (``docs/tables.md``) into links."""

    def linked(name: re.Match[str]) -> str:
        there = files.get_file_from_path(name[1])
        return f'<a href="{there.url_relative_to(page.file)}">{name[0]}</a>' if there else name[0]

    return re.sub(r"<code>docs/([\w/]+\.md)</code>", linked, html)


# Where things are


def elsewhere() -> list[Path]:
    """List the pages that lie outside docs/."""
    return sorted(path for pattern in ELSEWHERE for path in ROOT.glob(pattern))


def page_of(path: Path) -> str:
    """Return the address of a file's page in the site, before it becomes HTML."""
    if path == ROOT / "README.md":
        return "index.md"
    place = path.relative_to(DOCS if path.is_relative_to(DOCS) else ROOT)
    return (place.with_suffix(".md") if place.suffix == ".ipynb" else place).as_posix()


def _in_repository(page: str) -> Path:
    """Find the file that a page is made of."""
    found = (DOCS / page, ROOT / page, (ROOT / page).with_suffix(".ipynb"))
    return next(path for path in found if path.exists())


def _named(nav: Any) -> Iterator[str]:
    """Go through the pages that the navigation names."""
    if isinstance(nav, str):
        yield nav
    for item in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _named(item)


def _filled(nav: Any, pages: list[str]) -> Any:
    if isinstance(nav, dict):
        return {title: _filled(item, pages) for title, item in nav.items()}
    if isinstance(nav, list):
        return [
            entry
            for item in nav
            for entry in (
                [page for page in pages if page.count("/") == item.count("/") and fnmatchcase(page, item)]
                if isinstance(item, str) and "*" in item
                else [_filled(item, pages)]
            )
        ]
    return nav


# What is generated


def notebook_files(path: Path) -> dict[str, str | bytes]:
    """Turn a notebook, as stored, into a page and its pictures."""
    from nbconvert import MarkdownExporter

    folder = path.stem
    text, resources = MarkdownExporter().from_filename(
        str(path), resources={"unique_key": folder, "output_files_dir": folder}
    )
    written: dict[str, str | bytes] = {page_of(path): text}
    return written | {f"notebooks/{name}": content for name, content in resources["outputs"].items()}


def gallery_commands() -> dict[str, str]:
    """Return the command behind each figure."""
    from epitope.show.figures import FIGURES

    return {
        name: EXAMPLES.get(name, f"epitope figure {name}{' --renderer flat' if kind.still else ''} --out {name}.png")
        for name, kind in FIGURES.items()
    }


@functools.cache
def pictures() -> dict[str, bytes]:
    """Run each command of the gallery, and return the pictures at reading size."""
    with tempfile.TemporaryDirectory() as scratch:
        for example in (DOCS / "examples").iterdir():
            shutil.copy(example, scratch)
        write_trajectory(Path(scratch))
        names = gallery_commands()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda command: run(command, scratch), sorted(set(names.values()))))
        return {name: reading_size(next(Path(scratch).rglob(f"{name}.png")).read_bytes()) for name in names}


def run(command: str, folder: str) -> None:
    """Run a command line in a folder, with the Python that builds the site."""
    words = [sys.executable, "-m", *shlex.split(command)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PluginError(f"{command}: {done.stderr}")


def gallery() -> str:
    """Write the gallery: each figure under its name, with the command that drew it."""
    from epitope.api import figure_names

    lines = gallery_commands()
    return "\n".join(
        f"### {name}\n\n{title}.\n\n```console\n$ {lines[name]}\n```\n\n![{title}](gallery/{name}.png)\n"
        for name, title in figure_names().items()
    )


def commands() -> str:
    """Write the reference of the command line, one heading lower than it comes."""
    typer = [sys.executable, "-m", "typer", "epitope.cli", "utils", "docs", "--name", "epitope"]
    text = subprocess.run(typer, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return re.sub(r"^#", "##", text, flags=re.MULTILINE)


def python_names() -> str:
    """Write what mkdocstrings needs to list the public names of each module, none twice."""
    seen: set[str] = set()
    parts = []
    for name in MODULES:
        module = import_module(name)
        public = getattr(module, "__all__", None) or [
            key
            for key, value in vars(module).items()
            if not key.startswith("_") and getattr(value, "__module__", "").startswith(name)
        ]
        members = [key for key in public if key not in seen]
        seen |= {*members}
        listed = "".join(f"        - {key}\n" for key in members)
        parts.append(f"## `{name}`\n\n::: {name}\n    options:\n      members:\n{listed}")
    return "\n".join(parts)
