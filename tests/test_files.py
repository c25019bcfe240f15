"""Files that belong together: all of them or none, also when the program is killed or two runs meet."""

import logging
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from epitope.errors import OutputError
from epitope.files import UNFINISHED, alone, listed_files, temporary, together
from epitope.show.files import write_together


def contents(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def killed(folder, kill, listed=""):
    """Write two files into a folder in a process that is killed where ``kill`` says."""
    script = f"""
        import os, pathlib, signal
        from epitope.files import together
        def kill():
            os.kill(os.getpid(), signal.SIGKILL)
        {kill}
        with together({str(folder)!r}, listed={listed!r}) as made:
            (made / "a.csv").write_text("new")
            (made / "b.csv").write_text("new")
            end()
    """
    code = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False).returncode
    assert code == -9


IN_WRITING = "end = kill"
IN_MOVING = """
        replace, calls, end = pathlib.Path.replace, [], lambda: None
        def replaced(self, to):
            calls.append(to)
            kill() if len(calls) == 2 else replace(self, to)
        pathlib.Path.replace = replaced
"""


@pytest.mark.parametrize("there", [False, True])
def test_a_run_killed_in_writing_leaves_nothing_and_the_next_one_clears_up(tmp_path, caplog, there):
    out = tmp_path / "out"
    if there:
        out.mkdir()
    killed(out, IN_WRITING)
    left = [path.name for path in (out if there else tmp_path).iterdir()]
    assert len(left) == 1
    assert left[0].startswith(".epitope-staged-")
    with caplog.at_level(logging.WARNING):
        write_together(out, {"a.csv": b"2", "b.csv": b"2"})
    assert [record.getMessage().count(left[0]) for record in caplog.records] == [1]
    assert contents(tmp_path) == {"out/a.csv": "2", "out/b.csv": "2"}


def test_a_run_killed_in_moving_leaves_a_sign_and_the_next_one_moves_the_rest(tmp_path, caplog):
    write_together(tmp_path, {"a.csv": b"old", "b.csv": b"old", "mine.txt": b"mine"})
    killed(tmp_path, IN_MOVING)
    assert (tmp_path / UNFINISHED / "README.txt").is_file()
    with caplog.at_level(logging.WARNING):
        write_together(tmp_path, {"c.csv": b"2"})
    assert UNFINISHED in caplog.text
    assert contents(tmp_path) == {"a.csv": "new", "b.csv": "new", "c.csv": "2", "mine.txt": "mine"}


def test_what_a_living_run_is_writing_is_left_alone(tmp_path, caplog):
    with together(tmp_path) as made:
        (made / "a.csv").write_text("first")
        write_together(tmp_path, {"a.csv": b"second", "b.csv": b"second"})
        (made / "b.csv").write_text("first")
    assert contents(tmp_path) == {"a.csv": "first", "b.csv": "first"}
    assert not caplog.text


def test_two_runs_at_once_leave_the_files_of_one_of_them(tmp_path):
    out = tmp_path / "out"

    def write(tag):
        for _ in range(20):
            write_together(out, dict.fromkeys(("a.csv", "b.csv", "c.csv"), tag))

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, [b"1", b"2", b"3"]))
    assert set(contents(out)) == {"a.csv", "b.csv", "c.csv"}
    assert len(set(contents(out).values())) == 1


def test_an_error_in_moving_takes_back_what_was_moved(tmp_path):
    before = {"a/x.csv": "old", "b": "somebody's file", "mine.txt": "mine"}
    (tmp_path / "a").mkdir()
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(OutputError, match="cannot be written"), together(tmp_path) as made:
        for name in ("a", "b"):
            (made / name).mkdir()
            (made / name / "x.csv").write_text("new")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["a.csv", "b.csv"])
def test_a_folder_that_has_the_name_of_a_file_is_one_line(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(OutputError, match=f"{name} is a folder there"):
        write_together(tmp_path, {"a.csv": b"", "b.csv": b""})
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_folders_of_others_that_look_like_left_over_ones_stay(tmp_path):
    for name in (".epitope-staged-notours1", UNFINISHED, ".epitope-staged-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.txt").write_text("mine")
    write_together(tmp_path, {"a.csv": b"1"})
    assert len(contents(tmp_path)) == 4


def test_a_broken_off_block_leaves_no_trace(tmp_path):
    with pytest.raises(KeyboardInterrupt), together(tmp_path / "new" / "out") as made:
        (made / "a.csv").write_text("1")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_place_below_a_file_is_one_line_before_anything_is_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"), together(tmp_path / "file" / "out"):
        raise AssertionError


def test_a_data_set_takes_the_place_of_a_larger_one_as_a_whole(tmp_path):
    for parts in (3, 1):
        with together(tmp_path) as made:
            (made / "x.parquet").mkdir()
            for number in range(parts):
                (made / "x.parquet" / f"part-{number}").write_text(str(parts))
            (made / "errors.csv").write_text("")
    assert contents(tmp_path) == {"x.parquet/part-0": "1", "errors.csv": ""}


def write_listed(folder, names, text="x"):
    with together(folder, listed="result.sha256") as made:
        for name in names:
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_text(text)


def test_files_of_an_older_result_go_and_those_of_others_stay(tmp_path):
    write_listed(tmp_path, ["a.csv", "b.csv", "in/c.csv", "in/d.csv"], "old")
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "in" / "d.csv").write_text("changed by somebody")
    write_listed(tmp_path, ["a.csv"], "new")
    found = contents(tmp_path)
    assert list(listed_files(tmp_path / "result.sha256")) == ["a.csv"]
    del found["result.sha256"]
    assert found == {"a.csv": "new", "mine.txt": "mine", "in/d.csv": "changed by somebody"}


def test_a_list_that_leads_out_of_its_folder_takes_nothing_there(tmp_path):
    out = tmp_path / "out"
    write_listed(out, ["b.csv"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.csv").write_text("x")
    (out / "link").symlink_to(tmp_path / "outside")
    digest = listed_files(out / "result.sha256")["b.csv"]
    names = ["../outside/b.csv", str(tmp_path / "outside" / "b.csv"), "link/b.csv"]
    (out / "result.sha256").write_text("".join(f"{digest}  {name}\n" for name in names))
    write_listed(out, ["a.csv"])
    assert (tmp_path / "outside" / "b.csv").read_text() == "x"


def test_a_list_that_is_none_takes_nothing(tmp_path):
    write_listed(tmp_path, ["a.csv", "b.csv"])
    (tmp_path / "result.sha256").write_bytes(b"\xff no list")
    write_listed(tmp_path, ["a.csv"])
    assert (tmp_path / "b.csv").exists()


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
def test_a_run_killed_while_it_replaces_an_older_result_is_ended_by_the_next(tmp_path, call):
    write_listed(tmp_path, ["a.csv", "gone.csv"])
    killed(tmp_path, IN_MOVING.replace("== 2", f"== {call}"), "result.sha256")
    write_together(tmp_path / "other", {"x.csv": b"", "y.csv": b""})
    write_together(tmp_path, {"x.csv": b""})
    found = contents(tmp_path)
    assert {name for name in found if "/" not in name} == {"a.csv", "b.csv", "x.csv", "result.sha256"}
    assert list(listed_files(tmp_path / "result.sha256")) == ["a.csv", "b.csv"]


def test_temporary_files_of_a_killed_run_go_with_the_next_and_those_of_a_living_one_stay(tmp_path, monkeypatch):
    script = """
        import os, signal
        from epitope.files import temporary
        with temporary() as folder:
            (folder / "a").write_text("a")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False).returncode == -9
    (left,) = tmp_path.iterdir()
    with temporary() as first, temporary() as second:
        assert not left.exists()
        assert first.is_dir() and second.is_dir() and first != second
    assert not list(tmp_path.iterdir())


def test_a_folder_that_one_run_has_for_itself_is_refused_to_another_in_a_line(tmp_path):
    refused = pytest.raises(OutputError, match="x: another run is writing it")
    with alone(tmp_path, "x"), refused, alone(tmp_path, "x"):
        raise AssertionError
    with alone(tmp_path, "x"):
        pass
