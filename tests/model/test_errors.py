"""Errors say one line, and what to do about it; their tree is the one that the module draws."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from trustguard.model import errors
from trustguard.model.errors import (
    ConfigError,
    InstallerError,
    SourceError,
    SourceRefused,
    SourceUnreachable,
    StoreError,
    TrustguardError,
    UsageError,
)

EXIT_CODES = {
    TrustguardError: 1,
    UsageError: 2,
    ConfigError: 2,
    SourceError: 12,
    SourceRefused: 12,
    SourceUnreachable: 12,
    StoreError: 1,
    InstallerError: 1,
}
"""From DESIGN's list: 1 error, 2 usage, 12 could not be vetted."""


def tree(kind: type[TrustguardError]) -> Iterator[type[TrustguardError]]:
    """A class and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


@pytest.mark.parametrize(("kind", "code"), EXIT_CODES.items())
def test_every_error_has_the_exit_code_of_its_kind(kind: type[TrustguardError], code: int) -> None:
    assert kind("it broke").exit_code == code


def test_the_drawing_shows_every_error_and_no_other() -> None:
    drawn = re.findall(r"^[\s│├└─]*([A-Z]\w+)", (errors.__doc__ or "").partition("::")[2], re.MULTILINE)
    own = [kind.__name__ for kind in tree(TrustguardError) if kind.__module__ == errors.__name__]
    assert sorted(word for word in drawn if word != "Adapters") == sorted(own)


def test_every_error_has_a_reference_of_its_own() -> None:
    assert len({kind.reference for kind in EXIT_CODES}) == len(EXIT_CODES)


def test_an_error_reads_as_one_line_with_its_hint() -> None:
    error = SourceRefused("the page is too large", hint="tell its operators")
    assert (error.message, error.hint) == ("the page is too large", "tell its operators")
    assert str(error) == "the page is too large (tell its operators)"


def test_an_error_without_a_hint_has_no_empty_brackets() -> None:
    assert str(StoreError("the disk is full")) == "the disk is full"
