"""How an sdist becomes a wheel: by running code of its own, or of what it asks for (PEP 517)."""

from __future__ import annotations

from typing import Literal

from trustguard.model.record import record

BuildSandbox = Literal["auto", "require", "off"]
"""Whether packages are built in a sandbox: where the platform offers one, always, or never."""
ASSUMED_BACKEND = "setuptools"
"""What an installer takes where an sdist names no backend (PEP 517)."""


@record
class Build:
    """What an sdist says of its build, beside the requirements (PEP 518).

    Args:
        backend: ``build-backend``; empty where it names none.
        in_tree: whether the backend is part of the sdist itself (``backend-path``).
        setup_py: whether there is a ``setup.py``, which setuptools runs.
    """

    backend: str = ""
    in_tree: bool = False
    setup_py: bool = False
