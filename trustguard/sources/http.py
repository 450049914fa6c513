"""HTTP: the only place that knows httpx. Errors leave as SourceRefused or SourceUnreachable.

What is held to here, whatever a server says:

- http and https only, plain http only to this machine and to trusted hosts, also after a redirect;
- at most 10 redirects; a credential goes to the origin that it was configured for, and a user or password
  in a redirect's target is not used;
- documents are bounded in size after decoding, everything is bounded in time from the first packet to the
  last byte; failures that may pass are repeated, as pip does and for the same statuses.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Any

import anyio
import h2.exceptions

from trustguard.model.errors import SourceRefused
from trustguard.sources import tls
from trustguard.sources.credentials import Credential, CredentialStore, split_userinfo
from trustguard.sources.http_attempts import Operation, Transient
from trustguard.sources.http_body import accepted, whole
from trustguard.sources.http_settings import HttpSettings
from trustguard.sources.http_transfer import Transfer
from trustguard.sources.http_types import (
    MISSING,
    NOT_MODIFIED,
    OK,
    PARTIAL,
    UNAUTHORIZED,
    Download,
    Response,
)
from trustguard.sources.httpx_library import httpx
from trustguard.sources.urls import printable, redact

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Download", "HttpClient", "HttpSettings", "Response"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPS = 10
_CONNECTIONS = 20
_LAST_PORT = 65_535
_SMALL = 65536
"""Bytes of a body nobody wants that are read for the sake of the connection."""
_CHATTY = ("httpx", "httpcore", "hpack", "h2")
"""Loggers that write down URLs (signatures included) and headers (credentials included)."""


class HttpClient:
    """Fetches documents and files; a context manager that lives inside of one event loop.

    Args:
        settings: how the network is to be used.
        credentials: who we are to whom; a store with nothing configured by default.
    """

    def __init__(self, settings: HttpSettings, credentials: CredentialStore | None = None) -> None:
        self.settings = settings
        self.credentials = credentials or CredentialStore()
        self._clients: dict[bool, httpx.AsyncClient] = {}
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    def prepare(self, url: str) -> None:
        """Load, inside of the event loop, what the first request to an address would have to wait for.

        Raises:
            SourceRefused: the address may not be asked, or the network cannot be used as it is configured.
        """
        operation = Operation(self.settings, url, "the address", 0)
        self._client(self._permitted(operation, self._registered(url)))

    async def get_bytes(  # noqa: PLR0913 - each bound is the caller's to choose
        self,
        url: str,
        *,
        limit: int,
        accept: str = "*/*",
        deadline: float = 60.0,
        what: str = "the document",
        headers: Mapping[str, str] | None = None,
        also: frozenset[int] = frozenset(),
    ) -> Response:
        """Fetch a small document.

        Args:
            url: http or https; a user and password in it are used, for its origin.
            limit: bytes, after decoding.
            accept: the ``Accept`` header.
            deadline: seconds for everything.
            what: what it is, for messages.
            headers: further request headers; ``If-None-Match`` makes 304 an answer.
            also: further statuses that are an answer to the caller.

        Raises:
            SourceRefused: the answer is against the rules, or a status that says no.
            SourceUnreachable: there is no answer, or not in time.
        """
        operation = Operation(self.settings, url, what, deadline)
        clean = self._registered(url)
        sent = {"Accept": accept, "Accept-Encoding": "gzip", **(headers or {})}
        statuses = {OK, *MISSING, *also} | _if_conditional(sent)

        async def attempt() -> Response:
            answer = await self._open(operation, clean, sent, statuses)
            try:
                content = await whole(answer, limit, operation) if answer.status == OK else b""
                await answer.drop()
            finally:
                await answer.close()
            return Response(answer.url, answer.status, content, answer.content_type, answer.headers)

        return await operation.persist(attempt)

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        *,
        limit: int,
        deadline: float,
        what: str = "the file",
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Download]:
        """Fetch a file in pieces, exactly as it lies on the server: no content encoding is undone.

        Args:
            url: http or https; a user and password in it are used, for its origin.
            limit: bytes.
            deadline: seconds for everything, the time that the caller takes included.
            what: what it is, for messages.
            headers: further request headers; ``If-None-Match`` makes 304 an answer.

        Raises:
            SourceRefused: the answer is against the rules, or any status that is not a file (404 too).
            SourceUnreachable: there is no answer, it broke off for good, or not in time.
        """
        operation = Operation(self.settings, url, what, deadline)
        clean = self._registered(url)
        fixed = {"Accept": "*/*", "Accept-Encoding": "identity"}

        async def request(more: Mapping[str, str]) -> _Answer:
            statuses = {OK} | ({PARTIAL} if "Range" in more else _if_conditional(more))
            return await self._open(operation, clean, {**fixed, **more}, statuses)

        transfer = Transfer(operation, request, limit)
        try:
            yield await transfer.start(headers or {})
        finally:
            await transfer.close()

    def _registered(self, url: str) -> str:
        clean, credential = split_userinfo(url)
        if credential is not None:
            self.credentials.add(url)
        return clean

    async def _open(
        self, operation: Operation, url: str, headers: Mapping[str, str], statuses: set[int]
    ) -> _Answer:
        """Follow redirects to an answer with an accepted status."""
        target = self._permitted(operation, url)
        for _ in range(_HOPS + 1):
            answer = await self._send(operation, target, headers)
            if answer.status not in _REDIRECTS:
                await accepted(answer, statuses, operation)
                return answer
            location = answer.headers.get("location", "")
            await answer.drop()
            if not location:
                raise operation.refused(f"it was answered with {answer.status}, without a new address")
            target = self._permitted(operation, location, target)
        raise operation.refused(f"it was redirected more than {_HOPS} times")

    def _permitted(self, operation: Operation, url: str, base: httpx.URL | None = None) -> httpx.URL:
        try:
            target = httpx.URL(url) if base is None else base.join(url)
            target = target.copy_with(userinfo=b"", fragment=None)
        except (httpx.InvalidURL, ValueError) as error:
            raise operation.refused(f"{redact(url)} is not a valid address") from error
        led = "it was redirected to" if base is not None else "the address is"
        if target.scheme not in {"http", "https"} or not target.host:
            raise operation.refused(f"{led} {redact(url)}, which is neither http nor https")
        if target.port is not None and target.port > _LAST_PORT:
            raise operation.refused(f"{redact(url)} is not a valid address")
        if target.scheme == "http" and not self.settings.permits_plain(str(target)):
            hint = f"use https; or, if the network is yours, --trusted-host {target.host}"
            raise operation.refused(f"{led} {redact(str(target))}, which is not encrypted", hint)
        return target

    async def _send(self, operation: Operation, url: httpx.URL, headers: Mapping[str, str]) -> _Answer:
        credential = self.credentials.known(str(url))
        answer = await self._send_once(operation, url, headers, credential)
        if answer.status != UNAUTHORIZED:
            return answer
        other = await self.credentials.asked(str(url))
        if other is None or other == credential:
            return answer
        await answer.drop()
        return await self._send_once(operation, url, headers, other)

    async def _send_once(
        self, operation: Operation, url: httpx.URL, headers: Mapping[str, str], credential: Credential | None
    ) -> _Answer:
        client = self._client(url)
        proof = {"Authorization": credential.header()} if credential is not None else {}
        with _seam(operation):
            request = client.build_request("GET", url, headers={**headers, **proof})
            response = await client.send(request, stream=True, auth=None)
        return _Answer(response, operation)

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        verifies = url.scheme == "https" and not self.settings.trusts(str(url))
        if verifies not in self._clients:
            make = tls.verified if verifies else tls.unverified
            self._clients[verifies] = self._made(make(self.settings))
        return self._clients[verifies]

    def _made(self, context: ssl.SSLContext) -> httpx.AsyncClient:
        settings = self.settings
        try:
            return httpx.AsyncClient(
                verify=context,
                http2=True,
                proxy=self._proxy(),
                trust_env=settings.use_env_proxies and settings.proxy is None,
                timeout=httpx.Timeout(settings.timeout, pool=None),
                limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
                headers={"User-Agent": settings.user_agent},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        except (httpx.InvalidURL, ValueError, ImportError) as error:
            raise SourceRefused(
                "the configured proxy cannot be used",
                hint="--proxy takes http://HOST:PORT; SOCKS needs the package socksio",
            ) from error

    def _proxy(self) -> httpx.Proxy | None:
        proxy = self.settings.proxy
        if not proxy:
            return None
        secure = proxy.startswith("https://")
        context = tls.verified(self.settings) if secure else None
        return httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}", ssl_context=context)


class _Answer:
    """See :class:`trustguard.sources.http_types.Answer`."""

    def __init__(self, response: httpx.Response, operation: Operation) -> None:
        self._response = response
        self._operation = operation
        self._raw: AsyncIterator[bytes] | None = None
        self.url = str(response.url)
        self.status = response.status_code
        self.headers: Mapping[str, str] = dict(response.headers)

    @property
    def content_type(self) -> str:
        """The media type, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """The next piece of the body as it was sent; empty at the end."""
        with _seam(self._operation):
            if self._raw is None:
                self._raw = self._response.aiter_raw()
            return await anext(self._raw, b"")

    async def close(self) -> None:
        """Let go of the connection; it can be used again only if the body was read to its end."""
        await self._response.aclose()

    async def drop(self) -> None:
        """Read and forget a body that is small, so that its connection can be used again; then close."""
        left = _SMALL
        try:
            with suppress(Transient):  # what is lost here is lost on nobody
                while left > 0 and (chunk := await self.read()):
                    left -= len(chunk)
        finally:
            await self.close()


def _if_conditional(headers: Mapping[str, str]) -> set[int]:
    return {NOT_MODIFIED} if any(name.lower() == "if-none-match" for name in headers) else set()


@contextmanager
def _seam(operation: Operation) -> Iterator[None]:
    """Turn what httpx and the libraries below it raise into ours."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Transient("it did not answer in time") from error
    except (httpx.TransportError, h2.exceptions.H2Error, OSError) as error:
        if _is_about_a_certificate(error):
            raise operation.refused(
                "its certificate is not trusted", "--cert names a bundle; --trusted-host does without"
            ) from error
        raise Transient(printable(str(error)) or "the connection broke") from error
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream) as error:
        raise Transient("the connection broke") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        # ValueError: a host's name that cannot be one, found out only when it is looked up.
        raise operation.refused(printable(str(error)) or type(error).__name__) from error


def _is_about_a_certificate(error: BaseException) -> bool:
    seen: list[Any] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return False
