"""Who has said what holds is told with the file and the line."""

from __future__ import annotations

from pathlib import Path

from trustguard.config.layers import Paths
from trustguard.config.origins import Origins, origins
from trustguard.model.finding import Severity
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Allow, Selector


def read(folder: Path, user: str = "", project: str = "", *, profile: str | None = None) -> Origins:
    """The origins where the user's and the project's file say this."""
    paths = Paths(folder / "none.toml", folder / "user.toml")
    paths.user.write_text(user, encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    (work / "trustguard.toml").write_text(project, encoding="utf-8")
    return origins(cwd=work, environ={}, profile=profile, paths=paths)


def test_where_nobody_says_anything_the_built_in_default_decides(tmp_path: Path) -> None:
    said = read(tmp_path)
    assert said.action("clone", Severity.HIGH) == (
        "high severity in profile = 'balanced', the built-in default"
    )
    assert said.setting(("on-unavailable", "forge")) == (
        "on-unavailable.forge = 'ignore', the built-in default"
    )


def test_the_layer_that_sets_a_profile_decides_for_every_check(tmp_path: Path) -> None:
    said = read(tmp_path, profile="strict")
    assert said.action("clone", Severity.LOW) == "low severity in profile = 'strict', set by command line"


def test_an_action_of_a_check_goes_before_the_profile_and_the_last_word_counts(tmp_path: Path) -> None:
    user = 'profile = "strict"\n\n[checks.clone]\naction = "block"\n'
    said = read(tmp_path, user)
    place = tmp_path / "user.toml"
    assert said.action("clone", Severity.INFO) == (f"checks.clone.action = 'block', set by user, {place}:4")
    assert said.action("starjacking", Severity.INFO) == (
        f"info severity in profile = 'strict', set by user, {place}:1"
    )


def test_a_project_that_tightens_is_named(tmp_path: Path) -> None:
    said = read(tmp_path, project='[checks.release-age]\ncooldown = "9 days"\n')
    assert said.who(("checks", "release-age", "cooldown")) == "set by project, trustguard.toml:2"


def test_what_the_policy_finds_by_itself_has_settings_of_its_own(tmp_path: Path) -> None:
    said = read(tmp_path, "min-score = 4.0\n")
    place = tmp_path / "user.toml"
    assert said.action(DENIED, Severity.HIGH) == "a [[deny]] entry"
    assert said.action(NOT_LISTED, Severity.HIGH) == "unknown = 'allow', the built-in default"
    assert said.action(LOW_SCORE, Severity.HIGH) == f"min-score = 4.0, set by user, {place}:1"


def test_an_exception_has_its_place(tmp_path: Path) -> None:
    said = read(tmp_path, '\n[[allow]]\nproject = "demo"\nreason = "ours"\n')
    (allow,) = said.merged.policy().allow
    assert said.exception(allow) == f"set by user, {tmp_path / 'user.toml'}:2"
    assert said.exception(Allow(Selector("other"), "ours")) == ""
