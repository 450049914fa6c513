"""Settings that only make sense together are looked at together, whichever layers they are from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.config.conftest import Machine

DAY = timedelta(days=1)
IGNORE_AFTER = "checks.provenance-continuity.ignore-after"
COOLDOWN = "checks.release-age.cooldown"


@pytest.mark.parametrize("value", ["2 days", "3 days", "1 s"])
def test_what_no_file_passes_the_cooldown_for_is_a_contradiction(machine: Machine, value: str) -> None:
    """The default cooldown is three days: a file that passes it would be let be at once."""
    machine.write("user", "[checks.provenance-continuity]", f"ignore-after = '{value}'")
    failure = machine.failure()
    assert failure.message == (
        f"{machine.label('user')}:2: {IGNORE_AFTER}: '{value}' is not longer than {COOLDOWN}, '3 days', "
        "the built-in default: the check would let every file be"
    )
    assert failure.hint == "make it longer, or '0 s' for files of any age"


def test_the_two_may_be_set_in_two_layers(machine: Machine) -> None:
    machine.write("org", f"{IGNORE_AFTER} = '5 days'")
    machine.load()
    machine.write("user", f"{COOLDOWN} = '1 week'")
    assert machine.error() == (
        f"{machine.label('org')}:1: {IGNORE_AFTER}: '5 days' is not longer than {COOLDOWN}, '7 days', "
        f"set by user in {machine.label('user')}:1: the check would let every file be"
    )
    machine.load(extra=(f"{IGNORE_AFTER} = '8 days'",))


@pytest.mark.parametrize("value", ["0 s", "4 days", "90 days"])
def test_none_and_longer_than_the_cooldown_are_taken(machine: Machine, value: str) -> None:
    machine.load(extra=(f"{IGNORE_AFTER} = '{value}'",))


def test_without_a_cooldown_any_time_will_do(machine: Machine) -> None:
    loaded = machine.load(extra=(f"{COOLDOWN} = '0 s'", f"{IGNORE_AFTER} = '1 s'"))
    settings = loaded.policy.check("provenance-continuity").settings
    assert settings["ignore_after"] == timedelta(seconds=1)


# That no file is let be is the strictest.


@pytest.mark.parametrize("value", ["4 days", "900 days"])
def test_a_project_may_not_let_files_be_that_are_looked_at_by_default(machine: Machine, value: str) -> None:
    machine.write("project", f"{IGNORE_AFTER} = '{value}'")
    assert machine.error().endswith(f"'{value}' is not as strict as '0 s', the built-in default")


@pytest.mark.parametrize(("stricter", "result"), [("20 days", 20 * DAY), ("0 s", 0 * DAY)])
def test_longer_and_never_are_stricter(machine: Machine, stricter: str, result: timedelta) -> None:
    machine.write("org", f"{IGNORE_AFTER} = '10 days'")
    loaded = machine.load(extra=(f"{IGNORE_AFTER} = '{stricter}'",))
    assert loaded.policy.check("provenance-continuity").settings["ignore_after"] == result


def test_shorter_is_looser(machine: Machine) -> None:
    machine.write("org", f"{IGNORE_AFTER} = '10 days'")
    message = machine.error(extra=(f"{IGNORE_AFTER} = '9 days'",))
    assert "'9 days' is not as strict as '10 days', set by org in" in message
    machine.write("org", f"{IGNORE_AFTER} = '0 s'")
    assert "is not as strict as '0 s'" in machine.error(extra=(f"{IGNORE_AFTER} = '9 days'",))
