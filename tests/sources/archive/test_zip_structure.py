"""A zip file that two readers could read in two ways is refused; its honest twin is read.

Each refusal names what is wrong. The fields are those of APPNOTE 6.3.10.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest

from tests.sources.archive.tars import header
from tests.sources.archive.zips import (
    DEFLATED,
    DESCRIPTOR,
    FOLDER,
    LINK,
    STORED,
    UTF_8,
    End,
    Part,
    deflated,
    described,
    extra,
    named,
    zipped,
)
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import Kind, open_archive

WHEEL = "demo-1.0-py3-none-any.whl"
A = Part(b"a.py", b"a = 1\n" * 50)
B = Part(b"b/c.py", b"b = 2\n" * 50)
LONG = 0xFFFFFFFF


def paths(content: bytes, filename: str = WHEEL) -> list[str]:
    with open_archive(io.BytesIO(content), filename) as archive:
        return [entry.path for entry in archive.entries]


def contents(content: bytes, filename: str = WHEEL) -> dict[str, bytes]:
    with open_archive(io.BytesIO(content), filename) as archive:
        return {entry.path: b"".join(pieces) for entry, pieces in archive.contents()}


def refusal(content: bytes, filename: str = WHEEL) -> str:
    with pytest.raises(SourceRefused) as caught:
        contents(content, filename)
    return str(caught.value)


def streamed(part: Part) -> Part:
    return replace(part, flags=DESCRIPTOR)


def wide(part: Part, **fields: object) -> Part:
    """The entry with sizes in a zip64 field of its local header, as a writer that cannot go back has them."""
    field = extra(1, struct.pack("<QQ", len(part.content), len(part.packed)))
    return replace(part, **{"local_extra": field, "local": {"packed": LONG, "size": LONG}, **fields})  # type: ignore[arg-type]


HONEST = {
    "two files": zipped(A, B),
    "nothing": zipped(),
    "stored": zipped(replace(A, method=STORED), B),
    "folders": zipped(Part(b"b/", attributes=FOLDER, method=STORED), B),
    "a folder that is packed": zipped(Part(b"b/", attributes=FOLDER)),
    "a folder without attributes": zipped(Part(b"b/", attributes=0)),
    "no attributes": zipped(replace(A, attributes=0), replace(B, attributes=0x20)),
    "written on Windows": zipped(replace(A, central={"made": 20})),
    "a comment": zipped(A, end=End(comment=b"0123456789abcdef0123456789abcdef01234567")),
    "a comment of an entry": zipped(replace(A, comment=b"hello")),
    "times in extra fields": zipped(
        replace(A, local_extra=extra(0x5455, b"\x03" + bytes(8)), extra=extra(0x5455, b"\x03" + bytes(4)))
    ),
    "another order of the directory": zipped(A, B, order=[1, 0]),
    "a data descriptor": zipped(streamed(A), B, streamed(replace(B, name=b"d.py"))),
    "a data descriptor without signature": zipped(
        replace(streamed(A), descriptor=described(A, signature=b"")), B
    ),
    "an empty stored file with a data descriptor": zipped(Part(b"e", method=STORED, flags=DESCRIPTOR), B),
    "a wide data descriptor": zipped(
        replace(streamed(A), local_extra=extra(1, bytes(16)), descriptor=described(A, form="<LQQ")), B
    ),
    "the sizes before a data descriptor already": zipped(
        replace(
            streamed(A), local={"crc": zlib.crc32(A.content), "packed": len(A.packed), "size": len(A.content)}
        )
    ),
    "zip64 sizes": zipped(wide(A), B),
    "zip64 sizes beside plain ones": zipped(wide(A, local={}), B),
    "a zip64 offset": zipped(
        A, replace(B, central={"offset": LONG}, extra=extra(1, struct.pack("<Q", len(A.local_entry()))))
    ),
    "a zip64 end": zipped(A, B, end=End(wide=True)),
    "a zip64 end beside a plain one": zipped(
        A, end=End(wide=True, fields={"size": 46 + 4, "offset": len(A.local_entry())})
    ),
    "names in UTF-8": zipped(Part("ä/ö.py".encode(), b"x", flags=UTF_8)),
    "a Unicode path that is the same": zipped(
        replace(A, extra=extra(0x7075, b"\x01" + struct.pack("<L", zlib.crc32(b"a.py")) + b"a.py"))
    ),
    "a zip file within, as it is": zipped(Part(b"a.zip", zipped(A), method=STORED)),
    "the newest version of the format": zipped(replace(A, central={"needed": 63})),
    "flags of deflate's effort": zipped(replace(A, flags=0x2)),
}


@pytest.mark.parametrize("content", HONEST.values(), ids=HONEST)
def test_an_honest_zip_file_is_read_as_the_standard_library_reads_it(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as peer:
        files = {one.filename: peer.read(one) for one in peer.infolist() if not one.is_dir()}
        names = [one.filename.rstrip("/") for one in peer.infolist()]
    assert contents(content) == files
    assert paths(content) == names


FIRST = len(A.local_entry())
HOSTILE: dict[str, tuple[bytes, str]] = {
    # end records
    "not a zip file": (b"hello", "not a zip file"),
    "nothing at all": (b"", "not a zip file"),
    "truncated by a byte": (zipped(A, B)[:-1], "its end record is truncated"),
    "truncated by half": (zipped(A, B)[:FIRST], "not a zip file"),
    "something appended": (zipped(A, end=End(behind=b"x")), "something is appended"),
    "an archive appended": (zipped(A) + zipped(B), "directory does not end where its end record begins"),
    "something prepended": (b"MZ" + zipped(A), "directory does not end"),
    "something prepended, with the right offsets": (
        zipped(replace(A, before=b"MZ")),
        "something before its entries",
    ),
    "a comment that is longer than it is": (
        zipped(A, end=End(fields={"length": 1})),
        "0 bytes stand behind its end record",
    ),
    "an end record in the comment": (
        zipped(A, end=End(comment=zipped())),
        "directory does not end where its end record begins",
    ),
    "an end record in a comment, cut off": (
        zipped(A, end=End(comment=b"PK\x05\x06")),
        "end record is truncated",
    ),
    "a locator in the comment": (
        zipped(A, end=End(comment=b"PK\x06\x07" + bytes(16))),
        "signature of another record",
    ),
    "a local header in the comment": (
        zipped(A, end=End(comment=A.local_entry())),
        "signature of another record",
    ),
    "several disks": (zipped(A, end=End(fields={"disk": 1})), "several disks"),
    "a directory on another disk": (zipped(A, end=End(fields={"first": 1})), "several disks"),
    "entries on another disk": (zipped(A, end=End(fields={"here": 0})), "several disks"),
    "an entry on another disk": (zipped(replace(A, central={"disk": 1})), "on another disk"),
    "one entry more": (zipped(A, end=End(fields={"here": 2, "count": 2})), "truncated, or has fewer"),
    "one entry less": (
        zipped(A, B, end=End(fields={"here": 1, "count": 1})),
        "more in it than the 1 entries",
    ),
    "a signature of the directory": (zipped(A, end=End(inside=b"PK\x05\x05\x00\x00")), "more in it than"),
    "something before the end record": (
        zipped(A, end=End(between=b"x")),
        "does not end where its end record begins",
    ),
    "a directory that begins elsewhere": (
        zipped(A, end=End(fields={"offset": 0})),
        "does not end where its end record",
    ),
    # zip64
    "zip64 sizes without a record": (zipped(A, end=End(fields={"size": LONG})), "refers to a zip64 record"),
    "a zip64 offset without a record": (
        zipped(A, end=End(fields={"offset": LONG})),
        "refers to a zip64 record",
    ),
    "two numbers of entries": (
        zipped(A, end=End(wide=True, record={"here": 2, "count": 2})),
        "contradict each other",
    ),
    "two offsets of the directory": (
        zipped(A, end=End(wide=True, fields={"offset": 7})),
        "contradict each other",
    ),
    "another disk by zip64": (zipped(A, end=End(wide=True, locator={"disks": 2})), "several disks"),
    "another disk by the record": (
        zipped(A, end=End(wide=True, record={"disk": 1}, fields={"disk": 0xFFFF})),
        "several disks",
    ),
    "a locator that leads elsewhere": (
        zipped(A, end=End(wide=True, locator={"place": 0})),
        "not right before its locator",
    ),
    "a locator that leads to nothing": (
        zipped(A, end=End(wide=True, record={"signature": b"PK\x06\x08"})),
        "not right before its locator",
    ),
    "a longer zip64 record": (
        zipped(A, end=End(wide=True, record={"rest": 45})),
        "has 45 bytes instead of 44",
    ),
    "a zip64 field without a reason": (zipped(replace(A, extra=extra(1, bytes(8)))), "the zip64 field of"),
    "a zip64 field with more than it should": (
        zipped(replace(A, central={"size": LONG}, extra=extra(1, bytes(16)))),
        "the zip64 field of",
    ),
    "a zip64 size and no field": (
        zipped(replace(A, central={"size": LONG})),
        "refers to a zip64 field, and has none",
    ),
    "a zip64 size and another field": (
        zipped(replace(A, central={"size": LONG}, extra=extra(2, b""))),
        "the zip64 field of",
    ),
    "two zip64 fields": (
        zipped(replace(A, central={"size": LONG}, extra=extra(1, bytes(8)) * 2)),
        "extra field 0x0001 twice",
    ),
    "other sizes in the local zip64 field": (
        zipped(wide(A, local_extra=extra(1, bytes(16)))),
        "other sizes or another CRC",
    ),
    "other sizes beside the local zip64 field": (
        zipped(wide(A, local={"size": 1})),
        "other sizes in the zip64 field",
    ),
    "half a local zip64 field": (
        zipped(wide(A, local_extra=extra(1, bytes(8)))),
        "does not have the two sizes",
    ),
    # local headers
    "another name": (zipped(replace(A, local={"name": b"b.py"})), "another name in its local header"),
    "a longer name": (zipped(replace(A, local={"name": b"a.pyc"})), "another name in its local header"),
    "another case": (zipped(replace(A, local={"name": b"A.py"})), "another name in its local header"),
    "another method": (zipped(replace(A, local={"method": STORED})), "another method"),
    "other flags": (zipped(replace(A, local={"flags": 2})), "other flags"),
    "a descriptor that only one knows": (zipped(replace(A, local={"flags": DESCRIPTOR})), "other flags"),
    "encryption that only one knows": (zipped(replace(A, local={"flags": 1})), "other flags"),
    "another CRC": (zipped(replace(A, local={"crc": 1})), "another CRC in its local header"),
    "another size": (zipped(replace(A, local={"size": 1})), "other sizes"),
    "another packed size": (zipped(replace(A, local={"packed": 1})), "other sizes"),
    "sizes of zero without a descriptor": (
        zipped(replace(A, local={"crc": 0, "packed": 0, "size": 0})),
        "other sizes",
    ),
    "no local header": (zipped(replace(A, local={"signature": b"PK\x03\x05"})), "no local header"),
    "a local header elsewhere": (
        zipped(A, replace(B, central={"offset": FIRST + 1})),
        "something between its entries",
    ),
    # data descriptors
    "no data descriptor": (zipped(replace(streamed(A), descriptor=b""), B), "data descriptor of 'a.py'"),
    "a data descriptor that says something else": (
        zipped(replace(streamed(A), descriptor=described(B))),
        "data descriptor of 'a.py'",
    ),
    "a wide data descriptor of a short entry": (
        zipped(replace(streamed(A), descriptor=described(A, form="<LQQ"))),
        "data descriptor of",
    ),
    "a short data descriptor of a wide entry": (
        zipped(replace(streamed(A), local_extra=extra(1, bytes(16)))),
        "data descriptor of",
    ),
    "something behind a data descriptor": (
        zipped(replace(streamed(A), descriptor=described(A) + b"x")),
        "data descriptor of",
    ),
    "a stored file whose end is not told": (
        zipped(replace(streamed(A), method=STORED)),
        "how long it is stands only behind it",
    ),
    # what lies between
    "something between the entries": (zipped(A, replace(B, before=b"x")), "something between its entries"),
    "an entry that is in no directory": (zipped(A, B, order=[0]), "between its entries and its directory"),
    "a first entry that is in no directory": (zipped(A, B, order=[1]), "something before its entries"),
    "something before the directory": (
        zipped(A, end=End(before=b"x")),
        "between its entries and its directory",
    ),
    "two entries with one content": (
        zipped(A, replace(B, central={"offset": 0})),
        "overlaps what comes behind it",
    ),
    "entries that quote each other": (
        zipped(
            Part(
                b"a",
                method=STORED,
                raw=(quoted := Part(b"b", bytes(99))).local_entry(),
                central={"size": len(quoted.local_entry())},
                local={"size": len(quoted.local_entry())},
            ),
            end=End(inside=quoted.central_entry(31), fields={"here": 2, "count": 2}),
        ),
        "overlaps what comes behind it",
    ),
    "an entry that reaches into the directory": (
        zipped(replace(A, central={"packed": 400}, local={"packed": 400})),
        "overlaps what comes behind it",
    ),
    # packing
    "encrypted": (zipped(replace(A, flags=1)), "'a.py' is encrypted"),
    "strongly encrypted": (zipped(replace(A, flags=0x40)), "'a.py' is encrypted"),
    "an encrypted directory": (zipped(replace(A, flags=0x2000)), "'a.py' is encrypted"),
    "encrypted by WinZip": (zipped(replace(A, extra=extra(0x9901, bytes(7)))), "'a.py' is encrypted"),
    "encrypted by PKWARE": (zipped(replace(A, extra=extra(0x17, bytes(8)))), "'a.py' is encrypted"),
    "a version that there is not": (zipped(replace(A, central={"needed": 64})), "needs version 6.4"),
    "patch data": (zipped(replace(A, flags=0x20)), "flags 0x0020"),
    **{
        f"packed by method {method}": (zipped(replace(A, method=method)), f"method {method}")
        for method in (1, 6, 9, 12, 14, 93, 95, 99)
    },
    "two sizes of a stored file": (
        zipped(replace(A, method=STORED, central={"size": 1}, local={"size": 1})),
        "has two sizes",
    ),
    # extra fields
    "a Unicode path": (
        zipped(replace(A, extra=extra(0x7075, b"\x01" + struct.pack("<L", zlib.crc32(b"a.py")) + b"b.py"))),
        "gives 'a.py' another name",
    ),
    "a Unicode path in the local header": (
        zipped(replace(A, local_extra=extra(0x7075, bytes(5) + b"b.py"))),
        "gives 'a.py' another name",
    ),
    "two Unicode paths": (zipped(replace(A, extra=extra(0x7075, bytes(5) + b"a.py") * 2)), "0x7075 twice"),
    "an extra field that is cut off": (
        zipped(replace(A, extra=b"\x55\x54\x05\x00x")),
        "extra fields of 'a.py' are malformed",
    ),
    "half an extra field": (zipped(replace(A, extra=b"\x55\x54")), "extra fields of 'a.py' are malformed"),
    "a record in the comment of an entry": (
        zipped(replace(A, comment=b"PK\x06\x07")),
        "begins like a record",
    ),
    # kinds
    "a link": (zipped(replace(A, attributes=LINK)), "'a.py' is a link"),
    **{
        f"the special file {kind:o}": (
            zipped(replace(A, attributes=kind << 28)),
            "is a device, or another special file",
        )
        for kind in (1, 2, 6, 12, 15)
    },
    "a folder by its mode": (zipped(replace(A, attributes=FOLDER)), "not by both"),
    "a folder by its DOS attribute": (zipped(replace(A, attributes=0x10)), "not by both"),
    "a folder by its name": (zipped(Part(b"b/", attributes=0o100644 << 16)), "not by both"),
    "a folder with content": (zipped(Part(b"b/", b"x", attributes=FOLDER)), "is a folder, and has content"),
    # content
    "more than it states": (
        zipped(replace(A, central={"size": 299}, local={"size": 299})),
        "unpacks to more than the 299 bytes",
    ),
    "less than it states": (
        zipped(replace(A, central={"size": 301}, local={"size": 301})),
        "unpacks to 300 bytes instead of the 301",
    ),
    "another CRC than its content": (
        zipped(replace(A, central={"crc": 1}, local={"crc": 1})),
        "does not have the CRC",
    ),
    "something behind the deflate stream": (
        zipped(replace(A, raw=deflated(A.content) + b"x")),
        "behind the end of 'a.py'",
    ),
    "a second deflate stream": (zipped(replace(A, raw=deflated(A.content) * 2)), "behind the end of 'a.py'"),
    "a deflate stream that is cut off": (
        zipped(replace(A, raw=deflated(A.content)[:-2])),
        "'a.py' is truncated",
    ),
    "no deflate stream": (zipped(replace(A, raw=b"\xff" * 9)), "'a.py' cannot be unpacked"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_zip_file_that_can_be_read_in_two_ways_is_refused(content: bytes, reason: str) -> None:
    said = refusal(content)
    assert said.startswith(f"'{WHEEL}' is not a sound wheel: ")
    assert reason in said
    assert "\n" not in said


def test_a_zip_file_that_is_a_tar_archive_as_well_is_refused() -> None:
    # The name of the tar header is the local header, with a field that covers the rest of the block.
    part = Part(b"a.py", b"x", local_extra=extra(0x6375, bytes(512)))
    content = bytearray(zipped(part))
    assert paths(bytes(content)) == ["a.py"]
    block = header(bytes(content[:100]).partition(b"\x00")[0])
    content[100:512] = block[100:]
    content[148:156] = b"%06o\x00 " % (sum(content[:148]) + sum(content[156:512]) + 8 * 32)
    assert zipfile.ZipFile(io.BytesIO(content)).read("a.py") == b"x"
    assert "tar archive as well" in refusal(bytes(content))


def test_a_source_tree_in_a_zip_file_may_have_links_within_it() -> None:
    link = Part(b"demo-1.0/link", b"docs/../a.py", attributes=LINK)
    content = zipped(Part(b"demo-1.0/a.py", b"x"), link)
    with open_archive(io.BytesIO(content), "demo-1.0.zip") as archive:
        found = archive.entry("demo-1.0/link")
        assert found is not None
        assert (found.kind, found.target, found.leads_to) == (Kind.SYMLINK, "docs/../a.py", "demo-1.0/a.py")
        assert archive.read("demo-1.0/link") == b"x"
        assert [entry.path for entry, _ in archive.contents()] == ["demo-1.0/a.py"]
    out = zipped(replace(link, content=b"../../etc/passwd"))
    assert "leads out of it, to '../../etc/passwd'" in refusal(out, "demo-1.0.zip")
    long = zipped(replace(link, content=b"x" * 1025))
    assert "a path that is too long" in refusal(long, "demo-1.0.zip")


def test_what_is_executable_is_what_pip_makes_executable() -> None:
    parts = [
        Part(b"yes", attributes=0o100755 << 16),
        Part(b"no", attributes=0o100644 << 16),
        Part(b"untyped", attributes=0o755 << 16),
    ]
    with open_archive(io.BytesIO(zipped(*parts)), WHEEL) as archive:
        assert {entry.path: entry.executable for entry in archive.entries} == {
            "yes": True,
            "no": False,
            "untyped": False,
        }


def test_sizes_are_told_as_they_are() -> None:
    with open_archive(io.BytesIO(zipped(A, *named("b/"))), WHEEL) as archive:
        file, folder = archive.entries
        assert (file.size, file.packed, file.kind) == (300, len(deflated(A.content)), Kind.FILE)
        assert (folder.path, folder.size, folder.kind) == ("b", 0, Kind.DIRECTORY)
        assert A.method == DEFLATED
