"""Loads the real backend, as PEP 517 has a frontend load one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from trustguard.frontends.build_backend.table import RealBackend


def load(real: RealBackend) -> Any:  # noqa: ANN401 - whatever object has the hooks
    """Load the object that has the hooks.

    The folders of ``backend-path`` stay at the start of ``sys.path``: hooks that run later rely on them.

    Raises:
        ConfigError: there is no such module, no such object in it, or it is not where ``backend-path`` says.
        ImportError: the module is there and cannot be loaded.
    """
    sys.path[:0] = [str(folder) for folder in real.path]
    found: Any = _module(real)
    for attribute in real.attributes:
        if not hasattr(found, attribute):
            raise real.node.error(f"there is no {':'.join((real.module, '.'.join(real.attributes)))}")
        found = getattr(found, attribute)
    return found


def _module(real: RealBackend) -> ModuleType:
    try:
        module = importlib.import_module(real.module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{real.module}.".startswith(f"{error.name}."):
            raise  # it is there, and what it needs is not
        where = "in backend-path" if real.path else "in the build environment"
        hint = "" if real.path else "what brings it belongs into build-system.requires"
        raise real.node.error(f"there is no module {real.module} {where}", hint) from None
    except AttributeError as error:
        # As it is, it would read as a hook that the backend does not have.
        raise ImportError(f"{real.module} cannot be loaded: {error}") from error
    if real.path and not _is_inside(module, real.path):
        raise real.node.error(f"{real.module} was not loaded from backend-path", "as PEP 517 demands")
    return module


def _is_inside(module: ModuleType, folders: tuple[Path, ...]) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and any(Path(file).resolve().is_relative_to(folder) for folder in folders)
