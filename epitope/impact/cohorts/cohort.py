"""A cohort's samples to one mechanism of antigen loss each: the entry point of this room.

The parts are its neighbours: `samples` reads the table, `copy_number` its words for lost
copies, `mechanisms` judges, `comparison` holds the result against a published summary,
`tables` writes it down.
"""

from __future__ import annotations

from importlib import resources

from epitope.impact.cohorts.mechanisms import DEFAULT_LOW_LOG_CPM, summarise_cohort
from epitope.impact.cohorts.model import SampleRecord
from epitope.impact.cohorts.samples import read_samples
from epitope.impact.cohorts.tables import COHORT_COLUMNS, EVIDENCE_COLUMNS, cohort_evidence_table, cohort_table
from epitope.target.model import Target
from epitope.variant.readers.published import published_rows

__all__ = [
    "COHORT_COLUMNS",
    "DEFAULT_LOW_LOG_CPM",
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
    name : {"zhao2021", "orlando2018"}
        See `epitope.variant.readers.published.published_cohort`.
    target : Target
        The antigen.
    """
    rows = published_rows(name)
    if "sample" not in dict(rows[0]):
        return ()
    with resources.as_file(resources.files("epitope.variant.readers") / "data" / f"{name}.tsv") as path:
        return read_samples(path, target)
