"""Who signed is read from the certificate; what nobody has signed may only agree with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.identity import (
    BUILD_CONFIG,
    BUILT,
    ENVIRONMENT,
    ISSUER,
    REPOSITORY,
    RUNNER,
    TOKEN_SUBJECT,
    Identity,
)
from tests.sources.attestations.conftest import Lab
from trustguard.model.provenance import Publisher
from trustguard.model.repository import Repository

ACTIONS = "https://token.actions.githubusercontent.com"
WIDGET = Repository("github.com", "acme/widget")
WORKFLOW = "https://github.com/acme/widget/.github/workflows/release.yml"


def signed_by(lab: Lab, identity: Identity) -> Publisher:
    """The publisher of an attestation without a publisher object."""
    (publisher,) = lab.found(json.dumps(lab.attestation(identity)).encode()).publishers
    return publisher


def test_a_workflow_of_github_is_read_in_full(lab: Lab) -> None:
    assert signed_by(lab, Identity.github(environment="release")) == Publisher(
        kind="GitHub",
        issuer=ACTIONS,
        identity=f"{WORKFLOW}@refs/tags/v1.0",
        repository=WIDGET,
        repository_id="1",
        owner_id="2",
        workflow=".github/workflows/release.yml",
        workflow_repository=None,
        ref="refs/tags/v1.0",
        commit=BUILT,
        trigger="release",
        runner="github-hosted",
        visibility="public",
    )


def test_a_pipeline_of_gitlab_is_read_with_its_groups(lab: Lab) -> None:
    found = signed_by(lab, Identity.gitlab("group/part/widget", visibility="private"))
    assert (found.kind, found.issuer) == ("GitLab", "https://gitlab.com")
    assert found.repository == Repository("gitlab.com", "group/part/widget")
    assert (found.workflow, found.workflow_repository) == (".gitlab-ci.yml", None)
    assert (found.runner, found.visibility) == ("gitlab-hosted", "private")


def test_a_pipeline_of_circleci_says_little_and_that_is_read(lab: Lab) -> None:
    identity = Identity.circleci().claiming({RUNNER: '""'})
    found = signed_by(lab, identity)
    assert (found.kind, found.identity) == ("CircleCI", identity.subject)
    assert (found.repository, found.ref) == (WIDGET, "refs/tags/v1.0")
    assert (found.workflow, found.runner, found.trigger, found.repository_id) == ("", "", "", "")


def test_an_account_of_google_is_its_address(lab: Lab) -> None:
    found = signed_by(lab, Identity.google("release@widget.example"))
    assert (found.kind, found.identity, found.repository) == ("Google", "release@widget.example", None)


@pytest.mark.parametrize(
    "issuer", ["https://gitlab.acme.example", f"{ACTIONS}/acme", "https://oidc.circleci.com/org/1"]
)
def test_an_issuer_of_ones_own_is_nobody_elses(lab: Lab, issuer: str) -> None:
    assert signed_by(lab, Identity.github().claiming({ISSUER: issuer})).kind == "other"


def test_a_workflow_of_another_repository_is_named_beside_the_one_that_was_started(lab: Lab) -> None:
    signer = "builders/shared/.github/workflows/build.yml@refs/heads/main"
    found = signed_by(lab, Identity.github(build_signer=signer))
    assert found.repository == WIDGET
    assert found.workflow == ".github/workflows/release.yml"
    assert found.workflow_repository == Repository("github.com", "builders/shared")


def test_a_reusable_workflow_of_the_same_repository_is_no_other(lab: Lab) -> None:
    signer = "acme/widget/.github/workflows/build.yml@refs/heads/main"
    assert signed_by(lab, Identity.github(build_signer=signer)).workflow_repository is None


def test_a_certificate_from_before_2023_is_read_by_its_older_extensions(lab: Lab) -> None:
    modern = Identity.github(trigger="push")
    legacy = Identity(modern.subject, {n: text for n, text in modern.claims.items() if n <= 6}, {})
    found = signed_by(lab, legacy)
    assert (found.kind, found.repository, found.trigger) == ("GitHub", WIDGET, "push")
    assert (found.ref, found.commit, found.repository_id) == ("refs/tags/v1.0", BUILT, "")


def test_an_honest_publisher_object_agrees(lab: Lab) -> None:
    honest = [
        Identity.github(environment="release"),
        Identity.github("Acme/Widget"),
        Identity.gitlab("group/part/widget"),
        Identity.google(),
        Identity.circleci(),
    ]
    for identity in honest:
        assert lab.told(lab.document(identity))[0] == "verified", identity


LIES: list[tuple[Identity, dict[str, Any], str]] = [
    (
        Identity.github(),
        {"repository": "evil/widget"},
        "the repository of its publisher is said to be evil/widget",
    ),
    (Identity.github(), {"repository": "acme/widget/x"}, "the repository of its publisher"),
    (Identity.github(), {"repository": "acme"}, "the repository of its publisher"),
    (Identity.github(), {"workflow": "evil.yml"}, "the workflow of its publisher"),
    (Identity.github(), {"workflow": "release.yml@refs/tags/v1.0"}, "the workflow of its publisher"),
    (Identity.github(environment="dev"), {"environment": "release"}, "the environment of its publisher"),
    (Identity.gitlab(), {"repository": "acme/other"}, "the repository of its publisher"),
    (Identity.gitlab(), {"workflow_filepath": "other.yml"}, "the workflow_filepath of its publisher"),
    (Identity.google(), {"email": "other@widget.example"}, "the email of its publisher"),
    (Identity.circleci(), {"project_id": "0"}, "the project_id and pipeline_definition_id of its publisher"),
    (
        Identity.circleci(),
        {"pipeline_definition_id": "0"},
        "the project_id and pipeline_definition_id of its publisher",
    ),
    (Identity.circleci(), {"vcs_origin": "github.com/evil/widget"}, "the vcs_origin of its publisher"),
    (Identity.circleci(), {"vcs_ref": "refs/heads/main"}, "the vcs_ref of its publisher"),
    (Identity.github(), {"kind": "GitLab", "workflow_filepath": "x"}, "its publisher is said to be GitLab"),
    (Identity.google(), {"kind": "GitHub", "repository": "a/b", "workflow": "x"}, "said to be GitHub"),
    (Identity.github(), {"repository": None}, "the repository of its publisher is not a text"),
    (Identity.github(), {"workflow": ""}, "the workflow of its publisher is not a text"),
    (Identity.github(), {"kind": None}, "its publisher has no kind"),
]


@pytest.mark.parametrize(("identity", "lie", "reason"), LIES)
def test_a_publisher_object_that_contradicts_the_certificate_is_invalid(
    lab: Lab, identity: Identity, lie: dict[str, Any], reason: str
) -> None:
    outcome, told = lab.told(lab.document(identity, lie))
    assert (outcome, reason in told) == ("invalid", True), told


def test_a_publisher_of_a_kind_that_nobody_here_knows_is_unsupported(lab: Lab) -> None:
    document = lab.document(publisher={"kind": "ActiveState"})
    reason = "its publisher is of a kind that is not known here: ActiveState"
    assert lab.told(document) == ("unsupported", reason)


def test_what_a_document_says_reaches_no_terminal_with_control_characters(lab: Lab) -> None:
    document = lab.document(publisher={"kind": "\x1b[2J\u2028x"})
    assert lab.told(document)[1] == "its publisher is of a kind that is not known here: ?[2J?x"


def test_an_environment_that_the_certificate_does_not_state_is_not_believed_and_no_lie(lab: Lab) -> None:
    """Certificates state it since 2026; before that the index alone could say."""
    silent = Identity.github().claiming({TOKEN_SUBJECT: ""})
    assert lab.told(lab.document(silent, {"environment": "release"}))[0] == "verified"


def test_an_environment_in_the_tokens_subject_is_one_as_well(lab: Lab) -> None:
    stated = Identity.github(environment="release").claiming({ENVIRONMENT: ""})
    assert lab.told(lab.document(stated, {"environment": "release"}))[0] == "verified"
    assert lab.told(lab.document(stated, {"environment": "other"}))[0] == "invalid"


def test_a_build_definition_from_elsewhere_is_not_the_publishers(lab: Lab) -> None:
    other = "https://github.com/evil/widget/.github/workflows/release.yml@refs/tags/v1.0"
    assert lab.told(lab.document(Identity.github().claiming({BUILD_CONFIG: other})))[0] == "invalid"
    at_another_version = f"{WORKFLOW}@refs/heads/main"
    document = lab.document(Identity.github().claiming({BUILD_CONFIG: at_another_version}))
    assert "which was not what was built" in lab.told(document)[1]


def test_a_source_that_is_no_address_is_nobodys_repository(lab: Lab) -> None:
    assert signed_by(lab, Identity.github().claiming({REPOSITORY: "no address"})).repository is None
