"""What runs in the target interpreter: trustguard's own copy of pip, first asked, then run.

This file stands alone: it is started by its path in an interpreter that may know nothing of trustguard. It
loads pip, has pip's own parser say what the command line, the ``PIP_*`` variables, pip's configuration files
and the requirement files mean, reports that to the parent, and waits. The parent answers with the command
line and the environment that pip is to have; then this process becomes that pip. Loading pip and loading
the guard index so go on side by side, and whatever pip needs is imported once.

The parent is reached over a loopback connection that opens with a key of this one run; messages are lines of
JSON. The connection is closed before pip runs.
"""

from __future__ import annotations

import copy
import json
import os
import runpy
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, ClassVar

MINIMUM = (3, 10)
GUARDED = ("install", "download", "wheel", "lock")
BUILDS = "TRUSTGUARD_BUILDS"
"""The variable that says how packages are built; without it, nothing is guarded."""
STOP_NAME = "type-trustguard-install.txt"
STOP = b'-e "/dev/null/nothing was installed, type: trustguard install"\n'
"""The requirement file by which ``trustguard enforce`` stops a pip that nobody guards, and what is in it."""
WARM = (
    "pip._internal.network.session",
    "pip._internal.resolution.resolvelib.resolver",
    "pip._internal.operations.install.wheel",
    "pip._internal.self_outdated_check",
)


class OurPip:
    """A finder that gives this interpreter trustguard's copy of pip, whatever it has itself."""

    root: ClassVar[str] = ""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG003
        """Where a module comes from; None leaves it to others."""
        return PathFinder.find_spec(fullname, [cls.root], target) if fullname == "pip" else None


@contextmanager
def while_it_is_there() -> Iterator[None]:
    """Talk with the parent; without it there is nothing left to do."""
    try:
        yield
    except OSError:
        sys.exit("trustguard: the process that vets is gone; nothing was installed")


class Parent:
    """The connection to the process that started this one."""

    def __init__(self, port: int, key: str) -> None:
        with while_it_is_there():
            self.socket = socket.create_connection(("127.0.0.1", port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.stream = self.socket.makefile("rwb")
            self.stream.write(key.encode() + b"\n")
            self.stream.flush()

    def send(self, message: dict[str, Any]) -> None:
        """Say something."""
        with while_it_is_there():
            self.stream.write(json.dumps(message).encode() + b"\n")
            self.stream.flush()

    def receive(self) -> dict[str, Any]:
        """Wait for an answer."""
        with while_it_is_there():
            line = self.stream.readline()
            if not line:
                raise ConnectionResetError
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        """Hang up."""
        self.stream.close()
        self.socket.close()


def plain(value: Any) -> Any:
    """A value of pip's options as JSON knows it."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)


def record_occurrences(options: Any) -> list[Any]:
    """Have every option of a parser note when it is met on the command line, in order."""
    seen: list[Any] = []
    for option in options:

        def process(
            opt: Any,
            value: Any,
            values: Any,
            parser: Any,
            *,
            option: Any = option,
            process: Any = option.process,
        ) -> Any:
            seen.append([option.dest, opt, plain(value) if option.takes_value() else None])
            return process(opt, value, values, parser)

        option.process = process
    return seen


def settings_of(parser: Any) -> list[Any]:
    """The settings of pip's configuration files and variables, the later overriding the earlier.

    Options whose values come together in one place (``--no-binary`` and ``--only-binary``) override only
    themselves.
    """
    merged: dict[str, Any] = {}
    for key, value in parser._get_ordered_configuration_items():
        option = parser.get_option("--" + key)
        by_itself = option is None or option.action == "callback"
        merged[key if by_itself else option.dest] = [key, option.dest if option else None, value]
    return list(merged.values())


class RequirementFiles:
    """Reads requirement and constraint files as pip does, without following what they name as sources."""

    def __init__(self, parent: Parent, values: dict[str, Any]) -> None:
        self.parent = parent
        self.values = values
        self.files: list[Any] = []

    def content(self, location: str, constraint: bool) -> str:
        """The text of a file."""
        from pip._internal.exceptions import InstallationError
        from pip._internal.req import req_file

        if location.lower().startswith(("http:", "https:")):
            self.parent.send({"op": "fetch", "url": location, "values": self.values})
            return str(self.parent.receive()["text"])
        if location.lower().startswith("file:"):
            from pip._internal.utils.urls import url_to_path

            location = url_to_path(location)
        try:
            return str(req_file.get_file_content(location, None, constraint=constraint)[1])
        except (UnicodeDecodeError, LookupError) as error:  # not UTF-8, nor in the coding that it names
            raise InstallationError(f"{location} cannot be read as text: {error}") from error

    def all_of(self, locations: list[str], constraint: bool) -> list[Any]:
        """Read the files of an option: each with its place in ``files``, None for a lock."""
        from pip._internal.utils.pylock import is_valid_pylock_filename
        from pip._internal.utils.urls import strip_extras

        locks = [is_valid_pylock_filename(strip_extras(location)[0]) for location in locations]
        return [
            [location, None if is_lock else self.add(location, constraint)]
            for location, is_lock in zip(locations, locks, strict=True)
        ]

    def add(self, location: str, constraint: bool, stack: tuple[str, ...] = ()) -> int:
        """Read a file and those that it includes; returns its place in ``files``."""
        from pip._internal.exceptions import InstallationError
        from pip._internal.req import req_file

        if not location.lower().startswith(("http:", "https:", "file:")):
            location = os.path.abspath(location)
        if location in stack:
            raise InstallationError(f"{location} includes itself")
        entry: dict[str, Any] = {"location": location, "constraint": constraint, "lines": []}
        self.files.append(entry)
        place = len(self.files) - 1
        for number, text in req_file.preprocess(self.content(location, constraint)):
            try:
                requirement, occurrences = self.parse(text)
            except (req_file.OptionParsingError, ValueError) as error:
                reason = getattr(error, "msg", "") or str(error)
                raise InstallationError(f"{location}:{number}: {reason.strip()}") from error
            line = {"number": number, "requirement": requirement, "occurrences": occurrences, "includes": {}}
            entry["lines"].append(line)
            for index, (dest, _, name) in enumerate(occurrences if not requirement else ()):
                if dest in ("requirements", "constraints"):
                    included = self.beside(location, name)
                    nested = self.add(included, constraint or dest == "constraints", (*stack, location))
                    line["includes"][index] = nested
        return place

    @staticmethod
    def parse(text: str) -> tuple[str, list[Any]]:
        """A line's requirement, and its options in order."""
        from pip._internal.req import req_file

        requirement, options = req_file.break_args_options(text)
        parser = req_file.build_parser()
        seen = record_occurrences(parser.option_list)
        parser.parse_args(shlex.split(options), parser.get_default_values())
        return requirement, seen

    @staticmethod
    def beside(location: str, name: str) -> str:
        """Where a file is that another one names (as pip: beside it, unless it says otherwise)."""
        from urllib.parse import urljoin

        if name.lower().startswith(("http:", "https:", "file:")):
            return name
        if location.lower().startswith(("http:", "https:", "file:")):
            return urljoin(location, name)
        return os.path.join(os.path.dirname(location), name)


def is_stop(location: str) -> bool:
    """Whether a requirement file is exactly that of ``trustguard enforce``, or was and has been removed."""
    from pip._internal.utils.urls import url_to_path

    path = url_to_path(location) if location.lower().startswith("file:") else location
    if os.path.basename(path) != STOP_NAME:
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(STOP) + 1) == STOP
    except FileNotFoundError:
        return True
    except OSError:
        return False


def wanted_files(options: Any, seen: list[Any]) -> list[str]:
    """The requirement files to install from.

    That of ``trustguard enforce`` is none of them where pip's configuration names it, which stands before
    what was typed; typed, it is a file like any other.
    """
    typed = sum(dest == "requirements" for dest, _, _ in seen)
    configured = len(options.requirements) - typed
    return [
        location
        for place, location in enumerate(options.requirements)
        if place >= configured or not is_stop(location)
    ]


def named_groups(options: Any) -> list[Any]:
    """Each ``--group``: its file, its name, and its requirements (PEP 735); none where a lock file has it."""
    from pip._internal.req.req_dependency_group import parse_dependency_groups
    from pip._internal.utils.pylock import is_valid_pylock_filename
    from pip._internal.utils.urls import strip_extras

    return [
        [
            path,
            group,
            None
            if is_valid_pylock_filename(strip_extras(path)[0])
            else parse_dependency_groups([(path, group)]),
        ]
        for path, group in getattr(options, "dependency_groups", [])
    ]


def named_scripts(options: Any) -> list[Any]:
    """Each script whose dependencies are wanted: its path, the Pythons that it wants, and they (PEP 723)."""
    from pip._internal.exceptions import CommandError
    from pip._internal.req.pep723 import PEP723Exception, pep723_metadata

    rows = []
    for path in getattr(options, "requirements_from_scripts", []):
        try:
            metadata = pep723_metadata(path)
        except PEP723Exception as error:
            raise CommandError(error.msg) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        rows.append([path, metadata.get("requires-python", ""), metadata.get("dependencies", [])])
    return rows


def target() -> dict[str, Any]:
    """Facts about this interpreter that the parent needs."""
    import platform

    from pip._internal.locations import get_scheme
    from pip._internal.utils.compatibility_tags import get_supported
    from pip._vendor.packaging.markers import default_environment

    return {
        "executable": sys.executable,
        "prefix": sys.prefix,
        "python": platform.python_version(),
        "markers": dict(default_environment()),
        "tags": [str(tag) for tag in get_supported()],
        "purelib": get_scheme("").purelib,
        "platlib": get_scheme("").platlib,
    }


def where_to(options: Any) -> list[str]:
    """The folders that packages go to, as pip works them out: pure ones, and those with compiled parts."""
    from pip._internal.commands.install import decide_user_install
    from pip._internal.locations import get_scheme

    if options.target_dir:
        return [os.path.abspath(options.target_dir)]
    user = decide_user_install(
        options.use_user_site,
        prefix_path=options.prefix_path,
        target_dir=options.target_dir,
        root_path=options.root_path,
        isolated_mode=options.isolated_mode,
    )
    scheme = get_scheme("", user=user, root=options.root_path, prefix=options.prefix_path)
    return list(dict.fromkeys((scheme.purelib, scheme.platlib)))


def other_interpreter(named: str) -> dict[str, Any]:
    """That the parent is to begin anew, with the interpreter that ``--python`` names."""
    from pip._internal.cli.main_parser import identify_python_interpreter

    return {"op": "python", "interpreter": identify_python_interpreter(named), "named": named}


def describe(args: list[str], parent: Parent, *, elsewhere: bool) -> dict[str, Any] | None:
    """What the command line means, or None where pip may run as it is.

    ``elsewhere``: whether the parent has seen to ``--python`` already.
    """
    from pip._internal.cli.main_parser import create_main_parser, parse_command
    from pip._internal.commands import create_command

    chosen = create_main_parser().parse_args(args)[0].python
    if chosen is not None and not elsewhere:
        return other_interpreter(chosen)
    name, command_args = parse_command(args)
    if name not in GUARDED:
        return None
    command = create_command(name, isolated="--isolated" in command_args)
    # Parsing appends to lists that pip's options share, and pip is to parse once more in this process.
    command.parser.defaults = copy.deepcopy(command.parser.defaults)
    seen = record_occurrences(command.parser.option_list_all)
    options, positional = command.parse_args(command_args)
    if options.python is not None and not elsewhere:  # behind the command, where pip refuses it
        return other_interpreter(options.python)
    values = {key: plain(value) for key, value in vars(options).items()}
    files = RequirementFiles(parent, values)
    formats = options.format_control
    values["format_control"] = {kind: plain(getattr(formats, kind)) for kind in ("no_binary", "only_binary")}
    return {
        "op": "plan",
        "command": name,
        "occurrences": seen,
        "arguments": positional,
        "settings": settings_of(command.parser),
        "values": values,
        "requirements": files.all_of(wanted_files(options, seen), False),
        "constraints": files.all_of(options.constraints, True),
        "build_constraints": files.all_of(getattr(options, "build_constraints", []), True),
        "groups": named_groups(options),
        "scripts": named_scripts(options),
        "files": files.files,
        "target": target(),
        "destinations": where_to(options) if name == "install" else [],
    }


def warm(plan: dict[str, Any]) -> None:
    """Load what pip will need while the parent gets ready; nothing, where pip will not run."""
    for module in WARM if plan["op"] == "plan" else ():
        __import__(module)


def shut_in(settings: dict[str, Any]) -> None:
    """Have pip build in the sandbox, and open nothing by itself (builds.py, which lies beside this)."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "builds.py")
    spec = spec_from_file_location("trustguard_builds", path)
    if spec is None or spec.loader is None:
        sys.exit(f"trustguard: {path} cannot be loaded; nothing was installed")
    builds = module_from_spec(spec)
    spec.loader.exec_module(builds)
    builds.patch(builds.Builds(settings))


def become_pip(answer: dict[str, Any]) -> None:
    """Run pip in this process with the command line and the environment that the parent says."""
    if answer["quiet"]:
        os.dup2(2, 1)
    for name in answer["unset"]:
        os.environ.pop(name, None)
    os.environ.pop(BUILDS, None)
    os.environ.update(answer["environ"])
    if BUILDS in os.environ:
        shut_in(json.loads(os.environ[BUILDS]))
    sys.argv = ["pip", *answer["argv"]]
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the parent has blocked it until now
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def main() -> None:
    """Ask pip, report, wait, and become pip."""
    if sys.version_info[:2] < MINIMUM:
        sys.exit("trustguard: the target Python is too old for pip: 3.10 or later is needed")
    start = json.loads(os.environ.pop("TRUSTGUARD_CHILD"))
    OurPip.root = start["pip"]
    sys.meta_path.insert(0, OurPip)
    args = sys.argv[1:]
    sys.argv[0] = "pip"
    # Nothing of this program's own folder is to be found by pip, nor by what pip imports.
    sys.path[:] = [
        entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))
    ]
    parent = Parent(start["port"], start["key"])
    from pip._internal.exceptions import PipError

    try:
        plan = describe(args, parent, elsewhere=start["python"]) or {"op": "as-is"}
    except PipError as error:
        plan = {"op": "error", "message": str(error)}
    parent.send(plan)
    warm(plan)
    answer = parent.receive()
    parent.close()
    if answer["op"] == "exit":
        sys.exit(answer["code"])
    become_pip(answer)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("trustguard: interrupted")
