"""What a variant is and what it does to the protein: the nouns of this room.

`Variant` is what the user wrote; `ProteinChange` is what became of the protein;
`Consequence` ties both together with normalised names and the check of the user's
own label. Frozen records only; parsing and computing live in the neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ChangeKind(StrEnum):
    """The shapes a protein change can take."""

    NONE = "none"
    SUBSTITUTION = "substitution"
    DELETION = "deletion"
    INSERTION = "insertion"
    DUPLICATION = "duplication"
    DELINS = "delins"
    FRAMESHIFT = "frameshift"
    NONSENSE = "nonsense"
    START_LOSS = "start loss"
    STOP_LOSS = "stop loss"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Variant:
    """What the user wrote, and where.

    ``text`` is the input as given. ``origin`` says where it came from ("argument 2",
    "calls.vcf line 14"). ``label`` is a second name that came with it, such as the
    protein label printed beside a cDNA change, to be checked against the result.
    ``annotations`` carries what the file said of it (sample, allele fraction, id).
    """

    text: str
    origin: str = ""
    label: str = ""
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Substitution:
    """One residue replaced by another, one-letter codes."""

    position: int
    reference: str
    alternate: str


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """What became of the protein, in reference (UniProt) positions.

    ``start``-``end`` are the reference residues touched (for an insertion the two
    flanking residues), ``reference`` their letters and ``alternate`` what stands there
    now. ``positions_lost`` are all reference residues absent from the product: the
    deleted ones, and everything behind a frameshift or stop. ``substitutions`` are
    residues replaced one for one. ``novel_tail`` is the new sequence behind a frameshift
    or stop loss, ``protein`` the whole new product; both are ``None`` where not known.
    """

    kind: ChangeKind
    start: int | None = None
    end: int | None = None
    reference: str = ""
    alternate: str = ""
    positions_lost: tuple[int, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    novel_tail: str | None = None
    protein: str | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a variant does to transcript and protein.

    ``terms`` are Sequence Ontology terms as Ensembl VEP names them, most severe first;
    ``consequence`` joins them with commas. ``label_check`` is "" when no label was
    given, "agrees", or a sentence that explains the difference. ``isoform`` names an
    RNA event of the target (ex2part). ``alternatives`` are what could follow instead,
    as possibilities (an exon skipped, an intron retained), each a full consequence with
    ``scenario`` set. ``vep_protein_position`` and ``vep_amino_acids`` are what VEP prints
    for the variant as written, not 3'-shifted; "" where it prints none.
    ``stop_to_last_junction_nt`` is how many bases of mRNA lie between a premature stop
    and the last exon-exon junction, negative behind it.
    """

    variant: Variant
    change: ProteinChange
    terms: tuple[str, ...]
    hgvs_c: str = ""
    hgvs_g: str = ""
    hgvs_p: str = ""
    exon: str = ""
    intron: str = ""
    label_check: str = ""
    isoform: str = ""
    scenario: str = ""
    notes: tuple[str, ...] = ()
    alternatives: tuple[Consequence, ...] = field(default=())
    vep_protein_position: str = ""
    vep_amino_acids: str = ""
    stop_to_last_junction_nt: int | None = None

    @property
    def consequence(self) -> str:
        """The Sequence Ontology terms, joined with commas."""
        return ",".join(self.terms)
