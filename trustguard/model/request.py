"""What the user asked an installer for, as far as sources are concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from trustguard.model.record import record


@record
class Sources:
    """Every place that an installer was told to look at, and how to reach it. URLs may hold credentials."""

    indexes: tuple[str, ...] = ()
    """Simple-API addresses in the order in which they were configured; none with ``--no-index``."""
    find_links: tuple[str, ...] = ()
    """Folders, pages and addresses that list files of any project."""
    trusted_hosts: tuple[str, ...] = ()
    """``host`` or ``host:port``, reached without TLS verification, or without TLS."""
    proxy: str | None = None
    """A proxy's address; an empty one turns every proxy off."""
    use_env_proxies: bool = True
    ca_file: Path | None = None
    client_cert: Path | None = None
    timeout: float = 15.0
    """Seconds, for a connection and for each read."""
    retries: int = 5
    keyring_provider: str = "auto"


@record
class Direct:
    """A file that was asked for by its address or path.

    Args:
        key: stands for it in the guard's URLs; the same address, and folder in it, always has the same key.
        url: the address, http, https or file; may hold credentials.
        filename: the last part of the address.
        origin: where it was named.
        project: the name that stands before the ``@``, as written; None where there is none.
        hashes: digests that stand behind the address; weak ones are compared, and pin nothing.
        pinned: whether a strong one stands behind it, or beside it.
    """

    key: str
    url: str
    filename: str
    origin: Literal["argument", "requirements-file", "lock-file"]
    project: str | None = None
    hashes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pinned: bool = False
