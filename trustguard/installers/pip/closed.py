"""Keeps pip from what the guard has not handed out: files of this disk, and version control.

What a command line and its files name has been lifted before pip runs. What is left are references that come
up only then: in the metadata that a build writes, in what it wants to be built with. pip would follow them.

This file stands alone, in the target interpreter: builds.py, which lies beside it, loads it into every pip of
a guarded run.
"""

from __future__ import annotations

import json
from typing import Any


class Closed:
    """What pip may still open by itself.

    Args:
        told: the file in which it is written down what was refused.
    """

    def __init__(self, told: str) -> None:
        self.told = told
        self.built: set[str] = set()

    def patch(self) -> None:
        """Have this process's pip open nothing else."""
        from pip._internal.cache import WheelCache
        from pip._internal.operations import prepare
        from pip._internal.vcs.versioncontrol import VersionControl

        get_cache_entry, get_file_url = WheelCache.get_cache_entry, prepare.get_file_url

        def remember(cache: Any, *args: Any, **options: Any) -> Any:
            entry = get_cache_entry(cache, *args, **options)
            if entry is not None:
                self.built.add(entry.link.url)
            return entry

        def open_what_was_built(link: Any, *args: Any, **options: Any) -> Any:
            if link.url not in self.built:
                self.refuse(link.url_without_fragment)
            return get_file_url(link, *args, **options)

        def obtain(system: Any, dest: str, url: Any, *args: Any, **options: Any) -> None:  # noqa: ARG001
            self.refuse(str(url))

        WheelCache.get_cache_entry = remember
        prepare.get_file_url = open_what_was_built
        VersionControl.obtain = obtain

    def refuse(self, place: str) -> None:
        """Write down what pip was about to open, and end with an error."""
        from pip._internal.exceptions import InstallationError

        with open(self.told, "a", encoding="utf-8") as told:
            told.write(json.dumps(place) + "\n")
        raise InstallationError(f"{place}: nobody has vetted it, and trustguard lets nothing in from there")
