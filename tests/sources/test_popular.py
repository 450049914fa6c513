"""A public ranking is read whole and in bounds, or refused in one line."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab.faults import Hang, Status
from tests.lab.index import LabIndex
from tests.lab.popular import ranking
from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable
from trustguard.model.project import project_name
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.popular import LIMIT, Popular, bundled, fetch, read_ranking

URL = "https://user:secret@ranking.example/top.json?key=1"
NAME = "https://****@ranking.example/top.json?..."
WHAT = f"the ranking of popular projects at {NAME}: "


def document(**other: Any) -> bytes:
    """The lab's ranking, with something else in it."""
    return json.dumps({**json.loads(ranking()), **other}).encode()


def rows(*first: Any) -> list[Any]:
    """Rows that begin with these."""
    return [*first, *json.loads(ranking())["rows"]]


def row(project: object, count: object = 1) -> dict[str, object]:
    return {"download_count": count, "project": project}


def test_a_ranking_is_its_names_its_day_and_its_origin_without_secrets() -> None:
    popular = read_ranking(ranking(["boto3", "urllib3"]), URL)
    assert popular.names[:3] == ("boto3", "urllib3", "ranked-0000")
    assert len(popular.names) == 1002
    assert (popular.date, popular.origin) == ("2026-10-01", NAME)


def test_the_order_is_that_of_the_downloads_whatever_that_of_the_rows() -> None:
    tail = rows(row("third", 5), row("first", 10**10), row("second", 10**10))
    popular = read_ranking(document(rows=tail), URL)
    assert popular.names[:2] == ("first", "second")
    assert popular.names[-1] == "third"


def test_a_name_counts_once_under_its_normalized_form_and_with_its_better_rank() -> None:
    popular = read_ranking(
        document(rows=rows(row("Ruamel.YAML", 10**11), row("first", 10**10), row("ruamel_yaml"))), URL
    )
    assert popular.names[:3] == ("ruamel-yaml", "first", "ranked-0000")
    assert popular.rank(project_name("ruamel.yaml")) == 1
    assert len(popular.names) == 1002


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"<html></html>", "it is not JSON"),
        (b"[" * 200_000, "its JSON is nested too deeply"),
        (b"9" * 5000, "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b"{}", "its rows are not a list"),
        (document(rows={}), "its rows are not a list"),
        (document(rows=rows("requests")), "rows[0] has no project with its download_count"),
        (document(rows=rows({"project": "a"})), "rows[0] has no project with its download_count"),
        (document(rows=rows(row(None))), "rows[0] has no project with its download_count"),
        (document(rows=rows(row("a", "7"))), "rows[0] has no project with its download_count"),
        (document(rows=rows(row("a", count=True))), "rows[0] has no project with its download_count"),
        (document(rows=rows(row("a", -1))), "rows[0] has no project with its download_count"),
        (document(rows=rows(row("a"), row("../b"))), "rows[1]: not a project name: '../b'"),
        (document(rows=rows(row("a\x1b[31m"))), r"rows[0]: not a project name: 'a\x1b[31m'"),
        (document(rows=[row("a")] * 200_001), "it has more than 200,000 rows"),
        (document(rows=[row("a")] * 2000), "it has 1 names; fewer than 1,000 are not believed"),
        (ranking(more=999), "it has 999 names; fewer than 1,000 are not believed"),
        (document(last_update=None), "its last_update is not a date"),
        (document(last_update="yesterday"), "its last_update is not a date"),
        (document(last_update="2026-10-01\n# names: 7"), "its last_update is not a date"),
        (b" " * (LIMIT + 1), "it is larger than 33,554,432 bytes"),
    ],
)
def test_what_is_malformed_or_implausible_is_refused_in_one_line(content: bytes, why: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        read_ranking(content, URL)
    assert str(caught.value) == WHAT + why


def test_a_day_that_no_month_has_is_refused_in_the_words_of_this_python() -> None:
    with pytest.raises(SourceRefused, match=f"{re.escape(WHAT)}day .* month"):
        read_ranking(document(last_update="2026-02-30"), URL)


def test_the_list_in_the_package_says_of_when_it_is_and_from_where() -> None:
    popular = bundled()
    assert (popular.date, popular.origin, len(popular.names)) == ("2026-11", "public download ranking", 14985)
    assert [popular.rank(project_name(name)) for name in ("boto3", "packaging", "urllib3")] == [1, 2, 3]


def fetched(url: str, seconds: float = 10) -> Popular:
    async def run() -> Popular:
        async with HttpClient(HttpSettings(retries=0)) as client:
            return await fetch(client, url, timedelta(seconds=seconds))

    return asyncio.run(run())


def test_a_ranking_is_fetched_over_http_and_from_a_file(tmp_path: Path) -> None:
    with LabIndex() as index:
        popular = fetched(index.put("top.json", ranking(["boto3"])))
        assert (popular.names[0], popular.origin) == ("boto3", f"{index.base}/raw/top.json")
    file = tmp_path / "top list.json"
    file.write_bytes(ranking(["boto3"]))
    assert fetched(file.as_uri()).names == popular.names


def test_no_answer_a_refusal_and_a_missing_file_are_errors_of_one_line(tmp_path: Path) -> None:
    with LabIndex() as index:
        url = index.put("top.json", ranking())
        for fault, kind, why in (
            (Status(404), SourceRefused, "it was answered with 404"),
            (Status(403), SourceRefused, "403"),
            (Hang(), SourceUnreachable, "did not come within 0.2 s"),
        ):
            index.clear_faults()
            index.fault("/raw/*", fault)
            with pytest.raises(SourceError) as caught:
                fetched(url, 0.2 if isinstance(fault, Hang) else 10)
            assert isinstance(caught.value, kind)
            assert why in str(caught.value)
            assert url in str(caught.value)
            assert "\n" not in str(caught.value)
    with pytest.raises(SourceUnreachable, match=r"nothing\.json cannot be read: "):
        fetched((tmp_path / "nothing.json").as_uri())
