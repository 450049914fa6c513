"""What a file is imported as, and whose the places of an environment are."""

from __future__ import annotations

import pytest
from packaging.utils import NormalizedName

from trustguard.model.contents import Occupied, module_of

ONE, OTHER = NormalizedName("one"), NormalizedName("other")


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("a.py", "a"),
        ("a/b.py", "a/b"),
        ("a/__init__.py", "a"),
        ("a/b.cpython-311-x86_64-linux-gnu.so", "a/b"),
        ("a/__init__.abi3.so", "a"),
        ("a.pyd", "a"),
        ("a/b.pyc", "a/b"),
        ("__pycache__/a.cpython-311.pyc", "a"),
        ("a/__pycache__/b.cpython-311.opt-1.pyc", "a/b"),
        ("a/__pycache__/__init__.cpython-311.pyc", "a"),
        ("a.txt", ""),
        ("a/py.typed", ""),
        ("../bin/a.py", ""),
    ],
)
def test_a_file_is_imported_by_its_name_without_what_only_python_reads(path: str, module: str) -> None:
    """PEP 3147 and 488 for bytecode; the suffixes of extension modules are those of ``importlib``."""
    assert module_of(path) == module


def test_the_later_of_two_that_have_the_same_place_owns_it() -> None:
    found = Occupied.of([(ONE, {"a.py": "sha256=x", "a.txt": ""}), (OTHER, {"a.py": "sha256=y"})])
    assert found.files == {"a.py": (OTHER, "sha256=y"), "a.txt": (ONE, "")}
    assert found.modules == {"a": (OTHER, "sha256=y")}
