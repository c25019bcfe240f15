"""Every change of a single nucleotide, by position on the chromosome and allele.

What the atlas says of residues, this says of bases: the coding sequence and the intron bases
beside it that belong to splice sites, each replaced by the three others, assessed as
`epitope.api.assess` assesses the allele, splicing included. Bases that the target does not hold
have no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from epitope.impact.predictors.model import PREDICTION_COLUMNS
from epitope.impact.scan import ATLAS_COLUMNS
from epitope.impact.verdicts.assess import Assessor
from epitope.impact.verdicts.model import Assessment
from epitope.target.translation import reverse_complement
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap, transcript_map_of

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.measured import MeasuredComplex

SPLICE_REGION = 8
"""Bases of an intron next to an exon that Sequence Ontology's splice_region_variant (SO:0001630) counts."""
_BASES = "ACGT"

NUCLEOTIDE_COLUMNS: dict[str, str] = {
    "chromosome": "name of the chromosome in the target",
    "position": "position on the chromosome, from 1",
    "reference": "base of the plus strand",
    "alternate": "base that replaces it",
    "hgvs_c": "normalised HGVS name on the coding sequence",
    "hgvs_p": "normalised HGVS name on the protein",
    "consequence": "Sequence Ontology terms, most severe first",
    **{name: ATLAS_COLUMNS[name] for name in ("antigen", "fold", "epitope", *PREDICTION_COLUMNS)},
    "splicing": "with what splicing was looked at: splice model, invariant bases only, not looked at",
    "splice_delta": "largest change of a splice site's probability; missing where the splice model was not run",
}
"""Columns of `scan_nucleotides`, in order, each with what it holds."""


def scan_nucleotides(structure: MeasuredComplex) -> pd.DataFrame:
    """Assess every replacement of one nucleotide in and beside the coding sequence.

    Parameters
    ----------
    structure : MeasuredComplex

    Returns
    -------
    pandas.DataFrame
        One row per allele with the columns of `NUCLEOTIDE_COLUMNS`, by position, then allele.

    Raises
    ------
    TargetError
        If the target has no transcript.

    Examples
    --------
    >>> import epitope
    >>> table = scan_nucleotides(epitope.load())
    >>> table[table["hgvs_c"] == "c.488G>T"][["position", "reference", "alternate", "epitope"]].values.tolist()
    [[28933043, 'G', 'T', 'at risk']]
    """
    import pandas as pd

    transcript = structure.target.transcript
    reference = transcript_map_of(structure.target)
    assessor = Assessor(structure)
    records = []
    for position, base in _bases(reference):
        for alternate in _BASES.replace(base, ""):
            text = f"{transcript.chromosome}-{position}-{base}-{alternate}"
            place = {
                "chromosome": transcript.chromosome,
                "position": position,
                "reference": base,
                "alternate": alternate,
            }
            records.append(place | _said(assessor.assess(consequence_of(text, structure.target))))
    table = pd.DataFrame(records, columns=list(NUCLEOTIDE_COLUMNS))
    return table.astype(dict.fromkeys((*PREDICTION_COLUMNS, "splice_delta"), "float64"))


def _bases(reference: TranscriptMap) -> Iterator[tuple[int, str]]:
    """Yield the positions on the chromosome that are looked at, in order, with the base of the plus strand."""
    along: set[int] = set()
    for exon, (start, end) in enumerate(reference.exons):
        coding = [at for at in range(start, end + 1) if reference.cds_position(at) is not None]
        if coding:
            before = SPLICE_REGION if exon else 0
            after = SPLICE_REGION if exon + 1 < len(reference.exons) else 0
            along.update(coding, range(start - before, start), range(end + 1, end + 1 + after))
    found = {reference.chromosome_position(at): reference.bases(at, at) for at in along}
    for position, base in sorted(found.items()):
        if base != UNKNOWN_BASE:
            yield position, base if reference.strand > 0 else reverse_complement(base)


def _said(assessment: Assessment) -> dict[str, Any]:
    """Return what was found for one allele."""
    consequence = assessment.consequence
    deltas = [change.delta for change in consequence.splice_changes if change.delta is not None]
    modelled = consequence.splice_context is not None
    return {
        "hgvs_c": consequence.hgvs_c,
        "hgvs_p": consequence.hgvs_p,
        "consequence": consequence.consequence,
        "antigen": str(assessment.antigen),
        "fold": str(assessment.fold),
        "epitope": str(assessment.epitope),
        **{name: getattr(assessment.predictions, name, None) for name in PREDICTION_COLUMNS},
        "splicing": str(consequence.splicing),
        "splice_delta": max(deltas, key=abs, default=0.0) if modelled else None,
    }
