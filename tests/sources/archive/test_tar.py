"""A tar archive that two readers could read in two ways is refused; its honest twin is read.

The rules are those of pax (POSIX.1-2024) and GNU tar.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib

import pytest

from tests.sources.archive.tars import END, GNU, V7, header, long_name, member, padded, pax, record, records
from tests.sources.archive.zips import Part, zipped
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import Entry, Kind, open_archive
from trustguard.sources.archive import packing as packing_module

SDIST = "demo-1.0.tar.gz"
A = member(b"demo/a.py", b"a = 1\n")
LONG = b"demo/" + b"long/" * 30 + b"a.py"
NEW = "demo/ä.py"


def packed(*blocks: bytes, end: bytes = END) -> bytes:
    return gzip.compress(b"".join(blocks) + end, 1)


def entries(content: bytes, filename: str = SDIST) -> tuple[Entry, ...]:
    with open_archive(io.BytesIO(content), filename) as archive:
        return archive.entries


def contents(content: bytes, filename: str = SDIST) -> dict[str, bytes]:
    with open_archive(io.BytesIO(content), filename) as archive:
        return {entry.path: b"".join(pieces) for entry, pieces in archive.contents()}


def refusal(content: bytes, filename: str = SDIST) -> str:
    with pytest.raises(SourceRefused) as caught:
        contents(content, filename)
    return str(caught.value)


HONEST = {
    "one file": packed(A),
    "nothing": packed(),
    "a folder": packed(header(b"demo/", kind=b"5"), A),
    "a folder from before POSIX": packed(header(b"demo/", kind=b"\x00", magic=V7), A),
    "a file from before POSIX": packed(member(b"demo/a.py", b"x", kind=b"\x00", magic=V7)),
    "GNU's format": packed(member(b"demo/a.py", b"x", magic=GNU)),
    "GNU's long name": packed(long_name(LONG), member(LONG[:100], b"x", magic=GNU)),
    "GNU's long name, with a NUL at its end": packed(long_name(LONG), member(LONG[:99], b"x", magic=GNU)),
    "a prefix": packed(member(b"a.py", b"x", prefix=b"demo/folder")),
    "a pax path that is too long": packed(pax(records(path=LONG)), member(LONG[:100], b"x")),
    "a pax path that is not ASCII": packed(pax(records(path=NEW)), member(b"demo/?.py", b"x")),
    "a pax path that is the same": packed(pax(records(path="demo/a.py")), A),
    "a pax size that is the same": packed(pax(records(size="6")), A),
    "other records": packed(pax(records(mtime="1.5", comment="=x=", LIBARCHIVE__xattr=b"\xff")), A),
    "a record in the usual characters": packed(pax(records(hdrcharset="ISO-IR 10646 2000 UTF-8")), A),
    "a commit for all entries": packed(pax(records(comment="0" * 40), b"g"), A),
    "a size in base 256": packed(
        header(b"demo/a", size_field=b"\x80" + bytes(10) + b"\x03") + padded(b"abc")
    ),
    "numbers that end in a space": packed(header(b"demo/a", size_field=b"         3 \x00") + padded(b"abc")),
    "more zeros at the end": packed(A, end=bytes(10240)),
    "numbers that matter to nobody": packed(
        member(b"demo/a", b"x", uid=b"\xff" + bytes(6) + b"\x01", devmajor=b"       \x00")
    ),
    "a pax header that speaks of characters": packed(pax(records(comment="hdrcharset=BINARY")), A),
    "a long name that ends in a slash": packed(
        long_name(LONG + b"/"), header(LONG[:100], kind=b"5", magic=GNU)
    ),
    "a large file": packed(member(b"demo/a", bytes(range(256)) * 4000)),
}


@pytest.mark.parametrize("content", HONEST.values(), ids=HONEST)
def test_an_honest_tar_archive_is_read_as_the_standard_library_reads_it(content: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(content)) as peer:
        files = {
            one.name: file.read()
            for one in peer
            if one.isreg() and (file := peer.extractfile(one)) is not None
        }
        names = peer.getnames()
    assert contents(content) == files
    assert [entry.path for entry in entries(content)] == names


HOSTILE = {
    # names
    "a pax path that differs": (
        packed(pax(records(path="demo/b.py")), A),
        "'demo/b.py' has another name in its own header",
    ),
    "a pax path over an absolute one": (
        packed(pax(records(path=NEW)), member(b"/etc/passwd")),
        "another name in its own header",
    ),
    "a pax path over one that leads out": (
        packed(pax(records(path=LONG)), member(b"../a.py")),
        "another name in its own header",
    ),
    "a pax path that leads out": (
        packed(pax(records(path="../" + "x" * 100)), member(b"x" * 100)),
        "leads out of it",
    ),
    "a pax path and a long name": (
        packed(long_name(LONG), pax(records(path=LONG)), member(LONG[:100])),
        "in a pax header and one in a header of GNU's",
    ),
    "a long name that differs": (
        packed(long_name(LONG), member(b"demo/b.py")),
        "another name in its own header",
    ),
    "a long name for a short one": (packed(long_name(b"demo/a.pyc"), A), "another name in its own header"),
    "a long name with a NUL": (
        packed(long_name(LONG + b"\x00x"), member(LONG[:100])),
        "a long name has a NUL in it",
    ),
    "two long names": (
        packed(long_name(LONG), long_name(LONG), member(LONG[:100])),
        "two extended headers of one kind",
    ),
    "two pax headers": (
        packed(pax(records(path=LONG)), pax(records(path=LONG)), member(LONG[:100])),
        "two extended headers of one kind",
    ),
    "two paths in a pax header": (
        packed(pax(records(path=LONG) + records(path=LONG)), member(LONG[:100])),
        "says 'path' twice",
    ),
    "a pax path that is not UTF-8": (packed(pax(records(path=b"caf\xe9")), A), "is not UTF-8"),
    "a pax path with a NUL": (packed(pax(records(path="é\x00")), A), "has a NUL in it"),
    "a path for all entries": (packed(pax(records(path="demo/a.py"), b"g"), A), "gives all entries one path"),
    "a size for all entries": (
        packed(pax(records(size="6"), b"g"), A),
        "gives all entries one path, one target or one size",
    ),
    "a prefix that not all read": (
        packed(member(b"a.py", prefix=b"demo", magic=V7)),
        "some read with a prefix",
    ),
    "a prefix in GNU's format": (
        packed(member(b"a.py", prefix=b"demo", magic=GNU)),
        "some read with a prefix",
    ),
    # folders from before POSIX, by their names: which of two names says so?
    "a folder that pax renames to a file": (
        packed(pax(records(path=LONG)), member(b"demo/long/", A, kind=b"\x00")),
        "a folder by one of its headers, and a file by another",
    ),
    "a folder that a long name renames to a file": (
        packed(
            long_name(b"demo/" + b"d" * 94 + b"/a.py"),
            member(b"demo/" + b"d" * 94 + b"/", A, kind=b"\x00", magic=GNU),
        ),
        "a folder by one of its headers, and a file by another",
    ),
    "a file that pax renames to a folder": (
        packed(pax(records(path="demo/ä/")), member(b"demo/?", A, kind=b"\x00")),
        "a folder by one of its headers, and a file by another",
    ),
    "a folder from before POSIX behind a pax header": (
        packed(pax(records(comment="x")), member(b"demo/", kind=b"\x00"), A),
        "a folder by one of its headers, and a file by another",
    ),
    "a folder from before POSIX behind a pax header for all": (
        packed(pax(records(comment="x"), b"g"), member(b"demo/", kind=b"\x00"), A),
        "a folder by one of its headers, and a file by another",
    ),
    "a name that is only a prefix": (
        packed(header(b"", kind=b"\x00", prefix=b"demo/a.py")),
        "a folder by one of its headers, and a file by another",
    ),
    "a folder with a long name that is a file's": (
        packed(long_name(LONG), header(LONG[:100], kind=b"5", magic=GNU)),
        "a folder by one of its headers, and a file by another",
    ),
    # pax
    "records behind a pax header": (
        packed(pax(records(comment="x"), behind=records(path="demo/setup.py")), A),
        "something behind the end of an extended header",
    ),
    "records behind a pax header for all": (
        packed(pax(records(comment="x"), b"g", behind=records(path="demo/setup.py")), A),
        "something behind the end of an extended header",
    ),
    "more behind a long name": (
        packed(long_name(LONG, behind=b"c"), member(LONG[:100], b"x", magic=GNU)),
        "something behind the end of an extended header",
    ),
    "other characters within a comment": (
        packed(pax(records(comment="x\n20 hdrcharset=BINARY\n")), A),
        "a pax header is in another character set, or in none",
    ),
    "a pax header for all before the end": (
        packed(A, pax(records(comment="x"), b"g")),
        "an extended header that is of no entry",
    ),
    "a pax header in other characters": (
        packed(pax(records(hdrcharset="BINARY")), A),
        "in the character set 'BINARY'",
    ),
    "a pax header without length": (packed(pax(b"path=x\n"), A), "a pax header is malformed"),
    "a pax record that is longer than its header": (
        packed(pax(b"99 path=x\n"), A),
        "a pax header is malformed",
    ),
    "a pax record without its line feed": (packed(pax(b"9 path=xy"), A), "a pax header is malformed"),
    "a pax record that is too short": (packed(pax(b"6 path=x\n"), A), "a pax header is malformed"),
    "a pax record of no length": (packed(pax(b"0 path=x\n"), A), "a pax header is malformed"),
    "zeros behind the pax records": (
        packed(pax(records(comment="x") + bytes(4)), A),
        "a pax header is malformed",
    ),
    "a pax size that differs": (packed(pax(records(size="0")), A), "has two sizes, 6 and 0 bytes"),
    "a pax size that hides entries": (
        packed(pax(records(size="1024")), header(b"demo/a"), A),
        "has two sizes, 0 and 1,024 bytes",
    ),
    "a pax size that is none": (packed(pax(records(size="+6")), A), "a size that is no number"),
    "a sparse file by pax": (packed(pax(records(GNU__sparse__major="1")), A), "a sparse file"),
    "a name of a sparse file": (packed(pax(records(GNU__sparse__name="demo/b")), A), "a sparse file"),
    "a real size of star": (packed(pax(records(SCHILY__realsize="9")), A), "a sparse file"),
    "an extended header of nothing": (
        packed(A, pax(records(path=LONG))),
        "an extended header that is of no entry",
    ),
    # kinds
    **{
        f"the kind {kind!r}": (
            packed(header(b"demo/x", kind=kind)),
            "is a device, a sparse file, or of another kind",
        )
        for kind in (b"3", b"4", b"6", b"7", b"S", b"D", b"M", b"N", b"V", b"X", b"A", b"Z")
    },
    "a folder with content": (packed(member(b"demo/", b"x", kind=b"5")), "is a directory, and has content"),
    "a link with content": (
        packed(member(b"demo/x", b"x", kind=b"2", link=b"a")),
        "is a symbolic link, and has content",
    ),
    "a file whose name is a folder's": (packed(member(b"demo/x/", b"x")), "empty or a dot"),
    "a file with a target": (
        packed(pax(records(linkpath="/etc/passwd")), A),
        "an extended header gives it a target",
    ),
    "a file with GNU's target": (
        packed(long_name(b"/etc/passwd", b"K"), A),
        "an extended header gives it a target",
    ),
    # headers
    "another checksum": (packed(header(b"demo/a", checksum=1)), "a header has a wrong checksum"),
    "another format": (packed(header(b"demo/a", magic=b"ustar\x0001"[:8])), "a format that is not known"),
    "a number that is none": (
        packed(header(b"demo/a", size_field=b"0o7".ljust(12, b"\x00"))),
        "a number that is none",
    ),
    "a number with an underscore": (
        packed(header(b"demo/a", size_field=b"1_0".ljust(12, b"\x00"))),
        "a number that is none",
    ),
    "a number with something behind it": (
        packed(header(b"demo/a", size_field=b"0\x007".ljust(12, b"\x00"))),
        "a number that is none",
    ),
    "a negative size": (packed(header(b"demo/a", size_field=b"\xff" * 12)), "a number that is none"),
    "an owner who is no number": (
        packed(A, header(b"demo/b", uid=b"nobody\x00\x00")),
        "a number that is none",
    ),
    "an owner in numbers that not all read": (
        packed(A, header(b"demo/b", uid=b"\x81" + bytes(7))),
        "a number that is none",
    ),
    "a device that is no number": (
        packed(A, header(b"demo/b", devmajor=b"99999999")),
        "a number that is none",
    ),
    # the end
    "no end": (packed(A, end=b""), "it is truncated"),
    "half an end": (packed(A, end=bytes(512)), "it is truncated"),
    "an archive behind the end": (packed(A, END, member(b"demo/b.py"), end=END), "something behind its end"),
    "an archive behind one block of zeros": (
        packed(A, bytes(512), member(b"demo/b.py"), end=END),
        "something behind its end",
    ),
    "a byte behind the end": (packed(A, end=END + b"x"), "something behind its end"),
    "a file that is cut off": (packed(header(b"demo/a", 5000), end=b"x" * 600), "it is truncated"),
    # packing
    "a second gzip stream": (packed(A) + packed(member(b"demo/b.py")), "a second archive"),
    "an archive in two gzip streams": (gzip.compress(A) + gzip.compress(END), "a second archive"),
    "zeros behind the gzip stream": (
        packed(A) + bytes(8),
        "something behind the end of what it is packed in",
    ),
    "a zip file behind the gzip stream": (packed(A) + zipped(Part(b"a.py")), "a zip file as well"),
    "a gzip stream that is cut off": (packed(A)[:-9], "it is truncated"),
    "a gzip stream without its checksum": (packed(A)[:-4], "it is truncated"),
    "another checksum of gzip": (packed(A)[:-8] + bytes(8), "it cannot be unpacked"),
    "no packing": (A + END, "tar archive without packing"),
    "another packing": (bz2.compress(A + END), "it cannot be unpacked"),
    "nothing": (b"", "it is truncated"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_tar_archive_that_can_be_read_in_two_ways_is_refused(content: bytes, reason: str) -> None:
    said = refusal(content)
    assert said.startswith(f"'{SDIST}' is not a sound sdist: ")
    assert reason in said
    assert "\n" not in said


def linked(name: bytes, target: bytes, kind: bytes = b"2") -> bytes:
    return header(name, kind=kind, link=target)


def test_links_within_the_tree_are_told_with_what_they_lead_to() -> None:
    content = packed(
        A,
        linked(b"demo/link", b"a.py"),
        linked(b"demo/sub/up", b"../link"),
        linked(b"demo/sub/top", b".."),
        linked(b"demo/sub/through", b"top/sub/../a.py"),
        linked(b"demo/nowhere", b"./sub/none"),
        linked(b"demo/hard", b"demo/a.py", b"1"),
        linked(b"demo/harder", b"./demo/hard", b"1"),
    )
    with open_archive(io.BytesIO(content), SDIST) as archive:
        assert {entry.path: (entry.kind, entry.leads_to) for entry in archive.entries} == {
            "demo/a.py": (Kind.FILE, ""),
            "demo/link": (Kind.SYMLINK, "demo/a.py"),
            "demo/sub/up": (Kind.SYMLINK, "demo/a.py"),
            "demo/sub/top": (Kind.SYMLINK, "demo"),
            "demo/sub/through": (Kind.SYMLINK, "demo/a.py"),
            "demo/nowhere": (Kind.SYMLINK, "demo/sub/none"),
            "demo/hard": (Kind.HARDLINK, "demo/a.py"),
            "demo/harder": (Kind.HARDLINK, "demo/a.py"),
        }
        assert [archive.read(f"demo/{name}") for name in ("link", "sub/through", "harder")] == [
            b"a = 1\n"
        ] * 3
        assert [entry.path for entry, _ in archive.contents()] == ["demo/a.py"]


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ([linked(b"demo/x", b"/etc/passwd")], "leads out of it, to '/etc/passwd'"),
        ([linked(b"demo/x", b"../other")], "leads out of it"),
        ([linked(b"demo/x", b"..")], "leads out of it"),
        ([linked(b"demo/sub/x", b"../../demo-other/x")], "leads out of it"),
        ([linked(b"x", b"demo/a.py")], "leads out of it"),
        ([linked(b"demo/x", b"C:/x")], "leads out of it"),
        ([linked(b"demo/x", b"..\\..\\x")], "leads out of it"),
        ([linked(b"demo/x", b"")], "leads out of it"),
        ([linked(b"demo/sub/up", b".."), linked(b"demo/x", b"sub/up/../a")], "leads out of it"),
        ([linked(b"demo/sub/up", b".."), linked(b"demo/x", b"sub/UP/../a")], "leads out of it"),
        (
            [linked(b"demo/s", b"a/b"), linked(b"demo/x", b"s/../setup.py")],
            "leads to another place where links on its way are not followed",
        ),
        ([linked(b"demo/x", b"x")], "leads in a circle"),
        ([linked(b"demo/x", b"y/z"), linked(b"demo/y", b"x")], "leads in a circle"),
        ([pax(records(linkpath=b"a/" * 64)), linked(b"demo/x", b"a/" * 50)], "too long, or too deep"),
        (
            [linked(b"demo/x", b"."), member(b"demo/x/a.py")],
            "is a symbolic link, and other entries are in it",
        ),
        ([linked(b"demo/x", b"demo/none", b"1")], "which is no file before it"),
        ([linked(b"demo/x", b"demo/b.py", b"1"), member(b"demo/b.py")], "which is no file before it"),
        ([linked(b"demo/x", b"/etc/passwd", b"1")], "which is no file before it"),
        ([linked(b"demo/y", b"a.py"), linked(b"demo/x", b"demo/y", b"1")], "which is no file before it"),
        ([pax(records(linkpath="a.pyc")), linked(b"demo/x", b"a.py")], "another name in its own header"),
        ([long_name(b"b.py", b"K"), linked(b"demo/x", b"a.py")], "another name in its own header"),
    ],
)
def test_a_link_that_leaves_the_tree_is_refused(links: list[bytes], reason: str) -> None:
    assert reason in refusal(packed(A, *links))


def test_long_targets_of_links_are_read() -> None:
    target = b"sub/" * 30 + b"a.py"
    for ahead in (pax(records(linkpath=target)), long_name(target, b"K")):
        found = entries(packed(ahead, linked(b"demo/x", target[:100])))
        assert found[0].target == target.decode()


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".tar.gz", gzip.compress),
        (".tgz", gzip.compress),
        (".tar.bz2", bz2.compress),
        (".tar.xz", lzma.compress),
    ],
)
def test_every_packing_is_read_to_its_end_and_no_further(ending: str, pack: object) -> None:
    assert callable(pack)
    filename = f"demo-1.0{ending}"
    whole = pack(member(b"demo/a.py", b"x" * 300_000) + END)
    assert contents(whole, filename) == {"demo/a.py": b"x" * 300_000}
    assert "something behind the end" in refusal(whole + whole, filename)
    assert "something behind the end" in refusal(whole + b"\x00\x00\x00\x00", filename)
    assert "truncated" in refusal(whole[:-5], filename)
    assert "cannot be unpacked" in refusal(b"x" * 100, filename)


def test_an_xz_file_has_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 64 << 20}]
    content = lzma.compress(A + END, filters=filters)
    assert entries(content, "demo-1.0.tar.xz")
    monkeypatch.setattr(packing_module, "_XZ_MEMORY", 32 << 20)
    assert "cannot be unpacked" in refusal(content, "demo-1.0.tar.xz")


def test_a_tar_archive_that_is_a_zip_file_as_well_is_refused() -> None:
    # A zip file in a stored block of deflate: its end record is found within the last 64 KiB.
    inner = zipped(Part(b"evil.py", b"x"))
    blocks = packed(member(b"demo/a.zip", inner))
    assert entries(blocks)
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    stored = packer.compress(member(b"demo/a.zip", inner) + END) + packer.flush()
    assert zipped(Part(b"evil.py", b"x")) in stored
    assert "a zip file as well as a tar archive" in refusal(stored)


def test_a_packed_tar_archive_that_is_one_without_packing_as_well_is_refused() -> None:
    # The header of gzip has a field of any length (RFC 1952, FEXTRA), which here is the rest of a tar header.
    tail = gzip.compress(A + END)[10:]
    block = bytearray(header(b"x"))
    block[:12] = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff" + struct.pack("<H", 500)
    block[148:156] = b"%06o\x00 " % (sum(block[:148]) + sum(block[156:]) + 8 * 32)
    assert gzip.decompress(bytes(block) + tail) == A + END
    assert "without packing as well as with it" in refusal(bytes(block) + tail)
    block[148:156] = b"%06o\x00 " % 1
    block[257:265] = bytes(8)
    assert entries(bytes(block) + tail)


def test_the_length_of_a_record_counts_itself() -> None:
    """POSIX.1-2024, pax: the length is of the whole record, its own digits and the line feed among it."""
    assert record(b"path", "x" * 3) == b"12 path=xxx\n"
    assert record(b"path", "x" * 90) == b"99 path=" + b"x" * 90 + b"\n"
    assert record(b"path", "x" * 91) == b"101 path=" + b"x" * 91 + b"\n"


def test_executable_files_are_told() -> None:
    found = entries(
        packed(member(b"demo/a", mode=0o755), member(b"demo/b"), header(b"demo/c/", kind=b"5", mode=0o755))
    )
    assert [entry.executable for entry in found] == [True, False, False]
