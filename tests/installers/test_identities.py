"""Attestation identities of lock files (PEP 751) are read as pins, and written for what is proven alone."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

from typing import Any

import pytest

from trustguard.installers.pip.identities import Identities, common
from trustguard.model.errors import UsageError
from trustguard.model.pin import PublisherPin
from trustguard.model.provenance import Publisher
from trustguard.model.repository import Repository

WHERE = "pylock.toml: packages[3]"
ACME = {"kind": "GitHub", "repository": "acme/widget", "workflow": "release.yml"}
PIN = PublisherPin(
    "widget",
    "GitHub",
    repository=Repository("github.com", "acme/widget"),
    workflow="release.yml",
    by="lock file pylock.toml",
)


def read(identities: object, name: object = "widget") -> Identities:
    """What a package's identities come to."""
    found = Identities()
    found.read({"name": name, "attestation-identities": identities}, WHERE, "lock file pylock.toml")
    return found


class TestRead:
    """From the tables of a package to pins."""

    def test_each_table_is_a_pin_of_that_file_for_the_project(self) -> None:
        found = read([ACME, {"kind": "Google", "email": "a@b.example"}], "widget")
        google = PublisherPin("widget", "Google", identity="a@b.example", by="lock file pylock.toml")
        assert (list(found.pins), list(found.remarks)) == ([PIN, google], [])

    def test_a_package_without_any_pins_nothing(self) -> None:
        found = Identities()
        found.read({"name": "widget"}, WHERE, "lock file pylock.toml")
        assert not read([]).pins
        assert not found.pins

    def test_what_is_not_compared_is_passed_by(self) -> None:
        """``environment``, which most certificates do not state, and keys of tools and of later times."""
        more = {"environment": "release-pypi", "claims": {"x": [1]}, "later": 7, "email": 7}
        assert list(read([{**ACME, **more}]).pins) == [PIN]

    def test_a_kind_that_is_not_known_is_said_and_takes_nothing_from_the_others(self) -> None:
        found = read([{"kind": "X", "repository": 7}, ACME])
        assert list(found.pins) == [PIN]
        assert list(found.remarks) == [
            "pylock.toml: packages[3].attestation-identities[0]: kind 'X' is not known, and not compared"
        ]

    def test_what_a_remark_quotes_is_short_and_printable(self) -> None:
        (remark,) = read([{"kind": "\x1b[31m" + "x" * 1000}]).remarks
        assert remark.isprintable()
        assert len(remark) < 200

    @pytest.mark.parametrize(
        ("identities", "message"),
        [
            ({"kind": "GitHub"}, "attestation-identities: not an array of tables"),
            ("GitHub", "attestation-identities: not an array of tables"),
            (["GitHub"], "attestation-identities[0]: not a table"),
            ([ACME, {}], "attestation-identities[1]: has no kind"),
            ([{"kind": 7}], "attestation-identities[0]: has no kind"),
            (
                [{"kind": "GitHub"}],
                "attestation-identities[0]: a publisher of kind GitHub needs repository or repository-id",
            ),
            ([{**ACME, "repository": 7}], "attestation-identities[0].repository: not a line of text"),
            ([{**ACME, "repository": " "}], "attestation-identities[0].repository: not a line of text"),
            ([{**ACME, "workflow": ""}], "attestation-identities[0].workflow: not a line of text"),
            ([{**ACME, "workflow": "a\nb"}], "attestation-identities[0].workflow: not a line of text"),
            ([{**ACME, "workflow": "a" * 501}], "attestation-identities[0].workflow: not a line of text"),
            (
                [{**ACME, "repository": "acme"}],
                "attestation-identities[0].repository: 'acme' is not a repository, such as 'acme/widget'",
            ),
        ],
    )
    def test_what_pins_nobody_can_say_whom_is_a_mistake_with_its_place(
        self, identities: object, message: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            read(identities)
        assert str(caught.value) == f"{WHERE}.{message}"

    def test_a_package_without_a_name_pins_nobody(self) -> None:
        with pytest.raises(UsageError, match="has no name"):
            read([ACME], None)


def publisher(repository: str, **parts: Any) -> Publisher:
    """A verified publisher at GitHub."""
    return Publisher(
        kind="GitHub",
        issuer="https://token.actions.githubusercontent.com",
        identity=f"https://github.com/{repository}/.github/workflows/release.yml@refs/tags/v1",
        repository=Repository("github.com", repository),
        workflow=".github/workflows/release.yml",
        **parts,
    )


class TestWritten:
    """From what is proven of a package's files to its identities."""

    def test_what_holds_for_every_file_is_stated_once(self) -> None:
        acme, more = publisher("acme/widget", ref="refs/tags/v1"), publisher("acme/more")
        again = publisher("acme/widget", ref="refs/heads/main")
        assert common([(acme, again, more), (again,)]) == [ACME]

    def test_they_are_in_an_order_of_their_own(self) -> None:
        one, other = publisher("acme/a"), publisher("acme/b")
        repositories = [found["repository"] for found in common([(other, one)])]
        assert repositories == ["acme/a", "acme/b"]
        assert common([(other, one)]) == common([(one, other)])

    @pytest.mark.parametrize(
        "publishers",
        [
            [],
            [()],
            [(publisher("acme/widget"),), ()],
            [(publisher("acme/widget"),), (publisher("acme/more"),)],
            [(Publisher("other", "https://id.acme.example", "ci@acme.example"),)],
        ],
    )
    def test_there_is_none_where_a_file_is_not_proven_to_be_theirs(
        self, publishers: list[tuple[Publisher, ...]]
    ) -> None:
        assert common(publishers) == []
