"""What the ledger, the RECORDs and the files of a site-packages folder say, worked out anew.

Stands alone: it is copied beside ``guard``, and loaded only where ``vetted.tsv`` is missing or an old one.
Whose a file is, RECORD says (PEP 376, 627), and not its name.
"""

# pathlib is not loaded for this:
# ruff: noqa: PTH100, PTH110, PTH113, PTH116, PTH117, PTH118, PTH208

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_LEDGER_HEADER = "trustguard-ledger\t1"
_LET_IN = ("allow", "warn")
_GOOD = ("vetted", "accepted", "own")
_MODULES = (".py", ".pyc", ".so", ".pyd")
_START_UP = (".pth", ".start")
"""What ``site`` reads; the second one since Python 3.15 (PEP 829)."""
_GUARD = "_trustguard_import_guard"
_OURS = ("!trustguard.pth", "!trustguard.start", "trustguard-ledger.tsv")
"""The second one is not ours: it would keep Python 3.15 from executing the first (PEP 829)."""
_OUTSIDE = ("../", ">")
"""How paths begin that lead out of the folder, and entries of ``sys.path``."""


_KIND, _FILE = 0o170000, 0o100000
"""What a file's mode says of its kind, as in ``stat``."""
FORGED = " has put something in the place of the guard's own files"
"""How the problem ends that a distribution has brought a ledger, a list, or a guard of its own."""


class Owner:
    """A distribution in the folder.

    Args:
        state: vetted, accepted (there when the guard was put in place) or own (the user's own project); or
            unvetted, refused, changed (installed anew since it was vetted).
        info: its ``.dist-info`` folder; for a file that no distribution lists, ``-`` and its path.
        pin: size and time of change of its RECORD.
        digest: of its RECORD.
        time: the ledger's time, where the ledger knows it.
    """

    __slots__ = ("digest", "entries", "info", "pin", "state", "time")

    def __init__(self, state: str, info: str, pin: str, digest: str, time: str) -> None:
        self.state, self.info, self.pin, self.digest, self.time = state, info, pin, digest, time
        self.entries: list[list[str]] = []
        """What an import can begin with: path, who else has put something into it, pin (empty: it is not as
        RECORD says), digest."""

    @property
    def name(self) -> str:
        """As the folder spells it."""
        return (
            self.info.removesuffix(".dist-info").rpartition("-")[0] if self.info[0] != "-" else self.info[1:]
        )

    @property
    def version(self) -> str:
        """Likewise; empty for a file that no distribution lists."""
        return self.info.removesuffix(".dist-info").rpartition("-")[2] if self.info[0] != "-" else ""


class Folder:
    """A site-packages folder.

    Args:
        path: where it is.
        ledger: the ledger's path.
        prefixes: the environment that it belongs to, and where else distributions put something.
        pin_of: gives size and time of change of a file; empty where there is none.
    """

    def __init__(
        self, path: str, ledger: str, prefixes: tuple[str, ...], pin_of: "Callable[[str], str]"
    ) -> None:
        self.path, self.below, self.pin_of = path, (path, *prefixes), pin_of
        self.vetted, self.problem = _ledger(ledger)
        self.packages: dict[str, bool] = {}
        self.before: dict[tuple[str, str], Owner] = {}
        """What was known, by its name and the ledger's time: its folder may be spelt in another way since."""
        self.real = os.path.realpath(path)
        self.places: dict[str, str] = {}
        """Folders as RECORD spells them, and how to get there from this one."""

    def survey(self, stamp: str, old: list[Owner], accept: frozenset[str] = frozenset()) -> str:
        """The text of ``vetted.tsv``: a line with a path, then one with what there is to know about it.

        The columns of the second are state, intruder, size and time of change, sha256, ``.dist-info`` folder.
        Of each distribution there is RECORD, and what an import can begin with; of one that is not let in
        also what it has put elsewhere (`_outside`).

        Args:
            stamp: what the first line begins with; made before this is called, so that what changes meanwhile
                makes the text an old one.
            old: what was known before: what was accepted stays so, and a RECORD that is the same is not read
                again.
            accept: ``.dist-info`` folders that are let in as they are now, although nobody vetted them.

        Raises:
            OSError: the folder cannot be read.
        """
        found = self._owners(old, accept)
        forged = next((one for one in found for entry in one.entries if _is_ours(entry[0])), None)
        if forged is not None:  # then they say what it wants them to say
            self.problem = f"{forged.name} {forged.version}{FORGED}"
            self.vetted = {}
            found = self._owners([], frozenset())
        self._mark_intruders(found)
        return f"{stamp}{self.problem}\n{_text_of(found)}"

    def _owners(self, old: list[Owner], accept: frozenset[str]) -> list[Owner]:
        before = {owner.info: owner for owner in old}
        known = sorted((owner for owner in old if owner.time), key=lambda owner: owner.state == "vetted")
        self.before = {(_normal(owner.name), owner.time): owner for owner in known}
        infos = [name for name in sorted(os.listdir(self.path)) if is_info(name)]
        found = [self._owner(info, before.get(info), info in accept) for info in infos]
        listed = {entry[0] for owner in found for entry in owner.entries}
        return found + [one for one in old if one.info[0] == "-" and one.entries[0][0] not in listed]

    def _record(self, info: str) -> list[tuple[str, str]]:
        """The lines of a RECORD. A path that leads out of the folder is followed: it may lead back."""
        found = []
        for path, digest in record_of(os.path.join(self.path, info, "RECORD")):
            place, _, file = path.rpartition("/")
            if path.startswith(("../", "/")):
                if place not in self.places:
                    real = os.path.realpath(os.path.join(self.path, place))
                    self.places[place] = os.path.relpath(real, self.real).replace(os.sep, "/")
                place = self.places[place]
                path = file if place == "." else f"{place}/{file}"  # noqa: PLW2901
            found.append((path, digest))
        return found

    def _owner(self, info: str, before: "Owner | None", accept: bool) -> Owner:
        record = os.path.join(self.path, info, "RECORD")
        new = Owner("unvetted", info, self.pin_of(record), "", "")
        if before is not None and before.pin == new.pin:
            new.digest = before.digest
            kept = [entry for entry in before.entries if not entry[0].startswith(_OUTSIDE)]
            new.entries = [[path, "", *rest] for path, _, *rest in kept]
        else:
            new.digest, new.entries = digest_of(record), self._entries(self._record(info))
        self._judge(new, before)
        if accept and new.state in ("unvetted", "changed"):
            new.state = "accepted"
            for entry in new.entries:
                entry[3] = entry[3] or digest_of(os.path.join(self.path, entry[0]))
        if new.state in ("unvetted", "changed") and self._is_own(new):
            new.state = "own"
        for entry in new.entries if new.state in _GOOD else ():
            path = os.path.join(self.path, entry[0])
            entry[2] = entry[2] or (self.pin_of(path) if entry[3] and digest_of(path) == entry[3] else "")
        return new

    def _judge(self, new: Owner, before: "Owner | None") -> None:
        """Set the state that follows from the ledger's line, or from what was accepted earlier."""
        same = before if before is not None and before.digest == new.digest else None
        line = self.vetted.get(_normal(new.name))
        if line is not None and (line[1] == new.version or line[1] == _version(self.path, new.info)):
            new.time = line[7]
            known = self.before.get((_normal(new.name), new.time))
            if line[2] not in _LET_IN:
                new.state = "refused"
            elif known is not None and known.digest != new.digest:  # whatever its time says: that can be set
                new.state = "changed"
            elif known is not None and known.state in ("vetted", "changed"):
                new.state = known.state
            else:
                older = _is_older(os.path.join(self.path, new.info, "RECORD"), new.time)
                new.state = "vetted" if older else "changed"
        if new.state in ("unvetted", "changed") and same is not None and same.state == "accepted":
            new.state = "accepted"

    def _entries(self, record: list[tuple[str, str]]) -> list[list[str]]:
        """What an import can begin with: modules that are in no package, packages, what ``site`` reads.

        And the guard's own files, which are nobody's.
        """
        found = []
        for path, digest in record:
            place, _, file = path.rpartition("/")
            if file.startswith("__init__."):
                place = place.rpartition("/")[0]
            if not path.isprintable():  # a line of our own could be in it
                continue
            if _is_ours(path):
                found.append([path, "", "", digest])
            elif path.endswith(_MODULES) and not path.startswith(("../", "/")) and "__pycache__/" not in path:
                if not self._in_package(place):
                    found.append([path, "", "", digest])
            elif path.endswith(_START_UP) and "/" not in path:
                found.append([path, "", "", digest])
        return found

    def _in_package(self, place: str) -> bool:
        """Whether a folder below this one, or one above it, is a package with an ``__init__`` of its own."""
        if not place:
            return False
        if place not in self.packages:
            above = self._in_package(place.rpartition("/")[0])
            self.packages[place] = above or _is_package(os.path.join(self.path, place))
        return self.packages[place]

    def _mark_intruders(self, found: list[Owner]) -> None:
        """Note at what is let in which other distribution has put something into it, or in its way."""
        whose: dict[str, list[tuple[Owner, list[str]]]] = {}
        for owner in found:
            for entry in owner.entries if owner.state in _GOOD else ():
                whose.setdefault(_module(entry[0]), []).append((owner, entry))
        for owner in found:
            good = owner.state in _GOOD
            record = [] if good else [path for path, _ in self._record(owner.info)]
            for path in [entry[0] for entry in owner.entries if entry[2]] if good else record:
                place = _module(path)
                while place:
                    for other, entry in whose.get(place, ()):
                        if other is not owner and not (good and entry[0] == path):
                            entry[1] = f"{owner.name} {owner.version}"
                    place = "" if good else place.rpartition("/")[0]
            owner.entries += [[path, "", "", ""] for path in self._outside(owner, record)]

    def _outside(self, owner: Owner, record: list[str]) -> list[str]:
        """What one that is not let in has put elsewhere, and what its ``.pth`` files put on ``sys.path``.

        Modules are named without their endings, for their bytecode's sake; entries begin with ``>``.
        """
        away = [path for path in record if path.startswith("../")]
        found = [_module(path) if path.endswith(_MODULES) else path for path in away]
        files = [entry[0] for entry in owner.entries if entry[0].endswith(".pth")]
        for file in files if owner.state not in _GOOD else ():
            text = text_of(os.path.join(self.path, file)).removeprefix("\ufeff").replace("\r", "\n")
            lines = {*text.split("\n"), *text.splitlines()}  # Pythons differ in what ends a line
            lines |= {line.strip() for line in lines}  # and in whether it may be indented
            lines = {line.rstrip() for line in lines if not line.startswith(("#", "import ", "import\t"))}
            found += [">" + os.path.abspath(os.path.join(self.path, line)) for line in lines if line]
        return ["".join(c if c.isprintable() else "?" for c in path) for path in found]

    def _is_own(self, owner: Owner) -> bool:
        told = text_of(os.path.join(self.path, owner.info, "direct_url.json"))
        return project_of(told, owner.name, self.below) != ""


def _text_of(found: list[Owner]) -> str:
    records = [(f"{one.info}/RECORD", one.state, one.time, one.pin, one.digest, one.info) for one in found]
    entries = [(e[0], one.state, *e[1:], one.info) for one in found for e in one.entries]
    true = {
        entry[0] for entry in entries if entry[3]
    }  # of two that list a file, the one that it is from counts
    entries = [
        entry if entry[3] or entry[0] not in true else (f"?{entry[0]}", *entry[1:]) for entry in entries
    ]
    return "".join("{}\n{}\n".format(path, "\t".join(columns)) for path, *columns in (*records, *entries))


def owners(text: str) -> list[Owner]:
    """The distributions in the text of a ``vetted.tsv``; none where it is damaged."""
    found: dict[str, Owner] = {}
    lines = text.split("\n")
    try:
        for path, line in zip(lines[1::2], lines[2::2]):  # noqa: B905 - the last line is empty
            state, second, pin, digest, info = line.split("\t")
            if path == f"{info}/RECORD":
                found[info] = Owner(state, info, pin, digest, second)
            else:
                found[info].entries.append([path.removeprefix("?"), second, pin, digest])
    except (ValueError, KeyError):
        return []
    return list(found.values())


def _ledger(path: str) -> tuple[dict[str, list[str]], str]:
    """The fields of each line by normalized name, and why the ledger cannot be used, if so."""
    try:
        header, *lines = _read(path).decode().removesuffix("\n").split("\n")
    except FileNotFoundError:
        return {}, "there is no ledger"
    except (OSError, ValueError):
        return {}, "the ledger cannot be read"
    rows = [line.split("\t") for line in lines]
    if header != _LEDGER_HEADER or any(len(fields) != 11 for fields in rows):  # noqa: PLR2004 - its columns
        return {}, "the ledger is damaged"
    return {_normal(fields[0]): fields for fields in rows}, ""


def _is_older(path: str, time: str) -> bool:
    """Whether a file was last written before a time of the ledger (ISO 8601, in UTC)."""
    from time import gmtime  # noqa: PLC0415 - built in, but not needed at start

    try:
        seconds, rest = divmod(os.stat(path).st_mtime_ns, 10**9)
    except OSError:
        return False
    written = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*gmtime(seconds)) + f".{rest // 1000:06}"
    fraction = time[19:26] if time[19:20] == "." else ".000000"
    return written <= time[:19] + fraction


def _version(folder: str, info: str) -> str:
    """The version that METADATA states: the name of the folder may spell it in another way."""
    for line in text_of(os.path.join(folder, info, "METADATA")).split("\n"):
        if line.startswith("Version:"):
            return line[8:].strip()
        if not line.strip():
            break
    return ""


def project_of(direct_url: str, name: str, below: tuple[str, ...]) -> str:
    """The folder of the user's own project that a distribution was installed from, editable or not (PEP 610).

    A wheel can bring such a file itself. So it has to name a folder in full, which holds a project of this
    name, and is none that an installation may have put there.

    Args:
        direct_url: the text of ``direct_url.json``.
        name: the distribution's.
        below: folders that installations write to.

    Returns:
        The folder; empty where it is none.
    """
    if '"dir_info"' not in direct_url:
        return ""
    from json import loads  # noqa: PLC0415 - rarely needed
    from urllib.parse import unquote  # noqa: PLC0415 - likewise

    try:
        told = loads(direct_url)
        url, info = told["url"], told["dir_info"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    if not (isinstance(url, str) and isinstance(info, dict) and url.startswith("file:///")):
        return ""
    folder = unquote(url.removeprefix("file://"))
    return folder if "\0" not in folder and is_project(folder, name, below) else ""


def is_project(folder: str, name: str, below: tuple[str, ...]) -> bool:
    """Whether a folder that is named in full is that of a project, and outside of all that is installed.

    Args:
        folder: its path. What begins with ``/proc`` or ``/dev`` is another one in each process.
        name: the project's.
        below: folders that installations write to.
    """
    real, plain = os.path.realpath(folder), "/" + os.path.normpath(folder).lstrip("/")
    places = [*map(os.path.realpath, below), "/proc", "/dev", "/sys"]
    if any(f"{path}/".startswith(f"{place}/") for path in (real, plain) for place in places):
        return False
    return os.path.isabs(folder) and any(_normal(said) == _normal(name) for said in _names(real))


def _names(project: str) -> list[str]:
    """What the files of a project call it."""
    files: dict[str, Callable[[str], list[object]]]
    files = {"pyproject.toml": _in_toml, "setup.cfg": _in_cfg, "setup.py": _in_setup}
    found: list[object] = []
    for file, names in files.items():
        path = os.path.join(project, file)
        try:
            found += names(text_of(path)) if os.path.isfile(path) else []
        except (ValueError, SyntaxError, RecursionError, AttributeError):  # it is not written as it should be
            continue
    return [name for name in found if isinstance(name, str)]


def _in_toml(text: str) -> list[object]:
    """The name in ``[project]`` (PEP 621), and Poetry's."""
    try:
        from tomllib import loads  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    except ImportError:  # Python 3.10
        return list(_in_lines(text))
    told = loads(text)
    return [told.get("project", {}).get("name"), told.get("tool", {}).get("poetry", {}).get("name")]


def _in_lines(text: str) -> list[str]:
    """The same, as far as it can be seen without a parser."""
    found, table, text_ends = [], "", ""
    for line in map(str.strip, text.split("\n")):
        if text_ends:  # within a text of several lines, which can look like anything
            text_ends = "" if text_ends in line else text_ends
            continue
        text_ends = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
        key, _, value = line.partition("=")
        value = value.strip()
        if line.startswith("["):
            table = line.partition("#")[0].strip()
        elif table in ("[project]", "[tool.poetry]") and key.strip().strip("\"'") == "name":
            found.append(value[1:].partition(value[:1] or " ")[0])
    return found


def _in_cfg(text: str) -> list[object]:
    from configparser import Error, RawConfigParser  # noqa: PLC0415 - rarely needed

    parser = RawConfigParser()
    try:
        parser.read_string(text)
    except Error:
        return []
    return [parser.get("metadata", "name", fallback="")]


def _in_setup(text: str) -> list[object]:
    """What ``setup`` is called with, written out, or as a variable of the module."""
    import ast  # noqa: PLC0415 - rarely needed

    found, named = [], {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            named.update({one.id: node.value for one in node.targets if isinstance(one, ast.Name)})
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [one.value for one in node.keywords if called == "setup" and one.arg == "name"]
    values = [named.get(one.id) if isinstance(one, ast.Name) else one for one in found]
    return [one.value for one in values if isinstance(one, ast.Constant)]


def is_info(name: str) -> bool:
    """Whether a folder can be that of a distribution: its name becomes part of a line."""
    return name.endswith(".dist-info") and name.isprintable() and not name.startswith("-")


def _is_ours(path: str) -> bool:
    """Whether a file is the guard's own: no distribution has one of these."""
    return path in _OURS or path.startswith(f"{_GUARD}/")


def record_of(path: str) -> list[tuple[str, str]]:
    """Path and digest of each line of a RECORD; what is no sha256 is no digest."""
    found = []
    for line in text_of(path).split("\n"):
        file, _, rest = line.rstrip("\r").rpartition(",")[0].rpartition(",")
        if file[:1] == '"':
            file = file[1:-1].replace('""', '"')
        if file and "\t" not in file:
            found.append((os.path.normpath(file).replace(os.sep, "/"), rest.partition("sha256=")[2]))
    return found


def _is_package(path: str) -> bool:
    try:
        return os.path.exists(os.path.join(path, "__init__.py")) or any(
            name.startswith("__init__.") and name.endswith(_MODULES) for name in os.listdir(path)
        )
    except OSError:
        return False


def _module(path: str) -> str:
    """The module that a file is, or is the bytecode of, with slashes."""
    place, _, file = path.replace("__pycache__/", "").rpartition("/")
    stem = file if file.endswith(_START_UP) else file.partition(".")[0]
    return place if stem == "__init__" else f"{place}/{stem}" if place else stem


def _normal(name: str) -> str:
    """A project's name as it is compared (PEP 503)."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def digest_of(path: str) -> str:
    """The sha256 of a file as RECORD has it; empty where it cannot be read."""
    from binascii import b2a_base64  # noqa: PLC0415 - not needed at start

    try:  # the C module alone: hashlib loads OpenSSL
        if sys.version_info >= (3, 12):
            from _sha2 import sha256  # noqa: PLC0415
        else:
            from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    except ImportError:
        from hashlib import sha256  # noqa: PLC0415
    try:
        digest = sha256(_read(path)).digest()
    except OSError:
        return ""
    return b2a_base64(digest, newline=False).decode().rstrip("=").replace("+", "-").replace("/", "_")


def _read(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        OSError: it cannot be read; or it is a pipe, a device, which may have no end.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        if os.fstat(file.fileno()).st_mode & _KIND != _FILE:
            raise OSError(path)
        return file.read()


def _open_at_once(path: str, flags: int) -> int:
    """Open a file, and do not wait until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def text_of(path: str) -> str:
    """A file's text; empty where there is none."""
    try:
        return _read(path).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
