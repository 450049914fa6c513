"""What a run needs only once its installer is at work, loaded while that gets ready."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

_MODULES = (
    "glob",  # pathlib loads it at its first use, since Python 3.15
    "filelock",
    "trustguard.checks",
    "trustguard.vetting",
    "trustguard.sources.http",
    "httpcore",
    "trustguard.sources.names",
    "trustguard.frontends.guard_index.shelf",
    "trustguard.frontends.guard_index.wiring",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.h11_impl",
    "starlette.applications",
    "trustguard.frontends.guard_index.app",
    "trustguard.frontends.guard_index.gate",
)
"""In small pieces: between two of them it is seen whether there is something better to do."""


def load(*modules: str, until: Callable[[], bool] = lambda: False) -> None:
    """Import what has not been imported yet.

    Nothing may be imported once packages are installed: trustguard may live in the environment that changes,
    and a package must not be able to slip a module under it. An installer that has been started already
    installs nothing before it has been answered, but for what is the user's own.

    Args:
        modules: those that this front door goes on with.
        until: says that there is something better to do.
    """
    if hasattr(sys, "set_lazy_imports_filter"):  # Python 3.15: modules can leave theirs for later
        sys.set_lazy_imports_filter(lambda *_: False)
    for module in (*_MODULES, *modules):
        if until():
            return
        import_module(module)
    from trustguard.installers.pip.installed import load_what_reading_needs  # noqa: PLC0415 - see above

    load_what_reading_needs()
