"""How much of the binding rides on a residue: a hot-spot score for both sides of an interface.

Takes a structure of a complex and its two sets of chains, and scores residues by how deep
they sit in the interface: 3 · fraction buried · min(n8/30, 1). Nothing in the score is fitted;
its probability is calibrated. The score says where binding energy is concentrated and ranks
positions, whatever stands there afterwards. It is not a ΔΔG in kcal/mol, it knows nothing of
folding, and it never says that a change improves binding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from epitope.errors import StructureError
from epitope.features.atoms import Booleans, Floats, ResidueAtoms
from epitope.features.burial import Burial, measure_burial
from epitope.structure.atoms import AtomArrays
from epitope.target.residues import AMINO_ACIDS, three_letter

if TYPE_CHECKING:
    import MDAnalysis
    import pandas as pd

    from epitope.structure.complex import Complex

    Structure: TypeAlias = str | Path | MDAnalysis.Universe | Complex

Substitution: TypeAlias = str | tuple[str, str | int, str, str]
"""``"A:K220A"``, or chain, author number with insertion code, wild type and mutant."""

HOT_SPOT_KCAL_MOL = 1.0
"""Loss of binding from which a residue counts as a hot spot; half the 2 kcal/mol of Bogan &
Thorn (J Mol Biol 1998, 280:1), which few rows of a public scan reach."""
LARGEST_SCORE, ATOMS_FOR_FULL_SCORE = 3.0, 30.0
"""Score of a residue that is buried whole, and partner atoms within 8 Å that surround it on all sides."""
SMALL_NOTE = "hardly any binding measurements start from Ala or Gly"

COLUMNS = (
    "chain",
    "residue",
    "insertion_code",
    "wild_type",
    "mutant",
    "hot_spot_score",
    "p_hot_spot",
    "min_distance_partner_A",
    "buried_fraction",
    "n8",
    "reason",
    "notes",
)
"""Columns of every table of this module; ``residue_scores`` leaves out ``mutant``."""
_NUMBERS = COLUMNS[5:10]
_SUBSTITUTION = re.compile(r"(?P<chain>[^:\s]+):(?P<wt>[A-Za-z])(?P<number>-?\d+[A-Za-z]?)(?P<mut>[A-Za-z])")
_NUMBER = re.compile(r"(-?\d+)([A-Za-z]?)")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns a score into the probability that binding weakens by 1 kcal/mol or more."""

    version: str
    intercept: float
    slope: float

    def probability(self, score: Floats) -> Floats:
        """Return P(ΔΔG of binding ≥ 1 kcal/mol) for scores, any shape."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.intercept + self.slope * score))))


@cache
def load_calibration() -> Calibration:
    """Return the calibration that ships with the package.

    Examples
    --------
    >>> load_calibration().probability(np.array([0.0, 3.0])).round(1).tolist()
    [0.1, 0.8]
    """
    data = json.loads((files("epitope.impact.predictors") / "data" / "binding.json").read_text(encoding="utf-8"))
    return Calibration(version=data["version"], **data["calibration"])


def hot_spot_score(burial: Burial) -> Floats:
    """Return 3 · fraction buried · min(n8/30, 1), shape (n_residues,)."""
    return LARGEST_SCORE * burial.fraction * np.minimum(burial.n8 / ATOMS_FOR_FULL_SCORE, 1.0)


def residue_scores(structure: Structure, chains: Sequence[str], partner_chains: Sequence[str]) -> pd.DataFrame:
    """Score every observed residue of one side of a complex.

    Parameters
    ----------
    structure : path, MDAnalysis.Universe or Complex
        Any PDB or mmCIF file, plain or gzipped, or what was read from one.
    chains, partner_chains : sequence of str
        Author names of the chains of this side and of the other; ``"HL"`` is H and L.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` without ``mutant``, one row per residue, in the order of the structure.

    Raises
    ------
    StructureError
        If the file cannot be read or a chain is not there.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> table = residue_scores(bundled_structure(), "A", "HL")
    >>> table.nlargest(3, "hot_spot_score")["residue"].tolist()
    [217, 222, 157]
    """
    import pandas as pd

    side, _ = _two_sides(structure, chains, partner_chains)
    atoms = side.atoms
    unknown = ~np.isin(atoms.letters, list(AMINO_ACIDS)) | ~side.seen
    out = pd.DataFrame(
        {
            "chain": atoms.chains,
            "residue": atoms.numbers,
            "insertion_code": [code.strip() for code in atoms.insertion_codes.tolist()],
            "wild_type": atoms.letters,
            "reason": np.where(unknown, "the residue has no standard parent or no Cα", ""),
            "notes": ["; ".join(notes) for notes in side.notes],
        }
    ).join(side.table)
    out.loc[unknown, ["hot_spot_score", "p_hot_spot"]] = np.nan
    return out[[column for column in COLUMNS if column != "mutant"]]


def predict(
    structure: Structure,
    chains: Sequence[str],
    partner_chains: Sequence[str],
    substitutions: Iterable[Substitution],
) -> pd.DataFrame:
    """Score substitutions on either side of a complex.

    Parameters
    ----------
    structure : path, MDAnalysis.Universe or Complex
        Any PDB or mmCIF file, plain or gzipped, or what was read from one.
    chains, partner_chains : sequence of str
        Author names of the chains of the two sides; ``"HL"`` is H and L.
    substitutions : iterable of str or tuple
        ``"A:K220A"``, ``"H:Y100aF"``, or ``("H", "100a", "Y", "F")``: author residue numbers
        with insertion code.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row per substitution, in the order given. A row that cannot be scored
        has NaN in every number that is not known, and says why in ``reason``.

    Raises
    ------
    StructureError
        If the file cannot be read, a chain is not there, or stands on both sides.

    Notes
    -----
    ``p_hot_spot`` is the probability that binding weakens by 1 kcal/mol or more, calibrated
    on rows of complexes held out from the fit. See ``docs/binding.md`` for what it is worth.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> table = predict(bundled_structure(), "A", "HL", ["A:K220A", ("A", 174, "L", "V"), "A:R220A"])
    >>> table["hot_spot_score"].round(1).tolist()[1:]
    [0.0, nan]
    >>> table["reason"].tolist()[2]
    'residue 220 of chain A is K in the structure, not R'
    """
    import pandas as pd

    sides = _two_sides(structure, chains, partner_chains)
    rows = [_predict_one(sides, substitution) for substitution in substitutions]
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    return out.astype({"residue": "Int64"} | dict.fromkeys(_NUMBERS, "float64"))


@dataclass(frozen=True)
class _Side:
    """One side of the complex with all that is measured on it."""

    atoms: ResidueAtoms
    table: pd.DataFrame
    index: Mapping[tuple[str, int, str], int] = field(repr=False)

    def find(self, chain: str, number: int, code: str) -> tuple[int | None, str]:
        """Return the row of a residue, and the insertion code by which it was found.

        Both upper and lower case are in use for the same insertion code; the one of the
        structure is taken where only the case differs.
        """
        for spelling in (code, code.upper(), code.lower()):
            if (chain, number, spelling) in self.index:
                return self.index[chain, number, spelling], spelling
        return None, code

    @cached_property
    def seen(self) -> Booleans:
        """Whether each residue has its Cα."""
        return np.asarray(np.isfinite(self.atoms.ca).all(axis=1))

    @cached_property
    def records(self) -> list[dict[str, object]]:
        """The rows of ``table`` as dictionaries."""
        return [{str(name): value for name, value in row.items()} for row in self.table.to_dict("records")]

    @cached_property
    def notes(self) -> list[tuple[str, ...]]:
        """What a reader should know of each residue's number, a phrase each."""
        from epitope.structure.residues import SIDE_CHAINS

        present = np.split(self.atoms.names, self.atoms.starts[1:])
        found = []
        for letter, names in zip(self.atoms.letters.tolist(), present, strict=True):
            notes = []
            if not set(SIDE_CHAINS.get(three_letter(letter).upper(), ())) <= set(names.tolist()):
                notes.append("side chain incomplete in the structure, so burial is a lower bound")
            if letter in "AG":
                notes.append(SMALL_NOTE)
            found.append(tuple(notes))
        return found


def _two_sides(structure: Structure, chains: Sequence[str], partner_chains: Sequence[str]) -> tuple[_Side, _Side]:
    """Read the structure, cut out both sides and measure each against the other."""
    first, second = tuple(chains), tuple(partner_chains)
    if both := sorted(set(first) & set(second)):
        raise StructureError(f"chain {', '.join(both)} stands on both sides; name each chain once")
    atoms = _atoms_of(structure)
    one, two = (_residues(atoms, names) for names in (first, second))
    return _measure(one, two), _measure(two, one)


def _atoms_of(structure: Structure) -> AtomArrays:
    """Return the atoms of whatever was given."""
    if isinstance(structure, str | Path):
        from epitope.structure.read import read_structure

        return AtomArrays.from_structure(read_structure(structure))
    held = getattr(structure, "complex", structure)
    if hasattr(held, "arrays"):
        return cast("Complex", held).arrays
    atoms = cast("MDAnalysis.Universe", held).atoms
    missing = [name for name in ("chainIDs", "elements", "icodes", "tempfactors") if not hasattr(atoms, name)]
    if missing:
        raise StructureError(
            f"the universe has no {', '.join(missing)}; load it from a PDB or mmCIF file by its path instead"
        )
    return AtomArrays.from_atomgroup(atoms)


def _residues(atoms: AtomArrays, chains: tuple[str, ...]) -> ResidueAtoms:
    """Cut the amino acids of some chains out of a structure."""
    present = sorted(set(atoms.chainIDs.tolist()))
    unknown = [chain for chain in chains if chain not in present]
    if unknown or not chains:
        named = f"chain {', '.join(unknown)} is not in the structure" if unknown else "a side has no chain"
        raise StructureError(f"{named}; it has {', '.join(present)}")
    cut = ResidueAtoms.from_arrays(atoms[np.isin(atoms.chainIDs, chains)])
    amino_acids = cut.take(cut.letters != "X")
    if len(amino_acids) == 0:
        raise StructureError(f"chain {', '.join(chains)} holds no amino acids; name the protein chains")
    return amino_acids


def _measure(atoms: ResidueAtoms, partner: ResidueAtoms) -> _Side:
    """Measure one side against the other."""
    import pandas as pd

    burial = measure_burial(atoms, partner)
    score = hot_spot_score(burial)
    table = pd.DataFrame(
        {
            "hot_spot_score": score,
            "p_hot_spot": load_calibration().probability(score),
            "min_distance_partner_A": burial.min_distance,
            "buried_fraction": burial.fraction,
            "n8": burial.n8,
        }
    )
    codes = [code.strip() for code in atoms.insertion_codes.tolist()]
    keys = zip(atoms.chains.tolist(), atoms.numbers.tolist(), codes, strict=True)
    return _Side(atoms, table, {key: row for row, key in enumerate(keys)})


def _predict_one(sides: tuple[_Side, _Side], substitution: Substitution) -> dict[str, object]:
    """Return the row of one substitution."""
    parts = _parse(substitution)
    if isinstance(parts, str):
        unknown: dict[str, object] = dict.fromkeys(("chain", "insertion_code", "wild_type", "mutant", "notes"), "")
        return unknown | {"reason": parts}
    chain, number, code, wild_type, mutant = parts
    row: dict[str, object] = {
        "chain": chain,
        "residue": number,
        "insertion_code": code,
        "wild_type": wild_type,
        "mutant": mutant,
        "notes": "",
    }
    side = next((side for side in sides if chain in side.atoms.chains), None)
    if side is None:
        return row | {"reason": f"chain {chain} is on neither side of the complex"}
    index, found_code = side.find(chain, number, code)
    if index is None:
        return row | {"reason": f"residue {number}{code} of chain {chain} is not observed in the structure"}
    measured = side.records[index]
    if reason := _refusal(side, index, parts):
        return row | measured | {"hot_spot_score": np.nan, "p_hot_spot": np.nan, "reason": reason}
    notes = list(side.notes[index])
    if found_code != code:
        notes.append(f"insertion code {code} read as {found_code}")
    if mutant == "P" or wild_type == "P":
        notes.append("what proline does to the backbone is not modelled")
    return row | measured | {"reason": "", "notes": "; ".join(notes)}


def _parse(substitution: Substitution) -> tuple[str, int, str, str, str] | str:
    """Return chain, number, insertion code, wild type and mutant, or what is wrong."""
    if isinstance(substitution, str):
        match = _SUBSTITUTION.fullmatch(substitution.strip())
        if match is None:
            return f"{substitution!r} is not understood; write A:K220A, or H:Y100aF with an insertion code"
        chain, wild_type, text, mutant = match["chain"], match["wt"], match["number"], match["mut"]
    elif len(substitution) == 4:
        chain, text, wild_type, mutant = (str(part).strip() for part in substitution)
    else:
        return f"{substitution!r} is not chain, residue number, wild type and mutant"
    number = _NUMBER.fullmatch(text)
    if number is None:
        return f"{text!r} is not a residue number; write 52 or 52a"
    return chain, int(number[1]), number[2], wild_type.upper(), mutant.upper()


def _refusal(side: _Side, index: int, parts: tuple[str, int, str, str, str]) -> str:
    """Say why a substitution of an observed residue cannot be scored, or nothing."""
    chain, number, code, wild_type, mutant = parts
    letter = str(side.atoms.letters[index])
    for role, given in (("wild type", wild_type), ("mutant", mutant)):
        if len(given) != 1 or given not in AMINO_ACIDS:
            return f"{role} {given!r} is not one of the 20 amino acids in one-letter code"
    if letter != wild_type:
        return f"residue {number}{code} of chain {chain} is {letter} in the structure, not {wild_type}"
    if wild_type == mutant:
        return f"{wild_type} to {mutant} is no substitution"
    if not side.seen[index]:
        return f"residue {number}{code} of chain {chain} has no Cα in the structure"
    return ""
