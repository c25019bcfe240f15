"""Antigens as data: what is known before a structure is opened."""

from epitope.target.loader import installed_packs, load_target
from epitope.target.model import (
    Binder,
    Disulfide,
    Exon,
    HotSpots,
    Isoform,
    KnownAllele,
    Polymorphism,
    PublishedCohort,
    PublishedContacts,
    PublishedEpitope,
    PublishedSite,
    Region,
    Sequon,
    Source,
    Statement,
    Target,
    Transcript,
)

__all__ = [
    "Binder",
    "Disulfide",
    "Exon",
    "HotSpots",
    "Isoform",
    "KnownAllele",
    "Polymorphism",
    "PublishedCohort",
    "PublishedContacts",
    "PublishedEpitope",
    "PublishedSite",
    "Region",
    "Sequon",
    "Source",
    "Statement",
    "Target",
    "Transcript",
    "installed_packs",
    "load_target",
]
