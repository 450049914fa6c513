"""An audit is told with the worst first, what to type stands on one line, and no text has any power."""

from __future__ import annotations

import json
import shlex
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.model.strategies import texts
from tests.model.test_audit import DATA, NOW, UNREADABLE, one
from tests.reports.samples import HOSTILE, judged, unanswered
from tests.reports.strategies import verdicts
from trustguard.model.audit import Audit, Audited, Comparison, Data, Deviation, Stray
from trustguard.model.policy import Action
from trustguard.reports.audit_commands import proposals
from trustguard.reports.audit_json import to_json
from trustguard.reports.audit_report import render
from trustguard.reports.json_report import as_text

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}

deviations = st.builds(Deviation, kind=st.sampled_from(["changed", "missing", "added", "record"]), path=texts)
audits = st.builds(
    Audit,
    interpreter=texts,
    folders=st.tuples(texts),
    at=st.just(NOW),
    distributions=st.lists(
        st.builds(
            Audited,
            name=texts,
            version=texts,
            place=texts,
            origin=st.sampled_from(["vetted", "replaced", "unvetted", "own", "unreadable"]),
            remark=texts,
            verdict=st.none() | verdicts,
            by_evidence=st.booleans(),
            approved=st.booleans(),
            comparison=st.builds(
                Comparison, deviations=st.lists(deviations, max_size=3).map(tuple), why_not=texts
            ),
            fixed=texts,
            editable=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    strays=st.lists(st.builds(Stray, path=texts, start_up=st.booleans(), code=texts), max_size=2).map(tuple),
    advisories=st.none() | st.just(DATA),
    rewritten=st.tuples(texts),
    problems=st.tuples(texts),
    message=texts,
)


def audit(*distributions: Audited, **parts: Any) -> Audit:
    """An audit that has found these."""
    return Audit("/env/bin/python", ("/env/site",), NOW, distributions, **{"advisories": DATA, **parts})


def lines(found: Audit, **options: Any) -> list[str]:
    """What is said to people, at 80 columns."""
    return render(found, **{"width": 80, "color": False, **options}).splitlines()


def commands(found: Audit) -> list[list[str]]:
    """What is proposed, without what every command begins with."""
    begin = ["trustguard", "--python", "/env/bin/python"]
    words = [list(proposal.words) for proposal in proposals(found)]
    return [line[3:] if line[:3] == begin else line for line in words]


@given(audits, st.booleans(), st.booleans())
def test_nothing_that_is_shown_has_power_over_the_terminal(found: Audit, fix: bool, every: bool) -> None:
    text = render(found, width=80, color=False, fix=fix, every=every)
    assert text.endswith("\n")
    assert not [c for line in text.split("\n") for c in line if unicodedata.category(c) in HIDDEN]


@given(audits)
def test_every_document_is_as_the_schema_says_and_printable(found: Audit) -> None:
    text = as_text(to_json(found))
    VALIDATOR.validate(json.loads(text))
    assert text.isascii()


def test_a_block_says_what_was_found_and_what_to_do() -> None:
    found = one(
        judged("known-malicious", Action.WITHHOLD, "demo 1.0 is listed as malicious (MAL-1)", "run"),
        judged("vulnerability", Action.WARN, "demo 1.0 has X-1: a flaw", evidence=("X-1", "CVE-2026-1")),
        fixed="1.5",
        comparison=Comparison((Deviation("changed", "demo.py"), Deviation("added", "more.py"))),
    )
    assert lines(audit(found))[:6] == [
        "MALICIOUS demo 1.0",
        "  changed: demo.py",
        "  added by nobody: more.py",
        "  known-malicious: demo 1.0 is listed as malicious (MAL-1) (run)",
        "  vulnerability: CVE-2026-1, fixed in 1.5: a flaw",
        "",
    ]


@pytest.mark.parametrize(
    ("distribution", "label"),
    [
        (one(judged("denied", Action.BLOCK)), "REFUSED demo 1.0"),
        (one(judged("startup-code", Action.ASK)), "NEEDS APPROVAL demo 1.0"),
        (one(unanswered("provenance", "provenance", Action.BLOCK)), "NOT CHECKED demo 1.0"),
        (UNREADABLE, "NOT CHECKED demo 1.0"),
        (one(comparison=Comparison((Deviation("missing", "x"),))), "CHANGED demo 1.0"),
    ],
)
def test_every_kind_of_trouble_has_a_label_that_the_summary_counts(distribution: Audited, label: str) -> None:
    told = lines(audit(distribution, replace(distribution, name="another")))
    assert told[0] == label
    assert f"2 {label.removesuffix(' demo 1.0').lower()}" in told[-1]


def test_several_vulnerabilities_are_told_at_once_under_their_best_known_names() -> None:
    flaws = [judged("vulnerability", Action.WARN, evidence=(f"X-{n}", f"CVE-{n}")) for n in range(7)]
    told = lines(audit(one(*flaws)))
    assert told[:2] == [
        "vulnerable: demo 1.0: 7 known, no fixed version is known: CVE-0, CVE-1, CVE-2,",
        "  CVE-3, CVE-4 and 2 more",
    ]
    assert "CVE-6" in "".join(lines(audit(one(*flaws)), every=True)[:2])


def test_a_plain_environment_is_one_line_and_no_wall() -> None:
    there = [one(name=f"demo{n}", origin="unvetted") for n in range(63)]
    assert lines(audit(*there)) == [
        "never vetted: 63 distributions (none of them is in the ledger)",
        "looked at: /env/site",
        "advisories: 3 records, 0 hours old",
        "trustguard: 63 distributions, 63 never vetted",
    ]


def test_what_could_not_be_checked_is_said_once_for_all_that_it_concerns() -> None:
    silent = [unanswered(c, "advisories", Action.WARN) for c in ("known-malicious", "vulnerability")]
    told = lines(audit(one(*silent), one(*silent, name="more")))
    assert told[0] == "not checked: known-malicious, vulnerability of 2 distributions: no answer"


def test_the_age_of_the_advisories_is_said_and_that_there_are_none() -> None:
    old = Data(13_808, NOW - timedelta(hours=30, minutes=59), "x")
    assert "advisories: 13,808 records, 30 hours old" in lines(audit(advisories=old))
    assert "advisories: none, so nobody can tell what is malicious" in lines(audit(advisories=None))


# What to type.


def test_the_refused_is_removed_the_vulnerable_updated_the_changed_put_back_and_the_rest_vetted() -> None:
    flaw, bad = judged("vulnerability", Action.WARN), judged("known-malicious", Action.WITHHOLD)
    changed = Comparison((Deviation("changed", "x"),))
    found = audit(
        one(bad, flaw, name="evil", fixed="2", comparison=changed),
        one(name="hurt", comparison=changed),
        one(judged("vulnerability", Action.BLOCK), name="old", fixed="1.5", origin="unvetted"),
        one(flaw, name="lost"),
        one(name="new", origin="unvetted"),
        one(name="other", origin="replaced", version="1.0+local"),
        one(name="mine", origin="own", verdict=None),
        UNREADABLE,
    )
    assert commands(found) == [
        ["pip", "uninstall", "evil"],
        ["install", "--force-reinstall", "--no-deps", "hurt==1.0"],
        ["install", "old==1.5"],
        ["install", "--force-reinstall", "--no-deps", "new==1.0", "other==1.0+local"],
    ]


def test_what_was_added_is_removed_before_the_rest_is_put_back() -> None:
    added = Comparison((Deviation("added", "demo/a b.py"), Deviation("changed", "demo/x.py")))
    found = audit(one(place="/env/site/demo-1.0.dist-info", comparison=added))
    assert commands(found) == [
        ["rm", "--", "/env/site/demo/a b.py"],
        ["install", "--force-reinstall", "--no-deps", "demo==1.0"],
    ]
    assert "  rm -- '/env/site/demo/a b.py'" in lines(found, fix=True)


def test_a_command_is_one_line_that_a_shell_reads_as_it_was_meant() -> None:
    there = [one(name=f"a-name-that-is-long-{n}", origin="unvetted") for n in range(20)]
    found = replace(audit(*there), interpreter="/my env/$(evil)/python")
    (line,) = [line for line in lines(found, fix=True) if line.startswith("  trustguard")]
    assert tuple(shlex.split(line)) == proposals(found)[0].words


@pytest.mark.parametrize("name", ["-r", "a b", HOSTILE, "", "A", "x;evil"])
def test_what_is_no_name_is_in_no_command(name: str) -> None:
    bad = judged("known-malicious", Action.WITHHOLD)
    assert commands(audit(one(bad, name=name), one(name=name, origin="unvetted"))) == []
