"""One guarded run of pip, from what it says that it would do to its start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustguard.frontends import later
from trustguard.frontends.guard_index.entrance import Credential, listen
from trustguard.installers.pip.building import Building
from trustguard.installers.pip.lift import Guard, Lifted, Lifting
from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.run import CONFIGURED, AsIs, Elsewhere, Ended, PipProcess
from trustguard.installers.pip.scope import network
from trustguard.installers.pip.stamps import stamps
from trustguard.model.errors import InstallerError, UsageError
from trustguard.store.guarded_run import under_way

if TYPE_CHECKING:
    # Loaded while pip's process gets ready, or once it has been started.
    from trustguard.frontends.outcome import Outcome
    from trustguard.frontends.request import Request
    from trustguard.model.request import Sources

_SERVING = "trustguard.frontends.serving"
"""What has to be loaded until pip is answered."""


def run(request: Request, process: PipProcess) -> Outcome:
    """Run pip once, guarded where the command installs or builds anything.

    Args:
        request: the command.
        process: pip's process, just started with the same arguments; the caller ends it.

    Raises:
        TrustguardError: the command cannot be carried out; nothing was installed.
    """
    later.load(_SERVING, until=process.is_ready)
    described = process.describe(_fetch)
    if isinstance(described, Elsewhere):
        process.stop()
        interpreter = Path(described.interpreter)
        with PipProcess(interpreter, request.args, elsewhere=True) as other:
            return _proceed(request, other, other.describe(_fetch))
    return _proceed(request, process, described)


def _proceed(request: Request, process: PipProcess, described: Plan | AsIs | Elsewhere | Ended) -> Outcome:
    if isinstance(described, Plan):
        with tempfile.TemporaryDirectory(prefix="trustguard-") as folder, under_way(Path(folder)) as sign:
            return _guarded(request, process, described, Path(folder), sign)
    if isinstance(described, Elsewhere):
        raise UsageError(f"--python {described.interpreter} leads to another Python again")
    from trustguard.frontends.outcome import Outcome  # noqa: PLC0415 - not needed before

    if isinstance(described, Ended):
        return Outcome.of_pip(described.code)
    process.start_as_is(request.args)
    return Outcome.of_pip(process.wait())


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


def _fetch(url: str, values: Mapping[str, Any]) -> str:
    """The text of a requirement file that lies on a server."""
    from trustguard.frontends.guard_index.remote import fetch_text  # noqa: PLC0415

    return fetch_text(url, network(values))


def _guarded(
    request: Request, process: PipProcess, plan: Plan, folder: Path, sign: Mapping[str, str]
) -> Outcome:
    request.state.prepare()
    credential = Credential.fresh()
    with closing(listen(request.state.seed)) as sock:
        guard = Guard(sock.getsockname()[1], folder / "netrc")
        credential.write_netrc(guard.netrc)
        lifted = _lift(request, plan, guard, folder)
        lifted = replace(lifted, environ={**lifted.environ, **sign})
        # pip starts now, and its first request waits in the socket's queue until the index is there.
        building = Building(request.configuration.build_sandbox, folder / "builds", folder / "refused")
        before = stamps(plan.destinations)
        process.start(lifted, building, quiet=request.quiet_stdout)
        later.load(_SERVING)
        from trustguard.frontends.serving import Started  # noqa: PLC0415 - it has been loaded now

        started = Started(request.pinned(lifted.pins), process, plan, lifted, building, guard, folder, before)
        return started.serve(sock, credential)


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
