"""The published cohorts of a target, as variants with their labels.

Rows are kept as printed by their authors; the pack says which columns name the change and
which the label. Not for other tables: those are read by the table reader.
"""

from __future__ import annotations

from epitope.errors import VariantError
from epitope.target.loader import load_target
from epitope.target.model import PublishedCohort, Target
from epitope.variant.model import Variant


def published_rows(name: str, target: Target | None = None) -> tuple[dict[str, str], ...]:
    """Return the rows of a published cohort as printed, each by column.

    Parameters
    ----------
    name : str
        The cohort, one of `Target.cohorts`.
    target : Target, optional
        Whose cohort; the bundled antigen without one.

    Raises
    ------
    VariantError
        If there is no cohort of that name.

    Examples
    --------
    >>> rows = published_rows(load_target().cohorts[0].name)
    >>> len(rows), rows[6]["sample"]
    (10, 'SJALL061893_R1')
    """
    cohort = _cohort(name, target)
    return tuple(dict(zip(cohort.columns, row, strict=True)) for row in cohort.rows)


def published_cohort(name: str, target: Target | None = None) -> tuple[Variant, ...]:
    """Return the variants of a published cohort, with the labels they were printed with.

    Parameters
    ----------
    name : str
        The cohort, one of `Target.cohorts`.
    target : Target, optional
        Whose cohort; the bundled antigen without one.

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
    >>> variant = published_cohort(load_target().cohorts[0].name)[6]
    >>> variant.text, variant.label, dict(variant.annotations)["sum_af"]
    ('c.179 CCTT>C', 'p.P60del', '0.73')
    """
    cohort = _cohort(name, target)
    found = (_variant(cohort, number, row) for number, row in enumerate(published_rows(name, target), start=1))
    return tuple(variant for variant in found if variant is not None)


def _cohort(name: str, target: Target | None) -> PublishedCohort:
    """Return a cohort of a target, or say which there are."""
    target = target if target is not None else load_target()
    try:
        return target.cohort(name)
    except KeyError:
        known = ", ".join(cohort.name for cohort in target.cohorts)
        raise VariantError(
            f"unknown cohort {name!r:.40}; there are {known}" if known else f"{target.name} has no published cohorts"
        ) from None


def _variant(cohort: PublishedCohort, number: int, row: dict[str, str]) -> Variant | None:
    """Take the change where one is printed, else the label itself."""
    text = "-".join(cells) if all(cells := [row.pop(column) for column in cohort.variant]) else ""
    label = row.pop(cohort.label, "")
    if not text and not label:
        return None
    annotations = tuple((key, value) for key, value in row.items() if value)
    return Variant(text or label, f"{cohort.name} row {number}", label if text else "", annotations)
