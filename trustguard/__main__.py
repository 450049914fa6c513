"""``python -m trustguard``, and the command ``trustguard``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # `python -m` puts the working directory first: no module there is to be loaded in place of another.
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib is not loaded yet
    except OSError:  # it has been removed, and nothing can lie in it
        here = ""
    if sys.path[0] in ("", here):
        del sys.path[0]

from trustguard.frontends.cli import main

if __name__ == "__main__":
    main()
