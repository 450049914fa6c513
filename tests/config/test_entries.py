"""What is typed for an entry is read by the rules of the file that it goes into."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from trustguard.checks import discover
from trustguard.config.entries import Entry, Typed, allow_entry, deny_entry, is_same
from trustguard.model.errors import ConfigError
from trustguard.model.policy import Allow, Deny, Selector
from trustguard.model.project import Sha256

TODAY = date(2026, 3, 1)
DIGEST = Sha256("0a" * 32)


def allow(target: str, reason: str = "why", **typed: Any) -> Entry:
    return allow_entry(Typed(target, reason, **typed), "user", discover(), TODAY)


def test_an_exception_says_what_was_typed() -> None:
    entry = allow(
        "Left_Pad ==1.2, !=1.2.post1",
        " our own name ",
        checks=("typosquatting", "clone", "clone"),
        expires="30d",
        sha256=(DIGEST.upper(), DIGEST),
        index="https://packages.example/simple/",
    )
    assert entry.meaning == Allow(
        Selector(
            "left-pad", SpecifierSet("==1.2,!=1.2.post1"), (DIGEST,), "https://packages.example/simple/"
        ),
        "our own name",
        ("typosquatting", "clone"),
        date(2026, 3, 31),
        "user",
    )
    assert list(entry.table.items()) == [
        ("project", "left-pad"),
        ("version", "==1.2, !=1.2.post1"),
        ("sha256", [DIGEST]),
        ("index", "https://packages.example/simple/"),
        ("checks", ["typosquatting", "clone"]),
        ("reason", "our own name"),
        ("expires", date(2026, 3, 31)),
    ]


@pytest.mark.parametrize("target", ["acme-*", "acme-[!x]*", "acme-[]x]", "a?c", "Acme"])
def test_a_name_or_a_glob_without_versions_is_for_every_version(target: str) -> None:
    entry = allow(target)
    assert (entry.meaning.selector.project, entry.meaning.selector.version) == (target.lower(), None)
    assert list(entry.table) == ["project", "reason"]


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("never", None),
        ("2026-03-01", TODAY),
        ("2 weeks", date(2026, 3, 15)),
        ("1d", date(2026, 3, 2)),
        ("12h", TODAY),
    ],
)
def test_the_last_day_is_a_day_or_counted_from_today(typed: str, last: date | None) -> None:
    meaning = allow("a", expires=typed).meaning
    assert isinstance(meaning, Allow)
    assert meaning.expires == last


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"target": "-a"}, "allow: project: '-a' is not a project's name or glob, such as 'acme-*'"),
        ({"target": ""}, "allow: project: '' is not a line of text"),
        ({"target": "a=1"}, "allow: version: '=1' is not a set of versions, such as '==1.2' or '>=1,<2'"),
        ({"target": "a==x y"}, "allow: version: '==x y' is not a set of versions, such as"),
        ({"target": "a @ https://x.example/a.whl"}, "allow: project: 'a @ https://x.example/a.whl' is not"),
        ({"target": "[abc"}, "allow: project: '[abc' is not a project's name or glob, such as 'acme-*'"),
        ({"target": "acme-[!x"}, "allow: project: 'acme-[!x' is not a project's name or glob"),
        ({"target": "a[security]==1"}, "allow: project: 'a[security]==1' has extras, and an entry is for"),
        ({"reason": "  "}, "allow: --reason: '' is not a line of text"),
        ({"reason": "…"}, "allow: --reason: that is no reason"),
        ({"reason": "\\u2026"}, "allow: --reason: that is no reason"),
        ({"reason": "a\nb"}, "allow: --reason: 'a\\nb' is not a line of text"),
        ({"checks": ["nope"]}, "allow: --check[0]: 'nope' is not one of artifact-integrity, "),
        ({"checks": ["denied"]}, "allow: --check[0]: 'denied' is not one of "),
        ({"sha256": [DIGEST, "abc"]}, "allow: --sha256[1]: 'abc' is not a SHA-256 digest: 64 hexadecimal"),
        ({"index": "ftp://x.example"}, "allow: --index: 'ftp://x.example' is not an address with"),
        ({"index": "https://me:secret@x.example"}, "allow: --index: an address must not hold credentials"),
        ({"expires": "soon"}, "allow: --expires: 'soon' is not a day, a number of days, or 'never'"),
        ({"expires": "20270630"}, "allow: --expires: '20270630' is not a day, a number of days, or"),
        ({"expires": "2027-02-30"}, "allow: --expires: '2027-02-30' is not a day, a number of days, or"),
        ({"expires": "9999999 days"}, "allow: --expires: '9999999 days' is not a day, a number of days, or"),
        ({"expires": "2026-02-28"}, "allow: --expires: 2026-02-28 is in the past: the exception would"),
    ],
)
def test_a_mistake_is_one_line_that_names_what_was_typed(typed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        allow_entry(Typed(**{"target": "a", "reason": "r", **typed}), "user", discover(), TODAY)
    assert caught.value.message.startswith(message)
    assert "\n" not in str(caught.value)


def test_a_denial_says_what_was_typed() -> None:
    entry = deny_entry(Typed("evil<2", "incident 42", sha256=(DIGEST,)), "project")
    assert entry.meaning == Deny(Selector("evil", SpecifierSet("<2"), (DIGEST,)), "incident 42")
    assert entry.table == {"project": "evil", "version": "<2", "sha256": [DIGEST], "reason": "incident 42"}


def test_exceptions_are_about_the_same_whatever_their_reason_day_and_digests() -> None:
    one = allow("a==1.0", checks=("clone", "starjacking")).meaning
    assert is_same(one, allow("a==1.0", "other", checks=("starjacking", "clone"), expires="1d").meaning)
    assert is_same(one, allow("a==1.0", checks=("starjacking", "clone"), sha256=(DIGEST,)).meaning)
    for other in (
        allow("a==1.1", checks=("clone", "starjacking")),
        allow("a==1.0", checks=("clone",)),
        allow("a==1.0"),
        allow("b==1.0", checks=("clone", "starjacking")),
        allow("a==1.0", checks=("clone", "starjacking"), index="https://x.example/"),
    ):
        assert not is_same(one, other.meaning)


def test_no_denial_takes_the_place_of_one_of_other_bytes() -> None:
    one, again = (deny_entry(Typed("a", reason), "user").meaning for reason in ("r", "s"))
    assert is_same(one, again)
    assert not is_same(one, deny_entry(Typed("a", "r", sha256=(DIGEST,)), "user").meaning)
    assert not is_same(one, allow("a").meaning)
