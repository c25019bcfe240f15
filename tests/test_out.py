"""`--out` as its user types it: a file, several formats of one stem, a folder, standard output."""

import csv
import io
import json
import sys

import pytest
from typer.testing import CliRunner

from epitope import cli
from epitope.errors import EpitopeError
from tests.test_cli import one_line_on_stderr, run

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "xlsx": b"PK"}


def invoke(*arguments):
    """Run in this process and return the bytes of standard output."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout_bytes


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_figure_whose_name_ends_in_a_format_is_that_file(tmp_path):
    result = run("figure", "lollipop", "R163L", "--out", tmp_path / "new" / "lollipop.png")
    assert result.stdout.split() == [str(tmp_path / "new" / "lollipop.png")]
    assert (tmp_path / "new" / "lollipop.png").read_bytes().startswith(MAGIC["png"])
    assert files(tmp_path) == {"new/lollipop.png"}


@pytest.mark.parametrize("said", [("a.png,svg",), ("a.png", "--formats", "png,svg")])
def test_two_formats_of_one_stem_are_two_files(tmp_path, said):
    name, *more = said
    invoke("figure", "burial", "--out", tmp_path / name, *more)
    assert files(tmp_path) == {"a.png", "a.svg"}
    assert all((tmp_path / f"a.{kind}").read_bytes().startswith(MAGIC[kind]) for kind in ("png", "svg"))


@pytest.mark.parametrize("name", ["figures", "results.v2", "there.png", "x.svg/"])
def test_any_other_name_is_a_folder_and_keeps_what_is_in_it(tmp_path, name):
    (tmp_path / "there.png").mkdir()
    (tmp_path / "there.png" / "notes.txt").write_text("mine")
    invoke("figure", "burial", "--formats", "svg", "--out", f"{tmp_path}/{name}")
    assert (tmp_path / name / "burial.svg").is_file()
    assert (tmp_path / "there.png" / "notes.txt").read_text() == "mine"


def test_a_dash_is_the_figure_on_standard_output():
    assert invoke("figure", "burial", "--formats", "pdf", "--out", "-").startswith(MAGIC["pdf"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("figure", "burial", "--out", "x.jpg"), "end the name in .png, .svg, .pdf, or name a folder"),
        (("figure", "burial", "--out", "x.png", "--formats", "svg"), "the name says png"),
        (("figure", "burial", "--formats", "gif"), "no format 'gif'"),
        (("figure", "burial", "--out", "-"), "one format of png, svg, pdf"),
        (("report", "R163L", "--out", "report.html"), "name a folder"),
        (("report", "R163L", "--out", "-"), "name a folder"),
        (("scan", "--out", "atlas.docx"), "end the name in"),
        (("scan", "--format", "vep", "--out", "atlas.vcf.gz"), "name a folder"),
        (("compare", "6AL5", "blinatumomab", "--out", "c.html"), "end the name in"),
        (("assess", "R163L", "--out", "t.html"), "end the name in .csv"),
        (("assess", "p.Gly163Leu", "--out", "t.csv"), "p.Gly163Leu"),
        (("residues", "--out", "t.png"), "end the name in .csv"),
        (("distances", "P60", "E229", "--out", "t.pdf"), "end the name in .csv"),
        (("structure", "--out", "t.csv"), "end the name in .json"),
        (("view", "--out", "m.png"), "end the name in .html"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_meant_is_one_line_and_nothing_is_written(tmp_path, arguments, said):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert said in one_line_on_stderr(result)
    assert not list(tmp_path.iterdir())


def test_an_assessment_is_written_as_the_format_that_its_name_says(tmp_path):
    printed = invoke("assess", "R163L", "ex2part", "--out", tmp_path / "t.csv,tsv,json")
    assert b"p.Arg163Leu" in printed
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8"))))
    tabbed = list(csv.DictReader(io.StringIO((tmp_path / "t.tsv").read_text(encoding="utf-8")), delimiter="\t"))
    stored = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert rows == tabbed
    assert [row["hgvs_p"] for row in rows] == [row["hgvs_p"] for row in stored["assessments"]]
    assert stored["provenance"]["structure_id"] == "6AL5"


def test_an_assessment_goes_into_a_folder_beside_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    invoke("assess", "R163L", "--out", tmp_path)
    assert files(tmp_path) == {"notes.txt", "assessments.csv", "assessments.json"}


@pytest.mark.parametrize(
    "command", [("assess", "R163L"), ("residues", "--around", "P60"), ("distances", "P60", "E229")]
)
def test_a_dash_is_the_table_alone_and_the_same_as_the_option_gives(command):
    assert invoke(*command, "--out", "-") == invoke(*command, "--csv")


def test_rows_that_fail_leave_the_table_of_the_others(tmp_path):
    result = run("assess", "R163L", "p.Gly163Leu", "--out", tmp_path / "t.csv")
    assert result.returncode == 1
    assert len((tmp_path / "t.csv").read_text().splitlines()) == 3


@pytest.mark.extras
@pytest.mark.parametrize("command", [("assess", "R163L"), ("residues",), ("distances", "P60", "E229")])
def test_a_table_can_be_a_workbook(tmp_path, command):
    openpyxl = pytest.importorskip("openpyxl")
    invoke(*command, "--out", tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active.max_row > 1


def test_a_workbook_without_its_library_is_one_line_that_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(EpitopeError, match=r"epitope\[xlsx\]"):
        invoke("residues", "--out", tmp_path / "t.csv,xlsx")
    assert not list(tmp_path.iterdir())


def test_the_table_that_is_read_is_not_written_over(tmp_path):
    (tmp_path / "in.csv").write_text("variant\nR163L\n")
    result = run("assess", "--table", "in.csv", "--out", "in.csv", cwd=tmp_path)
    assert result.returncode == 2
    assert "a file that is read" in one_line_on_stderr(result)
    assert (tmp_path / "in.csv").read_text() == "variant\nR163L\n"


def test_the_atlas_is_a_table_or_a_picture(tmp_path):
    invoke("scan", "--out", tmp_path / "atlas.csv,png")
    assert files(tmp_path) == {"atlas.csv", "atlas.png"}
    assert (tmp_path / "atlas.csv").read_text().startswith("uniprot_position,")
    assert (tmp_path / "atlas.png").read_bytes().startswith(MAGIC["png"])


def test_a_comparison_is_a_table_a_record_or_a_picture(tmp_path):
    invoke("compare", "6AL5", "blinatumomab", "--out", tmp_path / "c.csv,json,svg")
    assert files(tmp_path) == {"c.csv", "c.json", "c.svg"}
    assert json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["epitopes"]


def test_a_structure_is_described_in_a_file(tmp_path):
    invoke("structure", "--out", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["id"] == "6AL5"


def test_a_view_goes_into_a_folder_or_to_standard_output(tmp_path):
    invoke("view", "--viewer-script", "none", "--out", tmp_path)
    assert files(tmp_path) == {"molecule.html"}
    page = invoke("view", "--viewer-script", "none", "--out", "-")
    assert page == (tmp_path / "molecule.html").read_bytes()


def test_a_view_in_two_formats_is_both_or_none(tmp_path, monkeypatch):
    invoke("view", "--viewer-script", "none", "--out", tmp_path / "a" / "m.html,pml")
    assert {"m.html", "m.pml"} < files(tmp_path / "a")
    monkeypatch.setitem(sys.modules, "molviewspec", None)
    with pytest.raises(EpitopeError, match="molviewspec"):
        invoke("view", "--viewer-script", "none", "--out", tmp_path / "b" / "m.html,mvsj")
    assert not (tmp_path / "b").exists()


def test_an_annotated_vcf_file_goes_into_a_new_folder(tmp_path):
    (tmp_path / "in.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr16\t28933043\t.\tG\tT\t.\t.\t.\n"
    )
    invoke("assess", "--vcf", tmp_path / "in.vcf", "--out", tmp_path / "new" / "out.vcf")
    assert "EPITOPE=T|" in (tmp_path / "new" / "out.vcf").read_text()


def test_a_report_leaves_the_other_files_of_its_folder(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    invoke("report", "R163L", "--no-png", "--viewer-script", "none", "--out", tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "index.html").is_file()
