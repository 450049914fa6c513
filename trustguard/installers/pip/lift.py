"""From what pip understood to what pip is given: everything but the sources, and one source, the guard.

What names a source is taken out of the command line, the configuration and the requirement files, and put
into :class:`Sources`. The rest goes back unchanged, requirement files as copies with the same line numbers.
"""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from trustguard.installers.pip.environment import KEPT_PYTHON_VARIABLES
from trustguard.installers.pip.identities import Identities
from trustguard.installers.pip.locked import lock_file, remark_on_name
from trustguard.installers.pip.plan import Group, Line, Occurrence, Plan, RequirementFile, Script
from trustguard.installers.pip.pylock import lift_lock
from trustguard.installers.pip.references import References
from trustguard.installers.pip.scope import SOURCES, named_sources
from trustguard.model.origins import applies
from trustguard.model.pin import PublisherPin
from trustguard.model.record import record
from trustguard.model.request import Direct, Sources

REPLACED = frozenset(
    {"cache_dir", "isolated_mode", "python", "json_report_file", "disable_pip_version_check"}
)
"""Options that trustguard carries out itself or gives a value of its own."""
LIFTED = frozenset(
    {
        "requirements",
        "constraints",
        "build_constraints",
        "editables",
        "dependency_groups",
        "requirements_from_scripts",
    }
)
"""Options whose values are given anew, lifted."""
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")


@record
class Guard:
    """Where the guard index listens, and what of it pip is given."""

    port: int
    netrc: Path
    """A netrc file with the run's credential, so that it stands in no command line."""
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    """Tells this run from all others."""
    host: str = "127.0.0.1"
    """As what it is asked."""

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://{self.host}:{self.port}"

    @property
    def index_url(self) -> str:
        """The simple index."""
        return f"{self.origin}/simple/"

    def direct_url(self, direct: Direct) -> str:
        """The address of a direct reference, without a fragment.

        It is another one in each run: pip keeps the wheels that it builds by such addresses, and would then
        not ask whether there is still nothing against what they were built from.
        """
        return f"{self.origin}/direct/{direct.key}/{quote(direct.filename)}?run={self.run}"


@record
class Lifted:
    """What the guard is to serve, and what pip is to be given."""

    sources: Sources
    directs: Mapping[str, Direct]
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    unset: tuple[str, ...]
    pins: tuple[PublisherPin, ...] = ()
    """Who must have published what lock files name."""
    remarks: tuple[str, ...] = ()
    """What is to be told about that."""


@dataclass
class Lifting:
    """Lifts one plan.

    Args:
        plan: what pip understood.
        guard: where the guard index listens.
        folder: a private folder for copies of requirement files.
        cache: pip's cache folder for guarded runs in which these pins of lock files hold.
        report: where pip is to write its installation report.
        cwd: the user's working directory.
        environ: the environment that pip would have had.
    """

    plan: Plan
    guard: Guard
    folder: Path
    cache: Callable[[tuple[PublisherPin, ...]], Path]
    report: Path
    cwd: Path
    environ: Mapping[str, str]
    _references: References = field(init=False)
    _identities: Identities = field(init=False, default_factory=Identities)

    def __post_init__(self) -> None:
        for_target = partial(applies, markers=self.plan.target.markers)
        self._references = References(self.cwd, self.guard.direct_url, for_target)

    def lift(self) -> Lifted:
        """Lift the plan; copies of requirement files are written into ``folder``.

        Raises:
            SourceRefused: something names a place that cannot be vetted.
            UsageError: something cannot be understood.
        """
        argv = (self.plan.command, *self._options(), *self._own_options(), "--", *self._arguments())
        sources = named_sources(self.plan, self.cwd)
        pins, remarks = tuple(self._identities.pins), tuple(self._identities.remarks)
        if self.plan.command == "lock":
            remarks += remark_on_name(self.plan)
        return Lifted(sources, self._references.found, argv, *self._environment(), pins=pins, remarks=remarks)

    def _options(self) -> Iterable[str]:
        for occurrence in self.plan.occurrences:
            if occurrence.dest not in SOURCES | REPLACED | LIFTED:
                yield from _words(occurrence)

    def _own_options(self) -> Iterable[str]:
        yield f"--index-url={self.guard.index_url}"
        yield from ("--keyring-provider=disabled", "--disable-pip-version-check")
        # Only trustguard waits for the network; pip waits for trustguard, however long a vetting takes.
        yield from ("--timeout=86400", "--retries=1")
        if self.plan.command == "install":
            yield f"--report={self.report}"
        if self.plan.command == "lock":
            yield f"--output={lock_file(self.plan, self.cwd, self.guard.run)}"
        copies = [self._copy(place) for place in range(len(self.plan.files))]
        for option, entries in (
            ("--requirement", self.plan.requirements),
            ("--constraint", self.plan.constraints),
            ("--build-constraint", self.plan.build_constraints),
        ):
            for name, place in entries:
                yield f"{option}={self._lock(name) if place is None else copies[place]}"
        for number, group in enumerate(self.plan.groups):
            yield f"--group={self._group(group, self.folder / f'group-{number}')}:{group.name}"
        for number, script in enumerate(self.plan.scripts):
            yield f"--requirements-from-script={self._script(script, self.folder / f'script-{number}')}"
        for editable in self.plan.values.get("editables") or ():
            yield f"--editable={self._references.lift(editable, 'argument', '-e', editable=True)}"
        # Last, for by now every lock file has been read.
        cache = self.cache(tuple(self._identities.pins))
        yield "--no-cache-dir" if self.plan.values.get("cache_dir") is False else f"--cache-dir={cache}"

    def _arguments(self) -> list[str]:
        return [self._references.lift(text, "argument", "command line") for text in self.plan.arguments]

    def _path(self, place: int) -> Path:
        name = Path(urlsplit(self.plan.files[place].location).path).name
        return self.folder / str(place) / (name or "requirements.txt")

    def _copy(self, place: int) -> Path:
        path, file = self._path(place), self.plan.files[place]
        path.parent.mkdir(mode=0o700)
        rows: dict[int, str] = {line.number: self._line(line, file) for line in file.lines}
        text = "\n".join(rows.get(number, "") for number in range(1, max(rows, default=0) + 1))
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def _line(self, line: Line, file: RequirementFile) -> str:
        where = f"{file.location}:{line.number}"
        words = []
        if line.requirement:
            pinned = any(occurrence.dest == "hashes" for occurrence in line.occurrences)
            words.append(self._references.lift(line.requirement, "requirements-file", where, pinned=pinned))
        for at, occurrence in enumerate(line.occurrences):
            if occurrence.dest in SOURCES:
                continue
            value = occurrence.value
            if at in line.includes:
                value = str(self._path(line.includes[at]))
            elif occurrence.dest == "editables" and value is not None:
                value = self._references.lift(value, "requirements-file", where, editable=True)
            words += _quoted(occurrence.option, value)
        return " ".join(words)

    def _group(self, group: Group, folder: Path) -> str:
        """A ``pyproject.toml`` with that group alone, what it includes written out."""
        if group.requirements is None:
            return self._lock(group.path)
        texts = [
            self._references.lift(text, "requirements-file", f"{group.path}: group {group.name}")
            for text in group.requirements
        ]
        return str(_written(folder / "pyproject.toml", {"dependency-groups": {group.name: texts}}))

    def _script(self, script: Script, folder: Path) -> str:
        """A script that consists of its metadata."""
        texts = [
            self._references.lift(text, "requirements-file", script.path) for text in script.requirements
        ]
        metadata = {"requires-python": script.requires_python, "dependencies": texts}
        path = _written(folder / Path(script.path).name, metadata)
        lines = ["/// script", *path.read_text(encoding="utf-8").splitlines(), "///"]
        path.write_text("".join(f"# {line}\n" for line in lines), encoding="utf-8")
        return str(path)

    def _lock(self, name: str) -> str:
        return lift_lock(name, self.folder, self._references, self._identities)

    def _environment(self) -> tuple[dict[str, str], tuple[str, ...]]:
        unset = [name for name in self.environ if _is_out_of_reach(name)]
        set_ = {"PIP_CONFIG_FILE": os.devnull, "NETRC": str(self.guard.netrc), "GIT_ALLOW_PROTOCOL": "none"}
        for key, dest, value in self.plan.settings:
            if dest is not None and dest not in SOURCES | REPLACED | LIFTED:
                set_["PIP_" + key.upper().replace("-", "_")] = value
        for name in _PROXY_VARIABLES:
            set_[name] = set_[name.lower()] = self.guard.origin
        set_["NO_PROXY"] = set_["no_proxy"] = "127.0.0.1"
        return set_, tuple(name for name in unset if name not in set_)


def _written(path: Path, content: Mapping[str, Any]) -> Path:
    """Write TOML for pip, with its own writer, into a folder of its own."""
    from pip._vendor import tomli_w  # noqa: PLC0415 - few commands need it

    path.parent.mkdir(mode=0o700)
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


def _words(occurrence: Occurrence) -> list[str]:
    if occurrence.value is None:
        return [occurrence.option]
    if occurrence.option.startswith("--"):
        return [f"{occurrence.option}={occurrence.value}"]
    return [occurrence.option, occurrence.value]


def _quoted(option: str, value: str | None) -> list[str]:
    if value is None:
        return [option]
    return [f"{option}={shlex.quote(value)}"] if option.startswith("--") else [option, shlex.quote(value)]


def _is_out_of_reach(name: str) -> bool:
    upper = name.upper()
    if upper.startswith("PYTHON"):
        return upper not in KEPT_PYTHON_VARIABLES
    return upper.startswith("PIP_") or upper in {*_PROXY_VARIABLES, "NO_PROXY"}
