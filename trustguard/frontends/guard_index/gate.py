"""Who may ask the guard, and for what.

The index itself answers GET and HEAD alone, only with the run's credential, only under the exact host and
port. Whatever else arrives came through the proxy variables of a program's environment. For pip that is an
address that was not lifted: it is refused and said. For programs that ask their own indexes it is how they
ask them; they show the credential as a proxy's, with each request or with the CONNECT before it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trustguard.frontends.guard_index.journal import Journal

ORIGIN = "trustguard.origin"
"""The key in an ASGI scope under which stands which ``https://host:port`` a tunnel leads to (CONNECT)."""

_THROUGH = "trustguard.through"
"""Likewise, where our own index is asked through the proxy: the credential is shown to that."""

Proxied = Callable[[Request, str], Awaitable[Response]]
"""Answers a request in the name of another host; the second argument is the whole address."""


def basic(user: str, password: str) -> bytes:
    """The value of ``Authorization`` or ``Proxy-Authorization`` (RFC 7617)."""
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode())


class Gate:
    """Lets through what comes from the run's own programs, and names what was headed elsewhere.

    Args:
        app: what stands behind the gate.
        port: where we listen.
        authorization: what a program must show.
        journal: is told of what is refused.
        proxied: answers in the name of other hosts; None where nothing but the index is to be had.
        name: the host as which the index is asked through the proxy; None where it is not.
    """

    def __init__(  # noqa: PLR0913 - what is let through, and what is known of it
        self,
        app: ASGIApp,
        port: int,
        authorization: bytes,
        journal: Journal,
        proxied: Proxied | None = None,
        name: str | None = None,
    ) -> None:
        self._app = app
        self._host = f"127.0.0.1:{port}"
        self._names = [self._host] if name is None else [self._host, f"{name}:{port}"]
        self._authorization = authorization
        self._journal = journal
        self._proxied = proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        url = None if self._proxied is None else self._elsewhere(scope)
        if url is None:
            answer: ASGIApp = self._refusal(scope) or self._app
        else:
            answer = await self._for_another(Request(scope, receive), url)
        await answer(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> str | None:
        """The address of another host that is asked for; None where it is ours."""
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        target = (scope["raw_path"] + query).decode("ascii", "replace")
        if ORIGIN in scope:
            return f"{scope[ORIGIN]}{target}"
        for own in (f"http://{name}/" for name in self._names):
            if target.startswith(own):  # a program that asks even loopback through its proxy
                scope["path"] = scope["path"][len(own) - 1 :]
                scope["raw_path"] = scope["raw_path"][len(own) - 1 :]
                scope[_THROUGH] = True
                return None
        return target if "://" in scope["path"] else None

    async def _for_another(self, request: Request, url: str) -> Response:
        shown = request.headers.get("proxy-authorization", "").encode("latin-1")
        if ORIGIN not in request.scope and not hmac.compare_digest(shown, self._authorization):
            self.not_ours(url)
            asking = {"Proxy-Authenticate": "Basic"}
            return PlainTextResponse("the run's credential is missing", 407, asking)
        if self._proxied is None:
            raise RuntimeError("nothing is answered in the name of others here")
        return await self._proxied(request, url)

    def not_ours(self, place: str) -> None:
        """Somebody wanted to get somewhere without the credential of the run."""
        self._journal.problem(f"refused: {place[:200]}, asked for by a program that is not of this run")

    def _refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"")
        through = _THROUGH in scope
        ours = through or host == self._host.encode()
        if scope["method"] == "CONNECT" or "://" in scope["path"] or not ours:
            self._journal.problem(
                f"refused: a connection to {_place(scope, host)}, which is no configured source"
            )
            return PlainTextResponse("refused by trustguard: not a configured source", 403)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("only GET and HEAD", 405)
        shown = [headers.get(b"authorization", b"")]
        shown += [headers.get(b"proxy-authorization", b"")] * through
        if not any(hmac.compare_digest(one, self._authorization) for one in shown):
            return PlainTextResponse("the run's credential is missing", 401, {"WWW-Authenticate": "Basic"})
        return None


def _place(scope: Scope, host: bytes) -> str:
    path = scope["path"] if "://" in scope["path"] else ""
    return path or host.decode(errors="replace")
