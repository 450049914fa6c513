"""The authority of a run: who it vouches for is believed by those who trust it, and by nobody else."""

from __future__ import annotations

import ipaddress
import ssl
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from trustguard.frontends.guard_proxy.authority import Authority

HOSTS = ["index.example", "127.0.0.1", "::1", "a" * 60 + "." + "b" * 60 + ".example"]


def shake(authority: Authority, trusted: Authority, host: str, asked: str | None = None) -> x509.Certificate:
    """A handshake in memory; returns what the client was shown."""
    client_context = ssl.create_default_context(cadata=trusted.pem.decode())
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = authority.context(host).wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=asked or host)
    for one in (client, server, client, server):
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = client.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


@pytest.mark.parametrize("host", HOSTS)
def test_who_trusts_it_believes_the_guard_under_any_name(tmp_path: Path, host: str) -> None:
    authority = Authority(tmp_path)
    shown = shake(authority, authority, host)
    store = Store([x509.load_pem_x509_certificate(authority.pem)])
    try:
        subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        subject = x509.DNSName(host)
    assert isinstance(subject, (x509.DNSName, x509.IPAddress))
    # The rules of RFC 5280 and of the CA/Browser Forum, by another implementation than OpenSSL's.
    chain = PolicyBuilder().store(store).build_server_verifier(subject).verify(shown, [])
    assert chain[0] == shown


def test_a_certificate_is_good_for_its_own_host_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(authority, authority, "index.example", asked="other.example")


def test_another_runs_authority_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(Authority(tmp_path), Authority(tmp_path), "index.example")


def test_what_it_has_issued_cannot_issue(tmp_path: Path) -> None:
    """A certificate signed with the guard's own, as if that was an authority, is believed by nobody."""
    authority = Authority(tmp_path)
    shown = shake(authority, authority, "index.example")
    assert not shown.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    own = x509.load_pem_x509_certificate(authority.pem)
    constraints = own.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)


def test_it_is_over_after_a_day(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    shown = shake(authority, authority, "index.example")
    store = Store([x509.load_pem_x509_certificate(authority.pem)])
    later = datetime.now(timezone.utc) + timedelta(days=1, minutes=1)
    verifier = PolicyBuilder().store(store).time(later).build_server_verifier(x509.DNSName("index.example"))
    with pytest.raises(VerificationError):
        verifier.verify(shown, [])


def test_it_leaves_no_file(tmp_path: Path) -> None:
    for host in HOSTS:
        Authority(tmp_path).context(host)
    assert list(tmp_path.iterdir()) == []
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


@pytest.mark.parametrize("host", ["ü.example", ""])
def test_what_is_no_host_gets_none(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Authority(tmp_path).context(host)
