"""What a backend asks for is refused in one line, or comes back with the versions that were vetted."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from importlib import metadata
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.osv import malicious, osv_export
from trustguard.frontends.build_backend.asking import Answer
from trustguard.frontends.build_backend.requirements import refusal, vetted
from trustguard.frontends.build_backend.surroundings import Surroundings
from trustguard.model.errors import InstallerError, SourceError, SourceRefused, TrustguardError
from trustguard.store.guarded_run import under_way

WHO = "get_requires_for_build_wheel of real.backend"
CLOSED = "http://127.0.0.1:9/simple/"
"""A port (discard) on which nobody listens."""
THERE = "packaging"
"""A distribution of the environment that the tests run in."""


@pytest.fixture
def there(guarded: MakeGuarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """A user, in the source tree of a project."""
    made = guarded(malware=["evil"])
    monkeypatch.chdir(made.work)
    return made


def asked(there: Guarded, *requirements: str, **environ: str) -> list[str]:
    return vetted(
        list(requirements), WHO, Surroundings(sys.executable, there.environ(**environ), tuple(sys.path))
    )


def refused(there: Guarded, *requirements: str, kind: type[TrustguardError], **environ: str) -> str:
    """The one line in which requirements are refused."""
    with pytest.raises(kind) as raised:
        asked(there, *requirements, **environ)
    assert type(raised.value) is kind
    assert "\n" not in str(raised.value)
    assert "nothing of it was installed" in raised.value.message
    return raised.value.message


def withhold(index: LabIndex, project: str, versions: Iterable[str]) -> None:
    """Have the advisories call versions of a project malicious."""
    index.put_osv(osv_export([malicious(project, versions=tuple(versions))]))


def test_what_is_allowed_comes_back_as_it_was_and_with_pins(there: Guarded, index: LabIndex) -> None:
    """For all that would be installed, dependencies included; for the newest that the requirement lets in."""
    index.add_all(*(build_wheel("helper", version, requires=["leaf"]) for version in ("1.0", "1.1", "2.0")))
    index.add(build_wheel("leaf", "3.0"))
    requirement = 'Helper <2 ; python_version >= "3"'
    pinned = asked(there, requirement)
    assert pinned[0] == requirement
    assert set(pinned[1:]) == {"helper==1.1", "leaf==3.0"}


def test_pins_keep_a_frontend_from_what_is_withheld(there: Guarded, index: LabIndex) -> None:
    index.add_all(build_wheel("helper", "1.0"), build_wheel("helper", "2.0"))
    withhold(index, "helper", ["2.0"])
    assert asked(there, "helper") == ["helper", "helper==1.0"]


def test_what_was_left_out_warned_of_or_not_checked_is_said(
    there: Guarded, index: LabIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning stops nothing, and is not kept to oneself."""
    index.add_all(build_wheel("helper", "2.0"), build_wheel("leaf", "1.0"))
    index.add(build_wheel("helper", "1.0", requires=["leaf"]), yanked="broken")
    withhold(index, "helper", ["2.0"])
    assert asked(there, "helper==1.0", "leaf") == ["helper==1.0", "leaf", "helper==1.0", "leaf==1.0"]
    said = capsys.readouterr().err.splitlines()
    assert any(line.startswith("trustguard: helper 1.0: project-status: ") for line in said)
    assert any(line.startswith("trustguard: withheld: helper 2.0: known-malicious: ") for line in said)


def test_a_malicious_requirement_is_refused(there: Guarded, index: LabIndex) -> None:
    index.add_all(build_wheel("evil", "1.0"), build_wheel("good", "1.0"))
    message = refused(there, "good", "evil", kind=SourceRefused)
    assert message.startswith(f"{WHO} asks for good, evil, which is refused: evil 1.0: known-malicious: ")
    assert index.served_files() <= {"good-1.0-py3-none-any.whl"}


def test_a_malicious_dependency_is_refused(there: Guarded, index: LabIndex) -> None:
    index.add_all(build_wheel("good", "1.0", requires=["evil"]), build_wheel("evil", "1.0"))
    assert "is refused: evil 1.0: known-malicious: " in refused(there, "good", kind=SourceRefused)


def test_a_name_that_is_taken_for_a_popular_one_is_refused(
    guarded: MakeGuarded, index: LabIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = guarded(popular=["setuptools"])
    monkeypatch.chdir(made.work)
    index.add(build_wheel("setuptoools", "1.0"))
    assert "setuptoools 1.0: typosquatting: " in refused(made, "setuptoools", kind=SourceRefused)


def test_what_somebody_would_have_to_be_asked_about_is_refused(there: Guarded, index: LabIndex) -> None:
    """Nobody is there to answer while a frontend builds."""
    there.configure('unknown = "ask"\n')
    index.add(build_wheel("helper", "1.0"))
    assert "which needs approval, which nobody can give here" in refused(there, "helper", kind=SourceRefused)


def test_a_projects_own_configuration_tightens_what_holds(there: Guarded, index: LabIndex) -> None:
    """It is looked for in the source tree, as ever."""
    index.add(build_wheel("helper", "1.0"))
    rules = '[[deny]]\nproject = "helper"\nreason = "incident 42"\n'
    (there.work / "trustguard.toml").write_text(rules)
    assert "incident 42" in refused(there, "helper", kind=SourceRefused)


def test_an_index_that_does_not_answer_is_no_verdict(there: Guarded) -> None:
    message = refused(there, "helper", kind=SourceError, PIP_INDEX_URL=CLOSED, PIP_RETRIES="0")
    assert "which could not be vetted: " in message


def test_a_requirement_that_no_index_has_is_refused(there: Guarded) -> None:
    assert "no source has nothing" in refused(there, "nothing", kind=SourceError)


def test_a_configuration_that_cannot_be_used_is_no_verdict(there: Guarded) -> None:
    (there.work / "trustguard.toml").write_text("nonsense = 1\n")
    assert "trustguard.toml:1: nonsense: unknown key" in refused(there, "helper", kind=SourceError)


@pytest.mark.parametrize("reference", ["{url}", "git+https://forge.example/x"])
def test_an_address_is_not_taken_without_a_question(there: Guarded, index: LabIndex, reference: str) -> None:
    artifact = build_wheel("far", "1.0")
    url = index.put(artifact.filename, artifact.content)
    with pytest.raises(SourceError, match="far"):
        asked(there, f"far @ {reference.format(url=url)}")


@pytest.mark.parametrize("text", [f"--index-url={CLOSED}", "-r other.txt", "./folder", "helper\nother", ""])
def test_what_is_no_requirement_is_handed_to_nobody(there: Guarded, text: str) -> None:
    """An installer could take it for an option."""
    assert "what is no requirement" in refused(there, text, kind=InstallerError)


@pytest.mark.parametrize("returned", [None, "helper", {"helper": 1}, [1], [b"helper"]])
def test_what_is_no_list_of_strings_is_refused(there: Guarded, returned: object) -> None:
    with pytest.raises(InstallerError, match=f"^{WHO} did not return a list of strings$"):
        vetted(returned, WHO, Surroundings(sys.executable, there.environ(), ()))


def test_a_message_has_no_power_over_a_terminal() -> None:
    """What a package or an index says may be in it."""
    missing = {"project": "\x1b[2Jhelper\n", "suggestion": None}
    (reason,) = Answer(1, {"missing": [missing]}).reasons()
    assert "\x1b" in reason
    error = refusal("asked", Answer(1, {"missing": [missing]}))
    assert str(error).isprintable()


class TestWhatIsThere:
    """Requirements that the build environment fulfils, and those that clash with what it has."""

    def test_nothing_is_asked_about_what_would_not_be_installed(
        self, there: Guarded, index: LabIndex
    ) -> None:
        texts = [f"{THERE}>=1", f"{THERE.upper()}", 'vax-tools; sys_platform == "vax"']
        assert asked(there, *texts) == texts
        assert index.requests == []

    def test_what_lies_in_the_source_tree_is_not_what_is_there(
        self, there: Guarded, index: LabIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder there that looks as if it were installed, and is on the path as ``python -c`` has it."""
        folder = there.work / "evil-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
        index.add(build_wheel("evil", "1.0"))
        for entry in ("", str(there.work)):
            monkeypatch.syspath_prepend(entry)
        assert "is refused" in refused(there, "evil", kind=SourceRefused)

    @pytest.mark.parametrize("requirement", [f"{THERE}[more]", f"{THERE}<1"])
    def test_what_is_there_and_does_not_fulfil_is_asked_about(
        self, there: Guarded, index: LabIndex, requirement: str
    ) -> None:
        """No pin goes with it: a frontend would take one to another version for a conflict."""
        index.add(build_wheel(THERE, "0.5"))
        assert asked(there, requirement) == [requirement]
        assert f"/simple/{THERE}/" in index.paths()

    def test_a_version_that_is_withheld_and_cannot_be_pinned_away_is_refused(
        self, there: Guarded, index: LabIndex
    ) -> None:
        """A frontend that resolves anew, into a folder of its own, would take it."""
        index.add_all(build_wheel("helper", "1.0", requires=[THERE]), build_wheel(THERE, "0.5"))
        index.add(build_wheel(THERE, "9999"))
        withhold(index, THERE, ["9999"])
        message = refused(there, "helper", kind=SourceRefused)
        assert f"{THERE} 9999 could be installed, which is withheld: " in message

    def test_the_version_that_is_there_is_none_that_could_come(self, there: Guarded, index: LabIndex) -> None:
        """The frontend has installed it before anybody was asked; to refuse it now protects from nothing."""
        version = metadata.version(THERE)
        index.add_all(build_wheel("helper", "1.0", requires=[THERE]), build_wheel(THERE, "0.5"))
        index.add(build_wheel(THERE, version))
        withhold(index, THERE, [version])
        assert asked(there, "helper") == ["helper", "helper==1.0"]


def test_another_file_of_the_same_version_that_is_withheld_is_refused(
    there: Guarded, index: LabIndex
) -> None:
    """A wheel that was added to an old release an hour ago: a frontend would prefer it to the sdist."""
    young = datetime.now(timezone.utc) - timedelta(hours=1)
    pyproject = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
    sdist = build_sdist("helper", "1.0", pyproject=pyproject, metadata_version="2.2")
    index.add(sdist)
    index.add(build_wheel("helper", "1.0"), upload_time=young)
    message = refused(there, "helper", kind=SourceRefused)
    assert "helper 1.0 could be installed, which is withheld: helper 1.0: release-age: " in message


class TestGuardedRuns:
    """Where everything is vetted on its way in, nothing is vetted twice."""

    def test_in_one_nothing_is_asked(self, there: Guarded, index: LabIndex) -> None:
        folder = there.home / "run"
        folder.mkdir()
        with under_way(folder) as sign:
            assert asked(there, "helper", **sign) == ["helper"]
        assert index.requests == []

    def test_the_variable_alone_is_no_sign(self, there: Guarded, index: LabIndex) -> None:
        """What is left of a run that is over, or what a project's file has set."""
        index.add(build_wheel("evil", "1.0"))
        folder = there.home / "run"
        folder.mkdir()
        with under_way(folder) as sign:
            pass
        assert "is refused" in refused(there, "evil", kind=SourceRefused, **sign)

    def test_a_sign_in_the_source_tree_is_none(self, there: Guarded, index: LabIndex) -> None:
        index.add(build_wheel("evil", "1.0"))
        folder = Path("own").resolve()
        folder.mkdir()
        with under_way(folder) as sign:
            assert "is refused" in refused(there, "evil", kind=SourceRefused, **sign)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PIP_USER", "1"), ("PIP_REQUIRE_VIRTUALENV", "1"), ("PIP_TARGET", "other"), ("PYTHONSAFEPATH", "1")],
)
def test_a_users_settings_do_not_stand_in_the_way(
    there: Guarded, index: LabIndex, variable: str, value: str
) -> None:
    index.add(build_wheel("helper", "1.0"))
    assert asked(there, "helper", **{variable: value}) == ["helper", "helper==1.0"]


def test_modules_of_the_source_tree_are_not_what_vets(there: Guarded, index: LabIndex) -> None:
    """It is the working directory."""
    index.add(build_wheel("evil", "1.0"))
    for name in ("trustguard", "json", "pip", "httpx"):
        (there.work / f"{name}.py").write_text("raise SystemExit(0)\n")
    assert "is refused" in refused(there, "evil", kind=SourceRefused)
