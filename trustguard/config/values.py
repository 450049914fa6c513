"""The kinds of values: each reads one place in a document, or says what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from trustguard.checks import CheckId, Glob, Share, discover
from trustguard.config.document import Node, show
from trustguard.model.policy import plain_address
from trustguard.model.project import Sha256, project_name, sha256

T = TypeVar("T")

_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([A-Za-z]+)")
_GLOB = re.compile(r"[A-Za-z0-9._*?\[\]!-]{1,255}")
_SET = re.compile(r"\[!?\]?[^\]]*\]")
_WILD = frozenset("*?[")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), _MINUTE),
    **dict.fromkeys(("h", "hour", "hours"), _HOUR),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * _DAY),
}
_BYTES = {
    **{unit: 1000**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB"))},
    **{unit: 1024**power for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1)},
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MESSAGE_LIMIT = 500


def text(node: Node) -> str:
    """One line of printable text that is not empty."""
    value = node.value
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise node.error(f"{show(value)} is not a line of text")
    if len(value) > _MESSAGE_LIMIT:
        raise node.error(f"longer than {_MESSAGE_LIMIT} characters")
    return value


def choice(words: Collection[T], name: Callable[[T], str] = str) -> Callable[[Node], T]:
    """A reader of one of a few words."""
    by_name = {name(word): word for word in words}

    def read(node: Node) -> T:
        if not isinstance(node.value, str) or node.value not in by_name:
            raise node.error(f"{show(node.value)} is not one of {', '.join(by_name)}")
        return by_name[node.value]

    return read


def flag(node: Node) -> bool:
    """A truth value."""
    if not isinstance(node.value, bool):
        raise node.error(f"{show(node.value)} is not true or false")
    return node.value


def whole(node: Node) -> int:
    """An integer."""
    if not isinstance(node.value, int) or isinstance(node.value, bool):
        raise node.error(f"{show(node.value)} is not a whole number")
    return node.value


def count(node: Node) -> int:
    """How many."""
    found = whole(node)
    if found < 0:
        raise node.error(f"{show(found)} is less than nothing")
    return found


def number(node: Node) -> float:
    """A finite number."""
    value = node.value
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise node.error(f"{show(value)} is not a number")
    return float(value)


def share(node: Node) -> float:
    """A part of a whole."""
    found = number(node)
    if not 0 <= found <= 1:
        raise node.error(f"{show(node.value)} is not from 0 to 1")
    return found


def score(node: Node) -> float:
    """A trust score, from 1 to 10; or 0."""
    found = number(node)
    if found and not 1 <= found <= 10:  # noqa: PLR2004 - that is the scale
        raise node.error(f"{show(node.value)} is not a score from 1 to 10")
    return found


def duration(node: Node) -> timedelta:
    """A span of time: a number and its unit (s, min, h, day or week, also in full and in the plural)."""
    seconds = _quantity(node.value, _SECONDS)
    if seconds is None or seconds > timedelta.max.total_seconds():
        raise node.error(f"{show(node.value)} is not a duration, such as '3 days'")
    return timedelta(seconds=seconds)


def size(node: Node) -> int:
    """A number of bytes: a number and its unit (B, kB, MB, GB, TB, or KiB, MiB, GiB, TiB)."""
    count = _quantity(node.value, _BYTES)
    if count is None:
        raise node.error(f"{show(node.value)} is not a size, such as '10 GB'")
    return int(count)


def _quantity(value: object, units: Mapping[str, int]) -> float | None:
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] not in units:
        return None
    return float(found[1]) * units[found[2]]


def day(node: Node) -> date:
    """A day, as a TOML date without quotes."""
    if not isinstance(node.value, date) or isinstance(node.value, datetime):
        raise node.error(f"{show(node.value)} is not a date, such as 2027-06-30", "without quotes or time")
    return node.value


def texts(node: Node) -> tuple[str, ...]:
    """An array of strings."""
    return each(text)(node)


def each(read: Callable[[Node], T]) -> Callable[[Node], tuple[T, ...]]:
    """A reader of an array, every item of which is read alike."""

    def read_all(node: Node) -> tuple[T, ...]:
        if not isinstance(node.value, list):
            raise node.error(f"{show(node.value)} is not an array")
        return tuple(read(node.child(number, item)) for number, item in enumerate(node.value))

    return read_all


def glob(node: Node) -> str:
    """A project's name (PEP 508), or a pattern with ``*``, ``?`` or ``[…]``; normalized (PEP 503)."""
    value = text(node)
    try:
        name = value if _WILD & set(value) else project_name(value)
    except ValueError:
        name = ""
    if not _GLOB.fullmatch(name) or "[" in _SET.sub("", name):  # what is not closed would fit nothing
        raise node.error(f"{show(value)} is not a project's name or glob, such as 'acme-*'")
    return name.lower().replace("_", "-").replace(".", "-")


def versions(node: Node) -> SpecifierSet:
    """A set of versions (PEP 440)."""
    try:
        return SpecifierSet(text(node))
    except InvalidSpecifier:
        raise node.error(
            f"{show(node.value)} is not a set of versions, such as '==1.2' or '>=1,<2'"
        ) from None


def digest(node: Node) -> Sha256:
    """A SHA-256 digest."""
    try:
        return sha256(text(node))
    except ValueError:
        raise node.error(f"{show(node.value)} is not a SHA-256 digest: 64 hexadecimal digits") from None


def address(node: Node) -> str:
    """The address of an index: https, http or file, without credentials."""
    value = text(node)
    if "@" in value:
        # Not shown: it may be a secret.
        raise node.error("an address must not hold credentials", "the installer keeps them (netrc, keyring)")
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https", "file"}:
        raise node.error(f"{show(value)} is not an address with https, http or file")
    return plain_address(value)


def data_address(node: Node) -> str:
    """The address of data that verdicts rest on: https or file, or http on this machine."""
    value = address(node)
    parts = urlsplit(value)
    local = parts.hostname is None if parts.scheme == "file" else parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not local:
        raise node.error(f"{show(value)} is not an address with https or file")
    return value


def service(node: Node) -> str:
    """The address of a service: https, or http on this machine."""
    value = data_address(node)
    if urlsplit(value).scheme == "file":
        raise node.error(f"{show(value)} is not an address with https")
    return value


def host(node: Node) -> str:
    """A host, and perhaps a port; in lower case, as addresses are compared."""
    value = text(node).lower()
    parts = _split(f"https://{value}")
    if parts is None or parts.netloc != value or "@" in value:
        raise node.error(f"{show(node.value)} is not a host, such as 'github.com'")
    return value


def local_file(node: Node) -> Path:
    """A file on this machine, by its full path: nobody's working directory decides which one it is."""
    path = Path(text(node))
    if not path.is_absolute():
        raise node.error(f"{show(node.value)} is not the full path of a file")
    return path


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        usable = (parts.hostname or parts.scheme == "file") and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if usable and " " not in value else None


def check_ids(node: Node) -> tuple[str, ...]:
    """Ids of checks that there are."""
    return each(choice(tuple(discover())))(node)


BY_TYPE: Mapping[object, Callable[[Node], object]] = MappingProxyType(
    {
        timedelta: duration,
        bool: flag,
        int: count,
        float: number,
        Share: share,
        str: text,
        tuple[str, ...]: texts,
        tuple[Glob, ...]: each(glob),
        tuple[CheckId, ...]: check_ids,
    }
)
"""How a field of a check's ``Settings`` is read, by its type."""
