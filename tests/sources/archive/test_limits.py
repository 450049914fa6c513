"""What is as large as a limit passes, and what is larger is refused; docs/archives.md tells all limits."""

from __future__ import annotations

import gzip
import io
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from tests.sources.archive.tars import END, header, member, pax, record
from tests.sources.archive.zips import End, Part, extra, named, zipped
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import LIMITS, Limits, open_archive

DOCS = Path(__file__).parents[3] / "docs" / "archives.md"
WHEEL, TAR = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


def tar(*blocks: bytes) -> bytes:
    return gzip.compress(b"".join(blocks) + END, 9)


def symlinks(number: int) -> bytes:
    return tar(*(header(b"d/%d" % one, kind=b"2", link=b"x") for one in range(number)))


def linked_to(size: int, part: bytes = b"d") -> bytes:
    """A link whose target has so many bytes."""
    return tar(header(b"d/x", kind=b"2", link=(part * size)[:size]))


def chain(hops: int) -> bytes:
    """A link to a link and so on: from the first one, so many others are on the way."""
    return tar(*(header(b"d/%d" % one, kind=b"2", link=b"%d" % (one + 1)) for one in range(hops + 1)))


def huge(size: int) -> Part:
    """A file that says it has that size, in one byte."""
    stated = {"size": 0xFFFFFFFF}
    both = extra(1, struct.pack("<QQ", size, 1))
    fields_ = {"local": {**stated, "packed": 0xFFFFFFFF}, "central": stated, "local_extra": both}
    return Part(b"a", raw=b"x", extra=extra(1, struct.pack("<Q", size)), **fields_)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """An archive that has exactly as much of something as is asked for."""

    field: str
    make: Callable[[int], bytes]
    value: int
    reason: str
    filename: str = WHEEL


CASES = [
    Case("entries", lambda n: zipped(*named(*map(str, range(n)))), 5, "more than 4 files"),
    Case("entries", lambda n: tar(*(member(b"d/%d" % one) for one in range(n))), 5, "more than 4 files", TAR),
    Case("directory_bytes", lambda n: zipped(Part(b"a" * (n - 46))), 99, "its directory has 99 bytes"),
    Case("entry_bytes", lambda n: zipped(Part(b"a", b"x" * n)), 9, "unpacks to 9 bytes, more than 8"),
    Case("entry_bytes", lambda n: tar(member(b"d/a", b"x" * n)), 9, "has 9 bytes, more than 8", TAR),
    Case("total_bytes", lambda n: zipped(*named("a" * (n - 1), "b")), 9, "unpacks to more than 8 bytes"),
    Case("stream_bytes", lambda n: tar(member(b"d/a", b"x" * (n - 2048 + 512))), 4096, "4,095 bytes", TAR),
    Case("path_bytes", lambda n: zipped(Part(b"a" * n)), 100, "has 100 bytes, more than 99"),
    Case("path_bytes", lambda n: tar(member(b"a" * n)), 100, "has 100 bytes, more than 99", TAR),
    Case("path_bytes", lambda n: zipped(*named("ä" * (n // 2))), 100, "has 100 bytes, more than 99"),
    Case("part_bytes", lambda n: zipped(Part(b"d/" + b"a" * n)), 100, "a part of more than 99 bytes"),
    Case("part_bytes", lambda n: zipped(*named("ä" * (n // 2))), 100, "a part of more than 99 bytes"),
    Case("depth", lambda n: zipped(Part(b"/".join([b"d"] * n))), 9, "has 9 parts, more than 8"),
    Case("depth", lambda n: tar(member(b"/".join([b"d"] * n))), 9, "has 9 parts, more than 8", TAR),
    Case("path_bytes", linked_to, 100, "a path that is too long", TAR),
    Case("depth", lambda n: linked_to(2 * n - 1, b"d/"), 9, "a path that is too long, or too deep", TAR),
    Case("links", symlinks, 5, "5 symbolic links, more than 4", TAR),
    Case("link_hops", chain, 5, "or over too many links", TAR),
    Case("comment_bytes", lambda n: zipped(end=End(comment=b"c" * n)), 9, "its comment has 9 bytes"),
    Case("comment_bytes", lambda n: zipped(Part(b"a", comment=b"c" * n)), 9, "more than 8 bytes"),
    Case(
        "header_bytes", lambda n: tar(pax(record(b"k", "v" * (n - 6))), member(b"d/a")), 99, "98 bytes", TAR
    ),
]


def opens(filename: str, content: bytes, limits: Limits = LIMITS) -> None:
    with open_archive(io.BytesIO(content), filename, limits):
        pass


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.field} of a {case.filename[-3:]}")
def test_what_is_as_large_as_a_limit_passes_and_what_is_larger_is_refused(case: Case) -> None:
    content = case.make(case.value)
    opens(case.filename, content, replace(LIMITS, **{case.field: case.value}))
    with pytest.raises(SourceRefused, match=re.escape(case.reason)):
        opens(case.filename, content, replace(LIMITS, **{case.field: case.value - 1}))


@pytest.mark.parametrize(
    ("make", "value", "filename"),
    [
        (lambda n: zipped(Part((b"a" * 99 + b"/") * (n // 100) + b"b" * (n % 100))), 1024, WHEEL),
        (lambda n: zipped(Part(b"d/" + b"a" * n)), 255, WHEEL),
        (lambda n: zipped(Part(b"/".join([b"d"] * n))), 64, WHEEL),
        (lambda n: zipped(end=End(comment=b"c" * n)), 1024, WHEEL),
        (chain, 8, TAR),
        (lambda n: tar(pax(record(b"k", "v" * (n - len(str(n)) - 4))), member(b"d/a")), 1 << 20, TAR),
        (symlinks, 10_000, TAR),
    ],
    ids=["path_bytes", "part_bytes", "depth", "comment_bytes", "link_hops", "header_bytes", "links"],
)
def test_the_limits_are_those_of_the_table(make: Callable[[int], bytes], value: int, filename: str) -> None:
    opens(filename, make(value))
    with pytest.raises(SourceRefused):
        opens(filename, make(value + 1))


def test_a_file_that_says_it_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    opens(WHEEL, zipped(huge(16 << 20)))
    for size in (16 << 20) + 1, (16 << 30) + 1, 1 << 60:
        with pytest.raises(SourceRefused, match="unpacks to"):
            opens(WHEEL, zipped(huge(size)))


@pytest.mark.parametrize(("filename", "what"), [(WHEEL, "times its size"), (TAR, "too much")])
def test_what_unpacks_to_too_many_times_its_size_is_refused(filename: str, what: str) -> None:
    zeros = bytes(1 << 20)
    content = zipped(Part(b"a", zeros)) if filename == WHEEL else tar(member(b"d/a", zeros))
    unpacked = (1 << 20) + (0 if filename == WHEEL else 512 + 1024)
    ratio = -(-unpacked // (len(content) if filename == TAR else len(Part(b"a", zeros).packed)))
    assert 300 < ratio < 1032
    opens(filename, content, replace(LIMITS, ratio_from=0, ratio=ratio))
    opens(filename, content, replace(LIMITS, ratio_from=unpacked, ratio=1))
    with pytest.raises(SourceRefused, match=what):
        opens(filename, content, replace(LIMITS, ratio_from=unpacked - 1, ratio=ratio - 1))


def test_many_small_files_may_not_unpack_to_too_much_together() -> None:
    content = zipped(*(Part(b"%d" % one, bytes(1000)) for one in range(10)))
    opens(WHEEL, content, replace(LIMITS, ratio_from=10_000, ratio=1))
    with pytest.raises(SourceRefused, match="unpacks to more than 1 times its size"):
        opens(WHEEL, content, replace(LIMITS, ratio_from=9_999, ratio=1))


@pytest.mark.parametrize("filename", [WHEEL, TAR])
def test_a_file_is_read_up_to_its_limit(filename: str) -> None:
    size = LIMITS.metadata_bytes
    for length in (size, size + 1):
        content = bytes(length)
        packed = zipped(Part(b"d/a", content)) if filename == WHEEL else tar(member(b"d/a", content))
        with open_archive(io.BytesIO(packed), filename, keep=lambda _: True) as archive:
            assert archive.read("d/a", LIMITS.record_bytes) == content
            if length == size:
                assert archive.read("d/a") == content
                continue
            with pytest.raises(SourceRefused, match="'d/a' is larger than 2,097,152 bytes"):
                archive.read("d/a")


def test_the_documentation_tells_every_limit() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+(?: [KMG]iB)?) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    units = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    told = {name: value.partition(" ")[::2] for name, value in rows}
    numbers = {
        name: int(number.replace(",", "")) * units.get(unit, 1) for name, (number, unit) in told.items()
    }
    assert numbers == {field.name: getattr(LIMITS, field.name) for field in fields(Limits)}
