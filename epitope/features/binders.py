"""Is the antibody of a structure the one that a question is about, and where does it differ.

Compares the variable domains of a complex with those of a binder whose sequence the target
file gives, position by position in the IMGT scheme (Lefranc et al., Dev Comp Immunol 2003,
27:55). An antibody counts as a relative of the binder when its CDRs are nearly the same;
of strangers no positions are listed. Not for what a difference does to binding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.structure.antibody import variable_domains
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    from epitope.structure.complex import Complex
    from epitope.target.model import Binder

RELATED_CDR_IDENTITY = 0.8
"""CDR identity from which two antibodies are taken to bind alike. Clones of one lineage and
humanised copies share nearly all CDR residues; unrelated antibodies share about a third."""


@dataclass(frozen=True, slots=True)
class BinderDifference:
    """One position at which the antibody of the structure is not the binder.

    ``label`` is the residue of the structure, ``L:Ser32``, as in the residue table;
    ``in_binder`` a one-letter code, "-" where the binder has no such position.
    """

    label: str
    imgt: str
    region: str
    in_structure: str
    in_binder: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the antibody of a structure compares with a binder.

    ``cdr_identity`` is the share of CDR positions that are identical; ``differences`` is
    empty where the two are no relatives.
    """

    binder: str
    cdr_identity: float
    differences: tuple[BinderDifference, ...]

    @property
    def related(self) -> bool:
        """Whether the CDRs are alike enough for a comparison of single residues."""
        return self.cdr_identity >= RELATED_CDR_IDENTITY


def compare_binder(structure: Complex, binder: Binder) -> Comparison | None:
    """Compare the antibody of a complex with a binder of the target.

    Parameters
    ----------
    structure : Complex
    binder : Binder

    Returns
    -------
    Comparison or None
        ``None`` without an antibody, or where the binder's sequence is not known.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> binder = next(b for b in structure.target.binders if b.name == "blinatumomab")
    >>> found = compare_binder(structure, binder)
    >>> [(d.label, d.in_binder) for d in found.differences if d.region == "CDR-L1"]
    [('L:Ser32', 'D')]
    """
    known = _by_imgt(binder.heavy_variable) | _by_imgt(binder.light_variable)
    rows = structure.cdrs
    if not known or rows.empty:
        return None
    cdr_same, cdr_all, differences = 0, 0, []
    columns = ("chain", "author_number", "insertion_code", "residue", "imgt", "region")
    for chain, number, code, residue, imgt, region in rows[list(columns)].itertuples(index=False):
        other = known.get((region[-2], imgt), "-")
        is_cdr = region.startswith("CDR")
        cdr_all += is_cdr
        cdr_same += is_cdr and other == residue
        if other != residue:
            label = f"{chain}:{three_letter(residue)}{number}{code}"
            differences.append(BinderDifference(label, imgt, region, residue, other))
    identity = cdr_same / cdr_all if cdr_all else 0.0
    related = identity >= RELATED_CDR_IDENTITY
    return Comparison(binder.name, identity, tuple(differences) if related else ())


def _by_imgt(sequence: str) -> dict[tuple[str, str], str]:
    """Return the residues of a variable domain by chain letter and IMGT position."""
    found = {}
    for domain in variable_domains(sequence) if sequence else ():
        letters = sequence[domain.start : domain.end + 1]
        for region, imgt, letter in zip(domain.regions, domain.imgt, letters, strict=True):
            found[region[-2], imgt] = letter
    return found
