"""Collects what is wrong, some of each kind: no number of small faults can push a large one out."""

from __future__ import annotations

from trustguard.model.contents import Fault, FaultKind

_OF_A_KIND = 3
_SHOWN = 160


class Faults:
    """Faults of one file."""

    def __init__(self) -> None:
        self._found: dict[FaultKind, dict[str, None]] = {}
        self._left_out: dict[FaultKind, int] = {}

    def add(self, kind: FaultKind, detail: str) -> None:
        """Remember a fault.

        Args:
            kind: what is wrong.
            detail: the end of a sentence that begins with the file's name, in ASCII.
        """
        details = self._found.setdefault(kind, {})
        if len(details) < _OF_A_KIND:
            details[detail if len(detail) <= _SHOWN else f"{detail[:_SHOWN]}..."] = None
        else:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1

    def all(self) -> tuple[Fault, ...]:
        """What was found; the last one of a kind says how many more of it there are."""
        found = []
        for kind, details in self._found.items():
            *first, last = details
            more = self._left_out.get(kind, 0)
            found += [Fault(kind, detail) for detail in first]
            found.append(Fault(kind, f"{last}, and {more:,} more like it" if more else last))
        return tuple(found)
