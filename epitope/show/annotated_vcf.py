"""A VCF file with what its alleles do: one INFO field more, and every other byte as it was.

The field is written in the manner of Ensembl VEP's CSQ: an entry for each allele that was
assessed, its parts separated by bars. Assesses nothing, and sorts, normalises and repairs
nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from epitope.errors import OutputError, TableError
from epitope.impact.verdicts.model import Assessment
from epitope.show.files import whole_file
from epitope.show.tables import DIGITS, ResultRow
from epitope.target.model import Target
from epitope.variant.model import Variant
from epitope.variant.readers.textfile import binary_lines
from epitope.variant.readers.vcf import vcf_lines

INFO_FIELD = "EPITOPE"
SUFFIXES = (".vcf", ".vcf.gz")
_NUMBERS = ("ddg_kcal_mol", "p_destabilising", "hot_spot_score", "p_hot_spot")
ENTRY_PARTS: dict[str, str] = {
    "allele": "the alternate allele as the record writes it",
    "hgvs_c": "normalised HGVS name on the coding sequence",
    "hgvs_p": "normalised HGVS name on the protein; of an entry with `in_phase_with`, of the product of all changes",
    "consequence": "Sequence Ontology terms, joined by &",
    "antigen": "is the antigen on the membrane: intact, at_risk, lost, not_assessable",
    "fold": "is its fold intact: the same four words",
    "epitope": "is the epitope intact: the same four words",
    **{name: f"as the column `{name}` of an assessment" for name in _NUMBERS},
    "in_phase_with": "empty for the allele alone; else the other changes of its haplotype, joined by &, and the "
    "entry is that of their common product",
    "samples": "the samples that have this haplotype, joined by &; empty for the allele alone",
}
"""The parts of an entry, in order."""
_PLAIN = "".join(c for c in map(chr, range(33, 127)) if c not in "%&,;=|")
_INFO_COLUMN = 7


def header_line() -> str:
    """Return the line of the header that declares the field, without a line end."""
    return (
        f'##INFO=<ID={INFO_FIELD},Number=.,Type=String,Description="What each allele does to antigen, fold and '
        f'epitope, by epitope. Format: {"|".join(ENTRY_PARTS)}">'
    )


def info_text(value: object) -> str:
    """Write a value for an INFO column: blanks as underscores, what has a meaning there as its code.

    Examples
    --------
    >>> info_text("p.Leu174="), info_text("at risk"), info_text(0.25), info_text(None)
    ('p.Leu174%3D', 'at_risk', '0.25', '')
    """
    if value is None or value != value:  # noqa: PLR0124
        return ""
    text = f"{round(value, DIGITS) + 0.0:g}" if isinstance(value, float) else str(value)
    return quote(text.replace(" ", "_"), safe=_PLAIN)


def write_annotated_vcf(
    source: str | Path, out: str | Path, rows: Iterable[ResultRow], target: Target, *, sample: str | None = None
) -> Path:
    """Write a VCF file once more, with what became of its alleles in one INFO field.

    Parameters
    ----------
    source : str or Path
        The VCF file that was read.
    out : str or Path
        Ends in ``.vcf``, or in ``.vcf.gz`` for bgzip.
    rows : iterable of Assessment, Failure or UnassessedRow
        What was found for the rows of this file. Alleles that were not assessed have no entry.
    target : Target
    sample : str, optional
        The sample that was asked for in reading.

    Returns
    -------
    Path
        The file, which appears whole or not at all.

    Raises
    ------
    OutputError
        If the name has another ending, is that of the source, or cannot be written.
    TableError
        If the source cannot be read, or has the field already.
    """
    path = check_output(source, out)
    assessments = _by_text(rows)
    declaration = header_line().encode()
    with whole_file(path) as file:
        for line, alleles in vcf_lines(source, target, sample=sample):
            if declaration and line.startswith(b"#CHROM\t"):
                file.write(declaration + line[len(line.rstrip(b"\r\n")) :])
                declaration = b""
            found = [
                _entry(allele, row.text, one)
                for allele, row in alleles
                if isinstance(row, Variant)
                for one in assessments.get(row.text, ())
            ]
            file.write(_with_field(line, ",".join(found).encode()) if found else line)
    return path


def check_output(source: str | Path, out: str | Path) -> Path:
    """Return the path to write, after a look at its name and at what the source declares.

    Raises
    ------
    OutputError, TableError
        As for `write_annotated_vcf`.
    """
    source, path = Path(source), Path(out)
    if not path.name.endswith(SUFFIXES):
        raise OutputError(f"{path}: an annotated VCF file is called .vcf, or .vcf.gz for bgzip; choose such a name")
    if path.exists() and source.exists() and path.samefile(source):
        raise OutputError(f"{path}: this is the file that is read; choose another name")
    declared = f"##INFO=<ID={INFO_FIELD},".encode()
    for number, line in binary_lines(source):
        if line.startswith(declared):
            raise TableError(
                f"{source.name} line {number}: the file has an INFO field {INFO_FIELD} already; annotate the file it "
                f"was made from, or take it out with: bcftools annotate -x INFO/{INFO_FIELD}"
            )
        if not line.startswith(b"#"):
            break
    return path


def _by_text(rows: Iterable[ResultRow]) -> Mapping[str, Sequence[Assessment]]:
    """Return what was found by the text of a row: the change alone once, then the haplotypes that have it."""
    alone: dict[str, list[Assessment]] = {}
    together: dict[str, list[Assessment]] = {}
    for row in rows:
        if isinstance(row, Assessment):
            for member in row.consequence.members:
                together.setdefault(member.variant.text, []).append(row)
            if not row.consequence.members:
                alone[row.consequence.variant.text] = [row]
    return {text: [*own, *together.get(text, ())] for text, own in alone.items()}


def _entry(allele: str, text: str, assessment: Assessment) -> str:
    """Write the entry of one allele, its parts in the order of `ENTRY_PARTS`."""
    consequence = assessment.consequence
    numbers = assessment.predictions
    others = [member.variant.text for member in consequence.members if member.variant.text != text]
    samples = [call.sample for call in consequence.variant.calls] if consequence.members else []
    values: dict[str, Any] = {
        "allele": allele,
        "hgvs_c": consequence.hgvs_c,
        "hgvs_p": consequence.hgvs_p,
        "antigen": assessment.antigen,
        "fold": assessment.fold,
        "epitope": assessment.epitope,
        **{name: getattr(numbers, name) if numbers else None for name in _NUMBERS},
    }
    lists = {"consequence": consequence.terms, "in_phase_with": others, "samples": samples}
    return "|".join(
        "&".join(map(info_text, lists[name])) if name in lists else info_text(values[name]) for name in ENTRY_PARTS
    )


def _with_field(line: bytes, entries: bytes) -> bytes:
    """Put the field behind what the INFO column holds."""
    body = line.rstrip(b"\r\n")
    columns = body.split(b"\t")
    info = columns[_INFO_COLUMN]
    kept = b"" if info in (b".", b"") else info + (b"" if info.endswith(b";") else b";")
    columns[_INFO_COLUMN] = kept + INFO_FIELD.encode() + b"=" + entries
    return b"\t".join(columns) + line[len(body) :]
