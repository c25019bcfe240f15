"""Downloads: cached, verified, and explained when they fail. The servers are local ones that fail as servers do."""

from __future__ import annotations

import gzip
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from epitope.cli import app
from epitope.errors import StructureError
from epitope.structure import bundled_structure, fetch
from epitope.structure.fetch import SOURCES, Limits, fetch_structure

ENTRY = gzip.compress(bundled_structure().read_bytes())
ANOTHER = gzip.compress(bundled_structure().read_bytes().replace(b"6AL5", b"1ABC"))
QUICK = Limits(attempts=3, backoff_s=0.01, timeout_s=0.8, deadline_s=0.6, max_bytes=1 << 20)

Answer = Callable[["Server"], None]


class Server(BaseHTTPRequestHandler):
    """Answers what the test of the path's first part says: ``/404/6al5.cif.gz``."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
            ANSWERS[self.path.split("/")[1]](self)

    def log_message(self, *arguments: object) -> None:
        pass

    def send(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


def trickle(server: Server) -> None:
    server.send(b"", content_length="100000")
    for _ in range(30):
        server.wfile.write(b"x")
        server.wfile.flush()
        time.sleep(0.1)


def endless(server: Server) -> None:
    server.send_response(200)
    server.end_headers()
    for _ in range(40):
        server.wfile.write(b"x" * (1 << 16))


def recovers(server: Server) -> None:
    if len(server.asked) < 3:
        server.send(b"busy", 503)
    else:
        server.send(ENTRY)


ANSWERS: dict[str, Answer] = {
    "good": lambda server: server.send(ENTRY),
    "recovers": recovers,
    "404": lambda server: server.send(b"no", 404),
    "500": lambda server: server.send(b"oops", 500),
    "silent": lambda server: time.sleep(1.5),
    "trickle": trickle,
    "cut": lambda server: server.send(ENTRY[:5000], content_length=str(len(ENTRY))),
    "cut-unnoticed": lambda server: server.send(ENTRY[:5000]),
    "html": lambda server: server.send(b"<html><body>Please log in</body></html>\n"),
    "nothing": lambda server: server.send(b""),
    "another": lambda server: server.send(ANOTHER),
    "loop": lambda server: server.send(b"", 302, location="/loop/again"),
    "moved": lambda server: server.send(b"", 301, location="/good/6al5.cif.gz"),
    "elsewhere": lambda server: server.send(b"", 302, location="http://example.invalid/6al5.cif.gz"),
    "huge": lambda server: server.send(b"x", content_length=str(10**10)),
    "endless": endless,
}


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Server.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def sources(base: str, *names: str) -> list[str]:
    return [f"{base}/{name}/{{id}}.cif.gz" for name in names]


def test_an_entry_is_downloaded_once_and_then_cached(base: str, tmp_path: Path) -> None:
    first = fetch_structure("6AL5", tmp_path, sources=sources(base, "good"), limits=QUICK)
    assert fetch_structure("6al5", tmp_path, sources=sources(base, "good"), limits=QUICK) == first
    assert Server.asked == ["/good/6al5.cif.gz"]
    assert first.read_bytes() == ENTRY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["6al5.cif.gz", "6al5.cif.gz.sha256"]


@pytest.mark.parametrize(
    ("way", "words", "asked"),
    [
        ("404", "answers 404", 1),
        ("500", r"answers 500 \(3 attempts\)", 3),
        ("silent", r"did not answer within 0.8 s \(3 attempts\)", 3),
        ("trickle", "is too slow, .* bytes in 0.6 s", 1),
        ("cut", r"broke off .*\(3 attempts\)", 3),
        ("cut-unnoticed", "sends something that is not the entry .*truncated or corrupt", 1),
        ("html", "sends something that is not the entry .*holds no atoms", 1),
        ("nothing", "sends something that is not the entry .*is empty", 1),
        ("another", "sends another entry, 1ABC", 1),
        ("loop", "redirects more than 5 times", 6),
        ("elsewhere", "redirects to http://example.invalid, which is not asked", 1),
        ("huge", "sends more than the 1 MB", 1),
        ("endless", "sends more than the 1 MB", 1),
    ],
)
def test_a_failing_source_is_explained_in_one_line_and_leaves_nothing_behind(
    base: str, tmp_path: Path, way: str, words: str, asked: int
) -> None:
    start = time.monotonic()
    with pytest.raises(StructureError, match=rf"6AL5: cannot be downloaded: 127.0.0.1:\d+ {words}") as caught:
        fetch_structure("6AL5", tmp_path / "cache", sources=sources(base, way), limits=QUICK)
    assert "\n" not in str(caught.value)
    assert len(Server.asked) == asked
    assert not (tmp_path / "cache").exists() or list((tmp_path / "cache").iterdir()) == []
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("way", ["404", "500", "cut", "html", "another", "loop", "huge"])
def test_the_second_source_is_asked_where_the_first_fails(base: str, tmp_path: Path, way: str) -> None:
    path = fetch_structure("6AL5", tmp_path, sources=sources(base, way, "good"), limits=QUICK)
    assert path.read_bytes() == ENTRY
    assert Server.asked[-1] == "/good/6al5.cif.gz"


@pytest.mark.parametrize("way", ["recovers", "moved"])
def test_a_source_that_recovers_or_has_moved_within_its_host_is_followed(base: str, tmp_path: Path, way: str) -> None:
    assert fetch_structure("6AL5", tmp_path, sources=sources(base, way), limits=QUICK).read_bytes() == ENTRY


def test_no_server_at_all_is_explained_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match=r"broke off \(ConnectionError\) \(3 attempts\).*or give a file") as caught:
        fetch_structure("7URV", tmp_path, sources=["http://127.0.0.1:9/{id}"], limits=QUICK)
    assert "\n" not in str(caught.value)


def test_a_cached_file_that_changed_is_not_used(base: str, tmp_path: Path) -> None:
    path = fetch_structure("6AL5", tmp_path, sources=sources(base, "good"), limits=QUICK)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(StructureError, match="has changed since its download"):
        fetch_structure("6AL5", tmp_path, sources=sources(base, "good"), limits=QUICK)


def test_offline_the_cache_is_used_and_nothing_is_asked(base: str, tmp_path: Path) -> None:
    with pytest.raises(StructureError, match=rf"6AL5: is not in {tmp_path}, and offline nothing is downloaded"):
        fetch_structure("6AL5", tmp_path, offline=True, sources=sources(base, "good"))
    assert Server.asked == []
    path = fetch_structure("6AL5", tmp_path, sources=sources(base, "good"), limits=QUICK)
    assert fetch_structure("6AL5", tmp_path, offline=True, sources=sources(base, "500")) == path


def test_a_cache_that_is_a_file_is_named(base: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(StructureError, match="taken: cannot be written"):
        fetch_structure("6AL5", tmp_path / "taken", sources=sources(base, "good"), limits=QUICK)


@pytest.mark.parametrize("text", ["", "6AL", "6AL55", "../x", "al56"])
def test_what_is_no_identifier_is_never_asked_for(base: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(StructureError, match="is not a PDB identifier"):
        fetch_structure(text, tmp_path, sources=sources(base, "good"))
    assert Server.asked == []


def test_the_archives_are_asked_over_https_alone() -> None:
    assert all(source.startswith(("https://files.rcsb.org/", "https://ftp.ebi.ac.uk/pub/")) for source in SOURCES)


def test_several_entries_are_fetched_from_the_command_line_and_a_failing_one_is_named(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fetch.fetch_structure.__kwdefaults__, "sources", sources(base, "good"))
    monkeypatch.setitem(fetch.fetch_structure.__kwdefaults__, "limits", QUICK)
    arguments = ["structure", "fetch", "--cache", str(tmp_path)]
    done = CliRunner().invoke(app, [*arguments, "6AL5", "7URV"])
    assert (done.exit_code, done.stdout) == (1, f"{tmp_path / '6al5.cif.gz'}\n")
    assert "epitope: 7URV: cannot be downloaded:" in done.stderr
    assert CliRunner().invoke(app, [*arguments, "--offline", "7URV"]).exit_code == 2
    assert CliRunner().invoke(app, [*arguments, "--offline", "6AL5"]).exit_code == 0


def test_redirects_within_a_host_stay_on_https(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import requests

    asked = []

    def get(url: str, **_: object) -> requests.Response:
        asked.append(url)
        reply = requests.Response()
        reply.raw = io.BytesIO()
        reply.status_code, reply.headers["location"] = 302, url.replace("https://", "http://")
        return reply

    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(StructureError, match=r"redirects to http://files\.rcsb\.org, which is not asked"):
        fetch_structure("6AL5", tmp_path, limits=QUICK)
    assert len(asked) == len(SOURCES) and all(url.startswith("https://") for url in asked)


@pytest.mark.parametrize("way", ["elsewhere", "huge", "endless", "404", "loop", "silent"])
def test_the_viewer_script_is_downloaded_under_the_same_limits(base: str, way: str) -> None:
    limits = Limits(attempts=1, timeout_s=0.5, deadline_s=0.5, max_bytes=1 << 20)
    assert fetch.download(f"{base}/{way}/x.js", limits) is None
    assert fetch.download(f"{base}/good/x.js", QUICK) == ENTRY


def test_an_entry_that_unpacks_without_end_is_refused(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from epitope.structure import read

    monkeypatch.setattr(read, "MAX_BYTES", 1 << 20)
    monkeypatch.setitem(ANSWERS, "bomb", lambda server: server.send(gzip.compress(b"\n" * (1 << 22))))
    with pytest.raises(StructureError, match=r"sends something that is not the entry .*unpacks to more than"):
        fetch_structure("6AL5", tmp_path, sources=sources(base, "bomb"), limits=QUICK)
    assert list(tmp_path.iterdir()) == []


posix = pytest.mark.skipif(os.name != "posix", reason="folders have no owner and mode here")


@posix
def test_the_cache_is_the_users_alone(base: str, tmp_path: Path) -> None:
    fetch_structure("6AL5", tmp_path / "new", sources=sources(base, "good"), limits=QUICK)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@posix
def test_a_cache_that_everybody_may_write_into_is_refused_full_or_empty(base: str, tmp_path: Path) -> None:
    cache = tmp_path / "open"
    fetch_structure("6AL5", cache, sources=sources(base, "good"), limits=QUICK)
    cache.chmod(0o777)
    for pdb_id in ("6AL5", "7URV"):
        with pytest.raises(StructureError, match="open: everybody may write into it"):
            fetch_structure(pdb_id, cache, sources=sources(base, "good"), limits=QUICK)


@posix
def test_a_cache_that_is_another_users_link_is_refused_and_ones_own_is_followed(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    assert fetch_structure("6AL5", tmp_path / "link", sources=sources(base, "good"), limits=QUICK).is_file()
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    monkeypatch.setattr(Path, "lstat", lambda path: os.stat_result((0o120777, 0, 0, 1, 4243, 0, 0, 0, 0, 0)))
    with pytest.raises(StructureError, match="link: is a link that another user made"):
        fetch_structure("6AL5", tmp_path / "link", sources=sources(base, "good"), limits=QUICK)


@posix
def test_a_link_that_waits_in_the_cache_is_replaced_and_not_written_through(base: str, tmp_path: Path) -> None:
    cache, victim = tmp_path / "cache", tmp_path / "victim"
    cache.mkdir(mode=0o700)
    (cache / "6al5.cif.gz").symlink_to(victim)
    (cache / "6al5.cif.gz.sha256").symlink_to(victim)
    path = fetch_structure("6AL5", cache, sources=sources(base, "good"), limits=QUICK)
    assert not victim.exists() and not path.is_symlink()
