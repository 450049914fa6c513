"""What an exit code says that is neither 0, an error (1), wrong usage (2) nor another program's own."""

BLOCKED = 10
"""Something is refused."""
NEEDS_APPROVAL = 11
"""Somebody would have to be asked, and nobody is there; or the answer was no."""
UNVETTED = 12
"""Something could not be vetted."""
