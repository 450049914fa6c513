"""There is no wheel to take: to install the file, code of a stranger's has to be run.

An installer takes an sdist where no wheel fits the target. It is made into a wheel first, by a `setup.py`, by
a backend that is part of the sdist (`backend-path`), or by one that its build requirements bring (PEP 517,
518); where it names none, setuptools is assumed. Whatever that does is done with the user's rights, before
anything of the project is imported, and nobody has built it before. So what would be run, and with what, is
said before it is; the build requirements pass the same checks as everything else.

- **medium**: nothing speaks for the project: it is not among the most downloaded ones, and its first file
  that is still listed is less than a year old (`established`), or it has fewer than five releases
  (`releases`). Whoever uploads a bad package prefers an sdist: it is run at once, on every platform.
- **low**: the project is one of the most downloaded, or is established; or the file itself has been there
  for three years (three times `established`), however few releases there are: a bad one is found before that.
- **info**: it comes from a private index, or was asked for by its address.

A listing is not judged: an sdist beside a wheel that fits is not asked for. How builds are kept from the
network and from the user's secrets is `build-sandbox` (docs/configuration.md).

**What to do:** look whether another version has a wheel (`--only-binary NAME`), or read what would be run. If
it is as it should be, `[[allow]]` the version with `checks = ["source-only"]`, or put the project among those
that are `exempt`.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustguard.checks import Standing
from trustguard.model.build import ASSUMED_BACKEND, Build
from trustguard.model.evidence import Evidence, Known, read
from trustguard.model.finding import Confidence, Finding, Severity

_SHOWN = 5
_LENGTH = 80
_TIMES = 3
"""So many times as long as a project that is established, and a file needs no releases beside it."""


Settings = Standing


def check(evidence: Evidence, settings: Standing) -> list[Finding]:
    """A finding where the file has to be built."""
    build = read(evidence.build)
    if build is None:
        return []
    requires = read(evidence.build_requires)
    severity, remark = _weighed(evidence, settings)
    return [
        Finding(
            check="source-only",
            severity=severity,
            confidence=Confidence.HIGH,
            message=f"{evidence.file.filename} has to be built, by {_by(build)}, {_with(requires)}; {remark}",
            remedy="take a version that has a wheel, or read what would be run",
            evidence=(_by(build), *(requires or ())),
        )
    ]


def _by(build: Build) -> str:
    if build.in_tree:
        return f"{_short(build.backend)}, a backend of its own"
    if build.setup_py and build.backend.partition(".")[0] in {"", ASSUMED_BACKEND}:
        return "its setup.py"
    return _short(build.backend or ASSUMED_BACKEND)


def _with(requires: Sequence[str] | None) -> str:
    if requires is None:
        return f"with {ASSUMED_BACKEND}, which is assumed where nothing is named"
    if not requires:
        return "with nothing else"
    more = f" and {len(requires) - _SHOWN} more" if len(requires) > _SHOWN else ""
    return f"with {', '.join(map(_short, requires[:_SHOWN]))}{more}"


def _weighed(evidence: Evidence, settings: Standing) -> tuple[Severity, str]:
    if read(evidence.direct) is not None:
        return Severity.INFO, "it was asked for by its address"
    if evidence.index.trust == "private":
        return Severity.INFO, "it comes from a private index"
    rank = read(evidence.rank)
    if rank is not None:
        return Severity.LOW, f"the project is number {rank} of the most downloaded ones"
    if past := settings.record(evidence) or _stood(evidence, settings):
        return Severity.LOW, past
    history = read(evidence.history)
    if history is None:
        return Severity.MEDIUM, "nothing is known of the project's past"
    days, s = max((evidence.at - history.first_upload).days, 0), "" if history.releases == 1 else "s"
    known = f"its first file is {days} days old, and it has {history.releases} release{s}"
    return Severity.MEDIUM, f"the project is not among the most downloaded ones, {known}"


def _stood(evidence: Evidence, settings: Standing) -> str:
    """How long the file itself has been there; empty where that is too short to speak for it."""
    # Not read(): whoever cannot tell how old it is tells nothing in its favour.
    if not isinstance(evidence.upload_time, Known):
        return ""
    age = evidence.at - evidence.upload_time.value
    return f"the file has been there for {age.days} days" if age >= _TIMES * settings.established else ""


def _short(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"
