"""Roles, numbers and what was not observed, on 6AL5 and on edits of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gemmi
import MDAnalysis
import numpy as np
import pytest

from epitope.errors import StructureError
from epitope.structure import (
    Complex,
    ResidueId,
    bundled_structure,
    complex_from_universe,
    read_complex,
    read_structure,
    to_universe,
)
from epitope.structure.mapping import map_chain
from epitope.structure.numbering import NUMBERING_COLUMNS
from epitope.structure.residues import SIDE_CHAINS, one_letter
from epitope.target import Target
from tests.structure.conftest import copy_chains, fuse_to_scfv, keep_chains, source_files

Edited = Callable[..., Path]


def test_every_polymer_residue_has_one_row_and_every_observed_one_its_atoms(loaded: Complex) -> None:
    table = loaded.numbering
    assert tuple(table.columns) == NUMBERING_COLUMNS
    assert table.groupby("chain", sort=False).size().to_dict() == {"A": 265, "L": 218, "H": 233}
    seen = table[table["observed"]]
    residues = loaded.universe.residues[seen["resindex"].to_numpy()]
    assert (residues.resids == seen["author_number"]).all()
    assert (residues.resnames == seen["residue_name"]).all()
    assert (table["resindex"] == -1).sum() == (~table["observed"]).sum() == 43


def test_antigen_leaves_tag_and_sugars_out(loaded: Complex) -> None:
    assert set(loaded.antigen.resids) <= set(range(21, 278))
    assert len(loaded.antigen.residues) == 227
    assert set(loaded.sugars.resnames) == {"NAG"}
    assert len(loaded.waters) == 2
    assert len(loaded.heavy) + len(loaded.light) == len(loaded.antibody)
    assert len(loaded.protein) + len(loaded.sugars) + len(loaded.waters) == len(loaded.atoms) == 5063


def test_author_numbers_of_unobserved_residues_come_from_pdb_files_too(
    loaded: Complex, target: Target, edited: Edited
) -> None:
    other = read_complex(edited(header=True), target)
    columns = ["chain", "label_number", "author_number", "residue", "observed", "missing_atoms"]
    assert other.numbering[columns].equals(loaded.numbering[columns])
    assert other.gaps == loaded.gaps


def test_without_any_header_alignment_finds_the_same_numbers_and_the_same_tag(
    loaded: Complex, target: Target, edited: Edited
) -> None:
    bare = read_complex(edited(), target)
    assert bare.resindex_by_position == loaded.resindex_by_position
    assert bare.gaps == loaded.gaps
    assert [residue.number for residue in bare.tag] == list(range(278, 285))
    assert (bare.heavy_chains, bare.light_chains) == (("H",), ("L",))


def test_author_numbers_that_disagree_with_the_sequence_are_overruled(
    loaded: Complex, target: Target, edited: Edited
) -> None:
    def renumber(structure: gemmi.Structure) -> None:
        for residue in structure[0]["A"]:
            residue.seqid.num += 7

    shifted = read_complex(edited(renumber), target)
    assert shifted.gaps == loaded.gaps
    assert set(shifted.residue(61).resids) == {68}
    assert set(shifted.residue(61).resnames) == {"PHE"}


def test_a_reference_that_contradicts_the_sequence_is_overruled(target: Target, tmp_path: Path) -> None:
    text = bundled_structure().read_text()
    path = tmp_path / "wrong.cif"
    row = next(line for line in text.splitlines() if "P15391 21" in line)
    path.write_text(text.replace(row, row.replace("P15391 21  277", "P15391 121 377")))
    loaded = read_complex(path, target)
    assert set(loaded.residue(61).resids) == {61}
    assert loaded.tag[0] == ResidueId("A", 278)


def test_a_mutation_is_engineered_and_not_a_tag(target: Target, edited: Edited) -> None:
    def mutate(structure: gemmi.Structure) -> None:
        structure[0]["A"]["120"][0].name = "ALA"

    found = {e.position: e for e in read_complex(edited(mutate), target).engineered}
    assert (found[120].reference, found[120].in_structure, found[120].note) == ("E", "A", "not declared")


def test_a_structure_without_antibody_loads_with_empty_roles(target: Target, edited: Edited) -> None:
    loaded = read_complex(edited(keep_chains("A")), target)
    assert loaded.heavy_chains == loaded.light_chains == ()
    assert len(loaded.antibody) == len(loaded.heavy) == len(loaded.light) == len(loaded.cdrs) == 0
    assert len(loaded.antigen.residues) == 227


def test_a_structure_without_the_antigen_is_refused_with_the_best_identities(target: Target, edited: Edited) -> None:
    with pytest.raises(
        StructureError, match=r"no chain is CD19 \(P15391\).*it holds L .*H .*of which none aligns over 30 residues"
    ) as caught:
        read_complex(edited(keep_chains("H", "L")), target)
    assert "\n" not in str(caught.value)


def test_another_structure_is_refused_with_the_names_that_its_file_gives(target: Target, edited: Edited) -> None:
    path = edited(keep_chains("H", "L"))
    header = ["COMPND    MOL_ID: 1;", "COMPND   2 MOLECULE: FAB LIGHT", "COMPND   3 CHAIN;", "COMPND   4 CHAIN: L, M;"]
    path.write_text("\n".join(header) + "\n" + path.read_text())
    with pytest.raises(StructureError, match=r"it holds L \(FAB LIGHT CHAIN\), H \(222 residues\), of which none"):
        read_complex(path, target)


def test_the_antigen_copy_with_the_antibody_is_chosen(target: Target, edited: Edited) -> None:
    def add_lonely_copy_first(structure: gemmi.Structure) -> None:
        copy_chains(structure, {"A": "B"}, (200, 0, 0))
        model = structure[0]
        lonely = model["B"].clone()
        model.remove_chain("B")
        model.add_chain(lonely, 0)

    loaded = read_complex(edited(add_lonely_copy_first), target)
    assert next(iter(loaded.numbering["chain"])) == "B"
    assert loaded.antigen_chains == ("A",)


def test_of_two_complexes_the_antibody_of_the_chosen_antigen_is_taken(
    loaded: Complex, target: Target, edited: Edited
) -> None:
    def double(structure: gemmi.Structure) -> None:
        copy_chains(structure, {"A": "X", "H": "Y", "L": "Z"}, (300, 0, 0))

    both = edited(double)
    first = read_complex(both, target)
    assert (first.antigen_chains, first.heavy_chains, first.light_chains) == (("A",), ("H",), ("L",))
    second = read_complex(both, target, antigen=["X"])
    assert (second.antigen_chains, second.heavy_chains, second.light_chains) == (("X",), ("Y",), ("Z",))
    assert len(second.antigen) == len(loaded.antigen)


def test_an_antibody_that_touches_nothing_gives_way_to_one_that_does(target: Target, edited: Edited) -> None:
    def double(structure: gemmi.Structure) -> None:
        copy_chains(structure, {"H": "Y", "L": "Z"}, (300, 0, 0))
        model = structure[0]
        for name in ("H", "L"):
            chain = model[name].clone()
            model.remove_chain(name)
            model.add_chain(chain)

    loaded = read_complex(edited(double), target)
    assert (loaded.heavy_chains, loaded.light_chains) == (("H",), ("L",))


def test_chains_chosen_by_the_user_are_taken_and_unknown_ones_refused(target: Target) -> None:
    loaded = read_complex(bundled_structure(), target, heavy=["H"], light=[])
    assert (loaded.heavy_chains, loaded.light_chains) == (("H",), ())
    with pytest.raises(
        StructureError, match=r"heavy chain 'Q' is not in the structure.*A \(CD19 ectodomain.*L \(B43 Fab light"
    ):
        read_complex(bundled_structure(), target, heavy=["Q"])
    with pytest.raises(StructureError, match="none named"):
        read_complex(bundled_structure(), target, antigen=[])
    with pytest.raises(StructureError, match="chain H is not CD19"):
        read_complex(bundled_structure(), target, antigen=["H"])
    with pytest.raises(StructureError, match="antigen chain 'Q' is not in the structure"):
        read_complex(bundled_structure(), target, antigen=["Q"])


def test_an_scfv_is_heavy_and_light_in_one_chain(loaded: Complex, target: Target, edited: Edited) -> None:
    scfv = read_complex(edited(fuse_to_scfv), target)
    assert scfv.heavy_chains == scfv.light_chains == ("H",)
    assert len(scfv.antibody) == len(scfv.heavy) + len(scfv.light)
    assert set(scfv.light.resids) == set(range(501, 613))
    regions = scfv.cdrs.groupby("region")["residue"].agg("".join)
    expected = loaded.cdrs.groupby("region")["residue"].agg("".join)
    for region in ("CDR-H1", "CDR-H2", "CDR-H3", "CDR-L1", "CDR-L2", "CDR-L3"):
        assert regions[region] == expected[region]


def test_an_unobserved_residue_is_an_error_that_names_the_nearest_observed(loaded: Complex) -> None:
    with pytest.raises(StructureError, match=r"M152 is not observed in 6AL5.*S153"):
        loaded.residue(152)


def test_truncated_side_chains_are_known(loaded: Complex) -> None:
    rows = loaded.antigen_numbering.set_index("uniprot_position")
    assert rows.loc[231, "missing_atoms"] == ("CD", "CE", "NZ")
    assert rows.loc[231, "side_chain_complete"] is np.False_ or not rows.loc[231, "side_chain_complete"]
    assert rows.loc[60, "side_chain_complete"]
    assert rows["side_chain_complete"].isna().sum() == (~rows["observed"]).sum() == 30


def test_a_universe_gives_the_same_complex_as_the_file(loaded: Complex, target: Target) -> None:
    universe = to_universe(read_structure(bundled_structure()))
    other = complex_from_universe(universe, target)
    assert other.universe is universe
    assert other.gaps == loaded.gaps
    assert len(other.antigen) == len(loaded.antigen)
    assert len(other.antibody) == len(loaded.antibody)
    assert [g.position for g in other.glycans] == [86, 125]
    assert other.sha256 == ""


def test_a_universe_read_by_mdanalysis_works_without_its_hydrogens(
    loaded: Complex, target: Target, edited: Edited
) -> None:
    universe = MDAnalysis.Universe(str(edited()))
    names = universe.atoms.elements
    names[0] = "H"
    universe.add_TopologyAttr("elements", names)
    other = complex_from_universe(universe, target)
    assert len(other.antigen) == len(loaded.antigen) - 1


def test_positions_and_factors_reach_the_universe_unchanged(loaded: Complex) -> None:
    structure = read_structure(bundled_structure())
    atoms = [(r, a) for chain in structure[0] for r in chain for a in r]
    assert np.allclose(loaded.universe.atoms.positions, [a.pos.tolist() for _, a in atoms], atol=1e-4)
    assert np.allclose(loaded.universe.atoms.tempfactors, [a.b_iso for _, a in atoms])
    assert list(loaded.universe.atoms.names) == [a.name for _, a in atoms]
    assert list(loaded.universe.atoms.resids) == [r.seqid.num for r, _ in atoms]


def test_the_table_of_side_chains_agrees_with_the_residues_of_a_real_structure(loaded: Complex) -> None:
    for residue in loaded.protein.residues:
        atoms = set(residue.atoms.names) - {"N", "CA", "C", "O", "OXT"}
        assert atoms <= set(SIDE_CHAINS[residue.resname]), residue


@pytest.mark.parametrize(
    ("name", "letter"), [("MSE", "M"), ("PCA", "Q"), ("SEP", "S"), ("HIE", "H"), ("HOH", "X"), ("ZZZ", "X")]
)
def test_modified_residues_count_as_their_parent(name: str, letter: str) -> None:
    assert one_letter(name) == letter


@pytest.mark.parametrize("codes", ["AB", "ab"])
def test_insertion_codes_are_kept_in_the_case_of_the_file(target: Target, edited: Edited, codes: str) -> None:
    def insert(structure: gemmi.Structure) -> None:
        first, second = (structure[0]["H"][number][0] for number in ("53", "54"))
        first.seqid = gemmi.SeqId(52, codes[0])
        second.seqid = gemmi.SeqId(52, codes[1])

    loaded = read_complex(edited(insert), target)
    rows = loaded.numbering[(loaded.numbering["chain"] == "H") & (loaded.numbering["author_number"] == 52)]
    assert rows["insertion_code"].tolist() == ["", *codes]
    cdrs = loaded.cdrs.set_index(["chain", "author_number", "insertion_code"])
    assert [cdrs.loc[("H", 52, code), "region"] for code in codes] == ["CDR-H2", "CDR-H2"]


@pytest.mark.parametrize(
    ("text", "residue"),
    [("H:100a", ResidueId("H", 100, "a")), ("-3", ResidueId("", -3))],
)
def test_residue_identifiers_are_read_as_written(text: str, residue: ResidueId) -> None:
    assert ResidueId.parse(text) == residue


def test_a_residue_identifier_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a residue"):
        ResidueId.parse("A:B:1")


def test_a_tag_that_happens_to_match_the_target_behind_a_mismatch_is_not_aligned(target: Target) -> None:
    # 278-285 of CD19 read PVLWHWLL: the tag shares its fifth residue.
    letters = target.sequence[20:277] + "GSHHHHHH"
    mapping = map_chain(letters, range(1, 266), [None] * 265, target.sequence)
    assert mapping.positions[256:] == (277, *[None] * 8)


OTHER_COMPLEXES = [
    (path, *roles)
    for name, *roles in (("1ahw", "C", "B", "A"), ("1nmb", "N", "H", "L"))
    for path in source_files(f"benchmarks/binding/structures/{name}.pdb.gz")
]


@pytest.mark.parametrize(("path", "antigen", "heavy", "light"), OTHER_COMPLEXES, ids=str)
def test_other_complexes_are_understood_without_any_header(
    target: Target, path: Path, antigen: str, heavy: str, light: str
) -> None:
    chain = read_structure(path)[0].find_chain(antigen)
    sequence = "".join(one_letter(residue.name) for residue in chain)
    other = replace(target, name="other", uniprot_id="X", sequence="MKT" + sequence)
    loaded = read_complex(path, other)
    assert (loaded.antigen_chains, loaded.heavy_chains, loaded.light_chains) == ((antigen,), (heavy,), (light,))
    assert loaded.gaps == loaded.engineered == loaded.tag == ()
    rows = loaded.antigen_numbering
    assert rows["uniprot_position"].tolist() == list(range(4, len(sequence) + 4))
    assert rows["insertion_code"].tolist() == [residue.seqid.icode.strip() for residue in chain]
    assert set(loaded.cdrs["region"].str.slice(0, 4)) == {"FR-H", "FR-L", "CDR-"}
