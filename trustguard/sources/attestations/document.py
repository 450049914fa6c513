"""What a document holds, before anything in it is believed: bounded, taken apart, and of a known form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from trustguard.model.record import record

LIMIT = 1 << 20
"""Bytes of a document."""
_DEPTH = 64
"""Objects and arrays within each other; those of PEP 740 need a dozen."""
_MOST = 32
"""Attestations of one file that are looked at; each takes some milliseconds."""
_SHOWN = 40
_LONGEST_LINE = 200
_FOR_DEVELOPERS = re.compile(r": expected \w+=| \(encountered processing | \[type=")
"""Where a message goes on with the representation of an object."""


class Rejected(Exception):
    """It does not hold what it owes: not verified, for the reason that the message gives in one line."""


class NotUnderstood(Exception):
    """It may well be right, and is of a kind that nobody here can judge."""


@record
class Signed:
    """One attestation as it stands in a document.

    Args:
        form: an attestation object (PEP 740), or a Sigstore bundle.
        content: its JSON object.
        publisher: the publisher object beside it, which nobody has signed; None where there is none.
    """

    form: Literal["attestation", "bundle"]
    content: Mapping[str, Any]
    publisher: Mapping[str, Any] | None = None


def parse(document: bytes) -> tuple[Signed, ...]:
    """Take a document apart: a provenance object, an attestation object (both PEP 740), or a Sigstore bundle.

    Returns:
        Its attestations; none where it says that there are none.

    Raises:
        Rejected: it is none of these.
        NotUnderstood: it is a provenance object of another version.
    """
    content = _loaded(document)
    if "attestation_bundles" in content:
        found = tuple(_of_provenance(content))
        if len(found) > _MOST:
            raise Rejected(f"it holds {len(found)} attestations, and more than {_MOST} are not looked at")
        return found
    if "verification_material" in content:
        return (Signed("attestation", content),)
    if "verificationMaterial" in content:
        return (Signed("bundle", content),)
    raise Rejected("it is neither a provenance object, an attestation object nor a Sigstore bundle")


def _loaded(document: bytes) -> Mapping[str, Any]:
    if len(document) > LIMIT:
        raise Rejected(f"it is larger than {LIMIT:,} bytes")
    try:
        content = json.loads(document)
    except RecursionError:
        raise Rejected("its JSON is nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number without end
        raise Rejected("it is not JSON") from None
    if not isinstance(content, dict):
        raise Rejected("it is not a JSON object")
    if _deeper(content, _DEPTH):
        raise Rejected("its JSON is nested too deeply")
    return content


def _deeper(content: object, depth: int) -> bool:
    """Whether there are more objects and arrays within each other than so many."""
    level = [content]
    for _ in range(depth):
        level = [below for one in level for below in _below(one)]
        if not level:
            return False
    return True


def _below(content: object) -> Iterator[object]:
    if isinstance(content, dict):
        yield from content.values()
    elif isinstance(content, list):
        yield from content


def _of_provenance(content: Mapping[str, Any]) -> Iterator[Signed]:
    known_version(content, "the provenance object", default=1)
    for number, bundle in enumerate(_list(content, "attestation_bundles")):
        where = f"attestation_bundles[{number}]"
        publisher = bundle.get("publisher") if isinstance(bundle, dict) else None
        if not isinstance(publisher, dict):
            raise Rejected(f"{where} is not an object with a publisher")
        for attestation in _list(bundle, "attestations", where):
            if not isinstance(attestation, dict):
                raise Rejected(f"{where}.attestations holds something else than objects")
            yield Signed("attestation", attestation, publisher)


def known_version(content: Mapping[str, Any], what: str, default: int | None = None) -> None:
    """See that an object is of version 1, the only one that PEP 740 knows.

    Raises:
        Rejected: its version is no number.
        NotUnderstood: it is of another version.
    """
    version = content.get("version", default)
    if type(version) is not int:
        raise Rejected(f"the version of {what} is not a number")
    if version != 1:
        raise NotUnderstood(f"{what} is of version {str(version)[:_SHOWN]}, and 1 is what is known")


def _list(content: Mapping[str, Any], key: str, where: str = "") -> list[Any]:
    found = content.get(key)
    if not isinstance(found, list):
        raise Rejected(f"{where}.{key} is not an array".lstrip("."))
    return found


def one_line(error: BaseException) -> str:
    """What an error of a library says, in one line, without what it says for its developers."""
    text = str(error)
    if isinstance(error, ValueError) and hasattr(error, "errors"):  # of pydantic: the first of several
        first = error.errors()[0]
        text = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}".removeprefix(": ")
    text = _FOR_DEVELOPERS.split(" ".join(text.split()))[0]
    return text[:_LONGEST_LINE] or type(error).__name__
