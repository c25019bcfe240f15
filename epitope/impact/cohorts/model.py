"""The nouns of a cohort: what a table says of a sample, and the mechanism found for it.

Frozen records only; the neighbours fill them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epitope.impact.verdicts.model import Evidence
from epitope.variant.model import Consequence, Variant


class AlleleState(StrEnum):
    """What became of the gene's alleles."""

    KEPT = "both copies kept"
    GAINED = "copies gained"
    ONE_LOST = "one copy lost"
    COPY_NEUTRAL_LOSS = "copy-neutral loss of one allele"
    ALL_LOST = "all copies lost"
    NOT_MEASURED = "not measured"

    @property
    def is_loss(self) -> bool:
        """Whether at least one allele is gone."""
        return self in (AlleleState.ONE_LOST, AlleleState.COPY_NEUTRAL_LOSS, AlleleState.ALL_LOST)


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """The state of the gene's alleles; ``words`` is a loss as the table puts it, ``note`` what else to know."""

    state: AlleleState = AlleleState.NOT_MEASURED
    words: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What a table says of one sample; ``None`` or "" for what it does not say.

    ``rna_low`` is the level called in words, ``ase`` whether allele-specific expression was
    seen; ``None`` means not measured. ``isoforms`` holds name and percent. ``error`` says why
    nothing could be read; the rest is then empty.
    """

    sample: str
    origin: str
    variants: tuple[Variant, ...] = ()
    variants_known: bool = True
    sum_af: float | None = None
    copies: CopyNumber = CopyNumber()
    log_cpm: float | None = None
    rna_level: str = ""
    rna_low: bool | None = None
    ase: bool | None = None
    other_events: tuple[str, ...] = ()
    isoforms: tuple[tuple[str, float], ...] = ()
    antigen_kept: bool = False
    published: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a mechanism; ``inferred`` where nothing in the table measures it."""

    text: str
    inferred: bool = False

    def __str__(self) -> str:
        """Write the term, marked where it is inferred."""
        return f"{self.text} [inferred]" if self.inferred else self.text


class Agreement(StrEnum):
    """How a mechanism compares with the published summary."""

    NOT_GIVEN = ""
    YES = "yes"
    BY_INFERENCE = "yes, by inference"
    NO = "no"


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """The mechanism found for a sample, term by term, and all that speaks for it.

    ``mutations`` counts the variants that change the protein or its splicing, ``rna_low`` is
    ``None`` where the level was not measured.
    """

    record: SampleRecord
    terms: tuple[Term, ...] = ()
    agrees: Agreement = Agreement.NOT_GIVEN
    evidence: tuple[Evidence, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    notes: tuple[str, ...] = ()
    mutations: int = 0
    rna_low: bool | None = None

    @property
    def mechanism(self) -> str:
        """The terms, joined with semicolons; inferred ones are marked."""
        return "; ".join(map(str, self.terms))
