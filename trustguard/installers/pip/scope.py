"""Where pip was told to look for packages, and how to get there: its options, and its requirement files'."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trustguard.installers.pip.plan import Line, Plan, RequirementFile
from trustguard.installers.pip.references import is_url
from trustguard.model.request import Sources

SOURCES = frozenset(
    {
        "index_url",
        "extra_index_urls",
        "no_index",
        "find_links",
        "trusted_hosts",
        "proxy",
        "no_proxy_env",
        "cert",
        "client_cert",
        "timeout",
        "retries",
        "resume_retries",
        "keyring_provider",
    }
)
"""Options that say where files come from and how to reach that place: ours to heed."""


def named_sources(plan: Plan, cwd: Path) -> Sources:
    """Every place that a plan names, in the order in which pip would look there.

    Args:
        plan: what pip understood.
        cwd: the user's working directory.
    """
    values = plan.values
    indexes = [] if values.get("no_index") else [values["index_url"], *(values.get("extra_index_urls") or ())]
    scope = _Scope(
        [index for index in indexes if index],
        list(values.get("find_links") or ()),
        bool(values.get("no_index")),
        list(values.get("trusted_hosts") or ()),
    )
    for file in _files_as_pip_reads_them(plan):
        for line in file.lines:
            if not line.requirement:
                scope.add(line, file)
    return replace(
        network(values),
        indexes=tuple(dict.fromkeys(_as_url(index, cwd) for index in scope.indexes)),
        find_links=tuple(dict.fromkeys(_home(place) for place in scope.find_links)),
        trusted_hosts=tuple(dict.fromkeys(scope.trusted_hosts)),
    )


def network(values: Mapping[str, Any]) -> Sources:
    """How pip was told to reach its sources.

    Args:
        values: every option's value, as pip's parser gives it.
    """
    proxy, cert, client = values.get("proxy"), values.get("cert"), values.get("client_cert")
    return Sources(
        trusted_hosts=tuple(values.get("trusted_hosts") or ()),
        proxy=proxy,
        use_env_proxies=proxy is None and not values.get("no_proxy_env"),
        ca_file=Path(cert) if cert else None,
        client_cert=Path(client) if client else None,
        timeout=float(values.get("timeout") or 15),
        retries=int(values.get("retries") or 0),
        keyring_provider=values.get("keyring_provider") or "auto",
    )


@dataclass
class _Scope:
    """Where pip would look, while its requirement files are read one line after the other."""

    indexes: list[str]
    find_links: list[str]
    no_index: bool
    trusted_hosts: list[str]

    def add(self, line: Line, file: RequirementFile) -> None:
        given: dict[str, list[str]] = {}
        for occurrence in line.occurrences:
            given.setdefault(occurrence.dest, []).append(occurrence.value or "")
        if "no_index" in given:
            self.no_index, self.indexes = True, []
        if not self.no_index:
            self.indexes = given.get("index_url", [])[-1:] or self.indexes
            self.indexes = [*self.indexes, *given.get("extra_index_urls", ())]
        self.find_links += [_beside(value, file) for value in given.get("find_links", ())]
        self.trusted_hosts += given.get("trusted_hosts", ())


def _files_as_pip_reads_them(plan: Plan) -> Iterable[RequirementFile]:
    for entries in (plan.constraints, plan.requirements, plan.build_constraints):
        for _, place in entries:
            if place is not None:
                yield from _with_includes(plan, place)


def _with_includes(plan: Plan, place: int) -> Iterable[RequirementFile]:
    yield plan.files[place]
    for line in plan.files[place].lines:
        for included in line.includes.values():
            yield from _with_includes(plan, included)


def _beside(value: str, file: RequirementFile) -> str:
    """A find-links value of a requirement file: a path beside the file, where there is one, wins."""
    beside = Path(file.location).parent / value
    return str(beside) if not is_url(value) and os.path.exists(beside) else value


def _home(place: str) -> str:
    """A find-links value with its ``~`` resolved, where that leads to something (as pip does)."""
    if not place.startswith("~"):
        return place
    path = Path(os.path.expanduser(place))  # noqa: PTH111 - a home that nobody knows is no error here
    return str(path) if os.path.exists(path) else place


def _as_url(index: str, cwd: Path) -> str:
    return index if is_url(index) else (cwd / Path(index).expanduser()).resolve().as_uri()
