"""Runs the guard index in a thread of its own, beside the installer's process."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial

from trustguard.frontends.guard_index.entrance import Credential
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.publishers import Pinned
from trustguard.frontends.guard_index.shelf import Shelf
from trustguard.frontends.guard_index.wiring import Proxying, Wiring
from trustguard.model.errors import InstallerError, TrustguardError
from trustguard.model.provenance import Publisher
from trustguard.vetting import Candidate

Proven = Sequence[tuple[Publisher, ...] | None]


class GuardServer:
    """The guard index of one run.

    Args:
        sock: a listening socket; requests that come before :meth:`start` wait in its queue.
        credential: what the installer must show.
        journal: is told what happens.
    """

    def __init__(self, sock: socket.socket, credential: Credential, journal: Journal) -> None:
        self._socket = sock
        self._credential = credential
        self._journal = journal
        self._ready = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._judge: Callable[[Sequence[Candidate], bool], None] | None = None
        self._publishers: Callable[[Sequence[Pinned]], Proven] = lambda _: []
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    def start(self, wiring: Wiring) -> None:
        """Serve from now on.

        Raises:
            InstallerError: it could not be started.
        """
        self._thread = threading.Thread(target=self._run, args=(wiring,), name="guard-index", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise InstallerError(f"the guard index could not be started: {self._failure}")

    def judge(self, candidates: Sequence[Candidate], *, ask: bool = False) -> None:
        """Have verdicts on the bytes of files that nobody has fetched; what fails is told to the journal.

        Args:
            candidates: the files.
            ask: whether a person is asked where it is for a person to decide.
        """
        if self._judge is not None:
            self._judge(candidates, ask)

    def publishers(self, files: Sequence[Pinned]) -> Proven:
        """The verified publishers of each file; None for one that is refused, which the journal is told."""
        return self._publishers(files)

    def stop(self) -> None:
        """Serve no more."""
        self._stop()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._socket.close()

    def _run(self, wiring: Wiring) -> None:
        try:
            asyncio.run(self._serve(wiring))
        except asyncio.CancelledError:
            return  # that is how it is stopped
        except BaseException as error:  # noqa: BLE001 - whatever ends the server ends the installation
            self._failure = error
            self._journal.problem(f"the guard index ended: {error!r}")
        finally:
            self._ready.set()

    async def _serve(self, wiring: Wiring) -> None:
        import uvicorn  # noqa: PLC0415 - loaded while pip starts
        from starlette.applications import Starlette  # noqa: PLC0415

        from trustguard.frontends.guard_index.app import GuardIndex  # noqa: PLC0415
        from trustguard.frontends.guard_index.gate import Gate, basic  # noqa: PLC0415
        from trustguard.installers.tools.variables import INDEX_HOST  # noqa: PLC0415

        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        credential = self._credential
        async with wiring.assemble(self._journal) as parts:
            index = GuardIndex(parts.shelf, parts.directs, parts.prefetch, self._journal)
            routes = Starlette(routes=index.routes())
            shown = basic(credential.user, credential.password)
            proxied = None if parts.proxied is None else parts.proxied.answer
            name = None if proxied is None else INDEX_HOST
            app = Gate(routes, self.port, shown, self._journal, proxied, name)
            config = uvicorn.Config(
                app,
                # Not "auto", which takes whatever parser happens to be installed here, and loads it late.
                http="h11"
                if wiring.proxying is None
                else self._with_tunnels(wiring, wiring.proxying, shown, app.not_ours),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_keep_alive=3600,
            )
            server = uvicorn.Server(config)
            loop = asyncio.get_running_loop()

            serving = asyncio.current_task()

            def stop() -> None:
                # Cancelled, not asked: nobody is left to be served, and asking takes a tenth of a second.
                if serving is not None and not loop.is_closed():
                    loop.call_soon_threadsafe(serving.cancel)

            def judge(candidates: Sequence[Candidate], ask: bool) -> None:
                work = judge_all(parts.shelf, candidates, self._journal, ask=ask)
                asyncio.run_coroutine_threadsafe(work, loop).result()

            def publishers(files: Sequence[Pinned]) -> Proven:
                work = parts.publishers.of_all(files)
                return asyncio.run_coroutine_threadsafe(work, loop).result()

            self._stop, self._judge, self._publishers = stop, judge, publishers
            self._ready.set()
            parts.prefetch.begin()
            try:
                await server.serve(sockets=[self._socket])
            finally:
                parts.prefetch.close()

    def _with_tunnels(
        self, wiring: Wiring, proxying: Proxying, shown: bytes, refused: Callable[[str], None]
    ) -> type[asyncio.Protocol]:
        from trustguard.frontends.guard_proxy.tunnel import Tunnels, protocol_with  # noqa: PLC0415
        from trustguard.frontends.guard_proxy.way import Way  # noqa: PLC0415
        from trustguard.sources.http_settings import HttpSettings  # noqa: PLC0415

        way, tell = Way(HttpSettings.of(wiring.sources)), partial(self._journal.problem, failed=False)
        return protocol_with(Tunnels(proxying.authority, shown, proxying.passes, refused, way.connect, tell))


async def judge_all(shelf: Shelf, candidates: Sequence[Candidate], journal: Journal, *, ask: bool) -> None:
    """Judge files by their bytes, side by side; perhaps a person is asked about some."""

    async def one(candidate: Candidate) -> None:
        try:
            await shelf.judge(candidate, ask=ask)
        except TrustguardError as error:
            journal.problem(str(error))

    await asyncio.gather(*(one(candidate) for candidate in candidates))
