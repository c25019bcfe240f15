"""Figures for print: one registry, one style, the same bytes for the same input.

`figure` draws one by name, `save_figure` writes it as PNG, SVG or PDF. Each figure
lives in its own small module; matplotlib is imported when the first one is drawn.
"""

from __future__ import annotations

from epitope.show.figures.registry import (
    FIGURES,
    FigureInput,
    chosen_renderer,
    figure,
    figure_bytes,
    save_figure,
    svg_text,
)

__all__ = ["FIGURES", "FigureInput", "chosen_renderer", "figure", "figure_bytes", "save_figure", "svg_text"]
