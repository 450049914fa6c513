"""The text that a finding is about, with the file in which it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from trustguard.model.contents import PLUG_INS, StartUp
from trustguard.model.errors import SourceRefused
from trustguard.model.finding import Finding
from trustguard.model.inspection import Excerpt
from trustguard.sources.archive import LIMITS, Archive

_LENGTH = 500
_STANDS_IN = {
    "RECORD": "RECORD",
    "WHEEL": "WHEEL",
    "its metadata says": "METADATA",
    "command": "entry_points.txt",
    "entry point": "entry_points.txt",
}
"""By a word of a finding of ``artifact-integrity``: the file of ``.dist-info`` that it speaks of."""
_QUOTED = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def excerpts(
    archive: Archive, folder: str | None, findings: Iterable[Finding], start_up: Sequence[StartUp]
) -> Iterator[Excerpt]:
    """What stands behind the findings of ``startup-code`` and ``artifact-integrity``.

    Args:
        archive: the file.
        folder: its ``.dist-info``; None where it has none.
        findings: what the checks have found.
        start_up: what runs by itself.
    """
    for finding in findings:
        if finding.check == "startup-code":
            yield from _of_start_up(finding, folder, start_up)
        elif finding.check == "artifact-integrity" and folder is not None:
            with suppress(SourceRefused):  # that the file cannot be read is a finding of its own
                yield from _of_contents(archive, finding, folder)


def _of_start_up(finding: Finding, folder: str | None, start_up: Iterable[StartUp]) -> Iterator[Excerpt]:
    """The code that the finding rests on, in its own lines."""
    resting = "".join(finding.evidence)
    plug_ins = [one for one in start_up if one.kind in PLUG_INS and f"[{one.name}] " in resting]
    if plug_ins:
        text = "\n".join(f"[{one.name}]\n{one.code.replace('; ', chr(10))}" for one in plug_ins)
        whole = all(one.whole for one in plug_ins)
        yield Excerpt(finding.message, f"{folder}/entry_points.txt", None, text, whole)
        return
    for one in start_up:
        if one.code and " ".join(one.code.split()) == resting and f"{one.name!a} " in finding.message:
            yield Excerpt(finding.message, one.name, None, one.code, one.whole)


def _of_contents(archive: Archive, finding: Finding, folder: str) -> Iterator[Excerpt]:
    """The line that a finding quotes from; of WHEEL, which is short, otherwise the whole file."""
    problem = finding.message.removeprefix(f"{archive.filename}: ")
    name = next((file for word, file in _STANDS_IN.items() if word in problem), None)
    path = f"{folder}/{name}"
    if name is None or archive.entry(path) is None:
        return
    text = archive.read(path, LIMITS.record_bytes).decode("utf-8", "replace")
    found = _line(text, problem)
    if found is not None:
        number, line = found
        yield Excerpt(finding.message, path, number, line[:_LENGTH], whole=len(line) <= _LENGTH)
    elif name == "WHEEL":
        yield Excerpt(finding.message, path, 1, text[:_LENGTH], whole=len(text) <= _LENGTH)


def _line(text: str, problem: str) -> tuple[int, str] | None:
    """The first line that holds what is quoted, with its number."""
    quoted = _QUOTED.search(problem)
    try:
        wanted = "" if quoted is None else str(ast.literal_eval(quoted[0]))
    except (SyntaxError, ValueError):  # it is quoted in another way
        return None
    lines = enumerate(text.splitlines(), start=1) if wanted else ()
    return next(((number, line) for number, line in lines if wanted in line), None)
