"""``[tool.trustguard.build-backend]`` is read as the specifications mean it, and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.frontends.build_backend.table import read
from trustguard.model.errors import ConfigError

TABLE = "[tool.trustguard.build-backend]\n"
KEY = "pyproject.toml:2: tool.trustguard.build-backend"


def write(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def complaint(folder: Path, text: str) -> str:
    """The one line that a mistake is told in."""
    with pytest.raises(ConfigError) as raised:
        read(write(folder, text))
    assert "\n" not in str(raised.value)
    return raised.value.message


@pytest.mark.parametrize(
    ("named", "module", "attributes"),
    [
        ("hatchling.build", "hatchling.build", ()),
        ("flit", "flit", ()),
        ("setuptools.build_meta:__legacy__", "setuptools.build_meta", ("__legacy__",)),
        ("local_backend:objects.backend", "local_backend", ("objects", "backend")),
    ],
)
def test_a_backend_is_a_module_or_an_object_in_one(
    tmp_path: Path, named: str, module: str, attributes: tuple[str, ...]
) -> None:
    """PEP 517: the part before the colon is imported, the one behind it is a way through attributes."""
    real = read(write(tmp_path, f'{TABLE}build-backend = "{named}"\n'))
    assert (real.module, real.attributes, real.path, real.name) == (module, attributes, (), named)


def test_backend_path_is_relative_to_the_root_of_the_source_tree(tmp_path: Path) -> None:
    (tmp_path / "tools" / "backend").mkdir(parents=True)
    paths = 'backend-path = [".", "tools/backend"]\n'
    real = read(write(tmp_path, f'{TABLE}build-backend = "own"\n{paths}'))
    assert real.path == (tmp_path.resolve(), tmp_path.resolve() / "tools" / "backend")


@pytest.mark.parametrize("text", ["", "[tool.other]\n", "[tool.trustguard]\nprofile = 'strict'\n"])
def test_where_there_is_no_table_it_is_said(tmp_path: Path, text: str) -> None:
    expected = "pyproject.toml: there is no [tool.trustguard.build-backend] table"
    assert complaint(tmp_path, text) == expected


def test_where_there_is_no_pyproject_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: there is none in the source tree$"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('backend = "x"', f"{KEY}.backend: unknown key"),
        ("build-backend = 1", f"{KEY}.build-backend: 1 is not a module, or module:object"),
        *(
            (f'build-backend = "{bad}"', f"{KEY}.build-backend: '{bad}' is not a module, or module:object")
            for bad in ("", "a b", "a:", ":a", "a:b:c", "a..b", "../a", "a[dev]", "1a")
        ),
    ],
)
def test_what_is_no_backend_is_named_with_its_key(tmp_path: Path, line: str, expected: str) -> None:
    assert complaint(tmp_path, f"{TABLE}{line}\n") == expected


@pytest.mark.parametrize("named", ["trustguard.build_backend", "trustguard", "trustguard.build_backend:x"])
def test_trustguards_own_backend_is_no_real_one(tmp_path: Path, named: str) -> None:
    """It would ask itself without end."""
    message = complaint(tmp_path, f'{TABLE}build-backend = "{named}"\n')
    assert message == f"{KEY}.build-backend: '{named}' is trustguard's own, which leads back here"


def test_a_project_whose_name_begins_as_ours_may_have_a_backend(tmp_path: Path) -> None:
    assert read(write(tmp_path, f'{TABLE}build-backend = "trustguarded.api"\n')).module == "trustguarded.api"


def test_a_table_without_a_backend_is_named(tmp_path: Path) -> None:
    expected = "pyproject.toml: tool.trustguard.build-backend.build-backend is missing"
    assert complaint(tmp_path, f'{TABLE}backend-path = ["."]\n') == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tool = 1\n", "pyproject.toml:1: tool: 1 is not a table"),
        (
            "[tool.trustguard]\nbuild-backend = 'x'\n",
            f"{KEY}: 'x' is not a table",
        ),
        ("[tool\n", "pyproject.toml:1: not valid TOML: Expected ']' at the end of a table declaration"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, text: str, expected: str) -> None:
    assert complaint(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("value", "where", "what"),
    [
        ('"."', "", "'.' is not a list of folders"),
        ("[]", "", "[] is not a list of folders"),
        ("[1]", "[0]", "1 is not a folder's name"),
        ('[".", ".."]', "[1]", "'..' leads out of the source tree"),
        ('["tools/../.."]', "[0]", "'tools/../..' leads out of the source tree"),
        ('["/"]', "[0]", "'/' leads out of the source tree"),
        ('["link"]', "[0]", "'link' leads out of the source tree"),
        ('["nothing"]', "[0]", "there is no folder 'nothing' in the source tree"),
        ('["file"]', "[0]", "there is no folder 'file' in the source tree"),
    ],
)
def test_backend_path_stays_in_the_source_tree(tmp_path: Path, value: str, where: str, what: str) -> None:
    """PEP 517: "MUST refer to a location within the source tree", once links are followed."""
    root = tmp_path / "source"
    root.mkdir()
    (root / "file").touch()
    (root / "link").symlink_to(tmp_path)
    message = complaint(root, f'{TABLE}build-backend = "own"\nbackend-path = {value}\n')
    assert message == f"pyproject.toml:3: tool.trustguard.build-backend.backend-path{where}: {what}"


def test_an_absolute_backend_path_is_refused_though_it_leads_inside(tmp_path: Path) -> None:
    """PEP 517: "Directories in ``backend-path`` are interpreted as relative to the project root"."""
    message = complaint(tmp_path, f'{TABLE}build-backend = "own"\nbackend-path = ["{tmp_path}"]\n')
    assert message.endswith("leads out of the source tree")
