"""The layers hold: who may import whom, what is pure, what start-up may load, and what stands nowhere."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from trustguard.frontends.cli import COMMANDS, cli

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "trustguard"
FILES = sorted(file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py"))

LAYERS = {
    "__init__": set[str](),
    "__main__": {"frontends"},
    "build_backend": {"frontends"},
    "model": {"model"},
    "checks": {"model", "checks"},
    "judging": {"model", "checks"},
    "vetting": {"model", "judging"},
    "config": {"model", "checks", "config"},
    "sources": {"model", "sources"},
    "installers": {"model", "installers"},
    "reports": {"model", "reports"},
    "store": {"model", "store"},
    "import_guard": {"import_guard"},
    "data": {"data"},
    "frontends": {
        *("model", "checks", "judging", "vetting", "config", "sources", "installers", "reports", "store"),
        *("import_guard", "data", "frontends"),
    },
}
"""Which parts of trustguard each part may import; its own version, everybody may."""

PURE = ("model", "checks", "judging", "vetting")
PURE_STDLIB = {
    *("__future__", "abc", "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum"),
    *("fnmatch", "fractions", "functools", "hashlib", "itertools", "json", "math", "operator", "re"),
    *("string", "types", "typing", "unicodedata", "urllib.parse"),
}
"""What computes and nothing else. ``datetime`` has a clock, which :data:`IMPURE_METHODS` keeps out."""
PURE_EXCEPTIONS = {
    "model/request.py": {"pathlib"},  # the type of two options that hold paths; no path is opened
    "checks/__init__.py": {"importlib", "pkgutil"},  # discovery, in its own folder
    "model/record.py": {"typing_extensions"},  # for type checkers; it is not loaded
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "Path"}
IMPURE_METHODS = {"now", "utcnow", "today", "home", "cwd"}

PIP = {
    "sources/credentials.py": "the choice between the keyring module and its command is pip's to change",
    "sources/tls.py": "the system's certificates are read by the library that pip has for it",
}
"""Who imports pip outside ``installers/pip``, and why."""
BY_NAME = {
    "checks/__init__.py": "discovery, in its own folder",
    "frontends/cli/__init__.py": "a command's module is loaded when the command is used",
    "frontends/later.py": "one list of modules, gone through until there is something better to do",
    "frontends/build_backend/real.py": "the real backend of a project is named by the project",
    "config/lines.py": "tomllib, or tomli on Python 3.10",
    "sources/sdist.py": "tomllib, or tomli on Python 3.10",
    "installers/tools/files.py": "tomllib, or tomli on Python 3.10",
    "installers/pip/child.py": "loads pip's modules ahead of their use, and builds.py by its path",
    "installers/pip/builds.py": "becomes the pip that installs what a build requires, and loads closed.py",
}
"""Who imports modules by a name that no reader of the source sees, and why."""
COPIED = ("import_guard/guard.py", "import_guard/refusal.py", "import_guard/survey.py")
"""What is copied into environments as a package of its own: these may import each other relatively."""
HEAVY = ("httpx", "starlette", "uvicorn", "pip", "sqlite3", "asyncio", "ssl", "rich")


@dataclass(frozen=True)
class Import:
    """One import.

    Args:
        name: what is imported, in full: ``trustguard.model.evidence.read``.
        line: where.
        at_start: whether it happens when the module is loaded.
    """

    name: str
    line: int
    at_start: bool

    @property
    def top(self) -> str:
        """The package."""
        return self.name.partition(".")[0]

    @property
    def layer(self) -> str:
        """The part of trustguard."""
        return self.name.split(".")[1]

    def is_of(self, module: str) -> bool:
        """Whether it is that module, or stands in it."""
        return f"{self.name}.".startswith(f"{module}.")


def nodes(tree: ast.AST, *, at_start: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Everything in a module, and whether it is run when the module is loaded."""
    for node in ast.iter_child_nodes(tree):
        yield node, at_start
        inside = at_start and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from nodes(node, at_start=inside)


def imports(source: str) -> list[Import]:
    """Every import of a module, also those in functions and for type checkers."""
    found = []
    for node, at_start in nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, at_start) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found += [Import(f"{module}.{alias.name}", node.lineno, at_start) for alias in node.names]
    return found


class WithoutAnnotations(ast.NodeTransformer):
    """Takes the annotations out of a module: to name a type is not to use it."""

    def visit(self, node: ast.AST) -> Any:
        """Empty what annotates the node, and go on below it."""
        for part in ("annotation", "returns"):
            if getattr(node, part, None) is not None:
                setattr(node, part, ast.Constant(value=None))
        return self.generic_visit(node)


def impure(source: str) -> list[str]:
    """The calls of a module that ask the world outside, or change it."""
    found = []
    for node, _ in nodes(WithoutAnnotations().visit(ast.parse(source))):
        if isinstance(node, ast.Name) and node.id in IMPURE_CALLS and isinstance(node.ctx, ast.Load):
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in IMPURE_METHODS:
            found.append(node.attr)
    return found


def called_names(source: str) -> set[str]:
    """The names of all functions and methods that a module calls."""
    calls = [node.func for node, _ in nodes(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, (ast.Name, ast.Attribute))
    }


def text(file: str) -> str:
    """A file of the package."""
    return (PACKAGE / file).read_text(encoding="utf-8")


def layer_of(file: str) -> str:
    """The part of trustguard that a file belongs to."""
    return file.split("/", maxsplit=1)[0].removesuffix(".py")


def of_layer(*layers: str) -> list[str]:
    """The files of some parts."""
    return [file for file in FILES if layer_of(file) in layers]


# The rules see what they forbid.


def test_an_import_is_seen_wherever_it_stands_and_however_it_is_written() -> None:
    source = """
import a.b, c as d
from e import f as g
from . import h
if TYPE_CHECKING:
    from i.j import k
class C:
    import l
    async def method(self):
        import m
        return lambda: __import__("n")
"""
    seen = [(one.name, one.at_start) for one in imports(source)]
    early = ["a.b", "c", "e.f", "..h", "i.j.k", "l"]
    assert seen == [*((name, True) for name in early), ("m", False)]


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(timezone.utc)",
        "def f(at=date.today): ...",
        "open('x')",
        "read = open",
        "Path('x').read_text()",
        "map(print, [1])",
        "pathlib.Path.home()",
    ],
)
def test_a_clock_and_a_file_are_seen_however_they_are_reached(source: str) -> None:
    assert impure(source)


def test_to_name_a_type_is_not_to_use_it() -> None:
    source = "class C:\n    file: Path\n\ndef f(file: Path) -> Path:\n    return g(file)"
    assert impure(source) == []
    assert impure("x = re.compile('x'); age = at - evidence.at") == []


# Layers.


def test_every_part_of_the_package_has_a_rule() -> None:
    assert {layer_of(file) for file in FILES} <= LAYERS.keys()


@pytest.mark.parametrize("file", FILES)
def test_a_module_imports_only_from_the_layers_below_it(file: str) -> None:
    allowed = LAYERS[layer_of(file)] | {"__version__"}
    beside = {Path(copied).stem for copied in COPIED} if file in COPIED else set()
    found = [one for one in imports(text(file)) if one.top or one.name.strip(".").split(".")[0] not in beside]
    own = [one for one in found if one.top in {"trustguard", "tests", ""}]
    wrong = [
        f"{file}:{one.line}: {one.name}" for one in own if one.top != "trustguard" or one.layer not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("file", of_layer(*PURE))
def test_the_path_to_a_verdict_uses_the_standard_library_where_it_only_computes_and_packaging(
    file: str,
) -> None:
    allowed = {"trustguard", "packaging", *PURE_STDLIB, *PURE_EXCEPTIONS.get(file, ())}
    wrong = [one.name for one in imports(text(file)) if not any(one.is_of(module) for module in allowed)]
    assert wrong == []


@pytest.mark.parametrize("file", sorted(set(FILES) - set(of_layer("import_guard"))))
def test_a_frozen_dataclass_with_slots_is_a_record(file: str) -> None:
    assert "@dataclass(frozen=True, slots=True)" not in text(file)


@pytest.mark.parametrize("file", of_layer(*PURE))
def test_the_path_to_a_verdict_asks_no_clock_and_opens_no_file(file: str) -> None:
    assert impure(text(file)) == []


def test_only_what_is_listed_here_is_imported_by_a_name_that_no_reader_sees() -> None:
    ways = {"import_module", "__import__", "run_module", "run_path", "exec_module"}
    hidden = {file for file in FILES if called_names(text(file)) & ways}
    assert hidden == BY_NAME.keys()


# Libraries.


@pytest.mark.parametrize("file", FILES)
def test_httpx_is_the_affair_of_the_http_source_alone(file: str) -> None:
    at_home = file.startswith("sources/http") or file == "sources/tls.py"
    assert at_home or not [one for one in imports(text(file)) if one.top == "httpx"]


@pytest.mark.parametrize("file", FILES)
def test_pip_is_the_affair_of_its_installer_alone(file: str) -> None:
    at_home = file.startswith("installers/pip/")
    assert at_home or file in PIP or not [one for one in imports(text(file)) if one.top == "pip"]


@pytest.mark.parametrize("file", PIP)
def test_no_exception_outlives_its_reason(file: str) -> None:
    assert "pip" in {one.top for one in imports(text(file))}


@pytest.mark.parametrize("file", ["child", "builds", "sandbox"])
def test_what_runs_in_the_target_interpreter_stands_alone(file: str) -> None:
    """It may know nothing of trustguard, and has pip only once it has been told where."""
    child = imports(text(f"installers/pip/{file}.py"))
    assert [one for one in child if one.top == "trustguard" or one.name.startswith(".")] == []
    assert {one.top for one in child if one.at_start} <= set(sys.stdlib_module_names)
    assert {one.top for one in child} <= set(sys.stdlib_module_names) | {"pip"}


# Start-up.


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, which nothing measures or configures."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("COV", "PYTHON"))}
    command = [sys.executable, *args]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def loaded(*args: str) -> set[str]:
    """The top-level modules that a Python with these arguments imports."""
    done = run("-X", "importtime", *args)
    assert done.returncode == 0, done
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert lines, done
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_to_say_its_version_trustguard_loads_nothing_heavy() -> None:
    assert run("-m", "trustguard", "--version").stdout.startswith("trustguard ")
    assert not loaded("-m", "trustguard", "--version") & set(HEAVY)


@pytest.mark.parametrize(
    "module", ["trustguard.vetting", "trustguard.model.serial", "trustguard.model.report"]
)
def test_the_path_to_a_verdict_loads_nothing_heavy(module: str) -> None:
    assert not loaded("-c", f"import {module}") & set(HEAVY)


def test_what_is_heavy_is_seen_when_it_is_loaded() -> None:
    assert {"sqlite3", "asyncio", "ssl"} <= loaded("-c", "import sqlite3, asyncio")


# The command line.


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_help_can_be_loaded(name: str) -> None:
    assert isinstance(cli, click.Group)
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert (command.name, name in cli.list_commands(context)) == (name, True)


def test_there_is_no_command_that_the_help_does_not_name() -> None:
    assert isinstance(cli, click.Group)
    assert cli.get_command(click.Context(cli), "guarded") is None


# The repository.

REGISTRIES = ("py" + "pi.org", "py" + "pi.python.org", "python" + "hosted.org", "py" + "pi.io")
"""Host names of public registries and what ends in them, put together so that they do not stand here."""
PASSED_BY = {"__pycache__", "build", "dist"}


def repository() -> Iterator[Path]:
    """Every file that belongs to the repository, and not to a tool that has run in it."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [
            name
            for name in names
            if name not in PASSED_BY
            and (not name.startswith(".") or name in {".ci", ".github"})
            and not name.endswith(".egg-info")
        ]
        yield from (Path(folder, file) for file in files if not file.startswith(".coverage"))


def test_no_file_holds_a_public_registrys_host_name() -> None:
    """The default index is pip's own; everything else is what the user configures."""
    files = list(repository())
    assert Path(__file__) in files
    holding = [
        file.relative_to(ROOT).as_posix()
        for file in files
        if any(host.encode() in file.read_bytes().lower() for host in REGISTRIES)
    ]
    assert holding == []
