"""VCF 4.x to variants: one row per record and alternate allele, in file order.

Reads plain, gzip and bgzip files, uses a .tbi or .csi index where there is one and
streams otherwise, at the price of one prefix test for a record on another chromosome.
What has no sequence to apply (symbolic alleles, ``*``, breakends) and what lies outside
the gene becomes an `UnassessedRow` that says so. A broken line becomes an error row; a
file that cannot be trusted as a whole (no header, another genome build) is refused.
Not for writing VCF, nor for normalising alleles, which the consequence does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import TableError
from epitope.target.model import Target
from epitope.variant.model import Variant
from epitope.variant.readers.builds import build_by_length, builds_named, contig_names, is_other_build
from epitope.variant.readers.rows import InputRow, RowStatus, UnassessedRow
from epitope.variant.readers.tabix import find_index, indexed_lines, region_chunks
from epitope.variant.readers.textfile import binary_lines

# More records outside the gene than this are counted, not listed: the project's own choice.
# A panel's few strays are worth a row each, the millions of a whole genome are not.
OUTSIDE_ROWS_LISTED = 1000
# Smaller files are read whole even if indexed: it costs nothing and gives line numbers.
WHOLE_FILE_BYTES = 1_000_000

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_CONTIG_ID = re.compile(r"[<,]ID=([^,>]+)")
_CONTIG_LENGTH = re.compile(r"[<,]length=(\d+)", re.I)
_BUILD_LINES = ("##reference=", "##assembly=", "##contig=")
_REF = re.compile(r"[ACGTN]+", re.I)
_BASES = re.compile(r"[ACGT]+", re.I)
_AMBIGUOUS = re.compile(r"[ACGTRYSWKMBDHVN]+", re.I)
_BREAKEND = re.compile(r"[\[\]]|^\.[A-Z]|[A-Z]\.$", re.I)
_END = re.compile(r"(?:^|;)END=(\d+)")
_LENGTH = re.compile(r"(?:^|;)SVLEN=-?(\d+)")
_NUMBER = re.compile(r"\d{1,12}(\.\d*)?([eE]-?\d{1,2})?", re.ASCII)
_FIELDS = len(FIXED_COLUMNS)
_PLACEHOLDERS = {
    ".": "no alternate allele was called",
    "*": "* stands for a deletion that another record describes",
    "<NON_REF>": "<NON_REF> stands for any allele that was not seen",
    "<*>": "<*> stands for any allele that was not seen",
}


class _BadLineError(Exception):
    """One line of the file is broken; becomes an error row."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header says: the samples, how many columns a record has, where it ends."""

    samples: tuple[str, ...]
    columns: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Record:
    """One record, split and checked."""

    contig: str
    position: int
    identifier: str
    reference: str
    alternates: tuple[str, ...]
    filter: str
    info: str
    calls: tuple[tuple[str, dict[str, str]], ...]


def read_vcf(path: str | Path, target: Target, *, sample: str | None = None) -> Iterator[InputRow]:
    """Read the variants of a VCF file that concern the target.

    The header is checked at once, the records are read as they are asked for.

    Parameters
    ----------
    path : str or Path
        A VCF 4.x file, plain, gzip or bgzip. A ``.tbi`` or ``.csi`` beside it is used if
        it is not older than the file.
    target : Target
        The antigen whose gene is looked at.
    sample : str, optional
        Read genotype and allele fraction of this sample alone. By default all samples
        are told of, joined with semicolons.

    Returns
    -------
    iterator of Variant or UnassessedRow
        One per record and alternate allele, in file order. Records outside the gene are
        rows too, as long as there are no more than `OUTSIDE_ROWS_LISTED` of them; more
        are counted in one closing row. ``annotations`` may hold ``record``, ``id``,
        ``filter``, ``sample``, ``genotype`` and ``allele_fraction``.

    Raises
    ------
    TableError
        If the file has no VCF header, is of another genome build, is damaged, or does
        not hold the sample.
    """
    path = Path(path)
    header = _read_header(path, target)
    if sample is not None and sample not in header.samples:
        there = ", ".join(header.samples) or "none"
        raise TableError(f"{path.name} has no sample {sample!r}; its samples are: {there}")
    reader = _Reader(path, target, header, sample)
    index = find_index(path) if path.stat().st_size > WHOLE_FILE_BYTES else None
    return reader.stream() if index is None else reader.indexed(index)


class _Reader:
    """Reads the records of one file for one target."""

    def __init__(self, path: Path, target: Target, header: _Header, sample: str | None) -> None:
        transcript = target.transcript
        self.path = path
        self.target = target
        self.header = header
        self.sample = sample
        self.names = contig_names(transcript)
        self.start, self.end = transcript.gene_start, transcript.gene_end
        self.prefixes = tuple(f"{name}\t".encode() for name in self.names)
        self.accession = (transcript.chromosome_accession.split(".")[0] + ".").encode()
        self.region = f"{transcript.chromosome}:{self.start}-{self.end}"

    def stream(self) -> Iterator[InputRow]:
        """Read the whole file, records outside the gene as cheaply as possible."""
        listed = not self._has_many_outside()
        skipped = 0
        for number, line in binary_lines(self.path):
            if number <= self.header.lines or not line.strip():
                continue
            if not listed and self._can_skip(number, line):
                skipped += 1
            else:
                yield from self._rows(f"line {number}", f"{self.path.name}:{number}", line)
        if skipped:
            yield UnassessedRow(
                self.path.name,
                "",
                f"{skipped} records outside {self.target.gene} ({self.region}) are not listed",
                RowStatus.SKIPPED,
            )

    def indexed(self, index: Path) -> Iterator[InputRow]:
        """Read the records of the gene's region by way of the index."""
        chunks = region_chunks(index, self.names, self.start, self.end)
        for line in indexed_lines(self.path, chunks):
            if line.strip() and not line.startswith(b"#") and not self._can_skip(0, line):
                place = ":".join(part.decode("utf-8", "replace") for part in line.split(b"\t", 2)[:2])
                yield from self._rows(place, f"{self.path.name}:{place}", line)
        yield UnassessedRow(
            self.path.name,
            "",
            f"records outside {self.target.gene} ({self.region}) were not read: {index.name} led to the gene",
            RowStatus.SKIPPED,
        )

    def _has_many_outside(self) -> bool:
        """Say whether more records lie outside the gene than are worth listing."""
        outside = 0
        for number, line in binary_lines(self.path):
            if number > self.header.lines and self._can_skip(number, line):
                outside += 1
                if outside > OUTSIDE_ROWS_LISTED:
                    return True
        return False

    def _can_skip(self, number: int, line: bytes) -> bool:
        """Say whether a line is a whole record that cannot touch the gene."""
        if not line.startswith(self.prefixes):
            if line.startswith(self.accession):
                name = line.split(b"\t", 1)[0].decode("utf-8", "replace")
                where = f"{self.path.name} line {number}" if number else self.path.name
                raise _wrong_build(where, f"chromosome {name}", self.target, "another build")
            return line.count(b"\t") >= _FIELDS - 1 and line.find(b"\r", 0, -2) < 0
        fields = line.split(b"\t", _FIELDS)
        if len(fields) < _FIELDS or not fields[1].isdigit() or line.find(b"\r", 0, -2) >= 0:
            return False
        position = int(fields[1])
        if position > self.end:
            return True
        if position + len(fields[3]) > self.start:
            return False
        return not (b"<" in fields[4] and _reach(position, fields[7].decode("latin-1")) >= self.start)

    def _rows(self, place: str, record_name: str, line: bytes) -> Iterator[InputRow]:
        """Turn one line into its rows."""
        origin = f"{self.path.name} {place}"
        base = (("record", record_name),)
        try:
            record = _parse(line, self.header, self.target)
        except _BadLineError as error:
            shown = line[:80].decode("utf-8", "replace").strip().replace("\t", " ")
            yield UnassessedRow(origin, shown, str(error), RowStatus.ERROR, base)
            return
        for index, alternate in enumerate(record.alternates, start=1):
            text = f"{self._contig(record)}-{record.position}-{record.reference}-{alternate}"
            annotations = base + self._annotations(record, index)
            problem = self._problem(record, alternate)
            if problem is None:
                yield Variant(text, origin, "", annotations)
            else:
                yield UnassessedRow(origin, text, problem[1], problem[0], annotations)

    def _contig(self, record: _Record) -> str:
        """Return the contig, under the target's own name where it is the target's."""
        return self.target.transcript.chromosome if record.contig in self.names else record.contig

    def _problem(self, record: _Record, alternate: str) -> tuple[RowStatus, str] | None:
        """Say why an allele gets no consequence, or return ``None``."""
        last = record.position + len(record.reference) - 1
        if alternate.startswith("<"):
            last = max(last, _reach(record.position, record.info))
        if record.contig not in self.names or record.position > self.end or last < self.start:
            gene = f"{self.target.gene} ({self.region}, {self.target.transcript.assembly})"
            return RowStatus.OUTSIDE, f"lies outside {gene}: no effect on its transcript"
        if not _REF.fullmatch(record.reference) or "N" in record.reference.upper():
            return RowStatus.NOT_ASSESSABLE, f"the reference allele {record.reference} has an unknown base"
        return _allele_problem(alternate)

    def _annotations(self, record: _Record, index: int) -> tuple[tuple[str, str], ...]:
        """Return what the file says of one alternate allele."""
        found = [("id", record.identifier), ("filter", record.filter)]
        calls = [call for call in record.calls if self.sample in (None, call[0])]
        if not self.header.samples:
            found.append(("allele_fraction", _info_fraction(record.info, index)))
        elif len(calls) == 1:
            name, call = calls[0]
            found.append(("sample", name))
            found.append(("genotype", call.get("GT", "")))
            found.append(("allele_fraction", _fraction(call, index)))
        else:
            found.extend(_many_samples(calls, index))
        return tuple((key, value) for key, value in found if value not in ("", "."))


def _many_samples(calls: Sequence[tuple[str, dict[str, str]]], index: int) -> list[tuple[str, str]]:
    """Return sample names, genotypes and fractions of those that carry an allele."""
    carriers = [(name, call.get("GT", ""), _fraction(call, index)) for name, call in calls if _carries(call, index)]
    return [
        ("sample", ";".join(name for name, _, _ in carriers)),
        ("genotype", ";".join(f"{name}={genotype}" for name, genotype, _ in carriers if genotype)),
        ("allele_fraction", ";".join(f"{name}={fraction}" for name, _, fraction in carriers if fraction)),
    ]


def _carries(call: dict[str, str], index: int) -> bool:
    """Say whether a sample has an allele, by its genotype or else by its reads."""
    genotype = call.get("GT", "")
    if genotype.strip("./|"):
        return str(index) in re.split(r"[/|]", genotype)
    return float(_fraction(call, index) or 0) > 0


def _allele_problem(alternate: str) -> tuple[RowStatus, str] | None:
    """Say why an alternate allele cannot be applied to a sequence, or return ``None``."""
    if _BASES.fullmatch(alternate):
        return None
    status = RowStatus.NOT_ASSESSABLE
    if alternate in _PLACEHOLDERS:
        message = _PLACEHOLDERS[alternate]
    elif alternate.startswith("<") and alternate.endswith(">"):
        message = f"the symbolic allele {alternate} does not give the sequence"
    elif _BREAKEND.search(alternate):
        message = f"the breakend {alternate} joins two places; only changes within the gene are assessed"
    elif _AMBIGUOUS.fullmatch(alternate):
        message = f"the alternate allele {alternate} has an ambiguous base"
    else:
        status = RowStatus.ERROR
        message = f"the alternate allele {alternate!r} is not made of A, C, G, T; correct the ALT column"
    return status, message


def _reach(position: int, info: str) -> int:
    """Return the last position that a symbolic allele touches, by END or SVLEN."""
    end, length = _END.search(info), _LENGTH.search(info)
    return max(
        position,
        _as_int(end.group(1)) if end else 0,
        position + _as_int(length.group(1)) if length else 0,
    )


def _as_int(digits: str) -> int:
    """Return a number of sane length, or 0 for one that no genome has."""
    return int(digits) if len(digits) <= 12 else 0


def _parse(line: bytes, header: _Header, target: Target) -> _Record:
    """Split one line and check its columns."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadLineError(
            f"byte 0x{line[error.start]:02x} in column {line[: error.start].count(9) + 1} is not UTF-8; "
            "save the file as UTF-8"
        ) from None
    text = text.removesuffix("\n").removesuffix("\r")
    if text.startswith("#"):
        raise _BadLineError("a header line among the records; were files put together? remove it")
    if "\r" in text:
        raise _BadLineError("a lone carriage return inside the line; convert the line ends to LF")
    fields = text.split("\t")
    if len(fields) < _FIELDS or len(fields) != header.columns:
        raise _BadLineError(
            f"{len(fields)} columns where the header has {header.columns}; the line is cut short or "
            "its columns are not separated by tabs"
            if len(fields) < header.columns
            else f"{len(fields)} columns where the header has {header.columns}; remove the surplus ones"
        )
    contig, position, identifier, reference, alternates, _, filtered, info = fields[:_FIELDS]
    _check_alleles(position, reference, alternates)
    keys = tuple(fields[_FIELDS].split(":")) if len(fields) > _FIELDS else ()
    calls = tuple(
        (name, dict(zip(keys, column.split(":"), strict=False)))
        for name, column in zip(header.samples, fields[_FIELDS + 1 :], strict=True)
    )
    return _Record(
        contig,
        int(position),
        identifier,
        reference,
        tuple(alternates.split(",")),
        filtered,
        info,
        calls,
    )


def _check_alleles(position: str, reference: str, alternates: str) -> None:
    """Refuse columns that are no position and no alleles."""
    if not (position.isascii() and position.isdigit() and len(position) <= 12):
        raise _BadLineError(f"POS {position!r} is not a whole number; positions count from 1")
    if not reference or reference == ".":
        raise _BadLineError("the REF column is empty; write the reference bases")
    if not _REF.fullmatch(reference):
        raise _BadLineError(f"REF {reference!r} is not made of A, C, G, T, N; correct the REF column")
    if not all(alternates.split(",")):
        raise _BadLineError("an allele of the ALT column is empty; write the bases, or . for none")


def _fraction(call: dict[str, str], index: int) -> str:
    """Return the share of an allele's reads in one sample, "" where it is not told.

    Looks at AD (reads of each allele; with RD where AD counts the alternate alone), then
    VAF, AF, FREQ, and AO with RO, the first that is filled.
    """
    depths = _numbers(call.get("AD", ""))
    if len(depths) == 1 and "RD" in call:
        depths = _numbers(call["RD"]) + depths
    if "AO" in call and "RO" in call and not depths:
        depths = _numbers(call["RO"]) + _numbers(call["AO"])
    if len(depths) > index and None not in depths:
        total = sum(depth for depth in depths if depth is not None)
        if total > 0:
            return f"{(depths[index] or 0) / total:.4g}"
    for key in ("VAF", "AF", "FREQ"):
        if fraction := _listed_fraction(call.get(key, ""), index):
            return fraction
    return ""


def _info_fraction(info: str, index: int) -> str:
    """Return the allele fraction from the INFO column of a file without samples."""
    for key in ("VAF", "AF"):
        match = re.search(rf"(?:^|;){key}=([^;]*)", info)
        if match and (fraction := _listed_fraction(match.group(1), index)):
            return fraction
    return ""


def _listed_fraction(text: str, index: int) -> str:
    """Return one entry of a comma-separated list of fractions or percentages."""
    entries = text.split(",")
    entry = entries[index - 1] if len(entries) >= index else ""
    value = _number(entry.removesuffix("%"))
    if value is None:
        return ""
    value = value / 100 if entry.endswith("%") else value
    return f"{value:.4g}" if 0 <= value <= 1 else ""


def _numbers(text: str) -> list[float | None]:
    """Return the numbers of a comma-separated list, ``None`` for what is none."""
    return [_number(part) for part in text.split(",")] if text else []


def _number(text: str) -> float | None:
    """Return a non-negative number, ``None`` for what is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _read_header(path: Path, target: Target) -> _Header:
    """Read and check the header up to the #CHROM line."""
    number = 0
    named: list[tuple[int, str]] = []
    length_known = False
    for number, raw in binary_lines(path):
        line = _header_line(path, number, raw)
        if number == 1 and line.startswith("BCF"):
            raise TableError(f"{path.name} is a BCF file; convert it with: bcftools view -O z")
        if line.startswith("#CHROM"):
            _check_named_builds(path, target, named, length_known)
            return _columns(path, number, line)
        if not line.startswith("#"):
            break
        if line.startswith("##fileformat=") and not line.startswith("##fileformat=VCFv4"):
            raise TableError(f"{path.name} line {number}: {line[13:40]} is not VCF 4; convert the file to VCF 4.x")
        if line.startswith("##contig="):
            length_known |= _check_contig(path, number, line, target)
        if line.startswith(_BUILD_LINES):
            named.append((number, line))
    raise TableError(
        f"{path.name} line {max(number, 1)}: no header line {' '.join(FIXED_COLUMNS)} before the first "
        "record; is it a whole VCF file?"
    )


def _header_line(path: Path, number: int, raw: bytes) -> str:
    """Decode one header line."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        if raw.startswith(b"BCF"):
            return "BCF"
        raise TableError(
            f"{path.name} line {number}: byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None
    if "\r" in text:
        raise TableError(
            f"{path.name} line {number}: a lone carriage return inside the line; convert the line ends to LF"
        )
    return text


def _columns(path: Path, number: int, line: str) -> _Header:
    """Read the #CHROM line."""
    columns = line.split("\t")
    if tuple(columns[:_FIELDS]) != FIXED_COLUMNS:
        raise TableError(f"{path.name} line {number}: the columns must be {' '.join(FIXED_COLUMNS)}, separated by tabs")
    if len(columns) > _FIELDS and columns[_FIELDS] != "FORMAT":
        raise TableError(f"{path.name} line {number}: column 9 is {columns[_FIELDS]!r} and must be FORMAT")
    samples = tuple(columns[_FIELDS + 1 :])
    if len(set(samples)) < len(samples):
        raise TableError(f"{path.name} line {number}: a sample name occurs twice; make the names differ")
    return _Header(samples, len(columns), number)


def _check_contig(path: Path, number: int, line: str, target: Target) -> bool:
    """Refuse a contig of another build; say whether it confirms the target's own."""
    name, length = _CONTIG_ID.search(line), _CONTIG_LENGTH.search(line)
    if name is None:
        return False
    where = f"{path.name} line {number}"
    if is_other_build(name.group(1), target.transcript):
        raise _wrong_build(where, f"chromosome {name.group(1)}", target, "another build")
    if length is None:
        return False
    build = build_by_length(name.group(1), _as_int(length.group(1)), target.transcript)
    if build is not None:
        raise _wrong_build(where, f"{name.group(1)} with length {length.group(1)}", target, build)
    return name.group(1) in contig_names(target.transcript)


def _check_named_builds(path: Path, target: Target, named: list[tuple[int, str]], length_known: bool) -> None:
    """Refuse a file whose header names another build, unless a contig length settles it."""
    if length_known:
        return
    for number, line in named:
        others = [build for build in builds_named(line) if build != target.transcript.assembly]
        if others:
            raise _wrong_build(f"{path.name} line {number}", f"{line[:80]!r}", target, others[0])


def _wrong_build(where: str, what: str, target: Target, build: str) -> TableError:
    """Return the error for positions of another genome build."""
    ours = target.transcript.assembly
    return TableError(f"{where}: {what} means {build}, and {target.gene} is on {ours}; lift the file over to {ours}")
