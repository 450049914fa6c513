"""The environment in which a program installs through the guard.

uv, poetry and pdm keep their own indexes and reach them through a proxy, which is the guard: an index in a
variable would end up in their lock files. pip, and what calls it (pipx, build, tox, nox, hatch), has the
guard as its only index, as in ``trustguard install``: then the folders and pages of pip's configuration are
served too. Those of them that write its indexes down (pip-compile, pipenv) keep their own, as uv does. Caches
are of this run alone: they hold what nobody vetted, or what was vetted under other rules.

What gets around the proxy all the same, because a program's own configuration says so, finds no certificate
that it believes: those that are handed to it are the guard's alone, unless the user lets a host through.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from trustguard.model.record import record
from trustguard.model.request import Sources

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO")
"""Which certificates are believed: OpenSSL's and uv's name, requests', curl's, pip's, and git's."""
_NO_OTHER_WAY = {"GIT_ALLOW_PROTOCOL": "none", "POETRY_SYSTEM_GIT_CLIENT": "true"}
"""Nothing vets what comes from version control; poetry has a git of its own, which asks nobody."""
_CACHES = {
    "UV_CACHE_DIR": "uv",
    "POETRY_CACHE_DIR": "poetry",
    "PDM_CACHE_DIR": "pdm",
    "PIP_CACHE_DIR": "pip",
    "PIP_TOOLS_CACHE_DIR": "pip-tools",
    "PIPENV_CACHE_DIR": "pipenv",
}
"""By variable the folder in this run's caches."""
_WAITS = ("UV_HTTP_TIMEOUT", "POETRY_REQUESTS_TIMEOUT", "PDM_REQUEST_TIMEOUT")
GUARDING = frozenset(
    {
        *(spelt for name in (*PROXY_VARIABLES, "NO_PROXY") for spelt in (name, name.lower())),
        *(*_BUNDLES, "SSL_CERT_DIR", *_NO_OTHER_WAY, *_CACHES, "PIP_CONFIG_FILE"),
    }
)
"""The variables that lead past the guard where they have another value than ours."""
HANDED_ON = GUARDING | {*_WAITS, "UV_LINK_MODE"}
"""What has to reach the programs that a program starts."""
EMPTY = frozenset({"PIP_PROXY", "PIP_NO_PROXY_ENV"})
"""Those that do where they have any."""
_WRITING = frozenset({"pip-compile", "pip-sync", "piptools", "pipenv"})
_WITHOUT_PIP = frozenset({"uv", "uvx", "poetry", "pdm"})
_PATIENCE = "86400"
"""Seconds: only trustguard waits for the network, programs wait for trustguard, however long it takes."""
INDEX_HOST = "127.0.0.2"
"""As what pip asks the guard's index, through the proxy: loopback, which needs no TLS, and none of those that
are reached directly. pip hands the address on in command lines, which everybody on the machine can read: it
holds no credential."""
_LOOPBACK = "localhost,127.0.0.1,::1"


@record
class Pointed:
    """Where a program is pointed to.

    Args:
        port: where the guard listens.
        user: of the run's credential.
        password: likewise.
        bundle: PEM file with the certificates to believe, the guard's among them.
        no_others: an empty folder, in the place of the one that OpenSSL believes besides the file.
        caches: an empty folder.
        pip: the variables that ``trustguard install`` would give pip.
        constraints: pip's constraint files, with nothing in them that names a source.
        spared: whether what is on this machine is reached without the guard.
        own: what pip is configured with, where it is to ask that by itself; None where it has the guard.
    """

    port: int
    user: str
    password: str
    bundle: Path
    no_others: Path
    caches: Path
    pip: Mapping[str, str]
    constraints: Mapping[str, tuple[str, ...]]
    spared: bool
    own: Sources | None = None

    @property
    def origin(self) -> str:
        """The guard's address, with the credential."""
        return f"http://{self.user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}"

    @property
    def index(self) -> str:
        """The address of its index."""
        return f"http://{INDEX_HOST}:{self.port}/simple/"

    def variables(self, environ: Mapping[str, str]) -> dict[str, str]:
        """A whole environment, made of another one."""
        kept = {name: value for name, value in environ.items() if not _is_replaced(name)}
        return {**kept, **self._pip(), **self._network(), **self._caches()}

    def _network(self) -> dict[str, str]:
        proxies = dict.fromkeys(PROXY_VARIABLES, self.origin)
        none = {"NO_PROXY": _LOOPBACK if self.spared else ""}
        both = {**proxies, **none}
        return {
            **both,
            **{name.lower(): value for name, value in both.items()},
            **dict.fromkeys(_BUNDLES, str(self.bundle)),
            **dict.fromkeys(_WAITS, _PATIENCE),
            "SSL_CERT_DIR": str(self.no_others),
            **_NO_OTHER_WAY,
        }

    def _caches(self) -> dict[str, str]:
        # What is linked to a cache by name would be gone with it.
        link = "clone" if sys.platform == "darwin" else "hardlink"
        return {**{name: str(self.caches / folder) for name, folder in _CACHES.items()}, "UV_LINK_MODE": link}

    def _pip(self) -> dict[str, str]:
        return {
            **{name: value for name, value in self.pip.items() if name.startswith("PIP_")},
            **{
                f"PIP_{name}": " ".join(map(_word, paths))
                for name, paths in self.constraints.items()
                if paths
            },
            "PIP_CONFIG_FILE": os.devnull,
            **({"PIP_INDEX_URL": self.index} if self.own is None else _places(self.own)),
            "PIP_CERT": str(self.bundle),
            "PIP_DEFAULT_TIMEOUT": _PATIENCE,
            "PIP_RETRIES": "1",
            "PIP_KEYRING_PROVIDER": "disabled",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }


def writes_indexes(command: Sequence[str]) -> bool:
    """Whether a program calls pip and writes where that looks into files that last.

    Args:
        command: what is to be run.
    """
    return Path(command[0]).stem in _WRITING


def calls_pip(command: Sequence[str]) -> bool:
    """Whether a program may call a pip that has the guard as its index.

    Args:
        command: what is to be run.
    """
    return Path(command[0]).stem not in _WRITING | _WITHOUT_PIP


def constraints_of(argv: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The constraint files among pip's arguments, by the end of the variable that means the same."""
    found: dict[str, list[str]] = {"CONSTRAINT": [], "BUILD_CONSTRAINT": []}
    for argument in argv:
        option, equals, value = argument.partition("=")
        key = {"--constraint": "CONSTRAINT", "--build-constraint": "BUILD_CONSTRAINT"}.get(option)
        if key and equals:
            found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _places(sources: Sources) -> dict[str, str]:
    """Where pip looks, as it is configured; what has no TLS is reached as it would be without us."""
    if not sources.indexes:
        told = {"PIP_NO_INDEX": "1"}
    else:
        places = [urlsplit(url) for url in sources.indexes if url.startswith("http:")]
        plain = {name for place in places for name in (place.netloc.rpartition("@")[2], place.hostname)}
        told = {
            "PIP_INDEX_URL": sources.indexes[0],
            "PIP_EXTRA_INDEX_URL": " ".join(sources.indexes[1:]),
            "PIP_TRUSTED_HOST": " ".join(one for one in sources.trusted_hosts if one in plain),
        }
    told["PIP_FIND_LINKS"] = " ".join(map(_word, sources.find_links))
    return {name: value for name, value in told.items() if value}


def _word(path: str) -> str:
    """A file as one word: pip takes such variables apart at spaces."""
    return path if path.split() == [path] else Path(path).absolute().as_uri()


def _is_replaced(name: str) -> bool:
    upper = name.upper()
    return upper.startswith("PIP_") or upper in {*PROXY_VARIABLES, "NO_PROXY"}
