"""The row that stands where a record of a file gives no variant.

A reader of VCF files or tables yields, in file order, either a `Variant` or an
`UnassessedRow` that says why there is none, so that a batch survives its worst line
and no record disappears. Not for errors that concern a whole file; those are raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epitope.variant.model import Variant


class RowStatus(StrEnum):
    """Why a row carries no variant."""

    ERROR = "error"
    """The line is broken; the exit code of a batch should tell."""
    NOT_ASSESSABLE = "not assessable"
    """The record is sound, and of a kind whose sequence is not given."""
    OUTSIDE = "outside the transcript"
    """The record is sound and lies outside the gene."""
    SKIPPED = "not listed"
    """One line in place of many records outside the gene."""


@dataclass(frozen=True, slots=True)
class UnassessedRow:
    """A record that cannot be given a consequence, and the reason.

    ``text``, ``origin`` and ``annotations`` are those of `Variant`; ``message`` is the
    whole story in one sentence, without the origin.
    """

    origin: str
    text: str
    message: str
    status: RowStatus = RowStatus.ERROR
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def is_error(self) -> bool:
        """Say whether the row should make a batch end with an error."""
        return self.status is RowStatus.ERROR


InputRow = Variant | UnassessedRow
"""What a reader yields for each record of a file."""
