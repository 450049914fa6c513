"""How likely a slip of the hand, or of the eye, leads from one name to another."""

from __future__ import annotations

_ROWS = ("1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALIKE = (
    "0o",
    "1li",
    "5s",
    "3e",
    "4a",
    "8b",
    "2z",
    "6b",
    "9g",
    "uv",
    "nm",
    "vw",
    "ij",
    "ck",
    "iy",
    "ae",
    "ei",
    "sz",
    "xk",
    "ou",
    "ao",
)
NEXT_KEY, ALIKE, SWAP, REPEAT, ANY = 0.7, 0.5, 0.6, 0.4, 1.0
"""What a slip costs: a neighbouring key, a character that looks or sounds alike, two neighbours swapped, a
character twice or once, anything else."""


def _near() -> dict[tuple[str, str], float]:
    pairs: dict[tuple[str, str], float] = {}
    for y, row in enumerate(_ROWS):
        for x, key in enumerate(row):
            for dy, dx in ((0, 1), (1, -1), (1, 0)):
                other = _ROWS[y + dy][x + dx : x + dx + 1] if y + dy < len(_ROWS) and x + dx >= 0 else ""
                if other:
                    pairs[key, other] = pairs[other, key] = NEXT_KEY
    for group in _ALIKE:
        one = group[0]
        for other in group[1:]:
            pairs[one, other] = pairs[other, one] = ALIKE
    return pairs


_NEAR = _near()


def trimmed(one: str, other: str) -> tuple[int, str, str]:
    """The length of what both begin with, and what is left of them without that and their common end."""
    start, most = 0, min(len(one), len(other))
    while start < most and one[start] == other[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, one[start : len(one) - end], other[start : len(other) - end]


def cost(name: str, target: str) -> float:
    """The least sum of slips between two names (weighted optimal string alignment)."""
    start, left, right = trimmed(name, target)
    before = target[start - 1] if start else ""
    rows = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            if i or j:
                rows[i][j] = _cell(rows, i, j, left, right, before)
    return rows[-1][-1]


def _cell(  # noqa: PLR0913 - one cell of the table, and all that it depends on
    rows: list[list[float]], i: int, j: int, left: str, right: str, before: str
) -> float:
    choices = []
    if i:
        choices.append(rows[i - 1][j] + _alone(left, i - 1, before))
    if j:
        choices.append(rows[i][j - 1] + _alone(right, j - 1, before))
    if i and j:
        a, b = left[i - 1], right[j - 1]
        choices.append(rows[i - 1][j - 1] + (0.0 if a == b else _NEAR.get((a, b), ANY)))
        if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
            choices.append(rows[i - 2][j - 2] + SWAP)
    return min(choices)


def _alone(text: str, at: int, before: str) -> float:
    """What a character too many costs: less where it repeats the one before it."""
    return REPEAT if text[at] == (text[at - 1] if at else before) else ANY
