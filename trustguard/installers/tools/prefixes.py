"""What stands before a program on a command line: ``env X=Y``, ``nice``, ``timeout 60``, ``python -m``.

What is looked for in the words of a program is looked for behind these. What hands its environment on to
nobody, or would take the guard's variables out of it, is refused: the program would not come to the guard.
What a shell or a script makes of its words is not looked into, here or elsewhere.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trustguard.installers.tools.variables import EMPTY, GUARDING
from trustguard.model.errors import UsageError
from trustguard.model.record import record

_LEAVING = frozenset({"sudo", "sudo-rs", "doas", "su", "runuser", "run0", "pkexec", "systemd-run"})
"""What runs a program as somebody else, with few variables of ours or none."""
_OURS = {name.upper() for name in (*GUARDING, *EMPTY, "TOX_OVERRIDE", "UV_LINK_MODE")}
_ASSIGNMENT = re.compile(r"([^=]+)=(.*)", re.DOTALL)
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?", re.ASCII)
_MODULE = re.compile(r"-[bBdEiIOPqsSuvxRtVh?]*m(.*)", re.DOTALL)


@record
class Call:
    """A program as it will be started, by whatever stands before it.

    Args:
        words: the program and its arguments.
        cwd: the folder that it will run in.
        environ: its environment, but for what is the guard's.
    """

    words: tuple[str, ...]
    cwd: Path
    environ: Mapping[str, str]


@record
class _Options:
    """What a program takes before the one that it starts.

    Args:
        short: the letters of options behind which a value stands.
        long: likewise the names.
        positional: how many words stand before the program.
    """

    short: str = ""
    long: tuple[str, ...] = ()
    positional: int = 0


_PREFIXES = {
    "nice": _Options("n", ("--adjustment",)),
    "nohup": _Options(),
    "ionice": _Options("cn", ("--class", "--classdata")),
    "setsid": _Options(),
    "stdbuf": _Options("ioe", ("--input", "--output", "--error")),
    "taskset": _Options(positional=1),
    "time": _Options("fo", ("--format", "--output")),
    "timeout": _Options("ks", ("--kill-after", "--signal"), positional=1),
    "env": _Options("uCSa", ("--unset", "--chdir", "--split-string", "--argv0")),
}


def behind(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Call:
    """What is started in the end.

    Args:
        command: as it was typed.
        cwd: the folder in which it will be run.
        environ: its environment.

    Raises:
        UsageError: it would not have the guard's variables.
    """
    call = Call(tuple(command), cwd, environ)
    while True:
        name = Path(call.words[0]).name
        if name in _LEAVING:
            raise UsageError(
                f"{name} does not hand on trustguard's variables: what it starts would not be guarded",
                hint=f"put it first: {name} trustguard run COMMAND",
            )
        options = _PREFIXES.get(name)
        following = _module(call) if options is None else _after(call, name, options)
        if following is None or not following.words:
            return call
        call = following


def _after(call: Call, name: str, options: _Options) -> Call | None:
    """What a program starts; None where that is not seen."""
    rest, given = _parted(call.words[1:], options)
    if name != "env":
        return replace(call, words=rest[options.positional :])
    return _of_env(call, rest, given)


def _parted(words: tuple[str, ...], options: _Options) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """The words behind options, and the options with their values."""
    given: list[tuple[str, str]] = []
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        word = words[at]
        name, equals, value = word.partition("=")
        at += 1
        if not word.startswith("--"):
            name, value = _short(word, options.short)
            equals = value
        whole = _whole(name, options)
        if whole is not None and not equals:
            value = words[at] if at < len(words) else ""
            at += 1
        given.append((whole or name, value))
    return words[at + (words[at : at + 1] == ("--",)) :], given


def _short(word: str, valued: str) -> tuple[str, str]:
    """The option of a cluster that has a value, and what of it stands in the word; the cluster without."""
    place = next((at for at, letter in enumerate(word) if at and letter in valued), None)
    return (word, "") if place is None else (f"{word[:place]}{word[place]}", word[place + 1 :])


def _whole(name: str, options: _Options) -> str | None:
    """An option that has a value, by its full name where it was shortened; None where it has none."""
    if not name.startswith("--"):
        return name if name[-1] in options.short and name != "-" else None
    return next((one for one in options.long if one.startswith(name)), None)


def _of_env(call: Call, rest: tuple[str, ...], given: list[tuple[str, str]]) -> Call:
    cwd, environ = call.cwd, dict(call.environ)
    split: tuple[str, ...] = ()
    for name, value in given:
        letters = "" if name.startswith("--") else name[1:]
        if name == "-" or "i" in letters or (letters == "" and "--ignore-environment".startswith(name)):
            raise UsageError(
                f"env {name}: the program would not have trustguard's variables",
                hint="put it first: env -i … trustguard run COMMAND",
            )
        if letters.endswith("u") or name == "--unset":
            _refuse_change(f"-u {value}", value)
            environ.pop(value, None)
        elif letters.endswith("C") or name == "--chdir":
            cwd = cwd / value
        elif letters.endswith("S") or name == "--split-string":
            split = _split(value)
    words = (*split, *rest)
    while words and (found := _ASSIGNMENT.fullmatch(words[0])):
        _refuse_change(words[0], found[1])
        environ[found[1]] = found[2]
        words = words[1:]
    again = bool(split) and words[:1] != () and words[0].startswith("-")
    return Call(("env", *words) if again else words, cwd, environ)


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"env -S {text}: {error}") from error


def _refuse_change(told: str, name: str) -> None:
    if name.upper() in _OURS:
        raise UsageError(
            f"env {told}: the program would not come to trustguard, or take what nobody vetted",
            hint=f"leave {name} out, or set it before trustguard, which heeds it",
        )


def _module(call: Call) -> Call | None:
    """The program that an interpreter is to run as a module: it is taken to be the one beside it."""
    if _PYTHON.fullmatch(Path(call.words[0]).name) is None:
        return None
    rest = iter(call.words[1:])
    for word in rest:
        module = _MODULE.fullmatch(word)
        if module is not None:
            name = module[1] or next(rest, "")
            place = Path(shutil.which(call.words[0]) or call.words[0]).parent
            return replace(call, words=(str(place / name), *rest)) if name else None
        if word == "-" or not word.startswith("-") or word.startswith("-c"):
            return None
        if word in {"-X", "-W"}:
            next(rest, None)
    return None
