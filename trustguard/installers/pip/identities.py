"""``attestation-identities`` of a lock file's packages (PEP 751): who has published them; read, and written.

They are publisher objects of PEP 740. Read, they are pins: a layer of their own, beside that of every
configuration file. Keys that are not compared, such as ``environment``, are passed by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name

from trustguard.model.errors import UsageError
from trustguard.model.pin import PublisherPin
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.publisher_object import KEYS, Malformed, object_of, pin_of

IDENTITIES = "attestation-identities"
_KINDS: Mapping[str, PublisherKind] = {kind: kind for kind in KEYS}
_LIMIT = 500
_SHOWN = 80


@dataclass
class Identities:
    """Collects the identities that lock files state."""

    pins: dict[PublisherPin, None] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)
    """What was not understood, and is therefore not compared: a line each."""

    def read(self, package: Mapping[str, Any], where: str, by: str) -> None:
        """Read the identities of one package. Those of all tables of a project in a lock are alternatives.

        Args:
            package: its table.
            where: the file and the place in it, such as ``pylock.toml: packages[3]``.
            by: names the lock file: what it pins is a layer of its own.

        Raises:
            UsageError: they are not what PEP 751 says, so that what they pin cannot be known.
        """
        stated = package.get(IDENTITIES, [])
        if not isinstance(stated, list):
            raise UsageError(f"{where}.{IDENTITIES}: not an array of tables")
        for number, identity in enumerate(stated):
            self._read_one(package.get("name"), identity, f"{where}.{IDENTITIES}[{number}]", by)

    def _read_one(self, project: object, identity: object, where: str, by: str) -> None:
        if not isinstance(identity, Mapping):
            raise UsageError(f"{where}: not a table")
        kind = identity.get("kind")
        if not isinstance(kind, str):
            raise UsageError(f"{where}: has no kind")
        if not isinstance(project, str):
            raise UsageError(f"{where}: the package has no name")
        if kind not in _KINDS:
            self.remarks[f"{where}: kind {kind[:_SHOWN]!a} is not known, and not compared"] = None
            return
        texts = {key: _text(identity[key], f"{where}.{key}") for key in KEYS[_KINDS[kind]] if key in identity}
        try:
            self.pins[pin_of(canonicalize_name(project), _KINDS[kind], texts, by)] = None
        except Malformed as error:
            raise UsageError(f"{where}{error.key and '.'}{error.key}: {error}") from error


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > _LIMIT:
        raise UsageError(f"{where}: not a line of text")
    return value


def common(publishers: Sequence[Sequence[Publisher]]) -> list[dict[str, str]]:
    """The identities that are written for a package.

    Args:
        publishers: the verified publishers of each of its files.

    Returns:
        Those that hold for every file, in an order that does not depend on that of the attestations.
    """
    each = [{_key(found): found for found in map(object_of, of_one) if found} for of_one in publishers]
    keys = set(each[0]).intersection(*each[1:]) if each else set()
    return [each[0][key] for key in sorted(keys)]


def _key(identity: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(identity.items())
