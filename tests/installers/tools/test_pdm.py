"""Settings by which pdm would link what it installs to a cache that is gone after the run are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.detours import refuse
from trustguard.model.errors import UsageError

LINKS = "[install]\ncache = true\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's settings."""
    (tmp_path / "home" / ".config" / "pdm").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "below").mkdir(parents=True)
    return tmp_path / "project"


@pytest.mark.parametrize("word", ["install", "add", "sync", "update", "remove"])
@pytest.mark.parametrize("text", [LINKS, f"{LINKS}cache_method = 'symlink'\n", "[install]\ncache = 'on'\n"])
def test_links_of_the_projects_are_refused(project: Path, home: Path, word: str, text: str) -> None:
    (project / "pdm.toml").write_text(text)
    environ = {"HOME": str(home)}
    for words, cwd in (
        ((word,), project),
        (("-v", word), project / "below"),
        (("-p", str(project), word), home),
        ((word, "--project=../project"), home),
    ):
        with pytest.raises(UsageError, match=r"install\.cache"):
            refuse(("pdm", *words), cwd, environ)


def test_links_of_the_users_are_refused_unless_the_project_says_otherwise(project: Path, home: Path) -> None:
    (home / ".config" / "pdm" / "config.toml").write_text(LINKS)
    with pytest.raises(UsageError, match=r"install\.cache"):
        refuse(("pdm", "install"), project, {"HOME": str(home)})
    refuse(("pdm", "-c", "other.toml", "install"), project, {"HOME": str(home)})
    refuse(("pdm", "install"), project, {"HOME": str(home), "PDM_CONFIG_FILE": "other.toml"})
    (project / "pdm.toml").write_text("[install]\ncache_method = 'hardlink'\n")
    refuse(("pdm", "install"), project, {"HOME": str(home)})


@pytest.mark.parametrize(
    "text",
    ["", "broken", "[install]\ncache = false\n", f"{LINKS}cache_method = 'hardlink'\n", "install = 1\n"],
)
def test_others_are_let_through(project: Path, home: Path, text: str) -> None:
    (project / "pdm.toml").write_text(text)
    refuse(("pdm", "install"), project, {"HOME": str(home)})


@pytest.mark.parametrize("words", [("pdm",), ("pdm", "lock"), ("pdm", "list"), ("poetry", "install")])
def test_what_installs_nothing_does_not_care(project: Path, home: Path, words: tuple[str, ...]) -> None:
    (project / "pdm.toml").write_text(LINKS)
    refuse(words, project, {"HOME": str(home)})
