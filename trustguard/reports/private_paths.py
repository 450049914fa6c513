"""Keeps the paths of this machine out of what is handed on: they say who works where, and on what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote

_FILE_URL = re.compile(r"file:/+([^\s'\"<>|]*)")
_END = r"(?=[/\\]|[\s'\",;:!?)\]}]|\.?(?:\s|$)|$)"
_LITERAL = "/,;:!?@+()~"
"""What may stand behind an address in a sentence, or in one (RFC 3986), and is left as it is."""
_TOP_PARTS = 2
"""A path of fewer parts is no place of anybody's own: ``/`` would be found everywhere."""


@dataclass(frozen=True)
class PrivatePaths:
    """The paths that are not handed on.

    Args:
        folder: the working directory, absolute: what lies below it is told as seen from there. Empty: none.
        others: further folders, each with what is told instead, such as the home with ``~``.
    """

    folder: str = ""
    others: tuple[tuple[str, str], ...] = ()

    def hide(self, text: str) -> str:
        """A text without them. Of the address of another file on this machine only the name is left."""
        text = _FILE_URL.sub(lambda match: self._told(match[1]), text)
        for pattern, instead in self._patterns:
            text = pattern.sub(instead, text)
        return text

    def below(self, path: str) -> str | None:
        """A file's path as seen from the working directory, with slashes; None where it is not below it."""
        if not self.folder:
            return None
        kind = PureWindowsPath if "\\" in self.folder else PurePosixPath
        try:
            return kind(path).relative_to(kind(self.folder)).as_posix()
        except ValueError:
            return None

    def _told(self, address: str) -> str:
        """What a file URL is told as."""
        path = "/" + unquote(address).lstrip("/")
        below = self.below(path)
        last = path.rstrip("/").rpartition("/")[2]
        return quote(below, _LITERAL) if below is not None else f"file:.../{quote(last, _LITERAL)}"

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        known = [*self.others, *([(self.folder, ".")] if self.folder else ())]
        told = sorted(_private(known), key=lambda one: -len(one[0]))
        return [
            (re.compile(rf"(?<![\w.~-]){re.escape(path)}{_END}"), instead.replace("\\", r"\\"))
            for path, instead in told
        ]


def _private(known: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for path, instead in known:
        bare = path.rstrip("/\\")
        if len(re.findall(r"[^/\\]+", bare)) >= _TOP_PARTS:
            yield bare, instead
