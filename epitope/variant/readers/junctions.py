"""Junction read counts to the use of a target's isoforms.

Counts the reads that cross the junction of each published RNA event (all equivalent
placements of one added up) and relates them to the reads of the junction that the event
competes with. Reads STAR's ``SJ.out.tab`` and BED12 as regtools writes it. Not for
aligning reads, nor for finding new junctions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.errors import TableError, TargetError
from epitope.target.model import Exon, Isoform, StatementKind, Target, Transcript
from epitope.variant.readers.builds import contig_names, is_other_build
from epitope.variant.readers.textfile import binary_lines

if TYPE_CHECKING:
    import pandas as pd

# Below this many reads on the reference junction a ratio says little: the project's own
# choice. Every count in which both junctions together have fewer reads is among them.
MIN_REFERENCE_READS = 20
# Two-sided 95 % of the normal distribution, for the interval of Wilson, JASA 1927, 22:209.
WILSON_Z = 1.959963984540054

STAR_COLUMNS = 9
BED12_COLUMNS = 12
# STAR writes the strand as a number; 0 is a junction without a canonical motif.
_STAR_STRANDS = {"0": 0, "1": 1, "2": -1}
_BED_STRANDS = {"+": 1, "-": -1, ".": 0, "?": 0}
_SAMPLE_ENDINGS = re.compile(r"(?<![._-])[._-]*(SJ\.out\.tab|junctions?\.bed(12)?|bed(12)?|tab|tsv|txt)(\.gz)?$", re.I)
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)

USAGE_COLUMNS = (
    "sample",
    "event",
    "event_junction",
    "event_reads",
    "placements_seen",
    "reference_junction",
    "reference_reads",
    "ratio_percent",
    "ratio_low_percent",
    "ratio_high_percent",
    "usage_percent",
    "usage_low_percent",
    "usage_high_percent",
    "warning",
    "against_mark",
    "context",
    "objection",
    "source",
)

Intron = tuple[int, int]
"""First and last base of an intron on the chromosome, 1-based, inclusive."""


@dataclass(frozen=True, slots=True)
class EventJunctions:
    """Where the reads of an isoform's event and of its reference junction lie."""

    isoform: Isoform
    event_name: str
    event: tuple[Intron, ...]
    reference_name: str
    reference: Intron


@dataclass(slots=True)
class _Counts:
    """Reads of one sample per intron of the gene, and what could not be counted."""

    reads: Counter[Intron] = field(default_factory=Counter)
    wrong_strand: int = 0


def event_junctions(target: Target) -> tuple[EventJunctions, ...]:
    """Derive the junctions of each isoform from the exons of the transcript.

    An event that begins and ends inside one exon may be placed at several equivalent
    positions, where its ends repeat; all of them are returned. The reference junction is
    the regular one behind the exon in which the event ends.

    Parameters
    ----------
    target : Target
        The antigen with its transcript and isoforms.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> first = event_junctions(load_target())[0]
    >>> len(first.event), first.reference_name, first.reference
    (9, 'exon 2-3', (28932613, 28932910))
    """
    return tuple(_event(isoform, target.transcript) for isoform in target.isoforms)


def isoform_usage(
    paths: Sequence[str | Path],
    target: Target,
    *,
    samples: Sequence[str] | None = None,
    multimapped: bool = False,
) -> pd.DataFrame:
    """Tabulate the use of each published RNA event in each sample.

    Parameters
    ----------
    paths : sequence of str or Path
        One junction file per sample: STAR ``SJ.out.tab`` or BED12, plain or gzip.
    target : Target
        The antigen with its transcript and isoforms.
    samples : sequence of str, optional
        Names of the samples, in the order of the files. By default from the file names.
    multimapped : bool
        Add the reads that STAR mapped to several places. BED12 does not tell them apart.

    Returns
    -------
    pandas.DataFrame
        One row per sample and event, with the columns `USAGE_COLUMNS`. ``ratio_percent``
        is event reads over reference reads, as published; ``usage_percent`` is event
        reads over the sum of both. The interval is Wilson's at 95 % for the usage, and
        its ends turned into ratios. Without reads on the reference junction the ratio is
        NaN, and ``warning`` says why.

    Raises
    ------
    TableError
        If a file is no junction file or has a malformed line; names file and line.
    TargetError
        If the target has no RNA events.
    """
    import pandas as pd

    files = [Path(path) for path in paths]
    names = list(samples) if samples is not None else sample_names(files)
    if len(names) != len(files):
        raise TableError(f"{len(names)} sample names for {len(files)} junction files; give one for each")
    events = event_junctions(target)
    if not events:
        raise TargetError(f"{target.name} has no named RNA events to count; add [[isoforms]] to its pack")
    rows: list[tuple[object, ...]] = []
    for name, path in zip(names, files, strict=True):
        counts = _count(path, target.transcript, multimapped)
        rows.extend(_usage_row(name, event, counts, target) for event in events)
    return pd.DataFrame(rows, columns=list(USAGE_COLUMNS))


def sample_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each file: what is left of the file name, or else the folder.

    Examples
    --------
    >>> sample_names([Path("R1_SJ.out.tab"), Path("run2/SJ.out.tab"), Path("R3.junctions.bed")])
    ['R1', 'run2', 'R3']
    """
    short = [_SAMPLE_ENDINGS.sub("", path.name) or path.parent.name or path.name for path in paths]
    return [
        name if short.count(name) == 1 else f"{path.parent.name}/{path.name}"
        for name, path in zip(short, paths, strict=True)
    ]


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson (JASA 1927, 22:209).

    Parameters
    ----------
    hits, total : int
        Reads of the event, and of event and reference together.

    Returns
    -------
    tuple of float
        Lower and upper bound between 0 and 1; NaN for no reads.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson_interval(10, 100)]
    [0.055, 0.174]
    """
    if total == 0:
        return nan, nan
    share, squared = hits / total, WILSON_Z**2
    centre = share + squared / (2 * total)
    half = WILSON_Z * sqrt(share * (1 - share) / total + squared / (4 * total**2))
    scale = 1 + squared / total
    low = 0.0 if hits == 0 else (centre - half) / scale
    high = 1.0 if hits == total else (centre + half) / scale
    return low, high


def _event(isoform: Isoform, transcript: Transcript) -> EventJunctions:
    """Derive the junctions of one isoform."""
    first_exon = _exon_of(isoform.cds_start, transcript)
    last_exon = _exon_of(isoform.cds_end, transcript)
    following = _neighbour(last_exon, 1, transcript)
    opens_exon = isoform.cds_start == first_exon.cds_start and first_exon.number > 1
    closes_exon = isoform.cds_end == last_exon.cds_end
    if opens_exon and closes_exon:
        name = f"exon {first_exon.number - 1}-{following.number}"
    else:
        name = f"c.{isoform.cds_start}_{isoform.cds_end}"
    if opens_exon or closes_exon or first_exon is not last_exon:
        placements = [(isoform.cds_start, isoform.cds_end)]
    else:
        placements = _placements(isoform, first_exon, transcript.coding_sequence)
    return EventJunctions(
        isoform,
        name,
        tuple(_intron(start, end, transcript) for start, end in placements),
        f"exon {last_exon.number}-{following.number}",
        _between(last_exon, following, transcript),
    )


def _placements(isoform: Isoform, exon: Exon, sequence: str) -> list[tuple[int, int]]:
    """Return every deletion inside the exon that leaves the same sequence."""
    start, end = isoform.cds_start, isoform.cds_end
    low, high = exon.cds_start or start, exon.cds_end or end
    left = right = 0
    while start - left > low and sequence[start - left - 2] == sequence[end - left - 1]:
        left += 1
    while end + right < high and sequence[start + right - 1] == sequence[end + right]:
        right += 1
    return [(start + shift, end + shift) for shift in range(-left, right + 1)]


def _intron(start: int, end: int, transcript: Transcript) -> Intron:
    """Return the intron that takes coding bases ``start``-``end`` out of the message."""
    first, last = _exon_of(start, transcript), _exon_of(end, transcript)
    if start == first.cds_start and first.number > 1:
        before = _neighbour(first, -1, transcript)
        opens = _between(before, first, transcript)[0 if transcript.strand > 0 else 1]
    else:
        opens = _genomic(start, first, transcript)
    if end == last.cds_end:
        closes = _between(last, _neighbour(last, 1, transcript), transcript)[1 if transcript.strand > 0 else 0]
    else:
        closes = _genomic(end, last, transcript)
    return min(opens, closes), max(opens, closes)


def _genomic(position: int, exon: Exon, transcript: Transcript) -> int:
    """Return the place of a coding base on the chromosome."""
    assert exon.cds_start is not None and exon.cds_end is not None
    # The coding part of the first exon ends with the exon, that of any other begins with it.
    if transcript.strand > 0:
        return exon.end - (exon.cds_end - position) if exon.cds_start == 1 else exon.start + position - exon.cds_start
    return exon.start + (exon.cds_end - position) if exon.cds_start == 1 else exon.end - (position - exon.cds_start)


def _between(first: Exon, second: Exon, transcript: Transcript) -> Intron:
    """Return the intron between two exons, in the order of the transcript."""
    if transcript.strand > 0:
        return first.end + 1, second.start - 1
    return second.end + 1, first.start - 1


def _exon_of(position: int, transcript: Transcript) -> Exon:
    """Return the exon of a coding base."""
    for exon in transcript.exons:
        if exon.cds_start is not None and exon.cds_end is not None and exon.cds_start <= position <= exon.cds_end:
            return exon
    raise TargetError(f"c.{position} lies in no exon of {transcript.accession}; correct the isoforms of the target")


def _neighbour(exon: Exon, step: int, transcript: Transcript) -> Exon:
    """Return the exon before or behind another."""
    for other in transcript.exons:
        if other.number == exon.number + step:
            return other
    raise TargetError(
        f"exon {exon.number} of {transcript.accession} has no known neighbour; correct the target's isoforms"
    )


def _usage_row(sample: str, event: EventJunctions, counts: _Counts, target: Target) -> tuple[object, ...]:
    """Return one row of the table."""
    reads = [counts.reads[intron] for intron in event.event]
    hits, reference = sum(reads), counts.reads[event.reference]
    total = hits + reference
    low, high = wilson_interval(hits, total)
    statements = {statement.kind: statement for statement in event.isoform.statements}
    marker, objection = statements.get(StatementKind.MARKER), statements.get(StatementKind.OBJECTION)
    keys = [event.isoform.source, *(s.source for s in (marker, objection) if s is not None)]
    return (
        sample,
        event.isoform.name,
        event.event_name,
        hits,
        sum(count > 0 for count in reads),
        event.reference_name,
        reference,
        100 * hits / reference if reference else nan,
        _ratio(low) if reference else nan,
        _ratio(high) if reference else nan,
        100 * hits / total if total else nan,
        100 * low,
        100 * high,
        _warning(event, hits, reference, counts, target),
        *_context(event.isoform, hits, reference),
        objection.text if objection else "",
        "; ".join(dict.fromkeys(target.sources[key].citation for key in keys if key in target.sources)),
    )


def _ratio(share: float) -> float:
    """Turn event / (event + reference) into event / reference, in percent."""
    return 100 * share / (1 - share)


def _warning(event: EventJunctions, hits: int, reference: int, counts: _Counts, target: Target) -> str:
    """Say what weakens a count, or return ""."""
    notes = []
    if not counts.reads:
        notes.append(f"no junction of {target.gene} in the file: not expressed, or not on {target.transcript.assembly}")
    elif reference == 0:
        notes.append(f"no reads on {event.reference_name}: the ratio cannot be formed")
    elif reference < MIN_REFERENCE_READS:
        notes.append(f"only {reference} reads on {event.reference_name}, fewer than {MIN_REFERENCE_READS}")
    if counts.wrong_strand:
        notes.append(f"{counts.wrong_strand} reads on the other strand were not counted")
    return "; ".join(notes)


def _context(isoform: Isoform, hits: int, reference: int) -> tuple[str, str]:
    """Set a ratio against the published mark, and say what is published of the event."""
    marker = next((statement for statement in isoform.statements if statement.kind is StatementKind.MARKER), None)
    if marker is None:
        return "", " ".join(s.text for s in isoform.statements if s.kind is not StatementKind.OBJECTION)
    mark = dict(marker.values).get("failure_mark_percent")
    if mark is None or not reference:
        return "", marker.text
    side = "above" if 100 * hits / reference > mark else "not above"
    return f"{side} the {mark:g} % mark", marker.text


def _count(path: Path, transcript: Transcript, multimapped: bool) -> _Counts:
    """Count the reads of the gene's junctions in one file."""
    names = contig_names(transcript)
    counts = _Counts()
    for number, fields in _lines(path):
        where = f"{path.name} line {number}"
        if is_other_build(fields[0], transcript):
            raise TableError(
                f"{where}: {fields[0]} is of another build than {transcript.assembly}; align the reads to "
                f"{transcript.assembly}"
            )
        if len(fields) == STAR_COLUMNS:
            found = _star_junction(where, fields, multimapped)
        else:
            found = _bed_junctions(where, fields)
        if fields[0] not in names:
            continue
        for (start, end), strand, reads in found:
            if start > transcript.gene_end or end < transcript.gene_start:
                continue
            if strand in (0, transcript.strand):
                counts.reads[start, end] += reads
            else:
                counts.wrong_strand += reads
    counts.reads += Counter()  # drops the junctions without a read
    return counts


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the junction lines of a file, all with the same number of columns."""
    columns = 0
    for number, raw in binary_lines(path):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise TableError(
                f"{path.name} line {number}: byte 0x{raw[error.start]:02x} is not UTF-8; no junction file"
            ) from None
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        fields = line.split("\t")
        if len(fields) not in (STAR_COLUMNS, BED12_COLUMNS) or len(fields) != (columns or len(fields)):
            raise TableError(
                f"{path.name} line {number}: {len(fields)} columns; STAR's SJ.out.tab has {STAR_COLUMNS}, "
                f"BED12 has {BED12_COLUMNS}, separated by tabs"
            )
        columns = len(fields)
        yield number, fields
    if not columns:
        raise TableError(f"{path.name} line 1: no junctions; give SJ.out.tab of STAR or a BED12 file of regtools")


def _star_junction(where: str, fields: list[str], multimapped: bool) -> list[tuple[Intron, int, int]]:
    """Read a line of SJ.out.tab: the intron is given, 1-based and inclusive."""
    start, end, unique, multi = (
        _whole(where, fields[index], index + 1, name)
        for index, name in (
            (1, "intron start"),
            (2, "intron end"),
            (6, "unique reads"),
            (7, "multi-mapping reads"),
        )
    )
    if fields[3] not in _STAR_STRANDS:
        raise TableError(f"{where}, column 4: the strand {fields[3]!r} must be 0, 1 or 2")
    if start < 1 or start > end:
        raise TableError(f"{where}, columns 2 and 3: the intron {start}-{end} does not run forward from 1")
    return [((start, end), _STAR_STRANDS[fields[3]], unique + (multi if multimapped else 0))]


def _bed_junctions(where: str, fields: list[str]) -> list[tuple[Intron, int, int]]:
    """Read a line of BED12: the introns lie between the blocks, whose starts count from 0."""
    start, reads = _whole(where, fields[1], 2, "chromStart"), _whole(where, fields[4], 5, "score (reads)")
    if fields[5] not in _BED_STRANDS:
        raise TableError(f"{where}, column 6: the strand {fields[5]!r} must be +, - or .")
    blocks = _whole(where, fields[9], 10, "blockCount")
    sizes, starts = (
        [_whole(where, part, column, name) for part in fields[column - 1].rstrip(",").split(",")]
        for column, name in ((11, "blockSizes"), (12, "blockStarts"))
    )
    if not len(sizes) == len(starts) == blocks:
        raise TableError(f"{where}, columns 10 to 12: {blocks} blocks, {len(sizes)} sizes, {len(starts)} starts")
    introns = [
        (start + this_start + size + 1, start + next_start)
        for (this_start, size), (next_start, _) in pairwise(zip(starts, sizes, strict=True))
    ]
    if any(first > last for first, last in introns):
        raise TableError(f"{where}, columns 11 and 12: the blocks overlap or touch; there is no intron between them")
    return [(intron, _BED_STRANDS[fields[5]], reads) for intron in introns]


def _whole(where: str, text: str, column: int, name: str) -> int:
    """Read a whole number from a column."""
    if not _NUMBER.fullmatch(text):
        raise TableError(f"{where}, column {column}: {name} {text!r} is not a whole number")
    return int(text)
