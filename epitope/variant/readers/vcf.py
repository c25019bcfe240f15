"""VCF 4.x to variants: one row per record and alternate allele, in file order.

Reads plain, gzip and bgzip files, uses a .tbi or .csi index where there is one and
streams otherwise, at the price of one prefix test for a record on another chromosome.
What has no sequence to apply (``*``, breakends, most symbolic alleles) and what lies
outside the gene becomes an `UnassessedRow` that says so; alleles that no sample carries
are counted. A broken line becomes an error row; a file that cannot be trusted as a whole
(no header, another genome build) is refused. Not for writing VCF, nor for normalising
alleles, which the consequence does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import TableError
from epitope.target.model import Target
from epitope.variant.hgvs.edit import LARGEST_SPAN
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.builds import (
    Elsewhere,
    build_by_length,
    builds_named,
    contig_names,
    is_other_build,
    names_own_build,
    other_build_prefixes,
)
from epitope.variant.readers.rows import (
    InputRow,
    RowStatus,
    UnassessedRow,
    flank_term,
    gene_place,
    outside_message,
)
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
# Lines that describe columns; what they mention is no word on the file's own positions.
_COLUMN_LINES = ("##INFO=", "##FORMAT=", "##FILTER=", "##ALT=")
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
    """What the header says: the samples, how many columns a record has, where it ends, whether it names our build."""

    samples: tuple[str, ...]
    columns: int
    lines: int
    own_build: bool


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
        Read the alleles of this sample alone. By default those that any sample carries.

    Returns
    -------
    iterator of Variant or UnassessedRow
        One per record and alternate allele that is carried, in file order; the others are
        counted in a closing row, and apart from them those that were not called. Records outside
        the gene are rows too, as long as there are no more than `OUTSIDE_ROWS_LISTED` of them; more
        are counted as well.
        ``annotations`` may hold ``record``, ``id`` and ``filter``; ``calls`` has one entry
        for each sample that carries the allele.

    Raises
    ------
    TableError
        If the file has no VCF header, is of another genome build, is damaged, or does
        not hold the sample. That the records lie where the gene is on another build is
        known, and raised, behind the last of them.
    """
    path = Path(path)
    header = _read_header(path, target)
    if sample is not None and sample not in header.samples:
        there = ", ".join(header.samples) or "none"
        raise TableError(f"{path.name} has no sample {sample!r}; its samples are: {there}")
    reader = _Reader(path, target, header, sample)
    index = find_index(path) if path.stat().st_size > WHOLE_FILE_BYTES else None
    return reader.stream() if index is None else reader.indexed(index)


def vcf_lines(
    path: str | Path, target: Target, *, sample: str | None = None
) -> Iterator[tuple[bytes, list[tuple[str, InputRow]]]]:
    """Iterate over all lines of a VCF file as they are, each with what it says of the target.

    Parameters
    ----------
    path, target, sample
        As for `read_vcf`.

    Returns
    -------
    iterator of (bytes, list of (str, Variant or UnassessedRow))
        The line with its line end, and each alternate allele as the file writes it with the row that
        `read_vcf` gives for it; none for lines of the header and records that cannot touch the gene.

    Raises
    ------
    TableError
        As for `read_vcf`.
    """
    path = Path(path)
    reader = _Reader(path, target, _read_header(path, target), sample)
    for number, line in binary_lines(path):
        outside = number <= reader.header.lines or not line.strip() or reader.can_skip(number, line)
        yield line, [] if outside else list(reader.alleles(f"line {number}", f"{path.name}:{number}", line))


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
        self.accessions = tuple(prefix.encode() for prefix in other_build_prefixes(transcript))
        self.elsewhere = None if header.own_build else Elsewhere(transcript)
        self.not_carried = 0
        self.not_called = 0

    def stream(self) -> Iterator[InputRow]:
        """Read the whole file, records outside the gene as cheaply as possible."""
        listed = not self._has_many_outside()
        skipped = 0
        for number, line in binary_lines(self.path):
            if number <= self.header.lines or not line.strip():
                continue
            if not listed and self.can_skip(number, line):
                skipped += 1
            else:
                yield from self._rows(f"line {number}", f"{self.path.name}:{number}", line)
        outside = f"{skipped} records outside {gene_place(self.target)} are not listed" if skipped else ""
        yield from self._closing(outside)

    def indexed(self, index: Path) -> Iterator[InputRow]:
        """Read the records of the gene's region by way of the index."""
        for other in () if self.elsewhere is None else self.target.transcript.other_assemblies:
            for line in indexed_lines(self.path, region_chunks(index, self.names, other.gene_start, other.gene_end)):
                self.can_skip(0, line)
        chunks = region_chunks(index, self.names, self.start, self.end)
        for line in indexed_lines(self.path, chunks):
            if line.strip() and not line.startswith(b"#") and not self.can_skip(0, line):
                place = ":".join(part.decode("utf-8", "replace") for part in line.split(b"\t", 2)[:2])
                yield from self._rows(place, f"{self.path.name}:{place}", line)
        yield from self._closing(
            f"records outside {gene_place(self.target)} were not read: {index.name} led to the gene"
        )

    def _closing(self, outside: str) -> Iterator[InputRow]:
        """Yield the rows that stand for records not listed; refuse a file whose records lie on another build."""
        complaint = None if self.elsewhere is None else self.elsewhere.complaint(self.target.gene)
        if complaint is not None:
            raise TableError(": ".join(complaint))
        carrier = "no sample carries" if self.sample is None else f"{self.sample} does not carry"
        alleles = "" if not self.not_carried else f"alleles that {carrier} are not listed: {self.not_carried}"
        where = "every sample, and found in no other," if self.sample is None else self.sample
        no_calls = f"alleles not called (./.) in {where} are not listed: {self.not_called}" if self.not_called else ""
        for message in filter(None, (alleles, no_calls, outside)):
            yield UnassessedRow(self.path.name, "", message, RowStatus.SKIPPED)

    def _has_many_outside(self) -> bool:
        """Say whether more records lie outside the gene than are worth listing."""
        outside = 0
        for number, line in binary_lines(self.path):
            if number > self.header.lines and self.can_skip(number, line):
                outside += 1
                if outside > OUTSIDE_ROWS_LISTED:
                    return True
        return False

    def can_skip(self, number: int, line: bytes) -> bool:
        """Say whether a line is a whole record that cannot touch the gene."""
        if not line.startswith(self.prefixes):
            if line.startswith(self.accessions):
                name = line.split(b"\t", 1)[0].decode("utf-8", "replace")
                where = f"{self.path.name} line {number}" if number else self.path.name
                raise _wrong_build(where, f"chromosome {name}", self.target, "another build")
            return line.count(b"\t") >= _FIELDS - 1 and line.find(b"\r", 0, -2) < 0
        fields = line.split(b"\t", _FIELDS)
        if len(fields) < _FIELDS or not fields[1].isdigit() or line.find(b"\r", 0, -2) >= 0:
            return False
        position = int(fields[1])
        if position > self.end:
            self._look_elsewhere(fields[0].decode(), position, fields[3].decode("latin-1"), number)
            return True
        if position + len(fields[3]) > self.start:
            return False
        return not (b"<" in fields[4] and _reach(position, fields[7].decode("latin-1")) >= self.start)

    def _rows(self, place: str, record_name: str, line: bytes) -> Iterator[InputRow]:
        """Turn one line into its rows."""
        return (row for _, row in self.alleles(place, record_name, line))

    def alleles(self, place: str, record_name: str, line: bytes) -> Iterator[tuple[str, InputRow]]:
        """Turn one line into its alternate alleles as written, "" for a broken line, each with its row."""
        origin = f"{self.path.name} {place}"
        base = (("record", record_name),)
        try:
            record = _parse(line, self.header, self.target)
        except _BadLineError as error:
            shown = line[:80].decode("utf-8", "replace").strip().replace("\t", " ")
            yield "", UnassessedRow(origin, shown, str(error), RowStatus.ERROR, base)
            return
        told = (("id", record.identifier), ("filter", record.filter))
        annotations = base + tuple((key, value) for key, value in told if value not in ("", "."))
        for index, alternate in enumerate(record.alternates, start=1):
            calls = self._calls(record, index)
            if calls is not None:
                yield alternate, self._row(record, alternate, origin, annotations, calls, place)
            elif any(_is_no_call(call, index) for call in self._looked_at(record).values()):
                self.not_called += 1
            else:
                self.not_carried += 1

    def _row(
        self,
        record: _Record,
        alternate: str,
        origin: str,
        annotations: tuple[tuple[str, str], ...],
        calls: tuple[SampleCall, ...],
        place: str,
    ) -> InputRow:
        """Turn one alternate allele into its row."""
        text = f"{self._contig(record)}-{record.position}-{record.reference}-{alternate}"
        last = record.position + len(record.reference) - 1
        if alternate.startswith("<"):
            last = max(last, _reach(record.position, record.info))
        here = record.contig in self.names
        if not here or record.position > self.end or last < self.start:
            if here:
                self._look_elsewhere(record.contig, record.position, record.reference, place)
            term = flank_term(self.target, record.position, last) if here else ""
            message = outside_message(self.target)
            return UnassessedRow(origin, text, message, RowStatus.OUTSIDE, annotations, calls, term)
        if (change := self._whole_change(record, alternate)) is not None:
            return Variant(change[0], origin, "", annotations, calls, change[1])
        problem = _reference_problem(record) or _allele_problem(alternate)
        if problem is not None:
            return UnassessedRow(origin, text, problem[1], problem[0], annotations, calls)
        return Variant(text, origin, "", annotations, calls)

    def _look_elsewhere(self, contig: str, position: int, reference: str, place: str | int) -> None:
        """Take note of a record beside the gene, unless the build is settled."""
        if self.elsewhere is not None and not names_own_build(contig, self.target.transcript):
            where = f"line {place}" if isinstance(place, int) else place
            self.elsewhere.see(f"{self.path.name} {where}" if place else self.path.name, position, reference)

    def _whole_change(self, record: _Record, alternate: str) -> tuple[str, tuple[str, ...]] | None:
        """Write a symbolic deletion or tandem duplication with known ends as HGVS, with notes; else ``None``.

        Of a deletion too long to be read the part in and beside the gene is taken.
        """
        operation = "del" if re.fullmatch(r"<DEL(:.*)?>", alternate) else "dup" if alternate == "<DUP:TANDEM>" else ""
        first, last = record.position + 1, _reach(record.position, record.info)
        if not operation or last < first:
            return None
        notes = []
        if re.search(r"(?:^|;)IMPRECISE(?:;|$)", record.info):
            notes.append("the file calls the ends of this change imprecise")
        if last - first >= LARGEST_SPAN:
            if operation == "dup":
                return None
            whole = f"{first}-{last}"
            first, last = max(first, self.start - 1), min(last, self.end + 1)
            notes.append(f"the deletion {whole} is read as far as it touches the gene")
        span = str(first) if first == last else f"{first}_{last}"
        return f"{self.target.transcript.chromosome}:g.{span}{operation}", tuple(notes)

    def _contig(self, record: _Record) -> str:
        """Return the contig, under the target's own name where it is the target's."""
        return self.target.transcript.chromosome if record.contig in self.names else record.contig

    def _calls(self, record: _Record, index: int) -> tuple[SampleCall, ...] | None:
        """Return what the file says of the samples that carry an allele; ``None`` where none does."""
        if not self.header.samples:
            told = _sites_only_call(record.info, index)
            return () if told == SampleCall() else (told,)
        calls = self._looked_at(record).items()
        carriers = tuple(_sample_call(name, call, index) for name, call in calls if _may_carry(call, index))
        return carriers or None

    def _looked_at(self, record: _Record) -> dict[str, dict[str, str]]:
        """Return the columns of the samples that count, by name."""
        return {name: call for name, call in record.calls if self.sample in (None, name)}


def _may_carry(call: dict[str, str], index: int) -> bool:
    """Say whether a sample has an allele: by its genotype, else by its reads, else because nothing denies it."""
    genotype = call.get("GT")
    if genotype is not None and genotype.strip("./|"):
        return str(index) in re.split(r"[/|]", genotype)
    fraction = _fraction(call, index)
    return genotype is None if fraction is None else fraction > 0


def _is_no_call(call: dict[str, str], index: int) -> bool:
    """Say whether a sample's genotype is open, wholly or in part, and no reads tell more."""
    return "." in re.split(r"[/|]", call.get("GT", "")) and _fraction(call, index) is None


def _sample_call(name: str, call: dict[str, str], index: int) -> SampleCall:
    """Return what one sample's column says of an allele."""
    depths = _allele_depths(call)
    told = _number(call.get("DP", ""))
    depth = sum(depths) if told is None and depths else told
    reads = depths[index] if len(depths) > index else None
    return SampleCall(
        name,
        call.get("GT", ""),
        None if depth is None else int(depth),
        None if reads is None else int(reads),
        _fraction(call, index),
        _haplotypes(call.get("GT", ""), index),
        call.get("PS", "").strip("."),
    )


def _haplotypes(genotype: str, index: int) -> tuple[int, ...]:
    """Return the places of an allele in a genotype that tells its haplotypes apart, or has it on all of them."""
    alleles = re.split(r"[/|]", genotype)
    places = tuple(place for place, allele in enumerate(alleles) if allele == str(index))
    return places if "/" not in genotype or len(places) == len(alleles) else ()


def _sites_only_call(info: str, index: int) -> SampleCall:
    """Return what the INFO column of a file without samples says of an allele."""
    depth = _number(_info_value(info, "DP"))
    fractions = (_listed_fraction(_info_value(info, key), index) for key in ("VAF", "AF"))
    fraction = next((value for value in fractions if value is not None), None)
    return SampleCall(depth=None if depth is None else int(depth), allele_fraction=fraction)


def _info_value(info: str, key: str) -> str:
    """Return the value of a key of the INFO column, "" without one."""
    match = re.search(rf"(?:^|;){key}=([^;]*)", info)
    return match.group(1) if match else ""


def _reference_problem(record: _Record) -> tuple[RowStatus, str] | None:
    """Say why a reference allele cannot be compared with the sequence, or return ``None``."""
    if "N" not in record.reference.upper():
        return None
    return RowStatus.NOT_ASSESSABLE, f"the reference allele {record.reference} has an unknown base"


def _allele_problem(alternate: str) -> tuple[RowStatus, str] | None:
    """Say why an alternate allele cannot be applied to a sequence, or return ``None``."""
    if _BASES.fullmatch(alternate):
        return None
    status = RowStatus.NOT_ASSESSABLE
    if alternate in _PLACEHOLDERS:
        message = _PLACEHOLDERS[alternate]
    elif alternate.startswith("<") and alternate.endswith(">"):
        message = (
            f"the symbolic allele {alternate} does not give the sequence; <DEL> and <DUP:TANDEM> with END are assessed"
        )
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


def _fraction(call: dict[str, str], index: int) -> float | None:
    """Return the share of an allele's reads in one sample, ``None`` where it is not told.

    Looks at AD (reads of each allele; with RD where AD counts the alternate alone), then
    AO with RO, then VAF, AF and FREQ, the first that is filled.
    """
    depths = _allele_depths(call)
    if len(depths) > index and sum(depths) > 0:
        return depths[index] / sum(depths)
    fractions = (_listed_fraction(call.get(key, ""), index) for key in ("VAF", "AF", "FREQ"))
    return next((value for value in fractions if value is not None), None)


def _allele_depths(call: dict[str, str]) -> list[float]:
    """Return the reads of each allele, the reference first; empty where they are not all told."""
    depths = _numbers(call.get("AD", ""))
    if len(depths) == 1 and "RD" in call:
        depths = _numbers(call["RD"]) + depths
    if "AO" in call and "RO" in call and not depths:
        depths = _numbers(call["RO"]) + _numbers(call["AO"])
    known = [depth for depth in depths if depth is not None]
    return known if len(known) == len(depths) else []


def _listed_fraction(text: str, index: int) -> float | None:
    """Return one entry of a comma-separated list of fractions or percentages."""
    entries = text.split(",")
    entry = entries[index - 1] if len(entries) >= index else ""
    value = _number(entry.removesuffix("%"))
    if value is None:
        return None
    value = value / 100 if entry.endswith("%") else value
    return value if 0 <= value <= 1 else None


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
            own_build = length_known or _check_named_builds(path, target, named)
            return _columns(path, number, line, own_build)
        if not line.startswith("#"):
            break
        if line.startswith("##fileformat=") and not line.startswith("##fileformat=VCFv4"):
            raise TableError(f"{path.name} line {number}: {line[13:40]} is not VCF 4; convert the file to VCF 4.x")
        if line.startswith("##contig="):
            length_known |= _check_contig(path, number, line, target)
        if not line.startswith(_COLUMN_LINES):
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


def _columns(path: Path, number: int, line: str, own_build: bool) -> _Header:
    """Read the #CHROM line."""
    columns = line.split("\t")
    if tuple(columns[:_FIELDS]) != FIXED_COLUMNS:
        raise TableError(f"{path.name} line {number}: the columns must be {' '.join(FIXED_COLUMNS)}, separated by tabs")
    if len(columns) > _FIELDS and columns[_FIELDS] != "FORMAT":
        raise TableError(f"{path.name} line {number}: column 9 is {columns[_FIELDS]!r} and must be FORMAT")
    samples = tuple(columns[_FIELDS + 1 :])
    if len(set(samples)) < len(samples):
        raise TableError(f"{path.name} line {number}: a sample name occurs twice; make the names differ")
    return _Header(samples, len(columns), number, own_build)


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


def _check_named_builds(path: Path, target: Target, named: list[tuple[int, str]]) -> bool:
    """Refuse a file whose header names another build; say whether it names the target's own.

    What a line of its own is for (reference, assembly, contig) is believed first. Of the others,
    such as the command that made the file, one that names both builds says nothing.
    """
    ours = target.transcript.assembly
    builds = [(number, line, builds_named(line), line.startswith(_BUILD_LINES)) for number, line in named]
    for number, line, found, for_that in builds:
        others = [build for build in found if build != ours]
        if for_that and others:
            raise _wrong_build(f"{path.name} line {number}", f"{line[:80]!r}", target, others[0])
    if any(for_that and found for _, _, found, for_that in builds):
        return True
    for number, line, found, _ in builds:
        if found and ours not in found:
            raise _wrong_build(f"{path.name} line {number}", f"{line[:80]!r}", target, found[0])
    return any(found == [ours] for _, _, found, _ in builds)


def _wrong_build(where: str, what: str, target: Target, build: str) -> TableError:
    """Return the error for positions of another genome build."""
    ours = target.transcript.assembly
    return TableError(f"{where}: {what} means {build}, and {target.gene} is on {ours}; lift the file over to {ours}")
