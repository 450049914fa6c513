"""``allow``, ``deny`` and ``prune`` as they are typed: what they say, and that it holds."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, assert_done, assert_refused
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.environment import isolated_environ
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from trustguard.frontends.cli import cli
from trustguard.import_guard import guard as import_guard
from trustguard.model.errors import UsageError

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)


class Shell:
    """The program in this process, with a home of its own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.rules = home / ".config" / "trustguard" / "trustguard.toml"
        self._capsys = capsys

    def __call__(self, *args: str) -> tuple[str, str]:
        """Standard output and standard error of a command that ends well."""
        assert cli.main(list(args), standalone_mode=False) == 0
        out, err = self._capsys.readouterr()
        return out, err

    def json(self, *args: str) -> Any:
        """The document of a command, which keeps to the schema."""
        out, err = self("--format", "json", *args)
        document = json.loads(out)
        Draft202012Validator(SCHEMA).validate(document)
        assert err == ""
        return document


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name, value in isolated_environ(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TRUSTGUARD_CONFIG", raising=False)
    (tmp_path / "work" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    return Shell(tmp_path / "home", capsys)


def day(later: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(later)).date().isoformat()


def test_the_file_the_line_and_the_entry_as_written_are_told(shell: Shell) -> None:
    words = ("allow", "demo==1.0", "--check", "clone", "--reason", "ours", "--expires", "2099-06-30")
    out, err = shell(*words)
    entry = [
        "[[allow]]",
        'project = "demo"',
        'version = "==1.0"',
        'checks = ["clone"]',
        'reason = "ours"',
        "expires = 2099-06-30",
    ]
    assert (out.splitlines(), err) == ([f"added to {shell.rules}:5", *(f"  {line}" for line in entry)], "")
    assert shell.rules.read_text(encoding="utf-8").splitlines()[4:] == entry
    out, _ = shell(*words)
    assert out.splitlines()[0] == f"there already, in {shell.rules}:5"
    out, _ = shell(*words[:4], "--reason", "other", "--dry-run")
    assert out.splitlines() == [
        f"would be replaced in {shell.rules}:5",
        *(f"  {line}" for line in (*entry[:4], 'reason = "other"')),
        "in place of",
        *(f"  {line}" for line in entry),
    ]


def test_a_warning_is_told_beside_the_result(shell: Shell) -> None:
    _, err = shell("allow", "demo==1.0", "--check", "known-malicious", "--reason", "the record is wrong")
    assert err == "trustguard: warning: it excuses known-malicious: what is listed as malware gets in\n"


def test_the_json_says_the_same_and_keeps_to_the_schema(shell: Shell) -> None:
    digest = "a" * 64
    index = "https://packages.example/simple/"
    words = ("demo==1.0", "--check", "provenance", "--reason", "r", "--index", index, "--sha256", digest)
    done = shell.json("allow", *words, "--expires", "1d")
    text = done.pop("text")
    assert done == {
        "schema": "trustguard/1",
        "command": "allow",
        "exit_code": 0,
        "outcome": "added",
        "written": True,
        "file": str(shell.rules),
        "layer": "user",
        "line": 5,
        "entry": {
            "project": "demo",
            "version": "==1.0",
            "sha256": [digest],
            "index": index,
            "checks": ["provenance"],
            "reason": "r",
            "expires": day(1),
        },
        "replaced": None,
        "warnings": ["it excuses provenance: what has a forged attestation gets in"],
    }
    assert shell.rules.read_text(encoding="utf-8").endswith(text)
    assert shell.json("allow", *words)["replaced"] == text
    denied = shell.json("deny", "evil-*", "--reason", "incident 42", "--dry-run")
    assert (denied["written"], denied["entry"]["checks"], denied["entry"]["version"]) == (False, None, None)
    pruned = shell.json("prune")
    assert (pruned["removed"], pruned["written"], pruned["problems"]) == ([], False, [])


def test_an_exception_for_one_more_file_of_a_release_leaves_the_others_in_force(shell: Shell) -> None:
    """What a refusal proposes in a second environment must not undo what it proposed in the first one."""
    words = ("allow", "demo==1.0", "--check", "startup-code")
    first, second, third = ("a" * 64, "b" * 64, "c" * 64)
    shell(*words, "--reason", "read", "--sha256", first, "--expires", "1d")
    done = shell.json(*words, "--reason", "read too", "--sha256", second)
    assert (done["outcome"], done["entry"]["sha256"]) == ("replaced", [first, second])
    assert (done["entry"]["reason"], done["entry"]["expires"]) == ("read too", None)
    assert shell.json(*words, "--reason", "read too", "--sha256", first)["outcome"] == "unchanged"
    text = shell.rules.read_text(encoding="utf-8")
    shell.rules.write_text(f"{text}expires = 2026-01-01\n", encoding="utf-8")  # what has expired stays so
    assert shell.json(*words, "--reason", "read", "--sha256", third)["entry"]["sha256"] == [third]
    assert shell.json(*words, "--reason", "read")["entry"]["sha256"] == []


@pytest.mark.parametrize(("expires", "told"), [("never", True), ("30d", True), ("1d", False)])
def test_that_the_others_hold_for_longer_by_that_is_told(shell: Shell, expires: str, *, told: bool) -> None:
    words = ("allow", "demo==1.0", "--check", "startup-code", "--reason", "read")
    shell(*words, "--sha256", "a" * 64, "--expires", "1d")
    _, err = shell(*words, "--sha256", "b" * 64, "--expires", expires)
    assert ("no longer only until" in err) is told


def test_who_allows_what_is_denied_is_told_that_it_stays_so(shell: Shell) -> None:
    shell("deny", "demo-*", "--reason", "incident 42")
    for denied in ("demo-a==1.0", "Demo_A"):
        _, err = shell("allow", denied, "--check", "clone", "--reason", "ours")
        assert "excuses nothing while a [[deny]] for demo-* stands: incident 42" in err
    _, err = shell("allow", "demos", "--check", "clone", "--reason", "ours")
    assert err == ""


def test_prune_shows_what_it_removes_and_leaves_every_comment(shell: Shell) -> None:
    shell.rules.parent.mkdir(parents=True)
    before = (
        '# ours\nprofile = "strict"\n\n# about old\n[[allow]]\nproject = "old" # gone\nreason = "r"\n'
        'expires = 2026-01-01\n\n[[allow]]\nproject = "demo"\nreason = "r"\n\n[[allow]]\nproject = "demo"\n'
        'version = "==1.0"\nreason = "r"\n\n# the end\n'
    )
    shell.rules.write_text(before, encoding="utf-8")
    dry = shell.json("prune", "--dry-run")
    assert (shell.rules.read_text(encoding="utf-8"), dry["written"]) == (before, False)
    assert [(one["line"], one["why"], one["superseded_by"]) for one in dry["removed"]] == [
        (5, "expired", None),
        (14, "superseded", 10),
    ]
    out, _ = shell("prune")
    assert out == (
        f"removed from {shell.rules}: 2 exceptions\n"
        "line 5: expired on 2026-01-01\n"
        '  [[allow]]\n  project = "old" # gone\n  reason = "r"\n  expires = 2026-01-01\n'
        "line 14: the one on line 10 lets in as much\n"
        '  [[allow]]\n  project = "demo"\n  version = "==1.0"\n  reason = "r"\n'
    )
    assert shell.rules.read_text(encoding="utf-8") == (
        '# ours\nprofile = "strict"\n\n# about old\n\n'
        '[[allow]]\nproject = "demo"\nreason = "r"\n\n# the end\n'
    )
    assert shell("prune") == (f"nothing to remove from {shell.rules}\n", "")


def test_without_a_file_there_is_nothing_to_prune_and_none_is_made(shell: Shell) -> None:
    assert shell("prune") == (f"nothing to remove from {shell.rules}\n", "")
    assert not shell.rules.exists()


def test_a_file_that_was_named_and_is_not_there_has_not_been_pruned(shell: Shell) -> None:
    with pytest.raises(UsageError, match=r"misspelt\.toml: there is no such file"):
        shell("prune", "--file", "misspelt.toml")


def test_where_no_ledger_is_known_nothing_is_called_unused(shell: Shell) -> None:
    shell("allow", "demo==1.0", "--reason", "r")
    out, err = shell("prune", "--unused")
    assert out == f"nothing to remove from {shell.rules}\n"
    assert err == "trustguard: what is unused cannot be told: no environment with a ledger is known\n"


def test_only_commands_that_write_rules_load_what_writes_them() -> None:
    modules = "trustguard.frontends.cli.guarded, trustguard.frontends.session, trustguard.config"
    code = f"import sys, {modules}; sys.exit('tomlkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# In processes, as users run it.


def told(text: str) -> list[str]:
    """The words of the command that a refusal ends in."""
    (line,) = re.findall(r"^    trustguard (allow .*)$", text, re.MULTILINE)
    return shlex.split(line)


def test_the_command_of_a_refusal_lets_in_what_was_refused_and_nothing_else(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    guard = guarded()
    guard.configure('[checks.dependency-confusion]\naction = "off"\n')
    young = datetime.now(timezone.utc) - timedelta(hours=2)
    for name, version in (("demo", "1!1.0+local.1"), ("other", "1.0")):
        index.add(build_wheel(name, version), upload_time=young)
    before = guard.environment.files()
    run = guard.run("install", "demo==1!1.0")
    assert_refused(guard, run, BLOCKED, "release-age", before)
    words = told(run.err)
    assert words == ["allow", "demo==1!1.0+local.1", "--check", "release-age", "--reason", "…"]
    assert "say why" in guard.run(*words).err
    ended = guard.run(*words[:-1], "needed today")
    assert ended.code == 0, ended
    assert guard.run("install", "other").code == BLOCKED
    index.add(build_wheel("demo", "1!1.1"), upload_time=young)
    assert guard.run("install", "demo==1!1.1").code == BLOCKED
    assert_done(guard, guard.run("install", "demo==1!1.0"), "demo")


def test_malware_is_let_in_only_by_its_name_and_a_denial_by_nothing(
    index: LabIndex, guarded: MakeGuarded, markers: Markers
) -> None:
    guard = guarded(malware=["evil-demo"])
    index.add(hostile.legacy_sdist(markers, "evil-demo"))
    index.add(hostile.fake_setuptools())
    before = guard.environment.files()
    ended = guard.run("allow", "evil-demo", "--reason", "please")
    assert "whatever is found, but for known-malicious, provenance" in ended.err
    run = guard.run("install", "evil-demo")
    assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)
    assert "only if known-malicious is known to be wrong here:" in run.err
    assert guard.run(*told(run.err)[:-1], "a lab").code == 0
    assert guard.run("deny", "evil-*", "--reason", "incident 42").code == 0
    run = guard.run("install", "evil-demo")
    assert_refused(guard, run, BLOCKED, "incident 42", before, markers)
    assert "no exception can allow it" in run.err


def test_processes_that_write_at_once_lose_nothing(guarded: MakeGuarded) -> None:
    guard = guarded()
    rules = guard.home / ".config" / "trustguard" / "trustguard.toml"
    names = [f"project-{number}" for number in range(4)]
    running = [
        subprocess.Popen(
            guard.command("allow", name, "--reason", "at once"),
            cwd=guard.work,
            env=guard.environ(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in names
    ]
    for process in running:
        _, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
    assert sorted(re.findall(r'^project = "(.*)"$', rules.read_text(encoding="utf-8"), re.MULTILINE)) == names


def test_a_mistake_ends_with_two_and_one_line_as_json_too(guarded: MakeGuarded) -> None:
    guard = guarded()
    ended = guard.run("allow", "demo", "--reason", "r", "--check", "nope")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    ended = guard.run("allow", "demo", "--reason", "r", "--expires", "soon", "--format", "json")
    Draft202012Validator(SCHEMA).validate(ended.json)
    assert (ended.code, ended.json["command"], ended.json["error"]["reference"]) == (2, "allow", "config")


def test_what_no_environment_has_is_removed_only_where_that_is_wanted(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    guard = guarded()
    index.add(build_wheel("nice", "1.0"))
    assert guard.run("install", "nice").code == 0
    for target in ("nice==1.0", "nice==2.0", "gone==1.0", "later", "acme-*==1.0"):
        assert guard.run("allow", target, "--reason", "r", "--check", "clone").code == 0
    assert unused(guard, "prune") == []
    assert unused(guard, "prune", "--unused", "--dry-run") == ["nice ==2.0", "gone ==1.0"]
    assert unused(guard, "prune", "--unused") == ["nice ==2.0", "gone ==1.0"]
    assert unused(guard, "prune", "--unused") == []
    ledger = guard.environment.purelib / import_guard.LEDGER
    ledger.write_text("trustguard-ledger\t99\n")
    ended = guard.run("prune", "--unused", "--format", "json")
    assert ended.json["removed"] == []
    assert "what is unused cannot be told" in ended.json["problems"][0]


def unused(guard: Guarded, *words: str) -> list[str]:
    """What is removed, which is all because nobody has it."""
    ended = guard.run(*words, options=("--format", "json"))
    assert ended.code == 0, ended
    Draft202012Validator(SCHEMA).validate(ended.json)
    assert {one["why"] for one in ended.json["removed"]} <= {"unused"}
    return [f"{one['entry']['project']} {one['entry']['version']}" for one in ended.json["removed"]]
