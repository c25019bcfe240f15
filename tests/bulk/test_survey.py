"""A survey as its user gives it: tables, errors, exit codes, and the same bytes however it came about."""

import csv
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import epitope
from epitope import cli
from epitope.bulk import run, workers
from epitope.bulk.columns import ERROR_COLUMNS, TABLES, table_columns
from epitope.bulk.jobs import Job, find_jobs
from epitope.bulk.measure import Done, Options, measure_job, read_part
from epitope.errors import EpitopeError, OutputError, StructureError, TableError
from epitope.impact.predictors.predictions import hot_spot_probability
from epitope.structure import bundled_structure
from tests.bulk.conftest import SIDES

ROOT = Path(__file__).parents[2]


def command(*arguments):
    return [sys.executable, "-m", "epitope", "survey", *map(str, arguments)]


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def survey(*arguments):
    """Run in this process; an error of the user counts as the line that `main` makes of it."""
    result = CliRunner().invoke(cli.app, ["survey", *map(str, arguments)])
    if isinstance(result.exception, EpitopeError):
        return 2, str(result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder):
    """Every file below a folder with its digest, hidden ones too."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def whole(complexes, tmp_path_factory):
    """The survey of the folder as CSV, with one worker."""
    folder = tmp_path_factory.mktemp("whole")
    code, said = survey(complexes, "--chains", SIDES, "--workers", 1, "--out", folder / "survey.csv")
    return folder, code, said


def test_a_folder_is_one_row_for_each_structure_in_it_and_in_its_folders(whole, complexes):
    found = rows(whole[0] / "survey.csv")
    assert [row["file"] for row in found] == sorted(str(path) for path in complexes.rglob("c*.pdb"))
    assert tuple(found[0]) == table_columns("interface")
    assert {row["chains"] for row in found} == {SIDES}
    assert all(int(row["epitope_residues"]) >= 3 and float(row["buried_antigen_A2"]) > 50 for row in found)


def test_a_bad_file_is_a_line_in_the_table_of_errors_and_the_exit_code_is_1(whole, complexes):
    folder, code, said = whole
    (row,) = rows(folder / "survey-errors.csv")
    assert tuple(row) == tuple(ERROR_COLUMNS)
    assert row["file"] == str(complexes / "broken.pdb") and "line 1: atom record is cut short" in row["error"]
    assert code == 1
    assert "1 of 7 structures failed" in said and "survey-errors.csv" in said


def test_nothing_is_left_behind_beside_the_tables(whole):
    assert set(contents(whole[0])) == {"survey.csv", "survey-errors.csv"}


def measured(folder, path, chains="", **options):
    """Measure one structure in this process; return the tables of its part."""
    done = measure_job(Job(str(path), chains), Options(str(folder), "", epitope.__version__, **options))
    return read_part(folder / done.part) if done.part else done.error


def test_what_a_row_says_is_what_the_structure_says(tmp_path):
    """Of the bundled complex, whose roles are recognised."""
    found = measured(tmp_path, bundled_structure())
    (row,) = found["interface"]
    structure = epitope.load()
    assert row["sha256"] == structure.complex.sha256 and row["binder"] == structure.binder.name
    assert row["epitope_residues"] == len(structure.contact_positions)
    assert row["buried_antigen_A2"] == pytest.approx(structure.interface.buried_area_antigen_A2, abs=0.05)
    assert (row["antigen_chains"], row["heavy_chains"], row["light_chains"]) == (["A"], ["H"], ["L"])
    chance = hot_spot_probability(structure)
    assert len(row["hot_spots"]) == sum(chance[p] >= 0.5 for p in structure.contact_positions) > 0
    assert row["hot_spots"] == [residue["label"] for residue in found["residues"] if residue["hot_spot"]]
    assert len(found["contacts"]) == len(structure.contacts)


def test_two_workers_and_another_order_give_the_same_bytes(whole, complexes, tmp_path):
    files = [str(path) for path in complexes.rglob("*.pdb")]
    random.Random(1).shuffle(files)
    (tmp_path / "list.txt").write_text("".join(f"{file}\t{SIDES}\n" for file in files))
    assert survey(tmp_path / "list.txt", "--workers", 2, "--out", tmp_path / "survey.csv")[0] == 1
    (tmp_path / "list.txt").unlink()
    assert contents(tmp_path) == contents(whole[0])


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_and_given_again_it_goes_on_and_ends_with_the_same_bytes(whole, complexes, tmp_path):
    asked = command(complexes, "--chains", SIDES, "--workers", 1, "--out", tmp_path / "survey.csv")
    running = subprocess.Popen(asked, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    parts = tmp_path / ".survey.csv-parts"
    until = time.monotonic() + 60
    while len(kept := list(parts.glob("*/*.part"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "survey.csv").exists()
    known = [line for line in kept if line.name.endswith(".part")]
    written = {path: path.stat().st_mtime_ns for path in known}
    again = subprocess.run([*asked, "--work", parts], env=environment(), capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert {path: path.stat().st_mtime_ns for path in known} == written
    shutil.rmtree(parts)
    assert contents(tmp_path) == contents(whole[0])


def test_a_damaged_part_is_measured_again(complexes, tmp_path):
    (path,) = complexes.glob("c01.pdb")
    options = Options(str(tmp_path), "", epitope.__version__)
    job = Job(str(path), SIDES)
    part = tmp_path / measure_job(job, options).part
    whole = part.read_bytes()
    part.write_bytes(whole[:-20])
    measure_job(job, options)
    assert part.read_bytes() == whole


@pytest.mark.parametrize(
    "edit",
    [
        lambda part: part.pop("contacts"),
        lambda part: part.update(residues={}),
        lambda part: part["interface"].append(1),
        lambda part: part["interface"][0].pop("epitope"),
        lambda part: part["interface"][0].update(new="x"),
        lambda part: part["interface"][0].update(epitope=[1]),
        lambda part: part["interface"][0].update(epitope_residues=True),
        lambda part: part["interface"][0].update(hot_spots=3),
        lambda part: part["interface"][0].update(predicted="no"),
        lambda part: part["interface"][0].update(resolution_A=10**20),
        lambda part: part["interface"][0].update(method="\ud800"),
    ],
)
def test_a_part_that_no_survey_wrote_is_measured_again(complexes, tmp_path, edit):
    job = Job(str(complexes / "c01.pdb"), SIDES)
    options = Options(str(tmp_path), "", epitope.__version__)
    part = tmp_path / measure_job(job, options).part
    whole, rows = part.read_bytes(), read_part(part)
    edit(rows)
    part.write_bytes(gzip.compress(json.dumps(rows).encode()))
    measure_job(job, options)
    assert part.read_bytes() == whole


def test_a_name_that_no_file_can_have_is_a_line_of_errors(tmp_path):
    (tmp_path / "x.txt").write_text("a\0.pdb\n")
    made = epitope.survey(tmp_path / "x.txt", tmp_path / "s.csv", workers=1)
    (said,) = made.errors
    assert "cannot be read (embedded null byte); check the name" in said


def test_another_content_or_other_sides_are_another_part(complexes, tmp_path):
    path = tmp_path / "x.pdb"
    options = Options(str(tmp_path / "parts"), "", epitope.__version__)
    shutil.copy(complexes / "c01.pdb", path)
    first = measure_job(Job(str(path), SIDES), options).part
    turned = measure_job(Job(str(path), "H:A"), options).part
    shutil.copy(complexes / "c02.pdb", path)
    assert len({first, turned, measure_job(Job(str(path), SIDES), options).part}) == 3


def test_a_worker_of_another_version_stops_the_survey(tmp_path):
    done = measure_job(Job("x.pdb"), Options(str(tmp_path), "", "0.0.0"))
    assert done.fatal and "install one version" in done.error


def test_a_structure_that_takes_its_process_with_it_is_an_error_of_that_structure(monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "_PROGRAM", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    jobs = [Job("a.pdb"), Job("b.pdb")]
    found = list(workers.measure_here(jobs, Options(str(tmp_path), "", epitope.__version__), 2))
    assert [job for job, _ in found] == jobs
    assert all("did not survive it (ended by signal 9" in done.error for _, done in found)


def test_a_worker_is_replaced_after_its_share(monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "JOBS_PER_PROCESS", 2)
    answer = "json.dumps({'part': str(os.getpid()), 'error': '', 'fatal': False})"
    program = f"import json, os, sys; sys.stdin.readline()\nfor _ in sys.stdin: print({answer}, flush=True)"
    monkeypatch.setattr(workers, "_PROGRAM", program)
    found = workers.measure_here([Job(str(n)) for n in range(5)], Options(str(tmp_path), "", "x"), 1)
    first, second, third, fourth, fifth = (done.part for _, done in found)
    assert first == second != third == fourth != fifth


def test_every_structure_failing_is_exit_code_2_and_the_table_has_no_row(complexes, tmp_path):
    code, said = survey(complexes / "broken.pdb", tmp_path / "none.cif", "--out", tmp_path / "s.csv")
    assert code == 2 and "2 of 2 structures failed" in said
    assert rows(tmp_path / "s.csv") == []
    assert "No such file" in rows(tmp_path / "s-errors.csv")[1]["error"]


def test_what_nothing_binds_says_how_to_name_the_sides(complexes, tmp_path):
    said = measured(tmp_path, complexes / "c01.pdb")
    assert "name the antigen and what binds it, such as --chains A:H" in said
    atoms = (complexes / "c01.pdb").read_text().splitlines()
    alone = _text(tmp_path / "alone.pdb", "\n".join(line for line in atoms if line[20:22] == " A") + "\nEND\n")
    assert "a survey measures complexes, leave it out" in measured(tmp_path, alone)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda folder: folder, StructureError, "holds no structure"),
        (lambda folder: _text(folder / "x.txt", "# nothing\n\n"), TableError, "names no structure"),
        (lambda folder: _text(folder / "x.txt", "a.pdb\tAHL\n"), TableError, "line 1: 'AHL' names no two sides"),
        (lambda folder: folder / "none.txt", TableError, "cannot be read (No such file"),
    ],
)
def test_sources_that_name_nothing_are_refused_in_a_line(tmp_path, make, error, said):
    source = make(tmp_path)
    with pytest.raises(error) as refused:
        find_jobs([source])
    assert said in str(refused.value) and str(source) in str(refused.value)


def _text(path, text):
    path.write_text(text)
    return path


def test_a_line_of_a_list_may_hold_blanks_and_sides(tmp_path):
    source = _text(tmp_path / "x.list", "my file.pdb A:HL\nother file.cif\nb.cif\tAB,C:D\n")
    assert find_jobs([source], "A:B") == [
        Job("b.cif", "AB,C:D"),
        Job("my file.pdb", "A:HL"),
        Job("other file.cif", "A:B"),
    ]


def test_no_structure_in_a_folder_leaves_nothing_behind(tmp_path):
    (tmp_path / "in").mkdir()
    code, said = survey(tmp_path / "in", "--out", tmp_path / "s.csv")
    assert code == 2 and "holds no structure" in said
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_where_nothing_can_be_written_is_a_line_before_anything_is_measured(complexes, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="cannot be made"):
        epitope.survey(complexes, tmp_path / "file" / "s.csv", chains=SIDES)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_disk_that_is_full_stops_the_survey_in_a_line(complexes, tmp_path):
    """A limit on the size of files fails in the same place as a full disk."""
    import resource

    (tmp_path / "s.csv").write_text("before")
    asked = command(complexes / "c01.pdb", "--chains", SIDES, "--workers", 1, "--out", tmp_path / "s.csv")
    result = subprocess.run(
        asked,
        env={**environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "cannot be written (File too large)" in line
    assert (tmp_path / "s.csv").read_text() == "before"


def test_a_prediction_is_told_and_its_uncertain_residues_are_left_out(complexes, tmp_path):
    lines = (complexes / "c01.pdb").read_text().splitlines()
    sure = [
        line[:60] + f"{40 if line[21:26] == 'H 111' else 90:6.2f}" + line[66:] if line[:4] == "ATOM" else line
        for line in lines
    ]
    path = _text(tmp_path / "p.pdb", "TITLE     ALPHAFOLD MULTIMER PREDICTION\n" + "\n".join(sure) + "\n")
    (row,) = measured(tmp_path, path, SIDES)["interface"]
    assert row["predicted"] and row["mean_b_epitope"] == 90
    assert row["binder_residues"] == 14


@pytest.mark.extras
def test_a_folder_holds_parquet_data_sets_of_documented_types(complexes, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    for _ in range(2):  # the second takes the place of the first
        code, _ = survey(complexes, "--chains", SIDES, "--out", tmp_path / "out", "--work", tmp_path / "kept")
        assert code == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "notes.txt", "errors.csv", "interface.parquet", "residues.parquet", "contacts.parquet",
    }  # fmt: skip
    found = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in TABLES}
    assert all(tuple(table.column_names) == table_columns(name) for name, table in found.items())
    (tmp_path / "out" / "interface.parquet" / "part-00001.parquet").write_text("of an older, larger survey")
    assert survey(complexes / "c01.pdb", "--chains", SIDES, "--out", tmp_path / "out")[0] == 0
    assert pq.read_table(tmp_path / "out" / "interface.parquet").num_rows == 1
    assert found["interface"].num_rows == 6
    assert str(found["interface"].schema.field("epitope").type) == "list<element: string>"
    assert str(found["interface"].schema.field("resolution_A").type) == "double"
    in_contact = [row for row in found["residues"].to_pylist() if row["contact_4A"]]
    assert len(in_contact) == sum(found["interface"]["epitope_residues"].to_pylist())
    close = [row for row in found["contacts"].to_pylist() if row["atom_pairs_4A"]]
    assert len(close) == sum(found["interface"]["residue_pairs_4A"].to_pylist())


def test_the_atlas_is_counted_on_request(complexes, tmp_path):
    (row,) = measured(tmp_path, complexes / "c01.pdb", SIDES, atlas=True)["interface"]
    assert set(row) == set(table_columns("interface", atlas=True))
    assert row["atlas_changes"] == 20 * row["antigen_residues"]
    assert 0 < row["atlas_epitope_hit"] < row["atlas_changes"]


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.extras
def test_the_shell_of_the_documented_snakemake_rule_writes_its_outputs(complexes, tmp_path):
    """What Snakemake would run; it cannot be installed from wheels alone, so that it is not run itself."""
    pytest.importorskip("pyarrow")
    rule = (ROOT / "docs" / "survey.md").read_text(encoding="utf-8").split("```snakemake\n")[1].split("```")[0]
    outputs = re.findall(r'"([^"]+)"', rule.partition("output:")[2].partition("\n")[0])
    shell = re.search(r'shell:\s*"(.*)"', rule)[1].format(input=complexes / "c01.pdb", output=outputs, threads=1)
    shell = shell.replace("epitope survey", f"{sys.executable} -m epitope survey --chains {SIDES}")
    assert subprocess.run(shell, shell=True, cwd=tmp_path, env=environment(), check=False).returncode == 0
    assert all((tmp_path / name).is_file() for name in outputs)


def test_a_second_survey_to_the_same_place_says_that_another_runs(complexes, tmp_path, monkeypatch):
    out, said = tmp_path / "s.csv", []

    def meanwhile(jobs, *_):
        with pytest.raises(OutputError) as refused:
            epitope.survey(complexes, out, chains=SIDES)
        said.append(str(refused.value))
        return iter(())

    monkeypatch.setattr(run, "measure_here", meanwhile)
    epitope.survey(complexes, out, chains=SIDES)
    assert said == [f"{out}: another run is writing it; wait until that has ended, or choose another name"]
    assert {path.name for path in tmp_path.iterdir()} == {"s.csv", "s-errors.csv"}


def test_interrupted_it_says_what_is_kept_in_a_line(complexes, tmp_path, monkeypatch):
    def stopped(jobs, *_):
        yield jobs[0], Done(part="x")
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "measure_here", stopped)
    result = CliRunner().invoke(cli.app, ["survey", str(complexes), "--out", str(tmp_path / "s.csv")])
    assert result.exit_code == 130
    assert "stopped after 1 structures, which are kept; the same command goes on" in result.stderr
    assert not (tmp_path / "s.csv").exists()
