"""The page of a check is its docstring without its marks, and what holds here."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.samples import HOSTILE
from trustguard.checks import discover
from trustguard.config.layers import Paths
from trustguard.config.origins import origins
from trustguard.frontends.check_pages import check_called, check_meant, is_check, page_of
from trustguard.model.check_page import OF_POLICY, CheckPage, SettingLine
from trustguard.model.finding import Severity
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Action
from trustguard.reports.check_page import render, text, to_json

MARKED = """It is doubtful.

A paragraph that is longer
than a line, with `code`:

- **high**: it is very
  doubtful;
- **low**: it is not.

1. the first
2. the second
"""
ACTIONS = (Action.OFF, Action.WARN, Action.ASK, Action.WITHHOLD, Action.BLOCK)
PAGE = CheckPage(
    "doubtful",
    MARKED,
    MappingProxyType({"balanced": ACTIONS}),
    MappingProxyType(
        {Severity.LOW: (Action.WARN, "by default"), Severity.HIGH: (Action.BLOCK, "set by org")}
    ),
    (SettingLine("checks.doubtful.young", "'30 days'", "the built-in default"),),
    ("acme-*",),
)


def test_a_page_in_full() -> None:
    assert render(PAGE, width=40) == (
        "doubtful\n"
        "========\n"
        "\n"
        "It is doubtful.\n"
        "\n"
        "A paragraph that is longer than a line,\n"
        "with `code`:\n"
        "\n"
        "- high: it is very doubtful;\n"
        "- low: it is not.\n"
        "\n"
        "1. the first\n"
        "2. the second\n"
        "\n"
        "Profile     info      low       medium    high      critical\n"
        "balanced    off       warn      ask       withhold  block\n"
        "\n"
        "Here:\n"
        "  low           warn: by default\n"
        "  high          block: set by org\n"
        "  exempt        acme-*\n"
        "  checks.doubtful.young = '30 days', the\n"
        "    built-in default\n"
    )


def test_an_item_hangs_under_its_own_beginning() -> None:
    assert list(text("- one two three four", 12)) == ["- one two", "  three four"]
    assert list(text("10. one two three", 12)) == ["10. one two", "    three"]


def test_the_same_for_programs() -> None:
    assert to_json(PAGE) == {
        "id": "doubtful",
        "text": MARKED,
        "profiles": [{"profile": "balanced", "actions": ["off", "warn", "ask", "withhold", "block"]}],
        "actions": [
            {"severity": "low", "action": "warn", "by": "by default"},
            {"severity": "high", "action": "block", "by": "set by org"},
        ],
        "exempt": ["acme-*"],
        "settings": [{"name": "checks.doubtful.young", "value": "'30 days'", "by": "the built-in default"}],
    }


def test_a_configuration_file_has_no_power_over_the_terminal() -> None:
    page = CheckPage(
        "doubtful",
        "Text.",
        {},
        {Severity.LOW: (Action.WARN, HOSTILE)},
        (SettingLine("a", HOSTILE, HOSTILE),),
        (HOSTILE,),
    )
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    lines = render(page, width=80).split("\n")
    assert not any(unicodedata.category(char) in hidden for line in lines for char in line)


@pytest.mark.parametrize("name", [*discover(), *OF_POLICY])
def test_every_check_says_what_to_do_and_fits_a_terminal(name: str, tmp_path: Path) -> None:
    none = tmp_path / "none.toml"
    said = origins(cwd=tmp_path, environ={}, paths=Paths(none, none))
    lines = render(page_of(name, said.merged.policy(), said), width=80).splitlines()
    assert lines[0] == name
    assert any(line.startswith("What to do: ") for line in lines)
    assert max(map(len, lines)) <= 80


def test_findings_of_the_policys_own_have_pages_as_well() -> None:
    assert set(OF_POLICY) == {DENIED, NOT_LISTED, LOW_SCORE}
    assert all(map(is_check, [*discover(), *OF_POLICY]))
    assert not is_check("requests")


@pytest.mark.parametrize(
    ("typed", "check", "meant"),
    [
        ("typosquatting", "typosquatting", None),
        ("Typosquatting", "typosquatting", None),
        ("KNOWN_Malicious", "known-malicious", None),
        ("Min-Score", "min-score", None),
        ("typo-squatting", None, "typosquatting"),
        ("known malicious", None, "known-malicious"),
        ("releaseage", None, "release-age"),
        ("requests", None, None),
        ("clones", None, None),
        ("clone>=0", None, None),
    ],
)
def test_the_id_of_a_check_is_known_however_it_is_written(
    typed: str, check: str | None, meant: str | None
) -> None:
    assert (check_called(typed), check_meant(typed)) == (check, meant)


@given(st.text(), st.integers(min_value=-5, max_value=200))
def test_no_width_is_too_odd(marked: str, width: int) -> None:
    assert render(CheckPage("x", marked, {}, {}), width=width).startswith("x\n=\n")
