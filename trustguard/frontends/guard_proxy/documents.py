"""What may be handed out unseen because nobody can unpack it: texts."""

from __future__ import annotations

import re
import tarfile

_NOT_IN_TEXTS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
"""Every zip, gzip and LZMA has some of these; xz, Zstandard and compress are no UTF-8."""
_BZIP2 = b"BZh"
_HEADER = tarfile.BLOCKSIZE
_USTAR = slice(257, 262)


def is_text(content: bytes) -> bool:
    """Whether it is UTF-8 without control characters, and no archive that can be written so: tar, and bzip2.

    A tar (POSIX.1-1988, and as it was before) needs no zero byte, and what a bzip2 begins with are letters.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return _NOT_IN_TEXTS.search(text) is None and not content.startswith(_BZIP2) and not _is_tar(content)


def _is_tar(content: bytes) -> bool:
    """Whether a tar's first header is there: by its magic, or by its checksum, which old ones have alone."""
    if content[_USTAR] == b"ustar":
        return True
    try:
        tarfile.TarInfo.frombuf(content[:_HEADER], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
