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
class Transcript:
    """The coding transcript. Coordinates are 1-based and inclusive.

    ``exons`` stand in the order of the transcript, each with ``start <= end`` on the
    chromosome; on the minus strand (``strand`` -1) the first has the highest position.
    ``genomic_sequence`` starts at ``genomic_start`` on the plus strand of the chromosome,
    whatever the strand of the gene, and may cover only a part of the gene; beyond it only
    the coding sequence is known.
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
    statement of that kind.
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
    motifs: tuple[Motif, ...] = ()

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
