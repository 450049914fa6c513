"""Start-up code that is known: whose it is, exactly what it is, and what it is there for.

An entry names a project and its exact code, not a project alone: whoever takes over the project and changes
the code is not covered. Code of a fixed shape that can do one harmless thing only is known of everybody.
"""

from __future__ import annotations

import re

from packaging.utils import NormalizedName

from trustguard.model.contents import Contents, StartUp
from trustguard.model.record import record


@record
class Known:
    """Start-up code of a project.

    Args:
        project: whose.
        name: the file.
        code: its executable lines, without space around them.
        why: what it does, as the end of a sentence that begins with the file.
    """

    project: str
    name: str
    code: str
    why: str


_DISTUTILS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, '{}') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim();"
)
_DISTUTILS_WHY = "makes import distutils find setuptools' own copy"
_COVERAGE_WHY = "starts coverage in child processes, where an environment variable asks for it"

KNOWN = (
    *(
        Known("setuptools", "distutils-precedence.pth", _DISTUTILS.format(default), _DISTUTILS_WHY)
        for default in ("local", "stdlib")
    ),
    Known(
        "coverage",
        "a1_coverage.pth",
        "import sys; exec('import os\\n\\n"
        'if os.getenv("COVERAGE_PROCESS_START") or os.getenv("COVERAGE_PROCESS_CONFIG"):\\n'
        ' try:\\n  import coverage\\n except:\\n  pass\\n else:\\n  coverage.process_startup(slug="pth")\')',
        _COVERAGE_WHY,
    ),
    Known(
        "coverage-enable-subprocess",
        "coverage_enable_subprocess.pth",
        "import sys; exec(u'try:\\n    import coverage\\n# coverage throws OSError when $PWD does not exist"
        "\\nexcept (ImportError, OSError):\\n    pass\\nelse:\\n    coverage.process_startup()\\n')",
        _COVERAGE_WHY,
    ),
    Known(
        "pytest-cov",
        "pytest-cov.pth",
        "import os, sys;exec('if \\'COV_CORE_SOURCE\\' in os.environ:\\n try:\\n"
        "  from pytest_cov.embed import init\\n  init()\\n except Exception as exc:\\n  sys.stderr.write(\\n"
        '   "pytest-cov: Failed to setup subprocess coverage. "\\n   "Environ: {0!r} "\\n'
        '   "Exception: {1!r}\\\\n".format(\\n    dict((k, v) for k, v in os.environ.items()'
        " if k.startswith(\\'COV_CORE\\')),\\n    exc\\n   )\\n  )\\n')",
        _COVERAGE_WHY,
    ),
    Known(
        "future-fstrings",
        "aaaaa_future_fstrings.pth",
        "import sys; exec('try:\\n    import future_fstrings\\nexcept ImportError:\\n    pass\\nelse:\\n"
        "    future_fstrings.register()\\n')",
        "lets old Pythons read f-strings",
    ),
    Known(
        "hunter",
        "hunter.pth",
        "import hunter; hunter._embed_via_environment()",
        "starts its tracer, where an environment variable asks for it",
    ),
    Known(
        "pywin32",
        "pywin32.pth",
        "import pywin32_bootstrap",
        "puts the folder of its DLLs where Windows finds them",
    ),
)

_NAME = r"[A-Za-z_][\w.]*"
_IF = r"(?:has_mfs and )?"
_NAMESPACE = re.compile(
    r"import sys, types, os;(?:has_mfs = sys\.version_info > \(3, 5\);)?"
    r"p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], \*\('\w+'(?:, ?'\w+')*,?\)\);"
    rf"(?:importlib = {_IF}__import__\('importlib\.util'\);{_IF}__import__\('importlib\.machinery'\);"
    rf"m = {_IF}sys\.modules\.setdefault\('{_NAME}', importlib\.util\.module_from_spec\("
    rf"importlib\.machinery\.PathFinder\.find_spec\('{_NAME}', \[os\.path\.dirname\(p\)\]\)\)\);"
    r"m = m or |ie = os\.path\.exists\(os\.path\.join\(p, ?'__init__\.py'\)\);m = not ie and )"
    rf"sys\.modules\.setdefault\('{_NAME}', ?types\.ModuleType\('{_NAME}'\)\);"
    r"mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__', ?\[\]\);"
    r"\(p not in mp\) and mp\.append\(p\)"
    rf"(?:;m and setattr\(sys\.modules\['{_NAME}'\], '\w+', m\))?"
)
_EDITABLE = re.compile(
    r"import (__editable___\w+_finder); ?\1\.install\(\)|import _editable_impl_\w+"
    r"|import _\w+_editable(?:_loader)?"
)


def explanation(one: StartUp, project: NormalizedName) -> str:
    """What known start-up code does, as the end of a sentence that begins with its file; empty: not known."""
    if one.kind != "pth" or not one.whole:
        return ""
    code = one.code.strip()
    if all(_NAMESPACE.fullmatch(line.strip()) for line in code.splitlines()):
        return "makes a namespace package of folders of several projects"
    return next(
        (k.why for k in KNOWN if (k.project, k.name, k.code) == (project, one.name, code)),
        "",
    )


def to_compare(contents: Contents, project: NormalizedName) -> tuple[StartUp, ...]:
    """What says more once an earlier release is known: code that is not known, and plug-ins."""
    return tuple(one for one in contents.start_up if not explanation(one, project))


def is_editable_hook(one: StartUp) -> bool:
    """Whether it is what an editable installation leaves in site-packages, by its shape."""
    lines = one.code.strip().splitlines()
    return one.kind == "pth" and bool(lines) and all(_EDITABLE.fullmatch(line.strip()) for line in lines)
