"""Lifting: every source out, everything else as it was. The plans are what real pip says of command lines."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pip._internal.utils.compat import tomllib

from trustguard.installers.pip.enforcement import STOP, STOP_NAME
from trustguard.installers.pip.lift import Guard, Lifted, Lifting
from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.run import PipProcess
from trustguard.model.errors import InstallerError, SourceRefused, UsageError
from trustguard.model.pin import PublisherPin

BASE = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://index.example/simple/"}

Lift = Callable[..., Lifted]


@pytest.fixture
def lift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lift:
    """Have pip describe a command line, in an empty folder, and lift what it says."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)

    def lift(
        *args: str, environ: Mapping[str, str] | None = None, remote: Mapping[str, str] | None = None
    ) -> Lifted:
        for name, value in {**BASE, **(environ or {})}.items():
            monkeypatch.setenv(name, value)
        process = PipProcess(Path(sys.executable), args, elsewhere=True)
        try:
            plan = process.describe(lambda url, _: (remote or {})[url])
        finally:
            process.stop()
        assert isinstance(plan, Plan)
        folder = Path(tempfile.mkdtemp(prefix="copies-", dir=tmp_path))
        guard = Guard(8123, tmp_path / "netrc")
        report = tmp_path / "report.json"
        return Lifting(plan, guard, folder, cache_of(tmp_path), report, Path.cwd(), os.environ).lift()

    return lift


def cache_of(folder: Path) -> Callable[[tuple[PublisherPin, ...]], Path]:
    """Pip's cache folders, one for each set of pins."""
    return lambda pins: folder / "-".join(["cache", *(pin.identity for pin in pins)])


def value_of(lifted: Lifted, option: str) -> str:
    """The one value of an option in the words that pip is given."""
    (value,) = [word.partition("=")[2] for word in lifted.argv if word.startswith(f"{option}=")]
    return value


class TestOptions:
    """The words that pip is given."""

    def test_no_source_is_left_and_the_guard_is_the_only_one(self, lift: Lift) -> None:
        lifted = lift(
            "install",
            *("-i", "https://one.example/simple", "--extra-index-url", "https://two.example/simple"),
            *("-f", "https://three.example/", "--trusted-host", "one.example", "--proxy", "proxy.example:1"),
            *("--cert", "/ca.pem", "--client-cert", "/me.pem", "--timeout", "3", "--retries", "2"),
            *("--keyring-provider", "subprocess", "--cache-dir", "/cache", "--no-proxy-env", "--isolated"),
            "good",
        )
        told = " ".join(lifted.argv)
        assert ".example" not in told
        assert "/ca.pem" not in told
        assert "/me.pem" not in told
        assert value_of(lifted, "--index-url") == "http://127.0.0.1:8123/simple/"
        sources = lifted.sources
        assert sources.indexes == ("https://one.example/simple", "https://two.example/simple")
        assert sources.find_links == ("https://three.example/",)
        assert sources.trusted_hosts == ("one.example",)
        assert (sources.proxy, sources.use_env_proxies) == ("proxy.example:1", False)
        assert (sources.ca_file, sources.client_cert) == (Path("/ca.pem"), Path("/me.pem"))
        assert (sources.timeout, sources.retries, sources.keyring_provider) == (3.0, 2, "subprocess")
        assert value_of(lifted, "--keyring-provider") == "disabled"

    def test_what_is_no_source_stays_as_it_was_typed(self, lift: Lift) -> None:
        words = ["--pre", "--no-deps", "-vv", "--target=here", "--only-binary=:all:", "--no-binary=one,two"]
        words += ["--config-settings=a=b c", "--upgrade", "--platform=any"]
        lifted = lift("install", *words, "good>=1", "other[x]")
        kept = list(lifted.argv[1 : lifted.argv.index("--index-url=http://127.0.0.1:8123/simple/")])
        assert kept == ["--pre", "--no-deps", "-v", "-v", *words[3:]]
        assert lifted.argv[0] == "install"
        assert lifted.argv[-3:] == ("--", "good>=1", "other[x]")

    def test_with_no_index_there_is_none(self, lift: Lift) -> None:
        lifted = lift("download", "--no-index", "-f", "wheels", "good")
        assert lifted.sources.indexes == ()
        assert lifted.sources.find_links == ("wheels",)
        assert "--no-index" not in lifted.argv

    def test_an_index_that_is_a_folder_becomes_an_address(self, lift: Lift, tmp_path: Path) -> None:
        lifted = lift("install", "-i", "../mirror", "good")
        assert lifted.sources.indexes == ((tmp_path / "mirror").as_uri(),)

    def test_a_home_in_find_links_is_resolved_where_it_leads_to_something(
        self, lift: Lift, tmp_path: Path
    ) -> None:
        (tmp_path / "wheels").mkdir()
        lifted = lift(
            "install", "-f", "~/wheels", "-f", "~/not-there", "good", environ={"HOME": str(tmp_path)}
        )
        assert lifted.sources.find_links == (str(tmp_path / "wheels"), "~/not-there")

    def test_an_empty_proxy_turns_every_proxy_off(self, lift: Lift) -> None:
        sources = lift("install", "--proxy", "", "good").sources
        assert (sources.proxy, sources.use_env_proxies) == ("", False)

    def test_the_proxies_of_the_environment_are_used_unless_they_are_not_wanted(self, lift: Lift) -> None:
        for words, used in (((), True), (("--no-proxy-env",), False), (("--proxy", "p.example:1"), False)):
            assert lift("install", *words, "good").sources.use_env_proxies is used

    def test_without_a_cache_pip_gets_none(self, lift: Lift) -> None:
        assert "--no-cache-dir" in lift("install", "--no-cache-dir", "good").argv

    def test_an_editable_from_version_control_is_refused(self, lift: Lift) -> None:
        with pytest.raises(SourceRefused, match=r"git\+https"):
            lift("install", "-e", "git+https://git.example/x.git#egg=x")


class TestEnvironment:
    """What pip's process has and has not."""

    def test_variables_that_name_sources_go_and_others_stay_settings(self, lift: Lift) -> None:
        lifted = lift(
            "install",
            "good",
            environ={
                "PIP_EXTRA_INDEX_URL": "https://two.example/simple",
                "PIP_FIND_LINKS": "one two",
                "PIP_NO_BINARY": "some",
                "PIP_PRE": "1",
                "PYTHONPATH": "/somewhere",
                "PYTHONNOUSERSITE": "1",
                "https_proxy": "http://proxy.example:1",
                "NO_PROXY": "*",
            },
        )
        assert lifted.sources.indexes == ("https://index.example/simple/", "https://two.example/simple")
        assert lifted.sources.find_links == ("one", "two")
        told = dict(lifted.environ)
        assert {k: v for k, v in told.items() if k.startswith("PIP_")} == {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_BINARY": "some",
            "PIP_PRE": "1",
        }
        assert {"PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_FIND_LINKS", "PYTHONPATH"} <= set(lifted.unset)
        assert "PYTHONNOUSERSITE" not in lifted.unset
        proxies = {k: v for k, v in told.items() if k.lower().endswith("_proxy") and k.lower() != "no_proxy"}
        assert set(proxies.values()) == {"http://127.0.0.1:8123"}
        assert {name.lower() for name in proxies} >= {"http_proxy", "https_proxy", "all_proxy"}
        assert (told["NO_PROXY"], told["no_proxy"]) == ("127.0.0.1", "127.0.0.1")
        assert told["GIT_ALLOW_PROTOCOL"] == "none"

    def test_settings_of_a_configuration_file_count_by_their_command(
        self, lift: Lift, tmp_path: Path
    ) -> None:
        conf = tmp_path / "pip.conf"
        conf.write_text(
            "[global]\nextra-index-url = https://global.example/simple\nno-binary = some\n"
            "[install]\nfind-links = /wheels\nno-compile = yes\n[download]\nfind-links = /other\n"
        )
        lifted = lift("install", "good", environ={"PIP_CONFIG_FILE": str(conf)})
        assert lifted.sources.indexes[1:] == ("https://global.example/simple",)
        assert lifted.sources.find_links == ("/wheels",)
        assert lifted.environ["PIP_NO_BINARY"] == "some"
        assert lifted.environ["PIP_CONFIG_FILE"] == os.devnull

    def test_isolated_hears_no_variable(self, lift: Lift) -> None:
        named = {"PIP_EXTRA_INDEX_URL": "https://two.example/simple", "PIP_PRE": "1"}
        lifted = lift("install", "--isolated", "-i", "https://one.example/simple", "good", environ=named)
        assert lifted.sources.indexes == ("https://one.example/simple",)
        assert "PIP_PRE" not in lifted.environ
        assert "PIP_PRE" in lifted.unset


class TestRequirementFiles:
    """Copies without sources, with the same lines."""

    def test_a_copy_has_the_same_lines_without_their_sources(self, lift: Lift) -> None:
        Path("sub").mkdir()
        Path("sub", "wheels").mkdir()
        Path("sub", "inner.txt").write_text("-f wheels\ninner\n")
        Path("req.txt").write_text(
            "# a comment\n"
            "--extra-index-url https://two.example/simple --pre\n"
            "${NAME}==1 \\\n  --hash=sha256:00 --hash=sha256:11  # why\n"
            "\n"
            "-r sub/inner.txt\n"
            "settled --config-settings='a b=c d'\n"
            "named @ https://files.example/named-1.0.zip\n"
            "-e ./own\n"
        )
        lifted = lift("install", "-r", "req.txt", environ={"NAME": "good"})
        copy = Path(value_of(lifted, "--requirement"))
        lines = copy.read_text().splitlines()
        assert [line.split() for line in lines[:5]] == [
            [],
            ["--pre"],
            ["good==1", "--hash=sha256:00", "--hash=sha256:11"],
            [],
            [],
        ]
        assert lines[5].startswith("-r ")
        assert Path(lines[5].partition(" ")[2]).read_text().splitlines() == ["", "inner"]
        assert lines[6] == "settled --config-settings='a b=c d'"
        (direct,) = lifted.directs.values()
        assert (direct.origin, direct.url) == ("requirements-file", "https://files.example/named-1.0.zip")
        assert lines[7].startswith("named @ http://127.0.0.1:8123/direct/")
        assert lines[8] == "-e ./own"
        assert copy.name == "req.txt"
        assert lifted.sources.indexes == ("https://index.example/simple/", "https://two.example/simple")
        assert lifted.sources.find_links == (str(Path("sub/wheels").absolute()),)

    def test_sources_are_read_in_pips_order(self, lift: Lift) -> None:
        """Constraints first, then requirements; ``-i`` replaces, ``--no-index`` empties and stays."""
        Path("c.txt").write_text("--extra-index-url https://c.example/\n")
        Path("r.txt").write_text("-i https://r.example/\n--extra-index-url https://s.example/\n")
        lifted = lift("install", "-r", "r.txt", "-c", "c.txt", "good")
        assert lifted.sources.indexes == ("https://r.example/", "https://s.example/")
        Path("r.txt").write_text("--extra-index-url https://s.example/\n")
        lifted = lift("install", "-r", "r.txt", "-c", "c.txt", "good")
        own = "https://index.example/simple/"
        assert lifted.sources.indexes == (own, "https://c.example/", "https://s.example/")

    def test_the_file_that_stops_pip_is_one_like_any_other_where_it_is_typed(self, lift: Lift) -> None:
        Path(STOP_NAME).write_bytes(STOP)
        lifted = lift("install", "-r", STOP_NAME, "good")
        assert "/dev/null/nothing was installed" in Path(value_of(lifted, "--requirement")).read_text()

    def test_of_two_indexes_on_a_line_the_last_one_counts(self, lift: Lift) -> None:
        Path("r.txt").write_text("-i https://one.example/ -i https://two.example/\n")
        assert lift("install", "-r", "r.txt").sources.indexes == ("https://two.example/",)

    def test_no_index_in_a_file_empties_for_good(self, lift: Lift) -> None:
        Path("r.txt").write_text("--no-index\n--extra-index-url https://s.example/\n")
        assert lift("install", "-r", "r.txt", "good").sources.indexes == ()

    def test_a_remote_file_is_fetched_by_us_and_its_neighbour_lies_beside_it(self, lift: Lift) -> None:
        remote = {
            "https://files.example/a/req.txt": "-c more/c.txt\ngood\n",
            "https://files.example/a/more/c.txt": "good @ https://files.example/good.zip\n",
        }
        lifted = lift("install", "-r", "https://files.example/a/req.txt", remote=remote)
        assert [direct.url for direct in lifted.directs.values()] == ["https://files.example/good.zip"]
        assert Path(value_of(lifted, "--requirement")).read_text().splitlines()[1] == "good"

    @pytest.mark.parametrize("name", ["-r", "-c"])
    def test_one_that_includes_itself_is_a_mistake(self, name: str, lift: Lift) -> None:
        Path("r.txt").write_text(f"{name} r.txt\n")
        with pytest.raises(UsageError, match="includes itself"):
            lift("install", "-r", "r.txt")

    def test_a_mistake_in_one_is_told_with_its_line(self, lift: Lift) -> None:
        Path("r.txt").write_text("good\n--no-such-option\n")
        with pytest.raises(UsageError, match=r"r\.txt:2"):
            lift("install", "-r", "r.txt")


class TestGroupsAndScripts:
    """PEP 735 and PEP 723: lifted copies that hold nothing else."""

    def test_a_group_is_written_out_and_lifted(self, lift: Lift) -> None:
        Path("pyproject.toml").write_text(
            '[dependency-groups]\ninner = ["x @ file:///x.whl"]\n'
            'dev = ["good>=1", {include-group = "inner"}]\nother = ["git-thing @ git+https://git.example/x"]\n'
        )
        lifted = lift("install", "--group", "dev")
        copy, _, name = value_of(lifted, "--group").rpartition(":")
        (direct,) = lifted.directs.values()
        assert (name, direct.url) == ("dev", "file:///x.whl")
        (texts,) = tomllib.loads(Path(copy).read_text())["dependency-groups"].values()
        assert texts[0] == "good>=1"
        assert texts[1].startswith("x @ http://127.0.0.1:8123/direct/")

    def test_a_script_keeps_its_demand_on_python(self, lift: Lift) -> None:
        Path("run.py").write_text(
            '# /// script\n# requires-python = ">=3.10"\n# dependencies = [\n#   "x @ file:///x.whl",\n'
            '#   "good",\n# ]\n# ///\nprint("hello")\n'
        )
        lifted = lift("install", "--requirements-from-script", "run.py")
        text = Path(value_of(lifted, "--requirements-from-script")).read_text()
        assert 'requires-python = ">=3.10"' in text
        assert '"good"' in text
        assert "file:///x.whl" not in text
        assert "hello" not in text
        assert len(lifted.directs) == 1

    @pytest.mark.parametrize(
        "words",
        [
            ["--group", "not-there"],
            ["--group", "no/pyproject.toml:dev"],
            ["--requirements-from-script", "not-there.py"],
            ["--requirements-from-script", "plain.py"],
        ],
    )
    def test_what_is_not_there_is_a_mistake(self, words: list[str], lift: Lift) -> None:
        Path("pyproject.toml").write_text("[dependency-groups]\n")
        Path("plain.py").write_text("print('no metadata')\n")
        with pytest.raises(UsageError):
            lift("install", *words)


LOCK = 'lock-version = "1.0"\ncreated-by = "lab"\n[[packages]]\nname = "good"\nversion = "1.0"\n'
HASHES = f'hashes = {{sha256 = "{"ab" * 32}"}}\n'


class TestLocks:
    """PEP 751: every address of a lock file is lifted."""

    def test_every_kind_of_entry_is_lifted_with_its_digest(self, lift: Lift) -> None:
        Path("own").mkdir()
        Path("pylock.toml").write_text(
            f"{LOCK}[packages.sdist]\nurl = 'https://files.example/good-1.0.tar.gz'\n{HASHES}"
            f"[[packages.wheels]]\nurl = 'https://files.example/good-1.0-py3-none-any.whl'\n{HASHES}"
            f"[[packages.wheels]]\npath = 'wheels/good-1.0-cp311-cp311-any.whl'\n{HASHES}"
            f"[[packages]]\nname = 'other'\n[packages.archive]\nurl = 'https://files.example/o.zip'\n{HASHES}"
            "[[packages]]\nname = 'own'\n[packages.directory]\npath = 'own'\n"
        )
        lifted = lift("install", "-r", "pylock.toml")
        copy = Path(value_of(lifted, "--requirement"))
        text = copy.read_text()
        assert copy.name == "pylock.toml"
        assert "files.example" not in text
        assert {direct.url for direct in lifted.directs.values()} == {
            "https://files.example/good-1.0.tar.gz",
            "https://files.example/good-1.0-py3-none-any.whl",
            "https://files.example/o.zip",
            Path("wheels/good-1.0-cp311-cp311-any.whl").absolute().as_uri(),
        }
        assert {direct.hashes["sha256"] for direct in lifted.directs.values()} == {"ab" * 32}
        assert {direct.origin for direct in lifted.directs.values()} == {"lock-file"}
        own = tomllib.loads(text)["packages"][2]["directory"]["path"]
        assert own == str(Path("own").absolute())

    def test_a_path_wins_over_an_address_as_in_pip(self, lift: Lift) -> None:
        places = (
            "path = 'good-1.0-py3-none-any.whl'\nurl = 'https://files.example/good-1.0-py3-none-any.whl'\n"
        )
        Path("pylock.toml").write_text(f"{LOCK}[[packages.wheels]]\n{places}{HASHES}")
        (direct,) = lift("install", "-r", "pylock.toml").directs.values()
        assert direct.url == Path("good-1.0-py3-none-any.whl").absolute().as_uri()

    def test_two_of_one_name_are_two_copies_and_one_named_twice_is_one(self, lift: Lift) -> None:
        for name in ("one", "other"):
            Path(name).mkdir()
            Path(name, "pylock.toml").write_text(LOCK.replace("good", name))
        words = ("-r", "one/pylock.toml", "-r", "other/pylock.toml[x]", "--group", "./one/pylock.toml:g")
        lifted = lift("install", *words)
        one, other = (w.partition("=")[2] for w in lifted.argv if w.startswith("--requirement="))
        assert value_of(lifted, "--group") == f"{one}:g"
        assert "one" in Path(one).read_text()
        assert "other" in Path(other.removesuffix("[x]")).read_text()

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            (f"{LOCK}[packages.vcs]\ntype = 'git'\nurl = 'https://git.example/x'\n", SourceRefused),
            (f"{LOCK}[packages.sdist]\nurl = 'ftp://files.example/x.zip'\n{HASHES}", SourceRefused),
            (f"{LOCK}[packages.sdist]\n{HASHES}", UsageError),
            ("packages = [", UsageError),
        ],
    )
    def test_what_cannot_be_vetted_or_understood_is_refused(
        self, text: str, error: type[Exception], lift: Lift
    ) -> None:
        Path("pylock.toml").write_text(text)
        with pytest.raises(error, match=r"pylock\.toml"):
            lift("install", "-r", "pylock.toml")

    def test_one_on_a_server_is_refused(self, lift: Lift) -> None:
        with pytest.raises(SourceRefused, match=r"files\.example"):
            lift("install", "-r", "https://files.example/pylock.toml")

    def test_each_pins_the_publishers_that_it_names_and_pips_cache_goes_by_them(
        self, lift: Lift, tmp_path: Path
    ) -> None:
        """What was built where nobody was pinned is not taken where somebody is (docs/adr/0007)."""
        for name in ("one", "other"):
            Path(name).mkdir()
            table = f"[[packages.attestation-identities]]\nkind = 'Google'\nemail = '{name}'\n"
            Path(name, "pylock.toml").write_text(f"{LOCK}{table}{table.replace('Google', 'Y')}")
        lifted = lift("install", "-r", "one/pylock.toml", "-r", "other/pylock.toml")
        assert lifted.pins == tuple(
            PublisherPin("good", "Google", identity=name, by=f"lock file {name}/pylock.toml")
            for name in ("one", "other")
        )
        assert lifted.remarks == tuple(
            f"{name}/pylock.toml: packages[0].attestation-identities[1]: kind 'Y' is not known, "
            "and not compared"
            for name in ("one", "other")
        )
        assert value_of(lifted, "--cache-dir") == str(tmp_path / "cache-one-other")

    def test_without_one_nobody_is_pinned(self, lift: Lift, tmp_path: Path) -> None:
        lifted = lift("install", "good")
        assert (lifted.pins, lifted.remarks) == ((), ())
        assert value_of(lifted, "--cache-dir") == str(tmp_path / "cache")


class TestPlan:
    """What the child says is read strictly."""

    @pytest.mark.parametrize(
        "message", [{}, {"command": "install"}, {"command": "install", "occurrences": 7}]
    )
    def test_a_form_that_is_not_known_is_an_error_of_the_installer(self, message: dict[str, object]) -> None:
        with pytest.raises(InstallerError):
            Plan.from_message(message)
