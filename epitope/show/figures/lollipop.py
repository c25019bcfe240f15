"""Variants along the protein, over its loops, disulfides, strands and solvent access.

One lollipop for each variant, its head three marks for antigen, fold and epitope;
deletions and truncations also show as bars over what they take away. The cytoplasmic
part is compressed, as it has neither structure nor epitope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from epitope.impact.verdicts.model import Assessment, Verdict
from epitope.show.figures.registry import FigureInput, drawn_on, new_figure
from epitope.show.figures.tracks import disulfide_arcs, region_bar, shade_unobserved, spread, strand_track, tail_start
from epitope.show.molecule import Molecule
from epitope.show.palette import PALETTE, VERDICT_COLOURS, as_text
from epitope.show.presets import change_positions, fitted, short_name, site_positions
from epitope.variant.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

_MARKERS: dict[Verdict, str] = {
    Verdict.INTACT: "o",
    Verdict.AT_RISK: "^",
    Verdict.LOST: "X",
    Verdict.NOT_ASSESSABLE: "s",
}
_COMPRESSION = 0.14
"""Scale of the axis behind the transmembrane segment."""
_LONG = 10
"""Deletions of more residues also get a bar over what they remove."""
_NAME_LENGTH = 18
"""Characters of a name that stand upright above the marks."""
_LABELS_MAX = 60
"""More names than these cannot be read over two columns; only the gravest are named then."""


@dataclass(frozen=True, slots=True)
class _Stem:
    """One lollipop: variants with the same name and verdicts share it."""

    position: int
    end: int
    name: str
    verdicts: tuple[Verdict, Verdict, Verdict]
    count: int
    long: bool
    feet: tuple[int, ...]
    """Where it stands: of several changes of one allele at each."""


def draw(given: FigureInput) -> Figure:
    """Draw the lollipop figure; works without variants as a map of the protein."""
    fig = new_figure(given, 3.7 if _stems(given) else 2.2)
    compose(fig, given)
    return fig


def compose(fig: FigureBase, given: FigureInput) -> None:
    """Draw the lollipops into a figure, or into a part of one as wide as it."""
    m = given.molecule
    stems = _stems(given)
    narrow = given.columns == 1
    heights = [2.0, 0.75, 0.75] if stems else [0.01, 0.75, 0.75]
    top, track, profile = fig.subplots(
        3,
        1,
        sharex=True,
        gridspec_kw={
            "height_ratios": heights,
            "hspace": 0.04,
            "left": 0.135 if narrow else 0.125,
            "right": 0.965 if narrow else 0.985,
            "top": 0.985,
            "bottom": 0.145 if narrow else 0.12,
        },
    )
    length = len(m.structure.target.sequence)
    tail = tail_start(m)
    last_seen = tail or length
    for ax in (top, track, profile):
        ax.set_xscale("function", functions=_compressed(last_seen))
        ax.set_xlim(-2, length + 3)
        ax.minorticks_off()
    _heads(top, stems, given)
    _protein(track, m)
    _profile(profile, m)
    ticks = [1, *(p for p in range(50, last_seen + 20, 50) if p < length - 20), length]
    profile.set_xticks(ticks, [m.structure.target.label(t) for t in ticks])
    gap = ";\n" if narrow else "; "
    numbers = f" (UniProt {m.structure.target.uniprot_id})" if m.structure.target.uniprot_id else ""
    compressed = f"{gap}the cytoplasmic part is compressed" if tail else ""
    profile.set_xlabel(f"{m.structure.target.name} residue{numbers}{compressed}")
    if narrow:
        _narrow(track, profile)


def _narrow(track: Axes, profile: Axes) -> None:
    """Shorten words and lift the legend off the bars, for one column."""
    for text in track.texts:
        if text.get_text()[:1].isdigit():
            text.set_fontsize(4.6)
        elif ", " in text.get_text():
            text.set_text(text.get_text().replace(", ", ",\n"))
            text.set(fontsize=4.4, linespacing=0.9)
    profile.set_ylim(0, 150)
    profile.legend(loc="upper left", ncols=3, fontsize=5.5, columnspacing=0.8, handletextpad=0.4)


def _compressed(turn: int):  # type: ignore[no-untyped-def]
    """Return the functions of an axis that is compressed behind ``turn``, and back."""

    def forward(x):  # type: ignore[no-untyped-def]
        x = np.asarray(x, dtype=float)
        return np.where(x <= turn, x, turn + (x - turn) * _COMPRESSION)

    def backward(x):  # type: ignore[no-untyped-def]
        x = np.asarray(x, dtype=float)
        return np.where(x <= turn, x, turn + (x - turn) / _COMPRESSION)

    return forward, backward


def _stems(given: FigureInput) -> list[_Stem]:
    """Return one lollipop per distinct name and verdicts, in order of position."""
    found: dict[tuple[int, int, str, tuple[Verdict, Verdict, Verdict], bool, tuple[int, ...]], int] = {}
    for row in given.assessments:
        if not isinstance(row, Assessment) or not site_positions(row):
            continue
        positions = site_positions(row)
        change = row.consequence.change
        long = change.kind is ChangeKind.DELETION and len(change.positions_lost) > _LONG
        end = max(change.positions_lost) if long else positions[-1]
        feet = tuple(dict.fromkeys(change_positions(one)[0] for one in row.consequence.changes))
        key = (positions[0], end, _name(row), (row.antigen, row.fold, row.epitope), long, feet)
        found[key] = found.get(key, 0) + 1
    return [
        _Stem(position, end, name, verdicts, count, long, feet)
        for (position, end, name, verdicts, long, feet), count in sorted(found.items(), key=lambda item: item[0][:3])
    ]


def _name(row: Assessment) -> str:
    """Name a variant; of several changes of one allele a line for each of two."""
    parts = [part.hgvs_p.removeprefix("p.") for part in row.consequence.parts]
    if len(parts) < 2:
        return short_name(row, _NAME_LENGTH)
    second = parts[1] if len(parts) == 2 else f"and {len(parts) - 1} more"
    return "\n".join(fitted(name, _NAME_LENGTH) for name in (parts[0], second))


def _heads(ax: Axes, stems: list[_Stem], given: FigureInput) -> None:
    """Draw stems, heads and names."""
    ax.set_axis_off()
    if not stems:
        return
    paper = drawn_on().paper
    ax.set_ylim(0, 10)
    forward, backward = _compressed(tail_start(given.molecule) or len(given.structure.target.sequence))
    inches = given.width * 0.86
    span = float(forward(ax.get_xlim()[1]) - forward(ax.get_xlim()[0]))
    per_inch = span / inches
    named = _named(stems, int(inches / 0.112))
    low, high = float(forward(0)) + 0.12 * per_inch, float(forward(ax.get_xlim()[1])) - 0.1 * per_inch
    places = spread([float(forward(s.position)) for s in stems], 0.118 * per_inch, low, high)
    for stem, place in zip(stems, places, strict=True):
        x = float(backward(place))
        for foot in stem.feet:
            ax.plot([foot, foot, x, x], [0, 1.0, 2.4, 3.0], color="#9AA1AB", lw=0.6, zorder=1)
        for y, verdict in zip((5.0, 4.2, 3.4), stem.verdicts, strict=True):
            ax.plot([x], [y], _MARKERS[verdict], ms=4.4, color=_colour(verdict), mec=paper, mew=0.3, zorder=3)
        if stem in named:
            name = stem.name if stem.count == 1 else f"{stem.name} (×{stem.count})"
            size = 6 if "\n" not in name else 4.6
            ax.text(
                x, 5.65, name, rotation=90, ha="center", va="bottom", fontsize=size, linespacing=1.0, parse_math=False
            )
    _stretches(ax, stems, given.structure.target.label)
    for y, word in zip((5.0, 4.2, 3.4), ("antigen", "fold", "epitope"), strict=True):
        ax.text(-0.005, y / 10, word, transform=ax.transAxes, ha="right", va="center", fontsize=6)
    _legend(ax, stems)


def _colour(verdict: Verdict) -> str:
    """Return the colour of a verdict's mark on the ground."""
    ground = drawn_on()
    return (
        VERDICT_COLOURS[verdict] if ground.paper == PALETTE.paper else as_text(VERDICT_COLOURS[verdict], ground.paper)
    )


def _stretches(ax: Axes, stems: list[_Stem], label: Callable[[int], str]) -> None:
    """Draw a bar over every long deletion, at most three lanes."""
    long = [s for s in stems if s.long]
    for lane, stem in enumerate(long[:3]):
        y = 0.35 + 0.5 * lane
        ax.plot([stem.position, stem.end], [y, y], color=PALETTE.unobserved, lw=2.2, solid_capstyle="butt", zorder=2)
        ax.text(
            stem.end + 1.5,
            y,
            f"{stem.name} removes {label(stem.position)}–{label(stem.end)}",
            fontsize=5.5,
            va="center",
            parse_math=False,
            bbox={"fc": drawn_on().paper, "ec": "none", "pad": 0.4},
            zorder=2,
        )


def _named(stems: list[_Stem], room: int) -> set[_Stem]:
    """Return the lollipops that get a name: all when there is room, else the gravest."""
    room = min(room, _LABELS_MAX)
    if len(stems) <= room:
        return set(stems)
    gravity = {Verdict.LOST: 2, Verdict.AT_RISK: 1}
    ranked = sorted(stems, key=lambda s: (-sum(gravity.get(v, 0) for v in s.verdicts), s.position))
    return set(ranked[:room])


def _legend(ax: Axes, stems: list[_Stem]) -> None:
    """Explain the marks that occur."""
    from matplotlib.lines import Line2D

    used = {v for s in stems for v in s.verdicts}
    handles = [
        Line2D([], [], marker=_MARKERS[v], ls="", ms=4.4, color=_colour(v), mec=drawn_on().paper, mew=0.3, label=str(v))
        for v in Verdict
        if v in used
    ]
    ax.legend(handles=handles, loc="upper right", ncols=1, handletextpad=0.1, labelspacing=0.25)


def _protein(ax: Axes, m: Molecule) -> None:
    """Draw the protein: regions and loops, strands, sugars, disulfides."""
    ax.set_axis_off()
    low, high = -2.8, 4.4
    ax.set_ylim(low, high)
    region_bar(ax, m, 3.6, 1.3)
    for i, loop in enumerate(m.structure.epitope.loops):
        ax.text(
            (loop.start + loop.end) / 2,
            2.3,
            m.loop_range(loop),
            ha="center",
            va="center",
            fontsize=5.8,
            color=PALETTE.loop(i),
            fontweight="bold",
        )
    sequons = [s.position for s in m.structure.target.sequons]
    ax.plot(sequons, [2.3] * len(sequons), "D", ms=2.4, color=PALETTE.glycan, mec="none")
    strand_track(ax, m, 0.75, 1.1)
    shade_unobserved(ax, m, 0.2, 1.3)
    disulfide_arcs(ax, m, -0.5, 2.0)
    for word, y in (("loops, ◆ N-glycans", 2.3), ("strands, // unseen", 0.75), ("disulfides", -1.5)):
        ax.text(-0.005, (y - low) / (high - low), word, transform=ax.transAxes, ha="right", va="center", fontsize=5.8)


def _profile(ax: Axes, m: Molecule) -> None:
    """Draw relative solvent access with and without the antibody, and mark the contacts."""
    table = m.table.loc[: tail_start(m) or len(m.table)]
    x = table["uniprot_position"].to_numpy(dtype=float)
    free = 100 * table["rsa_free"].to_numpy(dtype=float, na_value=np.nan)
    bound = 100 * table["rsa_bound"].to_numpy(dtype=float, na_value=np.nan)
    ax.fill_between(x, 0, bound, step="mid", color="#C9D0D9", lw=0, label="accessible")
    ax.fill_between(
        x, bound, free, step="mid", color=PALETTE.heavy, lw=0, label=f"covered by the {m.structure.complex.roles.word}"
    )
    ax.set_ylim(0, 115)
    ax.set_yticks([0, 50, 100])
    ax.set_ylabel("RSA (%)", labelpad=2)
    shade_unobserved(ax, m, 0, 115)
    ax.plot(
        m.contacts, np.full(len(m.contacts), 109.0), "|", color=drawn_on().ink, ms=4, mew=0.7, label="contact ≤ 4 Å"
    )
    ax.legend(loc="upper right", ncols=1, labelspacing=0.25)
