"""What lies in a site-packages folder is read as it is, and held against what was installed."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.lab.artifacts import build_wheel
from trustguard.installers.site_packages.files import LARGE, compare, is_of
from trustguard.installers.site_packages.reading import OwnProjects, There, distributions, left_behind
from trustguard.installers.site_packages.record import (
    Entry,
    NotARecord,
    differing,
    is_code,
    of_folder,
    of_wheel,
)
from trustguard.installers.site_packages.strays import attributed, folders_of, strays, unlisted
from trustguard.model.audit import Comparison, Deviation
from trustguard.model.errors import SourceUnreachable

NONE = OwnProjects(lambda *_: "", lambda *_: False)
"""Nothing is the user's own."""


def digest(content: bytes) -> str:
    """As RECORD has it (PEP 376)."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def put(folder: Path, record: str) -> Path:
    """A distribution with this RECORD."""
    info = folder / "demo-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: demo\nVersion: 1.0\n\n")
    (info / "RECORD").write_text(record)
    return info


def compared(info: Path, prefix: Path, until: float = math.inf) -> Comparison:
    """What comes of comparing, where the wheel is not at hand."""
    return compare(info, prefix, lambda: None, until=until)[0]


# RECORD.


def test_of_two_lines_about_one_file_the_one_with_a_digest_counts(tmp_path: Path) -> None:
    info = put(tmp_path, 'a.py,sha256=x,3\n./a.py,,\n"b,c.py",sha256=y,\n\nd\n')
    assert of_folder(info) == {
        "a.py": Entry("sha256=x", 3),
        "b,c.py": Entry("sha256=y", None),
        "d": Entry("", None),
    }


@pytest.mark.parametrize("content", [b"\xff", b'"open'])
def test_what_is_no_csv_in_utf_8_is_no_record(tmp_path: Path, content: bytes) -> None:
    info = put(tmp_path, "")
    (info / "RECORD").write_bytes(content)
    with pytest.raises(NotARecord, match="not CSV"):
        of_folder(info)
    assert compared(info, tmp_path).why_not == "its RECORD is not CSV in UTF-8"


def test_a_pipe_is_no_record_and_is_not_waited_for(tmp_path: Path) -> None:
    info = put(tmp_path, "")
    (info / "RECORD").unlink()
    os.mkfifo(info / "RECORD")
    with pytest.raises(NotARecord, match="no RECORD"):
        of_folder(info)


def test_the_record_of_a_wheel_is_read_where_its_files_will_be() -> None:
    files = {"demo.py": "", "demo-1.0.data/platlib/fast.so": "", "demo-1.0.data/scripts/demo": "#!python\n"}
    found = of_wheel(io.BytesIO(build_wheel("demo", "1.0", files=files).content))
    assert {path for path in found if ".dist-info/" not in path} == {"demo.py", "fast.so"}
    assert found["demo.py"] == Entry(digest(b""), 0)
    with pytest.raises(NotARecord, match="cannot be read"):
        of_wheel(io.BytesIO(b"no zip"))


def test_installers_add_lines_but_no_modules() -> None:
    wheel = {"a.py": Entry("sha256=x", 1), "b.py": Entry("sha256=y", 1), "c": Entry("", None)}
    same = {
        **wheel,
        "__pycache__/a.cpython-311.pyc": Entry("", None),
        "../../../bin/demo": Entry("sha256=z", 9),
        "demo-1.0.dist-info/INSTALLER": Entry("sha256=z", 4),
    }
    assert differing(same, wheel) == []
    other = {**same, "a.py": Entry("sha256=q", 1), "more.so": Entry("sha256=q", 1)}
    del other["b.py"]
    assert differing(other, wheel) == [("record", "a.py"), ("record", "b.py"), ("added", "more.so")]


def test_code_is_told_by_the_name() -> None:
    assert [p for p in ("a.py", "a/b.so", "x.pth", "a.pyc") if not is_code(p)] == []
    assert [p for p in ("a.txt", "a/__pycache__/b.pyc", "py", "a.py.bak") if is_code(p)] == []


# Files.


def test_content_and_size_are_compared_and_what_nobody_listed_a_digest_for_is_not(tmp_path: Path) -> None:
    record = [
        f"same.py,{digest(b'one')},3",
        f"other.py,{digest(b'one')},3",
        f"longer.py,{digest(b'one')},3",
        f"gone.py,{digest(b'one')},3",
        f"demo-1.0.data/scripts/demo,{digest(b'one')},3",
        "weak.py,md5=x,3",
        "unknown.py,,",
        f"demo-1.0.dist-info/INSTALLER,{digest(b'pip')},3",
    ]
    info = put(tmp_path, "\n".join(record))
    for name, content in {"same": "one", "other": "two", "longer": "one1", "weak": "one"}.items():
        (tmp_path / f"{name}.py").write_text(content)
    found = compared(info, tmp_path)
    assert found.deviations == (
        Deviation("changed", "other.py"),
        Deviation("changed", "longer.py"),
        Deviation("missing", "gone.py"),
        Deviation("changed", "weak.py"),
    )
    assert (found.files, found.by_size) == (4, 0)


def test_a_large_file_that_was_not_touched_is_hashed_only_on_demand(tmp_path: Path) -> None:
    with (tmp_path / "large.so").open("wb") as file:
        file.truncate(LARGE + 1)
    info = put(tmp_path, f"large.so,{digest(b'something else')},{LARGE + 1}\n")
    assert compared(info, tmp_path) == Comparison(files=1, by_size=1)
    assert compared(info, tmp_path, 0.0).deviations == (Deviation("changed", "large.so"),)


def test_nothing_outside_of_the_environment_is_opened(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    inside = tmp_path / "environment" / "site"
    (tmp_path / "environment" / "tool").parent.mkdir()
    (tmp_path / "environment" / "tool").write_text("x")
    lines = ["../../outside", str(tmp_path / "outside"), "../tool"]
    info = put(inside, "".join(f"{line},{digest(b'other')},1\n" for line in lines))
    found = compared(info, tmp_path / "environment")
    assert found.deviations == (Deviation("changed", "../tool"),)


@pytest.mark.parametrize(("content", "same"), [(b"one", True), (b"two", False)])
def test_a_file_of_which_record_says_no_digest_is_held_against_the_wheel(
    tmp_path: Path, content: bytes, *, same: bool
) -> None:
    """Such a RECORD is what pdm writes where it links to its cache."""
    wheel = build_wheel("demo", "1.0", files={"demo.py": "one"})
    lines = [f"{path},sha256=,{entry.size}" for path, entry in of_wheel(io.BytesIO(wheel.content)).items()]
    info = put(tmp_path, "\n".join((*lines, "demo-1.0.dist-info/RECORD,,")))
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        for name in (name for name in archive.namelist() if not name.endswith("RECORD")):
            archive.extract(name, tmp_path)
    (tmp_path / "demo.py").write_bytes(content)
    assert is_of(info, io.BytesIO(wheel.content)) is same
    found = compare(info, tmp_path, lambda: io.BytesIO(wheel.content))[0]
    assert found.deviations == (() if same else (Deviation("changed", "demo.py"),))
    assert compared(info, tmp_path) == Comparison()


# Distributions.


def test_every_kind_is_found_and_a_rest_of_pips_is_none(tmp_path: Path) -> None:
    put(tmp_path, "")
    (tmp_path / "old-2.0.egg-info").write_text("Name: Old_\nVersion: 2.0\n\n")
    (tmp_path / "old-2.0.egg-info").write_text("Name: Old\nVersion: 2.0\n\nName: body\n")
    (tmp_path / "egg-3.0-py3.8.egg").mkdir()
    (tmp_path / "~emo-0.9.dist-info").mkdir()
    found = distributions(tmp_path, NONE)
    assert [(one.name, str(one.version), one.has_record) for one in found] == [
        ("demo", "1.0", True),
        ("egg-3-0-py3-8", "None", False),
        ("old", "2.0", False),
    ]
    assert "eggs are not looked into" in found[1].unreadable
    assert left_behind(tmp_path) == ["~emo-0.9.dist-info"]


def test_what_is_the_users_own_is_for_the_caller_to_say(tmp_path: Path) -> None:
    """For links of ``setup.py develop`` and for what PEP 610 records alike."""
    info = put(tmp_path, "")
    told = {"url": "file:///x/demo", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(told))
    link = tmp_path / "my-link.egg-link"
    link.write_text("/x/my-link\n.")
    asked = []

    def of(text: str, name: str) -> str:
        asked.append((json.loads(text), name))
        return "/x/demo"

    def are(folder: str, name: str) -> bool:
        asked.append((folder, name))
        return True

    demo, linked = distributions(tmp_path, OwnProjects(of, are))
    assert (demo.own, demo.editable, demo.unreadable) == ("/x/demo", True, "")
    assert linked == There(linked.name, None, link, "/x/my-link", editable=True)
    assert asked == [(told, "demo"), ("/x/my-link", "my-link")]
    demo, linked = distributions(tmp_path, NONE)
    assert (demo.own, demo.editable, demo.unreadable) == ("", False, "")
    assert linked.unreadable == "it is a link to what is no project of that name"


def test_a_link_that_no_path_can_be_is_none(tmp_path: Path) -> None:
    (tmp_path / "nul.egg-link").write_text("/x\0y\n")
    (found,) = distributions(tmp_path, OwnProjects(lambda *_: "/x", lambda *_: True))
    assert (found.own, bool(found.unreadable)) == ("", True)


def test_a_folder_that_is_not_there_is_empty_and_what_is_no_folder_cannot_be_read(tmp_path: Path) -> None:
    assert distributions(tmp_path / "none", NONE) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceUnreachable, match="cannot be read"):
        distributions(tmp_path / "file", NONE)


# What is nobody's.


def test_what_is_listed_or_no_code_or_spared_is_nobodys_affair(tmp_path: Path) -> None:
    names = ["a/listed.py", "a/more.py", "a/data.txt", "a/__pycache__/x.pyc", "ours/x.py", "old/y.py", "b.so"]
    for name in (*names, "old.cpython-311.so", "old.pth", "old.start"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = unlisted(tmp_path, {"a/listed.py"}, ["ours", "old"])
    assert found == ["a/more.py", "b.so", "old.pth", "old.start"]


def test_a_file_belongs_to_whoever_alone_has_the_folder_around_it() -> None:
    owners = folders_of({"one": ["a/x.py", "ns/one/y.py", "../bin/z"], "two": ["ns/two/y.py", "top.py"]})
    assert owners == {"a": {"one"}, "ns": {"one", "two"}, "ns/one": {"one"}, "ns/two": {"two"}}
    paths = ["a/b/c.py", "ns/new.py", "ns/two/new.py", "top2.py"]
    found = attributed(paths, owners)
    assert found == ({"one": ["a/b/c.py"], "two": ["ns/two/new.py"]}, ["ns/new.py", "top2.py"])


def test_start_up_code_is_what_site_executes(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_text("# import os\n/some/where\n")
    (tmp_path / "b.pth").write_text("\nimport os; os.getpid()\n")
    (tmp_path / "c.pth").write_text(" import os\n")  # from Python 3.15 on, as the next two (PEP 829)
    (tmp_path / "c.start").write_text("# nothing: it stands for the lines of c.pth\n")
    (tmp_path / "d.start").write_text("# nothing\n\nos:getpid\n")
    names = ["a.pth", "b.pth", "c.pth", "c.start", "d.start", "sitecustomize.py", "x.py", "y/a.py", "y/b.py"]
    assert [(one.path, one.start_up, one.code) for one in strays(tmp_path, names)] == [
        ("b.pth", True, "import os; os.getpid()"),
        ("c.pth", True, "import os"),
        ("d.start", True, "os:getpid"),
        ("sitecustomize.py", True, ""),
        ("x.py", False, ""),
        ("y/", False, ""),
    ]


def test_what_only_has_the_name_of_virtualenvs_start_up_code_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "_virtualenv.pth").write_text("import _virtualenv")
    (tmp_path / "_virtualenv.py").write_text("evil()")
    found = strays(tmp_path, ["_virtualenv.pth", "_virtualenv.py"])
    assert [one.path for one in found] == ["_virtualenv.pth", "_virtualenv.py"]


@pytest.mark.online
def test_the_start_up_code_of_todays_virtualenv_is_known(tmp_path: Path) -> None:
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path)]
    subprocess.run([*fetch, "virtualenv"], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        code = wheel.read("virtualenv/create/via_global_ref/_virtualenv.py")
    (tmp_path / "_virtualenv.py").write_bytes(code)
    (tmp_path / "_virtualenv.pth").write_text("import _virtualenv")
    assert strays(tmp_path, ["_virtualenv.pth", "_virtualenv.py"]) == []
