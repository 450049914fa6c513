"""Asks for the verdict on requirements: ``trustguard check``, in a process of its own.

The process of a build hook is one in which the project's code runs: what that has patched, loaded, printed or
set is no concern of the one that vets. It has the interpreter, the working directory and the variables that
the frontend has given to the hook.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from trustguard.frontends.build_backend.surroundings import Surroundings
from trustguard.model.errors import InstallerError
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.record import record
from trustguard.reports.json_report import SCHEMA

# The source tree is the working directory: no module there is to be loaded in place of another.
_PROGRAM = (
    "import sys; sys.path[:] = filter(None, sys.path); from trustguard.frontends.cli import main; main()"
)
_ACCEPTED = frozenset({"allow", "warn"})
_OUTCOMES = {
    BLOCKED: "is refused",
    NEEDS_APPROVAL: "needs approval, which nobody can give here",
    UNVETTED: "could not be vetted",
}


@record
class Answer:
    """What ``trustguard check`` said.

    Args:
        code: its exit code.
        told: its JSON (docs/output.md).
    """

    code: int
    told: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether everything may be installed."""
        return self.code == 0 and self.told.get("verdict") in _ACCEPTED

    @property
    def unvetted(self) -> bool:
        """Whether the reason is that there is no verdict."""
        return self.code not in {BLOCKED, NEEDS_APPROVAL}

    @property
    def outcome(self) -> str:
        """What came of it where it was not accepted."""
        return _OUTCOMES.get(self.code, "could not be judged")

    def chosen(self) -> dict[NormalizedName, set[Version]]:
        """The versions that were judged, by project: one, unless the resolver has tried several."""
        return _versions((p["project"], [p["version"]]) for p in self.told["packages"])

    def withheld(self) -> dict[NormalizedName, set[Version]]:
        """The versions of which a file was left out, by project."""
        return _versions((w["project"], w["versions"]) for w in self.told["withheld"])

    def reasons(self) -> list[str]:
        """Why it was not accepted, the best reason first."""
        return list(dict.fromkeys(self._reasons())) or [f"trustguard check ended with code {self.code}"]

    def _reasons(self) -> Iterator[str]:
        if "error" in self.told:
            yield self.told["error"]["message"]
        for package in self.told.get("packages", ()):
            if package["verdict"] not in _ACCEPTED and not package["approved"]:
                yield f"{package['project']} {package['version']}: {_ground(package)}"
        yield from self._withheld()
        for missing in self.told.get("missing", ()):
            meant = f" (did you mean {missing['suggestion']}?)" if missing["suggestion"] else ""
            yield f"no source has {missing['project']}{meant}"
        yield from self.told.get("problems", ())

    def remarks(self) -> Iterator[str]:
        """What there is to say of what was accepted: what was left out, warned of, or not checked."""
        for package in self.told["packages"]:
            warned = [finding for finding in package["findings"] if finding["action"] == "warn"]
            for finding in warned:
                what = f"{finding['check']}: {finding['message']}"
                yield f"{package['project']} {package['version']}: {what}"
        for reason in self._withheld():
            yield f"withheld: {reason}"
        for outage in self.told["unavailable"]:
            yield f"not checked: {', '.join(outage['checks'])}: {outage['source']}: {outage['reason']}"
        yield from self.told["problems"]

    def _withheld(self) -> Iterator[str]:
        for withheld in self.told.get("withheld", ()):
            yield f"{withheld['project']} {withheld['versions'][0]}: {_ground(withheld)}"


def ask(requirements: Iterable[str], started: Surroundings) -> Answer:
    """Have requirements judged for the interpreter that the hook runs in; nothing is installed.

    Args:
        requirements: dependency specifiers (PEP 508).
        started: what the frontend has started the hook with.

    Raises:
        InstallerError: there is no answer, or none that can be understood.
    """
    options = ("--format", "json", "--python", started.python)
    # As frontends install into a build environment: --user is not heeded there.
    command = [started.python, "-c", _PROGRAM, *options, "check", "--no-user", *requirements]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, in the interpreter that we are in
            command, env=dict(started.environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
        )
        told = json.loads(done.stdout)
    except (OSError, ValueError) as error:
        raise InstallerError(f"trustguard check gave no answer: {error}") from error
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise InstallerError("trustguard check gave an answer that is not known")
    return Answer(done.returncode, told)


def _ground(judged: Mapping[str, Any]) -> str:
    """What weighs against a file."""
    for finding in judged["findings"]:
        if finding["action"] not in {*_ACCEPTED, "off"} and not finding["excused"]:
            return f"{finding['check']}: {finding['message']}"
    for one in judged["coverage"]["unavailable"]:
        if one["action"] not in {*_ACCEPTED, "off", "ignore"}:
            return f"{one['check']} could not be checked: {one['reason']}"
    return str(judged["verdict"])


def _versions(rows: Iterable[tuple[str, Iterable[str]]]) -> dict[NormalizedName, set[Version]]:
    found: dict[NormalizedName, set[Version]] = {}
    for project, versions in rows:
        found.setdefault(canonicalize_name(project), set()).update(Version(version) for version in versions)
    return found
