"""How much a substitution costs the fold: ΔΔG of folding of the isolated antigen chain.

`predict` takes any structure, a chain and a list of substitutions, `predict_chain` every
substitution of a chain. Positive kcal/mol is destabilising. Two models: ``mpnn`` uses
ProteinMPNN beside the measured features, ``light`` the features alone.

Both learned from single substitutions of small soluble proteins, most of which
destabilise. The prediction is therefore biased towards destabilising: a value near or
below zero means "no loss foreseen" and never "stabilised". Cysteines of disulfides,
prolines and glycosylated asparagines are hardly in the data; explicit rules in
`epitope.impact.verdicts.rules` judge them. Insertions and deletions are not judged here at all.
Data, split, figures and limits: ``benchmarks/stability/MODEL_CARD.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from epitope.features.atoms import Booleans, Floats, Integers, ResidueAtoms
from epitope.impact.predictors.stability_features import RESIDUES, Sites, change_features, measure_sites
from epitope.impact.predictors.stability_model import ModelName, StabilityModel, load_model
from epitope.structure.atoms import AtomArrays
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    import MDAnalysis
    import pandas as pd

    from epitope.structure.complex import Complex

__all__ = ["COLUMNS", "predict", "predict_chain"]

COLUMNS = (
    "chain",
    "residue",
    "insertion_code",
    "wild_type",
    "mutant",
    "ddg_kcal_mol",
    "ddg_low_kcal_mol",
    "ddg_high_kcal_mol",
    "p_destabilising",
    "destabilising",
    "reason",
    "notes",
)
"""Columns of every table returned here."""

LOW_RESOLUTION_A = 2.5
"""Beyond it side chains are placed less surely; the benchmark structures are mostly better."""
NEIGHBOUR_A = 8.0

Substitution: TypeAlias = str | tuple[str, int | str, str]
_PATTERN = re.compile(r"(?:p\.)?([A-Za-z]{1,3}?)(-?\d+)([A-Za-z]?)([A-Z]|[A-Z][A-Za-z]{2})")
_RESIDUE = re.compile(r"(-?\d+)([A-Za-z]?)")


@dataclass(frozen=True)
class _Request:
    """One substitution as asked for; ``reason`` is set where it could not be understood."""

    wild_type: str = ""
    number: int | None = None
    insertion_code: str = ""
    mutant: str = ""
    reason: str = ""


def predict(
    structure: str | Path | MDAnalysis.Universe | Complex,
    chain: str,
    substitutions: Sequence[Substitution],
    *,
    model: ModelName = "mpnn",
) -> pd.DataFrame:
    """Predict the change of folding stability of single substitutions.

    Parameters
    ----------
    structure : path, MDAnalysis.Universe or Complex
        PDB or mmCIF file, plain or gzipped, or atoms already loaded. Only the named chain
        is used, without what is bound to it and without residues that the file (of a
        `Complex`, also the alignment) calls a tag; of several models, the first.
    chain : str
        Author chain name.
    substitutions : sequence of str or tuple
        ``"F61A"``, ``"P52aG"`` with an insertion code, ``"p.Phe61Ala"``, or tuples
        ``("P", "52a", "G")``. Residue numbers are those of the file's author.
    model : {"mpnn", "light"}

    Returns
    -------
    pandas.DataFrame
        One row per substitution, in order, columns `COLUMNS`: ``ddg_kcal_mol`` with its
        90 % interval, ``p_destabilising`` = P(ΔΔG ≥ 1 kcal/mol), ``destabilising`` where
        that call was right in at least 85 % of cross-validation, ``reason`` why a row has
        no number, ``notes`` (a tuple) what to keep in mind about one that has.

    Raises
    ------
    StructureError
        If the file cannot be read. A substitution that cannot be scored does not raise.
    ValueError
        If there is no such model.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> table = predict(bundled_structure(), "A", ["W52A", "R163L", "A52G"], model="light")
    >>> table["destabilising"].tolist()
    [True, False, False]
    >>> table.loc[2, "reason"]
    'the structure has W at A:52, not A'
    """
    parameters = load_model(model)
    requests = [_parse(substitution) for substitution in substitutions]
    try:
        seen = observe_chain(structure, chain)
    except ChainNotSeenError as error:
        return _table([_row(chain, request, request.reason or str(error)) for request in requests])
    located = [seen.locate(request) for request in requests]
    good = [i for i, (_, reason) in enumerate(located) if not reason]
    rows = np.array([located[i][0] for i in good], dtype=np.intp)
    mutants = np.array([RESIDUES.index(requests[i].mutant) for i in good], dtype=np.intp)
    scores = _score(seen, rows, mutants, parameters)
    records = [_row(chain, request, reason) for request, (_, reason) in zip(requests, located, strict=True)]
    for k, i in enumerate(good):
        code = str(seen.atoms.insertion_codes[rows[k]])
        notes = seen.notes(int(rows[k]), requests[i].mutant)
        records[i] |= {"insertion_code": code, "notes": notes, **{name: s[k] for name, s in scores.items()}}
    return _table(records)


def predict_chain(
    structure: str | Path | MDAnalysis.Universe | Complex, chain: str, *, model: ModelName = "mpnn"
) -> pd.DataFrame:
    """Predict all 19 substitutions of every observed residue of a chain.

    Parameters
    ----------
    structure, chain, model
        As `predict`.

    Returns
    -------
    pandas.DataFrame
        As `predict`; residues in order of the chain, mutants in alphabetical order.

    Raises
    ------
    StructureError
        If the file cannot be read or has no such chain.

    Examples
    --------
    >>> from epitope.structure import bundled_structure
    >>> table = predict_chain(bundled_structure(), "A", model="light")
    >>> len(table) == 19 * table[["residue", "insertion_code"]].drop_duplicates().shape[0]
    True
    """
    import pandas as pd

    from epitope.errors import StructureError

    parameters = load_model(model)
    try:
        seen = observe_chain(structure, chain)
    except ChainNotSeenError as error:
        raise StructureError(f"{error}; name one that is") from None
    known = np.flatnonzero(seen.types >= 0)
    rows = np.repeat(known, len(RESIDUES))
    mutants = np.tile(np.arange(len(RESIDUES)), len(known))
    changed = mutants != seen.types[rows]
    rows, mutants = rows[changed], mutants[changed]
    usable = seen.complete[rows]
    scores = _score(seen, rows[usable], mutants[usable], parameters)
    letters = np.array(list(RESIDUES))
    site_notes = [seen.site_notes(i) for i in range(len(seen.atoms))]
    reasons = np.where(seen.complete, "", [seen.incomplete_reason(i) for i in range(len(seen.atoms))])
    table = pd.DataFrame(
        {
            "chain": chain,
            "residue": seen.atoms.numbers[rows],
            "insertion_code": seen.atoms.insertion_codes[rows].astype(object),
            "wild_type": letters[seen.types[rows]].astype(object),
            "mutant": letters[mutants].astype(object),
            "reason": reasons[rows].astype(object),
            "notes": [
                site_notes[row] + _proline_note(letters[seen.types[row]], letters[mutant])
                for row, mutant in zip(rows.tolist(), mutants.tolist(), strict=True)
            ],
        }
    )
    for name, values in scores.items():
        full = np.full(len(rows), False if name == "destabilising" else np.nan)
        full[usable] = values
        table[name] = full
    return table[list(COLUMNS)].astype({"residue": "Int64", "destabilising": bool})


class ChainNotSeenError(Exception):
    """The structure does not show the chain."""


@dataclass(frozen=True, eq=False)
class ObservedChain:
    """One chain as observed, and what is asked of it more than once."""

    atoms: ResidueAtoms
    chain: str
    resolution_A: float | None

    @cached_property
    def types(self) -> Integers:
        """Residue type of each residue, -1 outside the twenty."""
        return np.array([RESIDUES.find(letter) for letter in self.atoms.letters.tolist()], dtype=np.intp)

    @cached_property
    def complete(self) -> Booleans:
        """Whether N, Cα, C and O are there."""
        return np.asarray(np.isfinite(self.atoms.backbone).all(axis=(1, 2)))

    @cached_property
    def sites(self) -> Sites:
        """The measured sites."""
        return measure_sites(self.atoms)

    def log_probabilities(self, rows: Integers | None = None) -> Floats:
        """ProteinMPNN's answer at some or all rows, shape (n, 21); NaN elsewhere and without backbone."""
        from epitope.impact.predictors.proteinmpnn import ALPHABET, conditional_log_probabilities

        answer = np.full((len(self.atoms), len(ALPHABET)), np.nan)
        keep = self.complete
        letters = "".join(self.atoms.letters[keep].tolist())
        wanted = np.isin(np.arange(len(self.atoms)), rows) if rows is not None else keep
        answer[keep] = conditional_log_probabilities(
            self.atoms.backbone[keep], letters, residue_index(self.atoms)[keep], wanted[keep]
        )
        return answer

    @cached_property
    def truncated(self) -> list[tuple[str, ...]]:
        """Side-chain atoms that each residue lacks."""
        from epitope.structure.residues import BACKBONE, missing_atoms

        starts = [*self.atoms.starts.tolist(), len(self.atoms.names)]
        names = self.atoms.names.tolist()
        return [
            tuple(
                atom
                for atom in missing_atoms(three_letter(letter).upper(), [*BACKBONE, *names[start:stop]])[0]
                if self.types[i] >= 0
            )
            for i, (letter, start, stop) in enumerate(
                zip(self.atoms.letters.tolist(), starts[:-1], starts[1:], strict=True)
            )
        ]

    @cached_property
    def truncated_neighbours(self) -> Integers:
        """How many other residues within 8 Å (Cα) are truncated."""
        from scipy.spatial.distance import cdist

        near = cdist(self.atoms.ca, self.atoms.ca) < NEIGHBOUR_A
        np.fill_diagonal(near, False)
        cut = np.array([bool(atoms) for atoms in self.truncated], dtype=np.intp)
        return np.asarray(near.astype(np.intp) @ cut)

    @cached_property
    def index(self) -> dict[tuple[int, str], int]:
        """Author number and insertion code to row; the first where a file repeats one."""
        found: dict[tuple[int, str], int] = {}
        for row, key in enumerate(zip(self.atoms.numbers.tolist(), self.atoms.insertion_codes.tolist(), strict=True)):
            found.setdefault(key, row)
        return found

    def locate(self, request: _Request) -> tuple[int, str]:
        """Find the residue of a request; say why it cannot be scored, if so."""
        if request.reason or request.number is None:
            return -1, request.reason
        code = request.insertion_code
        keys = [(request.number, code), (request.number, code.swapcase())]
        row = next((self.index[key] for key in keys if key in self.index), -1)
        label = f"{self.chain}:{request.number}{code}"
        if row < 0:
            return -1, f"{label} is not observed"
        letter = str(self.atoms.letters[row])
        if letter != request.wild_type:
            return -1, f"the structure has {letter} at {label}, not {request.wild_type}"
        return row, self.incomplete_reason(row)

    def incomplete_reason(self, row: int) -> str:
        """Name the backbone atoms a residue lacks, or nothing."""
        if self.complete[row]:
            return ""
        absent = [
            name
            for name, atom in zip(("N", "CA", "C", "O"), self.atoms.backbone[row], strict=True)
            if not np.isfinite(atom).all()
        ]
        return f"backbone atoms not observed: {', '.join(absent)}"

    def site_notes(self, row: int) -> tuple[str, ...]:
        """What to keep in mind about any number at this residue."""
        own, around = self.truncated[row], int(self.truncated_neighbours[row])
        low = self.resolution_A is not None and self.resolution_A > LOW_RESOLUTION_A
        notes = (
            f"side chain truncated, {', '.join(own)} not observed" if own else "",
            f"{around} truncated side chain{'s' if around > 1 else ''} within 8 Å" if around else "",
            f"resolution {self.resolution_A:.1f} Å" if low else "",
        )
        return tuple(filter(None, notes))

    def notes(self, row: int, mutant: str) -> tuple[str, ...]:
        """The notes of one substitution."""
        return self.site_notes(row) + _proline_note(str(self.atoms.letters[row]), mutant)


def residue_index(atoms: ResidueAtoms) -> Integers:
    """Count residues along the chain; a gap counts as long as the author's numbers say.

    Insertion codes and jumps in numbering without a break of the chain count as one step,
    so that antibody numbering and engineered numbers do not tear a chain apart.

    Parameters
    ----------
    atoms : ResidueAtoms

    Returns
    -------
    ndarray of int, shape (n_residues,)
    """
    step = np.maximum(np.diff(atoms.numbers, prepend=atoms.numbers[:1]), 1)
    step[atoms.bonded_to_previous] = 1
    return np.asarray(np.cumsum(step), dtype=np.intp)


def _score(
    seen: ObservedChain, rows: Integers, mutants: Integers, model: StabilityModel
) -> dict[str, Floats | Booleans]:
    """Evaluate the model; an empty request gives empty arrays."""
    if len(rows) == 0:
        ddg = np.zeros(0)
    else:
        log_p = seen.log_probabilities(rows) if "mpnn" in model.features else None
        ddg = model.predict(change_features(seen.sites, model.potentials, rows, mutants, log_p))
    low, high = model.bounds(ddg)
    return {
        "ddg_kcal_mol": ddg,
        "ddg_low_kcal_mol": low,
        "ddg_high_kcal_mol": high,
        "p_destabilising": model.probability(ddg),
        "destabilising": model.flags(ddg),
    }


def observe_chain(structure: str | Path | MDAnalysis.Universe | Complex, chain: str) -> ObservedChain:
    """Cut the amino acids of one chain out of whatever holds them."""
    held, resolution = _atoms_of(structure)
    chain = chain.strip()
    names, residues = held.chainIDs, held.resnames
    amino = {name for name in set(residues.tolist()) if _is_amino_acid(name)}
    chosen = held[(names == chain) & np.isin(residues, list(amino))]
    atoms = ResidueAtoms.from_arrays(chosen) if len(chosen) else None
    seen = np.zeros(0, dtype=bool) if atoms is None else np.asarray(np.isfinite(atoms.ca).all(axis=1))
    if atoms is None or not seen.any():
        others = ", ".join(dict.fromkeys(names[np.isin(residues, list(amino))].tolist())) or "none"
        raise ChainNotSeenError(f"chain {chain} is not observed (protein chains: {others})")
    return ObservedChain(atoms.take(seen), chain, resolution)


def _is_amino_acid(name: str) -> bool:
    from epitope.structure.residues import is_amino_acid

    return is_amino_acid(name)


def _atoms_of(structure: str | Path | MDAnalysis.Universe | Complex) -> tuple[AtomArrays, float | None]:
    """Return all atoms but those of a tag and, where known, the resolution in Å."""
    if isinstance(structure, str | Path):
        from epitope.structure.read import read_entry

        entry = read_entry(structure)
        atoms = AtomArrays.from_structure(entry.structure)
        tags = {
            (d.residue.chain, d.residue.number, d.residue.insertion_code) for d in entry.header.differences if d.is_tag
        }
        names = zip(atoms.chainIDs.tolist(), atoms.resids.tolist(), atoms.icodes.tolist(), strict=True)
        return atoms[np.array([name not in tags for name in names], dtype=bool)], entry.metadata.resolution_A
    structure = getattr(structure, "complex", structure)
    if hasattr(structure, "metadata"):
        held = cast("Complex", structure)
        tag = held.numbering.loc[held.numbering["tag"], "resindex"]
        return held.arrays[~np.isin(held.arrays.resindices, tag)], held.metadata.resolution_A
    return AtomArrays.from_atomgroup(cast("MDAnalysis.Universe", structure).atoms), None


def _parse(substitution: Substitution) -> _Request:
    """Understand one substitution, or say why not."""
    if isinstance(substitution, str):
        match = _PATTERN.fullmatch(substitution.strip())
        if match is None:
            return _Request(reason=f"{substitution!r} is not a substitution such as F61A or P52aG")
        before, number, code, after = match.groups()
    else:
        before, residue, after = (str(part).strip() for part in substitution)
        match = _RESIDUE.fullmatch(residue)
        if match is None:
            return _Request(before, mutant=after, reason=f"{residue!r} is not a residue number such as 61 or 52a")
        number, code = match.groups()
    wild_type, mutant = _letter(before), _letter(after)
    reason = ""
    for written, letter in ((before, wild_type), (after, mutant)):
        if letter not in RESIDUES or not letter:
            reason = reason or f"{written!r} is not one of the twenty residues"
    if not reason and wild_type == mutant:
        reason = "wild type and mutant are the same"
    return _Request(wild_type or before, int(number), code, mutant or after, reason)


def _letter(text: str) -> str:
    """Return a one-letter code from one or three letters, or nothing."""
    if len(text) == 1:
        return text.upper() if text.upper() in RESIDUES else ""
    from epitope.structure.residues import one_letter

    letter = one_letter(text.upper()) if len(text) == 3 else ""
    return letter if letter in RESIDUES else ""


PROLINE_NOTE = "no measured change from or to proline was learned from"


def _proline_note(wild_type: str, mutant: str) -> tuple[str, ...]:
    return (PROLINE_NOTE,) if "P" in (wild_type, mutant) else ()


def _row(chain: str, request: _Request, reason: str) -> dict[str, object]:
    """Make a row without numbers."""
    return {
        "chain": chain,
        "residue": request.number,
        "insertion_code": request.insertion_code,
        "wild_type": request.wild_type,
        "mutant": request.mutant,
        "ddg_kcal_mol": np.nan,
        "ddg_low_kcal_mol": np.nan,
        "ddg_high_kcal_mol": np.nan,
        "p_destabilising": np.nan,
        "destabilising": False,
        "reason": reason,
        "notes": (),
    }


def _table(records: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(records, columns=list(COLUMNS))
    return table.astype({"residue": "Int64", "destabilising": bool})
