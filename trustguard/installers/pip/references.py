"""Direct references: requirements that name an address or a path instead of a project (PEP 508, PEP 440).

Each is either left as it is (a folder of the user's own), lifted (an archive: the guard fetches and vets it,
and the requirement names the guard instead), or refused.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit
from urllib.request import url2pathname

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from trustguard.installers.pip.own_project import needs_of
from trustguard.model.errors import SourceRefused, UsageError
from trustguard.model.request import Direct

Origin = Literal["argument", "requirements-file", "lock-file"]

_ARCHIVE = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_NAMED = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*@\s*\S")
_OBEYED = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for the tab, and what turns the direction of text."""
_EXTRAS = re.compile(r"(?P<path>.+)(?P<extras>\[[^\]]+\])")
STRONG_HASHES = ("sha256", "sha384", "sha512")
_WEAK = ("md5", "sha1", "sha224")
"""They pin nothing, and are compared all the same."""


def is_url(text: str) -> bool:
    """Whether a requirement starts with a scheme that pip would follow (a Windows drive is not one)."""
    match = _SCHEME.match(text)
    return match is not None and len(match.group(1)) > 1


@dataclass
class References:
    """Collects the direct references of a command line and its files.

    Args:
        cwd: the folder that relative paths start from.
        url_for: the guard's address for a direct reference, without a fragment.
        applies: whether a requirement is one for the target at all; pip passes by what is not.
    """

    cwd: Path
    url_for: Callable[[Direct], str]
    applies: Callable[[str], bool] = lambda _: True
    found: dict[str, Direct] = field(default_factory=dict)
    _seen: set[tuple[Path, bool]] = field(default_factory=set)

    def lift(
        self, text: str, origin: Origin, where: str, *, editable: bool = False, pinned: bool = False
    ) -> str:
        """The requirement as the installer is to see it.

        Args:
            text: a requirement as pip takes it: a PEP 508 one, an address, or a path.
            origin: where it stands.
            where: the same for people, such as ``requirements.txt:3``.
            editable: whether it is to be installed in place: any folder's name will do then.
            pinned: whether a digest of it stands elsewhere, which pip will compare.

        Raises:
            SourceRefused: it names a place that cannot be vetted.
            UsageError: it has characters in it that a terminal would obey; pip prints what it cannot read.
        """
        if _OBEYED.search(text):
            raise UsageError(f"{where}: {ascii(text)[:200]} has control characters", hint="take them out")
        if not self.applies(text):
            return text
        if is_url(text):
            body, separator, marker = text.partition("; ")
            return self._address(body.strip(), None, origin, where, pinned) + separator + marker
        # As in pip, a file that is there comes before every other reading.
        lifted = self._path(text, origin, where, pinned, editable=editable)
        if lifted is not None:
            return lifted
        if _NAMED.match(text):
            try:
                named = Requirement(text)
            except InvalidRequirement:
                return text  # pip will refuse it with its own explanation
            return self._named(named, text, origin, where, pinned)
        return text

    def _named(self, requirement: Requirement, text: str, origin: Origin, where: str, pinned: bool) -> str:
        url = self._address(str(requirement.url), requirement.name, origin, where, pinned)
        if url == requirement.url:
            return text
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        marker = f" ; {requirement.marker}" if requirement.marker else ""
        return f"{requirement.name}{extras} @ {url}{marker}"

    def _path(self, text: str, origin: Origin, where: str, pinned: bool, *, editable: bool) -> str | None:
        body, separator, marker = text.partition(";")
        name = body.strip()
        # As pip: "..", and a slash at the end, are resolved in the text, whatever links there are on the way.
        path = os.path.normpath(self.cwd / name)
        match = _EXTRAS.fullmatch(path)
        path, extras = (match["path"].rstrip(), match["extras"]) if match else (path, "")
        file = Path(path)
        if os.path.isdir(file) and (editable or looks_like_path(name)):
            self._own(file, origin, where, extras=bool(extras))
            return text
        if not path.lower().endswith(_ARCHIVE):
            return None
        if not os.path.isfile(file):
            before, at, _ = name.partition("@")
            if at and not looks_like_path(before):
                return None
            # pip would look for itself, and open what is no plain file, or is there by then.
            raise UsageError(f"{where}: {name}: there is no such file")
        if not extras:
            return self._address(file.as_uri(), None, origin, where, pinned) + (separator and "; ") + marker
        name = _name_of(file.name, where)
        url = self._address(file.as_uri(), name, origin, where, pinned)
        return f"{name}{extras} @ {url}" + (separator and " ; ") + marker

    def _address(self, url: str, project: str | None, origin: Origin, where: str, pinned: bool) -> str:
        parts = _split(url, where)
        if "+" in parts.scheme:
            raise SourceRefused(
                f"{where}: {url}: a version control reference cannot be vetted before it is fetched",
                hint="clone it, look at it, and install the folder: trustguard install ./folder",
            )
        if parts.scheme not in ("http", "https", "file"):
            raise SourceRefused(f"{where}: {url}: only http, https and file addresses can be vetted")
        if parts.scheme == "file":
            file = self._opened(parts, where, named=project is not None)
            # What is looked at is what pip opens: it gets the path that was found, and no other spelling.
            url = file.as_uri() + _fragment(parts.fragment)
            if os.path.isdir(file):
                self._own(file, origin, where, extras=True)
                return url
        direct = self._direct(url, project, origin, pinned)
        _same_project(direct, where)
        self.found[direct.key] = direct
        return self.url_for(direct) + _fragment(parts.fragment)

    def _opened(self, parts: SplitResult, where: str, *, named: bool) -> Path:
        """The path that pip makes of a ``file:`` address, one without a name with its ".." resolved."""
        path = url2pathname(parts.path)
        if parts.netloc not in ("", "localhost") or "\0" in path:
            raise SourceRefused(f"{where}: {urlunsplit(parts)} does not name a file on this machine")
        full = self.cwd / path
        return Path(full if named else os.path.normpath(full))

    def _own(self, folder: Path, origin: Origin, where: str, *, extras: bool) -> None:
        """Refuse a project of the user's own that names a file which pip would take unvetted."""
        if (folder, extras) in self._seen:
            return
        self._seen.add((folder, extras))
        for text in needs_of(folder, extras=extras):
            inside = replace(self, found={})
            inside.lift(text, origin, f"{where}: {folder}")
            if inside.found:
                raise SourceRefused(
                    f"{where}: {folder / 'pyproject.toml'} names {text}: an address there cannot be vetted",
                    hint="depend on the name, and give the place of the file with --find-links",
                )

    def _direct(self, url: str, project: str | None, origin: Origin, pinned: bool) -> Direct:
        parts = urlsplit(url)
        bare = urlunsplit(parts._replace(fragment=""))
        filename = unquote(parts.path.rpartition("/")[2])
        if not filename or "\\" in filename or "\0" in filename:
            raise UsageError(f"{url} does not name a file")
        named = parse_qs(parts.fragment)
        egg = named.get("egg", [""])[0].partition("[")[0]
        known = (*STRONG_HASHES, *_WEAK)
        hashes = {name: values[0].lower() for name, values in named.items() if name in known}
        # A folder in an archive is a project of its own, which is judged by its own name.
        inside = named.get("subdirectory", [""])[0]
        key = hashlib.sha256(f"{bare}#{inside}".encode()).hexdigest()[:24]
        pinned = pinned or any(name in STRONG_HASHES for name in hashes)
        return Direct(key, bare, filename, origin, project or egg or None, hashes, pinned)


def _same_project(direct: Direct, where: str) -> None:
    """Refuse a name before the wheel of another project: pip would end with a failed assertion."""
    if direct.project is None or not direct.filename.endswith(".whl"):
        return
    try:
        own = parse_wheel_filename(direct.filename)[0]
    except InvalidWheelFilename:
        return  # nothing of that name is served
    if own != canonicalize_name(direct.project):
        raise UsageError(f"{where}: {direct.filename} is a wheel of {own}, not of {direct.project[:100]}")


def _split(url: str, where: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UsageError(f"{where}: {url[:200]} is not an address: {error}") from error


def looks_like_path(text: str) -> bool:
    """Whether pip takes a text for a path, should there be a folder of this name."""
    return os.path.sep in text or (os.path.altsep or os.path.sep) in text or text.startswith(".")


def names_file(text: str) -> bool:
    """Whether pip takes a requirement for the path of an archive: it has no address, and such an ending."""
    path = re.sub(r"\[[^\]]*\]$", "", text.partition(";")[0].strip())
    return "@" not in path and path.lower().endswith(_ARCHIVE)


def _fragment(fragment: str) -> str:
    """The part of a fragment that pip heeds: digests, and the folder inside the archive."""
    kept = {k: v[0] for k, v in parse_qs(fragment).items() if k in (*STRONG_HASHES, "subdirectory", "egg")}
    return "#" + urlencode(kept, quote_via=quote, safe="/") if kept else ""


def _name_of(filename: str, where: str) -> str:
    try:
        return str(parse_wheel_filename(filename)[0])
    except InvalidWheelFilename:
        raise UsageError(
            f"{where}: extras of {filename}: the file's name does not say which project it is",
            hint=f"write it as: name[extra] @ file:///…/{filename}",
        ) from None
