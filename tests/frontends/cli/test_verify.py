"""``verify`` says who built a file, exits 0 for what is verified and allowed, and for nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.attest import provenance
from tests.lab.identity import Identity
from tests.lab.sigstore import Flaw, PrivateSigstore

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8"))
CONTENT = b"what a wheel holds is not looked at"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "widget-1.0-py3-none-any.whl"
GITHUB = Identity.github()


@dataclass(frozen=True)
class Ran:
    """How a run ended."""

    code: int
    out: str
    err: str

    @cached_property
    def json(self) -> Any:
        """Its document, which keeps to the schema."""
        document = json.loads(self.out)
        Draft202012Validator(SCHEMA).validate(document)
        assert document["exit_code"] == self.code
        return document

    @property
    def verdict(self) -> tuple[str, str, int]:
        """What came of verifying, what is made of that, and the exit code."""
        return self.json["outcome"], self.json["verdict"], self.code


@dataclass(frozen=True)
class User:
    """Somebody with a file, its provenance, and the trust root of a private Sigstore."""

    home: Path
    sigstore: PrivateSigstore

    def run(self, *words: str, options: tuple[str, ...] = ()) -> Ran:
        """Run trustguard in the home."""
        own = {"HOME": str(self.home), **{f"XDG_{kind}_HOME": str(self.home) for kind in ("DATA", "CONFIG")}}
        environ = {key: value for key, value in os.environ.items() if not key.startswith("TRUSTGUARD_")}
        done = subprocess.run(
            [sys.executable, "-m", "trustguard", *options, *words],
            cwd=self.home,
            env={**environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def verify(self, *words: str, document: bytes | None = None, format_: str = "json") -> Ran:
        """Verify the wheel with a document, on the private trust root."""
        (self.home / NAME).write_bytes(CONTENT)
        (self.home / "root.json").write_bytes(self.sigstore.trusted_root)
        (self.home / "document.json").write_bytes(self.document() if document is None else document)
        about = ("--provenance", "document.json", "--trust-root", "root.json", "--format", format_)
        return self.run("verify", *(words or (NAME,)), *about)

    def document(self, identity: Identity = GITHUB, **options: Any) -> bytes:
        """A provenance object for the wheel."""
        return provenance((identity.publisher, [self.sigstore.attest(NAME, DIGEST, identity, **options)]))


@pytest.fixture(scope="module")
def sigstore() -> PrivateSigstore:
    """Keys take a while."""
    return PrivateSigstore()


@pytest.fixture
def user(tmp_path: Path, sigstore: PrivateSigstore) -> User:
    """A user with an empty home."""
    return User(tmp_path, sigstore)


def test_a_file_with_its_provenance_is_verified_and_allowed(user: User) -> None:
    run = user.verify()
    assert (run.verdict, run.err) == (("verified", "allow", 0), "")
    assert run.json["sha256"] == DIGEST
    assert run.json["reason"] == "1 attestation has verified"
    assert run.json["trust_root"] == hashlib.sha256(user.sigstore.trusted_root).hexdigest()
    publisher = run.json["publisher"]
    assert (publisher["kind"], publisher["repository"]) == ("GitHub", "github.com/acme/widget")
    assert (publisher["repository_id"], publisher["workflow_repository"]) == ("1", None)
    assert [one["publisher"] for one in run.json["attestations"]] == [publisher]


def test_a_name_and_a_digest_stand_for_a_file(user: User) -> None:
    assert user.verify("--filename", NAME, "--sha256", DIGEST.upper()).verdict == ("verified", "allow", 0)
    assert user.verify("--filename", NAME, "--sha256", "0" * 64).verdict == ("invalid", "block", 10)


def test_for_people_it_is_lines_that_say_the_same(user: User) -> None:
    run = user.verify(format_="table")
    first, *others = run.out.splitlines()
    assert (run.code, first) == (0, f"{NAME}: verified, allow: 1 attestation has verified")
    assert "    repository: github.com/acme/widget" in others
    refused = user.verify(document=user.document(flaw=Flaw.FLIPPED_SIGNATURE), format_="table")
    assert refused.code == 10
    assert "its provenance is not valid" in refused.out


def test_format_may_stand_before_the_command_too(user: User) -> None:
    user.verify()
    words = ("verify", NAME, "--provenance", "document.json", "--trust-root", "root.json")
    assert user.run(*words, options=("--format", "json")).verdict == ("verified", "allow", 0)


EMPTY = b'{"version": 1, "attestation_bundles": []}'
UNUSUAL = {
    "unsupported": ({"predicate_type": "https://example.com/p"}, ("unsupported", "warn", 12)),
    "forged": ({"flaw": Flaw.FLIPPED_SIGNATURE}, ("invalid", "block", 10)),
    "outsider": (
        {"identity": Identity.github(trigger="pull_request_target", ref="refs/pull/1/merge")},
        ("verified", "ask", 11),
    ),
    "private": ({"identity": Identity.github(visibility="private")}, ("verified", "warn", 0)),
}


@pytest.mark.parametrize(("options", "expected"), UNUSUAL.values(), ids=list(UNUSUAL))
def test_the_verdict_is_that_of_an_installation(
    user: User, options: Mapping[str, Any], expected: tuple[str, str, int]
) -> None:
    run = user.verify(document=user.document(**options))
    assert run.verdict == expected
    assert run.json["findings"][0]["check"] == "provenance"
    assert run.json["reason"] == run.json["findings"][0]["message"]


def test_what_has_no_attestation_is_absent_and_not_verified(user: User) -> None:
    run = user.verify(document=EMPTY)
    assert run.verdict == ("absent", "allow", 12)
    assert (run.json["publisher"], run.json["reason"]) == (None, "it has no attestation")


def test_a_name_that_is_no_distribution_files_cannot_be_verified(user: User) -> None:
    run = user.verify("--filename", "a.txt", "--sha256", DIGEST)
    assert run.verdict == ("invalid", "block", 10)
    assert run.json["reason"] == "'a.txt' is not the name of a distribution file"


PINS: list[tuple[tuple[str, ...], tuple[str, str, int]]] = [
    (("--repository", "acme/widget"), ("verified", "allow", 0)),
    (("--repository", "ACME/Widget", "--workflow", "release.yml"), ("verified", "allow", 0)),
    (("--repository", "acme/widget", "--repository-id", "1", "--owner-id", "2"), ("verified", "allow", 0)),
    (("--repository", "evil/widget"), ("verified", "block", 10)),
    (("--repository", "acme/widget", "--repository-id", "9999"), ("verified", "block", 10)),
    (("--repository", "acme/widget", "--owner-id", "8888"), ("verified", "block", 10)),
    (("--repository", "acme/widget", "--workflow", "other.yml"), ("verified", "block", 10)),
    (("--kind", "GitLab", "--repository", "acme/widget"), ("verified", "block", 10)),
    (("--kind", "Google", "--identity", "a@b.example"), ("verified", "block", 10)),
]


@pytest.mark.parametrize(("words", "expected"), PINS)
def test_the_publisher_must_be_the_one_that_was_named(
    user: User, words: tuple[str, ...], expected: tuple[str, str, int]
) -> None:
    assert user.verify(NAME, *words).verdict == expected


def test_where_a_publisher_is_named_an_attestation_must_be_there(user: User) -> None:
    run = user.verify(NAME, "--repository", "acme/widget", document=EMPTY)
    assert run.verdict == ("absent", "block", 10)


def test_the_configuration_pins_requires_and_names_the_trust_root(user: User) -> None:
    config = user.home / "trustguard.toml"
    pin = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "acme/other"\n'
    config.write_text(pin, encoding="utf-8")
    assert user.verify().verdict == ("verified", "block", 10)
    config.write_text('[checks.provenance]\nrequired = ["wid*"]\n', encoding="utf-8")
    assert user.verify(document=EMPTY).verdict == ("absent", "block", 10)
    config.unlink()
    own = ("--set", f"sources.trust-root={user.home / 'root.json'}", "--format", "json")
    user.verify()
    assert user.run("verify", NAME, "--provenance", "document.json", options=own).verdict[0] == "verified"


def test_without_a_trust_root_of_ones_own_it_is_sigstores_public_one(user: User) -> None:
    user.verify()
    run = user.run("verify", NAME, "--provenance", "document.json", "--format", "json")
    assert run.verdict == ("invalid", "block", 10)
    assert "the trust root may be old" in run.json["reason"]


MISTAKES: list[tuple[tuple[str, ...], str]] = [
    (("--sha256", DIGEST), "no file to verify"),
    (("--filename", NAME), "no file to verify"),
    ((NAME, "--sha256", DIGEST), "a file, and a name or digest besides"),
    (("missing-1.0.tar.gz",), "missing-1.0.tar.gz cannot be read: No such file or directory"),
    (("--filename", NAME, "--sha256", "zz"), "--sha256: not a SHA-256 digest: 'zz'"),
    ((NAME, "--repository", "acme"), "--repository: 'acme' is no repository"),
    ((NAME, "--kind", "GitHub"), "--kind says nothing alone"),
    ((NAME, "--identity", "a@b.example"), "--identity needs its --kind"),
    ((NAME, "--provenance", "missing.json"), "missing.json cannot be read: No such file or directory"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES)
def test_what_makes_no_sense_is_one_line_and_exit_2(user: User, words: tuple[str, ...], message: str) -> None:
    user.verify()
    given = words if "--provenance" in words else (*words, "--provenance", "document.json")
    run = user.run("verify", *given, "--trust-root", "root.json", "--format", "json")
    assert run.code == 2
    assert run.err.splitlines()[0] == f"trustguard: {message}"
    assert run.json["error"]["message"] == message


@pytest.mark.parametrize(("content", "code"), [(b"garbage", 12), (None, 2)])
def test_a_trust_root_that_is_none_is_one_line(user: User, content: bytes | None, code: int) -> None:
    user.verify()
    if content is None:
        (user.home / "root.json").unlink()
    else:
        (user.home / "root.json").write_bytes(content)
    run = user.run("verify", NAME, "--provenance", "document.json", "--trust-root", "root.json")
    assert (run.code, run.out) == (code, "")
    assert run.err.startswith("trustguard: the trust root root.json ")
