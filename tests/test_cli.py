"""The command line as its user runs it: output, exit codes, one line for each mistake."""

import html
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*arguments, cwd=ROOT, **environment):
    return subprocess.run(
        [sys.executable, "-m", "epitope", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment},
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def one_line_on_stderr(result):
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_assess_prints_a_table_of_100_columns():
    result = run("assess", "p.Phe61del", "p.Ser269Ter", "L174V", "ex2part", "p.Met1_Leu151del", "R163L")
    assert result.returncode == 0
    assert max(map(len, result.stdout.splitlines())) <= 100
    for word in ("p.Phe61del", "ex2part", "lost", "at risk", "p.Arg163Leu"):
        assert word in result.stdout


def test_assess_json_has_provenance_and_the_promised_names():
    result = run("assess", "p.Phe61del", "R163L", "--json")
    said = json.loads(result.stdout)
    assert said["provenance"]["structure_id"] == "6AL5"
    promised = {
        "input", "hgvs_c", "hgvs_p", "consequence", "label_check", "antigen", "fold", "epitope", "mechanism",
        "positions_lost", "loops_lost", "disulfides_broken", "evidence", "error",
    }  # fmt: skip
    assert all(promised <= set(row) for row in said["assessments"])
    assert said["assessments"][1]["evidence"][0]["rule"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line():
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "epitope", "target", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
    assert result.returncode == 2
    assert "standard output: cannot be written" in one_line_on_stderr(result)


def test_the_same_command_gives_the_same_bytes():
    first, second = (run("assess", "ex2part", "R163L", "--json").stdout for _ in range(2))
    assert first == second


def test_a_bad_row_leaves_the_others_done_and_exits_1():
    result = run("assess", "p.Gly60del", "p.Phe61del")
    assert result.returncode == 1
    assert "p.Phe61del" in result.stdout
    assert "Pro" in one_line_on_stderr(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["assess", "p.Gly60del"], "reference residue at 60 is Pro"),
        (["assess", "p.Gly900del"], "556"),
        (["assess", "no_such_event"], "no_such_event"),
        (["assess"], "no variant"),
        (["assess", ""], "variant"),
        (["distances", "P60"], "one more residue"),
        (["distances", "G60", "E229"], "Pro"),
        (["distances", "P60", "M152"], "not observed"),
        (["residues", "--around", "nowhere"], "no place"),
        (["structure", "--structure", "missing.pdb"], "missing.pdb"),
        (["structure", "--structure", "tests"], "tests"),
        (["structure", "--chains", "AHL"], "A:HL"),
        (["structure", "--structure", "README.md"], "README.md"),
        (["report", "--viewer-script", "none", "--vcf", "missing.vcf"], "missing.vcf"),
    ],
)
def test_a_mistake_is_one_line_with_exit_code_2(arguments, said):
    result = run(*arguments)
    assert result.returncode == 2
    assert said in one_line_on_stderr(result)


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess", "chr16:g.28944364G>T"],
        ["assess", "--vcf", "bare.vcf"],
        ["assess", "--table", "calls.maf"],
    ],
)
def test_positions_of_grch37_are_refused_however_they_come(tmp_path, arguments):
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    (tmp_path / "bare.vcf").write_text(f"##fileformat=VCFv4.2\n{columns}\n16\t28944364\t.\tG\tT\t.\t.\t.\n")
    (tmp_path / "calls.maf").write_text(
        "NCBI_Build\tChromosome\tStart_Position\tReference_Allele\tTumor_Seq_Allele2\nGRCh37\t16\t28944364\tG\tT\n"
    )
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "GRCh37" in one_line_on_stderr(result)


def test_a_sample_of_a_vcf_has_its_own_alleles_with_reads_and_carriers(tmp_path):
    meta = "##fileformat=VCFv4.2\n##contig=<ID=chr16,length=90338345>\n"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR\tNORMAL\n"
    records = "chr16\t28933043\t.\tG\tT\t.\t.\t.\tGT:AD:DP\t0/1:30,10:41\t0/0:40,0:40\n"
    records += "chr16\t28932454\t.\tT\tC\t.\t.\t.\tGT:AD:DP\t./.:.:.\t0/1:5,5:10\n"
    (tmp_path / "calls.vcf").write_text(meta + columns + records)
    rows = json.loads(run("assess", "--vcf", "calls.vcf", "--sample", "NORMAL", "--json", cwd=tmp_path).stdout)
    assert [row["hgvs_p"] for row in rows["assessments"]] == ["p.Leu66Pro", ""]
    assert rows["assessments"][1]["status"] == "not listed"
    both = json.loads(run("assess", "--vcf", "calls.vcf", "--json", cwd=tmp_path).stdout)["assessments"]
    told = {name: both[0][name] for name in ("carriers", "genotype", "depth", "allele_depth", "allele_fraction")}
    assert told == {
        "carriers": ["TUMOUR"],
        "genotype": ["0/1"],
        "depth": [41],
        "allele_depth": [10],
        "allele_fraction": [0.25],
    }


def test_a_cohort_with_a_bad_cell_is_done_but_for_that_sample(tmp_path):
    (tmp_path / "samples.csv").write_text(
        "sample,variant,copy_number,log_cpm\nA,ex2skip,0,3.5\nB,,two,\nC,c.806C>A,2,2.5\n"
    )
    result = run("cohort", "samples.csv", "--json", "--low-log-cpm", "2", cwd=tmp_path)
    assert result.returncode == 1
    assert "samples.csv line 3, column 'copy_number': 'two' is not a number" in one_line_on_stderr(result)
    assert [row["mechanism"] for row in json.loads(result.stdout)["cohort"]] == [
        "ex2skip (RNA event); Loss of all CD19 copies",
        "",
        "CD19 mutation; Allele-specific expression [inferred]",
    ]


def test_a_truncated_structure_is_refused(tmp_path):
    text = (ROOT / "structures" / "6AL5.cif").read_text(encoding="utf-8")
    cut = tmp_path / "cut.cif"
    cut.write_text(text[: len(text) // 2], encoding="utf-8")
    result = run("structure", "--structure", cut)
    assert result.returncode == 2
    assert "cut.cif" in one_line_on_stderr(result)


def test_a_structure_without_the_antigen_is_refused(tmp_path):
    import epitope

    other = tmp_path / "antibody.pdb"
    epitope.load().complex.antibody.write(other)
    result = run("assess", "p.Phe61del", "--structure", other)
    assert result.returncode == 2
    assert "antibody HL is alone" in one_line_on_stderr(result)


def test_a_report_into_a_place_that_is_a_file_leaves_it_alone(tmp_path):
    place = tmp_path / "taken"
    place.write_text("mine", encoding="utf-8")
    result = run("report", "p.Phe61del", "--out", place, "--viewer-script", "none")
    assert result.returncode == 2
    assert "taken" in one_line_on_stderr(result)
    assert place.read_text(encoding="utf-8") == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_report_of_the_published_cohort_is_complete(tmp_path):
    result = run("report", "--out", tmp_path / "report", "--viewer-script", "none", "--no-png")
    assert result.returncode == 0, result.stderr
    written = {p.name for p in (tmp_path / "report").iterdir()}
    assert {"index.html", "assessments.csv", "assessments.json"} <= written
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "p.P60del" in page and "p.Phe61del" in page


def test_structure_json_has_the_promised_names():
    said = json.loads(run("structure", "--json").stdout)
    promised = {
        "id", "sha256", "resolution_A", "chains", "gaps", "engineered", "disulfides", "glycans",
        "epitope_published", "epitope_contacts_4A", "buried_area_antigen_A2", "buried_area_antibody_A2",
    }  # fmt: skip
    assert promised <= set(said)
    assert said["gaps"] == [[40, 47], [138, 152], [177, 183]]


def test_residues_json_is_a_list_of_records():
    said = json.loads(run("residues", "--around", "antibody", "--within", "4", "--json").stdout)
    assert [row["uniprot_position"] for row in said if row["contact_4A"]] == [r["uniprot_position"] for r in said]
    assert len(said) == 18


def test_distances_json_measures_the_first_against_the_others():
    said = json.loads(run("distances", "P60", "E229", "K231", "D233", "--json").stdout)
    assert [row["residue_2"] for row in said] == ["E229", "K231", "D233"]
    assert [round(row["side_chain_centroid_A"], 2) for row in said] == [8.7, 7.27, 9.37] or [
        round(row["side_chain_centroid_A"], 1) for row in said
    ] == [8.7, 7.3, 9.4]


def test_the_reader_may_go_away():
    result = subprocess.run(
        f"{sys.executable} -m epitope residues --csv | head -1",
        shell=True, capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert result.stdout.startswith("uniprot_position")
    assert "Traceback" not in result.stderr


def test_a_file_without_variants_is_named(tmp_path):
    path = tmp_path / "none.vcf"
    path.write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    result = run("assess", "--vcf", path)
    assert result.returncode == 2
    assert "none.vcf: the file holds no variant" in one_line_on_stderr(result)


def test_bytes_that_are_no_text_end_in_one_line():
    result = run("assess", b"\xff\xfe".decode("utf-8", "surrogateescape"))
    assert result.returncode == 2
    assert "not understood" in one_line_on_stderr(result)


@pytest.mark.parametrize(
    ("name", "held"),
    [("molecule.html", "epitopeMolecule"), ("molecule.pml", "cartoon"), ("molecule.cxc", "cartoon")],
)
def test_view_writes_for_the_program_that_the_name_tells(tmp_path, name, held):
    result = run("view", "R163L", "--preset", "site", "--out", tmp_path / name, "--viewer-script", "none")
    assert (result.returncode, result.stdout.strip()) == (0, str(tmp_path / name))
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert held in text and "163" in text


def test_a_view_with_its_viewer_asks_for_nothing_when_it_is_opened(tmp_path):
    from epitope.api import load
    from epitope.show.exports import write_for
    from epitope.show.presets import scene
    from epitope.show.viewer import ViewerScript

    page = write_for(scene(load(), "overview"), load(), tmp_path / "m.html", ViewerScript("var $3Dmol = {};", "here"))
    text = page.read_text(encoding="utf-8")
    assert "<script>var $3Dmol = {};</script>" in text
    assert "default-src 'none'" in html.unescape(text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "m.txt"), "end the name in .html"),
        (("--preset", "moon"), "no preset 'moon'"),
        (("G163L",), "not Gly"),
    ],
)
def test_a_view_that_cannot_be_written_leaves_nothing(tmp_path, arguments, said):
    result = run("view", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert said in one_line_on_stderr(result)
    assert not list(tmp_path.iterdir())
