"""What a check has seen. A finding says nothing about what to do: that is policy."""

from __future__ import annotations

from enum import IntEnum

from trustguard.model.record import record


class Severity(IntEnum):
    """How bad it is if it is what it looks like."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Confidence(IntEnum):
    """How sure the check is that it is what it looks like. It is told; what is done follows from severity."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@record
class Finding:
    """One thing that a check has seen.

    Args:
        check: the id of the check.
        severity: how bad it would be.
        confidence: how sure the check is.
        message: what was seen, one line.
        remedy: what to do instead, one line; may be empty.
        evidence: the facts it rests on, as short strings (advisory ids, addresses, digests).
    """

    check: str
    severity: Severity
    confidence: Confidence
    message: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()
