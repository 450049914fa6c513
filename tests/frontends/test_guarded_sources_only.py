"""What has to be built is told with what would be run, before it runs, and asked about where it should be."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, NEEDS_APPROVAL, Attack
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.listing import LAST_YEAR
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export

LONG_AGO = datetime.now(timezone.utc) - timedelta(days=1000)
BACKEND = {hostile.BACKEND_MODULE, *hostile.BACKEND_HOOKS}


def add_young(index: LabIndex, *artifacts: Artifact) -> None:
    """Put files on the index that have not been there for years."""
    for artifact in artifacts:
        index.add(artifact, upload_time=LAST_YEAR)


class TestUnknownProjects:
    """A project for which nothing speaks."""

    @pytest.mark.parametrize(
        ("project", "told"),
        [
            ("legacy-project", ("its setup.py", "setuptools, which is assumed")),
            ("in-tree-project", ("in_tree_backend, a backend of its own", "with nothing else")),
            ("static-build-requirement", ("in_tree_backend", "with build-helper")),
        ],
    )
    def test_what_would_be_run_is_told_and_does_not_run(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded, project: str, told: tuple[str, ...]
    ) -> None:
        """A ``setup.py``, a backend of its own, a build requirement: named, and nobody there to be asked."""
        add_young(
            index,
            hostile.legacy_sdist(markers),
            hostile.in_tree_backend_sdist(markers),
            *hostile.build_requirement_sdist(markers),
            hostile.fake_setuptools(markers),
        )
        run = guarded(building=None)
        attack = Attack.begins(run, markers)
        ended = run.run("install", project)
        attack.is_repelled(ended, code=NEEDS_APPROVAL, named=project)
        words = " ".join((ended.out + ended.err).split())
        assert [part for part in told if part not in words] == []

    def test_as_a_dependency_and_as_a_build_requirement_it_is_the_same(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Nobody typed its name, and it would run all the same."""
        add_young(index, hostile.in_tree_backend_sdist(markers))
        add_young(index, build_wheel("needs-it", "1.0", requires=["in-tree-project"]))
        add_young(index, build_in_tree_sdist("built-with-it", "1.0", build_requires=["in-tree-project"]))
        run = guarded(building=None, popular=["built-with-it"])
        assert run.run("update").code == 0
        attack = Attack.begins(run, markers)
        for project in ("needs-it", "built-with-it"):
            ended = run.run("install", project)
            attack.is_repelled(ended, code=NEEDS_APPROVAL, named="in-tree-project")

    def test_an_sdist_beside_a_wheel_that_fits_is_no_matter(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control: the wheel is taken, and nothing is asked. Only ``--no-binary`` makes it a question."""
        add_young(index, hostile.in_tree_backend_sdist(markers), build_wheel("in-tree-project", "1.0"))
        run = guarded(building=None)
        attack = Attack.begins(run, markers)
        ended = run.run("install", "--no-binary", ":all:", "in-tree-project")
        attack.is_repelled(ended, code=NEEDS_APPROVAL, named="in-tree-project")
        assert run.run("install", "in-tree-project").code == 0
        assert (run.installed(), markers.ran()) == ({"in-tree-project"}, set())


class TestKnownProjects:
    """A project for which something speaks is built, and that is told."""

    def test_a_popular_one_is_built(self, index: LabIndex, markers: Markers, guarded: MakeGuarded) -> None:
        """One of the most downloaded ones, however young its file."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded(building=None, popular=["in-tree-project"])
        assert run.run("update").code == 0
        ended = run.run("install", "in-tree-project")
        assert ended.code == 0, ended
        assert "has to be built" in ended.out + ended.err
        assert (run.installed(), markers.ran()) == ({"in-tree-project"}, BACKEND)

    def test_an_established_one_is_built(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """There for a year, with five releases."""
        for version in ("0.1", "0.2", "0.3", "0.4", "1.0"):
            sdist = hostile.in_tree_backend_sdist(markers, version=version)
            index.add(sdist, upload_time=LONG_AGO)
        run = guarded(building=None)
        ended = run.run("install", "in-tree-project")
        assert ended.code == 0, ended
        assert (run.installed(), markers.ran()) == ({"in-tree-project"}, BACKEND)

    def test_what_is_popular_and_malicious_is_refused(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Nothing that speaks for a project outweighs what speaks against a release."""
        index.add(hostile.in_tree_backend_sdist(markers))
        run = guarded(building=None, popular=["in-tree-project"])
        index.put_osv(osv_export([malicious("in-tree-project")]))
        assert run.run("update").code == 0
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "in-tree-project"), code=BLOCKED, named="in-tree-project")


class TestRules:
    """What the user says about building holds, project by project."""

    def test_who_is_exempt_is_built_and_nobody_else(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """``exempt`` names projects; another one is asked about as before."""
        add_young(
            index, hostile.in_tree_backend_sdist(None), hostile.in_tree_backend_sdist(markers, "another")
        )
        run = guarded(building=None)
        run.configure('[checks.source-only]\nexempt = ["in-tree-*"]\n')
        assert run.run("install", "in-tree-project").code == 0
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "another"), code=NEEDS_APPROVAL, named="another")
        assert run.installed() == {"in-tree-project"}

    def test_nothing_at_all_is_built_where_that_is_the_rule(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """``action = "block"``, also for a popular project; wheels are installed as before."""
        index.add_all(hostile.in_tree_backend_sdist(markers), build_wheel("good", "1.0"))
        run = guarded(building="block", popular=["in-tree-project"])
        assert run.run("update").code == 0
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "in-tree-project"), code=BLOCKED, named="in-tree-project")
        assert run.run("install", "good").code == 0
