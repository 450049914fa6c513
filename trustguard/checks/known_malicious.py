"""The release is listed as malicious (OSV records whose id begins with MAL-).

Such records come from people who have looked at the package, so there is no doubt to weigh: the release is
left out of what the installer is offered, in every profile. Where another version of the project is not
listed, the installer takes that one; where every version is listed, nothing of the project can be
installed.

**What to do:** do not install it. If it is installed already, treat the machine's credentials as stolen. If
the record is wrong, report it to the database named in its id, and meanwhile `[[allow]]` the version with
`checks = ["known-malicious"]`: no other form of exception excuses this check.
"""

from __future__ import annotations

from trustguard.checks import NoSettings
from trustguard.model.evidence import Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """One finding for each advisory that calls the release malicious."""
    return [
        Finding(
            check="known-malicious",
            severity=Severity.CRITICAL,
            confidence=Confidence.HIGH,
            message=f"{evidence.project} {evidence.version} is listed as malicious ({advisory.id})",
            remedy="do not install it; if it is installed, treat this machine's credentials as stolen",
            evidence=(advisory.id, *advisory.aliases),
        )
        for advisory in read(evidence.advisories) or ()
        if advisory.malicious
    ]
