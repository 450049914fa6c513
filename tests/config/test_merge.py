"""Who may say what after whom. The tables of ``trustguard.config``, row by row and pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from typing import Any, NamedTuple

import pytest
from packaging.utils import canonicalize_name

from tests.config.conftest import Machine
from trustguard.config import Configuration, LayerName
from trustguard.config.settings import POPULAR_URL
from trustguard.model.evidence import SourceName
from trustguard.model.finding import Severity
from trustguard.model.policy import PROFILE_ACTIONS, Action

LAYERS: tuple[LayerName, ...] = ("org", "user", "project", "environment", "command line")
PAIRS = list(combinations(LAYERS, 2))
FLOORS = {"org", "project"}

COOLDOWN = "checks.release-age.cooldown"
ACTION = "checks.vulnerability.action"
MALICIOUS = "checks.known-malicious.action"
INDEX = "https://a.example/simple/"


def _unavailable(source: SourceName) -> Callable[[Configuration], Any]:
    return lambda loaded: loaded.policy.on_unavailable[source]


def _setting(check: str, name: str) -> Callable[[Configuration], Any]:
    return lambda loaded: loaded.policy.check(check).settings[name]


class Row(NamedTuple):
    """A key with a mild and a strict value, as a file has them and as the result does."""

    key: str
    mild: str
    strict: str
    read: Callable[[Configuration], Any]
    mild_result: Any
    strict_result: Any


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
ROWS = [
    Row("profile", "'relaxed'", "'strict'", lambda c: c.policy.profile, "relaxed", "strict"),
    Row("min-score", "4", "5.5", lambda c: c.policy.min_score, 4.0, 5.5),
    Row("unknown", "'ask'", "'block'", lambda c: c.policy.unknown, "ask", "block"),
    Row("build-sandbox", "'off'", "'require'", lambda c: c.build_sandbox, "off", "require"),
    Row("on-unavailable.index", "'ask'", "'block'", _unavailable("index"), "ask", "block"),
    Row("on-unavailable.forge", "'ignore'", "'warn'", _unavailable("forge"), "ignore", "warn"),
    Row(ACTION, "'off'", "'ask'", lambda c: c.policy.check("vulnerability").action, Action.OFF, Action.ASK),
    Row(COOLDOWN, "'2 days'", "'1 week'", _setting("release-age", "cooldown"), 2 * _DAY, 7 * _DAY),
    Row("checks.sample.longest", "'3 h'", "'1 h'", _setting("sample", "longest"), 3 * _HOUR, _HOUR),
    Row("checks.sample.least-count", "2", "4", _setting("sample", "least_count"), 2, 4),
    Row("checks.sample.ratio", "0.6", "0.1", _setting("sample", "ratio"), 0.6, 0.1),
    Row("checks.sample.thorough", "false", "true", _setting("sample", "thorough"), False, True),
    Row(
        "checks.sample.refused",
        "['bad']",
        "['bad', 'x']",
        _setting("sample", "refused"),
        ("bad",),
        ("bad", "x"),
    ),
    Row("checks.sample.accepted", "['a', 'b']", "['b']", _setting("sample", "accepted"), ("a", "b"), ("b",)),
    Row("sources.max-age", "'2 days'", "'1 h'", lambda c: c.max_age, 2 * _DAY, _HOUR),
]
BY_KEY = pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
BY_PAIR = pytest.mark.parametrize(("upper", "lower"), PAIRS)


@BY_PAIR
@BY_KEY
def test_a_lower_layer_may_tighten(machine: Machine, upper: LayerName, lower: LayerName, row: Row) -> None:
    first = row.strict if upper == "project" else row.mild  # a project may not even say the mild one
    extra = machine.state(upper, f"{row.key} = {first}") + machine.state(lower, f"{row.key} = {row.strict}")
    assert row.read(machine.load(extra=extra)) == row.strict_result


@BY_PAIR
@BY_KEY
def test_only_what_neither_org_nor_project_has_set_may_be_loosened_and_never_by_a_project(
    machine: Machine, upper: LayerName, lower: LayerName, row: Row
) -> None:
    extra = machine.state(upper, f"{row.key} = {row.strict}")
    extra += machine.state(lower, f"{row.key} = {row.mild}")
    if upper not in FLOORS and lower != "project":
        assert row.read(machine.load(extra=extra)) == row.mild_result
        return
    if (upper, lower) == ("user", "project"):
        # A user who is stricter than his projects can work in them; what is mild in them is idle.
        assert row.read(machine.load(extra=extra)) == row.strict_result
        return
    message = machine.error(extra=extra)
    place = "command line" if lower == "command line" else f"{machine.label(lower)}:1"
    assert message.startswith(f"{place}: {row.key}: ")
    assert message.endswith(f", set by {upper} in {machine.label(upper)}:1")


LOOSER_THAN_DEFAULT = [
    ("profile", "'relaxed'", "'relaxed' is not as strict as 'balanced'"),
    ("on-unavailable.index", "'warn'", "'warn' is not as strict as 'block'"),
    (COOLDOWN, "'1 day'", "'1 day' is not as strict as '3 days'"),
    (ACTION, "'off'", "'off' is not as strict as 'warn' for low severity in profile 'balanced'"),
    (MALICIOUS, "'ask'", "'ask' is not as strict as 'withhold' for info severity in profile 'balanced'"),
    ("checks.sample.accepted", "['a', 'c']", "['a', 'c'] is not as strict as ['a', 'b']"),
    ("checks.sample.label", "'other'", "'other' may not take the place of 'plain'"),
    (
        "sources.popular",
        "'https://a.example/'",
        f"'https://a.example/' may not take the place of '{POPULAR_URL}'",
    ),
    (
        "sources.dependents",
        "'https://a.example/'",
        "'https://a.example/' may not take the place of none",
    ),
    ("sources.max-age", "'2 days'", "'2 days' is not as strict as '1 day'"),
    ("sources.deadline", "'20 s'", "'20 s' may not take the place of '30 s'"),
    ("state.artifact-store-limit", "'1 B'", "'1 B' may not take the place of 10000000000"),
]


@pytest.mark.parametrize(("key", "value", "why"), LOOSER_THAN_DEFAULT)
def test_a_default_binds_the_project_and_nobody_else(
    machine: Machine, key: str, value: str, why: str
) -> None:
    machine.write("project", f"{key} = {value}")
    assert machine.error() == f"trustguard.toml:1: {key}: {why}, the built-in default"
    machine.file("project").unlink()
    for layer in LAYERS:
        if layer != "project":
            machine.load(extra=machine.state(layer, f"{key} = {value}"))
            machine.file(layer).unlink(missing_ok=True)


def test_a_project_may_say_what_holds_anyway(machine: Machine) -> None:
    machine.write("project", 'profile = "balanced"', f'{COOLDOWN} = "72 h"', 'sources.deadline = "30 s"')
    assert machine.load().policy.profile == "balanced"


def test_a_floor_holds_for_the_layers_after_the_one_that_raised_it(machine: Machine) -> None:
    machine.write("org", 'profile = "balanced"')
    machine.write("user", 'profile = "strict"')
    message = machine.error(extra=('profile = "balanced"',))
    assert message.endswith(f"'balanced' is not as strict as 'strict', set by user in {machine.paths.user}:1")


# Actions against profiles.


def test_an_organisations_profile_is_a_floor_for_every_action(machine: Machine) -> None:
    machine.write("org", 'profile = "strict"')
    machine.write("user", "[checks.direct-reference]", 'action = "ask"')
    assert machine.error() == (
        f"{machine.paths.user}:2: checks.direct-reference.action: 'ask' is not as strict as 'block' for high "
        f"severity in profile 'strict', set by org in {machine.paths.org}:1"
    )


def test_an_organisations_action_holds_under_a_users_milder_profile(machine: Machine) -> None:
    machine.write("org", "[checks.release-age]", 'action = "block"')
    machine.write("user", 'profile = "relaxed"')
    assert machine.load().policy.action("release-age", Severity.LOW) is Action.BLOCK


def test_a_projects_action_never_undoes_a_stricter_profile_that_comes_after_it(machine: Machine) -> None:
    """Relaxed asks about a critical dependency confusion; strict blocks it, and "ask" must not win."""
    machine.write("user", 'profile = "relaxed"')
    machine.write("project", "[checks.dependency-confusion]", 'action = "ask"')
    assert machine.load().policy.action("dependency-confusion", Severity.CRITICAL) is Action.ASK
    strict = machine.load(profile="strict").policy
    assert strict.action("dependency-confusion", Severity.CRITICAL) is Action.BLOCK


def test_a_users_own_action_is_not_raised_by_a_projects_profile(machine: Machine) -> None:
    machine.write("user", "[checks.vulnerability]", 'action = "warn"')
    machine.write("project", 'profile = "strict"', f'{ACTION} = "ask"')
    assert machine.load().policy.action("vulnerability", Severity.INFO) is Action.ASK


@pytest.mark.parametrize("check", [*PROFILE_ACTIONS, "some-other-check"])
def test_each_profile_is_at_least_as_strict_as_the_one_before_it(machine: Machine, check: str) -> None:
    relaxed, balanced, strict = (
        machine.load(profile=name).policy for name in ("relaxed", "balanced", "strict")
    )
    for severity in Severity:
        assert relaxed.action(check, severity) <= balanced.action(check, severity)
        assert balanced.action(check, severity) <= strict.action(check, severity)


# The message.


def test_the_first_message_holds(machine: Machine) -> None:
    machine.write("user", 'message = "user"')
    machine.write("environment", 'message = "environment"')
    assert machine.load().policy.message == "user"
    machine.write("org", 'message = "org"')
    assert machine.load().policy.message == "org"


def test_a_projects_message_says_whose_it_is(machine: Machine) -> None:
    machine.write("project", 'message = "just run it without"')
    assert machine.load().policy.message == "just run it without (says trustguard.toml)"


# Exceptions.

ALLOW = 'allow = [{ project = "leftpad", reason = "ours" }]'
OWN_WILL: tuple[LayerName, ...] = ("user", "environment", "command line")


@pytest.mark.parametrize("layer", OWN_WILL)
@pytest.mark.parametrize(
    ("org", "needs_approval"),
    [
        (None, False),
        ("user-exceptions = 'yes'", False),
        ("user-exceptions = 'ask'", True),
        ("schema = 1", True),
    ],
)
def test_the_organisation_says_what_a_users_exception_is_worth(
    machine: Machine, layer: LayerName, org: str | None, needs_approval: bool
) -> None:
    if org is not None:
        machine.write("org", org)
    (allow,) = machine.load(extra=machine.state(layer, ALLOW)).policy.allow
    assert (allow.needs_approval, allow.by) == (needs_approval, layer)


@pytest.mark.parametrize("layer", OWN_WILL)
def test_no_exceptions_for_users_means_an_error(machine: Machine, layer: LayerName) -> None:
    machine.write("org", "", 'user-exceptions = "no"')
    extra = machine.state(layer, ALLOW)
    place = layer if extra else f"{machine.label(layer)}:1"
    expected = f"{place}: allow[0]: user-exceptions is 'no', set by org in {machine.paths.org}:2"
    assert machine.error(extra=extra) == expected


def test_the_organisations_own_exceptions_need_no_approval(machine: Machine) -> None:
    machine.write("org", ALLOW, 'user-exceptions = "no"')
    (allow,) = machine.load().policy.allow
    assert (allow.needs_approval, allow.by) == (False, "org")


@pytest.mark.parametrize("answer", ["yes", "ask", "no"])
def test_a_project_makes_no_exceptions(machine: Machine, answer: str) -> None:
    machine.write("org", f'user-exceptions = "{answer}"')
    machine.write("project", "[[allow]]", 'project = "evil"', 'reason = "trust me"')
    failure = machine.failure()
    assert failure.message == "trustguard.toml:1: allow[0]: an exception loosens"
    assert failure.hint.startswith("put it into your own file")


@pytest.mark.parametrize("layer", ["user", "project", "environment", "command line"])
def test_only_the_organisation_says_whether_users_make_exceptions(machine: Machine, layer: LayerName) -> None:
    message = machine.error(extra=machine.state(layer, 'user-exceptions = "no"'))
    assert message.endswith("user-exceptions: only the organisation's file may set this")


EXEMPT = "checks.release-age.exempt"


def test_exemptions_add_up(machine: Machine) -> None:
    machine.write("org", 'user-exceptions = "yes"', f'{EXEMPT} = ["acme-*"]')
    machine.write("user", f'{EXEMPT} = ["mine", "acme-*"]')
    machine.write("environment", f'{EXEMPT} = ["more"]')
    loaded = machine.load(extra=(f'{EXEMPT} = ["last"]',))
    assert loaded.policy.check("release-age").exempt == ("acme-*", "mine", "more", "last")


@pytest.mark.parametrize("layer", OWN_WILL)
@pytest.mark.parametrize(("org", "answer"), [("schema = 1", "ask"), ('user-exceptions = "no"', "no")])
def test_an_exemption_is_an_exception(machine: Machine, layer: LayerName, org: str, answer: str) -> None:
    machine.write("org", org)
    message = machine.error(extra=machine.state(layer, f'{EXEMPT} = ["*"]'))
    assert f"{EXEMPT}: " in message
    assert f"user-exceptions is '{answer}'" in message


def test_a_project_exempts_nothing(machine: Machine) -> None:
    machine.write("project", f'{EXEMPT} = ["*"]')
    assert machine.error() == f"trustguard.toml:1: {EXEMPT}: an exception loosens"


def test_denials_of_all_layers_add_up(machine: Machine) -> None:
    extra: tuple[str, ...] = ()
    for layer in LAYERS:
        extra += machine.state(layer, f'deny = [{{ project = "{layer.replace(" ", "-")}", reason = "r" }}]')
    projects = [deny.selector.project for deny in machine.load(extra=extra).policy.deny]
    assert projects == ["org", "user", "project", "environment", "command-line"]


def test_an_expired_exception_is_warned_of_and_kept(machine: Machine) -> None:
    """The last day still counts: Policy.on drops it from the day after."""
    machine.write("user", "", "[[allow]]", 'project = "a"', 'reason = "r"', "expires = 2026-02-28")
    loaded = machine.load(today=date(2026, 2, 28))
    assert loaded.warnings == ()
    loaded = machine.load(today=date(2026, 3, 1))
    assert loaded.warnings == (
        f"{machine.paths.user}:2: allow[0]: the exception for a expired on 2026-02-28",
    )
    assert len(loaded.policy.allow) == 1
    assert loaded.policy.on(date(2026, 3, 1)).allow == ()


# Indexes.


def _index(url: str, *, namespaces: str = "", trust: str = "") -> str:
    parts = [f'url = "{url}"']
    parts += [f"namespaces = [{namespaces}]"] if namespaces else []
    parts += [f'trust = "{trust}"'] if trust else []
    return f"index = [{{ {', '.join(parts)} }}]"


@BY_PAIR
def test_trust_in_an_index_follows_the_same_rule(
    machine: Machine, upper: LayerName, lower: LayerName
) -> None:
    lines = (_index(INDEX, trust="public"), _index(INDEX.rstrip("/"), trust="private"))
    extra = machine.state(upper, lines[0]) + machine.state(lower, lines[1])
    if {upper, lower} == {"environment", "command line"} or (upper == "user" and lower != "project"):
        assert machine.load(extra=extra).policy.index(INDEX).trust == "private"
    elif (upper, lower) == ("user", "project"):
        assert machine.load(extra=extra).policy.index(INDEX).trust == "public"
    else:
        assert "index[0].trust: 'private' is not as strict as 'public', set by" in machine.error(extra=extra)


def test_a_project_may_not_declare_an_index_private(machine: Machine) -> None:
    machine.write("project", _index(INDEX, trust="private"))
    expected = (
        "trustguard.toml:1: index[0].trust: 'private' is not as strict as 'public', the built-in default"
    )
    assert machine.error() == expected


@BY_PAIR
def test_namespaces_of_an_index_add_up(machine: Machine, upper: LayerName, lower: LayerName) -> None:
    if upper == "project":
        machine.write("user", _index(INDEX))  # a project may not bring an index of its own
    extra = machine.state(upper, _index(INDEX, namespaces="'acme-*'"))
    extra += machine.state(lower, _index(INDEX, namespaces="'other'"))
    loaded = machine.load(extra=extra)
    for name in ("acme-core", "other"):
        pinned = loaded.policy.pinned_index(canonicalize_name(name))
        assert pinned is not None
        assert pinned.url == INDEX


def test_trust_holds_for_every_namespace_of_an_index(machine: Machine) -> None:
    machine.write("user", _index(INDEX, namespaces="'acme-*'", trust="private"))
    machine.write("project", _index(INDEX, namespaces="'other'"))
    policy = machine.load().policy
    assert [index.trust for index in policy.indexes] == ["private", "private"]


@BY_PAIR
def test_one_namespace_for_two_indexes_is_a_contradiction(
    machine: Machine, upper: LayerName, lower: LayerName
) -> None:
    if "project" in (upper, lower):
        both = (f'[[index]]\nurl = "{url}"' for url in (INDEX, "https://b.example/"))
        machine.write("org" if upper == "user" else "user", *both)
    extra = machine.state(upper, _index(INDEX, namespaces="'acme-*'"))
    extra += machine.state(lower, _index("https://b.example/", namespaces="'x', 'ACME_*'"))
    message = machine.error(extra=extra)
    assert "index[0].namespaces: 'acme-*' belongs to 'https://a.example/simple/', set by " in message


def test_a_project_may_not_send_names_to_an_index_of_its_own(machine: Machine) -> None:
    """A repository could otherwise have requests come from its own index, and be believed."""
    machine.write("project", _index("https://b.example/", namespaces="'requests'"))
    assert machine.error().startswith(
        "trustguard.toml:1: index[0].namespaces: a project may claim names only"
    )


def test_a_projects_claim_takes_no_name_from_any_other_layer(machine: Machine) -> None:
    machine.write("user", _index("https://b.example/"))
    machine.write("project", _index("https://b.example/", namespaces="'*'"))
    machine.write("environment", _index(INDEX, namespaces="'acme-*'"))
    policy = machine.load().policy
    pinned = policy.pinned_index(canonicalize_name("acme-core"))
    assert pinned is not None
    assert pinned.url == INDEX


def test_an_upper_layers_claim_comes_before_a_lower_ones(machine: Machine) -> None:
    """The user adds to org's index a glob that also fits a name org has pinned elsewhere."""
    machine.write("org", "[[index]]", f'url = "{INDEX}"', "[[index]]", 'url = "https://b.example/"',
                  'namespaces = ["acme-core"]')  # fmt: skip
    machine.write("user", _index(INDEX, namespaces="'acme-*'"))
    pinned = machine.load().policy.pinned_index(canonicalize_name("acme-core"))
    assert pinned is not None
    assert pinned.url == "https://b.example/"
