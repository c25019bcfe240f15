"""Roles from sequences and contacts alone: small made-up complexes of real variable domains, and 6AL5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import gemmi
import numpy as np
import pytest

from epitope.errors import StructureError
from epitope.structure import bundled_structure, read_complex
from epitope.structure.model import PartnerKind, ResidueId
from epitope.structure.numbering import ChainSequence
from epitope.structure.partners import ChainContacts
from epitope.structure.roles import Chosen, Roles, choose_roles
from epitope.target import Target
from tests.structure.conftest import copy_chains, fuse_to_scfv, keep_chains, source_files

# Variable domains: B43 (6AL5), trastuzumab, a camel's, T-cell receptor 1G4; and other proteins.
VH = (
    "QVQLQQSGAELVRPGSSVKISCKASGYAFSSYWMNWVKQRPGQGLEWIGQIWPGDGDTNYNGKFKGKATLTADE"
    "SSSTAYMQLSSLASEDSAVYFCARRETTTVGRYYYAMDYWGQGTTVTVSS"
)
VL = "DIQMTQSPSSLSASVGDRVTITCRASQDVNTAVAWYQQKPGKAPKLLIYSASFLYSGVPSRFSGSRSGTDFTLTISSLQPEDFATYYCQQHYTTPPTFGQGTKVEIK"
VHH = (
    "QVQLVESGGGLVQAGGSLRLSCAASGRTFSSYAMGWFRQAPGKEREFVAAISWSGGSTYYADSVKGRFTISRDNA"
    "KNTVYLQMNSLKPEDTAVYYCAADLGTVRVTPYEYDYWGQGTQVTVSS"
)
V_ALPHA = (
    "KQEVTQIPAALSVPEGENLVLNCSFTDSAIYNLQWFRQDPGKGLTSLLLIQSSQREQTSGRLNASLDKSSGRSTL"
    "YIAASQPGDSATYLCAVRPTSGGSYIPTFGRGTSLIVHPY"
)
V_BETA = (
    "EAAVTQSPRNKVAVTGGKVTLSCNQTNNHNNMYWYRQDTGHGLRLIHYSYGAGSTEKGDIPDGYKASRPSQENFSLILELATPSQTSVYFCASGGGGTLYFGAGTRLSVL"
)
LYSOZYME = "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITA"
BARNASE = "AQVINTFDGVADYLQTYHKLPDNYITKSEAQALGWVASKGNLADVAPGKSIGGDIFSNREGKLPGKSGRTWREADINYTSGFRNSDRILY"

# Where two chains name the same site they touch there, with 25 pairs of atoms each time.
Sites = Mapping[str, tuple[str, str]]


def chain_of(name: str, letters: str, unseen: int = 0) -> ChainSequence:
    n = len(letters)
    names = tuple(gemmi.expand_one_letter_sequence(letters, gemmi.ResidueKind.AA))
    return ChainSequence(
        name,
        names,
        tuple(range(1, n + 1)),
        tuple(ResidueId(name, i) for i in range(1, n + 1)),
        tuple(-1 if i < unseen else i for i in range(n)),
        tuple(("CA",) for _ in range(n)),
    )


def roles(
    complexes: Sites,
    *,
    unseen: Mapping[str, int] = {},
    mean_b: Mapping[str, float] = {},
    target_chains: list[str] | None = None,
    **chosen: object,
) -> Roles:
    """Choose roles of chains given as name: (sequence, the letters of its sites)."""
    spots = sorted({site for _, sites in complexes.values() for site in sites})

    def coordinates(name: str) -> np.ndarray:
        places = [100.0 * spots.index(site) for site in complexes[name][1]]
        return np.array([[x, 0.1 * i, 0.0] for x in places for i in range(5)] or [[1e6 + 100 * ord(name[0]), 0, 0]])

    return choose_roles(
        [chain_of(name, letters, unseen.get(name, 0)) for name, (letters, _) in complexes.items()],
        ChainContacts(coordinates, lambda name: mean_b.get(name, 20.0)),
        Chosen(**chosen),  # type: ignore[arg-type]
        target_chains=target_chains,
        where="x.pdb",
    )


FAB = {"H": (VH, "px"), "L": (VL, "p")}


@pytest.mark.parametrize(
    ("complexes", "antigen", "kinds"),
    [
        ({**FAB, "A": (LYSOZYME, "x")}, ("A",), {PartnerKind.ANTIBODY: ("H", "L")}),
        ({"A": (LYSOZYME, "x"), "B": (VHH, "x")}, ("A",), {PartnerKind.SINGLE_DOMAIN: ("B",)}),
        (
            {"A": (LYSOZYME, "x"), "S": (VH + "GGGGSGGGGSGGGGS" + VL, "x")},
            ("A",),
            {PartnerKind.SCFV: ("S",)},
        ),
        (
            {**FAB, "A": (LYSOZYME, "xy"), "N": (VHH, "y")},
            ("A",),
            {PartnerKind.ANTIBODY: ("H", "L"), PartnerKind.SINGLE_DOMAIN: ("N",)},
        ),
        (
            {
                "M": (BARNASE, "xmb"),
                "B": (LYSOZYME, "b"),
                "P": ("SLLMWITQC", "ym"),
                "D": (V_ALPHA, "xt"),
                "E": (V_BETA, "yt"),
            },
            ("M", "P"),
            {PartnerKind.T_CELL_RECEPTOR: ("D", "E")},
        ),
    ],
    ids=["Fab", "VHH", "scFv", "two antibodies", "TCR and peptide-MHC"],
)
def test_antigen_and_partners_are_found_without_a_target(
    complexes: Sites, antigen: tuple[str, ...], kinds: dict[PartnerKind, tuple[str, ...]]
) -> None:
    found = roles(complexes)
    assert found.antigen == antigen
    assert {partner.kind: partner.chains for partner in found.partners} == kinds


COPIES = {
    "A": (LYSOZYME, "x"),
    "H": (VH, "xp"),
    "L": (VL, "p"),
    "B": (LYSOZYME, "y"),
    "I": (VH, "yq"),
    "M": (VL, "q"),
}


@pytest.mark.parametrize(
    ("seen", "antigen", "why"),
    [
        ({}, ("A", "H", "L"), "lowest mean B-factor (20.0 Å²)"),
        ({"unseen": {"A": 3}}, ("B", "I", "M"), "with the most residues observed (321)"),
        ({"unseen": {"H": 3}}, ("B", "I", "M"), "with the most residues observed"),
        ({"mean_b": {"A": 50.0}}, ("B", "I", "M"), "lowest mean B-factor (20.0 Å²) among those with 321"),
        ({"unseen": {"A": 1}, "mean_b": {"B": 90.0}}, ("B", "I", "M"), "with the most residues observed"),
    ],
)
@pytest.mark.parametrize("target_chains", [None, ["A", "B"]])
def test_of_several_copies_the_best_observed_is_taken_and_said(
    seen: dict[str, dict[str, float]], antigen: tuple[str, str, str], why: str, target_chains: list[str] | None
) -> None:
    found = roles(COPIES, target_chains=target_chains, **seen)  # type: ignore[arg-type]
    assert (*found.antigen, *found.heavy, *found.light) == antigen
    assert set(found.copies) == {"A", "B"}
    assert any("of the copies A, B of the antigen" in reason and why in reason for reason in found.reasons)


def test_a_copy_without_its_antibody_is_not_chosen_however_well_it_is_observed() -> None:
    lonely = {name: value for name, value in COPIES.items() if name not in "IM"}
    assert roles(lonely, unseen={"A": 40}).antigen == ("A",)


def test_a_dimer_that_shares_the_interface_is_antigen_together() -> None:
    found = roles({"H": (VH, "pxy"), "L": (VL, "p"), "V": (LYSOZYME, "xd"), "W": (LYSOZYME, "yd")})
    assert (found.antigen, found.copies) == (("V", "W"), ())
    assert roles({"H": (VH, "pxy"), "L": (VL, "p"), "V": (LYSOZYME, "x"), "W": (LYSOZYME, "y")}).antigen == ("V",)


def test_of_an_antibody_against_an_antibody_the_antigen_must_be_named() -> None:
    pair = {"A": (VL, "p"), "B": (VH, "px"), "D": (VHH, "x")}
    with pytest.raises(StructureError, match=r"antibody BA is bound to antibody D.*--antigen B,A --antibody D, or the"):
        roles(pair)
    found = roles(pair, antigen="D", antibody="AB")
    assert (found.antigen, found.heavy, found.light) == (("D",), ("B",), ("A",))
    turned = roles(pair, antigen=["B", "A"], antibody=["D"])
    assert (turned.antigen, turned.heavy) == (("B", "A"), ("D",))


def test_a_domain_that_is_not_recognised_as_an_antibody_is_asked_for_by_name() -> None:
    shark = (
        "ARVDQTPRIATKETGESLTINCVLRDTACALDSTNWYRTKLGSTKEQTISIGGRYSETVDEGSNSASLTIRDLRVEDSGTYKCKAYRRCAFNTGVGYKEGAGTVLTVK"
    )
    pair = {"N": (shark, "x"), "L": (LYSOZYME, "x")}
    with pytest.raises(StructureError, match=r"no antibody .* name the antigen and what binds it, such as --antigen"):
        roles(pair)
    found = roles(pair, antigen="L", antibody="N")
    assert (found.antigen, found.others) == (("L",), ("N",))
    assert roles(pair, antibody="N").antigen == ("L",)


def test_an_antigen_that_was_named_alone_is_looked_at_and_its_neighbours_are_said() -> None:
    found = roles({"A": (LYSOZYME, "xb"), "B": (BARNASE, "b")}, antigen="A")
    assert (found.antigen, found.partners) == (("A",), ())
    assert "in touch with the antigen: B (90 residues); if these bind it, give --antigen A" in found.warnings[0]
    assert roles({"A": (LYSOZYME, "x")}, antigen="A").warnings == ()


@pytest.mark.parametrize(
    ("complexes", "words"),
    [
        (
            {"A": (LYSOZYME, "x"), "B": (BARNASE, "x")},
            "no antibody or T-cell receptor .* A \\(90 residues\\), B .*such as --antigen A --antibody B",
        ),
        (
            {**FAB, "A": (LYSOZYME, "z")},
            "antibody HL touches none of its other chains A .*; name the antigen",
        ),
        (FAB, "antibody HL is alone, no other protein chain is there; give"),
        (
            {**FAB, "A": (LYSOZYME, "x"), "B": (BARNASE, "y"), "N": (VHH, "y")},
            r"holds two antigens, A \(90 residues\) bound by HL and B \(90 residues\) bound by N; say which",
        ),
        (
            {"H": (VH, "pxy"), "L": (VL, "p"), "A": (LYSOZYME, "x"), "B": (BARNASE, "y")},
            "holds two antigens, A .* and B .* bound by HL",
        ),
    ],
    ids=["no antibody", "no contact", "antibody alone", "two complexes", "one antibody on two"],
)
def test_what_cannot_be_decided_is_refused_in_one_line(complexes: Sites, words: str) -> None:
    with pytest.raises(StructureError, match=words) as caught:
        roles(complexes)
    assert str(caught.value).startswith("x.pdb: ")
    assert "\n" not in str(caught.value)


def test_two_antigens_are_no_obstacle_where_one_is_named() -> None:
    two = {**FAB, "A": (LYSOZYME, "x"), "B": (BARNASE, "y"), "N": (VHH, "y")}
    found = roles(two, antigen=["B"])
    assert (found.antigen, found.heavy, found.light) == (("B",), ("N",), ())


def test_an_antibody_that_does_not_touch_the_target_is_refused_unless_it_is_named() -> None:
    apart = {**FAB, "A": (LYSOZYME, "z")}
    with pytest.raises(StructureError, match=r"no contact: antibody HL and antigen A \(90 residues\)"):
        roles(apart, target_chains=["A"])
    assert roles(apart, target_chains=["A"], heavy=["H"], light=["L"]).heavy == ("H",)
    assert roles(apart, target_chains=["A"], heavy=[], light=[]).partners == ()


RECEPTOR = {"A": (LYSOZYME, "xb"), "B": (BARNASE[::-1][:60], "b"), "C": (BARNASE, "x")}


@pytest.mark.parametrize(
    ("complexes", "sides", "antigen", "others", "heavy"),
    [
        (RECEPTOR, "AB:C", ("A", "B"), ("C",), ()),
        (RECEPTOR, "C:A,B", ("C",), ("A", "B"), ()),
        ({**FAB, "A": (LYSOZYME, "x")}, "A:HL", ("A",), (), ("H",)),
        ({**FAB, "A": (LYSOZYME, "x")}, "HL:A", ("A",), (), ("H",)),
        ({"AA": (LYSOZYME, "x"), "BB": (BARNASE, "x")}, "AA:BB", ("AA",), ("BB",), ()),
    ],
)
def test_sides_are_taken_as_given_and_the_antibody_is_never_the_antigen(
    complexes: Sites, sides: str, antigen: tuple[str, ...], others: tuple[str, ...], heavy: tuple[str, ...]
) -> None:
    found = roles(complexes, sides=sides)
    assert (found.antigen, found.others, found.heavy) == (antigen, others, heavy)


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ("AC", "write the chains of the two sides as A:HL or AB:C"),
        (":C", "write the chains of the two sides"),
        ("A:Q", "side's chain 'Q' is not in the structure; its protein chains are A"),
        ("AC:C", "chain C stands on both sides"),
        ("B:C", r"no contact: sides B \(60 residues\) and C \(90 residues\)"),
    ],
)
def test_sides_that_make_no_sense_are_refused_in_one_line(sides: str, words: str) -> None:
    with pytest.raises(StructureError, match=words):
        roles(RECEPTOR, sides=sides)


def test_6al5_is_understood_without_a_target(edited: Callable[..., Path]) -> None:
    found = read_complex(bundled_structure(), None)
    assert (found.antigen_chains, found.heavy_chains, found.light_chains) == (("A",), ("H",), ("L",))
    assert len(found.antigen.residues) == 234
    assert found.numbering["uniprot_position"].isna().all()
    with pytest.raises(StructureError, match="6AL5: was read without a target"):
        _ = found.target
    scfv = read_complex(edited(fuse_to_scfv), None)
    assert [(p.kind, p.chains) for p in scfv.roles.partners] == [(PartnerKind.SCFV, ("H",))]
    heavy_alone = read_complex(edited(keep_chains("A", "H")), None)
    assert [p.kind for p in heavy_alone.roles.partners] == [PartnerKind.SINGLE_DOMAIN]


def test_the_copy_with_more_residues_observed_is_taken_from_a_file(edited: Callable[..., Path], target: Target) -> None:
    def worse_first(structure: gemmi.Structure) -> None:
        copy_chains(structure, {"A": "X", "H": "Y", "L": "Z"}, (300, 0, 0))
        for index in range(30, 20, -1):
            del structure[0]["A"][index]

    path = edited(worse_first)
    for given in (target, None):
        found = read_complex(path, given)
        assert (found.antigen_chains, found.heavy_chains, found.light_chains) == (("X",), ("Y",), ("Z",))


@pytest.mark.parametrize("path", source_files("benchmarks/binding/skempi2_singles.tsv"))
def test_the_partitions_of_skempi_are_found(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.roles import main

    main(path.parents[1])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["   3  right: by itself", "  11  right: with its sides given, refused without"]
