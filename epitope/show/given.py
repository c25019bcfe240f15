"""What was given, as records that stand in a result, and back: all it takes to assess once more.

A record holds the fields of a `Variant`, or of an `UnassessedRow` (then it has a ``message``), that
are not their defaults; columns of the file that no answer rests on are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from epitope.errors import TableError
from epitope.impact.verdicts.model import Assessment
from epitope.show.tables import Failure, ResultRow
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.rows import RowStatus, UnassessedRow

_LEFT_OUT = "annotations"


def given_records(rows: Iterable[ResultRow]) -> list[dict[str, Any]]:
    """Return what each row of a result was made of, ready for JSON.

    Parameters
    ----------
    rows : iterable of Assessment, Failure or UnassessedRow

    Examples
    --------
    >>> given_records([Failure(Variant("p.Gly60del", "argument 1"), "residue 60 is Pro, not Gly")])
    [{'text': 'p.Gly60del', 'origin': 'argument 1'}]
    """
    return [_record(_given(row)) for row in rows]


def read_given(records: Iterable[Mapping[str, Any]]) -> list[Variant | UnassessedRow]:
    """Return what records tell of.

    Raises
    ------
    TableError
        If one of them is none that `given_records` makes.

    Examples
    --------
    >>> read_given([{"text": "R163L", "origin": "argument 1"}])[0].text
    'R163L'
    """
    try:
        return [_read(record) for record in records]
    except (TypeError, ValueError, AttributeError) as error:
        raise TableError(f"what was given cannot be read from it ({error})") from None


def _given(row: ResultRow) -> Variant | UnassessedRow:
    """Return what a row was made of."""
    if isinstance(row, UnassessedRow):
        return row
    if isinstance(row, Assessment):
        return row.consequence.variant
    return row.line if isinstance(row, Failure) and row.line is not None else row.variant


def _record(given: Variant | UnassessedRow | SampleCall) -> dict[str, Any]:
    """Return the fields of a record that are not their defaults."""
    values = {part.name: getattr(given, part.name) for part in fields(given) if part.name != _LEFT_OUT}
    told = {
        part.name: values[part.name] for part in fields(given) if values.get(part.name, part.default) != part.default
    }
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, tuple):
        return [_record(item) if isinstance(item, SampleCall) else item for item in value]
    return str(value) if isinstance(value, RowStatus) else value


def _read(record: Mapping[str, Any]) -> Variant | UnassessedRow:
    """Return what one record tells of."""
    calls = tuple(SampleCall(**_as_tuples(call)) for call in record.get("calls", ()))
    values = {**_as_tuples(record), "calls": calls}
    if "message" not in values:
        return Variant(**values)
    return UnassessedRow(**{**values, "status": RowStatus(values.get("status", RowStatus.ERROR))})


def _as_tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose lists are tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
