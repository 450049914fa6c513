"""Whatever names a place to take files from is lifted: the guard fetches and vets, or refuses."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from pip._vendor import certifi

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

    def path_with_slash(self, file: Artifact) -> list[str]:
        """``./evil.whl/``, which pip opens as if there were no slash."""
        return [f"{self.path(file)[0]}/"]

    def path_past_a_link(self, file: Artifact) -> list[str]:
        """``./link/../evil.whl``: a folder for who follows the link, and a file for pip, which does not."""
        self._past_a_link(file)
        return [f"./link/../{file.filename}"]

    def file_url_past_a_link(self, file: Artifact) -> list[str]:
        """The same as an address."""
        self._past_a_link(file)
        return [f"{self.guard.work.as_uri()}/link/../{file.filename}"]

    def _past_a_link(self, file: Artifact) -> None:
        saved(self.guard.work, file)
        (self.guard.work / "elsewhere" / "inside").mkdir(parents=True, exist_ok=True)
        (self.guard.work / "elsewhere" / file.filename).mkdir()
        if not (self.guard.work / "link").is_symlink():
            (self.guard.work / "link").symlink_to(Path("elsewhere") / "inside")

    def linked_path(self, file: Artifact) -> list[str]:
        """A link by the name of a wheel, to a file by another name."""
        kept = saved(self.guard.work / "kept", file)
        (self.guard.work / file.filename).symlink_to(kept.rename(kept.with_name(f"blob-{file.sha256}")))
        return [f"./{file.filename}"]

    def escaped_path(self, file: Artifact) -> list[str]:
        """In a folder whose name looks like an address's escape; what that would mean is a folder."""
        self._escaped(file)
        return [f"./%41/{file.filename}"]

    def escaped_file_url(self, file: Artifact) -> list[str]:
        """The same as an address."""
        return [self._escaped(file).as_uri()]

    def _escaped(self, file: Artifact) -> Path:
        (self.guard.work / "A" / file.filename).mkdir(parents=True)
        return saved(self.guard.work / "%41", file)

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
    Forms.path_with_slash,
    Forms.path_past_a_link,
    Forms.file_url_past_a_link,
    Forms.linked_path,
    Forms.escaped_path,
    Forms.escaped_file_url,
    Forms.file_url,
    Forms.group,
    Forms.group_url,
    Forms.script,
    Forms.lock,
    Forms.lock_path,
    Forms.lock_group,
]
AS_SDIST = [Forms.only_binary, Forms.path, Forms.path_with_slash, Forms.lock]


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
            args += form(forms, build_wheel(names[-1], "1.0", extra_metadata=extra))
        for form in (form for form in AS_SDIST if "lock" not in form.__name__):
            names.append(f"sdist-{form.__name__.replace('_', '-')}")
            args += form(forms, hostile.in_tree_backend_sdist(None, names[-1]))
        assert_done(guard, guard.run("install", *args), *names)

    @pytest.mark.parametrize("name", ["good-1.0-py3-none-any.whl", "good-1.0-py3-none-any.whl[more]"])
    def test_the_name_of_a_file_is_not_asked_for_as_that_of_a_project(
        self, name: str, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """It may be as private as what is in it, and no project of that name was asked for."""
        guard = guarded()
        kept = saved(guard.work, build_wheel("good", "1.0", requires=["missing"]))
        kept.rename(guard.work / name.partition("[")[0])
        run = guard.run("install", name)
        assert (run.code, guard.installed()) == (1, set()), run
        assert {path for path in index.paths() if path.startswith("/simple/")} == {"/simple/missing/"}
        assert "py3-none-any-whl" not in run.err

    def test_honest_lock_files_install(self, elsewhere: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded(malware=["evil-demo"])
        forms = Forms(guard, elsewhere)
        args = [
            *forms.lock(build_wheel("by-url", "1.0")),
            *forms.lock_path(build_wheel("by-path", "1.0")),
            *forms.lock_group(build_wheel("by-group", "1.0")),
        ]
        assert_done(guard, guard.run("install", *args), "by-url", "by-path", "by-group")

    @pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha512"])
    @pytest.mark.parametrize("place", ["page", "address"])
    def test_another_file_than_the_digest_says_does_not_get_in_however_weak_it_is(
        self, algorithm: str, place: str, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """As in pip: that it differs is proof enough."""
        guard = guarded()
        guard.configure('[checks.direct-reference]\naction = "warn"\n')
        good, other = build_wheel("good", "1.0"), build_wheel("other", "1.0")
        digest = hashlib.new(algorithm, good.content).hexdigest()
        for file in (good, other):
            index.add(file, hashes={algorithm: digest})
        urls = {
            file: f"{index.put(file.filename, file.content)}#{algorithm}={digest}" for file in (good, other)
        }
        before = guard.environment.files()
        run = guard.run("install", "other" if place == "page" else urls[other])
        assert_refused(guard, run, UNVETTED, algorithm, before)
        assert_done(guard, guard.run("install", "good" if place == "page" else urls[good]), "good")

    def test_a_digest_beside_an_address_pins_it_as_one_behind_it_does(
        self, elsewhere: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Over plain http nobody is asked about it; without one, somebody is."""
        guard = guarded()
        good = build_wheel("good", "1.0")
        line = f"good @ {elsewhere.put(good.filename, good.content)}"
        (guard.work / "requirements.txt").write_text(line)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "-r", "requirements.txt"), 11, "good", before)
        (guard.work / "requirements.txt").write_text(f"{line} --hash=sha256:{good.sha256}\n")
        assert_done(guard, guard.run("install", "-r", "requirements.txt"), "good")

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

    @pytest.mark.parametrize("form", ["requirements", "own project", "lock"])
    def test_what_is_for_another_target_stands_in_nobodys_way(
        self, form: str, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Pip passes by what is not for this one (PEP 508); nothing is fetched, and nothing to be refused."""
        guard = guarded()
        index.add(build_wheel("good", "1.0"))
        elsewhere = "evil-demo @ git+https://git.example/evil-demo.git ; sys_platform == 'vax'"
        if form == "own project":
            _own_project(guard.work, "project", elsewhere)
            assert_done(guard, guard.run("install", "."), "own")
        elif form == "lock":
            (guard.work / "own").mkdir()
            _own_project(guard.work / "own", "project", "good")
            marker = "marker = \"sys_platform == 'vax'\"\n"
            (guard.work / "pylock.toml").write_text(
                'lock-version = "1.0"\ncreated-by = "lab"\n'
                f'[[packages]]\nname = "evil-demo"\n{marker}[packages.vcs]\ntype = "git"\n'
                f'url = "https://git.example/evil-demo.git"\ncommit-id = "{"ab" * 20}"\n'
                f'[[packages]]\nname = "gone"\n{marker}[packages.directory]\npath = "gone"\n'
                '[[packages]]\nname = "own"\n[packages.directory]\npath = "own"\n'
            )
            assert_done(guard, guard.run("install", "-r", "pylock.toml"), "good", "own")
        else:
            (guard.work / "requirements.txt").write_text(f"{elsewhere}\ngood\n")
            assert_done(guard, guard.run("install", "-r", "requirements.txt"), "good")

    @pytest.mark.parametrize("by_path", [True, False], ids=["file", "git"])
    def test_a_dependency_that_names_a_place_of_its_own_is_refused(  # noqa: PLR0913 - fixtures
        self,
        by_path: bool,
        repository: str,
        index: LabIndex,
        markers: Markers,
        guarded: MakeGuarded,
        tmp_path: Path,
    ) -> None:
        guard = guarded()
        evil = saved(tmp_path / "files", hostile.pth_wheel(markers, "evil-demo"))
        place = evil.as_uri() if by_path else repository
        index.add(build_wheel("carrier", "1.0", requires=[f"evil-demo @ {place}"]))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "carrier"), BLOCKED, "carrier", before, markers)


def _offer(place: LabIndex | Path, name: str, markers: Markers) -> None:
    """Offer an honest 1.0 and a hostile 2.0 of a project, on an index or in a folder."""
    files = [build_wheel(name, "1.0"), hostile.pth_wheel(markers, name, "2.0")]
    if isinstance(place, LabIndex):
        place.add_all(*files)
    else:
        for file in files:
            saved(place, file)


def assert_only_honest(guard: Guarded, run: object, markers: Markers, *names: str) -> None:
    """Each project came from its place, in its honest version; the hostile one was neither taken nor run."""
    guard.environment.run_python("pass")
    assert guard.environment.distributions() == {(name, "1.0") for name in names}, run
    assert markers.ran() == set()


class TestPlacesToLook:
    """Indexes and find-links, wherever they are named.

    Each place offers an honest 1.0 and a malicious 2.0 of a project of its own. That 1.0 is installed shows
    that the place is used as pip would; that 2.0 is not even fetched shows that the guard stands before it.
    """

    def test_those_of_the_command_line(
        self, index: LabIndex, elsewhere: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        with LabIndex(representation="html") as third, LabIndex(representation="html") as page:
            malicious_versions(index, ["2.0"], "main", "extra", "folder", "page")
            _offer(elsewhere, "main", markers)
            _offer(third, "extra", markers)
            _offer(page, "page", markers)
            _offer(guard.work / "wheels", "folder", markers)
            places = ["-i", elsewhere.url, "--extra-index-url", third.url, "-f", "wheels"]
            places += ["--find-links", f"{page.url}page/", "--trusted-host", "127.0.0.1"]
            run = guard.run("install", *places, "main", "extra", "folder", "page")
            assert_only_honest(guard, run, markers, "main", "extra", "folder", "page")
            fetched = elsewhere.served_files() | third.served_files() | page.served_files()
        assert not {name for name in fetched if "-2.0-" in name}
        assert "/simple/main/" not in index.paths()

    def test_those_of_variables_and_of_nested_requirement_files(
        self, index: LabIndex, elsewhere: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        with LabIndex() as third:
            malicious_versions(index, ["2.0"], "variable", "folder", "nested", "beside")
            _offer(elsewhere, "variable", markers)
            _offer(third, "nested", markers)
            _offer(guard.home / "wheels", "folder", markers)
            _offer(guard.work / "sub" / "wheels", "beside", markers)
            inner = f"--extra-index-url {third.url}\n-f wheels\nnested\nbeside\n"
            (guard.work / "sub" / "inner.txt").write_text(inner)
            (guard.work / "outer.txt").write_text("variable  # a comment\n-r sub/inner.txt\nfolder\n")
            named = {
                "PIP_EXTRA_INDEX_URL": elsewhere.url,
                "PIP_FIND_LINKS": "~/wheels",
                "PIP_REQUIREMENT": "outer.txt",
            }
            run = guard.run("install", **named)
            assert_only_honest(guard, run, markers, "variable", "nested", "folder", "beside")
            fetched = elsewhere.served_files() | third.served_files()
        assert not {name for name in fetched if "-2.0-" in name}

    def test_those_of_pips_configuration_file_with_its_constraints(
        self, index: LabIndex, elsewhere: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        malicious_versions(index, ["2.0"], "configured", "folder")
        _offer(elsewhere, "configured", markers)
        _offer(guard.home / "wheels", "folder", markers)
        index.add_all(build_wheel("narrowed", "1.0"), build_wheel("narrowed", "1.5"))
        (guard.home / "constraints.txt").write_text("narrowed<1.5\n")
        guard.pip_conf.write_text(
            f"[global]\nextra-index-url = {elsewhere.url}\nconstraint = {guard.home}/constraints.txt\n"
            f"[install]\nfind-links = {guard.home}/wheels\n"
        )
        run = guard.run("install", "configured", "folder", "narrowed")
        assert_only_honest(guard, run, markers, "configured", "folder", "narrowed")
        assert not {name for name in elsewhere.served_files() if "-2.0-" in name}

    def test_with_no_index_no_index_is_asked(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        malicious_versions(index, ["2.0"], "folder")
        _offer(guard.work / "wheels", "folder", markers)
        run = guard.run("install", "--no-index", "-f", "wheels", "folder")
        assert_only_honest(guard, run, markers, "folder")
        assert index.paths() == ["/osv/all.zip"]

    def test_what_was_never_uploaded_is_not_held_against_a_time_before_which_things_were(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """As in pip, ``--uploaded-prior-to`` is about indexes, and not about folders."""
        guard = guarded()
        index.add(build_wheel("good", "1.0"), upload_time=datetime(2020, 1, 1, tzinfo=timezone.utc))
        index.add(build_wheel("good", "2.0"), upload_time=datetime(2021, 1, 1, tzinfo=timezone.utc))
        saved(guard.work / "wheels", build_wheel("folder", "1.0"))
        words = ["--uploaded-prior-to", "2020-06-01", "-f", "wheels", "good", "folder"]
        assert_done(guard, guard.run("install", *words), "good", "folder")
        assert guard.environment.distributions() == {("good", "1.0"), ("folder", "1.0")}

    def test_with_isolated_variables_name_no_source(
        self, index: LabIndex, elsewhere: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(build_wheel("good", "1.0"))
        elsewhere.add(build_wheel("good", "9.0"))
        places = {"PIP_EXTRA_INDEX_URL": elsewhere.url, "PIP_INDEX_URL": elsewhere.url}
        assert_done(guard, guard.run("install", "--isolated", "-i", index.url, "good", **places), "good")
        assert guard.environment.distributions() == {("good", "1.0")}
        assert elsewhere.requests == []

    @pytest.mark.parametrize("form", ["variable", "option"])
    def test_a_proxy_is_used_by_the_guard_alone(
        self, form: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The lab answers requests in absolute form (RFC 9112, 3.2.2) too, so it can stand for a proxy.

        The requirements file lies behind it as well.
        """
        guard = guarded()
        index.put("requirements.txt", b"folder\n")
        malicious_versions(index, ["2.0"], "folder")
        _offer(index, "folder", markers)
        proxy = {"HTTP_PROXY": index.base} if form == "variable" else {}
        args = [] if form == "variable" else ["--proxy", index.base]
        places = ["-i", "http://packages.example/simple/", "--trusted-host", "packages.example"]
        named = ["-r", "http://packages.example/raw/requirements.txt"]
        run = guard.run("install", *args, *places, *named, **proxy)
        assert_only_honest(guard, run, markers, "folder")
        asked = [request for request in index.requests if "packages.example" in request.path]
        assert asked
        assert {request.headers["user-agent"].partition("/")[0] for request in index.requests} == {
            "trustguard"
        }

    @pytest.mark.parametrize("option", ["--proxy=", "--no-proxy-env"])
    def test_without_proxies_the_child_is_still_shut_in(
        self, option: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """What a build fetches for itself, over HTTP or HTTPS, meets the guard and is refused and said."""
        guard = guarded()
        dead = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "*"}
        index.add(
            build_in_tree_sdist(
                "curious",
                "1.0",
                statements={
                    "module": "import urllib.request\n"
                    "for place in ('http://evil.example/x', 'https://evil.example/y'):\n"
                    "    try:\n"
                    "        urllib.request.urlopen(place, timeout=20)\n"
                    "    except OSError as error:\n"
                    "        print(place, error)\n"
                    "    else:\n"
                    f"        {markers.snippet('got-through')}\n"
                },
            )
        )
        run = guard.run("install", option, "-v", "curious", **dead)
        assert markers.ran() == set()
        assert "evil.example" in run.err
        assert "403" in run.out + run.err
        assert guard.installed() == {"curious"}, run

    def test_a_certificate_that_is_given_takes_nothing_away(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(build_wheel("good", "1.0"))
        run = guard.run("install", "--cert", certifi.where(), "--trusted-host", "other.example", "good")
        assert_done(guard, run, "good")


class TestRequirementFiles:
    """What is no source in a requirements file survives the lifting."""

    def test_hashes_settings_variables_and_continuations(
        self, index: LabIndex, tmp_path: Path, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        told = tmp_path / "told"
        wheel = build_wheel("hashed", "1.0")
        sdist = build_in_tree_sdist(
            "settled",
            "1.0",
            statements={"build_wheel": f"open({str(told)!r}, 'w').write(repr(config_settings))"},
        )
        index.add_all(wheel, sdist, build_wheel("skipped", "1.0"))
        (guard.work / "requirements.txt").write_text(
            "# what we need\n"
            "${WANTED}==1.0 \\\n"
            f"    --hash=sha256:{'0' * 64} \\\n"
            f"    --hash=sha256:{wheel.sha256}  # one of them\n"
            f'settled==1.0 --hash=sha256:{sdist.sha256} --config-settings="a key=its value"\n'
            "skipped ; python_version < '3'\n"
        )
        run = guard.run("install", "-r", "requirements.txt", WANTED="hashed")
        assert_done(guard, run, "hashed", "settled")
        assert told.read_text() == "{'a key': 'its value'}"

    def test_a_wrong_hash_is_still_pips_to_refuse(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add(build_wheel("hashed", "1.0"))
        (guard.work / "requirements.txt").write_text(f"hashed==1.0 --hash=sha256:{'0' * 64}\n")
        before = guard.environment.files()
        run = guard.run("install", "-r", "requirements.txt")
        assert_refused(guard, run, 1, "hashed", before)


def _in_one_archive(elsewhere: LabIndex, *projects: Artifact) -> list[str]:
    """A forge's archive of a repository with several projects: a requirement for each, with a digest."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for project in projects:
            with tarfile.open(fileobj=io.BytesIO(project.content)) as sdist:
                for member in sdist:
                    content = sdist.extractfile(member) if member.isfile() else None
                    member.name = f"whole/{project.project}/{member.name.partition('/')[2]}".rstrip("/")
                    archive.addfile(member, content)
    url, digest = (
        elsewhere.put("whole.tar.gz", whole.getvalue()),
        hashlib.sha256(whole.getvalue()).hexdigest(),
    )
    names = [project.project for project in projects]
    return [f"{name} @ {url}#sha256={digest}&subdirectory={name}" for name in names]


class TestSeveralProjectsInOneArchive:
    """Direct references to folders of one archive, as pip's VCS page describes them."""

    @pytest.mark.parametrize("first", ["evil-demo", "good-demo"])
    def test_each_is_judged_by_its_own_name(
        self, first: str, elsewhere: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure('[[deny]]\nproject = "evil-*"\nreason = "incident 42"\n')
        evil = hostile.in_tree_backend_sdist(markers, "evil-demo")
        good = hostile.in_tree_backend_sdist(None, "good-demo")
        asked = _in_one_archive(elsewhere, *((evil, good) if first == "evil-demo" else (good, evil)))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", *asked), BLOCKED, "incident 42", before, markers)

    def test_honest_ones_are_installed(self, elsewhere: LabIndex, guarded: MakeGuarded) -> None:
        guard, names = guarded(), ["good-demo", "other-demo"]
        asked = _in_one_archive(elsewhere, *(hostile.in_tree_backend_sdist(None, name) for name in names))
        assert_done(guard, guard.run("install", *asked), *names)


class TestSpelling:
    """A name is the same name however it is spelt (PEP 503)."""

    @pytest.mark.parametrize("asked", ["Evil_Demo", "EVIL.demo", "evil--demo"])
    def test_of_a_malicious_project(
        self, asked: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        record = osv_record("MAL-2024-1", "evil-demo", ranges=[[{"introduced": "0"}]])
        record["affected"][0]["package"]["name"] = "evil_DEMO"
        index.put_osv(osv_export([record]))
        index.add(hostile.legacy_sdist(markers, "Evil.Demo"))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", asked), BLOCKED, "evil-demo", before, markers)

    def test_of_a_denied_project_and_of_an_allowed_one(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        guard.configure('[[deny]]\nproject = "Denied_DEMO"\nreason = "incident 42"\n')
        guard.configure(
            '[[allow]]\nproject = "EVIL_Demo"\nchecks = ["known-malicious"]\nreason = "the record is wrong"\n'
        )
        index.add(hostile.pth_wheel(markers, "denied.demo"))
        index.add(build_wheel("Evil.Demo", "1.0"))
        before = guard.environment.files()
        run = guard.run("install", "denied-demo")
        guard.environment.run_python("pass")
        assert_refused(guard, run, BLOCKED, "denied-demo", before, markers)
        assert_done(guard, guard.run("install", "evil_demo"), "evil-demo")
