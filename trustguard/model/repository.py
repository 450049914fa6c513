"""Source repositories: one form for all the ways in which people write an address.

Projects state where their source is in ``Project-URL`` and ``Home-page``, with or without ``www.``, ``.git``,
a branch, a page of documentation. Two addresses are the same repository where these forms are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_FORGES = {
    "github.com": "github.com",
    "www.github.com": "github.com",
    "raw.githubusercontent.com": "github.com",
    "api.github.com": "github.com",
    "gitlab.com": "gitlab.com",
    "www.gitlab.com": "gitlab.com",
    "codeberg.org": "codeberg.org",
    "www.codeberg.org": "codeberg.org",
    "bitbucket.org": "bitbucket.org",
    "www.bitbucket.org": "bitbucket.org",
}
"""Hosts that hold repositories and nothing else of that form."""
_PAGES = {"github.io": "github.com", "gitlab.io": "gitlab.com", "codeberg.page": "codeberg.org"}
"""Where a forge's users have their web pages: ``OWNER.github.io/REPOSITORY``."""
_DEEP = frozenset({"gitlab.com"})
"""Forges with groups in groups: a repository's path has two parts or more."""
_RESERVED = frozenset(
    {
        *("about", "apps", "collections", "contact", "customer-stories", "enterprise", "explore", "features"),
        *("issues", "login", "marketplace", "new", "notifications", "orgs", "pricing", "pulls", "search"),
        *("security", "settings", "site", "sponsors", "topics", "trending", "users"),
    }
)
"""First parts of a path that are no owner's name."""
_LABELS = frozenset(
    {
        *("code", "forge", "git", "github", "gitlab", "repo", "repository", "scm", "source", "sourcecode"),
        *("sourcerepository", "sources", "vcs"),
    }
)
"""Labels of a ``Project-URL`` that say: this is the repository, wherever it lies."""
_INSIDE = frozenset(
    {
        *("archive", "blob", "blame", "branches", "commits", "discussions", "issues", "merge_requests"),
        *("milestones", "pull", "pulls", "pull-requests", "raw", "refs", "releases", "src", "tags", "tree"),
        *("wiki", "wikis", "zipball", "tarball", "-", "actions", "network", "graphs"),
    }
)
"""What stands behind a repository's path and leads into it."""
_PART = re.compile(r"[A-Za-z0-9_.~-]{1,100}")
_LONGEST = 500


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A repository.

    Args:
        host: where it lies, in lower case; a port that is not the usual one stands with it.
        path: its path there, in lower case, without a slash at either end: ``psf/requests``.
    """

    host: str
    path: str

    @property
    def owner(self) -> str:
        """Whose it is: all of the path but its last part; empty where there is none."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """What it is called: the last part of the path."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"


def parse_repository(url: str, *, labelled: bool = False) -> Repository | None:
    """The repository that an address names.

    Args:
        url: such as ``https://www.github.com/PSF/Requests.git`` or ``git@github.com:psf/requests``.
        labelled: whether it is said to be a repository's, so that any host will do.

    Returns:
        None where it is no address, or not recognisable as a repository's.
    """
    if len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(_with_scheme(url.strip()))
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return None
    pieces = [piece for piece in unquote(parts.path).split("/") if piece]
    if not all(_PART.fullmatch(piece) and piece not in {".", ".."} for piece in pieces):
        pieces = [*_leading(pieces)]
    pages = next((end for end in _PAGES if host.endswith(f".{end}")), None)
    if pages is not None:
        owner = host[: -len(pages) - 1]
        return _made(_PAGES[pages], [owner, pieces[0] if pieces else host], port=None)
    if host in _FORGES:
        return _made(_FORGES[host], _without(pieces, "repos" if host.startswith("api.") else ""), port=None)
    usual = {"http": 80, "https": 443, "ssh": 22, "git": 9418}.get(parts.scheme)
    return _made(host, pieces, port=None if port == usual else port) if labelled else None


def _with_scheme(url: str) -> str:
    """An address in its usual form: what ``git`` takes as ``user@host:path``, or what has no scheme."""
    url = url.removeprefix("git+")
    scp = re.fullmatch(r"(?:[\w.-]+@)?([A-Za-z0-9.-]+\.[A-Za-z]+):(?!//|\d+/)(.+)", url)
    if scp is not None and "://" not in url:
        return f"ssh://{scp[1]}/{scp[2]}"
    return url if "://" in url else f"https://{url}"


def _leading(pieces: list[str]) -> Iterable[str]:
    """The parts of a path up to the first that is none of a repository's."""
    for piece in pieces:
        if not _PART.fullmatch(piece) or piece in {".", ".."}:
            return
        yield piece


def _without(pieces: list[str], first: str) -> list[str]:
    return pieces[1:] if first and pieces[:1] == [first] else pieces


def _made(host: str, pieces: list[str], *, port: int | None) -> Repository | None:
    if not host or not pieces or pieces[0].lower() in _RESERVED:
        return None
    depth = len(pieces) if host in _DEEP or host not in _FORGES.values() else 2
    path: list[str] = []
    for piece in pieces[:depth]:
        if len(path) >= 2 and piece in _INSIDE:  # noqa: PLR2004 - owner and name stand before it
            break
        path.append(piece)
    if len(path) < 2 and host in _FORGES.values():  # noqa: PLR2004 - an owner's page is no repository
        return None
    path[-1] = re.sub(r"\.git$", "", path[-1], flags=re.IGNORECASE)
    joined = "/".join(path).lower().strip("/")
    return Repository(host if port is None else f"{host}:{port}", joined) if path[-1] else None


def claimed_repositories(project_urls: Iterable[str], home_page: str = "") -> tuple[Repository, ...]:
    """The repositories that core metadata names, each once, in order.

    Args:
        project_urls: ``Project-URL`` fields, each ``label, address``.
        home_page: ``Home-page``.
    """
    found: dict[Repository, None] = {}
    for line in project_urls:
        label, _, url = line.partition(",")
        folded = re.sub(r"[^a-z]", "", label.lower())
        repository = parse_repository(url, labelled=folded in _LABELS)
        if repository is not None:
            found[repository] = None
    home = parse_repository(home_page) if home_page else None
    if home is not None:
        found[home] = None
    return tuple(found)
