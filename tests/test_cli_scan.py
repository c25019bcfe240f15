"""`epitope scan` as its user runs it."""

import csv
import io
import json

from tests.test_cli import one_line_on_stderr, run


def test_scan_prints_candidates_within_100_columns():
    result = run("scan", "--top", "2")
    assert result.returncode == 0
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert "Escape" in result.stdout
    assert "Loss" in result.stdout
    assert "ClinVar 254195" in result.stdout


def test_scan_writes_the_atlas_and_its_heat_map(tmp_path):
    result = run("scan", "--out", tmp_path / "atlas", "--json")
    assert result.returncode == 0
    names = {path.name for path in (tmp_path / "atlas").iterdir()}
    assert {"atlas.csv", "candidates.csv", "atlas.png", "atlas.svg", "atlas.pdf"} <= names
    said = json.loads(result.stdout)
    assert said["provenance"] == json.loads((tmp_path / "atlas" / "provenance.json").read_text())["provenance"]
    rows = said["atlas"]
    assert len(rows) == 5363
    deletion = next(row for row in rows if row["hgvs_p"] == "p.Phe61del")
    assert deletion["ddg_kcal_mol"] is None


def test_scan_as_csv_is_the_table_alone():
    result = run("scan", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["kind"] for row in rows} == {"substitution", "deletion", "exon skip"}


def test_a_file_in_the_way_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "taken").write_text("")
    result = run("scan", "--out", tmp_path / "taken")
    assert result.returncode == 2
    assert "choose another folder" in one_line_on_stderr(result)
