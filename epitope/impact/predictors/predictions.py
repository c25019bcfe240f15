"""The numbers beside the rules, for one complex: ΔΔG of folding and hot-spot score.

Runs both models once over the whole antigen, when the first number is asked for, and keeps
the answer; the numbers of a pack's own structure may ship with the pack, so that assessing
one variant does not wait for a neural network. Each number comes with what it rests on:
atoms that were not observed, resolution, and whether the antibody in the crystal is the
one of the drug. Judges nothing; the rules do.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from epitope.errors import TargetError
from epitope.impact.predictors import binding, stability_model
from epitope.impact.predictors.kept import remembered
from epitope.impact.predictors.model import Predictions
from epitope.impact.predictors.stability import PROLINE_NOTE
from epitope.impact.site import Site, sites_of
from epitope.target.residues import AMINO_ACIDS, three_letter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from epitope.features.binders import Comparison
    from epitope.features.measured import MeasuredComplex

STABILITY: stability_model.ModelName = "mpnn"
"""The stability model whose numbers are shown: the more accurate of the two."""
GAP_REACH = 2
"""Residues this close along the chain to one that was not observed end in the open."""
_BINDING_COLUMNS = ("hot_spot_score", "p_hot_spot")
_SHARES = ("p_destabilising", "destabilising", "p_hot_spot")
MOST_BYTES = 100_000_000
"""Size of a table unpacked; those of this package take 400 kB."""
_COLUMNS = ("ddg_kcal_mol", "ddg_low_kcal_mol", "ddg_high_kcal_mol", "p_destabilising", "destabilising")


@dataclass(frozen=True, eq=False)
class PredictionTable:
    """Both models' answers for every substitution of the antigen.

    Attributes
    ----------
    positions : ndarray of int, shape (n,)
        UniProt positions that were observed, ascending.
    values : dict of str to ndarray, shape (n, 20)
        One per column, replacements in the order of `AMINO_ACIDS`; NaN where there is no number.
    notes : ndarray of str, shape (n, k)
        What the stability model says of each site, "" where it says less than of others.
    key : str
        Structure, chains and model versions that the numbers belong to.
    """

    positions: NDArray[np.intp]
    values: Mapping[str, NDArray[np.float32]]
    notes: NDArray[np.str_]
    key: str

    def save(self, path: Path) -> None:
        """Write the table as the package ships it; the same table gives the same bytes."""
        arrays: dict[str, Any] = {
            "positions": self.positions.astype(np.int16),
            "notes": self.notes,
            "key": np.array(self.key),
            **self.values,
        }
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Any) -> PredictionTable:
        """Read what `save` wrote.

        Raises
        ------
        TargetError
            If the file is damaged, or holds other arrays.
        """
        try:
            with path.open("rb") as handle:
                _require_small(handle)
                with np.load(handle, allow_pickle=False) as stored:
                    values = {name: stored[name] for name in (*_COLUMNS, *_BINDING_COLUMNS)}
                    found = cls(stored["positions"].astype(np.intp), values, stored["notes"], str(stored["key"]))
            _require_shapes(found)
            _require_numbers(found)
        except Exception as error:  # zipfile and numpy raise whatever a byte leads them to
            raise TargetError(
                f"{path}: is damaged or no table of predictions ({error or type(error).__name__}); make it again with "
                "scripts/compute_predictions.py, or take `predictions` out of the pack"
            ) from None
        return found


def _require_shapes(table: PredictionTable) -> None:
    """Refuse arrays of which one does not belong to the others, or whose texts have codes that no letter has."""
    rows = table.positions.size
    wrong = [name for name, array in table.values.items() if array.shape != (rows, len(AMINO_ACIDS))]
    wrong += [name for name, array in table.values.items() if array.dtype.kind != "f"]
    if wrong or table.positions.ndim != 1 or table.notes.ndim != 2 or len(table.notes) != rows:
        raise ValueError(f"{wrong[0] if wrong else 'positions or notes'} of another shape or kind")
    "".join(table.notes.ravel().tolist()).encode()


def _require_numbers(table: PredictionTable) -> None:
    """Refuse numbers that no model gives."""
    known = np.isfinite(table.values["ddg_kcal_mol"])
    wrong = [name for name, array in table.values.items() if np.isinf(array).any()]
    wrong += [name for name in _COLUMNS[:-1] if (np.isfinite(table.values[name]) != known).any()]
    shares = ((name, table.values[name]) for name in _SHARES)
    wrong += [name for name, array in shares if ((array < 0) | (array > 1)).any()]
    if wrong or len(np.unique(table.positions)) < len(table.positions):
        raise ValueError(f"{wrong[0] if wrong else 'positions'} of numbers that no model gives")


def _require_small(handle: BinaryIO) -> None:
    """Refuse an archive that unpacks to more than any table holds."""
    with zipfile.ZipFile(handle) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise ValueError(f"unpacks to more than {MOST_BYTES // 1_000_000} MB")
    handle.seek(0)


class PredictionSource:
    """Looks numbers up by substitution; computes them when first asked.

    Parameters
    ----------
    structure : MeasuredComplex

    Examples
    --------
    >>> import epitope
    >>> numbers = PredictionSource(epitope.load()).of(220, "E")
    >>> numbers.p_hot_spot > 0.5
    True
    """

    def __init__(self, structure: MeasuredComplex, sites: Mapping[int, Site] | None = None) -> None:
        self.structure = structure
        self.sites = sites_of(structure.residues, label=structure.target.label) if sites is None else sites
        self._known: dict[tuple[int, str], Predictions | None] = {}

    def of(self, position: int, alternate: str) -> Predictions | None:
        """Return the numbers of a substitution, ``None`` where the crystal does not show the residue.

        Parameters
        ----------
        position : int
            UniProt position.
        alternate : str
            One-letter code of the replacement.
        """
        key = (position, alternate)
        if key not in self._known:
            self._known[key] = self._look_up(position, alternate)
        return self._known[key]

    def mean_ddg(self, position: int) -> float | None:
        """Return the mean predicted ΔΔG of all substitutions of a residue, ``None`` where there is none.

        Parameters
        ----------
        position : int
            UniProt position.

        Returns
        -------
        float or None
            kcal/mol, positive = destabilising.
        """
        row = self._row.get(position)
        mean = float("nan") if row is None else self._mean_ddg[row]
        return None if np.isnan(mean) else mean

    @cached_property
    def _mean_ddg(self) -> list[float]:
        """Mean over the substitutions of each row, NaN where the model gives none."""
        values = self.table.values["ddg_kcal_mol"].astype(np.float64)
        count = np.isfinite(values).sum(axis=1)
        mean = np.divide(np.nansum(values, axis=1), count, out=np.full(len(count), np.nan), where=count > 0)
        return [float(value) for value in mean]

    @cached_property
    def table(self) -> PredictionTable:
        """Every number of the complex: the shipped ones where they are its own, else kept or computed ones."""
        stored = self.structure.target.predictions
        key = key_of(self.structure)
        if self.structure.complex.sha256 and stored:
            shipped = PredictionTable.load(Path(stored))
            if shipped.key == key:
                return shipped
        return remembered(self.structure, key, PredictionTable.load, lambda: compute_predictions(self.structure))

    @cached_property
    def _row(self) -> dict[int, int]:
        return {position: row for row, position in enumerate(self.table.positions.tolist())}

    @cached_property
    def _plain(self) -> dict[str, list[list[float]]]:
        """The values as lists, which a scan reads faster than array elements."""
        return {name: np.round(array.astype(np.float64), 4).tolist() for name, array in self.table.values.items()}

    def _look_up(self, position: int, alternate: str) -> Predictions | None:
        row, column = self._row.get(position), AMINO_ACIDS.find(alternate)
        site = self.sites[position]
        if row is None or column < 0 or alternate == site.residue:
            return None
        found = {name: values[row][column] for name, values in self._plain.items()}
        known = {name: None if value != value else value for name, value in found.items()}  # noqa: PLR0124
        destabilising = bool(known.pop("destabilising") or False)
        return Predictions(
            **known,
            destabilising=destabilising,
            stability_model=STABILITY,
            notes=self._notes(site, alternate, self.table.notes[row].tolist()),
        )

    def _notes(self, site: Site, alternate: str, of_model: list[str]) -> tuple[str, ...]:
        """Say what the numbers of one substitution rest on."""
        notes = [note for note in of_model if note]
        position = site.uniprot_position
        near = [p for p in range(position - GAP_REACH, position + GAP_REACH + 1) if not self._observed(p)]
        if near:
            notes.append(f"beside {', '.join(map(self._name, near))}, not observed")
        if "P" in (site.residue, alternate):
            notes.append(PROLINE_NOTE)
        if site.contact_4A:
            if site.residue in "AG":
                notes.append(binding.SMALL_NOTE)
            notes += self._other_antibodies(site)
        return tuple(notes)

    def _observed(self, position: int) -> bool:
        return position not in self.sites or self.sites[position].observed

    def _name(self, position: int) -> str:
        return self.sites[position].name

    def _other_antibodies(self, site: Site) -> list[str]:
        """Say whether a related binder has the same residues where this one is touched."""
        notes = []
        for comparison in self.comparisons:
            differ = {d.label: d.in_binder for d in comparison.differences}
            touched = [f"{label} is {_letter(differ[label])}" for label in site.partners_4A if label in differ]
            notes.append(
                f"of the antibody residues it touches, {', '.join(touched)} in {comparison.binder}"
                if touched
                else f"all antibody residues it touches are the same in {comparison.binder}"
            )
        return notes

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Other binders of known sequence that are relatives of the crystal's antibody."""
        from epitope.features.binders import compare_binder

        mine, held = self.structure.binder, self.structure.complex
        found = (compare_binder(held, binder) for binder in held.target.binders if binder != mine)
        return tuple(comparison for comparison in found if comparison is not None and comparison.related)


def _letter(code: str) -> str:
    """Name a residue of a binder, or its absence."""
    return "absent" if code == "-" else three_letter(code)


def key_of(structure: MeasuredComplex) -> str:
    """Name all that the numbers of a complex depend on."""
    held = structure.complex
    chains = ":".join("".join(names) for names in (held.antigen_chains, held.heavy_chains, held.light_chains))
    stability = f"{STABILITY} {stability_model.load_model(STABILITY).version}"
    return f"{held.sha256}, {chains}, stability {stability}, binding {binding.load_calibration().version}"


def compute_predictions(structure: MeasuredComplex) -> PredictionTable:
    """Run both models over every substitution of every observed residue.

    Parameters
    ----------
    structure : MeasuredComplex

    Returns
    -------
    PredictionTable
    """
    positions = np.asarray(structure.positions, dtype=np.intp)
    values = {name: np.full((len(positions), len(AMINO_ACIDS)), np.nan, dtype=np.float32) for name in _COLUMNS}
    notes = _add_stability(structure, positions, values)
    values |= _binding(structure)
    return PredictionTable(positions, values, notes, key_of(structure))


def _add_stability(
    structure: MeasuredComplex, positions: NDArray[np.intp], values: dict[str, NDArray[np.float32]]
) -> NDArray[np.str_]:
    """Fill in the columns of the stability model; return its notes by site."""
    from epitope.impact.predictors.stability import predict_chain

    table = structure.residues
    known = table[table["observed"]]
    of_residue = {
        (chain, int(number), code): int(position)
        for chain, number, code, position in zip(
            known["chain"], known["author_number"], known["insertion_code"], known["uniprot_position"], strict=True
        )
    }
    row_of = {position: row for row, position in enumerate(positions.tolist())}
    notes: list[list[str]] = [[] for _ in positions]
    for chain in structure.complex.antigen_chains:
        found = predict_chain(structure.complex, chain, model=STABILITY)
        numbers = found[list(_COLUMNS)].astype(np.float32).to_numpy()
        keys = zip(found["residue"].tolist(), found["insertion_code"].tolist(), strict=True)
        sites = [of_residue.get((chain, int(number), str(code).strip())) for number, code in keys]
        keep = np.array([site is not None for site in sites])
        rows = np.array([row_of[site] for site in sites if site is not None], dtype=np.intp)
        columns = np.array([AMINO_ACIDS.index(letter) for letter in found["mutant"]], dtype=np.intp)[keep]
        for index, name in enumerate(_COLUMNS):
            values[name][rows, columns] = numbers[keep, index]
        for site, said, reason in zip(sites, found["notes"], found["reason"], strict=True):
            if site is not None:  # what is true of a substitution alone is said there
                notes[row_of[site]] = [text for text in (reason, *said) if text and text != PROLINE_NOTE]
    most = max(map(len, notes), default=0)
    return np.array([[*said, *[""] * (most - len(said))] for said in notes], dtype=np.str_)


def _binding(structure: MeasuredComplex) -> dict[str, NDArray[np.float32]]:
    """Return the columns of the hot-spot model, NaN without an antibody."""
    letters = structure.antigen_atoms.letters.tolist()
    if structure.antibody_atoms is None:
        empty = np.full((len(letters), len(AMINO_ACIDS)), np.nan, dtype=np.float32)
        return {name: empty.copy() for name in _BINDING_COLUMNS}
    score = _site_scores(structure)
    known = np.array([[old in AMINO_ACIDS and new != old for new in AMINO_ACIDS] for old in letters])
    scores = np.where(known, score[:, None], np.nan)
    columns = scores, binding.load_calibration().probability(scores)
    return {name: column.astype(np.float32) for name, column in zip(_BINDING_COLUMNS, columns, strict=True)}


def hot_spot_probability(structure: MeasuredComplex) -> dict[int, float]:
    """Say for each observed antigen residue how likely it is a hot spot.

    Parameters
    ----------
    structure : MeasuredComplex

    Returns
    -------
    dict
        UniProt position to P(binding weakens by 1 kcal/mol or more); NaN for residues without a standard
        parent, empty without an antibody.

    Examples
    --------
    >>> import epitope
    >>> found = hot_spot_probability(epitope.load())
    >>> found[220] > 0.5 > found[60]
    True
    """
    if structure.antibody_atoms is None:
        return {}
    standard = np.array([letter in AMINO_ACIDS for letter in structure.antigen_atoms.letters.tolist()])
    found = binding.load_calibration().probability(np.where(standard, _site_scores(structure), np.nan))
    return dict(zip(structure.positions.tolist(), found.tolist(), strict=True))


def _site_scores(structure: MeasuredComplex) -> NDArray[np.float64]:
    """Score each observed antigen residue for its place in the interface with the antibody, which is there."""
    from epitope.features.burial import measure_burial

    assert structure.antibody_atoms is not None
    return binding.hot_spot_score(measure_burial(structure.antigen_atoms, structure.antibody_atoms))
