"""A file comes from an address of its own instead of from a configured index (PEP 440, PEP 508).

Such a file has no project page: no upload time, no status, no other versions to fall back on. What the user
typed is named; over plain `http:` anybody on the way can swap it, unless a digest stands beside it. A
*dependency* that is a direct reference is another matter: the package sends the installer to a place that
nobody configured. pip would follow it; here it is refused before it is fetched.

**What to do:** put a digest behind the address (`#sha256=…`), or publish the file on an index of your own.
A dependency's direct reference can be installed by name and address first, on its own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from trustguard.checks import NoSettings
from trustguard.model.evidence import DirectReference, Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity

_SHOWN = 20


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """Findings for how the file was asked for, and for what it asks for in turn."""
    direct = read(evidence.direct)
    findings = [] if direct is None else [_asked_for(direct)]
    metadata = read(evidence.metadata)
    depends_on = None if metadata is None else metadata.requires_dist
    findings += _dependencies(evidence, "depends on", _direct(depends_on))
    findings += _dependencies(evidence, "is built with", _direct(read(evidence.build_requires)))
    return findings


def _dependencies(evidence: Evidence, verb: str, texts: list[str]) -> list[Finding]:
    """A finding for each direct reference; of many, the last one says how many more there are."""
    left_out = len(texts) - _SHOWN
    more = f", and {left_out:,} more like it" if left_out > 0 else ""
    last = min(len(texts), _SHOWN) - 1
    return [
        _dependency(evidence, text, verb, more if number == last else "")
        for number, text in enumerate(texts[:_SHOWN])
    ]


def _asked_for(direct: DirectReference) -> Finding:
    scheme = urlsplit(direct.url).scheme
    severity = Severity.LOW
    if not direct.pinned:
        severity = {"file": Severity.LOW, "https": Severity.MEDIUM}.get(scheme, Severity.HIGH)
    return Finding(
        check="direct-reference",
        severity=severity,
        confidence=Confidence.HIGH,
        message=f"asked for by its address, {direct.url}, and not from a configured index",
        remedy="" if direct.pinned else "put #sha256=… behind the address",
        evidence=(direct.url,),
    )


def _dependency(evidence: Evidence, text: str, verb: str, more: str) -> Finding:
    return Finding(
        check="direct-reference",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        message=f"{evidence.file.filename} {verb} a direct reference, {text}{more}",
        remedy="its maintainers should depend on a name and a version",
        evidence=(text,),
    )


def _direct(requirements: tuple[str, ...] | None) -> list[str]:
    return [text for text in requirements or () if _has_url(text)]


def _has_url(text: str) -> bool:
    if "@" not in text and "://" not in text:
        return False  # as almost all of them, and there may be thousands
    try:
        return Requirement(text).url is not None
    except InvalidRequirement:
        # What we cannot read, an installer with a laxer parser might: an address in it is enough.
        return True
