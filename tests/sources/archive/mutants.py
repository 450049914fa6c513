"""Wheels and source trees in all the forms that honest writers give them, and with something wrong in them.

Everything comes from a random generator with a seed, so that a number is enough to have the same one again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import struct
from dataclasses import replace
from random import Random
from typing import Any

from tests.sources.archive.tars import END, GNU, USTAR, V7, header, long_name, member, pax, record, records
from tests.sources.archive.zips import (
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
    zipped,
)

WHEEL, SDIST, ZIP = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.zip"
INFO = "demo-1.0.dist-info"
LONG = 0xFFFFFFFF
NUMBERS = (0, 1, 2, 7, 8, 20, 46, 300, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, LONG)
NAMES = (
    *("../evil.py", "/evil.py", "demo/../evil.py", "demo//evil.py", "./demo/evil.py", "demo\\evil.py"),
    *("DEMO/__init__.py", "demo/__init__.py", "demo", "demo/", "demo/a", "demo/a/b", "demo/b.", "C:/evil"),
    *("demo/\u00e4", "demo/a\u0308", "evil.pth", "a" * 300, "", "demo/\x00", "demo/\n"),
    *("demo-1.0.data/data/x", "demo-1.0.data/scripts/tool"),
)
FIELDS = (
    *((0, 100), (100, 108), (108, 116), (116, 124), (124, 136), (136, 148), (157, 257), (257, 265)),
    *((265, 297), (329, 337), (337, 345), (345, 500), (500, 512)),
)
"""Of a tar header, but for its kind and its checksum (POSIX.1-2024, "ustar Interchange Format")."""


def random_of(seed: int) -> Random:
    """The same numbers for the same seed."""
    return Random(seed)  # noqa: S311 - nothing secret is made of them


def record_of(files: dict[str, bytes]) -> bytes:
    """A RECORD of files."""
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{INFO}/RECORD,,\n"]).encode()


def wheel_files(random: Random) -> dict[str, bytes]:
    """What an honest wheel holds."""
    files = {"demo/__init__.py": b"VERSION = 1\n"}
    for number in range(random.randrange(4)):
        name = random.choice(("a", "sub/b", "ä", "data/c"))
        files[f"demo/{name}{number}.py"] = random.randbytes(random.choice((0, 1, 80, 900))) * random.choice(
            (1, 5)
        )
    if random.random() < 0.3:
        files["demo-1.0.data/data/share/demo.txt"] = b"text\n"
    if random.random() < 0.3:
        files["demo-1.0.data/scripts/demo-tool"] = b"#!python\nprint()\n"
    files[f"{INFO}/METADATA"] = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    files[f"{INFO}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return files | {f"{INFO}/RECORD": record_of(files)}


def parts_of(random: Random, files: dict[str, bytes]) -> list[Part]:
    """The entries of files, each in one of the forms that writers give them."""
    parts = [honest_part(random, name, content) for name, content in files.items()]
    if random.random() < 0.3:
        parts.insert(
            0, Part(f"{next(iter(files)).partition('/')[0]}/".encode(), attributes=FOLDER, method=STORED)
        )
    return parts


def honest_part(random: Random, name: str, content: bytes) -> Part:
    """A file in one of the forms that writers give it."""
    part = Part(name.encode(), content, flags=0 if name.isascii() else UTF_8)
    sizes = extra(1, struct.pack("<QQ", len(content), len(part.packed)))
    forms: list[dict[str, Any]] = [
        {"method": STORED},
        {"flags": part.flags | DESCRIPTOR},
        {"flags": part.flags | DESCRIPTOR, "descriptor": described(part, signature=b"")},
        {"local_extra": sizes, "local": {"size": LONG, "packed": LONG}},
        {"extra": extra(0x5455, b"\x01" + bytes(4)), "attributes": 0o100755 << 16},
        {"attributes": 0, "comment": b"a comment", "central": {"made": 0x0014}},
        {},
    ]
    return replace(part, **random.choice(forms))


def wheel(random: Random) -> bytes:
    """An honest wheel, in one of many forms."""
    return zipped(*parts_of(random, wheel_files(random)), end=End(wide=random.random() < 0.2))


def mutated_wheel(random: Random) -> bytes:
    """A wheel with up to three things wrong, in its structure or in its bytes; or with none."""
    parts = parts_of(random, wheel_files(random))
    end = End(wide=random.random() < 0.2)
    order = list(range(len(parts)))
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        kind = random.randrange(10)
        if kind < 6:
            place = random.randrange(len(parts))
            parts[place] = wrong_part(random, parts[place], parts)
        elif kind < 8:
            end = wrong_end(random, end, parts)
        else:
            order = wrong_order(random, order)
    content = zipped(*parts, end=end, order=order)
    return damaged(random, content) if random.random() < 0.4 else content


def wrong_part(random: Random, part: Part, parts: list[Part]) -> Part:
    """An entry with one thing wrong, or at least unusual."""
    other = random.choice(parts)
    field = random.choice(("crc", "packed", "size", "flags", "method", "needed", "time"))
    number = random.choice((*NUMBERS, len(part.content), len(part.packed), len(other.packed)))
    value = number & (0xFFFF if field in {"flags", "method", "needed"} else LONG)
    name = random.choice((*(name.encode() for name in NAMES), other.name, part.name.upper()))
    raw = random.choice((other.packed, part.packed[:-1], part.packed + b"x", deflated(b"evil"), b""))
    field_of = extra(
        random.choice((1, 0x7075, 0x9901, 0x5455)), random.choice((b"", bytes(8), bytes(16), bytes(5) + name))
    )
    choices: list[dict[str, Any]] = [
        {"name": name},
        {"name": name, "flags": part.flags | UTF_8},
        {"name": name.removesuffix(b"/") + b"/", "attributes": random.choice((0, FOLDER))},
        {"local": part.local | {"name": name}},
        {"central": part.central | {"name": name}},
        {"local": part.local | {field: value}},
        {"central": part.central | {field: value}},
        {"local": part.local | {field: value}, "central": part.central | {field: value}},
        {"central": part.central | {"offset": random.choice((0, 31, *NUMBERS))}},
        {"flags": part.flags ^ (1 << random.randrange(16))},
        {"method": random.choice((0, 8, 9, 12))},
        {"raw": raw},
        {"content": other.content, "name": other.name},
        {"extra": field_of},
        {"local_extra": field_of},
        {"comment": random.choice((b"x", zipped(Part(b"evil.py"))))},
        {"before": random.choice((b"x", other.local_entry()))},
        {"descriptor": described(other)},
        {"attributes": random.choice((LINK, FOLDER, 0, 0o100755 << 16, 0o20644 << 16, 0x10))},
    ]
    return replace(part, **random.choice(choices))


def wrong_end(random: Random, end: End, parts: list[Part]) -> End:
    """What is behind the entries, with one thing wrong or unusual."""
    some = random.choice(
        (b"x", zipped(Part(b"evil.py")), parts[0].local_entry(), parts[0].central_entry(0), bytes(22))
    )
    number = random.choice(NUMBERS)
    wide = {random.choice(("disk", "here", "count", "size", "offset", "rest")): number}
    plain = {random.choice(("disk", "here", "count", "length")): number & 0xFFFF}
    choices: list[dict[str, Any]] = [
        *({name: some} for name in ("comment", "between", "before", "inside", "behind")),
        {"comment": b"a comment"},
        {"fields": plain},
        {"fields": {random.choice(("size", "offset")): number}},
        {"wide": True, "record": wide},
        {"wide": True, "locator": {random.choice(("disk", "place", "disks")): number}},
        {"wide": not end.wide},
    ]
    return replace(end, **random.choice(choices))


def wrong_order(random: Random, order: list[int]) -> list[int]:
    """The directory in another order, or with an entry too few or too many."""
    changed = order.copy()
    kind = random.randrange(3)
    if kind == 0:
        random.shuffle(changed)
    elif kind == 1:
        changed.remove(random.choice(changed))
    else:
        changed.append(random.choice(changed))
    return changed


def damaged(random: Random, content: bytes) -> bytes:
    """Other bytes in some places; some left out, or put in."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(changed) + 1)
        kind = random.randrange(6)
        if kind == 0:
            del changed[at : at + random.choice((1, 4, 50))]
        elif kind == 1:
            changed[at:at] = random.choice((b"x", bytes(4), b"PK\x05\x06", b"PK\x01\x02"))
        elif at < len(changed):
            changed[at] = random.choice(
                (0, 1, 0xFF, changed[at] ^ (1 << random.randrange(8)), random.randrange(256))
            )
    return bytes(changed)


def blocks(random: Random) -> list[bytes]:
    """The entries of a source tree, some of them with something wrong."""
    long = "demo-1.0/" + "long/" * 30 + "x.py"
    found = [header(b"demo-1.0/", kind=b"5"), member(b"demo-1.0/PKG-INFO", b"Metadata-Version: 2.1\n")]
    choices = [
        member(b"demo-1.0/a.py", random.randbytes(random.choice((0, 9, 600)))),
        pax(records(path=long)) + member(long.encode()[:100], b"x"),
        long_name(long.encode()) + member(long.encode()[:100], b"y", magic=GNU),
        pax(records(path="demo-1.0/ä.py")) + member(b"demo-1.0/?.py", b"z"),
        header(b"demo-1.0/link", kind=b"2", link=random.choice((b"a.py", b"../x", b"/x", b"link", b"."))),
        header(b"demo-1.0/hard", kind=b"1", link=random.choice((b"demo-1.0/PKG-INFO", b"demo-1.0/none"))),
        member(random.choice(NAMES).encode()[:100], b"name"),
        pax(records(size=str(random.choice((0, 1, 512))))) + member(b"demo-1.0/s", b"x"),
        header(b"demo-1.0/other", kind=random.choice((b"3", b"7", b"S", b"0", b"\x00", b"5"))),
        pax(records(comment="x"), random.choice((b"x", b"g"))),
        bytes(512),
        two_kinds(random),
        pax(records(comment="x"), behind=records(path="demo-1.0/evil.py")) + member(b"demo-1.0/c.py", b"x"),
        long_name(long.encode(), behind=random.choice((b"c", b"\x00", b"\x00c")))
        + member(long.encode()[:100], b"y", magic=GNU),
        linked(random),
        pax(record_of_pax(random)) + member(b"demo-1.0/p.py", b"x" * 9),
    ]
    weights = [8, 3, 3, 3, 2, 2, 1, 1, 1, 1, 0.3, 2, 0.5, 1, 2, 2]
    found += random.choices(choices, weights, k=random.randrange(5))
    if random.random() < 0.3:
        place = random.randrange(len(found))
        found[place] = other_fields(random, found[place])
    return found


def two_kinds(random: Random) -> bytes:
    """What is a file by one of its names, and perhaps a folder by the other; a member is in its content."""
    hidden = member(b"demo-1.0/hidden.py", b"h")
    top = b"demo-1.0/" + b"d" * random.choice((0, 5, 90, 91)) + random.choice((b"", b"/"))
    name = (top + random.choice((b"", b"/", b"x", b"/x.py", b"x" * 99))).removesuffix(b"//")
    ahead = random.choice((b"", long_name(name), pax(records(path=name)), pax(records(comment="x"))))
    kind = random.choice((b"\x00", b"\x00", b"\x00", b"0", b"5"))
    content = random.choice((b"", hidden))
    if random.random() < 0.2:
        return header(random.choice((b"", b"/", b"x")), len(content), kind, prefix=name[:155]) + content
    return ahead + header(top[:100], len(content), kind, magic=random.choice((GNU, USTAR, V7))) + content


def linked(random: Random) -> bytes:
    """A folder in a folder with a link to it, and links over that one."""
    steps = random.choices((b"..", b"up", b"one", b"two", b"to.py", b"."), k=random.randrange(1, 5))
    return (
        member(b"demo-1.0/one/two/to.py", b"inner")
        + member(b"demo-1.0/one/to.py", b"middle")
        + header(b"demo-1.0/up", kind=b"2", link=random.choice((b"one/two", b"one", b"one/../one/two")))
        + header(b"demo-1.0/over", kind=b"2", link=b"/".join(steps))
    )


def record_of_pax(random: Random) -> bytes:
    """Records of any kind, some of which mean something."""
    keywords = (
        "path",
        "linkpath",
        "size",
        "mtime",
        "uid",
        "hdrcharset",
        "comment",
        "GNU.sparse.name",
        "x\ny",
    )
    values = ("", "0", "9", "512", "-1", "1e9", "BINARY", "demo-1.0/p.py", "demo-1.0/é.py", "a\x00b")
    inner = record(b"hdrcharset", "BINARY").decode()
    return b"".join(
        record(random.choice(keywords).encode(), random.choice((*values, inner)))
        for _ in range(random.randrange(1, 4))
    )


def other_fields(random: Random, block: bytes) -> bytes:
    """A header with other bytes in some of its fields, and the checksum of those."""
    changed = bytearray(block)
    for start, end in random.choices(FIELDS, k=random.choice((1, 1, 2))):
        width = end - start
        value = random.choice(
            (
                bytes(width),
                b" " * width,
                b"0" * width,
                b"0" * (width - 1) + b"\x00",
                b"\x80" + bytes(width - 1),
                b"\x80" + bytes(width - 2) + b"\x09",
                b"\xff" * width,
                b"7".rjust(width),
                b"1_0".ljust(width, b"\x00"),
                b"+7".ljust(width, b"\x00"),
                b"x/".ljust(width, b"\x00"),
                b"/".ljust(width, b"\x00"),
                random.randbytes(width),
            )
        )
        changed[start:end] = value[:width].ljust(width, b"\x00")
    if random.random() < 0.5:
        changed[156] = random.choice(b"\x00012567xgLKSX")
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\x00 " % sum(changed[:512])
    return bytes(changed)


def mutated_tar(random: Random) -> bytes:
    """A tar archive with up to three things wrong, or with none; not yet packed."""
    content = b"".join(blocks(random)) + random.choice((END, END, END, bytes(10240), bytes(512)))
    return damaged(random, content) if random.random() < 0.3 else content


def mutated_sdist(random: Random) -> bytes:
    """The same, packed, and perhaps damaged once more."""
    content = gzip.compress(mutated_tar(random), 1, mtime=0)
    return damaged(random, content) if random.random() < 0.1 else content
