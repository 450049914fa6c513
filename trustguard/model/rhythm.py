"""How regularly a project has released: the pause before a file, by the times of all uploads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from trustguard.model.project import DistributionFile
from trustguard.model.record import record

AWAKENING = timedelta(days=30)
"""For so long after a pause whatever is uploaded belongs to its end."""


@record
class Rhythm:
    """The longest pause of a project that had ended by the time of a file, not long before it.

    It need not be the one just before the file: whoever wakes a project up can upload two files as well as
    one.

    Args:
        previous: the last upload before the pause; None where nothing was uploaded before `resumed`.
        resumed: the first upload after it.
    """

    previous: datetime | None
    resumed: datetime

    @property
    def pause(self) -> timedelta:
        """How long nothing was uploaded."""
        return timedelta() if self.previous is None else self.resumed - self.previous


def rhythms(files: Iterable[DistributionFile]) -> Mapping[str, Rhythm]:
    """The rhythm at every file of a project whose upload time is known, by the file's name.

    A file counts when it was uploaded, whatever its version says, and whether or not it was yanked since.
    """
    dated = [(file.upload_time, file.filename) for file in files if file.upload_time is not None]
    pauses: deque[Rhythm] = deque()
    """Those that ended in the last thirty days, each longer than all that follow."""
    before: datetime | None = None
    found = {}
    for uploaded, filename in sorted(dated):
        if uploaded != before:
            this = Rhythm(before, uploaded)
            while pauses and pauses[-1].pause <= this.pause:
                pauses.pop()
            pauses.append(this)
            while uploaded - pauses[0].resumed > AWAKENING:
                pauses.popleft()
            before = uploaded
        found[filename] = pauses[0]
    return found
