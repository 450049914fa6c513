"""``python -m trustguard``, and the command ``trustguard``."""

from __future__ import annotations

from trustguard.frontends.cli import main

if __name__ == "__main__":
    main()
