"""Where the records of a region lie in a bgzip-compressed, indexed file (.tbi, .csi).

Reads the index only, as the SAM/VCF specifications describe it, and gives byte ranges
for Biopython's `bgzf` reader. Reading is all that is needed of an index, so no
compiled library is brought in for it. Not for building an index, nor for BAM.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import TableError

# The binning scheme that a .tbi always has (Li, Bioinformatics 2011, 27:718).
TBI_MIN_SHIFT = 14
TBI_DEPTH = 5
_INDEX_ENDINGS = (".tbi", ".csi")
_LARGEST_INDEX_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class _Bin:
    """The chunks of one bin as virtual file offsets; ``lowest`` is the loffset of a .csi."""

    chunks: tuple[tuple[int, int], ...]
    lowest: int = 0


@dataclass(frozen=True, slots=True)
class _Contig:
    """The index of one contig."""

    bins: dict[int, _Bin]
    linear: tuple[int, ...]
    min_shift: int
    depth: int


def find_index(path: Path) -> Path | None:
    """Return the index beside a bgzip-compressed file that is usable, or ``None``.

    An index older than its file is left alone: it could hide records.

    Parameters
    ----------
    path : Path
        The data file.
    """
    if not _is_bgzf(path):
        return None
    for ending in _INDEX_ENDINGS:
        index = path.with_name(path.name + ending)
        if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime:
            return index
    return None


def region_chunks(index: Path, names: Collection[str], start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges of virtual offsets that hold the records touching a region.

    Parameters
    ----------
    index : Path
        A .tbi or .csi file.
    names : collection of str
        The names that the contig may have; the first that the index knows is used.
    start, end : int
        1-based, inclusive.

    Returns
    -------
    list of tuple of int
        Sorted, not overlapping; empty if the file has no such contig.

    Raises
    ------
    TableError
        If the index is damaged.
    """
    try:
        with gzip.open(index) as packed:
            data = packed.read(_LARGEST_INDEX_BYTES)
        contig = _read_contig(data, names)
    except (OSError, EOFError, zlib.error, struct.error, ValueError, IndexError):
        raise TableError(f"{index.name}: the index is damaged; make it again with tabix, or remove it") from None
    return [] if contig is None else _chunks(contig, start - 1, end)


def indexed_lines(path: Path, chunks: list[tuple[int, int]]) -> Iterator[bytes]:
    """Iterate over the lines of a bgzip-compressed file that lie in the given ranges.

    Raises
    ------
    TableError
        If the ranges do not fit the file.
    """
    from Bio import bgzf

    try:
        with bgzf.BgzfReader(str(path), "rb") as reader:
            for begin, end in chunks:
                reader.seek(begin)
                while reader.tell() < end and (line := reader.readline()):
                    yield line
    except (OSError, ValueError, EOFError, zlib.error, struct.error):
        raise TableError(
            f"{path.name}: its index does not fit the file; make it again with tabix, or remove it"
        ) from None


def _is_bgzf(path: Path) -> bool:
    """Say whether a file starts with a BGZF block: gzip with the extra field ``BC``."""
    with path.open("rb") as handle:
        head = handle.read(18)
    return head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC"


def _read_contig(data: bytes, names: Collection[str]) -> _Contig | None:
    """Read the index of the first contig called by one of the names."""
    magic, csi = data[:4], data[:4] == b"CSI\1"
    if magic not in (b"TBI\1", b"CSI\1"):
        raise ValueError("no index")
    min_shift, depth = TBI_MIN_SHIFT, TBI_DEPTH
    if csi:
        min_shift, depth, aux_length = struct.unpack_from("<3i", data, 4)
        name_bytes = struct.unpack_from("<i", data, 16 + 24)[0]
        names_at, position = 16 + 28, 16 + aux_length
    else:
        name_bytes = struct.unpack_from("<i", data, 32)[0]
        names_at, position = 36, 36 + name_bytes
    listed = data[names_at : names_at + name_bytes].rstrip(b"\0").split(b"\0")
    if csi:
        position += 4  # the number of contigs, which the names already tell
    for listed_name in listed:
        bins, position = _read_bins(data, position, csi)
        linear: tuple[int, ...] = ()
        if not csi:
            (count,) = struct.unpack_from("<i", data, position)
            linear = struct.unpack_from(f"<{count}Q", data, position + 4)
            position += 4 + 8 * count
        if listed_name.decode("utf-8", "replace") in names:
            return _Contig(bins, linear, min_shift, depth)
    return None


def _read_bins(data: bytes, position: int, csi: bool) -> tuple[dict[int, _Bin], int]:
    """Read the bins of one contig; return them and where they end."""
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    bins: dict[int, _Bin] = {}
    for _ in range(count):
        lowest = 0
        if csi:
            number, lowest, n_chunks = struct.unpack_from("<IQi", data, position)
            position += 16
        else:
            number, n_chunks = struct.unpack_from("<Ii", data, position)
            position += 8
        flat = struct.unpack_from(f"<{2 * n_chunks}Q", data, position)
        position += 16 * n_chunks
        bins[number] = _Bin(tuple(zip(flat[::2], flat[1::2], strict=True)), lowest)
    return bins, position


def _chunks(contig: _Contig, start: int, end: int) -> list[tuple[int, int]]:
    """Return the merged chunks for the 0-based, half-open range."""
    lowest = _lowest_offset(contig, start)
    found = sorted(
        chunk
        for number in _bins_of(start, end, contig.min_shift, contig.depth)
        if number in contig.bins
        for chunk in contig.bins[number].chunks
        if chunk[1] > lowest
    )
    merged: list[tuple[int, int]] = []
    for begin, stop in found:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((begin, stop))
    return merged


def _bins_of(start: int, end: int, min_shift: int, depth: int) -> Iterator[int]:
    """Iterate over the bins of every level that overlap the 0-based, half-open range."""
    first, shift = 0, min_shift + 3 * depth
    for level in range(depth + 1):
        yield from range(first + (start >> shift), first + ((end - 1) >> shift) + 1)
        first += 1 << (3 * level)
        shift -= 3


def _lowest_offset(contig: _Contig, start: int) -> int:
    """Return the offset before which no record reaches ``start``."""
    if contig.linear:
        window = start >> contig.min_shift
        return contig.linear[window] if window < len(contig.linear) else contig.linear[-1]
    first_leaf = ((1 << (3 * contig.depth)) - 1) // 7
    number = first_leaf + (start >> contig.min_shift)
    while number and number not in contig.bins:
        number = (number - 1) >> 3
    return contig.bins[number].lowest if number in contig.bins else 0
