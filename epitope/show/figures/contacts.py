"""The contact diagram: antigen residues on the left, the binder's on the right, a line for each contact.

In the manner of LIGPLOT and DIMPLOT (Wallace et al., Protein Eng 1995, 8:127). Every line
ends at a place of its own, at the main or the side chain of its residue. What a variant
loses is struck out. Not for measuring; `epitope.features.interactions` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.errors import EpitopeError, VariantError
from epitope.features.atoms import Booleans
from epitope.features.interactions import KINDS
from epitope.impact.contacts_lost import losses
from epitope.impact.verdicts.model import Assessment
from epitope.show.figures.registry import FigureInput, new_figure
from epitope.show.palette import CONTACT_COLOURS, PALETTE
from epitope.show.presets import short_name
from epitope.show.tables import Failure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SLOT, _PORT, _RESIDUE_GAP, _GROUP_GAP = 0.05, 0.115, 0.045, 0.11
"""Inches: between two lines of a port, the smallest port, between residues, between groups."""
_TOP, _TALLEST, _SMALLEST = 0.34, 8.2, 0.65
"""Inches above the first residue; inches of all residues above which they are drawn smaller, down to this factor."""
_PORT_WIDTH, _LETTER = 0.1, 0.055
_LINES: dict[str, dict[str, Any]] = {
    "salt bridge": {"lw": 1.7, "ls": (0, (3.2, 1.0))},
    "hydrogen bond": {"lw": 0.9, "ls": "-"},
    "cation–π": {"lw": 1.3, "ls": (0, (5, 1.2, 1, 1.2))},
    "π-stacking": {"lw": 1.7, "ls": (0, (1, 0.8))},
    "water-mediated": {"lw": 0.9, "ls": (0, (2.2, 1.6))},
    "hydrophobic": {"lw": 1.0, "ls": "-", "alpha": 0.75},
    "van der Waals": {"lw": 0.6, "ls": (0, (1, 2.2))},
}
_MOST_PAIRS = 6
"""Pairs of atoms from which a hydrophobic line grows no wider."""
_ARROWS = {"antigen": "-|>", "antibody": "<|-", "either": "<|-|>"}
_PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
"""Where along a line its distance may stand, the best first."""
_MEASURED = ("salt bridge", "hydrogen bond", "cation–π", "π-stacking", "water-mediated")
"""Kinds whose distance is written on the line."""
_SIGN, _CLEAR = (0.2, 0.09), 0.06
"""Inches that two signs on lines stand apart, and that a sign would like to stand off other lines."""
_SAID = {
    "hydrogen bond": "hydrogen bond, donor → acceptor",
    "cation–π": "cation–π, dot at the cation",
    "water-mediated": "through a water",
    "van der Waals": "other contact within 4 Å",
}
_IN_A_ROW = 6
"""Kinds of line from which the legend takes two rows."""
_NAMED = 6
"""At most so many variants are named in a note."""


@dataclass
class _Residue:
    """A residue of one side: its name, its group, and the parts of it that lines end at."""

    key: Any
    name: str
    group: tuple[str, str]
    ports: dict[str, list[int]] = field(default_factory=dict)
    middle: float = 0.0


@dataclass
class _Line:
    """A contact as it is drawn, with the height of its two ends."""

    kind: str
    ends: tuple[Any, Any]
    parts: tuple[str, str]
    donor: str
    atom_pairs: int
    distance: float
    lost: bool
    heights: list[float] = field(default_factory=lambda: [0.0, 0.0])


def draw(given: FigureInput) -> Figure:
    """Draw the contacts of antigen and binder by kind, those that variants lose struck out."""
    m = given.molecule
    if given.structure.interface is None or not m.contacts:
        raise EpitopeError(
            f"figure contacts: no antibody touches {m.structure.target.name} in {m.structure.id}; "
            "load a complex with one"
        )
    failed = [row.error for row in given.assessments if isinstance(row, Failure)]
    if failed and len(failed) == len(given.assessments):
        raise VariantError(f"figure contacts: {failed[0]}")
    table = given.structure.interactions
    variants = [row for row in given.assessments if isinstance(row, Assessment)]
    lost = losses(table, variants)
    whole = np.asarray(lost.all(axis=0) & (len(variants) > 1))
    struck = np.asarray(lost[:, ~whole].any(axis=1))
    lines = _lines(table, struck)
    left, right = _antigen(given, table), _antibody(given, table)
    for number, line in enumerate(lines):
        for side, end, part in zip((left, right), line.ends, line.parts, strict=True):
            side[end].ports.setdefault(part, []).append(number)
    columns = [list(left.values()), _untangled(list(left.values()), list(right.values()), lines)]
    tall = max(_height(column) for column in columns)
    scale = min(1.0, max(_TALLEST / tall, _SMALLEST))
    stumps = any("°" in residue.name for column in columns for residue in column)
    notes = _notes(variants, whole, stumps)
    kinds = [kind for kind in KINDS if any(line.kind == kind for line in lines)]
    rows = 1 if len(kinds) < _IN_A_ROW else 2
    fig = new_figure(given, _TOP + tall * scale + 0.15 + 0.15 * rows + 0.13 * len(notes))
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set_xlim(0, fig.get_figwidth())
    ax.set_ylim(fig.get_figheight(), 0)
    for column in columns:
        _place(column, tall, scale)
    _slots(columns, lines, scale)
    labels = _variant_labels(left, variants, whole)
    page = _Page(ax, scale, columns, fig.get_figwidth(), 0.06 + _LETTER * max(map(len, labels.values()), default=0))
    page.sides(labels, _gone(variants, whole))
    page.lines(lines)
    page.head(given, _headline(given, variants, lost))
    _legend(ax, kinds, rows, notes, struck=bool(struck.any()))
    return fig


def _lines(table: pd.DataFrame, lost: Booleans) -> list[_Line]:
    """Gather the contacts that are drawn as one line: the same residues, parts, kind and donor."""
    ends, parts = ["antigen_position", "antibody_label"], ["antigen_part", "antibody_part"]
    rows = table.assign(lost=lost).groupby([*ends, *parts, "kind", "donor"], sort=False)
    drawn = rows.agg(atom_pairs=("atom_pairs", "sum"), distance_A=("distance_A", "min"), lost=("lost", "all"))
    records: list[dict[str, Any]] = drawn.reset_index().to_dict(orient="records")  # type: ignore[assignment]
    return [
        _Line(
            kind=row["kind"],
            ends=(row[ends[0]], row[ends[1]]),
            parts=(row[parts[0]], row[parts[1]]),
            donor=row["donor"],
            atom_pairs=row["atom_pairs"],
            distance=row["distance_A"],
            lost=row["lost"],
        )
        for row in records
    ]


def _antigen(given: FigureInput, table: pd.DataFrame) -> dict[Any, _Residue]:
    """Return the antigen's residues in order of sequence, grouped by epitope loop."""
    m = given.molecule
    loops = m.structure.epitope.loops
    complete = m.table["side_chain_complete"]
    out = {}
    for position in sorted(set(table["antigen_position"].tolist())):
        number = next((i for i, loop in enumerate(loops) if position in loop), None)
        group = ("", PALETTE.contact) if number is None else (m.loop_range(loops[number]), PALETTE.loop(number))
        stump = complete[position] is not None and not bool(complete[position])
        out[position] = _Residue(position, m.name(position) + "°" * stump, group)
    return out


def _antibody(given: FigureInput, table: pd.DataFrame) -> dict[Any, _Residue]:
    """Return the binder's residues by chain and number, grouped by CDR, or by chain where there is none."""
    held = given.structure.complex
    numbering = held.numbering
    place = ["chain", "author_number", "insertion_code"]
    stumps = set(numbering.loc[numbering["side_chain_complete"].eq(False), place].itertuples(index=False, name=None))
    rows = table.drop_duplicates("antibody_label")
    rows = rows.sort_values(["antibody_chain", "antibody_number", "antibody_insertion_code"])
    out = {}
    names = ("antibody_chain", "antibody_number", "antibody_insertion_code", "antibody_label", "cdr")
    for chain, number, code, label, cdr in zip(*(rows[name] for name in names), strict=True):
        group = cdr.replace("framework", f"{chain} framework") or f"chain {chain}"
        color = PALETTE.heavy if chain not in held.light_chains else PALETTE.light_text
        out[label] = _Residue(label, label + "°" * ((chain, number, code) in stumps), (group, color))
    return out


def _untangled(left: list[_Residue], right: list[_Residue], lines: Sequence[_Line]) -> list[_Residue]:
    """Order the right side so that few lines cross: by the mean height of partners, then by swapping neighbours."""
    rank = {residue.key: place for place, residue in enumerate(left)}
    partners: dict[Any, list[int]] = {residue.key: [] for residue in right}
    for line in lines:
        partners[line.ends[1]].append(rank[line.ends[0]])
    groups = [list(members) for _, members in groupby(sorted(right, key=lambda r: r.group), key=lambda r: r.group)]
    for members in groups:
        members.sort(key=lambda r: float(np.mean(partners[r.key])))
    groups.sort(key=lambda members: float(np.mean([p for r in members for p in partners[r.key]])))
    one = np.array([rank[line.ends[0]] for line in lines])

    def crossings() -> int:
        place = {r.key: number for number, r in enumerate(r for members in groups for r in members)}
        two = np.array([place[line.ends[1]] for line in lines])
        return int(np.sum((one[:, None] < one) & (two[:, None] > two)))

    orders: list[list[Any]] = [groups, *groups]
    best, improved = crossings(), True
    while improved:
        improved = False
        for row in orders:
            for i in range(len(row) - 1):
                row[i], row[i + 1] = row[i + 1], row[i]
                found = crossings()
                if found < best:
                    best, improved = found, True
                else:
                    row[i], row[i + 1] = row[i + 1], row[i]
    return [residue for members in groups for residue in members]


def _port_height(numbers: Sequence[int]) -> float:
    """Return the height of a port in inches: its lines stand apart."""
    return max(_PORT, _SLOT * (len(numbers) + 1))


def _residue_height(residue: _Residue) -> float:
    """Return the height of a residue in inches."""
    return sum(map(_port_height, residue.ports.values()))


def _gaps(column: Sequence[_Residue]) -> list[float]:
    """Return the gap in front of each residue, inches."""
    before = [None, *(residue.group for residue in column)]
    return [
        0.0 if last is None else _RESIDUE_GAP if last == residue.group else _GROUP_GAP
        for last, residue in zip(before, column, strict=False)
    ]


def _height(column: Sequence[_Residue]) -> float:
    """Return the height of a column in inches."""
    return sum(map(_residue_height, column)) + sum(_gaps(column))


def _place(column: Sequence[_Residue], tall: float, scale: float) -> None:
    """Put the residues of a column at their heights, spread to the height of the taller column."""
    spare = tall - _height(column)
    room = min(spare / max(len(column) - 1, 1), _GROUP_GAP)
    y = _TOP + scale * (spare - room * (len(column) - 1)) / 2
    for residue, gap in zip(column, _gaps(column), strict=True):
        y += scale * (gap + (room if residue is not column[0] else 0.0))
        residue.middle = y + scale * _residue_height(residue) / 2
        y += scale * _residue_height(residue)


def _port_middles(residue: _Residue, scale: float) -> Iterable[tuple[str, float, float]]:
    """Yield part, middle and height of each port of a residue, the main chain above."""
    y = residue.middle - scale * _residue_height(residue) / 2
    for part in sorted(residue.ports):
        height = scale * _port_height(residue.ports[part])
        yield part, y + height / 2, height
        y += height


def _slots(columns: Sequence[Sequence[_Residue]], lines: Sequence[_Line], scale: float) -> None:
    """Give each line a place of its own at both ports, in the order of where it comes from."""
    middles = [{(r.key, part): y for r in column for part, y, _ in _port_middles(r, scale)} for column in columns]
    for side, column in enumerate(columns):
        for residue in column:
            for part, y, _ in _port_middles(residue, scale):
                mine = sorted(
                    residue.ports[part],
                    key=lambda n: (
                        middles[1 - side][lines[n].ends[1 - side], lines[n].parts[1 - side]],
                        KINDS.index(lines[n].kind),
                        lines[n].donor,
                    ),
                )
                for place, number in enumerate(mine):
                    lines[number].heights[side] = y + scale * _SLOT * (place - (len(mine) - 1) / 2)


def _gone(variants: Sequence[Assessment], whole: Booleans) -> set[int]:
    """Return the positions that the variants which are drawn take out of the chain."""
    kept = [v for v, all_lost in zip(variants, whole, strict=True) if not all_lost]
    return {p for v in kept for p in v.consequence.change.positions_lost}


def _variant_labels(left: dict[Any, _Residue], variants: Sequence[Assessment], whole: Booleans) -> dict[int, str]:
    """Name the variants that change a residue of the antigen; what a single one deletes is struck out instead."""
    out: dict[int, str] = {}
    for position in left:
        names = []
        for variant, all_lost in zip(variants, whole, strict=True):
            change = variant.consequence.change
            replaced = {s.position for s in change.substitutions}
            touched = replaced | set(change.positions_lost) if len(variants) > 1 else replaced
            if position in touched and not all_lost:
                names.append(short_name(variant, 14))
        names = list(dict.fromkeys(names))
        if names:
            out[position] = names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")
    return out


def _headline(given: FigureInput, variants: Sequence[Assessment], lost: Booleans) -> str:
    """Say what a single variant loses, else which structure is drawn."""
    if len(variants) != 1:
        resolution = given.structure.complex.metadata.resolution_A
        return f"{given.structure.id}, {resolution:.1f} Å" if resolution else f"{given.structure.id}"
    count = int(lost.sum())
    return f"{short_name(variants[0])}: {count or 'none'} of {len(lost)} contacts lost"


def _notes(variants: Sequence[Assessment], whole: Booleans, stumps: bool) -> list[str]:
    """Return the lines of words under the legend."""
    notes = ["m main chain, s side chain. Numbers: distance in Å. Hydrophobic lines are wider the more atoms touch."]
    if stumps:
        notes.append("° Side chain incomplete in the structure: contacts of the atoms that it lacks are not seen.")
    names = list(dict.fromkeys(short_name(v) for v, gone in zip(variants, whole, strict=True) if gone))
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        notes.append(f"Not struck out here, as they lose every contact: {', '.join(names[:_NAMED])}{more}.")
    return notes


@dataclass
class _Page:
    """The axes with its columns, measured in inches from the upper left corner."""

    ax: Axes
    scale: float
    columns: list[list[_Residue]]
    width: float
    labels_width: float

    @property
    def ports(self) -> tuple[float, float]:
        """Middle of the ports on either side."""
        left = self._names(0) + 0.72 + self.labels_width
        right = self.width - self._names(1) - 0.98
        return left, right

    @property
    def ends(self) -> tuple[float, float]:
        """Where lines begin and end."""
        return self.ports[0] + 0.055, self.ports[1] - 0.055

    def _names(self, side: int) -> float:
        """Return the room for the names of one side."""
        return _LETTER * max(len(residue.name) for residue in self.columns[side]) + _PORT_WIDTH

    def size(self, points: float) -> float:
        """Return a size of text on this page."""
        return points * max(self.scale, 0.75)

    def sides(self, labels: dict[int, str], gone: set[int]) -> None:
        """Draw residues, ports and groups of both sides."""
        from matplotlib.patches import FancyBboxPatch

        for side, (column, x, way) in enumerate(zip(self.columns, self.ports, (-1, 1), strict=True)):
            align = "right" if side == 0 else "left"
            near, far = x + way * 0.09, x + way * (self._names(side) + 0.02)
            for residue in column:
                color = residue.group[1]
                text = self.ax.text(
                    near,
                    residue.middle,
                    residue.name,
                    ha=align,
                    va="center",
                    fontsize=self.size(6.2),
                    color=PALETTE.ink,
                )
                if side == 0 and residue.key in gone:
                    wide = text.get_window_extent().transformed(self.ax.transData.inverted()).width
                    self.ax.plot([near, near - wide], [residue.middle] * 2, color=PALETTE.ink, lw=0.8, zorder=10)
                if side == 0 and residue.key in labels:
                    self.ax.text(
                        far, residue.middle, labels[residue.key], ha="right", va="center", fontsize=self.size(5.2),
                        color=PALETTE.neighbour, style="italic",
                    )  # fmt: skip
                for part, y, height in _port_middles(residue, self.scale):
                    box = FancyBboxPatch(
                        (x - 0.045, y - height / 2 + 0.012), 0.09, height - 0.024,
                        boxstyle="round,pad=0,rounding_size=0.02", fc="white", ec=color, lw=0.6, zorder=9,
                    )  # fmt: skip
                    self.ax.add_patch(box)
                    self.ax.text(
                        x, y, part[0], ha="center", va="center", fontsize=self.size(5), color=PALETTE.ink, zorder=10
                    )
            edge = far + way * (self.labels_width if side == 0 else 0.0)
            for (words, color), members in groupby(column, key=lambda r: r.group):
                held = list(members)
                top, bottom = (
                    held[k].middle + sign * self.scale * _residue_height(held[k]) / 2 for k, sign in ((0, -1), (-1, 1))
                )
                if words:
                    self.ax.plot([edge, edge], [top, bottom], color=color, lw=2, solid_capstyle="butt")
                    self.ax.text(
                        edge + way * 0.06, (top + bottom) / 2, words, ha=align, va="center", fontsize=self.size(6.2),
                        color=color, weight="bold",
                    )  # fmt: skip

    def lines(self, lines: Sequence[_Line]) -> None:
        """Draw the contacts, weak kinds first, with distances where they do not cover each other."""
        middle = sum(self.ends) / 2
        taken = [(middle, sum(line.heights) / 2) for line in lines if line.kind == "water-mediated"]
        for number, line in enumerate(lines):
            self._line(line, 10 - KINDS.index(line.kind) * 0.5)
            if line.lost:
                spot = self._spot(line, lines, taken) or (middle, sum(line.heights) / 2)
                taken.append(spot)
                self.ax.plot(*spot, "x", ms=4.8, mew=1.4, color=PALETTE.ink, zorder=13, gid=f"lost-{number}")
        for line in sorted(lines, key=lambda one: KINDS.index(one.kind)):
            if line.lost or line.kind not in _MEASURED:
                continue
            place = self._spot(line, lines, taken)
            if place is not None:
                taken.append(place)
                self.ax.text(
                    *place, f"{line.distance:.1f}", fontsize=self.size(4.8), ha="center", va="center", zorder=12,
                    color=CONTACT_COLOURS[line.kind], bbox={"boxstyle": "square,pad=0.08", "fc": "white", "ec": "none"},
                )  # fmt: skip

    def _line(self, line: _Line, order: float) -> None:
        """Draw one contact."""
        x = self.ends
        from matplotlib.patches import FancyArrowPatch

        style = dict(_LINES[line.kind], color=CONTACT_COLOURS[line.kind.lower()])
        if line.kind == "hydrophobic":
            style["lw"] = 0.5 + 0.45 * min(line.atom_pairs, _MOST_PAIRS)
        if line.lost:
            style["alpha"] = 0.4
        if line.kind == "hydrogen bond":
            arrow = FancyArrowPatch(
                (x[0], line.heights[0]), (x[1], line.heights[1]), arrowstyle=_ARROWS[line.donor], mutation_scale=5.5,
                shrinkA=0, shrinkB=0, zorder=order, **style,
            )  # fmt: skip
            self.ax.add_patch(arrow)
            return
        self.ax.plot(x, line.heights, zorder=order, solid_capstyle="butt", dash_capstyle="butt", **style)
        if line.kind == "water-mediated":
            self.ax.plot(
                sum(x) / 2,
                sum(line.heights) / 2,
                "o",
                ms=4,
                mfc="white",
                mec=style["color"],
                mew=1.0,
                zorder=order + 0.1,
            )
        if line.kind == "cation–π":
            end = 0 if line.donor == "antigen" else 1
            self.ax.plot(x[end], line.heights[end], "o", ms=3, color=style["color"], zorder=order + 0.1)

    def _spot(
        self, line: _Line, lines: Sequence[_Line], taken: list[tuple[float, float]]
    ) -> tuple[float, float] | None:
        """Return where on a line a sign is clear of other signs, and of other lines if possible; else ``None``."""
        free = []
        for t in _PLACES:
            if line.kind == "water-mediated" and t == _PLACES[0]:
                continue
            y = line.heights[0] + t * (line.heights[1] - line.heights[0])
            spot = (self.ends[0] + t * (self.ends[1] - self.ends[0]), y)
            if all(abs(spot[0] - a) > _SIGN[0] or abs(y - b) > _SIGN[1] for a, b in taken):
                others = [o.heights[0] + t * (o.heights[1] - o.heights[0]) for o in lines if o is not line]
                clear = min((abs(y - other) for other in others), default=_CLEAR)
                free.append((min(clear, _CLEAR), spot))
        return max(free, key=lambda item: item[0])[1] if free else None

    def head(self, given: FigureInput, headline: str) -> None:
        """Write who stands on which side, and what a variant loses."""
        m = given.molecule
        binder = m.structure.antibody_name.removeprefix("the ")
        style: dict[str, Any] = {"va": "center", "fontsize": 7.5, "weight": "bold", "color": PALETTE.ink}
        self.ax.text(self.ports[0] + 0.05, 0.15, m.structure.target.name, ha="right", **style)
        self.ax.text(self.ports[1] - 0.05, 0.15, binder[:1].upper() + binder[1:], ha="left", **style)
        self.ax.text(sum(self.ports) / 2, 0.15, headline, ha="center", **style)


def _legend(ax: Axes, kinds: Sequence[str], rows: int, notes: Sequence[str], *, struck: bool) -> None:
    """Draw a sample of each kind that is there, and the notes."""
    from matplotlib.lines import Line2D

    handles = []
    for kind in kinds:
        style = dict(_LINES[kind], color=CONTACT_COLOURS[kind.lower()], label=_SAID.get(kind, kind))
        marker: dict[str, Any] = {"water-mediated": {"marker": "o", "mfc": "white", "ms": 4}}.get(kind, {})
        handles.append(Line2D([], [], **style, **marker))
    if struck:
        handles.append(Line2D([], [], ls="", marker="x", color=PALETTE.ink, ms=4.8, mew=1.4, label="lost"))
    width, height = ax.get_xlim()[1], ax.get_ylim()[0]
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, (0.06 + 0.15 * rows + 0.13 * len(notes)) / height),
        ncols=-(-len(handles) // rows), handlelength=2.6, columnspacing=1.3, handletextpad=0.5, fontsize=6,
        borderpad=0, borderaxespad=0,
    )  # fmt: skip
    for number, note in enumerate(notes):
        y = height - 0.13 * (len(notes) - number) + 0.04
        ax.text(width / 2, y, note, ha="center", va="center", fontsize=5.6, color=PALETTE.neighbour)
