"""Target packs (a folder with ``target.toml``) to `Target`, checked as a whole.

Reads an installed pack or any other folder of the same shape and refuses one that is
malformed or contradicts itself, naming file, key and reason. Where there is a coding
sequence the protein is translated from it, else read; length and checksum are checked where
they are declared. Beyond a name and a sequence everything is optional
(``epitope/target/packs/README.md``). Not for structures, and it knows nothing of any one antigen.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import Any, TypeVar

from epitope.errors import TargetError
from epitope.target.model import (
    Binder,
    Disulfide,
    Exon,
    HotSpots,
    Isoform,
    KnownAllele,
    Location,
    LossCriteria,
    Motif,
    OtherAssembly,
    Polymorphism,
    PublishedCohort,
    PublishedContacts,
    PublishedEpitope,
    PublishedSite,
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
from epitope.target.translation import reverse_complement, translate

TARGET_FILE = "target.toml"
"""The file of a pack that names all others."""
_MOST_LETTERS = 20_000_000
_MOST_DOTS = 1_000
"""In a line: reading a key takes memory that grows with the square of its parts."""
_BASES = frozenset("ACGT")
_SHA256_DIGITS = 64
_LONGEST_NAME = 60
_SEQUENCES = "sequences.fa"
_ALLELE_COLUMNS = ("chrom", "pos", "ref", "alt")
_KNOWN_COLUMNS = (*_ALLELE_COLUMNS, "identifier", "significance", "allele_frequency")
# Number, start and end; in an exon with coding bases also the first and last of them.
_EXON_FIELDS = (3, 5)
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

    def file_name(self, key: str, default: str | None = None) -> str:
        """Return the name of a file of the pack; a path that leads out of its folder is refused."""
        name = self.text(key, default)
        parts = PurePosixPath(name).parts
        if name and (".." in parts or name.startswith("/") or any(c in "\\:" or not c.isprintable() for c in name)):
            raise self.fail(key, f"{shorten(name, 60)!r} leads out of the folder of the pack; put the file into it")
        return name

    def plain_name(self, key: str) -> str:
        """Return a name that files are called by."""
        name = self.text(key)
        if (
            any(c in '/\\:*?"<>|' or not c.isprintable() for c in name)
            or name.startswith(".")
            or len(name) > _LONGEST_NAME
        ):
            raise self.fail(key, f"{shorten(name, 60)!r} cannot be the name of a file; use letters, digits, - and _")
        return name

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
    """Load an antigen from its pack.

    Parameters
    ----------
    path : Path or str, optional
        The folder of a pack, its target file, or the name of an installed pack; the default
        pack without one. Installed packs are read once, then kept.

    Returns
    -------
    Target
        Every fact of the pack, validated against the sequence.

    Raises
    ------
    TargetError
        If a file cannot be read, is malformed or contradicts itself; the message
        names file, key and reason.

    Examples
    --------
    >>> target = load_target()
    >>> len(target.sequence), target.residue(61)
    (556, 'F')
    >>> target.name in [load_target(name).name for name in installed_packs()]
    True
    """
    if path is None:
        return _installed(_default_pack())
    file = Path(path)
    if file.is_dir():
        file = file / TARGET_FILE
    elif not file.exists() and str(path).casefold() in installed_packs():
        return _installed(str(path).casefold())
    return _load(file, str(file), file.parent)


@cache
def installed_packs() -> tuple[str, ...]:
    """Name the packs that come with the package.

    Examples
    --------
    >>> all(load_target(name).sequence for name in installed_packs())
    True
    """
    folders = resources.files("epitope.target").joinpath("packs").iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / TARGET_FILE).is_file()))


@cache
def _default_pack() -> str:
    """Name the installed pack that is loaded where none is named."""
    return _read(resources.files("epitope.target") / "packs" / "default.txt", "default.txt").strip()


@cache
def _installed(name: str) -> Target:
    """Load a pack that comes with the package."""
    folder = resources.files("epitope.target") / "packs" / name
    return _load(folder / TARGET_FILE, f"{name}/{TARGET_FILE}", folder)


def _load(file: Traversable, name: str, folder: Traversable) -> Target:
    """Read and validate one pack."""
    text = _read(file, name)
    if deep := next((n for n, line in enumerate(text.splitlines(), 1) if line.count(".") > _MOST_DOTS), 0):
        raise TargetError(f"{name}: line {deep}: more than {_MOST_DOTS} dots; no key of a target has so many parts")
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TargetError(f"{name}: not valid TOML: {error}") from None
    root = _Table(values, name)
    sources = _sources(root)
    records = _sequences(root, folder)
    transcript = _transcript(root.table("transcript"), root, records, sources) if "transcript" in values else None
    sequence = _protein(root, records, transcript)
    check = _Checker(sequence, sources)
    binders = tuple(_binder(table, check) for table in root.tables("binders"))
    names = tuple(binder.name for binder in binders)
    return Target(
        name=root.text("name"),
        gene=root.text("gene", ""),
        uniprot_id=root.text("uniprot_id", ""),
        uniprot_name=root.text("uniprot_name", ""),
        protein_accession=root.text("protein_accession", ""),
        version=root.text("version", ""),
        structure=_structure(root, folder),
        predictions=_predictions(root, folder),
        sequence=sequence,
        sequence_sha256=hashlib.sha256(sequence.encode()).hexdigest(),
        known_transcript=transcript,
        regions=_topology(root, check),
        disulfides=tuple(_disulfide(table, check) for table in root.tables("disulfides")),
        sequons=tuple(_sequon(table, check) for table in root.tables("sequons")),
        motifs=tuple(_motif(table, check) for table in root.tables("motifs")),
        epitopes=tuple(_epitope(table, check) for table in root.tables("epitopes")),
        hot_spots=tuple(_hot_spots(table, check, names) for table in root.tables("hot_spots")),
        contacts=tuple(_contacts(table, check, names) for table in root.tables("contacts")),
        binders=binders,
        polymorphisms=tuple(_polymorphism(table, check) for table in root.tables("polymorphisms")),
        isoforms=_unique(root, "isoforms", lambda table: _isoform(table, check, transcript)),
        statements=tuple(_statement(table, check) for table in root.tables("statements")),
        known_alleles=tuple(a for table in root.tables("known_variants") for a in _known(table, check, folder)),
        published_sites=tuple(_site(table, check) for table in root.tables("published_sites")),
        loss_criteria=_loss_criteria(root.table("loss_criteria"), check) if "loss_criteria" in values else None,
        cohorts=_unique(root, "cohorts", lambda table: _cohort(table, check, folder)),
        sources=sources,
    )


def _structure(root: _Table, folder: Traversable) -> str:
    """Return the structure's path where the pack holds it, else the file name of a bundled one."""
    name = root.file_name("structure", "")
    return str(folder / name) if name and (folder / name).is_file() else name


def _predictions(root: _Table, folder: Traversable) -> str:
    """Return the path of the pack's file of computed numbers, "" where it names none."""
    name = root.file_name("predictions", "")
    if name and not (folder / name).is_file():
        raise root.fail("predictions", f"{name} is not in the folder of the pack")
    return str(folder / name) if name else ""


def _loss_criteria(table: _Table, check: _Checker) -> LossCriteria:
    """Read how a publication combines the evidence of antigen loss."""
    place = table.text("place", "")
    citation = check.sources[check.source(table)].citation + (f", {place}" if place else "")
    return LossCriteria(citation, table.number("low_log_cpm"), table.text("low_log_cpm_origin"))


def _read(file: Traversable, name: str) -> str:
    """Return the text of a file, or say why it cannot be read."""
    try:
        with file.open("r", encoding="utf-8") as handle:
            text = handle.read(_MOST_LETTERS + 1)
    except OSError as error:
        raise TargetError(
            f"{name}: cannot be read: {error.strerror or error}; give the folder of a target pack, its "
            f"{TARGET_FILE} or an installed pack ({', '.join(installed_packs())})"
        ) from None
    except UnicodeDecodeError as error:
        raise TargetError(f"{name}: not UTF-8 text (byte {error.start})") from None
    if len(text) > _MOST_LETTERS:
        raise TargetError(f"{name}: longer than {_MOST_LETTERS:,} characters; a file of a pack holds one gene")
    return text


def _sources(root: _Table) -> dict[str, Source]:
    """Read the [sources] table."""
    if "sources" not in root.values:
        return {}
    table = root.table("sources")
    sources = {}
    for key in table.values:
        entry = table.table(key)
        sources[key] = Source(key, entry.text("citation"), entry.text("url", ""))
    return sources


def _sequences(root: _Table, folder: Traversable) -> dict[str, str]:
    """Read the FASTA file beside the target file: record name to sequence."""
    name = root.file_name("sequences", _SEQUENCES)
    records: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _read(folder / name, name).splitlines():
        if line.startswith(">"):
            current = records.setdefault(line[1:].split(maxsplit=1)[0] if line[1:].strip() else "", [])
        else:
            current.append(line.strip().upper())
    return {record: "".join(lines) for record, lines in records.items()}


def _record(table: _Table, key: str, root: _Table, records: Mapping[str, str], letters: frozenset[str]) -> str:
    """Return the sequence of the record that ``key`` names, of known letters only."""
    name, file = table.text(key), root.text("sequences", _SEQUENCES)
    if name not in records:
        raise table.fail(key, f"{file} has no record {name!r}")
    sequence = records[name]
    if not sequence or not letters.issuperset(sequence):
        odd = f"has {sorted(set(sequence) - letters)[0]!r}" if sequence else "is empty"
        known = "A, C, G and T" if letters is _BASES else "the twenty amino acids"
        raise table.fail(key, f"record {name!r} of {file} {odd}; only {known} are read")
    return sequence


def _transcript(table: _Table, root: _Table, records: Mapping[str, str], sources: Mapping[str, Source]) -> Transcript:
    """Read the transcript and check that exons tile the coding sequence and match the genome."""
    check = _Checker("", sources)
    transcript = Transcript(
        accession=table.text("accession"),
        ensembl=table.text("ensembl", ""),
        assembly=table.text("assembly"),
        chromosome=table.text("chromosome"),
        chromosome_accession=table.text("chromosome_accession"),
        chromosome_length=table.integer("chromosome_length"),
        strand=table.integer("strand"),
        coding_sequence=_record(table, "coding_record", root, records, _BASES),
        exons=_exons(table),
        genomic_start=table.integer("genomic_start"),
        genomic_sequence=_record(table, "genomic_record", root, records, _BASES),
        source=check.source(table),
        chromosome_genbank=table.text("chromosome_genbank", ""),
        chromosome_refget=_refget(table),
        cytoband=_cytoband(table),
        other_assemblies=tuple(_other_assembly(item, check) for item in table.tables("other_assemblies")),
    )
    if transcript.strand not in (1, -1):
        raise table.fail("strand", f"should be 1 or -1, not {transcript.strand}")
    _check_exons(table, transcript)
    _check_genome(table, transcript)
    return transcript


def _exons(table: _Table) -> tuple[Exon, ...]:
    """Read the rows of the exon table."""
    exons = []
    for number, row in enumerate(table.get("exons", list), start=1):
        whole = isinstance(row, list) and len(row) in _EXON_FIELDS
        if not whole or not all(type(value) is int for value in row):
            reason = (
                f"row {number} should be integers: number, start, end, and first and last coding base "
                f"where the exon has any"
            )
            raise table.fail("exons", reason)
        if row[0] != number:
            raise table.fail("exons", f"row {number} is numbered {row[0]}; write the exons in order, from 1")
        exons.append(Exon(*row, *[None] * (_EXON_FIELDS[1] - len(row))))
    if not exons:
        raise table.fail("exons", "is empty")
    return tuple(exons)


def _refget(table: _Table) -> str:
    """Read the digest of the chromosome's sequence."""
    digest = table.text("chromosome_refget", "")
    if digest and not re.fullmatch(r"SQ\.[0-9A-Za-z_-]{32}", digest):
        raise table.fail("chromosome_refget", f"{digest!r} is not a refget digest, SQ. and 32 characters")
    return digest


def _cytoband(table: _Table) -> str:
    """Read the gene's chromosome band, as ISCN writes it."""
    band = table.text("cytoband", "")
    if band and not re.fullmatch(r"(\d{1,2}|X|Y)[pq]\d+(\.\d+)?", band):
        raise table.fail("cytoband", f"{band!r} is not a band such as 16p11.2")
    return band


def _other_assembly(table: _Table, check: _Checker) -> OtherAssembly:
    """Read where the gene lies on another assembly."""
    other = OtherAssembly(
        name=table.text("name"),
        chromosome_accession=table.text("chromosome_accession"),
        gene_start=table.integer("gene_start"),
        gene_end=table.integer("gene_end"),
        offset=table.integer("offset"),
        source=check.source(table),
    )
    if not 1 <= other.gene_start <= other.gene_end:
        raise table.fail("gene_end", "the gene ends before it starts")
    return other


def _check_exons(table: _Table, transcript: Transcript) -> None:
    """Refuse exons that overlap, run against the strand or do not tile the coding sequence."""
    expected = 1
    for index, exon in enumerate(transcript.exons):
        reason = _order_problem(transcript, index)
        if not reason and exon.cds_start is not None and exon.cds_end is not None:
            reason = _coding_problem(exon, expected, len(transcript.coding_sequence))
            expected = exon.cds_end + 1
        elif not reason and 1 < expected <= len(transcript.coding_sequence):
            reason = "has no coding bases, though the coding sequence goes on behind it"
        if reason:
            raise table.fail("exons", f"exon {exon.number}: {reason}")
    if expected - 1 != len(transcript.coding_sequence):
        reason = f"end at coding base {expected - 1}, the coding sequence has {len(transcript.coding_sequence)}"
        raise table.fail("exons", reason)


def _order_problem(transcript: Transcript, index: int) -> str:
    """Say what is wrong with the place of an exon on the chromosome, or return ""."""
    exon = transcript.exons[index]
    if not 1 <= exon.start <= exon.end <= transcript.chromosome_length:
        return f"{exon.start}-{exon.end} is not a range on {transcript.chromosome}"
    if index == 0:
        return ""
    before = transcript.exons[index - 1]
    gap = exon.start - before.end if transcript.strand > 0 else before.start - exon.end
    return "" if gap > 1 else f"does not lie behind exon {before.number} on strand {transcript.strand:+d}"


def _coding_problem(exon: Exon, expected: int, total: int) -> str:
    """Say why the coding bases of an exon do not continue those in front of it, or return ""."""
    assert exon.cds_start is not None
    assert exon.cds_end is not None
    if exon.cds_start != expected:
        return f"first coding base {exon.cds_start}, not {expected}: the exons do not tile the sequence"
    coding, length = exon.cds_end - exon.cds_start + 1, exon.end - exon.start + 1
    # The first and the last coding exon may hold a part of a UTR; one that is both does not say where.
    shared = (exon.cds_start == 1) != (exon.cds_end == total)
    if coding == length or (shared and 1 <= coding < length):
        return ""
    return f"{coding} coding bases do not fit {length} bases on the chromosome"


def _check_genome(table: _Table, transcript: Transcript) -> None:
    """Refuse a genomic sequence that disagrees with the coding sequence inside the exons."""
    genome, origin = transcript.genomic_sequence, transcript.genomic_start
    for exon in transcript.exons:
        if exon.cds_start is None or exon.cds_end is None:
            continue
        coding = transcript.coding_sequence[exon.cds_start - 1 : exon.cds_end]
        # Coding bases fill an exon to its 3' end, except in the last coding exon.
        to_its_end = exon.cds_end != len(transcript.coding_sequence)
        start = exon.end - len(coding) + 1 if to_its_end == (transcript.strand > 0) else exon.start
        if start < origin or start + len(coding) > origin + len(genome):
            continue
        found = genome[start - origin : start - origin + len(coding)]
        if found != (coding if transcript.strand > 0 else reverse_complement(coding)):
            raise table.fail("genomic_record", f"differs from the coding sequence in exon {exon.number}")


def _protein(root: _Table, records: Mapping[str, str], transcript: Transcript | None) -> str:
    """Translate the coding sequence, or read the protein; check declared length and checksum."""
    if transcript is None:
        protein, origin = _record(root, "protein_record", root, records, frozenset(AMINO_ACIDS)), "the record has"
    else:
        if len(transcript.coding_sequence) % 3:
            reason = f"{len(transcript.coding_sequence)} bases are not a whole number of codons"
            raise root.fail("transcript.coding_record", reason)
        residues = translate(transcript.coding_sequence)
        if not residues.endswith("*") or "*" in residues[:-1] or not residues.startswith("M"):
            reason = "does not translate from a start codon to one stop codon at its end"
            raise root.fail("transcript.coding_record", reason)
        protein, origin = residues[:-1], "the coding sequence gives"
    declared = root.integer("length", len(protein))
    if declared != len(protein):
        raise root.fail("length", f"{declared} declared, {origin} {len(protein)} residues")
    found = hashlib.sha256(protein.encode()).hexdigest()
    digest = root.text("sequence_sha256", found).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{_SHA256_DIGITS}}}", digest):
        raise root.fail("sequence_sha256", f"should be {_SHA256_DIGITS} hexadecimal digits")
    if digest != found:
        raise root.fail("sequence_sha256", f"differs from that of the sequence, {found}")
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


def _residues(
    table: _Table, check: _Checker, key: str = "residues", default: list[str] | None = None
) -> tuple[int, ...]:
    """Read residues written as letter and position (W159) and check them against the sequence."""
    positions: list[int] = []
    for residue in table.get(key, list, default):
        read = read_residue(residue) if isinstance(residue, str) else None
        if read is None or not read[0]:
            raise table.fail(key, f"{residue!r:.30} is not a residue such as W159")
        letter, position = read
        if check.sequence[position - 1 : position] != letter or position == 0:
            raise table.fail(key, f"{residue} is not in the sequence")
        if position in positions:
            raise table.fail(key, f"{residue} is listed twice")
        positions.append(position)
    return tuple(positions)


def _binder_name(table: _Table, names: Sequence[str]) -> str:
    """Read whose residues a table lists; it must be one of the pack's binders."""
    name = table.text("binder")
    if name not in names:
        raise table.fail("binder", f"{name!r:.40} is none of [[binders]] ({', '.join(names) or 'none listed'})")
    return name


def _hot_spots(table: _Table, check: _Checker, names: Sequence[str]) -> HotSpots:
    """Read what an experiment scanned for one binder: the hot spots, and what had no effect."""
    tolerant = _residues(table, check, "tolerant", [])
    positions = _residues(table, check, default=[] if tolerant else None)
    both = next((p for p in positions if p in tolerant), None)
    if both is not None:
        raise table.fail("tolerant", f"{check.sequence[both - 1]}{both} is among the hot spots in residues as well")
    return HotSpots(_binder_name(table, names), positions, table.text("method"), check.source(table), tolerant)


def _contacts(table: _Table, check: _Checker, names: Sequence[str]) -> PublishedContacts:
    """Read the published contacts of one binder, with the area that each loses where that is given."""
    positions = _residues(table, check)
    areas = table.get("buried_A2", list, [])
    if areas and len(areas) != len(positions):
        raise table.fail("buried_A2", f"has {len(areas)} areas for {len(positions)} residues")
    wrong = next((a for a in areas if isinstance(a, bool) or not isinstance(a, int | float) or not a > 0), None)
    if wrong is not None:
        raise table.fail("buried_A2", f"{wrong!r:.30} is no area; give Å² above 0")
    return PublishedContacts(
        _binder_name(table, names), positions, table.text("method"), check.source(table), tuple(map(float, areas))
    )


def _motif(table: _Table, check: _Checker) -> Motif:
    """Read a motif of the part inside the cell."""
    return Motif(table.text("name"), _residues(table, check), check.source(table), table.text("note", ""))


def _binder(table: _Table, check: _Checker) -> Binder:
    """Read an antibody and check the letters of its sequences."""
    chains = {key: table.text(key, "") for key in ("heavy_variable", "light_variable")}
    for key, chain in chains.items():
        unknown = sorted(set(chain) - set(AMINO_ACIDS))
        if unknown:
            raise table.fail(key, f"{unknown[0]!r} is not an amino acid")
    structure, note = table.text("structure", ""), table.text("note", "")
    return Binder(table.text("name"), check.source(table), **chains, structure=structure, note=note)


def _site(table: _Table, check: _Checker) -> PublishedSite:
    """Read residues of which a paper gives distances."""
    positions, partners = (_positions(table, key, check) for key in ("positions", "partners"))
    return PublishedSite(positions, partners, check.source(table))


def _positions(table: _Table, key: str, check: _Checker) -> tuple[int, ...]:
    """Read a list of positions of the protein."""
    values = table.get(key, list)
    for value in values:
        if type(value) is not int or not 1 <= value <= len(check.sequence):
            raise table.fail(key, f"{value!r:.30} is no position in 1-{len(check.sequence)}")
    return tuple(values)


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


def _isoform(table: _Table, check: _Checker, transcript: Transcript | None) -> Isoform:
    """Read an RNA event and check its coordinates and, where it has one, its repeat."""
    if transcript is None:
        raise table.fail("cds_start", "an RNA event counts on a transcript; give [transcript] as well")
    isoform = Isoform(
        name=table.plain_name("name"),
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


def _table_rows(
    table: _Table, folder: Traversable, wanted: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Read the tab-separated file of a table: its header and its rows, comments left out."""
    name = table.file_name("file")
    lines = [line for line in _read(folder / name, name).splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise table.fail("file", f"{name} is empty")
    columns, *rows = (tuple(line.split("\t")) for line in lines)
    for column in wanted:
        if column not in columns:
            raise table.fail("file", f"{name} has no column {column!r}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise table.fail("file", f"{name}: row {number} has {len(row)} cells, the header {len(columns)}")
    return columns, tuple(rows)


def _cohort(table: _Table, check: _Checker, folder: Traversable) -> PublishedCohort:
    """Read a published cohort and check that the columns it names are there."""
    variant = tuple(map(str, table.get("variant", list)))
    if len(variant) not in (1, len(_ALLELE_COLUMNS)):
        raise table.fail("variant", "should name one column, or four: chromosome, position, reference, alternate")
    label = table.text("label", "")
    columns, rows = _table_rows(table, folder, [*variant, *filter(None, (label,))])
    name = table.plain_name("name")
    return PublishedCohort(name, table.text("title", name), check.source(table), columns, rows, variant, label)


def _known(table: _Table, check: _Checker, folder: Traversable) -> Iterator[KnownAllele]:
    """Read the entries of a variant database."""
    source = check.source(table)
    columns, rows = _table_rows(table, folder, _KNOWN_COLUMNS)
    for number, row in enumerate((dict(zip(columns, row, strict=True)) for row in rows), start=1):
        try:
            frequency = float(row["allele_frequency"]) if row["allele_frequency"] else None
            position = int(row["pos"])
        except ValueError as error:
            raise table.fail("file", f"{table.text('file')}: row {number}: {error}") from None
        yield KnownAllele(
            row["identifier"], row["chrom"], position, row["ref"], row["alt"], row["significance"], frequency, source
        )


_Item = TypeVar("_Item", Isoform, PublishedCohort)


def _unique(root: _Table, key: str, read: Callable[[_Table], _Item]) -> tuple[_Item, ...]:
    """Read named items and refuse a name that occurs twice, in any case."""
    items: dict[str, _Item] = {}
    for table in root.tables(key):
        item = read(table)
        if item.name.casefold() in items:
            raise table.fail("name", f"{item.name!r} is listed twice")
        items[item.name.casefold()] = item
    return tuple(items.values())
