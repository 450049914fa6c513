"""What is inside a wheel is judged before an installer sees it, in real installations.

Each trick is a wheel of its own; its twin differs in the trick alone, and is installed. Plain pip installs
most of the tricks without a word, which one test shows.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, assert_done, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import Artifact, build_wheel, core_metadata, module_name
from tests.lab.environment import VirtualEnvironment
from tests.lab.forged import changed, data, digest, forged, info
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.shipped.packer import pack_zip, record_file, wheel_file

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


def pointing(text: str) -> Make:
    """A wheel with these entry points, in which ``MODULE`` stands for its module."""
    return lambda name: forged(
        name, {f"{info(name)}/entry_points.txt": text.replace("MODULE", module_name(name))}
    )


def adding(path: str, content: str = "x\n") -> Make:
    """A wheel with one more file; ``DATA``, ``INFO`` and ``MODULE`` in its path stand for its own."""

    def make(name: str) -> Artifact:
        own = {"DATA": data(name), "INFO": info(name), "MODULE": module_name(name)}
        where = path
        for word, value in own.items():
            where = where.replace(word, value)
        return forged(name, {where: content})

    return make


def listing(line: str, **files: str) -> Make:
    """A wheel with one more line in RECORD, in which ``MODULE`` stands for its module."""
    return lambda name: forged(
        name,
        {f"{module_name(name)}_{folder}/a.py": text for folder, text in files.items()},
        record=lambda text: f"{line.replace('MODULE', module_name(name))}\n{text}",
    )


def beside(folder: str) -> Make:
    """A wheel that has a plug-in for pytest in a folder, and has Python search the one above that."""

    def make(name: str) -> Artifact:
        own = f"{module_name(name)}_more"
        files = {f"{own}/{folder}/entry_points.txt": f"[pytest11]\na = {module_name(name)}\n"}
        return forged(name, {f"{own}.pth": f"{own}/beside\n", **files, f"{own}/beside/{own}_a.py": ""})

    return make


def read_as_victim(name: str) -> Artifact:
    """A project with a version in its name, and a folder of metadata that pip takes for another's."""
    project, folder = f"{name}-3.0", f"{module_name(name)}-3.0-1.dist-info"
    files = {
        f"{folder}/METADATA": core_metadata(project, "1"),
        f"{folder}/WHEEL": wheel_file("py3-none-any"),
    }
    files[f"{folder}/RECORD"] = record_file(files, f"{folder}/RECORD")
    filename = f"{module_name(name)}_3.0-1-py3-none-any.whl"
    return Artifact(filename, pack_zip(files), project, "1", files[f"{folder}/METADATA"])


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
    "record-form-feed": Trick(
        lambda name: forged(name, record=lambda text: re.sub(r"(\d)\n", "\\1\x0cprey.py,,\n", text, count=1)),
        plain,
        BLOCKED,
        "other lines for pip",
    ),
    "record-folder": Trick(
        listing("prey_package/,,"), listing("MODULE_more/,,", more="pass\n"), BLOCKED, "prey_package/"
    ),
    "record-dot": Trick(listing("./,,"), plain, BLOCKED, "./"),
    "record-bytecode": Trick(
        listing("prey.pyc,,"),
        listing("__pycache__/MODULE.cpython-311.pyc,,"),
        NEEDS_APPROVAL,
        "prey.pyc",
    ),
    # The metadata.
    "direct-url": Trick(
        adding("INFO/direct_url.json", '{"url": "https://elsewhere.example/"}'),
        adding("INFO/direct_links.json", "{}"),
        NEEDS_APPROVAL,
        "direct_url.json",
    ),
    "egg-link": Trick(
        adding("victim.egg-link", "/\n"), adding("MODULE.egg-links"), NEEDS_APPROVAL, "victim.egg-link"
    ),
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
    "hidden-plug-in": Trick(
        beside("beside/evil-1.0.dist-info"), beside("beside"), NEEDS_APPROVAL, "evil-1.0"
    ),
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
    "pyvenv-cfg-among-commands": Trick(
        adding("DATA/scripts/pyvenv.cfg"), adding("DATA/scripts/MODULE-pyvenv.cfg"), BLOCKED, "pyvenv.cfg"
    ),
    "pyvenv-cfg-in-bin": Trick(
        adding("DATA/data/bin/pyvenv.cfg"), adding("DATA/data/MODULE/bin/pyvenv.cfg"), BLOCKED, "pyvenv.cfg"
    ),
    "pip-conf": Trick(
        adding("DATA/data/pip.conf", "[global]\nindex-url = http://127.0.0.1:9/\n"),
        adding("DATA/data/MODULE/pip.conf"),
        BLOCKED,
        "pip.conf",
    ),
    "data-file": Trick(adding("MODULE.data"), adding("MODULE.dat"), BLOCKED, "MODULE.data"),
    "data-unknown": Trick(
        adding("DATA/secret/a.py"), adding("DATA/data/MODULE/secret/a.py"), BLOCKED, "no kind"
    ),
    "data-metadata": Trick(
        adding("DATA/purelib/INFO/entry_points.txt", "[pytest11]\nx = os\n"),
        adding("DATA/purelib/MODULE_info/entry_points.txt"),
        BLOCKED,
        "among the metadata",
    ),
    "guards-ledger": Trick(
        adding("trustguard-ledger.tsv"), adding("MODULE/trustguard-ledger.tsv"), BLOCKED, "ledger"
    ),
    "guards-start": Trick(
        adding("!trustguard.pth", "# nothing\n"), adding("!MODULE.pth", "# nothing\n"), BLOCKED, "trustguard"
    ),
    "guards-stop": Trick(
        adding("!trustguard.start", "os:getcwd\n"),
        adding("MODULE/!trustguard.start", "os:getcwd\n"),
        BLOCKED,
        "trustguard",
    ),
    "guards-copy": Trick(
        adding("_trustguard_import_guard/__init__.py"),
        adding("MODULE/_trustguard_import_guard/__init__.py", "pass\n"),
        BLOCKED,
        "_trustguard_import_guard",
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
    "package-over-module": Trick(
        adding("prey/__init__.py"), adding("prey/data.txt"), NEEDS_APPROVAL, "a file of prey"
    ),
    "compiled-over-module": Trick(
        adding("prey.abi3.so"), adding("prey.abi3.txt"), NEEDS_APPROVAL, "a file of prey"
    ),
    "bytecode-over-module": Trick(
        adding("__pycache__/prey.cpython-311.pyc"),
        adding("__pycache__/MODULE.cpython-311.pyc"),
        NEEDS_APPROVAL,
        "a file of prey",
    ),
    "data-of-another": Trick(
        adding("DATA/data/share/prey/x.txt"), adding("DATA/data/share/prey/MODULE"), NEEDS_APPROVAL, "x.txt"
    ),
    # Commands.
    "command-of-another": Trick(scripted("preys"), scripted("prey-s"), NEEDS_APPROVAL, "../bin/preys"),
    "command-in-brackets": Trick(
        pointing("[[console_scripts]]\npip = MODULE:main\n"),
        pointing("[[console_scripts]]\nMODULE = MODULE:main\n"),
        BLOCKED,
        "'pip'",
    ),
    "command-behind-a-bracket": Trick(
        pointing("[console_scripts]\n[python3 = MODULE:main [x] y\n"),
        pointing("[console_scripts]\nMODULE-2 = MODULE:main [x]\n"),
        BLOCKED,
        "'python3'",
    ),
    "command-of-nothing": Trick(
        pointing("[console_scripts]\nMODULE = os; print\n"),
        pointing("[console_scripts]\nMODULE-3 = MODULE:main\n"),
        BLOCKED,
        "no function",
    ),
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


NAMESPACE = (
    "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('zz_ff',));"
    "ie = os.path.exists(os.path.join(p,'__init__.py'));"
    "m = not ie and sys.modules.setdefault('zz_ff', types.ModuleType('zz_ff'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
)
"""What setuptools used to write, of which it is known that it does one harmless thing."""


def starts(label: str, hostile: Callable[[Markers], dict[str, str]]) -> tuple[str, Callable[..., Artifact]]:
    """A wheel whose start-up code leaves a marker."""
    return label, lambda name, markers: forged(name, dict(hostile(markers)))


START_UP = dict(
    (
        starts("start-pth", lambda markers: {"zz_start.pth": markers.pth_line("pth")}),
        starts("start-bom", lambda markers: {"zz_bom.pth": "\ufeff" + markers.pth_line("pth")}),
        starts(
            "start-form-feed",
            lambda markers: {"zz_ff-nspkg.pth": NAMESPACE + "\x0c; " + markers.snippet("ff") + "\n"},
        ),
        starts(
            "start-folder",
            lambda markers: {"zz.pth": "zz_plugins\n", "zz_plugins/sitecustomize.py": markers.snippet("s")},
        ),
        starts("start-archive", lambda _: {"zz.pth": "zz.zip\n", "zz.zip": "PK"}),
        starts("start-elsewhere", lambda _: {"zz.pth": "folder_of_another\n"}),
        starts("start-shell", lambda _: {f"{data('start-shell')}/scripts/postactivate": "true\n"}),
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
        files = {
            "prey.py": "VERSION = '1.0'\n",
            "prey_package/__init__.py": "",
            "tests/prey.txt": "a\n",
            f"{data('prey')}/data/share/prey/x.txt": "a\n",
        }
        commands = {"console_scripts": {"preys": "prey:main"}}
        index.add(build_wheel("prey", "1.0", files=files, entry_points=commands))
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
    told = trick.told.replace("MODULE", module_name(f"trick-{label}"))
    assert told in " ".join(ended.err.split())


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
    # Below Python 3.11, pip reads entry points with pkg_resources, and that group's name is none to it.
    left = set() if sys.version_info >= (3, 11) else {"command-in-brackets"}
    names = [f"twin-{label}" for label in TRICKS if label not in left]
    folder = {"twin-path.pth": "twin_plugins\n", "twin_plugins/a.py": ""}  # a path, and nothing that runs
    run.index.add(forged("twin-pth", folder))
    done = run.run("install", "prey", "twin-pth", *names, options=target)
    assert done.code == 0, done
    installed = {name for name, _ in environment.distributions()}
    assert installed == {"prey", "twin-pth", *names}
    for record in environment.purelib.glob("twin_*.dist-info/RECORD"):
        for path, expected, _ in csv.reader(io.StringIO(record.read_text())):
            # Several have tests, and bytecode is made anew.
            if expected and not path.startswith(("tests/", "__pycache__/")):
                assert digest((record.parent.parent / path).read_bytes()) == expected


def test_metadata_that_pip_takes_for_that_of_another_is_refused(run: Guarded) -> None:
    before = run.environment.files()
    run.index.add(read_as_victim("victim"))
    assert_refused(run, run.run("install", "victim-3.0"), BLOCKED, "victim-3.0", before)


def test_a_folder_of_the_wheels_own_is_no_start_up_code(run: Guarded) -> None:
    run.index.add(forged("namespaced", {"zz_ff-nspkg.pth": NAMESPACE + "\n", "zz_ff/a.py": ""}))
    environment = VirtualEnvironment.create(run.home / "namespaced")
    done = run.run("install", "namespaced", options=("--python", str(environment.python)))
    assert done.code == 0, done


def test_two_wheels_of_one_run_are_not_put_into_each_others_way(run: Guarded) -> None:
    """Neither is installed when the second one is judged; both are what the installer has asked for."""
    family = {"its_family/__init__.py": ""}
    run.index.add(build_wheel("its-victim", "1.0", files={"its_victim.py": "VERSION = '1.0'\n", **family}))
    evil = {"its_victim.py": "VERSION = '6.6'\n"}
    run.index.add(build_wheel("aa-evil", "1.0", files=evil, requires=["its-victim"]))
    friend = {"its_victim_too.py": "", **family}
    run.index.add(build_wheel("its-friend", "1.0", files=friend, requires=["its-victim"]))
    before = run.environment.files()
    ended = run.run("install", "aa-evil")
    assert_refused(run, ended, NEEDS_APPROVAL, "its_victim.py", before)
    environment = VirtualEnvironment.create(run.home / "friends")
    done = run.run("install", "its-friend", options=("--python", str(environment.python)))
    assert done.code == 0, done
    assert "artifact-integrity" not in done.err
    folder = ("--dest", str(run.home / "downloaded"))
    done = run.run("download", "aa-evil", *folder)
    assert done.code == 0, done
    assert len(list((run.home / "downloaded").iterdir())) == 2


def test_where_case_makes_no_other_file_nothing_is_replaced_by_another_spelling(run: Guarded) -> None:
    """As on macOS and Windows; a link beside site-packages makes it look as if this were such a place."""
    run.index.add(build_wheel("case-victim", "1.0", files={"case_victim.py": "VERSION = '1.0'\n"}))
    evil = {"Case_Victim.py": "VERSION = '6.6'\n"}
    run.index.add(build_wheel("case-evil", "1.0", files=evil))
    run.index.add(build_wheel("case-both", "1.0", files=evil, requires=["case-victim"]))
    plain, folding = (VirtualEnvironment.create(run.home / name) for name in ("plain", "folding"))
    site = folding.purelib
    site.with_name(site.name.swapcase()).symlink_to(site)
    refused = run.run("install", "case-both", options=("--python", str(folding.python)))
    assert (refused.code, "would replace a file of" in refused.err) == (NEEDS_APPROVAL, True), refused
    for environment, code in ((plain, 0), (folding, NEEDS_APPROVAL)):
        options = ("--python", str(environment.python))
        assert run.run("install", "case-victim", options=options).code == 0
        ended = run.run("install", "case-evil", options=options)
        assert ended.code == code, ended
        assert (environment.purelib / "Case_Victim.py").exists() is (code == 0)


def test_a_module_of_what_guards_is_for_those_that_have_it(run: Guarded) -> None:
    """PyJWT's is imported here; another project has one of that name as well."""
    module = {"jwt/__init__.py": "VERSION = 1\n"}
    run.index.add_all(build_wheel("jwt", "1.0", files=module), build_wheel("has-jwt", "1.0", files=module))
    before = run.environment.files()
    assert_refused(run, run.run("install", "has-jwt"), NEEDS_APPROVAL, "files of jwt", before)
    environment = VirtualEnvironment.create(run.home / "jwt")
    done = run.run("install", "jwt", options=("--python", str(environment.python)))
    assert done.code == 0, done
    assert "artifact-integrity" not in done.err


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
