"""What a variant does to an antigen: is it there, is it folded, is the epitope intact.

Examples
--------
>>> import epitope
>>> epitope.assess("p.Ser269Ter")["antigen"].tolist()
['lost']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epitope.api import (
        annotate_vcf,
        assess,
        assess_each,
        binders,
        compare,
        contacts,
        draw,
        dynamics,
        load,
        provenance,
        read_variants,
        report,
        scan,
        top_candidates,
        verify,
        view,
        vrs_ids,
        write_atlas,
        write_formats,
        write_view,
    )
    from epitope.bulk import survey
    from epitope.errors import EpitopeError
    from epitope.target import load_target
    from epitope.variant import consequence_of

_HOMES = {
    "annotate_vcf": "epitope.api",
    "assess": "epitope.api",
    "assess_each": "epitope.api",
    "binders": "epitope.api",
    "compare": "epitope.api",
    "contacts": "epitope.api",
    "draw": "epitope.api",
    "dynamics": "epitope.api",
    "read_variants": "epitope.api",
    "report": "epitope.api",
    "scan": "epitope.api",
    "survey": "epitope.bulk",
    "top_candidates": "epitope.api",
    "verify": "epitope.api",
    "write_atlas": "epitope.api",
    "write_view": "epitope.api",
    "write_formats": "epitope.api",
    "view": "epitope.api",
    "vrs_ids": "epitope.api",
    "load": "epitope.api",
    "provenance": "epitope.api",
    "consequence_of": "epitope.variant",
    "load_target": "epitope.target",
    "EpitopeError": "epitope.errors",
}

__version__ = "0.1.0"

__all__ = [
    "EpitopeError",
    "annotate_vcf",
    "assess",
    "assess_each",
    "binders",
    "compare",
    "consequence_of",
    "contacts",
    "draw",
    "dynamics",
    "load",
    "load_target",
    "provenance",
    "read_variants",
    "report",
    "scan",
    "survey",
    "top_candidates",
    "verify",
    "view",
    "vrs_ids",
    "write_atlas",
    "write_formats",
    "write_view",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'epitope' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
