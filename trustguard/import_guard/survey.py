"""What the ledger, the RECORDs and the files of a site-packages folder say, worked out anew.

Stands alone: it is copied beside ``guard``, and loaded only where ``vetted.tsv`` is missing or an old one.
Whose a file is, RECORD says (PEP 376, 627), and not its name.
"""

# pathlib is not loaded for this:
# ruff: noqa: PTH110, PTH116, PTH118, PTH119, PTH123, PTH208

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_LEDGER_HEADER = "trustguard-ledger\t1"
_LET_IN = ("allow", "warn")
_GOOD = ("vetted", "accepted", "own")
_MODULES = (".py", ".pyc", ".so", ".pyd")


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
        prefix: the environment that it belongs to.
        pin_of: gives size and time of change of a file; empty where there is none.
    """

    def __init__(self, path: str, ledger: str, prefix: str, pin_of: "Callable[[str], str]") -> None:
        self.path, self.prefix, self.pin_of = path, prefix, pin_of
        self.vetted, self.problem = _ledger(ledger)
        self.packages: dict[str, bool] = {}

    def survey(self, stamp: str, old: list[Owner], accept: frozenset[str] = frozenset()) -> str:
        """The text of ``vetted.tsv``: a line with a path, then one with what there is to know about it.

        The columns of the second are state, intruder, size and time of change, sha256, ``.dist-info`` folder.
        Of each distribution there is RECORD, and what an import can begin with.

        Args:
            stamp: what the first line begins with; made before this is called, so that what changes meanwhile
                makes the text an old one.
            old: what was known before: what was accepted stays so, and a RECORD that is the same is not read
                again.
            accept: ``.dist-info`` folders that are let in as they are now, although nobody vetted them.

        Raises:
            OSError: the folder cannot be read.
        """
        before = {owner.info: owner for owner in old}
        infos = [name for name in sorted(os.listdir(self.path)) if name.endswith(".dist-info")]
        found = [self._owner(info, before.get(info), info in accept) for info in infos]
        listed = {entry[0] for owner in found for entry in owner.entries}
        found += [one for one in old if one.info[0] == "-" and one.entries[0][0] not in listed]
        self._mark_intruders(found)
        return f"{stamp}{self.problem}\n{_text_of(found)}"

    def _owner(self, info: str, before: "Owner | None", accept: bool) -> Owner:
        record = os.path.join(self.path, info, "RECORD")
        new = Owner("unvetted", info, self.pin_of(record), "", "")
        if before is not None and before.pin == new.pin:
            new.digest, new.entries = before.digest, [[path, "", *rest] for path, _, *rest in before.entries]
        else:
            new.digest, new.entries = digest_of(record), self._entries(record_of(record))
        self._judge(new, before)
        if accept and new.state in ("unvetted", "changed"):
            new.state = "accepted"
            for entry in new.entries:
                entry[3] = entry[3] or digest_of(os.path.join(self.path, entry[0]))
        if new.state == "unvetted" and _is_own(os.path.join(self.path, info), (self.path, self.prefix)):
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
            if line[2] not in _LET_IN:
                new.state = "refused"
            elif (same is not None and (same.state, same.time) == ("vetted", new.time)) or _is_older(
                os.path.join(self.path, new.info, "RECORD"), new.time
            ):
                new.state = "vetted"
            else:
                new.state = "changed"
        if new.state in ("unvetted", "changed") and same is not None and same.state == "accepted":
            new.state = "accepted"

    def _entries(self, record: list[tuple[str, str]]) -> list[list[str]]:
        """What an import can begin with: modules that are in no package, packages, ``.pth`` files."""
        found = []
        for path, digest in record:
            place, _, file = path.rpartition("/")
            if file.startswith("__init__."):
                place = place.rpartition("/")[0]
            if path.endswith(_MODULES) and not path.startswith(("../", "/")) and "__pycache__/" not in path:
                if not self._in_package(place):
                    found.append([path, "", "", digest])
            elif path.endswith(".pth") and "/" not in path:
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
            record = [] if good else record_of(os.path.join(self.path, owner.info, "RECORD"))
            for path in (
                [entry[0] for entry in owner.entries if entry[2]] if good else [path for path, _ in record]
            ):
                place = _module(path)
                while place:
                    for other, entry in whose.get(place, ()):
                        if other is not owner and not (good and entry[0] == path):
                            entry[1] = f"{owner.name} {owner.version}"
                    place = "" if good else place.rpartition("/")[0]


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
    for line in _text(os.path.join(folder, info, "METADATA")).split("\n"):
        if line.startswith("Version:"):
            return line[8:].strip()
        if not line.strip():
            break
    return ""


def _is_own(info: str, below: tuple[str, str]) -> bool:
    """Whether it is a project of the user's own: installed, editable or not, from a folder outside (PEP 610).

    A wheel can bring such a file itself. So the folder must be that of a project of this name, and not one
    that an installation may have put there.
    """
    text = _text(os.path.join(info, "direct_url.json"))
    if '"dir_info"' not in text:
        return False
    from json import loads  # noqa: PLC0415 - rarely needed
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - likewise

    try:
        project = os.path.realpath(unquote(urlsplit(loads(text)["url"]).path))
    except (ValueError, KeyError, TypeError):
        return False
    if any(f"{project}/".startswith(f"{os.path.realpath(place)}/") for place in below):
        return False
    name = _normal(os.path.basename(info).removesuffix(".dist-info").rpartition("-")[0])
    for file in ("pyproject.toml", "setup.cfg", "setup.py"):
        said = _normal(_text(os.path.join(project, file))).replace(" ", "").replace("'", '"')
        if f'name="{name}"' in said or f"name={name}\n" in said:
            return True
    return False


def record_of(path: str) -> list[tuple[str, str]]:
    """Path and digest of each line of a RECORD; what is no sha256 is no digest."""
    found = []
    for line in _text(path).split("\n"):
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
    stem = file if file.endswith(".pth") else file.partition(".")[0]
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
    with open(path, "rb") as file:
        return file.read()


def _text(path: str) -> str:
    """A file's text; empty where there is none."""
    try:
        return _read(path).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
