"""tox and the guard's variables: handed on to each environment that it makes, whatever its settings say.

tox hands on few variables, and lets a project set any (``set_env``), by which tox installs. It also lets its
configuration be added to in a variable: what is added there is the last word, in every section that says
something of its own, and in those that others inherit from. The value is left to tox to take from its own
environment (``{env:NAME}``), which is the guard's.

Earlier releases let lines that are pasted or computed win over what is added. So this one is required, by
the same variable; an earlier tox then gets itself one that does, through the guard, or fails. Those that know
no such variable at all are refused.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

from trustguard.installers.tools.configured import folders
from trustguard.installers.tools.files import UvFile, after_equals, strings, table, toml
from trustguard.installers.tools.variables import EMPTY, GUARDING, HANDED_ON
from trustguard.model.errors import UsageError
from trustguard.model.record import record

_VARIABLE = "TOX_OVERRIDE"
_HEEDING, _FIRST = "4.65", Version("4.11")
"""Since when what is added is the last word; since when it can be required, as far as was tried."""
_CORES = ("tox.", "tox:tox.", "")
"""The sections of tox itself, in tox.ini, in setup.cfg, and in TOML."""
_BASES = (
    "testenv",
    "pkgenv",
    "testenv:.tox",
    "env_run_base",
    "env_pkg_base",
    "env..tox",
    "tool.tox.env_run_base",
    "tool.tox.env_pkg_base",
    "tool.tox.env..tox",
)
"""Sections that others inherit from, and tox's environment for itself, which inherits nothing."""
_SETTING = ("set_env", "setenv")
_NAMES = ("tox.ini", "setup.cfg", "tox.toml", "pyproject.toml")
_SUFFIXES = {Path(name).suffix for name in _NAMES}
_OF_OPTIONS = ("TOX_CONFIG_FILE", "TOX_ROOT_DIR")
_MAY_BE = re.compile(r"tox|testenv|pkgenv|\\[uUx]")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"(?:\{[^{}]*\}|[^,])+")
_RANGE = re.compile(r"(\d{0,9})-(\d{0,9})", re.ASCII)
_NEWEST = 40
"""The last minor version of Python that an open range is taken to reach."""
_MOST, _LONGEST = 1000, 120_000
"""Sections; characters: Linux lets a variable have 131072 bytes."""
_CHANGING = re.compile(r"(?:\A|[.=]|-\w*x)(set_?env|requires|base)(\+?)=(.*)", re.DOTALL)
_PLAIN = re.compile(r"(\w+)=[^{\n]*", re.ASCII)
_INDEX = re.compile(
    r"(?:INDEX(?:_URL)?|-index-url|(?<!\S)-i)\W{0,8}(?:\{env:\w+:|value\W{1,8})?(https?://[^\s\"'{},;<>$]+)"
)
_INTERPRETER = re.compile(rb"^(?:#!|'{3}exec' \"?)(/[^\s\"]+)", re.MULTILINE)


@record
class _Section:
    """A section that makes its environment another one than that of what others inherit from.

    Args:
        name: as tox wants to be told of it.
        bases: what it inherits from by its own word, under every name that this may have; empty where it
            says by itself which variables are set.
    """

    name: str
    bases: tuple[str, ...] = ()


def handing_on(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> dict[str, str]:
    """The variable that makes tox hand on the guard's.

    Args:
        cwd: the folder that it runs in; its project may be above it.
        environ: its environment; what the user adds there is kept.
        arguments: its command line, which may name a file or a folder.

    Raises:
        UsageError: its settings cannot be looked into, or are in too many sections.
    """
    theirs = environ.get(_VARIABLE, "")
    named = [part.partition("=")[0].rpartition(".")[0] for part in re.split(r"[;\n]", theirs)]
    words = [*arguments, *(environ[name] for name in _OF_OPTIONS if environ.get(name))]
    sections = dict.fromkeys((*_BASES, *_sections(cwd, words), *filter(None, named)))
    lines = [f"{name}={{env:{name}}}" for name in sorted(HANDED_ON)] + [f"{name}=" for name in sorted(EMPTY)]
    added = "\n".join(lines)
    parts = [theirs, *(f"{core}requires+=tox>={_HEEDING}" for core in _CORES)]
    made = ";".join(filter(None, (*parts, *(f"{name}.set_env+={added}" for name in sections))))
    if len(made) > _LONGEST:
        raise UsageError(
            f"{len(sections)} sections of tox's settings set variables: too many to add trustguard's to each",
            hint="set them in [testenv] or env_run_base",
        )
    return {_VARIABLE: made}


def indexes(cwd: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    """The addresses of indexes in tox's settings, as far as they are written out.

    Args:
        cwd: the folder that it runs in; its project may be above it.
        arguments: its command line, which may name a file or a folder.

    Raises:
        UsageError: its settings cannot be looked into.
    """
    texts = map(_text, _files(cwd, arguments))
    return tuple(dict.fromkeys(url for text in texts for url in _INDEX.findall(text)))


def refuse(program: str, arguments: Sequence[str]) -> None:
    """Look for what keeps tox from handing them on.

    Args:
        program: tox, as it was typed.
        arguments: its command line.

    Raises:
        UsageError: there is some.
    """
    version = _version(program)
    if version is not None and version < _FIRST:
        raise UsageError(
            f"tox {version} cannot be told to hand on trustguard's variables",
            hint=f"install tox {_HEEDING} or later",
        )
    own = itertools.takewhile(lambda word: word != "--", arguments)
    for word, change in ((word, _CHANGING.search(word)) for word in own):
        if change is not None and not _is_harmless(*change.groups()):
            raise UsageError(
                f"{word}: tox would not hand on trustguard's variables",
                hint="set the variable before trustguard, or in the project's settings",
            )


def _is_harmless(key: str, added: str, value: str) -> bool:
    """Whether a setting of the command line adds a variable that is not the guard's."""
    plain = _PLAIN.fullmatch(value)
    return bool(key in _SETTING and added and plain and plain[1] not in GUARDING | EMPTY)


def _version(program: str) -> Version | None:
    """Which tox it is; None where that is not seen without running it."""
    found = shutil.which(program)
    if found is None:
        return None
    with Path(found).open("rb") as stream:
        interpreters = [Path(os.fsdecode(word)) for word in _INTERPRETER.findall(stream.read(1024))]
    prefixes = [path.parent.parent for path in (Path(found), Path(found).resolve(), *interpreters)]
    for pattern in ("lib/python3*/site-packages", "lib/python3*/dist-packages"):
        for prefix in prefixes:
            for entry in prefix.glob(f"{pattern}/tox-*-info"):
                return Version(entry.name.split("-")[1].removesuffix(".dist").removesuffix(".egg"))
    return None


def _sections(cwd: Path, arguments: Sequence[str]) -> Iterator[str]:
    """The sections in which something has to be added, as tox wants to be told of them."""
    files = _files(cwd, arguments)
    found = list(itertools.islice((one for file in files for one in _of_file(file)), _MOST))
    setting = {*_BASES, *(one.name for one in found if not one.bases)}
    # Where something is inherited that has been added to already, more would hide what is inherited.
    yield from (one.name for one in found if setting.isdisjoint(one.bases))


def _files(cwd: Path, arguments: Sequence[str]) -> Iterator[Path]:
    """Where settings may be: in the project, and in what the command line names."""
    yield from (folder / name for folder in folders(cwd, arguments) for name in _NAMES)
    named = [*arguments, *after_equals(arguments), *(word[2:] for word in arguments if word[:2] == "-c")]
    for place in (cwd / word for word in named):
        # Without a suffix it may be settings as well; it may be longer than any path: pathlib raises.
        if place.suffix in {*_SUFFIXES, ""} and os.path.isfile(place):  # noqa: PTH113
            yield place


def _of_file(file: Path) -> Iterator[_Section]:
    text = _text(file)
    if file.suffix != ".toml":
        yield from _of_ini(text)
        return
    top = toml(file)
    yield from _of_toml(top, "")
    tox = table(table(top, "tool"), "tox")
    yield from _of_toml(tox, "tool.tox.")
    legacy = tox.get("legacy_tox_ini")
    if isinstance(legacy, str):
        yield from _of_ini(legacy)


def _of_toml(top: Mapping[str, Any], before: str) -> Iterator[_Section]:
    yield from (_Section(f"{before}env.{name}") for name in strings([top.get("provision_tox_env")]))
    sections = {name: table(top, name) for name in top}
    below = {f"{name}.{one}": table(of, one) for name, of in sections.items() for one in of}
    for name, section in {**sections, **below}.items():
        if any(key in section for key in _SETTING):
            yield _Section(before + name)
        elif "base" in section:
            bases = strings(section["base"])
            yield _Section(before + name, _spelt(bases, (before, f"{before}env.", "")))


def _of_ini(text: str) -> Iterator[_Section]:
    import configparser  # noqa: PLC0415 - few have it to read

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        keys = parser[section]
        if "provision_tox_env" in keys:
            yield _Section(f"testenv:{keys['provision_tox_env'].strip()}")
        bases: tuple[str, ...] = ()
        if not any(key in keys for key in _SETTING):
            if "base" not in keys:
                continue
            bases = _spelt(re.split(r"[\s,]+", keys["base"]), ("", "testenv:"))
        yield from (_Section(name, bases) for name in itertools.chain((section,), _expanded(section)))


def _spelt(bases: Iterable[str], prefixes: Iterable[str]) -> tuple[str, ...]:
    """What sections may be called; something at least, where none is named."""
    return tuple(f"{prefix}{base}" for prefix in prefixes for base in bases if base) or ("",)


def _expanded(section: str) -> Iterator[str]:
    prefix, colon, names = section.partition(":")
    yield from (f"{prefix}:{name}" for name in _names(names) if colon)


def _names(heading: str) -> Iterator[str]:
    """The environments that one heading stands for: ``py3{10-12}-{a,b}`` is six."""
    for one in _PART.findall(heading):
        words = _CHOICE.split(one)
        choices = [
            [word] if at % 2 == 0 else [*itertools.islice(_chosen(word), _MOST)]
            for at, word in enumerate(words)
        ]
        for chosen in itertools.product(*choices):
            yield "".join(word.strip() for word in chosen)


def _chosen(choice: str) -> Iterator[str]:
    for word in choice.split(","):
        span = _RANGE.fullmatch(word.strip())
        if span is None or not any(span.groups()):
            yield word
            continue
        first, last = int(span[1] or 0), int(span[2] or _NEWEST)
        yield from map(str, range(min(first, last), max(first, last) + 1))


def _text(file: Path) -> str:
    """The text of a file; nothing where tox finds no settings in it, or cannot read it either."""
    try:
        text = UvFile(file).text()
    except (OSError, UnicodeDecodeError):
        return ""
    except ValueError as error:
        raise UsageError(f"{file} cannot be looked into ({error}): tox might find settings in it") from error
    return text if file.stem == "tox" or _MAY_BE.search(text) else ""
