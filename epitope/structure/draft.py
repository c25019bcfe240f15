"""What a structure tells of its antigen, as a draft of a target pack.

The antigen is what the antibody binds, or the chain that has the sequence already known. Its
sequence, disulfides, sugars and the antibody's variable domains are read off; nothing that
atoms and sequences do not show.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from epitope.errors import StructureError
from epitope.structure.antibody import variable_domains
from epitope.structure.complex import Complex, read_complex
from epitope.structure.model import ChainRole
from epitope.structure.neighbours import close_pairs
from epitope.structure.residues import one_letter
from epitope.target.model import Target
from epitope.target.new import PROTEIN, Draft

DISULFIDE_A = 2.5
"""Longest distance of two sulphurs that counts as a bond, as far as crystals err on 2.05 Å."""


def structure_draft(
    path: str | Path, protein: str = "", name: str = "", *, sides: str | None = None, uniprot_id: str = ""
) -> Draft:
    """Read the facts of a structure that belong in a target pack.

    Parameters
    ----------
    path
        PDB or mmCIF file.
    protein
        The antigen's sequence, where other files gave it; positions are then of that. Without it
        they count the file's sequence of the chain from 1.
    name
        Of the antigen, for messages and the pack.
    sides
        Antigen and antibody chains, "A:HL", where they are not recognised.
    uniprot_id
        Accession of ``protein``, so that the file's own references to it count.

    Raises
    ------
    StructureError
        If the file cannot be read, holds no antibody with an antigen, or not the protein.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> draft = structure_draft(bundled_structure())
    >>> len(draft.protein), [(row["first"], row["second"]) for row in draft.facts["disulfides"]]
    (257, [(18, 241), (77, 180), (114, 153)])
    """
    path = Path(path)
    target = Target(name or "the protein", protein, uniprot_id=uniprot_id) if protein else None
    held = read_complex(path, target, sides=sides)
    draft = Draft(files=[path], sources={"structure": f"structure {held.id}, file {path.name}, SHA-256 {held.sha256}"})
    draft.facts["structure"] = path.name
    rows = held.numbering[held.numbering["chain"] == held.antigen_chains[0]]
    if target is None:
        rows = rows[~rows["tag"].astype(bool)]
        positions = dict(zip(rows["resindex"], range(1, len(rows) + 1), strict=True))
        protein = "".join(one_letter(residue) for residue in rows["residue_name"])
        if "X" in protein:
            raise StructureError(
                f"{path}: residue {protein.index('X') + 1} of the antigen is no amino acid; give --uniprot"
            )
        draft.records[PROTEIN] = protein
        draft.facts["protein_record"] = PROTEIN
        draft.facts["name"] = name or f"antigen of {held.id}"
        draft.left_out.append(_numbers(rows, held.id))
    else:
        mapped = rows[rows["uniprot_position"].notna()]
        positions = dict(zip(mapped["resindex"], mapped["uniprot_position"].astype(int), strict=True))
    positions.pop(-1, None)
    if bonds := _disulfides(held, positions):
        draft.facts["disulfides"] = [{"first": a, "second": b, "source": "structure"} for a, b in bonds]
    sugars = [g.position for g in held.glycans if g.position and re.match("N[^P][ST]", protein[g.position - 1 :])]
    if sugars:
        draft.facts["sequons"] = [
            {"position": p, "source": "structure", "note": f"sugar seen in {held.id}"} for p in sorted(set(sugars))
        ]
    if binder := _binder(held):
        draft.facts["binders"] = [binder]
    return draft


def _numbers(rows: Any, identifier: str) -> str:
    """Say how the positions of the pack follow from the file's numbers."""
    seen = rows[rows["resindex"] >= 0]
    first = seen.iloc[0]
    position = int((rows["resindex"] == first["resindex"]).to_numpy().argmax()) + 1
    unseen = len(rows) - len(seen)
    more = f"{unseen} residues of it were not observed" if unseen else "the file gives no residue that it does not show"
    return (
        f"UniProt positions: the sequence is that of the chain in {identifier}, counted from 1; its residue "
        f"{first['author_number']} is position {position}; {more}"
    )


def _disulfides(held: Complex, positions: dict[int, int]) -> list[tuple[int, int]]:
    """Return the pairs of positions whose sulphurs are bonded, ascending."""
    antigen = held.cut("antigen")
    sulphurs = antigen[(antigen.names == "SG") & (antigen.resnames == "CYS")]
    known = [positions.get(int(index)) for index in sulphurs.resindices]
    if len(known) < 2:
        return []
    positions_A = sulphurs.positions.astype(float)
    first, second, _ = close_pairs(positions_A, positions_A, DISULFIDE_A)
    found = [(known[i], known[j]) for i, j in zip(first, second, strict=True)]
    return sorted((a, b) for a, b in found if a is not None and b is not None and a < b)


def _binder(held: Complex) -> dict[str, str]:
    """Return the variable domains of the antibody; {} without one."""
    letters = {
        chain: "".join(one_letter(residue) for residue in rows["residue_name"])
        for chain, rows in held.numbering.groupby("chain")
    }
    binder: dict[str, str] = {}
    wanted = (
        (ChainRole.HEAVY, "heavy_variable", held.heavy_chains),
        (ChainRole.LIGHT, "light_variable", held.light_chains),
    )
    for role, key, chains in wanted:
        for domain in variable_domains(letters[chains[0]]) if chains else ():
            sequence = letters[chains[0]][domain.start : domain.end + 1]
            if domain.role is role and "X" not in sequence:
                binder.setdefault(key, sequence)
    if not binder:
        return {}
    return {"name": f"antibody of {held.id}", "structure": held.id, **binder, "source": "structure"}
