"""Which heavy atoms a residue has when it is complete, and what a modified residue is.

Chemistry of single residues, from names alone. Not for geometry, and not for ligands:
a residue whose atoms are not listed here has no verdict on its completeness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

BACKBONE = ("N", "CA", "C", "O")
# What makes an amino acid of a residue whose name says nothing.
BACKBONE_CHAIN = frozenset(BACKBONE[:3])

# Heavy atoms of the side chains, named as in the wwPDB Chemical Component Dictionary.
SIDE_CHAINS: Mapping[str, tuple[str, ...]] = {
    name: tuple(atoms.split())
    for name, atoms in {
        "ALA": "CB",
        "ARG": "CB CG CD NE CZ NH1 NH2",
        "ASN": "CB CG OD1 ND2",
        "ASP": "CB CG OD1 OD2",
        "CYS": "CB SG",
        "GLN": "CB CG CD OE1 NE2",
        "GLU": "CB CG CD OE1 OE2",
        "GLY": "",
        "HIS": "CB CG ND1 CD2 CE1 NE2",
        "ILE": "CB CG1 CG2 CD1",
        "LEU": "CB CG CD1 CD2",
        "LYS": "CB CG CD CE NZ",
        "MET": "CB CG SD CE",
        "MSE": "CB CG SE CE",
        "PCA": "CB CG CD OE",
        "PHE": "CB CG CD1 CD2 CE1 CE2 CZ",
        "PRO": "CB CG CD",
        "SER": "CB OG",
        "THR": "CB OG1 CG2",
        "TRP": "CB CG CD1 CD2 NE1 CE2 CE3 CZ2 CZ3 CH2",
        "TYR": "CB CG CD1 CD2 CE1 CE2 CZ OH",
        "VAL": "CB CG1 CG2",
    }.items()
}

# Force fields name protonation states and disulfide partners differently; a trajectory's
# topology brings these names (AMBER, CHARMM, GROMACS).
_PROTONATION_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("HID", "HIE", "HIP", "HSD", "HSE", "HSP", "HISA", "HISB", "HISD", "HISE", "HISH"), "HIS"),
    **dict.fromkeys(("CYX", "CYM", "CYS2", "CYSH"), "CYS"),
    **dict.fromkeys(("ASH", "ASPP"), "ASP"),
    **dict.fromkeys(("GLH", "GLUP"), "GLU"),
    **dict.fromkeys(("LYN", "LYP", "LYSH"), "LYS"),
}
# AMBER and its ports put N or C before the name of the first and last residue of a chain.
FORCE_FIELD_NAMES: Mapping[str, str] = {
    **_PROTONATION_NAMES,
    **{
        f"{end}{name}": _PROTONATION_NAMES.get(name, name)
        for end in "NC"
        for name in (*SIDE_CHAINS, *_PROTONATION_NAMES)
        if len(name) == 3
    },
}

# Parents that decide differently from gemmi's table. PCA: the wwPDB Chemical Component
# Dictionary gives GLN as parent (gemmi's table has Glu); in antibodies it forms from the
# N-terminal glutamine of the germline heavy chain.
_PARENT_LETTERS: Mapping[str, str] = {"PCA": "Q"}


@lru_cache(maxsize=4096)
def one_letter(name: str) -> str:
    """Return the one-letter code of a residue or of its parent, "X" where there is none.

    Examples
    --------
    >>> one_letter("PHE"), one_letter("MSE"), one_letter("PCA"), one_letter("NAG")
    ('F', 'M', 'Q', 'X')
    """
    import gemmi

    if name in _PARENT_LETTERS:
        return _PARENT_LETTERS[name]
    info = gemmi.find_tabulated_residue(FORCE_FIELD_NAMES.get(name, name))
    letter = info.one_letter_code.strip().upper() if info.is_amino_acid() else ""
    return letter or "X"


@lru_cache(maxsize=4096)
def is_amino_acid(name: str) -> bool:
    """Say whether a residue name is that of an amino acid, modified or not."""
    import gemmi

    info = gemmi.find_tabulated_residue(FORCE_FIELD_NAMES.get(name, name))
    return bool(info.found() and info.is_amino_acid())


@lru_cache(maxsize=4096)
def is_sugar(name: str) -> bool:
    """Say whether a residue name is that of a saccharide."""
    import gemmi

    kinds = (gemmi.ResidueKind.PYR, gemmi.ResidueKind.KET)
    info = gemmi.find_tabulated_residue(name)
    return bool(info.found() and info.kind in kinds)


@lru_cache(maxsize=4096)
def is_water(name: str) -> bool:
    """Say whether a residue name is that of water."""
    import gemmi

    return bool(gemmi.find_tabulated_residue(name).is_water()) or name in {"TIP3", "SOL", "WAT"}


def missing_atoms(name: str, present: Iterable[str]) -> tuple[tuple[str, ...], bool | None]:
    """List the heavy atoms a residue lacks, and say whether its side chain is complete.

    Parameters
    ----------
    name
        Residue name.
    present
        Names of the atoms that were observed.

    Returns
    -------
    missing : tuple of str
        Backbone first, in the order of the dictionary.
    complete : bool or None
        ``None`` for a modified residue whose atoms are not listed here.

    Examples
    --------
    >>> missing_atoms("LYS", ["N", "CA", "C", "O", "CB", "CG"])
    (('CD', 'CE', 'NZ'), False)
    """
    have = set(present)
    backbone = tuple(atom for atom in BACKBONE if atom not in have)
    side_chain = SIDE_CHAINS.get(FORCE_FIELD_NAMES.get(name, name))
    if side_chain is None:
        return backbone, None
    absent = tuple(atom for atom in side_chain if atom not in have)
    return backbone + absent, not absent
