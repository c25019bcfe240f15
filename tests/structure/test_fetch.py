"""Downloads: cached, verified, and explained when they fail. No network is used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pooch
import pytest
import requests

from epitope.errors import StructureError
from epitope.structure import bundled_structure, fetch_structure


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serve the bundled file for every address; list what was asked for."""
    asked: list[str] = []

    def retrieve(url: str, known_hash: None, fname: str, path: Path) -> str:
        asked.append(url)
        path.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundled_structure(), path / fname)
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    return asked


def test_an_entry_is_downloaded_once_and_then_cached(archive: list[str], tmp_path: Path) -> None:
    first = fetch_structure("6AL5", tmp_path)
    assert fetch_structure("6al5", tmp_path) == first
    assert len(archive) == 1
    assert archive[0].endswith("/al/6al5.cif.gz")


def test_a_cached_file_that_changed_is_not_used(archive: list[str], tmp_path: Path) -> None:
    path = fetch_structure("6AL5", tmp_path)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(StructureError, match="has changed since its download"):
        fetch_structure("6AL5", tmp_path)


def test_what_is_not_a_structure_does_not_stay_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def retrieve(url: str, known_hash: None, fname: str, path: Path) -> None:
        (path / fname).write_text("<html>sorry</html>\n")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(StructureError):
        fetch_structure("6AL5", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_being_offline_is_explained_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def retrieve(*args: object, **kwargs: object) -> None:
        raise requests.ConnectionError("no route\nto host")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(StructureError, match=r"7URV: cannot be downloaded.*offline") as caught:
        fetch_structure("7URV", tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "6AL", "6AL55", "../x", "al56"])
def test_what_is_no_identifier_is_never_asked_for(archive: list[str], text: str, tmp_path: Path) -> None:
    with pytest.raises(StructureError, match="is not a PDB identifier"):
        fetch_structure(text, tmp_path)
    assert archive == []
