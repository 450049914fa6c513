"""What the wheels of one installation put in each other's way: none of it is in the environment yet."""

from __future__ import annotations

from collections.abc import Callable

from packaging.utils import NormalizedName

from trustguard.model.contents import Laid, Occupied, Overlap, Owned
from trustguard.sources.contents.overlaps import overlaps


class Neighbours:
    """The wheels that an installer was given, for one environment.

    Args:
        together: whether there is one environment for all; else nobody is anybody's neighbour.
        folds: says whether paths that differ in case alone are one file in it.
    """

    def __init__(self, *, together: bool, folds: Callable[[], bool]) -> None:
        self._together = together
        self._folds = folds
        self._files: dict[str, Owned] = {}
        self._modules: dict[str, Owned] = {}

    def meet(self, project: NormalizedName, laid: Laid) -> tuple[Overlap, ...]:
        """What of a wheel is in the way of others that were given before; it is one of them from now on.

        Files that are the same in several, such as an empty ``__init__.py`` above the parts of a family of
        projects, are in nobody's way.

        Args:
            project: whose wheel it is.
            laid: what it lays out.
        """
        if not self._together or not laid:
            return ()
        folds = self._folds()
        others = Occupied(self._files, self._modules, folds)
        found = [one for one in overlaps(laid, project, others) if not one.same]
        own = Occupied.of([(project, laid)], folds=folds)
        self._files.update(own.files)
        self._modules.update(own.modules)
        return tuple(found)
