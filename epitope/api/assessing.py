"""Assess variants: one by one, on one allele, from files, and as VRS identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from epitope.api.antibodies import line_up
from epitope.api.loading import encodable, load
from epitope.errors import EpitopeError, TableError, VariantError

if TYPE_CHECKING:
    from epitope.api.antibodies import AntibodyItem
    from epitope.features.measured import MeasuredComplex
    from epitope.impact.antibodies import Antibody
    from epitope.show.tables import AssessmentTable, ResultRow
    from epitope.variant.model import Consequence, Variant
    from epitope.variant.readers.rows import UnassessedRow


def assess(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    structure: MeasuredComplex | None = None,
    *,
    against: Sequence[AntibodyItem | Antibody] = (),
) -> AssessmentTable:
    """Say what each variant does to antigen, fold and epitope.

    Parameters
    ----------
    variants : str, Variant or iterable of them
        In any notation that is understood (``docs/variants.md``).
    structure : MeasuredComplex, optional
        Default: the bundled complex.
    against : sequence of str, Path or MeasuredComplex
        Further antibodies to answer for, as for `compare`. Without it there is an answer for each binder of the
        target, by this structure and what is published.

    Returns
    -------
    AssessmentTable
        A DataFrame, one row per variant in order, columns as in ``docs/tables.md``; ``.explain(row)``
        gives the evidence of a row. ``binders`` has the answers for the antibodies of ``against`` and the
        binders of the target, and ``epitope_NAME`` the verdict for each of the former. A variant that cannot be
        understood has its reason in ``error``.

    Raises
    ------
    VariantError
        If there is no variant at all.

    Examples
    --------
    >>> import epitope
    >>> epitope.assess(["p.Phe61del", "p.Met1_Leu151del"])[["hgvs_p", "antigen", "epitope"]].values.tolist()
    [['p.Phe61del', 'intact', 'intact'], ['p.Met1_Leu151del', 'lost', 'lost']]
    """
    from epitope.show.tables import assessment_table

    return assessment_table(assess_each(variants, structure, against=against))


def assess_each(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow],
    structure: MeasuredComplex | None = None,
    *,
    against: Sequence[AntibodyItem | Antibody] = (),
) -> list[ResultRow]:
    """Assess variants and keep the records behind the table.

    Parameters
    ----------
    variants, structure, against
        As for `assess`; rows of a file that carry no variant are passed through.

    Returns
    -------
    list of Assessment, Failure or UnassessedRow
        One for each variant, in order.

    Raises
    ------
    VariantError
        If there is no variant at all.
    """
    from epitope.impact.binders import answer_for_each
    from epitope.impact.verdicts.assess import Assessor
    from epitope.show.tables import Failure
    from epitope.variant.readers.rows import UnassessedRow

    given = as_variants(variants)
    if not given:
        raise VariantError("no variant given; name at least one, such as p.Phe61del")
    assessor = Assessor(structure if structure is not None else load())
    antibodies = line_up(against, assessor.structure) if against else ()
    results: list[ResultRow] = []
    for variant in given:
        if isinstance(variant, UnassessedRow):
            results.append(_passed_through(variant))
            continue
        try:
            results.append(assessor.assess(consequence_in(variant, assessor.structure)))
        except EpitopeError as error:
            results.append(Failure(variant, _located(variant, str(error))))
    return answer_for_each(results, assessor, antibodies)


def consequence_in(variant: Variant, structure: MeasuredComplex) -> Consequence:
    """Read a variant, whose residues may be named by chain, by author's or by UniProt numbers."""
    from epitope.structure.author_numbers import positions_in
    from epitope.variant import consequence_of
    from epitope.variant.hgvs.alleles import changes_of
    from epitope.variant.hgvs.brackets import joined
    from epitope.variant.model import ChangeKind, SpliceModelUse

    text = joined([positions_in(change, structure.complex) for change in changes_of(variant.text)])
    try:
        found = consequence_of(replace(variant, text=text), structure.target, splice_model=SpliceModelUse.LIVE)
    except EpitopeError as error:
        raise type(error)(str(error).replace(text.strip(), variant.text.strip())) from None
    labels, change = structure.target.labels, found.change
    ends = () if change.kind is ChangeKind.START_LOSS else (change.start, change.end)
    for end in ends:
        if end and end <= len(labels) and not labels[end - 1]:
            raise VariantError(f"{variant.text.strip()}: the file shows no residue {structure.target.label(end)}")
    return replace(found, variant=variant)


def _passed_through(row: UnassessedRow) -> ResultRow:
    """Turn a broken line of a file into a failure; other rows without variant stay as they are."""
    from epitope.show.tables import Failure
    from epitope.variant.model import Variant

    if not row.is_error:
        return row
    return Failure(Variant(row.text, row.origin, calls=row.calls), f"{row.origin}: {row.message}", row)


def _located(variant: Variant, message: str) -> str:
    """Put the place in a file before a message that does not name it."""
    in_file = " line " in variant.origin and variant.origin not in message
    return f"{variant.origin}: {message}" if in_file else message


def read_variants(
    vcf: str | Path | None = None,
    table: str | Path | None = None,
    *,
    structure: MeasuredComplex | None = None,
    column: str | None = None,
    sample: str | None = None,
) -> list[Variant | UnassessedRow]:
    """Read the variants of a VCF file, of a table, or of both.

    Parameters
    ----------
    vcf, table : str or Path, optional
        A VCF 4.x file; a CSV, TSV or XLSX table, or a plain list (``docs/files.md``).
    structure : MeasuredComplex, optional
    column : str, optional
        Name of the table's variant column, if it is not found by name.
    sample : str, optional
        Sample of the VCF file whose genotype and allele fraction count.

    Returns
    -------
    list of Variant or UnassessedRow
        In file order; for `assess`. Behind the rows of a VCF file stand the alleles that carry more
        than one of its changes in phase.

    Raises
    ------
    TableError
        If a file cannot be read as what it should be.
    """
    from epitope.variant.readers.phase import alleles_in_phase
    from epitope.variant.readers.tables import read_variant_table
    from epitope.variant.readers.vcf import read_vcf

    target = (structure if structure is not None else load()).target
    rows: list[Variant | UnassessedRow] = []
    if vcf is not None:
        rows += read_vcf(vcf, target, sample=sample)
        rows += alleles_in_phase(rows, Path(vcf).name)
    if table is not None:
        rows += read_variant_table(table, target, column=column)
    if not rows and (vcf or table):
        raise TableError(f"{vcf or table}: the file holds no variant")
    return rows


def annotate_vcf(
    vcf: str | Path, out: str | Path, structure: MeasuredComplex | None = None, *, sample: str | None = None
) -> AssessmentTable:
    """Assess the variants of a VCF file and write it once more, with the answers in the INFO field ``EPITOPE``.

    Parameters
    ----------
    vcf : str or Path
        A VCF 4.x file.
    out : str or Path
        The file to write, ``.vcf`` or, in bgzip, ``.vcf.gz``; every byte but the field and its line of
        the header is as it was (``docs/formats.md``).
    structure : MeasuredComplex, optional
    sample : str, optional
        Sample of the file whose alleles count.

    Returns
    -------
    AssessmentTable
        As from `assess`.

    Raises
    ------
    TableError
        If the file cannot be read, or has the field already.
    OutputError
        If the file cannot be written there.
    """
    from epitope.show.annotated_vcf import check_output, write_annotated_vcf
    from epitope.show.tables import assessment_table

    structure = structure if structure is not None else load()
    check_output(vcf, out)
    rows = assess_each(read_variants(vcf, structure=structure, sample=sample), structure)
    write_annotated_vcf(vcf, out, rows, structure.target, sample=sample)
    return assessment_table(rows)


def as_variants(variants: str | Variant | Iterable[str | Variant | UnassessedRow]) -> list[Variant | UnassessedRow]:
    """Wrap plain text as `Variant` records with their place in the list, one for each allele that a text names."""
    from epitope.variant.hgvs.alleles import split_alleles
    from epitope.variant.model import Variant

    if isinstance(variants, str | Variant):
        variants = [variants]
    wrapped = [Variant(text=v) if isinstance(v, str) else v for v in variants]
    numbered = [v if v.origin else replace(v, origin=f"variant {number}") for number, v in enumerate(wrapped, start=1)]
    written = [_writable(v) if isinstance(v, Variant) else v for v in numbered]
    return [one for v in written for one in (split_alleles(v) if isinstance(v, Variant) else (v,))]


def on_one_allele(variants: Iterable[str | Variant | UnassessedRow]) -> Variant:
    """Return the variant that carries all of these changes on one allele.

    Raises
    ------
    VariantError
        If there are fewer than two changes.

    Examples
    --------
    >>> on_one_allele(["c.487C>T", "c.488G>A"]).text
    'c.[487C>T;488G>A]'
    """
    from epitope.variant.hgvs.brackets import joined
    from epitope.variant.model import Variant

    texts = [v if isinstance(v, str) else v.text for v in variants if isinstance(v, str | Variant)]
    if len(texts) < 2:
        raise VariantError(f"{len(texts)} change given; an allele of several needs at least two")
    return Variant(joined([text.strip() for text in texts]), "on one allele")


def vrs_ids(variant: str | Variant, structure: MeasuredComplex | None = None) -> dict[str, str]:
    """Return the GA4GH VRS 2 identifiers of a variant on chromosome and protein, computed offline.

    Parameters
    ----------
    variant : str or Variant
    structure : MeasuredComplex, optional

    Returns
    -------
    dict of str to str
        ``genomic`` and ``protein``, ``ga4gh:VA.…``, "" where there is none (``docs/formats.md``).

    Raises
    ------
    VariantError
        If the variant cannot be understood.
    MissingDependencyError
        If ga4gh.vrs is not installed (extra ``vrs``).
    """
    from epitope.variant import consequence_of
    from epitope.variant.vrs import allele_ids

    target = (structure if structure is not None else load()).target
    return allele_ids(consequence_of(variant, target), target)


def all_assessed(
    variants: str | Variant | Iterable[str | Variant | UnassessedRow], structure: MeasuredComplex
) -> list[ResultRow]:
    """Assess variants, of which there may be none; the first that cannot be understood is raised.

    Raises
    ------
    VariantError
        With the reason of that variant.
    """
    from epitope.show.tables import Failure

    given = as_variants(variants)
    rows = assess_each(given, structure) if given else []
    if failed := next((row for row in rows if isinstance(row, Failure)), None):
        raise VariantError(failed.error)
    return rows


def _writable(variant: Variant) -> Variant:
    """Replace what came from bytes that are no UTF-8 and stands for no character; no table could be written with it."""
    return replace(variant, text=encodable(variant.text), origin=encodable(variant.origin))
