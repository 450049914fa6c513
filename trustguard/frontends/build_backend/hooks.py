"""The hooks of the real backend, those that return requirements with a vetting behind them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trustguard.frontends.build_backend.real import load
from trustguard.frontends.build_backend.requirements import vetted
from trustguard.frontends.build_backend.surroundings import Surroundings
from trustguard.frontends.build_backend.table import RealBackend, read

_RETURN_REQUIREMENTS = "get_requires_for_build_"


def hook(name: str, started: Surroundings) -> Any:  # noqa: ANN401 - a hook, or what else a backend offers
    """An attribute of the real backend of the source tree that we are in.

    Args:
        name: its name.
        started: what this process was started with.

    Raises:
        AttributeError: the real backend does not have it.
        ConfigError: the real backend cannot be found.
    """
    real, backend = _LOADING.loaded()
    found = getattr(backend, name)
    if not name.startswith(_RETURN_REQUIREMENTS):
        return found
    return _with_vetting(found, f"{name} of {real.name}", started)


def _with_vetting(asked: Callable[..., Any], who: str, started: Surroundings) -> Callable[..., list[str]]:
    @functools.wraps(asked)
    def ask(*args: object, **keywords: object) -> list[str]:
        return vetted(asked(*args, **keywords), who, started)

    return ask


class _Loading:
    """Loads the real backend once, and notices where it leads back to us."""

    def __init__(self) -> None:
        self._begun: RealBackend | None = None
        self._result: tuple[RealBackend, Any] | None = None

    def loaded(self) -> tuple[RealBackend, Any]:
        if self._result is None:
            if self._begun is not None:
                raise self._begun.node.error(f"{self._begun.name} leads back to trustguard's own")
            self._begun = read(Path.cwd())
            try:
                self._result = (self._begun, load(self._begun))
            finally:
                self._begun = None
        return self._result


_LOADING = _Loading()
