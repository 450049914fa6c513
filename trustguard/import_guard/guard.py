"""Keeps an interpreter from importing what the environment's ledger does not vouch for.

A copy of this file is the package ``_trustguard_import_guard`` in a site-packages folder, started by a line
of a ``.pth`` file beside it. It stands alone: of the standard library it needs what ``site`` has loaded
already.

Python has a *path entry finder* for each folder on ``sys.path``. The guard takes the place of that of the
guarded folder. So it sees each module that is found there, whichever meta path finder asked for it, and is
not asked about anything else: the standard library, the user's own code, the submodules of packages. The
folders of namespace packages, and folders on ``sys.path`` below the guarded one, are looked at likewise.
Elsewhere in the environment, and in what a ``.pth`` file has put on ``sys.path``, everything is let in but
what an unvetted distribution has brought.

What may be imported, ``vetted.tsv`` says, which lies beside the copy and is read at the first import from the
folder. Where the folder or the ledger is another than when it was written, ``survey`` works it out anew, in
memory.
"""

# pathlib is not loaded at start:
# ruff: noqa: PTH100, PTH109, PTH112, PTH113, PTH116, PTH118, PTH120, PTH123

import _imp
import os
import site
import sys
from _frozen_importlib import ModuleSpec, _load  # type: ignore[attr-defined]
from _frozen_importlib_external import (
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
    spec_from_file_location,
)
from zipimport import zipimporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.abc import Loader
    from types import ModuleType

NAME = "_trustguard_import_guard"
PTH = "!trustguard.pth"
"""Sorts before what others are called: ``site`` goes by the names of ``.pth`` files."""
INDEX = "vetted.tsv"
LEDGER = "trustguard-ledger.tsv"
MODES = ("warn", "block")
_HEADER = "trustguard-import-guard\t1"
_GOOD = ("vetted\t\t", "accepted\t\t", "own\t\t")
"""How what is known of a path begins, where it is let in: state, and no intruder."""
_SEARCHES = 8
_folders: "dict[str, Folder]" = {}
"""The guarded folders of this interpreter, by path."""
_outside: "set[str]" = set()
"""What is on ``sys.path`` and is no guarded folder, but is looked at."""
_LIBRARY = os.path.dirname(os.__file__)
_STANDARD = (_LIBRARY, os.path.join(_LIBRARY, "lib-dynload"))


def line_of(mode: str) -> str:
    """The line of the ``.pth`` file: loads the copy beside it, and starts it.

    ``import`` would do as well, and have Python list the whole folder, which takes longer than all the rest.
    The folder's name is in a variable of the function of ``site`` that runs the line.
    """
    load = f"b._load(e.spec_from_file_location({NAME!r}, sitedir + '/{NAME}/__init__.py'))"
    modules = "import sys, _frozen_importlib as b, _frozen_importlib_external as e"
    return f"{modules}; (sys.modules.get({NAME!r}) or {load}).start({mode!r}, sitedir)"


def start(mode: str, folder: "str | None" = None) -> None:
    """Guard a folder from now on. Once is enough; again does nothing.

    Args:
        mode: ``block``: what nobody vetted is not imported; ``warn``: it is, and a line on stderr says so.
        folder: a site-packages folder; the one that this copy lies in when None.
    """
    folder = folder or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    deep = os.environ.get("TRUSTGUARD_IMPORT_GUARD") == "deep"
    if deep:  # bytecode can say something else than its source: none is used, and none written
        sys.dont_write_bytecode, sys.pycache_prefix = True, os.path.join(folder, NAME, "no-bytecode")
    if not _folders:
        sys.path_hooks.insert(0, _hook)
        site.exec = _exec  # type: ignore[attr-defined] # `site` runs the lines of .pth files with this
        _watch_entry_points()
    places = [folder]
    if site.ENABLE_USER_SITE and site.USER_SITE and sys.prefix == sys.base_prefix:
        places.append(site.USER_SITE)
    for place in places:
        if place not in _folders:
            _folders[place] = Folder(place, mode, deep=deep)
    for path, finder in list(sys.path_importer_cache.items()):
        # The next one will be ours. What is on PYTHONPATH may be another way to a folder.
        if _below(path) or (finder is not None and (".." in path or not path.startswith(_LIBRARY))):
            del sys.path_importer_cache[path]


def stamp(folder: str, ledger: str) -> str:
    """What the text of ``vetted.tsv`` begins with as long as nothing was installed, removed or judged anew.

    Args:
        folder: a site-packages folder.
        ledger: where its ledger is, seen from there.

    Raises:
        OSError: there is no such folder.
    """
    return f"{_HEADER}\t{os.stat(folder).st_mtime_ns}\t{ledger}\t{pin_of(os.path.join(folder, ledger))}\t"


def pin_of(path: str) -> str:
    """Size, and time of change in nanoseconds, of a file; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}"


class Folder:
    """A guarded folder.

    Args:
        path: where it is.
        mode: one of `MODES`.
        deep: whether every file of a distribution is hashed before anything of it is imported.
    """

    def __init__(self, path: str, mode: str, *, deep: bool) -> None:
        self.path, self.mode, self.deep = path, mode, deep
        self.stamp = self.problem = self.real = ""
        self.text = ""
        """Of ``vetted.tsv``."""
        self.known: dict[str, str] = {}
        """The text by path, once more than `_SEARCHES` were asked for: for few, to split it takes longer."""
        self.searches = 0
        self.said: dict[str, object] = {}
        self.out = "", False
        """A text, and whether it says of anything that it lies elsewhere."""

    def judge(self, module: str, path: str) -> None:
        """Let an import go on, or not.

        Args:
            module: its full name.
            path: of its file, seen from the folder, with slashes.

        Raises:
            ImportError: it is refused, and the mode is ``block``.
        """
        if not self.text:
            self.load()
        line = self.line(path) or ""
        if self.deep or not line.startswith(_GOOD) or line.split("\t")[2] != self.pin(path):
            self.examine(module, path)

    def examine(self, module: str, path: str) -> None:
        """Judge what is not known to be good, or is not as it was.

        Raises:
            ImportError: it is refused, and the mode is ``block``.
        """
        _prepare()
        from . import refusal  # noqa: PLC0415 - rare

        refusal.examine(self, module, path)

    def pin(self, path: str) -> str:
        """Size and time of change of a file, seen from the folder."""
        return pin_of(f"{self.path}/{path}")

    def line(self, path: str) -> "str | None":
        """What is known of a path: state, intruder, pin, digest, ``.dist-info`` folder."""
        if not self.known:
            self.searches += 1
            if self.searches <= _SEARCHES:
                begin = self.text.find(f"\n{path}\n") + len(path) + 2
                return self.text[begin : self.text.find("\n", begin)] if begin >= len(path) + 2 else None
            lines = self.text.split("\n")
            self.known = dict(zip(lines[1::2], lines[2::2]))  # noqa: B905 - the last line is empty
        return self.known.get(path)

    def reaches_out(self) -> bool:
        """Whether what is not let in has put anything elsewhere."""
        if self.out[0] is not self.text:
            self.out = self.text, "\n../" in self.text or "\n>" in self.text
        return self.out[1]

    def load(self) -> None:
        """Read what is vetted, unless nothing has changed since."""
        try:
            with open(os.path.join(self.path, NAME, INDEX), "rb") as file:
                text = file.read().decode("utf-8", "surrogateescape")
        except OSError:
            text = ""
        fields = text.partition("\n")[0].split("\t")
        ledger = fields[3] if text.startswith(_HEADER) and len(fields) == 6 else LEDGER  # noqa: PLR2004
        now = stamp(self.path, ledger)
        if now == self.stamp:
            return
        if not text.startswith(now):
            _prepare()
            from . import survey  # noqa: PLC0415 - only where something has changed

            user = site.USER_BASE if sys.prefix == sys.base_prefix else None
            prefixes = (sys.prefix, user or sys.prefix)
            there = survey.Folder(self.path, os.path.join(self.path, ledger), prefixes, pin_of)
            text = there.survey(now, survey.owners(text))
        self.text, self.problem = text, text.partition("\n")[0].rpartition("\t")[2]
        self.known, self.searches = {}, 0
        self.stamp = now  # last: another thread that sees it sees the others


def _prepare() -> None:
    """Load ``survey`` and ``refusal``, which are needed only where something is not as it should be.

    By their path, as this file is: the import hooks of others have nothing to do with them. An `import` of
    them then finds them, and waits where another thread is loading them.
    """
    for part in ("survey", "refusal"):  # the second one imports from the first
        name = f"{__package__}.{part}"
        if name not in sys.modules:
            path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{part}.py")
            _load(spec_from_file_location(name, path))


class _Source(SourceFileLoader):
    """Loads a module from a guarded folder.

    Python asks a loader for size and time of its file before it takes the bytecode. So that is where they are
    compared: another `os.stat` would be most of what an import costs more.
    """

    expected: "tuple[str, Folder, str] | None" = None
    """A line of ``vetted.tsv``, and what it is about."""

    def path_stats(self, path: str) -> "Mapping[str, object]":
        found = os.stat(path)
        if self.expected is not None and f"\t{found.st_size}:{found.st_mtime_ns}\t" not in self.expected[0]:
            self.expected[1].examine(self.name, self.expected[2])
        return {"mtime": found.st_mtime, "size": found.st_size}


def _loaders(source: "type[SourceFileLoader]") -> "list[tuple[type[Loader], list[str]]]":
    extensions = ExtensionFileLoader, _imp.extension_suffixes()
    return [extensions, (source, [".py"]), (SourcelessFileLoader, [".pyc"])]


class _Files(FileFinder):
    """Finds modules in a guarded folder.

    Args:
        path: the folder, or one in it.
        folder: the guarded one.
        inner: how to get from there to ``path``; with a slash at the end, or empty.
    """

    def __init__(self, path: str, folder: Folder, inner: str) -> None:
        super().__init__(path, *_loaders(_Source))
        self.folder, self.inner = folder, inner
        self.cut = len(self.path.rstrip(os.sep)) + 1

    def find_spec(self, fullname: str, target: "ModuleType | None" = None) -> "ModuleSpec | None":
        spec = FileFinder.find_spec(self, fullname, target)
        if spec is None or spec.loader is None:  # without a loader: a namespace
            return spec
        folder, loader = self.folder, spec.loader
        path = self.inner + spec.origin[self.cut :]  # type: ignore[index] # only a namespace has none
        path = path if os.sep == "/" else path.replace(os.sep, "/")
        if fullname in sys.stdlib_module_names:
            _prepare()
            from .refusal import keep_standard_library  # noqa: PLC0415 - rare

            keep_standard_library(folder, fullname, path)
        line = folder.known.get(path, "")
        if type(loader) is _Source and not folder.deep and line.startswith(_GOOD):
            loader.expected = line, folder, path  # `judge` in two steps
        else:
            folder.judge(fullname, path)
        return spec


class _Outside(FileFinder):
    """Finds modules in a folder that is not guarded, but that an unvetted distribution may have a hand in.

    Args:
        path: the folder.
        root: the entry of ``sys.path`` that it is, or is in.
    """

    def __init__(self, path: str, root: str) -> None:
        super().__init__(path, *_loaders(SourceFileLoader))
        self.root = root
        self.real = ""

    def find_spec(self, fullname: str, target: "ModuleType | None" = None) -> "ModuleSpec | None":
        spec = FileFinder.find_spec(self, fullname, target)
        if spec is not None:
            self.real = self.real or os.path.realpath(self.path)
            _judge_outside(fullname, self.root, f"{self.real}/{fullname.rpartition('.')[2]}")
        return spec


class _Archive(zipimporter):
    """Finds modules in a zip archive; no wheel is installed so.

    Args:
        path: of the archive, or of a folder in it.
        judge: is called with a module's name, and raises ImportError where it is refused.
    """

    def __init__(self, path: str, judge: "Callable[[str], None]") -> None:
        super().__init__(path)
        self.judge = judge

    def find_spec(self, fullname: str, target: "ModuleType | None" = None) -> "ModuleSpec | None":
        spec = zipimporter.find_spec(self, fullname, target)
        if spec is not None:
            self.judge(fullname)
        return spec


def _hook(path: str) -> "_Files | _Outside | _Archive":
    """Python asks this first for the finder of a path.

    Raises:
        ImportError: it is none of our affair.
    """
    on_path, found = path in sys.path or _is_here(path), _below(path)
    if on_path and path not in _STANDARD and (found is None or ".." in path):
        for place in list(_folders):  # lib64, a link: other ways to a folder
            _folders.setdefault(os.path.realpath(place), _folders[place])
        found = _below(os.path.realpath(path))
    if found is None:
        return _hook_outside(path, on_path=on_path)
    folder, inner = found
    if not (on_path or inner == "" or not _is_in_package(folder.path, inner)):
        raise ImportError(path)
    if os.path.isdir(path):
        return _Files(path, folder, inner)
    return _Archive(path, lambda name: folder.judge(name, inner.rstrip("/")))


def _hook_outside(path: str, *, on_path: bool) -> "_Outside | _Archive":
    """The finder of what is no guarded folder.

    Raises:
        ImportError: it is none of our affair.
    """
    if on_path and path not in _STANDARD and (_is_behind_a_folder(path) or _is_in_environment(path)):
        _outside.add(path)
    root = next((one for one in _outside if path == one or path.startswith(f"{one}{os.sep}")), None)
    if root is None or (path != root and _is_in_package(root, path[len(root) + 1 :] + "/")):
        raise ImportError(path)
    if os.path.isdir(path):
        return _Outside(path, root)
    archive = _Archive(path, lambda name: _judge_outside(name, root, os.path.realpath(archive.archive)))
    return archive


def _judge_outside(module: str, root: str, file: str) -> None:
    """Let an import go on, or not, from a folder that is not guarded.

    Args:
        module: its full name.
        root: the entry of ``sys.path``: the ``.pth`` file of an unvetted distribution may have put it there.
        file: the module's, without its ending, or an archive: such a distribution may have put it there.

    Raises:
        ImportError: it is refused, and the mode is ``block``.
    """
    for folder in dict.fromkeys(_folders.values()):
        if not folder.text and os.path.isdir(folder.path):
            folder.load()
        if not folder.reaches_out():
            continue
        folder.real = folder.real or os.path.realpath(folder.path)
        try:
            inner = os.path.relpath(file, folder.real).replace(os.sep, "/")
        except ValueError:  # on another drive
            inner = file
        for begin, end in ((f">{root}", "\n"), (inner, "\n"), (inner, "/")):
            plain = "".join(c if c.isprintable() else "?" for c in begin)
            at = folder.text.find(f"\n{plain}{end}") + 1
            if at:
                folder.judge(module, folder.text[at : folder.text.find("\n", at)])


def _is_here(path: str) -> bool:
    """Whether it is the working directory, and that is on ``sys.path`` without its name."""
    try:
        return "" in sys.path and path == os.getcwd()
    except OSError:
        return False


def _is_behind_a_folder(path: str) -> bool:
    """Whether a line of a ``.pth`` file can have put it on ``sys.path``: behind the folder of the file."""
    place = sys.path.index(path) if path in sys.path else 0
    return any(entry in _folders for entry in sys.path[:place])


def _is_in_environment(path: str) -> bool:
    """Whether it lies where distributions put their data and their scripts."""
    real = os.path.realpath(path)
    user = site.USER_BASE if sys.prefix == sys.base_prefix else None
    roots = (sys.prefix, user or sys.prefix)
    return any(f"{real}{os.sep}".startswith(f"{os.path.realpath(root)}{os.sep}") for root in roots)


def _below(path: str) -> "tuple[Folder, str] | None":
    """The guarded folder that a path is in, and the rest of the path."""
    path = path.rstrip(os.sep)
    for place, folder in _folders.items():
        if path == place:
            return folder, ""
        if path.startswith(place + os.sep):
            return folder, path[len(place) + 1 :].replace(os.sep, "/") + "/"
    return None


def _is_in_package(place: str, inner: str) -> bool:
    """Whether a folder, or one above it, is a package: its submodules came with it, and are not looked at."""
    parts = inner.split("/")[:-1]
    above = ("/".join((place, *parts[: end + 1])) for end in range(len(parts)))
    return any(os.path.isfile(f"{place}/__init__.py") for place in above)


def _exec(line: str) -> None:
    """What ``site`` calls in the place of ``exec`` for an executable line of a ``.pth`` file."""
    caller = sys._getframe(1)  # noqa: SLF001 - the only way to the variables of a caller
    names = caller.f_locals
    names = names if type(names) is dict else dict(names)  # since Python 3.13 it writes through to the caller
    file = names.get("fullname") or names.get("filename") or ""  # the second one since Python 3.15
    sitedir, name = os.path.split(file)  # some lines look for a variable of this name in this frame
    if (name == PTH and line.strip() in map(line_of, MODES)) or _is_let_in(sitedir, name):
        exec(line, caller.f_globals, names)  # noqa: S102 - this is what `site` does


def _watch_entry_points() -> None:
    """Have `site` call only those entry points of ``.start`` files that are let in (Python 3.15, PEP 829)."""
    state = getattr(site, "StartupState", None)
    call_all = getattr(state, "_execute_start_entrypoints", None)
    if state is None or call_all is None:
        return

    def call(self: object) -> None:
        for file, points in getattr(self, "_entrypoints", {}).items():
            if points and not _is_let_in(*os.path.split(file)):
                points.clear()
        call_all(self)

    state._execute_start_entrypoints = call  # noqa: SLF001 - as with `exec`, there is no other handle


def _is_let_in(sitedir: str, name: str) -> bool:
    """Whether what a start-up file asks for is done; where it is not, a line on stderr says why."""
    if sitedir in _folders:
        try:
            _folders[sitedir].judge(name, name)
        except ImportError as error:
            from .refusal import say  # noqa: PLC0415 - it has been loaded by now

            say(str(error))
            return False
    return True
