"""Half a second of libraries is loaded where there is something to verify, and nowhere else."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sigstore", "pypi_attestations", "cryptography", "pydantic", "tuf", "requests", "rich")
NOTHING = "verify(b'{\"attestation_bundles\": []}', 'demo-1.0.tar.gz', 'ab' * 32, bundled_trust_root())"


@pytest.mark.parametrize(
    "code",
    [
        "import trustguard.sources.attestations",
        "import trustguard.sources.attestations.refresh",
        "import trustguard.frontends.cli.verify",
        f"from trustguard.sources.attestations import *; {NOTHING}",
    ],
)
def test_no_heavy_library_is_loaded_before_there_is_something_to_verify(code: str) -> None:
    told = f"{code}; import sys; print(sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
