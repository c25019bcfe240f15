"""What a hostile page, file or program can send to `epitope serve`: each refused in a line, soon, in little memory."""

from __future__ import annotations

import asyncio
import gzip
import html
import io
import re
import socket
import tracemalloc
import zipfile

import pytest
import requests

import epitope
from benchmarks.regexes import MOST_GROWTH, growth
from epitope.errors import EpitopeError
from tests.web import served

pytest.importorskip("starlette", reason="starlette is not installed")
pytest.importorskip("python_multipart", reason="python-multipart is not installed")
pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from epitope.web.results import Results

    return Results(epitope.load(), tmp_path_factory.mktemp("results"), "none")


@pytest.fixture(scope="module")
def port(results):
    with served(results) as port:
        yield port


def post(port, **more):
    return requests.post(f"http://127.0.0.1:{port}/assess", timeout=120, **more)


def asked(app, *, body, method="POST", kind=b"application/x-www-form-urlencoded", headers=()):
    """Put a request to an application of port 1; return the status and the text of its answer."""

    async def put():
        sent = []
        scope = {
            "type": "http", "method": method, "path": "/assess", "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:1"), (b"content-type", kind), *headers],
        }  # fmt: skip

        async def send(message):
            sent.append(message)

        await app(scope, body, send)
        return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()

    return put()


async def never():
    await asyncio.sleep(3600)


def test_a_body_that_comes_too_slowly_is_given_up(results, monkeypatch):
    from epitope.web import guard
    from epitope.web.serve import make_app

    monkeypatch.setattr(guard, "BODY_WITHIN_S", 0.05)
    begun = []

    async def trickle():
        if begun:
            await never()
        begun.append(1)
        return {"type": "http.request", "body": b"variants=R163", "more_body": True}

    status, text = asyncio.run(asked(make_app(results, 1), body=trickle))
    assert status == 408
    assert "did not arrive within 0.05 s" in text


def test_only_so_many_bodies_are_read_at_once(results):
    from epitope.web.guard import MOST_AT_ONCE
    from epitope.web.serve import make_app

    async def crowd():
        app = make_app(results, 1)
        waiting = [asyncio.create_task(asked(app, body=never)) for _ in range(MOST_AT_ONCE)]
        await asyncio.sleep(0)
        refused = await asked(app, body=never)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

        async def nothing():
            return {"type": "http.request", "body": b"variants=nonsense", "more_body": False}

        return refused, await asked(app, body=nothing)

    refused, afterwards = asyncio.run(crowd())
    assert refused[0] == 503
    assert afterwards[0] == 422


@pytest.mark.parametrize("length", ["9" * 13, "9" * 5000, "²"])
def test_a_length_that_no_number_holds_is_refused(length):
    from epitope.web.guard import own_hosts, refusal

    status, _ = refusal(own_hosts(1), "POST", {"host": ["localhost:1"], "content-length": [length]})
    assert status in (400, 413)


def test_what_is_typed_cannot_become_a_header(port, results, monkeypatch):
    monkeypatch.setattr(results, "answer", lambda question: "0" * 32)
    text = "R163L\r\nset-cookie: stolen=1\r\n\r\n<b>"
    reply = post(port, data={"variants": text}, allow_redirects=False)
    assert reply.status_code == 303
    assert "set-cookie" not in reply.headers and "\n" not in reply.headers["location"]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        raw.sendall(
            b"GET /?variants=%0d%0aset-cookie:%20x=1 HTTP/1.1\r\n"
            + f"host: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()


@pytest.mark.parametrize(
    "lines",
    [
        ["host: 127.0.0.1:PORT", "host: evil.example"],
        ["host: evil.example", "x-forwarded-host: 127.0.0.1:PORT"],
        ["host: 127.0.0.1:PORT@evil.example"],
        [],
    ],
)
def test_no_way_of_writing_host_lets_a_stranger_in(port, lines):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        head = "".join(f"{line}\r\n" for line in lines).replace("PORT", str(port))
        raw.sendall(f"GET / HTTP/1.1\r\n{head}connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split()[1] in (b"400", b"403")
    assert b"<form" not in answer


@pytest.mark.parametrize(
    "name", ['"><script>alert(1)</script>.csv', "x\r\nset-cookie: a=1.csv", "𝒳" * 200 + ".csv", "..", "\0.csv"]
)
def test_the_name_of_an_upload_is_text_and_no_path(port, results, name):
    reply = post(port, files={"file": (name, b"a,b\n1,2\n")})
    assert reply.status_code == 422
    assert "<script>alert" not in reply.text and "set-cookie" not in reply.headers
    assert not [path for path in results.folder.iterdir() if path.name not in results._files]


def test_a_small_file_that_unpacks_without_end_is_refused(results):
    from epitope.web.results import MOST_UNPACKED_BYTES, Question

    bomb = gzip.compress(b"0" * 2**20) * (MOST_UNPACKED_BYTES // 2**20 + 1)
    assert len(bomb) < 2**20
    tracemalloc.start()
    for name in ("calls.vcf.gz", "table.csv"):
        with pytest.raises(EpitopeError, match="unpacks to more than 200 MB"):
            results._assessed(Question("", name, bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * 2**20


def workbook(far="XFD1048576"):
    """Return a workbook of two cells, one of them far out."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active[far] = "variant", "R163L"
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_a_cell_at_the_end_of_the_sheet_is_refused(results):
    from epitope.web.results import Question

    with pytest.raises(EpitopeError, match=r"more than 5,000,000 cells, .*; delete what lies outside the table"):
        results._assessed(Question("", "far.xlsx", workbook("XFD1000")))
    (row,) = results._assessed(Question("", "near.xlsx", workbook("A2")))
    assert row.consequence.hgvs_p == "p.Arg163Leu"


def test_a_workbook_that_unpacks_to_too_much_is_refused(results):
    from epitope.web.results import Question

    out = io.BytesIO(workbook("A2"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as file:
        for _ in range(257):
            file.write(b" " * 2**20)
    with pytest.raises(EpitopeError, match="unpacks to more than 268 MB"):
        results._assessed(Question("", "bomb.xlsx", out.getvalue()))


@pytest.mark.parametrize("piece", [", ", "; ", "[", ",\t\t", "(, "])
def test_what_is_typed_is_split_in_time_that_grows_with_it(piece):
    from epitope.variant.hgvs.brackets import outside
    from epitope.web.results import _SEPARATOR

    assert growth(lambda text: outside(_SEPARATOR, text), piece, "R163L") < MOST_GROWTH


def test_more_than_the_box_takes_is_refused_at_once(results):
    from epitope.web.results import LONGEST_TEXT, Question

    with pytest.raises(EpitopeError, match="the box takes 200,000; drop them as a file"):
        results._assessed(Question("R163L " * LONGEST_TEXT))


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_the_first_page_carries_its_policy_itself(port, path):
    reply = requests.get(f"http://127.0.0.1:{port}{path}", timeout=60)
    meta = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', reply.text)[1])
    assert reply.headers["content-security-policy"] == f"{meta}; frame-ancestors 'none'"
    assert not re.search(r"<[^>]+\son\w+\s*=", reply.text)
