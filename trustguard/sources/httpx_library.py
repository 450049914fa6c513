"""httpx, loaded without its command line.

Where rich and click are installed, as they are beside sigstore, importing httpx imports them too, for the
sake of a command that is not used here: 30 to 60 ms of every run. It takes them for missing instead.

httpcore, below it, looks for the package sniffio several times in each request. Where that is not installed,
it would be searched for in every folder each time, also while packages are being installed: one of that name
could bring itself in. Whether it is there is settled here, once.

anyio, below that, leaves a coroutine behind that nobody has begun where a run ends at the moment in which it
would have; Python would tell the user.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from typing import Any

_COMMAND_LINE, _OPTIONAL = "httpx._main", "sniffio"

_LEFT_BEHIND = r"coroutine 'connect_tcp\..+' was never awaited"

warnings.filterwarnings("ignore", _LEFT_BEHIND, RuntimeWarning)
_modules: dict[str, Any] = sys.modules
with suppress(ModuleNotFoundError):
    import sniffio  # noqa: F401
_modules.setdefault(_OPTIONAL, None)  # an import of it fails as though it were not installed
if _COMMAND_LINE not in _modules:
    _modules[_COMMAND_LINE] = None
    try:
        import httpx
    finally:
        del _modules[_COMMAND_LINE]
else:
    import httpx

__all__ = ["httpx"]
