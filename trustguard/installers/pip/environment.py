"""What of the user's environment reaches pip's process."""

from __future__ import annotations

KEPT_PYTHON_VARIABLES = frozenset(
    {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONIOENCODING",
        "PYTHONNOUSERSITE",
        "PYTHONUNBUFFERED",
        "PYTHONUSERBASE",
        "PYTHONUTF8",
    }
)
"""Variables of the interpreter that decide where and how it writes; none that decides what it loads."""
