"""Where installers reach the guard index, and what they show there; both are there before it is."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from trustguard.model.errors import InstallerError
from trustguard.model.record import record

_PORT_BASE = 21_000
_PORT_RANGE = 8_000


def listen(seed: int) -> socket.socket:
    """A listening socket on loopback.

    The port is the same in every run of a user where it is free, so that addresses, and with them pip's own
    cache of wheels that it has built, stay valid.

    Args:
        seed: decides the port; the same for all runs of a user.
    """
    for port in _ports(seed):
        try:
            return _listening(port)
        except OSError:
            continue
    raise InstallerError("no port on loopback is free")


@contextmanager
def listening(seed: int, *, also: str) -> Iterator[socket.socket]:
    """The same, on a port on which nobody else can listen under another address of this machine.

    Programs that heed no proxy would ask whoever does.

    Args:
        seed: as above.
        also: that address.
    """
    for port in _ports(seed):
        with ExitStack() as held:
            try:
                sock = held.enter_context(closing(_listening(port)))
                held.enter_context(_kept_free(also, sock.getsockname()[1]))
            except OSError:
                continue
            yield sock
            return
    raise InstallerError("no port on loopback is free")


def _ports(seed: int) -> tuple[int, ...]:
    return (_PORT_BASE + seed % _PORT_RANGE, 0, 0, 0)


def _listening(port: int) -> socket.socket:
    # With the protocol named: asyncio turns Nagle's algorithm off only where it is, and with it on each
    # answer to the installer takes the 40 ms of a delayed acknowledgement.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        sock.bind(("127.0.0.1", port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


@contextmanager
def _kept_free(host: str, port: int) -> Iterator[None]:
    """Nobody listens there, we included: a socket that is bound alone refuses every connection."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as sock:
        try:
            sock.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:  # macOS has no such address, and nobody can listen there
                raise
        yield


@record
class Credential:
    """What an installer shows to the guard index; new in every run."""

    user: str
    password: str

    @classmethod
    def fresh(cls) -> Credential:
        """A random one."""
        return cls("trustguard", secrets.token_urlsafe(32))

    def write_netrc(self, path: Path) -> None:
        """Write it where pip finds it, and where no list of processes shows it."""
        path.touch(mode=0o600)
        path.write_text(f"machine 127.0.0.1\nlogin {self.user}\npassword {self.password}\n", encoding="ascii")
