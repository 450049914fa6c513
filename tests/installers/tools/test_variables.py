"""The environment that a program gets: where it finds the guard, and nothing that leads elsewhere."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from trustguard.installers.tools.variables import Pointed, constraints_of, writes_indexes
from trustguard.model.request import Sources

POINTED = Pointed(
    port=21000,
    user="trustguard",
    password="se/cr:et",  # noqa: S106 - made up
    bundle=Path("/run/certificates.pem"),
    no_others=Path("/run/none"),
    caches=Path("/caches"),
    pip={"PIP_NO_BINARY": "x", "PIP_CONFIG_FILE": "/theirs", "NETRC": "/run/netrc", "HTTP_PROXY": "http://x"},
    constraints={"CONSTRAINT": ("/a", "/b"), "BUILD_CONSTRAINT": ()},
    spared=True,
)
ORIGIN = "http://trustguard:se%2Fcr%3Aet@127.0.0.1:21000"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("spelt", [str.upper, str.lower])
def test_every_spelling_of_a_proxy_is_the_guard(name: str, spelt: type[str]) -> None:
    theirs = {"Http_Proxy": "http://x", "https_proxy": "http://x", "ALL_PROXY": "socks5://x"}
    made = POINTED.variables(theirs)
    assert made[spelt(name)] == ORIGIN
    assert "http://x" not in made.values()


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy", "No_Proxy"])
def test_the_users_exceptions_do_not_hold(name: str) -> None:
    made = POINTED.variables({name: "*"})
    assert made["NO_PROXY"] == made["no_proxy"] == "localhost,127.0.0.1,::1"
    assert "*" not in made.values()
    there = replace(POINTED, spared=False).variables({name: "*"})
    assert there["NO_PROXY"] == there["no_proxy"] == ""


def test_the_guards_certificate_is_what_everybody_believes() -> None:
    made = POINTED.variables(
        dict.fromkeys(("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"), "/theirs")
    )
    files = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO")
    assert {made[name] for name in files} == {"/run/certificates.pem"}
    assert made["SSL_CERT_DIR"] == "/run/none"


def test_no_cache_is_the_users() -> None:
    programs = ("UV", "POETRY", "PDM", "PIP", "PIP_TOOLS", "PIPENV")
    names = [f"{program}_CACHE_DIR" for program in programs]
    made = POINTED.variables(dict.fromkeys(names, "/theirs"))
    assert {Path(made[name]).parent for name in names} == {Path("/caches")}
    assert len({made[name] for name in names}) == len(names)


def test_pip_has_the_guard_as_its_only_index() -> None:
    made = POINTED.variables({"PIP_EXTRA_INDEX_URL": "http://x", "pip_find_links": "http://x", "KEPT": "1"})
    assert made["PIP_INDEX_URL"] == "http://127.0.0.2:21000/simple/"
    assert "127.0.0.2" not in made["NO_PROXY"]
    assert made["PIP_CONFIG_FILE"] == os.devnull
    assert (made["PIP_NO_BINARY"], made["PIP_CONSTRAINT"], made["KEPT"]) == ("x", "/a /b", "1")
    assert not {"PIP_EXTRA_INDEX_URL", "pip_find_links", "PIP_BUILD_CONSTRAINT", "NETRC"} & made.keys()


def test_where_pip_is_to_ask_by_itself_it_is_told_what_it_was_configured_with() -> None:
    """And of hosts that it trusts only those that could not show a certificate anyway."""
    own = Sources(
        indexes=("http://plain.example:8080/a/", "https://me:secret@index.example/"),
        find_links=("/some where", "https://links.example/"),
        trusted_hosts=("plain.example", "index.example"),
    )
    made = replace(POINTED, own=own).variables({"PIP_INDEX_URL": "https://theirs.example/"})
    assert made["PIP_INDEX_URL"] == "http://plain.example:8080/a/"
    assert made["PIP_EXTRA_INDEX_URL"] == "https://me:secret@index.example/"
    assert made["PIP_FIND_LINKS"] == "file:///some%20where https://links.example/"
    assert made["PIP_TRUSTED_HOST"] == "plain.example"
    assert (made["PIP_CONFIG_FILE"], made["PIP_CERT"]) == (os.devnull, "/run/certificates.pem")
    none = replace(POINTED, own=Sources()).variables({})
    assert none["PIP_NO_INDEX"] == "1"
    assert "PIP_INDEX_URL" not in none


@pytest.mark.parametrize("program", ["pip-compile", "/there/bin/pip-sync", "piptools", "pipenv"])
def test_programs_that_write_indexes_down_are_known(program: str) -> None:
    assert writes_indexes((program, "compile"))
    assert not writes_indexes(("nox", program))


def test_a_file_of_constraints_is_one_word_whatever_its_name() -> None:
    """In a variable pip takes a list apart at spaces; an address has none."""
    made = replace(POINTED, constraints={"CONSTRAINT": ("/a", "/b c/é")}).variables({})
    assert made["PIP_CONSTRAINT"].split() == ["/a", Path("/b c/é").as_uri()]


def test_an_index_of_its_own_stays_a_programs_own() -> None:
    """In a variable, the guard's address would end up in lock files."""
    made = POINTED.variables({"UV_INDEX": "https://index.example/"})
    assert made["UV_INDEX"] == "https://index.example/"
    assert not [
        name for name, value in made.items() if "INDEX" in name and not name.startswith(("PIP_", "UV_INDEX"))
    ]


def test_nothing_vets_version_control_and_so_it_is_not_reached() -> None:
    made = POINTED.variables({"GIT_ALLOW_PROTOCOL": "https:ssh"})
    assert (made["GIT_ALLOW_PROTOCOL"], made["POETRY_SYSTEM_GIT_CLIENT"]) == ("none", "true")


def test_constraints_are_found_among_pips_arguments() -> None:
    argv = ("install", "--constraint=/a", "--build-constraint=/b", "--constraint=/c d", "--", "--constraint")
    assert constraints_of(argv) == {"CONSTRAINT": ("/a", "/c d"), "BUILD_CONSTRAINT": ("/b",)}
