"""Text to `Consequence`: the HGVS engine (`hgvs`), and the readers of files (`readers`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epitope.variant.hgvs.alleles import consequence_of as consequence_of
    from epitope.variant.hgvs.grammar import parse as parse
    from epitope.variant.model import ChangeKind as ChangeKind
    from epitope.variant.model import Consequence as Consequence
    from epitope.variant.model import ProteinChange as ProteinChange
    from epitope.variant.model import Substitution as Substitution
    from epitope.variant.model import Variant as Variant
    from epitope.variant.readers.published import published_cohort as published_cohort
    from epitope.variant.readers.published import published_rows as published_rows

# Looked up on first use, so that importing the room costs nothing.
_HOMES = {
    "ChangeKind": "model",
    "Consequence": "model",
    "ProteinChange": "model",
    "Substitution": "model",
    "Variant": "model",
    "consequence_of": "hgvs.alleles",
    "parse": "hgvs.grammar",
    "published_cohort": "readers.published",
    "published_rows": "readers.published",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 (the names are those of the table above)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
