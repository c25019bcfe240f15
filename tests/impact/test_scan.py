"""The atlas: every change once, reach by brute force, known variants, candidates, files."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import epitope
from epitope.errors import OutputError
from epitope.impact.scan import ATLAS_COLUMNS, CANDIDATE_COLUMNS, _seen, codon_paths, verdict_counts
from epitope.show.atlas_files import write_atlas
from epitope.target.residues import AMINO_ACIDS
from epitope.target.translation import codon_table
from epitope.variant import consequence_of
from epitope.variant.readers.known import known_variants


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def atlas(structure):
    return epitope.scan(structure)


@pytest.fixture(scope="module")
def substitutions(atlas):
    return atlas[atlas["kind"] == "substitution"]


def row_of(atlas, name):
    (record,) = atlas[(atlas["hgvs_p"] == name) & (atlas["kind"] != "deletion")].to_dict("records")
    return record


def test_the_columns_are_those_of_the_documentation(atlas):
    assert atlas.columns.tolist() == list(ATLAS_COLUMNS)


def test_each_judged_position_has_its_19_substitutions_and_one_deletion(structure, atlas, substitutions):
    by_sequence = structure.residues["region"].isin(["signal peptide", "transmembrane"])
    judged = structure.residues.loc[structure.residues["observed"] | by_sequence, "uniprot_position"].tolist()
    assert substitutions["uniprot_position"].tolist() == list(np.repeat(judged, 19))
    per_position = substitutions.groupby("uniprot_position")["alternate"].agg("".join)
    references = structure.residues.set_index("uniprot_position")["residue"]
    assert all("".join(sorted(found + references[p])) == AMINO_ACIDS for p, found in per_position.items())
    assert atlas.loc[atlas["kind"] == "deletion", "uniprot_position"].tolist() == judged


def test_nothing_is_said_of_positions_that_were_not_observed(atlas):
    unseen = {*range(40, 48), *range(138, 153), *range(177, 184), 278}
    assert unseen.isdisjoint(atlas["uniprot_position"])


def test_the_exon_skips_are_those_in_frame_that_reach_the_crystal(atlas):
    skips = atlas[atlas["kind"] == "exon skip"]
    assert skips["hgvs_c"].tolist() == ["c.89_355del", "c.356_559del", "c.560_835del"]
    assert (skips["fold"] == "lost").all()
    assert skips["ddg_kcal_mol"].isna().all()


def test_reach_by_one_nucleotide_agrees_with_translating_every_single_change(structure, substitutions):
    cds, table = structure.target.transcript.coding_sequence, codon_table()
    reached: dict[tuple[int, str], set[str]] = {}
    for index, old in enumerate(cds):
        start = index // 3 * 3
        for new in "ACGT":
            codon = cds[start:index] + new + cds[index + 1 : start + 3]
            if new != old:
                reached.setdefault((start // 3 + 1, table[codon]), set()).add(f"c.{index + 1}{old}>{new}")
    for row in substitutions.to_dict("records"):
        expected = reached.get((row["uniprot_position"], row["alternate"]), set())
        assert set(filter(None, row["hgvs_c"].split("; "))) == expected
        assert row["reachable_by_one_nucleotide"] == bool(expected) == (row["nucleotides_changed"] == 1)


def test_the_named_dna_changes_give_the_named_protein_changes(structure, substitutions):
    for row in substitutions[substitutions["reachable_by_one_nucleotide"]].iloc[::7].to_dict("records"):
        for name in row["hgvs_c"].split("; "):
            assert consequence_of(name, structure.target).hgvs_p == row["hgvs_p"]


def test_codon_paths_change_as_many_nucleotides_as_they_say(structure):
    for path in codon_paths(structure.target, 61).values():
        for change in path.codons:
            old, new = change.split(">")
            assert sum(a != b for a, b in zip(old, new, strict=True)) == path.nucleotides


def test_l174v_is_a_known_polymorphism_one_nucleotide_away_that_harms_nothing(atlas):
    row = row_of(atlas, "p.Leu174Val")
    assert (row["hgvs_c"], row["codon_changes"], row["reachable_by_one_nucleotide"]) == ("c.520C>G", "CTC>GTC", True)
    assert (row["antigen"], row["fold"], row["epitope"], row["label"]) == ("intact", "intact", "intact", "")
    assert (row["clinvar_id"], row["clinvar_significance"], row["gnomad_af"]) == ("318803", "Benign", 0.7193)
    assert "fold.common_polymorphism" in row["rules_noted"]
    assert row["hot_spot_score"] == 0
    assert row["ddg_kcal_mol"] < 1


def test_r163l_is_an_escape_candidate_that_was_seen_after_car_t_cells(atlas):
    row = row_of(atlas, "p.Arg163Leu")
    assert (row["label"], row["hgvs_c"], row["cohorts"]) == ("escape", "c.488G>T", "Orlando 2018")
    assert row["antibodies"] == "B43 contact; hot spot of FMC63 and 4G7"
    assert not row["destabilising"]


def test_phe61del_is_the_deletion_of_the_published_case(atlas):
    (row,) = atlas[atlas["hgvs_p"] == "p.Phe61del"].to_dict("records")
    assert (row["hgvs_c"], row["cohorts"], row["label"]) == ("c.183_185del", "Zhao 2021 SJALL061893_R1", "loss")


def test_w52c_of_clinvar_breaks_the_fold(atlas):
    row = row_of(atlas, "p.Trp52Cys")
    assert (row["clinvar_significance"], row["label"], row["destabilising"]) == ("Pathogenic", "loss", True)


def test_the_deletion_of_one_of_two_equal_residues_says_which_name_it_has(atlas):
    row = atlas[(atlas["kind"] == "deletion") & (atlas["uniprot_position"] == 21)].iloc[0]
    assert row["hgvs_p"] == "p.Glu22del"
    assert "losing Glu22" in row["notes"]


def test_core_and_disulfides_cost_more_than_the_surface(substitutions):
    mean = substitutions.groupby("uniprot_position")["ddg_kcal_mol"].mean()
    assert mean[[52, 214, 94, 95, 61]].min() > mean.quantile(0.8)
    cysteines = substitutions[substitutions["uniprot_position"].isin([38, 97, 134, 173, 200, 261])]
    assert cysteines["rules"].str.contains("fold.disulfide_broken").all()


def test_the_published_core_of_the_epitope_is_hot_and_l174_is_not(substitutions):
    score = substitutions.groupby("uniprot_position")["hot_spot_score"].max()
    assert {220, 222, 157} <= set(score.nlargest(8).index)
    assert score[174] == 0


def test_a_label_reads_the_verdicts_and_nothing_else(atlas):
    harmed = atlas["fold"].isin(["at risk", "lost"])
    assert (atlas["label"].isin(["loss", "both"]) == harmed).all()
    escape = atlas[atlas["label"] == "escape"]
    assert (
        escape["reachable_by_one_nucleotide"] & (escape["fold"] == "intact") & (escape["epitope"] == "at risk")
    ).all()
    assert not escape["destabilising"].any()


def test_no_row_calls_a_change_stabilising(atlas):
    assert not atlas["mechanism"].str.contains("stabilis", case=False).any()


def test_rows_say_what_their_numbers_rest_on(atlas):
    assert "side chain truncated" in row_of(atlas, "p.Lys231Glu")["notes"]
    assert "beside" in row_of(atlas, "p.Leu39Val")["notes"]
    scored = atlas[(atlas["kind"] == "substitution") & atlas["ddg_kcal_mol"].notna()]
    assert scored["notes"].str.contains("resolution 3.0 Å").all()


def test_contacts_say_whether_blinatumomab_has_the_same_residues(structure, substitutions):
    table = structure.residues
    touching = {
        position
        for position, partners in zip(table["uniprot_position"], table["partners_4A"], strict=True)
        if "L:Ser32" in partners
    }
    differ = substitutions["notes"].str.contains("L:Ser32 is Asp in blinatumomab")
    assert touching
    assert set(substitutions.loc[differ, "uniprot_position"]) == touching
    same = substitutions["notes"].str.contains("are the same in blinatumomab")
    assert set(substitutions.loc[same | differ, "uniprot_position"]) == set(
        structure.residues.loc[structure.residues["contact_4A"].fillna(False).astype(bool), "uniprot_position"]
    )


def test_the_candidates_are_one_nucleotide_away_and_give_reasons(atlas):
    table = epitope.top_candidates(atlas, 5)
    assert table.columns.tolist() == list(CANDIDATE_COLUMNS)
    assert table["label"].tolist() == ["escape"] * 5 + ["loss"] * 5
    assert {"K220", "P222"} <= set(table["residue"] + table["uniprot_position"].astype(str))
    assert not table.duplicated(["label", "uniprot_position"]).any()
    assert table["reason"].str.len().min() > 40


def test_the_atlas_is_the_same_as_assessing_each_variant(atlas, substitutions):
    names = [name for name in substitutions["hgvs_p"].iloc[::311] if name != "p.Met1?"]  # the name of 19 rows
    assessed = epitope.assess(names)
    for row in assessed.to_dict("records"):
        mine = row_of(atlas, row["hgvs_p"])
        assert [mine[q] for q in ("antigen", "fold", "epitope")] == [row[q] for q in ("antigen", "fold", "epitope")]
        assert row["ddg_kcal_mol"] == pytest.approx(mine["ddg_kcal_mol"], abs=1e-3, nan_ok=True)


def test_a_target_whose_pack_lists_none_has_no_known_variants(structure):
    other = replace(structure.target, known_alleles=(), cohorts=(), polymorphisms=())
    assert known_variants(other) == {}


@pytest.mark.parametrize(
    ("frequency", "clinvar", "said"),
    [(0.000123, "", "gnomAD 0.00012, a, b"), (float("nan"), "7", "ClinVar 7 (benign), a, b"), (None, "", "a, b")],
)
def test_who_has_seen_a_change_is_said_where_somebody_has(frequency, clinvar, said):
    row = {"gnomad_af": frequency, "clinvar_id": clinvar, "clinvar_significance": "benign", "cohorts": "a; b"}
    assert _seen(row) == said


def test_an_exon_skip_stands_at_its_first_residue(atlas):
    skips = atlas[atlas["kind"] == "exon skip"]
    first = skips["hgvs_p"].str.extract(r"p\.\D+(\d+)_")[0].astype(int)
    assert skips["uniprot_position"].tolist() == first.tolist()


def test_files_hold_the_atlas_and_are_the_same_each_time(atlas, tmp_path):
    first, second = write_atlas(atlas, tmp_path / "a" / "b"), write_atlas(atlas, tmp_path / "c")
    assert [path.read_bytes() for path in first.files] == [path.read_bytes() for path in second.files]
    read = pd.read_csv(first.files[0], keep_default_na=False)
    assert read["hgvs_p"].tolist() == atlas["hgvs_p"].tolist()
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == sorted(path.name for path in second.files)


def test_without_pyarrow_the_csv_is_written_and_a_note_says_what_is_missing(atlas, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    written = write_atlas(atlas, tmp_path)
    assert [path.name for path in written.files] == ["atlas.csv", "candidates.csv"]
    assert 'pip install "epitope[atlas]"' in written.note


@pytest.mark.extras
def test_parquet_holds_the_same_table(atlas, tmp_path):
    pytest.importorskip("pyarrow", reason="needs the extra `atlas`")
    path = next(path for path in write_atlas(atlas, tmp_path).files if path.suffix == ".parquet")
    read = pd.read_parquet(path)
    assert read["hgvs_p"].tolist() == atlas["hgvs_p"].tolist()
    np.testing.assert_allclose(read["ddg_kcal_mol"], atlas["ddg_kcal_mol"])


def test_a_folder_that_cannot_be_made_is_one_line(atlas, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        write_atlas(atlas, tmp_path / "file" / "atlas")


def test_no_verdict_is_the_same_for_all_substitutions_or_all_deletions(atlas):
    counts = verdict_counts(atlas)
    for kind in ("substitution", "deletion"):
        for question in ("antigen", "fold", "epitope"):
            rows = counts[(counts["kind"] == kind) & (counts["question"] == question)]
            assert len(rows) > 1, (kind, question)
            assert rows["rows"].sum() == (atlas["kind"] == kind).sum()


def test_signal_peptide_and_membrane_segment_are_judged_though_the_crystal_does_not_show_them(atlas):
    core = atlas[(atlas["uniprot_position"] == 6) & (atlas["alternate"] == "P")]
    assert core[["antigen", "region"]].to_numpy().tolist() == [["at risk", "signal peptide"]]
    assert set(atlas["region"]) >= {"signal peptide", "extracellular", "transmembrane"}
