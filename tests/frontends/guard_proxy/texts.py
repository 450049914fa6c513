"""Archives that look like a text."""

from __future__ import annotations

from collections.abc import Mapping

BLOCK = 512


def text_tar(files: Mapping[str, str]) -> bytes:
    """A tar (POSIX.1-1988) without a zero byte: its fields end with spaces, and are full where they may be.

    Args:
        files: texts by name; a name has an even number of letters, so that ``./`` fills its field.
    """
    return b"".join(_header(name, _filled(text)) + _filled(text) for name, text in files.items())


def _filled(text: str) -> bytes:
    content = text.encode()
    return content + b"\n" * (-len(content) % BLOCK)


def _header(name: str, content: bytes) -> bytes:
    long = "./" * ((100 - len(name)) // 2) + name
    fields = (_octal(0o644, 8), _octal(0, 8), _octal(0, 8), _octal(len(content), 12), _octal(0, 12))
    rest = b"0" + b" " * 100 + b"ustar  " + b" " + b"a" * 64 + _octal(0, 8) * 2 + b" " * 167
    header = long.encode() + b"".join(fields) + b" " * 8 + rest
    total = sum(header)
    return header[:148] + f"{total:06o}  ".encode() + header[156:]


def _octal(number: int, width: int) -> bytes:
    return f"{number:0{width - 1}o} ".encode()
