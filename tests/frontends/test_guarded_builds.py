"""Code that runs: nothing of a package does before there is a verdict on it that lets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, NEEDS_APPROVAL, UNVETTED, Attack, plain_pip
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel, core_metadata
from tests.lab.environment import VirtualEnvironment
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export, osv_record

BACKEND = frozenset({hostile.BACKEND_MODULE, *hostile.BACKEND_HOOKS})
"""Every label of an in-tree backend."""


def hostile_sdists(markers: Markers | None) -> list[Artifact]:
    """One sdist for each way in which a build runs code, and what they need."""
    static, dynamic = hostile.build_requirement_sdist(markers), hostile.dynamic_requirement_sdist(markers)
    return [
        hostile.legacy_sdist(markers),
        hostile.in_tree_backend_sdist(markers),
        *static,
        *dynamic,
        hostile.fake_setuptools(),
    ]


class TestKnownMalware:
    """What the advisories call malicious."""

    def test_is_refused_before_a_byte_is_served(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """A ``setup.py``, an in-tree backend, a ``.pth`` file: neither runs, nor leaves the index."""
        evil = [
            hostile.legacy_sdist(markers),
            hostile.in_tree_backend_sdist(markers),
            hostile.pth_wheel(markers),
        ]
        index.add_all(*evil, hostile.fake_setuptools())
        run = guarded(malware=[artifact.project for artifact in evil])
        attack = Attack.begins(run, markers)
        for artifact in evil:
            attack.is_repelled(run.run("install", artifact.project), code=BLOCKED, named=artifact.project)
        assert index.served_files() == set()

    def test_is_refused_in_every_spelling_and_beside_good_ones(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """PEP 503: runs of ``-``, ``_`` and ``.`` and the case of letters make no other name."""
        index.add_all(hostile.in_tree_backend_sdist(markers), build_wheel("good", "1.0"))
        run = guarded(malware=["in-tree-project"])
        attack = Attack.begins(run, markers)
        ended = run.run("install", "good", "In_Tree..Project")
        attack.is_repelled(ended, code=BLOCKED, named="in-tree-project")

    def test_leaves_the_same_structure_without_malice_alone(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control: the honest twin of each is installed, in one go."""
        twins = [*hostile_sdists(None), hostile.pth_wheel(None)]
        index.add_all(*twins)
        run = guarded(malware=["something-else"])
        wanted = {twin.project for twin in twins} - {"setuptools", "build-helper", "dynamic-build-helper"}
        ended = run.run("install", *sorted(wanted))
        assert ended.code == 0, ended
        assert run.installed() == wanted
        assert markers.ran() == set()


def test_tools_that_resolve_by_a_dry_run_execute_every_sdist(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The comparison, and the proof that the markers work: plain ``pip install --dry-run`` runs them all."""
    index.add_all(*hostile_sdists(markers))
    run = guarded()
    labels = {
        "legacy-project": {hostile.SETUP_PY},
        "in-tree-project": {hostile.BACKEND_MODULE, *hostile.BACKEND_HOOKS[:2]},
        "static-build-requirement": {hostile.BUILD_REQUIREMENT},
        "dynamic-build-requirement": {hostile.BUILD_REQUIREMENT},
    }
    for project, expected in labels.items():
        markers.clear()
        ended = plain_pip(run, "install", "--dry-run", project)
        assert ended.code == 0, ended
        assert markers.ran() == expected


class TestVerdicts:
    """A verdict that is not yet a yes is a no to code as well."""

    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            ('[[deny]]\nproject = "in-tree-*"\nreason = "incident 42"\n', BLOCKED),
            ('unknown = "ask"\n', NEEDS_APPROVAL),
        ],
        ids=["denied", "ask"],
    )
    def test_an_sdist_that_is_not_allowed_never_runs(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded, rules: str, code: int
    ) -> None:
        """Denied by the configuration, or a question that nobody is there to answer."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded()
        run.configure(rules)
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "in-tree-project"), code=code, named="in-tree-project")
        attack.is_repelled(run.run("check", "in-tree-project"), code=code, named="")

    def test_the_same_sdist_runs_once_it_is_allowed(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control: under a curated policy, with an entry for it, it is built and installed."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded()
        run.configure('unknown = "ask"\n[[allow]]\nproject = "in-tree-project"\nreason = "ours"\n')
        assert run.run("install", "in-tree-project").code == 0
        assert run.installed() == {"in-tree-project"}
        assert markers.ran() == BACKEND


class TestBuildRequirements:
    """What a build asks for passes the same gate."""

    @pytest.mark.parametrize("make", [hostile.build_requirement_sdist, hostile.dynamic_requirement_sdist])
    def test_a_malicious_helper_stops_the_build(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded, make: object
    ) -> None:
        """Named by ``build-system.requires``, or only by the backend, while it builds."""
        assert callable(make)
        sdist, helper = make(markers)
        index.add_all(sdist, helper)
        run = guarded(malware=[helper.project])
        attack = Attack.begins(run, markers)
        ended = run.run("install", sdist.project)
        attack.is_repelled(ended, code=BLOCKED, named=helper.project)
        assert helper.filename not in index.served_files()

    def test_what_a_build_requirement_needs_for_its_own_build_passes_the_same_gate(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Two builds away from what was asked for. Without the advisory all of it is built and runs."""
        inner = hostile.build_requirement_sdist(markers)
        index.add_all(inner.sdist, inner.helper)
        outer = build_in_tree_sdist("outer", "1.0", build_requires=[inner.sdist.project])
        index.add(outer)
        run = guarded(malware=[inner.helper.project])
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "outer"), code=BLOCKED, named=inner.helper.project)
        assert guarded().run("install", "outer").code == 0
        assert markers.ran() == {hostile.BUILD_REQUIREMENT}

    def test_a_direct_reference_among_them_is_refused_before_the_backend_runs(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """PEP 508 lets a build requirement name any address; pip would go there."""
        with LabIndex() as elsewhere:
            helper = build_wheel("helper", "1.0")
            url = elsewhere.add(helper).url
            statements = dict.fromkeys(
                ("module", "get_requires_for_build_wheel"), markers.snippet(hostile.BACKEND_MODULE)
            )
            index.add(
                build_in_tree_sdist(
                    "far-helper", "1.0", build_requires=[f"helper @ {url}"], statements=statements
                )
            )
            run = guarded()
            attack = Attack.begins(run, markers)
            attack.is_repelled(run.run("install", "far-helper"), code=BLOCKED, named="far-helper")
            assert elsewhere.requests == []

    def test_a_direct_reference_that_the_backend_comes_up_with_leads_nowhere(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The backend is allowed and runs; pip is sent where nobody configured it to go, and gets nothing."""
        helper = build_wheel("helper", "1.0", files={"helper.py": markers.snippet(hostile.BUILD_REQUIREMENT)})
        with LabIndex() as elsewhere:
            url = elsewhere.add(helper).url.replace("127.0.0.1", "localhost")
            sdist = build_in_tree_sdist(
                "sly-helper",
                "1.0",
                dynamic_requires=[f"helper @ {url}"],
                statements={"build_wheel": "import helper"},
            )
            index.add(sdist)
            run = guarded()
            attack = Attack.begins(run, markers)
            ended = run.run("install", "sly-helper")
            assert elsewhere.requests == []
            attack.is_repelled(ended, code=UNVETTED, named="localhost")


class TestDependencies:
    """What a package sends the installer to."""

    @pytest.mark.parametrize("scheme", ["http", "file"])
    def test_a_wheel_that_depends_on_a_direct_reference_is_refused(
        self, tmp_path: Path, index: LabIndex, markers: Markers, guarded: MakeGuarded, scheme: str
    ) -> None:
        """Announced by the index or not: the address is not followed."""
        prey = hostile.pth_wheel(markers, "prey")
        with LabIndex() as elsewhere:
            url = elsewhere.add(prey).url
            if scheme == "file":
                (tmp_path / prey.filename).write_bytes(prey.content)
                url = (tmp_path / prey.filename).as_uri()
            requires = [f"prey @ {url}"]
            index.add(build_wheel("announced", "1.0", requires=requires))
            index.add(build_wheel("silent", "1.0", requires=requires), core_metadata=False)
            run = guarded()
            attack = Attack.begins(run, markers)
            for project in ("announced", "silent"):
                attack.is_repelled(run.run("install", project), code=BLOCKED, named=project)
            assert elsewhere.requests == []

    def test_an_sdist_that_says_so_is_refused_before_it_is_built(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """From metadata 2.2 on, PKG-INFO says what a build will say (PEP 643)."""
        statements = {"module": markers.snippet("built")}
        reference = ["prey @ https://elsewhere.example/prey-1.0-py3-none-any.whl"]
        for project, requires in (("outspoken", reference), ("honest", [])):
            index.add(
                build_in_tree_sdist(
                    project, "1.0", statements=statements, requires=requires, metadata_version="2.2"
                )
            )
        run = guarded()
        Attack.begins(run, markers).is_repelled(
            run.run("install", "outspoken"), code=BLOCKED, named="outspoken"
        )
        assert run.run("install", "honest").code == 0
        assert markers.ran() == {"built"}

    def test_an_sdist_that_turns_out_to_depend_on_one_gets_nothing(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Known only once it is built: pip is then kept from going there."""
        prey = hostile.pth_wheel(markers, "prey")
        with LabIndex() as elsewhere:
            url = elsewhere.add(prey).url.replace("127.0.0.1", "localhost")
            index.add(build_in_tree_sdist("late", "1.0", requires=[f"prey @ {url}"]))
            run = guarded()
            attack = Attack.begins(run, markers)
            ended = run.run("install", "late")
            assert elsewhere.requests == []
            attack.is_repelled(ended, code=UNVETTED, named="localhost")

    @pytest.mark.parametrize(
        ("inside", "announced"),
        [((), ("accomplice",)), (("accomplice",), ()), (("accomplice>=2",), ("accomplice",))],
        ids=["one more", "one hidden", "another range"],
    )
    def test_metadata_that_differ_from_the_wheels_own_are_refused(
        self,
        index: LabIndex,
        markers: Markers,
        guarded: MakeGuarded,
        inside: tuple[str, ...],
        announced: tuple[str, ...],
    ) -> None:
        """PEP 658 decides what is resolved, the wheel what is meant: both must be one."""
        index.add(
            build_wheel("two-faced", "1.0", requires=inside),
            core_metadata=core_metadata("two-faced", "1.0", requires=announced),
        )
        index.add_all(build_wheel("accomplice", "1.0"), build_wheel("accomplice", "2.0"))
        run = guarded()
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "two-faced"), code=BLOCKED, named="two_faced-1.0")


class TestBuilding:
    """Builds that are allowed go as they would without a guard."""

    def test_a_build_that_fails_first_succeeds_later(
        self, tmp_path: Path, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """A failure installs nothing and is remembered by nobody."""
        ready = tmp_path / "ready"
        fails = f"import os, sys; os.path.exists({str(ready)!r}) or sys.exit(3)"
        index.add(build_in_tree_sdist("moody", "1.0", statements={"build_wheel": fails}))
        run = guarded()
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "moody"), code=1, named="moody")
        ready.touch()
        assert run.run("install", "moody").code == 0
        assert run.installed() == {"moody"}

    def test_no_binary_builds_what_is_allowed_and_refuses_what_is_not(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """``--no-binary :all:`` turns every wheel away, also for what a build asks for."""
        sdist = build_in_tree_sdist("both", "1.0", build_requires=["tool"], requires=["leaf"])
        index.add_all(sdist, build_wheel("both", "1.0", requires=["leaf"]))
        for name in ("tool", "leaf"):
            index.add_all(build_in_tree_sdist(name, "1.0"), build_wheel(name, "1.0"))
        index.add_all(hostile.in_tree_backend_sdist(markers), build_wheel("in-tree-project", "1.0"))
        run = guarded(malware=["in-tree-project"])
        attack = Attack.begins(run, markers)
        ended = run.run("install", "--no-binary", ":all:", "both", "in-tree-project")
        attack.is_repelled(ended, code=BLOCKED, named="in-tree-project")
        assert run.run("install", "--no-binary", ":all:", "both").code == 0
        assert run.installed() == {"both", "leaf"}
        assert {name for name in index.served_files() if name.endswith(".whl")} == set()

    def test_no_build_isolation_builds_with_what_is_there(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Without isolation too, a refused sdist does not run, and an allowed one is built."""
        static = hostile.build_requirement_sdist(None)
        index.add_all(*static, hostile.in_tree_backend_sdist(markers))
        run = guarded(malware=["in-tree-project"])
        assert run.run("install", static.helper.project).code == 0
        attack = Attack.begins(run, markers)
        ended = run.run("install", "--no-build-isolation", "in-tree-project")
        attack.is_repelled(ended, code=BLOCKED, named="in-tree-project")
        assert run.run("install", "--no-build-isolation", static.sdist.project).code == 0
        assert run.installed() == {static.helper.project, static.sdist.project}


def test_no_program_of_this_machine_is_run_for_a_user_agent(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """Here only the guard hears it, and a dozen processes go by, also for what a build requires.

    The control: plain pip runs them, to tell indexes what it runs on.
    """
    index.add_all(*hostile.build_requirement_sdist(None))
    run = guarded()
    programs = run.home / "programs"
    programs.mkdir()
    for name in ("rustc", "lsb_release"):
        program = programs / name
        program.write_text(f"#!{sys.executable}\n{markers.snippet(name)}\n")
        program.chmod(0o755)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    assert run.run("install", "static-build-requirement", PATH=path).code == 0
    assert run.installed() == {"static-build-requirement"}
    assert markers.ran() == set()
    assert plain_pip(run, "download", "--no-deps", "static-build-requirement", PATH=path).code == 0
    assert "rustc" in markers.ran()


class TestCaches:
    """What was fetched or built before counts for nothing that was not judged by today's rules."""

    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            ('[[deny]]\nproject = "in-tree-project"\nreason = "incident 42"\n', BLOCKED),
            ('unknown = "ask"\n', NEEDS_APPROVAL),
        ],
        ids=["denied", "ask"],
    )
    def test_a_stricter_policy_does_not_take_what_a_laxer_one_built(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded, rules: str, code: int
    ) -> None:
        """The wheel that was built under other rules stays where it is."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded()
        assert run.run("install", "in-tree-project").code == 0
        assert markers.ran() == BACKEND
        run.configure(rules)
        run.environment = VirtualEnvironment.create(run.home / "second")
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "in-tree-project"), code=code, named="in-tree-project")

    def test_new_facts_under_the_same_policy_count_for_what_is_built_already(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """An advisory that came after the build, under a rule that blocks: pip's cache is no way round it."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded()
        run.configure('[checks.vulnerability]\naction = "block"\n')
        assert run.run("install", "in-tree-project").code == 0
        record = osv_record("PYSEC-2024-1", "in-tree-project", versions=["1.0"])
        index.put_osv(osv_export([malicious("nobody"), record]))
        assert run.run("update").code == 0
        run.environment = VirtualEnvironment.create(run.home / "second")
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "in-tree-project"), code=BLOCKED, named="in-tree-project")

    def test_a_direct_reference_is_judged_again_though_it_is_built_already(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """No listing is asked for it: only its body, and a wheel in pip's cache would spare pip that."""
        sdist = hostile.in_tree_backend_sdist(markers)
        url = index.put(sdist.filename, sdist.content)
        run = guarded()
        run.configure('[checks.direct-reference]\naction = "warn"\n')
        assert run.run("install", url).code == 0
        index.put_osv(osv_export([malicious("in-tree-project")]))
        assert run.run("update").code == 0
        run.environment = VirtualEnvironment.create(run.home / "second")
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", url), code=BLOCKED, named="in-tree-project")

    def test_the_same_policy_builds_an_sdist_once(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control: a cache that is never used would keep the promises above as well."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded()
        assert run.run("install", "in-tree-project").code == 0
        markers.clear()
        run.environment = VirtualEnvironment.create(run.home / "second")
        assert run.run("install", "in-tree-project").code == 0
        assert run.installed() == {"in-tree-project"}
        assert markers.ran() == set()

    def test_nothing_comes_from_the_caches_of_plain_pip(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """Bytes that nobody vetted lie there, in the default place or the one that ``--cache-dir`` names."""
        bad = build_in_tree_sdist("stale", "1.0", files={"stale.py": "ORIGIN = 'cache'\n"})
        good = build_in_tree_sdist("stale", "1.0", files={"stale.py": "ORIGIN = 'index'\n"})
        run = guarded()
        cache = ("--cache-dir", str(run.home / "named-cache"))
        index.add(bad, hashes={})
        for options in ((), cache):
            assert plain_pip(run, "install", "--force-reinstall", *options, "stale").code == 0
        index.remove("stale")
        index.add(good, hashes={})
        second = VirtualEnvironment.create(run.home / "second")
        assert plain_pip(run, "install", "stale", environment=second).code == 0
        assert "cache" in (second.purelib / "stale.py").read_text()  # the cache would be used
        for options in ((), cache):
            assert run.run("install", "--force-reinstall", *options, "stale").code == 0
            assert "index" in (run.environment.purelib / "stale.py").read_text()


NAMES = ("pip", "json", "sitecustomize", "usercustomize", "httpx", "socket")


def plant(folder: Path, markers: Markers, label: str) -> None:
    """Put modules into a folder under names that pip, or Python itself, would load from there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (folder / f"{name}.py").write_text(markers.snippet(label) + "\n")


def started(run: Guarded, *words: str, **environ: str) -> Ended:
    """Run a program in the working directory, with variables that point at the planted modules."""
    done = subprocess.run(
        words,
        cwd=run.work,
        env=run.environ(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


class TestPlantedModules:
    """The working directory and ``PYTHON*`` variables decide nothing about what a guarded pip loads."""

    def test_nothing_planted_runs(self, index: LabIndex, markers: Markers, guarded: MakeGuarded) -> None:
        """A build is part of it: its children inherit what pip's process is kept from."""
        index.add_all(*hostile.build_requirement_sdist(None))
        run = guarded()
        plant(run.work, markers, "working-directory")
        plant(run.home / "path", markers, "python-path")
        hostile_environ = {
            "PYTHONPATH": str(run.home / "path"),
            "PYTHONSTARTUP": str(run.home / "path" / "json.py"),
            "PYTHONHOME": str(run.home / "path"),
        }
        command = run.command("install", "static-build-requirement")
        # -I: whatever the variables make of trustguard's own interpreter happens before it can do anything.
        ended = started(run, command[0], "-I", *command[1:], **hostile_environ)
        assert ended.code == 0, ended
        assert run.installed() == {"static-build-requirement"}
        assert markers.ran() == set()

    def test_the_working_directory_is_out_of_reach_of_python_m_trustguard_too(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """``python -m`` puts it first on the path; it is taken off again before anything is loaded."""
        index.add(build_wheel("good", "1.0"))
        run = guarded()
        plant(run.work, markers, "working-directory")
        assert run.run("install", "good").code == 0
        assert run.installed() == {"good"}
        assert markers.ran() == set()

    def test_the_planted_modules_would_run(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control: an interpreter that is not kept from them loads them."""
        del index
        run = guarded()
        plant(run.work, markers, "working-directory")
        plant(run.home / "path", markers, "python-path")
        python = str(run.environment.python)
        started(run, python, "-c", "import json", PYTHONPATH=str(run.home / "path"))
        assert markers.ran() == {"working-directory", "python-path"}
