"""Writes docs/checks.md from the checks themselves: ``python docs/generate_checks.py``.

What a check's docstring says is its section; its actions come from the profiles, its settings from its
``Settings``. tests/test_docs.py compares the page with what this makes of the program.
"""

# ruff: noqa: INP001 - a script, not a part of a package

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from trustguard.checks import Check, NoSettings, discover
from trustguard.config.document import show
from trustguard.model.finding import Severity
from trustguard.model.policy import DENIED, NOT_LISTED, PROFILE_ACTIONS, PROFILES

PAGE = Path(__file__).with_name("checks.md")

INTRODUCTION = f"""\
# Checks

This page is made from the docstrings of `trustguard/checks/*.py` by `python docs/generate_checks.py`.

A check looks at the evidence on one file and says what it has seen. What is done about that is the policy's
matter: the tables give the profiles' actions by the severity of the finding. A check does not necessarily use
every severity. `action` in `[checks.ID]` takes the place of the whole table, and `exempt` names projects that
the check leaves alone: see [configuration.md](configuration.md#checksid).

- `off`: nothing is done, and nothing is said.
- `warn`: the file is installed, and the finding is told.
- `ask`: somebody at a terminal is asked. Where nobody can be asked, the file is refused.
- `withhold`: the file is left out of what the installer is offered, so that it takes the next best.
- `block`: the file is refused, and the run fails.

A check that needs a fact which nobody could give is inconclusive. That is always told, and `on-unavailable`
says what is done about it.

Two findings are made by no check but by the policy itself. `{DENIED}`: a `[[deny]]` entry covers the file; it
is blocked in every profile. `{NOT_LISTED}`: `unknown` is `"ask"` or `"block"`, and no `[[allow]]` entry
covers the file; it is asked about, or withheld.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(_section(check) for check in discover().values())])


def _section(check: Check) -> str:
    text = inspect.getdoc(inspect.getmodule(check.run)) or ""
    summary, _, body = text.partition("\n")
    parts = [f"## {check.id}", f"**{summary}**", body.strip(), _actions(check.id), _settings(check)]
    return "\n\n".join(parts) + "\n"


def _actions(check_id: str) -> str:
    rows = [
        [f"`{profile}`", *(action.name.lower() for action in PROFILE_ACTIONS[check_id][profile])]
        for profile in PROFILES
    ]
    return _table(["Profile", *(severity.name.lower() for severity in Severity)], rows)


def _settings(check: Check) -> str:
    if check.settings_type is NoSettings:
        return "No settings of its own."
    told = _told(check.settings_type)
    rows = [
        [
            f"`checks.{check.id}.{part.name.replace('_', '-')}`",
            told[part.name],
            f"`{show(part.default)}`",
            str(part.metadata.get("tighter", "no change")),
        ]
        for part in fields(check.settings_type)
    ]
    return _table(["Setting", "Meaning", "Default", "Stricter is"], rows)


def _told(settings: type[Any]) -> Mapping[str, str]:
    """What stands below each field of a ``Settings``, those that it has from another class included."""
    classes = [one for one in reversed(settings.__mro__) if one is not object]
    sources = (ast.parse(inspect.getsource(one)).body[0] for one in classes)
    return dict(told for source in sources for told in _field_texts(source))


def _field_texts(node: ast.AST) -> Iterator[tuple[str, str]]:
    body = getattr(node, "body", [])
    for one, after in pairwise(body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = after.value if isinstance(after, ast.Expr) else None
            value = text.value if isinstance(text, ast.Constant) else ""
            yield one.target.id, " ".join(str(value).split())


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
