"""Which files of an archive cannot be read, and of what form they are, by their first bytes.

The forms: ELF (System V ABI), Mach-O and its universal files, PE (Microsoft's specification), WebAssembly,
``ar`` archives of objects, and Python's bytecode (PEP 3147), which no magic number tells from other bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustguard.model.inspection import Compiled, CompiledKind
from trustguard.sources.archive import Archive
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.faults import Faults

MACHINE_CODE = (".so", ".pyd", ".dll", ".dylib", ".exe", ".a", ".lib", ".o", ".node", ".wasm")
"""How the names of files with machine code end."""
BYTECODE = ".pyc"

_BEGINNING = 1024
_HASHED = 1
"""The bit of a ``.pyc`` that says that it does not go by the time of its source (PEP 552)."""
_MAGIC: dict[bytes, CompiledKind] = {
    b"\x7fELF": "ELF",
    b"\xfe\xed\xfa\xce": "Mach-O",
    b"\xfe\xed\xfa\xcf": "Mach-O",
    b"\xce\xfa\xed\xfe": "Mach-O",
    b"\xcf\xfa\xed\xfe": "Mach-O",
    b"\x00asm": "WebAssembly",
}
_UNIVERSAL = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_JAVA = 43
"""From this number on, what follows the first of these is the version of a Java class."""
_ARCHIVES = (b"!<arch>\n", b"!<thin>\n")
_PE_AT = slice(0x3C, 0x40)


def is_named_compiled(path: str) -> bool:
    """Whether a file is machine code or bytecode, by its name."""
    name = path.rpartition("/")[2]
    return name.endswith((*MACHINE_CODE, BYTECODE)) or ".so." in name


def compiled_parts(archive: Archive) -> Iterator[Compiled]:
    """What cannot be read, in the order of the archive. Every file is read to its end.

    Raises:
        SourceRefused: the content of a file is not what the archive states.
    """
    sources = {entry.path for entry in archive.entries if entry.path.endswith(".py")}
    for entry, pieces in archive.contents():
        kind = _kind(entry.path, _beginning(pieces), sources)
        if kind is not None:
            yield Compiled(entry.path, entry.size, kind)


def check_bytecode(archive: Archive, faults: Faults) -> None:
    """Find bytecode that Python runs whatever its source says: that is compared by a hash, or not at all.

    Other bytecode has the time of its source, which an installer does not keep (PEP 552).
    """
    sources = {entry.path for entry in archive.entries if entry.path.endswith(".py")}
    for entry in archive.entries:
        if entry.path.endswith(BYTECODE) and source_of(entry.path) in sources:
            flags = int.from_bytes(archive.excerpt(entry.path, 8)[4:8], "little")
            if flags & _HASHED:
                faults.add("bytecode", f"its {shown(entry.path)} would run in the place of its source")


def _beginning(pieces: Iterable[bytes]) -> bytes:
    found = b""
    for piece in pieces:
        found += piece[:_BEGINNING]
        if len(found) >= _BEGINNING:
            break
    return found


def _kind(path: str, content: bytes, sources: set[str]) -> CompiledKind | None:
    if path.endswith(BYTECODE):
        return "bytecode" if source_of(path) in sources else "bytecode without source"
    return _form(content) or ("unknown" if is_named_compiled(path) and content else None)


def _form(content: bytes) -> CompiledKind | None:
    found = _MAGIC.get(content[:4])
    if found is not None:
        return found
    if content[:4] in _UNIVERSAL and int.from_bytes(content[4:8], "big") < _JAVA:
        return "Mach-O"
    if content.startswith(_ARCHIVES):
        return "static library"
    at = int.from_bytes(content[_PE_AT], "little")
    return "PE" if content.startswith(b"MZ") and content[at : at + 4] == b"PE\0\0" else None


def source_of(path: str) -> str:
    """Where the source of bytecode would stand (PEP 3147).

    Args:
        path: that of a ``.pyc``.
    """
    folder, _, name = path.rpartition("/")
    if folder.rpartition("/")[2] == "__pycache__":
        folder = folder.rpartition("/")[0]
        name = name.partition(".")[0]
    else:
        name = name.removesuffix(BYTECODE)
    return f"{folder}/{name}.py" if folder else f"{name}.py"
