"""What a distribution says of itself and anybody could have written; and the project that it resembles."""

from __future__ import annotations

from packaging.utils import NormalizedName

from trustguard.model.record import record
from trustguard.model.repository import Repository, claimed_repositories


@record
class Statement:
    """Core metadata, as far as it speaks of origin and authors and not of what is installed.

    Args:
        summary: ``Summary``.
        description: the long description.
        project_urls: ``Project-URL`` fields, each ``label, address``.
        home_page: ``Home-page``.
        people: names and e-mail addresses of authors and maintainers, folded, without placeholders.
        development_status: the classifier of that name, such as ``7 - Inactive``; empty where there is none.
    """

    summary: str = ""
    description: str = ""
    project_urls: tuple[str, ...] = ()
    home_page: str = ""
    people: tuple[str, ...] = ()
    development_status: str = ""

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """The repositories that it names as its own."""
        return claimed_repositories(self.project_urls, self.home_page)

    @property
    def claims(self) -> Claims:
        """What of it is kept as evidence by itself."""
        return Claims(self.repositories, self.people, self.development_status)


@record
class Claims:
    """What core metadata says of origin and authors. None of it is checked by anybody.

    Args:
        repositories: the repositories that are named as its own.
        people: names and e-mail addresses of authors and maintainers, folded.
        development_status: the classifier of that name, such as ``7 - Inactive``; empty where there is none,
            or nobody has looked.
    """

    repositories: tuple[Repository, ...] = ()
    people: tuple[str, ...] = ()
    development_status: str = ""


@record
class Counterpart:
    """A popular project that another one may pass itself off as, and what the two have in common.

    Args:
        project: the popular one.
        repositories: the repositories that it claims.
        owners: who may upload it, as the index says: ``user NAME`` and ``organization NAME``; empty where
            the index does not say.
        family: whether the other one's name belongs to the ecosystem of this one, such as ``pytest-x``.
        same_summary: whether the summaries are equal, folded.
        description: how much of the descriptions is equal, from 0 to 1; None where one has too little text.
        people: names and e-mail addresses that both state.
        fork: whether the other one says openly that it is a fork of this one.
    """

    project: NormalizedName
    repositories: tuple[Repository, ...] = ()
    owners: tuple[str, ...] = ()
    family: bool = False
    same_summary: bool = False
    description: float | None = None
    people: tuple[str, ...] = ()
    fork: bool = False


@record
class ReleaseTags:
    """How the tags of a claimed repository go with the versions that were released.

    Args:
        repository: the repository that was asked.
        same_as: the repositories, of those that are proven or the counterpart's, that it is the same as:
            the forge leads both addresses to one repository, since it was renamed or handed over.
        releases: how many released versions were compared.
        tagged: how many of them have a tag there.
    """

    repository: Repository
    same_as: tuple[Repository, ...] = ()
    releases: int = 0
    tagged: int = 0
