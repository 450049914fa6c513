"""What lies beside an index is a text, or nobody gets it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from tests.frontends.guard_proxy.texts import BLOCK, text_tar
from trustguard.frontends.guard_proxy.documents import is_text


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("setup.py", "pass")
    return content.getvalue()


TAR = text_tar({"setup.py": "pass"})
_DIFFERENCE = sum(b"other") - sum(b"ustar")
OLD_TAR = TAR.replace(b"ustar", b"other").replace(
    TAR[148:154], f"{int(TAR[148:154], 8) + _DIFFERENCE:06o}".encode()
)
"""One from before there was a magic number."""


def test_the_tar_is_one_and_has_no_zero_byte() -> None:
    """The attack is one."""
    assert tarfile.is_tarfile(io.BytesIO(TAR))
    assert tarfile.is_tarfile(io.BytesIO(OLD_TAR))
    assert b"\0" not in TAR.decode().encode()


@pytest.mark.parametrize(
    "content",
    [
        TAR,
        OLD_TAR,
        TAR[:148] + b"wrong   " + TAR[156:],
        _zip(),
        b"# a text\n" + _zip(),
        gzip.compress(TAR, mtime=0),
        bz2.compress(TAR),
        b"BZh91AY&SY and whatever may follow in UTF-8",
        lzma.compress(TAR),
        lzma.compress(TAR, lzma.FORMAT_ALONE),
        b"PK\x03\x04 with no zero byte",
        b"a\0b",
        b"\xff\xfea\n",
    ],
)
def test_what_may_be_unpacked_is_none(content: bytes) -> None:
    assert not is_text(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"meta": {"api-version": "1.1"}, "projects": [{"name": "a"}]}',
        "<!DOCTYPE html>\r\n<html>\t<body>ä €</body></html>\n",
        "a==1.0\nb==2.0\n",
        "x" * BLOCK * 2,
    ],
)
def test_a_text_is_one(text: str) -> None:
    assert is_text(text.encode())
