"""A name that is easily mistaken is refused before anything runs; family, age and fame are no crime."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, assert_done, assert_refused
from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.index import LabIndex

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "age", "code"),
    [("reqeusts", 200, BLOCKED), ("yaml", 200, NEEDS_APPROVAL), ("yaml", 10, BLOCKED)],
)
def test_a_squat_is_refused_and_the_right_name_is_offered(
    index: LabIndex, guarded: MakeGuarded, name: str, age: int, code: int
) -> None:
    index.add(build_sdist(name, "1.0"), upload_time=NOW - age * DAY)
    guard = guarded()
    before = guard.environment.files()
    run = guard.run("install", name)
    assert_refused(guard, run, code, name, before)
    assert f"did you mean {'requests' if name == 'reqeusts' else 'pyyaml'}?" in run.err


def test_an_old_project_with_many_releases_a_plugin_and_a_popular_one_are_installed(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    for number in range(5):
        uploaded = NOW - (400 - number) * DAY
        index.add(build_wheel("colourama", f"1.{number}"), upload_time=uploaded)
    index.add(build_wheel("pytest-something-else", "1.0"), upload_time=NOW - 10 * DAY)
    index.add(build_wheel("requests", "1.0"), upload_time=NOW - 10 * DAY)
    guard = guarded()
    run = guard.run("install", "colourama", "pytest-something-else", "requests")
    assert_done(guard, run, "colourama", "pytest-something-else", "requests")


def test_a_squat_among_dependencies_is_refused_and_an_exception_lets_it_in(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    index.add(build_wheel("good", "1.0", requires=["reqeusts"]))
    index.add(build_wheel("reqeusts", "1.0"))
    guard = guarded()
    before = guard.environment.files()
    assert_refused(guard, guard.run("install", "good"), BLOCKED, "reqeusts", before)
    guard.configure('[checks.typosquatting]\nexempt = ["reqeusts"]\n')
    assert_done(guard, guard.run("install", "good"), "good", "reqeusts")


@pytest.mark.parametrize(
    "name", ["r\u0435quests", "req\x07uests", "re\u202equests", "a" * 10_000, "requests\u200b"]
)
def test_a_name_that_no_project_can_have_is_an_error_and_no_surprise(guarded: MakeGuarded, name: str) -> None:
    guard = guarded()
    before = guard.environment.files()
    run = guard.run("install", name)
    assert run.code not in (0, BLOCKED), run
    assert "Traceback" not in run.out + run.err
    assert "nobody expected" not in run.err, run
    assert guard.environment.files() == before
