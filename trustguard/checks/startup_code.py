"""Code that runs without being imported.

Everything else in a wheel runs when somebody imports it. These run by themselves, and from the moment of the
installation on: lines of a `.pth` file that begin with `import`, and the callables of a `.start` file (PEP
829), whenever Python starts; `sitecustomize` and `usercustomize`, which `site` imports; on Windows all of
these at the environment's top as well; configuration that IPython or Jupyter execute; scripts that a shell
executes when the environment is activated; plug-ins of build tools, of pip's keyring and of pytest, whenever
those run in the same environment. Thefts of popular projects have used `.pth` files for just that.

- **critical**: the code unpacks or decodes something and runs it.
- **high**: the code starts other programs or talks to the network; it is longer than anybody would write
  there; it is new, which an earlier release did not have; or the project is neither popular nor is the code
  known. A `.pth` whose lines lead elsewhere than to the wheel's own folders is high as well, and so is the
  hook of an editable installation, which has no place in a file that is published.
- **medium**: a plug-in of a build tool or of pytest that an earlier release did not have.
- **low**: the project is among the most downloaded or established (a year, five releases), and had the same
  code before; or it is among the most downloaded, and there is no earlier release to compare with. Also a
  plug-in of a build tool or of pytest, of a project that is neither popular nor established, and whose name
  does not say that it is one (`pytest-x`).
- **info**: the code is known, by the project and by its exact text; or it only sets up a namespace package,
  as setuptools used to, whosever it is; or it is a plug-in of a popular or an established project.

Known are: setuptools' `distutils-precedence.pth`, which makes `import distutils` find setuptools' own copy;
the `.pth` files of coverage, coverage-enable-subprocess, pytest-cov and hunter, which do nothing unless an
environment variable asks for it; that of future-fstrings, which lets old Pythons read f-strings; and that of
pywin32, which puts the folder of its DLLs where Windows finds them. A known project with other code than the
known one is treated like any other.

What is compared with is a wheel of the newest earlier release that has been there for 30 days: whoever steals
a token can upload two versions as well as one. It is fetched only where there is something to compare. Where
it cannot be had, what is unknown counts as new, plug-ins excepted.

What an sdist would install is only known when it is built, and is not looked at here.

**What to do:** read the code, which the finding shows. If the project tells what it is for, and you want
that, `[[allow]]` the version with `checks = ["startup-code"]`.
"""

from __future__ import annotations

import re

from packaging.version import Version

from trustguard.checks import Standing
from trustguard.model.contents import PLUG_INS, StartUp
from trustguard.model.evidence import Evidence, Known, Unavailable, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.known_start_up import explanation, is_editable_hook

Settings = Standing

_DECODES = re.compile(
    r"base64|b64decode|b85decode|a85decode|b32decode|fromhex|unhexlify|marshal|codecs|zlib|lzma|bz2|gzip"
    r"|rot.?13|\[::-1\]|(?:\\x[0-9a-f]{2}){8}|(?:chr\(\d+\)\W*){4}",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"\b(?:exec|eval|compile|loads|system|popen|run|call|check_output|__import__)\b", re.IGNORECASE
)
_REACHES = re.compile(
    r"subprocess|os\.system|popen|spawn|\bfork\b|execv|ctypes|socket|urllib|urlopen|http|requests|ftplib"
    r"|smtplib|getattr\(\s*__import__|globals\(\)|__builtins__",
    re.IGNORECASE,
)
_SHOWN = 160
_PLUG_INS = (
    "has plug-ins for build tools, which run whenever those do",
    "has plug-ins for pytest, which run whenever it does",
)


def check(evidence: Evidence, settings: Standing) -> list[Finding]:
    """A finding for everything that runs by itself."""
    contents = read(evidence.contents)
    if contents is None:
        return []
    alone = [one for one in contents.start_up if one.kind not in PLUG_INS]
    findings = [_of_code(evidence, one, settings) for one in alone]
    for kind, what in zip(PLUG_INS, _PLUG_INS, strict=True):
        groups = [one for one in contents.start_up if one.kind == kind]
        if groups:
            findings.append(_of_plug_ins(evidence, what, groups, settings))
    return findings


def _of_code(evidence: Evidence, one: StartUp, settings: Standing) -> Finding:
    severity, what = _code(evidence, one, settings)
    return _finding(evidence, severity, f"{one.name!a} {what}", one.code)


def _code(evidence: Evidence, one: StartUp, settings: Standing) -> tuple[Severity, str]:
    """How bad it is, and what it does, as the end of a sentence that begins with its file."""
    why = explanation(one, evidence.project)
    if why:
        return Severity.INFO, f"is known: it {why}"
    if one.kind == "path":
        return Severity.HIGH, "lets Python import from elsewhere than its own folders in site-packages"
    severity, also = _of_text(one)
    if not also:
        severity, also = _weighed(evidence, one, settings)
    return severity, f"{_RUN_WHEN[one.kind]}{also}"


def _weighed(evidence: Evidence, one: StartUp, settings: Standing) -> tuple[Severity, str]:
    """How bad code is that does nothing bad by itself: whose it is, and since when."""
    popular = "the project is among the most downloaded" if _is_popular(evidence) else ""
    before = evidence.start_up_before
    if isinstance(before, Known):
        # Of a compiled file there is no code that could be compared.
        known = {(other.kind, other.code) for other in before.value.start_up if other.code}
        if (one.kind, one.code) not in known:
            return Severity.HIGH, f", which it did not in {before.value.version}"
        trusted = popular or settings.record(evidence)
        return (Severity.LOW if trusted else Severity.HIGH), _and(f"as in {before.value.version}", trusted)
    if isinstance(before, Unavailable):
        return Severity.HIGH, f"; whether it did so before could not be learned: {before.reason}"
    return (Severity.LOW if popular else Severity.HIGH), _and(popular)


def _and(*remarks: str) -> str:
    return "".join(f"; {remark}" for remark in remarks if remark)


def _of_text(one: StartUp) -> tuple[Severity, str]:
    """How bad the code is by itself, and what else there is to say of it."""
    if _DECODES.search(one.code) and _RUNS.search(one.code):
        return Severity.CRITICAL, ", and decodes what it runs"
    if is_editable_hook(one):
        return Severity.HIGH, ": the hook of an editable installation, which no published file should have"
    if not one.whole:
        return Severity.HIGH, ", and is more than can be shown"
    if _REACHES.search(one.code):
        return Severity.HIGH, ", and reaches for other programs or the network"
    return Severity.HIGH, ""


_RUN_WHEN = {
    "pth": "runs whenever Python starts",
    "start": "runs whenever Python starts",
    "sitecustomize": "runs whenever Python starts",
    "usercustomize": "runs whenever Python starts",
    "config": "runs whenever IPython or Jupyter starts",
    "activate": "runs whenever a shell activates the environment",
}


def _of_plug_ins(evidence: Evidence, what: str, groups: list[StartUp], settings: Standing) -> Finding:
    new = _new_plug_ins(evidence, groups)
    if new:
        severity, what = Severity.MEDIUM, f"{what}; new since {new[0]} are some of them"
    else:
        trusted = _is_popular(evidence) or bool(settings.record(evidence))
        severity = Severity.INFO if trusted or _says_so(evidence, groups) else Severity.LOW
    shown = new[1] if new else groups
    return _finding(evidence, severity, what, "; ".join(f"[{one.name}] {one.code}" for one in shown))


def _says_so(evidence: Evidence, groups: list[StartUp]) -> bool:
    """Whether a project has plug-ins for pytest alone, and whoever installs it by its name wants them."""
    return groups[0].kind == "pytest" and evidence.project.startswith("pytest-")


def _new_plug_ins(evidence: Evidence, groups: list[StartUp]) -> tuple[Version, list[StartUp]] | None:
    """The groups with plug-ins that an earlier release did not have, and which release that is."""
    before = evidence.start_up_before
    if not isinstance(before, Known):
        return None
    old = {line for one in before.value.start_up for line in _each(one)}
    new = [one for one in groups if not old.issuperset(_each(one))]
    return (before.value.version, new) if new else None


def _each(one: StartUp) -> list[tuple[str, str]]:
    """The plug-ins of a group; what was cut off is none."""
    lines = one.code.split("; ")
    return [(one.name, line) for line in (lines if one.whole else lines[:-1])]


def _is_popular(evidence: Evidence) -> bool:
    # Not read(): whoever cannot tell how popular it is tells nothing in its favour.
    return isinstance(evidence.rank, Known)


def _finding(evidence: Evidence, severity: Severity, what: str, text: str) -> Finding:
    code = " ".join(text.split())
    shown = f"{code[:_SHOWN]!a}{'...' if len(code) > _SHOWN else ''}"
    return Finding(
        check="startup-code",
        severity=severity,
        confidence=Confidence.HIGH if severity is Severity.CRITICAL else Confidence.MEDIUM,
        message=f"{evidence.file.filename}: {what}" + (f": {shown}" if code else ""),
        remedy=_REMEDIES.get(severity, ""),
        evidence=(code,) if code else (),
    )


_REMEDIES = {
    Severity.CRITICAL: "do not install it; tell the project and the index",
    Severity.HIGH: "read what it runs, and compare with earlier releases, before you allow it",
}
