"""What was given, as records that stand in a result, and back: all it takes to compute it once more.

A record holds the fields of a `Variant`, of an `UnassessedRow` (then it has a ``message``) or of a `SampleRecord`
that are not their defaults; columns of the file that no answer rests on are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from epitope.errors import TableError, shown
from epitope.impact.cohorts.model import AlleleState, CopyNumber, SampleRecord
from epitope.impact.verdicts.model import Assessment
from epitope.show.tables import Failure, ResultRow
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.rows import RowStatus, UnassessedRow

if TYPE_CHECKING:
    from epitope.impact.antibodies import Antibody

_LEFT_OUT = "annotations"
_T = TypeVar("_T")


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


def sample_records(samples: Iterable[SampleRecord]) -> list[dict[str, Any]]:
    """Return what each row of a cohort was made of, ready for JSON."""
    return [_record(sample) for sample in samples]


def read_samples_given(records: Iterable[Mapping[str, Any]]) -> list[SampleRecord]:
    """Return the samples that records tell of.

    Raises
    ------
    TableError
        If one of them is none that `sample_records` makes.
    """
    try:
        return [_read_sample(record) for record in records]
    except (TypeError, ValueError, AttributeError) as error:
        raise TableError(f"what was given cannot be read from it ({error})") from None


def antibody_record(antibody: Antibody) -> dict[str, Any]:
    """Return which structure shows an antibody, or which binder's sequence was laid on one."""
    if antibody.sequence is not None:
        return {"binder": antibody.sequence.binder}
    shown = antibody.structure.complex
    return {
        "structure_id": antibody.structure.id,
        "structure_file": shown.path.name if shown.path else "",
        "structure_sha256": shown.sha256,
    }


def _given(row: ResultRow) -> Variant | UnassessedRow:
    """Return what a row was made of."""
    if isinstance(row, UnassessedRow):
        return row
    if isinstance(row, Assessment):
        return row.consequence.variant
    return row.line if isinstance(row, Failure) and row.line is not None else row.variant


def _record(given: Any) -> dict[str, Any]:
    """Return the fields of a data class that are not their defaults."""
    values = {part.name: getattr(given, part.name) for part in fields(given) if part.name != _LEFT_OUT}
    told = {
        part.name: values[part.name] for part in fields(given) if values.get(part.name, part.default) != part.default
    }
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _record(value)
    return str(value) if isinstance(value, StrEnum) else value


def _read(record: Mapping[str, Any]) -> Variant | UnassessedRow:
    """Return what one record tells of."""
    calls = tuple(_made(SampleCall, _as_tuples(call)) for call in record.get("calls", ()))
    values = {**_as_tuples(record), "calls": calls}
    if "message" not in values:
        return _made(Variant, values)
    return _made(UnassessedRow, {**values, "status": RowStatus(values.get("status", RowStatus.ERROR))})


def _read_sample(record: Mapping[str, Any]) -> SampleRecord:
    """Return the sample that one record tells of."""
    values = _as_tuples(record)
    copies = record.get("copies", {})
    state = AlleleState(copies.get("state", AlleleState.NOT_MEASURED))
    return _made(
        SampleRecord,
        {
            **values,
            "variants": tuple(_read(variant) for variant in record.get("variants", ())),
            "copies": _made(CopyNumber, {**copies, "state": state}),
            "isoforms": tuple((name, share) for name, share in record.get("isoforms", ())),
        },
    )


def _made(kind: type[_T], values: Mapping[str, Any]) -> _T:
    """Make a data class, of values that are what its fields are declared to be."""
    declared = get_type_hints(kind)
    for name, value in values.items():
        if name in declared and not _fits(value, declared[name]):
            raise ValueError(f"{name} cannot be {shown(repr(value))}")
    return kind(**values)


def _fits(value: Any, declared: Any) -> bool:
    """Say whether a value is what was declared: a class, a union of some, or a tuple."""
    kind, parts = get_origin(declared), get_args(declared)
    if kind is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = parts[:1] * len(value) if parts[-1] is ... else parts
        return len(value) == len(kinds) and all(map(_fits, value, kinds))
    if parts:
        return any(_fits(value, part) for part in parts)
    if isinstance(value, bool):
        return declared is bool
    return isinstance(value, int | float if declared is float else declared)


def _as_tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose lists are tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
