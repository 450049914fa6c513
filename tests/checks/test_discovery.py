"""Checks are the files of one folder, and nothing that is installed beside trustguard can add to them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import trustguard
from tests.model import strategies
from tests.model.samples import CLEAN
from trustguard.checks import NoSettings, discover
from trustguard.model.evidence import Evidence, Inconclusive
from trustguard.model.finding import Finding
from trustguard.model.policy import DENIED, NOT_LISTED

PACKAGE = Path(trustguard.__file__).parent
FILES = sorted(file.stem for file in (PACKAGE / "checks").glob("[a-z]*.py"))
RUN = (
    "import sys; sys.path.insert(0, sys.argv[1]); from trustguard.checks import discover; print(*discover())"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package, to put other checks into."""
    wanted = shutil.ignore_patterns("__pycache__", "frontends", "sources", "installers", "store", "reports")
    shutil.copytree(PACKAGE, tmp_path / "trustguard", ignore=wanted)
    return tmp_path


def discovered(folder: Path) -> subprocess.CompletedProcess[str]:
    """A program of its own that lists the checks of a copy."""
    command = [sys.executable, "-I", "-c", RUN, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_id_of_a_check_is_its_files_name() -> None:
    assert list(discover()) == [stem.replace("_", "-") for stem in FILES]
    assert all(check.id == check_id for check_id, check in discover().items())


def test_every_check_has_tests_of_its_own() -> None:
    beside = {file.name for file in Path(__file__).parent.glob("test_*.py")}
    assert {f"test_{stem}.py" for stem in FILES} == beside - {Path(__file__).name}


def test_no_check_takes_the_id_of_what_the_policy_finds_itself() -> None:
    assert not {DENIED, NOT_LISTED} & discover().keys()


def test_every_check_says_in_one_sentence_what_it_is_about() -> None:
    for check in discover().values():
        assert check.summary.endswith("."), check.id
        assert (sys.modules[check.run.__module__].__doc__ or "").count("**What to do:**") == 1, check.id


def test_the_settings_of_every_check_have_defaults_and_cannot_be_changed() -> None:
    for check in discover().values():
        settings = check.settings({})
        assert is_dataclass(settings)
        for part in fields(settings):
            with pytest.raises(FrozenInstanceError):
                setattr(settings, part.name, None)


def test_a_checks_settings_are_made_of_the_values_of_its_table() -> None:
    week = timedelta(days=7)
    assert discover()["release-age"].settings({"cooldown": week}).cooldown == week
    assert discover()["vulnerability"].settings({}) == NoSettings()


def test_a_setting_that_a_check_does_not_have_stops_the_program() -> None:
    with pytest.raises(TypeError, match="colour"):
        discover()["release-age"].settings({"colour": "red"})


def results(
    run: Callable[[Evidence, Any], list[Finding]], evidence: Evidence, settings: Any
) -> list[Finding]:
    """What a check finds; nothing where it is inconclusive."""
    try:
        return run(evidence, settings)
    except Inconclusive:
        return []


@given(strategies.evidence)
def test_every_check_answers_for_all_evidence_under_its_own_id_and_always_alike(evidence: Evidence) -> None:
    for check in discover().values():
        found = results(check.run, evidence, check.settings({}))
        assert {finding.check for finding in found} <= {check.id}
        assert results(check.run, evidence, check.settings({})) == found


def test_nothing_speaks_against_a_clean_file() -> None:
    assert [f for check in discover().values() for f in check.run(CLEAN, check.settings({}))] == []


def test_a_file_in_the_folder_is_a_check(copy: Path) -> None:
    text = '"""Another one."""\n\ndef check(evidence, settings):\n    return []\n'
    (copy / "trustguard" / "checks" / "a_new_one.py").write_text(text)
    done = discovered(copy)
    assert done.stdout.split() == ["a-new-one", *discover()], done


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"""It cannot be read."""\n\ndef check(evidence', "SyntaxError"),
        ('"""It cannot be loaded."""\n\nraise RuntimeError("broken")\n', "RuntimeError: broken"),
        ('"""It needs what is not there."""\n\nimport a_library_that_nobody_has\n', "ModuleNotFoundError"),
        ('"""It checks nothing."""\n', "has no attribute 'check'"),
        ("def check(evidence, settings):\n    return []\n", "IndexError"),
    ],
)
def test_a_broken_check_stops_the_program(copy: Path, text: str, complaint: str) -> None:
    (copy / "trustguard" / "checks" / "broken.py").write_text(text)
    done = discovered(copy)
    assert done.returncode != 0
    assert done.stdout == ""
    assert complaint in done.stderr


def test_an_installed_package_cannot_register_a_check(copy: Path) -> None:
    """Entry points in every group that a plug-in might try, and a namespace package of the same name."""
    groups = ("trustguard", "trustguard.checks", "trustguard_checks", "pytest11")
    entries = "".join(f"[{group}]\nevil = evil:check\n\n" for group in groups)
    info = copy / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entries)
    (copy / "evil.py").write_text("raise SystemExit('the package has run')\n")
    beside = copy / "elsewhere" / "trustguard" / "checks"
    beside.mkdir(parents=True)
    (beside / "evil.py").write_text("raise SystemExit('the package has run')\n")
    (copy / "more.pth").write_text(f"{copy / 'elsewhere'}\n")
    words = "import site, sys; site.addsitedir(sys.argv[1]); " + RUN.partition("; ")[2]
    command = [sys.executable, "-I", "-c", words, str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == list(discover()), done
