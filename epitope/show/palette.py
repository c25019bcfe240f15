"""The one palette, and the words that go with its colours.

Every renderer, figure and page takes its colours from here, so that a loop looks the
same in a figure, in PyMOL and in the report. The hues come from Paul Tol's vibrant and
muted schemes (SRON technical note SRON/EPS/TN/09-002, 2021), which stay apart under
the common forms of colour blindness; a test simulates them. Colour never stands alone:
each verdict has a word and a mark. Not for drawing; renderers do that.
"""

from __future__ import annotations

from dataclasses import dataclass

from epitope.impact.verdicts.model import Verdict


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by meaning, as ``#RRGGBB``.

    Examples
    --------
    >>> PALETTE.loop(0) == PALETTE.loops[0] == PALETTE.loop(len(PALETTE.loops))
    True
    """

    antigen: str = "#AEB6C1"
    heavy: str = "#0077BB"
    light: str = "#33BBEE"
    light_text: str = "#1A7FA3"
    loops: tuple[str, ...] = ("#CC6677", "#EE7733", "#AA4499", "#999933", "#332288")
    contact: str = "#332288"
    disulfide: str = "#DDCC00"
    glycan: str = "#44AA99"
    lost: str = "#D8B4C4"
    unobserved: str = "#8A9099"
    neighbour: str = "#5B6470"
    ink: str = "#20242A"
    paper: str = "#FFFFFF"
    strand: str = "#6E7B8B"
    helix: str = "#9AA5B1"

    def loop(self, index: int) -> str:
        """Return the colour of the ``index``-th epitope loop, starting over when they run out."""
        return self.loops[index % len(self.loops)]


PALETTE = Palette()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a figure is drawn on: the colours of paper, of words, of axes, and of outlines of the molecule.

    ``pale`` is the share of paper in the colour of what must not catch the eye.
    """

    paper: str
    ink: str
    axis: str
    outline: str
    pale: float


GROUNDS: dict[str, Ground] = {
    "light": Ground(PALETTE.paper, PALETTE.ink, "#3A4048", "#4D4D4D", 0.55),
    "dark": Ground("#10141A", "#E8EBEF", "#B4BBC4", "#59616B", 0.3),
}

VERDICT_COLOURS: dict[Verdict, str] = {
    Verdict.INTACT: "#117755",
    Verdict.AT_RISK: "#DDAA33",
    Verdict.LOST: "#882255",
    Verdict.NOT_ASSESSABLE: "#808790",
}

VERDICT_MARKS: dict[Verdict, str] = {
    Verdict.INTACT: "●",
    Verdict.AT_RISK: "▲",
    Verdict.LOST: "✕",
    Verdict.NOT_ASSESSABLE: "?",
}

VERDICT_ORDER: tuple[Verdict, ...] = (
    Verdict.LOST,
    Verdict.AT_RISK,
    Verdict.NOT_ASSESSABLE,
    Verdict.INTACT,
)

CONTACT_COLOURS: dict[str, str] = {
    "salt bridge": "#882255",
    "hydrogen bond": "#0077BB",
    "cation–π": "#AA4499",
    "π-stacking": "#777722",
    "water-mediated": "#44AA99",
    "hydrophobic": "#DDAA33",
    "van der waals": "#A7AEB8",
}


def as_text(color: str, paper: str = PALETTE.paper, contrast: float = 4.5) -> str:
    """Return a colour made darker, or lighter on dark paper, until words in it can be read (WCAG 2 contrast).

    Shapes need less contrast than words.

    Examples
    --------
    >>> as_text("#882255"), as_text("#DDAA33")
    ('#882255', '#906E21')
    >>> as_text("#332288", "#10141A"), as_text("#DDAA33", "#10141A")
    ('#857AB8', '#DDAA33')
    """
    far = "#000000" if _luminance(paper) > 0.5 else "#FFFFFF"
    share, shown = 0.0, color
    while _contrast(shown, paper) < contrast:
        share += 0.05
        shown = mixed(color, far, share)
    return shown


def ink_on(color: str) -> str:
    """Return the palette's ink or paper, whichever reads better on a filled ground (WCAG 2 contrast).

    Examples
    --------
    >>> ink_on("#882255"), ink_on("#DDAA33")
    ('#FFFFFF', '#20242A')
    """
    return max((PALETTE.ink, PALETTE.paper), key=lambda text: _contrast(text, color))


def mixed(color: str, other: str, share: float) -> str:
    """Return a colour mixed with a share of another.

    Examples
    --------
    >>> mixed("#000000", "#FFFFFF", 0.2), mixed("#0077BB", "#FFFFFF", 0)
    ('#333333', '#0077BB')
    """
    pairs = ((int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + min(share, 1.0) * (b - a)):02X}" for a, b in pairs)


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance of ``#RRGGBB``, as WCAG 2 defines it."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def worst(*verdicts: Verdict) -> Verdict:
    """Return the gravest of several verdicts, for choosing one colour of a site.

    Examples
    --------
    >>> worst(Verdict.INTACT, Verdict.LOST, Verdict.AT_RISK).value
    'lost'
    """
    return min(verdicts, key=VERDICT_ORDER.index)
