"""What there is to say of one check, or of a finding that the policy makes by itself."""

from __future__ import annotations

from collections.abc import Mapping

from trustguard.model.finding import Severity
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Action, Profile
from trustguard.model.record import record


@record
class SettingLine:
    """One setting of a check.

    Args:
        name: its dotted key.
        value: what holds, as a configuration file would have it.
        by: who has said so.
    """

    name: str
    value: str
    by: str


@record
class CheckPage:
    """One check.

    Args:
        id: its id.
        text: what it sees, how bad that is, and what to do: in the marks of its docstring.
        profiles: what each profile does about its findings, by severity; none for what is no check.
        actions: what is done about them here, and on whose word.
        settings: its settings.
        exempt: project globs that it leaves alone.
    """

    id: str
    text: str
    profiles: Mapping[Profile, tuple[Action, ...]]
    actions: Mapping[Severity, tuple[Action, str]]
    settings: tuple[SettingLine, ...] = ()
    exempt: tuple[str, ...] = ()


OF_POLICY: Mapping[str, str] = {
    DENIED: """A `[[deny]]` entry covers the file.

It is blocked in every profile, and no exception allows it.

**What to do:** the entry says why it is there. Ask whoever has written it.
""",
    NOT_LISTED: """No `[[allow]]` entry lists the file, and `unknown` is "ask" or "block".

That makes a curated installation: only what is listed by name, version, digest or index gets in. With "ask"
it is asked about, with "block" it is withheld.

**What to do:** ask for an `[[allow]]` entry that names it.
""",
    LOW_SCORE: """The trust score is lower than `min-score`.

The score never decides alone: there is no such rule unless a file sets one. It is applied once the bytes of a
file are known. Where there is no score, because what could not be checked might have blocked it, this
finds nothing, and `on-unavailable` says what is done.

**What to do:** look at the derivation, `trustguard explain NAME`, which says what counts against it.
""",
}
"""The findings that no check makes."""
