"""Compute a result once more from what it says it rests on, and say whether it still comes out."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.api.assessing import assess_each
from epitope.api.loading import load, provenance, structure_file
from epitope.errors import StructureError, TableError

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex
    from epitope.show.tables import ResultRow

RESULT = "assessments.json"
"""The file of a report, or of a folder of `epitope assess`, that can be computed once more."""
BASIS = ("epitope_version", "rule_set", "target", "target_version", "structure_id", "structure_sha256", "chains")
"""What of the provenance a result may differ for without being wrong."""


class Outcome(StrEnum):
    """What came of computing a result once more."""

    SAME = "the same"
    DIFFERENT = "different"
    OTHER_BASIS = "on another basis"


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a result comes out again: ``outcome``, and ``lines`` that say what was found, for a person."""

    outcome: Outcome
    lines: tuple[str, ...]


def verify(
    result: str | Path, structure: str | Path | None = None, *, target: str | Path | None = None
) -> Verification:
    """Compute a result once more from its provenance, and compare.

    Parameters
    ----------
    result : str or Path
        ``assessments.json``, or the folder of a report; then its tables are compared too.
    structure, target : str or Path, optional
        Where the structure and the target pack are now, if not where the result says or beside it.

    Returns
    -------
    Verification
        ``OTHER_BASIS`` where rule set, version, target or structure are others here, whether the
        answers differ for it or not; else ``DIFFERENT`` with the first difference, or ``SAME``.

    Raises
    ------
    TableError
        If the file is no such result.
    StructureError
        If its structure is not to be found.

    Examples
    --------
    >>> verify("no_such_report")
    Traceback (most recent call last):
    epitope.errors.TableError: no_such_report: cannot be read (No such file or directory); name assessments.json or ...
    """
    from epitope.show.given import read_given

    place = Path(result)
    file = place / RESULT if place.is_dir() else place
    stored = _stored(file)
    said = stored["provenance"]
    try:
        given = read_given(stored["given"])
    except TableError as error:
        raise TableError(f"{file}: {error}") from None
    loaded = _loaded(said, file, structure, target)
    here = provenance(loaded)
    basis = [
        f"{name.replace('_', ' ')} was {said[name]}, is {here[name]} here"
        for name in BASIS
        if name in said and said[name] != here[name]
    ]
    rows = assess_each(given, loaded, against=said.get("against", ()))
    differences = [*_in_json(stored, rows, loaded, file.name if place.is_dir() else "")]
    if place.is_dir():
        differences = [*_unfinished(place), *differences, *_in_tables(place, rows, loaded)]
    if differences:
        more = f" ({len(differences)} rows differ)" if len(differences) > 1 else ""
        found = f"{result}: {differences[0]}{more}"
    else:
        found = f"{result}: comes out the same, {len(rows)} row{'' if len(rows) == 1 else 's'}"
    if basis:
        return Verification(Outcome.OTHER_BASIS, (f"{result}: made on another basis: {'; '.join(basis)}", found))
    return Verification(Outcome.DIFFERENT if differences else Outcome.SAME, (found,))


def _in_json(
    stored: Mapping[str, Any], rows: Sequence[ResultRow], structure: MeasuredComplex, name: str
) -> Iterator[str]:
    """Name the first field in which each stored assessment differs."""
    from epitope.show.tables import assessment_json, assessment_table

    again = json.loads(assessment_json(assessment_table(rows), rows, structure.target, {}))
    left_out = () if stored["provenance"].get("vrs") == again["provenance"]["vrs"] else ("vrs",)
    return _differences(name, stored["assessments"], again["assessments"], left_out)


def _in_tables(folder: Path, rows: Sequence[ResultRow], structure: MeasuredComplex) -> Iterator[str]:
    """Name the first field in which each row of the tables of a report differs."""
    from epitope.show.report import report_tables

    for name, data in report_tables(structure, rows).items():
        if (folder / name).is_file():
            yield from _differences(name, _rows((folder / name).read_bytes()), _rows(data))


def _unfinished(folder: Path) -> Iterator[str]:
    """Say so where a run was killed while it put its files in place."""
    from epitope.files import UNFINISHED

    if (folder / UNFINISHED).exists():
        yield f"{UNFINISHED}: a run was cut off, so the files are not of one run; run it again"


def _stored(file: Path) -> dict[str, Any]:
    """Read a result, and refuse what is none or does not say what was given."""
    try:
        stored = json.loads(file.read_bytes())
    except OSError as error:
        raise TableError(
            f"{file}: cannot be read ({error.strerror}); name {RESULT} or the folder of a report"
        ) from None
    except ValueError as error:
        raise TableError(f"{file}: is no JSON ({error}); name {RESULT} or the folder of a report") from None
    wanted = {"provenance": dict, "given": list, "assessments": list}
    odd = [key for key, kind in wanted.items() if not isinstance(stored, dict) or not isinstance(stored.get(key), kind)]
    if odd or not all(isinstance(row, dict) for row in stored["assessments"]):
        raise TableError(
            f"{file}: does not say what it was made of (no {odd[0] if odd else 'assessments'}); "
            f"what can be verified is {RESULT} of `epitope assess` and `epitope report`"
        )
    return dict(stored)


def _loaded(
    said: Mapping[str, Any], file: Path, structure: str | Path | None, target: str | Path | None
) -> MeasuredComplex:
    """Load the structure that a result rests on, with the sides that it was read with."""
    sha256, chains = said.get("structure_sha256"), said.get("chains")
    command = str(said.get("command", ""))
    target = target if target is not None else _option(command, "--target")
    if structure is None and target is None:
        own = load()
        if (own.complex.sha256, own.complex.roles.sides) == (sha256, chains):
            return own
    source = _structure(said, file, structure, command)
    found = load(source, target=target)
    if chains and found.complex.roles.sides != chains and found.complex.sha256 == sha256:
        return load(source, target=target, sides=chains)
    return found


def _structure(said: Mapping[str, Any], file: Path, named: str | Path | None, command: str) -> Path:
    """Find the structure: where it is said to be now, where the command had it, beside the result, by its id."""
    from epitope.structure import fetch_structure
    from epitope.structure.bundled import bundled_entry

    if named is not None:
        return structure_file(named)
    name, identifier = str(said.get("structure_file", "")), str(said.get("structure_id", ""))
    places = [Path(option)] if (option := _option(command, "--structure", "-s")) else []
    places += [folder / name for folder in (file.parent, file.parent / "exports", Path()) if name]
    there = [path for path in places if path.is_file()]
    with suppress(StructureError):
        there.append(bundled_entry(identifier) or fetch_structure(identifier, offline=True))
    if not there:
        raise StructureError(
            f"{file}: rests on the structure {name or identifier}, which is not to be found; name it with --structure"
        )
    same = (path for path in there if hashlib.sha256(path.read_bytes()).hexdigest() == said.get("structure_sha256"))
    return next(same, there[0])


def _option(command: str, *names: str) -> str | None:
    """Return what a command gives to an option, ``None`` without it.

    Examples
    --------
    >>> _option("epitope assess -s 'my file.cif' R163L", "--structure", "-s")
    'my file.cif'
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else next(iter(words[number + 1 :]), None)
    return None


def _rows(data: bytes) -> list[dict[str, Any]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"))))


def _differences(
    name: str,
    stored: Sequence[Mapping[str, Any]],
    again: Sequence[Mapping[str, Any]],
    left_out: Sequence[str] = (),
) -> Iterator[str]:
    """Name the first field in which each row differs."""
    before = f"{name}: " if name else ""
    if len(stored) != len(again):
        yield f"{before}had {len(stored)} rows, has {len(again)} when computed again"
    for number, (was, now) in enumerate(zip(stored, again, strict=False), start=1):
        for field in dict.fromkeys((*now, *was)):
            if field not in left_out and was.get(field) != now.get(field):
                called = was.get("input") or was.get("residue") or ""
                where = f"row {number}{f' ({called})' if called else ''}"
                yield f"{before}{where}, {field}: was {_short(was.get(field))}, is {_short(now.get(field))}"
                break


def _short(value: Any) -> str:
    """Write a value in one short piece."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 120
