"""What a target pack does not say, and what that costs.

Reads no file: it goes by a loaded `Target`. Whether a structure agrees with it is looked at
where structures are known (``epitope.api.check_target``).
"""

from __future__ import annotations

from typing import NamedTuple

from epitope.target.model import RegionKind, Target


class MissingPart(NamedTuple):
    """A part that a pack leaves out, and what cannot be done without it."""

    part: str
    cost: str


def missing_parts(target: Target) -> tuple[MissingPart, ...]:
    """List what a target does not say, with the cost of each.

    Examples
    --------
    >>> [part for part, _ in missing_parts(Target("SYNA1", "MKV"))][:3]
    ['transcript', 'transmembrane segment', 'extracellular part']
    """
    regions = {region.kind for region in target.regions}
    parts = [
        (
            target.known_transcript,
            "transcript",
            "DNA changes, VCF files and splicing are refused; give protein changes",
        ),
        (
            RegionKind.TRANSMEMBRANE in regions,
            "transmembrane segment",
            "whether the antigen is on the membrane is not assessable, unless a variant stops the protein",
        ),
        (RegionKind.EXTRACELLULAR in regions, "extracellular part", "the inside is not told from the outside"),
        (RegionKind.SIGNAL_PEPTIDE in regions, "signal peptide", "its loss is not recognised"),
        (target.epitopes, "epitope", "computed from the contacts of the structure"),
        (
            any(b.heavy_variable or b.light_variable for b in target.binders),
            "antibody sequence",
            "the antibody of a structure has no name",
        ),
        (target.disulfides, "disulfides", "those of the structure count"),
        (target.sequons, "sequons", "the loss of a glycan is not recognised from the pack"),
        (target.uniprot_id, "UniProt accession", "chains are found by alignment, names with the accession are refused"),
        (target.structure, "structure", "each command needs --structure"),
        (target.cohorts, "published cohort", "`epitope report` needs a variant"),
        (target.known_alleles, "known variants", "nothing is said of variant databases"),
        (target.isoforms, "isoforms", "`epitope isoform` is refused"),
    ]
    return tuple(MissingPart(part, cost) for there, part, cost in parts if not there)
