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
from epitope.api.comparing import compare
from epitope.api.loading import basis, load, provenance, structure_file
from epitope.api.measuring import scan
from epitope.errors import StructureError, TableError
from epitope.files import UNFINISHED, file_sha256, listed_files
from epitope.show.records import json_text, records

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex
    from epitope.impact.cohorts.model import SampleRecord
    from epitope.variant.model import Variant
    from epitope.variant.readers.rows import UnassessedRow

PROVENANCE = "provenance.json"
RESULTS = ("assessments.json", "comparison.json", "cohort.json", PROVENANCE)
"""The file of a folder that says what the others were made of, the first that is there."""
BASIS = (
    *("epitope_version", "rule_set", "target", "target_version"),
    *("structure_id", "structure_sha256", "assembly", "chains"),
)
"""What a result may differ for without being wrong."""


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
        JSON of an assessment, an atlas, a cohort or a comparison; or the folder of one or of a report, then its
        tables are compared too, and the other files of a report with the list of its files.
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
    place = Path(result)
    names = RESULTS if place.is_dir() else ()
    file = next((place / name for name in names if (place / name).is_file()), place / names[0] if names else place)
    stored = _stored(file)
    said = stored["provenance"]
    computed = _again(stored, file, structure, target)
    now = computed.provenance
    others = [
        f"{name.replace('_', ' ')} was {said.get(name) or 'none'}, is {now.get(name) or 'none'} here"
        for name in BASIS
        if (name in said or name == "assembly") and said.get(name) != now.get(name)
    ]
    before = file.name if place.is_dir() else ""
    differences = [
        difference
        for part in computed.parts
        if part in stored
        for difference in _differences(before, stored[part], computed.parts[part], computed.left_out)
    ]
    if place.is_dir():
        differences = [*_unfinished(place), *differences, *_in_tables(place, computed), *_changed(place, computed)]
    rows = len(next(iter(computed.parts.values())))
    if differences:
        more = f" ({len(differences)} differences)" if len(differences) > 1 else ""
        found = f"{result}: {differences[0]}{more}"
    else:
        found = f"{result}: comes out the same, {rows} row{'' if rows == 1 else 's'}"
    if others:
        return Verification(Outcome.OTHER_BASIS, (f"{result}: made on another basis: {'; '.join(others)}", found))
    return Verification(Outcome.DIFFERENT if differences else Outcome.SAME, (found,))


@dataclass(frozen=True, slots=True)
class _Computed:
    """A result computed once more: what it rests on, its parts as in JSON, its tables as CSV by file name.

    Fields of rows in ``left_out`` are not compared.
    """

    provenance: Mapping[str, Any]
    parts: Mapping[str, Sequence[Mapping[str, Any]]]
    tables: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()


def _again(stored: Mapping[str, Any], file: Path, structure: str | Path | None, target: str | Path | None) -> _Computed:
    """Compute a result of any kind once more."""
    from epitope.show.given import read_given, read_samples_given

    given = stored.get("given", [])
    try:
        if "cohort" in stored:
            return _cohort(stored["provenance"], read_samples_given(given), target)
        if "antibodies" in stored and not _is_table(given.get("antibodies")):
            raise TableError("what was given cannot be read from it (no antibodies)")
        variants = read_given(given.get("variants", ()) if "antibodies" in stored else given)
    except TableError as error:
        raise TableError(f"{file}: {error}") from None
    loaded = _loaded(stored["provenance"], file, structure, target)
    if "antibodies" in stored:
        return _comparison(loaded, given["antibodies"], variants, file)
    if "assessments" in stored:
        return _assessments(loaded, variants, stored["provenance"])
    return _atlas(loaded)


def _assessments(
    structure: MeasuredComplex, given: Sequence[Variant | UnassessedRow], said: Mapping[str, Any]
) -> _Computed:
    """Assess once more what was given."""
    from epitope.show.report import report_tables
    from epitope.show.tables import assessment_json, assessment_table

    rows = assess_each(given, structure, against=said.get("against", ()))
    again = json.loads(assessment_json(assessment_table(rows), rows, structure.target, {}))
    left_out = () if said.get("vrs") == again["provenance"]["vrs"] else ("vrs",)
    tables = report_tables(structure, rows)
    return _Computed(provenance(structure), {"assessments": again["assessments"]}, tables, left_out)


def _atlas(structure: MeasuredComplex) -> _Computed:
    """Scan once more."""
    from epitope.show.atlas_files import atlas_tables

    atlas = scan(structure)
    return _Computed(provenance(structure), {"atlas": _as_json(records(atlas))}, atlas_tables(atlas))


def _cohort(said: Mapping[str, Any], given: Sequence[SampleRecord], target: str | Path | None) -> _Computed:
    """Combine once more the evidence of the samples that were given."""
    from epitope.impact.cohorts.cohort import cohort_table, summarise_cohort
    from epitope.show.records import csv_text
    from epitope.target import load_target

    antigen = load_target(target if target is not None else _option(str(said.get("command", "")), "--target"))
    mark = said.get("low_log_cpm")
    mark = mark if isinstance(mark, int | float) else None
    table = cohort_table(summarise_cohort(given, antigen, low_log_cpm=mark))
    return _Computed(basis(antigen), {"cohort": _as_json(records(table))}, {"cohort.csv": csv_text(table).encode()})


def _comparison(
    base: MeasuredComplex,
    antibodies: Sequence[Mapping[str, Any]],
    variants: Sequence[Variant | UnassessedRow],
    file: Path,
) -> _Computed:
    """Put the antibodies side by side once more."""
    from epitope.show.comparison import comparison_record, comparison_tables

    asked: list[str | Path | MeasuredComplex] = []
    for antibody in antibodies:
        if binder := antibody.get("binder"):
            asked.append(str(binder))
        elif antibody.get("structure_id") == base.id:
            asked.append(base)
        else:
            asked.append(_structure(antibody, file, None, ""))
    found = compare(*asked, variants=variants)
    again = comparison_record(found, provenance(base))
    parts = {name: _as_json(again[name]) for name in ("epitopes", "antibodies", "overlap", "paratope", "assessments")}
    return _Computed(again["provenance"], parts, comparison_tables(found))


def _as_json(found: Any) -> Any:
    """Return records as they are after JSON."""
    return json.loads(json_text(found))


def _in_tables(folder: Path, computed: _Computed) -> Iterator[str]:
    """Name the first field in which each row of the tables of a folder differs."""
    for name, data in computed.tables.items():
        if (folder / name).is_file():
            try:
                stored = _rows((folder / name).read_bytes())
            except csv.Error as error:
                yield f"{name}: is no CSV ({error})"
            else:
                yield from _differences(name, stored, _rows(data))


def _changed(folder: Path, computed: _Computed) -> Iterator[str]:
    """Name what is not as the list of a report's files has it, of those that are not computed again."""
    from epitope.show.report.write import LIST

    for name, digest in listed_files(folder / LIST).items():
        if name not in (*computed.tables, *RESULTS) and file_sha256(folder / name) != digest:
            yield f"{name}: {'changed since' if file_sha256(folder / name) else 'removed since'} the report was written"


def _unfinished(folder: Path) -> Iterator[str]:
    """Say so where a run was killed while it put its files in place."""
    if (folder / UNFINISHED).exists():
        yield f"{UNFINISHED}: a run was cut off, so the files are not of one run; run it again"


def _stored(file: Path) -> dict[str, Any]:
    """Read a result, and refuse what is none or does not say what was given."""
    try:
        stored = json.loads(file.read_bytes())
    except OSError as error:
        raise TableError(
            f"{file}: cannot be read ({error.strerror}); name {RESULTS[0]} or the folder of a result"
        ) from None
    except (ValueError, RecursionError) as error:
        raise TableError(f"{file}: is no JSON ({error}); name {RESULTS[0]} or the folder of a result") from None
    stored = stored if isinstance(stored, dict) else {}
    is_atlas = "atlas" in stored or file.name == PROVENANCE
    wanted = {"provenance": dict} | ({} if is_atlas else {"given": dict if "antibodies" in stored else list})
    odd = [key for key, kind in wanted.items() if not isinstance(stored.get(key), kind)]
    lists = [key for key in _PARTS if key in stored]
    odd += [] if lists or is_atlas else ["assessments"]
    odd += [key for key in lists if not _is_table(stored[key])]
    said = stored.get("provenance")
    if isinstance(said, dict):
        odd += [f"{key} in words" for key in BASIS if not isinstance(said.get(key), str | None)]
    if odd:
        raise TableError(
            f"{file}: does not say what it was made of (no {odd[0]}); what can be verified is JSON of "
            "`epitope assess`, `report`, `scan`, `cohort` and `compare`"
        )
    return stored


def _is_table(found: Any) -> bool:
    """Say whether something of a result is a list of records."""
    return isinstance(found, list) and all(isinstance(row, dict) for row in found)


def _loaded(
    said: Mapping[str, Any], file: Path, structure: str | Path | None, target: str | Path | None
) -> MeasuredComplex:
    """Load the structure that a result rests on, with the sides that it was read with."""
    sha256, chains, assembly = said.get("structure_sha256"), said.get("chains"), said.get("assembly")
    command = str(said.get("command", ""))
    target = target if target is not None else _option(command, "--target")
    if structure is None and target is None and assembly is None:
        own = load()
        if (own.complex.sha256, own.complex.roles.sides) == (sha256, chains):
            return own
    source = _structure(said, file, structure, command)
    found = load(source, target=target, assembly=assembly)
    if chains and found.complex.roles.sides != chains and found.complex.sha256 == sha256:
        return load(source, target=target, sides=chains, assembly=assembly)
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
            f"{file}: rests on the structure {name or identifier}, which is not to be found; "
            "name it with --structure, or put it beside the result"
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
    return list(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline="")))


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
                called = next(filter(None, map(was.get, _NAMES)), "")
                where = f"row {number}{f' ({called})' if called else ''}"
                yield f"{before}{where}, {field}: was {_short(was.get(field))}, is {_short(now.get(field))}"
                break


def _short(value: Any) -> str:
    """Write a value in one short piece."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 120
_NAMES = ("input", "hgvs_p", "sample", "residue", "antibody")
"""Fields that say which row it is."""
_PARTS = ("assessments", "atlas", "cohort", "epitopes", "antibodies", "overlap", "paratope")
