"""Public forges: on which hosts they answer, and where in a path a repository's own path ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RESERVED = {
    "github.com": frozenset(
        {
            *("about", "account", "advisories", "apps", "codespaces", "collections", "contact", "dashboard"),
            *("customer-stories", "enterprise", "events", "explore", "features", "issues", "join", "login"),
            *("logout", "marketplace", "new", "notifications", "organizations", "orgs", "pricing", "pulls"),
            *("readme", "search", "security", "sessions", "settings", "signup", "site", "sponsors", "stars"),
            *("topics", "trending", "users", "watching"),
        }
    ),
    "gitlab.com": frozenset(
        {
            *("-", "admin", "api", "dashboard", "explore", "groups", "help", "import", "jwt", "oauth"),
            *("profile", "projects", "public", "s", "search", "snippets", "u", "unsubscribes", "uploads"),
            *("users", "v2"),
        }
    ),
    "codeberg.org": frozenset(
        {
            *("admin", "api", "assets", "attachments", "avatars", "explore", "issues", "milestones"),
            *("notifications", "org", "pulls", "repo", "user"),
        }
    ),
    "bitbucket.org": frozenset({"account", "api", "blog", "dashboard", "product", "repo", "site"}),
}
"""The forges, and the first parts of a path on each that are no owner's name."""
FORGES = frozenset(_RESERVED)
"""Hosts that hold repositories, and on which nothing else has two names for its path."""
_DEEP = frozenset({"gitlab.com"})
"""Forges with groups in groups: a repository's path has two parts or more."""
_ALIASES = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "raw.githubusercontent.com": "github.com",
    "codeload.github.com": "github.com",
    "www.gitlab.com": "gitlab.com",
    "altssh.gitlab.com": "gitlab.com",
    "www.codeberg.org": "codeberg.org",
    "www.bitbucket.org": "bitbucket.org",
    "altssh.bitbucket.org": "bitbucket.org",
}
"""Other hosts of a forge, on which a repository's path is the same."""
_API = {"api.github.com": ("github.com", "repos")}
"""Hosts on which a word stands before a repository's path."""
_PAGES = {"github.io": "github.com", "gitlab.io": "gitlab.com", "codeberg.page": "codeberg.org"}
"""Where a forge's users have their web pages: ``OWNER.github.io/REPOSITORY``."""
_OF_SITE = {"codeberg.org": "pages"}
"""What the repository of a user's own site is called, where that is not the site's host."""
_INSIDE = frozenset(
    {
        *("-", "actions", "archive", "blame", "blob", "branches", "commit", "commits", "compare"),
        *("discussions", "downloads", "edit", "find_file", "graphs", "issues", "jobs", "merge_requests"),
        *("milestones", "network", "pipelines", "pull", "pull-requests", "pulls", "raw", "refs", "releases"),
        *("src", "tags", "tarball", "tree", "wiki", "wikis", "zipball"),
    }
)
"""What stands behind a repository's path and leads into it."""
_PAGE = re.compile(r"[^A-Za-z0-9_.-]|\.html?$", re.IGNORECASE)
"""What shows that the first part of a path is no repository's name."""
_OWNER_AND_NAME = 2
GIT = re.compile(r"(?:\.git)+$", re.IGNORECASE)
"""What people write behind a repository's name, and is no part of it."""


def located(host: str, segments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Where the repository lies that an address leads to.

    Args:
        host: the address's host, in lower case.
        segments: its path, in parts.

    Returns:
        The forge and the repository's path there; on a host that is no forge that host, and the path up to
        where it seems to lead into a repository. The path is empty where it is no repository's.
    """
    owner, _, pages = host.partition(".")
    if pages in _PAGES:
        forge = _PAGES[pages]
        first = segments[0] if segments else ""
        own_site = not first or _PAGE.search(first)
        return forge, _on_forge(forge, [owner, _OF_SITE.get(forge, host) if own_site else first])
    if host in _API:
        forge, first = _API[host]
        return forge, _on_forge(forge, segments[1:]) if list(segments[:1]) == [first] else ()
    forge = _ALIASES.get(host, host)
    return forge, _on_forge(forge, segments) if forge in FORGES else _cut(segments, _INSIDE)


def _on_forge(forge: str, segments: Sequence[str]) -> Sequence[str]:
    if segments and segments[0].lower() in _RESERVED[forge]:
        return ()
    # A group may well be called src there.
    found = _cut(segments, _INSIDE - {"src"}) if forge in _DEEP else segments[:_OWNER_AND_NAME]
    return found if len(found) >= _OWNER_AND_NAME else ()


def _cut(segments: Sequence[str], inside: frozenset[str]) -> Sequence[str]:
    for place, segment in enumerate(segments):
        if segment == "-" or (place >= _OWNER_AND_NAME and segment.lower() in inside):
            return segments[:place]
        if GIT.search(segment):
            return segments[: place + 1]
    return segments
