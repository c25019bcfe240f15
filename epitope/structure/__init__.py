"""Files to a `Complex`: read, clean, number, fetch."""
from epitope.structure.bundled import bundled_structure
from epitope.structure.read import read_structure
