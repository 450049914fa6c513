"""What is inside a distribution file, as far as it decides what an installation does beyond adding modules.

Bounded: never a list of all paths. What is left out is counted, and of each kind of fault something is kept,
so that no number of small faults can hide a large one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final, Literal

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.record import record

FaultKind = Literal[
    "unsound",
    "dist-info",
    "foreign-metadata",
    "wheel-file",
    "tags",
    "record",
    "record-digest",
    "record-weak",
    "record-unlisted",
    "record-missing",
    "record-outside",
    "record-quirk",
    "data-scheme",
    "two-for-one",
    "entry-points",
    "no-command",
    "bytecode",
    "escape",
    "crowded",
]
"""What can be wrong; what each means for whoever installs it stands in ``checks/artifact_integrity.py``."""

StartUpKind = Literal[
    "pth", "path", "start", "sitecustomize", "usercustomize", "config", "activate", "build", "pytest"
]


@record
class Fault:
    """Something that is not as the specifications have it.

    Args:
        kind: what.
        detail: the end of a sentence that begins with the file's name; paths in it are quoted, in ASCII.
    """

    kind: FaultKind
    detail: str


@record
class StartUp:
    """Something that runs, or changes what is imported, without being imported by anybody.

    Args:
        kind: ``pth``: lines of a ``.pth`` that are executed; ``path``: lines of one that lead elsewhere than
            to the wheel's own folders in site-packages; ``start``: callables of a ``.start`` file (PEP 829);
            ``sitecustomize`` and ``usercustomize``: modules that ``site`` imports; ``config``: a file that
            another interpreter, such as IPython, executes; ``activate``: one that a shell executes when the
            environment is activated; ``build`` and ``pytest``: plug-ins of a build tool and of pytest.
        name: the path of the file, or the group of the entry points.
        code: what is executed, as far as it is kept; of a compiled file, nothing.
        whole: whether nothing was cut off from the code.
    """

    kind: StartUpKind
    name: str
    code: str
    whole: bool = True


PLUG_INS: Final = ("build", "pytest")
"""The kinds that do not run whenever an interpreter starts, but only with another tool."""


@record
class StartUpBefore:
    """What ran without being imported in an earlier release of the same project.

    Args:
        version: of that release.
        start_up: what ran; nothing, where nothing did.
    """

    version: Version
    start_up: tuple[StartUp, ...]


@record
class Overlap:
    """A file in a place that another distribution's file has, or imported in the place of that.

    Args:
        path: below site-packages; what lies beside that, such as a command, begins with ``../``.
        project: whose it is.
        same: whether both have the same content, or both only make a namespace package.
    """

    path: str
    project: NormalizedName
    same: bool


Laid = Mapping[str, str]
"""What a wheel puts into an environment: by its path below site-packages, or ``../bin/NAME`` and the like,
the digest as RECORD has it (``sha256=…``), perhaps empty."""
Owned = tuple[NormalizedName, str]
"""Whose a file is, and with which digest."""
_CODE = (".py", ".pyc", ".so", ".pyd")


@record
class Occupied:
    """Whose the files of an environment are.

    Args:
        files: by path, as :data:`Laid` has them.
        modules: by what they are imported as, with slashes.
        folds: whether paths that differ in case alone are one file there, as on macOS and Windows; then those
            of the files are kept folded.
    """

    files: Mapping[str, Owned] = field(default_factory=dict)
    modules: Mapping[str, Owned] = field(default_factory=dict)
    folds: bool = False

    @classmethod
    def of(cls, rows: Iterable[tuple[NormalizedName, Laid]], *, folds: bool = False) -> Occupied:
        """By projects, the later ones before the earlier ones."""
        owned = [(path, (project, digest)) for project, laid in rows for path, digest in laid.items()]
        spelled = cls(folds=folds).spelled
        # What is imported is told apart by case everywhere (PEP 235).
        modules = {module: owner for path, owner in owned if (module := module_of(path))}
        return cls({spelled(path): owner for path, owner in owned}, modules, folds)

    def spelled(self, path: str) -> str:
        """A path as it is looked for here."""
        return unicodedata.normalize("NFC", path).casefold() if self.folds else path


def module_of(path: str) -> str:
    """What a file is imported as, with slashes; empty where it is not.

    Args:
        path: below site-packages; also of bytecode in ``__pycache__`` (PEP 3147).
    """
    folder, _, file = path.rpartition("/")
    if not file.endswith(_CODE) or path.startswith("../"):
        return ""
    folder = folder.removesuffix("__pycache__").rstrip("/") if file.endswith(".pyc") else folder
    stem = file.partition(".")[0]
    return folder if stem == "__init__" else f"{folder}/{stem}" if folder else stem


@record
class Contents:
    """What is inside.

    Args:
        files: how many there are.
        size: bytes, unpacked.
        compiled: how many of them are machine code, or bytecode without a source.
        faults: what is wrong.
        start_up: what runs without being imported.
        scripts: the commands that would be installed, in order; a thousand at most.
        top_level: the names at the top of site-packages that can be imported; a thousand at most.
        standard_library: which of these are names of the standard library's.
        overlaps: files in the place of another distribution's, different ones first.
    """

    files: int = 0
    size: int = 0
    compiled: int = 0
    faults: tuple[Fault, ...] = ()
    start_up: tuple[StartUp, ...] = ()
    scripts: tuple[str, ...] = ()
    top_level: tuple[str, ...] = ()
    standard_library: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
