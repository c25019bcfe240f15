"""One picture of the molecule as a page of its own, with the same viewer as the report.

Not for what is in the picture; `epitope.show.presets` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from epitope.show.report.molecule import molecule_data
from epitope.show.report.page import render_page, small_png

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex
    from epitope.show.scene import Scene
    from epitope.show.viewer import ViewerScript


def view_page(picture: Scene, structure: MeasuredComplex, viewer: ViewerScript | None) -> str:
    """Return a picture as HTML, which turns or, without a viewer, is a drawing.

    Parameters
    ----------
    picture : Scene
    structure : MeasuredComplex
        What it was made from.
    viewer : ViewerScript or None
        The viewer script to put inside.
    """
    still = None
    if viewer is None:
        from epitope.show.figures.registry import FigureInput, styled
        from epitope.show.figures.stills import still as drawn

        with styled():
            still = {"src": small_png(drawn(FigureInput(structure), picture)), "alt": picture.title}
    context = {
        "title": f"{picture.title} · {structure.id}" if structure.id not in picture.title else picture.title,
        "pictures": [(picture.name, picture.title)],
        "still": still,
        "alone": True,
    }
    return render_page(
        "view.html.j2", context, molecule_data(structure, {picture.name: picture}), viewer, styles=["view.css"]
    )
