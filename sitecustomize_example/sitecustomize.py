"""Starts the import-time guard by hand, from a ``sitecustomize`` that you have already.

Put these lines first in your own ``sitecustomize.py``; README.md beside this file says what they need.
"""

# ruff: noqa: INP001 - an example, and no part of a package

import site

import _trustguard_import_guard  # type: ignore[import-not-found]

for folder in site.getsitepackages():
    _trustguard_import_guard.start("block", folder)
