"""The sandbox denies what it says, to a process and to all that it starts, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trustguard.installers.pip import sandbox
from trustguard.installers.pip.building import Building
from trustguard.installers.pip.builds import build_environment, holds_home, repository

LAUNCHER = [sys.executable, "-I", "-S", sandbox.__file__]
PROBE = subprocess.run([*LAUNCHER, "--probe"], capture_output=True, text=True, check=False)
in_a_sandbox = pytest.mark.skipif(PROBE.returncode != 0, reason=f"no sandbox here: {PROBE.stdout.strip()}")

SCOPES = PROBE.returncode == 0 and sandbox.landlock_version() >= sandbox.SCOPES_FROM


def isolated(folder: Path, code: str, *, read: tuple[str, ...] = ()) -> str:
    """Run Python in the sandbox with a folder to write to; returns what it printed."""
    for name in ("home", "tmp"):
        (folder / name).mkdir(parents=True)
    plan = {
        "isolate": True,
        "read": [sys.prefix, sys.base_prefix, *read],
        "write": [str(folder)],
        "home": str(folder / "home"),
        "tmp": str(folder / "tmp"),
        "environ": {"KEPT_KEY": "stated"},
    }
    command = [*LAUNCHER, json.dumps(plan), sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done
    return done.stdout.strip()


def attempt(expression: str) -> str:
    """Code that prints what an expression gives, or which error it raises."""
    return (
        "import ctypes, os, socket, subprocess, sys\n"
        f"try:\n    print(*[{expression}])\nexcept OSError as error:\n    print(type(error).__name__)\n"
    )


@in_a_sandbox
class TestRestrictions:
    """In a process of its own each."""

    @pytest.mark.parametrize(
        "expression",
        [
            "socket.socket()",
            "socket.socket(socket.AF_INET6)",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            "socket.socket(socket.AF_UNIX)",
            "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
            "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
            "os.listdir('/')",
            "os.listdir('/proc')",
            "open('/proc/%d/environ' % os.getppid()).read()",
            "open('/etc/ssh/x', 'w')",
            "open('/usr/x', 'w')",
            "os.truncate('/etc/passwd', 0)",
            *(["os.kill(os.getppid(), 0)"] if SCOPES else []),
            "os.mknod('device', 0o60600, 0)",
            "open('/dev/tty')",
        ],
    )
    def test_what_is_not_allowed_is_denied(self, tmp_path: Path, expression: str) -> None:
        """Sockets of any kind; files, processes and devices outside."""
        assert isolated(tmp_path / "in", attempt(expression)) in {"PermissionError", "FileNotFoundError"}

    @pytest.mark.parametrize(
        ("expression", "printed"),
        [
            ("open('new', 'w').write('four')", "4"),
            (
                "os.mkdir('one'), os.mkdir('two'), os.rename('tmp', 'one/tmp'), os.rmdir('two')",
                "None None None None",
            ),
            ("os.symlink('a', 'b')", "None"),
            ("len(socket.socketpair())", "2"),
            ("open('/dev/null', 'w').write('x')", "1"),
            ("len(open('/dev/urandom', 'rb').read(3))", "3"),
            ("bool(open('/etc/passwd').read())", "True"),
            (
                "subprocess.run([sys.executable, '-S', '-c', 'print(1)'], capture_output=True).stdout",
                r"b'1\n'",
            ),
            ("os.environ['KEPT_KEY'], os.environ['HOME'] == os.getcwd() + '/home'", "stated True"),
        ],
    )
    def test_what_a_build_needs_is_allowed(self, tmp_path: Path, expression: str, printed: str) -> None:
        """Files of its own, moved about; programs; devices without content; what everybody may read."""
        assert isolated(tmp_path / "in", attempt(expression)) == printed

    def test_a_file_can_be_allowed_by_itself(self, tmp_path: Path) -> None:
        """What is not there is no error: the places are those of many systems."""
        (tmp_path / "one").write_text("1")
        (tmp_path / "two").write_text("2")
        allowed = (str(tmp_path / "one"), str(tmp_path / "nowhere"))
        code = attempt(f"open({allowed[0]!r}).read()") + attempt(f"open({str(tmp_path / 'two')!r}).read()")
        assert isolated(tmp_path / "in", code, read=allowed).split() == ["1", "PermissionError"]

    def test_what_lies_below_a_folder_that_all_may_read_is_not_for_all(self, tmp_path: Path) -> None:
        """As in ``/etc/ssl`` and ``/etc/security``, where root builds: the folders say nothing of it."""
        etc = tmp_path / "etc"
        modes = {
            "ssl/openssl.cnf": 0o644,
            "ssl/certs/ca.pem": 0o644,
            "ssl/private/server.key": 0o644,
            "pam/limits.conf": 0o644,
            "pam/opasswd": 0o600,
            "closed/a": 0o644,
            "ssh/ssh_config": 0o644,
            "xdg/pip/pip.conf": 0o644,
        }
        for name, mode in modes.items():
            (etc / name).parent.mkdir(parents=True, exist_ok=True)
            (etc / name).write_text("seen")
            (etc / name).chmod(mode)
        (etc / "pam" / "link").symlink_to("opasswd")
        (etc / "closed").chmod(0o700)
        for folder in (
            etc / "ssl",
            etc / "ssl/certs",
            etc / "pam",
            etc / "ssh",
            etc / "xdg",
            etc / "xdg/pip",
        ):
            folder.chmod(0o755)
        read = tuple(sandbox.readable_by_all(str(etc))[1])
        code = "".join(attempt(f"open({str(etc / name)!r}).read()") for name in (*modes, "pam/link"))
        no = "PermissionError"
        assert isolated(tmp_path / "in", code, read=read).split() == [
            *("seen", "seen", no, "seen", no, no, no, no, no)
        ]

    @pytest.mark.parametrize(
        "place", ["/etc/ssl/private", "/etc/security", "/etc/letsencrypt", "/etc/pip.conf"]
    )
    def test_keys_and_passwords_of_the_system_are_denied(self, tmp_path: Path, place: str) -> None:
        """What is not on this machine is not either."""
        printed = isolated(tmp_path / "in", attempt(f"os.open({place!r}, os.O_RDONLY)"))
        assert printed in {"PermissionError", "FileNotFoundError"}

    @pytest.mark.skipif(not Path("/etc/ssl/certs").is_dir(), reason="there are none here")
    def test_the_certificates_that_are_trusted_can_be_read(self, tmp_path: Path) -> None:
        """Though they lie beside the keys."""
        assert isolated(tmp_path / "in", attempt("len(os.listdir('/etc/ssl/certs')) > 0")) == "True"

    def test_what_is_started_inside_is_inside(self, tmp_path: Path) -> None:
        """There is no way out by another process."""
        inner = attempt("socket.socket()")
        expression = f"subprocess.run([sys.executable, '-S', '-c', {inner!r}], capture_output=True).stdout"
        assert "PermissionError" in isolated(tmp_path / "in", attempt(expression))

    def test_what_cannot_be_started_is_said(self, tmp_path: Path) -> None:
        """In one line."""
        plan = {"isolate": True, "read": [], "write": [], "home": "/", "tmp": "/", "environ": {}}
        command = [*LAUNCHER, json.dumps(plan), str(tmp_path / "nowhere")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("trustguard: nothing was built, ")
        assert "Traceback" not in done.stderr


def test_the_calls_of_a_machine_that_nobody_knows_are_not_denied() -> None:
    with pytest.raises(sandbox.Unable, match="vax"):
        sandbox.denied_calls("vax", 7)


def test_where_landlock_denies_truncation_it_need_not_be_denied_as_a_call() -> None:
    """Linux 6.2 has version 3; on x86-64 truncate is call 76."""
    assert 76 in sandbox.denied_calls("x86_64", 2)[1]
    assert 76 not in sandbox.denied_calls("x86_64", 3)[1]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "AWS_SECRET_ACCESS_KEY",
            "AWS_PROFILE",
            "GITHUB_TOKEN",
            "PIP_INDEX_URL",
            "TWINE_PASSWORD",
            "API_KEY",
        ),
        *("SSH_AUTH_SOCK", "DATABASE_URL", "npm_config__authToken", "PGPASSWORD", "SIGNING_KEY", "NETRC"),
        *("DOCKER_HOST", "KUBECONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "DBUS_SESSION_BUS_ADDRESS"),
        *("TRUSTGUARD_CONFIG", "XDG_CONFIG_HOME", "DB_PASS", "MYSQL_PASS", "PASS", "DB_PASS_1", "PGPASSFILE"),
        *(
            "CI_JOB_JWT",
            "CI_JOB_JWT_V2",
            "HTTP_BASIC",
            "BASIC_USER",
            "SLACK_HOOK",
            "hook_url",
            "MY_KUBE_CERT",
        ),
        *("TLS_CERT_PEM", "SIGNING_PIN", "PIN", "NPM_OTP", "APP_CREDS", "KEYSTORE", "PIP_CLIENT_CERT"),
    ],
)
def test_a_variable_whose_name_promises_a_credential_is_not_handed_on(name: str) -> None:
    assert name not in sandbox.environment({name: "value"}, "/home", "/scratch")


@pytest.mark.parametrize(
    "value",
    [
        "https://user:word@index.example/simple/",
        "postgres://:word@db.example/x",
        "ghp_" + "a" * 36,
        "github_pat_x",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
        "https://hooks.chat.example/services/T0/B0/x",
    ],
)
def test_a_variable_whose_value_is_a_credential_is_not_handed_on(value: str) -> None:
    assert "PLAIN" not in sandbox.environment({"PLAIN": value}, "/home", "/scratch")


def test_what_a_build_is_configured_with_is_handed_on() -> None:
    given = {
        "PATH": "/usr/bin",
        "CC": "gcc",
        "CFLAGS": "-O2",
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/x",
        "SETUPTOOLS_SCM_PRETEND_VERSION": "1.0",
        "_PYPROJECT_HOOKS_BUILD_BACKEND": "b",
        "HTTPS_PROXY": "http://127.0.0.1:1234",
        "PWD": "/work",
    }
    made = sandbox.environment({**given, "HOME": "/root", "TMPDIR": "/var"}, "/home", "/scratch")
    own = {
        "HOME": "/home",
        "USERPROFILE": "/home",
        **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), "/scratch"),
    }
    assert made == {**given, **own}


@pytest.mark.parametrize(
    "name",
    [
        # compilers, linkers, and what they are told: GNU make, "Implicit Variables"; setuptools; meson; CMake
        *(
            "CC",
            "CXX",
            "CPP",
            "FC",
            "LD",
            "AR",
            "RANLIB",
            "NVCC",
            "CFLAGS",
            "CXXFLAGS",
            "CPPFLAGS",
            "LDFLAGS",
        ),
        *("FFLAGS", "ARCHFLAGS", "MAKEFLAGS", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "CPATH"),
        *("LIBRARY_PATH", "LD_LIBRARY_PATH", "INCLUDE", "LIB", "DISTUTILS_USE_SDK", "SDKROOT"),
        *("CMAKE_ARGS", "CMAKE_PREFIX_PATH", "CMAKE_GENERATOR", "SKBUILD_CMAKE_ARGS", "MESON_ARGS", "NINJA"),
        *("MACOSX_DEPLOYMENT_TARGET", "_PYTHON_HOST_PLATFORM", "SOURCE_DATE_EPOCH", "NIX_CFLAGS_COMPILE"),
        # other languages
        *("CARGO_HOME", "CARGO_BUILD_TARGET", "RUSTUP_HOME", "RUSTFLAGS", "RUSTC", "MATURIN_PEP517_ARGS"),
        *(
            "GOPATH",
            "GOFLAGS",
            "JAVA_HOME",
            "CUDA_HOME",
            "MKLROOT",
            "OPENSSL_DIR",
            "LLVM_CONFIG",
            "PG_CONFIG",
        ),
        *("MYSQLCLIENT_CFLAGS", "HDF5_DIR", "GDAL_CONFIG", "NPY_NUM_BUILD_JOBS", "USE_OPENMP"),
        # build backends
        *("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO", "PBR_VERSION", "HATCH_BUILD_HOOKS_ENABLE"),
        *("_PYPROJECT_HOOKS_BUILD_BACKEND", "_PYPROJECT_HOOKS_BACKEND_PATH", "FLIT_ROOT_INSTALL"),
        # what is trusted, and where things are
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
        *("PIP_CERT", "GIT_SSL_CAINFO", "PATH", "LANG", "LC_ALL", "TZ", "TERM", "CI", "VIRTUAL_ENV"),
        *("CONDA_PREFIX", "COMPILER_PATH", "PINNED", "OTP_ROOT", "PASSTHROUGH"),
    ],
)
def test_a_variable_that_builds_need_is_handed_on(name: str) -> None:
    assert sandbox.environment({name: "/usr/x"}, "/home", "/scratch")[name] == "/usr/x"


def test_a_home_is_never_let_free_as_a_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ann"))
    assert holds_home("/")
    assert holds_home(str(tmp_path / "home"))
    assert holds_home(str(tmp_path / "home" / "ann"))
    assert not holds_home(str(tmp_path / "home" / "an"))
    assert not holds_home(str(tmp_path / "home" / "ann" / ".venv"))


def test_the_repository_is_the_nearest_and_none_that_a_home_is_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "ann"
    inside = home / "project" / "sub"
    inside.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    (home / ".git").mkdir()
    assert repository(str(inside)) == []
    (home / "project" / ".git").touch()  # a worktree's is a file
    assert repository(str(inside)) == [str(home / "project")]


def test_a_build_environment_is_one_that_pip_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = tmp_path / "pip-build-env-abc"
    assert build_environment(str(own / "overlay" / "bin")) == str(own)
    assert build_environment(str(tmp_path / "elsewhere" / "pip-build-env-abc" / "bin")) == ""
    assert build_environment("/usr/bin") == ""


def test_nothing_is_said_of_builds_where_there_were_none(tmp_path: Path) -> None:
    building = Building("auto", tmp_path / "told", tmp_path / "refused")
    assert (building.remarks(), building.refusals()) == ((), ())


def test_why_there_is_no_sandbox_is_said_once(tmp_path: Path) -> None:
    told, refused = tmp_path / "told", tmp_path / "refused"
    told.write_text(2 * (json.dumps("there is none for vax machines") + "\n"))
    (auto,) = Building("auto", told, refused).remarks()
    (require,) = Building("require", told, refused).remarks()
    assert "not isolated: there is none for vax machines" in auto
    assert "required" in require
    assert os.linesep not in auto


def test_what_a_build_has_written_among_it_is_told_as_it_is(tmp_path: Path) -> None:
    """A build that no sandbox holds can write there."""
    refused = tmp_path / "refused"
    refused.write_bytes(b'"file:///x"\n\xff{ no json\n[1]\n')
    told = Building("auto", tmp_path / "told", refused).refusals()
    assert [line.split(", which")[0] for line in told] == [
        "refused: file:///x",
        "refused: \ufffd{ no json",
        "refused: [1]",
    ]
