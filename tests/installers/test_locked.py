"""The lock file that pip has written goes where it is wanted when it is complete, and not before."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pip._internal.utils.compat import tomllib

from trustguard.installers.pip.locked import Lock, LockedFile, lock_file, remark_on_name
from trustguard.installers.pip.plan import Plan, Target
from trustguard.model.errors import InstallerError, StoreError
from trustguard.model.project import Sha256
from trustguard.model.provenance import Publisher

DIGEST = "ab" * 32
GUARD = "http://127.0.0.1:8123/files/"
INDEX = "https://files.example/"
HEAD = 'lock-version = "1.0"\n\n'
WHEEL = f'[[packages.wheels]]\nname = "a.whl"\nurl = "{GUARD}a.whl"\nhashes = {{sha256 = "{DIGEST}"}}\n'
SDIST = f'[packages.sdist]\nname = "a.zip"\nurl = "{GUARD}a.zip"\nhashes = {{sha256 = "{DIGEST}"}}\n'
ARCHIVE = f'[packages.archive]\nurl = "https://other.example/b.zip"\nhashes = {{sha512 = "{DIGEST}"}}\n'
PACKAGES = f'[[packages]]\nname = "a"\n{SDIST}{WHEEL}[[packages]]\nname = "b"\n{ARCHIVE}'
OWN = '[[packages]]\nname = "own"\n[packages.directory]\npath = "own"\n'
PUBLISHER = Publisher("Google", "https://accounts.google.com", "a@b.example")


def plan(output_file: str) -> Plan:
    """What pip makes of ``lock --output FILE``."""
    target = Target("", "", "", "", "", {}, ())
    values = {"output_file": output_file}
    return Plan("lock", (), (), (), values, (), (), (), (), (), (), target, ())


def original(url: str) -> str | None:
    """Put an address back."""
    return url.replace(GUARD, INDEX) if url.startswith(GUARD) else None


def read(folder: Path, text: str = HEAD + PACKAGES + OWN) -> Lock:
    """What pip has written."""
    path = folder / "pylock.trustguard-r.toml"
    path.write_text(text, encoding="utf-8")
    return Lock.read(path, original)


class TestPlace:
    """Where pip is told to write."""

    @pytest.mark.parametrize(
        ("output", "expected"),
        [
            ("pylock.toml", "pylock.trustguard-r.toml"),
            ("sub/pylock.dev.toml", "sub/pylock.trustguard-r.toml"),
            ("-", "pylock.trustguard-r.toml"),
            ("odd.toml", "pylock.trustguard-r.toml"),
        ],
    )
    def test_it_is_beside_the_wanted_place_under_a_name_that_pip_does_not_remark_on(
        self, output: str, expected: str, tmp_path: Path
    ) -> None:
        assert lock_file(plan(output), tmp_path, "r") == tmp_path / expected

    @pytest.mark.parametrize("output", ["odd.toml", "sub/pylock.a.b.toml", "pylock"])
    def test_a_name_that_is_none_of_a_lock_files_is_told_as_it_was_typed(self, output: str) -> None:
        assert remark_on_name(plan(output)) == (f"{output} is not a valid lock file name",)

    @pytest.mark.parametrize("output", ["pylock.toml", "sub/pylock.dev.toml", "-"])
    def test_nothing_is_said_of_a_name_that_is_one(self, output: str) -> None:
        assert not remark_on_name(plan(output))


class TestRead:
    """What is made of it."""

    def test_every_file_is_known_by_its_original_address_and_its_digest(self, tmp_path: Path) -> None:
        assert read(tmp_path).files == (
            (
                LockedFile(f"{INDEX}a.zip", Sha256(DIGEST)),
                LockedFile(f"{INDEX}a.whl", Sha256(DIGEST)),
            ),
            (LockedFile("https://other.example/b.zip", None),),
            (),
        )

    @pytest.mark.parametrize(
        "text",
        [
            "packages = [",
            HEAD,
            f"{HEAD}packages = 7\n",
            f'{HEAD}[[packages]]\nname = "a"\n[packages.sdist]\nhashes = {{}}\n',
            f'{HEAD}[[packages]]\nname = "a"\n[packages.sdist]\nurl = "{GUARD}a.zip"\n',
            f'{HEAD}[[packages]]\nname = "a"\n[packages.sdist]\nurl = 7\nhashes = {{}}\n',
        ],
    )
    def test_a_form_that_is_not_known_is_an_error_of_the_installer(self, text: str, tmp_path: Path) -> None:
        with pytest.raises(InstallerError, match="lock file"):
            read(tmp_path, text)


class TestHandedOn:
    """Where it goes, and what it says then."""

    def test_a_package_has_a_publisher_where_every_file_of_it_has(self, tmp_path: Path) -> None:
        lock = read(tmp_path)
        lock.identify({f"{INDEX}a.whl": (PUBLISHER,)})
        assert "attestation-identities" not in lock.content["packages"][0]
        lock.identify({f"{INDEX}a.whl": (PUBLISHER,), f"{INDEX}a.zip": (PUBLISHER,)})
        lock.hand_on(plan("pylock.toml"), tmp_path, sys.stdout)
        written = tomllib.loads((tmp_path / "pylock.toml").read_text(encoding="utf-8"))
        stated = [package.get("attestation-identities") for package in written["packages"]]
        assert stated == [[{"kind": "Google", "email": "a@b.example"}], None, None]
        assert [path.name for path in tmp_path.iterdir()] == ["pylock.toml"]

    def test_to_standard_output_it_leaves_nothing_elsewhere(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lock = read(tmp_path)
        lock.hand_on(plan("-"), tmp_path, sys.stdout)
        assert tomllib.loads(capsys.readouterr().out) == lock.content
        assert not (tmp_path / "pylock.toml").exists()

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        lock = read(tmp_path)
        (tmp_path / "pylock.toml").mkdir()
        with pytest.raises(StoreError, match=r"pylock\.toml cannot be written"):
            lock.hand_on(plan("pylock.toml"), tmp_path, sys.stdout)

    def test_a_link_and_a_pipe_are_written_through_and_stay_what_they_are(self, tmp_path: Path) -> None:
        (tmp_path / "pylock.toml").symlink_to("elsewhere.toml")
        os.mkfifo(tmp_path / "pipe")
        lock, pipe = read(tmp_path), os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
        for output in ("pylock.toml", "pipe"):
            lock.hand_on(plan(output), tmp_path, sys.stdout)
        received = os.read(pipe, 1 << 16).decode()
        os.close(pipe)
        assert received == (tmp_path / "elsewhere.toml").read_text(encoding="utf-8")
        assert tomllib.loads(received) == lock.content
        assert (tmp_path / "pylock.toml").is_symlink()
        assert (tmp_path / "pipe").is_fifo()

    def test_what_goes_into_a_pipe_is_made_in_the_working_directory(self, tmp_path: Path) -> None:
        (tmp_path / "devices").mkdir()
        os.mkfifo(tmp_path / "devices" / "pipe")
        made = lock_file(plan("devices/pipe"), tmp_path, "r")
        assert made == tmp_path / "pylock.trustguard-r.toml"
