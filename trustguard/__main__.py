"""``python -m trustguard``, and the command ``trustguard``."""

from __future__ import annotations

import gc
import os
import sys
import threading

if __name__ == "__main__":
    # `python -m` puts the working directory first: no module there is to be loaded in place of another.
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib is not loaded yet
    except OSError:  # it has been removed, and nothing can lie in it
        here = ""
    if sys.path[0] in ("", here):
        del sys.path[0]

# Loading modules makes a hundred thousand objects that stay: to look through them takes 30 ms, in vain.
gc.set_threshold(1_000_000, 20, 20)

try:
    from trustguard.frontends.cli import main as command_line
except (KeyboardInterrupt, RuntimeError) as interrupt:
    # Before Python 3.12, Ctrl-C within a `__set_name__` is the cause of a RuntimeError.
    if KeyboardInterrupt not in (type(interrupt), type(interrupt.__cause__)):
        raise
    print("trustguard: interrupted; nothing was installed", file=sys.stderr)  # noqa: T201 - there is no click yet
    sys.exit(130)


def main() -> None:
    """Run the command line, and leave.

    To take the interpreter apart takes as long as ``trustguard --version``, and frees what the system frees
    anyway. It is done all the same where something still runs that has to come to its end.
    """
    code = 0
    try:
        command_line()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            code = code or 1
    if threading.active_count() > 1:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
