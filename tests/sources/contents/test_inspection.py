"""What is shown of a file is what stands in it; what cannot be read is left out and said."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.forged import changed, forged, info
from tests.reports.samples import evidence
from trustguard.checks import NoSettings, Standing, artifact_integrity, startup_code
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import Absent, CoreMetadata, Fact, Known
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.inspection import Compiled, CompiledKind, EntryPoint, Excerpt, Inspection, Item
from trustguard.model.project import FileName
from trustguard.sources import core_metadata
from trustguard.sources.archive import Archive, open_archive
from trustguard.sources.contents.examination import examine
from trustguard.sources.contents.inspection import inspect
from trustguard.sources.sdist import is_at_the_top

INFO = info("demo")
PYTHON = b"pass\n"


def inspected(artifact: Artifact, findings: Iterable[Finding] = ()) -> Inspection:
    """What is shown of a file."""
    name = FileName.parse(artifact.filename)
    with open_archive(io.BytesIO(artifact.content), artifact.filename, keep=is_at_the_top) as archive:
        return inspect(archive, name, len(artifact.content), findings)


def excerpts(wheel: Artifact) -> list[Excerpt]:
    """What is shown of what the two checks find in a wheel."""
    name = FileName.parse(wheel.filename)
    with open_archive(io.BytesIO(wheel.content), wheel.filename) as archive:
        contents = examine(archive, name).contents
        facts = replace(evidence(wheel.filename), contents=Known(contents), metadata=_metadata(archive, name))
        found = artifact_integrity.check(facts, NoSettings()) + startup_code.check(facts, Standing())
        return list(inspect(archive, name, len(wheel.content), found, contents.start_up).excerpts)


def _metadata(archive: Archive, name: FileName) -> Fact[CoreMetadata]:
    try:
        return Known(core_metadata.parse(core_metadata.of_wheel(archive, name.project)))
    except SourceRefused:
        return Absent()


def quoted(wheel: Artifact) -> list[tuple[str, int | None, str]]:
    """The places and the texts of these."""
    return [(one.path, one.line, one.text) for one in excerpts(wheel)]


def test_a_wheel_is_shown_entry_by_entry_with_what_it_says_of_itself() -> None:
    lines = ["Summary: a thing", "License-Expression: MIT", "Home-page: https://demo.example"]
    lines += ["Project-URL: Source, https://forge.example/demo", "Provides-Extra: fast"]
    wheel = build_wheel(
        "Demo",
        "1.0",
        files={"demo/__init__.py": PYTHON},
        requires=["idna>=3"],
        requires_python=">=3.10",
        extra_metadata=lines,
        entry_points={"console_scripts": {"demo": "demo:main"}, "demo.plug-ins": {"a": "demo"}},
    )
    found = inspected(wheel)
    assert found.packed == len(wheel.content)
    assert found.items[0] == Item("demo/__init__.py", "file", 5)
    assert {item.path for item in found.items[1:]} == {
        f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")
    }
    assert found.entry_points == (
        EntryPoint("console_scripts", "demo", "demo:main"),
        EntryPoint("demo.plug-ins", "a", "demo"),
    )
    summary = found.summary
    assert summary is not None
    assert (summary.name, summary.version, summary.metadata_version) == ("Demo", "1.0", "2.1")
    assert (summary.summary, summary.licence, summary.requires_python) == ("a thing", "MIT", ">=3.10")
    assert (summary.requires_dist, summary.provides_extra) == (("idna>=3",), ("fast",))
    assert summary.project_urls == ("Home-page, https://demo.example", "Source, https://forge.example/demo")
    assert (found.compiled, found.excerpts, found.unread) == ((), (), "")


def test_an_sdist_is_shown_with_its_pkg_info_executables_and_links() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content, mode in (
            ("PKG-INFO", b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nSummary: a thing\n", 0o644),
            ("setup.py", PYTHON, 0o755),
        ):
            member = tarfile.TarInfo(f"demo-1.0/{path}")
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("demo-1.0/build.py")
        link.type, link.linkname = tarfile.SYMTYPE, "setup.py"
        archive.addfile(link)
    found = inspected(Artifact("demo-1.0.tar.gz", buffer.getvalue(), "demo", "1.0"))
    assert found.summary is not None
    assert found.summary.summary == "a thing"
    assert found.items[1:] == (
        Item("demo-1.0/setup.py", "file", 5, executable=True),
        Item("demo-1.0/build.py", "symbolic link", 0, target="setup.py"),
    )
    assert (found.files, found.entry_points, found.unread) == (3, (), "")


def test_an_sdist_without_metadata_says_nothing_of_itself() -> None:
    content = _tar({"demo-1.0/setup.py": PYTHON})
    found = inspected(Artifact("demo-1.0.tar.gz", content, "demo", "1.0"))
    assert (found.summary, found.unread) == (None, "")


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT", "License: old", "Classifier: License :: Public Domain"], "MIT"),
        (["License: long text", "Classifier: License :: OSI Approved :: MIT License"], "MIT License"),
        (["Classifier: License :: A", "Classifier: Topic :: X", "Classifier: License :: B"], "A, B"),
        (["License: BSD", "        Copyright somebody"], "BSD"),
        ([], ""),
    ],
)
def test_the_licence_is_the_expression_or_what_was_usual_before_it(lines: list[str], licence: str) -> None:
    """PEP 639: License-Expression takes the place of License and of the classifiers."""
    summary = inspected(build_wheel("demo", "1.0", extra_metadata=lines)).summary
    assert summary is not None
    assert summary.licence == licence


PE = b"MZ".ljust(0x3C, b"\0") + (0x80).to_bytes(4, "little") + b"\0" * 0x40 + b"PE\0\0"
FORMS: list[tuple[str, bytes, CompiledKind | None]] = [
    ("fast.so", b"\x7fELF\2\1\1", "ELF"),
    ("hidden.txt", b"\x7fELF\2\1\1", "ELF"),
    ("fast.dylib", b"\xcf\xfa\xed\xfe\7\0\0\1", "Mach-O"),
    ("both.dylib", b"\xca\xfe\xba\xbe\0\0\0\2", "Mach-O"),
    ("Some.class", b"\xca\xfe\xba\xbe\0\0\0\x34", None),  # a Java class, of version 52
    ("fast.pyd", PE, "PE"),
    (
        "poem.txt",
        b"MZ is how a poem may begin as well, and go on for as long as this one does, is it not so?",
        None,
    ),
    ("fast.wasm", b"\0asm\1\0\0\0", "WebAssembly"),
    ("fast.a", b"!<arch>\nx", "static library"),
    ("fast.exe", b"not one", "unknown"),
    ("libz.so.1", b"GROUP ( libz.so )", "unknown"),
    ("empty.so", b"", None),
    ("plain.py", PYTHON, None),
]


@pytest.mark.parametrize(("path", "content", "kind"), FORMS, ids=[path for path, *_ in FORMS])
def test_what_is_compiled_is_told_by_its_first_bytes(
    path: str, content: bytes, kind: CompiledKind | None
) -> None:
    found = inspected(forged("demo", {f"demo/{path}": content}))
    expected = () if kind is None else (Compiled(f"demo/{path}", len(content), kind),)
    assert found.compiled == expected


def test_bytecode_is_told_with_whether_its_source_is_there() -> None:
    """PEP 3147: the source of ``a/__pycache__/m.cpython-311.pyc`` is ``a/m.py``."""
    files: dict[str, str | bytes | None] = {
        "a/m.py": PYTHON,
        "a/__pycache__/m.cpython-311.opt-1.pyc": b"x",
        "a/__pycache__/n.cpython-311.pyc": b"x",
        "a/o.pyc": b"x",
        "p.py": PYTHON,
        "p.pyc": b"x",
    }
    assert [(one.path, one.kind) for one in inspected(forged("demo", files)).compiled] == [
        ("a/__pycache__/m.cpython-311.opt-1.pyc", "bytecode"),
        ("a/__pycache__/n.cpython-311.pyc", "bytecode without source"),
        ("a/o.pyc", "bytecode without source"),
        ("p.pyc", "bytecode"),
    ]


def test_what_cannot_be_read_to_its_end_is_shown_as_far_as_it_is_known() -> None:
    buffer = io.BytesIO()
    wheel = build_wheel("demo", "1.0")
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as honest, zipfile.ZipFile(buffer, "w") as stored:
        for entry in honest.infolist():
            stored.writestr(entry.filename, honest.read(entry))
    wheel = changed(wheel, buffer.getvalue().replace(b"VERSION =", b"VERSION=="))
    found = inspected(wheel)
    assert [item.path for item in found.items if "/" not in item.path] == ["demo.py"]
    assert found.summary is not None
    assert found.compiled == ()
    assert "the content of 'demo.py' does not have the CRC that it states" in found.unread


def test_metadata_that_is_none_is_said() -> None:
    found = inspected(forged("demo", {f"{INFO}/METADATA": "Name: demo\n"}))
    assert found.summary is None
    assert found.unread == "core metadata is malformed: it has 0 fields Version instead of one"


def test_a_wheel_without_a_dist_info_folder_is_shown_all_the_same() -> None:
    found = inspected(
        forged("demo", dict.fromkeys((f"{INFO}/METADATA", f"{INFO}/WHEEL")), record=lambda _: None)
    )
    assert [item.path for item in found.items] == ["demo.py"]
    assert "it has 0 .dist-info folders instead of one" in found.unread


def test_a_fault_of_record_is_shown_with_its_line() -> None:
    wheel = forged("demo", record=lambda text: f"{text}../../bin/python,,\nother/x.py,,\n")
    assert quoted(wheel) == [
        (f"{INFO}/RECORD", 5, "../../bin/python,,"),  # behind three files and RECORD itself
        (f"{INFO}/RECORD", 6, "other/x.py,,"),
    ]
    first, _ = excerpts(wheel)
    assert first.about.startswith(f"{wheel.filename}: its RECORD has a line for what is not in it")


def test_a_command_that_takes_another_name_is_shown_with_its_line() -> None:
    wheel = build_wheel("demo", "1.0", entry_points={"console_scripts": {"pip": "demo:VERSION"}})
    assert quoted(wheel) == [(f"{INFO}/entry_points.txt", 2, "pip = demo:VERSION")]


def test_metadata_of_another_project_is_shown_with_its_line() -> None:
    text = "Metadata-Version: 2.1\nName: requests\nVersion: 2.0\n"
    assert quoted(forged("demo", {f"{INFO}/METADATA": text})) == [
        (f"{INFO}/METADATA", 2, "Name: requests"),
        (f"{INFO}/METADATA", 3, "Version: 2.0"),
    ]


def test_of_wheel_the_whole_file_is_shown_where_no_line_is_meant() -> None:
    text = "Wheel-Version: 1.0\nTag: cp27-none-any\n"
    assert quoted(forged("demo", {f"{INFO}/WHEEL": text})) == [
        *[(f"{INFO}/WHEEL", 1, text)] * 2,  # it says neither once whether it is pure, nor how
        (f"{INFO}/WHEEL", 2, "Tag: cp27-none-any"),
    ]


def test_start_up_code_is_shown_in_its_own_lines() -> None:
    code = "import os\nimport  evil; evil.run()"
    wheel = forged("demo", {"demo.pth": f"# a comment\n{code}\n", "other.pth": "import other\n"})
    assert quoted(wheel) == [("demo.pth", None, code), ("other.pth", None, "import other")]


def test_plug_ins_are_shown_by_their_groups() -> None:
    groups = {"pytest11": {"a": "demo", "b": "demo:b"}, "distutils.commands": {"c": "demo:c"}}
    found = quoted(build_wheel("demo", "1.0", entry_points=groups))
    assert found == [
        (f"{INFO}/entry_points.txt", None, "[distutils.commands]\nc = demo:c"),
        (f"{INFO}/entry_points.txt", None, "[pytest11]\na = demo\nb = demo:b"),
    ]


def test_compiled_start_up_code_has_no_text_to_show() -> None:
    assert quoted(forged("demo", {"sitecustomize.pyc": b"\0"})) == []


@pytest.mark.parametrize(
    "problem",
    [
        "its RECORD says something of another project's",
        r"its RECORD has '\x'",
        "its RECORD has 'what is not there'",
        "its command 'x' is odd",
        "something else: 'demo.py'",
    ],
)
def test_a_finding_that_quotes_nothing_that_is_there_has_no_excerpt(problem: str) -> None:
    wheel = forged("demo")
    finding = Finding("artifact-integrity", Severity.HIGH, Confidence.HIGH, f"{wheel.filename}: {problem}")
    assert inspected(wheel, [finding]).excerpts == ()


def test_an_sdist_has_no_excerpts() -> None:
    sdist = build_sdist("demo", "1.0")
    finding = Finding("artifact-integrity", Severity.HIGH, Confidence.HIGH, "its metadata says 'demo'")
    assert inspected(sdist, [finding]).excerpts == ()
