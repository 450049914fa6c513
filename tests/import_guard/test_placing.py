"""The guard is put in place and taken out again without a trace, and stands alone where it is."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.import_guard.house import ALLOW, House, refusal
from trustguard.import_guard import guard, placing, survey
from trustguard.import_guard import refusal as refusals

STARTS_WITH = {"_imp", "os", "site", "sys", "_frozen_importlib", "_frozen_importlib_external", "zipimport"}
"""What an interpreter has loaded when it comes to ``.pth`` files."""


def files(house: House) -> dict[str, tuple[int, bytes]]:
    """All files of an environment, with their times."""
    found = (path for path in house.environment.path.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


@pytest.mark.parametrize("module", [guard, refusals, survey])
def test_what_is_copied_into_an_environment_stands_alone(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    at_start, all_names = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = {str(node.module)}
        else:
            continue
        all_names |= names
        at_start |= names if node in tree.body else set()
    assert at_start <= STARTS_WITH
    some = {"_sha256", "_sha2", "tomllib"}  # not in every version of Python
    assert {name.partition(".")[0] for name in all_names} - some <= set(sys.stdlib_module_names)


def test_at_start_nothing_else_is_loaded_than_the_guard(house: House) -> None:
    """Any ``.pth`` file has Python 3.13 and later load a codec."""
    house.put("nice", {"nice.py": "", "nice.pth": "#\n"})
    asked = ("-I", "-c", "import sys; print(*sorted(sys.modules))")
    before = set(house.run(*asked).stdout.split())
    house.enable()
    after = set(house.run(*asked).stdout.split())
    assert after - before == {guard.NAME, *({"zipimport"} - before)}
    opened = house.run("-I", "-c", "import nice, sys; print(*sys.modules)")
    assert not {f"{guard.NAME}.{name}" for name in ("survey", "refusal")} & set(opened.stdout.split())
    assert opened.returncode == 0


def test_disabled_there_is_no_trace_of_it(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    before = files(house)
    house.enable()
    assert files(house) != before
    house.imports("nice")
    assert placing.remove(house.target) is True
    assert files(house) == before
    assert not (house.purelib / guard.NAME).exists()
    assert placing.remove(house.target) is False


def test_enabled_again_nothing_is_written(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.put("pip", {"pip.py": ""}, decision=None)
    house.enable()
    kept = {path: found for path, found in files(house).items() if not path.endswith(".pyc")}
    house.enable()
    assert {path: found for path, found in files(house).items() if not path.endswith(".pyc")} == kept


def test_the_mode_can_be_changed(house: House) -> None:
    for mode in ("warn", "block", "warn"):
        house.enable(mode)
        assert placing.mode_of(house.purelib) == mode


def test_a_guard_that_would_not_start_is_no_guard(house: House) -> None:
    assert placing.mode_of(house.purelib) is None
    house.enable()
    (house.purelib / guard.PTH).write_text("import os\n")
    assert placing.mode_of(house.purelib) is None
    house.enable()
    (house.purelib / guard.NAME / "__init__.py").unlink()
    assert placing.mode_of(house.purelib) is None


def test_another_versions_guard_is_replaced(house: House) -> None:
    house.enable()
    assert placing.is_current(house.purelib)
    (house.purelib / guard.NAME / "survey.py").write_text("")
    assert not placing.is_current(house.purelib)
    house.enable()
    assert placing.is_current(house.purelib)


def test_what_venv_has_put_there_is_accepted_once_and_nothing_else_is(house: House) -> None:
    house.put("pip", {"pip.py": ""}, decision=None)
    house.put("setuptools", {"setuptools.py": ""}, decision=None)
    house.put("evil", {"evil.py": ""}, decision=None)
    house.enable()
    assert states(house) == {"pip": "accepted", "setuptools": "accepted", "evil": "unvetted"}
    house.put("pip", {"pip.py": "# another\n"}, decision=None)
    house.enable()
    assert states(house) == {"pip": "unvetted", "setuptools": "accepted", "evil": "unvetted"}


def test_what_is_accepted_is_accepted_as_it_is_now(house: House) -> None:
    house.put("legacy", {"legacy.py": ""}, decision=None)
    house.enable(everything=True)
    assert states(house) == {"legacy": "accepted"}
    assert house.imports("legacy").returncode == 0
    house.put("late", {"late.py": ""}, decision=None)
    house.enable()
    assert states(house) == {"legacy": "accepted", "late": "unvetted"}
    (house.purelib / "legacy.py").write_text("x = 1\n")
    assert "legacy.py is not as it was installed" in refusal(house.imports("legacy"))
    house.put("legacy", {"legacy.py": "x = 1\n"}, decision=None)
    assert states(house)["legacy"] == "unvetted"


def test_told_of_an_installation_the_guard_need_not_work_it_out(house: House) -> None:
    """`survey` is then not loaded."""
    house.put("nice", {"nice.py": ""})
    house.enable()
    house.put("later", {"later.py": ""})
    loaded = ("-c", "import later, sys; print(*sys.modules)")
    assert f"{guard.NAME}.survey" in house.run(*loaded).stdout.split()
    placing.refresh(house.target)
    assert f"{guard.NAME}.survey" not in house.run(*loaded).stdout.split()


def test_where_there_is_no_guard_nothing_is_told(house: House) -> None:
    before = files(house)
    placing.refresh(house.target)
    assert files(house) == before


def test_to_ask_an_interpreter_runs_nothing_of_its_environment(house: House, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    (house.purelib / "evil.pth").write_text(f"import os; open({str(marker)!r}, 'w').close()\n")
    assert house.target.folders == (house.purelib,)
    assert house.target.prefix == house.environment.path
    house.enable()
    assert not marker.exists()


def test_the_folders_are_those_that_the_interpreter_says(house: House) -> None:
    asked = "import json, sysconfig as s; print(s.get_path('purelib'))"
    assert str(house.purelib) == house.run("-c", asked).stdout.strip()
    base = Path(sys.executable).resolve()
    asked_of = subprocess.run([base, "-I", "-c", asked], capture_output=True, text=True, check=True)
    assert placing.Target.of(base).folders[0] == Path(asked_of.stdout.strip()).resolve()


def test_what_is_no_python_is_said(tmp_path: Path) -> None:
    for name, text in {
        "quiet": "#!/bin/sh\n",
        "loud": "#!/bin/sh\necho 1\n",
        "bad": "#!/bin/sh\nexit 3\n",
    }.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
        with pytest.raises(placing.NotAnInterpreterError, match="no Python that can be asked"):
            placing.Target.of(tmp_path / name)


def test_a_python_that_is_too_old_is_said(tmp_path: Path) -> None:
    (tmp_path / "old").write_text('#!/bin/sh\necho \'[[3, 9], "2f61", "2f61", "2f"]\'\n')
    (tmp_path / "old").chmod(0o755)
    with pytest.raises(placing.NotAnInterpreterError, match=r"older than Python 3\.10"):
        placing.Target.of(tmp_path / "old")


# The survey.


def states(house: House) -> dict[str, str]:
    """What the guard makes of each distribution."""
    return {owner.name: owner.state for owner in placing.look(house.target, house.purelib)}


def test_record_is_read_as_it_is_written(tmp_path: Path) -> None:
    r"""RECORD is a CSV file: a path with a comma or a quote stands in quotes (PEP 376)."""
    record = tmp_path / "RECORD"
    record.write_text(
        'a,b.py,sha256=x,1\r\n"c,""d.py",sha256=y,2\n./e//f/../g.py,sha512=z,3\nh.py,,\n\nbroken\n'
    )
    expected = [("a,b.py", "x"), ('c,"d.py', "y"), ("e/g.py", ""), ("h.py", "")]
    assert survey.record_of(str(record)) == expected


def test_a_version_is_the_ledgers_however_the_folder_spells_it(house: House) -> None:
    house.put("nice", {"nice.py": ""}, version="1.0_1", info={"METADATA": "Name: nice\nVersion: 1.0-1\n\n"})
    house.decide("nice", "1.0-1", ALLOW)
    assert states(house) == {"nice": "vetted"}


def test_a_file_that_two_list_belongs_to_the_one_that_it_is_from(house: House) -> None:
    """The second one's installation has overwritten it; both are vetted."""
    house.put("first", {"both/__init__.py": "x = 1\n"})
    house.put("second", {"both/__init__.py": "x = 2\n"})
    house.enable()
    assert house.imports("both").returncode == 0
    house.put("aaa", {"both/__init__.py": "x = 3\n"})
    placing.refresh(house.target)
    assert house.imports("both").returncode == 0


def test_two_vetted_distributions_with_a_module_of_one_name_are_in_each_others_way(house: House) -> None:
    house.put("first", {"both.py": ""})
    house.put("second", {"both/__init__.py": ""})
    house.enable()
    assert "first 1.0 has put something into it or in its way" in refusal(house.imports("both"))


def test_the_time_of_the_ledger_decides_what_was_installed_since(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    assert states(house) == {"nice": "vetted"}
    house.backdate("nice-1.0.dist-info/RECORD", -60)
    assert states(house) == {"nice": "changed"}


def test_what_was_known_under_the_same_line_is_changed_whatever_its_time_says(house: House) -> None:
    """Copied over it from an archive, with the times that the archive has."""
    house.put("nice", {"nice.py": "x = 1\n"})
    house.enable()
    assert states(house) == {"nice": "vetted"}
    house.put("nice", {"nice.py": "x = 2\n"}, decision=None)
    house.backdate("nice-1.0.dist-info/RECORD", 10**8)
    (house.purelib / "README").write_text("")
    for _ in range(2):
        assert "it was installed anew since it was vetted" in refusal(house.imports("nice"))
        placing.refresh(house.target)
    house.decide("nice", "1.0", ALLOW)
    assert house.imports("nice").returncode == 0


@pytest.mark.parametrize("gone", [True, False])
def test_so_it_is_where_its_folder_spells_the_name_in_another_way(house: House, *, gone: bool) -> None:
    """PEP 503: the name is the same."""
    house.put("nice-one", {"nice.py": "x = 1\n"})
    house.enable()
    if gone:
        shutil.rmtree(house.purelib / "nice_one-1.0.dist-info")
    house.put("Nice.One", {"more.py": "x = 2\n"}, decision=None)
    house.backdate("Nice.One-1.0.dist-info/RECORD", 10**8)
    for _ in range(2):
        assert "it was installed anew since it was vetted" in refusal(house.imports("more"))
        assert (house.imports("nice").returncode == 0) is not gone
        placing.refresh(house.target)


@pytest.mark.parametrize("name", ["x\ny-1.0", "x\ty-1.0", "x\x85-1.0", "x\u2028-1.0", "-y.py", "\udcff-1.0"])
def test_what_could_be_read_as_something_else_is_no_distribution(house: House, name: str) -> None:
    house.put("nice", {"nice.py": ""})
    folder = house.purelib / f"{name}.dist-info"
    folder.mkdir()
    (folder / "RECORD").write_text("odd.py,,\n")
    (house.purelib / "odd.py").write_text("")
    for _ in range(2):
        house.enable()
    assert states(house) == {"nice": "vetted"}
    assert house.imports("nice").returncode == 0
    assert "no distribution lists" in refusal(house.imports("odd"))


def test_a_file_that_could_be_read_as_two_lines_is_not_accepted(house: House) -> None:
    (house.purelib / "x\nevil.py\naccepted\t\t\t\t-x.py").write_text("")
    (house.purelib / "fine.py").write_text("")
    house.enable(everything=True)
    (house.purelib / "evil.py").write_text("")
    house.enable()
    assert states(house) == {"fine.py": "accepted"}
    assert "no distribution lists" in refusal(house.imports("evil"))


@pytest.mark.parametrize("brought", [f"{guard.NAME}/more.py", "!trustguard.start"])
def test_a_distribution_that_brings_the_guards_own_files_is_named(house: House, brought: str) -> None:
    house.put("nice", {"nice.py": ""})
    assert placing.faults(house.target, house.purelib) == []
    house.enable()
    assert placing.faults(house.target, house.purelib) == []
    house.put("evil", {brought: ""})
    for _ in range(2):
        *_, fault = placing.faults(house.target, house.purelib)
        assert fault.startswith("evil 1.0 has put something in the place of the guard's own files")
        assert set(states(house).values()) == {"unvetted"}
        placing.refresh(house.target)


def test_a_guard_that_is_not_whole_or_not_ours_is_a_fault(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.enable()
    (house.purelib / guard.NAME / "refusal.py").write_text("")
    assert "version's, or was changed" in placing.faults(house.target, house.purelib)[0]
    (house.purelib / guard.NAME / "__init__.py").unlink()
    assert "does not start" in placing.faults(house.target, house.purelib)[0]
    house.enable()
    (house.purelib / guard.PTH).unlink()
    assert "does not start" in placing.faults(house.target, house.purelib)[0]
    house.enable()
    (house.purelib / "!trustguard.start").touch()  # from Python 3.15 on
    assert "does not start" in placing.faults(house.target, house.purelib)[0]
    placing.remove(house.target)
    assert placing.faults(house.target, house.purelib) == []


# The user's own projects.

NAMED = {
    "by-pep-621": ("pyproject.toml", '[project]\nname = "own.it"\n'),
    "with-tabs": ("pyproject.toml", '[project]\nname\t=\t"own.it"\n'),
    "with-a-quoted-key": ("pyproject.toml", "[project]\n'name' = 'own.it'"),
    "in-another-spelling": ("pyproject.toml", '[project]\r\nname = "Own__It"\r\n'),
    "by-poetry": ("pyproject.toml", "[tool.poetry]\nname = 'own.it'\n"),
    "by-setup-cfg": ("setup.cfg", "[metadata]\nname: own.it"),
    "by-setup-cfg-with-other-lines": ("setup.cfg", "[metadata]\r\nname = own.it\r\nversion = 1\r\n"),
    "by-setup-py": ("setup.py", "import setuptools\nsetuptools.setup(name='own.it', version='1')\n"),
    "by-a-variable": ("setup.py", "from setuptools import setup\nNAME = 'own.it'\nsetup(name=NAME)\n"),
}
NOT_NAMED = {
    "elsewhere": ("pyproject.toml", '[project]\nname = "mine"\n[tool.x]\nname = "own.it"\n'),
    "in-a-text": ("pyproject.toml", "x = '''\n[project]\nname = \"own.it\"\n'''\n"),
    "in-a-comment": (
        "setup.py",
        "from setuptools import setup\n# setup(name='own.it')\nsetup(name='mine')\n",
    ),
    "to-another-function": ("setup.py", "from setuptools import Extension\nExtension(name='own.it')\n"),
    "in-another-section": ("setup.cfg", "[metadata]\nname = mine\n[options]\nname = own.it\n"),
    "by-a-number": ("pyproject.toml", "[project]\nname = 1\n"),
    "by-no-table": ("pyproject.toml", "project = 1\n"),
    "in-what-is-broken": ("pyproject.toml", "[project\nname = 'own.it'\n"),
    "in-no-section": ("setup.cfg", "name = own.it\n"),
    "in-a-broken-program": ("setup.py", "setup(name='own.it'\n"),
}


@pytest.mark.parametrize("how", [*NAMED, *NOT_NAMED])
def test_a_project_is_the_users_own_where_its_files_name_it(tmp_path: Path, how: str) -> None:
    file, text = {**NAMED, **NOT_NAMED}[how]
    (tmp_path / file).write_bytes(text.encode())
    told = json.dumps({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert survey.project_of(told, "own_it", ()) == (str(tmp_path) if how in NAMED else "")
    assert survey.project_of(told, "own_it", (str(tmp_path.parent),)) == ""


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:.",
            "file:own",
            "file:///nowhere",
            "file:///%00",
            "file:///",
            "file://host{path}",
            "http://{path}",
        ),
        *("file:///proc/self/cwd", "file:////proc/self/cwd", "file:///dev/../proc/self/cwd"),
    ],
)
def test_what_is_no_folder_of_its_own_on_this_disk_is_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "own"\n')
    monkeypatch.chdir(tmp_path)
    told = json.dumps({"url": url.format(path=tmp_path), "dir_info": {}})
    assert survey.project_of(told, "own", ()) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("", '"dir_info"', '{"dir_info": ', '{"dir_info": {}}', "[" * 10**5 + '"dir_info"'),
        *('{"url": 1, "dir_info": {}}', '{"url": "file:///", "dir_info": 1}'),
    ],
)
def test_what_does_not_state_a_folder_as_pep_610_has_it_is_no_project(text: str) -> None:
    assert survey.project_of(text, "own", ()) == ""


def test_without_a_parser_the_name_is_seen_where_it_stands_in_a_line_of_its_own() -> None:
    """Python 3.10 has none for TOML."""
    for how in ("by-pep-621", "with-tabs", "with-a-quoted-key", "by-poetry"):
        assert survey._in_lines(NAMED[how][1]) == ["own.it"]
    assert survey._in_lines(NOT_NAMED["elsewhere"][1]) == ["mine"]
    text = "[project]\nreadme = {quote}\nname = 'text'\n[tool.poetry]\n{quote}\nname = 'own.it'\n"
    for quote in ('"""', "'''"):
        assert survey._in_lines(text.format(quote=quote)) == ["own.it"]
    assert survey._in_lines(NOT_NAMED["in-a-text"][1]) == []
