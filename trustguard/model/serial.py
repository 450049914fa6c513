"""Evidence as JSON and back, so that a verdict can be explained and judged again, offline.

The form follows the fields of the model. A fact says which of its four states it is in::

    {"state": "known", "value": …}
    {"state": "absent"}
    {"state": "not-applicable", "why": …}
    {"state": "unavailable", "source": …, "reason": …}

Times are ISO 8601 with their offset (a zone's name is not kept), versions as PEP 440 writes them.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

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
    Evidence,
    Known,
    NotApplicable,
    Unavailable,
)
from trustguard.model.project import Sha256, sha256
from trustguard.model.provenance import Provenance

FORMAT: Final = 5
"""The version of the form, under the key ``evidence``.

Format 1 had no ``lookalike`` and no ``history``; format 2 nothing that follows these; format 3 no
``start_up_before``; format 4 no ``rhythm``, ``owners_before`` and ``dependents``, and no development status
among the claims.
"""

_SHOWN = 80


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Evidence as a JSON object.

    Raises:
        ValueError: a time has no zone, so that it would mean something else elsewhere.
    """
    return {"evidence": FORMAT, **{name: _encode(value) for name, value in _parts(evidence)}}


def evidence_from_json(data: object) -> Evidence:
    """Evidence from what :func:`evidence_to_json` made of it, now or in an earlier format.

    Raises:
        ValueError: it is not evidence of this format. The message begins with the path of what is wrong,
            such as ``advisories.value[0].id``.
    """
    form = _object(data, "evidence")
    version = form.get("evidence")
    if type(version) is not int or version not in _SINCE_THEN:
        raise _wrong("evidence", f"format {FORMAT}", version)
    facts = {key: value for key, value in form.items() if key != "evidence"}
    for name, fact in _SINCE_THEN[version].items():
        if name in facts:
            raise ValueError(f"{name}: is not known here")
        facts[name] = _encode(fact)
    if version < _CLAIMS_HAVE_STATUS and "claims" in facts:
        facts["claims"] = _with_status(facts["claims"])
    evidence: Evidence = _record(Evidence, facts, "")
    return evidence


def provenance_to_json(provenance: Provenance) -> dict[str, Any]:
    """What came of verifying a file's attestations, as a JSON object, for a cache of it."""
    form: dict[str, Any] = _encode(provenance)
    return form


def provenance_from_json(data: object) -> Provenance:
    """The provenance from what :func:`provenance_to_json` made of it.

    Raises:
        ValueError: it is none.
    """
    provenance: Provenance = _record(Provenance, _object(data, "provenance"), "")
    return provenance


_CLAIMS_HAVE_STATUS: Final = 5
_IN_5: Final = {"rhythm": NO_RHYTHM, "owners_before": NO_OWNERS_BEFORE, "dependents": NO_DEPENDENTS}
_IN_4: Final = {**_IN_5, "start_up_before": NOTHING_BEFORE}
_IN_3: Final = {
    **_IN_4,
    "build": NotApplicable("nobody read it then"),
    "contents": NotApplicable("nobody read it then"),
    "rank": NO_RANK,
    "claims": NotApplicable("nobody read it then"),
    "counterpart": NO_COUNTERPART,
    "owners": NO_OWNERS,
    "tags": NO_TAGS,
    "provenance": NO_PROVENANCE,
    "lineage": NO_LINEAGE,
    "publishers": NO_PUBLISHERS,
}
_SINCE_THEN: Final[Mapping[int, Mapping[str, NotApplicable]]] = {
    1: {"lookalike": NOT_COMPARED, "history": NO_HISTORY, **_IN_3},
    2: _IN_3,
    3: _IN_4,
    4: _IN_5,
    FORMAT: {},
}
"""What the evidence of each format does not have, because nobody looked for it then."""


def _with_status(claims: object) -> object:
    """Claims of an earlier format, with the part that they did not have; whatever is wrong stays as it is."""
    if not isinstance(claims, dict) or not isinstance(claims.get("value"), dict):
        return claims
    if "development_status" in claims["value"]:
        raise ValueError("claims.value.development_status: is not known here")
    return {**claims, "value": {**claims["value"], "development_status": ""}}


def _parts(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - any dataclass
    return [(part.name, getattr(value, part.name)) for part in fields(value)]


def _encode(value: Any) -> Any:  # noqa: ANN401, PLR0911 - one line for each kind of value
    if isinstance(value, Known):
        return {"state": "known", "value": _encode(value.value)}
    if type(value) in _STATES:
        return {"state": _STATES[type(value)], **dict(_parts(value))}
    if isinstance(value, datetime):
        return _time_text(value)
    if isinstance(value, Version):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return {name: _encode(part) for name, part in _parts(value)} if is_dataclass(value) else value


def _time_text(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError(f"a time without its zone: {value.isoformat()}")
    return value.isoformat()


_STATES: Final[Mapping[type, str]] = {
    Absent: "absent",
    NotApplicable: "not-applicable",
    Unavailable: "unavailable",
}


def _decode(kind: Any, data: object, path: str) -> Any:  # noqa: ANN401, PLR0911 - one line for each kind of value
    if kind in _LEAVES:
        return _LEAVES[kind](data, path)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _one_of(parts, data, path)
    if origin is tuple:
        return tuple(_decode(parts[0], item, f"{path}[{n}]") for n, item in enumerate(_array(data, path)))
    if origin is Mapping:
        return types.MappingProxyType(
            {key: _text(value, f"{path}.{key}") for key, value in _object(data, path).items()}
        )
    if origin in {Union, types.UnionType}:
        return _either(parts, data, path)
    if issubclass(kind, Enum):
        return kind(_one_of([member.value for member in kind], data, path))
    return _record(kind, _object(data, path), path)


def _either(kinds: tuple[Any, ...], data: object, path: str) -> Any:  # noqa: ANN401 - any fact, or None
    if Absent in kinds:
        return _fact(kinds, _object(data, path), path)
    return None if data is None else _decode(kinds[0], data, path)


def _fact(kinds: tuple[Any, ...], form: dict[str, object], path: str) -> Any:  # noqa: ANN401 - any fact
    states = {state: kind for kind, state in _STATES.items()}
    state = _one_of(["known", *states], form.get("state"), f"{path}.state")
    rest = {key: value for key, value in form.items() if key != "state"}
    if state != "known":
        return _record(states[state], rest, path)
    _same_keys({"value"}, rest, path)
    (known,) = (kind for kind in kinds if get_origin(kind) is Known)
    return Known(_decode(get_args(known)[0], rest["value"], f"{path}.value"))


def _record(kind: type, form: dict[str, object], path: str) -> Any:  # noqa: ANN401 - an instance of kind
    kinds = _kinds(kind)
    _same_keys(kinds.keys(), form, path)
    begin = f"{path}." if path else ""
    return kind(**{name: _decode(of, form[name], f"{begin}{name}") for name, of in kinds.items()})


@functools.cache
def _kinds(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {part.name: hints[part.name] for part in fields(kind)}


def _same_keys(expected: Any, form: dict[str, object], path: str) -> None:  # noqa: ANN401 - a set or a view
    for key in sorted(expected ^ form.keys()):
        where = f"{path}.{key}" if path else key
        raise ValueError(f"{where[: 2 * _SHOWN]}: {'is missing' if key in expected else 'is not known here'}")


def _object(data: object, path: str) -> dict[str, object]:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise _wrong(path, "an object", data)
    return data


def _array(data: object, path: str) -> list[object]:
    if not isinstance(data, list):
        raise _wrong(path, "an array", data)
    return data


def _text(data: object, path: str) -> str:
    if not isinstance(data, str):
        raise _wrong(path, "a string", data)
    return data


def _flag(data: object, path: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong(path, "true or false", data)
    return data


def _share(data: object, path: str) -> float:
    if not isinstance(data, float) or not 0 <= data <= 1:
        raise _wrong(path, "a number from 0 to 1", data)
    return data


def _size(data: object, path: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or data < 0:
        raise _wrong(path, "a number of bytes", data)
    return data


def _time(data: object, path: str) -> datetime:
    try:
        value = datetime.fromisoformat(_text(data, path))
    except ValueError:
        raise _wrong(path, "a time", data) from None
    if value.utcoffset() is None:
        raise _wrong(path, "a time with its zone", data)
    return value


def _version(data: object, path: str) -> Version:
    try:
        return Version(_text(data, path))
    except InvalidVersion:
        raise _wrong(path, "a version", data) from None


def _project(data: object, path: str) -> NormalizedName:
    name = canonicalize_name(_text(data, path))
    if name != data:
        raise _wrong(path, "a normalized project name", data)
    return name


def _sha256(data: object, path: str) -> Sha256:
    text = _text(data, path)
    try:
        digest = sha256(text)
    except ValueError:
        raise _wrong(path, "a SHA-256 digest", data) from None
    if digest != text:
        raise _wrong(path, "a SHA-256 digest in lower case", data)
    return digest


def _one_of(words: Any, data: object, path: str) -> Any:  # noqa: ANN401 - one of the words, whatever they are
    if not isinstance(data, str) or data not in words:
        raise _wrong(path, f"one of {', '.join(words)}", data)
    return data


def _wrong(path: str, expected: str, data: object) -> ValueError:
    shown = repr(data)
    return ValueError(f"{path[: 2 * _SHOWN]}: {shown[:_SHOWN]} is not {expected}")


_LEAVES: Final[Mapping[Any, Callable[[object, str], object]]] = {
    str: _text,
    bool: _flag,
    int: _size,
    float: _share,
    datetime: _time,
    Version: _version,
    NormalizedName: _project,
    Sha256: _sha256,
}
