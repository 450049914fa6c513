"""Puts the import-time guard into a site-packages folder, and takes it out again.

All of it is two things: the folder ``_trustguard_import_guard``, and the file ``!trustguard.pth``, which is
written last and removed first: it is the switch.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trustguard.import_guard import guard, refusal, survey

_SECONDS = 60
_FILES = {
    "__init__.py": Path(guard.__file__),
    **{Path(str(module.__file__)).name: Path(str(module.__file__)) for module in (refusal, survey)},
}
_OLDEST = (3, 10)
SEEDED = ("pip", "setuptools")
"""What venv puts into a new environment: nobody is to be locked out of pip."""
SEEDED_FILES = ("sitecustomize.py", "usercustomize.py", "_virtualenv.py", "_virtualenv.pth")
"""Start-up code that belongs to no distribution: the environment's owner or maker has put it there."""
_IMPORTABLE = (".py", ".pyc", ".so", ".pyd", ".pth", ".start")

# Without `site`, so that no code of the environment runs; it is then for us to see that it is a virtual one.
_LOCATE = """
import binascii, json, os, sys, sysconfig
bin = os.path.dirname(os.path.abspath(sys.executable))
home = next((d for d in (bin, os.path.dirname(bin)) if os.path.isfile(os.path.join(d, "pyvenv.cfg"))), None)
if home is None:
    paths, prefix = sysconfig.get_paths(), sys.prefix
else:
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "nt" if os.name == "nt" else "posix_prefix"
    paths, prefix = sysconfig.get_paths(scheme, {"base": home, "platbase": home}), home
places = paths["purelib"], paths["platlib"], prefix
# As bytes, since the locale of whoever asks may be another one; and as an old Python understands it too.
encoded = [binascii.hexlify(getattr(os, "fsencode", bytes)(place)).decode("ascii") for place in places]
print(json.dumps([sys.version_info[:2]] + encoded))
"""
# Without docstrings, which would be read at each start.
_COMPILE = """
import importlib.util, py_compile, sys
for file in sys.argv[1:]:
    py_compile.compile(file, importlib.util.cache_from_source(file), doraise=True, optimize=2)
"""


class NotAnInterpreterError(Exception):
    """It is no Python, or none that the guard works in; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the packages of an interpreter are.

    Args:
        python: the interpreter.
        prefix: its environment.
        folders: its site-packages folders; the ledger is in the first one.
    """

    python: Path
    prefix: Path
    folders: tuple[Path, ...]

    @classmethod
    def of(cls, python: Path) -> Target:
        """Ask an interpreter; nothing of its environment runs.

        Raises:
            NotAnInterpreterError: it does not answer, or is older than Python 3.10.
        """
        try:
            told = json.loads(_run(python, _LOCATE))
            version, *places = told
            purelib, platlib, prefix = (os.fsdecode(bytes.fromhex(place)) for place in places)
            folders = tuple(dict.fromkeys(Path(folder).resolve() for folder in (purelib, platlib)))
        except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
            raise NotAnInterpreterError(f"{python} is no Python that can be asked") from error
        if tuple(version) < _OLDEST:
            raise NotAnInterpreterError(
                f"{python} is older than Python 3.10, and the guard does not run there"
            )
        return cls(python, Path(prefix), folders)

    @classmethod
    def around(cls, folders: Sequence[Path]) -> Target:
        """The environment of site-packages folders, without asking anybody: enough to refresh what is there.

        Args:
            folders: of one environment; the ledger is in the first one.
        """
        first = folders[0].resolve()
        home = next((above for above in first.parents if (above / "pyvenv.cfg").is_file()), None)
        # Elsewhere it lies at <prefix>/lib/pythonX.Y/site-packages.
        prefix = home or first.parents[min(2, len(first.parents) - 1)]
        return cls(Path(), prefix, tuple(dict.fromkeys(folder.resolve() for folder in folders)))

    def ledger(self, folder: Path) -> str:
        """Where the ledger is, seen from one of the folders."""
        return Path(os.path.relpath(self.folders[0] / guard.LEDGER, folder)).as_posix()


_STOP = "!trustguard.start"
"""Beside a ``.pth`` file of this name, Python 3.15 executes no line of that any more (PEP 829)."""


def mode_of(folder: Path) -> str | None:
    """The mode of the guard in a folder; None where there is none, or it would not start."""
    line = survey.text_of(str(folder / guard.PTH)).strip()
    there = (folder / guard.NAME / "__init__.py").is_file() and not os.path.lexists(folder / _STOP)
    return next((mode for mode in guard.MODES if there and line == guard.line_of(mode)), None)


def is_current(folder: Path) -> bool:
    """Whether the copy in a folder is the guard of this trustguard."""
    return all(
        (folder / guard.NAME / name).is_file()
        and (folder / guard.NAME / name).read_bytes() == source.read_bytes()
        for name, source in _FILES.items()
    )


def prefixes(target: Target) -> tuple[str, ...]:
    """Where distributions of an environment put their files; outside virtual ones, the user's as well."""
    user = () if (target.prefix / "pyvenv.cfg").is_file() else (site.getuserbase(),)
    return str(target.prefix), *user


def faults(target: Target, folder: Path) -> list[str]:
    """Why the guard in a folder cannot be relied on, one line each; empty where it can, or there is none.

    Raises:
        OSError: the folder cannot be read.
    """
    found = []
    if mode_of(folder) is None and any(map(os.path.lexists, (folder / guard.PTH, folder / guard.NAME))):
        found.append("it is not whole, and does not start: trustguard guard enable")
    elif mode_of(folder) is not None and not is_current(folder):
        found.append("it is another version's, or was changed: trustguard guard enable brings it up to date")
    problem = forged(target, folder)
    return [*found, f"{problem}: uninstall it, then trustguard guard enable"] if problem else found


def forged(target: Target, folder: Path) -> str:
    """Which distribution has brought a ledger, a list or a guard of its own; empty: none.

    Raises:
        OSError: the folder cannot be read.
    """
    problem = _text(target, folder, frozenset(), ()).partition("\n")[0].rpartition("\t")[2]
    return problem if problem.endswith(survey.FORGED) else ""


def look(target: Target, folder: Path, accept: frozenset[str] = frozenset()) -> list[survey.Owner]:
    """What is in a folder, and what the guard makes of it; nothing is written.

    Raises:
        OSError: the folder cannot be read.
    """
    return survey.owners(_text(target, folder, accept, ()))


def place(target: Target, mode: str, *, everything: bool) -> None:
    """Put the guard in place, or what is there up to date.

    Args:
        target: where.
        mode: one of ``guard.MODES``.
        everything: whether all that is there is accepted as it is now; else only what a new environment
            comes with, and that only if there was no guard.

    Raises:
        OSError: it cannot be written; the guard then works as before, or not at all where it was not there.
        NotAnInterpreterError: the interpreter cannot compile it.
    """
    for folder in target.folders:
        fresh = not (folder / guard.NAME / guard.INDEX).is_file()
        (folder / guard.NAME).mkdir(exist_ok=True)
        accepted, files = acceptable(target, folder, everything=everything, fresh=fresh)
        for name, source in _FILES.items():
            _write(folder, f"{guard.NAME}/{name}", source.read_text(encoding="utf-8"))
        try:
            _run(target.python, _COMPILE, *(str(folder / guard.NAME / name) for name in _FILES))
        except subprocess.SubprocessError as error:
            raise NotAnInterpreterError(f"{target.python} does not understand the guard") from error
        _write_index(target, folder, accepted, files)
        _write(folder, guard.PTH, guard.line_of(mode) + "\n")
        _write_index(target, folder, accepted, files)  # the line above has changed the folder


def refresh(target: Target) -> None:
    """Have the guard know at once what was installed, removed or judged anew.

    It would find out by itself, in each process again. Where there is no guard, nothing is done.

    Raises:
        OSError: it cannot be written.
    """
    for folder in target.folders:
        if (folder / guard.NAME / guard.INDEX).is_file():
            _write_index(target, folder, frozenset(), ())


def remove(target: Target) -> bool:
    """Take the guard out again, with all that belongs to it.

    Returns:
        Whether there was anything.

    Raises:
        OSError: it cannot be removed.
    """
    found = False
    for folder in target.folders:
        for path in (folder / guard.PTH, folder / guard.NAME):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
                found = True
            elif path.exists() or path.is_symlink():
                path.unlink()
                found = True
    return found


def acceptable(
    target: Target, folder: Path, *, everything: bool, fresh: bool
) -> tuple[frozenset[str], list[str]]:
    """What is accepted when the guard is put in place.

    Args:
        target: where.
        folder: one of its folders.
        everything: whether all of it is.
        fresh: whether there was no guard.

    Returns:
        The ``.dist-info`` folders, and the files that no distribution lists.
    """
    there = look(target, folder)
    new = [owner for owner in there if owner.state in ("unvetted", "changed")]
    strays = list(_strays(folder, {entry[0] for owner in there for entry in owner.entries}))
    if not everything:
        new = [owner for owner in new if fresh and owner.name in SEEDED and owner.state == "unvetted"]
        strays = [path for path in strays if fresh and path in SEEDED_FILES]
    return frozenset(owner.info for owner in new), strays


def _strays(folder: Path, listed: Collection[str]) -> Iterable[str]:
    """What can be imported and no distribution lists: old formats, files that somebody has put there."""
    for path in sorted(folder.iterdir()):
        name = f"{path.name}/__init__.py" if (path / "__init__.py").is_file() else path.name
        importable = name != path.name or (path.is_file() and path.name.endswith(_IMPORTABLE))
        ours = path.name in (guard.NAME, guard.PTH)
        if importable and name not in listed and not ours and name.isprintable():
            yield name


def _text(target: Target, folder: Path, accept: frozenset[str], files: Iterable[str]) -> str:
    ledger = target.ledger(folder)
    stamp = guard.stamp(str(folder), ledger)
    old = survey.text_of(str(folder / guard.NAME / guard.INDEX))
    before = [*survey.owners(old), *(_stray(folder, path) for path in files)]
    there = survey.Folder(str(folder), str(folder / ledger), prefixes(target), guard.pin_of)
    return there.survey(stamp, before, accept)


def _stray(folder: Path, path: str) -> survey.Owner:
    file = str(folder / path)
    owner = survey.Owner("accepted", f"-{path}", "", "", "")
    owner.entries = [[path, "", guard.pin_of(file), survey.digest_of(file)]]
    return owner


def _write_index(target: Target, folder: Path, accept: frozenset[str], files: Iterable[str]) -> None:
    _write(folder, f"{guard.NAME}/{guard.INDEX}", _text(target, folder, accept, files))


def _write(folder: Path, name: str, text: str) -> None:
    """Write a file whole or not at all, unless it is as it should be already."""
    path, data = folder / name, text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == data:
        return
    descriptor, temporary = tempfile.mkstemp(dir=folder / guard.NAME)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _run(python: Path, code: str, *args: str) -> str:
    command = [str(python), "-I", "-S", "-c", code, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS)  # noqa: S603
    return done.stdout
