"""A claimed repository and a copied page are held against what can be proven, in a real installation.

The popular project is ``demos``; ``demo-tool`` is what somebody else has put on the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, assert_done, assert_refused
from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.attest import attested
from tests.lab.faults import Status
from tests.lab.forge import LabForge
from tests.lab.guard import Guarded
from tests.lab.identity import Identity
from tests.lab.index import LabIndex
from tests.lab.legacy_json import ownership
from tests.lab.popular import ranking
from tests.lab.sigstore import PrivateSigstore

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
REPOSITORY = "https://github.com/acme/demos"
PAGE = " ".join(f"word{number}" for number in range(100))
"""A description of some length."""


def lines(*urls: str, summary: str = "A thing of its own kind", author: str = "Eve") -> list[str]:
    """Metadata that claims these addresses as its source."""
    return [f"Summary: {summary}", f"Author: {author}", *(f"Project-URL: Source, {url}" for url in urls)]


def famous(index: LabIndex, *owners: str) -> None:
    """The popular project, five years old, and who owns it."""
    for name, url in (("demos", REPOSITORY), ("pyyaml", "https://github.com/yaml/pyyaml")):
        stated = lines(url, summary=f"{name} for the rest of us", author="Ann")
        index.add(build_wheel(name, "9.0", extra_metadata=[*stated, "", f"{name} is {PAGE}"]))
        if owners:
            index.project(name).ownership = ownership(*owners)


def add(index: LabIndex, artifact: Artifact, *, age: int = 100, owner: str = "") -> None:
    """Put a file on the index, as old as that in days."""
    index.add(artifact, upload_time=NOW - age * DAY)
    if owner:
        index.project(artifact.project).ownership = ownership(owner)


def knowing(guarded: MakeGuarded, names: Iterable[str] = ("demos", "pytest", "pyyaml")) -> Guarded:
    """The program, where these projects are the most popular ones."""
    guard = guarded()
    families = [f"{name}-{number}" for name in ("pytest",) for number in range(12)]
    guard.index.put("popular.json", ranking([*names, *families]))
    assert guard.run("update").code == 0
    return guard


def asking(forge: LabForge) -> list[str]:
    """The options that let this forge be asked."""
    return ["--set", f'sources.forges=["{forge.host}"]']


@pytest.mark.parametrize("make", [build_wheel, build_sdist])
def test_a_stolen_repository_is_asked_about(
    index: LabIndex, guarded: MakeGuarded, make: Callable[..., Artifact]
) -> None:
    famous(index, "ann")
    add(index, make("net-tool", "1.0", extra_metadata=lines("git@github.com:Acme/Demos.git")), owner="eve")
    guard = knowing(guarded)
    before = guard.environment.files()
    run = guard.run("install", "net-tool")
    assert_refused(guard, run, NEEDS_APPROVAL, "github.com/acme/demos", before)
    assert "did you mean demos?" in run.err


def test_a_stolen_repository_among_dependencies_is_asked_about(index: LabIndex, guarded: MakeGuarded) -> None:
    famous(index)
    add(index, build_wheel("net-tool", "1.0", extra_metadata=lines(REPOSITORY)))
    add(index, build_wheel("good", "1.0", requires=["net-tool"]))
    guard = knowing(guarded)
    before = guard.environment.files()
    assert_refused(guard, guard.run("install", "good"), NEEDS_APPROVAL, "net-tool", before)


def test_a_suspicious_name_with_a_stolen_repository_or_a_copied_page_is_refused(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index, "ann")
    stolen = lines("https://github.com/yaml/pyyaml/tree/main")
    copied = [*lines(summary="yaml for the rest of us"), "", f"yaml is {PAGE}"]
    guard = knowing(guarded)
    before = guard.environment.files()
    for version, metadata, other in (("1.0", stolen, "starjacking"), ("2.0", copied, "clone")):
        add(index, build_wheel("yaml", version, extra_metadata=metadata), owner="eve")
        run = guard.run("install", "yaml")
        assert_refused(guard, run, BLOCKED, "yaml", before)
        assert other in run.err
    add(index, build_wheel("yaml", "3.0", extra_metadata=lines()), owner="eve")
    assert_refused(guard, guard.run("install", "yaml"), NEEDS_APPROVAL, "yaml", before)  # the name alone


def test_the_successor_that_an_organisation_has_released_for_months_is_installed(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """As httpx2, which is httpx under another name, with its authors and its page, by other owners."""
    famous(index, "ann")
    copied = [*lines(REPOSITORY, summary="demos for the rest of us", author="Ann"), "", f"demos is {PAGE}"]
    for number in range(5):
        add(index, build_wheel("demos2", f"2.{number}", extra_metadata=copied), age=100 - number)
    index.add(build_wheel("good", "1.0", requires=["demos2"]))
    guard = knowing(guarded)
    before = guard.environment.files()
    index.project("demos2").ownership = ownership("eve")
    assert_refused(guard, guard.run("install", "good"), BLOCKED, "demos2", before)
    index.project("demos2").ownership = ownership("eve", organization="acme")
    assert_done(guard, guard.run("install", "good"), "good", "demos2")


@pytest.mark.parametrize("command", ["install", "check"])
def test_a_name_that_is_likely_a_squat_is_let_in_where_both_projects_have_one_owner(
    index: LabIndex, guarded: MakeGuarded, command: str
) -> None:
    famous(index, "ann")
    add(index, build_wheel("demos2", "1.0", extra_metadata=lines()), owner="eve")
    index.add(build_wheel("good", "1.0", requires=["demos2"]))
    guard = knowing(guarded)
    refused = guard.run(command, "good")
    assert (refused.code, guard.installed() & {"good", "demos2"}) == (BLOCKED, set())
    assert "demos2" in refused.out + refused.err
    index.project("demos2").ownership = ownership("ann")
    run = guard.run(command, "good")
    assert run.code == 0, run
    assert guard.installed() & {"good", "demos2"} == ({"good", "demos2"} if command == "install" else set())


def test_a_name_that_is_likely_a_squat_is_let_in_where_its_owners_repository_has_built_it(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index)
    guard = knowing(guarded)
    sigstore = PrivateSigstore()
    guard.trust_root.write_bytes(sigstore.trusted_root)
    wheel = build_wheel("demos2", "1.0", extra_metadata=lines())
    proven(index, wheel, sigstore, "eve/demos2")
    before = guard.environment.files()
    assert_refused(guard, guard.run("install", "demos2"), BLOCKED, "demos2", before)
    proven(index, wheel, sigstore, "acme/demos2")
    assert_done(guard, guard.run("install", "demos2"), "demos2")


def test_honest_projects_are_installed(index: LabIndex, guarded: MakeGuarded) -> None:
    famous(index, "ann")
    projects = {
        "demos-of-ann": build_wheel("demos-of-ann", "1.0", extra_metadata=lines(REPOSITORY)),
        "fork-tool": build_wheel(
            "fork-tool",
            "1.0",
            extra_metadata=lines("https://github.com/eve/demos", summary="A fork of demos with tools"),
        ),
        "no-url": build_wheel("no-url", "1.0", extra_metadata=lines()),
        "own-url": build_wheel("own-url", "1.0", extra_metadata=lines("https://github.com/eve/own-url")),
        "monorepo-part": build_wheel(
            "monorepo-part", "1.0", extra_metadata=lines("https://github.com/eve/everything/tree/main/part")
        ),
    }
    for name, artifact in projects.items():
        add(index, artifact, owner="ann" if name == "demos-of-ann" else "eve")
    guard = knowing(guarded)
    run = guard.run("install", *projects)
    assert_done(guard, run, *projects)
    assert "starjacking" not in run.err
    assert "clone" not in run.err


def test_an_old_project_with_many_releases_and_a_plugin_are_installed(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index)
    index.add(build_wheel("pytest", "9.0", extra_metadata=lines("https://github.com/pytest-dev/pytest")))
    for number in range(5):
        add(index, build_wheel("net-tool", f"1.{number}", extra_metadata=lines(REPOSITORY)), age=400 - number)
    plugin = lines("https://github.com/pytest-dev/pytest/", summary="A plug-in that tests")
    add(index, build_wheel("pytest-of-eve", "1.0", extra_metadata=plugin))
    guard = knowing(guarded)
    run = guard.run("install", "net-tool", "pytest-of-eve")
    assert_done(guard, run, "net-tool", "pytest-of-eve")
    assert "pytest-of-eve claims the repository" in run.err  # told, not asked


def test_an_open_fork_that_claims_its_origin_is_told_and_installed(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index, "ann")
    forked = [*lines(REPOSITORY, summary="A fork of demos"), "", f"demos is {PAGE}"]
    add(index, build_wheel("better-tool", "1.0", extra_metadata=forked), owner="eve")
    guard = knowing(guarded)
    run = guard.run("install", "better-tool")
    assert_done(guard, run, "better-tool")
    assert "says that it is a fork" in run.err


def test_where_there_is_no_question_nothing_is_asked_but_who_owns_what_was_named(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index, "ann")
    add(index, build_wheel("own-url", "1.0", extra_metadata=lines("https://github.com/eve/own-url")))
    guard = knowing(guarded)
    index.forget()
    assert_done(guard, guard.run("install", "own-url"), "own-url")
    assert [path for path in index.paths() if "demos" in path or path.startswith("/pypi/")] == [
        "/pypi/own-url/json"
    ]


def test_the_counterpart_costs_one_request_and_its_owners_another(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index, "ann")
    add(index, build_wheel("net-tool", "1.0", extra_metadata=lines(REPOSITORY)), owner="eve")
    guard = knowing(guarded)
    index.forget()
    guard.run("install", "net-tool")
    asked = [path for path in index.paths() if path.startswith("/pypi/") or "demos" in path]
    assert sorted(asked) == ["/pypi/demos/json", "/pypi/net-tool/json"]


def test_an_answer_that_does_not_come_is_said_and_takes_the_name_not_back(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    famous(index, "ann")
    add(index, build_wheel("net-tool", "1.0", extra_metadata=lines(REPOSITORY)), owner="eve")
    add(index, build_wheel("yaml", "1.0", extra_metadata=lines(REPOSITORY)), owner="eve")
    guard = knowing(guarded)
    guard.configure('[on-unavailable]\nproject-api = "ask"\n')
    index.fault("/pypi/*/json", Status(403))
    before = guard.environment.files()
    for name in ("net-tool", "yaml"):
        run = guard.run("install", name)
        assert_refused(guard, run, NEEDS_APPROVAL, name, before)
    assert "/pypi/pyyaml/json" in run.err


def test_the_tags_of_a_forge_are_seen_where_it_may_be_asked_and_only_then(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    with LabForge() as forge:
        url = forge.repository("acme/demos", tags=["v9.0"])
        stated = lines(url, summary="demos for the rest of us", author="Ann")
        index.add(build_wheel("demos", "9.0", extra_metadata=stated))
        index.project("demos").ownership = ownership("ann")
        for number in range(3):
            add(index, build_wheel("net-tool", f"1.{number}", extra_metadata=lines(url)), owner="eve")
        guard = knowing(guarded)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "net-tool"), NEEDS_APPROVAL, "net-tool", before)
        assert forge.paths() == []
        run = guard.run("check", "net-tool", options=["--format", "json", *asking(forge)])
        (finding,) = (f for f in run.json["packages"][0]["findings"] if f["check"] == "starjacking")
        assert "0 of 3 releases are tagged there" in finding["evidence"]
        assert finding["confidence"] == "high"
        asked = len(forge.paths())
        assert asked == 1
        guard.run("check", "net-tool", options=asking(forge))
        assert len(forge.paths()) == asked  # it is kept for a day


def test_a_forge_that_does_not_answer_changes_nothing(index: LabIndex, guarded: MakeGuarded) -> None:
    with LabForge() as forge:
        url = forge.repository("acme/demos", tags=["v9.0"])
        forge.fault("*", Status(500))
        index.add(build_wheel("demos", "9.0", extra_metadata=lines(url, summary="Another thing, of Ann's")))
        add(index, build_wheel("net-tool", "1.0", extra_metadata=lines(url)))
        add(index, build_wheel("own-url", "1.0", extra_metadata=lines(f"{forge.base}/eve/own-url")))
        guard = knowing(guarded)
        before = guard.environment.files()
        run = guard.run("install", "net-tool", options=asking(forge), PIP_RETRIES="0")
        assert_refused(guard, run, NEEDS_APPROVAL, "net-tool", before)
        assert forge.paths()
        ended = guard.run("install", "own-url", options=asking(forge), PIP_RETRIES="0")
        assert_done(guard, ended, "own-url")


def test_a_renamed_repository_is_no_false_claim(index: LabIndex, guarded: MakeGuarded) -> None:
    sigstore = PrivateSigstore()
    with LabForge() as forge:
        claimed = forge.repository("ann/old-tool", tags=["v1.0"])
        forge.rename("ann/old-tool", "acme/new-tool")
        builder = Identity.circleci(vcs_origin=f"{forge.host}/acme/new-tool")
        attested(index, build_wheel("new-tool", "1.0", extra_metadata=lines(claimed)), sigstore, builder)
        guard = knowing(guarded)
        guard.trust_root.write_bytes(sigstore.trusted_root)
        told = guard.run("check", "new-tool")
        assert "warn starjacking: " in told.out  # without the forge it is a claim that is not proven
        run = guard.run("install", "new-tool", options=asking(forge))
        assert_done(guard, run, "new-tool")
        assert "starjacking" not in run.err


def proven(index: LabIndex, artifact: Artifact, sigstore: PrivateSigstore, repository: str) -> None:
    """Put a file on the index with an attestation of a build in this repository."""
    attested(index, artifact, sigstore, Identity.github(repository), upload_time=NOW - 100 * DAY)


def test_what_is_proven_of_origin_and_owner_excuses_and_what_is_disproved_of_nobody_is_told(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """``net-tool`` is built where it says, ``yaml`` by the owner of the project it resembles."""
    famous(index, "ann")
    sigstore = PrivateSigstore()
    proven(index, build_wheel("net-tool", "1.0", extra_metadata=lines(REPOSITORY)), sigstore, "Acme/demos")
    copied = [*lines(summary="yaml for the rest of us"), "", f"yaml is {PAGE}"]
    proven(index, build_wheel("yaml", "1.0", extra_metadata=copied), sigstore, "yaml/other")
    moved = build_wheel("own-tool", "1.0", extra_metadata=lines("https://github.com/nobody/thing"))
    proven(index, moved, sigstore, "eve/own-tool")
    guard = knowing(guarded)
    guard.trust_root.write_bytes(sigstore.trusted_root)
    run = guard.run("install", "net-tool", "yaml", "own-tool", options=["--format", "json"])
    assert_done(guard, run, "net-tool", "yaml", "own-tool")
    found = {p["project"]: {f["check"] for f in p["findings"]} for p in run.json["packages"]}
    assert found == {"net-tool": set(), "yaml": {"typosquatting"}, "own-tool": {"starjacking"}}
    verdicts = {p["project"]: p["verdict"] for p in run.json["packages"]}
    assert verdicts["own-tool"] == "warn"


def test_a_disproved_claim_to_a_popular_repository_is_refused_and_an_attested_squat_is_asked_about(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """A valid attestation of whoever squats proves who that is, and excuses nothing."""
    famous(index, "ann")
    sigstore = PrivateSigstore()
    proven(index, build_wheel("net-tool", "1.0", extra_metadata=lines(REPOSITORY)), sigstore, "eve/net-tool")
    own = lines("https://github.com/eve/yaml")
    proven(index, build_wheel("yaml", "1.0", extra_metadata=own), sigstore, "eve/yaml")
    guard = knowing(guarded)
    guard.trust_root.write_bytes(sigstore.trusted_root)
    before = guard.environment.files()
    run = guard.run("install", "net-tool")
    assert_refused(guard, run, BLOCKED, "github.com/acme/demos", before)
    assert "github.com/eve/net-tool" in run.err
    assert_refused(guard, guard.run("install", "yaml"), NEEDS_APPROVAL, "yaml", before)
