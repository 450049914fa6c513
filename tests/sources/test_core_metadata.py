"""Metadata and build requirements are read as installers read them, or the file is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from tests.lab.artifacts import build_sdist, build_wheel
from trustguard.model.build import Build
from trustguard.model.claims import Claims, Statement
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import CoreMetadata
from trustguard.sources.core_metadata import (
    METADATA_LIMIT,
    SdistTop,
    binding,
    from_wheel,
    parse,
    statement,
    static,
    top_of_sdist,
)

WHEEL = "holy_grail-1.0-py3-none-any.whl"
DIST_INFO = "holy_grail-1.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: Holy.Grail\nVersion: 1.0\n"
SDIST = "holygrail-1.0.tar.gz"
PYPROJECT = b'[build-system]\nrequires = ["hatchling>=1", "wheel; os_name == \'nt\'"]\n'
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


# Core metadata


def test_the_fields_that_decide_what_is_installed_are_read() -> None:
    content = (
        b"Metadata-Version: 2.1\n"
        b"name: Holy.Grail\n"
        b"VERSION: 1.0\n"
        b"Requires-Python: >=3.9\n"
        b"Requires-Dist: swallow>=2\n"
        b'Requires-Dist: coconut[hard] ; \n        extra == "knights"\n'
        b"Provides-Extra: knights\n"
        b"\n"
        b"Requires-Dist: only-a-description\n"
    )
    assert parse(content) == CoreMetadata(
        name="Holy.Grail",
        version="1.0",
        requires_dist=("swallow>=2", 'coconut[hard] ; extra == "knights"'),
        requires_python=">=3.9",
        provides_extra=("knights",),
    )


def test_what_is_not_utf_8_does_no_harm_outside_of_the_fields() -> None:
    found = parse(METADATA + b"Author: Ren\xe9\nRequires-Dist: caf\xe9\n\n\xff\xfe")
    assert found.name == "Holy.Grail"
    assert found.requires_dist == ("caf\ufffd",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n" + METADATA,
        b"Version: 1.0\n",
        b"Name: x\n",
        METADATA + b"Name: other\n",
        METADATA + b"name: Holy.Grail\n",
        METADATA + b"Version: 2.0\n",
        b"Name: not a name\nVersion: 1.0\n",
        b"Name: x\nVersion: one\n",
        b"Name: \xff\nVersion: 1.0\n",
        METADATA + b"\n" + b"x" * METADATA_LIMIT,
    ],
    ids=range(11),
)
def test_metadata_that_does_not_say_once_what_it_is_of_is_refused(content: bytes) -> None:
    with pytest.raises(SourceRefused, match="core metadata is malformed"):
        parse(content)


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python reads any number")
def test_a_version_with_a_number_that_python_does_not_read_is_none() -> None:
    number = b"1" * 5000
    with pytest.raises(SourceRefused, match="its Version is '1111"):
        parse(b"Name: x\nVersion: %b\n" % number)
    assert binding(SdistTop(None, b"Metadata-Version: %b\n" % number + METADATA)) is None


def test_a_requirement_is_refused_that_is_nested_too_deeply_for_a_parser() -> None:
    def nested(depth: int) -> bytes:
        return METADATA + f"Requires-Dist: a; {'(' * depth}os_name == 'x'{')' * depth}\n".encode()

    assert str(Requirement(parse(nested(100)).requires_dist[0])) == 'a; os_name == "x"'
    with pytest.raises(SourceRefused, match="more than 100 brackets"):
        parse(nested(101))


@pytest.mark.parametrize("char", ["\x1b", "\x9b", "\x85", "\x1c", "\u202e", "\u2028", "\u200b", "\ue000"])
@pytest.mark.parametrize("field", ["Requires-Dist", "Requires-Python", "Provides-Extra"])
def test_metadata_is_refused_whose_resolver_s_fields_have_what_cannot_be_seen(field: str, char: str) -> None:
    """Installers quote these fields as they stand; no grammar of theirs has such a character."""
    with pytest.raises(SourceRefused, match=f"its {field} has a character in it that cannot be seen"):
        parse(METADATA + f"{field}: a{char}b\n".encode())
    assert parse(METADATA + f"Summary: a{char}b\n".encode()).name == "Holy.Grail"


@pytest.mark.parametrize("value", ["a>=dev-1", "a (>=1.0", "größe; \n\textra == 'x'", "漢字\u00a0>=1"])
def test_a_requirement_that_is_malformed_otherwise_is_the_installer_s_to_pass_over(value: str) -> None:
    assert parse(METADATA + f"Requires-Dist: {value}\n".encode()).requires_dist == (" ".join(value.split()),)


def test_metadata_of_the_limit_s_size_passes() -> None:
    content = METADATA + b"\n"
    assert parse(content + b"x" * (METADATA_LIMIT - len(content))).version == "1.0"


@UNHURRIED
@given(st.binary(max_size=300))
def test_no_bytes_make_anything_but_metadata_or_a_refusal(content: bytes) -> None:
    for data in (content, METADATA + content):
        try:
            assert parse(data).name
        except SourceRefused:
            continue


# Wheels


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    file.seek(0)
    return file


def test_the_metadata_of_a_wheel_is_read_from_a_path_and_from_a_file(tmp_path: Path) -> None:
    wheel = build_wheel("Holy.Grail", "1.0", requires=["swallow"])
    path = tmp_path / "wheel"
    path.write_bytes(wheel.content)
    assert from_wheel(path, wheel.filename) == wheel.metadata
    assert from_wheel(io.BytesIO(wheel.content), wheel.filename) == wheel.metadata


@pytest.mark.parametrize("folder", [DIST_INFO, "Holy.Grail-1.0.dist-info", "holy-grail-1.0.dist-info"])
def test_the_folder_s_name_counts_in_its_normal_form(folder: str) -> None:
    wheel = packed(("x.py", b""), ("x/METADATA", b""), (f"{folder}/METADATA", METADATA))
    assert from_wheel(wheel, WHEEL) == METADATA


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_two_methods_of_packing_that_wheels_use_are_read(method: int) -> None:
    assert from_wheel(packed((f"{DIST_INFO}/METADATA", METADATA), method=method), WHEEL) == METADATA


@pytest.mark.parametrize(
    "members",
    [
        [],
        [("x.py", b"")],
        [(f"{DIST_INFO}/RECORD", b"")],
        [("holy_grail-1.0.data/METADATA", METADATA)],
        [(f"sub/{DIST_INFO}/METADATA", METADATA)],
        [("holy-1.0.dist-info/METADATA", METADATA)],
        [("holy_grail_too-1.0.dist-info/METADATA", METADATA)],
        [("holy_grail.dist-info/METADATA", METADATA)],
        [(f"{DIST_INFO}/METADATA", METADATA), ("other-1.0.dist-info/METADATA", METADATA)],
        [(f"{DIST_INFO}/METADATA", METADATA), ("other-1.0.DIST-INFO/RECORD", b"")],
        [(f"{DIST_INFO}/METADATA", METADATA + b"x" * METADATA_LIMIT)],
    ],
    ids=range(11),
)
def test_a_wheel_without_exactly_one_metadata_of_its_own_is_refused(members: list[tuple[str, bytes]]) -> None:
    with pytest.raises(SourceRefused, match="is not a sound wheel"):
        from_wheel(packed(*members), WHEEL)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_wheel_with_two_metadata_of_one_name_is_refused() -> None:
    twice = packed((f"{DIST_INFO}/METADATA", METADATA), (f"{DIST_INFO}/METADATA", METADATA + b"X: y\n"))
    with pytest.raises(SourceRefused, match="two entries"):
        from_wheel(twice, WHEEL)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_method_of_packing_is_refused(method: int) -> None:
    with pytest.raises(SourceRefused, match=f"method {method}"):
        from_wheel(packed((f"{DIST_INFO}/METADATA", METADATA), method=method), WHEEL)


def test_an_encrypted_wheel_is_refused() -> None:
    content = bytearray(packed((f"{DIST_INFO}/METADATA", METADATA)).getvalue())
    # The general purpose flags of the central directory entry (APPNOTE 4.3.12): bit 0 says encrypted.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceRefused, match="encrypted"):
        from_wheel(io.BytesIO(bytes(content)), WHEEL)


def test_a_wheel_that_is_damaged_or_none_is_refused(tmp_path: Path) -> None:
    sound = packed((f"{DIST_INFO}/METADATA", METADATA * 50), method=zipfile.ZIP_DEFLATED).getvalue()
    start = sound.index(b"METADATA") + 8
    for broken in (
        b"",
        b"no zip",
        sound[:-10],
        sound[:start] + bytes(20) + sound[start + 20 :],
        sound[:start] + b"\xff" * 20 + sound[start + 20 :],
    ):
        with pytest.raises(SourceRefused):
            from_wheel(io.BytesIO(broken), WHEEL)
    with pytest.raises(SourceRefused):
        from_wheel(tmp_path / "nowhere", WHEEL)
    with pytest.raises(SourceRefused):
        from_wheel(io.BytesIO(sound), "no wheel")


@UNHURRIED
@given(st.data())
def test_no_damage_to_a_wheel_makes_anything_but_bytes_or_a_refusal(data: st.DataObject) -> None:
    content = bytearray(packed((f"{DIST_INFO}/METADATA", METADATA)).getvalue())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        from_wheel(io.BytesIO(bytes(content)), WHEEL)
    except SourceRefused:
        return


# Sdists


def tarred(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            archive.addfile(info, io.BytesIO(member[1]))
    return file.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def requires(tmp_path: Path, content: bytes, filename: str = SDIST) -> tuple[str, ...] | None:
    path = tmp_path / "archive"
    path.write_bytes(content)
    return top_of_sdist(path, filename).build_requires


def test_the_build_requirements_of_an_sdist_are_read(tmp_path: Path) -> None:
    sdist = build_sdist("holygrail", "1.0", pyproject=PYPROJECT.decode())
    expected = ("hatchling>=1", "wheel; os_name == 'nt'")
    assert requires(tmp_path, sdist.content, sdist.filename) == expected
    assert top_of_sdist(io.BytesIO(sdist.content), sdist.filename).build_requires == expected


@pytest.mark.parametrize(
    ("pyproject", "files", "build"),
    [
        (None, {}, Build()),
        (None, {"setup.py": ""}, Build(setup_py=True)),
        (None, {"Setup.PY": ""}, Build(setup_py=True)),
        (None, {"src/setup.py": ""}, Build()),
        ("[project]", {"setup.py": ""}, Build(setup_py=True)),
        ("[build-system]\nrequires = []", {"setup.py": ""}, Build(setup_py=True)),
        ("[build-system]\nrequires = []\nbuild-backend = 'a.b:c'", {}, Build("a.b:c")),
        (
            "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']",
            {},
            Build("own", in_tree=True),
        ),
    ],
)
def test_what_would_be_run_to_build_an_sdist_is_read(
    pyproject: str | None, files: dict[str, str], build: Build
) -> None:
    """PEP 517: the backend, whether it lies in the sdist, and whether there is a ``setup.py``."""
    sdist = build_sdist("holygrail", "1.0", pyproject=pyproject, files=files)
    assert top_of_sdist(io.BytesIO(sdist.content), sdist.filename).build == build


def test_what_an_sdist_says_of_itself_is_read() -> None:
    sdist = build_sdist("holygrail", "1.0", requires=["knights>=2"], metadata_version="2.2")
    top = top_of_sdist(io.BytesIO(sdist.content), sdist.filename)
    assert top.pkg_info == sdist.pkg_info
    assert top.build_requires is None
    assert binding(top) == CoreMetadata("holygrail", "1.0", requires_dist=("knights>=2",))


@pytest.mark.parametrize("version", ["1.0", "1.2", "2.1", "", "two", None])
def test_what_was_said_before_pep_643_binds_nobody(version: str | None) -> None:
    stated = b"" if version is None else f"Metadata-Version: {version}\n".encode()
    assert binding(SdistTop(None, stated + b"Name: another\nVersion: 9\n")) is None
    assert binding(SdistTop(None, None)) is None


def test_what_should_bind_and_cannot_be_read_is_refused() -> None:
    with pytest.raises(SourceRefused, match="Version"):
        binding(SdistTop(None, b"Metadata-Version: 2.2\nName: holygrail\n"))


@pytest.mark.parametrize("fields", ["", "Dynamic: License-File\nDynamic: classifier\n"])
def test_an_sdist_that_leaves_nothing_to_the_build_that_a_resolver_asks_for_is_static(fields: str) -> None:
    stated = (
        f"Metadata-Version: 2.2\nName: holygrail\nVersion: 1.0\nRequires-Dist: knights\n{fields}".encode()
    )
    assert static(SdistTop(None, stated)) == stated


@pytest.mark.parametrize("field", ["Requires-Dist", "requires-python ", "PROVIDES-EXTRA"])
def test_an_sdist_that_leaves_one_of_these_to_the_build_is_not(field: str) -> None:
    stated = f"Metadata-Version: 2.4\nName: holygrail\nVersion: 1.0\nDynamic: Summary\nDynamic: {field}\n"
    assert static(SdistTop(None, stated.encode())) is None


def test_an_sdist_from_before_pep_643_or_without_pkg_info_is_not_static() -> None:
    assert static(SdistTop(None, b"Metadata-Version: 2.1\nName: holygrail\nVersion: 1.0\n")) is None
    assert static(SdistTop(None, None)) is None


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".tar.gz", gzip.compress),
        (".tgz", gzip.compress),
        (".tar.bz2", bz2.compress),
        (".tar.xz", lzma.compress),
    ],
)
def test_every_kind_of_packed_tar_is_read(tmp_path: Path, ending: str, pack: object) -> None:
    archive = tarred(
        special("holygrail-1.0", tarfile.DIRTYPE),
        ("holygrail-1.0/setup.py", b"x" * 200_000),
        (f"holygrail-1.0/{'long/' * 60}pyproject.toml", b"not the one"),
        ("holygrail-1.0/pyproject.toml", PYPROJECT),
        ("holygrail-1.0/sub/pyproject.toml", b"not the one"),
        ("holygrail-1.0/z.bin", bytes(range(256)) * 2000),
    )
    assert callable(pack)
    assert requires(tmp_path, pack(archive), f"holygrail-1.0{ending}") is not None


def test_a_zip_is_read_too(tmp_path: Path) -> None:
    content = packed(("holygrail-1.0/", b""), ("holygrail-1.0/pyproject.toml", PYPROJECT)).getvalue()
    assert requires(tmp_path, content, "holygrail-1.0.zip") == ("hatchling>=1", "wheel; os_name == 'nt'")


@pytest.mark.parametrize("pyproject", [None, b"", b"[project]\nname = 'x'\n"])
def test_an_sdist_that_says_nothing_of_its_build_has_none_to_tell(
    tmp_path: Path, pyproject: bytes | None
) -> None:
    members = [("holygrail-1.0/setup.py", b"")]
    members += [] if pyproject is None else [("holygrail-1.0/pyproject.toml", pyproject)]
    assert requires(tmp_path, gzip.compress(tarred(*members))) is None


@pytest.mark.parametrize(
    "pyproject",
    [
        b"[build-system",
        b"\xff",
        b"build-system = 1\n",
        b"[build-system]\n",
        b"[build-system]\nrequires = 'setuptools'\n",
        b"[build-system]\nrequires = [1]\n",
        b"[build-system]\nrequires = ['not a requirement']\n",
        b"[build-system]\nrequires = []\nbuild-backend = 1\n",
        b"[build-system]\nrequires = []\nbackend-path = '.'\n",
        b"[build-system]\nrequires = []\nbackend-path = [1]\n",
        b"x = " + b"[" * 100_000,
        b"#" + b" " * (2 << 20),
    ],
    ids=range(12),
)
def test_a_malformed_build_system_is_refused(tmp_path: Path, pyproject: bytes) -> None:
    with pytest.raises(SourceRefused, match="is not a sound sdist"):
        requires(tmp_path, gzip.compress(tarred(("holygrail-1.0/pyproject.toml", pyproject))))


def of_pyproject(tmp_path: Path, text: str) -> tuple[str, ...] | None:
    """The build requirements of an sdist with this pyproject.toml."""
    return requires(tmp_path, gzip.compress(tarred(("holygrail-1.0/pyproject.toml", text.encode()))))


STRINGS = '# "\na = """x""""\nb = \'\'\'y\'\'\'\'\nc = {d = """z"""""'
"""What may come before a key: an inline table that is open, and strings that end in more quotes."""


@pytest.mark.parametrize("part", ["a", '"a"', "'.'", '"\\"."', '""'])
def test_a_key_of_more_than_32_parts_is_refused_however_it_is_written(tmp_path: Path, part: str) -> None:
    def key(parts: int) -> str:
        return " . ".join([part] * parts)

    assert of_pyproject(tmp_path, f"{STRINGS}, {key(32)} = 1}}\n") is None
    for long in (f"{key(33)} = 1", f"[{key(33)}]", f"[[{key(33)}]]", f"{STRINGS}, {key(33)} = 1}}"):
        with pytest.raises(SourceRefused, match="a key of more than 32 parts"):
            of_pyproject(tmp_path, f"{long}\n")


def test_a_key_of_very_many_parts_is_refused_before_anybody_works_on_it(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="a key of more than 32 parts"):
        of_pyproject(tmp_path, f"{'a.' * 1_000_000}a = 1\n")


def test_a_string_without_an_end_is_read_once(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="is not TOML"):
        of_pyproject(tmp_path, 'a = "' + '\\"' * 900_000 + "." * 40)


def test_dots_in_strings_and_comments_are_no_keys(tmp_path: Path) -> None:
    dots = "a." * 40
    lines = (f"# {dots}", f'b = "{dots}"', f"c = '{dots}'", f'd = """\n{dots}"""', f"e = '''\n{dots}'''")
    text = "\n".join((*lines, "[build-system]", "requires = ['x']", ""))
    assert of_pyproject(tmp_path, text) == ("x",)


def test_what_is_needed_to_build_is_bounded(tmp_path: Path) -> None:
    def needed(*lines: str) -> str:
        return f"[build-system]\nrequires = {json.dumps(lines)}\n"

    assert of_pyproject(tmp_path, needed(*["a"] * 1000)) == ("a",) * 1000
    assert of_pyproject(tmp_path, needed("a" * 1000)) == ("a" * 1000,)
    brackets = f"a; {'(' * 101}os_name == 'x'{')' * 101}"
    for beyond in (needed(*["a"] * 1001), needed("a" * 1001), needed(brackets)):
        with pytest.raises(SourceRefused, match="build requirement"):
            of_pyproject(tmp_path, beyond)


TOP = "holygrail-1.0"
GOOD = (f"{TOP}/pyproject.toml", PYPROJECT)
HOSTILE: dict[str, Iterable[tuple[str, bytes] | tarfile.TarInfo]] = {
    "a second pyproject": [GOOD, (f"{TOP}/pyproject.toml", b"")],
    "a second pyproject, spelled in another way": [GOOD, (f"./{TOP}//pyproject.toml", b"")],
    "a spelling for file systems that ignore case": [(f"{TOP}/PyProject.TOML", PYPROJECT)],
    "a symbolic link": [
        (f"{TOP}/other.toml", PYPROJECT),
        special(f"{TOP}/pyproject.toml", tarfile.SYMTYPE, "other.toml"),
    ],
    "a hard link": [
        (f"{TOP}/other.toml", PYPROJECT),
        special(f"{TOP}/pyproject.toml", tarfile.LNKTYPE, f"{TOP}/other.toml"),
    ],
    "a folder": [special(f"{TOP}/pyproject.toml", tarfile.DIRTYPE)],
    "a second folder at the top": [GOOD, ("elsewhere/pyproject.toml", b"")],
    "a file at the top": [GOOD, ("pyproject.toml", b"")],
    "a link at the top": [special(TOP, tarfile.SYMTYPE, "elsewhere")],
    "a path that leads out": [GOOD, (f"{TOP}/../pyproject.toml", b"")],
    "an absolute path": [GOOD, (f"/{TOP}/pyproject.toml", b"")],
    "a backslash": [GOOD, (f"{TOP}\\pyproject.toml", b"")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_what_could_become_something_else_when_unpacked_is_refused(
    tmp_path: Path, members: Iterable[tuple[str, bytes] | tarfile.TarInfo]
) -> None:
    with pytest.raises(SourceRefused, match="is not a sound sdist"):
        requires(tmp_path, gzip.compress(tarred(*members)))
    assert requires(tmp_path, gzip.compress(tarred(GOOD))) is not None


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("holygrail-1.0/pyproject.toml")
    info.external_attr = 0o120777 << 16  # S_IFLNK
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, "other.toml")
    with pytest.raises(SourceRefused, match="not an ordinary"):
        requires(tmp_path, file.getvalue(), "holygrail-1.0.zip")


def test_an_unusual_packing_in_a_zip_is_refused(tmp_path: Path) -> None:
    content = packed(GOOD, method=zipfile.ZIP_LZMA).getvalue()
    with pytest.raises(SourceRefused, match="packed in an unusual way"):
        requires(tmp_path, content, "holygrail-1.0.zip")


def test_a_header_that_claims_to_be_huge_is_not_believed(tmp_path: Path) -> None:
    # A pax header's content is read in one piece; this one says that it has 1 GiB, and brings 16 MiB.
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 30
    with pytest.raises(SourceRefused):
        requires(tmp_path, gzip.compress(header.tobuf() + bytes(16 << 20)))


@pytest.mark.parametrize(
    "filename", [SDIST, "holygrail-1.0.tar.bz2", "holygrail-1.0.tar.xz", "holygrail-1.0.zip"]
)
@pytest.mark.parametrize(
    "content", [b"", b"no archive", gzip.compress(tarred(GOOD))[:-20], lzma.compress(b"x" * 9)[:-9]]
)
def test_an_archive_that_is_damaged_or_none_is_refused(tmp_path: Path, filename: str, content: bytes) -> None:
    with pytest.raises(SourceRefused):
        requires(tmp_path, content, filename)


def test_what_is_no_sdist_is_refused(tmp_path: Path) -> None:
    for filename in (WHEEL, "holygrail-1.0.egg", "x"):
        with pytest.raises(SourceRefused, match="not an sdist"):
            requires(tmp_path, b"", filename)
    with pytest.raises(SourceRefused):
        top_of_sdist(tmp_path / "nowhere", SDIST)


@UNHURRIED
@given(st.data())
def test_no_damage_to_an_archive_makes_anything_but_an_answer_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(tarred(GOOD, special(f"{TOP}/x", tarfile.SYMTYPE, "y" * 200)))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        requires(tmp_path_factory.getbasetemp(), gzip.compress(bytes(content), 1))
    except SourceRefused:
        return


# Origin and authors


def said(*lines: str, body: str = "") -> Statement:
    """What metadata with these fields says of origin and authors."""
    text = "\n".join(["Metadata-Version: 2.1", "Name: demo", "Version: 1.0", *lines]) + f"\n\n{body}"
    return statement(text.encode())


def test_a_statement_has_what_is_said_of_origin_and_authors() -> None:
    assert said(
        "Summary: HTTP for\n        Humans",
        "Home-page: https://demo.example",
        "Project-URL: Source, https://github.com/acme/demo",
        "Project-URL: Docs, https://docs.example",
        "Author: Ann  Smith",
        'Author-email: "Ann Smith" <Ann@Acme.example>, bob@acme.example',
        body="the description\n",
    ) == Statement(
        summary="HTTP for Humans",
        description="the description\n",
        project_urls=("Source, https://github.com/acme/demo", "Docs, https://docs.example"),
        home_page="https://demo.example",
        people=("ann smith", "ann@acme.example", "bob@acme.example"),
    )


def test_a_description_may_be_a_field() -> None:
    assert said("Description: once a field").description == "once a field"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((), ""),
        (("Classifier: Programming Language :: Python",), ""),
        (("Classifier: Development Status :: 7 - Inactive",), "7 - Inactive"),
        (
            (
                "Classifier: Development Status :: 7 - Inactive",
                "Classifier: Topic :: Software Development",
                "Classifier: Development Status :: 4 - Beta",
            ),
            "7 - Inactive",
        ),
        (("Summary: Development Status :: 7 - Inactive",), ""),
        ((f"Classifier: Development Status :: {'7' * 50}",), "7" * 40),
    ],
)
def test_the_development_status_is_the_last_that_its_classifiers_state(
    lines: tuple[str, ...], status: str
) -> None:
    found = said(*lines)
    assert found.development_status == found.claims.development_status == status


@pytest.mark.parametrize(
    "line",
    [
        "Author: UNKNOWN",
        "Author: Your Name",
        "Author-email: author@example.com",
        "Author-email: you@mail.com",
    ],
)
def test_placeholders_are_nobody(line: str) -> None:
    assert said(line).people == ()


def test_metadata_that_says_nothing_of_origin_is_an_empty_statement() -> None:
    assert said() == Statement()


def test_a_statement_is_bounded() -> None:
    lines = [f"Project-URL: {number}, https://host.example/{number}" for number in range(1000)]
    names = ", ".join(f"name {number}" for number in range(1000))
    found = said(*lines, f"Author: {names}")
    assert (len(found.project_urls), len(found.people)) == (100, 100)


def test_an_author_s_address_with_thousands_of_comments_in_comments_is_text_like_any_other() -> None:
    assert said(f"Author-email: {'(' * 3000} jane").people == ("(" * 3000 + " jane",)


@pytest.mark.parametrize("line", ["<>", ",", "( ("])
def test_an_address_without_a_letter_is_nobody_s(line: str) -> None:
    assert said(f"Author-email: {line}").people == ()


def test_a_long_name_is_compared_with_placeholders_in_one_pass() -> None:
    # Compared from every @ to every dot, it would take hours.
    assert said(f"Author: {'@.' * 500_000}").people == ("@." * 500_000,)


@given(st.binary(max_size=400))
def test_a_statement_can_be_made_of_any_bytes(content: bytes) -> None:
    assert isinstance(statement(content).claims, Claims)
