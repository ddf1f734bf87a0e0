"""What stands between the network and the page: hosts, origins, the key, sizes, headers.

A browser on this machine runs other people's pages too, so listening on loopback alone protects
little. Every request passes here first:

- The ``Host`` it names must be ours: a foreign name that resolves to 127.0.0.1 (DNS rebinding)
  would otherwise make a foreign page same-origin with this one.
- What changes or uploads must come from our own page, or from no page at all (``Sec-Fetch-Site``,
  W3C Fetch Metadata; ``Origin`` from browsers without it).
- Where a key is set, it must be there: as ``Authorization: Bearer``, as ``api-key``, or as the
  cookie that the login page sets.
- No body may be longer than :data:`MAX_BODY`, whatever its header says.

Knows nothing of searches.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import UsageError

MAX_BODY = 40 * 2**20  # bytes of a request: a few scans of 600 dpi
MIN_KEY = 16  # characters: what is shorter can be guessed over a network
COOKIE = "engine_session"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = ("/login", "/static/")  # what somebody without the key may ask for
# Pictures alone may be shown by another page of this machine: the Qdrant web UI shows them.
SHARED_PATHS = ("/figures/", "/thumbs/")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may ask.

    Attributes:
        hosts: names beside loopback's that requests may be addressed to, lower case.
        numbers: any IP address may be named too; DNS rebinding needs a name.
        key: what everybody must show, or "" for nobody.
    """

    hosts: frozenset[str] = frozenset()
    numbers: bool = False
    key: str = ""
    session: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def token(self) -> str:
        """What the cookie of somebody who has shown the key holds; another after each start."""
        return hmac.new(self.session.encode(), self.key.encode(), hashlib.sha256).hexdigest()

    def shown(self, given: str) -> bool:
        """Whether this is the key, in constant time."""
        return hmac.compare_digest(given.encode(), self.key.encode())

    def admits(self, headers: Headers) -> bool:
        """Whether the request shows the key."""
        if not self.key:
            return True
        kind, _, word = headers.get("authorization", "").partition(" ")
        given = word.strip() if kind.lower() == "bearer" else headers.get("api-key", "")
        if given:
            return self.shown(given)
        return hmac.compare_digest(_cookie(headers).encode(), self.token().encode())

    def hosted(self, headers: Headers) -> bool:
        """Whether the request is addressed to us."""
        try:
            name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        except ValueError:
            return False
        if name in LOOPBACK_NAMES or name in self.hosts:
            return True
        return self.numbers and _is_number(name)


def access(host: str, key: str, names: tuple[str, ...] = ()) -> Access:
    """Who may ask a page that listens on ``host``.

    Args:
        host: address or name to listen on.
        key: API key, or "".
        names: further names by which the page is reached.

    Raises: UsageError for a page beyond loopback without a key, or a key that can be guessed.
    """
    if not is_loopback(host) and not key:
        raise UsageError(
            f"Whoever reaches {host} could search the store. Give a key with --page-key "
            "(make one: openssl rand -hex 16), or leave --host away to serve this machine alone."
        )
    if key and (len(key) < MIN_KEY or not key.isascii() or not key.isprintable() or " " in key):
        raise UsageError(
            f"The page's key must be at least {MIN_KEY} printable ASCII characters without spaces. "
            "Make one: openssl rand -hex 16"
        )
    known = {name.lower() for name in (*names, host) if name}
    return Access(hosts=frozenset(known), numbers=not is_loopback(host), key=key)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware that lets through what `Access` allows, and marks every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        answer = self._refusal(scope, headers)
        marked = _marking(scope["path"], send)
        if answer is not None:
            await answer(scope, receive, marked)
        else:
            await self.app(scope, _bounded(receive), marked)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        path = scope["path"]
        if not self.access.hosted(headers):
            return _said(421, "This page is not served under that name. Name it with --allow-host.")
        if scope["method"] not in SAFE_METHODS and not own_page(headers):
            return _said(403, "Another site's page sent this. Use the page itself.")
        if not self.access.admits(headers) and not path.startswith(OPEN_PATHS):
            if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                return RedirectResponse("/login", 303)
            return _said(
                401, "Show the key: Authorization: Bearer KEY.", {"WWW-Authenticate": "Bearer"}
            )
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return _said(413, TOO_LONG)
        return None


TOO_LONG = f"That is more than {MAX_BODY >> 20} MiB. Send fewer or smaller drawings."


def own_page(headers: Headers) -> bool:
    """Whether a request comes from our own page, or from a program that is no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:
        return False


def _bounded(receive: Receive) -> Receive:
    """The body, ended by an error where it is longer than it may be."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, TOO_LONG)
        return message

    return read


def _marking(path: str, send: Send) -> Send:
    """Add the headers that every answer has."""

    async def mark(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            shared = path.startswith(SHARED_PATHS)
            headers["Cross-Origin-Resource-Policy"] = "same-site" if shared else "same-origin"
            # Queries may be of designs that nobody has filed yet: nothing of them stays in a cache.
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return mark


def _said(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": words}, status, headers)


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
