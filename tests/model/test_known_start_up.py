"""Known start-up code is known by project, file and exact text; namespace packages by their shape."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.contents import Contents, StartUp
from trustguard.model.known_start_up import KNOWN, explanation, is_editable_hook, to_compare

DEMO = NormalizedName("demo")
NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google', 'cloud'));"
    "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault('google.cloud', importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec('google.cloud', [os.path.dirname(p)])));"
    "m = m or sys.modules.setdefault('google.cloud', types.ModuleType('google.cloud'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
    ";m and setattr(sys.modules['google'], 'cloud', m)"
)
"""As setuptools 60 wrote it."""
OF_2019 = (
    "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('paste',));"
    "ie = os.path.exists(os.path.join(p,'__init__.py'));"
    "m = not ie and sys.modules.setdefault('paste', types.ModuleType('paste'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
)
OF_PYTHON_3 = NAMESPACE.replace("has_mfs = sys.version_info > (3, 5);", "").replace("has_mfs and ", "")


def pth(code: str, name: str = "demo.pth", **parts: Any) -> StartUp:
    """A ``.pth`` with code."""
    return StartUp("pth", name, code, **parts)


@pytest.mark.parametrize("code", [NAMESPACE, OF_2019, OF_PYTHON_3, f"{NAMESPACE}\n{NAMESPACE} "])
def test_namespace_packages_are_known_whosever_they_are(code: str) -> None:
    assert "namespace" in explanation(pth(code), DEMO)


@pytest.mark.parametrize(
    "code",
    [
        f"{NAMESPACE};import evil",
        f"{NAMESPACE}\nimport evil",
        NAMESPACE.replace("'cloud', m)", "'cloud', evil())"),
        NAMESPACE.replace("('google', 'cloud')", "('google', evil())"),
        NAMESPACE.replace("module_from_spec", "exec_module"),
        "",
    ],
)
def test_what_does_anything_else_is_no_namespace_package(code: str) -> None:
    assert explanation(pth(code), DEMO) == "" or code == ""


@pytest.mark.parametrize("known", KNOWN)
def test_known_code_is_known_in_its_own_project_and_file_and_whole(known: Any) -> None:
    project = canonicalize_name(known.project)
    assert project == known.project
    assert explanation(pth(f"{known.code} \n", known.name), project) == known.why
    assert explanation(pth(known.code, known.name), DEMO) == ""
    assert explanation(pth(known.code, "other.pth"), project) == ""
    assert explanation(pth(known.code, known.name, whole=False), project) == ""
    assert explanation(StartUp("start", known.name, known.code), project) == ""
    assert explanation(pth(f"{known.code}; import evil", known.name), project) == ""


def test_editable_hooks_are_recognised_by_their_whole_shape() -> None:
    hook = "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()"
    assert is_editable_hook(pth(hook))
    assert not is_editable_hook(pth(hook.replace("_finder.install", "_other.install")))
    assert not is_editable_hook(pth(f"{hook}\nimport evil"))
    assert not is_editable_hook(pth(""))
    assert not is_editable_hook(StartUp("start", "a.start", hook))


def test_what_is_to_compare_is_code_that_is_not_known_and_plug_ins() -> None:
    known = next(one for one in KNOWN if one.project == "setuptools")
    strange, plug_in = pth("import evil"), StartUp("pytest", "pytest11", "a = b")
    contents = Contents(start_up=(pth(known.code, known.name), strange, plug_in))
    assert to_compare(contents, canonicalize_name("setuptools")) == (strange, plug_in)
    assert to_compare(Contents(), DEMO) == ()
