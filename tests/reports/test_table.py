"""What people read: one line where all is well; otherwise what, why, what now and how to allow it."""

from __future__ import annotations

import re
import shlex
import unicodedata
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from tests.reports.samples import HOSTILE, evidence, judged, package, report, unanswered
from tests.reports.strategies import reports
from trustguard.checks import discover
from trustguard.config.entries import Typed, allow_entry
from trustguard.judging import vet
from trustguard.model.evidence import Absent, Advisory, DirectReference, Evidence, Known, Unavailable
from trustguard.model.policy import Action, Allow, CheckPolicy, Deny, Policy, Selector
from trustguard.model.project import sha256
from trustguard.model.report import ExceptionRules, Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision
from trustguard.reports.table import render
from trustguard.reports.width import columns

INDEX = "https://index.example/simple/"
FILE = "demo-1.0-py3-none-any.whl"
TO_COPY = ("    trustguard allow ", "    on-unavailable = ")
"""Commands and settings are on lines of their own and are not broken."""


def shown(some: Report, width: int = 100) -> str:
    """The report without colours."""
    return render(some, width=width, color=False)


def test_a_clean_run_is_one_line() -> None:
    some = report(*[package(installed=True)] * 12)
    assert shown(some) == "trustguard: 12 files vetted, 12 installed\n"


@pytest.mark.parametrize(
    ("some", "line"),
    [
        (report(), "trustguard: nothing new to vet\n"),
        (report(package(), command="download"), "trustguard: 1 file vetted\n"),
        (report(exit_code=10), "trustguard: blocked, nothing installed\n"),
        (report(exit_code=11), "trustguard: needs approval, nothing installed\n"),
        (report(exit_code=12, command="download"), "trustguard: could not be vetted\n"),
        (report(exit_code=1, command="wheel"), "trustguard: it ended without a result\n"),
        (
            report(package(), command="pip install", exit_code=1),
            "trustguard: 1 file vetted, nothing installed\n",
        ),
        (
            report(package(judged("clone", Action.OFF, excused="ours"), installed=True)),
            "trustguard: 1 file vetted, 1 installed, 1 finding excused\n",
        ),
        (
            report(package(judged("clone", Action.OFF), installed=True), message="ask us"),
            "trustguard: 1 file vetted, 1 installed\n",
        ),
    ],
)
def test_a_run_without_anything_to_say_stays_one_line(some: Report, line: str) -> None:
    assert shown(some) == line


def test_a_refusal_says_what_why_what_to_do_and_how_to_allow_it() -> None:
    squat = judged("typosquatting", Action.BLOCK, "demo looks like demos", "did you mean demos?")
    aside = judged("vulnerability", Action.WARN, "demo 1.0 has GHSA-1", "fixed in 2.0")
    some = report(package(aside, squat), package(filename="fine-2-py3-none-any.whl"), exit_code=10)
    assert shown(replace(some, message="Exceptions: #supply-chain")) == (
        f"BLOCKED demo 1.0 ({FILE} from {INDEX})\n"
        "  typosquatting: demo looks like demos\n"
        "    what to do: did you mean demos?\n"
        "  also vulnerability: demo 1.0 has GHSA-1\n"
        "    what to do: fixed in 2.0\n"
        "  to allow it, and say why:\n"
        '    trustguard allow demo==1.0 --check typosquatting --reason "…"\n'
        "\n"
        "Exceptions: #supply-chain\n"
        "trustguard: 2 files vetted, 1 refused, nothing installed\n"
    )


def commands(text: str) -> list[list[str]]:
    """The words, as a shell reads them, of the commands in a report."""
    return [shlex.split(line) for line in re.findall(r"^    (trustguard .*)$", text, re.MULTILINE)]


def allowed(text: str) -> list[Allow]:
    """The exceptions that the commands write."""
    found: list[Allow] = []
    for words in commands(text):
        program, command, target, *options, reason = words
        assert (program, command, options.pop()) == ("trustguard", "allow", "--reason")
        assert set(options[::2]) <= {"--check", "--sha256"}
        given = {
            flag: [v for f, v in zip(options[::2], options[1::2], strict=True) if f == flag]
            for flag in ("--check", "--sha256")
        }
        typed = Typed(target, reason.replace("…", "known"), given["--check"], None, given["--sha256"])
        meaning = allow_entry(typed, "user", discover(), date(2026, 3, 1)).meaning
        assert isinstance(meaning, Allow)
        found.append(meaning)
    return found


@pytest.mark.parametrize("filename", [FILE, "demo-2!1.0rc1.post2+local.7-py3-none-any.whl"])
def test_the_command_that_is_told_allows_exactly_this_release(filename: str) -> None:
    advisory = Advisory("MAL-1", "bad", malicious=True)
    bad = replace(evidence(filename), advisories=Known((advisory,)))
    policy = Policy(unknown="block", checks=MappingProxyType({"release-age": CheckPolicy(Action.OFF)}))
    verdict = vet(bad, policy)
    assert verdict.refused
    exceptions = allowed(shown(report(Package(bad, verdict, Decision.BLOCK))))
    assert set(exceptions[0].checks or ()) == {"known-malicious", "not-listed"}
    assert not vet(bad, replace(policy, allow=tuple(exceptions))).refused
    next_release = replace(evidence("demo-9.0-py3-none-any.whl"), advisories=Known((advisory,)))
    assert vet(next_release, replace(policy, allow=tuple(exceptions))).refused


def at_an_address(url: str, digest: str, *, announced: str | None = None) -> Evidence:
    """A file that was asked for by its address."""
    plain = evidence()
    file = replace(plain.file, url=url, hashes={} if announced is None else {"sha256": announced})
    direct = Known(DirectReference(url, "argument", pinned=False))
    return replace(plain, file=file, direct=direct, sha256=Known(sha256(digest)))


def test_the_command_for_an_address_lets_in_the_file_that_was_there_and_no_other() -> None:
    policy = Policy(checks=MappingProxyType({"release-age": CheckPolicy(Action.OFF)}))
    seen = at_an_address("http://a.example/demo-1.0-py3-none-any.whl", "a" * 64)
    verdict = vet(seen, policy)
    assert verdict.decision is Decision.ASK
    text = shown(report(Package(seen, verdict, verdict.decision), exit_code=11))
    assert commands(text)[0][-6:] == ["--check", "direct-reference", "--sha256", "a" * 64, "--reason", "…"]
    excepted = replace(policy, allow=tuple(allowed(text)))
    assert vet(seen, excepted).decision is Decision.WARN, "of its vulnerability, and of nothing else"
    moved = at_an_address("http://b.example/demo-1.0-py3-none-any.whl", "a" * 64)
    assert vet(moved, excepted).decision is Decision.WARN, "the same bytes are the same file"
    for url in ("http://a.example/demo-1.0-py3-none-any.whl", "http://b.example/demo-1.0-py3-none-any.whl"):
        assert vet(at_an_address(url, "b" * 64), excepted).decision is Decision.ASK
        announced = at_an_address(url, "b" * 64, announced="a" * 64)
        assert vet(announced, excepted).decision is Decision.BLOCK


@pytest.mark.parametrize("check", sorted(discover()))
def test_an_exception_names_the_bytes_where_the_finding_is_about_them(check: str) -> None:
    """Of an index somebody may add a further file to a release; what is known of a project stays as it is."""
    of_bytes = {"artifact-integrity", "direct-reference", "provenance", "provenance-continuity"} | {
        "source-only",
        "startup-code",
    }
    found = package(judged(check, Action.BLOCK))
    (words,) = commands(shown(report(found)))
    digest = (
        found.evidence.file.sha256
        if not isinstance(found.evidence.sha256, Known)
        else found.evidence.sha256.value
    )
    assert ("--sha256" in words) is (check in of_bytes)
    assert (digest in words) is (check in of_bytes)


def test_where_nobody_knows_the_digest_none_is_named() -> None:
    found = package(judged("direct-reference", Action.BLOCK))
    lost = replace(found.evidence, sha256=Unavailable("artifact", "no answer"))
    unknown = replace(evidence().file, hashes={})
    for some in (lost, replace(evidence(), file=unknown, sha256=Absent())):
        (words,) = commands(shown(report(replace(found, evidence=some))))
        assert "--sha256" not in words


def test_where_the_organisation_lets_nobody_add_exceptions_no_command_is_told_that_cannot_work() -> None:
    rules = ExceptionRules("no", "/etc/trustguard/trustguard.toml")
    refused = report(package(judged("clone", Action.BLOCK)), exit_code=10, exceptions=rules)
    left_out = report(withheld=(withheld("3.0"),), exit_code=10, exceptions=rules)
    for some in (refused, left_out):
        text = shown(some)
        assert commands(text) == []
        assert (
            "  no exception of yours can allow it: ask whoever keeps /etc/trustguard/trustguard.toml\n"
            in text
        )


def test_where_an_exception_is_only_a_question_that_is_said_beforehand() -> None:
    rules = ExceptionRules("ask", "/etc/trustguard/trustguard.toml")
    text = shown(report(package(judged("clone", Action.BLOCK)), exit_code=10, exceptions=rules), 160)
    assert (
        "  to allow it, and say why "
        "(then somebody is asked at each use, by /etc/trustguard/trustguard.toml):\n"
        '    trustguard allow demo==1.0 --check clone --reason "…"\n'
    ) in text


def test_what_an_exception_turned_into_a_question_is_not_told_to_be_excused() -> None:
    rules = ExceptionRules("ask", "/etc/trustguard/trustguard.toml")
    asked = package(judged("clone", Action.ASK, excused="ours"))
    text = shown(report(asked, exit_code=11, exceptions=rules))
    assert commands(text) == []
    assert "  an exception is there already (ours), and somebody has to agree: answer at a terminal\n" in text
    assert text.endswith("trustguard: 1 file vetted, 1 waiting for approval, nothing installed\n")
    both = package(judged("clone", Action.ASK, excused="ours"), judged("starjacking", Action.ASK))
    assert [words[3:5] for words in commands(shown(report(both, exit_code=11, exceptions=rules)))] == [
        ["--check", "starjacking"]
    ]


def test_what_somebody_agreed_to_counts_as_excused() -> None:
    some = package(
        judged("clone", Action.ASK, excused="ours"), decision=Decision.ALLOW, approved=True, installed=True
    )
    assert shown(report(some)).endswith("trustguard: 1 file vetted, 1 installed, 1 finding excused\n")


def test_no_exception_is_offered_against_a_denial() -> None:
    deny = Deny(Selector("demo"), "incident 42")
    verdict = vet(evidence(), Policy(deny=(deny,)))
    text = shown(report(Package(evidence(), verdict, verdict.decision)))
    assert "  denied: demo 1.0 is denied: incident 42\n" in text
    assert "  no exception can allow it: a [[deny]] entry refuses it\n" in text
    assert commands(text) == []


@pytest.mark.parametrize("check", ["known-malicious", "provenance"])
def test_what_is_hardly_ever_wrong_is_not_allowed_lightly(check: str) -> None:
    text = shown(report(package(judged(check, Action.BLOCK), judged("clone", Action.BLOCK))))
    assert f"  only if {check} is known to be wrong here:\n" in text
    (words,) = commands(text)
    assert words[:7] == ["trustguard", "allow", "demo==1.0", "--check", "clone", "--check", check]


def test_a_command_is_never_broken_over_lines() -> None:
    many = [judged(check, Action.BLOCK) for check in sorted(discover())]
    (line,) = (one for one in shown(report(package(*many)), 40).splitlines() if "trustguard allow" in one)
    assert shlex.split(line)[-2:] == ["--reason", "…"]


def test_refusals_come_first_then_approvals_then_warnings() -> None:
    text = shown(
        report(
            package(judged("clone", Action.WARN), filename="w-1-py3-none-any.whl"),
            package(judged("clone", Action.ASK), filename="a-1-py3-none-any.whl"),
            package(judged("clone", Action.BLOCK), filename="b-1-py3-none-any.whl"),
            exit_code=10,
        )
    )
    heads = re.findall(r"^(BLOCKED b|NEEDS APPROVAL a|warning: \[clone\] w)", text, re.MULTILINE)
    assert heads == ["BLOCKED b", "NEEDS APPROVAL a", "warning: [clone] w"]
    assert text.endswith("trustguard: 3 files vetted, 1 refused, 1 waiting for approval, nothing installed\n")


def test_an_answer_of_no_is_told_from_a_rule() -> None:
    text = shown(report(package(judged("clone", Action.ASK), decision=Decision.BLOCK), exit_code=11))
    assert text.startswith("DECLINED demo 1.0 ")


def test_what_somebody_agreed_to_is_said_in_one_line() -> None:
    some = package(
        judged("clone", Action.ASK, "a copy"), decision=Decision.ALLOW, approved=True, installed=True
    )
    assert shown(report(some)) == (
        "approved: [clone] demo 1.0: a copy\ntrustguard: 1 file vetted, 1 installed\n"
    )


def vulnerability(advisory: str, remedy: str) -> Any:
    """A finding as the check makes it."""
    message = f"demo 1.0 has {advisory}: a flaw"
    return judged("vulnerability", Action.WARN, message, remedy, evidence=(advisory, "CVE-0"))


def test_one_vulnerability_is_one_line() -> None:
    assert shown(report(package(vulnerability("GHSA-1", "fixed in 2.0")))).splitlines()[0] == (
        "warning: [vulnerability] demo 1.0 has GHSA-1: a flaw (fixed in 2.0)"
    )


def test_several_vulnerabilities_of_a_release_are_one_line() -> None:
    wheel = package(vulnerability("GHSA-1", "fixed in 2.0"), vulnerability("GHSA-2", "fixed in 2.0"))
    sdist = package(vulnerability("GHSA-2", "fixed in 2.0"), filename="demo-1.0.tar.gz")
    assert shown(report(wheel, sdist)).splitlines()[:-1] == [
        "warning: [vulnerability] demo 1.0 has 2 vulnerabilities: GHSA-1, GHSA-2 (fixed in 2.0)"
    ]


def test_several_findings_of_another_check_are_one_line_that_counts_them() -> None:
    some = package(*(judged("secrets", Action.WARN, f"a key in {name}") for name in "abc"))
    assert shown(report(some)).splitlines()[:-1] == [
        "warning: [secrets] demo 1.0: a key in a (and 2 more findings)"
    ]


def test_a_warning_fills_a_few_lines_of_the_terminal_and_none_is_too_long() -> None:
    some = package(judged("secrets", Action.WARN, "x " * 500, "y " * 500))
    *told, _ = shown(report(some), width=80).splitlines()
    assert len(told) <= 5
    assert all(len(line) <= 80 for line in told)
    assert all(line.startswith("  ") for line in told[1:])


def test_a_warning_says_to_its_end_what_a_check_says() -> None:
    why = (
        "markupsafe-3.0.4.tar.gz has to be built, by its setup.py, with setuptools>=77; "
        "the project is number 33 of the most downloaded ones"
    )
    some = package(judged("source-only", Action.WARN, why, "take a version that has a wheel"))
    told = " ".join(line.strip() for line in shown(report(some), width=80).splitlines())
    assert f"{why} (take a version that has a wheel)" in told


def withheld(*versions: str, action: Action = Action.WITHHOLD) -> Withheld:
    """Versions left out because they are too young."""
    young = judged("release-age", action, "uploaded 2 hours ago", "it passes from Friday on")
    return Withheld("demo", versions, package(young).verdict)


def test_what_was_withheld_is_one_line_a_project() -> None:
    some = report(package(installed=True), withheld=(withheld("3.0", "2.9"), withheld("1.0")))
    assert shown(some, 120).splitlines() == [
        (
            "withheld: demo 3.0 and 1 more version: [release-age] uploaded 2 hours ago "
            "(it passes from Friday on)"
        ),
        "withheld: demo 1.0: [release-age] uploaded 2 hours ago (it passes from Friday on)",
        "trustguard: 1 file vetted, 1 installed",
    ]


def test_a_run_that_failed_because_of_withholding_says_how_to_allow_it() -> None:
    text = shown(report(withheld=(withheld("3.0", "2.9"),), exit_code=10, message="ask us"))
    (exception,) = allowed(text)
    assert exception.selector.project == "demo"
    assert exception.selector.version == SpecifierSet("==3.0")
    assert exception.checks == ("release-age",)
    assert "\nask us\n" in text


def test_withheld_for_an_outage_says_so() -> None:
    verdict = package(unanswered("known-malicious", "advisories", Action.BLOCK, "no database")).verdict
    text = shown(report(withheld=(Withheld("demo", ("1.0",), verdict),)))
    assert "withheld: demo 1.0: [known-malicious] could not be checked: no database\n" in text


def test_an_outage_is_said_once_for_all_files() -> None:
    files = [
        package(unanswered("clone", "forge", Action.WARN, "timed out"), installed=True) for _ in range(3)
    ]
    some = report(*files, outages=(Outage("forge", "timed out", ("clone", "provenance"), 3),))
    assert shown(some).splitlines() == [
        "not checked: 3 files: clone, provenance could not be checked (forge): timed out",
        "trustguard: 3 files vetted, 3 installed",
    ]


def test_an_outage_that_the_report_forgot_is_said_all_the_same() -> None:
    some = report(package(unanswered("clone", "forge", Action.OFF, "timed out"), installed=True))
    assert shown(some).startswith("not checked: 1 file: clone could not be checked (forge): timed out\n")


def test_what_an_outage_keeps_out_is_said_once_with_no_exception_that_would_hide_malware() -> None:
    files = [
        package(
            unanswered("known-malicious", "advisories", Action.BLOCK, "no database"),
            filename=f"p{n}-1-py3-none-any.whl",
        )
        for n in range(12)
    ]
    outage = Outage("advisories", "no database", ("known-malicious", "vulnerability"), 12)
    assert shown(report(*files, outages=(outage,), exit_code=12)) == (
        "NOT VETTED p0 1, p1 1, p2 1, p3 1, p4 1, p5 1, p6 1, p7 1, p8 1, p9 1 and 2 more\n"
        "  known-malicious, vulnerability could not be checked (advisories): no database\n"
        "  what to do: try again when the source (advisories) answers\n"
        "  to install without, in the trustguard.toml of the user or the organisation:\n"
        '    on-unavailable = { advisories = "warn" }\n'
        "\n"
        "trustguard: 0 files vetted, 12 not vetted, nothing installed\n"
    )


def test_a_file_that_is_refused_for_a_finding_says_its_outage_too() -> None:
    text = shown(
        report(
            package(
                judged("clone", Action.BLOCK),
                unanswered("known-malicious", "advisories", Action.BLOCK, "gone"),
            )
        )
    )
    assert "  known-malicious: could not be checked: gone\n" in text
    assert commands(text) == [["trustguard", "allow", "demo==1.0", "--check", "clone", "--reason", "…"]]


def test_what_was_never_vetted_and_what_went_wrong_is_said() -> None:
    some = report(unvetted=("old 1.0", "older 0.1"), problems=("an index did not answer",), exit_code=1)
    assert shown(some).splitlines() == [
        "never vetted: old 1.0, older 0.1 (installed already, and not by trustguard)",
        "problem: an index did not answer",
        "trustguard: nothing installed",
    ]


def test_what_a_run_that_failed_has_not_come_to_is_said() -> None:
    some = report(unreached=("good", "missing-x"), exit_code=10, command="check")
    assert shown(some).splitlines() == [
        "not looked at: good, missing-x (the run ended before there was a verdict)",
        "trustguard: blocked",
    ]


def test_what_no_source_has_is_said_with_what_may_have_been_meant() -> None:
    some = report(missing=(Missing("reqeusts", "requests"), Missing("nothing-like-it")), exit_code=1)
    assert shown(some).splitlines()[:-1] == [
        "no source has reqeusts: did you mean requests?",
        "no source has nothing-like-it",
    ]


def test_a_thousand_findings_are_counted_not_listed() -> None:
    some = package(*(judged("secrets", Action.BLOCK, f"key {n}") for n in range(1000)))
    lines = shown(report(some)).splitlines()
    assert len(lines) < 20
    assert "  and 992 more findings" in lines


def test_long_text_is_wrapped_and_hangs() -> None:
    lines = shown(report(package(judged("clone", Action.BLOCK, "word " * 40))), width=60).splitlines()
    told = [line for line in lines if "word" in line]
    assert len(told) > 3
    assert max(map(len, told)) <= 60
    assert told[0].startswith("  clone: word")
    assert all(line.startswith("    word") for line in told[1:])


def everything(text: str) -> Report:
    """A report in which whatever somebody else can write is this text."""
    clean = evidence()
    name: Any = text
    foreign_file = replace(clean.file, name=replace(clean.file.name, filename=text, project=name))
    foreign = replace(clean, file=foreign_file, index=replace(clean.index, url=text))
    kinds = (Action.BLOCK, Action.ASK, Action.WARN)
    verdicts = [package(judged("vulnerability", a, text, text, evidence=(text,))).verdict for a in kinds]
    out = package(unanswered("known-malicious", "advisories", Action.BLOCK, text)).verdict
    packages = [Package(foreign, verdict, verdict.decision) for verdict in (*verdicts, out)]
    return Report(
        "install",
        Decision.BLOCK,
        10,
        tuple(packages),
        withheld=(Withheld(text, (text, text), verdicts[0]),),
        outages=(Outage("advisories", text, ("known-malicious",), 1), Outage("forge", text, ("clone",), 1)),
        unvetted=(text,),
        problems=(text,),
        message=text,
    )


@pytest.mark.parametrize(
    "some", [everything(HOSTILE), replace(everything(HOSTILE), packages=())], ids=["refused", "withheld"]
)
def test_hostile_text_makes_no_line_and_has_no_power_over_the_terminal(some: Report) -> None:
    text = shown(some)
    assert {unicodedata.category(char) for char in text.replace("\n", "")}.isdisjoint(
        {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    )
    assert not any(line.startswith("fake:") for line in text.split("\n"))
    assert "\\u{1b}[31mred" in text
    for program, command, *_, check, id_, reason, why in commands(text):
        assert (program, command, check, id_) == ("trustguard", "allow", "--check", "vulnerability")
        assert (reason, why) == ("--reason", "…")
    assert {len(words) for words in commands(text)} == {7}


def test_ten_thousand_characters_everywhere_stay_readable() -> None:
    text = shown(everything("x" * 10_000))
    assert len(text) < 10_000
    assert max(map(len, text.splitlines())) <= 520


@given(reports(), st.integers(1, 200))
def test_every_report_can_be_shown_and_is_safe_to_show(some: Report, width: int) -> None:
    text = shown(some, width)
    assert text.endswith("\n")
    assert all(line.isprintable() or max(line) >= "\u00a0" for line in text.split("\n"))
    assert "\x1b" not in text
    lines = [line for line in text.splitlines() if not line.startswith(TO_COPY)]
    assert all(columns(line) <= max(width, 20) for line in lines), max(lines, key=columns)


@given(reports())
def test_colour_says_nothing_that_the_words_do_not(some: Report) -> None:
    colored = render(some, width=90, color=True)
    assert re.sub(r"\x1b\[(?:0|1;31|33)m", "", colored) == shown(some, 90)


def test_a_list_of_every_file_has_a_line_for_each() -> None:
    some = report(
        package(judged("clone", Action.WARN, "a copy")),
        package(filename="fine-2.tar.gz"),
        command="check",
    )
    assert render(some, width=100, color=False, every=True).splitlines() == [
        f"warn: demo 1.0 ({FILE})",
        "allow: fine 2 (fine-2.tar.gz)",
        "warning: [clone] demo 1.0: a copy",
        "trustguard: 2 files vetted",
    ]


def test_a_refusal_is_coloured_where_colours_are_wanted() -> None:
    text = render(report(package(judged("clone", Action.BLOCK))), width=100, color=True)
    assert text.startswith("\x1b[1;31mBLOCKED\x1b[0m demo 1.0 ")


def test_of_provenance_that_is_demanded_it_is_said_that_no_setting_does_without_it() -> None:
    missing = package(unanswered("provenance", "provenance", Action.BLOCK, "no answer"))
    outage = Outage("provenance", "no answer", ("provenance",), 1)
    text = shown(report(missing, outages=(outage,), exit_code=12))
    assert "[[publisher]] or checks.provenance.required demands provenance" in " ".join(text.split())


def test_a_source_that_keeps_nothing_out_is_no_reason_why_something_was_not_vetted() -> None:
    kept = unanswered("source-only", "artifact", Action.BLOCK)
    text = shown(report(package(kept, unanswered("provenance", "provenance", Action.WARN)), exit_code=12))
    assert text.count("NOT VETTED") == 1
    assert "on-unavailable = { artifact" in text
    assert "on-unavailable = { provenance" not in text
    assert "provenance could not be checked" in " ".join(text.split())


def test_the_reason_of_an_outage_reaches_the_report_from_a_real_verdict() -> None:
    lost = replace(evidence(), advisories=Unavailable("advisories", "no database"))
    policy = Policy(on_unavailable=MappingProxyType({"advisories": "block"}))
    verdict = vet(lost, policy)
    text = shown(report(Package(lost, verdict, verdict.decision), exit_code=12))
    assert text.startswith("NOT VETTED demo 1.0\n  known-malicious, vulnerability could not be checked")
