"""``trustguard run`` and the program: how it ends, what it is told, and what is left behind."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.frontends.guard_proxy.test_way import proxy
from tests.frontends.run.door import BLOCKED, BUILT, EVIL, GOOD, HELPER, Door, environment_of
from tests.lab.artifacts import build_wheel
from tests.lab.guard import SECONDS
from tests.lab.index import LabIndex
from tests.lab.tools import Tools
from tests.sources.https import BODY, certificates, https_server

PATIENCE = 30.0
"""Seconds after which what has not happened will not."""
FETCH = """
import os, ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1] or os.environ["SSL_CERT_FILE"])
print(urllib.request.urlopen(sys.argv[2], context=context).read().decode())
"""
TUNNEL = """
import base64, http.client, os, urllib.parse
proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"])
credential = base64.b64encode(proxy.netloc.rpartition("@")[0].encode()).decode()
connection = http.client.HTTPConnection(proxy.hostname, proxy.port)
connection.set_tunnel("tool.example", 443, {"Proxy-Authorization": f"Basic {credential}"})
connection.request("GET", "/")
print(connection.getresponse().read().decode())
"""
"""Nobody looks inside, so that it need not be TLS."""
HANDSHAKES = """
import http.client, os, ssl, urllib.parse
proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"])
credential = urllib.request.base64.b64encode(proxy.netloc.rpartition("@")[0].encode()).decode()
for number in range(40):
    connection = http.client.HTTPSConnection(proxy.hostname, proxy.port, context=ssl.create_default_context())
    connection.set_tunnel(f"host{number}.example", 443, {"Proxy-Authorization": f"Basic {credential}"})
    connection.connect()
    connection.close()
""".replace("urllib.parse", "urllib.parse, urllib.request", 1)
# Runs the command line in this process, and prints which modules came after the program had ended.
WATCH = """
import subprocess, sys
from trustguard.frontends.cli import main

wait = subprocess.Popen.wait
def waiting(self, *args, **options):
    code = wait(self, *args, **options)
    if self.args[0] == program and not before:
        before.update(sys.modules)
    return code
before, program = set(), sys.argv[sys.argv.index("--") + 1]
subprocess.Popen.wait = waiting
try:
    main(sys.argv[1:])
finally:
    print("late:", *sorted(set(sys.modules) - before))
"""
STRANGER = """
import os, socket, sys, urllib.parse
port = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"]).port
for credential in ("", "Proxy-Authorization: Basic dHJ1c3RndWFyZDp3cm9uZw==\\r\\n"):
    for line in (f"CONNECT {sys.argv[1]}", f"GET http://{sys.argv[1]}/simple/"):
        with socket.create_connection(("127.0.0.1", port)) as there:
            head = f"{line} HTTP/1.1\\r\\nHost: x\\r\\n{credential}Connection: close\\r\\n\\r\\n"
            there.sendall(head.encode())
            print(there.makefile("rb").read())
"""


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def left_behind(door: Door) -> list[Path]:
    """What of a run's own folders is there."""
    home = door.guarded.home
    return [*(home / "tmp").glob("trustguard-*"), *(home / ".cache" / "trustguard" / "runs").glob("*")]


class TestEnd:
    """Exit codes."""

    @pytest.mark.parametrize("code", [0, 7])
    def test_the_programs_own_code_is_kept(self, door: Door, code: int) -> None:
        ended = door.run("sh", "-c", f"echo said; exit {code}")
        assert (ended.code, ended.out) == (code, "said\n"), ended
        assert left_behind(door) == []

    def test_a_signal_is_told_as_shells_do(self, door: Door) -> None:
        assert door.run("sh", "-c", "kill -9 $$").code == 128 + 9

    def test_a_program_that_is_not_there_is_a_usage_error(self, door: Door) -> None:
        ended = door.run("no-such-program")
        assert (ended.code, "no-such-program" in ended.err) == (2, True), ended

    def test_so_is_one_that_cannot_be_started(self, door: Door) -> None:
        broken = door.guarded.work / "broken"
        broken.write_text("#!/no/such/interpreter\n")
        broken.chmod(0o755)
        ended = door.run(str(broken))
        assert (ended.code, str(broken) in ended.err.replace("\n  ", "")) == (2, True), ended
        assert left_behind(door) == []

    @pytest.mark.parametrize("word", ["install", "uv"])
    def test_a_file_that_a_shell_has_opened_is_handed_on(self, door: Door, tools: Tools, word: str) -> None:
        """``-r <(…)`` is one, and what is read from it is vetted as ever."""
        target = door.guarded.environment
        into = ("--python", str(target.python))
        words = (*into, word) if word == "install" else ("run", tools.uv, "pip", "install", *into)
        for name, code in ((HELPER, 0), (EVIL, BLOCKED)):
            given = f'echo {name} | {{ exec 3<&0 </dev/null; exec "$@" -r /dev/fd/3; }}'
            command = ("sh", "-c", given, "sh", sys.executable, "-m", "trustguard", *words)
            ended = door.plain(*command, environ={"UV_DEFAULT_INDEX": door.index.url})
            assert ended.code == code, ended
        assert door.guarded.installed() == {HELPER}
        assert door.markers.ran() == set()

    def test_an_argument_may_be_longer_than_any_path(self, door: Door) -> None:
        ended = door.run("sh", "-c", f": {'x' * 5000}; exit 3")
        assert (ended.code, "Traceback" in ended.err) == (3, False), ended

    def test_standard_output_belongs_to_the_report_where_that_is_json(self, door: Door) -> None:
        front = (sys.executable, "-m", "trustguard", "--format", "json", "run")
        ended = door.plain(*front, "sh", "-c", "echo said")
        assert ended.json["exit_code"] == 0
        assert "said" in ended.err


@contextmanager
def started(door: Door, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run as the leader of a process group; what is left of it is ended."""
    environ = door.environ()

    def hear() -> None:
        # Where the tests run in the background, Ctrl-C is ignored, and that would be inherited.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        [sys.executable, "-m", "trustguard", "run", "--", *words],
        cwd=door.guarded.work,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear,  # noqa: PLW1509 - no threads of ours run
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


class TestSignals:
    """Nothing of a run is left behind."""

    WAITS = "trap 'echo asked > {asked}; exit 5' TERM INT; echo > {ready}; while :; do sleep 0.05; done"

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_the_program_is_asked_to_end_and_says_how(self, door: Door, number: int) -> None:
        """Termination is sent to trustguard alone, Ctrl-C to the whole group."""
        asked, ready = door.guarded.home / "asked", door.guarded.home / "ready"
        with started(door, "sh", "-c", self.WAITS.format(asked=asked, ready=ready)) as process:
            until(ready.exists, "the program runs")
            assert left_behind(door)
            (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
            _, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, asked.exists()) == (5, True), err
        assert "Traceback" not in err
        assert left_behind(door) == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_before_the_program_runs_everything_ends(self, door: Door, number: int) -> None:
        with started(door, "sleep", "60") as process:
            until(lambda: left_behind(door), "the run begins")
            os.killpg(process.pid, number)
            _, err = process.communicate(timeout=SECONDS)
        assert process.returncode != 0
        assert "Traceback" not in err
        assert left_behind(door) == []

    WHILE_IT_STARTS = """
import os, signal, subprocess, sys

class Popen(subprocess.Popen):
    def __init__(self, words, **given):
        super().__init__(words, **given)
        if words[0] == "sh":
            os.kill(os.getpid(), {number})

subprocess.Popen = Popen
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
sys.argv = ["trustguard", "run", "--", "sh", "-c", "echo $$ > {pid}; exec sleep 60"]
from trustguard.__main__ import main
main()
"""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_program_that_is_just_being_started_is_asked_to_end(self, door: Door, number: int) -> None:
        """The signal comes when it runs, and nobody has been told yet that it does."""
        pid = door.guarded.home / "pid"
        code = self.WHILE_IT_STARTS.format(number=int(number), pid=pid)
        ended = door.plain(sys.executable, "-c", code)
        assert ended.code == 128 + number, ended
        assert "Traceback" not in ended.err
        assert not pid.exists() or not Path("/proc", pid.read_text().strip() or "0").exists()
        assert left_behind(door) == []


class TestTls:
    """Indexes behind TLS, and who is let through."""

    @pytest.fixture
    def secure(self, door: Door, tmp_path: Path) -> Iterator[LabIndex]:
        made = certificates(tmp_path)
        door.guarded.pip_conf.write_text(f"[global]\ncert = {made.authority}\n")
        with LabIndex(certificate=made.server) as index:
            for name in (EVIL, GOOD, HELPER):
                index.add_all(*(file.artifact for file in door.index.project(name).files))
            yield index

    def test_what_comes_through_a_tunnel_is_vetted(self, door: Door, tools: Tools, secure: LabIndex) -> None:
        project = door.project("uv", GOOD, url=secure.url)
        ended = door.run(tools.uv, "sync", cwd=project)
        assert ended.code == 0, ended
        door.vetted(environment_of(project), GOOD, HELPER)
        door.refused(door.run(tools.uv, "add", EVIL, cwd=project), EVIL)
        assert not [name for name in secure.served_files() if name.startswith("evil")]

    def test_who_goes_past_us_believes_no_certificate(
        self, door: Door, tools: Tools, secure: LabIndex, tmp_path: Path
    ) -> None:
        """What a program believes is the guard's alone, whatever the user's variables say."""
        words = ("pip", "install", "--index-url", secure.url, "--target", "there", HELPER)
        past = f'unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy; exec "{tools.uv}" "$@"'
        believed = {"SSL_CERT_FILE": str(tmp_path / "authority.pem"), "SSL_CERT_DIR": str(tmp_path)}
        assert door.run("sh", "-c", past, "sh", *words, environ=believed).code != 0
        assert secure.served_files() == set()
        assert door.run(tools.uv, *words, environ=believed).code == 0

    def test_nobody_without_the_runs_credential_gets_anything(self, door: Door, secure: LabIndex) -> None:
        secure.forget()
        ended = door.run(sys.executable, "-c", STRANGER, secure.base.removeprefix("https://"))
        answers = ended.out.splitlines()
        assert [answer[2:14] for answer in answers] == ["HTTP/1.1 407"] * 4, ended
        assert secure.requests == []

    def test_a_host_that_is_no_index_is_refused_and_the_way_through_is_named(
        self, door: Door, tmp_path: Path
    ) -> None:
        with https_server(certificates(tmp_path)) as url:
            ended = door.run(sys.executable, "-c", FETCH, "", f"{url}/something")
        assert ended.code != 0, ended
        assert "--allow-host 127.0.0.1" in " ".join(ended.err.split())
        assert BODY.decode() not in ended.out

    def test_a_host_that_is_let_through_is_not_looked_into(self, door: Door, tmp_path: Path) -> None:
        """The certificate that is seen there is its own."""
        made = certificates(tmp_path)
        options = ("--allow-host", "127.0.0.1")
        with https_server(made) as url:
            ended = door.run(sys.executable, "-c", FETCH, str(made.authority), f"{url}/x", options=options)
        assert (ended.code, ended.out) == (0, f"{BODY.decode()}\n"), ended

    def test_where_something_is_written_to_no_index_the_way_through_is_named(
        self, door: Door, tmp_path: Path
    ) -> None:
        with https_server(certificates(tmp_path)) as url:
            ended = door.run(sys.executable, "-c", FETCH.replace("argv[2]", "argv[2], b'x'"), "", f"{url}/x")
        assert ended.code != 0, ended
        told = " ".join(ended.err.split())
        assert "refused: POST" in told
        assert "--allow-host 127.0.0.1" in told

    def test_such_a_host_is_reached_through_the_proxy_of_the_user(self, door: Door) -> None:
        behind = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbehind it"
        with proxy(b"HTTP/1.1 200 OK\r\n\r\n", behind) as (port, heads):
            options, environ = ("--allow-host", "tool.example"), {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
            ended = door.run(sys.executable, "-c", TUNNEL, options=options, environ=environ)
        assert (ended.code, ended.out) == (0, "behind it\n"), ended
        assert heads[0].startswith(b"CONNECT tool.example:443 "), heads

    def test_that_it_cannot_be_reached_is_said(self, door: Door) -> None:
        options, environ = ("--allow-host", "tool.example"), {"HTTPS_PROXY": "http://127.0.0.1:9"}
        ended = door.run(sys.executable, "-c", TUNNEL, options=options, environ=environ)
        assert ended.code == 1, ended
        assert "tool.example:443 is let through, and cannot be reached" in " ".join(ended.err.split())

    @pytest.mark.parametrize("value", ["https://tool.example/", "tool.example:443", "*.example", "a b", ""])
    def test_what_can_be_no_host_is_refused(self, door: Door, value: str) -> None:
        ended = door.run("true", options=("--allow-host", value))
        assert ended.code == 2, ended
        assert "--allow-host" in ended.err

    def test_no_key_is_on_any_disk(self, door: Door) -> None:
        """Looked for all the time, while the guard speaks for one host after the other."""
        seen: dict[Path, bytes] = {}
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                for top in left_behind(door):
                    seen.update((path, content) for path, content in contents(top) if content)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            ended = door.run(sys.executable, "-c", HANDSHAKES)
        finally:
            done.set()
            watcher.join()
        assert ended.code == 0, ended
        assert any(b"BEGIN CERTIFICATE" in content for content in seen.values())
        bare = [
            path
            for path, content in seen.items()
            if b"PRIVATE KEY" in content and b"ENCRYPTED" not in content
        ]
        assert bare == []


def contents(top: Path) -> Iterator[tuple[Path, bytes]]:
    """What is in the files of a folder that changes meanwhile."""
    for folder, _, names in os.walk(top):
        for name in names:
            path = Path(folder, name)
            try:
                yield path, path.read_bytes()
            except OSError:
                continue


def test_nothing_is_imported_once_the_program_has_installed(door: Door, tools: Tools) -> None:
    """The environment that changes may be the very one that trustguard runs in."""
    words = ("pip", "install", "--python", str(door.guarded.environment.python), GOOD)
    for options in ((), ("--format", "json")):
        run = (sys.executable, "-c", WATCH, *options, "run", "--", tools.uv, *words)
        ended = door.plain(*run, environ={"UV_DEFAULT_INDEX": door.index.url})
        assert ended.code == 0, ended
        assert ended.out.splitlines()[-1] == "late:"


def test_what_the_program_has_installed_is_not_imported_by_what_vets_the_rest(
    door: Door, tools: Tools, tmp_path: Path
) -> None:
    """Libraries look for optional modules again and again; one may be there now that was not before."""
    names, folder = ("sniffio", "trio", "socksio"), tmp_path / "where-trustguard-finds-modules"
    door.index.add_all(
        *(build_wheel(name, "1.0", files={f"{name}.py": door.markers.snippet(name)}) for name in names)
    )
    folder.mkdir()
    target = f'"{tools.uv}" pip install --target "{folder}"'
    words = ("sh", "-c", f"{target} {' '.join(names)} && {target} {GOOD} && {target} {BUILT}")
    environ = {"UV_DEFAULT_INDEX": door.index.url, "PYTHONPATH": str(folder)}
    ended = door.run(*words, environ=environ)
    assert ended.code in (0, 12), ended  # a --target is no environment that trustguard would find
    assert (folder / f"{GOOD.replace('-', '_')}.py").exists(), ended
    assert door.markers.ran() == set(), ended
    importing = f"import {', '.join(names)}"
    assert door.plain(sys.executable, "-c", importing, environ=environ).code == 0
    assert door.markers.ran() == set(names)
