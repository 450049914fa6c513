"""Settings by which hatch would keep the guard's variables from its environments are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.detours import refuse
from trustguard.model.errors import UsageError

REFUSED = [
    '[envs.default.env-vars]\nHTTPS_PROXY = ""\n',
    '[envs.a]\nenv-vars = { http_proxy = "http://x" }\n',
    '[envs.a.env-vars]\nPIP_CACHE_DIR = "x"\n',
    '[envs.a.env-vars]\nPIP_PROXY = "x"\n',
    '[envs.a.env-vars]\nPIP_NO_PROXY_ENV = "1"\n',
    '[envs.a.env-vars]\n"HTTPS\\u005fPROXY" = "x"\n',
    '[envs.a.overrides]\nplatform.linux.env-vars = ["A=1", "NO_PROXY=*"]\n',
    '[envs.a.overrides]\nenv.CI.env-vars = "NO_PROXY=*"\n',
    '[envs.a.overrides]\nmatrix.m.env-vars = [{ key = "NO_PROXY", value = "*", if = ["x"] }]\n',
    '[envs.a.overrides]\nmatrix.m.set-env-vars = [{ key = "NO_PROXY", if = ["x"] }]\n',
    '[envs.a.overrides]\nmatrix.m.env-vars = "NO_PROXY"\n',
    '[envs.a]\nenv-exclude = ["A", "*_PROXY"]\n',
    '[envs.a]\nenv-include = ["PATH"]\n',
    '[envs.a.overrides]\nplatform.linux.env-exclude = [{ value = "SSL_*" }]\n',
    '[envs.a.overrides]\nname."x$".set-env-include = ["PATH"]\n',
    '[envs.a.env-vars]\nNO_PROXY = "{env:NO_PROXY}{env:OTHER}"\n',
    "[envs.a.env-vars]\nbroken\n",
]
FINE = [
    '[envs.default]\ndependencies = ["env-vars"]\n',
    '[envs.a.env-vars]\nA = "1"\nPIP_INDEX_URL = "https://index.example/"\n',
    '[envs.a.env-vars]\nHTTPS_PROXY = "{env:HTTPS_PROXY:}"\nNO_PROXY = "{env:NO_PROXY}"\n',
    '[envs.a]\nenv-exclude = ["A"]\nenv-include = ["*"]\n',
    "[envs.a]\nenv-include = []\n",
    '[envs.a.overrides]\nplatform.linux.env-vars = ["A=1"]\n',
    "broken",
]


def written(folder: Path, name: str, text: str) -> None:
    """A file of hatch's settings."""
    text = text.replace("[envs", "[tool.hatch.envs") if name == "pyproject.toml" else text
    (folder / name).write_text(text)


@pytest.mark.parametrize("name", ["hatch.toml", "pyproject.toml"])
@pytest.mark.parametrize("text", REFUSED)
def test_what_takes_a_variable_of_the_guards_is_refused(tmp_path: Path, name: str, text: str) -> None:
    written(tmp_path, name, text)
    (tmp_path / "below").mkdir()
    for cwd in (tmp_path, tmp_path / "below"):
        with pytest.raises(UsageError, match=name):
            refuse(("hatch", "run", "x"), cwd, {})


@pytest.mark.parametrize("name", ["hatch.toml", "pyproject.toml"])
@pytest.mark.parametrize("text", FINE)
def test_others_are_let_through(tmp_path: Path, name: str, text: str) -> None:
    written(tmp_path, name, text)
    refuse(("hatch", "run", "x"), tmp_path, {})


def test_other_programs_do_not_care(tmp_path: Path) -> None:
    written(tmp_path, "pyproject.toml", REFUSED[0])
    refuse(("poetry", "install"), tmp_path, {})
