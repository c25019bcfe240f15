"""`epitope serve` as a browser, a stranger and a hostile page meet it."""

from __future__ import annotations

import asyncio
import gzip
import html
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from functools import partialmethod
from http.client import HTTPConnection

import pytest
import requests

import epitope
from epitope.errors import EpitopeError
from tests.test_cli import ROOT
from tests.web import served

pytest.importorskip("starlette", reason="starlette is not installed")
pytest.importorskip("python_multipart", reason="python-multipart is not installed")
pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytestmark = pytest.mark.extras

VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr16\t28933043\t.\tG\tT\t.\t.\t.\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from epitope.web.results import Results

    return Results(epitope.load(), tmp_path_factory.mktemp("results"), "none")


class Client:
    """Asks the server that runs, address and all."""

    def __init__(self, port):
        self.port = port
        self.here = f"http://127.0.0.1:{port}"

    def ask(self, method, path, **more):
        address = path if path.startswith("http") else self.here + path
        return requests.request(method, address, timeout=120, **more)

    get = partialmethod(ask, "GET")
    post = partialmethod(ask, "POST")
    delete = partialmethod(ask, "DELETE")

    def raw(self, path):
        """Ask for a path that is sent as it stands; return status and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.putrequest("GET", path)
        connection.endheaders()
        reply = connection.getresponse()
        return reply.status, reply.read().decode()


@pytest.fixture(scope="module")
def client(results):
    with served(results) as port:
        yield Client(port)


@pytest.fixture(scope="module")
def answer(client):
    return client.post("/assess", data={"variants": "c.179_181del"})


def wrong(reply):
    """Return what the page says is wrong."""
    return re.findall(r"<p>(.*?)</p>", reply.text.partition('id="wrong"')[2].partition("</div>")[0])


def test_the_first_page_has_a_box_and_examples_of_the_target(client):
    page = client.get("/")
    assert page.status_code == 200
    assert 'name="variants"' in page.text and 'type="file"' in page.text
    offered = re.findall(r'name="example" value="([^"]+)"', page.text)
    assert {event.name for event in epitope.load().target.isoforms} <= set(offered)


def test_a_variant_becomes_a_report_whose_address_can_be_kept(client, answer):
    assert answer.status_code == 200
    assert re.fullmatch(rf"{client.here}/result/[0-9a-f]{{32}}/\?variants=c\.179_181del", answer.url)
    assert "p.Pro60_Phe61delinsLeu" in answer.text
    assert client.get(answer.url).text == answer.text
    assert client.post("/assess", data={"variants": "c.179_181del"}).url == answer.url


def test_the_files_beside_the_report_can_be_had(client, answer):
    base = answer.url.partition("?")[0]
    for path in re.findall(r'href="([\w./-]+\.(?:csv|json|svg|pml))"', answer.text):
        assert client.get(base + path).status_code == 200, path
    assert "p.Pro60_Phe61delinsLeu" in client.get(f"{base}assessments.csv").text


def test_several_variants_typed_pasted_or_clicked_are_read(results):
    from epitope.web.results import Question

    def read(text):
        return [row.consequence.hgvs_p for row in results._assessed(Question(text))]

    assert read("R163L\n\n# mine\np.Phe61del") == ["p.Arg163Leu", "p.Phe61del"]
    assert read("R163L, p.Phe61del") == ["p.Arg163Leu", "p.Phe61del"]
    assert len(read("c.[487C>T;488G>A]")) == 1
    assert read("sample\tvariant\nA\tR163L\n") == ["p.Arg163Leu"]
    assert read(VCF.decode()) == ["p.Arg163Leu"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("calls.vcf", VCF),
        ("calls.vcf.gz", gzip.compress(VCF)),
        ("calls.txt", VCF),
        ("table.csv", b"sample,variant\nA,R163L\n"),
        ("list.txt", b"R163L\n"),
    ],
)
def test_a_dropped_file_is_read_by_what_is_in_it(results, name, data):
    from epitope.web.results import Question

    (row,) = results._assessed(Question("", name, data))
    assert row.consequence.hgvs_p == "p.Arg163Leu"


def test_an_upload_comes_out_as_a_report_and_leaves_nothing_else(client, results):
    reply = client.post("/assess", files={"file": ("../../../table.csv", b"variant\nR163L\n")})
    assert reply.status_code == 200 and "p.Arg163Leu" in reply.text
    assert {path.name for path in results.folder.iterdir()} == set(results._files)
    assert "table.csv" in reply.text and "../table.csv" not in reply.text


@pytest.mark.parametrize("text", ["p.Gly163Leu", "nonsense", ""])
def test_a_mistake_is_told_as_the_command_line_tells_it(client, text):
    reply = client.post("/assess", data={"variants": text})
    assert reply.status_code == 422
    assert f">{text}</textarea>" in reply.text
    with pytest.raises(EpitopeError) as told:
        epitope.assess_each([text] if text else [])
        raise EpitopeError(epitope.assess(text)["error"].item())
    assert wrong(reply) == [str(told.value)]


@pytest.mark.parametrize("data", [b"\x00\xff\xfe\x01", b"PK\x03\x04broken", b"", b"a,b\n1,2\n"])
@pytest.mark.parametrize("name", ["x.vcf", "x.csv", "x.xlsx", "x.vcf.gz"])
def test_a_file_that_cannot_be_read_is_one_line_without_a_path_of_this_machine(client, results, name, data):
    reply = client.post("/assess", files={"file": (name, data)})
    assert reply.status_code == 422
    assert len(wrong(reply)) >= 1
    assert str(results.folder) not in reply.text and "Traceback" not in reply.text


def test_what_is_typed_is_text_and_no_markup(client):
    reply = client.post("/assess", data={"variants": "<script>alert(1)</script>"})
    assert "<script>alert" not in reply.text
    assert "<script>alert" not in client.get("/", params={"variants": "</textarea><script>alert(1)</script>"}).text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:PORT", "127.0.0.1:1", "127.0.0.1", "127.0.0.1.evil.example:PORT"]
)
def test_a_foreign_host_is_refused(client, host):
    host = host.replace("PORT", str(client.port))
    for reply in (client.get("/", headers={"host": host}), client.post("/assess", headers={"host": host})):
        assert reply.status_code == 403
        assert "<form" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:PORT"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(client, results, headers):
    headers = {name: value.replace("PORT", str(client.port)) for name, value in headers.items()}
    before = len(results._files)
    assert client.post("/assess", data={"variants": "R163L"}, headers=headers).status_code == 403
    assert len(results._files) == before


def test_the_own_origin_is_let_in_under_both_names(client):
    for name in ("127.0.0.1", "localhost"):
        headers = {
            "host": f"{name}:{client.port}",
            "origin": f"http://{name}:{client.port}",
            "sec-fetch-site": "same-origin",
        }
        assert client.post("/assess", data={"variants": "nonsense"}, headers=headers).status_code == 422


def test_a_length_that_is_too_large_or_none_is_refused_without_reading(client):
    from epitope.web.guard import LIMIT_BYTES

    for length, status in ((str(LIMIT_BYTES + 1), 413), ("many", 400)):
        connection = HTTPConnection("127.0.0.1", client.port, timeout=120)
        connection.putrequest("POST", "/assess")
        connection.putheader("content-length", length)
        connection.endheaders()
        assert connection.getresponse().status == status


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_reading_stops_where_a_body_of_no_length_is_too_large(results, kind):
    from epitope.web.guard import LIMIT_BYTES
    from epitope.web.serve import make_app

    begin = (
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' if "multi" in kind else b"a="
    )
    read, sent = [], []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": begin if len(read) == 1 else b"x" * 2**20, "more_body": len(read) < 99}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:1"), (b"content-type", kind.encode())]
    scope = {"type": "http", "method": "POST", "path": "/assess", "query_string": b"", "headers": headers}
    asyncio.run(make_app(results, 1)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert len(read) <= LIMIT_BYTES // 2**20 + 2
    assert b"epitope report" in sent[1]["body"]


@pytest.mark.parametrize("path", ["/result/" + "0" * 32 + "/", "/result/x/", "/result/", "/nothing", "/assess/x"])
def test_an_unknown_address_is_a_page_with_the_box(client, path):
    reply = client.get(path)
    assert reply.status_code == 404
    assert 'name="variants"' in reply.text


def test_a_result_that_was_dropped_can_be_made_again_from_its_address(client):
    reply = client.get("/result/" + "0" * 32 + "/", params={"variants": "R163L"})
    assert reply.status_code == 404
    assert ">R163L</textarea>" in reply.text


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "exports/../../x",
     "exports", "assessments.csv%00", "..\\..\\x"],
)  # fmt: skip
def test_nothing_but_the_files_of_a_result_can_be_had(client, answer, path):
    base = answer.url.partition("?")[0]
    status, text = client.raw(base.removeprefix(client.here) + path)
    assert status == 404
    assert "root:" not in text


def test_other_methods_are_refused(client):
    assert client.get("/assess").status_code == 405
    assert client.delete("/").status_code == 405


def test_every_answer_says_what_a_browser_may_do_with_it(client, answer):
    for reply in (client.get("/"), answer, client.get("/nothing"), client.get("/", headers={"host": "x"})):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy
    (meta,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', answer.text)
    assert "script-src 'sha256-" in html.unescape(meta) and "form-action 'none'" in html.unescape(meta)
    assert answer.headers["content-security-policy"] == f"{html.unescape(meta)}; frame-ancestors 'none'"


def test_a_mistake_of_the_program_is_no_traceback_for_the_browser(client, results, monkeypatch):
    monkeypatch.setattr(results, "answer", lambda question: 1 / 0)
    reply = client.post("/assess", data={"variants": "R163L"})
    assert reply.status_code == 500
    assert "ZeroDivision" not in reply.text and "the terminal" in wrong(reply)[0]


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Results whose reports are one line, with how often each was made."""
    from epitope.web import results as module

    made = []

    def write(out, structure, rows, **options):
        made.append(rows[0].consequence.variant.text)
        out.mkdir()
        (out / "index.html").write_text(made[-1])

    monkeypatch.setattr(module, "write_report", write)
    return module.Results(epitope.load(), tmp_path), made


def test_the_oldest_results_are_dropped(quick):
    from epitope.web.results import KEPT, Question

    results, _ = quick
    names = [results.answer(Question(f"p.Arg163{end}" + " " * n)) for n in range(KEPT) for end in ("Leu", "Lys")]
    assert len(set(names)) == 2 * KEPT
    assert {path.name for path in results.folder.iterdir()} == set(names[-KEPT:])
    assert results.file(names[0], "index.html") is None
    assert results.file(names[-1], "index.html")


def test_simultaneous_questions_are_each_answered_once(quick):
    from epitope.web.results import Question

    results, made = quick
    texts = ["R163L", "p.Phe61del", "ex2part"] * 4
    told = {}
    threads = [
        threading.Thread(target=lambda n=n, text=text: told.update({n: results.answer(Question(text))}))
        for n, text in enumerate(texts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(set(texts))
    assert all(results.file(told[n], "index.html") == text.encode() for n, text in enumerate(texts))


def test_more_variants_than_a_page_holds_are_refused(quick):
    from epitope.web.results import MOST_VARIANTS, Question

    with pytest.raises(EpitopeError, match="epitope report"):
        quick[0].answer(Question("\n".join(["R163L"] * (MOST_VARIANTS + 1))))


def test_a_port_that_is_taken_is_one_line():
    from epitope.web.serve import serve

    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(EpitopeError, match="name another, or 0 for any") as told,
    ):
        serve(epitope.load(), port=taken.getsockname()[1], open_browser=False)
    assert "\n" not in str(told.value)


def test_it_serves_where_standard_output_is_closed(monkeypatch):
    from epitope.web.serve import serve

    said = []
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: said.append("served"))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.stdout", None)
    serve(epitope.load(), port=0, viewer_script="none", open_browser=False, say=said.append)
    assert said[1:] == ["served"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_address_answers_and_leaves_nothing_when_it_ends(tmp_path, end):
    command = [sys.executable, "-m", "epitope", "serve", "--no-browser", "--port", "0", "--viewer-script", "none"]
    path = os.pathsep.join([str(ROOT), *sys.path])
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "TMPDIR": str(tmp_path)},
    ) as running:
        address = running.stdout.readline().strip()
        reply = requests.get(address, timeout=120)
        assert reply.status_code == 200 and 'name="variants"' in reply.text
        assert [folder.name for folder in tmp_path.iterdir() if "epitope" in folder.name]
        running.send_signal(end)
        _, complaints = running.communicate(timeout=120)
    assert running.returncode == 0
    assert "Traceback" not in complaints
    assert not [folder.name for folder in tmp_path.iterdir() if "epitope" in folder.name]
