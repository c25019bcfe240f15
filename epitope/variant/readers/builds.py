"""Which genome build a file speaks of, told by names and lengths of chromosomes.

Serves the readers of VCF and junction files, which must not take GRCh37 positions for
those of the target's assembly. Not for lifting positions over.
"""

from __future__ import annotations

import re

from epitope.target.model import Transcript

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
# The names under which each build goes about in headers.
BUILD_NAMES = {
    "GRCh38": re.compile(r"grch38|hg38|hs38|b38|gca_000001405\.(1[5-9]|2\d)|gcf_000001405\.(2[6-9]|[34]\d)", re.I),
    "GRCh37": re.compile(
        r"grch37|hg19|hs37|(?<![a-z0-9])b37|human_g1k_v37|gca_000001405\.(\d|1[0-4])(?!\d)|gcf_000001405\.(1\d|2[0-5])",
        re.I,
    ),
    "NCBI36": re.compile(r"ncbi36|hg18|human_b36", re.I),
    "T2T-CHM13": re.compile(r"chm13|hs1(?![0-9])", re.I),
}


def contig_names(transcript: Transcript) -> tuple[str, ...]:
    """Return the names a file may use for the transcript's chromosome.

    With and without ``chr``, and the RefSeq accession with its version.
    """
    bare = transcript.chromosome.removeprefix("chr")
    return (f"chr{bare}", bare, transcript.chromosome_accession)


def is_other_build(contig: str, transcript: Transcript) -> bool:
    """Say whether a contig is the transcript's chromosome in another build's accession."""
    accession = transcript.chromosome_accession
    return contig != accession and contig.startswith(accession.split(".")[0] + ".")


def build_by_length(contig: str, length: int, transcript: Transcript) -> str | None:
    """Return the build that a contig length gives away, if it is not the transcript's.

    ``None`` means that nothing speaks against the transcript's assembly.
    """
    bare = contig.removeprefix("chr")
    if contig in contig_names(transcript) and length == transcript.chromosome_length:
        return None
    if GRCH37_LENGTHS.get(bare) == length:
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
