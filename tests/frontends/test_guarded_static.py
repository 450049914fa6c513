"""An sdist that says what it depends on is not built to learn that (PEP 643)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, Attack
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.listing import LAST_YEAR
from tests.lab.markers import Markers

RAN = "the-backend"


def built(markers: Markers, version: str = "1.0", **parts: Any) -> Artifact:
    """An sdist whose backend leaves a marker as soon as it is imported, and which needs ``helper``."""
    return build_in_tree_sdist(
        "app",
        version,
        requires=["helper"],
        statements={"module": markers.snippet(RAN)},
        **parts,
    )


class TestStatic:
    """``PKG-INFO`` of metadata version 2.2, in which nothing that a resolver asks for is dynamic."""

    def test_a_check_runs_nothing_of_it_and_follows_its_dependencies(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Also where the address is of one run alone, as that of an sdist that is asked about is."""
        index.add(built(markers, metadata_version="2.2"), upload_time=LAST_YEAR)
        index.add(build_wheel("helper", "1.0"))
        told = guarded().run("check", "app", options=["--format", "json"]).json
        assert (told["exit_code"], markers.ran()) == (0, set())
        assert {package["project"] for package in told["packages"]} == {"app", "helper"}
        asking = guarded(building=None)
        told = asking.run("check", "app", options=["--format", "json"]).json
        assert (told["verdict"], markers.ran()) == ("ask", set())
        assert {package["project"] for package in told["packages"]} == {"app", "helper"}

    def test_a_dependency_that_is_refused_keeps_it_from_being_built(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Its own backend has not run when that is known."""
        index.add_all(built(markers, metadata_version="2.2"), build_wheel("helper", "1.0"))
        run = guarded(malware=["helper"])
        assert run.run("update").code == 0
        attack = Attack.begins(run, markers)
        attack.is_repelled(run.run("install", "app"), code=BLOCKED, named="helper")

    def test_an_installation_builds_it_once_and_gets_what_it_states(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The control."""
        index.add_all(built(markers, metadata_version="2.2"), build_wheel("helper", "1.0"))
        run = guarded()
        ended = run.run("install", "app")
        assert (ended.code, run.installed(), markers.ran()) == (0, {"app", "helper"}, {RAN}), ended
        assert sum(path.endswith("/app-1.0.tar.gz") for path in index.paths()) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"metadata_version": "2.1"},
        {"metadata_version": "2.2", "dynamic": ["requires-dist"]},
        {"metadata_version": "2.4", "dynamic": ["License-File", "Provides-Extra"]},
    ],
)
def test_what_is_left_to_the_build_is_learned_by_building(
    index: LabIndex, markers: Markers, guarded: MakeGuarded, parts: Any
) -> None:
    """From before PEP 643, or with a field that is dynamic: what it states is not taken for the answer."""
    index.add_all(built(markers, **parts), build_wheel("helper", "1.0"))
    told = guarded().run("check", "app", options=["--format", "json"]).json
    assert (told["exit_code"], markers.ran()) == (0, {RAN})
    assert {package["project"] for package in told["packages"]} == {"app", "helper"}
