"""What is known about an antigen before any structure is opened: the nouns.

Frozen records only, no file access and no computation beyond look-ups. Every fact
names its source by the key of a `Source`. Positions are UniProt positions, counted
from 1, and ranges include both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from epitope.errors import TargetError
from epitope.target.residues import three_letter, written_residue
from epitope.target.translation import STOP

_Named = TypeVar("_Named", "Isoform", "PublishedCohort")


class RegionKind(StrEnum):
    """The stretches of a membrane protein, by what holds them where they are."""

    SIGNAL_PEPTIDE = "signal peptide"
    EXTRACELLULAR = "extracellular"
    TRANSMEMBRANE = "transmembrane"
    CYTOPLASMIC = "cytoplasmic"


class StatementKind(StrEnum):
    """What a published statement is for; rules and figures go by it, never by the text."""

    LOCATION = "location"
    PARTNER = "partner"
    MARKER = "marker"
    OBJECTION = "objection"
    CONTEXT = "context"


class Location(StrEnum):
    """Where the product of an RNA event was found."""

    MEMBRANE = "membrane"
    INTRACELLULAR = "intracellular"
    SECRETED = "secreted"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from."""

    key: str
    citation: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A named stretch of the protein, ``start`` to ``end`` inclusive."""

    name: str
    start: int
    end: int
    source: str

    def __contains__(self, position: object) -> bool:
        """Say whether a position lies inside the region."""
        return isinstance(position, int) and self.start <= position <= self.end

    def __len__(self) -> int:
        """Count the positions of the region."""
        return self.end - self.start + 1

    @property
    def positions(self) -> range:
        """Every position of the region."""
        return range(self.start, self.end + 1)


@dataclass(frozen=True, slots=True)
class TopologyRegion(Region):
    """A stretch of the protein with its place: signal peptide, outside, membrane or inside."""

    kind: RegionKind = RegionKind.EXTRACELLULAR


@dataclass(frozen=True, slots=True)
class Disulfide:
    """Two cysteines bonded in the native protein."""

    first: int
    second: int
    source: str


@dataclass(frozen=True, slots=True)
class Sequon:
    """An N-glycosylation sequon: the asparagine of N-X-S/T."""

    position: int
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Motif:
    """Residues of the part inside the cell that are known to do something there."""

    name: str
    positions: tuple[int, ...]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PublishedEpitope:
    """The loops that a paper names as an antibody's epitope."""

    binder: str
    loops: tuple[Region, ...]
    source: str


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Antigen residues that a binding experiment changed: ``positions`` matter for a binder, ``tolerant`` ones do not.

    Residues in neither were not scanned.
    """

    binder: str
    positions: tuple[int, ...]
    method: str
    source: str
    tolerant: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedContacts:
    """All antigen residues that a binder touches in a structure, as others published them.

    ``buried_A2`` is the area that it buries of each, in the same order; empty where it was not published.
    """

    binder: str
    positions: tuple[int, ...]
    method: str
    source: str
    buried_A2: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Binder:
    """An antibody against the antigen; sequences are one-letter, empty where unknown."""

    name: str
    source: str
    heavy_variable: str = ""
    light_variable: str = ""
    structure: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Polymorphism:
    """A common substitution that is found in healthy people."""

    position: int
    reference: str
    alternate: str
    hgvs_c: str
    identifier: str
    allele_frequency: float
    source: str


@dataclass(frozen=True, slots=True)
class Exon:
    """An exon on the genome; coding bounds are ``None`` for untranslated exons."""

    number: int
    start: int
    end: int
    cds_start: int | None
    cds_end: int | None


@dataclass(frozen=True, slots=True)
class OtherAssembly:
    """Where the gene lies on a genome assembly other than the transcript's, to tell positions of it apart.

    ``offset`` is what a position there has more than the same base on the transcript's assembly.
    """

    name: str
    chromosome_accession: str
    gene_start: int
    gene_end: int
    offset: int
    source: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """The coding transcript. Coordinates are 1-based and inclusive.

    ``exons`` stand in the order of the transcript, each with ``start <= end`` on the
    chromosome; on the minus strand (``strand`` -1) the first has the highest position.
    ``genomic_sequence`` starts at ``genomic_start`` on the plus strand of the chromosome,
    whatever the strand of the gene, and may cover only a part of the gene; beyond it only
    the coding sequence is known.
    ``chromosome_genbank`` is the chromosome's accession in GenBank, ``chromosome_refget`` the
    GA4GH refget digest of its sequence ("SQ.…"), ``cytoband`` the gene's band ("16p11.2"); ""
    where not given.
    """

    accession: str
    ensembl: str
    assembly: str
    chromosome: str
    chromosome_accession: str
    chromosome_length: int
    strand: int
    coding_sequence: str
    exons: tuple[Exon, ...]
    genomic_start: int
    genomic_sequence: str
    source: str
    chromosome_genbank: str = ""
    chromosome_refget: str = ""
    cytoband: str = ""
    other_assemblies: tuple[OtherAssembly, ...] = ()

    @property
    def gene_start(self) -> int:
        """The lowest chromosome position of the transcript."""
        return min(exon.start for exon in self.exons)

    @property
    def gene_end(self) -> int:
        """The highest chromosome position of the transcript."""
        return max(exon.end for exon in self.exons)

    @property
    def exon_count(self) -> int:
        """How many exons the transcript has."""
        return len(self.exons)

    def genomic_bases(self, position: int, length: int) -> str:
        """Return ``length`` bases of the chromosome from ``position`` on, "" where they are not all known."""
        offset = position - self.genomic_start
        if offset < 0 or offset + length > len(self.genomic_sequence):
            return ""
        return self.genomic_sequence[offset : offset + length]

    def elsewhere(self, first: int, last: int) -> OtherAssembly | None:
        """Return the assembly on which ``first`` to ``last`` lie in the gene while they do not on the transcript's."""
        if first <= self.gene_end and last >= self.gene_start:
            return None
        return next((a for a in self.other_assemblies if first <= a.gene_end and last >= a.gene_start), None)


@dataclass(frozen=True, slots=True)
class Isoform:
    """A named RNA event and the stretch of protein that is missing from its product.

    ``cds_start``-``cds_end`` are the skipped coding nucleotides at one placement;
    ``junction_shifts`` is how many equivalent placements a repeat allows.
    """

    name: str
    description: str
    lost_start: int
    lost_end: int
    cds_start: int
    cds_end: int
    junction_shifts: int
    source: str
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of context for reports, with its source.

    ``kind`` is what code may act on; ``location`` says where a product was found, in a
    statement of that kind. The topic of a `StatementKind.PARTNER` is the symbol of a gene
    that the antigen depends on.
    """

    topic: str
    text: str
    source: str
    values: Mapping[str, float] = field(default_factory=dict)
    kind: StatementKind = StatementKind.CONTEXT
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class PublishedCohort:
    """A published table of variants, its rows as printed.

    ``variant`` names the columns that say what changed (several are joined to
    ``chromosome-position-reference-alternate``), ``label`` the one with the name that the
    authors printed, "" where there is none.
    """

    name: str
    title: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    variant: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class KnownAllele:
    """An entry of a variant database: alleles on the chromosome, significance, frequency."""

    identifier: str
    chromosome: str
    position: int
    reference: str
    alternate: str
    significance: str
    allele_frequency: float | None
    source: str


@dataclass(frozen=True, slots=True)
class PublishedSite:
    """Residues that a paper measured distances of, ``positions`` to ``partners``."""

    positions: tuple[int, ...]
    partners: tuple[int, ...]
    source: str


@dataclass(frozen=True, slots=True)
class LossCriteria:
    """How a publication combines the evidence of antigen loss: its citation, and from when RNA is low.

    RNA is low below ``low_log_cpm`` (log2 CPM); ``low_log_cpm_origin`` says where that mark comes from.
    """

    citation: str
    low_log_cpm: float
    low_log_cpm_origin: str


@dataclass(frozen=True, slots=True)
class Target:
    """An antigen: what its pack says of it. Beyond name and sequence everything may be absent.

    ``known_transcript`` is the transcript or ``None``; `transcript` is for those who cannot do
    without it, and refuses where there is none. ``structure`` is the file of the structure that
    comes with the pack, ``predictions`` that of the numbers computed for it, "" without one.

    A target made of a structure has ``labels``: what the author of the structure calls each
    position, such as "27", "27A" or, of several chains, "T:27"; "" where the file has no residue,
    which is X in the sequence, and "?" for a residue without a number. It has no start codon.
    """

    name: str
    sequence: str
    version: str = ""
    gene: str = ""
    uniprot_id: str = ""
    uniprot_name: str = ""
    protein_accession: str = ""
    sequence_sha256: str = ""
    motifs: tuple[Motif, ...] = ()
    structure: str = ""
    predictions: str = field(default="", compare=False)
    known_transcript: Transcript | None = None
    regions: tuple[TopologyRegion, ...] = ()
    disulfides: tuple[Disulfide, ...] = ()
    sequons: tuple[Sequon, ...] = ()
    epitopes: tuple[PublishedEpitope, ...] = ()
    hot_spots: tuple[HotSpots, ...] = ()
    contacts: tuple[PublishedContacts, ...] = ()
    binders: tuple[Binder, ...] = ()
    polymorphisms: tuple[Polymorphism, ...] = ()
    isoforms: tuple[Isoform, ...] = ()
    statements: tuple[Statement, ...] = ()
    known_alleles: tuple[KnownAllele, ...] = ()
    cohorts: tuple[PublishedCohort, ...] = ()
    published_sites: tuple[PublishedSite, ...] = ()
    loss_criteria: LossCriteria | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    labels: tuple[str, ...] = ()

    @property
    def transcript(self) -> Transcript:
        """The coding transcript.

        Raises
        ------
        TargetError
            If the target has none.
        """
        if self.known_transcript is None:
            raise TargetError(
                f"{self.name}: this target has no transcript, so DNA changes cannot be read; "
                "give the protein change (p.)"
            )
        return self.known_transcript

    def regions_of(self, kind: RegionKind) -> tuple[TopologyRegion, ...]:
        """Return the regions of one kind, in order; none where the target has none."""
        return tuple(region for region in self.regions if region.kind == kind)

    def kind_at(self, position: int) -> RegionKind | None:
        """Return the kind of region that a position lies in, ``None`` where the topology does not say."""
        return next((region.kind for region in self.regions if position in region), None)

    def isoform(self, name: str) -> Isoform:
        """Return the isoform called ``name``, in any case.

        Raises
        ------
        KeyError
            If the target has no such isoform.
        """
        return _named(self.isoforms, name)

    def residue(self, position: int) -> str:
        """Return the one-letter reference residue at ``position``.

        Raises
        ------
        IndexError
            If the position is not part of the protein.
        """
        if not 1 <= position <= len(self.sequence):
            raise IndexError(f"position {position} is outside 1-{len(self.sequence)}")
        return self.sequence[position - 1]

    @property
    def counted(self) -> bool:
        """Whether positions only count along the antigen, and people are shown other numbers: `label`."""
        return any(label not in ("", str(position)) for position, label in enumerate(self.labels, 1))

    def label(self, position: int) -> str:
        """Return the number of a position for people: the author's where the target is made of a structure."""
        return self.labels[position - 1] or str(position) if 0 < position <= len(self.labels) else str(position)

    def residue_name(self, position: int) -> str:
        """Return a residue with its number, ``Phe61``; of an antigen of several chains ``T:Phe61``."""
        return written_residue(three_letter(self.sequence[position - 1 : position] or STOP), self.label(position))

    def cohort(self, name: str) -> PublishedCohort:
        """Return the published cohort called ``name``, in any case.

        Raises
        ------
        KeyError
            If the target has no such cohort.
        """
        return _named(self.cohorts, name)

    def citation(self, source: str) -> str:
        """Return what a source is called: its citation, or the word itself where it is no key."""
        return self.sources[source].citation if source in self.sources else source


def _named(items: tuple[_Named, ...], name: str) -> _Named:
    """Return the item called ``name``, in any case, or raise `KeyError`."""
    for item in items:
        if item.name.casefold() == name.casefold():
            return item
    raise KeyError(name)
