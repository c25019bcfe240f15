"""What the script of the molecule is given: coordinates, pictures, layers, and what each residue is.

The script draws and measures from this alone, and knows no fact of its own: which atoms
are main chain, where a Cβ that is missing would be and which side chains are stumps is
all here. Not for drawing; ``templates/molecule.js`` does that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from epitope.features.atoms import BACKBONE, ResidueAtoms
from epitope.show.coordinates import pdb_name, trimmed_pdb
from epitope.show.molecule import Molecule, truth
from epitope.show.presets import layers, sites
from epitope.show.py3dmol import instructions
from epitope.structure.residues import missing_atoms
from epitope.target.residues import written_residue

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex
    from epitope.show.scene import Scene
    from epitope.show.tables import ResultRow

_KINDS = ("styles", "surfaces", "labels", "lines")


def molecule_data(
    structure: MeasuredComplex, pictures: Mapping[str, Scene], rows: Sequence[ResultRow] = ()
) -> dict[str, Any]:
    """Return what the script needs to draw some pictures of a complex and to measure in it.

    Parameters
    ----------
    structure : MeasuredComplex
    pictures : mapping of str to Scene
        By name, the one to begin with first.
    rows : sequence of Assessment or Failed
        Variants that a click on a residue shall name.

    Returns
    -------
    dict
        ``pdb``; ``pool``, ``scenes`` and ``layers``; ``residues`` and ``binder`` as ``{chain:number: [name as
        typed, name, note, rows]}``; for measuring ``main_chain``, ``cb`` (Å, of residues without one) and ``stumps``.
    """
    m = Molecule.of(structure)
    pool = _Pool()
    return {
        "pdb": trimmed_pdb(structure, whole=True),
        "scenes": {name: pool.pack(picture) for name, picture in pictures.items()},
        "layers": _layers(m, pool),
        "pool": pool.items,
        "residues": _residues(m, rows) | _binder_residues(m),
        "main_chain": BACKBONE,
        "cb": _missing_cb(m.antigen) | _missing_cb(m.antibody),
        "stumps": _stumps(m),
    }


class _Pool:
    """Keeps each distinct drawing instruction once; scenes refer to them by number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.of_binder: list[int] = []
        """Labels that belong to no residue of the antigen."""
        self._places: dict[str, int] = {}

    def pack(self, picture: Scene) -> dict[str, Any]:
        """Return the drawing of a picture with its lists replaced by numbers into the pool.

        Labels and lines come with how many pixels their text moves, ``[number, right, up]``.
        """
        drawing = instructions(picture)
        packed: dict[str, list[Any]] = {
            kind: [self._place(item) for item in drawing[kind]] for kind in ("styles", "surfaces")
        }
        packed["labels"] = [[self._place(_short_label(item)), *_shift(item[1])] for item in drawing["labels"]]
        packed["lines"] = [[self._place(_short_line(item)), *item["shift"]] for item in drawing["lines"]]
        alone = [label.uniprot_position is None for label in picture.labels]
        self.of_binder += [i for (i, *_), mine in zip(packed["labels"], alone, strict=True) if mine]
        return {**drawing, **packed}

    def _place(self, item: Any) -> int:
        """Return the number of an instruction, taking it in when it is new."""
        key = json.dumps(item, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(item)
        return self._places[key]


def _shift(options: Mapping[str, Any]) -> list[int]:
    """Return how many pixels a label moves, right and up."""
    return list(options["screenOffset"].values())


def _short_label(item: Sequence[Any]) -> list[Any]:
    """Return a label without what its kind implies: text, place, colour, ink if filled."""
    text, options, _ = item
    ink = options["fontColor"] if options["borderThickness"] == 0 else ""
    return [text, list(options["position"].values()), options["borderColor"], ink]


def _short_line(item: Mapping[str, Any]) -> list[Any]:
    """Return a line as its ends, colour, dashed or not, and text."""
    spec = item["spec"]
    return [*(list(spec[end].values()) for end in ("start", "end")), spec["color"], int(spec["dashed"]), item["text"]]


def _layers(m: Molecule, pool: _Pool) -> dict[str, Any]:
    """Return what each layer adds to a picture that has nothing of it, and what goes when it is hidden."""
    out: dict[str, dict[str, Any]] = {}
    for name, picture in layers(m.structure).items():
        packed = pool.pack(picture)
        adds = {kind: packed[kind] for kind in _KINDS}
        goes = {kind: [i[0] if isinstance(i, list) else i for i in adds[kind]] for kind in _KINDS}
        out[name] = {"word": picture.title, "adds": adds, "goes": goes}
    if "binder" in out:
        # In whatever style it is drawn, with what is said of it and the bonds that end on it.
        chains = set(m.antibody.chains.tolist())
        drawn = [i for i, item in enumerate(pool.items) if isinstance(item[0], dict) and item[0]["chain"] in chains]
        bonds = out["contacts"]["goes"]["lines"] if "contacts" in out else []
        out["binder"]["goes"] = {"styles": drawn, "surfaces": drawn, "labels": pool.of_binder, "lines": bonds}
    return out


def _residues(m: Molecule, rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Return a note on each observed residue, by chain and number, and its rows."""
    here: dict[int, list[str]] = {}
    for site in sites(m, rows):
        for position in site.shown:
            here.setdefault(position, []).append(f"v{site.row + 1}")
    target = m.structure.target
    out = {}
    for position in m.observed:
        row = m.table.loc[position]
        kind = {"E": "strand", "H": "helix"}.get(str(row["secondary_structure"]), "loop")
        partners = row["partners_4A"]
        touches = ", ".join(partners) if isinstance(partners, tuple) else str(partners or "")
        note = f"{kind}, RSA {100 * m.number(position, 'rsa_free'):.0f} % free"
        if touches:
            note += f", touches {touches}"
        else:
            note += f", {m.number(position, 'min_distance_antibody_A'):.1f} Å from the {m.structure.complex.roles.word}"
        typed = written_residue(target.residue(position), target.label(position))
        out[":".join(m.token(position))] = [typed, m.name(position), note, here.get(position, [])]
    return out


def _keys(atoms: ResidueAtoms) -> list[str]:
    """Return each residue as ``chain:number``, the way the script names it."""
    codes = (str(code).strip() for code in atoms.insertion_codes)
    return [f"{c}:{n}{code}" for c, n, code in zip(atoms.chains, atoms.numbers, codes, strict=True)]


def _binder_residues(m: Molecule) -> dict[str, Any]:
    """Return the name of each residue of the binder, by chain and number."""
    word = m.structure.complex.roles.word
    return {key: [label, label, word, []] for key, label in zip(_keys(m.antibody), m.antibody.labels, strict=True)}


def _missing_cb(atoms: ResidueAtoms) -> dict[str, list[float]]:
    """Return where the Cβ of residues without one would be, Å."""
    absent = np.isnan(atoms.atom("CB")).any(axis=1) & ~np.isnan(atoms.cb).any(axis=1)
    keys = _keys(atoms)
    return {keys[i]: atoms.cb[i].round(4).tolist() for i in np.flatnonzero(absent)}


def _stumps(m: Molecule) -> list[str]:
    """Return the residues whose side chain is not wholly seen."""
    seen = truth(m.table["side_chain_complete"])
    names = np.split(m.antibody.names, m.antibody.starts[1:]) if len(m.antibody) else []
    of_binder = [
        key
        for key, letter, present in zip(_keys(m.antibody), m.antibody.letters, names, strict=True)
        if missing_atoms(pdb_name(str(letter)), present)[1] is False
    ]
    return [":".join(m.token(p)) for p in m.observed if not seen[p - 1]] + of_binder
