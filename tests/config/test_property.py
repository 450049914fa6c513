"""The promise that a lower layer only tightens, for arbitrary layers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests.config.conftest import CHECKS
from trustguard.config.document import LayerName, parse
from trustguard.config.merge import Merged
from trustguard.config.reader import read
from trustguard.model.errors import ConfigError
from trustguard.model.finding import Severity
from trustguard.model.policy import Policy

ORDER = {"relaxed": 0, "balanced": 1, "strict": 2, "allow": 0, "ignore": 0, "warn": 1, "ask": 2, "block": 3}
ACTIONS = ("off", "warn", "ask", "withhold", "block")
NAMES = ("acme-core", "acme", "flask")


def _one_of(key: str, *values: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{key} = {value}" for value in values])


def _words(*words: str) -> list[str]:
    return [f'"{word}"' for word in words]


LINES = st.one_of(
    _one_of("profile", *_words("relaxed", "balanced", "strict")),
    _one_of("unknown", *_words("allow", "ask", "block")),
    _one_of("min-score", "0", "3", "5.5", "8.0"),
    *[
        _one_of(f"on-unavailable.{name}", *_words("ignore", "warn", "ask", "block"))
        for name in ("advisories", "index", "forge")
    ],
    *[_one_of(f"checks.{name}.action", *_words(*ACTIONS)) for name in CHECKS],
    _one_of("checks.release-age.cooldown", *_words("0 s", "1 day", "3 days", "2 weeks")),
    _one_of("checks.sample.accepted", "[]", '["a"]', '["b", "c"]'),
    _one_of("checks.vulnerability.exempt", '["flask"]'),
    _one_of("allow", '[{ project = "flask", reason = "r" }]'),
    _one_of("deny", '[{ project = "acme", reason = "r" }]'),
    _one_of(
        "index",
        '[{ url = "https://a.example", namespaces = ["acme*"], trust = "private" }]',
        '[{ url = "https://b.example", namespaces = ["*"] }]',
        '[{ url = "https://a.example", namespaces = ["flask"] }, { url = "https://b.example" }]',
    ),
)
LAYER = st.lists(LINES, max_size=4, unique_by=lambda line: line.split(" =")[0]).map("\n".join)
PROJECT = st.lists(LINES, min_size=1, max_size=2, unique_by=lambda line: line.split(" =")[0]).map("\n".join)


def _policy(layers: dict[LayerName, str]) -> Policy | None:
    """The policy, or None where the layers are refused."""
    merged = Merged(CHECKS, has_org=bool(layers.get("org")))
    try:
        for layer, text in layers.items():
            merged.add(layer, read(parse(layer, layer, text.encode()).root, CHECKS))
    except ConfigError:
        return None
    return merged.policy()


def _is_as_strict(new: Policy, old: Policy) -> bool:
    """Written from the documentation's table, not from the code."""
    settings_old, settings_new = (
        {name: check.settings(policy.check(name).settings) for name, check in CHECKS.items()}
        for policy in (old, new)
    )
    pins = [(new.pinned_index(canonicalize_name(n)), old.pinned_index(canonicalize_name(n))) for n in NAMES]
    return (
        all(new.action(name, s) >= old.action(name, s) for name in CHECKS for s in Severity)
        and ORDER[new.profile] >= ORDER[old.profile]
        and ORDER[new.unknown] >= ORDER[old.unknown]
        and all(ORDER[new.on_unavailable[name]] >= ORDER[value] for name, value in old.on_unavailable.items())
        and settings_new["release-age"].cooldown >= settings_old["release-age"].cooldown
        and set(settings_new["sample"].accepted) <= set(settings_old["sample"].accepted)
        and all(new.check(name).exempt == old.check(name).exempt for name in CHECKS)
        and new.allow == old.allow
        and set(old.deny) <= set(new.deny)
        and all(before is None or (after is not None and after.url == before.url) for after, before in pins)
        and all(new.index(index.url).trust in {index.trust, "public"} for index in old.indexes)
    )


@settings(max_examples=400, deadline=None)
@given(LAYER, LAYER, PROJECT)
def test_a_project_is_refused_or_makes_nothing_weaker(org: str, user: str, project: str) -> None:
    """DESIGN, section 3: a project's file never loosens."""
    base = _policy({"org": org, "user": user})
    joined = _policy({"org": org, "user": user, "project": project})
    if base is not None and joined is not None:
        assert _is_as_strict(joined, base)


@settings(max_examples=400, deadline=None)
@given(LAYER, LAYER, PROJECT, LAYER)
def test_a_project_weakens_nothing_that_a_later_layer_says(
    user: str, org: str, project: str, extra: str
) -> None:
    """Whatever comes after the project's file is at least as strict as it would have been without it."""
    without = _policy({"org": org, "user": user, "environment": extra})
    joined = _policy({"org": org, "user": user, "project": project, "environment": extra})
    if without is not None and joined is not None:
        assert _is_as_strict(joined, without)


@settings(max_examples=300, deadline=None)
@given(LAYER, LAYER)
def test_nobody_weakens_what_the_organisation_has_set(org: str, user: str) -> None:
    """A default is no floor for the user, so only what the organisation has set is compared."""
    org += '\nuser-exceptions = "no"'
    alone, joined = _policy({"org": org}), _policy({"org": org, "user": user})
    if alone is None or joined is None:
        return
    for name in CHECKS:
        if f"checks.{name}.action" in org or "profile" in org:
            assert all(joined.action(name, severity) >= alone.action(name, severity) for severity in Severity)
        assert joined.check(name).exempt == alone.check(name).exempt
    assert joined.allow == alone.allow
    assert set(alone.deny) <= set(joined.deny)
