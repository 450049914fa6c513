"""Ctrl-C is told in a line, wherever it comes: in the middle of an import as well."""

from __future__ import annotations

import subprocess
import sys

import pytest

INTERRUPTED = 130
WHILE_LOADING = """
import sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {how}

sys.meta_path.insert(0, Interrupts())
sys.argv = ["trustguard", *{words!r}]
from trustguard.__main__ import main
main()
"""
AS_IT_IS = "raise KeyboardInterrupt"
WRAPPED = """
            class Field:
                def __set_name__(self, owner, name):
                    raise KeyboardInterrupt
            class Owner:
                field = Field()
"""
"""Before Python 3.12 it comes out of this as a RuntimeError."""


def run(module: str, how: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line, interrupted where a module is loaded."""
    code = WHILE_LOADING.format(module=module, how=how, words=words)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", [AS_IT_IS, WRAPPED], ids=["as it is", "wrapped"])
@pytest.mark.parametrize("module", ["trustguard.frontends.cli", "trustguard.frontends.cli.doctor"])
def test_an_import_that_is_interrupted_is_no_error_to_report(module: str, how: str) -> None:
    ended = run(module, how, "doctor", "--help")
    assert ended.returncode == INTERRUPTED, ended
    assert ended.stdout == ""
    assert ended.stderr.strip() == "trustguard: interrupted; nothing was installed"


def test_without_it_the_command_runs() -> None:
    ended = run("trustguard.frontends.cli.another", AS_IT_IS, "doctor", "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Usage" in ended.stdout
