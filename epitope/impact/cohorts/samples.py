"""A table of samples to one record for each: one row per sample, or one per sample and variant.

Columns are found by name, all but ``sample`` are optional. What is wrong in the rows of
one sample makes an error record of that sample; the others are read. Not for judging
what a record means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from epitope.errors import TableError
from epitope.impact.cohorts.copy_number import copies_counted, copies_in_words
from epitope.impact.cohorts.model import CopyNumber, SampleRecord
from epitope.target.model import Target
from epitope.variant.hgvs.brackets import outside
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.tables import (
    AF_COLUMNS,
    SAMPLE_COLUMNS,
    Table,
    TableRow,
    foreign_gene,
    is_missing,
    read_table,
    variant_columns,
)

NAME_COLUMNS = (*SAMPLE_COLUMNS, "id", "case")
COPY_TEXT_COLUMNS = ("cna", "cnv", "copy_number_alteration", "copy_number_change", "other_allele", "loh")
COPY_NUMBER_COLUMNS = ("copy_number", "cn", "total_cn", "copies")
SUM_AF_COLUMNS = ("sum_af", "summed_af", "sum_vaf", "sum_allele_fraction", "summed_allele_fraction")
FRACTION_COLUMNS = (*AF_COLUMNS, "maf")
LOG_CPM_COLUMNS = ("log_cpm", "logcpm", "log2_cpm", "rna_log_cpm", "expression_log_cpm")
RNA_LEVEL_COLUMNS = ("rna_level", "rna", "expression", "expression_level")
ASE_COLUMNS = ("ase", "allele_specific_expression", "allelic_expression", "monoallelic_expression")
OTHER_COLUMNS = ("other_event", "other_events", "other_mutation", "other_variant", "partner_variant")
STATUS_COLUMNS = ("status", "antigen_status", "flow", "surface", "protein_status")
PUBLISHED_COLUMNS = ("summary", "published_summary", "mechanism", "published_mechanism")

_NO = frozenset({"no", "none", "normal", "neutral", "diploid", "wt", "wild type", "wild-type", "not detected"})
_YES = frozenset({"yes", "y", "true", "present", "detected", "monoallelic"})
_LOW = frozenset({"low", "reduced", "decreased", "absent", "lost", "silent", "silenced", "none", "down"})
_NOT_LOW = frozenset({"normal", "high", "kept", "unchanged", "present", "increased", "up", "intermediate"})
_POSITIVE = re.compile(r"(cd\d+\s*)?(pos|\+|kept|retained|present|normal)", re.I)
_SPLIT = re.compile(r";| \| ")


def read_samples(path: str | Path, target: Target) -> tuple[SampleRecord, ...]:
    """Read a table of samples: one row per sample, or one per sample and variant.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or XLSX. Needs a column ``sample``; all others are optional and found by
        name, with or without the gene in front.
    target : Target
        The antigen that the samples may have lost.

    Returns
    -------
    tuple of SampleRecord
        In the order in which the samples first occur. A sample with a broken row, or of
        which the table says two different things, has the reason in ``error``, with file,
        line and column.

    Raises
    ------
    TableError
        If the file is no table, or has no column ``sample``.
    """
    return samples_of(read_table(path), target)


def samples_of(table: Table, target: Target) -> tuple[SampleRecord, ...]:
    """Read the samples of a table, as `read_samples` does."""
    sample_column = table.find(NAME_COLUMNS, target.gene)
    if sample_column is None:
        raise TableError(
            f"{table.name} line {table.header_line}: no column 'sample'; the columns are: {', '.join(table.columns)}"
        )
    groups: dict[str, list[TableRow]] = {}
    broken: list[SampleRecord] = []
    for row in table.rows:
        where = f"{table.name} line {row.line}"
        name = "" if row.problem else row.cells[sample_column].strip()
        if name:
            groups.setdefault(name, []).append(row)
        else:
            problem = f": {row.problem}" if row.problem else f", column {sample_column!r}: the sample has no name"
            broken.append(SampleRecord("", where, error=where + problem))
    return (*(_record(table, target, name, rows) for name, rows in groups.items()), *broken)


def _record(table: Table, target: Target, name: str, rows: list[TableRow]) -> SampleRecord:
    """Read one sample; what is wrong with it becomes its record."""
    try:
        return _Sample(table, target, name, rows).record()
    except TableError as error:
        return SampleRecord(name, f"{table.name} line {rows[0].line}", error=str(error))


class _Sample:
    """Reads the rows of one sample."""

    def __init__(self, table: Table, target: Target, name: str, rows: list[TableRow]) -> None:
        self.table, self.target, self.name, self.rows = table, target, name, rows

    def record(self) -> SampleRecord:
        """Return what the rows say together."""
        main, label = variant_columns(self.table, self.target, None, None)
        variants = tuple(self._variants(main, label))
        level = self._text(RNA_LEVEL_COLUMNS).casefold()
        return SampleRecord(
            sample=self.name,
            origin=f"{self.table.name} line {self.rows[0].line}",
            variants=variants,
            variants_known=main is not None,
            sum_af=self._number(SUM_AF_COLUMNS, fraction=True, most=max(1.0, len(variants))),
            copies=self._copy_number(),
            log_cpm=self._number(LOG_CPM_COLUMNS, least=-50),
            rna_level=level,
            rna_low=self._rna_low(level),
            ase=self._ase(),
            other_events=self._other_events(),
            isoforms=self._isoforms(),
            antigen_kept=bool(_POSITIVE.match(self._text(STATUS_COLUMNS))),
            published=self._text(PUBLISHED_COLUMNS),
        )

    def _variants(self, main: str | None, label: str | None) -> Iterable[Variant]:
        """Yield the variants; several in one cell are separated by semicolons."""
        if main is None:
            return
        fraction_column = self.table.find(FRACTION_COLUMNS, self.target.gene)
        for row in self.rows:
            if foreign_gene(self.table, row, self.target):
                continue
            names = _entries(row.cells[main])
            labels = _entries(row.cells[label]) if label else []
            if not names:
                names, labels = labels, []
            if len(labels) != len(names):
                labels = [""] * len(names)
            fraction = None
            if fraction_column and not is_missing(row.cells[fraction_column]):
                fraction = self._value(row, fraction_column, fraction=True, least=0, most=1)
            calls = (SampleCall(self.name, allele_fraction=fraction),)
            for name, second in zip(names, labels, strict=True):
                yield Variant(name, f"{self.table.name} line {row.line}", second, calls=calls)

    def _cell(self, names: Sequence[str]) -> tuple[TableRow, str] | None:
        """Return the one cell of the sample in a column that must not contradict itself."""
        column = self.table.find(names, self.target.gene)
        if column is None:
            return None
        first: TableRow | None = None
        for row in self.rows:
            if is_missing(row.cells[column]):
                continue
            if first is None:
                first = row
            elif row.cells[column].strip() != first.cells[column].strip():
                raise TableError(
                    f"{self._where(row, column)}: {row.cells[column].strip()!r} for {self.name}, "
                    f"but line {first.line} says {first.cells[column].strip()!r}"
                )
        return None if first is None else (first, column)

    def _where(self, row: TableRow, column: str) -> str:
        """Name file, line and column for an error."""
        return f"{self.table.name} line {row.line}, column {column!r}"

    def _text(self, names: Sequence[str]) -> str:
        """Return the text of a column, "" where it says nothing."""
        found = self._cell(names)
        return found[0].cells[found[1]].strip() if found else ""

    def _number(
        self, names: Sequence[str], *, fraction: bool = False, least: float = 0.0, most: float = 1e9
    ) -> float | None:
        """Return the number of a column, ``None`` where it says nothing."""
        found = self._cell(names)
        return None if found is None else self._value(*found, fraction=fraction, least=least, most=most)

    def _value(self, row: TableRow, column: str, *, fraction: bool, least: float, most: float) -> float:
        """Read one number, a percentage where a fraction is meant."""
        text = row.cells[column].strip()
        where = self._where(row, column)
        match = re.fullmatch(r"([+-]?\d{1,12}(?:\.\d*)?)\s*(%?)", text, re.ASCII)
        if match is None:
            raise TableError(f"{where}: {text!r} is not a number")
        value = float(match.group(1)) / (100 if match.group(2) and fraction else 1)
        if not least <= value <= most:
            raise TableError(f"{where}: {text!r} lies outside {least:g} to {most:g}")
        return value

    def _rna_low(self, level: str) -> bool | None:
        """Return whether a level called in words is low, ``None`` where there is none."""
        if not level:
            return None
        word = re.split(r"[^a-z]", level.removeprefix("very").strip())[0]
        if word not in _LOW | _NOT_LOW:
            column = self.table.find(RNA_LEVEL_COLUMNS, self.target.gene)
            row = next(row for row in self.rows if row.cells[column or ""].strip().casefold() == level)
            raise TableError(f"{self._where(row, column or '')}: write low or normal, not {level!r}")
        return word in _LOW

    def _copy_number(self) -> CopyNumber:
        """Return the state of the alleles; words are asked before the number."""
        copies = self._number(COPY_NUMBER_COLUMNS)
        text = self._written_copy_number()
        if text is not None:
            return copies_in_words(text, self.target)
        return CopyNumber() if copies is None else copies_counted(copies, self.target.gene)

    def _written_copy_number(self) -> str | None:
        """Return the copy-number change in words, where the table has it."""
        column = self.table.find(COPY_TEXT_COLUMNS, self.target.gene)
        if column is not None:
            for row in self.rows:
                if re.fullmatch(r"[+-]?\d+(\.\d+)?", row.cells[column].strip()):
                    raise TableError(
                        f"{self._where(row, column)}: {row.cells[column].strip()!r} is a number; write 'no' "
                        "or what was lost, and put a number of copies in a column copy_number"
                    )
        return self._loose_text(column) or None

    def _loose_text(self, column: str | None) -> str:
        """Return the text of a column where "none" is an answer."""
        if column is None:
            return ""
        said = {row.cells[column].strip(): row for row in self.rows if row.cells[column].strip() not in ("", ".")}
        said = {text: row for text, row in said.items() if text.casefold() not in ("na", "n/a", "nan")}
        if len(said) > 1:
            first, second = list(said)[:2]
            raise TableError(
                f"{self._where(said[second], column)}: {second!r} for {self.name}, "
                f"but line {said[first].line} says {first!r}"
            )
        return next(iter(said), "")

    def _ase(self) -> bool | None:
        """Return whether allele-specific expression was seen, ``None`` if not measured."""
        column = self.table.find(ASE_COLUMNS, self.target.gene)
        text = self._loose_text(column).casefold()
        if not text:
            return None
        if text in _YES | _NO | {"false", "biallelic"}:
            return text in _YES
        row = next(row for row in self.rows if row.cells[column or ""].strip())
        raise TableError(f"{self.table.name} line {row.line}, column {column!r}: write yes or no, not {text!r}")

    def _other_events(self) -> tuple[str, ...]:
        """Return the events of other genes, each once."""
        column = self.table.find(OTHER_COLUMNS, self.target.gene)
        main, _ = variant_columns(self.table, self.target, None, None)
        events = [entry for row in self.rows for entry in _entries(row.cells[column] if column else "")]
        for row in self.rows:
            gene = foreign_gene(self.table, row, self.target)
            events += [f"{gene} {entry}" for entry in _entries(row.cells[main] if main and gene else "")]
        return tuple(dict.fromkeys(events))

    def _isoforms(self) -> tuple[tuple[str, float], ...]:
        """Return the share of each published isoform that the table has, in percent."""
        found = []
        for isoform in self.target.isoforms:
            name = isoform.name.casefold()
            share = self._number((f"{name}_percent", f"{name}_ratio_percent", f"{name}_share_percent", name))
            if share is not None:
                found.append((isoform.name, share))
        return tuple(found)


def _entries(cell: str) -> list[str]:
    """Split a cell that lists several things; nothing for one that says there is none."""
    if is_missing(cell):
        return []
    parts = outside(_SPLIT, " ".join(cell.split()))
    return [part for part in parts if not is_missing(part) and part.casefold() not in _NO]
