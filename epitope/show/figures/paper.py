"""The first figure of a paper: variants along the protein, the complex, the epitope, one site, one RNA event.

Panels that a target has nothing for are left out. The panels are those of the figures of
these names; this one only sets them together under one legend.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from epitope.show.figures import lollipop
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.figures.site import positions_of
from epitope.show.figures.stills import legend, stage, staged
from epitope.show.presets import scene
from epitope.show.scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOLLIPOP_IN, _ROWS_IN, _GAP_IN, _LEGEND_IN = 3.35, (2.9, 2.4), 0.06, 0.66
_SPLIT = ((0.36, 0.64), (0.6, 0.4))
"""Parts of the width for the panels of each row."""


@dataclass(frozen=True)
class _Panel:
    """A still and where it stands: left, top and width as parts of the figure's width, height in inches."""

    picture: Scene
    left: float
    top_in: float
    width: float
    height_in: float


def draw(given: FigureInput) -> Figure:
    """Draw the composed figure."""
    panels = _panels(given)
    below = max(p.top_in + p.height_in for p in panels)
    height = below + _LEGEND_IN
    fig = new_figure(given, height)
    slots = fig.add_gridspec(
        2, 1, left=0, right=1, top=1, bottom=0, hspace=0, height_ratios=[_LOLLIPOP_IN, height - _LOLLIPOP_IN]
    )
    first = fig.add_subfigure(slots[0])
    lollipop.compose(first, given)
    fig.text(0.004, 1 - 0.03 / height, "a", fontsize=9, fontweight="bold", va="top")
    for letter, panel in zip("bcde", panels, strict=False):
        bottom = height - panel.top_in - panel.height_in
        ax = fig.add_axes((panel.left, bottom / height, panel.width, panel.height_in / height))
        stage(ax, given, panel.picture, letter=letter)
    legend(fig, [panel.picture for panel in panels], 5)
    return fig


def _panels(given: FigureInput) -> list[_Panel]:
    """Return the stills that there is something to show in, in two rows."""
    whole = scene(given.structure, "overview", given.assessments)
    # Names of variants stand in the first panel.
    whole = replace(whole, labels=scene(given.structure, "overview").labels)
    site = given.site or next((s.positions for s in given.structure.target.published_sites), ())
    rows = [[whole, scene(given.structure, "epitope")], []]
    rows[1].append(scene(given.structure, "site", given.assessments, site=site or positions_of(given)))
    if given.structure.target.isoforms:
        rows[1].append(scene(given.structure, "isoform", isoform=given.isoform))
    out, top = [], _LOLLIPOP_IN
    for pictures, inches, split in zip(rows, _ROWS_IN, _SPLIT, strict=True):
        left = 0.0
        for picture, width in zip(pictures, split if len(pictures) > 1 else (1.0,), strict=True):
            out.append(_Panel(staged(given, picture), left, top, width, inches))
            left += width
        top += inches + _GAP_IN
    return out
