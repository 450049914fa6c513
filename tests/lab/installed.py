"""What is installed beside the tests, put back into wheels: real projects for an index on loopback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

import trustguard
from trustguard.config.lines import loads

from .artifacts import Artifact, build_wheel
from .shipped.packer import dist_info_name, pack_wheel, wheel_filename

OURSELVES = "pip-trustguard"
ROOT = Path(trustguard.__file__).parents[1]
_LEFT_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""What an installer has written, and writes again."""


@cache
def installed_wheel(name: str) -> Artifact:
    """A distribution of the tests' own environment as a wheel; ours from the source that is under test.

    Commands that are no entry points (``ninja``, ``meson`` of some releases) go along as scripts.
    """
    if name == OURSELVES:
        return build_wheel(name, trustguard.__version__, files=dict(_own_files()), requires=_own_requires())
    there = metadata.distribution(name)
    core, tag = _text(there, "METADATA").encode(), _tag(there)
    content = pack_wheel(dict(_files(there, core)), core, tag=tag)
    return Artifact(wheel_filename(core, tag), content, name, there.version, metadata=core)


def with_dependencies(*names: str) -> list[Artifact]:
    """Distributions and all that they require here."""
    found: dict[tuple[str, frozenset[str]], Artifact] = {}
    todo = [Requirement(name) for name in names]
    while todo:
        wanted = todo.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key not in found:
            found[key] = installed_wheel(key[0])
            todo += _required_by(*key)
    return list({artifact.filename: artifact for artifact in found.values()}.values())


def _required_by(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    texts = _own_requires() if name == OURSELVES else metadata.distribution(name).requires
    for requirement in map(Requirement, texts or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def _text(there: metadata.Distribution, name: str) -> str:
    text = there.read_text(name)
    assert text is not None, f"{there.name} has no {name}"
    return text


def _tag(there: metadata.Distribution) -> str:
    """All tags of a wheel as its file name would have them."""
    lines = _text(there, "WHEEL").splitlines()
    tags = {tag for line in lines if line.startswith("Tag: ") for tag in parse_tag(line[5:].strip())}
    parts: Iterable[Iterable[str]] = zip(*((t.interpreter, t.abi, t.platform) for t in tags), strict=True)
    return "-".join(".".join(sorted(set(part))) for part in parts)


def _files(there: metadata.Distribution, core: bytes) -> Iterator[tuple[str, bytes]]:
    folder = dist_info_name(core)
    data = folder.removesuffix(".dist-info") + ".data"
    commands = {point.name for point in there.entry_points if point.group == "console_scripts"}
    for file in there.files or ():
        inside = file.as_posix()
        top, _, below = inside.partition("/")
        if file.suffix == ".pyc" or (top.endswith(".dist-info") and below in _LEFT_OUT):
            continue
        if top.endswith(".dist-info"):
            inside = f"{folder}/{below}"  # in the form that the packer gives it
        if inside.startswith("../"):
            if file.parent.name not in {"bin", "Scripts"} or file.stem in commands:
                continue
            inside = f"{data}/scripts/{file.name}"
        yield inside, Path(str(there.locate_file(file))).read_bytes()


def _own_requires() -> list[str]:
    """What ``pyproject.toml`` says: an installation that is editable may be older."""
    project: dict[str, Any] = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def _own_files() -> Iterator[tuple[str, bytes]]:
    for path in sorted((ROOT / "trustguard").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
