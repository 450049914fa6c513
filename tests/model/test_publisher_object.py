"""A publisher object names a publisher alike wherever it stands, and whom it is written of fulfils it.

The keys are those of PEP 740's publisher objects, with the examples of its specification and of the library.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trustguard.model.pin import PublisherPin
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.publisher_object import Malformed, object_of, pin_of
from trustguard.model.repository import Repository

PROJECT = "https://circleci.com/api/v2/projects/p/pipeline-definitions/d"
GITHUB = Publisher(
    kind="GitHub",
    issuer="https://token.actions.githubusercontent.com",
    identity="https://github.com/Acme/Widget/.github/workflows/release.yml@refs/tags/v1",
    repository=Repository("github.com", "acme/widget"),
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v1",
)
GITLAB = Publisher(
    kind="GitLab",
    issuer="https://gitlab.com",
    identity="https://gitlab.com/group/Part/widget//ci/release.yml@refs/tags/v1",
    repository=Repository("gitlab.com", "group/part/widget"),
    workflow="ci/release.yml",
)
GOOGLE = Publisher(kind="Google", issuer="https://accounts.google.com", identity="release@acme.example")
CIRCLECI = Publisher(
    kind="CircleCI",
    issuer="https://oidc.circleci.com",
    identity=PROJECT,
    repository=Repository("github.com", "acme/widget"),
    ref="refs/tags/v1",
)
WRITTEN = [
    (GITHUB, {"kind": "GitHub", "repository": "Acme/Widget", "workflow": "release.yml"}),
    (
        GITLAB,
        {"kind": "GitLab", "repository": "group/Part/widget", "workflow_filepath": "ci/release.yml"},
    ),
    (GOOGLE, {"kind": "Google", "email": "release@acme.example"}),
    (CIRCLECI, {"kind": "CircleCI", "project_id": "p", "pipeline_definition_id": "d"}),
]


@pytest.mark.parametrize(("publisher", "expected"), WRITTEN)
def test_each_kind_is_written_with_its_keys_in_the_certificates_spelling(
    publisher: Publisher, expected: dict[str, str]
) -> None:
    assert object_of(publisher) == expected


@pytest.mark.parametrize("publisher", [publisher for publisher, _ in WRITTEN])
def test_what_is_written_is_a_pin_that_this_publisher_alone_fulfils(publisher: Publisher) -> None:
    stated = object_of(publisher)
    assert stated is not None
    pin = pin_of("widget", publisher.kind, stated, "lock file")
    assert pin.differences(publisher) == ()
    assert (pin.project, pin.by) == ("widget", "lock file")
    for other, _ in WRITTEN:
        assert bool(pin.differences(other)) is (other != publisher)


@pytest.mark.parametrize(
    ("publisher", "repository"),
    [
        (replace(GITHUB, identity="https://github.com/acme/tools/.github/workflows/x.yml@v1"), "acme/widget"),
        (
            replace(GITHUB, identity="https://github.com/Acme/Widget2/.github/workflows/x.yml@v1"),
            "acme/widget",
        ),
        (replace(GITHUB, identity="release@acme.example"), "acme/widget"),
    ],
)
def test_a_spelling_that_the_certificate_does_not_give_is_not_guessed(
    publisher: Publisher, repository: str
) -> None:
    assert (object_of(publisher) or {})["repository"] == repository


@pytest.mark.parametrize(
    "publisher",
    [
        replace(GITHUB, kind="other"),
        replace(GITHUB, kind="ActiveState"),
        replace(GITHUB, workflow=""),
        replace(GITHUB, workflow="release.yml"),
        replace(GITHUB, repository=None),
        replace(GITLAB, workflow=""),
        replace(CIRCLECI, identity="https://circleci.com/api/v2/projects/p"),
    ],
)
def test_what_pep_740_has_no_words_for_is_not_written(publisher: Publisher) -> None:
    assert object_of(publisher) is None


ACME = Repository("github.com", "acme/widget")


@pytest.mark.parametrize(
    ("kind", "stated", "expected"),
    [
        ("GitHub", {"repository": "Acme/Widget"}, PublisherPin("w", "GitHub", repository=ACME)),
        (
            "GitHub",
            {"repository-id": "1", "owner-id": "2", "workflow": "r.yml"},
            PublisherPin("w", "GitHub", repository_id="1", owner_id="2", workflow="r.yml"),
        ),
        (
            "GitLab",
            {"repository": "g/p/w", "workflow_filepath": ".gitlab-ci.yml"},
            PublisherPin(
                "w", "GitLab", repository=Repository("gitlab.com", "g/p/w"), workflow=".gitlab-ci.yml"
            ),
        ),
        ("Google", {"email": "a@b.example"}, PublisherPin("w", "Google", identity="a@b.example")),
        (
            "CircleCI",
            {
                "project_id": "p",
                "pipeline_definition_id": "d",
                "vcs_origin": "github.com/acme/widget",
                "vcs_ref": "refs/heads/main",
            },
            PublisherPin("w", "CircleCI", repository=ACME, identity=PROJECT, ref="refs/heads/main"),
        ),
        (
            "other",
            {"issuer": "https://id.acme.example", "repository": "https://github.com/acme/widget"},
            PublisherPin("w", "other", issuer="https://id.acme.example", repository=ACME),
        ),
        (
            "Google",
            {"email": "a@b.example", "repository": "not/of/this kind"},
            PublisherPin("w", "Google", identity="a@b.example"),
        ),
    ],
)
def test_each_kind_is_read_with_its_keys(
    kind: PublisherKind, stated: dict[str, str], expected: PublisherPin
) -> None:
    assert pin_of("w", kind, stated, "") == expected


@pytest.mark.parametrize(
    ("kind", "stated", "key", "message"),
    [
        ("GitHub", {"workflow": "r.yml"}, "", "a publisher of kind GitHub needs repository or repository-id"),
        ("GitLab", {}, "", "a publisher of kind GitLab needs repository or repository-id"),
        ("Google", {"identity": "x"}, "", "a publisher of kind Google needs email"),
        (
            "CircleCI",
            {"project_id": "p"},
            "",
            "a publisher of kind CircleCI needs pipeline_definition_id",
        ),
        ("other", {"issuer": "x"}, "", "a publisher of kind other needs identity or repository"),
        (
            "GitHub",
            {"repository": "acme"},
            "repository",
            "'acme' is not a repository, such as 'acme/widget'",
        ),
        (
            "CircleCI",
            {"project_id": "p", "pipeline_definition_id": "d", "vcs_origin": "///"},
            "vcs_origin",
            "'///' is not a repository, such as 'acme/widget'",
        ),
    ],
)
def test_what_names_nobody_is_said_with_its_key(
    kind: PublisherKind, stated: dict[str, Any], key: str, message: str
) -> None:
    with pytest.raises(Malformed) as caught:
        pin_of("w", kind, stated, "")
    assert (str(caught.value), caught.value.key) == (message, key)
