"""The list of figures, the one style, and how a figure becomes a file.

Sizes are those of journals: one column 89 mm, two columns 183 mm. Files carry no date
and no random identifiers. Not for drawing; the neighbours do that.
"""

from __future__ import annotations

import importlib
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from epitope.errors import EpitopeError, MissingDependencyError, OutputError, RendererError, RendererWarning
from epitope.show import pymol
from epitope.show.files import write_together
from epitope.show.molecule import Molecule
from epitope.show.output import PICTURES
from epitope.show.palette import GROUNDS, Ground
from epitope.show.tables import ResultRow

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from epitope.features.dynamics import Dynamics
    from epitope.impact.antibodies import EpitopeComparison

COLUMN_WIDTHS_IN: dict[int, float] = {1: 89 / 25.4, 2: 183 / 25.4}
"""Width of figures over one and two columns, inches."""
_DPI, _LEAST_PIXELS = 300, 1800
"""Dots per inch of bitmaps, doubled where a figure would be less wide than that many pixels."""
RENDERERS = ("auto", "pymol", "flat")
"""What draws a molecule: PyMOL, matplotlib alone, or the first of them that is installed."""
FORMATS = PICTURES
STYLE = Path(__file__).with_name("epitope.mplstyle")


@dataclass(frozen=True)
class FigureInput:
    """What a figure may draw from; each takes what it needs.

    Attributes
    ----------
    structure : epitope.features.MeasuredComplex
        The complex.
    assessments : tuple of Assessment or Failure
        Variants to mark.
    columns : int
        1 or 2, for the width.
    renderer : str
        "pymol" or "flat", what draws the molecule in figures that show it.
    site : tuple of int
        UniProt positions that a figure about a site is about.
    isoform : str
        Name of the RNA event of a figure about isoforms, empty for all.
    atlas, cohort, junctions : pandas.DataFrame or None
        Tables of other commands.
    comparison : epitope.impact.antibodies.EpitopeComparison or None
        Epitopes side by side.
    dynamics : epitope.features.dynamics.Dynamics or None
        Frames of a trajectory.
    surface : bool
        Whether the molecular surface of the antigen is around the molecule.
    """

    structure: Any
    assessments: tuple[ResultRow, ...] = ()
    columns: int = 2
    renderer: str = "flat"
    site: tuple[int, ...] = ()
    isoform: str = ""
    atlas: pd.DataFrame | None = None
    cohort: pd.DataFrame | None = None
    junctions: pd.DataFrame | None = None
    comparison: EpitopeComparison | None = None
    dynamics: Dynamics | None = None
    surface: bool = False

    @property
    def molecule(self) -> Molecule:
        """The complex as arrays."""
        return Molecule.of(self.structure)

    @property
    def width(self) -> float:
        """Width in inches."""
        return COLUMN_WIDTHS_IN[self.columns]


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that can be asked for by name.

    ``where`` is ``module:function``; ``needs`` names the inputs it cannot do without,
    ``columns`` is the usual width in journal columns and ``widths`` all that it is laid out for;
    ``plain`` says that variants are marked only where some are named, not those of the first cohort.
    ``still`` says that it shows the molecule, by one of `RENDERERS`; ``dark`` that it can stand on
    a dark ground, as every still can.
    """

    name: str
    title: str
    where: str
    needs: tuple[str, ...] = ()
    columns: int = 2
    widths: tuple[int, ...] = (1, 2)
    plain: bool = False
    still: bool = False
    dark: bool = False

    def draw(self, given: FigureInput) -> Figure:
        """Import the figure's module and draw."""
        module, function = self.where.split(":")
        drawer = getattr(importlib.import_module(f"epitope.show.figures.{module}"), function)
        return cast("Callable[[FigureInput], Figure]", drawer)(given)


FIGURES: dict[str, FigureKind] = {
    kind.name: kind
    for kind in (
        FigureKind("lollipop", "Variants along the protein", "lollipop:draw", dark=True),
        FigureKind("distance-map", "Residue–residue distances", "maps:distance_map", columns=1),
        FigureKind("contact-map", "Contacts of antigen and binder by type", "maps:contact_map", widths=(2,)),
        FigureKind(
            "contacts", "Contact diagram: which residue holds which, and how", "contacts:draw", widths=(2,), plain=True
        ),
        FigureKind("burial", "Burial free and bound", "burial:draw", widths=(2,)),
        FigureKind("site", "Distances around a site", "site:draw"),
        FigureKind("isoforms", "RNA events on the protein", "isoforms:draw", widths=(2,)),
        FigureKind("atlas", "Every substitution", "atlas:draw", needs=("atlas",), widths=(2,)),
        FigureKind("cohort", "Mechanisms of antigen loss by sample", "cohort:draw", needs=("cohort",), widths=(2,)),
        FigureKind("junctions", "Use of an isoform's junction", "junctions:draw", needs=("junctions",), columns=1),
        FigureKind("barcode", "Epitopes side by side", "barcode:draw", needs=("comparison",), widths=(2,)),
        FigureKind("binders", "What each binder touches and needs", "binders:draw", widths=(2,)),
        FigureKind(
            "paper",
            "Variants, complex, epitope, a site and an RNA event in one",
            "paper:draw",
            widths=(2,),
            still=True,
        ),
        FigureKind("overview", "The complex", "molecule:overview", columns=1, still=True),
        FigureKind("epitope", "The epitope", "molecule:epitope", columns=1, still=True),
        FigureKind("interface", "Both sides of the interface", "molecule:interface", columns=1, still=True),
        FigureKind("site-3d", "A site and its neighbours in space", "molecule:site", columns=1, still=True),
        FigureKind("disulfides", "The disulfides", "molecule:disulfides", columns=1, still=True),
        FigureKind(
            "isoform",
            "What an RNA event removes; also by the event's name",
            "molecule:isoform",
            columns=1,
            still=True,
        ),
        FigureKind("dynamics", "Quantities along a trajectory", "dynamics:draw", needs=("dynamics",), widths=(2,)),
        FigureKind("occupancy", "Contacts by share of frames", "dynamics:occupancy", needs=("dynamics",), widths=(2,)),
        FigureKind("rmsf", "Fluctuation along sequences", "dynamics:fluctuations", needs=("dynamics",), widths=(2,)),
        FigureKind(
            "rmsf-3d", "Fluctuation on the molecule", "molecule:rmsf", needs=("dynamics",), columns=1, still=True
        ),
        FigureKind("atlas-3d", "ΔΔG on the molecule", "molecule:atlas", needs=("atlas",), columns=1, still=True),
    )
}


_FROM_SHELL = {
    "atlas": "epitope scan --out DIR",
    "cohort": "--cohort FILE",
    "junctions": "--junctions FILE",
    "comparison": "epitope compare A B --figure FILE",
    "dynamics": "epitope dynamics --topology T --trajectory X --out DIR",
}
"""How the command line gives a figure its table."""


def figure(
    name: str,
    structure: Any,
    assessments: Sequence[ResultRow] = (),
    *,
    columns: int | None = None,
    renderer: str = "flat",
    ground: str = "light",
    site: int | Sequence[int] = (),
    isoform: str = "",
    atlas: pd.DataFrame | None = None,
    cohort: pd.DataFrame | None = None,
    junctions: pd.DataFrame | None = None,
    comparison: EpitopeComparison | None = None,
    dynamics: Dynamics | None = None,
    surface: bool = False,
) -> Figure:
    """Draw one figure.

    Parameters
    ----------
    name : str
        One of `FIGURES`, or the name of an RNA event of the target.
    structure : epitope.features.MeasuredComplex
        The complex.
    assessments : sequence of Assessment or Failure
        Variants to mark.
    columns : int, optional
        Width in journal columns, 1 (89 mm) or 2 (183 mm); default the one it was laid out for.
    renderer : {"flat", "pymol", "auto"}
        What draws the molecule in figures that show it; see `chosen_renderer`.
    ground : {"light", "dark"}
        What it is drawn on; dark for figures that show the molecule and for ``lollipop``.
    site : int or sequence of int
        UniProt positions for ``site``; default the first variant's, or the example of the target's pack.
    isoform : str
        One RNA event for ``isoforms``, default all, and for ``isoform``, default the first.
    atlas, cohort, junctions : pandas.DataFrame, optional
        What the figures of these names draw.
    comparison : EpitopeComparison, optional
        What the figure ``barcode`` draws.
    dynamics : Dynamics, optional
        What the figures of a trajectory draw, as from `epitope.dynamics`.
    surface : bool
        Draw the molecular surface of the antigen, translucent, in figures that show the molecule; by PyMOL alone.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    EpitopeError
        If there is no such figure, what it needs was not given, or it has no molecule to draw a surface of.
    RendererError
        If PyMOL fails and was asked for.

    Warns
    -----
    RendererWarning
        If the renderer is ``auto`` and PyMOL fails, so that the molecule is drawn flat; or if a surface is left out.
    """
    if name.casefold() in {event.name.casefold() for event in structure.target.isoforms}:
        name, isoform = "isoform", name
    if name not in FIGURES:
        raise EpitopeError(f"no figure {name!r}; choose one of {', '.join(FIGURES)}")
    kind = FIGURES[name]
    tables: dict[str, Any] = {
        "atlas": atlas,
        "cohort": cohort,
        "junctions": junctions,
        "comparison": comparison,
        "dynamics": dynamics,
    }
    for need in kind.needs:
        if tables[need] is None:
            raise EpitopeError(
                f"figure {name}: needs the table {need!r}; give {need}=… or, in a shell, {_FROM_SHELL[need]}"
            )
    if columns not in (None, *kind.widths):
        choice = " or ".join(map(str, kind.widths))
        raise EpitopeError(f"figure {name}: is not laid out for columns={columns}; choose {choice}")
    if ground not in GROUNDS:
        raise EpitopeError(f"no ground {ground!r}; choose one of {', '.join(GROUNDS)}")
    if ground == "dark" and not (kind.still or kind.dark):
        able = ", ".join(known for known, other in FIGURES.items() if other.still or other.dark)
        raise EpitopeError(f"figure {name}: is drawn on a light ground only; on a dark one {able}")
    positions = (site,) if isinstance(site, int) else tuple(site)
    shown_by = chosen_renderer(name, renderer) or "flat"
    if surface and not kind.still:
        raise EpitopeError(f"figure {name}: shows no molecule, so it has no surface; leave --surface out")
    if surface and shown_by == "flat":
        told = f"figure {name}: a surface is drawn by PyMOL alone (pip install 'epitope[figures]'), and is left out."
        warnings.warn(told, RendererWarning, stacklevel=2)
    given = FigureInput(
        structure,
        tuple(assessments),
        columns or kind.columns,
        shown_by,
        positions,
        isoform,
        **tables,
        surface=surface and shown_by == "pymol",
    )
    with styled(GROUNDS[ground]):
        try:
            return kind.draw(given)
        except RendererError as error:
            if renderer != "auto":
                raise RendererError(f"figure {name}: {error}; give --renderer flat, or install PyMOL anew") from error
            drawn = "flat, without surface" if surface else "flat"
            told = f"figure {name}: {error}; the molecule is drawn by matplotlib, {drawn}."
            warnings.warn(told, RendererWarning, stacklevel=2)
            return kind.draw(replace(given, renderer="flat", surface=False))


def chosen_renderer(name: str, renderer: str = "auto") -> str:
    """Return what draws the molecule in a figure.

    Parameters
    ----------
    name : str
        One of `FIGURES`; any other is the name of an RNA event.
    renderer : {"auto", "pymol", "flat"}
        ``auto`` is PyMOL where it is installed.

    Returns
    -------
    str
        ``"pymol"`` or ``"flat"``, empty for a figure without a molecule.

    Raises
    ------
    EpitopeError
        If there is no such renderer, or PyMOL is asked for and not installed.

    Examples
    --------
    >>> chosen_renderer("overview", "flat"), chosen_renderer("burial", "auto")
    ('flat', '')
    """
    if renderer not in RENDERERS:
        raise EpitopeError(f"no renderer {renderer!r}; choose one of {', '.join(RENDERERS)}")
    if name in FIGURES and not FIGURES[name].still:
        return ""
    if renderer == "pymol" and not pymol.installed():
        raise MissingDependencyError(f"figure {name}: PyMOL is not installed; pip install 'epitope[figures]'")
    return "pymol" if renderer != "flat" and pymol.installed() else "flat"


@contextmanager
def styled(ground: Ground = GROUNDS["light"]) -> Iterator[None]:
    """Draw and save in the package's one style, whatever the user's settings."""
    import matplotlib as mpl

    settings = dict(_settings())
    settings |= dict.fromkeys(("figure.facecolor", "axes.facecolor"), ground.paper)
    settings |= dict.fromkeys(("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), ground.ink)
    settings |= dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), ground.axis)
    # Checking a setting takes matplotlib longer than looking whether it is as it should be.
    present: Any = mpl.rcParams
    changed: Any = {name: value for name, value in settings.items() if present[name] != value}
    with mpl.rc_context(changed):
        yield


def drawn_on(fig: Figure | None = None) -> Ground:
    """Return what a figure is drawn on, or what the present style is for."""
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    paper = to_hex(mpl.rcParams["figure.facecolor"] if fig is None else fig.get_facecolor()).upper()
    return next((ground for ground in GROUNDS.values() if ground.paper == paper), GROUNDS["light"])


@cache
def _settings() -> dict[str, Any]:
    """Return matplotlib's own defaults with the package's style, without the backend, which is not ours to choose."""
    import matplotlib as mpl
    from matplotlib import rc_params_from_file

    usual: Any = mpl.rcParamsDefault
    kept = {k: v for k, v in usual.items() if not k.startswith("backend") and k != "interactive"}
    return {**kept, **rc_params_from_file(STYLE, use_default_template=False)}


def new_figure(given: FigureInput, height: float) -> Figure:
    """Return an empty figure of the input's width and a height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(given.width, height))
    FigureCanvasAgg(made)
    return made


_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "epitope"},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": "epitope", "Producer": "matplotlib"},
}


def figure_bytes(drawn: Figure, file_format: str, *, dpi: int | None = None) -> bytes:
    """Return a figure as the bytes of a PNG, SVG or PDF file; the same figure gives the same bytes.

    ``dpi`` is by default that of print: 300 over two columns, 600 over one, more than 1800 pixels either way.
    """
    dpi = dpi or (_DPI if drawn.get_figwidth() * _DPI >= _LEAST_PIXELS else 2 * _DPI)
    buffer = io.BytesIO()
    with styled(drawn_on(drawn)):
        drawn.savefig(buffer, format=file_format, dpi=dpi, metadata=_METADATA[file_format])
    return buffer.getvalue()


def svg_text(drawn: Figure, *, dpi: int | None = None) -> str:
    """Return a figure as SVG with its text as text; ``dpi`` counts for its images."""
    return figure_bytes(drawn, "svg", dpi=dpi).decode()


def save_figure(drawn: Figure, path: Path | str, formats: Sequence[str] = ()) -> list[Path]:
    """Write a figure.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure
        As from `figure`.
    path : Path or str
        Where to; the ending chooses the format.
    formats : sequence of str
        Write several, each with its own ending: any of png, svg, pdf.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If the format is unknown or a file cannot be written.
    """
    path = Path(path)
    targets = [path.with_name(f"{path.name}.{f}") for f in formats] if formats else [path]
    return write_together(path.parent, {target.name: figure_bytes(drawn, _kind(target)) for target in targets})


def _kind(path: Path) -> str:
    """Return the format that a name tells."""
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise OutputError(f"{path}: no figure format {kind!r}; end the name in .png, .svg or .pdf")
    return kind
