"""Hostile packages, one for each way in which code runs before or without being asked to.

Every function takes `Markers`. With them the artifact is hostile: what it runs leaves a marker under one of
the labels below. With None it is the honest twin: same name, version and structure, and ``pass`` where the
other has its marker. What a guard does to the one and not to the other is then due to the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .artifacts import build_sdist, build_wheel, module_name
from .in_tree import HOOKS, build_in_tree_sdist, shipped_files

if TYPE_CHECKING:
    from .artifacts import Artifact
    from .markers import Markers

SETUP_PY = "setup-py"
BACKEND_MODULE = "backend-module"
BACKEND_HOOKS = tuple(hook.replace("_", "-") for hook in HOOKS)
BUILD_REQUIREMENT = "build-requirement"
PTH = "pth"
MODULE = "module"
CONSOLE_SCRIPT = "console-script"


class WithHelper(NamedTuple):
    """An sdist, and the distribution that its build asks for. Both belong on the index."""

    sdist: Artifact
    helper: Artifact


def legacy_sdist(markers: Markers | None, name: str = "legacy-project", version: str = "1.0") -> Artifact:
    """Return an sdist with nothing but a ``setup.py``, which runs for its metadata already.

    To build it, an index needs `fake_setuptools`. Label: `SETUP_PY`.
    """
    module = module_name(name)
    setup_py = (
        "from setuptools import setup\n"
        f"{_statement(markers, SETUP_PY)}\n"
        f"setup(name={name!r}, version={version!r}, py_modules=[{module!r}])\n"
    )
    return build_sdist(name, version, setup_py=setup_py)


def in_tree_backend_sdist(
    markers: Markers | None, name: str = "in-tree-project", version: str = "1.0"
) -> Artifact:
    """Return an sdist that brings its own build backend. Labels: `BACKEND_MODULE` and `BACKEND_HOOKS`."""
    statements = {"module": _statement(markers, BACKEND_MODULE)}
    statements |= {hook: _statement(markers, label) for hook, label in zip(HOOKS, BACKEND_HOOKS, strict=True)}
    return build_in_tree_sdist(name, version, statements=statements)


def build_requirement_sdist(
    markers: Markers | None, name: str = "static-build-requirement", version: str = "1.0"
) -> WithHelper:
    """Return an sdist with an honest backend, which imports what ``build-system.requires`` names.

    The marker is in the helper alone. Label: `BUILD_REQUIREMENT`.
    """
    helper = _helper(markers, "build-helper")
    sdist = build_in_tree_sdist(
        name,
        version,
        build_requires=[helper.project],
        statements={"module": f"import {module_name(helper.project)}"},
    )
    return WithHelper(sdist, helper)


def dynamic_requirement_sdist(
    markers: Markers | None, name: str = "dynamic-build-requirement", version: str = "1.0"
) -> WithHelper:
    """Return an sdist whose ``get_requires_for_build_wheel`` names a requirement that no file states.

    It is imported by the hooks that come after. Label: `BUILD_REQUIREMENT`.
    """
    helper = _helper(markers, "dynamic-build-helper")
    use = f"import {module_name(helper.project)}"
    sdist = build_in_tree_sdist(
        name,
        version,
        dynamic_requires=[helper.project],
        statements={"prepare_metadata_for_build_wheel": use, "build_wheel": use},
    )
    return WithHelper(sdist, helper)


def pth_wheel(markers: Markers | None, name: str = "pth-project", version: str = "1.0") -> Artifact:
    """Return a wheel with a ``.pth`` file, which runs whenever the interpreter starts. Label: `PTH`.

    The honest twin has one too, which names a folder of its own for the import path and runs nothing.
    """
    module = module_name(name)
    line = markers.pth_line(PTH) if markers else f"{module}_plugins\n"
    own = {f"{module}.py": f"VERSION = {version!r}\n", f"{module}_plugins/__init__.py": ""}
    return build_wheel(name, version, files={**own, f"{module}_start.pth": line})


def module_wheel(markers: Markers | None, name: str = "module-project", version: str = "1.0") -> Artifact:
    """Return a wheel whose module runs at import, with a console script of the project's name.

    Labels: `MODULE` and `CONSOLE_SCRIPT`.
    """
    module = module_name(name)
    source = (
        f"VERSION = {version!r}\n"
        f"{_statement(markers, MODULE)}\n"
        "def main():\n"
        f"    {_statement(markers, CONSOLE_SCRIPT)}\n"
    )
    scripts = {"console_scripts": {name: f"{module}:main"}}
    return build_wheel(name, version, files={f"{module}.py": source}, entry_points=scripts)


def fake_setuptools(markers: Markers | None = None, version: str = "80.0") -> Artifact:
    """Return a stand-in for setuptools, so that legacy sdists build with nothing but the lab's index.

    It satisfies the ``setuptools>=40.8.0`` that pip adds for a tree without ``build-system``. It is honest
    by default; with markers its import leaves one. Label: `BUILD_REQUIREMENT`.
    """
    init = f"from .keywords import find_packages, setup\n{_statement(markers, BUILD_REQUIREMENT)}\n"
    shipped = shipped_files("setuptools", "build_meta.py", "keywords.py", "packer.py")
    return build_wheel("setuptools", version, files={"setuptools/__init__.py": init, **shipped})


def _helper(markers: Markers | None, name: str) -> Artifact:
    source = f"{_statement(markers, BUILD_REQUIREMENT)}\n"
    return build_wheel(name, "1.0", files={f"{module_name(name)}.py": source})


def _statement(markers: Markers | None, label: str) -> str:
    return markers.snippet(label) if markers else "pass"
