"""The honest part of an in-tree build backend: packs the folder ``src`` under the tree's own ``PKG-INFO``.

PEP 517 hooks run with the source tree as the working directory.
"""

from __future__ import annotations

from pathlib import Path

from .packer import dist_info_name, pack_wheel, wheel_file, wheel_filename


def prepare_metadata(directory: str) -> str:
    """Write a ``.dist-info`` folder into a directory and return its name."""
    metadata = Path("PKG-INFO").read_bytes()
    folder = Path(directory, dist_info_name(metadata))
    folder.mkdir()
    (folder / "METADATA").write_bytes(metadata)
    (folder / "WHEEL").write_bytes(wheel_file("py3-none-any"))
    return folder.name


def build_wheel(directory: str) -> str:
    """Build the wheel of the tree into a directory and return its file name."""
    metadata = Path("PKG-INFO").read_bytes()
    sources = sorted(path for path in Path("src").rglob("*") if path.is_file())
    files = {path.relative_to("src").as_posix(): path.read_bytes() for path in sources}
    name = wheel_filename(metadata)
    Path(directory, name).write_bytes(pack_wheel(files, metadata))
    return name
