"""``audit`` judges what is installed by the facts and the policy of today, and runs nothing of it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.artifacts import build_wheel
from tests.lab.guard import NOBODY, Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.osv import malicious, osv_export, osv_record
from trustguard.import_guard import guard as import_guard

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8"))
LEDGER = "trustguard-ledger.tsv"
ESC, OVERRIDE = "\x1b", "\u202e"
FLAW = osv_record(
    "PYSEC-2026-1", "flawed", ranges=[[{"introduced": "0"}, {"fixed": "1.5"}]], aliases=["CVE-2026-1"]
)


@pytest.fixture(scope="module")
def running() -> Iterator[LabIndex]:
    """One index for all: making an environment takes longer than a run."""
    with LabIndex() as index:
        index.add_all(build_wheel("flawed", "1.0"), build_wheel("doomed", "1.0"))
        files = {"good/__init__.py": "value = 1\n", "good/inner/__init__.py": "", "good/data.txt": "x"}
        index.add(build_wheel("good", "1.0", files=files))
        yield index


@pytest.fixture(scope="module")
def installed(running: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user who has installed three projects, when there was nothing to say against them."""
    guard = Guarded(tmp_path_factory.mktemp("audit") / "home", running, popular=["requests"])
    run = guard.run("install", "good", "flawed", "doomed")
    assert run.code == 0, run
    return guard


@pytest.fixture
def guard(installed: Guarded, tmp_path: Path) -> Iterator[Guarded]:
    """The same; what a test does to the environment and to the user's folders is undone."""
    kept = [installed.environment.purelib, installed.home / ".local", installed.home / ".cache"]
    for number, folder in enumerate(kept):
        shutil.copytree(folder, tmp_path / str(number), symlinks=True)
    config = installed.config.read_text(encoding="utf-8")
    yield installed
    for number, folder in enumerate(kept):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
        shutil.copytree(tmp_path / str(number), folder, symlinks=True)
    installed.config.write_text(config, encoding="utf-8")


def site(guard: Guarded) -> Path:
    """The site-packages folder."""
    return guard.environment.purelib


def put(guard: Guarded, name: str, version: str, **files: str) -> Path:
    """Put a distribution there by another way than trustguard's."""
    info = site(guard) / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
    for file, text in files.items():
        (info / file.replace("__", ".")).write_text(text)
    return info


def learn(guard: Guarded, *records: dict[str, Any]) -> Ended:
    """Have the user's advisories say this from now on."""
    guard.index.put_osv(osv_export([malicious(NOBODY), *records]))
    run = guard.run("update")
    assert run.code == 0, run
    return run


def ledger(guard: Guarded) -> dict[str, str]:
    """What the ledger has decided, by distribution."""
    lines = (site(guard) / LEDGER).read_text(encoding="utf-8").splitlines()[1:]
    return {fields[0]: fields[2] for fields in (line.split("\t") for line in lines)}


def document(guard: Guarded, code: int, *words: str, **environ: str) -> Any:
    """The document of an audit, which keeps to the schema and says how it ended."""
    run = guard.run("audit", "--format", "json", *words, **environ)
    assert run.code == code, run
    assert all(char.isprintable() or char == "\n" for char in run.out)
    assert run.out.isascii()
    Draft202012Validator(SCHEMA).validate(run.json)
    assert (run.json["command"], run.json["exit_code"]) == ("audit", code)
    return run.json


def of(found: Any, name: str) -> Any:
    """What is said of one distribution."""
    (one,) = [one for one in found["distributions"] if one["project"] == name]
    return one


def deviations(found: Any) -> list[tuple[str, str, str]]:
    """Every file that is not as it was installed, with the distribution."""
    return [
        (one["project"], d["kind"], d["path"])
        for one in found["distributions"]
        for d in one["files"]["deviations"]
    ]


# As it should be.


def test_what_trustguard_has_installed_and_nobody_has_touched_is_as_it_should_be(guard: Guarded) -> None:
    found = document(guard, 0)
    assert [one["project"] for one in found["distributions"]] == ["doomed", "flawed", "good"]
    for one in found["distributions"]:
        assert (one["origin"], one["by_evidence"], one["files"]["with_wheel"]) == ("vetted", True, True)
        assert "release-age" in one["coverage"]["checked"]
    assert (deviations(found), found["strays"], found["fix"], found["rewritten"]) == ([], [], [], [])
    assert (found["problems"], found["advisories"]["records"]) == ([], 1)


def test_a_clean_environment_is_two_lines_and_a_summary_on_standard_output(guard: Guarded) -> None:
    run = guard.run("audit", "--fix", COLUMNS="300")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [
        f"looked at: {site(guard)}",
        "advisories: 1 records, 0 hours old",
        "trustguard: 3 distributions, all of it as it should be",
    ]


# Known by now.


def test_what_has_since_been_listed_as_malicious_is_named_refused_and_cannot_be_imported_any_more(
    guard: Guarded,
) -> None:
    assert guard.run("guard", "enable").code == 0
    works = guard.environment.run_python("import doomed, good")
    assert works.returncode == 0, works
    told = learn(guard, malicious("doomed"))
    assert f"ledger: doomed 1.0 in {site(guard)}: refused from now on" in told.out.splitlines()
    assert ledger(guard) == {"doomed": "withhold", "flawed": "allow", "good": "allow"}
    refused = guard.environment.run_python("import doomed")
    assert refused.returncode != 0
    assert "doomed 1.0" in refused.stderr
    assert guard.environment.run_python("import good").returncode == 0
    run = guard.run("audit", "--fix")
    assert run.code == 10, run
    lines = run.out.splitlines()
    assert lines[0] == "MALICIOUS doomed 1.0"
    assert f"  trustguard --python {guard.environment.python} pip uninstall doomed" in lines
    assert lines[-1] == "trustguard: 3 distributions, 1 malicious"


def test_an_audit_itself_rewrites_the_ledger_and_lets_in_again_what_is_not_listed_any_more(
    guard: Guarded,
) -> None:
    guard.configure('[[deny]]\nproject = "doomed"\nreason = "incident 42"\n')
    found = document(guard, 10)
    assert (of(found, "doomed")["verdict"], of(found, "good")["verdict"]) == ("block", "allow")
    assert ledger(guard)["doomed"] == "block"
    assert len(found["rewritten"]) == 1
    guard.config.write_text(
        guard.config.read_text().replace('[[deny]]\nproject = "doomed"\nreason = "incident 42"\n', "")
    )
    assert document(guard, 0)["rewritten"] == [f"doomed 1.0 in {site(guard)}: no longer refused"]
    assert ledger(guard)["doomed"] == "allow"


def test_the_rules_of_the_folder_that_it_is_run_in_are_told_and_change_no_ledger(guard: Guarded) -> None:
    rules = guard.work / "trustguard.toml"
    rules.write_text('schema = 1\n[[deny]]\nproject = "*"\nreason = "hostile"\n')
    try:
        found = document(guard, 10)
    finally:
        rules.unlink()
    assert {one["verdict"] for one in found["distributions"]} == {"block"}
    assert (set(ledger(guard).values()), found["rewritten"]) == ({"allow"}, [])


def test_a_vulnerability_is_told_with_the_version_that_fixes_it(guard: Guarded) -> None:
    learn(guard, FLAW)
    run = guard.run("audit", "--fix")
    assert run.code == 0, run
    assert "vulnerable: flawed 1.0: CVE-2026-1, fixed in 1.5" in run.out.splitlines()
    assert f"  trustguard --python {guard.environment.python} install flawed==1.5" in run.out.splitlines()
    found = document(guard, 0)
    assert (of(found, "flawed")["fixed"], of(found, "flawed")["verdict"]) == ("1.5", "warn")
    strict = guard.run("audit", options=("--profile", "strict"))
    assert (strict.code, ledger(guard)["flawed"]) == (11, "allow"), strict


def test_without_advisories_nothing_is_called_clean(guard: Guarded) -> None:
    (guard.home / ".local" / "share" / "trustguard" / "advisories.sqlite").unlink()
    guard.config.write_text(
        guard.config.read_text().replace(guard.index.base, "http://127.0.0.1:9"), encoding="utf-8"
    )
    found = document(guard, 12)
    assert found["advisories"] is None
    for one in found["distributions"]:
        assert {"known-malicious", "vulnerability"}.isdisjoint(one["coverage"]["checked"])


# Files.


def test_a_file_that_was_changed_is_named_and_nothing_else(guard: Guarded) -> None:
    file = site(guard) / "good" / "__init__.py"
    before = file.stat()
    file.write_text("value = 2\n")  # of the same size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = document(guard, 10)
    assert deviations(found) == [("good", "changed", "good/__init__.py")]
    words = ["install", "--force-reinstall", "--no-deps", "good==1.0"]
    assert [one["command"][3:] for one in found["fix"]] == [words]


def test_a_file_that_is_gone_is_named(guard: Guarded) -> None:
    (site(guard) / "good" / "data.txt").unlink()
    assert deviations(document(guard, 10)) == [("good", "missing", "good/data.txt")]


def test_a_record_that_was_changed_with_the_file_is_found_by_the_wheel(guard: Guarded) -> None:
    (site(guard) / "good" / "__init__.py").write_text("value = 666\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"value = 666\n").digest()).rstrip(b"=").decode()
    record = site(guard) / "good-1.0.dist-info" / "RECORD"
    lines = [line for line in record.read_text().splitlines() if not line.startswith("good/__init__.py,")]
    record.write_text("\n".join([*lines, f"good/__init__.py,sha256={digest},12", "good/more.py,,"]) + "\n")
    (site(guard) / "good" / "more.py").write_text("")
    found = document(guard, 10)
    assert deviations(found) == [
        ("good", "record", "good/__init__.py"),
        ("good", "added", "good/more.py"),
    ]


def test_without_the_wheel_what_was_installed_again_was_never_vetted(guard: Guarded) -> None:
    shutil.rmtree(guard.home / ".cache" / "trustguard" / "artifacts")
    record = site(guard) / "good-1.0.dist-info" / "RECORD"
    assert of(document(guard, 0), "good")["origin"] == "vetted"
    os.utime(record, (2**32, 2**32))
    found = of(document(guard, 0), "good")
    assert (found["origin"], found["files"]["with_wheel"], found["by_evidence"]) == ("replaced", False, False)


def test_code_that_was_put_into_a_package_is_found_and_what_is_no_code_is_not(guard: Guarded) -> None:
    (site(guard) / "good" / "cache.json").write_text("{}")
    (site(guard) / "good" / "__pycache__").mkdir(exist_ok=True)
    (site(guard) / "good" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"")
    assert deviations(document(guard, 0)) == []
    (site(guard) / "good" / "inner" / "more.py").write_text("")
    (site(guard) / "good-1.0.dist-info" / "entry_points.txt").write_text("[pytest11]\nx = good.inner.more\n")
    found = document(guard, 10)
    paths = ["good-1.0.dist-info/entry_points.txt", "good/inner/more.py"]
    assert deviations(found) == [("good", "added", path) for path in paths]
    assert found["fix"][0]["command"] == ["rm", "--", *(str(site(guard) / path) for path in paths)]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(guard: Guarded) -> None:
    file = site(guard) / "good" / "data.txt"
    file.unlink()
    os.mkfifo(file)
    assert deviations(document(guard, 10)) == [("good", "changed", "good/data.txt")]


@pytest.mark.parametrize(
    "name",
    [
        *("good-1.0.dist-info/RECORD", "good-1.0.dist-info/METADATA", "good-1.0.dist-info/direct_url.json"),
        *("trustguard-ledger.tsv", "!trustguard.pth", "_trustguard_import_guard/vetted.tsv"),
        *("old.egg-info/top_level.txt", "start.pth", "_virtualenv.py"),
    ],
)
def test_a_pipe_in_the_place_of_what_says_what_is_there_is_not_waited_for(guard: Guarded, name: str) -> None:
    """Whoever hands over an environment may have put one there: each of the commands ends."""
    assert guard.run("guard", "enable").code == 0
    file = site(guard) / name
    if file.parent.suffix == ".egg-info":
        file.parent.mkdir()
        (file.parent / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1\n")
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    for words in (("guard", "status"), ("audit",), ("guard", "enable"), ("guard", "disable")):
        ended = guard.run(*words)
        assert ended.code in {0, 10, 11, 12}, ended
        assert "Traceback" not in ended.err


def test_start_up_code_of_nobody_is_shown_and_does_not_run(guard: Guarded, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()"
    (site(guard) / "startup.pth").write_text(code + "\n")
    (site(guard) / "paths.pth").write_text("/some/where\n")
    (site(guard) / "loose.py").write_text("")
    found = document(guard, 11)
    assert not marker.exists()
    assert [(one["path"], one["start_up"], one["code"]) for one in found["strays"]] == [
        ("loose.py", False, ""),
        ("startup.pth", True, code),
    ]
    guard.environment.run_python("")
    assert marker.exists()


# Where it comes from.


def test_what_nobody_vetted_is_one_line_and_an_exit_code_of_its_own_only_where_that_is_wanted(
    guard: Guarded,
) -> None:
    put(guard, "other", "2.0")
    run = guard.run("audit")
    assert run.code == 0, run
    assert "never vetted: 1 distribution (not in the ledger): other 2.0" in run.out.splitlines()
    found = document(guard, 11, "--require-vetted")
    other = of(found, "other")
    assert (other["origin"], other["coverage"]["checked"]) == (
        "unvetted",
        ["known-malicious", "typosquatting", "vulnerability"],
    )
    words = ["install", "--force-reinstall", "--no-deps", "other==2.0"]
    assert [one["command"][3:] for one in found["fix"]] == [words]


def test_what_nobody_vetted_and_is_malicious_or_a_squat_is_refused(guard: Guarded) -> None:
    put(guard, "evil", "1.0")
    put(guard, "reqeusts", "1.0")
    learn(guard, malicious("evil"))
    found = document(guard, 10)
    checks = {
        one["project"]: [f["check"] for f in one["findings"]]
        for one in found["distributions"]
        if one["verdict"] in {"withhold", "block"}
    }
    assert checks == {"evil": ["known-malicious"], "reqeusts": ["typosquatting"]}


def test_another_version_than_the_ledgers_was_never_vetted(guard: Guarded) -> None:
    shutil.rmtree(site(guard) / "good-1.0.dist-info")
    put(guard, "good", "1.1")
    found = of(document(guard, 0), "good")
    assert (found["origin"], found["remark"]) == ("replaced", "the ledger knows 1.0")


def test_the_users_own_project_is_named_as_such_and_free(guard: Guarded, tmp_path: Path) -> None:
    project = tmp_path / "mine"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "mine"\n')
    url = json.dumps({"url": project.as_uri(), "dir_info": {"editable": True}})
    put(guard, "mine", "0.1", direct_url__json=url)
    found = of(document(guard, 0, "--require-vetted"), "mine")
    assert (found["origin"], found["editable"], found["remark"]) == ("own", True, str(project))
    assert f"your own: mine 0.1 (editable, {project})" in guard.run("audit", COLUMNS="300").out.splitlines()


@pytest.mark.parametrize(
    "where", ["below site-packages", "no project", "another project", "named elsewhere", "a relative path"]
)
def test_nobody_is_free_by_only_saying_that_it_is_the_users_own(
    guard: Guarded, tmp_path: Path, where: str
) -> None:
    folder = site(guard) / "good" if where == "below site-packages" else tmp_path
    if where != "no project":
        name = "another" if where == "another project" else "sly"
        table = "tool.sly" if where == "named elsewhere" else "project"
        (folder / "pyproject.toml").write_text(f'[{table}]\nname = "{name}"\n')
    place = "file:." if where == "a relative path" else folder.as_uri()
    url = json.dumps({"url": place, "dir_info": {"editable": True}})
    put(guard, "sly", "0.1", direct_url__json=url)
    assert of(document(guard, 11, "--require-vetted"), "sly")["origin"] == "unvetted"


def test_a_link_to_a_project_of_another_name_is_not_the_users_own(guard: Guarded, tmp_path: Path) -> None:
    """The name must be what the project is called, and not only stand somewhere in its files."""
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup(name='mine', url='sly')\n")
    (site(guard) / "sly.egg-link").write_text(f"{tmp_path}\n.")
    assert of(document(guard, 12), "sly")["origin"] == "unreadable"
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup(name='sly')\n")
    assert of(document(guard, 0), "sly")["origin"] == "own"


# The import guard.


def test_a_guard_that_cannot_be_relied_on_is_told(guard: Guarded) -> None:
    assert guard.run("guard", "enable").code == 0
    assert document(guard, 0)["problems"] == []
    (site(guard) / import_guard.NAME / "__init__.py").write_text("def start(mode, folder): pass\n")
    (problem,) = document(guard, 12)["problems"]
    assert "the import guard in " in problem
    assert "it is another version's, or was changed" in problem


def test_a_ledger_that_a_distribution_has_brought_vouches_for_nothing(guard: Guarded) -> None:
    evil = put(guard, "evil", "1.0")
    (evil / "RECORD").write_text(f"{LEDGER},,\n")
    found = document(guard, 12)
    assert {one["origin"] for one in found["distributions"]} == {"unvetted"}
    assert "evil 1.0 has put something in the place of the guard's own files" in found["problems"][0]


# What cannot be read.


def test_a_damaged_ledger_is_told_and_nothing_is_taken_for_vetted(guard: Guarded) -> None:
    (site(guard) / LEDGER).write_text("trustguard-ledger\t1\ngarbage\n")
    found = document(guard, 12)
    assert {one["origin"] for one in found["distributions"]} == {"unvetted"}
    assert "was damaged" in found["problems"][0]


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("Metadata-Version: 2.1\nName: broken\n\nVersion: 1.0\n", "it states 0 versions instead of one"),
        ("Name: broken\nName: good\nVersion: 1.0\n\n", "it states 2 names instead of one"),
        ("Name: good\nVersion: 1.0\n\n", "its folder is that of 'broken-1.0', METADATA of good 1.0"),
        (None, "No such file or directory"),
    ],
)
def test_what_nobody_can_tell_what_it_is_is_named_and_not_clean(
    guard: Guarded, metadata: str | None, why: str
) -> None:
    info = put(guard, "broken", "1.0")
    (info / "METADATA").unlink()
    if metadata is not None:
        (info / "METADATA").write_text(metadata)
    found = [one for one in document(guard, 12)["distributions"] if one["place"] == str(info)]
    assert [(one["origin"], why in one["remark"]) for one in found] == [("unreadable", True)]


def test_a_folder_that_cannot_be_read_is_one_line_and_exit_12(guard: Guarded) -> None:
    folder = site(guard)
    shutil.rmtree(folder)
    folder.write_text("")
    run = guard.run("audit", "--format", "json")
    assert (run.code, run.json["error"]["reference"]) == (12, "source-unreachable"), run
    assert len(run.err.splitlines()) == 1


def test_no_name_has_power_over_the_terminal(guard: Guarded) -> None:
    hostile = f"{ESC}]0;pwned\x07{OVERRIDE}"
    info = site(guard) / f"evil{ESC}[2J-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {hostile}\nVersion: 1.0\n\n")
    (site(guard) / f"x{hostile}.pth").write_text(f"import os # {hostile}\n")
    (site(guard) / "good" / f"a{hostile}.py").write_text("")
    (put(guard, "other", "1.0") / "RECORD").write_text(f"other/{hostile}.py,sha256=x,1\n")
    run = guard.run("audit", "--fix", "--all", FORCE_COLOR="")
    assert run.code == 10, run
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not any(unicodedata.category(char) in hidden for line in run.out.split("\n") for char in line)
    assert run.out.count(r"\u{1b}") >= 4
    document(guard, 10)


def test_an_interpreter_that_is_none_is_one_line_and_exit_2(guard: Guarded, tmp_path: Path) -> None:
    run = guard.run("audit", "--python", str(tmp_path / "nothing"))
    assert (run.code, len(run.err.splitlines())) == (2, 1), run
