"""The recorded accuracy of the stability models is what training and calibrating anew gives."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.stability.accuracy import ROWS, check_against_retrained, recorded
from epitope.impact.predictors.stability_features import MPNN_FEATURES
from epitope.impact.predictors.stability_model import MODELS
from epitope.structure import bundled_structure, read_structure

DIRECT_ROWS = ROWS.with_name("direct.tsv")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return recorded()


def test_no_cluster_of_homologous_proteins_stands_in_two_folds(rows: pd.DataFrame) -> None:
    assert rows.groupby("cluster")["fold"].nunique().max() == 1
    assert set(rows["fold"]) == set(range(10))


def test_stored_features_belong_to_the_recorded_rows(rows: pd.DataFrame) -> None:
    with np.load(ROWS, allow_pickle=False) as stored:
        assert stored["features"].shape == (len(rows), len(MPNN_FEATURES))
        np.testing.assert_array_equal(stored["cluster"], rows["cluster"])
        np.testing.assert_array_equal(stored["fold"], rows["fold"])
        np.testing.assert_allclose(stored["measured"], rows["measured_kcal_mol"], atol=1e-3)


@pytest.mark.parametrize("name", MODELS)
def test_intervals_hold_90_percent_of_the_rows_averaged_over_clusters_left_out(rows: pd.DataFrame, name: str) -> None:
    measured = rows["measured_kcal_mol"]
    inside = (measured >= rows[f"{name}_low"]) & (measured <= rows[f"{name}_high"])
    assert inside.groupby(rows["cluster"]).mean().mean() == pytest.approx(0.90, abs=0.02)


@pytest.mark.parametrize("name", MODELS)
def test_proteins_of_the_second_set_were_not_seen_by_what_predicts_them(name: str) -> None:
    direct = pd.read_csv(DIRECT_ROWS, sep="\t", dtype={"residue": str})
    assert direct[f"{name}_probability"].between(0, 1).all()
    flagged = direct[f"{name}_flagged"] == 1
    assert (direct.loc[flagged, "measured_kcal_mol"] >= 1).mean() == pytest.approx(0.80, abs=0.02)


@pytest.mark.extras
def test_rows_without_backbone_are_left_out_of_the_training_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    from benchmarks.stability.train import feature_matrix, load

    structure = read_structure(bundled_structure())
    for name in [chain.name for chain in structure[0] if chain.name != "A"]:
        structure[0].remove_chain(name)
    (tmp_path / "structures").mkdir()
    for entry in ("whole", "other", "traced"):
        if entry == "traced":
            for residue in structure[0]["A"]:
                for atom in [atom.name for atom in residue if atom.name != "CA"]:
                    residue.remove_atom(atom, "\0")
        with gzip.open(tmp_path / "structures" / f"{entry}.pdb.gz", "wt") as handle:
            handle.write(structure.make_pdb_string())
    head = "pdb\tchain\tresidue\twild_type\tmutant\tddg_kcal_mol\tcluster\n"
    lines = [f"{entry}\tA\t61\tF\tA\t2.0\t{i}\n" for i, entry in enumerate(("traced", "whole", "other"))]
    (tmp_path / "rows.tsv").write_text(head + "".join(lines))
    table, proteins = load(tmp_path)
    assert table["pdb"].tolist() == ["whole", "other"]
    assert "left out: traced A 61: backbone atoms not observed: N, C, O" in capsys.readouterr().err
    assert np.isfinite(feature_matrix(proteins)).all()


@pytest.mark.extras
def test_one_fold_trained_anew_gives_the_recorded_numbers(
    rows: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    check_against_retrained(rows, fold=0)
    assert "largest difference" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="run train again"):
        check_against_retrained(rows.assign(mpnn_low=rows["mpnn_low"] - 1), fold=0)
