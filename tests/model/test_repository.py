"""All the ways to write a repository's address come to one form, and a look-alike's to another or to none."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trustguard.model.repository import FORGES, Repository, claimed_repositories, parse_repository

REQUESTS = Repository("github.com", "psf/requests")


def named(url: str) -> str | None:
    """The repository that an address names by itself, in short."""
    found = parse_repository(url)
    return None if found is None else str(found)


def labelled(url: str) -> str | None:
    """The repository that an address names which is said to be a repository's, in short."""
    found = parse_repository(url, labelled=True)
    return None if found is None else str(found)


# One repository, written in many ways.


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/psf/requests",
        "http://github.com/psf/requests",
        "HTTPS://GitHub.COM/PSF/Requests",
        "github.com/psf/requests",
        "www.github.com/psf/requests",
        "//github.com/psf/requests",
        "https://www.github.com/psf/requests/",
        "https://github.com/psf/requests.git",
        "https://github.com/psf/requests.GIT/",
        "https://github.com/psf/requests.git.git",
        "git+https://github.com/psf/requests.git",
        "GIT+HTTPS://github.com/psf/requests",
        "git+ssh://git@github.com/psf/requests.git",
        "git+git@github.com:psf/requests.git",
        "git@github.com:psf/requests.git",
        "git@github.com:/psf/requests",
        "github.com:psf/requests.git",
        "ssh://git@github.com/psf/requests.git",
        "ssh://git@github.com:22/psf/requests.git",
        "ssh://git@github.com:psf/requests.git",
        "ssh://git@ssh.github.com:443/psf/requests.git",
        "git://github.com/psf/requests.git",
        "  https://github.com/psf/requests\n",
        "https://github.com/psf/\r\nrequests",
        "\u00a0https://github.com/psf/requests\u3000",
        "\x00https://github.com/psf/requests",
    ],
)
def test_scheme_case_www_ending_and_slashes_make_no_difference(url: str) -> None:
    assert parse_repository(url) == REQUESTS


@pytest.mark.parametrize(
    "rest",
    [
        "#readme",
        "?tab=readme-ov-file",
        "/tree/main/docs",
        "/tree/v2.0",
        "/blob/main/HISTORY.md#2.0",
        "/issues",
        "/issues/17?x=/a/b",
        "/pulls",
        "/pull/3/files",
        "/releases/tag/v1",
        "/wiki",
        "/archive/refs/tags/v1.zip",
        "/discussions",
        "/actions/workflows/x.yml",
        "/anything/that/comes/later%20with%2Fslashes",
        ".git#egg=requests&subdirectory=x",
        ".git/tree/main",
    ],
)
def test_what_leads_into_a_repository_is_left_away(rest: str) -> None:
    assert parse_repository(f"https://github.com/psf/requests{rest}") == REQUESTS


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com:443/psf/requests",
        "http://github.com:80/psf/requests",
        "https://github.com:8443/psf/requests",
        "https://me:secret@github.com/psf/requests",
        "https://evil.example@github.com/psf/requests",
        "https://github.com./psf/requests",
        "https://github.com//psf///requests//",
    ],
)
def test_a_port_and_a_user_change_nothing_on_a_forge(url: str) -> None:
    assert parse_repository(url) == REQUESTS


@pytest.mark.parametrize(
    "url",
    [
        "https:\\\\github.com\\psf\\requests",
        "https:github.com/psf/requests",
        "https:/github.com/psf/requests",
        "https:////github.com/psf/requests",
        "https://github%2ecom/psf/requests",
        "https://github\u3002com/psf/requests",
        "https://\uff47ithub.com/psf/requests",
        "https://github\u2024com/psf/requests",
        "https://git\u00adhub.com/psf/requests",
        "https://github.com/%70sf/request%73",
        "https://github.com/evil/x/../../psf/requests",
        "https://github.com/evil/x/%2e%2e/.%2E/psf/./requests",
        "https://github.com/../psf/requests",
        "https://git\thub.com/psf/requests",
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(url: str) -> None:
    """WHATWG URL: backslashes are slashes, hosts are decoded and mapped (UTS 46), dots are followed."""
    assert parse_repository(url) == REQUESTS


# Forges.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://raw.githubusercontent.com/psf/requests/main/ext/logo.png", "github.com/psf/requests"),
        ("https://codeload.github.com/psf/requests/tar.gz/v2", "github.com/psf/requests"),
        ("https://api.github.com/repos/psf/requests/releases", "github.com/psf/requests"),
        ("https://psf.github.io/requests", "github.com/psf/requests"),
        ("https://PSF.github.io/Requests/latest/index.html", "github.com/psf/requests"),
        ("https://psf.github.io", "github.com/psf/psf.github.io"),
        ("http://psf.github.io/", "github.com/psf/psf.github.io"),
        ("https://psf.github.io/index.html", "github.com/psf/psf.github.io"),
        ("https://psf.github.io/~x/", "github.com/psf/psf.github.io"),
        ("https://gitlab.com/group/tool", "gitlab.com/group/tool"),
        ("https://gitlab.com/Group/Sub/Tool.git", "gitlab.com/group/sub/tool"),
        ("https://gitlab.com/group/a/b/c/tool/-/tree/main/x", "gitlab.com/group/a/b/c/tool"),
        ("https://gitlab.com/group/sub/tool/-/issues", "gitlab.com/group/sub/tool"),
        ("https://gitlab.com/group/tool/issues/3", "gitlab.com/group/tool"),
        ("https://gitlab.com/group/tool/blob/main/README", "gitlab.com/group/tool"),
        ("https://gitlab.com/group/src/tool", "gitlab.com/group/src/tool"),
        ("git@gitlab.com:group/sub/tool.git", "gitlab.com/group/sub/tool"),
        ("ssh://git@altssh.gitlab.com:443/group/tool.git", "gitlab.com/group/tool"),
        ("https://group.gitlab.io/tool", "gitlab.com/group/tool"),
        ("https://group.gitlab.io", "gitlab.com/group/group.gitlab.io"),
        ("https://codeberg.org/owner/tool/src/branch/main", "codeberg.org/owner/tool"),
        ("https://www.codeberg.org/owner/tool.git", "codeberg.org/owner/tool"),
        ("https://owner.codeberg.page/tool/", "codeberg.org/owner/tool"),
        ("https://owner.codeberg.page", "codeberg.org/owner/pages"),
        ("https://owner.codeberg.page/@main/", "codeberg.org/owner/pages"),
        ("https://bitbucket.org/team/tool/src/master/", "bitbucket.org/team/tool"),
        ("https://me@bitbucket.org/team/tool.git", "bitbucket.org/team/tool"),
        ("git@bitbucket.org:team/tool.git", "bitbucket.org/team/tool"),
    ],
)
def test_each_forge_has_its_own_paths_pages_and_other_hosts(url: str, expected: str) -> None:
    assert named(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com",
        "https://github.com/",
        "https://github.com/psf",
        "https://github.com/psf/",
        "https://github.com/sponsors/psf",
        "https://github.com/Sponsors/psf",
        "https://github.com/orgs/psf/repositories",
        "https://github.com/users/psf/projects/1",
        "https://github.com/apps/dependabot",
        "https://github.com/marketplace/actions",
        "https://github.com/login?return_to=/psf/requests",
        "https://github.com/psf/.git",
        "https://github.com/psf/..git",
        "https://github.com/psf/...git",
        "https://github.com/psf/requests%2F..",
        "https://github.com/psf%2Frequests",
        "https://github.com/psf/requ%20ests",
        "https://github.com/psf/r\u0435quests",
        "https://github.com/psf/requests)",
        f"https://github.com/psf/{'x' * 101}",
        "https://github.com?psf/requests",
        "https://github.com#psf/requests",
        "https://api.github.com/users/psf",
        "https://api.github.com/repos/psf",
        "https://api.github.com",
        "https://gist.github.com/psf/0123456789abcdef",
        "https://docs.github.com/en/actions",
        "https://gitlab.com/group",
        "https://gitlab.com/group/-/epics",
        "https://gitlab.com/groups/group/-/issues",
        "https://gitlab.com/users/me/projects",
        "https://gitlab.com/api/v4/projects/group%2Ftool",
        "https://codeberg.org/explore/repos",
        "https://codeberg.org/api/v1/repos/owner/tool",
        "https://bitbucket.org/account/settings",
        "https://a.b.github.io/tool",
        "https://github.io/psf/requests",
        "https://example.org/psf/requests",
        "https://requests.readthedocs.example",
    ],
)
def test_what_is_no_repository_on_a_known_forge_is_none(url: str) -> None:
    assert named(url) is None


@pytest.mark.parametrize(
    "host",
    [
        "gitlab.com.evil.example",
        "github.com.evil.example",
        "evil-github.com",
        "notgithub.com",
        "github.co",
        "github.org",
        "www.www.github.com",
        "github.com-",
        "evil.example:443",
        "github.com@evil.example",
        "github.com:443@evil.example",
        "xn--gthub-n4a.com",
        "g\u0131thub.com",
        "g\u0456thub.com",
        "evil.example%2fgithub.com",
        "evilgithub.io",
        "githubusercontent.com",
    ],
)
def test_a_host_that_only_looks_like_a_forge_is_none(host: str) -> None:
    assert named(f"https://{host}/psf/requests") != "github.com/psf/requests"
    assert named(f"https://{host}/psf/requests") is None
    assert not str(labelled(f"https://{host}/psf/requests")).startswith("github.com/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "UNKNOWN",
        "https://",
        "https:///",
        "https://:443/a/b",
        "https://[::1]/a/b",
        "https://[::1]:8080/a/b",
        "https://[::1/a/b",
        "https://[github.com]/a/b",
        "https://github.com[::1]/a/b",
        "https://[::1]github.com/a/b",
        "https://git.corp.example/-.git",
        "https://github.com:port/a/b",
        "https://github.com:99999/a/b",
        "https://github.com@/a/b",
        "mailto:me@github.com/psf/requests",
        "javascript:github.com/psf/requests",
        "ftp://github.com/psf/requests",
        "file:///github.com/psf/requests",
        "svn+https://github.com/psf/requests",
        "data:text/html,github.com/psf/requests",
        "https://%00/a/b",
        "https://%ff.example/a/b",
        "https://a\u3002\u3002b/a/b",
        "https://" + "\u00e4" * 64 + ".example/a/b",
        f"https://{'a.' * 130}example/a/b",
        "https://fe80::1%25eth0/a/b",
        "https://github.com\\@evil.example/a/b",
        "\ud800",
    ],
)
def test_garbage_is_none_whatever_is_said_of_it(url: str) -> None:
    assert named(url) is None
    assert labelled(url) is None


def test_an_address_that_is_too_long_is_none() -> None:
    fits = "https://github.com/psf/requests?" + "x" * (500 - 32)
    assert len(fits) == 500
    assert parse_repository(fits) == REQUESTS
    assert parse_repository(fits + "x") is None
    path = "/".join(["x" * 99] * 5)
    assert named(f"gitlab.com/{path[:470]}") is not None
    assert named(f"gitlab.com/{path[:485]}") is None  # with a scheme before it, it would be too long


# Any host, where it is said to be a repository's.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.corp.example/Team/Tool.git", "git.corp.example/team/tool"),
        ("https://git.corp.example/security/scanner", "git.corp.example/security/scanner"),
        ("https://git.corp.example/a/b/c/d/", "git.corp.example/a/b/c/d"),
        ("https://git.corp.example/tool", "git.corp.example/tool"),
        ("https://git.corp.example/tool.git/tree/docs", "git.corp.example/tool"),
        ("https://git.corp.example/team/tool/src/branch/main", "git.corp.example/team/tool"),
        ("https://git.corp.example/g/s/tool/-/tree/main", "git.corp.example/g/s/tool"),
        ("https://git.corp.example:8443/team/tool", "git.corp.example:8443/team/tool"),
        ("http://git.corp.example:443/team/tool", "git.corp.example/team/tool"),
        ("ssh://git@git.corp.example:2222/team/tool.git", "git.corp.example/team/tool"),
        ("git://git.corp.example:9999/tool.git", "git.corp.example/tool"),
        ("git@git.corp.example:team/tool.git", "git.corp.example/team/tool"),
        ("git@intranet:team/tool.git", "intranet/team/tool"),
        ("git.corp.example:8443/team/tool", "git.corp.example:8443/team/tool"),
        ("https://git.sr.ht/~owner/tool", "git.sr.ht/~owner/tool"),
        ("http://127.0.0.1:8080/psf/requests.git", "127.0.0.1:8080/psf/requests"),
        ("https://b\u00fccher.example/team/tool", "xn--bcher-kva.example/team/tool"),
        ("https://XN--BCHER-KVA.example/team/tool", "xn--bcher-kva.example/team/tool"),
        ("https://github.com/psf/requests", "github.com/psf/requests"),
        ("https://gitlab.com.evil.example/a/b", "gitlab.com.evil.example/a/b"),
        ("https://git.corp.example", None),
        ("https://git.corp.example/-/explore", None),
        ("https://git.corp.example/a b/c", None),
        ("https://github.com/orgs/psf", None),
        ("https://github.com/psf", None),
    ],
)
def test_a_label_makes_any_host_a_repositorys(url: str, expected: str | None) -> None:
    assert labelled(url) == expected


# Its parts.


@pytest.mark.parametrize(
    ("path", "owner", "name"),
    [("psf/requests", "psf", "requests"), ("a/b/c", "a/b", "c"), ("alone", "", "alone")],
)
def test_the_last_part_is_the_name_and_what_stands_before_it_the_owner(
    path: str, owner: str, name: str
) -> None:
    repository = Repository("h.example", path)
    assert (repository.owner, repository.name) == (owner, name)
    assert str(repository) == f"h.example/{path}"


# Laws.

fragments = st.sampled_from(
    [
        *(
            "https:",
            "http:",
            "ssh:",
            "git:",
            "git+",
            "//",
            "/",
            "\\",
            ":",
            "@",
            "?",
            "#",
            ".",
            "..",
            "-",
            "~",
        ),
        *("github.com", "www.", "gitlab.com", "api.github.com", "repos", "psf", "requests", ".git", "tree"),
        *(
            ".github.io",
            ".codeberg.page",
            "[::1]",
            "127.0.0.1",
            ":8080",
            ":443",
            ":80",
            "%2e",
            "%2F",
            "%",
            "x",
        ),
        *("\u3002", "\u00e4", "\t", "\n", " ", "orgs", "git@", "src", "x" * 90),
        *("[", "]", "::", "[:]", "%5b", "-.git"),
    ]
)
urls = st.one_of(st.text(max_size=60), st.lists(fragments, max_size=14).map("".join))


@given(urls, st.booleans())
@example("https://h.example:80/a", True)
@example("https://h.example/x.git.git/b", True)
@example("https://github.com/a/b..git", False)
def test_reading_never_fails_and_what_was_read_is_read_again_as_it_is(url: str, said: bool) -> None:
    found = parse_repository(url, labelled=said)
    if found is None:
        return
    assert parse_repository(f"https://{found}", labelled=True) == found
    assert (parse_repository(f"https://{found}") == found) == (found.host in FORGES)
    assert said or found.host in FORGES
    assert str(found) == str(found).lower()
    assert str(found).isascii()
    assert found.path.strip("/") == found.path != ""
    assert not {"", ".", ".."} & set(found.path.split("/"))


@given(st.lists(urls, max_size=4), urls)
def test_reading_claims_never_fails(lines: list[str], home: str) -> None:
    found = claimed_repositories(lines, home)
    assert len(set(found)) == len(found)


# What core metadata claims.


def test_claims_are_read_in_order_and_each_once() -> None:
    urls = [
        "Homepage, https://requests.readthedocs.example",
        "Source, https://github.com/psf/requests",
        "Issues, https://github.com/PSF/requests/issues",
        "Mirror, https://codeberg.org/psf/requests",
        "Funding, https://github.com/sponsors/psf",
    ]
    mirror = Repository("codeberg.org", "psf/requests")
    assert claimed_repositories(urls, "https://www.github.com/psf/requests") == (REQUESTS, mirror)
    assert claimed_repositories([], "https://github.com/psf/requests.git") == (REQUESTS,)
    assert claimed_repositories([]) == ()
    assert claimed_repositories(["Home, "], "UNKNOWN") == ()


@pytest.mark.parametrize(
    "label",
    [
        *("source", "Source Code", "SOURCE-CODE", "Source_Code", "source code:", "Repository", "GitHub"),
        *("Code", "Git", "GitLab", "Repo", "SCM", "VCS", "Source\tRepository", "[Sources]"),
    ],
)
def test_a_label_is_compared_without_case_punctuation_and_white_space(label: str) -> None:
    """PEP 753: the label is normalised; the well-known one is ``source``, with three aliases."""
    expected = (Repository("git.corp.example", "team/tool"),)
    assert claimed_repositories([f"{label}, https://git.corp.example/team/tool"]) == expected


@pytest.mark.parametrize(
    "label", ["Homepage", "Documentation", "Changelog", "Download", "Issues", "", "Source2", "S\u00f6urce"]
)
def test_another_label_makes_no_repository_of_a_host_that_is_no_forge(label: str) -> None:
    assert claimed_repositories([f"{label}, https://git.corp.example/team/tool"]) == ()


def test_the_home_page_of_a_project_is_no_repository_by_itself() -> None:
    assert claimed_repositories([], "https://git.corp.example/team/tool") == ()


def test_an_address_without_a_label_counts_as_one() -> None:
    assert claimed_repositories(["https://github.com/psf/requests"]) == (REQUESTS,)
    assert claimed_repositories(["Source, https://github.com/psf/requests,x"]) == ()
