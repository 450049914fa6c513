"""The forms in which two names can be the same: without separators, to the eye, in any order of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

_EYE = str.maketrans("01i5348269", "ollseabzbg")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_DECOR = frozenset({"py", "python", "python2", "python3", "lib", "py3"})
_GLUED = ("python3", "python", "py", "lib")
_DIGITS = re.compile(r"[0-9]+$")
_MOST_WORDS = 4
_SHORTEST = 3
"""What is left of a name once something is taken away has at least so many characters."""


def squash(name: str) -> str:
    """The name without its separators: ``fakeuseragent`` and ``fake-useragent`` are one."""
    return name.replace("-", "")


def to_the_eye(name: str) -> str:
    """The name with characters that look alike made one (the skeleton of Unicode TR 39, for ASCII)."""
    for pair, single in _PAIRS:
        name = name.replace(pair, single)
    return squash(name).translate(_EYE)


def reordered(name: str) -> Iterator[str]:
    """The words of a name in every other order; of too many words, none."""
    words = tuple(name.split("-"))
    if len(words) <= _MOST_WORDS:
        yield from ("-".join(order) for order in permutations(words) if order != words)


def core(name: str) -> str:
    """The name without ``py``, ``python`` and ``lib`` before or behind it, and without separators."""
    words = [word for word in name.split("-") if word not in _DECOR]
    text = "".join(words)
    if len(words) == len(name.split("-")):
        for affix in _GLUED:
            if text.startswith(affix) and len(text) - len(affix) >= _SHORTEST:
                return text[len(affix) :]
            if text.endswith(affix) and len(text) - len(affix) >= _SHORTEST:
                return text[: -len(affix)]
    return text if len(text) >= _SHORTEST else squash(name)


def decorated(core: str) -> Iterator[str]:
    """The squashed names that have such a core and something before or behind it."""
    if len(core) >= _SHORTEST:
        for affix in _GLUED:
            yield affix + core
            yield core + affix


def without_digits(name: str) -> str:
    """The name without the digits at its end."""
    text = _DIGITS.sub("", name).rstrip("-")
    return text if len(text) >= _SHORTEST else name
