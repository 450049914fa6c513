"""``entry_points.txt``: commands whose names must be names, and plug-ins that load by themselves.

https://packaging.python.org/specifications/entry-points/; read line by line, as importlib.metadata does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustguard.model.contents import StartUp, StartUpKind
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.faults import Faults

_SCRIPTS = ("console_scripts", "gui_scripts")
_NAME = re.compile(r"[^\s./\\:*?\"<>|\[\]\x00-\x1f\x7f-\x9f-][^\s/\\:*?\"<>|\[\]\x00-\x1f\x7f-\x9f]*")
"""A name that is a file's name, everywhere; it begins with neither a dot nor a hyphen."""
_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*(\s*\[[^\]]*\])?")
_AS_MADE = re.compile(
    r"(?P<name>[^\[]\S*)\s*=\s*(?P<function>\w+(?:[:.]\w+)*)\s*"
    r"(?P<extras>\[\s*[\w-]+(?:=\w+)?(?:,\s*\w+(?:=\w+)?)*\s*\])?"
)
"""What pip looks for, anywhere in "name = reference", and makes a command of (distlib)."""
_LATER = re.compile(rf"(?:(?<!\s)(?=\s)|(?=\s\S)){_AS_MADE.pattern}")
"""The same behind the beginning: at the first or last of some spaces, since from elsewhere in a word nothing
is found that would not be found from there. To try every place would take the square of the length."""
_CODE = 8000

PLUG_INS: dict[str, StartUpKind] = {
    **dict.fromkeys(
        (
            *("distutils.commands", "distutils.setup_keywords", "distutils.displays"),
            *("setuptools.finalize_distribution_options", "setuptools.file_finders", "egg_info.writers"),
            *("setuptools_scm.parse_scm", "setuptools_scm.version_scheme", "setuptools_scm.local_scheme"),
            *("setuptools_scm.parse_scm_fallback", "setuptools_scm.files_command"),
            *("hatch", "pdm", "pdm.plugin", "pdm.build.hook", "poetry.plugin"),
            *("poetry.application.plugin", "meson_python.plugin", "keyring.backends"),
        ),
        "build",
    ),
    "pytest11": "pytest",
}
"""The groups whose members a build tool, an installer (keyring) or pytest loads because they are there."""


def pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Group, name and reference of each entry point; empty ones for a line that is none."""
    group = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]").strip()
            continue
        name, equals, reference = line.partition("=")
        yield (group, name.strip(), reference.strip()) if equals else ("", line, "")


def read_entry_points(text: str, faults: Faults) -> tuple[list[str], list[StartUp]]:
    """The commands and the plug-ins of a wheel."""
    scripts: list[str] = []
    groups: dict[str, list[str]] = {}
    for group, name, reference in pairs(text):
        if group in _SCRIPTS:
            scripts.append(_made(name, reference, faults))
        elif group in PLUG_INS:
            groups.setdefault(group, []).append(f"{name} = {reference}")
        elif not group:
            faults.add("entry-points", f"its entry points have a line that is none: {shown(name)}")
    start_up = [_plug_ins(group, lines) for group, lines in groups.items()]
    return scripts, start_up


def _made(name: str, reference: str, faults: Faults) -> str:
    """The name of the command that an installer makes of an entry point."""
    specification = f"{name} = {reference}"
    begin = len(specification) - len(specification.lstrip("["))
    found = _AS_MADE.match(specification, begin) or _LATER.search(specification, begin)
    made = found["name"].strip() if found else name
    if not (_NAME.fullmatch(name) and name.isprintable()) or made != name:
        faults.add("escape", f"its command {shown(name)} has a name that leads elsewhere")
    in_brackets = "[" in specification or "]" in specification
    if not found or found["function"].count(":") != 1 or (in_brackets and not found["extras"]):
        # pip stops here, with the wheel's files in place.
        faults.add("no-command", f"its command {shown(name)} is for {shown(reference)}, which is no function")
    elif not _REFERENCE.fullmatch(reference):
        faults.add(
            "entry-points", f"its command {shown(name)} is for {shown(reference)}, which is no function"
        )
    return made


def _plug_ins(group: str, lines: list[str]) -> StartUp:
    code = "; ".join(lines)
    return StartUp(PLUG_INS[group], group, code[:_CODE], whole=len(code) <= _CODE)
