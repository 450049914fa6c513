"""What pip does not fetch, because metadata is enough for it, is judged by its bytes all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, UNVETTED, saved
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.faults import Status
from tests.lab.forged import forged
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex

UNLISTED = "is not in its RECORD"


def lying() -> Artifact:
    """A wheel with a file that its RECORD does not know; its metadata is honest."""
    return forged(
        "lying",
        {"more.py": "pass\n"},
        record=lambda text: "".join(line for line in text.splitlines(keepends=True) if "more.py" not in line),
    )


@pytest.fixture
def guard(guarded: MakeGuarded, index: LabIndex) -> Guarded:
    """An index that has metadata beside its wheels, so that pip resolves without them."""
    index.add_all(
        lying(),
        forged("starting", {"zz.pth": "import starting\n"}),
        build_wheel("needs-lying", "1.0", requires=["lying"]),
        build_wheel("good", "1.0"),
    )
    return guarded()


def run(guard: Guarded, command: str, *names: str) -> tuple[Ended, Path]:
    """Lock, or tell what would be installed; gives the lock file as well."""
    words = ("lock",) if command == "lock" else ("install", "--dry-run")
    return guard.run(*words, *names), guard.work / "pylock.toml"


@pytest.mark.parametrize("command", ["lock", "dry-run"])
@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("lying", BLOCKED, UNLISTED),
        ("needs-lying", BLOCKED, UNLISTED),
        ("starting", NEEDS_APPROVAL, "runs whenever Python starts"),
    ],
)
def test_what_would_be_refused_is_neither_locked_nor_told_to_be_fine(
    guard: Guarded, command: str, name: str, code: int, told: str
) -> None:
    ended, lock = run(guard, command, name)
    assert ended.code == code, ended
    assert told in " ".join(ended.err.split())
    assert not lock.exists()
    assert guard.installed() == set()


@pytest.mark.parametrize("command", ["lock", "dry-run"])
def test_what_is_fine_is(guard: Guarded, command: str) -> None:
    """The control."""
    ended, lock = run(guard, command, "good")
    assert ended.code == 0, ended
    assert "1 file vetted" in ended.err
    assert lock.exists() == (command == "lock")
    assert guard.installed() == set()


@pytest.mark.parametrize("command", ["lock", "dry-run"])
def test_what_cannot_be_fetched_has_no_verdict(guard: Guarded, index: LabIndex, command: str) -> None:
    index.fault("*/good-1.0-py3-none-any.whl", Status(503))
    ended, lock = run(guard, command, "good", "--retries", "0")
    assert ended.code == UNVETTED, ended
    assert "503" in ended.err
    assert not lock.exists()


@pytest.mark.parametrize("place", ["index", "folder"])
@pytest.mark.parametrize("name", ["plain", "lying"])
def test_what_nobody_has_announced_a_digest_of_is_fetched_and_locked_with_its_own(
    place: str, name: str, guarded: MakeGuarded, index: LabIndex
) -> None:
    """As pip does, where there is no metadata beside it; and what is refused is not locked."""
    guard = guarded()
    wheel = build_wheel("plain", "1.0") if name == "plain" else lying()
    if place == "index":
        index.add(wheel, hashes={})
    else:
        saved(guard.work / "wheels", wheel)
    ended = guard.run("lock", "-f", "wheels", name) if place == "folder" else guard.run("lock", name)
    assert "Traceback" not in ended.err
    lock = guard.work / "pylock.toml"
    if name == "lying":
        assert (ended.code, lock.exists()) == (BLOCKED, False), ended
    else:
        assert ended.code == 0, ended
        assert wheel.sha256 in lock.read_text(encoding="utf-8")
        assert guard.run("install", "-r", "pylock.toml").code == 0
        assert guard.installed() == {"plain"}
