"""Evidence by chance, such as there can be, and what makes it worse or less: for the laws of the score.

Most of it is harmless, so that a single bad fact shows. What cannot be is not made: provenance that is known
although the index names no document; a pause before an upload whose time is not known; a popular project
whose name resembles another; popularity, or names that resemble others, on a private index.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, get_args

from packaging.utils import NormalizedName
from packaging.version import Version

from tests.model.samples import (
    AT,
    CLEAN,
    DIGEST,
    FLAW,
    INDEX,
    MALICIOUS,
    METADATA,
    OTHER_DIGEST,
    SOURCE_OF,
    fact_names,
)
from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents, Fault, StartUp, StartUpBefore
from trustguard.model.evidence import (
    NO_COUNTERPART,
    NO_DEPENDENTS,
    NO_OWNERS,
    NO_OWNERS_BEFORE,
    NO_PUBLISHERS,
    NO_RHYTHM,
    NO_TAGS,
    NOTHING_BEFORE,
    Absent,
    Dependents,
    DirectReference,
    Evidence,
    Fact,
    History,
    Known,
    NotApplicable,
    OtherIndex,
    Unavailable,
)
from trustguard.model.lineage import Attested, KnownPublishers, Lineage, Release
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.policy import Allow, Policy, Selector
from trustguard.model.project import IndexId, ProjectStatus
from trustguard.model.provenance import Attestation, Outcome, Provenance, Publisher
from trustguard.model.repository import Repository
from trustguard.model.rhythm import Rhythm

T = TypeVar("T")
Change = Callable[[random.Random, Evidence], "Evidence | None"]
"""Makes evidence better or worse; None where there is nothing to change."""

DAY = timedelta(days=1)
OWN, OTHERS, THEIRS = (Repository("github.com", path) for path in ("eve/demo", "eve/other", "acme/demos"))
FACTS = tuple(sorted(fact_names() & SOURCE_OF.keys()))
DOCUMENT = "https://files.example/demo.provenance"
_NO = NotApplicable("it does not apply")


# Evidence.


def evidence(chance: random.Random) -> Evidence:
    """Some evidence; in some of it nobody could say this or that."""
    trust = "private" if chance.random() < 0.1 else "public"
    times, speaks = chance.random() < 0.85, chance.random() < 0.7
    made = replace(
        CLEAN,
        index=IndexId(INDEX.url, trust),  # type: ignore[arg-type]
        **_of_the_listing(chance, public=trust == "public", times=times),
        **_of_the_bytes(chance),
        **_of_the_source(chance),
    )
    if trust == "public" or speaks:
        made = replace(made, **_attested(chance, made, speaks=speaks, times=times))
    if trust == "public" and chance.random() < 0.2:
        made = replace(made, **_of_a_suspect(chance))
    return lost(made, *(name for name in FACTS if chance.random() < 0.012))


def _of_a_suspect(chance: random.Random) -> dict[str, Any]:
    """Something of one that looks like another project; one part of it makes another worse."""
    claimed = Claims((THEIRS,) if chance.random() < 0.5 else ())
    return {
        "rank": Absent(),
        "lookalike": _some(chance, _hit(chance), 0.8),
        "counterpart": Known(_counterpart(chance)),
        "claims": Known(claimed),
    }


def _of_the_listing(chance: random.Random, *, public: bool, times: bool) -> dict[str, Any]:
    uploaded = AT - chance.choice([0.1, 2, 10, 100, 400]) * DAY
    history = History(
        uploaded - chance.choice([0, 0, 20, 80, 200, 500, 900, 2000]) * DAY, chance.choice([1, 2, 5, 8, 40])
    )
    unknown = Unavailable("upload-times", "no times")
    rank: Fact[int] = _some(chance, chance.choice([7, 900, 2500, 14_000, 30_000]), 0.3)
    alike = Absent() if isinstance(rank, Known) else _some(chance, _hit(chance), 0.2)
    status = _some(chance, ProjectStatus(chance.choice(["active", "archived", "deprecated"])), 0.1)
    return {
        "upload_time": Known(uploaded) if times else unknown if public else _NO,
        "history": Known(history) if times else unknown,
        "rank": rank if public else _NO,
        "rhythm": _some(chance, _rhythm(uploaded, chance.choice([5, 5, 5, 900])), 0.8, NO_RHYTHM),
        "lookalike": alike if public else _NO,
        "status": Known(ProjectStatus("quarantined")) if chance.random() < 0.01 else status,
        "advisories": Known(_few(chance, [FLAW] * 3 + [MALICIOUS])),
        "other_indexes": Known(_few(chance, [_other_index("tracks"), _other_index("unrelated")])),
        "direct": _some(chance, _asked_for(chance), 0.03, _NO),
        "file": replace(CLEAN.file, yanked="" if chance.random() < 0.03 else None),
    }


def _of_the_bytes(chance: random.Random) -> dict[str, Any]:
    python = chance.choice(["", ">=3.10"])
    inside = replace(METADATA, requires_python=python)
    start_up = _few(chance, [_start_up("import demo"), _start_up("exec(b64decode('x'))")])
    build = Build("hatchling.build", in_tree=False, setup_py=False)
    faults = [Fault(kind, "a fault") for kind in ("record-quirk", "tags", "record-weak", "escape")]
    before = StartUpBefore(Version("0.9"), start_up)
    return {
        "sha256": Known(OTHER_DIGEST if chance.random() < 0.01 else DIGEST),
        "metadata": Known(inside),
        "announced_metadata": _some(chance, inside, 0.8, _NO),
        "build": _some(chance, build, 0.15, _NO),
        "build_requires": _some(chance, ("hatchling",), 0.15, _NO),
        "contents": Known(Contents(4, 700, faults=_few(chance, faults), start_up=start_up)),
        "start_up_before": _some(chance, before, 0.5, NOTHING_BEFORE),
    }


def _of_the_source(chance: random.Random) -> dict[str, Any]:
    claimed = tuple(one for one in (OWN, OTHERS, THEIRS) if chance.random() < (0.5 if one is OWN else 0.1))
    people = ("eve",) if chance.random() < 0.5 else ()
    owners = chance.choice([(), ("user eve",), ("user eve", "organization ours"), ("user ann",)])
    tagged = chance.randrange(6)
    return {
        "claims": Known(Claims(claimed, people, "7 - Inactive" if chance.random() < 0.03 else "")),
        "owners_before": _some(chance, _owners_before(chance), 0.2, NO_OWNERS_BEFORE),
        "dependents": _some(chance, _depended_on_by(chance.choice([0, 3, 40, 5000])), 0.3, NO_DEPENDENTS),
        "counterpart": _some(chance, _counterpart(chance), 0.2, NO_COUNTERPART),
        "owners": _some(chance, owners, 0.5, NO_OWNERS),
        "tags": _some(chance, ReleaseTags(chance.choice([OWN, THEIRS]), (), 5, tagged), 0.3, NO_TAGS),
    }


def _attested(chance: random.Random, made: Evidence, *, speaks: bool, times: bool) -> dict[str, Any]:
    """What there is of attestations: all of it hangs together."""
    uploaded = made.upload_time.value if isinstance(made.upload_time, Known) else AT
    before, now = chance.choice(get_args(Attested)), chance.choice(get_args(Attested))
    earlier = tuple(Release(Version(f"0.{n}"), uploaded - n * DAY, before) for n in range(1, 4))
    own = Release(Version("1.0"), uploaded, now)
    lineage = Known(Lineage(own, chance.random() < 0.5, earlier)) if speaks and times else _NO
    if not speaks:
        return {"lineage": lineage, "provenance": Unavailable("provenance", "the index does not say")}
    if chance.random() < 0.4:
        return {"lineage": lineage, "provenance": Absent()}
    signed = Attestation("publish", publisher(chance), uploaded + chance.choice([0, 0, 0, 5]) * DAY)
    since = AT - chance.choice([1, 30, 400]) * DAY
    outcome: Outcome = "verified" if chance.random() < 0.8 else chance.choice(get_args(Outcome))
    origin: Literal["seen", "index"] = chance.choice(["seen", "index"])
    known = KnownPublishers(tuple(publisher(chance) for _ in range(chance.choice([1, 1, 2]))), origin, since)
    return {
        "lineage": lineage,
        "file": replace(made.file, provenance=DOCUMENT),
        "provenance": Known(Provenance(outcome, (signed,))),
        "publishers": _some(chance, known, 0.7, NO_PUBLISHERS),
    }


def publisher(chance: random.Random, repository: Repository | None = None) -> Publisher:
    """Who signs: mostly as the project always did."""
    where = repository or chance.choice([OWN] * 9 + [OTHERS])
    return Publisher(
        "GitHub",
        "https://issuer.example",
        f"https://{where}",
        where,
        repository_id="7" if where is OWN else "8",
        owner_id="1",
        workflow=chance.choice(["release.yml"] * 6 + ["other.yml"]),
        ref=chance.choice(["refs/tags/v1"] * 8 + ["refs/heads/x", "refs/pull/3"]),
        trigger=chance.choice(["push"] * 8 + ["pull_request_target"]),
        visibility=chance.choice(["public"] * 9 + ["private"]),
    )


def _owners_before(chance: random.Random) -> KnownOwners:
    names = chance.choice([("user eve",), ("user eve", "user ann"), ("organization ours",)])
    since = AT - chance.choice([5, 300]) * DAY
    return KnownOwners(tuple(KnownOwner(name, since) for name in names), AT - chance.choice([1, 50]) * DAY)


def _depended_on_by(direct: int) -> Dependents:
    return Dependents(Version("1.0"), direct, direct)


def _rhythm(uploaded: datetime, days: int) -> Rhythm:
    return Rhythm(uploaded - days * DAY, uploaded)


def _counterpart(chance: random.Random) -> Counterpart:
    return Counterpart(
        NormalizedName("demos"),
        _few(chance, [THEIRS, OTHERS], 0.5),
        chance.choice([(), ("user ann",), ("organization ours",)]),
        family=chance.random() < 0.2,
        same_summary=chance.random() < 0.2,
        description=chance.choice([None, 0.1, 0.9]),
        people=chance.choice([(), ("ann",)]),
        fork=chance.random() < 0.1,
    )


def _hit(chance: random.Random) -> NameHit:
    tier = chance.choice(["likely", "suspicious"])
    return NameHit(NormalizedName("demos"), "edit1", tier, 0.5, "one slip of the hand")  # type: ignore[arg-type]


def _other_index(relation: Any) -> OtherIndex:
    return OtherIndex(IndexId("https://other.example/simple/"), relation)


def _asked_for(chance: random.Random) -> DirectReference:
    scheme = chance.choice(["https", "http", "file"])
    return DirectReference(f"{scheme}://e.example/x.whl", "argument", pinned=chance.random() < 0.5)


def _start_up(code: str) -> StartUp:
    return StartUp("pth", "demo.pth", code)


def _some(chance: random.Random, value: T, often: float, otherwise: Any = None) -> Any:
    return Known(value) if chance.random() < often else otherwise or Absent()


def _few(chance: random.Random, values: Iterable[T], often: float = 0.03) -> tuple[T, ...]:
    return tuple(value for value in values if chance.random() < often)


# Less of it.


def lost(made: Evidence, *names: str) -> Evidence:
    """The evidence where nobody could say these facts. What is unavailable already stays so.

    Without the time of the upload there is no pause before it either.
    """
    names = (*names, "rhythm") if "upload_time" in names and "rhythm" in FACTS else names
    gone: dict[str, Any] = {
        name: Unavailable(SOURCE_OF[name], f"no {name}")
        for name in names
        if not isinstance(getattr(made, name), Unavailable)
    }
    return replace(made, **gone)


# Worse.


def _worse_history(chance: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.history, Known):
        return None
    past = made.history.value
    later = past.first_upload + chance.random() * (AT - past.first_upload)
    fewer = chance.randint(min(1, past.releases), past.releases)
    return replace(made, history=Known(History(later, fewer)))


_REBORN = 30 * DAY
"""The default of ``checks.release-age.reborn``; the policies here leave it."""


def _worse_rank(chance: random.Random, made: Evidence) -> Evidence | None:
    # A popular name that has only just begun speaks against a project: there fewer downloads are better.
    past = made.history.value if isinstance(made.history, Known) else None
    if not isinstance(made.rank, Known) or (past is not None and made.at - past.first_upload < _REBORN):
        return None
    return replace(made, rank=Absent() if chance.random() < 0.5 else Known(made.rank.value * 2))


def _worse_publishers(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.publishers, Known):
        return None
    known = made.publishers.value
    return replace(made, publishers=Known(replace(known, since=known.since + (AT - known.since) / 2)))


def _worse_tags(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.tags, Known):
        return None
    return replace(made, tags=Known(replace(made.tags.value, tagged=made.tags.value.tagged // 2)))


def _worse_owners(_: random.Random, made: Evidence) -> Evidence | None:
    """One that is an organisation, and not the counterpart's, is gone; if it was the last, it says so."""
    counterpart = made.counterpart.value.owners if isinstance(made.counterpart, Known) else ()
    compared = isinstance(made.owners_before, Known)
    if not isinstance(made.owners, Known) or compared or set(made.owners.value) & set(counterpart):
        return None
    return replace(made, owners=Known(tuple(one for one in made.owners.value if one.startswith("user"))))


def _worse_dependents(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.dependents, Known):
        return None
    return replace(made, dependents=Known(_depended_on_by(made.dependents.value.direct // 3)))


def _handed_over(_: random.Random, made: Evidence) -> Evidence | None:
    """Somebody owns it who never did, and nobody else; it was uploaded after that."""
    if not isinstance(made.owners, Known) or isinstance(made.owners_before, Unavailable):
        return None
    before = KnownOwners((KnownOwner("user bob", AT - 900 * DAY),), AT - 800 * DAY)
    return replace(made, owners_before=Known(before)) if made.owners.value else None


def _woken(_: random.Random, made: Evidence) -> Evidence | None:
    if isinstance(made.rhythm, Unavailable) or not isinstance(made.upload_time, Known):
        return None
    return replace(made, rhythm=Known(_rhythm(made.upload_time.value, 2000)))


def _inactive(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.claims, Known):
        return None
    return replace(made, claims=Known(replace(made.claims.value, development_status="7 - Inactive")))


def _worse_cosmetics(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.metadata, Known) or not isinstance(made.claims, Known):
        return None
    announced = made.announced_metadata
    if isinstance(announced, Known):
        announced = Known(replace(announced.value, requires_python=""))
    inside = Known(replace(made.metadata.value, requires_python=""))
    claims = Known(replace(made.claims.value, people=()))
    return replace(made, metadata=inside, announced_metadata=announced, claims=claims)


def _worse_claims(_: random.Random, made: Evidence) -> Evidence | None:
    """It claims somebody else's repository instead of its own."""
    if not isinstance(made.claims, Known) or made.claims.value.repositories != (OWN,):
        return None
    return replace(made, claims=Known(replace(made.claims.value, repositories=(THEIRS,))))


def _without_attestations(_: random.Random, made: Evidence) -> Evidence | None:
    """Where an honest file of an honest project was signed as ever, this one is not."""
    found = made.provenance.value if isinstance(made.provenance, Known) else None
    if found is None or not _honest(made, found):
        return None
    file = replace(made.file, provenance=None)
    return replace(made, file=file, provenance=Absent(), publishers=NO_PUBLISHERS)


def _honest(made: Evidence, found: Provenance) -> bool:
    signs = found.publishers
    claims = made.claims.value.repositories if isinstance(made.claims, Known) else ()
    known = made.publishers.value.publishers if isinstance(made.publishers, Known) else signs
    ordinary = all(
        (one.trigger, one.ref, one.visibility) == ("push", "refs/tags/v1", "public") for one in signs
    )
    uploaded = made.upload_time.value if isinstance(made.upload_time, Known) else None
    on_time = all(one.logged_at == uploaded for one in found.attestations)
    told = not isinstance(made.publishers, Unavailable) and not isinstance(made.claims, Unavailable)
    own = bool(signs) and all(one in known for one in signs) and set(claims) <= set(found.repositories)
    return ordinary and on_time and told and own


def _malicious(_: random.Random, made: Evidence) -> Evidence | None:
    return _with(made, "advisories", MALICIOUS)


def _flawed(_: random.Random, made: Evidence) -> Evidence | None:
    return _with(made, "advisories", replace(FLAW, id="PYSEC-2026-9"))


def _clashing(_: random.Random, made: Evidence) -> Evidence | None:
    return _with(made, "other_indexes", _other_index("unrelated"))


def _with(made: Evidence, name: str, value: object) -> Evidence | None:
    fact = getattr(made, name)
    more: dict[str, Any] = {name: Known((*fact.value, value))} if isinstance(fact, Known) else {}
    return replace(made, **more) if more else None


def _yanked(_: random.Random, made: Evidence) -> Evidence:
    return replace(made, file=replace(made.file, yanked="broken"))


def _worse_status(_: random.Random, made: Evidence) -> Evidence | None:
    order = ("active", "archived", "deprecated", "quarantined")
    if isinstance(made.status, Unavailable):
        return None
    now = made.status.value.marker if isinstance(made.status, Known) else "active"
    return replace(made, status=Known(ProjectStatus(order[min(order.index(now) + 1, 3)])))  # type: ignore[arg-type]


def _fresh(_: random.Random, made: Evidence) -> Evidence | None:
    """It was uploaded just now, and so was its release; attestations were logged then."""
    if not isinstance(made.upload_time, Known) or isinstance(made.provenance, Known):
        return None
    lineage = made.lineage
    if isinstance(lineage, Known):
        lineage = Known(replace(lineage.value, own=replace(lineage.value.own, uploaded=AT)))
    return replace(made, upload_time=Known(AT), lineage=lineage)


def _alike(_: random.Random, made: Evidence) -> Evidence | None:
    if isinstance(made.lookalike, Unavailable) or made.index.trust == "private":
        return None
    if isinstance(
        made.rank, Known
    ):  # a popular project's name is nobody's squat, and its rank has a say elsewhere
        return None
    hit = NameHit(NormalizedName("demos"), "edit1", "likely", 0.9, "one slip of the hand")
    return replace(made, lookalike=Known(hit))


def _copied(_: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.counterpart, Known):
        return None
    return replace(made, counterpart=Known(replace(made.counterpart.value, description=1.0, fork=False)))


def _faulty(chance: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.contents, Known):
        return None
    fault = Fault(chance.choice(["record-quirk", "tags", "record-weak", "escape"]), "a fault")
    inside = made.contents.value
    return replace(made, contents=Known(replace(inside, faults=(*inside.faults, fault))))


def _starting(chance: random.Random, made: Evidence) -> Evidence | None:
    if not isinstance(made.contents, Known):
        return None
    one = _start_up(chance.choice(["import demo", "import socket", "exec(b64decode('x'))"]))
    inside = made.contents.value
    return replace(made, contents=Known(replace(inside, start_up=(*inside.start_up, one))))


def _built(_: random.Random, made: Evidence) -> Evidence | None:
    if isinstance(made.build, Unavailable):
        return None
    return replace(made, build=Known(Build("", in_tree=False, setup_py=True)))


def _sent_elsewhere(_: random.Random, made: Evidence) -> Evidence | None:
    if isinstance(made.build_requires, Unavailable):
        return None
    return replace(made, build_requires=Known(("x @ https://e.example/x.zip",)))


def _swapped(_: random.Random, made: Evidence) -> Evidence | None:
    return replace(made, sha256=Known(OTHER_DIGEST)) if isinstance(made.sha256, Known) else None


def _forged(_: random.Random, made: Evidence) -> Evidence | None:
    found = made.provenance.value if isinstance(made.provenance, Known) else None
    return None if found is None else replace(made, provenance=Known(replace(found, outcome="invalid")))


def _earlier(chance: random.Random, made: Evidence) -> Evidence:
    """The same, judged earlier: time is what brings bad things to light."""
    return replace(made, at=made.at - chance.choice([1, 20, 100, 1000]) * DAY)


WORSE: Mapping[str, Change] = {
    "a younger project, or fewer releases": _worse_history,
    "less popular": _worse_rank,
    "its publisher known for less long": _worse_publishers,
    "fewer tags": _worse_tags,
    "no organisation": _worse_owners,
    "less depends on it": _worse_dependents,
    "handed over": _handed_over,
    "woken up": _woken,
    "inactive": _inactive,
    "it says less": _worse_cosmetics,
    "it claims what is not its own": _worse_claims,
    "no attestation": _without_attestations,
    "malicious": _malicious,
    "one more flaw": _flawed,
    "on another index too": _clashing,
    "yanked": _yanked,
    "a worse status": _worse_status,
    "uploaded just now": _fresh,
    "likely a squat": _alike,
    "a copy": _copied,
    "one more fault": _faulty,
    "code at start-up": _starting,
    "to be built": _built,
    "built with a direct reference": _sent_elsewhere,
    "other bytes": _swapped,
    "an attestation that does not verify": _forged,
    "judged earlier": _earlier,
}
"""By what changes: the evidence made worse in that respect. Read backwards, each makes it better."""


# Rules.

POLICIES = (
    *(Policy(),) * 4,
    Policy(profile="strict"),
    Policy(profile="relaxed"),
    Policy(min_score=4.0),
    Policy(on_unavailable=dict.fromkeys(SOURCE_OF.values(), "block")),
    Policy(allow=(Allow(Selector("demo"), "ours", checks=("typosquatting", "clone")),)),
    Policy(allow=(Allow(Selector("demo"), "ours", needs_approval=True),)),
)
"""The default, mostly."""


# In another order.


def shuffled(chance: random.Random, made: Evidence) -> Evidence:
    """The same, with everything that has no order of its own in another one."""
    mixed: dict[str, Any] = {}
    for name in ("advisories", "other_indexes", "owners"):
        fact = getattr(made, name)
        if isinstance(fact, Known):
            mixed[name] = Known(_mixed(chance, fact.value))
    for name, parts in (("contents", ("faults", "start_up")), ("publishers", ("publishers",))):
        fact = getattr(made, name)
        if isinstance(fact, Known):
            again = {part: _mixed(chance, getattr(fact.value, part)) for part in parts}
            mixed[name] = Known(replace(fact.value, **again))
    return replace(made, **mixed)


def _mixed(chance: random.Random, items: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(chance.sample(items, len(items)))
