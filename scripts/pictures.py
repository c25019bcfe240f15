"""Pictures at reading size, for notebooks, the pages of the repository and the documentation site.

And the trajectory that some of them show: the bundled complex, moved along elastic-network modes.

Not for print: that is what the files of ``epitope.draw`` are for.
"""

from __future__ import annotations

import io
import sys
import warnings
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]

PAGE_WIDTH_PX, COLUMN_WIDTH_PX = 1200, 700
"""Enough for a wide page, and for a picture of one column."""
COLUMN_DPI = 600
"""Resolution by which `epitope figure` writes what is one column wide."""
COLOURS, ROUNDS = 128, 2
"""Cut at the median and moved by k-means twice: large plain areas keep their colour."""


def reading_size(picture: bytes, width: int | None = None) -> bytes:
    """Return a PNG at most so many pixels wide, on white, with few colours; its resolution tells the usual width."""
    with Image.open(io.BytesIO(picture)) as opened:
        column = round(opened.info.get("dpi", (0, 0))[0]) == COLUMN_DPI
        image = Image.alpha_composite(Image.new("RGBA", opened.size, "white"), opened.convert("RGBA")).convert("RGB")
    width = width or (COLUMN_WIDTH_PX if column else PAGE_WIDTH_PX)
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=ROUNDS, dither=Image.Dither.NONE).save(
        buffer, format="PNG", optimize=True
    )
    return buffer.getvalue()


def write_trajectory(folder: Path) -> None:
    """Write ``complex.pdb`` and ``modes.dcd``, made-up motions of the bundled complex, into a folder."""
    sys.path.insert(0, str(ROOT))
    from tests.trajectory import antigen_in_motion, universe_of

    moving = universe_of(antigen_in_motion(n_frames=200)[0], dt=100.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what such a file may hold and this one does not
        moving.atoms.write(folder / "complex.pdb")
        moving.atoms.write(folder / "modes.dcd", frames="all")
