"""Measurements per residue: geometry, surface, contacts, disulfides, secondary structure."""

from epitope.features.atoms import ResidueAtoms
from epitope.features.chain import chain_table
from epitope.features.interface import Interface
from epitope.features.measured import MeasuredComplex

__all__ = ["Interface", "MeasuredComplex", "ResidueAtoms", "chain_table"]
