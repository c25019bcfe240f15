"""What the structure of CD19 with B43 shows (Teplyakov et al., Proteins 2018, 86:495; wwPDB 6AL5)."""

from __future__ import annotations

import pytest

from epitope.structure import Complex, ResidueId, bundled_structure, read_complex
from epitope.target import load_target


@pytest.fixture(scope="module")
def cx() -> Complex:
    return read_complex(bundled_structure(), load_target())


def test_teplyakov2018_three_stretches_of_cd19_are_not_observed(cx: Complex) -> None:
    assert cx.gaps == ((40, 47), (138, 152), (177, 183))
    assert cx.construct == (21, 277)


def test_teplyakov2018_resolution_and_r_factors(cx: Complex) -> None:
    assert cx.metadata.method == "X-RAY DIFFRACTION"
    assert (cx.metadata.resolution_A, cx.metadata.r_work, cx.metadata.r_free) == (3.0, 0.189, 0.263)
    assert cx.metadata.space_group == "P 21 21 21"
    assert cx.metadata.doi == "10.1002/prot.25485"
    assert cx.id == "6AL5"


def test_teplyakov2018_asn138_is_engineered_to_gln(cx: Complex) -> None:
    assert [(e.position, e.reference, e.in_structure, e.note) for e in cx.engineered] == [
        (138, "N", "Q", "engineered mutation")
    ]


def test_teplyakov2018_sugars_on_asn86_and_asn125(cx: Complex) -> None:
    assert [(g.position, g.residue_name, g.linked_atom) for g in cx.glycans] == [
        (86, "NAG", "ND2"),
        (125, "NAG", "ND2"),
    ]


def test_residue_278_of_the_file_is_a_tag_and_not_pro278(cx: Complex) -> None:
    assert cx.tag == tuple(ResidueId("A", number) for number in range(278, 286))
    rows = cx.numbering[(cx.numbering["chain"] == "A") & cx.numbering["tag"]]
    assert "".join(rows["residue"]) == "GSHHHHHH"
    assert "".join(rows.loc[rows["observed"], "residue"]) == "GSHHHHH"
    assert rows["uniprot_position"].isna().all()
    assert 278 not in cx.resindex_by_position


def test_the_first_residue_of_the_heavy_chain_is_pyroglutamate_a_former_gln(cx: Complex) -> None:
    first = cx.numbering[cx.numbering["chain"] == "H"].iloc[0]
    assert (first["residue_name"], first["residue"], first["observed"]) == ("PCA", "Q", True)


def test_cd19_has_36_truncated_side_chains_and_its_tag_two_more(cx: Complex) -> None:
    chain = cx.numbering[(cx.numbering["chain"] == "A") & cx.numbering["observed"]]
    truncated = chain[~chain["side_chain_complete"].astype(bool)]
    assert truncated.loc[~truncated["tag"], "uniprot_position"].size == 36
    assert truncated.loc[truncated["tag"], "author_number"].tolist() == [279, 284]
    assert {229, 231, 233} <= set(truncated["uniprot_position"].dropna())


def test_unobserved_residues_of_the_fab(cx: Complex) -> None:
    table = cx.numbering[~cx.numbering["observed"]]
    assert table.loc[table["chain"] == "L", "author_number"].tolist() == [218]
    assert table.loc[table["chain"] == "H", "author_number"].tolist() == [*range(140, 145), *range(228, 234)]


def test_cdrs_of_b43_in_imgt_numbering(cx: Complex) -> None:
    regions = cx.cdrs.groupby("region")["residue"].agg("".join)
    assert regions["CDR-H3"] == "ARRETTTVGRYYYAMDY"
    assert regions["CDR-H2"] == "IWPGDSDT"
    assert regions["CDR-L1"] == "QSVDYSGDSY"
    assert regions["CDR-L3"] == "QQSTENPWT"
