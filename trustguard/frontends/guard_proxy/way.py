"""The way to a host that is let through: straight, or through the proxy that its user has configured."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from trustguard.sources import tls
from trustguard.sources.http_settings import HttpSettings
from trustguard.sources.urls import redact

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_PORTS = {"http": 80, "https": 443}
_SUCCESSFUL = "2"


class Way:
    """Makes connections.

    Args:
        settings: which proxy is configured for pip, and whether that of the environment counts.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings

    async def connect(self, host: str, port: int) -> Streams:
        """A connection to a host, whoever hands it on.

        Raises:
            OSError: there is none to be had; the message says why.
        """
        proxy = self._proxy(f"[{host}]" if ":" in host else host, port)
        if not proxy:
            return await asyncio.open_connection(host, port)
        try:
            parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
            default = _PORTS[parts.scheme]
            there, at = parts.hostname or "", parts.port or default
        except (KeyError, ValueError):
            raise OSError(f"the proxy {redact(proxy)} is none that can be used here") from None
        context = tls.verified(self._settings) if parts.scheme == "https" else None
        streams = await asyncio.open_connection(there, at, ssl=context)
        try:
            await _ask(streams, host, port, parts.username, parts.password)
        except BaseException:
            streams[1].close()
            raise
        return streams

    def _proxy(self, host: str, port: int) -> str:
        if self._settings.proxy is not None:
            return self._settings.proxy
        if not self._settings.use_env_proxies or proxy_bypass(f"{host}:{port}"):
            return ""
        found: Mapping[str, str] = getproxies()
        return found.get("https") or found.get("all") or ""


async def _ask(streams: Streams, host: str, port: int, user: str | None, password: str | None) -> None:
    """Ask a proxy for a tunnel (RFC 9110, section 9.3.6).

    Raises:
        OSError: it makes none.
    """
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if user is not None:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    reader, writer = streams
    writer.write("\r\n".join((*lines, "", "")).encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise OSError("the proxy does not answer as one") from None
    _, _, status = head.partition(b"\r\n")[0].decode("ascii", "replace").partition(" ")
    if not status.startswith(_SUCCESSFUL):
        raise OSError(f"the proxy says {status}")
