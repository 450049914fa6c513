"""Direct references: what is lifted, what stays as it is, what is refused (PEP 440, PEP 508, PEP 610)."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

from pathlib import Path

import pytest
from pip._internal.utils.filetypes import ARCHIVE_EXTENSIONS

from trustguard.installers.pip.lift import Guard
from trustguard.installers.pip.references import References
from trustguard.model.errors import SourceRefused, UsageError
from trustguard.model.request import Direct

DIGEST = "ab" * 32


@pytest.fixture
def references(tmp_path: Path) -> References:
    """References that start from an empty folder."""
    return References(tmp_path, lambda direct: f"guard:/{direct.key}/{direct.filename}")


def lifted(references: References, text: str) -> str:
    """A requirement of the command line, lifted."""
    return references.lift(text, "argument", "command line")


def only(references: References) -> Direct:
    """The one direct reference that was found."""
    (direct,) = references.found.values()
    return direct


@pytest.mark.parametrize("bad", ["\x1b[2J", "\0", "\r", "\x9b2J", "\u202e", "\u2066"])
def test_what_a_terminal_would_obey_is_refused_before_pip_prints_it(references: References, bad: str) -> None:
    for text in (f"good{bad}", f"./good{bad}", f"good @ https://files.example/{bad}.zip"):
        with pytest.raises(UsageError, match=r"^list\.txt:3: .* has control characters") as caught:
            references.lift(text, "requirements-file", "list.txt:3")
        assert bad not in caught.value.message
    assert lifted(references, "good\t>= 1") == "good\t>= 1"


class TestAddresses:
    """Archives at an address."""

    def test_an_address_becomes_the_guards_and_keeps_its_digest(self, references: References) -> None:
        text = lifted(references, f"https://files.example/a/good-1.0-py3-none-any.whl#sha256={DIGEST}")
        direct = only(references)
        assert direct.url == "https://files.example/a/good-1.0-py3-none-any.whl"
        assert (direct.filename, dict(direct.hashes)) == ("good-1.0-py3-none-any.whl", {"sha256": DIGEST})
        assert text == f"guard:/{direct.key}/good-1.0-py3-none-any.whl#sha256={DIGEST}"

    def test_a_digest_may_be_written_in_capitals(self, references: References) -> None:
        """As pip takes it, which compares what it worked out itself with this in lower case."""
        lifted(references, f"https://files.example/good.zip#sha256={'AB' * 32}")
        assert dict(only(references).hashes) == {"sha256": "ab" * 32}

    def test_a_name_extras_and_a_marker_stay(self, references: References) -> None:
        text = lifted(
            references, "Good[b,a] @ https://files.example/good.zip#subdirectory=src ; python_version > '3'"
        )
        key = only(references).key
        assert text == f'Good[a,b] @ guard:/{key}/good.zip#subdirectory=src ; python_version > "3"'
        assert only(references).project == "Good"

    def test_a_marker_behind_a_bare_address_stays(self, references: References) -> None:
        text = lifted(references, "https://files.example/good.zip ; python_version > '3'")
        assert text == f"guard:/{only(references).key}/good.zip; python_version > '3'"

    def test_a_name_in_the_fragment_is_known_and_what_pip_does_not_heed_is_dropped(
        self, references: References
    ) -> None:
        text = lifted(references, "https://files.example/x.zip#egg=good[extra]&anything=else")
        assert only(references).project == "good"
        assert text == f"guard:/{only(references).key}/x.zip#egg=good%5Bextra%5D"

    def test_only_a_strong_digest_pins_and_a_weak_one_is_known(self, references: References) -> None:
        """PEP 503 names every algorithm of hashlib; of MD5 and SHA-1, collisions are known."""
        for name, digits, pins in (("md5", 32, False), ("sha1", 40, False), ("sha512", 128, True)):
            lifted(references, f"https://files.example/{name}.zip#{name}={'A' * digits}")
            direct = list(references.found.values())[-1]
            assert (dict(direct.hashes), direct.pinned) == ({name: "a" * digits}, pins)

    @pytest.mark.parametrize("text", ["http://[::1/x.zip", "x @ http://[::1/x.zip", "file://[/x.zip"])
    def test_what_is_no_address_is_a_mistake(self, text: str, references: References) -> None:
        """RFC 3986, 3.2.2: a bracket is closed."""
        with pytest.raises(UsageError, match="not an address"):
            lifted(references, text)

    def test_one_address_has_one_key_whatever_is_behind_it(self, references: References) -> None:
        for text in ("https://files.example/x.zip", f"good @ https://files.example/x.zip#sha256={DIGEST}"):
            lifted(references, text)
        assert len(references.found) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "git+https://git.example/x.git",
            "git+file:///tmp/x",
            "x @ git+ssh://git@git.example/x.git@main",
            "hg+http://hg.example/x",
            "svn+ssh://svn.example/x#egg=x",
            "bzr+https://bzr.example/x",
            "git://git.example/x.git",
            "ftp://files.example/x-1.0.zip",
            "x @ ftp://files.example/x-1.0.zip",
            "gopher://files.example/x-1.0.zip",
            "x @ //files.example/x-1.0.zip",
        ],
    )
    def test_what_is_neither_http_nor_a_file_is_refused(self, text: str, references: References) -> None:
        with pytest.raises(SourceRefused, match="command line"):
            lifted(references, text)
        assert references.found == {}

    @pytest.mark.parametrize("url", ["https://files.example/", "https://files.example/a%5Cb.whl"])
    def test_an_address_that_names_no_file_is_a_mistake(self, url: str, references: References) -> None:
        with pytest.raises(UsageError):
            lifted(references, url)


class TestPaths:
    """Archives and folders of this machine."""

    def test_a_name_before_the_wheel_of_another_project_is_a_mistake(self, references: References) -> None:
        with pytest.raises(
            UsageError, match=r"^here: bar-1\.0-py3-none-any\.whl is a wheel of bar, not of foo"
        ):
            references.lift("foo @ https://files.example/bar-1.0-py3-none-any.whl", "argument", "here")
        url = "https://files.example/Foo.Bar-1.0-py3-none-any.whl"
        assert references.lift(f"foo-bar @ {url}", "argument", "here") != f"foo-bar @ {url}"

    @pytest.mark.parametrize("ending", sorted({*ARCHIVE_EXTENSIONS, ".TAR.GZ", ".Whl"}))
    def test_every_archive_that_pip_would_open_is_lifted(
        self, ending: str, references: References, tmp_path: Path
    ) -> None:
        path = tmp_path / f"good-1.0-py3-none-any{ending}"
        path.touch()
        for text in (path.name, f"./{path.name}", str(path), path.as_uri()):
            assert lifted(references, text).startswith("guard:/"), text
        assert only(references).url == path.as_uri()

    def test_a_file_that_is_there_comes_before_every_other_reading(
        self, references: References, tmp_path: Path
    ) -> None:
        """As in pip: what looks like a named reference, or like a home, may be a file."""
        for name in ("a @ b c.tar.gz", "a@b.zip", "~x.zip"):
            (tmp_path / name).touch()
            assert lifted(references, name).startswith("guard:/"), name
        (tmp_path / "~").mkdir()
        (tmp_path / "~" / "x.zip").touch()
        assert lifted(references, "~/x.zip").startswith("guard:/")

    @pytest.mark.parametrize(
        ("address", "opened"),
        [
            ("file://{}/a%2541.zip", "a%41.zip"),
            ("file://localhost{}/x.zip", "x.zip"),
            ("FILE://{}/x.zip", "x.zip"),
            ("file:x.zip", "x.zip"),
        ],
    )
    def test_an_address_of_a_file_leads_where_pip_goes(
        self, address: str, opened: str, references: References, tmp_path: Path
    ) -> None:
        """It is decoded once (RFC 8089, RFC 3986 2.4), and a relative one starts at the working folder."""
        lifted(references, address.format(tmp_path))
        assert only(references).url == (tmp_path / opened).as_uri()

    def test_an_address_of_a_file_elsewhere_is_refused(self, references: References) -> None:
        with pytest.raises(SourceRefused, match="not name a file on this machine"):
            lifted(references, "file://files.example/x.zip")

    def test_extras_of_a_wheel_become_those_of_its_name(self, references: References, tmp_path: Path) -> None:
        (tmp_path / "Good_Thing-1.0-py3-none-any.whl").touch()
        text = lifted(references, "./Good_Thing-1.0-py3-none-any.whl[one,two] ; python_version > '3'")
        url = f"guard:/{only(references).key}/Good_Thing-1.0-py3-none-any.whl"
        assert text == f"good-thing[one,two] @ {url} ;  python_version > '3'"

    def test_extras_of_a_file_that_does_not_say_its_name_are_a_mistake(
        self, references: References, tmp_path: Path
    ) -> None:
        (tmp_path / "good-1.0.tar.gz").touch()
        with pytest.raises(UsageError, match=r"good-1\.0\.tar\.gz"):
            lifted(references, "./good-1.0.tar.gz[one]")

    @pytest.mark.parametrize("text", ["./not-there.whl", "not-there.zip[extra]", "x/../not-there.tar.gz/"])
    def test_an_archive_that_is_not_there_is_not_left_to_pip(self, references: References, text: str) -> None:
        with pytest.raises(UsageError, match="there is no such file"):
            lifted(references, text)

    @pytest.mark.parametrize(
        "text",
        [
            "good",
            "good[extra]>=1,<2 ; python_version > '3'",
            ".",
            ".[extra]",
            "./folder",
            "good @",
            "",
        ],
    )
    def test_what_names_no_archive_stays_as_it_is(
        self, text: str, references: References, tmp_path: Path
    ) -> None:
        (tmp_path / "folder").mkdir()
        assert lifted(references, text) == text
        assert references.found == {}


class TestOwnProjects:
    """A folder of the user's own stays, unless it brings in what nobody would vet."""

    def project(self, folder: Path, text: str) -> Path:
        """A folder with this ``pyproject.toml``."""
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_text(text)
        return folder

    @pytest.mark.parametrize("form", [".", "./", "..", "folder URL", "named folder URL"])
    @pytest.mark.parametrize(
        "text",
        [
            '[build-system]\nrequires = ["x @ file:///x.whl"]',
            '[project]\ndependencies = ["x @ file:///x.whl"]',
            '[project]\ndependencies = ["x @ https://files.example/x.whl"]',
            '[project]\ndependencies = ["x @ git+file:///x"]',
        ],
    )
    def test_a_direct_reference_in_it_is_refused(self, form: str, text: str, tmp_path: Path) -> None:
        self.project(tmp_path, text)
        (tmp_path / "inner").mkdir()
        cwd = tmp_path / "inner" if form == ".." else tmp_path
        named = {"folder URL": tmp_path.as_uri(), "named folder URL": f"x @ {tmp_path.as_uri()}"}
        with pytest.raises(SourceRefused, match=r"x @|git\+file"):
            lifted(References(cwd, Guard(1, tmp_path).direct_url), named.get(form, form))

    def test_so_is_one_in_a_folder_that_it_names(self, references: References, tmp_path: Path) -> None:
        inner = self.project(tmp_path / "inner", '[project]\ndependencies = ["x @ file:///x.whl"]')
        self.project(
            tmp_path, f'[project]\ndependencies = ["inner @ {inner.as_uri()}", "own @ {tmp_path.as_uri()}"]'
        )
        with pytest.raises(SourceRefused, match="inner"):
            lifted(references, ".")

    def test_one_of_an_extra_counts_where_an_extra_was_asked_for(
        self, references: References, tmp_path: Path
    ) -> None:
        text = '[project]\noptional-dependencies = {more = ["x @ file:///x.whl"]}'
        self.project(tmp_path, text)
        assert lifted(references, ".") == "."
        with pytest.raises(SourceRefused, match="x @"):
            lifted(references, ".[other]")

    def test_in_place_any_folders_name_will_do(self, references: References, tmp_path: Path) -> None:
        """``good`` is a project on an index, and ``-e good`` the folder of that name."""
        self.project(tmp_path / "good", '[project]\ndependencies = ["x @ file:///x.whl"]')
        assert lifted(references, "good") == "good"
        with pytest.raises(SourceRefused, match="x @"):
            references.lift("good", "argument", "-e", editable=True)

    @pytest.mark.parametrize("text", ["", "[project", 'project = 7\nbuild-system = {requires = "x @ y"}'])
    def test_one_that_says_nothing_of_the_kind_stays(
        self, text: str, references: References, tmp_path: Path
    ) -> None:
        self.project(tmp_path, text)
        assert lifted(references, ".") == "."
