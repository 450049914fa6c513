"""What a real backend asks for: vetted, and bound to the versions that were vetted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.frontends.build_backend.asking import Answer, ask
from trustguard.frontends.build_backend.surroundings import Surroundings
from trustguard.model.errors import InstallerError, SourceError, SourceRefused
from trustguard.reports.text import foreign
from trustguard.store.guarded_run import is_under_way

_LIMIT = 400
_NOTHING = "nothing of it was installed"
_MORE = "`trustguard check` with the same requirements tells all of it"


def vetted(returned: object, who: str, started: Surroundings) -> list[str]:
    """The requirements that a hook has returned, for the frontend to install.

    Args:
        returned: what the hook has returned.
        who: the hook and its backend, for messages.
        started: what the frontend has started the hook with.

    Returns:
        The same, and behind them a pin for every version that was vetted: a frontend knows nothing of what
        is withheld, and would take the newest.

    Raises:
        SourceRefused: something of it is refused, or needs approval.
        SourceError: something of it could not be vetted.
        InstallerError: it is not a list of requirements, or there is no answer.
    """
    texts, requirements = _parsed(returned, who)
    wanted = [requirement for requirement in requirements if _is_missing(requirement, started)]
    if not wanted or is_under_way(started.environ, outside=Path.cwd()):
        return texts
    names = ", ".join(dict.fromkeys(requirement.name for requirement in wanted))
    asked = f"{who} asks for {foreign(names, _LIMIT)}"
    answer = ask(map(str, wanted), started)
    if not answer.accepted:
        raise refusal(asked, answer)
    pins = list(_pins(asked, wanted, answer, started))
    for remark in answer.remarks():
        sys.stderr.write(f"trustguard: {foreign(remark, _LIMIT)}\n")
    return [*texts, *pins]


def _parsed(returned: object, who: str) -> tuple[list[str], list[Requirement]]:
    if not isinstance(returned, (list, tuple)) or not all(isinstance(text, str) for text in returned):
        raise InstallerError(f"{who} did not return a list of strings")
    try:
        return list(returned), [Requirement(text) for text in returned]
    except InvalidRequirement as error:
        reason = foreign(str(error).splitlines()[0], _LIMIT)
        raise InstallerError(f"{who} returned what is no requirement: {reason}; {_NOTHING}") from error


def _is_missing(requirement: Requirement, started: Surroundings) -> bool:
    """Whether a frontend would have to install something: it does not where the environment has it."""
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return False
    there = _installed(canonicalize_name(requirement.name), started)
    plain = not requirement.url and not requirement.extras
    return there is None or not plain or not requirement.specifier.contains(there, prereleases=True)


def _installed(name: NormalizedName, started: Surroundings) -> Version | None:
    """The version of a project that the build environment has; None where it has none that can be told.

    What lies in the source tree itself counts for nothing: the frontend does not look there.
    """
    here = Path.cwd().resolve()
    path = [entry for entry in started.path if entry and Path(entry).resolve() != here]
    found = next(iter(metadata.distributions(name=name, path=path)), None)
    try:
        return None if found is None else Version(found.version)
    except (InvalidVersion, TypeError):
        return None


def refusal(asked: str, answer: Answer) -> SourceError:
    """What a frontend is told of requirements that are not accepted, in one line.

    Args:
        asked: who asks for what.
        answer: what there is against it.
    """
    first, *others = answer.reasons()
    more = f" (and {len(others)} more)" if others else ""
    message = f"{asked}, which {answer.outcome}: {foreign(first, _LIMIT)}{more}; {_NOTHING}"
    return (SourceError if answer.unvetted else SourceRefused)(message, hint=_MORE)


def _pins(asked: str, wanted: Iterable[Requirement], answer: Answer, started: Surroundings) -> Iterator[str]:
    """A pin for each project that the environment does not have yet.

    What it has cannot be pinned: frontends take a pin to another version for a conflict, and one to the same
    version as fulfilled. Where a file is withheld that they could take in spite of us, all is refused.
    """
    chosen, withheld = answer.chosen(), answer.withheld()
    if forgotten := {canonicalize_name(one.name) for one in wanted} - chosen.keys():
        raise InstallerError(f"{asked}, and trustguard check says nothing of {', '.join(sorted(forgotten))}")
    addressed = {canonicalize_name(one.name) for one in wanted if one.url}
    for name in sorted(chosen.keys() - addressed):
        there = _installed(name, started)
        if within_reach := _within_reach(there, chosen[name], withheld.get(name, set())):
            reason = foreign("; ".join(answer.reasons()), _LIMIT)
            what = f"{asked}, and {name} {max(within_reach)} could be installed, which is withheld"
            raise SourceRefused(f"{what}: {reason}; {_NOTHING}", hint=_MORE)
        if there is None and len(chosen[name]) == 1:
            yield f"{name}=={next(iter(chosen[name]))}"


def _within_reach(there: Version | None, chosen: set[Version], withheld: set[Version]) -> set[Version]:
    """The versions with a withheld file that a frontend could install.

    Args:
        there: the version in the environment, which it has installed by itself.
        chosen: the versions that were judged.
        withheld: the versions of which at least one file is withheld; another one may have been judged.
    """
    if there is None and len(chosen) == 1:
        return withheld & chosen
    return {version for version in withheld if version >= min(chosen)} - {there}
