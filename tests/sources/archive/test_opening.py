"""An opened archive gives what is asked for, in little memory, and says in one line what is wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sources.archive.tars import END, header, member
from tests.sources.archive.zips import STORED, Part, named, zipped
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import LIMITS, open_archive
from trustguard.sources.archive.stream import Stream

WHEEL, TAR = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
FILES = {"demo/a.py": b"a = 1\n" * 100, "demo/b.bin": bytes(range(256)) * 3000, "demo/empty": b""}


def wheel() -> bytes:
    return zipped(*named("demo/"), *(Part(name.encode(), content) for name, content in FILES.items()))


def sdist() -> bytes:
    files = (member(name.encode(), content) for name, content in FILES.items())
    return gzip.compress(b"".join([header(b"demo/", kind=b"5"), *files, END]))


BOTH = pytest.mark.parametrize(
    ("content", "filename"), [(wheel(), WHEEL), (sdist(), TAR)], ids=["wheel", "sdist"]
)


@BOTH
def test_a_file_is_read_whole_in_part_and_in_any_order(content: bytes, filename: str) -> None:
    with open_archive(io.BytesIO(content), filename) as archive:
        assert archive.read("demo/b.bin") == FILES["demo/b.bin"]
        assert archive.read("demo/a.py", 600) == FILES["demo/a.py"]
        assert archive.read("demo/empty", 0) == b""
        assert archive.excerpt("demo/a.py", 7) == b"a = 1\na"
        assert archive.excerpt("demo/b.bin", 400_000) == FILES["demo/b.bin"][:400_000]
        assert archive.excerpt("demo/a.py", 10_000) == FILES["demo/a.py"]
        assert archive.excerpt("demo/a.py", 0) == b""


@BOTH
def test_what_is_not_there_or_not_a_file_or_too_large_cannot_be_read(content: bytes, filename: str) -> None:
    with open_archive(io.BytesIO(content), filename) as archive:
        assert archive.entry("demo/none") is None
        for path in ("demo/none", "demo"):
            with pytest.raises(SourceRefused, match=f"it has no file '{path}'$"):
                archive.read(path)
        with pytest.raises(SourceRefused, match=r"its 'demo/a\.py' is larger than 599 bytes"):
            archive.read("demo/a.py", 599)


@BOTH
def test_digests_of_all_files_are_made_in_one_pass(content: bytes, filename: str) -> None:
    with open_archive(io.BytesIO(content), filename) as archive:
        found = {one.path: (one.size, one.sha256) for one in archive.digests()}
        assert found == {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items()}
        (one,) = archive.digests(["md5", "sha512"], wanted=["demo/a.py", "demo/none"])
        assert one.values == {
            name: hashlib.new(name, FILES["demo/a.py"]).hexdigest() for name in ("sha256", "md5", "sha512")
        }


@BOTH
def test_what_is_left_of_a_file_is_passed_over(content: bytes, filename: str) -> None:
    with open_archive(io.BytesIO(content), filename) as archive:
        heads = {entry.path: next(pieces, b"")[:3] for entry, pieces in archive.contents()}
        assert heads == {name: data[:3] for name, data in FILES.items()}


def test_what_is_left_of_a_file_is_examined_as_well() -> None:
    # No compression: the first piece comes before the CRC can be known.
    part = Part(b"a", bytes(1 << 20), method=STORED, central={"crc": 1}, local={"crc": 1})
    with open_archive(io.BytesIO(zipped(part)), WHEEL) as archive:
        files = archive.contents()
        _, pieces = next(files)
        assert next(pieces)
        with pytest.raises(SourceRefused, match="does not have the CRC"):
            next(files)


def test_two_files_of_a_wheel_can_be_read_side_by_side() -> None:
    content = zipped(*(Part(name, name * 300_000, method=STORED) for name in (b"a", b"b")))
    with open_archive(io.BytesIO(content), WHEEL) as archive:
        both = [pieces for _, pieces in archive.contents(["a"])] + [archive.excerpt("b", 5)]
        assert both[1] == b"bbbbb"


def test_what_is_kept_of_an_sdist_is_read_without_a_second_pass() -> None:
    file = io.BytesIO(sdist())
    with open_archive(file, TAR, keep=lambda path: path.endswith(".py")) as archive:
        file.truncate(0)
        assert archive.read("demo/a.py") == FILES["demo/a.py"]
        with pytest.raises(SourceRefused, match="truncated"):
            archive.read("demo/b.bin")


def test_a_path_is_opened_and_closed_and_a_file_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(wheel())
    with open_archive(path, WHEEL) as archive:
        assert archive.entry("demo/a.py") is not None
    with pytest.raises(ValueError, match="closed"):
        archive.read("demo/a.py")
    with path.open("rb") as file:
        open_archive(file, WHEEL).close()
        assert not file.closed
    path.write_bytes(b"no zip")
    with pytest.raises(SourceRefused, match="not a zip file"):
        open_archive(path, WHEEL)


def test_what_cannot_be_read_or_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"'demo-1\.0\.tar\.gz' cannot be read: No such file"):
        open_archive(tmp_path / "nowhere", TAR)
    for name in ("demo.egg", "demo.tar", "demo", "demo.WHL"):
        with pytest.raises(SourceRefused, match="not the file name of a wheel or an sdist"):
            open_archive(io.BytesIO(wheel()), name)


def test_a_refusal_shows_names_of_the_archive_without_their_control_characters() -> None:
    with pytest.raises(SourceRefused) as caught:
        open_archive(io.BytesIO(zipped(Part(b"\x1b[31m" + b"x" * 500))), "\x1b-1.0-py3-none-any.whl")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("filename", [WHEEL, TAR])
def test_memory_stays_flat_however_large_a_file_is(filename: str) -> None:
    large = bytes(24 << 20)
    plain = zipped(Part(b"demo/a", large, method=STORED))
    content = plain if filename == WHEEL else gzip.compress(member(b"demo/a", large) + END, 1)
    del large, plain
    tracemalloc.start()
    try:
        limits = replace(LIMITS, ratio_from=32 << 20)
        with open_archive(io.BytesIO(content), filename, limits) as archive:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            assert [one.size for one in archive.digests()] == [24 << 20]
        assert tracemalloc.get_traced_memory()[1] - before < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_stream_gives_exact_amounts_and_ends_where_it_ends() -> None:
    stream = Stream(iter([b"abc", b"", b"defg"]), 7)
    assert (stream.take(2), stream.take(3), stream.position) == (b"ab", b"cde", 5)
    stream.pass_over(1)
    assert (b"".join(stream.rest()), stream.at_end(), stream.position) == (b"g", True, 7)
