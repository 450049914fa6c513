"""Every hook is the real backend's own, called through the library that frontends call hooks with."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyproject_hooks import BuildBackendHookCaller, HookMissing

from tests.frontends.build_backend.projects import WRAPPER

OPTIONAL = (
    "get_requires_for_build_wheel",
    "get_requires_for_build_sdist",
    "prepare_metadata_for_build_wheel",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_editable",
    "build_editable",
)
"""PEP 517's and PEP 660's."""
MANDATORY = ("build_wheel", "build_sdist")
TABLE = '[tool.trustguard.build-backend]\nbuild-backend = "{}"\nbackend-path = ["backend"]\n'


@dataclass
class Tree:
    """A source tree with a backend of its own."""

    root: Path

    def write(self, backend: str, *, named: str = "own", table: str = TABLE, module: str = "own") -> None:
        (self.root / "pyproject.toml").write_text(table.format(named), encoding="utf-8")
        (self.root / "backend").mkdir()
        (self.root / "backend" / f"{module}.py").write_text(backend, encoding="utf-8")

    @property
    def hooks(self) -> BuildBackendHookCaller:
        return BuildBackendHookCaller(str(self.root), WRAPPER, python_executable=sys.executable)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", f"import {WRAPPER} as backend\n{code}"]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)

    def last_line(self, code: str = "backend.build_wheel") -> str:
        """What a frontend shows last where the backend cannot be had."""
        done = self.python(code)
        assert done.returncode != 0
        return done.stderr.strip().splitlines()[-1]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root = tmp_path / "source"
    root.mkdir()
    return Tree(root)


@pytest.mark.parametrize("there", [(), *((name,) for name in OPTIONAL), OPTIONAL])
def test_an_optional_hook_is_there_only_if_the_real_backend_has_it(
    tree: Tree, there: tuple[str, ...]
) -> None:
    tree.write("".join(f"def {name}(*a): pass\n" for name in (*MANDATORY, *there)))
    done = tree.python(f"print([n for n in {(*MANDATORY, *OPTIONAL)} if hasattr(backend, n)])")
    assert done.stdout.strip() == str([*MANDATORY, *there]), done


def test_where_hooks_are_missing_frontends_fall_back_as_ever(tree: Tree) -> None:
    """PEP 517: a missing ``get_requires_for_build_wheel`` "is equivalent to ``return []``"."""
    tree.write("def build_wheel(*a): pass\n")
    assert tree.hooks.get_requires_for_build_wheel() == []
    assert tree.hooks.get_requires_for_build_sdist() == []
    with pytest.raises(HookMissing):
        tree.hooks.build_editable("out")
    with pytest.raises(HookMissing):
        tree.hooks.prepare_metadata_for_build_wheel("out", _allow_fallback=False)


def test_arguments_and_the_working_directory_reach_the_real_backend_as_they_are(tree: Tree) -> None:
    """Config settings are an "arbitrary dictionary"; lists stand for a key that was given twice."""
    tree.write(
        "import json, os\n"
        "def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):\n"
        "    return json.dumps([wheel_directory, config_settings, metadata_directory, os.getcwd()])\n"
    )
    settings: dict[str, Any] = {"--build-option": ["-a", "-b"], "nested": {"x": "é"}, "": "1"}
    told = json.loads(tree.hooks.build_wheel("/out", settings, "/metadata"))
    assert told == ["/out", settings, "/metadata", str(tree.root.resolve())]


@pytest.mark.parametrize("kind", ["wheel", "sdist", "editable"])
def test_what_a_hook_returns_that_asks_for_nothing_new_is_handed_on_as_it_is(tree: Tree, kind: str) -> None:
    """``packaging`` is there already, and the other one is not for this platform."""
    asked = ["packaging >= 1", 'nothing; sys_platform == "vax"']
    tree.write(
        "import json\n"
        f"def get_requires_for_build_{kind}(config_settings=None):\n"
        "    open('settings.json', 'w').write(json.dumps(config_settings))\n"
        f"    return {asked!r}\n"
    )
    assert getattr(tree.hooks, f"get_requires_for_build_{kind}")({"a": "b"}) == asked
    assert json.loads((tree.root / "settings.json").read_text()) == {"a": "b"}


def test_an_object_in_a_module_is_the_backend(tree: Tree) -> None:
    tree.write(
        "class objects:\n    class backend:\n        build_wheel = staticmethod(lambda *a: 'an object')\n",
        named="own:objects.backend",
    )
    assert tree.hooks.build_wheel("out") == "an object"


def test_the_real_backends_exception_for_what_it_cannot_do_is_the_frontends(tree: Tree) -> None:
    """PEP 517: ``UnsupportedOperation`` "on the backend object"."""
    tree.write("class UnsupportedOperation(Exception): pass\n")
    done = tree.python("print(backend.UnsupportedOperation.__module__)")
    assert done.stdout == "own\n"


def test_to_be_imported_loads_neither_the_real_backend_nor_what_is_heavy(tree: Tree) -> None:
    tree.write("raise SystemExit('loaded')\n")
    done = tree.python("import sys; print({'httpx', 'pip', 'packaging', 'own'} & set(sys.modules))")
    assert done.stdout == "set()\n", done


class TestBackendPath:
    """PEP 517, "In-tree build backends"."""

    def test_a_backend_is_loaded_from_there_in_preference_to_anywhere_else(self, tree: Tree) -> None:
        tree.write("def build_wheel(*a): return 'in-tree'\n", named="hatchling", module="hatchling")
        assert tree.hooks.build_wheel("out") == "in-tree"

    def test_it_stays_on_the_path_while_hooks_run(self, tree: Tree) -> None:
        """PEP 517: "when loading the backend, and running the backend hooks"."""
        tree.write("def build_wheel(*a):\n    import beside\n    return beside.NAME\n")
        (tree.root / "backend" / "beside.py").write_text("NAME = 'beside'\n")
        assert tree.hooks.build_wheel("out") == "beside"

    def test_a_backend_from_elsewhere_is_refused(self, tree: Tree) -> None:
        tree.write("", named="json")
        line = tree.last_line()
        assert line.startswith("trustguard.model.errors.ConfigError: pyproject.toml:2: tool.trustguard.")
        assert "json was not loaded from backend-path" in line

    def test_a_backend_that_is_not_there_is_named(self, tree: Tree) -> None:
        tree.write("", named="absent.backend")
        assert "there is no module absent.backend in backend-path" in tree.last_line()

    def test_without_it_the_source_tree_is_not_searched(self, tree: Tree) -> None:
        table = TABLE.partition("backend-path")[0]
        tree.write("", named="in_the_root", table=table)
        (tree.root / "in_the_root.py").write_text("def build_wheel(*a): return 'found'\n")
        code = "import os, sys; sys.path[:] = [p for p in sys.path if p]; backend.build_wheel"
        line = tree.last_line(code)
        assert "there is no module in_the_root in the build environment" in line
        assert "build-system.requires" in line


def test_an_object_that_is_not_there_is_named(tree: Tree) -> None:
    tree.write("", named="own:missing.object")
    assert "own:missing.object" in tree.last_line()


def test_a_backend_that_leads_back_to_us_is_named(tree: Tree) -> None:
    """As a backend of the project's own may that takes hooks over from the one it believes to be the real."""
    tree.write(f"from {WRAPPER} import build_wheel\n")
    line = tree.last_line()
    assert line.startswith("trustguard.model.errors.ConfigError: pyproject.toml:2: ")
    assert "own leads back to trustguard" in line


@pytest.mark.parametrize(
    ("backend", "expected"),
    [("import not_installed\n", "No module named 'not_installed'"), ("import os\nos.nothing\n", "nothing")],
)
def test_a_backend_that_cannot_be_loaded_is_not_taken_for_one_without_hooks(
    tree: Tree, backend: str, expected: str
) -> None:
    """An ``AttributeError`` would be."""
    tree.write(backend)
    line = tree.last_line("getattr(backend, 'get_requires_for_build_wheel', None)")
    assert "Error: " in line
    assert expected in line
