"""One guarded run of a program that is no pip: it is pointed at the guard, and started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from trustguard.frontends import later
from trustguard.frontends.enforcement.passage import passage
from trustguard.frontends.guard_index.entrance import Credential, listening
from trustguard.frontends.guard_proxy.authority import Authority
from trustguard.frontends.session import lifted_configuration
from trustguard.frontends.state import State
from trustguard.installers.pip.lift import Guard, Lifted
from trustguard.installers.pip.run import PipProcess
from trustguard.installers.tools import configured, environments, tox
from trustguard.installers.tools.prefixes import Call
from trustguard.installers.tools.variables import INDEX_HOST, Pointed, constraints_of, writes_indexes
from trustguard.model.errors import StoreError, UsageError
from trustguard.model.record import record
from trustguard.sources.urls import is_loopback, split
from trustguard.store.guarded_run import under_way

if TYPE_CHECKING:
    # Loaded while pip's process gets ready, or once the program has been started.
    from trustguard.frontends.outcome import Outcome
    from trustguard.frontends.request import Request

_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
_HANDED_ON = ("SIGTERM", "SIGHUP", "SIGINT")
_SERVING = (
    "trustguard.frontends.guard_proxy.app",
    "trustguard.frontends.guard_proxy.tunnel",
    "trustguard.frontends.program",
)
"""What has to be loaded until the program is answered."""


@record
class Command:
    """A program and its arguments.

    Args:
        words: as they were typed.
        call: what is started in the end.
        hosts: which hosts it may reach without anybody looking.
    """

    words: tuple[str, ...]
    call: Call
    hosts: frozenset[str] = frozenset()

    @property
    def program(self) -> str:
        """What it is called in a report."""
        return Path(self.call.words[0]).name


def run(request: Request, command: Command, process: PipProcess) -> Outcome:
    """Run a program whose indexes are answered by the guard.

    Args:
        request: the configuration and whom to ask; its arguments are not looked at.
        command: the program.
        process: a pip, just started, that tells what it is configured with; the caller ends it.

    Raises:
        TrustguardError: it cannot be run guarded; it was not run.
    """
    request.state.prepare()
    with (
        _signals() as signals,
        tempfile.TemporaryDirectory(prefix="trustguard-") as folder,
        _caches(request.state) as caches,
        under_way(Path(folder)) as sign,
    ):
        return _Guarded(request, command, Path(folder), caches, sign, signals).run(process)


@dataclass(slots=True)
class _Signals:
    """What asks us to end asks the program to; where none runs yet, we end, and leave nothing behind.

    Ctrl-C has reached the program by itself, which ends as it likes.
    """

    program: subprocess.Popen[bytes] | None = None
    missed: list[int] | None = None
    """While the program is being started: it may run already, and cannot be asked yet."""

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's form
        """Handle a signal."""
        if self.missed is not None:
            self.missed.append(number)
        elif self.program is None:
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
        elif number != signal.SIGINT:
            self.program.send_signal(number)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """What comes meanwhile is handed on afterwards; Ctrl-C too: whether it was heard nobody knows."""
        missed: list[int] = []
        self.missed = missed
        try:
            yield
        finally:
            self.missed = None
        if self.program is not None:
            for number in missed:
                self.program.send_signal(number)


@contextmanager
def _signals() -> Iterator[_Signals]:
    handler = _Signals()
    numbers = [getattr(signal, name) for name in _HANDED_ON if hasattr(signal, name)]
    # A program that is to outlive its terminal (nohup) is started with the signal ignored.
    numbers = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield handler
    finally:
        for number, one in previous.items():
            signal.signal(number, one)


@contextmanager
def _caches(state: State) -> Iterator[Path]:
    """A folder for caches, where the user's own are: what lies in one can be linked to from there."""
    above = state.cache / "runs"
    try:
        above.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=above))
    except OSError as error:
        raise StoreError(f"{above} cannot be written to: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _certificates() -> bytes:
    """Those that are believed anyway, for the hosts that are let through."""
    import certifi  # noqa: PLC0415

    named = [Path(os.environ[name]) for name in _BUNDLE_VARIABLES if os.environ.get(name)]
    file = next((path for path in named if path.is_file()), Path(certifi.where()))
    return file.read_bytes()


@record
class _Guarded:
    request: Request
    command: Command
    folder: Path
    caches: Path
    sign: Mapping[str, str]
    signals: _Signals

    def run(self, process: PipProcess) -> Outcome:
        credential = Credential.fresh()
        words, cwd, environ = self.command.call.words, self.command.call.cwd, self.command.call.environ
        with listening(self.request.state.seed, also=INDEX_HOST) as sock:
            kept = environments.kept(words, cwd, environ)
            told = tox.handing_on(cwd, environ, words[1:])
            asked = (*configured.indexes(cwd, environ, words[1:]), *tox.indexes(cwd, words[1:]))
            authority = Authority(self.folder)
            later.load(*_SERVING, until=process.is_ready)
            guard = Guard(sock.getsockname()[1], self.folder / "netrc", host=INDEX_HOST)
            plan, lifted = lifted_configuration(process, self.folder, guard)
            process.stop()  # it would go on loading what pip needs to run
            indexes = tuple(dict.fromkeys((*asked, *lifted.sources.indexes)))
            pointed = self._pointed(guard.port, credential, lifted, authority, indexes)
            own = {**kept, **told, **self.sign}
            given = {**pointed.variables(os.environ), **own}
            started = time.time()
            # It starts now, and its first request waits in the socket's queue until the guard is there.
            with passage(given, self.folder) as past, self._started({**given, **past}) as program:
                later.load(*_SERVING)
                from trustguard.frontends.guard_index.wiring import Proxying  # noqa: PLC0415 - loaded now
                from trustguard.frontends.program import Started  # noqa: PLC0415

                proxying = Proxying(indexes, self._passes, authority)
                asking = {**pointed.variables(environ), **own, **past}
                running = Started(
                    self.request, self.command, plan, lifted, proxying, program, started, asking, guard.port
                )
                return running.serve(sock, credential)

    def _passes(self, host: str) -> bool:
        return host in self.command.hosts

    def _pointed(
        self, port: int, credential: Credential, lifted: Lifted, authority: Authority, indexes: Sequence[str]
    ) -> Pointed:
        bundle, no_others = self.folder / "certificates.pem", self.folder / "no-certificates"
        no_others.mkdir()
        bundle.write_bytes(authority.pem + (_certificates() if self.command.hosts else b""))
        return Pointed(
            port=port,
            user=credential.user,
            password=credential.password,
            bundle=bundle,
            no_others=no_others,
            caches=self.caches,
            pip=lifted.environ,
            constraints=constraints_of(lifted.argv),
            spared=not any(is_loopback(split(url).hostname or "") for url in indexes),
            own=lifted.sources if writes_indexes(self.command.call.words) else None,
        )

    @contextmanager
    def _started(self, environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        """The program, which is ended where the guard is not there for it."""
        out = sys.stderr.fileno() if self.request.quiet_stdout else None
        try:
            with self.signals.starting():
                # What we were given is handed on (`-r <(…)`); what we open ourselves is not (PEP 446).
                program = subprocess.Popen(  # noqa: S603 - as it was typed
                    self.command.words, env=environ, stdout=out, close_fds=False
                )
                self.signals.program = program
        except OSError as error:
            raise UsageError(f"{self.command.words[0]} cannot be run: {error.strerror}") from error
        try:
            yield program
        finally:
            if program.poll() is None:
                program.kill()
                program.wait()
