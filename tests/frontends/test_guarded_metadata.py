"""What stays behind: after a guarded command everything is as plain pip would have left it, and a ledger."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, Attack, plain_pip
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

LEDGER = "trustguard-ledger.tsv"
COLUMNS = (
    "distribution version verdict score sha256 file index time policy evidence imports".split()  # noqa: SIM905
)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the ledger and bytecode (it holds times); RECORD as its sorted lines."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != LEDGER and path.suffix != ".pyc":
            content = path.read_bytes()
            if path.name == "RECORD":
                content = b"\n".join(sorted(content.splitlines()))
            found[path.relative_to(folder).as_posix()] = content
    return found


def verified_records(folder: Path) -> int:
    """Hold every line of every RECORD (PEP 376) against the file; returns how many had a digest."""
    count = 0
    for record in folder.rglob("*.dist-info/RECORD"):
        for path, digest, size in csv.reader(record.read_text().splitlines()):
            content = (record.parent.parent / path).read_bytes()
            if digest:
                algorithm, _, value = digest.partition("=")
                found = hashlib.new(algorithm, content).digest()
                assert base64.urlsafe_b64encode(found).rstrip(b"=").decode() == value, path
                assert int(size) == len(content)
                count += 1
    return count


def ledger(folder: Path) -> dict[str, dict[str, str]]:
    """The ledger of a site-packages folder, by distribution (DESIGN, section 3)."""
    first, *lines = (folder / LEDGER).read_text(encoding="utf-8").splitlines()
    assert first == "trustguard-ledger\t1"
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]
    return {row["distribution"]: row for row in rows}


def twin(run: Guarded) -> VirtualEnvironment:
    """A second environment, for plain pip, whose path is as long as the first one's."""
    return VirtualEnvironment.create(run.home / "environmenu")


def unpack(sdist: Artifact, folder: Path) -> None:
    """Turn an sdist into a folder of the user's own, which can also be installed editable (PEP 660)."""
    with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
        archive.extractall(folder.parent, filter="data")
        (folder.parent / archive.getnames()[0].partition("/")[0]).rename(folder)
    with (folder / "in_tree_backend" / "__init__.py").open("a") as backend:
        backend.write(
            "\ndef build_editable(wheel_directory, config_settings=None, metadata_directory=None):\n"
            "    return source_tree.build_wheel(wheel_directory)\n"
        )


class TestLikePlainPip:
    """The same command, guarded and plain, into two environments."""

    def test_an_installation_leaves_what_plain_pip_leaves(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Wheels, sdists, extras, markers, scripts, direct addresses, a local archive: byte for byte."""
        application = build_wheel(
            "Application",
            "1.0",
            requires=["leaf>=1", "plugin; extra == 'more'", "never; python_version < '3'"],
            extra_metadata=["Provides-Extra: more"],
            entry_points={"console_scripts": {"application": "application:main"}},
        )
        index.add_all(application, build_wheel("leaf", "1.0"), build_wheel("plugin", "1.0"))
        index.add(build_wheel("leaf", "2.0rc1"))
        index.add(build_wheel("silent", "1.0", requires=["leaf"]), core_metadata=False, hashes={})
        index.add_all(
            hostile.legacy_sdist(None), hostile.fake_setuptools(), *hostile.build_requirement_sdist(None)
        )
        far, pinned, local = (build_wheel(name, "1.0") for name in ("far", "pinned", "local"))
        run = guarded()
        run.configure('[checks.direct-reference]\naction = "warn"\n')
        run.environment = VirtualEnvironment.create(run.home / "environmens")
        (run.work / local.filename).write_bytes(local.content)
        near = build_in_tree_sdist("near", "1.0")
        (run.work / near.filename).write_bytes(near.content)
        words = [
            "application[more]",
            "silent",
            "legacy-project",
            "static-build-requirement",
            index.put(far.filename, far.content),
            f"pinned @ {index.put(pinned.filename, pinned.content)}#sha256={pinned.sha256}",
            f"./{local.filename}",
            f"near @ {(run.work / near.filename).as_uri()}",
        ]
        ended = run.run("install", *words)
        assert ended.code == 0, ended
        plain = twin(run)
        assert plain_pip(run, "install", *words, environment=plain).code == 0

        ours, theirs = contents(run.environment.purelib), contents(plain.purelib)
        assert ours.keys() == theirs.keys()
        shebang = {"application-1.0.dist-info/RECORD"}  # has the digest of the script, and that the path
        assert {path for path in ours if ours[path] != theirs[path]} <= shebang
        assert (run.environment.scripts / "application").is_file()
        assert verified_records(run.environment.purelib) > len(words)
        direct = json.loads(ours["far-1.0.dist-info/direct_url.json"])
        assert direct["url"] == f"{index.base}/raw/{far.filename}"
        frozen = run.run("pip", "freeze").out
        assert frozen == plain_pip(run, "freeze", environment=plain).out
        assert f"far @ {index.base}/raw/{far.filename}" in frozen

        rows = ledger(run.environment.purelib)
        assert rows.keys() == {name for name, _ in plain.distributions()}
        row = rows["application"]
        assert row["sha256"] == application.sha256
        assert (row["version"], row["verdict"], row["index"]) == ("1.0", "allow", index.url)
        assert (row["file"], row["imports"]) == (application.filename, "application")
        age = datetime.now(timezone.utc) - datetime.fromisoformat(row["time"])
        assert 0 <= age.total_seconds() < 3600
        assert rows["silent"]["sha256"] == build_wheel("silent", "1.0", requires=["leaf"]).sha256
        assert (rows["far"]["verdict"], rows["far"]["sha256"]) == ("warn", far.sha256)
        assert rows["legacy-project"]["sha256"] == hostile.legacy_sdist(None).sha256

    def test_an_upgrade_and_an_uninstallation_do_so_too(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """``--upgrade`` replaces the old files and the ledger's line; ``pip uninstall`` is pip's own."""
        old = build_wheel("thing", "1.0", files={"thing.py": "OLD = 1\n", "old_thing.py": ""})
        new = build_wheel("thing", "2.0", files={"thing.py": "NEW = 1\n"}, requires=["leaf"])
        index.add_all(old, new, build_wheel("leaf", "1.0"))
        run = guarded()
        plain = twin(run)
        assert run.run("install", "thing==1.0").code == 0
        assert run.run("install", "--upgrade", "thing").code == 0
        assert plain_pip(run, "install", "thing", environment=plain).code == 0
        assert contents(run.environment.purelib) == contents(plain.purelib)
        assert ledger(run.environment.purelib)["thing"]["sha256"] == new.sha256
        ended = run.run("pip", "uninstall", "-y", "thing")
        assert ended.code == 0, ended
        assert run.installed() == {"leaf"}
        assert not (run.environment.purelib / "thing.py").exists()

    @pytest.mark.parametrize("place", ["--target", "--prefix", "--root"])
    def test_another_place_is_filled_as_plain_pip_fills_it(
        self, tmp_path: Path, index: LabIndex, guarded: MakeGuarded, place: str
    ) -> None:
        """The ledger lies beside the packages, and the environment itself stays as it was."""
        index.add_all(build_wheel("top", "1.0", requires=["leaf"]), build_wheel("leaf", "1.0"))
        run = guarded()
        before = run.environment.files()
        ours, theirs = tmp_path / "ours", tmp_path / "them"
        assert run.run("install", place, str(ours), "top").code == 0
        assert plain_pip(run, "install", place, str(theirs), "top").code == 0
        assert contents(ours) == contents(theirs)
        assert run.environment.files() == before
        (file,) = ours.rglob(LEDGER)
        assert (file.parent / "top.py").is_file()
        assert ledger(file.parent).keys() == {"top", "leaf"}

    def test_the_user_site_is_filled_as_plain_pip_fills_it(
        self, tmp_path: Path, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """``--user`` needs an environment that sees the user site; in any other it is pip's own error."""
        index.add(build_wheel("top", "1.0"))
        run = guarded()
        refused = run.run("install", "--user", "top")
        assert refused.code != 0
        plain = plain_pip(run, "install", "--user", "top")
        assert plain.err.removeprefix("ERROR: ").strip() in refused.err
        settings = run.environment.path / "pyvenv.cfg"
        text = settings.read_text()
        settings.write_text(text.replace("packages = false", "packages = true"))
        before = run.environment.files()
        ours, theirs = tmp_path / "ours", tmp_path / "them"
        ended = run.run("install", "--user", "top", PYTHONUSERBASE=str(ours))
        assert ended.code == 0, ended
        assert plain_pip(run, "install", "--user", "top", PYTHONUSERBASE=str(theirs)).code == 0
        assert contents(ours) == contents(theirs)
        assert run.environment.files() == before
        assert len(list(ours.rglob(LEDGER))) == 1

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (("--no-deps", "top[more]"), {("top", "1.0")}),
            (("--pre", "top"), {("top", "2.0b1"), ("leaf", "1.0")}),
            (
                ("top[more] ; python_version >= '3'", "leaf<1"),
                {("top", "1.0"), ("leaf", "0.5"), ("extra", "1.0")},
            ),
            (("top ; python_version < '3'", "extra"), {("extra", "1.0")}),
        ],
        ids=["no-deps", "pre", "extras and markers", "excluded by its marker"],
    )
    def test_what_is_chosen_is_what_pip_chooses(
        self,
        index: LabIndex,
        guarded: MakeGuarded,
        words: Iterable[str],
        expected: set[tuple[str, str]],
    ) -> None:
        """Options and markers that change the choice reach pip as they were typed."""
        requires = ["leaf", "extra; extra == 'more'"]
        more = ["Provides-Extra: more"]
        index.add_all(
            *(build_wheel("top", v, requires=requires, extra_metadata=more) for v in ("1.0", "2.0b1"))
        )
        index.add_all(build_wheel("leaf", "0.5"), build_wheel("leaf", "1.0"), build_wheel("extra", "1.0"))
        run = guarded()
        ended = run.run("install", *words)
        assert ended.code == 0, ended
        assert run.environment.distributions() == expected

    def test_hashes_are_required_as_pip_requires_them(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The right one installs; a wrong one, or one that is missing, is pip's refusal."""
        wheel, leaf = build_wheel("top", "1.0", requires=["leaf"]), build_wheel("leaf", "1.0")
        index.add_all(wheel, leaf)
        run = guarded()
        file = run.work / "requirements.txt"
        right = f"top==1.0 --hash=sha256:{wheel.sha256}\nleaf==1.0 --hash=sha256:{leaf.sha256}\n"
        attack = Attack.begins(run, markers)
        for wrong in (right.replace(leaf.sha256, "0" * 64), f"top==1.0 --hash=sha256:{wheel.sha256}\n"):
            file.write_text(wrong)
            ended = run.run("install", "--require-hashes", "-r", "requirements.txt")
            attack.is_repelled(ended, code=1, named="leaf")
        file.write_text(right)
        assert run.run("install", "--require-hashes", "-r", "requirements.txt").code == 0
        assert run.installed() == {"top", "leaf"}

    def test_what_came_by_another_way_is_said(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """A requirement that is satisfied already, by a version that was never vetted here, is named."""
        index.add_all(build_wheel("top", "1.0", requires=["leaf"]), build_wheel("leaf", "1.0"))
        run = guarded()
        assert run.run("install", "top").code == 0
        assert "leaf" not in run.run("install", "top").err
        index.add(build_wheel("leaf", "2.0"))
        assert plain_pip(run, "install", "leaf==2.0").code == 0
        ended = run.run("install", "top")
        assert ended.code == 0, ended
        assert any("leaf 2.0" in line for line in ended.err.splitlines()), ended


class TestOwnProject:
    """``.`` and ``-e .``: the user's own code may run, and what it asks for is vetted."""

    def test_it_is_installed_with_dependencies_from_the_index(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """direct_url.json names the folder, as plain pip writes it; no vetted file, no ledger line for it."""
        sdist = build_in_tree_sdist("own", "1.0", build_requires=["tool"], requires=["leaf"])
        index.add_all(build_wheel("tool", "1.0"), build_wheel("leaf", "1.0"))
        run = guarded()
        unpack(sdist, run.work / "own")
        plain = twin(run)
        for words in (("./own",), ("-e", "./own")):
            ended = run.run("install", "--force-reinstall", *words)
            assert ended.code == 0, ended
            assert plain_pip(run, "install", "--force-reinstall", *words, environment=plain).code == 0
            assert contents(run.environment.purelib) == contents(plain.purelib)
        assert {"tool-1.0-py3-none-any.whl", "leaf-1.0-py3-none-any.whl"} <= index.served_files()
        assert ledger(run.environment.purelib).keys() == {"leaf"}
        assert run.run("pip", "freeze").out == plain_pip(run, "freeze", environment=plain).out

    @pytest.mark.parametrize("editable", [False, True])
    def test_a_malicious_build_requirement_of_it_is_refused(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded, editable: bool
    ) -> None:
        """Whoever writes ``requires = ["bulid-helper"]`` into a project is the one to be kept from it."""
        sdist, helper = hostile.build_requirement_sdist(markers)
        index.add(helper)
        run = guarded(malware=[helper.project])
        unpack(sdist, run.work / "own")
        attack = Attack.begins(run, markers)
        ended = run.run("install", *(["-e"] if editable else []), "./own")
        attack.is_repelled(ended, code=BLOCKED, named=helper.project)
        assert index.served_files() == set()


def urls(value: Any) -> set[str]:
    """Every value of a key ``url``, at any depth."""
    if isinstance(value, dict):
        return {v for k, v in value.items() if k == "url"} | {u for v in value.values() for u in urls(v)}
    return {u for item in value for u in urls(item)} if isinstance(value, list) else set()


class TestReports:
    """What pip writes about its sources names the sources, not the guard."""

    def test_the_installation_report_names_the_original_addresses(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """``--report``, to a file and to standard output; a dry run installs and records nothing."""
        wheel, leaf = build_wheel("top", "1.0", requires=["leaf"]), build_in_tree_sdist("leaf", "1.0")
        index.add_all(wheel, leaf)
        far = build_wheel("far", "1.0")
        words = ("install", "--dry-run", "--quiet", "top", index.put(far.filename, far.content))
        run = guarded()
        run.configure('[checks.direct-reference]\naction = "warn"\n')
        before = run.environment.files()
        plain = plain_pip(run, *words, "--report", "-")
        expected = {
            item["metadata"]["name"]: item["download_info"] for item in json.loads(plain.out)["install"]
        }
        for place in ("-", "report.json"):
            ended = run.run(*words, "--report", place)
            assert ended.code == 0, ended
            report = json.loads(ended.out if place == "-" else (run.work / place).read_text())
            assert {i["metadata"]["name"]: i["download_info"] for i in report["install"]} == expected
            assert urls(report) == {
                f"{index.base}/files/{wheel.filename}",
                f"{index.base}/files/{leaf.filename}",
                f"{index.base}/raw/{far.filename}",
            }
        assert run.environment.files() == before

    def test_a_lock_file_names_the_original_addresses(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """``lock`` writes what plain pip writes, to a file and to standard output, and that installs."""
        wheel, leaf = build_wheel("top", "1.0", requires=["leaf"]), build_in_tree_sdist("leaf", "1.0")
        index.add_all(wheel, leaf)
        far = build_wheel("far", "1.0")
        run = guarded()
        run.configure('[checks.direct-reference]\naction = "warn"\n')
        unpack(build_in_tree_sdist("own", "1.0", requires=["top"]), run.work / "own")
        words = ("lock", "--quiet", "./own", index.put(far.filename, far.content))
        assert plain_pip(run, *words, "-o", "pylock.plain.toml").code == 0
        plain = (run.work / "pylock.plain.toml").read_text()
        ended = run.run(*words)
        assert ended.code == 0, ended
        assert (run.work / "pylock.toml").read_text() == plain
        assert run.run(*words, "--output=-").out == plain
        assert {path.name for path in run.work.iterdir()} == {"own", "pylock.toml", "pylock.plain.toml"}
        # Without the folder, for which no digest can be locked: pip would not install it either.
        assert run.run("lock", *words[3:], "top").code == 0
        ended = run.run("install", "-r", "pylock.toml")
        assert ended.code == 0, ended
        assert run.installed() == {"top", "leaf", "far"}
        assert f'url = "{index.base}/files/{leaf.filename}"' in plain

    def test_download_and_wheel_leave_the_vetted_files(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The same bytes as on the index, and the wheel that was built; hostile ones do not arrive."""
        wheel, sdist = build_wheel("top", "1.0", requires=["leaf"]), build_in_tree_sdist("leaf", "1.0")
        index.add_all(wheel, sdist, hostile.in_tree_backend_sdist(markers))
        run = guarded(malware=["in-tree-project"])
        before = run.environment.files()
        assert run.run("download", "-d", "files", "top").code == 0
        kept = {path.name: path.read_bytes() for path in (run.work / "files").iterdir()}
        assert kept == {a.filename: a.content for a in (wheel, sdist)}
        assert run.run("wheel", "-w", "wheels", "top").code == 0
        built = {path.name for path in (run.work / "wheels").iterdir()}
        assert built == {wheel.filename, "leaf-1.0-py3-none-any.whl"}
        attack = Attack.begins(run, markers)
        for command in (("download", "-d"), ("wheel", "-w")):
            attack.is_repelled(
                run.run(*command, "bad", "in-tree-project"), code=BLOCKED, named="in-tree-project"
            )
        assert not (run.work / "bad").exists() or not list((run.work / "bad").iterdir())
        assert run.environment.files() == before
