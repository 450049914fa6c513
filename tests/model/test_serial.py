"""Evidence keeps everything that a verdict rests on when it is written as JSON and read again."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.model import strategies
from trustguard.judging import vet
from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents, Fault, Overlap, StartUp, StartUpBefore
from trustguard.model.evidence import (
    NO_COUNTERPART,
    NO_DEPENDENTS,
    NO_HISTORY,
    NO_LINEAGE,
    NO_OWNERS,
    NO_OWNERS_BEFORE,
    NO_PROVENANCE,
    NO_PUBLISHERS,
    NO_RANK,
    NO_RHYTHM,
    NO_TAGS,
    NOT_COMPARED,
    NOTHING_BEFORE,
    Absent,
    Advisory,
    CoreMetadata,
    Dependents,
    Evidence,
    History,
    Known,
    NotApplicable,
    Unavailable,
)
from trustguard.model.lineage import KnownPublishers, Lineage, Release
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.policy import PROFILES, Policy
from trustguard.model.project import DistributionFile, FileName, IndexId
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository
from trustguard.model.rhythm import Rhythm
from trustguard.model.serial import (
    evidence_from_json,
    evidence_to_json,
    provenance_from_json,
    provenance_to_json,
)

AT = datetime(2026, 1, 2, tzinfo=timezone.utc)
SOURCE = Repository("forge.example", "acme/demo")
BUILDER = Publisher("GitHub", "https://issuer.example", "https://forge.example/acme/demo/x", SOURCE, "1", "2")
EVIDENCE = Evidence(
    file=DistributionFile(
        name=FileName.parse("Demo-1.0-py3-none-any.whl"),
        url="https://files.example/Demo-1.0-py3-none-any.whl",
        hashes={"sha256": "ab" * 32},
        size=120,
        upload_time=datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=timezone.utc),
        yanked="",
    ),
    index=IndexId("https://index.example/simple/"),
    at=datetime(2026, 2, 1, tzinfo=timezone.utc),
    advisories=Known((Advisory("GHSA-1", "bad", fixed=("1.1",)),)),
    upload_time=Known(datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=timezone.utc)),
    status=Absent(),
    other_indexes=Unavailable("index", "no answer"),
    direct=NotApplicable("it comes from an index"),
    metadata=Known(CoreMetadata("Demo", "1.0", ("other>=2",))),
    lookalike=Known(NameHit(NormalizedName("demos"), "edit1", "suspicious", 0.25, "one slip")),
    history=Known(History(datetime(2025, 12, 1, tzinfo=timezone.utc), 3)),
    build=Known(Build("backend", in_tree=True)),
    rank=Known(70),
    contents=Known(
        Contents(
            files=5,
            size=900,
            faults=(Fault("record-quirk", "its RECORD is odd"),),
            start_up=(StartUp("pth", "demo.pth", "import demo"),),
            scripts=("demo",),
            top_level=("demo", "enum"),
            standard_library=("enum",),
            overlaps=(Overlap("docs/conf.py", NormalizedName("other"), same=False),),
        )
    ),
    claims=Known(Claims((SOURCE,), ("ann", "ann@acme.example"), "7 - Inactive")),
    counterpart=Known(Counterpart(NormalizedName("demos"), (SOURCE,), ("user ann",), description=0.5)),
    owners=Known(("user eve",)),
    owners_before=Known(KnownOwners((KnownOwner("user ann", AT),), AT)),
    rhythm=Known(Rhythm(None, AT)),
    dependents=Known(Dependents(Version("1.0"), 3, 40)),
    tags=Known(ReleaseTags(SOURCE, (), 4, 1)),
    provenance=Known(Provenance("verified", (Attestation("publish", BUILDER, AT),))),
    lineage=Known(Lineage(Release(Version("1.0"), AT, "some"), alternative=True)),
    publishers=Known(KnownPublishers((BUILDER,), "seen", AT)),
    start_up_before=Known(StartUpBefore(Version("0.9"), (StartUp("pth", "demo.pth", "import demo"),))),
)

SOURCE_FORM = {"host": "forge.example", "path": "acme/demo"}
NOT_FETCHED = {"state": "not-applicable", "why": "the file has not been fetched"}
FORM: dict[str, Any] = {
    "evidence": 5,
    "file": {
        "name": {
            "filename": "Demo-1.0-py3-none-any.whl",
            "project": "demo",
            "version": "1.0",
            "kind": "wheel",
        },
        "url": "https://files.example/Demo-1.0-py3-none-any.whl",
        "hashes": {"sha256": "ab" * 32},
        "size": 120,
        "upload_time": "2026-01-02T03:04:05.000600+00:00",
        "requires_python": None,
        "yanked": "",
        "core_metadata": None,
        "provenance": None,
    },
    "index": {"url": "https://index.example/simple/", "trust": "public"},
    "at": "2026-02-01T00:00:00+00:00",
    "advisories": {
        "state": "known",
        "value": [
            {
                "id": "GHSA-1",
                "summary": "bad",
                "aliases": [],
                "malicious": False,
                "fixed": ["1.1"],
                "severity": "",
            }
        ],
    },
    "upload_time": {"state": "known", "value": "2026-01-02T03:04:05.000600+00:00"},
    "status": {"state": "absent"},
    "other_indexes": {"state": "unavailable", "source": "index", "reason": "no answer"},
    "direct": {"state": "not-applicable", "why": "it comes from an index"},
    "sha256": NOT_FETCHED,
    "announced_metadata": NOT_FETCHED,
    "metadata": {
        "state": "known",
        "value": {
            "name": "Demo",
            "version": "1.0",
            "requires_dist": ["other>=2"],
            "requires_python": "",
            "provides_extra": [],
        },
    },
    "build_requires": NOT_FETCHED,
    "lookalike": {
        "state": "known",
        "value": {
            "target": "demos",
            "kind": "edit1",
            "tier": "suspicious",
            "confidence": 0.25,
            "reason": "one slip",
        },
    },
    "history": {
        "state": "known",
        "value": {"first_upload": "2025-12-01T00:00:00+00:00", "releases": 3},
    },
    "build": {"state": "known", "value": {"backend": "backend", "in_tree": True, "setup_py": False}},
    "rank": {"state": "known", "value": 70},
    "contents": {
        "state": "known",
        "value": {
            "files": 5,
            "size": 900,
            "compiled": 0,
            "faults": [{"kind": "record-quirk", "detail": "its RECORD is odd"}],
            "start_up": [{"kind": "pth", "name": "demo.pth", "code": "import demo", "whole": True}],
            "scripts": ["demo"],
            "top_level": ["demo", "enum"],
            "standard_library": ["enum"],
            "overlaps": [{"path": "docs/conf.py", "project": "other", "same": False}],
        },
    },
    "claims": {
        "state": "known",
        "value": {
            "repositories": [SOURCE_FORM],
            "people": ["ann", "ann@acme.example"],
            "development_status": "7 - Inactive",
        },
    },
    "counterpart": {
        "state": "known",
        "value": {
            "project": "demos",
            "repositories": [SOURCE_FORM],
            "owners": ["user ann"],
            "family": False,
            "same_summary": False,
            "description": 0.5,
            "people": [],
            "fork": False,
        },
    },
    "owners": {"state": "known", "value": ["user eve"]},
    "owners_before": {
        "state": "known",
        "value": {
            "owners": [{"name": "user ann", "since": "2026-01-02T00:00:00+00:00"}],
            "seen": "2026-01-02T00:00:00+00:00",
        },
    },
    "rhythm": {"state": "known", "value": {"previous": None, "resumed": "2026-01-02T00:00:00+00:00"}},
    "dependents": {"state": "known", "value": {"of": "1.0", "direct": 3, "total": 40}},
    "tags": {
        "state": "known",
        "value": {"repository": SOURCE_FORM, "same_as": [], "releases": 4, "tagged": 1},
    },
    "provenance": {
        "state": "known",
        "value": {
            "outcome": "verified",
            "attestations": [
                {
                    "predicate": "publish",
                    "publisher": {
                        "kind": "GitHub",
                        "issuer": "https://issuer.example",
                        "identity": "https://forge.example/acme/demo/x",
                        "repository": SOURCE_FORM,
                        "repository_id": "1",
                        "owner_id": "2",
                        "workflow": "",
                        "workflow_repository": None,
                        "ref": "",
                        "commit": "",
                        "trigger": "",
                        "runner": "",
                        "visibility": "",
                    },
                    "logged_at": "2026-01-02T00:00:00+00:00",
                }
            ],
            "reason": "",
        },
    },
}
FORM["lineage"] = {
    "state": "known",
    "value": {
        "own": {"version": "1.0", "uploaded": "2026-01-02T00:00:00+00:00", "attested": "some"},
        "alternative": True,
        "earlier": [],
    },
}
FORM["publishers"] = {
    "state": "known",
    "value": {
        "publishers": [FORM["provenance"]["value"]["attestations"][0]["publisher"]],
        "origin": "seen",
        "since": "2026-01-02T00:00:00+00:00",
    },
}
FORM["start_up_before"] = {
    "state": "known",
    "value": {
        "version": "0.9",
        "start_up": [{"kind": "pth", "name": "demo.pth", "code": "import demo", "whole": True}],
    },
}
NOT_READ = NotApplicable("nobody read it then")
NOT_IN_4: dict[str, Any] = {
    "rhythm": NO_RHYTHM,
    "owners_before": NO_OWNERS_BEFORE,
    "dependents": NO_DEPENDENTS,
}
"""What evidence of format 4 does not have; its claims say nothing of a development status either."""
NOT_IN_3: dict[str, Any] = {**NOT_IN_4, "start_up_before": NOTHING_BEFORE}
"""What evidence of format 3 does not have."""
NOT_IN_2: dict[str, Any] = {
    **NOT_IN_3,
    "build": NOT_READ,
    "contents": NOT_READ,
    "rank": NO_RANK,
    "claims": NOT_READ,
    "counterpart": NO_COUNTERPART,
    "owners": NO_OWNERS,
    "tags": NO_TAGS,
    "provenance": NO_PROVENANCE,
    "lineage": NO_LINEAGE,
    "publishers": NO_PUBLISHERS,
}
"""What evidence of format 2 does not have."""
NOT_IN_1: dict[str, Any] = {"lookalike": NOT_COMPARED, "history": NO_HISTORY, **NOT_IN_2}
"""What evidence of format 1 does not have."""


def earlier(version: int, without: Mapping[str, Any]) -> dict[str, Any]:
    """The form as an earlier format has it."""
    form = {key: copy.deepcopy(value) for key, value in FORM.items() if key not in without}
    if "claims" in form:
        del form["claims"]["value"]["development_status"]
    return {**form, "evidence": version}


FORMATS = ((1, NOT_IN_1), (2, NOT_IN_2), (3, NOT_IN_3), (4, NOT_IN_4))
EARLIER = [(earlier(n, gone), gone) for n, gone in FORMATS]


def changed(path: str, value: object) -> dict[str, Any]:
    """The form with another value at a path; ``...`` removes the key."""
    form: Any = copy.deepcopy(FORM)
    place: Any = form
    *above, last = path.split("/")
    for key in above:
        place = place[int(key) if key.isdigit() else key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    assert isinstance(form, dict)
    return form


def test_format_5_is_what_it_was_when_it_was_published() -> None:
    assert evidence_to_json(EVIDENCE) == FORM
    assert evidence_from_json(FORM) == EVIDENCE


@pytest.mark.parametrize(("form", "without"), EARLIER)
def test_evidence_of_earlier_formats_is_read_and_says_nothing_of_what_nobody_looked_for_then(
    form: dict[str, Any], without: dict[str, Any]
) -> None:
    claims = Known(Claims((SOURCE,), ("ann", "ann@acme.example")))
    assert evidence_from_json(form) == replace(EVIDENCE, **{"claims": claims, **without})


@pytest.mark.parametrize(("form", "name"), [(form, name) for form, without in EARLIER for name in without])
def test_evidence_of_earlier_formats_has_nothing_that_came_later(form: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: is not known here"):
        evidence_from_json({**form, name: FORM[name]})


@pytest.mark.parametrize("version", [3, 4])
def test_claims_of_earlier_formats_have_no_development_status(version: int) -> None:
    form = {**earlier(version, dict(FORMATS)[version]), "claims": FORM["claims"]}
    with pytest.raises(ValueError, match=r"^claims\.value\.development_status: is not known here"):
        evidence_from_json(form)


@pytest.mark.parametrize(
    ("claims", "complaint"),
    [
        (..., "^claims: is missing"),
        (7, "^claims: 7 is not an object"),
        ({"state": "known", "value": 7}, r"^claims\.value: 7 is not an object"),
        ({"state": "known"}, r"^claims\.value: is missing"),
    ],
)
def test_what_is_wrong_with_claims_of_an_earlier_format_is_named_as_ever(
    claims: object, complaint: str
) -> None:
    form = earlier(4, NOT_IN_4)
    del form["claims"]
    with pytest.raises(ValueError, match=complaint):
        evidence_from_json(form if claims is ... else {**form, "claims": claims})


@pytest.mark.parametrize("state", [Absent(), NotApplicable("x"), Unavailable("artifact", "x")])
def test_claims_of_an_earlier_format_that_nobody_knew_stay_so(state: Any) -> None:
    form = evidence_to_json(replace(EVIDENCE, claims=state))
    old = {key: value for key, value in form.items() if key not in NOT_IN_4}
    assert evidence_from_json({**old, "evidence": 4}).claims == state


def test_every_part_of_evidence_is_written() -> None:
    assert {"evidence", *(part.name for part in fields(Evidence))} == FORM.keys()


@given(strategies.evidence)
def test_what_is_read_back_is_what_was_written(evidence: Evidence) -> None:
    assert evidence_from_json(json.loads(json.dumps(evidence_to_json(evidence)))) == evidence


@given(strategies.evidence, st.sampled_from(PROFILES))
def test_saved_evidence_is_judged_as_the_evidence_was(evidence: Evidence, profile: Any) -> None:
    policy = Policy(profile=profile, unknown="ask")
    assert vet(evidence_from_json(evidence_to_json(evidence)), policy) == vet(evidence, policy)


def test_what_was_read_cannot_be_changed() -> None:
    hashes: Any = evidence_from_json(FORM).file.hashes
    with pytest.raises(TypeError):
        hashes["sha256"] = "cd" * 32


def test_a_time_without_its_zone_is_not_written() -> None:
    naive = replace(EVIDENCE, at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="without its zone: 2026-01-01"):
        evidence_to_json(naive)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("evidence", 6, "evidence: 6 is not format 5"),
        ("evidence", True, "evidence: True is not format 5"),
        ("evidence", ..., "evidence: None is not format 5"),
        ("at", ..., "at: is missing"),
        ("verdict", "allow", "verdict: is not known here"),
        ("file", [], r"file: \[\] is not an object"),
        ("file/name/version", "one", "file.name.version: 'one' is not a version"),
        ("file/name/project", "Demo", "file.name.project: 'Demo' is not a normalized project name"),
        ("file/name/kind", "egg", "file.name.kind: 'egg' is not one of wheel, sdist"),
        ("file/size", -1, "file.size: -1 is not a number of bytes"),
        ("file/size", True, "file.size: True is not a number of bytes"),
        ("file/hashes/sha256", 5, "file.hashes.sha256: 5 is not a string"),
        ("at", "2026-01-01T00:00:00", "at: '2026-01-01T00:00:00' is not a time with its zone"),
        ("at", "soon", "at: 'soon' is not a time"),
        ("status/state", "fine", "status.state: 'fine' is not one of known, absent"),
        ("status/state", ..., "status.state: None is not one of known"),
        ("status/value", 1, "status.value: is not known here"),
        ("other_indexes/source", "rumour", "other_indexes.source: 'rumour' is not one of advisories"),
        ("other_indexes/reason", ..., "other_indexes.reason: is missing"),
        ("advisories/value", {}, "advisories.value: {} is not an array"),
        ("advisories/value/0/id", None, r"advisories.value\[0\].id: None is not a string"),
        ("advisories/value/0/malicious", 0, r"advisories.value\[0\].malicious: 0 is not true or false"),
        ("lookalike/value/confidence", 2.0, "lookalike.value.confidence: 2.0 is not a number from 0 to 1"),
        ("lookalike/value/confidence", 1, "confidence: 1 is not a number from 0 to 1"),
        ("lookalike/value/confidence", float("nan"), "confidence: nan is not a number from 0 to 1"),
        ("lookalike/value/tier", "sure", "lookalike.value.tier: 'sure' is not one of suspicious, likely"),
        ("sha256", {"state": "known", "value": "ab"}, "sha256.value: 'ab' is not a SHA-256 digest"),
        ("sha256", {"state": "known", "value": "AB" * 32}, "digest in lower case"),
        ("sha256", {"state": "known"}, "sha256.value: is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(path: str, value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        evidence_from_json(changed(path, value))


@pytest.mark.parametrize("data", [None, [], "evidence", 1, {}, {1: 2}])
def test_what_is_no_evidence_at_all_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"^evidence: "):
        evidence_from_json(data)


def test_a_complaint_stays_short_whatever_is_in_the_file() -> None:
    with pytest.raises(ValueError, match="is not a version") as caught:
        evidence_from_json(changed("file/name/version", "x" * 10_000))
    assert len(str(caught.value)) < 300


@given(strategies.provenances)
def test_provenance_survives_by_itself_and_is_nothing_else(provenance: Provenance) -> None:
    assert provenance_from_json(json.loads(json.dumps(provenance_to_json(provenance)))) == provenance
    with pytest.raises(ValueError, match="is not an object"):
        provenance_from_json([])
