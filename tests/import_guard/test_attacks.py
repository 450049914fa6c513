"""What came by another door does not run: each attack leaves its marker without the guard, none with it."""

from __future__ import annotations

import base64
import hashlib
import json
import marshal
import py_compile
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import source_hash
from pathlib import Path

import pytest

from tests.import_guard.house import ALLOW, ASK, BLOCK, House, refusal
from tests.lab.artifacts import build_wheel
from tests.lab.markers import Markers
from trustguard.import_guard import guard, survey

Prepare = Callable[[House, Markers], None]


@dataclass(frozen=True)
class Attack:
    """Code that somebody gets into an environment, and what makes it run.

    Args:
        prepare: puts it there. What is vetted is put there before the guard is, ``nice`` for one.
        args: Python's arguments that make it run.
        environ: a variable and its value; ``{purelib}`` stands for the site-packages folder.
        said: what the refusal says among other things.
    """

    prepare: Prepare
    args: tuple[str, ...]
    said: str = "nobody has vetted it"
    environ: tuple[str, str] = ("UNUSED", "")

    def run(self, house: House) -> str:
        """Have Python run what it should not. Returns what was written to stderr."""
        name, value = self.environ
        return house.run(*self.args, **{name: value.format(purelib=house.purelib)}).stderr


def code(markers: Markers) -> str:
    """What leaves a marker."""
    return markers.snippet("ran") + "\n"


def by_pip(house: House, markers: Markers) -> None:
    house.pip_install(build_wheel("evil", "1.0", files={"evil/__init__.py": code(markers)}))


def under_a_vetted_name(house: House, markers: Markers) -> None:
    """The distribution has no module of its own name, and the module that of nobody."""
    house.put("evil", {"nice_extra.py": code(markers)}, decision=None)


def with_a_line_in_the_ledger_for_another_version(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.py": code(markers)}, version="2.0", decision=None)
    house.decide("evil", "1.0", ALLOW)


def without_a_record(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.py": code(markers)}, decision=None)
    (house.purelib / "evil-1.0.dist-info" / "RECORD").unlink()


def in_the_place_of_what_a_vetted_package_begins_with(house: House, markers: Markers) -> None:
    """The package has bytecode alone, and Python takes the source first."""
    source = house.home / "empty.py"
    source.write_text("")
    file = house.purelib / "sealed" / "__init__.pyc"
    file.parent.mkdir()
    py_compile.compile(str(source), str(file), doraise=True)
    digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
    house.put("sealed", {})
    with (house.purelib / "sealed-1.0.dist-info" / "RECORD").open("a") as record:
        record.write(f"sealed/__init__.pyc,sha256={digest},{file.stat().st_size}\n")
    house.decide("sealed", "1.0", ALLOW)
    assert house.imports("sealed").returncode == 0
    (file.parent / "__init__.py").write_text(code(markers))


def without_a_distribution(house: House, markers: Markers) -> None:
    (house.purelib / "evil.py").write_text(code(markers))


def in_anothers_place(house: House, markers: Markers) -> None:
    """A package wins over a module of the same name."""
    house.put("evil", {"nice/__init__.py": code(markers)}, decision=None)


def in_anothers_package(house: House, markers: Markers) -> None:
    house.put("evil", {"nicer/inner.py": code(markers)}, decision=None)


def as_anothers_bytecode(house: House, markers: Markers) -> None:
    """Bytecode that is checked by the hash of its source, which everybody knows, or not at all."""
    house.put("evil", {}, decision=None, unhashed=[bytecode(house, markers, house.purelib / "nice.py")])


def bytecode(house: House, markers: Markers, source: Path) -> str:
    """Write other bytecode for a module. Returns where, seen from the module."""
    tag = house.run("-c", "import sys; print(sys.implementation.cache_tag)").stdout.strip()
    magic = bytes.fromhex(
        house.run("-c", "import _imp, importlib.util as u; print(u.MAGIC_NUMBER.hex())").stdout
    )
    compiled = marshal.dumps(compile(code(markers), source.name, "exec"))
    header = magic + (0b01).to_bytes(4, "little") + source_hash(source.read_bytes())
    path = f"__pycache__/{source.stem}.{tag}.pyc"
    (source.parent / "__pycache__").mkdir(exist_ok=True)
    (source.parent / path).write_bytes(header + compiled)
    return path


def in_a_namespace(house: House, markers: Markers) -> None:
    house.put("evil", {"space/deep/evil.py": code(markers)}, decision=None)


def as_the_init_of_a_namespace(house: House, markers: Markers) -> None:
    house.put("evil", {"space/__init__.py": code(markers)}, decision=None)


def as_start_up_code(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.pth": markers.pth_line("ran")}, decision=None)


def as_start_up_code_that_sorts_early(house: House, markers: Markers) -> None:
    house.put("evil", {"%evil.pth": markers.pth_line("ran")}, decision=None)


def through_a_path_line_into_a_package(house: House, markers: Markers) -> None:
    files = {"evil.pth": "evilpkg\n", "evilpkg/__init__.py": "", "evilpkg/evil.py": code(markers)}
    house.put("evil", files, decision=None)


def through_a_path_line_into_a_folder(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.pth": "somewhere\n", "somewhere/evil.py": code(markers)}, decision=None)


def in_a_zip_archive(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.pth": "evil.egg\n"}, decision=None)
    with zipfile.ZipFile(house.purelib / "evil.egg", "w") as archive:
        archive.writestr("evil.py", code(markers))


def without_source(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.py": code(markers)}, decision=None)
    house.run("-c", f"import py_compile; py_compile.compile({str(house.purelib / 'evil.py')!r}, "
                    f"{str(house.purelib / 'evil.pyc')!r})")  # fmt: skip
    (house.purelib / "evil.py").unlink()


def as_sitecustomize(house: House, markers: Markers) -> None:
    house.put("evil", {"sitecustomize.py": code(markers)}, decision=None)


def as_the_standard_library(house: House, markers: Markers) -> None:
    house.put("evil", {"colorsys.py": code(markers)})


def refused_since(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.py": code(markers)})
    house.judge_anew("evil", BLOCK)


def never_approved(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.py": code(markers)}, decision=ASK)


def changed(house: House, markers: Markers) -> None:
    (house.purelib / "nice.py").write_text(code(markers))


def changed_in_a_namespace(house: House, markers: Markers) -> None:
    (house.purelib / "space" / "deep" / "honest.py").write_text(code(markers))


def installed_anew_by_pip(house: House, markers: Markers) -> None:
    """The same version, as another index may have it. RECORD fits what is there."""
    house.backdate("nice-1.0.dist-info/RECORD")
    wheel = build_wheel("nice", "1.0", files={"nice.py": code(markers)})
    house.pip_install(wheel, "--force-reinstall")


def forged_as_the_users_own(house: House, markers: Markers) -> None:
    """A wheel may say of itself that it was installed from a folder that exists."""
    told = '{"url": "file:///usr", "dir_info": {"editable": true}}'
    house.put("evil", {"evil.py": code(markers)}, decision=None, info={"direct_url.json": told})


def forged_as_the_users_own_by(url: str, pyproject: str) -> Prepare:
    """A wheel that says it was installed from a folder where something happens to have its name."""

    def prepare(house: House, markers: Markers) -> None:
        (house.home / "pyproject.toml").write_text(pyproject)
        told = json.dumps({"url": url.format(home=house.home, prefix=house.environment.path), "dir_info": {}})
        house.put("evil", {"evil.py": code(markers)}, decision=None, info={"direct_url.json": told})

    return prepare


def forged_as_the_users_own_by_data(house: House, markers: Markers) -> None:
    """The folder that it names is one that it has brought itself."""
    project = {"../../../share/evil/pyproject.toml": '[project]\nname = "evil"\n'}
    told = json.dumps({"url": f"file://{house.environment.path}/share/evil", "dir_info": {}})
    house.put("evil", {"evil.py": code(markers), **project}, decision=None, info={"direct_url.json": told})


def through_a_path_line_into_the_environment(house: House, markers: Markers) -> None:
    files = {"evil.pth": "../../../share/evil\n", "../../../share/evil/evil.py": code(markers)}
    house.put("evil", files, decision=None)


def through_a_path_line_that_no_record_lists(house: House, markers: Markers) -> None:
    """As an installer leaves it that does not write RECORD itself."""
    house.put("evil", {"../../../share/evil/evil.py": code(markers)}, decision=None)
    (house.purelib / "evil.pth").write_text("../../../share/evil\n")


def through_a_path_line_with_start_up_code(house: House, markers: Markers) -> None:
    files = {"evil.pth": "../../../share/evil\n", "../../../share/evil/sitecustomize.py": code(markers)}
    house.put("evil", files, decision=None)


def through_a_path_line_into_a_namespace(house: House, markers: Markers) -> None:
    files = {"evil.pth": "../../../share/evil\n", "../../../share/evil/void/deep/evil.py": code(markers)}
    house.put("evil", files, decision=None)


def through_a_path_line_into_an_archive(house: House, markers: Markers) -> None:
    house.put("evil", {"evil.pth": "../../../evil.bin\n"}, decision=None, unhashed=["../../../evil.bin"])
    with zipfile.ZipFile(house.environment.path / "evil.bin", "w") as archive:
        archive.writestr("evil.py", code(markers))


def through_a_path_line_to_somebody_elses_folder(house: House, markers: Markers) -> None:
    """What lies there did not come with it: anybody could have put it there."""
    (house.home / "shared" / "void").mkdir(parents=True)
    (house.home / "shared" / "void" / "evil.py").write_text(code(markers))
    (house.home / "shared" / "evil.py").write_text(code(markers))
    house.put("evil", {"evil.pth": f"{house.home / 'shared'}\n"}, decision=None)


def through_an_indented_path_line(house: House, markers: Markers) -> None:
    through_a_path_line_to_somebody_elses_folder(house, markers)
    house.put("evil", {"evil.pth": f" {house.home / 'shared'}\n"}, decision=None)


def as_entry_points(house: House, markers: Markers) -> None:
    """They need no module of their own: the first two would take the guard out."""
    points = "sys:path_hooks.reverse\nsys:path_importer_cache.clear\nevil:run\n"
    house.put("evil", {"evil.start": points, "evil.py": code(markers)}, decision=None)


def as_entry_points_that_no_record_lists(house: House, markers: Markers) -> None:
    as_entry_points(house, markers)
    record = house.purelib / "evil-1.0.dist-info" / "RECORD"
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if ".start" not in line))


def beside_the_scripts(house: House, markers: Markers) -> None:
    """Python looks first where the script is that it runs."""
    house.put("evil", {"../../../bin/nice.py": code(markers)}, decision=None)
    (house.environment.path / "bin" / "tool").write_text("import nice\n")


def as_bytecode_of_the_users_own(house: House, markers: Markers) -> None:
    """In an environment that was made in the folder of a project."""
    source = house.environment.path / "src" / "mine.py"
    source.parent.mkdir(exist_ok=True)
    source.write_text("x = 1\n")
    path = bytecode(house, markers, source)
    house.put("evil", {}, decision=None, unhashed=[f"../../../src/{path}"])


def in_anothers_package_by_another_way(house: House, markers: Markers) -> None:
    house.put("evil", {f"../../../{other_way(house)}/nicer/inner.py": code(markers)}, decision=None)


def in_anothers_package_by_its_full_path(house: House, markers: Markers) -> None:
    house.put("evil", {str(house.purelib / "nicer" / "inner.py"): code(markers)}, decision=None)


def other_way(house: House) -> str:
    """The site-packages folder, seen from the environment, by way of a link."""
    link = house.environment.path / "lib64"
    if not link.exists():
        link.symlink_to("lib")
    return f"lib64/{house.purelib.parent.name}/site-packages"


def with_lines_in_a_folders_name(house: House, markers: Markers) -> None:
    """The list of what is vetted is made of lines."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(code(markers).encode()).digest()).rstrip(b"=").decode()
    house.put("evil", {"evil.py": code(markers)}, decision=None)
    folder = house.purelib / f"x\nevil.py\nvetted\t\t\t{digest}\tz-1.dist-info"
    folder.mkdir()
    (folder / "RECORD").write_text("a,,\n")


def with_a_ledger_of_its_own(house: House, markers: Markers) -> None:
    row = [
        "evil",
        "1.0",
        "allow",
        "",
        "ab" * 32,
        "evil-1.0-py3-none-any.whl",
        "https://index.example/simple/",
    ]
    row += ["2999-01-01T00:00:00.000000+00:00", "cd" * 32, "", ""]
    ledger = "trustguard-ledger\t1\n" + "\t".join(row) + "\n"
    house.put("evil", {"evil.py": code(markers), guard.LEDGER: ledger}, decision=None)


def with_a_list_of_its_own(house: House, markers: Markers) -> None:
    """It accepts itself: the digest of RECORD can be foreseen."""
    path = f"{guard.NAME}/{guard.INDEX}"
    house.put("evil", {"evil.py": code(markers)}, decision=None, unhashed=[path])
    digest = survey.digest_of(str(house.purelib / "evil-1.0.dist-info" / "RECORD"))
    entry = hashlib.sha256(code(markers).encode()).digest()
    known = base64.urlsafe_b64encode(entry).rstrip(b"=").decode()
    info = "evil-1.0.dist-info"
    text = (
        f"trustguard-import-guard\t1\t0\t{guard.LEDGER}\t\t\n{info}/RECORD\naccepted\t\t\t{digest}\t{info}\n"
    )
    (house.purelib / guard.NAME).mkdir(exist_ok=True)
    (house.purelib / path).write_text(f"{text}evil.py\naccepted\t\t\t{known}\t{info}\n")


FINDS_BY_ITSELF = """
import importlib.machinery as m, importlib.util as u
spec = m.PathFinder.find_spec("evil")
spec.loader.exec_module(u.module_from_spec(spec))
"""
GOES_ANOTHER_WAY = """
import sys
sys.path[:0] = [path + "/../site-packages/" for path in sys.path if path.endswith("-packages")]
import evil
"""
NAMED = '[project]\nname = "evil"\n'
NAMED_ELSEWHERE = '[project]\nname = "mine"\n[[tool.poetry.source]]\nname = "evil"\n'
FORGED = "evil 1.0 has put something in the place of the guard's own files"
SPACE = "import space.deep.honest, space.deep.evil"
ATTACKS = {
    "by-pip": Attack(by_pip, ("-c", "import evil")),
    "flags": Attack(by_pip, ("-I", "-E", "-s", "-c", "import evil")),
    "as-a-program": Attack(by_pip, ("-m", "evil")),
    "in-a-thread": Attack(
        by_pip, ("-c", "import threading as t; a = t.Thread(target=__import__, args=['evil']); a.start()")
    ),
    "by-the-path-finder": Attack(
        by_pip,
        ("-c", FINDS_BY_ITSELF),
    ),
    "after-the-caches-are-cleared": Attack(
        by_pip, ("-c", "import sys; sys.path_importer_cache.clear(); import evil")
    ),
    "by-another-way-to-the-folder": Attack(
        by_pip, ("-c", GOES_ANOTHER_WAY)
    ),
    "under-another-name": Attack(under_a_vetted_name, ("-c", "import nice_extra")),
    "another-version": Attack(with_a_line_in_the_ledger_for_another_version, ("-c", "import evil")),
    "without-a-record": Attack(without_a_record, ("-c", "import evil")),
    "without-a-distribution": Attack(without_a_distribution, ("-c", "import evil"), "no distribution lists"),
    "in-anothers-place": Attack(in_anothers_place, ("-c", "import nice")),
    "in-anothers-package": Attack(
        in_anothers_package, ("-c", "import nicer.inner"), "evil 1.0 has put something into it"
    ),
    "as-anothers-bytecode": Attack(
        as_anothers_bytecode, ("-c", "import nice"), "evil 1.0 has put something into it"
    ),
    "in-a-namespace": Attack(in_a_namespace, ("-c", SPACE)),
    "init-of-a-namespace": Attack(as_the_init_of_a_namespace, ("-c", "import space.deep.honest")),
    "pth": Attack(as_start_up_code, ("-c", "")),
    "early-pth": Attack(as_start_up_code_that_sorts_early, ("-I", "-c", "")),
    "path-line-into-a-package": Attack(through_a_path_line_into_a_package, ("-c", "import evil")),
    "path-line-into-a-folder": Attack(through_a_path_line_into_a_folder, ("-c", "import evil")),
    "zip": Attack(in_a_zip_archive, ("-c", "import evil")),
    "without-source": Attack(without_source, ("-c", "import evil")),
    "sitecustomize": Attack(as_sitecustomize, ("-c", "")),
    "standard-library": Attack(
        as_the_standard_library, ("-c", "import colorsys"), "it takes the place of the standard library's",
        ("PYTHONPATH", "{purelib}"),
    ),
    "refused-since": Attack(refused_since, ("-c", "import evil"), "trustguard refuses it by now"),
    "never-approved": Attack(never_approved, ("-c", "import evil"), "trustguard refuses it by now"),
    "changed": Attack(changed, ("-c", "import nice"), "nice.py is not as it was installed"),
    "changed-in-a-namespace": Attack(
        changed_in_a_namespace, ("-c", "import space.deep.honest"), "honest.py is not as it was installed"
    ),
    "in-the-place-of-an-init": Attack(
        in_the_place_of_what_a_vetted_package_begins_with, ("-c", "import sealed"), "no distribution lists"
    ),
    "installed-anew": Attack(installed_anew_by_pip, ("-c", "import nice"), "it was installed anew"),
    "forged-as-own": Attack(forged_as_the_users_own, ("-c", "import evil")),
    "forged-as-own-by-the-working-directory": Attack(
        forged_as_the_users_own_by("file:///proc/self/cwd", NAMED), ("-c", "import evil")
    ),
    "forged-as-own-by-the-working-directory-in-another-way": Attack(
        forged_as_the_users_own_by("file:////proc/self/cwd", NAMED), ("-c", "import evil")
    ),
    "forged-as-own-by-a-relative-path": Attack(
        forged_as_the_users_own_by("file:.", NAMED), ("-c", "import evil")
    ),
    "forged-as-own-by-another-name": Attack(
        forged_as_the_users_own_by("file://{home}", NAMED_ELSEWHERE), ("-c", "import evil")
    ),
    "forged-as-own-by-data": Attack(forged_as_the_users_own_by_data, ("-c", "import evil")),
    "path-line-into-the-environment": Attack(through_a_path_line_into_the_environment, ("-c", "import evil")),
    "path-line-unlisted": Attack(through_a_path_line_that_no_record_lists, ("-c", "import evil")),
    "path-line-start-up": Attack(through_a_path_line_with_start_up_code, ("-I", "-c", "")),
    "path-line-into-a-namespace": Attack(
        through_a_path_line_into_a_namespace, ("-c", "import void.deep.evil")
    ),
    "path-line-into-an-archive": Attack(through_a_path_line_into_an_archive, ("-c", "import evil")),
    "path-line-elsewhere": Attack(through_a_path_line_to_somebody_elses_folder, ("-c", "import evil")),
    "path-line-elsewhere-namespace": Attack(
        through_a_path_line_to_somebody_elses_folder, ("-c", "import void.evil")
    ),
    "beside-the-scripts": Attack(beside_the_scripts, ("environment/bin/tool",)),
    "bytecode-of-the-users-own": Attack(
        as_bytecode_of_the_users_own, ("-c", "import mine"), environ=("PYTHONPATH", "{purelib}/../../../src")
    ),
    "in-anothers-package-by-a-link": Attack(
        in_anothers_package_by_another_way, ("-c", "import nicer.inner"), "evil 1.0 has put something into it"
    ),
    "in-anothers-package-by-its-full-path": Attack(
        in_anothers_package_by_its_full_path, ("-c", "import nicer.inner"), "has put something into it"
    ),
    "lines-in-a-folders-name": Attack(with_lines_in_a_folders_name, ("-c", "import evil")),
    "ledger-of-its-own": Attack(with_a_ledger_of_its_own, ("-c", "import evil"), FORGED),
    "list-of-its-own": Attack(with_a_list_of_its_own, ("-c", "import evil"), FORGED),
    "python-path": Attack(by_pip, ("-c", "import evil"), environ=("PYTHONPATH", "{purelib}")),
    "python-path-by-a-link": Attack(
        by_pip, ("-c", "import evil"), environ=("PYTHONPATH", "{purelib}/../../../link")
    ),
    "python-path-by-two-slashes": Attack(by_pip, ("-c", "import evil"), environ=("PYTHONPATH", "/{purelib}")),
}  # fmt: skip
if sys.version_info >= (3, 15):  # PEP 829
    ATTACKS |= {
        "indented-path-line": Attack(through_an_indented_path_line, ("-c", "import evil")),
        "start": Attack(as_entry_points, ("-c", "")),
        "start-unlisted": Attack(as_entry_points_that_no_record_lists, ("-I", "-c", ""), "no distribution"),
    }


@pytest.fixture
def furnished(house: House) -> House:
    """An environment with honest packages, all vetted."""
    house.put("nice", {"nice.py": "x = 1\n"})
    house.put("nicer", {"nicer/__init__.py": "", "nicer/module.py": ""})
    house.put("space-honest", {"space/deep/honest.py": "x = 1\n"})
    (house.environment.path / "link").symlink_to(house.purelib)
    return house


@pytest.mark.parametrize("name", ATTACKS)
def test_what_nobody_vetted_runs_without_the_guard_and_does_not_with_it(
    furnished: House, markers: Markers, name: str
) -> None:
    attack = ATTACKS[name]
    attack.prepare(furnished, markers)
    attack.run(furnished)
    assert markers.ran() == {"ran"}
    markers.clear()
    furnished.enable()
    told = attack.run(furnished)
    assert (markers.ran(), attack.said in told) == (set(), True), told


@pytest.mark.parametrize("name", ATTACKS)
def test_what_comes_after_the_guard_does_not_run_either(
    furnished: House, markers: Markers, name: str
) -> None:
    """Nobody has told the guard: the folder or the ledger is another than it was."""
    furnished.enable()
    ATTACKS[name].prepare(furnished, markers)
    markers.clear()
    told = ATTACKS[name].run(furnished)
    assert (markers.ran(), ATTACKS[name].said in told) == (set(), True), told


@pytest.mark.parametrize("name", ATTACKS)
def test_what_was_there_and_is_accepted_runs_on_unless_it_is_in_anothers_way(
    furnished: House, markers: Markers, name: str
) -> None:
    """Nothing of what these attacks do keeps them from working: the guard does."""
    ATTACKS[name].prepare(furnished, markers)
    furnished.enable(everything=True)
    ATTACKS[name].run(furnished)
    for_good = {
        *(
            "in-anothers-place",
            "in-the-place-of-an-init",
            "standard-library",
            "refused-since",
            "never-approved",
        ),
        *("changed", "changed-in-a-namespace", "zip"),
        *("ledger-of-its-own", "list-of-its-own"),
    }
    assert markers.ran() == (set() if name in for_good else {"ran"})


@pytest.mark.parametrize("name", ["by-pip", "pth", "in-a-namespace", "changed"])
def test_in_the_mode_warn_it_runs_and_one_line_says_so(furnished: House, markers: Markers, name: str) -> None:
    furnished.enable("warn")
    ATTACKS[name].prepare(furnished, markers)
    lines = ATTACKS[name].run(furnished).splitlines()
    assert (markers.ran(), len(lines)) == ({"ran"}, 1), lines
    assert ATTACKS[name].said in lines[0]


def test_a_refusal_is_one_line_that_names_the_distribution_and_what_to_type(house: House) -> None:
    house.put("evil-thing", {"evil.py": ""}, version="2.1", decision=None)
    house.put("nice", {"nice.py": ""})
    house.enable()
    python = house.environment.python
    assert refusal(house.imports("evil")) == (
        f"evil (evil_thing 2.1): nobody has vetted it; "
        f"type: trustguard --python {python} install --force-reinstall evil_thing==2.1"
    )
    assert "\n" not in refusal(house.imports("evil"))


def test_a_name_with_control_characters_reaches_no_terminal(house: House) -> None:
    house.put("nice", {"nice.py": ""})
    house.enable()
    (house.purelib / "e\x1b[31mvil.py").write_text("")
    done = house.run("-c", "__import__('e\\x1b[31mvil')")
    assert "e?[31mvil" in refusal(done)


def test_in_the_mode_warn_a_distribution_is_named_once(house: House) -> None:
    house.put("evil", {"evil.py": "", "other.py": "", "evil.pth": "import evil\n"}, decision=None)
    house.enable("warn")
    done = house.run("-c", "import evil, other, importlib; importlib.reload(evil)")
    assert (done.returncode, done.stderr.count("trustguard:")) == (0, 1), done


def test_every_process_that_a_program_starts_is_guarded(furnished: House, markers: Markers) -> None:
    by_pip(furnished, markers)
    furnished.enable()
    program = """
import multiprocessing as m, subprocess, sys
def load():
    import evil
if __name__ == "__main__":
    subprocess.run([sys.executable, "-c", "import evil"])
    subprocess.run([sys.executable, "-I", "-c", "import evil"])
    for method in ("spawn", "fork"):
        child = m.get_context(method).Process(target=load)
        child.start(); child.join()
        assert child.exitcode == 1
"""
    script = furnished.home / "program.py"
    script.write_text(program)
    done = furnished.run(str(script))
    assert (done.returncode, markers.ran()) == (0, set()), done
    assert done.stderr.count("ImportError: trustguard: evil") == 4, done


def test_an_interpreter_within_the_interpreter_is_guarded(furnished: House, markers: Markers) -> None:
    by_pip(furnished, markers)
    program = """
for name in ("_interpreters", "_xxsubinterpreters"):
    try: interpreters = __import__(name); break
    except ModuleNotFoundError: pass
try: print(interpreters.run_string(interpreters.create(), "import nice\\nimport evil"))
except BaseException as error: print(error)
"""
    assert markers.ran() == set()
    furnished.run("-c", program)
    assert markers.ran() == {"ran"}
    markers.clear()
    furnished.enable()
    assert "nobody has vetted it" in (done := furnished.run("-c", program)).stdout + done.stderr, done
    assert markers.ran() == set()


def test_a_plugin_that_pytest_would_load_by_a_finder_of_its_own_is_guarded(
    furnished: House, markers: Markers, tmp_path: Path
) -> None:
    """Its finder stands in front of all others, and it reads the source of plugins by itself."""
    points = {"pytest11": {"evil": "evil"}}
    furnished.pip_install(build_wheel("evil", "1.0", files={"evil.py": code(markers)}, entry_points=points))
    (tmp_path / "test_it.py").write_text("import nice\ndef test(): assert nice.x == 1\n")
    args = ("-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_it.py"))
    elsewhere = str(Path(pytest.__file__).parents[1])
    control = furnished.run(*args, PYTHONPATH=elsewhere)
    assert (control.returncode, markers.ran()) == (0, {"ran"}), control
    markers.clear()
    furnished.enable()
    done = furnished.run(*args, PYTHONPATH=elsewhere)
    assert markers.ran() == set()
    assert "nobody has vetted it" in done.stderr, done
    done = furnished.run(*args, "-p", "no:evil", PYTHONPATH=elsewhere, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done
