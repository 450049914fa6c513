"""How the network is to be used: pip's options of the same names, and the rule for plain http."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from trustguard import __version__
from trustguard.model.errors import UsageError
from trustguard.model.record import record
from trustguard.model.request import Sources
from trustguard.sources.urls import is_loopback, origin


@record
class HttpSettings:
    """Settings of an :class:`~trustguard.sources.http.HttpClient`.

    Args:
        timeout: seconds for a connection and for each read.
        retries: how often a request is repeated after a failure that may pass.
        backoff: seconds; the pause before the n-th repetition is ``backoff * 2 ** (n - 1)``, the first none.
        proxy: address of a proxy for everything; an empty one turns every proxy off.
        use_env_proxies: whether ``HTTP_PROXY`` and its kin count where ``proxy`` is None.
        ca_file: certificates (PEM file, or folder) that are trusted instead of the system's.
        client_cert: PEM file with a certificate and its key.
        trusted_hosts: ``host`` or ``host:port``, reached without TLS verification, or without TLS.
        user_agent: the ``User-Agent`` header.

    Raises:
        UsageError: a trusted host is not a host.
    """

    timeout: float = 15.0
    retries: int = 5
    backoff: float = 0.25
    proxy: str | None = field(default=None, repr=False)
    use_env_proxies: bool = True
    ca_file: Path | None = None
    client_cert: Path | None = None
    trusted_hosts: tuple[str, ...] = ()
    user_agent: str = f"trustguard/{__version__}"

    def __post_init__(self) -> None:
        for text in self.trusted_hosts:
            _host_and_port(text)

    @classmethod
    def of(cls, sources: Sources) -> HttpSettings:
        """The settings that an installer was configured with."""
        return cls(
            timeout=sources.timeout,
            retries=sources.retries,
            proxy=sources.proxy,
            use_env_proxies=sources.use_env_proxies,
            ca_file=sources.ca_file,
            client_cert=sources.client_cert,
            trusted_hosts=sources.trusted_hosts,
        )

    def trusts(self, url: str) -> bool:
        """Whether the host of an http or https URL is one of the trusted hosts."""
        if not self.trusted_hosts:
            return False
        try:
            _, host, port = origin(url)
        except ValueError:
            return False
        trusted = map(_host_and_port, self.trusted_hosts)
        return any(name == host and number in {None, port} for name, number in trusted)

    def permits_plain(self, url: str) -> bool:
        """Whether an http URL may be used: its host is this machine, or trusted (pip's rule)."""
        return is_loopback(urlsplit(url).hostname or "") or self.trusts(url)


def _host_and_port(text: str) -> tuple[str, int | None]:
    bare_ipv6 = text.count(":") > 1 and "[" not in text
    try:
        parts = urlsplit(f"//[{text}]" if bare_ipv6 else f"//{text}")
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.path or parts.query:
        raise UsageError(f"not a trusted host: {text[:80]!r}", hint="write HOST or HOST:PORT")
    return host, port
