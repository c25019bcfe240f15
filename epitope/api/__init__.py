"""The public functions: load a complex, assess variants, look at residues and distances.

Each one is a thin line through the rooms, for a notebook or for the command line. The
package re-exports them lazily, so that ``import epitope`` costs nothing.
"""

from epitope.api.antibodies import binders
from epitope.api.assessing import annotate_vcf, as_variants, assess, assess_each, on_one_allele, read_variants, vrs_ids
from epitope.api.comparing import compare
from epitope.api.drawing import WrittenReport, draw, figure_names, report, view, write_view
from epitope.api.frames import dynamics
from epitope.api.loading import load, provenance
from epitope.api.measuring import (
    contacts,
    residue_position,
    residues_near,
    scan,
    top_candidates,
    write_atlas,
    write_formats,
)
from epitope.api.targets import check_target, new_target
from epitope.api.verifying import Verification, verify

__all__ = [
    "Verification",
    "WrittenReport",
    "annotate_vcf",
    "as_variants",
    "assess",
    "assess_each",
    "binders",
    "check_target",
    "compare",
    "contacts",
    "draw",
    "dynamics",
    "figure_names",
    "load",
    "new_target",
    "on_one_allele",
    "provenance",
    "read_variants",
    "report",
    "residue_position",
    "residues_near",
    "scan",
    "top_candidates",
    "verify",
    "view",
    "vrs_ids",
    "write_atlas",
    "write_formats",
    "write_view",
]
