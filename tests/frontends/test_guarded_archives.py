"""Archives that installers read in different ways, or that lead out of the tree, in real installations.

Each trick is an otherwise honest wheel or source tree with one thing wrong about one entry, or about the
archive. Its twin differs in that alone. What the reader makes of each field, tests/sources/archive has.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from tests.frontends.attack import BLOCKED, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import Artifact, module_name
from tests.lab.environment import VirtualEnvironment
from tests.lab.forged import changed, forged
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.sources.archive.tars import END, GNU, header, long_name, member, padded, pax, records
from tests.sources.archive.zips import LINK, STORED, End, Part, extra, zipped
from trustguard.sources.archive import LIMITS

Make = Callable[[str], Artifact]


def parts_of(wheel: Artifact) -> list[Part]:
    """The entries of a wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        return [Part(one.filename.encode(), archive.read(one)) for one in archive.infolist()]


def last_file(path: str, content: bytes = b"VALUE = 1\n" * 30, **fields: object) -> Make:
    """A wheel with a further file, listed in RECORD, of which something is otherwise.

    Args:
        path: of the file; ``MODULE`` stands for the wheel's module.
        content: of the file.
        fields: of its entry, as :class:`.Part` has them.
    """

    def make(name: str) -> Artifact:
        where = path.replace("MODULE", module_name(name))
        wheel = forged(name, {where: content})
        entries = parts_of(wheel)
        own = [one for one in entries if one.name == where.encode()]
        others = [one for one in entries if one.name != where.encode()]
        return changed(wheel, zipped(*others, replace(own[0], **fields)))  # type: ignore[arg-type]

    return make


def ended(**fields: object) -> Make:
    """A wheel with something otherwise about the end of its archive, as :class:`.End` has it."""

    def make(name: str) -> Artifact:
        wheel = forged(name)
        return changed(wheel, zipped(*parts_of(wheel), end=End(**fields)))  # type: ignore[arg-type]

    return make


def twice(first: str, second: str) -> Make:
    """A wheel with two further files, which may be one file to some."""
    return lambda name: forged(
        name,
        {
            path.replace("MODULE", module_name(name)): f"{number}\n"
            for number, path in enumerate((first, second))
        },
    )


def appended(name: str) -> Artifact:
    """Two archives, one behind the other."""
    wheel = forged(name)
    return changed(wheel, forged(name, {"other.py": "pass\n"}).content + wheel.content)


def with_a_tar_archive(name: str) -> Artifact:
    """A wheel whose first entry is the header of a tar archive as well."""
    wheel = forged(name)
    first, *rest = parts_of(wheel)
    content = bytearray(zipped(replace(first, local_extra=extra(0x6375, bytes(512))), *rest))
    block = header(bytes(content[:100]).partition(b"\x00")[0])
    content[100:512] = block[100:]
    content[148:156] = b"%06o\x00 " % (sum(content[:148]) + sum(content[156:512]) + 8 * 32)
    return changed(wheel, bytes(content))


def cut(name: str) -> Artifact:
    """A wheel without its last half."""
    wheel = forged(name)
    return changed(wheel, wheel.content[: len(wheel.content) // 2])


def much(name: str, size: int) -> Artifact:
    """A wheel with so many bytes of METADATA."""
    folder = f"{module_name(name)}-1.0.dist-info/METADATA"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n"
    return forged(name, {folder: text + "x" * (size - len(text))})


_UNICODE_PATH = extra(0x7075, b"\x01" + struct.pack("<L", zlib.crc32(b"zz.py")) + b"prey.py")
_WIDE = 0xFFFFFFFF


@dataclass(frozen=True)
class Trick:
    """What somebody could try, and the honest twin."""

    trick: Make
    twin: Make


WHEELS = {
    # paths that leave the tree
    "parent": Trick(last_file("../zz.py"), last_file("MODULE_x/zz.py")),
    "sibling": Trick(last_file("../site-packages-more/zz.py"), last_file("site-packages-more/MODULE.py")),
    "absolute": Trick(last_file("/opt/zz.py"), last_file("opt/MODULE.py")),
    "drive": Trick(last_file("C:/zz.py"), last_file("C/MODULE.py")),
    "backslash": Trick(last_file("a\\zz.py"), last_file("a/MODULE.py")),
    "nul": Trick(last_file("MODULE_n.py", central={"name": b"zz.py\x00.txt"}), last_file("MODULE_n.py")),
    "long-path": Trick(
        last_file("/".join(["d" * 100] * (LIMITS.path_bytes // 100 + 1)) + "/zz.py"),
        last_file("MODULE_d/" + "d" * 100 + "/zz.py"),
    ),
    # kinds
    "link": Trick(last_file("MODULE_l.py", attributes=LINK), last_file("MODULE_l.py")),
    "device": Trick(last_file("MODULE_v.py", attributes=0o020644 << 16), last_file("MODULE_v.py")),
    # two for one
    "case": Trick(twice("MODULE_a.py", "MODULE_A.py"), twice("MODULE_a.py", "MODULE_b.py")),
    "unicode-form": Trick(
        twice("MODULE_\u00e9.py", "MODULE_e\u0301.py"), twice("MODULE_\u00e9.py", "MODULE_e.py")
    ),
    "local-name": Trick(last_file("MODULE_h.py", local={"name": b"prey.py"}), last_file("MODULE_h.py")),
    "local-size": Trick(last_file("MODULE_h.py", local={"size": 1}), last_file("MODULE_h.py")),
    "unicode-path": Trick(last_file("MODULE_u.py", extra=_UNICODE_PATH), last_file("MODULE_u.py")),
    # what lies between, and ends
    "between": Trick(last_file("MODULE_w.py", before=b"#!/bin/sh\n"), last_file("MODULE_w.py")),
    "behind": Trick(ended(behind=b"more"), ended(comment=b"more")),
    "two-archives": Trick(appended, forged),
    "two-ends": Trick(ended(comment=zipped()), ended(comment=b"an end")),
    "zip64-end": Trick(ended(wide=True, fields={"offset": 7}), ended(wide=True)),
    "zip64-size": Trick(last_file("MODULE_z.py", central={"size": _WIDE}), last_file("MODULE_z.py")),
    "tar-as-well": Trick(with_a_tar_archive, forged),
    # packing
    "encrypted": Trick(last_file("MODULE_e.py", flags=1), last_file("MODULE_e.py")),
    "unknown-method": Trick(last_file("MODULE_m.py", method=12), last_file("MODULE_m.py", method=STORED)),
    "truncated": Trick(cut, forged),
    # limits
    "ratio": Trick(last_file("MODULE_r.py", bytes(64 << 20)), last_file("MODULE_r.py", bytes(64 << 10))),
    "metadata": Trick(
        lambda name: much(name, LIMITS.metadata_bytes + 1), lambda name: much(name, LIMITS.metadata_bytes)
    ),
}


Member = Callable[[bytes], bytes]
"""Makes a member of a source tree, of the name of its folder."""


def tree(*more: Member) -> Make:
    """A source tree that builds itself, with more members."""

    def make(name: str) -> Artifact:
        honest = build_in_tree_sdist(name, "1.0")
        top = f"{module_name(name)}-1.0".encode()
        members = padded(gzip.decompress(honest.content).rstrip(b"\x00"))
        return changed(honest, gzip.compress(members + b"".join(one(top) for one in more) + END, mtime=0))

    return make


def below(path: bytes, **fields: object) -> Member:
    """A member in the tree's folder."""
    return lambda top: header(top + b"/" + path, **fields)  # type: ignore[arg-type]


def text(path: bytes) -> Member:
    """A small file in the tree's folder."""
    return lambda top: member(top + b"/" + path, b"x\n")


TREES = {
    "link-out": Trick(
        tree(below(b"zz", kind=b"2", link=b"../../zz")), tree(text(b"a"), below(b"zz", kind=b"2", link=b"a"))
    ),
    "link-absolute": Trick(
        tree(below(b"zz", kind=b"2", link=b"/etc/passwd")),
        tree(text(b"b"), below(b"zz", kind=b"2", link=b"b")),
    ),
    "device": Trick(tree(below(b"zz", kind=b"3")), tree(text(b"zz"))),
    "twice": Trick(tree(text(b"zz"), text(b"zz")), tree(text(b"zz"), text(b"zy"))),
    "pax-twice": Trick(
        tree(lambda top: pax(records(path=(top + b"/pyproject.toml").decode())), text(b"zz")),
        tree(lambda top: pax(records(path=(top + b"/" + b"n" * 120).decode())), below(b"n" * 60)),
    ),
    "gnu-other-name": Trick(
        tree(
            lambda top: long_name(top + b"/pyproject.toml"),
            lambda top: member(top + b"/zz", b"x\n", magic=GNU),
        ),
        tree(text(b"zz")),
    ),
    "parent": Trick(tree(lambda _: member(b"../zz", b"x\n")), tree(text(b"zz"))),
}
"""The kinds of disagreement; which ones there are, tests/sources/archive/test_tar.py has."""
TRICKS = {
    **{f"wheel-{key}": one for key, one in WHEELS.items()},
    **{f"tree-{k}": t for k, t in TREES.items()},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The program, with every trick and twin on the index."""
    with LabIndex() as index:
        for label, one in TRICKS.items():
            index.add(one.trick(f"trick-{label}"))
            index.add(one.twin(f"twin-{label}"))
        yield Guarded(tmp_path_factory.mktemp("archives") / "home", index)


@pytest.mark.parametrize("label", TRICKS)
def test_a_trick_is_refused_and_leaves_nothing(run: Guarded, label: str) -> None:
    before = run.environment.files()
    elsewhere = sorted(path.name for path in run.environment.purelib.parent.iterdir())
    refused = run.run("install", f"trick-{label}")
    assert_refused(run, refused, BLOCKED, f"trick-{label}", before)
    assert sorted(path.name for path in run.environment.purelib.parent.iterdir()) == elsewhere
    assert " is not a sound " in " ".join(refused.err.split()), refused


def test_the_honest_twins_are_installed(run: Guarded) -> None:
    environment = VirtualEnvironment.create(run.home / "twins")
    names = [f"twin-{label}" for label in TRICKS]
    done = run.run("install", *names, options=("--python", str(environment.python)))
    assert done.code == 0, done
    assert {name for name, _ in environment.distributions()} == set(names)


def test_plain_pip_takes_what_is_refused_here_or_leaves_a_part_of_it(run: Guarded) -> None:
    """Else the tricks were none."""
    environment = VirtualEnvironment.create(run.home / "plain")
    labels = ("wheel-case", "wheel-two-archives", "wheel-between", "wheel-unicode-form")
    done = plain_pip(run, "install", *(f"trick-{label}" for label in labels), environment=environment)
    assert done.code == 0, done
    before = environment.files()
    refused = plain_pip(run, "install", "trick-wheel-parent", environment=environment)
    assert refused.code != 0, refused
    assert environment.files() != before
