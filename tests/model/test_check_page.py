"""What is said of findings that the policy makes by itself."""

from __future__ import annotations

from trustguard.checks import discover
from trustguard.model.check_page import OF_POLICY, CheckPage, SettingLine
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED


def test_every_finding_of_the_policy_has_a_page_and_none_is_a_checks() -> None:
    assert OF_POLICY.keys() == {DENIED, NOT_LISTED, LOW_SCORE}
    assert not OF_POLICY.keys() & discover().keys()
    for text in OF_POLICY.values():
        first, *_, last = text.strip().split("\n\n")
        assert (first.endswith("."), last.startswith("**What to do:**")) == (True, True)


def test_a_page_has_no_settings_unless_it_is_given_some() -> None:
    page = CheckPage("denied", "text", {}, {})
    assert (page.settings, page.exempt) == ((), ())
    assert SettingLine("checks.a.b", "1", "default").by == "default"
