"""A build backend (PEP 517, PEP 660) around a project's real one: what it asks for is vetted first.

A project names this module as its ``build-backend``, and the real one in a table of its own
(docs/build-backend.md). Every hook is the real backend's, and is there only if the real backend has it. Those
that return requirements (``get_requires_for_build_*``) are asked as ever, and what they return is vetted
before a frontend sees it, and so before anything of it can be installed.
"""

from __future__ import annotations

from typing import Any

from trustguard.frontends.build_backend.surroundings import Surroundings

# Before the real backend is loaded: what it does to this process is not to reach the process that vets.
_STARTED = Surroundings.of_this_process()


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a hook has the form that the specification says
    """A hook of the real backend (PEP 562).

    Raises:
        AttributeError: the real backend does not have it either.
        TrustguardError: the real backend cannot be found.
    """
    if name.startswith("__"):  # the import system's own questions
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from trustguard.frontends.build_backend.hooks import hook  # noqa: PLC0415 - not before a hook is wanted

    return hook(name, _STARTED)
