"""Splice scores that were computed before: a look-up in place of a second of computing.

A table holds, for one sequence and one version of the weights, the events of every
change that it covers; a covered change without an event has none. It is written by
``benchmarks/splicing/compute_table.py``. What it does not hold is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from epitope.variant.splice_model.network import Change, weights_version
from epitope.variant.splice_model.scores import (
    EVENT_THRESHOLD,
    WINDOW,
    Kind,
    SiteEvent,
    context_known,
    normalise,
    score_variants,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Prediction", "Table", "bundled_tables", "changes_at", "pack", "predict", "sequence_version"]

_BASES = "ACGT"
_KINDS: tuple[Kind, Kind] = ("acceptor", "donor")
# Scores are stored as integers of this step.
_STEP = 1e-4
_LONGEST_DELETION = 3
_LONGEST_DUPLICATION = 3


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of a variant.

    Attributes
    ----------
    change : Change
        The change without common bases, as far left as it can be written.
    events : tuple of SiteEvent
        Sites whose score changes by ``threshold`` or more, largest change first.
    window : int
        Bases before and after the change that were looked at.
    threshold : float
        Smallest difference that is an event.
    context_known : tuple of (int, int)
        Known bases among the 5,000 before and after the change that the network could see.
    model : str
        Version of the weights.
    from_table : bool
        Whether it was looked up rather than computed.
    """

    change: Change
    events: tuple[SiteEvent, ...]
    window: int
    threshold: float
    context_known: tuple[int, int]
    model: str
    from_table: bool


def predict(sequence: str, changes: Sequence[Change]) -> list[Prediction]:
    """Say what variants do to splice sites: looked up where possible, else computed.

    Parameters
    ----------
    sequence : str
        The unspliced reference on the transcript strand
        (`epitope.variant.splice_model.scores.gene_sequence`).
    changes : sequence of Change
        Each alone, as `epitope.variant.splice_model.scores.normalise` returns them.

    Returns
    -------
    list of Prediction
        Events within `WINDOW` bases of each change.

    Notes
    -----
    What is not in a table costs about half a second for the sequence and a tenth of a
    second for each change.
    """
    table = bundled_tables().get(sequence_version(sequence))
    stored = [table.events(change) if table is not None else None for change in changes]
    missing = [change for change, events in zip(changes, stored, strict=True) if events is None]
    computed = iter(score_variants(sequence, missing) if missing else [])
    return [
        Prediction(
            change,
            next(computed).events if events is None else events,
            WINDOW,
            EVENT_THRESHOLD,
            context_known(sequence, change),
            weights_version(),
            events is not None,
        )
        for change, events in zip(changes, stored, strict=True)
    ]


@cache
def sequence_version(sequence: str) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of a sequence."""
    return sha256(sequence.upper().encode()).hexdigest()[:12]


@cache
def bundled_tables() -> dict[str, Table]:
    """Return the packaged tables that fit the weights, by version of their sequence."""
    tables = {}
    for path in (resources.files("epitope.variant.splice_model") / "data").iterdir():
        if path.name.startswith("table_") and path.name.endswith(".npz"):
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as archive:
                table = Table({name: archive[name] for name in archive.files})
            if (table.model, table.window, table.threshold) == (weights_version(), WINDOW, EVENT_THRESHOLD):
                tables[table.sequence] = table
    return tables


class Table:
    """The events of many changes of one sequence.

    Parameters
    ----------
    arrays : Mapping[str, numpy.ndarray]
        What `pack` returns.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self._arrays = arrays
        self.model, self.sequence = str(arrays["model"]), str(arrays["sequence"])
        self.window, self.threshold = int(arrays["window"].item()), float(arrays["threshold"].item())
        self._starts = np.asarray(arrays["start"])
        self._ends = np.cumsum(arrays["n_events"], dtype=np.intp)
        inserted = [bases.decode() for bases in arrays["inserted"].tolist()]
        keys = zip(self._starts.tolist(), arrays["deleted"].tolist(), inserted, strict=True)
        # The number of events stands beside the row: most changes have none.
        self._rows = dict(zip(keys, enumerate(arrays["n_events"].tolist()), strict=True))

    def __len__(self) -> int:
        """Return how many changes are covered."""
        return len(self._starts)

    def changes(self) -> list[Change]:
        """Return the changes that are covered."""
        return [self._change(row) for row in range(len(self))]

    def events(self, change: Change) -> tuple[SiteEvent, ...] | None:
        """Return the events of a change, or ``None`` if the table does not cover it."""
        row, n_events = self._rows.get((change.start, change.deleted, change.inserted), (-1, 0))
        if row < 0 or not n_events:
            return None if row < 0 else ()
        stop = int(self._ends[row])
        return tuple(self._event(number, change) for number in range(stop - n_events, stop))

    def reference_scores(self) -> dict[tuple[Kind, int], float]:
        """Return the scores in the reference of every site that a covered change moves, by kind and position."""
        arrays = self._arrays
        starts = np.repeat(self._starts, np.asarray(arrays["n_events"], dtype=np.intp))
        places = (starts + np.asarray(arrays["event_distance"])).tolist()
        kinds, scores = arrays["event_kind"].tolist(), arrays["event_reference"].tolist()
        return {
            (_KINDS[kind], place): round(score * _STEP, 4)
            for kind, place, score in zip(kinds, places, scores, strict=True)
        }

    def _change(self, row: int) -> Change:
        """Return a covered change."""
        inserted = self._arrays["inserted"][row].decode()
        return Change(int(self._starts[row]), int(self._arrays["deleted"][row]), inserted)

    def _event(self, number: int, change: Change) -> SiteEvent:
        """Return one event."""
        kind, distance, inserted, reference, mutant = (
            int(self._arrays[f"event_{name}"][number])
            for name in ("kind", "distance", "inserted", "reference", "mutant")
        )
        scores = round(reference * _STEP, 4), round(mutant * _STEP, 4)
        return SiteEvent(_KINDS[kind], change.start + distance, inserted, *scores)


def pack(
    sequence: str, rows: Sequence[tuple[Change, Sequence[SiteEvent]]], model: str
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a table.

    Parameters
    ----------
    sequence : str
        The reference.
    rows : sequence of (Change, sequence of SiteEvent)
        Changes as `normalise` returns them, and what `score_variants` found.
    model : str
        Version of the weights.
    """
    rows = sorted(rows, key=lambda row: (row[0].start, row[0].deleted, row[0].inserted))
    events = [(change, event) for change, found in rows for event in found]
    return {
        "model": np.array(model),
        "sequence": np.array(sequence_version(sequence)),
        "window": np.array(WINDOW),
        "threshold": np.array(EVENT_THRESHOLD),
        "start": np.array([change.start for change, _ in rows], dtype=np.int32),
        "deleted": np.array([change.deleted for change, _ in rows], dtype=np.uint8),
        "inserted": np.array([change.inserted.encode() for change, _ in rows], dtype="S"),
        "n_events": np.array([len(found) for _, found in rows], dtype=np.uint8),
        "event_kind": np.array([_KINDS.index(event.kind) for _, event in events], dtype=np.uint8),
        "event_distance": np.array([event.position - change.start for change, event in events], dtype=np.int16),
        "event_inserted": np.array([event.inserted for _, event in events], dtype=np.uint8),
        "event_reference": np.array([round(event.reference / _STEP) for _, event in events], dtype=np.uint16),
        "event_mutant": np.array([round(event.mutant / _STEP) for _, event in events], dtype=np.uint16),
    }


def changes_at(sequence: str, position: int) -> list[Change]:
    """Return the changes of a table that begin at a base, without doubles, each as far left as possible.

    Every substitution, every deletion of one to three bases from here, every base put in
    before this one, and the duplication of the two and three bases from here. Where a
    base involved is not known, nothing.

    Examples
    --------
    >>> [change.inserted or change.deleted for change in changes_at("ACGT", 1)]
    ['A', 'G', 'T', 1, 2, 3, 'A', 'C', 'G', 'T', 'CG', 'CGT']
    """
    base = sequence[position]
    if base not in _BASES:
        return []
    pairs = [(base, other) for other in _BASES if other != base]
    pairs += [(sequence[position : position + size], "") for size in range(1, _LONGEST_DELETION + 1)]
    pairs += [("", other) for other in _BASES]
    units = [sequence[position : position + size] for size in range(2, _LONGEST_DUPLICATION + 1)]
    pairs += [("", unit) for unit in units]
    wanted = [(ref, alt) for ref, alt in pairs if set(ref + alt) <= set(_BASES)]
    return list(dict.fromkeys(normalise(sequence, position, ref, alt) for ref, alt in wanted))
