"""The code that a shell evaluates: a file for each shell (data/shell), with the same filled in."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Literal

import click

from trustguard.frontends.shell import table
from trustguard.model.record import record

Shell = Literal["bash", "zsh", "fish", "powershell"]

_VARIABLE = "_TRUSTGUARD_COMPLETE"


@record
class _Dialect:
    """How a shell writes things.

    Args:
        quote: a text, whatever is in it.
        words: a list of names that need no quotes.
        patterns: a list of patterns, of which one has to match.
        off: what undoes everything, where there is anything to undo.
    """

    quote: Callable[[str], str]
    words: Callable[[Iterable[str]], str]
    patterns: Callable[[Iterable[str]], str]
    off: str


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _powershell_quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _powershell_list(words: Iterable[str]) -> str:
    return ", ".join(map(_powershell_quote, words))


_DIALECTS: Mapping[Shell, _Dialect] = {
    "bash": _Dialect(
        shlex.quote,
        " ".join,
        " | ".join,
        "if declare -F trustguard_off >/dev/null; then trustguard_off; fi\n",
    ),
    "zsh": _Dialect(
        shlex.quote, " ".join, "|".join, "if (( ${+functions[trustguard_off]} )); then trustguard_off; fi\n"
    ),
    "fish": _Dialect(
        _fish_quote,
        " ".join,
        lambda patterns: " ".join(map(_fish_quote, patterns)),
        "functions -q trustguard_off; and trustguard_off\n",
    ),
    "powershell": _Dialect(
        _powershell_quote,
        _powershell_list,
        _powershell_list,
        "if (Test-Path -LiteralPath function:trustguard_off) { trustguard_off }\n",
    ),
}


def off(shell: Shell) -> str:
    """The code that undoes what :func:`script` did; it does nothing where nothing was done."""
    return _DIALECTS[shell].off


def script(shell: Shell, program: str, command: click.Group) -> str:
    """The code that leads what installs in a shell through trustguard.

    Args:
        shell: which shell.
        program: the path of the ``trustguard`` command. It stands in the code, so that nothing that comes
            first on ``PATH`` later can take its place.
        command: whose words are completed.
    """
    dialect = _DIALECTS[shell]
    filled = {
        "PROGRAM": dialect.quote(program),
        "PIPS": dialect.words(table.PIPS),
        "PYTHONS": dialect.words(table.PYTHONS),
        "TOOLS": dialect.words(table.TOOLS),
        "NAMES": dialect.words(table.NAMES),
        "UNLESS": dialect.patterns(table.UNLESS),
        "STRAIGHT": dialect.patterns(table.straight()),
        "COMPLETION": _completion(shell, command).strip("\n"),
    }
    text = (files("trustguard.data") / "shell" / shell).read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", value)
    return text


def _completion(shell: Shell, command: click.Group) -> str:
    """What completes the words behind ``trustguard``: click's own code, which asks trustguard."""
    from click.shell_completion import ShellComplete, get_completion_class  # noqa: PLC0415 - seldom needed

    kind = get_completion_class(shell)
    if kind is None:
        return _powershell_completion(command)
    # Of the class above: bash's own would start a bash to ask for its version, which the code itself does.
    return ShellComplete.source(kind(command, {}, "trustguard", _VARIABLE))


def _powershell_completion(command: click.Group) -> str:
    """The commands, and the options that stand before them; click knows nothing of this shell."""
    context = click.Context(command)
    options = [name for one in command.get_params(context) for name in one.opts if name.startswith("--")]
    words = _powershell_list([*command.list_commands(context), *options])
    return (
        "Register-ArgumentCompleter -Native -CommandName trustguard -ScriptBlock {\n"
        "    param($wordToComplete, $commandAst, $cursorPosition)\n"
        f'    @({words}) | Where-Object {{ $_ -like "$wordToComplete*" }}\n'
        "}\n"
    )
