"""Target files (TOML) to `Target`, checked as a whole.

Reads the bundled antigen or any other file of the same shape and refuses one that is
malformed or contradicts itself, naming file, key and reason. The protein is never
read: it is translated from the coding sequence and must have the declared length and
checksum. Not for structures, and it knows nothing of any one antigen.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from epitope.errors import TargetError
from epitope.target.model import (
    Binder,
    Disulfide,
    Exon,
    HotSpots,
    Isoform,
    Location,
    PartialExon,
    Polymorphism,
    PublishedEpitope,
    Region,
    RegionKind,
    Sequon,
    Source,
    Statement,
    StatementKind,
    Target,
    TopologyRegion,
    Transcript,
)
from epitope.target.residues import AMINO_ACIDS, read_residue
from epitope.target.translation import translate

BUNDLED = "cd19.toml"
_BASES = frozenset("ACGT")
_SHA256_DIGITS = 64
_EXON_FIELDS = 5
_T = TypeVar("_T")


class _Table:
    """A TOML table that knows its file and key, so that every complaint can name both."""

    def __init__(self, values: Mapping[str, Any], file: str, key: str = "") -> None:
        self.values = values
        self.file = file
        self.key = key

    def path(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def fail(self, key: str, reason: str) -> TargetError:
        return TargetError(f"{self.file}: {self.path(key)}: {reason}")

    def get(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        if key not in self.values:
            if default is None:
                raise self.fail(key, "is missing")
            return default
        value = self.values[key]
        wanted: tuple[type, ...] = (int, float) if kind is float else (kind,)
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(key, f"should be of type {kind.__name__}, not {type(value).__name__} {value!r:.60}")
        return kind(value)  # type: ignore[call-arg]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, str, default)
        if default is None and not value.strip():
            raise self.fail(key, "is empty")
        return value

    def integer(self, key: str, default: int | None = None) -> int:
        return self.get(key, int, default)

    def number(self, key: str) -> float:
        return self.get(key, float)

    def table(self, key: str) -> _Table:
        return _Table(self.get(key, dict), self.file, self.path(key))

    def tables(self, key: str, required: bool = False) -> Iterator[_Table]:
        items = self.get(key, list, None if required else [])
        for number, item in enumerate(items, start=1):
            path = f"{self.path(key)}[{number}]"
            if not isinstance(item, dict):
                raise TargetError(f"{self.file}: {path}: should be a table, not {item!r:.60}")
            yield _Table(item, self.file, path)


class _Checker:
    """The sequence and the sources that the facts of one file must agree with."""

    def __init__(self, sequence: str, sources: Mapping[str, Source]) -> None:
        self.sequence = sequence
        self.sources = sources

    def source(self, table: _Table, key: str = "source", default: str | None = None) -> str:
        name = table.text(key, default)
        if name not in self.sources:
            raise table.fail(key, f"unknown source {name!r}; it is not a key of [sources]")
        return name

    def position(self, table: _Table, key: str, letter: str = "") -> int:
        position = table.integer(key)
        if not 1 <= position <= len(self.sequence):
            raise table.fail(key, f"position {position} is outside the protein, 1-{len(self.sequence)}")
        found = self.sequence[position - 1]
        if letter and found != letter:
            raise table.fail(key, f"residue {position} should be {letter}, the sequence has {found}")
        return position

    def region(self, table: _Table, source: str | None = None) -> Region:
        start, end = self.position(table, "start"), self.position(table, "end")
        if start > end:
            raise table.fail("start", f"{start} lies behind the end, {end}")
        return Region(table.text("name"), start, end, self.source(table, default=source))


def load_target(path: Path | str | None = None) -> Target:
    """Load an antigen from its TOML file.

    Parameters
    ----------
    path : Path or str, optional
        The target file; the bundled CD19 without one (read once, then kept).

    Returns
    -------
    Target
        Every fact of the file, validated against the translated sequence.

    Raises
    ------
    TargetError
        If the file cannot be read, is malformed or contradicts itself; the message
        names file, key and reason.

    Examples
    --------
    >>> cd19 = load_target()
    >>> cd19.name, len(cd19.sequence), cd19.residue(61)
    ('CD19', 556, 'F')
    >>> [(loop.start, loop.end) for loop in cd19.epitope.loops]
    [(97, 107), (155, 166), (216, 224)]
    """
    if path is None:
        return _bundled()
    file = Path(path)
    return _load(file, str(file), file.parent)


@cache
def _bundled() -> Target:
    """Load the target that comes with the package."""
    folder = resources.files("epitope.target")
    return _load(folder / BUNDLED, BUNDLED, folder)


def _load(file: Traversable, name: str, folder: Traversable) -> Target:
    """Read and validate one target file."""
    try:
        values = tomllib.loads(_read(file, name))
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{name}: not valid TOML: {error}") from None
    root = _Table(values, name)
    sources = _sources(root)
    transcript_table = root.table("transcript")
    records = _sequences(transcript_table, folder)
    transcript = _transcript(transcript_table, records, sources)
    sequence = _protein(root, transcript.coding_sequence)
    check = _Checker(sequence, sources)
    return Target(
        name=root.text("name"),
        gene=root.text("gene"),
        uniprot_id=root.text("uniprot_id"),
        uniprot_name=root.text("uniprot_name"),
        protein_accession=root.text("protein_accession", ""),
        version=root.text("version"),
        sequence=sequence,
        sequence_sha256=root.text("sequence_sha256"),
        transcript=transcript,
        regions=_topology(root, check),
        disulfides=tuple(_disulfide(table, check) for table in root.tables("disulfides")),
        sequons=tuple(_sequon(table, check) for table in root.tables("sequons")),
        epitopes=tuple(_epitope(table, check) for table in root.tables("epitopes", required=True)),
        hot_spots=tuple(_hot_spots(table, check) for table in root.tables("hot_spots")),
        binders=tuple(_binder(table, check) for table in root.tables("binders")),
        polymorphisms=tuple(_polymorphism(table, check) for table in root.tables("polymorphisms")),
        isoforms=_unique(root, "isoforms", lambda table: _isoform(table, check, transcript)),
        statements=tuple(_statement(table, check) for table in root.tables("statements")),
        sources=sources,
    )


def _read(file: Traversable, name: str) -> str:
    """Return the text of a file, or say why it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise TargetError(f"{name}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise TargetError(f"{name}: not UTF-8 text (byte {error.start})") from None


def _sources(root: _Table) -> dict[str, Source]:
    """Read the [sources] table."""
    table = root.table("sources")
    sources = {}
    for key in table.values:
        entry = table.table(key)
        sources[key] = Source(key, entry.text("citation"), entry.text("url", ""))
    return sources


def _sequences(table: _Table, folder: Traversable) -> dict[str, str]:
    """Read the FASTA file beside the target file: record name to sequence."""
    name = table.text("sequences")
    records: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _read(folder / name, name).splitlines():
        if line.startswith(">"):
            current = records.setdefault(line[1:].split(maxsplit=1)[0] if line[1:].strip() else "", [])
        else:
            current.append(line.strip().upper())
    sequences = {record: "".join(lines) for record, lines in records.items()}
    for record, bases in sequences.items():
        if not _BASES.issuperset(bases):
            odd = sorted(set(bases) - _BASES)[0]
            raise table.fail("sequences", f"record {record!r} of {name} has {odd!r}; only A, C, G and T are read")
    return sequences


def _record(table: _Table, key: str, records: Mapping[str, str]) -> str:
    """Return the sequence of the record that ``key`` names."""
    name = table.text(key)
    if name not in records:
        raise table.fail(key, f"{table.text('sequences')} has no record {name!r}")
    return records[name]


def _transcript(table: _Table, records: Mapping[str, str], sources: Mapping[str, Source]) -> Transcript:
    """Read the transcript and check that exons tile the coding sequence and match the genome."""
    check = _Checker("", sources)
    transcript = Transcript(
        accession=table.text("accession"),
        ensembl=table.text("ensembl"),
        assembly=table.text("assembly"),
        chromosome=table.text("chromosome"),
        chromosome_accession=table.text("chromosome_accession"),
        chromosome_length=table.integer("chromosome_length"),
        strand=table.integer("strand"),
        gene_start=table.integer("gene_start"),
        gene_end=table.integer("gene_end"),
        exon_count=table.integer("exon_count"),
        coding_sequence=_record(table, "coding_record", records),
        exons=_exons(table),
        genomic_start=table.integer("genomic_start"),
        genomic_sequence=_record(table, "genomic_record", records),
        source=check.source(table),
        partial_exons=tuple(_partial_exon(item, check) for item in table.tables("partial_exons")),
    )
    if transcript.strand != 1:
        raise table.fail("strand", f"{transcript.strand} is not supported; only genes on the plus strand are")
    _check_exons(table, transcript)
    _check_genome(table, transcript)
    return transcript


def _exons(table: _Table) -> tuple[Exon, ...]:
    """Read the rows of the exon table."""
    exons = []
    for number, row in enumerate(table.get("exons", list), start=1):
        whole = isinstance(row, list) and len(row) == _EXON_FIELDS
        if not whole or not all(type(value) is int for value in row):
            reason = f"row {number} should be five integers: number, start, end, first and last coding base"
            raise table.fail("exons", reason)
        exons.append(Exon(*row))
    if not exons:
        raise table.fail("exons", "is empty")
    return tuple(exons)


def _partial_exon(table: _Table, check: _Checker) -> PartialExon:
    """Read an exon with one uncertain end."""
    exon = PartialExon(
        number=table.integer("number"),
        start_earliest=table.integer("start_earliest"),
        start_latest=table.integer("start_latest"),
        end=table.integer("end"),
        source=check.source(table),
    )
    if not exon.start_earliest <= exon.start_latest <= exon.end:
        raise table.fail("start_latest", "bounds are not in order")
    return exon


def _check_exons(table: _Table, transcript: Transcript) -> None:
    """Refuse exons that do not tile the coding sequence, in order, inside the gene."""
    expected, previous_end = 1, transcript.gene_start - 1
    for index, exon in enumerate(transcript.exons):
        if exon.cds_start is None or exon.cds_end is None:
            continue
        coding = exon.cds_end - exon.cds_start + 1
        reason = ""
        if exon.cds_start != expected:
            reason = f"first coding base {exon.cds_start}, not {expected}: the exons do not tile the sequence"
        elif not previous_end < exon.start <= exon.end <= transcript.gene_end:
            reason = "lies outside the gene or overlaps its neighbour"
        elif coding > exon.end - exon.start + 1 or (
            0 < index < len(transcript.exons) - 1 and coding != exon.end - exon.start + 1
        ):
            reason = f"{coding} coding bases do not fit {exon.end - exon.start + 1} bases on the chromosome"
        if reason:
            raise table.fail("exons", f"exon {exon.number}: {reason}")
        expected, previous_end = exon.cds_end + 1, exon.end
    if expected - 1 != len(transcript.coding_sequence):
        reason = f"end at coding base {expected - 1}, the coding sequence has {len(transcript.coding_sequence)}"
        raise table.fail("exons", reason)
    if len(transcript.exons) > transcript.exon_count:
        raise table.fail("exon_count", f"{transcript.exon_count}, but {len(transcript.exons)} exons are listed")


def _check_genome(table: _Table, transcript: Transcript) -> None:
    """Refuse a genomic sequence that disagrees with the coding sequence inside the exons."""
    genome, origin = transcript.genomic_sequence, transcript.genomic_start
    for index, exon in enumerate(transcript.exons):
        if exon.cds_start is None or exon.cds_end is None:
            continue
        coding = transcript.coding_sequence[exon.cds_start - 1 : exon.cds_end]
        # Coding bases fill an exon to its end, except in the last coding exon.
        last = index == len(transcript.exons) - 1
        start = exon.start if last else exon.end - len(coding) + 1
        if start < origin or start + len(coding) > origin + len(genome):
            continue
        if genome[start - origin : start - origin + len(coding)] != coding:
            raise table.fail("genomic_record", f"differs from the coding sequence in exon {exon.number}")


def _protein(root: _Table, coding: str) -> str:
    """Translate the coding sequence and hold it against declared length and checksum."""
    if len(coding) % 3:
        raise root.fail("transcript.coding_record", f"{len(coding)} bases are not a whole number of codons")
    residues = translate(coding)
    if not residues.endswith("*") or "*" in residues[:-1] or not residues.startswith("M"):
        reason = "does not translate from a start codon to one stop codon at its end"
        raise root.fail("transcript.coding_record", reason)
    protein = residues[:-1]
    declared = root.integer("length")
    if declared != len(protein):
        raise root.fail("length", f"{declared} declared, the coding sequence gives {len(protein)} residues")
    digest = root.text("sequence_sha256").lower()
    if not re.fullmatch(rf"[0-9a-f]{{{_SHA256_DIGITS}}}", digest):
        raise root.fail("sequence_sha256", f"should be {_SHA256_DIGITS} hexadecimal digits")
    found = hashlib.sha256(protein.encode()).hexdigest()
    if digest != found:
        raise root.fail("sequence_sha256", f"differs from that of the translated sequence, {found}")
    return protein


def _topology(root: _Table, check: _Checker) -> tuple[TopologyRegion, ...]:
    """Read the topology: known kinds, in order, none over another."""
    regions: list[TopologyRegion] = []
    for table in root.tables("regions"):
        kind = _choice(table, "kind", RegionKind)
        start, end = check.position(table, "start"), check.position(table, "end")
        if start > end:
            raise table.fail("start", f"{start} lies behind the end, {end}")
        over = next((other for other in regions if start <= other.end and other.start <= end), None)
        if over is not None:
            raise table.fail("start", f"{start}-{end} overlaps the {over.name}, {over.start}-{over.end}")
        regions.append(TopologyRegion(kind.value, start, end, check.source(table), kind))
    return tuple(sorted(regions, key=lambda region: region.start))


_Kind = TypeVar("_Kind", RegionKind, StatementKind, Location)


def _choice(table: _Table, key: str, kinds: type[_Kind], default: str | None = None) -> _Kind:
    """Read one of a fixed set of words."""
    word = table.text(key, default)
    try:
        return kinds(word)
    except ValueError:
        raise table.fail(key, f"unknown {word!r:.40}; use {', '.join(kinds)}") from None


def _disulfide(table: _Table, check: _Checker) -> Disulfide:
    """Read a disulfide and check that both ends are cysteines."""
    first, second = check.position(table, "first", "C"), check.position(table, "second", "C")
    if first == second:
        raise table.fail("second", "a cysteine cannot bond to itself")
    return Disulfide(first, second, check.source(table))


def _sequon(table: _Table, check: _Checker) -> Sequon:
    """Read a sequon and check the N-X-S/T motif, X not proline."""
    position = check.position(table, "position", "N")
    motif = check.sequence[position - 1 : position + 2]
    if not re.fullmatch("N[^P][ST]", motif):
        raise table.fail("position", f"{motif} at {position} is not a sequon (N-X-S/T, X not P)")
    return Sequon(position, check.source(table), table.text("note", ""))


def _epitope(table: _Table, check: _Checker) -> PublishedEpitope:
    """Read an epitope; its loops share its source unless they name their own."""
    source = check.source(table)
    loops = tuple(check.region(loop, source) for loop in table.tables("loops", required=True))
    if not loops:
        raise table.fail("loops", "is empty")
    return PublishedEpitope(table.text("binder"), loops, source)


def _hot_spots(table: _Table, check: _Checker) -> HotSpots:
    """Read hot spots, written as residue letter and position (W159)."""
    positions = []
    for residue in table.get("residues", list):
        read = read_residue(residue) if isinstance(residue, str) else None
        if read is None or not read[0]:
            raise table.fail("residues", f"{residue!r:.30} is not a residue such as W159")
        letter, position = read
        if check.sequence[position - 1 : position] != letter or position == 0:
            raise table.fail("residues", f"{residue} is not in the sequence")
        positions.append(position)
    return HotSpots(table.text("binder"), tuple(positions), table.text("method"), check.source(table))


def _binder(table: _Table, check: _Checker) -> Binder:
    """Read an antibody and check the letters of its sequences."""
    chains = {key: table.text(key, "") for key in ("heavy_variable", "light_variable")}
    for key, chain in chains.items():
        unknown = sorted(set(chain) - set(AMINO_ACIDS))
        if unknown:
            raise table.fail(key, f"{unknown[0]!r} is not an amino acid")
    structure, note = table.text("structure", ""), table.text("note", "")
    return Binder(table.text("name"), check.source(table), **chains, structure=structure, note=note)


def _polymorphism(table: _Table, check: _Checker) -> Polymorphism:
    """Read a common substitution."""
    frequency = table.number("allele_frequency")
    if not 0 <= frequency <= 1:
        raise table.fail("allele_frequency", f"{frequency} is not between 0 and 1")
    alternate = table.text("alternate")
    if alternate not in set(AMINO_ACIDS):
        raise table.fail("alternate", f"{alternate!r:.30} is not an amino acid")
    return Polymorphism(
        position=check.position(table, "position", table.text("reference")),
        reference=table.text("reference"),
        alternate=alternate,
        hgvs_c=table.text("hgvs_c"),
        identifier=table.text("identifier", ""),
        allele_frequency=frequency,
        source=check.source(table),
    )


def _isoform(table: _Table, check: _Checker, transcript: Transcript) -> Isoform:
    """Read an RNA event and check its coordinates and, where it has one, its repeat."""
    isoform = Isoform(
        name=table.text("name"),
        description=table.text("description"),
        lost_start=check.position(table, "lost_start"),
        lost_end=check.position(table, "lost_end"),
        cds_start=table.integer("cds_start"),
        cds_end=table.integer("cds_end"),
        junction_shifts=table.integer("junction_shifts"),
        source=check.source(table),
        statements=tuple(_statement(item, check) for item in table.tables("statements")),
    )
    coding = transcript.coding_sequence
    if isoform.lost_start > isoform.lost_end:
        raise table.fail("lost_start", f"{isoform.lost_start} lies behind lost_end, {isoform.lost_end}")
    if not 1 <= isoform.cds_start <= isoform.cds_end <= len(coding):
        raise table.fail("cds_start", f"{isoform.cds_start}-{isoform.cds_end} is not a range in 1-{len(coding)}")
    if isoform.lost_start == 1 and check.sequence[isoform.lost_end : isoform.lost_end + 1] != "M":
        raise table.fail("lost_end", "translation cannot restart there: the next residue is not Met")
    repeat = isoform.junction_shifts - 1
    left = coding[isoform.cds_start - 1 : isoform.cds_start - 1 + repeat]
    if repeat < 0 or left != coding[isoform.cds_end : isoform.cds_end + repeat]:
        raise table.fail("junction_shifts", f"no repeat allows {isoform.junction_shifts} placements of the junction")
    return isoform


def _statement(table: _Table, check: _Checker) -> Statement:
    """Read a sentence of context with its figures."""
    values = {}
    if "values" in table.values:
        figures = table.table("values")
        values = {key: figures.number(key) for key in figures.values}
    kind = _choice(table, "kind", StatementKind, StatementKind.CONTEXT)
    location = _choice(table, "location", Location) if kind is StatementKind.LOCATION else None
    return Statement(table.text("topic"), table.text("text"), check.source(table), values, kind, location)


def _unique(root: _Table, key: str, read: Callable[[_Table], Isoform]) -> tuple[Isoform, ...]:
    """Read named items and refuse a name that occurs twice, in any case."""
    items: dict[str, Isoform] = {}
    for table in root.tables(key):
        item = read(table)
        if item.name.casefold() in items:
            raise table.fail("name", f"{item.name!r} is listed twice")
        items[item.name.casefold()] = item
    return tuple(items.values())
