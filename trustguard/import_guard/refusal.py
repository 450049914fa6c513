"""Why a module is not let in, and what is said of it.

Stands alone: it is copied beside ``guard``, and loaded only where an import is not as it should be.
"""

# pathlib is not loaded for this:
# ruff: noqa: PTH118, PTH120

import _imp
import os
import sys

from .survey import digest_of, record_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .guard import Folder

_REASONS = {
    "unvetted": "nobody has vetted it",
    "refused": "trustguard refuses it by now",
    "changed": "it was installed anew since it was vetted",
}
_ACCEPT = "remove it, or have it accepted: trustguard guard enable --accept-installed"
_OWN = "if it is a project of your own, name it in its pyproject.toml; otherwise "


def examine(folder: "Folder", module: str, path: str) -> None:
    """Judge what is not known to be good, or is not as it was.

    Args:
        folder: the guarded one.
        module: the full name of what is imported.
        path: of its file, seen from the folder, with slashes.

    Raises:
        ImportError: it is refused, and the mode is ``block``.
    """
    if _reason(folder, path):
        folder.load()
        why = _reason(folder, path)
        if why:
            _refuse(folder, module, path, *why)


def keep_standard_library(folder: "Folder", module: str, path: str) -> None:
    """Refuse what takes the place of a module of the standard library.

    As far as this Python has it: some exist on some platforms only, or are left out by who packs Python.
    Those that are compiled lie in a folder of their own.

    Raises:
        ImportError: it is refused, and the mode is ``block``.
    """
    place = os.path.dirname(os.__file__)
    compiled = {
        f"{place}/lib-dynload",
        *(path for path in sys.path if path.endswith(("lib-dynload", "DLLs"))),
    }
    files = [f"{folder}/{module}{ending}" for folder in compiled for ending in _imp.extension_suffixes()]
    files += [f"{place}/{module}.py", f"{place}/{module}/__init__.py"]
    if module in sys.builtin_module_names or any(map(os.path.isfile, files)):
        hint = "remove it, or the folder from the front of sys.path"
        _refuse(folder, module, path, path, "it takes the place of the standard library's", hint)


def say(text: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is not None:
        print(text, file=sys.stderr)  # noqa: T201 - there is nothing else


def _refuse(folder: "Folder", module: str, path: str, who: str, why: str, hint: str) -> None:  # noqa: PLR0913
    note = f"; {folder.problem}" if folder.problem else ""
    text = f"trustguard: {module} ({who}): {why}{note}; {hint}"
    text = "".join(c if c.isprintable() else "?" for c in text)
    if folder.mode == "block":
        if module in ("sitecustomize", "usercustomize"):
            say(text)  # `site` is silent where these cannot be imported
        raise ImportError(text, name=module, path=os.path.join(folder.path, path))
    token = object()
    if folder.said.setdefault(who, token) is token:  # one thread says it
        say(f"{text} (imported all the same: the guard only warns)")


def _reason(folder: "Folder", path: str) -> "tuple[str, str, str] | None":
    """Who it is, why it is not let in, and what to do about it; None where it is let in."""
    known, exact = folder.line(path), True
    place, _, file = path.rpartition("/")
    if known is None and file.startswith("__init__."):  # what a package begins with is not in it
        path = place
    while known is None:  # not a beginning: a file of the package above it, reached by another way
        path, exact = path.rpartition("/")[0], False
        if not path:
            return "a file that no distribution lists", _REASONS["unvetted"], _ACCEPT
        begin = folder.text.find(f"\n{path}/__init__.") + 1
        known = folder.line(folder.text[begin : folder.text.find("\n", begin)]) if begin else None
    try:
        state, intruder, pin, digest, info = known.split("\t")
    except ValueError:
        return path, "the list of what is vetted is damaged", "type: trustguard guard enable"
    name, _, version = info.removesuffix(".dist-info").rpartition("-")
    call = f"type: trustguard --python {sys.executable}"
    again = f"{call} install --force-reinstall {name}=={version}" if name else _ACCEPT
    direct = text_of(os.path.join(folder.path, info, "direct_url.json"))
    if '"dir_info"' in direct:
        again = f"{_OWN}{_ACCEPT}"
    elif direct and state == "unvetted":  # not from an index, where the name may be a stranger's
        again = _ACCEPT
    who = f"{name} {version}" if name else path
    if state in _REASONS:
        return who, _REASONS[state], f"{call} pip uninstall {name}" if state == "refused" else again
    if intruder:
        return who, f"{intruder} has put something into it or in its way", f"uninstall one; {again}"
    wrong = path if exact and not _is_as_recorded(folder, path, pin, digest) else ""
    if folder.deep and name:
        wrong = wrong or _deviation(folder, info)
    return (who, f"{wrong} is not as it was installed", again) if wrong else None


def _is_as_recorded(folder: "Folder", path: str, pin: str, digest: str) -> bool:
    if not folder.deep and folder.pin(path) == pin:
        return True
    return digest != "" and digest_of(os.path.join(folder.path, path)) == digest


def _deviation(folder: "Folder", info: str) -> str:
    """The first file of a distribution that is not as its RECORD says; empty: all are."""
    if info in folder.said:
        return ""
    record = os.path.join(folder.path, info, "RECORD")
    if digest_of(record) not in (folder.line(f"{info}/RECORD") or "").split("\t"):
        return f"{info}/RECORD"
    for path, expected in record_of(record):
        if expected and digest_of(os.path.join(folder.path, path)) != expected:
            return path
    folder.said[info] = True
    return ""
