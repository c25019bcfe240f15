"""Antigens as data: what is known before a structure is opened."""

from epitope.target.loader import load_target
from epitope.target.model import (
    Binder,
    Disulfide,
    Exon,
    HotSpots,
    Isoform,
    Polymorphism,
    PublishedEpitope,
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
    "Polymorphism",
    "PublishedEpitope",
    "Region",
    "Sequon",
    "Source",
    "Statement",
    "Target",
    "Transcript",
    "load_target",
]
