"""What runs without being imported is judged by what it is, whose it is, and how well that is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from packaging.version import Version

from tests.checks.kin import facing, since
from tests.model.samples import CLEAN, lost, named
from trustguard.checks import Standing
from trustguard.checks.startup_code import check
from trustguard.model.contents import Contents, StartUp, StartUpBefore
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable, Unavailable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.project import FileName

FILE = "demo-1.0-py3-none-any.whl"
OWN = "import demo; demo.start()"
DISTUTILS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); "
)
POPULAR: dict[str, Any] = {"rank": 3}


def starting(*start_up: StartUp, evidence: Evidence = CLEAN, **facts: Any) -> Evidence:
    """Evidence on a wheel in which this runs by itself."""
    known: dict[str, Any] = {name: Known(value) for name, value in facts.items()}
    return replace(evidence, contents=Known(Contents(start_up=start_up)), **known)


def pth(code: str, name: str = "demo.pth", **parts: Any) -> StartUp:
    """A ``.pth`` with code."""
    return StartUp("pth", name, code, **parts)


def found(evidence: Evidence) -> list[Finding]:
    """What the check finds."""
    return check(evidence, Standing())


def severities(evidence: Evidence) -> list[Severity]:
    """How bad that is."""
    return [finding.severity for finding in found(evidence)]


def test_a_wheel_in_which_nothing_runs_by_itself_is_clean() -> None:
    assert found(CLEAN) == []


def test_where_nothing_was_fetched_nothing_is_said() -> None:
    assert found(replace(CLEAN, contents=NotApplicable("not fetched"))) == []


def test_where_nobody_could_look_inside_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive):
        found(lost(CLEAN, "contents"))


def test_what_an_unknown_project_runs_is_shown_and_high() -> None:
    assert found(starting(pth(OWN))) == [
        Finding(
            "startup-code",
            Severity.HIGH,
            Confidence.MEDIUM,
            f"{FILE}: 'demo.pth' runs whenever Python starts: '{OWN}'",
            "read what it runs, and compare with earlier releases, before you allow it",
            (OWN,),
        )
    ]


@pytest.mark.parametrize("kind", ["pth", "start", "sitecustomize", "usercustomize", "config"])
def test_every_way_to_run_by_itself_is_high_and_low_where_the_project_is_popular(kind: Any) -> None:
    one = StartUp(kind, "a", OWN)
    assert severities(starting(one)) == [Severity.HIGH]
    assert severities(starting(one, **POPULAR)) == [Severity.LOW]


@pytest.mark.parametrize("rank", [Absent(), NotApplicable("private"), Unavailable("index", "no list")])
def test_only_what_is_known_to_be_popular_is(rank: Any) -> None:
    assert severities(replace(starting(pth(OWN)), rank=rank)) == [Severity.HIGH]


@pytest.mark.parametrize(
    "code",
    [
        "import base64; exec(base64.b64decode('cGFzcw=='))",
        "import sys; exec(bytes.fromhex('70617373'))",
        "import marshal; exec(marshal.loads(b''))",
        "import os; os.system('rcne'[::-1])",
        r"import sys; exec('\x70\x61\x73\x73\x0a\x70\x61\x73\x73')",
        "import sys; eval(chr(112)+chr(97)+chr(115)+chr(115))",
        "import subprocess, zlib; subprocess.run(zlib.decompress(b''))",
    ],
)
def test_what_is_decoded_and_run_is_critical_whoever_does_it(code: str) -> None:
    (finding,) = found(starting(pth(code), **POPULAR))
    assert (finding.severity, finding.confidence) == (Severity.CRITICAL, Confidence.HIGH)
    assert finding.remedy == "do not install it; tell the project and the index"


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; subprocess.Popen(['x'])",
        "import os; os.system('x')",
        "import urllib.request; urllib.request.urlopen('x')",
        "import socket",
    ],
)
def test_what_reaches_for_programs_or_the_network_is_high_whoever_does_it(code: str) -> None:
    assert severities(starting(pth(code), **POPULAR)) == [Severity.HIGH]


def test_what_is_too_long_to_be_shown_is_high_whoever_does_it() -> None:
    (finding,) = found(starting(pth("import a; " * 200, whole=False), **POPULAR))
    assert finding.severity is Severity.HIGH
    assert finding.message.endswith("...")


def test_lines_that_lead_out_of_site_packages_are_high_whoever_has_them() -> None:
    assert severities(starting(StartUp("path", "a.pth", "/opt/x"), **POPULAR)) == [Severity.HIGH]


@pytest.mark.parametrize(
    "code",
    [
        "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()",
        "import _editable_impl_demo",
        "import _demo_editable_loader",
    ],
)
def test_the_hook_of_an_editable_installation_is_named_and_high(code: str) -> None:
    (finding,) = found(starting(pth(code), **POPULAR))
    assert finding.severity is Severity.HIGH
    assert "editable" in finding.message


def setuptools(code: str, name: str = "distutils-precedence.pth") -> Evidence:
    """A wheel of setuptools with this code."""
    return starting(pth(code, name), evidence=named("setuptools-84.0-py3-none-any.whl"))


def test_known_code_of_its_own_project_is_explained() -> None:
    (finding,) = found(setuptools(DISTUTILS))
    assert finding.severity is Severity.INFO
    assert "is known: it makes import distutils find setuptools' own copy" in finding.message


def test_other_code_of_a_known_project_and_known_code_of_another_are_not_known() -> None:
    assert severities(setuptools(f"{DISTUTILS}\nimport evil")) == [Severity.HIGH]
    assert severities(setuptools(DISTUTILS, "other.pth")) == [Severity.HIGH]
    assert severities(starting(pth(DISTUTILS, "distutils-precedence.pth"))) == [Severity.HIGH]


def after(*start_up: StartUp) -> dict[str, Any]:
    """An earlier release in which this ran by itself."""
    return {"start_up_before": StartUpBefore(Version("0.9"), start_up)}


def test_what_ran_before_is_low_where_the_project_is_popular_or_established() -> None:
    """Under whichever name: many have the version in it."""
    before = after(pth("import other"), pth(OWN, "demo-0.9.pth"))
    popular, established = ({**before, **POPULAR}, {**before, "history": since(365, 5)})
    assert severities(starting(pth(OWN), **popular)) == [Severity.LOW]
    assert severities(starting(pth(OWN), **established)) == [Severity.LOW]
    (finding,) = found(starting(pth(OWN), **before))
    assert finding.severity is Severity.HIGH
    assert "runs whenever Python starts; as in 0.9: " in finding.message


@pytest.mark.parametrize(
    "before", [(), (pth("import other"),), (StartUp("sitecustomize", "demo.pth", OWN),)], ids=repr
)
def test_what_is_new_in_this_version_is_high_however_well_known_the_project_is(before: Any) -> None:
    (finding,) = found(starting(pth(OWN), history=since(9999, 99), **after(*before), **POPULAR))
    assert finding.severity is Severity.HIGH
    assert "which it did not in 0.9" in finding.message


def test_of_code_that_is_not_kept_nobody_can_say_that_it_is_the_same() -> None:
    compiled = StartUp("sitecustomize", "sitecustomize.so", "")
    assert severities(starting(compiled, **after(compiled), **POPULAR)) == [Severity.HIGH]


def test_what_cannot_be_compared_counts_as_new() -> None:
    (finding,) = found(
        replace(starting(pth(OWN), **POPULAR), start_up_before=Unavailable("artifact", "gone"))
    )
    assert finding.severity is Severity.HIGH
    assert "could not be learned: gone" in finding.message


@pytest.mark.parametrize("before", [(), (pth("import subprocess; subprocess.run('x')"),)], ids=len)
def test_an_earlier_release_does_not_excuse_what_is_bad_by_itself(before: Any) -> None:
    reaching = pth("import subprocess; subprocess.run('x')")
    decoding = pth("import base64; exec(base64.b64decode('cGFzcw=='))")
    facts = {**after(*before, decoding), **POPULAR}
    assert severities(starting(reaching, **facts)) == [Severity.HIGH]
    assert severities(starting(decoding, **facts)) == [Severity.CRITICAL]


@pytest.mark.parametrize("kind", ["build", "pytest"])
def test_plug_ins_are_told_unless_their_project_is_popular_or_established(kind: Any) -> None:
    groups = [StartUp(kind, "one", "a = b:c"), StartUp(kind, "two", "d = e")]
    (finding,) = found(starting(*groups))
    assert finding.severity is Severity.LOW
    assert finding.evidence == ("[one] a = b:c; [two] d = e",)
    assert severities(starting(*groups, **POPULAR)) == [Severity.INFO]
    assert severities(starting(*groups, history=since(365, 5))) == [Severity.INFO]
    assert severities(starting(*groups, history=since(364, 5))) == [Severity.LOW]
    assert severities(starting(*groups, history=since(365, 4))) == [Severity.LOW]


def test_a_plug_in_for_pytest_is_no_surprise_in_a_project_that_is_called_so() -> None:
    def called(name: str, *groups: StartUp, **facts: Any) -> list[Severity]:
        file = replace(CLEAN.file, name=FileName.parse(f"{name}-1.0-py3-none-any.whl"))
        return severities(replace(starting(*groups, **facts), file=file))

    own, builds = StartUp("pytest", "pytest11", "a = b"), StartUp("build", "distutils.commands", "a = b:c")
    assert called("pytest_demo", own) == [Severity.INFO]
    assert called("pytestdemo", own) == [Severity.LOW]
    assert called("pytest_demo", builds) == [Severity.LOW]
    assert called("pytest_demo", own, **after()) == [Severity.MEDIUM]


@pytest.mark.parametrize("kind", ["build", "pytest"])
def test_plug_ins_that_an_earlier_release_did_not_have_are_told_of_anybody(kind: Any) -> None:
    old, cut = StartUp(kind, "one", "a = b:c"), StartUp(kind, "long", "x = y; z", whole=False)
    known = {**after(old, cut), **POPULAR, "history": since(9999, 99)}
    assert severities(starting(old, cut, **known)) == [Severity.INFO]
    (more,) = found(starting(StartUp(kind, "one", "a = b:c; d = e"), **known))
    (group,) = found(starting(old, StartUp(kind, "two", "a = b:c"), **known))
    assert (more.severity, group.severity) == (Severity.MEDIUM, Severity.MEDIUM)
    assert "new since 0.9" in more.message
    assert (more.evidence, group.evidence) == (("[one] a = b:c; d = e",), ("[two] a = b:c",))
    gone = replace(starting(old, **POPULAR), start_up_before=Unavailable("artifact", "gone"))
    assert severities(gone) == [Severity.INFO]


def test_what_a_shell_runs_is_told_as_that() -> None:
    (finding,) = found(starting(StartUp("activate", "postactivate", "true")))
    assert finding.severity is Severity.HIGH
    assert "runs whenever a shell activates the environment" in finding.message


def test_code_that_is_not_kept_is_not_shown() -> None:
    (finding,) = found(starting(StartUp("sitecustomize", "sitecustomize.pyc", "", whole=False)))
    assert finding.message == (
        f"{FILE}: 'sitecustomize.pyc' runs whenever Python starts, and is more than can be shown"
    )
    assert finding.evidence == ()


def test_what_is_shown_cannot_act_on_a_terminal() -> None:
    (finding,) = found(starting(pth("import \x1b[2J\u202e")))
    assert finding.message.isascii()
    assert finding.message.isprintable()


def test_other_facts_change_nothing() -> None:
    assert found(facing()) == []
