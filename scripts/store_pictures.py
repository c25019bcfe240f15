"""Make the pictures of README and docs again, each by the command that its caption names.

A picture's caption begins with the command, ``![`epitope figure paper`: …](images/paper.png)``. It is run
as it stands, with the file that it is to write; the picture is stored at reading size. What a
command shows in a browser (`report`, `serve`) is photographed by hand.

    python scripts/store_pictures.py                 all of them
    python scripts/store_pictures.py paper epitope   some, by the name of the file
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from pictures import reading_size, write_trajectory

ROOT = Path(__file__).parents[1]
WIDTH_PX = 1400
CAPTION = re.compile(r"!\[`epitope (?P<command>[^`]+)`[^\]]*\]\((?P<file>[^)]+)\)")
IN_BROWSER = ("report", "serve")


def main() -> None:
    """Store the pictures that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="default: all")
    wanted = parser.parse_args().names
    for path, command in captioned().items():
        if command[0] not in IN_BROWSER and (not wanted or path.stem in wanted):
            path.write_bytes(made(command))
            sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB\n")


def captioned() -> dict[Path, list[str]]:
    """Return every picture of the pages with the arguments of the command that makes it."""
    found = {}
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for match in CAPTION.finditer(page.read_text(encoding="utf-8")):
            found[(page.parent / match["file"]).resolve()] = shlex.split(match["command"])
    return found


def made(command: list[str]) -> bytes:
    """Run a command and return its picture at reading size."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder, "picture.png")
        if command[0] == "dynamics":
            write_trajectory(Path(folder))
        subprocess.run([sys.executable, "-m", "epitope", *command, "--out", str(drawn)], check=True, cwd=folder)
        return reading_size(drawn.read_bytes(), WIDTH_PX)


if __name__ == "__main__":
    main()
