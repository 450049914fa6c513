"""Source repositories: one form for all the ways in which people write an address.

Projects state where their source is in ``Project-URL`` and ``Home-page``, with or without ``www.``, ``.git``,
a branch, a page of documentation. Two addresses are the same repository where these forms are equal. An
address is read as a browser reads it (https://url.spec.whatwg.org/), since that is where people look: what
they see and what is read here must not be two things.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from trustguard.model.forges import FORGES, GIT, located

__all__ = ["FORGES", "Repository", "claimed_repositories", "parse_repository"]

_LABELS = frozenset(
    {
        *("source", "sourcecode", "repository", "github"),  # well-known, with its aliases
        *("code", "forge", "forgejo", "git", "gitea", "gitlab", "repo", "scm", "sourcerepository", "sources"),
        "vcs",
    }
)
"""Labels of a ``Project-URL`` that say: this is the repository, wherever it lies."""
_MARKS = str.maketrans("", "", string.punctuation + string.whitespace)

_ADDRESS = re.compile(r"\A(?:git\+)?(?:(https?|ssh|git):/*|//+)?(.*)\Z", re.IGNORECASE | re.DOTALL)
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:(?!\d)")
_SCP = re.compile(r"(?:[\w.-]+@[\w.-]+|[\w.-]+\.[A-Za-z]+):(?!\d+(?:/|$))[^@]+", re.ASCII)
"""``user@host:path``, as ``git`` takes it; a number behind the colon is a port."""
_LINES = re.compile(r"[\t\r\n]")
_NOT_VISIBLE = "".join(map(chr, range(0x21)))
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PART = re.compile(r"[A-Za-z0-9_.~-]{1,100}")
_LONGEST = 500
_LONGEST_HOST = 253
_HTTPS = len("https://")
_WEB_PORTS = frozenset({None, 80, 443})


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
        parts = urlsplit(_as_url(url))
        host, port = _host(parts), parts.port
    except ValueError:
        return None
    place, segments = located(host, _segments(parts.path))
    if place in FORGES:
        return _made(place, segments)
    if not labelled or not host:
        return None
    # On what port ssh or git's own protocol is spoken says nothing about where people look at it.
    usual = port in _WEB_PORTS or parts.scheme in {"ssh", "git"}
    return _made(host if usual else f"{host}:{port}", segments)


def _as_url(text: str) -> str:
    """An address in its usual form, also where it is written as ``git`` alone understands it.

    Raises:
        ValueError: it has a scheme that no repository has.
    """
    shown = _LINES.sub("", text.strip(_NOT_VISIBLE)).strip().replace("\\", "/")
    scheme, rest = map(str, _ADDRESS.findall(shown)[0])
    if scheme.lower() in {"", "ssh"} and _SCP.fullmatch(rest):
        scheme, rest = "ssh", rest.replace(":", "/", 1)
    if not scheme and _OTHER_SCHEME.match(rest):
        raise ValueError("not an address of a repository")
    return f"{scheme or 'https'}://{rest}"


def _host(parts: SplitResult) -> str:
    """The host of an address as it is looked up: decoded, in lower case, in ASCII; empty where it is none.

    An IPv6 address is none: nobody publishes under one, and every version of Python reads them otherwise.

    Raises:
        ValueError: it cannot be a host's name.
    """
    host = unquote(parts.hostname or "")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    host = host.lower().rstrip(".")
    is_host = len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) and "[" not in parts.netloc
    return host if is_host else ""


def _segments(path: str) -> list[str]:
    """The parts of a path, decoded, with its dots followed: ``a/x/../b`` leads to ``a/b``."""
    found: list[str] = []
    for segment in map(unquote, path.split("/")):
        if segment == "..":
            del found[-1:]
        elif segment not in {"", "."}:
            found.append(segment)
    return found


def _made(host: str, segments: Iterable[str]) -> Repository | None:
    parts = [*segments]
    if not parts or not all(map(_PART.fullmatch, parts)):
        return None
    name = GIT.sub("", parts[-1])
    path = "/".join([*parts[:-1], name]).lower()
    fits = len(host) + 1 + len(path) <= _LONGEST - _HTTPS
    return Repository(host, path) if fits and name not in {"", ".", "..", "-"} else None


def claimed_repositories(project_urls: Iterable[str], home_page: str = "") -> tuple[Repository, ...]:
    """The repositories that core metadata names, each once, in order.

    Labels are compared as the specification of well-known project URLs says (PEP 753): in lower case, without
    punctuation and white space.

    Args:
        project_urls: ``Project-URL`` fields, each ``label, address``.
        home_page: ``Home-page``.
    """
    found: dict[Repository, None] = {}
    for line in project_urls:
        label, comma, url = line.partition(",")
        labelled = label.translate(_MARKS).lower() in _LABELS
        repository = parse_repository(url if comma else line, labelled=labelled)
        if repository is not None:
            found[repository] = None
    home = parse_repository(home_page)
    if home is not None:
        found[home] = None
    return tuple(found)
