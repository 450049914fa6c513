"""What is inside a wheel is gathered as the specifications say it, and honest wheels have no faults."""

from __future__ import annotations

import base64
import hashlib
import io
import py_compile
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from pip._vendor.distlib import DistlibException
from pip._vendor.distlib.util import get_export_entry

from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.forged import data, digest, forged, info, packed
from tests.lab.shipped.packer import wheel_file
from trustguard.model.contents import Contents, Fault, Occupied, Overlap, StartUp
from trustguard.model.errors import SourceRefused
from trustguard.model.project import FileName
from trustguard.sources.archive import open_archive
from trustguard.sources.contents import examine, unsound
from trustguard.sources.contents.entry_points import _made
from trustguard.sources.contents.faults import Faults

INFO, DATA = info("demo"), data("demo")
OTHER = NormalizedName("other")
Files = Mapping[str, str | bytes | None]


def inside(artifact: Artifact, occupied: Occupied | None = None) -> Contents:
    """What is found in it."""
    name = FileName.parse(artifact.filename)
    with open_archive(io.BytesIO(artifact.content), artifact.filename) as archive:
        return examine(archive, name, lambda: occupied or Occupied()).contents


def kinds(artifact: Artifact) -> list[str]:
    """The kinds of its faults."""
    return [fault.kind for fault in inside(artifact).faults]


def of_files(files: Files) -> Contents:
    """What is found in a wheel with further files."""
    return inside(forged("demo", files))


def recorded(change: Callable[[str], str | None], files: Files | None = None) -> list[str]:
    """The kinds of faults where RECORD was changed."""
    return kinds(forged("demo", files, record=change))


def with_line(line: str, files: Files | None = None) -> list[str]:
    """The kinds of faults with a further line in RECORD."""
    return recorded(lambda text: f"{line}\n{text}", files)


def test_an_honest_wheel_is_told_in_few_words() -> None:
    wheel = build_wheel(
        "demo",
        "1.0",
        files={"demo/__init__.py": "", "demo/fast.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"},
        entry_points={"console_scripts": {"demo": "demo:main"}, "demo.plug-ins": {"a": "demo"}},
    )
    found = inside(wheel)
    assert (found.files, found.compiled, found.scripts, found.top_level) == (6, 1, ("demo",), ("demo",))
    assert found.size > 4
    assert (found.faults, found.start_up, found.standard_library, found.overlaps) == ((), (), (), ())


@pytest.mark.parametrize(
    "line",
    ["demo.py", "demo.py,sha256=x", ",,", 'demo.py,"sha256=x,1', "a,b,c,d"],
)
def test_a_record_that_is_not_csv_of_three_columns_is_a_fault(line: str) -> None:
    assert "record" in with_line(line)


@pytest.mark.parametrize("between", ["\x0c", "\x0b", "\x1c", "\x85", "\u2028"])
def test_a_record_that_pip_splits_into_other_lines_is_a_fault(between: str) -> None:
    """``str.splitlines`` knows more ends of lines than CSV does (RFC 4180)."""
    assert "record-outside" in recorded(
        lambda text: re.sub(r"(\d)\n", rf"\1{between}other.py,,\n", text, count=1)
    )
    assert "record-outside" in with_line(f"demo.py{between}other.py,,")


def test_a_size_that_is_no_number_is_a_fault() -> None:
    assert recorded(lambda text: re.sub(r"(demo\.py,.*),\d+\n", r"\1,many\n", text)) == [
        "record",
        "record-quirk",
    ]


def test_a_record_that_is_not_utf_8_is_a_fault() -> None:
    files = {f"{INFO}/RECORD": b"\xff,,\n"}
    assert "record" in kinds(forged("demo", files))


def test_empty_lines_and_quotes_are_csv() -> None:
    quoted = '"a, b.py"'
    content = b"pass\n"
    wheel = forged(
        "demo",
        {"a, b.py": content},
        record=lambda text: text.replace("a, b.py,", f"{quoted},") + "\n",
    )
    assert kinds(wheel) == []


@pytest.mark.parametrize("name", ["RECORD.jws", "RECORD.p7s"])
def test_signatures_need_not_be_listed(name: str) -> None:
    """The binary distribution format: RECORD.jws and RECORD.p7s are not mentioned in RECORD at all."""
    wheel = forged(
        "demo",
        {f"{INFO}/{name}": "{}"},
        record=lambda text: "".join(line for line in text.splitlines(keepends=True) if name not in line),
    )
    assert kinds(wheel) == []


def test_a_signature_may_be_listed_without_a_digest() -> None:
    wheel = forged(
        "demo",
        {f"{INFO}/RECORD.jws": "{}"},
        record=lambda text: "".join(
            f"{INFO}/RECORD.jws,,\n" if "RECORD.jws" in line else line
            for line in text.splitlines(keepends=True)
        ),
    )
    assert kinds(wheel) == []


@pytest.mark.parametrize("algorithm", ["sha384", "sha512", "blake2b"])
def test_better_digests_than_sha256_are_compared_as_well(algorithm: str) -> None:
    content = b"pass\n"
    value = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    right = f"{algorithm}={value}"
    files = {"more.py": content}
    assert recorded(lambda text: text.replace(digest(content), right), files) == []
    wrong = right[:-2] + ("AA" if right[-2:] != "AA" else "BB")
    assert recorded(lambda text: text.replace(digest(content), wrong), files) == ["record-digest"]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "crc32", "shake_128", "SHA3"])
def test_weak_and_unknown_digests_prove_nothing(algorithm: str) -> None:
    """The binary distribution format: md5, sha1 and sha224 are not permitted."""
    assert set(recorded(lambda text: text.replace("sha256=", f"{algorithm}="))) == {"record-weak"}


def test_a_file_without_a_digest_is_a_fault() -> None:
    content = b"pass\n"
    assert recorded(lambda text: text.replace(digest(content), ""), {"more.py": content}) == ["record-weak"]


def test_padding_of_digests_and_empty_sizes_are_no_faults() -> None:
    content = b"pass\n"
    line = f"{digest(content)},{len(content)}"
    assert recorded(lambda text: text.replace(line, f"{digest(content)}=,"), {"more.py": content}) == []


def test_another_size_beside_a_right_digest_is_a_quirk() -> None:
    content = b"pass\n"
    line = f"{digest(content)},{len(content)}"
    changed = recorded(lambda text: text.replace(line, f"{digest(content)},9"), {"more.py": content})
    assert changed == ["record-quirk"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("other/a.py,,", "record-missing"),
        ("other/a.pyc,,", "record-missing"),
        ("demo.pyc,,", "record-quirk"),
        ("__pycache__/demo.cpython-311.opt-1.pyc,,", "record-quirk"),
        ("__pycache__/other.cpython-311.pyc,,", "record-missing"),
        ("other/,,", "record-outside"),
        ("./,,", "record-outside"),
        ("demo//a.py,,", "record-outside"),
        ("../a.py,,", "record-outside"),
        ("../a.pyc,,", "record-outside"),
        ("a/../../b,,", "record-outside"),
        ("/usr/bin/python,,", "record-outside"),
        ("C:/a,,", "record-outside"),
        ("..\\a.py,,", "record-outside"),
        ("\\a,,", "record-outside"),
        ("demo.py,sha256=AAAA,", "record-digest"),
    ],
)
def test_lines_without_a_file_are_told_by_what_an_uninstallation_would_do(line: str, kind: str) -> None:
    assert with_line(line)[0] == kind


def test_a_line_twice_is_a_quirk() -> None:
    assert recorded(lambda text: text.splitlines()[0] + "\n" + text) == ["record-quirk"]


def test_backslashes_of_old_tools_are_read_as_slashes() -> None:
    assert recorded(lambda text: text.replace("pkg/a.py", "pkg\\a.py"), {"pkg/a.py": "pass\n"}) == [
        "record-quirk"
    ]


@pytest.mark.parametrize(
    ("wheel", "expected"),
    [
        ("Wheel-Version: 1.9\nRoot-Is-Purelib: false\nTag: py3-none-any\n", []),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2.py3-none-any\n", ["tags"]),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\n", ["tags"]),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: nonsense\n", ["tags"]),
        ("Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", ["wheel-file"]),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: maybe\nTag: py3-none-any\n", ["wheel-file"]),
        (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
            ["wheel-file"],
        ),
    ],
)
def test_the_wheel_file_must_be_understood_and_fit_the_file_name(wheel: str, expected: list[str]) -> None:
    assert kinds(forged("demo", {f"{INFO}/WHEEL": wheel})) == expected


def test_tags_that_stand_for_billions_are_not_counted_out() -> None:
    many = ".".join(["a"] * 2000)
    wheel = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\nTag: {many}-{many}-{many}\n"
    assert kinds(forged("demo", {f"{INFO}/WHEEL": wheel})) == ["tags"]


def test_a_wheel_file_of_more_than_16_kib_is_not_read() -> None:
    text = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    for size, expected in ((16_384, []), (16_385, ["wheel-file"])):
        wheel = f"{text}Generator: {'x' * (size - len(text) - 12)}\n"
        assert len(wheel) == size
        assert kinds(forged("demo", {f"{INFO}/WHEEL": wheel})) == expected


@pytest.mark.parametrize(
    ("named", "stated", "expected"),
    [
        ("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-linux_x86_64", []),
        ("cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64", "cp311-cp311-linux_x86_64", []),
        ("py3-none-musllinux_1_2_aarch64", "py3-none-linux_aarch64", []),
        ("py3-none-manylinux1_x86_64", "py3-none-any", []),
        ("py3-none-macosx_11_0_arm64", "py3-none-any", []),
        ("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-linux_aarch64", ["tags"]),
        ("cp311-cp311-manylinux_2_28_x86_64", "cp310-cp310-linux_x86_64", ["tags"]),
        ("py3-none-any", "py3-none-linux_x86_64", ["tags"]),
        ("py3-none-macosx_11_0_arm64", "py3-none-linux_x86_64", ["tags"]),
    ],
)
def test_a_name_may_be_more_exact_on_the_platform(named: str, stated: str, expected: list[str]) -> None:
    """As in ray, vllm, playwright and mysql-connector-python, which rename what they have built."""
    wheel = forged("demo", {f"{INFO}/WHEEL": wheel_file(stated)})
    assert kinds(Artifact(f"demo-1.0-{named}.whl", wheel.content, "demo", "1.0")) == expected


def test_a_line_without_a_file_matters_where_another_project_may_have_it() -> None:
    """As in easyocr, whose RECORD has 83 lines for files in its own folder that were left out."""
    files: Files = {"demo/a.py": "", "pkg/a.py": ""}
    assert with_line("demo/dict/b.txt,,", files) == ["record-quirk"]
    assert with_line("DEMO/dict/b.txt,,", files) == ["record-missing"]
    assert with_line("pkg/b.py,,", files) == ["record-missing"]
    assert with_line("demo/dict/b.txt,,") == ["record-missing"]


def test_compressed_tags_are_compared_as_what_they_stand_for() -> None:
    assert kinds(build_wheel("demo", "1.0", tag="py2.py3-none-any")) == []
    assert wheel_file("py2.py3-none-any").count(b"Tag:") == 2


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"other-1.0.dist-info/METADATA": "x"}, ["dist-info"]),
        ({f"{DATA}/purelib/other-1.0.dist-info/METADATA": "x"}, ["dist-info", "dist-info"]),
        ({f"{DATA}/platlib/{INFO}/entry_points.txt": "x"}, ["dist-info"]),
        ({f"{INFO}/METADATA": None, f"{INFO}/WHEEL": None}, ["wheel-file"]),
        ({"other.egg-info/PKG-INFO": "x"}, ["foreign-metadata"]),
        ({"demo-1.0.egg-info/PKG-INFO": "x"}, ["record-quirk"]),
        ({"other-1.0.data/purelib/a.py": "x"}, ["data-scheme"]),
        ({f"{DATA}/secret/a.py": "x"}, ["unsound"]),
        ({f"{DATA}/loose.py": "x"}, ["unsound"]),
        ({"demo.data": "x"}, ["data-scheme", "unsound"]),
        ({f"{DATA}/data/pyvenv.cfg": "x"}, ["escape"]),
        ({f"{DATA}/data/bin/pyvenv.cfg": "x"}, ["escape"]),
        ({f"{DATA}/scripts/pyvenv.cfg": "x"}, ["escape"]),
        ({f"{DATA}/scripts/python311._pth": "x"}, ["escape"]),
        ({f"{DATA}/data/pip.conf": "x"}, ["escape"]),
        ({f"{DATA}/data/etc/pip.conf": "x"}, ["escape"]),
        ({f"{DATA}/data/PIP.INI": "x"}, ["escape"]),
        ({f"{DATA}/data/share/demo/pip.conf": "x", f"{DATA}/scripts/pip.conf.sample": "x"}, []),
        ({"trustguard-ledger.tsv": "x"}, ["escape"]),
        ({f"{DATA}/purelib/!TrustGuard.pth": "# x"}, ["escape"]),
        ({"_trustguard_import_guard/vetted.tsv": "x"}, ["escape"]),
        ({"demo/trustguard-ledger.tsv": "x", "trustguard-ledgers.py": "x"}, []),
        ({"other.egg-link": "x"}, ["foreign-metadata"]),
        ({f"{INFO}/direct_url.json": "{}"}, ["foreign-metadata"]),
        ({f"{DATA}/data/lib/python3.11/os.py": "x"}, ["escape"]),
        ({f"{DATA}/data/lib/python3.11/json/decoder.py": "x"}, ["escape"]),
        ({f"{DATA}/data/Lib/os.py": "x"}, ["escape"]),
        ({f"{DATA}/data/DLLs/_socket.pyd": "x"}, ["escape"]),
        ({f"{DATA}/data/python311.zip": "x"}, ["escape"]),
        ({f"{DATA}/data/lib/libpython3.11.so.1.0": "x"}, ["escape"]),
        ({f"{DATA}/data/lib/python3.11/lib-dynload/math.cpython-311-darwin.so": "x"}, ["escape"]),
        ({f"{DATA}/data/lib/libdemo.so": "x", f"{DATA}/data/lib/demo/plug.so": "x"}, []),
        ({f"{DATA}/data/lib/libdemo.txt": "x"}, []),
        ({f"{DATA}/headers/demo.h": "x", f"{DATA}/data/share/man/demo.1": "x"}, []),
        ({f"{DATA}/purelib/demo.py": "x"}, ["two-for-one"]),
        ({f"{DATA}/purelib/DEMO.py": "x"}, ["two-for-one"]),
        ({f"{DATA}/data/lib/python3.11/site-packages/demo.py": "x"}, ["two-for-one"]),
    ],
)
def test_what_ends_up_where_it_should_not_is_a_fault(files: Files, expected: list[str]) -> None:
    assert [fault.kind for fault in of_files(files).faults] == expected


def for_linux(files: Files) -> Artifact:
    """A wheel with further files that no installer on Windows takes."""
    tag = "py3-none-manylinux_2_28_x86_64"
    wheel = forged("demo", {**files, f"{INFO}/WHEEL": wheel_file(tag)})
    return Artifact(f"demo-1.0-{tag}.whl", wheel.content, "demo", "1.0", wheel.metadata)


def test_the_folder_of_shared_libraries_is_not_the_standard_librarys_where_that_is_elsewhere() -> None:
    """What wheels of OpenMP, TBB and others put beside it; ``Lib`` is Python's own on Windows alone."""
    libraries = ("libiomp5.so", "libtbb.so.12", "libtbb.so.12-gdb.py", "cmake/demo/generate.py")
    assert kinds(for_linux({f"{DATA}/data/lib/{library}": "x" for library in libraries})) == []


def test_what_python_itself_searches_before_site_packages_is_nobodys() -> None:
    """``sys.path`` of the interpreter that runs this, outside of a virtual environment."""
    command = [sys.executable, "-I", "-S", "-c", "import sys; print(*sys.path, sys.base_prefix, sep='|')"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().split("|")
    *searched, prefix = map(Path, said)
    inside_prefix = [one.relative_to(prefix).as_posix() for one in searched if one.is_relative_to(prefix)]
    assert len(inside_prefix) >= 3
    for path in inside_prefix:
        file = path if path.endswith(".zip") else f"{path}/demo_of_it.py"
        assert kinds(forged("demo", {f"{DATA}/data/{file}": "x"})) == ["escape"]


def test_a_folder_of_another_version_is_a_fault() -> None:
    other = forged("demo")
    renamed = Artifact("demo-2.0-py3-none-any.whl", other.content, "demo", "2.0", other.metadata)
    assert kinds(renamed) == ["foreign-metadata"]


def test_a_wheel_without_a_dist_info_has_that_fault_and_the_archive_is_looked_at_all_the_same() -> None:
    paths = [f"{INFO}/METADATA", f"{INFO}/WHEEL"]
    wheel = forged("demo", {**dict.fromkeys(paths), "zz.pth": "import demo\n"}, record=lambda _: None)
    found = inside(wheel)
    assert found.faults == (Fault("dist-info", "it has 0 .dist-info folders instead of one"),)
    assert [one.name for one in found.start_up] == ["zz.pth"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            (name, "escape")
            for name in ("../evil", "a/b", "a\\b", ".hidden", "-rf", "a:b", "con\x01", "a\u202eb")
        ),
        *((name, "") for name in ("demo", "demo.tool", "demo-tool", "démo")),
    ],
)
def test_commands_have_names_and_no_paths(name: str, kind: str) -> None:
    found = of_files({f"{INFO}/entry_points.txt": f"[console_scripts]\n{name} = demo:main\n"})
    assert [fault.kind for fault in found.faults] == ([kind] if kind else [])
    assert found.scripts == (name,)


@pytest.mark.parametrize(
    ("text", "made"),
    [("a b = demo:main", "b"), ("[pip = demo:main [x] y", "pip"), ("x = -pip = demo:main", "-pip")],
)
def test_a_command_that_pip_makes_under_another_name_is_told_by_that_name(text: str, made: str) -> None:
    """What pip does is compared: it makes commands with distlib, which looks for a match anywhere."""
    found = of_files({f"{INFO}/entry_points.txt": f"[console_scripts]\n{text}\n"})
    assert "escape" in [fault.kind for fault in found.faults]
    assert found.scripts == (made,)
    entry = get_export_entry(text)
    assert entry is not None
    assert entry.name.strip() == made


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        *(
            (reference, "no-command")
            for reference in ("demo", "demo:", "os; x:main", "", "-", "demo:a [x y]")
        ),
        *((reference, "entry-points") for reference in ("demo:main()", "demo:main; evil", "demo:main [a]b")),
    ],
)
def test_commands_are_for_functions(reference: str, kind: str) -> None:
    """Where pip makes none of it, it stops halfway; else the rest is left out."""
    found = of_files({f"{INFO}/entry_points.txt": f"[gui_scripts]\ndemo = {reference}\n"})
    assert [fault.kind for fault in found.faults] == [kind]
    try:
        entry = get_export_entry(f"demo = {reference}")
    except DistlibException:
        entry = None
    assert (entry is not None and entry.suffix is not None) == (kind == "entry-points")


@given(st.text(alphabet="ab []=:.-,\t", min_size=1, max_size=30), st.text(alphabet="ab []=:.-,", max_size=30))
def test_of_any_line_the_command_is_told_that_pip_would_make(name: str, reference: str) -> None:
    """What distlib says is compared; where it says none, or an error, pip stops."""
    name, reference = name.split("=", maxsplit=1)[0].strip(), reference.strip()
    faults = Faults()
    made = _made(name, reference, faults)
    stops = "no-command" in [fault.kind for fault in faults.all()]
    try:
        entry = get_export_entry(f"{name} = {reference}")
    except DistlibException:
        assert stops
        return
    assert stops == (entry is None or entry.suffix is None)
    assert entry is None or entry.name.strip() == made


def test_long_lines_take_no_longer_than_they_are() -> None:
    """Two hundred times a length that would take a minute if every place in it were tried."""
    for text in ("a" * 200_000, " " * 200_000, "a " * 100_000, "[" * 200_000, "a." * 100_000, "=" * 200_000):
        assert _made("x", text, Faults()) == "x"


@pytest.mark.parametrize("brackets", ["[[console_scripts]]", "[console_scripts]]", "[ console_scripts ]"])
def test_a_group_is_named_in_as_many_brackets_as_one_likes(brackets: str) -> None:
    """``importlib.metadata`` takes all of them away."""
    found = of_files({f"{INFO}/entry_points.txt": f"{brackets}\npip = demo:main\n"})
    assert found.scripts == ("pip",)


def test_metadata_is_whose_name_stands_before_the_first_hyphen() -> None:
    """So pip and ``importlib.metadata`` read the name of the folder."""
    files = {f"victim-3.0-1.dist-info/{name}": text for name, text in (("METADATA", "x"), ("WHEEL", "x"))}
    packed_so = packed("victim-3.0", {path: text.encode() for path, text in files.items()})
    wheel = Artifact("victim_3.0-1-py3-none-any.whl", packed_so.content, "victim-3.0", "1", None)
    assert "dist-info" in kinds(wheel)
    old = packed("my-tool", {"my-tool-1.0.dist-info/METADATA": b"x"})
    assert "dist-info" not in kinds(old)
    assert "foreign-metadata" in kinds(old)


def test_entry_points_are_read_as_importlib_reads_them() -> None:
    text = (
        "# no\n\n[console_scripts]\n  one=demo.a:main.run [extra]\n[other]\ntwo = anything/at:all\nno pair\n"
    )
    found = of_files({f"{INFO}/entry_points.txt": text})
    assert found.scripts == ("one",)
    assert found.faults == (Fault("entry-points", "its entry points have a line that is none: 'no pair'"),)


def test_plug_ins_that_load_by_themselves_are_named_by_their_groups() -> None:
    text = (
        "[pytest11]\na = demo.a\nb = demo.b\n[distutils.commands]\nc = demo:c\n[flake8.extension]\nd = demo\n"
    )
    found = of_files({f"{INFO}/entry_points.txt": text})
    assert found.start_up == (
        StartUp("pytest", "pytest11", "a = demo.a; b = demo.b"),
        StartUp("build", "distutils.commands", "c = demo:c"),
    )


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("a.pth", "import demo\n", StartUp("pth", "a.pth", "import demo")),
        ("a.pth", "import\tdemo", StartUp("pth", "a.pth", "import\tdemo")),
        ("a.pth", "\ufeffimport demo\n", StartUp("pth", "a.pth", "import demo")),
        ("a.pth", "#\r\nimport demo\rimport b\n", StartUp("pth", "a.pth", "import demo\nimport b")),
        ("a.pth", "# x\x0cimport demo\n", StartUp("pth", "a.pth", "# x\x0cimport demo", whole=False)),
        ("a.pth", "import a\x0c;b()\n", StartUp("pth", "a.pth", "import a\x0c;b()", whole=False)),
        ("a.pth", b"#\xff\nimport demo\n", StartUp("pth", "a.pth", "import demo")),
        (f"{DATA}/purelib/a.pth", "import demo\n", StartUp("pth", "a.pth", "import demo")),
        (
            f"{DATA}/data/lib/python3.11/site-packages/a.pth",
            "import demo",
            StartUp("pth", "a.pth", "import demo"),
        ),
        (f"{DATA}/data/Lib/site-packages/a.pth", "import demo", StartUp("pth", "a.pth", "import demo")),
        ("a.pth", "\n.\n./\n# import demo\n", None),
        ("a.pth", " import demo\n", StartUp("pth", "a.pth", " import demo")),
        ("a.pth", "#\x0c\timport a\n", StartUp("pth", "a.pth", "#\x0c\timport a", whole=False)),
        ("demo/a.pth", "import demo\n", None),
        (
            "a.pth",
            "../elsewhere\n/opt/x\nC:\\x\nnot_there\ndemo.py\n",
            StartUp("path", "a.pth", "../elsewhere\n/opt/x\nC:\\x\nnot_there\ndemo.py"),
        ),
        (
            f"{DATA}/data/etc/conda/activate.d/demo.sh",
            "true\n",
            StartUp("activate", "etc/conda/activate.d/demo.sh", "true\n"),
        ),
        (f"{DATA}/scripts/postactivate", "true\n", StartUp("activate", "postactivate", "true\n")),
        ("a.start", "demo:main\n", StartUp("start", "a.start", "demo:main\n")),
        ("sitecustomize.py", "pass\n", StartUp("sitecustomize", "sitecustomize.py", "pass\n")),
        (
            "usercustomize/__init__.py",
            "pass\n",
            StartUp("usercustomize", "usercustomize/__init__.py", "pass\n"),
        ),
        ("sitecustomize.pyc", b"\x00", StartUp("sitecustomize", "sitecustomize.pyc", "", whole=False)),
        (
            "sitecustomize.cpython-311-x86_64-linux-gnu.so",
            b"\x7fELF",
            StartUp("sitecustomize", "sitecustomize.cpython-311-x86_64-linux-gnu.so", "", whole=False),
        ),
        ("demo/sitecustomize.py", "pass\n", None),
        (f"{DATA}/data/a.pth", "import demo\n", StartUp("pth", "a.pth", "import demo")),
        (f"{DATA}/data/a.start", "demo:main\n", StartUp("start", "a.start", "demo:main\n")),
        (
            f"{DATA}/data/sitecustomize.py",
            "pass\n",
            StartUp("sitecustomize", "sitecustomize.py", "pass\n"),
        ),
        (f"{DATA}/data/share/a.pth", "import demo\n", None),
        (
            f"{DATA}/data/etc/ipython/ipython_config.py",
            "pass\n",
            StartUp("config", "etc/ipython/ipython_config.py", "pass\n"),
        ),
    ],
)
def test_what_runs_by_itself_is_found_with_what_it_runs(
    path: str, content: str | bytes, expected: StartUp | None
) -> None:
    assert of_files({path: content}).start_up == (() if expected is None else (expected,))


def test_the_top_of_the_environment_is_searched_on_windows_alone() -> None:
    """The documentation of ``site``: of ``sys.prefix`` itself, and ``lib/site-packages``, on Windows."""
    assert inside(for_linux({f"{DATA}/data/a.pth": "import demo\n"})).start_up == ()


def test_a_path_to_a_folder_of_the_wheel_is_none_to_speak_of_and_what_site_imports_there_is() -> None:
    files: Files = {"a.pth": "demo_more\nx/y\\z/  \n", "demo_more/b.py": "", "x/y/z/c.py": ""}
    assert of_files(files).start_up == ()
    more: Files = {**files, "x/y/z/sitecustomize.py": "pass\n", "x/sitecustomize.py": ""}
    found = of_files(more)
    assert found.start_up == (StartUp("sitecustomize", "x/y/z/sitecustomize.py", "pass\n"),)


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("beside\n", "beside/other-1.0.dist-info/entry_points.txt", ["foreign-metadata"]),
        ("x/./beside/\n", "x/beside/Other.EGG-INFO/PKG-INFO", ["foreign-metadata"]),
        ("other.Egg\n", "other.Egg/EGG-INFO/entry_points.txt", ["foreign-metadata"]),
        ("beside\n", "beside/EGG-INFO/entry_points.txt", []),
        ("beside\n", "beside/other/other-1.0.dist-info/METADATA", []),
        ("beside\n", "besides/other-1.0.dist-info/METADATA", []),
        ("# beside\n", "beside/other-1.0.dist-info/METADATA", []),
    ],
)
def test_metadata_in_a_folder_that_a_pth_adds_is_a_fault(line: str, path: str, expected: list[str]) -> None:
    found = of_files({"a.pth": line, "beside/a.py": "", path: "[pytest11]\na = b\n"})
    assert [fault.kind for fault in found.faults] == expected


@pytest.mark.timeout(20)
def test_that_a_pth_adds_very_many_folders_takes_no_square_of_the_time() -> None:
    """Of as many as an archive may have it would take days."""
    folders = [f"d{number}" for number in range(12_000)]
    files = {f"{folder}/x.py": "" for folder in folders}
    found = of_files({"a.pth": "\n".join(folders), **files, "d7/usercustomize/__init__.py": "pass\n"})
    assert found.start_up == (StartUp("usercustomize", "d7/usercustomize/__init__.py", "pass\n"),)


@pytest.mark.parametrize(
    ("tag", "expected"), [("py3-none-any", ["foreign-metadata"]), ("py3-none-manylinux_2_17_x86_64", [])]
)
def test_so_it_is_where_site_reads_a_pth_at_the_environments_top(tag: str, expected: list[str]) -> None:
    """On Windows."""
    place = f"{DATA}/data"
    files = {f"{place}/a.pth": "beside\n", f"{place}/beside/other-1.0.dist-info/METADATA": ""}
    assert kinds(build_wheel("demo", "1.0", files={"demo.py": "", **files}, tag=tag)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (" import os;run()", StartUp("pth", "a.pth", " import os;run()")),
        (" share", StartUp("path", "a.pth", " share")),
    ],
)
def test_an_indented_line_is_what_python_3_15_takes_it_for_whatever_folders_the_wheel_has(
    line: str, expected: StartUp
) -> None:
    assert of_files({"a.pth": f"{line}\n", f"{line}/x.py": ""}).start_up == (expected,)


@pytest.mark.parametrize("mode", list(py_compile.PycInvalidationMode))
@pytest.mark.parametrize("path", ["__pycache__/demo.cpython-311.pyc", "demo.pyc"])
def test_bytecode_that_does_not_go_by_the_time_of_its_source_is_a_fault(
    tmp_path: Path, mode: py_compile.PycInvalidationMode, path: str
) -> None:
    """What Python's own compiler makes of a module, in each of its three ways (PEP 552)."""
    source = tmp_path / "demo.py"
    source.write_text("VERSION = 'another'\n")
    made = py_compile.compile(str(source), str(tmp_path / "made.pyc"), invalidation_mode=mode)
    content = Path(str(made)).read_bytes()
    by_time = mode is py_compile.PycInvalidationMode.TIMESTAMP
    assert kinds(forged("demo", {path: content})) == ([] if by_time else ["bytecode"])
    assert kinds(forged("demo", {"other.pyc": content})) == []


def test_each_form_of_what_site_imports_is_told() -> None:
    files: Files = {
        "sitecustomize.py": "a\n",
        "sitecustomize.abi3.so": b"\x7fELF",
        "sitecustomize/__init__.py": "b\n",
    }
    assert [one.name for one in of_files(files).start_up] == list(files)


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("prey/__init__.py", "prey.py"),
        ("prey.py", "prey/__init__.py"),
        ("prey.abi3.so", "prey.py"),
        ("prey/__init__.cpython-311-x86_64-linux-gnu.so", "prey/__init__.py"),
        ("prey/part.pyd", "prey/part.py"),
        ("__pycache__/prey.cpython-311.pyc", "prey.py"),
        ("prey/__pycache__/part.cpython-311.opt-1.pyc", "prey/part.py"),
        ("prey.pyc", "prey.py"),
    ],
)
def test_what_is_imported_as_what_another_project_has_is_in_its_place(own: str, theirs: str) -> None:
    there = Occupied.of([(OTHER, {theirs: "sha256=x"})])
    assert inside(forged("demo", {own: b"x"}), there).overlaps == (Overlap(own, OTHER, same=False),)
    assert inside(forged("demo", {f"demo_{own}": b"x", "prey/data.txt": ""}), there).overlaps == ()


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({f"{INFO}/entry_points.txt": "[console_scripts]\nprey = demo:main\n"}, "../bin/prey"),
        ({f"{DATA}/scripts/prey": "#!python\n"}, "../bin/prey"),
        ({f"{DATA}/data/bin/prey": "#!python\n"}, "../bin/prey"),
        ({f"{DATA}/data/share/prey/x.txt": "x"}, "../share/prey/x.txt"),
    ],
)
def test_so_is_what_lies_beside_site_packages(files: Files, path: str) -> None:
    there = Occupied.of([(OTHER, {"../bin/prey": "sha256=x", "../share/prey/x.txt": "sha256=y"})])
    assert inside(forged("demo", files), there).overlaps == (Overlap(path, OTHER, same=False),)
    windows = Occupied.of([(OTHER, {"../Scripts/prey.exe": "sha256=x"})])
    expected = (Overlap(path, OTHER, same=False),) if "bin" in path else ()
    assert inside(forged("demo", files), windows).overlaps == expected


def test_the_package_says_what_runs_and_not_what_stands_before_it() -> None:
    found = of_files({"sitecustomize/a.py": "a\n", "sitecustomize/__init__.py": "b\n"})
    assert found.start_up == (StartUp("sitecustomize", "sitecustomize/__init__.py", "b\n"),)


def test_long_code_is_cut_and_says_so() -> None:
    (one,) = of_files({"a.pth": "import a;" * 1000}).start_up
    assert (len(one.code), one.whole) == (2000, False)


def test_a_pth_of_more_than_a_mebibyte_is_never_quiet() -> None:
    (one,) = of_files({"a.pth": "# nothing\n" * 110_000 + "import demo\n"}).start_up
    assert (one.kind, one.code, one.whole) == ("pth", "", False)


def test_names_of_the_standard_library_are_found_at_the_top_only() -> None:
    assert of_files({"ssl.py": "", "demo/json.py": "", "types/a.txt": ""}).standard_library == (
        "ssl",
        "types",
    )


def test_files_of_others_are_found_and_different_ones_come_first() -> None:
    text = b"pass\n"
    there = {
        "a.py": (OTHER, digest(text)),
        "b.py": (OTHER, digest(b"else")),
        "c.py": (NormalizedName("demo"), ""),
        "d.py": (OTHER, ""),
    }
    wheel = forged("demo", dict.fromkeys(there, text))
    assert inside(wheel, Occupied(there)).overlaps == (
        Overlap("b.py", OTHER, same=False),
        Overlap("d.py", OTHER, same=False),
        Overlap("a.py", OTHER, same=True),
    )


@pytest.mark.parametrize("folds", [True, False])
def test_another_spelling_is_the_same_file_where_case_makes_no_other_one(folds: bool) -> None:
    there = {"Pkg/a.py": "", "pkg/b.py": "", "caf\u00e9.py": "", "../bin/Tool": ""}
    wheel = forged("demo", {"pkg/A.py": "", "pkg/b.py": "", "cafe\u0301.py": "", f"{DATA}/scripts/tool": ""})
    found = [one.path for one in inside(wheel, Occupied.of([(OTHER, there)], folds=folds)).overlaps]
    assert found == (["../bin/tool", "cafe\u0301.py", "pkg/A.py", "pkg/b.py"] if folds else ["pkg/b.py"])


@pytest.mark.parametrize(
    ("own", "theirs", "same"),
    [
        (
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)  # type: ignore\n",
            "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
            True,
        ),
        (
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
            '__import__("pkg_resources").declare_namespace(__name__)\n',
            True,
        ),
        ("__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", "import code\n", False),
        ("import code\n", "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", False),
    ],
)
def test_two_files_that_only_make_a_namespace_package_are_the_same(own: str, theirs: str, same: bool) -> None:
    """As packaging.python.org has it, each project brings one, and any of them will do."""
    path = "backports/__init__.py"
    occupied = Occupied({path: (OTHER, digest(theirs.encode()))})
    assert inside(forged("demo", {path: own}), occupied).overlaps == (Overlap(path, OTHER, same),)


def test_what_is_too_much_to_keep_is_a_fault_by_itself() -> None:
    scripts = "".join(f"script{number} = demo:main\n" for number in range(1001))
    crowd = {f"a{number:02}.pth": "import demo\n" for number in range(31)}
    found = of_files({f"{INFO}/entry_points.txt": f"[console_scripts]\n{scripts}", **crowd})
    assert (len(found.scripts), len(found.start_up)) == (1000, 30)
    assert [fault.kind for fault in found.faults] == ["crowded", "crowded"]
    just_below = {f"a{number:02}.pth": "import demo\n" for number in range(30)}
    assert of_files(just_below).faults == ()


def test_small_faults_push_no_large_one_out() -> None:
    faults = Faults()
    for number in range(100):
        faults.add("record-quirk", f"small {number} {'x' * 500}")
    faults.add("escape", "large")
    quirks = [fault for fault in faults.all() if fault.kind == "record-quirk"]
    assert faults.all()[-1] == Fault("escape", "large")
    assert len(quirks) == 3
    assert quirks[-1].detail.endswith(", and 97 more like it")
    assert all(len(fault.detail) < 200 for fault in quirks)


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_an_sdist_is_counted(tmp_path: Path, kind: str) -> None:
    sdist = build_sdist("demo", "1.0", files={"demo.py": "pass\n", "lib.so": b"\x7fELF"})
    if kind == "zip":
        import tarfile  # noqa: PLC0415 - here alone
        import zipfile  # noqa: PLC0415

        path = tmp_path / "demo-1.0.zip"
        with tarfile.open(fileobj=io.BytesIO(sdist.content)) as tar, zipfile.ZipFile(path, "w") as archive:
            for member in tar.getmembers():
                file = tar.extractfile(member)
                assert file is not None
                archive.writestr(member.name, file.read())
        sdist = Artifact(path.name, path.read_bytes(), "demo", "1.0")
    found = inside(sdist)
    assert (found.files, found.compiled, found.faults) == (3, 1, ())


def test_a_refused_archive_is_a_fact_and_one_that_cannot_be_read_is_none() -> None:
    refusal = SourceRefused("'demo' is not a sound wheel: it has two entries 'a'")
    assert unsound(refusal) == Contents(faults=(Fault("unsound", refusal.message),))
    refusal.__cause__ = OSError("input/output error")
    assert unsound(refusal) is None


lines = st.text(alphabet=st.sampled_from('abc/\\.,"\n=\x00 \r:sha256-'), max_size=60)


@given(record=st.one_of(lines, st.text(max_size=60)), points=lines, pth=lines, wheel=lines)
def test_whatever_stands_in_it_something_is_found_and_nothing_breaks(
    record: str, points: str, pth: str, wheel: str
) -> None:
    files: dict[str, Any] = {
        f"{INFO}/entry_points.txt": points,
        "a.pth": pth,
        f"{INFO}/WHEEL": wheel,
        f"{INFO}/RECORD": record,
    }
    encoded = {path: text.encode() for path, text in files.items()}
    found = inside(forged("demo", encoded))
    assert found.faults
    assert all(fault.detail.isascii() for fault in found.faults)
