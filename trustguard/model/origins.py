"""Where a project was asked for: the file and line of the requirement that leads to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion

from trustguard.model.evidence import CoreMetadata
from trustguard.model.record import record


@record
class Place:
    """Where a requirement stands.

    Args:
        project: what it names; None where that is not known before it is fetched.
        file: path or address of the file, without credentials; empty for the command line.
        line: from 1; None where it is not known, and on the command line.
        text: what was typed, without credentials; empty in a file.
    """

    project: NormalizedName | None
    file: str = ""
    line: int | None = None
    text: str = ""


@record
class Origin:
    """A place that leads to a project.

    Args:
        place: where the requirement stands.
        through: the projects on the way, that of the requirement first; empty where it names the project.
        known: whether it is known to lead there, and not only one of those that may.
    """

    place: Place
    through: tuple[NormalizedName, ...] = ()
    known: bool = True


@record
class Asked:
    """What was asked for.

    Args:
        places: every requirement, in the order in which the installer reads them.
        markers: the target's environment markers (PEP 508).
    """

    places: tuple[Place, ...] = ()
    markers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def wanted(self, described: Mapping[NormalizedName, CoreMetadata]) -> Wanted:
        """What was asked for, and what that needs.

        Args:
            described: the metadata of each project that the installer was given.
        """
        needs = {project: frozenset(self._needs(metadata)) for project, metadata in described.items()}
        return Wanted(self.places, needs)

    def _needs(self, metadata: CoreMetadata) -> Iterator[NormalizedName]:
        """What a release may need, whichever extras are wanted of it."""
        environments = [{**self.markers, "extra": extra} for extra in ("", *metadata.provides_extra)]
        for text in metadata.requires_dist:
            try:
                requirement = Requirement(text)
            except (InvalidRequirement, RecursionError):
                continue  # the installer refuses it with its own explanation
            if requirement.marker is None or may_hold(requirement.marker, environments):
                yield canonicalize_name(requirement.name)


@record
class Wanted:
    """What was asked for, and who needs whom.

    Args:
        places: every requirement.
        needs: by project, the projects that it needs.
    """

    places: tuple[Place, ...] = ()
    needs: Mapping[NormalizedName, frozenset[NormalizedName]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def origins(self, project: NormalizedName) -> tuple[Origin, ...]:
        """The places that lead to a project, the shortest way first.

        Where it is not known which do, they are those that may: each file that was given, and each argument.
        """
        ways = self._ways(project)
        found = [Origin(place, ways[place.project]) for place in self.places if place.project in ways]
        if found:
            return tuple(sorted(found, key=lambda origin: len(origin.through)))
        unnamed = [place for place in self.places if place.project is None]
        return tuple(Origin(place, known=False) for place in _without_lines(unnamed or self.places))

    def _ways(self, project: NormalizedName) -> Mapping[NormalizedName | None, tuple[NormalizedName, ...]]:
        """By project that leads there, the projects on the shortest way, itself first."""
        needing: dict[NormalizedName, list[NormalizedName]] = {}
        for one, needed in self.needs.items():
            for other in sorted(needed):
                needing.setdefault(other, []).append(one)
        ways: dict[NormalizedName | None, tuple[NormalizedName, ...]] = {project: ()}
        waiting = deque([project])
        while waiting:
            here = waiting.popleft()
            for above in needing.get(here, ()):
                if above not in ways:
                    ways[above] = (above, *ways[here])
                    waiting.append(above)
        return ways


def applies(text: str, markers: Mapping[str, str]) -> bool:
    """Whether a requirement is one for a target; one that nobody can read may be.

    Args:
        text: the requirement, as somebody states it.
        markers: the target's environment markers (PEP 508).
    """
    try:
        marker = Requirement(text).marker
    except (InvalidRequirement, RecursionError):
        return True
    return marker is None or may_hold(marker, [{**markers, "extra": ""}])


def may_hold(marker: Marker, environments: Iterable[Mapping[str, str]]) -> bool:
    """Whether a marker holds in one of the environments; one that nobody can evaluate may.

    Args:
        marker: what stands behind a requirement (PEP 508).
        environments: the values of its variables.
    """
    try:
        return any(marker.evaluate(dict(environment)) for environment in environments)
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion, RecursionError):
        return True


def _without_lines(places: Iterable[Place]) -> Iterable[Place]:
    """Each file once, and each argument."""
    return dict.fromkeys(Place(None, place.file, None, place.text) for place in places)
