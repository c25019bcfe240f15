"""Text to `Consequence`: grammar, transcript, VCF, splicing, isoforms."""

from epitope.variant.consequence import consequence_of
from epitope.variant.model import ChangeKind, Consequence, ProteinChange, Substitution, Variant

__all__ = ["ChangeKind", "Consequence", "ProteinChange", "Substitution", "Variant", "consequence_of"]
