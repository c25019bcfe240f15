"""Requests to `epitope serve`."""

from __future__ import annotations

import asyncio
import json
import random
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.fuzz.doors.base import Door, loaded
from benchmarks.fuzz.doors.variants import TABLES, VCF
from benchmarks.fuzz.mutate import VALUES, damaged_bytes


class Serve(Door):
    """Requests to `epitope serve`; a case is JSON with method, path, headers and body."""

    texts = (
        "p.Phe61de",
        "",
        "x",
        "c.1A>",
        "chr16-1-A-T",
        "sample\tvariant\nA\tno\n",
        "##fileformat=VCFv4.2\n",
        "é\ud800",
    )
    paths = ("/", "/result/x/", "/result/../../etc/passwd", "/static/x", "//", "/%2e%2e/", "/assess/../", "/é")
    names = ("x.csv", "x.vcf", "x.xlsx", "../x", "", "x" * 300, "\\x00.csv")

    def make(self, rng: random.Random) -> bytes:
        """Return a sound request of which up to two parts are wrong."""
        wrong = rng.choices(
            ("text", "field", "content", "form", "header", "method", "path"), k=rng.choice((0, 1, 1, 2))
        )
        text = rng.choice((*self.texts, *VALUES) if "text" in wrong else ("R163L", "c.488G>T, p.Phe61del", VCF))
        form = urlencode(
            {rng.choice(("example", "file", "x")) if "field" in wrong else "variants": text}, errors="replace"
        )
        kind = "application/x-www-form-urlencoded"
        if rng.random() < 0.4:
            file = rng.choice((("x.csv", TABLES[0]), ("x.vcf", VCF)))
            name = rng.choice(self.names) if "field" in wrong else file[0]
            content = file[1].encode()
            if "content" in wrong:
                content = damaged_bytes(rng, rng.choice((content, rng.choice(self.texts).encode("utf-8", "replace"))))
            kind = f"multipart/form-data; boundary={rng.choice(('', 'é', 'b' * 300)) if 'form' in wrong else 'b'}"
            form = (
                f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
                f"{content.decode('latin-1')}\r\n--b--\r\n"
            )
        if "form" in wrong:
            form = damaged_bytes(rng, form.encode()).decode("latin-1")
        headers = {"host": "127.0.0.1:8719", "content-type": kind, "content-length": str(len(form))}
        if "header" in wrong:
            headers[rng.choice((*headers, "origin", "cookie", "range"))] = rng.choice(VALUES)
        method = rng.choice(("GET", "PUT", "HEAD", "OPTIONS", "X")) if "method" in wrong else "POST"
        path = rng.choice(self.paths) if "path" in wrong else "/assess"
        return json.dumps({"method": method, "path": path, "headers": headers, "body": form}).encode()

    @cached_property
    def app(self) -> Any:
        """The pages, with results in a folder of their own."""
        import tempfile

        from epitope.web.results import Results
        from epitope.web.serve import make_app

        return make_app(Results(loaded(), Path(tempfile.mkdtemp(prefix="epitope-fuzz-")), "none"), 8719)

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.errors import EpitopeError

        status, body = asyncio.run(_asked(self.app, json.loads(case)))
        if status == 500:
            raise AssertionError(f"status 500: {body[:200]!r}")
        if status >= 400:
            raise EpitopeError(f"status {status}")


async def _asked(app: Any, request: dict[str, Any]) -> tuple[int, bytes]:
    """Send a request to an ASGI application and return the status and the body of its answer."""
    body, sent = request["body"].encode("utf-8", "replace"), []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "http",
        "path": request["path"],
        "raw_path": request["path"].encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (k.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for k, v in request["headers"].items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8719),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    return status, b"".join(message.get("body", b"") for message in sent)
