"""What an address is made of, and how it is shown: origins, loopback, ``file:`` URLs, redaction."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from trustguard.model.errors import SourceRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"([^/?#]*//)([^/?#]*)(.*)", re.DOTALL)
_HOST_AND_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]*)?")
_SHOWN = 300
"""Characters of a foreign text that are shown at most."""


class Origin(NamedTuple):
    """What credentials belong to (RFC 6454): the scheme, the host, and the port."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> Origin:
    """The origin of an http or https URL, with its default port filled in and its host in ASCII.

    Raises:
        ValueError: the URL has no host, no such port, or another scheme.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ValueError("not an http or https URL with a host")
    ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    return Origin(parts.scheme, ascii_host, parts.port or _DEFAULT_PORTS[parts.scheme])


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by pip's list of secure origins: localhost, 127.0.0.0/8, ::1."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def printable(text: str) -> str:
    """A foreign text for a message: one line, no control characters, at most 300 characters."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return "".join(char if char.isprintable() else "?" for char in cut)


def redact(url: str) -> str:
    """A URL for a message: without user, password and query (which may be a signature). Never raises."""
    match = _AUTHORITY.fullmatch(url)
    if match is None:
        head, authority, rest = "", url, ""
    else:
        head, authority, rest = match.groups()
    if "@" in authority:
        authority = "****@" + authority.rpartition("@")[2]
    elif "@" in rest and not _HOST_AND_PORT.fullmatch(authority):
        # A slash inside of a password: what looks like a port is its beginning.
        authority, rest = "****@", rest.rpartition("@")[2]
    path, query, _ = rest.partition("?")
    return printable(head + authority + path + ("?..." if query else ""))


def split(url: str) -> SplitResult:
    """``urlsplit`` with our error.

    Raises:
        SourceRefused: it is not a URL.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SourceRefused(f"{redact(url)} is not a valid address") from error
    return parts


def path_of_file_url(url: str) -> Path:
    """The path that a ``file:`` URL names (RFC 8089).

    Raises:
        SourceRefused: another scheme, or a file on another machine.
    """
    from urllib.request import url2pathname  # noqa: PLC0415 - costs 40 ms, and few need it

    parts = split(url)
    host = "" if parts.netloc == "localhost" else parts.netloc
    if parts.scheme != "file" or (host and os.name != "nt"):
        raise SourceRefused(f"{redact(url)} does not name a file on this machine")
    path = url2pathname(f"//{host}{parts.path}" if host else parts.path)
    if "\0" in path:
        raise SourceRefused(f"{redact(url)} does not name a file on this machine")
    return Path(path)
