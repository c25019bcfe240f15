"""A gene on the minus strand gives what the same gene gives on the plus strand.

The target is CD19 on a chromosome read from its other end: every base, exon and allele is
turned round, so every name on the transcript and every product must stay, and every name
on the chromosome must be the mirror of the other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import VariantError
from epitope.target import Target, load_target
from epitope.variant.hgvs.alleles import consequence_of
from epitope.variant.hgvs.transcript_map import transcript_map_of
from epitope.variant.model import Consequence
from tests.variant.test_round_trip import BASES, coding_changes

PLUS = load_target()
LENGTH = PLUS.transcript.chromosome_length
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A", "N": "N"}


def turned(bases: str) -> str:
    return "".join(COMPLEMENT[base] for base in reversed(bases))


def mirrored_target() -> Target:
    """Read CD19's chromosome from its other end."""
    transcript = PLUS.transcript
    exons = tuple(replace(e, start=LENGTH + 1 - e.end, end=LENGTH + 1 - e.start) for e in transcript.exons)
    last = transcript.genomic_start + len(transcript.genomic_sequence) - 1
    return replace(
        PLUS,
        known_transcript=replace(
            transcript,
            strand=-1,
            exons=exons,
            genomic_start=LENGTH + 1 - last,
            genomic_sequence=turned(transcript.genomic_sequence),
        ),
    )


MINUS = mirrored_target()
GENE, ORIGIN = PLUS.transcript.genomic_sequence, PLUS.transcript.genomic_start
# Chromosome positions of the gene, exons and introns, to exon 10.
POSITIONS = st.integers(ORIGIN + 90, ORIGIN + len(GENE) - 60)


def facts(found: Consequence) -> tuple[object, ...]:
    alternatives = [(item.hgvs_p, item.scenario) for item in found.alternatives]
    return found.hgvs_c, found.hgvs_p, found.change, found.exon, found.intron, alternatives


def edited(found: Consequence, target: Target) -> str:
    """Apply a g. name to the known bases of a target's chromosome, with nothing of the package."""
    sequence, origin = target.transcript.genomic_sequence, target.transcript.genomic_start
    match = re.fullmatch(r"NC_000016\.10:g\.(\d+)(?:_(\d+))?(.*)", found.hgvs_g)
    assert match is not None
    start, end = int(match[1]) - origin, int(match[2] or match[1]) - origin
    old, what = sequence[start : end + 1], match[3]
    if what.startswith("ins"):
        return sequence[: start + 1] + what[3:] + sequence[end:]
    if ">" in what:
        assert what[0] == old
    new = {"del": "", "dup": old * 2, "inv": turned(old), "=": old}.get(what, what.rpartition("ins")[2][-1000:])
    new = what[2:] if ">" in what else new
    return sequence[:start] + new + sequence[end + 1 :]


@settings(max_examples=400, deadline=None)
@given(coding_changes())
def test_a_coding_change_has_the_same_names_and_product_on_either_strand(text: str) -> None:
    plus, minus = consequence_of(text, PLUS), consequence_of(text, MINUS)
    assert facts(minus) == facts(plus)
    assert minus.terms == plus.terms
    again = consequence_of(minus.hgvs_g, MINUS)
    assert (again.hgvs_g, again.hgvs_c, again.hgvs_p) == (minus.hgvs_g, minus.hgvs_c, minus.hgvs_p)
    assert again.change == minus.change


@settings(max_examples=400, deadline=None)
@given(POSITIONS, st.integers(0, 30), st.one_of(st.just(""), BASES))
def test_a_change_of_the_chromosome_mirrors(start: int, size: int, new: str) -> None:
    old = GENE[start - ORIGIN : start - ORIGIN + size]
    if not old and not new:
        return
    spdi = f"NC_000016.10:{start - 1}:{old}:{new}"
    mirror = f"NC_000016.10:{LENGTH - start - size + 1}:{turned(old)}:{turned(new)}"
    plus, minus = consequence_of(spdi, PLUS), consequence_of(mirror, MINUS)
    assert facts(minus) == facts(plus)
    assert turned(edited(minus, MINUS)) == edited(plus, PLUS)


@settings(max_examples=400, deadline=None)
@given(POSITIONS, st.integers(1, 20), st.text("ACGT", max_size=10))
def test_vcf_alleles_are_read_behind_the_base_in_front_on_the_chromosome(start: int, size: int, new: str) -> None:
    # The plus strand of the minus-strand gene's chromosome: anchor first, then the alleles.
    sequence, origin = MINUS.transcript.genomic_sequence, MINUS.transcript.genomic_start
    at = LENGTH + 1 - start - origin
    old = sequence[at : at + size]
    if old == new:
        return
    spdi = f"NC_000016.10:{at + origin - 1}:{old}:{new}"
    # Alleles of one length need no anchor, and VEP counts one that they have as changed.
    anchor = "" if len(old) == len(new) else sequence[at - 1]
    vcf = f"chr16-{at + origin - len(anchor)}-{anchor}{old}-{anchor}{new}"
    by_spdi, by_vcf = consequence_of(spdi, MINUS), consequence_of(vcf, MINUS)
    assert (facts(by_vcf), by_vcf.hgvs_g) == (facts(by_spdi), by_spdi.hgvs_g)


def test_names_shift_towards_the_3_prime_end_of_their_own_strand() -> None:
    plus, minus = consequence_of("c.180_182del", PLUS), consequence_of("c.180_182del", MINUS)
    assert plus.hgvs_c == minus.hgvs_c == "c.183_185del"
    # CC-CTT-C-TTA: the most 3' place on the other strand is the most 5' place here, c.180_182.
    start = LENGTH + 1 - transcript_map_of(PLUS).to_genome(182)
    assert minus.hgvs_g == f"NC_000016.10:g.{start}_{start + 2}del"


def test_a_wrong_reference_base_is_named_as_it_stands_on_the_chromosome() -> None:
    position = LENGTH + 1 - 28933043
    with pytest.raises(VariantError) as caught:
        consequence_of(f"chr16:g.{position}G>T", MINUS)
    assert f"the reference at g.{position} is C (CD19, NC_000016.10), not G" in str(caught.value)


def test_flanks_lie_on_the_right_side() -> None:
    first, last = LENGTH + 1 - 28931971, LENGTH + 1 - 28939342
    assert consequence_of(f"chr16:g.{first + 200}del", MINUS).consequence == "upstream_gene_variant"
    assert consequence_of(f"chr16:g.{last - 200}del", MINUS).consequence == "downstream_gene_variant"
    assert consequence_of(f"chr16:g.{last}del", MINUS).hgvs_c == "c.*217del"


TINY = """\
name = "Tiny"
gene = "TINY"
uniprot_id = "P00000"
uniprot_name = "TINY_HUMAN"
version = "1"
length = 3
sequence_sha256 = "{digest}"
sequences = "tiny.fa"
[transcript]
accession = "NM_1.1"
ensembl = "ENST1"
assembly = "GRCh38"
chromosome = "chr1"
chromosome_accession = "NC_000001.11"
chromosome_length = 1000
strand = -1
coding_record = "cds"
genomic_record = "genome"
genomic_start = 101
source = "paper"
exons = [[1, 141, 145], [2, 125, 132, 1, 6], [3, 111, 118, 7, 12]]
[[epitopes]]
binder = "Ab"
source = "paper"
loops = [{{ name = "all", start = 1, end = 3 }}]
[sources.paper]
citation = "A paper"
"""


def test_a_minus_strand_file_with_an_exon_of_5_prime_utr_is_loaded_and_read(tmp_path: Path) -> None:
    import hashlib

    # Along the gene: 5' UTR exon, intron, UTR + ATGTGC, intron, AAATGA + UTR.
    gene = "GGCAT" + "GTCCCCAG" + "AC" + "ATGTGC" + "GTTAAG" + "AAATGA" + "CC" + "TTTTTTTTTT"
    genome = turned(gene)
    (tmp_path / "tiny.fa").write_text(f">cds\nATGTGCAAATGA\n>genome\n{genome}\n")
    (tmp_path / "tiny.toml").write_text(TINY.format(digest=hashlib.sha256(b"MCK").hexdigest()))
    tiny = load_target(tmp_path / "tiny.toml")
    reference = transcript_map_of(tiny)
    assert (reference.utr5, reference.utr5_length, reference.utr3_length) == ("GGCATAC", 7, 2)
    assert [reference.coding_name(at) for at, _ in reference.exons] == ["-7", "-2", "7"]
    found = consequence_of("c.6C>A", tiny)
    assert (found.hgvs_p, found.exon) == ("p.Cys2Ter", "2/3")
    assert found.hgvs_g == "NC_000001.11:g.125G>T"
    assert consequence_of("NM_1.1:n.8A>G", tiny).hgvs_c == "c.1A>G"
    assert consequence_of("c.-3+1G>A", tiny).hgvs_g == "NC_000001.11:g.140C>T"
    wrong = genome.replace(turned("ATGTGC"), turned("ATGTGG"))
    (tmp_path / "tiny.fa").write_text(f">cds\nATGTGCAAATGA\n>genome\n{wrong}\n")
    from epitope.errors import TargetError

    with pytest.raises(TargetError, match="differs from the coding sequence in exon 2"):
        load_target(tmp_path / "tiny.toml")
