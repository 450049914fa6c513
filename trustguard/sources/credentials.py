"""Who we are to an index, found in the places where pip finds it.

The order is pip's: user and password in the configured address, netrc, and only after a 401 the keyring. Two
things are narrower than in pip. A ``default`` entry of netrc is not sent: it fits every host there is, also
one that a redirect chose. And what was configured for one origin is never sent to another.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import netrc
import os
from collections.abc import Iterator
from dataclasses import field
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from trustguard.model.record import record
from trustguard.sources.urls import Origin, origin, redact, split

__all__ = ["Credential", "CredentialStore", "redact", "split_userinfo"]

_log = logging.getLogger(__name__)


@record
class Credential:
    """A user and a password. The user may be a token, so neither is ever shown.

    Args:
        username: as it is sent.
        password: None where only a user was given; it is then sent empty, as pip does.
    """

    username: str = field(repr=False)
    password: str | None = field(default=None, repr=False)

    def header(self) -> str:
        """The value of ``Authorization`` (RFC 7617), encoded as pip's HTTP library does: Latin-1 first."""
        pair = f"{self.username}:{self.password or ''}"
        try:
            encoded = pair.encode("latin-1")
        except UnicodeEncodeError:
            encoded = pair.encode("utf-8", "replace")
        return "Basic " + base64.b64encode(encoded).decode("ascii")


def split_userinfo(url: str) -> tuple[str, Credential | None]:
    """Take user and password (percent-decoded) out of a URL.

    Returns:
        The URL without them, and the credential, or None where there is none.

    Raises:
        SourceRefused: it is not a URL.
    """
    parts = split(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, colon, password = userinfo.partition(":")
    clean = urlunsplit(parts._replace(netloc=host))
    if not userinfo:
        return clean, None
    return clean, Credential(unquote(user), unquote(password) if colon else None)


@record
class _Configured:
    url: str
    credential: Credential | None

    def shared(self, path: str) -> int:
        """How many leading segments its path shares with another one."""
        pairs = zip(_segments(urlsplit(self.url).path), _segments(path), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class CredentialStore:
    """The credentials of one run.

    Args:
        keyring: pip's ``--keyring-provider``: ``auto``, ``disabled``, ``import`` or ``subprocess``.
        netrc_file: instead of ``NETRC`` and the home folder's ``.netrc`` or ``_netrc``.
    """

    def __init__(self, *, keyring: str = "auto", netrc_file: Path | None = None) -> None:
        self._keyring = keyring
        self._netrc_file = netrc_file
        self._configured: dict[Origin, list[_Configured]] = {}
        self._answers: dict[str, Credential | None] = {}
        self._netrc: dict[str, Credential] | None = None
        self._lock = asyncio.Lock()

    def add(self, url: str) -> str:
        """Remember a configured address, with the credential that it may hold.

        Returns:
            The address without the credential.

        Raises:
            SourceRefused: it is not a URL.
        """
        clean, credential = split_userinfo(url)
        entry = _Configured(clean, credential)
        try:
            entries = self._configured.setdefault(origin(clean), [])
        except ValueError:
            return clean
        if entry not in entries:
            entries.append(entry)
        return clean

    def add_header(self, url: str, authorization: str) -> None:
        """Remember what a program shows to an address of its own (RFC 7617); what is not Basic is left."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return
        if scheme.lower() == "basic" and user:
            known = _Configured(url, Credential(user, password if colon else None))
            entries = self._configured.setdefault(origin(url), [])
            if known in entries:
                entries.remove(known)
            entries.insert(0, known)

    def known(self, url: str) -> Credential | None:
        """What is sent to a URL at first: from the keyring if it was asked, the address, or netrc."""
        entry = self._nearest(url)
        answer = self._answers.get(self._key(url, entry))
        if answer is not None:
            return answer
        configured = entry.credential if entry else None
        if configured is not None and configured.password is not None:
            return configured
        return self._from_netrc(urlsplit(url).hostname or "") or configured

    async def asked(self, url: str) -> Credential | None:
        """What the keyring says, once a URL has answered 401. Asked once, in a thread: it may take its time.

        Returns:
            None where the keyring has nothing, is disabled or fails (that is logged), and where the
            configured address already held both user and password.
        """
        entry = self._nearest(url)
        configured = entry.credential if entry else None
        if self._keyring == "disabled" or (configured and configured.password is not None):
            return None
        key = self._key(url, entry)
        async with self._lock:
            if key not in self._answers:
                services = [entry.url.rstrip("/") + "/"] if entry else []
                services.append(urlsplit(url).netloc)
                user = configured.username if configured else None
                self._answers[key] = await asyncio.to_thread(self._from_keyring, services, user)
        return self._answers[key]

    def _nearest(self, url: str) -> _Configured | None:
        """The configured address of the same origin that shares the longest path, as pip chooses it."""
        try:
            entries = self._configured.get(origin(url), [])
        except ValueError:
            return None
        path = urlsplit(url).path
        return max(entries, key=lambda entry: entry.shared(path), default=None)

    @staticmethod
    def _key(url: str, entry: _Configured | None) -> str:
        parts = urlsplit(url)
        return entry.url if entry else f"{parts.scheme}://{parts.netloc}"

    def _from_keyring(self, services: list[str], user: str | None) -> Credential | None:
        try:
            # pip chooses between the keyring module and its command; that choice is pip's to change.
            from pip._internal.network.auth import get_keyring_provider  # noqa: PLC0415

            provider = get_keyring_provider(self._keyring)
            for service in services:
                if found := provider.get_auth_info(service, user):
                    username, password = found
                    return Credential(str(username), str(password))
        except Exception as error:  # noqa: BLE001 - a keyring is a plug-in and may raise anything
            _log.warning("the keyring is skipped: it failed with %s", type(error).__name__)
        return None

    def _from_netrc(self, host: str) -> Credential | None:
        if self._netrc is None:
            self._netrc = dict(_read_netrc(self._netrc_file or _netrc_file()))
        return self._netrc.get(host)


def _segments(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _netrc_file() -> Path | None:
    if named := os.environ.get("NETRC"):
        return Path(named)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return next((home / name for name in (".netrc", "_netrc") if (home / name).is_file()), None)


def _read_netrc(file: Path | None) -> Iterator[tuple[str, Credential]]:
    if file is None or not file.is_file():
        return
    try:
        hosts = netrc.netrc(str(file)).hosts
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        # The parser's message quotes what it stumbled over, and that may be a password.
        _log.warning("%s is skipped: %s", file, type(error).__name__)
        return
    for host, (login, account, password) in hosts.items():
        if host != "default":
            yield host.lower(), Credential(login or account or "", password or "")
