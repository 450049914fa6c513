"""What most of our types are: frozen dataclasses with slots, made without writing and compiling source text.

:func:`dataclasses.dataclass` compiles six methods of each class. With some two hundred classes that took
0.1 s of every run, a quarter of what there is to do before pip can be answered (ADR 0022). Here a class has
the fields, the slots and the ``__match_args__`` that :mod:`dataclasses` gives it, and methods that go through
its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[T], T]:
        """Say nothing at run time."""
        return lambda made: made


T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(kind: type[T]) -> type[T]:
    """Make a class a frozen dataclass with slots.

    What it defines itself stays; :func:`dataclasses.fields` and :func:`dataclasses.replace` know it.
    Instances are equal where they are of the same class and their fields are equal, and hashed by those.

    Args:
        kind: the class, its fields annotated. Of what :func:`dataclasses.field` takes, a field may have
            a default, a ``default_factory``, ``metadata``, and ``repr=False`` where its value is private.

    Returns:
        The class that takes its place.

    Raises:
        TypeError: a field is not part of the constructor or of the comparison.
    """
    made = dataclass(init=False, repr=False, eq=False, slots=True)(kind)
    parts = fields(made)  # type: ignore[arg-type]
    names, shown = tuple(part.name for part in parts), tuple(part.name for part in parts if part.repr)
    if not all(part.init and part.compare and part.hash is None and not part.kw_only for part in parts):
        raise TypeError(f"{kind.__qualname__}: all fields of a record are given, by place too, and compared")
    content = attrgetter(*names) if names else _nothing

    def equal(self: T, other: object) -> bool:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    def digest(self: T) -> int:
        return hash(content(self))

    def told(self: T) -> str:
        values = (f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{self.__class__.__qualname__}({', '.join(values)})"

    methods = {"__init__": _constructor(made, parts), "__eq__": equal, "__hash__": digest, "__repr__": told}
    for name, method in {**methods, "__setattr__": _refuse, "__delattr__": _refuse}.items():
        if name not in kind.__dict__:
            setattr(made, name, method)
    return made


def _constructor(made: type, parts: Sequence[Field[Any]]) -> Callable[..., None]:
    """The ``__init__`` of a record; this is where a page with thousands of files spends its time."""
    names = tuple(part.name for part in parts)
    every, put = frozenset(names), tuple(getattr(made, name).__set__ for name in names)
    defaults = {part.name: part.default for part in parts if part.default is not MISSING}
    in_order = itemgetter(*names) if len(names) > 1 else lambda given: [given[name] for name in names]
    look_over = getattr(made, "__post_init__", None)

    def new(self: object, *args: Any, **named: Any) -> None:  # noqa: ANN401 - the fields' own types
        values: Sequence[object] = args
        if named or len(args) != len(put):
            given = {**defaults, **named, **dict(zip(names, args, strict=False))}
            # By place or by name, each once, and no default that has to be made.
            usual = given.keys() == every and len(args) < len(put) and not (args and named)
            values = in_order(given) if usual else _values(parts, args, named)
        for set_one, value in zip(put, values, strict=True):
            set_one(self, value)
        if look_over is not None:
            look_over(self)

    return new


def _values(parts: Sequence[Field[Any]], args: Sequence[object], named: dict[str, object]) -> list[object]:
    """One value for each field, in their order; ``named`` is used up.

    Raises:
        TypeError: a field has no value, or a value has no field.
    """
    values = list(args)
    for part in parts[len(args) :]:
        if part.name in named:
            values.append(named.pop(part.name))
        elif part.default is not MISSING:
            values.append(part.default)
        elif part.default_factory is not MISSING:
            values.append(part.default_factory())
        else:
            raise TypeError(f"missing argument: {part.name!r}")
    if named or len(values) > len(parts):
        raise TypeError(f"unexpected argument: {', '.join(map(repr, named or values[len(parts) :]))}")
    return values


def _nothing(_: object) -> tuple[()]:
    return ()


def _refuse(self: object, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"{self.__class__.__qualname__} is frozen: {name!r} stays as it is")
