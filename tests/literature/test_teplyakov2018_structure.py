"""What the structure of CD19 with B43 shows (Teplyakov et al., Proteins 2018, 86:495; wwPDB 6AL5)."""

from __future__ import annotations

import pytest

from epitope.structure import Complex, ResidueId, bundled_structure, read_complex
from epitope.target import load_target


@pytest.fixture(scope="module")
def structure() -> Complex:
    return read_complex(bundled_structure(), load_target())


def test_teplyakov2018_three_stretches_of_cd19_are_not_observed(structure: Complex) -> None:
    assert structure.gaps == ((40, 47), (138, 152), (177, 183))
    assert structure.construct == (21, 277)


def test_teplyakov2018_resolution_and_r_factors(structure: Complex) -> None:
    assert structure.metadata.method == "X-RAY DIFFRACTION"
    assert (structure.metadata.resolution_A, structure.metadata.r_work, structure.metadata.r_free) == (
        3.0,
        0.189,
        0.263,
    )
    assert structure.metadata.space_group == "P 21 21 21"
    assert structure.metadata.doi == "10.1002/prot.25485"
    assert structure.id == "6AL5"


def test_teplyakov2018_asn138_is_engineered_to_gln(structure: Complex) -> None:
    assert [(e.position, e.reference, e.in_structure, e.note) for e in structure.engineered] == [
        (138, "N", "Q", "engineered mutation")
    ]


def test_teplyakov2018_sugars_on_asn86_and_asn125(structure: Complex) -> None:
    assert [(g.position, g.residue_name, g.linked_atom) for g in structure.glycans] == [
        (86, "NAG", "ND2"),
        (125, "NAG", "ND2"),
    ]


def test_residue_278_of_the_file_is_a_tag_and_not_pro278(structure: Complex) -> None:
    assert structure.tag == tuple(ResidueId("A", number) for number in range(278, 286))
    rows = structure.numbering[(structure.numbering["chain"] == "A") & structure.numbering["tag"]]
    assert "".join(rows["residue"]) == "GSHHHHHH"
    assert "".join(rows.loc[rows["observed"], "residue"]) == "GSHHHHH"
    assert rows["uniprot_position"].isna().all()
    assert 278 not in structure.resindex_by_position


def test_the_first_residue_of_the_heavy_chain_is_pyroglutamate_a_former_gln(structure: Complex) -> None:
    first = structure.numbering[structure.numbering["chain"] == "H"].iloc[0]
    assert (first["residue_name"], first["residue"], first["observed"]) == ("PCA", "Q", True)


def test_cd19_has_36_truncated_side_chains_and_its_tag_two_more(structure: Complex) -> None:
    chain = structure.numbering[(structure.numbering["chain"] == "A") & structure.numbering["observed"]]
    truncated = chain[~chain["side_chain_complete"].astype(bool)]
    assert truncated.loc[~truncated["tag"], "uniprot_position"].size == 36
    assert truncated.loc[truncated["tag"], "author_number"].tolist() == [279, 284]
    assert {229, 231, 233} <= set(truncated["uniprot_position"].dropna())


def test_unobserved_residues_of_the_fab(structure: Complex) -> None:
    table = structure.numbering[~structure.numbering["observed"]]
    assert table.loc[table["chain"] == "L", "author_number"].tolist() == [218]
    assert table.loc[table["chain"] == "H", "author_number"].tolist() == [*range(140, 145), *range(228, 234)]


def test_cdrs_of_b43_in_imgt_numbering(structure: Complex) -> None:
    regions = structure.cdrs.groupby("region")["residue"].agg("".join)
    assert regions["CDR-H3"] == "ARRETTTVGRYYYAMDY"
    assert regions["CDR-H2"] == "IWPGDSDT"
    assert regions["CDR-L1"] == "QSVDYSGDSY"
    assert regions["CDR-L3"] == "QQSTENPWT"
