"""The lab keeps its promises: pip reads its index, hostile code proves that it ran, faults are faults."""

from __future__ import annotations

import base64
import csv
import hashlib
import http.client
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.environment import VirtualEnvironment, isolated_environ
from tests.lab.faults import (
    Body,
    Corrupt,
    Hang,
    HugeBody,
    RedirectLoop,
    RedirectTo,
    Reset,
    Slow,
    Status,
    Swap,
    Truncate,
    deep_json,
)
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export, osv_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

WHEEL = build_wheel("honest-wheel", "1.0")
WHEEL_PATH = f"/files/{WHEEL.filename}"


@pytest.fixture
def index() -> Iterator[LabIndex]:
    """A running index with one honest wheel on it."""
    with LabIndex() as running:
        running.add(WHEEL)
        yield running


@pytest.fixture
def markers(tmp_path: Path) -> Markers:
    """A directory of markers whose name needs quoting."""
    return Markers(tmp_path / "it's marked")


@pytest.fixture
def target(tmp_path: Path) -> VirtualEnvironment:
    """An empty environment to install into."""
    return VirtualEnvironment.create(tmp_path / "target")


class Answer(NamedTuple):
    """What an HTTP client got."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(index: LabIndex, path: str, *, headers: dict[str, str] | None = None, timeout: float = 10) -> Answer:
    """Ask once, on a connection of its own, following nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(index.base).port or 0, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


def pip(target: VirtualEnvironment, index_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter's pip on an environment, against one index, free of the user's set-up."""
    home = target.path.with_name("home")
    options = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--index-url", index_url]
    return subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(target.python), *arguments, *options],
        cwd=target.path.parent,
        env=isolated_environ(home, PIP_CONFIG_FILE=os.devnull),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


class TestArtifacts:
    """What is built is what the specifications say."""

    def test_the_record_of_a_wheel_lists_every_file_with_its_digest_and_size(self) -> None:
        """PEP 376 and PEP 427: path, urlsafe unpadded base64 of sha256, size; nothing for RECORD itself."""
        wheel = build_wheel("Some.Project", "1.0", entry_points={"console_scripts": {"some": "some:main"}})
        with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}
        rows = list(csv.reader(io.StringIO(contents["some_project-1.0.dist-info/RECORD"].decode())))
        assert [row[0] for row in rows] == list(contents)
        assert rows[-1] == ["some_project-1.0.dist-info/RECORD", "", ""]
        for path, digest, size in rows[:-1]:
            padded = digest.removeprefix("sha256=") + "="
            assert base64.urlsafe_b64decode(padded) == hashlib.sha256(contents[path]).digest()
            assert int(size) == len(contents[path])

    def test_file_names_and_metadata_are_well_formed(self) -> None:
        """`packaging` parses them, strictly, to the name and version that were asked for."""
        requires = ["other>=2", "third; extra == 'more'"]
        wheel = build_wheel(
            "Some.Project", "1.0.0rc1", requires=requires, requires_python=">=3.8", tag="py2.py3-none-any"
        )
        name, version, _, tags = parse_wheel_filename(wheel.filename)
        assert (name, str(version), len(tags)) == ("some-project", "1.0.0rc1", 2)
        metadata = Metadata.from_email(wheel.metadata or b"", validate=True)
        assert metadata.name == "Some.Project"
        assert [str(requirement) for requirement in metadata.requires_dist or ()] == [
            "other>=2",
            'third; extra == "more"',
        ]
        assert str(metadata.requires_python) == ">=3.8"

        sdist = build_sdist("Some.Project", "1.0", pyproject="", metadata_version="2.2")
        assert parse_sdist_filename(sdist.filename)[0] == "some-project"
        with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
            assert archive.getnames() == [
                "some_project-1.0/PKG-INFO",
                "some_project-1.0/pyproject.toml",
                "some_project-1.0/some_project.py",
            ]

    def test_the_same_arguments_give_the_same_bytes(self) -> None:
        """So a digest can be written down, and the same artifact be put on two indexes."""
        builders: list[Callable[[], Artifact]] = [
            lambda: build_wheel("same", "1.0"),
            lambda: build_in_tree_sdist("same", "1.0"),
        ]
        for build in builders:
            assert build() == build()
            assert build().sha256 == hashlib.sha256(build().content).hexdigest()

    def test_a_file_that_is_given_replaces_the_one_that_would_be_written(self) -> None:
        """That is how a test gets a wheel which lies about itself."""
        lie = b"Metadata-Version: 2.1\nName: other\nVersion: 9\n"
        wheel = build_wheel("liar", "1.0", files={"liar-1.0.dist-info/METADATA": lie})
        assert wheel.metadata == lie
        with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
            assert archive.read("liar-1.0.dist-info/METADATA") == lie
        with zipfile.ZipFile(io.BytesIO(build_wheel("bare", "1.0", record=False).content)) as archive:
            assert "bare-1.0.dist-info/RECORD" not in archive.namelist()

    def test_a_statement_for_a_place_that_does_not_exist_is_refused(self) -> None:
        """A hostile hook with a typing error in its name would be an honest one."""
        with pytest.raises(ValueError, match="build_wheal"):
            build_in_tree_sdist("typo", "1.0", statements={"build_wheal": "pass"})


class TestPip:
    """Plain pip takes the index for what it pretends to be."""

    @pytest.mark.parametrize("representation", ["json", "html"])
    def test_pip_installs_a_wheel_and_an_sdist_and_their_requirements(
        self, target: VirtualEnvironment, representation: str
    ) -> None:
        """Metadata is read from `.metadata`, sdists are built with their own backend, digests hold."""
        with LabIndex() as index:
            index.representation = "html" if representation == "html" else "json"
            index.add_all(
                build_wheel("First", "1.0", requires=["second.thing>=1"]),
                build_in_tree_sdist("Second_Thing", "1.5", requires=["third"]),
                build_wheel("third", "2.0", requires_python=">=3"),
            )
            index.add(build_wheel("third", "3.0"), yanked="a mistake")
            index.add(build_wheel("third", "4.0", requires_python="<3"))
            result = pip(target, index.url, "install", "first")
            assert result.returncode == 0, result.stderr
            assert target.distributions() == {("first", "1.0"), ("second-thing", "1.5"), ("third", "2.0")}
            assert "/files/first-1.0-py3-none-any.whl.metadata" in index.paths()
            assert index.served_files() == {
                "first-1.0-py3-none-any.whl",
                "second_thing-1.5.tar.gz",
                "third-2.0-py3-none-any.whl",
            }
        assert target.run_python("import second_thing; print(second_thing.VERSION)").stdout == "1.5\n"

    @pytest.mark.parametrize("wheel_requires", [True, False])
    def test_pip_notices_metadata_that_is_not_that_of_the_wheel(
        self, index: LabIndex, target: VirtualEnvironment, *, wheel_requires: bool
    ) -> None:
        """The digest in the listing fits the lie, so only a comparison with the wheel shows it."""
        with_it = build_wheel("two-faced", "1.0", requires=["honest-wheel"])
        without = build_wheel("two-faced", "1.0")
        wheel, shown = (with_it, without) if wheel_requires else (without, with_it)
        index.add(wheel, core_metadata=shown.metadata or b"")
        result = pip(target, index.url, "install", "two-faced")
        assert result.returncode != 0
        assert "inconsistent Requires-Dist" in result.stderr
        assert target.distributions() == set()

    def test_pip_resolves_an_sdist_by_its_metadata_where_the_index_has_it(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment
    ) -> None:
        """Then a dry run needs no body and runs nothing (PEP 643 metadata, PEP 658 address)."""
        statements = {"module": markers.snippet("module")}
        sdist = build_in_tree_sdist("static", "1.0", statements=statements, metadata_version="2.2")
        index.add(sdist, core_metadata=sdist.pkg_info or b"")
        assert pip(target, index.url, "install", "--dry-run", "static").returncode == 0
        assert index.served_files() == set()
        assert markers.ran() == set()
        assert pip(target, index.url, "install", "static").returncode == 0
        assert markers.ran() == {"module"}

    def test_pip_refuses_bytes_with_another_digest(self, index: LabIndex, target: VirtualEnvironment) -> None:
        """The corruption reaches pip, and the listing's digest is what shows it."""
        index.fault("/files/*.whl", Corrupt())
        result = pip(target, index.url, "install", "honest-wheel")
        assert result.returncode != 0
        assert "THESE PACKAGES DO NOT MATCH THE HASHES" in result.stderr
        assert target.distributions() == set()

    def test_pip_needs_the_credentials(self, target: VirtualEnvironment) -> None:
        """Without them everything is 401; with them in the URL, pip installs."""
        with LabIndex(credentials=("user@example", "p:ss/word")) as index:
            index.add(WHEEL)
            assert get(index, "/simple/").status == 401
            assert get(index, WHEEL_PATH).headers["www-authenticate"].startswith("Basic ")
            assert pip(target, index.url, "install", "honest-wheel").returncode != 0
            assert target.distributions() == set()
            result = pip(target, index.url_with_credentials, "install", "honest-wheel")
            assert result.returncode == 0, result.stderr
            assert target.distributions() == {("honest-wheel", "1.0")}

    def test_pip_merges_two_indexes(self, index: LabIndex, target: VirtualEnvironment) -> None:
        """Two indexes run side by side; the higher version wins, wherever it is: dependency confusion."""
        with LabIndex(representation="html") as second:
            second.add(build_wheel("honest-wheel", "99.0"))
            result = pip(target, index.url, "install", "--extra-index-url", second.url, "honest-wheel")
            assert result.returncode == 0, result.stderr
            assert second.served_files() == {"honest_wheel-99.0-py3-none-any.whl"}
        assert index.served_files() == set()
        assert target.distributions() == {("honest-wheel", "99.0")}


class Case(NamedTuple):
    """A hostile sdist with what it needs, and the labels of what runs during a dry run."""

    project: str
    build: Callable[[Markers | None], Sequence[Artifact]]
    labels: set[str]


SDISTS = {
    "legacy": Case(
        "legacy-project",
        lambda markers: [hostile.legacy_sdist(markers), hostile.fake_setuptools()],
        {hostile.SETUP_PY},
    ),
    "in-tree": Case(
        "in-tree-project",
        lambda markers: [hostile.in_tree_backend_sdist(markers)],
        {hostile.BACKEND_MODULE, *hostile.BACKEND_HOOKS[:2]},
    ),
    "static": Case(
        "static-build-requirement",
        hostile.build_requirement_sdist,
        {hostile.BUILD_REQUIREMENT},
    ),
    "dynamic": Case(
        "dynamic-build-requirement",
        hostile.dynamic_requirement_sdist,
        {hostile.BUILD_REQUIREMENT},
    ),
    "setuptools": Case(
        "legacy-project",
        lambda markers: [hostile.legacy_sdist(None), hostile.fake_setuptools(markers)],
        {hostile.BUILD_REQUIREMENT},
    ),
}


class TestHostile:
    """The markers work: under plain pip the hostile code runs, and that of its twin leaves nothing."""

    @pytest.mark.parametrize("case", SDISTS.values(), ids=SDISTS)
    def test_a_dry_run_of_pip_runs_the_code_of_a_hostile_sdist(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment, case: Case
    ) -> None:
        """Nothing is installed, and yet the code has run: what a resolver by dry run would let through."""
        index.add_all(*case.build(markers))
        result = pip(target, index.url, "install", "--dry-run", case.project)
        assert result.returncode == 0, result.stderr
        assert target.distributions() == set()
        assert markers.ran() == case.labels

    @pytest.mark.parametrize("case", SDISTS.values(), ids=SDISTS)
    def test_the_honest_twin_of_an_sdist_installs_and_leaves_no_marker(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment, case: Case
    ) -> None:
        """Same project, same version: the twin differs in what it runs and in nothing else."""
        twins = case.build(None)
        assert [twin.filename for twin in twins] == [evil.filename for evil in case.build(markers)]
        index.add_all(*twins)
        result = pip(target, index.url, "install", case.project)
        assert result.returncode == 0, result.stderr
        assert target.distributions() == {(case.project, "1.0")}
        module = case.project.replace("-", "_")
        assert target.run_python(f"import {module}; print({module}.VERSION)").stdout == "1.0\n"
        assert markers.ran() == set()

    def test_an_installation_runs_every_hook_of_an_in_tree_backend(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment
    ) -> None:
        """The hook that builds the wheel runs too, so each of its labels can be waited for."""
        index.add(hostile.in_tree_backend_sdist(markers))
        assert pip(target, index.url, "install", "in-tree-project").returncode == 0
        assert markers.ran() == {hostile.BACKEND_MODULE, *hostile.BACKEND_HOOKS}

    @pytest.mark.parametrize("evil", [True, False])
    def test_a_pth_file_runs_at_the_next_start(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment, *, evil: bool
    ) -> None:
        """Not when it is installed: when the interpreter starts, whatever for."""
        index.add(hostile.pth_wheel(markers if evil else None))
        assert pip(target, index.url, "install", "pth-project").returncode == 0
        markers.clear()
        result = target.run_python("print('started')")
        assert (result.stdout, result.stderr) == ("started\n", "")
        assert markers.ran() == ({hostile.PTH} if evil else set())

    @pytest.mark.parametrize("evil", [True, False])
    def test_a_module_runs_at_import_and_its_console_script_when_called(
        self, index: LabIndex, markers: Markers, target: VirtualEnvironment, *, evil: bool
    ) -> None:
        """Installing runs neither."""
        index.add(hostile.module_wheel(markers if evil else None))
        assert pip(target, index.url, "install", "module-project").returncode == 0
        assert markers.ran() == set()
        assert target.run_python("import module_project").returncode == 0
        assert markers.ran() == ({hostile.MODULE} if evil else set())
        subprocess.run([str(target.scripts / "module-project")], check=True, timeout=60)
        assert markers.ran() == ({hostile.MODULE, hostile.CONSOLE_SCRIPT} if evil else set())

    def test_a_label_that_is_no_file_name_is_refused(self, markers: Markers) -> None:
        """It would be marked outside the directory, and never be seen."""
        with pytest.raises(ValueError, match="not a label"):
            markers.snippet("../elsewhere")


class TestFaults:
    """Each fault is the one it says, and only for the requests it is meant for."""

    def test_slow_takes_its_time(self, index: LabIndex) -> None:
        """Per chunk or in total; the bytes are right in the end."""
        index.fault(WHEEL_PATH, Slow(seconds_per_chunk=0.1, chunk_size=len(WHEEL.content) // 2 + 1, times=1))
        index.fault(WHEEL_PATH, Slow(total=0.3, chunk_size=100, times=1))
        for least in (0.2, 0.3):
            start = time.monotonic()
            assert get(index, WHEEL_PATH).body == WHEEL.content
            assert time.monotonic() - start >= least
        with pytest.raises(ValueError, match="either"):
            Slow()

    @pytest.mark.parametrize("fault", [Hang(), Hang(after=10)])
    def test_hang_never_ends_and_does_not_keep_the_server_from_closing(self, fault: Hang) -> None:
        """The client's deadline is what ends it; and closing does not wait for a handler that hangs."""
        with LabIndex() as index:
            index.add(WHEEL)
            index.fault("/files/*", fault)
            with pytest.raises(TimeoutError):
                get(index, WHEEL_PATH, timeout=0.3)
            failures: list[Exception] = []
            waiting = threading.Thread(target=_expect_failure, args=(index, failures))
            waiting.start()
            while len(index.requests) < 2:
                time.sleep(0.01)
            assert index.served_files() == set()
        waiting.join(5)
        assert len(failures) == 1

    def test_truncate_ends_before_the_announced_length(self, index: LabIndex) -> None:
        """The client can tell, and the file does not count as served."""
        index.fault("/files/*", Truncate(after=20))
        with pytest.raises(http.client.IncompleteRead) as caught:
            get(index, WHEEL_PATH)
        assert caught.value.partial == WHEEL.content[:20]
        assert caught.value.expected == len(WHEEL.content) - 20
        assert index.served_files() == set()

    def test_corrupt_keeps_the_length_and_changes_the_digest(self, index: LabIndex) -> None:
        """One byte differs; the file counts as served, since a whole body was sent."""
        index.fault("/files/*", Corrupt())
        body = get(index, WHEEL_PATH).body
        assert len(body) == len(WHEEL.content)
        assert sum(one != other for one, other in zip(body, WHEEL.content, strict=True)) == 1
        assert index.served_files() == {WHEEL.filename}

    def test_a_fault_with_times_is_over_after_so_many_requests(self, index: LabIndex) -> None:
        """Then the next fault has its turn, then honesty returns."""
        index.fault("/simple/*", Status(503, {"Retry-After": "1"}, b"later", times=2))
        index.fault("/simple/*", Status(500, times=1))
        answers = [get(index, "/simple/honest-wheel/") for _ in range(4)]
        assert [answer.status for answer in answers] == [503, 503, 500, 200]
        assert answers[0].headers["retry-after"] == "1"
        assert answers[0].body == b"later"
        index.fault("/*", Status(500))
        index.clear_faults()
        assert get(index, "/simple/").status == 200

    def test_redirects_lead_elsewhere_or_in_a_circle(self, index: LabIndex) -> None:
        """A loop has a Location under the same path every time."""
        index.fault(WHEEL_PATH, RedirectTo("http://files.example/x.whl", 307, times=1))
        index.fault(WHEEL_PATH, RedirectLoop())
        first = get(index, WHEEL_PATH)
        assert (first.status, first.headers["location"]) == (307, "http://files.example/x.whl")
        path = WHEEL_PATH
        for _ in range(3):
            answer = get(index, path)
            assert answer.status == 302
            assert urlsplit(answer.headers["location"]).path == WHEEL_PATH
            assert answer.headers["location"] != path
            path = answer.headers["location"]

    def test_a_body_can_be_malformed_deep_or_huge(self, index: LabIndex) -> None:
        """Deep enough for `json` to give up; huge without being held by the server."""
        index.fault("/simple/one/", Body(b"{", headers={"X-Lab": "1"}))
        index.fault("/simple/deep/", deep_json(100_000))
        index.fault("/simple/huge/", HugeBody(20_000_000))
        index.fault("/simple/unannounced/", HugeBody(3_000_000, announce=False))
        malformed = get(index, "/simple/one/")
        assert (malformed.status, malformed.body, malformed.headers["x-lab"]) == (200, b"{", "1")
        with pytest.raises(RecursionError):
            json.loads(get(index, "/simple/deep/").body)
        huge = get(index, "/simple/huge/")
        assert len(huge.body) == int(huge.headers["content-length"]) == 20_000_000
        unannounced = get(index, "/simple/unannounced/")
        assert "content-length" not in unannounced.headers
        assert len(unannounced.body) == 3_000_000

    def test_swap_answers_the_first_request_otherwise_than_the_rest(self, index: LabIndex) -> None:
        """What was looked at is not what is delivered."""
        index.fault("/files/*", Swap(b"good", b"bad"))
        assert [get(index, WHEEL_PATH).body for _ in range(3)] == [b"good", b"bad", b"bad"]

    def test_reset_cuts_the_connection(self, index: LabIndex) -> None:
        """No answer at all, and at once."""
        index.fault("/simple/*", Reset(times=1))
        with pytest.raises(ConnectionResetError):
            get(index, "/simple/")
        assert get(index, "/simple/").status == 200

    def test_latency_comes_before_every_answer(self, index: LabIndex) -> None:
        """In seconds."""
        index.latency = 0.2
        start = time.monotonic()
        get(index, "/simple/")
        assert time.monotonic() - start >= 0.2

    def test_a_client_that_leaves_in_the_middle_is_no_failure_of_the_lab(self, index: LabIndex) -> None:
        """And the file that it left is not a served one."""
        index.add(build_wheel("big", "1.0", files={"big.bin": os.urandom(8_000_000)}))
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(index.base).port or 0, timeout=10)
        connection.request("GET", "/files/big-1.0-py3-none-any.whl")
        connection.getresponse().read(10)
        connection.close()
        assert index.served_files() == set()


def _expect_failure(index: LabIndex, failures: list[Exception]) -> None:
    try:
        get(index, WHEEL_PATH, timeout=30)
    except (OSError, http.client.HTTPException) as error:
        failures.append(error)


class TestListing:
    """The pages state what a test made them state, in the words of the specifications."""

    def test_json_has_the_keys_of_the_specifications(self, index: LabIndex) -> None:
        """PEP 691, 700, 708, 714, 740 and 792."""
        index.add(
            build_wheel("Full.Project", "1.0", requires_python=">=3.8"),
            upload_time=datetime(2024, 5, 6, 7, 8, 9, 10, tzinfo=timezone.utc),
            yanked="broken",
            provenance="http://index.example/provenance",
            hashes={},
            url="../../elsewhere/full.whl",
        )
        project = index.project("full_project")
        project.status, project.status_reason = "quarantined", "haunted"
        project.tracks = ["http://upstream.example/simple/full-project/"]
        project.alternate_locations = ["http://other.example/simple/full-project/"]
        project.versions = ["0.9", "1.0"]
        answer = get(index, "/simple/full-project/")
        assert answer.headers["content-type"] == "application/vnd.pypi.simple.v1+json"
        page = json.loads(answer.body)
        metadata = get(index, "/files/full_project-1.0-py3-none-any.whl.metadata").body
        size = page["files"][0].pop("size")
        assert size == len(get(index, "/files/full_project-1.0-py3-none-any.whl").body)
        assert page == {
            "meta": {"api-version": "1.4", "tracks": ["http://upstream.example/simple/full-project/"]},
            "name": "full-project",
            "versions": ["0.9", "1.0"],
            "alternate-locations": ["http://other.example/simple/full-project/"],
            "project-status": {"status": "quarantined", "reason": "haunted"},
            "files": [
                {
                    "filename": "full_project-1.0-py3-none-any.whl",
                    "url": "../../elsewhere/full.whl",
                    "hashes": {},
                    "yanked": "broken",
                    "upload-time": "2024-05-06T07:08:09.000010Z",
                    "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
                    "requires-python": ">=3.8",
                    "provenance": "http://index.example/provenance",
                }
            ],
        }

    def test_html_escapes_what_it_states(self, index: LabIndex) -> None:
        """PEP 503: `<` and `>` in attributes are entities; the digest is a fragment."""
        index.representation = "html"
        index.add(WHEEL, yanked=True, requires_python=">=3.8,<4", core_metadata=False)
        index.project("honest-wheel").status = "archived"
        page = get(index, "/simple/honest-wheel/").body.decode()
        assert '<meta name="pypi:project-status" content="archived">' in page
        anchor = page.splitlines()[-3]
        assert f'href="{index.base}{WHEEL_PATH}#sha256={WHEEL.sha256}"' in anchor
        assert 'data-requires-python="&gt;=3.8,&lt;4" data-yanked=""' in anchor
        assert "data-core-metadata" not in anchor

    def test_names_are_normalized_by_redirects_and_unknown_ones_are_not_found(self, index: LabIndex) -> None:
        """PEP 503: one address a project, with a slash at its end."""
        for path in ("/simple/honest-wheel", "/simple/Honest_Wheel/"):
            answer = get(index, path)
            assert (answer.status, answer.headers["location"]) == (301, "/simple/honest-wheel/")
        assert get(index, "/simple").headers["location"] == "/simple/"
        assert json.loads(get(index, "/simple/").body)["projects"] == [{"name": "honest-wheel"}]
        assert [get(index, path).status for path in ("/simple/unknown/", "/files/unknown.whl")] == [404, 404]

    def test_requests_are_logged_and_forgotten(self, index: LabIndex) -> None:
        """With the query as it came, and the names of headers in lower case."""
        get(index, "/simple/%68onest-wheel/?a=b", headers={"X-Probe": "yes"})
        (request,) = index.requests
        assert (request.method, request.path) == ("GET", "/simple/%68onest-wheel/?a=b")
        assert request.headers["x-probe"] == "yes"
        assert index.paths() == ["/simple/honest-wheel/"]
        index.forget()
        assert index.requests == []

    def test_a_connection_is_kept_alive(self, index: LabIndex) -> None:
        """Several requests on one socket, a HEAD and an error among them."""
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(index.base).port or 0, timeout=10)
        socket = None
        for method, path, length in [
            ("GET", WHEEL_PATH, len(WHEEL.content)),
            ("HEAD", WHEEL_PATH, 0),
            ("GET", "/nowhere", 9),
        ]:
            connection.request(method, path)
            assert len(connection.getresponse().read()) == length
            socket = socket or connection.sock
            assert connection.sock is socket
        connection.close()


class TestOsv:
    """The export has the form of the real one."""

    def test_an_export_is_a_zip_of_records(self, index: LabIndex) -> None:
        """One JSON file a record, named after its id; served with an ETag, and 304 for who has it."""
        record = osv_record(
            "PYSEC-2024-1",
            "Some.Project",
            versions=["1.0"],
            ranges=[[{"introduced": "0"}, {"fixed": "1.1"}]],
            summary="a hole",
            aliases=["CVE-2024-1"],
            withdrawn=datetime(2024, 2, 3, tzinfo=timezone.utc),
            severity="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        )
        url = index.put_osv(osv_export([record, malicious("evil"), malicious("half", versions=["2.0"])]))
        answer = get(index, urlsplit(url).path)
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            records = [json.loads(archive.read(name)) for name in archive.namelist()]
            assert archive.namelist() == [f"{stored['id']}.json" for stored in records]
        assert records[0] == {
            "schema_version": "1.7.0",
            "id": "PYSEC-2024-1",
            "modified": "2024-01-01T00:00:00Z",
            "published": "2024-01-01T00:00:00Z",
            "withdrawn": "2024-02-03T00:00:00Z",
            "summary": "a hole",
            "aliases": ["CVE-2024-1"],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
            "affected": [
                {
                    "package": {
                        "name": "some-project",
                        "ecosystem": "PyPI",
                        "purl": "pkg:pypi/some-project",
                    },
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
                    "versions": ["1.0"],
                }
            ],
        }
        assert records[1]["id"].startswith("MAL-")
        assert records[1]["affected"][0]["ranges"] == [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
        assert records[2]["affected"][0]["versions"] == ["2.0"]
        assert records[2]["affected"][0]["ranges"] == []
        again = get(index, urlsplit(url).path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.body) == (304, b"")

    def test_any_bytes_can_be_put_up(self, index: LabIndex) -> None:
        """A provenance object, a requirements file, a trust root."""
        url = index.put("a file.json", b"{}", "application/json")
        answer = get(index, url.removeprefix(index.base))
        assert (answer.body, answer.headers["content-type"]) == (b"{}", "application/json")


class TestEnvironment:
    """What is installed into is empty, and what runs there is on its own."""

    def test_a_new_environment_is_empty_and_shows_what_is_added(self, target: VirtualEnvironment) -> None:
        """No distribution, not even pip; and `files` sees a file that was left behind."""
        assert target.distributions() == set()
        before = target.files()
        assert target.python.relative_to(target.path).as_posix() in before
        assert target.run_python("import sys; print(sys.prefix)").stdout.strip() == str(target.path)
        assert target.files() == before
        (target.purelib / "left.py").touch()
        added = target.files() - before
        assert added == {(target.purelib / "left.py").relative_to(target.path).as_posix()}

    def test_a_child_process_inherits_nothing_that_configures_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither pip, nor Python, nor proxies, nor trustguard; and its home is the one given."""
        for name in ("PIP_INDEX_URL", "PYTHONPATH", "HTTPS_PROXY", "VIRTUAL_ENV", "TRUSTGUARD_CONFIG"):
            monkeypatch.setenv(name, "http://configured.example/")
        environ = isolated_environ(tmp_path / "home", EXTRA="yes")
        assert set(environ) == {
            "PATH",
            "LANG",
            "HOME",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
            "TMPDIR",
            "EXTRA",
        }
        assert all(
            str(tmp_path) in value for name, value in environ.items() if name.endswith(("HOME", "DIR"))
        )
