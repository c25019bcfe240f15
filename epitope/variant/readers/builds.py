"""Which genome build a file speaks of, told by names and lengths of chromosomes, and by where its records lie.

Serves the readers of VCF files, tables and junction files, which must not take GRCh37
positions for those of the target's assembly. Not for lifting positions over.
"""

from __future__ import annotations

import re

from epitope.target.model import OtherAssembly, Transcript

# Chromosome lengths of GRCh37, as the assembly report GCF_000001405.25 lists them.
GRCH37_LENGTHS = {
    "1": 249250621,
    "2": 243199373,
    "3": 198022430,
    "4": 191154276,
    "5": 180915260,
    "6": 171115067,
    "7": 159138663,
    "8": 146364022,
    "9": 141213431,
    "10": 135534747,
    "11": 135006516,
    "12": 133851895,
    "13": 115169878,
    "14": 107349540,
    "15": 102531392,
    "16": 90354753,
    "17": 81195210,
    "18": 78077248,
    "19": 59128983,
    "20": 63025520,
    "21": 48129895,
    "22": 51304566,
    "X": 155270560,
    "Y": 59373566,
}
# The names under which each build goes about in headers and tables. Short names must not be the end
# of another word: "paths1" is no T2T genome.
BUILD_NAMES = {
    "GRCh38": re.compile(
        r"grch38|hg38|(?<![a-z0-9])(hs38|b38(?!\d))|gca_000001405\.(1[5-9]|2\d)|gcf_000001405\.(2[6-9]|[34]\d)", re.I
    ),
    "GRCh37": re.compile(
        r"grch37|hg19|(?<![a-z0-9])(hs37|b37(?!\d))|human_g1k_v37|"
        r"gca_000001405\.(\d|1[0-4])(?!\d)|gcf_000001405\.(1\d|2[0-5])",
        re.I,
    ),
    "NCBI36": re.compile(r"ncbi36|hg18|human_b36", re.I),
    "T2T-CHM13": re.compile(r"chm13|(?<![a-z0-9])hs1(?![0-9])", re.I),
}
# How the column NCBI_Build of a MAF writes them.
_BUILD_NUMBERS = {"38": "GRCh38", "37": "GRCh37", "36": "NCBI36"}
# The gene lies elsewhere if at most this share of the reference alleles that can be checked
# contradict it; by chance three of four single bases do. The project's own choice.
MAX_MISFIT = 0.1


def contig_names(transcript: Transcript) -> tuple[str, ...]:
    """Return the names a file may use for the transcript's chromosome.

    With and without ``chr`` (``Chr``, ``CHR``), and the accessions of RefSeq and GenBank with their version.
    """
    bare = transcript.chromosome.removeprefix("chr")
    return (f"chr{bare}", bare, f"Chr{bare}", f"CHR{bare}", *_accessions(transcript))


def _accessions(transcript: Transcript) -> tuple[str, ...]:
    """Return the accessions of the transcript's chromosome that are known."""
    return tuple(name for name in (transcript.chromosome_accession, transcript.chromosome_genbank) if name)


def other_build_prefixes(transcript: Transcript) -> tuple[str, ...]:
    """Return what the accessions of the chromosome begin with, in any version."""
    return tuple(f"{name.split('.', maxsplit=1)[0]}." for name in _accessions(transcript))


def is_other_build(contig: str, transcript: Transcript) -> bool:
    """Say whether a contig is the transcript's chromosome in another build's accession."""
    return contig not in _accessions(transcript) and contig.startswith(other_build_prefixes(transcript))


def names_own_build(contig: str, transcript: Transcript) -> bool:
    """Say whether the name of a contig fixes the build: an accession with its version does."""
    return contig in _accessions(transcript)


def build_by_length(contig: str, length: int, transcript: Transcript) -> str | None:
    """Return the build that a contig length gives away, if it is not the transcript's.

    ``None`` means that nothing speaks against the transcript's assembly.
    """
    if contig in contig_names(transcript) and length == transcript.chromosome_length:
        return None
    if length in GRCH37_LENGTHS.values() and transcript.assembly != "GRCh37":
        return "GRCh37"
    return "another build" if contig in contig_names(transcript) else None


def builds_named(text: str) -> list[str]:
    """Return the builds whose names occur in a header line.

    Examples
    --------
    >>> builds_named("##reference=file:///refs/hg19.fa")
    ['GRCh37']
    """
    return [build for build, pattern in BUILD_NAMES.items() if pattern.search(text)]


def build_of_cell(cell: str) -> str:
    """Return the build that a cell of a table names, "" for none.

    Examples
    --------
    >>> build_of_cell("37"), build_of_cell("hg38"), build_of_cell("")
    ('GRCh37', 'GRCh38', '')
    """
    text = cell.strip()
    return _BUILD_NUMBERS.get(text) or next(iter(builds_named(text)), "")


class Elsewhere:
    """Counts the records of a file that lie where the gene is on another assembly, and holds their bases against it.

    Serves files that do not say which build they are of.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._fits: dict[tuple[int, str], bool | None] = {}
        self._first: tuple[OtherAssembly, int, str] | None = None

    def see(self, where: str, position: int, reference: str) -> None:
        """Take note of a record; ``where`` names its place in the file."""
        other = self.transcript.elsewhere(position, position + max(len(reference), 1) - 1)
        if other is None:
            return
        known = self.transcript.genomic_bases(position - other.offset, len(reference))
        fits = known == reference.upper() if known else None
        self._fits[position, reference] = fits
        if self._first is None and fits is not False:
            self._first = (other, position, where)

    def complaint(self, gene: str) -> tuple[str, str] | None:
        """Say where and why the file is of another build, ``None`` where nothing speaks for that."""
        judged = [fits for fits in self._fits.values() if fits is not None]
        if self._first is None or judged.count(False) > MAX_MISFIT * len(judged):
            return None
        other, position, where = self._first
        fit = f"; {judged.count(True)} of {len(judged)} reference alleles fit there" if judged else ""
        return where, (
            f"{self.transcript.chromosome}:{position} lies in {gene} on {other.name} "
            f"({other.gene_start}-{other.gene_end}){fit}, and nothing says that the file is on "
            f"{self.transcript.assembly}; lift the file over, or name the build in it if it is on "
            f"{self.transcript.assembly}"
        )
