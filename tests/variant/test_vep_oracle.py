"""Every stored VEP call on this transcript, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from epitope.target import Target
from epitope.variant.hgvs.alleles import consequence_of

DATA = Path(__file__).parent.parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    table = [line.split("\t") for line in lines if not line.startswith("#")]
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


ROWS = rows("vep_orlando2018.tsv") + rows("vep_clinvar_2022-03.tsv")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['pos']}{row['ref'][:8]}-{row['alt'][:8]}")
def test_terms_exon_position_and_residues_are_those_of_vep(cd19: Target, row: dict[str, str]) -> None:
    found = consequence_of("-".join(row[key] for key in ("chrom", "pos", "ref", "alt")), cd19)
    assert found.consequence == row["vep_consequence"]
    assert (found.exon or "-") == row["exon"]
    assert (found.vep_protein_position or "-") == row["protein_position"]
    assert (found.vep_amino_acids or "-") == row["amino_acids"]
    if "hgvs_c" in row:
        assert found.hgvs_c == row["hgvs_c"].partition(":")[2]


# What VEP 105-108 prints for kinds of change that the stored calls do not hold.
OTHERS = {
    "c.88+1G>A": "splice_donor_variant",
    "c.88+3A>G": "splice_donor_region_variant,intron_variant",
    "c.88+5G>A": "splice_donor_5th_base_variant,intron_variant",
    "c.88+7A>G": "splice_region_variant,intron_variant",
    "c.88+9A>G": "intron_variant",
    "c.89-1G>A": "splice_acceptor_variant",
    "c.89-3C>G": "splice_region_variant,splice_polypyrimidine_tract_variant,intron_variant",
    "c.89-17C>G": "splice_polypyrimidine_tract_variant,intron_variant",
    "c.89-18C>G": "intron_variant",
    "c.86_88+2del": "splice_donor_variant,coding_sequence_variant",
    "c.86_88+3del": "splice_donor_variant,splice_donor_region_variant,coding_sequence_variant,intron_variant",
    "c.86_88+5del": "splice_donor_variant,splice_donor_5th_base_variant,coding_sequence_variant,intron_variant",
    "c.89-5_91del": "splice_acceptor_variant,splice_polypyrimidine_tract_variant,"
    "coding_sequence_variant,intron_variant",
    "c.1A>G": "start_lost",
    "c.1_3dup": "inframe_insertion",
    "c.2del": "frameshift_variant,start_lost",
    "c.-3_2del": "start_lost,5_prime_UTR_variant",
    "c.-10A>T": "5_prime_UTR_variant",
    "c.1669T>C": "stop_lost",
    "c.1671A>G": "stop_lost",
    "c.1670G>A": "stop_retained_variant",
    "c.1671del": "frameshift_variant,stop_lost",
    "c.1660_*5del": "stop_lost,3_prime_UTR_variant",
    "c.178_180delinsTGA": "stop_gained",
    "c.181_183delinsCTGCTG": "protein_altering_variant",
    "c.180_181insTAG": "stop_gained,inframe_insertion",
    "c.183_184insTAGA": "stop_gained,frameshift_variant",
    "c.180_185delinsAAA": "protein_altering_variant",
    "c.181_186delinsTTC": "inframe_deletion",
    "c.181_182delinsCA": "missense_variant",
    "c.183_184inv": "missense_variant",
    "chr16-28931900-C-A": "upstream_gene_variant",
    "chr16-28940000-A-G": "downstream_gene_variant",
    "chr16-10000-A-G": "intergenic_variant",
    "chr16:g.28931900_28939400del": "transcript_ablation",
}


def real(text: str, cd19: Target) -> str:
    """Put the true reference base into a substitution, so that only the place matters."""
    from epitope.errors import VariantError

    try:
        return consequence_of(text, cd19).consequence
    except VariantError:
        for base in "ACGT":
            head, _, alternate = text.partition(">")
            if base == alternate:
                continue
            try:
                return consequence_of(f"{head[:-1]}{base}>{alternate}", cd19).consequence
            except VariantError:
                continue
        other = {"A": "C", "C": "A", "G": "C", "T": "A"}
        return real(f"{text[:-1]}{other[text[-1]]}", cd19)


@pytest.mark.parametrize(("text", "terms"), OTHERS.items())
def test_terms_follow_vep_elsewhere_too(cd19: Target, text: str, terms: str) -> None:
    found = consequence_of(text, cd19).consequence if ">" not in text else real(text, cd19)
    assert found == terms
