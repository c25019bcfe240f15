"""`epitope verify`: a result is computed once more, and what differs told apart from what rests on something else."""

import json
import shutil

import pytest
from typer.testing import CliRunner

import epitope
from epitope import cli
from epitope.api import provenance
from epitope.errors import EpitopeError
from epitope.files import file_sha256
from epitope.show.given import given_records, read_given
from epitope.show.report import report_tables
from epitope.show.tables import assessment_bytes, assessment_table
from epitope.structure.bundled import bundled_structure
from tests.structure.test_hard_files import dimer

VCF = """##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tR1\tR2
chr16\t28933043\t.\tG\tT\t.\t.\t.\tGT:AD\t0|1:9,3\t0/0:12,0
chr16\t28933042\t.\tC\tT\t.\t.\t.\tGT:AD\t0|1:9,3\t0/0:12,0
chr16\t28933043\t.\tG\t<DEL>\t.\t.\t.\tGT:AD\t0/1:9,3\t0/0:12,0
chr1\tx\t.\tG\tT\t.\t.\t.\tGT\t0/1\t0/1
chr1\t5\t.\tG\tT\t.\t.\t.\tGT\t0/1\t0/1
"""


def verify(*arguments):
    result = CliRunner().invoke(cli.app, ["verify", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def change(path, edit):
    stored = json.loads(path.read_text(encoding="utf-8"))
    edit(stored)
    path.write_text(json.dumps(stored), encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Give a folder with the tables of a report: all that is verified of it."""
    folder = tmp_path_factory.mktemp("verify")
    (folder / "in.vcf").write_text(VCF)
    loaded = epitope.load()
    given = epitope.read_variants(folder / "in.vcf", structure=loaded)
    rows = epitope.assess_each([*given, "R163L", "p.Gly60del", "[c.487C>T];[c.488G>A]", "ex2part"], loaded)
    for name, data in report_tables(loaded, rows).items():
        (folder / name).write_bytes(data)
    content = assessment_bytes(assessment_table(rows), rows, loaded.target, provenance(loaded), "json")
    (folder / "assessments.json").write_bytes(content)
    (folder / "in.vcf").unlink()
    return folder


@pytest.fixture
def report(written, tmp_path):
    return shutil.copytree(written, tmp_path / "report")


def test_a_report_comes_out_the_same_without_the_file_that_its_variants_were_read_from(report):
    code, said = verify(report)
    assert (code, said) == (0, f"{report}: comes out the same, 11 rows\n")


def test_a_verdict_that_was_changed_is_named_with_row_and_field(report):
    change(report / "assessments.json", lambda s: s["assessments"][-1].update(epitope="intact"))
    code, said = verify(report / "assessments.json")
    assert code == 1
    assert said.endswith('assessments.json: row 11 (ex2part), epitope: was "intact", is "lost"\n')


def test_a_variant_that_was_changed_is_noticed(report):
    change(report / "assessments.json", lambda s: s["given"][-1].update(text="R163L"))
    code, said = verify(report / "assessments.json")
    assert code == 1
    assert 'row 11 (ex2part), input: was "ex2part", is "R163L"' in said


def test_a_row_that_was_left_out_is_noticed(report):
    change(report / "assessments.json", lambda s: s["assessments"].pop())
    code, said = verify(report / "assessments.json")
    assert code == 1
    assert "had 10 rows, has 11 when computed again" in said


def test_a_table_of_a_report_that_was_changed_is_named(report):
    text = (report / "residues.csv").read_text()
    (report / "residues.csv").write_text(text.replace("strand", "x").replace("loop", "y"))
    table = (report / "assessments.csv").read_text(encoding="utf-8")
    (report / "assessments.csv").write_text(table.replace("p.Arg163Leu", "p.Arg163Ala"), encoding="utf-8")
    code, said = verify(report)
    assert code == 1
    assert 'hgvs_p: was "p.Arg163Ala", is "p.Arg163Leu"' in said


def test_a_table_of_a_report_that_is_none_any_more_is_named(report):
    table = next(path for path in sorted(report.glob("*.csv")))
    table.write_bytes(table.read_bytes() + b"x" * 200_000 + b"\n")
    code, said = verify(report)
    assert code == 1
    assert f"{table.name}: is no CSV" in said


def test_a_list_of_files_with_impossible_names_is_read_as_far_as_it_goes(report):
    names = ("a\0b.svg", "x" * 300)
    (report / "report.sha256").write_text("".join(f"{'0' * 64}  {name}\n" for name in names))
    code, said = verify(report)
    assert code == 1
    assert f"{'x' * 300}: removed since the report was written" in said


def test_files_that_a_run_left_half_in_place_are_noticed(report):
    (report / "epitope-unfinished").mkdir()
    code, said = verify(report)
    assert code == 1
    assert "a run was cut off" in said


@pytest.mark.parametrize(
    ("name", "was"),
    [("rule_set", "0"), ("epitope_version", "0.0.1"), ("target_version", "old"), ("structure_sha256", "0" * 64)],
)
def test_a_result_of_other_rules_version_target_or_structure_is_told_apart(report, name, was):
    change(report / "assessments.json", lambda s: s["provenance"].update({name: was}))
    code, said = verify(report)
    assert code == 3
    basis, found = said.splitlines()
    assert f"made on another basis: {name.replace('_', ' ')} was {was}, is " in basis
    assert found.endswith("comes out the same, 11 rows")


def test_the_structure_of_the_command_is_found_and_read_with_its_sides(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(bundled_structure(), "mine.cif.gz" if bundled_structure().suffix == ".gz" else "mine.cif")
    (mine,) = (path.name for path in tmp_path.iterdir())
    loaded = epitope.load(mine, sides="A:H")
    rows = epitope.assess_each(["R163L"], loaded)
    basis = provenance(loaded, f"epitope assess R163L --structure {mine} --chains A:H")
    content = assessment_bytes(assessment_table(rows), rows, loaded.target, basis, "json")
    (tmp_path / "t.json").write_bytes(content)
    assert verify("t.json") == (0, "t.json: comes out the same, 1 row\n")
    (tmp_path / mine).rename(tmp_path / f"other_{mine}")
    change(tmp_path / "t.json", lambda s: s["provenance"].update(structure_id="mine"))
    with pytest.raises(EpitopeError, match="name it with --structure"):
        verify("t.json")


def test_the_antibodies_that_were_asked_about_are_asked_again(tmp_path):
    result = CliRunner().invoke(
        cli.app, ["assess", "R163L", "--against", "blinatumomab", "--out", str(tmp_path / "t.json")]
    )
    assert result.exit_code == 0
    assert json.loads((tmp_path / "t.json").read_text())["provenance"]["against"] == ["blinatumomab"]
    assert verify(tmp_path / "t.json")[0] == 0


def invoke(*arguments):
    result = CliRunner().invoke(cli.app, list(map(str, arguments)))
    assert result.exit_code == 0, result.output


def test_a_comparison_comes_out_the_same_and_a_changed_cell_of_it_is_named(tmp_path):
    own, other = bundled_structure().name.split(".")[0], epitope.load().target.binders[1].name
    invoke("compare", own, other, "--variant", "R163L", "--out", tmp_path / "out")
    assert verify(tmp_path / "out")[0] == 0
    change(tmp_path / "out" / "comparison.json", lambda s: s["antibodies"][0].update(contacts=99))
    code, said = verify(tmp_path / "out" / "comparison.json")
    assert code == 1 and "contacts: was 99, is " in said
    change(tmp_path / "out" / "comparison.json", lambda s: s["given"].update(antibodies=[1]))
    with pytest.raises(EpitopeError, match="cannot be read from it"):
        verify(tmp_path / "out")


SAMPLES = """sample,variant,copy_number,log_cpm,rna_level,isoform,af
A,ex2skip,0,3.5,low,,
C,c.806C>A;R163L,1,2.5,,ex2part 40%,0.4
D,,two,,,,
"""


def test_a_cohort_comes_out_the_same_without_its_table_and_with_its_mark_of_rna(tmp_path):
    from epitope.impact.cohorts.cohort import read_samples
    from epitope.show.given import read_samples_given, sample_records

    (tmp_path / "s.csv").write_text(SAMPLES)
    samples = list(read_samples(tmp_path / "s.csv", epitope.load().target))
    assert read_samples_given(json.loads(json.dumps(sample_records(samples)))) == samples
    CliRunner().invoke(cli.app, ["cohort", f"{tmp_path}/s.csv", "--low-log-cpm", "3", "--out", f"{tmp_path}/out"])
    (tmp_path / "s.csv").unlink()
    assert verify(tmp_path / "out") == (0, f"{tmp_path / 'out'}: comes out the same, 3 rows\n")
    change(tmp_path / "out" / "cohort.json", lambda s: s["provenance"].update(low_log_cpm=2))
    code, said = verify(tmp_path / "out")
    assert code == 1 and "row 1 (A), notes: was" in said


def test_an_atlas_comes_out_the_same_and_a_changed_row_of_it_is_named(tmp_path, monkeypatch):
    from epitope.api import verifying
    from epitope.show.atlas_files import atlas_bytes, atlas_tables

    loaded = epitope.load()
    few = epitope.scan(loaded).head(50)
    monkeypatch.setattr(verifying, "scan", lambda _: few)
    (tmp_path / "a.json").write_bytes(atlas_bytes(few, "json", provenance(loaded)))
    assert verify(tmp_path / "a.json")[0] == 0
    (tmp_path / "provenance.json").write_text(json.dumps({"provenance": provenance(loaded)}))
    for name, data in atlas_tables(few).items():
        (tmp_path / name).write_bytes(data.replace(b"p.Pro2Ala", b"p.Pro2Gly"))
    code, said = verify(tmp_path)
    assert code == 1 and 'atlas.csv: row 21 (p.Pro2Gly), hgvs_p: was "p.Pro2Gly", is "p.Pro2Ala"' in said


def test_a_file_of_a_report_that_is_drawn_from_the_rows_is_known_by_its_sum(report):
    from epitope.show.files import write_together
    from epitope.show.report.write import LIST

    for name in ("burial.svg", "assessments.xlsx", "gone.svg"):
        (report / name).write_text("as written")
    names = [path.name for path in report.iterdir()]
    (report / LIST).write_text("".join(f"{file_sha256(report / name)}  {name}\n" for name in names))
    assert verify(report)[0] == 0
    write_together(report, {"burial.svg": b"changed", "mine.svg": b"mine"})
    (report / "gone.svg").unlink()
    code, said = verify(report)
    assert code == 1
    assert "burial.svg: changed since the report was written (2 differences)" in said or "gone.svg: removed" in said


def test_the_assembly_that_was_built_is_said_and_built_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loaded = epitope.load(dimer(tmp_path), assembly="2")
    assert provenance(loaded)["assembly"] == "2"
    assert "assembly" not in provenance(epitope.load())
    rows = epitope.assess_each(["R163L"], loaded)
    content = assessment_bytes(assessment_table(rows), rows, loaded.target, provenance(loaded), "json")
    (tmp_path / "t.json").write_bytes(content)
    assert verify("t.json") == (0, "t.json: comes out the same, 1 row\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "no provenance"),
        ('{"provenance": {}, "assessments": []}', "no given"),
        ('{"provenance": {}, "given": [{"x": 1}], "assessments": [{}]}', "cannot be read from it"),
        ('{"provenance": {}, "given": [1], "assessments": [{}]}', "cannot be read from it"),
        (
            '{"provenance": {}, "given": [{"text": 7}], "assessments": [{}]}',
            r"\(text cannot be 7",
        ),
        ('{"provenance": {}, "given": [{"sample": "A", "origin": ""}, 7], "cohort": []}', "cannot be read from it"),
        (
            '{"provenance": {}, "given": [{"sample": "A", "origin": "", "isoforms": [["a", "x"]]}], "cohort": []}',
            "isoforms cannot be",
        ),
        ('{"provenance": {"chains": true}, "given": [], "assessments": []}', "no chains in words"),
    ],
)
def test_what_is_no_result_that_can_be_computed_again_is_one_line(tmp_path, text, said):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(EpitopeError, match=said) as caught:
        verify(tmp_path / "x.json")
    assert "\n" not in str(caught.value)


def test_what_was_given_is_the_same_after_json(written):
    stored = json.loads((written / "assessments.json").read_text(encoding="utf-8"))["given"]
    given = read_given(stored)
    assert given_records(epitope.assess_each(given)) == stored
