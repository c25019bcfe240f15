"""Files to a `Complex`: read, clean, number, fetch."""

from epitope.structure.antibody import cdr_table
from epitope.structure.bundled import bundled_structure
from epitope.structure.complex import Complex, complex_from_universe, read_complex
from epitope.structure.fetch import fetch_structure
from epitope.structure.model import (
    ChainRole,
    Engineered,
    Glycan,
    ResidueId,
    StructureMetadata,
)
from epitope.structure.read import read_structure
from epitope.structure.universe import to_universe

__all__ = [
    "ChainRole",
    "Complex",
    "Engineered",
    "Glycan",
    "ResidueId",
    "StructureMetadata",
    "bundled_structure",
    "cdr_table",
    "complex_from_universe",
    "fetch_structure",
    "read_complex",
    "read_structure",
    "to_universe",
]
