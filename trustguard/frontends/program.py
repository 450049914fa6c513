"""What becomes of a program that was started: served, waited for, and what it installed written down."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trustguard.frontends.guard_index.assembly import wiring_for
from trustguard.frontends.guard_index.entrance import Credential
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import Expectation
from trustguard.frontends.guard_index.server import GuardServer
from trustguard.frontends.guard_index.wiring import Proxying, Wiring
from trustguard.frontends.outcome import Outcome, Run
from trustguard.frontends.placed import enter
from trustguard.frontends.request import Request
from trustguard.frontends.written import naming
from trustguard.installers.pip.lift import Lifted
from trustguard.installers.pip.plan import Plan
from trustguard.installers.tools import environments, own_files, required
from trustguard.installers.tools.variables import INDEX_HOST, calls_pip, writes_indexes
from trustguard.model.contents import Occupied
from trustguard.model.origins import Asked
from trustguard.model.record import record

if TYPE_CHECKING:
    from trustguard.frontends.command import Command


@record
class Started:
    """A program that runs, and asks for what it needs.

    Args:
        request: the configuration and whom to ask.
        command: the program.
        plan: what pip said that it is configured with.
        lifted: the same, lifted.
        proxying: how the program is answered.
        program: its process.
        since: when it was started, in seconds since the epoch.
        environ: its environment, the guard's variables among them.
        port: where the guard listens.
    """

    request: Request
    command: Command
    plan: Plan
    lifted: Lifted
    proxying: Proxying
    program: subprocess.Popen[bytes]
    since: float
    environ: Mapping[str, str]
    port: int

    def serve(self, sock: socket.socket, credential: Credential) -> Outcome:
        """Answer the program until it has ended, and write down what it has installed.

        Args:
            sock: where it asks, listening.
            credential: what it shows.

        Raises:
            TrustguardError: a ledger cannot be written, or the guard index could not be started.
        """
        journal, call = Journal(), self.command.call
        server = GuardServer(sock, credential, journal)
        wiring = self._wiring(journal)
        try:
            server.start(wiring)
            files = own_files.folders(call.cwd, call.environ, call.words[1:])
            if writes_indexes(call.words):
                files += own_files.places(self.lifted.sources.find_links, call.cwd)
            code = self.program.wait()
        finally:
            server.stop()
        problems = (wiring.advisories.remark(), *wiring.artifacts.problems, *wiring.names.problems)
        for line in filter(None, problems):
            journal.problem(line, failed=False)
        return self._concluded(code, journal, files)

    def _wiring(self, journal: Journal) -> Wiring:
        return replace(
            wiring_for(self.request, self.plan, self.lifted, journal),
            proxying=self.proxying,
            # Nobody knows what is in the environment into which it will be installed, nor what for.
            occupied=Occupied,
            together=environments.is_one(self.command.call.words),
            expectation=Expectation(),
        )

    def _concluded(self, code: int, journal: Journal, files: tuple[Path, ...]) -> Outcome:
        request, command, call = self.request, self.command, self.command.call
        places = environments.site_packages(call.words, call.cwd, self.environ, self.since)
        enter(request, command.program, places, journal, self.since, files)
        if calls_pip(call.words):
            for file in naming(call.cwd, f"{INDEX_HOST}:{self.port}/", self.since):
                journal.problem(
                    f"{file} names the guard of this run, which is gone now: have trustguard itself run what "
                    "writes it (`trustguard run pip-compile …`)",
                    failed=False,
                )
        outcome = Run(request, command.program, (), journal).conclude(code, ())
        # Only now: a lock file may have been written meanwhile.
        stated = Asked(required.places(call.words, call.cwd, call.environ) if request.locate else ())
        wanted = stated.wanted(journal.metadata)
        return replace(outcome, policy=request.configuration.policy, wanted=wanted)
