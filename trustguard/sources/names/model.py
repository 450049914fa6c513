"""The fitted part: what each feature weighs, from which odds on a name is a hit, what is known of targets."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trustguard.model.errors import StoreError
from trustguard.model.record import record
from trustguard.sources.names.features import FEATURES, Group

_DATA = Path(__file__).parents[2] / "data"
NAMES, IMPORT_NAMES = _DATA / "names.json", _DATA / "import_names.json"
"""Made by ``python -m benchmarks.names --write``; and written by hand."""


@record
class Model:
    """Logistic regressions, one a group of kinds.

    Args:
        weights: by group, what each feature weighs, in the order of :data:`FEATURES`.
        suspicious: the odds, as a logarithm, from which on a name is suspicious.
        likely: those from which on it is likely a squat.
        imitated: targets with the number of malicious projects known to have imitated them.
        telling: words around a name that known squats have more often than honest names, with how much more
            often, as a logarithm.
        modules: names of the standard library's modules.
        import_names: what is imported under another name than that of its project, with that project.
    """

    weights: Mapping[Group, tuple[float, ...]]
    suspicious: float
    likely: float
    imitated: Mapping[str, int]
    telling: Mapping[str, float]
    modules: frozenset[str]
    import_names: Mapping[str, str]

    def odds(self, group: Group, numbers: tuple[float, ...]) -> float:
        """The odds that a pair is a squat and its target, as a natural logarithm."""
        return sum(map(float.__mul__, self.weights[group], map(float, numbers)))


def probability(odds: float) -> float:
    """From the logarithm of odds to a probability."""
    return 1 / (1 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1 + math.exp(odds))


def bundled_model() -> Model:
    """The model of this release.

    Raises:
        StoreError: the package is not complete.
    """
    try:
        data = json.loads(NAMES.read_bytes())
        import_names = json.loads(IMPORT_NAMES.read_bytes())
        return _model(data, import_names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"the data on names that came with trustguard cannot be read: {error}"
        raise StoreError(reason, hint="install trustguard again") from error


def _model(data: dict[str, Any], import_names: dict[str, str]) -> Model:
    return Model(
        weights={
            group: tuple(float(data["weights"][group][name]) for name in names)
            for group, names in FEATURES.items()
        },
        suspicious=float(data["odds"]["suspicious"]),
        likely=float(data["odds"]["likely"]),
        imitated={str(name): int(count) for name, count in data["imitated"].items()},
        telling={str(word): float(weight) for word, weight in data["telling"].items()},
        modules=frozenset(data["modules"]),
        import_names=dict(import_names),
    )
