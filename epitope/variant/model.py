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
    SEVERAL = "several changes"
    UNKNOWN = "unknown"


UNCHANGED, GONE = "=", "0"
"""How the other allele of a variant is written where it is the reference's, and where it is lost."""


@dataclass(frozen=True, slots=True)
class SampleCall:
    """What a file says of one allele in one sample.

    ``sample`` is "" where the file names none. ``depth`` counts the reads of all alleles,
    ``allele_depth`` those of this one, ``allele_fraction`` is 0 to 1; ``None`` where not told.
    """

    sample: str = ""
    genotype: str = ""
    depth: int | None = None
    allele_depth: int | None = None
    allele_fraction: float | None = None
    haplotypes: tuple[int, ...] = ()
    phase_set: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """What the user wrote, and where.

    ``text`` is the input as given. ``origin`` says where it came from ("argument 2",
    "calls.vcf line 14"). ``label`` is a second name that came with it, such as the
    protein label printed beside a cDNA change, to be checked against the result.
    ``annotations`` carries what the file said of it (id, filter, other columns), ``calls`` the
    samples that carry it, ``notes`` what the reader of the file has to say of it.
    ``other_allele`` is what stands on the other allele, as HGVS ("=" where it is the reference's,
    "0" where it is gone), "" where that is not known.
    """

    text: str
    origin: str = ""
    label: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    calls: tuple[SampleCall, ...] = ()
    notes: tuple[str, ...] = ()
    other_allele: str = ""


@dataclass(frozen=True, slots=True)
class Substitution:
    """One residue replaced by another, one-letter codes."""

    position: int
    reference: str
    alternate: str


class KozakStrength(StrEnum):
    """How well the bases around an ATG suit the start of translation: by -3 purine and +4 G."""

    STRONG = "strong"
    ADEQUATE = "adequate"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class StartCodon:
    """An ATG at which translation may begin once the start codon is lost.

    ``base`` is the coding position of its A. ``residue`` is the reference position of its
    Met; ``None`` where it is out of frame. ``context`` holds the bases -6 to +4, the A being
    +1 (``GCCACCATGG`` would be ideal). ``passed`` are the ATGs out of frame between the lost
    start and this one, which a ribosome meets first.
    """

    base: int
    context: str
    strength: KozakStrength
    residue: int | None = None
    passed: tuple[StartCodon, ...] = ()


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """What became of the protein, in reference (UniProt) positions.

    ``start``-``end`` are the reference residues touched (for an insertion the two
    flanking residues), ``reference`` their letters and ``alternate`` what stands there
    now. ``positions_lost`` are all reference residues absent from the product: the
    deleted ones, and everything behind a frameshift or stop. ``substitutions`` are
    residues replaced one for one. ``novel_tail`` is the new sequence behind a frameshift
    or stop loss, ``protein`` the whole new product; both are ``None`` where not known.
    ``restart`` is the next start codon in frame after a start loss, ``None`` where there is none;
    ``protein`` is then the product from there. ``transcript_end_lost`` says that the end of the
    gene is gone: no stop codon, and no signal for the poly(A) tail. Of several changes apart
    from each other the fields hold what they do together, and `Consequence.parts` each of them.
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
    restart: StartCodon | None = None
    transcript_end_lost: bool = False


class SpliceSide(StrEnum):
    """The two kinds of splice site: the donor behind an exon, the acceptor in front of one."""

    DONOR = "donor"
    ACCEPTOR = "acceptor"


class SpliceEffect(StrEnum):
    """What a change does to a splice site."""

    ABOLISHED = "abolished"
    WEAKENED = "weakened"
    CREATED = "created"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SpliceSite:
    """A splice site: the donor or acceptor of an exon (its number, from 1)."""

    side: SpliceSide
    exon: int

    @property
    def intron(self) -> int:
        """The number of the intron at this site."""
        return self.exon if self.side is SpliceSide.DONOR else self.exon - 1

    def __str__(self) -> str:
        """Name the site."""
        return f"{self.side} of exon {self.exon}"


@dataclass(frozen=True, slots=True)
class SpliceChange:
    """What a change does to one splice site, and how that is known.

    ``site`` is an annotated site, or the one that a created site competes with, named by the
    exon that it would end or begin (the acceptor of exon 1 for one that only cuts exon 1).
    ``offset`` counts bases from that site's border, positive into the intron and negative
    into the exon. For an annotated site it says where the change lies (1 is the first base of
    the intron, -1 the last of the exon), for a created one by how much the border moves.
    ``position`` is the exonic base at the border, on the chromosome.
    ``score_before`` and ``score_after`` are the splice model's probabilities; ``None``
    where the effect follows from the invariant bases alone and no model was run.
    """

    site: SpliceSite
    effect: SpliceEffect
    offset: int
    position: int
    score_before: float | None = None
    score_after: float | None = None

    @property
    def delta(self) -> float | None:
        """How much the score rises (negative: falls); ``None`` without scores."""
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before


class SplicingLook(StrEnum):
    """Whether, and with what, the splicing of a variant was looked at."""

    MODEL = "splice model"
    INVARIANT_BASES = "invariant bases only"
    NOT_RUN = "not looked at"
    NOT_APPLICABLE = "not applicable"


class SpliceModelUse(StrEnum):
    """How far the splice model is asked: not at all, its table only, or computed where the table says nothing."""

    OFF = "off"
    TABLE = "table"
    LIVE = "live"


class OutcomeKind(StrEnum):
    """What the RNA may look like."""

    AS_NAMED = "spliced as before"
    EXON_SKIPPED = "exon skipped"
    INTRON_RETAINED = "intron retained"
    CRYPTIC_DONOR = "cryptic donor used"
    CRYPTIC_ACCEPTOR = "cryptic acceptor used"
    TANDEM_EXON = "exon twice"


@dataclass(frozen=True, slots=True)
class RnaOutcome:
    """One way in which the RNA may be spliced.

    ``number`` is the exon or intron concerned, ``bases`` by how many the coding RNA grows
    (negative: shrinks), ``position`` the border that is used, on the chromosome, where it
    is a cryptic one; ``score`` is the splice model's probability for that border.
    """

    kind: OutcomeKind
    number: int
    bases: int
    position: int | None = None
    score: float | None = None
    text: str = ""

    def __str__(self) -> str:
        """Say it in words."""
        return self.text or f"{self.kind} ({self.number})"


class Decay(StrEnum):
    """Whether nonsense-mediated decay of the RNA is expected, and if not, by which rule it escapes."""

    EXPECTED = "expected"
    LAST_EXON = "escapes: last exon"
    FIFTY_NT = "escapes: 50 nt"
    NEAR_START = "escapes: near the start"
    LONG_EXON = "escapes: long exon"
    UNKNOWN = "not known"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class DecayCall:
    """The call on nonsense-mediated decay with the distances that it rests on, in nucleotides.

    ``stop_to_last_junction_nt`` counts from the last base of the stop codon and is negative
    where the stop lies behind the last junction; ``start_to_stop_nt`` is the length of the open
    reading frame in front of the stop, ``stop_exon_nt`` that of the exon that holds the new
    stop. ``None`` where not known. The call is `Decay.UNKNOWN` where the frame is lost and the
    place of the stop is not known.
    """

    call: Decay = Decay.NOT_APPLICABLE
    stop_to_last_junction_nt: int | None = None
    start_to_stop_nt: int | None = None
    stop_exon_nt: int | None = None


SPLICE_TERMS = frozenset(
    {
        "splice_acceptor_variant",
        "splice_donor_variant",
        "splice_donor_5th_base_variant",
        "splice_region_variant",
        "splice_donor_region_variant",
        "splice_polypyrimidine_tract_variant",
    }
)
"""The Sequence Ontology's terms for a change at a splice site or in its neighbourhood."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a variant does to transcript and protein.

    ``terms`` are Sequence Ontology terms as Ensembl VEP names them, most severe first;
    ``consequence`` joins them with commas. ``label_check`` is "" when no label was
    given, "agrees", or a sentence that explains the difference. ``isoform`` names the
    RNA event of the target that this is; ``same_product_as`` the one that has the
    same protein product, however the variant was written. ``alternatives`` are what could
    follow instead, as possibilities (an exon skipped, an intron retained), each a full
    consequence with ``outcome`` set; ``alternatives_complete`` says whether nothing else is possible.
    ``splice_changes`` says what happens to each splice site, ``splicing`` what was looked
    at to know, ``splice_context`` how many of the 5,000 bases before and after the change the
    splice model could see. ``decay`` is the call on nonsense-mediated decay. ``notes`` are sentences for
    people; nothing is decided by them. ``vep_protein_position`` and ``vep_amino_acids`` are what VEP prints
    for the variant as written, not 3'-shifted; "" where it prints none. Of several changes on one
    allele, ``members`` are the changes as given, each alone, and ``parts`` those of the product that
    stand apart in it, where there is more than one; changes that bear on each other are one part.
    ``other_allele`` is what the variant's other allele does, where that is known.
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
    outcome: RnaOutcome | None = None
    notes: tuple[str, ...] = ()
    alternatives: tuple[Consequence, ...] = field(default=())
    vep_protein_position: str = ""
    vep_amino_acids: str = ""
    splice_changes: tuple[SpliceChange, ...] = ()
    splicing: SplicingLook = SplicingLook.NOT_APPLICABLE
    alternatives_complete: bool = True
    decay: DecayCall = DecayCall()
    same_product_as: str = ""
    splice_context: tuple[int, int] | None = None
    members: tuple[Consequence, ...] = ()
    parts: tuple[Consequence, ...] = ()
    other_allele: Consequence | None = None

    @property
    def changes(self) -> tuple[ProteinChange, ...]:
        """What became of the protein: of several changes that stand apart each, else the one."""
        return tuple(part.change for part in self.parts) or (self.change,)

    @property
    def consequence(self) -> str:
        """The Sequence Ontology terms, joined with commas."""
        return ",".join(self.terms)

    @property
    def near_splice_site(self) -> bool:
        """Whether the change lies at a splice site or in its neighbourhood, harmed or not."""
        return not SPLICE_TERMS.isdisjoint(self.terms)

    @property
    def scenario(self) -> str:
        """What the RNA looks like, in words; "" where it is spliced as before."""
        return "" if self.outcome is None else str(self.outcome)
