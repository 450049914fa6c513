"""What an index says of one file, checked: one entry of a project's page in, one DistributionFile out.

An entry is a dictionary in the form of PEP 691, from whichever form of page. What is against the rules makes
the whole entry unusable; nothing of it is used in part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from packaging.utils import NormalizedName

from trustguard.model.project import DistributionFile, FileName
from trustguard.sources.urls import Origin, is_loopback, origin

_TEXT_LIMIT = 2_000
_URL_LIMIT = 8_192

PlainRule = Callable[[str], bool]
"""Whether an http URL may be used (:meth:`HttpSettings.permits_plain`)."""

FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}")
_ORDINARY_URL = re.compile(
    r"""(https?|file)://
        ([A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?|(?<=file://))
        (/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)
        (?:\#(.*))?""",
    re.VERBOSE,
)
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_HASH_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_USUAL = frozenset({"sha256"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEX = re.compile(r"[0-9A-Fa-f]+")
_FRAGMENT_HASH = re.compile(r"(?:^|&)(md5|sha1|sha224|sha256|sha384|sha512)=([^&]*)", re.IGNORECASE)
_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_NO_HASHES: Mapping[str, str] = MappingProxyType({})


class NotOfProject(ValueError):
    """A file name that is not one of this project's, or of no distribution at all."""


def is_loopback_url(url: str) -> bool:
    """The rule for plain http where nobody has another: only to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


class _Address(NamedTuple):
    url: str
    origin: Origin
    fragment: str


class FileReader:
    """Reads the entries of one page; what it finds out of a host it keeps."""

    def __init__(self, page_url: str, base: str, project: NormalizedName, permits_plain: PlainRule) -> None:
        self._page_url = page_url
        self._base = base
        self._project = project
        self._permits_plain = permits_plain
        self._hosts: dict[str, Origin | str] = {}
        self._page_origin = _origin_or_none(page_url)
        self.remarks: list[str] = []

    def read(self, entry: object) -> DistributionFile:
        """Check one entry.

        Raises:
            NotOfProject: its name is not that of a distribution file of this project.
            ValueError: something else in it is against the rules.
        """
        if not isinstance(entry, dict):
            raise ValueError("it is not an object")  # noqa: TRY004 - the input is wrong, not the call
        name = self._filename(entry.get("filename"))
        address = self._resolved(entry.get("url"))
        core_metadata = entry.get("core-metadata")
        if core_metadata is None:
            core_metadata = entry.get("dist-info-metadata")
        return DistributionFile(
            name=name,
            url=address.url,
            hashes=_hashes(entry.get("hashes"), address.fragment),
            size=_size(entry.get("size")),
            upload_time=_moment(entry.get("upload-time")),
            requires_python=_optional_text(entry.get("requires-python"), "requires-python"),
            yanked=_yanked(entry.get("yanked")),
            core_metadata=_core_metadata(core_metadata),
            provenance=self._provenance(entry.get("provenance"), address, name.filename),
        )

    def _filename(self, value: object) -> FileName:
        if not isinstance(value, str) or not FILENAME.fullmatch(value):
            raise NotOfProject("its name is not that of a file")
        try:
            return FileName.parse(value, self._project)
        except ValueError as error:
            raise NotOfProject(str(error)) from error

    def _resolved(self, value: object) -> _Address:
        """An absolute URL in a form that every parser reads alike."""
        if not isinstance(value, str) or len(value) > _URL_LIMIT:
            raise ValueError("it has no usable address")
        match = _ORDINARY_URL.fullmatch(value) or _ORDINARY_URL.fullmatch(self._cleaned(value))
        if match is None:
            raise ValueError("its address is not a valid one")
        scheme, host, path, fragment = match.groups()
        place = f"{scheme}://{host}"
        if place not in self._hosts:
            self._hosts[place] = self._judged(scheme, place)
        at = self._hosts[place]
        if isinstance(at, str):
            raise ValueError(at)  # noqa: TRY004 - it is the objection
        return _Address(place + path, at, fragment or "")

    def _cleaned(self, value: str) -> str:
        """Absolute, without user and password, and quoted where a URL must be."""
        parts = urlsplit(urljoin(self._base, value.strip()))
        if parts.scheme not in {"http", "https", "file"}:
            raise ValueError(f"its address has the scheme {parts.scheme[:20]!r}")
        if "\\" in parts.netloc:  # where the host begins is then a matter of opinion
            raise ValueError("its address is not a valid one")
        host = parts.netloc.rpartition("@")[2].lower()
        path = quote(parts.path, safe="/%:@!$&'()*+,;=~") or "/"
        query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?") if parts.query else ""
        return f"{parts.scheme}://{host}{path}{query}#{parts.fragment}"

    def _judged(self, scheme: str, place: str) -> Origin | str:
        """The origin of an address, or the objection to it."""
        if scheme == "file":
            if place not in {"file://", "file://localhost"}:
                return "its address is a file on another machine"
            local = self._page_url.startswith("file:")
            return Origin("file", "", 0) if local else "its address is a file on this machine"
        try:
            found = origin(place)
        except ValueError:
            return "its address is not a valid one"
        if scheme == "http" and not self._permits_plain(place):
            return f"its address is not encrypted ({place}; see --trusted-host)"
        return found

    def _provenance(self, value: object, file: _Address, filename: str) -> str | None:
        """The provenance link, if it leads to the host of the page or of the file; a remark otherwise."""
        if value is None:
            return None
        try:
            link = self._resolved(value)
        except ValueError:
            link = None
        if link is not None and link.origin in {self._page_origin, file.origin}:
            return link.url
        self.remarks.append(
            f"{filename}: its provenance link does not lead to the index, and is not followed"
        )
        return None


def _origin_or_none(url: str) -> Origin | None:
    try:
        return origin(url)
    except ValueError:  # a page on this machine
        return None


def _hashes(value: object, fragment: str = "") -> Mapping[str, str]:
    if type(value) is dict and value.keys() == _USUAL and not fragment:  # nearly always, and twice a file
        digest = value["sha256"]
        if isinstance(digest, str) and _SHA256.fullmatch(digest):
            return MappingProxyType({"sha256": digest})
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise ValueError("its hashes are not an object")  # noqa: TRY004
    stated = [*value.items(), *_FRAGMENT_HASH.findall(fragment)] if fragment else value.items()
    found: dict[str, str] = {}
    for name, digest in stated:
        algorithm = name.lower()
        if not _HASH_NAME.fullmatch(algorithm) or not isinstance(digest, str) or not _HEX.fullmatch(digest):
            raise ValueError(f"its hash {name[:32]!r} is not one")
        if len(digest) != _DIGITS.get(algorithm, len(digest)):
            raise ValueError(f"its hash {name[:32]!r} has a wrong length")
        if found.setdefault(algorithm, digest.lower()) != digest.lower():
            raise ValueError(f"it has two different hashes {algorithm!r}")
    return MappingProxyType(found) if found else _NO_HASHES


def _size(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or value < 0:
        raise ValueError("its size is not a number of bytes")
    return value


def _moment(value: object) -> datetime | None:
    """RFC 3339, which Python 3.10's ``fromisoformat`` does not read."""
    if value is None:
        return None
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("its upload time is not a date and time with a zone")
    *digits, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, digits)
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=timezone.utc)
        if sign is None:
            return moment
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return moment + offset if sign == "-" else moment - offset
    except (ValueError, OverflowError) as error:
        raise ValueError("its upload time is not one that can be") from error


def _yanked(value: object) -> str | None:
    """PEP 592 and 691: a flag, or a reason that is not empty."""
    if value is None or value is False or value == "":
        return None
    if value is True:
        return ""
    return _optional_text(value, "yanked")


def _core_metadata(value: object) -> Mapping[str, str] | None:
    """PEP 658 and 714: a flag, or digests."""
    if value is None or value is False:
        return None
    return _NO_HASHES if value is True else _hashes(value)


def _optional_text(value: object, key: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT:
        raise ValueError(f"its {key} is not a short text")
    return encodable(value)


def encodable(value: str) -> str:
    """A text that can be encoded again: JSON may hold halves of characters."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
