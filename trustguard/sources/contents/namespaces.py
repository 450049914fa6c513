"""``__init__.py`` that only makes a namespace package of an old kind (``pkgutil``, ``pkg_resources``).

Each project that takes part in such a package brings its own, and whichever is installed last stays; so it is
meant to be (https://packaging.python.org/guides/packaging-namespace-packages/). They differ in form alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache

_EXTEND = "extend_path(__path__, __name__)"
_DECLARE = "declare_namespace(__name__)"
_ONE = f"__path__ = __import__('pkgutil').{_EXTEND}"
_TRY = "try:\n    {}\nexcept ImportError:\n    {}"
_FORMS = (
    _ONE,
    f"__import__('pkg_resources').{_DECLARE}",
    _TRY.format(f"__import__('pkg_resources').{_DECLARE}", _ONE),
    *(f"from pkgutil import extend_path{gap}__path__ = {_EXTEND}" for gap in ("\n", "\n\n")),
    *(f"import pkgutil{gap}__path__ = pkgutil.{_EXTEND}" for gap in ("\n", "\n\n")),
    *(f"import pkg_resources{gap}pkg_resources.{_DECLARE}" for gap in ("\n", "\n\n")),
    *(
        _TRY.format(
            f"import pkg_resources{gap}pkg_resources.{_DECLARE}",
            f"import pkgutil{gap}__path__ = pkgutil.{_EXTEND}",
        )
        for gap in ("\n    ", "\n\n    ")
    ),
)
_COMMENT = """\
# A Python "namespace package" http://www.python.org/dev/peps/pep-0382/
# This always goes inside of a namespace package's __init__.py

"""
_BEFORE = ("", _COMMENT)
_BEHIND = ("", "\n", "  # type: ignore\n", "  # noqa\n")


def makes_namespace(digest: str) -> bool:
    """Whether the content with a digest, in the form of RECORD, is known to do nothing else."""
    return digest in _digests()


@cache
def _digests() -> frozenset[str]:
    return frozenset(
        "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        for text in _texts()
    )


def _texts() -> Iterator[str]:
    for form in _FORMS:
        for before in _BEFORE:
            for behind in _BEHIND:
                text = f"{before}{form}{behind}"
                yield from (text, text.replace("'", '"'))
