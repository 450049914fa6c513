"""What a package or an index says does not reach the terminal as it is, also not by way of pip.

Each attack is judged by the bytes that the run has printed, and has an honest twin that is told in full.
"""

from __future__ import annotations

import json
import unicodedata

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, UNVETTED, assert_done, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended
from tests.lab.index import LabIndex

ESCAPES = "\x1b]0;owned\x07\x1b[2J"
REORDERS = "\u202e"
HOSTILE = f"evil {ESCAPES} {REORDERS}live\x9b2J"


def hidden(ended: Ended) -> set[str]:
    """The characters that were printed and that a terminal obeys, or does not show."""
    return {
        f"U+{ord(char):04X}"
        for char in ended.out + ended.err
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char != "\n"
    }


@pytest.mark.parametrize("command", ["install", "download"])
def test_the_reason_for_which_a_file_is_yanked_has_no_power_over_the_terminal(
    command: str, index: LabIndex, guarded: MakeGuarded
) -> None:
    """PEP 592: whoever asks for that very version is told."""
    run = guarded()
    index.add(build_wheel("withdrawn", "1.0"), yanked=HOSTILE + "!" * 900)
    ended = run.run(command, "withdrawn==1.0")
    assert ended.code == 0, ended
    assert "Reason for being yanked: evil" in ended.err.replace("\n", " "), ended
    assert hidden(ended) == set()
    assert "!" * 600 not in ended.err


def test_an_honest_reason_is_told_as_it_is(index: LabIndex, guarded: MakeGuarded) -> None:
    run = guarded()
    index.add(build_wheel("withdrawn", "1.0"), yanked="it has the wrong größe")
    ended = run.run("install", "withdrawn==1.0")
    assert_done(run, ended, "withdrawn")
    assert "Reason for being yanked: it has the wrong größe" in ended.err, ended


def test_the_pythons_that_a_file_is_for_have_no_power_over_the_terminal(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """PEP 440: what is compared as a text may be any text without spaces."""
    run = guarded()
    index.add(build_wheel("picky", "2.0", requires_python="===\x1b[2J"))
    assert hidden(plain_pip(run, "install", "picky")) == {"U+001B"}
    ended = run.run("install", "picky")
    assert ended.code == 1, ended
    assert "Requires-Python ===" in ended.err, ended
    assert hidden(ended) == set()


def test_pips_own_report_is_handed_on_in_ascii(index: LabIndex, guarded: MakeGuarded) -> None:
    """It is the same to whoever reads it as JSON (RFC 8259, section 7)."""
    run = guarded()
    summary = f"größer {REORDERS}live \x9b2J"
    index.add(build_wheel("summed", "1.0", extra_metadata=[f"Summary: {summary}"]))
    ended = run.run("install", "-q", "--dry-run", "--report", "-", "summed")
    assert ended.code == 0, ended
    assert ended.out.isascii()
    assert hidden(ended) == set()
    assert ended.json["install"][0]["metadata"]["summary"] == summary
    assert run.run("install", "-q", "--report", "report.json", "summed").code == 0
    text = (run.work / "report.json").read_text(encoding="utf-8")
    assert text.isascii()
    assert json.loads(text)["install"][0]["metadata"]["summary"] == summary


def test_a_check_hands_on_pips_own_report_as_well(index: LabIndex, guarded: MakeGuarded) -> None:
    run = guarded()
    index.add(build_wheel("summed", "1.0"))
    assert run.run("check", "--report", "report.json", "summed").code == 0
    text = (run.work / "report.json").read_text(encoding="utf-8")
    assert json.loads(text)["install"][0]["metadata"]["name"] == "summed"


@pytest.mark.parametrize(
    "words", [("install", "--dry-run", "--report"), ("check", "--report"), ("lock", "--output")]
)
def test_standard_output_is_one_document_where_pip_is_to_write_its_own_there(
    words: tuple[str, ...], index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    index.add(build_wheel("summed", "1.0"))
    ended = run.run(*words, "-", "summed", options=("--format", "json"))
    assert (ended.code, ended.json["schema"]) == (0, "trustguard/1"), ended
    assert "summed" in ended.err


@pytest.mark.parametrize(
    "field",
    [
        f"Requires-Dist: nope-{REORDERS}",
        "Requires-Dist: nope===\x1b[2J",
        f'Requires-Dist: nope; python_version != "{ESCAPES}"',
        "Requires-Python: >=3, !=\x1b[2J",
        f"Provides-Extra: {REORDERS}live",
    ],
    ids=["invalid", "version", "marker", "Python", "extra"],
)
@pytest.mark.parametrize(
    ("announced", "code"), [(True, UNVETTED), (False, BLOCKED)], ids=["beside", "inside"]
)
def test_metadata_with_control_characters_where_pip_quotes_it_is_not_served(
    field: str, announced: bool, code: int, index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    before = run.environment.files()
    index.add(build_wheel("quoted", "1.0", extra_metadata=[field]), core_metadata=announced)
    ended = run.run("install", "quoted")
    assert_refused(run, ended, code, "quoted", before)
    assert hidden(ended) == set()
    name = field.partition(":")[0]
    told = " ".join((ended.out + ended.err).split())
    assert "quoted-1.0-py3-none-any.whl" in told, ended
    assert f"its {name} has a character in it that cannot be seen" in told, ended


def test_a_version_whose_requirements_are_malformed_is_passed_over_as_by_pip_alone(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """Releases of before PEP 440 have such; pip says so and takes another version."""
    run = guarded()
    index.add_all(
        build_wheel("legacy", "1.0"),
        build_wheel("legacy", "2.0", extra_metadata=["Requires-Dist: other>=dev-1"]),
    )
    ended = run.run("install", "legacy")
    assert_done(run, ended, "legacy")
    assert ("legacy", "1.0") in set(run.environment.distributions())
    assert "Ignoring version 2.0 of legacy since it has invalid metadata" in ended.err, ended
