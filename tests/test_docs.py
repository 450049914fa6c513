"""What README.md and docs/ say of the program is what the program says of itself."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import jsonschema
import pytest

from trustguard.checks import discover
from trustguard.config import Paths, load
from trustguard.frontends.cli import COMMANDS, cli
from trustguard.model import exit_codes
from trustguard.model.errors import TrustguardError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OUTPUT = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(?:\$ )?trustguard (.+)$", re.MULTILINE)
_INLINE = re.compile(r"`trustguard ([^`]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def test_the_readmes_help_is_the_programs() -> None:
    shown = section(README, "Help")
    printed = subprocess.run(
        [sys.executable, "-m", "trustguard", "--help"],
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert blocks(shown, "text") == [printed]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.name}: {link}"


def test_the_readme_names_every_command_and_no_other() -> None:
    rows = re.findall(r"^\| `trustguard ([\w-]+)[^`]*` \|", section(README, "Commands"), re.MULTILINE)
    assert rows == list(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_in_the_documents_begins_as_the_program_understands_it(page: Path) -> None:
    for words in command_lines(page.read_text(encoding="utf-8")):
        assert command_of(words) in {*COMMANDS, None}, " ".join(words)


def test_the_make_targets_that_the_readme_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = re.findall(r"^ {4}make (\w+)$", README, re.MULTILINE)
    assert named == ["demo", "test"]
    assert targets >= set(named)


@pytest.mark.parametrize("text", [README, OUTPUT], ids=["README.md", "docs/output.md"])
def test_every_exit_code_is_listed(text: str) -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", section(text, "Exit codes"), re.MULTILINE)}
    ours = {exit_codes.BLOCKED, exit_codes.NEEDS_APPROVAL, exit_codes.UNVETTED}
    assert listed >= {0, *ours, *(kind.exit_code for kind in errors(TrustguardError))}


def test_the_readme_names_every_check() -> None:
    named = re.findall(r"`([a-z-]+)`", section(README, "Checks").split("\n\n")[1])
    assert set(named) >= discover().keys()


def test_the_page_of_the_checks_is_what_the_checks_say() -> None:
    generator = script(ROOT / "docs" / "generate_checks.py")
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), (
        "run: python docs/generate_checks.py"
    )


def test_the_example_of_the_json_is_as_the_schema_says() -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8"))
    (example,) = blocks(OUTPUT, "json")
    jsonschema.validate(json.loads(example), schema)


def test_the_readmes_configuration_is_understood(tmp_path: Path) -> None:
    (example,) = blocks(README, "toml")
    (tmp_path / "example.toml").write_text(example, encoding="utf-8")
    environ = {"TRUSTGUARD_CONFIG": str(tmp_path / "example.toml")}
    paths = Paths(tmp_path / "none.toml", tmp_path / "none-either.toml")
    policy = load(cwd=tmp_path, environ=environ, paths=paths).policy
    assert (policy.profile, policy.on_unavailable["advisories"]) == ("strict", "block")
    assert policy.indexes[0].namespaces == ("acme-*",)
    assert [deny.reason for deny in policy.deny] == ["incident 42"]


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "adr"
    listed = _LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of any level; headings in blocks do not count."""
    begin = re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE)
    assert begin is not None, heading
    rest = text[begin.end() :]
    end = _HEADING.search(prose(rest))
    return rest if end is None else rest[: end.start()]


def prose(text: str) -> str:
    """The text with its blocks of code blanked out, every character in its place."""
    return re.sub(
        r"^```.*?^```$", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.MULTILINE | re.DOTALL
    )


def blocks(text: str, language: str) -> list[str]:
    """The blocks of code in a language."""
    return [content for name, content in _BLOCK.findall(text) if name == language]


@cache
def anchors(text: str) -> frozenset[str]:
    """What a link may name of a page: its headings as forges spell them."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(prose(text)))
    return frozenset(heading.replace(" ", "-") for heading in plain)


def command_lines(text: str) -> Iterator[list[str]]:
    """The words behind each ``trustguard`` that begins a line of code, or is code within a line."""
    outside = prose(text)
    code = [
        *(content for _, content in _BLOCK.findall(text)),
        *re.findall(r"^ {4}(.+)$", outside, re.MULTILINE),
    ]
    for line in (*(line for part in code for line in _LINE.findall(part)), *_INLINE.findall(outside)):
        yield line.split()


def command_of(words: list[str]) -> str | None:
    """The command, as click finds it behind the options; None where there are options only."""
    context = click.Context(cli)
    valued = {o for p in cli.params if isinstance(p, click.Option) and not p.is_flag for o in p.opts}
    known = {o for p in cli.get_params(context) for o in p.opts}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return word
        assert word in known, word
        if word in valued:
            next(rest)
    return None


def errors(kind: type[TrustguardError]) -> Iterator[type[TrustguardError]]:
    """A class of errors and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from errors(below)


def script(path: Path) -> Any:
    """A script, loaded as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
