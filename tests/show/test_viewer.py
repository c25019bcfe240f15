"""The viewer script is taken only when its bytes are the pinned ones."""

from __future__ import annotations

import pytest

from epitope.errors import OutputError
from epitope.show import viewer


@pytest.fixture
def pinned(monkeypatch):
    data = b"/* a stand-in for the viewer */"
    monkeypatch.setattr(viewer, "SHA256", viewer._digest(data))
    monkeypatch.delenv(viewer.ENVIRONMENT, raising=False)
    monkeypatch.delenv(viewer.OFFLINE, raising=False)
    return data


def test_a_named_file_is_used_when_it_is_the_pinned_release(pinned, tmp_path):
    (tmp_path / "v.js").write_bytes(pinned)
    assert viewer.find_viewer_script(tmp_path / "v.js").text == pinned.decode()


def test_another_release_is_refused_in_one_line(pinned, tmp_path):
    (tmp_path / "v.js").write_bytes(b"other")
    with pytest.raises(OutputError, match="not 3Dmol-min") as caught:
        viewer.find_viewer_script(tmp_path / "v.js")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_an_error_in_one_line(pinned, tmp_path):
    with pytest.raises(OutputError, match="cannot be read"):
        viewer.find_viewer_script(tmp_path / "nothing.js")


def test_the_environment_names_a_file(pinned, tmp_path, monkeypatch):
    (tmp_path / "v.js").write_bytes(pinned)
    monkeypatch.setenv(viewer.ENVIRONMENT, str(tmp_path / "v.js"))
    assert viewer.find_viewer_script(cache=tmp_path / "cache").origin.endswith("v.js")


def test_what_was_fetched_once_comes_from_the_cache(pinned, tmp_path, monkeypatch):
    monkeypatch.setattr(viewer, "_from_npm", lambda: None)
    monkeypatch.setattr(viewer, "_from_cdn", lambda: pinned)
    assert viewer.find_viewer_script(cache=tmp_path).origin == "CDN"
    monkeypatch.setattr(viewer, "_from_cdn", lambda: pytest.fail("asked again"))
    assert viewer.find_viewer_script(cache=tmp_path).origin == "cache"


def test_tampered_bytes_are_refused_wherever_they_come_from(pinned, tmp_path, monkeypatch):
    monkeypatch.setattr(viewer, "_from_npm", lambda: b"tampered")
    monkeypatch.setattr(viewer, "_from_cdn", lambda: b"tampered")
    assert viewer.find_viewer_script(cache=tmp_path) is None
    (tmp_path / f"3Dmol-{viewer.VERSION}-min.js").write_bytes(b"tampered")
    assert viewer.find_viewer_script("cache", cache=tmp_path) is None


def test_nothing_is_asked_when_offline_or_when_none_is_wanted(pinned, tmp_path, monkeypatch):
    monkeypatch.setattr(viewer, "_fetched", lambda: pytest.fail("asked the network"))
    assert viewer.find_viewer_script("none") is None
    monkeypatch.setenv(viewer.OFFLINE, "1")
    assert viewer.find_viewer_script(cache=tmp_path) is None
