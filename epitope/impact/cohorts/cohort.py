"""A cohort's samples to one mechanism of antigen loss each: the entry point of this room.

The parts are its neighbours: `samples` reads the table, `copy_number` its words for lost
copies, `mechanisms` judges, `comparison` holds the result against a published summary,
`tables` writes it down.
"""

from __future__ import annotations

from epitope.impact.cohorts.mechanisms import summarise_cohort
from epitope.impact.cohorts.model import SampleRecord
from epitope.impact.cohorts.samples import NAME_COLUMNS, read_samples, samples_of
from epitope.impact.cohorts.tables import COHORT_COLUMNS, EVIDENCE_COLUMNS, cohort_evidence_table, cohort_table
from epitope.target.model import Target
from epitope.variant.readers.published import published_rows
from epitope.variant.readers.tables import Table, TableRow

__all__ = [
    "COHORT_COLUMNS",
    "EVIDENCE_COLUMNS",
    "cohort_evidence_table",
    "cohort_table",
    "published_samples",
    "read_samples",
    "summarise_cohort",
]


def published_samples(name: str, target: Target) -> tuple[SampleRecord, ...]:
    """Return the samples of a published cohort; empty where it was printed without samples.

    Parameters
    ----------
    name : str
        See `epitope.variant.readers.published.published_cohort`.
    target : Target
        The antigen.
    """
    rows = [
        TableRow(number, cells, "\t".join(cells.values()))
        for number, cells in enumerate(published_rows(name, target), start=1)
    ]
    table = Table(name, tuple(rows[0].cells) if rows else (), 0, tuple(rows))
    return samples_of(table, target) if table.find(NAME_COLUMNS, target.gene) else ()
