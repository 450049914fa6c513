"""How much of one project's metadata is another's.

Names are folded away first, since whoever copies a page puts his own name into it. Of two descriptions the
sets of their runs of five words are compared (Jaccard's index, of which MinHash is an estimate: for one pair
the exact number is as cheap; Broder, "On the resemblance and containment of documents", 1997).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from packaging.utils import NormalizedName

from trustguard.model.claims import Counterpart, Statement

_RUN = 5
_FEWEST_RUNS = 30
"""A description with fewer different runs of five words says too little to be called a copy."""
_FEWEST_WORDS = 3
"""A summary with fewer words may be equal by chance."""
_LONGEST = 200_000
"""Characters of a description that are looked at."""
_BEGINNING = 3_000
"""Characters of a description in which a fork says that it is one."""
_NAME = "\u2022"
_URL = re.compile(r"(?:https?://|www\.)\S+")
_BADGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_WORD = re.compile(rf"[^\W_]+|{_NAME}")
_BOILERPLATE = frozenset(
    {
        "a small example package",
        "a sample python project",
        "add a short description here",
        "my package description",
        "python package",
        "the author of this package has not provided a project description",
    }
)


def compared(  # noqa: PLR0913 - two projects, and what others say of them
    own: Statement,
    project: NormalizedName,
    other: Statement,
    target: NormalizedName,
    *,
    owners: Iterable[str] = (),
    family: bool = False,
) -> Counterpart:
    """What a project has in common with a popular one.

    Args:
        own: what the project says of itself.
        project: its name.
        other: what the popular one says.
        target: the popular one's name.
        owners: who may upload that, as the index says.
        family: whether the project's name belongs to its ecosystem.
    """
    names = (project, target)
    summaries = [" ".join(words(text, names)) for text in (own.summary, other.summary)]
    return Counterpart(
        project=target,
        repositories=other.repositories,
        owners=tuple(owners),
        family=family,
        same_summary=summaries[0] == summaries[1] and _says_something(summaries[0]),
        description=similarity(own.description, other.description, names),
        people=tuple(person for person in own.people if person in other.people),
        fork=says_fork(own, target),
    )


def _says_something(summary: str) -> bool:
    return summary.count(" ") + 1 >= _FEWEST_WORDS and summary not in _BOILERPLATE


def words(text: str, names: Iterable[str] = ()) -> list[str]:
    """The words of a text in one form, with a sign in the place of names."""
    folded = _URL.sub(" ", _BADGE.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()))
    for name in sorted(names, key=len, reverse=True):
        spelled = r"[-_. ]?".join(map(re.escape, name.split("-")))
        folded = re.sub(rf"(?<![^\W_]){spelled}(?![^\W_])", _NAME, folded)
    return _WORD.findall(folded)


def similarity(one: str, other: str, names: Iterable[str] = ()) -> float | None:
    """How much of two texts is equal, from 0 to 1; None where one of them says too little."""
    named = tuple(names)
    runs = [_runs(words(text, named)) for text in (one, other)]
    if min(map(len, runs)) < _FEWEST_RUNS:
        return None
    return round(len(runs[0] & runs[1]) / len(runs[0] | runs[1]), 3)


def _runs(sequence: list[str]) -> set[tuple[str, ...]]:
    return {tuple(sequence[at : at + _RUN]) for at in range(len(sequence) - _RUN + 1)}


def says_fork(own: Statement, target: NormalizedName) -> bool:
    """Whether a project says openly that it is a fork of another one."""
    text = " ".join(words(f"{own.summary}\n{own.description[:_BEGINNING]}", [target]))
    said = rf"\b(?:fork(?:ed)?|copy|continuation|rewrite) (?:of|from) (?:\w+ ){{0,4}}{_NAME}"
    return re.search(said, text) is not None or re.search(rf"{_NAME} fork\b", text) is not None
