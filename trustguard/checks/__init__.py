"""The checks: one file each, found by looking into this folder and nowhere else.

A module holds a docstring (its page in docs/checks.md), optionally a frozen dataclass ``Settings`` (the
table ``[checks.ID]``), and ``check(evidence, settings) -> list[Finding]``. The id is the file's name with
hyphens. Entry points are not consulted: a package under examination must not be able to register code.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any, NewType

from trustguard.model.claims import Counterpart
from trustguard.model.evidence import Evidence, Known
from trustguard.model.finding import Finding
from trustguard.model.record import record

_DAY = timedelta(days=1)
_OF_ORGANIZATIONS = 4
ORGANIZATION = "organization "
"""How the name of an owner begins that is an organisation of the index's."""

CheckId = NewType("CheckId", str)
"""The id of a check, where a setting names one; the reader of settings knows which there are."""
Glob = NewType("Glob", str)
"""A project's name or a pattern, where a setting names projects; the reader of settings knows its form."""
Share = NewType("Share", float)
"""From 0 to 1."""


@record
class NoSettings:
    """The settings of a check that has none."""


@record
class Standing:
    """The settings of a check that leaves alone what has been there for long."""

    established: timedelta = field(default=timedelta(days=365), metadata={"tighter": "longer"})
    """A project whose first file is at least so old, and that has enough releases, is left alone."""
    releases: int = field(default=5, metadata={"tighter": "more"})
    """So many releases are enough."""

    def record(self, evidence: Evidence) -> str:
        """What a project's past says for it, as the end of a sentence; empty where it says too little.

        Whoever cannot tell the past tells nothing in favour: what is unavailable is not read, and counts as
        no past.
        """
        return self._past(evidence, self.established)

    def standing(self, evidence: Evidence) -> str:
        """The same, or a quarter of that past where the index names an organisation as owner.

        An index approves organisations one by one, and takes down what they should not have. Who owns a
        project is known wherever its name or its claims raise a question.
        """
        if record := self.record(evidence):
            return record
        owners = evidence.owners.value if isinstance(evidence.owners, Known) else ()
        organisation = next((one for one in owners if one.startswith(ORGANIZATION)), "")
        past = self._past(evidence, self.established / _OF_ORGANIZATIONS) if organisation else ""
        return f"the index names {organisation} as owner, and {past}" if past else ""

    def _past(self, evidence: Evidence, least: timedelta) -> str:
        past = evidence.history.value if isinstance(evidence.history, Known) else None
        if past is None:
            return ""
        age = evidence.at - past.first_upload
        if age < least or past.releases < self.releases:
            return ""
        return f"the project is {age // _DAY} days old and has {past.releases} releases"


def kinship(evidence: Evidence, counterpart: Counterpart) -> str:
    """What proves that a project is its counterpart's owner's too, as the end of a sentence; empty: nothing.

    What a project only says of itself proves nothing. What the index says of its owners does, and so does a
    verified attestation from a repository of the same owner.
    """
    owners = evidence.owners.value if isinstance(evidence.owners, Known) else ()
    shared = [owner for owner in owners if owner in counterpart.owners]
    if shared:
        return f"the index names {shared[0]} as owner of both"
    proven = evidence.provenance.value.repositories if isinstance(evidence.provenance, Known) else ()
    own = {(one.host, one.owner) for one in counterpart.repositories if one.owner}
    of_both = [one for one in proven if (one.host, one.owner) in own]
    return f"it is proven to come from {of_both[0]}, of the same owner" if of_both else ""


@record
class Check:
    """A check as it was discovered."""

    id: str
    summary: str
    settings_type: type[Any]
    run: Callable[[Evidence, Any], list[Finding]]

    def settings(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each check has a type of its own
        """The check's settings from the values of its table."""
        return self.settings_type(**values)


@functools.cache
def discover() -> Mapping[str, Check]:
    """Every check by its id, in the order of their names. A check that does not load stops the program."""
    found = {}
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        check_id = module_info.name.replace("_", "-")
        summary = (module.__doc__ or "").strip().splitlines()[0]
        found[check_id] = Check(check_id, summary, getattr(module, "Settings", NoSettings), module.check)
    return found
