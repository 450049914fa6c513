"""The lock file (PEP 751) that ``pip lock`` has written, with the guard's addresses put back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from trustguard.installers.pip.identities import IDENTITIES, common
from trustguard.installers.pip.plan import Plan
from trustguard.model.errors import InstallerError, StoreError
from trustguard.model.project import Sha256
from trustguard.model.provenance import Publisher
from trustguard.model.record import record

Original = Callable[[str], str | None]
"""The address that one of the guard's stands for; None where it stands for none."""
_STDOUT = "-"
_NAME = re.compile(r"pylock\.([^.]+\.)?toml")
"""What a lock file may be called (PEP 751, File Name)."""


def lock_file(plan: Plan, cwd: Path, run: str) -> Path:
    """Where pip is to write its lock file: beside the place that it is for, since paths in it are relative.

    It goes there only when it is complete.

    Args:
        plan: what the user asked for.
        cwd: the user's working directory.
        run: tells this run from all others.
    """
    wanted = cwd / _wanted(plan)
    folder = cwd if _is_stream(wanted) else wanted.parent
    return folder / f"pylock.trustguard-{run}.toml"


def remark_on_name(plan: Plan) -> tuple[str, ...]:
    """What pip remarks on a name that is none of a lock file's: it sees only the name of its own file."""
    wanted = _wanted(plan)
    valid = wanted == _STDOUT or _NAME.fullmatch(Path(wanted).name)
    return () if valid else (f"{wanted} is not a valid lock file name",)


def _wanted(plan: Plan) -> str:
    return str(plan.values.get("output_file"))


def _is_stream(path: Path) -> bool:
    """Whether something is there that takes what is written, such as a pipe or a device."""
    return os.path.exists(path) and not os.path.isfile(path)


@record
class LockedFile:
    """A file that a lock file names.

    Args:
        url: its address, or path.
        sha256: the digest that is locked; None where that is another one.
    """

    url: str
    sha256: Sha256 | None


@record
class Lock:
    """What pip has written, the addresses put back.

    Args:
        path: where it has written it.
        content: its tables.
        files: the files of each package; none of a folder of the user's own.
    """

    path: Path
    content: Mapping[str, Any]
    files: tuple[tuple[LockedFile, ...], ...]

    @classmethod
    def read(cls, path: Path, original: Original) -> Lock:
        """Read the file.

        Args:
            path: where pip has written it.
            original: puts addresses back.

        Raises:
            InstallerError: it is not in a form that is known.
        """
        # pip's own copy: what pip has written must be read alike.
        from pip._internal.utils.compat import tomllib  # noqa: PLC0415

        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            files = tuple(tuple(_put_back(package, original)) for package in content["packages"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InstallerError(f"pip's lock file cannot be read: {error!r}") from error
        return cls(path, content, files)

    def identify(self, publishers: Mapping[str, Sequence[Publisher]]) -> None:
        """State who has published the packages of which every file is proven to be somebody's.

        Args:
            publishers: the verified publishers of files, by address.
        """
        for package, files in zip(self.content["packages"], self.files, strict=True):
            identities = common([publishers.get(file.url, ()) for file in files])
            if identities:
                package[IDENTITIES] = identities

    def hand_on(self, plan: Plan, cwd: Path, out: TextIO) -> None:
        """Put it where the user wants it.

        Args:
            plan: what the user asked for.
            cwd: the user's working directory.
            out: what is meant by ``-``.

        Raises:
            StoreError: it cannot be written.
        """
        from pip._vendor import tomli_w  # noqa: PLC0415 - what pip has written must be written alike

        text, wanted = tomli_w.dumps(self.content), _wanted(plan)
        if wanted == _STDOUT:
            out.write(text)
            return
        place = cwd / wanted
        try:
            if place.is_symlink() or _is_stream(place):  # it stays what it is, as with pip
                place.write_text(text, encoding="utf-8")
                return
            self.path.write_text(text, encoding="utf-8")
            self.path.replace(place)
        except OSError as error:
            raise StoreError(f"{wanted} cannot be written: {error.strerror}") from error


def _put_back(package: Mapping[str, Any], original: Original) -> Iterator[LockedFile]:
    tables = [package[kind] for kind in ("archive", "sdist") if kind in package]
    for table in (*tables, *package.get("wheels", ())):
        table["url"] = original(table["url"]) or table["url"]
        digest = table["hashes"].get("sha256")
        yield LockedFile(table["url"], None if digest is None else Sha256(digest))
