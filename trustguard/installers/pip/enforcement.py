"""How pip is stopped where nobody guards it: a requirement file in its configuration.

pip adds the requirement files that its configuration names (``[install] requirement = …``) to those that were
typed, and reads them before it looks for anything. The one line of this file cannot be carried out, and pip
shows it and ends. trustguard's own pip leaves the file out (child.py), so that everything else that is
configured (indexes, credentials, constraints) stays where it is and holds.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from trustguard.installers.pip.child import GUARDED, STOP, STOP_NAME
from trustguard.model.errors import ConfigError

__all__ = ["PIP_MESSAGE", "STOP", "STOP_NAME", "config_file", "is_stopped", "started", "stopped"]

PIP_MESSAGE = "nothing was installed, type: trustguard install"
"""What stands in pip's error."""

_KEY = "requirement"
_LAST_WORD = ":env:"
"""pip keeps what variables say under the name of such a section, and takes a section for it."""
_MARK = "# trustguard enforce"
_END = f"{_MARK}: end\n"
_BLOCK = re.compile(
    rf"^{_MARK}(?P<made>[^\n]*): begin\n.*?^{_MARK}: end(?P<end>\n|\Z)".encode(), re.MULTILINE | re.DOTALL
)


def config_file(scope: str, prefix: Path | None = None) -> Path:
    """The configuration file of pip, as pip names it.

    Args:
        scope: ``user``, ``venv`` or ``system``.
        prefix: the virtual environment.
    """
    from pip._internal.configuration import (  # noqa: PLC0415 - pip takes long to load
        CONFIG_BASENAME,
        get_configuration_files,
    )

    if prefix is not None:
        return prefix / str(CONFIG_BASENAME)
    # By value: pip 26.3 has an enumeration for what were texts before.
    named = {getattr(kind, "value", kind): paths for kind, paths in get_configuration_files().items()}
    return Path(named["user" if scope == "user" else "global"][-1]).absolute()


def is_stopped(data: bytes, file: Path) -> bool:
    """Whether pip is stopped by this configuration.

    Args:
        data: what stands in the configuration file.
        file: which one it is.

    Raises:
        ConfigError: pip could not read it.
    """
    config = _parsed(data, file)
    said = [_said(config, section)[-1:] for section in GUARDED]
    return not _said(config, _LAST_WORD) and all(one and _url(file) in one[0].split() for one in said)


def stopped(data: bytes, file: Path, made: str) -> bytes:
    """The configuration with what stops pip, and nothing else changed.

    Args:
        data: what stands in the configuration file.
        file: which one it is; the requirement file stands beside it.
        made: a remark for the first line, which :func:`started` gives back.

    Raises:
        ConfigError: pip could not read it, or it names requirement files of its own, which these would hide.
    """
    if is_stopped(data, file):
        return data
    before = _parsed(data, file)
    for section in ("global", *GUARDED, _LAST_WORD):
        if _said(before, section):
            hint = "pip heeds one such setting only: name the file on the command line instead"
            raise ConfigError(f"{file} sets {_KEY} in [{section}] already", hint=hint)
    block, new = f"{_KEY} = {_url(file)}\n", data
    for section in filter(before.has_section, GUARDED):
        new = _below_header(new, section, f"{_MARK}: begin\n{block}{_END}".encode())
    top = "".join(f"[{section}]\n{block}" for section in GUARDED if not before.has_section(section))
    if top:
        new = f"{_MARK}{made}: begin\n{top}{_END}".encode() + new
    if _values(_parsed(new, file)) != _values(before) | {(s, _KEY, _url(file)) for s in GUARDED}:
        raise ConfigError(f"{file} is written in a way that trustguard does not know how to add to")
    return new


def started(data: bytes, file: Path) -> tuple[bytes, str]:
    """The configuration without what stops pip, and the remark that :func:`stopped` was given.

    What ``pip config set`` has written anew has lost its comments, and the marks with them: of that, the
    settings are taken out one by one.
    """
    made, kept, at = "", [], 0
    for block in _BLOCK.finditer(data):
        made += block["made"].decode()
        # One without an end of line was put behind a last line that had none either.
        kept.append(data[at : block.start() if block["end"] else max(block.start() - 1, 0)])
        at = block.end()
    rest = b"".join((*kept, data[at:]))
    setting = re.escape(f"{_KEY} = {_url(file)}".encode())
    return re.sub(rb"^" + setting + rb"\r?\n", b"", rest, flags=re.MULTILINE), made


def _said(config: configparser.RawConfigParser, section: str) -> list[str]:
    """What a section says of requirement files; of several, pip heeds the last."""
    items = config.items(section) if config.has_section(section) else []
    return [value for key, value in items if key.replace("_", "-").removeprefix("--") == _KEY]


def _below_header(data: bytes, section: str, block: bytes) -> bytes:
    header = re.search(rb"^\[" + section.encode() + rb"\][^\n]*(?P<end>\n|\Z)", data, re.MULTILINE)
    if header is None:  # indented, perhaps; the comparison of the outcome refuses it
        return data
    if not header["end"]:
        return data + b"\n" + block.removesuffix(b"\n")
    return data[: header.end()] + block + data[header.end() :]


def _url(file: Path) -> str:
    """The requirement file; as an address, for pip takes its configuration apart at spaces."""
    return file.with_name(STOP_NAME).as_uri()


def _parsed(data: bytes, file: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        # Whatever the encoding, every byte stays apart from every other.
        parser.read_string(data.decode("latin-1"))
    except configparser.Error as error:
        raise ConfigError(f"{file} cannot be read by pip: {' '.join(str(error).split())}") from error
    return parser


def _values(parser: configparser.RawConfigParser) -> set[tuple[str, str, str]]:
    return {(section, key, value) for section in parser.sections() for key, value in parser.items(section)}
