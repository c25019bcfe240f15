"""Stability predictions: rows that can be scored, rows that cannot, and what CD19 looks like."""

from __future__ import annotations

import gemmi
import MDAnalysis
import numpy as np
import pytest

from epitope.errors import StructureError
from epitope.impact.predictors.stability import COLUMNS, observe_chain, predict, predict_chain, residue_index
from epitope.impact.predictors.stability_features import LIGHT_FEATURES, MPNN_FEATURES, RESIDUES, residue_scales
from epitope.impact.predictors.stability_model import load_model
from epitope.structure import bundled_structure, read_complex, read_structure, to_universe
from epitope.target import load_target


@pytest.fixture(scope="module")
def table():
    return predict_chain(bundled_structure(), "A", model="light")


@pytest.fixture(scope="module")
def mpnn_table():
    return predict_chain(bundled_structure(), "A")


@pytest.fixture
def small(tmp_path):
    """Residues 38-70 of CD19 as a PDB file, changed by a function before writing."""

    def write(change=lambda chain: None, name="A"):
        structure = read_structure(bundled_structure())
        model = gemmi.Model("1")
        chain = gemmi.Chain(name)
        for residue in structure[0]["A"]:
            if 38 <= residue.seqid.num <= 70:
                chain.add_residue(residue)
        change(chain)
        model.add_chain(chain)
        out = gemmi.Structure()
        out.add_model(model)
        path = tmp_path / "part.pdb"
        path.write_text(out.make_pdb_string())
        return path

    return write


def test_a_chain_gets_nineteen_rows_for_each_residue_in_fixed_columns(table):
    assert tuple(table.columns) == COLUMNS
    sizes = table.groupby(["residue", "insertion_code"]).size()
    assert (sizes == 19).all()
    assert (table["wild_type"] != table["mutant"]).all()
    assert table["ddg_kcal_mol"].notna().all()


def test_a_list_and_the_whole_chain_give_the_same_number(table):
    one = predict(bundled_structure(), "A", ["F61A", "W52G"], model="light")
    for row in one.itertuples():
        same = table[(table["residue"] == row.residue) & (table["mutant"] == row.mutant)]
        assert same["ddg_kcal_mol"].item() == pytest.approx(row.ddg_kcal_mol, abs=1e-9)


def test_path_universe_and_complex_give_the_same_number():
    universe = to_universe(read_structure(bundled_structure()))
    universe = MDAnalysis.Merge(universe.select_atoms("not (chainID A and resid 278:285)"))  # a universe names no tag
    loaded = read_complex(bundled_structure(), load_target())
    values = [
        predict(source, "A", ["F61A"], model="light")["ddg_kcal_mol"].item()
        for source in (bundled_structure(), universe, loaded)
    ]
    assert values[1:] == pytest.approx([values[0]] * 2, abs=1e-6)


def test_the_interval_holds_the_prediction_and_the_probability_rises_with_it(mpnn_table):
    assert (mpnn_table["ddg_low_kcal_mol"] < mpnn_table["ddg_kcal_mol"]).all()
    assert (mpnn_table["ddg_high_kcal_mol"] > mpnn_table["ddg_kcal_mol"]).all()
    ordered = mpnn_table.sort_values("ddg_kcal_mol")
    assert (np.diff(ordered["p_destabilising"]) >= 0).all()
    assert ordered["destabilising"].is_monotonic_increasing
    assert ordered.loc[ordered["destabilising"], "p_destabilising"].min() > 0.6


@pytest.mark.parametrize("name", ["mpnn", "light"])
def test_the_probability_is_the_logistic_curve_of_its_two_numbers(name):
    model = load_model(name)
    at, rises = model.logistic
    found = model.probability(np.array([-at / rises, -at / rises + 1 / rises]))
    assert found.tolist() == pytest.approx([0.5, 1 / (1 + np.exp(-1))])


def test_core_and_disulfides_of_cd19_rank_high_and_mild_changes_low(mpnn_table):
    mean = mpnn_table.groupby("residue")["ddg_kcal_mol"].mean()
    rank = mean.rank(ascending=False, pct=True)
    for residue in (52, 214, 94, 95, 61, 97, 261, 200):
        assert rank[residue] < 0.25, residue
    mild = predict(bundled_structure(), "A", ["L174V", "R163L"])
    assert not mild["destabilising"].any()


@pytest.mark.parametrize(
    ("substitution", "reason"),
    [
        ("A52G", "the structure has W at A:52, not A"),
        ("F610A", "A:610 is not observed"),
        ("W52B", "'B' is not one of the twenty residues"),
        ("W52W", "wild type and mutant are the same"),
        ("Trp52", "'Trp52' is not a substitution such as F61A or P52aG"),
        ("", "'' is not a substitution such as F61A or P52aG"),
        (("W", "fifty", "A"), "'fifty' is not a residue number such as 61 or 52a"),
    ],
)
def test_a_row_that_cannot_be_scored_says_why_and_the_others_are_scored(substitution, reason):
    rows = predict(bundled_structure(), "A", [substitution, "W52A"], model="light")
    assert rows.loc[0, "reason"] == reason
    assert np.isnan(rows.loc[0, "ddg_kcal_mol"])
    assert not rows.loc[0, "destabilising"]
    assert rows.loc[1, "ddg_kcal_mol"] > 1


def test_a_chain_that_is_not_there_is_a_reason_in_each_row():
    rows = predict(bundled_structure(), "Z", ["W52A"], model="light")
    assert "chain Z is not observed (protein chains: A" in rows.loc[0, "reason"]
    with pytest.raises(StructureError, match="chain Z"):
        predict_chain(bundled_structure(), "Z", model="light")


def test_an_unknown_model_is_named():
    with pytest.raises(ValueError, match="no stability model 'heavy'"):
        predict(bundled_structure(), "A", ["W52A"], model="heavy")


def test_no_substitutions_give_an_empty_table_with_all_columns():
    assert tuple(predict(bundled_structure(), "A", []).columns) == COLUMNS


def test_all_spellings_of_a_substitution_mean_the_same():
    spellings = ["F61A", "p.Phe61Ala", "Phe61Ala", ("F", 61, "A"), ("Phe", "61", "Ala")]
    rows = predict(bundled_structure(), "A", spellings, model="light")
    assert rows["reason"].eq("").all()
    assert np.ptp(rows["ddg_kcal_mol"]) < 1e-9


def test_insertion_codes_negative_numbers_and_lower_case_chains_are_understood(small):
    plain = predict(small(), "A", ["F61A", "W52A"], model="light")

    def renumber(chain):
        for residue in chain:
            number = residue.seqid.num
            residue.seqid = gemmi.SeqId(60, "A") if number == 61 else gemmi.SeqId(number - 60, " ")
            if number == 61:
                continue
        for residue in chain:
            if residue.seqid.num == 60:
                residue.seqid = gemmi.SeqId(0, "A")

    rows = predict(small(renumber, name="h"), "h", ["F0AA", "F0aA", "W-8A"], model="light")
    assert rows["reason"].eq("").all()
    assert rows["insertion_code"].tolist() == ["A", "A", ""]
    expected = plain["ddg_kcal_mol"].tolist()
    assert rows["ddg_kcal_mol"].tolist() == pytest.approx([expected[0], expected[0], expected[1]], abs=0.02)


def test_a_missing_backbone_atom_is_a_reason_and_spares_the_neighbours(small):
    def drop(chain):
        for residue in chain:
            if residue.seqid.num == 52:
                residue.remove_atom("O", "\0")

    rows = predict(small(drop), "A", ["W52A", "F61A"])
    assert rows.loc[0, "reason"] == "backbone atoms not observed: O"
    assert np.isfinite(rows.loc[1, "ddg_kcal_mol"])


@pytest.mark.parametrize("model", ["light", "mpnn"])
def test_a_file_of_alpha_carbons_alone_gives_reasons_and_no_number(small, model):
    def trace(chain):
        for residue in chain:
            for name in [atom.name for atom in residue if atom.name != "CA"]:
                residue.remove_atom(name, "\0")

    path = small(trace)
    rows = predict(path, "A", ["W52A", "F61A"], model=model)
    assert set(rows["reason"]) == {"backbone atoms not observed: N, C, O"}
    whole = predict_chain(path, "A", model=model)
    assert (whole["ddg_kcal_mol"].isna() == (whole["reason"] != "")).all()
    assert whole["ddg_kcal_mol"].isna().all()


def test_a_truncated_side_chain_is_noted(small):
    def drop(chain):
        for residue in chain:
            if residue.seqid.num == 52:
                for name in ("CD1", "CD2", "NE1", "CE2", "CE3", "CZ2", "CZ3", "CH2"):
                    residue.remove_atom(name, "\0")

    rows = predict(small(drop), "A", ["W52A"], model="light")
    assert rows.loc[0, "notes"][0].startswith("side chain truncated, CD1, CD2")


def test_low_resolution_and_proline_are_noted(table):
    rows = predict(bundled_structure(), "A", ["P60L"], model="light")
    assert "resolution 3.0 Å" in rows.loc[0, "notes"]
    assert "proline" in rows.loc[0, "notes"][-1]


def test_only_the_named_chain_counts(tmp_path):
    structure = read_structure(bundled_structure())
    for name in ("H", "L"):
        structure[0].remove_chain(name)
    path = tmp_path / "alone.pdb"
    path.write_text(structure.make_pdb_string())
    with_antibody = predict(bundled_structure(), "A", ["K220E"], model="light")
    alone = predict(path, "A", ["K220E"], model="light")
    assert alone["ddg_kcal_mol"].item() == pytest.approx(with_antibody["ddg_kcal_mol"].item(), abs=0.02)


def test_a_gap_counts_as_its_numbers_say_and_an_insertion_code_as_one():
    atoms = observe_chain(bundled_structure(), "A").atoms
    index = residue_index(atoms)
    assert (np.diff(index) >= 1).all()
    assert index[-1] - index[0] == atoms.numbers[-1] - atoms.numbers[0]


def test_no_feature_names_a_residue_type_and_the_models_know_their_columns():
    assert load_model("light").features.tolist() == list(LIGHT_FEATURES)
    assert load_model("mpnn").features.tolist() == list(MPNN_FEATURES)
    assert list(residue_scales().index) == list(RESIDUES)


@pytest.mark.parametrize("complete", [False, True])
def test_an_expression_tag_is_no_part_of_the_chain(complete):
    source = read_complex(bundled_structure(), load_target()) if complete else bundled_structure()
    seen = observe_chain(source, "A")
    assert len(seen.atoms) == 227
    assert seen.atoms.numbers.max() == 277
    assert predict(source, "A", ["H280A"], model="light").loc[0, "reason"] == "A:280 is not observed"


def test_numbers_do_not_depend_on_whether_a_tag_was_deposited(tmp_path):
    structure = read_structure(bundled_structure())
    chain = structure[0]["A"]
    for index in reversed(range(len(chain))):
        if chain[index].seqid.num > 277:
            del chain[index]
    path = tmp_path / "no_tag.pdb"
    path.write_text(structure.make_pdb_string())
    rows = ["E273A", "I274D", "T275G", "F270S", "R277G"]
    with_tag, without = (predict(file, "A", rows)["ddg_kcal_mol"] for file in (bundled_structure(), path))
    np.testing.assert_allclose(with_tag, without, atol=2e-3)
