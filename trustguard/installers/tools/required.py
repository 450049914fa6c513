"""Where what a program installs was asked for: the file and line of each requirement, as far as is seen.

A program reads its files by itself, and says nothing of them. So this is what stands on its command line, in
the lists of requirements that are named there, in the project that it works on, and in that one's lock file.
Where it finds more than the program reads, that is told of a project only where the same name stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from trustguard.installers.pip.references import is_url
from trustguard.installers.requirement_lines import (
    lines_of,
    locked,
    project_of,
    section_of,
    stated,
    stated_in_script,
    typed,
)
from trustguard.installers.tools.command_line import plain_words
from trustguard.installers.tools.files import UvFile, strings, table, toml, values_of
from trustguard.model.origins import Place

_LISTS = ("-r", "--requirement", "--requirements", "--with-requirements")
_NAMED = ("--with", "-w", "--with-editable", "--from", "--spec", "--preinstall")
_MORE_WITH_VALUES = frozenset(
    (
        *_LISTS,
        *_NAMED,
        "-c",
        "--constraint",
        "--constraints",
        "-G",
        "-s",
        "--source",
        "-t",
        "--target",
        "-e",
        "--editable",
    )
)
_ONE, _ALL = 1, 1000
_NAMING: Mapping[str, Mapping[tuple[str, ...], int]] = {
    "uv": {("add",): _ALL, ("pip", "install"): _ALL, ("tool", "install"): _ONE, ("tool", "run"): _ONE},
    "uvx": {(): _ONE},
    "poetry": {("add",): _ALL},
    "pdm": {("add",): _ALL},
    "pipx": {("install",): _ALL, ("run",): _ONE, ("inject",): _ALL},
    "pip": {("install",): _ALL, ("download",): _ALL, ("wheel",): _ALL},
}
"""By program the commands that name what they install, and how many words behind them do."""
_LISTING = {("pip", "sync"), ("pip", "compile")}
"""Those of uv that name lists without an option."""
_WITHOUT_PROJECT = {"uv": {"pip", "tool"}, "uvx": {""}, "pipx": {""}, "pip": {""}}
"""By program the first words of commands that have nothing to do with a project."""
_LOCKS = {"uv.lock": "package", "poetry.lock": "package", "pdm.lock": "package", "pylock.toml": "packages"}
_SECTION = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9][A-Za-z0-9._-]*?)["']?\s*(?:=|\.[A-Za-z]+\s*=)""")
_OF_POETRY = re.compile(r"tool\.poetry\.(?:dev-|group\.[^.]+\.)?dependencies(?:\.([A-Za-z0-9_.-]+))?")
_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]*(\S.*)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTIONS = re.compile(r"\s--?[A-Za-z].*")


def places(words: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> tuple[Place, ...]:
    """Every requirement that is seen, each once, what names it most directly first.

    Args:
        words: the program and its arguments.
        cwd: the folder that it runs in.
        environ: its environment.
    """
    program = re.sub(r"^pip[\d.]+$", "pip", Path(words[0]).stem)
    arguments = list(takewhile(lambda word: word != "--", words[1:]))
    plain = plain_words(arguments, _MORE_WITH_VALUES)
    found = [*_typed(program, arguments, plain), *_listed(program, arguments, plain, cwd)]
    for word in plain:
        if word.endswith(".py"):
            found += _of_script(cwd / word)
    alone = bool({"", *plain[:1]} & _WITHOUT_PROJECT.get(program, set()))
    for folder in _projects(arguments, cwd, environ, alone=alone):
        found += _of_project(folder / "pyproject.toml")
        for name, packages in () if alone else _LOCKS.items():
            found += next(filter(None, (list(locked(at / name, packages)) for at in _above(folder))), [])
    return tuple(dict.fromkeys(found))


def _typed(program: str, arguments: Sequence[str], plain: Sequence[str]) -> Iterator[Place]:
    named = [text for option in _NAMED for value in values_of(option, arguments) for text in value.split(",")]
    for command, most in _NAMING.get(program, {}).items():
        if tuple(plain[: len(command)]) == command:
            named += plain[len(command) :][:most]
    for text in named:
        # What poetry and pipx take behind a name is not all a requirement.
        project = project_of(text) or project_of(text.partition("@")[0])
        if project is not None or is_url(text):
            yield Place(project, text=typed(text))


def _listed(program: str, arguments: Sequence[str], plain: Sequence[str], cwd: Path) -> Iterator[Place]:
    files = [value for option in _LISTS for value in values_of(option, arguments)]
    if program == "uv" and tuple(plain[:2]) in _LISTING:
        files += plain[2:]
    seen: set[Path] = set()
    for name in files:
        yield from _of_list(cwd / name, seen)


def _of_list(file: Path, seen: set[Path]) -> Iterator[Place]:
    """The requirements of a list, and of those that it includes."""
    if file in seen:
        return
    seen.add(file)
    if file.suffix == ".py":
        yield from _of_script(file)
    elif file.suffix == ".toml":
        yield from _of_project(file) if file.name == "pyproject.toml" else locked(file, "packages")
    else:
        for number, line in _joined(lines_of(file)):
            included = _INCLUDED.match(line)
            if included is not None:
                yield from _of_list(file.parent / included[1].strip(), seen)
            elif line and not line.startswith("-"):
                yield Place(project_of(_OPTIONS.sub("", line)), str(file), number)


def _joined(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines without comments, and those that a backslash joins as one, each with the number of its first."""
    text, first = "", 0
    for number, line in enumerate(lines, start=1):
        first = first if text else number
        text += line.removesuffix("\\")
        if not line.endswith("\\") or line.lstrip().startswith("#"):
            yield first, _COMMENT.sub("", text).strip()
            text = ""
    yield first, _COMMENT.sub("", text).strip()


def _of_script(path: Path) -> list[Place]:
    """What a script says that it needs (PEP 723)."""
    return stated_in_script(strings(UvFile(path, script=True).readable().get("dependencies")), path)


def _projects(
    arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], *, alone: bool
) -> Iterator[Path]:
    """The folders of the projects that are worked on: those that are named, or the one that this is in."""
    named = [environ.get("UV_PROJECT", ""), *(word.rpartition("=")[2] for word in arguments)]
    folders = [cwd / word for word in named if word and _has_project(cwd / word)]
    around = () if alone else _above(cwd)
    yield from folders or [at for at in around if _has_project(at)][:1]


def _has_project(folder: Path) -> bool:
    try:
        return (folder / "pyproject.toml").is_file()
    except OSError:  # the word is longer than any path
        return False


def _above(folder: Path) -> Sequence[Path]:
    return (folder, *folder.resolve().parents)


def _of_project(path: Path) -> Iterator[Place]:
    content, lines = toml(path), lines_of(path)
    project, tools = table(content, "project"), table(content, "tool")
    needs: list[tuple[str, str, object]] = [
        ("project", "dependencies", project.get("dependencies")),
        ("tool.uv", "dev-dependencies", table(tools, "uv").get("dev-dependencies")),
        ("build-system", "requires", table(content, "build-system").get("requires")),
    ]
    for header, of in (
        ("project.optional-dependencies", table(project, "optional-dependencies")),
        ("dependency-groups", table(content, "dependency-groups")),
        ("tool.pdm.dev-dependencies", table(table(tools, "pdm"), "dev-dependencies")),
    ):
        needs += [(header, group, value) for group, value in of.items()]
    for header, key, value in needs:
        yield from stated(strings(value), path, lines, _start(lines, header, key))
    yield from _of_poetry(path, lines)


def _start(lines: Sequence[str], header: str, key: str) -> int:
    """The line in which a key of a table stands, from 0; where that is not seen, that of the table."""
    start = section_of(lines, header)
    found = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    return next((n for n in range(start, len(lines)) if found.match(lines[n])), start)


def _of_poetry(path: Path, lines: Sequence[str]) -> Iterator[Place]:
    """Poetry's own tables, in which names are keys."""
    inside = False
    for number, line in enumerate(lines, start=1):
        section, key = _SECTION.match(line), _KEY.match(line)
        name: Any = None
        if section is not None:
            found = _OF_POETRY.fullmatch(section[1])
            inside, name = found is not None and found[1] is None, found and found[1]
        elif inside and key is not None:
            name = key[1]
        if name and name != "python":
            yield Place(canonicalize_name(name), str(path), number)
