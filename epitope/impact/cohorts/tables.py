"""Summaries of samples as tables: one row per sample, and one per piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from epitope.impact.cohorts.mechanisms import INFERRED_RULE, summed_fraction
from epitope.impact.cohorts.model import AlleleState, CopyNumber, SampleSummary
from epitope.impact.verdicts.model import Verdict

if TYPE_CHECKING:
    import pandas as pd

COHORT_COLUMNS = (
    "sample",
    "mechanism",
    "published_summary",
    "agrees",
    "variants",
    "mutations",
    "sum_allele_fraction",
    "other_allele",
    "other_allele_state",
    "rna_log_cpm",
    "rna_level",
    "rna_low",
    "allele_specific_expression",
    "other_event",
    "isoform_percent",
    "evidence",
    "notes",
    "error",
)
_NUMBERS = ("mutations", "sum_allele_fraction", "rna_log_cpm")
YES, NO, NOT_MEASURED = "yes", "no", "not measured"
EVIDENCE_COLUMNS = ("sample", "rule", "verdict", "value", "unit", "threshold", "sentence", "source")


def cohort_table(summaries: Sequence[SampleSummary]) -> pd.DataFrame:
    """Tabulate the summaries: one row per sample, with the columns `COHORT_COLUMNS`."""
    import pandas as pd

    table = pd.DataFrame([_cohort_row(summary) for summary in summaries], columns=list(COHORT_COLUMNS))
    return table.astype(dict.fromkeys(_NUMBERS, "float64"))


def cohort_evidence_table(summaries: Sequence[SampleSummary]) -> pd.DataFrame:
    """Tabulate the evidence: one row per sample and rule, with the columns `EVIDENCE_COLUMNS`."""
    import pandas as pd

    rows = [
        (s.record.sample, e.rule, str(e.verdict), e.value, e.unit, e.threshold, e.sentence, e.source)
        for s in summaries
        for e in s.evidence
    ]
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


def _cohort_row(summary: SampleSummary) -> tuple[object, ...]:
    """Return one row of the cohort table."""
    record = summary.record
    if record.error:
        told = {"sample": record.sample, "error": record.error}
        return tuple(told.get(column, None if column in _NUMBERS else "") for column in COHORT_COLUMNS)
    answer = {None: NOT_MEASURED, True: YES, False: NO}
    names = [c.hgvs_p or c.hgvs_c or c.variant.text for c in summary.consequences]
    counted = [e for e in summary.evidence if e.verdict is not Verdict.NOT_ASSESSABLE or e.rule == INFERRED_RULE]
    return (
        record.sample,
        summary.mechanism,
        record.published,
        str(summary.agrees),
        "; ".join(names),
        summary.mutations if record.variants_known else None,
        summed_fraction(record, record.variants),
        _other_allele(record.copies),
        str(record.copies.state),
        record.log_cpm,
        record.rna_level,
        answer[summary.rna_low],
        answer[record.ase],
        "; ".join(record.other_events),
        "; ".join(f"{name} {share:g}" for name, share in record.isoforms),
        "; ".join(evidence.sentence for evidence in counted),
        "; ".join(summary.notes),
        "",
    )


def _other_allele(copies: CopyNumber) -> str:
    """Say what became of the other allele: a loss in the table's words."""
    if copies.state is AlleleState.NOT_MEASURED:
        return "not measured"
    return copies.words or "no loss"
