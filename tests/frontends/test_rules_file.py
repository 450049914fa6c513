"""A file of rules is changed whole or not at all, by nobody but who may, and keeps what it is."""

# ruff: noqa: D102 - the names of what the house has say what it is

from __future__ import annotations

import os
import stat
import threading
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trustguard.config import Paths, load
from trustguard.config.entries import Typed
from trustguard.frontends.cli.entry import Done, put
from trustguard.frontends.rules_file import Kind, Machine, RulesFile
from trustguard.model.errors import ConfigError, StoreError, TrustguardError

TODAY = date(2026, 3, 1)


@dataclass(frozen=True)
class House:
    """A machine with nothing configured: an organisation's, a user's and a project's place."""

    root: Path

    @property
    def machine(self) -> Machine:
        paths = Paths(self.root / "etc" / "trustguard.toml", self.root / "home" / "deep" / "trustguard.toml")
        return Machine(self.work, {}, paths, self.root / "locks", TODAY)

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def user(self) -> Path:
        return self.machine.paths.user

    def org(self, text: str) -> None:
        self.machine.paths.org.write_text(text, encoding="utf-8")
        self.machine.paths.org.chmod(0o644)

    def put(self, kind: Kind, target: str, file: str | None = None, **parts: Any) -> Done:
        dry_run, machine = parts.pop("dry_run", False), parts.pop("machine", self.machine)
        typed = Typed(target, parts.pop("reason", "why"), **parts)
        return put(kind, typed, None if file is None else Path(file), machine, dry_run=dry_run)

    def refused(self, kind: Kind, target: str, file: str | None = None, **parts: Any) -> str:
        """The one line with which nothing is written."""
        before = self.files()
        with pytest.raises(TrustguardError) as caught:
            self.put(kind, target, file, **parts)
        assert self.files() == before
        assert caught.value.exit_code == (1 if isinstance(caught.value, StoreError) else 2)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def files(self) -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in self.root.rglob("*") if p.is_file() and p.parent.name != "locks"}

    def allowed(self) -> list[str]:
        machine = self.machine
        policy = load(cwd=self.work, environ={}, paths=machine.paths, today=TODAY).policy
        return [allow.selector.project for allow in policy.allow]


@pytest.fixture
def house(tmp_path: Path) -> House:
    for name in ("etc", "home", "work/.git"):
        (tmp_path / name).mkdir(parents=True, mode=0o755)
    return House(tmp_path.resolve())


def test_the_users_file_is_made_with_a_header_and_for_nobody_else(house: House) -> None:
    done = house.put("allow", "demo==1.0", checks=("clone",))
    assert (done.outcome, done.written, done.file.layer, done.line) == ("added", True, "user", 5)
    text = house.user.read_text(encoding="utf-8")
    assert text.startswith("# trustguard's rules of this user")
    assert text.splitlines()[2:5] == ["schema = 1", "", "[[allow]]"]
    assert house.allowed() == ["demo"]
    if os.name == "posix":
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (house.user, house.user.parent)]
        assert modes == [0o600, 0o700]


def test_a_dry_run_tells_the_same_and_writes_nothing(house: House) -> None:
    tried = house.put("allow", "demo==1.0", checks=("clone",), dry_run=True)
    assert not house.user.exists()
    done = house.put("allow", "demo==1.0", checks=("clone",))
    assert (tried.outcome, tried.line, tried.text) == (done.outcome, done.line, done.text)
    assert (tried.written, done.written) == (False, True)


def test_an_entry_about_the_same_is_replaced_and_one_that_says_the_same_is_left(house: House) -> None:
    house.put("allow", "demo==1.0", checks=("clone",))
    house.put("allow", "other")
    again = house.put("allow", "Demo ==1.0", checks=("clone",))
    assert (again.outcome, again.written, again.line) == ("unchanged", False, 5)
    done = house.put("allow", "demo==1.0", checks=("clone",), reason="other", expires="1d")
    assert (done.outcome, done.line) == ("replaced", 5)
    assert done.before == (
        '[[allow]]\nproject = "demo"\nversion = "==1.0"\nchecks = ["clone"]\nreason = "why"\n'
    )
    assert done.text == done.before.replace("why", "other") + "expires = 2026-03-02\n"
    assert house.allowed() == ["demo", "other"]


def test_a_denial_takes_nothing_away_from_another(house: House) -> None:
    first, second = "a" * 64, "b" * 64
    outcomes = [
        house.put("deny", "demo", sha256=(first,)).outcome,
        house.put("deny", "demo", sha256=(second,)).outcome,
        house.put("deny", "demo", sha256=(first,), reason="other").outcome,
    ]
    assert outcomes == ["added", "added", "replaced"]
    assert house.user.read_text(encoding="utf-8").count("[[deny]]") == 2


def test_where_exceptions_are_forbidden_nothing_is_written(house: House) -> None:
    house.org('user-exceptions = "no"\n')
    told = house.refused("allow", "demo")
    assert f"{house.user}: nothing was written: user-exceptions is 'no' in {house.machine.paths.org}" in told
    assert house.put("deny", "demo").written


@pytest.mark.parametrize("org", ['user-exceptions = "ask"\n', 'profile = "strict"\n'])
def test_where_each_use_is_asked_about_that_is_said(house: House, org: str) -> None:
    house.org(org)
    done = house.put("allow", "demo", checks=("clone",))
    assert done.warnings == ("user-exceptions is 'ask': it turns a refusal into a question, at each use",)
    policy = load(cwd=house.work, environ={}, paths=house.machine.paths).policy
    assert [allow.needs_approval for allow in policy.allow] == [True]


def test_the_organisations_own_file_is_not_bound_by_its_word_to_others(house: House) -> None:
    house.org('user-exceptions = "no"\n')
    done = house.put("allow", "demo", str(house.machine.paths.org), checks=("clone",))
    assert (done.file.layer, done.warnings) == ("org", ())
    assert house.allowed() == ["demo"]


@pytest.mark.parametrize("name", ["trustguard.toml", "pyproject.toml"])
def test_a_projects_file_gets_no_exception_but_may_deny(house: House, name: str) -> None:
    path = house.work / name
    path.write_text('[tool.trustguard]\nprofile = "strict"\n' if name == "pyproject.toml" else "schema = 1\n")
    told = house.refused("allow", "demo", name)
    assert told.startswith(
        f"{name}: nothing was written: an exception loosens, and a project's file may only"
    )
    done = house.put("deny", "evil", name)
    assert (done.file.layer, done.written) == ("project", True)
    policy = load(cwd=house.work, environ={}, paths=house.machine.paths).policy
    assert [deny.selector.project for deny in policy.deny] == ["evil"]


def test_another_file_is_that_of_the_environment(house: House) -> None:
    done = house.put("allow", "demo", "extra.toml", checks=("clone",))
    assert done.file.layer == "environment"
    environ = {"TRUSTGUARD_CONFIG": "extra.toml"}
    machine = replace(house.machine, environ=environ)
    assert house.put("allow", "more", "extra.toml", machine=machine).line == 6
    policy = load(cwd=house.work, environ=environ, paths=house.machine.paths).policy
    assert [(allow.selector.project, allow.by) for allow in policy.allow] == [
        ("demo", "environment"),
        ("more", "environment"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("profile = strict\n", ":1: not valid TOML"),
        ('schema = 1\nprofil = "strict"\n', ":2: profil: unknown key"),
        ('\n[[allow]]\nproject = "a"\n', ":2: allow[0].reason: is missing"),
        ('a = "\xff"\n', ":1: not valid TOML: not UTF-8"),
    ],
)
@pytest.mark.parametrize("kind", ["allow", "deny"])
def test_a_file_with_a_mistake_is_named_and_left_alone(
    house: House, kind: Kind, text: str, place: str
) -> None:
    house.user.parent.mkdir()
    house.user.write_bytes(text.encode("latin-1"))
    assert house.refused(kind, "demo").startswith(f"{house.user}{place}")


def test_a_mistake_in_another_layers_file_is_named_and_nothing_is_written(house: House) -> None:
    (house.work / "trustguard.toml").write_text("nonsense = 1\n")
    assert "trustguard.toml:1: nonsense: unknown key" in house.refused("allow", "demo")
    assert house.refused("deny", "demo").startswith("nothing was changed: trustguard.toml:1: nonsense")


def test_what_does_not_hold_together_with_the_other_layers_is_taken_back(house: House) -> None:
    (house.work / "trustguard.toml").write_text("schema = 1\n")
    (house.work / "pyproject.toml").write_text('[project] # mine\nname = "x"\n')
    told = house.refused("deny", "evil", "pyproject.toml")
    assert told.startswith("nothing was changed: trustguard.toml and pyproject.toml: two configurations")


def test_no_folder_is_made_for_a_file_that_was_named(house: House) -> None:
    told = house.refused("deny", "demo", "sub/trustguard.toml")
    assert told == f"cannot write {house.work / 'sub' / 'trustguard.toml'}: No such file or directory"


def test_what_is_denied_in_the_same_file_is_not_allowed(house: House) -> None:
    house.put("deny", "demo==1.0")
    assert "allows what deny[0] denies" in house.refused("allow", "demo==1.0")


def test_a_link_stays_a_link_and_its_target_keeps_its_permissions(house: House) -> None:
    real = house.root / "dotfiles.toml"
    real.write_text("schema = 1\n")
    real.chmod(0o640)
    house.user.parent.mkdir()
    house.user.symlink_to(real)
    house.put("allow", "demo")
    assert house.user.is_symlink()
    assert "[[allow]]" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == (0o640 if os.name == "posix" else 0o666)
    assert sorted(path.name for path in house.root.iterdir()) == [
        "dotfiles.toml",
        "etc",
        "home",
        "locks",
        "work",
    ]


def test_a_link_to_nothing_is_said(house: House) -> None:
    house.user.parent.mkdir()
    house.user.symlink_to(house.root / "gone.toml")
    assert house.refused("allow", "demo") == f"{house.user}: is a link to nothing"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_left_alone(house: House) -> None:
    house.user.parent.mkdir()
    house.user.write_text("schema = 1\n")
    house.user.chmod(0o400)
    assert house.refused("allow", "demo").startswith(f"cannot write {house.user}: Permission denied")


def test_what_somebody_else_has_written_meanwhile_is_not_overwritten(house: House) -> None:
    file = RulesFile.find(house.machine, None)
    before = file.content()
    house.put("allow", "theirs")
    with pytest.raises(StoreError, match="was changed by somebody else at this moment"):
        file.write(before, "schema = 1\n")
    assert house.allowed() == ["theirs"]


def test_what_cannot_be_written_in_place_is_left_to_an_editor(house: House) -> None:
    (house.work / "pyproject.toml").write_text('tool.trustguard = { profile = "strict" }\n')
    told = house.refused("deny", "demo", "pyproject.toml")
    assert told.startswith("pyproject.toml: tool.trustguard.deny cannot be changed here")


def test_many_at_once_lose_nothing(house: House) -> None:
    names = [f"project-{number}" for number in range(8)]
    threads = [threading.Thread(target=house.put, args=("allow", name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(house.allowed()) == names


def test_named_checks_that_are_hardly_ever_wrong_are_warned_of(house: House) -> None:
    done = house.put("allow", "demo", checks=("known-malicious", "provenance"))
    assert done.warnings == (
        "it excuses known-malicious: what is listed as malware gets in",
        "it excuses provenance: what has a forged attestation gets in",
    )


def test_an_entry_that_changes_nothing_is_written_and_that_is_said(house: House) -> None:
    house.put("allow", "demo", checks=("clone",))
    done = house.put("allow", "demo==1.0", checks=("clone",))
    assert (done.written, done.warnings) == (True, ("the entry on line 5 lets in as much already",))


def test_without_checks_it_is_said_what_is_excused(house: House) -> None:
    (warning,) = house.put("allow", "demo").warnings
    assert (
        warning == "no --check was given: it excuses whatever is found, but for known-malicious, provenance"
    )


def test_a_config_error_is_what_a_wrong_word_is(house: House) -> None:
    with pytest.raises(ConfigError, match=r"^allow: --check\[0\]: 'x' is not one of"):
        house.put("allow", "demo", checks=("x",))
