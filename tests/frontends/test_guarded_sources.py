"""Whatever names a place to take files from is lifted: the guard fetches and vets, or refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import (
    BLOCKED,
    UNVETTED,
    assert_done,
    assert_refused,
    malicious_versions,
    pinned,
    saved,
)
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import osv_export, osv_record


@pytest.fixture
def elsewhere() -> Iterator[LabIndex]:
    """Another server: an attacker's, or simply another place."""
    with LabIndex() as running:
        yield running


class Forms:
    """Every way to name one file by its address or its path; each returns pip's arguments."""

    def __init__(self, guard: Guarded, elsewhere: LabIndex) -> None:
        self.guard = guard
        self.elsewhere = elsewhere

    def _write(self, name: str, text: str) -> str:
        (self.guard.work / name).write_text(text, encoding="utf-8")
        return name

    def url(self, file: Artifact) -> list[str]:
        """``https://…/evil.whl``."""
        return [pinned(self.elsewhere, file)]

    def named_url(self, file: Artifact) -> list[str]:
        """``evil @ https://…``."""
        return [f"{file.project} @ {pinned(self.elsewhere, file)}"]

    def only_binary(self, file: Artifact) -> list[str]:
        """An address under ``--only-binary :all:``, which pip does not apply to addresses."""
        return ["--only-binary=:all:", f"{file.project} @ {pinned(self.elsewhere, file)}"]

    def requirements(self, file: Artifact) -> list[str]:
        """A line of a requirements file."""
        line = f"{file.project} @ {pinned(self.elsewhere, file)}\n"
        return ["-r", self._write(f"{file.project}-requirements.txt", line)]

    def nested(self, file: Artifact) -> list[str]:
        """A line of a requirements file that another one includes."""
        self._write(f"{file.project}-inner.txt", f"{pinned(self.elsewhere, file)}\n")
        return ["-r", self._write(f"{file.project}-outer.txt", f"-r {file.project}-inner.txt\n")]

    def constraint(self, file: Artifact) -> list[str]:
        """A constraints file that says where a project comes from."""
        line = f"{file.project} @ {pinned(self.elsewhere, file)}\n"
        return ["-c", self._write(f"{file.project}-constraints.txt", line), file.project]

    def remote_requirements(self, file: Artifact) -> list[str]:
        """A requirements file on a server, whose nested file lies beside it."""
        self.elsewhere.put(f"{file.project}/inner.txt", f"{pinned(self.elsewhere, file)}\n".encode())
        return ["-r", self.elsewhere.put(f"{file.project}/outer.txt", b"-r inner.txt\n")]

    def path(self, file: Artifact) -> list[str]:
        """``./evil.whl``."""
        saved(self.guard.work, file)
        return [f"./{file.filename}"]

    def bare_path(self, file: Artifact) -> list[str]:
        """``evil.whl``, in the working directory."""
        saved(self.guard.work, file)
        return [file.filename]

    def path_with_extras(self, file: Artifact) -> list[str]:
        """``./evil.whl[extra]``."""
        return [f"{self.path(file)[0]}[colours]"]

    def file_url(self, file: Artifact) -> list[str]:
        """``file:///…``."""
        return [saved(self.guard.work / "files", file).as_uri()]

    def group(self, file: Artifact) -> list[str]:
        """A dependency group that names a file of this machine."""
        return self._group(file, saved(self.guard.work / "files", file).as_uri())

    def group_url(self, file: Artifact) -> list[str]:
        """A dependency group that names an address."""
        return self._group(file, pinned(self.elsewhere, file))

    def _group(self, file: Artifact, url: str) -> list[str]:
        folder = self.guard.work / f"{file.project}-project"
        folder.mkdir()
        text = f'[dependency-groups]\ninner = ["{file.project} @ {url}"]\n'
        (folder / "pyproject.toml").write_text(f'{text}dev = [{{include-group = "inner"}}]\n')
        return ["--group", f"{folder.name}/pyproject.toml:dev"]

    def script(self, file: Artifact) -> list[str]:
        """A script that names a file of this machine (PEP 723)."""
        url = saved(self.guard.work / "files", file).as_uri()
        block = f'# /// script\n# requires-python = ">=3.10"\n# dependencies = ["{file.project} @ {url}"]\n'
        return ["--requirements-from-script", self._write(f"{file.project}.py", f"{block}# ///\n")]

    def lock(self, file: Artifact) -> list[str]:
        """A lock file that pins an address (PEP 751)."""
        return ["-r", self._lock(file, f'url = "{pinned(self.elsewhere, file).partition("#")[0]}"')]

    def lock_path(self, file: Artifact) -> list[str]:
        """A lock file that pins a path beside it."""
        saved(self.guard.work, file)
        return ["-r", self._lock(file, f'path = "{file.filename}"')]

    def lock_group(self, file: Artifact) -> list[str]:
        """A group of a lock file."""
        saved(self.guard.work, file)
        marker = "marker = \"'test' in dependency_groups\""
        lock = self._lock(file, f'path = "{file.filename}"', marker, top='dependency-groups = ["test"]')
        return ["--group", f"{lock}:test"]

    def _lock(self, file: Artifact, place: str, more: str = "", top: str = "") -> str:
        kind = "wheels" if file.filename.endswith(".whl") else "sdist"
        table = f"[[packages.{kind}]]" if kind == "wheels" else "[packages.sdist]"
        return self._write(
            f"pylock.{file.project}.toml",
            f'lock-version = "1.0"\ncreated-by = "lab"\n{top}\n[[packages]]\nname = "{file.project}"\n'
            f'version = "{file.version}"\n{more}\n{table}\nname = "{file.filename}"\n{place}\n'
            f'hashes = {{sha256 = "{file.sha256}"}}\n',
        )


FORMS: list[Callable[[Forms, Artifact], list[str]]] = [
    Forms.url,
    Forms.named_url,
    Forms.requirements,
    Forms.nested,
    Forms.constraint,
    Forms.remote_requirements,
    Forms.path,
    Forms.bare_path,
    Forms.path_with_extras,
    Forms.file_url,
    Forms.group,
    Forms.group_url,
    Forms.script,
    Forms.lock,
    Forms.lock_path,
    Forms.lock_group,
]
AS_SDIST = [Forms.only_binary, Forms.path, Forms.lock]


class TestFilesByAddress:
    """Direct references (PEP 508), paths, lock files (PEP 751), groups (PEP 735), scripts (PEP 723)."""

    @pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
    def test_a_malicious_wheel_does_not_get_in(
        self,
        form: Callable[[Forms, Artifact], list[str]],
        elsewhere: LabIndex,
        markers: Markers,
        guarded: MakeGuarded,
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        args = form(Forms(guard, elsewhere), hostile.pth_wheel(markers, "evil-demo"))
        before = guard.environment.files()
        run = guard.run("install", *args)
        guard.environment.run_python("pass")
        assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)

    @pytest.mark.parametrize("form", AS_SDIST, ids=lambda form: form.__name__)
    def test_a_malicious_sdist_is_not_built(
        self,
        form: Callable[[Forms, Artifact], list[str]],
        elsewhere: LabIndex,
        markers: Markers,
        guarded: MakeGuarded,
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        args = form(Forms(guard, elsewhere), hostile.in_tree_backend_sdist(markers, "evil-demo"))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", *args), BLOCKED, "evil-demo", before, markers)

    def test_honest_files_install_in_every_form(self, elsewhere: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded(malware=["evil-demo"])
        forms, args, names = Forms(guard, elsewhere), [], []
        # A lock file turns hash-checking mode on for the whole command, which wants a digest everywhere.
        for form in (form for form in FORMS if "lock" not in form.__name__):
            names.append(f"wheel-{form.__name__.replace('_', '-')}")
            extra = ["Provides-Extra: colours"]
            args += form(forms, hostile.build_wheel(names[-1], "1.0", extra_metadata=extra))
        for form in (form for form in AS_SDIST if "lock" not in form.__name__):
            names.append(f"sdist-{form.__name__.replace('_', '-')}")
            args += form(forms, hostile.in_tree_backend_sdist(None, names[-1]))
        assert_done(guard, guard.run("install", *args), *names)

    def test_honest_lock_files_install(self, elsewhere: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded(malware=["evil-demo"])
        forms = Forms(guard, elsewhere)
        args = [
            *forms.lock(build_wheel("by-url", "1.0")),
            *forms.lock_path(build_wheel("by-path", "1.0")),
            *forms.lock_group(build_wheel("by-group", "1.0")),
        ]
        assert_done(guard, guard.run("install", *args), "by-url", "by-path", "by-group")

    def test_two_lock_files_of_one_name_are_two(self, elsewhere: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        args = []
        for name in ("one", "other"):
            lock = guard.work / Forms(guard, elsewhere).lock(build_wheel(name, "1.0"))[1]
            (guard.work / name).mkdir()
            args += ["-r", str(lock.rename(guard.work / name / "pylock.toml"))]
        assert_done(guard, guard.run("install", *args), "one", "other")

    def test_the_age_of_what_a_lock_file_pins_is_the_indexs(
        self, index: LabIndex, elsewhere: LabIndex, guarded: MakeGuarded
    ) -> None:
        """What the index withholds for its age is not let in because a lock file names it."""
        guard = guarded()
        young = build_wheel("young", "1.0")
        index.add(young, upload_time=datetime.now(timezone.utc) - timedelta(hours=1))
        args = Forms(guard, elsewhere).lock(young)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", *args), BLOCKED, "young", before)

    @pytest.mark.parametrize("section", ["project", "build-system"])
    def test_a_project_of_ones_own_brings_in_no_archive_that_nobody_vetted(
        self, section: str, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        evil = saved(guard.work / "files", hostile.pth_wheel(markers, "evil-demo")).as_uri()
        _own_project(guard.work, section, f"evil-demo @ {evil}")
        before = guard.environment.files()
        run = guard.run("install", ".")
        guard.environment.run_python("pass")
        assert_refused(guard, run, UNVETTED, "evil-demo", before, markers)

    def test_a_project_of_ones_own_installs_with_its_dependencies(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add_all(build_wheel("dependency", "1.0"))
        _own_project(guard.work, "project", "dependency")
        assert_done(guard, guard.run("install", "."), "own", "dependency")


def _own_project(folder: Path, section: str, requirement: str) -> None:
    """Unpack an honest project, and have its pyproject.toml name one more requirement."""
    requires = {"project": "", "build-system": f'"{requirement}"'}[section]
    shipped = Path(hostile.__file__).with_name("shipped")
    backend = folder / "in_tree_backend"
    backend.mkdir()
    for name in ("packer.py", "source_tree.py"):
        (backend / name).write_bytes((shipped / name).read_bytes())
    (backend / "__init__.py").write_text(
        "from .source_tree import build_wheel as _build\n"
        "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
        "    return _build(directory)\n"
    )
    (folder / "src").mkdir()
    (folder / "src" / "own.py").write_text("VERSION = '1.0'\n")
    dependency = f"Requires-Dist: {requirement}\n" if section == "project" else ""
    (folder / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: own\nVersion: 1.0\n{dependency}")
    (folder / "pyproject.toml").write_text(
        f'[build-system]\nrequires = [{requires}]\nbuild-backend = "in_tree_backend"\nbackend-path = ["."]\n'
        f"[project]\nname = 'own'\nversion = '1.0'\n"
        + (f'dependencies = ["{requirement}"]\n' if section == "project" else "")
    )


class TestVersionControl:
    """What only git could fetch is refused before git is asked."""

    @pytest.fixture
    def repository(self, tmp_path: Path, markers: Markers) -> str:
        """A real repository with a hostile ``setup.py``; returns its address."""
        folder = tmp_path / "repository"
        folder.mkdir()
        (folder / "setup.py").write_text(f"{markers.snippet('setup-py')}\n")
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
            author = ["-c", "user.name=lab", "-c", "user.email=lab@lab.example"]
            subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)
        return f"git+{folder.as_uri()}"

    @pytest.mark.parametrize("form", ["argument", "named", "requirements", "editable", "https", "script"])
    def test_nothing_of_it_is_fetched(
        self, form: str, repository: str, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        (guard.work / "requirements.txt").write_text(f"-e {repository}#egg=evil-demo\n")
        block = f'# /// script\n# dependencies = ["evil-demo @ {repository}"]\n# ///\n'
        (guard.work / "script.py").write_text(block)
        args = {
            "argument": [f"{repository}#egg=evil-demo"],
            "named": [f"evil-demo @ {repository}"],
            "requirements": ["-r", "requirements.txt"],
            "editable": ["-e", f"{repository}#egg=evil-demo"],
            "https": ["evil-demo @ git+https://git.example/evil-demo.git"],
            "script": ["--requirements-from-script", "script.py"],
        }[form]
        before = guard.environment.files()
        run = guard.run("install", *args)
        assert_refused(guard, run, UNVETTED, "git+", before, markers)
        assert not (guard.work / "src").exists()
        assert not (guard.environment.path / "src").exists()

    @pytest.mark.parametrize("by_path", [True, False], ids=["file", "git"])
    def test_a_dependency_that_names_a_place_of_its_own_is_refused(  # noqa: PLR0913 - fixtures
        self, by_path: bool, repository: str, index: LabIndex, markers: Markers, guarded: MakeGuarded, tmp_path: Path
    ) -> None:
        guard = guarded()
        evil = saved(tmp_path / "files", hostile.pth_wheel(markers, "evil-demo"))
        place = evil.as_uri() if by_path else repository
        index.add(build_wheel("carrier", "1.0", requires=[f"evil-demo @ {place}"]))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "carrier"), BLOCKED, "carrier", before, markers)
