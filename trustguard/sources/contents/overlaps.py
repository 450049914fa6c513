"""What a wheel lays out in an environment, and what of that is in the way of what is another project's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.utils import NormalizedName

from trustguard.model.contents import Laid, Occupied, Overlap, module_of
from trustguard.sources.contents.namespaces import makes_namespace
from trustguard.sources.contents.places import Place, Root

_KEPT = 20
_BESIDE: Mapping[Root, str] = {"site": "", "scripts": "../bin/", "prefix": "../"}
"""How the paths of what is laid out begin; headers have a folder for each project, and meet nothing."""
_WINDOWS = "../Scripts/"


def laid_out(found: Iterable[Place], commands: Iterable[str], digests: Mapping[str, str]) -> dict[str, str]:
    """Where everything of a wheel comes to lie, with its digest.

    Args:
        found: where its files end up.
        commands: what is made of its entry points.
        digests: of its files, by their paths in it.
    """
    placed = (one for one in found if one.root in _BESIDE)
    laid = {f"{_BESIDE[one.root]}{one.path}": digests.get(one.entry.path, "") for one in placed}
    return laid | dict.fromkeys((f"{_BESIDE['scripts']}{command}" for command in commands), "")


def overlaps(laid: Laid, project: NormalizedName, occupied: Occupied) -> tuple[Overlap, ...]:
    """What is in the way of another project's, different content first.

    Args:
        laid: what a wheel lays out.
        project: whose wheel it is.
        occupied: whose what is there is.
    """
    found = sorted(_met(laid, project, occupied), key=lambda one: (one.same, one.path))
    return tuple(found[:_KEPT])


def _met(laid: Laid, project: NormalizedName, occupied: Occupied) -> Iterator[Overlap]:
    for path, own in laid.items():
        owner, digest = _there(path, occupied) or (project, "")
        if owner != project:
            alike = makes_namespace(own) and makes_namespace(digest)
            yield Overlap(path, owner, (own != "" and own == digest) or alike)
            continue
        owner, _ = occupied.modules.get(module_of(path), (project, ""))
        if owner != project:
            yield Overlap(path, owner, same=False)


def _there(path: str, occupied: Occupied) -> tuple[NormalizedName, str] | None:
    command = path.removeprefix(_BESIDE["scripts"])
    if command == path:
        return occupied.files.get(occupied.spelled(path))
    names = map(occupied.spelled, (path, f"{_WINDOWS}{command}", f"{_WINDOWS}{command}.exe"))
    return next((occupied.files[name] for name in names if name in occupied.files), None)
