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

_Named = TypeVar("_Named", bound="Isoform")


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
class PublishedEpitope:
    """The loops that a paper names as an antibody's epitope."""

    binder: str
    loops: tuple[Region, ...]
    source: str


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Antigen residues that a binding experiment found to matter for a binder."""

    binder: str
    positions: tuple[int, ...]
    method: str
    source: str


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
class PartialExon:
    """An untranslated exon whose first base is known only within bounds."""

    number: int
    start_earliest: int
    start_latest: int
    end: int
    source: str


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

    ``genomic_sequence`` starts at ``genomic_start`` on the plus strand and may cover
    only a part of the gene; beyond it only the coding sequence is known. ``chromosome_genbank`` is the
    chromosome's accession in GenBank, ``cytoband`` the gene's band ("16p11.2"); "" where not given.
    """

    accession: str
    ensembl: str
    assembly: str
    chromosome: str
    chromosome_accession: str
    chromosome_length: int
    strand: int
    gene_start: int
    gene_end: int
    exon_count: int
    coding_sequence: str
    exons: tuple[Exon, ...]
    genomic_start: int
    genomic_sequence: str
    source: str
    partial_exons: tuple[PartialExon, ...] = ()
    chromosome_genbank: str = ""
    cytoband: str = ""
    other_assemblies: tuple[OtherAssembly, ...] = ()

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
class Target:
    """An antigen: sequence, transcript, regions, epitopes and all else that is published."""

    name: str
    gene: str
    uniprot_id: str
    uniprot_name: str
    version: str
    sequence: str
    transcript: Transcript
    regions: tuple[TopologyRegion, ...]
    disulfides: tuple[Disulfide, ...]
    sequons: tuple[Sequon, ...]
    epitopes: tuple[PublishedEpitope, ...]
    hot_spots: tuple[HotSpots, ...]
    binders: tuple[Binder, ...]
    polymorphisms: tuple[Polymorphism, ...]
    isoforms: tuple[Isoform, ...]
    statements: tuple[Statement, ...]
    sources: Mapping[str, Source]
    protein_accession: str = ""
    sequence_sha256: str = ""

    def regions_of(self, kind: RegionKind) -> tuple[TopologyRegion, ...]:
        """Return the regions of one kind, in order; none where the target has none."""
        return tuple(region for region in self.regions if region.kind is kind)

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
    def epitope(self) -> PublishedEpitope:
        """The epitope of the reference binder, the first that the target file lists."""
        return self.epitopes[0]


def _named(items: tuple[_Named, ...], name: str) -> _Named:
    """Return the item called ``name``, in any case, or raise `KeyError`."""
    for item in items:
        if item.name.casefold() == name.casefold():
            return item
    raise KeyError(name)
