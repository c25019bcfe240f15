"""The atlas and its top candidates as files: CSV, and Parquet where pyarrow is installed.

Writes what `epitope.impact.scan` measured; it assesses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epitope.errors import MissingDependencyError
from epitope.impact.scan import top_candidates
from epitope.show.files import write_together
from epitope.show.records import table_bytes
from epitope.show.spreadsheet import harmless

if TYPE_CHECKING:
    import pandas as pd

CANDIDATES = 20
"""Candidates of each label that are written."""
NEEDS_PYARROW = 'needs pyarrow; pip install "epitope[atlas]"'


@dataclass(frozen=True, slots=True)
class WrittenAtlas:
    """The files that `write_atlas` wrote, and what it had to leave out."""

    files: tuple[Path, ...]
    note: str = ""


def write_atlas(
    atlas: pd.DataFrame, out_dir: str | Path, *, n: int = CANDIDATES, beside: Mapping[str, bytes] | None = None
) -> WrittenAtlas:
    """Write the atlas and its top candidates into a folder.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.
    out_dir : str or Path
        Made if it is not there.
    n : int
        Candidates of each label.
    beside : mapping of str to bytes, optional
        More files that belong to it, by name.

    Returns
    -------
    WrittenAtlas
        ``atlas.csv``, ``candidates.csv`` and, where pyarrow is installed, ``atlas.parquet``; else
        a note that says how to get it. The same atlas gives the same bytes, and all
        files appear or none.

    Raises
    ------
    OutputError
        If the folder or a file cannot be written.
    """
    contents = atlas_tables(atlas, n)
    note = ""
    try:
        contents["atlas.parquet"] = _parquet(atlas)
    except MissingDependencyError:
        note = f"atlas.parquet not written: {NEEDS_PYARROW}"
    return WrittenAtlas(tuple(write_together(out_dir, contents | dict(beside or {}))), note)


def atlas_tables(atlas: pd.DataFrame, n: int = CANDIDATES) -> dict[str, bytes]:
    """Return the atlas and its top candidates as CSV, by file name."""
    return {"atlas.csv": _csv(atlas), "candidates.csv": _csv(top_candidates(atlas, n))}


def atlas_bytes(atlas: pd.DataFrame, kind: str, provenance: Mapping[str, Any]) -> bytes:
    """Return the atlas as a file of the format ``kind``: csv, tsv, json, xlsx or parquet.

    JSON says as well what the atlas rests on, its ``provenance``.

    Raises
    ------
    MissingDependencyError
        If the format needs a library that is not installed.
    """
    if kind == "csv":
        return _csv(atlas)
    return _parquet(atlas) if kind == "parquet" else table_bytes(atlas, kind, "atlas", {"provenance": dict(provenance)})


def _csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV; numbers with the digits that they deserve."""
    return str(harmless(table).to_csv(index=False, lineterminator="\n", float_format="%.4g")).encode()


def _parquet(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependencyError(f"atlas.parquet: {NEEDS_PYARROW}") from error
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
