"""Which antibody a structure holds, and where it differs from others of the target.

Compares the variable domains of a complex with those of a binder whose sequence the target
file gives, position by position in the IMGT scheme (Lefranc et al., Dev Comp Immunol 2003,
27:55). An antibody counts as a relative of the binder when its CDRs are nearly the same;
of strangers no positions are listed. Not for what a difference does to binding.

The epitope of a structure follows from its antibody: the published loops where the antibody
is the one that they were published for, else the runs of residues that it touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.structure.antibody import variable_domains
from epitope.target.model import Region
from epitope.target.positions import ranges
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from epitope.structure.complex import Complex
    from epitope.target.model import Binder

RELATED_CDR_IDENTITY = 0.8
"""CDR identity from which two antibodies are taken to bind alike. Clones of one lineage and
humanised copies share nearly all CDR residues; unrelated antibodies share about a third."""

SAME_IDENTITY = 0.98
"""Identity of the variable domains from which an antibody is the binder itself: room for a few
residues that were engineered or misread, none for a clone or a humanised copy."""
LOOP_GAP = 2
"""Residues without contact that a run of contact residues may hold."""


@dataclass(frozen=True, slots=True)
class StructureEpitope:
    """The epitope that a structure is judged by.

    ``binder`` is what binds, by name, ``loops`` its stretches of the antigen, ``computed``
    whether they follow from contacts in the structure instead of a publication. ``word`` is what
    sentences call the binder: antibody, T-cell receptor or partner.
    """

    binder: str = "the antibody"
    loops: tuple[Region, ...] = ()
    source: str = "structure, heavy atoms within 4.0 Å"
    computed: bool = True
    word: str = "antibody"

    @property
    def origin(self) -> str:
        """Where the loops come from, as an adjective: published or computed."""
        return "computed" if self.computed else "published"

    def loop_at(self, position: int) -> Region | None:
        """Return the loop that a position lies in."""
        return next((loop for loop in self.loops if position in loop), None)


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

    ``identity`` is the share of identical positions of the variable domains, ``cdr_identity``
    that of the CDRs; ``differences`` is empty where the two are no relatives. ``same_chains``
    says whether both have a heavy chain or none, and a light chain or none.
    """

    binder: str
    identity: float
    cdr_identity: float
    same_chains: bool
    differences: tuple[BinderDifference, ...]

    @property
    def same(self) -> bool:
        """Whether the antibody of the structure is the binder."""
        return self.same_chains and self.identity >= SAME_IDENTITY

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
    >>> binder = structure.target.binders[1]
    >>> found = compare_binder(structure.complex, binder)
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
    return Comparison(
        binder=binder.name,
        identity=1 - len(differences) / len(rows),
        cdr_identity=identity,
        same_chains={letter for letter, _ in known} == set(rows["region"].str[-2]),
        differences=tuple(differences) if related else (),
    )


def binder_of(structure: Complex) -> Binder | None:
    """Return the binder of the target that the antibody of a complex is, by its sequence.

    Returns
    -------
    Binder or None
        The most alike of those that share `SAME_IDENTITY` of the variable domains; ``None``
        without an antibody, or for one whose sequence the target does not give.

    Examples
    --------
    >>> import epitope
    >>> structure = epitope.load()
    >>> binder_of(structure.complex) == structure.target.binders[0]
    True
    """
    compared = ((compare_binder(structure, binder), binder) for binder in structure.target.binders)
    same = [(found.identity, binder) for found, binder in compared if found is not None and found.same]
    return max(same, key=lambda pair: pair[0])[1] if same else None


def contact_loops(contacts: Iterable[int]) -> tuple[Region, ...]:
    """Join contact residues to loops: runs in which at most `LOOP_GAP` residues touch nothing.

    Parameters
    ----------
    contacts : iterable of int
        UniProt positions that touch the antibody.

    Examples
    --------
    >>> [(loop.name, len(loop)) for loop in contact_loops([5, 6, 9, 14])]
    [('5-9', 5), ('14', 1)]
    """
    found: list[list[int]] = []
    for position in sorted(set(contacts)):
        if found and position - found[-1][-1] <= LOOP_GAP + 1:
            found[-1].append(position)
        else:
            found.append([position])
    return tuple(
        Region(ranges(range(run[0], run[-1] + 1)), run[0], run[-1], "structure, heavy atoms within 4.0 Å")
        for run in found
    )


def _by_imgt(sequence: str) -> dict[tuple[str, str], str]:
    """Return the residues of a variable domain by chain letter and IMGT position."""
    found = {}
    for domain in variable_domains(sequence) if sequence else ():
        letters = sequence[domain.start : domain.end + 1]
        for region, imgt, letter in zip(domain.regions, domain.imgt, letters, strict=True):
            found[region[-2], imgt] = letter
    return found
