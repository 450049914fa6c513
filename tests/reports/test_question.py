"""Who is asked whether a file may be installed is told what was found, before the answer is waited for."""

from __future__ import annotations

import unicodedata

from packaging.utils import canonicalize_name

from tests.reports.samples import HOSTILE, judged, package, unanswered
from trustguard.model.alternatives import Alternative
from trustguard.model.policy import Action
from trustguard.model.report import Package
from trustguard.model.verdict import Decision, Judged, Unanswered
from trustguard.reports.question import render
from trustguard.reports.width import columns


def shown(some: Package, *alternatives: Alternative, width: int = 80) -> str:
    """The question without colours."""
    return render(some, alternatives, width=width, color=False)


def asked(*grounds: Judged | Unanswered) -> Package:
    """A file that needs approval."""
    return package(*grounds, decision=Decision.ASK)


def test_it_says_what_was_found_what_there_is_instead_and_asks_at_last() -> None:
    other = Alternative(canonicalize_name("demo"), canonicalize_name("good"), "import-name", "it is popular")
    told = shown(asked(judged("secrets", Action.ASK, "it has a key", "take the key out")), other).split("\n")
    assert told[0] == ""  # it begins below whatever pip has written last
    assert told[1].startswith("NEEDS APPROVAL demo 1.0, score ")
    assert [line for line in told[2:] if not line.startswith("    https://")][-4:] == [
        "  secrets: it has a key",
        "    what to do: take the key out",
        "  instead: good (it is popular)",
        "Install it? [y/N] ",
    ]


def test_what_could_not_be_checked_is_one_line_for_each_source() -> None:
    told = shown(
        asked(
            judged("secrets", Action.ASK),
            unanswered("starjacking", "provenance", Action.WARN, "timed out"),
            unanswered("provenance", "provenance", Action.WARN, "timed out"),
            unanswered("vulnerability", "advisories", Action.WARN, "no data"),
        ),
        width=120,
    )
    lines = [line for line in told.split("\n") if line.startswith("not checked:")]
    assert lines == [
        "not checked: 1 file: starjacking, provenance could not be checked (provenance): timed out",
        "not checked: 1 file: vulnerability could not be checked (advisories): no data",
    ]


def test_what_could_not_be_checked_and_is_why_somebody_is_asked_is_told_as_that() -> None:
    told = shown(asked(unanswered("vulnerability", "advisories", Action.ASK, "no data")))
    assert "  vulnerability: could not be checked: no data\n" in told
    assert "not checked:" not in told


def test_nothing_of_it_acts_on_the_terminal_and_no_line_is_wider() -> None:
    told = shown(asked(judged("secrets", Action.ASK, HOSTILE * 20, HOSTILE)), width=60)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in told if char != "\n")
    assert all(columns(line) <= 60 for line in told.split("\n"))
