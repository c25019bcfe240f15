"""Draw every figure as it will be seen: small and large, light and dark, in grey, with colour blindness.

A sheet for each figure, to be looked at before a release. The simulation is that of Machado,
Oliveira and Fernandes (IEEE TVCG 2009, 15:1291) at full severity, by colorspacious, which no
other part of this project needs (``pip install colorspacious``).

    python scripts/figure_sheets.py sheets                     every figure
    python scripts/figure_sheets.py sheets paper overview      some
    python scripts/figure_sheets.py sheets --renderer flat
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import epitope
from epitope.show.figures import FIGURES, figure, figure_bytes
from epitope.show.palette import GROUNDS
from epitope.variant.readers.published import published_cohort

DPI = 150
GAP_PX = 12
BLIND = ("deuteranomaly", "protanomaly")
JUNCTION_RATIOS = {"sample": ["before", "relapse"], "ratio_percent": [10.0, 39.0]}


def main() -> None:
    """Write the sheets of the figures that were named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", default=list(FIGURES))
    parser.add_argument("--renderer", default="auto")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    structure = epitope.load()
    rows = epitope.assess_each(published_cohort(structure.target.cohorts[0].name), structure)
    given = tables(structure)
    for name in options.figures:
        strips = [seen(drawn) for drawn in variations(name, structure, rows, given, options.renderer)]
        stacked(strips, downwards=True).save(options.folder / f"{name}.png")


def tables(structure: Any) -> dict[str, Any]:
    """Return what figures of tables draw."""
    import pandas as pd

    from epitope.impact.cohorts.cohort import cohort_table, published_samples, summarise_cohort

    target = structure.target
    samples = cohort_table(summarise_cohort(published_samples(target.cohorts[0].name, target), target))
    junctions = pd.DataFrame(JUNCTION_RATIOS).assign(event=target.isoforms[0].name)
    return {
        "atlas": epitope.scan(structure),
        "cohort": samples,
        "junctions": junctions,
        "comparison": epitope.compare(structure, "blinatumomab"),
    }


def variations(name: str, structure: Any, rows: Any, given: dict[str, Any], renderer: str) -> Iterator[Image.Image]:
    """Draw a figure at every width and on every ground that it is made for."""
    kind = FIGURES[name]
    for ground in GROUNDS if kind.still or kind.dark else ("light",):
        for columns in kind.widths:
            drawn = figure(name, structure, rows, columns=columns, renderer=renderer, ground=ground, **given)
            yield Image.open(io.BytesIO(figure_bytes(drawn, "png", dpi=DPI))).convert("RGB")


def seen(drawn: Image.Image) -> Image.Image:
    """Return a picture in colour, in grey, and as those who cannot tell green or red apart see it."""
    from colorspacious import cspace_convert

    colours = np.asarray(drawn) / 255
    lightness = np.asarray(drawn.convert("L").convert("RGB"))
    blind = [
        cspace_convert(colours, {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}, "sRGB1") for kind in BLIND
    ]
    shown = [np.asarray(drawn), lightness, *((np.clip(each, 0, 1) * 255).round().astype(np.uint8) for each in blind)]
    return stacked([Image.fromarray(each) for each in shown])


def stacked(pictures: list[Image.Image], *, downwards: bool = False) -> Image.Image:
    """Return pictures side by side, or one below the other."""
    sizes = np.array([picture.size for picture in pictures])
    along = int(downwards)
    total = sizes.max(axis=0)
    total[along] = sizes[:, along].sum() + GAP_PX * (len(pictures) - 1)
    sheet = Image.new("RGB", tuple(total.tolist()), "white")
    place = [0, 0]
    for picture in pictures:
        sheet.paste(picture, tuple(place))
        place[along] += picture.size[along] + GAP_PX
    return sheet


if __name__ == "__main__":
    main()
