"""What goes into each picture: from a complex and its assessments to a `Scene`.

One function per preset, registered by name in `PRESETS`; `scene` is the way in. The
presets decide what is shown and in which colour; how it is drawn is the renderers'
business, and what it means was decided by the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from epitope.errors import EpitopeError
from epitope.features.contacts import SALT_BRIDGE_A, hydrogen_bonds, pairs_between, salt_bridges
from epitope.impact.verdicts.model import Assessment, Verdict
from epitope.show.molecule import Molecule
from epitope.show.palette import CONTACT_COLOURS, GROUNDS, PALETTE, VERDICT_COLOURS, Ground, as_text, mixed, worst
from epitope.show.scene import (
    Camera,
    Label,
    Line,
    Representation,
    Scene,
    Selection,
    Style,
    framed,
    interface_camera,
    point,
)
from epitope.show.tables import ResultRow
from epitope.variant.model import ChangeKind, Consequence, ProteinChange

if TYPE_CHECKING:
    from epitope.target.model import Isoform

_TRUNCATING = {ChangeKind.FRAMESHIFT, ChangeKind.NONSENSE, ChangeKind.STOP_LOSS}
_LARGE_DELETION = 10
"""Deletions of more residues are a stretch, marked at their ends, not a site."""
_BEFORE_SITE_A = 3.0
"""A still of a site shows so much before it."""
_NEIGHBOURHOOD_A = 5.0
"""Heavy-atom distance within which a residue counts as a site's neighbour in pictures."""


@dataclass(frozen=True, slots=True)
class SiteView:
    """Where a variant sits on the molecule.

    ``positions`` are UniProt positions, ``shown`` those with coordinates or, when there
    are none, the nearest that has (``approximate``). ``row`` is the row of the table.
    """

    row: int
    label: str
    positions: tuple[int, ...]
    shown: tuple[int, ...]
    verdict: Verdict
    approximate: bool = False


def sites(molecule: Molecule, rows: Iterable[ResultRow]) -> list[SiteView]:
    """Return the place of every assessed variant that touches the observed protein or its flanks."""
    out = []
    for number, row in enumerate(rows):
        if not isinstance(row, Assessment):
            continue
        positions = site_positions(row)
        if not positions:
            continue
        shown = tuple(p for p in positions if molecule.has(p))
        if not shown:
            shown = _ends_of_loss(molecule, row)
        near = shown or (molecule.nearest_observed(positions[0]),)
        verdict = worst(row.antigen, row.fold, row.epitope)
        out.append(SiteView(number, short_name(row), positions, near, verdict, approximate=not shown))
    return out


def _ends_of_loss(molecule: Molecule, assessment: Assessment) -> tuple[int, ...]:
    """Return the first and last observed residue of a long deletion, nothing for other variants."""
    lost = [p for p in assessment.consequence.change.positions_lost if molecule.has(p)]
    truncated = assessment.consequence.change.kind in _TRUNCATING
    return (lost[0], lost[-1]) if len(lost) > _LARGE_DELETION and not truncated else ()


def site_positions(assessment: Assessment) -> tuple[int, ...]:
    """Return the UniProt positions that a variant's picture is about.

    A truncation is shown where it begins, a long deletion by its first and last residue, several
    changes of one allele by those of each.
    """
    return tuple(p for change in assessment.consequence.changes for p in change_positions(change))


def change_positions(change: ProteinChange) -> tuple[int, ...]:
    """Return the positions by which one change is shown."""
    if change.substitutions:
        return tuple(s.position for s in change.substitutions)
    if change.start is None:
        return ()
    end = change.end if change.end is not None else change.start
    if change.kind in _TRUNCATING:
        return (change.start,)
    if end - change.start >= _LARGE_DELETION:
        return (change.start, end)
    return tuple(range(change.start, end + 1))


def short_name(assessment: Assessment, limit: int = 28) -> str:
    """Return a name that fits a label: the protein name, else what was written."""
    return name_of_consequence(assessment.consequence, limit)


def name_of_consequence(consequence: Consequence, limit: int = 28) -> str:
    """Return a name of what a variant does that fits a label; see `short_name`."""
    name = consequence.isoform or consequence.hgvs_p or consequence.variant.text
    if name in ("p.?", ""):
        name = consequence.variant.text
    return fitted(" ".join(name.split()).removeprefix("p."), limit)


def fitted(name: str, limit: int) -> str:
    """Cut a name to the length of a label.

    Examples
    --------
    >>> fitted("Met1_Leu151del", 10)
    'Met1_Leu1…'
    """
    return name if len(name) <= limit else name[: limit - 1] + "…"


def scene(
    structure: Any,
    preset: str = "overview",
    assessments: Sequence[ResultRow] = (),
    *,
    site: int | Sequence[int] | None = None,
    isoform: str = "",
    values: Mapping[int, float] | None = None,
    unit: str = "",
) -> Scene:
    """Describe one picture of the complex.

    Parameters
    ----------
    structure : epitope.features.MeasuredComplex
        The complex to draw.
    preset : str
        One of `PRESETS`: overview, epitope, interface, site, disulfides, isoform, atlas; or the name of an
        RNA event of the target.
    assessments : sequence of Assessment or Failure
        Variants to mark.
    site : int or sequence of int, optional
        UniProt positions that the ``site`` preset is about; default those of the first
        assessment.
    isoform : str
        Which RNA event the ``isoform`` preset shows; default the first of the target.
    values : mapping of int to float, optional
        A number per UniProt position, for ``atlas``.
    unit : str
        Unit of ``values``, for the legend.

    Returns
    -------
    Scene

    Raises
    ------
    EpitopeError
        If there is no such preset, or what it needs was not given.
    """
    if preset.casefold() in {event.name.casefold() for event in structure.target.isoforms}:
        preset, isoform = "isoform", preset
    if preset not in PRESETS:
        raise EpitopeError(f"no preset {preset!r}; choose one of {', '.join(PRESETS)}")
    molecule = Molecule.of(structure)
    request = _Request(molecule, tuple(assessments), _as_positions(site), isoform, values, unit)
    return PRESETS[preset](request)


@dataclass(frozen=True, slots=True)
class _Request:
    """What a preset is asked to show."""

    molecule: Molecule
    assessments: tuple[ResultRow, ...]
    site: tuple[int, ...]
    isoform: str
    values: Mapping[int, float] | None
    unit: str


def _as_positions(site: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return positions as a tuple, whatever way they were given."""
    if site is None:
        return ()
    return (site,) if isinstance(site, int) else tuple(site)


# --- parts that several presets share ------------------------------------------------------------


def _cartoon(
    selections: Iterable[Selection], color: str, meaning: str = "", opacity: float = 1.0
) -> list[Representation]:
    """Return a cartoon per selection."""
    return [Representation(s, Style.CARTOON, color, meaning, opacity) for s in selections]


def _antigen(m: Molecule, opacity: float = 1.0) -> list[Representation]:
    """Return the antigen's chains as cartoon."""
    return _cartoon(m.selections(m.observed), PALETTE.antigen, m.structure.target.name, opacity)


def _antibody(m: Molecule, opacity: float = 1.0) -> list[Representation]:
    """Return heavy and light chains, or what else binds, as cartoon."""
    roles = m.structure.complex.roles
    parts = (
        (roles.heavy, PALETTE.heavy, "heavy chain"),
        (roles.light, PALETTE.light, "light chain"),
        (roles.others, PALETTE.light, roles.word),
    )
    return [
        shown
        for chains, color, meaning in parts
        for shown in _cartoon([Selection(chain) for chain in chains], color, meaning, opacity)
    ]


def _loops(m: Molecule) -> list[Representation]:
    """Return the loops of the epitope as cartoon, one colour each."""
    out: list[Representation] = []
    for i, loop in enumerate(m.structure.epitope.loops):
        out += _cartoon(m.selections(loop.positions), PALETTE.loop(i), f"loop {m.loop_range(loop)}")
    return out


def _sticks(m: Molecule, positions: Iterable[int], color: str, meaning: str = "") -> list[Representation]:
    """Return residues as sticks, carbon in ``color``."""
    return [
        Representation(s, Style.STICK, color, meaning, by_element=True)
        for s in m.selections(tuple(sorted(set(positions))))
    ]


def _disulfides(m: Molecule) -> list[Representation]:
    """Return the disulfides of the target as sticks."""
    ends = [p for bond in m.structure.target.disulfides for p in (bond.first, bond.second)]
    return [Representation(s, Style.STICK, PALETTE.disulfide, "disulfide") for s in m.selections(sorted(ends))]


def _gaps(m: Molecule) -> list[Line]:
    """Return a dashed line over every stretch without coordinates."""
    return [Line(point(m.ca(a)), point(m.ca(b)), PALETTE.unobserved, meaning="not observed") for a, b in m.gap_ends()]


def _variant_marks(
    m: Molecule, rows: Sequence[ResultRow], *, labelled: bool = True
) -> tuple[list[Representation], list[Label]]:
    """Return spheres at the variant sites, coloured by the gravest verdict, and their labels."""
    by_position: dict[int, list[SiteView]] = {}
    for site in sites(m, rows):
        by_position.setdefault(site.shown[0], []).append(site)
    marks: list[Representation] = []
    labels: list[Label] = []
    for position, here in sorted(by_position.items()):
        verdict = worst(*(s.verdict for s in here))
        color = VERDICT_COLOURS[verdict]
        for selection in m.selections([position]):
            ca = Selection(selection.chain, selection.residues, ("CA",))
            marks.append(Representation(ca, Style.SPHERE, color, f"variant: {verdict}"))
        names = list(dict.fromkeys(s.label for s in here))
        text = names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")
        if here[0].approximate:
            text += " (not observed)"
        if labelled:
            labels.append(Label(text, point(m.ca(position)), color, position, prominent=True))
    return marks, labels


def _loop_labels(m: Molecule) -> list[Label]:
    """Return a label at the middle of each loop of the epitope."""
    out = []
    for i, loop in enumerate(m.structure.epitope.loops):
        seen = [p for p in loop.positions if m.has(p)]
        if seen:
            middle = seen[len(seen) // 2]
            out.append(Label(m.loop_range(loop), m.tip(middle), PALETTE.loop(i), middle))
    return out


def _camera(m: Molecule, tilt_deg: float = 22.0, *, antibody: bool = True) -> Camera:
    """Return the camera on the whole complex, or on the antigen alone."""
    import numpy as np

    shown = np.vstack([m.antigen.positions, m.antibody.positions]) if antibody else m.antigen.positions
    return interface_camera(m.axes, shown, tilt_deg=tilt_deg)


def _named(m: Molecule, positions: Iterable[int]) -> list[Label]:
    """Return the names of residues with coordinates."""
    return [Label(m.name(p), m.tip(p), PALETTE.ink, p) for p in positions if m.has(p)]


def _bond_lengths(m: Molecule) -> list[Line]:
    """Return a line with its length over each disulfide seen."""
    seen = [bond for bond in m.structure.target.disulfides if m.has(bond.first) and m.has(bond.second)]
    ends = [m.closest_points(bond.first, bond.second) for bond in seen]
    return [Line(start, end, PALETTE.ink, f"{value:.2f} Å", meaning="SG–SG distance") for start, end, value in ends]


def _touching(m: Molecule) -> list[Representation]:
    """Return the residues of both sides that are in contact, as sticks."""
    in_loops = {p for loop in m.structure.epitope.loops for p in loop.positions}
    outside = [p for p in m.contacts if p not in in_loops]
    parts = _contact_sticks(m, m.contacts)
    parts += _sticks(m, outside, PALETTE.contact, f"contact outside the {m.structure.epitope.origin} loops")
    for selection in m.paratope():
        heavy = selection.chain in m.structure.complex.heavy_chains
        color = PALETTE.heavy if heavy else PALETTE.light
        parts.append(Representation(selection, Style.STICK, color, by_element=True))
    return parts


def layers(structure: Any) -> dict[str, Scene]:
    """Return what can be shown or hidden in any picture of a complex.

    Parameters
    ----------
    structure : epitope.features.MeasuredComplex
        The complex to draw.

    Returns
    -------
    dict of str to Scene
        ``binder``, ``loops``, ``contacts``, ``disulfides`` and ``surface``, those that there are; the title is
        the word for it.

    Examples
    --------
    >>> import epitope
    >>> [layer.title for layer in layers(epitope.load()).values()]
    ['antibody', 'loops', 'contacts', 'disulfides', 'surface']
    """
    m = Molecule.of(structure)
    bonded = [p for bond in structure.target.disulfides for p in (bond.first, bond.second)]
    parts: dict[str, tuple[str, list[Representation], list[Label], list[Line]]] = {
        "binder": (structure.complex.roles.word, _antibody(m), [], []),
        "loops": ("loops", _loops(m), _loop_labels(m), []),
        "contacts": ("contacts", _touching(m), _named(m, m.contacts), _bonds(m)),
        "disulfides": ("disulfides", _disulfides(m), _named(m, bonded), _bond_lengths(m)),
        "surface": ("surface", _surface(m, 0.6), [], []),
    }
    return {
        name: Scene(name, title, "", structure.id, tuple(shown), _camera(m), tuple(labels), tuple(lines))
        for name, (title, shown, labels, lines) in parts.items()
        if shown
    }


def _surface(m: Molecule, opacity: float) -> list[Representation]:
    """Return the molecular surface of the antigen."""
    return [Representation(s, Style.SURFACE, PALETTE.antigen, opacity=opacity) for s in m.selections(m.observed)]


def with_surface(picture: Scene, molecule: Molecule) -> Scene:
    """Return a scene for a still with the molecular surface of the antigen around what it shows.

    Parameters
    ----------
    picture : Scene
    molecule : Molecule
        What it was made from.
    """
    surface = _surface(molecule, _STILL_SURFACE_OPACITY)
    return replace(picture, representations=(*picture.representations, *surface))


_STILL_SURFACE_OPACITY = 0.35
"""What is inside must be seen on paper, where nobody can take the surface away."""


# --- the presets ---------------------------------------------------------------------------------


def _overview(request: _Request) -> Scene:
    """The whole complex, with loops, disulfides, gaps and variants."""
    m = request.molecule
    marks, labels = _variant_marks(m, request.assessments)
    return Scene(
        name="overview",
        title=f"{m.structure.target.name} in complex with its {m.structure.complex.roles.word} ({m.structure.id})",
        description=f"The antigen with its {m.structure.epitope.origin} epitope loops, disulfides and unobserved "
        f"stretches; the {m.structure.complex.roles.word} above it. Spheres mark the variants.",
        structure_id=m.structure.id,
        representations=(*_antigen(m), *_antibody(m), *_loops(m), *_disulfides(m), *marks),
        camera=_camera(m, tilt_deg=6.0),
        labels=(*labels, *_loop_labels(m)),
        lines=tuple(_gaps(m)),
        focus=tuple(p for s in sites(m, request.assessments) for p in s.shown),
    )


def _epitope(request: _Request) -> Scene:
    """The contact region, loops against computed contacts."""
    import numpy as np

    m = request.molecule
    contacts = m.contacts
    in_loops = {p for loop in m.structure.epitope.loops for p in loop.positions}
    origin, word = m.structure.epitope.origin, m.structure.complex.roles.word
    parts = [*_antigen(m), *_antibody(m, opacity=0.35), *_loops(m), *_touching(m)]
    near = [p for p in m.observed if p in in_loops or p in contacts]
    shown = np.vstack([m.atoms(p) for p in near]) if near else m.antigen.positions
    labels = [*_loop_labels(m), *_named(m, contacts)]
    return Scene(
        name="epitope",
        title="The epitope",
        description=f"{len(contacts)} residues within 4 Å of the {word} as sticks, on the {origin} loops; "
        f"those outside the loops in their own colour. The {word} is translucent.",
        structure_id=m.structure.id,
        representations=tuple(parts),
        camera=interface_camera(m.axes, shown, tilt_deg=38, margin_A=6),
        labels=tuple(labels),
        lines=(*_gaps(m), *_bonds(m)),
        focus=tuple(contacts),
    )


def _interface(request: _Request) -> Scene:
    """Both sides of the interface, seen along its plane, with its hydrogen bonds and salt bridges."""
    import numpy as np

    m = request.molecule
    word = m.structure.complex.roles.word
    bound = m.contacts
    partners = m.paratope()
    if not partners:
        raise EpitopeError(f"preset interface: nothing touches {m.structure.target.name} in {m.structure.id}")
    parts = [*_antigen(m), *_antibody(m, opacity=0.35), *_loops(m), *_touching(m)]
    shown = [m.atoms(p) for p in bound]
    bonds = _bonds(m)
    ends = np.array([line.end for line in bonds]).reshape(-1, 3)
    labels = _named(m, bound)
    for i, (name, middle) in m.binder_residues(partners).items():
        atoms = m.antibody.positions[m.antibody.residue == i]
        shown.append(atoms)
        # Only those with a bond are named: there are too many others.
        if len(ends) and np.min(np.linalg.norm(atoms[:, None] - ends, axis=2)) < 0.01:
            labels.append(Label(name, point(middle), PALETTE.heavy, None))
    return Scene(
        name="interface",
        title=f"The interface of {m.structure.target.name} and its {word}",
        description=f"Residues of either side within 4 Å of the other as sticks, the possible hydrogen bonds and "
        f"salt bridges dashed; of the {word} those with a bond are named, with their chain.",
        structure_id=m.structure.id,
        representations=tuple(parts),
        camera=interface_camera(m.axes, np.vstack(shown), tilt_deg=5, margin_A=3),
        labels=tuple(labels),
        lines=tuple(bonds),
        focus=tuple(bound),
    )


def _bonds(m: Molecule) -> list[Line]:
    """Return the shortest hydrogen bond or salt bridge of each pair of residues across the interface."""
    import numpy as np

    pairs = pairs_between(m.antigen, m.antibody, SALT_BRIDGE_A)
    out: list[Line] = []
    drawn: set[tuple[int, int]] = set()
    salt = salt_bridges(m.antigen, m.antibody, pairs)
    for meaning, mask in (("salt bridge", salt), ("hydrogen bond", hydrogen_bonds(m.antigen, m.antibody, pairs))):
        kept = pairs.keep(mask)
        for k in np.argsort(kept.distance, kind="stable"):
            i, j = kept.first[k], kept.second[k]
            residues = (int(m.antigen.residue[i]), int(m.antibody.residue[j]))
            if residues not in drawn:
                drawn.add(residues)
                ends = point(m.antigen.positions[i]), point(m.antibody.positions[j])
                out.append(Line(*ends, CONTACT_COLOURS[meaning], f"{kept.distance[k]:.1f} Å", meaning=meaning))
    return out


def composed(picture: Scene, molecule: Molecule, ground: Ground = GROUNDS["light"]) -> Scene:
    """Return a scene for a still, which nobody can turn: the binder out of the way of the epitope.

    The binder is pale. Where the picture is of a part of it, its stretches next to the antigen are
    drawn if their side chains are, else nothing of it. Every loop in view is named, so that nobody
    has to tell it by its colour.

    Parameters
    ----------
    picture : Scene
    molecule : Molecule
        What it was made from.
    ground : Ground
        What it will stand on; colours that would sink into a dark one are made lighter.
    """
    import numpy as np

    picture = replace(picture, camera=picture.close or picture.camera)
    binder = set(molecule.antibody.chains.tolist())
    seen = picture.camera.project(molecule.antibody.positions) if binder else np.zeros((0, 3))
    outside = (np.abs(seen[:, 0]) > picture.camera.half_width) | (np.abs(seen[:, 1]) > picture.camera.half_height)
    sticks = any(r.style is Style.STICK and r.selection.chain in binder for r in picture.representations)
    beside = {s.chain: s.residues for s in molecule.paratope(_BESIDE_A, around=2)} if sticks else {}
    near = beside if outside.any() else None
    parts = []
    for item in picture.representations:
        chain = item.selection.chain
        if item.style is not Style.CARTOON or chain not in binder:
            parts.append(item)
            continue
        selection = item.selection if near is None else Selection(chain, near.get(chain, ()))
        if selection.residues != ():
            parts.append(
                replace(
                    item,
                    selection=selection,
                    color=mixed(item.color, ground.paper, ground.pale),
                    opacity=1.0,
                    coil=near is not None,
                )
            )
    labels = (*picture.labels, *_loops_in_view(picture, molecule))
    shown = replace(picture, representations=tuple(parts), labels=labels)
    return shown if ground.paper == PALETTE.paper else _lightened(shown, ground)


def _loops_in_view(picture: Scene, m: Molecule) -> list[Label]:
    """Return the names of drawn loops that a picture shows and does not name."""
    import numpy as np

    drawn = {r.meaning for r in picture.representations}
    out = []
    for i, loop in enumerate(m.structure.epitope.loops):
        name = m.loop_range(loop)
        if f"loop {name}" not in drawn or any(name in label.text for label in picture.labels):
            continue
        half = (picture.camera.half_width, picture.camera.half_height)
        seen = [p for p in loop.positions if m.has(p)]
        seen = [p for p in seen if (np.abs(picture.camera.project([m.ca(p)])[0, :2]) < half).all()]
        if seen:
            middle = seen[len(seen) // 2]
            out.append(Label(name, point(m.ca(middle)), PALETTE.loop(i), middle))
    return out


def _lightened(picture: Scene, ground: Ground) -> Scene:
    """Return a scene whose parts, lines and words stand out against a dark ground."""

    def lighter(color: str, contrast: float) -> str:
        return ground.ink if color == PALETTE.ink else as_text(color, ground.paper, contrast)

    return replace(
        picture,
        representations=tuple(replace(r, color=lighter(r.color, _SHAPES)) for r in picture.representations),
        lines=tuple(replace(line, color=lighter(line.color, _THIN)) for line in picture.lines),
        labels=tuple(replace(label, color=lighter(label.color, _WORDS)) for label in picture.labels),
    )


_SHAPES, _THIN, _WORDS = 2.0, 3.0, 7.0
"""Contrast with the ground that parts of the molecule, lines and words have at least."""


_BESIDE_A = 6.0
"""Residues of the binder within so many Å of the antigen are drawn in close-ups."""


def _contact_sticks(m: Molecule, contacts: Sequence[int]) -> list[Representation]:
    """Return the contact residues inside each loop as sticks in the loop's colour."""
    out: list[Representation] = []
    for i, loop in enumerate(m.structure.epitope.loops):
        out += _sticks(m, [p for p in contacts if p in loop], PALETTE.loop(i))
    return out


def _site(request: _Request) -> Scene:
    """One variant, its neighbours in space and its distances."""
    import numpy as np

    m = request.molecule
    wanted = set(request.site)
    chosen = next(
        (
            r
            for r in request.assessments
            if isinstance(r, Assessment) and (not wanted or wanted & set(site_positions(r)))
        ),
        None,
    )
    positions = request.site or (site_positions(chosen) if chosen else ())
    if not positions:
        raise EpitopeError("preset site: say which residue it is about, with site=61 or an assessment")
    shown = [p for p in positions if m.has(p)] or list(_ends_of_loss(m, chosen) if chosen else ())
    approximate = not shown
    shown = shown or [m.nearest_observed(positions[0])]
    verdict = worst(chosen.antigen, chosen.fold, chosen.epitope) if chosen else Verdict.NOT_ASSESSABLE
    color = VERDICT_COLOURS[verdict] if chosen else PALETTE.contact
    near = dict(pair for p in shown[:4] for pair in m.neighbours(p, _NEIGHBOURHOOD_A))
    near = {p: d for p, d in near.items() if p not in shown}
    parts = [
        *_antigen(m),
        *_antibody(m, opacity=0.5),
        *_loops(m),
        *_disulfides(m),
        *_sticks(m, near, PALETTE.neighbour, f"neighbours within {_NEIGHBOURHOOD_A:g} Å"),
        *_sticks(m, shown, color, "not observed; nearest observed residue" if approximate else "variant site"),
    ]
    name = short_name(chosen) if chosen else ", ".join(m.name(p) for p in positions[:3])
    title_label = f"{name} (not observed)" if approximate else name
    labels = [
        Label(title_label, m.tip(shown[0]), color, shown[0], prominent=True),
        *(Label(m.name(p), m.tip(p), PALETTE.neighbour, p) for p in near),
    ]
    camera = _site_camera(m, [*shown, *near])
    depth = camera.project(np.vstack([m.atoms(p) for p in shown]))[:, 2].max()
    return Scene(
        name="site",
        title=f"The site of {name}",
        description="The residue, its neighbours in space with their smallest heavy-atom distances, "
        "and the distance to the nearest epitope residue.",
        structure_id=m.structure.id,
        representations=tuple(parts),
        camera=camera,
        labels=tuple(labels),
        lines=(*_gaps(m), *_site_lines(m, shown[:4], near)),
        focus=tuple(shown),
        front_A=float(depth) + _BEFORE_SITE_A,
    )


def _site_lines(m: Molecule, site: Sequence[int], near: Mapping[int, float]) -> list[Line]:
    """Return measured lines from the residues of a site to its neighbours and to the nearest contact residue."""
    out = []
    contacts = [p for p in m.contacts if m.has(p)]
    distances = {here: m.distances_from(here) for here in site}

    def nearest(other: int) -> int:
        return min(site, key=lambda here: (distances[here][other], here))

    # The peptide bond to the next residue of the chain is no measurement worth a label.
    targets = [(p, PALETTE.neighbour, "") for p in near if min(abs(p - here) for here in site) > 1]
    if contacts and not set(site) & set(contacts):
        closest = min(contacts, key=lambda p: (distances[nearest(p)][p], p))
        if closest not in near:
            targets.append((closest, PALETTE.contact, "to the nearest epitope residue"))
    for other, color, meaning in targets:
        start, end, value = m.closest_points(nearest(other), other)
        out.append(Line(start, end, color, f"{value:.1f} Å", meaning=meaning))
    return out


def _site_camera(m: Molecule, positions: Sequence[int]) -> Camera:
    """Return a camera on a site from outside the antigen, the antibody's side up."""
    import numpy as np

    shown = np.vstack([m.atoms(p) for p in positions])
    toward = shown.mean(axis=0) - m.antigen.positions.mean(axis=0)
    up = m.axes.normal
    right = np.cross(up, toward)
    if float(np.linalg.norm(right)) < 1e-3 * max(float(np.linalg.norm(toward)), 1.0):
        right = np.cross(up, [1.0, 0.0, 0.0])
    toward = toward - 0.6 * (toward @ up) * up  # from the side rather than through the antibody
    return framed(shown, right, np.cross(toward, right), margin_A=5.0)


def _disulfide_scene(request: _Request) -> Scene:
    """The disulfides of the antigen, each with its SG-SG distance."""
    m = request.molecule
    bonded = [p for bond in m.structure.target.disulfides for p in (bond.first, bond.second)]
    marks, marked = _variant_marks(m, request.assessments, labelled=False)
    return Scene(
        name="disulfides",
        title=f"The disulfides of {m.structure.target.name}",
        description="The disulfide bonds with their SG–SG distances, on the cartoon of the antigen.",
        structure_id=m.structure.id,
        representations=(*_antigen(m), *_antibody(m, 0.2), *_loops(m), *_disulfides(m), *marks),
        camera=_camera(m, antibody=False),
        labels=(*_named(m, bonded), *marked),
        lines=(*_gaps(m), *_bond_lengths(m)),
        focus=tuple(p for p in bonded if m.has(p)),
    )


def _isoform_scene(request: _Request) -> Scene:
    """An RNA event on the protein: what is lost fades, disulfides that lose a partner are named."""
    m = request.molecule
    events = m.structure.target.isoforms
    try:
        event: Isoform = m.structure.target.isoform(request.isoform or (events[0].name if events else ""))
    except KeyError:
        known = ", ".join(i.name for i in m.structure.target.isoforms)
        if not known:
            raise EpitopeError(f"isoform: {m.structure.target.name} has no named RNA events") from None
        raise EpitopeError(f"isoform {request.isoform!r} is not known; choose one of {known}") from None
    lost = [p for p in range(event.lost_start, event.lost_end + 1) if m.has(p)]
    labels: list[Label] = []
    for i, loop in enumerate(m.structure.epitope.loops):
        seen = [p for p in loop.positions if m.has(p)]
        if seen:
            gone = all(p in lost for p in seen)
            middle = seen[len(seen) // 2]
            labels.append(
                Label(
                    f"{m.loop_range(loop)} {'lost' if gone else 'stays'}",
                    m.tip(middle),
                    VERDICT_COLOURS[Verdict.LOST] if gone else PALETTE.loop(i),
                    middle,
                    prominent=gone,
                )
            )
    labels += _orphans(m, set(lost))
    faded = _cartoon(m.selections(lost), PALETTE.lost, f"lost in {event.name}", 0.45)
    kept = [r for r in (*_loops(m), *_disulfides(m)) if not _all_lost(m, r.selection, lost)]
    return Scene(
        name=event.name,
        title=f"{event.name}: residues {event.lost_start}–{event.lost_end} are lost",
        description=f"{event.description[:1].upper()}{event.description[1:]}. What is lost fades.",
        structure_id=m.structure.id,
        representations=(*_antigen(m), *_antibody(m, 0.35), *kept, *faded),
        camera=_camera(m, tilt_deg=6.0),
        close=_camera(m, tilt_deg=6.0, antibody=False),
        labels=tuple(labels),
        lines=tuple(_gaps(m)),
        focus=tuple(lost),
    )


def _all_lost(m: Molecule, selection: Selection, lost: Sequence[int]) -> bool:
    """Say whether all residues of a selection are among the lost ones."""
    gone = {m.token(p) for p in lost}
    return all((selection.chain, token) in gone for token in selection.residues or ("",))


def _orphans(m: Molecule, lost: set[int]) -> list[Label]:
    """Return labels at cysteines whose disulfide partner is lost while they stay."""
    out = []
    for bond in m.structure.target.disulfides:
        for stays, goes in ((bond.first, bond.second), (bond.second, bond.first)):
            if goes in lost and stays not in lost and m.has(stays):
                text = f"{m.name(stays)} (Cys{goes} lost)"
                out.append(Label(text, m.tip(stays), PALETTE.ink, stays))
    return out


_RAMP = ((0.0, (244, 244, 240)), (0.5, (221, 170, 51)), (1.0, (136, 34, 85)))
"""White over amber to wine: light to dark, so that it also reads in grey."""


def ramp(fraction: float) -> str:
    """Return the colour of a value between 0 and 1, light to dark.

    Examples
    --------
    >>> ramp(0), ramp(1), ramp(7)
    ('#F4F4F0', '#882255', '#882255')
    """
    fraction = min(max(fraction, 0.0), 1.0)
    for (low, a), (high, b) in pairwise(_RAMP):
        if fraction <= high:
            t = (fraction - low) / (high - low)
            return "#" + "".join(f"{round(x + t * (y - x)):02X}" for x, y in zip(a, b, strict=True))
    return ramp(1.0)


_STEPS = 16


def _atlas(request: _Request) -> Scene:
    """The antigen coloured by a number per position."""
    import numpy as np

    m = request.molecule
    values = {p: v for p, v in (request.values or {}).items() if m.has(p) and np.isfinite(v)}
    if not values:
        raise EpitopeError("preset atlas: give values={position: number} with at least one observed position")
    low, high = min(values.values()), max(values.values())
    span = float(high - low) or 1.0
    steps: dict[int, list[int]] = {}
    for position, value in values.items():
        steps.setdefault(round((value - low) / span * (_STEPS - 1)), []).append(position)
    parts = [*_antigen(m), *_antibody(m, 0.3)]
    for step, positions in sorted(steps.items()):
        meaning = {0: f"{low:.2f} {request.unit}", _STEPS - 1: f"{high:.2f} {request.unit}"}.get(step, "")
        parts += _cartoon(m.selections(sorted(positions)), ramp(step / (_STEPS - 1)), meaning.strip())
    top = sorted(values, key=lambda p: (-values[p], p))[:8]
    return Scene(
        name="atlas",
        title=f"{m.structure.target.name} coloured by {request.unit or 'value'}",
        description="Light is low, dark is high; the eight highest positions are named.",
        structure_id=m.structure.id,
        representations=tuple(parts),
        camera=_camera(m),
        close=_camera(m, antibody=False),
        labels=tuple(Label(m.name(p), point(m.ca(p)), PALETTE.ink, p) for p in sorted(top)),
        lines=tuple(_gaps(m)),
        focus=tuple(sorted(top)),
    )


PRESETS: dict[str, Callable[[_Request], Scene]] = {
    "overview": _overview,
    "epitope": _epitope,
    "interface": _interface,
    "site": _site,
    "disulfides": _disulfide_scene,
    "isoform": _isoform_scene,
    "atlas": _atlas,
}
