"""A newer trust root, from Sigstore's own repository, by the update framework (TUF).

Every step is the ``tuf`` library's, from the root of the repository that is part of this package: who may
sign, rotation of keys, no way back to an older state, expiry. Only the fetching is ours, so that proxies,
certificates, limits and the deadline are those of everything else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable, StoreError
from trustguard.sources.attestations.trust_root import TrustRoot

if TYPE_CHECKING:
    from tuf.ngclient.fetcher import FetcherInterface
    from tuf.ngclient.updater import Updater

    from trustguard.sources.http import HttpClient

URL = "https://tuf-repo-cdn.sigstore.dev"
"""Where Sigstore keeps what its clients are to trust."""
_FIRST_ROOT = Path(__file__).parents[2] / "data" / "sigstore_root.json"
_TARGET = "trusted_root.json"
_WHAT = "the trust root"
_LIMIT = 8 << 20
"""Bytes of one document; the library has narrower limits for each kind."""
_MISSING = 404

Get = Callable[[str], bytes | None]
"""Fetches a document; None where there is none."""


async def fetch(
    client: HttpClient,
    folder: Path,
    deadline: timedelta,
    *,
    url: str = URL,
    first_root: bytes | None = None,
) -> TrustRoot:
    """Fetch the trust root, and verify that it is the repository's newest.

    Args:
        client: the way to the network.
        folder: where the repository's metadata is kept; what is there is never gone back behind.
        deadline: how long everything may take.
        url: the repository's address.
        first_root: the repository's root metadata that is trusted from the beginning; None: Sigstore's.

    Raises:
        SourceRefused: what came is against the rules of the framework, or is no trust root.
        SourceUnreachable: there is no answer, or not in time.
        StoreError: the folder cannot be used.
    """
    loop, ends = asyncio.get_running_loop(), time.monotonic() + deadline.total_seconds()

    def get(address: str) -> bytes | None:
        left = ends - time.monotonic()
        if left <= 0:
            raise SourceUnreachable(f"{_WHAT} at {url} did not come within {deadline.total_seconds():g} s")
        work = client.get_bytes(address, limit=_LIMIT, deadline=left, what=_WHAT)
        response = asyncio.run_coroutine_threadsafe(work, loop).result()
        return None if response.status >= _MISSING else response.content

    return await asyncio.to_thread(_updated, get, folder, url, first_root)


def _updated(get: Get, folder: Path, url: str, first_root: bytes | None) -> TrustRoot:
    from tuf.api.exceptions import DownloadError, RepositoryError  # noqa: PLC0415 - only an update needs it
    from tuf.ngclient.updater import Updater  # noqa: PLC0415

    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        updater = Updater(
            str(folder),
            url,
            target_base_url=f"{url.rstrip('/')}/targets/",
            fetcher=_fetcher(get),
            bootstrap=_FIRST_ROOT.read_bytes() if first_root is None else first_root,
        )
        found = TrustRoot(_newest(updater, url), url)
    except DownloadError as error:
        if isinstance(error.__cause__, SourceError):
            raise error.__cause__ from error
        raise _refused(url, error) from error
    except RepositoryError as error:
        raise _refused(url, error) from error
    except OSError as error:
        raise StoreError(f"cannot use {folder}: {error.strerror or error}") from error
    found.verifier()
    return found


def _newest(updater: Updater, url: str) -> bytes:
    target = updater.get_targetinfo(_TARGET)
    if target is None:
        raise SourceRefused(f"{_WHAT} at {url}: the repository has no {_TARGET}")
    with TemporaryDirectory(prefix="trustguard-") as folder:
        return Path(updater.download_target(target, str(Path(folder, _TARGET)))).read_bytes()


def _refused(url: str, error: Exception) -> SourceRefused:
    return SourceRefused(f"{_WHAT} at {url}: {' '.join(str(error).split())[:200]}")


def _fetcher(get: Get) -> FetcherInterface:
    from tuf.api.exceptions import DownloadHTTPError  # noqa: PLC0415 - loaded by now
    from tuf.ngclient.fetcher import FetcherInterface  # noqa: PLC0415

    class Fetcher(FetcherInterface):
        """The library's way to the network, which is ours."""

        def _fetch(self, url: str) -> Iterator[bytes]:
            content = get(url)
            if content is None:
                raise DownloadHTTPError(f"there is no {url}", _MISSING)
            return iter((content,))

    return Fetcher()
