"""``[[publisher]]`` has the keys of PEP 751's attestation identities; what fits everybody is no pin."""

from __future__ import annotations

import pytest

from tests.config.conftest import Machine
from trustguard.model.pin import PublisherPin
from trustguard.model.repository import Repository

WIDGET = Repository("github.com", "acme/widget")
CIRCLE = "https://circleci.com/api/v2/projects/p/pipeline-definitions/d"


def table(*lines: str) -> tuple[str, ...]:
    """One table, about ``widget``."""
    return ("[[publisher]]", 'project = "Widget"', *lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ('kind = "GitHub"', 'repository = "Acme/Widget"', 'workflow = "release.yml"'),
            PublisherPin("widget", "GitHub", repository=WIDGET, workflow="release.yml", by="org"),
        ),
        (
            ('kind = "GitHub"', 'repository-id = "1001"', 'owner-id = "2002"'),
            PublisherPin("widget", "GitHub", repository_id="1001", owner_id="2002", by="org"),
        ),
        (
            ('kind = "GitLab"', 'repository = "g/p/widget"', 'workflow_filepath = ".gitlab-ci.yml"'),
            PublisherPin(
                "widget",
                "GitLab",
                repository=Repository("gitlab.com", "g/p/widget"),
                workflow=".gitlab-ci.yml",
                by="org",
            ),
        ),
        (
            ('kind = "Google"', 'email = "a@b.example"'),
            PublisherPin("widget", "Google", identity="a@b.example", by="org"),
        ),
        (
            (
                'kind = "CircleCI"',
                'project_id = "p"',
                'pipeline_definition_id = "d"',
                'vcs_origin = "github.com/acme/widget"',
                'vcs_ref = "refs/heads/main"',
            ),
            PublisherPin(
                "widget", "CircleCI", repository=WIDGET, identity=CIRCLE, ref="refs/heads/main", by="org"
            ),
        ),
        (
            ('kind = "other"', 'issuer = "https://id.acme.example"', 'identity = "ci@acme.example"'),
            PublisherPin(
                "widget", "other", issuer="https://id.acme.example", identity="ci@acme.example", by="org"
            ),
        ),
    ],
)
def test_each_kind_is_read_with_its_keys(
    machine: Machine, lines: tuple[str, ...], expected: PublisherPin
) -> None:
    machine.write("org", *table(*lines))
    assert machine.load().policy.publishers == (expected,)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), ":1: publisher[0].kind: is missing"),
        (('kind = "Jenkins"',), ":3: publisher[0].kind: 'Jenkins' is not one of GitHub, GitLab, Google, "),
        (
            ('kind = "GitHub"',),
            ":1: publisher[0]: a publisher of kind GitHub needs repository or repository-id",
        ),
        (
            ('kind = "GitHub"', 'workflow = "release.yml"'),
            ":1: publisher[0]: a publisher of kind GitHub needs repository or repository-id",
        ),
        (('kind = "Google"',), ":1: publisher[0]: a publisher of kind Google needs email"),
        (
            ('kind = "CircleCI"', 'project_id = "p"'),
            ":1: publisher[0]: a publisher of kind CircleCI needs pipeline_definition_id",
        ),
        (('kind = "other"', 'identity = "x"'), ":1: publisher[0]: a publisher of kind other needs issuer"),
        (
            ('kind = "GitHub"', 'repository = "acme"'),
            ":4: publisher[0].repository: 'acme' is not a repository, such as 'acme/widget'",
        ),
        (
            ('kind = "GitHub"', 'repository = "a/b"', 'email = "x"'),
            ":5: publisher[0].email: is not a key of kind GitHub",
        ),
        (
            ('kind = "GitHub"', 'repository = "a/b"', 'environment = "release"'),
            ":5: publisher[0].environment: unknown key",
        ),
        (
            ('kind = "GitHub"', "repository-id = 1001"),
            ":4: publisher[0].repository-id: 1001 is not a line of text",
        ),
    ],
)
def test_a_bad_table_is_named_with_file_line_and_key(
    machine: Machine, lines: tuple[str, ...], expected: str
) -> None:
    machine.write("org", *table(*lines))
    assert machine.error().startswith(f"{machine.paths.org}{expected}")


def test_a_table_without_a_project_is_named(machine: Machine) -> None:
    machine.write("org", "[[publisher]]", 'kind = "GitHub"')
    assert machine.error() == f"{machine.paths.org}:1: publisher[0].project: is missing"


def test_every_layer_may_pin_and_says_whose_word_it_is(machine: Machine) -> None:
    layers = ("org", "user", "project", "environment")
    for layer in layers:
        machine.write(layer, *table('kind = "GitHub"', 'repository = "acme/widget"'))  # type: ignore[arg-type]
    assert [pin.by for pin in machine.load().policy.publishers] == list(layers)


# The trust root that they are verified on.


def test_the_organisation_and_the_user_name_a_trust_root_of_their_own(machine: Machine) -> None:
    assert machine.load().trust_root is None
    path = machine.root / "root.json"
    machine.write("user", "[sources]", f'trust-root = "{path.as_posix()}"')
    assert machine.load().trust_root == path
    machine.write("org", "[sources]", f'trust-root = "{path.as_posix()}"')
    machine.write("user", "[sources]", f'trust-root = "{path.as_posix()}.other"')
    assert "may not take the place of" in machine.error()


def test_a_projects_file_names_no_trust_root(machine: Machine) -> None:
    machine.write("project", "[sources]", 'trust-root = "/evil.json"')
    assert machine.error() == (
        "trustguard.toml:2: sources.trust-root: '/evil.json' may not take the place of none, "
        "the built-in default"
    )


@pytest.mark.parametrize("value", ['"root.json"', '"https://trust.example/root.json"', '""', "1"])
def test_a_trust_root_is_a_file_by_its_full_path(machine: Machine, value: str) -> None:
    machine.write("user", "[sources]", f"trust-root = {value}")
    assert machine.error().startswith(f"{machine.paths.user}:2: sources.trust-root: ")
