"""What is inside a wheel is judged before an installer sees it, in real installations.

Each trick is a wheel of its own; its twin differs in the trick alone, and is installed. Plain pip installs
most of the tricks without a word, which one test shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, assert_done, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import Artifact, build_wheel, module_name
from tests.lab.environment import VirtualEnvironment
from tests.lab.forged import changed, data, digest, forged, info
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

Make = Callable[[str], Artifact]


@dataclass(frozen=True)
class Trick:
    """What somebody could try.

    Args:
        trick: makes the wheel.
        twin: makes the honest one.
        code: how the guarded run must end.
        told: what must be told beside the project's name.
    """

    trick: Make
    twin: Make
    code: int
    told: str


def without(part: str) -> Callable[[str], str]:
    """A RECORD without the lines that hold this."""
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if part not in line)


def plain(name: str) -> Artifact:
    """A wheel with nothing to say against."""
    return forged(name)


def two_entries(name: str) -> Artifact:
    """A module stands twice: installers do not agree on which one counts."""
    wheel = forged(name, {"second_one.py": "VERSION = '6.6'\n", "second_onf.py": "VERSION = '7.7'\n"})
    return changed(wheel, wheel.content.replace(b"second_onf.py", b"second_one.py"))


def scripted(command: str) -> Make:
    """A wheel with a command."""
    return lambda name: build_wheel(
        name, "1.0", entry_points={"console_scripts": {command: f"{module_name(name)}:VERSION"}}
    )


TRICKS = {
    # The archive.
    "two-entries": Trick(two_entries, plain, BLOCKED, "two entries"),
    "bytes-before": Trick(
        lambda name: changed(forged(name), b"#!/bin/sh\n" + forged(name).content), plain, BLOCKED, "sound"
    ),
    "truncated": Trick(
        lambda name: changed(forged(name), forged(name).content[:-9]), plain, BLOCKED, "sound"
    ),
    # RECORD.
    "record-digest": Trick(
        lambda name: forged(name, record=lambda text: text.replace(text[text.index("=") + 1 :][:5], "AAAAA")),
        plain,
        BLOCKED,
        "not what its RECORD says",
    ),
    "record-unlisted": Trick(
        lambda name: forged(name, {"more.py": "pass\n"}, record=without("more.py")),
        lambda name: forged(name, {"more_of_it.py": "pass\n"}),
        BLOCKED,
        "more.py",
    ),
    "record-outside": Trick(
        lambda name: forged(name, record=lambda text: f"../../../bin/python,,\n{text}"),
        plain,
        BLOCKED,
        "../../../bin/python",
    ),
    "record-missing": Trick(
        lambda name: forged(name, record=lambda text: f"other/important.py,,\n{text}"),
        lambda name: forged(name, record=lambda text: f"{module_name(name)}.pyc,,\n{text}"),
        NEEDS_APPROVAL,
        "other/important.py",
    ),
    "record-none": Trick(
        lambda name: forged(name, record=lambda _: None), plain, NEEDS_APPROVAL, "no RECORD"
    ),
    "record-weak": Trick(
        lambda name: forged(name, record=lambda text: text.replace("sha256=", "md5=")),
        plain,
        NEEDS_APPROVAL,
        "weak",
    ),
    # The metadata.
    "second-dist-info": Trick(
        lambda name: forged(name, {"victim-9.9.dist-info/METADATA": "Name: victim\nVersion: 9.9\n"}),
        plain,
        BLOCKED,
        "dist-info",
    ),
    "egg-info": Trick(
        lambda name: forged(name, {"victim-9.9.egg-info/PKG-INFO": "Name: victim\nVersion: 9.9\n"}),
        plain,
        NEEDS_APPROVAL,
        "victim",
    ),
    "no-wheel-file": Trick(
        lambda name: forged(name, {f"{info(name)}/WHEEL": None}), plain, NEEDS_APPROVAL, "WHEEL"
    ),
    "version-of-wheel": Trick(
        lambda name: forged(name, {f"{info(name)}/WHEEL": "Wheel-Version: 9.0\nTag: py3-none-any\n"}),
        plain,
        NEEDS_APPROVAL,
        "version that nobody knows",
    ),
    # Where files end up.
    "foreign-data": Trick(
        lambda name: forged(name, {"victim-9.9.data/purelib/victim.py": "pass\n"}),
        lambda name: forged(name, {f"{data(name)}/purelib/{module_name(name)}_more.py": "pass\n"}),
        NEEDS_APPROVAL,
        "victim-9.9.data",
    ),
    "pyvenv-cfg": Trick(
        lambda name: forged(name, {f"{data(name)}/data/pyvenv.cfg": "home = /tmp\n"}),
        lambda name: forged(name, {f"{data(name)}/data/share/{name}/pyvenv.cfg": "home = /tmp\n"}),
        BLOCKED,
        "pyvenv.cfg",
    ),
    "two-for-one": Trick(
        lambda name: forged(name, {f"{data(name)}/platlib/{module_name(name)}.py": "VERSION = '6.6'\n"}),
        lambda name: forged(name, {f"{data(name)}/platlib/{module_name(name)}_two.py": "VERSION = '6.6'\n"}),
        BLOCKED,
        "one place",
    ),
    "standard-library": Trick(
        lambda name: forged(name, {"ssl.py": "pass\n"}),
        lambda name: forged(name, {"sslpart/ssl.py": "pass\n"}),
        NEEDS_APPROVAL,
        "ssl",
    ),
    "what-guards": Trick(
        lambda name: forged(name, {"trustguard/vetting.py": "pass\n"}),
        lambda name: forged(name, {"trustguards/vetting.py": "pass\n"}),
        BLOCKED,
        "trustguard",
    ),
    "of-another": Trick(
        lambda name: forged(name, {"prey.py": "VERSION = '6.6'\n"}),
        lambda name: forged(name, {"prey/tests.txt": "pass\n", "tests/prey.txt": "other\n"}),
        NEEDS_APPROVAL,
        "would replace a file of prey",
    ),
    # Commands.
    "command-pip": Trick(scripted("pip"), scripted("pipx-like"), BLOCKED, "'pip'"),
    "command-python": Trick(
        lambda name: forged(name, {f"{data(name)}/scripts/python3": "#!python\npass\n"}),
        lambda name: forged(name, {f"{data(name)}/scripts/python-like": "#!python\npass\n"}),
        BLOCKED,
        "'python3'",
    ),
    "command-by-data": Trick(
        lambda name: forged(name, {f"{data(name)}/data/bin/activate": "true\n"}),
        lambda name: forged(name, {f"{data(name)}/data/bin/activate-the-thing": "true\n"}),
        BLOCKED,
        "'activate'",
    ),
    "command-sudo": Trick(scripted("sudo"), scripted("sudoku"), NEEDS_APPROVAL, "'sudo'"),
    "command-path": Trick(scripted("../../evil"), scripted("good.thing"), BLOCKED, "leads elsewhere"),
}


def starts(label: str, hostile: Callable[[Markers], dict[str, str]]) -> tuple[str, Callable[..., Artifact]]:
    """A wheel whose start-up code leaves a marker."""
    return label, lambda name, markers: forged(name, dict(hostile(markers)))


START_UP = dict(
    (
        starts("start-pth", lambda markers: {"zz_start.pth": markers.pth_line("pth")}),
        starts("start-bom", lambda markers: {"zz_bom.pth": "\ufeff" + markers.pth_line("pth")}),
        starts("start-site", lambda markers: {"sitecustomize.py": markers.snippet("site") + "\n"}),
        starts("start-user", lambda markers: {"usercustomize/__init__.py": markers.snippet("user") + "\n"}),
        starts(
            "start-file", lambda markers: {"zz.start": "zz_start:main\n", "zz_start.py": markers.snippet("s")}
        ),
    )
)
"""Each of these is asked about: its project is unknown."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The program, with every trick and twin on the index, and ``prey`` installed."""
    with LabIndex() as index:
        index.add(build_wheel("prey", "1.0", files={"prey.py": "VERSION = '1.0'\n", "tests/prey.txt": "a\n"}))
        for label, one in TRICKS.items():
            index.add(one.trick(f"trick-{label}"))
            index.add(one.twin(f"twin-{label}"))
        guard = Guarded(tmp_path_factory.mktemp("contents") / "home", index, popular=["ranked-one"])
        assert_done(guard, guard.run("install", "prey"), "prey")
        yield guard


@pytest.mark.parametrize("label", TRICKS)
def test_a_trick_is_refused_and_leaves_nothing(run: Guarded, label: str) -> None:
    trick, before = TRICKS[label], run.environment.files()
    ended = run.run("install", f"trick-{label}")
    assert_refused(run, ended, trick.code, f"trick-{label}", before)
    assert trick.told in " ".join(ended.err.split())


@pytest.mark.parametrize("label", START_UP)
def test_start_up_code_of_an_unknown_project_is_asked_about_and_does_not_run(
    run: Guarded, tmp_path: Path, label: str
) -> None:
    markers, before = Markers(tmp_path / "markers"), run.environment.files()
    run.index.add(START_UP[label](label, markers))
    assert_refused(run, run.run("install", label), NEEDS_APPROVAL, label, before, markers)


def test_start_up_code_that_decodes_what_it_runs_is_blocked(run: Guarded, tmp_path: Path) -> None:
    markers, before = Markers(tmp_path / "markers"), run.environment.files()
    hidden = markers.snippet("pth").encode().hex()
    line = f"import sys; exec(bytes.fromhex('{hidden}'))\n"
    run.index.add(forged("ranked-one", {"zz.pth": line}))
    ended = run.run("install", "ranked-one")
    assert_refused(run, ended, BLOCKED, "zz.pth", before, markers)
    assert "decodes what it runs" in " ".join(ended.err.split())


def test_the_honest_twins_are_installed_with_every_file(run: Guarded) -> None:
    environment = VirtualEnvironment.create(run.home / "twins")
    target = ("--python", str(environment.python))
    names = [f"twin-{label}" for label in TRICKS]
    folder = {"twin-path.pth": "twin_plugins\n"}  # a path, and nothing that runs
    run.index.add(forged("twin-pth", folder))
    done = run.run("install", "prey", "twin-pth", *names, options=target)
    assert done.code == 0, done
    installed = {name for name, _ in environment.distributions()}
    assert installed == {"prey", "twin-pth", *names}
    for record in environment.purelib.glob("twin_*.dist-info/RECORD"):
        for path, expected, _ in csv.reader(io.StringIO(record.read_text())):
            if expected and not path.startswith("tests/"):  # which several have
                assert digest((record.parent.parent / path).read_bytes()) == expected


def test_known_start_up_code_is_installed_without_a_question(run: Guarded) -> None:
    environment = VirtualEnvironment.create(run.home / "known")
    line = (
        "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
        "enabled and __import__('_distutils_hack').add_shim(); \n"
    )
    run.index.add(forged("setuptools", {"distutils-precedence.pth": line, "_distutils_hack/__init__.py": ""}))
    done = run.run("install", "setuptools", options=("--python", str(environment.python)))
    assert done.code == 0, done
    assert "setuptools" in {name for name, _ in environment.distributions()}


def test_plain_pip_installs_what_is_refused_here(run: Guarded) -> None:
    """Else the tricks were none."""
    environment = VirtualEnvironment.create(run.home / "plain")
    harmless = ["record-digest", "record-unlisted", "foreign-data", "standard-library", "command-sudo"]
    names = [f"trick-{label}" for label in (*harmless, "record-outside", "what-guards", "pyvenv-cfg")]
    done = plain_pip(run, "install", *names, environment=environment)
    assert done.code == 0, done
