"""Where each layer is found, and what stops when one of them cannot be read."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.conftest import Machine
from trustguard.config import Layer, LayerName, Paths
from trustguard.config.settings import POPULAR_URL

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX owners and permissions")
STRICT = 'profile = "strict"'


def test_nothing_configured_means_the_defaults(machine: Machine) -> None:
    loaded = machine.load()
    assert (loaded.policy.profile, loaded.policy.unknown, loaded.policy.allow) == ("balanced", "allow", ())
    assert loaded.layers == (
        Layer("org", machine.paths.org),
        Layer("user", machine.paths.user),
        Layer("project"),
        Layer("environment"),
        Layer("command line"),
    )
    assert loaded.popular_url == POPULAR_URL
    assert (loaded.forges, loaded.dependents_url) == ((), None)


def test_hosts_of_forges_are_compared_in_lower_case(machine: Machine) -> None:
    machine.write("user", '[sources]\nforges = ["GitHub.com", "git.acme.example:8443", "[::1]:3000"]')
    assert machine.load().forges == ("github.com", "git.acme.example:8443", "[::1]:3000")


def test_each_layer_tells_its_file_and_digest(machine: Machine) -> None:
    files: tuple[LayerName, ...] = ("org", "user", "project", "environment")
    digests = {}
    for layer in files:
        path = machine.write(layer, f"# {layer}", STRICT)
        digests[layer] = (path, True, hashlib.sha256(f"# {layer}\n{STRICT}\n".encode()).hexdigest())
    layers = machine.load(profile="strict").layers
    assert {layer.name: (layer.path, layer.present, layer.sha256) for layer in layers} == {
        **digests,
        "command line": (None, True, None),
    }


# The organisation's file: anything wrong with it stops everything.


def test_the_organisations_place_is_fixed_whatever_the_environment_says(tmp_path: Path) -> None:
    code = "from trustguard.config import Paths; print(Paths.of_this_machine().org.as_posix())"
    moved = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path), "ProgramData": str(tmp_path)}
    command = [sys.executable, "-c", code]
    child = subprocess.run(command, env={**os.environ, **moved}, check=True, capture_output=True, text=True)
    root = "C:/ProgramData" if sys.platform == "win32" else "/etc"
    assert child.stdout.strip() == f"{root}/trustguard/trustguard.toml"


def test_the_users_place_is_the_platforms_configuration_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = Path(platformdirs.user_config_dir("trustguard"))
    assert Paths.of_this_machine().user == folder / "trustguard.toml"


def test_an_org_file_that_is_a_folder_stops(machine: Machine) -> None:
    machine.paths.org.mkdir()
    assert machine.error().startswith(f"{machine.paths.org}: ")


def test_an_org_file_that_is_malformed_stops(machine: Machine) -> None:
    machine.write("org", "profile = ")
    assert machine.error() == f"{machine.paths.org}:1: not valid TOML: Invalid value"


def test_an_org_file_in_a_place_that_is_no_folder_stops(machine: Machine) -> None:
    place = machine.root / "etc-file"
    place.write_text("")
    paths = Paths(place / "trustguard.toml", machine.paths.user)
    assert machine.error(paths=paths).startswith(f"{paths.org}: cannot be read: ")


@POSIX
def test_an_org_file_that_links_to_nothing_stops(machine: Machine) -> None:
    machine.paths.org.symlink_to(machine.root / "nowhere")
    assert machine.error() == f"{machine.paths.org}: is a link to nothing"


@POSIX
def test_an_org_file_that_is_a_pipe_stops_and_does_not_hang(machine: Machine) -> None:
    os.mkfifo(machine.paths.org)
    assert machine.error() == f"{machine.paths.org}: is not a regular file"


@POSIX
@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_an_org_file_that_others_may_write_stops(machine: Machine, mode: int) -> None:
    machine.write("org", STRICT).chmod(mode)
    failure = machine.failure()
    assert failure.message == f"{machine.paths.org}: group or others may write it"
    assert failure.hint.startswith("chmod go-w")


@POSIX
def test_an_org_file_in_a_folder_that_others_may_write_stops(machine: Machine) -> None:
    machine.write("org", STRICT)
    machine.paths.org.parent.chmod(0o777)
    assert machine.error() == f"{machine.paths.org.parent}: group or others may write it"


@POSIX
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root can give a file away")
def test_an_org_file_of_another_user_stops(machine: Machine) -> None:
    os.chown(machine.write("org", STRICT), 12345, -1)
    assert machine.error() == f"{machine.paths.org}: belongs to user 12345, not to root"


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from trustguard.config.layers import read_org
from trustguard.model.errors import ConfigError
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(12345)
try:
    read_org(Path("trustguard.toml"))
except ConfigError as error:
    print(error.message)
"""


@POSIX
def test_an_org_file_that_cannot_be_read_stops(machine: Machine) -> None:
    """Root reads everything, so that a child asks which is nobody in particular."""
    folder = machine.write("org", STRICT).parent
    machine.paths.org.chmod(0)
    command = [sys.executable, "-c", READ_AS_NOBODY, str(folder)]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    assert child.stdout.strip() == "trustguard.toml: cannot be read: Permission denied"


@pytest.mark.parametrize("layer", ["org", "user", "project", "environment"])
def test_a_file_of_more_than_a_mebibyte_stops(machine: Machine, layer: LayerName) -> None:
    machine.write(layer, "#" * 1024**2)
    assert machine.error() == f"{machine.label(layer)}: is larger than 1048576 bytes"


# The project's.


def test_the_nearest_project_file_is_taken(machine: Machine) -> None:
    deep = machine.work / "a" / "b"
    deep.mkdir(parents=True)
    machine.write("project", STRICT)
    assert machine.load(cwd=deep).policy.profile == "strict"
    (deep.parent / "pyproject.toml").write_text('[tool.trustguard]\nunknown = "block"\n')
    loaded = machine.load(cwd=deep)
    assert (loaded.policy.profile, loaded.policy.unknown) == ("balanced", "block")
    assert loaded.layers[2].path == deep.parent / "pyproject.toml"


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_search_ends_at_the_root_of_the_repository(machine: Machine, kind: str) -> None:
    """A worktree's ``.git`` is a file."""
    inner = machine.work / "inner"
    inner.mkdir()
    (inner / ".git").mkdir() if kind == "folder" else (inner / ".git").write_text("gitdir: elsewhere\n")
    machine.write("project", STRICT)
    assert machine.load(cwd=inner).policy.profile == "balanced"
    (inner / "trustguard.toml").write_text(STRICT)
    assert machine.load(cwd=inner).policy.profile == "strict"


def test_outside_a_repository_the_search_goes_up_to_the_root_of_the_file_system(machine: Machine) -> None:
    (machine.work / ".git").rmdir()
    (machine.root / "trustguard.toml").write_text(STRICT)
    assert machine.load().policy.profile == "strict"


def test_both_kinds_of_project_file_in_a_folder_are_a_contradiction(machine: Machine) -> None:
    machine.write("project", STRICT)
    (machine.work / "pyproject.toml").write_text(f"[tool.trustguard]\n{STRICT}\n")
    expected = "trustguard.toml and pyproject.toml: two configurations for one project"
    assert machine.error() == expected


def test_the_table_in_pyproject_is_named_with_its_own_line_and_key(machine: Machine) -> None:
    lines = ('[project]\nname = "x"', "[tool.trustguard]", STRICT, "[tool.trustguard.checks.release-age]")
    (machine.work / "pyproject.toml").write_text("\n".join((*lines, 'cooldown = "soon"')))
    key = "tool.trustguard.checks.release-age.cooldown"
    assert machine.error() == f"pyproject.toml:6: {key}: 'soon' is not a duration, such as '3 days'"


def test_the_build_hooks_table_in_pyproject_is_not_ours(machine: Machine) -> None:
    path = machine.work / "pyproject.toml"
    path.write_text('[tool.trustguard.build-backend]\nbackend = "x"\n')
    assert machine.load().layers[2] == Layer("project")
    machine.write("project", STRICT)
    assert machine.load().policy.profile == "strict"
    machine.file("project").unlink()
    path.write_text(f'[tool.trustguard]\n{STRICT}\n[tool.trustguard.build-backend]\nbackend = "x"\n')
    assert machine.load().policy.profile == "strict"


def test_the_build_hooks_table_has_no_place_in_trustguard_toml(machine: Machine) -> None:
    machine.write("project", "[build-backend]")
    assert machine.error() == "trustguard.toml:1: build-backend: unknown key"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[tool]\ntrustguard = 1\n", "pyproject.toml:2: tool.trustguard: 1 is not a table"),
        ("[tool.trustguard\n", "pyproject.toml:1: not valid TOML: "),
    ],
)
def test_a_malformed_table_in_pyproject_stops(machine: Machine, content: str, expected: str) -> None:
    (machine.work / "pyproject.toml").write_text(content)
    assert machine.error().startswith(expected)


@pytest.mark.parametrize("content", ["tool = 'trustguard'\n", "[tool.other]\nx = 'trustguard'\n", "[tool\n"])
def test_a_pyproject_that_does_not_speak_of_us_is_no_layer(machine: Machine, content: str) -> None:
    (machine.work / "pyproject.toml").write_text(content)
    assert machine.load().layers[2] == Layer("project")


def test_a_users_file_is_not_the_projects_too(machine: Machine) -> None:
    """In the folder of his own configuration a user may still make exceptions."""
    machine.write("user", "[[allow]]", 'project = "a"', 'reason = "r"')
    assert len(machine.load(cwd=machine.paths.user.parent).policy.allow) == 1


# The environment's.


def test_a_file_that_the_environment_names_must_exist(machine: Machine) -> None:
    failure = machine.failure(environ={"TRUSTGUARD_CONFIG": "gone.toml"})
    assert failure.message == "gone.toml: does not exist"
    assert failure.hint == "TRUSTGUARD_CONFIG names it"


def test_a_file_that_the_environment_names_is_found_from_the_folder_we_are_in(machine: Machine) -> None:
    (machine.work / "ci.toml").write_text(STRICT)
    assert machine.load(environ={"TRUSTGUARD_CONFIG": "ci.toml"}).policy.profile == "strict"


def test_an_empty_variable_names_no_file(machine: Machine) -> None:
    assert machine.load(environ={"TRUSTGUARD_CONFIG": ""}).layers[3] == Layer("environment")


# The command line.


@pytest.mark.parametrize("setting", ["profile=strict", 'profile = "strict"', "profile='strict'"])
def test_a_setting_is_toml_or_a_word(machine: Machine, setting: str) -> None:
    assert machine.load(extra=(setting,)).policy.profile == "strict"


def test_settings_of_one_table_join(machine: Machine) -> None:
    settings = ("checks.release-age.action=warn", "checks.release-age.cooldown=2 weeks")
    policy = machine.load(extra=settings).policy
    assert policy.check("release-age").settings["cooldown"].days == 14


@pytest.mark.parametrize(
    "setting", ["profile", "", "=strict", "a b=1", "[checks]", "[checks]#=1", "a=1\nb=2", "x=\x1b[2J"]
)
def test_a_setting_of_another_form_is_refused(machine: Machine, setting: str) -> None:
    assert machine.error(extra=(setting,)) == f"command line: {setting!a} is not KEY=VALUE"


def test_a_setting_given_twice_is_named(machine: Machine) -> None:
    message = "command line: {}: is given twice, or is a table and a value"
    assert machine.error(profile="strict", extra=("profile=relaxed",)) == message.format("profile")
    twice = ("unknown=ask", "sources.deadline=1 s", "sources.max-age=1 h", "sources.deadline = 2 s")
    assert machine.error(extra=twice) == message.format("sources.deadline")
    assert machine.error(extra=("sources={}", "sources.deadline=1 s")) == message.format("sources.deadline")


def test_a_bad_setting_is_named_by_its_key(machine: Machine) -> None:
    assert (
        machine.error(profile="lax") == "command line: profile: 'lax' is not one of relaxed, balanced, strict"
    )


def test_a_file_is_read_anew_each_time(machine: Machine) -> None:
    machine.write("user", STRICT)
    assert machine.load().policy.profile == "strict"
    machine.write("user", 'profile = "relaxed"')
    assert machine.load().policy.profile == "relaxed"
