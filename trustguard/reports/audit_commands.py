"""What to type about what an audit has found. Nothing of it is run."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from trustguard.model.audit import Audit, Audited
from trustguard.model.project import project_name
from trustguard.model.record import record


@record
class Proposal:
    """A command.

    Args:
        words: as a program is given them.
        about: the distributions that it is for.
        why: what it does about them.
    """

    words: tuple[str, ...]
    about: tuple[str, ...]
    why: str

    @property
    def line(self) -> str:
        """As it is typed in a shell of this platform."""
        return subprocess.list2cmdline(self.words) if os.name == "nt" else shlex.join(self.words)


def proposals(audit: Audit) -> list[Proposal]:
    """The commands, in the order in which they are to be run: what is bad goes first.

    All that was never vetted is one command: it is vetted together, or nothing of it is installed.
    """
    begin = ("trustguard", "--python", audit.interpreter)
    named = [one for one in audit.distributions if _is_a_name(one.name)]
    found = [proposal for one in named for proposal in _of(one, begin)]
    done = {name for proposal in found for name in proposal.about}
    unvetted = [one for one in named if one.never_vetted and one.version and one.name not in done]
    if unvetted:
        pins = [f"{one.name}=={one.version}" for one in unvetted]
        words = (*begin, *_AGAIN, *pins)
        found.append(Proposal(words, tuple(one.name for one in unvetted), "has trustguard vet them"))
    return found


_AGAIN = ("install", "--force-reinstall", "--no-deps")


def _of(one: Audited, begin: Sequence[str]) -> Iterator[Proposal]:
    others = [judged for judged in one.refusing if judged.finding.check != "vulnerability"]
    if others:
        yield Proposal((*begin, "pip", "uninstall", one.name), (one.name,), "removes what is refused")
        return
    added = [str(Path(one.place).parent / d.path) for d in one.comparison.deviations if d.kind == "added"]
    if added and all(path.isprintable() for path in added):
        remove = ("del",) if os.name == "nt" else ("rm", "--")
        yield Proposal((*remove, *added), (one.name,), "removes what nobody has installed")
    if one.flaws and one.fixed:
        words = (*begin, "install", f"{one.name}=={one.fixed}")
        yield Proposal(words, (one.name,), "installs the fixed version")
    elif one.comparison.deviations and one.version:
        words = (*begin, *_AGAIN, f"{one.name}=={one.version}")
        yield Proposal(words, (one.name,), "puts back what was installed")


def _is_a_name(text: str) -> bool:
    """Whether a command can name it: no option, and nothing that a shell or pip takes for something else."""
    try:
        return project_name(text) == text
    except ValueError:
        return False
