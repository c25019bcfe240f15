"""Files that belong together: all of them or none, also when the program is killed or two runs meet."""

import logging
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from epitope.errors import OutputError
from epitope.files import UNFINISHED, together
from epitope.show.files import write_together


def contents(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def killed(folder, kill):
    """Write two files into a folder in a process that is killed where ``kill`` says."""
    script = f"""
        import os, pathlib, signal
        from epitope.files import together
        def kill():
            os.kill(os.getpid(), signal.SIGKILL)
        {kill}
        with together({str(folder)!r}) as made:
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
