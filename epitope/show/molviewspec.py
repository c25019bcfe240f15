"""A `Scene` as MolViewSpec, which Mol* opens: ``.mvsj`` with the structure beside it, ``.mvsx`` with it inside.

The molviewspec package writes the tree; here are only selections, colours and the
camera. Not for showing it; drag the file onto a Mol* viewer.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import Any

from epitope.errors import MissingDependencyError
from epitope.show.scene import Representation, Scene, Selection, Style

_FIELD_OF_VIEW_DEG = 45.0
"""Mol*'s default vertical field of view."""


def mvsj(scene: Scene, structure_file: str) -> str:
    """Return a scene as the text of an ``.mvsj`` file.

    Parameters
    ----------
    scene : Scene
        What to draw.
    structure_file : str
        Name of the structure file (``.cif`` or ``.pdb``), relative to the scene's.

    Raises
    ------
    MissingDependencyError
        If molviewspec is not installed.
    """
    try:
        from molviewspec import create_builder
    except ImportError as error:
        raise MissingDependencyError(f"{scene.name}.mvsj: needs molviewspec; pip install 'epitope[figures]'") from error
    builder = create_builder()
    kind = "pdb" if structure_file.endswith(".pdb") else "mmcif"
    structure = builder.download(url=structure_file).parse(format=kind).model_structure()
    for item in scene.representations:
        component = structure.component(selector=_selector(item.selection))
        shown = component.representation(**_representation(item))
        shown.color(color=item.color)
        if item.opacity < 1:
            shown.opacity(opacity=item.opacity)
    primitives = builder.primitives()
    for line in scene.lines:
        primitives.tube(
            start=line.start, end=line.end, radius=0.1, color=line.color, dash_length=0.45 if line.dashed else None
        )
        if line.text:
            primitives.label(text=line.text, position=line.middle, label_size=1.2, label_color="#20242A")
    for label in scene.labels:
        primitives.label(text=label.text, position=label.position, label_size=2.0, label_color=label.color)
    builder.canvas(background_color="#FFFFFF")
    camera = scene.camera
    half = max(camera.half_height, camera.half_width)
    distance = half / math.tan(math.radians(_FIELD_OF_VIEW_DEG / 2))
    toward, up = camera.rotation[2], camera.rotation[1]
    place = tuple(round(c + t * distance, 3) for c, t in zip(camera.centre, toward, strict=True))
    builder.camera(target=camera.centre, position=place, up=up)
    state: Any = builder.get_state(title=scene.title, description=scene.description)
    tree = json.loads(state.model_dump_json(exclude_none=True))
    tree.get("metadata", {}).pop("timestamp", None)  # the same scene gives the same bytes
    tree.setdefault("metadata", {})["timestamp"] = "2000-01-01T00:00:00+00:00"
    return json.dumps(tree, indent=1, ensure_ascii=False) + "\n"


def mvsx(scene: Scene, structure_file: str, structure: bytes) -> bytes:
    """Return a scene with its structure as the bytes of an ``.mvsx`` archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("index.mvsj", mvsj(scene, structure_file).encode()), (structure_file, structure)):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _selector(selection: Selection) -> list[dict[str, Any]]:
    """Return a selection as MolViewSpec component expressions on author numbering."""
    base: dict[str, Any] = {"auth_asym_id": selection.chain}
    atoms = [{"auth_atom_id": name} for name in selection.atoms] or [{}]
    if selection.residues is None:
        return [base | atom for atom in atoms]
    out = []
    for first, last in selection.spans():
        if first[-1].isalpha():
            place: dict[str, Any] = {"auth_seq_id": int(first[:-1]), "pdbx_PDB_ins_code": first[-1]}
        elif first == last:
            place = {"auth_seq_id": int(first)}
        else:
            place = {"beg_auth_seq_id": int(first), "end_auth_seq_id": int(last)}
        out += [base | place | atom for atom in atoms]
    return out


def _representation(item: Representation) -> dict[str, Any]:
    """Return the kind of representation in MolViewSpec's words."""
    match item.style:
        case Style.CARTOON:
            return {"type": "cartoon"}
        case Style.STICK:
            return {"type": "ball_and_stick", "size_factor": 0.8}
        case Style.SPHERE:
            return {"type": "spacefill", "size_factor": 0.9}
        case _:
            return {"type": "surface"}
