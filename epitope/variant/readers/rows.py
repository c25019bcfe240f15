"""The row that stands where a record of a file gives no variant.

A reader of VCF files or tables yields, in file order, either a `Variant` or an
`UnassessedRow` that says why there is none, so that a batch survives its worst line
and no record disappears. Not for errors that concern a whole file; those are raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epitope.target.model import Target
from epitope.variant.hgvs.terms import FLANK
from epitope.variant.model import SampleCall, Variant


class RowStatus(StrEnum):
    """Why a row carries no variant."""

    ERROR = "error"
    """The line is broken; the exit code of a batch should tell."""
    NOT_ASSESSABLE = "not assessable"
    """The record is sound, and of a kind whose sequence is not given."""
    OUTSIDE = "outside the transcript"
    """The record is sound and lies outside the gene."""
    OTHER_GENE = "another gene"
    """A column of the row says that it is about a gene that was not asked for."""
    SKIPPED = "not listed"
    """One line in place of many records."""


@dataclass(frozen=True, slots=True)
class UnassessedRow:
    """A record that cannot be given a consequence, and the reason.

    ``text``, ``origin``, ``annotations`` and ``calls`` are those of `Variant`; ``message`` is the
    whole story in one sentence, without the origin. ``term`` is VEP's word for a place
    near the gene, "" elsewhere.
    """

    origin: str
    text: str
    message: str
    status: RowStatus = RowStatus.ERROR
    annotations: tuple[tuple[str, str], ...] = ()
    calls: tuple[SampleCall, ...] = ()
    term: str = ""

    @property
    def is_error(self) -> bool:
        """Say whether the row should make a batch end with an error."""
        return self.status is RowStatus.ERROR

    @property
    def is_ours(self) -> bool:
        """Say whether the row may concern the target at all."""
        return self.status is not RowStatus.OTHER_GENE


InputRow = Variant | UnassessedRow
"""What a reader yields for each record of a file."""


def gene_place(target: Target) -> str:
    """Name the gene with its place: ``GENE (chr1:1000-2000, GRCh38)``."""
    transcript = target.transcript
    place = f"{transcript.chromosome}:{transcript.gene_start}-{transcript.gene_end}"
    return f"{target.gene} ({place}, {transcript.assembly})"


def outside_message(target: Target) -> str:
    """Say that a record lies outside the gene."""
    return f"lies outside {gene_place(target)}: no effect on its transcript"


def flank_term(target: Target, first: int, last: int) -> str:
    """Name a place on the target's chromosome beside the gene as VEP does, "" beyond 5 kb.

    Parameters
    ----------
    target : Target
    first, last : int
        Positions of the record on the target's chromosome, both outside the gene.

    Examples
    --------
    >>> from epitope.target import load_target
    >>> target = load_target()
    >>> end = target.transcript.gene_end
    >>> flank_term(target, end + 9, end + 9), flank_term(target, end + 9000, end + 9000)
    ('downstream_gene_variant', '')
    """
    transcript = target.transcript
    sides = ("upstream_gene_variant", "downstream_gene_variant")
    left, right = sides if transcript.strand == 1 else reversed(sides)
    if 0 < transcript.gene_start - last <= FLANK:
        return left
    return right if 0 < first - transcript.gene_end <= FLANK else ""
