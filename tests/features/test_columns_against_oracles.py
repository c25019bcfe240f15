"""Every column of the residue table, in every row, from the file by other programs: chain ends and gaps as all else.

What is computed here uses gemmi's reading of the file, the raw tables of the target pack, Biopython's sequences
and atom names, and brute force, and nothing of the package. Columns whose oracle stands elsewhere are named with
its test.
"""

from __future__ import annotations

import itertools
import tomllib
from importlib import import_module
from pathlib import Path

import gemmi
import numpy as np
import pandas as pd
import pytest
from Bio import SeqIO
from Bio.PDB.ic_data import residue_atom_bond_state
from Bio.PDB.vectors import Vector, calc_dihedral
from Bio.SeqUtils import seq1
from scipy.spatial.distance import cdist

import epitope
from epitope.structure import bundled_structure

PACK = Path(epitope.__file__).parent / "target" / "packs" / "cd19"
BACKBONE = ("N", "CA", "C", "O")
CHARGED = {
    **{"ARG": ("NE", "NH1", "NH2"), "LYS": ("NZ",), "HIS": ("ND1", "NE2")},
    **{"ASP": ("OD1", "OD2"), "GLU": ("OE1", "OE2")},
}
POSITIVE = ("ARG", "LYS", "HIS")
AREAS = (
    *("sasa_free_A2", "sasa_side_chain_A2", "rsa_free", "sasa_bound_A2", "rsa_bound"),
    *("buried_A2", "buried_fraction"),
)
BONDS, MEASURES, HERE = "test_bond_oracles", "test_measurements_against_oracles", "test_columns_against_oracles"
ELSEWHERE = {
    "secondary_structure": (BONDS, "test_secondary_structure_is_that_of_mkdssp_in_three_states"),
    "hydrogen_bonds": (BONDS, "test_hydrogen_bonds_within_the_antigen_are_those_of_biotite_but_for_free_hydroxyls"),
    "side_chain_hydrogen_bonds": (MEASURES, "test_every_hydrogen_bond_is_found_in_both_directions"),
    "hydrogen_bonds_antibody": (
        BONDS,
        "test_every_hydrogen_bond_of_the_interface_that_biotite_sees_with_hydrogens_is_found",
    ),
    "disulfide_chi3_deg": (BONDS, "test_chi3_and_bond_length_of_the_disulfides_are_those_of_biopython"),
    "disulfide_geometry": (
        BONDS,
        "test_the_geometry_of_every_disulfide_of_the_complex_is_judged_by_length_and_torsion",
    ),
    **dict.fromkeys(AREAS, (HERE, "test_areas_are_those_of_biotite")),
}
TIEN_A2 = {
    **{"A": 129, "R": 274, "N": 195, "D": 193, "C": 167, "Q": 225, "E": 223, "G": 104, "H": 224, "I": 197},
    **{"L": 201, "K": 236, "M": 224, "F": 240, "P": 159, "S": 155, "T": 172, "W": 285, "Y": 263, "V": 174},
}
"""Theoretical maxima, Tien et al., PLoS ONE 2013, 8:e80635, table 1."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return epitope.load().residues.set_index("uniprot_position", drop=False)


@pytest.fixture(scope="module")
def chains() -> dict[str, list[gemmi.Residue]]:
    """The amino acids of antigen and antibody; the tag behind the antigen, from 278 on, is none of it."""
    model = gemmi.read_structure(str(bundled_structure()))[0]
    return {name: [r for r in model[name].get_polymer() if name != "A" or r.seqid.num < 278] for name in "AHL"}


@pytest.fixture(scope="module")
def facts() -> dict:
    return tomllib.loads((PACK / "target.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def columns(chains, facts) -> dict[str, pd.Series]:
    return {
        name: pd.Series(values, dtype=object)
        for made in (_names(facts), _seen(chains), _bonds(chains), _shape(chains), _distances(chains, facts))
        for name, values in made.items()
    }


def _names(facts: dict) -> dict[str, dict]:
    """Return what the sequence, the pack and the header of the file say, by position."""
    record = SeqIO.to_dict(SeqIO.parse(PACK / "sequences.fa", "fasta"))["NM_001770.6_cds"]
    letters = dict(enumerate(str(record.seq.translate(to_stop=True)), start=1))
    block = gemmi.cif.read(str(bundled_structure())).sole_block()
    scheme = block.find("_pdbx_poly_seq_scheme.", ["asym_id", "mon_id", "pdb_seq_num", "auth_seq_num"])
    in_file = {int(number): (seq1(name), seen) for asym, name, number, seen in scheme if asym == "A"}
    aligned = block.find("_struct_ref_seq.", ["pdbx_strand_id", "db_align_beg", "db_align_end"])
    first, last = next((int(row[1]), int(row[2])) for row in aligned if row[0] == "A")
    inside = range(first, last + 1)
    loops = next(one for one in facts["epitopes"] if one["binder"] == "B43")["loops"]

    def place(ranges: list[dict], key: str) -> dict[int, str]:
        return {p: next((one[key] for one in ranges if one["start"] <= p <= one["end"]), "") for p in letters}

    return {
        "uniprot_position": {p: p for p in letters},
        "residue": letters,
        "chain": {p: "A" if p in inside else "" for p in letters},
        "author_number": {p: p if p in inside else None for p in letters},
        "insertion_code": dict.fromkeys(letters, ""),
        "region": place(facts["regions"], "kind"),
        "loop": place(loops, "name"),
        "observed": {p: p in inside and in_file[p][1] != "?" for p in letters},
        "engineered": {p: p in inside and in_file[p][0] != letters[p] for p in letters},
        "sequon": {
            p: "".join(letters.get(q, "") for q in range(p, p + 3))[2:] in ("S", "T")
            and letters[p] == "N"
            and letters[p + 1] != "P"
            and p in {one["position"] for one in facts["sequons"]}
            for p in letters
        },
    }


def _seen(chains: dict[str, list[gemmi.Residue]]) -> dict[str, dict]:
    """Return what of each residue is there."""
    missing, complete, glycan = {}, {}, {}
    sugars = {}
    block = gemmi.cif.read(str(bundled_structure())).sole_block()
    tags = ["conn_type_id", "ptnr1_auth_asym_id", "ptnr1_auth_seq_id", "ptnr2_auth_comp_id"]
    for row in block.find("_struct_conn.", tags):
        if row[0] == "covale" and row[1] == "A":
            sugars[int(row[2])] = row[3]
    for residue in chains["A"]:
        number, letter = residue.seqid.num, seq1(residue.name)
        expected = {*residue_atom_bond_state["X"], *residue_atom_bond_state.get(letter, ())} - {"H", "OXT"}
        absent = expected - {atom.name for atom in residue} - ({"CB"} if letter == "G" else set())
        missing[number] = frozenset(absent)
        complete[number] = not absent - set(BACKBONE)
        glycan[number] = sugars.get(number, "")
    return {"missing_atoms": missing, "side_chain_complete": complete, "glycan": glycan}


def _bonds(chains: dict[str, list[gemmi.Residue]]) -> dict[str, dict]:
    """Return contacts, salt bridges and disulfides."""
    antigen = chains["A"]
    antibody = [(name, residue) for name in "HL" for residue in chains[name]]
    block = gemmi.cif.read(str(bundled_structure())).sole_block()
    tags = ["conn_type_id", "ptnr1_auth_asym_id", "ptnr1_auth_seq_id", "ptnr2_auth_seq_id"]
    pairs = [(int(r[2]), int(r[3])) for r in block.find("_struct_conn.", tags) if r[0] == "disulf" and r[1] == "A"]
    partner = dict([*pairs, *((b, a) for a, b in pairs)])
    sulfur = {residue.seqid.num: residue["SG"][0].pos for residue in antigen if residue.name == "CYS"}

    def label(chain: str, residue: gemmi.Residue) -> str:
        return f"{chain}:{residue.name.capitalize()}{residue.seqid.num}"

    def bridged(one: gemmi.Residue, other: gemmi.Residue) -> bool:
        if not {one.name, other.name} <= CHARGED.keys() or (one.name in POSITIVE) == (other.name in POSITIVE):
            return False
        ends = [[a.pos.tolist() for a in residue if a.name in CHARGED[residue.name]] for residue in (one, other)]
        return all(ends) and cdist(*ends).min() <= 4.0

    def apart(one: gemmi.Residue, other: gemmi.Residue) -> bool:  # residues with a peptide bond are no partners
        return abs(one.seqid.num - other.seqid.num) > 1

    def near(residue: gemmi.Residue, reach: float) -> frozenset[str]:
        return frozenset(label(c, r) for c, r in antibody if cdist(_atoms(residue), _atoms(r)).min() <= reach)

    partners = {reach: {r.seqid.num: near(r, reach) for r in antigen} for reach in (4.0, 5.0)}
    return {
        "disulfide_partner": {r.seqid.num: partner.get(r.seqid.num) for r in antigen},
        "disulfide_sg_A": {a: sulfur[a].dist(sulfur[b]) for a, b in partner.items()},
        **{f"partners_{reach:g}A": found for reach, found in partners.items()},
        **{f"contact_{reach:g}A": {p: bool(one) for p, one in found.items()} for reach, found in partners.items()},
        "salt_bridges": {
            one.seqid.num: frozenset(
                label("A", other) for other in antigen if apart(one, other) and bridged(one, other)
            )
            for one in antigen
        },
        "salt_bridges_antibody": {
            one.seqid.num: frozenset(label(c, other) for c, other in antibody if bridged(one, other)) for one in antigen
        },
    }


def _atoms(residue: gemmi.Residue) -> np.ndarray:
    return np.array([atom.pos.tolist() for atom in residue if not atom.is_hydrogen()])


def _ideal_cb(residue: gemmi.Residue) -> np.ndarray:
    """Return where Cβ is, or where it would be with ideal bonds and angles."""
    n, ca, c = (np.array(residue[name][0].pos.tolist()) for name in ("N", "CA", "C"))
    if "CB" in residue:
        return np.array(residue["CB"][0].pos.tolist())
    b, d = ca - n, c - ca
    return ca - 0.58273431 * np.cross(b, d) + 0.56802827 * b - 0.54067466 * d


def _vector(residue: gemmi.Residue, name: str) -> Vector:
    return Vector(*residue[name][0].pos.tolist())


def _shape(chains: dict[str, list[gemmi.Residue]]) -> dict[str, dict]:
    """Return torsions, exposure and B-factors."""
    antigen = chains["A"]
    phi, psi, up, down, around = {}, {}, {}, {}, {}
    ca = np.array([residue["CA"][0].pos.tolist() for residue in antigen])
    cb = np.array([_ideal_cb(residue) for residue in antigen])
    mean_b = np.array([np.mean([atom.b_iso for atom in residue]) for residue in antigen])
    by_number = {residue.seqid.num: residue for residue in antigen}
    for index, (number, residue) in enumerate(by_number.items()):
        before, behind = by_number.get(number - 1), by_number.get(number + 1)
        middle = [_vector(residue, name) for name in ("N", "CA", "C")]
        phi[number] = np.degrees(calc_dihedral(_vector(before, "C"), *middle)) if before else np.nan
        psi[number] = np.degrees(calc_dihedral(*middle, _vector(behind, "N"))) if behind else np.nan
        apart = ca - ca[index]
        ahead = apart @ (cb[index] - ca[index]) > 0
        close = (np.linalg.norm(apart, axis=1) <= 13.0) & (np.arange(len(ca)) != index)
        up[number], down[number] = int((close & ahead).sum()), int((close & ~ahead).sum())
        around[number] = int((np.linalg.norm(cb - cb[index], axis=1) <= 10.0).sum()) - 1
    return {
        "phi_deg": phi,
        "psi_deg": psi,
        "hse_up": up,
        "hse_down": down,
        "neighbours_10A": around,
        "b_zscore": dict(zip(phi, (mean_b - mean_b.mean()) / mean_b.std(), strict=True)),
    }


def _distances(chains: dict[str, list[gemmi.Residue]], facts: dict) -> dict[str, dict]:
    """Return the four distances of each residue to each place."""
    antigen, antibody = chains["A"], [*chains["H"], *chains["L"]]
    loops = next(one for one in facts["epitopes"] if one["binder"] == "B43")["loops"]
    touching = [r for r in antigen if min(cdist(_atoms(r), _atoms(b)).min() for b in antibody) <= 4.0]
    cysteines = {number for pair in facts["disulfides"] for number in (pair["first"], pair["second"])}
    places = {
        f"loop_{loop['start']}_{loop['end']}": [r for r in antigen if loop["start"] <= r.seqid.num <= loop["end"]]
        for loop in loops
    }
    places |= {
        "epitope": touching,
        "disulfide": [r for r in antigen if r.seqid.num in cysteines],
        "antibody": antibody,
    }

    def centroid(residue: gemmi.Residue) -> np.ndarray:
        side = [atom.pos.tolist() for atom in residue if atom.name not in (*BACKBONE, "OXT")]
        return np.array([np.mean(side, axis=0)]) if side else np.empty((0, 3))

    points = {
        "min": _atoms,
        "ca": lambda residue: np.array([residue["CA"][0].pos.tolist()]),
        "cb": lambda residue: np.array([_ideal_cb(residue)]),
        "centroid": centroid,
    }
    found = {}
    for (place, members), (kind, point) in itertools.product(places.items(), points.items()):
        ends = np.concatenate([point(residue) for residue in members])
        found[f"{kind}_distance_{place}_A"] = {
            r.seqid.num: cdist(point(r), ends).min() if len(point(r)) else np.nan for r in antigen
        }
    return found


def test_every_column_has_an_oracle(table, columns) -> None:
    assert set(table.columns) == {*columns, *ELSEWHERE}
    for module, test in ELSEWHERE.values():
        assert callable(getattr(import_module(f"tests.features.{module}"), test))


def _plain(cell: object) -> object:
    """Return a cell with sets for lists, and ``None`` where there is nothing."""
    if isinstance(cell, tuple | frozenset):
        return frozenset(cell) or None
    return None if pd.isna(cell) or cell == "" else cell


def test_every_column_is_in_every_row_what_other_programs_say(table, columns) -> None:
    for name, expected in columns.items():
        found = table[name]
        wanted = expected.reindex(table.index)
        if found.dtype == np.float64:
            tolerance = 0.1 if name.startswith(("cb_", "phi", "psi")) else 2e-3
            np.testing.assert_allclose(found, wanted.astype(float), atol=tolerance, err_msg=name)
            continue
        differ = [
            (position, one, other)
            for position, one, other in zip(table.index, map(_plain, found), map(_plain, wanted), strict=True)
            if one != other
        ]
        assert not differ, (name, differ[:5])


@pytest.mark.extras
def test_areas_are_those_of_biotite(table, chains) -> None:
    pytest.importorskip("biotite")
    from biotite.structure import sasa
    from biotite.structure.io.pdbx import CIFFile, get_structure

    atoms = get_structure(CIFFile.read(bundled_structure()), model=1, use_author_fields=True)
    protein = {name: {r.seqid.num for r in residues} for name, residues in chains.items()}
    atoms = atoms[[a.chain_id in protein and a.res_id in protein[a.chain_id] for a in atoms]]
    antigen = atoms[atoms.chain_id == "A"]
    free = sasa(antigen, point_number=5_000, vdw_radii="ProtOr")
    bound = sasa(atoms, point_number=5_000, vdw_radii="ProtOr")[atoms.chain_id == "A"]
    side = ~np.isin(antigen.atom_name, BACKBONE) | ((antigen.atom_name == "CA") & (antigen.res_name == "GLY"))
    seen = table[table["observed"]]

    def total(areas: np.ndarray) -> np.ndarray:
        return np.array([areas[antigen.res_id == number].sum() for number in seen["uniprot_position"]])

    for column, areas in (("sasa_free_A2", free), ("sasa_bound_A2", bound), ("sasa_side_chain_A2", free * side)):
        np.testing.assert_allclose(seen[column], total(areas), atol=4.0, err_msg=column)
    np.testing.assert_allclose(seen["buried_A2"], total(free - bound), atol=3.0)
    share = (seen["buried_A2"] / seen["sasa_free_A2"]).fillna(0)
    np.testing.assert_allclose(seen["buried_fraction"], share)
    ratio = (seen["sasa_free_A2"] / seen["rsa_free"]).groupby(seen["residue"]).agg(["min", "max"]).dropna()
    for letter, (low, high) in ratio.iterrows():
        assert low == pytest.approx(high) == pytest.approx(TIEN_A2[letter])
    np.testing.assert_allclose(seen["rsa_bound"] * seen["residue"].map(TIEN_A2), seen["sasa_bound_A2"])
