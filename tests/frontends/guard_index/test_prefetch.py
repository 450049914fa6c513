"""What an installer could take is what a file's tags say (PEP 425); looking ahead ends without a word."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag, sys_tags
from packaging.utils import parse_wheel_filename

from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.offer import fits_any
from trustguard.frontends.guard_index.prefetch import Expectation, Prefetch
from trustguard.frontends.guard_index.shelf import Shelf
from trustguard.model.project import DistributionFile, FileName

OURS = tuple(str(tag) for tag in sys_tags())
_PARTS = [
    sorted({str(tag).split("-")[n] for tag in sys_tags()} | {"cp39", "pp310", "win32"}) for n in range(3)
]


def file(name: str) -> DistributionFile:
    return DistributionFile(FileName.parse(name), f"https://files.example/{name}")


def sets(values: list[str]) -> st.SearchStrategy[str]:
    """A compressed tag set, written in any case."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(".".join)
    return st.one_of(chosen, chosen.map(str.upper))


@given(st.tuples(*map(sets, _PARTS)), st.sampled_from(["", "-1", "-2b"]))
def test_a_wheel_fits_where_one_of_its_tags_is_the_targets(tag: tuple[str, str, str], build: str) -> None:
    """PEP 425: each part is a set, every combination is supported; PEP 427: a build may stand before."""
    name = f"demo-1.0{build}-{'-'.join(tag)}.whl"
    its: frozenset[Tag] = parse_wheel_filename(name)[3]
    assert fits_any(OURS)(file(name)) is any(str(one) in OURS for one in its)


def test_an_sdist_fits_everywhere_and_everything_where_the_target_is_not_known() -> None:
    assert fits_any(OURS)(file("demo-1.0.tar.gz"))
    assert not fits_any(OURS)(file("demo-1.0-cp27-none-win32.whl"))
    assert fits_any(())(file("demo-1.0-cp27-none-win32.whl"))


def test_what_is_given_up_before_it_has_begun_is_given_up_without_a_warning() -> None:
    """Pip may end at any moment, as where whoever reads its output has left."""
    nobody_asked = cast("Catalogue", None), cast("Shelf", None)

    async def begun_and_given_up() -> None:
        prefetch = Prefetch(*nobody_asked, Expectation(roots=("good",)), Journal())
        prefetch.begin()
        prefetch.close()

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        asyncio.run(begun_and_given_up())
        gc.collect()
    assert [str(one.message) for one in told] == []
