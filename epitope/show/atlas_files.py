"""The atlas and its top candidates as files: CSV, and Parquet where pyarrow is installed.

Writes what `epitope.impact.scan` measured; it assesses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.impact.scan import top_candidates
from epitope.show.files import made_folder, write_whole

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class WrittenAtlas:
    """The files that `write_atlas` wrote, and what it had to leave out."""

    files: tuple[Path, ...]
    note: str = ""


def write_atlas(atlas: pd.DataFrame, out_dir: str | Path, *, n: int = 20) -> WrittenAtlas:
    """Write the atlas and its top candidates into a folder.

    Parameters
    ----------
    atlas : pandas.DataFrame
        As from `scan`.
    out_dir : str or Path
        Made if it is not there.
    n : int
        Candidates of each label.

    Returns
    -------
    WrittenAtlas
        ``atlas.csv``, ``candidates.csv`` and, where pyarrow is installed, ``atlas.parquet``; else
        a note that says how to get it. The same atlas gives the same bytes, and each file
        appears whole or not at all.

    Raises
    ------
    OutputError
        If the folder or a file cannot be written.
    """
    folder = made_folder(out_dir)
    contents = {
        "atlas.csv": _csv(atlas),
        "candidates.csv": _csv(top_candidates(atlas, n)),
    }
    parquet = _parquet(atlas)
    if parquet is not None:
        contents["atlas.parquet"] = parquet
    written = tuple(write_whole(folder / name, data) for name, data in contents.items())
    note = "" if parquet is not None else 'atlas.parquet not written: needs pyarrow; pip install "epitope[atlas]"'
    return WrittenAtlas(written, note)


def _csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV; numbers with the digits that they deserve."""
    return str(table.to_csv(index=False, lineterminator="\n", float_format="%.4g")).encode()


def _parquet(table: pd.DataFrame) -> bytes | None:
    """Return a table as Parquet, ``None`` where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
