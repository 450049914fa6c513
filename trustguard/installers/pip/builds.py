"""Has pip run the build hooks of packages in the sandbox, also the pip that installs what a build requires.

This file stands alone, in the target interpreter: child.py loads it into the process that becomes pip, and
pip runs it by its path in the place of its own runner (``__pip-runner__.py``) for what a build requires. What
it needs to know comes in a variable, and so reaches every pip below.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import runpy
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

VARIABLE = "TRUSTGUARD_BUILDS"
GUARDED_RUN = "TRUSTGUARD_GUARDED_RUN"
"""The variable that names the sign of a guarded run; trustguard's build backend looks for it."""
BUILD_ENVIRONMENT = "pip-build-env-"


class Builds:
    """How packages are built.

    Args:
        settings: ``mode`` (auto, require or off), ``python`` and ``sandbox`` (what runs a command in the
            sandbox), ``told`` (the file in which it is written down why there is none), ``refused`` (that for
            what pip was kept from, closed.py), and ``pip`` (where pip is).
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.mode = settings["mode"]
        self.launcher = [settings["python"], "-I", "-S", settings["sandbox"]]
        self.told = settings["told"]
        self.refused = settings["refused"]

    @functools.cached_property
    def missing(self) -> str:
        """Why there is no sandbox here; nothing where there is one. Which of the two, is told once."""
        done = subprocess.run([*self.launcher, "--probe"], capture_output=True, text=True, check=False)
        reason = done.stdout.strip() or done.stderr.strip()[-200:] if done.returncode else ""
        if reason:
            with open(self.told, "a", encoding="utf-8") as told:
                told.write(json.dumps(reason) + "\n")
        else:
            logging.getLogger("pip").info("Packages are built in a sandbox: no network, none of your files")
        return reason

    def command(self, command: list[str], folder: str, places: Iterable[str], scratch: str) -> list[str]:
        """The command that runs another one in the sandbox.

        Args:
            command: the interpreter, the script of the hook, its name, and the folder of its answer.
            folder: that of the source.
            places: further folders to write to.
            scratch: an empty folder, for the home and for what is temporary.
        """
        home, tmp = os.path.join(scratch, "home"), os.path.join(scratch, "tmp")
        for path in (home, tmp):
            os.mkdir(path)
        sign = {GUARDED_RUN: os.environ[GUARDED_RUN]} if GUARDED_RUN in os.environ else {}
        plan = {
            "isolate": not self.missing,
            "read": [] if self.missing else [*readable(command), *repository(folder), *sign.values()],
            "write": [folder, scratch, command[-1], *places],
            "home": home,
            "tmp": tmp,
            # Another home would take away the packages of the user's, which are used without isolation.
            "environ": {"PYTHONUSERBASE": site.getuserbase(), **sign},
        }
        return [*self.launcher, json.dumps(plan), *command]


def readable(command: list[str]) -> list[str]:
    """What a hook has to read: the interpreter, what it imports, and the programs on the path."""
    interpreter, script = command[:2]
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    folders = [*prefixes, *sys.path, *variable("PATH"), *variable("PYTHONPATH")]
    folders += [environment for folder in folders if (environment := build_environment(folder))]
    own = [one for one in dict.fromkeys(folders) if os.path.isabs(one) and not holds_home(one)]
    return [*own, interpreter, os.path.realpath(interpreter), os.path.dirname(script)]


def variable(name: str) -> list[str]:
    """The places in a variable."""
    return os.environ.get(name, "").split(os.pathsep)


def build_environment(folder: str) -> str:
    """The whole build environment that a folder belongs to, or nothing."""
    head, found, tail = folder.partition(os.sep + BUILD_ENVIRONMENT)
    inside = os.path.realpath(head) == os.path.realpath(tempfile.gettempdir())
    return head + found + tail.split(os.sep)[0] if found and inside else ""


def holds_home(folder: str) -> bool:
    """Whether a folder is the user's home, or above it: never to be let free as a whole."""
    home, real = os.path.realpath(os.path.expanduser("~")), os.path.realpath(folder)
    return os.path.commonpath((home, real)) == real


def repository(folder: str) -> list[str]:
    """The repository that the source of a project of the user's is in: its build may ask for the history."""
    at = os.path.realpath(folder)
    while not holds_home(at):
        if os.path.lexists(os.path.join(at, ".git")):
            return [at]
        at = os.path.dirname(at)
    return []


def patch(builds: Builds) -> None:
    """Have this process's pip, and those below it, build in the sandbox and open nothing by themselves.

    Nor are ``lsb_release``, ``uname`` and ``rustc`` run for a ``User-Agent`` that only the guard receives: a
    dozen processes, which take a tenth of a second.
    """
    from pip import __version__
    from pip._internal.build_env import installer
    from pip._internal.network import session

    session.user_agent = lambda: f"pip/{__version__}"
    beside("closed").Closed(builds.refused).patch()
    installer.get_runnable_pip = lambda: os.path.abspath(__file__)
    if builds.mode != "off":
        build_in_sandbox(builds)


def beside(name: str) -> Any:
    """A module that lies beside this one, and is on no path of this interpreter's."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
    spec = spec_from_file_location(f"trustguard_{name}", path)
    if spec is None or spec.loader is None:
        sys.exit(f"trustguard: {path} cannot be loaded; nothing was installed")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build_in_sandbox(builds: Builds) -> None:
    """Have this process's pip run build hooks in the sandbox."""
    from pip._internal.exceptions import InstallationError
    from pip._vendor.pyproject_hooks import BuildBackendHookCaller

    call_hook = BuildBackendHookCaller._call_hook

    def call_hook_in_sandbox(caller: Any, name: str, arguments: Mapping[str, Any]) -> Any:
        if builds.missing and builds.mode == "require":
            raise InstallationError(
                f"the build sandbox is required and this platform has none: {builds.missing}; "
                "nothing was built"
            )
        places = [arguments[key] for key in ("wheel_directory", "metadata_directory") if arguments.get(key)]
        plain: Callable[..., None] = caller._subprocess_runner

        def run(command: list[str], cwd: str | None = None, extra_environ: Any = None) -> None:
            with tempfile.TemporaryDirectory(prefix="trustguard-build-") as scratch:
                guarded = builds.command(command, cwd or os.getcwd(), places, os.path.realpath(scratch))
                plain(guarded, cwd=cwd, extra_environ=extra_environ)

        with caller.subprocess_runner(run):
            return call_hook(caller, name, arguments)

    BuildBackendHookCaller._call_hook = call_hook_in_sandbox


class OurPip:
    """A finder that gives this interpreter trustguard's copy of pip, as pip's own runner does."""

    def __init__(self, root: str) -> None:
        self.root = root

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        """Where a module comes from; None leaves it to others."""
        return PathFinder.find_spec(fullname, [self.root], target) if fullname == "pip" else None


def main() -> None:
    """Be the pip that installs what a build requires."""
    settings = json.loads(os.environ[VARIABLE])
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != own]
    sys.meta_path.insert(0, OurPip(settings["pip"]))
    patch(Builds(settings))
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
