"""Run the notebooks and store them with what they show, small and the same each time.

Each notebook runs from a clean kernel in a scratch folder. What is stored holds no time, no path
of the machine and no random name; pictures are scaled down to reading size and tables are kept
as HTML alone. A cell tagged ``not-stored`` runs, but what it shows is not kept: a turning
molecule weighs more than the rest of its notebook. Not for testing them; the tests run them too.

    python scripts/store_notebooks.py                    all of them
    python scripts/store_notebooks.py notebooks/01*      some
    python scripts/store_notebooks.py --check            say which would change, write nothing
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

ROOT = Path(__file__).parents[1]
NOT_STORED = "not-stored"
PICTURE_WIDTH_PX, COLUMN_WIDTH_PX = 1200, 700
"""Enough for a wide page, and for a picture of a column; the files for print are those that ``epitope.draw`` writes."""
COLUMN_DPI = 600
COLOURS, ROUNDS = 128, 2
"""Cut at the median and moved by k-means twice: large plain areas keep their colour."""
TIMEOUT_S = 300
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> None:
    """Store the notebooks that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if one would change")
    options = parser.parse_args()
    stale = []
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = stored(path)
        changed = text != path.read_text(encoding="utf-8")
        if changed:
            stale.append(path.name)
        if changed and not options.check:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {len(text.encode()) / 1000:.0f} kB{', changed' if changed else ''}\n")
    if options.check and stale:
        sys.exit(f"{', '.join(stale)}: stored output is not what the code gives; run scripts/store_notebooks.py")


def stored(path: Path) -> str:
    """Run a notebook and return the text to store."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            run(notebook, Path(scratch))
        except CellExecutionError as error:
            sys.exit(f"{path.name}: {error.ename}: {error.evalue}")
        for number, cell in enumerate(notebook.cells, start=1):
            tidy(cell, number)
        notebook.metadata = nbformat.from_dict(METADATA)
        text = str(nbformat.writes(notebook)).rstrip("\n") + "\n"
        for place in (scratch, str(ROOT), sys.prefix, str(Path.home())):
            if place in text:
                sys.exit(f"{path.name}: its output names {place}, a folder of this machine; print a shorter path")
    nbformat.validate(notebook)
    return text


def run(notebook: Any, folder: Path) -> None:
    """Run all cells in a folder of their own, with this checkout's package."""
    work = folder / "work"
    work.mkdir()
    os.environ["PYTHONPATH"] = str(ROOT)
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        os.environ[variable] = str(folder / variable.lower())
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(work)}},
    )
    client.execute()


def tidy(cell: Any, number: int) -> None:
    """Give a cell a steady name, drop what only this run knows, and make its pictures small."""
    cell.id = f"cell-{number:02d}"
    tags = cell.metadata.get("tags", [])
    cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    if cell.cell_type != "code":
        return
    if NOT_STORED in tags:
        cell.outputs, cell.execution_count = [], None
        return
    # Warnings tell of the machine that stored the notebook, not of what it answers.
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            data["image/png"] = smaller(data["image/png"])
            data["text/plain"] = "<picture>"
        elif "text/html" in data:
            data.pop("text/plain", None)


def smaller(picture: str) -> str:
    """Return a PNG scaled to reading size with few colours, both as base64."""
    with Image.open(io.BytesIO(base64.b64decode(picture))) as opened:
        column = round(opened.info.get("dpi", (0, 0))[0]) == COLUMN_DPI
        return base64.b64encode(reading_size(opened, COLUMN_WIDTH_PX if column else PICTURE_WIDTH_PX)).decode()


def reading_size(picture: Image.Image, width: int) -> bytes:
    """Return a picture as PNG, at most so many pixels wide, on white, with few colours."""
    image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=ROUNDS, dither=Image.Dither.NONE).save(
        buffer, format="PNG", optimize=True
    )
    return buffer.getvalue()


if __name__ == "__main__":
    main()
