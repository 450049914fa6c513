"""httpx, loaded without its command line.

Where rich and click are installed, as they are beside sigstore, importing httpx imports them too, for the
sake of a command that is not used here: 30 to 60 ms of every run. It takes them for missing instead.
"""

from __future__ import annotations

import sys
from typing import Any

_COMMAND_LINE = "httpx._main"

_modules: dict[str, Any] = sys.modules
if _COMMAND_LINE not in _modules:
    _modules[_COMMAND_LINE] = None  # an import of it fails as though it were not installed
    try:
        import httpx
    finally:
        del _modules[_COMMAND_LINE]
else:
    import httpx

__all__ = ["httpx"]
