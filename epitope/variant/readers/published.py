"""The published cohorts that come with the package, as variants with their labels.

The tables are shipped as printed by their authors, below a comment that names the source.
Not for other tables: those are read by the table reader.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from epitope.errors import VariantError
from epitope.variant.model import Variant

COHORTS = ("zhao2021", "orlando2018")
_LABEL, _CDNA = "cd19_variant_as_published", "cdna_as_published"


@cache
def published_rows(name: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return the rows of a published cohort as printed, each a tuple of column and value.

    Raises
    ------
    VariantError
        If there is no cohort of that name.

    Examples
    --------
    >>> len(published_rows("zhao2021")), dict(published_rows("zhao2021")[6])["sample"]
    (10, 'SJALL061893_R1')
    """
    if name not in COHORTS:
        raise VariantError(f"unknown cohort {name!r:.40}; there are {', '.join(COHORTS)}")
    text = (resources.files("epitope.variant.readers") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    columns = lines[0].split("\t")
    return tuple(tuple(zip(columns, line.split("\t"), strict=True)) for line in lines[1:])


def published_cohort(name: str) -> tuple[Variant, ...]:
    """Return the variants of a published cohort, with the labels they were printed with.

    Parameters
    ----------
    name : {"zhao2021", "orlando2018"}
        The cohort.

    Returns
    -------
    tuple of Variant
        One for each printed variant, in table order; ``annotations`` holds every other
        column of its row (sample, summed allele fraction and so on). Samples without a
        variant have none here; see `published_rows`.

    Raises
    ------
    VariantError
        If there is no cohort of that name.

    Examples
    --------
    >>> variant = published_cohort("zhao2021")[6]
    >>> variant.text, variant.label, dict(variant.annotations)["sum_af"]
    ('c.179 CCTT>C', 'p.P60del', '0.73')
    """
    read = _zhao if name == "zhao2021" else _alleles
    found = (read(name, number, dict(row)) for number, row in enumerate(published_rows(name), start=1))
    return tuple(variant for variant in found if variant is not None)


def _zhao(name: str, number: int, row: dict[str, str]) -> Variant | None:
    """Take the cDNA change where one is printed, else the protein label itself."""
    label, cdna = row.pop(_LABEL), row.pop(_CDNA)
    if not label and not cdna:
        return None
    annotations = tuple((key, value) for key, value in row.items() if value)
    return Variant(cdna or label, f"{name} row {number}", label if cdna else "", annotations)


def _alleles(name: str, number: int, row: dict[str, str]) -> Variant:
    """Take chromosome, position and alleles; the label is the name that VEP gave."""
    text = "-".join(row.pop(key) for key in ("chrom", "pos", "ref", "alt"))
    return Variant(text, f"{name} row {number}", row.pop("hgvs_c"), tuple(row.items()))
