"""The parts of a survey to its tables, streamed: never more than a block of rows in memory.

The order is that of the jobs, so the same structures give the same bytes however they were measured.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from epitope.bulk.columns import ERROR_COLUMNS, FLAGS, INTEGERS, LISTS, NUMBERS
from epitope.bulk.jobs import Job
from epitope.bulk.measure import read_part
from epitope.errors import MissingDependencyError, OutputError

if TYPE_CHECKING:
    import pyarrow

ROWS_PER_GROUP = 50_000
"""Rows held in memory, and in a row group of Parquet."""
STRUCTURES_PER_FILE = 10_000
"""Structures in a file of a partitioned data set."""


class _Rows(Protocol):
    def add(self, rows: list[dict[str, Any]]) -> None: ...
    def close(self) -> None: ...


class CsvRows:
    """Rows to a CSV file: lists joined by blanks, missing cells empty, as every CSV of this program."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, list(columns), lineterminator="\n")
        self._writer.writeheader()

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Write rows."""
        self._writer.writerows(
            {name: " ".join(map(str, value)) if isinstance(value, list) else value for name, value in row.items()}
            for row in rows
        )

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class ParquetRows:
    """Rows to a Parquet file, a row group at a time."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        import pyarrow.parquet as pq

        self._schema = arrow_schema(columns)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Keep rows until there is a group of them."""
        self._rows += rows
        if len(self._rows) >= ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and finish the file."""
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


class DatasetRows:
    """Rows to a folder of Parquet files, each of so many structures; ``add`` is called once for each."""

    def __init__(self, folder: Path, columns: Iterable[str]) -> None:
        folder.mkdir()
        self._folder, self._columns = folder, tuple(columns)
        self._structures = 0
        self._file = self._next()

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Write the rows of one structure."""
        if self._structures and self._structures % STRUCTURES_PER_FILE == 0:
            self._file.close()
            self._file = self._next()
        self._structures += 1
        self._file.add(rows)

    def close(self) -> None:
        """Finish the last file."""
        self._file.close()

    def _next(self) -> ParquetRows:
        return ParquetRows(self._folder / f"part-{self._structures // STRUCTURES_PER_FILE:05d}.parquet", self._columns)


def arrow_schema(columns: Iterable[str]) -> pyarrow.Schema:
    """Return the types of columns, which are the same whatever is in them.

    Raises
    ------
    MissingDependencyError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependencyError(
            'a survey as Parquet needs pyarrow; pip install "epitope[atlas]", or name a file that ends in .csv'
        ) from error
    kinds = {
        **dict.fromkeys(LISTS, pa.list_(pa.string())),
        **dict.fromkeys(FLAGS, pa.bool_()),
        **dict.fromkeys(INTEGERS, pa.int64()),
        **dict.fromkeys(NUMBERS, pa.float64()),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in columns])


def write_tables(writers: Mapping[str, Iterable[_Rows]], parts: Iterable[Path]) -> None:
    """Write the rows of every part to the writers of each table, and finish them."""
    with ExitStack() as stack:
        for of_table in writers.values():
            for writer in of_table:
                stack.callback(writer.close)
        for part in map(read_part, parts):
            for table, of_table in writers.items():
                for writer in of_table:
                    writer.add(part[table])


def write_errors(path: Path, errors: Mapping[Job, str]) -> None:
    """Write the error table, with its heading where there is no error too."""
    rows = CsvRows(path, ERROR_COLUMNS)
    rows.add([{"file": job.file, "chains": job.chains, "error": said} for job, said in sorted(errors.items())])
    rows.close()


def made_folder(path: str | Path) -> Path:
    """Return a folder, made where it is not there.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); choose another folder") from error
    return folder
