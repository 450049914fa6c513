"""Sdists that build themselves: their PEP 517 backend lies inside them and needs nothing else.

So pip builds them with an index that has no build tool on it, and a test can put a statement of its own into
any place in which a backend runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from packaging.version import Version

from .artifacts import Artifact, build_sdist, encoded, payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SHIPPED = Path(__file__).with_name("shipped")

_PYPROJECT = """\
[build-system]
requires = {requires}
build-backend = "in_tree_backend"
backend-path = ["."]
"""

_BACKEND = """\
from . import source_tree
{module}

def get_requires_for_build_wheel(config_settings=None):
{get_requires_for_build_wheel}
    return {dynamic_requires!r}

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
{prepare_metadata_for_build_wheel}
    return source_tree.prepare_metadata(metadata_directory)

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
{build_wheel}
    return source_tree.build_wheel(wheel_directory)
"""

HOOKS = ("get_requires_for_build_wheel", "prepare_metadata_for_build_wheel", "build_wheel")
"""The PEP 517 hooks of the in-tree backend into which a test can put a statement."""


def build_in_tree_sdist(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    name: str,
    version: str,
    *,
    files: Mapping[str, str | bytes] | None = None,
    build_requires: Sequence[str] = (),
    dynamic_requires: Sequence[str] = (),
    statements: Mapping[str, str] | None = None,
    requires: Iterable[str] = (),
    metadata_version: str = "2.1",
    dynamic: Iterable[str] = (),
) -> Artifact:
    """Return an sdist which builds itself: its PEP 517 backend is inside it (``backend-path = ["."]``).

    It needs no other distribution, so pip can build it with nothing else on the index.

    Args:
        name: the project's name.
        version: any PEP 440 version.
        files: path inside the wheel that will be built -> content, instead of the default payload.
        build_requires: ``build-system.requires``.
        dynamic_requires: what ``get_requires_for_build_wheel`` returns.
        statements: one line of Python each, to run at import (``"module"``) or in one of `HOOKS`.
        requires: the ``Requires-Dist`` lines.
        metadata_version: that of ``PKG-INFO``.
        dynamic: the fields that ``PKG-INFO`` calls ``Dynamic``.

    Raises:
        ValueError: a statement for a place that does not exist.

    """
    version = str(Version(version))
    inserted = dict.fromkeys(("module", *HOOKS), "pass") | dict(statements or {})
    if unknown := inserted.keys() - {"module", *HOOKS}:
        raise ValueError(f"no such place in the backend: {sorted(unknown)}")
    for hook in HOOKS:
        inserted[hook] = indent(inserted[hook], "    ")
    contents = payload(name, version) if files is None else encoded(files)
    shipped = shipped_files("in_tree_backend", "packer.py", "source_tree.py")
    backend = _BACKEND.format(dynamic_requires=list(dynamic_requires), **inserted)
    sources = {f"src/{path}": content for path, content in contents.items()}
    return build_sdist(
        name,
        version,
        files={"in_tree_backend/__init__.py": backend, **shipped, **sources},
        # A JSON list of strings is TOML as well.
        pyproject=_PYPROJECT.format(requires=json.dumps(list(build_requires))),
        requires=requires,
        extra_metadata=[f"Dynamic: {field}" for field in dynamic],
        metadata_version=metadata_version,
    )


def shipped_files(folder: str, *names: str) -> dict[str, bytes]:
    """Return files of `lab.shipped` under the folder in which an artifact will carry them."""
    return {f"{folder}/{name}": (_SHIPPED / name).read_bytes() for name in names}
