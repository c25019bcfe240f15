"""A cohort as a matrix: one column for each sample, one row for each thing that can take the antigen away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from epitope.impact.cohorts.model import AlleleState
from epitope.impact.cohorts.tables import NO, YES
from epitope.impact.verdicts.model import Verdict
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import VERDICT_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS: tuple[tuple[str, str], ...] = (
    ("mutations", "variant in the gene"),
    ("other_allele_state", "other allele lost"),
    ("allele_specific_expression", "one allele expressed"),
    ("rna_low", "RNA low"),
    ("other_event", "other gene"),
    ("isoform_percent", "isoform"),
)
_CELL_IN = 0.2


def draw(given: FigureInput) -> Figure:
    """Draw the matrix, with allele fractions above and the summary's words below."""
    table = given.cohort
    assert table is not None  # the registry has checked it
    samples = [str(s) for s in table["sample"]]
    rows = [(c, label) for c, label in _ROWS if c in table]
    words = [str(w) for w in table["mechanism"]] if "mechanism" in table else [""] * len(samples)
    marks = {column: [_mark(column, value) for value in table[column]] for column, _ in rows}
    height = _CELL_IN * len(samples) + 1.15
    fig = new_figure(given, height)
    ax = fig.add_axes((0.17, 0.12 / height, 0.25, (_CELL_IN * len(samples)) / height))
    ax.set_xlim(-0.5, len(rows) - 0.5)
    ax.set_ylim(len(samples) - 0.5, -0.5)
    for x, (column, _) in enumerate(rows):
        for y, (state, text) in enumerate(marks[column]):
            _cell(ax, x, y, state, text)
    ax.set_yticks(range(len(samples)), [_short(s, 18) for s in samples], parse_math=False)
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(rows)), [label for _, label in rows], rotation=40, ha="left", rotation_mode="anchor")
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    fractions = table.get("sum_allele_fraction")
    for y, word in enumerate(words):
        note = _short(word, 76)
        if fractions is not None and (fractions.iloc[y] or 0) > 0:
            note = f"{note}  (summed allele fraction {float(fractions.iloc[y]):.2f})"
        ax.text(len(rows) - 0.2, y, _short(note, 100), va="center", fontsize=5.8, parse_math=False)
    handles = _legend_handles()
    fig.legend(handles=handles, loc="upper right", ncols=3, bbox_to_anchor=(0.995, 0.995), handletextpad=0.3)
    return fig


def _mark(column: str, value: Any) -> tuple[str, str]:
    """Return how a cell is drawn: seen, not seen, or not measured; and a short text."""
    if column == "mutations":
        if value is None or math.isnan(value):
            return "unknown", ""
        return ("seen" if value else "absent"), str(int(value)) if value > 1 else ""
    if column == "other_allele_state":
        state = AlleleState(value) if value else AlleleState.NOT_MEASURED
        measured = "seen" if state.is_loss else "absent"
        return ("unknown" if state is AlleleState.NOT_MEASURED else measured), ""
    if column in _LISTED:
        return ("seen" if value else _LISTED[column]), ""
    return {YES: "seen", NO: "absent"}.get(value, "unknown"), ""


_LISTED = {"other_event": "absent", "isoform_percent": "unknown"}
"""Columns that list what was seen, with what nothing means there."""


def _cell(ax: Axes, x: int, y: int, state: str, text: str) -> None:
    """Draw one cell."""
    from matplotlib.patches import Rectangle

    face = {"seen": VERDICT_COLOURS[Verdict.LOST], "absent": "#E9ECF0", "unknown": "white"}[state]
    ax.add_patch(
        Rectangle(
            (x - 0.44, y - 0.42),
            0.88,
            0.84,
            fc=face,
            ec="#B9C0C9" if state == "unknown" else "none",
            lw=0.5,
            ls=(0, (2, 1.5)) if state == "unknown" else "-",
        )
    )
    if text:
        ax.text(x, y, text, ha="center", va="center", color="white", fontsize=5.8)


def _legend_handles() -> list[Any]:
    """Return the key of the cells."""
    from matplotlib.patches import Patch

    return [
        Patch(fc=VERDICT_COLOURS[Verdict.LOST], label="seen (number of variants)"),
        Patch(fc="#E9ECF0", label="not seen"),
        Patch(fc="white", ec="#B9C0C9", ls=(0, (2, 1.5)), label="not measured"),
    ]


def _short(text: str, limit: int) -> str:
    """Cut a text to a length."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
