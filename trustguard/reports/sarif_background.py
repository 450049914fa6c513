"""What every SARIF document of trustguard rests on: rules, exceptions, places, and what is kept out of it.

Sections are those of SARIF 2.1.0 plus Errata 01 (OASIS Standard, 28 August 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.origins import Origin, Wanted
from trustguard.model.policy import Action, Allow
from trustguard.model.record import record
from trustguard.model.report import Package
from trustguard.model.verdict import Judged
from trustguard.reports.private_paths import PrivatePaths
from trustguard.reports.text import foreign

Part = dict[str, Any]
SOURCE_ROOT: Final = "SRCROOT"
ELSEWHERE: Final = "ELSEWHERE"
_TEXT = 2000


@record
class Rule:
    """What is told of a check.

    Args:
        id: the check's id.
        summary: what it finds, one line.
        help: what to know about it, and what to do.
        page: where that is written down, below the repository's root.
    """

    id: str
    summary: str
    help: str = ""
    page: str = ""


@dataclass(frozen=True)
class Background:
    """What a document tells besides what was found.

    Args:
        version: trustguard's.
        rules: one for each check.
        allow: the exceptions that were in force.
        wanted: where everything was asked for.
        left_out: the newest file of each project of which something was withheld.
        paths: what is kept out of the document.
    """

    version: str
    rules: tuple[Rule, ...] = ()
    allow: tuple[Allow, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    left_out: tuple[Package, ...] = ()
    paths: PrivatePaths = field(default_factory=PrivatePaths)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each rule stands among them."""
        return {rule.id: place for place, rule in enumerate(self.rules)}

    def message(self, text: str) -> Part:
        """A plain text message (section 3.11): no placeholder, no link, and no power over a terminal."""
        return {"text": literal(foreign(self.paths.hide(text), _TEXT))}

    def rule_reference(self, check: str) -> Part:
        """A reference to a rule (section 3.52)."""
        place = self.places.get(check)
        return {"id": check} if place is None else {"id": check, "index": place}

    def properties(self, **values: Any) -> Part:  # noqa: ANN401 - whatever JSON knows
        """A property bag, without the paths of this machine."""
        hide = self.paths.hide
        return {
            key: hide(value)
            if isinstance(value, str)
            else [hide(one) for one in value]
            if isinstance(value, (list, tuple))
            else value
            for key, value in values.items()
        }

    def suppression(self, judged: Judged, package: Package | None) -> list[Part]:
        """The exception that excuses a finding (section 3.35), with who granted it and until when."""
        if not judged.excused:
            return []
        granted = self._granted(judged, package)
        accepted = judged.action is Action.OFF or (package is not None and package.approved)
        return [
            {
                "kind": "external",
                "status": "accepted" if accepted else "underReview",
                "justification": foreign(self.paths.hide(judged.excused), _TEXT),
                "properties": self.properties(
                    by="" if granted is None else granted.by,
                    expires=None
                    if granted is None or granted.expires is None
                    else granted.expires.isoformat(),
                ),
            }
        ]

    def _granted(self, judged: Judged, package: Package | None) -> Allow | None:
        """The entry by which it is excused, as the verdict has chosen it."""
        entries = [
            one for one in self.allow if one.reason == judged.excused and one.excuses(judged.finding.check)
        ]
        if package is not None:
            evidence = package.evidence
            digest = getattr(evidence.sha256, "value", None) or evidence.file.sha256
            about = (evidence.project, evidence.version, digest, evidence.index.url)
            entries = [one for one in entries if one.selector.covers(*about)]
        return min(entries, key=lambda one: one.needs_approval, default=None)

    def asked_for(self, project: str, package: Part) -> list[Part]:
        """The locations from which a project was asked for, the most direct one first."""
        name = canonicalize_name(project)
        return [self._asked(origin, name, package) for origin in self.wanted.origins(name)] or [
            {"logicalLocations": [package]}
        ]

    def _asked(self, origin: Origin, project: NormalizedName, package: Part) -> Part:
        place = origin.place
        found: Part = {"logicalLocations": [package]}
        if place.file:
            region = {} if place.line is None else {"region": {"startLine": place.line}}
            found["physicalLocation"] = {"artifactLocation": self._artifact(place.file), **region}
        else:
            typed = foreign(self.paths.hide(place.text), _TEXT)
            found["logicalLocations"] = [{"name": typed, "kind": "argument"}, package]
        if origin.through:
            found["message"] = self.message(" > ".join((*origin.through, project)))
        elif not origin.known:
            found["message"] = self.message(f"nothing that is known to need {project} was asked for here")
        return found

    def _artifact(self, file: str) -> Part:
        if urlsplit(file).scheme in {"http", "https"}:
            return {"uri": quote(file, safe="%/:=&?~#+!$,;'@()*[]")}
        below = self.paths.below(file)
        if below is not None:
            return {"uri": quote(below), "uriBaseId": SOURCE_ROOT}
        return {"uri": quote(file.replace("\\", "/").rpartition("/")[2]), "uriBaseId": ELSEWHERE}


def literal(text: str) -> str:
    """A text in which nothing is a placeholder (section 3.11.5) or a link (3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
