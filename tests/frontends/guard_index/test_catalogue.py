"""A project's page is read once; of its files those are vetted that somebody wants, each once."""

from __future__ import annotations

import asyncio

from packaging.utils import NormalizedName

from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.index import LabIndex
from tests.test_vetting import Records, vetter
from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.journal import Journal
from trustguard.model.project import DistributionFile, IndexId
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.simple_index import SimpleIndex

MANY = NormalizedName("many")


async def ready() -> None:
    """The data is there."""


def is_wheel(file: DistributionFile) -> bool:
    return file.filename.endswith(".whl")


def test_only_what_is_wanted_is_vetted_and_that_once(index: LabIndex) -> None:
    index.add_all(build_wheel("many", "1.0"), build_sdist("many", "2.0"), build_wheel("many", "3.0"))
    records, names = Records(), ["many-1.0-py3-none-any.whl", "many-2.0.tar.gz", "many-3.0-py3-none-any.whl"]

    def asked_about() -> list[str]:
        return [str(version) for _, version in records.asked]

    async def ask() -> None:
        async with HttpClient(HttpSettings()) as client:
            source = SimpleIndex(client, IndexId(index.url), index.url)
            catalogue = Catalogue([source], [], vetter(records), Journal(), ready)
            wheels, again = await asyncio.gather(*(catalogue.project(MANY, is_wheel) for _ in range(2)))
            assert wheels is not None
            assert [one.file.filename for one in wheels] == [names[0], names[2]]
            assert again == wheels
            assert asked_about() == ["1.0", "3.0"]
            every = await catalogue.project(MANY)
            assert every is not None
            assert [one.file.filename for one in every] == names
            assert [every[0], every[2]] == wheels
            assert asked_about() == ["1.0", "3.0", "2.0"]
            assert await catalogue.project(MANY, lambda _: False) == []

    asyncio.run(ask())
    assert len([one for one in index.requests if "/many" in one.path]) == 1
