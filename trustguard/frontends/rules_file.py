"""A ``trustguard.toml`` that is about to be changed: whose it is, what it may say, and how it is written.

It is changed under a lock, whole or not at all, and only so that all layers together can still be read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Literal

from trustguard.checks import discover
from trustguard.config import Configuration, LayerName, Paths, load
from trustguard.config.document import Node, parse
from trustguard.config.editing import Entries
from trustguard.config.layers import (
    BUILD_BACKEND,
    ENVIRONMENT_VARIABLE,
    FILE_NAME,
    PYPROJECT,
    label_of,
    read_file,
)
from trustguard.config.reader import Statement, read
from trustguard.frontends.rules_writing import put, put_back
from trustguard.frontends.state import State
from trustguard.model.errors import ConfigError, StoreError
from trustguard.model.record import record
from trustguard.store.locks import locked

Kind = Literal["allow", "deny"]

_LOCK_SECONDS = 60.0
_HEADER = """\
# trustguard's rules of this user: exceptions, denials and settings.
# `trustguard allow`, `deny` and `prune` change the entries; everything else stays as it is written here.
schema = 1
"""
_PROJECT = "a project's file may only tighten: it may come from whoever is attacking"


@record
class Machine:
    """Where files are looked for, and the day.

    Args:
        cwd: the folder that we are in.
        environ: the environment.
        paths: the organisation's and the user's file.
        locks: the folder of locks.
        today: the day on which exceptions hold or not.
    """

    cwd: Path
    environ: Mapping[str, str]
    paths: Paths
    locks: Path
    today: date

    @classmethod
    def this_one(cls) -> Machine:
        """The real one."""
        today = datetime.now(timezone.utc).date()
        return cls(Path.cwd(), os.environ, Paths.of_this_machine(), State.of_this_user().locks, today)


@record
class RulesFile:
    """One file.

    Args:
        path: where it is, or would be.
        layer: whose words they are.
        label: how messages call it.
        machine: where it is.
    """

    path: Path
    layer: LayerName
    label: str
    machine: Machine

    @classmethod
    def find(cls, machine: Machine, named: Path | None) -> RulesFile:
        """The file that is meant.

        Args:
            machine: where to look.
            named: the file that was named; None: the user's own.
        """
        path = machine.paths.user if named is None else machine.cwd / named
        return cls(path, _layer(path, machine), label_of(path, machine.cwd), machine)

    @property
    def base(self) -> tuple[str, ...]:
        """The table in it that is ours."""
        return ("tool", "trustguard") if self.path.name == PYPROJECT else ()

    def configuration(self) -> Configuration:
        """What all layers say that it is one of.

        Raises:
            ConfigError: one of them is wrong.
        """
        cwd, environ = self.machine.cwd, dict(self.machine.environ)
        if self.layer == "environment":
            environ.pop(ENVIRONMENT_VARIABLE, None)
            environ |= {ENVIRONMENT_VARIABLE: str(self.path)} if self.path.exists() else {}
        if self.layer == "project":
            cwd = self.path.parent
        return load(cwd=cwd, environ=environ, paths=self.machine.paths, today=self.machine.today)

    def exceptions(self) -> str:
        """What becomes of an exception in this file: "yes", or "ask".

        Raises:
            ConfigError: it may have none, or a layer is wrong.
        """
        answer = self.configuration().user_exceptions
        if self.layer == "project":
            raise ConfigError(
                f"{self.label}: nothing was written: an exception loosens, and {_PROJECT}",
                hint="leave --file away: your own file may have it",
            )
        if self.layer == "org":
            return "yes"
        if answer == "no":
            org = self.machine.paths.org
            raise ConfigError(
                f"{self.label}: nothing was written: user-exceptions is 'no' in {org}",
                hint="ask whoever keeps that file",
            )
        return answer

    def entries(self, content: bytes | None, kind: Kind) -> tuple[Entries, Statement]:
        """What stands in it, and what that says; of the user's file that is not there, how it begins.

        Raises:
            ConfigError: it is wrong.
        """
        if content is None:
            content = _HEADER.encode() if self.layer == "user" else b""
        statement = self._statement(content)
        return Entries(self.label, content.decode(), (*self.base, kind)), statement

    def content(self) -> bytes | None:
        """Its bytes; None where there is none.

        Raises:
            ConfigError: it cannot be read.
        """
        return read_file(self.path, self.label)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this user from changing it meanwhile.

        Raises:
            StoreError: another one does not let go of it.
        """
        name = hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:32]
        with locked(self.machine.locks / f"rules-{name}.lock", self.path, _LOCK_SECONDS):
            yield

    def check(self, text: str) -> None:
        """Whether the reader takes what would be written.

        Raises:
            ConfigError: it does not.
        """
        self._statement(text.encode())

    def write(self, before: bytes | None, text: str) -> None:
        """Write it, read all layers again, and put everything back where they no longer hold together.

        Args:
            before: what it had when it was looked at; None: it was not there.
            text: what it is to have.

        Raises:
            ConfigError: the layers do not go together with it.
            StoreError: it cannot be written, or somebody else has written it meanwhile.
        """
        if self.content() != before:
            raise StoreError(f"{self.label} was changed by somebody else at this moment", hint="try again")
        try:
            put(self.path, text.encode(), self.layer)
            self.configuration()
        except BaseException as error:
            if self.content() != before:
                put_back(self.path, before)
            if isinstance(error, ConfigError):
                raise ConfigError(f"nothing was changed: {error.message}", hint=error.hint) from error
            raise

    def _statement(self, content: bytes) -> Statement:
        document = parse(self.layer, self.label, content)
        value: object = document.tree
        for part in self.base:
            if not isinstance(value, Mapping) or part not in value:
                return Statement()
            value = value[part]
        reserved = (BUILD_BACKEND,) if self.base else ()
        return read(Node(document, self.base, value), discover(), reserved=reserved)


def _layer(path: Path, machine: Machine) -> LayerName:
    """Whose file it is. What has the name of a project's file, and is nobody else's, is a project's."""
    named = machine.environ.get(ENVIRONMENT_VARIABLE)
    others: dict[LayerName, Path] = {"org": machine.paths.org, "user": machine.paths.user}
    if named:
        others["environment"] = machine.cwd / named
    for layer, other in others.items():
        if path.resolve() == other.resolve():
            return layer
    return "project" if path.name in {FILE_NAME, PYPROJECT} else "environment"
