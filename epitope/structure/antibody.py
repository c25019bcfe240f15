"""Which chains are antibody, and which of their residues are CDRs.

Variable domains are recognised and numbered from sequence alone by immunum, in the IMGT
scheme (Lefranc et al., Dev Comp Immunol 2003, 27:55). An scFv has two domains in one
chain. T-cell receptors are recognised too, and not numbered. Not for constant domains, and
not for the single domains of sharks (VNAR), which immunum does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from epitope.structure.model import ChainRole

if TYPE_CHECKING:
    import pandas as pd

CDR_COLUMNS = ("chain", "author_number", "insertion_code", "residue", "resindex", "imgt", "region")

# IMGT-ONTOLOGY bounds, the same for every variable domain (Lefranc et al. 2003).
_REGIONS = (
    ("FR", 1, 26),
    ("CDR", 27, 38),
    ("FR", 39, 55),
    ("CDR", 56, 65),
    ("FR", 66, 104),
    ("CDR", 105, 117),
    ("FR", 118, 128),
)


@dataclass(frozen=True, slots=True)
class VariableDomain:
    """A variable domain found in a sequence.

    ``start`` and ``end`` are 0-based indices into the sequence, both included; ``imgt`` is
    the IMGT position of each residue between them ("111A" where there is an insertion).
    """

    role: ChainRole
    start: int
    end: int
    imgt: tuple[str, ...]
    confidence: float

    @property
    def regions(self) -> tuple[str, ...]:
        """The region of each residue: FR-H1, CDR-H1 … FR-L4."""
        letter = "H" if self.role is ChainRole.HEAVY else "L"
        return tuple(imgt_region(position, letter) for position in self.imgt)


@lru_cache(maxsize=256)
def variable_domains(sequence: str) -> tuple[VariableDomain, ...]:
    """Find the antibody variable domains of a sequence, in its order.

    Examples
    --------
    >>> vh = ("QVQLQQSGAELVRPGSSVKISCKASGYAFSSYWMNWVKQRPGQGLEWIGQIWPGDGDTNYNGKFKGKATLTADE"
    ...       "SSSTAYMQLSSLASEDSAVYFCARRETTTVGRYYYAMDYWGQGTTVTVSS")
    >>> [(domain.role.value, domain.start) for domain in variable_domains(vh)]
    [('heavy', 0)]
    """
    import immunum

    roles = {"H": ChainRole.HEAVY, "K": ChainRole.LIGHT, "L": ChainRole.LIGHT}
    annotator = immunum.Annotator(chains=["ig"], scheme="imgt")
    domains = []
    for found in annotator.number_domains(sequence):
        if found.error is None and found.chain in roles:
            numbers = tuple(found.numbering)
            role = roles[found.chain]
            domains.append(VariableDomain(role, found.query_start, found.query_end, numbers, float(found.confidence)))
    return tuple(domains)


@lru_cache(maxsize=256)
def receptor_domains(sequence: str) -> tuple[str, ...]:
    """Name the T-cell receptor variable domains of a sequence: A, B, G or D.

    Examples
    --------
    >>> receptor_domains("EAAVTQSPRNKVAVTGGKVTLSCNQTNNHNNMYWYRQDTGHGLRLIHYSYGAGSTEKGDIPDGYKASRPSQENFSLIL"
    ...                  "ELATPSQTSVYFCASGGGGTLYFGAGTRLSVL")
    ('B',)
    """
    import immunum

    annotator = immunum.Annotator(chains=["tcr"], scheme="imgt")
    return tuple(found.chain for found in annotator.number_domains(sequence) if found.error is None)


def imgt_region(position: str, letter: str) -> str:
    """Name the region of an IMGT position of a heavy (H) or light (L) chain.

    Examples
    --------
    >>> imgt_region("111A", "H")
    'CDR-H3'
    """
    number = int(position.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for index, (kind, first, last) in enumerate(_REGIONS):
        if first <= number <= last:
            return f"{kind}-{letter}{index // 2 + 1}"
    return ""


def cdr_table(numbering: pd.DataFrame, chains: Sequence[str]) -> pd.DataFrame:
    """Give every residue of the variable domains its IMGT number and region.

    Parameters
    ----------
    numbering
        The numbering of a `Complex`, one row per residue, observed or not.
    chains
        Author names of the antibody chains.

    Returns
    -------
    pandas.DataFrame
        One row per residue of a variable domain, observed or not, in the order of chain
        and sequence, with the columns of `CDR_COLUMNS`. ``region`` is FR-H1, CDR-H1, …
        FR-H4 or the same with L; ``imgt`` is text, "111A" where there is an insertion.
    """
    import pandas as pd

    parts = []
    for chain in dict.fromkeys(chains):
        rows = numbering[numbering["chain"] == chain]
        for domain in variable_domains("".join(rows["residue"])):
            part = rows.iloc[domain.start : domain.end + 1]
            parts.append(part.assign(imgt=domain.imgt, region=domain.regions)[list(CDR_COLUMNS)])
    if not parts:
        return pd.DataFrame(columns=list(CDR_COLUMNS))
    return pd.concat(parts, ignore_index=True)
