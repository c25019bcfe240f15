"""The viewer script is taken only when its bytes are the pinned ones."""

from __future__ import annotations

import pytest

from epitope.errors import OutputError
from epitope.show import viewer


@pytest.fixture
def pinned(monkeypatch):
    data = b"/* a stand-in for the viewer */"
    monkeypatch.setattr(viewer, "_from_package", lambda: None)
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


@pytest.fixture
def without_network(monkeypatch):
    monkeypatch.delenv(viewer.ENVIRONMENT, raising=False)
    monkeypatch.setattr(viewer, "_fetched", lambda: pytest.fail("asked the network"))


def test_the_script_comes_with_the_package_and_nothing_is_asked(without_network, tmp_path):
    found = viewer.find_viewer_script(cache=tmp_path)
    assert (found.origin, found.version) == ("chemiscope", viewer.PACKAGED_VERSION)
    assert "$3Dmol" in found.text and found.notice.startswith("The molecule is drawn by 3Dmol.js 2.4.2")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_script_in_the_cache_goes_before_that_of_the_package(without_network, tmp_path, monkeypatch):
    monkeypatch.setattr(viewer, "SHA256", viewer._digest(b"newer"))
    (tmp_path / f"3Dmol-{viewer.VERSION}-min.js").write_bytes(b"newer")
    found = viewer.find_viewer_script(cache=tmp_path)
    assert (found.text, found.version) == ("newer", viewer.VERSION)


def test_another_script_in_the_package_is_not_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(viewer, "PACKAGED_SHA256", "0" * 64)
    assert viewer.find_viewer_script("cache", cache=tmp_path) is None


def test_the_package_is_installed_in_the_version_that_is_known():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"{viewer.PACKAGE}=={viewer.PACKAGE_VERSION}" in project["dependencies"]
