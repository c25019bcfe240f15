"""The pages by address, and the server that runs them on this machine."""

from __future__ import annotations

import contextlib
import mimetypes
import signal
import socket
import webbrowser
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from epitope.errors import EpitopeError, MissingDependencyError, OutputError, one_line
from epitope.files import temporary
from epitope.show.report.page import policy_of
from epitope.show.report.start import start_page
from epitope.show.viewer import find_viewer_script
from epitope.web.guard import LIMIT_BYTES, Guard, own_hosts
from epitope.web.results import Question, Results

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from epitope.features.measured import MeasuredComplex

HOST = "127.0.0.1"
PORT = 8719
_LONGEST_ADDRESS = 1500
"""Characters of typed variants that an address carries along."""
_FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_GONE = "This result is no longer kept. Press Assess to make it once more."


def make_app(results: Results, port: int) -> ASGIApp:
    """Return the pages as an ASGI application.

    Parameters
    ----------
    results : Results
    port : int
        That the server listens on; requests to another host or port are refused.

    Raises
    ------
    MissingDependencyError
        If the extra ``web`` is not installed.
    """
    _needed()
    from python_multipart.exceptions import FormParserError
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.datastructures import UploadFile
    from starlette.exceptions import HTTPException
    from starlette.responses import HTMLResponse, RedirectResponse, Response
    from starlette.routing import Route

    def page(status: int = 200, text: str = "", errors: tuple[str, ...] = ()) -> Response:
        html, policy = start_page(results.structure, text=text, errors=errors, limit_bytes=LIMIT_BYTES)
        return HTMLResponse(html, status, {"content-security-policy": f"{policy}; frame-ancestors 'none'"})

    async def start(request: Request) -> Response:
        return page(text=request.query_params.get("variants", ""))

    async def assess(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=3, max_part_size=LIMIT_BYTES) as form:
            said = {name: value for name, value in form.items() if isinstance(value, str)}
            upload = form.get("file")
            text = said.get("example") or said.get("variants", "")
            question = Question(text)
            if "example" not in said and isinstance(upload, UploadFile) and upload.filename:
                question = Question(text, upload.filename, await upload.read())
        try:
            name = await run_in_threadpool(results.answer, question)
        except EpitopeError as error:
            return page(422, text, tuple(map(one_line, map(str, error.args))))
        query = f"?{urlencode({'variants': text})}" if text and len(quote(text)) < _LONGEST_ADDRESS else ""
        return RedirectResponse(f"/result/{name}/{query}", 303)

    async def result(request: Request) -> Response:
        path = request.path_params["path"] or "index.html"
        content = results.file(request.path_params["name"], path)
        if content is None:
            return page(404, request.query_params.get("variants", ""), (_GONE,))
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        policy = policy_of(content.decode()) if path == "index.html" else _FILE_POLICY
        return Response(
            content, media_type=kind, headers={"content-security-policy": f"{policy}; frame-ancestors 'none'"}
        )

    async def wrong(_: Request, error: Exception) -> Response:
        if isinstance(error, FormParserError):  # which Starlette itself answers in its newest versions alone
            return page(400, errors=("Invalid multipart data.",))
        if not isinstance(error, HTTPException):
            return page(500, errors=("epitope has made a mistake; the terminal that it was started in says which.",))
        return page(error.status_code, errors=(error.detail,))

    app = Starlette(
        routes=[
            Route("/", start),
            Route("/assess", assess, methods=["POST"]),
            Route("/result/{name}/{path:path}", result),
        ],
        exception_handlers={HTTPException: wrong, FormParserError: wrong, Exception: wrong},
    )
    return Guard(app, own_hosts(port))


def serve(
    structure: MeasuredComplex,
    *,
    port: int = PORT,
    viewer_script: str = "auto",
    open_browser: bool = True,
    say: Callable[[str], Any] = print,
) -> None:
    """Serve the page on this machine until it is interrupted.

    Parameters
    ----------
    structure : MeasuredComplex
        What variants are assessed on.
    port : int
        0 takes any that is free.
    viewer_script : str
        As for `epitope.api.report`.
    open_browser : bool
        Show the page in the user's browser.
    say : callable
        Called with the address once it can be opened.

    Raises
    ------
    MissingDependencyError
        If the extra ``web`` is not installed.
    OutputError
        If the port is taken, or the viewer script is another release.
    """
    _needed()
    import uvicorn

    if viewer_script != "auto":
        find_viewer_script(viewer_script)
    with contextlib.ExitStack() as stack:
        try:
            listening = stack.enter_context(socket.create_server((HOST, port)))
        except OSError as error:
            raise OutputError(
                f"--port {port}: cannot be used ({error.strerror}); name another, or 0 for any"
            ) from error
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        told: list[int] = []  # to end, while the folder was made that nobody would have taken away again
        signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        folder = stack.enter_context(temporary())
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the folder goes then as well
        if told:
            return
        port = listening.getsockname()[1]
        results = Results(structure, folder, viewer_script)
        app = make_app(results, port)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", use_colors=False, server_header=False, lifespan="off")
        )
        address = f"http://{HOST}:{port}/"
        say(address)
        if open_browser:
            webbrowser.open(address)
        Thread(target=results.prepare, daemon=True).start()
        server.run(sockets=[listening])


def _needed() -> None:
    """Say how to get what the pages are served with, where it is missing."""
    try:
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            'epitope serve needs starlette, uvicorn and python-multipart; pip install "epitope[web]"'
        ) from error
