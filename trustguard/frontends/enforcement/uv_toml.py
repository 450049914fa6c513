"""How uv is stopped where nobody guards it: a place to find files in that cannot be there.

uv joins the ``find-links`` of all its configuration files, and reads every place before it resolves, locks,
builds or installs anything, whatever is in its cache or in a lock file. Commands that only look need none.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

from trustguard.config.lines import loads, locate
from trustguard.model.errors import ConfigError

UV_MESSAGE = "nothing was installed, type: trustguard run uv"
"""What stands in uv's error."""
STOP_PLACE = f"/dev/null/{UV_MESSAGE}"

_KEY = "find-links"
_ITEM = f'"{STOP_PLACE}", '
_LINE = f'{_KEY} = ["{STOP_PLACE}"]  # trustguard enforce'
_OURS = re.compile(rf"^{re.escape(_LINE)}(?P<made>[^\n]*)\n".encode(), re.MULTILINE)


def is_stopped(data: bytes, file: Path) -> bool:
    """Whether uv is stopped by this configuration.

    Raises:
        ConfigError: uv could not read it.
    """
    return STOP_PLACE in _places(_parsed(data, file), file)


def stopped(data: bytes, file: Path, made: str) -> bytes:
    """The configuration with what stops uv, and nothing else changed.

    Args:
        data: what stands in the configuration file.
        file: which one it is.
        made: a remark, which :func:`started` gives back.

    Raises:
        ConfigError: uv could not read it, or it is written in an unusual way.
    """
    before = _parsed(data, file)
    places = _places(before, file)
    if STOP_PLACE in places:
        return data
    text = data.decode("utf-8-sig")
    new = _with_item(text) if _KEY in before else f"{_LINE}{made}\n{text}"
    try:
        after = loads(new)
    except ValueError:
        after = {}
    if after != {**before, _KEY: [STOP_PLACE, *places]}:
        raise ConfigError(f"{file} is written in a way that trustguard does not know how to add to")
    return _mark(data) + new.encode()


def started(data: bytes, file: Path) -> tuple[bytes, str]:
    """The configuration without what stops uv, and the remark that :func:`stopped` was given.

    Raises:
        ConfigError: it was changed by somebody else, and uv is still stopped.
    """
    rest = data.removeprefix(BOM_UTF8)
    made = "".join(match["made"].decode() for match in _OURS.finditer(rest))
    data = _mark(data) + _OURS.sub(b"", rest).replace(_ITEM.encode(), b"", 1)
    if is_stopped(data, file):
        hint = f'take "{STOP_PLACE}" out of {_KEY}'
        raise ConfigError(f"{file} was changed since, and uv is still stopped by it", hint=hint)
    return data, made


def _with_item(text: str) -> str:
    """Put the place first into the array that is there."""
    line = locate(text)[_KEY,]
    start = sum(len(one) for one in text.split("\n")[: line - 1]) + line - 1
    bracket = re.compile(r"[^=\n]*=[ \t]*\[").match(text, start)
    return text if bracket is None else text[: bracket.end()] + _ITEM + text[bracket.end() :]


def _mark(data: bytes) -> bytes:
    """The byte order mark, which uv skips; nothing where there is none."""
    return BOM_UTF8 if data.startswith(BOM_UTF8) else b""


def _places(document: dict[str, Any], file: Path) -> list[Any]:
    places = document.get(_KEY, [])
    if not isinstance(places, list):
        raise ConfigError(f"{file}: {_KEY} is no array")
    return places


def _parsed(data: bytes, file: Path) -> dict[str, Any]:
    try:
        return loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f"{file} cannot be read by uv: {' '.join(str(error).split())}") from error
