"""A `Scene` as a ChimeraX command file.

The file opens with the structure beside it. ChimeraX' cartoons and labels are its own;
colours, selections and camera are the scene's. Not for driving ChimeraX from Python.
"""

from __future__ import annotations

from epitope.show.scene import NO_NAME, Camera, Label, Representation, Scene, Selection, Style


def script(scene: Scene, structure_file: str) -> str:
    """Return a scene as ChimeraX commands.

    Parameters
    ----------
    scene : Scene
        What to draw.
    structure_file : str
        Name of the structure file, relative to the script.
    """
    lines = [
        f"# {_comment(scene.title)}",
        f"# {_comment(scene.description)}",
        f"open {structure_file}",
        "hide #1 atoms",
        "hide #1 cartoons",
        "set bgColor white",
        "lighting soft",
        "graphics silhouettes true",
    ]
    for item in scene.representations:
        lines += _representation(item)
    for number, line in enumerate(scene.lines, start=1):
        start, end = (",".join(f"{v:.3f}" for v in point) for point in (line.start, line.end))
        name = f"name line{number:02d} color {line.color}"
        lines.append(f"shape cylinder radius 0.1 fromPoint {start} toPoint {end} {name}")
        if line.text:
            x = ",".join(f"{v:.3f}" for v in line.middle)
            lines.append(f"shape sphere radius 0.05 center {x} name value{number:02d} color {line.color}")
            lines.append(f'label last models text "{_quoted(line.text)}" color #20242A height 1.4')
    for label in scene.labels:
        lines += _label(label)
    lines.append(_view(scene.camera))
    return "\n".join([*lines, ""])


def _representation(item: Representation) -> list[str]:
    """Return the commands for one representation."""
    if not item.selection.plain:
        return [NO_NAME]
    spec = _selection(item.selection)
    color = f"{item.color}{round(item.opacity * 255):02X}" if item.opacity < 1 else item.color
    lines = [f"# {_comment(item.meaning)}"] if item.meaning else []
    match item.style:
        case Style.CARTOON:
            return [*lines, f"cartoon {spec}", f"color {spec} {color} target c"]
        case Style.STICK:
            shown = [f"show {spec} atoms", f"style {spec} stick", f"color {spec} {color} target a"]
            return [*lines, *shown, *([f"color {spec} byhetero target a"] if item.by_element else [])]
        case Style.SPHERE:
            return [*lines, f"show {spec} atoms", f"style {spec} sphere", f"color {spec} {color} target a"]
        case _:
            return [*lines, f"surface {spec}", f"color {spec} {color} target s"]


def _selection(selection: Selection) -> str:
    """Return a selection as a ChimeraX atom specifier.

    Examples
    --------
    >>> _selection(Selection("A", ("97", "98", "120"), ("CA",)))
    '#1/A:97-98,120@CA'
    """
    spec = f"#1/{selection.chain}"
    if selection.residues is not None:
        spec += ":" + ",".join(a if a == b else f"{a}-{b}" for a, b in selection.spans())
    if selection.atoms:
        spec += "@" + ",".join(selection.atoms)
    return spec


def _label(label: Label) -> list[str]:
    """Return the commands for a label at a place."""
    x = ",".join(f"{v:.3f}" for v in label.position)
    return [
        f"shape sphere radius 0.05 center {x} color {label.color}",
        f'label last models text "{_quoted(label.text)}" color {label.color} height 2',
    ]


def _quoted(text: str) -> str:
    """Return text that can stand between double quotes in one command."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable() and c not in '"\\;#')


def _comment(text: str) -> str:
    """Return text that stays a comment on its line: no command separators."""
    return " ".join(text.replace(";", ",").split())


def _view(camera: Camera) -> str:
    """Return the command that places the camera: its axes and its place in the scene, row by row."""
    import math

    right, up, toward = camera.rotation
    half = max(camera.half_height, camera.half_width)
    distance = half / math.tan(math.radians(15.0))  # half of ChimeraX' 30 degree field of view
    place = [c + t * distance for c, t in zip(camera.centre, toward, strict=True)]
    rows = [f"{r:.6f},{u:.6f},{t:.6f},{p:.3f}" for r, u, t, p in zip(right, up, toward, place, strict=True)]
    return "view matrix camera " + ",".join(rows)
