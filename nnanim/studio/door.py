"""Door: who is let in: the right host and origin, who knows the token, and not too many."""

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_TABS = 64

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Lock:
    """The token, and under which names and at which port the studio may be asked.

    With `remote`, also under any number of a network, as which no other name can be taken.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    names: frozenset[str] = _LOOPBACK
    remote: bool = False

    def opens_with(self, token: object) -> bool:
        """Return whether a token is the right one, in a time that tells nothing of it."""
        told = token if isinstance(token, str) else ""
        return secrets.compare_digest(told.encode(errors="replace"), self.token.encode())

    def is_host(self, host: str) -> bool:
        """Return whether that is the host that is meant, not a name that leads here."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        plain = parts.netloc == host and not (parts.path or parts.query or parts.username)
        return plain and port == self.port and (name in self.names or self._is_number(name))

    def is_origin(self, origin: str) -> bool:
        """Return whether a request comes from a page of the studio's own."""
        scheme, _, host = origin.partition("://")
        return scheme == "http" and self.is_host(host)

    def _is_number(self, name: str) -> bool:
        if not self.remote:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class Door:
    """Lets in what comes by the right host and origin, and tells every answer not to be kept."""

    def __init__(self, app: ASGIApp, lock: Lock) -> None:
        self._app, self._lock = app, lock
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        tab = scope["type"] == "websocket"
        self._inside += tab
        try:
            await self._app(scope, receive, _marked(send))
        finally:
            self._inside -= tab

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if len(_all(headers, "host")) != 1 or not self._lock.is_host(headers["host"]):
            return 403, "not the host of this studio"
        origins = _all(headers, "origin")
        if any(not self._lock.is_origin(origin) for origin in origins):
            return 403, "not from this studio's page"
        if scope["type"] == "websocket":
            if len(origins) != 1:
                return 403, "not from this studio's page"
            return (503, "too many tabs: close some") if self._inside >= MOST_TABS else None
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "only GET"
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            return 413, "nothing is taken here"
        return None


def _all(headers: Headers, name: str) -> list[str]:
    return headers.getlist(name)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    response = PlainTextResponse(text, status)
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get(
        "extensions", {}
    ):
        await send({"type": "websocket.close", "code": 1008})
        return
    await response(scope, receive, _marked(send))


def _marked(send: Send) -> Send:
    """Return what sends answers that nobody is to keep."""

    async def marked(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return marked


def policy(script: str, style: str, ancestors: Iterable[str] = ()) -> str:
    """Return what the studio's page may do: run its own script and style, and ask the studio."""
    return (
        f"default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {' '.join(ancestors) or chr(39) + 'none' + chr(39)}"
    )
