"""PEP 517 hooks of the stand-in for setuptools: run ``setup.py``, then pack what it asked for.

Like the real one, every hook executes the project's ``setup.py``; the legacy backend also puts the source
tree on the import path while it does. Only what lab sdists need is understood: name, version, py_modules,
packages, install_requires.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .keywords import recorded
from .packer import dist_info_name, pack_wheel, wheel_file, wheel_filename


class Backend:
    """The hooks, as setuptools has them: an object, so that the legacy backend can be a variant."""

    import_path: tuple[str, ...] = ()

    def run_setup(self) -> bytes:
        """Execute ``setup.py``; return the core metadata that follows from its keywords."""
        source = Path("setup.py")
        before = sys.path[:]
        sys.path[:0] = self.import_path
        try:
            code = compile(source.read_bytes(), str(source.resolve()), "exec")
            exec(code, {"__name__": "__main__", "__file__": str(source.resolve())})  # noqa: S102 - its purpose
        finally:
            sys.path[:] = before
        lines = ["Metadata-Version: 2.1", f"Name: {recorded['name']}", f"Version: {recorded['version']}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in recorded.get("install_requires", ())]
        return ("\n".join(lines) + "\n").encode()

    def get_requires_for_build_wheel(self, _settings: Any = None) -> list[str]:
        """Return no further build requirement (PEP 517); ``setup.py`` has run."""
        self.run_setup()
        return []

    def prepare_metadata_for_build_wheel(self, metadata_directory: str, _settings: Any = None) -> str:
        """Write the ``.dist-info`` folder (PEP 517)."""
        metadata = self.run_setup()
        folder = Path(metadata_directory, dist_info_name(metadata))
        folder.mkdir()
        (folder / "METADATA").write_bytes(metadata)
        (folder / "WHEEL").write_bytes(wheel_file("py3-none-any"))
        return folder.name

    def build_wheel(self, wheel_directory: str, _settings: Any = None, _metadata: str | None = None) -> str:
        """Build the wheel (PEP 517)."""
        metadata = self.run_setup()
        name = wheel_filename(metadata)
        Path(wheel_directory, name).write_bytes(pack_wheel(self.payload(), metadata))
        return name

    def payload(self) -> dict[str, bytes]:
        """Return the files of the recorded modules and packages."""
        paths = [Path(f"{module}.py") for module in recorded.get("py_modules", ())]
        for package in recorded.get("packages", ()):
            paths += sorted(path for path in Path(*package.split(".")).iterdir() if path.is_file())
        return {path.as_posix(): path.read_bytes() for path in paths}


class LegacyBackend(Backend):
    """What pip uses for a tree without ``build-system``: ``setup.py`` may import its neighbours."""

    import_path = (".",)


_backend = Backend()
get_requires_for_build_wheel = _backend.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = _backend.prepare_metadata_for_build_wheel
build_wheel = _backend.build_wheel
__legacy__ = LegacyBackend()
