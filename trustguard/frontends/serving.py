"""What becomes of a pip that was started: served, waited for, and what it installed written down."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from trustguard.frontends.beside import ranges_of, roots_of
from trustguard.frontends.guard_index.addresses import Originals
from trustguard.frontends.guard_index.assembly import wiring_for
from trustguard.frontends.guard_index.entrance import Credential
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.server import GuardServer
from trustguard.frontends.held_back import held_back
from trustguard.frontends.outcome import Outcome, Run
from trustguard.frontends.request import Request
from trustguard.installers.pip.asked import places
from trustguard.installers.pip.building import Building
from trustguard.installers.pip.installed import (
    Installed,
    come_since,
    left_as_they_were,
    put_direct_urls_back,
    read_report,
)
from trustguard.installers.pip.lift import Guard, Lifted
from trustguard.installers.pip.locked import Lock, lock_file
from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.run import PipProcess
from trustguard.installers.pip.stamps import Stamps
from trustguard.model.errors import InstallerError
from trustguard.model.origins import Asked
from trustguard.model.record import record
from trustguard.vetting import Candidate


@record
class Started:
    """A pip that runs, and asks for what it needs.

    Args:
        request: the command.
        process: pip's process.
        plan: what pip said that it would do.
        lifted: what it was given instead.
        building: how it builds packages.
        guard: where it asks.
        folder: the run's private folder.
        before: the RECORDs that were there before pip was started.
    """

    request: Request
    process: PipProcess
    plan: Plan
    lifted: Lifted
    building: Building
    guard: Guard
    folder: Path
    before: Stamps

    def serve(self, sock: socket.socket, credential: Credential) -> Outcome:
        """Answer pip until it has ended, and do what is left to be done then.

        Args:
            sock: where it asks, listening.
            credential: what it shows.
        """
        request, plan, lifted = self.request, self.plan, self.lifted
        journal = Journal()
        server = GuardServer(sock, credential, journal)
        this = Run(request, plan.command, plan.destinations, journal, roots_of(plan), ranges_of(plan))
        asked = Asked(places(plan, Path.cwd()), plan.target.markers) if request.locate else Asked()
        try:
            wiring = wiring_for(request, plan, lifted, journal)
            this = replace(this, names=wiring.names)
            server.start(wiring)
            # pip heeds signals, and what it has installed until then has to be written down.
            with held_back(when=self._installs):
                code = self.process.wait()
                problems = (
                    *wiring.artifacts.problems,
                    *wiring.names.problems,
                    *lifted.remarks,
                    *self.building.remarks(),
                )
                for line in filter(None, (wiring.advisories.remark(), *problems)):
                    journal.problem(line, failed=False)
                for line in self.building.refusals():
                    journal.problem(line)
                code, unvetted = self._ended(code, this, server)
        finally:
            server.stop()
            if plan.command == "lock":
                lock_file(plan, Path.cwd(), self.guard.run).unlink(missing_ok=True)
        wanted, policy = asked.wanted(journal.metadata), request.configuration.policy
        return replace(this.conclude(code, unvetted), wanted=wanted, policy=policy)

    @property
    def _installs(self) -> bool:
        checks = self.request.check or self.plan.values.get("dry_run")
        return self.plan.command == "install" and not checks

    def _ended(self, code: int, this: Run, server: GuardServer) -> tuple[int, Sequence[str]]:
        """Hand on what pip has made, and keep the books: the exit code, and what nobody has vetted."""
        request, plan, journal = self.request, self.plan, this.journal
        files = [c.file for rows in journal.offered.values() for c in rows]
        originals = Originals(self.guard.origin, files, self.lifted.directs)
        if code == 0 and plan.command == "lock":
            lock = Lock.read(lock_file(plan, Path.cwd(), self.guard.run), originals)
            code = _hand_lock_on(this, plan, lock, server)
        unvetted: Sequence[str] = ()
        path = self.folder / "report.json"
        if code != 0 and path.exists():
            self._failed(this, path, originals)
        if code == 0 and plan.command == "install":
            report = read_report(path, plan, originals)
            if request.check or plan.values.get("dry_run"):
                let_in = _lets_in(server, journal, {item.filename for item in report.items}, ask=False)
                code = 0 if let_in or request.check else 1
            if not request.check:
                unvetted = _keep_books(this, plan, originals, report.items)
            report.hand_on(plan, _pips_output(request))
        return code, unvetted

    def _failed(self, this: Run, path: Path, originals: Originals) -> None:
        """Write down what pip has installed before it failed; it had said before what it was about to."""
        plan = self.plan
        with suppress(InstallerError):  # pip has not even finished saying it
            items = read_report(path, plan, originals).items
            if there := come_since(items, plan.destinations, self.before):
                names = ", ".join(f"{item.name} {item.version}" for item in there)
                this.journal.problem(f"pip failed, and had installed {names} by then", failed=False)
                put_direct_urls_back(there, plan.destinations, originals)
                this.enter(there)


def _pips_output(request: Request) -> TextIO:
    """Where pip writes to: standard output may belong to our own report."""
    return sys.stderr if request.quiet_stdout else sys.stdout


def _hand_lock_on(this: Run, plan: Plan, lock: Lock, server: GuardServer) -> int:
    """State in a lock file who has published what it names, and put it where it is wanted.

    Returns:
        What pip would have ended with, had it known: a lock file that names what is refused is not handed on.
    """
    journal = this.journal
    known = {c.file.url: c for rows in journal.offered.values() for c in rows}
    # What was fetched, to be built perhaps, is known better.
    known |= {p.evidence.file.url: Candidate(p.evidence, p.verdict) for p in journal.packages}
    locked = [file for files in lock.files for file in files]
    named = {known[one.url].file.filename for one in locked if one.url in known}
    if not _lets_in(server, journal, named, ask=True):
        return 1
    pinned = [(known[one.url], one.sha256) for one in locked if one.url in known and one.sha256 is not None]
    proven = {c.file.url: found for (c, _), found in zip(pinned, server.publishers(pinned), strict=True)}
    publishers = {url: found for url, found in proven.items() if found is not None}
    if len(publishers) < len(proven):
        return 1
    lock.identify(publishers)
    lock.hand_on(plan, Path.cwd(), _pips_output(this.request))
    return 0


def _lets_in(server: GuardServer, journal: Journal, filenames: AbstractSet[str], *, ask: bool) -> bool:
    """Whether what would be installed, and pip has not fetched, is let in by verdicts on the bytes.

    Args:
        server: fetches and judges what nobody has judged by its bytes.
        journal: is told.
        filenames: of what would be installed; what no listing has is the user's own.
        ask: whether a person is asked where it is for a person to decide.
    """
    offered = {c.file.filename: c for rows in journal.offered.values() for c in rows}
    wanted = filenames & offered.keys()
    server.judge([offered[name] for name in sorted(wanted - journal.judged)], ask=ask)
    return journal.lets_all_in and wanted <= journal.judged


def _keep_books(this: Run, plan: Plan, originals: Originals, items: Sequence[Installed]) -> Sequence[str]:
    """Write down what pip has done; what it found there already, and nobody vetted, is returned."""
    if not plan.values.get("dry_run"):
        put_direct_urls_back(items, plan.destinations, originals)
        items = _in_place(this, plan, items)
        this.enter(items)
    return this.unvetted(items, plan)


def _in_place(this: Run, plan: Plan, items: Sequence[Installed]) -> Sequence[Installed]:
    """What pip has put where it belongs: into a ``--target`` it puts nothing over what is there."""
    if not plan.values.get("target_dir") or plan.values.get("upgrade"):
        return items
    left = left_as_they_were(items, plan.destinations)
    for item, path in left.items():
        what = f"{item.name} {item.version}: {path}"
        this.journal.stray(f"{what} was there already, and pip has left it (--upgrade replaces it)")
    return [item for item in items if item not in left]
