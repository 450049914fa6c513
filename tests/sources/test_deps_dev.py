"""Dependents are counted by a service that says of what: of this project of PyPI's, and of no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.lab.deps_dev import LabDepsDev
from tests.lab.faults import Body, Fault, Hang, HugeBody, RedirectTo, Reset, Status, Truncate
from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.evidence import Dependents
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.deps_dev import DepsDev, _counts, _default
from trustguard.sources.http import HttpClient, HttpSettings

PROJECT = NormalizedName("sample-project")
QUICK = HttpSettings(timeout=5, retries=1, backoff=0.001, use_env_proxies=False)
PACKAGE = "/v3alpha/systems/PYPI/packages/sample-project"
COUNT = f"{PACKAGE}/versions/1.0:dependents"
JSON = "application/json"


@pytest.fixture
def service() -> Iterator[LabDepsDev]:
    """A running service that has counted one project."""
    with LabDepsDev() as running:
        running.count("sample-project", "1.0", direct=3, indirect=40)
        yield running


def ask(
    service: LabDepsDev, project: NormalizedName = PROJECT, *, url: str | None = None, deadline: float = 10.0
) -> Dependents | None:
    """What the service says of a project, asked for once."""

    async def main() -> Dependents | None:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            address = service.url if url is None else url
            return await DepsDev(client, address, deadline=deadline).dependents(project)

    return asyncio.run(main())


# A real answer.


@pytest.mark.parametrize("slash", ["", "/"])
def test_what_depends_on_the_default_release_is_counted(service: LabDepsDev, slash: str) -> None:
    assert ask(service, url=service.url + slash) == Dependents(Version("1.0"), direct=3, total=43)
    assert service.paths() == [path.removeprefix("/v3alpha") for path in (PACKAGE, COUNT)]


def test_none_is_a_count_as_well(service: LabDepsDev) -> None:
    service.count("sample-project", "2.0")
    assert ask(service) == Dependents(Version("2.0"), 0, 0)


def test_a_version_stands_in_an_address_as_one_part_of_it(service: LabDepsDev) -> None:
    """An epoch and a local part hold characters that mean something there."""
    service.count("sample-project", "1!2.0+local.7", direct=1)
    assert ask(service) == Dependents(Version("1!2.0+local.7"), 1, 1)
    assert service.paths()[1].endswith("/versions/1%212.0%2Blocal.7:dependents")


def test_a_project_that_the_service_does_not_know_or_has_not_counted_has_none(service: LabDepsDev) -> None:
    assert ask(service, NormalizedName("other")) is None
    service.fault("*:dependents", Status(404))
    assert ask(service) is None


@pytest.mark.parametrize("versions", [[], [{"versionKey": {}, "isDefault": False}], None])
def test_a_project_without_a_default_release_has_none(service: LabDepsDev, versions: Any) -> None:
    form = {"packageKey": {"system": "PYPI", "name": "sample-project"}}
    form |= {} if versions is None else {"versions": versions}
    service.fault(PACKAGE, Body(json.dumps(form).encode(), JSON))
    assert ask(service) is None


def test_the_first_answer_stays_also_where_many_ask_at_once(service: LabDepsDev) -> None:
    async def main() -> list[Dependents | None]:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            asking = DepsDev(client, service.url)
            return await asyncio.gather(*(asking.dependents(PROJECT) for _ in range(5)))

    assert len(set(asyncio.run(main()))) == 1
    assert len(service.requests) == 2


# Nobody else's record.


def test_the_same_name_in_another_system_is_another_project(service: LabDepsDev) -> None:
    """Only PyPI's is asked for, whatever others there are."""
    service.count("famous", system="NPM", direct=100_000)
    assert ask(service, NormalizedName("famous")) is None
    assert service.paths() == ["/systems/PYPI/packages/famous"]


@pytest.mark.parametrize(
    "said",
    [
        {"system": "NPM"},
        {"system": "pypi"},
        {"system": ""},
        {"system": None},
        {"name": "sample-projects"},
        {"name": "sampleproject"},
        {"name": "sample-project-ng"},
        {"name": ""},
        {"name": ["sample-project"]},
    ],
)
def test_a_record_that_is_about_something_else_is_refused(service: LabDepsDev, said: dict[str, Any]) -> None:
    service.count("sample-project", said=said, direct=100_000)
    with pytest.raises(SourceRefused, match="what is said of sample-project at http"):
        ask(service)
    assert len(service.requests) == 1


@pytest.mark.parametrize("spelled", ["Sample_Project", "sample.project", "SAMPLE-PROJECT"])
def test_another_spelling_of_the_name_is_the_same_project(service: LabDepsDev, spelled: str) -> None:
    """Names are equal by PEP 503, and by nothing else."""
    service.count("sample-project", said={"name": spelled}, direct=7)
    assert ask(service) == Dependents(Version("1.0"), 7, 7)


def test_a_default_release_of_something_else_is_refused(service: LabDepsDev) -> None:
    key = {"system": "PYPI", "name": "sample-project"}
    of_other = {"versionKey": {**key, "name": "famous", "version": "1.0"}, "isDefault": True}
    form = {"packageKey": key, "versions": [of_other]}
    service.fault(PACKAGE, Body(json.dumps(form).encode(), JSON))
    with pytest.raises(SourceRefused, match=r"it is about 'famous' of 'PYPI', not about sample-project"):
        ask(service)


@pytest.mark.parametrize("path", [PACKAGE, COUNT])
def test_an_answer_from_another_address_than_was_asked_is_refused(service: LabDepsDev, path: str) -> None:
    """A count does not say of what it is: a redirect could lead to that of a project of a like name."""
    service.count("famous", direct=100_000)
    famous = f"{service.base}{path.replace('sample-project', 'famous')}"
    service.fault(path, RedirectTo(famous))
    with pytest.raises(SourceRefused, match="it comes from another address than was asked"):
        ask(service)


# When the answer is against the rules, or none.


@pytest.mark.parametrize("path", [PACKAGE, COUNT])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Reset(), SourceUnreachable),
        (Status(503), SourceUnreachable),
        (Status(429), SourceUnreachable),
        (Truncate(10), SourceUnreachable),
        (Status(403), SourceRefused),
        (HugeBody(9 << 20), SourceRefused),
        (HugeBody(9 << 20, announce=False), SourceRefused),
        (Body(b"<html>", "text/html"), SourceRefused),
        (Body(b"[]", JSON), SourceRefused),
        (Body(b"[" * 100_000, JSON), SourceRefused),
        (Body(b"\xff", JSON), SourceRefused),
        (Body(b"{}", JSON), SourceRefused),
    ],
)
def test_an_outage_is_unreachable_and_an_answer_against_the_rules_refused(
    service: LabDepsDev, path: str, fault: Fault, expected: type[Exception]
) -> None:
    service.fault(path, fault)
    with pytest.raises(expected, match="sample-project at http") as caught:
        ask(service)
    assert "\n" not in str(caught.value)


def test_who_does_not_answer_in_time_is_unreachable(service: LabDepsDev) -> None:
    service.fault(PACKAGE, Hang())
    with pytest.raises(SourceUnreachable, match=r"did not come within 0\.2 s"):
        ask(service, deadline=0.2)


def test_an_outage_does_not_stay(service: LabDepsDev) -> None:
    async def main() -> Dependents | None:
        async with HttpClient(QUICK) as client:
            asking = DepsDev(client, service.url)
            with pytest.raises(SourceUnreachable):
                await asking.dependents(PROJECT)
            return await asking.dependents(PROJECT)

    service.fault(PACKAGE, Reset(times=2))
    assert asyncio.run(main()) is not None


@pytest.mark.parametrize("key", ["dependentCount", "directDependentCount"])
@pytest.mark.parametrize("value", [..., None, "7", 7.0, True, -1])
def test_a_count_that_is_missing_or_is_none_is_not_taken_for_nought(key: str, value: object) -> None:
    form: dict[str, Any] = {"dependentCount": 7, "directDependentCount": 3, "indirectDependentCount": 5}
    del form[key]
    with pytest.raises(ValueError, match=f"^{key} is not a number$"):
        _counts("1.0", form if value is ... else {**form, key: value})


def test_a_release_that_is_no_version_is_none_of_a_project() -> None:
    with pytest.raises(ValueError, match=r"^'one' is not a version$"):
        _counts("one", {"dependentCount": 7, "directDependentCount": 3})


@pytest.mark.parametrize(
    ("versions", "complaint"),
    [
        ({}, "versions is not a list"),
        ([7], r"versions\[0\] is not a JSON object"),
        ([{"isDefault": True}], r"versions\[0\]\.versionKey is not a JSON object"),
        (
            [{"isDefault": True, "versionKey": {"system": "PYPI", "name": "sample-project"}}],
            r"versions\[0\]\.versionKey\.version is not a text",
        ),
    ],
)
def test_what_is_malformed_is_named_with_its_path(versions: object, complaint: str) -> None:
    key = {"system": "PYPI", "name": "sample-project"}
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        _default({"packageKey": key, "versions": versions}, PROJECT)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["PYPI", "sample-project", "1.0", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["system", "name", "version", "isDefault", "versionKey"]), inner)
    ),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional={"packageKey": values, "versions": values}))
def test_any_json_is_read_or_malformed_and_nothing_else(form: dict[str, Any]) -> None:
    try:
        version = _default(form, PROJECT)
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017 - there is nothing to expect of either outcome
    else:
        assert version is None or version
