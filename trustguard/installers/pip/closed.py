"""Keeps pip from what the guard has not handed out: files and folders of this disk, and version control.

What a command line and its files name has been lifted before pip runs. What is left are references that come
up only then: in the metadata that a build writes, in what it wants to be built with. pip would follow them.
And it would take a file that lies where ``pip download`` and ``pip wheel`` put theirs, and ask for nothing.

This file stands alone, in the target interpreter: builds.py, which lies beside it, loads it into every pip of
a guarded run.
"""

from __future__ import annotations

import base64
import filecmp
import http.client
import json
import netrc
import os
import sys
from typing import Any
from urllib.parse import urlsplit


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
        self._patch_references()
        self._patch_downloads()

    def _patch_references(self) -> None:
        from pip._internal.cache import WheelCache
        from pip._internal.operations import prepare
        from pip._internal.vcs.versioncontrol import VersionControl

        get_cache_entry, get_file_url = WheelCache.get_cache_entry, prepare.get_file_url
        prepare_linked = prepare.RequirementPreparer.prepare_linked_requirement

        def remember(cache: Any, link: Any, *args: Any, **options: Any) -> Any:
            """A wheel that was built before, if what it was built from is let through once more."""
            entry = get_cache_entry(cache, link, *args, **options)
            if entry is None or not is_let_through(link.url_without_fragment):
                return None
            self.built.add(entry.link.url)
            return entry

        def open_what_was_built(link: Any, *args: Any, **options: Any) -> Any:
            if link.url not in self.built:
                self.refuse(link.url_without_fragment)
            return get_file_url(link, *args, **options)

        def obtain(system: Any, dest: str, url: Any, *args: Any, **options: Any) -> None:  # noqa: ARG001
            self.refuse(str(url))

        def prepare_what_may_be(preparer: Any, req: Any, *args: Any, **options: Any) -> Any:
            """A folder is the user's own where the user names it, or another folder of his."""
            asking = getattr(req.comes_from, "link", None)
            if req.link.is_existing_dir() and asking is not None and not asking.is_existing_dir():
                self.refuse(req.link.url_without_fragment)
            return prepare_linked(preparer, req, *args, **options)

        WheelCache.get_cache_entry = remember
        prepare.get_file_url = open_what_was_built
        VersionControl.obtain = obtain
        prepare.RequirementPreparer.prepare_linked_requirement = prepare_what_may_be

    def _patch_downloads(self) -> None:
        """What lies where downloads go is not taken for what the guard would hand out."""
        from pip._internal.operations import prepare

        if not hasattr(prepare, "_check_download_dir"):
            sys.exit(
                "trustguard: this pip cannot be kept from taking what nobody vetted; nothing was installed"
            )
        save = prepare.RequirementPreparer.save_linked_requirement

        def save_what_came(preparer: Any, req: Any) -> None:
            path = os.path.join(preparer.download_dir, os.path.basename(req.link.filename))
            came = req.local_file_path or ""
            if os.path.isfile(came):
                other = os.path.isfile(path) and not filecmp.cmp(came, path, shallow=False)
                if other or os.path.islink(path):
                    os.unlink(path)  # as pip does with a file that has not the digest which it wants
            save(preparer, req)

        prepare._check_download_dir = lambda *_, **__: None
        prepare.RequirementPreparer.save_linked_requirement = save_what_came

    def refuse(self, place: str) -> None:
        """Write down what pip was about to open, and end with an error."""
        from pip._internal.exceptions import InstallationError

        with open(self.told, "a", encoding="utf-8") as told:
            told.write(json.dumps(place) + "\n")
        raise InstallationError(f"{place}: nobody has vetted it, and trustguard lets nothing in from there")


def is_let_through(url: str) -> bool:
    """Whether the guard would hand a file out: it judges it for that, and asks whom it has to ask."""
    parts = urlsplit(url)
    credential = netrc.netrc(os.environ["NETRC"]).authenticators(parts.hostname or "")
    if credential is None:  # it is somebody else
        return False
    user, _, password = credential
    shown = base64.b64encode(f"{user}:{password}".encode()).decode()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("HEAD", target, headers={"Authorization": f"Basic {shown}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
