"""What a project says of its successor, in its own metadata. Anybody can write anything there.

Bounded in length, and conservative: a name that is wrongly believed to be the successor's does more harm than
one that is missed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.record import record

INACTIVE: Final = "Development Status :: 7 - Inactive"
"""The classifier of what nobody works on any more."""
_BEGINNING = 1_000
"""Characters of a description that are read: who has moved away says so first."""
_SUMMARY = 300

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_GIVEN_UP = re.compile(
    r"\b(?:deprecated|obsolete|superseded|unmaintained|abandoned|discontinued|dummy package"
    r"|no longer (?:maintained|developed|supported)|not maintained|end[- ]of[- ]life"
    r"|prevent (?:name|typo)[- ]?squatting)\b",
    re.IGNORECASE,
)
_OF_ITSELF = re.compile(
    r"\bthis (?:is an? (?:\w+ )?)?(?:package|project|library|module|distribution)\b|^\W*deprecated\b",
    re.IGNORECASE,
)
_NAME = r"[\"'`*\[(]{0,3}(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"
"""A name, perhaps quoted, emphasized or the text of a link; what follows it is not looked at."""
_QUALIFIED = rf"(?:the )?(?:new )?(?:package |project |library )?{_NAME}"
_AFTER = r"[\"'`*\])]{0,3}(?: ?<[^<> ]{1,200}>[`_]{0,3}|\([^() ]{1,200}\))?,?"
"""What may stand between a name and the rest of the sentence: quotes, and the address of a link."""
_OF_WHAT = r"(?:instead of|rather than) [\"'`*\[]{0,3}(?P<other>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"
"""Instead of what: of the project itself, or it is not about that."""
_VERBS = r"(?:use|install|see|try|consider|migrate to|switch to|upgrade to|move to)"
_TELLING = re.compile(r"instead|rather|renam|mov|migrat|supersed|replac|succe|favo|deprecat", re.IGNORECASE)
"""Without one of these nothing is said of a successor; what reads the rest takes 15 ms to make."""


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    patterns = (
        rf"\b{_VERBS} {_QUALIFIED}{_AFTER} (?:instead(?! of)\b|{_OF_WHAT})",
        rf"\binstead,? (?:please )?{_VERBS}:? {_QUALIFIED}",
        rf"\b(?:renamed|moved|migrated)(?: back)? (?:to|as|into) {_QUALIFIED}",
        rf"\b(?:superseded|replaced|succeeded) by {_QUALIFIED}",
        rf"\bin favou?r of {_QUALIFIED}",
        rf"\bdeprecated[,;:.]? (?:please )?{_VERBS} {_QUALIFIED}",
        rf"\bsuccessor(?: is|:) {_QUALIFIED}",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_NO_NAMES = frozenset(
    {"a", "an", "another", "github", "gitlab", "git", "its", "it", "main", "maintained", "master", "new"}
    | {"one", "other", "our", "pip", "pypi", "python", "python3", "that", "the", "this", "your"}
)
"""What follows such words and is no name, although there are projects that are called so."""


@record
class OwnWords:
    """What a project says of itself, as far as that may tell of a successor.

    Args:
        summary: one line.
        description: the long one, or its beginning.
        classifiers: of its metadata.
    """

    summary: str = ""
    description: str = ""
    classifiers: tuple[str, ...] = ()

    def given_up(self, project: NormalizedName) -> bool:
        """Whether it says that the project is not to be used any more, or was never meant to be."""
        said = any(_GIVEN_UP.search(line) and _of_itself(line, project) for line in self._sentences)
        return said or INACTIVE in self.classifiers or bool(_GIVEN_UP.search(self.summary[:_SUMMARY]))

    def successors(self, project: NormalizedName) -> Iterator[NormalizedName]:
        """Every name that it gives as its successor's, whether or not there is such a project.

        A sentence counts only where it speaks of the project itself, or where that is given up: many a
        project tells what to use instead of a part of it.
        """
        given_up = self.given_up(project)
        for line in self._sentences:
            if given_up or _of_itself(line, project):
                yield from _successors(line, project)

    @property
    def _sentences(self) -> tuple[str, ...]:
        text = f"{self.summary[:_SUMMARY]}\n\n{self.description[:_BEGINNING]}"
        return tuple(" ".join(one.split()) for one in _SENTENCES.split(text))


def _of_itself(line: str, project: NormalizedName) -> bool:
    """Whether a sentence is about the project: it begins so, or calls it by name."""
    return bool(_OF_ITSELF.search(line)) or _names(line, project)


def _names(line: str, project: NormalizedName) -> bool:
    return project in map(_normalized, _WORD.findall(line))


def _normalized(word: str) -> NormalizedName:
    """A name, without the full stop of its sentence."""
    return canonicalize_name(word.rstrip("._-"))


def _successors(line: str, project: NormalizedName) -> Iterator[NormalizedName]:
    if not _TELLING.search(line):
        return
    for pattern in _patterns():
        for found in pattern.finditer(line):
            name, other = _normalized(found["name"]), found.groupdict().get("other")
            of_itself = other is None or _normalized(other) == project
            if of_itself and name != project and name not in _NO_NAMES:
                yield name
