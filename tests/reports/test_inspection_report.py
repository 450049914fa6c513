"""What a file is shows at a glance, as text and as JSON, and nothing of it has power over the terminal."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.model.strategies import evidence as evidences
from tests.model.strategies import text_tuples, texts
from tests.reports.samples import HOSTILE, judged, package, report, unanswered
from tests.reports.strategies import verdicts
from trustguard.model.build import Build
from trustguard.model.contents import Contents, StartUp, StartUpKind
from trustguard.model.evidence import Known, NotApplicable
from trustguard.model.inspection import (
    Compiled,
    CompiledKind,
    EntryPoint,
    Excerpt,
    Inspection,
    Item,
    ItemKind,
    Summary,
)
from trustguard.model.policy import Action
from trustguard.model.project import sha256
from trustguard.model.report import Package, Withheld
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.inspection_json import to_json
from trustguard.reports.inspection_report import Inspected, render
from trustguard.reports.json_report import as_text
from trustguard.reports.width import columns

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8")
)
INSPECT = Draft202012Validator({"$ref": "#/$defs/inspect", "$defs": SCHEMA["$defs"]})
WHEEL = "demo-1.0-py3-none-any.whl"
SUMMARY = Summary(
    "2.4", "Demo", "1.0", "A demonstration.", "MIT", ">=3.10", ("idna>=3", "x; extra == 'y'"), ("y",)
)
INSPECTION = Inspection(
    packed=1234,
    items=(
        Item("demo/__init__.py", "file", 10),
        Item("demo/fast.so", "file", 2_000_000, executable=True),
        Item("demo/run.sh", "file", 5, executable=True),
        Item("demo.pth", "file", 11),
    ),
    summary=SUMMARY,
    entry_points=(
        EntryPoint("console_scripts", "demo", "demo:main"),
        EntryPoint("pytest11", "demo", "demo.plugin"),
    ),
    compiled=(Compiled("demo/fast.so", 2_000_000, "ELF"),),
)
CONTENTS = Contents(
    start_up=(StartUp("pth", "demo.pth", "import demo"), StartUp("pytest", "pytest11", "demo = demo.plugin")),
    scripts=("demo",),
    top_level=("demo", "demo.libs"),
)


def inspected(
    *grounds: Any, inspection: Inspection | None = INSPECTION, filename: str = WHEEL, **facts: Any
) -> Inspected:
    """A file, inspected."""
    one = package(*grounds, filename=filename)
    known = {"sha256": Known(sha256("ab" * 32)), "contents": Known(CONTENTS), **facts}
    return Inspected(replace(one, evidence=replace(one.evidence, **known)), inspection)


def shown(*files: Inspected, every: bool = False, width: int = 100, **parts: Any) -> list[str]:
    """The lines, without colours."""
    some = report(*(one.package for one in files), command="inspect", **parts)
    return render(files, some, width=width, color=False, every=every).splitlines()


def test_a_file_that_nothing_speaks_against_is_told_on_one_page() -> None:
    assert shown(inspected()) == [
        f"allow: demo 1.0 ({WHEEL})",
        "  A demonstration.",
        "  file          a wheel for py3-none-any",
        "  size          1.2 kB; 4 files of 2.0 MB",
        f"  sha256        {'ab' * 32}",
        "  from          https://index.example/simple/",
        "  checked       release-age",
        "",
        "  what was found:",
        "    nothing",
        "",
        "  what it says of itself:",
        "  name          Demo 1.0, metadata 2.4",
        "  licence       MIT",
        "  Python        >=3.10",
        "  requires      idna>=3",
        "  extras        y, which require 1 more",
        "",
        "  what it would do:",
        "  imports       demo",
        "  commands      demo",
        "  entry points  [pytest11] demo = demo.plugin",
        "  start-up      demo.pth, whenever Python starts",
        "        | import demo",
        "                pytest11, whenever pytest starts",
        "  compiled      1 file of 2.0 MB: 1 ELF",
        "                demo/fast.so (ELF, 2.0 MB)",
        "  executable    2 files: demo/run.sh",
        "",
        "  what is in it:",
        "    2.0 MB  demo/  (3 files)",
        "    2.0 MB    fast.so",
        "      10 B    __init__.py",
        "       5 B    run.sh",
        "      11 B  demo.pth",
        "",
        "trustguard: 1 file vetted",
    ]


def test_a_finding_is_told_with_the_text_that_it_is_about_and_the_text_once() -> None:
    message = f"{WHEEL}: 'demo.pth' runs whenever Python starts: 'import demo'"
    finding = judged("startup-code", Action.BLOCK, message, "read it", evidence=("import demo",))
    excerpt = Excerpt(message, "demo.pth", None, "import demo")
    lines = shown(inspected(finding, inspection=replace(INSPECTION, excerpts=(excerpt,))), exit_code=10)
    begin = lines.index("  what was found:")
    assert lines[begin + 1 : begin + 8] == [
        "    block: startup-code (high): 'demo.pth' runs whenever Python starts",
        "      demo.pth:",
        "        | import demo",
        "      what to do: read it",
        "  to allow it, and say why:",
        f'    trustguard allow demo==1.0 --check startup-code --sha256 {"ab" * 32} --reason "…"',
        "",
    ]
    assert "\n".join(lines).count("| import demo") == 1
    assert lines[-1] == "trustguard: 1 file vetted, 1 refused"


@pytest.mark.parametrize(("quote", "code"), [("'", 'say("x")'), ('"', "say('x')"), ("'", "say('x', \"y\")")])
def test_code_is_cut_off_from_a_message_however_it_is_quoted(quote: str, code: str) -> None:
    message = f"{WHEEL}: 'demo.pth' runs: {code!a}"
    assert f": {quote}say(" in message
    finding = judged("startup-code", Action.WARN, message, evidence=(code,))
    excerpts = (Excerpt(message, "demo.pth", 3, code),)
    lines = shown(inspected(finding, inspection=replace(INSPECTION, excerpts=excerpts)))
    assert "    warn: startup-code (high): 'demo.pth' runs" in lines
    assert "      demo.pth, line 3:" in lines


def test_long_text_is_cut_and_that_is_said_unless_everything_is_wanted() -> None:
    finding = judged("startup-code", Action.WARN)
    long = Excerpt("seen", "demo.pth", None, "\n".join(map(str, range(20))), whole=False)
    file = inspected(finding, inspection=replace(INSPECTION, excerpts=(long,)))
    assert "        | (8 more lines)" in shown(file)
    every = shown(file, every=True)
    assert "        | 19" in every
    assert "        (and more, which was not kept)" in every


def test_a_note_is_told_without_what_to_do_and_an_excuse_with_its_reason() -> None:
    note = judged("clone", Action.OFF, "seen", "do this")
    excused = judged("typosquatting", Action.OFF, "alike", excused="ours")
    lines = shown(inspected(note, excused))
    assert "    note: clone (high): seen" in lines
    assert "    note: typosquatting (high): excused: ours; alike" in lines
    assert not any("do this" in line for line in lines)


def test_what_was_not_asked_and_what_could_not_be_checked_is_said() -> None:
    file = inspected(unanswered("vulnerability", "advisories", Action.WARN))
    lines = shown(replace(file, not_asked=("clone", "provenance")))
    assert "  not asked     clone, provenance: it takes an index to tell, and none was asked" in lines
    assert "  not checked   vulnerability: see below" in lines
    assert "not checked: 1 file: vulnerability could not be checked (advisories): no answer" in lines


def test_a_file_whose_bytes_were_not_fetched_says_so() -> None:
    file = inspected(judged("deny", Action.BLOCK), inspection=None, sha256=NotApplicable("not fetched"))
    lines = shown(replace(file, unread="its bytes were not fetched"), exit_code=10)
    assert "  not read      its bytes were not fetched" in lines
    assert not any(line.startswith("  sha256") or "what is in it" in line for line in lines)


def test_where_everything_was_withheld_there_is_nothing_to_look_into() -> None:
    withheld = Withheld("demo", ("1.0",), Verdict((judged("known-malicious", Action.WITHHOLD),)))
    lines = shown(exit_code=10, withheld=(withheld,))
    assert lines[0] == "No bytes were fetched, so there is nothing to look into."
    assert lines[2].startswith("withheld: demo 1.0: [known-malicious] seen")
    assert lines[-1] == "trustguard: blocked"


def test_what_was_judged_beside_it_has_a_line() -> None:
    other = package(judged("clone", Action.WARN), filename="helper-2.0-py3-none-any.whl")
    file = inspected()
    some = report(file.package, other, command="inspect")
    lines = render([file], some, width=100, color=False).splitlines()
    assert lines[-3:] == [
        "warn: helper 2.0 (helper-2.0-py3-none-any.whl)",
        "warning: [clone] helper 2.0: seen",
        "trustguard: 2 files vetted",
    ]


def test_of_an_sdist_it_is_told_how_it_is_built() -> None:
    build: dict[str, Any] = {
        "build": Known(Build("hatchling.build")),
        "build_requires": Known(("hatchling",)),
    }
    lines = shown(inspected(filename="demo-1.0.tar.gz", **build))
    assert "  file          an sdist, which has to be built" in lines
    assert "  built by      hatchling.build" in lines
    assert "  built with    hatchling" in lines
    assert not any(line.startswith("  imports") for line in lines)
    assumed = shown(inspected(filename="demo-1.0.tar.gz", build=Known(Build(in_tree=True, setup_py=True))))
    assert (
        "  built by      setuptools, which is assumed where none is named, a backend of its own; it has a"
        in assumed
    )


def test_everything_is_everything() -> None:
    items = (Item("d", "directory", 0), Item("d/l", "symbolic link", 0, target="x"), *INSPECTION.items)
    wanted = replace(SUMMARY, requires_dist=tuple(f"p{number}" for number in range(30)))
    file = inspected(inspection=replace(INSPECTION, items=items, summary=wanted))
    assert "                and 20 more" in shown(file)
    lines = shown(file, every=True)
    assert "                p29" in lines
    assert lines[lines.index("  what is in it:") + 1 : -2] == [
        "             0  d/",
        "             0  d/l -> x (symbolic link)",
        "            10  demo/__init__.py",
        "     2,000,000  demo/fast.so  executable",
        "             5  demo/run.sh  executable",
        "            11  demo.pth",
    ]


def test_of_a_large_file_the_largest_entries_are_named() -> None:
    items = tuple(Item(f"d/{number:03}.py", "file", number) for number in range(100))
    lines = shown(inspected(inspection=replace(INSPECTION, items=items)))
    assert "    the largest: d/099.py (99 B), d/098.py (98 B), d/097.py (97 B)" in lines


numbers = st.integers(0, 10**12)
inspections = st.builds(
    Inspection,
    packed=numbers,
    items=st.lists(
        st.builds(
            Item,
            path=texts,
            kind=st.sampled_from(get_args(ItemKind)),
            size=numbers,
            executable=st.booleans(),
            target=texts,
        ),
        max_size=4,
    ).map(tuple),
    summary=st.none()
    | st.builds(
        Summary,
        *[texts] * 6,
        requires_dist=text_tuples,
        provides_extra=text_tuples,
        project_urls=text_tuples,
    ),
    entry_points=st.lists(st.builds(EntryPoint, texts, texts, texts), max_size=3).map(tuple),
    compiled=st.lists(
        st.builds(Compiled, texts, numbers, st.sampled_from(get_args(CompiledKind))), max_size=3
    ).map(tuple),
    excerpts=st.lists(
        st.builds(Excerpt, texts, texts, st.none() | st.integers(1, 9), texts, st.booleans()), max_size=3
    ).map(tuple),
    unread=texts,
)
packages = st.builds(
    Package,
    evidence=evidences,
    verdict=verdicts,
    decision=st.sampled_from(Decision),
    approved=st.just(value=False),
)


@given(packages, st.none() | inspections, texts)
def test_every_inspection_is_as_the_schema_says(
    one: Package, inspection: Inspection | None, unread: str
) -> None:
    told = to_json([Inspected(one, inspection, unread)], report(one, command="inspect"))
    INSPECT.validate(json.loads(as_text(told)))


@given(packages, inspections, st.booleans())
def test_no_hidden_character_reaches_the_terminal(one: Package, inspection: Inspection, every: bool) -> None:
    hostile = replace(
        inspection,
        items=(Item(f"{HOSTILE}/{HOSTILE}", "symbolic link", 3, executable=True, target=HOSTILE),),
        summary=Summary(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, *[(HOSTILE,)] * 3),
        entry_points=(EntryPoint(HOSTILE, HOSTILE, HOSTILE),),
        compiled=(Compiled(HOSTILE, 1, "ELF"),),
        excerpts=tuple(
            Excerpt(judged.finding.message, HOSTILE, 1, HOSTILE) for judged in one.verdict.findings
        ),
    )
    start_up = tuple(StartUp(kind, HOSTILE, HOSTILE) for kind in get_args(StartUpKind))
    contents = Known(Contents(start_up=start_up, scripts=(HOSTILE,), top_level=(HOSTILE,)))
    bad = replace(one, evidence=replace(one.evidence, contents=contents))
    file = Inspected(bad, hostile, HOSTILE, ("clone",))
    text = render([file], report(bad, command="inspect"), width=80, color=False, every=every)
    for line in text.split("\n"):
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp", "Co"}
        assert columns(line) <= 80 or line.startswith("    trustguard allow ")


def test_of_a_very_large_archive_the_first_entries_are_listed_and_the_others_counted() -> None:
    items = tuple(Item(f"{number}.pyc", "file", 1) for number in range(10_001))
    compiled = tuple(Compiled(item.path, 1, "bytecode") for item in items)
    file = inspected(inspection=replace(INSPECTION, items=items, compiled=compiled))
    inside = to_json([file], report(file.package, command="inspect"))["files"][0]["inside"]
    assert (len(inside["entries"]), inside["entries_not_listed"]) == (10_000, 1)
    assert (len(inside["compiled"]), inside["compiled_not_listed"]) == (10_000, 1)
    assert (inside["files"], inside["size"]) == (10_001, 10_001)


def test_the_schema_knows_the_kinds_of_the_model() -> None:
    inside = SCHEMA["$defs"]["inside"]["properties"]
    for name, kinds in (("entries", ItemKind), ("compiled", CompiledKind), ("start_up", StartUpKind)):
        assert inside[name]["items"]["properties"]["kind"]["enum"] == list(get_args(kinds))
