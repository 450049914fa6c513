"""The self-test shows a block to anyone: it needs no network, leaves nothing, and sees a guard that fails."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.environment import isolated_environ
from tests.lab.installed import OURSELVES, installed_wheel
from trustguard.frontends.self_test.house import House, malicious
from trustguard.frontends.self_test.packages import Marks, sdist, wheel
from trustguard.frontends.self_test.private_index import PrivateIndex
from trustguard.frontends.self_test.steps import CONTROL, MALICIOUS, WHEEL, Refusal, installs, is_refused

pytestmark = pytest.mark.slow

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8"))
NOWHERE = "http://127.0.0.1:9"
"""A port at which nobody answers: whatever would leave the machine ends there."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel of trustguard holds, with no tests beside it."""
    return unpack(tmp_path_factory.mktemp("wheel"))


def unpack(folder: Path) -> Path:
    """Unpack the wheel of trustguard into a folder."""
    with zipfile.ZipFile(BytesIO(installed_wheel(OURSELVES).content)) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the unpacked trustguard with a home of its own and without a network."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    own = {"PYTHONPATH": str(unpacked), "PIP_INDEX_URL": NOWHERE, **proxies, **environ}
    return subprocess.run(
        [sys.executable, "-m", "trustguard", *words],
        cwd=home,
        env=isolated_environ(home, **own),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_from_a_wheel_and_without_a_network_every_step_passes_and_nothing_is_left(
    unpacked: Path, tmp_path: Path
) -> None:
    done = run(unpacked, tmp_path, "doctor", "--self-test")
    assert done.returncode == 0, done
    results = [line[:4] for line in done.stdout.splitlines() if line[:4].isupper()]
    assert results == ["PASS"] * 7
    assert done.stdout.endswith("trustguard: 7 steps passed, 0 failed; all that was made is removed\n")
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()]
    assert left == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_is_wrong_in_the_users_own_files_does_not_stop_it(unpacked: Path, tmp_path: Path) -> None:
    """docs/output.md: it reads nothing of yours but an organisation's configuration."""
    (tmp_path / "trustguard.toml").write_text("profile = 'no such'\n[")
    done = run(unpacked, tmp_path, "doctor", "--self-test", TRUSTGUARD_CONFIG=str(tmp_path / "none.toml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "trustguard: 7 steps passed, 0 failed" in done.stdout


def test_a_guard_that_does_not_run_is_no_pass_although_nothing_gets_in(tmp_path: Path) -> None:
    broken = unpack(tmp_path / "broken")
    # What only an installation loads.
    (broken / "uvicorn.py").write_text("raise ImportError('broken on purpose')\n")
    done = run(broken, tmp_path, "--format", "json", "doctor", "--self-test")
    document: Any = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert (done.returncode, document["command"]) == (1, "doctor")
    found = [row["found"][:4] for row in document["findings"]]
    assert found == ["PASS", "PASS", *["FAIL"] * 5], document
    assert "broken on purpose" in document["findings"][2]["found"]


def test_a_guard_that_lets_it_in_is_seen_by_what_is_on_disk() -> None:
    """No advisory speaks of the package, so that it gets in."""
    with tempfile.TemporaryDirectory() as folder:
        marks = Marks(Path(folder).resolve() / "marks")
        marks.folder.mkdir()
        control = wheel(CONTROL, marks.line(CONTROL))
        with PrivateIndex([control, sdist("other", "pass")]) as index:
            house = House(Path(folder).resolve(), index.url)
            house.build()
            house.advise(malicious(WHEEL, 1))
            other = is_refused(Refusal("for this reason", "no-such-project", MALICIOUS), house, marks, index)
            assert (other.result, "but not for known-malicious" in other.detail) == ("FAIL", True)
            refusal = Refusal("it is refused", CONTROL, MALICIOUS)
            seen = is_refused(refusal, house, marks, index)
            assert seen.result == "FAIL"
            assert "new in the environment: " in seen.detail
            assert "trustguard_self_test_control-1.0.dist-info" in seen.detail


def test_where_an_organisation_refuses_what_is_harmless_the_control_is_skipped(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "marks")
    marks.folder.mkdir()
    with PrivateIndex([wheel(CONTROL, marks.line(CONTROL))]) as index:
        house = House(tmp_path.resolve(), index.url)
        house.build()
        (tmp_path / "trustguard.toml").write_text('unknown = "block"\n')
        house.advise(malicious(WHEEL, 1))
        step = installs(house, marks, organisation=True)
    assert (step.result, "not-listed" in step.detail) == ("SKIP", True)
