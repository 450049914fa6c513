"""The verdict comes first; then what it rests on, and what would change it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from tests.reports.samples import HOSTILE, judged, package, report, unanswered
from tests.reports.strategies import reports
from trustguard.model.alternatives import Alternative, Beside
from trustguard.model.evidence import Absent, CoreMetadata, Known, NotApplicable, Unavailable
from trustguard.model.finding import Severity
from trustguard.model.policy import Action
from trustguard.model.report import Outage, Package, Report, Withheld
from trustguard.model.verdict import Unanswered, Verdict
from trustguard.reports.check_report import coverage, render
from trustguard.reports.needs import needs

DEMO, DEMOS = NormalizedName("demo"), NormalizedName("demos")
ROOT = Beside(frozenset({DEMO}))


def plain(some: Package) -> Package:
    """The same of the most popular project, of which nothing else is known: 5.0 and 2.0 make 7.0."""
    nothing = dict.fromkeys(
        ("history", "claims", "metadata", "owners", "publishers", "tags", "direct"), Absent()
    )
    facts: dict[str, Any] = {**nothing, "rank": Known(1)}
    return replace(some, evidence=replace(some.evidence, **facts))


def shown(some: Report, beside: Beside = ROOT, *, width: int = 80, color: bool = False) -> str:
    """The report."""
    return render(some, beside, width=width, color=color)


def test_what_was_asked_for_and_is_clean_says_what_speaks_for_it() -> None:
    assert shown(report(plain(package()), command="check")) == (
        "allow: demo 1.0, score 7.0 (demo-1.0-py3-none-any.whl)\n"
        "  for it        +2.0 popular: many would have noticed; it cannot be had by\n"
        "                writing something\n"
        "  in sum        5.0 to begin with, +2.0 for it = 7.0\n"
        "  coverage      1 of 1 checked\n"
        "\n"
        "trustguard: 1 file vetted\n"
    )


def test_in_a_wide_terminal_a_reason_takes_one_line() -> None:
    assert shown(report(plain(package()), command="check"), width=160).splitlines()[1] == (
        "  for it        +2.0 popular: many would have noticed; it cannot be had by writing something"
    )


def test_a_clean_dependency_is_one_line_behind_all_else() -> None:
    other = plain(package(filename="dep-2.0-py3-none-any.whl"))
    text = shown(report(other, plain(package()), command="check"))
    assert text.splitlines()[-3:] == ["allow: dep 2.0, score 7.0", "", "trustguard: 2 files vetted"]


def test_a_refused_file_says_why_what_instead_and_how_to_allow_it() -> None:
    """A copy, high: -2.5, and 3.0 at most; 5.0 and 2.0 less 2.5 is 4.5."""
    copy = plain(package(judged("clone", Action.BLOCK, "demo copies demos", "did you mean demos?")))
    beside = replace(ROOT, alternatives=(Alternative(DEMO, DEMOS, "name", "one slip leads to it"),))
    assert shown(report(copy, command="check", exit_code=10), beside) == (
        "block: demo 1.0, score 3.0 (demo-1.0-py3-none-any.whl)\n"
        "  block clone: demo copies demos\n"
        "    what to do: did you mean demos?\n"
        "  against it    -2.5 clone\n"
        "  for it        +2.0 popular: many would have noticed; it cannot be had by\n"
        "                writing something\n"
        "  in sum        5.0 to begin with, +2.0 for it, -2.5 against it = 4.5\n"
        "  held down     from 4.5 to 3.0, clone: it has copied the page of a better known\n"
        "                project\n"
        "  coverage      1 of 1 checked\n"
        "  to change it  without clone: allow, score 7.0; an exception, as below\n"
        "  instead       demos (one slip leads to it)\n"
        "  to allow it, and say why:\n"
        '    trustguard allow demo==1.0 --check clone --reason "…"\n'
        "\n"
        "trustguard: 1 file vetted, 1 refused\n"
    )


def test_where_a_blocker_could_not_be_excluded_it_is_said_what_is_missing() -> None:
    some = plain(package(unanswered("known-malicious", "advisories", Action.WARN, "no answer " + "x" * 90)))
    outage = Outage("advisories", "no answer", ("known-malicious",), 1)
    assert shown(report(some, command="check", outages=(outage,))) == (
        "warn: demo 1.0, no score (demo-1.0-py3-none-any.whl)\n"
        "  for it        +2.0 popular: many would have noticed; it cannot be had by\n"
        "                writing something\n"
        "  in sum        5.0 to begin with, +2.0 for it = 7.0\n"
        "  score         none: something that could not be checked might have blocked it\n"
        "  coverage      1 of 2 checked; 1 unreachable: known-malicious (advisories: no\n"
        f"                answer {'x' * 49}…)\n"
        "  to change it  an answer of advisories\n"
        "\n"
        "not checked: 1 file: known-malicious could not be checked (advisories): no\n"
        "  answer\n"
        "trustguard: 1 file vetted\n"
    )


def test_of_a_dependency_that_could_not_be_checked_only_that_is_told_in_one_line() -> None:
    missing = [unanswered(check, "index", Action.WARN) for check in ("clone", "clone", "starjacking")]
    some = plain(package(*missing))
    lines = shown(report(some, command="check"), Beside()).splitlines()
    assert lines[0].startswith("warn: demo 1.0, ")
    assert lines[0].endswith("; not checked: clone, starjacking")
    assert lines[1] == ""
    asked = shown(report(plain(package(unanswered("clone", "index", Action.ASK))), command="check"), Beside())
    assert "\n  to change it  an answer of index\n" in asked


def test_an_excused_finding_is_told_with_its_exception_and_a_note_is_not() -> None:
    note, excused = (
        judged("clone", Action.OFF, "a note"),
        judged("clone", Action.OFF, "a copy", excused="ours"),
    )
    text = shown(report(plain(package(note, excused)), command="check"))
    assert "  excused clone: a copy\n    by an exception: ours\n" in text
    assert "  note" not in text


def test_what_an_exception_turned_into_a_question_is_told_once_and_as_a_question() -> None:
    text = shown(
        report(plain(package(judged("clone", Action.ASK, "a copy", excused="ours"))), command="check")
    )
    assert text.count("clone: a copy") == 1
    assert "  ask clone: a copy\n    by an exception, somebody is asked: ours\n" in text


def test_many_findings_are_cut_with_the_command_that_shows_them_all() -> None:
    many = [judged("vulnerability", Action.WARN, f"flaw {n}") for n in range(8)]
    lines = shown(report(plain(package(*many)), command="check")).splitlines()
    assert "  and 3 more findings: trustguard explain demo==1.0" in lines
    assert sum(line.startswith("  warn vulnerability:") for line in lines) == 5


def test_what_was_asked_for_and_withheld_is_shown_although_pip_never_saw_it() -> None:
    grave = judged("known-malicious", Action.WITHHOLD, "it is malicious")
    grave = replace(grave, finding=replace(grave.finding, severity=Severity.CRITICAL))
    beside = replace(ROOT, held_back=(plain(package(grave)),))
    assert shown(report(command="check", exit_code=10), beside) == (
        "withhold: demo 1.0, score 1.0 (demo-1.0-py3-none-any.whl)\n"
        "  withhold known-malicious: it is malicious\n"
        "  score         1.0 because of known-malicious: a blocker makes it the lowest,\n"
        "                whatever else there is\n"
        "  coverage      1 of 1 checked\n"
        "  only if known-malicious is known to be wrong here:\n"
        '    trustguard allow demo==1.0 --check known-malicious --reason "…"\n'
        "\n"
        "trustguard: blocked\n"
    )


def test_coverage_counts_every_check_once() -> None:
    missing = (
        unanswered("starjacking", "project-api", Action.WARN, "timed out"),
        unanswered("starjacking", "provenance", Action.WARN, "no document"),
        unanswered("provenance", "provenance", Action.WARN, "no document"),
    )
    some = replace(package(), verdict=Verdict((), missing, ("a", "b", "c"), ("clone",)))
    assert coverage(some) == (
        "3 of 6 checked; 1 does not apply: clone; 2 unreachable: starjacking (project-api: timed out), "
        "starjacking, provenance (provenance: no document)"
    )
    idle = replace(some.verdict, unanswered=(), not_applicable=("clone", "tags"))
    assert coverage(replace(some, verdict=idle)) == "3 of 5 checked; 2 do not apply: clone, tags"
    rest = replace(some.verdict, unanswered=(), not_looked_at=("x", "startup-code"), exempt=("provenance",))
    assert coverage(replace(some, verdict=rest)) == (
        "3 of 7 checked; 1 does not apply: clone; 2 not looked at: x, startup-code; "
        "1 exempt by the policy: provenance"
    )


SAYS_NOTHING = Unavailable(
    "provenance", "https://index.example/simple/ does not say what is attested (PEP 740)"
)


def silent(action: Action = Action.WARN, filename: str = "demo-1.0-py3-none-any.whl") -> Package:
    """A file of an index that says nothing of attestations."""
    missing = [Unanswered(check, SAYS_NOTHING, action) for check in ("provenance", "provenance-continuity")]
    some = plain(package(*missing, filename=filename))
    file = replace(some.evidence.file, provenance=None)
    facts: dict[str, Any] = {"provenance": SAYS_NOTHING, "lineage": NotApplicable("the index says nothing")}
    return replace(some, evidence=replace(some.evidence, file=file, **facts))


def test_that_an_index_says_nothing_of_attestations_is_said_once_and_awaits_no_answer() -> None:
    """PEP 740 is new: most indexes say nothing, in every run, and nothing is wrong with that."""
    outage = Outage("provenance", SAYS_NOTHING.reason, ("provenance", "provenance-continuity"), 1)
    text = shown(report(silent(), command="check", outages=(outage,)), width=160)
    assert (
        "  coverage      1 of 3 checked; 2 not, as the index does not say who built it: "
        "provenance, provenance-continuity\n"
    ) in text
    assert "to change it" not in text
    assert text.count("who built it") == 1
    assert "not checked" not in text
    assert "PEP 740" not in text


def test_of_dependencies_it_is_said_below_with_their_number() -> None:
    outage = Outage("provenance", SAYS_NOTHING.reason, ("provenance", "provenance-continuity"), 3)
    files = [silent(), *(silent(filename=f"dep-{n}.0-py3-none-any.whl") for n in (1, 2))]
    lines = shown(report(*files, command="check", outages=(outage,))).splitlines()
    assert [line for line in lines if line.startswith("warn: dep")] == [
        "warn: dep 1.0, score 7.0",
        "warn: dep 2.0, score 7.0",
    ]
    assert lines[-2] == "not checked: 2 files: the index does not say who built them (PEP 740)"


def test_where_somebody_insists_on_attestations_it_is_an_outage() -> None:
    outage = Outage("provenance", SAYS_NOTHING.reason, ("provenance", "provenance-continuity"), 1)
    text = shown(report(silent(Action.BLOCK), command="check", outages=(outage,), exit_code=12), width=160)
    assert "2 unreachable: provenance, provenance-continuity (provenance: https://index.example" in text
    assert "  to change it  an answer of provenance\n" in text
    assert "NOT VETTED demo 1.0" in text


def requiring(some: Package, *requirements: str) -> Package:
    """The same, which needs others."""
    metadata = Known(CoreMetadata("x", "1.0", requirements))
    return replace(some, evidence=replace(some.evidence, metadata=metadata))


def test_what_is_refused_comes_first_and_what_needs_it_says_so() -> None:
    app = requiring(plain(package()), "mid>=1", "extra-only; extra == 'x'", "not a requirement !")
    mid = requiring(plain(package(filename="mid-1.0-py3-none-any.whl")), "demo", "bad-one")
    bad = plain(package(judged("clone", Action.ASK), filename="bad_one-1.0-py3-none-any.whl"))
    lines = shown(report(app, mid, bad, command="check", exit_code=11)).splitlines()
    heads = [line.partition(",")[0] for line in lines if line and not line.startswith(" ")]
    assert heads == ["ask: bad-one 1.0", "allow: demo 1.0", "allow: mid 1.0", "trustguard: 3 files vetted"]
    row = "  but it needs  bad-one (by way of mid), which needs approval"
    assert lines[lines.index("allow: demo 1.0, score 7.0 (demo-1.0-py3-none-any.whl)") + 1] == row


def test_of_many_that_are_refused_three_are_named() -> None:
    app = requiring(plain(package()), *(f"bad{n}" for n in range(5)))
    bad = [
        plain(package(judged("clone", Action.BLOCK), filename=f"bad{n}-1.0-py3-none-any.whl"))
        for n in range(5)
    ]
    assert needs(app, report(app, *bad, exit_code=10)) == [
        "bad0, which is refused",
        "bad1, which is refused",
        "bad2, which is refused",
        "and 2 more",
    ]
    grave = Withheld("gone", ("1.0",), package(judged("clone", Action.WITHHOLD)).verdict)
    held = requiring(plain(package()), "gone")
    assert needs(held, report(held, withheld=(grave,), exit_code=10)) == ["gone, which is withheld"]
    assert needs(held, report(held, withheld=(grave,))) == [], "the run did not fail by that"


def test_what_a_block_has_told_of_a_withheld_root_is_not_told_again() -> None:
    young = plain(
        package(judged("release-age", Action.WITHHOLD, "uploaded 2 hours ago", "it passes on Friday"))
    )
    withheld = Withheld("demo", ("1.0", "0.9", "0.8"), young.verdict, young.evidence)
    beside = replace(ROOT, held_back=(young,))
    text = shown(report(command="check", exit_code=10, withheld=(withheld,)), beside)
    assert text.count("uploaded 2 hours ago") == 1
    assert text.count("trustguard allow demo==1.0 --check release-age --reason") == 1
    assert text.endswith("\nwithheld as well: demo 0.9, 0.8\ntrustguard: blocked\n")


def test_colours_only_repeat_the_verdict() -> None:
    some = report(plain(package(judged("clone", Action.BLOCK))), command="check", exit_code=10)
    text = shown(some, color=True)
    assert text.startswith("\x1b[1;31mblock:\x1b[0m demo 1.0")
    assert text.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == shown(some)


def test_hostile_text_is_shown_on_one_line_without_power() -> None:
    found = judged("clone", Action.BLOCK, HOSTILE, HOSTILE)
    excused = judged("clone", Action.OFF, HOSTILE, excused=HOSTILE)
    some = package(found, excused, unanswered("provenance", "provenance", Action.WARN, HOSTILE))
    beside = Beside(frozenset({DEMO}), (Alternative(DEMO, NormalizedName(HOSTILE), "name", HOSTILE),))
    assert harmless(shown(report(some, command="check"), beside))


def harmless(text: str) -> bool:
    """Whether nothing in a text has power over a terminal."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return not any(unicodedata.category(char) in hidden for line in text.split("\n") for char in line)


@given(reports(), st.integers(min_value=1, max_value=300), st.booleans())
def test_no_report_is_too_odd_to_be_shown_and_every_file_is(some: Report, width: int, asked: bool) -> None:
    roots = frozenset(one.evidence.project for one in some.packages) if asked else frozenset()
    text = render(some, Beside(roots), width=width, color=False)
    assert harmless(text)
    assert text.endswith("\n")
    heads = [
        line
        for line in text.splitlines()
        if line.split(":")[0] in {"allow", "warn", "ask", "withhold", "block"}
    ]
    assert len(heads) == len(some.packages)
