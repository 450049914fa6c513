"""The official schema of SARIF 2.1.0 (see sarif/NOTICE.md), and what it cannot say but the standard does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

_FILE = Path(__file__).with_name("sarif") / "sarif-schema-2.1.0.json"
_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
_VALIDATOR = Draft4Validator(json.loads(_FILE.read_bytes()))


def is_official() -> bool:
    """Whether the schema is what OASIS has published."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest() == _SHA256


def validate(document: Any) -> None:
    """Hold a document against the schema, and against the rules of the standard that no schema can hold."""
    _VALIDATOR.validate(document)
    for run in document["runs"]:
        driver = run["tool"]["driver"]
        for result in run.get("results", ()):
            _result(result, driver["rules"])
        for invocation in run["invocations"]:
            told = invocation["toolExecutionNotifications"]
            # Section 3.20.21: an error among them means that the run has failed.
            assert not (invocation["executionSuccessful"] and any(one["level"] == "error" for one in told))
            for one in told:
                assert driver["notifications"][one["descriptor"]["index"]]["id"] == one["descriptor"]["id"]
        for location in _artifacts(run.get("results", [])):
            # Section 3.4.4: a relative reference has a base, and an absolute one has none.
            relative = "://" not in location["uri"]
            assert relative == ("uriBaseId" in location)
            assert not relative or not location["uri"].startswith("/")
            assert location.get("uriBaseId") in {None, *run["originalUriBaseIds"]}


def _result(result: Any, rules: Any) -> None:
    if "ruleIndex" in result:  # section 3.27.6
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    # Section 3.27.10: what is no failure has no level.
    assert (result["kind"] == "fail") == (result["level"] != "none")
    # Section 3.27.23: all of a run's results say whether they are suppressed, or none does.
    assert result["suppressions"] is not None


def _artifacts(part: Any) -> Iterator[Any]:
    """Every artifact location in a part of a document."""
    if isinstance(part, list):
        for item in part:
            yield from _artifacts(item)
    elif isinstance(part, dict):
        if "artifactLocation" in part:
            yield part["artifactLocation"]
        for item in part.values():
            yield from _artifacts(item)
