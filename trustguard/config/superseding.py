"""Which exceptions of a file can go without letting anything less in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.model.policy import Allow, Selector, matches, same_index

_WILD = frozenset("*?[")


def idle(entries: Sequence[Allow], today: date) -> Iterator[tuple[int, int | None]]:
    """The exceptions that no longer hold, or that another one of the same file makes needless.

    Args:
        entries: the exceptions of one file, in their order.
        today: the day on which they hold or not.

    Yields:
        Its place, and that of the one that lets in as much for as long; None for one that has expired.
    """
    for number, entry in enumerate(entries):
        if not entry.active(today):
            yield number, None
            continue
        others = ((n, other) for n, other in enumerate(entries) if n != number and other.active(today))
        found = next((n for n, other in others if _makes_needless(other, entry, earlier=n < number)), None)
        if found is not None:
            yield number, found


def _makes_needless(other: Allow, entry: Allow, *, earlier: bool) -> bool:
    """Whether the other one covers it; of two that cover each other the earlier one stays."""
    return covers(other, entry) and (earlier or not covers(entry, other))


def covers(broad: Allow, narrow: Allow) -> bool:
    """Whether one exception excuses all that another one does, for as long.

    Where that is hard to tell, such as of two patterns of names, the answer is no.
    """
    lasts = broad.expires is None or (narrow.expires is not None and narrow.expires <= broad.expires)
    return lasts and _excuses_as_much(broad, narrow) and selects_as_much(broad.selector, narrow.selector)


def _excuses_as_much(broad: Allow, narrow: Allow) -> bool:
    """One that names no checks excuses many findings, and not that a check could not be made."""
    if narrow.checks is None or broad.checks is None:
        return narrow.checks is broad.checks
    return set(narrow.checks) <= set(broad.checks)


def selects_as_much(broad: Selector, narrow: Selector) -> bool:
    """Whether one entry speaks of all files of which another one does; no, where that is hard to tell."""
    return (
        _names_as_much(broad.project, narrow.project)
        and _versions_as_much(broad.version, narrow.version)
        and (not broad.sha256 or (bool(narrow.sha256) and set(narrow.sha256) <= set(broad.sha256)))
        and (broad.index is None or (narrow.index is not None and same_index(broad.index, narrow.index)))
    )


def _names_as_much(broad: str, narrow: str) -> bool:
    if broad in {narrow, "*"}:
        return True
    return not _WILD & set(narrow) and matches(broad, canonicalize_name(narrow))


def _versions_as_much(broad: SpecifierSet | None, narrow: SpecifierSet | None) -> bool:
    if broad is None or broad == narrow:
        return True
    pinned = None if narrow is None else _pinned(narrow)
    if pinned is None or "===" in str(broad) or "+" in str(broad):  # a pin has local versions (PEP 440)
        return False
    return broad.contains(pinned, prereleases=True)


def _pinned(versions: SpecifierSet) -> Version | None:
    """The one version of a set, local ones apart."""
    specifiers = list(versions)
    if len(specifiers) != 1 or specifiers[0].operator != "==":
        return None
    try:
        return Version(specifiers[0].version)
    except InvalidVersion:  # it ends in .*
        return None
