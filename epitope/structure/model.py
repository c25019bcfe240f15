"""What a structure file says about itself and its residues: the nouns of this room.

Frozen records only. The `Complex` that ties them to atoms lives in
`epitope.structure.complex`; nothing here reads a file or measures anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_RESIDUE_ID = re.compile(r"(?:(?P<chain>[^:\s]+):)?(?P<number>-?\d+)(?P<insertion_code>[A-Za-z]?)")


class ChainRole(StrEnum):
    """What a residue's chain is to the antigen; a partner binds it and is no antibody."""

    ANTIGEN = "antigen"
    HEAVY = "heavy"
    LIGHT = "light"
    PARTNER = "partner"
    OTHER = "other"


class PartnerKind(StrEnum):
    """What binds the antigen."""

    ANTIBODY = "antibody"
    SINGLE_DOMAIN = "single-domain antibody"
    LIGHT_CHAIN = "light chain alone"
    SCFV = "scFv"
    T_CELL_RECEPTOR = "T-cell receptor"
    PROTEIN = "protein"

    @property
    def word(self) -> str:
        """What sentences call it: antibody, T-cell receptor or partner.

        Examples
        --------
        >>> PartnerKind.SCFV.word, PartnerKind.PROTEIN.word
        ('antibody', 'partner')
        """
        if self is PartnerKind.PROTEIN:
            return "partner"
        return str(self) if self is PartnerKind.T_CELL_RECEPTOR else "antibody"


@dataclass(frozen=True, slots=True, order=True)
class ResidueId:
    """A residue as the authors of the structure name it.

    Insertion codes are kept in the case of the file, which may be either.

    Examples
    --------
    >>> ResidueId.parse("H:100A")
    ResidueId(chain='H', number=100, insertion_code='A')
    >>> str(ResidueId("A", 278))
    'A:278'
    """

    chain: str
    number: int
    insertion_code: str = ""

    @classmethod
    def parse(cls, text: str) -> ResidueId:
        """Read ``chain:number[code]``; the chain may be left out.

        Raises
        ------
        ValueError
            If the text has another form.
        """
        match = _RESIDUE_ID.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a residue; write it as A:100 or H:100A")
        return cls(match["chain"] or "", int(match["number"]), match["insertion_code"])

    def __str__(self) -> str:
        """Write ``chain:number[code]``."""
        return f"{self.chain}:{self.number}{self.insertion_code}"


@dataclass(frozen=True, slots=True)
class DatabaseReference:
    """A stretch of a chain that the file assigns to a database sequence.

    ``begin`` and ``end`` are label numbers where ``label`` is true, author numbers
    otherwise; ``database_begin`` and ``database_end`` belong to the database sequence.
    """

    chain: str
    database: str
    accession: str
    begin: int
    end: int
    database_begin: int
    database_end: int
    label: bool
    begin_code: str = ""
    end_code: str = ""


@dataclass(frozen=True, slots=True)
class SequenceDifference:
    """A residue that the file declares to differ from its database sequence."""

    residue: ResidueId
    residue_name: str
    reference_name: str
    accession: str
    details: str

    @property
    def is_tag(self) -> bool:
        """Whether the file calls the residue part of a tag, linker or artefact of cloning."""
        return any(word in self.details for word in ("tag", "linker", "cloning artifact", "leader"))


@dataclass(frozen=True, slots=True)
class StructureMetadata:
    """How the structure was determined; ``None`` or "" where the file does not say."""

    method: str = ""
    resolution_A: float | None = None
    r_work: float | None = None
    r_free: float | None = None
    space_group: str = ""
    cell: tuple[float, ...] = ()
    doi: str = ""
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class Glycan:
    """The first sugar of a glycan and the protein atom that carries it.

    ``position`` is the UniProt position of the carrying residue, ``None`` outside the
    antigen. ``chain``, ``author_number`` and ``insertion_code`` name the sugar;
    ``linked_residue`` and ``linked_atom`` the protein's side of the bond.
    """

    position: int | None
    residue_name: str
    chain: str
    author_number: int
    insertion_code: str
    linked_residue: ResidueId
    linked_atom: str
    bond_A: float


@dataclass(frozen=True, slots=True)
class Engineered:
    """An antigen residue that differs from the target's sequence, one-letter codes."""

    position: int
    reference: str
    in_structure: str
    note: str
