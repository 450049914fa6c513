"""What is vetted, the user's own, or the standard library's is imported as if there were no guard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.import_guard.house import ALLOW, BLOCK, WARN, House, refusal
from tests.lab.artifacts import build_wheel
from tests.lab.markers import Markers
from trustguard.import_guard import guard, placing, survey
from trustguard.import_guard import refusal as refusals

STANDARD = "import json, asyncio, sqlite3, unittest, xml.etree.ElementTree, ctypes"


def works(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a process ended well and said nothing."""
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return True


@pytest.mark.parametrize("flags", [(), ("-I",), ("-E", "-s"), ("-B", "-O"), ("-X", "dev")])
def test_what_is_vetted_is_imported(house: House, flags: tuple[str, ...]) -> None:
    house.put("nice", {"nice/__init__.py": "from . import part", "nice/part.py": ""})
    house.put("warned", {"warned.py": ""}, decision=WARN)
    house.put("space-one", {"space/deep/one.py": ""})
    house.put("space-two", {"space/deep/two/__init__.py": "from . import part", "space/deep/two/part.py": ""})
    house.enable()
    assert works(house.imports("nice, nice.part, warned, space.deep.one, space.deep.two.part", *flags))


def test_one_that_is_in_a_namespace_with_an_unvetted_one_is_imported(house: House) -> None:
    house.put("space-one", {"space/one.py": ""})
    house.put("space-evil", {"space/evil.py": ""}, decision=None)
    house.enable()
    assert works(house.imports("space.one"))
    assert refusal(house.imports("space.evil")).startswith("space.evil (space_evil 1.0)")


def test_what_is_installed_and_vetted_later_is_imported_at_once(house: House) -> None:
    """Also by a process that has imported something before: a notebook."""
    house.put("nice", {"nice.py": ""})
    house.enable()
    house.put("later", {"later.py": ""})
    assert works(house.imports("later"))
    wait = "import nice, sys; print(flush=True); sys.stdin.readline(); import latest"
    command = [str(house.environment.python), "-I", "-c", wait]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        house.put("latest", {"latest.py": ""})
        _, errors = process.communicate(b"\n", timeout=30)
    assert (process.returncode, errors) == (0, b"")


def test_what_was_only_touched_is_imported(house: House) -> None:
    """Copies of an environment have other times, and the same content."""
    house.put("nice", {"nice.py": "x = 1\n"})
    house.enable()
    house.backdate("nice.py", -100)
    house.backdate("nice-1.0.dist-info/RECORD", -100)
    assert works(house.imports("nice"))
    placing.refresh(house.target)
    assert works(house.imports("nice"))


def test_a_distribution_that_is_judged_better_again_is_imported(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.enable()
    house.judge_anew("nice", BLOCK)
    assert refusal(house.imports("nice")).startswith("nice (nice 1.0): trustguard refuses it by now")
    house.judge_anew("nice", ALLOW)
    assert works(house.imports("nice"))


def test_the_users_own_code_is_free(house: House, tmp_path: Path) -> None:
    """In the working directory, on PYTHONPATH, beside a script, and through a line of a ``.pth`` file."""
    house.put("nice", {"nice.py": ""})
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.py").write_text("")
    (house.home / "mine.py").write_text("")
    (house.purelib / "mine.pth").write_text(f"{tmp_path / 'there'}\n")
    house.enable()
    assert works(house.imports("mine, here, there", PYTHONPATH=str(tmp_path / "here")))


def test_the_users_own_code_in_the_environment_itself_is_free(house: House) -> None:
    """An environment in the folder of a project, in which an unvetted distribution has put other things."""
    root = house.environment.path
    house.put("nice", {"nice.py": "", "nice.pth": "../../../share/nice\n", "../../../share/nice/data.py": ""})
    house.put("evil", {"evil.py": "", "../../../src/mine.txt": "", "../../../bin/evil": ""}, decision=None)
    for path in (
        "src/mine.py",
        "src/mypkg/__init__.py",
        "src/mypkg/part.py",
        "src/void/deep/mine.py",
        "there.py",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    with zipfile.ZipFile(root / "mine.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
    (house.purelib / "mine.pth").write_text("../../../src\n../../../mine.zip\n")
    (root / "bin" / "helper.py").write_text("")
    (root / "bin" / "tool").write_text("import helper, nice, data")
    names = "mine, mypkg.part, void.deep.mine, zipped, nice, data"
    house.enable()
    assert works(house.imports(names))
    assert works(house.imports(f"{names}, there", PYTHONPATH=f"{root}/src:{root}"))
    assert works(house.run("-c", f"import os; os.chdir({str(root)!r}); import there, {names}"))
    assert works(house.run(str(root / "bin" / "tool")))
    assert refusal(house.imports("evil")).startswith("evil (evil 1.0)")


def test_start_up_code_of_the_users_that_a_path_line_leads_to_runs(house: House, markers: Markers) -> None:
    house.put("nice", {"nice.py": ""})
    (house.home / "mine").mkdir()
    (house.home / "mine" / "sitecustomize.py").write_text(markers.snippet("ran"))
    (house.purelib / "mine.pth").write_text(f"{house.home / 'mine'}\n")
    house.enable()
    assert works(house.run("-I", "-c", ""))
    assert markers.ran() == {"ran"}


def test_what_is_vetted_is_imported_by_other_ways_to_the_folder(house: House) -> None:
    house.put("nice", {"nice/__init__.py": "", f"{house.purelib}/nice/part.py": ""})
    (house.environment.path / "link").symlink_to(house.purelib)
    house.enable()
    for path in (house.environment.path / "link", f"/{house.purelib}", f"{house.purelib}/../site-packages"):
        assert works(house.imports("nice.part", PYTHONPATH=str(path)))


def test_a_project_of_the_users_is_free_although_the_ledger_knows_a_release_of_it(house: House) -> None:
    """Installed from the index first, and then from its folder."""
    (house.home / "pyproject.toml").write_text('[project]\nname = "own"\n')
    house.put("own", {"own.py": "x = 1\n"})
    house.enable()
    told = json.dumps({"url": house.home.as_uri(), "dir_info": {"editable": True}})
    house.put("own", {"hook.py": ""}, decision=None, info={"direct_url.json": told})
    assert works(house.imports("hook"))


def test_of_a_project_that_is_not_recognised_as_the_users_no_namesake_is_recommended(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    for kind in ("dir_info", "archive_info"):
        told = json.dumps({"url": house.home.as_uri(), kind: {}})
        house.put(f"own-{kind}", {f"{kind}.py": ""}, decision=None, info={"direct_url.json": told})
    house.enable()
    for kind, words in (
        ("dir_info", "name it in its pyproject.toml"),
        ("archive_info", "remove it, or have it"),
    ):
        told = refusal(house.imports(kind))
        assert (words in told, "--accept-installed" in told, "--force-reinstall" in told) == (
            True,
            True,
            False,
        )


def test_a_project_of_the_users_own_is_imported_through_a_path_line(house: House) -> None:
    project = house.home / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "own"\n')
    (project / "own.py").write_text("")
    told = json.dumps({"url": project.as_uri(), "dir_info": {"editable": True}})
    files = {"__editable__.own-1.0.pth": f"{project}\n"}
    house.put("own", files, decision=None, info={"direct_url.json": told})
    house.enable()
    assert works(house.imports("own", "-I"))


def test_a_module_that_the_standard_library_has_compiled_cannot_be_replaced(house: House) -> None:
    """Where the folder stands first on the path."""
    names = "import glob, sys; print([p for p in sys.path if p.endswith('lib-dynload')][0])"
    compiled = sorted(Path(house.run("-I", "-c", names).stdout.strip()).glob("_c*.so"))
    name = compiled[0].name.partition(".")[0]
    house.put("nice", {f"{name}.py": "", "nice.py": ""})
    house.enable()
    assert works(house.imports("nice", PYTHONPATH=str(house.purelib)))
    told = refusal(house.imports(name, PYTHONPATH=str(house.purelib)))
    assert "it takes the place of the standard library's" in told


def test_the_import_hooks_of_others_have_nothing_to_do_with_the_guards_own_files(house: House) -> None:
    """Some rewrite whatever is imported from a folder, and fail with what they do not expect."""
    house.put("nice", {"nice.py": ""})
    house.put("evil", {"evil.py": ""}, decision=None)
    house.enable()
    hook = (
        f"def hook(path):\n    if {guard.NAME!r} in path: raise RuntimeError(path)\n    raise ImportError\n"
    )
    start = f"import sys\n{hook}sys.path_hooks.insert(0, hook)\n"
    assert "nobody has vetted it" in refusal(house.run("-c", start + "import evil"))
    house.put("later", {"later.py": ""})
    assert works(house.run("-c", start + "import later"))


def test_a_project_is_not_the_users_own_where_installations_for_the_user_put_their_data(
    house: House, markers: Markers
) -> None:
    """Outside virtual environments: below ``~/.local``."""
    base = house.home / "base"
    user = base / "lib" / "site-packages"
    info = user / "evil-1.0.dist-info"
    for folder in (info, base / "share" / "evil"):
        folder.mkdir(parents=True)
    (base / "share" / "evil" / "pyproject.toml").write_text('[project]\nname = "evil"\n')
    told = {"url": (base / "share" / "evil").as_uri(), "dir_info": {}}
    (info / "direct_url.json").write_text(json.dumps(told))
    (info / "RECORD").write_text("evil.py,,\n")
    (user / "evil.py").write_text(markers.snippet("ran"))
    copy_of_the_guard(house.home / "copied_guard")
    program = (
        "import copied_guard, site, sys; sys.prefix = sys.base_prefix\n"
        f"site.ENABLE_USER_SITE, site.USER_SITE, site.USER_BASE = True, {str(user)!r}, {{base!r}}\n"
        f"sys.path.append({str(user)!r}); copied_guard.start('block', {str(house.purelib)!r}); import evil"
    )
    assert "nobody has vetted it" in refusal(house.run("-c", program.format(base=str(base))))
    assert markers.ran() == set()


def test_a_project_that_is_installed_from_a_folder_of_the_users_is_free(house: House, tmp_path: Path) -> None:
    """By pip itself, editable and not (PEP 660, 610), with a hook in the site-packages folder."""
    backend = tmp_path / "own" / "backend"
    backend.mkdir(parents=True)
    pyproject = '[project]\nname = "own.project"\nversion = "1"\n[build-system]\nrequires = []\n'
    pyproject += 'build-backend = "backend"\nbackend-path = ["backend"]\n'
    (tmp_path / "own" / "pyproject.toml").write_text(pyproject)
    (tmp_path / "own" / "own.py").write_text("")
    wheel = build_wheel(
        "own.project",
        "1",
        files={"_own_editable.py": "", "own_hook.pth": "import _own_editable\n", "own.py": ""},
    )
    (backend / "own.whl").write_bytes(wheel.content)
    (backend / "backend.py").write_text(
        "import os, shutil\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        "    here = os.path.dirname(__file__)\n"
        f"    shutil.copy(os.path.join(here, 'own.whl'), os.path.join(folder, {wheel.filename!r}))\n"
        f"    return {wheel.filename!r}\n"
        "build_editable = build_wheel\n"
    )
    house.enable()
    for option in ((), ("--editable",)):
        done = house.pip("install", "--no-build-isolation", *option, str(tmp_path / "own"))
        assert done.returncode == 0, done
        assert works(house.imports("_own_editable, own"))


def test_a_program_with_only_the_standard_library_runs_whatever_the_ledger_is(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.enable()
    ledger, index = house.purelib / guard.LEDGER, house.purelib / guard.NAME / guard.INDEX
    for path in (ledger, index):
        good = path.read_bytes()
        for bad in (b"", b"\0\xff" * 100, good[:-20], b"x\n" * 10**5, b"\t" * 999):
            path.write_bytes(bad)
            assert works(house.run("-c", STANDARD))
        path.unlink()
        assert works(house.run("-c", STANDARD))
        path.mkdir()
        assert works(house.run("-c", STANDARD))
        path.rmdir()
        path.write_bytes(good)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(b"\xff\xfe"), "the ledger cannot be read"),
        (lambda path: path.write_text("trustguard-ledger\t1\nnice\t1.0\tallow\n"), "the ledger is damaged"),
        (lambda path: path.write_text("trustguard-ledger\t2\n"), "the ledger is damaged"),
        (lambda path: path.unlink(), "there is no ledger"),
        (lambda path: (path.unlink(), path.mkdir()), "the ledger cannot be read"),
    ],
)
def test_a_broken_ledger_vouches_for_nothing_and_is_named(house: House, damage: object, said: str) -> None:
    house.put("nice", {"nice.py": ""})
    house.put("pip", {"pip.py": ""}, decision=None)
    house.enable()
    assert callable(damage)
    damage(house.purelib / guard.LEDGER)
    assert f"nobody has vetted it; {said}; type: " in refusal(house.imports("nice"))
    assert works(house.imports("pip"))


def test_a_damaged_list_of_what_is_vetted_is_worked_out_anew_and_accepts_nothing(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.put("pip", {"pip.py": ""}, decision=None)
    house.enable()
    index = house.purelib / guard.NAME / guard.INDEX
    good = index.read_text(encoding="utf-8")
    for bad in (good.replace("\t", " "), ""):
        index.write_text(bad, encoding="utf-8")
        assert works(house.imports("nice"))
        assert "nobody has vetted it" in refusal(house.imports("pip"))
    first, rest = good.split("\n", 1)
    index.write_text(first + "\n" + rest.replace("vetted\t", "vett"), encoding="utf-8")
    assert refusal(house.imports("nice")).startswith("nice (nice.py): the list of what is vetted is damaged")


def test_a_vetted_pth_file_runs_as_without_the_guard(house: House, markers: Markers) -> None:
    """Its lines see each other's names, and the folder's as old namespace packages look for it."""
    lines = "import sys; it = sys._getframe(1).f_locals['sitedir']\nimport os; sys.seen = it, sitedir\n"
    shared = sys.version_info < (3, 13)
    house.put(
        "nice",
        {"nice.pth": lines if shared else "import sys; sys.seen = sys._getframe(1).f_locals['sitedir']"},
    )
    asked = ("-I", "-c", "import sys; print(sys.seen)")
    without = house.run(*asked)
    house.enable()
    assert (house.run(*asked).stdout, without.returncode) == (without.stdout, 0)
    assert markers.ran() == set()


def test_a_pip_that_is_guarded_installs_and_its_own_import_blocker_is_not_disturbed(house: House) -> None:
    """Since 26.3, it lets nothing be imported once an installation has begun."""
    for module in ("nice", "nicer"):
        house.put(module, {f"{module}.py": ""})
    house.enable()
    for options in ((), ("--force-reinstall",)):
        wheel = build_wheel("fresh", "1.0", files={"fresh.py": ""})
        (house.home / wheel.filename).write_bytes(wheel.content)
        done = house.pip("install", *options, str(house.home / wheel.filename))
        assert (done.returncode, done.stderr) == (0, ""), done
    assert "nobody has vetted it" in refusal(house.imports("fresh"))


def test_a_pip_in_the_environment_that_was_there_before_goes_on_working(house: House) -> None:
    """And a pip that somebody has put there since does not."""
    house.run("-I", "-m", "ensurepip")
    house.enable()
    done = house.run("-I", "-m", "pip", "--version")
    assert (done.returncode, done.stderr) == (0, ""), done
    other = build_wheel("pip", "99", files={"pip/__init__.py": "", "pip/__main__.py": ""})
    house.pip_install(other)
    done = house.run("-I", "-m", "pip", "--version")
    assert "pip 99): nobody has vetted it" in done.stderr, done
    placing.place(house.target, "block", everything=False)
    assert "pip 99): nobody has vetted it" in house.run("-I", "-m", "pip", "--version").stderr


def test_what_looks_at_modules_sees_what_it_sees_without_the_guard(house: House) -> None:
    """pkgutil, importlib.resources, importlib.metadata, inspect, runpy."""
    house.put(
        "nice",
        {"nice/__init__.py": "def f(): pass\n", "nice/data.txt": "text", "nice/__main__.py": "print(1)"},
    )
    program = (
        "import importlib.machinery, importlib.metadata as m, importlib.resources as r, importlib.util as u\n"
        "import inspect, pkgutil, runpy, nice\n"
        "print([one.name for one in pkgutil.iter_modules() if one.name == 'nice'], m.version('nice'))\n"
        "print((r.files('nice') / 'data.txt').read_text(), inspect.getsource(nice.f))\n"
        "print(nice.__file__, nice.__path__)\n"
        "print(u.find_spec('nice').origin, u.find_spec('nothing'), pkgutil.get_data('nice', 'data.txt'))\n"
        "print(isinstance(nice.__loader__, importlib.machinery.SourceFileLoader), nice.__spec__.cached)\n"
        "runpy.run_module('nice')\n"
    )
    before = house.run("-c", program)
    house.enable()
    after = house.run("-c", program)
    assert (before.returncode, before.stdout) == (0, after.stdout), after


def test_bytecode_is_written_and_used_as_without_the_guard(house: House) -> None:
    house.put("nice", {"nice.py": "x = 1\n"})
    house.enable()
    command = [str(house.environment.python), "-I", "-c", "import nice; print(nice.__spec__.cached)"]
    place = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    written = place.stat().st_mtime_ns
    assert works(house.imports("nice"))
    assert place.stat().st_mtime_ns == written


def test_threads_that_import_at_once_are_all_served(house: House) -> None:
    for number in range(40):
        house.put(f"p{number}", {f"p{number}.py": ""})
    house.enable()
    house.put("last", {"last.py": ""})
    program = (
        "import threading as t, sys; sys.setswitchinterval(1e-6); bad = []\n"
        "def load(n):\n  try: __import__(f'p{n}')\n  except BaseException as e: bad.append(e)\n"
        "all = [t.Thread(target=load, args=[n]) for n in range(40)]\n"
        "[a.start() for a in all]; [a.join() for a in all]; assert not bad, bad\n"
    )
    for _ in range(3):
        assert works(house.run("-c", program))


def test_the_guard_of_an_environment_and_that_of_its_base_are_two(tmp_path: Path) -> None:
    """A virtual environment that sees the site-packages of another Python: each folder has its own guard."""
    house = House(tmp_path / "house")
    base = tmp_path / "base"
    base.mkdir()
    (base / "evil.py").write_text("")
    (base / "fine.py").write_text("")
    house.put("nice", {"nice.py": ""})
    house.enable()
    code = (
        f"import sys; sys.modules[{guard.NAME!r}].start('block', {str(base)!r}); "
        f"sys.path.append({str(base)!r}); import nice"
    )
    assert works(house.run("-c", code))
    assert "no distribution lists" in refusal(house.run("-c", code + ", evil"))
    assert works(house.run("-c", f"import sys; sys.path.append({str(base)!r}); import nice, evil, fine"))


def test_sitecustomize_that_was_there_still_runs_and_a_new_one_does_not(
    house: House, markers: Markers
) -> None:
    (house.purelib / "sitecustomize.py").write_text(markers.snippet("before"))
    house.enable()
    assert works(house.run("-I", "-c", ""))
    assert markers.ran() == {"before"}
    (house.purelib / "sitecustomize.py").write_text(markers.snippet("after"))
    (house.purelib / "usercustomize.py").write_text(markers.snippet("after"))
    done = house.run("-c", "")
    assert (done.returncode, markers.ran()) == (0, {"before"})
    assert "sitecustomize.py is not as it was installed" in done.stderr


def test_the_user_site_is_guarded_with_the_interpreter_that_it_belongs_to(
    house: House, markers: Markers
) -> None:
    """Outside virtual environments, where what was installed with ``--user`` comes first of all."""
    user = house.home / "user-site"
    user.mkdir(parents=True)
    (user / "evil.py").write_text(markers.snippet("ran"))
    copy_of_the_guard(house.home / "copied_guard")
    program = (
        "import site, sys; sys.prefix = sys.base_prefix\n"
        f"site.ENABLE_USER_SITE, site.USER_SITE = True, {str(user)!r}\n"
        f"sys.path.append({str(user)!r})\n"
        "{start}import evil"
    )
    assert works(house.run("-c", program.format(start="")))
    assert markers.ran() == {"ran"}
    markers.clear()
    start = f"import copied_guard; copied_guard.start('warn', {str(house.purelib)!r}); "
    done = house.run("-c", program.format(start=start))
    assert (done.returncode, markers.ran()) == (0, {"ran"})
    assert "evil (evil.py)" not in done.stderr
    assert "evil (a file that no distribution lists): nobody has vetted it" in done.stderr


def test_the_example_starts_the_guard_from_a_sitecustomize(house: House, markers: Markers) -> None:
    example = Path(__file__).parents[2] / "sitecustomize_example" / "sitecustomize.py"
    house.put("evil", {"evil.py": markers.snippet("ran")}, decision=None)
    house.put("nice", {"nice.py": ""})
    copy_of_the_guard(house.home / "start" / guard.NAME)
    shutil.copy(example, house.home / "start" / "sitecustomize.py")
    start = str(house.home / "start")
    assert works(house.imports("nice", PYTHONPATH=start))
    assert "nobody has vetted it" in refusal(house.imports("evil", PYTHONPATH=start))
    assert markers.ran() == set()
    assert works(house.imports("evil"))
    assert markers.ran() == {"ran"}


def copy_of_the_guard(folder: Path) -> None:
    """Make a package of it, as by hand."""
    folder.mkdir(parents=True)
    shutil.copy(str(guard.__file__), folder / "__init__.py")
    for module in (refusals, survey):
        shutil.copy(str(module.__file__), folder)


def others() -> Iterator[Path]:
    """Other Pythons of this machine: those on the path, and those that lie beside this one."""
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15"):
        name = f"python{version}"
        beside = sorted(Path(sys.base_prefix).parent.glob(f"*{version}*/bin/{name}"))
        for found in filter(None, (shutil.which(name), *map(str, beside))):
            asked = [found, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            if done.stdout.strip() == version and sys.version_info[:2] != tuple(map(int, version.split("."))):
                yield Path(found)
                break


@pytest.mark.skipif(not list(others()), reason="no other Python here")
def test_the_guard_works_in_other_pythons(tmp_path: Path, markers: Markers) -> None:
    for number, python in enumerate(others()):
        place = tmp_path / str(number)
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", place], check=True)
        target = placing.Target.of(place / "bin" / "python")
        purelib = target.folders[0]
        (purelib / "evil.py").write_text(markers.snippet("ran"))
        (purelib / "evil.pth").write_text(markers.pth_line("ran"))
        # Python 3.15 would call these; they take the guard's hook from its place.
        (purelib / "worse.start").write_text("sys:path_hooks.reverse\nsys:path_importer_cache.clear\n")
        placing.place(target, "block", everything=False)
        environ = {"PATH": os.environ["PATH"]}
        run = [str(target.python), "-c", "import evil"]
        done = subprocess.run(run, env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, markers.ran()) == (1, set()), done
        assert done.stderr.count("no distribution lists") >= 2
        placing.remove(target)
        subprocess.run(run, env=environ, check=True)
        assert markers.ran() == {"ran"}
        markers.clear()


def test_in_the_deep_mode_every_file_is_compared_and_no_bytecode_is_used(
    house: House, markers: Markers
) -> None:
    """A file within a package is not looked at otherwise: the import of a submodule costs nothing."""
    house.put("nice", {"nice/__init__.py": "from . import part", "nice/part.py": "x = 1\n"})
    house.put("other", {"other.py": ""})
    house.enable()
    (house.purelib / "nice" / "part.py").write_text(markers.snippet("ran"))
    assert works(house.imports("nice"))
    assert markers.ran() == {"ran"}
    markers.clear()
    assert "nice/part.py is not as it was installed" in refusal(
        house.imports("nice", TRUSTGUARD_IMPORT_GUARD="deep")
    )
    assert markers.ran() == set()
    assert works(house.imports("other", "-I", TRUSTGUARD_IMPORT_GUARD="deep"))
