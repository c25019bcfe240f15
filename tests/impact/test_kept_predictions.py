"""Predictions kept on disk: the same answers, whatever lies in the folder and whether there is one."""

import os

import numpy as np
import pytest

import epitope
from epitope.errors import TargetError
from epitope.impact.predictors import kept
from epitope.impact.predictors.predictions import PredictionTable, compute_predictions, key_of


@pytest.fixture(scope="module")
def structure():
    return epitope.load()


@pytest.fixture(scope="module")
def made(structure):
    return compute_predictions(structure)


@pytest.fixture
def ask(structure, made, tmp_path, monkeypatch):
    """Ask for the table as a run does; returns it and whether it was computed."""
    monkeypatch.delenv(kept.OFF, raising=False)
    monkeypatch.setenv("EPITOPE_CACHE", str(tmp_path / "cache"))

    def asked():
        calls = []
        table = kept.remembered(structure, key_of(structure), PredictionTable.load, lambda: calls.append(1) or made)
        return table, bool(calls)

    return asked


@pytest.fixture
def files(tmp_path):
    return lambda: sorted((tmp_path / "cache" / "predictions").glob("*"))


def test_a_second_run_computes_nothing_and_has_the_same_numbers(ask, files, made):
    (first, computed), (second, again) = ask(), ask()
    assert (computed, again, len(files())) == (True, False, 1)
    assert first.notes.tolist() == second.notes.tolist()
    for name, values in made.values.items():
        np.testing.assert_array_equal(values, second.values[name])


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("ddg_kcal_mol", np.zeros((3, 20), np.float32), "ddg_kcal_mol of another shape or kind"),
        ("p_hot_spot", np.full((227, 20), "x"), "p_hot_spot of another shape or kind"),
        ("notes", np.zeros(227), "positions or notes of another shape or kind"),
        ("positions", np.array(7), "of another shape or kind"),
        ("notes", np.full((227, 1), 0x110000, np.uint32).view("U1"), "no table of predictions"),
        ("notes", np.full((227, 1), 0xD800, np.uint32).view("U1"), "surrogates not allowed"),
        ("positions", np.array([{}] * 227), "allow_pickle=False"),
        ("key", np.zeros(30_000_000, np.float32), "unpacks to more than 100 MB"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused_in_one_line(made, tmp_path, name, array, said):
    path = tmp_path / "x.npz"
    made.save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez_compressed(path, **{**arrays, name: array})
    with pytest.raises(TargetError, match=said) as caught:
        PredictionTable.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ddg_kcal_mol", np.inf),
        ("ddg_low_kcal_mol", np.nan),
        ("p_destabilising", 1.5),
        ("p_hot_spot", -0.1),
        ("positions", 0),
    ],
)
def test_numbers_that_no_model_gives_are_refused(made, tmp_path, name, number):
    path = tmp_path / "x.npz"
    made.save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez_compressed(path, **{**arrays, name: np.full_like(arrays[name], number)})
    with pytest.raises(TargetError, match=f"{name} of numbers that no model gives"):
        PredictionTable.load(path)


@pytest.mark.parametrize("damage", [b"", b"no archive", None], ids=["empty", "text", "cut"])
def test_a_damaged_file_is_computed_again_and_replaced(ask, files, damage):
    ask()
    (file,) = files()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert ask()[1]
    assert not ask()[1]


def test_a_folder_that_cannot_be_written_is_done_without(ask, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert [ask()[1], ask()[1]] == [True, True]


def test_no_home_is_done_without(ask, monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("epitope.structure.fetch.default_cache", nowhere)
    assert ask()[1]


def test_nothing_is_kept_where_that_is_turned_off(ask, files, monkeypatch):
    monkeypatch.setenv(kept.OFF, "1")
    assert ask()[1]
    assert files() == []


@pytest.mark.skipif(os.name == "nt", reason="the owner alone, by POSIX permissions")
def test_the_folder_is_for_its_owner_and_one_that_others_can_write_is_not_used(ask, files):
    ask()
    folder = files()[0].parent
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert ask()[1]


def test_what_was_used_longest_ago_goes_first(ask, files, monkeypatch):
    ask()
    old = files()[0].rename(files()[0].with_name("old.npz"))
    os.utime(old, (1, 1))
    monkeypatch.setattr(kept, "MOST_BYTES", old.stat().st_size + 10)
    ask()
    assert [file.name for file in files()] != ["old.npz"]
    assert len(files()) == 1
