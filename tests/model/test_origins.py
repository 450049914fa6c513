"""A project is traced back to the requirement that leads to it."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.evidence import CoreMetadata
from trustguard.model.origins import Asked, Origin, Place, Wanted, applies


def name(text: str) -> NormalizedName:
    return canonicalize_name(text)


def needing(*requirements: str, extras: tuple[str, ...] = ()) -> CoreMetadata:
    return CoreMetadata("some", "1", requirements, provides_extra=extras)


def wanted(*places: Place, **described: CoreMetadata) -> Wanted:
    markers = {"python_version": "3.11"}
    return Asked(places, markers).wanted({name(one): metadata for one, metadata in described.items()})


FLASK = Place(name("flask"), "/src/requirements.txt", 3)
CELERY = Place(name("celery"), "/src/requirements.txt", 4)
TYPED = Place(name("demo"), text="demo<2")


def test_what_was_asked_for_by_its_name_is_found_where_its_name_stands() -> None:
    assert wanted(FLASK, CELERY).origins(name("celery")) == (Origin(CELERY),)


def test_a_dependency_is_found_at_the_requirement_that_leads_to_it() -> None:
    found = wanted(CELERY, FLASK, flask=needing("Jinja2>=3"), jinja2=needing("MarkupSafe")).origins(
        name("markupsafe")
    )
    assert found == (Origin(FLASK, (name("flask"), name("jinja2"))),)


def test_the_shortest_way_comes_first_and_every_requirement_that_leads_there_is_told() -> None:
    chain = {"flask": needing("click"), "celery": needing("kombu"), "kombu": needing("click")}
    click = Place(name("click"), "/src/more.txt", 9)
    assert wanted(CELERY, FLASK, click, **chain).origins(name("click")) == (
        Origin(click),
        Origin(FLASK, (name("flask"),)),
        Origin(CELERY, (name("celery"), name("kombu"))),
    )


def test_projects_that_need_each_other_are_no_endless_way() -> None:
    chain = {"flask": needing("one"), "one": needing("other"), "other": needing("one")}
    assert wanted(FLASK, **chain).origins(name("other")) == (Origin(FLASK, (name("flask"), name("one"))),)


def test_where_nobody_knows_who_needs_it_every_file_and_every_argument_may() -> None:
    assert wanted(FLASK, CELERY, TYPED).origins(name("setuptools")) == (
        Origin(Place(None, "/src/requirements.txt"), known=False),
        Origin(Place(None, text="demo<2"), known=False),
    )


def test_where_nobody_knows_it_what_has_no_name_before_it_is_fetched_is_the_first_guess() -> None:
    archive = Place(None, "/src/requirements.txt", 7)
    assert wanted(FLASK, archive, TYPED).origins(name("setuptools")) == (
        Origin(Place(None, "/src/requirements.txt"), known=False),
    )


def test_nothing_asked_for_leads_nowhere() -> None:
    assert wanted().origins(name("demo")) == ()


@pytest.mark.parametrize(
    ("requirement", "leads"),
    [
        ("demo", True),
        ("demo; python_version < '3'", False),
        ("demo; python_version < '4'", True),
        ("demo; extra == 'fast'", True),
        ("demo; extra == 'unknown'", False),
        ("demo; platform_version ~= 'no version'", True),
        ("not a requirement!", False),
    ],
)
def test_a_dependency_counts_where_its_marker_may_hold(requirement: str, leads: Any) -> None:
    metadata = needing(requirement, extras=("fast",))
    found = wanted(FLASK, flask=metadata).origins(name("demo"))
    assert [origin.known for origin in found] == [leads]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("idna==3.6", True),
        ("idna==2.0 ; python_version < '3'", False),
        ("idna==3.6 ; python_version >= '3'", True),
        ("idna ; extra == 'x'", False),
        ("idna ; python_version ~= 'x'", True),
        ("./folder ; python_version < '3'", True),
    ],
)
def test_a_requirement_for_another_target_is_told_from_those_for_this_one(text: str, expected: bool) -> None:
    assert applies(text, {"python_version": "3.11"}) is expected
