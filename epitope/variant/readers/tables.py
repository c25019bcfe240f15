"""Tables that people hold to variants: CSV, TSV, XLSX, or one variant per line.

Finds the variant column by its name, takes a protein name beside a cDNA name as the
label to be checked, and turns chromosome, position, reference and alternate into a
genomic change. All other columns come along as annotations. `read_table` gives the
bare cells and serves the cohort as well. Not for VCF, and not for judging a variant.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from epitope.errors import MissingDependencyError, TableError
from epitope.target.model import Target, Transcript
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.builds import (
    Elsewhere,
    build_of_cell,
    contig_names,
    is_other_build,
    names_own_build,
)
from epitope.variant.readers.formulas import as_meant
from epitope.variant.readers.rows import InputRow, RowStatus, UnassessedRow, flank_term, outside_message
from epitope.variant.readers.textfile import LARGEST_TABLE_BYTES, binary_lines, read_text

# Names under which a column is known, compared in lower case with _ for anything else,
# without the gene's name in front and without "_as_published" behind. Best first.
DNA_COLUMNS = (
    "hgvs_c",
    "hgvsc",
    "hgvs_cdna",
    "cdna",
    "cdna_change",
    "c_hgvs",
    "coding",
    "coding_change",
    "cds_change",
    "nucleotide_change",
    "dna_change",
    "hgvs_g",
    "hgvsg",
    "genomic",
    "genomic_change",
    "spdi",
)
ANY_COLUMNS = ("variant", "hgvs", "variants", "mutation", "mutations", "variation", "change", "alteration")
PROTEIN_COLUMNS = (
    "hgvs_p",
    "hgvsp",
    "hgvsp_short",
    "p_hgvs",
    "protein",
    "protein_change",
    "protein_variant",
    "protein_label",
    "aa_change",
    "aachange",
    "amino_acid_change",
    "label",
)
GENOMIC_COLUMNS = {
    "chromosome": ("chrom", "chr", "chromosome", "contig", "seqnames"),
    "position": ("pos", "position", "start", "start_position", "pos_1_based", "pos1"),
    "reference": ("ref", "reference", "reference_allele", "ref_allele"),
    "alternate": ("alt", "alternate", "alt_allele", "alternate_allele", "tumor_seq_allele2", "allele"),
}
GENE_COLUMNS = ("gene", "hugo_symbol", "symbol", "gene_symbol", "gene_name")
TRANSCRIPT_COLUMNS = ("transcript", "transcript_id", "feature", "refseq", "transcript_accession")
END_COLUMNS = ("end", "end_position", "stop")
BUILD_COLUMNS = ("ncbi_build", "genome_build", "build", "assembly", "reference_genome")
SAMPLE_COLUMNS = (
    "sample",
    "tumor_sample_barcode",
    "sample_id",
    "sample_name",
    "patient",
    "patient_id",
)
AF_COLUMNS = ("allele_fraction", "af", "vaf", "variant_allele_fraction", "t_vaf", "tumor_vaf")
DEPTH_COLUMNS = ("t_depth", "depth", "dp", "read_depth")
ALLELE_DEPTH_COLUMNS = ("t_alt_count", "alt_count", "alt_reads", "allele_depth")
# Names that only a table counting from 0 uses (UCSC's chromStart among them).
ZERO_BASED_COLUMNS = (
    "chromstart",
    "chrom_start",
    "start0",
    "pos0",
    "start_0",
    "pos_0",
    "start_0_based",
    "pos_0_based",
)
# A table counts from 0 when references fit one base further on in nearly all rows and
# at the stated place in at most half of them; a base fits by chance in one of four.
ZERO_BASED_FIT = 0.9
ZERO_BASED_MISFIT = 0.5

_DELIMITERS = "\t,;|"
_MISSING = frozenset({"", ".", "-", "na", "n/a", "nan", "none", "null"})
_MOST_CELLS = 5_000_000
_ALLELE = re.compile(r"[ACGT]+|-", re.I)
_POSITION = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_FRACTION = re.compile(r"(\d{1,3}(?:\.\d*)?|\.\d+)\s*(%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one line, by column name; ``problem`` says why there are none."""

    line: int
    cells: dict[str, str]
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: the file's name, the columns as written, and the rows."""

    name: str
    columns: tuple[str, ...]
    header_line: int
    rows: tuple[TableRow, ...]

    def find(self, names: Sequence[str], gene: str = "") -> str | None:
        """Return the first column known by one of ``names``, the earlier name first."""
        known = {_normal(column, gene): column for column in reversed(self.columns)}
        return next((known[name] for name in names if name in known), None)


@dataclass(frozen=True, slots=True)
class _Genomic:
    """The four columns that make a genomic change."""

    chromosome: str
    position: str
    reference: str
    alternate: str

    @property
    def columns(self) -> frozenset[str | None]:
        """The names of the four."""
        return frozenset((self.chromosome, self.position, self.reference, self.alternate))


def is_missing(cell: str) -> bool:
    """Say whether a cell holds nothing: empty, or one of the usual words for it."""
    return cell.strip().casefold() in _MISSING


def read_table(path: str | Path) -> Table:
    """Read a CSV, TSV or XLSX file as text cells.

    Parameters
    ----------
    path : str or Path
        Comma, tab, semicolon or bar separated, UTF-8 with or without byte-order mark,
        plain or gzip; or ``.xlsx``, of which the first sheet is read. Lines in front of
        the header that start with ``#`` are comments.

    Raises
    ------
    TableError
        If the file cannot be read as a table; names file and line.
    MissingDependencyError
        If an XLSX file is given and openpyxl is not installed.
    """
    path = Path(path)
    lines = _xlsx_lines(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _text_lines(path)
    header: tuple[str, ...] | None = None
    header_line = 0
    rows: list[TableRow] = []
    for number, cells in lines:
        if header is None:
            header, header_line = _header(path, number, cells), number
        elif any(cell.strip() for cell in cells):
            rows.append(_table_row(number, header, cells))
    if header is None:
        raise TableError(f"{path.name} line 1: the table is empty; it needs a line of column names")
    return Table(path.name, header, header_line, tuple(rows))


def read_variant_table(
    path: str | Path, target: Target, *, column: str | None = None, label_column: str | None = None
) -> Iterator[InputRow]:
    """Read the variants of a table, or of a plain list of one variant per line.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or XLSX with column names; or text with one variant per line.
    target : Target
        The antigen; its gene name may stand in front of a column name.
    column, label_column : str, optional
        The column with the variants, and the one with labels to check. By default both
        are found by name; see `DNA_COLUMNS`, `ANY_COLUMNS`, `PROTEIN_COLUMNS` and
        `GENOMIC_COLUMNS`.

    Returns
    -------
    iterator of Variant or UnassessedRow
        One for each line of the table that is not empty, in file order. A row that names no
        variant is read from its chromosome, position and alleles, where it has them.

    Raises
    ------
    TableError
        If the file is no table, has no variant column, or if its variants can be read from
        positions alone and these count from 0 or are of another genome build.
    """
    path = Path(path)
    if column is None and (listed := _plain_list(path, target)) is not None:
        return iter(listed)
    table = read_table(path)
    main, label = variant_columns(table, target, column, label_column)
    calls = _call_columns(table, target)
    genomic = _genomic_columns(table, target, needed=main is None)
    problem = None if genomic is None else _untrusted_positions(table, genomic, target)
    if main is not None:
        return _named_variants(table, main, label, target, calls, genomic, "" if problem is None else problem[1])
    assert genomic is not None  # else `_genomic_columns` has refused the table
    if problem is not None:
        raise TableError(": ".join(problem))
    return (_genomic_row(table, row, genomic, label, target, calls) for row in table.rows)


def foreign_gene(table: Table, row: TableRow, target: Target) -> str:
    """Return the gene a row is about if a column says it is another one, else ""."""
    column = table.find(GENE_COLUMNS)
    gene = "" if column is None or row.problem else row.cells[column].strip()
    return "" if is_missing(gene) or gene.casefold() == target.gene.casefold() else gene


def _foreign(table: Table, row: TableRow, target: Target) -> tuple[RowStatus, str] | None:
    """Say why a row is about another gene or transcript, or return ``None``."""
    if gene := foreign_gene(table, row, target):
        return RowStatus.OTHER_GENE, f"is about {gene}, not {target.gene}: no effect on its transcript"
    column = table.find(TRANSCRIPT_COLUMNS)
    transcript = "" if column is None else row.cells[column].strip()
    known = target.known_transcript
    ours = (known.accession, known.ensembl) if known else ()
    if known is None or is_missing(transcript) or _unversioned(transcript) in map(_unversioned, ours):
        return None
    return RowStatus.NOT_ASSESSABLE, f"is named on {transcript}; names are read on {' or '.join(ours)}"


def _unversioned(accession: str) -> str:
    """Return an accession without its version."""
    return accession.split(".", maxsplit=1)[0].upper()


def _named_variants(
    table: Table,
    main: str,
    label: str | None,
    target: Target,
    calls: dict[str, str],
    genomic: _Genomic | None,
    problem: str,
) -> Iterator[InputRow]:
    """Yield the variants of a table that names them in a column; ``problem`` says why positions do not count."""
    build_column = table.find(BUILD_COLUMNS)
    for row in table.rows:
        origin = f"{table.name} line {row.line}"
        if row.problem:
            yield UnassessedRow(origin, row.text, row.problem)
            continue
        text, second = _filled(row, main), _filled(row, label)
        notes = _build_notes(row, build_column, main if text else label, target)
        annotations, call = _annotations(row, {main, label}), _call(row, calls)
        if foreign := _foreign(table, row, target):
            yield UnassessedRow(origin, text or second, foreign[1], foreign[0], annotations, call)
        elif text:
            yield Variant(text, origin, second, annotations, call, notes)
        elif genomic is not None and not (problem and second) and not _all_missing(row, genomic):
            if problem:
                yield UnassessedRow(origin, row.text, problem, annotations=annotations, calls=call)
            else:
                yield _genomic_row(table, row, genomic, label, target, calls)
        elif second:
            yield Variant(second, origin, "", annotations, call, notes)
        else:
            where = f"column {main!r}" if label is None else f"columns {main!r} and {label!r}"
            yield UnassessedRow(origin, "", f"no variant in {where}", RowStatus.NOT_ASSESSABLE, annotations, call)


def _build_notes(row: TableRow, build_column: str | None, read: str | None, target: Target) -> tuple[str, ...]:
    """Say that a row's positions are of another build, where a name was read in their place."""
    known = target.known_transcript
    build = "" if build_column is None else build_of_cell(row.cells[build_column])
    if known is None or build in ("", known.assembly):
        return ()
    return (
        f"column {build_column!r} says {build}, and {target.gene} is on {known.assembly}: the name in column {read!r} "
        "was read, not the position",
    )


def _filled(row: TableRow, column: str | None) -> str:
    """Return the text of a cell, "" where it holds nothing or there is no such column."""
    return "" if column is None or is_missing(row.cells[column]) else row.cells[column].strip()


def _all_missing(row: TableRow, genomic: _Genomic) -> bool:
    """Say whether a row has no position or no allele at all; a single ``-`` is an empty allele."""
    alleles = {row.cells[genomic.reference].strip(), row.cells[genomic.alternate].strip()}
    return not _filled(row, genomic.position) or all(is_missing(allele) for allele in alleles)


def _genomic_row(
    table: Table, row: TableRow, genomic: _Genomic, label: str | None, target: Target, calls: dict[str, str]
) -> InputRow:
    """Read one row by its chromosome, position and alleles."""
    transcript = target.transcript
    origin = f"{table.name} line {row.line}"
    if row.problem:
        return UnassessedRow(origin, row.text, row.problem)
    chromosome, position, reference, alternate = _genomic_cells(row, genomic)
    text = f"{chromosome}-{position}-{reference}-{alternate}"
    annotations, call = _annotations(row, genomic.columns | {label}), _call(row, calls)
    problem = _genomic_problem(genomic, position, reference, alternate)
    if problem:
        return UnassessedRow(origin, text, problem, annotations=annotations, calls=call)
    here = chromosome in contig_names(transcript)
    first, last = int(position), int(position) + len(reference) - 1
    if not here or first > transcript.gene_end or last < transcript.gene_start:
        term = flank_term(target, first, last) if here else ""
        return UnassessedRow(origin, text, outside_message(target), RowStatus.OUTSIDE, annotations, call, term)
    written = _written(transcript, first, reference, alternate)
    return Variant(written, origin, _filled(row, label), annotations, call)


def _call_columns(table: Table, target: Target) -> dict[str, str]:
    """Find the columns that say which sample carries a variant, and in how many reads."""
    known = {
        "sample": SAMPLE_COLUMNS,
        "depth": DEPTH_COLUMNS,
        "allele_depth": ALLELE_DEPTH_COLUMNS,
        "allele_fraction": AF_COLUMNS,
    }
    found = {role: table.find(names, target.gene) for role, names in known.items()}
    return {role: column for role, column in found.items() if column is not None}


def _call(row: TableRow, columns: dict[str, str]) -> tuple[SampleCall, ...]:
    """Return what a row says of the sample that carries its variant; nothing where it says nothing."""
    told = {role: _filled(row, column) for role, column in columns.items()}
    depth, reads = (
        int(told.get(role, "")) if _count(told.get(role, "")) else None for role in ("depth", "allele_depth")
    )
    fraction = fraction_of(told.get("allele_fraction", ""))
    if fraction is None and reads is not None and depth:
        fraction = reads / depth if reads <= depth else None
    found = SampleCall(told.get("sample", ""), "", depth, reads, fraction)
    return () if found == SampleCall() else (found,)


def _count(text: str) -> bool:
    """Say whether a cell holds a number of reads."""
    return text.isascii() and text.isdigit() and len(text) <= 12


def fraction_of(text: str) -> float | None:
    """Read a fraction of 0 to 1 or a percentage, ``None`` for anything else.

    Examples
    --------
    >>> fraction_of("0.3"), fraction_of("30 %"), fraction_of("much")
    (0.3, 0.3, None)
    """
    match = _FRACTION.fullmatch(text.strip())
    if match is None:
        return None
    value = float(match.group(1)) / (100 if match.group(2) else 1)
    return value if value <= 1 else None


def _genomic_cells(row: TableRow, genomic: _Genomic) -> tuple[str, str, str, str]:
    """Return chromosome, position (``28933043.0`` made whole) and alleles of a row."""
    chromosome, position, reference, alternate = (
        row.cells[name].strip() for name in (genomic.chromosome, genomic.position, genomic.reference, genomic.alternate)
    )
    return chromosome, position.removesuffix(".0").replace(",", ""), reference.upper(), alternate.upper()


def _genomic_problem(genomic: _Genomic, position: str, reference: str, alternate: str) -> str:
    """Say what is wrong with the cells of a genomic change, or return ""."""
    if not _POSITION.fullmatch(position):
        return f"column {genomic.position!r}: {position!r} is not a position counted from 1"
    for column, allele in ((genomic.reference, reference), (genomic.alternate, alternate)):
        if not _ALLELE.fullmatch(allele):
            return f"column {column!r}: the allele {allele!r} is not made of A, C, G, T (or - for none)"
    if reference == alternate == "-":
        return f"columns {genomic.reference!r} and {genomic.alternate!r}: both alleles are empty"
    return ""


def _written(transcript: Transcript, position: int, reference: str, alternate: str) -> str:
    """Write a genomic change; with ``-`` for an empty allele as MAF and ANNOVAR print it."""
    if "-" not in (reference, alternate):
        return f"{transcript.chromosome}-{position}-{reference}-{alternate}"
    prefix = f"{transcript.chromosome_accession}:g.{position}"
    if reference == "-":  # MAF and ANNOVAR name the base in front of an insertion
        return f"{prefix}_{position + 1}ins{alternate}"
    end = position + len(reference) - 1
    return f"{prefix}del{reference}" if end == position else f"{prefix}_{end}del{reference}"


def _annotations(row: TableRow, used: Collection[str | None]) -> tuple[tuple[str, str], ...]:
    """Return the remaining cells that hold something."""
    return tuple((name, cell.strip()) for name, cell in row.cells.items() if name not in used and cell.strip())


def variant_columns(
    table: Table, target: Target, column: str | None, label_column: str | None
) -> tuple[str | None, str | None]:
    """Choose the variant column and the label column."""
    gene = target.gene
    protein = table.find(PROTEIN_COLUMNS, gene)
    if column is not None:
        main: str | None = _column_called(table, column)
    else:
        main = table.find((*DNA_COLUMNS, *ANY_COLUMNS), gene)
        if main is None and _has_genomic(table, gene):
            return None, protein if label_column is None else _column_called(table, label_column)
        main = main or protein
    if label_column is not None:
        return main, _column_called(table, label_column)
    other = table.find(ANY_COLUMNS, gene) if main == table.find(DNA_COLUMNS, gene) else None
    label = protein or other
    return main, None if label == main else label


def _column_called(table: Table, name: str) -> str:
    """Return the column that the user named, in any case."""
    for column in table.columns:
        if column.casefold() == name.strip().casefold():
            return column
    raise TableError(
        f"{table.name} line {table.header_line}: no column {name!r}; the columns are: {', '.join(table.columns)}"
    )


def _has_genomic(table: Table, gene: str) -> bool:
    """Say whether a table has genomic columns, even such as count from 0."""
    return (
        all(
            table.find(names + (ZERO_BASED_COLUMNS if role == "position" else ()), gene)
            for role, names in GENOMIC_COLUMNS.items()
        )
        or table.find(ZERO_BASED_COLUMNS, gene) is not None
    )


def _genomic_columns(table: Table, target: Target, *, needed: bool) -> _Genomic | None:
    """Return the genomic columns; without all four nothing, or where they are needed what is missing."""
    found = {role: table.find(names, target.gene) for role, names in GENOMIC_COLUMNS.items()}
    missing = [role for role, column in found.items() if column is None]
    if not missing:
        return _Genomic(**{role: column or "" for role, column in found.items()})
    if not needed:
        return None
    zero = table.find(ZERO_BASED_COLUMNS, target.gene)
    where = f"{table.name} line {table.header_line}"
    if found["position"] is None and zero is not None:
        raise TableError(f"{where}: column {zero!r} counts positions from 0; add 1 and name the column pos")
    raise TableError(
        f"{where}: no variant column, and none for {', '.join(missing)}; name the column with --column; "
        f"the columns are: {', '.join(table.columns)}"
    )


def _untrusted_positions(table: Table, genomic: _Genomic, target: Target) -> tuple[str, str] | None:
    """Say where and why the positions of a table cannot be used: another build, or counted from 0."""
    transcript = target.transcript
    end_column, build_column = table.find(END_COLUMNS), table.find(BUILD_COLUMNS)
    names = contig_names(transcript)
    elsewhere = Elsewhere(transcript)
    half_open: list[bool] = []
    fits: list[tuple[bool, bool]] = []
    for row in table.rows:
        if row.problem:
            continue
        chromosome, position, reference, alternate = _genomic_cells(row, genomic)
        where = f"{table.name} line {row.line}"
        if is_other_build(chromosome, transcript):
            why = f"column {genomic.chromosome!r}: {chromosome} is not of {transcript.assembly}; lift it over"
            return where, why
        build = build_of_cell(row.cells[build_column]) if build_column else ""
        if build not in ("", transcript.assembly):
            return where, (
                f"column {build_column!r}: the positions are of {build}, and {target.gene} is on "
                f"{transcript.assembly}; lift the table over, or name a column of c. or p. names with --column"
            )
        problem = _genomic_problem(genomic, position, reference, alternate)
        if problem or chromosome not in names:
            continue
        if not build and not names_own_build(chromosome, transcript):
            elsewhere.see(where, int(position), reference.replace("-", ""))
        if reference == "-":
            continue
        end = row.cells[end_column].strip() if end_column else ""
        if _POSITION.fullmatch(end):
            half_open.append(int(end) - int(position) == len(reference))
        here = transcript.genomic_bases(int(position), len(reference))
        further = transcript.genomic_bases(int(position) + 1, len(reference))
        if here and further:
            fits.append((here == reference, further == reference))
    if (complaint := elsewhere.complaint(target.gene)) is not None:
        return complaint
    why = _counts_from_zero(fits)
    if not why and half_open and all(half_open):
        why = f"{end_column} minus {genomic.position} is the length of the reference allele"
    if not why:
        return None
    where = f"{table.name} line {table.header_line}"
    return where, f"column {genomic.position!r}: the positions count from 0 ({why}); add 1 to each"


def _counts_from_zero(fits: Sequence[tuple[bool, bool]]) -> str:
    """Say why reference alleles look shifted, or return "".

    ``fits`` says of each row whether the allele fits at its place, and one base further on.
    """
    at_place, further = (sum(column) for column in zip(*fits, strict=True)) if fits else (0, 0)
    if fits and at_place <= ZERO_BASED_MISFIT * len(fits) and further >= ZERO_BASED_FIT * len(fits):
        return f"the reference alleles fit one base further on in {further} of {len(fits)} rows"
    return ""


def _plain_list(path: Path, target: Target) -> list[InputRow] | None:
    """Read a file of one variant per line; ``None`` if the file is a table."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return None
    lines = [
        (number, line.strip())
        for number, line in enumerate(read_text(path).split("\n"), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines or any(delimiter in lines[0][1] for delimiter in "\t;,|"):
        return None
    known = (*DNA_COLUMNS, *ANY_COLUMNS, *PROTEIN_COLUMNS)
    if _normal(lines[0][1], target.gene) in known or path.suffix.lower() in (".csv", ".tsv"):
        return None
    return [Variant(line, f"{path.name} line {number}") for number, line in lines]


def _normal(column: str, gene: str) -> str:
    """Return a column name as it is compared."""
    name = re.sub(r"[^a-z0-9]+", "_", column.casefold()).strip("_")
    name = name.removesuffix("_as_published")
    return name.removeprefix(f"{gene.casefold()}_") if gene else name


def _header(path: Path, number: int, cells: Sequence[str]) -> tuple[str, ...]:
    """Check the line of column names."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError(f"{path.name} line {number}: the line of column names is empty")
    names[0] = names[0].removeprefix("#").strip()
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(f"{path.name} line {number}: the column {twice[0]!r} occurs twice; rename one")
    return tuple(name or f"column {position}" for position, name in enumerate(names, start=1))


def _table_row(number: int, header: tuple[str, ...], cells: Sequence[str]) -> TableRow:
    """Match the cells of one line with the column names."""
    kept = list(cells)
    while len(kept) > len(header) and not kept[-1].strip():
        kept.pop()
    text = " ".join(cell.strip() for cell in kept if cell.strip())[:80]
    if len(kept) != len(header):
        problem = f"{len(kept)} columns where the header has {len(header)}; quote cells that hold the delimiter"
        return TableRow(number, {}, text, problem)
    return TableRow(number, dict(zip(header, map(as_meant, kept), strict=True)), text)


def _text_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the lines of a delimited text file with their numbers."""
    lines = read_text(path).split("\n")
    if lines[0].startswith("##fileformat=VCF"):
        raise TableError(f"{path.name} line 1: this is a VCF file; read it with --vcf")
    first = 0
    while first < len(lines) - 1 and _is_comment(lines, first):
        first += 1
    delimiter = max(_DELIMITERS, key=lambda mark: (lines[first].count(mark), mark == "\t"))
    reader = csv.reader((f"{line}\n" for line in lines[first:]), delimiter=delimiter, strict=True)
    number = first
    try:
        for cells in reader:
            yield number + 1, cells
            number = first + reader.line_num
    except csv.Error as error:
        raise TableError(f"{path.name} line {number + 1}: {error}; check the quotation marks") from None


def _is_comment(lines: list[str], index: int) -> bool:
    """Say whether a line above the header is blank or a comment, not ``#chrom ...``."""
    line = lines[index]
    if not line.strip() or line.startswith("##"):
        return True
    return line.startswith("#") and not any(
        mark in line and line.count(mark) == lines[index + 1].count(mark) for mark in _DELIMITERS
    )


def _xlsx_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the rows of the first sheet of an XLSX file, as text."""
    import importlib.util

    for _ in binary_lines(path):  # refuses what is missing or no file, in the usual words
        break
    if importlib.util.find_spec("openpyxl") is None:
        raise MissingDependencyError(
            f'{path.name}: XLSX files need openpyxl; pip install "epitope[xlsx]", or save the sheet as CSV'
        )
    import pandas as pd

    try:
        _require_small(path)
        frame = pd.read_excel(path, header=None, dtype=str, keep_default_na=False, engine="openpyxl")
    except TableError:
        raise
    except Exception as error:
        # openpyxl lets out whatever zipfile, xml and its own parts raise
        raise TableError(
            f"{path.name}: not a readable XLSX file ({type(error).__name__}); save it again, or as CSV"
        ) from None
    for number, cells in enumerate(frame.fillna("").to_numpy().tolist(), start=1):
        if any(str(cell).strip() for cell in cells):
            yield number, [str(cell) for cell in cells]


def _require_small(path: Path) -> None:
    """Refuse a workbook that unpacks to too much, or has a cell so far out that the rest would fill the memory."""
    import zipfile

    import openpyxl

    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > LARGEST_TABLE_BYTES:
        raise TableError(f"{path.name}: unpacks to more than {LARGEST_TABLE_BYTES / 1e6:.0f} MB; save the sheet as CSV")
    book = openpyxl.load_workbook(path, read_only=True)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    widest = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        widest = max(widest, len(row))
        if number * widest > _MOST_CELLS:
            raise TableError(
                f"{path.name} row {number}: more than {_MOST_CELLS:,} cells, counted to the last row and column; "
                "delete what lies outside the table, or save it as CSV"
            )
    book.close()
