"""``make demo``: a real guarded install from the configured index, and a refusal, with their output.

The refusal needs a package that is known to be malicious, so it is made here: an sdist whose ``setup.py``
would leave a marker, on an index on loopback, listed in an advisory export beside it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.lab.artifacts import build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.hostile import fake_setuptools, legacy_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export
from tests.lab.popular import ranking
from trustguard.sources.attestations import bundled_trust_root

EVIL = "evil-demo"
BLOCKED = 10


def trustguard(environment: VirtualEnvironment, sources: Mapping[str, str], *args: str) -> int:
    """Run one command, shown as it would be typed, and return its exit code.

    pip's configuration is that of whoever runs the demonstration; trustguard's own data stays in a folder of
    its own.
    """
    print(f"\n$ trustguard {shlex.join(args)}", flush=True)  # noqa: T201 - a demonstration
    command = [sys.executable, "-m", "trustguard", "--python", str(environment.python)]
    for name, url in sources.items():
        command += ["--set", f"sources.{name}={url!r}"]
    command += args
    own = {f"XDG_{kind}_HOME": str(environment.path / kind) for kind in ("CACHE", "DATA")}
    code = subprocess.run(command, check=False, env={**os.environ, **own}).returncode
    print(f"(exit code {code})", flush=True)  # noqa: T201
    return code


def _trust_root(folder: Path) -> Path:
    """The trust root of this release, as a file: the demonstration needs no network but the index."""
    path = folder / "trusted_root.json"
    path.write_bytes(bundled_trust_root().content)
    return path


def main() -> int:
    """Run the demonstration; returns 0 if it went as it must."""
    with tempfile.TemporaryDirectory() as folder, LabIndex() as index:
        here = Path(folder)
        markers = Markers(here / "markers")
        environment = VirtualEnvironment.create(here / "environment")
        index.add_all(legacy_sdist(markers, EVIL), fake_setuptools(), build_wheel("good-demo", "1.0"))
        sources = {
            "advisories": index.put_osv(osv_export([malicious(EVIL)])),
            "popular": index.put("popular.json", ranking()),
            "trust-root": str(_trust_root(here)),
        }
        updated = trustguard(environment, sources, "update")
        installed = trustguard(environment, sources, "install", "requests")
        lab = ("--index-url", index.url)
        refused = trustguard(environment, sources, "install", *lab, EVIL, "good-demo")
        names = sorted(name for name, _ in environment.distributions())
        print(f"\ninstalled: {', '.join(names)}")  # noqa: T201
        print(f"code of {EVIL} that ran: {sorted(markers.ran()) or 'none'}")  # noqa: T201
        fetched = sorted(file for file in index.served_files() if file.replace("_", "-").startswith(EVIL))
        print(f"bytes of {EVIL} that were fetched: {fetched or 'none'}")  # noqa: T201
        right = (
            (updated, installed, refused) == (0, 0, BLOCKED)
            and "requests" in names
            and not (markers.ran() or fetched)
        )
        return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
