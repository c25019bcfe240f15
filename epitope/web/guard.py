"""What a request must be like before it is looked at, and what a browser may do with the answer.

A page of another site can send requests to this machine, under its own name or, by DNS
rebinding, under a name that leads here. Host and Origin tell; bodies are counted as they
come in, and must come in soon. Not for what is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT_BYTES = 20 * 2**20
"""Largest body of a request."""
TOO_LARGE = (
    f"more than {LIMIT_BYTES // 2**20} MB were sent; for a file this large use: epitope report --vcf FILE, "
    "or --table FILE"
)
BODY_WITHIN_S = 60.0
"""Time in which the body of a request must have come."""
MOST_AT_ONCE = 8
"""Requests with a body that are read or answered at the same time; each may hold `LIMIT_BYTES`."""
_MOST_DIGITS = 12
_OWN_SITE = ("same-origin", "none")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def own_hosts(port: int) -> frozenset[str]:
    """Return what a browser on this machine writes into Host.

    Examples
    --------
    >>> sorted(own_hosts(8719))
    ['127.0.0.1:8719', 'localhost:8719']
    """
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))


def refusal(hosts: frozenset[str], method: str, headers: Mapping[str, list[str]]) -> tuple[int, str] | None:
    """Say why a request is refused, by status and words; ``None`` if it is not.

    Parameters
    ----------
    hosts : frozenset of str
        As from `own_hosts`.
    method : str
    headers : mapping of str to list of str
        Every value of a header, by its name in lower case.

    Examples
    --------
    >>> refusal(own_hosts(8719), "GET", {"host": ["localhost:8719"]})
    >>> refusal(own_hosts(8719), "GET", {"host": ["evil.example"]})
    (403, 'this server answers on this machine only; its address is in the terminal')
    """
    host = headers.get("host", [])
    if len(host) != 1 or host[0].lower() not in hosts:
        return 403, "this server answers on this machine only; its address is in the terminal"
    if any(origin.lower() != f"http://{host[0].lower()}" for origin in headers.get("origin", [])):
        return 403, "this was sent by another site; open the address that is in the terminal"
    if method != "GET" and any(site not in _OWN_SITE for site in headers.get("sec-fetch-site", [])):
        return 403, "this was sent by another site; open the address that is in the terminal"
    length = headers.get("content-length", ["0"])[0]
    if not length.isascii() or not length.isdigit():
        return 400, "the length of what was sent is no number"
    return (413, TOO_LARGE) if len(length) > _MOST_DIGITS or int(length) > LIMIT_BYTES else None


class Guard:
    """Refuses what is foreign or too large, and says with each answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        from starlette.exceptions import HTTPException
        from starlette.responses import PlainTextResponse

        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        received = 0
        deadline = asyncio.get_running_loop().time() + BODY_WITHIN_S
        more = True

        async def counted() -> Message:
            nonlocal received, more
            try:
                async with asyncio.timeout_at(deadline if more else None):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the request did not arrive within {BODY_WITHIN_S:g} s") from None
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > LIMIT_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                added = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in said]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        refused = refusal(self.hosts, scope["method"], headers)
        if refused is None and scope["method"] == "POST" and self._now >= MOST_AT_ONCE:
            refused = 503, f"{MOST_AT_ONCE} requests are being answered; send this one again in a while"
        if refused is None:
            self._now += scope["method"] == "POST"
            try:
                await self.app(scope, counted, guarded)
            finally:
                self._now -= scope["method"] == "POST"
        else:
            status, words = refused
            await PlainTextResponse(f"epitope: {words}\n", status, {"connection": "close"})(scope, receive, guarded)
