"""One guarded run of pip: learn, lift, serve, wait, and write down what was installed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any

from trustguard.frontends.beside import roots_of
from trustguard.frontends.guard_index.addresses import Originals
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.server import Credential, GuardServer, listen
from trustguard.frontends.outcome import Outcome, Run
from trustguard.frontends.request import Request
from trustguard.installers.pip.asked import places
from trustguard.installers.pip.building import Building
from trustguard.installers.pip.installed import (
    Installed,
    load_what_reading_needs,
    put_direct_urls_back,
    read_report,
)
from trustguard.installers.pip.lift import Guard, Lifted, Lifting, network
from trustguard.installers.pip.locked import Lock, lock_file
from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.run import CONFIGURED, AsIs, Elsewhere, Ended, PipProcess
from trustguard.model.errors import InstallerError, UsageError
from trustguard.model.origins import Asked
from trustguard.model.request import Sources
from trustguard.store.guarded_run import under_way
from trustguard.vetting import Candidate


def run(request: Request, process: PipProcess) -> Outcome:
    """Run pip once, guarded where the command installs or builds anything.

    Args:
        request: the command.
        process: pip's process, just started with the same arguments; the caller ends it.

    Raises:
        TrustguardError: the command cannot be carried out; nothing was installed.
    """
    load_what_comes_later()
    described = process.describe(_fetch)
    if isinstance(described, Elsewhere):
        process.stop()
        interpreter = Path(described.interpreter)
        with PipProcess(interpreter, request.args, elsewhere=True) as other:
            return _proceed(request, other, other.describe(_fetch))
    return _proceed(request, process, described)


def _proceed(request: Request, process: PipProcess, described: Plan | AsIs | Elsewhere | Ended) -> Outcome:
    if isinstance(described, Ended):
        return Outcome.of_pip(described.code)
    if isinstance(described, AsIs):
        process.start_as_is(request.args)
        return Outcome.of_pip(process.wait())
    if isinstance(described, Elsewhere):
        raise UsageError(f"--python {described.interpreter} leads to another Python again")
    with tempfile.TemporaryDirectory(prefix="trustguard-") as folder, under_way(Path(folder)) as sign:
        return _guarded(request, process, described, Path(folder), sign)


def sources_of(interpreter: Path, folder: Path) -> tuple[Plan, Sources]:
    """What pip would do in an interpreter, and where it would look; nothing is run.

    Args:
        interpreter: the target's Python.
        folder: a private folder for copies of requirement files.

    Raises:
        TrustguardError: pip does not say.
    """
    with PipProcess(interpreter, CONFIGURED, elsewhere=True) as process:
        plan, lifted = lifted_configuration(process, folder, Guard(0, folder))
    return plan, lifted.sources


def lifted_configuration(process: PipProcess, folder: Path, guard: Guard) -> tuple[Plan, Lifted]:
    """What pip is configured with, lifted.

    Args:
        process: a pip, just started with :data:`.CONFIGURED`; it is not run.
        folder: a private folder for copies of requirement files.
        guard: where the guard listens.

    Raises:
        TrustguardError: pip does not say.
    """
    plan = process.describe(_fetch)
    if not isinstance(plan, Plan):
        raise InstallerError("pip does not say what it is configured with")
    lifting = Lifting(plan, guard, folder, lambda _: folder, folder, Path.cwd(), os.environ)
    return plan, lifting.lift()


def load_what_comes_later() -> None:
    """Import everything that the run will need, while pip's process gets ready.

    Nothing may be imported once pip installs: trustguard may live in the environment that changes, and a
    package must not be able to slip a module under it.
    """
    import filelock  # noqa: F401, PLC0415
    import uvicorn.lifespan.off  # noqa: PLC0415
    import uvicorn.protocols.http.h11_impl  # noqa: F401, PLC0415

    import trustguard.frontends.guard_index.app  # noqa: PLC0415
    import trustguard.frontends.guard_index.wiring  # noqa: PLC0415
    import trustguard.sources.http  # noqa: PLC0415
    import trustguard.sources.names  # noqa: F401, PLC0415

    load_what_reading_needs()


def _fetch(url: str, values: Mapping[str, Any]) -> str:
    """The text of a requirement file that lies on a server."""
    from trustguard.frontends.guard_index.remote import fetch_text  # noqa: PLC0415

    return fetch_text(url, network(values))


def _guarded(
    request: Request, process: PipProcess, plan: Plan, folder: Path, sign: Mapping[str, str]
) -> Outcome:
    from trustguard.frontends.guard_index.assembly import wiring_for  # noqa: PLC0415

    request.state.prepare()
    journal = Journal()
    credential = Credential.fresh()
    server = GuardServer(listen(request.state.seed), credential, journal)
    guard = Guard(server.port, folder / "netrc")
    try:
        credential.write_netrc(guard.netrc)
        lifted = _lift(request, plan, guard, folder)
        lifted = replace(lifted, environ={**lifted.environ, **sign})
        request = request.pinned(lifted.pins)
        this = Run(request, plan.command, plan.destinations, journal, roots_of(plan))
        asked = Asked(places(plan, Path.cwd()), plan.target.markers) if request.locate else Asked()
        # pip starts now, and its first request waits in the socket's queue until the index is there.
        building = Building(request.configuration.build_sandbox, folder / "builds")
        process.start(lifted, building, quiet=request.quiet_stdout)
        wiring = wiring_for(request, plan, lifted, journal)
        this = replace(this, names=wiring.names)
        server.start(wiring)
        code = process.wait()
        problems = (
            *wiring.artifacts.problems,
            *wiring.names.problems,
            *lifted.remarks,
            *building.remarks(),
        )
        for line in filter(None, (wiring.advisories.remark(), *problems)):
            journal.problem(line, failed=False)
        unvetted: Sequence[str] = ()
        files = [c.file for rows in journal.offered.values() for c in rows]
        originals = Originals(guard.origin, files, lifted.directs)
        if code == 0 and plan.command == "lock":
            lock = Lock.read(lock_file(plan, Path.cwd(), guard.run), originals)
            code = _hand_lock_on(journal, plan, lock, server)
        if code == 0 and plan.command == "install":
            report = read_report(folder / "report.json", plan, originals)
            if request.check or plan.values.get("dry_run"):
                let_in = _lets_in(server, journal, {item.filename for item in report.items}, ask=False)
                code = 0 if let_in or request.check else 1
            if not request.check:
                unvetted = _keep_books(this, plan, originals, report.items)
                report.hand_on(plan)
    finally:
        server.stop()
        if plan.command == "lock":
            lock_file(plan, Path.cwd(), guard.run).unlink(missing_ok=True)
    wanted, policy = asked.wanted(journal.metadata), request.configuration.policy
    return replace(this.conclude(code, unvetted), wanted=wanted, policy=policy)


def _lift(request: Request, plan: Plan, guard: Guard, folder: Path) -> Lifted:
    lifting = Lifting(
        plan=plan,
        guard=guard,
        folder=folder,
        cache=lambda pins: request.state.pip_cache(
            request.pinned(pins).configuration.policy, request.configuration.build_sandbox
        ),
        report=folder / "report.json",
        cwd=Path.cwd(),
        environ=os.environ,
    )
    return lifting.lift()


def _hand_lock_on(journal: Journal, plan: Plan, lock: Lock, server: GuardServer) -> int:
    """State in a lock file who has published what it names, and put it where it is wanted.

    Returns:
        What pip would have ended with, had it known: a lock file that names what is refused is not handed on.
    """
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
    lock.hand_on(plan, Path.cwd())
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
        this.enter(items)
    return this.unvetted(items, plan)
