"""A record is what a frozen dataclass with slots is, told by comparing the two."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

import pytest

from trustguard.model.record import record


def _made_by(make: Callable[[type], type]) -> dict[str, Any]:
    """The same classes from one decorator or the other."""

    class Empty:
        pass

    class Part:
        name: str
        size: int = 1
        tags: list[str] = field(default_factory=list)
        LIMIT = 3

    part = make(Part)

    class More(part):  # type: ignore[misc, valid-type]
        size: int = 2
        why: str | None = None

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError("a size below 0")

        def __repr__(self) -> str:
            return f"more of {self.name}"

    class Plain:
        name: str
        size: int = 1
        why: str | None = None

    class Secret:
        user: str
        password: str = field(default="", repr=False)

    made = {kind.__name__: make(kind) for kind in (Empty, Plain, Secret)}
    return {**made, "Part": part, "More": make(More)}


def _frozen(kind: type) -> type:
    return dataclass(frozen=True, slots=True)(kind)


BOTH = pytest.mark.parametrize(
    "kinds", [pytest.param(_made_by(_frozen), id="dataclass"), pytest.param(_made_by(record), id="record")]
)


@BOTH
def test_fields_are_given_by_place_and_by_name_and_have_defaults(kinds: dict[str, Any]) -> None:
    part = kinds["Part"]("a")
    assert (part.name, part.size, part.tags) == ("a", 1, [])
    part = kinds["Part"]("a", 5, tags=["t"])
    assert (part.name, part.size, part.tags) == ("a", 5, ["t"])
    part = kinds["Part"]("a", 5, ["t"])
    assert (part.name, part.size, part.tags) == ("a", 5, ["t"])
    assert kinds["Part"]("a").tags is not kinds["Part"]("a").tags
    more = kinds["More"]("b", why="so")
    assert (more.name, more.size, more.tags, more.why) == ("b", 2, [], "so")


@BOTH
def test_defaults_that_need_not_be_made_stand_in_for_what_is_not_given(kinds: dict[str, Any]) -> None:
    plain = kinds["Plain"]
    given = [plain("a"), plain("a", 1), plain(name="a"), plain("a", size=1), plain(why=None, name="a")]
    assert [(one.name, one.size, one.why) for one in given] == [("a", 1, None)] * len(given)
    assert [getattr(plain("a", 2, why="so"), name) for name in ("name", "size", "why")] == ["a", 2, "so"]


@BOTH
@pytest.mark.parametrize("kind", ["Part", "Plain"])
@pytest.mark.parametrize(
    ("args", "named"),
    [((), {}), ((), {"size": 1}), (("a", 1, [], 2), {}), (("a",), {"name": "b"}), (("a",), {"sise": 1})],
    ids=["none", "the first is missing", "one too many", "twice", "unknown"],
)
def test_what_does_not_fit_the_fields_is_refused(
    kinds: dict[str, Any], kind: str, args: tuple[object, ...], named: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        kinds[kind](*args, **named)


@BOTH
def test_nothing_can_be_changed_added_or_taken_away(kinds: dict[str, Any]) -> None:
    part = kinds["Part"]("a")
    with pytest.raises(FrozenInstanceError):
        part.name = "b"
    with pytest.raises(FrozenInstanceError):
        del part.name
    with pytest.raises((AttributeError, TypeError)):
        part.other = 1
    assert part.name == "a"
    assert not hasattr(part, "__dict__")


@BOTH
def test_it_is_equal_to_its_like_and_to_nothing_else(kinds: dict[str, Any]) -> None:
    assert kinds["Part"]("a", tags=()) == kinds["Part"]("a", 1, ())
    assert hash(kinds["Part"]("a", tags=())) == hash(kinds["Part"]("a", 1, ()))
    assert kinds["Part"]("a") != kinds["Part"]("b")
    assert kinds["Part"]("a", 2) != kinds["More"]("a")
    assert kinds["Part"]("a") != ("a", 1, [])
    assert kinds["Empty"]() == kinds["Empty"]()
    assert len({kinds["Empty"](), kinds["Empty"]()}) == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(kinds["Part"]("a", tags=[]))


@BOTH
def test_it_says_what_it_is_unless_the_class_says_so_itself(kinds: dict[str, Any]) -> None:
    assert repr(kinds["Part"]("a")).endswith("Part(name='a', size=1, tags=[])")
    assert repr(kinds["More"]("a")) == "more of a"
    assert repr(kinds["Empty"]()).endswith("Empty()")
    assert repr(kinds["Secret"]("me", "swordfish")).endswith("Secret(user='me')")


@BOTH
def test_a_class_looks_its_values_over(kinds: dict[str, Any]) -> None:
    assert kinds["More"]("a", 0).size == 0
    with pytest.raises(ValueError, match="below 0"):
        kinds["More"]("a", -1)


ODD = {"init": field(init=False), "compare": field(compare=False), "hash": field(hash=False)}
ODD |= {"kw_only": field(kw_only=True)}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_a_record_would_not_heed_is_no_field_of_one(odd: object) -> None:
    with pytest.raises(TypeError, match="Odd"):
        record(type("Odd", (), {"__qualname__": "Odd", "__annotations__": {"size": int}, "size": odd}))


@BOTH
def test_what_works_with_dataclasses_works_with_it(kinds: dict[str, Any]) -> None:
    assert [part.name for part in dataclasses.fields(kinds["More"])] == ["name", "size", "tags", "why"]
    changed = dataclasses.replace(kinds["Part"]("a", 4), name="b")
    assert (changed.name, changed.size) == ("b", 4)
    match kinds["Part"]("a", 4):
        case object(name=name, size=size):
            assert (name, size) == ("a", 4)
    assert kinds["Part"].__match_args__ == ("name", "size", "tags")
    assert kinds["Part"].LIMIT == 3


def test_no_method_is_compiled_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def noting(text: str, *spaces: dict[str, Any]) -> None:
        compiled.append(text)
        exec(text, *spaces)  # noqa: S102 - what dataclasses would have run

    monkeypatch.setattr(dataclasses, "exec", noting, raising=False)
    _made_by(record)
    assert "self" not in "".join(compiled)
    _made_by(_frozen)
    assert "self" in "".join(compiled)
