"""What of a project pip is offered: what its target can take, and what it would not pass over for a wheel.

Only that is vetted (ADR 0020).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product

from packaging.utils import NormalizedName

from trustguard.frontends.guard_index.catalogue import Catalogue, Selection, every
from trustguard.model.project import DistributionFile, FileKind
from trustguard.model.verdict import Decision
from trustguard.vetting import Candidate


class Offer:
    """Chooses among the files of projects.

    Args:
        catalogue: has them vetted.
        tags: those that the target supports (PEP 425); none where they are not known.
        prefers_wheels: whether pip takes a wheel rather than the sdist of a release, whichever there are.
    """

    def __init__(self, catalogue: Catalogue, tags: Iterable[str], *, prefers_wheels: bool) -> None:
        self._catalogue = catalogue
        self._fits = fits_any(tags)
        self._choosing = prefers_wheels and self._fits is not every

    async def of(self, project: NormalizedName) -> list[Candidate] | None:
        """The files of a project with their verdicts; None where no source has the project.

        Raises:
            SourceError: a source did not answer, and what it would have said matters.
        """
        fits = self._fits
        if not self._choosing:
            return await self._catalogue.project(project, fits)
        wheels = await self._catalogue.project(project, lambda file: _is_wheel(file) and fits(file))
        served = {_release(c.file) for c in wheels or () if c.verdict.decision is not Decision.WITHHOLD}

        def is_needed(file: DistributionFile) -> bool:
            return fits(file) if _is_wheel(file) else _release(file) not in served

        return await self._catalogue.project(project, is_needed)


def fits_any(tags: Iterable[str]) -> Selection:
    """Whether an installer could take a file, by its name.

    Args:
        tags: those that the target supports (PEP 425); none where they are not known.

    Returns:
        True of every sdist, of a wheel for one of these, and of all where none are known.
    """
    known = frozenset(tags)
    if not known:
        return every

    @cache
    def is_known(tags: tuple[str, ...]) -> bool:
        return any("-".join(tag) in known for tag in product(*(part.split(".") for part in tags)))

    def fits(file: DistributionFile) -> bool:
        return not _is_wheel(file) or is_known(
            tuple(file.filename.removesuffix(".whl").lower().rsplit("-", 3)[1:])
        )

    return fits


def _is_wheel(file: DistributionFile) -> bool:
    return file.name.kind is FileKind.WHEEL


def _release(file: DistributionFile) -> tuple[str, str | None, bool]:
    """What pip looks at before it looks for a wheel: where that differs, it may prefer the sdist.

    ``===`` compares how versions are written: ``1.0`` is not ``1.0.0`` there.
    """
    return str(file.name.version), file.requires_python, file.yanked is None
