"""GA4GH VRS 2 allele identifiers of a change, computed offline with the library ga4gh.vrs.

An identifier is the digest of the allele, fully justified, on a reference sequence that is named by
its own digest (refget): the protein of the target, whose digest follows from its sequence, and
the chromosome, whose digest the target pack states. Several changes of one allele have none
here, and neither has a change at bases that the target does not hold, since it could not be justified.
"""

from __future__ import annotations

from typing import Any, Protocol

from epitope.errors import MissingDependencyError
from epitope.target.model import Target
from epitope.target.translation import reverse_complement
from epitope.variant.hgvs.edit import edit_of
from epitope.variant.hgvs.grammar import DnaText, parse
from epitope.variant.hgvs.transcript_map import UNKNOWN_BASE, TranscriptMap, transcript_map_of
from epitope.variant.model import ChangeKind, Consequence, Variant

GENOMIC, PROTEIN = "genomic", "protein"
NO_IDS = {GENOMIC: "", PROTEIN: ""}
STOP = "*"
_IN_FRAME = (
    ChangeKind.SUBSTITUTION,
    ChangeKind.DELETION,
    ChangeKind.INSERTION,
    ChangeKind.DUPLICATION,
    ChangeKind.DELINS,
)


class _Sequence(Protocol):
    """A reference sequence as ga4gh.vrs asks for it; positions between bases, from 0."""

    accession: str

    def get_metadata(self, identifier: str) -> dict[str, Any]:
        """Return the length."""

    def get_sequence(self, identifier: str, start: int | None = None, end: int | None = None) -> str:
        """Return the letters between two positions."""


class _Protein:
    """The protein of a target."""

    def __init__(self, target: Target) -> None:
        from ga4gh.core import sha512t24u

        self.accession = f"SQ.{sha512t24u(target.sequence.encode())}"
        self.sequence = target.sequence

    def get_metadata(self, identifier: str) -> dict[str, Any]:
        """Return the length."""
        return {"length": len(self.sequence)}

    def get_sequence(self, identifier: str, start: int | None = None, end: int | None = None) -> str:
        """Return the residues between two positions."""
        return self.sequence[start:end]


class _Chromosome:
    """The chromosome of a target, as far as the target holds it; ``N`` elsewhere."""

    def __init__(self, reference: TranscriptMap) -> None:
        self.accession = reference.transcript.chromosome_refget
        self.reference = reference

    def get_metadata(self, identifier: str) -> dict[str, Any]:
        """Return the length."""
        return {"length": self.reference.transcript.chromosome_length}

    def get_sequence(self, identifier: str, start: int | None = None, end: int | None = None) -> str:
        """Return the bases of the plus strand between two positions."""
        first, last = (start or 0) + 1, self.reference.transcript.chromosome_length if end is None else end
        if self.reference.strand > 0:
            return self.reference.bases(first, last)
        flip = self.reference.chromosome_position
        return reverse_complement(self.reference.bases(flip(last), flip(first)))


def allele_ids(consequence: Consequence, target: Target) -> dict[str, str]:
    """Return the VRS 2 identifiers of a change on the chromosome and on the protein.

    Parameters
    ----------
    consequence : Consequence
    target : Target

    Returns
    -------
    dict of str to str
        ``genomic`` and ``protein``, ``ga4gh:VA.…``, or "" where there is none: of a frameshift, a stop
        behind other new residues, an unknown product or several changes; on the chromosome also
        where the target does not state its digest, or does not hold the bases.

    Raises
    ------
    MissingDependencyError
        If ga4gh.vrs is not installed.
    """
    vrs_version()
    if consequence.members:
        return NO_IDS
    return {GENOMIC: _genomic(consequence, target), PROTEIN: _protein(consequence, target)}


def vrs_version() -> str:
    """Return the version of ga4gh.vrs.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ga4gh.vrs")
    except PackageNotFoundError:
        raise MissingDependencyError('VRS identifiers need ga4gh.vrs; pip install "epitope[vrs]"') from None


def _genomic(consequence: Consequence, target: Target) -> str:
    """Return the identifier on the chromosome."""
    if not consequence.hgvs_g or not target.transcript.chromosome_refget:
        return ""
    reference = transcript_map_of(target)
    parsed = parse(Variant(consequence.hgvs_g), target)
    assert isinstance(parsed, DnaText)
    edit = edit_of(consequence.hgvs_g, parsed, reference)
    least = edit.least
    if edit.chromosome or UNKNOWN_BASE in reference.bases(least.start - 1, least.end + 1):
        return ""
    if reference.strand > 0:
        return _identifier(_Chromosome(reference), least.start - 1, least.end, least.alt)
    flip = reference.chromosome_position
    return _identifier(_Chromosome(reference), flip(least.end) - 1, flip(least.start), reverse_complement(least.alt))


def _protein(consequence: Consequence, target: Target) -> str:
    """Return the identifier on the protein."""
    change = consequence.change
    if change.kind is ChangeKind.NONSENSE and change.protein is not None and change.start == len(change.protein) + 1:
        return _identifier(_Protein(target), change.start - 1, change.start, STOP)
    if change.kind not in _IN_FRAME or change.protein is None:
        return ""
    # The whole product in place of the whole protein: the library trims it to what differs.
    return _identifier(_Protein(target), 0, len(target.sequence), change.protein)


def _identifier(sequence: _Sequence, start: int, end: int, alternate: str) -> str:
    """Return the identifier of the justified allele, "" where it may reach into what is not known."""
    from ga4gh.core import ga4gh_identify
    from ga4gh.vrs import models, normalize

    allele = models.Allele(
        location=models.SequenceLocation(
            sequenceReference=models.SequenceReference(refgetAccession=sequence.accession), start=start, end=end
        ),
        state=models.LiteralSequenceExpression(sequence=alternate),
    )
    justified = normalize(allele, data_proxy=sequence)
    first, last = justified.location.start, justified.location.end
    if isinstance(sequence, _Chromosome) and UNKNOWN_BASE in sequence.get_sequence("", first - 1, last + 1):
        return ""
    return str(ga4gh_identify(justified))
