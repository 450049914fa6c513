"""``[[publisher]]``: who must have published a project, in the words of publisher objects (PEP 740)."""

from __future__ import annotations

from collections.abc import Mapping

from trustguard.config import values
from trustguard.config.document import Node
from trustguard.model import publisher_object
from trustguard.model.pin import PublisherPin

_OF_KIND = publisher_object.KEYS
KEYS = ("project", "kind", *dict.fromkeys(key for keys in _OF_KIND.values() for key in keys))


def read_publisher(node: Node, parts: Mapping[str, Node]) -> PublisherPin:
    """One table.

    Raises:
        ConfigError: a key is missing, belongs to another kind, or has a bad value.
    """
    for name in ("project", "kind"):
        if name not in parts:
            raise node.child(name).error("is missing")
    project, kind = values.glob(parts["project"]), values.choice(tuple(_OF_KIND))(parts["kind"])
    for name, part in parts.items():
        if name not in (*_OF_KIND[kind], "project", "kind"):
            raise part.error(f"is not a key of kind {kind}", f"its keys are {', '.join(_OF_KIND[kind])}")
    stated = {name: values.text(part) for name, part in parts.items() if name in _OF_KIND[kind]}
    try:
        return publisher_object.pin_of(project, kind, stated, node.layer)
    except publisher_object.Malformed as error:
        raise parts.get(error.key, node).error(str(error)) from error
