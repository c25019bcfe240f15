"""Measurements per residue: geometry, surface, contacts, disulfides, secondary structure."""
