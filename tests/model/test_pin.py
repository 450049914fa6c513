"""A pin is fulfilled by the very publisher that it names, and every part of it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trustguard.model.pin import PublisherPin, repository_of
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.repository import Repository

WIDGET = Repository("github.com", "acme/widget")
PUBLISHER = Publisher(
    kind="GitHub",
    issuer="https://token.actions.githubusercontent.com",
    identity="https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1",
    repository=WIDGET,
    repository_id="1001",
    owner_id="2002",
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v1",
)
PIN = PublisherPin("widget", "GitHub", repository=WIDGET)


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"repository": None, "repository_id": "1001"},
        {"repository_id": "1001", "owner_id": "2002"},
        {"workflow": "release.yml"},
        {"workflow": ".github/workflows/release.yml"},
        {"ref": "refs/tags/v1", "identity": PUBLISHER.identity, "issuer": PUBLISHER.issuer},
    ],
)
def test_it_fits_who_has_all_of_it(part: dict[str, Any]) -> None:
    assert replace(PIN, **part).differences(PUBLISHER) == ()


@pytest.mark.parametrize(
    ("part", "difference"),
    [
        (
            {"repository": Repository("github.com", "evil/widget")},
            "its repository is github.com/acme/widget, not github.com/evil/widget",
        ),
        (
            {"repository": Repository("gitlab.com", "acme/widget")},
            "its repository is github.com/acme/widget, not gitlab.com/acme/widget",
        ),
        ({"kind": "GitLab"}, "its kind is GitHub, not GitLab"),
        ({"repository_id": "9999"}, "its repository id is 1001, not 9999"),
        ({"owner_id": "8888"}, "its owner id is 2002, not 8888"),
        ({"workflow": "other.yml"}, "its workflow is .github/workflows/release.yml, not other.yml"),
        (
            {"workflow": "workflows/release.yml"},
            "its workflow is .github/workflows/release.yml, not workflows/release.yml",
        ),
        ({"ref": "refs/heads/main"}, "its ref is refs/tags/v1, not refs/heads/main"),
        ({"issuer": "https://other.example"}, f"its issuer is {PUBLISHER.issuer}, not https://other.example"),
    ],
)
def test_what_is_otherwise_is_said(part: dict[str, Any], difference: str) -> None:
    assert replace(PIN, **part).differences(PUBLISHER) == (difference,)


def test_what_a_certificate_does_not_state_is_not_the_pinned_one() -> None:
    silent = replace(PUBLISHER, repository_id="")
    assert replace(PIN, repository_id="1001").differences(silent) == (
        "its repository id is not stated, not 1001",
    )


def test_a_pin_shows_what_it_names() -> None:
    assert str(PIN) == "GitHub, repository github.com/acme/widget"
    full = replace(PIN, owner_id="2002", workflow="release.yml", by="org")
    assert str(full) == "GitHub, repository github.com/acme/widget, owner id 2002, workflow release.yml"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("GitHub", "Acme/Widget", WIDGET),
        ("GitLab", "group/part/widget", Repository("gitlab.com", "group/part/widget")),
        ("CircleCI", "github.com/acme/widget", WIDGET),
        ("other", "https://git.acme.example/acme/widget", Repository("git.acme.example", "acme/widget")),
        ("GitHub", "acme", None),
        ("GitHub", "acme/widget/more", None),
        ("GitHub", "acme/widget.git", None),
        ("GitHub", "https://github.com/acme/widget", None),
        ("GitHub", "", None),
    ],
)
def test_a_repository_is_named_by_its_path_at_its_forge(
    kind: PublisherKind, text: str, expected: Repository | None
) -> None:
    assert repository_of(kind, text) == expected
