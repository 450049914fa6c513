"""``trustguard shell-init``: print what makes a shell go through trustguard."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import click

from trustguard.frontends.shell.script import Shell, off, script
from trustguard.model.errors import UsageError


def _program() -> str:
    """The path of the ``trustguard`` command that runs, or that lies beside the interpreter that runs.

    Raises:
        UsageError: there is none.
    """
    name = "trustguard.exe" if os.name == "nt" else "trustguard"
    for path in (Path(sys.argv[0]), Path(sysconfig.get_path("scripts"), name)):
        if path.name in {name, "trustguard"} and path.is_file():
            return str(path.absolute())
    hint = "install trustguard as a package: the command comes with it"
    raise UsageError("there is no trustguard command for a shell to call", hint=hint)


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
    @click.option("--off", "is_off", is_flag=True, help="Print what undoes it.")
    @click.pass_context
    def command(ctx: click.Context, shell: Shell, is_off: bool) -> None:
        """Print code for a shell: pip, python -m pip, uv, poetry, pdm and pipx then go through trustguard.

        \b
        bash, zsh:   eval "$(trustguard shell-init bash)"
        fish:        trustguard shell-init fish | source
        PowerShell:  trustguard shell-init powershell | Out-String | Invoke-Expression
        """  # noqa: D301 - click takes the control character for "leave these lines as they are"
        group = ctx.find_root().command
        if not isinstance(group, click.Group):
            raise TypeError("a command stands below a group")
        click.echo(off(shell) if is_off else script(shell, _program(), group), nl=False)

    return command
