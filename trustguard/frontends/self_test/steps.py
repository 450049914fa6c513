"""The steps: what must be installed, what must be refused, and what is on disk afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from trustguard.frontends.self_test.house import Ended, House, malicious, named
from trustguard.frontends.self_test.packages import Artifact, Marks, sdist, wheel
from trustguard.frontends.self_test.private_index import PrivateIndex
from trustguard.model.errors import TrustguardError
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL
from trustguard.model.record import record

Result = Literal["PASS", "FAIL", "SKIP"]

CONTROL = "trustguard-self-test-control"
WHEEL = "trustguard-self-test-wheel"
SDIST = "trustguard-self-test-sdist"
DEPENDENT = "trustguard-self-test-dependent"
LOOKALIKE = "reqeusts"
"""A slip of the hand away from a popular name."""
MALICIOUS = "known-malicious"


@record
class Step:
    """What was tried, and how it went.

    Args:
        name: what must be so.
        result: whether it is.
        detail: what was seen, one line.
    """

    name: str
    result: Result
    detail: str


@record
class Refusal:
    """Something that must not get in.

    Args:
        name: what must be so.
        project: what is asked for.
        check: the check that must be the reason.
    """

    name: str
    project: str
    check: str


REFUSALS = (
    Refusal("a wheel that an advisory calls malicious is refused", WHEEL, MALICIOUS),
    Refusal("an sdist that an advisory calls malicious is refused, and not built", SDIST, MALICIOUS),
    Refusal("what depends on a malicious project is not installed either", DEPENDENT, MALICIOUS),
    Refusal(f"a name that looks like a popular one ({LOOKALIKE}) is refused", LOOKALIKE, "typosquatting"),
)


def steps(*, organisation: bool) -> Iterator[Step]:
    """Every step as soon as it is done. All that was made is removed at the end.

    Args:
        organisation: whether an organisation's configuration is in force, which may refuse what is harmless.
    """
    with tempfile.TemporaryDirectory(prefix="trustguard-self-test-") as name:
        folder = Path(name).resolve()
        marks = Marks(folder / "marks")
        marks.folder.mkdir()
        with PrivateIndex(_packages(marks)) as index:
            house = House(folder, index.url)
            try:
                house.build()
                house.advise(malicious(WHEEL, 1), malicious(SDIST, 2))
            except TrustguardError as error:
                yield Step("a throw-away environment is made", "FAIL", str(error))
                return
            yield Step("a throw-away environment is made", "PASS", f"with an index of its own at {index.url}")
            yield _marks_are_left(house, marks)
            for refusal in REFUSALS:
                yield is_refused(refusal, house, marks, index)
            yield installs(house, marks, organisation=organisation)


def _packages(marks: Marks) -> list[Artifact]:
    return [
        wheel(CONTROL, marks.line(CONTROL)),
        wheel(WHEEL, marks.line(WHEEL), start_up=True),
        sdist(SDIST, marks.line(SDIST)),
        wheel(DEPENDENT, requires=WHEEL),
        wheel(LOOKALIKE, marks.line(LOOKALIKE), start_up=True),
    ]


def _marks_are_left(house: House, marks: Marks) -> Step:
    """The control of all that follows: where such code runs, it is seen."""
    name = "code of these packages leaves a mark where it runs"
    ran = house.runs(marks.line(WHEEL))
    left = marks.left()
    for mark in left:
        (marks.folder / mark).unlink()
    if ran and left == [WHEEL]:
        return Step(name, "PASS", "run on purpose, it did; the mark is removed again")
    return Step(name, "FAIL", f"run on purpose, it left {named(left)}")


def is_refused(refusal: Refusal, house: House, marks: Marks, index: PrivateIndex) -> Step:
    """Have something asked for that must not get in, and look at what is on disk.

    Args:
        refusal: what.
        house: where.
        marks: tell what has run; none are there yet.
        index: knows what was fetched.
    """
    before = house.files()
    ended = house.install(refusal.project)
    # An interpreter that starts would run what was put there to run at its start.
    house.runs("")
    new, left = house.files() - before, marks.left()
    if new or left:
        return Step(
            refusal.name, "FAIL", f"new in the environment: {named(new)}; code that ran: {named(left)}"
        )
    if ended.code != BLOCKED or refusal.check not in ended.checks:
        return Step(
            refusal.name, "FAIL", f"nothing was installed, but not for {refusal.check}: {_how(ended)}"
        )
    fetched = any(name.startswith(refusal.project.replace("-", "_")) for name in index.fetched)
    bytes_ = "its bytes were looked at" if fetched else "its bytes were not even fetched"
    detail = f"exit code {ended.code}, {refusal.check}; nothing installed, none of its code ran, {bytes_}"
    return Step(refusal.name, "PASS", detail)


def installs(house: House, marks: Marks, *, organisation: bool) -> Step:
    """The other control: a guard that refuses everything is none.

    Args:
        house: where.
        marks: tell what has run; none are there yet.
        organisation: whether an organisation's configuration is in force.
    """
    name = "a package with nothing against it is installed"
    ended = house.install(CONTROL)
    there = house.installed()
    if organisation and ended.code in {BLOCKED, NEEDS_APPROVAL} and not there:
        why = named(ended.checks)
        return Step(name, "SKIP", f"the organisation's configuration does not let it in: {why}")
    if ended.code or there != [f"{CONTROL.replace('-', '_')}-1.0.dist-info"]:
        return Step(name, "FAIL", f"there is {named(there)}: {_how(ended)}")
    if marks.left():
        return Step(name, "FAIL", "its code ran while it was installed")
    imported = house.runs(f"import {CONTROL.replace('-', '_')}")
    if not imported or marks.left() != [CONTROL]:
        return Step(name, "FAIL", "it is there, and cannot be imported")
    return Step(name, "PASS", f"{there[0]} is there, and can be imported")


def _how(ended: Ended) -> str:
    return ended.said if ended.code is None else f"exit code {ended.code}; {ended.said}"
