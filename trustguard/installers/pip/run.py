"""Starts pip's process, talks with it until it knows what to do, and waits for it."""

from __future__ import annotations

import hmac
import io
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from trustguard.installers.pip.environment import KEPT_PYTHON_VARIABLES
from trustguard.model.errors import InstallerError, UsageError
from trustguard.model.record import record

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustguard.installers.pip.building import Building

    # Not loaded before pip's process has been started: it takes as long to get ready as all of this does.
    from trustguard.installers.pip.lift import Lifted
    from trustguard.installers.pip.plan import Plan

CONFIGURED = ("install", "--dry-run", "pip")
"""A command line of which pip tells all that it is configured with."""
_GLANCE = 256
"""Bytes: more than the key takes."""
_CHILD = Path(__file__).with_name("child.py")


@record
class Ended:
    """The process ended by itself: pip has said all there was to say (help, a usage error)."""

    code: int


@record
class AsIs:
    """A command that installs nothing and builds nothing: pip may run as it is."""


@record
class Elsewhere:
    """``--python`` names another interpreter."""

    interpreter: str


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started meanwhile does not hear Ctrl-C before it is ready to; we hear it a moment later.

    Until pip runs it is for us to end the process, and a Python that is just starting could only show a
    traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class PipProcess:
    """One pip, in the interpreter that is installed into.

    Args:
        interpreter: the target's Python.
        args: pip's command line, from the command on.
        elsewhere: whether ``interpreter`` is already the one that ``--python`` named.

    Raises:
        UsageError: the interpreter cannot be run.
    """

    def __init__(self, interpreter: Path, args: Iterable[str], *, elsewhere: bool) -> None:
        import pip  # noqa: PLC0415 - only its place is needed, and only here

        self._interpreter = interpreter
        self._key = secrets.token_hex(32)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=1)
        start = {
            "port": self._server.getsockname()[1],
            "key": self._key,
            "pip": str(Path(pip.__file__).parent.parent),
            "python": elsewhere,
        }
        # No PYTHON* variable, and no folder of the user's, decides which modules this process loads.
        environ = {
            k: v
            for k, v in os.environ.items()
            if not k.upper().startswith("PYTHON") or k in KEPT_PYTHON_VARIABLES
        }
        environ |= {"TRUSTGUARD_CHILD": json.dumps(start), "_PIP_RUNNING_IN_SUBPROCESS": "1"}
        try:
            with _deaf_to_ctrl_c():
                # What we were given is handed on (`-r <(…)`); what we open ourselves is not (PEP 446).
                self._process = subprocess.Popen(  # noqa: S603 - the interpreter is the user's own choice
                    [str(interpreter), str(_CHILD), *args], env=environ, close_fds=False
                )
        except OSError as error:
            raise UsageError(f"{interpreter} cannot be run: {error.strerror}") from error
        self._connection: socket.socket | None = None
        self._stream: io.BufferedRWPair | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.stop()

    def is_ready(self) -> bool:
        """Whether pip has said something already, so that :meth:`describe` need not wait."""
        if self._connection is None:
            if not select.select([self._server], [], [], 0)[0]:
                return False
            self._accept()
        if self._connection is None or not select.select([self._connection], [], [], 0)[0]:
            return False
        _, _, behind_the_key = self._connection.recv(_GLANCE, socket.MSG_PEEK).partition(b"\n")
        return bool(behind_the_key)

    def describe(self, fetch: Callable[[str, Mapping[str, Any]], str]) -> Plan | AsIs | Elsewhere | Ended:
        """Have pip say what the command line means.

        Args:
            fetch: gives the text of a requirement file at an http(s) address, under the options of pip's
                that say how the network is reached.

        Raises:
            UsageError: pip cannot make sense of it.
            InstallerError: the process said something that is not known.
        """
        from trustguard.installers.pip.plan import Plan  # noqa: PLC0415 - see above

        if not self._connected():
            code = self._process.wait()
            if code >= 0:  # whatever it is, it has done nothing of what was asked for
                raise UsageError(f"{self._interpreter} is no Python: it ended before pip could be asked")
            return Ended(code)
        while (message := self._receive()) is not None:
            op = message.get("op")
            if op == "fetch":
                self._send({"text": fetch(message["url"], message["values"])})
            elif op == "plan":
                return Plan.from_message(message)
            elif op == "as-is":
                return AsIs()
            elif op == "python":
                return self._elsewhere(message)
            else:
                raise UsageError(str(message.get("message", "pip cannot make sense of this")))
        return Ended(self._process.wait())

    def _elsewhere(self, message: Mapping[str, Any]) -> Elsewhere:
        if not message["interpreter"]:
            raise UsageError(f"--python {message['named']}: there is no Python")
        return Elsewhere(message["interpreter"])

    def start(self, lifted: Lifted, building: Building, *, quiet: bool) -> None:
        """Let pip run with the guard as its only source.

        Args:
            lifted: what pip is given.
            building: how it builds packages.
            quiet: whether pip's standard output goes to standard error.
        """
        environ = {**lifted.environ, **building.environ()}
        given = {"argv": lifted.argv, "environ": environ, "unset": list(lifted.unset)}
        self._send({"op": "run", "quiet": quiet, **given})
        self._hang_up()

    def start_as_is(self, args: Iterable[str]) -> None:
        """Let pip run as the user typed it."""
        given = {"argv": list(args), "environ": {}, "unset": ["_PIP_RUNNING_IN_SUBPROCESS"]}
        self._send({"op": "run", "quiet": False, **given})
        self._hang_up()

    def wait(self) -> int:
        """Wait until pip has ended. Ctrl-C reaches pip by itself; a termination signal is handed on.

        Returns:
            pip's exit code; negative where a signal ended it.
        """
        previous = signal.signal(signal.SIGTERM, self._hand_on)
        try:
            while True:
                try:
                    return self._process.wait()
                except KeyboardInterrupt:
                    continue  # pip got it too, undoes what it has begun, and ends
        finally:
            signal.signal(signal.SIGTERM, previous)

    def stop(self) -> None:
        """End the process, if it still runs, and free what belongs to it."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._hang_up()
        self._server.close()

    def _hand_on(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's form
        self._process.terminate()

    def _connected(self) -> bool:
        """Wait for the child to call; False where it ended before it did."""
        while self._connection is None and not select.select([self._server], [], [], 0.05)[0]:
            if self._process.poll() is not None:
                return False
        stream = self._accept()
        if not hmac.compare_digest(stream.readline(), self._key.encode() + b"\n"):
            raise InstallerError("somebody else called in the place of pip")
        return True

    def _accept(self) -> io.BufferedRWPair:
        """The child's connection, once it has called."""
        if self._connection is None or self._stream is None:
            self._connection = self._server.accept()[0]
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = self._connection.makefile("rwb")
        return self._stream

    def _receive(self) -> Mapping[str, Any] | None:
        line = self._stream.readline() if self._stream else b""
        try:
            return json.loads(line) if line else None
        except ValueError as error:
            raise InstallerError(f"pip's process said something that is not known: {error}") from error

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._stream is None:
            raise InstallerError("pip's process is not there")
        try:
            self._stream.write(json.dumps(message).encode() + b"\n")
            self._stream.flush()
        except OSError as error:
            raise InstallerError(f"pip's process ended before it began: {error.strerror}") from error

    def _hang_up(self) -> None:
        if self._stream is not None and self._connection is not None:
            self._stream.close()
            self._connection.close()
            self._stream = None


def target_interpreter(python: str | None, environ: Mapping[str, str]) -> Path:
    """The interpreter that is installed into: ``--python``, else ``$VIRTUAL_ENV``, else our own.

    Raises:
        UsageError: there is no interpreter there.
    """
    named = python or environ.get("VIRTUAL_ENV")
    if not named:
        return Path(sys.executable)
    path = Path(named)
    if os.path.isdir(path):
        inside = [path / "bin" / "python", path / "Scripts" / "python.exe"]
        path = next((p for p in inside if p.exists()), path)
    if not os.path.isfile(path):
        origin = "--python" if python else "VIRTUAL_ENV"
        raise UsageError(f"{origin} {named}: there is no Python")
    return path.absolute()
