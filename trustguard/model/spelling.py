"""How far two names are apart by slips of the typing hand, and which popular name may have been meant."""

from __future__ import annotations

from packaging.utils import NormalizedName

from trustguard.model.popular import Popular

_ONE, _TWO = 5, 12
"""From so many characters on, one slip or two are believed to be slips; three never are."""


def slips(one: str, other: str, most: int) -> int | None:
    """The fewest slips that lead from one text to the other (optimal string alignment distance).

    A slip is a character too many, too few, or another, or two neighbours swapped; no part of the text is
    changed twice. The distance is the restricted one of Damerau, CACM 7 (1964), and Wagner and Lowrance,
    JACM 22 (1975).

    Args:
        one: a text.
        other: another one.
        most: more slips than this are of no interest.

    Returns:
        None where there are more than ``most``.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, right in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:  # then the row before holds no less than ``most``, and no swap leads lower
            return None
    return row[-1] if row[-1] <= most else None


def meant(project: NormalizedName, popular: Popular) -> NormalizedName | None:
    """The popular project whose name may have been meant: the one with the fewest slips, then the best rank.

    A wrong suggestion does more harm than none: the longer of both names has at least five characters for one
    slip, and twelve for two. A name that is popular itself was meant.

    Args:
        project: the name that was given.
        popular: what may have been meant.

    Returns:
        None where no name is near enough.
    """
    if popular.rank(project) is not None:
        return None
    characters = set(project)
    found: NormalizedName | None = None
    most = 2
    for name in popular.names:
        longer = max(len(name), len(project))
        allowed = min(most, (longer >= _ONE) + (longer >= _TWO))
        # A slip changes the length by one at most, and the set of characters by two.
        if abs(len(name) - len(project)) > allowed or len(characters ^ set(name)) > 2 * allowed:
            continue
        count = slips(project, name, allowed)
        if count is not None:
            found, most = name, count - 1
            if most == 0:
                break
    return found
