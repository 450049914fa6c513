"""What an index says of a project is read as its JSON API is documented; what is malformed is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.faults import Body, Fault, Hang, HugeBody, RedirectTo, Reset, Status, Truncate
from tests.lab.index import LabIndex
from tests.lab.legacy_json import ownership
from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.project import IndexId
from trustguard.model.repository import Repository
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.project_api import About, ProjectApi, read_about

PROJECT = NormalizedName("sample-project")
PATH = "/pypi/sample-project/json"
QUICK = HttpSettings(timeout=5, retries=1, backoff=0.001, use_env_proxies=False)
LINES = (
    "Summary: A sample Python project",
    "Home-page: https://sample.example",
    "Author: A. Random Developer",
    "Author-email: author@mail.example",
    'Maintainer-email: "A. Great Maintainer" <maintainer@mail.example>',
    "Project-URL: Source, https://github.com/pypa/sampleproject/",
    "Project-URL: Say Thanks!, http://thanks.example",
    "",
    "The long d\u00e9scription.",
)


def ask(
    index: LabIndex, project: NormalizedName = PROJECT, *, url: str | None = None, deadline: float = 10.0
) -> About | None:
    """What the index says of a project, asked for once."""

    async def main() -> About | None:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            address = index.url if url is None else url
            return await ProjectApi(client, address, IndexId(index.url), deadline=deadline).about(project)

    return asyncio.run(main())


def document(**keys: object) -> bytes:
    """A document with an ``info`` of its own, and other keys."""
    info = keys.pop("info", {"name": "Sample_Project", "version": "1.0"})
    return json.dumps({"info": info, **keys}).encode()


def info(**keys: object) -> bytes:
    """A document in which the ``info`` has other keys too."""
    return document(info={"name": "Sample_Project", "version": "1.0", **keys})


# A real answer.


def test_the_newest_releases_metadata_and_the_owners_are_read(index: LabIndex) -> None:
    index.add(build_wheel("Sample_Project", "1.0", extra_metadata=["Summary: old"]))
    index.add(build_wheel("Sample_Project", "2.0", extra_metadata=LINES))
    index.add(build_wheel("Sample_Project", "3.0rc1", extra_metadata=["Summary: not final"]))
    index.project("sample-project").ownership = ownership(
        "theacodes", maintainers=["pypa-bot", "a-bot"], organization="pypa"
    )
    assert ask(index) == About(
        owners=("organization pypa", "user a-bot", "user pypa-bot", "user theacodes"),
        version="2.0",
        summary="A sample Python project",
        description="The long d\u00e9scription.\n",
        home_page="https://sample.example",
        project_urls=(
            "Source, https://github.com/pypa/sampleproject/",
            "Say Thanks!, http://thanks.example",
        ),
        author="A. Random Developer",
        author_email="author@mail.example",
        maintainer="",
        maintainer_email='"A. Great Maintainer" <maintainer@mail.example>',
    )


def test_what_it_says_is_a_statement_as_core_metadata_makes_one(index: LabIndex) -> None:
    index.add(build_wheel("Sample_Project", "2.0", extra_metadata=LINES))
    index.project("sample-project").json_api = True
    about = ask(index)
    assert about is not None
    statement = about.statement
    assert statement.repositories == (Repository("github.com", "pypa/sampleproject"),)
    assert statement.people == (
        "a. random developer",
        "author@mail.example",
        "a. great maintainer",
        "maintainer@mail.example",
    )
    assert (statement.summary, statement.home_page) == ("A sample Python project", "https://sample.example")
    assert statement.description == "The long d\u00e9scription.\n"


def test_owners_of_whom_nothing_is_said_are_not_known(index: LabIndex) -> None:
    index.add(build_sdist("Sample_Project", "1.0", extra_metadata=["Description: in a header"]))
    index.project("sample-project").json_api = True
    about = ask(index)
    assert about is not None
    assert (about.owners, about.version, about.description) == (None, "1.0", "in a header")


def test_who_has_no_document_says_nothing(index: LabIndex) -> None:
    index.add(build_wheel("Sample_Project", "1.0"))
    assert ask(index) is None
    assert ask(index, NormalizedName("absent")) is None
    assert index.paths() == [PATH, "/pypi/absent/json"]


def test_the_first_answer_stays_also_where_many_ask_at_once(index: LabIndex) -> None:
    async def main() -> list[About | None]:
        async with HttpClient(QUICK) as client:
            api = ProjectApi(client, index.url, IndexId(index.url))
            answers = await asyncio.gather(*(api.about(PROJECT) for _ in range(5)))
            return [*answers, await api.about(PROJECT), await api.about(NormalizedName("absent"))]

    index.add(build_wheel("Sample_Project", "1.0"))
    index.project("sample-project").json_api = True
    *answers, absent = asyncio.run(main())
    assert answers == [About(None, "1.0")] * 6
    assert absent is None
    assert index.paths() == [PATH, "/pypi/absent/json"]


def test_a_document_of_many_files_is_read_too(index: LabIndex) -> None:
    content = document(urls=[{"filename": f"{number}.whl"} for number in range(5000)])
    assert len(content) > 32_768
    index.fault(PATH, Body(content, "application/json"))
    assert ask(index) == About(None, "1.0")


# Where it is asked for.


@pytest.mark.parametrize("ending", ["/simple", "/simple/", "/simple//"])
def test_it_stands_beside_the_simple_api(index: LabIndex, ending: str) -> None:
    index.add(build_wheel("Sample_Project", "1.0"))
    index.project("sample-project").json_api = True
    assert ask(index, url=index.base + ending) == About(None, "1.0")
    assert index.paths() == [PATH]


@pytest.mark.parametrize("path", ["", "/", "/root/+simple/", "/notsimple/", "/simple/more/", "/simple/?a=b"])
def test_an_index_by_another_address_has_no_such_api_and_is_not_asked(index: LabIndex, path: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        ask(index, url=index.base.replace("://", "://me:hidden@") + path)
    assert "has no JSON API: its address does not end in /simple/" in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert index.requests == []


def test_credentials_in_the_address_are_used_and_not_shown() -> None:
    with LabIndex(credentials=("me", "hidden")) as index:
        index.add(build_wheel("Sample_Project", "1.0"))
        index.project("sample-project").json_api = True
        assert ask(index, url=index.url_with_credentials) == About(None, "1.0")
        with pytest.raises(SourceRefused, match="it was answered with 401"):
            ask(index)
        index.fault(PATH, Body(b"[]"))
        with pytest.raises(SourceRefused) as caught:
            ask(index, url=index.url_with_credentials)
    assert "hidden" not in str(caught.value)


def test_a_redirect_to_another_spelling_is_followed(index: LabIndex) -> None:
    index.add(build_wheel("Sample_Project", "1.0"))
    index.project("sample-project").json_api = True
    index.fault("/pypi/sample-project/json", RedirectTo(f"{index.base}/pypi/Sample_Project/json", times=1))
    assert ask(index) == About(None, "1.0")
    assert index.paths() == [PATH, "/pypi/Sample_Project/json", PATH]


# What is in a document.


@pytest.mark.parametrize(
    ("owned", "owners"),
    [
        ({"roles": [], "organization": None}, ()),
        ({}, ()),
        ({"roles": None}, ()),
        ({"organization": "pypa"}, ("organization pypa",)),
        (
            {"roles": [{"role": "Owner", "user": "B"}, {"role": "Maintainer", "user": "a"}]},
            ("user B", "user a"),
        ),
        ({"roles": [{"role": "Owner", "user": "a"}, {"role": "Maintainer", "user": "a"}]}, ("user a",)),
        ({"roles": [{"user": "a", "new-key": 1}], "new-key": 2}, ("user a",)),
        (None, None),
    ],
)
def test_owners_are_those_of_all_roles_and_the_organization(
    owned: object, owners: tuple[str, ...] | None
) -> None:
    assert read_about(document(ownership=owned), PROJECT).owners == owners


def test_texts_that_are_null_or_missing_are_empty() -> None:
    nothing = {"summary": None, "home_page": None, "project_urls": None, "author": None}
    assert read_about(info(**nothing), PROJECT) == About(None, "1.0")
    assert read_about(document(), PROJECT) == About(None, "1.0")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON"),
        (b"<!DOCTYPE html>", "it is not JSON"),
        (b"\xff{}", "it is not JSON"),
        (b'{"info": ' + b"9" * 5000 + b"}", "it is not JSON"),
        (b'{"info": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "its JSON is nested too deeply"),
        (b"[]", "it is not a JSON object"),
        (b"{}", "info is not a JSON object"),
        (document(info=[]), "info is not a JSON object"),
        (document(info={}), "it is that of '', not of sample-project"),
        (document(info={"name": "other"}), "it is that of 'other', not of sample-project"),
        (document(info={"name": 1}), "info.name is not a text"),
        (info(version=1), "info.version is not a text"),
        (info(summary=["x"]), "info.summary is not a text"),
        (info(description={}), "info.description is not a text"),
        (info(home_page=False), "info.home_page is not a text"),
        (info(author=0), "info.author is not a text"),
        (info(maintainer_email=[]), "info.maintainer_email is not a text"),
        (info(project_urls=["Source, x"]), "info.project_urls is not a JSON object"),
        (info(project_urls={"Source": None}), "info.project_urls has something that is not a text"),
        (document(ownership=[]), "ownership is not a JSON object"),
        (document(ownership={"roles": {}}), "ownership.roles is not a list"),
        (document(ownership={"roles": ["me"]}), "ownership.roles[0] is not a JSON object"),
        (document(ownership={"roles": [{"user": "a"}, {}]}), "ownership.roles[1].user is not a name"),
        (document(ownership={"roles": [{"user": ""}]}), "ownership.roles[0].user is not a name"),
        (document(ownership={"roles": [{"user": "a\x1b[0m"}]}), "ownership.roles[0].user is not a name"),
        (document(ownership={"organization": {"name": "x"}}), "ownership.organization is not a name"),
        (document(ownership={"organization": "a\nb"}), "ownership.organization is not a name"),
    ],
)
def test_a_malformed_document_is_refused_in_one_line_that_says_where(
    index: LabIndex, content: bytes, why: str
) -> None:
    index.fault(PATH, Body(content, "application/json"))
    with pytest.raises(SourceRefused) as caught:
        ask(index)
    assert str(caught.value) == f"what the index says of sample-project at {index.base}{PATH}: {why}"


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
infos = st.fixed_dictionaries(
    {"name": st.just("sample_project")},
    optional=dict.fromkeys(("summary", "description", "project_urls", "author_email", "version"), values),
)
owned = st.fixed_dictionaries({}, optional={"roles": values, "organization": values})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(infos | values, owned | values)
def test_any_json_is_read_or_malformed_and_nothing_else(said: object, owners: object) -> None:
    try:
        about = read_about(document(info=said, ownership=owners), PROJECT)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - there is nothing to expect of either outcome
    else:
        assert about.owners is None or list(about.owners) == sorted(about.owners)
        assert isinstance(about.statement.repositories, tuple)


# When it does not answer.


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Reset(), SourceUnreachable),
        (Status(503), SourceUnreachable),
        (Status(500), SourceUnreachable),
        (Truncate(10), SourceUnreachable),
        (Status(403), SourceRefused),
        (Status(401), SourceRefused),
        (HugeBody(33 << 20), SourceRefused),
        (HugeBody(33 << 20, announce=False), SourceRefused),
    ],
)
def test_an_outage_is_unreachable_and_an_answer_against_the_rules_refused(
    index: LabIndex, fault: Fault, expected: type[Exception]
) -> None:
    index.add(build_wheel("Sample_Project", "1.0"))
    index.project("sample-project").json_api = True
    index.fault(PATH, fault)
    with pytest.raises(expected, match="what the index says of sample-project at ") as caught:
        ask(index)
    assert "\n" not in str(caught.value)


def test_who_does_not_answer_in_time_is_unreachable(index: LabIndex) -> None:
    index.fault(PATH, Hang())
    with pytest.raises(SourceUnreachable, match=r"did not come within 0\.2 s"):
        ask(index, deadline=0.2)


def test_an_outage_does_not_stay(index: LabIndex) -> None:
    async def main() -> About | None:
        async with HttpClient(QUICK) as client:
            api = ProjectApi(client, index.url, IndexId(index.url))
            with pytest.raises(SourceUnreachable):
                await api.about(PROJECT)
            return await api.about(PROJECT)

    index.add(build_wheel("Sample_Project", "1.0"))
    index.project("sample-project").json_api = True
    index.fault(PATH, Reset(times=2))
    assert asyncio.run(main()) == About(None, "1.0")
