"""Two configured indexes have a project of this name, and nothing says that it is the same project.

Whoever registers the name of a private package on a public index is installed instead of it, where an
installer looks at both and takes the higher version (Birsan, "Dependency Confusion", 2021). trustguard
never mixes: the first configured index that has the project supplies it. But the first may be the wrong
one, so the clash itself is a finding, unless the two are known to be one project: one tracks the other or
they name each other as alternate locations (PEP 708), or they have a file with the same digest, as mirrors
do.

**What to do:** say in trustguard.toml where the name belongs:

```toml
[[index]]
url = "https://packages.acme.example/simple/"
namespaces = ["acme-*"]
```
"""

from __future__ import annotations

from trustguard.checks import NoSettings
from trustguard.model.evidence import Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """A finding for each other index with an unrelated project of this name."""
    return [
        Finding(
            check="dependency-confusion",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            message=f"{evidence.project} is on {evidence.index} and on {other.index}, "
            "and nothing says that they are the same project",
            remedy="pin the name in trustguard.toml: "
            f'[[index]] url = "…", namespaces = ["{evidence.project}"]',
            evidence=(str(evidence.index), str(other.index)),
        )
        for other in read(evidence.other_indexes) or ()
        if other.relation == "unrelated"
    ]
