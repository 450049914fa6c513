"""docs/configuration.md and the reader know the same keys, defaults and layers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from trustguard.checks import Check, discover
from trustguard.config import known_keys
from trustguard.config.document import show
from trustguard.config.settings import SETTINGS, settings_of
from trustguard.config.values import BY_TYPE

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = {match[1]: match[0] for match in re.finditer(r"^\| `([a-z0-9_.ID-]+)` \|.*$", PAGE, re.MULTILINE)}


def test_the_page_describes_every_key_and_no_other() -> None:
    assert ROWS.keys() == known_keys(discover())


@pytest.mark.parametrize("key", [key for key, setting in SETTINGS.items() if setting.default])
def test_the_page_gives_every_default(key: tuple[str, ...]) -> None:
    default = SETTINGS[key].default
    text = "10 GB" if default == 10_000_000_000 else show(default).strip("'")
    assert f'`"{text}"`' in ROWS[".".join(key)]


def test_the_page_gives_the_default_of_the_cooldown() -> None:
    default = settings_of(discover()["release-age"])["cooldown"].default
    assert default == timedelta(days=3)
    assert '`"3 days"`' in ROWS["checks.release-age.cooldown"]


def test_every_setting_of_every_check_can_be_read() -> None:
    for check in discover().values():
        assert all(setting.read in BY_TYPE.values() for setting in settings_of(check).values())


@dataclass(frozen=True)
class Sideways:
    """A direction that nobody knows."""

    way: int = field(default=1, metadata={"tighter": "sideways"})


@dataclass(frozen=True)
class Needed:
    """A field that has no default."""

    count: int


@dataclass(frozen=True)
class Strange:
    """A field of a type that TOML does not have."""

    content: bytes = b""


@pytest.mark.parametrize("settings", [Sideways, Needed, Strange])
def test_a_check_with_settings_that_cannot_be_read_stops_the_program(settings: type) -> None:
    with pytest.raises(TypeError, match="broken: "):
        settings_of(Check("broken", "", settings, lambda *_: []))
