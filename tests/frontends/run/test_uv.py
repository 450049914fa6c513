"""``trustguard run uv …``: what uv installs, locks and runs."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.frontends.run.door import (
    BUILT,
    BUILT_WITH_EVIL,
    EVIL,
    GOOD,
    HELPER,
    LEADS_TO_EVIL,
    LYING,
    NEEDS_APPROVAL,
    UNVETTED,
    Door,
    environment_of,
)
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.index import LabIndex
from tests.lab.tools import Tools
from tests.sources.https import certificates


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


class TestAttacks:
    """Nothing of it runs, and nothing of it is there."""

    @pytest.mark.parametrize("name", [EVIL, LEADS_TO_EVIL, BUILT_WITH_EVIL])
    def test_what_is_malicious_is_not_added(self, door: Door, uv: str, name: str) -> None:
        """By itself, as a dependency, as a build requirement."""
        ended = door.run(uv, "add", name, cwd=door.project("uv"))
        door.refused(ended, EVIL)

    def test_without_us_it_is_and_runs(self, door: Door, uv: str) -> None:
        """The control: the same project, the same index."""
        project = door.project("uv", LEADS_TO_EVIL)
        assert door.plain(uv, "sync", cwd=project).code == 0
        assert door.plain(str(environment_of(project) / "bin" / "python"), "-c", "").code == 0
        assert door.markers.ran() == {hostile.PTH}

    def test_a_wheel_that_lies_is_refused(self, door: Door, uv: str) -> None:
        """Its RECORD does not name all of its files."""
        ended = door.run(uv, "pip", "install", "--index-url", door.index.url, "--target", "there", LYING)
        door.refused(ended, LYING)

    def test_a_lock_that_pins_what_is_refused_by_now_is_refused(self, door: Door, uv: str) -> None:
        project = door.project("uv", GOOD)
        assert door.plain(uv, "lock", "--no-cache", cwd=project).code == 0
        door.list_as_malicious(HELPER)
        locked = (project / "uv.lock").read_bytes()
        ended = door.run(uv, "sync", "--frozen", cwd=project)
        door.refused(ended, HELPER)
        assert "known-malicious" in ended.err
        assert (project / "uv.lock").read_bytes() == locked

    def test_a_lock_that_pins_a_file_which_the_index_no_longer_lists_is_vetted_all_the_same(
        self, door: Door, uv: str
    ) -> None:
        project = door.project("uv", GOOD)
        assert door.plain(uv, "lock", "--no-cache", cwd=project).code == 0
        door.index.remove(HELPER)
        door.list_as_malicious(HELPER)
        door.refused(door.run(uv, "sync", "--frozen", cwd=project), HELPER)

    def test_a_cache_that_somebody_else_has_filled_is_not_used(
        self, door: Door, uv: str, tmp_path: Path
    ) -> None:
        """Bare uv has put it there; trustguard's uv finds a cache of its own, and asks."""
        cache = {"UV_CACHE_DIR": str(tmp_path / "cache")}
        words = ("pip", "install", "--index-url", door.index.url, "--target")
        assert door.plain(uv, *words, str(tmp_path / "bare"), EVIL, environ=cache).code == 0
        assert list((tmp_path / "cache").rglob("evil*"))
        door.index.forget()
        door.refused(door.run(uv, *words, "there", EVIL, environ=cache), EVIL)

    @pytest.mark.parametrize("named", [["--cache-dir", "other"], ["--cache-dir=other"]])
    def test_a_cache_on_the_command_line_is_refused(self, door: Door, uv: str, named: list[str]) -> None:
        ended = door.run(uv, "sync", *named, cwd=door.project("uv", GOOD))
        assert (ended.code, "--cache-dir" in ended.err) == (2, True), ended

    @pytest.mark.parametrize(
        ("words", "code"), [(["--link-mode", "symlink"], 2), (["--link-mode=symlink"], 2), ([], 0)]
    )
    def test_nothing_is_linked_to_the_cache_of_a_run_that_is_over(
        self, door: Door, uv: str, words: list[str], code: int
    ) -> None:
        """Not by an option either; what the settings and a variable say does not hold."""
        project = door.project("uv", GOOD, more='[tool.uv]\nlink-mode = "symlink"\n')
        ended = door.run(uv, "sync", *words, cwd=project, environ={"UV_LINK_MODE": "symlink"})
        assert ended.code == code, ended
        assert "--link-mode" in ended.err or code == 0
        if code == 0:
            assert "it runs" in door.plain(str(environment_of(project) / "bin" / GOOD)).out

    @pytest.mark.parametrize(
        "where", ["pyproject", "uv.toml", "user", "--config-file", "--project", "script"]
    )
    def test_a_proxy_in_uvs_settings_does_not_lead_past_us(
        self, door: Door, index: LabIndex, uv: str, where: str
    ) -> None:
        """It believes them before its environment, and a project's are anybody's."""
        with LabIndex() as theirs:
            theirs.add(hostile.pth_wheel(door.markers, EVIL))
            line = f"http-proxy = {json.dumps(theirs.base)}\n"
            project = door.project("uv", EVIL)
            words = ["sync"]
            if where == "pyproject":
                project = door.project("uv", EVIL, more=f"[tool.uv]\n{line}")
            elif where == "uv.toml":
                (project / "uv.toml").write_text(line)
            elif where == "user":
                (door.guarded.home / ".config" / "uv").mkdir(parents=True)
                (door.guarded.home / ".config" / "uv" / "uv.toml").write_text(line)
            elif where == "--config-file":
                (project / "other.toml").write_text(f"{line}index-url = {json.dumps(index.url)}\n")
                words = ["--config-file", "other.toml", "sync"]
            elif where == "--project":
                (project / "sub").mkdir()
                shutil.move(project / "pyproject.toml", project / "sub" / "pyproject.toml")
                (project / "sub" / "uv.toml").write_text(line)
                words = ["sync", "--project", "sub"]
            else:
                said = f'dependencies = ["{EVIL}"]\n[tool.uv]\n{line}index-url = "{index.url}"'
                lines = "\n".join(f"# {one}" for one in said.splitlines())
                (project / "script.py").write_text(f"# /// script\n{lines}\n# ///\nimport evil\n")
                words = ["run", "script.py"]
            ended = door.run(uv, *words, cwd=project)
            assert (ended.code, "http-proxy" in ended.err) == (2, True), ended
            assert theirs.requests == []
        assert door.markers.ran() == set()

    def test_what_lies_beside_an_index_and_is_no_text_is_not_handed_out(self, door: Door) -> None:
        """A file under a name that no program of ours knows to be one."""
        evil = hostile.pth_wheel(door.markers, EVIL)
        url = door.index.put("evil-1.0-py3-none-any.whl.bin", evil.content)
        fetch = f"import urllib.request as r; r.urlretrieve({url!r}, 'got')"
        environ = {"UV_DEFAULT_INDEX": door.index.url}
        ended = door.run(sys.executable, "-c", fetch, environ=environ)
        assert ended.code == UNVETTED, ended
        assert url in ended.err.replace("\n  ", "")
        assert not (door.guarded.work / "got").exists()

    def test_a_file_at_an_address_that_does_not_look_like_one_is_vetted(self, door: Door, uv: str) -> None:
        """The listing says what it is; a query tells it from others."""
        (lying,) = door.index.project(LYING).files
        wheels = {"lying": lying.artifact, "honest": build_wheel("honest-project", "1.0")}
        door.index.remove(LYING)
        for name, wheel in wheels.items():
            address = f"{door.index.put(f'download-{name}', wheel.content)}?id={name}"
            door.index.add(wheel, url=address, core_metadata=False)
        words = ("pip", "install", "--index-url", door.index.url, "--target", "there")
        door.refused(door.run(uv, *words, LYING), LYING)
        ended = door.run(uv, *words, "honest-project")
        assert ended.code == 0, ended
        assert (door.guarded.work / "there" / "honest_project.py").exists()


class TestHonest:
    """What must keep working."""

    def test_a_project_is_synchronised_runs_and_is_in_the_ledger(self, door: Door, uv: str) -> None:
        project = door.project("uv", GOOD)
        ended = door.run(uv, "sync", cwd=project)
        assert ended.code == 0, ended
        door.vetted(environment_of(project), GOOD, HELPER)
        assert door.plain(str(environment_of(project) / "bin" / GOOD)).out == "it runs\n"

    def test_what_has_to_be_built_is_built(self, door: Door, uv: str) -> None:
        project = door.project("uv", BUILT)
        ended = door.run(uv, "sync", cwd=project)
        assert ended.code == 0, ended
        door.vetted(environment_of(project), BUILT)

    @pytest.mark.parametrize("tls", [False, True])
    @pytest.mark.parametrize("words", [["lock"], ["add", GOOD]])
    def test_a_lock_is_byte_for_byte_what_it_is_without_us(
        self, door: Door, uv: str, tmp_path: Path, words: list[str], *, tls: bool
    ) -> None:
        made = certificates(tmp_path)
        with LabIndex(certificate=made.server if tls else None) as index:
            index.add_all(build_wheel(GOOD, "1.0", requires=[HELPER]), build_wheel(HELPER, "1.1"))
            index.add(build_wheel(BUILT, "1.0", requires=[HELPER]), upload_time=None)
            door.guarded.pip_conf.write_text(f"[global]\ncert = {made.authority}\n")
            more = {"SSL_CERT_FILE": str(made.authority)}
            locks = []
            for run in (door.run, door.plain):
                project = door.project("uv", BUILT, url=index.url)
                ended = run(uv, *words, "--no-cache", cwd=project, environ=more)
                assert ended.code == 0, ended
                locks.append((project / "uv.lock").read_bytes())
        assert locks[0] == locks[1]
        assert b"upload-time" in locks[0]
        assert b"size = " in locks[0]
        assert index.url.encode() in locks[0]

    def test_the_reason_for_which_a_file_is_yanked_has_no_power_over_the_terminal(
        self, door: Door, uv: str
    ) -> None:
        """It is printed as it comes; no lock file holds it, so that locks stay what they are without us."""
        door.index.add(build_wheel("withdrawn", "1.0"), yanked="it \u202eslaf si")
        locks, said = [], []
        for run in (door.run, door.plain):
            project = door.project("uv", "withdrawn==1.0")
            ended = run(uv, "lock", "--no-cache", cwd=project)
            assert ended.code == 0, ended
            locks.append((project / "uv.lock").read_bytes())
            said.append(ended.err)
        assert locks[0] == locks[1]
        assert "\u202e" not in said[0]
        assert "reason: " in said[0]
        assert "\u202e" in said[1]

    def test_a_file_at_an_address_of_its_own_is_vetted_and_installed(
        self, door: Door, uv: str, tmp_path: Path
    ) -> None:
        """Over TLS; where anybody on the way can swap it, a person is asked first."""
        made = certificates(tmp_path)
        door.guarded.pip_conf.write_text(f"[global]\ncert = {made.authority}\n")
        wheel = build_wheel("lonely", "1.0")
        with LabIndex(certificate=made.server) as theirs:
            address = theirs.put(wheel.filename, wheel.content)
            project = door.project("uv", f"lonely @ {address}")
            ended = door.run(uv, "sync", cwd=project)
        assert ended.code == 0, ended
        assert door.ledger(environment_of(project))["lonely"] == ("1.0", wheel.sha256)
        assert address in (project / "uv.lock").read_text()
        plain = door.index.put(wheel.filename, wheel.content)
        assert door.run(uv, "sync", cwd=door.project("uv", f"lonely @ {plain}")).code == NEEDS_APPROVAL

    def test_so_is_one_that_is_malicious_and_refused(self, door: Door, uv: str) -> None:
        wheel = hostile.pth_wheel(door.markers, EVIL)
        address = door.index.put(wheel.filename, wheel.content)
        door.refused(door.run(uv, "sync", cwd=door.project("uv", f"evil @ {address}")), EVIL)

    def test_an_index_that_wants_a_credential_gets_the_programs_own(self, door: Door, uv: str) -> None:
        with LabIndex(credentials=("joe", "secret")) as private:
            private.add(build_wheel("ours", "1.0"))
            project = door.project("uv", "ours", url=private.url)
            secret = {"UV_INDEX_LAB_USERNAME": "joe", "UV_INDEX_LAB_PASSWORD": "secret"}
            ended = door.run(uv, "sync", cwd=project, environ=secret)
            assert ended.code == 0, ended
            shutil.rmtree(environment_of(project))
            ended = door.run(uv, "sync", "--frozen", cwd=project, environ=secret)
        assert ended.code == 0, ended
        assert door.ledger(environment_of(project)).keys() == {"ours"}

    def test_a_second_index_that_nobody_told_us_of_is_vetted_as_well(self, door: Door, uv: str) -> None:
        """It stands in the command line of a program that another program starts."""
        with LabIndex() as second:
            second.add_all(build_wheel("second", "1.0"), hostile.pth_wheel(door.markers, EVIL))
            script = door.guarded.work / "script.sh"
            words = f'"{uv}" pip install --target there --index {second.url} "$1"'
            script.write_text(f"cd {door.guarded.work} && exec {words}\n")
            index = {"UV_DEFAULT_INDEX": door.index.url}
            assert door.run("sh", str(script), "second", environ=index).code == 0
            assert (door.guarded.work / "there" / "second.py").exists()
            door.refused(door.run("sh", str(script), EVIL, environ=index), EVIL)
            assert second.served_files() == {"second-1.0-py3-none-any.whl"}

    def test_a_tool_is_installed_and_run(self, door: Door, uv: str) -> None:
        index = ("--default-index", door.index.url)
        ended = door.run(uv, "tool", "install", *index, GOOD)
        assert ended.code == 0, ended
        tool = door.guarded.home / ".local" / "share" / "uv" / "tools" / GOOD
        door.vetted(tool, GOOD, HELPER)
        assert door.plain(str(tool / "bin" / GOOD)).out == "it runs\n"

    def test_what_is_wanted_for_one_run_is_there_for_one_run(self, door: Door, uv: str) -> None:
        index = ("--default-index", door.index.url)
        code = ("python", "-c", "import app_lib; app_lib.main()")
        ended = door.run(uv, "run", "--no-project", *index, "--with", GOOD, *code)
        assert (ended.code, ended.out) == (0, "it runs\n"), ended
        ended = door.run(str(Path(uv).with_name("uvx")), *index, GOOD)
        assert (ended.code, ended.out) == (0, "it runs\n"), ended

    @pytest.mark.parametrize(
        "words", [["run", "--no-project", "--with", EVIL, "python", "-c", ""], ["tool", "run", EVIL]]
    )
    def test_but_not_what_is_malicious(self, door: Door, uv: str, words: list[str]) -> None:
        door.refused(door.run(uv, *words, environ={"UV_DEFAULT_INDEX": door.index.url}), EVIL)

    def test_what_did_not_come_through_us_is_said(self, door: Door, uv: str) -> None:
        """A folder of files is the user's own; that nobody vetted them is told."""
        wheel = build_wheel("unseen", "1.0")
        files = door.guarded.work / "files"
        files.mkdir()
        (files / wheel.filename).write_bytes(wheel.content)
        project = door.project("uv", "unseen", more=f"[tool.uv]\nfind-links = [{json.dumps(str(files))}]\n")
        ended = door.run(uv, "sync", cwd=project)
        assert ended.code == 0, ended
        assert "unseen 1.0" in ended.err
        assert "nobody vetted it" in " ".join(ended.err.split())
