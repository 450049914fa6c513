"""Every key: what it takes, and the place and the words with which it refuses the rest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from packaging.specifiers import SpecifierSet

from tests.config.conftest import CHECKS, Machine
from trustguard.config.document import Document, Node, spell
from trustguard.config.lines import locate
from trustguard.config.values import duration, size
from trustguard.model.errors import ConfigError
from trustguard.model.policy import Action, Allow, CheckPolicy, Deny, IndexPolicy, Selector

DIGEST = "0123456789abcdef" * 4
INDEX = "https://packages.acme.example/simple/"

ORGANISATION = f"""\
schema = 1
profile = "strict"
unknown = "block"
message = "Exceptions: #supply-chain"
user-exceptions = "ask"
on-unavailable = {{ advisories = "warn", index = "block", forge = "ignore" }}

[[index]]
url = "{INDEX}"
namespaces = ["acme-*", "Acme_Core"]
trust = "private"

[checks.release-age]
action = "withhold"
cooldown = "7 days"
exempt = ["acme-*"]

[[allow]]
project = "Left_Pad"
version = "==1.2"
sha256 = ["{DIGEST.upper()}"]
index = "{INDEX}"
checks = ["vulnerability", "known-malicious"]
reason = "our own name"
expires = 2027-06-30
by = "Kim"

[[deny]]
project = "evil-*"
reason = "incident 42"

[sources]
advisories = "https://mirror.example/osv/all.zip"
popular = "http://127.0.0.1:8080/popular.csv"
dependents = "https://deps.example/v3alpha"
max-age = "12 h"
deadline = "1.5 min"

[state]
artifact-store-limit = "2 GiB"
"""


def test_every_key_of_the_format_reaches_the_policy(machine: Machine) -> None:
    machine.write("org", ORGANISATION)
    loaded = machine.load()
    policy = loaded.policy
    assert (policy.profile, policy.unknown) == ("strict", "block")
    assert policy.message == "Exceptions: #supply-chain"
    assert policy.on_unavailable == {
        "advisories": "warn",
        "index": "block",
        "upload-times": "warn",
        "artifact": "block",
        "provenance": "warn",
        "project-api": "warn",
        "dependents": "ignore",
        "forge": "ignore",
    }
    assert policy.indexes == (IndexPolicy(INDEX, ("acme-*", "acme-core"), "private"),)
    assert policy.checks == {
        "release-age": CheckPolicy(Action.WITHHOLD, ("acme-*",), {"cooldown": timedelta(days=7)})
    }
    selector = Selector("left-pad", SpecifierSet("==1.2"), (DIGEST,), INDEX)  # type: ignore[arg-type]
    excused = ("vulnerability", "known-malicious")
    assert policy.allow == (Allow(selector, "our own name", excused, date(2027, 6, 30), "org: Kim"),)
    assert policy.deny == (Deny(Selector("evil-*"), "incident 42"),)
    assert loaded.advisories_url == "https://mirror.example/osv/all.zip"
    assert loaded.popular_url == "http://127.0.0.1:8080/popular.csv"
    assert loaded.dependents_url == "https://deps.example/v3alpha"
    assert (loaded.max_age, loaded.update_deadline) == (timedelta(hours=12), timedelta(seconds=90))
    assert loaded.artifact_store_limit == 2 * 1024**3


def test_a_check_gets_its_settings_in_its_own_types(machine: Machine) -> None:
    machine.write(
        "user",
        "[checks.sample]",
        'longest = "90 s"',
        "least-count = 4",
        "ratio = 1",
        "thorough = true",
        'refused = ["x"]',
        "accepted = []",
        'label = "other"',
    )
    settings = CHECKS["sample"].settings(machine.load().policy.check("sample").settings)
    assert settings.longest == timedelta(seconds=90)
    assert (settings.least_count, settings.ratio, settings.thorough) == (4, 1.0, True)
    assert (settings.refused, settings.accepted, settings.label) == (("x",), (), "other")


BAD = [
    # general
    ("schema = 2", "1: schema: 2 is not a version that is known here: 1"),
    ("schema = true", "1: schema: true is not a whole number"),
    ('profile = "lax"', "1: profile: 'lax' is not one of relaxed, balanced, strict"),
    ("profile = { a = 1 }", "1: profile: a table is not one of relaxed, balanced, strict"),
    ("profile = 3", "1: profile: 3 is not one of relaxed, balanced, strict"),
    ('unknown = "deny"', "1: unknown: 'deny' is not one of allow, ask, block"),
    ('message = ""', "1: message: '' is not a line of text"),
    ('message = "a\\u001b[2J"', "1: message: 'a\\x1b[2J' is not a line of text"),
    (f'message = "{"m" * 501}"', "1: message: longer than 500 characters"),
    ('user-exceptions = "maybe"', "1: user-exceptions: 'maybe' is not one of yes, ask, no"),
    # on-unavailable
    ('on-unavailable = "warn"', "1: on-unavailable: 'warn' is not a table"),
    (
        '[on-unavailable]\n\nindex = "off"',
        "3: on-unavailable.index: 'off' is not one of ignore, warn, ask, block",
    ),
    ('on-unavailable = { indx = "warn" }', "1: on-unavailable.indx: unknown key"),
    # index
    ("index = 1", "1: index: 1 is not an array of tables"),
    ("index = [1]", "1: index[0]: 1 is not a table"),
    ('[[index]]\ntrust = "private"', "1: index[0].url: is missing"),
    (
        '[[index]]\nurl = "ftp://a.example/"',
        "2: index[0].url: 'ftp://a.example/' is not an address with https, http or file",
    ),
    (
        '[[index]]\nurl = "https:///simple"',
        "2: index[0].url: 'https:///simple' is not an address with https, http or file",
    ),
    (
        '[[index]]\nurl = "https://a.example:x/"',
        "2: index[0].url: 'https://a.example:x/' is not an address with https, http or file",
    ),
    (
        '[[index]]\nurl = "https://me:secret@a.example/"',
        "2: index[0].url: an address must not hold credentials",
    ),
    (
        f'[[index]]\nurl = "{INDEX}"\ntrust = "full"',
        "3: index[0].trust: 'full' is not one of private, public",
    ),
    (f'[[index]]\nurl = "{INDEX}"\nnamespaces = "a"', "3: index[0].namespaces: 'a' is not an array"),
    (
        f'[[index]]\nurl = "{INDEX}"\nnamespaces = ["a b"]',
        "3: index[0].namespaces[0]: 'a b' is not a project's name or glob, such as 'acme-*'",
    ),
    (f'[[index]]\nurl = "{INDEX}"\nnames = []', "3: index[0].names: unknown key"),
    # checks
    ("checks = []", "1: checks: [] is not a table"),
    ("[checks.release-ages]", "1: checks.release-ages: unknown key"),
    ("checks.release-age = 3", "1: checks.release-age: 3 is not a table"),
    (
        '[checks.release-age]\naction = "deny"',
        "2: checks.release-age.action: 'deny' is not one of off, warn, ask, withhold, block",
    ),
    (
        '[checks.release-age]\ncooldown = "soon"',
        "2: checks.release-age.cooldown: 'soon' is not a duration, such as '3 days'",
    ),
    (
        "checks.release-age.cooldown = 3",
        "1: checks.release-age.cooldown: 3 is not a duration, such as '3 days'",
    ),
    ("[checks.release-age]\nexempt = [1]", "2: checks.release-age.exempt[0]: 1 is not a line of text"),
    ("[checks.sample]\nthorough = 1", "2: checks.sample.thorough: 1 is not true or false"),
    ("[checks.sample]\nleast-count = 1.5", "2: checks.sample.least-count: 1.5 is not a whole number"),
    ("[checks.sample]\nratio = inf", "2: checks.sample.ratio: inf is not a number"),
    ("[checks.sample]\nleast_count = 4", "2: checks.sample.least_count: unknown key"),
    ("[checks.sample]\nleast-count = -1", "2: checks.sample.least-count: -1 is less than nothing"),
    ("[checks.clone]\nalike = 1.1", "2: checks.clone.alike: 1.1 is not from 0 to 1"),
    ("[checks.clone]\nalike = -0.1", "2: checks.clone.alike: -0.1 is not from 0 to 1"),
    (
        '[checks.provenance]\nrequired = ["acme-[a"]',
        "2: checks.provenance.required[0]: 'acme-[a' is not a project's name or glob, such as 'acme-*'",
    ),
    (
        '[checks.provenance]\nusual = ["a", "b>=1"]',
        "2: checks.provenance.usual[1]: 'b>=1' is not a project's name or glob, such as 'acme-*'",
    ),
    # allow and deny
    ('[[deny]]\nproject = "a"', "1: deny[0].reason: is missing"),
    ('[[allow]]\nproject = "a"', "1: allow[0].reason: is missing"),
    ('[[allow]]\nreason = "r"', "1: allow[0].project: is missing"),
    (
        '[[allow]]\nproject = "-a"\nreason = "r"',
        "2: allow[0].project: '-a' is not a project's name or glob, such as 'acme-*'",
    ),
    (
        '[[allow]]\nproject = "a"\nversion = "1.2"\nreason = "r"',
        "3: allow[0].version: '1.2' is not a set of versions, such as '==1.2' or '>=1,<2'",
    ),
    (
        '[[allow]]\nproject = "a"\nsha256 = ["abc"]\nreason = "r"',
        "3: allow[0].sha256[0]: 'abc' is not a SHA-256 digest: 64 hexadecimal digits",
    ),
    (
        '[[deny]]\nproject = "a"\nsha256 = []\nreason = "r"',
        "3: deny[0].sha256: an empty array fits no file",
    ),
    (
        '[[allow]]\nproject = "a"\nreason = "r"\nexpires = "2027-06-30"',
        "4: allow[0].expires: '2027-06-30' is not a date, such as 2027-06-30",
    ),
    (
        '[[allow]]\nproject = "a"\nreason = "r"\nexpires = 2027-06-30T00:00:00',
        "4: allow[0].expires: 2027-06-30 00:00:00 is not a date, such as 2027-06-30",
    ),
    (
        '[[allow]]\nproject = "a"\nreason = "r"\nchecks = []',
        "4: allow[0].checks: an empty array excuses nothing",
    ),
    ('[[deny]]\nproject = "a"\nreason = "r"\nexpires = 2027-06-30', "4: deny[0].expires: unknown key"),
    ('[[deny]]\nproject = "a"\nreason = "r"\n[[deny]]\nproject = "b"', "4: deny[1].reason: is missing"),
    # sources and state
    (
        '[sources]\nadvisories = "http://mirror.example/all.zip"',
        "2: sources.advisories: 'http://mirror.example/all.zip' is not an address with https or file",
    ),
    (
        '[sources]\nadvisories = "file://localhost/all.zip"',
        "2: sources.advisories: 'file://localhost/all.zip' is not an address with https or file",
    ),
    *(
        (
            f"[sources]\nforges = [{value!r}]",
            f"2: sources.forges[0]: {value!r} is not a host, such as 'github.com'",
        )
        for value in ("https://github.com", "github.com/", "ana@github.com", "git hub.com", "github.com:x")
    ),
    (
        '[sources]\ndependents = "file:///counts"',
        "2: sources.dependents: 'file:///counts' is not an address with https",
    ),
    ('[sources]\nmax-age = "daily"', "2: sources.max-age: 'daily' is not a duration, such as '3 days'"),
    (
        '[state]\nartifact-store-limit = "10 G"',
        "2: state.artifact-store-limit: '10 G' is not a size, such as '10 GB'",
    ),
    # not anybody's
    ('"a\\u001bb" = 1', "1: 'a\\x1bb': unknown key"),
]


@pytest.mark.parametrize(("content", "expected"), BAD, ids=[expected.split(" is ")[0] for _, expected in BAD])
def test_a_bad_value_is_named_with_file_line_and_key(machine: Machine, content: str, expected: str) -> None:
    machine.write("org", content)
    assert machine.error() == f"{machine.paths.org}:{expected}"


def test_an_unknown_check_in_a_setting_is_named(machine: Machine) -> None:
    machine.write("org", 'checks.typosquatting.worse-with = ["clon"]')
    place = f"{machine.paths.org}:1: checks.typosquatting.worse-with[0]"
    assert machine.error().startswith(f"{place}: 'clon' is not one of artifact-integrity, clone, ")


def test_an_unknown_check_in_an_exception_is_named(machine: Machine) -> None:
    machine.write("org", "[[allow]]", 'project = "a"', 'reason = "r"', 'checks = ["denied"]')
    assert machine.error().startswith(f"{machine.paths.org}:4: allow[0].checks[0]: 'denied' is not one of ")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ('profil = "strict"', "did you mean 'profile'?"),
        ('[checks.release-age]\ncooldwon = "3 days"', "did you mean 'cooldown'?"),
        ("[checks.vulnerabilities]", "did you mean 'vulnerability'?"),
        ("[state]\nxyz = 1", "known here: artifact-store-limit"),
    ],
)
def test_an_unknown_key_comes_with_the_nearest_known_one(machine: Machine, content: str, hint: str) -> None:
    machine.write("user", content)
    assert machine.failure().hint == hint


def test_a_secret_in_an_address_is_not_repeated(machine: Machine) -> None:
    machine.write("user", "[[index]]", 'url = "ftp://me:hunter2@a.example/"')
    assert "hunter2" not in str(machine.failure())


def test_an_index_may_be_a_folder(machine: Machine) -> None:
    machine.write("user", "[[index]]", 'url = "file:///srv/simple"')
    assert machine.load().policy.indexes == (IndexPolicy("file:///srv/simple"),)


def test_two_tables_for_one_index_in_a_file_contradict_each_other(machine: Machine) -> None:
    machine.write("user", "[[index]]", f'url = "{INDEX}"', "[[index]]", f'url = "{INDEX.rstrip("/")}"')
    assert (
        machine.error() == f"{machine.paths.user}:4: index[1].url: a second table for '{INDEX.rstrip('/')}'"
    )


def test_a_file_that_allows_and_denies_the_same_contradicts_itself(machine: Machine) -> None:
    entry = ('project = "A.b"', 'version = "<2"', 'reason = "r"')
    machine.write("user", "[[deny]]", *entry, "[[allow]]", *entry[1:], 'project = "a-b"')
    path = machine.paths.user
    assert machine.error() == f"{path}:5: allow[0]: allows what deny[0] denies ({path}:1)"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'profile = "strict"\nunknown = \n', "2: not valid TOML: Invalid value"),
        (b"a = 1\na = 2\n", "2: not valid TOML: Cannot overwrite a value"),
        (b"\n\nmessage = '''", "3: not valid TOML: "),
        (b"# caf\xc3\xa9\nmessage = 'caf\xe9'\n", "2: not valid TOML: not UTF-8"),
        (b"\xef\xbb\xbfprofile = 'strict'\n", "1: not valid TOML: it begins with a byte order mark (BOM)"),
        ("profile = 'strict'\n".encode("utf-16"), "1: not valid TOML: it is UTF-16, and TOML is UTF-8"),
        (b"a = " + b"[" * 100_000, " not valid TOML: nested too deeply"),
    ],
)
def test_what_is_not_toml_is_named_with_its_line(machine: Machine, content: bytes, expected: str) -> None:
    machine.write("user").write_bytes(content)
    assert machine.error().startswith(f"{machine.paths.user}:{expected}")


def test_lines_are_counted_alike_with_either_line_end(machine: Machine) -> None:
    machine.write("user").write_bytes(b'profile = "strict"\r\n\r\nunknown = """\r\nx"""\r\n')
    assert machine.error().startswith(f"{machine.paths.user}:3: unknown: ")


def _node(value: object) -> Node:
    return Node(Document("user", "f", {}, locate("")), ("k",), value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30),
        ("30s", 30),
        ("1 second", 1),
        ("2 min", 120),
        ("1 minute", 60),
        ("1.5 h", 5400),
        ("2 hours", 7200),
        ("3 days", 259_200),
        ("1 d", 86_400),
        ("1 day", 86_400),
        ("2 weeks", 1_209_600),
        ("1 w", 604_800),
        ("0 s", 0),
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, seconds: int) -> None:
    assert duration(_node(text)) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "3", "days", "-1 day", "1 month", "1  day", "1,5 h", "٣ days", "999999999999 weeks"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a duration"):
        duration(_node(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0 B", 0),
        ("512B", 512),
        ("10 GB", 10_000_000_000),
        ("1.5 kB", 1500),
        ("1 KiB", 1024),
        ("1 TiB", 1_099_511_627_776),
    ],
)
def test_a_size_is_a_number_and_its_unit(text: str, count: int) -> None:
    assert size(_node(text)) == count


@pytest.mark.parametrize("text", ["10", "10 gb", "-1 GB", "1e3 B"])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a size"):
        size(_node(text))


@pytest.mark.parametrize("text", ["3 days", "1 day", "36 h", "90 min", "90 s", "0.5 s", "0 s"])
def test_a_span_is_spelled_as_a_file_would_have_it(text: str) -> None:
    assert spell(duration(_node(text))) == text
