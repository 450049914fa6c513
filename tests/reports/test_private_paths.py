"""No path of the machine gets into what is handed on."""

from __future__ import annotations

import pytest

from trustguard.reports.private_paths import PrivatePaths

PATHS = PrivatePaths("/home/ana/src", (("/home/ana", "~"), ("/opt/env/site-packages", "site-packages")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asked for by file:///home/ana/src/dist/a-1.whl, twice", "asked for by dist/a-1.whl, twice"),
        ("asked for by file:///srv/wheels/a-1.whl", "asked for by file:.../a-1.whl"),
        ("file:///home/ana/src/my%20wheels/a.whl", "my%20wheels/a.whl"),
        ("/home/ana/src/req.txt is bad", "./req.txt is bad"),
        ("in /home/ana/src.", "in .."),
        ("/home/ana/.local/share/x is damaged", "~/.local/share/x is damaged"),
        ("/home/ana/srcs/x", "~/srcs/x"),
        ("/home/anabel/x", "/home/anabel/x"),
        ("/opt/env/site-packages/demo.py: gone", "site-packages/demo.py: gone"),
        ("https://h.example/home/ana/src/x", "https://h.example/home/ana/src/x"),
        ("nothing of the kind", "nothing of the kind"),
        ("Could not open requirements file: [Errno 2]", "Could not open requirements file: [Errno 2]"),
        ("no such file: req.txt", "no such file: req.txt"),
        ("asked for by file:/srv/wheels/a-1.whl", "asked for by file:.../a-1.whl"),
    ],
)
def test_what_is_told_of_a_path(text: str, told: str) -> None:
    assert PATHS.hide(text) == told


def test_the_root_is_nobodys_and_is_not_looked_for() -> None:
    assert PrivatePaths("/", (("/root", "~"),)).hide("/etc/pip.conf /root/x") == "/etc/pip.conf /root/x"


def test_what_lies_below_the_working_directory_is_seen_from_there() -> None:
    assert PATHS.below("/home/ana/src/reqs/dev.txt") == "reqs/dev.txt"
    assert PATHS.below("/home/ana/other.txt") is None
    assert PrivatePaths().below("/home/ana/other.txt") is None


def test_a_path_of_windows_is_one_too() -> None:
    paths = PrivatePaths(r"C:\work\src", ((r"C:\Users\ana", "~"),))
    assert paths.below(r"C:\work\src\reqs\dev.txt") == "reqs/dev.txt"
    assert paths.hide(r"C:\Users\ana\x and C:\work\src\y") == r"~\x and .\y"
